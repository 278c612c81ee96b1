"""Breaks of notebook instances and Studio domains."""

from __future__ import annotations

from typing import Any

from .. import ACCOUNT
from ..build import data as d
from ..build import names as n
from ..build import sagemaker as s
from .core import Context, breaks, finding, nc, unassigned

BAD = "ds-notebook-fraud-dev-bad"


def notebook(x: Context, drop: tuple[str, ...] = (), **change: Any) -> None:
    """A new notebook instance that differs from a compliant one."""
    request = {**s.notebook(x.ids, BAD), **change}
    for name in drop:
        del request[name]
    x.sagemaker.create_notebook_instance(**request)
    x.new["notebook"] = BAD


@breaks(
    "smk-01-direct-internet",
    "A new notebook has direct internet access beside its subnet.",
    nc("SMK-01", BAD),
    mend=True,
)
def _(x: Context) -> Any:
    notebook(x, DirectInternetAccess="Enabled")
    yield
    x.sagemaker.stop_notebook_instance(NotebookInstanceName=BAD)
    x.sagemaker.delete_notebook_instance(NotebookInstanceName=BAD)


@breaks(
    "smk-01-by-default",
    "A new notebook was made without a word on internet access, which means enabled.",
    nc("SMK-01", BAD),
)
def _(x: Context) -> Any:
    notebook(x, drop=("DirectInternetAccess",))
    yield


@breaks(
    "smk-01-hidden",
    "A notebook without VPC, tags and bound role: it belongs to no environment.",
    unassigned("SMK-01", "shadow-notebook"),
    unassigned("SMK-02", "shadow-notebook"),
    unassigned("SMK-07", "shadow-notebook"),
    demo=True,
)
def _(x: Context) -> Any:
    x.sagemaker.create_notebook_instance(
        NotebookInstanceName="shadow-notebook",
        InstanceType="ml.t3.medium",
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/web-shop",
    )
    yield
    x.sagemaker.stop_notebook_instance(NotebookInstanceName="shadow-notebook")
    x.sagemaker.delete_notebook_instance(NotebookInstanceName="shadow-notebook")


@breaks(
    "smk-01-selected-by-role",
    "A notebook without VPC and tags under the environment's role: the role selects it.",
    nc("SMK-01", "role-notebook"),
    nc("SMK-02", "role-notebook"),
    nc("SMK-03", "role-notebook"),
    nc("SMK-04", "role-notebook"),
)
def _(x: Context) -> Any:
    x.sagemaker.create_notebook_instance(
        NotebookInstanceName="role-notebook", InstanceType="ml.t3.medium", RoleArn=n.role_arn("notebook_execution")
    )
    yield


@breaks(
    "smk-01-selected-by-network",
    "An untagged notebook in an environment subnet under an unbound role: the network selects it.",
    nc("SMK-01", "net-notebook"),
    nc("SMK-03", "net-notebook"),
    nc("SMK-04", "net-notebook"),
    nc("SMK-07", "net-notebook"),
)
def _(x: Context) -> Any:
    x.sagemaker.create_notebook_instance(
        NotebookInstanceName="net-notebook",
        InstanceType="ml.t3.medium",
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/web-shop",
        SubnetId=x.ids["subnets"]["b"],
        SecurityGroupIds=[x.ids["groups"]["workload"]],
    )
    yield


@breaks(
    "smk-01-failed-notebook", "No fault of SMK-01: a notebook with internet access that failed to start.", reach="state"
)
def _(x: Context) -> Any:
    from ..overlay.sagemaker import resources

    notebook(x, DirectInternetAccess="Enabled")
    resources(x.backend("sagemaker"))["NotebookInstance"][BAD]["body"]["NotebookInstanceStatus"] = "Failed"
    yield


@breaks("smk-02-other-vpc", "A new notebook sits in a subnet of another VPC.", nc("SMK-02", BAD))
def _(x: Context) -> Any:
    notebook(x, SubnetId=x.ids["bystanders"]["subnet"])
    yield


@breaks("smk-02-no-vpc", "A new notebook has no subnet.", nc("SMK-02", BAD))
def _(x: Context) -> Any:
    notebook(x, drop=("SubnetId", "SecurityGroupIds"))
    yield


