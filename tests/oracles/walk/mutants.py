"""Engines that err: would the generated packets notice? python -m oracles.walk.mutants --topologies 300

Each mutant is one mistake that an engine for reachability may make, made here in the walker.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections import Counter
from typing import Callable, Iterator
from unittest import mock

from . import between, block, filters, gateways, nat, routes, walker
from .generate import lines
from .judge import judge
from .rules import UNKNOWN, drop, unknown
from .topology import Topology

MUTANTS: list[tuple[str, object, str, Callable]] = []


def wrong(where: object, name: str):
    """The maker gets the right function and gives the wrong one."""
    def note(maker: Callable) -> Callable:
        MUTANTS.append((maker.__name__, where, name, maker))
        return maker
    return note


# Routes

@wrong(walker, "subnet_table")
def any_main_table_counts(right):
    def table(topology, subnet):
        found, rule = right(topology, subnet)
        if rule == "main-route":
            found = next(one for one in topology.raw["route_tables"]
                         if any(entry.get("Main") for entry in one["Associations"]))
        return found, rule
    return table


@wrong(walker, "subnet_table")
def the_main_table_never_counts(right):
    def table(topology, subnet):
        found, rule = right(topology, subnet)
        if rule == "main-route":
            raise drop(subnet, "no-route")
        return found, rule
    return table


@wrong(routes, "_route")
def the_shortest_prefix_wins(right):
    def route(raw, block_):
        made = right(raw, block_)
        return routes.Route(made.kind, made.target, -made.length, made.rank, made.blackhole)
    return route


@wrong(routes, "_route")
def blackholes_are_ways(right):
    def route(raw, block_):
        made = right(raw, block_)
        return routes.Route(made.kind, made.target, made.length, made.rank, False)
    return route


@wrong(walker, "best_route")
def blackholes_are_passed_over(right):
    def best(topology, table, destination):
        left = [one for one in table["Routes"] if one.get("State") != "blackhole"]
        return right(topology, {**table, "Routes": left}, destination)
    return best


@wrong(walker, "best_route")
def prefix_lists_are_passed_over(right):
    def best(topology, table, destination):
        left = [one for one in table["Routes"] if "DestinationPrefixListId" not in one]
        return right(topology, {**table, "Routes": left}, destination)
    return best


@wrong(walker, "best_route")
def propagated_routes_go_before_local(right):
    def best(topology, table, destination):
        static = [{**one, "Origin": "CreateRoute"} for one in table["Routes"]]
        return right(topology, {**table, "Routes": static}, destination)
    return best


@wrong(walker, "best_route")
def local_always_wins(right):
    def best(topology, table, destination):
        route = right(topology, table, destination)
        if topology.in_vpc(destination, table["VpcId"]):
            return routes.Route("local", "local", 16, 0, False)
        return route
    return best


@wrong(walker, "edge_table")
def gateways_have_no_tables(right):
    return lambda topology, gateway, vpc: None


# Filters

@wrong(filters, "_acl_matches")
def acls_ignore_the_protocol(right):
    return lambda entry, packet, peer: right({**entry, "Protocol": "-1"}, packet, peer)


@wrong(walker, "acl_rule")
def acls_go_by_the_order_written(right):
    def rule(acl, packet, egress):
        numbered = [{**one, "RuleNumber": place} for place, one in enumerate(acl["Entries"])]
        return right({**acl, "Entries": numbered}, packet, egress)
    return rule


@wrong(walker, "acl_rule")
def acls_only_allow(right):
    def rule(acl, packet, egress):
        allowing = [one for one in acl["Entries"] if one["RuleAction"] == "allow"]
        return right({**acl, "Entries": allowing}, packet, egress)
    return rule


@wrong(walker.Walk, "pass_acl")
def acls_are_stateful(right):
    return lambda self, *asked, **more: None if self.is_reply else right(self, *asked, **more)


@wrong(walker.Walk, "across")
def acls_judge_within_a_subnet(right):
    def across(self, subnet, packet):
        self.pass_acl(subnet, packet, True)
        return right(self, subnet, packet)
    return across


@wrong(walker.Walk, "pass_groups")
def groups_are_stateless(right):
    def groups(self, eni, packet, egress, way):
        with mock.patch.object(self.flow, "tracked", set()):
            return right(self, eni, packet, egress, way)
    return groups


@wrong(walker, "groups_allow")
def groups_without_rules_allow(right):
    def allow(topology, eni, packet, egress, way):
        name = "IpPermissionsEgress" if egress else "IpPermissions"
        every = [topology.by_id["security_groups"].get(one["GroupId"]) or {name: [1]} for one in eni["Groups"]]
        return right(topology, eni, packet, egress, way) if any(one[name] for one in every) else True
    return allow


@wrong(filters, "_pair_matches")
def groups_of_groups_are_nobody(right):
    return lambda *asked: False


@wrong(filters, "_pair_matches")
def groups_of_groups_are_everybody(right):
    return lambda *asked: True


@wrong(filters, "_ports")
def ranges_leave_out_their_last_port(right):
    return lambda first, last, packet: right(first, last, packet) and (
        packet.port is None or first in (None, -1) or packet.port != last)


# Gateways

@wrong(block, "blocks")
def public_access_is_never_blocked(right):
    return lambda *asked: block.PASS


@wrong(block, "_one")
def exclusions_are_ignored(right):
    return lambda *asked: block.BLOCKED


@wrong(block, "blocks")
def ingress_mode_blocks_everything(right):
    def blocks(topology, vpc, subnets, gateway, balancer=None):
        return right(topology, vpc, subnets, "igw", balancer)
    return blocks


@wrong(gateways, "_public")
def private_addresses_leave(right):
    return lambda name, owner, packet: packet


@wrong(gateways, "attached")
def detached_gateways_work(right):
    return lambda *asked: True


@wrong(gateways, "_internet_gateway")
def egress_only_gateways_let_in(right):
    def gateway(walk, vpc):
        for one in walk.topology.raw.get("egress_only_internet_gateways") or ():
            if gateways.attached(walk.topology, "egress_only_internet_gateways", one["EgressOnlyInternetGatewayId"],
                                 vpc):
                return one["EgressOnlyInternetGatewayId"]
        return right(walk, vpc)
    return gateway


@wrong(nat, "answer_at_gateway")
def nat_gateways_take_what_comes(right):
    def answer(walk, gateway, eni, packet):
        if walk.is_reply:
            return right(walk, gateway, eni, packet)
        raise walk.deliver(eni["NetworkInterfaceId"], eni["NetworkInterfaceId"], packet, "delivered")
    return answer


@wrong(nat, "into_gateway")
def nat_gateways_need_no_route(right):
    def into(walk, name, vpc, packet, from_subnet):
        try:
            return right(walk, name, vpc, packet, from_subnet)
        except walker.Stop as stop:
            if stop.rule in ("no-route", "blackhole", "loop"):
                raise walk.deliver("internet", name, packet, "internet") from None
            raise
    return into


@wrong(nat, "forward")
def instances_do_not_forward(right):
    def forward(walk, eni, packet):
        raise drop(eni["NetworkInterfaceId"], "destination-check")
    return forward


# Between networks

@wrong(Topology, "in_vpc")
def peering_is_transitive(right):
    return lambda self, address, vpc: True


@wrong(between, "over_peering")
def pending_connections_work(right):
    def over(walk, name, vpc, packet):
        one = walk.topology.find("vpc_peering_connections", name)
        with mock.patch.dict(one, {"Status": {"Code": "active"}}):
            return right(walk, name, vpc, packet)
    return over


@wrong(between, "zone_subnets")
def attachments_serve_every_zone(right):
    return lambda topology, attachment, zone: right(topology, attachment, zone) or attachment["SubnetIds"]


@wrong(between, "_transit_route")
def transit_gateways_have_no_tables(right):
    def route(walk, name, attachment, packet):
        raise unknown(name, "beyond-transit")
    return route


@wrong(gateways, "_service")
def endpoints_serve_everybody(right):
    return lambda walk, name, vpc, packet: walk.deliver(name, name, packet, "endpoint-service")


@contextlib.contextmanager
def acting(mutant: tuple[str, object, str, Callable]) -> Iterator[None]:
    _, where, name, maker = mutant
    with mock.patch.object(where, name, maker(getattr(where, name))):
        yield


def verdicts(line: dict) -> list[tuple[str, str | None]]:
    topology = Topology(line["topology"])
    answers = [judge(topology, raw) for raw in line["packets"]]
    return [(one["verdict"], one["reply"] and one["reply"]["verdict"]) for one in answers]


def caught(made: list[str], enough: int | None = None) -> Counter:
    """For each mutant, how many packets that are settled it judges otherwise, or their replies; up to `enough`."""
    parsed = [json.loads(one) for one in made]
    right = [verdicts(line) for line in parsed]
    counts: Counter = Counter()
    for mutant in MUTANTS:
        with acting(mutant):
            for line, wanted in zip(parsed, right):
                pairs = zip(wanted, verdicts(line))
                counts[mutant[0]] += sum(one != two and UNKNOWN not in one for one, two in pairs)
                if enough and counts[mutant[0]] >= enough:
                    break
    return counts


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--topologies", type=int, default=300)
    options.add_argument("--packets", type=int, default=12)
    chosen = options.parse_args()
    counts = caught(list(lines(chosen.seed, chosen.topologies, chosen.packets)))
    for name, *_ in MUTANTS:
        print(f"{counts[name]:6}  {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
