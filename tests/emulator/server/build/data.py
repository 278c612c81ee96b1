"""Keys, buckets, EBS defaults, the trail and the log groups."""

from __future__ import annotations

import json
from typing import Any

from .. import ACCOUNT, REGION
from . import names as n

ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
SAGEMAKER_GROUPS = (
    "/aws/sagemaker/NotebookInstances",
    "/aws/sagemaker/TrainingJobs",
    "/aws/sagemaker/ProcessingJobs",
    "/aws/sagemaker/TransformJobs",
    "/aws/sagemaker/studio",
    f"/aws/sagemaker/Endpoints/{n.ENDPOINT}",
)


def key_policy(services: list[str]) -> str:
    """Delegation to the account's IAM, administration by the platform team, and use by named services for this account."""
    statements: list[dict[str, Any]] = [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/platform-admin"},
            "Action": [
                "kms:CancelKeyDeletion",
                "kms:DescribeKey",
                "kms:DisableKey",
                "kms:EnableKeyRotation",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:TagResource",
            ],
            "Resource": "*",
        },
        {
            "Sid": "Grants",
            "Effect": "Allow",
            "Principal": {"AWS": n.role_arn("notebook_creation")},
            "Action": "kms:CreateGrant",
            "Resource": "*",
            "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]
    for service in services:
        condition = (
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{REGION}:{ACCOUNT}:*"}}
            if service.startswith("logs.")
            else {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
        )
        statements.append(
            {
                "Sid": service.split(".")[0].capitalize(),
                "Effect": "Allow",
                "Principal": {"Service": service},
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": condition,
            }
        )
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def make_key(kms: Any, description: str, services: list[str]) -> str:
    """A rotating customer key; returns its ARN."""
    made = kms.create_key(
        Description=description,
        Policy=key_policy(services),
        Tags=[{"TagKey": k, "TagValue": v} for k, v in n.TAGS.items()],
    )["KeyMetadata"]
    kms.enable_key_rotation(KeyId=made["KeyId"])
    return str(made["Arn"])


def keys(c: Any, ids: dict[str, Any]) -> None:
    """The environment's keys with their aliases, and a key of somebody else."""
    kms = c("kms")
    ids["keys"] = {}
    for key, services in (
        ("data", []),
        ("volumes", []),
        ("logs", [f"logs.{REGION}.amazonaws.com", "cloudtrail.amazonaws.com"]),
    ):
        ids["keys"][key] = make_key(kms, f"{key} of the fraud environment", services)
        kms.create_alias(AliasName=n.ALIASES[key], TargetKeyId=ids["keys"][key])
    other = kms.create_key(Description="web shop")["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/web-shop", TargetKeyId=other)
    ids["keys"]["bystander"] = other


def ebs(c: Any, ids: dict[str, Any]) -> None:
    """EBS encryption by default with the volumes key."""
    c("ec2").enable_ebs_encryption_by_default()
    c("ec2").modify_ebs_default_kms_key_id(KmsKeyId=ids["keys"]["volumes"])


def encrypt(s3: Any, bucket: str, key: str) -> None:
    """Default encryption of a bucket with a key."""
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [
                {
                    "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key},
                    "BucketKeyEnabled": True,
                }
            ]
        },
    )


def make_bucket(s3: Any, name: str) -> None:
    """A bucket in the environment's region."""
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


def bucket_policy(kind: str, ids: dict[str, Any]) -> str:
    """The denials of a data bucket: plain HTTP, other keys, other paths than the environment's endpoint."""
    arn, both = n.bucket_arn(kind), [n.bucket_arn(kind), n.bucket_arn(kind) + "/*"]
    key = ids["keys"]["data"]

    def deny(sid: str, action: Any, resource: Any, condition: dict[str, Any]) -> dict[str, Any]:
        return {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": action,
            "Resource": resource,
            "Condition": condition,
        }

    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                deny("Tls", "s3:*", both, {"Bool": {"aws:SecureTransport": "false"}}),
                deny(
                    "Algorithm",
                    "s3:PutObject",
                    arn + "/*",
                    {
                        "StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption": "aws:kms"},
                        "Null": {"s3:x-amz-server-side-encryption": "false"},
                    },
                ),
                deny(
                    "Key",
                    "s3:PutObject",
                    arn + "/*",
                    {
                        "StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key},
                        "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "false"},
                    },
                ),
                deny(
                    "CustomerKeys",
                    "s3:PutObject",
                    arn + "/*",
                    {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": "false"}},
                ),
                deny(
                    "Path",
                    ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"],
                    both,
                    {
                        "StringNotEquals": {"aws:SourceVpce": [ids["endpoints"]["s3"]]},
                        "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
                    },
                ),
            ],
        }
    )


