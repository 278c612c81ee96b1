"""Hand-written cases for rows 35 to 59 of the table of corners: principals, kinds of policy and how they combine.

Each case is (id, expected decision, line). The decision was written by hand from the page named in the table.
"""

from __future__ import annotations

from .building import (
    BUCKET, FEDERATED, FOREIGN_SESSION, FOREIGN_USER, FULL, KEY, LINKED, LINKED_ROLE, OBJECT, OTHER, OWN, PUBLIC, QUEUE,
    ROLE, ROOT, SESSION, TARGET_ROLE, USER, allow, deny, line, policy, statement,
)
from .rows_language import ALLOW, EXPLICIT, IMPLICIT, UNKNOWN, Case, allowed_if

READ = policy(allow())
ROLE_PLAIN = f"arn:aws:iam::{OWN}:role/reader"
LINKED_ARN = {"aws:PrincipalArn": LINKED_ROLE}
WRITE_ONLY = policy(allow(action="s3:PutObject"))
THROUGH = {"aws:SourceVpce": "vpce-1", "aws:SourceVpc": "vpc-1"}


def to(principal, **parts) -> dict:
    """A resource policy that allows s3:GetObject to an AWS principal."""
    return policy(allow(principal={"AWS": principal} if principal != "*" else "*", **parts))


def case(name: str, expected: str, **parts) -> Case:
    return name, expected, line(name, **parts)


