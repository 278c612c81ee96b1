//! DATA-10: every key in use is a customer-managed, enabled, symmetric key that is not scheduled for deletion.

use std::collections::BTreeSet;

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Severity};
use plumbline_snapshot::{Source, cloudtrail, ec2, kms, s3, sagemaker};

use crate::Control;
use crate::baseline::KeyUse;
use crate::judge::{self, Known, Say, field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::keys::{Meaning, aliases_of, words};
use crate::world::keys_in_use::{KeyInUse, Referrer};

/// The reads that find the keys in use.
macro_rules! keys_in_use {
    ($($more:expr),*) => {
        &[
            &kms::KEY,
            &kms::ALIASES,
            &kms::KEY_TAGS,
            &s3::HEAD_BUCKET,
            &s3::BUCKET_ENCRYPTION,
            &ec2::EBS_DEFAULT_KEY,
            &cloudtrail::TRAILS,
            &cloudtrail::TRAIL_STATUS,
            &sagemaker::NOTEBOOKS,
            &sagemaker::NOTEBOOK,
            &sagemaker::DOMAINS,
            &sagemaker::DOMAIN,
            &sagemaker::TRAINING_JOBS,
            &sagemaker::TRAINING_JOB,
            &sagemaker::SEARCH,
            &sagemaker::ENDPOINTS,
            &sagemaker::ENDPOINT,
            &sagemaker::ENDPOINT_CONFIGS,
            &sagemaker::ENDPOINT_CONFIG,
            &sagemaker::RESOURCE_TAGS,
            &sagemaker::MODELS,
            &sagemaker::MODEL,
            &ec2::VPCS,
            &ec2::SUBNETS,
            $($more),*
        ]
    };
}
pub(super) use keys_in_use;

const SOURCES: &[&Source] = keys_in_use!();

/// How many of those who refer to a key stand in the evidence; the message counts all.
const MOST: usize = 8;

pub(crate) const CONTROL: Control = Control { info: &INFO, sources: SOURCES, unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "DATA-10",
    name: "key-usable",
    title: "Every key in use is a customer-managed, enabled, symmetric key that is not scheduled for deletion.",
    area: Area::Data,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "key",
    rationale: "Data under a key of AWS's or a stranger's is governed by nobody here, and data under a deleted key is lost.",
    decided: "Each key that the baseline names, or that a data bucket, a SageMaker resource, a logging trail or the EBS \
              default refers to, must be an enabled symmetric customer key of an allowed account, declared for that use.",
    remediation: "Cancel the deletion or enable the key; or declare the key, or encrypt anew with one that is declared.",
    maps: Maps { securityhub: &["KMS.3"], cis: &[], nist: &["SC-12", "SC-28"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let keys = world.keys_in_use(place);
    judge::each(&INFO, place, keys, |key| (key.resource.clone(), None), |say, key| look(world, place, say, key))
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>, key: &KeyInUse<'a>) -> Known<'a, ()> {
    let users = users_of(&key.by);
    let arn = match key.meaning.clone()? {
        Meaning::Key(arn) => arn,
        Meaning::AwsManaged(alias) => {
            let saw = key.by.iter().take(MOST).map(|by| evidence(by, "a customer-managed key".to_owned()));
            say.broken(format!("{users} refers to the AWS-managed key `{alias}`"), saw);
            return Ok(());
        }
        Meaning::Nothing(alias) => {
            let saw = field(&kms::ALIASES, alias.as_str(), "no key", "an alias of a key");
            say.broken(format!("{users} refers to `{alias}`, which leads to no key"), [saw]);
            return Ok(());
        }
    };
    if let Some(faults) = say.see(world.key_faults(place, &arn)) {
        for fault in faults {
            // Data is out of reach only where something names the key; a retired one may still match a pattern.
            let critical = fault.locks_out && key.by.iter().any(|by| by.names_it);
            let severity = if critical { Severity::Critical } else { Severity::High };
            say.broken_as(severity, format!("the key of {users} {}", fault.message), [fault.evidence]);
        }
    }
    let wanted: BTreeSet<&[KeyUse]> = key.by.iter().map(|by| by.uses).filter(|uses| !uses.is_empty()).collect();
    for uses in wanted {
        if say.see(world.declares(place, &arn, uses)) == Some(false) {
            let undeclared: Vec<Referrer> = key.by.iter().filter(|by| by.uses == uses).cloned().collect();
            let wanted = format!("a key that the baseline declares for {}", words(uses));
            say.broken(
                format!("the baseline does not declare the key of {} for {}", users_of(&undeclared), words(uses)),
                undeclared.iter().take(MOST).map(|by| evidence(by, wanted.clone())),
            );
        }
    }
    let aliases = many(", ", aliases_of(&world.regional(place)?.kms, &arn));
    if !aliases.is_empty() {
        say.fact(field(&kms::ALIASES, format!("{arn}.Aliases"), aliases, "any"));
    }
    for by in key.by.iter().filter(|by| by.field.is_some()).take(MOST) {
        say.fact(evidence(by, "a usable key".to_owned()));
    }
    Ok(())
}

/// The first who refers to the key, and how many others do.
fn users_of(by: &[Referrer]) -> String {
    // A resource says more than the baseline's own entry.
    let first = by.iter().find(|by| by.field.is_some()).or(by.first());
    let first = first.map_or_else(String::new, |by| by.who.clone());
    match by.len() {
        0 | 1 => first,
        2 => format!("{first} (and of 1 other)"),
        many => format!("{first} (and of {} others)", many - 1),
    }
}

fn evidence(by: &Referrer, wanted: String) -> Evidence {
    match &by.field {
        Some((source, path)) => field(source, path.as_str(), by.written.as_str(), wanted),
        None => field(&kms::ALIASES, by.who.as_str(), by.written.as_str(), wanted),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::sagemaker;
    use plumbline_testkit::kms::{ALIAS_DATA, KEY_AWS_S3, KEY_DATA, KEY_LOGS, KEY_PROJECT, KEY_VOLUMES, id_of};
    use plumbline_testkit::sagemaker::{NOTEBOOK, TRAINING_JOB};
    use plumbline_testkit::when;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // A config may belong here through its model alone; in the known-good none does.
        blind_but(&CONTROL, &[&sagemaker::MODELS, &sagemaker::MODEL]);
    }

    #[test]
    fn a_key_that_is_to_be_deleted() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_DATA, |key| {
                    key.state = Some("PendingDeletion".to_owned());
                    key.deletion_date = Some(when("2026-09-30T00:00:00Z"));
                });
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev alias/ds-s3-fraud-dev: The key of the bucket `ds-data-lake-7f3a` (and of 7 others) is in state PendingDeletion, to be deleted at 2026-09-30T00:00:00Z.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.KeyState: saw PendingDeletion, wanted Enabled
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Aliases: saw alias/ds-s3-fraud-dev, wanted any
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  s3:GetBucketEncryption ds-data-fraud-dev-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:Search gpu-probe-0911.OutputDataConfig.KmsKeyId: saw alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:DescribeEndpointConfig async-scorer-1.AsyncInferenceConfig.OutputConfig.KmsKeyId: saw alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.ProductionVariants[main].CoreDumpConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
            "#]],
        );
    }

    #[test]
    fn a_key_that_is_gone() {
        check(
            &CONTROL,
            |env| {
                env.delete_key(KEY_DATA);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/ds-s3-fraud-dev: The key of the bucket `ds-data-lake-7f3a` (and of 7 others) does not exist.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.KeyMetadata: saw none, wanted a key
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Aliases: saw alias/ds-s3-fraud-dev, wanted any
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  s3:GetBucketEncryption ds-data-fraud-dev-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:Search gpu-probe-0911.OutputDataConfig.KmsKeyId: saw alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:DescribeEndpointConfig async-scorer-1.AsyncInferenceConfig.OutputConfig.KmsKeyId: saw alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.ProductionVariants[main].CoreDumpConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_alias_of_aws_and_an_alias_that_leads_nowhere() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.kms_key = Some("alias/aws/ebs".to_owned()));
                env.training_job(TRAINING_JOB, |job| job.output_key = Some("alias/typo".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/aws/ebs: The notebook instance `ds-notebook-fraud-dev-ana` refers to the AWS-managed key `alias/aws/ebs`.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.KmsKeyId: saw alias/aws/ebs, wanted a customer-managed key
                NON_COMPLIANT HIGH fraud-dev alias/typo: The training job `ds-train-fraud-dev-0912` refers to `alias/typo`, which leads to no key.
                  kms:ListAliases alias/typo: saw no key, wanted an alias of a key
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_alias_that_was_pointed_at_another_key() {
        check(
            &CONTROL,
            |env| {
                env.point_alias(ALIAS_DATA, Some(id_of(KEY_LOGS)));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 0a1b2c3d-1111-4aaa-8bbb-000000000001: The baseline does not declare the key of the bucket `ds-data-lake-7f3a` for use `s3`; the baseline does not declare the key of the training job `ds-train-fraud-dev-0912` (and of 2 others) for use `output`.
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a key that the baseline declares for use `s3`
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a key that the baseline declares for use `output`
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a key that the baseline declares for use `output`
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.ProductionVariants[main].CoreDumpConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a key that the baseline declares for use `output`
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.ProductionVariants[main].CoreDumpConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
            "#]],
        );
    }

    #[test]
    fn pass_trap_imported_material_that_expired() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_LOGS, |key| {
                    key.state = Some("PendingImport".to_owned());
                    key.origin = Some("EXTERNAL".to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/ds-logs: The key of the trail `org-audit` (and of 1 other) is in state PendingImport.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004.KeyState: saw PendingImport, wanted Enabled
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004.Aliases: saw alias/ds-logs, wanted any
                  cloudtrail:DescribeTrails arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-audit.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-logs, wanted a usable key
            "#]],
        );
    }

    #[test]
    fn every_other_way_in_which_a_key_is_wrong() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_PROJECT, |key| {
                    key.spec = Some("RSA_2048".to_owned());
                    key.usage = Some("SIGN_VERIFY".to_owned());
                });
                env.key_metadata(KEY_VOLUMES, |key| key.account = Some("444455556666".to_owned()));
                let written = KEY_AWS_S3;
                env.notebook(NOTEBOOK, |notebook| notebook.kms_key = Some(written.to_owned()));
                let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{written}");
                let mut of_aws = plumbline_testkit::kms::plain_key(&arn, plumbline_snapshot::Tags::new());
                if let plumbline_snapshot::Read::Seen(Some(metadata)) = &mut of_aws.metadata {
                    metadata.manager = Some("AWS".to_owned());
                }
                env.add_key(of_aws);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/ds-ebs-fraud-dev: The key of the notebook instance `walk-in-bench` (and of 5 others) belongs to account 444455556666, which is not allowed.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002.AWSAccountId: saw 444455556666, wanted an account of allowed_accounts
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002.Aliases: saw alias/ds-ebs-fraud-dev, wanted any
                  sagemaker:DescribeNotebookInstance walk-in-bench.KmsKeyId: saw 0a1b2c3d-2222-4aaa-8bbb-000000000002, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0912.ResourceConfig.VolumeKmsKeyId: saw alias/ds-ebs-fraud-dev, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0914.ResourceConfig.VolumeKmsKeyId: saw alias/ds-ebs-fraud-dev, wanted a usable key
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.KmsKeyId: saw alias/ds-ebs-fraud-dev, wanted a usable key
                  sagemaker:DescribeEndpointConfig spare-components.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002, wanted a usable key
                NON_COMPLIANT HIGH fraud-dev alias/ds-project-fraud-dev: The key of the bucket `ds-model-fraud-dev-7f3a` (and of 8 others) is of kind RSA_2048, not symmetric; the key of the bucket `ds-model-fraud-dev-7f3a` (and of 8 others) is for SIGN_VERIFY, not for encryption.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003.KeySpec: saw RSA_2048, wanted SYMMETRIC_DEFAULT
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003.KeyUsage: saw SIGN_VERIFY, wanted ENCRYPT_DECRYPT
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003.Aliases: saw alias/ds-project-fraud-dev, wanted any
                  s3:GetBucketEncryption ds-model-fraud-dev-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw 0a1b2c3d-3333-4aaa-8bbb-000000000003, wanted a usable key
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-project-fraud-dev, wanted a usable key
                  sagemaker:DescribeNotebookInstance feature-lab-bo.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003, wanted a usable key
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.KmsKeyId: saw alias/ds-project-fraud-dev, wanted a usable key
                  sagemaker:Search wide-trees-0913.ResourceConfig.VolumeKmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003, wanted a usable key
                  sagemaker:Search wide-trees-0913.OutputDataConfig.KmsKeyId: saw 0a1b2c3d-3333-4aaa-8bbb-000000000003, wanted a usable key
                  sagemaker:DescribeEndpointConfig async-scorer-1.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003, wanted a usable key
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.DataCaptureConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003, wanted a usable key
                NON_COMPLIANT HIGH fraud-dev alias/aws/s3: The key of the notebook instance `ds-notebook-fraud-dev-ana` is managed by AWS, not by the customer; the baseline does not declare the key of the notebook instance `ds-notebook-fraud-dev-ana` for use `volume`.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-9999-4aaa-8bbb-000000000009.KeyManager: saw AWS, wanted CUSTOMER
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.KmsKeyId: saw 0a1b2c3d-9999-4aaa-8bbb-000000000009, wanted a key that the baseline declares for use `volume`
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-9999-4aaa-8bbb-000000000009.Aliases: saw alias/aws/s3, wanted any
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.KmsKeyId: saw 0a1b2c3d-9999-4aaa-8bbb-000000000009, wanted a usable key
            "#]],
        );
    }

    #[test]
    fn a_retired_key_that_only_matches_a_pattern_is_not_critical() {
        check(
            &CONTROL,
            |env| {
                let arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008";
                env.add_key(plumbline_testkit::kms::plain_key(arn, plumbline_snapshot::Tags::new()));
                env.key_metadata(arn, |key| key.state = Some("PendingDeletion".to_owned()));
                env.point_alias("alias/ds-ebs-fraud-dev-old", Some(id_of(arn)));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/ds-ebs-fraud-dev-old: The key of the baseline's entry `volumes` is in state PendingDeletion.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008.KeyState: saw PendingDeletion, wanted Enabled
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008.Aliases: saw alias/ds-ebs-fraud-dev-old, wanted any
            "#]],
        );
    }

    #[test]
    fn a_key_that_is_declared_for_another_use() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.kms_key = Some(ALIAS_DATA.to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev alias/ds-s3-fraud-dev: The baseline does not declare the key of the notebook instance `ds-notebook-fraud-dev-ana` for use `volume`.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.KmsKeyId: saw alias/ds-s3-fraud-dev, wanted a key that the baseline declares for use `volume`
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001.Aliases: saw alias/ds-s3-fraud-dev, wanted any
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  s3:GetBucketEncryption ds-data-fraud-dev-7f3a.ServerSideEncryptionConfiguration.KMSMasterKeyID: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.KmsKeyId: saw alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0912.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:Search ds-train-fraud-dev-0914.OutputDataConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
                  sagemaker:Search gpu-probe-0911.OutputDataConfig.KmsKeyId: saw alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:DescribeEndpointConfig async-scorer-1.AsyncInferenceConfig.OutputConfig.KmsKeyId: saw alias/ds-s3-fraud-dev, wanted a usable key
                  sagemaker:DescribeEndpointConfig ds-config-fraud-dev-scorer-3.ProductionVariants[main].CoreDumpConfig.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001, wanted a usable key
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_foreign_alias_cannot_be_followed() {
        check(
            &CONTROL,
            |env| {
                let alias = "arn:aws:kms:eu-west-1:444455556666:alias/shared";
                env.notebook(NOTEBOOK, |notebook| notebook.kms_key = Some(alias.to_owned()));
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev arn:aws:kms:eu-west-1:444455556666:alias/shared: `arn:aws:kms:eu-west-1:444455556666:alias/shared` is an alias of another account or Region, which only its owner can follow.
            "#]],
        );
    }

    #[test]
    fn the_default_of_ebs_may_be_any_customer_key_if_the_baseline_says_so() {
        let stray = |env: &mut plumbline_testkit::Env| {
            let arn = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008";
            env.add_key(plumbline_testkit::kms::plain_key(arn, plumbline_snapshot::Tags::new()));
            env.ebs_default_key(Some(arn));
        };
        check(
            &CONTROL,
            stray,
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev 0a1b2c3d-8888-4aaa-8bbb-000000000008: The baseline does not declare the key of the default of EBS in `eu-west-1` for any use.
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008, wanted a key that the baseline declares for any use
                  ec2:GetEbsDefaultKmsKeyId KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-8888-4aaa-8bbb-000000000008, wanted a usable key
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                stray(env);
                env.add_to_baseline("ebs_default_key_any_cmk: true");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.ebs_default_key(Some("alias/aws/ebs"));
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
                env.hide(&sagemaker::NOTEBOOK);
                env.key_metadata(KEY_LOGS, |key| key.state = Some("Disabled".to_owned()));
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev 111122223333: sagemaker:DescribeNotebookInstance of `ds-notebook-fraud-dev-ana` was not seen: denied, AccessDenied: not authorized to perform sagemaker:DescribeNotebookInstance.
                  sagemaker:DescribeNotebookInstance not seen: denied
                NON_COMPLIANT CRITICAL fraud-dev alias/ds-logs: The key of the trail `org-audit` (and of 1 other) is in state Disabled.
                  kms:DescribeKey arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004.KeyState: saw Disabled, wanted Enabled
                  kms:ListAliases arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004.Aliases: saw alias/ds-logs, wanted any
                  cloudtrail:DescribeTrails arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-audit.KmsKeyId: saw arn:aws:kms:eu-west-1:111122223333:alias/ds-logs, wanted a usable key
            "#]],
        );
    }

    #[test]
    fn a_key_goes_by_its_first_alias_and_without_one_by_its_id() {
        let names = |edit: &dyn Fn(&mut plumbline_testkit::Env)| {
            let mut env = plumbline_testkit::known_good();
            edit(&mut env);
            let today = env.snapshot.window.finished_at.to_zoned(jiff::tz::TimeZone::UTC).date();
            let context = crate::baseline::LoadContext::on(today);
            let baseline = crate::baseline::load(&env.baseline, "baseline.yaml", &context).unwrap();
            let mut scope = crate::Scope::default();
            scope.add("control:DATA-10").unwrap();
            let found = crate::evaluate(&env.snapshot, &baseline, &scope, &std::collections::BTreeMap::new());
            let resources = found.assessments.into_iter().map(|assessment| assessment.subject.resource);
            resources.filter(|it| it.arn == KEY_DATA).map(|it| it.name).collect::<Vec<_>>()
        };
        assert_eq!(names(&|_| {}), [ALIAS_DATA]);
        let second = |name: &'static str| {
            move |env: &mut plumbline_testkit::Env| {
                env.point_alias(name, Some(id_of(KEY_DATA)));
            }
        };
        assert_eq!(names(&second("alias/zzz")), [ALIAS_DATA]);
        assert_eq!(names(&second("alias/aaa")), ["alias/aaa"]);
        let gone = |env: &mut plumbline_testkit::Env| {
            env.point_alias(ALIAS_DATA, Some(id_of(KEY_LOGS)));
        };
        assert_eq!(names(&gone), [id_of(KEY_DATA)]);
    }
}
