//! SageMaker resources: software, Studio, isolation and roles by kind.

use plumbline_snapshot::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Pattern;
use super::selector::has_all;

/// A notebook lifecycle configuration that may be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LifecycleConfig {
    /// Its name.
    pub name: String,
    /// The SHA-256 of its content, 64 hexadecimal digits. Default: the content is not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("pattern" = "^[0-9a-fA-F]{64}$"))]
    pub sha256: Option<String>,
}

/// What Studio domains may be set to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Studio {
    /// How people sign in. Default: not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_mode: Option<AuthMode>,
    /// Whether spaces may be reached from a remote editor. Default: false.
    #[serde(default)]
    pub allow_remote_access: bool,
    /// Whether Canvas may use other services. Default: false.
    #[serde(default)]
    pub allow_canvas: bool,
    /// Ids of custom file systems that may be mounted. Default: none.
    #[serde(default)]
    pub allowed_file_systems: Vec<String>,
}

/// How people sign in to a Studio domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum AuthMode {
    /// Through IAM.
    Iam,
    /// Through IAM Identity Center.
    Sso,
}

/// Jobs or models that need no network isolation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawIsolationExempt")]
pub struct IsolationExempt {
    /// The kind, `training_job` or `model`.
    pub kind: ResourceKind,
    /// A pattern of names; or `tags`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Pattern>,
    /// Tags that must all be there, where given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Why.
    pub reason: String,
}

/// Kinds of SageMaker resource that run under a role or in a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// Notebook instances.
    NotebookInstance,
    /// Studio domains.
    Domain,
    /// User profiles.
    UserProfile,
    /// Spaces.
    Space,
    /// Training jobs.
    TrainingJob,
    /// Processing jobs.
    ProcessingJob,
    /// Transform jobs.
    TransformJob,
    /// Hyperparameter tuning jobs.
    TuningJob,
    /// AutoML jobs.
    AutomlJob,
    /// Models.
    Model,
    /// Endpoint configs.
    EndpointConfig,
    /// Feature groups.
    FeatureGroup,
    /// Monitoring schedules.
    MonitoringSchedule,
    /// Monitoring job definitions.
    MonitoringJobDefinition,
}

impl ResourceKind {
    /// The word of the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotebookInstance => "notebook_instance",
            Self::Domain => "domain",
            Self::UserProfile => "user_profile",
            Self::Space => "space",
            Self::TrainingJob => "training_job",
            Self::ProcessingJob => "processing_job",
            Self::TransformJob => "transform_job",
            Self::TuningJob => "tuning_job",
            Self::AutomlJob => "automl_job",
            Self::Model => "model",
            Self::EndpointConfig => "endpoint_config",
            Self::FeatureGroup => "feature_group",
            Self::MonitoringSchedule => "monitoring_schedule",
            Self::MonitoringJobDefinition => "monitoring_job_definition",
        }
    }
}

impl IsolationExempt {
    /// Whether a resource is exempt; `None` if that hangs on tags that could not be read.
    #[must_use]
    pub fn covers(&self, kind: ResourceKind, name: &str, tags: Option<&Tags>) -> Option<bool> {
        if self.kind != kind || self.name.as_ref().is_some_and(|pattern| !pattern.matches(name)) {
            return Some(false);
        }
        match (&self.tags, tags) {
            (None, _) => Some(self.name.is_some()),
            (Some(wanted), Some(tags)) => Some(has_all(tags, wanted)),
            (Some(_), None) => None,
        }
    }
}

/// An exemption as it stands in the file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IsolationExempt")]
struct RawIsolationExempt {
    /// The kind, `training_job` or `model`.
    kind: ResourceKind,
    /// A pattern of names.
    #[serde(default)]
    name: Option<Pattern>,
    /// Tags that must all be there.
    #[serde(default)]
    tags: Option<Tags>,
    /// Why.
    reason: String,
}

impl TryFrom<RawIsolationExempt> for IsolationExempt {
    type Error = String;

    fn try_from(raw: RawIsolationExempt) -> Result<Self, Self::Error> {
        let RawIsolationExempt { kind, name, tags, reason } = raw;
        if name.is_none() && tags.as_ref().is_none_or(Tags::is_empty) {
            return Err("expected `name` or `tags`".to_owned());
        }
        Ok(Self { kind, name, tags: tags.filter(|tags| !tags.is_empty()), reason })
    }
}

/// The defaults of this area.
pub(super) mod default {
    /// Notebook platforms that are still supported.
    pub(in super::super) const PLATFORMS: [&str; 3] = ["notebook-al2-v3", "notebook-al2023-v1", "notebook-al2023-v2"];

    pub(in super::super) fn notebook_platforms() -> Vec<String> {
        PLATFORMS.map(str::to_owned).to_vec()
    }

    /// Instance families whose volumes are local NVMe, which the hardware encrypts and no key can.
    pub(in super::super) const NVME: [&str; 17] = [
        "g4dn", "g5", "g6", "g6e", "p4d", "p4de", "p5", "p5e", "p5en", "trn1", "trn2", "m5d", "c5d", "r5d", "c6id",
        "m6id", "r6id",
    ];

    pub(in super::super) fn nvme_instance_families() -> Vec<String> {
        NVME.map(str::to_owned).to_vec()
    }
}
