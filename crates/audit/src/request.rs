//! What is asked of an audit.

use jiff::{SignedDuration, Timestamp};
use plumbline_findings::{BaselineInfo, Trigger, digest_of};
use plumbline_names::{AccountId, Partition};

/// One audit to run: who asks, of what, under which baseline. Plain data; the baseline itself is the judge's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRequest {
    /// How the run is called.
    pub run: RunName,
    /// What starts it.
    pub trigger: Trigger,
    /// Why, in the words of who asks.
    pub reason: Option<String>,
    /// The event that starts it, so that the same one does not start it twice; none at a terminal.
    pub event: Option<Event>,
    /// The account that the baseline is about.
    pub account: AccountId,
    /// Its partition.
    pub partition: Partition,
    /// The scope as it was asked for; empty is everything.
    pub scope: Vec<String>,
    /// The baseline as the report names it; `changed_from` is filled in by the run.
    pub baseline: BaselineInfo,
    /// The baseline's text.
    pub baseline_text: String,
    /// Where the state lies, as the report's readers know it: `s3://bucket/prefix` or a folder. For links only.
    pub state_uri: String,
    /// Whether to send alerts, digest and metrics. What is not sent stays owed to the next run that sends.
    pub publish: bool,
    /// When the run must be over.
    pub deadline: Timestamp,
    /// How to read.
    pub reading: Reading,
    /// The version of plumbline.
    pub version: String,
}

/// How an account is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Take over from the last run what cannot have changed, and leave it to the next.
    pub carry: bool,
    /// Read all again all the same.
    pub full: bool,
    /// How often to put by what was read; none never does.
    pub checkpoint: Option<SignedDuration>,
    /// A run that began longer ago is not gone on with.
    pub max_age: SignedDuration,
}

impl Reading {
    /// Nothing is taken over, left or put by: for what was read before.
    pub const ONCE: Self = Self { carry: false, full: true, checkpoint: None, max_age: SignedDuration::ZERO };
}

/// How a run is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunName {
    /// So: see [`run_id`].
    Given(String),
    /// By a digest of its inputs, of which the state is one: the same inputs give the same run.
    OfInputs(String),
}

/// An event that may come more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id; where it has none, that of the invocation.
    pub id: String,
}

/// The id of a run: its start, for people, and what tells it from others that start in the same second.
#[must_use]
pub fn run_id(started_at: Timestamp, seed: &str) -> String {
    let digits = digest_of(&[&started_at.to_string(), seed]);
    format!("{}-{}", started_at.strftime("%Y%m%dT%H%M%SZ"), digits.get(..8).unwrap_or(&digits))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_run_id_starts_with_its_time() {
        let at = "2026-09-01T12:00:00.5Z".parse().unwrap();
        let id = super::run_id(at, "request-1");
        assert_eq!((id.get(..17), id.len()), (Some("20260901T120000Z-"), 25));
        assert_ne!(id, super::run_id(at, "request-2"));
    }
}
