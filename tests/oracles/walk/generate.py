"""Random small topologies with packets, the same for the same seed:
python -m oracles.walk.generate --seed 1 --topologies 100 --packets 20 [--coverage]"""

from __future__ import annotations

import argparse
import json
import random
import sys
from typing import Iterator

from . import coverage
from .building import EVERYWHERE, Net, entry, host, open_entries, route, rule
from .packets import Packets

ZONES = ("eu-west-1a", "eu-west-1b")
KINDS = ("public", "public", "private", "private", "instance", "instance", "isolated", "transit", "appliance", "main")
S3 = ("52.218.0.0/17", "3.5.64.0/21")
PORTS = ((443, 443), (22, 22), (80, 80), (0, 65535), (1024, 65535), (32768, 60999), (8000, 8080), (5432, 5432))
# Groups of the topology that a read may leave out.
UNREAD = ("route_tables", "network_acls", "security_groups", "prefix_lists", "internet_gateways", "nat_gateways",
          "vpc_endpoints", "vpc_block_public_access_options", "vpc_block_public_access_exclusions", "vpn_gateways",
          "vpc_peering_connections", "transit_gateway_vpc_attachments", "network_interfaces")


def lines(seed: int, topologies: int, packets: int) -> Iterator[str]:
    rng = random.Random(seed)
    for number in range(topologies):
        maker = Maker(rng)
        raw = maker.make()
        made = Packets(rng, raw).make(packets, f"case-{number + 1:05d}")
        yield json.dumps({"topology": raw, "packets": made}, sort_keys=True)


