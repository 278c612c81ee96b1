//! What a run is to read.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use plumbline_names::{AccountId, Operation, Region};
use serde::{Deserialize, Serialize};

use crate::{Source, Tags};

/// What to read: operations, Regions, and for reads of single things, of which.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The operations that the planned controls need.
    pub sources: BTreeSet<Operation>,
    /// The Regions to read; global services are read once beside them.
    pub regions: BTreeMap<Region, Details>,
    /// Data buckets to read, each with the account that must own it.
    pub buckets: BTreeMap<String, AccountId>,
    /// Jobs that ended before this moment are left out.
    pub jobs_since: Timestamp,
    /// Tags of what cannot change otherwise are read again if they were read before this moment.
    pub tags_since: Timestamp,
    /// The moment that 'now' means to the whole run.
    pub until: Timestamp,
}

/// Which single things to look at in one Region, where asking about all would be waste.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The VPCs whose attributes are read.
    pub vpcs: Vec<VpcChoice>,
    /// Keys that the baseline names: ids, ARNs, alias names or alias ARNs.
    pub keys: BTreeSet<String>,
    /// Alias patterns (`*`, `?`) of keys that the baseline names.
    pub alias_patterns: BTreeSet<String>,
    /// Tags by which the baseline names keys: each set must match whole.
    pub key_tags: Vec<Tags>,
    /// Read the remote-debug setting of training jobs, which costs a call for each.
    pub remote_debug: bool,
    /// Read the log groups and buckets that trails and flow logs of the Region deliver to.
    #[serde(default)]
    pub log_destinations: bool,
    /// Ids of the portfolios that are looked into.
    #[serde(default)]
    pub portfolio_ids: BTreeSet<String>,
    /// Display names of the portfolios that are looked into; not unique.
    #[serde(default)]
    pub portfolio_names: BTreeSet<String>,
    /// Names of the CodeCommit repositories to read.
    #[serde(default)]
    pub repositories: BTreeSet<String>,
}

/// How the baseline names a VPC: all that is given must match.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcChoice {
    /// VPC ids.
    pub ids: BTreeSet<String>,
    /// Tags.
    pub tags: Tags,
}

impl Details {
    /// Adds what somebody else wants of the same Region.
    pub fn extend(&mut self, more: Self) {
        let Self {
            vpcs,
            keys,
            alias_patterns,
            key_tags,
            remote_debug,
            log_destinations,
            portfolio_ids,
            portfolio_names,
            repositories,
        } = more;
        self.vpcs.extend(vpcs);
        self.keys.extend(keys);
        self.alias_patterns.extend(alias_patterns);
        self.key_tags.extend(key_tags);
        self.remote_debug |= remote_debug;
        self.log_destinations |= log_destinations;
        self.portfolio_ids.extend(portfolio_ids);
        self.portfolio_names.extend(portfolio_names);
        self.repositories.extend(repositories);
    }
}

impl VpcChoice {
    /// Whether a VPC of this id and these tags is chosen. Nothing given chooses nothing.
    #[must_use]
    pub fn chooses(&self, id: &str, tags: &Tags) -> bool {
        let by_id = self.ids.is_empty() || self.ids.contains(id);
        let by_tags = self.tags.iter().all(|(key, value)| tags.get(key) == Some(value));
        (!self.ids.is_empty() || !self.tags.is_empty()) && by_id && by_tags
    }
}

impl Plan {
    /// Whether the plan wants `source`.
    #[must_use]
    pub fn wants(&self, source: &Source) -> bool {
        self.sources.contains(&source.operation())
    }

    /// The details of one Region; those of an unplanned Region are empty.
    #[must_use]
    pub fn details(&self, region: &Region) -> Details {
        self.regions.get(region).cloned().unwrap_or_default()
    }
}
