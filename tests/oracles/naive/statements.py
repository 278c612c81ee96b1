"""Which statements of a policy apply to the request, and what they grant or deny."""

from __future__ import annotations

from dataclasses import dataclass

from .conditions import condition_block
from .context import Context
from .document import Policy, Statement
from .matching import action_matches, resource_matches
from .principals import SLOTS, Principal, denied_by_not_principal, gateway_endpoint, named
from .truth import YES, Truth, agree, all_of, any_of, negate, truth, unsettled
from .variables import NotSettled, NoValue, has_variable, patterns


@dataclass(frozen=True)
class Request:
    principal: Principal
    action: str
    resource: str
    context: Context
    has_boundary: bool

    @property
    def service(self) -> str:
        return self.action.split(":")[0].lower()

    @property
    def user_id(self):
        return self.context.get("aws:userid")


def _action(statement: Statement, request: Request) -> Truth:
    """NotAction is every action but those of its list ("IAM JSON policy elements: NotAction")."""
    entries = statement.action if statement.action is not None else statement.not_action
    listed = any(action_matches(entry, request.action) for entry in entries)
    return truth(listed == (statement.action is not None))


def _resource(statement: Statement, policy: Policy, request: Request) -> Truth:
    if statement.resource is None and statement.not_resource is None:
        return YES  # a trust policy
    entries = statement.resource if statement.resource is not None else statement.not_resource
    excepted = statement.resource is None
    listed = any_of(_one_resource(entry, policy, request, excepted) for entry in entries)
    return listed if statement.resource is not None else negate(listed)


def _one_resource(entry: str, policy: Policy, request: Request, excepted: bool) -> Truth:
    if has_variable(entry, policy.version) and entry.split("${")[0].count(":") < 5:
        # Variables belong after the fifth colon ("Variables and tags", Resource element).
        return unsettled(23, "a variable before the fifth colon of a Resource")
    try:
        letters, wild = patterns(entry, policy.version, request.context)
    except NoValue:
        # An entry of Resource or NotResource whose variable has no value matches no resource ("Variables and tags",
        # no value). In NotResource that could mean that nothing is left out, or that the statement matches nothing.
        if excepted:
            return unsettled(23, "a variable without a value in NotResource")
        return truth(False)
    except NotSettled as silent:
        return unsettled(silent.row, silent.text)
    first = resource_matches(letters, request.resource, policy.kind)
    if letters == wild:
        return first
    return agree(first, resource_matches(wild, request.resource, policy.kind), 27, "a wildcard out of a variable")


def _applies(statement: Statement, policy: Policy, request: Request) -> Truth:
    """Everything but the principal: a statement applies if all of its elements match."""
    return all_of([
        _action(statement, request),
        _resource(statement, policy, request),
        condition_block(statement.conditions, policy.version, request.context),
    ])


def plain_effects(policies: list[Policy], request: Request) -> tuple[Truth, Truth]:
    """(denied, allowed) of policies without principals: any Deny denies, any Allow allows."""
    denied, allowed = [], []
    for policy in policies:
        for statement in policy.statements:
            (denied if statement.effect == "Deny" else allowed).append(_applies(statement, policy, request))
    return any_of(denied), any_of(allowed)


@dataclass(frozen=True)
class ResourceEffects:
    """Denied, and allowed by the way in which the caller was named; see principals.SLOTS."""

    denied: Truth
    by: dict[str, Truth]
    everyone_by_arn: Truth

    def any(self) -> Truth:
        return any_of([*self.by.values(), self.everyone_by_arn])


def resource_effects(policy: Policy, request: Request) -> ResourceEffects:
    """A policy with principals: bucket and key policies, trust policies, RCPs, endpoint policies."""
    denied: list[Truth] = []
    allowed: dict[str, list[Truth]] = {slot: [] for slot in SLOTS}
    by_arn: list[Truth] = []
    gateway = policy.kind == "endpoint" and request.service in ("s3", "dynamodb")
    for statement in policy.statements:
        applies = _applies(statement, policy, request)
        if statement.not_principal is not None:
            hit = denied_by_not_principal(
                statement.not_principal, request.principal, request.has_boundary, request.user_id
            )
            denied.append(all_of([applies, hit]))
            continue
        slots = named(statement.principal, request.principal, request.user_id)
        if gateway:
            slots = gateway_endpoint(statement.principal, slots)
        if statement.effect == "Deny":
            denied.append(all_of([applies, any_of(slots.values())]))
            continue
        for slot, answer in slots.items():
            grant = all_of([applies, answer])
            if slot == "everyone" and _limited_by_arn(statement):
                by_arn.append(grant)
            else:
                allowed[slot].append(grant)
    by = {slot: any_of(grants) for slot, grants in allowed.items()}
    return ResourceEffects(any_of(denied), by, any_of(by_arn))


def _limited_by_arn(statement: Statement) -> bool:
    """Principal `*` with the aws:PrincipalArn key, of which the Principal page speaks on its own."""
    return any(
        condition.key.lower() == "aws:principalarn" and condition.base in ("ArnEquals", "ArnLike", "StringEquals",
                                                                          "StringLike")
        and not condition.if_exists and condition.set_operator is None
        for condition in statement.conditions
    )
