//! The baseline and the controls: what is wanted, and whether what was seen is it.
//!
//! Pure functions over values. [`plan`] says what to read, [`evaluate`] judges what was read. Never fails and never keeps
//! silent: odd input is INSUFFICIENT_DATA with its reason, no subjects is NOT_APPLICABLE.

pub mod baseline;
#[cfg(test)]
mod check;
mod control;
mod controls;
mod evaluate;
mod freeze;
mod judge;
mod place;
mod plan;
mod scope;
mod tables;
mod world;

pub use baseline::Baseline;
pub use control::Control;
pub use controls::controls;
pub use evaluate::{Evaluation, evaluate};
pub use freeze::{Frozen, freeze};
pub use place::Place;
pub use plan::{ALWAYS, blinds, permissions, plan, plan_of_snapshot};
pub use scope::{Scope, ScopeError};
pub use tables::actions as dictionary;
pub use tables::known::known_actions;
pub use world::{Excluded, World};
