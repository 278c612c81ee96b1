"""Breaks of what joins the VPC to other networks, of public addresses, of what workloads send, of network ACLs and
of Block Public Access."""

from __future__ import annotations

from typing import Any

from .. import REGION
from ..build.network import ZONES, https
from .core import Context, breaks, each, nc
from .net import prefix_list
from .net_routes import peering

# -- NET-06, NET-07 ---------------------------------------------------------------------------------------------------

PEERED = nc("NET-06", "{vpc}")
JOINED = nc("NET-07", "{vpc}")


@breaks("net-06-peering-active", "The VPC is peered with one that the baseline does not list.", PEERED, demo=True)
def _(x: Context) -> Any:
    peering(x)
    yield
    x.ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=x.new["peering"])


def asked(x: Context) -> str:
    """A peering that the bystander VPC asks for, and that nobody accepted yet."""
    made = x.ec2.create_vpc_peering_connection(VpcId=x.ids["bystanders"]["vpc"], PeerVpcId=x.vpc)
    x.new["peering"] = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    return str(x.new["peering"])


@breaks("net-06-peering-pending", "Another VPC asks to be peered: one click from active.", PEERED, mend=True)
def _(x: Context) -> Any:
    asked(x)
    yield
    x.ec2.reject_vpc_peering_connection(VpcPeeringConnectionId=x.new["peering"])


@breaks("net-06-peering-provisioning", "A peering is being set up.", PEERED, reach="state")
def _(x: Context) -> Any:
    x.backend("ec2").vpc_pcxs[asked(x)]._status.code = "provisioning"
    yield


@breaks("net-06-peering-expired", "No fault: a peering that nobody accepted in time is still listed.", reach="state")
def _(x: Context) -> Any:
    x.backend("ec2").vpc_pcxs[asked(x)]._status.code = "expired"
    yield


def transit(x: Context) -> str:
    """An attachment of the VPC to a new transit gateway."""
    x.new["tgw"] = x.ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    made = x.ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=x.new["tgw"], VpcId=x.vpc, SubnetIds=[x.ids["subnets"]["a"]]
    )["TransitGatewayVpcAttachment"]
    x.new["attachment"] = made["TransitGatewayAttachmentId"]
    return str(x.new["attachment"])


@breaks("net-07-transit-attached", "The VPC is attached to a transit gateway; no route uses it.", JOINED, mend=True)
def _(x: Context) -> Any:
    transit(x)
    yield
    x.ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=x.new["attachment"])


def _transit_in(status: str, text: str, *expect: Any) -> None:
    @breaks(f"net-07-transit-{status.lower()}", text, *expect, reach="state")
    def _(x: Context) -> Any:
        x.backend("ec2").transit_gateway_attachments[transit(x)].state = status
        yield


_transit_in("pendingAcceptance", "An attachment to a transit gateway waits to be accepted.", JOINED)
_transit_in("modifying", "An attachment to a transit gateway is being modified.", JOINED)
_transit_in("rejected", "No fault: an attachment to a transit gateway that was rejected is still listed.")


# -- NET-11 -----------------------------------------------------------------------------------------------------------

PUBLIC = nc("NET-11", "{vpc}")


def interface(x: Context, **more: Any) -> str:
    """A network interface of nothing, in an environment subnet."""
    made = x.ec2.create_network_interface(
        SubnetId=x.ids["subnets"]["b"], Groups=[x.ids["groups"]["default"]], **more
    )["NetworkInterface"]
    x.new["eni"] = made["NetworkInterfaceId"]
    return str(x.new["eni"])


def publish(x: Context, eni: str) -> None:
    """A public address for an interface."""
    made = x.ec2.allocate_address(Domain="vpc")["AllocationId"]
    x.new["address"] = made
    x.new["association"] = x.ec2.associate_address(AllocationId=made, NetworkInterfaceId=eni)["AssociationId"]


@breaks("net-11-interface", "An interface in an environment subnet has a public address.", PUBLIC, mend=True)
def _(x: Context) -> Any:
    publish(x, interface(x))
    yield
    x.ec2.disassociate_address(AssociationId=x.new["association"])
    x.ec2.release_address(AllocationId=x.new["address"])
    x.ec2.delete_network_interface(NetworkInterfaceId=x.new["eni"])


