"""Breaks of the VPC endpoints."""

from __future__ import annotations

import json
from typing import Any

from .. import ACCOUNT, REGION
from ..build import names as n
from ..build.network import INTERFACE, ZONES, endpoint_policy, https
from .core import Context, breaks, each, finding, nc
from .net import INTERFACES

S3 = f"com.amazonaws.{REGION}.s3"
TABLES = each("VPE-08", "{tables.ab}", "{tables.c}")
# The bucket policies name the S3 endpoint.
BUCKETS = each("DATA-05", *(n.BUCKETS[kind] for kind in ("data_lake", "data", "model")))


def missing(key: str) -> dict[str, Any]:
    """The finding on a required endpoint that is not there."""
    service = S3 if key == "s3" else INTERFACE[key]
    return finding("VPE-01", service, aspect="Gateway" if key == "s3" else "Interface")


def delete(x: Context, key: str) -> None:
    """An endpoint away."""
    x.ec2.delete_vpc_endpoints(VpcEndpointIds=[x.ids["endpoints"][key]])


def interface(
    x: Context,
    service: str,
    policy: str,
    vpc: str | None = None,
    subnets: list[str] | None = None,
    groups: list[str] | None = None,
    private_dns: bool = True,
) -> str:
    """An interface endpoint."""
    made = x.ec2.create_vpc_endpoint(
        VpcId=vpc or x.vpc,
        ServiceName=service,
        VpcEndpointType="Interface",
        PolicyDocument=policy,
        SubnetIds=subnets or list(x.ids["subnets"].values()),
        PrivateDnsEnabled=private_dns,
        SecurityGroupIds=groups or [x.ids["groups"]["endpoints"]],
    )["VpcEndpoint"]["VpcEndpointId"]
    x.new["endpoint"] = made
    return str(made)


def _missing(key: str, *more: Any, demo: bool = False) -> None:
    @breaks(f"vpe-01-{key.replace('_', '-')}-missing", f"The {key} endpoint was deleted.", missing(key), *more)
    def _(x: Context) -> Any:
        delete(x, key)
        yield


for _key in ("sagemaker_api", "sagemaker_runtime", "logs", "kms", "notebook", "studio"):
    _missing(_key)
_missing("s3", TABLES, BUCKETS)


@breaks(
    "vpe-01-sts-missing", "The sts endpoint was deleted; mending makes another one like it.", missing("sts"), demo=True
)
def _(x: Context) -> Any:
    delete(x, "sts")
    yield
    x.ids["endpoints"]["sts"] = interface(x, INTERFACE["sts"], endpoint_policy("sts"))


def _state(key: str, status: str, *more: Any) -> None:
    @breaks(
        f"vpe-01-{key}-{status.lower()}",
        f"The {key} endpoint is in state {status}.",
        missing(key),
        *more,
        reach="state",
    )
    def _(x: Context) -> Any:
        x.backend("ec2").vpc_end_points[x.ids["endpoints"][key]].state = status
        yield


_state("sts", "pendingAcceptance")
_state("logs", "failed")
_state("kms", "partial")
_state("s3", "deleting", TABLES)


@breaks(
    "vpe-01-s3-interface-instead",
    "S3 has an interface endpoint in place of the gateway.",
    missing("s3"),
    TABLES,
    BUCKETS,
)
def _(x: Context) -> Any:
    delete(x, "s3")
    interface(x, S3, endpoint_policy("s3"))
    yield


@breaks(
    "vpe-01-lookalike",
    "The feature store's runtime endpoint stands where the SageMaker runtime's should.",
    missing("sagemaker_runtime"),
)
def _(x: Context) -> Any:
    delete(x, "sagemaker_runtime")
    interface(x, f"com.amazonaws.{REGION}.sagemaker.featurestore-runtime", endpoint_policy("sagemaker_runtime"))
    yield


@breaks("vpe-01-other-vpc", "The sts endpoint is in another VPC.", missing("sts"))
def _(x: Context) -> Any:
    delete(x, "sts")
    interface(
        x,
        INTERFACE["sts"],
        endpoint_policy("sts"),
        vpc=x.ids["bystanders"]["vpc"],
        subnets=[x.ids["bystanders"]["subnet"]],
        groups=[],
    )
    yield


@breaks("vpe-01-fips-twin", "No fault: the SageMaker API's FIPS endpoint stands in for the plain one.")
def _(x: Context) -> Any:
    delete(x, "sagemaker_api")
    interface(x, f"com.amazonaws.{REGION}.sagemaker.api-fips", endpoint_policy("sagemaker_api"))
    yield


