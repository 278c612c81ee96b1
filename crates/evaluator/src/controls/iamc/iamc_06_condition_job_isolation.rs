//! IAMC-06: jobs are confined to inter-container encryption and network isolation.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::iam;

use super::{Gate, Key, each_call};
use crate::Control;
use crate::place::Place;
use crate::tables::condition_keys::{NETWORK_ISOLATION, TRAFFIC_ENCRYPTION, supporting, supports};
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-06",
    name: "condition-job-isolation",
    title: "Jobs are confined to inter-container encryption and network isolation.",
    area: Area::Roles,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "role × action",
    rationale: "Containers that talk in the clear, or to the network, can leak what they are trained on.",
    decided: "Each Allow that a bound role has must confine sagemaker:InterContainerTrafficEncryption to true for every action that has the key, on single instances too, and sagemaker:NetworkIsolation to true, but for the actions of `network_isolation_exempt_actions`.",
    remediation: "State Bool true in the Allow, or deny BoolIfExists false.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-8", "SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let isolated = |action: &str| supports(action, NETWORK_ISOLATION) && !is_exempt(place, action);
    let others = supporting(&[NETWORK_ISOLATION]).filter(|it| !supports(it, TRAFFIC_ENCRYPTION) && isolated(it));
    let actions: Vec<_> = supporting(&[TRAFFIC_ENCRYPTION]).chain(others).collect();
    each_call(&INFO, world, place, &actions, |say, call| {
        let gate = |key, escape| Gate::new(vec![Key::yes(key)], INFO.severity, escape);
        if supports(call.action, TRAFFIC_ENCRYPTION) {
            call.confined(say, &gate(TRAFFIC_ENCRYPTION, "without encryption between containers"));
        }
        if isolated(call.action) {
            call.confined(say, &gate(NETWORK_ISOLATION, "without network isolation"));
        }
        Ok(())
    })
}

/// Whether the baseline asks for no isolation of the action, with or without its prefix.
fn is_exempt(place: &Place<'_>, action: &str) -> bool {
    let name = action.strip_prefix("sagemaker:").unwrap_or(action);
    let mut exempt = place.environments.iter().flat_map(|environment| &environment.network_isolation_exempt_actions);
    exempt.any(|it| it.eq_ignore_ascii_case(name) || it.eq_ignore_ascii_case(action))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam;
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};
    use crate::controls::iamc::edits::{add, allow, allow_if, condition, deny, training};

    const TRAFFIC: &str = "sagemaker:InterContainerTrafficEncryption";
    const ISOLATION: &str = "sagemaker:NetworkIsolation";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&iam::POLICY, &iam::POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_a_deny_of_false_alone() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| condition["Bool"] = json!({TRAFFIC: "true"}));
                add(env, "notebook_execution", &[deny("sagemaker:*", json!({"Bool": {ISOLATION: "false"}}))]);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without network isolation: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `sagemaker:NetworkIsolation`: the Deny does not fire without the key (deny_misses_absent).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:NetworkIsolation within true
            "#]],
        );
    }

    #[test]
    fn a_deny_of_false_if_exists() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| condition["Bool"] = json!({TRAFFIC: true}));
                let denied = deny("sagemaker:CreateTrainingJob", json!({"BoolIfExists": {ISOLATION: "false"}}));
                add(env, "notebook_execution", &[denied]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_single_instances_need_it_too() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| condition["Bool"] = json!({ISOLATION: "true"}));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob without encryption between containers: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with any `sagemaker:InterContainerTrafficEncryption` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:InterContainerTrafficEncryption within true
            "#]],
        );
    }

    #[test]
    fn pass_trap_automl_has_no_key_of_isolation() {
        check(
            &CONTROL,
            |env| {
                let encrypted = json!({"Bool": {TRAFFIC: "true"}});
                let statements = [
                    allow_if(&["sagemaker:CreateAutoMLJob"], encrypted),
                    allow(&["sagemaker:CreateAutoMLJobV2", "sagemaker:CreateTransformJob"]),
                ];
                add(env, "training_execution", &statements);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:CreateAutoMLJobV2]: `ds-training-role-fraud-dev` may call sagemaker:CreateAutoMLJobV2 without encryption between containers: statement 5 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:InterContainerTrafficEncryption` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:CreateAutoMLJobV2","sagemaker:CreateTransformJob"],"Resource":["*"]}, wanted sagemaker:InterContainerTrafficEncryption within true
            "#]],
        );
    }

    #[test]
    fn exempt_actions_need_no_isolation() {
        check(
            &CONTROL,
            |env| {
                let encrypted = json!({"Bool": {TRAFFIC: "true"}});
                condition(env, "notebook_execution", 1, |condition| *condition = encrypted);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn what_the_baseline_exempts_instead() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| condition["Bool"] = json!({TRAFFIC: "true"}));
                condition(env, "notebook_execution", 1, |condition| condition["Bool"] = json!({TRAFFIC: "true"}));
                env.add_to_baseline("network_isolation_exempt_actions: [\"sagemaker:CreateTrainingJob\"]");
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateEndpointConfig]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateEndpointConfig without network isolation: statement 1 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 allows it with any `sagemaker:NetworkIsolation` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreateEndpointConfig"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/*"],"Condition":{"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:NetworkIsolation within true
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateProcessingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateProcessingJob without network isolation: statement 1 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with any `sagemaker:NetworkIsolation` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreateProcessingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:processing-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:NetworkIsolation within true
            "#]],
        );
    }

    #[test]
    fn models() {
        check(
            &CONTROL,
            |env| {
                condition(env, "endpoint_creation", 0, |condition| {
                    condition["BoolIfExists"] = condition["Bool"].take();
                    condition.as_object_mut().unwrap().remove("Bool");
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateModel]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateModel without network isolation: statement 0 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 does not confine `sagemaker:NetworkIsolation`: an Allow with IfExists also grants without the key (ifexists_on_allow).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateModel"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:model/*"],"Condition":{"BoolIfExists":{"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]}}}, wanted sagemaker:NetworkIsolation within true
            "#]],
        );
    }
}
