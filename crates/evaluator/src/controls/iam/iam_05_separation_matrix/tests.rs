//! Tests of IAM-05.

mod gaps;

use expect_test::expect;
use plumbline_snapshot::cloudtrail::TRAILS;
use plumbline_snapshot::ec2::FLOW_LOGS;
use plumbline_snapshot::iam::{POLICY, POLICY_VERSION};
use plumbline_snapshot::kms::{ALIASES, KEY_TAGS};
use plumbline_testkit::Env;
use plumbline_testkit::iam::*;
use plumbline_testkit::kms::{KEY_DATA, KEY_PROJECT};
use serde_json::{Value, json};

use super::CONTROL;
use crate::check::{blind_but, check, clean};

fn document(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(action: Value, resource: Value) -> Value {
    document(json!([{"Effect": "Allow", "Action": action, "Resource": resource}]))
}

/// One policy more for a role, and no boundary that would stop it.
fn given<'e>(env: &'e mut Env, role: &str, document: &Value) -> &'e mut Env {
    env.set_boundary(role, None).add_inline(role, "more", document)
}

/// The environment with no other bound role.
fn only<'e>(env: &'e mut Env, role: &str) -> &'e mut Env {
    let others = ROLES.map(|(_, role)| role).into_iter().chain([NOTEBOOK_EXECUTION_BO]);
    others.filter(|other| *other != role).for_each(|role| {
        env.remove_role(role);
    });
    env
}

fn overridden<'e>(env: &'e mut Env, what: &str, expires: &str) -> &'e mut Env {
    let lines = format!(
        "\nseparation_overrides:\n  - {{environment: fraud-dev, {what}, reason: it makes a role for each notebook, owner: a@example.com, expires: {expires}}}\n"
    );
    env.baseline_edit(|text| format!("{text}{lines}"))
}

#[test]
fn known_good_is_clean_and_a_gap_is_not() {
    clean(&CONTROL);
    blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION, &ALIASES, &KEY_TAGS, &TRAILS, &FLOW_LOGS]);
}

