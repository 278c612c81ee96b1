//! IAM-15: no bound role can do more than its reference policy allows.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::ComparedKind;
use plumbline_snapshot::iam;

use crate::Control;
use crate::judge;
use crate::place::Place;
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::references::Live;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-15",
    name: "role-within-reference",
    title: "No bound role can do more than its reference policy allows.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "IAM role",
    rationale: "A role was reviewed once. Whatever was attached, added or widened since is power that nobody looked at.",
    decided: "All identity policies of the role, limited by its boundary, may allow no request that the documents of `roles.<role>.reference_policy` do not, whatever the action, resource and context. It is decided over all requests at once: a proof, or a request that shows it. What only actions let in that AWS has not made yet counts one severity less.",
    remediation: "Restore the statement that is named, or have the wider policy reviewed and change the reference.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-6", "CM-3"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(&INFO, place, world.bound_roles(place), Bound::subject, |say, bound| {
        let named = bound.plays.iter().flat_map(|logical| {
            place
                .environments
                .iter()
                .filter_map(|environment| Some((*environment, environment.references_of(*logical)?)))
        });
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            say.not_applicable(
                Reason::NotRequiredByBaseline,
                format!("the baseline names no reference policy for `{}`", bound.plays()),
            );
            return Ok(());
        }
        let powers = world.powers(bound.role)?;
        let live = Live {
            kind: ComparedKind::Identity,
            policies: powers.policies(),
            boundary: powers.boundary(),
            who: Some(format!("`{}` ({})", bound.role.name, bound.plays())),
            source: &iam::ACCOUNT_AUTHORIZATION_DETAILS,
            path: bound.role.name.to_string(),
            name: format!("what `{}` ({}) may do", bound.role.name, bound.plays()),
        };
        for (environment, paths) in named {
            world.reviewed(environment, paths)?.hold_against(&live, INFO.severity, say);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{POLICY, POLICY_VERSION};
    use plumbline_testkit::iam::*;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    fn allow(actions: &[&str]) -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_an_inline_policy_beside_the_reviewed_one() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary("training_execution", None).add_inline(
                    "training_execution",
                    "extra",
                    &allow(&["s3:DeleteObject"]),
                );
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) may `s3:DeleteObject`, which `references/roles/training_execution.json` (sha256 c13c942c9a8e) does not allow: statement 0 of the inline policy `extra` of `ds-training-role-fraud-dev`.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[extra].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:DeleteObject"],"Resource":["*"]}, wanted no more than `references/roles/training_execution.json` (sha256 c13c942c9a8e)
                  witness {"principal":"arn:aws:iam::111122223333:role/plumbline-role","action":"s3:DeleteObject","resource":"*","context":{}}
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_new_default_version() {
        check(
            &CONTROL,
            |env| {
                env.permissions("training_execution", |document| {
                    document["Statement"][0]["Action"].as_array_mut().unwrap().push(json!("s3:DeleteObject"));
                })
                .set_boundary("training_execution", None);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) may `s3:DeleteObject` on `arn:aws:s3:::ds-data-fraud-dev-7f3a/` with aws:SourceVpce `vpce-0b2c4d6e8f0a00001`, which `references/roles/training_execution.json` (sha256 c13c942c9a8e) does not allow: statement 0 of `arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev` v1.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*","arn:aws:s3:::ds-data-fraud-dev-7f3a/*","arn:aws:s3:::ds-model-fraud-dev-7f3a/*"],"Condition":{"StringEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted no more than `references/roles/training_execution.json` (sha256 c13c942c9a8e)
                  witness {"principal":"arn:aws:iam::111122223333:role/plumbline-role","action":"s3:DeleteObject","resource":"arn:aws:s3:::ds-data-fraud-dev-7f3a/","context":{"aws:SourceVpce":"vpce-0b2c4d6e8f0a00001"}}
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_condition_that_was_lost() {
        check(
            &CONTROL,
            |env| {
                env.permissions("notebook_creation", |document| {
                    document["Statement"][0].as_object_mut().unwrap().remove("Condition");
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-sc-launch-role-fraud-dev: `ds-sc-launch-role-fraud-dev` (notebook_creation) may `sagemaker:CreateNotebookInstance` on `arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/` with aws:RequestTag/ProjectName `fraud` and sagemaker:DirectInternetAccess `Disabled` and sagemaker:RootAccess `Disabled`, which `references/roles/notebook_creation.json` (sha256 2a74dcff49bf) does not allow: statement 0 of `arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev` v1 and statement 0 of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` v1.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateNotebookInstance"],"Resource":["arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*"]}, wanted no more than `references/roles/notebook_creation.json` (sha256 2a74dcff49bf)
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["ec2:CreateNetworkInterface*","ec2:Describe*","ecr:BatchGetImage","iam:PassRole","kms:CreateGrant","kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey","logs:*","s3:GetObject","s3:PutObject","sagemaker:*","servicecatalog:*"],"Resource":["*"]}, wanted no more than `references/roles/notebook_creation.json` (sha256 2a74dcff49bf)
                  witness {"principal":"arn:aws:iam::111122223333:role/plumbline-role","action":"sagemaker:CreateNotebookInstance","resource":"arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/","context":{"aws:RequestTag/ProjectName":"fraud","sagemaker:DirectInternetAccess":"Disabled","sagemaker:RootAccess":"Disabled","sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001"]}}
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_managed_policy_of_aws_that_was_widened() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary("data_scientist", None).policy(CATALOGUE_END_USER, |policy| {
                    policy.document = Some(encode(&allow(&["servicecatalog:*"]).to_string()).into());
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) may `servicecatalog:ProvisionProduct`, which `references/roles/data_scientist.json` (sha256 200cec70cd91) and `references/roles/catalogue_end_user.json` (sha256 e23ba6ae8c17) do not allow: statement 0 of `arn:aws:iam::aws:policy/AWSServiceCatalogEndUserFullAccess` v1.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AWSServiceCatalogEndUserFullAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["servicecatalog:*"],"Resource":["*"]}, wanted no more than `references/roles/data_scientist.json` (sha256 200cec70cd91) and `references/roles/catalogue_end_user.json` (sha256 e23ba6ae8c17)
                  witness {"principal":"arn:aws:iam::111122223333:role/plumbline-role","action":"servicecatalog:ProvisionProduct","resource":"*","context":{}}
            "#]],
        );
    }

    #[test]
    fn fail_trap_reordered_split_and_spelt_otherwise() {
        check(
            &CONTROL,
            |env| {
                env.permissions("training_execution", |document| {
                    let statements = document["Statement"].as_array_mut().unwrap();
                    let first = statements[0].clone();
                    let actions: Vec<Value> = first["Action"].as_array().unwrap().clone();
                    statements.remove(0);
                    for action in actions {
                        let mut one = first.clone();
                        one["Action"] = json!(action.as_str().unwrap().to_uppercase().replace("S3:", "s3:"));
                        statements.insert(0, one);
                    }
                    statements.reverse();
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_what_the_boundary_cuts_and_a_document_that_narrowed() {
        check(
            &CONTROL,
            |env| {
                env.add_inline("training_execution", "extra", &allow(&["organizations:LeaveOrganization"]));
                env.permissions("endpoint_hosting", |document| {
                    document["Statement"].as_array_mut().unwrap().truncate(1);
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn only_an_action_that_nobody_knows_yet() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary("training_execution", None).add_inline(
                    "training_execution",
                    "extra",
                    &allow(&["s3:GetSomethingNew*"]),
                );
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) may `s3:getsomethingnew`, which `references/roles/training_execution.json` (sha256 c13c942c9a8e) does not allow: statement 0 of the inline policy `extra` of `ds-training-role-fraud-dev`; no action known today is among it.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[extra].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:GetSomethingNew*"],"Resource":["*"]}, wanted no more than `references/roles/training_execution.json` (sha256 c13c942c9a8e)
                  witness {"principal":"arn:aws:iam::111122223333:role/plumbline-role","action":"s3:getsomethingnew","resource":"*","context":{}}
            "#]],
        );
    }

    #[test]
    fn a_variable_that_leaves_it_open() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary("training_execution", None).add_inline(
                    "training_execution",
                    "extra",
                    &json!({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*",
                        "Condition": {"NewOperator": {"aws:PrincipalTag/a": "b"}}}]}),
                );
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-training-role-fraud-dev: Whether what `ds-training-role-fraud-dev` (training_execution) may do allows more than `references/roles/training_execution.json` (sha256 c13c942c9a8e) is not decided: `NewOperator` on `aws:PrincipalTag/a` with `b`.
            "#]],
        );
    }

    #[test]
    fn without_a_reference() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("        reference_policy: [references/roles/training_execution.json]\n", "");
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-training-role-fraud-dev: The baseline names no reference policy for `training_execution`.
            "#]],
        );
    }
}
