//! Roles and separation of concerns: IAM.

use crate::Control;

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[];
