//! DATA-06: Block Public Access is fully on, at bucket and account.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_snapshot::s3::{self, BlockPublicAccess};
use plumbline_snapshot::{Read, Source};

use crate::Control;
use crate::judge::{self, Known, Unknown, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&s3::HEAD_BUCKET, &s3::PUBLIC_ACCESS_BLOCK, &s3::ACCOUNT_PUBLIC_ACCESS_BLOCK],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "DATA-06",
    name: "block-public-access",
    title: "Block Public Access is fully on, at bucket and account.",
    area: Area::Data,
    severity: Severity::Critical,
    origin: Origin::Derived,
    scope: "bucket",
    rationale: "Without it one wrong policy or ACL opens the data to everyone; with it at both levels, undoing one is not enough.",
    decided: "All four flags must be on at the bucket and at the account. One complete level keeps the bucket closed, and \
              lowers the severity to HIGH.",
    remediation: "Put a public access block with all four flags on the bucket and on the account.",
    maps: Maps { securityhub: &["S3.1", "S3.8"], cis: &["2.1.4"], nist: &["AC-3"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let buckets = world.data_buckets(place);
    judge::each(
        &INFO,
        place,
        buckets,
        |bucket| (world.bucket_ref(place, bucket), None),
        |say, bucket| {
            let Some(found) = world.bucket(bucket)? else {
                say.not_applicable(Reason::NoResources, format!("the bucket `{}` does not exist", bucket.name));
                return Ok(());
            };
            let here = flags(&found.public_access_block);
            let account = if found.expected_owner == *place.account {
                flags(&world.snapshot.s3.account_public_access_block)
            } else {
                Err(Unknown::Because(
                    Reason::Unresolved,
                    format!(
                        "the bucket `{}` is owned by account {}, whose own setting only it can read",
                        bucket.name, found.expected_owner
                    ),
                ))
            };
            let levels = [
                ("the bucket", bucket.name, &s3::PUBLIC_ACCESS_BLOCK, here),
                ("the account", place.account.as_str(), &s3::ACCOUNT_PUBLIC_ACCESS_BLOCK, account),
            ];
            // The lesser severity needs proof that one level is complete.
            let closed = levels.iter().any(|(.., flags)| flags.as_ref().is_ok_and(|flags| flags.is_full()));
            let severity = if closed { Severity::High } else { Severity::Critical };
            for (level, name, source, flags) in levels {
                let Some(flags) = say.see(flags) else { continue };
                if flags.is_full() {
                    say.fact(evidence(source, name, flags));
                } else {
                    say.broken_as(
                        severity,
                        format!("Block Public Access of `{}` is not fully on at {level}: {}", bucket.name, off(flags)),
                        [evidence(source, name, flags)],
                    );
                }
            }
            Ok(())
        },
    )
}

/// The flags; all off where the configuration was never set.
fn flags<'a>(read: &'a Read<Option<BlockPublicAccess>>) -> Known<'a, BlockPublicAccess> {
    Ok(read.sight()?.unwrap_or_default())
}

