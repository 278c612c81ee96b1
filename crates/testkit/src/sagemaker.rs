//! SageMaker of the known-good environment: of each kind one resource for each way in which it may be selected.
//!
//! `…_TAGGED` is selected by its tags only, `…_BY_NETWORK` by its subnets only, the rest by name. A `…_LATE` resource
//! was not in `Search` yet: its body came from its own Describe call and its tags from `ListTags`, so that hiding those
//! operations hides it. (A `Search` that fails leaves none of them described.) Edits are in [`edits`].

use jiff::Timestamp;
use plumbline_snapshot::sagemaker::{
    Bookmarks, Domain, DomainDefaults, Endpoint, EndpointConfig, InstanceGroup, KeyedOutput, Model, Notebook, Resource,
    SageMaker, TrainingJob, Variant, VpcConfig,
};
use plumbline_snapshot::{Collected, Read, Tags};

use crate::ec2::{SG_WORKLOAD, SUBNET_A, SUBNET_B, SUBNET_C, VPC};
use crate::env::{some, tags, texts, whole};
use crate::{ACCOUNT, iam, kms, s3, when};

mod edits;
mod jobs;
pub mod studio;

pub(crate) use jobs::DESCRIBED_TUNING_JOBS;
pub use jobs::{
    AUTOML_JOB, PROCESSING_JOB, TRANSFORM_JOB, TUNING_JOB, TUNING_JOB_LATE, plain_automl_job, plain_definition,
    plain_processing_job, plain_transform_job,
};

/// A notebook selected by its name; its key is written as an alias.
pub const NOTEBOOK: &str = "ds-notebook-fraud-dev-ana";
/// A notebook selected by its tags; its key is chosen by tags.
pub const NOTEBOOK_TAGGED: &str = "feature-lab-bo";
/// A notebook selected by its subnet.
pub const NOTEBOOK_BY_NETWORK: &str = "walk-in-bench";
/// The only domain, selected by its subnets; its key is chosen by tags and written as an alias.
pub const DOMAIN: &str = "d-q7w2e5r8t1y4";
/// A finished job on one instance, selected by its name.
pub const TRAINING_JOB: &str = "ds-train-fraud-dev-0912";
/// A finished job on four instances in two groups with traffic encryption, selected by its tags.
pub const TRAINING_JOB_TAGGED: &str = "wide-trees-0913";
/// A finished job on an instance type with local NVMe only, hence without a volume key, selected by its subnets.
pub const TRAINING_JOB_NVME: &str = "gpu-probe-0911";
/// A running job that `Search` does not have yet.
pub const TRAINING_JOB_LATE: &str = "ds-train-fraud-dev-0914";
/// The model behind [`ENDPOINT`] and [`ENDPOINT_TAGGED`], selected by its name.
pub const MODEL: &str = "ds-model-fraud-dev-scorer";
/// A model for transforms, under the training role and behind no endpoint, selected by its tags.
pub const MODEL_BATCH: &str = "batch-scorer-0901";
/// The model behind [`ENDPOINT_LATE`], which `Search` does not have yet.
pub const MODEL_LATE: &str = "ds-model-fraud-dev-scorer-v2";
/// The endpoint on [`ENDPOINT_CONFIG`], selected by its name.
pub const ENDPOINT: &str = "ds-endpoint-fraud-dev-scorer";
/// A second endpoint on [`ENDPOINT_CONFIG`], selected by its tags.
pub const ENDPOINT_TAGGED: &str = "nightly-scorer";
/// The endpoint on [`ENDPOINT_CONFIG_BY_ENDPOINT`], updated minutes ago, which `Search` does not have as it is now.
pub const ENDPOINT_LATE: &str = "ds-endpoint-fraud-dev-async";
/// A config with volume key, data capture and a core dump, selected by its name.
pub const ENDPOINT_CONFIG: &str = "ds-config-fraud-dev-scorer-3";
/// A config with asynchronous output, selected only because [`ENDPOINT_LATE`] uses it.
pub const ENDPOINT_CONFIG_BY_ENDPOINT: &str = "async-scorer-1";
/// A serverless config that no endpoint uses, selected by its tags.
pub const ENDPOINT_CONFIG_TAGGED: &str = "canary-scorer-7";
/// A config for inference components that no endpoint uses, selected by its execution role.
pub const ENDPOINT_CONFIG_BY_ROLE: &str = "spare-components";

