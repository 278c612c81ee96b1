"""Policy documents: read them, and refuse what IAM refuses when a policy is saved.

Pages: "Grammar of the IAM JSON policy language", "IAM JSON policy elements reference", "RCP syntax" (Organizations),
"AWS JSON policy elements: NotPrincipal", "AWS JSON policy elements: Principal".
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

IDENTITY_KINDS = ("identity", "boundary", "session", "scp")
RESOURCE_KINDS = ("resource", "trust", "endpoint", "rcp")

BASES = (
    "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
    "StringLike", "StringNotLike",
    "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
    "NumericGreaterThan", "NumericGreaterThanEquals",
    "DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals",
    "DateGreaterThan", "DateGreaterThanEquals",
    "Bool", "BinaryEquals", "IpAddress", "NotIpAddress",
    "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike", "Null",
)
OPERATOR = re.compile(r"(?:(ForAllValues|ForAnyValue):)?(" + "|".join(BASES) + r")(IfExists)?")
ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+")
UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{8,}")
ACCOUNT = re.compile(r"[0-9]{12}")
ELEMENTS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


class Refused(Exception):
    """A document (or a line) that AWS would not accept, so that there is no verdict about it."""


class NumberText(str):
    """A JSON number as it was written, so that 1.0 and 1 keep their form."""


class Repeated(dict):
    """A JSON object in which a name stood twice (row 59)."""


def _object(pairs: list) -> dict:
    plain = dict(pairs)
    return plain if len(plain) == len(pairs) else Repeated(plain)


def load(text: str):
    """Parse JSON without losing duplicate names or the text of numbers."""
    return json.loads(text, object_pairs_hook=_object, parse_int=NumberText, parse_float=NumberText)


@dataclass(frozen=True)
class Condition:
    operator: str
    set_operator: str | None
    base: str
    if_exists: bool
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    effect: str
    principal: tuple[tuple[str, str], ...] | None
    not_principal: tuple[tuple[str, str], ...] | None
    action: tuple[str, ...] | None
    not_action: tuple[str, ...] | None
    resource: tuple[str, ...] | None
    not_resource: tuple[str, ...] | None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Policy:
    kind: str
    version: str
    statements: tuple[Statement, ...] = field(default=())


def parse(document, kind: str) -> Policy:
    """Read one policy of a kind: identity, boundary, session, scp, rcp, resource, trust or endpoint."""
    _plain_object(document, "the policy")
    for name in document:
        if name not in ("Version", "Id", "Statement"):
            raise Refused(f"row 59: unknown element {name}")
    if "Id" in document and kind in IDENTITY_KINDS:
        # Grammar, notes: identity-based policies have no Id.
        raise Refused("row 59: Id in a policy that must not have one")
    version = document.get("Version", "2008-10-17")  # "Version": the default
    if version not in ("2008-10-17", "2012-10-17"):
        raise Refused("row 22: unknown Version")
    statements = document.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not statements:
        raise Refused("row 59: no Statement")
    sids = [one.get("Sid") for one in statements if isinstance(one, dict) and one.get("Sid")]
    if len(sids) != len(set(sids)):
        raise Refused("row 59: the same Sid twice")
    return Policy(kind, version, tuple(_statement(one, kind) for one in statements))


def _plain_object(value, what: str) -> None:
    if not isinstance(value, dict):
        raise Refused(f"row 59: {what} is not an object")
    if isinstance(value, Repeated):
        # Grammar, notes: an element holds a key once.
        raise Refused(f"row 59: the same name twice in {what}")


def _statement(raw, kind: str) -> Statement:
    _plain_object(raw, "a statement")
    for name in raw:
        if name not in ELEMENTS:
            raise Refused(f"row 59: unknown element {name}")
    sid = raw.get("Sid", "")
    if not _is_text(sid) or (kind in ("identity", "boundary", "session") and not re.fullmatch(r"[A-Za-z0-9]*", sid)):
        raise Refused("row 59: a Sid that IAM does not take")
    effect = raw.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise Refused("row 59: Effect is neither Allow nor Deny")
    if ("Action" in raw) == ("NotAction" in raw):
        raise Refused("row 59: one of Action and NotAction is needed")
    principal, not_principal = _principal_block(raw, kind, effect)
    resource, not_resource = _resource_block(raw, kind)
    action, not_action = _actions(raw, "Action"), _actions(raw, "NotAction")
    if kind == "rcp":
        _check_rcp(raw, effect, principal, action)
    return Statement(
        effect, principal, not_principal, action, not_action, resource, not_resource, _conditions(raw.get("Condition"))
    )


def _check_rcp(raw, effect, principal, action) -> None:
    """RCP syntax (Organizations): only RCPFullAWSAccess allows; Principal is `*`; an action names a service."""
    whole = action == ("*",) and raw.get("Resource") in ("*", ["*"]) and "Condition" not in raw
    if effect == "Allow" and not whole:
        raise Refused("row 49: an RCP that allows")
    if principal != (("*", "*"),):
        raise Refused("row 49: the principal of an RCP is not *")
    if effect == "Deny" and (action is None or "*" in action):
        raise Refused("row 49: an RCP without actions of a service")


def _is_text(value) -> bool:
    return isinstance(value, str) and not isinstance(value, NumberText)


def _texts(value, what: str) -> tuple[str, ...]:
    """One text or a list of at least one (Grammar, conventions)."""
    values = value if isinstance(value, list) else [value]
    if not values:
        raise Refused(f"row 59: an empty list in {what}")
    for one in values:
        if not _is_text(one) or not one:
            raise Refused(f"row 59: {what} holds something else than text")
    return tuple(values)


def _actions(raw, name: str) -> tuple[str, ...] | None:
    if name not in raw:
        return None
    actions = _texts(raw[name], name)
    for action in actions:
        # Grammar, action_string: a service, a colon, a name.
        if action != "*" and not ACTION.fullmatch(action):
            raise Refused(f"row 19: not an action: {action}")
    return actions


def _resource_block(raw, kind: str):
    if kind == "trust":
        # A trust policy names no resource, since that is the role itself ("Roles terms and concepts").
        if "Resource" in raw or "NotResource" in raw:
            raise Refused("row 46: a trust policy with a Resource")
        return None, None
    if ("Resource" in raw) == ("NotResource" in raw):
        raise Refused("row 59: one of Resource and NotResource is needed")
    name = "Resource" if "Resource" in raw else "NotResource"
    resources = _texts(raw[name], name)
    for resource in resources:
        if resource != "*" and not resource.startswith("arn:"):
            raise Refused(f"row 18: neither * nor an ARN: {resource}")
    return (resources, None) if name == "Resource" else (None, resources)


def _principal_block(raw, kind: str, effect: str):
    """Grammar, notes: required in policies of resources and roles, not allowed in those of identities."""
    present = [name for name in ("Principal", "NotPrincipal") if name in raw]
    if kind in IDENTITY_KINDS:
        if present:
            raise Refused("row 59: a Principal in a policy that must not have one")
        return None, None
    if len(present) != 1:
        raise Refused("row 59: one of Principal and NotPrincipal is needed")
    name = present[0]
    entries = _principals(raw[name])
    if name == "Principal":
        return entries, None
    if kind in ("trust", "rcp"):
        raise Refused("row 40: NotPrincipal in a trust policy or an RCP")
    if effect == "Allow":
        # Not supported, says the page on NotPrincipal.
        raise Refused("row 40: NotPrincipal with Allow")
    return None, entries


def _principals(raw) -> tuple[tuple[str, str], ...]:
    if raw == "*":
        return (("*", "*"),)
    _plain_object(raw, "a principal")
    if not raw:
        raise Refused("row 59: an empty principal")
    entries = []
    for name, value in raw.items():
        if name not in ("AWS", "Federated", "Service", "CanonicalUser"):
            raise Refused(f"row 59: unknown kind of principal {name}")
        for text in _texts(value, "a principal"):
            _check_principal(name, text)
            entries.append((name, text))
    return tuple(entries)


def _check_principal(name: str, text: str) -> None:
    if "*" in text or "?" in text:
        # No wildcard for a part of a principal's name or ARN (Principal, row 38).
        if name != "AWS" or text != "*":
            raise Refused(f"row 38: a wildcard in the principal {text}")
    if "${" in text:
        raise Refused("row 23: a variable in a principal")
    if name == "AWS" and text != "*":
        kinds = "root|(user|role|assumed-role|federated-user)/.+"
        known = re.fullmatch(rf"arn:[a-z-]+:(iam|sts)::[0-9]{{12}}:({kinds})", text)
        if not known and not ACCOUNT.fullmatch(text) and not UNIQUE_ID.fullmatch(text):
            raise Refused(f"row 38: not a principal: {text}")


def _conditions(raw) -> tuple[Condition, ...]:
    if raw is None:
        return ()
    _plain_object(raw, "Condition")
    if not raw:
        raise Refused("row 59: an empty Condition")
    found = []
    for operator, keys in raw.items():
        parts = OPERATOR.fullmatch(operator)
        if not parts:
            raise Refused(f"row 59: unknown condition operator {operator}")
        set_operator, base, if_exists = parts.groups()
        if base == "Null" and (if_exists or set_operator):
            # IfExists goes with every operator but Null ("Condition operators", IfExists).
            raise Refused(f"row 11: {operator} is not an operator")
        _plain_object(keys, operator)
        if not keys:
            raise Refused(f"row 59: an empty {operator}")
        if len({key.lower() for key in keys}) != len(keys):
            raise Refused("row 20: the same condition key twice, in different case")
        for key, values in keys.items():
            found.append(Condition(operator, set_operator, base, bool(if_exists), key, _values(values)))
    return tuple(found)


def _values(raw) -> tuple[str, ...]:
    values = raw if isinstance(raw, list) else [raw]
    if not values:
        raise Refused("row 59: an empty list of condition values")
    return tuple(scalar(one) for one in values)


def scalar(value) -> str:
    """<condition_value> = ("string" | "number" | "Boolean"), as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str(value)
    raise Refused("row 59: a value that is no text, number or Boolean")
