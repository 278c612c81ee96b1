//! IAM-06: each role still has the permissions its purpose needs.

use std::sync::Arc;

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_policy::{Answer, Pattern, Variables, granted_to, parse};
use plumbline_snapshot::{iam, kms, s3};

use crate::Control;
use crate::baseline::{AuthMode, LogicalRole};
use crate::judge::{self, Known, Say, Set, Unknown, few, field, many};
use crate::place::Place;
use crate::tables::needs::{Need, On, When, needs};
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::buckets::DataBucket;
use crate::world::powers::Powers;
use crate::world::targets::undecided;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        &iam::POLICY,
        &iam::POLICY_VERSION,
        &kms::ALIASES,
        &kms::KEY_TAGS,
        &kms::KEY_POLICY,
        &s3::BUCKET_POLICY,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-06",
    name: "role-sufficient",
    title: "Each role still has the permissions its purpose needs.",
    area: Area::Roles,
    severity: Severity::Low,
    origin: Origin::Derived,
    scope: "IAM role",
    rationale: "Where a permission is lost, work fails, and in the hurry a broader role is handed out instead.",
    decided: "Every action that the role's purpose needs must be let through, conditions of an Allow left aside: on objects of one data bucket of a fitting kind, on one of the declared keys, on a bound role to hand over. SageMaker resources count by kind, in this account and Region, whatever their names. A bucket or key policy that names the role does as well as one of its own. Studio's action is asked for where `studio.auth_mode` is IAM, the catalogue's where self-service is enabled.",
    remediation: "Restore the statement.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-6"] },
};

/// One role, and what its policies say.
struct Asked<'w, 'a> {
    world: &'w World<'a>,
    place: &'w Place<'a>,
    bound: &'w Bound<'a>,
    powers: Arc<Powers>,
}

/// One thing that would do for a need.
#[derive(Debug)]
struct Choice {
    name: String,
    pattern: Pattern,
}

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(&INFO, place, world.bound_roles(place), Bound::subject, |say, bound| look(world, place, bound, say))
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, bound: &Bound<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let skips = |role: &&LogicalRole| {
        place.environments.iter().any(|it| it.roles.get(role).is_some_and(|binding| binding.skip_must_have))
    };
    let (skipped, roles): (Vec<&LogicalRole>, Vec<&LogicalRole>) = bound.plays.iter().partition(skips);
    if let (Some(role), []) = (skipped.first(), roles.as_slice()) {
        say.not_applicable(Reason::NotRequiredByBaseline, format!("`roles.{role}.skip_must_have` is set"));
        return Ok(());
    }
    let asked = Asked { world, place, bound, powers: world.powers(bound.role)? };
    let (mut lacks, mut evidence) = (Vec::new(), Vec::new());
    for need in roles.into_iter().flat_map(|role| needs(*role)).filter(|need| is_wanted(place, need)) {
        let choices = asked.choices(need.on);
        // Nothing of the kind is there, certainly.
        if choices.items.is_empty() && choices.unknown.is_none() {
            continue;
        }
        let mut missing = Vec::new();
        for action in need.actions {
            match asked.is_met(action, need.on, &choices) {
                Ok(true) => {}
                Ok(false) => missing.push(*action),
                Err(unknown) => say.unknown(unknown),
            }
        }
        if let Some(first) = missing.first() {
            let names = || choices.items.iter().map(|choice| &choice.name);
            lacks.push(format!("{} on {}", missing.join(" and "), few(" or ", names())));
            evidence.push(asked.missing(first, &missing.join(" and "), &many(" or ", names())));
        }
    }
    if !lacks.is_empty() {
        say.broken(format!("`{}` ({}) lacks {}", bound.role.name, bound.plays(), few("; ", lacks)), evidence);
    }
    Ok(())
}

/// Whether the environment uses what the need is for.
fn is_wanted(place: &Place<'_>, need: &Need) -> bool {
    match need.when {
        When::Always => true,
        When::Studio => place.environments.iter().any(|it| it.studio.auth_mode == Some(AuthMode::Iam)),
        When::SelfService => place.environments.iter().any(|it| it.self_service.enabled),
    }
}

