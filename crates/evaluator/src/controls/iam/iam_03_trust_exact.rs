//! IAM-03: each role can be assumed only by the principals its purpose needs.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_policy::{
    Answer, Principal, PrincipalClass, Statement, TrustGrant, account_of, classify, federation_of, parse_encoded,
    trust_grants,
};
use plumbline_snapshot::iam;

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, few, field, many};
use crate::place::Place;
use crate::tables::roles::{is_for_people, refused_services, trusted_services};
use crate::world::World;
use crate::world::bindings::{Bound, is_of_identity_center};
use crate::world::trust::{is_foreign, service_name};

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "IAM-03",
    name: "trust-exact",
    title: "Each role can be assumed only by the principals its purpose needs.",
    area: Area::Roles,
    severity: Severity::Critical,
    origin: Origin::Derived,
    scope: "IAM role",
    rationale: "Whoever may assume a role has all that the role may do, whatever else keeps the roles apart.",
    decided: "Every principal of every Allow in the trust policy that gives credentials must be one that the role's purpose needs or that `trusted_principals` names, and of no foreign account. An account root counts only with `allow_account_root_trust`, an identity provider only with a condition on its audience or subject; where the baseline names providers, only those. A deleted principal grants nobody.",
    remediation: "Reduce the trust policy with UpdateAssumeRolePolicy to the principals that the role needs.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "AC-6", "IA-2"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(&INFO, place, world.bound_roles(place), Bound::subject, |say, bound| look(place, bound, say))
}

fn look<'a>(place: &Place<'a>, bound: &Bound<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let name = &bound.role.name;
    let unreadable = |why: String| {
        Unknown::Because(Reason::UndecidablePolicy, format!("the trust policy of `{name}` cannot be read: {why}"))
    };
    let text = bound.role.trust.as_deref().ok_or_else(|| unreadable("it was not sent".to_owned()))?;
    let document = parse_encoded(text).map_err(|error| unreadable(error.to_string()))?;
    let mut somebody = false;
    for grant in trust_grants(&document).iter().filter(|grant| grant.assumes()) {
        if grant.is_public() {
            somebody = true;
            say.broken(
                format!("`{name}` ({}) can be assumed by everyone{}", bound.plays(), but(grant)),
                [evidence(place, bound, grant, None)],
            );
            continue;
        }
        let exists = |principal: &&Principal| !matches!(classify(principal), PrincipalClass::Deleted(_));
        for principal in grant.principals().filter(exists) {
            somebody = true;
            if let Some(Some(fault)) = say.see(fault(place, bound, grant.statement, principal)) {
                say.broken(
                    format!("`{name}` ({}) can be assumed by `{}`, {fault}", bound.plays(), principal.value),
                    [evidence(place, bound, grant, Some(principal))],
                );
            }
        }
    }
    if !somebody {
        say.broken_as(
            Severity::Low,
            format!("nobody can assume `{name}` ({})", bound.plays()),
            [field(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                format!("{name}.AssumeRolePolicyDocument.Statement[]"),
                "no Allow of sts:AssumeRole, AssumeRoleWithSAML or AssumeRoleWithWebIdentity to anyone who exists",
                wanted(place, bound),
            )],
        );
    }
    Ok(())
}

/// What is wrong with a principal in this trust; none if it belongs there.
fn fault<'a>(
    place: &Place<'a>,
    bound: &Bound<'a>,
    statement: &Statement,
    principal: &Principal,
) -> Known<'a, Option<String>> {
    if let Some(account) = account_of(principal).filter(|account| is_foreign(place, statement, account)) {
        return Ok(Some(format!("of the foreign account {account}")));
    }
    let people = bound.plays.iter().any(|role| is_for_people(*role));
    let listed = bound.trusts(place, principal);
    let other = || Ok(Some("which is not among those that its purpose needs".to_owned()));
    match classify(principal) {
        PrincipalClass::Deleted(_) => Ok(None),
        PrincipalClass::Everyone => Ok(Some("which is everyone".to_owned())),
        PrincipalClass::Service(_) if people => Ok(Some("a service, and the role is for people".to_owned())),
        PrincipalClass::Service(service) => {
            let service = service_name(place, service);
            let among = |list: &[&str]| list.contains(&service.as_str());
            if let Some(role) = bound.plays.iter().find(|role| among(refused_services(**role))) {
                return Ok(Some(format!("a service that must never be `{role}`")));
            }
            if listed || bound.plays.iter().any(|role| among(trusted_services(*role))) { Ok(None) } else { other() }
        }
        PrincipalClass::Account(account) => {
            if !place.environments.iter().all(|environment| environment.allow_account_root_trust) {
                Ok(Some(format!("which lets in whatever in account {account} may call sts:AssumeRole")))
            } else if listed || (people && account == place.account.as_str()) {
                Ok(None)
            } else {
                other()
            }
        }
        PrincipalClass::SamlProvider { name, .. } => {
            let center = is_of_identity_center(bound.role) && name.starts_with("AWSSSO_");
            if listed || center || (people && !bound.trusts_named_providers(place)) {
                federation(bound, statement, principal)
            } else {
                other()
            }
        }
        // A built-in provider, which serves all the world, counts only where the baseline names it.
        PrincipalClass::OidcProvider { account, .. } => {
            if listed || (people && account.is_some() && !bound.trusts_named_providers(place)) {
                federation(bound, statement, principal)
            } else {
                other()
            }
        }
        _ if listed => Ok(None),
        _ => other(),
    }
}

