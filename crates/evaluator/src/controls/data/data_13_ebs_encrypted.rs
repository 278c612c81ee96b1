//! DATA-13: EBS encryption by default is on with an environment key, and no unencrypted volume is attached in the VPC.

use std::collections::BTreeSet;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, kms};

use crate::Control;
use crate::baseline::KeyUse;
use crate::judge::{self, Known, Say, field};
use crate::place::Place;
use crate::world::World;
use crate::world::keys::Meaning;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &ec2::EBS_ENCRYPTION,
        &ec2::EBS_DEFAULT_KEY,
        &ec2::VOLUMES,
        &ec2::NETWORK_INTERFACES,
        &ec2::SUBNETS,
        &ec2::VPCS,
        &kms::ALIASES,
        &kms::KEY,
        &kms::KEY_TAGS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "DATA-13",
    name: "ebs-encrypted",
    title: "EBS encryption by default is on in the region with an environment key, and no unencrypted volume is attached \
            in the VPC.",
    area: Area::Data,
    severity: Severity::Medium,
    origin: Origin::Seed,
    scope: "env",
    rationale: "Instances beside the notebooks hold copies of the same data; the default sees to it that no volume is forgotten.",
    decided: "The Region's default must be on with a key that the baseline declares, and each volume of an instance in the \
              environment's subnets must be encrypted. Volumes of SageMaker lie elsewhere: SMK controls judge them.",
    remediation: "Enable EBS encryption by default, set the environment's key as default, and replace plain volumes.",
    maps: Maps { securityhub: &["EC2.7", "EC2.3"], cis: &["2.2.1"], nist: &["SC-28"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let subject = place.subject(place.resource(), None);
    vec![judge::subject(&INFO, subject, |say| {
        let ec2 = &world.regional(place)?.ec2;
        if let Some(on) = say.see(ec2.ebs_encryption_by_default.sight()) {
            let evidence = field(&ec2::EBS_ENCRYPTION, "EbsEncryptionByDefault", on.to_string(), "true");
            if *on {
                say.fact(evidence);
            } else {
                say.broken(format!("EBS encryption by default is off in `{}`", place.region), [evidence]);
            }
        }
        if let Err(unknown) = default_key(world, place, say) {
            say.unknown(unknown);
        }
        volumes(world, place, say)
    })]
}

fn default_key<'a>(world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let read = world.regional(place)?.ec2.ebs_default_key.sight()?;
    let written = read.as_deref().filter(|written| !written.is_empty());
    let any_will_do = place.environments.iter().any(|environment| environment.ebs_default_key_any_cmk);
    let wanted = if any_will_do { "a usable customer key" } else { "a usable key that the baseline declares" };
    let evidence = |saw: &str| field(&ec2::EBS_DEFAULT_KEY, "KmsKeyId", saw, wanted);
    let Some(written) = written else {
        say.broken_as(Severity::Low, "the default key of EBS is AWS's own", [evidence("not set")]);
        return Ok(());
    };
    if world.is_aws_managed(place, written)? {
        let message = format!("the default key of EBS is the AWS-managed `{written}`");
        say.broken_as(Severity::Low, message, [evidence(written)]);
        return Ok(());
    }
    let (saw, fault) = match (any_will_do, world.key_meant(place, written)?) {
        (true, Meaning::Key(arn)) => {
            let fault = world.key_faults(place, &arn)?.into_iter().next();
            (arn, fault.map(|fault| format!("is `{written}`, which {}", fault.message)))
        }
        _ => {
            let answer = world.environment_key(place, Some(written), &KeyUse::ALL)?;
            (answer.saw, answer.fault)
        }
    };
    match fault {
        Some(fault) => say.broken(format!("the default key of EBS {fault}"), [evidence(&saw)]),
        None => say.fact(evidence(&saw)),
    }
    Ok(())
}

