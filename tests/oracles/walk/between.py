"""Peering connections, transit gateways and virtual private gateways."""

from __future__ import annotations

from .filters import BROKEN, Way
from .packet import Address, Packet
from .rules import drop, unknown
from .topology import Topology, inside, network

TRANSIT_GONE = ("deleted", "deleting", "failed", "rejected")


# Peering

def other_side(topology: Topology, name: str, vpc: str) -> str | None:
    """The VPC at the other end of a peering connection."""
    one = topology.by_id["vpc_peering_connections"].get(name)
    if one is None:
        return None
    sides = [one["RequesterVpcInfo"]["VpcId"], one["AccepterVpcInfo"]["VpcId"]]
    return next((side for side in sides if side != vpc), None) if vpc in sides else None


def over_peering(walk, name: str, vpc: str, packet: Packet) -> None:
    """To an address of the other VPC, and to nothing behind it: peering is not transitive."""
    one = walk.topology.find("vpc_peering_connections", name)
    if one["Status"]["Code"] != "active":
        raise drop(name, "peering-not-active")
    other = other_side(walk.topology, name, vpc)
    if other is None:
        raise unknown(name, "peering-unknown")
    if any(walk.topology.nat_of(eni["NetworkInterfaceId"]) for eni in walk.topology.owners(packet.source, vpc)):
        # Whether a NAT gateway sends over a peering connection, the pages say differently.
        walk.doubt(name, "peering-unknown")
    elif not walk.topology.in_vpc(packet.source, vpc):
        walk.doubt(name, "peering-unknown")
    if not walk.topology.seen("vpcs", other):
        return _beyond_peering(walk, one, other, packet)
    if not walk.topology.in_vpc(packet.destination, other):
        raise drop(name, "peering-not-transitive")
    walk.way = Way("peering", name, vpc) if walk.way.kind == "vpc" else BROKEN
    walk.hop(name, "peering")
    walk.into_vpc(other, packet, None)


def _beyond_peering(walk, one: dict, other: str, packet: Packet) -> None:
    """Another account's VPC: what the connection shows of its blocks settles what is not in it."""
    name = one["VpcPeeringConnectionId"]
    side = next(one[key] for key in ("RequesterVpcInfo", "AccepterVpcInfo") if one[key]["VpcId"] == other)
    blocks = [entry["CidrBlock"] for entry in side.get("CidrBlockSet") or ()]
    blocks += [entry["Ipv6CidrBlock"] for entry in side.get("Ipv6CidrBlockSet") or ()]
    if blocks and not any(inside(packet.destination, block) for block in blocks):
        raise drop(name, "peering-not-transitive")
    raise walk.beyond(name, packet, "beyond-peering")


def from_peering(walk, name: str, vpc: str, packet: Packet) -> None:
    """From a VPC that was not seen, over a peering connection."""
    one = walk.topology.find("vpc_peering_connections", name)
    if one["Status"]["Code"] != "active":
        raise drop(name, "peering-not-active")
    if not walk.topology.in_vpc(packet.destination, vpc):
        raise drop(name, "peering-not-transitive")
    walk.way = Way("peering", name, other_side(walk.topology, name, vpc) or "")
    walk.hop(name, "peering")
    walk.into_vpc(vpc, packet, None)


# Transit gateways

def attachment_of(topology: Topology, gateway: str, vpc: str) -> dict | None:
    return next((one for one in topology.all("transit_gateway_vpc_attachments", gateway)
                 if one["TransitGatewayId"] == gateway and one["VpcId"] == vpc and one["State"] == "available"), None)


def zone_subnets(topology: Topology, attachment: dict, zone: str) -> list[str]:
    return [name for name in attachment["SubnetIds"] if topology.find("subnets", name)["AvailabilityZone"] == zone]


def into_transit(walk, name: str, vpc: str, subnet: str, packet: Packet) -> None:
    """By the attachment of the sender's VPC in the sender's zone, then by the table that belongs to the attachment."""
    topology = walk.topology
    attachment = attachment_of(topology, name, vpc)
    if attachment is None:
        raise drop(name, "transit-not-attached")
    zone = topology.find("subnets", subnet)["AvailabilityZone"]
    near = zone_subnets(topology, attachment, zone)
    if not near:
        raise drop(name, "transit-zone")
    walk.pass_acl(near[0], packet, False, transit=True)
    own = attachment["TransitGatewayAttachmentId"]
    route = _transit_route(walk, name, own, packet)
    walk.hop(name, "transit")
    target = next(iter(route.get("TransitGatewayAttachments") or ()), {})
    far = topology.by_id["transit_gateway_vpc_attachments"].get(target.get("TransitGatewayAttachmentId"))
    if target.get("ResourceType") != "vpc" or far is None or not topology.seen("vpcs", far["VpcId"]):
        raise walk.beyond(name, packet, "beyond-transit")
    if far["State"] != "available":
        raise drop(name, "transit-blackhole")
    walk.way = Way("transit", name, vpc, _referencing(topology, name, attachment, far)) \
        if walk.way.kind == "vpc" else BROKEN
    _out_of_transit(walk, name, far, zone, packet)


