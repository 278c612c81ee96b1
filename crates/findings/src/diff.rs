//! What changed between two reports.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Finding, Reason, Report, Severity, Verdict};

/// What changed between two reports, each list in the order of reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReportDiff {
    /// Findings that only the newer report has.
    pub came: Vec<Finding>,
    /// Findings that only the older report has.
    pub went: Vec<Finding>,
    /// Findings that stand otherwise.
    pub changed: Vec<ChangedFinding>,
}

/// A finding that stands otherwise in the newer of two reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedFinding {
    /// As it stands in the newer report.
    pub finding: Finding,
    /// How it stood in the older one.
    pub before: Stood,
}

/// How a finding stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stood {
    /// Its verdict.
    pub verdict: Verdict,
    /// Its severity.
    pub severity: Severity,
    /// Whether it was open.
    pub open: bool,
    /// Whether a live exception covered it.
    pub excepted: bool,
}

impl ReportDiff {
    /// What changed from `old` to `new`. That a NEW finding is PERSISTING in the next report is no change, nor that a finding
    /// shown for the last time is not there any more; times, wording and evidence do not count.
    #[must_use]
    pub fn between(old: &Report, new: &Report) -> Self {
        let (before, after) = (by_id(old), by_id(new));
        let only = |these: &BTreeMap<&str, &Finding>, those: &BTreeMap<&str, &Finding>| {
            let mut only: Vec<Finding> = these
                .iter()
                .filter(|(id, _)| !those.contains_key(*id))
                .map(|(_, finding)| (*finding).clone())
                .collect();
            only.sort_by(|a, b| a.rank().cmp(&b.rank()));
            only
        };
        let mut changed: Vec<ChangedFinding> = after
            .iter()
            .filter_map(|(id, finding)| {
                let before = stood(before.get(id)?);
                (before != stood(finding)).then(|| ChangedFinding { finding: (*finding).clone(), before })
            })
            .collect();
        changed.sort_by(|a, b| a.finding.rank().cmp(&b.finding.rank()));
        Self { came: only(&after, &before), went: only(&before, &after), changed }
    }

    /// Whether the two reports say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.came.is_empty() && self.went.is_empty() && self.changed.is_empty()
    }
}

fn by_id(report: &Report) -> BTreeMap<&str, &Finding> {
    let is_gone = |finding: &Finding| matches!(finding.reason, Some(Reason::ResourceGone | Reason::AgedOut));
    report.findings.iter().filter(|finding| !is_gone(finding)).map(|finding| (finding.id.as_str(), finding)).collect()
}

fn stood(finding: &Finding) -> Stood {
    Stood {
        verdict: finding.verdict,
        severity: finding.severity,
        open: finding.is_open(),
        excepted: finding.exception.is_some(),
    }
}
