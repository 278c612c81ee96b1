//! DATA-12: the key policy admits only the environment, and separates administration from use.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{Confinement, Statement};
use plumbline_snapshot::{Source, cloudtrail, ec2, iam, kms, s3, sagemaker};

use super::data_10_key_usable::keys_in_use;
use crate::Control;
use crate::judge::{self, Known, Say, Set, Unknown, few};
use crate::place::Place;
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::callers::{Ours, Stranger};
use crate::world::key_policies::{KeyPolicy, negated, uses_key};
use crate::world::keys::Meaning;
use crate::world::policies::{actions_of, hangs, read_policy, shown};

const SOURCES: &[&Source] = keys_in_use!(&kms::KEY_POLICY, &iam::ACCOUNT_AUTHORIZATION_DETAILS);

pub(crate) const CONTROL: Control = Control { info: &INFO, sources: SOURCES, unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "DATA-12",
    name: "key-policy-confined",
    title: "The key policy admits only the environment, and separates administration from use.",
    area: Area::Data,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "key",
    rationale: "Whoever the key policy admits may read the data wherever he finds it, and who may both change the policy and decrypt answers to nobody.",
    decided: "No Allow may admit everyone or a foreign account unless kms:CallerAccount, aws:PrincipalAccount, aws:PrincipalArn or aws:PrincipalOrgID confines it (CRITICAL), or grant use under a negated condition, which admits everything else. No bound role may administer the key, a grant without kms:GrantIsForAWSResource included, and nobody but `admin_principals` may both administer it and decrypt. The account's root only hands on to IAM. A Deny of other ways than an endpoint that does not leave AWS's services out is sound and breaks them (LOW).",
    remediation: "Name the bound roles as principals, confined by kms:ViaService; keep administration with `admin_principals`; turn a negated Allow into a Deny.",
    maps: Maps { securityhub: &["KMS.5"], cis: &[], nist: &["SC-12", "AC-5", "AC-6"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    // Keys of AWS's and aliases that lead nowhere have no policy to mend; DATA-10 judges them.
    let keys = world.keys_in_use(place).filter_map(|key| match key.meaning.clone() {
        Ok(Meaning::Key(arn)) => Some((key, Ok(arn))),
        Ok(_) => None,
        Err(unknown) => Some((key, Err(unknown))),
    });
    let bound = world.bound_roles(place);
    judge::each(
        &INFO,
        place,
        keys,
        |(key, _)| (key.resource.clone(), None),
        |say, (_, arn)| look(world, place, &bound, say, &arn.clone()?),
    )
}

fn look<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    bound: &Set<'a, Bound<'a>>,
    say: &mut Say<'a>,
    arn: &str,
) -> Known<'a, ()> {
    let key = world.key(place, arn)?;
    // What the policy says stands, whatever is known of the key.
    let metadata = say.see(key.metadata.sight());
    if let Some(Some(metadata)) = metadata
        && metadata.manager.as_deref() == Some("AWS")
    {
        say.not_applicable(Reason::UnsupportedByService, format!("AWS manages the key `{arn}` and its policy"));
        return Ok(());
    }
    let Some(document) = read_policy(&format!("the key `{arn}`"), &key.policy)? else {
        say.not_applicable(Reason::ResourceGone, format!("the key `{arn}` does not exist"));
        return Ok(());
    };
    let policy = KeyPolicy::new(arn, document);
    for allow in policy.allows() {
        admits(place, arn, &policy, allow, say);
        grants_all_else(arn, allow, say);
    }
    separation(place, bound, arn, &policy, say);
    for deny in policy.denies_that_stop_services() {
        say.broken_as(
            Severity::Low,
            format!(
                "statement {} of the policy of `{arn}` denies use from outside the network also to AWS services that act for a caller",
                deny.index
            ),
            [evidence(arn, deny, "aws:ViaAWSService or kms:ViaService left out")],
        );
    }
    Ok(())
}

