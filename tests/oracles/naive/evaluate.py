"""The evaluation logic: all policies of one line, one decision.

Pages: "Policy evaluation logic", "How AWS enforcement code logic evaluates requests to allow or deny access",
"Cross-account policy evaluation logic", "Permissions boundaries for IAM entities", "Key policies in AWS KMS",
"SCP evaluation", "RCP evaluation", "Control access to VPC endpoints using endpoint policies".
"""

from __future__ import annotations

import re

from .context import read_context, readings
from .document import ACCOUNT, Policy, Refused, Repeated, parse
from .principals import Principal, read_principal
from .statements import Request, ResourceEffects, plain_effects, resource_effects
from .truth import NO, YES, Truth, all_of, any_of, unsettled

# The list in "Resource control policies" as it was at first; it grows (row 49).
RCP_SERVICES = ("s3", "sts", "kms", "sqs", "secretsmanager")
IDENTITIES = ("user", "session", "role", "root", "federated")
TRUST_ACTIONS = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession",
                 "sts:setsourceidentity")
LINE = {"id", "request", "identity_policies", "resource_policy", "permission_boundary", "session_policies", "scps",
        "rcps", "vpc_endpoint_policy"}
REQUEST = {"principal", "action", "resource", "resource_account", "context"}

Answer = tuple[str, str]


def decide(line) -> Answer:
    """(decision, reason) for one parsed line of the contract's form."""
    try:
        return _decide(line)
    except Refused as refused:
        return "UNKNOWN", f"refused: {refused}"


def _decide(line) -> Answer:
    _names(line, LINE, "the line")
    raw = line.get("request")
    _names(raw, REQUEST, "the request")
    principal = read_principal(raw.get("principal"))
    action, resource = raw.get("action"), raw.get("resource")
    if not isinstance(action, str) or not re.fullmatch(r"[A-Za-z0-9-]+:[A-Za-z0-9_-]+", action):
        raise Refused("the action of the request")
    if not isinstance(resource, str) or not (resource == "*" or resource.count(":") >= 5):
        raise Refused("the resource of the request")
    account = _resource_account(raw.get("resource_account"), resource, principal)
    policies = Policies(line, _resource_kind(action, resource))
    policies.check(principal)
    mentioned = repr([one.statements for one in policies.all()]).lower()
    context = read_context(raw.get("context") or {})
    if principal.kind == "session" and "aws:principalarn" in mentioned and not context.has("aws:PrincipalArn"):
        return "UNKNOWN", "row 35: aws:PrincipalArn of a session is not given, and its path cannot be told"
    answers = []
    for reading in readings(context, principal, account, mentioned):
        request = Request(principal, action, resource, reading, policies.boundary is not None)
        answers.append(_one_reading(request, account, policies))
    if len({decision for decision, _ in answers}) > 1:
        return "UNKNOWN", "rows 34 and 35: the verdict depends on a key that the line leaves open"
    return answers[0]


def _names(value, allowed: set[str], what: str) -> None:
    if not isinstance(value, dict) or isinstance(value, Repeated):
        raise Refused(f"{what} is no object, or has a name twice")
    if set(value) - allowed:
        raise Refused(f"{what} has unknown names")


def _resource_account(raw, resource: str, principal: Principal) -> str | None:
    own = resource.split(":")[4] if resource != "*" else ""
    if raw in (None, ""):
        raw = own or (principal.account if resource == "*" else "")
    elif resource == "*" and principal.account not in ("", raw):
        # An action without resources is one in the caller's account.
        raise Refused("row 21: `*` in another account than the caller's")
    if type(raw) is not str or not (ACCOUNT.fullmatch(raw) or raw == "aws"):
        raise Refused("the account of the resource cannot be told")
    if own and own != raw and own != "aws":
        raise Refused("the account of the resource is given twice, differently")
    # What AWS manages (arn:aws:iam::aws:policy/…) is used from the caller's own account.
    return principal.account if raw == "aws" else raw


