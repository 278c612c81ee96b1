//! The answers of S3 and S3 Control as snapshot types. Pure: no call, no judgement.

use aws_sdk_s3::types as aws;
use aws_sdk_s3control::types as control;
use plumbline_snapshot::s3::{BlockPublicAccess, Encryption};

/// The first rule of a bucket's default encryption: a bucket has at most one.
pub(crate) fn encryption(configuration: Option<&aws::ServerSideEncryptionConfiguration>) -> Option<Encryption> {
    let rule = configuration?.rules().first()?;
    let default = rule.apply_server_side_encryption_by_default()?;
    Some(Encryption {
        algorithm: default.sse_algorithm().as_str().to_owned(),
        key: default.kms_master_key_id().filter(|key| !key.is_empty()).map(str::to_owned),
        bucket_key: rule.bucket_key_enabled().unwrap_or(false),
    })
}

/// A bucket's Block Public Access. A flag that is absent is off.
pub(crate) fn bucket_block(configuration: &aws::PublicAccessBlockConfiguration) -> BlockPublicAccess {
    BlockPublicAccess {
        block_public_acls: configuration.block_public_acls().unwrap_or(false),
        ignore_public_acls: configuration.ignore_public_acls().unwrap_or(false),
        block_public_policy: configuration.block_public_policy().unwrap_or(false),
        restrict_public_buckets: configuration.restrict_public_buckets().unwrap_or(false),
    }
}

/// The account's Block Public Access. A flag that is absent is off.
pub(crate) fn account_block(configuration: &control::PublicAccessBlockConfiguration) -> BlockPublicAccess {
    BlockPublicAccess {
        block_public_acls: configuration.block_public_acls().unwrap_or(false),
        ignore_public_acls: configuration.ignore_public_acls().unwrap_or(false),
        block_public_policy: configuration.block_public_policy().unwrap_or(false),
        restrict_public_buckets: configuration.restrict_public_buckets().unwrap_or(false),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{
        PublicAccessBlockConfiguration, ServerSideEncryption, ServerSideEncryptionByDefault,
        ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
    };
    use plumbline_snapshot::s3::{BlockPublicAccess, Encryption};

    use super::{account_block, bucket_block, encryption};

    fn configuration(
        algorithm: &str,
        key: Option<&str>,
        bucket_key: Option<bool>,
    ) -> ServerSideEncryptionConfiguration {
        let default = ServerSideEncryptionByDefault::builder()
            .sse_algorithm(ServerSideEncryption::from(algorithm))
            .set_kms_master_key_id(key.map(str::to_owned));
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default.build().unwrap())
            .set_bucket_key_enabled(bucket_key);
        ServerSideEncryptionConfiguration::builder().rules(rule.build()).build().unwrap()
    }

    #[test]
    fn encryption_is_the_first_rule_with_words_kept() {
        let cases = [
            (configuration("AES256", None, None), "AES256", None, false),
            (configuration("aws:kms", Some("alias/data"), Some(true)), "aws:kms", Some("alias/data"), true),
            (configuration("aws:kms:dsse", Some(""), Some(false)), "aws:kms:dsse", None, false),
            (configuration("aws:new", None, None), "aws:new", None, false),
        ];
        for (given, algorithm, key, bucket_key) in cases {
            let expected = Encryption { algorithm: algorithm.to_owned(), key: key.map(str::to_owned), bucket_key };
            assert_eq!(encryption(Some(&given)), Some(expected));
        }
        let bare = ServerSideEncryptionConfiguration::builder().rules(ServerSideEncryptionRule::builder().build());
        assert_eq!(encryption(Some(&bare.build().unwrap())), None);
        assert_eq!(encryption(None), None);
    }

    #[test]
    fn an_absent_flag_is_off() {
        let some = PublicAccessBlockConfiguration::builder().block_public_acls(true).block_public_policy(false).build();
        let expected = BlockPublicAccess { block_public_acls: true, ..BlockPublicAccess::default() };
        assert_eq!(bucket_block(&some), expected);
        let all = aws_sdk_s3control::types::PublicAccessBlockConfiguration::builder()
            .block_public_acls(true)
            .ignore_public_acls(true)
            .block_public_policy(true)
            .restrict_public_buckets(true)
            .build();
        assert!(account_block(&all).is_full());
    }
}
