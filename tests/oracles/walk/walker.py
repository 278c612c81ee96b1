"""One packet, hop by hop: out of an interface, through its subnet, to the next thing, until it ends somewhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import between, gateways, nat
from .filters import BROKEN, DIRECT, Way, acl_rule, groups_allow, subnet_acl
from .packet import Packet
from .routes import Route, best_route, edge_table, subnet_table
from .rules import DELIVERED, RULES, Stop, drop, unknown
from .topology import Topology, addresses


@dataclass(frozen=True)
class Reading:
    """What is not known, chosen: the port a NAT takes, what a forwarding instance does, and through which of the subnets
    of an attachment a packet comes out of a transit gateway."""

    nat_port: int = 1024
    instance: str = "unchanged"
    arrival: int = 0


@dataclass
class Flow:
    """What the network remembers of the packets of one flow."""

    # Interfaces whose security groups let a packet pass, and that packet ("connection tracking").
    tracked: set[tuple[str, Packet]] = field(default_factory=set)
    # Device, the packet as it came, the packet as it left.
    translated: list[tuple[str, Packet, Packet]] = field(default_factory=list)
    # Egress-only gateways and what they let out.
    let_out: set[tuple[str, Packet]] = field(default_factory=set)
    # The subnet and the VPC where the first packet began.
    begun: tuple[str, str] | None = None

    def back(self, device: str, packet: Packet) -> Packet | None:
        """The packet that a device makes of the answer to one it had translated."""
        for name, before, after in self.translated:
            if name == device and after.reply() == packet:
                return before.reply()
        return None


class Walk:
    """The way of one packet, or of the reply to it (then `origin` is the boundary that the flow began behind)."""

    def __init__(self, topology: Topology, flow: Flow, reading: Reading, is_reply: bool = False, origin: str = ""):
        self.topology, self.flow, self.reading = topology, flow, reading
        self.is_reply, self.origin = is_reply, origin
        self.hops: list[dict] = []
        self.doubts: list[tuple[str, str]] = []
        self.assumes: list[str] = []
        self.way: Way = DIRECT
        # The subnet of a Gateway Load Balancer endpoint that the packet came through.
        self.balancer: str | None = None
        self.been: set[tuple[str, Packet]] = set()
        # How many subnets it may have come through from a transit gateway.
        self.arrivals = 1
        self.end: tuple[str, Packet] | None = None

    # What happens on the way

    def hop(self, at: str, rule: str) -> None:
        assert rule in RULES, rule
        self.hops.append({"at": at, "rule": rule})

    def doubt(self, at: str, rule: str) -> None:
        """Not settled, but the packet may go on: if it is dropped later, it is dropped anyway."""
        self.hop(at, rule)
        self.doubts.append((at, rule))

    def visit(self, at: str, packet: Packet) -> None:
        """Nothing in a VPC ends a packet that goes round but its time to live."""
        if (at, packet) in self.been:
            raise drop(at, "loop")
        self.been.add((at, packet))

    def assume(self, at: str) -> None:
        """The packet goes on only if the software at this place passes it on."""
        self.way = BROKEN
        if at not in self.assumes:
            self.assumes.append(at)

    def deliver(self, place: str, at: str, packet: Packet, rule: str) -> Stop:
        self.end = (place, packet)
        return Stop(DELIVERED, at, rule)

    def answered(self, device: str, packet: Packet) -> Packet | None:
        """What a device makes of an answer. What it sent itself and gets back is none, whatever its ports."""
        return self.flow.back(device, packet) if self.is_reply else None

    def beyond(self, gateway: str, packet: Packet, rule: str) -> Stop:
        """The edge of what was read. A reply that goes back there is where it should be."""
        if self.is_reply and self.origin == gateway:
            return self.deliver(gateway, gateway, packet, "returned")
        return unknown(gateway, rule)

    # Interfaces

    def send(self, eni: dict, packet: Packet) -> None:
        """Out of an interface: source check, security groups, then the subnet."""
        name, subnet = eni["NetworkInterfaceId"], eni["SubnetId"]
        self.visit(name, packet)
        if packet.source not in addresses(eni) and eni.get("SourceDestCheck", True) is not False:
            raise drop(name, "source-check")
        if self.topology.is_reserved(packet.destination, eni["VpcId"]):
            raise unknown(name, "reserved-address")
        if self.topology.in_subnet(packet.destination, subnet):
            self.pass_groups(eni, packet, True, DIRECT)
            return self.across(subnet, packet)
        route = self.route(subnet, packet)
        self.pass_groups(eni, packet, True, self.way_of(route, eni["VpcId"]) if self.way == DIRECT else BROKEN)
        self.follow(route, subnet, eni["VpcId"], packet)

    def way_of(self, route: Route, vpc: str) -> Way:
        """How the sender sees whom the route leads to."""
        if route.kind == "local":
            return DIRECT
        if route.kind == "peering":
            other = between.other_side(self.topology, route.target, vpc)
            return Way("peering", route.target, other or "")
        return BROKEN

    def pass_groups(self, eni: dict, packet: Packet, egress: bool, way: Way) -> None:
        """Security groups: what answers a packet that they let pass the other way is not asked ("tracking")."""
        name, answer = eni["NetworkInterfaceId"], packet.reply()
        if self.is_reply and any(one == name and seen.reply() == packet for one, seen in self.flow.tracked):
            return self.hop(name, "group-tracked")
        allowed = groups_allow(self.topology, eni, packet, egress, way)
        if allowed is False:
            raise drop(name, "group-egress-deny" if egress else "group-ingress-deny")
        if allowed is None:
            self.doubt(name, "group-unknown")
        else:
            self.hop(name, "group-allow")
        if answer is not None:
            self.flow.tracked.add((name, packet))

    def arrive(self, eni: dict, packet: Packet, from_subnet: str | None) -> None:
        """At an interface: the ACL of its subnet if it comes from elsewhere, destination check, security groups."""
        name, subnet = eni["NetworkInterfaceId"], eni["SubnetId"]
        if subnet != from_subnet:
            self.pass_acl(subnet, packet, False)
        mine = packet.destination in addresses(eni)
        if not mine and eni.get("SourceDestCheck", True) is not False:
            raise drop(name, "destination-check")
        gateway = self.topology.nat_of(name)
        if gateway is not None or eni.get("InterfaceType") == "nat_gateway":
            return nat.answer_at_gateway(self, gateway, eni, packet)
        if eni.get("InterfaceType") in ("gateway_load_balancer_endpoint", "transit_gateway"):
            raise unknown(name, "endpoint-unknown")
        self.pass_groups(eni, packet, False, self.way)
        if not mine:
            return nat.forward(self, eni, packet)
        back = self.answered(name, packet)
        if back is not None:
            self.hop(name, "instance-reply")
            self.assume(name)
            return self.send(eni, back)
        raise self.deliver(name, name, packet, "delivered")

    # Subnets

    def across(self, subnet: str, packet: Packet) -> None:
        """Within a subnet neither routes nor ACLs have a say."""
        vpc = self.topology.find("subnets", subnet)["VpcId"]
        self.hop(subnet, "same-subnet")
        self.arrive(self.topology.owner(packet.destination, vpc), packet, subnet)

    def route(self, subnet: str, packet: Packet) -> Route:
        table, rule = subnet_table(self.topology, subnet)
        route = best_route(self.topology, table, packet.destination)
        self.hop(table["RouteTableId"], rule)
        if route.blackhole:
            raise drop(table["RouteTableId"], "blackhole")
        return route

    def leave(self, subnet: str, packet: Packet) -> None:
        """Out of something in the subnet that is no interface of its own account: a gateway's or endpoint's."""
        if self.topology.in_subnet(packet.destination, subnet):
            return self.across(subnet, packet)
        vpc = self.topology.find("subnets", subnet)["VpcId"]
        self.follow(self.route(subnet, packet), subnet, vpc, packet)

    def pass_acl(self, subnet: str, packet: Packet, egress: bool, transit: bool = False) -> None:
        """Network ACLs are stateless: each packet is judged by itself."""
        try:
            acl = subnet_acl(self.topology, subnet)
        except Stop as stop:
            return self.doubt(subnet, "acl-unknown" if stop.rule == "not-read" else stop.rule)
        rule = acl_rule(acl, packet, egress)
        if rule != "acl-allow":
            raise drop(acl["NetworkAclId"], rule.replace("acl-", "acl-transit-") if transit else rule)
        self.hop(acl["NetworkAclId"], rule)

    def follow(self, route: Route, subnet: str, vpc: str, packet: Packet) -> None:
        """To the target of a route of the subnet's table."""
        place = self.place(route)
        if place != subnet:
            self.pass_acl(subnet, packet, True)
        if route.kind == "local":
            return self.into_vpc(vpc, packet, subnet)
        if route.kind == "internet":
            return gateways.out_to_internet(self, route.target, vpc, packet)
        if route.kind == "egress-only":
            return gateways.out_egress_only(self, route.target, vpc, subnet, packet)
        if route.kind == "carrier":
            raise unknown(route.target, "carrier")
        if route.kind == "peering":
            return between.over_peering(self, route.target, vpc, packet)
        if route.kind == "transit":
            return between.into_transit(self, route.target, vpc, subnet, packet)
        if route.kind == "vpn":
            return between.out_to_vpn(self, route.target, vpc, packet)
        if route.kind == "beyond":
            raise self.beyond(route.target, packet, "beyond-target")
        self.follow_inside(route, subnet, vpc, packet)

    def follow_inside(self, route: Route, subnet: str | None, vpc: str, packet: Packet) -> None:
        """Targets that stand in a subnet of the VPC, and gateway endpoints."""
        if route.kind == "nat":
            return nat.into_gateway(self, route.target, vpc, packet, subnet)
        if route.kind == "interface":
            eni = self.topology.find("network_interfaces", route.target)
            return self.arrive(eni, packet, subnet)
        if route.kind == "endpoint":
            return gateways.into_endpoint(self, route.target, vpc, packet, subnet)
        raise unknown(route.target or vpc, "unknown-target")

    def place(self, route: Route) -> str | None:
        """The subnet that the target stands in, so that a packet from there does not leave its subnet."""
        if route.kind == "interface":
            return self.topology.find("network_interfaces", route.target)["SubnetId"]
        if route.kind == "nat":
            return self.topology.find("nat_gateways", route.target).get("SubnetId")
        if route.kind == "endpoint":
            return gateways.endpoint_subnet(self.topology, route.target)
        return None

    # VPCs

    def into_vpc(self, vpc: str, packet: Packet, from_subnet: str | None) -> None:
        """To whichever interface of the VPC has the address."""
        self.hop(vpc, "local")
        self.arrive(self.topology.owner(packet.destination, vpc), packet, from_subnet)

    def through_edge(self, gateway: str, vpc: str, packet: Packet) -> None:
        """From an internet or virtual private gateway into the VPC, by the gateway's own table if it has one."""
        table = edge_table(self.topology, gateway, vpc)
        if table is None:
            return self.into_vpc(vpc, packet, None)
        route = best_route(self.topology, table, packet.destination)
        self.hop(table["RouteTableId"], "edge-route")
        if route.blackhole:
            raise drop(table["RouteTableId"], "blackhole")
        if route.kind == "local":
            return self.into_vpc(vpc, packet, None)
        if route.kind not in ("interface", "endpoint"):
            raise unknown(table["RouteTableId"], "unknown-target")
        gateways.check_edge_target(self, route, gateway, vpc, packet)
        self.follow_inside(route, None, vpc, packet)


def run(walk: Walk, start) -> Stop:
    """Walk to the end. A doubt on the way makes a delivery unknown."""
    try:
        start(walk)
    except Stop as stop:
        walk.hop(stop.at, stop.rule)
        if stop.verdict == DELIVERED and walk.doubts:
            walk.hop(*walk.doubts[0])
            return unknown(*walk.doubts[0])
        return stop
    raise AssertionError("a way without an end")
