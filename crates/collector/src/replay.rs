//! Plays recorded answers instead of AWS, and faults: an HTTP client for tests of this and other crates.
//!
//! ```
//! use plumbline_collector::replay::{Answer, Fault, Replay};
//! # const ALIASES: plumbline_snapshot::Source =
//! #     plumbline_snapshot::Source { service: "kms", operation: "ListAliases", permissions: &[] };
//! let aws = Replay::new();
//! aws.answer(&ALIASES, Answer::json(r#"{"Aliases": [], "Truncated": false}"#));
//! aws.fault_calls(&ALIASES, 0..2, Fault::Throttled);
//! let config = aws.config("eu-west-1");
//! ```
//!
//! An answer belongs to an operation; `Answer::when` narrows it to requests with some text in them, and the first one
//! added that fits wins, before those without conditions. Of several with the same conditions each is given once in
//! their order, the last one again and again. Waiting uses tokio's clock, so tests pause it.

mod answer;
mod fault;
mod record;
mod request;

use std::collections::BTreeMap;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::sdk_config::SharedCredentialsProvider;
use jiff::Timestamp;
use plumbline_names::{Operation, Region};
use plumbline_snapshot::{Details, Plan, Source};

pub use answer::Answer;
pub use fault::Fault;
pub use record::{Exchange, Recorder};
pub use request::Request;

/// AWS as a test wants it. Clones share one script and one count.
#[derive(Debug, Clone, Default)]
pub struct Replay {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    rules: BTreeMap<Operation, Vec<Rule>>,
    faults: BTreeMap<Operation, Vec<Planned>>,
    /// Regions where everything goes wrong.
    dark: BTreeMap<String, Fault>,
    latency: Duration,
    requests: Vec<Request>,
    unanswered: Vec<Request>,
}

#[derive(Debug, Clone)]
struct Rule {
    answer: Answer,
    used: bool,
}

#[derive(Debug, Clone)]
struct Planned {
    fault: Fault,
    from: u64,
    until: u64,
    made: u64,
}

/// Waits by tokio's clock, whichever features the SDK was built with.
#[derive(Debug)]
struct TokioSleep;

/// A plan that wants these sources in one Region, with no lookback and these details.
#[must_use]
pub fn plan(sources: &[&Source], region: &str, details: Details) -> Arc<Plan> {
    let region: Option<Region> = region.parse().ok();
    Arc::new(Plan {
        sources: sources.iter().map(|source| source.operation()).collect(),
        regions: region.into_iter().map(|region| (region, details.clone())).collect(),
        buckets: BTreeMap::new(),
        jobs_since: Timestamp::UNIX_EPOCH,
        tags_since: Timestamp::UNIX_EPOCH,
        until: Timestamp::UNIX_EPOCH,
    })
}

impl Replay {
    /// AWS that has no answer to anything yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// AWS that answers as it was recorded to: by the same request, or else by operation and Region in order.
    #[must_use]
    pub fn of(exchanges: &[Exchange]) -> Self {
        let replay = Self::default();
        for exchange in exchanges {
            replay.add(exchange.operation.clone(), exchange.answer());
        }
        replay
    }

    /// The same script from its beginning, without faults and counts.
    #[must_use]
    pub fn fresh(&self) -> Self {
        let state = self.state();
        let mut rules = state.rules.clone();
        rules.values_mut().flatten().for_each(|rule| rule.used = false);
        let fresh = State { rules, latency: state.latency, ..State::default() };
        Self { state: Arc::new(Mutex::new(fresh)) }
    }

    /// Adds an answer to the operation of `source`.
    pub fn answer(&self, source: &Source, answer: Answer) {
        self.add(source.operation(), answer);
    }

    /// Forgets the answers to the operation of `source`.
    pub fn forget(&self, source: &Source) {
        self.state().rules.remove(&source.operation());
    }

    /// Every answer takes so long.
    pub fn take_time(&self, latency: Duration) {
        self.state().latency = latency;
    }

    /// Answers every call of `source` with a fault.
    pub fn fault(&self, source: &Source, fault: Fault) {
        self.fault_calls(source, .., fault);
    }

