//! IAM-13: only bound roles can hand the execution roles to SageMaker.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_policy::{Answer, Pattern, Variables};
use plumbline_snapshot::iam::{self, Role};

use super::{Offence, tell};
use crate::Control;
use crate::baseline::LogicalRole;
use crate::judge::{self, Known, Say, few};
use crate::place::Place;
use crate::world::World;
use crate::world::capabilities::unclear;
use crate::world::principals::{PASS, Passer, Principal};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-13",
    name: "only-bound-roles-pass",
    title: "Only bound roles can hand the execution roles to SageMaker.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "env",
    rationale: "Whoever may pass an execution role to SageMaker runs code of its own with that role's data and keys.",
    decided: "Every role, user and group of the account that is not bound here and not among `admin_principals` must not be let through by its policies, with boundary and Denies and a user's groups, to iam:PassRole on a role bound as notebook_execution, training_execution or endpoint_hosting; conditions of an Allow are left aside. Roles that AWS made for its own services are not asked.",
    remediation: "Let iam:PassRole name the roles that it is for, or deny it in the boundary; list account administrators as `admin_principals`.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-5", "AC-6"] },
};

/// The logical roles that are handed to SageMaker.
const HANDED: [LogicalRole; 3] =
    [LogicalRole::NotebookExecution, LogicalRole::TrainingExecution, LogicalRole::EndpointHosting];

/// A role that must not be passed, and what it plays.
type Handed<'a> = (&'a Role, LogicalRole, Pattern);

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    vec![judge::subject(&INFO, place.subject(place.resource(), None), |say| look(world, place, say))]
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let mut handed: Vec<Handed<'a>> = Vec::new();
    for logical in HANDED {
        let roles = say.set(world.bound(place, logical));
        handed.extend(roles.into_iter().map(|role| (role, logical, Pattern::literal(&role.arn, Variables::Plain))));
    }
    if handed.is_empty() {
        say.not_applicable(Reason::FeatureNotUsed, "no role is bound that could be handed to SageMaker");
        return Ok(());
    }
    let bound = world.bound_roles(place);
    let is_bound = |principal: Principal<'a>| bound.items.iter().any(|bound| bound.role.arn == *principal.arn());
    let mut offenders: Vec<Offence> = Vec::new();
    for passer in say.set(world.passers()) {
        if is_bound(passer.principal) || place.is_admin(passer.principal.arn()) {
            continue;
        }
        // Who of the roles is bound may not be known.
        match (offence(passer, &handed, say), &bound.unknown) {
            (Some(_), Some(unknown)) if matches!(passer.principal, Principal::Role(_)) => say.unknown(unknown.clone()),
            (Some(offence), _) => offenders.push(offence),
            (None, _) => {}
        }
    }
    tell(say, "principals", offenders);
    Ok(())
}

