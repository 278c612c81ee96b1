"""Breaks of the private network: VPC, gateways, subnets, groups."""

from __future__ import annotations

from typing import Any

from ..build.network import ZONES, https
from .core import Context, breaks, each, escapes, nc

INTERFACES = [
    f"{{endpoints.{key}}}" for key in ("sagemaker_api", "sagemaker_runtime", "sts", "logs", "kms", "notebook", "studio")
]
JOBS = ["ds-train-fraud-dev-single", "ds-train-fraud-dev-multi", "ds-train-fraud-dev-nvme"]
MODELS = ["ds-model-fraud-dev-v1", "ds-batch-model-fraud-dev-v1"]


# -- NET-01 -----------------------------------------------------------------------------------------------------------


@breaks(
    "net-01-no-match", "The VPC lost the tag that the baseline selects it by.", nc("NET-01"), mend=True, exact=False
)
def _(x: Context) -> Any:
    x.ec2.create_tags(Resources=[x.vpc], Tags=[{"Key": "Name", "Value": "renamed"}])
    yield
    x.ec2.create_tags(Resources=[x.vpc], Tags=[{"Key": "Name", "Value": "ds-vpc-fraud-dev"}])


@breaks("net-01-two-match", "A second VPC carries the same tag.", nc("NET-01"), exact=False)
def _(x: Context) -> Any:
    x.new["vpc"] = x.ec2.create_vpc(
        CidrBlock="10.30.0.0/16",
        TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "ds-vpc-fraud-dev"}]}],
    )["Vpc"]["VpcId"]
    yield


@breaks("net-01-default-vpc", "The tag sits on the region's default VPC alone.", nc("NET-01"), exact=False)
def _(x: Context) -> Any:
    x.new["vpc"] = x.ec2.create_default_vpc()["Vpc"]["VpcId"]
    x.ec2.delete_tags(Resources=[x.vpc], Tags=[{"Key": "Name"}])
    x.ec2.create_tags(Resources=[x.new["vpc"]], Tags=[{"Key": "Name", "Value": "ds-vpc-fraud-dev"}])
    yield


@breaks("net-01-not-available", "The VPC is in state pending.", nc("NET-01"), exact=False, reach="state")
def _(x: Context) -> Any:
    x.backend("ec2").vpcs[x.vpc].state = "pending"
    yield


@breaks("net-01-same-tag-elsewhere", "No fault: a VPC of another region carries the same tag.")
def _(x: Context) -> Any:
    x.clients("ec2", "us-east-1").create_vpc(
        CidrBlock="10.10.0.0/16",
        TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "ds-vpc-fraud-dev"}]}],
    )
    yield


# -- NET-02 to NET-05 -------------------------------------------------------------------------------------------------


def gateway(x: Context) -> str:
    """An internet gateway attached to the VPC."""
    made = x.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    x.ec2.attach_internet_gateway(InternetGatewayId=made, VpcId=x.vpc)
    x.new["igw"] = made
    return str(made)


def ungateway(x: Context) -> None:
    """The gateway off and away."""
    x.ec2.detach_internet_gateway(InternetGatewayId=x.new["igw"], VpcId=x.vpc)
    x.ec2.delete_internet_gateway(InternetGatewayId=x.new["igw"])


@breaks(
    "net-02-igw-attached",
    "An internet gateway is attached to the VPC; no route uses it.",
    nc("NET-02", "{vpc}"),
    mend=True,
)
def _(x: Context) -> Any:
    gateway(x)
    yield
    ungateway(x)


@breaks(
    "net-02-igw-detaching", "An internet gateway is still detaching from the VPC.", nc("NET-02", "{vpc}"), reach="state"
)
def _(x: Context) -> Any:
    made = x.backend("ec2").internet_gateways[gateway(x)]
    made.plumbline_state = "detaching"
    yield


