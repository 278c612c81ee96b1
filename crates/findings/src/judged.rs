//! What a run judged, so that what it did not look at stays as it was.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use plumbline_names::EnvironmentName;

use crate::Assessment;

/// How much of a control's subjects in one environment a run judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// All of them.
    Whole,
    /// Those about these resources only, by ARN.
    Resources(BTreeSet<String>),
}

/// Which controls were evaluated in which environments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Every environment that the baseline declares, judged or not, `unassigned` included.
    pub declared: BTreeSet<EnvironmentName>,
    /// Every control of this version, judged or not, by id.
    pub catalogue: BTreeSet<String>,
    /// What was evaluated, by control id and environment. Each has at least one assessment: a control is never silent.
    pub extents: BTreeMap<String, BTreeMap<EnvironmentName, Extent>>,
    /// The start of each environment's lookback: jobs that ended before are no subjects.
    pub jobs_since: BTreeMap<EnvironmentName, Timestamp>,
}

/// What one run found out, to be compared with what is remembered.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Observed {
    /// Every verdict.
    pub assessments: Vec<Assessment>,
    /// What they are the verdicts of.
    pub judged: Judged,
    /// The environment of each SageMaker resource, by ARN.
    pub selected: BTreeMap<String, EnvironmentName>,
    /// All resources of all environments were looked at: whatever is not in `selected` is not there.
    pub selected_all: bool,
    /// The verdicts that the same snapshot has under the last run's baseline, where that was another one.
    pub under_last_baseline: Option<Vec<Assessment>>,
}

impl Judged {
    /// Says that `control` was evaluated in `environment`.
    pub fn add(&mut self, control: &str, environment: &str, extent: Extent) {
        self.extents.entry(control.to_owned()).or_default().insert(environment.to_owned(), extent);
    }

    /// How much of a control's subjects in an environment was judged; none if it was not evaluated there.
    #[must_use]
    pub fn extent(&self, control: &str, environment: &str) -> Option<&Extent> {
        self.extents.get(control)?.get(environment)
    }

    /// Whether a finding of `control` about the resource `arn` would be among the assessments if it were there.
    #[must_use]
    pub fn covers(&self, control: &str, environment: &str, arn: &str) -> bool {
        match self.extent(control, environment) {
            Some(Extent::Whole) => true,
            Some(Extent::Resources(arns)) => arns.contains(arn),
            None => false,
        }
    }
}
