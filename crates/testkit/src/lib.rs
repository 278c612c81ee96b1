//! A known-good account for tests: the secure environment `fraud-dev` as a snapshot, its baseline as text,
//! small typed edits that break one thing at a time, and generators.
//!
//! [`known_good`] is compliant with every control and exercises every read that a control declares: hide any one of
//! them and a control that needs it can no longer be sure. Beside the environment lie bystanders that must not matter
//! (another VPC with an internet gateway, unrelated roles, a trail that does not log).
//!
//! A dev-dependency only. What it uses (`names`, `snapshot`, `findings`) must not depend on it.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "test-only: an edit of something that is not there is a mistake of the test and must stop it"
)]

pub mod baseline;
pub mod cloudtrail;
pub mod codecommit;
pub mod describe;
pub mod ec2;
mod env;
pub mod generate;
mod hide;
pub mod iam;
pub mod kms;
pub mod logs;
mod references;
pub mod s3;
pub mod sagemaker;
pub mod servicecatalog;

pub use env::{ACCOUNT, CLOSED, ENVIRONMENT, Env, NOW, OPTED_IN, REGION, STARTED, known_good, when};
pub use hide::hidable;