/// What is wrong with the conditions on an identity provider.
fn federation<'a>(bound: &Bound<'a>, statement: &Statement, principal: &Principal) -> Known<'a, Option<String>> {
    let Some(federation) = federation_of(statement, principal) else { return Ok(None) };
    let what = if federation.subject.is_some() { "subject" } else { "audience" };
    match federation.is_bound() {
        Answer::Yes => Ok(None),
        Answer::No => Ok(Some(format!("an identity provider without a condition that confines its {what}"))),
        Answer::Undecidable => Err(Unknown::Because(
            Reason::UndecidablePolicy,
            format!(
                "whether the trust policy of `{}` confines the {what} of `{}` hangs on a variable or an unknown operator",
                bound.role.name, principal.value
            ),
        )),
    }
}

/// Whom `NotPrincipal` leaves out.
fn but(grant: &TrustGrant<'_>) -> String {
    let named = grant.principals().filter(|principal| !principal.is_everyone());
    let left_out: Vec<&str> = named.map(|principal| principal.value.as_str()).collect();
    if left_out.is_empty() { String::new() } else { format!(" but {}", few(", ", &left_out)) }
}

fn evidence(place: &Place<'_>, bound: &Bound<'_>, grant: &TrustGrant<'_>, principal: Option<&Principal>) -> Evidence {
    let actions = many(", ", grant.actions.iter().map(|action| action.as_str()));
    let who = match principal {
        Some(principal) => format!("{} {}", principal.kind.key().unwrap_or("anyone"), principal.value),
        None => "everyone".to_owned(),
    };
    let conditions = grant.statement.conditions.iter().map(|condition| {
        format!("{} {} [{}]", condition.operator.text(), condition.key, many(", ", &condition.values))
    });
    let conditions = many(" and ", conditions);
    let conditions = if conditions.is_empty() { "without conditions".to_owned() } else { format!("if {conditions}") };
    field(
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        format!("{}.AssumeRolePolicyDocument.Statement[{}].Principal", bound.role.name, grant.statement.index),
        format!("{who} may {actions} {conditions}"),
        wanted(place, bound),
    )
}

