//! The capability classes and the separation matrix (catalogue, section 7), and which role hands which on.
//!
//! Actions and their resource types: Service Authorization Reference, "Actions, resources, and condition keys for" each service.

use crate::baseline::{CapabilityClass, LogicalRole};

/// What an action must be able to reach for a role to hold its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum On {
    /// Any resource at all.
    Anything,
    /// The account: the action has no resource types, so that only `*` grants it.
    Account,
    /// Objects of data buckets.
    DataObjects,
    /// Data or log buckets.
    Buckets,
    /// Objects of data or log buckets.
    Objects,
    /// Keys of the environment.
    Keys,
    /// Keys of the environment, by grants that are not for AWS services alone.
    Grants,
    /// Log groups of the environment.
    LogGroups,
    /// Bound roles of another logical role.
    Roles,
}

impl On {
    /// How many kinds there are.
    pub(crate) const ALL: usize = On::Roles as usize + 1;
}

/// Actions of a class, and what they must reach.
#[derive(Debug)]
pub(crate) struct Deeds {
    /// What they must reach.
    pub(crate) on: On,
    /// The actions.
    pub(crate) actions: &'static [&'static str],
}

/// What the matrix says of a role and a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    /// The role is expected to hold it, or may.
    Free,
    /// A part of it is tolerated, as a footnote says.
    Partly,
    /// The role must not hold it.
    Denied,
}

/// The cell of a role and a class.
pub(crate) fn cell(role: LogicalRole, class: CapabilityClass) -> Cell {
    // One letter a class, in the order of `CapabilityClass::ALL`: Y expected, o tolerated, * with a footnote, - denied.
    let row = match role {
        LogicalRole::DataScientist => "Y--------------",
        LogicalRole::NotebookCreation => "*Y-----Y-------",
        LogicalRole::NotebookExecution => "--Yo--YY-------",
        LogicalRole::TrainingExecution => "------Y--------",
        LogicalRole::EndpointCreation => "---YY--Y-------",
        LogicalRole::EndpointHosting => "------*--------",
        LogicalRole::EndpointInvocation => "-----Y---------",
    };
    let said = CapabilityClass::ALL.iter().zip(row.chars()).find(|(other, _)| **other == class);
    match said {
        Some((_, 'Y' | 'o')) => Cell::Free,
        Some((_, '*')) => Cell::Partly,
        _ => Cell::Denied,
    }
}

/// The actions of `NB_USE` that `notebook_creation` may have: a notebook must be stopped before it is deleted.
pub(crate) const TOLERATED_OF_NB_USE: [&str; 2] = ["sagemaker:StartNotebookInstance", "sagemaker:StopNotebookInstance"];

/// The logical role that a role hands to SageMaker.
pub(crate) fn hands_over(role: LogicalRole) -> Option<LogicalRole> {
    match role {
        LogicalRole::NotebookCreation => Some(LogicalRole::NotebookExecution),
        LogicalRole::NotebookExecution => Some(LogicalRole::TrainingExecution),
        LogicalRole::EndpointCreation => Some(LogicalRole::EndpointHosting),
        _ => None,
    }
}

/// The actions of a class.
pub(crate) fn deeds(class: CapabilityClass) -> &'static [Deeds] {
    match class {
        CapabilityClass::NbUse => NB_USE,
        CapabilityClass::NbCreate => NB_CREATE,
        CapabilityClass::JobSubmit => JOB_SUBMIT,
        CapabilityClass::ModelCreate => MODEL_CREATE,
        CapabilityClass::EpCreate => EP_CREATE,
        CapabilityClass::EpInvoke => EP_INVOKE,
        CapabilityClass::DataRw => DATA_RW,
        CapabilityClass::PassRole => PASS_ROLE,
        CapabilityClass::Assume => ASSUME,
        CapabilityClass::IamAdmin => IAM_ADMIN,
        CapabilityClass::NetAdmin => NET_ADMIN,
        CapabilityClass::KmsAdmin => KMS_ADMIN,
        CapabilityClass::S3Admin => S3_ADMIN,
        CapabilityClass::LogAdmin => LOG_ADMIN,
        CapabilityClass::ScAdmin => SC_ADMIN,
    }
}

const NB_USE: &[Deeds] = &[Deeds {
    on: On::Anything,
    actions: &[
        "sagemaker:StartNotebookInstance",
        "sagemaker:StopNotebookInstance",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:CreatePresignedDomainUrl",
    ],
}];

