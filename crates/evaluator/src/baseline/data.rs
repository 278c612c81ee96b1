//! Data protection: buckets, keys and repositories.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_names::{AccountId, Arn};
use plumbline_snapshot::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Pattern;
use super::schema::{AccountText, ArnText};

/// A bucket of the environment, or several that carry the same tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawBucket")]
pub struct BucketChoice {
    /// The bucket's name; or `tags`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Tags that must all be there, where `name` is not given.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
    /// What it holds.
    pub kind: BucketKind,
    /// The `name` of the entry of `kms_keys` that encrypts it. Default: any key of use `s3`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// Whether versioning must be on. Default: required.
    pub versioning: Versioning,
    /// The account that must own it. Default: the environment's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AccountText")]
    pub owner_account: Option<AccountId>,
    /// The policy document beyond which its policy may allow nothing. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference_policy: Option<String>,
}

/// What a bucket holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BucketKind {
    /// Data that many environments read.
    DataLake,
    /// The environment's data.
    Data,
    /// Model artefacts.
    Model,
}

/// Whether a bucket must keep versions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Versioning {
    /// It must.
    #[default]
    Required,
    /// It need not.
    Off,
}

/// A key of the environment, or several that an alias pattern or tags choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawKey", into = "RawKey")]
pub struct KeyChoice {
    /// The name by which the baseline refers to it.
    pub name: String,
    /// How it is found.
    pub by: KeyBy,
    /// What it may encrypt.
    pub uses: BTreeSet<KeyUse>,
    /// The policy document beyond which its policy may allow nothing. Default: none.
    pub reference_policy: Option<String>,
}

/// How a key is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyBy {
    /// The key's ARN.
    Arn(Arn),
    /// An alias, such as `alias/ds-logs`.
    Alias(String),
    /// A pattern of aliases, such as `alias/ds-ebs-*`.
    AliasPattern(Pattern),
    /// Tags that must all be there.
    Tags(Tags),
}

/// What a key may encrypt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// Buckets.
    S3,
    /// Volumes of notebooks, jobs and endpoints.
    Volume,
    /// What jobs write.
    Output,
    /// Home directories of Studio.
    Studio,
    /// Repositories.
    Code,
    /// Log groups and trails.
    Logs,
}

impl KeyUse {
    /// All uses, in the order of the specification.
    pub const ALL: [Self; 6] = [Self::S3, Self::Volume, Self::Output, Self::Studio, Self::Code, Self::Logs];

    /// The word of the file.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Volume => "volume",
            Self::Output => "output",
            Self::Studio => "studio",
            Self::Code => "code",
            Self::Logs => "logs",
        }
    }
}

/// A bucket as it stands in the file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BucketChoice")]
struct RawBucket {
    /// The bucket's name; or `tags`.
    #[serde(default)]
    name: Option<String>,
    /// Tags that must all be there; or `name`.
    #[serde(default)]
    tags: Option<Tags>,
    /// What it holds.
    kind: BucketKind,
    /// The `name` of the entry of `kms_keys` that encrypts it. Default: any key of use `s3`.
    #[serde(default)]
    kms_key: Option<String>,
    /// Whether versioning must be on. Default: required.
    #[serde(default)]
    versioning: Versioning,
    /// The account that must own it. Default: the environment's account.
    #[serde(default)]
    #[schemars(with = "AccountText")]
    owner_account: Option<AccountId>,
    /// The policy document beyond which its policy may allow nothing. Default: none.
    #[serde(default)]
    reference_policy: Option<String>,
}

impl TryFrom<RawBucket> for BucketChoice {
    type Error = String;

    fn try_from(raw: RawBucket) -> Result<Self, Self::Error> {
        let RawBucket { name, tags, kind, kms_key, versioning, owner_account, reference_policy } = raw;
        if name.is_some() == tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
            return Err("expected either `name` or `tags`".to_owned());
        }
        let tags = tags.unwrap_or_default();
        Ok(Self { name, tags, kind, kms_key, versioning, owner_account, reference_policy })
    }
}

/// A key as it stands in the file: one of `arn`, `alias`, `alias_pattern` and `tags`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "KeyChoice")]
struct RawKey {
    /// The name by which the baseline refers to it.
    name: String,
    /// The key's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "ArnText")]
    arn: Option<Arn>,
    /// An alias, such as `alias/ds-logs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    /// A pattern of aliases, such as `alias/ds-ebs-*`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alias_pattern: Option<Pattern>,
    /// Tags that must all be there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tags: Option<Tags>,
    /// What it may encrypt.
    uses: BTreeSet<KeyUse>,
    /// The policy document beyond which its policy may allow nothing. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reference_policy: Option<String>,
}

impl TryFrom<RawKey> for KeyChoice {
    type Error = String;

    fn try_from(raw: RawKey) -> Result<Self, Self::Error> {
        let RawKey { name, arn, alias, alias_pattern, tags, uses, reference_policy } = raw;
        let by = match (arn, alias, alias_pattern, tags) {
            (Some(arn), None, None, None) => KeyBy::Arn(arn),
            (None, Some(alias), None, None) => KeyBy::Alias(alias),
            (None, None, Some(pattern), None) => KeyBy::AliasPattern(pattern),
            (None, None, None, Some(tags)) if !tags.is_empty() => KeyBy::Tags(tags),
            _ => {
                return Err(format!(
                    "key `{name}`: expected exactly one of `arn`, `alias`, `alias_pattern` and `tags`"
                ));
            }
        };
        let wrong = match &by {
            KeyBy::Arn(arn) if !super::pattern::is_literal(arn.as_str()) => Some("an ARN without wildcards"),
            KeyBy::Alias(alias) if !alias.starts_with("alias/") => Some("an alias that begins with `alias/`"),
            KeyBy::AliasPattern(pattern) if !pattern.as_str().starts_with("alias/") => {
                Some("a pattern that begins with `alias/`")
            }
            _ => None,
        };
        match wrong {
            Some(expected) => Err(format!("key `{name}`: expected {expected}")),
            None => Ok(Self { name, by, uses, reference_policy }),
        }
    }
}

impl From<KeyChoice> for RawKey {
    fn from(KeyChoice { name, by, uses, reference_policy }: KeyChoice) -> Self {
        let (mut arn, mut alias, mut alias_pattern, mut tags) = (None, None, None, None);
        match by {
            KeyBy::Arn(given) => arn = Some(given),
            KeyBy::Alias(given) => alias = Some(given),
            KeyBy::AliasPattern(given) => alias_pattern = Some(given),
            KeyBy::Tags(given) => tags = Some(given),
        }
        Self { name, arn, alias, alias_pattern, tags, uses, reference_policy }
    }
}

/// The defaults of this area.
pub(super) mod default {
    /// Days within which a key must rotate.
    pub(in super::super) fn max_key_rotation_days() -> u32 {
        365
    }
}
