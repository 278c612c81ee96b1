//! SageMaker's answers as snapshot types. Pure: no call, no judgement.
//!
//! Environment variables, hyperparameters and scripts are in some of these answers and never leave this file. Words are
//! kept as AWS spells them, unknown ones included.

pub(crate) mod counted;
pub(crate) mod features;
pub(crate) mod monitoring;
pub(crate) mod studio;

use aws_sdk_sagemaker::operation::describe_domain::DescribeDomainOutput;
use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::operation::describe_endpoint_config::DescribeEndpointConfigOutput;
use aws_sdk_sagemaker::operation::describe_model::DescribeModelOutput;
use aws_sdk_sagemaker::operation::describe_notebook_instance::DescribeNotebookInstanceOutput;
use aws_sdk_sagemaker::operation::describe_training_job::DescribeTrainingJobOutput;
use aws_sdk_sagemaker::types as aws;
use aws_smithy_types::DateTime;
use jiff::Timestamp;
use plumbline_collector::moment;
use plumbline_names::Text;
use plumbline_snapshot::sagemaker::{
    self as snapshot, Domain, DomainDefaults, Endpoint, EndpointConfig, InstanceGroup, KeyedOutput, Model, Notebook,
    Resource, TrainingJob, Variant, VpcConfig,
};
use plumbline_snapshot::{Read, Source, Tags};

use crate::describe::Standing;

mod jobs;

pub(crate) use jobs::{
    automl_job, found_tuning_job, listed_automl_job, listed_processing_job, listed_transform_job, listed_tuning_job,
    processing_job, transform_job, tuning_job,
};

/// A whole record of `Search`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record<T> {
    /// The ARN, which a later resource of the same name shares.
    pub(crate) arn: String,
    /// When it was made, which tells the two apart.
    pub(crate) created: Option<Timestamp>,
    /// When it was last changed.
    pub(crate) modified: Option<Timestamp>,
    /// What it is.
    pub(crate) body: T,
    /// Its tags.
    pub(crate) tags: Tags,
    /// How it stands, where that may have changed since it was listed.
    pub(crate) standing: Standing,
}

/// A listed notebook instance.
pub(crate) fn listed_notebook(item: &aws::NotebookInstanceSummary) -> Option<(String, Resource<Notebook>)> {
    let names = (item.notebook_instance_arn(), item.notebook_instance_name());
    let mut found = listed(names, (&snapshot::NOTEBOOK, &snapshot::RESOURCE_TAGS))?;
    found.1.status = word(item.notebook_instance_status().map(aws::NotebookInstanceStatus::as_str));
    found.1.created = item.creation_time().and_then(moment);
    found.1.modified = item.last_modified_time().and_then(moment);
    Some(found)
}

/// A listed domain, by its id.
pub(crate) fn listed_domain(item: &aws::DomainDetails) -> Option<(String, Resource<Domain>)> {
    let mut found = listed((item.domain_arn(), item.domain_id()), (&snapshot::DOMAIN, &snapshot::RESOURCE_TAGS))?;
    found.1.status = word(item.status().map(aws::DomainStatus::as_str));
    found.1.created = item.creation_time().and_then(moment);
    found.1.modified = item.last_modified_time().and_then(moment);
    Some(found)
}

/// A listed training job.
pub(crate) fn listed_training_job(item: &aws::TrainingJobSummary) -> Option<(String, Resource<TrainingJob>)> {
    jobs::listed_job(
        (item.training_job_arn(), item.training_job_name()),
        item.training_job_status().map(aws::TrainingJobStatus::as_str),
        item.creation_time(),
        (item.training_end_time(), item.last_modified_time()),
    )
}

/// A listed model.
pub(crate) fn listed_model(item: &aws::ModelSummary) -> Option<(String, Resource<Model>)> {
    let mut found = listed((item.model_arn(), item.model_name()), (&snapshot::SEARCH, &snapshot::SEARCH))?;
    found.1.created = item.creation_time().and_then(moment);
    Some(found)
}

/// A listed endpoint.
pub(crate) fn listed_endpoint(item: &aws::EndpointSummary) -> Option<(String, Resource<Endpoint>)> {
    let mut found = listed((item.endpoint_arn(), item.endpoint_name()), (&snapshot::SEARCH, &snapshot::SEARCH))?;
    found.1.status = Some(word(item.endpoint_status().map(aws::EndpointStatus::as_str))?);
    found.1.created = item.creation_time().and_then(moment);
    found.1.modified = item.last_modified_time().and_then(moment);
    Some(found)
}

