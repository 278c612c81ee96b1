//! Processing, transform, tuning and AutoML jobs.
//!
//! Container arguments, environments, hyperparameters and queries are in these answers and never leave this file.

use aws_sdk_sagemaker::operation::describe_auto_ml_job_v2::DescribeAutoMlJobV2Output;
use aws_sdk_sagemaker::operation::describe_hyper_parameter_tuning_job::DescribeHyperParameterTuningJobOutput;
use aws_sdk_sagemaker::operation::describe_processing_job::DescribeProcessingJobOutput;
use aws_sdk_sagemaker::operation::describe_transform_job::DescribeTransformJobOutput;
use aws_sdk_sagemaker::types as aws;
use aws_smithy_types::DateTime;
use plumbline_collector::moment;
use plumbline_snapshot::sagemaker::{
    AutoMlJob, InstanceGroup, Job, JobInput, JobOutput, KeyedOutput, ProcessingJob, Resource, TrainingDefinition,
    TransformJob, TuningJob,
};

use super::{Record, found, instances, listed, text, vpc, word};
use crate::describe::Standing;

/// A listed job. Of one that has ended, the time of its end counts as that of its last change.
pub(super) fn listed_job<T: Job>(
    names: (Option<&str>, Option<&str>),
    status: Option<&str>,
    created: Option<&DateTime>,
    changed: (Option<&DateTime>, Option<&DateTime>),
) -> Option<(String, Resource<T>)> {
    let mut found = listed(names, (T::BODY, T::TAGS))?;
    found.1.status = Some(word(status)?);
    found.1.created = Some(created.and_then(moment)?);
    found.1.modified = changed.0.and_then(moment).or_else(|| changed.1.and_then(moment));
    Some(found)
}

/// How a job stands, in the words of the listing.
pub(super) fn standing(
    status: Option<&str>,
    created: Option<&DateTime>,
    changed: (Option<&DateTime>, Option<&DateTime>),
) -> Standing {
    Standing {
        status: word(status),
        created: created.and_then(moment),
        modified: changed.0.and_then(moment).or_else(|| changed.1.and_then(moment)),
    }
}

/// A listed processing job.
pub(crate) fn listed_processing_job(item: &aws::ProcessingJobSummary) -> Option<(String, Resource<ProcessingJob>)> {
    listed_job(
        (item.processing_job_arn(), item.processing_job_name()),
        item.processing_job_status().map(aws::ProcessingJobStatus::as_str),
        item.creation_time(),
        (item.processing_end_time(), item.last_modified_time()),
    )
}

/// A listed transform job.
pub(crate) fn listed_transform_job(item: &aws::TransformJobSummary) -> Option<(String, Resource<TransformJob>)> {
    listed_job(
        (item.transform_job_arn(), item.transform_job_name()),
        item.transform_job_status().map(aws::TransformJobStatus::as_str),
        item.creation_time(),
        (item.transform_end_time(), item.last_modified_time()),
    )
}

/// A listed tuning job.
pub(crate) fn listed_tuning_job(item: &aws::HyperParameterTuningJobSummary) -> Option<(String, Resource<TuningJob>)> {
    listed_job(
        (item.hyper_parameter_tuning_job_arn(), item.hyper_parameter_tuning_job_name()),
        item.hyper_parameter_tuning_job_status().map(aws::HyperParameterTuningJobStatus::as_str),
        item.creation_time(),
        (item.hyper_parameter_tuning_end_time(), item.last_modified_time()),
    )
}

/// A listed AutoML job.
pub(crate) fn listed_automl_job(item: &aws::AutoMlJobSummary) -> Option<(String, Resource<AutoMlJob>)> {
    listed_job(
        (item.auto_ml_job_arn(), item.auto_ml_job_name()),
        item.auto_ml_job_status().map(aws::AutoMlJobStatus::as_str),
        item.creation_time(),
        (item.end_time(), item.last_modified_time()),
    )
}

