//! Tests of IAMC-09.

use expect_test::{Expect, expect};
use plumbline_snapshot::iam::{POLICY, POLICY_VERSION};
use plumbline_testkit::ec2::{ENDPOINT_S3, SUBNET_A};
use plumbline_testkit::iam::{NOTEBOOK_EXECUTION_BO, ROLES, encode, plain_policy};
use plumbline_testkit::kms::KEY_VOLUMES;
use serde_json::{Value, json};

use super::CONTROL;
use crate::check::{blind_but, check, clean};
use crate::controls::iamc::edits::{add, allow, allow_if, condition, deny, drop_key, training};

mod keys;

const SUBNETS: &str = "sagemaker:VpcSubnets";
const VOLUME: &str = "sagemaker:VolumeKmsKeyArn";
const ISOLATION: &str = "sagemaker:NetworkIsolation";

/// Statements more for the training role.
fn more(statements: &[Value], expected: Expect) {
    check(
        &CONTROL,
        |env| {
            add(env, "training_execution", statements);
        },
        expected,
    );
}

/// One Allow more, of these actions under this condition.
fn one(actions: &[&str], condition: Value, expected: Expect) {
    more(&[allow_if(actions, condition)], expected);
}

#[test]
fn known_good_is_clean_and_a_gap_is_not() {
    clean(&CONTROL);
    blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
}

// Keys that the actions do not support.

