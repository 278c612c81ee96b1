"""Breaks of routes: every kind of target, in each kind of table, and subnets that inherit them."""

from __future__ import annotations

from typing import Any

from .. import ACCOUNT
from .core import Context, breaks, each, nc
from .net import gateway, prefix_list, ungateway, vpn

TABLE = nc("NET-08", "{tables.ab}")
SUBNETS = each("NET-09", "{subnets.a}", "{subnets.b}")


def route(x: Context, table: str = "ab", cidr: str = "0.0.0.0/0", **target: Any) -> None:
    """A route of one of the environment's tables."""
    where = {} if any(name.startswith("Destination") for name in target) else {"DestinationCidrBlock": cidr}
    x.ec2.create_route(RouteTableId=x.ids["tables"][table], **where, **target)


def nat(x: Context) -> str:
    """A NAT gateway in an environment subnet."""
    address = x.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = x.ec2.create_nat_gateway(SubnetId=x.ids["subnets"]["a"], AllocationId=address)["NatGateway"]["NatGatewayId"]
    x.new["nat"] = made
    return str(made)


def peering(x: Context) -> str:
    """An active peering with the bystander VPC."""
    made = x.ec2.create_vpc_peering_connection(VpcId=x.vpc, PeerVpcId=x.ids["bystanders"]["vpc"])
    made = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    x.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
    x.new["peering"] = made
    return str(made)


@breaks(
    "net-08-igw-route",
    "The private table sends everything to an internet gateway.",
    nc("NET-02", "{vpc}"),
    TABLE,
    SUBNETS,
    demo=True,
)
def _(x: Context) -> Any:
    route(x, GatewayId=gateway(x))
    yield
    x.ec2.delete_route(RouteTableId=x.ids["tables"]["ab"], DestinationCidrBlock="0.0.0.0/0")
    ungateway(x)


@breaks(
    "net-08-igw-route-main-table",
    "The main table, which no subnet uses today, has an internet route.",
    nc("NET-02", "{vpc}"),
    nc("NET-08", "{tables.main}"),
)
def _(x: Context) -> Any:
    route(x, "main", GatewayId=gateway(x))
    yield


@breaks(
    "net-08-blackhole", "A route to an internet gateway that is gone: it revives with the next one.", TABLE, SUBNETS
)
def _(x: Context) -> Any:
    route(x, GatewayId=gateway(x))
    ungateway(x)
    yield


@breaks(
    "net-08-narrow-igw-route",
    "A route to the internet gateway for one address only.",
    nc("NET-02", "{vpc}"),
    TABLE,
    SUBNETS,
)
def _(x: Context) -> Any:
    route(x, cidr="203.0.113.7/32", GatewayId=gateway(x))
    yield


@breaks(
    "net-08-split-default",
    "Two halves of the address space go to a NAT gateway.",
    nc("NET-03", "{vpc}"),
    nc("NET-11", "{vpc}"),
    TABLE,
    SUBNETS,
)
def _(x: Context) -> Any:
    made = nat(x)
    route(x, cidr="0.0.0.0/1", NatGatewayId=made)
    route(x, cidr="128.0.0.0/1", NatGatewayId=made)
    yield


@breaks(
    "net-08-nat-route",
    "The default route goes to a NAT gateway.",
    nc("NET-03", "{vpc}"),
    nc("NET-11", "{vpc}"),
    TABLE,
    SUBNETS,
)
def _(x: Context) -> Any:
    route(x, NatGatewayId=nat(x))
    yield


@breaks("net-08-nat-blackhole", "The default route goes to a NAT gateway that is deleted.", TABLE, SUBNETS)
def _(x: Context) -> Any:
    route(x, NatGatewayId=nat(x))
    x.ec2.delete_nat_gateway(NatGatewayId=x.new["nat"])
    yield


@breaks("net-08-peering-route", "A route to a peered VPC.", nc("NET-06", "{vpc}"), TABLE, mend=True)
def _(x: Context) -> Any:
    route(x, cidr="10.20.0.0/16", VpcPeeringConnectionId=peering(x))
    yield
    x.ec2.delete_route(RouteTableId=x.ids["tables"]["ab"], DestinationCidrBlock="10.20.0.0/16")
    x.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=x.new["peering"])