/// Training jobs whose bodies came from `DescribeTrainingJob`.
pub(crate) const DESCRIBED_TRAINING_JOBS: &[&str] = &[TRAINING_JOB_LATE];
/// Models whose bodies came from `DescribeModel`.
pub(crate) const DESCRIBED_MODELS: &[&str] = &[MODEL_LATE];
/// Endpoints whose bodies came from `DescribeEndpoint`, beside those that are being changed.
pub(crate) const DESCRIBED_ENDPOINTS: &[&str] = &[ENDPOINT_LATE];

/// The tags by which the baseline selects resources into the environment.
#[must_use]
pub fn selected_tags() -> Tags {
    tags(&[("ProjectName", "fraud"), ("EnvironmentType", "dev")])
}

pub(crate) fn known_good() -> SageMaker {
    SageMaker {
        notebooks: by_name(notebooks()),
        domains: by_name([domain()]),
        training_jobs: by_name(training_jobs()),
        processing_jobs: jobs::processing_jobs(),
        transform_jobs: jobs::transform_jobs(),
        tuning_jobs: jobs::tuning_jobs(),
        automl_jobs: jobs::automl_jobs(),
        models: by_name(models()),
        endpoints: by_name(endpoints()),
        endpoint_configs: by_name(endpoint_configs()),
        user_profiles: studio::user_profiles(),
        spaces: studio::spaces(),
        lifecycle_configs: studio::lifecycle_configs(),
        code_repositories: studio::code_repositories(),
        feature_groups: studio::feature_groups(),
        monitoring_schedules: studio::schedules(),
        monitoring_definitions: studio::definitions(),
        counted: studio::counts(),
        bookmarks: Bookmarks::default(),
    }
}

fn by_name<T>(items: impl IntoIterator<Item = Resource<T>>) -> Collected<Resource<T>> {
    whole(items, |item| &item.name)
}

/// A listed and described resource of the account: `kind` is the ARN's word for it, such as `notebook-instance`.
#[must_use]
pub fn resource<T>(kind: &str, name: &str, status: Option<&str>, body: T) -> Resource<T> {
    let created = match status {
        Some("InService") => when("2026-07-02T09:30:00Z"),
        _ => when("2026-09-01T07:00:00Z"),
    };
    Resource {
        arn: format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:{kind}/{name}").into(),
        name: name.into(),
        status: status.map(Into::into),
        created: Some(created),
        modified: Some(when("2026-09-10T16:45:00Z")),
        body: Read::Seen(Some(body)),
        tags: Read::Seen(Tags::new()),
    }
}

fn tagged<T>(resource: Resource<T>) -> Resource<T> {
    Resource { tags: Read::Seen(selected_tags()), ..resource }
}

fn at<T>(resource: Resource<T>, created: Timestamp, modified: Timestamp) -> Resource<T> {
    Resource { created: Some(created), modified: Some(modified), ..resource }
}

/// The environment network: two of its subnets and the workload group.
#[must_use]
pub fn network() -> VpcConfig {
    VpcConfig { subnets: texts(&[SUBNET_A, SUBNET_B]), groups: texts(&[SG_WORKLOAD]) }
}

/// A compliant notebook.
#[must_use]
pub fn plain_notebook() -> Notebook {
    Notebook {
        direct_internet: some("Disabled"),
        root_access: some("Disabled"),
        subnet_id: some(SUBNET_A),
        groups: texts(&[SG_WORKLOAD]),
        kms_key: some(kms::ALIAS_VOLUMES),
        role_arn: some(iam::NOTEBOOK_EXECUTION),
        lifecycle_config: some(studio::LIFECYCLE_CONFIG),
        software: Read::Seen(studio::software()),
    }
}

