//! AWS facts and the design of the environment, as data.

pub mod actions;
pub(crate) mod classes;
pub(crate) mod condition_keys;
pub(crate) mod endpoints;
pub(crate) mod escalation;
mod global_keys;
pub(crate) mod known;
pub(crate) mod needs;
pub(crate) mod resourceless;
pub(crate) mod roles;
pub(crate) mod tagging;
