//! What one run saw in one account, and what it did not see.
//!
//! A fresh [`Snapshot`] consists of gaps; collecting fills them. Whoever asks a snapshot a question
//! gets a [`Sight`]: found, absent, or the [`Gap`] that stands in the way. Nothing here judges, holds an
//! SDK type, or holds content (objects, secrets, log lines, script bodies, hyperparameters, values of variables).

pub mod cloudtrail;
pub mod codecommit;
mod collected;
pub mod diff;
pub mod ec2;
mod gap;
pub mod iam;
pub mod kms;
pub mod logs;
mod plan;
mod prior;
mod read;
mod references;
pub mod s3;
pub mod sagemaker;
mod schema;
pub mod servicecatalog;
mod shared;
mod snapshot;
mod source;
pub mod sts;

use std::collections::BTreeMap;

pub use collected::{Collected, Passage};
pub use gap::{Gap, Outcome, Why};
pub use plan::{Details, Plan, VpcChoice};
pub use prior::{CARRIED_SCHEMA, Carried, CarriedJobs, CarriedRegion};
pub use read::{Read, Sight};
pub use schema::{FileError, MAX_FILE_BYTES, SCHEMA, pack_json};
pub use shared::Shared;
pub use snapshot::{Cost, ReadRecord, Regional, Snapshot, Window};
pub use source::Source;

/// The tags of a resource, by key. Keys and values are case-sensitive.
pub type Tags = BTreeMap<String, String>;

/// Every source that some collector reads, in the order of the services.
pub fn sources() -> impl Iterator<Item = &'static Source> {
    [
        sts::SOURCES,
        ec2::SOURCES,
        iam::SOURCES,
        sagemaker::SOURCES,
        s3::SOURCES,
        cloudtrail::SOURCES,
        kms::SOURCES,
        logs::SOURCES,
        servicecatalog::SOURCES,
        codecommit::SOURCES,
    ]
    .into_iter()
    .flatten()
    .copied()
}
