"""Cutting list answers into pages.

moto pages little. Here a list operation is asked for everything, and its answer is cut: by the client's own limit,
as AWS does, or by a `page` rule, which makes pages small and may put an empty page with a token between each two.
A token says where the page starts and whether it is an empty one; tokens keep no state.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from . import errors, markup
from .http import Reply, Request
from .identify import Call
from .models import Pages, pages, ranges

ASK = Callable[[Request], Reply]
REWRITTEN = "x-plumbline-rewritten"


def _token(start: int, empty: bool) -> str:
    return base64.urlsafe_b64encode(f"page:{start}:{int(empty)}".encode()).decode()


def _place(token: str) -> tuple[int, bool] | None:
    try:
        word, start, empty = base64.urlsafe_b64decode(token).decode().split(":")
        return (int(start), empty == "1") if word == "page" else None
    except ValueError:
        return None


def _fields(call: Call, request: Request) -> dict[str, Any]:
    if call.protocol == "json":
        try:
            return json.loads(request.body or b"{}")
        except ValueError:
            return {}
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _without(
    call: Call, request: Request, fields: dict[str, Any], names: set[str | None], extra: dict[str, Any]
) -> Request:
    left = {key: value for key, value in fields.items() if key not in names} | extra
    body = json.dumps(left).encode() if call.protocol == "json" else urlencode(left).encode()
    return replace(request, body=body, headers=request.headers | {"content-length": str(len(body)), REWRITTEN: "1"})


def out_of_range(call: Call, request: Request) -> Reply | None:
    """The service's refusal of a number outside its range, or of EC2's MaxResults beside ids."""
    if call.protocol not in ("json", "ec2", "query") or call.write:
        return None
    limits = ranges(call.service, call.operation)
    fields = _fields(call, request)
    for name, (low, high) in limits.items():
        try:
            value = int(fields[name])
        except (KeyError, TypeError, ValueError):
            continue
        if (low is not None and value < low) or (high is not None and value > high):
            code = {"ec2": "InvalidParameterValue", "logs": "InvalidParameterException"}.get(
                call.service, "ValidationError" if call.protocol == "query" else "ValidationException"
            )
            return errors.error(
                call,
                code,
                f"Value ( {value} ) for parameter {name} is invalid. Expecting a value from {low} to {high}.",
                400,
            )
    if call.protocol == "ec2" and "MaxResults" in fields:
        ids = next((key for key in fields if key.split(".")[0].endswith("Id") and key.split(".")[-1].isdigit()), None)
        if ids:
            return errors.error(
                call,
                "InvalidParameterCombination",
                f"The parameter {ids.split('.')[0]} cannot be used with the parameter MaxResults",
                400,
            )
    return None


def answer(call: Call, request: Request, rule: dict[str, Any] | None, ask: ASK) -> Reply:
    """A reply, as one page if the operation pages and somebody wants pages."""
    how = pages(call.service, call.operation)
    if how is None or call.protocol not in ("json", "ec2", "query"):
        return ask(request)
    fields = _fields(call, request)
    limit = fields.get(how.limit) if how.limit else None
    given = fields.get(how.token_in)
    place = _place(given) if given else (0, False)
    native = call.service in ("sagemaker", "logs") and rule is None
    if native or (rule is None and limit is None and given is None):
        return ask(request)
    if place is None:
        return _bad_token(call)
    size = int(limit) if limit else 1000
    if rule is not None:
        size = min(size, int(rule.get("size", 2)))
    start, empty = place
    names = {how.token_in, how.limit}
    if call.protocol == "json":
        data, reply = _whole_json(call, request, fields, names, how, ask)
        if data is None:
            return reply
        lists = [data.get(member) or [] for member, _ in how.lists]
        cut, following = _cut([len(items) for items in lists], start, size, empty, rule)
        for (member, _), items, (low, high) in zip(how.lists, lists, cut, strict=True):
            data[member] = items[low:high]
        data.pop(how.token_out, None)
        if following:
            data[how.token_out] = following
        if how.more:
            data[how.more] = bool(following)
        if call.operation == "Search" and following:
            data["TotalHits"] = {"Value": size, "Relation": "GreaterThanOrEqualTo"}
        reply.body = json.dumps(data).encode()
        return reply
    # moto pages the other lists of IAM itself: ask it for the longest page.
    whole = {how.limit: 1000} if call.service == "iam" and how.limit and len(how.lists) == 1 else {}
    reply = ask(_without(call, request, fields, names, whole))
    if reply.status != 200:
        return reply
    root, namespace = markup.read(reply.body)
    top = markup.result(root)
    elements = [top.find(wire) for _, wire in how.lists]
    cut, following = _cut([0 if e is None else len(e) for e in elements], start, size, empty, rule)
    for element, (low, high) in zip(elements, cut, strict=True):
        if element is not None:
            for child in [c for i, c in enumerate(list(element)) if not low <= i < high]:
                element.remove(child)
    for old in (how.token_out, how.more):
        found = top.find(old) if old else None
        if found is not None:
            top.remove(found)
    if how.more:
        _append(top, how.more, "true" if following else "false")
    if following:
        _append(top, how.token_out, following)
    reply.body = markup.write(root, namespace)
    return reply


def _append(top: Any, tag: str, text: str) -> None:
    element = top.makeelement(tag, {})
    element.text = text
    top.append(element)


def _bad_token(call: Call) -> Reply:
    code = {
        "ec2": "InvalidNextToken",
        "kms": "InvalidMarkerException",
        "iam": "InvalidInput",
        "logs": "InvalidParameterException",
    }.get(call.service, "ValidationException")
    return errors.error(call, code, "The token is not valid.", 400)


def _whole_json(
    call: Call, request: Request, fields: dict[str, Any], names: set[str | None], how: Pages, ask: ASK
) -> tuple[dict[str, Any] | None, Reply]:
    """Everything an operation lists, following the service's own tokens."""
    extra: dict[str, Any] = {}
    whole: dict[str, Any] | None = None
    while True:
        reply = ask(_without(call, request, fields, names, extra))
        if reply.status != 200:
            return None, reply
        data = json.loads(reply.body or b"{}")
        if whole is None:
            whole = copy.copy(data)
        else:
            for member, _ in how.lists:
                whole[member] = (whole.get(member) or []) + (data.get(member) or [])
        token = data.get(how.token_out)
        if not token:
            return whole, reply
        extra = {how.token_in: token}


def _cut(
    lengths: list[int], start: int, size: int, empty: bool, rule: dict[str, Any] | None
) -> tuple[list[tuple[int, int]], str | None]:
    """What of each list belongs on the page that starts at `start`, counted over all lists, and the next token."""
    total = sum(lengths)
    if empty:
        return [(0, 0)] * len(lengths), _token(start, False)
    end = min(start + size, total)
    cut, base = [], 0
    for length in lengths:
        cut.append((max(0, start - base), max(0, min(length, end - base))))
        base += length
    if end >= total:
        return cut, None
    return cut, _token(end, bool(rule and rule.get("empty_pages")))
