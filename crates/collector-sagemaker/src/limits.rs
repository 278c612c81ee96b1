//! What SageMaker allows, and what its answers must have: rate limits and page sizes with their origins, shapes.

use plumbline_collector::{Bucket, Kind, Need, Shape};
use plumbline_snapshot::sagemaker::{counted, features, monitoring, studio};
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
    listing(&[&studio::USER_PROFILES]),
    listing(&[&studio::SPACES]),
    listing(&[&features::FEATURE_GROUPS]),
    listing(&[&monitoring::SCHEDULES]),
    listing(&[&counted::CLUSTERS]),
    listing(&[&counted::LABELING_JOBS]),
    listing(&[&counted::COMPILATION_JOBS]),
    listing(&[&counted::OPTIMIZATION_JOBS]),
    listing(&[&counted::INFERENCE_RECOMMENDATIONS_JOBS]),
    listing(&[&counted::EDGE_PACKAGING_JOBS]),
    listing(&[&counted::INFERENCE_EXPERIMENTS]),
    listing(&[&counted::MLFLOW_TRACKING_SERVERS]),
    listing(&[&counted::MLFLOW_APPS]),
    listing(&[&counted::PIPELINES]),
    listing(&[&counted::PARTNER_APPS]),
    listing(&[&counted::JOBS]),
    single(&[&studio::USER_PROFILE]),
    single(&[&studio::SPACE]),
    single(&[&studio::LIFECYCLE_CONFIG]),
    single(&[&studio::CODE_REPOSITORY]),
    single(&[&features::FEATURE_GROUP]),
    single(&[&monitoring::SCHEDULE]),
    single(&[&monitoring::DATA_QUALITY_DEFINITION]),
    single(&[&monitoring::MODEL_QUALITY_DEFINITION]),
    single(&[&monitoring::MODEL_BIAS_DEFINITION]),
    single(&[&monitoring::MODEL_EXPLAINABILITY_DEFINITION]),
];

/// The largest page of every listing and of `Search`: API model (botocore 1.44.5). `ListTags` takes 50 or more and names
/// no maximum.
pub(crate) const PAGE: i32 = 100;

/// How many single resources of a kind are read at once: the rate limits, not this, set the pace.
pub(crate) const AT_ONCE: usize = 8;

/// What the definition of a monitoring job must have: without its cluster it would seem to have no key.
const DEFINITION: &[Need] =
    &[Need::one("JobDefinitionArn", Kind::Text), Need::one("JobResources/ClusterConfig", Kind::Object)];

/// What answers must have. AWS writes lists even where they are empty, also those that the API model does not require.
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
    Shape::json("ListUserProfiles", &[Need::list("UserProfiles", &["DomainId", "UserProfileName"])]),
    Shape::json("DescribeUserProfile", &[Need::one("UserProfileArn", Kind::Text)]),
    Shape::json("ListSpaces", &[Need::list("Spaces", &["DomainId", "SpaceName"])]),
    Shape::json("DescribeSpace", &[Need::one("SpaceArn", Kind::Text)]),
    Shape::json(
        "DescribeNotebookInstanceLifecycleConfig",
        &[Need::one("NotebookInstanceLifecycleConfigArn", Kind::Text)],
    ),
    Shape::json("DescribeCodeRepository", &[Need::one("CodeRepositoryArn", Kind::Text)]),
    Shape::json("ListFeatureGroups", &[Need::list("FeatureGroupSummaries", &["FeatureGroupName", "FeatureGroupArn"])]),
    Shape::json("DescribeFeatureGroup", &[Need::one("FeatureGroupArn", Kind::Text)]),
    Shape::json(
        "ListMonitoringSchedules",
        &[Need::list("MonitoringScheduleSummaries", &["MonitoringScheduleName", "MonitoringScheduleArn"])],
    ),
    Shape::json(
        "DescribeMonitoringSchedule",
        &[Need::one("MonitoringScheduleArn", Kind::Text), Need::one("MonitoringScheduleConfig", Kind::Object)],
    ),
    Shape::json("DescribeDataQualityJobDefinition", DEFINITION),
    Shape::json("DescribeModelQualityJobDefinition", DEFINITION),
    Shape::json("DescribeModelBiasJobDefinition", DEFINITION),
    Shape::json("DescribeModelExplainabilityJobDefinition", DEFINITION),
    Shape::json("ListClusters", &[Need::list("ClusterSummaries", &["ClusterName", "ClusterArn"])]),
    Shape::json("ListLabelingJobs", &[Need::list("LabelingJobSummaryList", &["LabelingJobName", "LabelingJobArn"])]),
    Shape::json(
        "ListCompilationJobs",
        &[Need::list("CompilationJobSummaries", &["CompilationJobName", "CompilationJobArn"])],
    ),
    Shape::json(
        "ListOptimizationJobs",
        &[Need::list("OptimizationJobSummaries", &["OptimizationJobName", "OptimizationJobArn"])],
    ),
    Shape::json(
        "ListInferenceRecommendationsJobs",
        &[Need::list("InferenceRecommendationsJobs", &["JobName", "JobArn"])],
    ),
    Shape::json(
        "ListEdgePackagingJobs",
        &[Need::list("EdgePackagingJobSummaries", &["EdgePackagingJobName", "EdgePackagingJobArn"])],
    ),
    Shape::json("ListInferenceExperiments", &[Need::list("InferenceExperiments", &["Name"])]),
    Shape::json(
        "ListMlflowTrackingServers",
        &[Need::list("TrackingServerSummaries", &["TrackingServerName", "TrackingServerArn"])],
    ),
    Shape::json("ListMlflowApps", &[Need::list("Summaries", &["Name", "Arn"])]),
    Shape::json("ListPipelines", &[Need::list("PipelineSummaries", &["PipelineName", "PipelineArn"])]),
    Shape::json("ListPartnerApps", &[Need::list("Summaries", &["Name", "Arn"])]),
    Shape::json("ListJobs", &[Need::list("JobSummaries", &["JobName", "JobArn"])]),
];
