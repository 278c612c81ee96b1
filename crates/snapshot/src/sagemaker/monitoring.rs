//! Monitoring: schedules, and the definitions of the jobs that they start.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{InstanceGroup, Resource, SageMaker, VpcConfig, bodies};
use crate::{Collected, Gap, Read, Source, Why};

source!(SCHEDULES, "ListMonitoringSchedules", "The monitoring schedules.");
source!(SCHEDULE, "DescribeMonitoringSchedule", "One monitoring schedule.");
source!(
    DATA_QUALITY_DEFINITION,
    "DescribeDataQualityJobDefinition",
    "A definition of data quality jobs that a schedule names."
);
source!(
    MODEL_QUALITY_DEFINITION,
    "DescribeModelQualityJobDefinition",
    "A definition of model quality jobs that a schedule names."
);
source!(
    MODEL_BIAS_DEFINITION,
    "DescribeModelBiasJobDefinition",
    "A definition of model bias jobs that a schedule names."
);
source!(
    MODEL_EXPLAINABILITY_DEFINITION,
    "DescribeModelExplainabilityJobDefinition",
    "A definition of model explainability jobs that a schedule names."
);

/// What a schedule monitors, as AWS spells it, and the read of the definitions that are for it.
pub const MONITORED: [(&str, &Source); 4] = [
    ("DataQuality", &DATA_QUALITY_DEFINITION),
    ("ModelQuality", &MODEL_QUALITY_DEFINITION),
    ("ModelBias", &MODEL_BIAS_DEFINITION),
    ("ModelExplainability", &MODEL_EXPLAINABILITY_DEFINITION),
];

/// A monitoring schedule. It has its definition itself, or names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// What it monitors: `DataQuality`, `ModelQuality`, `ModelBias`, `ModelExplainability`.
    pub monitors: Option<String>,
    /// The endpoint that it watches; none with batch transform.
    pub endpoint: Option<String>,
    /// The definition that it has itself.
    pub inline: Option<Definition>,
    /// The name of its definition.
    pub definition_name: Option<String>,
}

/// What a monitoring job is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Its execution role's ARN.
    pub role_arn: Option<String>,
    /// Its network; none means SageMaker's own, with internet.
    pub vpc: Option<VpcConfig>,
    /// Network isolation; none means false.
    pub network_isolation: bool,
    /// Encryption between nodes; none means false.
    pub inter_container_encryption: bool,
    /// Its instances.
    pub instances: Option<InstanceGroup>,
    /// Its volume's key as written.
    pub volume_key: Option<String>,
    /// Its output's key as written.
    pub output_key: Option<String>,
    /// The S3 URIs that it writes to, sorted.
    pub output_uris: Vec<String>,
    /// The S3 URIs that it reads from, sorted: captured data, ground truth, baseline, configuration, scripts.
    pub input_uris: Vec<String>,
    /// The URI of its container's image.
    pub image: Option<String>,
}

impl Schedule {
    /// Where [`SageMaker::monitoring_definitions`] keeps the definition that it names.
    #[must_use]
    pub fn definition_id(&self) -> Option<String> {
        self.definition_name.as_deref().map(|name| definition_id(self.monitors.as_deref().unwrap_or_default(), name))
    }
}

impl Definition {
    /// Tells its keys.
    pub(super) fn key_references(&self, tell: &mut impl FnMut(&Option<String>)) {
        tell(&self.volume_key);
        tell(&self.output_key);
    }
}

/// What tells a definition from all others: each kind has names of its own.
#[must_use]
pub fn definition_id(monitors: &str, name: &str) -> String {
    format!("{monitors}/{name}")
}

impl SageMaker {
    /// The definitions that the schedules seen name, by [`Schedule::definition_id`], to be read; one of a kind that is not
    /// known here is a gap that nobody can close.
    #[must_use]
    pub fn named_definitions(&self) -> BTreeMap<String, Read<Option<Definition>>> {
        let mut named = BTreeMap::new();
        for schedule in bodies(&self.monitoring_schedules) {
            if let (Some(id), Some(name)) = (schedule.definition_id(), schedule.definition_name.as_deref()) {
                let monitors = schedule.monitors.as_deref().unwrap_or_default();
                let unread = match MONITORED.iter().find(|(kind, _)| *kind == monitors) {
                    Some((_, source)) => Read::unread_of(source, name),
                    None => {
                        let detail = format!("no definition is known of the kind `{monitors}`");
                        Read::Gap(Gap::of(&SCHEDULE, Why::Failed, detail).about(name))
                    }
                };
                named.insert(id, unread);
            }
        }
        named
    }

    /// Every definition seen: those of schedules themselves, and those that they name.
    pub(super) fn definitions(&self) -> impl Iterator<Item = &Definition> {
        let named = self.monitoring_definitions.values().filter_map(|read| read.sight().ok()?.as_ref());
        bodies(&self.monitoring_schedules).filter_map(|schedule| schedule.inline.as_ref()).chain(named)
    }
}

pub(super) fn unread() -> Collected<Resource<Schedule>> {
    Collected::unread(&SCHEDULES)
}
