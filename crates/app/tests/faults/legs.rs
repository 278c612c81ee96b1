//! A whole account read in slices, in legs, after kills, and from what an earlier run carried over: the same report as at once.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plumbline_audit::{Catalogue, Outcome, Ports, Reading, run};
use plumbline_collector::Share;
use plumbline_evaluator::Scope;
use plumbline_findings::Report;
use tokio::time::Instant;

use crate::account::{CLEAN, DRIFTED};
use crate::ports::{Memory, Mute, Stopped};
use crate::stage::{ENDPOINT, LATENCY, REGION, Stage, Timed, fleet_until};

/// How one leg goes.
#[derive(Debug, Clone, Copy)]
struct Leg {
    slice: SignedDuration,
    /// The time that it has.
    time: Option<Duration>,
    /// When it is killed.
    killed: Option<Duration>,
    /// How long after the recording it begins.
    after: SignedDuration,
    latency: Duration,
    /// The run's name.
    name: &'static str,
}

impl Leg {
    fn whole() -> Self {
        let slice = SignedDuration::from_mins(1);
        Self { slice, time: None, killed: None, after: SignedDuration::ZERO, latency: LATENCY, name: "first" }
    }
}

/// One leg of an audit; none if it was killed. With what it asked AWS for.
fn leg(stage: &Stage, memory: &Memory, how: Leg) -> (Option<Outcome>, u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let aws = stage.aws.fresh();
    aws.take_time(how.latency);
    let outcome = runtime.block_on(async {
        let config = aws.config(REGION).to_builder().endpoint_url(ENDPOINT).build();
        let deadline = how.time.map(|time| Instant::now() + time);
        let fleet = fleet_until(config, &stage.baseline, Share::default(), deadline);
        let collect = Timed { fleet, finished_at: stage.finished_at, took: AtomicU64::default() };
        let clock = Stopped(stage.started_at + how.after);
        let ports = Ports { collect: &collect, store: memory, deliver: &Mute, clock: &clock };
        let judge = Catalogue { baseline: &stage.baseline, scope: &Scope::default() };
        let mut request = stage.request(how.name);
        request.reading =
            Reading { carry: true, full: false, checkpoint: Some(how.slice), max_age: SignedDuration::from_hours(6) };
        let audit = run(&ports, (&judge, &Mute), &request);
        match how.killed {
            Some(at) => tokio::time::timeout(at, audit).await.ok().map(Result::unwrap),
            None => Some(audit.await.unwrap()),
        }
    });
    assert_eq!(aws.unanswered(), [], "{how:?}");
    (outcome, aws.calls().values().sum())
}

/// Legs until the audit is made: its report, and how many calls it took.
fn audited(stage: &Stage, memory: &Memory, legs: impl IntoIterator<Item = Leg>) -> (Report, u64) {
    let mut all = 0;
    for how in legs {
        let (outcome, calls) = leg(stage, memory, how);
        all += calls;
        match outcome {
            Some(Outcome::Audited(audited)) => return (audited.report, all),
            Some(Outcome::Unfinished(_)) | None => {}
            Some(other) => panic!("{other:?}"),
        }
    }
    panic!("it does not end");
}

/// A report without what says when and how often AWS was asked.
fn steady(mut report: Report, began: Timestamp) -> Report {
    (report.run.legs, report.run.started_at) = (1, began);
    report.cost = Default::default();
    for read in &mut report.coverage.reads {
        (read.calls, read.items) = (0, 0);
    }
    report
}

fn legs_of(how: Leg) -> impl Iterator<Item = Leg> {
    // A lease has run out when the next leg comes.
    (0..).map(move |number| Leg { after: SignedDuration::from_secs(300 * number), ..how })
}

#[test]
fn in_slices_and_legs_and_any_order_it_is_the_same_report() {
    for account in [&CLEAN, &DRIFTED] {
        let stage = Stage::of(account);
        let (at_once, calls) = audited(&stage, &Memory::default(), [Leg::whole()]);
        let seconds = at_once.cost.seconds;
        let expected = steady(at_once, stage.started_at);
        assert!(expected.coverage.complete);
        // Slices in seconds, the time of a leg as a part of what the whole takes, and the time that each answer takes.
        let ways =
            [(1, None, 50), (3, None, 700), (7, None, 1), (60, Some(0.5), 50), (60, Some(0.2), 50), (2, Some(0.7), 90)];
        for (slice, time, latency) in ways {
            let how = Leg {
                slice: SignedDuration::from_secs(slice),
                time: time.map(|part| Duration::from_secs_f64(part * seconds)),
                latency: Duration::from_millis(latency),
                ..Leg::whole()
            };
            let (report, made) = audited(&stage, &Memory::default(), legs_of(how));
            assert!(report.run.legs > 1 || time.is_none(), "{} {how:?}", account.name);
            assert!(steady(report, stage.started_at) == expected, "{} {how:?}", account.name);
            // What is cut off at the end of a leg is asked again; nothing else is.
            assert!(time.is_some() || made == calls, "{} {how:?}: {made} calls instead of {calls}", account.name);
        }
    }
}

#[test]
fn killed_at_any_moment_and_gone_on_with_it_is_the_same_report() {
    let stage = Stage::of(&DRIFTED);
    let (at_once, calls) = audited(&stage, &Memory::default(), [Leg::whole()]);
    let seconds = at_once.cost.seconds;
    let expected = steady(at_once, stage.started_at);
    for moment in 0..50 {
        let memory = Memory::default();
        let slice = SignedDuration::from_secs(5);
        let killed = Duration::from_secs_f64(seconds * (f64::from(moment) + fastrand::f64()) / 50.0);
        let dying = Leg { slice, killed: Some(killed), ..Leg::whole() };
        let (outcome, before) = leg(&stage, &memory, dying);
        assert!(outcome.is_none(), "killed after {killed:?} of {seconds} s");
        let next = Leg { slice, after: SignedDuration::from_secs(300), ..Leg::whole() };
        let (report, after) = audited(&stage, &memory, [next]);
        let resumed = report.run.legs == 2;
        assert_eq!(
            resumed,
            killed > Duration::from_secs(6) || (resumed && killed >= Duration::from_secs(5)),
            "{killed:?}"
        );
        assert!(steady(report, stage.started_at) == expected, "{killed:?}");
        assert!(!resumed || before + after <= calls + 100, "{killed:?}: {before} and {after} calls instead of {calls}");
    }
}

#[test]
fn what_is_carried_over_gives_the_same_report_for_fewer_calls() {
    for account in [&CLEAN, &DRIFTED] {
        let stage = Stage::of(account);
        let memory = Memory::default();
        let (_, calls) = audited(&stage, &memory, [Leg::whole()]);
        let next = Leg { name: "second", ..Leg::whole() };
        let (second, fewer) = audited(&stage, &memory, [next]);
        // The same with nothing carried over.
        let fresh = Memory::default();
        audited(&stage, &fresh, [Leg::whole()]);
        fresh.forget("/carried/");
        let (anew, again) = audited(&stage, &fresh, [next]);
        let all_but_what_was_asked = |report: Report| {
            let mut report = steady(report, stage.started_at);
            report.coverage.reads.clear();
            report
        };
        let (second, anew) = (all_but_what_was_asked(second), all_but_what_was_asked(anew));
        assert!(
            second == anew,
            "{}: {:?}",
            account.name,
            second.findings.iter().find(|it| !anew.findings.contains(it))
        );
        assert!(fewer < calls && again == calls, "{}: {calls}, then {fewer}, or {again} calls", account.name);
    }
}
