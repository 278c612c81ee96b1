"""The request context: condition keys and their values, and the readings of a line that leaves a key out.

Pages: "AWS global condition context keys" and "IAM policy elements: Variables and tags" (principal key values).
"""

from __future__ import annotations

from .document import Refused, Repeated, scalar
from .principals import Principal

ABSENT = object()


class Context:
    """The names of keys have no case ("IAM JSON policy elements: Condition"); their values do (row 20)."""

    def __init__(self, values: dict[str, str | list[str]]):
        self._values = values

    def get(self, key: str):
        """The text of a single-valued key, a list for a multivalued one, or ABSENT."""
        return self._values.get(key.lower(), ABSENT)

    def has(self, key: str) -> bool:
        return key.lower() in self._values

    def plus(self, more: dict[str, str]) -> "Context":
        return Context({**more, **self._values})

    def without(self, key: str) -> "Context":
        return Context({name: value for name, value in self._values.items() if name != key.lower()})


def read_context(raw) -> Context:
    if not isinstance(raw, dict) or isinstance(raw, Repeated):
        raise Refused("the context is no object, or has a name twice")
    values: dict[str, str | list[str]] = {}
    for key, value in raw.items():
        if key.lower() in values:
            raise Refused("the context has a key twice, in different case")
        values[key.lower()] = [scalar(one) for one in value] if isinstance(value, list) else scalar(value)
    return Context(values)


def documented_keys(principal: Principal, resource_account: str | None) -> dict[str, str]:
    """Keys that AWS puts into every such request and that follow from the rest of the line."""
    keys: dict[str, str] = {}
    types = {"user": "User", "session": "AssumedRole", "role": "AssumedRole", "root": "Account",
             "federated": "FederatedUser", "anonymous": "Anonymous"}
    if principal.kind in types:
        keys["aws:principaltype"] = types[principal.kind]
    if principal.kind in ("user", "root", "federated", "role"):
        keys["aws:principalarn"] = principal.arn
    if principal.kind == "session":
        # The role's ARN; its path cannot be told from the session's ARN, see evaluate.py.
        keys["aws:principalarn"] = f"arn:{principal.partition}:iam::{principal.account}:role/{principal.name}"
    if principal.kind == "user":
        keys["aws:username"] = principal.name
    if principal.account:
        keys["aws:principalaccount"] = principal.account
        keys["aws:principalisawsservice"] = "false"
    if principal.kind == "service":
        keys["aws:principalisawsservice"] = "true"
        keys["aws:principalservicename"] = principal.name
    if resource_account:
        keys["aws:resourceaccount"] = resource_account
    return keys


def readings(context: Context, principal: Principal, resource_account: str | None, mentioned: str) -> list[Context]:
    """The contexts that the line may mean; `mentioned` is the text of all policies in lower case.

    The line does not say whether a documented key that it leaves out was left out of the request too, so both are
    tried, and the verdict stands only if both agree. Row 34: aws:SourceIp is not there when a request comes through
    an endpoint, so a line that gives both is read with and without it.
    """
    found = [context]
    missing = {
        key: value for key, value in documented_keys(principal, resource_account).items()
        if key in mentioned and not context.has(key)
    }
    if missing:
        found.append(context.plus(missing))
    if "aws:sourceip" in mentioned and context.has("aws:SourceIp") and context.has("aws:SourceVpce"):
        found += [one.without("aws:SourceIp") for one in list(found)]
    return found
