//! What actions are, where that decides what a statement about them can do (Service Authorization Reference).

use plumbline_policy::{Sense, Statement};

/// Actions for which the reference names no resource type, so that a statement can only say `*` of their resource.
const WITHOUT_RESOURCES: &[&str] = &[
    "cloudwatch:GetMetricData",
    "cloudwatch:GetMetricStatistics",
    "cloudwatch:ListMetrics",
    "cloudwatch:PutMetricData",
    "codecommit:ListRepositories",
    "ecr:GetAuthorizationToken",
    "kms:GenerateRandom",
    "kms:ListAliases",
    "kms:ListKeys",
    "sagemaker:ListDomains",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListEndpoints",
    "sagemaker:ListModels",
    "sagemaker:ListNotebookInstances",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListTrainingJobs",
    "sagemaker:ListTransformJobs",
    "secretsmanager:ListSecrets",
    "sts:DecodeAuthorizationMessage",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
];

/// Whether a statement is about actions without resources alone.
pub(crate) fn only_without_resources(statement: &Statement) -> bool {
    every_pattern(statement, |text| WITHOUT_RESOURCES.iter().any(|action| action.eq_ignore_ascii_case(text)))
}

/// Whether a statement is about reads of S3 alone: `s3:Get*` and `s3:List*`, which change nothing.
pub(crate) fn only_reads_of_s3(statement: &Statement) -> bool {
    every_pattern(statement, |text| {
        let text = text.to_ascii_lowercase();
        text.starts_with("s3:get") || text.starts_with("s3:list")
    })
}

fn every_pattern(statement: &Statement, such: impl Fn(&str) -> bool) -> bool {
    statement.actions.sense == Sense::Only && statement.actions.patterns.iter().all(|pattern| such(pattern.text()))
}
