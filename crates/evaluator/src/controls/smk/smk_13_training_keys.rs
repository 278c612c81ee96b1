//! SMK-13: training volumes and outputs use environment keys.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::sagemaker::InstanceGroup;
use plumbline_snapshot::{ec2, kms, sagemaker};

use super::{KeyField, is_nvme, key, training_jobs};
use crate::Control;
use crate::judge::{field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::keys_in_use::{OUTPUT, VOLUME};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &sagemaker::TRAINING_JOBS,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
        &sagemaker::TRAINING_JOB,
        &ec2::VPCS,
        &ec2::SUBNETS,
        &kms::ALIASES,
        &kms::KEY,
        &kms::KEY_TAGS,
    ],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-13",
    name: "training-keys",
    title: "Training volumes and outputs use environment keys.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "training job",
    rationale: "Volumes hold copies of the data, outputs what was learnt from it; without a key SageMaker uses AWS's.",
    decided: "The volume's key must be declared for volumes, unless every instance type has local NVMe only, which takes no \
              key; the output's key must be declared for outputs. An output without a key is MEDIUM where it lies in a \
              bucket that encrypts with its key by default.",
    remediation: "Submit jobs with both keys, and let the role's policy refuse others (IAMC-03, IAMC-04).",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-28"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    training_jobs(&INFO, world, place, |say, job, body| {
        let name = &job.resource.name;
        let types: Vec<&str> = body.instances.iter().map(|group| group.instance_type.as_str()).collect();
        let only_nvme = !types.is_empty() && types.iter().all(|it| is_nvme(place, it));
        if only_nvme && body.volume_key.as_deref().is_none_or(str::is_empty) {
            let saw = format!("{} without a key", many(", ", &types));
            say.fact(field(&sagemaker::SEARCH, format!("{name}.ResourceConfig"), saw, "no key: local NVMe takes none"));
        } else {
            let asked = KeyField {
                what: format!("the volumes of the training job `{name}`"),
                source: &sagemaker::SEARCH,
                path: format!("{name}.ResourceConfig.VolumeKmsKeyId"),
                written: body.volume_key.as_deref(),
                uses: VOLUME,
            };
            key(world, place, say, asked, |_| INFO.severity);
        }
        let asked = KeyField {
            what: format!("the output of the training job `{name}`"),
            source: &sagemaker::SEARCH,
            path: format!("{name}.OutputDataConfig.KmsKeyId"),
            written: body.output_key.as_deref(),
            uses: OUTPUT,
        };
        key(world, place, say, asked, |set| {
            let kept = !set && body.output_path.as_deref().is_some_and(|path| is_kept(world, place, path));
            if kept { Severity::Medium } else { INFO.severity }
        });
        let path = body.output_path.as_deref().unwrap_or("not set");
        say.fact(field(&sagemaker::SEARCH, format!("{name}.OutputDataConfig.S3OutputPath"), path, "any; see SMK-22"));
        say.fact(field(&sagemaker::SEARCH, format!("{name}.ResourceConfig"), instances(&body.instances), "any"));
        Ok(())
    })
}

/// Whether an S3 URI lies in a data bucket that is known to encrypt by default with its key.
fn is_kept<'a>(world: &World<'a>, place: &Place<'a>, uri: &str) -> bool {
    let Some(name) = uri.strip_prefix("s3://").and_then(|rest| rest.split('/').next()) else { return false };
    let buckets = world.data_buckets(place).items;
    buckets
        .iter()
        .filter(|bucket| bucket.name == name)
        .any(|bucket| world.bucket_key(place, bucket).is_ok_and(|answer| answer.fault.is_none()))
}