/// Everyone, and foreign accounts.
fn admits<'a>(place: &Place<'a>, arn: &str, policy: &KeyPolicy, allow: &Statement, say: &mut Say<'a>) {
    let Some((strangers, held)) = policy.strangers(&Ours::of(place), allow) else { return };
    for stranger in strangers {
        let who = match stranger {
            Stranger::Everyone => "everyone".to_owned(),
            Stranger::Foreign(text, account) => format!("`{text}` of the foreign account {account}"),
            Stranger::Service(_) => continue,
            Stranger::Unclear(text) => {
                say.unknown(Unknown::Because(
                    Reason::UndecidablePolicy,
                    format!(
                        "statement {} of the policy of `{arn}` names `{text}`, which does not say whose it is",
                        allow.index
                    ),
                ));
                continue;
            }
        };
        if held.how == Confinement::Undecidable {
            say.unknown(hangs(&format!("`{arn}`"), allow, "who calls"));
            continue;
        }
        say.broken_as(
            Severity::Critical,
            format!("the policy of `{arn}` grants {} to {who}: {}", actions_of(allow), held.why("who calls")),
            [evidence(arn, allow, "principals of allowed_accounts or org_id")],
        );
    }
}

/// Use under a negated condition.
fn grants_all_else(arn: &str, allow: &Statement, say: &mut Say<'_>) {
    if !uses_key(allow) {
        return;
    }
    let tests: Vec<String> = negated(allow).map(|test| format!("{} {}", test.operator.text(), test.key)).collect();
    if !tests.is_empty() {
        say.broken(
            format!(
                "statement {} of the policy of `{arn}` grants use of the key to all that {} does not name, and to requests without it (allow_negated)",
                allow.index,
                few(" and ", &tests)
            ),
            [evidence(arn, allow, "a Deny with this condition, and an Allow without it")],
        );
    }
}

/// Bound roles that administer, and principals that both administer and decrypt.
fn separation<'a>(place: &Place<'a>, bound: &Set<'a, Bound<'a>>, arn: &str, policy: &KeyPolicy, say: &mut Say<'a>) {
    for holder in policy.holders() {
        let administers = policy.administers(&holder);
        let name = holder.name;
        let roles = if administers.is_empty() { None } else { say.see(holder.bound(place, bound)) };
        let roles = roles.unwrap_or_default();
        if !roles.is_empty() {
            let roles = roles.iter().map(|bound| format!("`{}` ({})", bound.role.name, bound.plays()));
            say.broken(
                format!(
                    "the policy of `{arn}` lets {}, bound in the environment, administer the key by {}",
                    few(", ", roles),
                    few(", ", &administers)
                ),
                holder
                    .statements(&administers)
                    .into_iter()
                    .map(|allow| evidence(arn, allow, "no administration by bound roles")),
            );
        }
        let powers: Vec<&str> =
            ["kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"].into_iter().filter(|action| holder.may(action)).collect();
        if !powers.is_empty() && holder.may("kms:Decrypt") && !place.is_admin(holder.name) {
            let mut both = powers.clone();
            both.push("kms:Decrypt");
            say.broken(
                format!(
                    "the policy of `{arn}` lets `{name}` both administer the key by {} and decrypt with it",
                    few(", ", &powers)
                ),
                holder.statements(&both).into_iter().map(|allow| evidence(arn, allow, "administration and use apart")),
            );
        }
    }
}

