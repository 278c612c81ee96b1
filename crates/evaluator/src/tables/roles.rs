//! Who may assume each of the seven roles (catalogue, section 6), beside the baseline's `trusted_principals`.

use crate::baseline::LogicalRole;

/// The service principals that the design lets assume a role.
pub(crate) fn trusted_services(role: LogicalRole) -> &'static [&'static str] {
    match role {
        LogicalRole::DataScientist => &[],
        LogicalRole::NotebookCreation => &["servicecatalog.amazonaws.com", "cloudformation.amazonaws.com"],
        LogicalRole::NotebookExecution | LogicalRole::TrainingExecution | LogicalRole::EndpointHosting => {
            &["sagemaker.amazonaws.com"]
        }
        LogicalRole::EndpointCreation => &[
            "codebuild.amazonaws.com",
            "codepipeline.amazonaws.com",
            "cloudformation.amazonaws.com",
            "states.amazonaws.com",
            "lambda.amazonaws.com",
        ],
        LogicalRole::EndpointInvocation => &["lambda.amazonaws.com", "ecs-tasks.amazonaws.com", "ec2.amazonaws.com"],
    }
}

/// Service principals that must not assume a role even if the baseline lists them.
pub(crate) fn refused_services(role: LogicalRole) -> &'static [&'static str] {
    match role {
        LogicalRole::EndpointInvocation | LogicalRole::EndpointCreation | LogicalRole::NotebookCreation => {
            &["sagemaker.amazonaws.com"]
        }
        _ => &[],
    }
}

/// Whether a role is for people: its trust may name identity providers, and never a service.
pub(crate) fn is_for_people(role: LogicalRole) -> bool {
    role == LogicalRole::DataScientist
}
