//! The whole pipeline in memory: a world that outlives runs, and the ports of one run, which die, meet another run or are
//! refused where a test says so. Time is what the test says, and nothing waits.
#![allow(dead_code, reason = "each test program uses its own part")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use jiff::{SignedDuration, Timestamp};
use plumbline_audit::{
    AuditError, AuditRequest, Catalogue, Clock, Collect, Deliver, DeliverError, Event, Filled, If, Key, Outcome, Ports,
    Put, Reading, Receipt, RunName, Store, StoreError, Version, Words, run,
};
use plumbline_evaluator::baseline::{LoadContext, load};
use plumbline_evaluator::{Baseline, Scope};
use plumbline_findings::{AlertMessage, BaselineInfo, Change, DigestMessage, Metric, Report, State, Trigger, utc_day};
use plumbline_names::{AccountId, Operation, Partition};
use plumbline_snapshot::{Plan, ReadRecord, Snapshot};
use plumbline_testkit::{ACCOUNT, Env, NOW};

/// What outlives a run: the store, and what subscribers and CloudWatch got.
#[derive(Debug, Clone, Default)]
pub(crate) struct World {
    objects: BTreeMap<String, (Vec<u8>, usize)>,
    versions: usize,
    pub(crate) alerts: Vec<AlertMessage>,
    pub(crate) digests: Vec<DigestMessage>,
    pub(crate) metrics: Vec<Metric>,
}

impl World {
    /// The state as the last run left it.
    pub(crate) fn state(&self) -> State {
        match self.objects.get(&format!("{ACCOUNT}/state.json")) {
            Some((body, _)) => State::from_bytes(body).unwrap(),
            None => State::empty(account()),
        }
    }

    /// The names of everything that is kept.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().map(String::as_str)
    }
}

/// Where a run dies: at this port call, before or after it took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Death {
    pub(crate) call: usize,
    pub(crate) after: bool,
}

/// Something that happens just before the port call of this number.
pub(crate) type Meanwhile<'a> = (usize, Box<dyn Fn() + Send + Sync + 'a>);

/// One run's own: what it reads, when, and how it fares.
pub(crate) struct Shell<'a> {
    pub(crate) world: &'a Mutex<World>,
    pub(crate) env: Env,
    pub(crate) at: Timestamp,
    pub(crate) name: String,
    pub(crate) trigger: Trigger,
    pub(crate) event: Option<String>,
    pub(crate) scope: Vec<String>,
    pub(crate) publish: bool,
    /// Alerts that contain this are refused.
    pub(crate) refused: Option<String>,
    pub(crate) death: Option<Death>,
    pub(crate) meanwhile: Option<Meanwhile<'a>>,
    /// The port calls so far, by name.
    pub(crate) calls: Mutex<Vec<String>>,
}

pub(crate) fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

/// The environment's baseline, as of a moment.
pub(crate) fn baseline_of(env: &Env, at: Timestamp) -> Baseline {
    let loaded = load(&env.baseline, "baseline.yaml", &LoadContext::on(utc_day(at)));
    match loaded.and_then(|baseline| baseline.with_references(&env.references)) {
        Ok(baseline) => baseline,
        Err(error) => panic!("{error}"),
    }
}

/// The end of a future that never waits.
fn ready<T>(future: impl Future<Output = T> + Send) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

struct Killed;

impl<'a> Shell<'a> {
    /// A scheduled run of everything, which publishes and lives.
    pub(crate) fn new(world: &'a Mutex<World>, env: Env, at: Timestamp) -> Self {
        Self {
            world,
            env,
            at,
            name: "run".to_owned(),
            trigger: Trigger::Schedule,
            event: None,
            scope: Vec::new(),
            publish: true,
            refused: None,
            death: None,
            meanwhile: None,
            calls: Mutex::new(Vec::new()),
        }
    }

    fn request(&self, baseline: &Baseline) -> AuditRequest {
        AuditRequest {
            run: RunName::Given(self.name.clone()),
            trigger: self.trigger,
            reason: None,
            event: self.event.as_ref().map(|id| Event { id: id.clone() }),
            account: account(),
            partition: Partition::named("aws"),
            scope: self.scope.clone(),
            baseline: BaselineInfo {
                file: baseline.file.clone(),
                sha256: baseline.sha256.clone(),
                accepted: baseline.accepted.clone(),
                changed_from: None,
            },
            baseline_text: self.env.baseline.clone(),
            state_uri: "s3://audit/state".to_owned(),
            publish: self.publish,
            deadline: self.at + SignedDuration::from_mins(15),
            version: "0.0.0".to_owned(),
            reading: Reading::ONCE,
        }
    }

