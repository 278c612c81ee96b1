//! KMS: aliases, and the keys that something refers to.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_names::{AccountId, Partition, Region};
use serde::{Deserialize, Serialize};

use crate::{Collected, Read, Sight, Source, Tags};

/// Every alias of the Region, at most 100 a page.
pub const ALIASES: Source = Source { service: "kms", operation: "ListAliases", permissions: &["kms:ListAliases"] };
/// One key.
pub const KEY: Source = Source { service: "kms", operation: "DescribeKey", permissions: &["kms:DescribeKey"] };
/// One key's rotation.
pub const KEY_ROTATION: Source =
    Source { service: "kms", operation: "GetKeyRotationStatus", permissions: &["kms:GetKeyRotationStatus"] };
/// One key's tags, where the baseline names keys by tags.
pub const KEY_TAGS: Source =
    Source { service: "kms", operation: "ListResourceTags", permissions: &["kms:ListResourceTags"] };
/// One key's policy; a key has one, called `default`.
pub const KEY_POLICY: Source = Source { service: "kms", operation: "GetKeyPolicy", permissions: &["kms:GetKeyPolicy"] };

/// The reads of this service.
pub const SOURCES: &[&Source] = &[&ALIASES, &KEY, &KEY_ROTATION, &KEY_TAGS, &KEY_POLICY];

/// KMS in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kms {
    /// Aliases by name (`alias/…`).
    pub aliases: Collected<Alias>,
    /// Referenced keys by ARN. A key that nothing refers to is not here.
    pub keys: BTreeMap<String, Key>,
}

/// An alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// `alias/…`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// The id of the key it points at; none for a predefined alias without a key yet.
    pub target: Option<String>,
}

/// A key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its ARN.
    pub arn: String,
    /// What it is; `None` where no such key exists.
    pub metadata: Read<Option<KeyMetadata>>,
    /// Its rotation; `None` where the kind of key has none.
    pub rotation: Read<Option<Rotation>>,
    /// Its tags; read only where the baseline names keys by tags.
    pub tags: Read<Tags>,
    /// Its policy as text; `None` where no such key exists.
    #[serde(default = "unread_policy")]
    pub policy: Read<Option<String>>,
}

/// What a file from before this read says of it: that it was not made.
fn unread_policy() -> Read<Option<String>> {
    Read::unread(&KEY_POLICY)
}

/// What `DescribeKey` says of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyMetadata {
    /// `CUSTOMER` or `AWS`.
    pub manager: Option<String>,
    /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, `Unavailable`, …
    pub state: Option<String>,
    /// `SYMMETRIC_DEFAULT`, …
    pub spec: Option<String>,
    /// `ENCRYPT_DECRYPT`, …
    pub usage: Option<String>,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: Option<String>,
    /// The account that owns it.
    pub account: Option<String>,
    /// The custom key store it lies in.
    pub custom_key_store: Option<String>,
    /// `PRIMARY` or `REPLICA` of a multi-Region key.
    pub multi_region_role: Option<String>,
    /// The ARN of the multi-Region primary.
    pub primary_arn: Option<String>,
    /// When it is to be deleted.
    pub deletion_date: Option<Timestamp>,
}

/// Automatic rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// Whether it is on.
    pub enabled: bool,
    /// Days between rotations; none means 365.
    pub period_days: Option<i32>,
    /// When it rotates next.
    pub next: Option<Timestamp>,
}

impl Kms {
    /// KMS of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self { aliases: Collected::unread(&ALIASES), keys: BTreeMap::new() }
    }

    /// The ARN of the key that `reference` (id, ARN, alias name or alias ARN) means; `None` for an alias that does not
    /// exist or has no key yet.
    ///
    /// # Errors
    /// The gap of the aliases, if the reference is an alias of this account and Region that was not seen. An alias of
    /// another account or Region cannot be followed from here: see [`Kms::is_foreign_alias`].
    pub fn key_arn(
        &self,
        reference: &str,
        account: &AccountId,
        partition: &Partition,
        region: &Region,
    ) -> Sight<'_, Option<String>> {
        let here = |id: &str| format!("arn:{partition}:kms:{region}:{account}:key/{id}");
        let alias = match reference.split_once(":alias/") {
            Some((_, name)) => Some(format!("alias/{name}")),
            None => reference.starts_with("alias/").then(|| reference.to_owned()),
        };
        match alias {
            None if reference.starts_with("arn:") => Ok(Some(reference.to_owned())),
            None => Ok(Some(here(reference))),
            Some(name) => Ok(self
                .aliases
                .get(&name)?
                .and_then(|alias| alias.target.as_deref())
                .map(|id| if id.starts_with("arn:") { id.to_owned() } else { here(id) })),
        }
    }

    /// Whether `reference` is an alias ARN of another account or Region, which only its owner can follow.
    #[must_use]
    pub fn is_foreign_alias(reference: &str, account: &AccountId, region: &Region) -> bool {
        reference.contains(":alias/") && !reference.contains(&format!(":kms:{region}:{account}:alias/"))
    }
}

impl Key {
    /// A key of nothing but gaps.
    #[must_use]
    pub fn unread(arn: &str) -> Self {
        Self {
            arn: arn.to_owned(),
            metadata: Read::unread_of(&KEY, arn),
            rotation: Read::unread_of(&KEY_ROTATION, arn),
            tags: Read::unread_of(&KEY_TAGS, arn),
            policy: Read::unread_of(&KEY_POLICY, arn),
        }
    }
}
