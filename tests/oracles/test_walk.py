"""Tests of the packet walker: known cases of EC2 networks, each with the verdict that the documentation gives."""

from __future__ import annotations

import json
import subprocess
import sys
import unittest
from ipaddress import ip_address
from pathlib import Path

from .walk.building import Net, entry, packet, route, rule
from .walk.coverage import measure
from .walk.generate import lines
from .walk.known_filters import Acls, Block, Groups
from .walk.mutants import MUTANTS, caught
from .walk.nets import BOTH, OUT, WORLD, WORLD6, Case, across, dual, peered, two_tier
from .walk.packet import Packet
from .walk.rules import RULES

FOLDER = Path(__file__).resolve().parent.parent
__all__ = ["Acls", "Block", "Groups"]


class Internet(Case):
    def test_out_with_a_public_address_and_in_to_it(self):
        self.arrives(two_tier(), packet("eni-pub", WORLD), "igw-a", "internet")
        self.arrives(two_tier(), packet(WORLD, "192.0.2.20", 22), "eni-pub")

    def test_an_interface_without_a_public_address(self):
        net = two_tier()
        net.eni("eni-bare", "subnet-pub", "10.0.1.30", groups=("sg-open",))
        self.drops(net, packet("eni-bare", WORLD), "igw-no-public-address")
        self.drops(net, packet(WORLD, "192.0.2.99"), "not-ours")
        self.drops(net, packet(WORLD, "10.0.1.30"), "not-ours")

    def test_a_public_subnet_in_and_no_route_back(self):
        net = two_tier(nat_routes=())
        self.arrives(net, packet(WORLD, "192.0.2.20"), "eni-pub", reply="DROPPED", why="no-route")

    def test_from_one_public_address_to_another(self):
        net = two_tier()
        net.eni("eni-pub2", "subnet-priv", "10.0.2.30", public="192.0.2.30", groups=("sg-in",))
        net.group("sg-in", "vpc-a", rule("tcp", "192.0.2.20/32", 443))
        net.get("rtb-priv")["Routes"][-1] = route("0.0.0.0/0", "igw-a")
        self.arrives(net, packet("eni-pub", "192.0.2.30"), "eni-pub2")

    def test_a_gateway_that_is_detached_or_not_read(self):
        net = two_tier()
        net.get("igw-a")["Attachments"] = []
        self.drops(net, packet("eni-pub", WORLD), "igw-not-attached")
        self.drops(net, packet(WORLD, "192.0.2.20"), "igw-not-attached")
        del net.raw["internet_gateways"]
        self.open(net, packet("eni-pub", WORLD), "not-read")

    def test_ipv6_needs_no_translation_and_private_ipv6_does_not_leave(self):
        net = dual()
        net.igw("igw-a", "vpc-a")
        net.get("rtb-a")["Routes"][-1] = route("::/0", "igw-a")
        self.arrives(net, packet("eni-a", WORLD6), "igw-a", "internet")
        self.arrives(net, packet(WORLD6, "2001:db8:a:1::20"), "eni-a")
        net.vpc("vpc-u", "10.7.0.0/16", "fd00:1::/56")
        net.subnet("subnet-u", "vpc-u", "10.7.1.0/24", "fd00:1::/64")
        net.igw("igw-u", "vpc-u")
        net.group("sg-u", "vpc-u")
        net.eni("eni-u", "subnet-u", "10.7.1.20", "fd00:1::20", groups=("sg-u",))
        net.table("rtb-u", "vpc-u", route("::/0", "igw-u"), main=True)
        self.drops(net, packet("eni-u", WORLD6), "igw-private-source")

    def test_private_addresses_are_not_known_of_the_internet(self):
        self.open(two_tier(), packet("eni-pub", "172.16.0.1"), "igw-private-destination")


class EgressOnly(Case):
    def test_out_and_back_but_not_in(self):
        self.arrives(dual(), packet("eni-a", WORLD6), "eigw-a", "internet")
        self.drops(dual(), packet(WORLD6, "2001:db8:a:1::20"), "egress-only-in")

    def test_a_vpc_without_an_ipv6_block(self):
        self.drops(dual(block=False), packet("eni-a", WORLD6), "egress-only-no-ipv6-block")
        net = dual(block=False)
        net.get("eni-a")["Ipv6Addresses"] = []
        self.drops(net, packet("eni-a", WORLD6), "no-source-address")

    def test_not_attached_and_ipv4(self):
        net = dual()
        net.get("rtb-a")["Routes"].append(route("0.0.0.0/0", "eigw-a"))
        self.drops(net, packet("eni-a", WORLD), "egress-only-ipv4")
        net.get("eigw-a")["Attachments"][0]["State"] = "detached"
        self.drops(net, packet("eni-a", WORLD6), "egress-only-not-attached")


