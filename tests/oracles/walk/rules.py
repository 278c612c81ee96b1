"""Every rule that can carry or decide a packet, with the title of the AWS documentation page that it comes from."""

from __future__ import annotations

ROUTES = "Configure route tables"
PRIORITY = "How route priority works"
SUBNET_TABLES = "Subnet route tables"
EDGE = "Gateway route tables"
ACL = "Control subnet traffic with network access control lists"
GROUPS = "Security group rules"
TRACKING = "Amazon EC2 security group connection tracking"
IGW = "Enable internet access for a VPC using an internet gateway"
EIGW = "Enable outbound IPv6 traffic using an egress-only internet gateway"
NAT = "NAT gateways"
NAT_BASICS = "NAT gateway basics"
NAT_INSTANCE = "NAT instances"
PEERING = "How VPC peering connections work"
TRANSIT = "Amazon VPC attachments in AWS Transit Gateway"
TRANSIT_TABLES = "How AWS Transit Gateway works"
TRANSIT_ACL = "How Network ACLs work with transit gateways"
GATEWAY_ENDPOINT = "Gateway endpoints"
BALANCER_ENDPOINT = "Access virtual appliances through AWS PrivateLink"
BPA = "Block public access to VPCs and subnets"
BPA_BASICS = "VPC BPA basics"
ADDRESSING = "IP addressing for your VPCs and subnets"
VPN = "How AWS Site-to-Site VPN works"
CARRIER = "Extend VPC resources to AWS Wavelength Zones"
NOT_READ = "(none: a read did not show it)"

RULES = {
    # How a packet leaves its sender.
    "sender": ADDRESSING,
    "no-source-address": ADDRESSING,
    "reserved-address": "Subnet CIDR blocks",
    "source-check": NAT_INSTANCE,
    "destination-check": NAT_INSTANCE,
    "same-subnet": SUBNET_TABLES,
    "subnet-route": SUBNET_TABLES,
    "main-route": SUBNET_TABLES,
    "no-route": ROUTES,
    "route-tie": PRIORITY,
    "blackhole": ROUTES,
    "prefix-list-unread": NOT_READ,
    "prefix-list-inside": PRIORITY,
    "local": ROUTES,
    "no-interface": ADDRESSING,
    "several-interfaces": ADDRESSING,
    "not-read": NOT_READ,
    "unknown-target": NOT_READ,
    "beyond-target": NOT_READ,
    "loop": ROUTES,
    # Filters.
    "acl-allow": ACL,
    "acl-deny": ACL,
    "acl-default-deny": ACL,
    "acl-transit-deny": TRANSIT_ACL,
    "acl-transit-default-deny": TRANSIT_ACL,
    "acl-unknown": NOT_READ,
    "group-allow": GROUPS,
    "group-tracked": TRACKING,
    "group-egress-deny": GROUPS,
    "group-ingress-deny": GROUPS,
    "group-unknown": NOT_READ,
    # Ends of a way.
    "delivered": ADDRESSING,
    "internet": IGW,
    "endpoint-service": GATEWAY_ENDPOINT,
    # The internet gateway, and what the internet sends.
    "igw-translate": IGW,
    "igw-ipv6": IGW,
    "igw-not-attached": IGW,
    "igw-no-public-address": IGW,
    "igw-private-source": "Private IPv6 addresses",
    "igw-private-nat": NAT,
    "igw-private-destination": ADDRESSING,
    "igw-in": IGW,
    "not-ours": ADDRESSING,
    "edge-route": EDGE,
    "edge-no-public-address": EDGE,
    "carrier": CARRIER,
    "egress-only-out": EIGW,
    "egress-only-not-attached": EIGW,
    "egress-only-ipv4": EIGW,
    "egress-only-no-ipv6-block": EIGW,
    "egress-only-in": EIGW,
    "egress-only-reply": EIGW,
    "bpa-block": BPA,
    "bpa-excluded": BPA,
    "bpa-unknown": BPA_BASICS,
    # NAT.
    "nat-translate": NAT,
    "nat-reply": NAT,
    "nat-unsolicited": NAT,
    "nat-not-available": NAT,
    "nat-protocol": NAT_BASICS,
    "nat-unknown": NAT_BASICS,
    "instance-unchanged": NAT_INSTANCE,
    "instance-translate": NAT_INSTANCE,
    "instance-reply": NAT_INSTANCE,
    "instance-unknown": NAT_INSTANCE,
    # Between networks.
    "peering": PEERING,
    "peering-not-active": PEERING,
    "peering-not-transitive": PEERING,
    "peering-unknown": PEERING,
    "beyond-peering": PEERING,
    "transit": TRANSIT_TABLES,
    "transit-not-attached": TRANSIT,
    "transit-zone": TRANSIT,
    "transit-no-route": TRANSIT_TABLES,
    "transit-blackhole": TRANSIT_TABLES,
    "beyond-transit": TRANSIT_TABLES,
    "beyond-vpn": VPN,
    "vpn-not-attached": VPN,
    "vpn-not-transitive": VPN,
    "returned": VPN,
    # Endpoints.
    "endpoint-not-available": GATEWAY_ENDPOINT,
    "endpoint-not-extended": GATEWAY_ENDPOINT,
    "endpoint-unknown": GATEWAY_ENDPOINT,
    "balancer-endpoint": BALANCER_ENDPOINT,
    # The answer as a whole.
    "readings-differ": NOT_READ,
    "reply-other-flow": TRACKING,
    "reply-other-place": ROUTES,
    "refused": NOT_READ,
}

DELIVERED, DROPPED, UNKNOWN = "DELIVERED", "DROPPED", "UNKNOWN"


class Stop(Exception):
    """The packet's way ends here."""

    def __init__(self, verdict: str, at: str, rule: str):
        super().__init__(f"{verdict} at {at}: {rule}")
        self.verdict, self.at, self.rule = verdict, at, rule


def drop(at: str, rule: str) -> Stop:
    return Stop(DROPPED, at, rule)


def unknown(at: str, rule: str) -> Stop:
    return Stop(UNKNOWN, at, rule)


class Refused(Exception):
    """The line is not of the form that the README gives."""