class Maker:
    """One topology."""

    def __init__(self, rng: random.Random):
        self.rng, self.net = rng, Net()
        self.subnets: dict[str, list[tuple[str, str]]] = {}
        self.six: dict[str, bool] = {}
        self.public = 10
        # The VPC through which the others would reach S3.
        self.hub: str | None = None

    def often(self, chance: float) -> bool:
        return self.rng.random() < chance

    def make(self) -> dict:
        net = self.net
        net.prefix_list("pl-halves", "0.0.0.0/1", "128.0.0.0/1")
        net.prefix_list("pl-s3", *S3)
        net.prefix_list("pl-narrow", *(f"10.{number}.{place}.0/25" for number in (0, 16, 32) for place in (0, 1, 2)))
        net.prefix_list("pl-inside", "10.0.0.0/12", "10.32.0.0/16")
        vpcs = [f"vpc-{letter}" for letter in "abc"[:self.rng.randint(1, 3)]]
        for number, vpc in enumerate(vpcs):
            self.vpc(number, vpc)
        self.between(vpcs)
        for vpc in vpcs:
            self.groups(vpc)
            for name, kind in self.subnets[vpc]:
                self.interfaces(vpc, name, kind)
            self.tables(vpc)
            self.edge(vpc)
        self.acls()
        self.block(vpcs)
        self.oddities()
        raw = net.topology()
        if self.often(0.1):
            raw.pop(self.rng.choice(UNREAD), None)
        return raw

    # VPCs and what stands in them

    def vpc(self, number: int, vpc: str) -> None:
        net, letter = self.net, vpc[-1]
        base = 16 * number
        six = self.six[vpc] = self.often(0.5)
        blocks = [f"10.{base}.0.0/16"] + ([f"10.{base + 1}.0.0/20"] if self.often(0.3) else [])
        prefix = f"fd00:{letter}" if self.often(0.12) else f"2001:db8:{letter}00"
        net.vpc(vpc, *blocks, *([f"{prefix}::/56"] if six else []))
        self.subnets[vpc] = []
        for place in range(self.rng.randint(1, 6)):
            name, kind = f"subnet-{letter}{place}", self.rng.choice(KINDS)
            if not place and self.often(0.7):
                kind = "public"
            second = len(blocks) > 1 and self.often(0.4)
            block = f"10.{base + second}.{place}.0/{self.rng.choice((24, 26, 28))}"
            net.subnet(name, vpc, block, *([host(f"{prefix}::/56", place << 64) + "/64"] if six else []),
                       zone=self.rng.choice(ZONES))
            self.subnets[vpc].append((name, kind))
        self.gateways(vpc, letter)

    def gateways(self, vpc: str, letter: str) -> None:
        net, first = self.net, self.subnets[vpc][0]
        if self.often(0.8):
            net.igw(f"igw-{letter}", vpc)
        if self.often(0.5):
            net.egress_only(f"eigw-{letter}", vpc)
            if self.often(0.1):
                net.get(f"eigw-{letter}")["Attachments"][0]["State"] = "detached"
        if self.often(0.7):
            place = next((one for one, kind in self.subnets[vpc] if kind == "public"), first[0])
            public = self.address() if self.often(0.85) else None
            net.nat(f"nat-{letter}", place, host(self.block_of(place), 9), public,
                    "available" if self.often(0.9) else "deleted")
            if self.often(0.06):
                net.get(f"nat-{letter}")["AvailabilityMode"] = "regional"
        if self.often(0.4):
            net.vpn(f"vgw-{letter}", vpc)
        if self.often(0.5):
            net.endpoint(f"vpce-s3{letter}", vpc)
        if self.often(0.4):
            net.endpoint(f"vpce-lb{letter}", vpc, "GatewayLoadBalancer", (self.rng.choice(self.subnets[vpc])[0],))
        for one in net.raw["vpc_endpoints"]:
            if self.often(0.05):
                one["State"] = "pending"

    def block_of(self, subnet: str) -> str:
        return self.net.get(subnet)["CidrBlock"]

    def address(self) -> str:
        self.public += 1
        return f"192.0.2.{self.public}"

    def interfaces(self, vpc: str, subnet: str, kind: str) -> None:
        net, block = self.net, self.block_of(subnet)
        names = [one["GroupId"] for one in net.raw["security_groups"] if one["VpcId"] == vpc]
        for number in range(self.rng.randint(1, 2)):
            own = [host(block, self.rng.choice((4, 5, 10, -2)) if not number else 6)]
            if self.six[vpc] and self.often(0.8):
                own.append(host(net.get(subnet)["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"], 10 + number))
            elif not self.six[vpc] and self.often(0.3):
                self.public += 1
                own.append(f"2001:db8:{vpc[-1]}00::{self.public}")
            public = self.address() if self.often({"public": 0.7, "main": 0.3}.get(kind, 0.1)) else None
            groups = tuple(self.rng.sample(names, self.rng.randint(1, min(2, len(names)))))
            net.eni(f"eni-{subnet[7:]}{number}", subnet, *own, public=public, groups=groups)
        self.special(vpc, subnet, block, names)

    def special(self, vpc: str, subnet: str, block: str, names: list[str]) -> None:
        net, letter = self.net, vpc[-1]
        made = {one["NetworkInterfaceId"] for one in net.raw["network_interfaces"]}
        place = next((one for one, kind in self.subnets[vpc] if kind == "public"), subnet)
        if f"eni-fwd{letter}" not in made and place == subnet and self.often(0.7):
            public = self.address() if self.often(0.8) else None
            net.eni(f"eni-fwd{letter}", subnet, host(block, 7), public=public, groups=(names[0],),
                    check=self.often(0.2))
            if self.often(0.15):
                net.eni(f"eni-second{letter}", subnet, host(block, 11), groups=(names[0],), check=False,
                        instance=f"i-fwd{letter}")
        if f"eni-vpce{letter}" not in made and self.often(0.3):
            net.eni(f"eni-vpce{letter}", subnet, host(block, 8), groups=(self.rng.choice(names),), kind="vpc_endpoint")

    # Between VPCs

    def between(self, vpcs: list[str]) -> None:
        net = self.net
        for one in range(len(vpcs)):
            for two in range(one + 1, len(vpcs)):
                if self.often(0.6):
                    net.peering(f"pcx-{vpcs[one][-1]}{vpcs[two][-1]}", vpcs[one], vpcs[two],
                                "active" if self.often(0.85) else self.rng.choice(("pending-acceptance", "deleted")))
        if self.often(0.3):
            blocks = ("10.200.0.0/16",) if self.often(0.7) else ()
            net.peering("pcx-theirs", self.rng.choice(vpcs), "vpc-theirs", blocks=blocks)
        if self.often(0.45):
            self.transit(vpcs)

    def transit(self, vpcs: list[str]) -> None:
        net = self.net
        for vpc in vpcs:
            if self.often(0.85):
                chosen = {net.get(one)["AvailabilityZone"]: one for one, _ in self.subnets[vpc]}
                near = list(chosen.values())[:self.rng.randint(1, 2)]
                net.attachment(f"tgw-attach-{vpc[-1]}", "tgw-1", vpc, *near,
                               state="available" if self.often(0.9) else "deleted")
        names = [one["TransitGatewayAttachmentId"] for one in net.raw["transit_gateway_vpc_attachments"]]
        if self.often(0.7):
            routes = [(net.get(one["VpcId"])["CidrBlock"], one["TransitGatewayAttachmentId"])
                      for one in net.raw["transit_gateway_vpc_attachments"] if self.often(0.9)]
            if self.often(0.3):
                routes.append(("10.0.0.0/24", "blackhole"))
            if self.often(0.6):
                routes.append(("0.0.0.0/0", self.rng.choice(names + ["tgw-attach-theirs"])))
            if len(names) > 1 and self.often(0.6):
                self.hub = f"vpc-{names[0][-1]}"
                routes.append(("52.0.0.0/8", names[0]))
            net.transit_table("tgw-rtb-1", "tgw-1", tuple(one for one in names if self.often(0.9)), *routes)
        if self.often(0.7):
            net.add("transit_gateways", {"TransitGatewayId": "tgw-1", "Options": {
                "SecurityGroupReferencingSupport": self.rng.choice(("enable", "disable"))}})

    # Routes

    def tables(self, vpc: str) -> None:
        """A main table, and one for most subnets; the others fall back to the main one."""
        net, letter = self.net, vpc[-1]
        kinds = dict(self.subnets[vpc])
        if self.often(0.97):
            net.table(f"rtb-{letter}-main", vpc, *self.routes(vpc, self.rng.choice(KINDS)), main=True)
        for name, kind in kinds.items():
            if kind != "main" and self.often(0.85):
                net.table(f"rtb-{name[7:]}", vpc, *self.routes(vpc, kind), on=(name,))

    def existing(self, *names: str) -> list[str]:
        return [name for name in names if any(name in one.values() for group in self.net.raw.values()
                                              if isinstance(group, list) for one in group)]

    def routes(self, vpc: str, kind: str) -> list[dict]:
        letter = vpc[-1]
        wanted = {"public": f"igw-{letter}", "private": f"nat-{letter}", "instance": f"eni-fwd{letter}",
                  "transit": "tgw-1", "appliance": f"vpce-lb{letter}", "main": f"igw-{letter}"}.get(kind)
        found = self.existing(wanted) if wanted and wanted != "tgw-1" else [wanted] if wanted else []
        if wanted and self.often(0.05):
            found = [f"igw-{letter}", f"nat-{letter}", f"eigw-{letter}"]
        made = [self.default(self.rng.choice(found))] if found else []
        made += self.others(vpc)
        if self.six[vpc] or self.often(0.4):
            made += [route("::/0", one) for one in self.existing(self.rng.choice((f"eigw-{letter}", f"igw-{letter}")))]
        unique = {}
        for one in made:
            unique.setdefault(tuple(one[key] for key in one if key.startswith("Destination")), one)
        return list(unique.values())

    def default(self, target: str) -> dict:
        """0.0.0.0/0 openly, or as the two halves of a prefix list; now and then a blackhole."""
        where = "pl-halves" if self.often(0.25) else "0.0.0.0/0"
        return route(where, target, "blackhole" if self.often(0.06) else "active")

    def others(self, vpc: str) -> list[dict]:
        net, letter, made = self.net, vpc[-1], []
        for one in net.raw["vpc_peering_connections"]:
            sides = [one["RequesterVpcInfo"]["VpcId"], one["AccepterVpcInfo"]["VpcId"]]
            if vpc in sides and self.often(0.85):
                other = sides[1 - sides.index(vpc)]
                block = net.get(other)["CidrBlock"] if other != "vpc-theirs" else "10.200.0.0/15"
                made.append(route("0.0.0.0/0" if self.often(0.1) else block, one["VpcPeeringConnectionId"]))
        attached = any(one["VpcId"] == vpc for one in net.raw["transit_gateway_vpc_attachments"])
        if self.often(0.5 if attached else 0.05):
            made.append(route("10.0.0.0/8", "tgw-1"))
        if self.existing(f"vgw-{letter}") and self.often(0.6):
            made.append(route("10.128.0.0/12", f"vgw-{letter}", origin="EnableVgwRoutePropagation"))
        if self.hub and self.hub != vpc:
            made.append(route("52.0.0.0/8", "tgw-1"))
        elif self.existing(f"vpce-s3{letter}") and self.often(0.65):
            made.append(route("pl-s3", f"vpce-s3{letter}"))
        if self.often(0.25):
            made.append(route("203.0.113.128/25", "nat-gone", "blackhole"))
        if self.often(0.12):
            made.append(route("10.210.0.0/16", "arn:aws:networkmanager::111122223333:core-network/core-1"))
            made.append(route("10.211.0.0/16", f"cagw-{letter}"))
            made.append({"DestinationCidrBlock": "10.212.0.0/16", "State": "active"})
        if self.often(0.1):
            listed = "pl-unread" if self.often(0.2) else "pl-other"
            made.append(route(listed, self.rng.choice([f"nat-{letter}", f"igw-{letter}"])))
        return made + self.inside(vpc)

    def inside(self, vpc: str) -> list[dict]:
        """Routes more specific than the local one: to a middlebox, or propagated ones, which do not count."""
        letter, made = vpc[-1], []
        target = self.existing(f"vpce-lb{letter}", f"eni-fwd{letter}", f"nat-{letter}")
        if target and self.often(0.2):
            made.append(route(self.block_of(self.rng.choice(self.subnets[vpc])[0]), self.rng.choice(target)))
        if target and self.often(0.08):
            made.append(route("pl-narrow", target[0]))
        if self.existing(f"vgw-{letter}") and self.often(0.35):
            made.append(route(self.block_of(self.rng.choice(self.subnets[vpc])[0]), f"vgw-{letter}",
                              origin="EnableVgwRoutePropagation"))
        return made

    def edge(self, vpc: str) -> None:
        letter = vpc[-1]
        gateways = self.existing(f"igw-{letter}", f"vgw-{letter}")
        targets = self.existing(f"vpce-lb{letter}", f"eni-fwd{letter}")
        if gateways and targets and self.often(0.45):
            block = self.block_of(self.rng.choice(self.subnets[vpc])[0])
            state = "blackhole" if self.often(0.1) else "active"
            self.net.table(f"rtb-{letter}-edge", vpc, route(block, self.rng.choice(targets), state),
                           on=(self.rng.choice(gateways),))

    # Filters

    def groups(self, vpc: str) -> None:
        letter = vpc[-1]
        names = [f"sg-{letter}{number}" for number in range(self.rng.randint(2, 4))]
        for number, name in enumerate(names):
            egress = None if self.often(0.8) else [self.rule(vpc, names) for _ in range(self.rng.randint(0, 3))]
            ingress = [self.rule(vpc, names) for _ in range(self.rng.randint(0, 4))]
            if self.often(0.85 if number == 0 else 0.3):
                ingress.append(rule("-1", list(EVERYWHERE)))
            self.net.group(name, vpc, *ingress, egress=egress)

    def rule(self, vpc: str, names: list[str]) -> dict:
        net = self.net
        peers = ["0.0.0.0/0", "::/0", "10.0.0.0/8", "203.0.113.0/24", net.get(vpc)["CidrBlock"], "pl-halves",
                 "pl-inside", "pl-unread", self.block_of(self.rng.choice(self.subnets[vpc])[0])]
        peering = None
        peer = self.rng.choice(peers if self.often(0.6) else names)
        connections = [one for one in net.raw["vpc_peering_connections"]
                       if vpc in (one["RequesterVpcInfo"]["VpcId"], one["AccepterVpcInfo"]["VpcId"])]
        if connections and self.often(0.25):
            chosen = self.rng.choice(connections)
            sides = [chosen["RequesterVpcInfo"]["VpcId"], chosen["AccepterVpcInfo"]["VpcId"]]
            peer = f"sg-{sides[1 - sides.index(vpc)][-1]}{self.rng.randint(0, 1)}"
            peering = chosen["VpcPeeringConnectionId"]
        elif self.often(0.1):
            peer = f"sg-{self.rng.choice('abc')}0"
        protocol = self.rng.choice(("tcp", "tcp", "tcp", "udp", "icmp", "-1", "50"))
        first, last = {"icmp": (self.rng.choice((8, -1)), -1), "-1": (None, None), "50": (None, None)}.get(
            protocol, self.rng.choice(PORTS))
        return rule(protocol, peer, first, last, peering)

    def acls(self) -> None:
        for subnet in self.net.raw["subnets"]:
            if self.often(0.35):
                entries = open_entries() if self.often(0.75) else []
                numbers = self.rng.sample(range(10, 300), 6)
                entries += [self.entry(number) for number in numbers[:self.rng.randint(1, 6)]]
                self.rng.shuffle(entries)
                self.net.acl("acl-" + subnet["SubnetId"], *entries, on=(subnet["SubnetId"],))

    def entry(self, number: int) -> dict:
        peers = ["0.0.0.0/0", "0.0.0.0/0", "::/0", "10.0.0.0/8", "10.16.0.0/16", "203.0.113.0/24", "52.0.0.0/8"]
        block = self.rng.choice(peers + [self.block_of(self.rng.choice(self.net.raw["subnets"])["SubnetId"])])
        protocol = self.rng.choice(("6", "6", "6", "17", "1", "-1"))
        first, last = (None, None) if protocol == "-1" else (8, -1) if protocol == "1" else self.rng.choice(PORTS)
        action = "deny" if self.often(0.4) else "allow"
        return entry(number, action, block, self.often(0.5), protocol, first, last)

    def block(self, vpcs: list[str]) -> None:
        mode = self.rng.choice(("off", "off", "off", "block-bidirectional", "block-ingress"))
        if mode == "off":
            return
        places = vpcs + [one for vpc in vpcs for one, _ in self.subnets[vpc]]
        chosen = self.rng.sample(places, min(len(places), self.rng.randint(0, 3)))
        self.net.block(mode, **{one.replace("-", "_"): self.rng.choice(("allow-bidirectional", "allow-egress"))
                                for one in chosen})
        for one in self.net.raw["vpc_block_public_access_exclusions"]:
            if self.often(0.15):
                one["State"] = self.rng.choice(("delete-complete", "create-in-progress"))

    def oddities(self) -> None:
        """Detached gateways, a list of which only the name is known, one that overlaps others."""
        for group, states in (("internet_gateways", "Attachments"), ("vpn_gateways", "VpcAttachments")):
            for one in self.net.raw[group]:
                if self.often(0.06):
                    one[states][0]["State"] = "detached"
        self.net.prefix_list("pl-unread")
        self.net.get("pl-unread")["Entries"] = None
        self.net.prefix_list("pl-other", "3.5.64.0/21", "0.0.0.0/1")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--topologies", type=int, default=100)
    options.add_argument("--packets", type=int, default=20)
    options.add_argument("--coverage", action="store_true", help="how often each rule decided, instead of the lines")
    chosen = options.parse_args()
    made = lines(chosen.seed, chosen.topologies, chosen.packets)
    if chosen.coverage:
        print(coverage.measure(made).text())
        return 0
    for text in made:
        print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
