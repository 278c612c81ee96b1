//! A token bucket for each API, shared by all reads of a run, and the least time that the limits allow.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plumbline_names::Region;
use plumbline_snapshot::Source;
use tokio::time::Instant;

use crate::classify::Failure;

/// The rate limit of one API, or of several that share one, as AWS counts it: per account and Region.
///
/// Each collector lists its buckets in `limits.rs`. What stands in no list gets [`Bucket::UNLISTED`] of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The operations that draw from it.
    pub sources: &'static [&'static Source],
    /// How many calls it holds when full.
    pub burst: f64,
    /// Calls that it gains a second.
    pub rate: f64,
    /// The rate that may be tried after a while without a throttle, where AWS publishes none; else the same as `rate`.
    pub ceiling: f64,
    /// Where the figures come from: the page's title, the issue, or that AWS publishes none.
    pub origin: &'static str,
}

/// The share of every limit that a run may use, since limits belong to the whole account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(Option<f64>);

/// The buckets of a run.
#[derive(Debug)]
pub(crate) struct Budgets {
    share: Share,
    accounts: Mutex<BTreeMap<Key, Arc<Account>>>,
}

/// Region (none for global services), service, and the first operation of the bucket.
type Key = (Option<Region>, &'static str, &'static str);

/// One bucket at work.
#[derive(Debug)]
pub(crate) struct Account {
    bucket: Bucket,
    share: Option<f64>,
    /// Held by whoever is next in line, so that tokens are given out in the order of asking.
    line: tokio::sync::Mutex<()>,
    level: Mutex<Level>,
}

/// The changing part of a bucket.
#[derive(Debug)]
struct Level {
    tokens: f64,
    as_of: Instant,
    /// Calls gained a second now, as far as throttles have shown.
    rate: f64,
    /// The highest rate so far.
    peak: f64,
    /// The highest rate that may still be tried.
    ceiling: f64,
    /// When it was last halved.
    halved: Option<Instant>,
    calls: u64,
    /// Reads in a row that used up their attempts.
    losses: u32,
    /// What further reads end with.
    hopeless: Option<Failure>,
}

/// The rate is halved at most this often: many calls in flight meet one and the same throttle.
const HALVING_PAUSE: Duration = Duration::from_secs(1);
/// The rate never falls below this part of what is allowed.
const FLOOR: f64 = 1.0 / 32.0;
/// Each answered call adds this part of the allowed rate, up to what is allowed.
const RETURN: f64 = 0.1;
/// Beyond that each adds this part, where a higher rate may be tried.
const RECOVERY: f64 = 0.02;
/// A rate that was tried and throttled is not tried again: at most this part of it.
const BACK: f64 = 0.8;
/// After so many reads in a row that used up their attempts, the next ones get one attempt each until one succeeds.
const LOSSES: u32 = 3;
/// After so many, no more is asked: 1,000 reads that each wait for an answer in vain would outlive any deadline.
const HOPELESS: u32 = 20;

impl Bucket {
    /// What an operation gets that no list names.
    pub const UNLISTED: Self = Self::guess(&[], 5.0, 5.0, "AWS publishes none");

    /// A limit that AWS publishes.
    #[must_use]
    pub const fn published(sources: &'static [&'static Source], burst: f64, rate: f64, origin: &'static str) -> Self {
        Self { sources, burst, rate, ceiling: rate, origin }
    }

    /// A limit that AWS does not publish: start here, and try up to four times the rate while nothing is throttled.
    #[must_use]
    pub const fn guess(sources: &'static [&'static Source], burst: f64, rate: f64, origin: &'static str) -> Self {
        Self { sources, burst, rate, ceiling: rate * 4.0, origin }
    }
}

impl Share {
    /// No limit at all, as for an emulator.
    pub const OFF: Self = Self(None);

    /// A share above 0 and up to 1; `None` for anything else.
    #[must_use]
    pub fn of(share: f64) -> Option<Self> {
        (share > 0.0 && share <= 1.0).then_some(Self(Some(share)))
    }
}

impl Default for Share {
    /// Half of every limit.
    fn default() -> Self {
        Self(Some(0.5))
    }
}

impl Budgets {
    pub(crate) fn new(share: Share) -> Self {
        Self { share, accounts: Mutex::default() }
    }

    /// The bucket that `source` draws from in `region`, by the list of its collector.
    pub(crate) fn account(&self, buckets: &[Bucket], source: &'static Source, region: Option<&Region>) -> Arc<Account> {
        let bucket = buckets.iter().find(|bucket| bucket.sources.contains(&source)).unwrap_or(&Bucket::UNLISTED);
        let first = bucket.sources.first().copied().unwrap_or(source);
        let key = (region.cloned(), first.service, first.operation);
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.entry(key).or_insert_with(|| Arc::new(Account::new(*bucket, self.share.0))).clone()
    }

