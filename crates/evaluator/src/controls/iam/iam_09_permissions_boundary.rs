//! IAM-09: each role carries the baseline's permissions boundary.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_snapshot::iam;
use sha2::{Digest, Sha256};

use crate::Control;
use crate::judge::{self, Known, Unknown, field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::bindings::Bound;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-09",
    name: "permissions-boundary",
    title: "Each role carries the baseline permissions boundary.",
    area: Area::Roles,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "IAM role",
    rationale: "A boundary caps what the role can ever do, even after somebody widens its policies.",
    decided: "The ARN of the role's boundary must be one of `boundary_arns`, of the logical role or else of the environment. What the boundary says is judged elsewhere; the evidence carries its version and a hash of its text.",
    remediation: "Set the boundary with PutRolePermissionsBoundary, for a role of Identity Center in its permission set.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-6"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(&INFO, place, world.bound_roles(place), Bound::subject, |say, bound| {
        let role = bound.role;
        let mut asked = false;
        // Each logical role may ask for its own.
        for logical in &bound.plays {
            let lists: Vec<&[String]> =
                place.environments.iter().filter_map(|environment| environment.boundaries_of(*logical)).collect();
            if lists.is_empty() {
                say.not_applicable(
                    Reason::NotRequiredByBaseline,
                    format!("the baseline names no boundary for `{logical}`"),
                );
                continue;
            }
            asked = true;
            let saw = role.boundary.as_deref().unwrap_or("none");
            let wanted = many(" or ", lists.concat());
            let evidence = field(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                format!("{}.PermissionsBoundary.PermissionsBoundaryArn", role.name),
                saw,
                if wanted.is_empty() { "one of `boundary_arns`, which is empty" } else { &wanted },
            );
            match &role.boundary {
                None => say.broken(format!("`{}` ({logical}) has no permissions boundary", role.name), [evidence]),
                Some(arn) if lists.iter().all(|list| list.iter().any(|listed| listed == arn)) => {
                    say.holds();
                    say.fact(evidence);
                }
                Some(arn) => {
                    say.broken(format!("`{}` ({logical}) is bounded by `{arn}`", role.name), [evidence]);
                }
            }
        }
        if let Some(arn) = role.boundary.as_ref().filter(|_| asked)
            && let Some(Some(evidence)) = say.see(in_force(world, arn))
        {
            say.fact(evidence);
        }
        Ok(())
    })
}

