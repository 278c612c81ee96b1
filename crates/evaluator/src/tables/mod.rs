//! AWS facts and the design of the environment, as data.

pub(crate) mod classes;
pub(crate) mod endpoints;
pub(crate) mod escalation;
pub(crate) mod needs;
pub(crate) mod roles;
