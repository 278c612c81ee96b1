"""VPCs and subnets: what a deletion takes along, and which subnets are default ones."""

from __future__ import annotations

from typing import Any


def install() -> None:
    """Patch moto's EC2 models."""
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.internet_gateways import InternetGateway

    original_subnet = EC2Backend.create_subnet
    original_default = EC2Backend.create_default_subnet

    def create_subnet(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Only a default VPC's subnets are default ones; moto takes the first of a zone for one."""
        made = original_subnet(self, *args, **kwargs)
        if not self.vpcs[made.vpc_id].is_default:
            made.default_for_az = made.map_public_ip_on_launch = False
        return made

    def create_default_subnet(self: Any, availability_zone: str) -> Any:
        made = original_default(self, availability_zone)
        made.default_for_az = made.map_public_ip_on_launch = True
        return made

    EC2Backend.create_subnet = create_subnet  # type: ignore[method-assign]
    EC2Backend.create_default_subnet = create_default_subnet  # type: ignore[method-assign]
    original_delete_subnet = EC2Backend.delete_subnet

    def delete_subnet(self: Any, subnet_id: str) -> Any:
        """A subnet's associations go with it."""
        for acl in self.network_acls.values():
            for key in [key for key, held in acl._associations.items() if held.subnet_id == subnet_id]:
                del acl._associations[key]
        for table in self.route_tables.values():
            for key in [key for key, held in table._associations.items() if held == subnet_id]:
                del table._associations[key]
        return original_delete_subnet(self, subnet_id)

    EC2Backend.delete_subnet = delete_subnet  # type: ignore[method-assign]
    original_delete_vpc = EC2Backend.delete_vpc

    def delete_vpc(self: Any, vpc_id: str) -> Any:
        """A VPC's network ACLs go with it."""
        gone = original_delete_vpc(self, vpc_id)
        for key in [key for key, acl in self.network_acls.items() if acl.vpc_id == vpc_id]:
            del self.network_acls[key]
        return gone

    EC2Backend.delete_vpc = delete_vpc  # type: ignore[method-assign]
    original_nat = EC2Backend.delete_nat_gateway

    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:
        """A NAT gateway's interface goes with it."""
        gone = original_nat(self, nat_gateway_id)
        for address in gone.address_set:
            self.enis.pop(address.get("networkInterfaceId"), None)
        return gone

    EC2Backend.delete_nat_gateway = delete_nat_gateway  # type: ignore[method-assign]
    original_attachments = InternetGateway.attachments

    def attachments(self: Any) -> list[dict[str, str]]:
        """`plumbline_state` overrides the state of the attachment."""
        held = original_attachments.fget(self)
        return [{**one, "State": self.__dict__.get("plumbline_state", one["State"])} for one in held]

    InternetGateway.attachments = property(attachments)  # type: ignore[assignment]
    original_vgw = EC2Backend.detach_vpn_gateway

    def detach_vpn_gateway(self: Any, vpn_gateway_id: str, vpc_id: str) -> Any:
        """A gateway that left propagates nothing."""
        for table in self.route_tables.values():
            held = table.__dict__.get("plumbline_vgws", [])
            if vpn_gateway_id in held:
                held.remove(vpn_gateway_id)
        return original_vgw(self, vpn_gateway_id, vpc_id)

    EC2Backend.detach_vpn_gateway = detach_vpn_gateway  # type: ignore[method-assign]
