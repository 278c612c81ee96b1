"""Breaks of the trail, the log groups and the flow logs."""

from __future__ import annotations

import time
from typing import Any

from .. import ACCOUNT, REGION
from ..build import data as d
from ..build import names as n
from .core import Context, breaks, later, nc

TRAIL = nc("LOG-01")


def status(x: Context) -> Any:
    """moto's record of the trail's status."""
    return next(one for one in x.backend("cloudtrail").trails.values() if one.trail_name == n.TRAIL).status


def advanced(x: Context, *selectors: dict[str, Any]) -> None:
    """The trail's advanced selectors, replaced."""
    x.cloudtrail.put_event_selectors(TrailName=n.TRAIL, AdvancedEventSelectors=list(selectors))


def basic(x: Context, trail: str = n.TRAIL, **selector: Any) -> None:
    """The trail's selectors as one basic one, which keeps the data buckets' events."""
    values = [n.bucket_arn(kind) + "/" for kind in ("data_lake", "data", "model")]
    x.cloudtrail.put_event_selectors(
        TrailName=trail,
        EventSelectors=[
            {
                "ReadWriteType": "All",
                "IncludeManagementEvents": True,
                "DataResources": [{"Type": "AWS::S3::Object", "Values": values}],
                **selector,
            }
        ],
    )


def create(x: Context, name: str, region: str = REGION, key: str | None = None, **more: Any) -> None:
    """A trail, logging."""
    client = x.clients("cloudtrail", region)
    request: dict[str, Any] = {
        "Name": name,
        "S3BucketName": n.BUCKETS["trail"],
        "IncludeGlobalServiceEvents": True,
        "IsMultiRegionTrail": True,
        "EnableLogFileValidation": True,
        **more,
    }
    if key:
        request["KmsKeyId"] = key
    x.new["trail"] = client.create_trail(**request)["TrailARN"]
    client.start_logging(Name=name)


# -- LOG-01 -----------------------------------------------------------------------------------------------------------


@breaks("log-01-stopped", "The trail does not log.", TRAIL, demo=True)
def _(x: Context) -> Any:
    x.cloudtrail.stop_logging(Name=n.TRAIL)
    yield
    x.cloudtrail.start_logging(Name=n.TRAIL)


@breaks("log-01-deleted", "There is no trail.", TRAIL)
def _(x: Context) -> Any:
    x.cloudtrail.delete_trail(Name=n.TRAIL)
    yield


@breaks("log-01-delivery-error", "The trail logs, but cannot deliver.", TRAIL, reach="state")
def _(x: Context) -> Any:
    status(x).plumbline = {"LatestDeliveryError": "AccessDenied"}
    yield


@breaks("log-01-stale-delivery", "The last delivery is two days old.", TRAIL, reach="state")
def _(x: Context) -> Any:
    start = time.time() - 10 * 86400
    status(x).plumbline = {"StartLoggingTime": start, "LatestDeliveryTime": lambda now: now - 2 * 86400}
    yield


@breaks("log-01-never-delivered", "Nothing was ever delivered, though logging started days ago.", TRAIL, reach="state")
def _(x: Context) -> Any:
    status(x).plumbline = {"StartLoggingTime": time.time() - 10 * 86400, "LatestDeliveryTime": None}
    yield


@breaks(
    "log-01-first-delivery-pending", "No fault: logging started just now and nothing is delivered yet.", reach="state"
)
def _(x: Context) -> Any:
    status(x).plumbline = {"StartLoggingTime": lambda now: now - 120, "LatestDeliveryTime": None}
    yield


@breaks("log-01-single-region", "The trail covers one region.", TRAIL, mend=True)
def _(x: Context) -> Any:
    x.cloudtrail.update_trail(Name=n.TRAIL, IsMultiRegionTrail=False)
    yield
    x.cloudtrail.update_trail(Name=n.TRAIL, IsMultiRegionTrail=True)


@breaks("log-01-no-global-events", "The trail leaves out the global services.", TRAIL, mend=True)
def _(x: Context) -> Any:
    x.cloudtrail.update_trail(Name=n.TRAIL, IsMultiRegionTrail=False, IncludeGlobalServiceEvents=False)
    yield
    x.cloudtrail.update_trail(Name=n.TRAIL, IsMultiRegionTrail=True, IncludeGlobalServiceEvents=True)