@breaks("net-11-endpoint", "The interface of an endpoint has a public address.", PUBLIC)
def _(x: Context) -> Any:
    found = x.ec2.describe_vpc_endpoints(VpcEndpointIds=[x.ids["endpoints"]["sts"]])["VpcEndpoints"][0]
    publish(x, found["NetworkInterfaceIds"][0])
    yield


@breaks("net-11-other-subnet", "No fault: an interface with a public address in a subnet that is not the environment's.")
def _(x: Context) -> Any:
    other = x.ec2.create_subnet(VpcId=x.vpc, CidrBlock="10.10.9.0/24", AvailabilityZone=ZONES["a"])["Subnet"]
    x.new["subnet"] = other["SubnetId"]
    made = x.ec2.create_network_interface(SubnetId=x.new["subnet"], Groups=[x.ids["groups"]["default"]])
    publish(x, made["NetworkInterface"]["NetworkInterfaceId"])
    yield


# -- NET-16 -----------------------------------------------------------------------------------------------------------

SENDS = nc("NET-16", "{groups.workload}")
ANYWHERE = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def send(x: Context, permission: dict[str, Any]) -> None:
    """One more egress rule of the workload group."""
    x.ec2.authorize_security_group_egress(GroupId=x.ids["groups"]["workload"], IpPermissions=[permission])


@breaks("net-16-default-egress", "The workload group sends anywhere, as new ones do.", SENDS, demo=True)
def _(x: Context) -> Any:
    send(x, ANYWHERE)
    yield
    x.ec2.revoke_security_group_egress(GroupId=x.ids["groups"]["workload"], IpPermissions=[ANYWHERE])


@breaks("net-16-world-ipv6", "The workload group sends 443 to the whole IPv6 internet.", SENDS)
def _(x: Context) -> Any:
    send(x, {**https(), "Ipv6Ranges": [{"CidrIpv6": "::/0"}]})
    yield


@breaks("net-16-other-group", "The workload group sends to a group of the VPC that is no workload's.", SENDS)
def _(x: Context) -> Any:
    send(x, {**https(), "UserIdGroupPairs": [{"GroupId": x.ids["bystanders"]["group"]}]})
    yield


