//! What results mean: verdicts, evidence, identity, lifecycle, exceptions, state and report.
//!
//! Never sees a snapshot: everything that a finding says is in the [`Assessment`] it comes from.

mod assessment;
mod control;
mod evidence;
mod exception;
mod finding;
mod lifecycle;
mod message;
mod reason;
mod report;
mod schema;
mod state;
mod verdict;

pub use assessment::{Assessment, Attribution, Subject};
pub use control::{Area, ControlInfo, Maps, Origin, Scope};
pub use evidence::{Evidence, NotSeen};
pub use exception::{EXPIRING_DAYS, Exception, Fit, UNUSED_DAYS, matches, utc_day};
pub use finding::{Accepted, Finding, RelatedControls, digest_of, finding_id};
pub use lifecycle::Lifecycle;
pub use message::{AlertMessage, AttributeValue, DigestMessage, Metric, Unit};
pub use reason::Reason;
pub use report::{
    AcceptedValue, BaselineInfo, Cost, Coverage, ExceptionNote, ExceptionNotes, ExcludedResource, ReadCoverage,
    ReadOutcome, Report, RunInfo, Selection, SelectionNote, Summary, Trigger, UnselectedResource, Visibility,
    VisibilityChange,
};
pub use schema::{REPORT_SCHEMA, STATE_SCHEMA, SchemaError};
pub use state::{
    CLOSED_DAYS, Drift, ExceptionMemory, LastBaseline, LastRun, LastVerdict, OWED_DAYS, Outbox, Owed, State,
    Transitions, UNDECLARED_DAYS,
};
pub use verdict::{Severity, Verdict};