class Nat(Case):
    def test_out_by_the_route_of_its_own_subnet(self):
        answer = self.arrives(two_tier(), packet("eni-priv", WORLD), "igw-a", "internet")
        self.assertIn({"at": "rtb-pub", "rule": "subnet-route"}, answer["hops"])

    def test_its_own_subnet_has_no_route_or_one_to_itself(self):
        self.drops(two_tier(nat_routes=()), packet("eni-priv", WORLD), "no-route")
        self.drops(two_tier(nat_routes=(route("0.0.0.0/0", "nat-a"),)), packet("eni-priv", WORLD), "loop")

    def test_nothing_unasked_comes_in(self):
        self.drops(two_tier(), packet(WORLD, "192.0.2.10"), "nat-unsolicited")

    def test_private_nat_gateways_do_not_get_past_an_internet_gateway(self):
        self.drops(two_tier(nat_public=None), packet("eni-priv", WORLD), "igw-private-nat")

    def test_what_it_does_not_translate(self):
        self.drops(two_tier(), packet("eni-priv", WORLD, protocol="50"), "nat-protocol")
        net = two_tier()
        net.get("nat-a")["State"] = "deleted"
        self.drops(net, packet("eni-priv", WORLD), "nat-not-available")

    def test_regional_and_several_addresses_are_open(self):
        net = two_tier()
        net.get("nat-a")["AvailabilityMode"] = "regional"
        self.open(net, packet("eni-priv", WORLD), "nat-unknown")

    def test_the_group_behind_it_sees_its_address(self):
        net = two_tier()
        net.get("rtb-priv")["Routes"].append(route("10.0.3.0/24", "nat-a"))
        net.subnet("subnet-db", "vpc-a", "10.0.3.0/24")
        net.table("rtb-db", "vpc-a", on=("subnet-db",))
        for name, peer in (("sg-group", "sg-open"), ("sg-nat", "10.0.1.10/32")):
            net.group(name, "vpc-a", rule("tcp", peer, 443))
        net.eni("eni-db", "subnet-db", "10.0.3.20", groups=("sg-nat",))
        self.arrives(net, packet("eni-priv", "10.0.3.20"), "eni-db")
        net.get("eni-db")["Groups"] = [{"GroupId": "sg-group"}]
        self.drops(net, packet("eni-priv", "10.0.3.20"), "group-ingress-deny")

    def test_the_acl_of_its_subnet_has_to_let_every_port_back(self):
        net = two_tier()
        net.acl("acl-pub", entry(100, "allow", "10.0.0.0/16"),
                entry(110, "allow", "0.0.0.0/0", False, "6", 1024, 65535), entry(100, "allow", "0.0.0.0/0", True),
                on=("subnet-pub",))
        self.arrives(net, packet("eni-priv", WORLD), "igw-a", "internet")
        net.get("acl-pub")["Entries"][1] = entry(110, "allow", "0.0.0.0/0", False, "6", 32768, 65535)
        self.arrives(net, packet("eni-priv", WORLD), "igw-a", "internet", reply="UNKNOWN", why="readings-differ")
        net.get("acl-pub")["Entries"].pop(1)
        self.arrives(net, packet("eni-priv", WORLD), "igw-a", "internet", reply="DROPPED", why="acl-default-deny")
        net.get("acl-pub")["Entries"] += [entry(90, "deny", "0.0.0.0/0", False, "6", 2000),
                                          entry(95, "allow", "0.0.0.0/0")]
        self.arrives(net, packet("eni-priv", WORLD), "igw-a", "internet", reply="UNKNOWN", why="readings-differ")

    def test_the_acl_of_its_subnet_on_the_way_in(self):
        net = two_tier()
        net.acl("acl-pub", entry(90, "deny", "10.0.2.0/24"), entry(100, "allow", "0.0.0.0/0"),
                entry(100, "allow", "0.0.0.0/0", True), on=("subnet-pub",))
        self.drops(net, packet("eni-priv", WORLD), "acl-deny")


