//! AWS facts and the design of the environment, as data.

pub mod actions;
pub(crate) mod condition_keys;
pub(crate) mod endpoints;
mod global_keys;
pub(crate) mod known;
pub(crate) mod resourceless;
pub(crate) mod roles;
