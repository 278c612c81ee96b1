//! IAM-04: trust of service principals is bound to this account.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{
    Confinement, Document, KeyKind, Principals, Statement, TrustAction, Wanted, confines, trust_grants,
};
use plumbline_policy::{PrincipalClass, classify};
use plumbline_snapshot::iam;

use crate::Control;
use crate::judge::{self, Known, Say, field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::targets::undecided;
use crate::world::trust::service_name;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "IAM-04",
    name: "trust-source-account",
    title: "Trust of service principals is bound to this account.",
    area: Area::Roles,
    severity: Severity::Low,
    origin: Origin::Beyond,
    scope: "IAM role",
    rationale: "A service acts for all its customers: without the condition it might be led to assume the role on behalf of another account.",
    decided: "Every Allow in the trust policy that names a service must be confined by `aws:SourceAccount` to accounts of `allowed_accounts`, or by `aws:SourceArn` to resources of theirs. Services of `source_account_unsupported`, which never send the keys, do not count.",
    remediation: "Add `StringEquals` on `aws:SourceAccount` with the account's id to the trust policy.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(&INFO, place, world.bound_roles(place), Bound::subject, |say, bound| look(world, place, bound, say))
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, bound: &Bound<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let name = &bound.role.name;
    let document = world.trust_of(bound.role)?;
    let mut silent = Vec::new();
    let mut judged = false;
    for grant in trust_grants(&document).iter().filter(|grant| grant.assumes()) {
        let services = grant.principals().filter_map(|principal| match classify(principal) {
            PrincipalClass::Service(service) => Some(service_name(place, service)),
            _ => None,
        });
        let (unsupported, asked): (Vec<String>, Vec<String>) =
            services.partition(|service| sends_no_account(place, service));
        silent.extend(unsupported);
        if asked.is_empty() {
            continue;
        }
        judged = true;
        let statement = grant.statement;
        let path = format!("{name}.AssumeRolePolicyDocument.Statement[{}]", statement.index);
        let (accounts, wanted) = wanted(place);
        let evidence = field(&iam::ACCOUNT_AUTHORIZATION_DETAILS, path, statement.to_string(), wanted);
        let services = asked.join(" and ");
        match confinement(place, statement, &denies(&document), &accounts) {
            Confinement::Confined => say.fact(evidence),
            Confinement::Undecidable => say.unknown(undecided(format!(
                "whether statement {} of the trust policy of `{name}` confines {services} to this account hangs on a \
                 variable or an unknown operator",
                statement.index
            ))),
            Confinement::PresenceOnly | Confinement::Open { .. } => say.broken(
                format!(
                    "`{name}` ({}) can be assumed by {services} on behalf of other accounts: statement {} of its trust \
                     policy does not confine `aws:SourceAccount` or `aws:SourceArn`",
                    bound.plays(),
                    statement.index
                ),
                [evidence],
            ),
        }
    }
    if judged {
        say.holds();
    } else if silent.is_empty() {
        say.not_applicable(Reason::FeatureNotUsed, format!("no service can assume `{name}`"));
    } else {
        say.not_applicable(
            Reason::UnsupportedByService,
            format!("`{name}` trusts {}, which sends no source account", silent.join(" and ")),
        );
    }
    Ok(())
}

/// The better of the two keys. Values are compared as texts and ARNs ("Cross-service confused deputy prevention", IAM User
/// Guide).
fn confinement(place: &Place<'_>, allow: &Statement, denies: &[&Statement], accounts: &[&str]) -> Confinement {
    let by_account = confines(allow, denies, "aws:SourceAccount", KeyKind::Single, &Wanted::values(accounts));
    let arns = accounts.iter().map(|account| format!("arn:{}:*:*:{account}:*", place.partition));
    let by_arn = confines(allow, denies, "aws:SourceArn", KeyKind::Single, &Wanted::arns(arns));
    match (by_account, by_arn) {
        (Confinement::Confined, _) | (_, Confinement::Confined) => Confinement::Confined,
        (Confinement::Undecidable, _) | (_, Confinement::Undecidable) => Confinement::Undecidable,
        (open, _) => open,
    }
}

