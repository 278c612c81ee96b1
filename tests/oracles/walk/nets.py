"""The nets of the known cases, and what their tests say of a packet."""

from __future__ import annotations

import unittest

from .building import EVERYWHERE, Net, route, rule
from .judge import judge
from .topology import Topology

WORLD, OUT = "203.0.113.9", "198.51.100.7"
WORLD6 = "2001:db8:ffff::9"
OPEN = rule("-1", list(EVERYWHERE))


def two_tier(nat_routes: tuple[dict, ...] = (route("0.0.0.0/0", "igw-a"),), **options) -> Net:
    """A VPC with a public subnet (a NAT gateway in it), and a private one behind that."""
    net = Net()
    net.vpc("vpc-a", "10.0.0.0/16")
    net.igw("igw-a", "vpc-a")
    net.subnet("subnet-pub", "vpc-a", "10.0.1.0/24")
    net.subnet("subnet-priv", "vpc-a", "10.0.2.0/24")
    net.group("sg-open", "vpc-a", OPEN)
    net.nat("nat-a", "subnet-pub", "10.0.1.10", options.get("nat_public", "192.0.2.10"))
    net.eni("eni-pub", "subnet-pub", "10.0.1.20", public="192.0.2.20", groups=("sg-open",))
    net.eni("eni-priv", "subnet-priv", "10.0.2.20", groups=("sg-open",))
    net.table("rtb-pub", "vpc-a", *nat_routes, on=("subnet-pub",))
    net.table("rtb-priv", "vpc-a", route("0.0.0.0/0", "nat-a"), on=("subnet-priv",))
    return net


def peered(status: str = "active", group: str = "sg-a", back: bool = True) -> Net:
    """VPCs a and b with a peering connection; eni-b lets in what its rule names."""
    net = Net()
    for letter, number in (("a", 0), ("b", 1)):
        net.vpc(f"vpc-{letter}", f"10.{number}.0.0/16")
        net.subnet(f"subnet-{letter}", f"vpc-{letter}", f"10.{number}.1.0/24")
    net.peering("pcx-1", "vpc-a", "vpc-b", status)
    net.group("sg-a", "vpc-a")
    net.group("sg-other", "vpc-a")
    net.group("sg-b", "vpc-b", rule("tcp", group, 443, peering="pcx-1"))
    net.eni("eni-a", "subnet-a", "10.0.1.20", groups=("sg-a",))
    net.eni("eni-b", "subnet-b", "10.1.1.20", groups=("sg-b",))
    net.table("rtb-a", "vpc-a", route("10.1.0.0/16", "pcx-1"), on=("subnet-a",))
    net.table("rtb-b", "vpc-b", *([route("10.0.0.0/16", "pcx-1")] if back else []), on=("subnet-b",))
    return net


def dual(block: bool = True) -> Net:
    """A VPC whose subnet sends IPv6 to an egress-only gateway."""
    net = Net()
    own = ["2001:db8:a::/56"] if block else []
    net.vpc("vpc-a", "10.0.0.0/16", *own)
    net.subnet("subnet-a", "vpc-a", "10.0.1.0/24", *(["2001:db8:a:1::/64"] if block else []))
    net.egress_only("eigw-a", "vpc-a")
    net.group("sg-open", "vpc-a", OPEN)
    net.eni("eni-a", "subnet-a", "10.0.1.20", "2001:db8:a:1::20", groups=("sg-open",))
    net.table("rtb-a", "vpc-a", route("::/0", "eigw-a"), on=("subnet-a",))
    return net


