//! SageMaker: notebooks, domains, jobs, models, endpoints and their configs; and below, what lives in domains, feature groups,
//! monitoring, and what is only counted.
//!
//! Never environment variables, hyperparameters or script bodies.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_names::Text;
use serde::{Deserialize, Serialize};

use crate::{Collected, Passage, Read, Source, Tags};

macro_rules! source {
    ($name:ident, $operation:literal, $doc:literal) => {
        #[doc = $doc]
        pub const $name: Source =
            Source { service: "sagemaker", operation: $operation, permissions: &[concat!("sagemaker:", $operation)] };
    };
}

pub mod counted;
pub mod features;
mod jobs;
pub mod monitoring;
mod past;
pub mod studio;

#[cfg(test)]
mod tests;

pub use jobs::{
    AUTOML_JOB, AUTOML_JOBS, AutoMlJob, History, Job, JobBook, JobInput, JobOutput, PROCESSING_JOB, PROCESSING_JOBS,
    ProcessingJob, TRANSFORM_JOB, TRANSFORM_JOBS, TUNING_JOB, TUNING_JOBS, TrainingDefinition, TransformJob, TuningJob,
};

pub use past::Past;

use counted::Counts;
use features::FeatureGroup;
use monitoring::{Definition, Schedule};
use studio::{CodeRepository, DomainSettings, InDomain, LifecycleConfig, Software, Space, UserProfile};

source!(NOTEBOOKS, "ListNotebookInstances", "The notebook instances.");
source!(NOTEBOOK, "DescribeNotebookInstance", "One notebook instance.");
source!(DOMAINS, "ListDomains", "The Studio domains.");
source!(DOMAIN, "DescribeDomain", "One Studio domain.");
source!(TRAINING_JOBS, "ListTrainingJobs", "The training jobs, newest first, down to the lookback.");
source!(
    TRAINING_JOB,
    "DescribeTrainingJob",
    "One training job, where Search has no body for it or a field that Search lacks is asked."
);
source!(MODELS, "ListModels", "The models.");
source!(MODEL, "DescribeModel", "One model, where Search has no body for it.");
source!(ENDPOINTS, "ListEndpoints", "The endpoints.");
source!(ENDPOINT, "DescribeEndpoint", "One endpoint, where Search has no body for it.");
source!(ENDPOINT_CONFIGS, "ListEndpointConfigs", "The endpoint configs.");
source!(ENDPOINT_CONFIG, "DescribeEndpointConfig", "One endpoint config; no bulk form exists.");
source!(
    SEARCH,
    "Search",
    "Whole records with tags, 100 a page: training and tuning jobs, models, endpoints, feature groups."
);
source!(RESOURCE_TAGS, "ListTags", "The tags of a resource that Search does not have.");

/// The reads of this service.
pub const SOURCES: &[&Source] = &[
    &NOTEBOOKS,
    &NOTEBOOK,
    &DOMAINS,
    &DOMAIN,
    &TRAINING_JOBS,
    &TRAINING_JOB,
    &PROCESSING_JOBS,
    &PROCESSING_JOB,
    &TRANSFORM_JOBS,
    &TRANSFORM_JOB,
    &TUNING_JOBS,
    &TUNING_JOB,
    &AUTOML_JOBS,
    &AUTOML_JOB,
    &MODELS,
    &MODEL,
    &ENDPOINTS,
    &ENDPOINT,
    &ENDPOINT_CONFIGS,
    &ENDPOINT_CONFIG,
    &SEARCH,
    &RESOURCE_TAGS,
    &studio::USER_PROFILES,
    &studio::USER_PROFILE,
    &studio::SPACES,
    &studio::SPACE,
    &studio::LIFECYCLE_CONFIG,
    &studio::CODE_REPOSITORY,
    &features::FEATURE_GROUPS,
    &features::FEATURE_GROUP,
    &monitoring::SCHEDULES,
    &monitoring::SCHEDULE,
    &monitoring::DATA_QUALITY_DEFINITION,
    &monitoring::MODEL_QUALITY_DEFINITION,
    &monitoring::MODEL_BIAS_DEFINITION,
    &monitoring::MODEL_EXPLAINABILITY_DEFINITION,
    &counted::CLUSTERS,
    &counted::LABELING_JOBS,
    &counted::COMPILATION_JOBS,
    &counted::OPTIMIZATION_JOBS,
    &counted::INFERENCE_RECOMMENDATIONS_JOBS,
    &counted::EDGE_PACKAGING_JOBS,
    &counted::INFERENCE_EXPERIMENTS,
    &counted::MLFLOW_TRACKING_SERVERS,
    &counted::MLFLOW_APPS,
    &counted::PIPELINES,
    &counted::PARTNER_APPS,
    &counted::JOBS,
];