def buckets(c: Any, ids: dict[str, Any]) -> None:
    """Data, model and trail buckets; Block Public Access for the account; a bucket of somebody else."""
    s3 = c("s3")
    c("s3control").put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=ALL_BLOCKED)
    for kind in ("data_lake", "data", "model", "trail"):
        name = n.BUCKETS[kind]
        make_bucket(s3, name)
        encrypt(s3, name, ids["keys"]["logs" if kind == "trail" else "data"])
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=ALL_BLOCKED)
        s3.put_bucket_ownership_controls(
            Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        )
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": n.tags(Kind=kind)})
        s3.put_bucket_policy(
            Bucket=name, Policy=_trail_bucket_policy() if kind == "trail" else bucket_policy(kind, ids)
        )
    make_bucket(s3, n.BUCKETS["bystander"])
    s3.delete_public_access_block(Bucket=n.BUCKETS["bystander"])
    s3.delete_bucket_encryption(Bucket=n.BUCKETS["bystander"])
    ids["buckets"] = dict(n.BUCKETS)


def _trail_bucket_policy() -> str:
    arn = n.bucket_arn("trail")
    source = {"StringEquals": {"aws:SourceArn": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{n.TRAIL}"}}
    service = {"Service": "cloudtrail.amazonaws.com"}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Acl",
                    "Effect": "Allow",
                    "Principal": service,
                    "Action": "s3:GetBucketAcl",
                    "Resource": arn,
                    "Condition": source,
                },
                {
                    "Sid": "Write",
                    "Effect": "Allow",
                    "Principal": service,
                    "Action": "s3:PutObject",
                    "Resource": f"{arn}/AWSLogs/{ACCOUNT}/*",
                    "Condition": source,
                },
                {
                    "Sid": "Tls",
                    "Effect": "Deny",
                    "Principal": {"AWS": "*"},
                    "Action": "s3:*",
                    "Resource": [arn, arn + "/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
            ],
        }
    )


def log_groups(c: Any, ids: dict[str, Any]) -> None:
    """A group for each kind of SageMaker resource, for flow logs and for the trail."""
    logs = c("logs")
    for name in (*SAGEMAKER_GROUPS, n.FLOW_GROUP, n.TRAIL_GROUP):
        logs.create_log_group(logGroupName=name, kmsKeyId=ids["keys"]["logs"], tags=n.TAGS)
        logs.put_retention_policy(logGroupName=name, retentionInDays=400)
    logs.create_log_group(logGroupName="/aws/lambda/web-shop")


def selectors() -> list[dict[str, Any]]:
    """All management events; data events of the data buckets and of endpoints."""

    def field(name: str, **tests: list[str]) -> dict[str, Any]:
        return {"Field": name, **tests}

    return [
        {"Name": "management", "FieldSelectors": [field("eventCategory", Equals=["Management"])]},
        {
            "Name": "data buckets",
            "FieldSelectors": [
                field("eventCategory", Equals=["Data"]),
                field("resources.type", Equals=["AWS::S3::Object"]),
                field(
                    "resources.ARN", StartsWith=[n.bucket_arn(kind) + "/" for kind in ("data_lake", "data", "model")]
                ),
            ],
        },
        {
            "Name": "endpoints",
            "FieldSelectors": [
                field("eventCategory", Equals=["Data"]),
                field("resources.type", Equals=["AWS::SageMaker::Endpoint"]),
            ],
        },
    ]


def trail(c: Any, ids: dict[str, Any]) -> None:
    """A multi-Region trail, validated, encrypted, to S3 and to a log group, and logging."""
    client = c("cloudtrail")
    made = client.create_trail(
        Name=n.TRAIL,
        S3BucketName=n.BUCKETS["trail"],
        IncludeGlobalServiceEvents=True,
        IsMultiRegionTrail=True,
        EnableLogFileValidation=True,
        KmsKeyId=ids["keys"]["logs"],
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{n.TRAIL_GROUP}:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/ds-trail-logs",
    )
    ids["trail"] = made["TrailARN"]
    client.put_event_selectors(TrailName=n.TRAIL, AdvancedEventSelectors=selectors())
    client.start_logging(Name=n.TRAIL)