fn instances(groups: &[InstanceGroup]) -> String {
    if groups.is_empty() {
        return "no instances".to_owned();
    }
    many(", ", groups.iter().map(|group| format!("{} {}", group.count, group.instance_type)))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::sagemaker::TrainingJob;
    use plumbline_snapshot::{Collected, kms};
    use plumbline_testkit::kms::{ALIAS_DATA, ALIAS_VOLUMES, KEY_DATA, KEY_VOLUMES};
    use plumbline_testkit::s3::BUCKET_MODEL;
    use plumbline_testkit::sagemaker::{
        TRAINING_JOB, TRAINING_JOB_LATE, TRAINING_JOB_NVME, TRAINING_JOB_TAGGED, instances,
    };

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // Tags decide where nothing else selects; in the known-good something does.
        blind_but(&CONTROL, &[&plumbline_snapshot::sagemaker::RESOURCE_TAGS]);
    }

    #[test]
    fn no_volume_key_and_keys_of_another_use() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_LATE, |it| it.volume_key = None);
                env.training_job(TRAINING_JOB, |it| {
                    it.volume_key = Some(ALIAS_DATA.to_owned());
                    it.output_key = Some(ALIAS_VOLUMES.to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0912: The key of the volumes of the training job `ds-train-fraud-dev-0912` is `alias/ds-s3-fraud-dev`, which the baseline does not declare for use `volume`; the key of the output of the training job `ds-train-fraud-dev-0912` is `alias/ds-ebs-fraud-dev`, which the baseline does not declare for use `output`; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search ds-train-fraud-dev-0912.ResourceConfig.VolumeKmsKeyId: saw alias/ds-s3-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001), wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.KmsKeyId: saw alias/ds-ebs-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002), wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search ds-train-fraud-dev-0912.ResourceConfig: saw 1 ml.m5.2xlarge, wanted any
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0914: The key of the volumes of the training job `ds-train-fraud-dev-0914` is not set.
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig.VolumeKmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig: saw 1 ml.m5.2xlarge, wanted any
            "#]],
        );
    }

    #[test]
    fn an_output_without_a_key_is_medium_in_a_bucket_with_its_key() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_LATE, |it| it.output_key = Some(String::new()));
                env.training_job(TRAINING_JOB, |it| {
                    it.output_key = None;
                    it.output_path = Some("s3://ds-model-fraud-dev-7f3a-copy/runs".to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0912: The key of the output of the training job `ds-train-fraud-dev-0912` is not set; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search ds-train-fraud-dev-0912.ResourceConfig.VolumeKmsKeyId: saw alias/ds-ebs-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002), wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a-copy/runs, wanted any; see SMK-22
                  sagemaker:Search ds-train-fraud-dev-0912.ResourceConfig: saw 1 ml.m5.2xlarge, wanted any
                NON_COMPLIANT MEDIUM fraud-dev ds-train-fraud-dev-0914: The key of the output of the training job `ds-train-fraud-dev-0914` is not set.
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig.VolumeKmsKeyId: saw alias/ds-ebs-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002), wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig: saw 1 ml.m5.2xlarge, wanted any
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_LATE, |it| it.output_key = None);
                env.bucket_encryption(BUCKET_MODEL, |encryption| encryption.algorithm = "AES256".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0914: The key of the output of the training job `ds-train-fraud-dev-0914` is not set.
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig.VolumeKmsKeyId: saw alias/ds-ebs-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002), wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig: saw 1 ml.m5.2xlarge, wanted any
            "#]],
        );
    }

    #[test]
    fn fail_trap_local_nvme_takes_no_key_unless_other_types_are_there() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_TAGGED, |it| {
                    it.volume_key = None;
                    it.instances = vec![instances("ml.p4d.24xlarge", 2), instances("ml.trn1.32xlarge", 1)];
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_NVME, |it| it.instances.push(instances("ml.m5.large", 1)));
                env.training_job(TRAINING_JOB_LATE, |it| {
                    it.volume_key = None;
                    it.instances = vec![instances("ml.g50.large", 1)];
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0914: The key of the volumes of the training job `ds-train-fraud-dev-0914` is not set.
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig.VolumeKmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig: saw 1 ml.g50.large, wanted any
                NON_COMPLIANT HIGH fraud-dev gpu-probe-0911: The key of the volumes of the training job `gpu-probe-0911` is not set; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search gpu-probe-0911.ResourceConfig.VolumeKmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search gpu-probe-0911.OutputDataConfig.KmsKeyId: saw alias/ds-s3-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001), wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search gpu-probe-0911.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search gpu-probe-0911.ResourceConfig: saw 1 ml.g5.2xlarge, 1 ml.m5.large, wanted any
            "#]],
        );
    }

    #[test]
    fn without_instances_no_exception_is_made() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_NVME, |it| it.instances.clear());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev gpu-probe-0911: The key of the volumes of the training job `gpu-probe-0911` is not set; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search gpu-probe-0911.ResourceConfig.VolumeKmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search gpu-probe-0911.OutputDataConfig.KmsKeyId: saw alias/ds-s3-fraud-dev (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001), wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search gpu-probe-0911.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search gpu-probe-0911.ResourceConfig: saw no instances, wanted any
            "#]],
        );
    }

    #[test]
    fn outside_all_environments_any_declared_key_will_do() {
        check(
            &CONTROL,
            |env| {
                env.add_training_job(
                    "fits",
                    TrainingJob {
                        volume_key: Some(KEY_VOLUMES.to_owned()),
                        output_key: Some(KEY_DATA.to_owned()),
                        ..TrainingJob::default()
                    },
                );
                env.add_training_job("stray", TrainingJob::default());
            },
            expect![[r#"
                NON_COMPLIANT HIGH unassigned stray: The key of the volumes of the training job `stray` is not set; the key of the output of the training job `stray` is not set; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search stray.ResourceConfig.VolumeKmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search stray.OutputDataConfig.KmsKeyId: saw not set, wanted a usable key that the baseline declares for use `output`
                  sagemaker:Search stray.OutputDataConfig.S3OutputPath: saw not set, wanted any; see SMK-22
                  sagemaker:Search stray.ResourceConfig: saw no instances, wanted any
            "#]],
        );
    }

    #[test]
    fn without_jobs_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| env.sagemaker().training_jobs = Collected::empty(),
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_LATE, |it| it.volume_key = None);
                env.hide(&kms::KEY);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-train-fraud-dev-0912: kms:DescribeKey of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002` was not seen: denied, AccessDenied: not authorized to perform kms:DescribeKey.
                  kms:DescribeKey not seen: denied
                  kms:DescribeKey not seen: denied
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search ds-train-fraud-dev-0912.ResourceConfig: saw 1 ml.m5.2xlarge, wanted any
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0914: The key of the volumes of the training job `ds-train-fraud-dev-0914` is not set.
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig.VolumeKmsKeyId: saw not set, wanted a usable key that the baseline declares for use `volume`
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig: saw 1 ml.m5.2xlarge, wanted any
                INSUFFICIENT_DATA access_denied HIGH fraud-dev gpu-probe-0911: kms:DescribeKey of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001` was not seen: denied, AccessDenied: not authorized to perform kms:DescribeKey.
                  kms:DescribeKey not seen: denied
                  sagemaker:Search gpu-probe-0911.ResourceConfig: saw ml.g5.2xlarge without a key, wanted no key: local NVMe takes none
                  sagemaker:Search gpu-probe-0911.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search gpu-probe-0911.ResourceConfig: saw 1 ml.g5.2xlarge, wanted any
                INSUFFICIENT_DATA access_denied HIGH fraud-dev wide-trees-0913: kms:DescribeKey of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003` was not seen: denied, AccessDenied: not authorized to perform kms:DescribeKey.
                  kms:DescribeKey not seen: denied
                  sagemaker:Search wide-trees-0913.OutputDataConfig.S3OutputPath: saw s3://ds-model-fraud-dev-7f3a/runs, wanted any; see SMK-22
                  sagemaker:Search wide-trees-0913.ResourceConfig: saw 1 ml.c5.4xlarge, 3 ml.m5.4xlarge, wanted any
            "#]],
        );
    }
}