@breaks(
    "net-03-nat-available",
    "A public NAT gateway is in an environment subnet, and with it a public address.",
    nc("NET-03", "{vpc}"),
    nc("NET-11", "{vpc}"),
    mend=True,
)
def _(x: Context) -> Any:
    address = x.ec2.allocate_address(Domain="vpc")["AllocationId"]
    x.new["nat"] = x.ec2.create_nat_gateway(SubnetId=x.ids["subnets"]["a"], AllocationId=address)["NatGateway"][
        "NatGatewayId"
    ]
    yield
    x.ec2.delete_nat_gateway(NatGatewayId=x.new["nat"])


@breaks("net-03-nat-private", "A private NAT gateway that the baseline does not list.", nc("NET-03", "{vpc}"))
def _(x: Context) -> Any:
    x.new["nat"] = x.ec2.create_nat_gateway(SubnetId=x.ids["subnets"]["b"], ConnectivityType="private")["NatGateway"][
        "NatGatewayId"
    ]
    yield


@breaks("net-03-nat-regional", "A regional NAT gateway, which has no subnet.", nc("NET-03", "{vpc}"))
def _(x: Context) -> Any:
    x.new["nat"] = x.ec2.create_nat_gateway(VpcId=x.vpc, AvailabilityMode="regional")["NatGateway"]["NatGatewayId"]
    yield


def _nat_in(x: Context, status: str) -> None:
    made = x.ec2.create_nat_gateway(SubnetId=x.ids["subnets"]["a"], ConnectivityType="private")["NatGateway"][
        "NatGatewayId"
    ]
    x.backend("ec2").nat_gateways[made].state = status
    x.new["nat"] = made


@breaks("net-03-nat-pending", "A NAT gateway is being made.", nc("NET-03", "{vpc}"), reach="state")
def _(x: Context) -> Any:
    _nat_in(x, "pending")
    yield


@breaks("net-03-nat-deleting", "A NAT gateway is being deleted.", nc("NET-03", "{vpc}"), reach="state")
def _(x: Context) -> Any:
    _nat_in(x, "deleting")
    yield


@breaks("net-03-nat-failed", "No fault: a NAT gateway that failed is still listed.", reach="state")
def _(x: Context) -> Any:
    _nat_in(x, "failed")
    yield


@breaks(
    "net-04-egress-only", "An egress-only internet gateway is attached to the VPC.", nc("NET-04", "{vpc}"), mend=True
)
def _(x: Context) -> Any:
    made = x.ec2.create_egress_only_internet_gateway(VpcId=x.vpc)["EgressOnlyInternetGateway"]
    x.new["eigw"] = made["EgressOnlyInternetGatewayId"]
    yield
    x.ec2.delete_egress_only_internet_gateway(EgressOnlyInternetGatewayId=x.new["eigw"])


@breaks("net-04-carrier", "A carrier gateway of the VPC.", nc("NET-04", "{vpc}"))
def _(x: Context) -> Any:
    x.new["cagw"] = x.ec2.create_carrier_gateway(VpcId=x.vpc)["CarrierGateway"]["CarrierGatewayId"]
    yield


def vpn(x: Context) -> str:
    """A virtual private gateway attached to the VPC."""
    made = x.ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    x.ec2.attach_vpn_gateway(VpnGatewayId=made, VpcId=x.vpc)
    x.new["vgw"] = made
    return str(made)


@breaks("net-05-vgw-attached", "A virtual private gateway is attached to the VPC.", nc("NET-05", "{vpc}"), mend=True)
def _(x: Context) -> Any:
    vpn(x)
    yield
    x.ec2.detach_vpn_gateway(VpnGatewayId=x.new["vgw"], VpcId=x.vpc)


@breaks("net-05-vgw-attaching", "A virtual private gateway is attaching.", nc("NET-05", "{vpc}"), reach="state")
def _(x: Context) -> Any:
    x.backend("ec2").vpn_gateways[vpn(x)].attachments[x.vpc].state = "attaching"
    yield


# -- NET-10, NET-12, NET-13 -------------------------------------------------------------------------------------------


