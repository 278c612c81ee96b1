"""A line of the contract's form in which one document decides alone, of whatever kind it is.

All else that the request needs is there: identity policies that allow everything, a policy of the resource, key or role
that leaves it to the caller's account. So the line is allowed if and only if the document allows the request.
"""

from __future__ import annotations

from ..building import FULL, PUBLIC, allow, line, policy
from ..naive.evaluate import TRUST_ACTIONS
from ..naive.principals import Principal, read_principal

# In a key policy `*` is the key that it is attached to ("Key policies in AWS KMS"): a request is about a key.
KEY = "arn:aws:kms:eu-west-1:{}:key/0a0a0a0a-1b1b-2c2c-3d3d-4e4e4e4e4e4e"
# Of no document and no caller: here a caller from any of them is a stranger, whom identity policies alone do not help.
NOWHERE = "999988887777"
PLAIN = ("identity", "boundary", "session", "scp")
# Callers who have identity policies.
IDENTITIES = ("user", "session", "role", "federated")


def alone(name: str, kind: str, document: dict, request: dict) -> dict | None:
    """The line, or None where no line lets the document decide alone."""
    caller = read_principal(request["principal"])
    made = line(name, request["principal"], request["action"], request["resource"], request.get("resource_account"),
                request["context"])
    if caller.kind in IDENTITIES:
        made["identity_policies"] = [FULL]
    if caller.kind == "federated":
        made["session_policies"] = [FULL]
    placed = _OF_KIND[kind](made, caller, document)
    return made if placed else None


def _plain(kind: str):
    """Policies without principals."""
    def place(made: dict, caller: Principal, document: dict) -> bool:
        if caller.kind not in IDENTITIES or (kind == "session" and caller.kind == "user"):
            return False
        made["resource_policy"] = _resource_policy(made, {"AWS": caller.account})
        if kind == "boundary":
            made["permission_boundary"] = document
        elif kind == "scp":
            made["scps"] = [[document]]
        else:
            made[f"{kind}_policies"] = [document]
        return True
    return place


def _of_a_resource(made: dict, caller: Principal, document: dict) -> bool:
    made["resource_policy"] = document
    request = made["request"]
    if caller.account != request["resource_account"] or _is_key(request) or _is_role(request):
        return True  # Both sides have to allow, and the caller's does.
    if request["resource"].split(":")[4:5] == [""]:
        request["resource_account"] = NOWHERE
        return caller.account != NOWHERE
    # In the caller's own account: without policies of the caller the document decides, if it does not name the account.
    made["identity_policies"], made["session_policies"] = [], []
    named = repr(document)
    return caller.kind not in ("root", "federated") and f"'{caller.account}'" not in named and ":root'" not in named


def _of_a_role(made: dict, caller: Principal, document: dict) -> bool:
    """A trust policy has a say about the calls that assume the role, and about no other."""
    return _is_role(made["request"]) and _of_a_resource(made, caller, document)


def _of_a_key(made: dict, caller: Principal, document: dict) -> bool:
    request = made["request"]
    if request["resource"] == "*":
        request["resource"] = KEY.format(request["resource_account"])
    return _of_a_resource(made, caller, document)


def _rcp(made: dict, caller: Principal, document: dict) -> bool:
    made["rcps"] = [[document]]
    made["resource_policy"] = _resource_policy(made, "*")
    return True


def _endpoint(made: dict, caller: Principal, document: dict) -> bool:
    made["vpc_endpoint_policy"] = document
    made["resource_policy"] = _resource_policy(made, "*")
    context = made["request"]["context"]
    given = {key.lower() for key in context}
    if "aws:sourcevpce" not in given:
        if "aws:sourceip" in given or "aws:sourcevpce" in repr(document).lower():
            return False  # It speaks of a request that did not come through an endpoint.
        context["aws:SourceVpce"] = "vpce-0000000a"
    return True


_OF_KIND = {kind: _plain(kind) for kind in PLAIN}
_OF_KIND |= {"resource": _of_a_resource, "trust": _of_a_role, "key": _of_a_key, "rcp": _rcp, "endpoint": _endpoint}


def _is_key(request: dict) -> bool:
    return request["action"].lower().startswith("kms:") and ":key/" in request["resource"]


def _is_role(request: dict) -> bool:
    return request["action"].lower() in TRUST_ACTIONS and ":role/" in request["resource"]


def _resource_policy(made: dict, principal) -> dict:
    if _is_role(made["request"]):
        return policy(allow(action="*", resource=None, principal=principal))
    return PUBLIC if principal == "*" else policy(allow(action="*", principal=principal))
