//! Runs that die at any step, and runs that meet.
#![cfg(test)]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use plumbline_findings::{Lifecycle, Verdict};
use proptest::prelude::*;
use support::*;

fn seen() -> Vec<plumbline_findings::Assessment> {
    // More than one batch.
    (0..12).map(|number| bad(&format!("r{number:02}"))).collect()
}

/// How many port calls a whole run makes.
fn calls_of_a_run() -> usize {
    let world = World::default();
    let run = world.run(0, seen());
    run.audited(&event(&run, "e"));
    run.calls.load(Ordering::SeqCst)
}

#[test]
fn whenever_a_run_dies_every_alert_arrives() {
    let calls = calls_of_a_run();
    assert!(calls > 10, "{calls}");
    let mut repeated = 0;
    for call in 0..=calls {
        for after in [false, true] {
            let world = World::default();
            let mut first = world.run(0, seen());
            first.death = Some(Death { call, after });
            assert_eq!(first.until_death(&event(&first, "e")), call < calls);
            let sent: BTreeSet<String> = world.arrived().into_keys().collect();
            let state = world.state();
            let owed: BTreeSet<String> = state.outbox.alerts.iter().map(|owed| owed.message.id.clone()).collect();

            // The event comes again after the dead run's deadline, and a schedule after that.
            let mut next = world.run(1, seen());
            next.run = "next".into();
            next.until_death(&event(&next, "e"));
            let last = world.run(2, seen());
            last.audited(&request(&last));

            let arrived = world.arrived();
            assert_eq!(arrived.len(), 12, "dying at {call}, {after}");
            assert!(arrived.values().filter(|times| **times > 1).count() <= 10, "a batch and no more is repeated");
            for (id, times) in &arrived {
                let known_sent = sent.contains(id) && !owed.contains(id);
                assert!(*times == 1 || !known_sent, "{id} was known to be sent, dying at {call}, {after}");
                assert!(*times <= 2);
                repeated += times - 1;
            }
            assert!(world.state().outbox.is_empty() && world.state().uncounted.is_empty());
            assert_eq!(world.state().open().count(), 12);
            assert!(published(&world, "NewDrift") >= 12.0);
            assert!(!world.digests.lock().unwrap().is_empty());
        }
    }
    assert_eq!(repeated, 24, "only who dies between sending and marking repeats: ten, two, each before and after");
}

#[test]
fn whenever_another_run_comes_between_nothing_is_lost() {
    let mut met = 0;
    for call in 0.. {
        let came = AtomicBool::new(false);
        let world = World::default();
        let job = verdict(&SMK, "job", Verdict::NonCompliant);
        let both = [vec![bad("a"), bad("b")], vec![job]].concat();
        let earlier = world.run(0, vec![bad("gone"), good("a")]);
        earlier.audited(&request(&earlier));

        let mut first = world.run(1, both.clone());
        first.controls = vec![&NET];
        let (there, came, seen_by_second) = (&world, &came, both.clone());
        first.meanwhile = Some((
            call,
            Box::new(move || {
                came.store(true, Ordering::SeqCst);
                let mut second = there.run(1, seen_by_second.clone());
                second.run = "second".into();
                second.audited(&request(&second));
            }),
        ));
        let audited = first.audited(&request(&first));
        if !came.load(Ordering::SeqCst) {
            break;
        }
        met += 1;
        assert!(audited.undelivered.is_empty(), "{:?}", audited.undelivered);

        let state = world.state();
        let open: BTreeSet<&str> = state.open().map(|(_, _, finding)| finding.resource.name.as_str()).collect();
        assert_eq!(open, ["a", "b", "job"].into(), "between {call}");
        assert!(state.outbox.is_empty());
        // "gone" opened and resolved, three opened.
        let arrived = world.arrived();
        assert_eq!(arrived.len(), 5, "between {call}");
        assert!(arrived.values().all(|times| *times <= 2));

        let last = world.run(2, both);
        let report = last.audited(&request(&last)).report;
        assert_eq!(report.summary.lifecycle[&Lifecycle::Persisting], 3);
        assert_eq!(report.summary.lifecycle[&Lifecycle::New], 0);
        assert_eq!(world.arrived(), arrived, "nothing is told again");
        let stored = world.keys().iter().filter(|key| key.contains("/reports/")).count();
        assert_eq!(stored, 4, "each run has its report");
    }
    assert!(met > 8, "{met}");
}