fn evidence(arn: &str, statement: &Statement, wanted: &str) -> plumbline_findings::Evidence {
    shown(&kms::KEY_POLICY, &format!("{arn}.Policy"), statement, wanted)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Read, iam as iam_reads, kms, sagemaker};
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::{NOTEBOOK_CREATION, NOTEBOOK_EXECUTION, PLATFORM_ADMIN, TRAINING_EXECUTION};
    use plumbline_testkit::kms::{KEY_DATA, KEY_LOGS, KEY_VOLUMES};
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    fn allow(principal: Value, actions: Value, condition: Value) -> Value {
        json!({"Effect": "Allow", "Principal": principal, "Action": actions, "Resource": "*", "Condition": condition})
    }

    /// Adds a statement to the data key's policy.
    fn add(statement: Value) -> impl FnOnce(&mut Env) {
        move |env| {
            env.key_policy(KEY_DATA, |policy| policy["Statement"].as_array_mut().unwrap().push(statement));
        }
    }

    fn decrypt() -> Value {
        json!(["kms:Decrypt", "kms:GenerateDataKey*"])
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // As in DATA-10.
        blind_but(&CONTROL, &[&sagemaker::MODELS, &sagemaker::MODEL]);
    }

    #[test]
    fn everyone_and_foreign_accounts() {
        check(
            &CONTROL,
            add(allow(json!("*"), decrypt(), json!({}))),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` grants kms:Decrypt, kms:GenerateDataKey* to everyone: nothing confines who calls.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":"*","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":["*"]}, wanted principals of allowed_accounts or org_id
            "#]],
        );
        let foreign = json!({"AWS": ["arn:aws:iam::999999999999:root", TRAINING_EXECUTION]});
        check(
            &CONTROL,
            add(allow(foreign, decrypt(), json!({}))),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` grants kms:Decrypt, kms:GenerateDataKey* to `arn:aws:iam::999999999999:root` of the foreign account 999999999999: nothing confines who calls.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::999999999999:root","arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"]},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":["*"]}, wanted principals of allowed_accounts or org_id
            "#]],
        );
        let mut but = allow(json!("*"), decrypt(), json!({}));
        but.as_object_mut().unwrap().remove("Principal");
        but["NotPrincipal"] = json!({"AWS": TRAINING_EXECUTION});
        check(
            &CONTROL,
            add(but),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` grants kms:Decrypt, kms:GenerateDataKey* to everyone: nothing confines who calls.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","NotPrincipal":{"AWS":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev"]},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":["*"]}, wanted principals of allowed_accounts or org_id
            "#]],
        );
        let via = json!({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}});
        check(
            &CONTROL,
            add(allow(json!("*"), decrypt(), via)),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` grants kms:Decrypt, kms:GenerateDataKey* to everyone: nothing confines who calls.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":"*","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":["*"],"Condition":{"StringEquals":{"kms:ViaService":["s3.eu-west-1.amazonaws.com"]}}}, wanted principals of allowed_accounts or org_id
            "#]],
        );
    }

    #[test]
    fn everyone_whom_a_condition_confines() {
        for condition in [
            json!({"StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/ds-*"}}),
        ] {
            check(
                &CONTROL,
                |env| {
                    env.add_to_baseline("org_id: o-a1b2c3d4e5");
                    add(allow(json!("*"), decrypt(), condition))(env);
                },
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
    }

    #[test]
    fn pass_trap_a_negated_condition_on_the_key_users_allow() {
        let users = json!({"AWS": [TRAINING_EXECUTION, NOTEBOOK_EXECUTION]});
        let away = json!({"StringNotEquals": {"aws:SourceVpce": "vpce-0b2c4d6e8f0a00006"}});
        check(
            &CONTROL,
            add(allow(users, decrypt(), away)),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev alias/ds-s3-fraud-dev: Statement 3 of the policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` grants use of the key to all that StringNotEquals aws:SourceVpce does not name, and to requests without it (allow_negated).
              kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/ds-training-role-fraud-dev","arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana"]},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":["*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00006"]}}}, wanted a Deny with this condition, and an Allow without it
        "#]],
        );
    }

    #[test]
    fn pass_trap_a_grant_that_is_not_for_a_service() {
        let role = || json!({"AWS": NOTEBOOK_CREATION});
        check(
            &CONTROL,
            add(allow(role(), json!("kms:CreateGrant"), json!({}))),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` lets `ds-sc-launch-role-fraud-dev` (notebook_creation), bound in the environment, administer the key by kms:CreateGrant.
              kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[2]: saw {"Sid":"Grants","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev"]},"Action":["kms:CreateGrant"],"Resource":["*"],"Condition":{"Bool":{"kms:GrantIsForAWSResource":["true"]}}}, wanted no administration by bound roles
              kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev"]},"Action":["kms:CreateGrant"],"Resource":["*"]}, wanted no administration by bound roles
        "#]],
        );
        let service = json!({"Bool": {"kms:GrantIsForAWSResource": "true"}});
        check(
            &CONTROL,
            add(allow(role(), json!(["kms:CreateGrant"]), service)),
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_bound_role_that_administers() {
        check(
            &CONTROL,
            add(allow(json!({"AWS": NOTEBOOK_EXECUTION}), json!("kms:PutKeyPolicy"), json!({}))),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` lets `ds-notebook-role-fraud-dev-ana` (notebook_execution), bound in the environment, administer the key by kms:PutKeyPolicy.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana"]},"Action":["kms:PutKeyPolicy"],"Resource":["*"]}, wanted no administration by bound roles
            "#]],
        );
        let session = json!({"AWS": "arn:aws:sts::111122223333:assumed-role/ds-training-role-fraud-dev/SageMaker"});
        check(
            &CONTROL,
            add(allow(session, json!(["kms:D*"]), json!({}))),
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` lets `ds-training-role-fraud-dev` (training_execution), bound in the environment, administer the key by kms:DisableKey, kms:DisableKeyRotation, kms:DeleteAlias.
              kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:sts::111122223333:assumed-role/ds-training-role-fraud-dev/SageMaker"]},"Action":["kms:D*"],"Resource":["*"]}, wanted no administration by bound roles
        "#]],
        );
        let everyone = json!({"StringEquals": {"kms:CallerAccount": "111122223333"}});
        check(
            &CONTROL,
            add(allow(json!("*"), json!("kms:DisableKey"), everyone)),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` lets `ds-deploy-role-fraud-dev` (endpoint_creation), `ds-hosting-role-fraud-dev` (endpoint_hosting), `ds-sc-launch-role-fraud-dev` (notebook_creation) and 5 more, bound in the environment, administer the key by kms:DisableKey.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":"*","Action":["kms:DisableKey"],"Resource":["*"],"Condition":{"StringEquals":{"kms:CallerAccount":["111122223333"]}}}, wanted no administration by bound roles
            "#]],
        );
    }

    #[test]
    fn one_principal_that_administers_and_decrypts() {
        let user = || json!({"AWS": "arn:aws:iam::111122223333:user/root-of-all"});
        check(
            &CONTROL,
            |env| {
                add(allow(user(), json!("kms:ScheduleKeyDeletion"), json!({})))(env);
                add(allow(user(), decrypt(), json!({})))(env);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` lets `arn:aws:iam::111122223333:user/root-of-all` both administer the key by kms:ScheduleKeyDeletion and decrypt with it.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/root-of-all"]},"Action":["kms:ScheduleKeyDeletion"],"Resource":["*"]}, wanted administration and use apart
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[4]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:user/root-of-all"]},"Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":["*"]}, wanted administration and use apart
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                add(allow(user(), json!("kms:*"), json!({})))(env);
                add(json!({"Effect": "Deny", "Principal": user(), "Action": "kms:Decrypt", "Resource": "*"}))(env);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            add(allow(json!({"AWS": PLATFORM_ADMIN}), json!("kms:*"), json!({}))),
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_deny_is_sound_and_breaks_services_unless_it_leaves_them_out() {
        let deny = |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*", "Condition": condition});
        let away = json!({"StringNotEquals": {"aws:SourceVpce": "vpce-0b2c4d6e8f0a00006"}});
        check(
            &CONTROL,
            add(deny(away)),
            expect![[r#"
            NON_COMPLIANT LOW fraud-dev alias/ds-s3-fraud-dev: Statement 3 of the policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` denies use from outside the network also to AWS services that act for a caller.
              kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Deny","Principal":"*","Action":["kms:Decrypt","kms:Encrypt"],"Resource":["*"],"Condition":{"StringNotEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00006"]}}}, wanted aws:ViaAWSService or kms:ViaService left out
        "#]],
        );
        for spared in [
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "Bool": {"aws:ViaAWSService": "false"}}),
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}, "Null": {"aws:SourceVpce": "false"}}),
        ] {
            check(
                &CONTROL,
                add(deny(spared)),
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
    }

    #[test]
    fn services_and_deleted_principals_and_other_resources_are_no_strangers() {
        check(
            &CONTROL,
            |env| {
                let logs = json!({"Service": "logs.eu-west-1.amazonaws.com"});
                add(allow(logs, decrypt(), json!({})))(env);
                add(allow(json!({"AWS": "AROAEXAMPLEID1234567"}), json!("kms:*"), json!({})))(env);
                let mut other = allow(json!("*"), json!("kms:*"), json!({}));
                other["Resource"] = json!(KEY_LOGS);
                add(other)(env);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn what_cannot_be_decided() {
        check(
            &CONTROL,
            |env| {
                let variable = json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}});
                add(allow(json!("*"), decrypt(), variable))(env);
                env.key(KEY_VOLUMES, |key| key.policy = Read::Seen(Some("{".to_owned())));
                env.key(KEY_LOGS, |key| key.policy = Read::unread_of(&kms::KEY_POLICY, KEY_LOGS));
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev alias/ds-s3-fraud-dev: Whether statement 3 of the policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` confines who calls hangs on a variable or an unknown operator.
                INSUFFICIENT_DATA undecidable_policy HIGH fraud-dev alias/ds-ebs-fraud-dev: The policy of the key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
                INSUFFICIENT_DATA not_read HIGH fraud-dev alias/ds-logs: kms:GetKeyPolicy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004` was not seen: not planned.
                  kms:GetKeyPolicy not seen: not_planned
            "#]],
        );
    }

    #[test]
    fn a_key_of_awss_and_a_key_that_is_gone() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_LOGS, |key| key.manager = Some("AWS".to_owned())).delete_key(KEY_DATA);
            },
            expect![[r#"
                NOT_APPLICABLE resource_gone HIGH fraud-dev alias/ds-s3-fraud-dev: The key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` does not exist.
                NOT_APPLICABLE unsupported_by_service HIGH fraud-dev alias/ds-logs: AWS manages the key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004` and its policy.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_roles_were_not_seen() {
        check(
            &CONTROL,
            |env| {
                add(allow(json!("*"), decrypt(), json!({})))(env);
                env.hide(&iam_reads::ACCOUNT_AUTHORIZATION_DETAILS);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev alias/ds-s3-fraud-dev: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` grants kms:Decrypt, kms:GenerateDataKey* to everyone: nothing confines who calls.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":"*","Action":["kms:Decrypt","kms:GenerateDataKey*"],"Resource":["*"]}, wanted principals of allowed_accounts or org_id
                INSUFFICIENT_DATA access_denied HIGH fraud-dev alias/ds-ebs-fraud-dev: iam:GetAccountAuthorizationDetails was not seen: denied, AccessDenied: not authorized to perform iam:GetAccountAuthorizationDetails.
                  iam:GetAccountAuthorizationDetails not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev alias/ds-project-fraud-dev: iam:GetAccountAuthorizationDetails was not seen: denied, AccessDenied: not authorized to perform iam:GetAccountAuthorizationDetails.
                  iam:GetAccountAuthorizationDetails not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev alias/ds-logs: iam:GetAccountAuthorizationDetails was not seen: denied, AccessDenied: not authorized to perform iam:GetAccountAuthorizationDetails.
                  iam:GetAccountAuthorizationDetails not seen: denied
            "#]],
        );
    }
}
