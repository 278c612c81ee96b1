//! LOG-03: trail files are encrypted with a customer-managed key.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::cloudtrail::{self, Trail};
use plumbline_snapshot::kms;

use crate::Control;
use crate::baseline::KeyUse;
use crate::judge::{self, Known, Say, field};
use crate::place::Place;
use crate::world::World;
use crate::world::keys::Meaning;
use crate::world::trails::trail_ref;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &cloudtrail::TRAILS,
        &cloudtrail::TRAIL_STATUS,
        &cloudtrail::EVENT_SELECTORS,
        &kms::KEY,
        &kms::ALIASES,
        &kms::KEY_TAGS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "LOG-03",
    name: "trail-key",
    title: "Trail files are encrypted with a customer-managed key.",
    area: Area::Logs,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "trail",
    rationale: "With a key of your own, reading the audit log takes a permission that its bucket alone does not give.",
    decided: "The trail itself must name a key that is customer-managed, enabled, symmetric and of an allowed account; one that the baseline lists must be listed for use `logs`. Default encryption of the bucket does not count.",
    remediation: "Set the key of the trail with UpdateTrail.",
    maps: Maps { securityhub: &["CloudTrail.2"], cis: &["3.5"], nist: &["AU-9", "SC-28"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(
        &INFO,
        place,
        world.covering_trails(place),
        |trail| (trail_ref(trail), None),
        |say, trail| look(world, place, trail, say),
    )
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, trail: &'a Trail, say: &mut Say<'a>) -> Known<'a, ()> {
    let name = &trail.name;
    let key = |saw: &str| {
        field(&cloudtrail::TRAILS, format!("{name}.KmsKeyId"), saw, "a customer-managed key for use `logs`")
    };
    let Some(written) = trail.kms_key.as_deref().filter(|written| !written.is_empty()) else {
        say.broken(format!("`{name}` encrypts its files with no key"), [key("none")]);
        return Ok(());
    };
    let arn = match world.key_meant(place, written)? {
        Meaning::Key(arn) => arn,
        Meaning::AwsManaged(alias) => {
            say.broken(format!("`{name}` encrypts its files with the AWS-managed key `{alias}`"), [key(written)]);
            return Ok(());
        }
        Meaning::Nothing(_) => {
            say.broken(format!("`{name}` names `{written}`, which leads to no key"), [key(written)]);
            return Ok(());
        }
    };
    let saw = key(&if arn == written { arn.clone() } else { format!("{written} ({arn})") });
    let mut faults = say.see(world.key_faults(place, &arn)).unwrap_or_default();
    // A key that the baseline does not list at all may be the audit team's.
    let elsewhere = world.declares(place, &arn, &KeyUse::ALL)? && !world.declares(place, &arn, &[KeyUse::Logs])?;
    if elsewhere {
        let message =
            format!("`{name}` encrypts its files with `{written}`, which the baseline does not list for use `logs`");
        say.broken(message, [saw.clone()]);
    } else if faults.is_empty() {
        say.fact(saw.clone());
    }
    for fault in faults.drain(..) {
        let message = format!("`{name}` encrypts its files with `{written}`, which {}", fault.message);
        say.broken(message, [fault.evidence, saw.clone()]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::kms as source;
    use plumbline_testkit::cloudtrail::*;
    use plumbline_testkit::kms::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_no_key_though_the_bucket_may_encrypt_by_default() {
        check(
            &CONTROL,
            |env| {
                env.trail(TRAIL, |trail| trail.kms_key = None);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: `org-audit` encrypts its files with no key.
                  cloudtrail:DescribeTrails org-audit.KmsKeyId: saw none, wanted a customer-managed key for use `logs`
            "#]],
        );
    }

    #[test]
    fn a_key_on_its_way_out() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_LOGS, |key| key.state = Some("PendingDeletion".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: `org-audit` encrypts its files with `arn:aws:kms:eu-west-1:111122223333:alias/ds-logs`, which is in state PendingDeletion.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004.KeyState: saw PendingDeletion, wanted Enabled
                  cloudtrail:DescribeTrails org-audit.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-logs (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004), wanted a customer-managed key for use `logs`
            "#]],
        );
    }

    #[test]
    fn a_key_of_aws() {
        check(
            &CONTROL,
            |env| {
                env.trail(TRAIL, |trail| trail.kms_key = Some("alias/aws/cloudtrail".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: `org-audit` encrypts its files with the AWS-managed key `alias/aws/cloudtrail`.
                  cloudtrail:DescribeTrails org-audit.KmsKeyId: saw alias/aws/cloudtrail, wanted a customer-managed key for use `logs`
            "#]],
        );
    }

    #[test]
    fn an_alias_that_leads_nowhere() {
        check(
            &CONTROL,
            |env| {
                env.remove_alias(ALIAS_LOGS);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: `org-audit` names `arn:aws:kms:eu-west-1:111122223333:alias/ds-logs`, which leads to no key.
                  cloudtrail:DescribeTrails org-audit.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-logs, wanted a customer-managed key for use `logs`
            "#]],
        );
    }

    #[test]
    fn a_key_that_the_baseline_lists_for_another_use() {
        check(
            &CONTROL,
            |env| {
                env.trail(TRAIL, |trail| trail.kms_key = Some(KEY_DATA.to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: `org-audit` encrypts its files with `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001`, which the baseline does not list for use `logs`.
                  cloudtrail:DescribeTrails org-audit.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a customer-managed key for use `logs`
            "#]],
        );
    }

    #[test]
    fn a_good_key_that_the_baseline_does_not_list() {
        check(
            &CONTROL,
            |env| {
                let arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-5555-4aaa-8bbb-000000000005";
                env.add_key(plain_key(arn, plumbline_snapshot::Tags::new()))
                    .trail(TRAIL, |trail| trail.kms_key = Some(arn.to_owned()));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_key_of_an_account_that_is_not_allowed() {
        check(
            &CONTROL,
            |env| {
                let arn = "arn:aws:kms:eu-west-1:999999999999:key/0a1b2c3d-5555-4aaa-8bbb-000000000005";
                env.add_key(plain_key(arn, plumbline_snapshot::Tags::new()))
                    .key_metadata(arn, |key| key.account = Some("999999999999".to_owned()))
                    .trail(TRAIL, |trail| trail.kms_key = Some(arn.to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: `org-audit` encrypts its files with `arn:aws:kms:eu-west-1:999999999999:key/0a1b2c3d-5555-4aaa-8bbb-000000000005`, which belongs to account 999999999999, which is not allowed.
                  kms:DescribeKey arn:aws:kms:eu-west-1:999999999999:key/0a1b2c3d-5555-4aaa-8bbb-000000000005.AWSAccountId: saw 999999999999, wanted an account of allowed_accounts
                  cloudtrail:DescribeTrails org-audit.KmsKeyId: saw arn:aws:kms:eu-west-1:999999999999:key/0a1b2c3d-5555-4aaa-8bbb-000000000005, wanted a customer-managed key for use `logs`
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_key_of_the_log_archive_that_this_account_may_not_see() {
        check(
            &CONTROL,
            |env| {
                let arn = "arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-5555-4aaa-8bbb-000000000005";
                let denied = plumbline_snapshot::Gap::of(&source::KEY, plumbline_snapshot::Why::Denied, "AccessDenied")
                    .about(arn);
                let mut key = plain_key(arn, plumbline_snapshot::Tags::new());
                key.metadata = plumbline_snapshot::Read::Gap(denied);
                env.add_key(key).trail(TRAIL, |trail| trail.kms_key = Some(arn.to_owned()));
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev org-audit: kms:DescribeKey of `arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-5555-4aaa-8bbb-000000000005` was not seen: denied, AccessDenied.
                  kms:DescribeKey not seen: denied
                  cloudtrail:DescribeTrails org-audit.KmsKeyId: saw arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-5555-4aaa-8bbb-000000000005, wanted a customer-managed key for use `logs`
            "#]],
        );
    }

    #[test]
    fn a_stopped_trail_without_a_key_does_not_matter() {
        check(
            &CONTROL,
            |env| {
                env.remove_trail(TRAIL);
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }
}
