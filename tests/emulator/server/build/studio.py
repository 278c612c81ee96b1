"""What lives in the domain, what notebooks refer to, features and monitoring: each as the seed wants it."""

from __future__ import annotations

import base64
from typing import Any

from . import names as n
from .sagemaker import network

MONITORED = {
    "DataQuality": {"ImageUri": n.IMAGE},
    "ModelQuality": {"ImageUri": n.IMAGE, "ProblemType": "Regression"},
    "ModelBias": {"ImageUri": n.IMAGE, "ConfigUri": f"s3://{n.BUCKETS['data']}/monitoring/config.json"},
    "ModelExplainability": {"ImageUri": n.IMAGE, "ConfigUri": f"s3://{n.BUCKETS['data']}/monitoring/config.json"},
}


def definition(ids: dict[str, Any], kind: str) -> dict[str, Any]:
    """The request of a compliant definition of monitoring jobs."""
    bucket = f"s3://{n.BUCKETS['data']}"
    source: dict[str, Any] = {
        "EndpointInput": {"EndpointName": n.ENDPOINT, "LocalPath": "/opt/ml/processing/in"},
    }
    if kind in ("ModelQuality", "ModelBias"):
        source["GroundTruthS3Input"] = {"S3Uri": f"{bucket}/truth/"}
    output = {"S3Uri": f"{bucket}/monitoring/", "LocalPath": "/opt/ml/processing/out"}
    return {
        "JobDefinitionName": f"ds-definition-fraud-dev-{kind}",
        "RoleArn": n.role_arn("training_execution"),
        f"{kind}AppSpecification": MONITORED[kind],
        f"{kind}JobInput": source,
        f"{kind}JobOutputConfig": {"KmsKeyId": ids["keys"]["data"], "MonitoringOutputs": [{"S3Output": output}]},
        "JobResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.xlarge",
                "VolumeSizeInGB": 20,
                "VolumeKmsKeyId": ids["keys"]["volumes"],
            }
        },
        "NetworkConfig": {
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
            "VpcConfig": network(ids),
        },
        "Tags": n.tags(),
    }


def feature_group(ids: dict[str, Any], name: str) -> dict[str, Any]:
    """The request of a compliant feature group with both stores."""
    return {
        "FeatureGroupName": name,
        "RecordIdentifierFeatureName": "id",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": [
            {"FeatureName": "id", "FeatureType": "String"},
            {"FeatureName": "at", "FeatureType": "Fractional"},
        ],
        "RoleArn": n.role_arn("training_execution"),
        "OnlineStoreConfig": {"EnableOnlineStore": True, "SecurityConfig": {"KmsKeyId": ids["keys"]["data"]}},
        "OfflineStoreConfig": {
            "S3StorageConfig": {"S3Uri": f"s3://{n.BUCKETS['data']}/features/", "KmsKeyId": ids["keys"]["data"]}
        },
        "Tags": n.tags(),
    }


def build(c: Any, ids: dict[str, Any]) -> None:
    """All of them."""
    client = c("sagemaker")
    script = base64.b64encode(b"#!/bin/sh\nset -e\n").decode()
    client.create_notebook_instance_lifecycle_config(
        NotebookInstanceLifecycleConfigName=n.LIFECYCLE, OnStart=[{"Content": script}]
    )
    client.create_code_repository(
        CodeRepositoryName=n.CODE,
        GitConfig={"RepositoryUrl": "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/ds-fraud-dev"},
    )
    client.create_user_profile(DomainId=ids["domain"], UserProfileName=n.PROFILE, Tags=n.tags())
    client.create_space(DomainId=ids["domain"], SpaceName=n.SPACE, Tags=n.tags())
    client.create_feature_group(**feature_group(ids, n.FEATURES))
    for kind, create in (
        ("DataQuality", client.create_data_quality_job_definition),
        ("ModelQuality", client.create_model_quality_job_definition),
        ("ModelBias", client.create_model_bias_job_definition),
        ("ModelExplainability", client.create_model_explainability_job_definition),
    ):
        request = definition(ids, kind)
        create(**request)
        client.create_monitoring_schedule(
            MonitoringScheduleName=f"ds-monitor-fraud-dev-{kind}",
            MonitoringScheduleConfig={
                "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
                "MonitoringJobDefinitionName": request["JobDefinitionName"],
                "MonitoringType": kind,
            },
            Tags=n.tags(),
        )