@breaks("net-16-s3-all-ports", "The workload group sends every protocol to the prefix list of S3.", SENDS)
def _(x: Context) -> Any:
    send(x, {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": x.ids["prefix_list"]}]})
    yield


@breaks("net-16-prefix-list", "The workload group sends to a prefix list that reaches beyond the VPC.", SENDS)
def _(x: Context) -> Any:
    send(x, {**https(), "PrefixListIds": [{"PrefixListId": prefix_list(x, "10.10.1.0/24", "10.99.0.0/16")}]})
    yield


@breaks("net-16-prefix-list-within", "No fault: the workload group sends to a prefix list inside the VPC.")
def _(x: Context) -> Any:
    send(x, {**https(), "PrefixListIds": [{"PrefixListId": prefix_list(x, "10.10.1.0/24", "10.10.2.0/24")}]})
    yield


@breaks("net-16-vpc-cidr", "No fault: the workload group sends everything to the VPC's block.")
def _(x: Context) -> Any:
    send(x, {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.10.0.0/16"}]})
    yield


@breaks("net-16-dynamodb", "No fault: the workload group sends 443 to the prefix list of DynamoDB.")
def _(x: Context) -> Any:
    lists = x.ec2.describe_managed_prefix_lists()["PrefixLists"]
    found = next(one for one in lists if one["PrefixListName"] == f"com.amazonaws.{REGION}.dynamodb")
    send(x, {**https(), "PrefixListIds": [{"PrefixListId": found["PrefixListId"]}]})
    yield


# -- NET-17 -----------------------------------------------------------------------------------------------------------

CLOSED = each("NET-17", "{subnets.a}", "{subnets.b}", "{subnets.c}")


def entry(x: Context, number: int, port: int, action: str = "allow", **source: str) -> None:
    """One more ingress entry of the private subnets' network ACL."""
    x.ec2.create_network_acl_entry(
        NetworkAclId=x.ids["nacl"],
        RuleNumber=number,
        Protocol="6",
        RuleAction=action,
        Egress=False,
        PortRange={"From": port, "To": port},
        **source,
    )


def without(x: Context, number: int) -> None:
    """An ingress entry away."""
    x.ec2.delete_network_acl_entry(NetworkAclId=x.ids["nacl"], RuleNumber=number, Egress=False)


@breaks("net-17-ssh", "The network ACL admits SSH from anywhere, before the entry that denies it.", CLOSED, mend=True)
def _(x: Context) -> Any:
    entry(x, 80, 22, CidrBlock="0.0.0.0/0")
    yield
    without(x, 80)


@breaks("net-17-halves", "The network ACL admits RDP from both halves of all addresses.", CLOSED)
def _(x: Context) -> Any:
    entry(x, 80, 3389, CidrBlock="0.0.0.0/1")
    entry(x, 81, 3389, CidrBlock="128.0.0.0/1")
    yield


@breaks("net-17-ssh-ipv6", "The network ACL admits SSH from any IPv6 address.", CLOSED)
def _(x: Context) -> Any:
    entry(x, 80, 22, Ipv6CidrBlock="::/0")
    yield


@breaks("net-17-deny-away", "The entry that denied RDP among the ephemeral ports is gone.", CLOSED, mend=True)
def _(x: Context) -> Any:
    without(x, 91)
    yield
    entry(x, 91, 3389, "deny", CidrBlock="0.0.0.0/0")


@breaks(
    "net-17-default-acl",
    "A subnet is back on the VPC's default network ACL, which admits everything.",
    nc("NET-17", "{subnets.b}"),
    mend=True,
)
def _(x: Context) -> Any:
    acls = x.ec2.describe_network_acls(Filters=x.within)["NetworkAcls"]
    default = next(acl["NetworkAclId"] for acl in acls if acl["IsDefault"])
    associate(x, default)
    yield
    associate(x, x.ids["nacl"])


def associate(x: Context, acl: str) -> None:
    """Another network ACL for a subnet."""
    acls = x.ec2.describe_network_acls(Filters=x.within)["NetworkAcls"]
    held = [one for acl in acls for one in acl["Associations"] if one["SubnetId"] == x.ids["subnets"]["b"]]
    x.ec2.replace_network_acl_association(AssociationId=held[0]["NetworkAclAssociationId"], NetworkAclId=acl)


@breaks("net-17-behind-a-deny", "No fault: the network ACL admits SSH from anywhere behind the entry that denies it.")
def _(x: Context) -> Any:
    entry(x, 95, 22, CidrBlock="0.0.0.0/0")
    yield


@breaks("net-17-partner", "No fault: the network ACL admits SSH from one network.")
def _(x: Context) -> Any:
    entry(x, 80, 22, CidrBlock="203.0.113.0/24")
    yield


# -- NET-18 -----------------------------------------------------------------------------------------------------------

BLOCK = nc("NET-18", "{vpc}")


def block(x: Context, mode: str) -> None:
    """The Region's mode of VPC Block Public Access."""
    x.ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode=mode)


@breaks("net-18-off", "VPC Block Public Access is off.", BLOCK, mend=True)
def _(x: Context) -> Any:
    block(x, "off")
    yield
    block(x, "block-bidirectional")


@breaks("net-18-ingress-only", "VPC Block Public Access lets out what does not come in.", BLOCK, mend=True)
def _(x: Context) -> Any:
    block(x, "block-ingress")
    yield
    block(x, "block-bidirectional")


def exclude(x: Context, mode: str = "allow-bidirectional", **target: str) -> None:
    """An exclusion from it."""
    made = x.ec2.create_vpc_block_public_access_exclusion(InternetGatewayExclusionMode=mode, **target)
    x.new["exclusion"] = made["VpcBlockPublicAccessExclusion"]["ExclusionId"]


@breaks("net-18-vpc-excluded", "The VPC is excluded from VPC Block Public Access.", BLOCK)
def _(x: Context) -> Any:
    exclude(x, VpcId=x.vpc)
    yield


@breaks("net-18-subnet-excluded", "A subnet is excluded from VPC Block Public Access, for what goes out.", BLOCK)
def _(x: Context) -> Any:
    exclude(x, "allow-egress", SubnetId=x.ids["subnets"]["b"])
    yield


@breaks("net-18-exclusion-deleted", "No fault: an exclusion of the VPC that was deleted is still listed.")
def _(x: Context) -> Any:
    exclude(x, VpcId=x.vpc)
    x.ec2.delete_vpc_block_public_access_exclusion(ExclusionId=x.new["exclusion"])
    yield


@breaks("net-18-neighbour-excluded", "No fault: another VPC and its subnet are excluded.")
def _(x: Context) -> Any:
    exclude(x, VpcId=x.ids["bystanders"]["vpc"])
    exclude(x, SubnetId=x.ids["bystanders"]["subnet"])
    yield
