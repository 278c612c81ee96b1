//! Jobs of the known-good environment beside training: of each kind one that its name selects.

use plumbline_snapshot::Collected;
use plumbline_snapshot::sagemaker::{
    AutoMlJob, JobInput, JobOutput, ProcessingJob, Resource, TrainingDefinition, TransformJob, TuningJob,
};

use super::{MODEL_BATCH, at, instances, keyed_output, network, resource};
use crate::env::{some, whole};
use crate::{iam, kms, s3, when};

/// A finished processing job.
pub const PROCESSING_JOB: &str = "ds-process-fraud-dev-0912";
/// A finished transform job of [`MODEL_BATCH`].
pub const TRANSFORM_JOB: &str = "ds-transform-fraud-dev-0912";
/// A finished tuning job with two definitions.
pub const TUNING_JOB: &str = "ds-tune-fraud-dev-0912";
/// A running tuning job with the single definition, which `Search` does not have yet.
pub const TUNING_JOB_LATE: &str = "ds-tune-fraud-dev-0914";
/// A finished AutoML job.
pub const AUTOML_JOB: &str = "ds-automl-fraud-dev-0912";

/// Tuning jobs whose bodies came from `DescribeHyperParameterTuningJob`.
pub(crate) const DESCRIBED_TUNING_JOBS: &[&str] = &[TUNING_JOB_LATE];

fn job<T>(kind: &str, name: &str, body: T) -> Resource<T> {
    at(resource(kind, name, Some("Completed"), body), when("2026-09-12T08:00:00Z"), when("2026-09-12T09:10:00Z"))
}

fn by_name<T>(items: impl IntoIterator<Item = Resource<T>>) -> Collected<Resource<T>> {
    whole(items, |item| &item.name)
}

fn input(name: &str, prefix: &str) -> JobInput {
    JobInput { name: name.to_owned(), uri: Some(format!("s3://{}/{prefix}", s3::BUCKET_DATA)), query: None }
}

/// A compliant processing job.
#[must_use]
pub fn plain_processing_job() -> ProcessingJob {
    let output = JobOutput {
        name: "clean".to_owned(),
        uri: Some(format!("s3://{}/clean", s3::BUCKET_DATA)),
        feature_group: None,
    };
    ProcessingJob {
        role_arn: some(iam::TRAINING_EXECUTION),
        vpc: Some(network()),
        network_isolation: true,
        inter_container_encryption: true,
        volume_key: some(kms::ALIAS_VOLUMES),
        output_key: some(kms::KEY_DATA),
        instances: vec![instances("ml.m5.2xlarge", 2)],
        inputs: vec![input("raw", "raw")],
        outputs: vec![output],
        ..ProcessingJob::default()
    }
}

/// A compliant transform job.
#[must_use]
pub fn plain_transform_job() -> TransformJob {
    TransformJob {
        model: some(MODEL_BATCH),
        volume_key: some(kms::ALIAS_VOLUMES),
        instances: vec![instances("ml.m5.2xlarge", 1)],
        input: Some(format!("s3://{}/score", s3::BUCKET_DATA)),
        output: Some(keyed_output("scored", kms::KEY_DATA)),
        data_capture: Some(keyed_output("captured", kms::KEY_DATA)),
        ..TransformJob::default()
    }
}

/// A compliant definition of what a tuning job launches.
#[must_use]
pub fn plain_definition(name: Option<&str>) -> TrainingDefinition {
    TrainingDefinition {
        name: name.map(str::to_owned),
        role_arn: some(iam::TRAINING_EXECUTION),
        vpc: Some(network()),
        volume_key: some(kms::ALIAS_VOLUMES),
        output_key: some(kms::KEY_DATA),
        output_path: Some(format!("s3://{}/tuning", s3::BUCKET_MODEL)),
        instances: vec![instances("ml.m5.2xlarge", 1)],
        network_isolation: true,
        inputs: vec![input("train", "train")],
        ..TrainingDefinition::default()
    }
}

/// A compliant AutoML job.
#[must_use]
pub fn plain_automl_job() -> AutoMlJob {
    AutoMlJob {
        role_arn: some(iam::TRAINING_EXECUTION),
        vpc: Some(network()),
        volume_key: some(kms::ALIAS_VOLUMES),
        output_key: some(kms::KEY_DATA),
        output_path: Some(format!("s3://{}/automl", s3::BUCKET_MODEL)),
        inter_container_encryption: true,
        inputs: vec![input("training", "train")],
        ..AutoMlJob::default()
    }
}

pub(super) fn processing_jobs() -> Collected<Resource<ProcessingJob>> {
    by_name([job("processing-job", PROCESSING_JOB, plain_processing_job())])
}

pub(super) fn transform_jobs() -> Collected<Resource<TransformJob>> {
    by_name([job("transform-job", TRANSFORM_JOB, plain_transform_job())])
}

pub(super) fn tuning_jobs() -> Collected<Resource<TuningJob>> {
    let kind = "hyper-parameter-tuning-job";
    let two = TuningJob { definitions: vec![plain_definition(Some("one")), plain_definition(Some("two"))] };
    let late =
        resource(kind, TUNING_JOB_LATE, Some("InProgress"), TuningJob { definitions: vec![plain_definition(None)] });
    by_name([job(kind, TUNING_JOB, two), at(late, when("2026-09-14T05:58:00Z"), when("2026-09-14T05:59:00Z"))])
}

pub(super) fn automl_jobs() -> Collected<Resource<AutoMlJob>> {
    by_name([job("automl-job", AUTOML_JOB, plain_automl_job())])
}
