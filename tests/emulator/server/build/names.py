"""Names that the account, the baseline and the breaks share."""

from __future__ import annotations

from typing import Any

from .. import ACCOUNT, REGION

ENV = "fraud-dev"
TAGS = {"ProjectName": "fraud", "EnvironmentType": "dev"}

BUCKETS = {
    "data_lake": "ds-data-lake-fraud-dev-7f3a",
    "data": "ds-data-fraud-dev-7f3a",
    "model": "ds-model-fraud-dev-7f3a",
    "trail": "ds-trail-logs-7f3a",
    "bystander": "web-shop-assets-7f3a",
}
ALIASES = {"data": "alias/ds-s3-fraud-dev", "volumes": "alias/ds-ebs-fraud-dev", "logs": "alias/ds-logs"}
ROLES = {
    "data_scientist": "ds-user-role-fraud-dev",
    "notebook_creation": "ds-sc-launch-role-fraud-dev",
    "notebook_execution": "service-role/ds-notebook-role-fraud-dev-01",
    "training_execution": "ds-training-role-fraud-dev",
    "endpoint_creation": "ds-deploy-role-fraud-dev",
    "endpoint_hosting": "ds-hosting-role-fraud-dev",
    "endpoint_invocation": "ds-invoke-role-fraud-dev",
}
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/ds-boundary-fraud-dev"
NOTEBOOK, DOMAIN = "ds-notebook-fraud-dev-01", "ds-studio-fraud-dev"
TRAINING = ("ds-train-fraud-dev-single", "ds-train-fraud-dev-multi", "ds-train-fraud-dev-nvme")
PROCESSING, TRANSFORM = "ds-process-fraud-dev-01", "ds-transform-fraud-dev-01"
TUNING, AUTOML = "ds-tune-fraud-dev-01", "ds-automl-fraud-dev-01"
MODEL, BATCH_MODEL = "ds-model-fraud-dev-v1", "ds-batch-model-fraud-dev-v1"
LIFECYCLE, CODE = "ds-notebook-lc-fraud-dev", "ds-code-fraud-dev"
PROFILE, SPACE, FEATURES = "ana", "ana-lab", "ds-features-fraud-dev"
CONFIG, ENDPOINT = "ds-config-fraud-dev-v1", "ds-endpoint-fraud-dev"
TRAIL, TRAIL_GROUP, FLOW_GROUP = "ds-trail", "/ds/trail", "/ds/flow-logs/fraud-dev"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/ds-fraud:1"


def role_arn(role: str) -> str:
    """The ARN of a logical role."""
    return f"arn:aws:iam::{ACCOUNT}:role/{ROLES[role]}"


def role_name(role: str) -> str:
    """The name of a logical role, without its path."""
    return ROLES[role].rsplit("/", 1)[-1]


def sagemaker_arn(kind: str, name: str) -> str:
    """The ARN of a SageMaker resource."""
    return f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:{kind}/{name}"


def ec2_arn(kind: str, name: str) -> str:
    """The ARN of an EC2 resource."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:{kind}/{name}"


def bucket_arn(kind: str) -> str:
    """The ARN of a bucket by its kind."""
    return f"arn:aws:s3:::{BUCKETS[kind]}"


def tags(**more: str) -> list[dict[str, str]]:
    """The environment's tags, and more."""
    return [{"Key": k, "Value": v} for k, v in {**TAGS, **more}.items()]


def spec(kind: str, **more: str) -> list[dict[str, Any]]:
    """The environment's tags as EC2 takes them at creation."""
    return [{"ResourceType": kind, "Tags": tags(**more)}]