@breaks("smk-02-other-group", "A new notebook has a second group, which is no workload's.", nc("SMK-02", BAD))
def _(x: Context) -> Any:
    notebook(x, SecurityGroupIds=[x.ids["groups"]["workload"], x.ids["bystanders"]["group"]])
    yield


@breaks("smk-02-no-group", "A new notebook has a subnet, but no group is shown.", nc("SMK-02", BAD))
def _(x: Context) -> Any:
    notebook(x, drop=("SecurityGroupIds",))
    yield


@breaks("smk-03-no-key", "A new notebook's volume has no key.", nc("SMK-03", BAD))
def _(x: Context) -> Any:
    notebook(x, drop=("KmsKeyId",))
    yield


@breaks(
    "smk-03-aws-managed-key",
    "A new notebook's volume is under an AWS managed key.",
    nc("SMK-03", BAD),
    nc("DATA-10", "alias/aws/ebs"),
)
def _(x: Context) -> Any:
    x.kms.describe_key(KeyId="alias/aws/ebs")
    notebook(x, KmsKeyId="alias/aws/ebs")
    yield


@breaks(
    "smk-03-unknown-key",
    "A new notebook's volume is under a key that the baseline does not know.",
    nc("SMK-03", BAD),
    finding("DATA-10", "{new.key}", optional=True),
)
def _(x: Context) -> Any:
    x.new["key"] = d.make_key(x.kms, "somebody's", [])
    notebook(x, KmsKeyId=x.new["key"])
    yield


@breaks("smk-03-key-of-other-use", "A new notebook's volume is under the data key.", nc("SMK-03", BAD), exact=False)
def _(x: Context) -> Any:
    notebook(x, KmsKeyId=x.ids["keys"]["data"])
    yield


@breaks("smk-03-alias-spelling", "No fault: a new notebook names the right key by its alias.")
def _(x: Context) -> Any:
    notebook(x, KmsKeyId=n.ALIASES["volumes"])
    yield


def _root(x: Context, value: str) -> None:
    x.sagemaker.stop_notebook_instance(NotebookInstanceName=n.NOTEBOOK)
    x.sagemaker.update_notebook_instance(NotebookInstanceName=n.NOTEBOOK, RootAccess=value)
    x.sagemaker.start_notebook_instance(NotebookInstanceName=n.NOTEBOOK)


@breaks("smk-04-root-enabled", "Root access was switched on for the notebook.", nc("SMK-04", n.NOTEBOOK), mend=True)
def _(x: Context) -> Any:
    _root(x, "Enabled")
    yield
    _root(x, "Disabled")


@breaks(
    "smk-04-by-default",
    "A new notebook was made without a word on root access, which means enabled.",
    nc("SMK-04", BAD),
)
def _(x: Context) -> Any:
    notebook(x, drop=("RootAccess",))
    yield


# -- SMK-07 on notebooks and domains ----------------------------------------------------------------------------------


# Data scientists open it, and have then what its role has.
OPENED = nc("IAM-11", n.role_name("data_scientist"))


@breaks("smk-07-notebook-with-training-role", "A new notebook runs under the training role.", nc("SMK-07", BAD), OPENED)
def _(x: Context) -> Any:
    notebook(x, RoleArn=n.role_arn("training_execution"))
    yield