class NatInstance(Case):
    def net(self, check: bool = False, public: str | None = "192.0.2.40") -> Net:
        net = two_tier()
        net.eni("eni-nat", "subnet-pub", "10.0.1.40", public=public, groups=("sg-open",), check=check)
        net.get("rtb-priv")["Routes"][-1] = route("0.0.0.0/0", "eni-nat")
        return net

    def test_what_it_does_is_its_own_affair(self):
        answer = self.open(self.net(), packet("eni-priv", WORLD), "readings-differ")
        self.assertEqual(answer["assumes"], ["eni-nat"])

    def test_with_the_check_on_it_forwards_nothing(self):
        self.drops(self.net(check=True), packet("eni-priv", WORLD), "destination-check")

    def test_without_a_public_address_neither_reading_gets_out(self):
        self.drops(self.net(public=None), packet("eni-priv", WORLD), "igw-no-public-address")

    def test_a_middlebox_between_subnets_passes_in_both_readings(self):
        net = self.net()
        net.subnet("subnet-db", "vpc-a", "10.0.3.0/24")
        net.eni("eni-db", "subnet-db", "10.0.3.20", groups=("sg-open",))
        net.get("rtb-priv")["Routes"].append(route("10.0.3.0/24", "eni-nat"))
        net.table("rtb-db", "vpc-a", route("10.0.2.0/24", "eni-nat"), on=("subnet-db",))
        answer = self.arrives(net, packet("eni-priv", "10.0.3.20"), "eni-db")
        self.assertEqual(answer["assumes"], ["eni-nat"])

    def test_its_groups_and_those_behind_it(self):
        net = self.net()
        net.subnet("subnet-db", "vpc-a", "10.0.3.0/24")
        net.group("sg-db", "vpc-a", rule("tcp", "sg-open", 443))
        net.eni("eni-db", "subnet-db", "10.0.3.20", groups=("sg-db",))
        net.get("rtb-priv")["Routes"].append(route("10.0.3.0/24", "eni-nat"))
        net.table("rtb-db", "vpc-a", on=("subnet-db",))
        self.drops(net, packet("eni-priv", "10.0.3.20"), "group-ingress-deny")
        net.get("sg-open")["IpPermissions"] = []
        self.drops(net, packet("eni-priv", WORLD), "group-ingress-deny")

    def test_a_sender_with_another_address(self):
        made = packet("eni-pub", WORLD)
        made["from"]["address"] = "10.0.2.20"
        self.drops(two_tier(), made, "source-check")


class Peering(Case):
    def test_there_and_back(self):
        self.arrives(peered(), packet("eni-a", "10.1.1.20"), "eni-b")

    def test_both_sides_need_a_route(self):
        net = peered(back=False)
        self.arrives(net, packet("eni-a", "10.1.1.20"), "eni-b", reply="DROPPED", why="no-route")
        self.drops(net, packet("eni-b", "10.0.1.20"), "no-route")

    def test_a_group_across_it(self):
        self.drops(peered(group="sg-other"), packet("eni-a", "10.1.1.20"), "group-ingress-deny")
        net = peered()
        pair = net.get("sg-b")["IpPermissions"][0]["UserIdGroupPairs"][0]
        pair["VpcPeeringConnectionId"] = "pcx-other"
        self.drops(net, packet("eni-a", "10.1.1.20"), "group-ingress-deny")

    def test_a_group_across_it_as_destination(self):
        net = peered()
        net.get("sg-a")["IpPermissionsEgress"] = [rule("tcp", "sg-b", 443, peering="pcx-1")]
        self.arrives(net, packet("eni-a", "10.1.1.20"), "eni-b")
        net.get("sg-a")["IpPermissionsEgress"] = [rule("tcp", "sg-other", 443, peering="pcx-1")]
        self.drops(net, packet("eni-a", "10.1.1.20"), "group-egress-deny")

    def test_to_a_secondary_block(self):
        net = peered()
        net.get("vpc-b")["CidrBlockAssociationSet"] += [{"CidrBlock": "10.7.0.0/16"}]
        net.subnet("subnet-s", "vpc-b", "10.7.1.0/24")
        net.eni("eni-s", "subnet-s", "10.7.1.20", groups=("sg-b",))
        net.table("rtb-s", "vpc-b", route("10.0.0.0/16", "pcx-1"), on=("subnet-s",))
        net.get("rtb-a")["Routes"].append(route("10.7.0.0/16", "pcx-1"))
        self.arrives(net, packet("eni-a", "10.7.1.20"), "eni-s")
        net.get("vpc-b")["CidrBlockAssociationSet"][-1]["CidrBlockState"] = {"State": "disassociated"}
        self.drops(net, packet("eni-a", "10.7.1.20"), "peering-not-transitive")

    def test_not_active(self):
        self.drops(peered("pending-acceptance"), packet("eni-a", "10.1.1.20"), "peering-not-active")

    def test_nat_behind_it_is_not_reached(self):
        net = peered()
        net.igw("igw-b", "vpc-b")
        net.subnet("subnet-pub", "vpc-b", "10.1.2.0/24")
        net.nat("nat-b", "subnet-pub", "10.1.2.10", "192.0.2.10")
        net.table("rtb-pub", "vpc-b", route("0.0.0.0/0", "igw-b"), on=("subnet-pub",))
        net.get("rtb-b")["Routes"].append(route("0.0.0.0/0", "nat-b"))
        net.get("rtb-a")["Routes"].append(route("0.0.0.0/0", "pcx-1"))
        self.arrives(net, packet("eni-b", WORLD), "igw-b", "internet")
        self.drops(net, packet("eni-a", WORLD), "peering-not-transitive")

    def test_a_third_vpc_behind_it_is_not_reached(self):
        net = peered()
        net.vpc("vpc-c", "10.2.0.0/16")
        net.peering("pcx-2", "vpc-b", "vpc-c")
        net.get("rtb-a")["Routes"].append(route("10.2.0.0/16", "pcx-1"))
        net.get("rtb-b")["Routes"].append(route("10.2.0.0/16", "pcx-2"))
        self.drops(net, packet("eni-a", "10.2.1.20"), "peering-not-transitive")

    def test_another_accounts_vpc(self):
        net = two_tier()
        net.peering("pcx-9", "vpc-a", "vpc-theirs", blocks=("10.9.0.0/16",))
        net.get("rtb-priv")["Routes"] += [route("10.8.0.0/15", "pcx-9")]
        self.open(net, packet("eni-priv", "10.9.1.1"), "beyond-peering")
        self.drops(net, packet("eni-priv", "10.8.1.1"), "peering-not-transitive")
        self.arrives(net, packet("pcx-9 vpc-a 10.9.1.1", "10.0.2.20"), "eni-priv")
        self.drops(net, packet("pcx-9 vpc-a 10.9.1.1", WORLD), "peering-not-transitive")

    def test_a_group_of_another_account(self):
        net = two_tier()
        net.peering("pcx-9", "vpc-a", "vpc-theirs")
        net.get("sg-open")["IpPermissions"] = [rule("tcp", "sg-theirs", 443, peering="pcx-9")]
        self.open(net, packet("pcx-9 vpc-a 10.9.1.1", "10.0.2.20"), "group-unknown")
        self.drops(net, packet("pcx-9 vpc-a 10.9.1.1", "10.0.2.20", 444), "group-ingress-deny")