/// A processing job and how it stands.
pub(crate) fn processing_job(answer: &DescribeProcessingJobOutput) -> (ProcessingJob, Standing) {
    let network = answer.network_config();
    let cluster = answer.processing_resources().and_then(aws::ProcessingResources::cluster_config);
    let output = answer.processing_output_config();
    let outputs = output.map(aws::ProcessingOutputConfig::outputs).unwrap_or_default();
    let body = ProcessingJob {
        role_arn: text(answer.role_arn()),
        vpc: vpc(network.and_then(aws::NetworkConfig::vpc_config)),
        network_isolation: network.and_then(aws::NetworkConfig::enable_network_isolation).unwrap_or(false),
        inter_container_encryption: network
            .and_then(aws::NetworkConfig::enable_inter_container_traffic_encryption)
            .unwrap_or(false),
        volume_key: cluster.and_then(|cluster| text(cluster.volume_kms_key_id())),
        output_key: output.and_then(|output| text(output.kms_key_id())),
        instances: cluster.map(processing_instances).unwrap_or_default(),
        inputs: answer.processing_inputs().iter().map(processing_input).collect(),
        outputs: outputs.iter().map(processing_output).collect(),
        image: answer.app_specification().and_then(|app| text(app.image_uri())),
        monitoring_schedule_arn: text(answer.monitoring_schedule_arn()),
        automl_job_arn: text(answer.auto_ml_job_arn()),
        training_job_arn: text(answer.training_job_arn()),
    };
    let status = answer.processing_job_status().map(aws::ProcessingJobStatus::as_str);
    let changed = (answer.processing_end_time(), answer.last_modified_time());
    (body, standing(status, answer.creation_time(), changed))
}

/// The instances that were selected; else the one type; else all that may be selected. One is meant where no number is given
/// (ProcessingClusterConfig: "The default value is 1").
fn processing_instances(cluster: &aws::ProcessingClusterConfig) -> Vec<InstanceGroup> {
    let of = |kind: Option<&aws::ProcessingInstanceType>, count: Option<i32>| {
        group(kind.map(aws::ProcessingInstanceType::as_str), count.unwrap_or(1))
    };
    let selected = of(cluster.selected_instance_type(), cluster.selected_instance_count());
    let mut all: Vec<_> =
        selected.or_else(|| of(cluster.instance_type(), cluster.instance_count())).into_iter().collect();
    if all.is_empty() {
        let counted = |count: Option<i32>| count.or(cluster.instance_count());
        let preferred = cluster.instance_preferences().iter();
        all = preferred.filter_map(|one| of(one.instance_type(), counted(one.instance_count()))).collect();
    }
    all.sort();
    all
}

fn group(kind: Option<&str>, count: i32) -> Option<InstanceGroup> {
    Some(InstanceGroup { instance_type: text(kind)?, count })
}

fn processing_input(input: &aws::ProcessingInput) -> JobInput {
    let query = input.dataset_definition().and_then(|data| {
        let athena = data.athena_dataset_definition().map(|it| (it.output_s3_uri(), it.kms_key_id()));
        let redshift = || data.redshift_dataset_definition().map(|it| (it.output_s3_uri(), it.kms_key_id()));
        athena.or_else(redshift)
    });
    JobInput {
        name: text(input.input_name()).unwrap_or_default(),
        uri: input.s3_input().and_then(|input| text(input.s3_uri())),
        query: query.map(|(uri, key)| KeyedOutput { uri: text(uri), kms_key: text(key) }),
    }
}

fn processing_output(output: &aws::ProcessingOutput) -> JobOutput {
    JobOutput {
        name: text(output.output_name()).unwrap_or_default(),
        uri: output.s3_output().and_then(|output| text(output.s3_uri())),
        feature_group: output.feature_store_output().and_then(|output| text(output.feature_group_name())),
    }
}

