"""Breaks of the roles: bindings, trust, what their policies let through, managed policies, boundaries."""

from __future__ import annotations

import json
from typing import Any

from .. import ACCOUNT
from ..build import names as n
from ..build import roles as r
from .core import Context, breaks, each, escapes, finding, later, nc

MANAGED = "arn:aws:iam::aws:policy/"
JOBS = list(n.TRAINING)


def trust(x: Context, role: str, *statements: dict[str, Any]) -> None:
    """A role's trust, replaced."""
    x.iam.update_assume_role_policy(RoleName=n.role_name(role), PolicyDocument=r.document(*statements))


def also(x: Context, role: str, principal: Any, action: str = "sts:AssumeRole", **more: Any) -> None:
    """A role's trust, with one more Allow."""
    own = json.loads(r.trust(role))["Statement"]
    trust(x, role, *own, {"Effect": "Allow", "Principal": principal, "Action": action, **more})


def remove(x: Context, role: str) -> None:
    """A role with all that hangs on it."""
    name = n.role_name(role)
    for held in x.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        x.iam.detach_role_policy(RoleName=name, PolicyArn=held["PolicyArn"])
    for inline in x.iam.list_role_policies(RoleName=name)["PolicyNames"]:
        x.iam.delete_role_policy(RoleName=name, PolicyName=inline)
    x.iam.delete_role(RoleName=name)


def holds(role: str, *classes: str) -> list[dict[str, Any]]:
    """Classes that the matrix denies to a role and that it holds."""
    return [nc("IAM-05", n.role_name(role), aspect=one) for one in classes]


def give(x: Context, role: str, *statements: dict[str, Any], name: str = "more") -> None:
    """One inline policy more for a role."""
    x.iam.put_role_policy(RoleName=n.role_name(role), PolicyName=name, PolicyDocument=r.document(*statements))


def take(x: Context, role: str, name: str = "more") -> None:
    """The inline policy away again."""
    x.iam.delete_role_policy(RoleName=n.role_name(role), PolicyName=name)


def unbound(x: Context, role: str) -> None:
    """A role without its boundary."""
    x.iam.delete_role_permissions_boundary(RoleName=n.role_name(role))


def bind(x: Context, role: str) -> None:
    """The boundary again."""
    x.iam.put_role_permissions_boundary(RoleName=n.role_name(role), PermissionsBoundary=n.BOUNDARY)


def retag(x: Context, role: str, value: str | None) -> None:
    """The LogicalRole tag of a role."""
    name = n.role_name(role)
    if value is None:
        x.iam.untag_role(RoleName=name, TagKeys=["LogicalRole"])
    else:
        x.iam.tag_role(RoleName=name, Tags=[{"Key": "LogicalRole", "Value": value}])


# -- IAM-01, IAM-02 ---------------------------------------------------------------------------------------------------

for _role, _more in (
    ("data_scientist", []),
    ("notebook_creation", []),
    ("endpoint_creation", []),
    ("endpoint_invocation", []),
    ("endpoint_hosting", [nc("SMK-07", n.MODEL)]),
    ("notebook_execution", [nc("SMK-07", n.NOTEBOOK), nc("SMK-07", "{domain}")]),
    (
        "training_execution",
        [each("SMK-07", *JOBS), later("SMK-07", n.PROCESSING, n.BATCH_MODEL, n.TRANSFORM)],
    ),
):

    def _deleted(role: str = _role, more: Any = _more) -> None:
        @breaks(f"iam-01-{role.replace('_', '-')}-missing", f"The {role} role was deleted.", nc("IAM-01", role), *more)
        def _(x: Context) -> Any:
            remove(x, role)
            yield

    _deleted()


@breaks(
    "iam-01-binding-tag-lost",
    "The training role lost the tag that binds it.",
    nc("IAM-01", "training_execution"),
    nc("IAM-10", n.role_name("notebook_execution")),
    each("SMK-07", *JOBS),
    later("SMK-07", n.PROCESSING, n.BATCH_MODEL, n.TRANSFORM),
    mend=True,
)
def _(x: Context) -> Any:
    retag(x, "training_execution", None)
    yield
    retag(x, "training_execution", "training")


