//! KMS of the known-good environment: one key chosen by alias, one by alias pattern, two by tags.

use plumbline_snapshot::kms::{Alias, Key, KeyMetadata, Kms, Rotation};
use plumbline_snapshot::{Read, Tags};
use serde_json::{Value, json};

use crate::env::{edit_json, present, some, tags, whole};
use crate::{ACCOUNT, Env, iam, when};

/// The key `data`, chosen by alias.
pub const KEY_DATA: &str = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-1111-4aaa-8bbb-000000000001";
/// The key `volumes`, chosen by alias pattern.
pub const KEY_VOLUMES: &str = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-2222-4aaa-8bbb-000000000002";
/// The key `project`, chosen by tags.
pub const KEY_PROJECT: &str = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-3333-4aaa-8bbb-000000000003";
/// The key `logs`, chosen by tags.
pub const KEY_LOGS: &str = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4444-4aaa-8bbb-000000000004";
/// The alias of [`KEY_DATA`].
pub const ALIAS_DATA: &str = "alias/ds-s3-fraud-dev";
/// The alias of [`KEY_VOLUMES`].
pub const ALIAS_VOLUMES: &str = "alias/ds-ebs-fraud-dev";
/// The alias of [`KEY_PROJECT`].
pub const ALIAS_PROJECT: &str = "alias/ds-project-fraud-dev";
/// The alias of [`KEY_LOGS`].
pub const ALIAS_LOGS: &str = "alias/ds-logs";
/// The id of AWS's own key for S3, which nothing refers to.
pub const KEY_AWS_S3: &str = "0a1b2c3d-9999-4aaa-8bbb-000000000009";

/// The id in a key's ARN.
#[must_use]
pub fn id_of(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

pub(crate) fn known_good() -> Kms {
    let keys = [
        plain_key(KEY_DATA, tags(&[("ProjectName", "fraud"), ("KeyPurpose", "data")])),
        plain_key(KEY_VOLUMES, tags(&[("ProjectName", "fraud"), ("KeyPurpose", "volumes")])),
        plain_key(KEY_PROJECT, tags(&[("ProjectName", "fraud"), ("KeyPurpose", "project")])),
        plain_key(KEY_LOGS, tags(&[("KeyPurpose", "audit-logs")])),
    ];
    let aliases = [
        alias(ALIAS_DATA, Some(id_of(KEY_DATA))),
        alias(ALIAS_VOLUMES, Some(id_of(KEY_VOLUMES))),
        alias(ALIAS_PROJECT, Some(id_of(KEY_PROJECT))),
        alias(ALIAS_LOGS, Some(id_of(KEY_LOGS))),
        alias("alias/aws/s3", Some(KEY_AWS_S3)),
        alias("alias/aws/ebs", None),
    ];
    Kms {
        aliases: whole(aliases, |alias| &alias.name),
        keys: keys.into_iter().map(|key| (key.arn.clone(), key)).collect(),
    }
}

/// An alias of the account with the id of the key it points at.
#[must_use]
pub fn alias(name: &str, target: Option<&str>) -> Alias {
    Alias {
        name: name.to_owned(),
        arn: format!("arn:aws:kms:eu-west-1:{ACCOUNT}:{name}"),
        target: target.map(str::to_owned),
    }
}

/// A usable, rotating customer key.
#[must_use]
pub fn plain_key(arn: &str, tags: Tags) -> Key {
    Key {
        arn: arn.to_owned(),
        metadata: Read::Seen(Some(KeyMetadata {
            manager: some("CUSTOMER"),
            state: some("Enabled"),
            spec: some("SYMMETRIC_DEFAULT"),
            usage: some("ENCRYPT_DECRYPT"),
            origin: some("AWS_KMS"),
            account: some(ACCOUNT),
            custom_key_store: None,
            multi_region_role: None,
            primary_arn: None,
            deletion_date: None,
        })),
        rotation: Read::Seen(Some(Rotation {
            enabled: true,
            period_days: Some(365),
            next: Some(when("2027-02-03T00:00:00Z")),
        })),
        tags: Read::Seen(tags),
        policy: Read::Seen(Some(key_policy().to_string())),
    }
}

/// A policy that leaves use of the key to the account's IAM, its administration to the platform team, and to the role that
/// creates notebooks the grants that SageMaker takes for their volumes.
#[must_use]
pub fn key_policy() -> Value {
    let allow = |sid: &str, principal: &str, actions: Value| json!({"Sid": sid, "Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"});
    let administration = json!([
        "kms:CancelKeyDeletion",
        "kms:DescribeKey",
        "kms:DisableKey",
        "kms:EnableKeyRotation",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:TagResource",
    ]);
    let mut grants = allow("Grants", iam::NOTEBOOK_CREATION, json!("kms:CreateGrant"));
    if let Some(fields) = grants.as_object_mut() {
        fields.insert("Condition".to_owned(), json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}));
    }
    json!({"Version": "2012-10-17", "Statement": [
        allow("Account", &format!("arn:aws:iam::{ACCOUNT}:root"), json!("kms:*")),
        allow("Administration", iam::PLATFORM_ADMIN, administration),
        grants,
    ]})
}

impl Env {
    /// Edits a key, named by its ARN.
    pub fn key(&mut self, arn: &str, edit: impl FnOnce(&mut Key)) -> &mut Self {
        let found = self.kms().keys.get_mut(arn);
        edit(found.unwrap_or_else(|| panic!("no key `{arn}` to edit")));
        self
    }

    /// Edits what `DescribeKey` says of a key.
    pub fn key_metadata(&mut self, arn: &str, edit: impl FnOnce(&mut KeyMetadata)) -> &mut Self {
        self.key(arn, |key| edit(present(&mut key.metadata, arn)))
    }

    /// Edits a key's rotation.
    pub fn key_rotation(&mut self, arn: &str, edit: impl FnOnce(&mut Rotation)) -> &mut Self {
        self.key(arn, |key| edit(present(&mut key.rotation, arn)))
    }

    /// Edits a key's policy, as JSON.
    pub fn key_policy(&mut self, arn: &str, edit: impl FnOnce(&mut Value)) -> &mut Self {
        self.key(arn, |key| edit_json(present(&mut key.policy, arn), edit))
    }

    /// Deletes a key in AWS: the reference stays, `DescribeKey` does not find it.
    pub fn delete_key(&mut self, arn: &str) -> &mut Self {
        self.key(arn, |key| {
            key.metadata = Read::Seen(None);
            key.rotation = Read::Seen(None);
            key.tags = Read::Seen(Tags::new());
            key.policy = Read::Seen(None);
        })
    }

    /// Adds a key; see [`plain_key`].
    pub fn add_key(&mut self, key: Key) -> &mut Self {
        self.kms().keys.insert(key.arn.clone(), key);
        self
    }

    /// Points an alias at a key (id), making it where it is not there.
    pub fn point_alias(&mut self, name: &str, target: Option<&str>) -> &mut Self {
        self.kms().aliases.add([(name.to_owned(), alias(name, target))]);
        self
    }

    /// Removes an alias.
    pub fn remove_alias(&mut self, name: &str) -> &mut Self {
        crate::env::take(&mut self.kms().aliases, name);
        self
    }
}
