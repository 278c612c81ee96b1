//! What a run judged, so that what it did not look at stays as it was.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use plumbline_names::{EnvironmentName, Region, Text};

use crate::Assessment;

/// The subjects of a control in an environment and Region. `unassigned` is an environment in each audited Region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct SubjectSet {
    /// The control's id.
    pub control: Text,
    /// The environment.
    pub environment: EnvironmentName,
    /// The Region; none for global resources.
    pub region: Option<Region>,
}

/// What was evaluated, so that what was not stays as it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// Every environment that the baseline declares, judged or not, `unassigned` included.
    pub declared: BTreeSet<EnvironmentName>,
    /// Every control of this version, judged or not, by id.
    pub catalogue: BTreeSet<String>,
    /// The sets that were judged as a whole: whatever of these has no assessment is not there, unless an assessment says that
    /// the set cannot be seen. A set of which single resources were judged is not among them.
    pub sets: BTreeSet<SubjectSet>,
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
    pub selected: BTreeMap<Text, EnvironmentName>,
    /// All resources of all environments were looked at: whatever is not in `selected` is not there.
    pub selected_all: bool,
    /// The verdicts that the same snapshot has under the last run's baseline, where that was another one.
    pub under_last_baseline: Option<Vec<Assessment>>,
}

impl SubjectSet {
    /// The set that a subject of `control` belongs to.
    #[must_use]
    pub fn new(control: &str, environment: &str, region: Option<&Region>) -> Self {
        Self { control: control.into(), environment: environment.into(), region: region.cloned() }
    }

    /// The set that an assessment belongs to.
    #[must_use]
    pub fn of(assessment: &Assessment) -> Self {
        Self::new(assessment.control.id, &assessment.subject.environment, assessment.subject.region.as_ref())
    }
}
