//! DATA-15: no bucket or key policy allows more than its reference.

use std::collections::BTreeMap;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::ComparedKind;
use plumbline_snapshot::{Read, Source, kms, s3};

use crate::Control;
use crate::baseline::Environment;
use crate::judge::{self, Known, Say, Set};
use crate::place::Place;
use crate::world::World;
use crate::world::buckets::DataBucket;
use crate::world::keys::{Meaning, key_ref};
use crate::world::references::Live;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&s3::HEAD_BUCKET, &s3::BUCKET_POLICY, &kms::ALIASES, &kms::KEY_TAGS, &kms::KEY_POLICY],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "DATA-15",
    name: "resource-policy-within-reference",
    title: "No bucket or key policy allows more than its reference.",
    area: Area::Data,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "bucket / key",
    rationale: "A bucket's or key's policy can let anybody in, and one that lost a Deny lets in whoever an IAM policy lets through.",
    decided: "The policy may allow no request that the document of its `reference_policy` does not, and has to deny every request that the document denies. Spelling, order and what AWS reformats do not matter.",
    remediation: "Restore the reviewed policy, or have the wider one reviewed and change the reference.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "CM-3"] },
};

/// Something with a reference.
enum Subject<'a> {
    Bucket(DataBucket<'a>),
    Key(String),
}

/// A reference, and the environment that names it.
type Named<'a> = (&'a Environment, &'a String);

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let subjects = subjects(world, place);
    let subject = |(subject, _): &(Subject<'a>, Vec<Named<'a>>)| match subject {
        Subject::Bucket(bucket) => (world.bucket_ref(place, bucket), None),
        Subject::Key(arn) => (key_ref(arn), None),
    };
    judge::each(&INFO, place, subjects, subject, |say, (subject, named)| {
        if named.is_empty() {
            say.not_applicable(Reason::NotRequiredByBaseline, "the baseline names no reference policy for it");
            return Ok(());
        }
        match subject {
            Subject::Bucket(bucket) => of_bucket(world, bucket, named, say),
            Subject::Key(arn) => of_key(world, place, arn, named, say),
        }
    })
}

/// The data buckets and the environment's keys, with the references that the baseline names for each.
fn subjects<'a>(world: &World<'a>, place: &Place<'a>) -> Set<'a, (Subject<'a>, Vec<Named<'a>>)> {
    let buckets = world.data_buckets(place);
    let mut unknown = buckets.unknown;
    let named = |bucket: DataBucket<'a>| {
        let choices = place.environments.iter().flat_map(|environment| {
            let all = environment.data_buckets.iter().flatten();
            all.filter(|choice| choice.name.as_deref() == Some(bucket.name)).map(|choice| (*environment, choice))
        });
        let named = choices.filter_map(|(environment, choice)| Some((environment, choice.reference_policy.as_ref()?)));
        (Subject::Bucket(bucket), named.collect())
    };
    let mut items: Vec<(Subject<'a>, Vec<Named<'a>>)> = buckets.items.into_iter().map(named).collect();
    let mut keys: BTreeMap<String, Vec<Named<'a>>> = BTreeMap::new();
    for environment in &place.environments {
        for choice in environment.kms_keys.iter().flatten() {
            match world.keys_meant(place, choice) {
                Ok((meant, more)) => {
                    for meaning in meant {
                        if let Meaning::Key(arn) = meaning {
                            let of_key = keys.entry(arn).or_default();
                            of_key.extend(choice.reference_policy.as_ref().map(|path| (*environment, path)));
                        }
                    }
                    unknown = unknown.or(more);
                }
                Err(why) => unknown = unknown.or(Some(why)),
            }
        }
    }
    items.extend(keys.into_iter().map(|(arn, named)| (Subject::Key(arn), named)));
    Set { items, unknown }
}

fn of_bucket<'a>(world: &World<'a>, bucket: &DataBucket<'a>, named: &[Named<'a>], say: &mut Say<'a>) -> Known<'a, ()> {
    let name = bucket.name;
    let Some(seen) = world.bucket(bucket)? else {
        say.not_applicable(Reason::ResourceGone, format!("the bucket `{name}` does not exist"));
        return Ok(());
    };
    held(world, &s3::BUCKET_POLICY, ComparedKind::Resource, &format!("`{name}`"), &seen.policy, named, say)
}

fn of_key<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    arn: &str,
    named: &[Named<'a>],
    say: &mut Say<'a>,
) -> Known<'a, ()> {
    let key = world.key(place, arn)?;
    held(world, &kms::KEY_POLICY, ComparedKind::Key, &format!("`{arn}`"), &key.policy, named, say)
}

