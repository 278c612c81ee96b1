//! The pipeline: the order of steps, and the ports through which they reach the world.
//!
//! Claim, load, plan, collect, evaluate, compare, save, deliver, mark as sent. What is judged, and in which words it is told, is
//! decided elsewhere; AWS has no name here, and there is no clock.

mod carry;
mod checkpoint;
mod claim;
mod deliver;
mod judge;
mod ledger;
mod ports;
mod report;
mod request;
mod run;

pub use checkpoint::{CHECKPOINT_SCHEMA, Note};
pub use claim::{CLAIM_SCHEMA, Claim};
pub use deliver::Undelivered;
pub use judge::{Catalogue, Judge, Judgement, Words};
pub use ledger::{Ledger, LedgerError, Loaded};
pub use ports::{Clock, Collect, Deliver, DeliverError, Filled, If, Key, Put, Receipt, Store, StoreError, Version};
pub use report::unpack_report;
pub use request::{AuditRequest, Event, Reading, RunName, run_id};
pub use run::{AuditError, Audited, Outcome, Parked, Ports, run};