    /// The least time that the limits allow for the calls made so far: `max over b of (N - φB) / (φr)`.
    ///
    /// Where a guessed rate was exceeded without a throttle, the highest rate counts, since it was allowed.
    pub(crate) fn bound(&self) -> Duration {
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.values().map(|account| account.bound()).max().unwrap_or_default()
    }
}

impl Account {
    fn new(bucket: Bucket, share: Option<f64>) -> Self {
        let rate = bucket.rate * share.unwrap_or(1.0);
        let level = Level {
            tokens: (bucket.burst * share.unwrap_or(1.0)).max(1.0),
            as_of: Instant::now(),
            rate,
            peak: rate,
            ceiling: bucket.ceiling.max(bucket.rate) * share.unwrap_or(1.0),
            halved: None,
            calls: 0,
            losses: 0,
            hopeless: None,
        };
        Self { bucket, share, line: tokio::sync::Mutex::default(), level: Mutex::new(level) }
    }

    /// Waits in line for a token and takes it. Dropping the future gives up the place without taking one.
    pub(crate) async fn pay(&self) {
        let _place = self.line.lock().await;
        while let Some(wait) = self.try_pay() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes a token, or says how long it takes until there is one.
    fn try_pay(&self) -> Option<Duration> {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        if self.share.is_some() {
            let now = Instant::now();
            let gained = now.duration_since(level.as_of).as_secs_f64() * level.rate;
            level.tokens = (level.tokens + gained).min(self.burst());
            level.as_of = now;
            if level.tokens < 1.0 {
                // The timer counts whole milliseconds: the extra one saves a second wait.
                return Some(Duration::from_secs_f64((1.0 - level.tokens) / level.rate) + Duration::from_millis(1));
            }
            level.tokens -= 1.0;
        }
        level.calls += 1;
        None
    }

    /// A call was answered by a throttle: what was saved up is gone, and the rate is halved, or goes back to what is allowed
    /// where a higher one was being tried.
    pub(crate) fn throttled(&self) {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        level.tokens = level.tokens.min(0.0);
        level.as_of = now;
        if level.halved.is_none_or(|halved| now.duration_since(halved) >= HALVING_PAUSE) {
            level.halved = Some(now);
            let allowed = self.allowed();
            if level.rate > allowed {
                // It was tried upwards, and that was too much: what is allowed is not in doubt.
                level.ceiling = (level.rate * BACK).max(allowed);
                level.rate = allowed;
                level.peak = level.peak.min(level.ceiling);
            } else {
                level.rate = (level.rate / 2.0).max(allowed * FLOOR);
            }
        }
    }

    /// A call was answered otherwise: the rate grows a little, back to what is allowed, or on towards the ceiling.
    pub(crate) fn answered(&self) {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let step = if level.rate < self.allowed() { RETURN } else { RECOVERY };
        level.rate = (level.rate + self.allowed() * step).min(level.ceiling);
        level.peak = level.peak.max(level.rate);
    }

    /// Whether so many reads in a row came to nothing that the next one gets a single attempt.
    pub(crate) fn is_weary(&self) -> bool {
        self.level.lock().unwrap_or_else(PoisonError::into_inner).losses >= LOSSES
    }

    /// A read used up its attempts.
    pub(crate) fn lost(&self, failure: &Failure) {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        level.losses = level.losses.saturating_add(1);
        if level.losses >= HOPELESS {
            let detail = format!("not asked any more after {} failures in a row: {}", level.losses, failure.detail);
            level.hopeless.get_or_insert_with(|| Failure::own(failure.why, detail, false));
        }
    }

    /// A read had its answer.
    pub(crate) fn won(&self) {
        self.level.lock().unwrap_or_else(PoisonError::into_inner).losses = 0;
    }

    /// What every further read ends with, once so many came to nothing that asking on would only use up the run's time.
    pub(crate) fn hopeless(&self) -> Option<Failure> {
        self.level.lock().unwrap_or_else(PoisonError::into_inner).hopeless.clone()
    }

    /// How long so many more calls take at the rate of now; none without a limit.
    pub(crate) fn time_for(&self, calls: f64) -> Option<Duration> {
        self.share?;
        let level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let gained = Instant::now().duration_since(level.as_of).as_secs_f64() * level.rate;
        let held = (level.tokens + gained).min(self.burst());
        Duration::try_from_secs_f64((calls - held).max(0.0) / level.rate).ok()
    }

    /// Calls a second that the share allows.
    fn allowed(&self) -> f64 {
        self.bucket.rate * self.share.unwrap_or(1.0)
    }

    fn bound(&self) -> Duration {
        let level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let beyond_burst = level.calls as f64 - self.burst();
        Duration::try_from_secs_f64(beyond_burst.max(0.0) / level.peak).unwrap_or_default()
    }

    /// Calls that may be made at once.
    fn burst(&self) -> f64 {
        (self.bucket.burst * self.share.unwrap_or(1.0)).max(1.0)
    }
}