/// SageMaker in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SageMaker {
    /// Notebook instances by name.
    pub notebooks: Collected<Resource<Notebook>>,
    /// Studio domains by id.
    pub domains: Collected<Resource<Domain>>,
    /// Training jobs by name: those that run, and those that ended within the lookback.
    pub training_jobs: Collected<Resource<TrainingJob>>,
    /// Processing jobs by name, as far back as training jobs.
    #[serde(default = "jobs::unread_processing_jobs")]
    pub processing_jobs: Collected<Resource<ProcessingJob>>,
    /// Batch transform jobs by name, as far back as training jobs.
    #[serde(default = "jobs::unread_transform_jobs")]
    pub transform_jobs: Collected<Resource<TransformJob>>,
    /// Hyperparameter tuning jobs by name, as far back as training jobs.
    #[serde(default = "jobs::unread_tuning_jobs")]
    pub tuning_jobs: Collected<Resource<TuningJob>>,
    /// AutoML jobs by name, as far back as training jobs.
    #[serde(default = "jobs::unread_automl_jobs")]
    pub automl_jobs: Collected<Resource<AutoMlJob>>,
    /// Models by name.
    pub models: Collected<Resource<Model>>,
    /// Endpoints by name.
    pub endpoints: Collected<Resource<Endpoint>>,
    /// Endpoint configs by name.
    pub endpoint_configs: Collected<Resource<EndpointConfig>>,
    /// User profiles by [`InDomain::id`].
    #[serde(default = "studio::unread_user_profiles")]
    pub user_profiles: Collected<InDomain<UserProfile>>,
    /// Spaces by [`InDomain::id`].
    #[serde(default = "studio::unread_spaces")]
    pub spaces: Collected<InDomain<Space>>,
    /// Lifecycle configurations by name: those that a notebook instance seen refers to. `Seen(None)` is one that is not there.
    #[serde(default)]
    pub lifecycle_configs: BTreeMap<String, Read<Option<LifecycleConfig>>>,
    /// Code repositories by name: those that a notebook instance seen refers to. `Seen(None)` is one that is not there.
    #[serde(default)]
    pub code_repositories: BTreeMap<String, Read<Option<CodeRepository>>>,
    /// Feature groups by name.
    #[serde(default = "features::unread")]
    pub feature_groups: Collected<Resource<FeatureGroup>>,
    /// Monitoring schedules by name.
    #[serde(default = "monitoring::unread")]
    pub monitoring_schedules: Collected<Resource<Schedule>>,
    /// Definitions of monitoring jobs by [`Schedule::definition_id`]: those that a schedule seen names. `Seen(None)` is one
    /// that is not there.
    #[serde(default)]
    pub monitoring_definitions: BTreeMap<String, Read<Option<Definition>>>,
    /// Kinds that are only counted.
    #[serde(default = "Counts::unread")]
    pub counted: Counts,
    /// What the reading has to know beside what it found.
    #[serde(default, skip_serializing_if = "Bookmarks::is_blank")]
    pub bookmarks: Bookmarks,
}

/// What the reading of SageMaker has to know beside what it found: how far it came, and up to where the past is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmarks {
    /// Training jobs.
    #[serde(default, skip_serializing_if = "JobBook::is_blank")]
    pub training_jobs: JobBook<TrainingJob>,
    /// Processing jobs.
    #[serde(default, skip_serializing_if = "JobBook::is_blank")]
    pub processing_jobs: JobBook<ProcessingJob>,
    /// Batch transform jobs.
    #[serde(default, skip_serializing_if = "JobBook::is_blank")]
    pub transform_jobs: JobBook<TransformJob>,
    /// Hyperparameter tuning jobs.
    #[serde(default, skip_serializing_if = "JobBook::is_blank")]
    pub tuning_jobs: JobBook<TuningJob>,
    /// AutoML jobs.
    #[serde(default, skip_serializing_if = "JobBook::is_blank")]
    pub automl_jobs: JobBook<AutoMlJob>,
    /// The search for models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub models: Option<Passage>,
    /// The search for endpoints.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Passage>,
    /// The search for feature groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature_groups: Option<Passage>,
    /// When the tags of what was carried over were read; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags_read_at: Option<Timestamp>,
}

