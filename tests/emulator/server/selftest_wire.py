"""The part of the self check that needs sockets: protocols, ledger, faults, pages, enforcement, forks."""

from __future__ import annotations

import gzip
import http.client
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import cbor2
from botocore.config import Config
from botocore.exceptions import ClientError

from . import ACCOUNT, REGION
from .http import Server
from .layer import Layer

DENY = {
    "ec2": "UnauthorizedOperation",
    "iam": "AccessDenied",
    "sts": "AccessDenied",
    "s3": "AccessDenied",
    "s3control": "AccessDenied",
    "sns": "AuthorizationError",
    "cloudwatch": "AccessDenied",
    "kms": "AccessDeniedException",
    "sagemaker": "AccessDeniedException",
    "logs": "AccessDeniedException",
    "cloudtrail": "AccessDeniedException",
}
THROTTLE = {
    "ec2": "RequestLimitExceeded",
    "iam": "Throttling",
    "s3": "SlowDown",
    "sns": "Throttled",
    "kms": "ThrottlingException",
}
READS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "ec2": ("DescribeVpcs", "describe_vpcs", {}),
    "iam": ("GetAccountAuthorizationDetails", "get_account_authorization_details", {}),
    "sts": ("GetCallerIdentity", "get_caller_identity", {}),
    "kms": ("ListAliases", "list_aliases", {}),
    "s3": ("GetBucketEncryption", "get_bucket_encryption", {"Bucket": "ds-data-fraud-dev-7f3a"}),
    "s3control": ("GetPublicAccessBlock", "get_public_access_block", {"AccountId": ACCOUNT}),
    "sns": ("ListTopics", "list_topics", {}),
    "cloudwatch": ("ListMetrics", "list_metrics", {}),
    "sagemaker": ("ListModels", "list_models", {}),
    "logs": ("DescribeLogGroups", "describe_log_groups", {}),
    "cloudtrail": ("DescribeTrails", "describe_trails", {}),
}


