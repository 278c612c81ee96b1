//! Tests of IAM-11.

use expect_test::expect;
use plumbline_snapshot::cloudtrail::TRAILS;
use plumbline_snapshot::ec2::FLOW_LOGS;
use plumbline_snapshot::iam::{ACCOUNT_AUTHORIZATION_DETAILS, POLICY, POLICY_VERSION};
use plumbline_snapshot::kms::{ALIASES, KEY_TAGS};
use plumbline_snapshot::sagemaker::NOTEBOOKS;
use plumbline_testkit::Env;
use plumbline_testkit::iam::*;
use plumbline_testkit::sagemaker::NOTEBOOK;
use serde_json::{Value, json};

use super::CONTROL;
use crate::check::{blind_but, check, clean};

fn document(statements: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allow(action: Value, resource: Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

/// One policy more for a role, and no boundary that would stop it.
fn given<'e>(env: &'e mut Env, role: &str, statements: Value) -> &'e mut Env {
    env.set_boundary(role, None).add_inline(role, "more", &document(statements))
}

/// An unbound role that a service may assume, with these statements.
fn other(env: &mut Env, name: &str, service: &str, statements: Value) -> String {
    let arn = format!("arn:aws:iam::111122223333:role/{name}");
    let trust = document(json!([{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]));
    let mut role = plain_role(&arn, &trust);
    role.boundary = None;
    env.add_role(role).add_inline(&arn, "work", &document(statements));
    arn
}

#[test]
fn known_good_is_clean_and_a_gap_is_not() {
    clean(&CONTROL);
    blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION, &ALIASES, &KEY_TAGS, &TRAILS, &FLOW_LOGS]);
}

#[test]
fn rewrites_everything_itself_its_policies_or_a_bound_role() {
    check(
        &CONTROL,
        |env| {
            given(env, TRAINING_EXECUTION, json!([allow(json!("iam:*"), json!("*"))]));
            given(env, NOTEBOOK_EXECUTION, json!([allow(json!("iam:AttachRolePolicy"), json!(NOTEBOOK_EXECUTION))]));
            let policy = "arn:aws:iam::111122223333:policy/ds-endpoint-hosting-fraud-dev";
            given(env, ENDPOINT_HOSTING, json!([allow(json!("iam:CreatePolicyVersion"), json!(policy))]));
            given(
                env,
                ENDPOINT_INVOCATION,
                json!([allow(json!("iam:UpdateAssumeRolePolicy"), json!(ENDPOINT_CREATION))]),
            );
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) can rewrite IAM: statement 0 of the inline policy `more` of `ds-hosting-role-fraud-dev` allows iam:CreatePolicyVersion on `arn:aws:iam::111122223333:policy/ds-endpoint-hosting-fraud-dev`.
              iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:CreatePolicyVersion"],"Resource":["arn:aws:iam::111122223333:policy/ds-endpoint-hosting-fraud-dev"]}, wanted no Allow of iam:CreatePolicyVersion on `arn:aws:iam::111122223333:policy/ds-endpoint-hosting-fraud-dev`
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can rewrite IAM: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows iam:PutRolePolicy, iam:AttachRolePolicy, iam:UpdateAssumeRolePolicy and 2 more on itself, `arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev`, `arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev` and 6 more; `ds-training-role-fraud-dev` (training_execution) can rewrite IAM: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows iam:CreatePolicyVersion, iam:SetDefaultPolicyVersion on `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev`, every policy; `ds-training-role-fraud-dev` (training_execution) can rewrite IAM: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows iam:CreateRole, iam:CreateUser, iam:CreateAccessKey and 9 more on every role, every user, every group.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:*"],"Resource":["*"]}, wanted no Allow of iam:PutRolePolicy, iam:AttachRolePolicy, iam:UpdateAssumeRolePolicy and 2 more on itself, `arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev`, `arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev` and 6 more
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:*"],"Resource":["*"]}, wanted no Allow of iam:CreatePolicyVersion, iam:SetDefaultPolicyVersion on `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev`, every policy
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:*"],"Resource":["*"]}, wanted no Allow of iam:CreateRole, iam:CreateUser, iam:CreateAccessKey and 9 more on every role, every user, every group
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) can rewrite IAM: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows iam:UpdateAssumeRolePolicy on `arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev`.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:UpdateAssumeRolePolicy"],"Resource":["arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev"]}, wanted no Allow of iam:UpdateAssumeRolePolicy on `arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev`
            NON_COMPLIANT CRITICAL fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can rewrite IAM: statement 0 of the inline policy `more` of `ds-notebook-role-fraud-dev-ana` allows iam:AttachRolePolicy on itself.
              iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:AttachRolePolicy"],"Resource":["arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana"]}, wanted no Allow of iam:AttachRolePolicy on itself
        "#]],
    );
}