def _transit_route(walk, name: str, attachment: str, packet: Packet) -> dict:
    tables = [one for one in walk.topology.raw.get("transit_gateway_route_tables") or ()
              if one["TransitGatewayId"] == name]
    if not tables:
        raise walk.beyond(name, packet, "beyond-transit")
    for table in tables:
        if any(one["TransitGatewayAttachmentId"] == attachment for one in table.get("Associations") or ()):
            return _best(name, table, packet.destination)
    raise drop(name, "transit-no-route")


def _best(name: str, table: dict, destination: Address) -> dict:
    """Longest prefix, then static before propagated."""
    found = [route for route in table.get("Routes") or () if inside(destination, route["DestinationCidrBlock"])]
    if not found:
        raise drop(name, "transit-no-route")
    best = min(found, key=lambda one: (-network(one["DestinationCidrBlock"]).prefixlen, one.get("Type") != "static"))
    if best.get("State") == "blackhole":
        raise drop(name, "transit-blackhole")
    return best


def _referencing(topology: Topology, name: str, near: dict, far: dict) -> bool | None:
    """Security group referencing has to be on at the gateway (off by default) and both attachments (on by default)."""
    gateway = topology.by_id["transit_gateways"].get(name)
    if gateway is None or "SecurityGroupReferencingSupport" not in (gateway.get("Options") or {}):
        return None
    every = [gateway["Options"]["SecurityGroupReferencingSupport"]]
    every += [(one.get("Options") or {}).get("SecurityGroupReferencingSupport", "enable") for one in (near, far)]
    return all(one == "enable" for one in every)


def _out_of_transit(walk, name: str, attachment: dict, zone: str | None, packet: Packet) -> None:
    """Through the attachment's subnet in the same zone if it has one, else through any of them, and on by its table."""
    topology = walk.topology
    subnets = (zone_subnets(topology, attachment, zone) if zone else []) or attachment["SubnetIds"]
    if not subnets:
        raise unknown(name, "not-read")
    walk.arrivals = max(walk.arrivals, len(subnets))
    subnet = subnets[walk.reading.arrival % len(subnets)]
    if topology.in_subnet(packet.destination, subnet):
        return walk.across(subnet, packet)
    walk.visit(f"{name} {subnet}", packet)
    walk.follow(walk.route(subnet, packet), subnet, attachment["VpcId"], packet)


def from_transit(walk, name: str, vpc: str, packet: Packet) -> None:
    """From behind a transit gateway into the VPC."""
    attachment = attachment_of(walk.topology, name, vpc)
    if attachment is None:
        raise drop(name, "transit-not-attached")
    walk.way = Way("transit", name, "", None)
    walk.hop(name, "transit")
    _out_of_transit(walk, name, attachment, None, packet)


# Virtual private gateways

def vpn_attached(topology: Topology, name: str, vpc: str) -> bool:
    gateway = topology.find("vpn_gateways", name)
    return any(one["VpcId"] == vpc and one["State"] == "attached" for one in gateway.get("VpcAttachments") or ())


def out_to_vpn(walk, name: str, vpc: str, packet: Packet) -> None:
    if not vpn_attached(walk.topology, name, vpc):
        raise drop(name, "vpn-not-attached")
    raise walk.beyond(name, packet, "beyond-vpn")


def from_vpn(walk, name: str, vpc: str, packet: Packet) -> None:
    """From the other side of a VPN or Direct Connect: to addresses of the VPC only (no edge to edge routing)."""
    if not vpn_attached(walk.topology, name, vpc):
        raise drop(name, "vpn-not-attached")
    if not walk.topology.in_vpc(packet.destination, vpc):
        raise drop(name, "vpn-not-transitive")
    walk.way = BROKEN
    walk.hop(name, "local")
    walk.through_edge(name, vpc, packet)
