//! IAMC-02: every VPC-capable create action is confined to the environment's security groups.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_policy::KeyKind;
use plumbline_snapshot::{ec2, iam, sagemaker};

use super::{Gate, Key, each_call, is_idle, networked};
use crate::Control;
use crate::place::Place;
use crate::tables::condition_keys::VPC_SECURITY_GROUPS;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        &iam::POLICY,
        &iam::POLICY_VERSION,
        &ec2::VPCS,
        &ec2::SECURITY_GROUPS,
        &sagemaker::DOMAINS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-02",
    name: "condition-security-groups",
    title: "Every VPC-capable create action is confined to the environment's security groups.",
    area: Area::Roles,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "role × action",
    rationale: "Who picks the subnets and not the groups may attach a group that lets everything in or out.",
    decided: "As IAMC-01, with sagemaker:VpcSecurityGroupIds and the workload groups; the groups of Studio's user profiles count too.",
    remediation: "State ForAllValues:StringEquals with the workload groups and Null false in the Allow, or deny ForAnyValue:StringNotEquals and, in another statement, Null true.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-4"] },
};

/// User profiles take groups of their own.
const PROFILES: [&str; 2] = ["sagemaker:CreateUserProfile", "sagemaker:UpdateUserProfile"];

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let groups = world.workload_groups(place).filter_map(|group| Some(&group.id));
    let key = Key::one_of(VPC_SECURITY_GROUPS, KeyKind::Multi, groups);
    let gate = Gate::new(vec![key], INFO.severity, "with other security groups");
    each_call(&INFO, world, place, &[networked().as_slice(), &PROFILES].concat(), |say, call| {
        if !is_idle(world, place, say, call)? {
            call.confined(say, &gate);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{iam, sagemaker};
    use plumbline_testkit::ec2::{SG_DEFAULT, SG_WORKLOAD};
    use plumbline_testkit::sagemaker::DOMAIN;
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};
    use crate::controls::iamc::edits::{add, allow, allow_if, condition, drop_key, training};

    const KEY: &str = "sagemaker:VpcSecurityGroupIds";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&iam::POLICY, &iam::POLICY_VERSION, &sagemaker::DOMAINS]);
    }

    #[test]
    fn pass_trap_subnets_are_confined_and_groups_are_not() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| {
                    drop_key(condition, "ForAllValues:StringEquals", KEY);
                    drop_key(condition, "Null", KEY);
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with other security groups: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with any `sagemaker:VpcSecurityGroupIds` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:VpcSecurityGroupIds within sg-0e1f3a5c7d9b00002
            "#]],
        );
    }

    #[test]
    fn another_group_beside() {
        check(
            &CONTROL,
            |env| {
                condition(env, "notebook_creation", 0, |condition| {
                    condition["ForAllValues:StringEquals"][KEY] = json!([SG_WORKLOAD, SG_DEFAULT]);
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateNotebookInstance]: `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateNotebookInstance with other security groups: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with other values of `sagemaker:VpcSecurityGroupIds`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"],"Condition":{"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002","sg-0e1f3a5c7d9b00001"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:DirectInternetAccess":["Disabled"],"sagemaker:RootAccess":["Disabled"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:VpcSecurityGroupIds within sg-0e1f3a5c7d9b00002
            "#]],
        );
    }

    #[test]
    fn fail_trap_actions_without_the_key_are_no_subjects() {
        check(
            &CONTROL,
            |env| {
                let others =
                    ["sagemaker:CreateTransformJob", "sagemaker:CreateCompilationJob", "sagemaker:UpdateEndpoint"];
                add(env, "training_execution", &[allow(&others)]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn profiles_of_studio() {
        check(
            &CONTROL,
            |env| {
                add(env, "notebook_creation", &[allow(&["sagemaker:*UserProfile"])]);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateUserProfile]: `ds-sc-launch-role-fraud-dev` may call sagemaker:CreateUserProfile with other security groups: statement 5 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `sagemaker:VpcSecurityGroupIds` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:*UserProfile"],"Resource":["*"]}, wanted sagemaker:VpcSecurityGroupIds within sg-0e1f3a5c7d9b00002
                NON_COMPLIANT MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:UpdateUserProfile]: `ds-sc-launch-role-fraud-dev` may call sagemaker:UpdateUserProfile with other security groups: statement 5 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 allows it with any `sagemaker:VpcSecurityGroupIds` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:*UserProfile"],"Resource":["*"]}, wanted sagemaker:VpcSecurityGroupIds within sg-0e1f3a5c7d9b00002
            "#]],
        );
    }

    #[test]
    fn profiles_where_there_is_no_domain() {
        check(
            &CONTROL,
            |env| {
                add(env, "notebook_creation", &[allow(&["sagemaker:CreateUserProfile"])]).remove_domain(DOMAIN);
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used MEDIUM fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateUserProfile]: `eu-west-1` has no Studio domain.
            "#]],
        );
    }

    #[test]
    fn profiles_that_are_confined() {
        check(
            &CONTROL,
            |env| {
                let within = json!({"ForAllValues:StringEquals": {KEY: SG_WORKLOAD}, "Null": {KEY: false}});
                add(env, "notebook_creation", &[allow_if(&["sagemaker:*UserProfile"], within)]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }
}
