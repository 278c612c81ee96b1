//! Jobs: what the kinds have in common, what is known of them from run to run, and the kinds beside training.
//!
//! A job never changes once it has ended. Never environment variables, hyperparameters, arguments or queries.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Bookmarks, InstanceGroup, KeyedOutput, Past, RESOURCE_TAGS, Resource, SEARCH, TRAINING_JOBS, TrainingJob, VpcConfig,
};
use crate::{Collected, Passage, Read, Source};

source!(PROCESSING_JOBS, "ListProcessingJobs", "The processing jobs, newest first, down to the lookback.");
source!(PROCESSING_JOB, "DescribeProcessingJob", "One processing job; no bulk form exists.");
source!(TRANSFORM_JOBS, "ListTransformJobs", "The batch transform jobs, newest first, down to the lookback.");
source!(TRANSFORM_JOB, "DescribeTransformJob", "One batch transform job; no bulk form exists.");
source!(
    TUNING_JOBS,
    "ListHyperParameterTuningJobs",
    "The hyperparameter tuning jobs, newest first, down to the lookback."
);
source!(
    TUNING_JOB,
    "DescribeHyperParameterTuningJob",
    "One hyperparameter tuning job, where Search has no body for it."
);
source!(AUTOML_JOBS, "ListAutoMLJobs", "The AutoML jobs, newest first, down to the lookback.");
source!(AUTOML_JOB, "DescribeAutoMLJobV2", "One AutoML job, of the first version or the second; no bulk form exists.");

/// A kind of job.
pub trait Job: Clone {
    /// The read that bodies come from first.
    const BODY: &'static Source;
    /// The read that tags come from first.
    const TAGS: &'static Source;

    /// Forgets what a run tried and did not get to see within the body, so that the next one asks again.
    fn reopen(&mut self) {}
}

impl Job for TrainingJob {
    const BODY: &'static Source = &SEARCH;
    const TAGS: &'static Source = &SEARCH;

    fn reopen(&mut self) {
        self.remote_debug = self.remote_debug.take().filter(Read::is_seen);
    }
}

impl Job for ProcessingJob {
    const BODY: &'static Source = &PROCESSING_JOB;
    const TAGS: &'static Source = &RESOURCE_TAGS;
}

impl Job for TransformJob {
    const BODY: &'static Source = &TRANSFORM_JOB;
    const TAGS: &'static Source = &RESOURCE_TAGS;
}

impl Job for TuningJob {
    const BODY: &'static Source = &SEARCH;
    const TAGS: &'static Source = &SEARCH;
}

impl Job for AutoMlJob {
    const BODY: &'static Source = &AUTOML_JOB;
    const TAGS: &'static Source = &RESOURCE_TAGS;
}

impl<T: Job> Resource<T> {
    /// Whether the job runs no more, and so never changes. All kinds have the same words for it.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self.status.as_deref(), Some("Completed" | "Failed" | "Stopped"))
    }

    /// Whether the job ended before `since`.
    #[must_use]
    pub fn ended_before(&self, since: Timestamp) -> bool {
        self.has_ended() && self.modified.is_some_and(|ended| ended < since)
    }
}

/// What the reading of a kind of job has to know beside the jobs it found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobBook<T> {
    /// The search for whole records; none before it begins, or where `Search` does not have the kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Passage>,
    /// Whole records that the search brought before the listing came to their jobs, by name. A job that the listing never
    /// comes to is none.
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    pub found: BTreeMap<String, Resource<T>>,
    /// What is known of jobs beside those that are judged.
    #[serde(default)]
    pub history: History,
    /// The look whether jobs of the past are still there; none before it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look_again: Option<Passage>,
}

/// What is known of a kind of job beside those that are judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Every job made before this moment is known: judged, or in `past`. None until a listing was whole once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watermark: Option<Timestamp>,
    /// The lookback of that listing: of the jobs that ended before this moment, only `past` tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// When the jobs were made that ended before `since`, by name.
    #[serde(default, skip_serializing_if = "Past::is_empty")]
    pub past: Past,
    /// How far back this run's listing goes; none where it goes back to the oldest job that can still run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Timestamp>,
    /// Jobs made before this moment are the next to be looked for again; none begins with the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checked: Option<Timestamp>,
    /// When the jobs were made that an earlier run knew and that are no longer there, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vanished: BTreeMap<String, Timestamp>,
}

impl<T: Default + PartialEq> JobBook<T> {
    /// Whether nothing is known beside the jobs.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        *self == Self::default()
    }
}

impl Bookmarks {
    /// What is known of each kind of job, with the kind's listing and its word.
    pub fn histories(&self) -> impl Iterator<Item = (&'static Source, &'static str, &History)> {
        [
            (&TRAINING_JOBS, "training job", &self.training_jobs.history),
            (&PROCESSING_JOBS, "processing job", &self.processing_jobs.history),
            (&TRANSFORM_JOBS, "transform job", &self.transform_jobs.history),
            (&TUNING_JOBS, "tuning job", &self.tuning_jobs.history),
            (&AUTOML_JOBS, "AutoML job", &self.automl_jobs.history),
        ]
        .into_iter()
    }
}

/// What a job reads, by the name that the request gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobInput {
    /// The input's or channel's name; of AutoML its type, such as `training`.
    pub name: String,
    /// The S3 URI that it is read from; none if it is read from elsewhere.
    pub uri: Option<String>,
    /// Where Athena or Redshift writes what a query yields, for the job to read it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<KeyedOutput>,
}

