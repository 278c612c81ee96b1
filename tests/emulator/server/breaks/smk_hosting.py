"""Breaks of models, endpoint configs and endpoints."""

from __future__ import annotations

from typing import Any

from .. import ACCOUNT
from ..build import names as n
from ..build import sagemaker as s
from .core import Context, breaks, finding, nc, unassigned

BAD_MODEL, BAD_CONFIG = "ds-model-fraud-dev-bad", "ds-config-fraud-dev-bad"


def model(x: Context, drop: tuple[str, ...] = (), **change: Any) -> None:
    """A new model that differs from a compliant one."""
    request = {**s.model(x.ids, BAD_MODEL), **change}
    for name in drop:
        del request[name]
    x.sagemaker.create_model(**request)


def config(x: Context, change: Any = None, live: bool = True, model_name: str = n.MODEL) -> None:
    """A new endpoint config that differs from a compliant one; live, if the endpoint is moved to it."""
    request = s.endpoint_config(x.ids, BAD_CONFIG, model_name)
    if change:
        change(request)
    x.sagemaker.create_endpoint_config(**request)
    if live:
        x.sagemaker.update_endpoint(EndpointName=n.ENDPOINT, EndpointConfigName=BAD_CONFIG)


# -- SMK-18 -----------------------------------------------------------------------------------------------------------

MODEL = nc("SMK-18", BAD_MODEL)


@breaks("smk-18-no-vpc", "A model behind the endpoint has no VPC.", MODEL)
def _(x: Context) -> Any:
    model(x, drop=("VpcConfig",))
    config(x, model_name=BAD_MODEL)
    yield


@breaks("smk-18-not-isolated", "A model behind the endpoint is not isolated.", MODEL)
def _(x: Context) -> Any:
    model(x, EnableNetworkIsolation=False)
    config(x, model_name=BAD_MODEL)
    yield


@breaks(
    "smk-18-unused-model",
    "A model without a VPC that no endpoint uses.",
    MODEL,
    finding("SMK-07", BAD_MODEL, optional=True),
    mend=True,
)
def _(x: Context) -> Any:
    model(x, drop=("VpcConfig",))
    yield
    x.sagemaker.delete_model(ModelName=BAD_MODEL)


@breaks("smk-18-other-vpc", "A model behind the endpoint is in another VPC.", MODEL)
def _(x: Context) -> Any:
    model(x, VpcConfig={"Subnets": [x.ids["bystanders"]["subnet"]], "SecurityGroupIds": [x.ids["groups"]["workload"]]})
    config(x, model_name=BAD_MODEL)
    yield


@breaks("smk-18-other-group", "A model behind the endpoint has a group that is no workload's.", MODEL)
def _(x: Context) -> Any:
    model(x, VpcConfig={"Subnets": [x.ids["subnets"]["a"]], "SecurityGroupIds": [x.ids["bystanders"]["group"]]})
    config(x, model_name=BAD_MODEL)
    yield


@breaks("smk-18-config-vpc-only", "The config has a VPC of its own, the model behind it has none.", MODEL)
def _(x: Context) -> Any:
    model(x, drop=("VpcConfig",))
    config(x, lambda request: request.update(VpcConfig=s.network(x.ids)), model_name=BAD_MODEL)
    yield


@breaks(
    "smk-18-hidden",
    "A model without VPC, tags and bound role: it belongs to no environment.",
    unassigned("SMK-18", "shadow-model"),
    finding("SMK-07", "shadow-model", environment="unassigned", optional=True),
)
def _(x: Context) -> Any:
    x.sagemaker.create_model(
        ModelName="shadow-model",
        ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/web-shop",
        PrimaryContainer={"Image": n.IMAGE},
    )
    yield


@breaks(
    "smk-07-model-with-training-role",
    "The model behind the endpoint runs under the training role.",
    nc("SMK-07", BAD_MODEL),
)
def _(x: Context) -> Any:
    model(x, ExecutionRoleArn=n.role_arn("training_execution"))
    config(x, model_name=BAD_MODEL)
    yield


# -- SMK-19 -----------------------------------------------------------------------------------------------------------


