//! The private network: NET.

mod net_01_vpc_resolved;
mod net_02_no_internet_gateway;
mod net_03_no_nat_gateway;
mod net_04_no_egress_only_gateway;
mod net_05_vpn_gateway_allowed;
mod net_06_peering_allowed;
mod net_07_transit_allowed;
mod net_08_route_targets_permitted;
mod net_09_subnet_private;
mod net_10_no_address_on_launch;
mod net_11_no_public_address;
mod net_12_zone_spread;
mod net_13_dns_enabled;
mod net_14_default_group_empty;
mod net_15_ingress_from_environment;
mod net_16_egress_to_environment;
mod net_17_network_acl_closed;
mod net_18_vpc_block_public_access;

use crate::Control;

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[
    &net_01_vpc_resolved::CONTROL,
    &net_02_no_internet_gateway::CONTROL,
    &net_03_no_nat_gateway::CONTROL,
    &net_04_no_egress_only_gateway::CONTROL,
    &net_05_vpn_gateway_allowed::CONTROL,
    &net_06_peering_allowed::CONTROL,
    &net_07_transit_allowed::CONTROL,
    &net_08_route_targets_permitted::CONTROL,
    &net_09_subnet_private::CONTROL,
    &net_10_no_address_on_launch::CONTROL,
    &net_11_no_public_address::CONTROL,
    &net_12_zone_spread::CONTROL,
    &net_13_dns_enabled::CONTROL,
    &net_14_default_group_empty::CONTROL,
    &net_15_ingress_from_environment::CONTROL,
    &net_16_egress_to_environment::CONTROL,
    &net_17_network_acl_closed::CONTROL,
    &net_18_vpc_block_public_access::CONTROL,
];
