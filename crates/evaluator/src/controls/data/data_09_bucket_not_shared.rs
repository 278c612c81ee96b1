//! DATA-09: no bucket policy or access point grants the public or a foreign account.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::s3;

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, field};
use crate::place::Place;
use crate::world::World;
use crate::world::buckets::DataBucket;
use crate::world::policies::{actions_of, shown};
use crate::world::shares::Share;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &s3::HEAD_BUCKET,
        &s3::BUCKET_POLICY,
        &s3::BUCKET_POLICY_STATUS,
        &s3::PUBLIC_ACCESS_BLOCK,
        &s3::ACCOUNT_PUBLIC_ACCESS_BLOCK,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "DATA-09",
    name: "bucket-not-shared",
    title: "No bucket policy or access point grants the public or a foreign account.",
    area: Area::Data,
    severity: Severity::Critical,
    origin: Origin::Derived,
    scope: "bucket",
    rationale: "One grant to everyone, or to a stranger's account, gives the data away whatever the environment's roles may do.",
    decided: "S3 must not call the policy public, and no Allow may speak of everyone, of all but some, of an account outside `allowed_accounts`, or of a service of AWS's, unless a condition, or a Deny over it, confines it: callers to those accounts or `org_id`, sources to those accounts, or the way to named endpoints or VPCs. Addresses confine nothing. HIGH where it is not public, or where Block Public Access keeps what S3 calls public from everyone. A policy that leaves the decision to access points, which are not read, is not decided.",
    remediation: "Remove the grant, or confine it by aws:PrincipalOrgID, aws:PrincipalAccount or aws:SourceAccount.",
    maps: Maps { securityhub: &["S3.2", "S3.3", "S3.6"], cis: &[], nist: &["AC-3", "AC-6"] },
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
    let Some(found) = world.bucket(bucket)? else {
        say.not_applicable(Reason::NoResources, format!("the bucket `{name}` does not exist"));
        return Ok(());
    };
    let public = say.see(found.policy_is_public.sight()) == Some(&Some(true));
    let closed = public && world.keeps_the_public_out(place, found);
    let severity = if closed { Severity::High } else { Severity::Critical };
    if public {
        let but = if closed { ", and only Block Public Access keeps everyone out" } else { "" };
        let evidence = field(&s3::BUCKET_POLICY_STATUS, format!("{name}.PolicyStatus.IsPublic"), "true", "false");
        say.broken_as(severity, format!("S3 calls the policy of `{name}` public{but}"), [evidence]);
    }
    let Some(policy) = world.bucket_policy(place, bucket)? else { return Ok(()) };
    for allow in policy.document.allows() {
        let what = actions_of(allow);
        for share in world.shares(place, &policy, allow) {
            let (severity, message) = match share {
                Share::Public(why) => (severity, format!("the policy of `{name}` grants {what} to everyone: {why}")),
                Share::Foreign(who, why) => {
                    (Severity::High, format!("the policy of `{name}` grants {what} to {who}: {why}"))
                }
                Share::Unknown(why) => {
                    say.unknown(Unknown::Because(
                        Reason::UndecidablePolicy,
                        format!("statement {} of the policy of `{name}` {why}", allow.index),
                    ));
                    continue;
                }
            };
            let evidence = shown(
                &s3::BUCKET_POLICY,
                &format!("{name}.Policy"),
                allow,
                "principals of allowed_accounts or org_id, or a condition that confines them",
            );
            say.broken_as(severity, message, [evidence]);
        }
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
    use crate::check::{blind_but, check, clean};

    fn allow(principal: Value, condition: Value) -> Value {
        json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject",
               "Resource": "arn:aws:s3:::ds-data-lake-7f3a/*", "Condition": condition})
    }

    /// Adds a statement to the lake's policy.
    fn grant(statement: Value) -> impl FnOnce(&mut Env) {
        move |env| {
            env.bucket_policy(BUCKET_LAKE, |policy| policy["Statement"].as_array_mut().unwrap().push(statement));
        }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // They only tell how bad it is that a policy is public.
        blind_but(&CONTROL, &[&s3::PUBLIC_ACCESS_BLOCK, &s3::ACCOUNT_PUBLIC_ACCESS_BLOCK]);
    }

    #[test]
    fn public_by_s3s_own_word() {
        let public = |env: &mut Env| {
            env.bucket(BUCKET_LAKE, |bucket| bucket.policy_is_public = Read::Seen(Some(true)));
        };
        let open = |env: &mut Env| {
            public(env);
            env.bucket_access_block(BUCKET_LAKE, |block| block.restrict_public_buckets = false);
            env.account_access_block(|block| block.restrict_public_buckets = false);
        };
        check(
            &CONTROL,
            open,
            expect![[r#"
            NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: S3 calls the policy of `ds-data-lake-7f3a` public.
              s3:GetBucketPolicyStatus ds-data-lake-7f3a.PolicyStatus.IsPublic: saw true, wanted false
        "#]],
        );
        check(
            &CONTROL,
            public,
            expect![[r#"
            NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: S3 calls the policy of `ds-data-lake-7f3a` public, and only Block Public Access keeps everyone out.
              s3:GetBucketPolicyStatus ds-data-lake-7f3a.PolicyStatus.IsPublic: saw true, wanted false
        "#]],
        );
        check(
            &CONTROL,
            |env| {
                public(env);
                env.hide(&s3::PUBLIC_ACCESS_BLOCK).hide(&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: S3 calls the policy of `ds-data-lake-7f3a` public.
                  s3:GetBucketPolicyStatus ds-data-lake-7f3a.PolicyStatus.IsPublic: saw true, wanted false
            "#]],
        );
    }

    #[test]
    fn fail_trap_public_though_block_public_access_neutralises_it_is_still_wrong() {
        check(
            &CONTROL,
            |env| {
                env.bucket(BUCKET_LAKE, |bucket| bucket.policy_is_public = Read::Seen(Some(true)));
                grant(allow(json!("*"), json!({})))(env);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: S3 calls the policy of `ds-data-lake-7f3a` public, and only Block Public Access keeps everyone out; the policy of `ds-data-lake-7f3a` grants s3:GetObject to everyone: nothing confines who calls.
                  s3:GetBucketPolicyStatus ds-data-lake-7f3a.PolicyStatus.IsPublic: saw true, wanted false
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"]}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
    }

    #[test]
    fn pass_trap_not_public_and_open_to_one_foreign_account() {
        let foreign = json!({"AWS": ["arn:aws:iam::999999999999:root", "arn:aws:iam::111122223333:role/x"]});
        check(
            &CONTROL,
            grant(allow(foreign, json!({}))),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to `arn:aws:iam::999999999999:root` of the foreign account 999999999999: nothing confines who calls.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::999999999999:root","arn:aws:iam::111122223333:role/x"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"]}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
        let role = json!({"AWS": "arn:aws:iam::999999999999:role/x"});
        check(
            &CONTROL,
            grant(allow(role, json!({"Bool": {"aws:SecureTransport": "true"}}))),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to `arn:aws:iam::999999999999:role/x` of the foreign account 999999999999: nothing confines who calls.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::999999999999:role/x"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"Bool":{"aws:SecureTransport":["true"]}}}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
    }

    #[test]
    fn pass_trap_addresses_confine_nothing() {
        let wide = json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}});
        check(
            &CONTROL,
            grant(allow(json!({"AWS": "*"}), wide)),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to everyone: nothing confines who calls.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":{"AWS":["*"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}}}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_service_that_delivers_for_anyone() {
        let service = json!({"Service": ["logging.s3.amazonaws.com"]});
        check(
            &CONTROL,
            grant(allow(service.clone(), json!({}))),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to the service `logging.s3.amazonaws.com`, on whosever behalf: nothing confines for whom it acts.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":{"Service":["logging.s3.amazonaws.com"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"]}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
        for condition in [
            json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}),
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:111122223333:*"}}),
            json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::ds-data-fraud-dev-7f3a"}}),
        ] {
            check(
                &CONTROL,
                grant(allow(service.clone(), condition)),
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
    }

    #[test]
    fn everyone_but_some_and_conditions_that_confine_nothing() {
        let mut but = allow(json!("*"), json!({}));
        but.as_object_mut().unwrap().remove("Principal");
        but["NotPrincipal"] = json!({"AWS": "arn:aws:iam::999999999999:root"});
        check(
            &CONTROL,
            grant(but),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to everyone: nothing confines who calls.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","NotPrincipal":{"AWS":["arn:aws:iam::999999999999:root"]},"Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"]}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
        let negated = json!({"StringNotEquals": {"aws:PrincipalAccount": "999999999999"}});
        check(
            &CONTROL,
            grant(allow(json!("*"), negated)),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to everyone: what it says of aws:PrincipalAccount does not confine who calls (allow_negated).
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringNotEquals":{"aws:PrincipalAccount":["999999999999"]}}}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
    }

    #[test]
    fn everyone_whom_a_fixed_value_confines() {
        let confined = |condition: Value| {
            move |env: &mut Env| {
                env.add_to_baseline("org_id: o-a1b2c3d4e5");
                grant(allow(json!("*"), condition))(env);
            }
        };
        for condition in [
            json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}),
            json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}),
            json!({"StringEquals": {"aws:SourceVpce": "vpce-0b2c4d6e8f0a00001"}}),
            json!({"StringEquals": {"aws:SourceVpc": "vpc-0f4a7d2c1b9e80001"}}),
            json!({"StringEquals": {"aws:SourceAccount": "111122223333"}}),
        ] {
            check(
                &CONTROL,
                confined(condition),
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
        check(
            &CONTROL,
            confined(json!({"StringEquals": {"aws:PrincipalOrgID": "o-zzzzzzzzzz"}})),
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to whoever has the aws:PrincipalOrgID that it names: that is none of allowed_accounts or org_id.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringEquals":{"aws:PrincipalOrgID":["o-zzzzzzzzzz"]}}}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
        check(
            &CONTROL,
            confined(json!({"StringLike": {"aws:SourceVpce": "vpce-*"}})),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to everyone: what it says of aws:SourceVpce admits others, too.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"],"Condition":{"StringLike":{"aws:SourceVpce":["vpce-*"]}}}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
    }

    #[test]
    fn a_foreign_account_of_the_organization_or_an_allowed_one() {
        let role = || json!({"AWS": "arn:aws:iam::999999999999:role/x"});
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline("org_id: o-a1b2c3d4e5");
                grant(allow(role(), json!({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}})))(env);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("allowed_accounts: [", "allowed_accounts: [\"999999999999\", ");
                grant(allow(role(), json!({})))(env);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_deny_over_the_grant_confines_it_unless_it_leaves_services_out() {
        let deny = |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition});
        let both = |condition: Value| {
            move |env: &mut Env| {
                grant(allow(json!("*"), json!({})))(env);
                grant(deny(condition))(env);
            }
        };
        check(
            &CONTROL,
            both(json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}})),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            both(
                json!({"StringNotEquals": {"aws:PrincipalAccount": "111122223333"}, "Bool": {"aws:ViaAWSService": "false"}}),
            ),
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to everyone: nothing confines who calls.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"]}, wanted principals of allowed_accounts or org_id, or a condition that confines them
            "#]],
        );
    }

    #[test]
    fn a_deleted_principal_grants_nobody_and_some_do_not_say_whose_they_are() {
        check(
            &CONTROL,
            grant(allow(json!({"AWS": "AROAEXAMPLEID1234567"}), json!({}))),
            expect![[r#"
                COMPLIANT
            "#]],
        );
        let canonical = json!({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"});
        check(
            &CONTROL,
            grant(allow(canonical, json!({}))),
            expect![[r#"
            INSUFFICIENT_DATA undecidable_policy CRITICAL fraud-dev ds-data-lake-7f3a: Statement 4 of the policy of `ds-data-lake-7f3a` names `79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be`, which does not say whose it is.
        "#]],
        );
        let identity = json!({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"});
        check(
            &CONTROL,
            grant(allow(identity, json!({}))),
            expect![[r#"
            INSUFFICIENT_DATA undecidable_policy CRITICAL fraud-dev ds-data-lake-7f3a: Statement 4 of the policy of `ds-data-lake-7f3a` names `arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1`, which does not say whose it is.
        "#]],
        );
    }

    #[test]
    fn access_points_are_not_read() {
        let left = json!({"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}});
        check(
            &CONTROL,
            grant(allow(json!("*"), left)),
            expect![[r#"
            INSUFFICIENT_DATA undecidable_policy CRITICAL fraud-dev ds-data-lake-7f3a: Statement 4 of the policy of `ds-data-lake-7f3a` leaves the decision to access points, which are not read.
        "#]],
        );
    }

    #[test]
    fn what_cannot_be_decided_what_is_gone_and_no_policy() {
        check(
            &CONTROL,
            |env| {
                grant(allow(json!("*"), json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}})))(
                    env,
                );
                env.delete_bucket(BUCKET_DATA);
                env.bucket(BUCKET_MODEL, |bucket| {
                    bucket.policy = Read::Seen(None);
                    bucket.policy_is_public = Read::Seen(None);
                });
            },
            expect![[r#"
                NOT_APPLICABLE no_resources CRITICAL fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` does not exist.
                INSUFFICIENT_DATA undecidable_policy CRITICAL fraud-dev ds-data-lake-7f3a: Statement 4 of the policy of `ds-data-lake-7f3a` may be confined: that hangs on a variable or an unknown operator.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                grant(allow(json!("*"), json!({})))(env);
                env.hide(&s3::BUCKET_POLICY_STATUS);
                env.bucket(BUCKET_DATA, |bucket| {
                    bucket.policy_is_public = Read::Seen(Some(true));
                    bucket.policy = Read::Seen(Some("{".to_owned()));
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: S3 calls the policy of `ds-data-fraud-dev-7f3a` public, and only Block Public Access keeps everyone out.
                  s3:GetBucketPolicyStatus ds-data-fraud-dev-7f3a.PolicyStatus.IsPublic: saw true, wanted false
                NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: The policy of `ds-data-lake-7f3a` grants s3:GetObject to everyone: nothing confines who calls.
                  s3:GetBucketPolicy ds-data-lake-7f3a.Policy.Statement[4]: saw {"Effect":"Allow","Principal":"*","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::ds-data-lake-7f3a/*"]}, wanted principals of allowed_accounts or org_id, or a condition that confines them
                INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-model-fraud-dev-7f3a: s3:GetBucketPolicyStatus of `ds-model-fraud-dev-7f3a` was not seen: denied, AccessDenied: not authorized to perform s3:GetBucketPolicyStatus.
                  s3:GetBucketPolicyStatus not seen: denied
            "#]],
        );
    }
}