/// The version of the boundary that is in force, with a hash of its text; none for a policy that is not there.
fn in_force<'a>(world: &World<'a>, arn: &str) -> Known<'a, Option<Evidence>> {
    let Some(policy) = world.snapshot.iam.in_force(arn)? else { return Ok(None) };
    let unread = || Unknown::Because(Reason::ApiError, format!("the document of `{arn}` was not sent"));
    let encoded = policy.document.ok_or_else(unread)?;
    let text: Vec<u8> = percent_encoding::percent_decode_str(encoded).collect();
    let hash: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    let version = policy.version.unwrap_or("unknown");
    Ok(Some(field(
        policy.source,
        format!("{arn}.DefaultVersionId"),
        format!("{version}, sha256 {hash}"),
        "judged by what it says",
    )))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{POLICY, POLICY_VERSION};
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::*;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
    }

    /// The environment with no other bound role.
    fn only_training(env: &mut Env) -> &mut Env {
        let others = ROLES.map(|(_, role)| role).into_iter().chain([NOTEBOOK_EXECUTION_BO]);
        others.filter(|role| *role != TRAINING_EXECUTION).for_each(|role| {
            env.remove_role(role);
        });
        env
    }

    #[test]
    fn a_boundary_that_iam_does_not_list_is_asked_for() {
        check(
            &CONTROL,
            |env| {
                env.unlist_policy(BOUNDARY);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                only_training(env).unlist_policy(BOUNDARY).hide(&POLICY);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-training-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                  iam:GetPolicy not seen: denied
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev, wanted arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                only_training(env).unlist_policy(BOUNDARY).hide(&POLICY_VERSION);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-training-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                  iam:GetPolicyVersion not seen: denied
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev, wanted arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev
            "#]],
        );
    }

    #[test]
    fn a_boundary_of_another_name_that_iam_does_not_list_tells_what_it_says() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary(TRAINING_EXECUTION, Some(POWER_USER));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) is bounded by `arn:aws:iam::aws:policy/PowerUserAccess`.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw arn:aws:iam::aws:policy/PowerUserAccess, wanted arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev
                  iam:GetPolicyVersion arn:aws:iam::aws:policy/PowerUserAccess.DefaultVersionId: saw v4, sha256 6746024ef10f9149768758d089a5357453b6ed1d53b293c2a4b9b6b5d5a55e58, wanted judged by what it says
            "#]],
        );
    }

    #[test]
    fn a_boundary_that_is_not_there_says_nothing() {
        check(
            &CONTROL,
            |env| {
                let gone = "arn:aws:iam::111122223333:policy/gone";
                env.set_boundary(TRAINING_EXECUTION, Some(gone)).dangling_policy(gone);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) is bounded by `arn:aws:iam::111122223333:policy/gone`.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw arn:aws:iam::111122223333:policy/gone, wanted arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev
            "#]],
        );
    }

    #[test]
    fn no_boundary() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary(TRAINING_EXECUTION, None);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw none, wanted arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_broad_managed_policy_as_boundary() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary(TRAINING_EXECUTION, Some(ADMINISTRATOR));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) is bounded by `arn:aws:iam::aws:policy/AdministratorAccess`.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw arn:aws:iam::aws:policy/AdministratorAccess, wanted arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.DefaultVersionId: saw v1, sha256 6746024ef10f9149768758d089a5357453b6ed1d53b293c2a4b9b6b5d5a55e58, wanted judged by what it says
            "#]],
        );
    }

    #[test]
    fn a_boundary_of_the_logical_role_alone() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(
                    "      endpoint_hosting:\n",
                    "      endpoint_hosting:\n        boundary_arns: [\"arn:aws:iam::{account}:policy/ds-hosting-boundary\"]\n",
                );
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) is bounded by `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev`.
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev, wanted arn:aws:iam::111122223333:policy/ds-hosting-boundary
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev.DefaultVersionId: saw v1, sha256 68f143dd0e8a11522c9e4ce55d98c03569cb1facdb6d91376d87f0d8d17b0841, wanted judged by what it says
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_role_of_identity_center_with_the_boundary_of_its_permission_set() {
        check(
            &CONTROL,
            |env| {
                let role =
                    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ds_1";
                env.add_role(plain_role(role, &serde_json::json!({}))).replace_baseline(
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
    fn no_boundary_is_configured() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(
                    "    boundary_arns: [\"arn:aws:iam::{account}:policy/ds-boundary-fraud-dev\"]\n",
                    "",
                );
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev ds-deploy-role-fraud-dev: The baseline names no boundary for `endpoint_creation`.
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev ds-hosting-role-fraud-dev: The baseline names no boundary for `endpoint_hosting`.
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev ds-sc-launch-role-fraud-dev: The baseline names no boundary for `notebook_creation`.
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev ds-training-role-fraud-dev: The baseline names no boundary for `training_execution`.
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev ds-user-role-fraud-dev: The baseline names no boundary for `data_scientist`.
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev fraud-scoring-app-dev: The baseline names no boundary for `endpoint_invocation`.
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev ds-notebook-role-fraud-dev-ana: The baseline names no boundary for `notebook_execution`.
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev ds-notebook-role-fraud-dev-bo: The baseline names no boundary for `notebook_execution`.
            "#]],
        );
    }

    #[test]
    fn an_empty_list_allows_none() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("[\"arn:aws:iam::{account}:policy/ds-boundary-fraud-dev\"]", "[]");
                for (_, role) in ROLES.iter().skip(1) {
                    env.remove_role(role);
                }
                env.remove_role(NOTEBOOK_EXECUTION_BO);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) is bounded by `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev`.
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev, wanted one of `boundary_arns`, which is empty
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev.DefaultVersionId: saw v1, sha256 68f143dd0e8a11522c9e4ce55d98c03569cb1facdb6d91376d87f0d8d17b0841, wanted judged by what it says
            "#]],
        );
    }

    #[test]
    fn the_boundary_in_the_listing_of_policies_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary(TRAINING_EXECUTION, None).cut(&plumbline_snapshot::iam::ACCOUNT_AUTHORIZATION_DETAILS);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw none, wanted arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
            "#]],
        );
    }
}