@breaks(
    "smk-07-notebook-with-unbound-role", "A new notebook runs under a role that is not bound.", nc("SMK-07", BAD), OPENED
)
def _(x: Context) -> Any:
    notebook(x, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/platform-admin")
    yield


@breaks("smk-07-notebook-with-missing-role", "A new notebook's role does not exist.", nc("SMK-07", BAD))
def _(x: Context) -> Any:
    notebook(x, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/deleted-long-ago")
    yield


@breaks("smk-07-role-of-other-path", "A new notebook names the notebook role without its path.", nc("SMK-07", BAD))
def _(x: Context) -> Any:
    notebook(x, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{n.role_name('notebook_execution')}")
    yield


def settings(x: Context, **change: Any) -> dict[str, Any]:
    """The domain's default user settings, changed."""
    return {**s.domain(x.ids, n.DOMAIN)["DefaultUserSettings"], **change}


@breaks(
    "smk-07-domain-default-role",
    "The domain's default user role is the training role.",
    nc("SMK-07", "{domain}"),
    mend=True,
)
def _(x: Context) -> Any:
    x.sagemaker.update_domain(
        DomainId=x.ids["domain"], DefaultUserSettings=settings(x, ExecutionRole=n.role_arn("training_execution"))
    )
    yield
    x.sagemaker.update_domain(DomainId=x.ids["domain"], DefaultUserSettings=settings(x))


# -- SMK-08, SMK-09 ---------------------------------------------------------------------------------------------------


@breaks("smk-08-public", "The domain reaches the internet directly.", nc("SMK-08", "{domain}"), demo=True)
def _(x: Context) -> Any:
    x.sagemaker.update_domain(DomainId=x.ids["domain"], AppNetworkAccessType="PublicInternetOnly")
    yield
    x.sagemaker.update_domain(DomainId=x.ids["domain"], AppNetworkAccessType="VpcOnly")


@breaks("smk-08-foreign-subnet", "The domain has a subnet that is not the environment's.", nc("SMK-08", "{domain}"))
def _(x: Context) -> Any:
    x.sagemaker.update_domain(
        DomainId=x.ids["domain"], SubnetIds=[*x.ids["subnets"].values(), x.ids["bystanders"]["subnet"]]
    )
    yield


@breaks("smk-08-no-user-group", "The domain's users have no group.", nc("SMK-08", "{domain}"))
def _(x: Context) -> Any:
    x.sagemaker.update_domain(DomainId=x.ids["domain"], DefaultUserSettings=settings(x, SecurityGroups=[]))
    yield


@breaks("smk-08-other-user-group", "The domain's users get a group that is no workload's.", nc("SMK-08", "{domain}"))
def _(x: Context) -> Any:
    x.sagemaker.update_domain(
        DomainId=x.ids["domain"], DefaultUserSettings=settings(x, SecurityGroups=[x.ids["bystanders"]["group"]])
    )
    yield


@breaks("smk-08-other-space-group", "The domain's spaces get a group that is no workload's.", nc("SMK-08", "{domain}"))
def _(x: Context) -> Any:
    x.sagemaker.update_domain(
        DomainId=x.ids["domain"],
        DefaultSpaceSettings={
            "ExecutionRole": n.role_arn("notebook_execution"),
            "SecurityGroups": [x.ids["bystanders"]["group"]],
        },
    )
    yield


def domain(x: Context, name: str, drop: tuple[str, ...] = (), **change: Any) -> None:
    """A second domain that differs from a compliant one."""
    request = {**s.domain(x.ids, name), **change}
    for key in drop:
        del request[key]
    x.new["domain"] = x.sagemaker.create_domain(**request)["DomainArn"].rsplit("/", 1)[1]


@breaks("smk-08-other-vpc", "A second domain of the environment is in another VPC.", nc("SMK-08", "{new.domain}"))
def _(x: Context) -> Any:
    domain(x, "ds-other", VpcId=x.ids["bystanders"]["vpc"], SubnetIds=[x.ids["bystanders"]["subnet"]])
    yield


@breaks("smk-09-no-key", "A second domain has no key.", nc("SMK-09", "{new.domain}"))
def _(x: Context) -> Any:
    domain(x, "ds-plain", drop=("KmsKeyId",))
    yield


@breaks(
    "smk-09-aws-managed-key",
    "A second domain is under an AWS managed key.",
    nc("SMK-09", "{new.domain}"),
    nc("DATA-10", "alias/aws/elasticfilesystem"),
)
def _(x: Context) -> Any:
    x.kms.describe_key(KeyId="alias/aws/elasticfilesystem")
    domain(x, "ds-managed", KmsKeyId="alias/aws/elasticfilesystem")
    yield


@breaks("smk-09-old-field", "No fault: a second domain has the right key in the older field.")
def _(x: Context) -> Any:
    domain(x, "ds-older", drop=("KmsKeyId",), HomeEfsFileSystemKmsKeyId=x.ids["keys"]["volumes"])
    yield
