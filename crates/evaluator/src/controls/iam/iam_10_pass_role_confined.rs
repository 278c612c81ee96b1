//! IAM-10: PassRole reaches only the role this role may hand over, and only to SageMaker.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{CarveOuts, Confinement, KeyKind, Pattern, Question, Variables, Wanted};
use plumbline_snapshot::iam::{self, Role};

use crate::Control;
use crate::baseline::LogicalRole;
use crate::judge::{self, Known, Say, few, field, many};
use crate::place::Place;
use crate::tables::classes::hands_over;
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::capabilities::unclear;
use crate::world::powers::{Power, Powers};
use crate::world::targets::undecided;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-10",
    name: "pass-role-confined",
    title: "PassRole reaches only the role this role may hand over, and only to SageMaker.",
    area: Area::Roles,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "IAM role",
    rationale: "Whoever passes a role to a service acts with that role's powers, so that PassRole on the wrong role undoes the separation of all.",
    decided: "notebook_creation may pass notebook_execution, notebook_execution training_execution, and endpoint_creation endpoint_hosting; nobody else passes anything. Each Allow of iam:PassRole is tried, with boundary and Denies, on every role of the account and on a name that no role has (where a variable decides, it is INSUFFICIENT_DATA); it must let only expected roles through, and its use must be confined to `sagemaker.amazonaws.com` by `iam:PassedToService`. `allow_self_pass` lets a role pass itself too.",
    remediation: "Name the role's ARN as the resource, and add `StringEquals` on `iam:PassedToService`.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-5", "AC-6"] },
};

const PASS: &str = "iam:PassRole";
const SAGEMAKER: &str = "sagemaker.amazonaws.com";

/// One role, and whom it may hand over.
struct Hands<'w, 'a> {
    world: &'w World<'a>,
    place: &'w Place<'a>,
    bound: &'w Bound<'a>,
    powers: &'w Powers,
    /// What those that it may pass play.
    expected: Vec<LogicalRole>,
    /// Whether it may pass itself.
    itself: bool,
}

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(&INFO, place, world.bound_roles(place), Bound::subject, |say, bound| look(world, place, bound, say))
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, bound: &Bound<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let who = format!("`{}` ({})", bound.role.name, bound.plays());
    let powers = &world.powers(bound.role)?;
    let expected: Vec<LogicalRole> = bound.plays.iter().filter_map(|role| hands_over(*role)).collect();
    let itself = place.environments.iter().any(|environment| environment.allow_self_pass);
    let hands = Hands { world, place, bound, powers, expected, itself };
    // "Grant a user permissions to pass a role to an AWS service": IAM User Guide.
    let wanted = Wanted::values([SAGEMAKER]);
    let question =
        Question { key: "iam:PassedToService", kind: KeyKind::Single, wanted: &wanted, carve_outs: CarveOuts::NONE };
    let grants = powers.gated(PASS, &Pattern::glob("*", Variables::Plain), &question);
    if grants.is_empty() && hands.expected.is_empty() {
        say.not_applicable(Reason::FeatureNotUsed, format!("{who} passes no role, and needs to pass none"));
    }
    for (power, confinement) in grants {
        let words = power.words();
        if !power.sure.is_yes() {
            say.unknown(unclear(PASS, &power));
            continue;
        }
        if hands.expected.is_empty() && !itself {
            let (why, beside) = powers.unstopped(PASS);
            let evidence = std::iter::once(power.evidence("no Allow of iam:PassRole")).chain(beside);
            say.broken(format!("{who} may pass roles and needs to pass none: {words} allows {PASS}; {why}"), evidence);
            continue;
        }
        hands.whom(&power, &who, say);
        let why = match confinement {
            Confinement::Confined => continue,
            Confinement::Undecidable => {
                say.unknown(undecided(format!(
                    "whether {words} confines `iam:PassedToService` hangs on a variable or an unknown operator"
                )));
                continue;
            }
            Confinement::PresenceOnly => " (it only asks that there is one)".to_owned(),
            Confinement::Open { reason: Some(reason) } => format!(" ({})", reason.as_str()),
            Confinement::Open { reason: None } => String::new(),
        };
        say.broken(
            format!(
                "{who} may pass roles to other services than SageMaker: {words} does not confine \
                 `iam:PassedToService`{why}"
            ),
            [power.evidence(&format!("StringEquals iam:PassedToService {SAGEMAKER}"))],
        );
    }
    Ok(())
}

