"""Network ACLs and security groups: does one let one packet pass? None is "not settled by what was read"."""

from __future__ import annotations

from dataclasses import dataclass

from .packet import ICMP, ICMPV6, TCP, UDP, Address, Packet, protocol_number
from .routes import list_blocks
from .rules import unknown
from .topology import Topology, addresses, inside

# Interfaces that have no security groups ("NAT gateway basics", "Gateway Load Balancer endpoints").
WITHOUT_GROUPS = ("nat_gateway", "gateway_load_balancer_endpoint", "transit_gateway")


@dataclass(frozen=True)
class Way:
    """How two interfaces see each other: what a rule that names a group may rest upon.

    kind: vpc (nothing between), peering, transit, or none (NAT, a middlebox, the internet: the address tells no group).
    """

    kind: str
    # Of peering: the connection.
    through: str = ""
    # The VPC of the other interface, where it is another one.
    vpc: str = ""
    # Of transit: whether security group referencing is on, None where not known.
    referencing: bool | None = None


DIRECT, BROKEN = Way("vpc"), Way("none")


# Network ACLs

def subnet_acl(topology: Topology, subnet: str) -> dict:
    """The ACL of a subnet: each has exactly one."""
    for acl in topology.all("network_acls", subnet):
        if any(entry.get("SubnetId") == subnet for entry in acl.get("Associations") or ()):
            return acl
    raise unknown(subnet, "acl-unknown")


def acl_rule(acl: dict, packet: Packet, egress: bool) -> str:
    """The lowest numbered entry that matches decides; none does: denied. No entry remembers a flow."""
    peer = packet.destination if egress else packet.source
    entries = [entry for entry in acl.get("Entries") or () if bool(entry.get("Egress")) == egress]
    for entry in sorted(entries, key=lambda one: one["RuleNumber"]):
        if _acl_matches(entry, packet, peer):
            if entry["RuleNumber"] == 32767:
                break
            return "acl-allow" if entry["RuleAction"] == "allow" else "acl-deny"
    return "acl-default-deny"


def _acl_matches(entry: dict, packet: Packet, peer: Address) -> bool:
    cidr = entry.get("CidrBlock") or entry.get("Ipv6CidrBlock")
    if cidr is None or not inside(peer, cidr):
        return False
    protocol = protocol_number(entry["Protocol"])
    if protocol == -1:
        return True
    if protocol != packet.protocol:
        return False
    if protocol in (ICMP, ICMPV6):
        kind = entry.get("IcmpTypeCode") or {}
        return _icmp(kind.get("Type"), kind.get("Code"), packet)
    ports = entry.get("PortRange") or {}
    return _ports(ports.get("From"), ports.get("To"), packet)


def _icmp(kind: int | None, code: int | None, packet: Packet) -> bool:
    """-1 (or nothing) is every type, and every code."""
    return kind in (None, -1) or (kind == packet.icmp_type and code in (None, -1, packet.icmp_code))


def _ports(first: int | None, last: int | None, packet: Packet) -> bool:
    """Ranges are about the destination port; protocols without ports pass whatever the range."""
    if packet.protocol not in (TCP, UDP) or first in (None, -1):
        return True
    return first <= packet.port <= (first if last is None else last)


# Security groups

def groups_allow(topology: Topology, eni: dict, packet: Packet, egress: bool, way: Way) -> bool | None:
    """Whether some rule of some group of the interface matches: rules only allow."""
    if eni.get("InterfaceType") in WITHOUT_GROUPS:
        return True
    names = [one["GroupId"] for one in eni.get("Groups") or ()]
    if not names:
        return None
    answers = []
    for name in names:
        group = topology.by_id["security_groups"].get(name)
        if group is None:
            answers.append(None)
            continue
        for rule in group.get("IpPermissionsEgress" if egress else "IpPermissions") or ():
            answers.append(_rule_matches(topology, rule, eni, packet, egress, way))
    return _any(answers)


def _any(answers: list[bool | None]) -> bool | None:
    if True in answers:
        return True
    return None if None in answers else False


def _rule_matches(topology, rule: dict, eni: dict, packet: Packet, egress: bool, way: Way) -> bool | None:
    protocol = protocol_number(rule["IpProtocol"])
    if protocol not in (-1, packet.protocol):
        return False
    first, last = rule.get("FromPort"), rule.get("ToPort")
    if protocol in (ICMP, ICMPV6) and not _icmp(first, last, packet):
        return False
    if protocol in (TCP, UDP) and not _ports(first, last, packet):
        return False
    peer = packet.destination if egress else packet.source
    cidrs = [one["CidrIp"] for one in rule.get("IpRanges") or ()]
    cidrs += [one["CidrIpv6"] for one in rule.get("Ipv6Ranges") or ()]
    answers: list[bool | None] = [inside(peer, cidr) for cidr in cidrs]
    for one in rule.get("PrefixListIds") or ():
        blocks = list_blocks(topology, one["PrefixListId"], peer)
        answers.append(None if blocks is None else any(inside(peer, block) for block in blocks))
    answers += [_pair_matches(topology, pair, eni, peer, egress, way) for pair in rule.get("UserIdGroupPairs") or ()]
    return _any(answers)


def _pair_matches(topology, pair: dict, eni: dict, peer: Address, egress: bool, way: Way) -> bool | None:
    """A group stands for the private addresses of its interfaces, as long as nothing stands between ("Security group
    rules", Security group referencing; through a transit gateway only for what comes in)."""
    if way.kind == "none" or (way.kind == "transit" and egress):
        return False
    through = pair.get("VpcPeeringConnectionId")
    if through and (way.kind, way.through) != ("peering", through):
        return False
    if way.kind == "transit" and way.referencing is not True:
        return way.referencing
    if not topology.read("network_interfaces"):
        return None
    vpc = eni["VpcId"] if way.kind == "vpc" else way.vpc
    others = [one for one in topology.raw["network_interfaces"] if peer in addresses(one) and one["VpcId"] == vpc]
    if not others:
        # Someone whom no read showed; the group may be theirs unless it is one that was seen here.
        return False if way.kind == "vpc" or topology.seen("security_groups", pair["GroupId"]) else None
    return any(one["GroupId"] == pair["GroupId"] for other in others for one in other.get("Groups") or ())