@breaks("log-01-write-only", "Only writes are recorded.", TRAIL, mend=True)
def _(x: Context) -> Any:
    basic(x, ReadWriteType="WriteOnly")
    yield
    advanced(x, *d.selectors())


@breaks("log-01-read-only", "Only reads are recorded, by an advanced selector.", TRAIL)
def _(x: Context) -> Any:
    management, *others = d.selectors()
    management["FieldSelectors"].append({"Field": "readOnly", "Equals": ["true"]})
    advanced(x, management, *others)
    yield


@breaks("log-01-no-management-events", "A basic selector leaves out the management events.", TRAIL)
def _(x: Context) -> Any:
    basic(x, IncludeManagementEvents=False)
    yield


@breaks("log-01-data-events-only", "Advanced selectors record data events alone.", TRAIL)
def _(x: Context) -> Any:
    advanced(x, *d.selectors()[1:])
    yield


@breaks("log-01-kms-excluded", "A basic selector leaves out the events of KMS.", TRAIL)
def _(x: Context) -> Any:
    basic(x, ExcludeManagementEventSources=["kms.amazonaws.com"])
    yield


@breaks("log-01-sagemaker-excluded", "An advanced selector leaves out the events of SageMaker.", TRAIL)
def _(x: Context) -> Any:
    management, *others = d.selectors()
    management["FieldSelectors"].append({"Field": "eventSource", "NotEquals": ["sagemaker.amazonaws.com"]})
    advanced(x, management, *others)
    yield


@breaks("log-01-two-halves", "No fault: one trail records the reads and another the writes.")
def _(x: Context) -> Any:
    basic(x, ReadWriteType="ReadOnly")
    create(x, "ds-trail-writes", key=x.ids["keys"]["logs"])
    basic(x, "ds-trail-writes", ReadWriteType="WriteOnly")
    yield


@breaks("log-01-home-elsewhere", "No fault: the multi-Region trail's home is another region.")
def _(x: Context) -> Any:
    x.cloudtrail.delete_trail(Name=n.TRAIL)
    create(x, "ds-trail-far", "us-east-1", x.ids["keys"]["logs"])
    x.clients("cloudtrail", "us-east-1").put_event_selectors(
        TrailName="ds-trail-far", AdvancedEventSelectors=d.selectors()
    )
    yield


# -- LOG-02, LOG-03 ---------------------------------------------------------------------------------------------------


@breaks("log-02-validation-off", "Log file validation is off.", nc("LOG-02", "{trail}"), mend=True)
def _(x: Context) -> Any:
    x.cloudtrail.update_trail(Name=n.TRAIL, EnableLogFileValidation=False)
    yield
    x.cloudtrail.update_trail(Name=n.TRAIL, EnableLogFileValidation=True)


@breaks(
    "log-02-digest-error",
    "Validation is on, but the digests are not delivered.",
    nc("LOG-02", "{trail}"),
    reach="state",
)
def _(x: Context) -> Any:
    status(x).plumbline = {"LatestDigestDeliveryError": "AccessDenied"}
    yield


@breaks("log-03-no-key", "The trail was made anew without a key.", nc("LOG-03", "{trail}"))
def _(x: Context) -> Any:
    x.cloudtrail.delete_trail(Name=n.TRAIL)
    create(x, n.TRAIL)
    advanced(x, *d.selectors())
    yield


@breaks("log-03-key-of-other-use", "The trail uses the data key.", nc("LOG-03", "{trail}"), mend=True, exact=False)
def _(x: Context) -> Any:
    x.cloudtrail.update_trail(Name=n.TRAIL, KmsKeyId=x.ids["keys"]["data"])
    yield
    x.cloudtrail.update_trail(Name=n.TRAIL, KmsKeyId=x.ids["keys"]["logs"])


# -- LOG-08 -----------------------------------------------------------------------------------------------------------


