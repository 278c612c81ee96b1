"""Breaks of buckets, keys and EBS."""

from __future__ import annotations

import json
from typing import Any

from .. import ACCOUNT
from ..build import data as d
from ..build import names as n
from .core import Context, breaks, each, escapes, finding, nc

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
    *(finding(f"DATA-{number}", LAKE, "NOT_APPLICABLE") for number in ("03", "04", "05", "06", "09")),
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


# -- DATA-03, DATA-04, DATA-05, DATA-09 -------------------------------------------------------------------------------


def bucket_policy(x: Context, *more: dict[str, Any], without: str = "") -> None:
    """The data bucket's policy without the statement of a Sid, and with more statements."""
    document = json.loads(d.bucket_policy("data", x.ids))
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != without] + list(more)
    x.s3.put_bucket_policy(Bucket=DATA, Policy=json.dumps(document))


def _without(control: str, sid: str, text: str) -> None:
    @breaks(f"{control.lower()}-no-{sid.lower()}", text, nc(control, DATA), mend=True)
    def _(x: Context) -> Any:
        bucket_policy(x, without=sid)
        yield
        bucket_policy(x)


_without("DATA-03", "Key", "The bucket policy lets a writer name another key.")
_without("DATA-03", "Algorithm", "The bucket policy lets a writer name another algorithm.")
_without("DATA-03", "CustomerKeys", "The bucket policy lets a writer bring a key of his own.")
_without("DATA-04", "Tls", "The bucket policy takes plain HTTP.")
_without("DATA-05", "Path", "The bucket policy lets callers in from anywhere.")


@breaks("data-04-objects-only", "The bucket policy denies plain HTTP for the objects alone.", nc("DATA-04", DATA))
def _(x: Context) -> Any:
    tls = next(one for one in json.loads(d.bucket_policy("data", x.ids))["Statement"] if one["Sid"] == "Tls")
    bucket_policy(x, {**tls, "Resource": n.bucket_arn("data") + "/*"}, without="Tls")
    yield


@breaks("data-05-stale-endpoint", "The bucket policy also names an endpoint that is not there.", nc("DATA-05", DATA))
def _(x: Context) -> Any:
    path = next(one for one in json.loads(d.bucket_policy("data", x.ids))["Statement"] if one["Sid"] == "Path")
    ways = [x.ids["endpoints"]["s3"], "vpce-0123456789abcdef0"]
    condition = {**path["Condition"], "StringNotEquals": {"aws:SourceVpce": ways}}
    bucket_policy(x, {**path, "Condition": condition}, without="Path")
    yield


def grant(principal: Any, **more: Any) -> dict[str, Any]:
    """An Allow that reads the data bucket's objects."""
    return {
        "Sid": "Grant",
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetObject",
        "Resource": n.bucket_arn("data") + "/*",
        **more,
    }


@breaks("data-09-foreign-account", "The bucket policy grants a foreign account.", nc("DATA-09", DATA), mend=True)
def _(x: Context) -> Any:
    bucket_policy(x, grant({"AWS": "arn:aws:iam::999999999999:root"}))
    yield
    bucket_policy(x)


@breaks("data-09-organization", "The bucket policy grants an organization that is not the baseline's.", nc("DATA-09", DATA))
def _(x: Context) -> Any:
    bucket_policy(x, grant({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}))
    yield


@breaks("data-09-own-account", "No fault: the bucket policy grants everyone of the account.")
def _(x: Context) -> Any:
    bucket_policy(x, grant({"AWS": "*"}, Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}))
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


# What policies confine to the key that an alias led to.
JOB_ACTIONS = ("CreateTrainingJob", "CreateProcessingJob", "CreateTransformJob")
GATED_BY_DATA = escapes("IAMC-04", "notebook_execution", *JOB_ACTIONS)
GATED_BY_VOLUMES = [
    *escapes("IAMC-03", "notebook_execution", *JOB_ACTIONS),
    *escapes("IAMC-03", "notebook_creation", "CreateNotebookInstance"),
    *escapes("IAMC-03", "endpoint_creation", "CreateEndpointConfig"),
]


def repoint(x: Context, key: str, **more: Any) -> None:
    """An environment alias on a new key."""
    made = x.kms.create_key(Description="another", Policy=d.key_policy([]), **more)["KeyMetadata"]
    x.new["key"] = made["Arn"]
    x.kms.update_alias(AliasName=n.ALIASES[key], TargetKeyId=made["KeyId"])


@breaks(
    "data-10-alias-repointed",
    "The data alias points to another good key; everything still uses the old one.",
    *OF_DATA,
    each("DATA-03", *BUCKETS),
    GATED_BY_DATA,
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
    each("DATA-03", *BUCKETS),
    GATED_BY_DATA,
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
    GATED_BY_VOLUMES,
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


# -- DATA-11 ----------------------------------------------------------------------------------------------------------


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


# -- DATA-12 ----------------------------------------------------------------------------------------------------------


def admit(x: Context, **statement: Any) -> None:
    """One more statement in the data key's policy; none restores it."""
    document = json.loads(d.key_policy([]))
    if statement:
        document["Statement"].append({"Sid": "More", "Effect": "Allow", "Resource": "*", **statement})
    x.kms.put_key_policy(KeyId=bare(x, "data"), PolicyName="default", Policy=json.dumps(document))


USE = ["kms:Decrypt", "kms:GenerateDataKey*"]


@breaks("data-12-foreign", "The data key's policy admits a foreign account.", nc("DATA-12", "{keys.data}"), mend=True)
def _(x: Context) -> Any:
    admit(x, Principal={"AWS": "arn:aws:iam::999999999999:root"}, Action=USE)
    yield
    admit(x)


@breaks(
    "data-12-negated", "The data key's users are all who come another way.", nc("DATA-12", "{keys.data}"), mend=True
)
def _(x: Context) -> Any:
    away = {"StringNotEquals": {"aws:SourceVpce": x.ids["endpoints"]["kms"]}}
    admit(x, Principal={"AWS": n.role_arn("training_execution")}, Action=USE, Condition=away)
    yield
    admit(x)


@breaks("data-12-bound-admin", "A bound role may change the data key's policy.", nc("DATA-12", "{keys.data}"), mend=True)
def _(x: Context) -> Any:
    admit(x, Principal={"AWS": n.role_arn("notebook_creation")}, Action="kms:PutKeyPolicy")
    yield
    admit(x)


@breaks("data-12-user-and-admin", "A user administers the data key and decrypts.", nc("DATA-12", "{keys.data}"))
def _(x: Context) -> Any:
    admit(x, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:user/key-keeper"}, Action="kms:*")
    yield


@breaks("data-12-own-callers", "No fault: the data key's policy admits callers of the account through S3.")
def _(x: Context) -> Any:
    through = {"StringEquals": {"kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}
    admit(x, Principal={"AWS": "*"}, Action=USE, Condition=through)
    yield


# -- DATA-13 ----------------------------------------------------------------------------------------------------------


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
