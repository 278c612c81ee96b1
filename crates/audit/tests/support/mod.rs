//! In-memory ports, one of which dies at any chosen step, and a judge that sees what the test says.
#![allow(dead_code, reason = "each test program uses its own part")]

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use jiff::{SignedDuration, Timestamp};
use plumbline_audit::{
    AuditError, AuditRequest, Audited, Clock, Collect, Deliver, DeliverError, Event, Filled, If, Judge, Judgement, Key,
    Outcome, Ports, Put, Reading, Receipt, RunName, Store, StoreError, Version, Words, run, run_id,
};
use plumbline_findings::{
    AlertMessage, Area, Assessment, AttributeValue, BaselineInfo, Change, ControlInfo, DigestMessage, Judged, Maps,
    Metric, Observed, Origin, Report, Severity, State, Subject, SubjectSet, Trigger, Unit, Verdict,
};
use plumbline_names::{AccountId, Operation, Partition, ResourceRef};
use plumbline_snapshot::{Plan, Snapshot};

const fn control(id: &'static str) -> ControlInfo {
    ControlInfo {
        id,
        name: "a-slug",
        title: "The desired state.",
        area: Area::Network,
        severity: Severity::High,
        origin: Origin::Seed,
        scope: "env",
        rationale: "Because.",
        decided: "So.",
        remediation: "Mend it.",
        maps: Maps { securityhub: &[], cis: &[], nist: &[] },
    }
}

pub(crate) static NET: ControlInfo = control("NET-02");
pub(crate) static SMK: ControlInfo = control("SMK-12");

pub(crate) fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

pub(crate) fn hour(hours: i64) -> Timestamp {
    "2026-09-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
}

/// The verdict of a control on a resource of `dev`.
pub(crate) fn verdict(control: &'static ControlInfo, name: &str, verdict: Verdict) -> Assessment {
    Assessment {
        control,
        subject: Subject {
            environment: "dev".into(),
            region: Some("eu-west-1".parse().unwrap()),
            resource: ResourceRef::new(format!("arn:aws:x:eu-west-1:111122223333:{name}"), "AWS::EC2::VPC", name),
            aspect: None,
        },
        verdict,
        reason: None,
        severity: control.severity,
        message: format!("{name} is {verdict}").into(),
        evidence: vec![],
        whole_set: false,
        ended: None,
        cause: None,
    }
}

pub(crate) fn bad(name: &str) -> Assessment {
    verdict(&NET, name, Verdict::NonCompliant)
}

pub(crate) fn good(name: &str) -> Assessment {
    verdict(&NET, name, Verdict::Compliant)
}

/// Everything that outlives a run: the store, what subscribers got, and how the world misbehaves.
#[derive(Default)]
pub(crate) struct World {
    objects: Mutex<BTreeMap<Key, (Vec<u8>, usize)>>,
    /// The alerts that subscribers got, in order, by id and body.
    pub(crate) alerts: Mutex<Vec<(String, String)>>,
    pub(crate) digests: Mutex<Vec<String>>,
    pub(crate) metrics: Mutex<Vec<Metric>>,
    /// Alerts whose id's finding is among these fail.
    pub(crate) refused: Mutex<BTreeSet<String>>,
    pub(crate) no_digest: Mutex<bool>,
    pub(crate) no_metrics: Mutex<bool>,
    calls: AtomicUsize,
    pub(crate) versions: AtomicUsize,
}

/// Where a run dies: at this port call, before or after it took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Death {
    pub(crate) call: usize,
    pub(crate) after: bool,
}

/// The ports of one run.
pub(crate) struct Run<'a> {
    pub(crate) world: &'a World,
    pub(crate) now: Mutex<Timestamp>,
    pub(crate) seen: Vec<Assessment>,
    /// The controls that the run judges.
    pub(crate) controls: Vec<&'static ControlInfo>,
    pub(crate) death: Option<Death>,
    /// Something that happens just before this run's port call of that number.
    pub(crate) meanwhile: Option<(usize, Box<dyn Fn() + Send + Sync + 'a>)>,
    pub(crate) credentials_of: AccountId,
    /// The port call whose write takes effect and answers that it lost.
    pub(crate) lost_answer: Option<usize>,
    /// The port call whose write says that it lost though nobody was faster.
    pub(crate) conflict: Option<usize>,
    pub(crate) calls: AtomicUsize,
    pub(crate) run: String,
    /// How many slices the reading takes, of a minute each.
    pub(crate) slices: u32,
    /// When the run's time is up.
    pub(crate) over: Timestamp,
}

