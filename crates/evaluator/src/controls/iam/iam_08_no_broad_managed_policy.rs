//! IAM-08: no broad AWS managed policy is attached.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::iam;

use crate::Control;
use crate::judge::{self, field};
use crate::place::Place;
use crate::world::World;
use crate::world::bindings::Bound;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "IAM-08",
    name: "no-broad-managed-policy",
    title: "No broad AWS managed policy is attached.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "IAM role",
    rationale: "AWS writes these policies for everybody and widens them without asking, so that the role's power is not the one that was reviewed.",
    decided: "The name of each AWS managed policy that is attached, or that is the permissions boundary, is compared with `forbidden_managed_policies`; partition and path do not matter. Policies of the account itself are judged by what they say, in other controls.",
    remediation: "Detach the policy and attach one of your own with the actions and resources that the role needs.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-6"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(&INFO, place, world.bound_roles(place), Bound::subject, |say, bound| {
        let role = bound.role;
        let attached = role.attached.iter().map(|arn| (arn, "AttachedManagedPolicies[].PolicyArn", "has"));
        let boundary =
            role.boundary.iter().map(|arn| (arn, "PermissionsBoundary.PermissionsBoundaryArn", "is bounded by"));
        for (arn, path, verb) in attached.chain(boundary) {
            let forbidden = managed_name(arn).is_some_and(|name| {
                let mut lists = place.environments.iter().map(|environment| &environment.forbidden_managed_policies);
                lists.any(|list| list.iter().any(|forbidden| forbidden == name))
            });
            if forbidden {
                say.broken(
                    format!("`{}` ({}) {verb} the AWS managed policy `{arn}`", role.name, bound.plays()),
                    [field(
                        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                        format!("{}.{path}", role.name),
                        arn,
                        "none of `forbidden_managed_policies`",
                    )],
                );
            }
        }
        Ok(())
    })
}

/// The name of an AWS managed policy, after partition and path; none for a policy of an account.
fn managed_name(arn: &str) -> Option<&str> {
    let (_, path) = arn.split_once(":iam::aws:policy/")?;
    path.rsplit('/').next()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::iam::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn attached() {
        check(
            &CONTROL,
            |env| {
                env.attach(NOTEBOOK_EXECUTION_BO, "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-bo: `ds-notebook-role-fraud-dev-bo` (notebook_execution) has the AWS managed policy `arn:aws:iam::aws:policy/AmazonSageMakerFullAccess`.
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-bo.AttachedManagedPolicies[].PolicyArn: saw arn:aws:iam::aws:policy/AmazonSageMakerFullAccess, wanted none of `forbidden_managed_policies`
            "#]],
        );
    }

    #[test]
    fn used_as_boundary() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary(ENDPOINT_CREATION, Some(ADMINISTRATOR));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` (endpoint_creation) is bounded by the AWS managed policy `arn:aws:iam::aws:policy/AdministratorAccess`.
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.PermissionsBoundary.PermissionsBoundaryArn: saw arn:aws:iam::aws:policy/AdministratorAccess, wanted none of `forbidden_managed_policies`
            "#]],
        );
    }

    #[test]
    fn pass_trap_partition_and_path() {
        check(
            &CONTROL,
            |env| {
                env.attach(ENDPOINT_HOSTING, "arn:aws-cn:iam::aws:policy/job-function/PowerUserAccess")
                    .attach(ENDPOINT_HOSTING, "arn:aws-us-gov:iam::aws:policy/service-role/AmazonS3FullAccess");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) has the AWS managed policy `arn:aws-cn:iam::aws:policy/job-function/PowerUserAccess`; `ds-hosting-role-fraud-dev` (endpoint_hosting) has the AWS managed policy `arn:aws-us-gov:iam::aws:policy/service-role/AmazonS3FullAccess`.
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.AttachedManagedPolicies[].PolicyArn: saw arn:aws-cn:iam::aws:policy/job-function/PowerUserAccess, wanted none of `forbidden_managed_policies`
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.AttachedManagedPolicies[].PolicyArn: saw arn:aws-us-gov:iam::aws:policy/service-role/AmazonS3FullAccess, wanted none of `forbidden_managed_policies`
            "#]],
        );
    }

    #[test]
    fn fail_trap_the_policy_for_users_of_the_catalogue() {
        check(
            &CONTROL,
            |env| {
                env.attach(NOTEBOOK_CREATION, CATALOGUE_END_USER);
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_policy_of_the_account_with_the_same_name_is_judged_elsewhere() {
        check(
            &CONTROL,
            |env| {
                env.attach(ENDPOINT_HOSTING, "arn:aws:iam::111122223333:policy/AdministratorAccess");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn the_list_of_the_baseline_replaces_the_default() {
        check(
            &CONTROL,
            |env| {
                env.attach(ENDPOINT_HOSTING, ADMINISTRATOR)
                    .add_to_baseline("forbidden_managed_policies: [AWSServiceCatalogEndUserFullAccess]");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) has the AWS managed policy `arn:aws:iam::aws:policy/AWSServiceCatalogEndUserFullAccess`.
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.AttachedManagedPolicies[].PolicyArn: saw arn:aws:iam::aws:policy/AWSServiceCatalogEndUserFullAccess, wanted none of `forbidden_managed_policies`
            "#]],
        );
    }

    #[test]
    fn a_role_that_nothing_binds_does_not_matter() {
        check(
            &CONTROL,
            |env| {
                env.attach(OTHER_ROLE, "arn:aws:iam::aws:policy/IAMFullAccess");
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_the_listing_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.attach(ENDPOINT_HOSTING, ADMINISTRATOR)
                    .cut(&plumbline_snapshot::iam::ACCOUNT_AUTHORIZATION_DETAILS);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) has the AWS managed policy `arn:aws:iam::aws:policy/AdministratorAccess`.
                  iam:GetAccountAuthorizationDetails ds-hosting-role-fraud-dev.AttachedManagedPolicies[].PolicyArn: saw arn:aws:iam::aws:policy/AdministratorAccess, wanted none of `forbidden_managed_policies`
                INSUFFICIENT_DATA truncated HIGH fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
            "#]],
        );
    }
}