#[test]
fn what_is_not_its_own_is_no_way_up() {
    check(
        &CONTROL,
        |env| {
            let others =
                json!(["arn:aws:iam::111122223333:role/web-shop-*", "arn:aws:iam::111122223333:policy/web-shop"]);
            given(env, ENDPOINT_INVOCATION, json!([allow(json!("iam:*"), others)]));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn an_allow_that_hands_out_the_boundary_is_no_way_up() {
    check(
        &CONTROL,
        |env| {
            let mut makes = allow(json!(["iam:CreateRole", "iam:PutRolePolicy"]), json!("*"));
            makes["Condition"] = json!({"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}});
            given(env, NOTEBOOK_CREATION, json!([makes]));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn pass_trap_each_half_looks_harmless() {
    check(
        &CONTROL,
        |env| {
            let admin = other(env, "builder", "codebuild.amazonaws.com", json!([allow(json!("iam:*"), json!("*"))]));
            let statements = json!([
                allow(json!("iam:PassRole"), json!(admin)),
                allow(json!("codebuild:CreateProject"), json!("*"))
            ]);
            given(env, ENDPOINT_INVOCATION, statements);
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) can act as `builder`, which holds IAM_ADMIN: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` lets it pass that role to codebuild.amazonaws.com, and statement 1 of the inline policy `more` of `fraud-scoring-app-dev` lets it call codebuild:CreateProject.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/builder"]}, wanted no Allow of iam:PassRole on arn:aws:iam::111122223333:role/builder for codebuild.amazonaws.com
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["codebuild:CreateProject"],"Resource":["*"]}, wanted no Allow of codebuild:CreateProject
              iam:GetAccountAuthorizationDetails builder.Arn: saw arn:aws:iam::111122223333:role/builder, which holds IAM_ADMIN, wanted a role that holds no more
        "#]],
    );
    // Either half alone; a service that the role does not trust; a role that is no stronger.
    check(
        &CONTROL,
        |env| {
            let admin = other(env, "builder", "codebuild.amazonaws.com", json!([allow(json!("iam:*"), json!("*"))]));
            let weak = other(env, "weak", "codebuild.amazonaws.com", json!([allow(json!("ecr:*"), json!("*"))]));
            given(env, ENDPOINT_INVOCATION, json!([allow(json!("codebuild:CreateProject"), json!("*"))]));
            given(
                env,
                ENDPOINT_HOSTING,
                json!([allow(json!("iam:PassRole"), json!(admin)), allow(json!("lambda:CreateFunction"), json!("*"))]),
            );
            given(
                env,
                TRAINING_EXECUTION,
                json!([allow(json!("iam:PassRole"), json!(weak)), allow(json!("codebuild:CreateProject"), json!("*"))]),
            );
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn pass_trap_sagemaker_itself_is_the_compute() {
    check(
        &CONTROL,
        |env| {
            let admin = other(env, "lab-admin", "sagemaker.amazonaws.com", json!([allow(json!("s3:*"), json!("*"))]));
            let mut pass = allow(json!("iam:PassRole"), json!(admin));
            pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}});
            env.add_inline(NOTEBOOK_EXECUTION, "more", &document(json!([pass])));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can act as `lab-admin`, which holds S3_ADMIN: statement 0 of the inline policy `more` of `ds-notebook-role-fraud-dev-ana` lets it pass that role to sagemaker.amazonaws.com, and statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 lets it call sagemaker:CreateTrainingJob.
              iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/lab-admin"],"Condition":{"StringEquals":{"iam:PassedToService":["sagemaker.amazonaws.com"]}}}, wanted no Allow of iam:PassRole on arn:aws:iam::111122223333:role/lab-admin for sagemaker.amazonaws.com
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted no Allow of sagemaker:CreateTrainingJob
              iam:GetAccountAuthorizationDetails lab-admin.Arn: saw arn:aws:iam::111122223333:role/lab-admin, which holds S3_ADMIN, wanted a role that holds no more
        "#]],
    );
}

#[test]
fn a_role_that_may_be_passed_only_to_another_service() {
    check(
        &CONTROL,
        |env| {
            let admin = other(env, "lab-admin", "sagemaker.amazonaws.com", json!([allow(json!("s3:*"), json!("*"))]));
            let mut pass = allow(json!("iam:PassRole"), json!(admin));
            pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}});
            env.add_inline(NOTEBOOK_EXECUTION, "more", &document(json!([pass])));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn becomes_whatever_trusts_the_account() {
    check(
        &CONTROL,
        |env| {
            given(env, TRAINING_EXECUTION, json!([allow(json!("sts:AssumeRole"), json!("*"))]));
            given(env, ENDPOINT_HOSTING, json!([allow(json!("sts:AssumeRole"), json!(OTHER_ROLE))]));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) may become every role that trusts the account: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sts:AssumeRole on all of them.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["*"]}, wanted roles by their ARNs as resource
        "#]],
    );
}

#[test]
fn opens_a_notebook_of_a_stronger_role() {
    check(
        &CONTROL,
        |env| {
            let admin = other(env, "lab-admin", "sagemaker.amazonaws.com", json!([allow(json!("iam:*"), json!("*"))]));
            env.notebook(NOTEBOOK, |notebook| {
                notebook.role_arn = Some(admin);
                notebook.lifecycle_config = Some("start".to_owned());
            });
            given(
                env,
                NOTEBOOK_CREATION,
                json!([allow(json!("sagemaker:UpdateNotebookInstanceLifecycleConfig"), json!("*"))]),
            );
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-sc-launch-role-fraud-dev: `ds-sc-launch-role-fraud-dev` (notebook_creation) can change what is run at the start of the notebook instance `ds-notebook-fraud-dev-ana` and act as `lab-admin`, which holds IAM_ADMIN: statement 0 of the inline policy `more` of `ds-sc-launch-role-fraud-dev` allows sagemaker:UpdateNotebookInstanceLifecycleConfig.
              iam:GetAccountAuthorizationDetails ds-sc-launch-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:UpdateNotebookInstanceLifecycleConfig"],"Resource":["*"]}, wanted no Allow of sagemaker:UpdateNotebookInstanceLifecycleConfig on arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance-lifecycle-config/start
              sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.RoleArn: saw arn:aws:iam::111122223333:role/lab-admin, wanted a role that holds no more
            NON_COMPLIANT CRITICAL fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) can open the notebook instance `ds-notebook-fraud-dev-ana` and act as `lab-admin`, which holds PASS_ROLE, IAM_ADMIN: statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1 allows sagemaker:CreatePresignedNotebookInstanceUrl.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"StringEquals":{"aws:ResourceTag/ProjectName":["fraud"],"aws:SourceVpce":["vpce-0b2c4d6e8f0a00003","vpce-0b2c4d6e8f0a00007"]}}}, wanted no Allow of sagemaker:CreatePresignedNotebookInstanceUrl on arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/ds-notebook-fraud-dev-ana
              sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.RoleArn: saw arn:aws:iam::111122223333:role/lab-admin, wanted a role that holds no more
        "#]],
    );
}

#[test]
fn fail_trap_another_role_that_opens_what_the_design_gives_to_people() {
    check(
        &CONTROL,
        |env| {
            let action = json!("sagemaker:CreatePresignedNotebookInstanceUrl");
            given(env, ENDPOINT_INVOCATION, json!([allow(action, json!("*"))]));
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) can open the notebook instance `ds-notebook-fraud-dev-ana` and act as `ds-notebook-role-fraud-dev-ana`, which holds JOB_SUBMIT, DATA_RW, PASS_ROLE: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sagemaker:CreatePresignedNotebookInstanceUrl; `fraud-scoring-app-dev` (endpoint_invocation) can open the notebook instance `feature-lab-bo` and act as `ds-notebook-role-fraud-dev-bo`, which holds JOB_SUBMIT, DATA_RW, PASS_ROLE: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sagemaker:CreatePresignedNotebookInstanceUrl; `fraud-scoring-app-dev` (endpoint_invocation) can open the notebook instance `walk-in-bench` and act as `ds-notebook-role-fraud-dev-bo`, which holds JOB_SUBMIT, DATA_RW, PASS_ROLE: statement 0 of the inline policy `more` of `fraud-scoring-app-dev` allows sagemaker:CreatePresignedNotebookInstanceUrl.
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["*"]}, wanted no Allow of sagemaker:CreatePresignedNotebookInstanceUrl on arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/ds-notebook-fraud-dev-ana
              sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.RoleArn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, wanted a role that holds no more
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["*"]}, wanted no Allow of sagemaker:CreatePresignedNotebookInstanceUrl on arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/feature-lab-bo
              sagemaker:DescribeNotebookInstance feature-lab-bo.RoleArn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo, wanted a role that holds no more
              iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["*"]}, wanted no Allow of sagemaker:CreatePresignedNotebookInstanceUrl on arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/walk-in-bench
              sagemaker:DescribeNotebookInstance walk-in-bench.RoleArn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo, wanted a role that holds no more
        "#]],
    );
}

#[test]
fn what_no_read_tells() {
    check(
        &CONTROL,
        |env| {
            given(env, TRAINING_EXECUTION, json!([allow(json!("lambda:*"), json!("*"))]));
            given(env, ENDPOINT_HOSTING, json!([allow(json!("sagemaker:UpdatePipeline"), json!("*"))]));
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved CRITICAL fraud-dev ds-hosting-role-fraud-dev: Statement 0 of the inline policy `more` of `ds-hosting-role-fraud-dev` allows sagemaker:UpdatePipeline, and under which roles pipelines run is not read.
            INSUFFICIENT_DATA unresolved CRITICAL fraud-dev ds-training-role-fraud-dev: Statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows lambda:UpdateFunctionCode, and under which roles functions run is not read.
        "#]],
    );
}

#[test]
fn what_was_not_seen() {
    for (source, expected) in [
        (
            &POLICY,
            expect![[r#"
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-training-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
        "#]],
        ),
        (
            &POLICY_VERSION,
            expect![[r#"
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-training-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
        "#]],
        ),
        (
            &NOTEBOOKS,
            expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can act as `old-ds-user-role-fraud-dev-copy`, which holds ASSUME, IAM_ADMIN, NET_ADMIN and 1 more: statement 0 of `arn:aws:iam::aws:policy/PowerUserAccess` v4 lets it pass that role to sagemaker.amazonaws.com, and statement 0 of `arn:aws:iam::aws:policy/PowerUserAccess` v4 lets it call sagemaker:CreateTrainingJob.
              iam:GetPolicyVersion arn:aws:iam::aws:policy/PowerUserAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of iam:PassRole on arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy for sagemaker.amazonaws.com
              iam:GetPolicyVersion arn:aws:iam::aws:policy/PowerUserAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sagemaker:CreateTrainingJob
              iam:GetAccountAuthorizationDetails old-ds-user-role-fraud-dev-copy.Arn: saw arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy, which holds ASSUME, IAM_ADMIN, NET_ADMIN and 1 more, wanted a role that holds no more
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-user-role-fraud-dev: sagemaker:ListNotebookInstances was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListNotebookInstances.
              sagemaker:ListNotebookInstances not seen: denied
        "#]],
        ),
    ] {
        check(
            &CONTROL,
            |env| {
                env.attach(TRAINING_EXECUTION, POWER_USER).hide(source);
            },
            expected,
        );
    }
    for (source, expected) in [
        (
            &ALIASES,
            expect![[r#"
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev fraud-scoring-app-dev: kms:ListAliases was not seen: denied, AccessDenied: not authorized to perform kms:ListAliases.
              kms:ListAliases not seen: denied
        "#]],
        ),
        (
            &KEY_TAGS,
            expect![[r#"
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev fraud-scoring-app-dev: kms:ListResourceTags of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` was not seen: denied, AccessDenied: not authorized to perform kms:ListResourceTags.
              kms:ListResourceTags not seen: denied
        "#]],
        ),
        (
            &TRAILS,
            expect![[r#"
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev fraud-scoring-app-dev: cloudtrail:DescribeTrails was not seen: denied, AccessDenied: not authorized to perform cloudtrail:DescribeTrails.
              cloudtrail:DescribeTrails not seen: denied
        "#]],
        ),
        (
            &FLOW_LOGS,
            expect![[r#"
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev fraud-scoring-app-dev: ec2:DescribeFlowLogs was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeFlowLogs.
              ec2:DescribeFlowLogs not seen: denied
        "#]],
        ),
    ] {
        check(
            &CONTROL,
            |env| {
                let statements = json!([
                    allow(json!("kms:DisableKey"), json!("arn:aws:kms:eu-west-1:111122223333:key/another")),
                    allow(json!("s3:DeleteBucket"), json!("arn:aws:s3:::own-*")),
                ]);
                let strange = other(env, "strange", "codebuild.amazonaws.com", statements);
                let statements = json!([
                    allow(json!("iam:PassRole"), json!(strange)),
                    allow(json!("codebuild:CreateProject"), json!("*"))
                ]);
                given(env, ENDPOINT_INVOCATION, statements).hide(source);
            },
            expected,
        );
    }
}

#[test]
fn a_violation_stands_though_the_listing_broke_off() {
    check(
        &CONTROL,
        |env| {
            given(env, TRAINING_EXECUTION, json!([allow(json!("sts:*"), json!("*"))]))
                .cut(&ACCOUNT_AUTHORIZATION_DETAILS);
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) may become every role that trusts the account: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sts:AssumeRole on all of them.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:*"],"Resource":["*"]}, wanted roles by their ARNs as resource
            INSUFFICIENT_DATA truncated CRITICAL fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
              iam:GetAccountAuthorizationDetails not seen: truncated
        "#]],
    );
}
