//! Regions and the partitions that they belong to.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Text;

/// A Region code such as `eu-west-1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(Text);

/// Why a text is no Region code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a region: expected a code such as `eu-west-1`")]
pub struct RegionError(String);

/// A partition: a group of Regions with its own ARNs, credentials and endpoints.
///
/// Source: "Amazon Resource Names (ARNs)" (AWS Identity and Access Management User Guide).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Partition(Text);

impl Region {
    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The partition that this Region belongs to, by its prefix.
    #[must_use]
    pub fn partition(&self) -> Partition {
        const PREFIXES: [(&str, &str); 7] = [
            ("cn-", "aws-cn"),
            ("us-gov-", "aws-us-gov"),
            ("us-iso-", "aws-iso"),
            ("us-isob-", "aws-iso-b"),
            ("eu-isoe-", "aws-iso-e"),
            ("us-isof-", "aws-iso-f"),
            ("eusc-", "aws-eusc"),
        ];
        let name =
            PREFIXES.iter().find(|(prefix, _)| self.0.starts_with(prefix)).map_or("aws", |(_, partition)| partition);
        Partition(name.into())
    }
}

impl Partition {
    /// The partition of a name as it stands in an ARN.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(name.into())
    }

    /// The name as it stands in an ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Region {
    type Error = RegionError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let parts: Vec<&str> = text.split('-').collect();
        let words = parts.len() >= 3
            && text.len() <= 32
            && parts
                .iter()
                .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
            && parts.last().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if words { Ok(Self(text.into())) } else { Err(RegionError(text)) }
    }
}

impl std::str::FromStr for Region {
    type Err = RegionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.to_owned().try_into()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.0.into()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn a_region_knows_its_partition() {
        for (code, partition) in [
            ("eu-west-1", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-west-1", "aws-us-gov"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            let region: Region = code.parse().unwrap();
            assert_eq!(region.partition().as_str(), partition);
        }
    }

    #[test]
    fn a_zone_or_a_word_is_no_region() {
        for wrong in ["eu-west-1a", "global", "", "EU-WEST-1", "eu_west_1", "eu--1"] {
            assert!(wrong.parse::<Region>().is_err(), "{wrong}");
        }
    }
}
