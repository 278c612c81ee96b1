//! Monitoring schedules, and the definitions of the jobs that they start. Neither environment nor arguments of containers.

use aws_sdk_sagemaker::operation::describe_data_quality_job_definition::DescribeDataQualityJobDefinitionOutput;
use aws_sdk_sagemaker::operation::describe_model_bias_job_definition::DescribeModelBiasJobDefinitionOutput;
use aws_sdk_sagemaker::operation::describe_model_explainability_job_definition::DescribeModelExplainabilityJobDefinitionOutput;
use aws_sdk_sagemaker::operation::describe_model_quality_job_definition::DescribeModelQualityJobDefinitionOutput;
use aws_sdk_sagemaker::operation::describe_monitoring_schedule::DescribeMonitoringScheduleOutput;
use aws_sdk_sagemaker::types as aws;
use plumbline_collector::moment;
use plumbline_snapshot::sagemaker::monitoring::{Definition, SCHEDULE, Schedule};
use plumbline_snapshot::sagemaker::{InstanceGroup, RESOURCE_TAGS, Resource};

use super::{listed, text, vpc, word};

/// A listed monitoring schedule.
pub(crate) fn listed_schedule(item: &aws::MonitoringScheduleSummary) -> Option<(String, Resource<Schedule>)> {
    let names = (item.monitoring_schedule_arn(), item.monitoring_schedule_name());
    let mut found = listed(names, (&SCHEDULE, &RESOURCE_TAGS))?;
    found.1.status = word(item.monitoring_schedule_status().map(aws::ScheduleStatus::as_str));
    found.1.created = item.creation_time().and_then(moment);
    found.1.modified = item.last_modified_time().and_then(moment);
    Some(found)
}

/// A monitoring schedule.
pub(crate) fn schedule(answer: &DescribeMonitoringScheduleOutput) -> Schedule {
    let config = answer.monitoring_schedule_config();
    let monitors = config.and_then(aws::MonitoringScheduleConfig::monitoring_type).or_else(|| answer.monitoring_type());
    Schedule {
        monitors: text(monitors.map(aws::MonitoringType::as_str)),
        endpoint: text(answer.endpoint_name()),
        inline: config.and_then(aws::MonitoringScheduleConfig::monitoring_job_definition).map(inline),
        definition_name: config.and_then(|config| text(config.monitoring_job_definition_name())),
    }
}

/// The definition that a schedule has itself.
fn inline(item: &aws::MonitoringJobDefinition) -> Definition {
    let network = item.network_config();
    let app = item.monitoring_app_specification();
    let baseline = item.baseline_config();
    let inputs = item.monitoring_inputs().iter();
    let captured = inputs.map(|input| input.batch_transform_input().and_then(captured));
    let read = [
        baseline.and_then(|it| it.constraints_resource()).and_then(|it| it.s3_uri()),
        baseline.and_then(|it| it.statistics_resource()).and_then(|it| it.s3_uri()),
        app.and_then(|app| app.record_preprocessor_source_uri()),
        app.and_then(|app| app.post_analytics_processor_source_uri()),
    ];
    Definition {
        network_isolation: network.and_then(aws::NetworkConfig::enable_network_isolation).unwrap_or(false),
        inter_container_encryption: network
            .and_then(aws::NetworkConfig::enable_inter_container_traffic_encryption)
            .unwrap_or(false),
        vpc: vpc(network.and_then(aws::NetworkConfig::vpc_config)),
        ..common(
            item.role_arn(),
            (item.monitoring_resources(), item.monitoring_output_config()),
            None,
            app.and_then(aws::MonitoringAppSpecification::image_uri),
            &captured.chain(read).collect::<Vec<_>>(),
        )
    }
}

/// A definition of data quality jobs.
pub(crate) fn data_quality(answer: &DescribeDataQualityJobDefinitionOutput) -> Definition {
    let (app, baseline) = (answer.data_quality_app_specification(), answer.data_quality_baseline_config());
    let input = answer.data_quality_job_input();
    common(
        answer.role_arn(),
        (answer.job_resources(), answer.data_quality_job_output_config()),
        answer.network_config(),
        app.and_then(aws::DataQualityAppSpecification::image_uri),
        &[
            input.and_then(|it| it.batch_transform_input()).and_then(captured),
            baseline.and_then(|it| it.constraints_resource()).and_then(|it| it.s3_uri()),
            baseline.and_then(|it| it.statistics_resource()).and_then(|it| it.s3_uri()),
            app.and_then(|app| app.record_preprocessor_source_uri()),
            app.and_then(|app| app.post_analytics_processor_source_uri()),
        ],
    )
}

