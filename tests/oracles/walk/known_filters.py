"""Known cases of what filters packets: Block Public Access, network ACLs, security groups. test_walk.py runs them."""

from __future__ import annotations

from .building import Net, entry, packet, rule
from .judge import judge
from .nets import OPEN, WORLD, WORLD6, Case, advanced_example, dual, two_tier
from .topology import OPTIONS, Topology


class Block(Case):
    def test_bidirectional_over_an_attached_gateway(self):
        net = two_tier()
        net.block("block-bidirectional")
        for made in (packet("eni-pub", WORLD), packet("eni-priv", WORLD), packet(WORLD, "192.0.2.20")):
            self.drops(net, made, "bpa-block")
        self.arrives(net, packet("eni-priv", "10.0.1.20"), "eni-pub")

    def test_ingress_lets_nat_and_egress_only_gateways_pass(self):
        net = two_tier()
        net.block("block-ingress")
        self.arrives(net, packet("eni-priv", WORLD), "igw-a", "internet")
        self.drops(net, packet(WORLD, "192.0.2.20"), "bpa-block")
        self.drops(net, packet("eni-pub", WORLD), "bpa-block")
        net = dual()
        net.block("block-ingress")
        self.arrives(net, packet("eni-a", WORLD6), "eigw-a", "internet")
        net.block("block-bidirectional")
        self.drops(net, packet("eni-a", WORLD6), "bpa-block")

    def test_exclusions_of_a_vpc_and_of_a_subnet(self):
        for mode in ("block-bidirectional", "block-ingress"):
            for excluded in ("vpc_a", "subnet_pub"):
                net = two_tier()
                net.block(mode, **{excluded: "allow-bidirectional"})
                self.arrives(net, packet(WORLD, "192.0.2.20"), "eni-pub")
                self.arrives(net, packet("eni-pub", WORLD), "igw-a", "internet")
            net.block(mode, subnet_priv="allow-bidirectional")

    def test_an_exclusion_of_another_subnet_is_none(self):
        net = two_tier()
        net.block("block-bidirectional", subnet_priv="allow-bidirectional")
        self.drops(net, packet(WORLD, "192.0.2.20"), "bpa-block")
        self.open(net, packet("eni-priv", WORLD), "bpa-unknown")

    def test_egress_only_exclusions(self):
        net = two_tier()
        net.block("block-bidirectional", vpc_a="allow-egress")
        self.arrives(net, packet("eni-priv", WORLD), "igw-a", "internet")
        self.drops(net, packet(WORLD, "192.0.2.20"), "bpa-block")
        self.drops(net, packet("eni-pub", WORLD), "bpa-block")
        net = two_tier()
        net.block("block-ingress", vpc_a="allow-egress")
        self.drops(net, packet(WORLD, "192.0.2.20"), "bpa-block")

    def test_the_scenarios_of_the_advanced_example(self):
        """A and B have public addresses; C goes out by the NAT gateway in B's subnet, D by the egress-only gateway."""
        away, open_ = "allow-egress", "allow-bidirectional"
        scenarios = [
            # mode, what is excluded, who is pinged, who may ping
            ("off", {}, "ab", "abcd"), ("block-bidirectional", {}, "", ""), ("block-ingress", {}, "", "cd"),
            ("block-ingress", {"subnet_a": open_}, "a", "acd"), ("block-ingress", {"subnet_a": away}, "", "cd"),
            ("block-bidirectional", {"subnet_a": away}, "", ""),
        ]
        ping = {"protocol": "icmp", "icmp_type": 8, "icmp_code": 0}
        for mode, excluded, pinged, pinging in scenarios:
            net = advanced_example()
            net.block(mode, **excluded)
            topology = Topology(net.topology())
            for name in "ab":
                answer = judge(topology, packet(WORLD, f"192.0.2.{ord(name)}", **ping))
                self.assertEqual(answer["verdict"] == "DELIVERED", name in pinged, (mode, excluded, name))
            for name in "abcd":
                made = {**ping, "protocol": "icmpv6", "icmp_type": 128} if name == "d" else ping
                answer = judge(topology, packet(f"eni-{name}", WORLD6 if name == "d" else WORLD, **made))
                self.assertEqual(answer["verdict"] == "DELIVERED", name in pinging, (mode, excluded, name))
                self.assertNotEqual(answer["verdict"], "UNKNOWN")

    def test_states(self):
        net = two_tier()
        net.block("block-bidirectional", vpc_a="allow-bidirectional")
        exclusion = net.raw["vpc_block_public_access_exclusions"][0]
        exclusion["State"] = "delete-complete"
        self.drops(net, packet("eni-pub", WORLD), "bpa-block")
        exclusion["State"] = "create-in-progress"
        self.open(net, packet("eni-pub", WORLD), "bpa-unknown")
        net.raw["vpc_block_public_access_exclusions"] = []
        net.raw[OPTIONS]["State"] = "update-in-progress"
        self.open(net, packet("eni-pub", WORLD), "bpa-unknown")
        del net.raw[OPTIONS]
        self.open(net, packet("eni-pub", WORLD), "bpa-unknown")


