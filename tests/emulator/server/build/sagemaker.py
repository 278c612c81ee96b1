"""The SageMaker resources of the environment, each as the seed wants it."""

from __future__ import annotations

from typing import Any

from . import names as n


def network(ids: dict[str, Any]) -> dict[str, Any]:
    """VpcConfig in the environment network."""
    return {"Subnets": list(ids["subnets"].values()), "SecurityGroupIds": [ids["groups"]["workload"]]}


def notebook(ids: dict[str, Any], name: str) -> dict[str, Any]:
    """The request of a compliant notebook instance."""
    return {
        "NotebookInstanceName": name,
        "InstanceType": "ml.t3.medium",
        "RoleArn": n.role_arn("notebook_execution"),
        "SubnetId": ids["subnets"]["a"],
        "SecurityGroupIds": [ids["groups"]["workload"]],
        "KmsKeyId": ids["keys"]["volumes"],
        "DirectInternetAccess": "Disabled",
        "RootAccess": "Disabled",
        "LifecycleConfigName": n.LIFECYCLE,
        "DefaultCodeRepository": n.CODE,
        "PlatformIdentifier": "notebook-al2023-v1",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
        "Tags": n.tags(),
    }


def domain(ids: dict[str, Any], name: str) -> dict[str, Any]:
    """The request of a compliant domain."""
    settings = {"ExecutionRole": n.role_arn("notebook_execution"), "SecurityGroups": [ids["groups"]["workload"]]}
    return {
        "DomainName": name,
        "AuthMode": "IAM",
        "VpcId": ids["vpc"],
        "SubnetIds": list(ids["subnets"].values()),
        "AppNetworkAccessType": "VpcOnly",
        "KmsKeyId": ids["keys"]["volumes"],
        "DefaultUserSettings": {**settings, "SharingSettings": {"NotebookOutputOption": "Disabled"}},
        "DefaultSpaceSettings": settings,
        "DomainSettings": {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
        "Tags": n.tags(),
    }


def training(ids: dict[str, Any], name: str) -> dict[str, Any]:
    """The request of a compliant training job on one instance."""
    data, model = n.BUCKETS["data"], n.BUCKETS["model"]
    return {
        "TrainingJobName": name,
        "RoleArn": n.role_arn("training_execution"),
        "AlgorithmSpecification": {"TrainingImage": n.IMAGE, "TrainingInputMode": "File"},
        "InputDataConfig": [
            {
                "ChannelName": "train",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": f"s3://{data}/train/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
        ],
        "OutputDataConfig": {"S3OutputPath": f"s3://{model}/out/", "KmsKeyId": ids["keys"]["data"]},
        "ResourceConfig": {
            "InstanceType": "ml.m5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 50,
            "VolumeKmsKeyId": ids["keys"]["volumes"],
        },
        "VpcConfig": network(ids),
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "EnableNetworkIsolation": True,
        "EnableInterContainerTrafficEncryption": True,
        "Tags": n.tags(),
    }


def model(ids: dict[str, Any], name: str, role: str = "endpoint_hosting") -> dict[str, Any]:
    """The request of a compliant model."""
    return {
        "ModelName": name,
        "ExecutionRoleArn": n.role_arn(role),
        "VpcConfig": network(ids),
        "EnableNetworkIsolation": True,
        "PrimaryContainer": {"Image": n.IMAGE, "ModelDataUrl": f"s3://{n.BUCKETS['model']}/out/model.tar.gz"},
        "Tags": n.tags(),
    }


def endpoint_config(ids: dict[str, Any], name: str, model_name: str = n.MODEL) -> dict[str, Any]:
    """The request of a compliant endpoint config with data capture."""
    return {
        "EndpointConfigName": name,
        "KmsKeyId": ids["keys"]["volumes"],
        "Tags": n.tags(),
        "ProductionVariants": [
            {
                "VariantName": "AllTraffic",
                "ModelName": model_name,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
                "InitialVariantWeight": 1.0,
            }
        ],
        "DataCaptureConfig": {
            "EnableCapture": True,
            "InitialSamplingPercentage": 100,
            "KmsKeyId": ids["keys"]["data"],
            "DestinationS3Uri": f"s3://{n.BUCKETS['data']}/capture/",
            "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        },
    }


def processing(ids: dict[str, Any], name: str) -> dict[str, Any]:
    """The request of a compliant processing job."""
    return {
        "ProcessingJobName": name,
        "RoleArn": n.role_arn("training_execution"),
        "AppSpecification": {"ImageUri": n.IMAGE},
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceType": "ml.m5.xlarge",
                "InstanceCount": 1,
                "VolumeSizeInGB": 30,
                "VolumeKmsKeyId": ids["keys"]["volumes"],
            }
        },
        "ProcessingInputs": [
            {
                "InputName": "raw",
                "S3Input": {
                    "S3Uri": f"s3://{n.BUCKETS['data_lake']}/raw/",
                    "LocalPath": "/opt/ml/processing/in",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
        ],
        "ProcessingOutputConfig": {
            "KmsKeyId": ids["keys"]["data"],
            "Outputs": [
                {
                    "OutputName": "clean",
                    "S3Output": {
                        "S3Uri": f"s3://{n.BUCKETS['data']}/train/",
                        "LocalPath": "/opt/ml/processing/out",
                        "S3UploadMode": "EndOfJob",
                    },
                }
            ],
        },
        "NetworkConfig": {
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": True,
            "VpcConfig": network(ids),
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "Tags": n.tags(),
    }


def transform(ids: dict[str, Any], name: str) -> dict[str, Any]:
    """The request of a compliant transform job."""
    return {
        "TransformJobName": name,
        "ModelName": n.BATCH_MODEL,
        "Tags": n.tags(),
        "TransformInput": {
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{n.BUCKETS['data']}/score/"}}
        },
        "TransformOutput": {"S3OutputPath": f"s3://{n.BUCKETS['data']}/scored/", "KmsKeyId": ids["keys"]["data"]},
        "TransformResources": {
            "InstanceType": "ml.m5.xlarge",
            "InstanceCount": 1,
            "VolumeKmsKeyId": ids["keys"]["volumes"],
        },
    }


def tuning(ids: dict[str, Any], name: str) -> dict[str, Any]:
    """The request of a compliant tuning job with two definitions."""
    taken = (
        "RoleArn",
        "AlgorithmSpecification",
        "InputDataConfig",
        "OutputDataConfig",
        "ResourceConfig",
        "VpcConfig",
        "StoppingCondition",
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
    )
    definition = {member: value for member, value in training(ids, name).items() if member in taken}
    objective = {"Type": "Minimize", "MetricName": "loss"}
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Random",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 2, "MaxParallelTrainingJobs": 1},
        },
        "TrainingJobDefinitions": [
            {**definition, "DefinitionName": one, "TuningObjective": objective, "HyperParameterRanges": {}}
            for one in ("first", "second")
        ],
        "Tags": n.tags(),
    }


def automl(ids: dict[str, Any], name: str) -> dict[str, Any]:
    """The request of a compliant AutoML job."""
    data, model = n.BUCKETS["data"], n.BUCKETS["model"]
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{data}/train/"}
    return {
        "AutoMLJobName": name,
        "AutoMLJobInputDataConfig": [{"ChannelType": "training", "DataSource": {"S3DataSource": source}}],
        "OutputDataConfig": {"S3OutputPath": f"s3://{model}/automl/", "KmsKeyId": ids["keys"]["data"]},
        "AutoMLProblemTypeConfig": {"TabularJobConfig": {"TargetAttributeName": "fraud"}},
        "RoleArn": n.role_arn("training_execution"),
        "SecurityConfig": {
            "VolumeKmsKeyId": ids["keys"]["volumes"],
            "EnableInterContainerTrafficEncryption": True,
            "VpcConfig": network(ids),
        },
        "Tags": n.tags(),
    }


def build(c: Any, ids: dict[str, Any]) -> None:
    """All of them; and a public notebook in a region that nobody audits."""
    client = c("sagemaker")
    client.create_notebook_instance(**notebook(ids, n.NOTEBOOK))
    ids["domain"] = client.create_domain(**domain(ids, n.DOMAIN))["DomainArn"].rsplit("/", 1)[1]
    single, multi, nvme = (training(ids, name) for name in n.TRAINING)
    single["EnableInterContainerTrafficEncryption"] = False
    multi["ResourceConfig"]["InstanceCount"] = 2
    nvme["ResourceConfig"]["InstanceType"] = "ml.g5.2xlarge"
    del nvme["ResourceConfig"]["VolumeKmsKeyId"]
    for request in (single, multi, nvme):
        client.create_training_job(**request)
    client.create_processing_job(**processing(ids, n.PROCESSING))
    client.create_model(**model(ids, n.MODEL))
    client.create_model(**model(ids, n.BATCH_MODEL, "training_execution"))
    client.create_transform_job(**transform(ids, n.TRANSFORM))
    client.create_hyper_parameter_tuning_job(**tuning(ids, n.TUNING))
    client.create_auto_ml_job_v2(**automl(ids, n.AUTOML))
    client.create_endpoint_config(**endpoint_config(ids, n.CONFIG))
    client.create_endpoint(EndpointName=n.ENDPOINT, EndpointConfigName=n.CONFIG, Tags=n.tags())
    c("sagemaker", "us-east-1").create_notebook_instance(
        NotebookInstanceName="far-away", InstanceType="ml.t3.medium", RoleArn=n.role_arn("training_execution")
    )