def _resource_kind(action: str, resource: str) -> str:
    """One of: resource, trust (assuming a role), key (using a KMS key), alias (of a KMS key)."""
    parts = resource.split(":", 5)
    if action.lower() in TRUST_ACTIONS and len(parts) == 6 and parts[2] == "iam" and parts[5].startswith("role/"):
        return "trust"
    if action.lower().startswith("kms:") and len(parts) == 6 and parts[2] == "kms":
        return "key" if parts[5].startswith("key/") else "alias"
    return "resource"


class Policies:
    """Every policy of the line, parsed."""

    def __init__(self, line, resource_kind: str):
        self.resource_kind = resource_kind
        self.identity = _list(line, "identity_policies", "identity")
        self.session = _list(line, "session_policies", "session")
        self.scps = _levels(line, "scps", "scp")
        self.rcps = _levels(line, "rcps", "rcp")
        self.boundary = _optional(line, "permission_boundary", "boundary")
        self.resource = _optional(line, "resource_policy", "trust" if resource_kind == "trust" else "resource")
        self.endpoint = _optional(line, "vpc_endpoint_policy", "endpoint")

    def all(self) -> list[Policy]:
        single = [one for one in (self.boundary, self.resource, self.endpoint) if one is not None]
        levels = [policy for level in self.scps + self.rcps for policy in level]
        return self.identity + self.session + single + levels

    def check(self, principal: Principal) -> None:
        """A line that cannot be: policies of a kind that this caller cannot have."""
        if principal.kind not in ("user", "session", "role", "federated") and (self.identity or self.boundary):
            raise Refused(f"identity policies or a boundary for a caller of kind {principal.kind}")
        if principal.kind not in ("session", "role", "federated") and self.session:
            raise Refused(f"session policies for a caller of kind {principal.kind}")


def _list(line, name: str, kind: str) -> list[Policy]:
    raw = line.get(name) or []
    if not isinstance(raw, list):
        raise Refused(f"{name} is no list")
    return [parse(one, kind) for one in raw]


def _levels(line, name: str, kind: str) -> list[list[Policy]]:
    raw = line.get(name) or []
    if not isinstance(raw, list) or any(not isinstance(level, list) for level in raw):
        raise Refused(f"{name} is no list of lists")
    return [[parse(one, kind) for one in level] for level in raw]


def _optional(line, name: str, kind: str) -> Policy | None:
    raw = line.get(name)
    return None if raw is None else parse(raw, kind)


def _one_reading(request: Request, account: str | None, policies: Policies) -> Answer:
    """Step 1 of the page: explicit denies of every kind of policy. Then what may allow, and what limits that."""
    principal = request.principal
    if request.action.lower() == "sts:getcalleridentity":
        return _caller_identity(request, policies)
    identity_denied, identity_allowed = plain_effects(policies.identity, request)
    boundary_denied, boundary_allowed = plain_effects([policies.boundary] if policies.boundary else [], request)
    session_denied, session_allowed = plain_effects(policies.session, request)
    scp_denied, scp_allowed = _scps(request, policies)
    endpoint_denied, endpoint_allowed = _endpoint(request, policies)
    resource = resource_effects(policies.resource, request) if policies.resource else None
    denies = {
        "a service control policy": scp_denied,
        "a resource control policy": _rcps(request, policies),
        "the resource policy": resource.denied if resource else NO,
        "an identity policy": identity_denied,
        "the permissions boundary": boundary_denied,
        "a session policy": session_denied,
        "the endpoint policy": endpoint_denied,
    }
    explicit = any_of(denies.values())
    if explicit.value is True:
        return "EXPLICIT_DENY", "a Deny in " + ", ".join(name for name, one in denies.items() if one.value is True)
    if explicit.value is None:
        return "UNKNOWN", "; ".join(explicit.why)

    limits = {
        "the permissions boundary": boundary_allowed if policies.boundary else YES,
        "the session policies": _session_limit(principal, policies, session_allowed),
    }
    granted = _granted(request, account, policies, resource, identity_allowed, limits)
    needed = {
        "the resource and identity policies": granted,
        "the service control policies": scp_allowed,
        "the endpoint policy": endpoint_allowed,
    }
    allowed = all_of(needed.values())
    if allowed.value is None:
        return "UNKNOWN", "; ".join(allowed.why)
    if allowed.value is False:
        return "IMPLICIT_DENY", "no Allow in " + ", ".join(name for name, one in needed.items() if one.value is False)
    return _outside(request) or ("ALLOW", "allowed by every policy that has a say")


