//! IAM-12: a bound role cannot assume another bound role.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::iam::{self, Role};

use crate::Control;
use crate::judge::{self, Say};
use crate::place::Place;
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::chains::{Chains, Step};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-12",
    name: "no-role-chaining",
    title: "A bound role cannot assume another bound role.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "IAM role",
    rationale: "Whoever can step from one role into another holds both, so that roles kept apart on paper are one.",
    decided: "From each bound role the ways into bound roles of other logical roles are searched, also through other roles of the account, up to `assume_depth` steps. A step needs a trust that lets the role in: one that names the account needs an Allow of sts:AssumeRole too; one that names the role or everyone needs none, but a Deny or a boundary that does not allow it still stops it. One half alone is told and is no violation. Where tags, session names with variables or networks decide, it is INSUFFICIENT_DATA.",
    remediation: "Remove the Allow of sts:AssumeRole, or take the principal out of the other role's trust.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-5", "AC-6"] },
};

/// How many halves of ways are told of a role: each is a fact beside the verdict.
const HALVES: usize = 3;

/// How many ways out of a role are told with their statements; the others are counted. A message names fewer.
const SHOWN: usize = 5;

/// What the ways are searched in.
struct Map<'m, 'a> {
    chains: Chains<'m, 'a>,
    bound: HashMap<&'a str, Bound<'a>>,
    depth: u32,
}

/// A way from one role into another, step by step.
type Path<'a> = Vec<Rc<Step<'a>>>;

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let roles = world.bound_roles(place);
    let map = Map {
        chains: world.chains(),
        bound: roles.items.iter().map(|bound| (bound.role.arn.as_str(), bound.clone())).collect(),
        depth: place.environments.iter().map(|environment| environment.assume_depth).max().unwrap_or(1),
    };
    judge::each(&INFO, place, roles, Bound::subject, |say, bound| {
        if let Some(gap) = world.snapshot.iam.roles.gap() {
            say.unknown(gap);
        }
        look(&map, bound, say);
        Ok(())
    })
}

fn look<'a>(map: &Map<'_, 'a>, bound: &Bound<'a>, say: &mut Say<'a>) {
    let differs = |other: &Bound<'a>| other.plays.iter().any(|role| !bound.plays.contains(role));
    let is_other = |arn: &str| map.bound.get(arn).is_some_and(differs);
    map.chains.halves(bound.role, &is_other).take(HALVES).for_each(|half| say.fact(half));
    // What is certain first: a doubtful way must not hide it.
    let mut doubts = false;
    let certain = search(map, bound.role, &is_other, |step| {
        doubts |= step.doubt.is_some();
        step.doubt.is_none()
    });
    if doubts {
        let reached: BTreeSet<&str> = certain.iter().filter_map(|path| Some(path.last()?.to.arn.as_str())).collect();
        let is_left = |arn: &str| is_other(arn) && !reached.contains(arn);
        for path in search(map, bound.role, &is_left, |_| true) {
            if let Some(doubt) = path.iter().find_map(|step| step.doubt.clone()) {
                say.unknown(doubt);
            }
        }
    }
    let (shown, counted) = certain.split_at(certain.len().min(SHOWN));
    for path in shown {
        say.broken(words(map, bound, path), path.iter().flat_map(|step| step.evidence.clone()));
    }
    counted.iter().for_each(|_| say.broken("", []));
}

/// A way in words.
fn words(map: &Map<'_, '_>, bound: &Bound<'_>, path: &[Rc<Step<'_>>]) -> String {
    let (Some(first), Some(last)) = (path.first(), path.last()) else { return String::new() };
    let through: Vec<String> = path.iter().skip(1).map(|step| format!("`{}`", step.from.name)).collect();
    let through = if through.is_empty() { String::new() } else { format!(" through {}", through.join(" and ")) };
    let other = map.bound.get(last.to.arn.as_str()).map_or_else(String::new, Bound::plays);
    let steps: Vec<&str> = path.iter().map(|step| step.words.as_str()).collect();
    format!(
        "`{}` ({}) can become `{}` ({other}){through}: {}",
        first.from.name,
        bound.plays(),
        last.to.name,
        steps.join("; then ")
    )
}

