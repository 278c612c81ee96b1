//! What each of the seven roles needs for its work (catalogue, section 6).

use crate::baseline::{BucketKind, KeyUse, LogicalRole};

/// What a needed action must reach; one of several is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum On {
    /// Whatever the policy lists: such things have no names before they are made.
    Anything,
    /// The account: the action has no resource types.
    Account,
    /// SageMaker resources of this kind in the account and Region, by whatever name.
    Sagemaker(&'static str),
    /// Products of the service catalogue in the account and Region.
    Products,
    /// Objects of a data bucket of one of these kinds.
    Objects(&'static [BucketKind]),
    /// A key that the baseline declares for this use.
    Key(KeyUse),
    /// Log groups of SageMaker.
    LogGroups,
    /// A role bound to this logical role.
    Role(LogicalRole),
}

/// When an action is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// Always.
    Always,
    /// Studio signs people in through IAM.
    Studio,
    /// People make notebooks through the service catalogue.
    SelfService,
}

/// Actions that a role needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Need {
    /// When.
    pub(crate) when: When,
    /// On what.
    pub(crate) on: On,
    /// The actions.
    pub(crate) actions: &'static [&'static str],
}

const fn need(on: On, actions: &'static [&'static str]) -> Need {
    Need { when: When::Always, on, actions }
}

const READ: On = On::Objects(&[BucketKind::DataLake, BucketKind::Data]);
const WRITE: On = On::Objects(&[BucketKind::Data, BucketKind::Model]);
const INTERFACES: Need = need(On::Anything, &["ec2:CreateNetworkInterface", "ec2:CreateNetworkInterfacePermission"]);

/// What a role needs.
pub(crate) fn needs(role: LogicalRole) -> &'static [Need] {
    match role {
        LogicalRole::DataScientist => {
            const {
                &[
                    need(
                        On::Sagemaker("notebook-instance"),
                        &[
                            "sagemaker:StartNotebookInstance",
                            "sagemaker:StopNotebookInstance",
                            "sagemaker:CreatePresignedNotebookInstanceUrl",
                            "sagemaker:DescribeNotebookInstance",
                        ],
                    ),
                    need(On::Account, &["sagemaker:ListNotebookInstances"]),
                    Need {
                        when: When::Studio,
                        on: On::Sagemaker("user-profile"),
                        actions: &["sagemaker:CreatePresignedDomainUrl"],
                    },
                    Need { when: When::SelfService, on: On::Products, actions: &["servicecatalog:ProvisionProduct"] },
                ]
            }
        }
        LogicalRole::NotebookCreation => {
            const {
                &[
                    need(
                        On::Sagemaker("notebook-instance"),
                        &[
                            "sagemaker:CreateNotebookInstance",
                            "sagemaker:DeleteNotebookInstance",
                            "sagemaker:DescribeNotebookInstance",
                        ],
                    ),
                    need(On::Role(LogicalRole::NotebookExecution), &["iam:PassRole"]),
                    need(On::Key(KeyUse::Volume), &["kms:CreateGrant", "kms:DescribeKey"]),
                ]
            }
        }
        LogicalRole::NotebookExecution => {
            const {
                &[
                    need(READ, &["s3:GetObject"]),
                    need(WRITE, &["s3:PutObject"]),
                    need(On::Key(KeyUse::S3), &["kms:Decrypt", "kms:GenerateDataKey"]),
                    need(On::Sagemaker("training-job"), &["sagemaker:CreateTrainingJob"]),
                    need(On::Sagemaker("processing-job"), &["sagemaker:CreateProcessingJob"]),
                    need(On::LogGroups, &["logs:PutLogEvents"]),
                    need(On::Role(LogicalRole::TrainingExecution), &["iam:PassRole"]),
                ]
            }
        }
        LogicalRole::TrainingExecution => {
            const {
                &[
                    need(READ, &["s3:GetObject"]),
                    need(WRITE, &["s3:PutObject"]),
                    need(On::Key(KeyUse::S3), &["kms:Decrypt", "kms:GenerateDataKey"]),
                    need(On::LogGroups, &["logs:CreateLogStream", "logs:PutLogEvents"]),
                    INTERFACES,
                    need(On::Anything, &["ecr:BatchGetImage"]),
                ]
            }
        }
        LogicalRole::EndpointCreation => {
            const {
                &[
                    need(On::Sagemaker("model"), &["sagemaker:CreateModel"]),
                    need(On::Sagemaker("endpoint-config"), &["sagemaker:CreateEndpointConfig"]),
                    need(
                        On::Sagemaker("endpoint"),
                        &["sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint", "sagemaker:DescribeEndpoint"],
                    ),
                    need(On::Role(LogicalRole::EndpointHosting), &["iam:PassRole"]),
                ]
            }
        }
        LogicalRole::EndpointHosting => {
            const {
                &[
                    need(On::Objects(&[BucketKind::Model]), &["s3:GetObject"]),
                    need(On::Key(KeyUse::S3), &["kms:Decrypt"]),
                    need(On::Anything, &["ecr:BatchGetImage"]),
                    need(On::LogGroups, &["logs:PutLogEvents"]),
                    INTERFACES,
                ]
            }
        }
        LogicalRole::EndpointInvocation => const { &[need(On::Sagemaker("endpoint"), &["sagemaker:InvokeEndpoint"])] },
    }
}