/// Who may assume the role, in words.
fn wanted(place: &Place<'_>, bound: &Bound<'_>) -> String {
    let services = bound.plays.iter().flat_map(|role| trusted_services(*role).iter().copied());
    let mut all: Vec<&str> = services.chain(bound.trusted(place)).collect();
    if all.is_empty() {
        all.push("an identity provider of the account");
    }
    format!("only {}", many(", ", &all))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::*;
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    /// Replaces the principal of the role's one statement.
    fn principal(env: &mut Env, role: &str, principal: serde_json::Value) {
        env.trust(role, |trust| trust["Statement"][0]["Principal"] = principal);
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn everyone() {
        check(
            &CONTROL,
            |env| principal(env, TRAINING_EXECUTION, json!("*")),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can be assumed by everyone.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw everyone may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only sagemaker.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn everyone_but_a_few() {
        check(
            &CONTROL,
            |env| {
                env.trust(TRAINING_EXECUTION, |trust| {
                    let statement = trust["Statement"][0].as_object_mut().unwrap();
                    statement.remove("Principal");
                    statement.insert("NotPrincipal".to_owned(), json!({"AWS": "arn:aws:iam::111122223333:user/x"}));
                });
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can be assumed by everyone but arn:aws:iam::111122223333:user/x.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw everyone may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only sagemaker.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn a_principal_that_its_purpose_does_not_need_beside_the_right_one() {
        check(
            &CONTROL,
            |env| {
                principal(
                    env,
                    ENDPOINT_INVOCATION,
                    json!({"Service": "ecs-tasks.amazonaws.com", "AWS": PLATFORM_ADMIN}),
                )
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) can be assumed by `arn:aws:iam::111122223333:role/platform-admin`, which is not among those that its purpose needs.
                  iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw AWS arn:aws:iam::111122223333:role/platform-admin may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only lambda.amazonaws.com, ecs-tasks.amazonaws.com, ec2.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn a_foreign_account_even_if_the_baseline_trusts_its_role() {
        check(
            &CONTROL,
            |env| {
                principal(env, ENDPOINT_CREATION, json!({"AWS": "arn:aws:iam::999999999999:role/ci"}));
                env.replace_baseline(
                    "      endpoint_creation:\n",
                    "      endpoint_creation:\n        trusted_principals: [\"arn:aws:iam::999999999999:role/ci\"]\n",
                );
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` (endpoint_creation) can be assumed by `arn:aws:iam::999999999999:role/ci`, of the foreign account 999999999999.
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw AWS arn:aws:iam::999999999999:role/ci may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only codebuild.amazonaws.com, codepipeline.amazonaws.com, cloudformation.amazonaws.com, states.amazonaws.com, lambda.amazonaws.com, arn:aws:iam::999999999999:role/ci
            "#]],
        );
    }

    #[test]
    fn a_member_of_the_organization_that_the_baseline_trusts() {
        check(
            &CONTROL,
            |env| {
                principal(env, ENDPOINT_CREATION, json!({"AWS": "arn:aws:iam::999999999999:role/ci"}));
                env.trust(ENDPOINT_CREATION, |trust| {
                    trust["Statement"][0]["Condition"] =
                        json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}});
                });
                env.replace_baseline(
                    "      endpoint_creation:\n",
                    "      endpoint_creation:\n        trusted_principals: [\"arn:aws:iam::999999999999:role/ci\"]\n",
                );
                env.add_to_baseline("org_id: o-a1b2c3d4e5");
            },
            expect![[r#"
                    COMPLIANT
                "#]],
        );
    }

    #[test]
    fn pass_trap_the_account_root_looks_internal() {
        check(
            &CONTROL,
            |env| principal(env, ENDPOINT_CREATION, json!({"AWS": "111122223333"})),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` (endpoint_creation) can be assumed by `111122223333`, which lets in whatever in account 111122223333 may call sts:AssumeRole.
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw AWS 111122223333 may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only codebuild.amazonaws.com, codepipeline.amazonaws.com, cloudformation.amazonaws.com, states.amazonaws.com, lambda.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn the_account_root_where_the_baseline_allows_and_names_it() {
        check(
            &CONTROL,
            |env| {
                principal(env, ENDPOINT_CREATION, json!({"AWS": "111122223333"}));
                env.add_to_baseline("allow_account_root_trust: true").replace_baseline(
                    "      endpoint_creation:\n",
                    "      endpoint_creation:\n        trusted_principals: [\"arn:aws:iam::{account}:root\"]\n",
                );
            },
            expect![[r#"
                    COMPLIANT
                "#]],
        );
    }

    #[test]
    fn the_account_root_where_the_baseline_allows_roots_and_does_not_name_it() {
        check(
            &CONTROL,
            |env| {
                principal(env, ENDPOINT_CREATION, json!({"AWS": "111122223333"}));
                env.add_to_baseline("allow_account_root_trust: true");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` (endpoint_creation) can be assumed by `111122223333`, which is not among those that its purpose needs.
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw AWS 111122223333 may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only codebuild.amazonaws.com, codepipeline.amazonaws.com, cloudformation.amazonaws.com, states.amazonaws.com, lambda.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn a_service_on_the_role_for_people_even_if_the_baseline_names_it() {
        check(
            &CONTROL,
            |env| {
                principal(env, DATA_SCIENTIST, json!({"Federated": SAML_PROVIDER, "Service": "ec2.amazonaws.com"}));
                env.replace_baseline(
                    "trusted_principals: [\"arn:aws:iam::{account}:saml-provider/corp\"]",
                    "trusted_principals: [\"arn:aws:iam::{account}:saml-provider/corp\", ec2.amazonaws.com]",
                );
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) can be assumed by `ec2.amazonaws.com`, a service, and the role is for people.
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw Service ec2.amazonaws.com may sts:AssumeRoleWithSAML if StringEquals SAML:aud [https://signin.aws.amazon.com/saml], wanted only arn:aws:iam::111122223333:saml-provider/corp, ec2.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn sagemaker_on_a_role_that_it_must_never_be() {
        for role in [ENDPOINT_INVOCATION, ENDPOINT_CREATION, NOTEBOOK_CREATION] {
            let name = role.rsplit('/').next().unwrap();
            let mut env = plumbline_testkit::known_good();
            principal(&mut env, role, json!({"Service": "sagemaker.amazonaws.com"}));
            check(
                &CONTROL,
                |it| *it = env,
                match name {
                    "fraud-scoring-app-dev" => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) can be assumed by `sagemaker.amazonaws.com`, a service that must never be `endpoint_invocation`.
                          iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw Service sagemaker.amazonaws.com may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only lambda.amazonaws.com, ecs-tasks.amazonaws.com, ec2.amazonaws.com
                    "#]],
                    "ds-deploy-role-fraud-dev" => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` (endpoint_creation) can be assumed by `sagemaker.amazonaws.com`, a service that must never be `endpoint_creation`.
                          iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw Service sagemaker.amazonaws.com may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only codebuild.amazonaws.com, codepipeline.amazonaws.com, cloudformation.amazonaws.com, states.amazonaws.com, lambda.amazonaws.com
                    "#]],
                    _ => expect![[r#"
                        NON_COMPLIANT CRITICAL fraud-dev ds-sc-launch-role-fraud-dev: `ds-sc-launch-role-fraud-dev` (notebook_creation) can be assumed by `sagemaker.amazonaws.com`, a service that must never be `notebook_creation`.
                          iam:GetAccountAuthorizationDetails ds-sc-launch-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw Service sagemaker.amazonaws.com may sts:AssumeRole without conditions, wanted only servicecatalog.amazonaws.com, cloudformation.amazonaws.com
                    "#]],
                },
            );
        }
    }

    #[test]
    fn a_provider_without_an_audience() {
        check(
            &CONTROL,
            |env| {
                env.trust(DATA_SCIENTIST, |trust| {
                    drop(trust["Statement"][0].as_object_mut().unwrap().remove("Condition"))
                });
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) can be assumed by `arn:aws:iam::111122223333:saml-provider/corp`, an identity provider without a condition that confines its audience.
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw Federated arn:aws:iam::111122223333:saml-provider/corp may sts:AssumeRoleWithSAML without conditions, wanted only arn:aws:iam::111122223333:saml-provider/corp
            "#]],
        );
    }

    #[test]
    fn a_web_identity_with_an_audience_and_any_subject() {
        check(
            &CONTROL,
            |env| {
                let provider = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
                principal(env, ENDPOINT_CREATION, json!({"Federated": provider}));
                env.trust(ENDPOINT_CREATION, |trust| {
                    trust["Statement"][0]["Action"] = json!("sts:AssumeRoleWithWebIdentity");
                    trust["Statement"][0]["Condition"] = json!({
                        "StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"},
                        "StringLike": {"token.actions.githubusercontent.com:sub": "*:ref:refs/heads/main"},
                    });
                });
                env.replace_baseline(
                    "      endpoint_creation:\n",
                    &format!("      endpoint_creation:\n        trusted_principals: [\"{provider}\"]\n"),
                );
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` (endpoint_creation) can be assumed by `arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com`, an identity provider without a condition that confines its subject.
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw Federated arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com may sts:AssumeRoleWithWebIdentity if StringEquals token.actions.githubusercontent.com:aud [sts.amazonaws.com] and StringLike token.actions.githubusercontent.com:sub [*:ref:refs/heads/main], wanted only codebuild.amazonaws.com, codepipeline.amazonaws.com, cloudformation.amazonaws.com, states.amazonaws.com, lambda.amazonaws.com, arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com
            "#]],
        );
    }

    #[test]
    fn a_provider_that_the_baseline_does_not_name_beside_one_that_it_does() {
        check(
            &CONTROL,
            |env| principal(env, DATA_SCIENTIST, json!({"Federated": "arn:aws:iam::111122223333:saml-provider/new"})),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) can be assumed by `arn:aws:iam::111122223333:saml-provider/new`, which is not among those that its purpose needs.
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw Federated arn:aws:iam::111122223333:saml-provider/new may sts:AssumeRoleWithSAML if StringEquals SAML:aud [https://signin.aws.amazon.com/saml], wanted only arn:aws:iam::111122223333:saml-provider/corp
            "#]],
        );
    }

    #[test]
    fn any_provider_of_the_account_where_the_baseline_names_none() {
        check(
            &CONTROL,
            |env| {
                principal(env, DATA_SCIENTIST, json!({"Federated": "arn:aws:iam::111122223333:saml-provider/new"}));
                env.replace_baseline(
                    "        trusted_principals: [\"arn:aws:iam::{account}:saml-provider/corp\"]\n",
                    "",
                );
            },
            expect![[r#"
                    COMPLIANT
                "#]],
        );
    }

    #[test]
    fn an_audience_that_hangs_on_a_variable() {
        check(
            &CONTROL,
            |env| {
                env.trust(DATA_SCIENTIST, |trust| {
                    trust["Statement"][0]["Condition"] =
                        json!({"StringEquals": {"SAML:aud": "${aws:PrincipalTag/aud}"}});
                });
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy CRITICAL fraud-dev ds-user-role-fraud-dev: Whether the trust policy of `ds-user-role-fraud-dev` confines the audience of `arn:aws:iam::111122223333:saml-provider/corp` hangs on a variable or an unknown operator.
            "#]],
        );
    }

    #[test]
    fn pass_trap_tagging_a_session_lets_nobody_in() {
        check(
            &CONTROL,
            |env| {
                env.trust(TRAINING_EXECUTION, |trust| {
                    trust["Statement"][0]["Action"] = json!(["sts:TagSession", "sts:SetSourceIdentity"])
                });
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev: Nobody can assume `ds-training-role-fraud-dev` (training_execution).
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[]: saw no Allow of sts:AssumeRole, AssumeRoleWithSAML or AssumeRoleWithWebIdentity to anyone who exists, wanted only sagemaker.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn pass_trap_each_way_to_assume_is_an_action_of_its_own() {
        check(
            &CONTROL,
            |env| {
                env.trust(TRAINING_EXECUTION, |trust| {
                    trust["Statement"].as_array_mut().unwrap().push(json!({
                        "Effect": "Allow",
                        "Principal": {"Federated": "cognito-identity.amazonaws.com"},
                        "Action": "sts:AssumeRoleWithWebIdentity",
                    }));
                });
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can be assumed by `cognito-identity.amazonaws.com`, which is not among those that its purpose needs.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[1].Principal: saw Federated cognito-identity.amazonaws.com may sts:AssumeRoleWithWebIdentity without conditions, wanted only sagemaker.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_role_of_identity_center() {
        check(
            &CONTROL,
            |env| {
                let role =
                    "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Ds_1";
                let trust = json!({"Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow",
                    "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/AWSSSO_0a1b_DO_NOT_DELETE"},
                    "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                    "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
                }]});
                env.add_role(plain_role(role, &trust)).replace_baseline(
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
    fn fail_trap_a_deleted_principal_grants_nobody() {
        check(
            &CONTROL,
            |env| {
                principal(
                    env,
                    ENDPOINT_CREATION,
                    json!({"Service": "codebuild.amazonaws.com", "AWS": "AROAEXAMPLEID1234567"}),
                )
            },
            expect![[r#"
                    COMPLIANT
                "#]],
        );
    }

    #[test]
    fn only_a_deleted_principal_is_left() {
        check(
            &CONTROL,
            |env| principal(env, ENDPOINT_CREATION, json!({"AWS": "AROAEXAMPLEID1234567"})),
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-deploy-role-fraud-dev: Nobody can assume `ds-deploy-role-fraud-dev` (endpoint_creation).
                  iam:GetAccountAuthorizationDetails ds-deploy-role-fraud-dev.AssumeRolePolicyDocument.Statement[]: saw no Allow of sts:AssumeRole, AssumeRoleWithSAML or AssumeRoleWithWebIdentity to anyone who exists, wanted only codebuild.amazonaws.com, codepipeline.amazonaws.com, cloudformation.amazonaws.com, states.amazonaws.com, lambda.amazonaws.com
            "#]],
        );
    }

    #[test]
    fn a_trust_policy_that_cannot_be_read() {
        check(
            &CONTROL,
            |env| {
                env.set_trust(TRAINING_EXECUTION, &json!({"Statement": 7}));
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy CRITICAL fraud-dev ds-training-role-fraud-dev: The trust policy of `ds-training-role-fraud-dev` cannot be read: `Statement`: a number where a statement belongs.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_the_listing_broke_off() {
        check(
            &CONTROL,
            |env| {
                principal(env, TRAINING_EXECUTION, json!("*"));
                env.cut(&plumbline_snapshot::iam::ACCOUNT_AUTHORIZATION_DETAILS);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) can be assumed by everyone.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AssumeRolePolicyDocument.Statement[0].Principal: saw everyone may sts:AssumeRole if StringEquals aws:SourceAccount [111122223333], wanted only sagemaker.amazonaws.com
                INSUFFICIENT_DATA truncated CRITICAL fraud-dev 111122223333: iam:GetAccountAuthorizationDetails was not seen: truncated, InternalFailure: status 500 on page 2.
                  iam:GetAccountAuthorizationDetails not seen: truncated
            "#]],
        );
    }
}