    /// Audits, with the real controls and the real words.
    pub(crate) fn audit(&self) -> Result<Outcome, AuditError> {
        let baseline = baseline_of(&self.env, self.at);
        let mut scope = Scope::default();
        for word in &self.scope {
            scope.add(word).unwrap();
        }
        let ports = Ports { collect: self, store: self, deliver: self, clock: self };
        let judge = Catalogue { baseline: &baseline, scope: &scope };
        ready(run(&ports, (&judge, &Rendered), &self.request(&baseline)))
    }

    /// Audits until it ends or dies; none where it died.
    pub(crate) fn audit_until_death(&self) -> Option<Outcome> {
        match catch_unwind(AssertUnwindSafe(|| self.audit())) {
            Ok(outcome) => Some(outcome.unwrap()),
            Err(payload) if payload.is::<Killed>() => None,
            Err(payload) => resume_unwind(payload),
        }
    }

    /// One port call: what happens meanwhile, its effect, and death before or after it.
    fn call<T>(&self, name: String, effect: impl FnOnce(&mut World) -> T) -> T {
        let call = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(name);
            calls.len() - 1
        };
        if let Some((at, meanwhile)) = &self.meanwhile
            && *at == call
        {
            meanwhile();
        }
        let dies = |after| self.death == Some(Death { call, after });
        if dies(false) {
            resume_unwind(Box::new(Killed));
        }
        let value = effect(&mut self.world.lock().unwrap());
        if dies(true) {
            resume_unwind(Box::new(Killed));
        }
        value
    }
}

impl Collect for Shell<'_> {
    async fn fill(&self, plan: &Plan, snapshot: &mut Snapshot, _: Option<SignedDuration>) -> Filled {
        self.call("read the account".to_owned(), |_| {
            assert_eq!(plan.until, snapshot.window.started_at);
            *snapshot = self.env.snapshot.clone();
            // What is not planned is not read.
            let planned = |read: &ReadRecord| plan.sources.contains(&Operation::new(&read.service, &read.operation));
            snapshot.reads.retain(planned);
            snapshot.window.started_at = self.at - (NOW - plumbline_testkit::STARTED);
            snapshot.window.finished_at = self.at;
        });
        Filled::Done
    }
}

impl Store for Shell<'_> {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        self.call(format!("get {key}"), |world| {
            let object = world.objects.get(key.as_str());
            Ok(object.map(|(body, version)| (body.clone(), Version(version.to_string()))))
        })
    }

    async fn put(&self, key: &Key, body: Vec<u8>, when: If) -> Result<Put, StoreError> {
        self.call(format!("put {key}"), |world| {
            let there = world.objects.get(key.as_str()).map(|(_, version)| Version(version.to_string()));
            let holds = match when {
                If::Absent => there.is_none(),
                If::Unchanged(version) => there == Some(version),
                If::Anything => true,
            };
            if !holds {
                return Ok(Put::Lost);
            }
            world.versions += 1;
            let version = world.versions;
            world.objects.insert(key.to_string(), (body, version));
            Ok(Put::Done(Version(version.to_string())))
        })
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.call(format!("remove {key}"), |world| {
            world.objects.remove(key.as_str());
            Ok(())
        })
    }
}

impl Deliver for Shell<'_> {
    async fn alert(&self, owed: &[AlertMessage]) -> Vec<Receipt> {
        self.call(format!("send {} alerts", owed.len()), |world| {
            let mut receipts = Vec::new();
            for message in owed {
                let refused = self.refused.as_ref().is_some_and(|word| message.body.contains(word));
                if !refused {
                    world.alerts.push(message.clone());
                }
                let outcome = if refused { Err(DeliverError("throttled".to_owned())) } else { Ok(()) };
                receipts.push(Receipt { id: message.id.clone(), outcome });
            }
            receipts
        })
    }

    async fn digest(&self, owed: &DigestMessage) -> Result<(), DeliverError> {
        self.call("send a digest".to_owned(), |world| {
            world.digests.push(owed.clone());
            Ok(())
        })
    }

    async fn measure(&self, metrics: &[Metric]) -> Result<(), DeliverError> {
        self.call("publish metrics".to_owned(), |world| {
            world.metrics.extend(metrics.iter().cloned());
            Ok(())
        })
    }
}

impl Clock for Shell<'_> {
    fn now(&self) -> Timestamp {
        self.at
    }
}

/// The words that leave in earnest.
struct Rendered;

impl Words for Rendered {
    fn alerts(&self, report: &Report, changes: &[Change], report_uri: &str) -> Vec<AlertMessage> {
        plumbline_render::alerts(report, changes, report_uri)
    }

    fn digest(&self, report: &Report, changes: &[Change], report_uri: &str) -> Option<DigestMessage> {
        plumbline_render::digest(report, changes, report_uri)
    }

    fn metrics(&self, state: &State, report: &Report) -> Vec<Metric> {
        plumbline_render::metrics(state, report)
    }
}