def _session_limit(principal: Principal, policies: Policies, allowed: Truth) -> Truth:
    """Without a session policy a role's session goes on, and a federated user's is denied ("Policy evaluation logic",
    step Session policies)."""
    if policies.session:
        return allowed
    return NO if principal.kind == "federated" else YES


def _granted(request, account, policies, resource: ResourceEffects | None, identity: Truth, limits) -> Truth:
    principal = request.principal
    kind = policies.resource_kind
    if kind in ("trust", "key") and resource is None:
        # A KMS key always has one key policy ("Key policies in AWS KMS"), and a role its trust policy.
        return unsettled(45 if kind == "key" else 46, "the policy of the key or role is not given")
    if kind == "alias":
        return unsettled(45, "an alias, which has no policy of its own")
    if kind == "trust" and principal.kind == "root":
        # A root user cannot switch roles ("Granting a user permissions to switch roles").
        return unsettled(46, "a root user who assumes a role")
    if kind == "trust" and (request.action.lower() in TRUST_ACTIONS[1:3]) != (principal.kind == "provider"):
        return unsettled(46, "a federated call with another caller, or a federated caller with another call")
    if principal.kind == "provider" and kind != "trust":
        return unsettled(46, "an identity provider as the caller")
    if principal.kind in ("service", "anonymous", "provider"):
        # They have no identity policies: only the resource can allow (Principal: services, all principals).
        return resource.any() if resource else NO
    limited = all_of(limits.values())
    own_side = _identity_side(principal, identity, limited)
    if principal.account != account and request.resource != "*":
        # Both accounts have to allow ("Cross-account policy evaluation logic", row 44).
        return all_of([own_side, resource.any() if resource else NO])
    if resource is None:
        return own_side
    return _same_account(principal, kind, resource, own_side, limited)


def _identity_side(principal: Principal, identity: Truth, limited: Truth) -> Truth:
    if principal.kind == "root":
        return YES  # The one caller without an implicit deny ("How AWS enforcement code logic evaluates requests").
    return all_of([identity, limited])


def _same_account(principal: Principal, kind: str, resource: ResourceEffects, own_side: Truth, limited: Truth) -> Truth:
    """What an Allow of the resource is worth depends on whom it names ("Policy evaluation logic", resource-based step).

    * The ARN of a user, a session or a federated session: no implicit deny of another policy limits it (rows 41, 43).
    * The ARN of a role: an implicit deny of its boundary or of session policies limits it (row 42).
    * The account: it may delegate, and nobody is granted anything by that alone (Principal, row 37).
    * `*`: callers of the account need nothing else (Principal, all principals). If the statement has aws:PrincipalArn,
      boundaries and session policies do not limit it (Principal, role principals). What an implicit deny of a boundary
      does to a bare `*`, no page says.
    """
    everyone = resource.by["everyone"]
    if limited.value is not True:
        everyone = all_of([everyone, unsettled(42, "Principal * under a boundary or session policy without an Allow")])
    ways = [
        resource.by["self"],
        all_of([resource.by["role"], limited]),
        everyone,
        resource.everyone_by_arn,
    ]
    if kind in ("key", "trust"):
        # Identity policies count for a key only if its policy lets the account in ("Key policies in AWS KMS"), and
        # a trust policy too has to allow the caller or its account ("Policy evaluation logic", rows 45 and 46).
        ways.append(all_of([own_side, resource.by["account"]]))
    else:
        ways.append(own_side)
    return any_of(ways)


