//! DATA-04: the bucket policy denies requests without TLS.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{Absent, Confinement, KeyKind, Wanted};
use plumbline_snapshot::s3;

use crate::Control;
use crate::judge::{self, Known, Say, Unknown};
use crate::place::Place;
use crate::world::World;
use crate::world::bucket_policies::{Key, On, wants_tls};
use crate::world::buckets::DataBucket;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&s3::HEAD_BUCKET, &s3::BUCKET_POLICY], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "DATA-04",
    name: "bucket-denies-plaintext",
    title: "The bucket policy denies requests without TLS.",
    area: Area::Data,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "bucket",
    rationale: "S3 answers plain HTTP, too: without the Deny, data and signatures may cross the network in the clear.",
    decided: "Denies must cover s3:* on the bucket and on its objects, for everyone but `bucket_policy_exempt_principals` and services of AWS's, where aws:SecureTransport is false or s3:TlsVersion is below a minimum.",
    remediation: "Add a Deny of s3:* on the bucket's ARN and on its objects for Principal * with Bool aws:SecureTransport false.",
    maps: Maps { securityhub: &["S3.5"], cis: &["2.1.1"], nist: &["SC-8"] },
};

/// The keys that tell TLS.
const KEYS: &[&str] = &["aws:SecureTransport", "s3:TlsVersion"];

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
    let secure = Wanted::yes();
    // The key is in every request (IAM User Guide, "AWS global condition context keys").
    let key = Key { name: "aws:SecureTransport", kind: KeyKind::Boolean, wanted: &secure, absent: Absent::Passes };
    let mut open = Vec::new();
    let mut how = Confinement::Confined;
    for (on, what) in [(On::Bucket, "the bucket"), (On::Objects, "its objects")] {
        match policy.leaves_only("s3:*", on, &key, &wants_tls) {
            Confinement::Confined => {}
            Confinement::Undecidable => say.unknown(Unknown::Because(
                Reason::UndecidablePolicy,
                format!("whether the policy of `{name}` denies requests without TLS for {what} hangs on a variable or an unknown operator"),
            )),
            found => {
                open.push(what);
                how = found;
            }
        }
    }
    if !open.is_empty() {
        say.broken(
            format!("`{name}` takes requests without TLS for {}: {}", open.join(" and "), policy.why(KEYS, how)),
            policy.shown(KEYS, "a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false"),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Read, s3};
    use plumbline_testkit::Env;
    use plumbline_testkit::s3::{BUCKET_DATA, BUCKET_LAKE, BUCKET_MODEL};
    use serde_json::{Value, json};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    /// Gives the lake's policy these statements alone.
    fn lake(env: &mut Env, statements: Value) {
        env.bucket_policy(BUCKET_LAKE, |policy| policy["Statement"] = statements);
    }

    fn deny(condition: Value) -> Value {
        json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*",
               "Resource": ["arn:aws:s3:::ds-data-lake-7f3a", "arn:aws:s3:::ds-data-lake-7f3a/*"], "Condition": condition})
    }

    fn plain() -> Value {
        json!({"Bool": {"aws:SecureTransport": "false"}})
    }

    fn with(field: &str, value: Value) -> Value {
        let mut statement = deny(plain());
        statement[field] = value;
        statement
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn no_policy_and_no_deny() {
        check(
            &CONTROL,
            |env| {
                env.bucket(BUCKET_DATA, |bucket| bucket.policy = Read::Seen(None));
                env.bucket_policy(BUCKET_LAKE, |policy| drop(policy["Statement"].as_array_mut().unwrap().remove(0)));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-fraud-dev-7f3a: `ds-data-fraud-dev-7f3a` takes requests without TLS for the bucket and its objects: its policy has no Deny on aws:SecureTransport or s3:TlsVersion.
                  s3:GetBucketPolicy ds-data-fraud-dev-7f3a.Policy.Statement[]: saw no Deny on aws:SecureTransport or s3:TlsVersion, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy has no Deny on aws:SecureTransport or s3:TlsVersion.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on aws:SecureTransport or s3:TlsVersion, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_allow_with_tls_denies_nothing() {
        let mut allow = deny(json!({"Bool": {"aws:SecureTransport": "true"}}));
        allow["Effect"] = json!("Allow");
        check(
            &CONTROL,
            |env| lake(env, json!([allow])),
            expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy has no Deny on aws:SecureTransport or s3:TlsVersion.
              s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on aws:SecureTransport or s3:TlsVersion, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
        "#]],
        );
    }

    #[test]
    fn pass_trap_only_the_objects_or_only_the_bucket() {
        check(
            &CONTROL,
            |env| {
                lake(env, json!([with("Resource", json!("arn:aws:s3:::ds-data-lake-7f3a/*"))]));
                env.bucket_policy(BUCKET_DATA, |policy| {
                    policy["Statement"][0]["Resource"] = json!("arn:aws:s3:::ds-data-fraud-dev-7f3a");
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-fraud-dev-7f3a: `ds-data-fraud-dev-7f3a` takes requests without TLS for its objects: its policy's Deny on aws:SecureTransport or s3:TlsVersion does not cover all of them.
                  s3:GetBucketPolicy ds-data-fraud-dev-7f3a.Policy.Statement[0]: saw {"Sid":"Tls","Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket: its policy's Deny on aws:SecureTransport or s3:TlsVersion does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
            "#]],
        );
    }

    #[test]
    fn some_actions_some_principals_some_requests() {
        let lake = |statement: Value| move |env: &mut Env| lake(env, json!([statement]));
        check(
            &CONTROL,
            lake(with("Action", json!(["s3:GetObject", "s3:PutObject"]))),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy's Deny on aws:SecureTransport or s3:TlsVersion does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
            "#]],
        );
        check(
            &CONTROL,
            lake(with("Principal", json!({"AWS": "arn:aws:iam::111122223333:role/x"}))),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy's Deny on aws:SecureTransport or s3:TlsVersion does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":{"AWS":["arn:aws:iam::111122223333:role/x"]},"Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
            "#]],
        );
        check(
            &CONTROL,
            lake(deny(
                json!({"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalAccount": "1"}}),
            )),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy's Deny on aws:SecureTransport or s3:TlsVersion does not stop them (deny_narrowed).
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]},"StringEquals":{"aws:PrincipalAccount":["1"]}}}, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
            "#]],
        );
        check(
            &CONTROL,
            lake(deny(json!({"Bool": {"aws:SecureTransport": "true"}}))),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy's Deny on aws:SecureTransport or s3:TlsVersion does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["true"]}}}, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
            "#]],
        );
        check(
            &CONTROL,
            lake(deny(json!({"Bool": {"aws:SecureTransport": "true"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}}))),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy's Deny on aws:SecureTransport or s3:TlsVersion does not cover all of them.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["true"]},"NumericLessThan":{"s3:TlsVersion":["1.2"]}}}, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
            "#]],
        );
    }

    #[test]
    fn fail_trap_every_way_to_write_it() {
        let bucket = json!("arn:aws:s3:::ds-data-lake-7f3a");
        let objects = json!("arn:aws:s3:::ds-data-lake-7f3a/*");
        for statements in [
            json!([with("Resource", json!("*"))]),
            json!([with("Resource", json!("arn:aws:s3:::ds-data-lake-7f3a*"))]),
            json!([with("Resource", bucket), with("Resource", objects)]),
            json!([with("Action", json!("*"))]),
            json!([deny(json!({"BoolIfExists": {"aws:SecureTransport": false}}))]),
            json!([deny(json!({"Bool": {"aws:SecureTransport": "false", "aws:PrincipalIsAWSService": "false"}}))]),
            json!([deny(json!({"NumericLessThan": {"s3:TlsVersion": 1.2}}))]),
            json!([deny(
                json!({"Bool": {"aws:SecureTransport": "false"}, "NumericLessThan": {"s3:TlsVersion": "1.2"}})
            )]),
        ] {
            check(
                &CONTROL,
                |env| lake(env, statements),
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
    }

    #[test]
    fn fail_trap_merged_with_other_statements() {
        check(
            &CONTROL,
            |env| {
                env.bucket_policy(BUCKET_LAKE, |policy| {
                    let others = policy["Statement"].as_array_mut().unwrap();
                    others.remove(0);
                    others.push(deny(plain()));
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn principals_that_the_baseline_exempts() {
        let exempt = json!({"Bool": {"aws:SecureTransport": "false"},
                            "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/data-ingest"}});
        check(
            &CONTROL,
            |env| lake(env, json!([deny(exempt.clone())])),
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy's Deny on aws:SecureTransport or s3:TlsVersion does not stop them (deny_narrowed).
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[0]: saw {"Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a","arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"ArnNotLike":{"aws:PrincipalArn":["arn:aws:iam::111122223333:role/data-ingest"]},"Bool":{"aws:SecureTransport":["false"]}}}, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline("bucket_policy_exempt_principals: [\"arn:aws:iam::{account}:role/data-ingest\"]");
                lake(env, json!([deny(exempt)]));
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
                lake(env, json!([deny(json!({"Boolean": {"aws:SecureTransport": "false"}}))]));
                env.bucket(BUCKET_DATA, |bucket| bucket.policy = Read::Seen(Some("{".to_owned())));
            },
            expect![[r#"
                INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-data-fraud-dev-7f3a: The policy of the bucket `ds-data-fraud-dev-7f3a` cannot be read: the document is not acceptable JSON: EOF while parsing an object at line 1 column 1.
                INSUFFICIENT_DATA undecidable_policy MEDIUM fraud-dev ds-data-lake-7f3a: Whether the policy of `ds-data-lake-7f3a` denies requests without TLS for the bucket hangs on a variable or an unknown operator.
            "#]],
        );
    }

    #[test]
    fn a_bucket_that_is_gone_and_one_whose_policy_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.delete_bucket(BUCKET_DATA);
                lake(env, json!([with("Effect", json!("Allow"))]));
                env.bucket(BUCKET_MODEL, |bucket| bucket.policy = Read::unread_of(&s3::BUCKET_POLICY, BUCKET_MODEL));
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` does not exist.
                NON_COMPLIANT MEDIUM fraud-dev ds-data-lake-7f3a: `ds-data-lake-7f3a` takes requests without TLS for the bucket and its objects: its policy has no Deny on aws:SecureTransport or s3:TlsVersion.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[]: saw no Deny on aws:SecureTransport or s3:TlsVersion, wanted a Deny of s3:* on bucket and objects to everyone where aws:SecureTransport is false
                INSUFFICIENT_DATA not_read MEDIUM fraud-dev ds-model-fraud-dev-7f3a: s3:GetBucketPolicy of `ds-model-fraud-dev-7f3a` was not seen: not planned.
                  s3:GetBucketPolicy not seen: not_planned
            "#]],
        );
    }
}