/// A listed endpoint config.
pub(crate) fn listed_endpoint_config(item: &aws::EndpointConfigSummary) -> Option<(String, Resource<EndpointConfig>)> {
    let names = (item.endpoint_config_arn(), item.endpoint_config_name());
    let mut found = listed(names, (&snapshot::ENDPOINT_CONFIG, &snapshot::RESOURCE_TAGS))?;
    found.1.created = item.creation_time().and_then(moment);
    Some(found)
}

fn listed<T>(
    (arn, name): (Option<&str>, Option<&str>),
    (body, tags): (&Source, &Source),
) -> Option<(String, Resource<T>)> {
    let (arn, name) = (text(arn)?, text(name)?);
    Some((name.clone(), Resource::listed(&arn, &name, body, tags)))
}

/// A notebook instance.
pub(crate) fn notebook(answer: &DescribeNotebookInstanceOutput) -> Notebook {
    Notebook {
        direct_internet: text(answer.direct_internet_access().map(aws::DirectInternetAccess::as_str)),
        root_access: text(answer.root_access().map(aws::RootAccess::as_str)),
        subnet_id: text(answer.subnet_id()),
        groups: sorted(answer.security_groups()),
        kms_key: text(answer.kms_key_id()),
        role_arn: text(answer.role_arn()),
        lifecycle_config: text(answer.notebook_instance_lifecycle_config_name()),
        software: Read::Seen(studio::software(answer)),
    }
}

/// A domain.
pub(crate) fn domain(answer: &DescribeDomainOutput) -> Domain {
    Domain {
        domain_name: text(answer.domain_name()),
        network_access: text(answer.app_network_access_type().map(aws::AppNetworkAccessType::as_str)),
        vpc_id: text(answer.vpc_id()),
        subnets: sorted(answer.subnet_ids()),
        kms_key: text(answer.kms_key_id()),
        #[expect(deprecated, reason = "domains made before its successor came have only this field")]
        home_efs_kms_key: text(answer.home_efs_file_system_kms_key_id()),
        auth_mode: text(answer.auth_mode().map(aws::AuthMode::as_str)),
        user_defaults: answer.default_user_settings().map(|settings| DomainDefaults {
            role_arn: text(settings.execution_role()),
            groups: sorted(settings.security_groups()),
        }),
        space_defaults: answer.default_space_settings().map(|settings| DomainDefaults {
            role_arn: text(settings.execution_role()),
            groups: sorted(settings.security_groups()),
        }),
        settings: Read::Seen(studio::settings(answer)),
    }
}

/// A training job as `Search` has it, by name. It says nothing about remote debugging.
pub(crate) fn found_training_job(record: &aws::SearchRecord) -> Option<(String, Record<TrainingJob>)> {
    let item = record.training_job()?;
    let body = TrainingJob {
        role_arn: text(item.role_arn()),
        vpc: vpc(item.vpc_config()),
        volume_key: item.resource_config().and_then(|config| text(config.volume_kms_key_id())),
        output_key: item.output_data_config().and_then(|config| text(config.kms_key_id())),
        output_path: item.output_data_config().and_then(|config| text(config.s3_output_path())),
        instances: instances(item.resource_config()),
        network_isolation: item.enable_network_isolation().unwrap_or(false),
        inter_container_encryption: item.enable_inter_container_traffic_encryption().unwrap_or(false),
        tuning_job_arn: text(item.tuning_job_arn()),
        automl_job_arn: text(item.auto_ml_job_arn()),
        remote_debug: None,
    };
    let times = (item.creation_time(), item.last_modified_time());
    let mut found = found(item.training_job_name(), item.training_job_arn(), times, body, item.tags())?;
    let status = item.training_job_status().map(aws::TrainingJobStatus::as_str);
    let changed = (item.training_end_time(), item.last_modified_time());
    found.1.standing = jobs::standing(status, item.creation_time(), changed);
    Some(found)
}

/// A training job as `DescribeTrainingJob` has it.
pub(crate) fn training_job(answer: &DescribeTrainingJobOutput) -> TrainingJob {
    TrainingJob {
        role_arn: text(answer.role_arn()),
        vpc: vpc(answer.vpc_config()),
        volume_key: answer.resource_config().and_then(|config| text(config.volume_kms_key_id())),
        output_key: answer.output_data_config().and_then(|config| text(config.kms_key_id())),
        output_path: answer.output_data_config().and_then(|config| text(config.s3_output_path())),
        instances: instances(answer.resource_config()),
        network_isolation: answer.enable_network_isolation().unwrap_or(false),
        inter_container_encryption: answer.enable_inter_container_traffic_encryption().unwrap_or(false),
        tuning_job_arn: text(answer.tuning_job_arn()),
        automl_job_arn: text(answer.auto_ml_job_arn()),
        remote_debug: Some(Read::Seen(remote_debug(answer))),
    }
}

