//! DATA-01: each data bucket encrypts by default with its customer-managed KMS key.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{kms, s3};

use crate::Control;
use crate::judge::{self, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&s3::HEAD_BUCKET, &s3::BUCKET_ENCRYPTION, &kms::ALIASES, &kms::KEY, &kms::KEY_TAGS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "DATA-01",
    name: "bucket-default-key",
    title: "Each data bucket encrypts by default with its customer-managed KMS key.",
    area: Area::Data,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "bucket",
    rationale: "S3 encrypts every object anyway, but only a key of the customer's own lets its policy say who may read the data.",
    decided: "The first rule of the default encryption must name KMS and a key that resolves to the one that the baseline \
              gives the bucket, and that key must be usable as DATA-10 wants it.",
    remediation: "Set the bucket's default encryption to aws:kms with the ARN of its key.",
    maps: Maps { securityhub: &["S3.17"], cis: &[], nist: &["SC-28", "SC-12"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let buckets = world.data_buckets(place);
    judge::each(
        &INFO,
        place,
        buckets,
        |bucket| (world.bucket_ref(place, bucket), None),
        |say, bucket| {
            let answer = world.bucket_key(place, bucket)?;
            let wanted = match &bucket.choice.kms_key {
                Some(name) => format!("aws:kms with the key `{name}`"),
                None => "aws:kms with a key of use `s3`".to_owned(),
            };
            let path = format!("{}.ServerSideEncryptionConfiguration.Rules[0]", bucket.name);
            let evidence = field(&s3::BUCKET_ENCRYPTION, path, answer.saw, wanted);
            match answer.fault {
                Some(fault) => say.broken(format!("the bucket `{}` {fault}", bucket.name), [evidence]),
                None => say.fact(evidence),
            }
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Read, kms, s3};
    use plumbline_testkit::kms::{ALIAS_DATA, ALIAS_LOGS, KEY_DATA, KEY_PROJECT, id_of};
    use plumbline_testkit::s3::{BUCKET_DATA, BUCKET_LAKE, BUCKET_MODEL};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_aes256_is_encryption_without_a_key() {
        check(
            &CONTROL,
            |env| {
                env.bucket_encryption(BUCKET_LAKE, |encryption| {
                    encryption.algorithm = "AES256".to_owned();
                    encryption.key = None;
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The bucket `ds-data-lake-7f3a` encrypts by default with AES256.
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw AES256, wanted aws:kms with the key `data`
            "#]],
        );
    }

    #[test]
    fn pass_trap_kms_without_a_key_means_the_one_of_aws() {
        check(
            &CONTROL,
            |env| {
                env.bucket_encryption(BUCKET_LAKE, |encryption| encryption.key = None);
                env.bucket_encryption(BUCKET_DATA, |encryption| encryption.key = Some("alias/aws/s3".to_owned()));
                env.bucket(BUCKET_MODEL, |bucket| bucket.encryption = Read::Seen(None));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` encrypts by default with a key that is the AWS-managed key `alias/aws/s3`.
                  s3:GetBucketEncryption ds-data-fraud-dev-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw aws:kms, alias/aws/s3, wanted aws:kms with the key `data`
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The bucket `ds-data-lake-7f3a` encrypts by default with aws:kms and no key, which means the AWS-managed `aws/s3`.
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw aws:kms without a key, wanted aws:kms with the key `data`
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-7f3a: The bucket `ds-model-fraud-dev-7f3a` has no default encryption.
                  s3:GetBucketEncryption ds-model-fraud-dev-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw none, wanted aws:kms with the key `project`
            "#]],
        );
    }

    #[test]
    fn a_key_of_another_use_or_another_bucket_or_no_key_at_all() {
        check(
            &CONTROL,
            |env| {
                env.bucket_encryption(BUCKET_LAKE, |encryption| encryption.key = Some(ALIAS_LOGS.to_owned()));
                env.bucket_encryption(BUCKET_DATA, |encryption| encryption.key = Some(KEY_PROJECT.to_owned()));
                env.bucket_encryption(BUCKET_MODEL, |encryption| encryption.key = Some("alias/gone".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` encrypts by default with a key that is `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003`, not the baseline's key `data`.
                  s3:GetBucketEncryption ds-data-fraud-dev-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw aws:kms, arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003, wanted aws:kms with the key `data`
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The bucket `ds-data-lake-7f3a` encrypts by default with a key that is `alias/ds-logs`, not the baseline's key `data`.
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw aws:kms, alias/ds-logs (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004), wanted aws:kms with the key `data`
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-7f3a: The bucket `ds-model-fraud-dev-7f3a` encrypts by default with a key that is `alias/gone`, which leads to no key.
                  s3:GetBucketEncryption ds-model-fraud-dev-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw aws:kms, alias/gone, wanted aws:kms with the key `project`
            "#]],
        );
    }

    #[test]
    fn an_unusable_key_is_no_key() {
        check(
            &CONTROL,
            |env| {
                env.key_metadata(KEY_PROJECT, |key| key.state = Some("Disabled".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-7f3a: The bucket `ds-model-fraud-dev-7f3a` encrypts by default with a key that is `0a1b2c3d-3333-4aaa-8bbb-000000000003`, which is in state Disabled.
                  s3:GetBucketEncryption ds-model-fraud-dev-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw aws:kms, 0a1b2c3d-3333-4aaa-8bbb-000000000003 (arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003), wanted aws:kms with the key `project`
            "#]],
        );
    }

    #[test]
    fn a_bucket_that_is_gone() {
        check(
            &CONTROL,
            |env| {
                env.delete_bucket(BUCKET_DATA);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` does not exist.
                  s3:GetBucketEncryption ds-data-fraud-dev-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw no such bucket, wanted aws:kms with the key `data`
            "#]],
        );
    }

    #[test]
    fn fail_trap_id_arn_and_alias_mean_the_same_key() {
        for written in
            [KEY_DATA, id_of(KEY_DATA), ALIAS_DATA, "arn:aws:kms:eu-west-1:111122223333:alias/ds-s3-fraud-dev"]
        {
            check(
                &CONTROL,
                |env| {
                    env.bucket_encryption(BUCKET_LAKE, |encryption| {
                        encryption.algorithm = "aws:kms:dsse".to_owned();
                        encryption.key = Some(written.to_owned());
                    });
                },
                expect![[r#"
                    COMPLIANT
                "#]],
            );
        }
    }

    #[test]
    fn fail_trap_a_declared_key_of_another_account() {
        const THEIRS: &str = "arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-7777-4aaa-8bbb-000000000007";
        let theirs = |env: &mut plumbline_testkit::Env| {
            env.replace_baseline("alias: alias/ds-s3-fraud-dev", &format!("arn: \"{THEIRS}\""));
            let mut key = plumbline_testkit::kms::plain_key(THEIRS, plumbline_snapshot::Tags::new());
            if let Read::Seen(Some(metadata)) = &mut key.metadata {
                metadata.account = Some("444455556666".to_owned());
            }
            env.add_key(key);
            for bucket in [BUCKET_LAKE, BUCKET_DATA] {
                env.bucket_encryption(bucket, |encryption| encryption.key = Some(THEIRS.to_owned()));
            }
        };
        check(
            &CONTROL,
            |env| {
                theirs(env);
                env.replace_baseline("allowed_accounts: [", "allowed_accounts: [\"444455556666\", ");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            theirs,
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-data-fraud-dev-7f3a: The bucket `ds-data-fraud-dev-7f3a` encrypts by default with a key that is `arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-7777-4aaa-8bbb-000000000007`, which belongs to account 444455556666, which is not allowed.
                  s3:GetBucketEncryption ds-data-fraud-dev-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw aws:kms, arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-7777-4aaa-8bbb-000000000007, wanted aws:kms with the key `data`
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The bucket `ds-data-lake-7f3a` encrypts by default with a key that is `arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-7777-4aaa-8bbb-000000000007`, which belongs to account 444455556666, which is not allowed.
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw aws:kms, arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-7777-4aaa-8bbb-000000000007, wanted aws:kms with the key `data`
            "#]],
        );
    }

    #[test]
    fn an_alias_of_another_account_cannot_be_followed() {
        check(
            &CONTROL,
            |env| {
                let alias = "arn:aws:kms:eu-west-1:444455556666:alias/shared";
                env.bucket_encryption(BUCKET_LAKE, |encryption| encryption.key = Some(alias.to_owned()));
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev ds-data-lake-7f3a: `arn:aws:kms:eu-west-1:444455556666:alias/shared` is an alias of another account or Region, which only its owner can follow.
            "#]],
        );
    }

    #[test]
    fn a_bucket_chosen_by_tags_cannot_be_found() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("{name: ds-data-lake-7f3a,", "{tags: {Lake: main},");
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev 111122223333: The baseline chooses a bucket by the tags Lake=main, and buckets are not searched by tags: name it.
            "#]],
        );
    }

    #[test]
    fn without_buckets_there_is_nothing_to_judge_and_without_the_list_no_knowing() {
        let cut = |text: &str| text[..text.find("    data_buckets:").unwrap()].to_owned();
        check(
            &CONTROL,
            |env| {
                env.baseline_edit(|text| format!("{}    data_buckets: []\n", cut(text)));
            },
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.baseline_edit(cut);
            },
            expect![[r#"
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev 111122223333: The baseline has no `data_buckets`.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                env.bucket_encryption(BUCKET_LAKE, |encryption| encryption.algorithm = "AES256".to_owned());
                env.hide(&kms::KEY);
                env.bucket(BUCKET_DATA, |bucket| bucket.region = Read::unread_of(&s3::HEAD_BUCKET, BUCKET_DATA));
            },
            expect![[r#"
                INSUFFICIENT_DATA not_read HIGH fraud-dev ds-data-fraud-dev-7f3a: s3:HeadBucket of `ds-data-fraud-dev-7f3a` was not seen: not planned.
                  s3:HeadBucket not seen: not_planned
                NON_COMPLIANT HIGH fraud-dev ds-data-lake-7f3a: The bucket `ds-data-lake-7f3a` encrypts by default with AES256.
                  s3:GetBucketEncryption ds-data-lake-7f3a.ServerSideEncryptionConfiguration.Rules[0]: saw AES256, wanted aws:kms with the key `data`
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-model-fraud-dev-7f3a: kms:DescribeKey of `arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003` was not seen: denied, AccessDenied: not authorized to perform kms:DescribeKey.
                  kms:DescribeKey not seen: denied
            "#]],
        );
    }
}