const NB_CREATE: &[Deeds] = &[Deeds {
    on: On::Anything,
    actions: &[
        "sagemaker:CreateNotebookInstance",
        "sagemaker:UpdateNotebookInstance",
        "sagemaker:DeleteNotebookInstance",
        "sagemaker:CreateNotebookInstanceLifecycleConfig",
        "sagemaker:UpdateNotebookInstanceLifecycleConfig",
        "sagemaker:CreateDomain",
        "sagemaker:UpdateDomain",
        "sagemaker:DeleteDomain",
        "sagemaker:CreateUserProfile",
        "sagemaker:UpdateUserProfile",
        "sagemaker:CreateStudioLifecycleConfig",
    ],
}];

const JOB_SUBMIT: &[Deeds] = &[Deeds {
    on: On::Anything,
    actions: &[
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateTransformJob",
        "sagemaker:CreateHyperParameterTuningJob",
        "sagemaker:CreateAutoMLJob",
        "sagemaker:CreateAutoMLJobV2",
        "sagemaker:CreateJob",
        "sagemaker:CreateLabelingJob",
        "sagemaker:CreateCluster",
        "sagemaker:StartPipelineExecution",
    ],
}];

const MODEL_CREATE: &[Deeds] =
    &[Deeds { on: On::Anything, actions: &["sagemaker:CreateModel", "sagemaker:DeleteModel"] }];

const EP_CREATE: &[Deeds] = &[Deeds {
    on: On::Anything,
    actions: &[
        "sagemaker:CreateEndpointConfig",
        "sagemaker:CreateEndpoint",
        "sagemaker:UpdateEndpoint",
        "sagemaker:DeleteEndpoint",
        "sagemaker:UpdateEndpointWeightsAndCapacities",
        "sagemaker:CreateInferenceComponent",
        "sagemaker:UpdateInferenceComponent",
    ],
}];

const EP_INVOKE: &[Deeds] = &[Deeds {
    on: On::Anything,
    actions: &[
        "sagemaker:InvokeEndpoint",
        "sagemaker:InvokeEndpointAsync",
        "sagemaker:InvokeEndpointWithResponseStream",
    ],
}];

const DATA_RW: &[Deeds] =
    &[Deeds { on: On::DataObjects, actions: &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] }];

const PASS_ROLE: &[Deeds] = &[Deeds { on: On::Anything, actions: &["iam:PassRole"] }];

const ASSUME: &[Deeds] = &[Deeds { on: On::Roles, actions: &["sts:AssumeRole"] }];

const IAM_ADMIN: &[Deeds] = &[Deeds {
    on: On::Anything,
    actions: &[
        "iam:CreateRole",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:CreatePolicyVersion",
        "iam:SetDefaultPolicyVersion",
        "iam:UpdateAssumeRolePolicy",
        "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary",
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
    ],
}];

const NET_ADMIN: &[Deeds] = &[Deeds {
    on: On::Anything,
    actions: &[
        "ec2:CreateInternetGateway",
        "ec2:AttachInternetGateway",
        "ec2:CreateNatGateway",
        "ec2:CreateEgressOnlyInternetGateway",
        "ec2:CreateRoute",
        "ec2:ReplaceRoute",
        "ec2:AssociateRouteTable",
        "ec2:CreateVpcPeeringConnection",
        "ec2:AcceptVpcPeeringConnection",
        "ec2:CreateTransitGatewayVpcAttachment",
        "ec2:CreateVpcEndpoint",
        "ec2:ModifyVpcEndpoint",
        "ec2:DeleteVpcEndpoints",
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:ModifyVpcAttribute",
        "ec2:ModifyVpcBlockPublicAccessOptions",
    ],
}];

const KMS_ADMIN: &[Deeds] = &[
    Deeds {
        on: On::Keys,
        actions: &[
            "kms:PutKeyPolicy",
            "kms:ScheduleKeyDeletion",
            "kms:DisableKey",
            "kms:DisableKeyRotation",
            "kms:UpdateAlias",
            "kms:DeleteAlias",
        ],
    },
    Deeds { on: On::Grants, actions: &["kms:CreateGrant"] },
];

const S3_ADMIN: &[Deeds] = &[
    Deeds {
        on: On::Buckets,
        actions: &[
            "s3:PutBucketPolicy",
            "s3:DeleteBucketPolicy",
            "s3:PutEncryptionConfiguration",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketAcl",
            "s3:PutBucketOwnershipControls",
            "s3:PutBucketVersioning",
            "s3:DeleteBucket",
        ],
    },
    Deeds { on: On::Objects, actions: &["s3:PutObjectAcl"] },
    Deeds { on: On::Account, actions: &["s3:PutAccountPublicAccessBlock"] },
];

