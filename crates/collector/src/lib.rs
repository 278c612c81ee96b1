//! How we read AWS politely: attempts, budgets, deadline, paging, classification of errors, progress, and the read log.
//!
//! A collector calls AWS only through a [`Reader`], which turns whatever happens into a value or a gap and never fails.
//! Nothing here names a service (but for the error dialects of [`replay`], which plays recorded answers to tests), and
//! nothing here judges.

mod attempt;
mod budget;
mod classify;
mod each;
mod endpoint;
mod listings;
mod log;
mod moment;
mod page;
mod progress;
mod reader;
pub mod replay;
mod shape;
mod way;
mod work;
mod xml;

use std::future::Future;

pub use attempt::Patience;
pub use budget::{Bucket, Share};
pub use classify::{Absent, Failure};
pub use each::each;
pub use listings::Listings;
pub use moment::moment;
pub use page::{Missing, Next, Page, Taken};
pub use progress::{Progress, Silent};
pub use reader::Reader;
pub use shape::{Check, Kind, Need, Shape, polite};
pub use work::{Forecast, Outlook, apart};

/// The reads of one service. Implemented once per service.
///
/// ```ignore
/// pub struct KmsCollector { client: aws_sdk_kms::Client }
///
/// impl KmsCollector {
///     pub fn new(config: &SdkConfig) -> Self {
///         let config = aws_sdk_kms::config::Builder::from(&polite(config)).interceptor(Check::of("kms", limits::SHAPES));
///         Self { client: aws_sdk_kms::Client::from_conf(config.build()) }
///     }
/// }
///
/// impl Collector for KmsCollector {
///     type Fragment = Kms;
///     async fn fill(&self, reader: &Reader, kms: &mut Kms) {
///         let reader = &reader.with_buckets(limits::BUCKETS);
///         reader
///             .list(
///                 &kms::ALIASES,
///                 &mut kms.aliases,
///                 |marker| self.client.list_aliases().limit(100).set_marker(marker).send(),
///                 |answer| Page::of(convert::aliases(&answer), Next::flagged(answer.truncated, answer.next_marker)),
///             )
///             .await;
///     }
/// }
/// ```
pub trait Collector {
    /// The part of the snapshot that it fills.
    type Fragment;

    /// Fills the gaps that the plan wants and the deadline allows. Cannot fail: what is not seen stays a gap.
    fn fill(&self, reader: &Reader, fragment: &mut Self::Fragment) -> impl Future<Output = ()> + Send;
}

#[cfg(test)]
mod tests;