/// The shortest ways from a role into each of the others, by such steps, through roles that are none of them.
fn search<'a>(
    map: &Map<'_, 'a>,
    from: &'a Role,
    is_other: &dyn Fn(&str) -> bool,
    mut goes: impl FnMut(&Step<'a>) -> bool,
) -> Vec<Path<'a>> {
    let mut found = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::from([from.arn.as_str()]);
    let mut ends: Vec<Path<'a>> = vec![Vec::new()];
    for _ in 0..map.depth {
        let mut longer = Vec::new();
        for path in ends {
            let end = path.last().map_or(from, |step| step.to);
            for step in map.chains.steps(end).iter().filter(|step| goes(step)) {
                if seen.insert(&step.to.arn) {
                    let path = path.iter().cloned().chain([Rc::clone(step)]).collect();
                    if is_other(&step.to.arn) { found.push(path) } else { longer.push(path) }
                }
            }
        }
        ends = longer;
    }
    found
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{ACCOUNT_AUTHORIZATION_DETAILS, POLICY, POLICY_VERSION};
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::*;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    const ROOT: &str = "arn:aws:iam::111122223333:root";

    fn trust(principal: Value, condition: Value) -> Value {
        let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        json!({"Version": "2012-10-17", "Statement": [statement]})
    }

    fn may_assume(resource: &str) -> Value {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource},
        ]})
    }

    /// The notebook role without a boundary, and allowed to assume this.
    fn asks<'e>(env: &'e mut Env, resource: &str) -> &'e mut Env {
        env.set_boundary(NOTEBOOK_EXECUTION, None).add_inline(NOTEBOOK_EXECUTION, "assume", &may_assume(resource))
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_the_account_root_and_a_permission_on_everything() {
        check(
            &CONTROL,
            |env| {
                asks(env, "*").set_trust(ENDPOINT_CREATION, &trust(json!({"AWS": ROOT}), Value::Null));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-deploy-role-fraud-dev` (endpoint_creation): statement 0 of the inline policy `assume` of `ds-notebook-role-fraud-dev-ana` allows sts:AssumeRole, and statement 0 of the trust policy of `ds-deploy-role-fraud-dev` lets the account in.
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[assume].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev`
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[assume].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev`
            "#]],
        );
    }

    #[test]
    fn either_half_alone_is_no_way() {
        check(
            &CONTROL,
            |env| {
                asks(env, TRAINING_EXECUTION)
                    .set_trust(ENDPOINT_CREATION, &trust(json!({"AWS": ROOT}), Value::Null))
                    .remove_role(OTHER_ROLE);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_role_that_everyone_may_assume_and_that_may_do_everything_leads_anywhere() {
        check(
            &CONTROL,
            |env| {
                asks(env, TRAINING_EXECUTION).set_trust(ENDPOINT_CREATION, &trust(json!({"AWS": ROOT}), Value::Null));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-deploy-role-fraud-dev` (endpoint_creation) through `old-ds-user-role-fraud-dev-copy`: statement 0 of the trust policy of `old-ds-user-role-fraud-dev-copy` lets `ds-notebook-role-fraud-dev-ana` in by itself, for which it needs no Allow of its own; then statement 0 of `arn:aws:iam::aws:policy/AdministratorAccess` v1 allows sts:AssumeRole, and statement 0 of the trust policy of `ds-deploy-role-fraud-dev` lets the account in.
                  iam:GetAccountAuthorizationDetails old-ds-user-role-fraud-dev-copy.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev`
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `old-ds-user-role-fraud-dev-copy`
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[assume].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-training-role-fraud-dev`
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
            "#]],
        );
    }

    #[test]
    fn an_allow_that_a_deny_takes_back_is_no_half() {
        check(
            &CONTROL,
            |env| {
                let both = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": [ENDPOINT_HOSTING, TRAINING_EXECUTION]});
                let deny = json!({"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": ENDPOINT_HOSTING});
                env.set_boundary(NOTEBOOK_EXECUTION, None)
                    .add_inline(
                        NOTEBOOK_EXECUTION,
                        "assume",
                        &json!({"Version": "2012-10-17", "Statement": [both, deny]}),
                    )
                    .set_trust(ENDPOINT_CREATION, &trust(json!({"AWS": ROOT}), Value::Null));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-deploy-role-fraud-dev` (endpoint_creation) through `old-ds-user-role-fraud-dev-copy`: statement 0 of the trust policy of `old-ds-user-role-fraud-dev-copy` lets `ds-notebook-role-fraud-dev-ana` in by itself, for which it needs no Allow of its own; then statement 0 of `arn:aws:iam::aws:policy/AdministratorAccess` v1 allows sts:AssumeRole, and statement 0 of the trust policy of `ds-deploy-role-fraud-dev` lets the account in.
                  iam:GetAccountAuthorizationDetails old-ds-user-role-fraud-dev-copy.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
                  iam:GetAccountAuthorizationDetails arn:aws:iam::aws:policy/AdministratorAccess.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["*"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev`
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `old-ds-user-role-fraud-dev-copy`
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[assume].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev","arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-training-role-fraud-dev`
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
            "#]],
        );
    }

    #[test]
    fn a_trust_that_names_the_role_needs_no_permission() {
        let names = |env: &mut Env| {
            env.set_trust(TRAINING_EXECUTION, &trust(json!({"AWS": NOTEBOOK_EXECUTION}), Value::Null));
        };
        check(
            &CONTROL,
            |env| {
                names(env);
                env.set_boundary(NOTEBOOK_EXECUTION, None);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-training-role-fraud-dev` (training_execution): statement 0 of the trust policy of `ds-training-role-fraud-dev` lets `ds-notebook-role-fraud-dev-ana` in by itself, for which it needs no Allow of its own.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
            "#]],
        );
        // The boundary denies it.
        check(
            &CONTROL,
            names,
            expect![[r#"
            COMPLIANT
        "#]],
        );
        check(
            &CONTROL,
            |env| {
                names(env);
                let arn = "arn:aws:iam::111122223333:policy/silent";
                let document = json!({"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
                ]});
                env.add_policy(plain_policy(arn, &document)).set_boundary(NOTEBOOK_EXECUTION, Some(arn));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                let session = "arn:aws:sts::111122223333:assumed-role/ds-notebook-role-fraud-dev-ana/SageMaker";
                env.set_trust(TRAINING_EXECUTION, &trust(json!({"AWS": session}), Value::Null));
                let arn = "arn:aws:iam::111122223333:policy/silent";
                let document = json!({"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
                ]});
                env.add_policy(plain_policy(arn, &document)).set_boundary(NOTEBOOK_EXECUTION, Some(arn));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-training-role-fraud-dev` (training_execution): statement 0 of the trust policy of `ds-training-role-fraud-dev` lets `ds-notebook-role-fraud-dev-ana` in by itself, for which it needs no Allow of its own.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:sts::111122223333:assumed-role/ds-notebook-role-fraud-dev-ana/SageMaker"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
            "#]],
        );
    }

    #[test]
    fn everyone_is_this_role_too() {
        check(
            &CONTROL,
            |env| {
                env.set_trust(ENDPOINT_INVOCATION, &trust(json!("*"), Value::Null))
                    .set_boundary(TRAINING_EXECUTION, None);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can become `fraud-scoring-app-dev` (endpoint_invocation): statement 0 of the trust policy of `fraud-scoring-app-dev` lets `ds-training-role-fraud-dev` in by itself, for which it needs no Allow of its own.
                  iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":"*","Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-training-role-fraud-dev`
            "#]],
        );
    }

    #[test]
    fn two_roles_of_one_logical_role_are_no_pair() {
        check(
            &CONTROL,
            |env| {
                asks(env, "*").set_trust(NOTEBOOK_EXECUTION_BO, &trust(json!({"AWS": ROOT}), Value::Null));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    /// A chain of unbound roles: the notebook role, `hop-1`, `hop-2` and so on, the deployment role.
    fn chain(env: &mut Env, hops: usize) {
        let arn = |hop: usize| format!("arn:aws:iam::111122223333:role/hop-{hop}");
        env.set_boundary(NOTEBOOK_EXECUTION, None);
        let mut last = NOTEBOOK_EXECUTION.to_owned();
        for hop in 1..=hops {
            let mut role = plain_role(&arn(hop), &trust(json!({"AWS": last}), Value::Null));
            role.boundary = None;
            env.add_role(role);
            last = arn(hop);
        }
        env.set_trust(ENDPOINT_CREATION, &trust(json!({"AWS": last}), Value::Null));
    }

    #[test]
    fn pass_trap_a_chain_through_unbound_roles() {
        check(
            &CONTROL,
            |env| chain(env, 1),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-deploy-role-fraud-dev` (endpoint_creation) through `hop-1`: statement 0 of the trust policy of `hop-1` lets `ds-notebook-role-fraud-dev-ana` in by itself, for which it needs no Allow of its own; then statement 0 of the trust policy of `ds-deploy-role-fraud-dev` lets `hop-1` in by itself, for which it needs no Allow of its own.
              iam:GetAccountAuthorizationDetails hop-1.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
              iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/hop-1"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `hop-1`
        "#]],
        );
        check(
            &CONTROL,
            |env| chain(env, 2),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                chain(env, 2);
                env.add_to_baseline("assume_depth: 3");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-deploy-role-fraud-dev` (endpoint_creation) through `hop-1` and `hop-2`: statement 0 of the trust policy of `hop-1` lets `ds-notebook-role-fraud-dev-ana` in by itself, for which it needs no Allow of its own; then statement 0 of the trust policy of `hop-2` lets `hop-1` in by itself, for which it needs no Allow of its own; then statement 0 of the trust policy of `ds-deploy-role-fraud-dev` lets `hop-2` in by itself, for which it needs no Allow of its own.
                  iam:GetAccountAuthorizationDetails hop-1.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
                  iam:GetAccountAuthorizationDetails hop-2.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/hop-1"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `hop-1`
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/hop-2"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `hop-2`
            "#]],
        );
    }

    #[test]
    fn fail_trap_conditions_of_the_trust() {
        for (condition, expected) in [
            (
                json!({"StringEquals": {"aws:PrincipalTag/team": "deploy"}}),
                expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-notebook-role-fraud-dev-ana: Whether `ds-notebook-role-fraud-dev-ana` can become `ds-deploy-role-fraud-dev` hangs on the conditions of statement 0 of the latter's trust policy.
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[assume].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev`
            "#]],
            ),
            (
                json!({"StringEquals": {"sts:ExternalId": "deploy"}}),
                expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-deploy-role-fraud-dev` (endpoint_creation): statement 0 of the inline policy `assume` of `ds-notebook-role-fraud-dev-ana` allows sts:AssumeRole, and statement 0 of the trust policy of `ds-deploy-role-fraud-dev` lets the account in.
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[assume].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev`
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"sts:ExternalId":["deploy"]}}}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
                  iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.RolePolicyList[assume].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sts:AssumeRole"],"Resource":["*"]}, wanted no Allow of sts:AssumeRole on `arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev`
            "#]],
            ),
            (
                json!({"ArnEquals": {"aws:PrincipalArn": PLATFORM_ADMIN}}),
                expect![[r#"
                COMPLIANT
            "#]],
            ),
        ] {
            check(
                &CONTROL,
                |env| {
                    asks(env, "*").set_trust(ENDPOINT_CREATION, &trust(json!({"AWS": ROOT}), condition));
                },
                expected,
            );
        }
    }

    #[test]
    fn a_trust_that_cannot_be_read_on_the_way() {
        check(
            &CONTROL,
            |env| {
                chain(env, 1);
                env.role("arn:aws:iam::111122223333:role/hop-1", |role| role.trust = None);
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-hosting-role-fraud-dev: The trust policy of `hop-1` cannot be read: it was not sent.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-sc-launch-role-fraud-dev: The trust policy of `hop-1` cannot be read: it was not sent.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-training-role-fraud-dev: The trust policy of `hop-1` cannot be read: it was not sent.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-user-role-fraud-dev: The trust policy of `hop-1` cannot be read: it was not sent.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev fraud-scoring-app-dev: The trust policy of `hop-1` cannot be read: it was not sent.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-notebook-role-fraud-dev-ana: The trust policy of `hop-1` cannot be read: it was not sent.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-notebook-role-fraud-dev-bo: The trust policy of `hop-1` cannot be read: it was not sent.
            "#]],
        );
    }

    #[test]
    fn a_policy_that_was_not_seen() {
        for source in [&POLICY, &POLICY_VERSION] {
            check(
                &CONTROL,
                |env| {
                    env.attach(TRAINING_EXECUTION, POWER_USER).hide(source);
                    env.set_trust(ENDPOINT_CREATION, &trust(json!({"AWS": ROOT}), Value::Null));
                },
                match source.operation {
                    "GetPolicy" => expect![[r#"
                        INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-training-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                          iam:GetPolicy not seen: denied
                    "#]],
                    _ => expect![[r#"
                        INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-training-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                          iam:GetPolicyVersion not seen: denied
                    "#]],
                },
            );
        }
    }

    #[test]
    fn a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.set_trust(TRAINING_EXECUTION, &trust(json!({"AWS": NOTEBOOK_EXECUTION}), Value::Null))
                    .set_boundary(NOTEBOOK_EXECUTION, None)
                    .cut(&ACCOUNT_AUTHORIZATION_DETAILS);
                for role in
                    [DATA_SCIENTIST, NOTEBOOK_CREATION, ENDPOINT_CREATION, ENDPOINT_HOSTING, ENDPOINT_INVOCATION]
                {
                    env.remove_role(role);
                }
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-training-role-fraud-dev: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) can become `ds-training-role-fraud-dev` (training_execution): statement 0 of the trust policy of `ds-training-role-fraud-dev` lets `ds-notebook-role-fraud-dev-ana` in by itself, for which it needs no Allow of its own.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana"]},"Action":["sts:AssumeRole"]}, wanted a trust that does not let in `ds-notebook-role-fraud-dev-ana`
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-notebook-role-fraud-dev-bo: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                INSUFFICIENT_DATA truncated HIGH fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
            "#]],
        );
    }
}
