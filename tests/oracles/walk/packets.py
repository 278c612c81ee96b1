"""Packets for a topology: mostly between what it has, at the edges of its blocks and port ranges."""

from __future__ import annotations

import random

from .building import destination_of, host, packet
from .topology import ipv6_blocks, network

# The last one is in the prefix list of S3: what answers it may end at an endpoint.
INTERNET = ("203.0.113.9", "203.0.113.127", "203.0.113.128", "127.255.255.255", "128.0.0.0", "198.51.100.7", "8.8.8.8",
            "52.218.1.1", "52.218.1.1")
INTERNET6 = ("2001:db8:ffff::9", "2620:0:1::5")
SOURCE_PORTS = (1023, 1024, 32767, 32768, 40000, 60999, 61000, 65535)
WELL_KNOWN = (22, 80, 443, 5432)
ICMP_TYPES = (8, 8, 8, 0, 3, 13)


class Packets:
    def __init__(self, rng: random.Random, raw: dict):
        self.rng, self.raw = rng, raw
        self.enis = raw.get("network_interfaces") or []
        self.ports = sorted(self._ports() | set(WELL_KNOWN))

    def _ports(self) -> set[int]:
        """The edges of every range that a rule names, and their neighbours."""
        edges: set[int] = set()
        ranges = [(rule.get("FromPort"), rule.get("ToPort")) for group in self.raw.get("security_groups") or ()
                  for rule in group["IpPermissions"] + group["IpPermissionsEgress"]]
        ranges += [(one["PortRange"]["From"], one["PortRange"]["To"]) for acl in self.raw.get("network_acls") or ()
                   for one in acl["Entries"] if "PortRange" in one]
        for first, last in ranges:
            if first is not None and last is not None:
                edges |= {first - 1, first, last, last + 1}
        return {port for port in edges if 0 <= port <= 65535}

    def make(self, count: int, name: str) -> list[dict]:
        return [self.one(f"{name}-{number + 1:03d}") for number in range(count)]

    def one(self, name: str) -> dict:
        chance, six = self.rng.random(), self.rng.random() < 0.25
        beyond = self._boundaries()
        if chance < 0.2 or not self.enis:
            sender = self.rng.choice(INTERNET6 if six else INTERNET)
            to = self._public(six)
        elif chance < 0.3 and beyond:
            sender = self.rng.choice(beyond)
            to = self._inside(False, sender.split()[1])
        else:
            eni = self._sender()
            six = six and self.rng.random() < (0.95 if eni["Ipv6Addresses"] else 0.2)
            sender, to = eni["NetworkInterfaceId"], self._any(six)
        made = packet(sender, to, name=name, **self._protocol(":" in to))
        if sender.startswith("eni-") and ":" not in to and self.rng.random() < 0.02:
            made["from"]["address"] = self._inside(False)
        return made

    def _sender(self) -> dict:
        """Any interface that something runs behind."""
        return self.rng.choice([one for one in self.enis if one["InterfaceType"] != "nat_gateway"])

    def _protocol(self, six: bool) -> dict:
        kind = self.rng.choices(("tcp", "udp", "icmp", 50), (75, 10, 11, 4))[0]
        if kind == "icmp":
            if six:
                return {"protocol": "icmpv6", "icmp_type": self.rng.choice((128, 1)), "icmp_code": 0}
            return {"protocol": kind, "icmp_type": self.rng.choice(ICMP_TYPES), "icmp_code": 0}
        port = self.rng.choice(WELL_KNOWN) if self.rng.random() < 0.5 else self.rng.choice(self.ports)
        return {"protocol": kind, "port": port, "source_port": self.rng.choice(SOURCE_PORTS)}

    def _boundaries(self) -> list[str]:
        """`gateway vpc address` for each way in from what was not read."""
        found = []
        for one in self.raw.get("vpn_gateways") or ():
            found.append(f"{one['VpnGatewayId']} {one['VpcAttachments'][0]['VpcId']} 10.129.0.5")
        for one in self.raw.get("vpc_peering_connections") or ():
            if one["AccepterVpcInfo"]["VpcId"] == "vpc-theirs":
                found.append(f"{one['VpcPeeringConnectionId']} {one['RequesterVpcInfo']['VpcId']} 10.200.0.5")
        for one in self.raw.get("transit_gateway_vpc_attachments") or ():
            found.append(f"tgw-1 {one['VpcId']} 10.250.0.5")
        return found

    def _any(self, six: bool) -> str:
        chance = self.rng.random()
        if chance < 0.4:
            return self._inside(six)
        if chance < 0.52:
            return self._public(six)
        if chance < 0.82:
            return self.rng.choice(INTERNET6 if six else INTERNET)
        if chance < 0.92 and not six:
            return self._routed()
        return self._edge(six)

    def _routed(self) -> str:
        """An address that some route is for in particular."""
        routes = [destination_of(one) for table in self.raw.get("route_tables") or () for one in table["Routes"]
                  if one.get("GatewayId") != "local"]
        blocks = [one for one in routes if "/" in one and ":" not in one and not one.endswith("/0")]
        return host(self.rng.choice(blocks), 4) if blocks else "10.0.0.4"

    def _inside(self, six: bool, vpc: str | None = None) -> str:
        enis = [one for one in self.enis if one["InterfaceType"] != "nat_gateway" or self.rng.random() < 0.2]
        if vpc and self.rng.random() < 0.9:
            enis = [one for one in enis if one["VpcId"] == vpc]
        own = [one["PrivateIpAddress"] for eni in enis for one in eni["PrivateIpAddresses"]]
        own6 = [one["Ipv6Address"] for eni in self.enis for one in eni["Ipv6Addresses"]]
        return self.rng.choice(own6 if six and own6 else own or ["10.0.0.4"])

    def _public(self, six: bool) -> str:
        if six:
            return self._inside(True) if any(eni["Ipv6Addresses"] for eni in self.enis) else INTERNET6[0]
        found = [one["Association"]["PublicIp"] for eni in self.enis for one in eni["PrivateIpAddresses"]
                 if "Association" in one and (eni["InterfaceType"] != "nat_gateway" or self.rng.random() < 0.2)]
        return self.rng.choice(found + ["192.0.2.250"])

    def _edge(self, six: bool) -> str:
        """The first, last and next address of some block that a subnet, VPC, route or prefix list names."""
        blocks = [one["CidrBlock"] for one in self.raw["subnets"] + self.raw["vpcs"]]
        blocks += [one["Cidr"] for group in self.raw.get("prefix_lists") or () for one in group["Entries"] or ()]
        routes = [destination_of(one) for table in self.raw.get("route_tables") or () for one in table["Routes"]]
        blocks += [one for one in routes if "/" in one and ":" not in one and not one.endswith("/0")]
        if six:
            blocks = [one for group in self.raw["vpcs"] + self.raw["subnets"] for one in ipv6_blocks(group)] or blocks
        block = self.rng.choice(blocks)
        if self.rng.random() < 0.15:
            return host(block, 2)
        last = network(block)[-1]
        return str(self.rng.choice((network(block)[0], last, last + 1 if int(last) < 2 ** 32 - 1 else last)))