@breaks("net-08-vgw-route", "A route to a virtual private gateway.", nc("NET-05", "{vpc}"), TABLE)
def _(x: Context) -> Any:
    route(x, cidr="192.168.0.0/16", GatewayId=vpn(x))
    yield


@breaks(
    "net-08-vgw-propagation",
    "A virtual private gateway propagates routes into the table.",
    nc("NET-05", "{vpc}"),
    TABLE,
)
def _(x: Context) -> Any:
    x.ec2.enable_vgw_route_propagation(RouteTableId=x.ids["tables"]["ab"], GatewayId=vpn(x))
    yield


@breaks("net-08-transit-route", "A route to a transit gateway.", nc("NET-07", "{vpc}"), TABLE)
def _(x: Context) -> Any:
    made = x.ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    x.ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=made, VpcId=x.vpc, SubnetIds=[x.ids["subnets"]["a"]])
    route(x, cidr="10.0.0.0/8", TransitGatewayId=made)
    x.new["tgw"] = made
    yield


@breaks("net-08-core-network-route", "A route to a Cloud WAN core network.", nc("NET-07", "{vpc}"), TABLE)
def _(x: Context) -> Any:
    route(
        x,
        cidr="10.0.0.0/8",
        CoreNetworkArn=f"arn:aws:networkmanager::{ACCOUNT}:core-network/core-network-0a1b2c3d4e5f67890",
    )
    yield


@breaks(
    "net-08-interface-route",
    "The default route goes to a network interface: an appliance or a NAT instance.",
    TABLE,
    SUBNETS,
)
def _(x: Context) -> Any:
    made = x.ec2.create_network_interface(SubnetId=x.ids["subnets"]["a"], Groups=[x.ids["groups"]["default"]])
    x.new["eni"] = made["NetworkInterface"]["NetworkInterfaceId"]
    route(x, NetworkInterfaceId=x.new["eni"])
    yield


@breaks(
    "net-08-egress-only-route",
    "The IPv6 default route goes to an egress-only gateway.",
    nc("NET-04", "{vpc}"),
    TABLE,
    SUBNETS,
)
def _(x: Context) -> Any:
    made = x.ec2.create_egress_only_internet_gateway(VpcId=x.vpc)["EgressOnlyInternetGateway"][
        "EgressOnlyInternetGatewayId"
    ]
    route(x, DestinationIpv6CidrBlock="::/0", EgressOnlyInternetGatewayId=made)
    x.new["eigw"] = made
    yield


@breaks("net-08-carrier-route", "The default route goes to a carrier gateway.", nc("NET-04", "{vpc}"), TABLE, SUBNETS)
def _(x: Context) -> Any:
    made = x.ec2.create_carrier_gateway(VpcId=x.vpc)["CarrierGateway"]["CarrierGatewayId"]
    route(x, CarrierGatewayId=made)
    x.new["cagw"] = made
    yield


@breaks("net-08-inspection-endpoint-route", "A route to a Gateway Load Balancer endpoint.", TABLE)
def _(x: Context) -> Any:
    made = x.ec2.create_vpc_endpoint(
        VpcId=x.vpc,
        ServiceName="com.amazonaws.vpce.eu-west-1.vpce-svc-0d4444444444444dd",
        VpcEndpointType="GatewayLoadBalancer",
        SubnetIds=[x.ids["subnets"]["a"]],
    )["VpcEndpoint"]["VpcEndpointId"]
    route(x, cidr="10.20.0.0/16", VpcEndpointId=made)
    x.new["endpoint"] = made
    yield


@breaks(
    "net-08-prefix-list-route",
    "A prefix list that holds 0.0.0.0/0 goes to an internet gateway.",
    nc("NET-02", "{vpc}"),
    TABLE,
    SUBNETS,
)
def _(x: Context) -> Any:
    route(x, DestinationPrefixListId=prefix_list(x, "0.0.0.0/0"), GatewayId=gateway(x))
    yield