@breaks(
    "iam-01-other-path",
    "The notebook role was made anew under another path: another ARN, the same name.",
    nc("IAM-01", "notebook_execution"),
    nc("SMK-07", n.NOTEBOOK),
    nc("SMK-07", "{domain}"),
)
def _(x: Context) -> Any:
    remove(x, "notebook_execution")
    r.make_role(x.iam, n.role_name("notebook_execution"), r.trust("notebook_execution"), PermissionsBoundary=n.BOUNDARY)
    yield


@breaks(
    "iam-02-two-purposes",
    "The hosting role is bound as the training role too.",
    nc("IAM-02", n.role_name("endpoint_hosting")),
    nc("IAM-06", n.role_name("endpoint_hosting")),
    mend=True,
)
def _(x: Context) -> Any:
    retag(x, "endpoint_hosting", "training")
    yield
    retag(x, "endpoint_hosting", "endpoint_hosting")


# -- IAM-03 -----------------------------------------------------------------------------------------------------------


def _trust(
    name: str,
    text: str,
    role: str,
    change: Any,
    demo: bool = False,
    harmless: bool = False,
    account: str = "",
    control: str = "iam-03",
) -> None:
    expect = [] if harmless else [nc("IAM-03", n.role_name(role))]
    # What becomes of the source account.
    expect += [finding("IAM-04", n.role_name(role), account)] if account else []

    @breaks(f"{control}-{name}", text, *expect, mend=True, demo=demo)
    def _(x: Context) -> Any:
        change(x)
        yield
        x.iam.update_assume_role_policy(RoleName=n.role_name(role), PolicyDocument=r.trust(role))


