"""Fault rules: what to spoil, how often, and how each kind is done.

A rule is a JSON object: `kind`, `service`, `operation` (each may be `*`, the default), and optionally `region`,
`match` (parameter name -> substring of its value), `after` (let so many matching calls pass first) and `times`
(spoil so many, then no more). Kinds:

    deny throttle error500     the service's own error
    error                      `code`, `status`, `message` of your choice, in the service's own form
    cut                        half of the body, then the connection closes, Content-Length whole
    empty                      status 200 without a body
    garble                     status 200, parses, but every member but the token is misspelt
    hang                       no answer until the client goes away; with `seconds`, a late answer
    reset                      the connection is reset
    patch                      `set` {path: value}, `remove` [path] in a JSON or CBOR reply, `replace` [[old, new]] in any text
    page                       every list in pages of `size`; with `empty_pages` an empty one between each two

A path is dotted; a number picks from a list, `*` stands for every item.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import cbor2

from . import errors, markup
from .http import Reply
from .identify import Call

BEFORE = ("deny", "throttle", "error500", "error", "hang", "reset")
AFTER = ("cut", "empty", "garble", "patch")
KINDS = (*BEFORE, *AFTER, "page")


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.rules: list[dict[str, Any]] = []

    def put(self, rules: list[dict[str, Any]]) -> str | None:
        """Replace the rules; returns what is wrong with them, if something is."""
        for rule in rules:
            if rule.get("kind") not in KINDS:
                return f"unknown kind {rule.get('kind')!r}; one of {', '.join(KINDS)}"
        with self._lock:
            self.rules = [dict(rule, hits=0) for rule in rules]
        return None

    def clear(self) -> None:
        with self._lock:
            self.rules = []

    @property
    def paging(self) -> dict[str, Any] | None:
        return next((rule for rule in self.rules if rule["kind"] == "page"), None)

    def take(self, call: Call, kinds: tuple[str, ...]) -> list[dict[str, Any]]:
        """The rules of these kinds that apply to a call, counted as used."""
        if not self.rules:
            return []
        found = []
        with self._lock:
            for rule in self.rules:
                if rule["kind"] not in kinds or not _matches(rule, call):
                    continue
                rule["hits"] += 1
                after, times = rule.get("after") or 0, rule.get("times")
                if rule["hits"] <= after or (times is not None and rule["hits"] > after + times):
                    continue
                found.append(rule)
        return found


def _matches(rule: dict[str, Any], call: Call) -> bool:
    for name, value in (("service", call.service), ("operation", call.operation), ("region", call.region)):
        wanted = rule.get(name) or "*"
        if wanted != "*" and wanted != value:
            return False
    return all(str(text) in str(call.params.get(name, "")) for name, text in (rule.get("match") or {}).items())


def instead(rule: dict[str, Any], call: Call, answer: Callable[[], Reply]) -> Reply:
    """The reply of a rule that spoils a call before it is carried out."""
    kind = rule["kind"]
    if kind == "deny":
        return errors.denied(call)
    if kind == "throttle":
        return errors.throttled(call)
    if kind == "error500":
        return errors.internal(call)
    if kind == "error":
        return errors.error(
            call, rule.get("code", "ValidationException"), rule.get("message", "injected"), int(rule.get("status", 400))
        )
    if kind == "hang" and rule.get("seconds") is not None:
        reply = answer()
        reply.wire, reply.seconds = "hang", float(rule["seconds"])
        return reply
    return Reply(200, [], b"", kind)


def spoil(rule: dict[str, Any], call: Call, reply: Reply) -> Reply:
    """A reply after a rule that spoils it."""
    kind = rule["kind"]
    if kind == "cut":
        reply.wire = "cut"
    elif kind == "empty":
        reply.status, reply.body = 200, b""
    elif kind == "garble":
        reply.body = _garble(call, reply.body)
    elif kind == "patch":
        reply.body = _patch(rule, call, reply.body)
    return reply


def _garble(call: Call, body: bytes) -> bytes:
    keep = (
        "NextToken",
        "nextToken",
        "NextMarker",
        "Marker",
        "requestId",
        "ResponseMetadata",
        "IsTruncated",
        "Truncated",
    )
    if call.protocol in ("json", "rest-json", "cbor"):
        read = cbor2.loads if call.protocol == "cbor" else json.loads
        data = read(body or b"{}")
        data = {k if k in keep else f"{k}Garbled": v for k, v in data.items()}
        return cbor2.dumps(data) if call.protocol == "cbor" else json.dumps(data).encode()
    if not body:
        return body
    root, namespace = markup.read(body)
    for child in markup.result(root):
        if child.tag not in keep:
            child.tag += "Garbled"
    if call.protocol in ("s3", "s3control") and len(root) == 0:
        root.tag += "Garbled"
    return markup.write(root, namespace)


def _walk(data: Any, path: str) -> list[tuple[Any, Any]]:
    """The containers and last keys that a path reaches."""
    keys = path.split(".")
    level = [data]
    for key in keys[:-1]:
        following: list[Any] = []
        for item in level:
            if key == "*":
                following += item if isinstance(item, list) else list(item.values())
            elif isinstance(item, list):
                following += [item[int(key)]] if int(key) < len(item) else []
            elif isinstance(item, dict):
                following.append(item.setdefault(key, {}))
        level = following
    last = keys[-1]
    found: list[tuple[Any, Any]] = []
    for item in level:
        if last == "*":
            found += [(item, key) for key in (range(len(item)) if isinstance(item, list) else list(item))]
        else:
            found.append((item, int(last) if isinstance(item, list) else last))
    return found


def _patch(rule: dict[str, Any], call: Call, body: bytes) -> bytes:
    for old, new in rule.get("replace") or []:
        body = body.replace(old.encode(), new.encode())
    if rule.get("set") or rule.get("remove"):
        read = cbor2.loads if call.protocol == "cbor" else json.loads
        data = read(body or b"{}")
        for path, value in (rule.get("set") or {}).items():
            for container, key in _walk(data, path):
                container[key] = value
        for path in rule.get("remove") or []:
            for container, key in _walk(data, path):
                if isinstance(container, dict):
                    container.pop(key, None)
        body = cbor2.dumps(data) if call.protocol == "cbor" else json.dumps(data).encode()
    return body
