//! Keys that are misspelt, deprecated, or compared as what they are not.

use expect_test::expect;
use plumbline_testkit::kms::KEY_VOLUMES;
use serde_json::json;

use super::super::CONTROL;
use super::{VOLUME, one};
use crate::check::check;
use crate::controls::iamc::edits::{add, allow_if};

#[test]
fn a_key_that_there_is_not() {
    let misspelt = json!({"StringEquals": {"sagemaker:VolumeKmsKeyArns": KEY_VOLUMES}});
    one(
        &["sagemaker:CreateTrainingJob"],
        misspelt,
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VolumeKmsKeyArns` is no condition key of SageMaker's, as of 2026-10-27.
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKeyArns":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted conditions that do what they claim
    "#]],
    );
    let cased = json!({"StringEquals": {"SageMaker:volumekmskeyarn": KEY_VOLUMES}});
    one(
        &["sagemaker:CreateTrainingJob"],
        cased,
        expect![[r#"
        COMPLIANT
    "#]],
    );
}

#[test]
fn an_alias_where_a_key_is_asked_for() {
    let alias = json!({"StringEquals": {VOLUME: [KEY_VOLUMES, "arn:aws:kms:eu-west-1:111122223333:alias/ds-ebs"]}});
    one(
        &["sagemaker:CreateTrainingJob"],
        alias,
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VolumeKmsKeyArn`, a key's ARN, is compared with an alias.
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:alias/ds-ebs"]}}}, wanted conditions that do what they claim
    "#]],
    );
    let named = json!({"StringEquals": {"sagemaker:DomainSharingOutputKmsKeyArn": "alias/ds-studio"}});
    one(
        &["sagemaker:CreateDomain"],
        named,
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:DomainSharingOutputKmsKeyArn`, a key's ARN, is compared with an alias.
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateDomain"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:DomainSharingOutputKmsKeyArn":["alias/ds-studio"]}}}, wanted conditions that do what they claim
    "#]],
    );
}

#[test]
fn a_text_compared_as_a_boolean() {
    one(
        &["sagemaker:CreateNotebookInstance"],
        json!({"Bool": {"sagemaker:RootAccess": "false"}}),
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:RootAccess` is a text, and compared as a boolean.
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateNotebookInstance"],"Resource":["*"],"Condition":{"Bool":{"sagemaker:RootAccess":["false"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["s3:GetObject"],
        json!({"Bool": {"aws:SourceVpce": "true"}}),
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `aws:SourceVpce` is a text, and compared as a boolean.
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"],"Condition":{"Bool":{"aws:SourceVpce":["true"]}}}, wanted conditions that do what they claim
    "#]],
    );
    one(
        &["s3:GetObject"],
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        expect![[r#"
        COMPLIANT
    "#]],
    );
}

#[test]
fn a_deprecated_key() {
    let old = json!({"StringEquals": {"sagemaker:VolumeKmsKey": KEY_VOLUMES}});
    one(
        &["sagemaker:CreateTrainingJob"],
        old.clone(),
        expect![[r#"
        COMPLIANT
    "#]],
    );
    check(
        &CONTROL,
        |env| {
            env.add_to_baseline("accept_deprecated_condition_keys: false");
            add(env, "training_execution", &[allow_if(&["sagemaker:CreateTrainingJob"], old)]);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VolumeKmsKey` is deprecated: it is `sagemaker:VolumeKmsKeyArn` now.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKey":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted conditions that do what they claim
        "#]],
    );
}

#[test]
fn a_deprecated_key_that_is_accepted_is_noted() {
    let condition = json!({"StringEquals": {"sagemaker:VolumeKmsKey": KEY_VOLUMES, VOLUME: "alias/x"}});
    one(
        &["sagemaker:CreateTrainingJob"],
        condition,
        expect![[r#"
        NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]]: In statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1, `sagemaker:VolumeKmsKeyArn`, a key's ARN, is compared with an alias.
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKey":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"],"sagemaker:VolumeKmsKeyArn":["alias/x"]}}}, wanted conditions that do what they claim
          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKey":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"],"sagemaker:VolumeKmsKeyArn":["alias/x"]}}}, wanted the same with sagemaker:VolumeKmsKeyArn in place of sagemaker:VolumeKmsKey
    "#]],
    );
}
