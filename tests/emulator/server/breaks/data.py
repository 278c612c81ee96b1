"""Breaks of buckets, keys and EBS."""

from __future__ import annotations

from typing import Any

from .. import ACCOUNT
from ..build import data as d
from ..build import names as n
from .core import Context, breaks, each, finding, nc

BUCKETS = [n.BUCKETS[kind] for kind in ("data_lake", "data", "model")]
LAKE, DATA, MODEL = BUCKETS
SINGLE, MULTI, NVME = n.TRAINING
# What no longer has an environment key when one of the keys stops to be one.
OF_DATA = [each("DATA-01", *BUCKETS), each("SMK-13", SINGLE, MULTI, NVME), nc("SMK-19", n.CONFIG)]
OF_VOLUMES = [
    nc("DATA-13"),
    nc("SMK-03", n.NOTEBOOK),
    nc("SMK-09", "{domain}"),
    each("SMK-13", SINGLE, MULTI),
    nc("SMK-19", n.CONFIG),
]
OF_LOGS = [nc("LOG-03", "{trail}")]
# Roles whose policies name the key that the baseline's alias pointed at.
READERS = [nc("IAM-06", n.role_name(role)) for role in ("notebook_execution", "training_execution", "endpoint_hosting")]


# -- DATA-01 ----------------------------------------------------------------------------------------------------------


def default_key(x: Context, bucket: str, key: str | None) -> None:
    """Default encryption with KMS, under a key or none."""
    rule: dict[str, Any] = {"SSEAlgorithm": "aws:kms"}
    if key:
        rule["KMSMasterKeyID"] = key
    x.s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": True}]
        },
    )


@breaks("data-01-sse-s3", "A bucket went back to S3's own encryption.", nc("DATA-01", DATA), demo=True)
def _(x: Context) -> Any:
    x.s3.delete_bucket_encryption(Bucket=DATA)
    yield
    default_key(x, DATA, x.ids["keys"]["data"])


@breaks(
    "data-01-no-key-id",
    "KMS encryption without a key: the AWS managed one.",
    nc("DATA-01", LAKE),
    finding("DATA-10", "alias/aws/s3", optional=True),
)
def _(x: Context) -> Any:
    default_key(x, LAKE, None)
    yield


@breaks(
    "data-01-aws-managed-key", "The bucket names the AWS managed key.", nc("DATA-01", MODEL), nc("DATA-10", "alias/aws/s3")
)
def _(x: Context) -> Any:
    x.kms.describe_key(KeyId="alias/aws/s3")
    default_key(x, MODEL, "alias/aws/s3")
    yield


@breaks(
    "data-01-unknown-key",
    "The bucket uses a customer key that the baseline does not know.",
    nc("DATA-01", DATA),
    finding("DATA-10", "{new.key}", optional=True),
)
def _(x: Context) -> Any:
    x.new["key"] = d.make_key(x.kms, "somebody's", [])
    default_key(x, DATA, x.new["key"])
    yield


@breaks(
    "data-01-key-of-other-use", "The bucket uses the environment's key for volumes.", nc("DATA-01", DATA), exact=False
)
def _(x: Context) -> Any:
    default_key(x, DATA, x.ids["keys"]["volumes"])
    yield


@breaks(
    "data-01-bucket-missing",
    "A data bucket was deleted.",
    nc("DATA-01", LAKE),
    finding("DATA-06", LAKE, "NOT_APPLICABLE"),
)
def _(x: Context) -> Any:
    x.s3.delete_bucket(Bucket=LAKE)
    yield


@breaks("data-01-alias-spelling", "No fault: the bucket names the right key by its alias.")
def _(x: Context) -> Any:
    default_key(x, DATA, n.ALIASES["data"])
    yield


@breaks("data-01-id-spelling", "No fault: the bucket names the right key by its bare id.")
def _(x: Context) -> Any:
    default_key(x, MODEL, x.ids["keys"]["data"].rsplit("/", 1)[1])
    yield


# -- DATA-06 ----------------------------------------------------------------------------------------------------------


def bucket_block(x: Context, **flags: bool) -> None:
    x.s3.put_public_access_block(Bucket=DATA, PublicAccessBlockConfiguration={**d.ALL_BLOCKED, **flags})


def account_block(x: Context, **flags: bool) -> None:
    x.s3control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration={**d.ALL_BLOCKED, **flags})


def _flag(flag: str) -> None:
    @breaks(f"data-06-bucket-{flag.lower()}", f"{flag} is off on a bucket.", nc("DATA-06", DATA), mend=True)
    def _(x: Context) -> Any:
        bucket_block(x, **{flag: False})
        yield
        bucket_block(x)


for _one in d.ALL_BLOCKED:
    _flag(_one)


@breaks("data-06-bucket-none", "A bucket has no public access block.", nc("DATA-06", DATA), mend=True)
def _(x: Context) -> Any:
    x.s3.delete_public_access_block(Bucket=DATA)
    yield
    bucket_block(x)


@breaks("data-06-account-flag", "One of the account's four flags is off.", each("DATA-06", *BUCKETS), mend=True)
def _(x: Context) -> Any:
    account_block(x, RestrictPublicBuckets=False)
    yield
    account_block(x)


@breaks("data-06-account-none", "The account has no public access block.", each("DATA-06", *BUCKETS), mend=True)
def _(x: Context) -> Any:
    x.s3control.delete_public_access_block(AccountId=ACCOUNT)
    yield
    account_block(x)


@breaks("data-06-both-none", "Neither the bucket nor the account has a public access block.", each("DATA-06", *BUCKETS))
def _(x: Context) -> Any:
    x.s3control.delete_public_access_block(AccountId=ACCOUNT)
    x.s3.delete_public_access_block(Bucket=MODEL)
    yield