impl World {
    pub(crate) fn run(&self, hours: i64, seen: Vec<Assessment>) -> Run<'_> {
        Run {
            world: self,
            now: Mutex::new(hour(hours)),
            seen,
            controls: vec![&NET, &SMK],
            death: None,
            meanwhile: None,
            credentials_of: account(),
            lost_answer: None,
            conflict: None,
            calls: AtomicUsize::new(0),
            run: run_id(hour(hours), "test"),
            slices: 1,
            over: Timestamp::MAX,
        }
    }

    pub(crate) fn state(&self) -> State {
        let objects = self.objects.lock().unwrap();
        match objects.get(&Key::of(&["111122223333", "state.json"])) {
            Some((body, _)) => State::from_bytes(body).unwrap(),
            None => State::empty(account()),
        }
    }

    pub(crate) fn keys(&self) -> Vec<String> {
        self.objects.lock().unwrap().keys().map(ToString::to_string).collect()
    }

    pub(crate) fn object(&self, key: &Key) -> Option<Vec<u8>> {
        self.objects.lock().unwrap().get(key).map(|(body, _)| body.clone())
    }

    pub(crate) fn place(&self, key: &Key, body: Vec<u8>) {
        self.objects.lock().unwrap().insert(key.clone(), (body, 0));
    }

    /// How often each alert arrived.
    pub(crate) fn arrived(&self) -> BTreeMap<String, usize> {
        let mut arrived = BTreeMap::new();
        for (id, _) in self.alerts.lock().unwrap().iter() {
            *arrived.entry(id.clone()).or_default() += 1;
        }
        arrived
    }
}

pub(crate) fn request(run: &Run<'_>) -> AuditRequest {
    AuditRequest {
        run: RunName::Given(run.run.clone()),
        trigger: Trigger::Schedule,
        reason: None,
        event: None,
        account: account(),
        partition: Partition::named("aws"),
        scope: vec![],
        baseline: BaselineInfo { file: "b.yaml".into(), sha256: "ab".into(), accepted: vec![], changed_from: None },
        baseline_text: "version: 1".into(),
        state_uri: "s3://bucket/prefix/".into(),
        publish: true,
        deadline: *run.now.lock().unwrap() + SignedDuration::from_mins(15),
        reading: Reading::ONCE,
        version: "0.1.0".into(),
    }
}

/// A request that takes over what the last run left, and puts by what it reads every minute.
pub(crate) fn in_legs(run: &Run<'_>) -> AuditRequest {
    let reading = Reading {
        carry: true,
        full: false,
        checkpoint: Some(SignedDuration::from_mins(1)),
        max_age: SignedDuration::from_hours(6),
    };
    AuditRequest { reading, ..request(run) }
}

pub(crate) fn event(run: &Run<'_>, id: &str) -> AuditRequest {
    AuditRequest { event: Some(Event { id: id.into() }), ..request(run) }
}

/// A future of ours never waits: its ports answer at once.
pub(crate) fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

fn is_send<T: Send>(value: T) -> T {
    value
}

struct Killed;