def _service_linked(request: Request) -> Truth:
    """Row 52: service-linked roles have the path /aws-service-role/, which a session's ARN does not show."""
    principal = request.principal
    if principal.kind not in ("session", "role"):
        return NO
    arn = request.context.get("aws:PrincipalArn")
    arn = arn if isinstance(arn, str) else principal.arn
    if ":role/aws-service-role/" in arn:
        return YES
    if ":role/" in arn or not principal.name.startswith("AWSServiceRoleFor"):
        return NO
    return unsettled(52, "a session whose role may be service-linked")


def _scps(request: Request, policies: Policies) -> tuple[Truth, Truth]:
    """Every level from the root to the account has to allow ("SCP evaluation", row 48). Callers from outside the
    account and service-linked roles are not touched ("Service control policies")."""
    if not policies.scps or request.principal.kind not in IDENTITIES:
        return NO, YES
    linked = _service_linked(request)
    if linked.value is True:
        return NO, YES
    effects = [plain_effects(level, request) for level in policies.scps]
    denied = any_of(one for one, _ in effects)
    allowed = all_of(one for _, one in effects)
    if linked.value is None:
        return all_of([denied, linked]), any_of([allowed, linked])
    return denied, allowed


def _rcps(request: Request, policies: Policies) -> Truth:
    """An RCP at any level can deny, and RCPFullAWSAccess allows at each ("RCP evaluation", row 49)."""
    linked = _service_linked(request)
    if not policies.rcps or linked.value is True:
        return NO
    denied = any_of(resource_effects(policy, request).denied for level in policies.rcps for policy in level)
    if linked.value is None:
        denied = all_of([denied, linked])
    if request.service not in RCP_SERVICES:
        denied = all_of([denied, unsettled(49, f"whether RCPs apply to {request.service}")])
    if request.action.lower() == "kms:retiregrant":
        # RCPs do not touch it ("Resource control policies in AWS KMS").
        return NO
    return denied


def _endpoint(request: Request, policies: Policies) -> tuple[Truth, Truth]:
    """Row 50: it limits who may use the endpoint and replaces no other policy ("Control access to VPC endpoints using
    endpoint policies"). It has a say if the request came through an endpoint, which aws:SourceVpce tells (row 51)."""
    if policies.endpoint is None:
        return NO, YES
    effects = resource_effects(policies.endpoint, request)
    if request.context.has("aws:SourceVpce"):
        return effects.denied, effects.any()
    if request.context.has("aws:SourceVpc") or request.context.has("aws:VpcSourceIp"):
        # They come only from an endpoint too ("AWS global condition context keys"), but do not tell which one.
        open_question = unsettled(51, "a key of an endpoint without aws:SourceVpce")
        return all_of([effects.denied, open_question]), any_of([effects.any(), open_question])
    return NO, YES


def _caller_identity(request: Request, policies: Policies) -> Answer:
    """Row 47: it needs no permission, and a Deny in the caller's policies does not stop it (STS API reference,
    GetCallerIdentity)."""
    denied, allowed = _endpoint(request, policies)
    if request.principal.kind in ("anonymous", "provider") or denied.value is not False or allowed.value is not True:
        return "UNKNOWN", "row 47: GetCallerIdentity without credentials, or through an endpoint that does not allow it"
    return "ALLOW", "sts:GetCallerIdentity needs no permission"


def _outside(request: Request) -> Answer | None:
    """Row 53: things that nobody may change whatever the policies say; no page of the guide settles which."""
    if re.match(r"[a-z0-9-]+:(get|list|describe|head|simulate)", request.action.lower()):
        return None
    parts = request.resource.split(":", 5)
    if len(parts) == 6 and parts[2] == "iam":
        if parts[4] == "aws" or parts[5].startswith(("role/aws-reserved/", "role/aws-service-role/")):
            return "UNKNOWN", "rows 52 and 53: a change to what AWS manages"
    return None
