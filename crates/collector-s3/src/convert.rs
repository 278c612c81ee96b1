//! The answers of S3 and S3 Control as snapshot types. Pure: no call, no judgement.

use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
use aws_sdk_s3::types as aws;
use aws_sdk_s3control::types as control;
use plumbline_collector::Missing;
use plumbline_snapshot::s3::{BlockPublicAccess, Encryption, Versioning};

/// The first rule of a bucket's default encryption: a bucket has at most one.
pub(crate) fn encryption(configuration: Option<&aws::ServerSideEncryptionConfiguration>) -> Option<Encryption> {
    let rule = configuration?.rules().first()?;
    let default = rule.apply_server_side_encryption_by_default()?;
    Some(Encryption {
        algorithm: default.sse_algorithm().as_str().to_owned(),
        key: default.kms_master_key_id().filter(|key| !key.is_empty()).map(str::to_owned),
        bucket_key: rule.bucket_key_enabled().unwrap_or(false),
        blocked: blocked(rule),
    })
}

/// Kinds of encryption that writers may not ask for, sorted.
fn blocked(rule: &aws::ServerSideEncryptionRule) -> Vec<String> {
    let kinds = rule.blocked_encryption_types().map(aws::BlockedEncryptionTypes::encryption_type).unwrap_or_default();
    let mut kinds: Vec<_> = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
    kinds.sort();
    kinds
}

/// A bucket's policy as text. The body is the policy as it was put, so that only its statements can show that it is one.
pub(crate) fn policy(text: Option<String>) -> Result<String, Missing> {
    text.filter(|text| text.contains("\"Statement\"")).ok_or(Missing("Statement"))
}

/// The rule of the ownership controls: AWS allows one.
pub(crate) fn ownership(controls: Option<&aws::OwnershipControls>) -> Option<String> {
    let rule = controls?.rules().first()?;
    Some(rule.object_ownership().as_str().to_owned()).filter(|word| !word.is_empty())
}

/// A bucket's versioning; what was never set is absent.
pub(crate) fn versioning(answer: &GetBucketVersioningOutput) -> Versioning {
    Versioning {
        status: answer.status().map(|status| status.as_str().to_owned()),
        mfa_delete: answer.mfa_delete().map(|status| status.as_str().to_owned()),
    }
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
    use aws_sdk_s3::operation::get_bucket_versioning::GetBucketVersioningOutput;
    use aws_sdk_s3::types::{
        BlockedEncryptionTypes, OwnershipControls, OwnershipControlsRule, PublicAccessBlockConfiguration,
        ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration,
        ServerSideEncryptionRule,
    };
    use plumbline_snapshot::s3::{BlockPublicAccess, Encryption, Versioning};

    use super::{account_block, bucket_block, encryption, ownership, policy, versioning};

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
            let key = key.map(str::to_owned);
            let expected = Encryption { algorithm: algorithm.to_owned(), key, bucket_key, blocked: Vec::new() };
            assert_eq!(encryption(Some(&given)), Some(expected));
        }
        let bare = ServerSideEncryptionConfiguration::builder().rules(ServerSideEncryptionRule::builder().build());
        assert_eq!(encryption(Some(&bare.build().unwrap())), None);
        assert_eq!(encryption(None), None);
    }

    #[test]
    fn blocked_kinds_are_kept_as_words() {
        let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::AwsKms).build();
        let kinds = BlockedEncryptionTypes::builder().encryption_type("SSE-C".into()).encryption_type("NEW".into());
        let rule = ServerSideEncryptionRule::builder()
            .apply_server_side_encryption_by_default(default.unwrap())
            .blocked_encryption_types(kinds.build());
        let given = ServerSideEncryptionConfiguration::builder().rules(rule.build()).build().unwrap();
        assert_eq!(encryption(Some(&given)).unwrap().blocked, ["NEW", "SSE-C"]);
    }

    #[test]
    fn a_policy_has_statements_and_what_was_never_set_is_absent() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny"}}"#;
        assert_eq!(policy(Some(text.to_owned())), Ok(text.to_owned()));
        for none in [None, Some("{}".to_owned()), Some(String::new())] {
            assert_eq!(policy(none).unwrap_err().0, "Statement");
        }
        let rule = OwnershipControlsRule::builder().object_ownership("ANewerWord".into()).build().unwrap();
        let controls = OwnershipControls::builder().rules(rule).build().unwrap();
        assert_eq!(ownership(Some(&controls)).as_deref(), Some("ANewerWord"));
        assert_eq!(ownership(None), None);
        let never = versioning(&GetBucketVersioningOutput::builder().build());
        assert_eq!(never, Versioning::default());
        let on = GetBucketVersioningOutput::builder().status("Suspended".into()).mfa_delete("Disabled".into()).build();
        let expected = Versioning { status: Some("Suspended".to_owned()), mfa_delete: Some("Disabled".to_owned()) };
        assert_eq!(versioning(&on), expected);
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
