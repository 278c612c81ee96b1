"""How many resources the account has, counted by reading it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .emulator import Emulator


def count(emulator: Emulator) -> dict[str, int]:
    """Resources of the account by kind, in words."""
    ec2, iam, s3, kms, logs, sagemaker, trail = (
        emulator.client(name) for name in ("ec2", "iam", "s3", "kms", "logs", "sagemaker", "cloudtrail")
    )
    iam_all = iam.get_account_authorization_details(Filter=["Role", "LocalManagedPolicy"])
    kinds: dict[str, Callable[[], list[Any]]] = {
        "VPCs": lambda: ec2.describe_vpcs()["Vpcs"],
        "subnets": lambda: ec2.describe_subnets()["Subnets"],
        "route tables": lambda: ec2.describe_route_tables()["RouteTables"],
        "network ACLs": lambda: ec2.describe_network_acls()["NetworkAcls"],
        "security groups": lambda: ec2.describe_security_groups()["SecurityGroups"],
        "VPC endpoints": lambda: ec2.describe_vpc_endpoints()["VpcEndpoints"],
        "internet gateways": lambda: ec2.describe_internet_gateways()["InternetGateways"],
        "flow logs": lambda: ec2.describe_flow_logs()["FlowLogs"],
        "roles": lambda: iam_all["RoleDetailList"],
        "policies": lambda: iam_all["Policies"],
        "KMS keys": lambda: [one for one in kms.list_aliases()["Aliases"] if not _of_aws(one)],
        "buckets": lambda: s3.list_buckets()["Buckets"],
        "trails": lambda: trail.describe_trails()["trailList"],
        "log groups": lambda: logs.describe_log_groups()["logGroups"],
        "notebooks": lambda: sagemaker.list_notebook_instances()["NotebookInstances"],
        "domains": lambda: sagemaker.list_domains()["Domains"],
        "training jobs": lambda: sagemaker.list_training_jobs()["TrainingJobSummaries"],
        "processing jobs": lambda: sagemaker.list_processing_jobs()["ProcessingJobSummaries"],
        "transform jobs": lambda: sagemaker.list_transform_jobs()["TransformJobSummaries"],
        "models": lambda: sagemaker.list_models()["Models"],
        "endpoint configs": lambda: sagemaker.list_endpoint_configs()["EndpointConfigs"],
        "endpoints": lambda: sagemaker.list_endpoints()["Endpoints"],
    }
    return {kind: len(found) for kind, read in kinds.items() if (found := read())}


def _of_aws(alias: dict[str, Any]) -> bool:
    return bool(alias["AliasName"].startswith("alias/aws/"))


def sentence(counts: dict[str, int]) -> str:
    """The same as a list in words."""
    words = [f"{number} {kind if number != 1 else kind.removesuffix('s')}" for kind, number in counts.items()]
    return ", ".join(words[:-1]) + " and " + words[-1]
