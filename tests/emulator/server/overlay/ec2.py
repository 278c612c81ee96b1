"""EC2: the operations moto lacks, and the states it does not show."""

from __future__ import annotations

import ipaddress
from typing import Any

from ..state import store


def install() -> None:
    """Patch moto's EC2."""
    from moto.core.responses import ActionResult, EmptyResult
    from moto.ec2.models.nat_gateways import NatGateway
    from moto.ec2.models.route_tables import Route, RouteTable
    from moto.ec2.models.vpcs import VPCBackend, VPCEndPoint
    from moto.ec2.responses import EC2Response
    from moto.ec2.utils import add_tag_specification, random_nat_gateway_id

    from . import ec2_access, ec2_endpoints, ec2_network

    ec2_network.install()

    ec2_endpoints.install(VPCBackend, VPCEndPoint, EC2Response)
    ec2_access.install(EC2Response, ActionResult)

    def get_ebs_default_kms_key_id(self: Any) -> Any:
        key = getattr(self.ec2_backend, "default_kms_key_id", None) or getattr(
            self.ec2_backend, "ebs_default_kms_key_id", None
        )
        return ActionResult({"KmsKeyId": key or "alias/aws/ebs"})

    def modify_ebs_default_kms_key_id(self: Any) -> Any:
        key = self._get_param("KmsKeyId")
        if not str(key).startswith("arn:") and not str(key).startswith("alias/"):
            key = f"arn:aws:kms:{self.region}:{self.current_account}:key/{key}"
        self.ec2_backend.__dict__["default_kms_key_id"] = key
        return ActionResult({"KmsKeyId": key})

    def reset_ebs_default_kms_key_id(self: Any) -> Any:
        self.ec2_backend.__dict__["default_kms_key_id"] = None
        return ActionResult({"KmsKeyId": "alias/aws/ebs"})

    for method in (get_ebs_default_kms_key_id, modify_ebs_default_kms_key_id, reset_ebs_default_kms_key_id):
        setattr(EC2Response, method.__name__, method)

    # -- routes: propagation, and a target that is gone makes a blackhole ------------------------------------------

    RouteTable.propagating_vgws = property(  # type: ignore[attr-defined]
        lambda self: [{"GatewayId": one} for one in self.__dict__.get("plumbline_vgws", [])]
    )

    def enable_vgw_route_propagation(self: Any) -> Any:
        table = self.ec2_backend.get_route_table(self._get_param("RouteTableId"))
        gateway = self.ec2_backend.get_vpn_gateway(self._get_param("GatewayId"))
        held = store(table, "plumbline_vgws", list)
        if gateway.id not in held:
            held.append(gateway.id)
        return EmptyResult()

    def disable_vgw_route_propagation(self: Any) -> Any:
        table = self.ec2_backend.get_route_table(self._get_param("RouteTableId"))
        held = store(table, "plumbline_vgws", list)
        if self._get_param("GatewayId") in held:
            held.remove(self._get_param("GatewayId"))
        return EmptyResult()

    EC2Response.enable_vgw_route_propagation = enable_vgw_route_propagation
    EC2Response.disable_vgw_route_propagation = disable_vgw_route_propagation
    Route.state = property(_route_state)  # type: ignore[assignment]
    Route.core_network_arn = property(lambda self: self.__dict__.get("plumbline_core"))  # type: ignore[attr-defined]
    Route.local_gateway_id = property(lambda self: self.__dict__.get("plumbline_local"))  # type: ignore[attr-defined]
    Route.instance_owner_id = property(  # type: ignore[attr-defined]
        lambda self: self.route_table.ec2_backend.account_id if self.instance else None
    )
    original_create_route = EC2Response.create_route

    def create_route(self: Any) -> Any:
        core, local = self._get_param("CoreNetworkArn"), self._get_param("LocalGatewayId")
        answer = original_create_route(self)
        if core or local:
            table = self.ec2_backend.get_route_table(self._get_param("RouteTableId"))
            route = list(table._routes.values())[-1]
            route.__dict__["plumbline_core"], route.__dict__["plumbline_local"] = core, local
        return answer

    EC2Response.create_route = create_route  # type: ignore[method-assign]

    # -- NAT gateways: the connectivity type's default, and regional ones ------------------------------------------

    def create_nat_gateway(self: Any) -> Any:
        tags = add_tag_specification(self._get_param("TagSpecifications", []))
        kind = self._get_param("ConnectivityType") or "public"
        if (self._get_param("AvailabilityMode") or "zonal") == "regional":
            vpc = self.ec2_backend.get_vpc(self._get_param("VpcId"))
            gateway = NatGateway.__new__(NatGateway)
            gateway.id, gateway.subnet_id, gateway.vpc_id = random_nat_gateway_id(), None, vpc.id  # type: ignore[assignment]
            gateway.address_set, gateway.state, gateway.connectivity_type = [], "available", kind
            gateway.ec2_backend = self.ec2_backend
            gateway._created_at = vpc.__dict__.get("created", None) or _now()
            gateway.add_tags(tags or {})
            gateway.__dict__["plumbline_mode"] = "regional"
            self.ec2_backend.nat_gateways[gateway.id] = gateway
        else:
            gateway = self.ec2_backend.create_nat_gateway(
                subnet_id=self._get_param("SubnetId"),
                allocation_id=self._get_param("AllocationId"),
                tags=tags,
                connectivity_type=kind,
            )
        return ActionResult({"NatGateway": gateway})

    EC2Response.create_nat_gateway = create_nat_gateway  # type: ignore[method-assign]
    NatGateway.availability_mode = property(  # type: ignore[attr-defined]
        lambda self: self.__dict__.get("plumbline_mode", "zonal")
    )

    # -- flow logs: the filter on delivery status ------------------------------------------------------------------

    from moto.ec2.models.flow_logs import FlowLogs

    original_filter = FlowLogs.get_filter_value

    def filter_value(self: Any, filter_name: str, method_name: str | None = None) -> Any:
        if filter_name == "deliver-log-status":
            return self.deliver_logs_status
        return original_filter(self, filter_name, method_name)

    FlowLogs.get_filter_value = filter_value  # type: ignore[method-assign]
    original_flow = EC2Response.create_flow_logs

    def create_flow_logs(self: Any) -> Any:
        answer = original_flow(self)
        for one in answer.result.get("FlowLogIds", []):
            log = self.ec2_backend.flow_logs[one]
            if (
                log.log_destination_type in (None, "cloud-watch-logs")
                and log.log_group_name
                and not log.log_destination
            ):
                log.log_destination_type = "cloud-watch-logs"
                log.log_destination = (
                    f"arn:aws:logs:{self.region}:{self.current_account}:log-group:{log.log_group_name}"
                )
        return answer

    EC2Response.create_flow_logs = create_flow_logs  # type: ignore[method-assign]