def _group(name: str) -> None:
    short = name.removeprefix("/aws/sagemaker/").split("/")[0].lower()
    expect = later("LOG-08", name) if short in ("processingjobs", "transformjobs") else nc("LOG-08", name)

    @breaks(f"log-08-{short}", f"The log group {name} is missing.", expect, mend=True)
    def _(x: Context) -> Any:
        x.logs.delete_log_group(logGroupName=name)
        yield
        x.logs.create_log_group(logGroupName=name, kmsKeyId=x.ids["keys"]["logs"], tags=n.TAGS)
        x.logs.put_retention_policy(logGroupName=name, retentionInDays=400)


for _name in d.SAGEMAKER_GROUPS:
    _group(_name)


@breaks(
    "log-08-new-endpoint",
    "A second endpoint has no log group of its own.",
    nc("LOG-08", "/aws/sagemaker/Endpoints/ds-second"),
)
def _(x: Context) -> Any:
    x.sagemaker.create_endpoint(EndpointName="ds-second", EndpointConfigName=n.CONFIG, Tags=n.tags())
    yield


# -- LOG-11 -----------------------------------------------------------------------------------------------------------

FLOW = nc("LOG-11", "{vpc}")


def flow(x: Context, kind: str, resources: list[str], traffic: str = "ALL", **more: Any) -> None:
    """The VPC's flow log replaced by others."""
    x.ec2.delete_flow_logs(FlowLogIds=[x.ids["flow_log"]])
    made = x.ec2.create_flow_logs(
        ResourceType=kind,
        ResourceIds=resources,
        TrafficType=traffic,
        LogDestinationType="cloud-watch-logs",
        LogGroupName=n.FLOW_GROUP,
        DeliverLogsPermissionArn=f"arn:aws:iam::{ACCOUNT}:role/ds-flow-logs",
        **more,
    )
    x.new["flow_logs"] = made["FlowLogIds"]


@breaks("log-11-none", "The VPC has no flow log.", FLOW, demo=True)
def _(x: Context) -> Any:
    from ..build.network import flow_logs

    x.ec2.delete_flow_logs(FlowLogIds=[x.ids["flow_log"]])
    yield
    flow_logs(x.clients, x.ids)


@breaks("log-11-reject-only", "Only refused traffic is recorded.", FLOW)
def _(x: Context) -> Any:
    flow(x, "VPC", [x.vpc], "REJECT")
    yield


@breaks("log-11-accept-only", "Only accepted traffic is recorded.", FLOW)
def _(x: Context) -> Any:
    flow(x, "VPC", [x.vpc], "ACCEPT")
    yield


@breaks("log-11-not-delivered", "The flow log is active, but its delivery fails.", FLOW, reach="state")
def _(x: Context) -> Any:
    log = x.backend("ec2").flow_logs[x.ids["flow_log"]]
    log.deliver_logs_status, log.deliver_logs_error_message = "FAILED", "Access error"
    yield


@breaks("log-11-some-subnets", "Two of the three subnets have flow logs, the VPC has none.", FLOW)
def _(x: Context) -> Any:
    flow(x, "Subnet", [x.ids["subnets"]["a"], x.ids["subnets"]["b"]])
    yield


@breaks("log-11-interface-only", "One network interface has a flow log, the VPC has none.", FLOW)
def _(x: Context) -> Any:
    eni = x.ec2.describe_network_interfaces(Filters=x.within)["NetworkInterfaces"][0]["NetworkInterfaceId"]
    flow(x, "NetworkInterface", [eni])
    yield


@breaks("log-11-short-format", "The flow log's format leaves out the ports.", FLOW)
def _(x: Context) -> Any:
    flow(x, "VPC", [x.vpc], LogFormat="${version} ${interface-id} ${srcaddr} ${dstaddr} ${protocol} ${action}")
    yield


@breaks("log-11-every-subnet", "No fault: each environment subnet has a flow log of its own.")
def _(x: Context) -> Any:
    flow(x, "Subnet", list(x.ids["subnets"].values()))
    yield


@breaks("log-11-delivery-unknown", "No fault: nothing is said about delivery before the first one.", reach="state")
def _(x: Context) -> Any:
    x.backend("ec2").flow_logs[x.ids["flow_log"]].deliver_logs_status = None
    yield