class Wire:
    """An emulator behind a socket, and clients of it."""

    def __init__(self, port: int, key: str = "AKIAWIREWIREWIREWIRE", secret: str = "s") -> None:
        self.port, self.key, self.secret = port, key, secret
        self.url = f"http://127.0.0.1:{port}"

    def client(self, service: str, timeout: float = 5) -> Any:
        config = Config(
            retries={"total_max_attempts": 1, "mode": "standard"},
            read_timeout=timeout,
            connect_timeout=5,
            s3={"addressing_style": "path"},
        )
        made = boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=config,
        )
        if service == "s3control":
            # As the product does: no account before the host of a loopback endpoint.
            made.meta.events.register(
                "before-sign.s3-control.*",
                lambda request, **_: setattr(request, "url", request.url.replace(f"{ACCOUNT}.127.0.0.1", "127.0.0.1")),
            )
        return made

    def control(self, method: str, path: str, data: Any = None) -> Any:
        body = None if data is None else data.encode() if isinstance(data, str) else json.dumps(data).encode()
        request = urllib.request.Request(f"{self.url}{path}", data=body, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            return json.loads(reply.read() or b"null")


def outcome(call: Any, **params: Any) -> str:
    """`ok`, an error code, or the name of what was raised."""
    try:
        call(**params)
        return "ok"
    except ClientError as failed:
        return str(failed.response["Error"]["Code"])
    except Exception as failed:
        return type(failed).__name__


def forks(check: Any) -> None:
    """A forking process: times, separate copies, clean end."""
    started = time.monotonic()
    holder = subprocess.Popen(
        [sys.executable, "-m", "server", "zygote"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        stderr=subprocess.DEVNULL,
    )
    assert holder.stdin and holder.stdout
    made, times = [], []
    for number in range(6):
        at = time.monotonic()
        holder.stdin.write("fork\n")
        holder.stdin.flush()
        made.append(json.loads(holder.stdout.readline()))
        Wire(made[-1]["port"]).control("GET", "/_plumbline/health")
        if number == 0:
            print(f"first fork {time.monotonic() - started:.2f} s after the start", flush=True)
        else:
            times.append(time.monotonic() - at)
    print(f"fork to first answer {min(times) * 1000:.0f} to {max(times) * 1000:.0f} ms", flush=True)
    first, second = Wire(made[0]["port"]), Wire(made[1]["port"])
    done = first.control("POST", "/_plumbline/break/net-02-igw-attached")
    check(done["expect"][0]["resource"] == first.control("GET", "/_plumbline/ids")["vpc"], "break over HTTP")
    counts = [len(w.client("ec2").describe_internet_gateways()["InternetGateways"]) for w in (first, second)]
    check(counts == [3, 2], f"forks are separate: {counts}")
    check(first.control("POST", "/_plumbline/mend/net-02-igw-attached")["mended"], "mend over HTTP")
    check(len(first.client("ec2").describe_internet_gateways()["InternetGateways"]) == 2, "mended over HTTP")
    holder.stdin.close()
    check(holder.wait(20) == 0, "zygote ends with its stdin")
    time.sleep(0.3)
    check(
        all(outcome(Wire(one["port"]).control, method="GET", path="/_plumbline/health") == "URLError" for one in made),
        "forks end too",
    )


def wire(check: Any) -> None:
    """Everything else, on one server in a thread."""
    layer = Layer()
    layer.build()
    server = Server(layer.handle)
    server.start()
    w = Wire(server.port)
    try:
        for part in (_ledger, _details, _faults, _pages, _metrics, _outputs, _enforcement):
            try:
                part(check, w)
            except Exception as failed:
                check(False, f"{part.__name__}: {failed!r}")
            w.control("DELETE", "/_plumbline/faults")
    finally:
        server.stop()


def _ledger(check: Any, w: Wire) -> None:
    for service, (operation, method, params) in READS.items():
        w.control("DELETE", "/_plumbline/calls")
        done = outcome(getattr(w.client(service), method), **params)
        calls = [c for c in w.control("GET", "/_plumbline/calls")]
        check(
            done == "ok"
            and [(c["service"], c["operation"], c["write"]) for c in calls] == [(service, operation, False)],
            f"ledger of {service}: {done} {calls}",
        )
    w.control("DELETE", "/_plumbline/calls")
    w.client("sns").create_topic(Name="ledger")
    check([c["write"] for c in w.control("GET", "/_plumbline/calls")] == [True], "a write is a write")


def _details(check: Any, w: Wire) -> None:
    check(outcome(w.client("ec2").describe_verified_access_groups) == "InvalidAction", "unknown EC2 operation")
    check(
        outcome(w.client("sagemaker").describe_workteam, WorkteamName="x") == "UnknownOperationException",
        "unknown JSON operation",
    )
    check(
        outcome(w.client("ec2").describe_vpcs, VpcIds=["vpc-1"], MaxResults=5) == "InvalidParameterCombination",
        "MaxResults beside ids",
    )
    check(
        outcome(w.client("ec2").describe_route_tables, MaxResults=1000)
        in ("InvalidParameterValue", "ParamValidationError"),
        "MaxResults out of range",
    )
    request = urllib.request.Request(
        f"{w.url}/v20180820/configuration/publicAccessBlock",
        headers={
            "x-amz-account-id": ACCOUNT,
            "Authorization": f"AWS4-HMAC-SHA256 Credential=A/20260101/{REGION}/s3/aws4_request, SignedHeaders=host, Signature=x",
        },
    )
    check(b"<BlockPublicAcls>true" in urllib.request.urlopen(request, timeout=5).read(), "S3 Control at a plain host")
    s3 = w.client("s3")
    s3.create_bucket(Bucket="never-versioned", CreateBucketConfiguration={"LocationConstraint": REGION})
    check("Status" not in s3.get_bucket_versioning(Bucket="never-versioned"), "a bucket without versioning")
    check(outcome(s3.put_object, Bucket="never-versioned", Key="a", Body=b"x" * 100000, IfNoneMatch="*") == "ok", "put")
    check(
        outcome(s3.put_object, Bucket="never-versioned", Key="a", Body=b"y", IfNoneMatch="*") == "PreconditionFailed",
        "put once only",
    )
    check(s3.get_object(Bucket="never-versioned", Key="a")["Body"].read() == b"x" * 100000, "get")
    w.control(
        "PUT",
        "/_plumbline/faults",
        [
            {
                "kind": "patch",
                "service": "cloudtrail",
                "operation": "GetTrailStatus",
                "set": {"LatestDeliveryError": "AccessDenied"},
            }
        ],
    )
    check(w.client("cloudtrail").get_trail_status(Name="ds-trail")["LatestDeliveryError"] == "AccessDenied", "patch")
    check(
        outcome(w.control, method="PUT", path="/_plumbline/faults", data=[{"kind": "nonsense"}]) == "HTTPError",
        "bad rule refused",
    )


def _faults(check: Any, w: Wire) -> None:
    def put(kind: str, service: str, **more: Any) -> None:
        w.control("PUT", "/_plumbline/faults", [{"kind": kind, "service": service, **more}])

    for service, (_, method, params) in READS.items():
        client = w.client(service, timeout=1)
        call = getattr(client, method)
        put("deny", service)
        check(outcome(call, **params) == DENY[service], f"deny {service}: {outcome(call, **params)}")
        put("throttle", service)
        got = outcome(call, **params)
        check(got == THROTTLE.get(service, got) and got != "ok", f"throttle {service}: {got}")
        put("error500", service)
        got = outcome(call, **params)
        check("nternal" in got or got == "ServiceFailure", f"error500 {service}: {got}")
        for kind in ("cut", "reset", "hang"):
            put(kind, service)
            got = outcome(call, **params)
            # boto3 reads a cut JSON reply as an empty one: the ledger tells that it was cut.
            entry = w.control("GET", "/_plumbline/calls")[-1]
            check(got != "ok" or (kind == "cut" and entry["wire"] == "cut"), f"{kind} {service}: {got}")
        for kind in ("empty", "garble"):
            put(kind, service)
            request = w.control("GET", "/_plumbline/faults")
            check(request[0]["kind"] == kind, kind)
            outcome(call, **params)
            entry = w.control("GET", "/_plumbline/calls")[-1]
            check(entry["status"] == 200, f"{kind} {service}: {entry}")
        put("deny", service, times=1)
        check([outcome(call, **params), outcome(call, **params)] == [DENY[service], "ok"], f"times {service}")
    put("cut", "sagemaker")
    request = urllib.request.Request(
        f"{w.url}/",
        data=b"{}",
        headers={
            "X-Amz-Target": "SageMaker.ListModels",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=A/20260101/{REGION}/sagemaker/aws4_request, SignedHeaders=host, Signature=x",
        },
    )
    try:
        urllib.request.urlopen(request, timeout=5).read()
        check(False, "cut is cut")
    except http.client.IncompleteRead as failed:
        check(len(failed.partial) > 0 and failed.expected, "cut is cut")
    put("garble", "ec2")
    check(w.client("ec2").describe_vpcs().get("Vpcs") is None, "garbled EC2")
    put("garble", "sagemaker")
    check(w.client("sagemaker").list_models().get("Models") is None, "garbled JSON")
    put("hang", "ec2", seconds=0.3)
    at = time.monotonic()
    check(outcome(w.client("ec2").describe_vpcs) == "ok" and time.monotonic() - at >= 0.3, "late answer")
    put("deny", "s3", match={"Bucket": "ds-model"})
    s3 = w.client("s3")
    got = [outcome(s3.get_bucket_encryption, Bucket=b) for b in ("ds-data-fraud-dev-7f3a", "ds-model-fraud-dev-7f3a")]
    check(got == ["ok", "AccessDenied"], f"match {got}")


def _collect(call: Any, token: str, out: str, lists: tuple[str, ...], **params: Any) -> tuple[list[str], int, int]:
    """Every item, the number of pages, the number of empty ones that carried a token."""
    found: list[str] = []
    pages = empty = 0
    given: dict[str, Any] = {}
    while True:
        answer = call(**params, **given)
        pages += 1
        items = [json.dumps(item, default=str, sort_keys=True) for name in lists for item in answer.get(name) or []]
        found += items
        following = answer.get(out)
        empty += int(not items and bool(following))
        if not following:
            return sorted(found), pages, empty
        given = {token: following}


def _pages(check: Any, w: Wire) -> None:
    ec2, iam, sm = w.client("ec2"), w.client("iam"), w.client("sagemaker")
    logs, kms = w.client("logs"), w.client("kms")
    four = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    asked: list[tuple[str, Any, str, str, tuple[str, ...], dict[str, Any]]] = [
        ("ec2 endpoints", ec2.describe_vpc_endpoints, "NextToken", "NextToken", ("VpcEndpoints",), {}),
        ("ec2 groups", ec2.describe_security_groups, "NextToken", "NextToken", ("SecurityGroups",), {}),
        ("ec2 flow logs", ec2.describe_flow_logs, "NextToken", "NextToken", ("FlowLogs",), {}),
        ("iam", iam.get_account_authorization_details, "Marker", "Marker", four, {"MaxItems": 1000}),
        ("iam roles", iam.list_roles, "Marker", "Marker", ("Roles",), {}),
        (
            "sagemaker list",
            sm.list_training_jobs,
            "NextToken",
            "NextToken",
            ("TrainingJobSummaries",),
            {"MaxResults": 100},
        ),
        (
            "sagemaker search",
            sm.search,
            "NextToken",
            "NextToken",
            ("Results",),
            {"Resource": "TrainingJob", "MaxResults": 100},
        ),
        ("logs", logs.describe_log_groups, "nextToken", "nextToken", ("logGroups",), {}),
        ("kms", kms.list_aliases, "Marker", "NextMarker", ("Aliases",), {"Limit": 100}),
    ]
    whole = {name: _collect(call, token, out, lists, **params) for name, call, token, out, lists, params in asked}
    w.control("PUT", "/_plumbline/faults", [{"kind": "page", "size": 2, "empty_pages": True}])
    for name, call, token, out, lists, params in asked:
        found, pages, empty = _collect(call, token, out, lists, **params)
        data = -(-max(1, len(found)) // 2)
        check(
            found == whole[name][0] and empty == data - 1 and pages == 2 * data - 1,
            f"pages of {name}: {len(found)} in {pages}, {empty} empty",
        )
    check(
        len(ec2.describe_vpn_gateways()["VpnGateways"]) == 1 and "NextToken" not in ec2.describe_availability_zones(),
        "unpaged stay unpaged",
    )
    w.control("DELETE", "/_plumbline/faults")
    found, pages, _ = _collect(
        ec2.describe_network_interfaces, "NextToken", "NextToken", ("NetworkInterfaces",), MaxResults=5
    )
    check(len(found) == 21 and pages == 5, f"the client's own limit: {len(found)} in {pages}")


def _metrics(check: Any, w: Wire) -> None:
    client = w.client("cloudwatch")
    client.put_metric_data(
        Namespace="Plumbline",
        MetricData=[
            {
                "MetricName": "Drift",
                "Value": 3,
                "Unit": "Count",
                "Timestamp": datetime.now(UTC),
                "Dimensions": [{"Name": "Environment", "Value": "fraud-dev"}, {"Name": "Severity", "Value": "HIGH"}],
            }
        ]
        * 40,
    )
    got = client.get_metric_statistics(
        Namespace="Plumbline",
        MetricName="Drift",
        StartTime=datetime.now(UTC) - timedelta(hours=1),
        Period=3600,
        EndTime=datetime.now(UTC) + timedelta(hours=1),
        Statistics=["Sum", "SampleCount"],
        Dimensions=[{"Name": "Environment", "Value": "fraud-dev"}, {"Name": "Severity", "Value": "HIGH"}],
    )["Datapoints"]
    check(sum(point["Sum"] for point in got) == 120, f"metrics read back: {got}")
    kept = w.control("GET", "/_plumbline/metrics")
    check(len(kept) == 40 and kept[0]["Namespace"] == "Plumbline", f"metrics kept: {len(kept)} {kept[:1]}")
    datum = {"MetricName": "Cbor", "Value": 7.0, "Timestamp": datetime.now(UTC), "Dimensions": []}
    for zipped in (False, True):
        reply = cbor(w, "PutMetricData", {"Namespace": "Plumbline", "MetricData": [datum]}, zipped)
        check(reply == {}, f"metrics in CBOR, gzip {zipped}: {reply}")
    reply = cbor(
        w,
        "GetMetricStatistics",
        {
            "Namespace": "Plumbline",
            "MetricName": "Cbor",
            "StartTime": datetime.now(UTC) - timedelta(hours=1),
            "Period": 3600,
            "EndTime": datetime.now(UTC) + timedelta(hours=1),
            "Statistics": ["Sum"],
        },
    )
    point = reply["Datapoints"][0]
    check(point["Sum"] == 14.0 and isinstance(point["Timestamp"], datetime), f"metrics read in CBOR: {reply}")
    w.control("PUT", "/_plumbline/faults", [{"kind": "deny", "service": "cloudwatch"}])
    try:
        cbor(w, "PutMetricData", {"Namespace": "Plumbline", "MetricData": [datum]})
        check(False, "denied in CBOR")
    except urllib.error.HTTPError as failed:
        check(cbor2.loads(failed.read())["__type"].endswith("#AccessDenied") and failed.code == 403, "denied in CBOR")


def cbor(w: Wire, operation: str, params: dict[str, Any], zipped: bool = False) -> Any:
    """One call in Smithy RPC v2 CBOR."""
    body = cbor2.dumps(params)
    headers = {
        "Content-Type": "application/cbor",
        "smithy-protocol": "rpc-v2-cbor",
        "Accept": "application/cbor",
        "Authorization": f"AWS4-HMAC-SHA256 Credential=A/20260101/{REGION}/monitoring/aws4_request, SignedHeaders=host, Signature=x",
    }
    if zipped:
        body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
    request = urllib.request.Request(
        f"{w.url}/service/GraniteServiceVersion20100801/operation/{operation}", data=body, headers=headers
    )
    with urllib.request.urlopen(request, timeout=5) as reply:
        return cbor2.loads(reply.read())


def _outputs(check: Any, w: Wire) -> None:
    made = w.control("POST", "/_plumbline/build-outputs")
    w.client("sns").publish(
        TopicArn=made["topics"]["alerts"],
        Message="hello",
        MessageAttributes={"severity": {"DataType": "String", "StringValue": "HIGH"}},
    )
    got = w.client("sqs").receive_message(QueueUrl=made["queues"]["alerts"])["Messages"]
    check(json.loads(got[0]["Body"])["Message"] == "hello", "topic to queue")


def _enforcement(check: Any, w: Wire) -> None:
    iam = w.client("iam")
    iam.create_user(UserName="auditor")
    allowed = [
        "ec2:DescribeVpcs",
        "kms:ListAliases",
        "s3:GetEncryptionConfiguration",
        "s3:GetAccountPublicAccessBlock",
        "cloudwatch:PutMetricData",
        "sagemaker:ListModels",
    ]
    iam.put_user_policy(
        UserName="auditor",
        PolicyName="p",
        PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": allowed, "Resource": "*"}]}
        ),
    )
    key = iam.create_access_key(UserName="auditor")["AccessKey"]
    me = Wire(w.port, key["AccessKeyId"], key["SecretAccessKey"])
    w.control("POST", "/moto-api/reset-auth", "0")
    try:
        for service, want in (
            ("ec2", "ok"),
            ("kms", "ok"),
            ("s3", "ok"),
            ("s3control", "ok"),
            ("sagemaker", "ok"),
            ("logs", "AccessDeniedException"),
            ("cloudtrail", "AccessDeniedException"),
            ("iam", "AccessDenied"),
            ("sns", "AuthorizationError"),
            ("cloudwatch", "AccessDenied"),
        ):
            _, method, params = READS[service]
            got = outcome(getattr(me.client(service), method), **params)
            check(got == want, f"enforcement {service}: {got}, wanted {want}")
        check(outcome(me.client("ec2").describe_subnets) == "UnauthorizedOperation", "enforcement ec2 denied")
        check(
            outcome(me.client("s3").get_bucket_policy, Bucket="ds-data-fraud-dev-7f3a") == "AccessDenied",
            "enforcement s3 denied",
        )
        got = outcome(
            me.client("cloudwatch").put_metric_data, Namespace="N", MetricData=[{"MetricName": "m", "Value": 1}]
        )
        check(got == "ok", f"enforcement metrics: {got}")
    finally:
        w.control("POST", "/moto-api/reset-auth", "inf")