/// How a training job stands, in the words of the listing.
pub(crate) fn training_job_standing(answer: &DescribeTrainingJobOutput) -> Standing {
    let status = answer.training_job_status().map(aws::TrainingJobStatus::as_str);
    jobs::standing(status, answer.creation_time(), (answer.training_end_time(), answer.last_modified_time()))
}

/// Whether a shell into the job's containers is open; absent means closed.
pub(crate) fn remote_debug(answer: &DescribeTrainingJobOutput) -> bool {
    answer.remote_debug_config().and_then(aws::RemoteDebugConfig::enable_remote_debug).unwrap_or(false)
}

/// The instances that were selected; else those of the groups; else the one type; else all that may be selected.
fn instances(config: Option<&aws::ResourceConfig>) -> Vec<InstanceGroup> {
    let Some(config) = config else { return Vec::new() };
    let of = |kind: Option<&aws::TrainingInstanceType>, count: Option<i32>| {
        Some(InstanceGroup {
            instance_type: text(kind.map(aws::TrainingInstanceType::as_str))?,
            count: count.unwrap_or(0),
        })
    };
    let groups =
        || config.instance_groups().iter().filter_map(|group| of(group.instance_type(), group.instance_count()));
    let preferred = || {
        // A preference without a count of its own takes the request's.
        let counted = |count: Option<i32>| count.or(config.instance_count());
        config
            .instance_preferences()
            .iter()
            .filter_map(move |one| of(one.instance_type(), counted(one.instance_count())))
    };
    let mut all: Vec<InstanceGroup> = match of(config.selected_instance_type(), config.selected_instance_count()) {
        Some(selected) => vec![selected],
        None => groups().chain(of(config.instance_type(), config.instance_count())).collect(),
    };
    if all.is_empty() {
        all = preferred().collect();
    }
    all.sort();
    all
}

/// A model as `Search` has it, by name.
pub(crate) fn found_model(record: &aws::SearchRecord) -> Option<(String, Record<Model>)> {
    let item = record.model()?.model()?;
    let body = Model {
        role_arn: text(item.execution_role_arn()),
        vpc: vpc(item.vpc_config()),
        network_isolation: item.enable_network_isolation().unwrap_or(false),
        pulls_through_vpc: item.primary_container().into_iter().chain(item.containers()).any(pulls_through_vpc),
    };
    found(item.model_name(), item.model_arn(), (item.creation_time(), None), body, item.tags())
}

/// A model as `DescribeModel` has it.
pub(crate) fn model(answer: &DescribeModelOutput) -> Model {
    Model {
        role_arn: text(answer.execution_role_arn()),
        vpc: vpc(answer.vpc_config()),
        network_isolation: answer.enable_network_isolation().unwrap_or(false),
        pulls_through_vpc: answer.primary_container().into_iter().chain(answer.containers()).any(pulls_through_vpc),
    }
}

fn pulls_through_vpc(container: &aws::ContainerDefinition) -> bool {
    let mode = container.image_config().and_then(aws::ImageConfig::repository_access_mode);
    mode == Some(&aws::RepositoryAccessMode::Vpc)
}

/// An endpoint as `Search` has it, by name. It does not say what an update is moving to.
pub(crate) fn found_endpoint(record: &aws::SearchRecord) -> Option<(String, Record<Endpoint>)> {
    let item = record.endpoint()?;
    let body = Endpoint { config: text(item.endpoint_config_name()), pending_config: None };
    let times = (item.creation_time(), item.last_modified_time());
    found(item.endpoint_name(), item.endpoint_arn(), times, body, item.tags())
}

/// An endpoint as `DescribeEndpoint` has it.
pub(crate) fn endpoint(answer: &DescribeEndpointOutput) -> Endpoint {
    Endpoint {
        config: text(answer.endpoint_config_name()),
        pending_config: answer.pending_deployment_summary().and_then(|pending| text(pending.endpoint_config_name())),
    }
}

