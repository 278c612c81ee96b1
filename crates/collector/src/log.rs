//! The read log: per operation and Region how often it was called, and how that ended.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use plumbline_names::Region;
use plumbline_snapshot::{Outcome, ReadRecord, Source};

/// The log of a run, shared by all its readers.
#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: Mutex<BTreeMap<Key, Entry>>,
}

/// Service, operation, Region.
type Key = (Cow<'static, str>, Cow<'static, str>, Option<Region>);

#[derive(Debug, Clone)]
struct Entry {
    outcome: Outcome,
    calls: u64,
    items: u64,
    throttled: u64,
    error: Option<String>,
}

impl Log {
    /// A request was sent.
    pub(crate) fn called(&self, source: &Source, region: Option<&Region>) {
        self.at(source, region, |entry| entry.calls += 1);
    }

    /// A request was answered by a throttle.
    pub(crate) fn throttled(&self, source: &Source, region: Option<&Region>) {
        self.at(source, region, |entry| entry.throttled += 1);
    }

    /// Items came in.
    pub(crate) fn received(&self, source: &Source, region: Option<&Region>, items: u64) {
        self.at(source, region, |entry| entry.items += items);
    }

    /// A read ended. The worst ending stays.
    pub(crate) fn ended(&self, source: &Source, region: Option<&Region>, outcome: Outcome, detail: &str) {
        self.at(source, region, |entry| {
            if rank(outcome) > rank(entry.outcome) {
                entry.outcome = outcome;
                entry.error = (!detail.is_empty()).then(|| detail.to_owned());
            }
        });
    }

    /// What ran out of time is tried again.
    pub(crate) fn go_on(&self) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries.values_mut().filter(|entry| entry.outcome == Outcome::OutOfTime) {
            (entry.outcome, entry.error) = (Outcome::Complete, None);
        }
    }

    /// Begins with what earlier legs of the run have logged.
    pub(crate) fn remember(&self, records: &[ReadRecord]) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        for record in records.iter().cloned() {
            let ReadRecord { service, operation, region, outcome, calls, items, throttled, error } = record;
            entries
                .insert((service.into(), operation.into(), region), Entry { outcome, calls, items, throttled, error });
        }
    }

    /// The log as records, sorted by service, operation and Region.
    pub(crate) fn records(&self) -> Vec<ReadRecord> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries
            .iter()
            .map(|((service, operation, region), entry)| ReadRecord {
                service: service.clone().into_owned(),
                operation: operation.clone().into_owned(),
                region: region.clone(),
                outcome: entry.outcome,
                calls: entry.calls,
                items: entry.items,
                throttled: entry.throttled,
                error: entry.error.clone(),
            })
            .collect()
    }

    fn at(&self, source: &Source, region: Option<&Region>, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (source.service.into(), source.operation.into(), region.cloned());
        change(entries.entry(key).or_insert_with(|| Entry {
            outcome: Outcome::Complete,
            calls: 0,
            items: 0,
            throttled: 0,
            error: None,
        }));
    }
}

/// How bad an ending is.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Complete => 0,
        Outcome::NotPlanned => 1,
        Outcome::Unsupported => 2,
        Outcome::OutOfTime => 3,
        Outcome::Truncated => 4,
        Outcome::Throttled => 5,
        Outcome::Failed => 6,
        Outcome::Denied => 7,
    }
}