fn volumes<'a>(world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>) -> Known<'a, ()> {
    let ec2 = &world.regional(place)?.ec2;
    let subnets: BTreeSet<&str> = say.set(world.subnets(place)).into_iter().map(|subnet| subnet.id.as_str()).collect();
    let instances: BTreeSet<&str> = say
        .listing(&ec2.network_interfaces)
        .filter(|interface| subnets.contains(interface.subnet_id.as_str()))
        .filter_map(|interface| interface.instance_id.as_deref())
        .collect();
    if instances.is_empty() {
        return Ok(());
    }
    for volume in say.listing(&ec2.volumes).filter(|volume| !volume.encrypted) {
        if let Some(instance) = volume.instance_ids.iter().find(|instance| instances.contains(instance.as_str())) {
            say.broken(
                format!("the volume `{}` of the instance `{instance}` is not encrypted", volume.id),
                [field(&ec2::VOLUMES, format!("{}.Encrypted", volume.id), "false", "true")],
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Collected, ec2};
    use plumbline_testkit::ec2::{ENI_INSTANCE, OTHER_SUBNET, VOLUME};
    use plumbline_testkit::kms::{KEY_AWS_S3, KEY_LOGS, KEY_PROJECT};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn off_and_an_unencrypted_volume() {
        check(
            &CONTROL,
            |env| {
                env.ebs_encryption(false);
                env.volume(VOLUME, |volume| volume.encrypted = false);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: EBS encryption by default is off in `eu-west-1`; the volume `vol-0d1e3f5a7b9c00001` of the instance `i-0b1c2d3e4f5a60001` is not encrypted.
                  ec2:GetEbsEncryptionByDefault EbsEncryptionByDefault: saw false, wanted true
                  ec2:DescribeVolumes vol-0d1e3f5a7b9c00001.Encrypted: saw false, wanted true
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-project-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003), wanted a usable key that the baseline declares
            "#]],
        );
    }

    #[test]
    fn the_default_key_of_aws_is_low() {
        check(
            &CONTROL,
            |env| {
                env.ebs_default_key(Some("alias/aws/ebs"));
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev 111122223333: The default key of EBS is the AWS-managed `alias/aws/ebs`.
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw alias/aws/ebs, wanted a usable key that the baseline declares
                  ec2:GetEbsEncryptionByDefault EbsEncryptionByDefault: saw true, wanted true
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.ebs_default_key(None);
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev 111122223333: The default key of EBS is AWS's own.
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw not set, wanted a usable key that the baseline declares
                  ec2:GetEbsEncryptionByDefault EbsEncryptionByDefault: saw true, wanted true
            "#]],
        );
        let by_arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{KEY_AWS_S3}");
        check(
            &CONTROL,
            |env| {
                env.ebs_default_key(Some(&by_arn));
            },
            expect![[r#"
                NON_COMPLIANT LOW fraud-dev 111122223333: The default key of EBS is the AWS-managed `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-9999-4aaa-8bbb-000000000009`.
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-9999-4aaa-8bbb-000000000009, wanted a usable key that the baseline declares
                  ec2:GetEbsEncryptionByDefault EbsEncryptionByDefault: saw true, wanted true
            "#]],
        );
    }

    #[test]
    fn a_key_that_is_not_usable_or_not_declared() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_PROJECT, |key| key.state = Some("Disabled".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: The default key of EBS is `arn:aws:kms:eu-west-1:111122223333:alias/ds-project-fraud-dev`, which is in state Disabled.
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-project-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003), wanted a usable key that the baseline declares
                  ec2:GetEbsEncryptionByDefault EbsEncryptionByDefault: saw true, wanted true
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                let arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008";
                env.add_key(plumbline_testkit::kms::plain_key(arn, plumbline_snapshot::Tags::new()));
                env.ebs_default_key(Some(arn));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: The default key of EBS is `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008`, which the baseline does not declare for any use.
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008, wanted a usable key that the baseline declares
                  ec2:GetEbsEncryptionByDefault EbsEncryptionByDefault: saw true, wanted true
            "#]],
        );
    }

    #[test]
    fn fail_trap_any_customer_key_will_do_if_the_baseline_says_so() {
        let stray = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008";
        check(
            &CONTROL,
            |env| {
                env.add_key(plumbline_testkit::kms::plain_key(stray, plumbline_snapshot::Tags::new()));
                env.ebs_default_key(Some(stray)).add_to_baseline("ebs_default_key_any_cmk: true");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.ebs_default_key(Some(KEY_LOGS)).add_to_baseline("ebs_default_key_any_cmk: true");
                env.key_metadata(KEY_LOGS, |key| key.state = Some("Disabled".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: The default key of EBS is `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004`, which is in state Disabled.
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004, wanted a usable customer key
                  ec2:GetEbsEncryptionByDefault EbsEncryptionByDefault: saw true, wanted true
            "#]],
        );
    }

    #[test]
    fn without_instances_no_volume_need_be_read() {
        check(
            &CONTROL,
            |env| {
                env.network_interface(ENI_INSTANCE, |interface| interface.subnet_id = OTHER_SUBNET.to_owned());
                env.volume(VOLUME, |volume| volume.encrypted = false);
                env.ec2().volumes = Collected::unread(&ec2::VOLUMES);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                env.volume(VOLUME, |volume| volume.encrypted = false);
                env.cut(&ec2::VOLUMES).hide(&ec2::EBS_ENCRYPTION);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev 111122223333: The volume `vol-0d1e3f5a7b9c00001` of the instance `i-0b1c2d3e4f5a60001` is not encrypted.
                  ec2:DescribeVolumes vol-0d1e3f5a7b9c00001.Encrypted: saw false, wanted true
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-project-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003), wanted a usable key that the baseline declares
            "#]],
        );
    }
}