impl Run<'_> {
    pub(crate) fn audit(&self, request: &AuditRequest) -> Result<Outcome, AuditError> {
        let ports = Ports { collect: self, store: self, deliver: self, clock: self };
        ready(is_send(run(&ports, (self, self), request)))
    }

    /// The outcome of an audit that must not fail.
    pub(crate) fn audited(&self, request: &AuditRequest) -> Audited {
        match self.audit(request).unwrap() {
            Outcome::Audited(audited) => *audited,
            other => panic!("{other:?}"),
        }
    }

    /// Runs until it ends or is killed; whether it was killed.
    pub(crate) fn until_death(&self, request: &AuditRequest) -> bool {
        match catch_unwind(AssertUnwindSafe(|| self.audit(request))) {
            Ok(outcome) => {
                outcome.unwrap();
                false
            }
            Err(payload) if payload.is::<Killed>() => true,
            Err(payload) => resume_unwind(payload),
        }
    }

    /// One port call: whatever happens meanwhile, the call's effect, and death before or after it.
    fn call<T>(&self, effect: impl FnOnce() -> T) -> T {
        let call = self.calls.fetch_add(1, Ordering::SeqCst);
        if let Some((at, meanwhile)) = &self.meanwhile
            && *at == call
        {
            meanwhile();
        }
        if self.death == Some(Death { call, after: false }) {
            resume_unwind(Box::new(Killed));
        }
        let value = effect();
        if self.death == Some(Death { call, after: true }) {
            resume_unwind(Box::new(Killed));
        }
        value
    }
}

impl Collect for Run<'_> {
    async fn fill(&self, plan: &Plan, snapshot: &mut Snapshot, slice: Option<SignedDuration>) -> Filled {
        self.call(|| {
            assert_eq!(plan.until, snapshot.window.started_at);
            snapshot.account = self.credentials_of.clone();
            let mut now = self.now.lock().unwrap();
            *now += SignedDuration::from_secs(60);
            snapshot.window.finished_at = *now;
            // How much is read stands in the snapshot's cost, a minute for each slice.
            snapshot.cost.seconds += 60.0;
            let done = snapshot.cost.seconds >= 60.0 * f64::from(self.slices);
            match slice {
                Some(_) if !done && *now >= self.over => Filled::OutOfTime,
                Some(_) if !done => Filled::Paused,
                _ => Filled::Done,
            }
        })
    }
}

impl Store for Run<'_> {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        self.call(|| {
            let objects = self.world.objects.lock().unwrap();
            Ok(objects.get(key).map(|(body, version)| (body.clone(), Version(version.to_string()))))
        })
    }

    async fn put(&self, key: &Key, body: Vec<u8>, when: If) -> Result<Put, StoreError> {
        self.call(|| {
            let mut objects = self.world.objects.lock().unwrap();
            let there = objects.get(key).map(|(_, version)| Version(version.to_string()));
            let holds = match when {
                If::Absent => there.is_none(),
                If::Unchanged(version) => there == Some(version),
                If::Anything => true,
            };
            if !holds || self.conflict == Some(self.calls.load(Ordering::SeqCst) - 1) {
                return Ok(Put::Lost);
            }
            let version = self.world.versions.fetch_add(1, Ordering::SeqCst) + 1;
            objects.insert(key.clone(), (body, version));
            if self.lost_answer == Some(self.calls.load(Ordering::SeqCst) - 1) {
                return Ok(Put::Lost);
            }
            Ok(Put::Done(Version(version.to_string())))
        })
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.call(|| {
            self.world.objects.lock().unwrap().remove(key);
            Ok(())
        })
    }
}

impl Deliver for Run<'_> {
    async fn alert(&self, owed: &[AlertMessage]) -> Vec<Receipt> {
        self.call(|| {
            let refused = self.world.refused.lock().unwrap();
            let mut receipts = Vec::new();
            for message in owed {
                if refused.contains("silence") {
                    break;
                }
                let outcome = if refused.iter().any(|name| message.body.contains(name)) {
                    Err(DeliverError("throttled".into()))
                } else {
                    self.world.alerts.lock().unwrap().push((message.id.clone(), message.body.clone()));
                    Ok(())
                };
                receipts.push(Receipt { id: message.id.clone(), outcome });
            }
            // Receipts may come back in any order.
            receipts.reverse();
            receipts
        })
    }

    async fn digest(&self, owed: &DigestMessage) -> Result<(), DeliverError> {
        self.call(|| {
            if *self.world.no_digest.lock().unwrap() {
                return Err(DeliverError("no such topic".into()));
            }
            self.world.digests.lock().unwrap().push(owed.id.clone());
            Ok(())
        })
    }

    async fn measure(&self, metrics: &[Metric]) -> Result<(), DeliverError> {
        self.call(|| {
            if *self.world.no_metrics.lock().unwrap() {
                return Err(DeliverError("access denied".into()));
            }
            self.world.metrics.lock().unwrap().extend(metrics.iter().cloned());
            Ok(())
        })
    }
}