class Acls(Case):
    def net(self, *entries: dict) -> Net:
        net = two_tier()
        net.acl("acl-priv", *entries, on=("subnet-priv",))
        return net

    def test_the_lowest_number_decides_whatever_the_order_written(self):
        both = entry(100, "allow", "0.0.0.0/0", True)
        net = self.net(entry(200, "allow", "0.0.0.0/0"), both, entry(90, "deny", "10.0.1.0/24", False, "6", 443))
        self.drops(net, packet("eni-pub", "10.0.2.20"), "acl-deny")
        self.arrives(net, packet("eni-pub", "10.0.2.20", 444), "eni-priv")
        net = self.net(entry(200, "deny", "10.0.1.0/24"), both, entry(90, "allow", "10.0.1.0/24", False, "6", 443))
        self.arrives(net, packet("eni-pub", "10.0.2.20"), "eni-priv")

    def test_nothing_matches(self):
        self.drops(self.net(), packet("eni-pub", "10.0.2.20"), "acl-default-deny")
        net = self.net(entry(32767, "deny", "0.0.0.0/0"), entry(32767, "deny", "0.0.0.0/0", True))
        self.drops(net, packet("eni-priv", WORLD), "acl-default-deny")

    def test_the_reply_needs_its_ephemeral_port(self):
        into = entry(100, "allow", "10.0.1.0/24", False, "6", 443)
        net = self.net(into)
        self.arrives(net, packet("eni-pub", "10.0.2.20"), "eni-priv", reply="DROPPED", why="acl-default-deny")
        net = self.net(into, entry(100, "allow", "10.0.1.0/24", True, "6", 32768, 60999))
        for port, reply in ((32767, "DROPPED"), (32768, "DELIVERED"), (60999, "DELIVERED"), (61000, "DROPPED")):
            self.arrives(net, packet("eni-pub", "10.0.2.20", source_port=port), "eni-priv", reply=reply)

    def test_asymmetric_acls(self):
        net = self.net(entry(100, "allow", "0.0.0.0/0", True), entry(100, "deny", "10.0.1.0/24"))
        self.arrives(net, packet("eni-priv", "10.0.1.20"), "eni-pub", reply="DROPPED", why="acl-deny")
        self.drops(net, packet("eni-pub", "10.0.2.20"), "acl-deny")

    def test_not_within_a_subnet(self):
        net = self.net()
        net.eni("eni-priv2", "subnet-priv", "10.0.2.30", groups=("sg-open",))
        self.arrives(net, packet("eni-priv", "10.0.2.30"), "eni-priv2")

    def test_icmp_by_type_and_code(self):
        into = entry(100, "allow", "10.0.1.0/24", False, "1", 8, -1)
        net = self.net(into, entry(100, "allow", "10.0.1.0/24", True, "1", 0, -1))
        ping = {"protocol": "icmp", "icmp_type": 8, "icmp_code": 0}
        self.arrives(net, packet("eni-pub", "10.0.2.20", **ping), "eni-priv")
        self.drops(net, packet("eni-pub", "10.0.2.20", **{**ping, "icmp_type": 13}), "acl-default-deny")
        self.arrives(self.net(into), packet("eni-pub", "10.0.2.20", **ping), "eni-priv", reply="DROPPED")

    def test_another_protocol_and_another_direction(self):
        net = self.net(entry(100, "allow", "10.0.1.0/24", False, "17", 443), entry(100, "allow", "10.0.1.0/24", True))
        self.drops(net, packet("eni-pub", "10.0.2.20"), "acl-default-deny")
        self.arrives(net, packet("eni-pub", "10.0.2.20", protocol="udp"), "eni-priv")
        self.drops(net, packet("eni-pub", "10.0.2.20", 444, protocol="udp"), "acl-default-deny")

    def test_none_read(self):
        net = two_tier()
        net.topology()
        net.raw["network_acls"] = None
        self.open(net_raw(net), packet("eni-pub", "10.0.2.20"), "acl-unknown")


