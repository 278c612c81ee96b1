//! The server: an account behind its rate limits, which counts what it is asked. The fronts bring requests to it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::account::Account;
use crate::answer::answer;
use crate::faults::{Fault, Faults};
use crate::limits::{Levels, Limits};
use crate::request::{Answer, Request};

/// AWS, as far as an audit asks it.
#[derive(Debug)]
pub struct Server {
    /// What there is.
    pub account: Account,
    /// How fast it may be asked.
    pub limits: Limits,
    /// How long a request takes from the asker and back.
    pub latency: Duration,
    faults: Faults,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    levels: Levels,
    tallies: BTreeMap<String, Tally>,
    asked: u64,
    started: Option<Instant>,
}

/// What was asked of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All requests.
    pub calls: u64,
    /// Of these: faster than the limit allows.
    pub too_fast: u64,
    /// Of these: troubled by a planned fault.
    pub troubled: u64,
    /// When the first one came, counted from the first request of all.
    pub first: Duration,
    /// When the last one came, counted so too.
    pub last: Duration,
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// An answer.
    Answer(Answer),
    /// Nothing: the connection is cut.
    Cut,
}

enum Fate {
    Served,
    Throttled,
    Failed,
    Cut,
}

impl Server {
    /// A server of an account.
    #[must_use]
    pub fn new(account: Account, limits: Limits, latency: Duration, faults: Faults) -> Self {
        Self { account, limits, latency, faults, state: Mutex::default() }
    }

    /// Answers a request, after as long as it takes.
    pub async fn ask(&self, request: &Request) -> Reply {
        self.travel().await;
        let reply = match self.fate(request) {
            Fate::Served => Reply::Answer(answer(&self.account, request)),
            Fate::Throttled => Reply::Answer(request.throttled()),
            Fate::Failed => Reply::Answer(request.failed()),
            Fate::Cut => Reply::Cut,
        };
        self.travel().await;
        reply
    }

    /// What was asked so far, by operation such as `ec2:DescribeVpcs`.
    #[must_use]
    pub fn tallies(&self) -> BTreeMap<String, Tally> {
        self.state().tallies.clone()
    }

    /// All requests so far.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().tallies.values().map(|tally| tally.calls).sum()
    }

    /// Requests so far to one service.
    #[must_use]
    pub fn calls_of(&self, service: &str) -> u64 {
        let of = |name: &str| name.split(':').next() == Some(service);
        self.state().tallies.iter().filter(|(name, _)| of(name)).map(|(_, tally)| tally.calls).sum()
    }

    /// Forgets what was asked; the buckets stay as they are.
    pub fn forget(&self) {
        let mut state = self.state();
        state.tallies.clear();
        state.started = None;
    }

    async fn travel(&self) {
        if !self.latency.is_zero() {
            sleep(self.latency / 2).await;
        }
    }

    fn fate(&self, request: &Request) -> Fate {
        let name = request.name();
        let mut state = self.state();
        let now = Instant::now();
        let started = *state.started.get_or_insert(now);
        let fault = self.faults.of(state.asked);
        state.asked += 1;
        let paged = request.has("MaxResults");
        let bucket = self.limits.of(&request.service, &request.operation, paged);
        let in_time = bucket.is_none_or(|bucket| state.levels.take(&name, bucket));
        let tally = state.tallies.entry(name).or_default();
        let at = now.saturating_duration_since(started);
        if tally.calls == 0 {
            tally.first = at;
        }
        tally.calls += 1;
        tally.last = at;
        if !in_time {
            tally.too_fast += 1;
            return Fate::Throttled;
        }
        tally.troubled += u64::from(fault.is_some());
        match fault {
            None => Fate::Served,
            Some(Fault::Throttled) => Fate::Throttled,
            Some(Fault::Failed) => Fate::Failed,
            Some(Fault::Cut) => Fate::Cut,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