#[test]
fn a_write_whose_answer_is_lost_is_no_lost_race() {
    for number in 0..2 * calls_of_a_run() {
        let (call, conflict) = (number / 2, number % 2 == 1);
        let world = World::default();
        let mut run = world.run(0, seen());
        run.lost_answer = (!conflict).then_some(call);
        run.conflict = conflict.then_some(call);
        assert!(matches!(run.audit(&event(&run, "e")).unwrap(), plumbline_audit::Outcome::Audited(_)), "{call}");
        assert_eq!(world.arrived().len(), 12);
        assert!(world.arrived().values().all(|times| *times == 1), "{call}");
        assert!(world.state().outbox.is_empty());
        assert_eq!(world.state().open().count(), 12);
        let report = world.keys().into_iter().find(|key| key.contains("/reports/")).unwrap();
        let key = plumbline_audit::Key::of(&report.split('/').collect::<Vec<_>>());
        let report = plumbline_audit::unpack_report(&world.object(&key).unwrap(), &key).unwrap();
        assert_eq!(report.summary.lifecycle[&Lifecycle::New], 12, "{call}");
    }
}

#[test]
fn two_runs_of_one_event_at_once_tell_once() {
    let calls = calls_of_a_run();
    for call in 0..calls {
        let world = World::default();
        let mut first = world.run(0, seen());
        let there = &world;
        first.meanwhile = Some((
            call,
            Box::new(move || {
                let mut second = there.run(0, seen());
                second.run = "second".into();
                let outcome = second.audit(&event(&second, "e")).unwrap();
                assert_eq!(matches!(outcome, plumbline_audit::Outcome::Duplicate(_)), call > 0);
            }),
        ));
        first.audit(&event(&first, "e")).unwrap();
        assert_eq!(world.arrived().len(), 12);
        assert!(world.arrived().values().all(|times| *times == 1), "between {call}");
    }
}

/// The last word on each resource, as a subscriber would keep it: whether it is open.
fn last_words(world: &World) -> BTreeMap<String, bool> {
    let alerts = world.alerts.lock().unwrap();
    let said = alerts.iter().filter_map(|(_, body)| body.split_once(' '));
    said.map(|(name, because)| (name.to_owned(), because != "resolved")).collect()
}

proptest! {
    #![proptest_config(many(200))]

    /// Whatever happens and whoever dies: after a run that ends well, subscribers know what is open.
    #[test]
    fn subscribers_end_up_knowing(
        history in prop::collection::vec((prop::collection::vec(0..3_u8, 3), prop::option::of((0..25_usize, any::<bool>()))), 1..7),
    ) {
        let world = World::default();
        let mut now = vec![];
        let steps = history.len();
        for (hours, (verdicts, death)) in history.into_iter().enumerate() {
            now = ["a", "b", "c"]
                .into_iter()
                .zip(verdicts)
                .map(|(name, it)| verdict(&NET, name, [Verdict::Compliant, Verdict::NonCompliant, Verdict::InsufficientData][usize::from(it)]))
                .collect();
            let mut run = world.run(i64::try_from(hours).unwrap(), now.clone());
            run.run = format!("run-{hours}");
            run.death = death.map(|(call, after)| Death { call, after });
            run.until_death(&request(&run));
        }
        let mut last = world.run(i64::try_from(steps).unwrap(), now);
        last.run = "last".into();
        last.audited(&request(&last));
        prop_assert!(world.state().outbox.is_empty());
        let open: BTreeSet<String> =
            world.state().open().map(|(_, _, finding)| finding.resource.name.to_string()).collect();
        let told: BTreeSet<String> =
            last_words(&world).into_iter().filter(|(_, open)| *open).map(|(name, _)| name).collect();
        prop_assert_eq!(told, open);
    }
}