_trust(
    "anybody",
    "The training role can be assumed by anybody.",
    "training_execution",
    lambda x: also(x, "training_execution", "*"),
    demo=True,
)
_trust(
    "anybody-aws",
    "The hosting role can be assumed by every AWS principal.",
    "endpoint_hosting",
    lambda x: also(x, "endpoint_hosting", {"AWS": "*"}),
)
_trust(
    "foreign-account",
    "The deployment role can be assumed from a foreign account.",
    "endpoint_creation",
    lambda x: also(x, "endpoint_creation", {"AWS": "arn:aws:iam::999988887777:root"}),
)
_trust(
    "account-root",
    "The data scientist role trusts the account root, so whoever may assume roles.",
    "data_scientist",
    lambda x: also(x, "data_scientist", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
)
_trust(
    "other-role",
    "The notebook creation role trusts an unbound role.",
    "notebook_creation",
    lambda x: also(x, "notebook_creation", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/web-shop"}),
)
_trust(
    "service-on-data-scientist",
    "A service can assume the data scientist role.",
    "data_scientist",
    lambda x: also(x, "data_scientist", {"Service": "sagemaker.amazonaws.com"}),
    account="NON_COMPLIANT",
)
_trust(
    "sagemaker-on-invocation",
    "SageMaker can assume the invocation role.",
    "endpoint_invocation",
    lambda x: also(x, "endpoint_invocation", {"Service": "sagemaker.amazonaws.com"}),
    account="NON_COMPLIANT",
)
_trust(
    "sagemaker-on-endpoint-creation",
    "SageMaker can assume the endpoint creation role.",
    "endpoint_creation",
    lambda x: also(x, "endpoint_creation", {"Service": "sagemaker.amazonaws.com"}),
    account="NON_COMPLIANT",
)
_trust(
    "sagemaker-on-notebook-creation",
    "SageMaker can assume the notebook creation role.",
    "notebook_creation",
    lambda x: also(x, "notebook_creation", {"Service": "sagemaker.amazonaws.com"}),
    account="NON_COMPLIANT",
)
_trust(
    "second-service",
    "EC2 can assume the notebook execution role beside SageMaker.",
    "notebook_execution",
    lambda x: also(x, "notebook_execution", {"Service": ["sagemaker.amazonaws.com", "ec2.amazonaws.com"]}),
    account="NON_COMPLIANT",
)
_trust(
    "no-audience",
    "The SAML trust has no audience condition.",
    "data_scientist",
    lambda x: trust(
        x,
        "data_scientist",
        {"Effect": "Allow", "Principal": {"Federated": r.PROVIDER}, "Action": "sts:AssumeRoleWithSAML"},
    ),
)
_trust(
    "unknown-provider",
    "A SAML provider that the baseline does not name.",
    "data_scientist",
    lambda x: also(
        x,
        "data_scientist",
        {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/partner"},
        "sts:AssumeRoleWithSAML",
        Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    ),
)
_trust(
    "nobody",
    "Nobody can assume the invocation role.",
    "endpoint_invocation",
    lambda x: trust(
        x,
        "endpoint_invocation",
        {"Effect": "Deny", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ),
    account="NOT_APPLICABLE",
)


# -- IAM-04 -----------------------------------------------------------------------------------------------------------

_trust(
    "any-account",
    "SageMaker can assume the hosting role on behalf of any account.",
    "endpoint_hosting",
    lambda x: trust(
        x,
        "endpoint_hosting",
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ),
    harmless=True,
    account="NON_COMPLIANT",
    control="iam-04",
)


# -- IAM-05, IAM-06, IAM-07, IAM-10 to IAM-12 ---------------------------------------------------------------------------


def _given(
    name: str, text: str, role: str, statements: Any, *expect: Any, free: bool = False, exact: bool = True
) -> None:
    """An inline policy more; `free` without the boundary that would stop it."""
    bare = [nc("IAM-09", n.role_name(role))] if free else []

    @breaks(name, text, *expect, *bare, mend=True, exact=exact)
    def _(x: Context) -> Any:
        if free:
            unbound(x, role)
        give(x, role, *statements, name=name)
        yield
        take(x, role, name)
        if free:
            bind(x, role)


_given(
    "iam-05-training-deploys",
    "The training role may create endpoints.",
    "training_execution",
    [r.allow(["sagemaker:CreateEndpointConfig", "sagemaker:CreateEndpoint"], "*")],
    holds("training_execution", "EP_CREATE"),
    escapes("IAMC-03", "training_execution", "CreateEndpointConfig"),
    escapes("IAMC-08", "training_execution", "CreateEndpointConfig", "CreateEndpoint"),
)
# Under no condition it opens what IAMC judges, action by action, too.
_given(
    "iam-05-wildcard",
    "A wildcard lets data scientists create whatever SageMaker has.",
    "data_scientist",
    [r.allow("sagemaker:Create*", "*")],
    holds("data_scientist", "NB_CREATE", "JOB_SUBMIT", "MODEL_CREATE", "EP_CREATE"),
    exact=False,
)
_given(
    "iam-05-conditional-deny",
    "The deployment role reads data, and a Deny with a condition does not keep it from that.",
    "endpoint_creation",
    [
        r.allow("s3:GetObject", f"{n.bucket_arn('data')}/*"),
        {
            "Effect": "Deny",
            "Action": "s3:*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ],
    holds("endpoint_creation", "DATA_RW"),
)
_given(
    "iam-05-trail-bucket",
    "The invocation role, without a boundary, may change the policy of the trail's bucket.",
    "endpoint_invocation",
    [r.allow("s3:PutBucketPolicy", n.bucket_arn("trail"))],
    holds("endpoint_invocation", "S3_ADMIN"),
    free=True,
)
_given(
    "iam-05-boundary-stops-it",
    "No fault: the boundary does not let the training role use what its new policy allows.",
    "training_execution",
    [r.allow(["iam:CreateRole", "ec2:CreateRoute", "kms:PutKeyPolicy", "s3:PutBucketPolicy", "sts:AssumeRole"], "*")],
)
_given(
    "iam-07-all-of-s3",
    "The training role, without a boundary, has wildcards over all of S3.",
    "training_execution",
    [r.allow(["s3:Get*", "s3:Put*", "s3:*Policy"], "*")],
    nc("IAM-07", n.role_name("training_execution")),
    holds("training_execution", "S3_ADMIN"),
    free=True,
)
_given(
    "iam-10-any-role",
    "The notebook role may pass any role to SageMaker that the boundary lets it.",
    "notebook_execution",
    [r.allow("iam:PassRole", "*", {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}})],
    nc("IAM-10", n.role_name("notebook_execution")),
)
_given(
    "iam-10-any-service",
    "The deployment role may pass the hosting role to any service.",
    "endpoint_creation",
    [r.allow("iam:PassRole", n.role_arn("endpoint_hosting"))],
    nc("IAM-10", n.role_name("endpoint_creation")),
)


_given(
    "iam-11-own-policy",
    "The training role, without a boundary, may attach policies to itself.",
    "training_execution",
    [r.allow("iam:AttachRolePolicy", n.role_arn("training_execution"))],
    nc("IAM-11", n.role_name("training_execution")),
    holds("training_execution", "IAM_ADMIN"),
    free=True,
)


@breaks(
    "iam-06-permission-lost",
    "The invocation role lost the policy that lets it invoke.",
    nc("IAM-06", n.role_name("endpoint_invocation")),
)
def _(x: Context) -> Any:
    take(x, "endpoint_invocation", "work")
    yield


@breaks(
    "iam-12-chained",
    "The notebook role, without a boundary, may assume the deployment role, which trusts the account.",
    nc("IAM-12", n.role_name("notebook_execution")),
    nc("IAM-03", n.role_name("endpoint_creation")),
    nc("IAM-09", n.role_name("notebook_execution")),
    holds("notebook_execution", "ASSUME"),
    mend=True,
)
def _(x: Context) -> Any:
    unbound(x, "notebook_execution")
    give(x, "notebook_execution", r.allow("sts:AssumeRole", n.role_arn("endpoint_creation")))
    also(x, "endpoint_creation", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    yield
    x.iam.update_assume_role_policy(
        RoleName=n.role_name("endpoint_creation"), PolicyDocument=r.trust("endpoint_creation")
    )
    take(x, "notebook_execution")
    bind(x, "notebook_execution")


# -- IAM-13, IAM-14 ---------------------------------------------------------------------------------------------------


@breaks("iam-13-deliveries", "A role for deliveries, bound to nothing, may pass every role.", nc("IAM-13"), mend=True)
def _(x: Context) -> Any:
    builder = {"Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "sts:AssumeRole"}
    r.make_role(x.iam, "deliveries", r.document(builder))
    x.iam.put_role_policy(
        RoleName="deliveries", PolicyName="deliver", PolicyDocument=r.document(r.allow("iam:PassRole", "*"))
    )
    yield
    x.iam.delete_role_policy(RoleName="deliveries", PolicyName="deliver")
    x.iam.delete_role(RoleName="deliveries")


def _group(name: str, text: str, statement: dict[str, Any], *expect: Any) -> None:
    """One more statement for the group in which the account's only user is."""

    @breaks(name, text, *expect, mend=True)
    def _(x: Context) -> Any:
        x.iam.put_group_policy(GroupName="auditors", PolicyName="more", PolicyDocument=r.document(statement))
        yield
        x.iam.delete_group_policy(GroupName="auditors", PolicyName="more")


_group(
    "iam-13-group",
    "A group may pass the training role.",
    r.allow("iam:PassRole", n.role_arn("training_execution")),
    nc("IAM-13"),
)
_group(
    "iam-13-other-roles",
    "No fault: a group may pass roles that are not the environment's.",
    r.allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/web-*"),
)
_group(
    "iam-14-group",
    "A user may start training jobs by a group.",
    r.allow("sagemaker:CreateTrainingJob", "*"),
    nc("IAM-14"),
)
_group(
    "iam-14-assumes",
    "A user may assume the data scientist role without a second factor.",
    r.allow("sts:AssumeRole", n.role_arn("data_scientist")),
    nc("IAM-14"),
)
_group(
    "iam-14-second-factor",
    "No fault: a user may assume the data scientist role with a second factor.",
    r.allow("sts:AssumeRole", n.role_arn("data_scientist"), {"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
)


@breaks("iam-14-reads-data", "A user reads the data bucket by a managed policy.", nc("IAM-14"))
def _(x: Context) -> Any:
    x.iam.create_user(UserName="ana")
    x.iam.attach_user_policy(UserName="ana", PolicyArn=MANAGED + "AmazonS3ReadOnlyAccess")
    yield


# -- IAM-08, IAM-09 ---------------------------------------------------------------------------------------------------


def attach(x: Context, role: str, policy: str) -> None:
    """An AWS managed policy on a role."""
    x.iam.attach_role_policy(RoleName=n.role_name(role), PolicyArn=MANAGED + policy)


def _attached(role: str, policy: str, *more: Any, demo: bool = False, exact: bool = True) -> None:
    @breaks(
        f"iam-08-{policy.lower()}",
        f"{policy} is attached to the {role} role.",
        nc("IAM-08", n.role_name(role)),
        *more,
        mend=True,
        demo=demo,
        exact=exact,
    )
    def _(x: Context) -> Any:
        attach(x, role, policy)
        yield
        x.iam.detach_role_policy(RoleName=n.role_name(role), PolicyArn=MANAGED + policy)


def unread(role: str) -> dict[str, Any]:
    """Who may change pipelines: under which roles those run is not read."""
    return finding("IAM-11", n.role_name(role), "INSUFFICIENT_DATA")


# What the boundary leaves of them; under no condition they open what IAMC judges too.
_attached(
    "data_scientist",
    "AdministratorAccess",
    holds("data_scientist", "NB_CREATE", "JOB_SUBMIT", "MODEL_CREATE", "EP_CREATE", "EP_INVOKE", "DATA_RW"),
    holds("data_scientist", "PASS_ROLE", "KMS_ADMIN"),
    nc("IAM-10", n.role_name("data_scientist")),
    unread("data_scientist"),
    exact=False,
)
_attached(
    "notebook_execution",
    "AmazonSageMakerFullAccess",
    holds("notebook_execution", "NB_USE", "NB_CREATE", "EP_CREATE", "EP_INVOKE"),
    nc("IAM-10", n.role_name("notebook_execution")),
    unread("notebook_execution"),
    exact=False,
)
_attached("training_execution", "AmazonS3FullAccess")
# One finding, where the broader ones come with dozens: more than a screen, and more than alerts are told one by one.
_attached("training_execution", "AmazonS3ReadOnlyAccess", demo=True)
_attached(
    "endpoint_creation",
    "PowerUserAccess",
    holds("endpoint_creation", "NB_USE", "NB_CREATE", "JOB_SUBMIT", "EP_INVOKE", "DATA_RW", "KMS_ADMIN"),
    unread("endpoint_creation"),
    exact=False,
)
_attached("notebook_creation", "AWSCloudFormationFullAccess")


@breaks("iam-08-expected-managed-policy", "No fault: data scientists may have AWSServiceCatalogEndUserFullAccess.")
def _(x: Context) -> Any:
    attach(x, "data_scientist", "AWSServiceCatalogEndUserFullAccess")
    yield


@breaks(
    "iam-08-broad-boundary",
    "PowerUserAccess is the hosting role's boundary.",
    nc("IAM-08", n.role_name("endpoint_hosting")),
    nc("IAM-09", n.role_name("endpoint_hosting")),
)
def _(x: Context) -> Any:
    x.iam.put_role_permissions_boundary(
        RoleName=n.role_name("endpoint_hosting"), PermissionsBoundary=MANAGED + "PowerUserAccess"
    )
    yield


@breaks(
    "iam-09-no-boundary",
    "The training role lost its boundary.",
    nc("IAM-09", n.role_name("training_execution")),
    mend=True,
)
def _(x: Context) -> Any:
    x.iam.delete_role_permissions_boundary(RoleName=n.role_name("training_execution"))
    yield
    x.iam.put_role_permissions_boundary(RoleName=n.role_name("training_execution"), PermissionsBoundary=n.BOUNDARY)


@breaks(
    "iam-09-other-boundary",
    "Another policy is the deployment role's boundary.",
    nc("IAM-09", n.role_name("endpoint_creation")),
    nc("IAM-06", n.role_name("endpoint_creation")),
)
def _(x: Context) -> Any:
    made = x.iam.create_policy(PolicyName="wider-boundary", PolicyDocument=r.document(r.allow("sagemaker:*", "*")))[
        "Policy"
    ]["Arn"]
    x.iam.put_role_permissions_boundary(RoleName=n.role_name("endpoint_creation"), PermissionsBoundary=made)
    yield
