//! What results mean: verdicts, evidence, identity, lifecycle, exceptions, state and report.
//!
//! Never sees a snapshot: everything that a finding says is in the [`Assessment`] it comes from.

mod assessment;
mod control;
mod evidence;
mod reason;
mod verdict;

pub use assessment::{Assessment, Attribution, Subject};
pub use control::{Area, ControlInfo, Maps, Origin, Scope};
pub use evidence::{Evidence, NotSeen};
pub use reason::Reason;
pub use verdict::{Severity, Verdict};