fn notebooks() -> [Resource<Notebook>; 3] {
    let notebook = |name: &str, body: Notebook| resource("notebook-instance", name, Some("InService"), body);
    let role = some(iam::NOTEBOOK_EXECUTION_BO);
    [
        notebook(NOTEBOOK, plain_notebook()),
        tagged(notebook(
            NOTEBOOK_TAGGED,
            Notebook {
                subnet_id: some(SUBNET_B),
                kms_key: some(kms::KEY_PROJECT),
                role_arn: role.clone(),
                ..plain_notebook()
            },
        )),
        notebook(
            NOTEBOOK_BY_NETWORK,
            Notebook {
                subnet_id: some(SUBNET_C),
                kms_key: some(kms::id_of(kms::KEY_VOLUMES)),
                role_arn: role,
                ..plain_notebook()
            },
        ),
    ]
}

fn domain() -> Resource<Domain> {
    let defaults = || Some(DomainDefaults { role_arn: some(iam::NOTEBOOK_EXECUTION), groups: texts(&[SG_WORKLOAD]) });
    let body = Domain {
        domain_name: some("studio"),
        network_access: some("VpcOnly"),
        vpc_id: some(VPC),
        subnets: texts(&[SUBNET_A, SUBNET_B, SUBNET_C]),
        kms_key: some(kms::ALIAS_PROJECT),
        home_efs_kms_key: None,
        auth_mode: some("IAM"),
        user_defaults: defaults(),
        space_defaults: defaults(),
        settings: Read::Seen(studio::domain_settings()),
    };
    resource("domain", DOMAIN, Some("InService"), body)
}

/// A compliant training job on one instance.
#[must_use]
pub fn plain_training_job() -> TrainingJob {
    TrainingJob {
        role_arn: some(iam::TRAINING_EXECUTION),
        vpc: Some(network()),
        volume_key: some(kms::ALIAS_VOLUMES),
        output_key: some(kms::KEY_DATA),
        output_path: Some(format!("s3://{}/runs", s3::BUCKET_MODEL)),
        instances: vec![instances("ml.m5.2xlarge", 1)],
        network_isolation: true,
        inter_container_encryption: false,
        tuning_job_arn: None,
        automl_job_arn: None,
        remote_debug: Some(Read::Seen(false)),
    }
}

/// Instances of one type.
#[must_use]
pub fn instances(instance_type: &str, count: i32) -> InstanceGroup {
    InstanceGroup { instance_type: instance_type.to_owned(), count }
}

fn training_jobs() -> [Resource<TrainingJob>; 4] {
    let job = |name: &str, status: &str, created: &str, ended: &str, body: TrainingJob| {
        at(resource("training-job", name, Some(status), body), when(created), when(ended))
    };
    [
        job(TRAINING_JOB, "Completed", "2026-09-12T08:00:00Z", "2026-09-12T09:10:00Z", plain_training_job()),
        tagged(job(
            TRAINING_JOB_TAGGED,
            "Completed",
            "2026-09-13T10:00:00Z",
            "2026-09-13T13:40:00Z",
            TrainingJob {
                volume_key: some(kms::KEY_PROJECT),
                output_key: some(kms::id_of(kms::KEY_PROJECT)),
                instances: vec![instances("ml.c5.4xlarge", 1), instances("ml.m5.4xlarge", 3)],
                inter_container_encryption: true,
                ..plain_training_job()
            },
        )),
        job(
            TRAINING_JOB_NVME,
            "Completed",
            "2026-09-11T14:00:00Z",
            "2026-09-11T14:50:00Z",
            TrainingJob {
                volume_key: None,
                output_key: some(kms::ALIAS_DATA),
                instances: vec![instances("ml.g5.2xlarge", 1)],
                ..plain_training_job()
            },
        ),
        job(TRAINING_JOB_LATE, "InProgress", "2026-09-14T05:58:00Z", "2026-09-14T05:59:00Z", plain_training_job()),
    ]
}

