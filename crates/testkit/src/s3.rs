//! S3 of the known-good environment: data lake, data and model bucket, each with its key in another spelling.

use plumbline_snapshot::Read;
use plumbline_snapshot::s3::{BlockPublicAccess, Bucket, Encryption, S3};

use crate::env::{account, present, some};
use crate::{Env, REGION, kms};

/// The data lake; its key is written as an ARN.
pub const BUCKET_LAKE: &str = "ds-data-lake-7f3a";
/// The data bucket; its key is written as an alias ARN.
pub const BUCKET_DATA: &str = "ds-data-fraud-dev-7f3a";
/// The model bucket; its key is written as an id and chosen by tags.
pub const BUCKET_MODEL: &str = "ds-model-fraud-dev-7f3a";

/// All four flags on.
pub const BLOCKED: BlockPublicAccess = BlockPublicAccess {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

pub(crate) fn known_good() -> S3 {
    let buckets = [
        plain_bucket(BUCKET_LAKE, kms::KEY_DATA),
        plain_bucket(BUCKET_DATA, "arn:aws:kms:eu-west-1:111122223333:alias/ds-s3-fraud-dev"),
        plain_bucket(BUCKET_MODEL, kms::id_of(kms::KEY_PROJECT)),
    ];
    S3 {
        account_public_access_block: Read::Seen(Some(BLOCKED)),
        buckets: buckets.into_iter().map(|bucket| (bucket.name.clone(), bucket)).collect(),
    }
}

/// A bucket of the account, closed and encrypted with `key` as written.
#[must_use]
pub fn plain_bucket(name: &str, key: &str) -> Bucket {
    Bucket {
        name: name.to_owned(),
        expected_owner: account(),
        region: Read::Seen(some(REGION)),
        encryption: Read::Seen(Some(Encryption { algorithm: "aws:kms".to_owned(), key: some(key), bucket_key: true })),
        public_access_block: Read::Seen(Some(BLOCKED)),
    }
}

impl Env {
    /// Edits a bucket.
    pub fn bucket(&mut self, name: &str, edit: impl FnOnce(&mut Bucket)) -> &mut Self {
        let found = self.s3().buckets.get_mut(name);
        edit(found.unwrap_or_else(|| panic!("no bucket `{name}` to edit")));
        self
    }

    /// Adds a bucket; see [`plain_bucket`].
    pub fn add_bucket(&mut self, bucket: Bucket) -> &mut Self {
        self.s3().buckets.insert(bucket.name.clone(), bucket);
        self
    }

    /// Deletes a bucket in AWS: the planned name stays, and every question is answered with its absence.
    pub fn delete_bucket(&mut self, name: &str) -> &mut Self {
        self.bucket(name, |bucket| {
            bucket.region = Read::Seen(None);
            bucket.encryption = Read::Seen(None);
            bucket.public_access_block = Read::Seen(None);
        })
    }

    /// Edits a bucket's default encryption.
    pub fn bucket_encryption(&mut self, name: &str, edit: impl FnOnce(&mut Encryption)) -> &mut Self {
        self.bucket(name, |bucket| edit(present(&mut bucket.encryption, name)))
    }

    /// Edits a bucket's Block Public Access.
    pub fn bucket_access_block(&mut self, name: &str, edit: impl FnOnce(&mut BlockPublicAccess)) -> &mut Self {
        self.bucket(name, |bucket| edit(present(&mut bucket.public_access_block, name)))
    }

    /// Edits the account's Block Public Access.
    pub fn account_access_block(&mut self, edit: impl FnOnce(&mut BlockPublicAccess)) -> &mut Self {
        edit(present(&mut self.s3().account_public_access_block, "account public access block"));
        self
    }

    /// Removes the account's Block Public Access.
    pub fn remove_account_access_block(&mut self) -> &mut Self {
        self.s3().account_public_access_block = Read::Seen(None);
        self
    }
}
