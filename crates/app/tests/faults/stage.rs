//! An audit of a recorded account: the whole pipeline on played answers, in virtual time.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_config::SdkConfig;
use jiff::{SignedDuration, Timestamp};
use plumbline_app::{Access, Fleet, Pace, Patience, Share, Silent};
use plumbline_audit::{AuditRequest, Catalogue, Collect, Filled, Outcome, Ports, Reading, RunName, run};
use plumbline_collector::replay::{Fault, Replay, Request};
use plumbline_evaluator::baseline::{LoadContext, load};
use plumbline_evaluator::{Baseline, Scope, controls};
use plumbline_findings::{BaselineInfo, Report, Trigger, utc_day};
use plumbline_names::{Operation, Partition};
use plumbline_snapshot::{Plan, Snapshot, Source};
use tokio::time::Instant;

use crate::account::Account;
use crate::ports::{Memory, Mute, Stopped};
use crate::record::Recording;

/// Where everything is.
pub(crate) const REGION: &str = "eu-west-1";
/// An endpoint like the emulator's, since the requests recorded went to one; only the host matters.
pub(crate) const ENDPOINT: &str = "http://127.0.0.1:5000";
/// What each answer takes.
pub(crate) const LATENCY: Duration = Duration::from_millis(50);

/// An account to audit again and again, each time for the first time, or if it is known for the second.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) aws: Replay,
    pub(crate) baseline: Baseline,
    text: String,
    pub(crate) started_at: Timestamp,
    pub(crate) finished_at: Timestamp,
    /// What earlier audits saved.
    memory: Memory,
}

/// What an audit saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Its report.
    pub(crate) report: Report,
    /// How long the reading took, in virtual time.
    pub(crate) took: Duration,
    /// Requests by operation.
    pub(crate) calls: BTreeMap<Operation, u64>,
    /// Requests that were not recorded.
    pub(crate) unanswered: Vec<Request>,
}

/// A fleet whose reading is as old as the recording, and timed.
pub(crate) struct Timed {
    pub(crate) fleet: Fleet,
    pub(crate) finished_at: Timestamp,
    pub(crate) took: AtomicU64,
}

impl Collect for Timed {
    async fn fill(&self, plan: &Plan, snapshot: &mut Snapshot, slice: Option<SignedDuration>) -> Filled {
        let started = Instant::now();
        let filled = self.fleet.fill(plan, snapshot, slice).await;
        let took = u64::try_from(started.elapsed().as_millis()).unwrap();
        self.took.store(took, Ordering::Relaxed);
        snapshot.window.finished_at = self.finished_at;
        filled
    }
}

/// The account's baseline and its text, as of some time.
pub(crate) fn baseline(account: &Account, at: Timestamp) -> (Baseline, String) {
    let text = account.baseline();
    let catalogue: Vec<_> = controls().map(|control| control.info).collect();
    let context = LoadContext { today: utc_day(at), controls: &catalogue };
    let baseline = load(&text, "baseline.yaml", &context).unwrap_or_else(|error| panic!("{error}"));
    (baseline, text)
}

/// The fleet of the account of `baseline` through `config`: as patient as a real one, and without a deadline.
pub(crate) fn fleet(config: SdkConfig, baseline: &Baseline, share: Share) -> Fleet {
    fleet_until(config, baseline, share, None)
}

/// The same with a deadline.
pub(crate) fn fleet_until(config: SdkConfig, baseline: &Baseline, share: Share, deadline: Option<Instant>) -> Fleet {
    let account = baseline.account_id.clone();
    let access = Access::through(config, account, Partition::named("aws"), REGION.parse().unwrap());
    Fleet::new(access, Pace { share, deadline, patience: Patience::default(), progress: Arc::new(Silent) })
}

impl Stage {
    /// The account as it was recorded.
    pub(crate) fn of(account: &Account) -> Self {
        let Recording { started_at, finished_at, exchanges } = Recording::of(account);
        let (baseline, text) = baseline(account, started_at);
        let aws = Replay::of(&exchanges);
        aws.take_time(LATENCY);
        let stage = Self { aws, baseline, text, started_at, finished_at, memory: Memory::default() };
        if account.known {
            stage.run("first", |_| {}, None, &stage.memory);
        }
        stage
    }

    /// Audits it; what is asked of a source that goes wrong goes wrong every time.
    pub(crate) fn audit(&self, wrong: Option<(&'static Source, Fault)>) -> Seen {
        let trouble = |aws: &Replay| wrong.into_iter().for_each(|(source, fault)| aws.fault(source, fault));
        self.run("next", trouble, None, &self.memory.clone())
    }

    /// Audits it in any trouble, for no longer than `time`.
    pub(crate) fn audit_within(&self, time: Duration, trouble: impl FnOnce(&Replay)) -> Seen {
        self.run("next", trouble, Some(time), &self.memory.clone())
    }

    fn run(&self, name: &str, trouble: impl FnOnce(&Replay), time: Option<Duration>, memory: &Memory) -> Seen {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let aws = self.aws.fresh();
        trouble(&aws);
        let config = aws.config(REGION).to_builder().endpoint_url(ENDPOINT).build();
        let deadline = runtime.block_on(async { time.map(|time| Instant::now() + time) });
        let fleet = fleet_until(config, &self.baseline, Share::default(), deadline);
        let collect = Timed { fleet, finished_at: self.finished_at, took: AtomicU64::default() };
        let ports = Ports { collect: &collect, store: memory, deliver: &Mute, clock: &Stopped(self.started_at) };
        let judge = Catalogue { baseline: &self.baseline, scope: &Scope::default() };
        let outcome = runtime.block_on(run(&ports, (&judge, &Mute), &self.request(name))).unwrap();
        let Outcome::Audited(audited) = outcome else { panic!("there is no event that could be held") };
        let took = Duration::from_millis(collect.took.load(Ordering::Relaxed));
        Seen { report: audited.report, took, calls: aws.calls(), unanswered: aws.unanswered() }
    }

    pub(crate) fn request(&self, name: &str) -> AuditRequest {
        AuditRequest {
            run: RunName::Given(name.to_owned()),
            trigger: Trigger::Cli,
            reason: None,
            event: None,
            account: self.baseline.account_id.clone(),
            partition: Partition::named("aws"),
            scope: Vec::new(),
            baseline: BaselineInfo {
                file: self.baseline.file.clone(),
                sha256: self.baseline.sha256.clone(),
                accepted: self.baseline.accepted.clone(),
                changed_from: None,
            },
            baseline_text: self.text.clone(),
            state_uri: "state".to_owned(),
            publish: false,
            deadline: self.finished_at + SignedDuration::from_hours(1),
            version: "0".to_owned(),
            reading: Reading::ONCE,
        }
    }
}