/// A compliant model for hosting.
#[must_use]
pub fn plain_model() -> Model {
    Model {
        role_arn: some(iam::ENDPOINT_HOSTING),
        vpc: Some(network()),
        network_isolation: true,
        pulls_through_vpc: false,
    }
}

fn models() -> [Resource<Model>; 3] {
    [
        resource("model", MODEL, None, plain_model()),
        tagged(resource(
            "model",
            MODEL_BATCH,
            None,
            Model { role_arn: some(iam::TRAINING_EXECUTION), ..plain_model() },
        )),
        Resource {
            created: Some(when("2026-09-14T05:50:00Z")),
            modified: None,
            ..resource("model", MODEL_LATE, None, plain_model())
        },
    ]
}

fn endpoints() -> [Resource<Endpoint>; 3] {
    let endpoint = |name: &str, config: &str| {
        resource("endpoint", name, Some("InService"), Endpoint { config: some(config), pending_config: None })
    };
    [
        endpoint(ENDPOINT, ENDPOINT_CONFIG),
        tagged(endpoint(ENDPOINT_TAGGED, ENDPOINT_CONFIG)),
        Resource {
            modified: Some(when("2026-09-14T05:57:00Z")),
            ..endpoint(ENDPOINT_LATE, ENDPOINT_CONFIG_BY_ENDPOINT)
        },
    ]
}

/// A variant on one instance type that serves a model.
#[must_use]
pub fn variant(name: &str, model: Option<&str>, instance_type: &str) -> Variant {
    Variant {
        name: name.to_owned(),
        model: model.map(str::to_owned),
        instance_types: texts(&[instance_type]),
        ..Variant::default()
    }
}

/// Something that writes to the data bucket with this key.
#[must_use]
pub fn keyed_output(prefix: &str, key: &str) -> KeyedOutput {
    KeyedOutput { uri: Some(format!("s3://{}/{prefix}", s3::BUCKET_DATA)), kms_key: some(key) }
}

/// A compliant config with one variant that serves a model; it captures and writes nothing.
#[must_use]
pub fn plain_endpoint_config(model: &str) -> EndpointConfig {
    EndpointConfig {
        kms_key: some(kms::ALIAS_VOLUMES),
        variants: vec![variant("main", Some(model), "ml.m5.large")],
        ..EndpointConfig::default()
    }
}

fn endpoint_configs() -> [Resource<EndpointConfig>; 4] {
    let config = |name: &str, body: EndpointConfig| resource("endpoint-config", name, None, body);
    let main = Variant {
        core_dump: Some(keyed_output("dumps", kms::KEY_DATA)),
        ..variant("main", Some(MODEL), "ml.m5.large")
    };
    let shadow = Variant { shadow: true, ..variant("shadow", Some(MODEL), "ml.g5.xlarge") };
    let serverless = Variant { serverless: true, instance_types: texts(&[]), ..variant("main", Some(MODEL), "") };
    [
        config(
            ENDPOINT_CONFIG,
            EndpointConfig {
                data_capture: Some(keyed_output("capture", kms::KEY_PROJECT)),
                variants: vec![main, shadow],
                ..plain_endpoint_config(MODEL)
            },
        ),
        config(
            ENDPOINT_CONFIG_BY_ENDPOINT,
            EndpointConfig {
                kms_key: some(kms::KEY_PROJECT),
                async_output: Some(keyed_output("async", kms::ALIAS_DATA)),
                ..plain_endpoint_config(MODEL_LATE)
            },
        ),
        tagged(config(
            ENDPOINT_CONFIG_TAGGED,
            EndpointConfig { kms_key: None, variants: vec![serverless], ..EndpointConfig::default() },
        )),
        config(
            ENDPOINT_CONFIG_BY_ROLE,
            EndpointConfig {
                kms_key: some(kms::KEY_VOLUMES),
                variants: vec![variant("components", None, "ml.m5.large")],
                role_arn: some(iam::ENDPOINT_HOSTING),
                ..EndpointConfig::default()
            },
        ),
    ]
}