impl<'a> Asked<'_, 'a> {
    /// What would do for a need.
    fn choices(&self, on: On) -> Set<'a, Choice> {
        let place = self.place;
        let all = |name: String| Set::whole(vec![Choice { pattern: glob(&name), name }]);
        match on {
            On::Anything => Set::whole(vec![Choice { name: "any resource".to_owned(), pattern: glob("*") }]),
            On::Account => {
                let pattern = Pattern::literal("*", Variables::Plain);
                Set::whole(vec![Choice { name: "all resources".to_owned(), pattern }])
            }
            On::Sagemaker(kind) => all(place.arn("sagemaker", &format!("{kind}/*"))),
            On::Products => all(place.arn("catalog", "product/*")),
            On::LogGroups => all(place.arn("logs", "log-group:/aws/sagemaker/*")),
            On::Objects(kinds) => self.world.data_buckets(place).filter_map(|bucket| {
                let name = format!("arn:{}:s3:::{}/*", place.partition, bucket.name);
                kinds.contains(&bucket.choice.kind).then(|| Choice { pattern: glob(&name), name })
            }),
            On::Key(usage) => self
                .world
                .key_arns(place, Some(usage))
                .filter_map(|arn| Some(Choice { pattern: Pattern::literal(&arn, Variables::Plain), name: arn })),
            On::Role(logical) => self.world.bound(place, logical).filter_map(|role| {
                let pattern = Pattern::literal(&role.arn, Variables::Plain);
                Some(Choice { name: role.arn.to_string(), pattern })
            }),
        }
    }

    /// Whether the role's policies let the action through on one of the choices, or the policy of the bucket or key does.
    fn is_met(&self, action: &str, on: On, choices: &Set<'a, Choice>) -> Known<'a, bool> {
        let mut unknown = choices.unknown.clone();
        for choice in &choices.items {
            let by_itself = Answer::any(self.powers.may(action, &choice.pattern).iter().map(|power| power.sure));
            let met = match by_itself {
                Answer::No => self.by_resource(action, on, choice),
                Answer::Yes => Ok(true),
                Answer::Undecidable => Err(undecided(format!(
                    "whether `{}` may {action} on {} cannot be decided from its policies",
                    self.bound.role.name, choice.name
                ))),
            };
            match met {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(reason) => unknown = unknown.or(Some(reason)),
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// Whether the policy of a bucket or key lets the role through by name, and the role's own policies leave it so.
    fn by_resource(&self, action: &str, on: On, choice: &Choice) -> Known<'a, bool> {
        let text = match on {
            On::Objects(_) => {
                let named = |bucket: &DataBucket<'_>| choice.name.ends_with(&format!(":::{}/*", bucket.name));
                let buckets = self.world.data_buckets(self.place);
                let Some(bucket) = buckets.items.iter().find(|bucket| named(bucket)) else { return Ok(false) };
                let unread = || {
                    let what = format!("the snapshot does not cover the bucket `{}`", bucket.name);
                    Unknown::Because(Reason::NotRead, what)
                };
                self.world.snapshot.s3.buckets.get(bucket.name).ok_or_else(unread)?.policy.sight()?
            }
            On::Key(_) => self.world.key(self.place, &choice.name)?.policy.sight()?,
            _ => return Ok(false),
        };
        let Some(text) = text else { return Ok(false) };
        let policy =
            parse(text).map_err(|error| undecided(format!("the policy of {} cannot be read: {error}", choice.name)))?;
        let named = granted_to(&policy, &self.bound.role.arn, action, &choice.pattern);
        let open = named.and(self.powers.bars(action, &choice.pattern, true).negated());
        match open {
            Answer::Yes => Ok(true),
            Answer::No => Ok(false),
            Answer::Undecidable => Err(undecided(format!(
                "whether the policy of {} lets `{}` {action} cannot be decided from its text",
                choice.name, self.bound.role.name
            ))),
        }
    }

    /// That actions are missing: what allows the first of them elsewhere, or that nothing does.
    fn missing(&self, action: &str, all: &str, on: &str) -> Evidence {
        let wanted = format!("an Allow of {all} on {on}");
        match self.powers.may(action, &glob("*")).first() {
            Some(power) => power.evidence(&wanted),
            None => field(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                format!("{}.AttachedManagedPolicies[], RolePolicyList[]", self.bound.role.name),
                format!("nothing that allows {action}"),
                wanted,
            ),
        }
    }
}

fn glob(text: &str) -> Pattern {
    Pattern::glob(text, Variables::Plain)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::iam::{POLICY, POLICY_VERSION};
    use plumbline_snapshot::kms::{ALIASES, KEY_POLICY};
    use plumbline_snapshot::s3::BUCKET_POLICY;
    use plumbline_testkit::Env;
    use plumbline_testkit::iam::*;
    use plumbline_testkit::kms::KEY_DATA;
    use plumbline_testkit::s3::BUCKET_DATA;
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    fn policy_of(logical: &str) -> String {
        format!("arn:aws:iam::111122223333:policy/ds-{logical}-fraud-dev")
    }

    /// The statements of a role's policy, one by one; none takes it away.
    fn edit<'e>(env: &'e mut Env, logical: &str, change: impl Fn(Value) -> Option<Value>) -> &'e mut Env {
        env.policy(&policy_of(logical), |policy| {
            let text = decode(policy.document.as_deref().unwrap_or_default());
            let mut document: Value = serde_json::from_str(&text).unwrap();
            let statements = document["Statement"].as_array().unwrap().iter().cloned().filter_map(change).collect();
            document["Statement"] = Value::Array(statements);
            policy.document = Some(encode(&document.to_string()).into());
        })
    }

    fn speaks(statement: &Value, action: &str) -> bool {
        statement["Action"].to_string().contains(action)
    }

    /// The policy without what speaks of an action.
    fn without<'e>(env: &'e mut Env, logical: &str, action: &'static str) -> &'e mut Env {
        edit(env, logical, |statement| (!speaks(&statement, action)).then_some(statement))
    }

    /// The policy with what speaks of an action on another resource.
    fn moved<'e>(env: &'e mut Env, logical: &str, action: &'static str, to: &'static str) -> &'e mut Env {
        edit(env, logical, |mut statement| {
            if speaks(&statement, action) {
                statement["Resource"] = json!(to);
            }
            Some(statement)
        })
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind_but(&CONTROL, &[&POLICY, &POLICY_VERSION, &ALIASES, &KEY_POLICY, &BUCKET_POLICY]);
    }

    #[test]
    fn a_statement_is_gone() {
        check(
            &CONTROL,
            |env| {
                without(env, "training-execution", "logs:PutLogEvents");
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) lacks logs:CreateLogStream and logs:PutLogEvents on arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/*.
                  iam:GetAccountAuthorizationDetails ds-training-role-fraud-dev.AttachedManagedPolicies[], RolePolicyList[]: saw nothing that allows logs:CreateLogStream, wanted an Allow of logs:CreateLogStream and logs:PutLogEvents on arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/*
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                without(env, "data-scientist", "sagemaker:CreatePresigned");
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) lacks sagemaker:CreatePresignedNotebookInstanceUrl on arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*; sagemaker:CreatePresignedDomainUrl on arn:aws:sagemaker:eu-west-1:111122223333:user-profile/*.
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.AttachedManagedPolicies[], RolePolicyList[]: saw nothing that allows sagemaker:CreatePresignedNotebookInstanceUrl, wanted an Allow of sagemaker:CreatePresignedNotebookInstanceUrl on arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/*
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.AttachedManagedPolicies[], RolePolicyList[]: saw nothing that allows sagemaker:CreatePresignedDomainUrl, wanted an Allow of sagemaker:CreatePresignedDomainUrl on arn:aws:sagemaker:eu-west-1:111122223333:user-profile/*
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_allow_on_what_is_anothers() {
        check(
            &CONTROL,
            |env| {
                moved(env, "endpoint-hosting", "s3:GetObject", "arn:aws:s3:::ds-model-web-shop/*");
                moved(
                    env,
                    "endpoint-creation",
                    "sagemaker:CreateModel",
                    "arn:aws:sagemaker:us-east-1:111122223333:model/*",
                );
                moved(env, "notebook-creation", "iam:PassRole", PLATFORM_ADMIN);
                moved(env, "notebook-execution", "kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/another");
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-deploy-role-fraud-dev: `ds-deploy-role-fraud-dev` (endpoint_creation) lacks sagemaker:CreateModel on arn:aws:sagemaker:eu-west-1:111122223333:model/*.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-creation-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["sagemaker:CreateModel"],"Resource":["arn:aws:sagemaker:us-east-1:111122223333:model/*"],"Condition":{"Bool":{"sagemaker:NetworkIsolation":["true"]},"ForAllValues:StringEquals":{"sagemaker:VpcSecurityGroupIds":["sg-0e1f3a5c7d9b00002"],"sagemaker:VpcSubnets":["subnet-0a1d3f5b7c9e00001","subnet-0a1d3f5b7c9e00002","subnet-0a1d3f5b7c9e00003"]},"Null":{"sagemaker:VpcSecurityGroupIds":["false"],"sagemaker:VpcSubnets":["false"]}}}, wanted an Allow of sagemaker:CreateModel on arn:aws:sagemaker:eu-west-1:111122223333:model/*
                NON_COMPLIANT LOW fraud-dev ds-hosting-role-fraud-dev: `ds-hosting-role-fraud-dev` (endpoint_hosting) lacks s3:GetObject on arn:aws:s3:::ds-model-fraud-dev-7f3a/*.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-endpoint-hosting-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-model-web-shop/*"]}, wanted an Allow of s3:GetObject on arn:aws:s3:::ds-model-fraud-dev-7f3a/*
                NON_COMPLIANT LOW fraud-dev ds-sc-launch-role-fraud-dev: `ds-sc-launch-role-fraud-dev` (notebook_creation) lacks iam:PassRole on arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana or arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-creation-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["iam:PassRole"],"Resource":["arn:aws:iam::111122223333:role/platform-admin"],"Condition":{"StringEquals":{"iam:PassedToService":["sagemaker.amazonaws.com"]}}}, wanted an Allow of iam:PassRole on arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana or arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo
                NON_COMPLIANT LOW fraud-dev ds-notebook-role-fraud-dev-ana: `ds-notebook-role-fraud-dev-ana` (notebook_execution) lacks kms:Decrypt and kms:GenerateDataKey on arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001 or arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey"],"Resource":["arn:aws:kms:eu-west-1:111122223333:key/another"]}, wanted an Allow of kms:Decrypt and kms:GenerateDataKey on arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001 or arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
                NON_COMPLIANT LOW fraud-dev ds-notebook-role-fraud-dev-bo: `ds-notebook-role-fraud-dev-bo` (notebook_execution) lacks kms:Decrypt and kms:GenerateDataKey on arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001 or arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003.
                  iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-notebook-execution-fraud-dev.PolicyDocument.Statement[4]: saw {"Effect":"Allow","Action":["kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey"],"Resource":["arn:aws:kms:eu-west-1:111122223333:key/another"]}, wanted an Allow of kms:Decrypt and kms:GenerateDataKey on arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001 or arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
            "#]],
        );
    }

    #[test]
    fn a_boundary_that_takes_it_away() {
        check(
            &CONTROL,
            |env| {
                let arn = "arn:aws:iam::111122223333:policy/narrow";
                let document = json!({"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "logs:*", "Resource": "*"},
                ]});
                env.add_policy(plain_policy(arn, &document)).set_boundary(ENDPOINT_INVOCATION, Some(arn));
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev fraud-scoring-app-dev: `fraud-scoring-app-dev` (endpoint_invocation) lacks sagemaker:InvokeEndpoint on arn:aws:sagemaker:eu-west-1:111122223333:endpoint/*.
                  iam:GetAccountAuthorizationDetails fraud-scoring-app-dev.AttachedManagedPolicies[], RolePolicyList[]: saw nothing that allows sagemaker:InvokeEndpoint, wanted an Allow of sagemaker:InvokeEndpoint on arn:aws:sagemaker:eu-west-1:111122223333:endpoint/*
            "#]],
        );
    }

    #[test]
    fn one_bucket_to_read_and_one_to_write_are_enough() {
        check(
            &CONTROL,
            |env| {
                moved(env, "training-execution", "s3:GetObject", "arn:aws:s3:::ds-data-fraud-dev-7f3a/*");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    /// A statement of a resource policy.
    fn grants(principal: &str, action: Value, resource: &str) -> Value {
        json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": resource})
    }

    fn only_by_resource(env: &mut Env, principal: &str) {
        moved(env, "training-execution", "s3:GetObject", "arn:aws:s3:::another/*");
        moved(env, "training-execution", "kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/another");
        env.bucket_policy(BUCKET_DATA, |policy| {
            let grant =
                grants(principal, json!(["s3:GetObject", "s3:PutObject"]), "arn:aws:s3:::ds-data-fraud-dev-7f3a/*");
            policy["Statement"].as_array_mut().unwrap().push(grant);
        });
        env.key_policy(KEY_DATA, |policy| {
            let grant = grants(principal, json!(["kms:Decrypt", "kms:GenerateDataKey*"]), "*");
            policy["Statement"].as_array_mut().unwrap().push(grant);
        });
    }

    #[test]
    fn fail_trap_the_policies_of_bucket_and_key_do_as_well() {
        check(
            &CONTROL,
            |env| only_by_resource(env, TRAINING_EXECUTION),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| only_by_resource(env, "arn:aws:iam::111122223333:root"),
            expect![[r#"
            NON_COMPLIANT LOW fraud-dev ds-training-role-fraud-dev: `ds-training-role-fraud-dev` (training_execution) lacks s3:GetObject on arn:aws:s3:::ds-data-lake-7f3a/* or arn:aws:s3:::ds-data-fraud-dev-7f3a/*; s3:PutObject on arn:aws:s3:::ds-data-fraud-dev-7f3a/* or arn:aws:s3:::ds-model-fraud-dev-7f3a/*; kms:Decrypt and kms:GenerateDataKey on arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001 or arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003.
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::another/*"],"Condition":{"StringEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted an Allow of s3:GetObject on arn:aws:s3:::ds-data-lake-7f3a/* or arn:aws:s3:::ds-data-fraud-dev-7f3a/*
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[0]: saw {"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::another/*"],"Condition":{"StringEquals":{"aws:SourceVpce":["vpce-0b2c4d6e8f0a00001"]}}}, wanted an Allow of s3:PutObject on arn:aws:s3:::ds-data-fraud-dev-7f3a/* or arn:aws:s3:::ds-model-fraud-dev-7f3a/*
              iam:GetAccountAuthorizationDetails arn:aws:iam::111122223333:policy/ds-training-execution-fraud-dev.PolicyDocument.Statement[1]: saw {"Effect":"Allow","Action":["kms:Decrypt","kms:DescribeKey","kms:GenerateDataKey"],"Resource":["arn:aws:kms:eu-west-1:111122223333:key/another"]}, wanted an Allow of kms:Decrypt and kms:GenerateDataKey on arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001 or arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003
        "#]],
        );
        for source in [&BUCKET_POLICY, &KEY_POLICY] {
            check(
                &CONTROL,
                |env| {
                    only_by_resource(env, TRAINING_EXECUTION);
                    env.hide(source);
                },
                match source.operation {
                    "GetBucketPolicy" => expect![[r#"
                        INSUFFICIENT_DATA access_denied LOW fraud-dev ds-training-role-fraud-dev: s3:GetBucketPolicy of `ds-data-lake-7f3a` was not seen: denied, AccessDenied: not authorized to perform s3:GetBucketPolicy.
                          s3:GetBucketPolicy not seen: denied
                          s3:GetBucketPolicy not seen: denied
                    "#]],
                    _ => expect![[r#"
                        INSUFFICIENT_DATA access_denied LOW fraud-dev ds-training-role-fraud-dev: kms:GetKeyPolicy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` was not seen: denied, AccessDenied: not authorized to perform kms:GetKeyPolicy.
                          kms:GetKeyPolicy not seen: denied
                    "#]],
                },
            );
        }
    }

    #[test]
    fn a_key_whose_alias_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                moved(env, "training-execution", "kms:Decrypt", KEY_DATA).hide(&ALIASES);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied LOW fraud-dev ds-training-role-fraud-dev: kms:ListAliases was not seen: denied, AccessDenied: not authorized to perform kms:ListAliases.
                  kms:ListAliases not seen: denied
            "#]],
        );
    }

    #[test]
    fn studio_and_self_service_ask_for_more_where_they_are_used() {
        check(
            &CONTROL,
            |env| {
                env.role(DATA_SCIENTIST, |role| role.attached.retain(|arn| &**arn != CATALOGUE_END_USER));
                without(env, "data-scientist", "CreatePresignedDomainUrl");
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev ds-user-role-fraud-dev: `ds-user-role-fraud-dev` (data_scientist) lacks sagemaker:CreatePresignedDomainUrl on arn:aws:sagemaker:eu-west-1:111122223333:user-profile/*; servicecatalog:ProvisionProduct on arn:aws:catalog:eu-west-1:111122223333:product/*.
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.AttachedManagedPolicies[], RolePolicyList[]: saw nothing that allows sagemaker:CreatePresignedDomainUrl, wanted an Allow of sagemaker:CreatePresignedDomainUrl on arn:aws:sagemaker:eu-west-1:111122223333:user-profile/*
                  iam:GetAccountAuthorizationDetails ds-user-role-fraud-dev.AttachedManagedPolicies[], RolePolicyList[]: saw nothing that allows servicecatalog:ProvisionProduct, wanted an Allow of servicecatalog:ProvisionProduct on arn:aws:catalog:eu-west-1:111122223333:product/*
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.role(DATA_SCIENTIST, |role| role.attached.retain(|arn| &**arn != CATALOGUE_END_USER))
                    .replace_baseline("    studio: {auth_mode: IAM}\n", "    studio: {auth_mode: SSO}\n")
                    .replace_baseline("      enabled: true\n", "      enabled: false\n");
                without(env, "data-scientist", "CreatePresignedDomainUrl");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn the_baseline_does_not_ask() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(
                    "      endpoint_invocation:\n",
                    "      endpoint_invocation:\n        skip_must_have: true\n",
                )
                .role(ENDPOINT_INVOCATION, |role| drop(role.inline.remove("invoke")));
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline LOW fraud-dev fraud-scoring-app-dev: `roles.endpoint_invocation.skip_must_have` is set.
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
                        INSUFFICIENT_DATA access_denied LOW fraud-dev ds-training-role-fraud-dev: iam:GetPolicy of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicy.
                          iam:GetPolicy not seen: denied
                    "#]],
                    _ => expect![[r#"
                        INSUFFICIENT_DATA access_denied LOW fraud-dev ds-training-role-fraud-dev: iam:GetPolicyVersion of `arn:aws:iam::aws:policy/PowerUserAccess` was not seen: denied, AccessDenied: not authorized to perform iam:GetPolicyVersion.
                          iam:GetPolicyVersion not seen: denied
                    "#]],
                },
            );
        }
    }
}
