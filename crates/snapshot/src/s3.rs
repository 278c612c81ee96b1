//! S3 and S3 Control: how the data buckets are configured. Never what is in them.

use std::collections::BTreeMap;

use plumbline_names::AccountId;
use serde::{Deserialize, Serialize};

use crate::{Read, Source};

/// Whether a bucket is there, and in which Region.
pub const HEAD_BUCKET: Source = Source { service: "s3", operation: "HeadBucket", permissions: &["s3:ListBucket"] };
/// A bucket's default encryption.
pub const BUCKET_ENCRYPTION: Source =
    Source { service: "s3", operation: "GetBucketEncryption", permissions: &["s3:GetEncryptionConfiguration"] };
/// A bucket's Block Public Access.
pub const PUBLIC_ACCESS_BLOCK: Source =
    Source { service: "s3", operation: "GetPublicAccessBlock", permissions: &["s3:GetBucketPublicAccessBlock"] };
/// A bucket's policy.
pub const BUCKET_POLICY: Source =
    Source { service: "s3", operation: "GetBucketPolicy", permissions: &["s3:GetBucketPolicy"] };
/// Whether a bucket's policy is public.
pub const BUCKET_POLICY_STATUS: Source =
    Source { service: "s3", operation: "GetBucketPolicyStatus", permissions: &["s3:GetBucketPolicyStatus"] };
/// Who owns a bucket's objects, and so whether ACLs count.
pub const OWNERSHIP_CONTROLS: Source =
    Source { service: "s3", operation: "GetBucketOwnershipControls", permissions: &["s3:GetBucketOwnershipControls"] };
/// A bucket's versioning.
pub const BUCKET_VERSIONING: Source =
    Source { service: "s3", operation: "GetBucketVersioning", permissions: &["s3:GetBucketVersioning"] };
/// The account's Block Public Access.
pub const ACCOUNT_PUBLIC_ACCESS_BLOCK: Source = Source {
    service: "s3control",
    operation: "GetPublicAccessBlock",
    permissions: &["s3:GetAccountPublicAccessBlock"],
};

/// The reads of this service.
pub const SOURCES: &[&Source] = &[
    &HEAD_BUCKET,
    &BUCKET_ENCRYPTION,
    &PUBLIC_ACCESS_BLOCK,
    &ACCOUNT_PUBLIC_ACCESS_BLOCK,
    &BUCKET_POLICY,
    &BUCKET_POLICY_STATUS,
    &OWNERSHIP_CONTROLS,
    &BUCKET_VERSIONING,
];

/// S3 of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3 {
    /// The account's Block Public Access; `None` where it was never set.
    pub account_public_access_block: Read<Option<BlockPublicAccess>>,
    /// Planned buckets by name.
    pub buckets: BTreeMap<String, Bucket>,
    /// Buckets by name that a trail or a flow log of the account delivers to and that are not planned; read only where
    /// the plan follows them.
    #[serde(default)]
    pub log_buckets: BTreeMap<String, Bucket>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// The account that was expected to own it on every call.
    pub expected_owner: AccountId,
    /// Its Region; `None` where no such bucket exists.
    pub region: Read<Option<String>>,
    /// The first rule of its default encryption; `None` where there is none.
    pub encryption: Read<Option<Encryption>>,
    /// Its own Block Public Access; `None` where it was never set.
    pub public_access_block: Read<Option<BlockPublicAccess>>,
    /// Its policy as text; `None` where it has none.
    #[serde(default = "unread_policy")]
    pub policy: Read<Option<String>>,
    /// Whether AWS calls its policy public; `None` where it has none.
    #[serde(default = "unread_policy_status")]
    pub policy_is_public: Read<Option<bool>>,
    /// `BucketOwnerEnforced` (ACLs are off), `BucketOwnerPreferred` or `ObjectWriter`; `None` where it was never set.
    #[serde(default = "unread_ownership")]
    pub ownership: Read<Option<String>>,
    /// Its versioning; `None` where no such bucket exists.
    #[serde(default = "unread_versioning")]
    pub versioning: Read<Option<Versioning>>,
}

// What a file from before these reads says of them: that they were not made.

fn unread_policy() -> Read<Option<String>> {
    Read::unread(&BUCKET_POLICY)
}

fn unread_policy_status() -> Read<Option<bool>> {
    Read::unread(&BUCKET_POLICY_STATUS)
}

fn unread_ownership() -> Read<Option<String>> {
    Read::unread(&OWNERSHIP_CONTROLS)
}

fn unread_versioning() -> Read<Option<Versioning>> {
    Read::unread(&BUCKET_VERSIONING)
}

/// Versioning of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioning {
    /// `Enabled` or `Suspended`; none where it was never enabled.
    pub status: Option<String>,
    /// Whether deleting a version asks for a second factor: `Enabled` or `Disabled`, where AWS says so.
    pub mfa_delete: Option<String>,
}

/// Default encryption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// `AES256`, `aws:kms`, `aws:kms:dsse`.
    pub algorithm: String,
    /// The key as written: id, ARN or alias; none means the AWS-managed key.
    pub key: Option<String>,
    /// Whether S3 Bucket Keys are on.
    pub bucket_key: bool,
    /// Kinds of encryption that writers may not ask for, such as `SSE-C`; `NONE` blocks nothing.
    #[serde(default)]
    pub blocked: Vec<String>,
}

/// The four flags of Block Public Access.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockPublicAccess {
    /// `BlockPublicAcls`.
    pub block_public_acls: bool,
    /// `IgnorePublicAcls`.
    pub ignore_public_acls: bool,
    /// `BlockPublicPolicy`.
    pub block_public_policy: bool,
    /// `RestrictPublicBuckets`.
    pub restrict_public_buckets: bool,
}

impl BlockPublicAccess {
    /// Whether all four flags are on.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.block_public_acls && self.ignore_public_acls && self.block_public_policy && self.restrict_public_buckets
    }
}

impl S3 {
    /// S3 of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self {
            account_public_access_block: Read::unread(&ACCOUNT_PUBLIC_ACCESS_BLOCK),
            buckets: BTreeMap::new(),
            log_buckets: BTreeMap::new(),
        }
    }
}

impl Bucket {
    /// A bucket of nothing but gaps.
    #[must_use]
    pub fn unread(name: &str, expected_owner: AccountId) -> Self {
        Self {
            name: name.to_owned(),
            expected_owner,
            region: Read::unread_of(&HEAD_BUCKET, name),
            encryption: Read::unread_of(&BUCKET_ENCRYPTION, name),
            public_access_block: Read::unread_of(&PUBLIC_ACCESS_BLOCK, name),
            policy: Read::unread_of(&BUCKET_POLICY, name),
            policy_is_public: Read::unread_of(&BUCKET_POLICY_STATUS, name),
            ownership: Read::unread_of(&OWNERSHIP_CONTROLS, name),
            versioning: Read::unread_of(&BUCKET_VERSIONING, name),
        }
    }
}
