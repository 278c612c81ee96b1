//! Selectors: how a baseline names things that it did not create.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_names::{AccountId, Arn};
use plumbline_snapshot::{Tags, VpcChoice};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Pattern;
use super::pattern::is_literal;
use super::schema::{AccountText, ArnText};

/// Which resources are meant.
///
/// Named by any one of `ids`, `arns`, `arn_patterns` and `names`, where one of these is given; and carrying all
/// `tags`, where tags are given. A selector whose lists are all empty chooses nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawSelector")]
pub struct Selector {
    /// Ids, such as `sg-0a1b`.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub ids: BTreeSet<String>,
    /// ARNs without wildcards.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    #[schemars(with = "Vec<ArnText>")]
    pub arns: BTreeSet<Arn>,
    /// ARNs with `*` and `?`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arn_patterns: Vec<Pattern>,
    /// Names, which may hold `*` and `?`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Pattern>,
    /// Tags that must all be there, each with this value; case-sensitive.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
}

/// What a selector is held against.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The id; empty where there is none.
    pub id: &'a str,
    /// The ARN; empty where there is none.
    pub arn: &'a str,
    /// The name; empty where there is none.
    pub name: &'a str,
    /// The tags; `None` where they could not be read.
    pub tags: Option<&'a Tags>,
}

/// Which VPC is the environment's: all that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawVpcSelector")]
pub struct VpcSelector {
    /// VPC ids.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub ids: BTreeSet<String>,
    /// Tags that must all be there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: Tags,
    /// The account that owns the VPC, where its subnets are shared into this account. Default: the account itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "AccountText")]
    pub owner_account: Option<AccountId>,
}

impl Selector {
    /// Whether the candidate is chosen; `None` if that hangs on tags that could not be read.
    #[must_use]
    pub fn chooses(&self, candidate: &Candidate<'_>) -> Option<bool> {
        let by_name =
            !(self.ids.is_empty() && self.arns.is_empty() && self.arn_patterns.is_empty() && self.names.is_empty());
        let named = self.ids.contains(candidate.id)
            || self.arns.iter().any(|arn| arn.as_str() == candidate.arn)
            || self.arn_patterns.iter().any(|pattern| pattern.matches(candidate.arn))
            || self.names.iter().any(|pattern| pattern.matches(candidate.name));
        match (by_name && !named, self.tags.is_empty(), candidate.tags) {
            (true, ..) => Some(false),
            (false, true, _) => Some(by_name),
            (false, false, Some(tags)) => Some(has_all(tags, &self.tags)),
            (false, false, None) => None,
        }
    }

    /// The literal ids and ARNs, in order: what may not stand in two environments.
    pub fn literals(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(String::as_str).chain(self.arns.iter().map(Arn::as_str))
    }
}

impl VpcSelector {
    /// The same choice in the words of the snapshot's plan.
    #[must_use]
    pub fn choice(&self) -> VpcChoice {
        VpcChoice { ids: self.ids.clone(), tags: self.tags.clone() }
    }
}

/// Whether `tags` has all pairs of `wanted`.
pub(super) fn has_all(tags: &Tags, wanted: &Tags) -> bool {
    wanted.iter().all(|(key, value)| tags.get(key) == Some(value))
}

/// A selector as it stands in the file: at least one of these.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Selector", extend("minProperties" = 1))]
struct RawSelector {
    /// One id.
    #[serde(default)]
    id: Option<String>,
    /// Ids.
    #[serde(default)]
    ids: Option<Vec<String>>,
    /// One ARN, without wildcards.
    #[serde(default)]
    #[schemars(with = "ArnText")]
    arn: Option<Arn>,
    /// ARNs, without wildcards.
    #[serde(default)]
    #[schemars(with = "Vec<ArnText>")]
    arns: Option<Vec<Arn>>,
    /// ARNs with `*` and `?`.
    #[serde(default)]
    arn_patterns: Option<Vec<Pattern>>,
    /// Names, which may hold `*` and `?`.
    #[serde(default)]
    names: Option<Vec<Pattern>>,
    /// Tags that must all be there, each with this value.
    #[serde(default)]
    tags: Option<Tags>,
}