class Transit(Case):
    def test_the_way_out_is_unknown_beyond(self):
        self.open(across(), packet("eni-a", "10.1.1.20"), "beyond-transit")
        self.arrives(across(), packet("tgw-1 vpc-a 10.1.1.20", "10.0.1.20"), "eni-a")

    def test_its_tables_lead_on(self):
        self.arrives(across(rt=BOTH), packet("eni-a", "10.1.1.20"), "eni-b")
        self.drops(across(rt=BOTH[:1]), packet("eni-a", "10.1.1.20"), "transit-no-route")
        self.drops(across(rt=[*BOTH, ("10.1.1.0/24", "blackhole")]), packet("eni-a", "10.1.1.20"), "transit-blackhole")
        self.open(across(rt=[("10.1.0.0/16", "tgw-attach-theirs")]), packet("eni-a", "10.1.1.20"), "beyond-transit")

    def test_no_attachment_or_none_in_the_zone(self):
        self.drops(across(attachments=False), packet("eni-a", "10.1.1.20"), "transit-not-attached")
        self.drops(across(zone="eu-west-1b"), packet("eni-a", "10.1.1.20"), "transit-zone")

    def test_through_any_of_several_subnets(self):
        net = across()
        net.subnet("subnet-ta2", "vpc-a", "10.0.8.0/24", zone="eu-west-1b")
        net.table("rtb-ta2", "vpc-a", route("10.1.0.0/16", "tgw-1"), on=("subnet-ta2",))
        net.get("tgw-attach-a")["SubnetIds"].append("subnet-ta2")
        inward = packet("tgw-1 vpc-a 10.1.1.20", "10.0.1.20")
        self.arrives(net, inward, "eni-a")
        net.get("acl-subnet-ta2")["Entries"] = [entry(100, "allow", "10.1.0.0/16", True)]
        self.open(net, inward, "readings-differ")
        net.get("tgw-attach-a")["SubnetIds"].reverse()
        self.open(net, inward, "readings-differ")

    def test_acls_of_its_subnets(self):
        net = across(rt=BOTH)
        net.acl("acl-tb", entry(100, "allow", "10.0.0.0/16"), entry(100, "allow", "10.0.0.0/16", True),
                on=("subnet-tb",))
        self.drops(net, packet("eni-a", "10.1.1.20"), "acl-default-deny")
        net.get("acl-tb")["Entries"][1] = entry(100, "allow", "10.1.0.0/16", True)
        self.arrives(net, packet("eni-a", "10.1.1.20"), "eni-b", reply="DROPPED", why="acl-transit-default-deny")

    def test_a_group_across_it_only_where_that_is_on(self):
        net = across(rt=BOTH)
        net.get("sg-b")["IpPermissions"] = [rule("tcp", "sg-a", 443)]
        self.open(net, packet("eni-a", "10.1.1.20"), "group-unknown")
        net.add("transit_gateways", {"TransitGatewayId": "tgw-1",
                                     "Options": {"SecurityGroupReferencingSupport": "enable"}})
        self.arrives(net, packet("eni-a", "10.1.1.20"), "eni-b")
        net.get("tgw-1")["Options"]["SecurityGroupReferencingSupport"] = "disable"
        self.drops(net, packet("eni-a", "10.1.1.20"), "group-ingress-deny")


