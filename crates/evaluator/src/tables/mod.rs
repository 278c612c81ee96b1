//! AWS facts and the design of the environment, as data.

pub(crate) mod condition_keys;
pub(crate) mod endpoints;
pub(crate) mod roles;
