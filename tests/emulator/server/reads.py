"""Every read that the controls need, as plain data: what the self check compares before and after a break."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from . import ACCOUNT
from .build import names as n
from .build.selfservice import REPOSITORY

VOLATILE = (
    "ResponseMetadata",
    "LatestDeliveryTime",
    "LatestDigestDeliveryTime",
    "LatestCloudWatchLogsDeliveryTime",
    "NextRotationDate",
)


def clean(value: Any) -> Any:
    """A value without what changes by itself."""
    if isinstance(value, dict):
        return {k: clean(v) for k, v in sorted(value.items()) if k not in VOLATILE}
    if isinstance(value, list):
        return [clean(v) for v in value]
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def ask(call: Any, **params: Any) -> Any:
    """An answer, or the code of the error."""
    try:
        return clean(call(**params))
    except ClientError as failed:
        return {"error": failed.response["Error"]["Code"]}


def everything(c: Any, ids: dict[str, Any]) -> dict[str, Any]:
    """All reads of the collection plan, by name."""
    ec2, iam, s3, kms, trail, logs, sm = (
        c(name) for name in ("ec2", "iam", "s3", "kms", "cloudtrail", "logs", "sagemaker")
    )
    found: dict[str, Any] = {}
    for name in (
        "vpcs",
        "subnets",
        "route_tables",
        "internet_gateways",
        "egress_only_internet_gateways",
        "nat_gateways",
        "vpn_gateways",
        "carrier_gateways",
        "vpc_peering_connections",
        "transit_gateway_vpc_attachments",
        "network_acls",
        "security_groups",
        "vpc_endpoints",
        "network_interfaces",
        "flow_logs",
        "availability_zones",
        "managed_prefix_lists",
        "volumes",
        "vpc_block_public_access_options",
        "vpc_block_public_access_exclusions",
    ):
        found[f"ec2 {name}"] = ask(getattr(ec2, f"describe_{name}"))
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        found[f"ec2 {attribute}"] = ask(ec2.describe_vpc_attribute, VpcId=ids["vpc"], Attribute=attribute)
    found["ec2 ebs default"] = ask(ec2.get_ebs_encryption_by_default)
    found["ec2 ebs key"] = ask(ec2.get_ebs_default_kms_key_id)
    for one in found["ec2 managed_prefix_lists"]["PrefixLists"]:
        if one.get("OwnerId") != "AWS":
            found[f"ec2 entries {one['PrefixListId']}"] = ask(
                ec2.get_managed_prefix_list_entries, PrefixListId=one["PrefixListId"]
            )
    found["iam details"] = ask(iam.get_account_authorization_details)
    for bucket in n.BUCKETS.values():
        for name in (
            "bucket_encryption",
            "bucket_policy",
            "bucket_policy_status",
            "public_access_block",
            "bucket_ownership_controls",
            "bucket_versioning",
            "bucket_location",
        ):
            found[f"s3 {bucket} {name}"] = ask(getattr(s3, f"get_{name}"), Bucket=bucket)
    found["s3control block"] = ask(c("s3control").get_public_access_block, AccountId=ACCOUNT)
    found["kms aliases"] = ask(kms.list_aliases)
    for one in found["kms aliases"]["Aliases"]:
        if "TargetKeyId" in one and not one["AliasName"].startswith("alias/aws/"):
            for name in ("describe_key", "get_key_rotation_status"):
                found[f"kms {one['TargetKeyId']} {name}"] = ask(getattr(kms, name), KeyId=one["TargetKeyId"])
    for name, arn in ids["keys"].items():
        found[f"kms {name}"] = ask(kms.describe_key, KeyId=arn)
        found[f"kms {name} policy"] = ask(kms.get_key_policy, KeyId=arn, PolicyName="default")
    found["trails"] = ask(trail.describe_trails)
    for one in found["trails"]["trailList"]:
        home = c("cloudtrail", one["HomeRegion"])
        status = ask(home.get_trail_status, Name=one["TrailARN"])
        raw = home.get_trail_status(Name=one["TrailARN"])
        latest = raw.get("LatestDeliveryTime")
        status["recent"] = latest is not None and (raw["ResponseMetadata"] is not None) and _recent(latest)
        found[f"trail {one['Name']} status"] = status
        found[f"trail {one['Name']} selectors"] = ask(home.get_event_selectors, TrailName=one["TrailARN"])
    found["log groups"] = [page["logGroups"] for page in logs.get_paginator("describe_log_groups").paginate()]
    found["log groups"] = [
        clean({k: v for k, v in one.items() if k != "creationTime"}) for page in found["log groups"] for one in page
    ]
    for kind in ("TrainingJob", "Model", "Endpoint", "HyperParameterTuningJob", "FeatureGroup"):
        found[f"search {kind}"] = ask(sm.search, Resource=kind, MaxResults=100)
    _describe_each(sm, found)
    _self_service(c("servicecatalog"), ids, found)
    found["repositories"] = ask(c("codecommit").batch_get_repositories, repositoryNames=[REPOSITORY])
    return found


def _self_service(catalog: Any, ids: dict[str, Any], found: dict[str, Any]) -> None:
    found["portfolios"] = ask(catalog.list_portfolios)
    within, product = {"PortfolioId": ids["portfolio"]}, {"ProductId": ids["product"]}
    for name in ("search_products_as_admin", "list_constraints_for_portfolio", "list_principals_for_portfolio"):
        found[f"portfolio {name}"] = ask(getattr(catalog, name), **within)
    for one in found["portfolio list_constraints_for_portfolio"].get("ConstraintDetails", []):
        found[f"constraint {one['ConstraintId']}"] = ask(catalog.describe_constraint, Id=one["ConstraintId"])
    for kind in ("ACCOUNT", "ORGANIZATION", "ORGANIZATIONAL_UNIT", "ORGANIZATION_MEMBER_ACCOUNT"):
        found[f"shares {kind}"] = ask(catalog.describe_portfolio_shares, **within, Type=kind)
    for name in ("list_provisioning_artifacts", "list_portfolios_for_product"):
        found[f"product {name}"] = ask(getattr(catalog, name), **product)
    everything = {"Key": "Account", "Value": "self"}
    found["provisioned"] = ask(catalog.search_provisioned_products, AccessLevelFilter=everything)


def _describe_each(sm: Any, found: dict[str, Any]) -> None:
    for operation, lists, key, describe in (
        ("list_notebook_instances", "NotebookInstances", "NotebookInstanceName", "describe_notebook_instance"),
        ("list_domains", "Domains", "DomainId", "describe_domain"),
        ("list_training_jobs", "TrainingJobSummaries", "TrainingJobName", "describe_training_job"),
        ("list_processing_jobs", "ProcessingJobSummaries", "ProcessingJobName", "describe_processing_job"),
        ("list_transform_jobs", "TransformJobSummaries", "TransformJobName", "describe_transform_job"),
        ("list_models", "Models", "ModelName", "describe_model"),
        ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", "describe_endpoint_config"),
        ("list_endpoints", "Endpoints", "EndpointName", "describe_endpoint"),
    ):
        answer = ask(getattr(sm, operation), MaxResults=100)
        for one in answer[lists]:
            arn = next(value for name, value in one.items() if name.endswith("Arn"))
            found[f"sagemaker {arn}"] = ask(getattr(sm, describe), **{key: one[key]})
            found[f"tags {arn}"] = ask(sm.list_tags, ResourceArn=arn)


def _recent(at: Any) -> bool:
    from datetime import UTC, datetime

    return bool((datetime.now(UTC) - at).total_seconds() < 86400)


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """The names of the reads that differ."""
    return sorted(
        name
        for name in before.keys() | after.keys()
        if json.dumps(before.get(name), sort_keys=True) != json.dumps(after.get(name), sort_keys=True)
    )