#[test]
fn pass_trap_wildcards() {
    check(
        &CONTROL,
        |env| {
            given(env, TRAINING_EXECUTION, &allow(json!("sagemaker:Create*"), json!("*")));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [EP_CREATE]: `ds-training-role-fraud-dev` (training_execution) holds EP_CREATE: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sagemaker:CreateEndpointConfig, sagemaker:CreateEndpoint, sagemaker:CreateInferenceComponent; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:Create*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateEndpointConfig, sagemaker:CreateEndpoint, sagemaker:CreateInferenceComponent
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [JOB_SUBMIT]: `ds-training-role-fraud-dev` (training_execution) holds JOB_SUBMIT: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sagemaker:CreateTrainingJob, sagemaker:CreateProcessingJob, sagemaker:CreateTransformJob and 6 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:Create*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateTrainingJob, sagemaker:CreateProcessingJob, sagemaker:CreateTransformJob, sagemaker:CreateHyperParameterTuningJob, sagemaker:CreateAutoMLJob, sagemaker:CreateAutoMLJobV2, sagemaker:CreateJob, sagemaker:CreateLabelingJob, sagemaker:CreateCluster
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [MODEL_CREATE]: `ds-training-role-fraud-dev` (training_execution) holds MODEL_CREATE: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sagemaker:CreateModel; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:Create*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateModel
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [NB_CREATE]: `ds-training-role-fraud-dev` (training_execution) holds NB_CREATE: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sagemaker:CreateNotebookInstance, sagemaker:CreateNotebookInstanceLifecycleConfig, sagemaker:CreateDomain and 2 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:Create*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateNotebookInstance, sagemaker:CreateNotebookInstanceLifecycleConfig, sagemaker:CreateDomain, sagemaker:CreateUserProfile, sagemaker:CreateStudioLifecycleConfig
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [NB_USE]: `ds-training-role-fraud-dev` (training_execution) holds NB_USE: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sagemaker:CreatePresignedNotebookInstanceUrl, sagemaker:CreatePresignedDomainUrl; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:Create*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreatePresignedNotebookInstanceUrl, sagemaker:CreatePresignedDomainUrl
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            given(env, ENDPOINT_INVOCATION, &allow(json!("*"), json!("*")));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [ASSUME]: `fraud-scoring-app-dev` (endpoint_invocation) holds ASSUME: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sts:AssumeRole on arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev, arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev and 4 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole on arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev, arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev, arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, arn:aws:iam::111122223333:role/ds-user-role-fraud-dev, arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [DATA_RW]: `fraud-scoring-app-dev` (endpoint_invocation) holds DATA_RW: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows s3:GetObject, s3:PutObject, s3:DeleteObject on arn:aws:s3:::ds-data-lake-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-model-fraud-dev-7f3a; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of s3:GetObject, s3:PutObject, s3:DeleteObject on arn:aws:s3:::ds-data-lake-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-model-fraud-dev-7f3a
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [EP_CREATE]: `fraud-scoring-app-dev` (endpoint_invocation) holds EP_CREATE: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sagemaker:CreateEndpointConfig, sagemaker:CreateEndpoint, sagemaker:UpdateEndpoint and 4 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateEndpointConfig, sagemaker:CreateEndpoint, sagemaker:UpdateEndpoint, sagemaker:DeleteEndpoint, sagemaker:UpdateEndpointWeightsAndCapacities, sagemaker:CreateInferenceComponent, sagemaker:UpdateInferenceComponent
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [IAM_ADMIN]: `fraud-scoring-app-dev` (endpoint_invocation) holds IAM_ADMIN: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows iam:CreateRole, iam:PutRolePolicy, iam:AttachRolePolicy and 16 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of iam:CreateRole, iam:PutRolePolicy, iam:AttachRolePolicy, iam:CreatePolicyVersion, iam:SetDefaultPolicyVersion, iam:UpdateAssumeRolePolicy, iam:DeleteRolePermissionsBoundary, iam:PutRolePermissionsBoundary, iam:CreateUser, iam:CreateAccessKey, iam:CreateLoginProfile, iam:UpdateLoginProfile, iam:AddUserToGroup, iam:PutUserPolicy, iam:AttachUserPolicy, iam:DeleteUserPermissionsBoundary, iam:PutUserPermissionsBoundary, iam:PutGroupPolicy, iam:AttachGroupPolicy
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [JOB_SUBMIT]: `fraud-scoring-app-dev` (endpoint_invocation) holds JOB_SUBMIT: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sagemaker:CreateTrainingJob, sagemaker:CreateProcessingJob, sagemaker:CreateTransformJob and 7 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateTrainingJob, sagemaker:CreateProcessingJob, sagemaker:CreateTransformJob, sagemaker:CreateHyperParameterTuningJob, sagemaker:CreateAutoMLJob, sagemaker:CreateAutoMLJobV2, sagemaker:CreateJob, sagemaker:CreateLabelingJob, sagemaker:CreateCluster, sagemaker:StartPipelineExecution
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [KMS_ADMIN]: `fraud-scoring-app-dev` (endpoint_invocation) holds KMS_ADMIN: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows kms:PutKeyPolicy, kms:ScheduleKeyDeletion, kms:DisableKey and 4 more on arn:aws:kms:eu-west-1:111122223333:alias/ds-ebs-fraud-dev, arn:aws:kms:eu-west-1:111122223333:alias/ds-logs, arn:aws:kms:eu-west-1:111122223333:alias/ds-project-fraud-dev and 5 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of kms:PutKeyPolicy, kms:ScheduleKeyDeletion, kms:DisableKey, kms:DisableKeyRotation, kms:UpdateAlias, kms:DeleteAlias, kms:CreateGrant on arn:aws:kms:eu-west-1:111122223333:alias/ds-ebs-fraud-dev, arn:aws:kms:eu-west-1:111122223333:alias/ds-logs, arn:aws:kms:eu-west-1:111122223333:alias/ds-project-fraud-dev, arn:aws:kms:eu-west-1:111122223333:alias/ds-s3-fraud-dev, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [LOG_ADMIN]: `fraud-scoring-app-dev` (endpoint_invocation) holds LOG_ADMIN: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows cloudtrail:StopLogging, cloudtrail:DeleteTrail, cloudtrail:UpdateTrail and 7 more on arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail, arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail:*, arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/* and 3 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of cloudtrail:StopLogging, cloudtrail:DeleteTrail, cloudtrail:UpdateTrail, cloudtrail:PutEventSelectors, ec2:DeleteFlowLogs, logs:DeleteLogGroup, logs:DeleteLogStream, logs:PutRetentionPolicy, logs:DeleteRetentionPolicy, logs:DisassociateKmsKey on arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail, arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail:*, arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/*, arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/*:*, arn:aws:logs:eu-west-1:111122223333:log-group:/ds/flow/fraud-dev, arn:aws:logs:eu-west-1:111122223333:log-group:/ds/flow/fraud-dev:*
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [MODEL_CREATE]: `fraud-scoring-app-dev` (endpoint_invocation) holds MODEL_CREATE: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sagemaker:CreateModel, sagemaker:DeleteModel; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateModel, sagemaker:DeleteModel
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [NB_CREATE]: `fraud-scoring-app-dev` (endpoint_invocation) holds NB_CREATE: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sagemaker:CreateNotebookInstance, sagemaker:UpdateNotebookInstance, sagemaker:DeleteNotebookInstance and 8 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateNotebookInstance, sagemaker:UpdateNotebookInstance, sagemaker:DeleteNotebookInstance, sagemaker:CreateNotebookInstanceLifecycleConfig, sagemaker:UpdateNotebookInstanceLifecycleConfig, sagemaker:CreateDomain, sagemaker:UpdateDomain, sagemaker:DeleteDomain, sagemaker:CreateUserProfile, sagemaker:UpdateUserProfile, sagemaker:CreateStudioLifecycleConfig
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [NB_USE]: `fraud-scoring-app-dev` (endpoint_invocation) holds NB_USE: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sagemaker:StartNotebookInstance, sagemaker:StopNotebookInstance, sagemaker:CreatePresignedNotebookInstanceUrl and 1 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:StartNotebookInstance, sagemaker:StopNotebookInstance, sagemaker:CreatePresignedNotebookInstanceUrl, sagemaker:CreatePresignedDomainUrl
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [NET_ADMIN]: `fraud-scoring-app-dev` (endpoint_invocation) holds NET_ADMIN: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows ec2:CreateInternetGateway, ec2:AttachInternetGateway, ec2:CreateNatGateway and 14 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of ec2:CreateInternetGateway, ec2:AttachInternetGateway, ec2:CreateNatGateway, ec2:CreateEgressOnlyInternetGateway, ec2:CreateRoute, ec2:ReplaceRoute, ec2:AssociateRouteTable, ec2:CreateVpcPeeringConnection, ec2:AcceptVpcPeeringConnection, ec2:CreateTransitGatewayVpcAttachment, ec2:CreateVpcEndpoint, ec2:ModifyVpcEndpoint, ec2:DeleteVpcEndpoints, ec2:AuthorizeSecurityGroupIngress, ec2:AuthorizeSecurityGroupEgress, ec2:ModifyVpcAttribute, ec2:ModifyVpcBlockPublicAccessOptions
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [PASS_ROLE]: `fraud-scoring-app-dev` (endpoint_invocation) holds PASS_ROLE: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows iam:PassRole; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of iam:PassRole
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [S3_ADMIN]: `fraud-scoring-app-dev` (endpoint_invocation) holds S3_ADMIN: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows s3:PutBucketPolicy, s3:DeleteBucketPolicy, s3:PutEncryptionConfiguration and 7 more on arn:aws:s3:::audit-trail-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-data-lake-7f3a and 1 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of s3:PutBucketPolicy, s3:DeleteBucketPolicy, s3:PutEncryptionConfiguration, s3:PutBucketPublicAccessBlock, s3:PutBucketAcl, s3:PutBucketOwnershipControls, s3:PutBucketVersioning, s3:DeleteBucket, s3:PutObjectAcl, s3:PutAccountPublicAccessBlock on arn:aws:s3:::audit-trail-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-data-lake-7f3a, arn:aws:s3:::ds-model-fraud-dev-7f3a
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev [SC_ADMIN]: `fraud-scoring-app-dev` (endpoint_invocation) holds SC_ADMIN: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows servicecatalog:CreatePortfolio, servicecatalog:UpdatePortfolio, servicecatalog:DeletePortfolio and 16 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of servicecatalog:CreatePortfolio, servicecatalog:UpdatePortfolio, servicecatalog:DeletePortfolio, servicecatalog:CreatePortfolioShare, servicecatalog:UpdatePortfolioShare, servicecatalog:DeletePortfolioShare, servicecatalog:CreateProduct, servicecatalog:UpdateProduct, servicecatalog:DeleteProduct, servicecatalog:CreateProvisioningArtifact, servicecatalog:UpdateProvisioningArtifact, servicecatalog:DeleteProvisioningArtifact, servicecatalog:CreateConstraint, servicecatalog:UpdateConstraint, servicecatalog:DeleteConstraint, servicecatalog:AssociateProductWithPortfolio, servicecatalog:DisassociateProductFromPortfolio, servicecatalog:AssociatePrincipalWithPortfolio, servicecatalog:DisassociatePrincipalFromPortfolio
        "#]],
    );
}

#[test]
fn pass_trap_not_action() {
    check(
        &CONTROL,
        |env| {
            let statement = json!([{"Effect": "Allow", "NotAction": ["iam:*", "ec2:*", "s3:*", "kms:*", "sts:*", "logs:*", "cloudtrail:*", "servicecatalog:*"], "Resource": "*"}]);
            given(env, ENDPOINT_CREATION, &document(statement));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [EP_INVOKE]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds EP_INVOKE: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows sagemaker:InvokeEndpoint, sagemaker:InvokeEndpointAsync, sagemaker:InvokeEndpointWithResponseStream; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","NotAction":["iam:*","ec2:*","s3:*","kms:*","sts:*","logs:*","cloudtrail:*","servicecatalog:*"],"Resource":["*"]}, wanted no Allow of sagemaker:InvokeEndpoint, sagemaker:InvokeEndpointAsync, sagemaker:InvokeEndpointWithResponseStream
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [JOB_SUBMIT]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds JOB_SUBMIT: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows sagemaker:CreateTrainingJob, sagemaker:CreateProcessingJob, sagemaker:CreateTransformJob and 7 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","NotAction":["iam:*","ec2:*","s3:*","kms:*","sts:*","logs:*","cloudtrail:*","servicecatalog:*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateTrainingJob, sagemaker:CreateProcessingJob, sagemaker:CreateTransformJob, sagemaker:CreateHyperParameterTuningJob, sagemaker:CreateAutoMLJob, sagemaker:CreateAutoMLJobV2, sagemaker:CreateJob, sagemaker:CreateLabelingJob, sagemaker:CreateCluster, sagemaker:StartPipelineExecution
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [NB_CREATE]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds NB_CREATE: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows sagemaker:CreateNotebookInstance, sagemaker:UpdateNotebookInstance, sagemaker:DeleteNotebookInstance and 8 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","NotAction":["iam:*","ec2:*","s3:*","kms:*","sts:*","logs:*","cloudtrail:*","servicecatalog:*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateNotebookInstance, sagemaker:UpdateNotebookInstance, sagemaker:DeleteNotebookInstance, sagemaker:CreateNotebookInstanceLifecycleConfig, sagemaker:UpdateNotebookInstanceLifecycleConfig, sagemaker:CreateDomain, sagemaker:UpdateDomain, sagemaker:DeleteDomain, sagemaker:CreateUserProfile, sagemaker:UpdateUserProfile, sagemaker:CreateStudioLifecycleConfig
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [NB_USE]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds NB_USE: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows sagemaker:StartNotebookInstance, sagemaker:StopNotebookInstance, sagemaker:CreatePresignedNotebookInstanceUrl and 1 more; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","NotAction":["iam:*","ec2:*","s3:*","kms:*","sts:*","logs:*","cloudtrail:*","servicecatalog:*"],"Resource":["*"]}, wanted no Allow of sagemaker:StartNotebookInstance, sagemaker:StopNotebookInstance, sagemaker:CreatePresignedNotebookInstanceUrl, sagemaker:CreatePresignedDomainUrl
        "#]],
    );
}

#[test]
fn pass_trap_the_case_of_an_action() {
    check(
        &CONTROL,
        |env| {
            given(env, ENDPOINT_CREATION, &allow(json!("SageMaker:INVOKEENDPOINT"), json!("*")));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [EP_INVOKE]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds EP_INVOKE: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows sagemaker:InvokeEndpoint; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["SageMaker:INVOKEENDPOINT"],"Resource":["*"]}, wanted no Allow of sagemaker:InvokeEndpoint
        "#]],
    );
}

#[test]
fn pass_trap_a_second_policy_through_the_boundary() {
    check(
        &CONTROL,
        |env| {
            let arn = "arn:aws:iam::111122223333:policy/extra";
            env.add_policy(plain_policy(arn, &allow(json!("sagemaker:InvokeEndpoint"), json!("*"))))
                .attach(ENDPOINT_HOSTING, arn);
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-hosting-role-fraud-dev [EP_INVOKE]: `ds-hosting-role-fraud-dev` (endpoint_hosting) holds EP_INVOKE: statement 0 of `arn:aws:iam::111122223333:policy/extra` v1 allows sagemaker:InvokeEndpoint; no Deny speaks of it, and the boundary `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` v1 allows it in statement 0.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/extra.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:InvokeEndpoint"],"Resource":["*"]}, wanted no Allow of sagemaker:InvokeEndpoint
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["ec2:CreateNetworkInterface*","ec2:Describe*","ecr:BatchGetImage","iam:PassRole","kms:CreateGrant","kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey","logs:*","s3:GetObject","s3:PutObject","sagemaker:*","servicecatalog:*"],"Resource":["*"]}, wanted no Allow of sagemaker:InvokeEndpoint
        "#]],
    );
}

#[test]
fn pass_trap_a_deny_with_conditions_and_one_that_leaves_out_resources() {
    check(
        &CONTROL,
        |env| {
            let statements = json!([
                {"Effect": "Allow", "Action": ["sagemaker:CreateModel", "iam:PassRole"], "Resource": "*"},
                {"Effect": "Deny", "Action": "sagemaker:CreateModel", "Resource": "*",
                 "Condition": {"Null": {"aws:TokenIssueTime": "true"}}},
                {"Effect": "Deny", "Action": "iam:Pass*", "Resource": "arn:aws:iam::111122223333:role/admin"},
            ]);
            given(env, DATA_SCIENTIST, &document(statements));
        },
        expect![[r#"
            NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev [MODEL_CREATE]: `ds-user-role-fraud-dev` (data_scientist) holds MODEL_CREATE: statement 0 of the inline policy `more` of `ds-user-role-fraud-dev` allows sagemaker:CreateModel; the Deny in statement 1 of the inline policy `more` of `ds-user-role-fraud-dev` has conditions, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateModel","iam:PassRole"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateModel
              iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[1]: saw {"Effect":"Deny","Action":["sagemaker:CreateModel"],"Resource":["*"],"Condition":{"Null":{"aws:TokenIssueTime":["true"]}}}, wanted a Deny of sagemaker:CreateModel without conditions, on all resources
            NON_COMPLIANT CRITICAL fraud-dev ds-user-role-fraud-dev [PASS_ROLE]: `ds-user-role-fraud-dev` (data_scientist) holds PASS_ROLE: statement 0 of the inline policy `more` of `ds-user-role-fraud-dev` allows iam:PassRole; the Deny in statement 2 of the inline policy `more` of `ds-user-role-fraud-dev` leaves out some resources, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateModel","iam:PassRole"],"Resource":["*"]}, wanted no Allow of iam:PassRole
              iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[2]: saw {"Effect":"Deny","Action":["iam:Pass*"],"Resource":["arn:aws:iam::111122223333:role/admin"]}, wanted a Deny of iam:PassRole without conditions, on all resources
        "#]],
    );
}

#[test]
fn fail_trap_a_boundary_that_lacks_the_action() {
    check(
        &CONTROL,
        |env| {
            let actions = json!([
                "iam:CreateRole",
                "ec2:CreateRoute",
                "kms:PutKeyPolicy",
                "s3:PutBucketPolicy",
                "logs:DeleteLogGroup"
            ]);
            env.add_inline(TRAINING_EXECUTION, "more", &allow(actions, json!("*")));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn fail_trap_a_deny_of_everything() {
    check(
        &CONTROL,
        |env| {
            let statements = json!([
                {"Effect": "Allow", "Action": ["sagemaker:CreateModel", "s3:*"], "Resource": "*"},
                {"Effect": "Deny", "Action": ["sagemaker:*Model", "s3:?*"], "Resource": "*"},
            ]);
            given(env, DATA_SCIENTIST, &document(statements));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn two_cells_weigh_less() {
    check(
        &CONTROL,
        |env| {
            given(
                env,
                NOTEBOOK_EXECUTION,
                &allow(json!("sagemaker:InvokeEndpoint"), json!("arn:aws:sagemaker:eu-west-1:111122223333:endpoint/x")),
            );
        },
        expect![[r#"
            NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [EP_INVOKE]: `ds-notebook-role-fraud-dev-ana` (notebook_execution) holds EP_INVOKE: statement 0 of the inline policy `more` of `ds-notebook-role-fraud-dev-ana` allows sagemaker:InvokeEndpoint; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:InvokeEndpoint"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:endpoint/x"]}, wanted no Allow of sagemaker:InvokeEndpoint
        "#]],
    );
}

#[test]
fn footnotes_of_the_matrix() {
    check(
        &CONTROL,
        |env| {
            let actions = json!(["sagemaker:StartNotebookInstance", "sagemaker:StopNotebookInstance"]);
            given(env, NOTEBOOK_CREATION, &allow(actions, json!("*")));
            let capture =
                json!(["arn:aws:s3:::ds-data-fraud-dev-7f3a/capture/*", "arn:aws:s3:::ds-data-lake-7f3a/captured-*"]);
            given(env, ENDPOINT_HOSTING, &allow(json!("s3:PutObject"), capture));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            given(env, NOTEBOOK_CREATION, &allow(json!("sagemaker:*Notebook*"), json!("*")));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-sc-launch-role-fraud-dev [NB_USE]: `ds-sc-launch-role-fraud-dev` (notebook_creation) holds NB_USE: statement 0 of the inline policy `more` of `ds-sc-launch-role-fraud-dev` allows sagemaker:CreatePresignedNotebookInstanceUrl; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-sc-launch-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:*Notebook*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreatePresignedNotebookInstanceUrl
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            let objects = json!("arn:aws:s3:::ds-*-fraud-dev-7f3a/*");
            given(env, ENDPOINT_HOSTING, &allow(json!(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]), objects));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-hosting-role-fraud-dev [DATA_RW]: `ds-hosting-role-fraud-dev` (endpoint_hosting) holds DATA_RW: statement 0 of the inline policy `more` of `ds-hosting-role-fraud-dev` allows s3:GetObject, s3:PutObject, s3:DeleteObject on arn:aws:s3:::ds-data-lake-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-model-fraud-dev-7f3a; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],"Resource":["arn:aws:s3:::ds-*-fraud-dev-7f3a/*"]}, wanted no Allow of s3:GetObject, s3:PutObject, s3:DeleteObject on arn:aws:s3:::ds-data-lake-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-model-fraud-dev-7f3a
        "#]],
    );
}

#[test]
fn data_of_others_is_not_the_environments() {
    check(
        &CONTROL,
        |env| {
            given(
                env,
                DATA_SCIENTIST,
                &allow(json!(["s3:*Object", "s3:DeleteBucket"]), json!("arn:aws:s3:::web-shop*")),
            );
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            given(env, DATA_SCIENTIST, &allow(json!("s3:Get*"), json!("arn:aws:s3:::*-7f3a/public/*")));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-user-role-fraud-dev [DATA_RW]: `ds-user-role-fraud-dev` (data_scientist) holds DATA_RW: statement 0 of the inline policy `more` of `ds-user-role-fraud-dev` allows s3:GetObject on arn:aws:s3:::ds-data-lake-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-model-fraud-dev-7f3a; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:Get*"],"Resource":["arn:aws:s3:::*-7f3a/public/*"]}, wanted no Allow of s3:GetObject on arn:aws:s3:::ds-data-lake-7f3a, arn:aws:s3:::ds-data-fraud-dev-7f3a, arn:aws:s3:::ds-model-fraud-dev-7f3a
        "#]],
    );
}

#[test]
fn keys_of_the_environment() {
    check(
        &CONTROL,
        |env| {
            let keys = json!([KEY_DATA, "arn:aws:kms:eu-west-1:111122223333:key/another"]);
            given(env, ENDPOINT_CREATION, &allow(json!(["kms:PutKeyPolicy", "kms:CreateGrant"]), keys));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [KMS_ADMIN]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds KMS_ADMIN: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows kms:PutKeyPolicy, kms:CreateGrant on arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["kms:PutKeyPolicy","kms:CreateGrant"],"Resource":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/another"]}, wanted no Allow of kms:PutKeyPolicy, kms:CreateGrant on arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            let another = json!("arn:aws:kms:eu-west-1:111122223333:key/another");
            given(env, ENDPOINT_CREATION, &allow(json!(["kms:PutKeyPolicy", "kms:CreateGrant"]), another));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            given(env, ENDPOINT_CREATION, &allow(json!("kms:UpdateAlias"), json!("arn:aws:kms:*:*:alias/ds-logs")));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [KMS_ADMIN]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds KMS_ADMIN: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows kms:UpdateAlias on arn:aws:kms:eu-west-1:111122223333:alias/ds-logs; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["kms:UpdateAlias"],"Resource":["arn:aws:kms:*:*:alias/ds-logs"]}, wanted no Allow of kms:UpdateAlias on arn:aws:kms:eu-west-1:111122223333:alias/ds-logs
        "#]],
    );
}

#[test]
fn keys_that_were_not_seen() {
    for source in [&ALIASES, &KEY_TAGS] {
        check(
            &CONTROL,
            |env| {
                let project = json!(["arn:aws:kms:eu-west-1:111122223333:key/another"]);
                given(env, ENDPOINT_CREATION, &allow(json!("kms:DisableKey"), project)).hide(source);
            },
            match source.operation {
                "ListAliases" => expect![[r#"
                    INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-deploy-role-fraud-dev [KMS_ADMIN]: kms:ListAliases was not seen: denied, AccessDenied: not authorized to perform kms:ListAliases.
                      kms:ListAliases not seen: denied
                "#]],
                _ => expect![[r#"
                    INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-deploy-role-fraud-dev [KMS_ADMIN]: kms:ListResourceTags of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` was not seen: denied, AccessDenied: not authorized to perform kms:ListResourceTags.
                      kms:ListResourceTags not seen: denied
                "#]],
            },
        );
    }
    check(
        &CONTROL,
        |env| {
            given(env, ENDPOINT_CREATION, &allow(json!("kms:DisableKey"), json!(KEY_PROJECT)));
            env.baseline_edit(|text| {
                let (before, rest) = text.split_once("    kms_keys:\n").unwrap();
                let (_, after) = rest.split_once("    data_buckets:").unwrap();
                format!("{before}    data_buckets:{after}")
                    .replace(", kms_key: data", "")
                    .replace(", kms_key: project", "")
            });
        },
        expect![[r#"
            INSUFFICIENT_DATA baseline_missing CRITICAL fraud-dev ds-deploy-role-fraud-dev [KMS_ADMIN]: The baseline has no `kms_keys`.
        "#]],
    );
}

#[test]
fn logs_of_the_environment() {
    check(
        &CONTROL,
        |env| {
            let buckets = json!(["arn:aws:s3:::audit-trail-7f3a", "arn:aws:s3:::audit-trail-7f3a/*"]);
            given(
                env,
                ENDPOINT_CREATION,
                &allow(json!(["s3:PutBucketPolicy", "s3:PutObjectAcl", "s3:GetObject"]), buckets),
            );
            let groups = json!("arn:aws:logs:eu-west-1:111122223333:log-group:/audit/*");
            given(env, TRAINING_EXECUTION, &allow(json!("logs:DeleteLogStream"), groups));
            let flows = json!("arn:aws:logs:eu-west-1:111122223333:log-group:/ds/flow/fraud-dev");
            given(env, ENDPOINT_HOSTING, &allow(json!("logs:PutRetentionPolicy"), flows));
            let others = json!("arn:aws:logs:eu-west-1:111122223333:log-group:/web-shop/*");
            given(env, ENDPOINT_INVOCATION, &allow(json!("logs:Delete*"), others));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [S3_ADMIN]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds S3_ADMIN: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows s3:PutBucketPolicy, s3:PutObjectAcl on arn:aws:s3:::audit-trail-7f3a; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:PutBucketPolicy","s3:PutObjectAcl","s3:GetObject"],"Resource":["arn:aws:s3:::audit-trail-7f3a","arn:aws:s3:::audit-trail-7f3a/*"]}, wanted no Allow of s3:PutBucketPolicy, s3:PutObjectAcl on arn:aws:s3:::audit-trail-7f3a
            NON_COMPLIANT CRITICAL fraud-dev ds-hosting-role-fraud-dev [LOG_ADMIN]: `ds-hosting-role-fraud-dev` (endpoint_hosting) holds LOG_ADMIN: statement 0 of the inline policy `more` of `ds-hosting-role-fraud-dev` allows logs:PutRetentionPolicy on arn:aws:logs:eu-west-1:111122223333:log-group:/ds/flow/fraud-dev; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["logs:PutRetentionPolicy"],"Resource":["arn:aws:logs:eu-west-1:111122223333:log-group:/ds/flow/fraud-dev"]}, wanted no Allow of logs:PutRetentionPolicy on arn:aws:logs:eu-west-1:111122223333:log-group:/ds/flow/fraud-dev
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [LOG_ADMIN]: `ds-training-role-fraud-dev` (training_execution) holds LOG_ADMIN: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows logs:DeleteLogStream on arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail, arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail:*; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["logs:DeleteLogStream"],"Resource":["arn:aws:logs:eu-west-1:111122223333:log-group:/audit/*"]}, wanted no Allow of logs:DeleteLogStream on arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail, arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail:*
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            env.flow_log(plumbline_testkit::ec2::FLOW_LOGS[0], |log| {
                log.destination_type = Some("s3".to_owned());
                log.destination = Some("arn:aws:s3:::flow-7f3a/vpc".to_owned());
            });
            given(env, ENDPOINT_CREATION, &allow(json!("s3:DeleteBucket"), json!("arn:aws:s3:::flow-*")));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev [S3_ADMIN]: `ds-deploy-role-fraud-dev` (endpoint_creation) holds S3_ADMIN: statement 0 of the inline policy `more` of `ds-deploy-role-fraud-dev` allows s3:DeleteBucket on arn:aws:s3:::flow-7f3a; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:DeleteBucket"],"Resource":["arn:aws:s3:::flow-*"]}, wanted no Allow of s3:DeleteBucket on arn:aws:s3:::flow-7f3a
        "#]],
    );
}

#[test]
fn logs_that_were_not_seen() {
    for source in [&TRAILS, &FLOW_LOGS] {
        check(
            &CONTROL,
            |env| {
                given(env, ENDPOINT_CREATION, &allow(json!("s3:DeleteBucket"), json!("arn:aws:s3:::own-*")))
                    .hide(source);
            },
            match source.operation {
                "DescribeTrails" => expect![[r#"
                    INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-deploy-role-fraud-dev [S3_ADMIN]: cloudtrail:DescribeTrails was not seen: denied, AccessDenied: not authorized to perform cloudtrail:DescribeTrails.
                      cloudtrail:DescribeTrails not seen: denied
                "#]],
                _ => expect![[r#"
                    INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-deploy-role-fraud-dev [S3_ADMIN]: ec2:DescribeFlowLogs was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeFlowLogs.
                      ec2:DescribeFlowLogs not seen: denied
                "#]],
            },
        );
    }
}

#[test]
fn a_setting_of_the_account_needs_every_resource() {
    for (resource, expected) in [
        (
            "*",
            expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [S3_ADMIN]: `ds-training-role-fraud-dev` (training_execution) holds S3_ADMIN: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows s3:PutAccountPublicAccessBlock; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:PutAccountPublicAccessBlock"],"Resource":["*"]}, wanted no Allow of s3:PutAccountPublicAccessBlock
        "#]],
        ),
        (
            "arn:aws:s3:::own/*",
            expect![[r#"
            COMPLIANT
        "#]],
        ),
    ] {
        check(
            &CONTROL,
            |env| {
                given(env, TRAINING_EXECUTION, &allow(json!("s3:PutAccountPublicAccessBlock"), json!(resource)));
            },
            expected,
        );
    }
}

#[test]
fn bound_roles_of_other_logical_roles() {
    check(
        &CONTROL,
        |env| {
            let roles = json!([TRAINING_EXECUTION, NOTEBOOK_EXECUTION_BO, OTHER_ROLE]);
            given(env, NOTEBOOK_EXECUTION, &allow(json!("sts:AssumeRole"), roles));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-notebook-role-fraud-dev-ana [ASSUME]: `ds-notebook-role-fraud-dev-ana` (notebook_execution) holds ASSUME: statement 0 of the inline policy `more` of `ds-notebook-role-fraud-dev-ana` allows sts:AssumeRole on arn:aws:iam::111122223333:role/ds-training-role-fraud-dev; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev","arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo","arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy"]}, wanted no Allow of sts:AssumeRole on arn:aws:iam::111122223333:role/ds-training-role-fraud-dev
        "#]],
    );
}

#[test]
fn an_override_relaxes_its_cell_until_it_expires() {
    let deploys = |env: &mut Env, expires: &str| {
        only(env, NOTEBOOK_EXECUTION);
        given(env, NOTEBOOK_EXECUTION, &allow(json!("sagemaker:CreateEndpoint"), json!("*")));
        overridden(env, "role: notebook_execution, class: EP_CREATE", expires);
    };
    check(
        &CONTROL,
        |env| deploys(env, "2027-05-31"),
        expect![[r#"
        COMPLIANT
    "#]],
    );
    check(
        &CONTROL,
        |env| deploys(env, "2026-09-13"),
        expect![[r#"
        NON_COMPLIANT CRITICAL fraud-dev ds-notebook-role-fraud-dev-ana [EP_CREATE]: `ds-notebook-role-fraud-dev-ana` (notebook_execution) holds EP_CREATE: statement 0 of the inline policy `more` of `ds-notebook-role-fraud-dev-ana` allows sagemaker:CreateEndpoint; no Deny speaks of it, and the role has no permissions boundary.
          iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateEndpoint"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateEndpoint
    "#]],
    );
}

#[test]
fn the_override_of_a_launch_role_asks_for_boundaries() {
    let makes = |env: &mut Env, condition: Value| {
        let mut policy = allow(
            json!(["iam:CreateRole", "iam:PutRolePolicy"]),
            json!("arn:aws:iam::111122223333:role/service-role/ds-*"),
        );
        policy["Statement"][0]["Condition"] = condition;
        given(env, NOTEBOOK_CREATION, &policy);
        overridden(env, "role: notebook_creation, class: IAM_ADMIN", "2027-05-31");
    };
    check(
        &CONTROL,
        |env| makes(env, json!({"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}})),
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| makes(env, json!({"StringEquals": {"iam:PermissionsBoundary": ADMINISTRATOR}})),
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-sc-launch-role-fraud-dev [IAM_ADMIN]: `ds-sc-launch-role-fraud-dev` (notebook_creation) holds IAM_ADMIN: statement 0 of the inline policy `more` of `ds-sc-launch-role-fraud-dev` allows iam:CreateRole, iam:PutRolePolicy, without the condition on `iam:PermissionsBoundary` that its override asks for; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-sc-launch-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:CreateRole","iam:PutRolePolicy"],"Resource":["arn:aws:iam::111122223333:role/service-role/ds-*"],"Condition":{"StringEquals":{"iam:PermissionsBoundary":["arn:aws:iam::aws:policy/AdministratorAccess"]}}}, wanted no Allow of iam:CreateRole, iam:PutRolePolicy
        "#]],
    );
    check(
        &CONTROL,
        |env| makes(env, json!({"StringEquals": {"iam:PermissionsBoundary": "${aws:PrincipalTag/boundary}"}})),
        expect![[r#"
            INSUFFICIENT_DATA undecidable_policy CRITICAL fraud-dev ds-sc-launch-role-fraud-dev [IAM_ADMIN]: Whether statement 0 of the inline policy `more` of `ds-sc-launch-role-fraud-dev` confines `iam:PermissionsBoundary` hangs on a variable.
              iam:GetAccountAuthorizationDetails ds-sc-launch-role-fraud-dev.Arn: saw `separation_overrides` lets notebook_creation hold IAM_ADMIN until 2027-05-31: it makes a role for each notebook, wanted no override
        "#]],
    );
}

#[test]
fn a_role_that_plays_two_may_hold_what_both_may_unless_they_are_merged() {
    let both = |env: &mut Env| {
        only(env, TRAINING_EXECUTION);
        env.replace_baseline(
            "role/service-role/ds-notebook-role-fraud-dev-*\"]",
            "role/service-role/ds-notebook-role-fraud-dev-*\", \"arn:aws:iam::{account}:role/ds-training-*\"]",
        );
        given(env, TRAINING_EXECUTION, &allow(json!("sagemaker:CreateTrainingJob"), json!("*")));
    };
    check(
        &CONTROL,
        both,
        expect![[r#"
        NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [JOB_SUBMIT]: `ds-training-role-fraud-dev` (training_execution) holds JOB_SUBMIT: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sagemaker:CreateTrainingJob; no Deny speaks of it, and the role has no permissions boundary.
          iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateTrainingJob
    "#]],
    );
    check(
        &CONTROL,
        |env| {
            both(env);
            overridden(env, "role: training_execution, merge_with: notebook_execution", "2027-05-31");
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}
