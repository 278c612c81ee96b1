//! What results mean: verdicts, evidence, identity, lifecycle, exceptions, state and report.
//!
//! Never sees a snapshot: everything that a finding says is in the [`Assessment`] it comes from.

mod assessment;
mod compare;
mod control;
mod diff;
mod evidence;
mod exception;
mod exit;
mod finding;
mod judged;
mod lifecycle;
mod message;
mod reason;
mod report;
mod schema;
mod state;
mod tally;
mod verdict;

pub use assessment::{Assessment, Attribution, Subject};
pub use compare::{Because, Change, Comparison, Run, compare};
pub use control::{Area, ControlInfo, Maps, Origin, Scope};
pub use diff::{ChangedFinding, ReportDiff, Stood};
pub use evidence::{ContextValue, Evidence, Hop, NotSeen, Witness};
pub use exception::{EXPIRING_DAYS, Exception, Fit, UNUSED_DAYS, matches, utc_day};
pub use exit::ExitStatus;
pub use finding::{Accepted, Finding, RelatedControls, digest_of, digest_of_bytes, finding_id};
pub use judged::{Judged, Observed, SubjectSet};
pub use lifecycle::Lifecycle;
pub use message::{AlertMessage, AttributeValue, DigestMessage, Metric, Unit};
pub use reason::Reason;
pub use report::{
    BaselineInfo, Cost, Coverage, ExceptionNote, ExceptionNotes, ExcludedResource, ReadCoverage, ReadOutcome, Report,
    RunInfo, Summary, Trigger, Visibility, VisibilityChange,
};
pub use schema::{REPORT_SCHEMA, STATE_SCHEMA, SchemaError};
pub use state::{
    CLOSED_DAYS, Drift, ExceptionMemory, JudgedSet, LastBaseline, LastRun, LastVerdict, OWED_DAYS, Outbox, Owed,
    Standing, State, Transitions, UNDECLARED_DAYS,
};
pub use tally::{AreaTally, Tally};
pub use verdict::{Severity, Verdict};