/// An endpoint config. Data capture counts also while it is switched off, for it may be switched on.
pub(crate) fn endpoint_config(answer: &DescribeEndpointConfigOutput) -> EndpointConfig {
    let production = answer.production_variants().iter().map(|item| variant(item, false));
    let shadow = answer.shadow_production_variants().iter().map(|item| variant(item, true));
    let asynchronous = answer.async_inference_config().map(|config| {
        let output = config.output_config();
        KeyedOutput {
            uri: output.and_then(|output| text(output.s3_output_path())),
            kms_key: output.and_then(|output| text(output.kms_key_id())),
        }
    });
    EndpointConfig {
        kms_key: text(answer.kms_key_id()),
        data_capture: answer.data_capture_config().map(|capture| KeyedOutput {
            uri: text(capture.destination_s3_uri()),
            kms_key: text(capture.kms_key_id()),
        }),
        async_output: asynchronous,
        variants: production.chain(shadow).collect(),
        vpc: vpc(answer.vpc_config()),
        role_arn: text(answer.execution_role_arn()),
    }
}

fn variant(item: &aws::ProductionVariant, shadow: bool) -> Variant {
    let pools = item.instance_pools().iter().filter_map(aws::InstancePool::instance_type);
    let types = item.instance_type().into_iter().chain(pools);
    let mut instance_types: Vec<String> = types.map(|kind| kind.as_str().to_owned()).collect();
    instance_types.sort();
    instance_types.dedup();
    Variant {
        name: text(item.variant_name()).unwrap_or_default(),
        shadow,
        model: text(item.model_name()),
        instance_types,
        serverless: item.serverless_config().is_some(),
        ssm_access: item.enable_ssm_access().unwrap_or(false),
        core_dump: item
            .core_dump_config()
            .map(|dump| KeyedOutput { uri: text(dump.destination_s3_uri()), kms_key: text(dump.kms_key_id()) }),
    }
}

/// Tags by key. `None` if one has no key.
pub(crate) fn tags(items: &[aws::Tag]) -> Option<Tags> {
    items.iter().map(|tag| Some((text(tag.key())?, tag.value().unwrap_or_default().to_owned()))).collect()
}

fn found<T>(
    name: Option<&str>,
    arn: Option<&str>,
    (created, modified): (Option<&DateTime>, Option<&DateTime>),
    body: T,
    items: &[aws::Tag],
) -> Option<(String, Record<T>)> {
    let record = Record {
        arn: text(arn)?,
        created: created.and_then(moment),
        modified: modified.and_then(moment),
        body,
        tags: tags(items)?,
        standing: Standing::default(),
    };
    Some((text(name)?, record))
}

fn vpc(config: Option<&aws::VpcConfig>) -> Option<VpcConfig> {
    config.map(|config| VpcConfig { subnets: sorted(config.subnets()), groups: sorted(config.security_group_ids()) })
}