/// A definition of model quality jobs.
pub(crate) fn model_quality(answer: &DescribeModelQualityJobDefinitionOutput) -> Definition {
    let (app, baseline) = (answer.model_quality_app_specification(), answer.model_quality_baseline_config());
    let input = answer.model_quality_job_input();
    common(
        answer.role_arn(),
        (answer.job_resources(), answer.model_quality_job_output_config()),
        answer.network_config(),
        app.and_then(aws::ModelQualityAppSpecification::image_uri),
        &[
            input.and_then(|it| it.batch_transform_input()).and_then(captured),
            input.and_then(|it| it.ground_truth_s3_input()).and_then(|it| it.s3_uri()),
            baseline.and_then(|it| it.constraints_resource()).and_then(|it| it.s3_uri()),
            app.and_then(|app| app.record_preprocessor_source_uri()),
            app.and_then(|app| app.post_analytics_processor_source_uri()),
        ],
    )
}

/// A definition of model bias jobs.
pub(crate) fn model_bias(answer: &DescribeModelBiasJobDefinitionOutput) -> Definition {
    let (app, baseline) = (answer.model_bias_app_specification(), answer.model_bias_baseline_config());
    let input = answer.model_bias_job_input();
    common(
        answer.role_arn(),
        (answer.job_resources(), answer.model_bias_job_output_config()),
        answer.network_config(),
        app.and_then(aws::ModelBiasAppSpecification::image_uri),
        &[
            input.and_then(|it| it.batch_transform_input()).and_then(captured),
            input.and_then(|it| it.ground_truth_s3_input()).and_then(|it| it.s3_uri()),
            baseline.and_then(|it| it.constraints_resource()).and_then(|it| it.s3_uri()),
            app.and_then(|app| app.config_uri()),
        ],
    )
}

/// A definition of model explainability jobs.
pub(crate) fn model_explainability(answer: &DescribeModelExplainabilityJobDefinitionOutput) -> Definition {
    let app = answer.model_explainability_app_specification();
    let baseline = answer.model_explainability_baseline_config();
    let input = answer.model_explainability_job_input();
    common(
        answer.role_arn(),
        (answer.job_resources(), answer.model_explainability_job_output_config()),
        answer.network_config(),
        app.and_then(aws::ModelExplainabilityAppSpecification::image_uri),
        &[
            input.and_then(|it| it.batch_transform_input()).and_then(captured),
            baseline.and_then(|it| it.constraints_resource()).and_then(|it| it.s3_uri()),
            app.and_then(|app| app.config_uri()),
        ],
    )
}

/// Where the data lies that batch transform has captured.
fn captured(input: &aws::BatchTransformInput) -> Option<&str> {
    input.data_captured_destination_s3_uri()
}

/// What all definitions have.
fn common(
    role: Option<&str>,
    (resources, output): (Option<&aws::MonitoringResources>, Option<&aws::MonitoringOutputConfig>),
    network: Option<&aws::MonitoringNetworkConfig>,
    image: Option<&str>,
    inputs: &[Option<&str>],
) -> Definition {
    let cluster = resources.and_then(aws::MonitoringResources::cluster_config);
    let outputs = output.into_iter().flat_map(aws::MonitoringOutputConfig::monitoring_outputs);
    let outputs = outputs.map(|output| output.s3_output().and_then(|s3| s3.s3_uri()));
    Definition {
        role_arn: text(role),
        vpc: vpc(network.and_then(aws::MonitoringNetworkConfig::vpc_config)),
        network_isolation: network.and_then(aws::MonitoringNetworkConfig::enable_network_isolation).unwrap_or(false),
        inter_container_encryption: network
            .and_then(aws::MonitoringNetworkConfig::enable_inter_container_traffic_encryption)
            .unwrap_or(false),
        instances: cluster.and_then(|cluster| {
            let instance_type = text(cluster.instance_type().map(aws::ProcessingInstanceType::as_str))?;
            Some(InstanceGroup { instance_type, count: cluster.instance_count().unwrap_or(0) })
        }),
        volume_key: cluster.and_then(|cluster| text(cluster.volume_kms_key_id())),
        output_key: output.and_then(|output| text(output.kms_key_id())),
        output_uris: uris(outputs),
        input_uris: uris(inputs.iter().copied()),
        image: text(image),
    }
}

/// Sorted, each once.
fn uris<'a>(all: impl Iterator<Item = Option<&'a str>>) -> Vec<String> {
    let mut found: Vec<String> = all.filter_map(text).collect();
    found.sort();
    found.dedup();
    found
}
