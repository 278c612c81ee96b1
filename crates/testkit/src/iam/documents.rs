//! Trusts, permissions and boundary of the seven roles, as JSON before encoding.

use serde_json::{Value, json};

use super::{ENDPOINT_HOSTING, NOTEBOOK_EXECUTION, SAML_PROVIDER, TRAINING_EXECUTION};
use crate::ACCOUNT;
use crate::ec2::{
    ENDPOINT_API, ENDPOINT_NOTEBOOK, ENDPOINT_S3, ENDPOINT_STUDIO, SG_WORKLOAD, SUBNET_A, SUBNET_B, SUBNET_C,
};
use crate::kms::{KEY_DATA, KEY_PROJECT, KEY_VOLUMES};

/// A trust policy of one statement.
pub(super) fn trust_of(principal: &Value, action: &str, condition: Option<Value>) -> Value {
    let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": action});
    if let (Some(condition), Some(fields)) = (condition, statement.as_object_mut()) {
        fields.insert("Condition".to_owned(), condition);
    }
    document(vec![statement])
}

/// The trust of a logical role: exactly the principal that its purpose needs.
pub(super) fn trust(logical: &str) -> Value {
    let service = |name: &str| json!({"Service": name});
    let from_here = || Some(json!({"StringEquals": {"aws:SourceAccount": ACCOUNT}}));
    match logical {
        "data_scientist" => trust_of(
            &json!({"Federated": SAML_PROVIDER}),
            "sts:AssumeRoleWithSAML",
            Some(json!({"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}})),
        ),
        "notebook_creation" => trust_of(&service("servicecatalog.amazonaws.com"), "sts:AssumeRole", None),
        "endpoint_creation" => trust_of(&service("codebuild.amazonaws.com"), "sts:AssumeRole", from_here()),
        "endpoint_invocation" => trust_of(&service("ecs-tasks.amazonaws.com"), "sts:AssumeRole", from_here()),
        _ => trust_of(&service("sagemaker.amazonaws.com"), "sts:AssumeRole", from_here()),
    }
}

fn document(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A document of one Allow without conditions.
pub(super) fn allow(actions: &[&str], resource: &str) -> Value {
    document(vec![json!({"Effect": "Allow", "Action": actions, "Resource": resource})])
}

fn statement(actions: &[&str], resources: &Value, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources, "Condition": condition})
}

fn sagemaker(kind: &str) -> Value {
    json!(format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:{kind}/*"))
}

fn pass(role: &str) -> Value {
    let to_sagemaker = json!({"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}});
    statement(&["iam:PassRole"], &json!(role), &to_sagemaker)
}

/// Subnets and groups confined: every value is one of the environment's, and there is at least one.
fn in_network() -> Value {
    json!({
        "ForAllValues:StringEquals": {
            "sagemaker:VpcSubnets": [SUBNET_A, SUBNET_B, SUBNET_C],
            "sagemaker:VpcSecurityGroupIds": [SG_WORKLOAD],
        },
        "Null": {"sagemaker:VpcSubnets": "false", "sagemaker:VpcSecurityGroupIds": "false"},
    })
}

/// The condition with one operator more.
fn and(mut condition: Value, operator: &str, keys: Value) -> Value {
    if let Some(operators) = condition.as_object_mut() {
        operators.insert(operator.to_owned(), keys);
    }
    condition
}

/// What belongs to the project, through these endpoints.
fn through(endpoints: &[&str]) -> Value {
    json!({"StringEquals": {"aws:ResourceTag/ProjectName": "fraud", "aws:SourceVpce": endpoints}})
}

fn data_access(buckets: &[&str]) -> Vec<Value> {
    let objects: Vec<String> = buckets.iter().map(|bucket| format!("arn:aws:s3:::{bucket}/*")).collect();
    let through = json!({"StringEquals": {"aws:SourceVpce": ENDPOINT_S3}});
    vec![
        statement(&["s3:GetObject", "s3:PutObject"], &json!(objects), &through),
        json!({
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            "Resource": [KEY_DATA, KEY_PROJECT],
        }),
    ]
}

fn runtime() -> Vec<Value> {
    vec![
        json!({
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            "Resource": format!("arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/sagemaker/*"),
        }),
        json!({
            "Effect": "Allow",
            "Action": [
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DescribeNetworkInterfaces",
                "ecr:BatchGetImage",
            ],
            "Resource": "*",
        }),
    ]
}

/// What a logical role may do.
pub(super) fn permissions(logical: &str) -> Value {
    let tagged = json!({"StringEquals": {"aws:ResourceTag/ProjectName": "fraud"}});
    let keys = json!([KEY_VOLUMES, KEY_PROJECT]);
    let lake_and_data = ["ds-data-lake-7f3a", "ds-data-fraud-dev-7f3a", "ds-model-fraud-dev-7f3a"];
    document(match logical {
        "data_scientist" => vec![
            statement(
                &["sagemaker:StartNotebookInstance", "sagemaker:StopNotebookInstance"],
                &sagemaker("notebook-instance"),
                &tagged,
            ),
            statement(
                &["sagemaker:CreatePresignedNotebookInstanceUrl"],
                &sagemaker("notebook-instance"),
                &through(&[ENDPOINT_API, ENDPOINT_NOTEBOOK]),
            ),
            statement(
                &["sagemaker:CreatePresignedDomainUrl"],
                &sagemaker("user-profile"),
                &through(&[ENDPOINT_API, ENDPOINT_STUDIO]),
            ),
            json!({
                "Effect": "Allow",
                "Action": ["sagemaker:DescribeNotebookInstance", "sagemaker:ListNotebookInstances"],
                "Resource": "*",
            }),
        ],
        "notebook_creation" => vec![
            statement(
                &["sagemaker:CreateNotebookInstance"],
                &sagemaker("notebook-instance"),
                &and(
                    in_network(),
                    "StringEquals",
                    json!({
                        "aws:RequestTag/ProjectName": "fraud",
                        "sagemaker:VolumeKmsKeyArn": keys,
                        "sagemaker:DirectInternetAccess": "Disabled",
                        "sagemaker:RootAccess": "Disabled",
                    }),
                ),
            ),
            statement(
                &["sagemaker:DeleteNotebookInstance", "sagemaker:DescribeNotebookInstance"],
                &sagemaker("notebook-instance"),
                &tagged,
            ),
            statement(&["kms:CreateGrant"], &keys, &json!({"Bool": {"kms:GrantIsForAWSResource": "true"}})),
            json!({"Effect": "Allow", "Action": "kms:DescribeKey", "Resource": keys}),
            pass(NOTEBOOK_EXECUTION),
        ],
        "notebook_execution" => {
            let apart =
                json!({"sagemaker:NetworkIsolation": "true", "sagemaker:InterContainerTrafficEncryption": "true"});
            let confined = and(
                and(in_network(), "Bool", apart),
                "StringEquals",
                json!({
                    "aws:RequestTag/ProjectName": "fraud",
                    "sagemaker:VolumeKmsKeyArn": keys,
                    "sagemaker:OutputKmsKeyArn": [KEY_DATA, KEY_PROJECT],
                }),
            );
            let mut statements = vec![
                statement(&["sagemaker:CreateTrainingJob"], &sagemaker("training-job"), &confined),
                statement(&["sagemaker:CreateProcessingJob"], &sagemaker("processing-job"), &confined),
                pass(TRAINING_EXECUTION),
            ];
            statements.extend(data_access(&lake_and_data));
            statements.extend(runtime());
            statements
        }
        "training_execution" => {
            let mut statements = data_access(&lake_and_data);
            statements.extend(runtime());
            statements
        }
        "endpoint_creation" => vec![
            statement(
                &["sagemaker:CreateModel"],
                &sagemaker("model"),
                &and(in_network(), "Bool", json!({"sagemaker:NetworkIsolation": "true"})),
            ),
            statement(
                &["sagemaker:CreateEndpointConfig"],
                &sagemaker("endpoint-config"),
                &json!({"StringEquals": {"aws:RequestTag/ProjectName": "fraud", "sagemaker:VolumeKmsKeyArn": keys}}),
            ),
            statement(
                &["sagemaker:CreateEndpoint"],
                &json!([sagemaker("endpoint"), sagemaker("endpoint-config")]),
                &json!({"StringEquals": {"aws:RequestTag/ProjectName": "fraud"}}),
            ),
            pass(ENDPOINT_HOSTING),
            statement(
                &["sagemaker:UpdateEndpoint", "sagemaker:DescribeEndpoint"],
                &json!([sagemaker("endpoint"), sagemaker("endpoint-config")]),
                &tagged,
            ),
        ],
        "endpoint_hosting" => {
            let mut statements = vec![
                json!({
                    "Effect": "Allow",
                    "Action": "s3:GetObject",
                    "Resource": "arn:aws:s3:::ds-model-fraud-dev-7f3a/*",
                }),
                json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY_PROJECT}),
            ];
            statements.extend(runtime());
            statements
        }
        _ => vec![json!({
            "Effect": "Allow",
            "Action": "sagemaker:InvokeEndpoint",
            "Resource": format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/ds-endpoint-fraud-dev-*"),
        })],
    })
}

/// The boundary: what any of the seven may do at most, and what none may.
pub(super) fn boundary() -> Value {
    document(vec![
        json!({
            "Effect": "Allow",
            "Action": [
                "ec2:CreateNetworkInterface*", "ec2:Describe*", "ecr:BatchGetImage", "iam:PassRole", "kms:CreateGrant",
                "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey", "logs:*", "s3:GetObject", "s3:PutObject",
                "sagemaker:*", "servicecatalog:*",
            ],
            "Resource": "*",
        }),
        json!({
            "Effect": "Deny",
            "Action": ["logs:Delete*", "logs:PutRetentionPolicy", "servicecatalog:Delete*", "sts:AssumeRole"],
            "Resource": "*",
        }),
    ])
}

/// A document in the place of AWS's policy for users of the service catalogue.
pub(super) fn catalogue_end_user() -> Value {
    document(vec![statement(
        &[
            "servicecatalog:ProvisionProduct",
            "servicecatalog:SearchProducts",
            "servicecatalog:TerminateProvisionedProduct",
        ],
        &json!("*"),
        &json!({"StringEquals": {"servicecatalog:userLevel": "self"}}),
    )])
}
