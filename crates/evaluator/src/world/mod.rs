//! What controls ask: the snapshot and the baseline, indexed and joined. A world answers, it does not judge.
//!
//! One file an area. Every answer is a [`Known`] or a [`Set`](crate::judge::Set): what was not seen cannot be taken for absent.

pub(crate) mod acls;
pub(crate) mod beginnings;
pub(crate) mod bindings;
pub(crate) mod bucket_policies;
pub(crate) mod buckets;
pub(crate) mod callers;
pub(crate) mod capabilities;
pub(crate) mod chains;
pub(crate) mod endpoint_policies;
pub(crate) mod endpoints;
pub(crate) mod grants;
pub(crate) mod groups;
pub(crate) mod key_policies;
pub(crate) mod keys;
pub(crate) mod keys_in_use;
pub(crate) mod network;
pub(crate) mod paths;
pub(crate) mod policies;
pub(crate) mod powers;
pub(crate) mod principals;
pub(crate) mod references;
pub(crate) mod roles;
pub(crate) mod rules;
pub(crate) mod sagemaker;
pub(crate) mod select;
#[cfg(test)]
mod select_tests;
pub(crate) mod shares;
pub(crate) mod strengths;
pub(crate) mod targets;
pub(crate) mod trails;
pub(crate) mod trust;
pub(crate) mod ways;
pub(crate) mod writes;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use plumbline_findings::Reason;
use plumbline_names::{EnvironmentName, Text};
use plumbline_snapshot::iam::Role;
use plumbline_snapshot::{Regional, Snapshot};

use crate::baseline::Baseline;
use crate::judge::{Known, Unknown};
use crate::place::Place;

pub use select::Excluded;

/// One snapshot under one baseline.
#[derive(Debug)]
pub struct World<'a> {
    /// What was seen.
    pub snapshot: &'a Snapshot,
    /// What is wanted.
    pub baseline: &'a Baseline,
    selection: select::Selected<'a>,
    documents: powers::Documents<'a>,
    passers: principals::Passers<'a>,
    gathered: powers::Gathered<'a>,
    bindings: bindings::Bindings<'a>,
    paths: paths::Paths<'a>,
    /// All roles seen, in the order of their ARNs.
    by_arn: OnceLock<Vec<&'a Role>>,
}

impl<'a> World<'a> {
    /// The world of `snapshot` under `baseline`; `last` is the environment that each SageMaker resource had last.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot, baseline: &'a Baseline, last: &'a BTreeMap<Text, EnvironmentName>) -> Self {
        let mut world = Self {
            snapshot,
            baseline,
            selection: select::Selected::default(),
            documents: powers::Documents::default(),
            passers: principals::Passers::default(),
            gathered: powers::Gathered::default(),
            bindings: bindings::Bindings::default(),
            paths: paths::Paths::default(),
            by_arn: OnceLock::new(),
        };
        world.selection = select::select(&world, last);
        world
    }

    /// The moment as of which the snapshot is judged: the end of its reading.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.snapshot.window.finished_at
    }

    /// That moment's day, UTC.
    #[must_use]
    pub fn today(&self) -> Date {
        self.now().to_zoned(TimeZone::UTC).date()
    }

    /// What was seen in the place's Region.
    ///
    /// # Errors
    /// The snapshot does not cover the Region.
    pub(crate) fn regional(&self, place: &Place<'a>) -> Known<'a, &'a Regional> {
        self.snapshot
            .regions
            .get(place.region)
            .ok_or_else(|| Unknown::Because(Reason::NotRead, format!("the snapshot does not cover `{}`", place.region)))
    }
}
