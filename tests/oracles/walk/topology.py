"""What the Describe* answers show, looked up by id. A group that is not there was not read."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from .packet import Address, parse_address
from .rules import Refused, drop, unknown

Network = IPv4Network | IPv6Network
GROUPS = {
    "vpcs": "VpcId", "subnets": "SubnetId", "route_tables": "RouteTableId",
    "internet_gateways": "InternetGatewayId", "egress_only_internet_gateways": "EgressOnlyInternetGatewayId",
    "carrier_gateways": "CarrierGatewayId", "nat_gateways": "NatGatewayId", "vpn_gateways": "VpnGatewayId",
    "vpc_peering_connections": "VpcPeeringConnectionId", "transit_gateways": "TransitGatewayId",
    "transit_gateway_vpc_attachments": "TransitGatewayAttachmentId",
    "transit_gateway_route_tables": "TransitGatewayRouteTableId", "network_acls": "NetworkAclId",
    "security_groups": "GroupId", "network_interfaces": "NetworkInterfaceId", "vpc_endpoints": "VpcEndpointId",
    "prefix_lists": "PrefixListId", "vpc_block_public_access_exclusions": "ExclusionId",
}
OPTIONS = "vpc_block_public_access_options"
GONE = ("disassociated", "disassociating", "failed", "failing")


@lru_cache(maxsize=None)
def network(text: str) -> Network:
    return ip_network(text, strict=False)


@lru_cache(maxsize=None)
def _span(cidr: str) -> tuple[int, int, int]:
    block = network(cidr)
    return block.version, int(block.network_address), int(block.broadcast_address)


def inside(address: Address, cidr: str) -> bool:
    version, first, last = _span(cidr)
    return version == address.version and first <= int(address) <= last


class Topology:
    """One topology; `raw` has the groups of GROUPS and OPTIONS."""

    def __init__(self, raw: dict):
        strange = set(raw) - set(GROUPS) - {OPTIONS}
        if strange:
            raise Refused(f"groups not known: {sorted(strange)}")
        self.raw = raw
        self.by_id = {name: {one[key]: one for one in raw.get(name) or ()} for name, key in GROUPS.items()}

    def read(self, group: str) -> bool:
        return self.raw.get(group) is not None

    def all(self, group: str, at: str) -> list[dict]:
        """Everything of a group; UNKNOWN where it was not read."""
        if not self.read(group):
            raise unknown(at, "not-read")
        return self.raw[group]

    def find(self, group: str, name: str) -> dict:
        """One of a group; UNKNOWN where no read showed it."""
        one = self.by_id[group].get(name)
        if one is None:
            raise unknown(name, "not-read")
        return one

    def seen(self, group: str, name: str) -> bool:
        return name in self.by_id[group]

    # Blocks and addresses

    def vpc_blocks(self, vpc: str) -> list[str]:
        """All CIDR blocks of a VPC that are associated: primary, secondary, IPv6 ("VPC CIDR blocks")."""
        one = self.find("vpcs", vpc)
        blocks = [entry["CidrBlock"] for entry in one.get("CidrBlockAssociationSet") or ()
                  if (entry.get("CidrBlockState") or {}).get("State", "associated") not in GONE]
        if one.get("CidrBlock") and one["CidrBlock"] not in blocks:
            blocks.append(one["CidrBlock"])
        return blocks + ipv6_blocks(one)

    def in_vpc(self, address: Address, vpc: str) -> bool:
        return any(inside(address, block) for block in self.vpc_blocks(vpc))

    def in_subnet(self, address: Address, subnet: str) -> bool:
        one = self.find("subnets", subnet)
        blocks = ([one["CidrBlock"]] if one.get("CidrBlock") else []) + ipv6_blocks(one)
        return any(inside(address, block) for block in blocks)

    def is_reserved(self, address: Address, vpc: str) -> bool:
        """Link-local services, and the resolver at the base of a VPC block plus two ("Subnet CIDR blocks")."""
        if address.is_link_local or inside(address, "fd00:ec2::/32"):
            return True
        blocks = [block for block in self.vpc_blocks(vpc) if network(block).version == address.version == 4]
        return any(address == network(block).network_address + 2 for block in blocks)

    # Interfaces

    def owners(self, address: Address, vpc: str) -> list[dict]:
        """Interfaces of the VPC that have the address inside it."""
        return [eni for eni in self.all("network_interfaces", vpc)
                if eni["VpcId"] == vpc and address in addresses(eni)]

    def owner(self, address: Address, vpc: str) -> dict:
        found = self.owners(address, vpc)
        if not found:
            raise drop(vpc, "no-interface")
        if len(found) > 1:
            raise unknown(vpc, "several-interfaces")
        return found[0]

    def public_owner(self, address: Address, at: str) -> tuple[dict, Address] | None:
        """The interface with this public address, and its address inside the VPC: for IPv6 they are the same."""
        for eni in self.all("network_interfaces", at):
            if address.version == 6 and address in addresses(eni):
                return eni, address
            for own, public in public_addresses(eni).items():
                if public == address:
                    return eni, own
        return None

    def nat_of(self, eni: str) -> dict | None:
        """The NAT gateway that the interface belongs to."""
        for nat in self.raw.get("nat_gateways") or ():
            if any(one.get("NetworkInterfaceId") == eni for one in nat.get("NatGatewayAddresses") or ()):
                return nat
        return None


def ipv6_blocks(one: dict) -> list[str]:
    return [entry["Ipv6CidrBlock"] for entry in one.get("Ipv6CidrBlockAssociationSet") or ()
            if (entry.get("Ipv6CidrBlockState") or {}).get("State", "associated") not in GONE]


def addresses(eni: dict) -> list[Address]:
    """The addresses inside the VPC, the primary one first."""
    private = sorted(eni.get("PrivateIpAddresses") or (), key=lambda one: not one.get("Primary", False))
    return ([parse_address(one["PrivateIpAddress"]) for one in private]
            + [parse_address(one["Ipv6Address"]) for one in eni.get("Ipv6Addresses") or ()])


def public_addresses(eni: dict) -> dict[Address, Address]:
    """Private address to the public address that is associated with it."""
    return {parse_address(one["PrivateIpAddress"]): parse_address(one["Association"]["PublicIp"])
            for one in eni.get("PrivateIpAddresses") or () if (one.get("Association") or {}).get("PublicIp")}


def carrier_addresses(eni: dict) -> list[Address]:
    return [parse_address(one["Association"]["CarrierIp"]) for one in eni.get("PrivateIpAddresses") or ()
            if (one.get("Association") or {}).get("CarrierIp")]


def first_address(eni: dict, version: int) -> Address | None:
    return next((one for one in addresses(eni) if one.version == version), None)