class Vpn(Case):
    def test_unknown_beyond_and_only_into_the_vpc(self):
        net = two_tier()
        net.vpn("vgw-a", "vpc-a")
        net.get("rtb-priv")["Routes"].append(
            route("10.9.0.0/16", "vgw-a", origin="EnableVgwRoutePropagation"))
        self.open(net, packet("eni-priv", "10.9.1.1"), "beyond-vpn")
        self.arrives(net, packet("vgw-a vpc-a 10.9.1.1", "10.0.2.20"), "eni-priv")
        self.drops(net, packet("vgw-a vpc-a 10.9.1.1", WORLD), "vpn-not-transitive")
        net.get("vgw-a")["VpcAttachments"][0]["State"] = "detached"
        self.drops(net, packet("eni-priv", "10.9.1.1"), "vpn-not-attached")


class Routes(Case):
    def net(self, *routes: dict, main: tuple[dict, ...] = ()) -> Net:
        net = two_tier()
        net.subnet("subnet-x", "vpc-a", "10.0.7.0/24")
        net.eni("eni-x", "subnet-x", "10.0.7.20", public="192.0.2.70", groups=("sg-open",))
        net.table("rtb-x", "vpc-a", *routes, on=("subnet-x",) if not main else ())
        if main:
            net.table("rtb-main", "vpc-a", *main, main=True)
        return net

    def test_the_longest_prefix_wins_and_a_blackhole_is_a_hole(self):
        net = self.net(route("0.0.0.0/0", "igw-a"), route("203.0.113.0/24", "nat-gone", "blackhole"))
        self.drops(net, packet("eni-x", WORLD), "blackhole")
        self.arrives(net, packet("eni-x", OUT), "igw-a", "internet")
        net = self.net(route("203.0.113.0/24", "igw-a"), route("0.0.0.0/0", "nat-gone", "blackhole"))
        self.arrives(net, packet("eni-x", WORLD), "igw-a", "internet")

    def test_a_prefix_list_of_two_halves_is_the_internet(self):
        net = self.net(route("pl-halves", "igw-a"))
        net.prefix_list("pl-halves", "0.0.0.0/1", "128.0.0.0/1")
        self.arrives(net, packet("eni-x", WORLD), "igw-a", "internet")
        self.arrives(net, packet("eni-x", "1.1.1.1"), "igw-a", "internet")
        net.get("pl-halves")["Entries"] = None
        self.open(net, packet("eni-x", WORLD), "prefix-list-unread")

    def test_a_static_route_goes_before_a_prefix_list_and_that_before_a_propagated_one(self):
        gone = route("203.0.113.0/24", "vgw-a", "blackhole", "EnableVgwRoutePropagation")
        net = self.net(gone, route("pl-world", "igw-a"))
        net.prefix_list("pl-world", "203.0.113.0/24")
        self.arrives(net, packet("eni-x", WORLD), "igw-a", "internet")
        net = self.net(route("203.0.113.0/24", "nat-gone", "blackhole"), route("pl-world", "igw-a"))
        net.prefix_list("pl-world", "203.0.113.0/24")
        self.drops(net, packet("eni-x", WORLD), "blackhole")

    def test_local_goes_before_a_more_specific_propagated_route(self):
        net = self.net(route("10.0.2.0/24", "vgw-a", origin="EnableVgwRoutePropagation"))
        self.arrives(net, packet("eni-x", "10.0.2.20"), "eni-priv")

    def test_a_route_more_specific_than_local(self):
        net = self.net(route("10.0.2.0/24", "eni-box"))
        net.eni("eni-box", "subnet-pub", "10.0.1.50", groups=("sg-open",), check=True)
        self.drops(net, packet("eni-x", "10.0.2.20"), "destination-check")
        self.arrives(net, packet("eni-x", "10.0.1.20"), "eni-pub")

    def test_without_an_association_the_main_table_of_its_own_vpc(self):
        net = self.net(main=(route("0.0.0.0/0", "igw-a"),))
        answer = self.arrives(net, packet("eni-x", WORLD), "igw-a", "internet")
        self.assertIn({"at": "rtb-main", "rule": "main-route"}, answer["hops"])

    def test_another_vpcs_main_table_does_not_count(self):
        net = Net()
        net.vpc("vpc-b", "10.1.0.0/16")
        net.table("rtb-b", "vpc-b", route("0.0.0.0/0", "igw-b"), main=True)
        net.vpc("vpc-a", "10.0.0.0/16")
        net.subnet("subnet-a", "vpc-a", "10.0.1.0/24")
        net.table("rtb-a", "vpc-a", main=True)
        net.igw("igw-a", "vpc-a")
        net.group("sg-a", "vpc-a")
        net.eni("eni-a", "subnet-a", "10.0.1.20", public="192.0.2.20", groups=("sg-a",))
        self.drops(net, packet("eni-a", WORLD), "no-route")
        net.raw["route_tables"].pop()
        self.open(net, packet("eni-a", WORLD), "not-read")

    def test_an_association_that_has_ended_does_not_count(self):
        net = self.net(route("0.0.0.0/0", "igw-a"))
        net.table("rtb-main", "vpc-a", main=True)
        net.get("rtb-x")["Associations"][0]["AssociationState"]["State"] = "disassociated"
        self.drops(net, packet("eni-x", WORLD), "no-route")

    def test_secondary_blocks_and_addresses_of_nobody(self):
        net = self.net()
        vpc = net.get("vpc-a")
        vpc["CidrBlockAssociationSet"].append({"CidrBlock": "10.50.0.0/16", "CidrBlockState": {"State": "associated"}})
        net.subnet("subnet-s", "vpc-a", "10.50.1.0/24")
        net.eni("eni-s", "subnet-s", "10.50.1.20", groups=("sg-open",))
        net.table("rtb-s", "vpc-a", on=("subnet-s",))
        net.get("rtb-x")["Routes"].append(route("10.50.0.0/16", "local"))
        self.arrives(net, packet("eni-x", "10.50.1.20"), "eni-s")
        self.drops(net, packet("eni-x", "10.50.1.21"), "no-interface")

    def test_the_resolver_and_link_local_addresses(self):
        for address in ("10.0.0.2", "169.254.169.254"):
            self.open(self.net(), packet("eni-x", address), "reserved-address")

    def test_a_list_more_specific_than_local(self):
        net = self.net(route("pl-inside", "eni-priv"))
        net.prefix_list("pl-inside", "10.0.1.0/24")
        self.open(net, packet("eni-x", "10.0.1.20"), "prefix-list-inside")
        self.arrives(net, packet("eni-x", "10.0.2.20"), "eni-priv")

    def test_two_lists_of_the_same_blocks(self):
        net = self.net(route("pl-a", "igw-a"), route("pl-b", "nat-a"))
        net.prefix_list("pl-a", "0.0.0.0/1", "128.0.0.0/1")
        net.prefix_list("pl-b", "0.0.0.0/1", "128.0.0.0/1")
        self.open(net, packet("eni-x", WORLD), "route-tie")
        one, two = (one for one in net.get("rtb-x")["Routes"] if "DestinationPrefixListId" in one)
        one["State"] = "blackhole"
        self.open(net, packet("eni-x", WORLD), "route-tie")
        del one["GatewayId"]
        one["NatGatewayId"] = "nat-a"
        self.open(net, packet("eni-x", WORLD), "route-tie")
        two["State"] = "blackhole"
        self.drops(net, packet("eni-x", WORLD), "blackhole")

    def test_targets_that_are_not_known(self):
        net = self.net(route("10.9.0.0/16", "arn:aws:networkmanager::111122223333:core-network/core-1"))
        self.open(net, packet("eni-x", "10.9.1.1"), "beyond-target")
        net.get("rtb-x")["Routes"].append({"DestinationCidrBlock": "10.8.0.0/16", "State": "active"})
        self.open(net, packet("eni-x", "10.8.1.1"), "unknown-target")
        net.get("rtb-x")["Routes"].append(route("10.7.0.0/16", "cagw-a"))
        self.open(net, packet("eni-x", "10.7.1.1"), "carrier")


