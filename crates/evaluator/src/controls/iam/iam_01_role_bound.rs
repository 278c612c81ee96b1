//! IAM-01: each of the seven roles is bound to an existing IAM role.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_names::ResourceRef;
use plumbline_snapshot::iam;

use crate::Control;
use crate::baseline::LogicalRole;
use crate::judge::{self, Known, Say, few, field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::bindings::{binding, words};

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "IAM-01",
    name: "role-bound",
    title: "Each of the seven roles is bound to at least one existing IAM role.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "logical role",
    rationale: "A purpose without a role of its own is served by some other role, and nobody audits that one for it.",
    decided: "The selector of each logical role must match an IAM role by its whole ARN with path, its whole name or its tags. Service-linked roles never count.",
    remediation: "Create the role, correct its binding in the baseline, or say there that the role is not used and why.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-2", "AC-5"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    LogicalRole::ALL
        .into_iter()
        .map(|logical| {
            // No IAM role need be there: the account stands for all that could play the role.
            let resource = ResourceRef { name: logical.as_str().into(), ..place.resource() };
            let subject = place.subject(resource, Some(logical.as_str().to_owned()));
            judge::subject(&INFO, subject, |say| look(world, place, logical, say))
        })
        .collect()
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, logical: LogicalRole, say: &mut Say<'a>) -> Known<'a, ()> {
    let mut selectors = Vec::new();
    for environment in &place.environments {
        match binding(environment, logical)? {
            Some(bind) => selectors.push(words(bind)),
            None => {
                let not_used = environment.roles.get(&logical).and_then(|binding| binding.not_used.as_ref());
                let reason = not_used.map_or("", |not_used| not_used.reason.as_str());
                say.not_applicable(
                    Reason::NotRequiredByBaseline,
                    format!("the baseline says that nothing plays `{logical}` here: {reason}"),
                );
                return Ok(());
            }
        }
    }
    let matching = few("; ", selectors.iter().map(|parts| few(", ", parts)));
    let selectors = many("; ", selectors.iter().map(|parts| many(", ", parts)));
    let bound = world.bound(place, logical);
    if bound.any(|_| true)? {
        let saw = bound.items.iter().map(|role| match &role.created {
            Some(created) => format!("{} made {created}", role.arn),
            None => role.arn.to_string(),
        });
        say.fact(field(&iam::ACCOUNT_AUTHORIZATION_DETAILS, "RoleDetailList[].Arn", many(", ", saw), selectors));
        say.set(bound);
    } else {
        say.broken(
            format!("no IAM role plays `{logical}`: nothing matches {matching}"),
            [field(&iam::ACCOUNT_AUTHORIZATION_DETAILS, "RoleDetailList[].Arn", "no match", selectors)],
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam as source;
    use plumbline_testkit::iam::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_an_unrelated_role_whose_name_holds_the_bound_one() {
        check(
            &CONTROL,
            |env| {
                env.remove_role(DATA_SCIENTIST);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev data_scientist [data_scientist]: No IAM role plays `data_scientist`: nothing matches arn:aws:iam::111122223333:role/ds-user-role-fraud-dev.
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw no match, wanted arn:aws:iam::111122223333:role/ds-user-role-fraud-dev
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_same_name_under_another_path() {
        check(
            &CONTROL,
            |env| {
                env.remove_role(ENDPOINT_HOSTING).add_role(plain_role(
                    "arn:aws:iam::111122223333:role/service-role/ds-hosting-role-fraud-dev",
                    &serde_json::json!({}),
                ));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev endpoint_hosting [endpoint_hosting]: No IAM role plays `endpoint_hosting`: nothing matches arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev.
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw no match, wanted arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev
            "#]],
        );
    }

    #[test]
    fn fail_trap_one_role_for_each_notebook() {
        check(
            &CONTROL,
            |env| {
                env.remove_role(NOTEBOOK_EXECUTION);
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_tag_that_is_gone() {
        check(
            &CONTROL,
            |env| {
                env.role(TRAINING_EXECUTION, |role| drop(role.tags.remove("LogicalRole")));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev training_execution [training_execution]: No IAM role plays `training_execution`: nothing matches tag EnvironmentType=dev, tag LogicalRole=training, tag ProjectName=fraud.
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw no match, wanted tag EnvironmentType=dev, tag LogicalRole=training, tag ProjectName=fraud
            "#]],
        );
    }

    #[test]
    fn a_service_linked_role_cannot_be_bound() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(
                    "bind: {arns: [\"arn:aws:iam::{account}:role/fraud-scoring-app-dev\"]}",
                    "bind: {names: [\"AWSServiceRoleForAmazonSageMaker*\"]}",
                );
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev endpoint_invocation [endpoint_invocation]: No IAM role plays `endpoint_invocation`: nothing matches name AWSServiceRoleForAmazonSageMaker*.
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw no match, wanted name AWSServiceRoleForAmazonSageMaker*
            "#]],
        );
    }

    #[test]
    fn a_role_of_identity_center_can_be_bound() {
        check(
            &CONTROL,
            |env| {
                env.remove_role(DATA_SCIENTIST)
                    .add_role(plain_role(
                        "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ds_1",
                        &serde_json::json!({}),
                    ))
                    .replace_baseline(
                        "{arns: [\"arn:aws:iam::{account}:role/ds-user-role-fraud-dev\"]}",
                        "{names: [\"AWSReservedSSO_Ds_*\"]}",
                    );
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn what_is_not_used_is_not_judged() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(
                    "bind: {arns: [\"arn:aws:iam::{account}:role/fraud-scoring-app-dev\"]}",
                    "not_used: {reason: no hosting here}",
                );
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev endpoint_invocation [endpoint_invocation]: The baseline says that nothing plays `endpoint_invocation` here: no hosting here.
            "#]],
        );
    }

    #[test]
    fn a_binding_that_the_baseline_lacks() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(
                    "      endpoint_invocation:\n        bind: {arns: [\"arn:aws:iam::{account}:role/fraud-scoring-app-dev\"]}\n        reference_policy: [references/roles/endpoint_invocation.json]\n",
                    "",
                );
            },
            expect![[r#"
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev endpoint_invocation [endpoint_invocation]: The baseline has no `roles.endpoint_invocation.bind`.
            "#]],
        );
    }

    #[test]
    fn a_match_in_a_listing_that_broke_off_is_not_enough() {
        check(
            &CONTROL,
            |env| {
                env.cut(&source::ACCOUNT_AUTHORIZATION_DETAILS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev data_scientist [data_scientist]: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw arn:aws:iam::111122223333:role/ds-user-role-fraud-dev made 2026-02-03T08:00:00Z, wanted arn:aws:iam::111122223333:role/ds-user-role-fraud-dev
                INSUFFICIENT_DATA truncated HIGH fraud-dev endpoint_creation [endpoint_creation]: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev made 2026-02-03T08:00:00Z, wanted arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev
                INSUFFICIENT_DATA truncated HIGH fraud-dev endpoint_hosting [endpoint_hosting]: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev made 2026-02-03T08:00:00Z, wanted arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev
                INSUFFICIENT_DATA truncated HIGH fraud-dev endpoint_invocation [endpoint_invocation]: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw arn:aws:iam::111122223333:role/fraud-scoring-app-dev made 2026-02-03T08:00:00Z, wanted arn:aws:iam::111122223333:role/fraud-scoring-app-dev
                INSUFFICIENT_DATA truncated HIGH fraud-dev notebook_creation [notebook_creation]: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev made 2026-02-03T08:00:00Z, wanted arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev
                INSUFFICIENT_DATA truncated HIGH fraud-dev notebook_execution [notebook_execution]: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana made 2026-02-03T08:00:00Z, arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo made 2026-02-03T08:00:00Z, wanted arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-*
                INSUFFICIENT_DATA truncated HIGH fraud-dev training_execution [training_execution]: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                  iam:GetAccountAuthorizationDetails RoleDetailList[].Arn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev made 2026-02-03T08:00:00Z, wanted tag EnvironmentType=dev, tag LogicalRole=training, tag ProjectName=fraud
            "#]],
        );
    }
}
