//! Scope and selection: what belongs to an environment, and what is switched off.

use std::collections::BTreeMap;

use jiff::civil::Date;
use plumbline_names::Arn;
use plumbline_snapshot::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Pattern;
use super::schema::{ArnText, DateText};
use super::text::day;

/// A control that the baseline switches off: NOT_APPLICABLE `switched_off`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisabledControl {
    /// The control's id, such as `LOG-06`.
    pub control: String,
    /// Why.
    pub reason: String,
    /// A person or team address.
    pub owner: String,
    /// Through this day (UTC).
    #[serde(with = "day")]
    #[schemars(with = "DateText")]
    pub expires: Date,
}

/// How resources of the Region come to belong to this environment; first match wins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// What belongs here by ARN, name or tags. Default: nothing.
    #[serde(default)]
    pub include: Include,
    /// Whether a resource whose subnets lie in this VPC belongs here. Default: true.
    #[serde(default = "yes")]
    pub by_network: bool,
    /// Whether a resource whose execution role is bound here alone belongs here. Default: true.
    #[serde(default = "yes")]
    pub by_role: bool,
    /// What is not evaluated, and listed in the report as excluded. Default: nothing.
    #[serde(default)]
    pub exclude: Vec<Exclusion>,
}

/// What belongs to an environment by what it is called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Include {
    /// ARN patterns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arns: Vec<Pattern>,
    /// Name patterns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Pattern>,
    /// Tags that must all be there; case-sensitive. Empty selects nothing.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
}

/// A resource that is not evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawExclusion")]
pub struct Exclusion {
    /// The ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ArnText")]
    pub arn: Option<Arn>,
    /// A pattern of ARNs, where `arn` is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arn_pattern: Option<Pattern>,
    /// Why.
    pub reason: String,
    /// A person or team address.
    pub owner: String,
    /// Through this day (UTC); afterwards the exclusion is ignored.
    #[serde(with = "day")]
    #[schemars(with = "DateText")]
    pub expires: Date,
}

/// What happens to SageMaker resources that no environment selects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unselected {
    /// They are judged, as environment `unassigned`.
    #[default]
    Audit,
    /// They are listed, without a verdict.
    Report,
    /// They are counted.
    Ignore,
}

/// A kind of resource that no control judges, and that may exist nevertheless (SMK-23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedKind {
    /// The kind.
    pub kind: UnjudgedKind,
    /// Why it may exist.
    pub reason: String,
}

/// SageMaker kinds that the catalogue counts and does not judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UnjudgedKind {
    /// HyperPod clusters.
    Clusters,
    /// Labeling jobs.
    LabelingJobs,
    /// Compilation jobs.
    CompilationJobs,
    /// Optimization jobs.
    OptimizationJobs,
    /// Inference recommendation jobs.
    InferenceRecommendationsJobs,
    /// Edge packaging jobs.
    EdgePackagingJobs,
    /// Inference experiments.
    InferenceExperiments,
    /// MLflow tracking servers.
    MlflowTrackingServers,
    /// MLflow apps.
    MlflowApps,
    /// Pipelines: definitions only; their steps are audited as jobs.
    Pipelines,
    /// Partner apps.
    PartnerApps,
    /// Jobs of `CreateJob`.
    Jobs,
}

impl UnjudgedKind {
    /// The word of the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::LabelingJobs => "labeling_jobs",
            Self::CompilationJobs => "compilation_jobs",
            Self::OptimizationJobs => "optimization_jobs",
            Self::InferenceRecommendationsJobs => "inference_recommendations_jobs",
            Self::EdgePackagingJobs => "edge_packaging_jobs",
            Self::InferenceExperiments => "inference_experiments",
            Self::MlflowTrackingServers => "mlflow_tracking_servers",
            Self::MlflowApps => "mlflow_apps",
            Self::Pipelines => "pipelines",
            Self::PartnerApps => "partner_apps",
            Self::Jobs => "jobs",
        }
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self { include: Include::default(), by_network: true, by_role: true, exclude: Vec::new() }
    }
}

impl DisabledControl {
    /// Whether it still has effect on `today`.
    #[must_use]
    pub fn lives(&self, today: Date) -> bool {
        today <= self.expires
    }
}

impl Exclusion {
    /// Whether it still has effect on `today`.
    #[must_use]
    pub fn lives(&self, today: Date) -> bool {
        today <= self.expires
    }

    /// Whether this ARN is excluded, whatever the day.
    #[must_use]
    pub fn covers(&self, arn: &str) -> bool {
        self.arn.as_ref().is_some_and(|exact| exact.as_str() == arn)
            || self.arn_pattern.as_ref().is_some_and(|pattern| pattern.matches(arn))
    }
}

impl Include {
    /// Whether the ARN or the name is included.
    #[must_use]
    pub fn names(&self, arn: &str, name: &str) -> bool {
        self.arns.iter().any(|pattern| pattern.matches(arn)) || self.names.iter().any(|pattern| pattern.matches(name))
    }

    /// Whether these tags are included.
    #[must_use]
    pub fn tagged(&self, tags: &Tags) -> bool {
        !self.tags.is_empty() && super::selector::has_all(tags, &self.tags)
    }
}

/// An exclusion as it stands in the file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Exclusion")]
struct RawExclusion {
    /// The ARN; or `arn_pattern`.
    #[serde(default)]
    #[schemars(with = "ArnText")]
    arn: Option<Arn>,
    /// A pattern of ARNs; or `arn`.
    #[serde(default)]
    arn_pattern: Option<Pattern>,
    /// Why.
    reason: String,
    /// A person or team address.
    owner: String,
    /// Through this day (UTC).
    #[serde(with = "day")]
    #[schemars(with = "DateText")]
    expires: Date,
}

impl TryFrom<RawExclusion> for Exclusion {
    type Error = String;

    fn try_from(raw: RawExclusion) -> Result<Self, Self::Error> {
        let RawExclusion { arn, arn_pattern, reason, owner, expires } = raw;
        if arn.is_some() == arn_pattern.is_some() {
            return Err("expected either `arn` or `arn_pattern`".to_owned());
        }
        Ok(Self { arn, arn_pattern, reason, owner, expires })
    }
}

pub(super) fn yes() -> bool {
    true
}

/// The defaults of this area's numbers.
pub(super) mod default {
    /// Days that an ended job stays a subject.
    pub(in super::super) fn job_lookback_days() -> u32 {
        7
    }

    /// Hours between two full readings of what changes.
    pub(in super::super) fn full_sweep_hours() -> u32 {
        24
    }

    /// Hours after which a snapshot is stale.
    pub(in super::super) fn max_snapshot_age_hours() -> u32 {
        6
    }
}
