//! IAM-07: no role has administrative or service-wide wildcard power.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::iam;

use crate::Control;
use crate::judge::{self, Known, Say};
use crate::place::Place;
use crate::tables::classes::SWEPT;
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::powers::Power;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-07",
    name: "no-wildcard-power",
    title: "No role has administrative or service-wide wildcard power.",
    area: Area::Roles,
    severity: Severity::Critical,
    origin: Origin::Derived,
    scope: "IAM role",
    rationale: "A wildcard over a service takes in what nobody thought of, and every action that AWS adds later.",
    decided: "Of iam, s3, kms, ec2, sts, organizations and sagemaker a few actions tell for the whole: a role sweeps the service if wildcards of its Allows, or what NotAction leaves, reach each of them on all resources, by one statement or by several together. Conditions do not help, and a Deny only if it takes all of them back. A permissions boundary helps that names the actions or the resources.",
    remediation: "List the actions and the ARNs that the role needs, or set a boundary that does.",
    maps: Maps { securityhub: &["IAM.1", "IAM.21"], cis: &["1.16"], nist: &["AC-6"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(&INFO, place, world.bound_roles(place), Bound::subject, |say, bound| look(world, bound, say))
}

fn look<'a>(world: &World<'a>, bound: &Bound<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let powers = world.powers(bound.role)?;
    let (name, plays) = (&bound.role.name, bound.plays());
    // Services that the same statements sweep are one problem.
    let mut swept: Vec<(Vec<&str>, Vec<Power<'_>>, &str)> = Vec::new();
    let same = |one: &[Power<'_>], other: &[Power<'_>]| {
        one.len() == other.len() && one.iter().zip(other).all(|(a, b)| std::ptr::eq(a.statement, b.statement))
    };
    for (service, actions) in SWEPT {
        let (by, cut) = powers.sweep(actions);
        if by.is_empty() {
            continue;
        }
        if cut {
            let boundary = powers.boundary().map_or("the boundary", |held| &held.origin);
            let wanted = format!("named actions and resources; {boundary} cuts {service} down to such");
            by.iter().for_each(|power| say.fact(power.evidence(&wanted)));
            continue;
        }
        match swept.iter_mut().find(|(_, known, _)| same(known, &by)) {
            Some((services, ..)) => services.push(service),
            None => swept.push((vec![service], by, actions.first().copied().unwrap_or_default())),
        }
    }
    let only_sagemaker = swept.iter().all(|(services, ..)| *services == ["sagemaker"]);
    for (services, by, action) in swept {
        let all = services.len() == SWEPT.len();
        let what = if all { "every service".to_owned() } else { listed(&services) };
        let statements: Vec<String> = by.iter().map(Power::words).collect();
        let (verb, boundary) = match powers.boundary() {
            None => ("allow", "it has no permissions boundary".to_owned()),
            Some(held) => ("allow", format!("the boundary {} leaves it so", held.origin)),
        };
        let verb = if by.len() == 1 { "allows" } else { verb };
        let (_, beside) = powers.unstopped(action);
        let evidence = by.iter().map(|power| power.evidence("named actions on named resources")).chain(beside);
        say.broken_as(
            if only_sagemaker { Severity::High } else { INFO.severity },
            format!(
                "`{name}` ({plays}) has wildcard power over {what}: {} {verb} it on all resources, and {boundary}",
                listed(&statements.iter().map(String::as_str).collect::<Vec<_>>())
            ),
            evidence,
        );
    }
    Ok(())
}

/// `a`, `a and b`, `a, b and c`.
fn listed(items: &[&str]) -> String {
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{POLICY, POLICY_VERSION};
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::*;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    fn allow(action: Value, resource: Value) -> Value {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]})
    }

    /// The training role without a boundary and with one policy more.
    fn given<'e>(env: &'e mut Env, document: &Value) -> &'e mut Env {
        env.set_boundary(TRAINING_EXECUTION, None).add_inline(TRAINING_EXECUTION, "more", document)
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
    }

    #[test]
    fn everything() {
        check(
            &CONTROL,
            |env| {
                env.set_boundary(TRAINING_EXECUTION, None).attach(TRAINING_EXECUTION, ADMINISTRATOR);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over every service: statement 0 of `arn:aws:iam::aws:policy/AdministratorAccess` v1 allows it on all resources, and it has no permissions boundary.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted named actions on named resources
            "#]],
        );
    }

    #[test]
    fn one_service() {
        for service in ["iam", "s3", "kms", "ec2", "sts", "organizations"] {
            check(
                &CONTROL,
                |env| {
                    given(env, &allow(json!(format!("{service}:*")), json!("*")));
                    // The same words for each.
                    let role = env.iam().roles.item_mut(TRAINING_EXECUTION).unwrap();
                    assert_eq!(role.inline.len(), 1);
                },
                match service {
                    "iam" => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over iam: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                          iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:*"],"Resource":["*"]}, wanted named actions on named resources
                    "#]],
                    "s3" => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over s3: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                          iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:*"],"Resource":["*"]}, wanted named actions on named resources
                    "#]],
                    "kms" => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over kms: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                          iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["kms:*"],"Resource":["*"]}, wanted named actions on named resources
                    "#]],
                    "ec2" => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over ec2: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                          iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["ec2:*"],"Resource":["*"]}, wanted named actions on named resources
                    "#]],
                    "sts" => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over sts: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                          iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:*"],"Resource":["*"]}, wanted named actions on named resources
                    "#]],
                    _ => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over organizations: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                          iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["organizations:*"],"Resource":["*"]}, wanted named actions on named resources
                    "#]],
                },
            );
        }
    }

    #[test]
    fn sagemaker_alone_is_less() {
        check(
            &CONTROL,
            |env| {
                given(env, &allow(json!("sagemaker:*"), json!("*")));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over sagemaker: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:*"],"Resource":["*"]}, wanted named actions on named resources
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                given(env, &allow(json!("sagemaker:*"), json!("*")));
                env.add_inline(TRAINING_EXECUTION, "keys", &allow(json!("kms:*"), json!("arn:aws:kms:*")));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over kms: statement 0 of the inline policy `keys` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary; `ds-training-role-fraud-dev` (training_execution) has wildcard power over sagemaker: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[keys].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["kms:*"],"Resource":["arn:aws:kms:*"]}, wanted named actions on named resources
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:*"],"Resource":["*"]}, wanted named actions on named resources
            "#]],
        );
    }

    #[test]
    fn all_but_some_actions() {
        check(
            &CONTROL,
            |env| {
                let statement = json!({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"});
                given(env, &json!({"Version": "2012-10-17", "Statement": statement}));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over s3, kms, ec2, sts and sagemaker: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":["*"]}, wanted named actions on named resources
            "#]],
        );
    }

    #[test]
    fn pass_trap_wildcards_that_add_up() {
        check(
            &CONTROL,
            |env| {
                given(env, &allow(json!(["s3:Get*", "s3:Put*", "s3:*Policy"]), json!("*")));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over s3: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:Get*","s3:Put*","s3:*Policy"],"Resource":["*"]}, wanted named actions on named resources
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                given(env, &allow(json!(["s3:Get*", "s3:List*"]), json!("arn:aws:s3:::*")));
                env.add_inline(TRAINING_EXECUTION, "write", &allow(json!("s3:Put*"), json!("*")));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over s3: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` and statement 0 of the inline policy `write` of `ds-training-role-fraud-dev` allow it on all resources, and it has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":["arn:aws:s3:::*"]}, wanted named actions on named resources
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[write].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:Put*"],"Resource":["*"]}, wanted named actions on named resources
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_condition_that_confines_nothing() {
        check(
            &CONTROL,
            |env| {
                let mut document = allow(json!("s3:*"), json!("*"));
                document["Statement"][0]["Condition"] = json!({"StringLike": {"aws:PrincipalArn": "*"}});
                given(env, &document);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over s3: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:*"],"Resource":["*"],"Condition":{"StringLike":{"aws:PrincipalArn":["*"]}}}, wanted named actions on named resources
            "#]],
        );
    }

    #[test]
    fn a_deny_with_conditions_does_not_help() {
        check(
            &CONTROL,
            |env| {
                let condition = json!({"Bool": {"aws:SecureTransport": "false"}});
                given(
                    env,
                    &json!({"Version": "2012-10-17", "Statement": [
                        {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
                        {"Effect": "Deny", "Action": "kms:*", "Resource": "*", "Condition": condition},
                    ]}),
                );
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over kms: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and it has no permissions boundary.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["kms:*"],"Resource":["*"]}, wanted named actions on named resources
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[1]: saw {"Effect":"Deny","Action":["kms:*"],"Resource":["*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}, wanted a Deny of kms:Decrypt without conditions, on all resources
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_boundary_that_cuts_it_down() {
        check(
            &CONTROL,
            |env| {
                env.add_inline(TRAINING_EXECUTION, "more", &allow(json!(["s3:*", "kms:*", "ec2:*"]), json!("*")));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_boundary_that_leaves_a_service_whole() {
        check(
            &CONTROL,
            |env| {
                env.add_inline(TRAINING_EXECUTION, "more", &allow(json!("*"), json!("*")))
                    .set_boundary(TRAINING_EXECUTION, Some(POWER_USER));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) has wildcard power over every service: statement 0 of the inline policy `more` of `ds-training-role-fraud-dev` allows it on all resources, and the boundary `arn:aws:iam::aws:policy/PowerUserAccess` v4 leaves it so.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.RolePolicyList[more].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted named actions on named resources
                  iam:GetPolicyVersion arn:aws:iam::aws:policy/PowerUserAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of iam:CreateRole
            "#]],
        );
    }

    #[test]
    fn named_resources_and_named_actions() {
        check(
            &CONTROL,
            |env| {
                given(env, &allow(json!("s3:*"), json!(["arn:aws:s3:::one", "arn:aws:s3:::one/*"])));
                let named = json!(["kms:Decrypt", "kms:CreateGrant", "kms:PutKeyPolicy"]);
                env.add_inline(TRAINING_EXECUTION, "named", &allow(named, json!("*")));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_policy_that_was_not_seen_leaves_the_role_undecided() {
        check(
            &CONTROL,
            |env| {
                env.attach(TRAINING_EXECUTION, POWER_USER).hide(&POLICY_VERSION);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-training-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                  iam:GetPolicyVersion not seen: denied
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.attach(TRAINING_EXECUTION, POWER_USER).hide(&POLICY);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-training-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                  iam:GetPolicy not seen: denied
            "#]],
        );
    }

    #[test]
    fn a_policy_that_cannot_be_read() {
        check(
            &CONTROL,
            |env| {
                env.role(TRAINING_EXECUTION, |role| drop(role.inline.insert("odd".into(), "%7B".into())));
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy CRITICAL fraud-dev ds-training-role-fraud-dev: The inline policy `odd` of `ds-training-role-fraud-dev` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
            "#]],
        );
    }
}