    /// Answers some calls of `source` with a fault, counting from 0 and from now. A fault uses up no answer.
    pub fn fault_calls(&self, source: &Source, calls: impl RangeBounds<u64>, fault: Fault) {
        let from = match calls.start_bound() {
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before + 1,
            Bound::Unbounded => 0,
        };
        let until = match calls.end_bound() {
            Bound::Included(last) => last + 1,
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        self.state().faults.entry(source.operation()).or_default().push(Planned { fault, from, until, made: 0 });
    }

    /// Answers every call in a Region with a fault.
    pub fn fault_region(&self, region: &str, fault: Fault) {
        self.state().dark.insert(region.to_owned(), fault);
    }

    /// Ends all faults.
    pub fn heal(&self) {
        let mut state = self.state();
        state.faults.clear();
        state.dark.clear();
    }

    /// Requests by operation.
    #[must_use]
    pub fn calls(&self) -> BTreeMap<Operation, u64> {
        let mut calls = BTreeMap::new();
        for request in &self.state().requests {
            *calls.entry(request.operation.clone()).or_default() += 1;
        }
        calls
    }

    /// Requests for `source`.
    #[must_use]
    pub fn calls_of(&self, source: &Source) -> u64 {
        self.calls().get(&source.operation()).copied().unwrap_or_default()
    }

    /// Every request, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// Requests that no answer fitted; they get an error of the code `NothingRecorded`.
    #[must_use]
    pub fn unanswered(&self) -> Vec<Request> {
        self.state().unanswered.clone()
    }

    /// A config for clients of one Region: this as HTTP client, dummy credentials, no retries, tokio's clock.
    #[must_use]
    pub fn config(&self, region: &str) -> SdkConfig {
        let credentials = Credentials::new("AKIDREPLAY", "replay", None, None, "replay");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(aws_types::region::Region::new(region.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::disabled())
            .sleep_impl(TokioSleep)
            .http_client(self.clone())
            .build()
    }

    fn add(&self, operation: Operation, answer: Answer) {
        self.state().rules.entry(operation).or_default().push(Rule { answer, used: false });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The fault that a request meets, as the next call of its operation.
    fn next_fault(&mut self, request: &Request) -> Option<Fault> {
        let mut met = self.dark.get(&request.region).cloned();
        for planned in self.faults.get_mut(&request.operation).into_iter().flatten() {
            if (planned.from..planned.until).contains(&planned.made) {
                met = met.or_else(|| Some(planned.fault.clone()));
            }
            planned.made += 1;
        }
        met
    }

    /// The answer that a request gets, used up if it is `given`.
    fn next_answer(&mut self, request: &Request, given: bool) -> Option<Answer> {
        let rules = self.rules.get_mut(&request.operation)?;
        let first = |fits: &dyn Fn(&Rule) -> bool| rules.iter().find(|rule| fits(rule)).map(|rule| rule.answer.clone());
        let like = first(&|rule| rule.answer.is_conditional() && rule.answer.fits(request))
            .or_else(|| first(&|rule| rule.answer.fits(request)));
        let fits = |rule: &Rule| match &like {
            Some(like) => rule.answer.has_conditions_of(like),
            // Recorded requests may differ in something that changes from run to run: then in order.
            None => rule.answer.resembles(request),
        };
        let fresh = rules.iter().position(|rule| !rule.used && fits(rule));
        let at = fresh.or_else(|| rules.iter().rposition(fits))?;
        let rule = rules.get_mut(at)?;
        rule.used |= given;
        Some(rule.answer.clone())
    }
}

impl HttpClient for Replay {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Replay {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (request, shape) = match Request::of(request) {
            Ok(read) => read,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error))),
        };
        let mut state = self.state();
        state.requests.push(request.clone());
        let fault = state.next_fault(&request);
        let answer = state.next_answer(&request, fault.is_none());
        if answer.is_none() && fault.as_ref().is_none_or(Fault::needs_answer) {
            state.unanswered.push(request.clone());
        }
        let latency = state.latency;
        drop(state);
        HttpConnectorFuture::new(async move {
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            let answer = answer.unwrap_or_else(|| {
                Answer::error(400, "NothingRecorded", &format!("no recorded answer to {}", request.operation))
            });
            match fault {
                None => answer.response(&request),
                Some(Fault::Hang) => std::future::pending().await,
                Some(fault) => fault.response(&request, answer, shape),
            }
        })
    }
}

impl AsyncSleep for TokioSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}
