//! DATA-03: the bucket policy denies writes encrypted with anything but the environment key.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{Confinement, Wanted, same_key};
use plumbline_snapshot::{kms, s3};

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, few, field};
use crate::place::Place;
use crate::world::World;
use crate::world::bucket_policies::BucketPolicy;
use crate::world::buckets::DataBucket;
use crate::world::writes::{ALGORITHM, CUSTOMER_KEY, Denied, KEY, customer_keys, other_algorithms, other_keys, strict};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&s3::HEAD_BUCKET, &s3::BUCKET_POLICY, &s3::BUCKET_ENCRYPTION, &kms::ALIASES, &kms::KEY_TAGS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "DATA-03",
    name: "bucket-denies-other-keys",
    title: "The bucket policy denies writes encrypted with anything but the environment key.",
    area: Area::Data,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "bucket",
    rationale: "Default encryption is only a default: a writer may name another key, also one of his own account, and so take the data out of the environment's hands.",
    decided: "Denies of s3:PutObject on the objects, for everyone but `bucket_policy_exempt_principals` and services of AWS's, must cover requests that name another algorithm than aws:kms or aws:kms:dsse, and those that name another key than the bucket's, written as ARN. Keys of the writer's own (SSE-C) must be denied or blocked, too. Requests that name nothing get the default, and may pass.",
    remediation: "Add a Deny of s3:PutObject with StringNotEquals and Null false on s3:x-amz-server-side-encryption, and another on s3:x-amz-server-side-encryption-aws-kms-key-id with the key's ARN; block SSE-C in the bucket's encryption.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-28", "AC-3"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let buckets = world.data_buckets(place);
    judge::each(
        &INFO,
        place,
        buckets,
        |bucket| (world.bucket_ref(place, bucket), None),
        |say, bucket| look(world, place, bucket, say),
    )
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, bucket: &DataBucket<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let name = bucket.name;
    let Some(policy) = world.bucket_policy(place, bucket)? else {
        say.not_applicable(Reason::NoResources, format!("the bucket `{name}` does not exist"));
        return Ok(());
    };
    match other_algorithms(&policy) {
        Denied::Yes => {}
        Denied::Undecidable => say.unknown(undecided(name, "another algorithm than aws:kms")),
        Denied::No(how) => say.broken(
            format!(
                "`{name}` takes objects encrypted by another algorithm than aws:kms: {}",
                policy.why(&[ALGORITHM], how)
            ),
            policy.shown(&[ALGORITHM], "a Deny of s3:PutObject to everyone who names another algorithm than aws:kms"),
        ),
    }
    keys(world, place, bucket, &policy, say);
    match say.see(customer_keys(&policy)) {
        None | Some(Denied::Yes) => {}
        Some(Denied::Undecidable) => say.unknown(undecided(name, "keys of the writer's own (SSE-C)")),
        Some(Denied::No(how)) => {
            let mut shown = policy.shown(&[CUSTOMER_KEY], "a Deny of s3:PutObject to everyone who brings a key");
            shown.push(field(
                &s3::BUCKET_ENCRYPTION,
                format!("{name}.ServerSideEncryptionConfiguration.Rules[0].BlockedEncryptionTypes"),
                blocked(&policy)?,
                "SSE-C, or such a Deny",
            ));
            say.broken(
                format!(
                    "`{name}` takes objects encrypted with keys of the writer's own (SSE-C): {}",
                    policy.why(&[CUSTOMER_KEY], how)
                ),
                shown,
            );
        }
    }
    if strict(&policy) {
        let note = "a Deny that also stops writes that name no encryption";
        say.fact(field(&s3::BUCKET_POLICY, format!("{name}.Policy"), note, "any"));
    }
    Ok(())
}