@breaks("net-10-public-on-launch", "A subnet gives public addresses on launch.", nc("NET-10", "{subnets.b}"), mend=True)
def _(x: Context) -> Any:
    x.ec2.modify_subnet_attribute(SubnetId=x.ids["subnets"]["b"], MapPublicIpOnLaunch={"Value": True})
    yield
    x.ec2.modify_subnet_attribute(SubnetId=x.ids["subnets"]["b"], MapPublicIpOnLaunch={"Value": False})


@breaks("net-10-ipv6-on-launch", "A subnet gives IPv6 addresses on creation.", nc("NET-10", "{subnets.a}"))
def _(x: Context) -> Any:
    x.ec2.modify_subnet_attribute(SubnetId=x.ids["subnets"]["a"], AssignIpv6AddressOnCreation={"Value": True})
    yield


@breaks(
    "net-10-customer-owned",
    "A subnet gives customer-owned addresses on launch.",
    nc("NET-10", "{subnets.c}"),
    reach="state",
)
def _(x: Context) -> Any:
    subnet(x, "c").map_customer_owned_ip_on_launch = True
    yield


def subnet(x: Context, key: str) -> Any:
    """moto's object of a subnet."""
    return x.backend("ec2").get_subnet(x.ids["subnets"][key])


@breaks(
    "net-12-subnet-untagged",
    "One subnet no longer belongs to the environment, and with it one of three zones.",
    nc("NET-12", "{vpc}"),
    nc("SMK-08", "{domain}"),
    each("SMK-12", *JOBS),
    each("SMK-18", *MODELS),
    escapes("IAMC-01", "notebook_execution", "CreateTrainingJob", "CreateProcessingJob"),
    escapes("IAMC-01", "notebook_creation", "CreateNotebookInstance"),
    escapes("IAMC-01", "endpoint_creation", "CreateModel"),
    mend=True,
)
def _(x: Context) -> Any:
    x.ec2.create_tags(Resources=[x.ids["subnets"]["c"]], Tags=[{"Key": "Tier", "Value": "retired"}])
    yield
    x.ec2.create_tags(Resources=[x.ids["subnets"]["c"]], Tags=[{"Key": "Tier", "Value": "private"}])


@breaks(
    "net-12-zone-not-available", "The only subnet of a zone is not available.", nc("NET-12", "{vpc}"), reach="state"
)
def _(x: Context) -> Any:
    subnet(x, "c").state = "pending"
    yield


@breaks("net-12-two-in-one-zone", "Three subnets, but two of them in one zone.", nc("NET-12", "{vpc}"), reach="state")
def _(x: Context) -> Any:
    subnet(x, "c")._availability_zone = subnet(x, "b")._availability_zone
    yield


@breaks("net-12-local-zone", "One of the three zones is a local zone.", nc("NET-12", "{vpc}"), reach="state")
def _(x: Context) -> Any:
    zone = next(one for one in x.backend("ec2").describe_availability_zones() if one.name == ZONES["c"])
    zone.zone_type = "local-zone"
    yield


@breaks(
    "net-13-hostnames-off",
    "DNS hostnames are off on the VPC, so that private DNS does not resolve.",
    nc("NET-13", "{vpc}"),
    each("VPE-02", *INTERFACES),
    demo=True,
)
def _(x: Context) -> Any:
    x.ec2.modify_vpc_attribute(VpcId=x.vpc, EnableDnsHostnames={"Value": False})
    yield
    x.ec2.modify_vpc_attribute(VpcId=x.vpc, EnableDnsHostnames={"Value": True})


@breaks(
    "net-13-support-off",
    "DNS support is off on the VPC.",
    nc("NET-13", "{vpc}"),
    each("VPE-02", *INTERFACES),
    mend=True,
)
def _(x: Context) -> Any:
    x.ec2.modify_vpc_attribute(VpcId=x.vpc, EnableDnsSupport={"Value": False})
    yield
    x.ec2.modify_vpc_attribute(VpcId=x.vpc, EnableDnsSupport={"Value": True})


# -- NET-14, NET-15 ---------------------------------------------------------------------------------------------------


def admit(x: Context, group: str, permission: dict[str, Any]) -> None:
    """One more ingress rule."""
    x.ec2.authorize_security_group_ingress(GroupId=x.ids["groups"][group], IpPermissions=[permission])