impl<'a> Hands<'_, 'a> {
    /// Tells of roles that the Allow lets pass and that are not among the expected.
    fn whom(&self, power: &Power<'_>, who: &str, say: &mut Say<'a>) {
        let beyond = self.beyond(power, say);
        let every = self.passes(power, &nobody(self.place));
        if beyond.is_empty() && !every {
            return;
        }
        if hangs_on_a_variable(power) {
            return say
                .unknown(undecided(format!("which roles {} lets {who} pass hangs on a variable", power.words())));
        }
        let expected = self.expected.iter().map(|role| role.as_str()).chain(self.itself.then_some("itself"));
        let expected = expected.collect::<Vec<_>>().join(" or ");
        let arns = many(", ", beyond.iter().map(|role| &role.arn));
        let evidence = [
            power.evidence(&format!("only {expected} as resource")),
            field(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                format!("{}.PassRole", self.bound.role.name),
                if every { format!("every role, such as {arns}") } else { arns },
                format!("only {expected}"),
            ),
        ];
        let names = few(", ", beyond.iter().map(|role| format!("`{}`", role.name)));
        let whom = if every { format!("every role ({names} among them)") } else { names };
        say.broken(format!("{who} may pass {whom}, not {expected} alone: {} allows it", power.words()), evidence);
    }

    /// The roles of the account that the Allow lets it pass and that it is not expected to.
    fn beyond(&self, power: &Power<'_>, say: &mut Say<'a>) -> Vec<&'a Role> {
        let mut beyond = Vec::new();
        for role in say.set(self.world.roles_under(power)) {
            let is_itself = self.itself && role.arn == self.bound.role.arn;
            if !is_itself && self.passes(power, &role.arn) && say.see(self.expects(role)) == Some(false) {
                beyond.push(role);
            }
        }
        beyond
    }

    /// Whether the role plays one of those that may be handed over.
    fn expects(&self, role: &Role) -> Known<'a, bool> {
        let mut unknown = None;
        for environment in &self.place.environments {
            for logical in &self.expected {
                match self.world.is_bound(environment, *logical, &role.arn) {
                    Ok(true) => return Ok(true),
                    Ok(false) => {}
                    Err(reason) => unknown = unknown.or(Some(reason)),
                }
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// Whether this Allow lets the role of this ARN be passed.
    fn passes(&self, power: &Power<'_>, arn: &str) -> bool {
        let role = Pattern::literal(arn, Variables::Plain);
        self.powers.may(PASS, &role).iter().any(|other| std::ptr::eq(other.statement, power.statement))
    }
}

/// Whether a resource of the Allow has a variable, and none lists everything.
fn hangs_on_a_variable(power: &Power<'_>) -> bool {
    let patterns = || power.statement.resources.iter().flat_map(|own| &own.patterns);
    patterns().any(Pattern::has_variables) && !patterns().any(Pattern::is_wild)
}

/// The ARN of a role that nobody makes, which only a pattern over all roles matches.
fn nobody(place: &Place<'_>) -> String {
    format!("arn:{}:iam::{}:role/=no=such=role=", place.partition, place.account)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{ACCOUNT_AUTHORIZATION_DETAILS, POLICY, POLICY_VERSION};
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::*;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean_or_idle};

    /// The one statement of iam:PassRole in the notebook role's policy.
    fn edit(env: &mut Env, change: impl FnOnce(&mut Value)) -> &mut Env {
        let arn = "arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev";
        env.policy(arn, |policy| {
            let mut document: Value =
                serde_json::from_str(&decode(policy.document.as_deref().unwrap_or_default())).unwrap();
            let statements = document["Statement"].as_array_mut().unwrap();
            let pass = statements.iter_mut().find(|statement| statement["Action"] == json!(["iam:PassRole"])).unwrap();
            change(pass);
            policy.document = Some(encode(&document.to_string()).into());
        });
        env.remove_role(NOTEBOOK_EXECUTION_BO)
    }

    fn resource(env: &mut Env, resource: Value) {
        edit(env, |pass| pass["Resource"] = resource);
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean_or_idle(
            &CONTROL,
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            "#]],
        );
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION]);
    }

    #[test]
    fn pass_trap_any_role_to_sagemaker() {
        check(
            &CONTROL,
            |env| resource(env, json!("*")),
            expect![[r#"
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) may pass every role (`ds-deploy-role-fraud-dev`, `ds-hosting-role-fraud-dev`, `ds-sc-launch-role-fraud-dev` and 5 more among them), not training_execution alone: statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["*"],"Condition":{"StringEquals":{"iam:PassedToService":["sagemaker.amazonaws.com"]}}}, wanted only training_execution as resource
              iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.PassRole: saw every role, such as arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev, arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev, arn:aws:iam::111122223333:role/ds-user-role-fraud-dev, arn:aws:iam::111122223333:role/fraud-scoring-app-dev, arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy, arn:aws:iam::111122223333:role/platform-admin, arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, wanted only training_execution
        "#]],
        );
    }

    #[test]
    fn a_pattern_that_matches_another_role() {
        check(
            &CONTROL,
            |env| resource(env, json!("arn:aws:iam::111122223333:role/ds-*")),
            expect![[r#"
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) may pass `ds-deploy-role-fraud-dev`, `ds-hosting-role-fraud-dev`, `ds-sc-launch-role-fraud-dev` and 1 more, not training_execution alone: statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/ds-*"],"Condition":{"StringEquals":{"iam:PassedToService":["sagemaker.amazonaws.com"]}}}, wanted only training_execution as resource
              iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.PassRole: saw arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev, arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev, arn:aws:iam::111122223333:role/ds-user-role-fraud-dev, wanted only training_execution
        "#]],
        );
    }

    #[test]
    fn fail_trap_a_pattern_that_matches_only_the_expected() {
        check(
            &CONTROL,
            |env| {
                resource(
                    env,
                    json!(["arn:aws:iam::111122223333:role/ds-training-*", "arn:aws:iam::111122223333:role/gone"]),
                )
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            "#]],
        );
    }

    #[test]
    fn pass_trap_wildcards_in_the_action() {
        check(
            &CONTROL,
            |env| {
                edit(env, |pass| pass["Action"] = json!("iam:Pass*"));
                env.add_inline(
                    DATA_SCIENTIST,
                    "all",
                    &json!({"Version": "2012-10-17", "Statement": [
                        {"Effect": "Allow", "Action": "iam:*", "Resource": TRAINING_EXECUTION},
                    ]}),
                );
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NON_COMPLIANT HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) may pass roles and needs to pass none: statement 0 of the inline policy `all` of `ds-user-role-fraud-dev` allows iam:PassRole; no Deny speaks of it, and the boundary `arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev` v1 allows it in statement 0.
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.RolePolicyList[all].PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["iam:*"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"]}, wanted no Allow of iam:PassRole
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["ec2:CreateNetworkInterface*","ec2:Describe*","ecr:BatchGetImage","iam:PassRole","kms:CreateGrant","kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey","logs:*","s3:GetObject","s3:PutObject","sagemaker:*","servicecatalog:*"],"Resource":["*"]}, wanted no Allow of iam:PassRole
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            "#]],
        );
    }

    #[test]
    fn pass_trap_if_exists_and_other_conditions_that_do_not_confine() {
        for (operator, values) in [
            ("StringEqualsIfExists", json!("sagemaker.amazonaws.com")),
            ("StringLike", json!("*.amazonaws.com")),
            ("StringEquals", json!(["sagemaker.amazonaws.com", "lambda.amazonaws.com"])),
            ("StringNotEquals", json!("lambda.amazonaws.com")),
        ] {
            check(
                &CONTROL,
                |env| {
                    edit(env, |pass| pass["Condition"] = json!({operator: {"iam:PassedToService": values}}));
                },
                match operator {
                    "StringEqualsIfExists" => expect![[r#"
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                        NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) may pass roles to other services than SageMaker: statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `iam:PassedToService` (ifexists_on_allow).
                          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"],"Condition":{"StringEqualsIfExists":{"iam:PassedToService":["sagemaker.amazonaws.com"]}}}, wanted StringEquals iam:PassedToService sagemaker.amazonaws.com
                    "#]],
                    "StringLike" => expect![[r#"
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                        NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) may pass roles to other services than SageMaker: statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `iam:PassedToService` (it only asks that there is one).
                          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"],"Condition":{"StringLike":{"iam:PassedToService":["*.amazonaws.com"]}}}, wanted StringEquals iam:PassedToService sagemaker.amazonaws.com
                    "#]],
                    "StringEquals" => expect![[r#"
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                        NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) may pass roles to other services than SageMaker: statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `iam:PassedToService` (it only asks that there is one).
                          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"],"Condition":{"StringEquals":{"iam:PassedToService":["sagemaker.amazonaws.com","lambda.amazonaws.com"]}}}, wanted StringEquals iam:PassedToService sagemaker.amazonaws.com
                    "#]],
                    _ => expect![[r#"
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                        NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) may pass roles to other services than SageMaker: statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `iam:PassedToService` (allow_negated).
                          iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"],"Condition":{"StringNotEquals":{"iam:PassedToService":["lambda.amazonaws.com"]}}}, wanted StringEquals iam:PassedToService sagemaker.amazonaws.com
                    "#]],
                },
            );
        }
        check(
            &CONTROL,
            |env| {
                edit(env, |pass| drop(pass.as_object_mut().unwrap().remove("Condition")));
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) may pass roles to other services than SageMaker: statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 does not confine `iam:PassedToService`.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"]}, wanted StringEquals iam:PassedToService sagemaker.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn a_deny_of_other_services_confines_it() {
        check(
            &CONTROL,
            |env| {
                edit(env, |pass| drop(pass.as_object_mut().unwrap().remove("Condition")));
                env.add_inline(
                    NOTEBOOK_EXECUTION,
                    "deny",
                    &json!({"Version": "2012-10-17", "Statement": [
                        {"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*",
                         "Condition": {"StringNotEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}},
                    ]}),
                );
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            "#]],
        );
    }

    #[test]
    fn a_boundary_that_names_the_role_confines_it() {
        check(
            &CONTROL,
            |env| {
                resource(env, json!("*"));
                let cap =
                    |action: &str, resource: &str| json!({"Effect": "Allow", "Action": action, "Resource": resource});
                let document = json!({"Version": "2012-10-17", "Statement": [
                    cap("sagemaker:*", "*"), cap("iam:PassRole", TRAINING_EXECUTION),
                ]});
                let arn = "arn:aws:iam::111122223333:policy/narrow";
                env.add_policy(plain_policy(arn, &document)).set_boundary(NOTEBOOK_EXECUTION, Some(arn));
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_role_that_passes_itself() {
        let both = || json!([NOTEBOOK_EXECUTION, TRAINING_EXECUTION]);
        check(
            &CONTROL,
            |env| resource(env, both()),
            expect![[r#"
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
            NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            NON_COMPLIANT HIGH fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) may pass `ds-notebook-role-fraud-dev-ana`, not training_execution alone: statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 allows it.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[2]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana","arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"],"Condition":{"StringEquals":{"iam:PassedToService":["sagemaker.amazonaws.com"]}}}, wanted only training_execution as resource
              iam:GetAccountAuthorizationDetails ds-notebook-role-fraud-dev-ana.PassRole: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, wanted only training_execution
        "#]],
        );
        check(
            &CONTROL,
            |env| {
                resource(env, both());
                env.add_to_baseline("allow_self_pass: true");
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
            "#]],
        );
    }

    #[test]
    fn a_variable_in_the_condition_or_the_resource() {
        check(
            &CONTROL,
            |env| {
                edit(env, |pass| {
                    pass["Condition"] = json!({"StringEquals": {"iam:PassedToService": "${aws:PrincipalTag/service}"}});
                });
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-notebook-role-fraud-dev-ana: Whether statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 confines `iam:PassedToService` hangs on a variable or an unknown operator.
            "#]],
        );
        check(
            &CONTROL,
            |env| resource(env, json!("arn:aws:iam::111122223333:role/${aws:PrincipalTag/job}")),
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev ds-notebook-role-fraud-dev-ana: Which roles statement 2 of `arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev` v1 lets `ds-notebook-role-fraud-dev-ana` (notebook_execution) pass hangs on a variable.
            "#]],
        );
    }

    #[test]
    fn the_expected_role_is_not_bound() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(
                    "      training_execution:\n        bind: {tags: {ProjectName: fraud, EnvironmentType: dev, LogicalRole: training}}\n        reference_policy: [references/roles/training_execution.json]\n",
                    "",
                );
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-notebook-role-fraud-dev-ana: The baseline has no `roles.training_execution.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-notebook-role-fraud-dev-bo: The baseline has no `roles.training_execution.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev 111122223333: The baseline has no `roles.training_execution.bind`.
            "#]],
        );
    }

    #[test]
    fn a_pattern_and_a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                resource(env, json!("arn:aws:iam::111122223333:role/ds-training-*"));
                env.cut(&ACCOUNT_AUTHORIZATION_DETAILS);
            },
            expect![[r#"
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-notebook-role-fraud-dev-ana: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
                INSUFFICIENT_DATA truncated HIGH fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
            "#]],
        );
    }

    #[test]
    fn a_policy_that_was_not_seen_leaves_the_role_undecided() {
        for source in [&POLICY, &POLICY_VERSION] {
            check(
                &CONTROL,
                |env| {
                    env.attach(TRAINING_EXECUTION, POWER_USER).hide(source);
                },
                match source.operation {
                    "GetPolicy" => expect![[r#"
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                        INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-training-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                          iam:GetPolicy not seen: denied
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                    "#]],
                    _ => expect![[r#"
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) passes no role, and needs to pass none.
                        INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-training-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                          iam:GetPolicyVersion not seen: denied
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) passes no role, and needs to pass none.
                        NOT_APPLICABLE feature_not_used HIGH fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) passes no role, and needs to pass none.
                    "#]],
                },
            );
        }
    }
}
