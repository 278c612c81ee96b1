//! SMK-09: the Studio domain's file system and volumes use an environment key.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, kms, sagemaker};

use super::{KeyField, key, resources};
use crate::Control;
use crate::place::Place;
use crate::world::World;
use crate::world::keys_in_use::STUDIO;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &sagemaker::DOMAINS,
        &sagemaker::DOMAIN,
        &sagemaker::RESOURCE_TAGS,
        &ec2::VPCS,
        &kms::ALIASES,
        &kms::KEY,
        &kms::KEY_TAGS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-09",
    name: "domain-key",
    title: "The domain's file system and volumes use an environment key.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "Studio domain",
    rationale: "Home directories hold code and copies of the data; without a key of its own the domain uses AWS's.",
    decided: "KmsKeyId, or the older HomeEfsFileSystemKmsKeyId where that is not set, must be a usable key that the baseline \
              declares for Studio or volumes. Profiles have no key of their own.",
    remediation: "Create a new domain with the environment's key; it cannot be changed.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-28"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    resources(&INFO, place, world.domains(place), |say, domain, body| {
        let name = &domain.resource.name;
        let newer = body.kms_key.as_deref().filter(|key| !key.is_empty());
        let (field, written) = match newer {
            Some(written) => ("KmsKeyId", Some(written)),
            None => ("HomeEfsFileSystemKmsKeyId", body.home_efs_kms_key.as_deref()),
        };
        let asked = KeyField {
            what: format!("the Studio domain `{name}`"),
            source: &sagemaker::DOMAIN,
            path: format!("{name}.{field}"),
            written,
            uses: STUDIO,
        };
        key(world, place, say, asked, |_| INFO.severity);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Collected, kms};
    use plumbline_testkit::kms::{ALIAS_DATA, KEY_PROJECT, KEY_VOLUMES};
    use plumbline_testkit::sagemaker::DOMAIN;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn no_key_means_one_of_aws() {
        check(
            &CONTROL,
            |env| {
                env.domain(DOMAIN, |it| it.kms_key = None);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev d-q7w2e5r8t1y4: The key of the Studio domain `d-q7w2e5r8t1y4` is not set.
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.HomeEfsFileSystemKmsKeyId: saw not set, wanted a usable key that the baseline declares for use `studio` or `volume`
            "#]],
        );
    }

    #[test]
    fn a_key_of_another_use_and_an_unusable_one() {
        check(
            &CONTROL,
            |env| {
                env.domain(DOMAIN, |it| it.kms_key = Some(ALIAS_DATA.to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev d-q7w2e5r8t1y4: The key of the Studio domain `d-q7w2e5r8t1y4` is `alias/ds-s3-fraud-dev`, which the baseline does not declare for use `studio` or `volume`.
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.KmsKeyId: saw alias/ds-s3-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001), wanted a usable key that the baseline declares for use `studio` or `volume`
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_PROJECT, |key| key.state = Some("PendingDeletion".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev d-q7w2e5r8t1y4: The key of the Studio domain `d-q7w2e5r8t1y4` is `alias/ds-project-fraud-dev`, which is in state PendingDeletion.
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.KmsKeyId: saw alias/ds-project-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003), wanted a usable key that the baseline declares for use `studio` or `volume`
            "#]],
        );
    }

    #[test]
    fn pass_trap_only_the_domains_own_key_counts_newer_field_first() {
        check(
            &CONTROL,
            |env| {
                env.domain(DOMAIN, |it| {
                    it.kms_key = Some("alias/aws/elasticfilesystem".to_owned());
                    it.home_efs_kms_key = Some(KEY_VOLUMES.to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev d-q7w2e5r8t1y4: The key of the Studio domain `d-q7w2e5r8t1y4` is the AWS-managed key `alias/aws/elasticfilesystem`.
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.KmsKeyId: saw alias/aws/elasticfilesystem, wanted a usable key that the baseline declares for use `studio` or `volume`
            "#]],
        );
    }

    #[test]
    fn fail_trap_the_older_field() {
        check(
            &CONTROL,
            |env| {
                env.domain(DOMAIN, |it| {
                    it.kms_key = None;
                    it.home_efs_kms_key = Some(KEY_VOLUMES.to_owned());
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn without_domains_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| env.sagemaker().domains = Collected::empty(),
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_key_that_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.hide(&kms::KEY);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev d-q7w2e5r8t1y4: kms:DescribeKey of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003` was not seen: denied, AccessDenied: not authorized to perform kms:DescribeKey.
                  kms:DescribeKey not seen: denied
            "#]],
        );
    }
}