def net_raw(net: Net) -> Net:
    """The topology as it is, without the ACLs that are added."""
    net.topology = lambda: net.raw
    return net


class Groups(Case):
    def net(self, *ingress: dict, egress: list[dict] | None = None) -> Net:
        net = two_tier()
        net.group("sg-x", "vpc-a", *ingress, egress=egress)
        net.get("eni-priv")["Groups"] = [{"GroupId": "sg-x"}]
        return net

    def test_no_rules_let_nothing_in_or_out(self):
        self.drops(self.net(), packet("eni-pub", "10.0.2.20"), "group-ingress-deny")
        self.drops(self.net(OPEN, egress=[]), packet("eni-priv", "10.0.1.20"), "group-egress-deny")

    def test_they_remember_flows(self):
        self.arrives(self.net(rule("tcp", "10.0.1.0/24", 443), egress=[]), packet("eni-pub", "10.0.2.20"), "eni-priv")
        self.arrives(self.net(), packet("eni-priv", WORLD), "igw-a", "internet")

    def test_port_ranges_and_protocols(self):
        net = self.net(rule("tcp", "10.0.0.0/16", 8000, 8080), rule("17", "10.0.0.0/16", 53))
        for port, verdict in ((7999, "DROPPED"), (8000, "DELIVERED"), (8080, "DELIVERED"), (8081, "DROPPED")):
            answer = judge(Topology(net.topology()), packet("eni-pub", "10.0.2.20", port))
            self.assertEqual(answer["verdict"], verdict, port)
        self.arrives(net, packet("eni-pub", "10.0.2.20", 53, protocol="udp"), "eni-priv")
        self.drops(net, packet("eni-pub", "10.0.2.20", 53), "group-ingress-deny")
        self.drops(net, packet("eni-pub", "10.0.2.20", protocol="50"), "group-ingress-deny")

    def test_icmp_by_type_and_code(self):
        ping = packet("eni-pub", "10.0.2.20", protocol="icmp", icmp_type=8, icmp_code=0)
        self.arrives(self.net(rule("icmp", "10.0.0.0/16", 8, -1)), ping, "eni-priv")
        self.drops(self.net(rule("icmp", "10.0.0.0/16", 0, -1)), ping, "group-ingress-deny")
        late = {**ping, "icmp_type": 11}
        self.arrives(self.net(rule("icmp", "10.0.0.0/16", -1, -1)), late, "eni-priv", reply=None)

    def test_groups_and_prefix_lists_as_peers(self):
        self.arrives(self.net(rule("tcp", "sg-open", 443)), packet("eni-pub", "10.0.2.20"), "eni-priv")
        self.drops(self.net(rule("tcp", "sg-x", 443)), packet("eni-pub", "10.0.2.20"), "group-ingress-deny")
        net = self.net(rule("tcp", "pl-x", 443))
        net.prefix_list("pl-x", "10.0.1.0/28", "10.0.1.16/28")
        self.arrives(net, packet("eni-pub", "10.0.2.20"), "eni-priv")
        net.get("pl-x")["Entries"].pop()
        self.drops(net, packet("eni-pub", "10.0.2.20"), "group-ingress-deny")
        net.get("pl-x")["Entries"] = None
        self.open(net, packet("eni-pub", "10.0.2.20"), "group-unknown")

    def test_a_group_does_not_stand_for_public_addresses(self):
        net = self.net(rule("tcp", "sg-open", 443))
        net.get("eni-priv")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "192.0.2.77"}
        self.drops(net, packet("eni-pub", "192.0.2.77"), "group-ingress-deny")

    def test_a_group_that_was_not_read_does_not_stand_for_the_internet(self):
        net = self.net(rule("tcp", "sg-unread", 443))
        net.get("eni-priv")["PrivateIpAddresses"][0]["Association"] = {"PublicIp": "192.0.2.77"}
        self.drops(net, packet(WORLD, "192.0.2.77"), "group-ingress-deny")

    def test_the_interface_of_a_nat_gateway_has_none(self):
        self.arrives(two_tier(), packet("eni-nat-a", "10.0.1.20"), "eni-pub", reply="DROPPED", why="nat-unsolicited")

    def test_a_group_that_was_not_read(self):
        net = self.net()
        net.get("eni-priv")["Groups"] = [{"GroupId": "sg-unread"}]
        self.open(net, packet("eni-pub", "10.0.2.20"), "group-unknown")
        net.get("acl-subnet-pub")["Entries"] = []
        self.drops(net, packet("eni-priv", "10.0.1.20"), "acl-default-deny")
