//! What SageMaker allows, and what its answers must have: rate limits and page sizes with their origins, shapes.

use plumbline_collector::{Bucket, Kind, Need, Shape};
use plumbline_snapshot::{Source, sagemaker};

/// The one figure that is known, of a quota that cannot be raised; the other listings and `Search` start from it too.
const LISTING: &str = "Service Quotas: ListTrainingJobs 2 a second (aws-solutions/deepracer-on-aws#87)";
const SINGLE: &str =
    "AWS publishes none for Describe and ListTags; throttled in practice (datahub-project/datahub#6357)";

const fn listing(sources: &'static [&'static Source]) -> Bucket {
    Bucket::guess(sources, 2.0, 2.0, LISTING)
}

const fn single(sources: &'static [&'static Source]) -> Bucket {
    Bucket::guess(sources, 5.0, 5.0, SINGLE)
}

/// The rate limits.
pub(crate) const BUCKETS: &[Bucket] = &[
    listing(&[&sagemaker::NOTEBOOKS]),
    listing(&[&sagemaker::DOMAINS]),
    listing(&[&sagemaker::TRAINING_JOBS]),
    listing(&[&sagemaker::PROCESSING_JOBS]),
    listing(&[&sagemaker::TRANSFORM_JOBS]),
    listing(&[&sagemaker::TUNING_JOBS]),
    listing(&[&sagemaker::AUTOML_JOBS]),
    listing(&[&sagemaker::MODELS]),
    listing(&[&sagemaker::ENDPOINTS]),
    listing(&[&sagemaker::ENDPOINT_CONFIGS]),
    listing(&[&sagemaker::SEARCH]),
    single(&[&sagemaker::NOTEBOOK]),
    single(&[&sagemaker::DOMAIN]),
    single(&[&sagemaker::TRAINING_JOB]),
    single(&[&sagemaker::PROCESSING_JOB]),
    single(&[&sagemaker::TRANSFORM_JOB]),
    single(&[&sagemaker::TUNING_JOB]),
    single(&[&sagemaker::AUTOML_JOB]),
    single(&[&sagemaker::MODEL]),
    single(&[&sagemaker::ENDPOINT]),
    single(&[&sagemaker::ENDPOINT_CONFIG]),
    single(&[&sagemaker::RESOURCE_TAGS]),
];

/// The largest page of every listing and of `Search`: API model (botocore 1.44.5). `ListTags` takes 50 or more and names
/// no maximum.
pub(crate) const PAGE: i32 = 100;

/// How many single resources of a kind are read at once: the rate limits, not this, set the pace.
pub(crate) const AT_ONCE: usize = 8;

/// What answers must have.
pub(crate) const SHAPES: &[Shape] = &[
    Shape::json(
        "ListNotebookInstances",
        &[Need::list("NotebookInstances", &["NotebookInstanceName", "NotebookInstanceArn"])],
    ),
    Shape::json("DescribeNotebookInstance", &[Need::one("NotebookInstanceArn", Kind::Text)]),
    Shape::json("ListDomains", &[Need::list("Domains", &["DomainId", "DomainArn"])]),
    Shape::json("DescribeDomain", &[Need::one("DomainArn", Kind::Text)]),
    Shape::json(
        "ListTrainingJobs",
        &[Need::list(
            "TrainingJobSummaries",
            &["TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingJobStatus"],
        )],
    ),
    Shape::json("DescribeTrainingJob", &[Need::one("TrainingJobArn", Kind::Text)]),
    Shape::json(
        "ListProcessingJobs",
        &[Need::list(
            "ProcessingJobSummaries",
            &["ProcessingJobName", "ProcessingJobArn", "CreationTime", "ProcessingJobStatus"],
        )],
    ),
    Shape::json(
        "DescribeProcessingJob",
        &[Need::one("ProcessingJobArn", Kind::Text), Need::one("ProcessingResources", Kind::Object)],
    ),
    Shape::json(
        "ListTransformJobs",
        &[Need::list(
            "TransformJobSummaries",
            &["TransformJobName", "TransformJobArn", "CreationTime", "TransformJobStatus"],
        )],
    ),
    Shape::json(
        "DescribeTransformJob",
        &[
            Need::one("TransformJobArn", Kind::Text),
            Need::one("ModelName", Kind::Text),
            Need::one("TransformResources", Kind::Object),
        ],
    ),
    Shape::json(
        "ListHyperParameterTuningJobs",
        &[Need::list(
            "HyperParameterTuningJobSummaries",
            &[
                "HyperParameterTuningJobName",
                "HyperParameterTuningJobArn",
                "CreationTime",
                "HyperParameterTuningJobStatus",
            ],
        )],
    ),
    Shape::json("DescribeHyperParameterTuningJob", &[Need::one("HyperParameterTuningJobArn", Kind::Text)]),
    Shape::json(
        "ListAutoMLJobs",
        &[Need::list("AutoMLJobSummaries", &["AutoMLJobName", "AutoMLJobArn", "CreationTime", "AutoMLJobStatus"])],
    ),
    Shape::json(
        "DescribeAutoMLJobV2",
        &[
            Need::one("AutoMLJobArn", Kind::Text),
            Need::one("RoleArn", Kind::Text),
            Need::one("OutputDataConfig", Kind::Object),
        ],
    ),
    Shape::json("ListModels", &[Need::list("Models", &["ModelName", "ModelArn"])]),
    Shape::json("DescribeModel", &[Need::one("ModelArn", Kind::Text)]),
    Shape::json("ListEndpoints", &[Need::list("Endpoints", &["EndpointName", "EndpointArn", "EndpointStatus"])]),
    Shape::json("DescribeEndpoint", &[Need::one("EndpointArn", Kind::Text)]),
    Shape::json("ListEndpointConfigs", &[Need::list("EndpointConfigs", &["EndpointConfigName", "EndpointConfigArn"])]),
    Shape::json(
        "DescribeEndpointConfig",
        &[Need::one("EndpointConfigArn", Kind::Text), Need::list("ProductionVariants", &[])],
    ),
    Shape::json("Search", &[Need::list("Results", &[])]),
    Shape::json("ListTags", &[Need::list("Tags", &[])]),
];