def across(attachments: bool = True, zone: str = "eu-west-1a", **tables) -> Net:
    """VPCs a and b on a transit gateway; its own tables only where they are given."""
    net = Net()
    for letter, number in (("a", 0), ("b", 1)):
        vpc, other = f"vpc-{letter}", f"10.{1 - number}.0.0/16"
        net.vpc(vpc, f"10.{number}.0.0/16")
        net.subnet(f"subnet-{letter}", vpc, f"10.{number}.1.0/24")
        net.subnet(f"subnet-t{letter}", vpc, f"10.{number}.9.0/28", zone=zone)
        net.group(f"sg-{letter}", vpc, OPEN)
        net.eni(f"eni-{letter}", f"subnet-{letter}", f"10.{number}.1.20", groups=(f"sg-{letter}",))
        net.table(f"rtb-{letter}", vpc, route(other, "tgw-1"), main=True)
        if attachments:
            net.attachment(f"tgw-attach-{letter}", "tgw-1", vpc, f"subnet-t{letter}")
    for name, routes in tables.items():
        net.transit_table(name, "tgw-1", ("tgw-attach-a", "tgw-attach-b"), *routes)
    return net


def advanced_example() -> Net:
    """The network of "Advanced example" in the chapter on VPC BPA."""
    net = Net()
    net.vpc("vpc-x", "10.0.0.0/16", "2001:db8:a::/56")
    net.igw("igw-x", "vpc-x")
    net.egress_only("eigw-x", "vpc-x")
    net.group("sg-x", "vpc-x", rule("tcp", "0.0.0.0/0", 22), rule("icmp", "0.0.0.0/0", -1, -1))
    net.subnet("subnet-a", "vpc-x", "10.0.1.0/24")
    net.subnet("subnet-b", "vpc-x", "10.0.2.0/24")
    net.subnet("subnet-c", "vpc-x", "10.0.3.0/24", "2001:db8:a::/64")
    net.nat("nat-x", "subnet-b", "10.0.2.10", "192.0.2.200")
    net.eni("eni-a", "subnet-a", "10.0.1.85", public=f"192.0.2.{ord('a')}", groups=("sg-x",))
    net.eni("eni-b", "subnet-b", "10.0.2.98", public=f"192.0.2.{ord('b')}", groups=("sg-x",))
    net.eni("eni-c", "subnet-c", "10.0.3.180", groups=("sg-x",))
    net.eni("eni-d", "subnet-c", "10.0.3.59", "2001:db8:a::59", groups=("sg-x",))
    net.table("rtb-public", "vpc-x", route("0.0.0.0/0", "igw-x"), on=("subnet-a", "subnet-b"))
    net.table("rtb-private", "vpc-x", route("0.0.0.0/0", "nat-x"), route("::/0", "eigw-x"), on=("subnet-c",))
    return net


BOTH = [("10.0.0.0/16", "tgw-attach-a"), ("10.1.0.0/16", "tgw-attach-b")]


class Case(unittest.TestCase):
    """`self.says(net, packet, verdict, rule, reply verdict)`: the rule is the last of the forward way."""

    def says(self, net: Net, made: dict, verdict: str, last: str, reply: str | None = None, why: str | None = None):
        answer = judge(Topology(net.topology()), made)
        self.assertEqual((answer["verdict"], answer["hops"][-1]["rule"]), (verdict, last), answer)
        self.assertEqual(answer["reply"] and answer["reply"]["verdict"], reply, answer["reply"])
        if why:
            self.assertEqual(answer["reply"]["hops"][-1]["rule"], why, answer["reply"])
        return answer

    def drops(self, net: Net, made: dict, last: str):
        return self.says(net, made, "DROPPED", last)

    def open(self, net: Net, made: dict, rule_: str):
        """Unknown, and some hop says why."""
        answer = judge(Topology(net.topology()), made)
        self.assertEqual(answer["verdict"], "UNKNOWN", answer)
        self.assertIn(rule_, [one["rule"] for one in answer["hops"]])
        return answer

    def arrives(self, net: Net, made: dict, at: str, last: str = "delivered", reply: str | None = "DELIVERED",
                why: str | None = None):
        answer = self.says(net, made, "DELIVERED", last, reply, why)
        self.assertEqual(answer["at"], at)
        return answer