/// Other keys than the bucket's own.
fn keys<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    bucket: &DataBucket<'a>,
    policy: &BucketPolicy<'a>,
    say: &mut Say<'a>,
) {
    let name = bucket.name;
    let own = world.keys_of_bucket(place, bucket);
    let keys = if own.items.is_empty() { "the bucket's own".to_owned() } else { few(" or ", &own.items) };
    let wanted = format!("a Deny of s3:PutObject to everyone who names another key than {keys}");
    let others: Vec<String> = named(policy).into_iter().filter(|key| !own.items.contains(key)).collect();
    match other_keys(policy, &Wanted::values(&own.items)) {
        Denied::Yes => {}
        Denied::Undecidable => say.unknown(undecided(name, "another key")),
        // Keys that were not seen may be those that the policy names.
        Denied::No(_) if own.unknown.is_some() && other_keys(policy, &Wanted::naming()) == Denied::Yes => {}
        Denied::No(Confinement::Open { reason: None }) if !others.is_empty() => say.broken(
            format!(
                "`{name}` takes objects encrypted with other keys than its own: its policy's Deny on {KEY} leaves out {}",
                few(", ", others.iter().map(|key| format!("`{key}`")))
            ),
            policy.shown(&[KEY], &wanted),
        ),
        Denied::No(how) => say.broken(
            format!("`{name}` takes objects encrypted with other keys than its own: {}", policy.why(&[KEY], how)),
            policy.shown(&[KEY], &wanted),
        ),
    }
    if let Some(unknown) = own.unknown {
        say.unknown(unknown);
    }
}

/// The kinds of encryption that the bucket blocks, in words.
fn blocked<'a>(policy: &BucketPolicy<'a>) -> Known<'a, String> {
    let blocked = policy.bucket.encryption.sight()?.as_ref().map(|encryption| few(", ", &encryption.blocked));
    Ok(blocked.filter(|blocked| !blocked.is_empty()).unwrap_or_else(|| "none".to_owned()))
}

/// The keys that the policy's Denies name.
fn named(policy: &BucketPolicy<'_>) -> Vec<String> {
    let tests = policy.denies_on(&[KEY]).into_iter().flat_map(|deny| &deny.conditions);
    let negated = tests.filter(|test| test.operator.base.is_negated() && same_key(&test.key, KEY));
    negated.flat_map(|test| test.values.clone()).collect()
}

