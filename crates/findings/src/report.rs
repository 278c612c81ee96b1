//! The report: everything that one run has to say, and all that a renderer may use.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use plumbline_names::{AccountId, EnvironmentName, Partition, Region, ResourceRef, Text};
use serde::{Deserialize, Serialize};

use crate::{Finding, Lifecycle, Reason, Severity, Verdict};

/// What one run saw, judged and compared. Its JSON is `plumbline.report/1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Always [`REPORT_SCHEMA`](crate::REPORT_SCHEMA).
    pub schema: String,
    /// Which run it was.
    pub run: RunInfo,
    /// What could be read.
    pub coverage: Coverage,
    /// What the reading cost.
    pub cost: Cost,
    /// Counts.
    pub summary: Summary,
    /// Every verdict, by control, environment, resource and aspect.
    pub findings: Vec<Finding>,
    /// Changes into and out of INSUFFICIENT_DATA.
    pub visibility: Vec<VisibilityChange>,
    /// Exceptions that need a look.
    #[serde(default)]
    pub exceptions: ExceptionNotes,
    /// Resources that the baseline excludes from its environments.
    #[serde(default)]
    pub excluded: Vec<ExcludedResource>,
    /// What else a reader must know of this run, a sentence each: ambiguous selections, what nobody audits, what was dropped.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// A schedule.
    Schedule,
    /// Somebody's payload.
    OnDemand,
    /// An event of the account.
    Event,
    /// The command line.
    Cli,
}

/// Which run it was, of what, and under which baseline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInfo {
    /// The run's id.
    pub id: String,
    /// What started it.
    pub trigger: Trigger,
    /// Why, in the words of who asked.
    pub reason: Option<String>,
    /// Before the first read.
    pub started_at: Timestamp,
    /// After the last one: the moment that the verdicts are of.
    pub finished_at: Timestamp,
    /// The audited account.
    pub account: AccountId,
    /// Its partition.
    pub partition: Partition,
    /// The Regions that were read.
    pub regions: Vec<Region>,
    /// The environments that were judged.
    pub environments: Vec<EnvironmentName>,
    /// The scope as it was asked for; empty is everything.
    pub scope: Vec<String>,
    /// The baseline.
    pub baseline: BaselineInfo,
    /// The version of plumbline, and so of the catalogue.
    pub version: String,
    /// The id of the run that left the state which this one was compared with.
    pub previous: Option<String>,
    /// In how many legs it was read: more than one where a function's time ended first, or it was killed.
    #[serde(default = "one")]
    pub legs: u32,
}

fn one() -> u32 {
    1
}

/// Under which baseline the verdicts are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineInfo {
    /// Where it was read from.
    pub file: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Values that loosen what would hold by default, a readable line each.
    pub accepted: Vec<String>,
    /// The SHA-256 of the last run's baseline, where that was another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_from: Option<String>,
}

/// How a read ended, over all its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadOutcome {
    /// Everything asked for was answered.
    Complete,
    /// AWS refused.
    Denied,
    /// The service failed, or its answer could not be trusted.
    Failed,
    /// The rate limit held until the retries were used up.
    Throttled,
    /// A listing broke off after its first page.
    Truncated,
    /// The operation does not exist in this Region.
    Unsupported,
    /// No planned control needs it.
    NotPlanned,
    /// The run's time ended first.
    OutOfTime,
}

/// What could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// No read was lost: see [`ReadOutcome::is_loss`].
    pub complete: bool,
    /// Every read.
    pub reads: Vec<ReadCoverage>,
}

/// One kind of read in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadCoverage {
    /// The service, such as `ec2`.
    pub service: String,
    /// The operation, such as `DescribeVpcs`.
    pub operation: String,
    /// The Region; none for global services.
    pub region: Option<Region>,
    /// The worst ending among its calls.
    pub outcome: ReadOutcome,
    /// Requests sent, retries included.
    pub calls: u64,
    /// Items received.
    pub items: u64,
    /// Requests answered by a throttle.
    #[serde(default)]
    pub throttled: u64,
    /// What the worst ending said.
    pub error: Option<String>,
    /// The controls that cannot see without it; empty where nothing was lost.
    pub blinds: Vec<String>,
}

/// What the reading cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Wall time, in seconds.
    pub seconds: f64,
    /// Requests sent, retries included.
    pub calls: u64,
    /// Requests answered by a throttle.
    pub throttled: u64,
    /// Requests by operation, such as `ec2:DescribeVpcs`.
    pub by_operation: BTreeMap<String, u64>,
    /// The least time that the rate limits allow for these requests, in seconds.
    pub bound_seconds: f64,
    /// How many times the bound the reading took; none where the limits allow all of it at once. Over 2 the time went
    /// elsewhere than into AWS's limits.
    #[serde(default)]
    pub ratio: Option<f64>,
    /// Peak resident memory of the process, in MiB; 0 where it is not known.
    pub peak_memory_mb: u64,
}