impl Bookmarks {
    /// Whether nothing is known beside what was found.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

/// A listed resource with its body. The list is the authority on what exists; the body may be a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource<T> {
    /// Its ARN.
    pub arn: Text,
    /// Its name; of a domain the id.
    pub name: Text,
    /// Its status as listed (`InService`, `Creating`, `Completed`, …); models and endpoint configs have none.
    pub status: Option<Text>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was last changed; of an ended job when it ended.
    pub modified: Option<Timestamp>,
    /// What it is; `None` where it vanished between list and description.
    pub body: Read<Option<T>>,
    /// Its tags.
    pub tags: Read<Tags>,
}

/// A network that a resource is put into.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcConfig {
    /// Subnet ids.
    pub subnets: Vec<String>,
    /// Security group ids.
    pub groups: Vec<String>,
}

/// A notebook instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notebook {
    /// `Enabled` or `Disabled`; none means enabled.
    pub direct_internet: Option<String>,
    /// `Enabled` or `Disabled`; none means enabled.
    pub root_access: Option<String>,
    /// Its subnet; none means no VPC.
    pub subnet_id: Option<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// Its volume's key as written.
    pub kms_key: Option<String>,
    /// Its execution role's ARN.
    pub role_arn: Option<String>,
    /// Its lifecycle configuration's name.
    pub lifecycle_config: Option<String>,
    /// What it runs on and starts with, which comes with the rest; not seen where an earlier version read it.
    #[serde(default = "studio::unread_software")]
    pub software: Read<Software>,
}

/// A Studio domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The name people gave it.
    pub domain_name: Option<String>,
    /// `VpcOnly` or `PublicInternetOnly`; none means the latter.
    pub network_access: Option<String>,
    /// Its VPC, set also for `PublicInternetOnly`.
    pub vpc_id: Option<String>,
    /// Its subnets.
    pub subnets: Vec<String>,
    /// The key of its file system and volumes, as written.
    pub kms_key: Option<String>,
    /// The older field of the file system's key, as written.
    pub home_efs_kms_key: Option<String>,
    /// `IAM` or `SSO`.
    pub auth_mode: Option<String>,
    /// What user profiles inherit.
    pub user_defaults: Option<DomainDefaults>,
    /// What shared spaces inherit.
    pub space_defaults: Option<DomainDefaults>,
    /// The rest of its settings, which comes with the above; not seen where an earlier version read it.
    #[serde(default = "studio::unread_settings")]
    pub settings: Read<DomainSettings>,
}

/// Settings that profiles or spaces inherit from their domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainDefaults {
    /// The execution role's ARN.
    pub role_arn: Option<String>,
    /// Security groups.
    pub groups: Vec<String>,
}

/// A training job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingJob {
    /// Its execution role's ARN.
    pub role_arn: Option<String>,
    /// Its network; none means SageMaker's own, with internet.
    pub vpc: Option<VpcConfig>,
    /// Its volume's key as written.
    pub volume_key: Option<String>,
    /// Its output's key as written.
    pub output_key: Option<String>,
    /// Its output's S3 URI.
    pub output_path: Option<String>,
    /// Its instances: of the resource config, its groups, or what was selected.
    pub instances: Vec<InstanceGroup>,
    /// Network isolation; none means false.
    pub network_isolation: bool,
    /// Encryption between nodes; none means false.
    pub inter_container_encryption: bool,
    /// The tuning job that made it.
    pub tuning_job_arn: Option<String>,
    /// The AutoML job that made it.
    pub automl_job_arn: Option<String>,
    /// Remote debugging; only `DescribeTrainingJob` says so, which is called where the baseline asks for it.
    pub remote_debug: Option<Read<bool>>,
}

/// Instances of one type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InstanceGroup {
    /// `ml.m5.xlarge`, …
    pub instance_type: String,
    /// How many.
    pub count: i32,
}

/// A model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its execution role's ARN.
    pub role_arn: Option<String>,
    /// Its network; none means SageMaker's own, with internet.
    pub vpc: Option<VpcConfig>,
    /// Network isolation; none means false.
    pub network_isolation: bool,
    /// A container pulls its image through the VPC (`RepositoryAccessMode=Vpc`).
    pub pulls_through_vpc: bool,
}