/// A transform job and how it stands.
pub(crate) fn transform_job(answer: &DescribeTransformJobOutput) -> (TransformJob, Standing) {
    let resources = answer.transform_resources();
    let data = answer.transform_input().and_then(aws::TransformInput::data_source);
    let instances = resources.and_then(|resources| {
        let kind = resources.instance_type().map(aws::TransformInstanceType::as_str);
        group(kind, resources.instance_count().unwrap_or(0))
    });
    let body = TransformJob {
        model: text(answer.model_name()),
        volume_key: resources.and_then(|resources| text(resources.volume_kms_key_id())),
        instances: instances.into_iter().collect(),
        input: data.and_then(aws::TransformDataSource::s3_data_source).and_then(|source| text(source.s3_uri())),
        output: answer
            .transform_output()
            .map(|output| KeyedOutput { uri: text(output.s3_output_path()), kms_key: text(output.kms_key_id()) }),
        data_capture: answer.data_capture_config().map(|capture| KeyedOutput {
            uri: text(capture.destination_s3_uri()),
            kms_key: text(capture.kms_key_id()),
        }),
        automl_job_arn: text(answer.auto_ml_job_arn()),
        labeling_job_arn: text(answer.labeling_job_arn()),
    };
    let status = answer.transform_job_status().map(aws::TransformJobStatus::as_str);
    // Only the listing says when it was last changed otherwise.
    let changed = (answer.transform_end_time(), None);
    (body, standing(status, answer.creation_time(), changed))
}

/// A tuning job as `Search` has it, by name.
pub(crate) fn found_tuning_job(record: &aws::SearchRecord) -> Option<(String, Record<TuningJob>)> {
    let item = record.hyper_parameter_tuning_job()?;
    let body = tuning(item.training_job_definition(), item.training_job_definitions());
    let times = (item.creation_time(), item.last_modified_time());
    let names = (item.hyper_parameter_tuning_job_name(), item.hyper_parameter_tuning_job_arn());
    let mut found = found(names.0, names.1, times, body, item.tags())?;
    let status = item.hyper_parameter_tuning_job_status().map(aws::HyperParameterTuningJobStatus::as_str);
    let changed = (item.hyper_parameter_tuning_end_time(), item.last_modified_time());
    found.1.standing = standing(status, item.creation_time(), changed);
    Some(found)
}

/// A tuning job as `DescribeHyperParameterTuningJob` has it, and how it stands.
pub(crate) fn tuning_job(answer: &DescribeHyperParameterTuningJobOutput) -> (TuningJob, Standing) {
    let body = tuning(answer.training_job_definition(), answer.training_job_definitions());
    let status = answer.hyper_parameter_tuning_job_status().map(aws::HyperParameterTuningJobStatus::as_str);
    let changed = (answer.hyper_parameter_tuning_end_time(), answer.last_modified_time());
    (body, standing(status, answer.creation_time(), changed))
}

/// The single definition, and every one of the list: a job has one or the other, but nothing is lost if it has both.
fn tuning(
    one: Option<&aws::HyperParameterTrainingJobDefinition>,
    many: &[aws::HyperParameterTrainingJobDefinition],
) -> TuningJob {
    TuningJob { definitions: one.into_iter().chain(many).map(definition).collect() }
}

fn definition(item: &aws::HyperParameterTrainingJobDefinition) -> TrainingDefinition {
    let (plain, tuned) = (item.resource_config(), item.hyper_parameter_tuning_resource_config());
    let volume_key = plain.and_then(|config| text(config.volume_kms_key_id()));
    let mut instances = instances(plain);
    if instances.is_empty() {
        instances = tuned.map(tuning_instances).unwrap_or_default();
    }
    TrainingDefinition {
        name: text(item.definition_name()),
        role_arn: text(item.role_arn()),
        vpc: vpc(item.vpc_config()),
        volume_key: volume_key.or_else(|| tuned.and_then(|config| text(config.volume_kms_key_id()))),
        output_key: item.output_data_config().and_then(|config| text(config.kms_key_id())),
        output_path: item.output_data_config().and_then(|config| text(config.s3_output_path())),
        instances,
        network_isolation: item.enable_network_isolation().unwrap_or(false),
        inter_container_encryption: item.enable_inter_container_traffic_encryption().unwrap_or(false),
        inputs: item.input_data_config().iter().map(channel).collect(),
        checkpoint_uri: item.checkpoint_config().and_then(|config| text(config.s3_uri())),
        image: item.algorithm_specification().and_then(|algorithm| text(algorithm.training_image())),
    }
}