const LOG_ADMIN: &[Deeds] = &[
    Deeds {
        on: On::Anything,
        actions: &[
            "cloudtrail:StopLogging",
            "cloudtrail:DeleteTrail",
            "cloudtrail:UpdateTrail",
            "cloudtrail:PutEventSelectors",
            "ec2:DeleteFlowLogs",
        ],
    },
    Deeds {
        on: On::LogGroups,
        actions: &[
            "logs:DeleteLogGroup",
            "logs:DeleteLogStream",
            "logs:PutRetentionPolicy",
            "logs:DeleteRetentionPolicy",
            "logs:DisassociateKmsKey",
        ],
    },
];

const SC_ADMIN: &[Deeds] = &[Deeds {
    on: On::Anything,
    actions: &[
        "servicecatalog:CreatePortfolio",
        "servicecatalog:UpdatePortfolio",
        "servicecatalog:DeletePortfolio",
        "servicecatalog:CreatePortfolioShare",
        "servicecatalog:UpdatePortfolioShare",
        "servicecatalog:DeletePortfolioShare",
        "servicecatalog:CreateProduct",
        "servicecatalog:UpdateProduct",
        "servicecatalog:DeleteProduct",
        "servicecatalog:CreateProvisioningArtifact",
        "servicecatalog:UpdateProvisioningArtifact",
        "servicecatalog:DeleteProvisioningArtifact",
        "servicecatalog:CreateConstraint",
        "servicecatalog:UpdateConstraint",
        "servicecatalog:DeleteConstraint",
        "servicecatalog:AssociateProductWithPortfolio",
        "servicecatalog:DisassociateProductFromPortfolio",
        "servicecatalog:AssociatePrincipalWithPortfolio",
        "servicecatalog:DisassociatePrincipalFromPortfolio",
    ],
}];

/// Services of which nobody here needs everything, each with actions that together are as good as all of it.
pub(crate) const SWEPT: &[(&str, &[&str])] = &[
    ("iam", &["iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy"]),
    ("s3", &["s3:GetObject", "s3:PutObject", "s3:PutBucketPolicy"]),
    ("kms", &["kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy"]),
    ("ec2", &["ec2:RunInstances", "ec2:CreateRoute", "ec2:AuthorizeSecurityGroupIngress"]),
    ("sts", &["sts:AssumeRole"]),
    (
        "organizations",
        &["organizations:AttachPolicy", "organizations:CreateAccount", "organizations:LeaveOrganization"],
    ),
    (
        "sagemaker",
        &[
            "sagemaker:CreateNotebookInstance",
            "sagemaker:CreateTrainingJob",
            "sagemaker:CreateEndpoint",
            "sagemaker:DeleteEndpoint",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::{Cell, cell, deeds, hands_over};
    use crate::baseline::{CapabilityClass, LogicalRole};

    #[test]
    fn the_matrix_has_a_cell_for_each_role_and_class() {
        let free = |role| {
            let classes = CapabilityClass::ALL.into_iter().filter(|class| cell(role, *class) != Cell::Denied);
            classes.map(CapabilityClass::as_str).collect::<Vec<_>>().join(" ")
        };
        let said = LogicalRole::ALL.map(free);
        let wanted = [
            "NB_USE",
            "NB_USE NB_CREATE PASS_ROLE",
            "JOB_SUBMIT MODEL_CREATE DATA_RW PASS_ROLE",
            "DATA_RW",
            "MODEL_CREATE EP_CREATE PASS_ROLE",
            "DATA_RW",
            "EP_INVOKE",
        ];
        assert_eq!(said, wanted);
        for role in LogicalRole::ALL {
            let passes = cell(role, CapabilityClass::PassRole) == Cell::Free;
            assert_eq!(passes, hands_over(role).is_some(), "{role} passes what it hands over");
        }
    }

    #[test]
    fn no_action_is_in_two_classes() {
        let all = CapabilityClass::ALL.into_iter().flat_map(deeds).flat_map(|deeds| deeds.actions);
        let mut seen = std::collections::BTreeSet::new();
        for action in all {
            assert!(seen.insert(action), "{action} twice");
        }
        assert!(seen.len() > 90, "{}", seen.len());
    }
}