/// An endpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// The config in force.
    pub config: Option<String>,
    /// The config that an update is moving to.
    pub pending_config: Option<String>,
}

/// An endpoint config.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointConfig {
    /// The volumes' key as written.
    pub kms_key: Option<String>,
    /// Data capture, where it is configured.
    pub data_capture: Option<KeyedOutput>,
    /// Output of asynchronous inference, where it is configured.
    pub async_output: Option<KeyedOutput>,
    /// Production and shadow variants.
    pub variants: Vec<Variant>,
    /// Its own network, used with inference components.
    pub vpc: Option<VpcConfig>,
    /// Its own execution role, used with inference components.
    pub role_arn: Option<String>,
}

/// Something that writes to S3, and the key it writes with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedOutput {
    /// Where it writes.
    pub uri: Option<String>,
    /// The key as written.
    pub kms_key: Option<String>,
}

/// A variant of an endpoint config.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// Its name.
    pub name: String,
    /// Whether it is a shadow variant.
    pub shadow: bool,
    /// The model it serves; none with inference components.
    pub model: Option<String>,
    /// Instance types, those of instance pools included; empty for a serverless variant.
    pub instance_types: Vec<String>,
    /// Whether it is serverless.
    pub serverless: bool,
    /// Whether it gives a shell (`EnableSSMAccess`).
    pub ssm_access: bool,
    /// Core dumps, where they are configured.
    pub core_dump: Option<KeyedOutput>,
}

impl<T> Resource<T> {
    /// A listed resource whose body and tags nobody has read yet.
    #[must_use]
    pub fn listed(arn: &str, name: &str, body: &Source, tags: &Source) -> Self {
        Self {
            arn: arn.into(),
            name: name.into(),
            status: None,
            created: None,
            modified: None,
            body: Read::unread_of(body, name),
            tags: Read::unread_of(tags, arn),
        }
    }
}

/// The bodies among what was listed.
fn bodies<T>(listing: &Collected<Resource<T>>) -> impl Iterator<Item = &T> {
    listing.seen().filter_map(|resource| match &resource.body {
        Read::Seen(body) => body.as_ref(),
        Read::Gap(_) => None,
    })
}

impl SageMaker {
    /// Tells every key that a resource seen refers to, as written there.
    pub(crate) fn tell_keys(&self, mut tell: impl FnMut(&Option<String>)) {
        bodies(&self.notebooks).for_each(|notebook| tell(&notebook.kms_key));
        for domain in bodies(&self.domains) {
            tell(&domain.kms_key);
            tell(&domain.home_efs_kms_key);
        }
        for job in bodies(&self.training_jobs) {
            tell(&job.volume_key);
            tell(&job.output_key);
        }
        jobs::key_references(self, &mut tell);
        for config in bodies(&self.endpoint_configs) {
            tell(&config.kms_key);
            let dumps = config.variants.iter().filter_map(|variant| variant.core_dump.as_ref());
            config
                .data_capture
                .iter()
                .chain(&config.async_output)
                .chain(dumps)
                .for_each(|output| tell(&output.kms_key));
        }
        self.studio_key_references(&mut tell);
        bodies(&self.feature_groups).for_each(|group| group.key_references(&mut tell));
        self.definitions().for_each(|definition| definition.key_references(&mut tell));
    }

    /// SageMaker of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self {
            notebooks: Collected::unread(&NOTEBOOKS),
            domains: Collected::unread(&DOMAINS),
            training_jobs: Collected::unread(&TRAINING_JOBS),
            processing_jobs: Collected::unread(&PROCESSING_JOBS),
            transform_jobs: Collected::unread(&TRANSFORM_JOBS),
            tuning_jobs: Collected::unread(&TUNING_JOBS),
            automl_jobs: Collected::unread(&AUTOML_JOBS),
            models: Collected::unread(&MODELS),
            endpoints: Collected::unread(&ENDPOINTS),
            endpoint_configs: Collected::unread(&ENDPOINT_CONFIGS),
            user_profiles: studio::unread_user_profiles(),
            spaces: studio::unread_spaces(),
            lifecycle_configs: BTreeMap::new(),
            code_repositories: BTreeMap::new(),
            feature_groups: features::unread(),
            monitoring_schedules: monitoring::unread(),
            monitoring_definitions: BTreeMap::new(),
            counted: Counts::unread(),
            bookmarks: Bookmarks::default(),
        }
    }
}
