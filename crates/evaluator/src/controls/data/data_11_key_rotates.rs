//! DATA-11: key material rotates automatically.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::kms::{self, KeyMetadata, Rotation};
use plumbline_snapshot::{Read, Source, cloudtrail, ec2, s3, sagemaker};

use super::data_10_key_usable::keys_in_use;
use crate::Control;
use crate::judge::{self, Known, Say, field};
use crate::place::Place;
use crate::world::World;
use crate::world::keys::Meaning;

const SOURCES: &[&Source] = keys_in_use!(&kms::KEY_ROTATION);

pub(crate) const CONTROL: Control = Control { info: &INFO, sources: SOURCES, unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "DATA-11",
    name: "key-rotates",
    title: "Key material rotates automatically.",
    area: Area::Data,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "key",
    rationale: "Rotation bounds how much data one piece of key material protects.",
    decided: "Automatic rotation must be on, at least as often as the baseline asks. It does not apply to keys that cannot \
              rotate; of a multi-Region replica the primary is judged.",
    remediation: "Enable automatic rotation, on the primary of a multi-Region key.",
    maps: Maps { securityhub: &["KMS.4"], cis: &["3.6"], nist: &["SC-12"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    // Keys of AWS's and aliases that lead nowhere have no rotation; DATA-10 judges them.
    let keys = world.keys_in_use(place).filter_map(|key| match key.meaning.clone() {
        Ok(Meaning::Key(arn)) => Some((key, Ok(arn))),
        Ok(_) => None,
        Err(unknown) => Some((key, Err(unknown))),
    });
    judge::each(
        &INFO,
        place,
        keys,
        |(key, _)| (key.resource.clone(), None),
        |say, (_, arn)| look(world, place, say, &arn.clone()?),
    )
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>, arn: &str) -> Known<'a, ()> {
    let key = world.key(place, arn)?;
    let Some(metadata) = key.metadata.sight()? else {
        say.not_applicable(Reason::ResourceGone, format!("the key `{arn}` does not exist"));
        return Ok(());
    };
    if let Some(why) = cannot_rotate(metadata) {
        say.not_applicable(Reason::UnsupportedByService, format!("the key `{arn}` cannot rotate automatically: {why}"));
        return Ok(());
    }
    let primary = match (metadata.multi_region_role.as_deref(), metadata.primary_arn.as_deref()) {
        (Some("REPLICA"), Some(primary)) => {
            world.snapshot.regions.values().find_map(|regional| regional.kms.keys.get(primary))
        }
        _ => None,
    };
    // A replica's own answer is its primary's: AWS copies this property to all replicas.
    let (arn, rotation) = primary
        .filter(|primary| matches!(primary.rotation, Read::Seen(Some(_))))
        .map_or((arn, &key.rotation), |primary| (primary.arn.as_str(), &primary.rotation));
    let Some(Rotation { enabled, period_days, next }) = rotation.sight()? else {
        say.not_applicable(Reason::UnsupportedByService, format!("the key `{arn}` cannot rotate automatically"));
        return Ok(());
    };
    let longest = place.environments.iter().map(|environment| environment.max_key_rotation_days).max().unwrap_or(365);
    let days = period_days.unwrap_or(365);
    let next = next.map_or_else(String::new, |next| format!(", next at {next}"));
    let saw = if *enabled { format!("every {days} days{next}") } else { "off".to_owned() };
    let evidence = field(
        &kms::KEY_ROTATION,
        format!("{arn}.KeyRotationEnabled"),
        saw.as_str(),
        format!("every {longest} days or more often"),
    );
    if !enabled {
        say.broken(format!("automatic rotation of `{arn}` is off"), [evidence]);
    } else if i64::from(days) > i64::from(longest) {
        say.broken(format!("`{arn}` rotates {saw}, more seldom than every {longest} days"), [evidence]);
    } else {
        say.fact(evidence);
    }
    Ok(())
}

/// Why the key has no automatic rotation, where it can have none.
fn cannot_rotate(key: &KeyMetadata) -> Option<String> {
    let is = |value: &Option<String>, wanted: &str| value.as_deref().is_none_or(|value| value == wanted);
    if !is(&key.manager, "CUSTOMER") {
        Some("it is managed by AWS".to_owned())
    } else if !is(&key.origin, "AWS_KMS") {
        Some(format!("its origin is {}", key.origin.as_deref().unwrap_or_default()))
    } else if let Some(store) = &key.custom_key_store {
        Some(format!("it lies in the key store `{store}`"))
    } else if !is(&key.spec, "SYMMETRIC_DEFAULT") {
        Some(format!("its kind is {}", key.spec.as_deref().unwrap_or_default()))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Read, kms, sagemaker};
    use plumbline_testkit::kms::{KEY_DATA, KEY_LOGS, KEY_PROJECT, KEY_VOLUMES};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // As in DATA-10.
        blind_but(&CONTROL, &[&sagemaker::MODELS, &sagemaker::MODEL]);
    }

    #[test]
    fn off_or_too_seldom() {
        check(
            &CONTROL,
            |env| {
                env.key_rotation(KEY_DATA, |rotation| rotation.enabled = false);
                env.key_rotation(KEY_VOLUMES, |rotation| rotation.period_days = Some(366));
                env.key_rotation(KEY_PROJECT, |rotation| rotation.period_days = None);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev alias/ds-s3-fraud-dev: Automatic rotation of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` is off.
                  kms:GetKeyRotationStatus arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.KeyRotationEnabled: saw off, wanted every 365 days or more often
                NON_COMPLIANT MEDIUM fraud-dev alias/ds-ebs-fraud-dev: `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002` rotates every 366 days, next at 2027-02-03T00:00:00Z, more seldom than every 365 days.
                  kms:GetKeyRotationStatus arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002.KeyRotationEnabled: saw every 366 days, next at 2027-02-03T00:00:00Z, wanted every 365 days or more often
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_aws_managed_key_says_that_it_rotates() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_LOGS, |key| key.manager = Some("AWS".to_owned()));
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev alias/ds-logs: The key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004` cannot rotate automatically: it is managed by AWS.
            "#]],
        );
    }

    #[test]
    fn fail_trap_keys_that_cannot_rotate() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_DATA, |key| key.origin = Some("EXTERNAL".to_owned()));
                env.key_metadata(KEY_VOLUMES, |key| key.spec = Some("HMAC_256".to_owned()));
                env.key_metadata(KEY_PROJECT, |key| key.custom_key_store = Some("cks-1".to_owned()));
                env.key(KEY_LOGS, |key| key.rotation = Read::Seen(None));
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev alias/ds-s3-fraud-dev: The key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` cannot rotate automatically: its origin is EXTERNAL.
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev alias/ds-ebs-fraud-dev: The key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002` cannot rotate automatically: its kind is HMAC_256.
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev alias/ds-project-fraud-dev: The key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003` cannot rotate automatically: it lies in the key store `cks-1`.
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev alias/ds-logs: The key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004` cannot rotate automatically.
            "#]],
        );
    }

    #[test]
    fn of_a_replica_the_primary_is_judged() {
        const PRIMARY: &str = "arn:aws:kms:eu-central-1:111122223333:key/mrk-1";
        check(
            &CONTROL,
            |env| {
                let mut primary = plumbline_testkit::kms::plain_key(PRIMARY, plumbline_snapshot::Tags::new());
                if let Read::Seen(Some(rotation)) = &mut primary.rotation {
                    rotation.enabled = false;
                }
                env.key_metadata(KEY_DATA, |key| {
                    key.multi_region_role = Some("REPLICA".to_owned());
                    key.primary_arn = Some(PRIMARY.to_owned());
                });
                let mut there = plumbline_snapshot::Regional::unread();
                there.kms.keys.insert(PRIMARY.to_owned(), primary);
                env.snapshot.regions.insert("eu-central-1".parse().unwrap(), there);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev alias/ds-s3-fraud-dev: Automatic rotation of `arn:aws:kms:eu-central-1:111122223333:key/mrk-1` is off.
                  kms:GetKeyRotationStatus arn:aws:kms:eu-central-1:111122223333:key/mrk-1.KeyRotationEnabled: saw off, wanted every 365 days or more often
            "#]],
        );
    }

    #[test]
    fn a_key_that_is_gone_does_not_rotate() {
        check(
            &CONTROL,
            |env| {
                env.delete_key(KEY_DATA);
            },
            expect![[r#"
                NOT_APPLICABLE resource_gone MEDIUM fraud-dev alias/ds-s3-fraud-dev: The key `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` does not exist.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                env.key_rotation(KEY_DATA, |rotation| rotation.enabled = false);
                env.key(KEY_LOGS, |key| key.rotation = Read::unread_of(&kms::KEY_ROTATION, KEY_LOGS));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev alias/ds-s3-fraud-dev: Automatic rotation of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` is off.
                  kms:GetKeyRotationStatus arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.KeyRotationEnabled: saw off, wanted every 365 days or more often
                INSUFFICIENT_DATA not_read MEDIUM fraud-dev alias/ds-logs: kms:GetKeyRotationStatus of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004` was not seen: not planned.
                  kms:GetKeyRotationStatus not seen: not_planned
            "#]],
        );
    }
}