/// What a processing job writes, by the name that the request gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOutput {
    /// The output's name.
    pub name: String,
    /// The S3 URI that it is written to.
    pub uri: Option<String>,
    /// The feature group that it is written to.
    pub feature_group: Option<String>,
}

/// A processing job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessingJob {
    /// Its execution role's ARN.
    pub role_arn: Option<String>,
    /// Its network; none means SageMaker's own, with internet.
    pub vpc: Option<VpcConfig>,
    /// Network isolation; none means false.
    pub network_isolation: bool,
    /// Encryption between nodes; none means false.
    pub inter_container_encryption: bool,
    /// Its volume's key as written.
    pub volume_key: Option<String>,
    /// The key of all its outputs as written.
    pub output_key: Option<String>,
    /// Its instances: what was selected, what was asked for, or all that may be selected.
    pub instances: Vec<InstanceGroup>,
    /// What it reads.
    pub inputs: Vec<JobInput>,
    /// What it writes.
    pub outputs: Vec<JobOutput>,
    /// Its container's image as written.
    pub image: Option<String>,
    /// The monitoring schedule that made it.
    pub monitoring_schedule_arn: Option<String>,
    /// The AutoML job that made it.
    pub automl_job_arn: Option<String>,
    /// The training job that it belongs to.
    pub training_job_arn: Option<String>,
}

/// A batch transform job. It has no network and no role of its own: its model's are used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransformJob {
    /// The model's name. A later model may have the same: compare when they were made.
    pub model: Option<String>,
    /// Its volume's key as written.
    pub volume_key: Option<String>,
    /// Its instances.
    pub instances: Vec<InstanceGroup>,
    /// The S3 URI that it reads.
    pub input: Option<String>,
    /// What it writes; none where the answer has no such part.
    pub output: Option<KeyedOutput>,
    /// Data capture, where it is configured.
    pub data_capture: Option<KeyedOutput>,
    /// The AutoML job that made it.
    pub automl_job_arn: Option<String>,
    /// The labeling job that made it.
    pub labeling_job_arn: Option<String>,
}

/// A hyperparameter tuning job.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TuningJob {
    /// What it launches training jobs from: the single definition, and every one of the list.
    pub definitions: Vec<TrainingDefinition>,
}

/// What a tuning job launches training jobs from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingDefinition {
    /// Its name, which a single definition need not have.
    pub name: Option<String>,
    /// The execution role's ARN.
    pub role_arn: Option<String>,
    /// The network; none means SageMaker's own, with internet.
    pub vpc: Option<VpcConfig>,
    /// The volumes' key as written, of the resource config or of the tuning resource config.
    pub volume_key: Option<String>,
    /// The output's key as written.
    pub output_key: Option<String>,
    /// The output's S3 URI.
    pub output_path: Option<String>,
    /// The instances: of the resource config, or all that the tuning resource config allows.
    pub instances: Vec<InstanceGroup>,
    /// Network isolation; none means false.
    pub network_isolation: bool,
    /// Encryption between nodes; none means false.
    pub inter_container_encryption: bool,
    /// What it reads.
    pub inputs: Vec<JobInput>,
    /// The S3 URI of its checkpoints.
    pub checkpoint_uri: Option<String>,
    /// The container's image as written; none with an algorithm of the marketplace or the account.
    pub image: Option<String>,
}

/// An AutoML job, of the first version or the second. It has no network isolation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoMlJob {
    /// Its execution role's ARN.
    pub role_arn: Option<String>,
    /// Its network; none means SageMaker's own, with internet.
    pub vpc: Option<VpcConfig>,
    /// Its volumes' key as written.
    pub volume_key: Option<String>,
    /// Its output's key as written.
    pub output_key: Option<String>,
    /// Its output's S3 URI.
    pub output_path: Option<String>,
    /// Encryption between nodes; none means false.
    pub inter_container_encryption: bool,
    /// What it reads.
    pub inputs: Vec<JobInput>,
    /// The S3 URI of the list of features to use.
    pub feature_list_uri: Option<String>,
    /// The role under which it uses EMR Serverless.
    pub emr_role_arn: Option<String>,
}

/// Tells every key that a job refers to, as written there.
pub(super) fn key_references(all: &super::SageMaker, mut tell: impl FnMut(&Option<String>)) {
    use super::bodies;
    for job in bodies(&all.processing_jobs) {
        tell(&job.volume_key);
        tell(&job.output_key);
        job.inputs.iter().filter_map(|input| input.query.as_ref()).for_each(|query| tell(&query.kms_key));
    }
    for job in bodies(&all.transform_jobs) {
        tell(&job.volume_key);
        job.output.iter().chain(&job.data_capture).for_each(|output| tell(&output.kms_key));
    }
    for definition in bodies(&all.tuning_jobs).flat_map(|job| &job.definitions) {
        tell(&definition.volume_key);
        tell(&definition.output_key);
    }
    for job in bodies(&all.automl_jobs) {
        tell(&job.volume_key);
        tell(&job.output_key);
    }
}

pub(super) fn unread_processing_jobs() -> Collected<Resource<ProcessingJob>> {
    Collected::unread(&PROCESSING_JOBS)
}

pub(super) fn unread_transform_jobs() -> Collected<Resource<TransformJob>> {
    Collected::unread(&TRANSFORM_JOBS)
}

pub(super) fn unread_tuning_jobs() -> Collected<Resource<TuningJob>> {
    Collected::unread(&TUNING_JOBS)
}

pub(super) fn unread_automl_jobs() -> Collected<Resource<AutoMlJob>> {
    Collected::unread(&AUTOML_JOBS)
}
