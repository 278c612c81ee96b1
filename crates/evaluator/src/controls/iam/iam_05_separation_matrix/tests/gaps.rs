//! Tests of IAM-05 where policies or roles were not seen.

use expect_test::expect;
use plumbline_snapshot::iam::{ACCOUNT_AUTHORIZATION_DETAILS, POLICY, POLICY_VERSION};
use plumbline_testkit::iam::*;
use serde_json::json;

use super::{CONTROL, allow, given, only};
use crate::check::check;

#[test]
fn a_policy_that_was_not_seen_leaves_the_role_undecided() {
    check(
        &CONTROL,
        |env| {
            only(env, ENDPOINT_HOSTING).attach(ENDPOINT_HOSTING, POWER_USER).hide(&POLICY_VERSION);
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [ASSUME]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [DATA_RW]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [EP_CREATE]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [EP_INVOKE]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [IAM_ADMIN]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [JOB_SUBMIT]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [KMS_ADMIN]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [LOG_ADMIN]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [MODEL_CREATE]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [NB_CREATE]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [NB_USE]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [NET_ADMIN]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [PASS_ROLE]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [S3_ADMIN]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [SC_ADMIN]: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
              iam:GetPolicyVersion not seen: denied
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only(env, ENDPOINT_HOSTING).attach(ENDPOINT_HOSTING, POWER_USER).hide(&POLICY);
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [ASSUME]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [DATA_RW]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [EP_CREATE]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [EP_INVOKE]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [IAM_ADMIN]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [JOB_SUBMIT]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [KMS_ADMIN]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [LOG_ADMIN]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [MODEL_CREATE]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [NB_CREATE]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [NB_USE]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [NET_ADMIN]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [PASS_ROLE]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [S3_ADMIN]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
            INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-hosting-role-fraud-dev [SC_ADMIN]: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
              iam:GetPolicy not seen: denied
        "#]],
    );
}

#[test]
fn a_violation_stands_though_the_listing_broke_off() {
    check(
        &CONTROL,
        |env| {
            given(env, TRAINING_EXECUTION, &allow(json!("sagemaker:InvokeEndpoint"), json!("*")))
                .cut(&ACCOUNT_AUTHORIZATION_DETAILS);
        },
        expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev [EP_INVOKE]: `ds-training-role-fraud-dev` (training_execution) holds EP_INVOKE: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows sagemaker:InvokeEndpoint; no Deny speaks of it, and the role has no permissions boundary.
              iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:InvokeEndpoint"],"Resource":["*"]}, wanted no Allow of sagemaker:InvokeEndpoint
            INSUFFICIENT_DATA truncated CRITICAL fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
              iam:GetAccountAuthorizationDetails not seen: truncated
        "#]],
    );
}