impl Clock for Run<'_> {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }
}

impl Judge for Run<'_> {
    fn plan(&self, until: Timestamp) -> Plan {
        Plan {
            sources: [].into(),
            regions: [("eu-west-1".parse().unwrap(), Default::default())].into(),
            buckets: [].into(),
            jobs_since: until,
            tags_since: Timestamp::UNIX_EPOCH,
            until,
        }
    }

    fn judge(&self, _: &Snapshot, _: &State) -> Judgement {
        let judged = Judged {
            declared: ["dev", "unassigned"].map(Into::into).into(),
            catalogue: [NET.id.to_owned(), SMK.id.to_owned()].into(),
            sets: self
                .controls
                .iter()
                .map(|control| SubjectSet::of(&verdict(control, "x", Verdict::Compliant)))
                .collect(),
            ..Judged::default()
        };
        let controls: BTreeSet<&str> = self.controls.iter().map(|control| control.id).collect();
        let assessments = self.seen.iter().filter(|it| controls.contains(it.control.id)).cloned().collect();
        Judgement {
            observed: Observed { assessments, judged, ..Observed::default() },
            environments: vec!["dev".into()],
            ..Judgement::default()
        }
    }

    fn blinds(&self, operation: &Operation) -> Vec<String> {
        vec![format!("blind without {operation}")]
    }
}

impl Words for Run<'_> {
    fn alerts(&self, report: &Report, changes: &[Change], report_uri: &str) -> Vec<AlertMessage> {
        assert!(report_uri.starts_with("s3://bucket/prefix/111122223333/reports/2026-"), "{report_uri}");
        changes
            .iter()
            .map(|change| {
                let finding = report.findings.iter().find(|finding| finding.id == change.finding).unwrap();
                AlertMessage {
                    id: change.id.clone(),
                    body: format!("{} {}", finding.resource.name, change.because.as_str()),
                    attributes: [("schema".to_owned(), AttributeValue::String("plumbline.alert/1".into()))].into(),
                }
            })
            .collect()
    }

    fn digest(&self, report: &Report, changes: &[Change], _: &str) -> Option<DigestMessage> {
        (!changes.is_empty()).then(|| DigestMessage {
            id: format!("digest-{}", report.run.id),
            subject: "drift".into(),
            body: "drift".into(),
        })
    }

    fn metrics(&self, state: &State, report: &Report) -> Vec<Metric> {
        let tally = state.tally(report.run.finished_at).remove("dev");
        let Some(tally) = tally else { return vec![] };
        #[expect(clippy::cast_precision_loss, reason = "small counts")]
        let metric = |name: &str, value: u64| Metric {
            name: name.into(),
            unit: Unit::Count,
            value: value as f64,
            dimensions: [("Environment".to_owned(), "dev".to_owned())].into(),
        };
        vec![
            metric("Drift", tally.total().drift),
            metric("NewDrift", tally.transitions.new),
            metric("ResolvedDrift", tally.transitions.resolved),
        ]
    }
}

/// The sum of a metric over all that was published.
pub(crate) fn published(world: &World, name: &str) -> f64 {
    world.metrics.lock().unwrap().iter().filter(|metric| metric.name == name).map(|metric| metric.value).sum()
}

/// So many random cases, by a seed that is printed where a test fails; `PROPTEST_RNG_SEED` gives it again.
pub(crate) fn many(cases: u32) -> proptest::test_runner::Config {
    use std::hash::{BuildHasher as _, Hasher as _};

    use proptest::test_runner::{Config, RngSeed};
    let config = Config::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => std::hash::RandomState::new().build_hasher().finish(),
    };
    println!("PROPTEST_RNG_SEED={seed}");
    Config { cases, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, ..config }
}