fn named(flags: BlockPublicAccess) -> [(&'static str, bool); 4] {
    [
        ("BlockPublicAcls", flags.block_public_acls),
        ("IgnorePublicAcls", flags.ignore_public_acls),
        ("BlockPublicPolicy", flags.block_public_policy),
        ("RestrictPublicBuckets", flags.restrict_public_buckets),
    ]
}

fn off(flags: BlockPublicAccess) -> String {
    let off: Vec<&str> = named(flags).into_iter().filter(|(_, on)| !on).map(|(name, _)| name).collect();
    format!("{} off", off.join(", "))
}

fn evidence(source: &Source, name: &str, flags: BlockPublicAccess) -> Evidence {
    let saw: Vec<String> = named(flags).iter().map(|(name, on)| format!("{name}={on}")).collect();
    field(source, format!("{name}.PublicAccessBlockConfiguration"), saw.join(", "), "all true")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Read, s3};
    use plumbline_testkit::s3::{BUCKET_DATA, BUCKET_LAKE, BUCKET_MODEL};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_three_of_four_flags() {
        check(
            &CONTROL,
            |env| {
                env.bucket_access_block(BUCKET_LAKE, |flags| flags.restrict_public_buckets = false);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: Block Public Access of `ds-data-lake-7f3a` is not fully on at the bucket: RestrictPublicBuckets off.
                  s3:GetPublicAccessBlock ds-data-lake-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=false, wanted all true
                  s3control:GetPublicAccessBlock 111122223333.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=true, wanted all true
            "#]],
        );
    }

    #[test]
    fn open_at_both_levels_is_critical() {
        check(
            &CONTROL,
            |env| {
                env.bucket(BUCKET_DATA, |bucket| bucket.public_access_block = Read::Seen(None));
                env.account_access_block(|flags| flags.block_public_policy = false);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-data-fraud-dev-7f3a: Block Public Access of `ds-data-fraud-dev-7f3a` is not fully on at the bucket: BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets off; Block Public Access of `ds-data-fraud-dev-7f3a` is not fully on at the account: BlockPublicPolicy off.
                  s3:GetPublicAccessBlock ds-data-fraud-dev-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=false, IgnorePublicAcls=false, BlockPublicPolicy=false, RestrictPublicBuckets=false, wanted all true
                  s3control:GetPublicAccessBlock 111122223333.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=false, RestrictPublicBuckets=true, wanted all true
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: Block Public Access of `ds-data-lake-7f3a` is not fully on at the account: BlockPublicPolicy off.
                  s3control:GetPublicAccessBlock 111122223333.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=false, RestrictPublicBuckets=true, wanted all true
                  s3:GetPublicAccessBlock ds-data-lake-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=true, wanted all true
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-7f3a: Block Public Access of `ds-model-fraud-dev-7f3a` is not fully on at the account: BlockPublicPolicy off.
                  s3control:GetPublicAccessBlock 111122223333.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=false, RestrictPublicBuckets=true, wanted all true
                  s3:GetPublicAccessBlock ds-model-fraud-dev-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=true, wanted all true
            "#]],
        );
    }

    #[test]
    fn fail_trap_only_the_account_is_closed() {
        check(
            &CONTROL,
            |env| {
                env.bucket(BUCKET_MODEL, |bucket| bucket.public_access_block = Read::Seen(None));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-7f3a: Block Public Access of `ds-model-fraud-dev-7f3a` is not fully on at the bucket: BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets off.
                  s3:GetPublicAccessBlock ds-model-fraud-dev-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=false, IgnorePublicAcls=false, BlockPublicPolicy=false, RestrictPublicBuckets=false, wanted all true
                  s3control:GetPublicAccessBlock 111122223333.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=true, wanted all true
            "#]],
        );
    }

    #[test]
    fn a_bucket_that_is_gone_has_nothing_to_close() {
        check(
            &CONTROL,
            |env| {
                env.delete_bucket(BUCKET_DATA);
            },
            expect![[r#"
                NOT_APPLICABLE no_resources CRITICAL fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` does not exist.
            "#]],
        );
    }

    #[test]
    fn an_open_bucket_stands_beside_an_account_that_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.bucket_access_block(BUCKET_LAKE, |flags| flags.block_public_acls = false);
                env.hide(&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-data-fraud-dev-7f3a: s3control:GetPublicAccessBlock was not seen: denied, AccessDenied: not authorized to perform s3control:GetPublicAccessBlock.
                  s3control:GetPublicAccessBlock not seen: denied
                  s3:GetPublicAccessBlock ds-data-fraud-dev-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=true, wanted all true
                NON_COMPLIANT CRITICAL fraud-dev ds-data-lake-7f3a: Block Public Access of `ds-data-lake-7f3a` is not fully on at the bucket: BlockPublicAcls off.
                  s3:GetPublicAccessBlock ds-data-lake-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=false, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=true, wanted all true
                INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-model-fraud-dev-7f3a: s3control:GetPublicAccessBlock was not seen: denied, AccessDenied: not authorized to perform s3control:GetPublicAccessBlock.
                  s3control:GetPublicAccessBlock not seen: denied
                  s3:GetPublicAccessBlock ds-model-fraud-dev-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=true, wanted all true
            "#]],
        );
    }

    #[test]
    fn the_account_of_a_foreign_bucket_cannot_be_read() {
        check(
            &CONTROL,
            |env| {
                env.bucket(BUCKET_LAKE, |bucket| bucket.expected_owner = "444455556666".parse().unwrap());
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved CRITICAL fraud-dev ds-data-lake-7f3a: The bucket `ds-data-lake-7f3a` is owned by account 444455556666, whose own setting only it can read.
                  s3:GetPublicAccessBlock ds-data-lake-7f3a.PublicAccessBlockConfiguration: saw BlockPublicAcls=true, IgnorePublicAcls=true, BlockPublicPolicy=true, RestrictPublicBuckets=true, wanted all true
            "#]],
        );
    }
}
