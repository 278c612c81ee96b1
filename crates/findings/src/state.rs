//! What is remembered from run to run.
//!
//! The state is small and bounded: a verdict for each finding, whole findings only while they are open, closed ones for
//! [`CLOSED_DAYS`], what belongs to an environment that the baseline no longer declares for [`UNDECLARED_DAYS`], undelivered
//! messages for [`OWED_DAYS`].

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use plumbline_names::{AccountId, EnvironmentName, Region, ResourceRef, Text};
use serde::{Deserialize, Serialize};

use crate::{AlertMessage, Area, DigestMessage, Finding, Reason, STATE_SCHEMA, Severity, SubjectSet, Verdict, utc_day};

/// How long a closed finding is remembered, in days, so that it is REOPENED and not NEW when it comes back: a year and a bit.
pub const CLOSED_DAYS: i64 = 400;

/// How long the findings of an environment, or of a control, that no longer exists stay in the state, in days. Not at once:
/// an audit with the wrong file must not forget everything.
pub const UNDECLARED_DAYS: i64 = 30;

/// How long an undelivered message is owed, in days.
pub const OWED_DAYS: i64 = 30;

/// What is remembered of one account. Its JSON is `plumbline.state/1`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Always [`STATE_SCHEMA`](crate::STATE_SCHEMA).
    pub schema: String,
    /// The account.
    pub account: AccountId,
    /// The run that saved it; none for a state that nobody has saved yet.
    pub last_run: Option<LastRun>,
    /// The baseline of the last run.
    pub baseline: Option<LastBaseline>,
    /// The environments that this baseline declares, `unassigned` included.
    pub environments: BTreeSet<EnvironmentName>,
    /// The last verdict of each finding, by its id.
    pub verdicts: BTreeMap<Text, LastVerdict>,
    /// The history of each finding that is or was NON_COMPLIANT, by its id.
    pub drift: BTreeMap<Text, Drift>,
    /// When each set of subjects was last seen whole.
    pub judged: Vec<JudgedSet>,
    /// The exceptions of the last baseline, by [`Exception::id`](crate::Exception::id).
    pub exceptions: BTreeMap<String, ExceptionMemory>,
    /// The environment that each SageMaker resource was last selected into, by its ARN.
    pub selected: BTreeMap<Text, EnvironmentName>,
    /// Messages that are still to be sent.
    pub outbox: Outbox,
    /// Transitions that no metric has counted yet, by environment.
    pub uncounted: BTreeMap<EnvironmentName, Transitions>,
    /// Up to when listings are known, by what they list.
    #[serde(default)]
    pub watermarks: BTreeMap<String, Timestamp>,
    /// The name of the carried-over part of a snapshot.
    #[serde(default)]
    pub carried: Option<String>,
}

/// A run that saved a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// Its id.
    pub id: String,
    /// The moment that its verdicts are of.
    pub at: Timestamp,
}

/// The baseline that a run judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBaseline {
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// The file's text.
    pub text: String,
}

/// When a set of subjects was last seen whole. Sorted by control, environment and Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct JudgedSet {
    /// The control's id.
    pub control: Text,
    /// The environment.
    pub environment: EnvironmentName,
    /// The Region.
    pub region: Option<Region>,
    /// When.
    pub at: Timestamp,
}

/// The last verdict of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastVerdict {
    /// The control's id.
    pub control: Text,
    /// The control's group.
    pub area: Area,
    /// The environment.
    pub environment: EnvironmentName,
    /// The Region.
    pub region: Option<Region>,
    /// The resource.
    pub resource: ResourceRef,
    /// The aspect.
    pub aspect: Option<Text>,
    /// It speaks of the whole set of the environment's subjects.
    pub whole_set: bool,
    /// The verdict.
    pub verdict: Verdict,
    /// Its reason.
    pub reason: Option<Reason>,
    /// When the finding was first judged.
    pub first_seen: Timestamp,
    /// When it was last judged.
    pub last_seen: Timestamp,
    /// When its verdict was last another one than INSUFFICIENT_DATA.
    pub last_confirmed: Option<Timestamp>,
}