def _config(name: str, text: str, change: Any, fault: bool = True, live: bool = True) -> None:
    @breaks(f"smk-19-{name}", text, *([nc("SMK-19", BAD_CONFIG)] if fault else []))
    def _(x: Context) -> Any:
        config(x, lambda request: change(x, request), live)
        yield


def serverless(request: dict[str, Any]) -> None:
    """The variants without servers, and without a volume key."""
    del request["KmsKeyId"]
    for variant in request["ProductionVariants"]:
        del variant["InstanceType"], variant["InitialInstanceCount"]
        variant["ServerlessConfig"] = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}


def asynchronous(x: Context, request: dict[str, Any], key: str | None) -> None:
    """Asynchronous inference, its output under a key or none."""
    output: dict[str, Any] = {"S3OutputPath": f"s3://{n.BUCKETS['data']}/async/"}
    if key:
        output["KmsKeyId"] = key
    request["AsyncInferenceConfig"] = {"OutputConfig": output}


_config("no-volume-key", "The endpoint's volumes have no key.", lambda x, r: r.pop("KmsKeyId"))
_config("no-capture-key", "The captured data has no key.", lambda x, r: r["DataCaptureConfig"].pop("KmsKeyId"))
_config(
    "capture-off-no-key",
    "Capture is off for now, and has no key.",
    lambda x, r: (r["DataCaptureConfig"].pop("KmsKeyId"), r["DataCaptureConfig"].update(EnableCapture=False)),
)
_config("no-async-key", "The asynchronous output has no key.", lambda x, r: asynchronous(x, r, None))
_config("ssm-access", "A variant gives a shell.", lambda x, r: r["ProductionVariants"][0].update(EnableSSMAccess=True))
_config(
    "core-dump-no-key",
    "A variant writes core dumps without a key.",
    lambda x, r: r["ProductionVariants"][0].update(
        CoreDumpConfig={"DestinationS3Uri": f"s3://{n.BUCKETS['data']}/dumps/"}
    ),
)
_config(
    "other-vpc",
    "The config's own VPC is not the environment's.",
    lambda x, r: r.update(
        VpcConfig={"Subnets": [x.ids["bystanders"]["subnet"]], "SecurityGroupIds": [x.ids["groups"]["workload"]]}
    ),
)
_config(
    "shadow-variant-ssm",
    "A shadow variant gives a shell.",
    lambda x, r: r.update(
        ShadowProductionVariants=[{**r["ProductionVariants"][0], "VariantName": "Shadow", "EnableSSMAccess": True}]
    ),
)
_config(
    "mixed-variants-no-key",
    "One variant is serverless, the other is not, and there is no volume key.",
    lambda x, r: (
        r.pop("KmsKeyId"),
        r["ProductionVariants"].append(
            {
                "VariantName": "Small",
                "ModelName": n.MODEL,
                "InitialVariantWeight": 1.0,
                "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
            }
        ),
    ),
)
_config(
    "unused-config", "A config that no endpoint uses has no volume key.", lambda x, r: r.pop("KmsKeyId"), live=False
)
_config("serverless", "No fault: serverless variants take no volume key.", lambda x, r: serverless(r), fault=False)
_config(
    "async-with-key",
    "No fault: asynchronous output under the data key.",
    lambda x, r: asynchronous(x, r, x.ids["keys"]["data"]),
    fault=False,
)
_config("no-capture", "No fault: nothing is captured.", lambda x, r: r.pop("DataCaptureConfig"), fault=False)


@breaks(
    "smk-19-pending-config",
    "The endpoint is moving to a config without a volume key.",
    nc("SMK-19", BAD_CONFIG),
    reach="state",
)
def _(x: Context) -> Any:
    from ..overlay.sagemaker import resources

    config(x, lambda request: request.pop("KmsKeyId"), live=False)
    body = resources(x.backend("sagemaker"))["Endpoint"][n.ENDPOINT]["body"]
    body["EndpointStatus"] = "Updating"
    body["PendingDeploymentSummary"] = {"EndpointConfigName": BAD_CONFIG}
    yield