@breaks("net-08-dynamodb-endpoint", "No fault: a gateway endpoint of DynamoDB has its route in the table.")
def _(x: Context) -> Any:
    from ..build.network import endpoint_policy

    x.new["endpoint"] = x.ec2.create_vpc_endpoint(
        VpcId=x.vpc,
        ServiceName="com.amazonaws.eu-west-1.dynamodb",
        VpcEndpointType="Gateway",
        RouteTableIds=[x.ids["tables"]["ab"]],
        PolicyDocument=endpoint_policy("s3"),
    )["VpcEndpoint"]["VpcEndpointId"]
    yield


def unassociate(x: Context, key: str, table: str) -> None:
    """A subnet without a table of its own."""
    found = x.ec2.describe_route_tables(RouteTableIds=[x.ids["tables"][table]])["RouteTables"][0]
    held = next(one for one in found["Associations"] if one.get("SubnetId") == x.ids["subnets"][key])
    x.ec2.disassociate_route_table(AssociationId=held["RouteTableAssociationId"])


@breaks(
    "net-09-subnet-on-main-table",
    "A subnet lost its table and inherits the main one, which has an internet route.",
    nc("NET-02", "{vpc}"),
    nc("NET-08", "{tables.main}"),
    nc("NET-09", "{subnets.c}"),
    nc("VPE-08", "{tables.main}"),
)
def _(x: Context) -> Any:
    unassociate(x, "c", "c")
    route(x, "main", GatewayId=gateway(x))
    yield


@breaks(
    "net-09-new-subnet",
    "A new environment subnet inherits a main table with an internet route.",
    nc("NET-02", "{vpc}"),
    nc("NET-08", "{tables.main}"),
    nc("NET-09", "{new.subnet}"),
    # The VPC's default ACL, which admits everything.
    nc("NET-17", "{new.subnet}"),
    nc("VPE-08", "{tables.main}"),
)
def _(x: Context) -> Any:
    from ..build import names as n
    from ..build.network import ZONES

    route(x, "main", GatewayId=gateway(x))
    x.new["subnet"] = x.ec2.create_subnet(
        VpcId=x.vpc,
        CidrBlock="10.10.9.0/24",
        AvailabilityZone=ZONES["a"],
        TagSpecifications=n.spec("subnet", Name="ds-private-new", Tier="private"),
    )["Subnet"]["SubnetId"]
    yield


@breaks(
    "net-09-replaced-table",
    "A subnet was moved to a new table with an internet route.",
    nc("NET-02", "{vpc}"),
    nc("NET-08", "{new.table}"),
    nc("NET-09", "{subnets.c}"),
    nc("VPE-08", "{new.table}"),
)
def _(x: Context) -> Any:
    made = x.ec2.create_route_table(VpcId=x.vpc)["RouteTable"]["RouteTableId"]
    x.new["table"] = made
    x.ec2.create_route(RouteTableId=made, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway(x))
    found = x.ec2.describe_route_tables(RouteTableIds=[x.ids["tables"]["c"]])["RouteTables"][0]
    held = next(one for one in found["Associations"] if one.get("SubnetId") == x.ids["subnets"]["c"])
    x.ec2.replace_route_table_association(AssociationId=held["RouteTableAssociationId"], RouteTableId=made)
    yield


@breaks(
    "vpe-08-table-removed",
    "The S3 endpoint left one of the two private tables.",
    nc("VPE-08", "{tables.ab}"),
    mend=True,
)
def _(x: Context) -> Any:
    x.ec2.modify_vpc_endpoint(VpcEndpointId=x.ids["endpoints"]["s3"], RemoveRouteTableIds=[x.ids["tables"]["ab"]])
    yield
    x.ec2.modify_vpc_endpoint(VpcEndpointId=x.ids["endpoints"]["s3"], AddRouteTableIds=[x.ids["tables"]["ab"]])


@breaks(
    "vpe-08-inherited-main-table",
    "A subnet inherits the main table, which the S3 endpoint does not serve.",
    nc("VPE-08", "{tables.main}"),
    mend=True,
)
def _(x: Context) -> Any:
    unassociate(x, "c", "c")
    yield
    x.ec2.associate_route_table(RouteTableId=x.ids["tables"]["c"], SubnetId=x.ids["subnets"]["c"])