fn tuning_instances(config: &aws::HyperParameterTuningResourceConfig) -> Vec<InstanceGroup> {
    let of = |kind: Option<&aws::TrainingInstanceType>, count: Option<i32>| {
        group(kind.map(aws::TrainingInstanceType::as_str), count.unwrap_or(0))
    };
    let listed =
        config.instance_configs().iter().filter_map(|one| of(Some(one.instance_type()?), one.instance_count()));
    let mut all: Vec<_> = of(config.instance_type(), config.instance_count()).into_iter().chain(listed).collect();
    all.sort();
    all
}

fn channel(item: &aws::Channel) -> JobInput {
    let data = item.data_source().and_then(aws::DataSource::s3_data_source);
    JobInput {
        name: text(item.channel_name()).unwrap_or_default(),
        uri: data.and_then(|data| text(data.s3_uri())),
        query: None,
    }
}

/// An AutoML job of either version, and how it stands.
pub(crate) fn automl_job(answer: &DescribeAutoMlJobV2Output) -> (AutoMlJob, Standing) {
    let security = answer.security_config();
    let output = answer.output_data_config();
    let features = answer.auto_ml_problem_type_config().and_then(|config| match config {
        aws::AutoMlProblemTypeConfig::TabularJobConfig(config) => text(config.feature_specification_s3_uri()),
        aws::AutoMlProblemTypeConfig::TimeSeriesForecastingJobConfig(config) => {
            text(config.feature_specification_s3_uri())
        }
        _ => None,
    });
    let emr = answer.auto_ml_compute_config().and_then(aws::AutoMlComputeConfig::emr_serverless_compute_config);
    let body = AutoMlJob {
        role_arn: text(answer.role_arn()),
        vpc: vpc(security.and_then(aws::AutoMlSecurityConfig::vpc_config)),
        volume_key: security.and_then(|security| text(security.volume_kms_key_id())),
        output_key: output.and_then(|output| text(output.kms_key_id())),
        output_path: output.and_then(|output| text(output.s3_output_path())),
        inter_container_encryption: security
            .and_then(aws::AutoMlSecurityConfig::enable_inter_container_traffic_encryption)
            .unwrap_or(false),
        inputs: answer.auto_ml_job_input_data_config().iter().map(automl_input).collect(),
        feature_list_uri: features,
        emr_role_arn: emr.and_then(|emr| text(emr.execution_role_arn())),
    };
    let status = answer.auto_ml_job_status().map(aws::AutoMlJobStatus::as_str);
    (body, standing(status, answer.creation_time(), (answer.end_time(), answer.last_modified_time())))
}