#[test]
fn no_action_has_the_key_and_the_condition_always_holds() {
    let vacuous = json!({"ForAllValues:StringEquals": {SUBNETS: SUBNET_A}});
    let actions = ["sagemaker:CreateTransformJob", "sagemaker:CreateCompilationJob", "sagemaker:CreateEndpoint"];
    one(
        &actions,
        vacuous,
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateCompilationJob, sagemaker:CreateEndpoint, sagemaker:CreateTransformJob: the condition always holds, since the action has no such key (passes_vacuously).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTransformJob","sagemaker:CreateCompilationJob","sagemaker:CreateEndpoint"],"Resource":["*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["sagemaker:CreateEndpoint"],
        json!({"StringEqualsIfExists": {VOLUME: KEY_VOLUMES}}),
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VolumeKmsKeyArn` is never there for sagemaker:CreateEndpoint: the condition always holds, since the action has no such key (passes_vacuously).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateEndpoint"],"Resource":["*"],"Condition":{"StringEqualsIfExists":{"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn no_action_has_the_key_and_the_allow_never_matches() {
    let condition = json!({"ForAnyValue:StringEquals": {SUBNETS: SUBNET_A}});
    one(
        &["sagemaker:CreateTransformJob"],
        condition,
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateTransformJob: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTransformJob"],"Resource":["*"],"Condition":{"ForAnyValue:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["s3:GetObject"],
        json!({"StringLike": {"s3:prefix": "own/*"}}),
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `s3:prefix` is never there for s3:GetObject: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"],"Condition":{"StringLike":{"s3:prefix":["own/*"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["kms:Decrypt"],
        json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `kms:GrantIsForAWSResource` is never there for kms:Decrypt: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["kms:Decrypt"],"Resource":["*"],"Condition":{"Bool":{"kms:GrantIsForAWSResource":["true"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["sts:AssumeRole"],
        json!({"StringEquals": {"sagemaker:RootAccess": "Disabled"}}),
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:RootAccess` is never there for sts:AssumeRole: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:RootAccess":["Disabled"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn no_action_has_the_key_and_the_deny_always_or_never_fires() {
    more(
        &[deny("sagemaker:CreateTransformJob", json!({"Null": {SUBNETS: "true"}}))],
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateTransformJob: the Deny always fires, since the action has no such key (blocks_action).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Deny","Action":["sagemaker:CreateTransformJob"],"Resource":["*"],"Condition":{"Null":{"sagemaker:VpcSubnets":["true"]}}}, wanted conditions that do what they claim
    "#]],
    );
    let other = json!({"ForAnyValue:StringNotEquals": {SUBNETS: SUBNET_A}});
    more(
        &[deny("sagemaker:CreateEndpoint", other)],
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateEndpoint: the Deny does not fire without the key (deny_misses_absent).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Deny","Action":["sagemaker:CreateEndpoint"],"Resource":["*"],"Condition":{"ForAnyValue:StringNotEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
    "#]],
    );
    let both = json!({"Null": {SUBNETS: "true"}, "StringEquals": {"aws:RequestedRegion": "eu-west-1"}});
    more(
        &[deny("sagemaker:CreateEndpoint", both)],
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateEndpoint: the condition always holds, since the action has no such key (passes_vacuously).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Deny","Action":["sagemaker:CreateEndpoint"],"Resource":["*"],"Condition":{"Null":{"sagemaker:VpcSubnets":["true"]},"StringEquals":{"aws:RequestedRegion":["eu-west-1"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn pass_trap_a_pattern_covers_actions_without_the_key() {
    let vacuous = json!({"ForAllValues:StringEquals": {SUBNETS: SUBNET_A}});
    let there = deny("sagemaker:CreateTrainingJob", json!({"Null": {SUBNETS: "true"}}));
    let actions = ["sagemaker:CreateTrainingJob", "sagemaker:CreateTransformJob"];
    // The twin mends it for training jobs; transform jobs pass all the same.
    more(
        &[allow_if(&actions, vacuous.clone()), there],
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateTransformJob: the condition always holds, since the action has no such key (passes_vacuously).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob","sagemaker:CreateTransformJob"],"Resource":["*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["sagemaker:Create*"],
        vacuous,
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateAction, sagemaker:CreateAIBenchmarkJob, sagemaker:CreateAIRecommendationJob and 56 more: the condition always holds, since the action has no such key (passes_vacuously); the condition on `sagemaker:VpcSubnets` confines nothing: ForAllValues is true without the key (vacuous_forallvalues).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Create*"],"Resource":["*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
        "#]],
    );
}

#[test]
fn fail_trap_a_mixed_statement_is_sound_for_some_and_dead_for_the_rest() {
    let within = json!({"ForAllValues:StringEquals": {SUBNETS: SUBNET_A}, "Null": {SUBNETS: "false"}});
    one(
        &["sagemaker:CreateTrainingJob", "sagemaker:CreateTransformJob"],
        within,
        expect![[r#"
        NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateTransformJob: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob","sagemaker:CreateTransformJob"],"Resource":["*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]},"Null":{"sagemaker:VpcSubnets":["false"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["sagemaker:Create*"],
        json!({"StringEquals": {VOLUME: KEY_VOLUMES}}),
        expect![[r#"
        NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VolumeKmsKeyArn` is never there for sagemaker:CreateAction, sagemaker:CreateAIBenchmarkJob, sagemaker:CreateAIRecommendationJob and 58 more: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:Create*"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["s3:GetObject", "s3:ListBucket"],
        json!({"StringLike": {"s3:prefix": "own/*"}}),
        expect![[r#"
        NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `s3:prefix` is never there for s3:GetObject: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["*"],"Condition":{"StringLike":{"s3:prefix":["own/*"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn a_mixed_deny_counts_for_what_the_role_may_do() {
    let other = deny("sagemaker:Create*", json!({"ForAnyValue:StringNotEquals": {SUBNETS: SUBNET_A}}));
    let none = deny("sagemaker:Create*", json!({"Null": {SUBNETS: "true"}}));
    let allows = allow(&["sagemaker:CreateTrainingJob"]);
    more(
        &[allows, other.clone(), none.clone()],
        expect![[r#"
        COMPLIANT
    "#]],
    );
    let allows = allow(&["sagemaker:CreateTrainingJob", "sagemaker:CreateEndpoint"]);
    more(
        &[allows, other, none],
        expect![[r#"
        NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]]: In statement 5 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateEndpoint: the Deny does not fire without the key (deny_misses_absent).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Deny","Action":["sagemaker:Create*"],"Resource":["*"],"Condition":{"ForAnyValue:StringNotEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
        NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[6]]: In statement 6 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VpcSubnets` is never there for sagemaker:CreateEndpoint: the Deny always fires, since the action has no such key (blocks_action).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[6]: saw {"Effect":"Deny","Action":["sagemaker:Create*"],"Resource":["*"],"Condition":{"Null":{"sagemaker:VpcSubnets":["true"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn actions_and_keys_that_are_not_known_may_go_together() {
    one(
        &["sagemaker:CreateSomethingNew"],
        json!({"StringEquals": {VOLUME: KEY_VOLUMES}}),
        expect![[r#"
        COMPLIANT
    "#]],
    );
    let new = ["sagemaker:CreateSomethingNew", "sagemaker:CreateEndpoint"];
    one(
        &new,
        json!({"StringEquals": {VOLUME: KEY_VOLUMES}}),
        expect![[r#"
        NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VolumeKmsKeyArn` is never there for sagemaker:CreateEndpoint: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateSomethingNew","sagemaker:CreateEndpoint"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["s3:GetObject"],
        json!({"StringEquals": {"s3:SomethingNew": "x"}}),
        expect![[r#"
        COMPLIANT
    "#]],
    );
    let others = json!({"ArnEquals": {"ec2:Vpc": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"}});
    one(
        &["ec2:CreateNetworkInterface", "kms:Decrypt"],
        others,
        expect![[r#"
        NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `ec2:Vpc` is never there for kms:Decrypt: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["ec2:CreateNetworkInterface","kms:Decrypt"],"Resource":["*"],"Condition":{"ArnEquals":{"ec2:Vpc":["arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn everything_but_some() {
    let mut all = allow_if(&[], json!({"StringEquals": {VOLUME: KEY_VOLUMES}}));
    let fields = all.as_object_mut().unwrap();
    fields.remove("Action");
    fields.insert("NotAction".to_owned(), json!(["iam:*", "s3:*", "kms:*", "sts:*", "sagemaker:D*", "sagemaker:U*"]));
    more(
        &[all.clone()],
        expect![[r#"
        NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VolumeKmsKeyArn` is never there for sagemaker:AccessModelPackage, sagemaker:AddAssociation, sagemaker:AddTags and 242 more: the Allow never matches, since the action has no such key (never_matches).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["iam:*","s3:*","kms:*","sts:*","sagemaker:D*","sagemaker:U*"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted conditions that do what they claim
    "#]],
    );
    all["NotAction"] = json!(["s3:*", "kms:*", "sts:*", "sagemaker:*"]);
    more(
        &[all],
        expect![[r#"
        COMPLIANT
    "#]],
    );
}

// Shapes that confine nothing.

#[test]
fn shapes_on_the_allow() {
    check(
        &CONTROL,
        |env| {
            training(env, |condition| drop_key(condition, "Null", SUBNETS));
            condition(env, "notebook_execution", 1, |condition| {
                drop_key(condition, "ForAllValues:StringEquals", SUBNETS);
                condition["StringEquals"][SUBNETS] = json!(SUBNET_A);
            });
            condition(env, "notebook_creation", 0, |condition| {
                drop_key(condition, "StringEquals", "sagemaker:RootAccess");
                condition["StringEqualsIfExists"]["sagemaker:RootAccess"] = json!("Disabled");
            });
            condition(env, "endpoint_creation", 0, |condition| {
                drop_key(condition, "ForAllValues:StringEquals", SUBNETS);
                condition["ForAnyValue:StringEquals"] = json!({SUBNETS: SUBNET_A});
            });
            condition(env, "data_scientist", 1, |condition| {
                *condition = json!({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}});
            });
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-deploy-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[0]]: In statement 0 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1, the condition on `sagemaker:VpcSubnets` confines nothing: an Allow with ForAnyValue takes any values beside a wanted one (any_not_all).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateModel"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:model/*"],"Condition":{"Bool":{"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"]},"ForAnyValue:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]}}}, wanted conditions that do what they claim
            NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[0]]: In statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1, the condition on `sagemaker:RootAccess` confines nothing: an Allow with IfExists also grants without the key (ifexists_on_allow).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:DirectInternetAccess":["Disabled"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]},"StringEqualsIfExists":{"sagemaker:RootAccess":["Disabled"]}}}, wanted conditions that do what they claim
            NON_COMPLIANT MEDIUM fraud-dev ds-user-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]]: In statement 1 of `arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev` v1, the condition on `aws:SourceIp` confines nothing: an Allow with a negated operator grants every other value, and none (allow_negated).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-data-scientist-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreatePresignedNotebookInstanceUrl"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"NotIpAddress":{"aws:SourceIp":["198.51.100.0/24"]}}}, wanted conditions that do what they claim
            NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]]: In statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1, the condition on `sagemaker:VpcSubnets` confines nothing: ForAllValues is true without the key (vacuous_forallvalues).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted conditions that do what they claim
            NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[1]]: In statement 1 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1, the condition on `sagemaker:VpcSubnets` confines nothing: a key of several values needs ForAllValues or ForAnyValue (missing_set_operator).
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreateProcessingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:processing-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
        "#]],
    );
}

#[test]
fn a_negated_operator_and_a_test_that_the_key_is_there() {
    let negated = json!({"StringNotEquals": {VOLUME: KEY_VOLUMES}, "Null": {VOLUME: "false"}});
    one(
        &["sagemaker:CreateTrainingJob"],
        negated,
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, the condition on `sagemaker:VolumeKmsKeyArn` confines nothing: an Allow with a negated operator grants every other value, and none (allow_negated).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"Null":{"sagemaker:VolumeKmsKeyArn":["false"]},"StringNotEquals":{"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["s3:GetObject"],
        json!({"StringNotEquals": {"aws:SourceVpce": ENDPOINT_S3}}),
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, the condition on `aws:SourceVpce` confines nothing: an Allow with a negated operator grants every other value, and none (allow_negated).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn shapes_on_the_deny() {
    let job = || allow(&["sagemaker:CreateTrainingJob"]);
    more(
        &[job(), deny("sagemaker:CreateTrainingJob", json!({"Bool": {ISOLATION: "false"}}))],
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]]: In statement 5 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, the condition on `sagemaker:NetworkIsolation` confines nothing: the Deny does not fire without the key (deny_misses_absent).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Deny","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"Bool":{"sagemaker:NetworkIsolation":["false"]}}}, wanted conditions that do what they claim
    "#]],
    );
    let mixed = json!({"ForAllValues:StringNotEquals": {SUBNETS: SUBNET_A}});
    let there = deny("sagemaker:CreateTrainingJob", json!({"Null": {SUBNETS: "true"}}));
    more(
        &[job(), deny("sagemaker:CreateTrainingJob", mixed), there],
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]]: In statement 5 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, the condition on `sagemaker:VpcSubnets` confines nothing: a Deny with ForAllValues spares what has one wanted value (mixed_set_passes).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Deny","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"ForAllValues:StringNotEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
    "#]],
    );
    let notebook = allow(&["sagemaker:CreateNotebookInstance"]);
    let enabled = json!({"StringEquals": {"sagemaker:DirectInternetAccess": "Enabled"}});
    more(
        &[notebook, deny("sagemaker:CreateNotebookInstance", enabled)],
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]]: In statement 5 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, the condition on `sagemaker:DirectInternetAccess` confines nothing: the Deny does not fire without the key (deny_misses_absent).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Deny","Action":["sagemaker:CreateNotebookInstance"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:DirectInternetAccess":["Enabled"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn the_twin_mends_it() {
    let job = || allow(&["sagemaker:CreateTrainingJob"]);
    let deny = |condition| deny("sagemaker:CreateTrainingJob", condition);
    let isolated = [job(), deny(json!({"Bool": {ISOLATION: "false"}})), deny(json!({"Null": {ISOLATION: "true"}}))];
    more(
        &isolated,
        expect![[r#"
        COMPLIANT
    "#]],
    );
    let vacuous = json!({"ForAllValues:StringEquals": {SUBNETS: SUBNET_A}});
    let twin = deny(json!({"Null": {SUBNETS: "true"}}));
    more(
        &[allow_if(&["sagemaker:CreateTrainingJob"], vacuous), twin],
        expect![[r#"
        COMPLIANT
    "#]],
    );
    // What the Allow confines, the Deny does not have to.
    let confined = allow_if(&["sagemaker:CreateTrainingJob"], json!({"Bool": {ISOLATION: "true"}}));
    more(
        &[confined, deny(json!({"Bool": {ISOLATION: "false"}}))],
        expect![[r#"
        COMPLIANT
    "#]],
    );
}

#[test]
fn a_narrower_deny_claims_no_more() {
    let elsewhere = json!({"Bool": {ISOLATION: "false"}, "StringEquals": {"aws:RequestedRegion": "eu-west-1"}});
    more(
        &[allow(&["sagemaker:CreateTrainingJob"]), deny("sagemaker:CreateTrainingJob", elsewhere)],
        expect![[r#"
        COMPLIANT
    "#]],
    );
}

#[test]
fn the_boundary_has_statements_too() {
    let tight = "arn:aws:iam::111122223333:policy/tight";
    let bounded = |statements: Value, expected: Expect| {
        check(
            &CONTROL,
            |env| {
                let document = json!({"Version": "2012-10-17", "Statement": statements});
                env.add_policy(plain_policy(tight, &document)).set_boundary("training_execution", Some(tight));
                add(env, "training_execution", &[allow(&["sagemaker:CreateTrainingJob"])]);
            },
            expected,
        );
    };
    let vacuous = json!({"ForAllValues:StringEquals": {SUBNETS: SUBNET_A}});
    bounded(
        json!([allow_if(&["sagemaker:CreateTrainingJob"], vacuous)]),
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/tight.PolicyDocument.Statement[0]]: In statement 0 of `arn:aws:iam::111122223333:policy/tight` v1, the condition on `sagemaker:VpcSubnets` confines nothing: ForAllValues is true without the key (vacuous_forallvalues).
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/tight.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted conditions that do what they claim
    "#]],
    );
    // It is void for what the role may not do anyway.
    let within = json!({"StringEquals": {VOLUME: KEY_VOLUMES}});
    bounded(
        json!([allow_if(&["sagemaker:Create*"], within)]),
        expect![[r#"
        COMPLIANT
    "#]],
    );
}

#[test]
fn what_may_mend_it_is_not_known() {
    let vacuous = json!({"ForAllValues:StringEquals": {SUBNETS: SUBNET_A}});
    let odd = json!({"Null": {SUBNETS: "${aws:PrincipalTag/open}"}});
    let statements = [allow_if(&["sagemaker:CreateTrainingJob"], vacuous), deny("sagemaker:CreateTrainingJob", odd)];
    more(
        &statements,
        expect![[r#"
        INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: Whether other statements mend the condition on `sagemaker:VpcSubnets` is not known, in statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1.
    "#]],
    );
}

#[test]
fn several_faults_of_one_statement_and_the_worst_first() {
    let faults = json!({
        "StringEquals": {VOLUME: "alias/x", "sagemaker:VolumeKmsKey": KEY_VOLUMES},
        "Bool": {"sagemaker:RootAcces": "true"},
    });
    check(
        &CONTROL,
        |env| {
            env.add_to_baseline("accept_deprecated_condition_keys: false");
            add(env, "training_execution", &[allow_if(&["sagemaker:CreateTrainingJob"], faults)]);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:RootAcces` is no condition key of SageMaker's, as of 2026-10-27; `sagemaker:VolumeKmsKeyArn`, a key's ARN, is compared with an alias; `sagemaker:VolumeKmsKey` is deprecated: it is `sagemaker:VolumeKmsKeyArn` now.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"Bool":{"sagemaker:RootAcces":["true"]},"StringEquals":{"sagemaker:VolumeKmsKey":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"],"sagemaker:VolumeKmsKeyArn":["alias/x"]}}}, wanted conditions that do what they claim
        "#]],
    );
}

#[test]
fn an_operator_that_is_not_known() {
    one(
        &["s3:GetObject"],
        json!({"StringResembles": {"aws:SourceVpce": ENDPOINT_S3}}),
        expect![[r#"
        INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: `StringResembles` is an operator that is not known here, in statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1.
    "#]],
    );
    // Without the key nobody knows what this does.
    let odd = json!({"ForAnyValue:StringEqualsIfExists": {SUBNETS: SUBNET_A}});
    one(
        &["sagemaker:CreateEndpoint"],
        odd,
        expect![[r#"
        INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: What the condition on `sagemaker:VpcSubnets` does without the key is not known, in statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1.
    "#]],
    );
}

// Subjects.

#[test]
fn other_services_are_not_judged() {
    one(
        &["iam:PassRole"],
        json!({"StringEqualsIfExists": {"aws:SourceVpce": ENDPOINT_S3}}),
        expect![[r#"
        COMPLIANT
    "#]],
    );
}

#[test]
fn nothing_has_a_condition() {
    check(
        &CONTROL,
        |env| {
            for (role, _) in ROLES.iter().filter(|(role, _)| *role != "endpoint_hosting") {
                env.remove_role(role);
            }
            env.remove_role(NOTEBOOK_EXECUTION_BO);
        },
        expect![[r#"
            NOT_APPLICABLE no_resources MEDIUM fraud-dev 111122223333: Nothing to judge: no resources.
        "#]],
    );
}

#[test]
fn a_policy_that_cannot_be_read() {
    check(
        &CONTROL,
        |env| {
            env.role("training_execution", |role| {
                role.inline.insert("odd".into(), encode("{").into());
            });
        },
        expect![[r#"
            INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-training-role-fraud-dev: The inline policy `odd` of `ds-training-role-fraud-dev` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
        "#]],
    );
}
