"""Topologies in a few words: what tests and the generator put together."""

from __future__ import annotations

from .topology import GROUPS, OPTIONS, ipv6_blocks, network

FIELDS = {"igw-": "GatewayId", "vgw-": "GatewayId", "local": "GatewayId", "nat-": "NatGatewayId",
          "pcx-": "VpcPeeringConnectionId", "tgw-": "TransitGatewayId", "eigw-": "EgressOnlyInternetGatewayId",
          "eni-": "NetworkInterfaceId", "cagw-": "CarrierGatewayId", "arn:": "CoreNetworkArn"}
EVERYWHERE = ("0.0.0.0/0", "::/0")


def destination(text: str) -> dict:
    if text.startswith("pl-"):
        return {"DestinationPrefixListId": text}
    return {"DestinationIpv6CidrBlock" if ":" in text else "DestinationCidrBlock": text}


def route(text: str, target: str, state: str = "active", origin: str = "CreateRoute") -> dict:
    """A route; an endpoint stands in GatewayId, where DescribeRouteTables shows it."""
    field = next((name for start, name in FIELDS.items() if target.startswith(start)), "GatewayId")
    return {**destination(text), field: target, "State": state, "Origin": origin}


def rule(protocol: str, peers: str | list[str], first: int | None = None, last: int | None = None,
         peering: str | None = None) -> dict:
    """A permission of a security group: peers are CIDRs, prefix lists or groups."""
    made: dict = {"IpProtocol": protocol}
    if first is not None:
        made |= {"FromPort": first, "ToPort": first if last is None else last}
    for peer in [peers] if isinstance(peers, str) else peers:
        if peer.startswith("pl-"):
            made.setdefault("PrefixListIds", []).append({"PrefixListId": peer})
        elif peer.startswith("sg-"):
            pair = {"GroupId": peer, **({"VpcPeeringConnectionId": peering} if peering else {})}
            made.setdefault("UserIdGroupPairs", []).append(pair)
        elif ":" in peer:
            made.setdefault("Ipv6Ranges", []).append({"CidrIpv6": peer})
        else:
            made.setdefault("IpRanges", []).append({"CidrIp": peer})
    return made


def entry(number: int, action: str, cidr: str, egress: bool = False, protocol: str = "-1", first: int | None = None,
          last: int | None = None) -> dict:
    """An entry of a network ACL; for icmp first and last are type and code."""
    made: dict = {"RuleNumber": number, "RuleAction": action, "Egress": egress, "Protocol": protocol}
    made["Ipv6CidrBlock" if ":" in cidr else "CidrBlock"] = cidr
    if protocol in ("1", "58"):
        made["IcmpTypeCode"] = {"Type": first, "Code": last}
    elif first is not None:
        made["PortRange"] = {"From": first, "To": first if last is None else last}
    return made


def open_entries() -> list[dict]:
    return [entry(100 + 5 * one, "allow", cidr, egress) for egress in (False, True)
            for one, cidr in enumerate(EVERYWHERE)]


def packet(sender: str, to: str, port: int = 443, name: str = "p", protocol: str = "tcp", source_port: int = 40000,
           **more) -> dict:
    """A packet; the sender is an interface, an address on the internet, or `boundary vpc address`."""
    words = sender.split()
    if len(words) == 3:
        begin = {"peer_beyond": words[0], "vpc_id": words[1], "address": words[2]}
    else:
        begin = {"eni" if sender.startswith("eni-") else "internet": sender}
    made = {"id": name, "from": begin, "to": {"address": to}, "protocol": protocol}
    if protocol in ("tcp", "udp"):
        made |= {"source_port": source_port, "port": port}
    return made | more


