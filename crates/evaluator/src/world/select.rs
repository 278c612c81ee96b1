//! Which SageMaker resource belongs to which environment (baseline, section 3).

use std::collections::BTreeMap;

use plumbline_names::EnvironmentName;
use plumbline_snapshot::Snapshot;

use crate::baseline::Baseline;
use crate::world::World;

/// A resource that the baseline excludes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excluded {
    /// The environment whose baseline excludes it.
    pub environment: EnvironmentName,
    /// Its ARN.
    pub arn: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Through this day, `YYYY-MM-DD`.
    pub expires: String,
}

/// The outcome for every SageMaker resource seen.
#[derive(Debug, Default)]
pub(crate) struct Selected<'a> {
    _marker: std::marker::PhantomData<&'a ()>,
}

/// Selects every SageMaker resource of `snapshot`.
pub(crate) fn select<'a>(
    _snapshot: &'a Snapshot,
    _baseline: &'a Baseline,
    _last: &'a BTreeMap<String, EnvironmentName>,
) -> Selected<'a> {
    Selected::default()
}

impl World<'_> {
    /// What the report says of the selection: each resource's environment, what is excluded, and notes for people.
    pub(crate) fn selection_report(&self) -> (BTreeMap<String, EnvironmentName>, Vec<Excluded>, Vec<String>) {
        (BTreeMap::new(), Vec::new(), Vec::new())
    }
}
