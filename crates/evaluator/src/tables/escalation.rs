//! Ways in which permissions turn into more permissions (catalogue, IAM-11). Each action: Service Authorization Reference.

/// Actions that rewrite what a role may do or who may assume it.
pub(crate) const ON_ROLES: &[&str] = &[
    "iam:PutRolePolicy",
    "iam:AttachRolePolicy",
    "iam:UpdateAssumeRolePolicy",
    "iam:DeleteRolePermissionsBoundary",
    "iam:PutRolePermissionsBoundary",
];

/// Actions that rewrite a managed policy.
pub(crate) const ON_POLICIES: &[&str] = &["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];

/// Actions that make a new principal, or take over a user or group: an escalation on all of them.
pub(crate) const ON_ALL: &[&str] = &[
    "iam:CreateRole",
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:UpdateLoginProfile",
    "iam:AddUserToGroup",
    "iam:PutUserPolicy",
    "iam:AttachUserPolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:PutUserPermissionsBoundary",
    "iam:PutGroupPolicy",
    "iam:AttachGroupPolicy",
];

/// The service of SageMaker.
pub(crate) const SAGEMAKER: &str = "sagemaker.amazonaws.com";

/// Services that run something under a role that is passed to them, and the actions that make them.
pub(crate) const LAUNCHES: &[(&str, &[&str])] = &[
    ("lambda.amazonaws.com", &["lambda:CreateFunction"]),
    ("ec2.amazonaws.com", &["ec2:RunInstances"]),
    ("glue.amazonaws.com", &["glue:CreateDevEndpoint", "glue:CreateJob"]),
    ("cloudformation.amazonaws.com", &["cloudformation:CreateStack"]),
    ("codebuild.amazonaws.com", &["codebuild:CreateProject"]),
    (
        SAGEMAKER,
        &[
            "sagemaker:CreateTrainingJob",
            "sagemaker:CreateProcessingJob",
            "sagemaker:CreateHyperParameterTuningJob",
            "sagemaker:CreateAutoMLJob",
            "sagemaker:CreateAutoMLJobV2",
            "sagemaker:CreateLabelingJob",
            "sagemaker:CreateCompilationJob",
            "sagemaker:CreateNotebookInstance",
        ],
    ),
    ("states.amazonaws.com", &["states:CreateStateMachine"]),
    ("datapipeline.amazonaws.com", &["datapipeline:CreatePipeline"]),
    ("ecs-tasks.amazonaws.com", &["ecs:RunTask"]),
];

/// Actions that put other code under a role that no read tells.
pub(crate) const UNSEEN: &[(&str, &str)] =
    &[("lambda:UpdateFunctionCode", "functions"), ("sagemaker:UpdatePipeline", "pipelines")];

#[cfg(test)]
mod tests {
    use super::{ON_ALL, ON_POLICIES, ON_ROLES};
    use crate::baseline::CapabilityClass;
    use crate::tables::classes::deeds;

    /// Whose policies speak of nothing of the class are not asked about these.
    #[test]
    fn what_rewrites_iam_administers_it() {
        let administers = |action: &&str| deeds(CapabilityClass::IamAdmin).iter().any(|it| it.actions.contains(action));
        let others: Vec<&&str> =
            [ON_ROLES, ON_POLICIES, ON_ALL].into_iter().flatten().filter(|it| !administers(it)).collect();
        assert!(others.is_empty(), "{others:?}");
    }
}