class Net:
    """A topology in the making; everything that is not said is the ordinary case."""

    def __init__(self):
        self.raw: dict = {name: [] for name in GROUPS}
        self.raw[OPTIONS] = {"InternetGatewayBlockMode": "off", "State": "default-state"}

    def add(self, group: str, one: dict) -> dict:
        self.raw[group].append(one)
        return one

    def get(self, name: str) -> dict:
        return next(one for group, key in GROUPS.items() for one in self.raw[group] if one[key] == name)

    def vpc(self, name: str, *blocks: str) -> None:
        four = [block for block in blocks if ":" not in block]
        self.add("vpcs", {
            "VpcId": name, "CidrBlock": four[0], "State": "available",
            "CidrBlockAssociationSet": [{"CidrBlock": one, "CidrBlockState": {"State": "associated"}} for one in four],
            "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": one, "Ipv6CidrBlockState": {"State": "associated"}}
                                            for one in blocks if ":" in one]})

    def subnet(self, name: str, vpc: str, *blocks: str, zone: str = "eu-west-1a") -> None:
        four = [block for block in blocks if ":" not in block]
        self.add("subnets", {
            "SubnetId": name, "VpcId": vpc, "AvailabilityZone": zone, "CidrBlock": four[0],
            "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": one, "Ipv6CidrBlockState": {"State": "associated"}}
                                            for one in blocks if ":" in one]})

    def table(self, name: str, vpc: str, *routes: dict, on: tuple[str, ...] = (), main: bool = False) -> None:
        """A route table with its local routes; `on` are subnets or, for an edge association, gateways."""
        one = self.get(vpc)
        blocks = [entry["CidrBlock"] for entry in one["CidrBlockAssociationSet"]] + ipv6_blocks(one)
        named = {destination_of(route) for route in routes}
        local = [route(block, "local", origin="CreateRouteTable") for block in blocks if block not in named]
        places = [{"SubnetId" if one.startswith("subnet-") else "GatewayId": one, "Main": False} for one in on]
        if main:
            places.append({"Main": True})
        for place in places:
            place["AssociationState"] = {"State": "associated"}
        self.add("route_tables", {"RouteTableId": name, "VpcId": vpc, "Associations": places,
                                  "Routes": local + list(routes)})

    def acl(self, name: str, *entries: dict, on: tuple[str, ...]) -> None:
        self.add("network_acls", {"NetworkAclId": name, "VpcId": self.get(on[0])["VpcId"], "IsDefault": False,
                                  "Associations": [{"SubnetId": one} for one in on], "Entries": list(entries)})

    def group(self, name: str, vpc: str, *ingress: dict, egress: list[dict] | None = None) -> None:
        everything = [rule("-1", list(EVERYWHERE))]
        self.add("security_groups", {"GroupId": name, "VpcId": vpc, "IpPermissions": list(ingress),
                                     "IpPermissionsEgress": everything if egress is None else egress})

    def eni(self, name: str, subnet: str, *own: str, public: str | None = None, groups: tuple[str, ...] = (),
            check: bool = True, kind: str = "interface", instance: str | None = None) -> None:
        """An interface; `own` are its addresses, `public` goes with the first of them."""
        private = [{"PrivateIpAddress": one, "Primary": not number}
                   for number, one in enumerate(one for one in own if ":" not in one)]
        if public:
            private[0]["Association"] = {"PublicIp": public}
        self.add("network_interfaces", {
            "NetworkInterfaceId": name, "SubnetId": subnet, "VpcId": self.get(subnet)["VpcId"], "InterfaceType": kind,
            "SourceDestCheck": check, "Groups": [{"GroupId": one} for one in groups], "PrivateIpAddresses": private,
            "Ipv6Addresses": [{"Ipv6Address": one} for one in own if ":" in one],
            "Attachment": {"InstanceId": instance or "i-" + name.removeprefix("eni-")}})

    def nat(self, name: str, subnet: str, own: str, public: str | None = None, state: str = "available") -> None:
        """A NAT gateway, public or private, and its interface."""
        interface = "eni-" + name
        self.eni(interface, subnet, own, public=public, check=False, kind="nat_gateway", instance=name)
        self.get(interface).pop("Attachment")
        place = {"NetworkInterfaceId": interface, "PrivateIp": own, **({"PublicIp": public} if public else {})}
        self.add("nat_gateways", {"NatGatewayId": name, "VpcId": self.get(subnet)["VpcId"], "SubnetId": subnet,
                                  "State": state, "ConnectivityType": "public" if public else "private",
                                  "AvailabilityMode": "zonal", "NatGatewayAddresses": [place]})

    def igw(self, name: str, vpc: str) -> None:
        self.add("internet_gateways", {"InternetGatewayId": name,
                                       "Attachments": [{"VpcId": vpc, "State": "available"}]})

    def egress_only(self, name: str, vpc: str) -> None:
        self.add("egress_only_internet_gateways", {"EgressOnlyInternetGatewayId": name,
                                                   "Attachments": [{"VpcId": vpc, "State": "attached"}]})

    def vpn(self, name: str, vpc: str) -> None:
        self.add("vpn_gateways", {"VpnGatewayId": name, "VpcAttachments": [{"VpcId": vpc, "State": "attached"}]})

    def peering(self, name: str, requester: str, accepter: str, status: str = "active",
                blocks: tuple[str, ...] = ()) -> None:
        """A connection; `blocks` are those of the accepter, where it is another account's."""
        self.add("vpc_peering_connections", {
            "VpcPeeringConnectionId": name, "Status": {"Code": status}, "RequesterVpcInfo": {"VpcId": requester},
            "AccepterVpcInfo": {"VpcId": accepter, "CidrBlockSet": [{"CidrBlock": one} for one in blocks]}})

    def attachment(self, name: str, gateway: str, vpc: str, *subnets: str, state: str = "available") -> None:
        self.add("transit_gateway_vpc_attachments", {
            "TransitGatewayAttachmentId": name, "TransitGatewayId": gateway, "VpcId": vpc, "State": state,
            "SubnetIds": list(subnets)})

    def transit_table(self, name: str, gateway: str, on: tuple[str, ...], *routes: tuple[str, str]) -> None:
        """A transit gateway route table; a route is a block and an attachment, or `blackhole`."""
        made = [{"DestinationCidrBlock": block, "Type": "static",
                 "State": "blackhole" if target == "blackhole" else "active",
                 "TransitGatewayAttachments": [] if target == "blackhole" else [
                     {"TransitGatewayAttachmentId": target, "ResourceType": "vpc"}]} for block, target in routes]
        self.add("transit_gateway_route_tables", {
            "TransitGatewayRouteTableId": name, "TransitGatewayId": gateway, "Routes": made,
            "Associations": [{"TransitGatewayAttachmentId": one} for one in on]})

    def prefix_list(self, name: str, *blocks: str) -> None:
        self.add("prefix_lists", {"PrefixListId": name, "Entries": [{"Cidr": one} for one in blocks],
                                  "AddressFamily": "IPv6" if blocks and ":" in blocks[0] else "IPv4"})

    def endpoint(self, name: str, vpc: str, kind: str = "Gateway", subnets: tuple[str, ...] = ()) -> None:
        self.add("vpc_endpoints", {"VpcEndpointId": name, "VpcId": vpc, "VpcEndpointType": kind, "State": "available",
                                   "SubnetIds": list(subnets)})

    def block(self, mode: str, **exclusions: str) -> None:
        """Block Public Access; exclusions are `vpc_a="allow-egress"` for vpc-a."""
        self.raw[OPTIONS] = {"InternetGatewayBlockMode": mode, "State": "update-complete"}
        for name, allowed in exclusions.items():
            name = name.replace("_", "-")
            arn = f"arn:aws:ec2:eu-west-1:111122223333:{name.split('-')[0]}/{name}"
            self.add("vpc_block_public_access_exclusions", {
                "ExclusionId": f"vpcbpa-exclude-{name}", "ResourceArn": arn, "State": "create-complete",
                "InternetGatewayExclusionMode": allowed})

    def topology(self) -> dict:
        """With an open ACL for each subnet that has none."""
        having = {one["SubnetId"] for acl in self.raw["network_acls"] for one in acl["Associations"]}
        for subnet in self.raw["subnets"]:
            if subnet["SubnetId"] not in having:
                self.acl("acl-" + subnet["SubnetId"], *open_entries(), on=(subnet["SubnetId"],))
        return self.raw


def destination_of(one: dict) -> str:
    return next(one[key] for key in ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
                if key in one)


def host(block: str, number: int) -> str:
    """The address at a place of a block; negative numbers count from its end."""
    blocks = network(block)
    return str(blocks[number % blocks.num_addresses])
