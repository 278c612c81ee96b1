"""Breaks of training jobs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .. import ACCOUNT
from ..build import names as n
from ..build import sagemaker as s
from .core import Context, breaks, later, nc, unassigned

BAD = "ds-train-fraud-dev-bad"


def training(x: Context, change: Any = None, drop: tuple[str, ...] = ()) -> None:
    """A new training job that differs from a compliant one."""
    request = s.training(x.ids, BAD)
    if change:
        change(request)
    for name in drop:
        del request[name]
    x.sagemaker.create_training_job(**request)
    x.new["job"] = BAD


def _job(
    name: str, text: str, change: Any = None, drop: tuple[str, ...] = (), fault: bool = True, more: tuple[Any, ...] = ()
) -> None:
    control = "-".join(name.split("-")[:2]).upper()
    expect = [nc(control, BAD), *more] if fault else list(more)

    @breaks(name, text, *expect)
    def _(x: Context) -> Any:
        training(x, (lambda request: change(x, request)) if change else None, drop)
        yield


def put(*path: str, value: Any) -> Any:
    """A change of one field; a value that can be called gets the context."""

    def change(x: Context, request: dict[str, Any]) -> None:
        at = request
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value(x) if callable(value) else value

    return change


def cut(*path: str) -> Any:
    """One field away."""

    def change(x: Context, request: dict[str, Any]) -> None:
        at = request
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]

    return change


def both(*changes: Any) -> Any:
    """Several changes."""

    def change(x: Context, request: dict[str, Any]) -> None:
        for one in changes:
            one(x, request)

    return change


# -- SMK-12 -----------------------------------------------------------------------------------------------------------

_job("smk-12-no-vpc", "A training job ran without a VPC.", drop=("VpcConfig",))
_job(
    "smk-12-other-vpc",
    "A training job ran in another VPC.",
    put("VpcConfig", "Subnets", value=lambda x: [x.ids["bystanders"]["subnet"]]),
)
_job(
    "smk-12-deleted-subnet",
    "A training job ran in a subnet that is gone.",
    put("VpcConfig", "Subnets", value=["subnet-0123456789abcdef0"]),
)
_job(
    "smk-12-one-foreign-subnet",
    "One of the job's subnets is not the environment's.",
    put("VpcConfig", "Subnets", value=lambda x: [x.ids["subnets"]["a"], x.ids["bystanders"]["subnet"]]),
)
_job(
    "smk-12-other-group",
    "A training job ran with a group that is no workload's.",
    put("VpcConfig", "SecurityGroupIds", value=lambda x: [x.ids["bystanders"]["group"]]),
)


@breaks(
    "smk-12-hidden",
    "A training job without VPC, keys, tags and bound role: it belongs to no environment.",
    *(unassigned(control, "shadow-job") for control in ("SMK-07", "SMK-12", "SMK-13", "SMK-14")),
)
def _(x: Context) -> Any:
    request = s.training(x.ids, "shadow-job")
    for name in ("VpcConfig", "Tags", "EnableNetworkIsolation", "EnableInterContainerTrafficEncryption"):
        del request[name]
    request["RoleArn"] = f"arn:aws:iam::{ACCOUNT}:role/web-shop"
    del request["ResourceConfig"]["VolumeKmsKeyId"], request["OutputDataConfig"]["KmsKeyId"]
    x.sagemaker.create_training_job(**request)
    yield


@breaks("smk-12-aged-out", "No fault: a job without a VPC ended a month ago.", reach="state")
def _(x: Context) -> Any:
    from ..overlay.sagemaker import resources

    training(x, drop=("VpcConfig",))
    body = resources(x.backend("sagemaker"))["TrainingJob"][BAD]["body"]
    for field in ("CreationTime", "TrainingStartTime", "TrainingEndTime", "LastModifiedTime"):
        body[field] -= timedelta(days=30)
    yield


@breaks("smk-12-running", "A job without a VPC is still running.", nc("SMK-12", BAD), reach="state")
def _(x: Context) -> Any:
    from ..overlay.sagemaker import resources

    training(x, drop=("VpcConfig",))
    body = resources(x.backend("sagemaker"))["TrainingJob"][BAD]["body"]
    body["TrainingJobStatus"], body["SecondaryStatus"] = "InProgress", "Training"
    del body["TrainingEndTime"]
    yield


# -- SMK-13 -----------------------------------------------------------------------------------------------------------


def managed(alias: str) -> Any:
    """The ARN of an AWS managed key, remembered as `new.key`."""

    def value(x: Context) -> str:
        x.new["key"] = x.kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"]
        return str(x.new["key"])

    return value


def groups(*rows: tuple[str, int]) -> list[dict[str, Any]]:
    """Instance groups by type and count."""
    return [
        {"InstanceGroupName": f"g{i}", "InstanceType": kind, "InstanceCount": count}
        for i, (kind, count) in enumerate(rows)
    ]


NO_SINGLE = (cut("ResourceConfig", "InstanceType"), cut("ResourceConfig", "InstanceCount"))

_job("smk-13-no-volume-key", "A training job's volume has no key.", cut("ResourceConfig", "VolumeKmsKeyId"))
_job("smk-13-no-output-key", "A training job's output has no key.", cut("OutputDataConfig", "KmsKeyId"))
_job(
    "smk-13-aws-managed-output-key",
    "A training job's output is under an AWS managed key.",
    put("OutputDataConfig", "KmsKeyId", value=managed("alias/aws/s3")),
    more=(nc("DATA-10", "{new.key}"),),
)
_job(
    "smk-13-aws-managed-volume-key",
    "A training job's volume is under an AWS managed key.",
    put("ResourceConfig", "VolumeKmsKeyId", value=managed("alias/aws/ebs")),
    more=(nc("DATA-10", "{new.key}"),),
)
_job(
    "smk-13-nvme-without-output-key",
    "A job on local disks needs no volume key, but an output key.",
    both(
        put("ResourceConfig", "InstanceType", value="ml.p4d.24xlarge"),
        cut("ResourceConfig", "VolumeKmsKeyId"),
        cut("OutputDataConfig", "KmsKeyId"),
    ),
)
_job(
    "smk-13-mixed-groups",
    "One of two instance groups has no local disks, and there is no volume key.",
    both(
        *NO_SINGLE,
        cut("ResourceConfig", "VolumeKmsKeyId"),
        put("ResourceConfig", "InstanceGroups", value=groups(("ml.g5.2xlarge", 1), ("ml.m5.xlarge", 1))),
    ),
)
_job(
    "smk-13-nvme-groups",
    "No fault: every instance group has local disks.",
    both(
        *NO_SINGLE,
        cut("ResourceConfig", "VolumeKmsKeyId"),
        put("ResourceConfig", "InstanceGroups", value=groups(("ml.g5.2xlarge", 1), ("ml.p4d.24xlarge", 1))),
    ),
    fault=False,
)

# -- SMK-14 -----------------------------------------------------------------------------------------------------------

_job(
    "smk-14-not-isolated",
    "A training job is not isolated from the network.",
    put("EnableNetworkIsolation", value=False),
)
_job(
    "smk-14-isolation-unsaid",
    "A training job was made without a word on isolation, which means none.",
    drop=("EnableNetworkIsolation",),
)
_job(
    "smk-14-plain-traffic",
    "Two instances talk to each other in plain text.",
    both(put("ResourceConfig", "InstanceCount", value=2), put("EnableInterContainerTrafficEncryption", value=False)),
)
_job(
    "smk-14-plain-traffic-in-groups",
    "Two instance groups of one instance talk in plain text.",
    both(
        *NO_SINGLE,
        put("ResourceConfig", "InstanceGroups", value=groups(("ml.m5.xlarge", 1), ("ml.c5.xlarge", 1))),
        put("EnableInterContainerTrafficEncryption", value=False),
    ),
)

# -- SMK-07 -----------------------------------------------------------------------------------------------------------

_job(
    "smk-07-job-with-notebook-role",
    "A training job runs under the notebook's role.",
    put("RoleArn", value=n.role_arn("notebook_execution")),
)
_job(
    "smk-07-job-with-unbound-role",
    "A training job runs under a role that is not bound.",
    put("RoleArn", value=f"arn:aws:iam::{ACCOUNT}:role/web-shop"),
)


@breaks(
    "smk-07-processing-with-hosting-role",
    "A processing job runs under the hosting role.",
    later("SMK-07", "ds-process-fraud-dev-bad"),
)
def _(x: Context) -> Any:
    x.sagemaker.create_processing_job(
        **{**s.processing(x.ids, "ds-process-fraud-dev-bad"), "RoleArn": n.role_arn("endpoint_hosting")}
    )
    yield
