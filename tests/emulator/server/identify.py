"""Which AWS operation an HTTP request is: service, operation, region, protocol and its small parameters."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from .http import Request

READS = ("Describe", "Get", "List", "Head", "Search", "Lookup", "BatchGet", "Simulate", "Filter", "Scan", "Query")
# Not a change of the account, though the verb says so.
ALSO_READS = {("sts", "AssumeRole"), ("sts", "DecodeAuthorizationMessage"), ("iam", "GenerateCredentialReport")}

SIGNING_NAMES = {"monitoring": "cloudwatch"}
TARGETS = {
    "SageMaker": "sagemaker",
    "TrentService": "kms",
    "CloudTrail_20131101": "cloudtrail",
    "Logs_20140328": "logs",
    "AmazonSQS": "sqs",
    "GraniteServiceVersion20100801": "cloudwatch",
    "AWS242ServiceCatalogService": "servicecatalog",
    "CodeCommit_20150413": "codecommit",
}
QUERY = {"ec2": "ec2", "iam": "query", "sts": "query", "sns": "query", "cloudwatch": "query", "sqs": "query"}

# S3: subresource in the query string -> the operation's noun.
BUCKET_NOUNS = {
    "encryption": "BucketEncryption",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "PublicAccessBlock",
    "ownershipControls": "BucketOwnershipControls",
    "versioning": "BucketVersioning",
    "logging": "BucketLogging",
    "acl": "BucketAcl",
    "location": "BucketLocation",
    "tagging": "BucketTagging",
    "lifecycle": "BucketLifecycleConfiguration",
    "cors": "BucketCors",
    "website": "BucketWebsite",
    "notification": "BucketNotificationConfiguration",
    "replication": "BucketReplication",
    "object-lock": "ObjectLockConfiguration",
    "accelerate": "BucketAccelerateConfiguration",
    "requestPayment": "BucketRequestPayment",
    "inventory": "BucketInventoryConfiguration",
}
KEY_NOUNS = {
    "acl": "ObjectAcl",
    "tagging": "ObjectTagging",
    "retention": "ObjectRetention",
    "legal-hold": "ObjectLegalHold",
    "attributes": "ObjectAttributes",
}


@dataclass
class Call:
    """What a request asks for."""

    service: str
    operation: str
    region: str
    protocol: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def write(self) -> bool:
        if (self.service, self.operation) in ALSO_READS:
            return False
        return not self.operation.startswith(READS)


def scope(request: Request) -> tuple[str | None, str | None]:
    """Region and signing name from the credential scope, if the request is signed."""
    auth = request.headers.get("authorization", "")
    if "Credential=" in auth:
        parts = auth.split("Credential=", 1)[1].split(",")[0].split("/")
        if len(parts) >= 5:
            return parts[-3], parts[-2]
    for key, value in parse_qsl(request.query):
        if key == "X-Amz-Credential" and value.count("/") >= 4:
            parts = value.split("/")
            return parts[-3], parts[-2]
    return None, None


def _small(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= 200 else value[:200] + "…"
    if isinstance(value, (bool, int, float)) or value is None:
        return value
    if isinstance(value, list):
        return [_small(item) for item in value[:20]] if len(str(value)) < 2000 else f"list of {len(value)}"
    if isinstance(value, dict):
        return {k: _small(v) for k, v in value.items()} if len(str(value)) < 2000 else "structure"
    return str(value)[:200]


def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(request.body or b"{}")
        return {k: _small(v) for k, v in body.items()} if isinstance(body, dict) else {}
    except ValueError:
        return {}


def _s3(request: Request) -> tuple[str, dict[str, Any]]:
    path = request.target.split("?", 1)[0].lstrip("/")
    bucket, _, key = path.partition("/")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    params: dict[str, Any] = {k: _small(v) for k, v in query.items() if not k.startswith(("X-Amz", "x-id"))}
    if bucket:
        params["Bucket"] = unquote(bucket)
    if key:
        params["Key"] = unquote(key)
    verb = {"GET": "Get", "PUT": "Put", "DELETE": "Delete", "HEAD": "Head", "POST": "Post"}.get(request.method, "Get")
    for header, name in (("if-match", "IfMatch"), ("if-none-match", "IfNoneMatch")):
        if header in request.headers:
            params[name] = request.headers[header]
    if not bucket:
        return "ListBuckets", params
    if key:
        for sub, noun in KEY_NOUNS.items():
            if sub in query:
                return verb + noun, params
        if "uploads" in query:
            return "CreateMultipartUpload", params
        if "uploadId" in query:
            return {
                "PUT": "UploadPart",
                "POST": "CompleteMultipartUpload",
                "DELETE": "AbortMultipartUpload",
                "GET": "ListParts",
            }.get(request.method, "UploadPart"), params
        if request.method == "PUT" and "x-amz-copy-source" in request.headers:
            return "CopyObject", params
        return verb + "Object", params
    for sub, noun in BUCKET_NOUNS.items():
        if sub in query:
            if verb == "Delete" and noun == "BucketLifecycleConfiguration":
                return "DeleteBucketLifecycle", params
            return verb + noun, params
    if "versions" in query:
        return "ListObjectVersions", params
    if "uploads" in query:
        return "ListMultipartUploads", params
    if "delete" in query:
        return "DeleteObjects", params
    if request.method == "GET":
        return ("ListObjectsV2" if query.get("list-type") == "2" else "ListObjects"), params
    return {"PUT": "CreateBucket", "DELETE": "DeleteBucket", "HEAD": "HeadBucket"}.get(
        request.method, "PostObject"
    ), params


def identify(request: Request) -> Call:
    """The operation a request asks for; `unknown` where it can't be told."""
    region, signing = scope(request)
    region = region or "us-east-1"
    path = request.path
    target = request.headers.get("x-amz-target", "")
    if path.startswith("/service/") and "/operation/" in path:
        operation = path.rsplit("/", 1)[1]
        return Call("cloudwatch", operation, region, "cbor", {})
    if target:
        prefix, _, operation = target.rpartition(".")
        prefix = prefix.rsplit(".", 1)[-1]
        service = SIGNING_NAMES.get(signing or "", signing) or TARGETS.get(prefix) or prefix.lower()
        return Call(service, operation, region, "json", _json(request))
    service = SIGNING_NAMES.get(signing or "", signing or "")
    if service in ("s3", "s3control", "") and path.startswith("/v20180820/"):
        operation = "UnknownOperation"
        verb = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}.get(request.method, "Get")
        if path.startswith("/v20180820/configuration/publicAccessBlock"):
            operation = verb + "PublicAccessBlock"
        elif path.rstrip("/") == "/v20180820/accesspoint":
            operation = "ListAccessPoints"
        elif path.startswith("/v20180820/accesspoint/"):
            noun = {"policy": "AccessPointPolicy", "policyStatus": "AccessPointPolicyStatus"}.get(
                path.rstrip("/").rsplit("/", 1)[1], "AccessPoint"
            )
            operation = ("Create" if (verb, noun) == ("Put", "AccessPoint") else verb) + noun
        return Call(
            "s3control", operation, region, "s3control", {"AccountId": request.headers.get("x-amz-account-id", "")}
        )
    if "x-www-form-urlencoded" in request.headers.get("content-type", ""):
        form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
        operation = form.pop("Action", "UnknownOperation")
        form.pop("Version", None)
        return Call(
            service or "unknown",
            operation,
            region,
            QUERY.get(service, "query"),
            {k: _small(v) for k, v in form.items()},
        )
    if service == "lambda" and path.endswith("/invocations"):
        kind = request.headers.get("x-amz-invocation-type", "RequestResponse")
        payload = request.body.decode("utf-8", "replace")
        name = unquote(path.rstrip("/").split("/")[-2])
        return Call(service, "Invoke", region, "rest-json", {"FunctionName": name, "InvocationType": kind, "Payload": payload})
    if service in ("s3", ""):
        operation, params = _s3(request)
        return Call("s3", operation, region, "s3", params)
    form = dict(parse_qsl(request.query, keep_blank_values=True))
    if "Action" in form:
        return Call(service, form["Action"], region, QUERY.get(service, "query"), {})
    return Call(service, "UnknownOperation", region, "rest-json", {})
