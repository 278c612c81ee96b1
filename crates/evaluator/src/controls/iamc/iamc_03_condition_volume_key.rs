//! IAMC-03: every action that creates storage volumes demands an environment key.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{iam, kms};

use super::{each_call, key_gate};
use crate::Control;
use crate::place::Place;
use crate::tables::condition_keys::{VOLUME_KEY, supporting};
use crate::world::World;
use crate::world::keys_in_use::VOLUME;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION, &kms::ALIASES, &kms::KEY_TAGS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-03",
    name: "condition-volume-key",
    title: "Every action that creates storage volumes demands an environment key.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "role × action",
    rationale: "A volume without a customer key is under a key of AWS's that nobody can take away, or under a key of somebody else's.",
    decided: "Each Allow that a bound role has of such an action must confine sagemaker:VolumeKmsKeyArn, or its deprecated spelling where the baseline accepts that, to the ARNs of keys declared for volumes. It is MEDIUM where some key is forced, and not one of these, unless the baseline says that this is enough. Instance types with local NVMe only take no key: such a policy forbids them.",
    remediation: "State StringEquals with the ARNs of the volume keys in the Allow, or deny StringNotEquals.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "SC-28"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let actions: Vec<_> = supporting(&[VOLUME_KEY]).collect();
    let escape = "with a volume key that is not the environment's";
    let gate = key_gate(world, place, VOLUME_KEY, VOLUME, INFO.severity, escape);
    each_call(&INFO, world, place, &actions, |say, call| {
        call.confined(say, &gate);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{iam, kms};
    use plumbline_testkit::kms::{ALIAS_VOLUMES, KEY_DATA, KEY_VOLUMES};
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};
    use crate::controls::iamc::edits::{add, allow, allow_if, condition, deny, training};

    const KEY: &str = "sagemaker:VolumeKmsKeyArn";
    const OLD: &str = "sagemaker:VolumeKmsKey";
    const SUFFICES: &str = "kms_condition_presence_suffices: true";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&iam::POLICY, &iam::POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_an_alias_never_equals_a_keys_arn() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| {
                    let alias = format!("arn:aws:kms:eu-west-1:111122223333:{ALIAS_VOLUMES}");
                    condition["StringEquals"][KEY] = json!(alias);
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with a volume key that is not the environment's: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 compares `sagemaker:VolumeKmsKeyArn`, a key's ARN, with an alias.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:alias/ds-ebs-fraud-dev"]}}}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn pass_trap_any_key_of_the_account() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| {
                    condition["StringLike"] = json!({KEY: "arn:aws:kms:eu-west-1:111122223333:key/*"});
                    condition["StringEquals"] = json!({});
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with a volume key that is not the environment's: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with other values of `sagemaker:VolumeKmsKeyArn`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringLike":{"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/*"]}}}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn pass_trap_it_is_enough_that_some_key_is_there() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| {
                    condition["StringEquals"] = json!({});
                    condition["Null"][KEY] = json!("false");
                });
                condition(env, "endpoint_creation", 1, |condition| {
                    *condition = json!({"StringEquals": {KEY: KEY_DATA}})
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateEndpointConfig]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateEndpointConfig with a volume key that is not the environment's: statement 1 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 allows it with other values of `sagemaker:VolumeKmsKeyArn`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreateEndpointConfig"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/*"],"Condition":{"StringEquals":{"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001"]}}}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with a volume key that is not the environment's: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with other values of `sagemaker:VolumeKmsKeyArn`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VolumeKmsKeyArn":["false"],"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]}}}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn some_key_is_enough_where_the_baseline_says_so() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| {
                    condition["StringEquals"] = json!({});
                    condition["Null"][KEY] = json!("false");
                });
                condition(env, "endpoint_creation", 1, |condition| *condition = json!({}));
                env.add_to_baseline(SUFFICES);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateEndpointConfig]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateEndpointConfig with a volume key that is not the environment's: statement 1 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 allows it with any `sagemaker:VolumeKmsKeyArn` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["sagemaker:CreateEndpointConfig"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/*"]}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn a_denied_alternative_and_a_free_action() {
        check(
            &CONTROL,
            |env| {
                condition(env, "endpoint_creation", 1, |condition| *condition = json!({}));
                let denies = [
                    deny("sagemaker:CreateEndpointConfig", json!({"StringNotEqualsIfExists": {KEY: KEY_VOLUMES}})),
                    allow(&["sagemaker:CreateLabelingJob"]),
                ];
                add(env, "endpoint_creation", &denies);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateLabelingJob]: `ds-deploy-role-fraud-dev` may call sagemaker:CreateLabelingJob with a volume key that is not the environment's: statement 6 of `arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev` v1 allows it with any `sagemaker:VolumeKmsKeyArn` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[6]: saw {"Effect":"Allow","Action":["sagemaker:CreateLabelingJob"],"Resource":["*"]}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn the_deprecated_key_does_as_well() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| condition["StringEquals"] = json!({OLD: KEY_VOLUMES}));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn the_deprecated_key_is_not_accepted() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| condition["StringEquals"] = json!({OLD: KEY_VOLUMES}));
                env.add_to_baseline("accept_deprecated_condition_keys: false");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with a volume key that is not the environment's: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 confines it by a deprecated key only.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"sagemaker:VolumeKmsKey":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn the_deprecated_key_with_a_note() {
        check(
            &CONTROL,
            |env| {
                let both = [
                    allow_if(&["sagemaker:CreateTransformJob"], json!({"ArnEquals": {OLD: KEY_VOLUMES}})),
                    allow(&["sagemaker:CreateTransformJob"]),
                ];
                add(env, "training_execution", &both);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev [sagemaker:CreateTransformJob]: `ds-training-role-fraud-dev` may call sagemaker:CreateTransformJob with a volume key that is not the environment's: statement 5 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:VolumeKmsKeyArn` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[5]: saw {"Effect":"Allow","Action":["sagemaker:CreateTransformJob"],"Resource":["*"]}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateTransformJob"],"Resource":["*"],"Condition":{"ArnEquals":{"sagemaker:VolumeKmsKey":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"]}}}, wanted the same without a deprecated key: sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn fail_trap_actions_without_volumes_are_no_subjects() {
        check(
            &CONTROL,
            |env| {
                add(env, "training_execution", &[allow(&["sagemaker:CreateModel", "sagemaker:CreateEndpoint"])]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn the_baseline_has_no_keys() {
        check(
            &CONTROL,
            |env| {
                env.baseline_edit(|text| {
                    let (before, rest) = text.split_once("    kms_keys:\n").unwrap();
                    let (_, after) = rest.split_once("    data_buckets:\n").unwrap();
                    format!("{before}    data_buckets:\n{after}")
                        .replace(", kms_key: data", "")
                        .replace(", kms_key: project", "")
                });
                training(env, |condition| condition["StringEquals"] = json!({}));
            },
            expect![[r#"
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateEndpointConfig]: The baseline has no `kms_keys`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateNotebookInstance]: The baseline has no `kms_keys`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateProcessingJob]: The baseline has no `kms_keys`.
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with a volume key that is not the environment's: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with any `sagemaker:VolumeKmsKeyArn` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]}}}, wanted sagemaker:VolumeKmsKeyArn within nothing that was seen
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_aliases_were_not_seen() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| {
                    condition["StringEqualsIfExists"] = condition["StringEquals"].take();
                    condition.as_object_mut().unwrap().remove("StringEquals");
                });
                env.hide(&kms::ALIASES);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-deploy-role-fraud-dev [sagemaker:CreateEndpointConfig]: kms:ListAliases was not seen: denied, AccessDenied: not authorized to perform kms:ListAliases.
                  kms:ListAliases not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-sc-launch-role-fraud-dev [sagemaker:CreateNotebookInstance]: kms:ListAliases was not seen: denied, AccessDenied: not authorized to perform kms:ListAliases.
                  kms:ListAliases not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateProcessingJob]: kms:ListAliases was not seen: denied, AccessDenied: not authorized to perform kms:ListAliases.
                  kms:ListAliases not seen: denied
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with a volume key that is not the environment's: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `sagemaker:VolumeKmsKeyArn`: an Allow with IfExists also grants without the key (ifexists_on_allow).
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEqualsIfExists":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:VolumeKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }
}
