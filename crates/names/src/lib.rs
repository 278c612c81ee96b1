//! The nouns that every crate shares, parsed once at the border and then trusted.
//!
//! Nothing here knows what a service does: a resource type is a name, never a rule.

mod account;
mod arn;
mod operation;
mod region;
mod resource;

pub use account::{AccountId, AccountIdError};
pub use arn::{Arn, ArnError};
pub use operation::Operation;
pub use region::{Partition, Region, RegionError};
pub use resource::ResourceRef;

/// Text that many hold: a copy costs no memory, and up to 15 bytes none at all.
///
/// An audit of a large account has hundreds of thousands of findings, whose ids, names and words stand in the assessment,
/// the report and the state.
pub type Text = ecow::EcoString;

/// The name of an environment, as the baseline file gives it.
pub type EnvironmentName = Text;

/// The reserved environment of SageMaker resources that no declared environment selects.
pub const UNASSIGNED: &str = "unassigned";