fn automl_input(item: &aws::AutoMlJobChannel) -> JobInput {
    let data = item.data_source().and_then(aws::AutoMlDataSource::s3_data_source);
    JobInput {
        name: text(item.channel_type().map(aws::AutoMlChannelType::as_str)).unwrap_or_default(),
        uri: data.and_then(|data| text(data.s3_uri())),
        query: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(groups: &[InstanceGroup]) -> String {
        groups.iter().map(|group| format!("{}*{}", group.instance_type, group.count)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_processing_job_runs_on_what_was_selected_or_may_be() {
        let kind = |text: &str| aws::ProcessingInstanceType::from(text);
        let preference = |text: &str, count| {
            aws::ProcessingInstancePreference::builder().instance_type(kind(text)).set_instance_count(count).build()
        };
        let of = aws::ProcessingClusterConfig::builder;
        let cases = [
            (of().instance_type(kind("ml.m5.large")).instance_count(3), "ml.m5.large*3"),
            (of().instance_type(kind("ml.z99.huge")), "ml.z99.huge*1"),
            (
                of().instance_preferences(preference("ml.g5.xlarge", Some(2)))
                    .selected_instance_type(kind("ml.m5.large"))
                    .selected_instance_count(4),
                "ml.m5.large*4",
            ),
            (
                of().instance_preferences(preference("ml.g5.xlarge", Some(2)))
                    .instance_preferences(preference("ml.c5.large", None)),
                "ml.c5.large*1 ml.g5.xlarge*2",
            ),
            (of(), ""),
        ];
        for (builder, expected) in cases {
            assert_eq!(names(&processing_instances(&builder.build())), expected);
        }
    }

    #[test]
    fn every_definition_of_a_tuning_job_counts_wherever_it_says_its_key_and_instances() {
        let kind = |text: &str| aws::TrainingInstanceType::from(text);
        let one = |kind: aws::TrainingInstanceType, count| {
            aws::HyperParameterTuningInstanceConfig::builder().instance_type(kind).instance_count(count).build()
        };
        let plain = aws::HyperParameterTrainingJobDefinition::builder().resource_config(
            aws::ResourceConfig::builder()
                .instance_type(kind("ml.m5.large"))
                .instance_count(2)
                .volume_kms_key_id("plain")
                .build(),
        );
        let tuned = aws::HyperParameterTrainingJobDefinition::builder()
            .definition_name("second")
            .hyper_parameter_tuning_resource_config(
                aws::HyperParameterTuningResourceConfig::builder()
                    .volume_kms_key_id("tuned")
                    .instance_configs(one(kind("ml.p3.large"), 1))
                    .instance_configs(one(kind("ml.c5.large"), 4))
                    .build(),
            );
        let job =
            tuning(Some(&plain.build()), &[tuned.build(), aws::HyperParameterTrainingJobDefinition::builder().build()]);
        let seen: Vec<_> = job
            .definitions
            .iter()
            .map(|it| (it.name.as_deref(), it.volume_key.as_deref(), names(&it.instances)))
            .collect();
        assert_eq!(
            seen,
            [
                (None, Some("plain"), "ml.m5.large*2".to_owned()),
                (Some("second"), Some("tuned"), "ml.c5.large*4 ml.p3.large*1".to_owned()),
                (None, None, String::new()),
            ]
        );
    }

    #[test]
    fn what_a_query_writes_is_kept_and_the_query_is_not() {
        let athena = aws::AthenaDatasetDefinition::builder()
            .query_string("select secret")
            .output_s3_uri("s3://lab/q")
            .kms_key_id("key-1")
            .build();
        let data = aws::DatasetDefinition::builder().athena_dataset_definition(athena).build();
        let input =
            processing_input(&aws::ProcessingInput::builder().input_name("in").dataset_definition(data).build());
        let query = KeyedOutput { uri: Some("s3://lab/q".to_owned()), kms_key: Some("key-1".to_owned()) };
        assert_eq!(input, JobInput { name: "in".to_owned(), uri: None, query: Some(query) });
    }

    #[test]
    fn what_is_absent_stays_absent() {
        assert_eq!(processing_job(&DescribeProcessingJobOutput::builder().build()).0, ProcessingJob::default());
        assert_eq!(transform_job(&DescribeTransformJobOutput::builder().build()).0, TransformJob::default());
        assert_eq!(tuning_job(&DescribeHyperParameterTuningJobOutput::builder().build()).0, TuningJob::default());
        assert_eq!(automl_job(&DescribeAutoMlJobV2Output::builder().build()).0, AutoMlJob::default());
        assert_eq!(listed_automl_job(&aws::AutoMlJobSummary::builder().auto_ml_job_name("a").build()), None);
    }
}
