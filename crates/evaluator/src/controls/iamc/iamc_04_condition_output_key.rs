//! IAMC-04: every action that writes output demands an environment key.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{iam, kms};

use super::{each_call, key_gate};
use crate::Control;
use crate::place::Place;
use crate::tables::condition_keys::{OFFLINE_STORE_KEY, ONLINE_STORE_KEY, OUTPUT_KEY, supporting, supports};
use crate::world::World;
use crate::world::keys_in_use::OUTPUT;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION, &kms::ALIASES, &kms::KEY_TAGS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-04",
    name: "condition-output-key",
    title: "Every action that writes output demands an environment key.",
    area: Area::Roles,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "role × action",
    rationale: "Output without a key of the environment is readable to whoever may read the bucket, and under a foreign key it is out of the environment's reach. The bucket's default encryption (DATA-01) still protects it.",
    decided: "As IAMC-03, with sagemaker:OutputKmsKeyArn and keys declared for outputs, and with both keys of a feature group's stores. Models, notebooks and the data capture of endpoint configs have no such key.",
    remediation: "State StringEquals with the ARNs of the output keys in the Allow, or deny StringNotEquals.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "SC-28"] },
};

/// The keys of what is written, and where it goes.
const KEYS: [(&str, &str); 3] = [
    (OUTPUT_KEY, "with an output key that is not the environment's"),
    (ONLINE_STORE_KEY, "with an online store's key that is not the environment's"),
    (OFFLINE_STORE_KEY, "with an offline store's key that is not the environment's"),
];

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let actions: Vec<_> = supporting(&[OUTPUT_KEY]).chain(supporting(&[ONLINE_STORE_KEY])).collect();
    let gates = KEYS.map(|(key, escape)| (key, key_gate(world, place, key, OUTPUT, INFO.severity, escape)));
    each_call(&INFO, world, place, &actions, |say, call| {
        for (_, gate) in gates.iter().filter(|(key, _)| supports(call.action, key)) {
            call.confined(say, gate);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam;
    use plumbline_testkit::kms::{KEY_DATA, KEY_VOLUMES};
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};
    use crate::controls::iamc::edits::{add, allow, allow_if, training};

    const KEY: &str = "sagemaker:OutputKmsKeyArn";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&iam::POLICY, &iam::POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_a_key_for_other_uses() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| condition["StringEquals"][KEY] = json!([KEY_DATA, KEY_VOLUMES]));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with an output key that is not the environment's: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with other values of `sagemaker:OutputKmsKeyArn`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]},"StringEquals":{"aws:RequestTag/ProjectName":["fraud"],"sagemaker:OutputKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002"],"sagemaker:VolumeKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002","arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003"]}}}, wanted sagemaker:OutputKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn no_condition_or_the_deprecated_one() {
        check(
            &CONTROL,
            |env| {
                let old = json!({"StringEquals": {"sagemaker:OutputKmsKey": KEY_DATA}});
                let statements =
                    [allow(&["sagemaker:CreateLabelingJob"]), allow_if(&["sagemaker:CreateTransformJob"], old)];
                add(env, "training_execution", &statements);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:CreateLabelingJob]: `ds-training-role-fraud-dev` may call sagemaker:CreateLabelingJob with an output key that is not the environment's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:OutputKmsKeyArn` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateLabelingJob"],"Resource":["*"]}, wanted sagemaker:OutputKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn pass_trap_actions_without_the_key_are_not_covered() {
        check(
            &CONTROL,
            |env| {
                let others =
                    ["sagemaker:CreateModel", "sagemaker:CreateEndpointConfig", "sagemaker:CreateNotebookInstance"];
                add(env, "training_execution", &[allow(&others)]);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_the_buckets_encryption_changes_nothing() {
        check(
            &CONTROL,
            |env| {
                training(env, |condition| condition["StringEquals"] = json!({}));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana [sagemaker:CreateTrainingJob]: `ds-notebook-role-fraud-dev-ana` may call sagemaker:CreateTrainingJob with an output key that is not the environment's: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it with any `sagemaker:OutputKmsKeyArn` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateTrainingJob"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:training-job/*"],"Condition":{"Bool":{"sagemaker:InterContainerTrafficEncryption":["true"],"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]}}}, wanted sagemaker:OutputKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn both_stores_of_a_feature_group() {
        check(
            &CONTROL,
            |env| {
                let online = json!({"StringEquals": {"sagemaker:FeatureGroupOnlineStoreKmsKeyArn": KEY_DATA}});
                let mut both = online.clone();
                both["StringEquals"]["sagemaker:FeatureGroupOfflineStoreKmsKey"] = json!(KEY_DATA);
                add(env, "training_execution", &[allow_if(&["sagemaker:CreateFeatureGroup"], online)]);
                add(env, "endpoint_creation", &[allow_if(&["sagemaker:CreateFeatureGroup"], both)]);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev [sagemaker:CreateFeatureGroup]: `ds-training-role-fraud-dev` may call sagemaker:CreateFeatureGroup with an offline store's key that is not the environment's: statement 4 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1 allows it with any `sagemaker:FeatureGroupOfflineStoreKmsKeyArn` or none.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["sagemaker:CreateFeatureGroup"],"Resource":["*"],"Condition":{"StringEquals":{"sagemaker:FeatureGroupOnlineStoreKmsKeyArn":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001"]}}}, wanted sagemaker:FeatureGroupOfflineStoreKmsKeyArn within arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }
}