# -- DATA-10 ----------------------------------------------------------------------------------------------------------


def bare(x: Context, key: str) -> str:
    """The id of a key: not every write of moto takes the ARN."""
    return str(x.ids["keys"][key]).rsplit("/", 1)[1]


def _key(key: str, of: list[Any], demo: bool = False) -> None:
    @breaks(
        f"data-10-{key}-key-disabled",
        f"The {key} key is disabled.",
        nc("DATA-10", f"{{keys.{key}}}"),
        *of,
        mend=True,
        demo=demo,
    )
    def _(x: Context) -> Any:
        x.kms.disable_key(KeyId=bare(x, key))
        yield
        x.kms.enable_key(KeyId=bare(x, key))

    @breaks(
        f"data-10-{key}-key-pending-deletion",
        f"The {key} key is scheduled for deletion.",
        nc("DATA-10", f"{{keys.{key}}}"),
        nc("DATA-11", f"{{keys.{key}}}"),
        *of,
    )
    def _(x: Context) -> Any:
        x.kms.schedule_key_deletion(KeyId=bare(x, key), PendingWindowInDays=7)
        yield


_key("data", OF_DATA, demo=True)
_key("volumes", OF_VOLUMES)
_key("logs", OF_LOGS)


def repoint(x: Context, key: str, **more: Any) -> None:
    """An environment alias on a new key."""
    made = x.kms.create_key(Description="another", Policy=d.key_policy([]), **more)["KeyMetadata"]
    x.new["key"] = made["Arn"]
    x.kms.update_alias(AliasName=n.ALIASES[key], TargetKeyId=made["KeyId"])


@breaks(
    "data-10-alias-repointed",
    "The data alias points to another good key; everything still uses the old one.",
    *OF_DATA,
    READERS,
    finding("DATA-10", "{keys.data}", optional=True),
)
def _(x: Context) -> Any:
    repoint(x, "data")
    x.kms.enable_key_rotation(KeyId=x.new["key"])
    yield


@breaks(
    "data-10-asymmetric",
    "The data alias points to an RSA key.",
    nc("DATA-10", "{new.key}"),
    *OF_DATA,
    READERS,
    finding("DATA-10", "{keys.data}", optional=True),
)
def _(x: Context) -> Any:
    repoint(x, "data", KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    yield


@breaks(
    "data-10-pending-import",
    "The volumes alias points to a key whose material is not imported.",
    nc("DATA-10", "{new.key}"),
    *OF_VOLUMES,
    nc("IAM-06", n.role_name("notebook_creation")),
    finding("DATA-10", "{keys.volumes}", optional=True),
    reach="state",
)
def _(x: Context) -> Any:
    repoint(x, "volumes", Origin="EXTERNAL")
    held = x.backend("kms").keys[x.new["key"].rsplit("/", 1)[1]]
    held.key_state, held.enabled, held.origin = "PendingImport", False, "EXTERNAL"
    yield


@breaks(
    "data-10-alias-deleted",
    "The data alias is gone, so that the baseline's key matches nothing.",
    *OF_DATA,
    exact=False,
)
def _(x: Context) -> Any:
    x.kms.delete_alias(AliasName=n.ALIASES["data"])
    yield


# -- DATA-11, DATA-13 -------------------------------------------------------------------------------------------------


@breaks("data-11-off", "The data key does not rotate.", nc("DATA-11", "{keys.data}"), mend=True)
def _(x: Context) -> Any:
    x.kms.disable_key_rotation(KeyId=x.ids["keys"]["data"])
    yield
    x.kms.enable_key_rotation(KeyId=x.ids["keys"]["data"])


@breaks("data-11-too-rare", "The logs key rotates every two years.", nc("DATA-11", "{keys.logs}"), mend=True)
def _(x: Context) -> Any:
    x.kms.enable_key_rotation(KeyId=x.ids["keys"]["logs"], RotationPeriodInDays=730)
    yield
    x.kms.enable_key_rotation(KeyId=x.ids["keys"]["logs"])


@breaks("data-13-default-off", "EBS encryption by default is off.", nc("DATA-13"), mend=True)
def _(x: Context) -> Any:
    x.ec2.disable_ebs_encryption_by_default()
    yield
    x.ec2.enable_ebs_encryption_by_default()


@breaks(
    "data-13-aws-key",
    "The EBS default key is the AWS managed one.",
    nc("DATA-13"),
    finding("DATA-10", "alias/aws/ebs", optional=True),
    mend=True,
)
def _(x: Context) -> Any:
    x.ec2.reset_ebs_default_kms_key_id()
    yield
    x.ec2.modify_ebs_default_kms_key_id(KmsKeyId=x.ids["keys"]["volumes"])


@breaks(
    "data-13-unknown-key",
    "The EBS default key is not the environment's.",
    nc("DATA-13"),
    finding("DATA-10", "{new.key}", optional=True),
)
def _(x: Context) -> Any:
    x.new["key"] = d.make_key(x.kms, "somebody's", [])
    x.ec2.modify_ebs_default_kms_key_id(KmsKeyId=x.new["key"])
    yield


@breaks("data-13-plain-volume", "An instance in an environment subnet has an unencrypted volume.", nc("DATA-13"))
def _(x: Context) -> Any:
    image = x.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    made = x.ec2.run_instances(
        ImageId=image,
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        SubnetId=x.ids["subnets"]["a"],
        SecurityGroupIds=[x.ids["groups"]["default"]],
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "Encrypted": False}}],
    )["Instances"][0]
    x.new["instance"] = made["InstanceId"]
    yield
