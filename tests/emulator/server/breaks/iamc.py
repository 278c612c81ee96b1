"""Breaks of the conditions under which roles may call SageMaker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import ACCOUNT, REGION
from ..build import names as n
from ..build import roles as r
from .core import Context, breaks, escapes, void

SUBNETS, GROUPS = "sagemaker:VpcSubnets", "sagemaker:VpcSecurityGroupIds"
# Where the policies are of which a statement is void.
WORK = f"{n.role_name('notebook_execution')}.RolePolicyList[work]"
LAUNCH = f"arn:aws:iam::{ACCOUNT}:policy/{n.role_name('notebook_creation')}-policy"
# The statements of the notebook role's policy that allow training and transform jobs.
TRAIN, TRANSFORM = 5, 7


def hold(x: Context, role: str, statements: list[dict[str, Any]]) -> None:
    """A role's own policy, replaced: a new version of the managed one, or the inline one."""
    text = r.document(*statements)
    if role in x.ids["policies"]:
        x.iam.create_policy_version(PolicyArn=x.ids["policies"][role], PolicyDocument=text, SetAsDefault=True)
    else:
        x.iam.put_role_policy(RoleName=n.role_name(role), PolicyName="work", PolicyDocument=text)


def edited(x: Context, role: str, action: str, change: Callable[[dict[str, Any]], Any]) -> list[dict[str, Any]]:
    """A role's statements, with another condition on an action."""
    statements = r.policies(role, x.ids)
    for statement in statements:
        if statement["Action"] == f"sagemaker:{action}":
            change(statement["Condition"])
    return statements


def _inline(name: str, text: str, expect: list[dict[str, Any]], action: str, change: Callable[..., Any]) -> None:
    @breaks(name, text, expect, mend=True)
    def _(x: Context) -> Any:
        hold(x, "notebook_execution", edited(x, "notebook_execution", action, lambda held: change(x, held)))
        yield
        hold(x, "notebook_execution", r.policies("notebook_execution", x.ids))


_inline(
    "iamc-01-no-null",
    "The notebook role may submit training jobs without a VPC: ForAllValues is true without the key.",
    [*escapes("IAMC-01", "notebook_execution", "CreateTrainingJob"), *void("notebook_execution", WORK, TRAIN)],
    "CreateTrainingJob",
    lambda x, held: held["Null"].pop(SUBNETS),
)
_inline(
    "iamc-02-default-group",
    "The notebook role may give processing jobs the VPC's default group.",
    escapes("IAMC-02", "notebook_execution", "CreateProcessingJob"),
    "CreateProcessingJob",
    lambda x, held: held["ForAllValues:StringEquals"][GROUPS].append(x.ids["groups"]["default"]),
)


def _any_key(x: Context, held: dict[str, Any]) -> None:
    del held["StringEquals"]["sagemaker:VolumeKmsKeyArn"]
    held["StringLike"] = {"sagemaker:VolumeKmsKeyArn": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"}


_inline(
    "iamc-03-any-key",
    "The notebook role may put the volumes of training jobs under any key of the account.",
    escapes("IAMC-03", "notebook_execution", "CreateTrainingJob"),
    "CreateTrainingJob",
    _any_key,
)
_inline(
    "iamc-04-no-output-key",
    "The notebook role may transform without an output key.",
    escapes("IAMC-04", "notebook_execution", "CreateTransformJob"),
    "CreateTransformJob",
    lambda x, held: held["StringEquals"].pop("sagemaker:OutputKmsKeyArn"),
)
_inline(
    "iamc-06-not-isolated",
    "The notebook role may submit training jobs without network isolation.",
    escapes("IAMC-06", "notebook_execution", "CreateTrainingJob"),
    "CreateTrainingJob",
    lambda x, held: held["Bool"].pop("sagemaker:NetworkIsolation"),
)


_inline(
    "iamc-08-no-tag",
    "The notebook role may submit processing jobs without the project's tag.",
    escapes("IAMC-08", "notebook_execution", "CreateProcessingJob"),
    "CreateProcessingJob",
    lambda x, held: held["StringEquals"].pop("aws:RequestTag/ProjectName"),
)
_inline(
    "iamc-08-free-tagging",
    "The notebook role may put any tag on whatever there is, and so make it the project's.",
    escapes("IAMC-08", "notebook_execution", "AddTags"),
    "AddTags",
    lambda x, held: held.clear(),
)
_inline(
    "iamc-09-no-such-key",
    "The statement on transform jobs claims to confine their subnets, of which their requests say nothing.",
    void("notebook_execution", WORK, TRANSFORM),
    "CreateTransformJob",
    lambda x, held: held.update({"ForAllValues:StringEquals": {SUBNETS: list(x.ids["subnets"].values())}}),
)


def _if_exists(held: dict[str, Any]) -> None:
    value = held["StringEquals"].pop("sagemaker:DirectInternetAccess")
    held["StringEqualsIfExists"] = {"sagemaker:DirectInternetAccess": value}


@breaks(
    "iamc-05-if-exists",
    "Notebooks may be made without a word on internet access, which means enabled.",
    escapes("IAMC-05", "notebook_creation", "CreateNotebookInstance"),
    void("notebook_creation", LAUNCH, 0),
)
def _(x: Context) -> Any:
    hold(x, "notebook_creation", edited(x, "notebook_creation", "CreateNotebookInstance", _if_exists))
    yield


@breaks(
    "iamc-07-from-anywhere",
    "Data scientists may open notebooks from anywhere.",
    escapes("IAMC-07", "data_scientist", "CreatePresignedNotebookInstanceUrl"),
)
def _(x: Context) -> Any:
    def anywhere(held: dict[str, Any]) -> None:
        del held["StringEquals"]["aws:SourceVpc"]

    hold(x, "data_scientist", edited(x, "data_scientist", "CreatePresignedNotebookInstanceUrl", anywhere))
    yield


@breaks(
    "iamc-01-again",
    "A second policy lets the notebook role submit training jobs under no condition.",
    *(escapes(f"IAMC-0{number}", "notebook_execution", "CreateTrainingJob") for number in (1, 2, 3, 4, 6, 8)),
    mend=True,
)
def _(x: Context) -> Any:
    role = n.role_name("notebook_execution")
    text = r.document(r.allow("sagemaker:CreateTraining*", "*"))
    x.iam.put_role_policy(RoleName=role, PolicyName="again", PolicyDocument=text)
    yield
    x.iam.delete_role_policy(RoleName=role, PolicyName="again")