/// The history of a finding that is or was NON_COMPLIANT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// How many times it opened.
    pub openings: u32,
    /// When it was first seen NON_COMPLIANT.
    pub first_seen: Timestamp,
    /// When it was last seen NON_COMPLIANT.
    pub last_confirmed: Timestamp,
    /// Whether it is open.
    pub standing: Standing,
    /// The severity last alerted since it opened; none while nobody was told.
    pub alerted: Option<Severity>,
    /// The live exception that covered it in the last run that judged it, by its id.
    pub covered_by: Option<String>,
    /// For a job: when it ended.
    pub ended: Option<Timestamp>,
}

/// Whether a finding that is or was NON_COMPLIANT is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It is open; with the finding as it was last seen NON_COMPLIANT.
    Open(Box<Finding>),
    /// It closed then.
    Closed(Timestamp),
}

/// What is remembered of an exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionMemory {
    /// Its environment.
    pub environment: EnvironmentName,
    /// The last UTC day on which it holds.
    pub expires: Date,
    /// When a run first met it.
    pub first_seen: Timestamp,
    /// When it last matched a finding, expired or not.
    pub last_matched: Option<Timestamp>,
}

/// Messages that are still to be sent, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outbox {
    /// For the alerts topic.
    pub alerts: Vec<Owed<AlertMessage>>,
    /// For the digest topic.
    pub digests: Vec<Owed<DigestMessage>>,
}

/// A message that is still to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed<T> {
    /// The message, ready to send.
    pub message: T,
    /// The run that owes it.
    pub run: String,
    /// Since when.
    pub since: Timestamp,
    /// How often sending was tried in vain.
    #[serde(default)]
    pub attempts: u32,
    /// What the last try said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// How many findings changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transitions {
    /// Became NEW.
    pub new: u64,
    /// Became RESOLVED.
    pub resolved: u64,
    /// Became REOPENED.
    pub reopened: u64,
}

impl State {
    /// The state of an account that was never audited.
    #[must_use]
    pub fn empty(account: AccountId) -> Self {
        Self {
            schema: STATE_SCHEMA.to_owned(),
            account,
            last_run: None,
            baseline: None,
            environments: BTreeSet::new(),
            verdicts: BTreeMap::new(),
            drift: BTreeMap::new(),
            judged: Vec::new(),
            exceptions: BTreeMap::new(),
            selected: BTreeMap::new(),
            outbox: Outbox::default(),
            uncounted: BTreeMap::new(),
            watermarks: BTreeMap::new(),
            carried: None,
        }
    }

    /// The findings that are open, seen now or not, by their ids.
    pub fn open(&self) -> impl Iterator<Item = (&str, &Drift, &Finding)> {
        self.drift.iter().filter_map(|(id, drift)| drift.open().map(|finding| (id.as_str(), drift, finding)))
    }

    /// Whether a live exception covers an open finding at `at`, as far as the state knows: for a finding that the last run
    /// did not judge, the exception may have expired since.
    #[must_use]
    pub fn is_covered(&self, drift: &Drift, at: Timestamp) -> bool {
        let exception = drift.covered_by.as_ref().and_then(|id| self.exceptions.get(id));
        exception.is_some_and(|exception| utc_day(at) <= exception.expires)
    }
}

impl LastVerdict {
    /// The set of subjects that it is about one of.
    #[must_use]
    pub fn set(&self) -> SubjectSet {
        SubjectSet::new(&self.control, &self.environment, self.region.as_ref())
    }
}

impl Drift {
    /// The finding as it was last seen NON_COMPLIANT, if it is open.
    #[must_use]
    pub fn open(&self) -> Option<&Finding> {
        match &self.standing {
            Standing::Open(finding) => Some(finding),
            Standing::Closed(_) => None,
        }
    }
}

impl Outbox {
    /// Whether nothing is owed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.alerts.is_empty() && self.digests.is_empty()
    }
}

impl Transitions {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Takes `counted` away: what a metric has told of.
    pub fn subtract(&mut self, counted: Self) {
        self.new = self.new.saturating_sub(counted.new);
        self.resolved = self.resolved.saturating_sub(counted.resolved);
        self.reopened = self.reopened.saturating_sub(counted.reopened);
    }
}
