//! SMK-03: the notebook's volume is encrypted with an environment key.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, kms, sagemaker};

use super::{KeyField, key, resources};
use crate::Control;
use crate::place::Place;
use crate::world::World;
use crate::world::keys_in_use::VOLUME;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &sagemaker::NOTEBOOKS,
        &sagemaker::NOTEBOOK,
        &sagemaker::RESOURCE_TAGS,
        &ec2::VPCS,
        &ec2::SUBNETS,
        &kms::ALIASES,
        &kms::KEY,
        &kms::KEY_TAGS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-03",
    name: "notebook-volume-key",
    title: "The notebook's volume is encrypted with an environment key.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "notebook instance",
    rationale: "The volume holds copies of the data; only a key of the environment's lets its policy say who may read them.",
    decided: "The key must be set, resolve to a key that the baseline declares for volumes, and be usable as DATA-10 wants \
              it. The account's EBS default does not reach these volumes.",
    remediation: "Create the notebook anew with the environment's volume key.",
    maps: Maps { securityhub: &["SageMaker.21"], cis: &[], nist: &["SC-28"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    resources(&INFO, place, world.notebooks(place), |say, notebook, body| {
        let name = &notebook.resource.name;
        let asked = KeyField {
            what: format!("the volume of the notebook instance `{name}`"),
            source: &sagemaker::NOTEBOOK,
            path: format!("{name}.KmsKeyId"),
            written: body.kms_key.as_deref(),
            uses: VOLUME,
        };
        key(world, place, say, asked, |_| INFO.severity);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Tags, kms};
    use plumbline_testkit::kms::{ALIAS_DATA, KEY_VOLUMES, id_of, plain_key};
    use plumbline_testkit::sagemaker::{NOTEBOOK, NOTEBOOK_BY_NETWORK, NOTEBOOK_TAGGED};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_the_default_of_ebs_is_no_key_of_the_notebook() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.kms_key = None);
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.kms_key = Some(String::new()));
                env.notebook(NOTEBOOK_BY_NETWORK, |notebook| notebook.kms_key = Some("alias/aws/ebs".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-fraud-dev-ana: The key of the volume of the notebook instance `ds-notebook-fraud-dev-ana` is not set.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                NON_COMPLIANT HIGH fraud-dev feature-lab-bo: The key of the volume of the notebook instance `feature-lab-bo` is not set.
                  sagemaker:DescribeNotebookInstance feature-lab-bo.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                NON_COMPLIANT HIGH fraud-dev walk-in-bench: The key of the volume of the notebook instance `walk-in-bench` is the AWS-managed key `alias/aws/ebs`.
                  sagemaker:DescribeNotebookInstance walk-in-bench.KmsKeyId: saw alias/aws/ebs, wanted a usable key that the baseline declares for use `volume`
            "#]],
        );
    }

    #[test]
    fn a_key_of_another_use_an_unusable_one_and_one_that_is_gone() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.kms_key = Some(ALIAS_DATA.to_owned()));
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.kms_key = Some("alias/typo".to_owned()));
                env.delete_key(KEY_VOLUMES);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-fraud-dev-ana: The key of the volume of the notebook instance `ds-notebook-fraud-dev-ana` is `alias/ds-s3-fraud-dev`, which the baseline does not declare for use `volume`.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.KmsKeyId: saw alias/ds-s3-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001), wanted a usable key that the baseline declares for use `volume`
                NON_COMPLIANT HIGH fraud-dev feature-lab-bo: The key of the volume of the notebook instance `feature-lab-bo` is `alias/typo`, which leads to no key.
                  sagemaker:DescribeNotebookInstance feature-lab-bo.KmsKeyId: saw alias/typo, wanted a usable key that the baseline declares for use `volume`
                NON_COMPLIANT HIGH fraud-dev walk-in-bench: The key of the volume of the notebook instance `walk-in-bench` is `0a1b2c3d-2222-4aaa-8bbb-000000000002`, which does not exist.
                  sagemaker:DescribeNotebookInstance walk-in-bench.KmsKeyId: saw 0a1b2c3d-2222-4aaa-8bbb-000000000002 (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002), wanted a usable key that the baseline declares for use `volume`
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_key_for_each_notebook_by_alias_pattern() {
        let arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008";
        check(
            &CONTROL,
            |env| {
                env.add_key(plain_key(arn, Tags::new()));
                env.point_alias("alias/ds-ebs-fraud-dev-ana", Some(id_of(arn)));
                env.notebook(NOTEBOOK, |notebook| notebook.kms_key = Some(arn.to_owned()));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_key_that_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.kms_key = Some(ALIAS_DATA.to_owned()));
                env.hide(&kms::KEY);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-fraud-dev-ana: The key of the volume of the notebook instance `ds-notebook-fraud-dev-ana` is `alias/ds-s3-fraud-dev`, which the baseline does not declare for use `volume`.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.KmsKeyId: saw alias/ds-s3-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001), wanted a usable key that the baseline declares for use `volume`
                INSUFFICIENT_DATA access_denied HIGH fraud-dev feature-lab-bo: kms:DescribeKey of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003` was not seen: denied, AccessDenied: not authorized to perform kms:DescribeKey.
                  kms:DescribeKey not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev walk-in-bench: kms:DescribeKey of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002` was not seen: denied, AccessDenied: not authorized to perform kms:DescribeKey.
                  kms:DescribeKey not seen: denied
            "#]],
        );
    }
}
