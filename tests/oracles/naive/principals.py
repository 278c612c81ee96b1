"""Who asks, and whom the Principal and NotPrincipal elements name.

Pages: "AWS JSON policy elements: Principal", "AWS JSON policy elements: NotPrincipal", "Control access to VPC endpoints
using endpoint policies" (principals for gateway endpoints).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .document import ACCOUNT, UNIQUE_ID, Refused
from .truth import NO, YES, Truth, all_of, any_of, negate, truth, unsettled

ARN = re.compile(r"arn:([a-z-]+):(iam|sts)::([0-9]{12}):(.+)")
SERVICE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?")

# How a statement names a principal. What the grant is worth depends on it (see evaluate.py).
SLOTS = ("self", "role", "account", "everyone")


@dataclass(frozen=True)
class Principal:
    """kind: user, session, role, root, federated, provider, service or anonymous."""

    kind: str
    arn: str = ""
    partition: str = ""
    account: str = ""
    name: str = ""


def read_principal(raw) -> Principal:
    if not isinstance(raw, str):
        raise Refused("the principal is no text")
    if raw == "anonymous":
        return Principal("anonymous")
    if SERVICE.fullmatch(raw):
        return Principal("service", raw, name=raw)
    parts = ARN.fullmatch(raw)
    if not parts or "*" in raw or "?" in raw:
        raise Refused(f"not a principal: {raw}")
    partition, service, account, rest = parts.groups()
    kind, _, name = rest.partition("/")
    if service == "iam" and rest == "root":
        return Principal("root", raw, partition, account, "root")
    if service == "iam" and kind in ("user", "role") and name:
        return Principal(kind, raw, partition, account, name.rsplit("/", 1)[-1])
    if service == "iam" and kind in ("saml-provider", "oidc-provider") and name:
        return Principal("provider", raw, partition, account, name)
    if service == "sts" and kind == "assumed-role" and re.fullmatch(r"[^/]+/[^/]+", name):
        return Principal("session", raw, partition, account, name.split("/")[0])
    if service == "sts" and kind == "federated-user" and name and "/" not in name:
        return Principal("federated", raw, partition, account, name)
    raise Refused(f"not a principal: {raw}")


def named(entries: tuple[tuple[str, str], ...], principal: Principal, user_id) -> dict[str, Truth]:
    """For each slot: is the principal named that way by any entry of the element?"""
    found: dict[str, list[Truth]] = {slot: [] for slot in SLOTS}
    for kind, text in entries:
        slot, answer = _one(kind, text, principal, user_id)
        found[slot].append(answer)
    return {slot: any_of(answers) for slot, answers in found.items()}


def _one(kind: str, text: str, principal: Principal, user_id) -> tuple[str, Truth]:
    if kind == "*":
        return "everyone", YES  # Principal, all principals
    if kind == "Service":
        if principal.kind != "service":
            return "self", NO
        if text == principal.name:
            return "self", YES
        if text.split(".")[0] == principal.name.split(".")[0]:
            return "self", unsettled(39, "another name of the same service")
        return "self", NO
    if kind == "Federated":
        return "self", truth(principal.kind == "provider" and text == principal.arn)
    if kind == "CanonicalUser":
        if principal.kind in ("service", "anonymous"):
            return "account", NO
        return "account", unsettled(37, "a canonical user id, whose account the line does not tell")
    return _aws(text, principal, user_id)


def _aws(text: str, principal: Principal, user_id) -> tuple[str, Truth]:
    if text == "*":
        # Row 39: the same as Principal `*` for anonymous callers (Principal, all principals).
        if principal.kind in ("service", "provider"):
            return "everyone", unsettled(39, 'a caller that is no AWS identity against {"AWS": "*"}')
        return "everyone", YES
    if principal.kind in ("service", "anonymous", "provider"):
        return "self", NO
    if UNIQUE_ID.fullmatch(text):
        # Row 57: an id stands in a policy where the user or role was deleted: it names nobody any more.
        if isinstance(user_id, str) and user_id.startswith(text):
            return "self", unsettled(57, "the unique id of the caller in a policy")
        return "self", NO
    account_arn = f"arn:{principal.partition}:iam::{principal.account}:root"
    if text in (principal.account, account_arn):
        return "account", YES  # row 37: the id and the ARN with root mean the same (Principal, account principals)
    if ACCOUNT.fullmatch(text):
        return "account", NO
    if principal.kind == "session":
        return _session(text, principal)
    if principal.kind == "role":
        if text == principal.arn:
            return "role", YES
        if ":assumed-role/" in text and _role_of(text) == (principal.account, principal.name):
            return "self", unsettled(36, "a session's ARN against a role without a session")
        return "role", NO
    if principal.kind == "federated" and ARN.fullmatch(text) and f"::{principal.account}:user/" in text:
        return "role", unsettled(41, "whether this user made the federated session")
    return "self", truth(text == principal.arn)


def _session(text: str, principal: Principal) -> tuple[str, Truth]:
    """Row 36: a role's ARN names its sessions by the role's name; a session's ARN has no path."""
    if ":assumed-role/" in text:
        return "self", truth(text == principal.arn)
    return "role", truth(_role_of(text) == (principal.account, principal.name) and ":role/" in text)


def _role_of(arn: str) -> tuple[str, str]:
    parts = ARN.fullmatch(arn)
    if not parts:
        return "", ""
    _, service, account, rest = parts.groups()
    names = rest.split("/")
    return account, names[1] if service == "sts" and len(names) > 1 else names[-1]


def denied_by_not_principal(entries, principal: Principal, has_boundary: bool, user_id) -> Truth:
    """Row 40: Deny with NotPrincipal ("AWS JSON policy elements: NotPrincipal").

    It hits every user and role that has a boundary. For the rest the page asks to name the account, and the role of a
    session, beside the caller, since it may be denied otherwise: so a caller is spared if everything above it is named
    too, hit if nothing of it is named, and in between it is not settled.
    """
    if has_boundary and principal.kind in ("user", "session", "role"):
        return YES
    slots = named(entries, principal, user_id)
    if slots["everyone"].value is not False:
        return unsettled(40, "NotPrincipal that names everyone")
    needed = {
        "user": ("self", "account"), "session": ("self", "role", "account"), "role": ("role", "account"),
        "root": ("account",), "federated": ("self", "account"),
    }.get(principal.kind, ("self",))
    spared = all_of(slots[slot] for slot in needed)
    touched = any_of(slots[slot] for slot in SLOTS)
    if spared.value is True:
        return NO
    if touched.value is False:
        return negate(touched)
    return unsettled(40, "NotPrincipal that names a part of the caller, its role and its account")


def gateway_endpoint(entries, slots: dict[str, Truth]) -> dict[str, Truth]:
    """At a gateway endpoint Principal has to be `*`; an account there means its root user only (page on endpoints)."""
    if all(text == "*" for _, text in entries):
        return slots
    return {
        slot: answer if answer.value is False else unsettled(50, "a principal in a policy of a gateway endpoint")
        for slot, answer in slots.items()
    }
