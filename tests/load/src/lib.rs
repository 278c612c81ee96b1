//! A server that answers like the services which an audit asks, and a driver that measures audits against it.
//!
//! The account is generated, of any size, page by page. The server keeps the published rate limits by a table of its own,
//! counts what it is asked, and can be told to throttle, fail and cut. It has two fronts: an HTTP client in the process,
//! for virtual time, and a listener on the loopback, for the real command. What an audit should cost is worked out from
//! the account alone. Nothing here is part of the product.

pub mod account;
pub mod answer;
pub mod baseline;
pub mod command;
pub mod connector;
pub mod faults;
#[path = "../../../bench/figures.rs"]
#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the bench prints, and keeps its figures in a file"
)]
pub mod figures;
pub mod least;
pub mod limits;
pub mod listener;
pub mod ports;
pub mod request;
pub mod results;
pub mod server;
pub mod stage;

mod cloudtrail;
mod ec2;
mod iam;
mod kms;
mod logs;
mod s3;
mod sagemaker;

pub use account::{Account, Size};
pub use faults::Faults;
pub use limits::Limits;
pub use server::Server;
