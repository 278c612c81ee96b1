//! IAM-16: the permissions boundary itself allows no more than its reference.

use std::collections::BTreeSet;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_names::{ResourceRef, Text};
use plumbline_policy::ComparedKind;
use plumbline_snapshot::iam;

use crate::Control;
use crate::judge::{self, Set};
use crate::place::Place;
use crate::world::World;
use crate::world::references::Live;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-16",
    name: "boundary-within-reference",
    title: "The permissions boundary itself allows no more than its reference.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "boundary policy",
    rationale: "A boundary that was widened takes its protection from every role under it, while each role still carries the right ARN.",
    decided: "The version in force of each policy that is the boundary of a bound role may allow no request that the document of `boundary_reference_policy` does not, whether or not a role's policies use the room today.",
    remediation: "Set the earlier version as the default one, or have the wider boundary reviewed and change the reference.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-6", "CM-3"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let bound = world.bound_roles(place);
    let arns: BTreeSet<&'a Text> = bound.items.iter().filter_map(|bound| bound.role.boundary.as_ref()).collect();
    let boundaries = Set { items: arns.into_iter().collect(), unknown: bound.unknown };
    let subject = |arn: &&'a Text| {
        let name = arn.rsplit('/').next().unwrap_or(arn);
        (ResourceRef::new(arn.as_str(), "AWS::IAM::ManagedPolicy", name), None)
    };
    judge::each(&INFO, place, boundaries, subject, |say, arn| {
        let named = place
            .environments
            .iter()
            .filter_map(|environment| Some((*environment, environment.boundary_reference_policy.as_ref()?)));
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            say.not_applicable(Reason::NotRequiredByBaseline, "the baseline names no reference policy for boundaries");
            return Ok(());
        }
        let held = world.managed_policy("a bound role", arn)?;
        let live = Live {
            kind: ComparedKind::Boundary,
            policies: std::slice::from_ref(&held),
            boundary: None,
            who: Some(format!("what is bound by `{}`", arn.rsplit('/').next().unwrap_or(arn))),
            source: &iam::ACCOUNT_AUTHORIZATION_DETAILS,
            path: arn.to_string(),
            name: format!("the boundary `{arn}`"),
        };
        for (environment, path) in named {
            world.reviewed(environment, std::slice::from_ref(path))?.hold_against(&live, INFO.severity, say);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{POLICY, POLICY_VERSION};
    use plumbline_testkit::iam::*;
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_the_same_arn_with_a_wider_version() {
        check(
            &CONTROL,
            |env| {
                let all = json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]});
                env.policy(BOUNDARY, |policy| policy.document = Some(encode(&all.to_string()).into()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-boundary-fraud-dev: What is bound by `ds-boundary-fraud-dev` may `athena:BatchGetNamedQuery`, which `references/boundary.json` (sha256 047e9ae39145) does not allow: statement 0 of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` v1.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no more than `references/boundary.json` (sha256 047e9ae39145)
                  witness {"principal":"arn:aws:iam::111122223333:role/plumbline-role","action":"athena:BatchGetNamedQuery","resource":"*","context":{}}
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_boundary_that_narrowed() {
        check(
            &CONTROL,
            |env| {
                let some = json!({"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::ds-data-fraud-dev-7f3a/*"}]});
                env.policy(BOUNDARY, |policy| policy.document = Some(encode(&some.to_string()).into()));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_boundary_that_iam_does_not_list_and_a_denial() {
        check(
            &CONTROL,
            |env| {
                env.unlist_policy(BOUNDARY).hide(&POLICY_VERSION);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-boundary-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                  iam:GetPolicyVersion not seen: denied
            "#]],
        );
    }

    #[test]
    fn without_a_reference() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("    boundary_reference_policy: references/boundary.json\n", "");
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-boundary-fraud-dev: The baseline names no reference policy for boundaries.
            "#]],
        );
    }
}
