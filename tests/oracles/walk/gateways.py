"""Internet and egress-only internet gateways, the internet itself, and VPC endpoints as targets of routes."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

from . import block
from .filters import BROKEN
from .packet import Address, Packet, is_private
from .routes import Route
from .rules import Stop, drop, unknown
from .topology import Topology, carrier_addresses, ipv6_blocks, public_addresses

UNIQUE_LOCAL = ip_network("fc00::/7")


def attached(topology: Topology, group: str, name: str, vpc: str) -> bool:
    gateway = topology.find(group, name)
    return any(one["VpcId"] == vpc and one["State"] in ("available", "attached")
               for one in gateway.get("Attachments") or ())


def check_block(walk, gateway: str, vpc: str, subnets: set[str], kind: str) -> None:
    answer = block.blocks(walk.topology, vpc, subnets, kind, walk.balancer)
    if answer == block.BLOCKED:
        raise drop(gateway, "bpa-block")
    if answer == block.OPEN:
        walk.doubt(gateway, "bpa-unknown")
    if answer == block.EXCLUDED:
        walk.hop(gateway, "bpa-excluded")


def subnets_of(walk, vpc: str, subnet: str) -> set[str]:
    """An exclusion of a subnet may be about the one next to the gateway, or the one where the flow began; the page does
    not say which."""
    begun = walk.flow.begun
    return {subnet, begun[0]} if begun and begun[1] == vpc else {subnet}


# Out

def out_to_internet(walk, name: str, vpc: str, packet: Packet) -> None:
    """An internet gateway puts the public address in place of the private one; without one nothing leaves."""
    if not attached(walk.topology, "internet_gateways", name, vpc):
        raise drop(name, "igw-not-attached")
    owners = walk.topology.owners(packet.source, vpc)
    if len(owners) > 1:
        raise unknown(name, "several-interfaces")
    if not owners:
        # A source that is nobody's here, as an instance may forward it, has no public address.
        raise drop(name, "igw-no-public-address")
    gateway = walk.topology.nat_of(owners[0]["NetworkInterfaceId"])
    if gateway is not None and gateway.get("ConnectivityType") == "private":
        raise drop(name, "igw-private-nat")
    out = _public(name, owners[0], packet)
    kind = "nat" if gateway else "igw"
    check_block(walk, name, vpc, subnets_of(walk, vpc, owners[0]["SubnetId"]), kind)
    walk.hop(name, "igw-translate" if packet.version == 4 else "igw-ipv6")
    on_the_internet(walk, name, out)


def _public(name: str, owner: dict, packet: Packet) -> Packet:
    if packet.version == 6:
        if packet.source in UNIQUE_LOCAL:
            raise drop(name, "igw-private-source")
        return packet
    public = public_addresses(owner).get(packet.source)
    if public is None:
        raise drop(name, "igw-no-public-address")
    return replace(packet, source=public)


def out_egress_only(walk, name: str, vpc: str, subnet: str, packet: Packet) -> None:
    """Only IPv6, only out, and what answers it back in."""
    if not attached(walk.topology, "egress_only_internet_gateways", name, vpc):
        raise drop(name, "egress-only-not-attached")
    if packet.version == 4:
        raise drop(name, "egress-only-ipv4")
    if not ipv6_blocks(walk.topology.find("vpcs", vpc)):
        raise drop(name, "egress-only-no-ipv6-block")
    if packet.source in UNIQUE_LOCAL or not walk.topology.owners(packet.source, vpc):
        raise drop(name, "igw-private-source")
    check_block(walk, name, vpc, subnets_of(walk, vpc, subnet), "egress-only")
    walk.flow.let_out.add((name, packet))
    walk.hop(name, "egress-only-out")
    on_the_internet(walk, name, packet)


def on_the_internet(walk, at: str, packet: Packet) -> None:
    """A public address that belongs to an interface seen leads back in; any other one is the internet."""
    if is_private(packet.destination) or packet.destination.is_multicast:
        raise unknown(at, "igw-private-destination")
    if walk.topology.public_owner(packet.destination, at) is None and not _ours(walk.topology, packet.destination):
        raise walk.deliver("internet", at, packet, "internet")
    from_internet(walk, packet)


def _ours(topology: Topology, address: Address) -> bool:
    """In a block of a VPC seen (IPv6), or the carrier address of an interface seen."""
    if address.version == 6:
        return any(topology.in_vpc(address, vpc) for vpc in topology.by_id["vpcs"])
    return any(address in carrier_addresses(eni) for eni in topology.raw.get("network_interfaces") or ())


# In

def from_internet(walk, packet: Packet) -> None:
    """To the public address of an interface, through the gateway of its VPC."""
    if is_private(packet.destination):
        raise drop("internet", "not-ours")
    if any(packet.destination in carrier_addresses(eni)
           for eni in walk.topology.all("network_interfaces", "internet")):
        raise unknown("internet", "carrier")
    found = walk.topology.public_owner(packet.destination, "internet")
    if found is None:
        raise drop("internet", "not-ours")
    eni, own = found
    vpc = eni["VpcId"]
    for name, sent in walk.flow.let_out:
        if walk.is_reply and sent.reply() == packet:
            return _back_egress_only(walk, name, eni, packet)
    name = _internet_gateway(walk, vpc)
    kind = "nat" if walk.topology.nat_of(eni["NetworkInterfaceId"]) else "igw"
    check_block(walk, name, vpc, subnets_of(walk, vpc, eni["SubnetId"]), kind)
    walk.hop(name, "igw-in")
    walk.way = BROKEN
    walk.through_edge(name, vpc, replace(packet, destination=own))


def _internet_gateway(walk, vpc: str) -> str:
    for one in walk.topology.all("internet_gateways", vpc):
        if attached(walk.topology, "internet_gateways", one["InternetGatewayId"], vpc):
            return one["InternetGatewayId"]
    for one in walk.topology.raw.get("egress_only_internet_gateways") or ():
        name = one["EgressOnlyInternetGatewayId"]
        if attached(walk.topology, "egress_only_internet_gateways", name, vpc):
            raise drop(name, "egress-only-in")
    raise drop(vpc, "igw-not-attached")


def _back_egress_only(walk, name: str, eni: dict, packet: Packet) -> None:
    check_block(walk, name, eni["VpcId"], subnets_of(walk, eni["VpcId"], eni["SubnetId"]), "egress-only")
    walk.hop(name, "egress-only-reply")
    walk.into_vpc(eni["VpcId"], packet, None)


def check_edge_target(walk, route: Route, gateway: str, vpc: str, packet: Packet) -> None:
    """A middlebox behind an internet gateway has to have a public address; appliances behind an endpoint under BPA."""
    if not gateway.startswith("igw-"):
        return
    if route.kind == "interface":
        eni = walk.topology.find("network_interfaces", route.target)
        if packet.version == 4 and not public_addresses(eni):
            walk.doubt(gateway, "edge-no-public-address")
        return
    walk.balancer = endpoint_subnet(walk.topology, route.target)
    if walk.balancer:
        check_block(walk, gateway, vpc, set(), "igw")


# Endpoints

def endpoint_subnet(topology: Topology, name: str) -> str | None:
    """The one subnet of a Gateway Load Balancer endpoint; none of a gateway endpoint."""
    endpoint = topology.find("vpc_endpoints", name)
    if endpoint["VpcEndpointType"] != "GatewayLoadBalancer":
        return None
    return next(iter(endpoint.get("SubnetIds") or ()), None)


def into_endpoint(walk, name: str, vpc: str, packet: Packet, from_subnet: str | None) -> None:
    endpoint = walk.topology.find("vpc_endpoints", name)
    if endpoint.get("State", "").lower() != "available":
        raise drop(name, "endpoint-not-available")
    kind = endpoint["VpcEndpointType"]
    if kind == "Gateway" and endpoint["VpcId"] == vpc:
        raise _service(walk, name, vpc, packet)
    if kind != "GatewayLoadBalancer" or endpoint["VpcId"] != vpc or len(endpoint.get("SubnetIds") or ()) != 1:
        raise unknown(name, "endpoint-unknown")
    subnet = endpoint["SubnetIds"][0]
    if subnet != from_subnet:
        walk.pass_acl(subnet, packet, False)
    walk.visit(name, packet)
    # The appliances give back what they let pass, as it came, and the endpoint's subnet routes it on.
    walk.hop(name, "balancer-endpoint")
    walk.assume(name)
    walk.balancer = subnet
    walk.leave(subnet, packet)


def _service(walk, name: str, vpc: str, packet: Packet) -> Stop:
    """Gateway endpoints serve what is in the VPC; whether a NAT gateway counts, the pages say differently."""
    owners = walk.topology.owners(packet.source, vpc)
    if not owners:
        return drop(name, "endpoint-not-extended")
    if any(walk.topology.nat_of(one["NetworkInterfaceId"]) for one in owners):
        return unknown(name, "endpoint-unknown")
    return walk.deliver(name, name, packet, "endpoint-service")
