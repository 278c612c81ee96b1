//! AWS facts and the design of the environment, as data.

pub(crate) mod endpoints;
pub(crate) mod resourceless;
pub(crate) mod roles;