impl TryFrom<RawSelector> for Selector {
    type Error = String;

    fn try_from(raw: RawSelector) -> Result<Self, Self::Error> {
        let RawSelector { id, ids, arn, arns, arn_patterns, names, tags } = raw;
        let given = id.is_some()
            || ids.is_some()
            || arn.is_some()
            || arns.is_some()
            || arn_patterns.is_some()
            || names.is_some()
            || tags.is_some();
        if !given {
            return Err("an empty selector: expected `ids`, `arns`, `arn_patterns`, `names` or `tags`".to_owned());
        }
        let arns: BTreeSet<Arn> = arn.into_iter().chain(arns.unwrap_or_default()).collect();
        if let Some(arn) = arns.iter().find(|arn| !is_literal(arn.as_str())) {
            return Err(format!("`{arn}` has a wildcard: put it under `arn_patterns`"));
        }
        Ok(Self {
            ids: id.into_iter().chain(ids.unwrap_or_default()).collect(),
            arns,
            arn_patterns: arn_patterns.unwrap_or_default(),
            names: names.unwrap_or_default(),
            tags: tags.unwrap_or_default(),
        })
    }
}

/// A VPC selector as it stands in the file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "VpcSelector", extend("minProperties" = 1))]
struct RawVpcSelector {
    /// The VPC's id.
    #[serde(default)]
    id: Option<String>,
    /// VPC ids.
    #[serde(default)]
    ids: Option<Vec<String>>,
    /// Tags that must all be there.
    #[serde(default)]
    tags: Option<Tags>,
    /// The account that owns the VPC, where it is shared. Default: the account itself.
    #[serde(default)]
    #[schemars(with = "AccountText")]
    owner_account: Option<AccountId>,
}

impl TryFrom<RawVpcSelector> for VpcSelector {
    type Error = String;

    fn try_from(raw: RawVpcSelector) -> Result<Self, Self::Error> {
        let RawVpcSelector { id, ids, tags, owner_account } = raw;
        if id.is_none() && ids.is_none() && tags.is_none() {
            return Err("an empty selector: expected `id`, `ids` or `tags`".to_owned());
        }
        Ok(Self {
            ids: id.into_iter().chain(ids.unwrap_or_default()).collect(),
            tags: tags.unwrap_or_default(),
            owner_account,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Candidate, Pattern, Selector, Tags};

    #[test]
    fn named_by_any_list_and_carrying_all_tags() {
        let tags = |pairs: &[(&str, &str)]| -> Tags {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let dev = tags(&[("Tier", "private"), ("Stage", "dev")]);
        let one = Candidate { id: "sg-1", arn: "arn:aws:ec2:r:a:sg/sg-1", name: "work", tags: Some(&dev) };
        let unread = Candidate { tags: None, ..one };
        let by_id = Selector { ids: ["sg-1".to_owned()].into(), ..Selector::default() };
        let by_name =
            Selector { names: vec![Pattern::new("w*")], ids: ["sg-9".to_owned()].into(), ..Selector::default() };
        let by_tags = Selector { tags: tags(&[("Tier", "private")]), ..Selector::default() };
        let both = Selector { tags: tags(&[("Tier", "public")]), ..by_id.clone() };
        let elsewhere = Selector { ids: ["sg-9".to_owned()].into(), ..by_tags.clone() };
        assert_eq!(by_id.chooses(&unread), Some(true));
        assert_eq!(by_name.chooses(&unread), Some(true));
        assert_eq!(by_tags.chooses(&one), Some(true));
        assert_eq!(by_tags.chooses(&unread), None);
        assert_eq!(both.chooses(&one), Some(false));
        assert_eq!(elsewhere.chooses(&unread), Some(false));
        assert_eq!(Selector::default().chooses(&one), Some(false));
    }
}