/// The Denies of the trust that speak of everyone who assumes the role.
fn denies(document: &Document) -> Vec<&Statement> {
    let everyone = |deny: &&Statement| {
        deny.principals.as_ref().is_some_and(Principals::is_everyone)
            && deny.matches_action(TrustAction::AssumeRole.as_str()).is_yes()
    };
    document.denies().filter(everyone).collect()
}

/// The allowed accounts, and what is wanted in words.
fn wanted<'p>(place: &'p Place<'_>) -> (Vec<&'p str>, String) {
    let mut accounts: Vec<&str> = vec![place.account.as_str()];
    let allowed = place.environments.iter().flat_map(|environment| &environment.allowed_accounts);
    accounts.extend(allowed.map(|account| account.as_str()));
    accounts.sort_unstable();
    accounts.dedup();
    let words = format!("aws:SourceAccount or aws:SourceArn of {}", many(" or ", &accounts));
    (accounts, words)
}

/// Whether the baseline says that the service never sends whom it acts for.
fn sends_no_account(place: &Place<'_>, service: &str) -> bool {
    let name = service.split('.').next().unwrap_or(service);
    let lists = |listed: &String| listed == name || listed == service;
    place.environments.iter().any(|environment| environment.source_account_unsupported.iter().any(lists))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::iam::*;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind, check, clean_or_idle};

    /// The environment in which the training role's trust has this condition.
    fn conditioned(condition: Value) -> impl FnOnce(&mut plumbline_testkit::Env) {
        move |env| {
            env.trust(TRAINING_EXECUTION, |document| document["Statement"][0]["Condition"] = condition)
                .remove_role(DATA_SCIENTIST)
                .remove_role(NOTEBOOK_CREATION);
        }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean_or_idle(
            &CONTROL,
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service LOW fraud-dev ds-sc-launch-role-fraud-dev: `ds-sc-launch-role-fraud-dev` trusts servicecatalog.amazonaws.com, which sends no source account.
                NOT_APPLICABLE feature_not_used LOW fraud-dev ds-user-role-fraud-dev: No service can assume `ds-user-role-fraud-dev`.
            "#]],
        );
        blind(&CONTROL);
    }

    #[test]
    fn no_condition_at_all_and_another_account() {
        check(
            &CONTROL,
            |env| {
                conditioned(json!({}))(env);
                env.trust(ENDPOINT_CREATION, |document| {
                    document["Statement"][0]["Condition"] =
                        json!({"StringEquals": {"aws:SourceAccount": "999988887777"}});
                });
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` (endpoint_creation) can be assumed by codebuild.amazonaws.com on behalf of other accounts: statement 0 of its trust policy does not confine `aws:SourceAccount` or `aws:SourceArn`.
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"Service":["codebuild.amazonaws.com"]},"Action":["sts:AssumeRole"],"Condition":{"StringEquals":{"aws:SourceAccount":["999988887777"]}}}, wanted aws:SourceAccount or aws:SourceArn of 111122223333
                NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can be assumed by sagemaker.amazonaws.com on behalf of other accounts: statement 0 of its trust policy does not confine `aws:SourceAccount` or `aws:SourceArn`.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"Service":["sagemaker.amazonaws.com"]},"Action":["sts:AssumeRole"]}, wanted aws:SourceAccount or aws:SourceArn of 111122223333
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_arn_of_any_account() {
        for (arn, expected) in [
            (
                "arn:aws:sagemaker:eu-west-1:*:*",
                expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can be assumed by sagemaker.amazonaws.com on behalf of other accounts: statement 0 of its trust policy does not confine `aws:SourceAccount` or `aws:SourceArn`.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"Service":["sagemaker.amazonaws.com"]},"Action":["sts:AssumeRole"],"Condition":{"ArnLike":{"aws:SourceArn":["arn:aws:sagemaker:eu-west-1:*:*"]}}}, wanted aws:SourceAccount or aws:SourceArn of 111122223333
            "#]],
            ),
            (
                "arn:aws:sagemaker:eu-west-1:111122223333:*",
                expect![[r#"
                COMPLIANT
            "#]],
            ),
        ] {
            check(&CONTROL, conditioned(json!({"ArnLike": {"aws:SourceArn": arn}})), expected);
        }
    }

    #[test]
    fn conditions_that_do_not_confine() {
        for (condition, expected) in [
            (
                json!({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}),
                expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can be assumed by sagemaker.amazonaws.com on behalf of other accounts: statement 0 of its trust policy does not confine `aws:SourceAccount` or `aws:SourceArn`.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"Service":["sagemaker.amazonaws.com"]},"Action":["sts:AssumeRole"],"Condition":{"StringEqualsIfExists":{"aws:SourceAccount":["111122223333"]}}}, wanted aws:SourceAccount or aws:SourceArn of 111122223333
            "#]],
            ),
            (
                json!({"Null": {"aws:SourceAccount": "false"}}),
                expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can be assumed by sagemaker.amazonaws.com on behalf of other accounts: statement 0 of its trust policy does not confine `aws:SourceAccount` or `aws:SourceArn`.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"Service":["sagemaker.amazonaws.com"]},"Action":["sts:AssumeRole"],"Condition":{"Null":{"aws:SourceAccount":["false"]}}}, wanted aws:SourceAccount or aws:SourceArn of 111122223333
            "#]],
            ),
            (
                json!({"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}),
                expect![[r#"
                INSUFFICIENT_DATA undecidable_policy LOW fraud-dev ds-training-role-fraud-dev: Whether statement 0 of the trust policy of `ds-training-role-fraud-dev` confines sagemaker.amazonaws.com to this account hangs on a variable or an unknown operator.
            "#]],
            ),
        ] {
            check(&CONTROL, conditioned(condition), expected);
        }
    }

    #[test]
    fn a_deny_of_other_accounts_is_as_good() {
        check(
            &CONTROL,
            |env| {
                conditioned(json!({}))(env);
                env.trust(TRAINING_EXECUTION, |document| {
                    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole",
                        "Condition": {"StringNotEquals": {"aws:SourceAccount": "111122223333"}}});
                    document["Statement"].as_array_mut().unwrap().push(deny);
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_services_that_never_send_it() {
        check(
            &CONTROL,
            |env| {
                conditioned(json!({}))(env);
                env.add_to_baseline("source_account_unsupported: [ec2, servicecatalog, sagemaker.amazonaws.com]");
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service LOW fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` trusts sagemaker.amazonaws.com, which sends no source account.
                NOT_APPLICABLE unsupported_by_service LOW fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` trusts sagemaker.amazonaws.com, which sends no source account.
                NOT_APPLICABLE unsupported_by_service LOW fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` trusts sagemaker.amazonaws.com, which sends no source account.
                NOT_APPLICABLE unsupported_by_service LOW fraud-dev ds-notebook-role-fraud-dev-bo: `ds-notebook-role-fraud-dev-bo` trusts sagemaker.amazonaws.com, which sends no source account.
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.trust(ENDPOINT_INVOCATION, |document| {
                    let statement = &mut document["Statement"][0];
                    statement["Principal"] = json!({"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]});
                    statement["Condition"] = json!({});
                });
                env.remove_role(DATA_SCIENTIST).remove_role(NOTEBOOK_CREATION);
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) can be assumed by lambda.amazonaws.com on behalf of other accounts: statement 0 of its trust policy does not confine `aws:SourceAccount` or `aws:SourceArn`.
                  iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.AssumeRolePolicyDocument.Statement[0]: saw {"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]},"Action":["sts:AssumeRole"]}, wanted aws:SourceAccount or aws:SourceArn of 111122223333
            "#]],
        );
    }

    #[test]
    fn an_allowed_account_of_the_baseline() {
        check(
            &CONTROL,
            |env| {
                conditioned(json!({"StringEquals": {"aws:SourceAccount": ["111122223333", "444455556666"]}}))(env);
                env.replace_baseline(
                    "  allowed_accounts: [\"111122223333\"]",
                    "  allowed_accounts: [\"111122223333\", \"444455556666\"]",
                );
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_trust_that_cannot_be_read() {
        check(
            &CONTROL,
            |env| {
                conditioned(json!({}))(env);
                env.role(TRAINING_EXECUTION, |role| role.trust = None);
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy LOW fraud-dev ds-training-role-fraud-dev: The trust policy of `ds-training-role-fraud-dev` cannot be read: it was not sent.
            "#]],
        );
    }
}
