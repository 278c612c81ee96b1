"""NAT gateways ("NAT gateways", "NAT gateway basics") and instances that forward ("NAT instances")."""

from __future__ import annotations

from dataclasses import replace

from .filters import BROKEN
from .packet import ICMP, TCP, UDP, Packet, parse_address
from .rules import drop, unknown
from .topology import first_address


def translated(packet: Packet, source, port: int) -> Packet:
    return replace(packet, source=source, source_port=None if packet.source_port is None else port)


def into_gateway(walk, name: str, vpc: str, packet: Packet, from_subnet: str | None) -> None:
    """A packet that a route hands to a NAT gateway: it goes on from the gateway's subnet, by that subnet's table."""
    gateway = walk.topology.find("nat_gateways", name)
    if gateway.get("State") != "available":
        raise drop(name, "nat-not-available")
    places = gateway.get("NatGatewayAddresses") or ()
    regional = gateway.get("AvailabilityMode") == "regional" or not gateway.get("SubnetId")
    if packet.version == 6 or regional or len(places) != 1 or gateway["VpcId"] != vpc:
        raise unknown(name, "nat-unknown")
    if packet.protocol not in (TCP, UDP, ICMP):
        raise drop(name, "nat-protocol")
    subnet = gateway["SubnetId"]
    if subnet != from_subnet:
        walk.pass_acl(subnet, packet, False)
    walk.visit(name, packet)
    walk.topology.find("network_interfaces", places[0]["NetworkInterfaceId"])
    out = translated(packet, parse_address(places[0]["PrivateIp"]), walk.reading.nat_port)
    walk.flow.translated.append((name, packet, out))
    walk.hop(name, "nat-translate")
    walk.way = BROKEN
    walk.leave(subnet, out)


def answer_at_gateway(walk, gateway: dict | None, eni: dict, packet: Packet) -> None:
    """A packet to the address of a NAT gateway: the answer to one it translated, or nothing it takes."""
    name = gateway["NatGatewayId"] if gateway else eni["NetworkInterfaceId"]
    back = walk.answered(name, packet)
    if back is None:
        raise drop(name, "nat-unsolicited")
    walk.hop(name, "nat-reply")
    walk.way = BROKEN
    walk.leave(eni["SubnetId"], back)


def forward(walk, eni: dict, packet: Packet) -> None:
    """An instance with its source/destination check off passes the packet on, as the reading says: as it is, or with
    its own address. That it forwards at all is assumed; through which of several interfaces is not known."""
    name = eni["NetworkInterfaceId"]
    instance = (eni.get("Attachment") or {}).get("InstanceId")
    others = [one for one in walk.topology.all("network_interfaces", name)
              if (one.get("Attachment") or {}).get("InstanceId") == instance]
    if instance is None or len(others) > 1:
        raise unknown(name, "instance-unknown")
    walk.assume(name)
    if walk.reading.instance == "unchanged":
        walk.hop(name, "instance-unchanged")
        return walk.send(eni, packet)
    own = first_address(eni, packet.version)
    if own is None or walk.is_reply:
        # An answer to a packet that went another way: what a translating instance does with it is its own affair.
        raise unknown(name, "instance-unknown")
    out = translated(packet, own, walk.reading.nat_port)
    walk.flow.translated.append((name, packet, out))
    walk.hop(name, "instance-translate")
    walk.send(eni, out)
