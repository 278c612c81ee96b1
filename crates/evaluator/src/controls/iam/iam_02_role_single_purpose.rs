//! IAM-02: no IAM role plays two of the seven roles.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Severity};
use plumbline_snapshot::iam;

use crate::Control;
use crate::judge::{self, field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::bindings::{Bound, binding, words};

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "IAM-02",
    name: "role-single-purpose",
    title: "No IAM role serves two of the seven roles.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "IAM role",
    rationale: "A role with two purposes holds the powers of both, so that whoever gets one gets the other.",
    decided: "Each IAM role that the baseline binds must be matched by the selector of one logical role alone. A merge under `separation_overrides` is told in the evidence and does not change the verdict.",
    remediation: "Split the role in two, or narrow the selectors so that they do not overlap.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-5"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let roles = world.bound_roles(place);
    let unknown = roles.unknown.clone();
    judge::each(&INFO, place, roles, Bound::subject, |say, bound| {
        let name = &bound.role.name;
        if bound.plays.len() > 1 {
            let mut evidence = selectors(place, bound);
            evidence.extend(merged(world, place, bound));
            say.broken(format!("`{name}` plays {}", bound.plays()), evidence);
        }
        // A selector that is not known might match this role too.
        match &unknown {
            Some(unknown) => Err(unknown.clone()),
            None => Ok(()),
        }
    })
}

/// The selectors that match the role.
fn selectors(place: &Place<'_>, bound: &Bound<'_>) -> Vec<Evidence> {
    let of = |logical| {
        let binds =
            place.environments.iter().filter_map(move |environment| binding(environment, logical).ok().flatten());
        let words = many("; ", binds.map(|bind| many(", ", words(bind))));
        field(
            &iam::ACCOUNT_AUTHORIZATION_DETAILS,
            format!("{}.Arn", bound.role.name),
            format!("{}, matched by `roles.{logical}.bind`: {words}", bound.role.arn),
            "one logical role",
        )
    };
    bound.plays.iter().copied().map(of).collect()
}

/// The overrides by which someone answers for the merge.
fn merged<'w>(world: &'w World<'_>, place: &'w Place<'_>, bound: &'w Bound<'_>) -> impl Iterator<Item = Evidence> + 'w {
    let today = world.today();
    let overrides = world.baseline.separation_overrides.iter().filter(move |over| {
        over.environment == place.name
            && today <= over.expires
            && bound.plays.contains(&over.role)
            && over.merge_with.is_some_and(|other| bound.plays.contains(&other))
    });
    overrides.map(|over| {
        let other = over.merge_with.map_or("", |other| other.as_str());
        field(
            &iam::ACCOUNT_AUTHORIZATION_DETAILS,
            format!("{}.Arn", bound.role.name),
            format!("`separation_overrides` merges {} with {other} until {}: {}", over.role, over.expires, over.reason),
            "no override",
        )
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::iam::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    const HOSTING: &str = "bind: {arns: [\"arn:aws:iam::{account}:role/ds-hosting-role-fraud-dev\"]}";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_patterns_that_overlap() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(HOSTING, "bind: {arn_patterns: [\"arn:aws:iam::{account}:role/ds-[ht]*\", \"arn:aws:iam::{account}:role/ds-?o*\", \"arn:aws:iam::{account}:role/*/ds-*-bo\"]}");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-bo: `ds-notebook-role-fraud-dev-bo` plays notebook_execution and endpoint_hosting.
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-bo.Arn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo, matched by `roles.notebook_execution.bind`: arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-*, wanted one logical role
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-bo.Arn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo, matched by `roles.endpoint_hosting.bind`: arn:aws:iam::111122223333:role/ds-[ht]*, arn:aws:iam::111122223333:role/ds-?o*, arn:aws:iam::111122223333:role/*/ds-*-bo, wanted one logical role
            "#]],
        );
    }

    #[test]
    fn by_tags_and_by_arn() {
        check(
            &CONTROL,
            |env| {
                env.role(ENDPOINT_HOSTING, |role| {
                    drop(role.tags.insert("LogicalRole".to_owned(), "training".to_owned()))
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` plays training_execution and endpoint_hosting.
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.Arn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, matched by `roles.training_execution.bind`: tag EnvironmentType=dev, tag LogicalRole=training, tag ProjectName=fraud, wanted one logical role
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.Arn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, matched by `roles.endpoint_hosting.bind`: arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, wanted one logical role
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_merge_that_someone_answers_for_stays_a_violation() {
        check(
            &CONTROL,
            |env| {
                env.role(ENDPOINT_HOSTING, |role| drop(role.tags.insert("LogicalRole".to_owned(), "training".to_owned())))
                    .baseline_edit(|text| format!("{text}\nseparation_overrides:\n  - {{environment: fraud-dev, role: training_execution, merge_with: endpoint_hosting, reason: one role for batch and hosting, owner: a@example.com, expires: 2027-05-31}}\n"));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` plays training_execution and endpoint_hosting.
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.Arn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, matched by `roles.training_execution.bind`: tag EnvironmentType=dev, tag LogicalRole=training, tag ProjectName=fraud, wanted one logical role
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.Arn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, matched by `roles.endpoint_hosting.bind`: arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, wanted one logical role
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.Arn: saw `separation_overrides` merges training_execution with endpoint_hosting until 2027-05-31: one role for batch and hosting, wanted no override
            "#]],
        );
    }

    #[test]
    fn a_selector_that_is_not_known_might_match_too() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("      endpoint_hosting:\n        bind: {arns: [\"arn:aws:iam::{account}:role/ds-hosting-role-fraud-dev\"]}\n        reference_policy: [references/roles/endpoint_hosting.json]\n", "")
                    .role(ENDPOINT_CREATION, |role| drop(role.tags.insert("LogicalRole".to_owned(), "training".to_owned())));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` plays training_execution and endpoint_creation.
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.Arn: saw arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev, matched by `roles.training_execution.bind`: tag EnvironmentType=dev, tag LogicalRole=training, tag ProjectName=fraud, wanted one logical role
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.Arn: saw arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev, matched by `roles.endpoint_creation.bind`: arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev, wanted one logical role
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-sc-launch-role-fraud-dev: The baseline has no `roles.endpoint_hosting.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-training-role-fraud-dev: The baseline has no `roles.endpoint_hosting.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-user-role-fraud-dev: The baseline has no `roles.endpoint_hosting.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev fraud-scoring-app-dev: The baseline has no `roles.endpoint_hosting.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-notebook-role-fraud-dev-ana: The baseline has no `roles.endpoint_hosting.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-notebook-role-fraud-dev-bo: The baseline has no `roles.endpoint_hosting.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev 111122223333: The baseline has no `roles.endpoint_hosting.bind`.
            "#]],
        );
    }

    #[test]
    fn nothing_is_bound_at_all() {
        check(
            &CONTROL,
            |env| {
                env.baseline_edit(|text| {
                    let (before, rest) = text.split_once("    roles:\n").unwrap();
                    let (_, after) = rest.split_once("    boundary_arns").unwrap();
                    let roles: String = ROLES
                        .iter()
                        .map(|(name, _)| format!("      {name}: {{not_used: {{reason: none}}}}\n"))
                        .collect();
                    format!("{before}    roles:\n{roles}    boundary_arns{after}")
                });
            },
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }
}