@breaks("vpe-02-private-dns-off", "The sts endpoint has no private DNS.", nc("VPE-02", "{endpoints.sts}"), mend=True)
def _(x: Context) -> Any:
    x.ec2.modify_vpc_endpoint(VpcEndpointId=x.ids["endpoints"]["sts"], PrivateDnsEnabled=False)
    yield
    x.ec2.modify_vpc_endpoint(VpcEndpointId=x.ids["endpoints"]["sts"], PrivateDnsEnabled=True)


def policy(x: Context, key: str, *statements: dict[str, Any]) -> None:
    """An endpoint's policy."""
    x.ec2.modify_vpc_endpoint(
        VpcEndpointId=x.ids["endpoints"][key],
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": list(statements)}),
    )


def statement(effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A statement that covers everything unless told otherwise."""
    return {"Effect": effect, "Principal": "*", "Action": "*", "Resource": "*", **more}


def open_to_all(key: str) -> list[dict[str, Any]]:
    """The findings on an endpoint whose policy confines neither callers nor resources."""
    return [nc(control, f"{{endpoints.{key}}}") for control in ("VPE-03", "VPE-04", "VPE-05")]


@breaks(
    "vpe-03-default-policy",
    "The SageMaker API endpoint has the default policy back.",
    open_to_all("sagemaker_api"),
    demo=True,
)
def _(x: Context) -> Any:
    x.ec2.modify_vpc_endpoint(VpcEndpointId=x.ids["endpoints"]["sagemaker_api"], ResetPolicy=True)
    yield
    x.ec2.modify_vpc_endpoint(
        VpcEndpointId=x.ids["endpoints"]["sagemaker_api"], PolicyDocument=endpoint_policy("sagemaker_api")
    )


@breaks("vpe-03-s3-open", "The S3 endpoint lets everybody do everything in S3.", open_to_all("s3"))
def _(x: Context) -> Any:
    policy(x, "s3", statement(Action="s3:*"))
    yield


@breaks("vpe-03-broad-beside-narrow", "A full-access statement stands beside narrow ones.", open_to_all("kms"))
def _(x: Context) -> Any:
    narrow = json.loads(endpoint_policy("kms"))["Statement"]
    policy(x, "kms", *narrow, statement(Principal={"AWS": "*"}, Action=["kms:*"]))
    yield


@breaks("vpe-03-not-action", "An Allow with NotAction grants all but one action.", open_to_all("logs"))
def _(x: Context) -> Any:
    one = statement(NotAction="logs:DeleteLogGroup")
    del one["Action"]
    policy(x, "logs", one)
    yield


@breaks(
    "vpe-03-negated-condition",
    "A full Allow whose condition admits every account but this one.",
    open_to_all("sts"),
)
def _(x: Context) -> Any:
    policy(x, "sts", statement(Condition={"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}))
    yield


@breaks(
    "vpe-03-wildcard-condition",
    "A full Allow whose condition is met by every account.",
    open_to_all("sts"),
)
def _(x: Context) -> Any:
    policy(x, "sts", statement(Condition={"StringLike": {"aws:PrincipalAccount": "*"}}))
    yield


@breaks("vpe-03-confined-by-denies", "No fault: a broad Allow, and Denies that confine principal and resource.")
def _(x: Context) -> Any:
    policy(
        x,
        "sts",
        statement(),
        statement("Deny", Condition={"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}),
        statement("Deny", Condition={"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}}),
    )
    yield


def edited(key: str, **more: Any) -> dict[str, Any]:
    """The one statement of an endpoint's policy, with some elements replaced."""
    return {**json.loads(endpoint_policy(key))["Statement"][0], **more}


OWN_RESOURCES = {"StringEquals": {"aws:ResourceAccount": ACCOUNT}}
OWN_CALLERS = {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}


@breaks(
    "vpe-04-any-caller", "The kms endpoint takes callers of any account.", nc("VPE-04", "{endpoints.kms}"), mend=True
)
def _(x: Context) -> Any:
    policy(x, "kms", edited("kms", Condition=OWN_RESOURCES))
    yield
    policy(x, "kms", edited("kms"))


@breaks(
    "vpe-04-gateway-principal",
    "The S3 gateway endpoint names the account as principal, which is its root user alone, and tests nothing.",
    nc("VPE-04", "{endpoints.s3}"),
)
def _(x: Context) -> Any:
    policy(x, "s3", edited("s3", Principal={"AWS": ACCOUNT}, Condition=OWN_RESOURCES))
    yield


@breaks("vpe-04-role-principal", "No fault: the logs endpoint names a role of the account as principal.")
def _(x: Context) -> Any:
    role = {"AWS": n.role_arn("training_execution")}
    policy(x, "logs", edited("logs", Principal=role, Condition=OWN_RESOURCES))
    yield


@breaks(
    "vpe-05-strangers-bucket",
    "The S3 endpoint reaches buckets by a pattern that strangers' names match.",
    nc("VPE-05", "{endpoints.s3}"),
    mend=True,
)
def _(x: Context) -> Any:
    policy(x, "s3", edited("s3", Resource=["arn:aws:s3:::ds-data-*"], Condition=OWN_CALLERS))
    yield
    policy(x, "s3", edited("s3"))


@breaks(
    "vpe-05-any-resource", "The logs endpoint reaches resources of any account.", nc("VPE-05", "{endpoints.logs}")
)
def _(x: Context) -> Any:
    policy(x, "logs", edited("logs", Resource="*", Condition=OWN_CALLERS))
    yield


@breaks("vpe-05-exact-buckets", "No fault: the S3 endpoint names exact buckets and tests callers alone.")
def _(x: Context) -> Any:
    policy(x, "s3", edited("s3", Condition=OWN_CALLERS))
    yield


ALL = each("VPE-06", *INTERFACES)


def admit(x: Context, permission: dict[str, Any]) -> None:
    """One more ingress rule of the endpoint group."""
    x.ec2.authorize_security_group_ingress(GroupId=x.ids["groups"]["endpoints"], IpPermissions=[permission])


def workload(x: Context) -> list[dict[str, Any]]:
    return [{"GroupId": x.ids["groups"]["workload"]}]


@breaks("vpe-06-port-80", "The endpoint group admits port 80 from the workloads.", ALL, mend=True)
def _(x: Context) -> Any:
    rule = {**https(80), "UserIdGroupPairs": workload(x)}
    admit(x, rule)
    yield
    x.ec2.revoke_security_group_ingress(GroupId=x.ids["groups"]["endpoints"], IpPermissions=[rule])


@breaks("vpe-06-world", "The endpoint group admits 443 from anywhere.", ALL)
def _(x: Context) -> Any:
    admit(x, {**https(), "IpRanges": [{"CidrIp": "0.0.0.0/0"}]})
    yield


@breaks("vpe-06-world-ipv6", "The endpoint group admits 443 from any IPv6 address.", ALL)
def _(x: Context) -> Any:
    admit(x, {**https(), "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
    yield


@breaks("vpe-06-all-protocols", "The endpoint group admits every protocol from the workloads.", ALL)
def _(x: Context) -> Any:
    admit(x, {"IpProtocol": "-1", "UserIdGroupPairs": workload(x)})
    yield


@breaks("vpe-06-port-range", "The endpoint group admits a range of ports that holds 443.", ALL)
def _(x: Context) -> Any:
    admit(x, {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": workload(x)})
    yield


@breaks("vpe-06-vpc-cidr", "The endpoint group admits the VPC's block, which the baseline does not allow.", ALL)
def _(x: Context) -> Any:
    admit(x, {**https(), "IpRanges": [{"CidrIp": "10.10.0.0/16"}]})
    yield


@breaks("vpe-06-other-group", "The endpoint group admits a group that is no workload's.", ALL)
def _(x: Context) -> Any:
    admit(x, {**https(), "UserIdGroupPairs": [{"GroupId": x.ids["bystanders"]["group"]}]})
    yield


@breaks("vpe-06-default-group", "The default group is attached to the sts endpoint.", nc("VPE-06", "{endpoints.sts}"))
def _(x: Context) -> Any:
    x.ec2.modify_vpc_endpoint(VpcEndpointId=x.ids["endpoints"]["sts"], AddSecurityGroupIds=[x.ids["groups"]["default"]])
    yield


@breaks(
    "vpe-06-second-group",
    "A second group on the kms endpoint admits SSH from anywhere.",
    nc("VPE-06", "{endpoints.kms}"),
)
def _(x: Context) -> Any:
    x.ec2.modify_vpc_endpoint(
        VpcEndpointId=x.ids["endpoints"]["kms"], AddSecurityGroupIds=[x.ids["bystanders"]["group"]]
    )
    yield


def zone(x: Context, key: str, **change: list[str]) -> None:
    """Other subnets of an endpoint."""
    x.ec2.modify_vpc_endpoint(VpcEndpointId=x.ids["endpoints"][key], **change)


@breaks(
    "vpe-07-zone-left", "The sts endpoint left one of three zones.", nc("VPE-07", "{endpoints.sts}"), mend=True
)
def _(x: Context) -> Any:
    zone(x, "sts", RemoveSubnetIds=[x.ids["subnets"]["c"]])
    yield
    zone(x, "sts", AddSubnetIds=[x.ids["subnets"]["c"]])


def spare(x: Context, key: str) -> str:
    """A subnet of the VPC that is not the environment's, in a zone of it."""
    made = x.ec2.create_subnet(VpcId=x.vpc, CidrBlock="10.10.9.0/24", AvailabilityZone=ZONES[key])["Subnet"]
    x.new["subnet"] = made["SubnetId"]
    return str(x.new["subnet"])


@breaks(
    "vpe-07-three-subnets-two-zones",
    "The kms endpoint has three subnets, two of them in one zone.",
    nc("VPE-07", "{endpoints.kms}"),
)
def _(x: Context) -> Any:
    zone(x, "kms", RemoveSubnetIds=[x.ids["subnets"]["c"]], AddSubnetIds=[spare(x, "a")])
    yield


@breaks("vpe-07-other-subnet", "No fault: the logs endpoint has another subnet of the same zone.")
def _(x: Context) -> Any:
    zone(x, "logs", RemoveSubnetIds=[x.ids["subnets"]["c"]], AddSubnetIds=[spare(x, "c")])
    yield


REACH = nc("VPE-10", "{groups.workload}")


def pairs(x: Context, group: str) -> dict[str, Any]:
    """The other end of the rule between workloads and endpoints, as the clean account has it."""
    described = {"endpoints": "endpoints", "workload": "workloads"}[group]
    return {"UserIdGroupPairs": [{"GroupId": x.ids["groups"][group], "Description": described}]}


@breaks("vpe-10-no-egress", "The workload group may not send to the endpoint group any more.", REACH, mend=True)
def _(x: Context) -> Any:
    rule = {**https(), **pairs(x, "endpoints")}
    x.ec2.revoke_security_group_egress(GroupId=x.ids["groups"]["workload"], IpPermissions=[rule])
    yield
    x.ec2.authorize_security_group_egress(GroupId=x.ids["groups"]["workload"], IpPermissions=[rule])


@breaks("vpe-10-other-port", "The workload group sends to the endpoint group on another port alone.", REACH)
def _(x: Context) -> Any:
    other = pairs(x, "endpoints")
    x.ec2.revoke_security_group_egress(GroupId=x.ids["groups"]["workload"], IpPermissions=[{**https(), **other}])
    x.ec2.authorize_security_group_egress(GroupId=x.ids["groups"]["workload"], IpPermissions=[{**https(80), **other}])
    yield


@breaks("vpe-10-no-ingress", "The endpoint group does not admit the workload group any more.", REACH, mend=True)
def _(x: Context) -> Any:
    rule = {**https(), **pairs(x, "workload")}
    x.ec2.revoke_security_group_ingress(GroupId=x.ids["groups"]["endpoints"], IpPermissions=[rule])
    yield
    admit(x, rule)


@breaks("vpe-10-no-s3", "The workload group may not send to the prefix list of S3 any more.", REACH, mend=True)
def _(x: Context) -> Any:
    rule = {**https(), "PrefixListIds": [{"PrefixListId": x.ids["prefix_list"], "Description": "S3"}]}
    x.ec2.revoke_security_group_egress(GroupId=x.ids["groups"]["workload"], IpPermissions=[rule])
    yield
    x.ec2.authorize_security_group_egress(GroupId=x.ids["groups"]["workload"], IpPermissions=[rule])


@breaks("vpe-10-other-group", "The kms endpoint has another group alone, which admits nothing on 443.", REACH)
def _(x: Context) -> Any:
    x.new["group"] = x.ec2.create_security_group(GroupName="kms", Description="of the kms endpoint", VpcId=x.vpc)[
        "GroupId"
    ]
    x.ec2.modify_vpc_endpoint(
        VpcEndpointId=x.ids["endpoints"]["kms"],
        AddSecurityGroupIds=[x.new["group"]],
        RemoveSecurityGroupIds=[x.ids["groups"]["endpoints"]],
    )
    yield
