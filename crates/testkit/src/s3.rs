//! S3 of the known-good environment: data lake, data and model bucket, each with its key in another spelling.

use plumbline_snapshot::Read;
use plumbline_snapshot::s3::{BlockPublicAccess, Bucket, Encryption, S3, Versioning};
use serde_json::{Value, json};

use crate::env::{account, edit_json, present, some};
use crate::{ACCOUNT, Env, REGION, cloudtrail, ec2, kms};

/// The data lake; its key is written as an ARN.
pub const BUCKET_LAKE: &str = "ds-data-lake-7f3a";
/// The data bucket; its key is written as an alias ARN.
pub const BUCKET_DATA: &str = "ds-data-fraud-dev-7f3a";
/// The model bucket; its key is written as an id and chosen by tags.
pub const BUCKET_MODEL: &str = "ds-model-fraud-dev-7f3a";

/// The bucket that the covering trail delivers to.
pub const BUCKET_TRAIL: &str = "audit-trail-7f3a";

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
    let trail = plain_bucket(BUCKET_TRAIL, kms::KEY_LOGS);
    let trail = Bucket { policy: Read::Seen(Some(trail_bucket_policy().to_string())), ..trail };
    S3 {
        account_public_access_block: Read::Seen(Some(BLOCKED)),
        buckets: buckets.into_iter().map(|bucket| (bucket.name.clone(), bucket)).collect(),
        log_buckets: [(trail.name.clone(), trail)].into(),
    }
}

/// The denials of a data bucket: plain HTTP, other keys than `key`, keys of the writer's own, and other ways than the S3
/// endpoint. The lake leaves keys of the writer's own to its encryption, which blocks them.
#[must_use]
pub fn bucket_policy(name: &str, key: &str) -> Value {
    let (bucket, objects) = (format!("arn:aws:s3:::{name}"), format!("arn:aws:s3:::{name}/*"));
    let deny = |sid: &str, action: Value, resource: Value, condition: Value| {
        json!({"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource,
               "Condition": condition})
    };
    let (algorithm, id) = ("s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id");
    let customer = "s3:x-amz-server-side-encryption-customer-algorithm";
    let data = json!(["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:ListBucket*"]);
    let mut statements = vec![
        deny("Tls", json!("s3:*"), json!([bucket, objects]), json!({"Bool": {"aws:SecureTransport": "false"}})),
        deny(
            "Algorithm",
            json!("s3:PutObject"),
            json!(objects),
            json!({"StringNotEquals": {algorithm: "aws:kms"}, "Null": {algorithm: "false"}}),
        ),
        deny(
            "Key",
            json!("s3:PutObject"),
            json!(objects),
            json!({"StringNotEquals": {id: key}, "Null": {id: "false"}}),
        ),
        deny(
            "Path",
            data,
            json!([bucket, objects]),
            json!({"StringNotEquals": {"aws:SourceVpce": ec2::ENDPOINT_S3},
                   "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}}),
        ),
    ];
    if name != BUCKET_LAKE {
        statements.push(deny(
            "CustomerKeys",
            json!("s3:PutObject"),
            json!(objects),
            json!({"Null": {customer: "false"}}),
        ));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// What the trail's bucket permits: CloudTrail's writes for the trail.
fn trail_bucket_policy() -> Value {
    let from = json!({"StringEquals": {"aws:SourceArn": cloudtrail::TRAIL}});
    let allow = |action: &str, resource: String| {
        json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": action,
               "Resource": resource, "Condition": from})
    };
    let bucket = format!("arn:aws:s3:::{BUCKET_TRAIL}");
    let writes = allow("s3:PutObject", format!("{bucket}/AWSLogs/{ACCOUNT}/*"));
    json!({"Version": "2012-10-17", "Statement": [allow("s3:GetBucketAcl", bucket), writes]})
}

/// A bucket of the account, closed and encrypted with `key` as written.
#[must_use]
pub fn plain_bucket(name: &str, key: &str) -> Bucket {
    Bucket {
        name: name.to_owned(),
        expected_owner: account(),
        region: Read::Seen(some(REGION)),
        encryption: Read::Seen(Some(Encryption {
            algorithm: "aws:kms".to_owned(),
            key: some(key),
            bucket_key: true,
            blocked: vec!["SSE-C".to_owned()],
        })),
        public_access_block: Read::Seen(Some(BLOCKED)),
        policy: Read::Seen(Some(bucket_policy(name, key_of(name)).to_string())),
        policy_is_public: Read::Seen(Some(false)),
        ownership: Read::Seen(some("BucketOwnerEnforced")),
        versioning: Read::Seen(Some(Versioning { status: some("Enabled"), mfa_delete: None })),
    }
}

/// The key of a known-good bucket, as its policy must write it.
fn key_of(name: &str) -> &'static str {
    if name == BUCKET_MODEL { kms::KEY_PROJECT } else { kms::KEY_DATA }
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
            bucket.policy = Read::Seen(None);
            bucket.policy_is_public = Read::Seen(None);
            bucket.ownership = Read::Seen(None);
            bucket.versioning = Read::Seen(None);
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

    /// Edits a bucket's policy, as JSON.
    pub fn bucket_policy(&mut self, name: &str, edit: impl FnOnce(&mut Value)) -> &mut Self {
        self.bucket(name, |bucket| edit_json(present(&mut bucket.policy, name), edit))
    }

    /// Edits a bucket that logs are delivered to.
    pub fn log_bucket(&mut self, name: &str, edit: impl FnOnce(&mut Bucket)) -> &mut Self {
        let found = self.s3().log_buckets.get_mut(name);
        edit(found.unwrap_or_else(|| panic!("no log bucket `{name}` to edit")));
        self
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