class Edge(Case):
    def net(self, target: str, destination: str = "10.0.1.0/24") -> Net:
        net = two_tier()
        net.subnet("subnet-box", "vpc-a", "10.0.5.0/28")
        net.table("rtb-box", "vpc-a", route("0.0.0.0/0", "igw-a"), on=("subnet-box",))
        net.table("rtb-edge", "vpc-a", route(destination, target), on=("igw-a",))
        net.endpoint("vpce-lb", "vpc-a", "GatewayLoadBalancer", ("subnet-box",))
        return net

    def test_into_appliances_and_on_by_the_subnet_of_the_endpoint(self):
        net = self.net("vpce-lb")
        net.get("rtb-pub")["Routes"][-1] = route("0.0.0.0/0", "vpce-lb")
        answer = self.arrives(net, packet(WORLD, "192.0.2.20"), "eni-pub")
        self.assertEqual(answer["assumes"], ["vpce-lb"])
        self.assertIn("balancer-endpoint", [one["rule"] for one in answer["reply"]["hops"]])

    def test_an_endpoint_that_is_not_available(self):
        net = self.net("vpce-lb")
        net.get("vpce-lb")["State"] = "pending"
        self.drops(net, packet(WORLD, "192.0.2.20"), "endpoint-not-available")

    def test_an_interface_with_its_check_on(self):
        net = self.net("eni-box")
        net.eni("eni-box", "subnet-box", "10.0.5.5", public="192.0.2.50", groups=("sg-open",))
        self.drops(net, packet(WORLD, "192.0.2.20"), "destination-check")

    def test_the_rest_of_the_vpc_is_local(self):
        self.arrives(self.net("vpce-lb", "10.0.2.0/24"), packet(WORLD, "192.0.2.20"), "eni-pub")

    def test_under_block_public_access(self):
        net = self.net("vpce-lb")
        net.block("block-bidirectional", subnet_pub="allow-bidirectional")
        self.drops(net, packet(WORLD, "192.0.2.20"), "bpa-block")
        net.block("block-bidirectional", vpc_a="allow-bidirectional")
        self.open(net, packet(WORLD, "192.0.2.20"), "bpa-unknown")