/// How somebody may pass one of the roles. What a user may by a group alone is the group's offence.
fn offence<'a>(passer: &Passer<'a>, handed: &[Handed<'a>], say: &mut Say<'a>) -> Option<Offence> {
    let powers = say.see(passer.powers.as_ref().map_err(Clone::clone))?;
    let mut reached: Vec<String> = Vec::new();
    let mut by: Vec<(String, Evidence)> = Vec::new();
    for (role, logical, pattern) in handed {
        let powers = powers.may(PASS, pattern);
        let powers: Vec<_> = powers.into_iter().filter(|power| power.own).collect();
        let Some(power) = powers.iter().find(|power| power.sure == Answer::Yes) else {
            if let Some(power) = powers.first() {
                say.unknown(unclear(PASS, power));
            }
            continue;
        };
        reached.push(format!("`{}` ({logical})", role.name));
        let words = power.words();
        if !by.iter().any(|(known, _)| *known == words) {
            let who = passer.principal.words();
            let wanted = format!("no Allow of iam:PassRole on the environment's execution roles for {who}");
            by.push((words, power.evidence(&wanted)));
        }
    }
    if reached.is_empty() {
        return None;
    }
    let statements = few(", ", by.iter().map(|(words, _)| words));
    let words = format!("{} may pass {} by {statements}", passer.principal.words(), few(", ", reached));
    Some((words, by.into_iter().map(|(_, evidence)| evidence).collect()))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{ACCOUNT_AUTHORIZATION_DETAILS, Group, POLICY, POLICY_VERSION, Role, User};
    use plumbline_snapshot::{Gap, Why};
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::*;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    const CI: &str = "arn:aws:iam::111122223333:role/ci";
    const ANA: &str = "arn:aws:iam::111122223333:user/ana";
    const OPERATORS: &str = "arn:aws:iam::111122223333:group/operators";

    fn statements(statements: Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": statements})
    }

    fn pass(resource: Value) -> Value {
        statements(json!([{"Effect": "Allow", "Action": "iam:PassRole", "Resource": resource}]))
    }

    /// A role that is bound to nothing, with this policy.
    fn role(arn: &str, policy: &Value) -> Role {
        let builders = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "codebuild.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]});
        let inline = [("own".into(), encode(&policy.to_string()).into())].into_iter().collect();
        Role { inline, boundary: None, ..plain_role(arn, &builders) }
    }

    fn user(policy: &Value, groups: &[&str]) -> User {
        let inline = [("own".into(), encode(&policy.to_string()).into())].into_iter().collect();
        User { inline, groups: groups.iter().map(|name| (*name).into()).collect(), ..plain_user(ANA) }
    }

    fn group(env: &mut Env, policy: &Value) {
        let inline = [("own".into(), encode(&policy.to_string()).into())].into_iter().collect();
        env.snapshot.iam.groups.add([(OPERATORS, Group { inline, ..plain_group(OPERATORS) })]);
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_a_role_that_is_bound_to_nothing_passes_everything() {
        check(
            &CONTROL,
            |env| {
                env.add_role(role(CI, &pass(json!("*"))));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: The role `ci` may pass `ds-notebook-role-fraud-dev-ana` (notebook_execution), `ds-notebook-role-fraud-dev-bo` (notebook_execution), `ds-training-role-fraud-dev` (training_execution) and 1 more by statement 0 of the inline policy `own` of `ci`.
                  iam:GetAccountAuthorizationDetails ci.RolePolicyList[own].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["*"]}, wanted no Allow of iam:PassRole on the environment's execution roles for the role `ci`
            "#]],
        );
    }

    #[test]
    fn a_managed_policy_a_user_and_a_group_do_too() {
        check(
            &CONTROL,
            |env| {
                env.attach(OTHER_ROLE, ADMINISTRATOR).role(OTHER_ROLE, |role| {
                    role.inline.clear();
                });
                group(env, &pass(json!("arn:aws:iam::*:role/ds-*")));
                // What she has by the group alone is the group's.
                env.add_user(user(&pass(json!([ENDPOINT_HOSTING])), &["operators"]));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: 3 principals: the role `old-ds-user-role-fraud-dev-copy` may pass `ds-notebook-role-fraud-dev-ana` (notebook_execution), `ds-notebook-role-fraud-dev-bo` (notebook_execution), `ds-training-role-fraud-dev` (training_execution) and 1 more by statement 0 of `arn:aws:iam::aws:policy/AdministratorAccess` v1; the group `operators` may pass `ds-training-role-fraud-dev` (training_execution), `ds-hosting-role-fraud-dev` (endpoint_hosting) by statement 0 of the inline policy `own` of `operators`; the user `ana` may pass `ds-hosting-role-fraud-dev` (endpoint_hosting) by statement 0 of the inline policy `own` of `ana`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of iam:PassRole on the environment's execution roles for the role `old-ds-user-role-fraud-dev-copy`
                  iam:GetAccountAuthorizationDetails operators.GroupPolicyList[own].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::*:role/ds-*"]}, wanted no Allow of iam:PassRole on the environment's execution roles for the group `operators`
                  iam:GetAccountAuthorizationDetails ana.UserPolicyList[own].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev"]}, wanted no Allow of iam:PassRole on the environment's execution roles for the user `ana`
            "#]],
        );
    }

    #[test]
    fn what_takes_it_back() {
        let deny = statements(json!([
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "iam:Pass*", "Resource": "*"},
        ]));
        check(
            &CONTROL,
            |env| {
                env.add_role(role(CI, &deny));
                // Of the seven roles' boundary nothing lets this role pass one of the others.
                env.add_role(Role {
                    boundary: Some(BOUNDARY.into()),
                    ..role(
                        "arn:aws:iam::111122223333:role/limited",
                        &pass(json!("arn:aws:iam::111122223333:role/app-*")),
                    )
                });
                env.add_user(user(&deny, &["auditors"]));
            },
            expect![["COMPLIANT\n"]],
        );
    }

    #[test]
    fn fail_trap_an_account_administrator_that_the_baseline_names() {
        check(
            &CONTROL,
            |env| {
                // By itself, and as roles that AWS alone acts as.
                env.set_boundary(PLATFORM_ADMIN, None).attach(SERVICE_LINKED, ADMINISTRATOR);
                env.user(AUDITOR, |user| user.attached = vec![ADMINISTRATOR.into()]);
                env.replace_baseline("{account}:role/platform-admin", "{account}:*/*a*d*");
            },
            expect![["COMPLIANT\n"]],
        );
    }

    #[test]
    fn others_may_pass_other_roles() {
        check(
            &CONTROL,
            |env| {
                let others = json!(["arn:aws:iam::111122223333:role/app-*", DATA_SCIENTIST, ENDPOINT_CREATION]);
                env.add_role(role(CI, &pass(others)));
            },
            expect![["COMPLIANT\n"]],
        );
    }

    #[test]
    fn a_policy_that_was_not_seen_might_pass() {
        check(
            &CONTROL,
            |env| {
                let gone = "arn:aws:iam::111122223333:policy/gone";
                env.user(AUDITOR, |user| user.attached = vec![gone.into()]).dangling_policy(gone);
            },
            expect![[r#"
                INSUFFICIENT_DATA api_error HIGH fraud-dev 111122223333: `arn:aws:iam::111122223333:policy/gone` is on `auditor`, and IAM knows no such policy.
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.user(AUDITOR, |user| user.groups = vec!["nobody's".into()]);
            },
            expect![[r#"
                INSUFFICIENT_DATA api_error HIGH fraud-dev 111122223333: The user `auditor` is in the group `nobody's`, which IAM does not list.
            "#]],
        );
    }

    #[test]
    fn an_offender_stands_where_the_listing_was_cut() {
        check(
            &CONTROL,
            |env| {
                env.add_role(role(CI, &pass(json!(TRAINING_EXECUTION))));
                env.snapshot.iam.users.stop(Gap::of(&ACCOUNT_AUTHORIZATION_DETAILS, Why::Truncated, "cut"), None);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 111122223333: The role `ci` may pass `ds-training-role-fraud-dev` (training_execution) by statement 0 of the inline policy `own` of `ci`.
                  iam:GetAccountAuthorizationDetails ci.RolePolicyList[own].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"]}, wanted no Allow of iam:PassRole on the environment's execution roles for the role `ci`
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.snapshot.iam.groups.stop(Gap::of(&ACCOUNT_AUTHORIZATION_DETAILS, Why::Truncated, "cut"), None);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, cut.
                  iam:GetAccountAuthorizationDetails not seen: truncated
            "#]],
        );
    }

    #[test]
    fn who_is_bound_is_not_known() {
        check(
            &CONTROL,
            |env| {
                env.add_role(role(CI, &pass(json!(TRAINING_EXECUTION))));
                env.baseline_edit(|text| {
                    let (before, after) = text.split_once("      endpoint_creation:\n").unwrap();
                    let (_, after) = after.split_once("      endpoint_hosting:\n").unwrap();
                    format!("{before}      endpoint_hosting:\n{after}")
                });
            },
            expect![[r#"
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev 111122223333: The baseline has no `roles.endpoint_creation.bind`.
            "#]],
        );
    }
}