def principals() -> list[Case]:
    session = {"principal": SESSION, "identity": [FULL]}
    own_arn = {"aws:PrincipalArn": ROLE}
    like = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{OWN}:role/team/*"}}
    wrong = {"ArnLike": {"aws:PrincipalArn": f"arn:aws:sts::{OWN}:assumed-role/*"}}
    return [
        allowed_if("row-35-a", ALLOW, like, own_arn, principal=SESSION),
        allowed_if("row-35-b", IMPLICIT, wrong, own_arn, principal=SESSION),
        allowed_if("row-35-c", UNKNOWN, like, None, principal=SESSION),
        case("row-36-a", ALLOW, principal=SESSION, resource_policy=to(ROLE)),
        case("row-36-b", ALLOW, principal=SESSION, resource_policy=to(ROLE_PLAIN)),
        case("row-36-c", IMPLICIT, principal=SESSION, resource_policy=to(ROLE_PLAIN + "2")),
        case("row-36-d", EXPLICIT, **session, resource_policy=policy(deny(principal={"AWS": ROLE}))),
        case("row-36-e", ALLOW, principal=ROLE, resource_policy=to(ROLE)),
        case("row-36-f", UNKNOWN, principal=ROLE, resource_policy=to(SESSION)),
        case("row-37-a", IMPLICIT, resource_policy=to(ROOT)),
        case("row-37-b", IMPLICIT, resource_policy=to(OWN)),
        case("row-37-c", ALLOW, resource_policy=to(OWN), identity=[READ]),
        case("row-37-d", EXPLICIT, identity=[FULL], resource_policy=policy(deny(principal={"AWS": OWN}))),
        case("row-37-e", ALLOW, principal=ROOT, resource_policy=to(OTHER)),
        case("row-38-a", UNKNOWN, resource_policy=to(f"arn:aws:iam::{OWN}:user/*")),
        case("row-38-b", ALLOW, resource_policy=to("*")),
        case("row-39-a", ALLOW, principal="anonymous", resource_policy=to("*")),
        case("row-39-b", ALLOW, principal="anonymous", resource_policy=policy(allow(principal={"AWS": "*"}))),
        case("row-39-c", IMPLICIT, principal="anonymous", resource_policy=to(ROOT)),
        case("row-39-d", ALLOW, principal="logs.amazonaws.com",
             resource_policy=policy(allow(principal={"Service": ["logs.amazonaws.com"]}))),
        case("row-39-e", IMPLICIT, principal="logs.amazonaws.com", resource_policy=to(ROOT)),
    ]


def not_principals() -> list[Case]:
    def spare(*names) -> dict:
        return policy(allow(principal="*"), statement("Deny", NotPrincipal={"AWS": list(names)}))

    everyone = {"resource_policy": spare(USER, ROOT)}
    return [
        case("row-40-a", ALLOW, **everyone),
        case("row-40-b", EXPLICIT, principal=FOREIGN_USER, identity=[FULL], **everyone),
        case("row-40-c", EXPLICIT, boundary=FULL, **everyone),
        case("row-40-d", UNKNOWN, resource_policy=spare(USER)),
        case("row-40-e", ALLOW, principal=SESSION, resource_policy=spare(SESSION, ROLE, ROOT)),
        case("row-40-f", UNKNOWN, principal=SESSION, resource_policy=spare(ROLE, ROOT)),
        case("row-40-g", EXPLICIT, principal="anonymous", **everyone),
        case("row-40-h", UNKNOWN, resource_policy=policy(statement("Allow", NotPrincipal={"AWS": ROOT}))),
        case("row-40-i", EXPLICIT, principal=SESSION, identity=[FULL], boundary=FULL,
             resource_policy=spare(SESSION, ROLE, ROOT)),
    ]


def boundaries() -> list[Case]:
    role = {"principal": SESSION, "resource_policy": to(ROLE)}
    own = {"principal": SESSION, "resource_policy": to(SESSION)}
    by_arn = policy(allow(principal="*", condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}))
    return [
        case("row-41-a", ALLOW, boundary=WRITE_ONLY, resource_policy=to(USER)),
        case("row-41-b", IMPLICIT, boundary=WRITE_ONLY, identity=[READ]),
        case("row-41-c", ALLOW, boundary=READ, identity=[READ]),
        case("row-41-d", EXPLICIT, boundary=policy(deny()), resource_policy=to(USER)),
        case("row-41-e", ALLOW, **own, boundary=WRITE_ONLY),
        case("row-41-f", IMPLICIT, principal=FEDERATED, identity=[READ]),
        case("row-41-g", ALLOW, principal=FEDERATED, identity=[READ], session=[READ]),
        case("row-41-h", ALLOW, principal=FEDERATED, resource_policy=to(FEDERATED)),
        case("row-42-a", IMPLICIT, **role, boundary=WRITE_ONLY),
        case("row-42-b", IMPLICIT, **role, session=[WRITE_ONLY]),
        case("row-42-c", ALLOW, **role, session=[READ], boundary=READ),
        case("row-42-d", UNKNOWN, principal=SESSION, session=[WRITE_ONLY], resource_policy=to("*")),
        case("row-42-e", ALLOW, principal=SESSION, session=[WRITE_ONLY], resource_policy=by_arn,
             context={"aws:PrincipalArn": ROLE}),
        case("row-43-a", ALLOW, **own, session=[WRITE_ONLY]),
        case("row-43-b", IMPLICIT, principal=SESSION, identity=[READ], session=[WRITE_ONLY]),
        case("row-43-c", ALLOW, principal=SESSION, identity=[READ], session=[WRITE_ONLY, READ]),
        case("row-43-d", EXPLICIT, **own, session=[policy(deny())]),
    ]


def cross_account() -> list[Case]:
    both = {"principal": FOREIGN_USER, "identity": [READ]}
    return [
        case("row-44-a", ALLOW, **both, resource_policy=to(FOREIGN_USER)),
        case("row-44-b", IMPLICIT, principal=FOREIGN_USER, resource_policy=to(FOREIGN_USER)),
        case("row-44-c", IMPLICIT, **both),
        case("row-44-d", ALLOW, **both, resource_policy=to("*")),
        case("row-44-e", IMPLICIT, principal=FOREIGN_USER, resource_policy=to("*")),
        case("row-44-f", ALLOW, **both, resource_policy=to(OTHER)),
        case("row-44-g", IMPLICIT, **both, resource_policy=to(OTHER), boundary=WRITE_ONLY),
        case("row-44-h", IMPLICIT, principal=FOREIGN_SESSION, identity=[READ], session=[WRITE_ONLY],
             resource_policy=to(FOREIGN_SESSION)),
        case("row-44-i", IMPLICIT, **both, resource_policy=to(FOREIGN_USER), scps=[[WRITE_ONLY]]),
        case("row-44-j", ALLOW, principal=f"arn:aws:iam::{OTHER}:root", resource_policy=to(OTHER)),
    ]


def keys_and_roles() -> list[Case]:
    use = {"action": "kms:Decrypt", "resource": KEY}
    mine = [policy(allow(action="kms:Decrypt", resource=KEY))]

    def key(principal, action="kms:*", **more) -> dict:
        return policy(allow(action=action, principal={"AWS": principal}, **more))

    assume = {"action": "sts:AssumeRole", "resource": TARGET_ROLE}
    may = [policy(allow(action="sts:AssumeRole", resource=TARGET_ROLE))]

    def trust(principal, **more) -> dict:
        return policy(allow(action="sts:AssumeRole", resource=None, principal=principal, **more))

    idp = f"arn:aws:iam::{OWN}:oidc-provider/issuer.example.com"
    web = {"action": "sts:AssumeRoleWithWebIdentity", "resource": TARGET_ROLE, "principal": idp}
    web_trust = policy(allow(action="sts:AssumeRoleWithWebIdentity", resource=None, principal={"Federated": idp}))
    return [
        case("row-45-a", ALLOW, **use, identity=mine, resource_policy=key(ROOT)),
        case("row-45-b", IMPLICIT, **use, identity=mine, resource_policy=key(f"arn:aws:iam::{OWN}:user/carol")),
        case("row-45-c", IMPLICIT, **use, resource_policy=key(ROOT)),
        case("row-45-d", ALLOW, **use, resource_policy=key(USER)),
        case("row-45-e", IMPLICIT, **use, identity=mine, resource_policy=key(ROOT, "kms:Describe*")),
        case("row-45-f", EXPLICIT, **use, identity=[policy(deny(action="kms:*"))], resource_policy=key(USER)),
        case("row-45-g", UNKNOWN, **use, identity=mine),
        case("row-45-h", ALLOW, **use, principal=FOREIGN_USER, identity=mine, resource_policy=key(OTHER)),
        case("row-45-i", IMPLICIT, **use, principal=ROOT, resource_policy=key(USER)),
        case("row-45-j", ALLOW, action="kms:ListKeys", resource="*", identity=[policy(allow(action="kms:List*"))]),
        case("row-46-a", IMPLICIT, **assume, identity=may, resource_policy=trust({"Service": "ec2.amazonaws.com"})),
        case("row-46-b", ALLOW, **assume, identity=may, resource_policy=trust({"AWS": ROOT})),
        case("row-46-c", IMPLICIT, **assume, resource_policy=trust({"AWS": ROOT})),
        case("row-46-d", ALLOW, **assume, resource_policy=trust({"AWS": USER})),
        case("row-46-e", ALLOW, **assume, principal="ec2.amazonaws.com",
             resource_policy=trust({"Service": "ec2.amazonaws.com"})),
        case("row-46-f", IMPLICIT, **assume, principal=FOREIGN_USER, resource_policy=trust({"AWS": OTHER})),
        case("row-46-g", IMPLICIT, **assume, principal=FOREIGN_USER, identity=may, resource_policy=trust(
            {"AWS": OTHER}, condition={"StringEquals": {"sts:ExternalId": "x-1"}})),
        case("row-46-h", UNKNOWN, **assume, identity=may, resource_policy=policy(
            allow(action="sts:AssumeRole", resource="*", principal={"AWS": ROOT}))),
        case("row-46-i", ALLOW, **web, resource_policy=web_trust),
        case("row-46-j", IMPLICIT, **web, resource_policy=trust({"AWS": ROOT})),
        case("row-47-a", ALLOW, action="sts:GetCallerIdentity", resource="*"),
        case("row-47-b", ALLOW, action="sts:GetCallerIdentity", resource="*", identity=[policy(deny(action="*"))]),
    ]


def organizations() -> list[Case]:
    s3 = policy(allow(action="s3:*"))
    ec2 = policy(allow(action="ec2:*"))
    no_get = policy(allow(action="*"), deny(action="s3:Get*"))
    allowed = {"identity": [FULL]}

    def rcp(**parts) -> dict:
        return policy(deny(principal="*", action=parts.pop("action", "s3:*"), **parts))

    outsiders = rcp(condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"},
                               "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}})
    return [
        case("row-48-a", ALLOW, **allowed, scps=[[FULL], [s3], [FULL]]),
        case("row-48-b", IMPLICIT, **allowed, scps=[[FULL], [ec2], [FULL]]),
        case("row-48-c", ALLOW, **allowed, scps=[[FULL], [ec2, s3], [FULL]]),
        case("row-48-d", EXPLICIT, **allowed, scps=[[FULL], [no_get], [FULL]]),
        case("row-48-e", IMPLICIT, resource_policy=to(USER), scps=[[FULL], [ec2]]),
        case("row-48-f", ALLOW, **allowed, scps=[]),
        case("row-48-g", IMPLICIT, principal=ROOT, scps=[[ec2]]),
        case("row-48-h", ALLOW, principal="anonymous", resource_policy=PUBLIC, scps=[[ec2]]),
        case("row-48-i", IMPLICIT, **allowed, scps=[[FULL], []]),
        case("row-48-j", ALLOW, principal="logs.amazonaws.com", scps=[[no_get]],
             resource_policy=policy(allow(principal={"Service": "logs.amazonaws.com"}))),
        case("row-49-a", ALLOW, **allowed, rcps=[[], [], []]),
        case("row-49-b", EXPLICIT, **allowed, rcps=[[], [rcp()], []]),
        case("row-49-c", EXPLICIT, principal="anonymous", resource_policy=PUBLIC, rcps=[[outsiders]],
             context={"aws:PrincipalIsAWSService": "false"}),
        case("row-49-d", EXPLICIT, principal=FOREIGN_USER, identity=[FULL], resource_policy=PUBLIC, rcps=[[outsiders]],
             context={"aws:PrincipalOrgID": "o-2", "aws:PrincipalIsAWSService": "false"}),
        case("row-49-e", ALLOW, **allowed, rcps=[[outsiders]],
             context={"aws:PrincipalOrgID": "o-1", "aws:PrincipalIsAWSService": "false"}),
        case("row-49-f", UNKNOWN, **allowed, rcps=[[policy(allow(principal="*", action="s3:*"))]]),
        case("row-49-g", UNKNOWN, **allowed, rcps=[[rcp(action="ec2:*")]], action="ec2:StartInstances",
             resource=f"arn:aws:ec2:eu-west-1:{OWN}:instance/i-1"),
        case("row-52-a", ALLOW, principal=LINKED, identity=[FULL], scps=[[no_get]], context=LINKED_ARN),
        case("row-52-b", UNKNOWN, principal=LINKED, identity=[FULL], scps=[[no_get]]),
        case("row-52-c", EXPLICIT, principal=SESSION, identity=[FULL], scps=[[no_get]]),
        case("row-52-d", ALLOW, principal=LINKED, identity=[FULL], rcps=[[rcp()]], context=LINKED_ARN),
    ]


def endpoints() -> list[Case]:
    only = policy(allow(principal="*", resource=BUCKET + "/*"))
    other = policy(allow(principal="*", resource="arn:aws:s3:::elsewhere/*"))
    allowed = {"identity": [FULL]}
    send = {"action": "sqs:SendMessage", "resource": QUEUE, "identity": [FULL], "context": THROUGH}
    own = policy(allow(principal={"AWS": ROOT}, action="*"))
    vpce = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    return [
        case("row-50-a", ALLOW, **allowed, endpoint=only, context=THROUGH),
        case("row-50-b", IMPLICIT, **allowed, endpoint=other, context=THROUGH),
        case("row-50-c", IMPLICIT, endpoint=only, context=THROUGH),
        case("row-50-d", EXPLICIT, **allowed, context=THROUGH,
             endpoint=policy(allow(principal="*", action="*"), deny(principal="*"))),
        case("row-50-e", ALLOW, **allowed, endpoint=other),
        case("row-50-f", UNKNOWN, **allowed, endpoint=own, context=THROUGH),
        case("row-50-g", ALLOW, **send, endpoint=own),
        case("row-50-h", IMPLICIT, principal="anonymous", resource_policy=PUBLIC, endpoint=other, context=THROUGH),
        allowed_if("row-51-a", IMPLICIT, vpce),
        case("row-51-d", UNKNOWN, **allowed, endpoint=other, context={"aws:SourceVpc": "vpc-1"}),
        case("row-51-e", ALLOW, **allowed, endpoint=only, context={"aws:SourceVpc": "vpc-1"}),
        allowed_if("row-51-b", ALLOW, vpce, THROUGH),
        allowed_if("row-51-c", IMPLICIT, vpce, {"aws:SourceVpce": "vpce-2"}),
    ]


def the_rest() -> list[Case]:
    managed = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    reserved = f"arn:aws:iam::{OWN}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_a_1"
    called = {"ForAnyValue:StringEquals": {"aws:CalledVia": ["athena.amazonaws.com"]}}
    tag = {"StringEquals": {"aws:ResourceTag/env": "dev"}}
    unknown = {"StringNotEquals": {"aws:SourceVpcEndpoint": "vpce-1"}}
    twice = policy(allow(), deny())
    for one in twice["Statement"]:
        one["Sid"] = "Same"
    gone = "AROAJQABLZS4A3QDU576Q"
    full = {"identity": [FULL]}
    return [
        case("row-53-a", UNKNOWN, **full, action="iam:DeletePolicy", resource=managed, account="aws"),
        case("row-53-b", UNKNOWN, **full, action="iam:DeleteRole", resource=reserved),
        case("row-53-c", ALLOW, **full, action="iam:GetRole", resource=reserved),
        allowed_if("row-54-a", ALLOW, called, {"aws:CalledVia": ["athena.amazonaws.com"], "aws:ViaAWSService": True}),
        allowed_if("row-54-b", IMPLICIT, called, {"aws:ViaAWSService": False}),
        allowed_if("row-55-a", IMPLICIT, tag),
        allowed_if("row-55-b", ALLOW, tag, {"aws:ResourceTag/env": "dev"}),
        allowed_if("row-56-a", ALLOW, unknown, THROUGH),
        case("row-56-b", EXPLICIT, context=THROUGH, identity=[FULL, policy(deny(condition=unknown))]),
        allowed_if("row-56-c", IMPLICIT, {"StringEquals": {"aws:SourceVpcEndpoint": "vpce-1"}}, THROUGH),
        case("row-57-a", IMPLICIT, principal=SESSION, resource_policy=to(gone),
             context={"aws:userid": "AROAIIIIIIIIIIIIIIIII:job-1"}),
        case("row-58-a", ALLOW, principal="anonymous", resource_policy=PUBLIC, resource=OBJECT),
        case("row-59-a", UNKNOWN, identity=[twice]),
        case("row-59-b", UNKNOWN, identity=[FULL, policy(allow(action=[]))]),
        case("row-59-c", UNKNOWN, identity=[FULL, policy(allow(condition={"StringEquals": {"aws:SourceVpc": []}}))]),
        case("row-59-d", UNKNOWN, identity=[policy(allow(principal="*"))]),
        case("row-59-e", UNKNOWN, resource_policy=policy(allow())),
        case("row-59-f", UNKNOWN, identity=[policy(statement("Allow", Actions="s3:*"))]),
        case("row-59-g", UNKNOWN, identity=[policy(allow(condition={"StringIs": {"aws:SourceVpc": "vpc-1"}}))]),
    ]


def cases() -> list[Case]:
    return (principals() + not_principals() + boundaries() + cross_account() + keys_and_roles() + organizations()
            + endpoints() + the_rest())