class Endpoints(Case):
    def net(self) -> Net:
        net = two_tier()
        net.prefix_list("pl-s3", "52.218.0.0/17")
        net.endpoint("vpce-s3", "vpc-a")
        net.get("rtb-priv")["Routes"].append(route("pl-s3", "vpce-s3"))
        return net

    def test_a_gateway_endpoint_by_its_prefix_list(self):
        self.arrives(self.net(), packet("eni-priv", "52.218.1.1"), "vpce-s3", "endpoint-service")
        self.arrives(self.net(), packet("eni-priv", "52.219.1.1"), "igw-a", "internet")

    def test_acls_judge_what_comes_back_from_it(self):
        net = self.net()
        net.acl("acl-priv", entry(100, "allow", "10.0.0.0/16"), entry(100, "allow", "0.0.0.0/0", True),
                on=("subnet-priv",))
        self.arrives(net, packet("eni-priv", "52.218.1.1"), "vpce-s3", "endpoint-service", "DROPPED",
                     "acl-default-deny")

    def test_it_does_not_serve_another_vpc_behind_a_transit_gateway(self):
        net = across(rt=[*BOTH, ("52.0.0.0/8", "tgw-attach-b")])
        net.prefix_list("pl-s3", "52.218.0.0/17")
        net.endpoint("vpce-s3", "vpc-b")
        net.get("rtb-a")["Routes"].append(route("0.0.0.0/0", "tgw-1"))
        net.get("rtb-b")["Routes"].append(route("pl-s3", "vpce-s3"))
        self.arrives(net, packet("eni-b", "52.218.1.1"), "vpce-s3", "endpoint-service")
        self.drops(net, packet("eni-a", "52.218.1.1"), "endpoint-not-extended")

    def test_behind_a_nat_gateway_is_open(self):
        net = self.net()
        net.get("rtb-pub")["Routes"].append(route("pl-s3", "vpce-s3"))
        net.get("rtb-priv")["Routes"][-1] = route("pl-s3", "nat-a")
        self.open(net, packet("eni-priv", "52.218.1.1"), "endpoint-unknown")

    def test_an_interface_endpoint_is_its_interface(self):
        net = self.net()
        net.group("sg-vpce", "vpc-a", rule("tcp", "10.0.2.0/24", 443))
        net.eni("eni-vpce", "subnet-priv", "10.0.2.77", groups=("sg-vpce",), kind="vpc_endpoint")
        self.arrives(net, packet("eni-priv", "10.0.2.77"), "eni-vpce")
        self.drops(net, packet("eni-pub", "10.0.2.77"), "group-ingress-deny")