def _now() -> Any:
    from moto.core.utils import utcnow

    return utcnow()


def _route_state(route: Any) -> str:
    """`blackhole` when the target is deleted, or detached from the table's VPC."""
    backend, vpc = route.route_table.ec2_backend, route.route_table.vpc_id
    gateway = route.gateway
    if gateway is not None and not route.local:
        if gateway.id.startswith("igw-"):
            found = backend.internet_gateways.get(gateway.id)
            attached = found is not None and any(
                a.get("VpcId") == vpc if isinstance(a, dict) else a.vpc_id == vpc for a in (found.attachments or [])
            )
            if not attached:
                return "blackhole"
        if gateway.id.startswith("vgw-"):
            held = gateway.attachments.get(vpc)
            if held is None or held.state != "attached":
                return "blackhole"
        if gateway.id.startswith("vpce-") and gateway.id not in backend.vpc_end_points:
            return "blackhole"
    if route.nat_gateway is not None and route.nat_gateway.state in ("deleted", "failed"):
        return "blackhole"
    if route.vpc_pcx is not None and route.vpc_pcx._status.code != "active":
        return "blackhole"
    if route.interface is not None and route.interface.id not in backend.enis:
        return "blackhole"
    if route.egress_only_igw is not None and route.egress_only_igw.id not in backend.egress_only_internet_gateways:
        return "blackhole"
    if route.carrier_gateway is not None and route.carrier_gateway.id not in backend.carrier_gateways:
        return "blackhole"
    return "active"


def address_in(subnet: Any, taken: set[str]) -> str:
    """A free address of a subnet, above the ones AWS keeps."""
    for host in list(ipaddress.ip_network(subnet.cidr_block).hosts())[10:]:
        if str(host) not in taken:
            return str(host)
    return str(ipaddress.ip_network(subnet.cidr_block)[10])
