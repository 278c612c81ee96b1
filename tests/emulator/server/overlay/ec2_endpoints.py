"""VPC endpoints: interfaces of their own, deletion, gateways' routes, private DNS."""

from __future__ import annotations

import contextlib
from typing import Any


def install(backend: Any, endpoint: Any, response: Any) -> None:
    """Patch the classes given."""
    original_create = backend.create_vpc_endpoint

    def create_vpc_endpoint(self: Any, *args: Any, **kwargs: Any) -> Any:
        kwargs["endpoint_type"] = kwargs.get("endpoint_type") or "Gateway"
        if kwargs["endpoint_type"] != "Interface":
            kwargs["private_dns_enabled"] = False
        made = original_create(self, *args, **kwargs)
        if made.vpc_endpoint_type == "GatewayLoadBalancer":
            # It takes no policy, and shows none.
            made.policy_document = None
        if made.vpc_endpoint_type == "Interface":
            if not made.security_group_ids:
                default = self.get_security_group_from_name("default", vpc_id=made.vpc_id)
                made.security_group_ids = [default.id]
            for eni_id in made.network_interface_ids:
                _dress(self, made, self.enis[eni_id])
            short = made.service_name.removeprefix(f"com.amazonaws.{self.region_name}.")
            made.dns_entries = [
                {
                    "dns_name": f"{made.id}-{made.id[-8:]}.{short}.{self.region_name}.vpce.amazonaws.com",
                    "hosted_zone_id": "Z38GZ743OKFT7T",
                }
            ]
        return made

    backend.create_vpc_endpoint = create_vpc_endpoint

    def delete_vpc_endpoints(self: Any, vpce_ids: list[str] | None = None) -> None:
        """A deleted endpoint goes, with its interfaces and its routes."""
        for one in vpce_ids or []:
            gone = self.vpc_end_points.pop(one, None)
            if gone is None:
                continue
            for eni_id in gone.network_interface_ids or []:
                self.enis.pop(eni_id, None)
            for table in gone.route_table_ids or []:
                _unroute(self, gone, table)

    backend.delete_vpc_endpoints = delete_vpc_endpoints
    original_modify = backend.modify_vpc_endpoint

    def modify_vpc_endpoint(self: Any, **kwargs: Any) -> None:
        found = self.get_vpc_end_point(kwargs["vpc_id"])
        original_modify(self, **kwargs)
        for table in kwargs.get("remove_route_tables") or []:
            _unroute(self, found, table)
        for table in kwargs.get("add_route_tables") or []:
            if found.destination_prefix_list_id:
                with contextlib.suppress(Exception):
                    self.create_route(
                        table, None, gateway_id=found.id, destination_prefix_list_id=found.destination_prefix_list_id
                    )
        if found.vpc_endpoint_type == "Interface":
            held = {self.enis[e].subnet.id: e for e in found.network_interface_ids if e in self.enis}
            for subnet, eni_id in list(held.items()):
                if subnet not in found.subnet_ids:
                    self.enis.pop(eni_id, None)
                    found.network_interface_ids.remove(eni_id)
            for subnet in found.subnet_ids:
                if subnet not in held:
                    eni = self.create_network_interface(subnet, "")
                    found.network_interface_ids.append(eni.id)
            for eni_id in found.network_interface_ids:
                _dress(self, found, self.enis[eni_id])

    backend.modify_vpc_endpoint = modify_vpc_endpoint
    original_response = response.modify_vpc_endpoint

    def modify_response(self: Any) -> Any:
        answer = original_response(self)
        found = self.ec2_backend.get_vpc_end_point(self._get_param("VpcEndpointId"))
        if self._get_param("ResetPolicy"):
            import json

            found.policy_document = json.dumps(type(found).DEFAULT_POLICY)
        private = self._get_bool_param("PrivateDnsEnabled")
        if private is not None and found.vpc_endpoint_type == "Interface":
            found.private_dns_enabled = private
        return answer

    modify_response.__name__ = "modify_vpc_endpoint"
    response.modify_vpc_endpoint = modify_response
    endpoint.ip_address_type = property(lambda self: "ipv4" if self.vpc_endpoint_type == "Interface" else None)
    endpoint.requester_managed = property(lambda self: self.__dict__.get("plumbline_requester_managed", False))
    endpoint.service_region = property(
        lambda self: self.__dict__.get("plumbline_service_region") or self.ec2_backend.region_name
    )
    original_new = response.create_vpc_endpoint

    def create_response(self: Any) -> Any:
        answer = original_new(self)
        region = self._get_param("ServiceRegion")
        if region:
            answer.result["VpcEndpoint"].__dict__["plumbline_service_region"] = region
        return answer

    create_response.__name__ = "create_vpc_endpoint"
    response.create_vpc_endpoint = create_response


def _unroute(self: Any, found: Any, table: str) -> None:
    if found.destination_prefix_list_id:
        with contextlib.suppress(Exception):
            self.delete_route(table, None, destination_prefix_list_id=found.destination_prefix_list_id)


def _dress(self: Any, found: Any, eni: Any) -> None:
    """The interface of an endpoint: its groups, its kind, an address of its subnet."""
    from .ec2 import address_in

    groups = [self.get_security_group_from_id(one) for one in found.security_group_ids]
    eni._group_set = [group for group in groups if group is not None]
    eni.interface_type, eni.requester_managed = "vpc_endpoint", True
    eni.status, eni.description = "in-use", f"VPC Endpoint Interface {found.id}"
    taken = {one.private_ip_address for one in self.enis.values() if one is not eni}
    address = address_in(eni.subnet, taken)
    if eni.private_ip_address in taken or not _within(eni):
        eni.private_ip_address = address
        eni.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]


def _within(eni: Any) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(eni.private_ip_address) in ipaddress.ip_network(eni.subnet.cidr_block)
    except ValueError:
        return False