class Replies(Case):
    def test_addresses_and_ports_are_swapped(self):
        sent = Packet(ip_address("10.0.0.1"), ip_address("10.0.0.2"), 6, 40000, 443)
        self.assertEqual(sent.reply(), Packet(ip_address("10.0.0.2"), ip_address("10.0.0.1"), 6, 443, 40000))
        ping = Packet(sent.source, sent.destination, 1, icmp_type=8, icmp_code=0)
        self.assertEqual(ping.reply(), Packet(sent.destination, sent.source, 1, icmp_type=0, icmp_code=0))
        self.assertIsNone(ping.reply().reply())

    def test_one_that_ends_elsewhere(self):
        net = two_tier()
        net.prefix_list("pl-s3", "52.218.0.0/17")
        net.endpoint("vpce-s3", "vpc-a")
        net.get("rtb-pub")["Routes"].append(route("pl-s3", "vpce-s3"))
        self.arrives(net, packet("52.218.1.1", "192.0.2.20"), "eni-pub", reply="DROPPED", why="reply-other-place")

    def test_one_that_comes_from_another_address(self):
        net = two_tier()
        net.get("rtb-pub")["Routes"][-1] = route("0.0.0.0/0", "nat-b")
        net.subnet("subnet-out", "vpc-a", "10.0.8.0/24")
        net.nat("nat-b", "subnet-out", "10.0.8.9", "192.0.2.99")
        net.table("rtb-out", "vpc-a", route("0.0.0.0/0", "igw-a"), on=("subnet-out",))
        self.arrives(net, packet(WORLD, "192.0.2.20"), "eni-pub", reply="DROPPED", why="reply-other-flow")


class Generator(unittest.TestCase):
    # Rules that no topology of the generator can meet: malformed lines, and two interfaces with one address.
    NEVER = {"refused", "several-interfaces"}

    @classmethod
    def setUpClass(cls):
        cls.made = list(lines(1, 800, 12))
        cls.table = measure(cls.made)

    def test_the_same_seed_gives_the_same_lines(self):
        self.assertEqual(list(lines(1, 20, 12)), self.made[:20])
        self.assertNotEqual(list(lines(2, 20, 12)), self.made[:20])

    def test_every_rule_is_met_and_every_verdict_rule_decides(self):
        self.assertEqual(set(self.table.never()), self.NEVER)

    def test_the_rules_that_matter_decide_often(self):
        for name in ("no-route", "blackhole", "acl-deny", "acl-default-deny", "group-egress-deny", "group-ingress-deny",
                     "delivered", "internet", "endpoint-service", "igw-no-public-address", "bpa-block",
                     "egress-only-in", "nat-unsolicited", "peering-not-active", "peering-not-transitive",
                     "beyond-transit", "destination-check"):
            self.assertGreater(self.table.decided[name], 20, name)

    def test_an_engine_that_errs_is_noticed(self):
        counts = caught(self.made[:500], enough=1)
        for name, *_ in MUTANTS:
            self.assertGreater(counts[name], 0, name)

    def test_there_is_enough_of_each_verdict(self):
        self.assertGreater(self.table.verdicts["DELIVERED"], 0.15 * self.table.packets)
        self.assertGreater(self.table.verdicts["DROPPED"], 0.4 * self.table.packets)
        self.assertLess(self.table.verdicts["UNKNOWN"], 0.15 * self.table.packets)
        self.assertGreater(self.table.replies["DROPPED"], 100)
        self.assertGreater(self.table.replies["DELIVERED"], 500)


class Form(Case):
    def test_lines_that_are_not_of_the_form(self):
        for made in (packet("eni-none", WORLD), packet("eni-pub", WORLD, protocol="tcp", port="443"),
                     packet("eni-pub", WORLD, protocol="-1"), {**packet("eni-pub", WORLD), "from": {}},
                     packet("eni-pub", "10.0.0"), {"id": "p"}, packet(WORLD6, WORLD)):
            self.says(two_tier(), made, "UNKNOWN", "refused")

    def test_lines_in_lines_out(self):
        line = {"topology": two_tier().topology(), "packets": [packet("eni-pub", WORLD, name="one"),
                                                               packet("eni-priv", WORLD, name="two")]}
        done = subprocess.run([sys.executable, "-m", "oracles.walk"], input=json.dumps(line) + "\n", text=True,
                              capture_output=True, cwd=FOLDER, check=True)
        answers = [json.loads(one) for one in done.stdout.splitlines()]
        self.assertEqual([(one["id"], one["verdict"]) for one in answers], [("one", "DELIVERED"), ("two", "DELIVERED")])
        self.assertEqual({frozenset(one) for one in answers},
                         {frozenset({"id", "verdict", "at", "hops", "reply", "assumes"})})

    def test_every_rule_names_a_page(self):
        self.assertTrue(all(RULES.values()))


if __name__ == "__main__":
    unittest.main()
