//! What an audit asks of the world besides reading: a memory, a clock that stands still, and nobody to tell.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use plumbline_audit::{Clock, Deliver, DeliverError, If, Key, Put, Receipt, Store, StoreError, Version, Words};
use plumbline_findings::{AlertMessage, Change, DigestMessage, Metric, Report, State};

/// What earlier audits saved.
#[derive(Debug, Default)]
pub struct Memory(Mutex<BTreeMap<Key, Vec<u8>>>);

/// It is always the same time.
#[derive(Debug)]
pub(crate) struct Stopped(pub(crate) Timestamp);

/// Says nothing to nobody.
#[derive(Debug)]
pub(crate) struct Mute;

impl Store for Memory {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        let books = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(books.get(key).map(|body| (body.clone(), Version::of(body))))
    }

    async fn put(&self, key: &Key, body: Vec<u8>, _: If) -> Result<Put, StoreError> {
        let version = Version::of(&body);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), body);
        Ok(Put::Done(version))
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        Ok(())
    }
}

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

impl Deliver for Mute {
    async fn alert(&self, _: &[AlertMessage]) -> Vec<Receipt> {
        Vec::new()
    }

    async fn digest(&self, _: &DigestMessage) -> Result<(), DeliverError> {
        Ok(())
    }

    async fn measure(&self, _: &[Metric]) -> Result<(), DeliverError> {
        Ok(())
    }
}

impl Words for Mute {
    fn alerts(&self, _: &Report, _: &[Change], _: &str) -> Vec<AlertMessage> {
        Vec::new()
    }

    fn digest(&self, _: &Report, _: &[Change], _: &str) -> Option<DigestMessage> {
        None
    }

    fn metrics(&self, _: &State, _: &Report) -> Vec<Metric> {
        Vec::new()
    }
}
