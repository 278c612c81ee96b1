//! LOG-02: log file validation is on.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::cloudtrail;

use crate::Control;
use crate::judge::{self, field};
use crate::place::Place;
use crate::world::World;
use crate::world::trails::{there, trail_ref};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&cloudtrail::TRAILS, &cloudtrail::TRAIL_STATUS, &cloudtrail::EVENT_SELECTORS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "LOG-02",
    name: "trail-validation",
    title: "Log file validation is on.",
    area: Area::Logs,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "trail",
    rationale: "Digest files prove that no log file was changed or deleted after its delivery.",
    decided: "Each trail that logs now and records management events, or object events of a data bucket, must have validation on and no error in delivering digests.",
    remediation: "Turn log file validation on with UpdateTrail, and let the trail write its digests to the bucket.",
    maps: Maps { securityhub: &["CloudTrail.4"], cis: &["3.2"], nist: &["AU-9", "SI-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(
        &INFO,
        place,
        world.covering_trails(place),
        |trail| (trail_ref(trail), None),
        |say, trail| {
            let name = &trail.name;
            if !trail.validates_files {
                say.broken(
                    format!("log file validation of `{name}` is off"),
                    [field(&cloudtrail::TRAILS, format!("{name}.LogFileValidationEnabled"), "false", "true")],
                );
            }
            let Some(status) = there(&trail.status, trail)? else { return Ok(()) };
            let digest = status.latest_digest_delivery.map_or("never".to_owned(), |when| when.to_string());
            if let Some(error) = status.latest_digest_error.as_ref().filter(|error| !error.is_empty()) {
                say.broken(
                    format!("digests of `{name}` are not delivered: {error}"),
                    [field(
                        &cloudtrail::TRAIL_STATUS,
                        format!("{name}.LatestDigestDeliveryError"),
                        format!("{error}, last digest {digest}"),
                        "none",
                    )],
                );
            } else {
                say.fact(field(
                    &cloudtrail::TRAIL_STATUS,
                    format!("{name}.LatestDigestDeliveryTime"),
                    digest,
                    "delivered without error",
                ));
            }
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::cloudtrail as source;
    use plumbline_testkit::cloudtrail::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn validation_is_off() {
        check(
            &CONTROL,
            |env| {
                env.trail(TRAIL, |trail| trail.validates_files = false);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: Log file validation of `org-audit` is off.
                  cloudtrail:DescribeTrails org-audit.LogFileValidationEnabled: saw false, wanted true
                  cloudtrail:GetTrailStatus org-audit.LatestDigestDeliveryTime: saw 2026-09-14T05:10:00Z, wanted delivered without error
            "#]],
        );
    }

    #[test]
    fn pass_trap_validation_is_on_and_digests_are_not_delivered() {
        check(
            &CONTROL,
            |env| {
                env.trail_status(TRAIL, |status| status.latest_digest_error = Some("AccessDenied".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: Digests of `org-audit` are not delivered: AccessDenied.
                  cloudtrail:GetTrailStatus org-audit.LatestDigestDeliveryError: saw AccessDenied, last digest 2026-09-14T05:10:00Z, wanted none
            "#]],
        );
    }

    #[test]
    fn a_trail_of_object_events_of_a_data_bucket_counts_and_one_of_another_bucket_does_not() {
        check(
            &CONTROL,
            |env| {
                for (name, bucket) in [("data", "arn:aws:s3:::ds-data-lake-7f3a/"), ("other", "arn:aws:s3:::web-shop/")]
                {
                    let arn = format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{name}");
                    env.add_trail(plain_trail(&arn))
                        .trail(&arn, |trail| trail.validates_files = false)
                        .trail_selectors(&arn, |selectors| {
                            selectors.basic[0].includes_management = false;
                            selectors.basic[0].data[0].values = vec![bucket.to_owned()];
                        });
                }
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev data: Log file validation of `data` is off.
                  cloudtrail:DescribeTrails data.LogFileValidationEnabled: saw false, wanted true
                  cloudtrail:GetTrailStatus data.LatestDigestDeliveryTime: saw 2026-09-14T05:10:00Z, wanted delivered without error
            "#]],
        );
    }

    #[test]
    fn no_trail_covers_anything() {
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

    #[test]
    fn a_violation_stands_though_another_trail_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.trail(TRAIL, |trail| trail.validates_files = false).cut(&source::TRAILS);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev org-audit: Log file validation of `org-audit` is off.
                  cloudtrail:DescribeTrails org-audit.LogFileValidationEnabled: saw false, wanted true
                  cloudtrail:GetTrailStatus org-audit.LatestDigestDeliveryTime: saw 2026-09-14T05:10:00Z, wanted delivered without error
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev 111122223333: cloudtrail:DescribeTrails was not seen: truncated, InternalFailure: status 500 on page 2.
                  cloudtrail:DescribeTrails not seen: truncated
            "#]],
        );
    }
}