fn held<'a>(
    world: &World<'a>,
    source: &'static Source,
    kind: ComparedKind,
    name: &str,
    policy: &'a Read<Option<String>>,
    named: &[Named<'a>],
    say: &mut Say<'a>,
) -> Known<'a, ()> {
    let (origin, path) = (format!("the policy of {name}"), format!("{}.Policy", name.trim_matches('`')));
    let live = policy.sight()?.as_deref().map(|text| world.plain_policy(source, origin.clone(), path.clone(), text));
    let live: Vec<_> = live.transpose()?.into_iter().collect();
    let live = Live { kind, policies: &live, boundary: None, who: None, source, path, name: origin };
    for (environment, path) in named {
        let reviewed = world.reviewed(environment, std::slice::from_ref(*path))?;
        reviewed.hold_against(&live, INFO.severity, say);
        reviewed.hold_denies_against(&live, INFO.severity, say);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Read, kms, s3};
    use plumbline_testkit::kms::{KEY_DATA, KEY_PROJECT};
    use serde_json::json;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    const BUCKET: &str = "ds-data-fraud-dev-7f3a";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_a_removed_deny() {
        check(
            &CONTROL,
            |env| {
                env.bucket_policy(BUCKET, |document| {
                    document["Statement"].as_array_mut().unwrap().remove(0);
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: The policy of `ds-data-fraud-dev-7f3a` does not deny `arn:aws:iam::999988887777:role/plumbline-stranger` `s3:PutObject` on `arn:aws:s3:::ds-data-fraud-dev-7f3a/` with aws:PrincipalIsAWSService `false` and aws:SecureTransport `false` and aws:SourceVpce `vpce-0b2c4d6e8f0a00001`, as statement 0 of `references/buckets/ds-data-fraud-dev-7f3a.json` (sha256 e7dfdaf18d5c) does.
                  s3:GetBucketPolicy ds-data-fraud-dev-7f3a.Policy: saw no Deny that applies, wanted {"Sid":"Tls","Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a","arn:aws:s3:::ds-data-fraud-dev-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}
                  witness {"principal":"arn:aws:iam::999988887777:role/plumbline-stranger","action":"s3:PutObject","resource":"arn:aws:s3:::ds-data-fraud-dev-7f3a/","context":{"aws:PrincipalIsAWSService":"false","aws:SecureTransport":"false","aws:SourceVpce":"vpce-0b2c4d6e8f0a00001"}}
            "#]],
        );
    }

    #[test]
    fn pass_trap_no_policy_at_all() {
        check(
            &CONTROL,
            |env| {
                env.bucket(BUCKET, |bucket| bucket.policy = Read::Seen(None));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: The policy of `ds-data-fraud-dev-7f3a` does not deny `arn:aws:iam::999988887777:role/plumbline-stranger` `s3:PutObject` on `arn:aws:s3:::ds-data-fraud-dev-7f3a` with aws:PrincipalIsAWSService `false` and aws:SecureTransport `false`, as statement 0 of `references/buckets/ds-data-fraud-dev-7f3a.json` (sha256 e7dfdaf18d5c) does.
                  s3:GetBucketPolicy ds-data-fraud-dev-7f3a.Policy: saw no Deny that applies, wanted {"Sid":"Tls","Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a","arn:aws:s3:::ds-data-fraud-dev-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}
                  witness {"principal":"arn:aws:iam::999988887777:role/plumbline-stranger","action":"s3:PutObject","resource":"arn:aws:s3:::ds-data-fraud-dev-7f3a","context":{"aws:PrincipalIsAWSService":"false","aws:SecureTransport":"false"}}
            "#]],
        );
    }

    #[test]
    fn a_grant_that_was_added() {
        check(
            &CONTROL,
            |env| {
                let stranger = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"},
                    "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{BUCKET}/*")});
                env.bucket_policy(BUCKET, |document| document["Statement"].as_array_mut().unwrap().push(stranger));
                let everyone = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
                env.key_policy(KEY_DATA, |document| document["Statement"].as_array_mut().unwrap().push(everyone));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 0a1b2c3d-1111-4aaa-8bbb-000000000001: The policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` lets `arn:aws:iam::999988887777:role/plumbline-stranger` `kms:Decrypt`, which `references/keys/data.json` (sha256 d5a268986c1f) does not: statement 3 of the policy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001`.
                  kms:GetKeyPolicy arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Policy.Statement[3]: saw {"Effect":"Allow","Principal":"*","Action":["kms:Decrypt"],"Resource":["*"]}, wanted no more than `references/keys/data.json` (sha256 d5a268986c1f)
                  witness {"principal":"arn:aws:iam::999988887777:role/plumbline-stranger","action":"kms:Decrypt","resource":"*","context":{}}
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: The policy of `ds-data-fraud-dev-7f3a` lets `arn:aws:iam::999988887777:role/plumbline-other` `s3:GetObject` on `arn:aws:s3:::ds-data-fraud-dev-7f3a/` with aws:PrincipalIsAWSService `false` and aws:SourceVpce `vpce-0b2c4d6e8f0a00001`, which `references/buckets/ds-data-fraud-dev-7f3a.json` (sha256 e7dfdaf18d5c) does not: statement 5 of the policy of `ds-data-fraud-dev-7f3a`.
                  s3:GetBucketPolicy ds-data-fraud-dev-7f3a.Policy.Statement[5]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::999988887777:root"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a/*"]}, wanted no more than `references/buckets/ds-data-fraud-dev-7f3a.json` (sha256 e7dfdaf18d5c)
                  witness {"principal":"arn:aws:iam::999988887777:role/plumbline-other","action":"s3:GetObject","resource":"arn:aws:s3:::ds-data-fraud-dev-7f3a/","context":{"aws:PrincipalIsAWSService":"false","aws:SourceVpce":"vpce-0b2c4d6e8f0a00001"}}
            "#]],
        );
    }

    #[test]
    fn fail_trap_reordered_and_narrowed() {
        check(
            &CONTROL,
            |env| {
                env.bucket_policy(BUCKET, |document| {
                    let statements = document["Statement"].as_array_mut().unwrap();
                    statements.reverse();
                    statements.push(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
                        "Resource": format!("arn:aws:s3:::{BUCKET}/*")}));
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn fail_trap_an_id_left_by_a_deleted_role() {
        check(
            &CONTROL,
            |env| {
                let gone = json!({"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEOFAGONEROLE"},
                    "Action": "kms:Decrypt", "Resource": "*"});
                env.key_policy(KEY_PROJECT, |document| document["Statement"].as_array_mut().unwrap().push(gone));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn one_that_was_not_seen_hides_no_other() {
        check(
            &CONTROL,
            |env| {
                env.hide(&kms::KEY_POLICY).bucket(BUCKET, |bucket| bucket.policy = Read::Seen(None));
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev 0a1b2c3d-1111-4aaa-8bbb-000000000001: kms:GetKeyPolicy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` was not seen: denied, AccessDenied: not authorized to perform kms:GetKeyPolicy.
                  kms:GetKeyPolicy not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev 0a1b2c3d-2222-4aaa-8bbb-000000000002: kms:GetKeyPolicy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002` was not seen: denied, AccessDenied: not authorized to perform kms:GetKeyPolicy.
                  kms:GetKeyPolicy not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev 0a1b2c3d-3333-4aaa-8bbb-000000000003: kms:GetKeyPolicy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003` was not seen: denied, AccessDenied: not authorized to perform kms:GetKeyPolicy.
                  kms:GetKeyPolicy not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev 0a1b2c3d-4444-4aaa-8bbb-000000000004: kms:GetKeyPolicy of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004` was not seen: denied, AccessDenied: not authorized to perform kms:GetKeyPolicy.
                  kms:GetKeyPolicy not seen: denied
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: The policy of `ds-data-fraud-dev-7f3a` does not deny `arn:aws:iam::999988887777:role/plumbline-stranger` `s3:PutObject` on `arn:aws:s3:::ds-data-fraud-dev-7f3a` with aws:PrincipalIsAWSService `false` and aws:SecureTransport `false`, as statement 0 of `references/buckets/ds-data-fraud-dev-7f3a.json` (sha256 e7dfdaf18d5c) does.
                  s3:GetBucketPolicy ds-data-fraud-dev-7f3a.Policy: saw no Deny that applies, wanted {"Sid":"Tls","Effect":"Deny","Principal":"*","Action":["s3:*"],"Resource":["arn:aws:s3:::ds-data-fraud-dev-7f3a","arn:aws:s3:::ds-data-fraud-dev-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}
                  witness {"principal":"arn:aws:iam::999988887777:role/plumbline-stranger","action":"s3:PutObject","resource":"arn:aws:s3:::ds-data-fraud-dev-7f3a","context":{"aws:PrincipalIsAWSService":"false","aws:SecureTransport":"false"}}
            "#]],
        );
    }

    #[test]
    fn without_a_reference() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(", reference_policy: references/buckets/ds-data-lake-7f3a.json", "");
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline HIGH fraud-dev ds-data-lake-7f3a: The baseline names no reference policy for it.
            "#]],
        );
        let _ = &s3::BUCKET_POLICY;
    }
}