def revoke(x: Context, group: str, permission: dict[str, Any]) -> None:
    """The rule away."""
    x.ec2.revoke_security_group_ingress(GroupId=x.ids["groups"][group], IpPermissions=[permission])


@breaks("net-14-default-ingress", "The VPC's default group admits itself.", nc("NET-14", "{vpc}"))
def _(x: Context) -> Any:
    admit(x, "default", {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": x.ids["groups"]["default"]}]})
    yield


@breaks(
    "net-14-default-egress", "The VPC's default group sends anywhere, as new ones do.", nc("NET-14", "{vpc}"), mend=True
)
def _(x: Context) -> Any:
    rule = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    x.ec2.authorize_security_group_egress(GroupId=x.ids["groups"]["default"], IpPermissions=[rule])
    yield
    x.ec2.revoke_security_group_egress(GroupId=x.ids["groups"]["default"], IpPermissions=[rule])


WORKLOAD = nc("NET-15", "{groups.workload}")
WORLD = {**https(), "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


@breaks("net-15-world", "The workload group admits the whole internet on 443.", WORKLOAD, demo=True)
def _(x: Context) -> Any:
    admit(x, "workload", WORLD)
    yield
    revoke(x, "workload", WORLD)


@breaks("net-15-world-ipv6", "The workload group admits the whole IPv6 internet.", WORKLOAD)
def _(x: Context) -> Any:
    admit(x, "workload", {**https(22), "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
    yield


@breaks("net-15-all-protocols", "The workload group admits everything from a private range.", WORKLOAD)
def _(x: Context) -> Any:
    admit(x, "workload", {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]})
    yield


@breaks("net-15-vpc-cidr", "The workload group admits the VPC's block, which the baseline does not allow.", WORKLOAD)
def _(x: Context) -> Any:
    admit(x, "workload", {**https(), "IpRanges": [{"CidrIp": "10.10.0.0/16"}]})
    yield


@breaks("net-15-other-group", "The workload group admits a group of the VPC that is no workload's.", WORKLOAD)
def _(x: Context) -> Any:
    admit(x, "workload", {**https(22), "UserIdGroupPairs": [{"GroupId": x.ids["bystanders"]["group"]}]})
    yield


@breaks("net-15-peer-group", "The workload group admits a group of another VPC.", WORKLOAD)
def _(x: Context) -> Any:
    made = x.ec2.create_security_group(
        GroupName="peer", Description="of the web shop", VpcId=x.ids["bystanders"]["vpc"]
    )
    x.new["group"] = made["GroupId"]
    admit(
        x,
        "workload",
        {**https(), "UserIdGroupPairs": [{"GroupId": made["GroupId"], "VpcId": x.ids["bystanders"]["vpc"]}]},
    )
    yield


def prefix_list(x: Context, *cidrs: str) -> str:
    """A customer prefix list."""
    made = x.ec2.create_managed_prefix_list(
        PrefixListName="partners", MaxEntries=10, AddressFamily="IPv4", Entries=[{"Cidr": one} for one in cidrs]
    )["PrefixList"]["PrefixListId"]
    x.new["prefix_list"] = made
    return str(made)


@breaks("net-15-prefix-list", "The workload group admits a prefix list that holds 0.0.0.0/0.", WORKLOAD)
def _(x: Context) -> Any:
    admit(x, "workload", {**https(), "PrefixListIds": [{"PrefixListId": prefix_list(x, "0.0.0.0/0")}]})
    yield


@breaks("net-15-all-from-endpoints", "The workload group admits every protocol from the endpoint group.", WORKLOAD)
def _(x: Context) -> Any:
    admit(x, "workload", {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": x.ids["groups"]["endpoints"]}]})
    yield


@breaks("net-15-from-endpoints", "No fault: the workload group admits 443 from the endpoint group.")
def _(x: Context) -> Any:
    admit(x, "workload", {**https(), "UserIdGroupPairs": [{"GroupId": x.ids["groups"]["endpoints"]}]})
    yield
