"""Which route table rules, and which of its routes ("Subnet route tables", "How route priority works")."""

from __future__ import annotations

from dataclasses import dataclass

from .packet import Address
from .rules import drop, unknown
from .topology import GONE, Topology, inside, network

# The fields of a route that name a target, by the kind of target.
TARGETS = {
    "GatewayId": "gateway", "NatGatewayId": "nat", "VpcPeeringConnectionId": "peering", "TransitGatewayId": "transit",
    "EgressOnlyInternetGatewayId": "egress-only", "NetworkInterfaceId": "interface", "VpcEndpointId": "endpoint",
    "CarrierGatewayId": "carrier", "InstanceId": "instance", "LocalGatewayId": "beyond", "CoreNetworkArn": "beyond",
    "OdbNetworkArn": "beyond",
}
# What stands in GatewayId is told apart by how it begins.
GATEWAYS = {"igw-": "internet", "vgw-": "vpn", "vpce-": "endpoint"}
# Static routes go before those of prefix lists, and those before propagated ones, where the prefixes are equally long.
STATIC, PREFIX_LIST, PROPAGATED = 0, 1, 2


@dataclass(frozen=True)
class Route:
    kind: str
    target: str
    length: int
    rank: int
    blackhole: bool


def subnet_table(topology: Topology, subnet: str) -> tuple[dict, str]:
    """The table that the subnet is associated with, else the main table of its own VPC."""
    one = topology.find("subnets", subnet)
    tables = topology.all("route_tables", subnet)
    for table in tables:
        if any(entry.get("SubnetId") == subnet and _counts(entry) for entry in table.get("Associations") or ()):
            return table, "subnet-route"
    for table in tables:
        main = any(entry.get("Main") and _counts(entry) for entry in table.get("Associations") or ())
        if main and table["VpcId"] == one["VpcId"]:
            return table, "main-route"
    raise unknown(subnet, "not-read")


def edge_table(topology: Topology, gateway: str, vpc: str) -> dict | None:
    """The table of an edge association ("Gateway route tables")."""
    for table in topology.all("route_tables", gateway):
        for entry in table.get("Associations") or ():
            if entry.get("GatewayId") == gateway and _counts(entry) and table["VpcId"] == vpc:
                return table
    return None


def _counts(association: dict) -> bool:
    return (association.get("AssociationState") or {}).get("State", "associated") not in GONE


def best_route(topology: Topology, table: dict, destination: Address) -> Route:
    """The most specific route that matches; among equally long ones the static one."""
    at = table["RouteTableId"]
    found, unread = [], False
    for raw in table.get("Routes") or ():
        blocks = _blocks(topology, raw, destination)
        unread = unread or blocks is None
        found += [_route(raw, block) for block in blocks or () if inside(destination, block)]
    if any(route.kind == "local" for route in found):
        # The local route is preferred even if a propagated one is more specific ("Route tables and AWS Site-to-Site
        # VPN route priority").
        found = [route for route in found if route.rank != PROPAGATED]
    best = min(found, key=lambda route: (-route.length, route.rank), default=None)
    if unread and (best is None or best.length < destination.max_prefixlen or best.rank != STATIC):
        raise unknown(at, "prefix-list-unread")
    if best is None:
        raise drop(at, "no-route")
    if best.rank == PREFIX_LIST and any(route.kind == "local" for route in found):
        # An older version of the page says that such an entry of a prefix list is ignored, the present one nothing.
        raise unknown(at, "prefix-list-inside")
    # All holes are alike, whatever was there.
    equal = {("hole", "") if route.blackhole else (route.kind, route.target)
             for route in found if (route.length, route.rank) == (best.length, best.rank)}
    if len(equal) > 1:
        raise unknown(at, "route-tie")
    return best


def _blocks(topology: Topology, raw: dict, destination: Address) -> list[str] | None:
    """The blocks that a route is for; None for a prefix list that was not read."""
    if raw.get("DestinationPrefixListId"):
        return list_blocks(topology, raw["DestinationPrefixListId"], destination)
    return [raw[name] for name in ("DestinationCidrBlock", "DestinationIpv6CidrBlock") if raw.get(name)]


def list_blocks(topology: Topology, name: str, address: Address) -> list[str] | None:
    """The blocks of a prefix list; none where it is one of the other kind of address, None where not read."""
    one = topology.by_id["prefix_lists"].get(name)
    if one is None:
        return None
    if one.get("AddressFamily", f"IPv{address.version}") != f"IPv{address.version}":
        return []
    return None if one.get("Entries") is None else [entry["Cidr"] for entry in one["Entries"]]


def _route(raw: dict, block: str) -> Route:
    kind, target = _target(raw)
    rank = PREFIX_LIST if raw.get("DestinationPrefixListId") else STATIC
    if raw.get("Origin") == "EnableVgwRoutePropagation":
        rank = PROPAGATED
    return Route(kind, target, network(block).prefixlen, rank, raw.get("State", "active") == "blackhole")


def _target(raw: dict) -> tuple[str, str]:
    # An instance as target is shown with its interface too, and that is what counts.
    named = [(kind, raw[name]) for name, kind in TARGETS.items() if raw.get(name)]
    named.sort(key=lambda one: one[0] == "instance")
    if not named:
        return "unknown", ""
    kind, target = named[0]
    if kind == "gateway":
        kind = "local" if target == "local" else next(
            (value for start, value in GATEWAYS.items() if target.startswith(start)), "unknown")
    return kind, target
