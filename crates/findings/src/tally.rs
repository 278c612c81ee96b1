//! The state in numbers, for metrics. They come from the state, so that a scoped run does not shrink them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_names::EnvironmentName;

use crate::{Area, Severity, State, Transitions, Verdict, utc_day};

/// One environment in numbers. Every severity and every area is there, zeros included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Open findings without a live exception, by severity.
    pub drift_by_severity: BTreeMap<Severity, u64>,
    /// By area.
    pub areas: BTreeMap<Area, AreaTally>,
    /// Exceptions of the baseline that hold.
    pub exceptions_active: u64,
    /// Exceptions of the baseline whose last day is over.
    pub exceptions_expired: u64,
    /// Transitions that no metric has counted yet.
    pub transitions: Transitions,
}

/// One area of one environment in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AreaTally {
    /// Open findings without a live exception, whether seen by the last run or not.
    pub drift: u64,
    /// Last verdicts that are COMPLIANT.
    pub compliant: u64,
    /// Last verdicts that are NON_COMPLIANT.
    pub non_compliant: u64,
    /// Last verdicts that are INSUFFICIENT_DATA.
    pub insufficient_data: u64,
}

impl AreaTally {
    /// The share of applicable verdicts that could be reached, in percent; none where nothing applies.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        let reached = self.compliant + self.non_compliant;
        let applicable = reached + self.insufficient_data;
        #[expect(clippy::cast_precision_loss, reason = "counts of findings are far below 2^52")]
        let share = |part: u64, whole: u64| 100.0 * part as f64 / whole as f64;
        (applicable > 0).then(|| share(reached, applicable))
    }
}

impl Tally {
    fn zero() -> Self {
        Self {
            drift_by_severity: Severity::ALL.into_iter().map(|severity| (severity, 0)).collect(),
            areas: Area::ALL.into_iter().map(|area| (area, AreaTally::default())).collect(),
            exceptions_active: 0,
            exceptions_expired: 0,
            transitions: Transitions::default(),
        }
    }

    /// All areas together.
    #[must_use]
    pub fn total(&self) -> AreaTally {
        self.areas.values().fold(AreaTally::default(), |sum, area| AreaTally {
            drift: sum.drift + area.drift,
            compliant: sum.compliant + area.compliant,
            non_compliant: sum.non_compliant + area.non_compliant,
            insufficient_data: sum.insufficient_data + area.insufficient_data,
        })
    }
}

impl State {
    /// Each declared environment in numbers, as of `at`.
    #[must_use]
    pub fn tally(&self, at: Timestamp) -> BTreeMap<EnvironmentName, Tally> {
        let mut tallies: BTreeMap<EnvironmentName, Tally> =
            self.environments.iter().map(|environment| (environment.clone(), Tally::zero())).collect();
        for (_, drift, finding) in self.open() {
            if let Some(tally) = tallies.get_mut(&finding.environment)
                && !self.is_covered(drift, at)
            {
                *tally.drift_by_severity.entry(finding.severity).or_default() += 1;
                tally.areas.entry(finding.area).or_default().drift += 1;
            }
        }
        for record in self.verdicts.values() {
            if let Some(tally) = tallies.get_mut(&record.environment) {
                let area = tally.areas.entry(record.area).or_default();
                match record.verdict {
                    Verdict::Compliant => area.compliant += 1,
                    Verdict::NonCompliant => area.non_compliant += 1,
                    Verdict::InsufficientData => area.insufficient_data += 1,
                    Verdict::NotApplicable => {}
                }
            }
        }
        for exception in self.exceptions.values() {
            if let Some(tally) = tallies.get_mut(&exception.environment) {
                if utc_day(at) <= exception.expires {
                    tally.exceptions_active += 1;
                } else {
                    tally.exceptions_expired += 1;
                }
            }
        }
        for (environment, transitions) in &self.uncounted {
            if let Some(tally) = tallies.get_mut(environment) {
                tally.transitions = *transitions;
            }
        }
        tallies
    }
}