fn undecided<'a>(name: &str, what: &str) -> Unknown<'a> {
    Unknown::Because(
        Reason::UndecidablePolicy,
        format!("whether the policy of `{name}` denies {what} hangs on a variable or an unknown operator"),
    )
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Read, kms, s3};
    use plumbline_testkit::Env;
    use plumbline_testkit::kms::{ALIAS_DATA, KEY_DATA, KEY_LOGS, id_of};
    use plumbline_testkit::s3::{BUCKET_DATA, BUCKET_LAKE, BUCKET_MODEL};
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    const ALGORITHM: &str = "s3:x-amz-server-side-encryption";
    const KEY: &str = "s3:x-amz-server-side-encryption-aws-kms-key-id";
    const CUSTOMER: &str = "s3:x-amz-server-side-encryption-customer-algorithm";

    fn deny(condition: Value) -> Value {
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject",
               "Resource": "arn:aws:s3:::ds-data-lake-7f3a/*", "Condition": condition})
    }

    fn algorithm() -> Value {
        deny(json!({"StringNotEquals": {ALGORITHM: ["aws:kms", "aws:kms:dsse"]}, "Null": {ALGORITHM: "false"}}))
    }

    fn key(written: &str) -> Value {
        deny(json!({"StringNotEqualsIfExists": {KEY: written}, "Null": {KEY: "false"}}))
    }

    /// Gives the lake's policy these statements alone.
    fn lake(statements: Value) -> impl FnOnce(&mut Env) {
        move |env| {
            env.bucket_policy(BUCKET_LAKE, |policy| policy["Statement"] = statements);
        }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_default_encryption_is_only_a_default() {
        check(
            &CONTROL,
            |env| {
                env.bucket(BUCKET_LAKE, |bucket| bucket.policy = Read::Seen(None));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted by another algorithm than aws:kms: its policy has no Deny on s3:x-amz-server-side-encryption; `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy has no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on s3:x-amz-server-side-encryption, wanted a Deny of s3:PutObject to everyone who names another algorithm than aws:kms
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_algorithm_alone_lets_a_foreign_key_in() {
        check(
            &CONTROL,
            lake(json!([algorithm()])),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy has no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
            "#]],
        );
    }

    #[test]
    fn the_key_alone_lets_another_algorithm_in() {
        check(
            &CONTROL,
            lake(json!([key(KEY_DATA)])),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted by another algorithm than aws:kms: its policy has no Deny on s3:x-amz-server-side-encryption.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on s3:x-amz-server-side-encryption, wanted a Deny of s3:PutObject to everyone who names another algorithm than aws:kms
        "#]],
        );
    }

    #[test]
    fn other_keys_and_other_spellings() {
        let named = |written: &str| {
            let statement = deny(json!({"StringNotLike": {KEY: written}, "Null": {KEY: "false"}}));
            lake(json!([algorithm(), statement]))
        };
        check(
            &CONTROL,
            named(KEY_LOGS),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy's Deny on s3:x-amz-server-side-encryption-aws-kms-key-id leaves out `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004`.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[1]: saw {"Effect":"Deny","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["false"]},"StringNotLike":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004"]}}}, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
        "#]],
        );
        check(
            &CONTROL,
            named(id_of(KEY_DATA)),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy's Deny on s3:x-amz-server-side-encryption-aws-kms-key-id leaves out `0a1b2c3d-1111-4aaa-8bbb-000000000001`.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[1]: saw {"Effect":"Deny","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["false"]},"StringNotLike":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["0a1b2c3d-1111-4aaa-8bbb-000000000001"]}}}, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
        "#]],
        );
        check(
            &CONTROL,
            named(ALIAS_DATA),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy's Deny on s3:x-amz-server-side-encryption-aws-kms-key-id leaves out `alias/ds-s3-fraud-dev`.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[1]: saw {"Effect":"Deny","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["false"]},"StringNotLike":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["alias/ds-s3-fraud-dev"]}}}, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
        "#]],
        );
        check(
            &CONTROL,
            named("arn:aws:kms:*:111122223333:key/*"),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy's Deny on s3:x-amz-server-side-encryption-aws-kms-key-id leaves out `arn:aws:kms:*:111122223333:key/*`.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[1]: saw {"Effect":"Deny","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["false"]},"StringNotLike":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["arn:aws:kms:*:111122223333:key/*"]}}}, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
        "#]],
        );
    }

    #[test]
    fn keys_of_the_writers_own() {
        let unblocked = |statements: Value| {
            move |env: &mut Env| {
                lake(statements)(env);
                env.bucket_encryption(BUCKET_LAKE, |encryption| encryption.blocked = vec!["NONE".to_owned()]);
            }
        };
        check(
            &CONTROL,
            unblocked(json!([algorithm(), key(KEY_DATA)])),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with keys of the writer's own (SSE-C): its policy has no Deny on s3:x-amz-server-side-encryption-customer-algorithm.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on s3:x-amz-server-side-encryption-customer-algorithm, wanted a Deny of s3:PutObject to everyone who brings a key
              s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.Rules[0].BlockedEncryptionTypes: saw NONE, wanted SSE-C, or such a Deny
        "#]],
        );
        for own in [deny(json!({"Null": {CUSTOMER: "false"}})), deny(json!({"StringEquals": {CUSTOMER: "AES256"}}))] {
            check(
                &CONTROL,
                unblocked(json!([algorithm(), key(KEY_DATA), own])),
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
    }

    #[test]
    fn fail_trap_stricter_is_fine_and_stops_keys_of_the_writers_own_too() {
        check(
            &CONTROL,
            |env| {
                lake(json!([
                    deny(json!({"StringNotEquals": {ALGORITHM: "aws:kms"}})),
                    deny(json!({"StringNotEquals": {KEY: KEY_DATA}})),
                ]))(env);
                env.bucket_encryption(BUCKET_LAKE, |encryption| encryption.blocked.clear());
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_every_way_to_write_it() {
        for statements in [
            json!([
                deny(json!({"StringNotLike": {ALGORITHM: "aws:kms*"}, "Null": {ALGORITHM: "false"}})),
                key(KEY_DATA)
            ]),
            json!([algorithm(), deny(json!({"ArnNotEquals": {KEY: KEY_DATA}, "Null": {KEY: false}}))]),
            json!([algorithm(), deny(json!({"Null": {ALGORITHM: "true"}})), key(KEY_DATA)]),
        ] {
            check(
                &CONTROL,
                lake(statements),
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
    }

    #[test]
    fn some_objects_some_writers_some_requests() {
        let with = |field: &str, value: Value| {
            let mut statement = key(KEY_DATA);
            statement[field] = value;
            statement
        };
        check(
            &CONTROL,
            lake(json!([algorithm(), with("Resource", json!("arn:aws:s3:::ds-data-lake-7f3a/in/*"))])),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy's Deny on s3:x-amz-server-side-encryption-aws-kms-key-id does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[1]: saw {"Effect":"Deny","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/in/*"],"Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["false"]},"StringNotEqualsIfExists":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001"]}}}, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
            "#]],
        );
        check(
            &CONTROL,
            lake(json!([algorithm(), with("Principal", json!({"AWS": "111122223333"}))])),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy's Deny on s3:x-amz-server-side-encryption-aws-kms-key-id does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[1]: saw {"Effect":"Deny","Principal":{"AWS":["111122223333"]},"Action":["s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["false"]},"StringNotEqualsIfExists":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001"]}}}, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
            "#]],
        );
        check(
            &CONTROL,
            lake(json!([algorithm(), with("Action", json!("s3:PutObjectAcl"))])),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy's Deny on s3:x-amz-server-side-encryption-aws-kms-key-id does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[1]: saw {"Effect":"Deny","Principal":"*","Action":["s3:PutObjectAcl"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["false"]},"StringNotEqualsIfExists":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001"]}}}, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
            "#]],
        );
        check(
            &CONTROL,
            lake(json!([algorithm(), with("Effect", json!("Allow"))])),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy has no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
            "#]],
        );
        check(
            &CONTROL,
            lake(json!([
                algorithm(),
                deny(json!({"StringNotEquals": {KEY: KEY_DATA, "aws:PrincipalTag/team": "x"}, "Null": {KEY: "false"}}))
            ])),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy's Deny on s3:x-amz-server-side-encryption-aws-kms-key-id does not stop them (deny_narrowed).
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[1]: saw {"Effect":"Deny","Principal":"*","Action":["s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Null":{"s3:x-amz-server-side-encryption-aws-kms-key-id":["false"]},"StringNotEquals":{"aws:PrincipalTag/team":["x"],"s3:x-amz-server-side-encryption-aws-kms-key-id":["arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001"]}}}, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
            "#]],
        );
    }

    #[test]
    fn a_bucket_without_a_key_of_its_own_may_use_any_of_that_use() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("kind: data_lake, kms_key: data, ", "kind: data_lake, ");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn keys_that_were_not_seen_may_be_those_that_it_names() {
        check(
            &CONTROL,
            |env| {
                env.hide(&kms::ALIASES);
                lake(json!([algorithm()]))(env);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-data-fraud-dev-7f3a: kms:ListAliases was not seen: denied, AccessDenied: not authorized to perform kms:ListAliases.
                  kms:ListAliases not seen: denied
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy has no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id, wanted a Deny of s3:PutObject to everyone who names another key than the bucket's own
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-model-fraud-dev-7f3a: kms:ListAliases was not seen: denied, AccessDenied: not authorized to perform kms:ListAliases.
                  kms:ListAliases not seen: denied
            "#]],
        );
    }

    #[test]
    fn what_cannot_be_decided() {
        check(
            &CONTROL,
            |env| {
                lake(json!([
                    deny(json!({"StringIsNot": {ALGORITHM: "aws:kms"}})),
                    deny(json!({"StringNotEquals": {KEY: "${aws:PrincipalTag/key}"}, "Null": {KEY: "false"}})),
                ]))(env);
                env.bucket(BUCKET_DATA, |bucket| bucket.policy = Read::Seen(Some("[]".to_owned())));
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-data-fraud-dev-7f3a: The policy of the bucket `ds-data-fraud-dev-7f3a` cannot be read: `document`: a list where an object belongs.
                INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-data-lake-7f3a: Whether the policy of `ds-data-lake-7f3a` denies another algorithm than aws:kms hangs on a variable or an unknown operator.
            "#]],
        );
    }

    #[test]
    fn a_bucket_that_is_gone_and_one_of_which_little_was_seen() {
        check(
            &CONTROL,
            |env| {
                env.delete_bucket(BUCKET_DATA);
                lake(json!([algorithm()]))(env);
                env.bucket(BUCKET_MODEL, |bucket| bucket.policy = Read::unread_of(&s3::BUCKET_POLICY, BUCKET_MODEL));
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` does not exist.
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes objects encrypted with other keys than its own: its policy has no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on s3:x-amz-server-side-encryption-aws-kms-key-id, wanted a Deny of s3:PutObject to everyone who names another key than arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001
                INSUFFICIENT_DATA not_read MEDIUM fraud-dev ds-model-fraud-dev-7f3a: s3:GetBucketPolicy of `ds-model-fraud-dev-7f3a` was not seen: not planned.
                  s3:GetBucketPolicy not seen: not_planned
            "#]],
        );
    }
}
