//! The audit trail: LOG.

mod log_01_trail_management_events;
mod log_02_trail_validation;
mod log_03_trail_key;
mod log_08_sagemaker_log_groups;
mod log_11_flow_logs_all_traffic;

use crate::Control;

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[
    &log_01_trail_management_events::CONTROL,
    &log_02_trail_validation::CONTROL,
    &log_03_trail_key::CONTROL,
    &log_08_sagemaker_log_groups::CONTROL,
    &log_11_flow_logs_all_traffic::CONTROL,
];
