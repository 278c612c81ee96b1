//! The private network: NET.

mod net_02_no_internet_gateway;

use crate::Control;

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[&net_02_no_internet_gateway::CONTROL];
