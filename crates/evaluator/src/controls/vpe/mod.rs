//! VPC endpoints: VPE.

mod vpe_01_endpoint_present;
mod vpe_02_endpoint_private_dns;
mod vpe_03_endpoint_policy_not_full;
mod vpe_04_endpoint_policy_principals;
mod vpe_05_endpoint_policy_resources;
mod vpe_06_endpoint_group_443;
mod vpe_07_endpoint_in_every_zone;
mod vpe_08_s3_endpoint_on_route_tables;
mod vpe_10_workloads_reach_endpoints;
mod vpe_11_endpoint_policy_within_reference;

use crate::Control;

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[
    &vpe_01_endpoint_present::CONTROL,
    &vpe_02_endpoint_private_dns::CONTROL,
    &vpe_03_endpoint_policy_not_full::CONTROL,
    &vpe_04_endpoint_policy_principals::CONTROL,
    &vpe_05_endpoint_policy_resources::CONTROL,
    &vpe_06_endpoint_group_443::CONTROL,
    &vpe_07_endpoint_in_every_zone::CONTROL,
    &vpe_08_s3_endpoint_on_route_tables::CONTROL,
    &vpe_10_workloads_reach_endpoints::CONTROL,
    &vpe_11_endpoint_policy_within_reference::CONTROL,
];
