//! IAMC-01: every VPC-capable create action is confined to the environment's subnets.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_policy::KeyKind;
use plumbline_snapshot::{ec2, iam, sagemaker};

use super::{Gate, Key, each_call, is_idle, networked};
use crate::Control;
use crate::place::Place;
use crate::tables::condition_keys::VPC_SUBNETS;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        &iam::POLICY,
        &iam::POLICY_VERSION,
        &ec2::VPCS,
        &ec2::SUBNETS,
        &sagemaker::DOMAINS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-01",
    name: "condition-vpc-subnets",
    title: "Every VPC-capable create action is confined to the environment's subnets.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "role × action",
    rationale: "A job, model or notebook outside the environment's network can send the data anywhere, and only the policy of who creates it can refuse that beforehand.",
    decided: "Each Allow that a bound role has of such an action must be confined: by its own conditions, by a Deny or by the boundary, all values of sagemaker:VpcSubnets must be subnets of the environment, and there must be one. It is MEDIUM where some subnet is forced, and not these. Studio's actions count where a domain exists.",
    remediation: "State ForAllValues:StringEquals with the environment's subnets and Null false in the Allow, or deny ForAnyValue:StringNotEquals and, in another statement, Null true.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-4"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let subnets = world.subnets(place).filter_map(|subnet| Some(&subnet.id));
    let key = Key::one_of(VPC_SUBNETS, KeyKind::Multi, subnets);
    let gate = Gate::new(vec![key], INFO.severity, "outside the environment's subnets");
    let gate = Gate { presence: Some(Severity::Medium), ..gate };
    each_call(&INFO, world, place, &networked(), |say, call| {
        if !is_idle(world, place, say, call)? {
            call.confined(say, &gate);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{ec2, iam, sagemaker};
    use plumbline_testkit::ec2::{SUBNET_A, SUBNET_B, SUBNET_C};
    use plumbline_testkit::iam::{
        BOUNDARY, ENDPOINT_CREATION, NOTEBOOK_CREATION, NOTEBOOK_EXECUTION, NOTEBOOK_EXECUTION_BO,
    };
    use plumbline_testkit::sagemaker::DOMAIN;
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};
    use crate::controls::iamc::edits::{add, allow, allow_if, condition, deny, drop_key, training};

    const KEY: &str = "sagemaker:VpcSubnets";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&iam::POLICY, &iam::POLICY_VERSION, &sagemaker::DOMAINS]);
    }

    #[test]
    fn pass_trap_for_all_values_without_null() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| drop_key(condition, "Null", KEY));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob outside the environment's subnets: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `sagemaker:VpcSubnets`: ForAllValues is true without the key (vacuous_forallvalues).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_same_allow_elsewhere_without_condition() {
        check(
            &CONTROL,
            |env| {
                let again = json!({"Version": "2012-10-17", "Statement": [allow(&["sagemaker:*TrainingJob"])]});
                env.remove_role(NOTEBOOK_EXECUTION_BO).add_inline("notebook_execution", "again", &again);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob outside the environment's subnets: statement 0 of the inline policy `again` of `ds-notebook-role-fraud-dev-ana` allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[again].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:*TrainingJob"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
            "#]],
        );
    }

    #[test]
    fn some_subnet_is_forced_and_not_these() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| drop_key(condition, "ForAllValues:StringEquals", KEY));
                condition(env, "endpoint_creation", 0, |condition| {
                    condition["ForAllValues:StringEquals"][KEY] = json!([SUBNET_A, "subnet-0f"]);
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateModel]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateModel outside the environment's subnets: statement 0 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 allows it with other values of `sagemaker:VpcSubnets`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateModel"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:model/*"],"Condition":{"Bool":{"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0f"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]}}}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob outside the environment's subnets: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with other values of `sagemaker:VpcSubnets`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
            "#]],
        );
    }

    #[test]
    fn shapes_that_look_as_if_they_confined() {
        check(
            &CONTROL,
            |env| {
                let any = json!({"ForAnyValue:StringEquals": {KEY: SUBNET_A}});
                training(env, |condition| *condition = any);
                let none = json!({"StringEquals": {KEY: SUBNET_A}});
                condition(env, "notebook_execution", 1, |condition| *condition = none);
                let negated = json!({"ForAllValues:StringNotEquals": {KEY: "subnet-0f"}, "Null": {KEY: "false"}});
                condition(env, "notebook_creation", 0, |condition| *condition = negated);
                condition(env, "endpoint_creation", 0, |condition| *condition = json!({}));
                let mixed = deny("sagemaker:CreateModel", json!({"ForAllValues:StringNotEquals": {KEY: SUBNET_A}}));
                add(env, "endpoint_creation", &[mixed]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateModel]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateModel outside the environment's subnets: statement 0 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 does not confine `sagemaker:VpcSubnets`: a Deny with ForAllValues spares what has one wanted value (mixed_set_passes).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateModel"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:model/*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateNotebookInstance]: `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateNotebookInstance outside the environment's subnets: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with other values of `sagemaker:VpcSubnets`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"ForAllValues:StringNotEquals":{"sagemaker:VpcSubnets":["subnet-0f"]},"Null":{"sagemaker:VpcSubnets":["false"]}}}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateProcessingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateProcessingJob outside the environment's subnets: statement 1 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `sagemaker:VpcSubnets`: a key of several values needs ForAllValues or ForAnyValue (missing_set_operator).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreateProcessingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:processing-job/*"],"Condition":{"StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob outside the environment's subnets: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `sagemaker:VpcSubnets`: an Allow with ForAnyValue takes any values beside a wanted one (any_not_all).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"ForAnyValue:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
            "#]],
        );
    }

    #[test]
    fn paired_denies_confine_and_one_of_them_does_not() {
        check(
            &CONTROL,
            |env| {
                let free = |env: &mut plumbline_testkit::Env, role: &str| {
                    condition(env, role, 0, |condition| *condition = json!({}));
                };
                let other =
                    deny("sagemaker:*", json!({"ForAnyValue:StringNotEquals": {KEY: [SUBNET_A, SUBNET_B, SUBNET_C]}}));
                let none = deny("sagemaker:CreateNotebookInstance", json!({"Null": {KEY: "true"}}));
                free(env, "notebook_creation");
                add(env, "notebook_creation", &[other.clone(), none.clone()]);
                free(env, "endpoint_creation");
                add(env, "endpoint_creation", &[other, none]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateModel]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateModel outside the environment's subnets: statement 0 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 does not confine `sagemaker:VpcSubnets`: the Deny does not fire without the key (deny_misses_absent).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateModel"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:model/*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
            "#]],
        );
    }

    #[test]
    fn the_boundary_confines() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| *condition = json!({}));
                condition(env, "notebook_execution", 1, |condition| *condition = json!({}));
                let subnets = json!([SUBNET_A, SUBNET_B, SUBNET_C]);
                let within = json!({"ForAllValues:StringEquals": {KEY: subnets}, "Null": {KEY: "false"}});
                let document = json!({"Version": "2012-10-17", "Statement": [allow_if(&["sagemaker:*"], within)]});
                env.add_policy(plumbline_testkit::iam::plain_policy(
                    "arn:aws:iam::111122223333:policy/tight",
                    &document,
                ))
                .set_boundary("notebook_execution", Some("arn:aws:iam::111122223333:policy/tight"));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_actions_without_the_key_are_no_subjects() {
        check(
            &CONTROL,
            |env| {
                let others = ["CreateTransformJob", "CreateCompilationJob", "CreateEndpoint", "UpdateNotebookInstance"]
                    .map(|name| format!("sagemaker:{name}"));
                let others: Vec<&str> =
                    others.iter().map(String::as_str).chain(["sagemaker:CreateEndpointConfig"]).collect();
                add(env, "training_execution", &[allow(&others)]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn everything_but_some() {
        check(
            &CONTROL,
            |env| {
                let mut all = allow(&[]);
                all.as_object_mut().unwrap().remove("Action");
                all["NotAction"] =
                    json!(["sagemaker:Create*Definition", "sagemaker:*Monitoring*", "sagemaker:*Cluster"]);
                add(env, "training_execution", &[all]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateAutoMLJob]: `ds-training-role-fraud-dev` may call sagemaker:CreateAutoMLJob outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateAutoMLJobV2]: `ds-training-role-fraud-dev` may call sagemaker:CreateAutoMLJobV2 outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateDomain]: `ds-training-role-fraud-dev` may call sagemaker:CreateDomain outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateHyperParameterTuningJob]: `ds-training-role-fraud-dev` may call sagemaker:CreateHyperParameterTuningJob outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateJob]: `ds-training-role-fraud-dev` may call sagemaker:CreateJob outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateModel]: `ds-training-role-fraud-dev` may call sagemaker:CreateModel outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateNotebookInstance]: `ds-training-role-fraud-dev` may call sagemaker:CreateNotebookInstance outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateProcessingJob]: `ds-training-role-fraud-dev` may call sagemaker:CreateProcessingJob outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateTrainingJob]: `ds-training-role-fraud-dev` may call sagemaker:CreateTrainingJob outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:UpdateDomain]: `ds-training-role-fraud-dev` may call sagemaker:UpdateDomain outside the environment's subnets: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","NotAction":["sagemaker:Create*Definition","sagemaker:*Monitoring*","sagemaker:*Cluster"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
            "#]],
        );
    }

    #[test]
    fn studio_counts_where_there_is_a_domain() {
        check(
            &CONTROL,
            |env| {
                add(env, "notebook_creation", &[allow(&["sagemaker:CreateDomain"])]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateDomain]: `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateDomain outside the environment's subnets: statement 5 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `sagemaker:VpcSubnets` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:CreateDomain"],"Resource":["*"]}, wanted sagemaker:VpcSubnets within subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, subnet-0a1d3f5b7c9e00003
            "#]],
        );
    }

    #[test]
    fn studio_does_not_count_where_there_is_none() {
        check(
            &CONTROL,
            |env| {
                add(env, "notebook_creation", &[allow(&["sagemaker:CreateDomain"])]).remove_domain(DOMAIN);
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateDomain]: `eu-west-1` has no Studio domain.
            "#]],
        );
    }

    #[test]
    fn studio_where_domains_were_not_seen() {
        check(
            &CONTROL,
            |env| {
                add(env, "notebook_creation", &[allow(&["sagemaker:CreateDomain"])]).hide(&sagemaker::DOMAINS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateDomain]: sagemaker:ListDomains was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListDomains.
                  sagemaker:ListDomains not seen: denied
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_no_subnet_was_seen() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| drop_key(condition, "Null", KEY)).hide(&ec2::SUBNETS);
                for role in [NOTEBOOK_CREATION, ENDPOINT_CREATION] {
                    env.remove_role(role);
                }
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateProcessingJob]: ec2:DescribeSubnets was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSubnets.
                  ec2:DescribeSubnets not seen: denied
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob outside the environment's subnets: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `sagemaker:VpcSubnets`: ForAllValues is true without the key (vacuous_forallvalues).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:VpcSubnets within nothing that was seen
            "#]],
        );
    }

    #[test]
    fn a_policy_that_was_not_seen_leaves_its_role_open() {
        check(
            &CONTROL,
            |env| {
                for role in [NOTEBOOK_EXECUTION_BO, NOTEBOOK_EXECUTION, NOTEBOOK_CREATION] {
                    env.remove_role(role);
                }
                env.unlist_policy(BOUNDARY).hide(&iam::POLICY);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-deploy-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                  iam:GetPolicy not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-hosting-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                  iam:GetPolicy not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-training-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                  iam:GetPolicy not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-user-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                  iam:GetPolicy not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev fraud-scoring-app-dev: iam:GetPolicy of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                  iam:GetPolicy not seen: denied
            "#]],
        );
    }

    #[test]
    fn a_policy_whose_document_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                for role in [NOTEBOOK_EXECUTION_BO, NOTEBOOK_EXECUTION, NOTEBOOK_CREATION] {
                    env.remove_role(role);
                }
                env.unlist_policy(BOUNDARY).hide(&iam::POLICY_VERSION);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-deploy-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                  iam:GetPolicyVersion not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-hosting-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                  iam:GetPolicyVersion not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-training-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                  iam:GetPolicyVersion not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-user-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                  iam:GetPolicyVersion not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev fraud-scoring-app-dev: iam:GetPolicyVersion of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                  iam:GetPolicyVersion not seen: denied
            "#]],
        );
    }

    #[test]
    fn a_policy_that_cannot_be_read() {
        check(
            &CONTROL,
            |env| {
                env.role("training_execution", |role| {
                    role.inline.insert("odd".into(), "%7B".into());
                });
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-training-role-fraud-dev: The inline policy `odd` of `ds-training-role-fraud-dev` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
            "#]],
        );
    }

    #[test]
    fn a_variable_may_confine_it() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| {
                    condition["ForAllValues:StringEquals"][KEY] = json!(["${aws:PrincipalTag/subnet}"]);
                });
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: Whether `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob outside the environment's subnets by statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 hangs on a variable or an operator that is not known here.
            "#]],
        );
    }

    #[test]
    fn nobody_may_create_anything() {
        check(
            &CONTROL,
            |env| {
                for role in [NOTEBOOK_EXECUTION_BO, NOTEBOOK_EXECUTION, NOTEBOOK_CREATION, ENDPOINT_CREATION] {
                    env.remove_role(role);
                }
            },
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_role_that_is_not_bound_in_the_baseline() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("      endpoint_hosting:\n        bind: {arns: [\"arn:aws:iam::{account}:role/ds-hosting-role-fraud-dev\"]}\n        reference_policy: [references/roles/endpoint_hosting.json]\n", "");
            },
            expect![[r#"
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev 111122223333: The baseline has no `roles.endpoint_hosting.bind`.
            "#]],
        );
    }
}