/// Counts over the report's findings. Every key is there, zeros included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// By verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// Open findings without a live exception, by severity.
    pub drift_by_severity: BTreeMap<Severity, u64>,
    /// By lifecycle.
    pub lifecycle: BTreeMap<Lifecycle, u64>,
    /// Open findings that a live exception covers.
    #[serde(default)]
    pub excepted: u64,
}

/// Whether a subject came into view or went out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// It could be judged, and cannot now.
    Lost,
    /// It could not be judged, and can now.
    Regained,
}

/// A change into or out of INSUFFICIENT_DATA. It is no drift, and never alerts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisibilityChange {
    /// The finding's id.
    pub finding: Text,
    /// The control's id.
    pub control: Text,
    /// The environment.
    pub environment: EnvironmentName,
    /// The Region; none for global resources.
    pub region: Option<Region>,
    /// The resource.
    pub resource: ResourceRef,
    /// The aspect.
    pub aspect: Option<Text>,
    /// Which way.
    pub change: Visibility,
    /// The last verdict; none where there was none on this subject.
    pub from: Option<Verdict>,
    /// The verdict now; none where this subject is judged no more.
    pub to: Option<Verdict>,
    /// Why it cannot be seen, or could not.
    pub reason: Option<Reason>,
}

/// Exceptions that need a look.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionNotes {
    /// Their last day is over: they have no effect.
    pub expired: Vec<ExceptionNote>,
    /// Their last day is within 14 days.
    pub expiring: Vec<ExceptionNote>,
    /// They have matched nothing for 30 days.
    pub unused: Vec<ExceptionNote>,
    /// They name an open finding whose evidence is not, or not only, what their `when` says: they have no effect on it.
    pub mismatched: Vec<ExceptionNote>,
}

/// One exception that needs a look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExceptionNote {
    /// The control's id.
    pub control: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// The ARN or pattern.
    pub subject: String,
    /// The last UTC day on which it holds.
    pub expires: Date,
    /// Who answers for it.
    pub owner: String,
    /// Why it was made.
    pub reason: String,
    /// Where it was decided.
    pub ticket: Option<String>,
    /// The open findings that it is, or was, for.
    pub findings: Vec<String>,
    /// What does not match, for a mismatched one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A resource that the baseline excludes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ExcludedResource {
    /// The environment that excludes it.
    pub environment: EnvironmentName,
    /// Its ARN.
    pub arn: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last UTC day on which it holds.
    pub expires: Date,
}

impl Trigger {
    /// The word of the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::OnDemand => "on-demand",
            Self::Event => "event",
            Self::Cli => "cli",
        }
    }
}

impl ReadOutcome {
    /// The word of the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Throttled => "throttled",
            Self::Truncated => "truncated",
            Self::Unsupported => "unsupported",
            Self::NotPlanned => "not_planned",
            Self::OutOfTime => "out_of_time",
        }
    }

    /// Whether `coverage.complete` must be false because of it.
    #[must_use]
    pub fn is_loss(self) -> bool {
        matches!(self, Self::Denied | Self::Failed | Self::Throttled | Self::Truncated | Self::OutOfTime)
    }
}

impl Coverage {
    /// The coverage of some reads: complete if none of them was lost.
    #[must_use]
    pub fn of(mut reads: Vec<ReadCoverage>) -> Self {
        reads.sort_by(|a, b| {
            (&a.service, &a.operation, &a.region, a.outcome).cmp(&(&b.service, &b.operation, &b.region, b.outcome))
        });
        Self { complete: !reads.iter().any(|read| read.outcome.is_loss()), reads }
    }
}

impl Summary {
    /// The counts over some findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut summary = Self {
            verdicts: Verdict::ALL.into_iter().map(|verdict| (verdict, 0)).collect(),
            drift_by_severity: Severity::ALL.into_iter().map(|severity| (severity, 0)).collect(),
            lifecycle: Lifecycle::ALL.into_iter().map(|lifecycle| (lifecycle, 0)).collect(),
            excepted: 0,
        };
        for finding in findings {
            *summary.verdicts.entry(finding.verdict).or_default() += 1;
            if let Some(lifecycle) = finding.lifecycle {
                *summary.lifecycle.entry(lifecycle).or_default() += 1;
            }
            if finding.is_drift() {
                *summary.drift_by_severity.entry(finding.severity).or_default() += 1;
            } else if finding.is_open() {
                summary.excepted += 1;
            }
        }
        summary
    }
}