fn text(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

/// A short word, such as a status.
fn word(value: Option<&str>) -> Option<Text> {
    value.filter(|value| !value.is_empty()).map(Text::from)
}

fn sorted(items: &[String]) -> Vec<String> {
    let mut items = items.to_vec();
    items.sort();
    items
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types as aws;
    use plumbline_snapshot::sagemaker::studio::{DomainSettings, Software};

    use super::*;

    #[test]
    fn instances_are_what_was_selected_or_all_that_may_be() {
        let kind = |text: &str| aws::TrainingInstanceType::from(text);
        let group = |text: &str, count| {
            aws::InstanceGroup::builder().instance_type(kind(text)).set_instance_count(count).build()
        };
        let preference = |text: &str, count| {
            aws::InstancePreference::builder().instance_type(kind(text)).set_instance_count(count).build()
        };
        let of = aws::ResourceConfig::builder;
        let cases = [
            ("one type", of().instance_type(kind("ml.m5.large")).instance_count(3), "ml.m5.large*3"),
            ("a newer type", of().instance_type(kind("ml.z99.huge")).instance_count(1), "ml.z99.huge*1"),
            (
                "groups, without a count beside them",
                of().instance_groups(group("ml.p4d.24xlarge", Some(2))).instance_groups(group("ml.c5.large", None)),
                "ml.c5.large*0 ml.p4d.24xlarge*2",
            ),
            (
                "selected",
                of().instance_preferences(preference("ml.g5.xlarge", Some(1)))
                    .selected_instance_type(kind("ml.m5.large"))
                    .selected_instance_count(4),
                "ml.m5.large*4",
            ),
            (
                "not yet selected",
                of().instance_preferences(preference("ml.g5.xlarge", Some(1)))
                    .instance_preferences(preference("ml.c5.large", None))
                    .instance_count(2),
                "ml.c5.large*2 ml.g5.xlarge*1",
            ),
            ("serverless", of(), ""),
        ];
        for (what, builder, expected) in cases {
            let found = instances(Some(&builder.build()));
            let found: Vec<_> = found.iter().map(|group| format!("{}*{}", group.instance_type, group.count)).collect();
            assert_eq!(found.join(" "), expected, "{what}");
        }
        assert_eq!(instances(None), []);
    }

    #[test]
    fn a_listed_thing_needs_its_identity_and_a_job_its_time_and_status() {
        let time = DateTime::from_secs(1_780_000_000);
        let job = || {
            aws::TrainingJobSummary::builder()
                .training_job_name("j")
                .training_job_arn("arn:j")
                .creation_time(time)
                .training_job_status(aws::TrainingJobStatus::from("Meditating"))
        };
        let (id, listed) = listed_training_job(&job().build()).unwrap();
        assert_eq!((id.as_str(), listed.status.as_deref(), listed.modified), ("j", Some("Meditating"), None));
        assert_eq!(listed_training_job(&job().set_creation_time(None).build()), None);
        assert_eq!(listed_training_job(&job().set_training_job_status(None).build()), None);
        assert_eq!(listed_training_job(&job().training_job_name("").build()), None);
        assert_eq!(listed_model(&aws::ModelSummary::builder().model_name("m").build()), None);
        assert_eq!(listed_domain(&aws::DomainDetails::builder().domain_arn("arn:d").build()), None);

        let ended = job().training_end_time(DateTime::from_secs(5)).last_modified_time(DateTime::from_secs(9));
        let (_, ended) = listed_training_job(&ended.build()).unwrap();
        assert_eq!(ended.modified.map(Timestamp::as_second), Some(5), "when it ended");
    }

    #[test]
    fn what_has_ended_is_known_by_its_word() {
        for (status, ended) in [
            (Some("Completed"), true),
            (Some("Failed"), true),
            (Some("Stopped"), true),
            (Some("Stopping"), false),
            (Some("InProgress"), false),
            (Some("Deleting"), false),
            (Some("Meditating"), false),
            (None, false),
        ] {
            let mut job = Resource::<TrainingJob>::listed("arn", "name", &snapshot::SEARCH, &snapshot::SEARCH);
            job.status = status.map(Into::into);
            assert_eq!(job.has_ended(), ended, "{status:?}");
        }
    }

    #[test]
    fn an_image_pulled_through_the_vpc_shows_in_any_container() {
        let container = |mode: &str| {
            let mode = aws::RepositoryAccessMode::from(mode);
            let image = aws::ImageConfig::builder().repository_access_mode(mode).build();
            aws::ContainerDefinition::builder().image_config(image).build()
        };
        let of = DescribeModelOutput::builder;
        let cases = [
            (of(), false),
            (of().primary_container(container("Platform")), false),
            (of().primary_container(container("Vpc")), true),
            (of().containers(container("Platform")).containers(container("Vpc")), true),
        ];
        for (builder, expected) in cases {
            let answer = builder.model_name("m").model_arn("arn:m").creation_time(DateTime::from_secs(0)).build();
            assert_eq!(model(&answer).pulls_through_vpc, expected);
        }
    }

    #[test]
    fn absent_fields_stay_absent_and_absent_flags_are_off() {
        let found = notebook(&DescribeNotebookInstanceOutput::builder().kms_key_id("").build());
        assert_eq!(found, Notebook { software: Read::Seen(Software::default()), ..Notebook::default() });
        let found = domain(&DescribeDomainOutput::builder().build());
        assert_eq!(found, Domain { settings: Read::Seen(DomainSettings::default()), ..Domain::default() });
        let variant = variant(&aws::ProductionVariant::builder().build(), true);
        assert_eq!(variant, Variant { shadow: true, ..Variant::default() });
        assert_eq!(tags(&[aws::Tag::builder().value("v").build()]), None, "a tag without a key");
    }

    #[test]
    fn pools_add_their_types_and_serverless_has_none() {
        let kind = |text: &str| aws::ProductionVariantInstanceType::from(text);
        let pool = |text: &str| aws::InstancePool::builder().instance_type(kind(text)).build();
        let pooled = aws::ProductionVariant::builder().variant_name("a").instance_type(kind("ml.m5.large"));
        let pooled = pooled.instance_pools(pool("ml.c5.large")).instance_pools(pool("ml.m5.large")).build();
        let found = variant(&pooled, false);
        assert_eq!((found.instance_types, found.serverless), (vec!["ml.c5.large".into(), "ml.m5.large".into()], false));
    }
}
