//! Readings that take long: what is put by, who goes on with it, and what is carried over to the next run.
#![cfg(test)]

mod support;

use jiff::SignedDuration;
use plumbline_audit::{AuditRequest, CHECKPOINT_SCHEMA, Event, Key, Note, Outcome, Parked, Reading};
use plumbline_findings::{Lifecycle, Report};
use support::*;

fn minutes(run: &Run<'_>, minutes: i64) {
    *run.now.lock().unwrap() += SignedDuration::from_mins(minutes);
}

fn note(world: &World) -> Option<Note> {
    let body = world.object(&Key::of(&["111122223333", "checkpoints", "run.json"]))?;
    Some(serde_json::from_slice(&body).unwrap())
}

/// Everything in the store that only serves the reading.
fn put_by(world: &World) -> Vec<String> {
    world.keys().into_iter().filter(|key| key.contains("/checkpoints/")).collect()
}

/// A report without what says when and how often AWS was asked.
fn steady(mut report: Report) -> Report {
    report.run.finished_at = report.run.started_at;
    (report.run.legs, report.run.id, report.cost.seconds) = (1, String::new(), 0.0);
    for finding in &mut report.findings {
        (finding.first_seen, finding.last_seen, finding.last_confirmed) = Default::default();
    }
    report
}

#[test]
fn what_was_put_by_is_gone_when_the_run_is_saved() {
    let world = World::default();
    let run = Run { slices: 4, ..world.run(0, vec![bad("a")]) };
    let audited = run.audited(&in_legs(&run));
    assert_eq!((audited.report.run.legs, audited.report.cost.seconds), (1, 240.0));
    assert_eq!(put_by(&world), [""; 0]);
    assert!(world.state().carried.is_some());
}

#[test]
fn a_run_whose_time_is_up_is_gone_on_with() {
    let world = World::default();
    let first = Run { slices: 10, over: hour(0) + SignedDuration::from_mins(4), ..world.run(0, vec![bad("a")]) };
    let request = AuditRequest { event: Some(Event { id: "e-1".into() }), ..in_legs(&first) };
    let Outcome::Unfinished(Parked { run, legs }) = first.audit(&request).unwrap() else { panic!("it had no time") };
    assert_eq!((run.as_str(), legs), (first.run.as_str(), 1));
    assert_eq!((world.arrived().len(), put_by(&world).len()), (0, 2), "a note and a snapshot");
    assert!(matches!(first.audit(&request).unwrap(), Outcome::Duplicate(claim) if claim.done.is_some()));

    let second = Run { slices: 10, run: "another".into(), ..world.run(0, vec![bad("a")]) };
    minutes(&second, 5);
    let audited = second.audited(&AuditRequest { reason: Some("go on".into()), ..in_legs(&second) });
    assert_eq!((audited.report.run.legs, audited.report.cost.seconds), (2, 600.0), "six slices were left to read");
    assert_eq!((audited.report.run.id, audited.report.run.reason), (run, None), "it is the same run");
    assert_eq!(audited.report.run.started_at, hour(0));
    assert_eq!((world.arrived().len(), put_by(&world).len()), (1, 0));
}

#[test]
fn nobody_goes_on_with_another_reading_or_an_old_one_or_a_damaged_one() {
    let parked = || {
        let world = World::default();
        {
            let first = Run { slices: 10, over: hour(0), ..world.run(0, vec![bad("a")]) };
            assert!(matches!(first.audit(&in_legs(&first)).unwrap(), Outcome::Unfinished(_)));
        }
        world
    };
    let seconds = |world: &World, hours: i64, reading: fn(Reading) -> Reading| {
        let next = Run { slices: 10, ..world.run(hours, vec![bad("a")]) };
        let request = in_legs(&next);
        let audited = next.audited(&AuditRequest { reading: reading(request.reading), ..request });
        assert_eq!(put_by(world), [""; 0], "what nobody goes on with does not stay");
        (audited.report.run.legs, audited.report.cost.seconds)
    };
    assert_eq!(seconds(&parked(), 1, |reading| reading), (2, 600.0));
    assert_eq!(seconds(&parked(), 1, |reading| Reading { full: true, ..reading }), (1, 600.0));
    assert_eq!(seconds(&parked(), 7, |reading| reading), (1, 600.0));
    let damaged = parked();
    damaged.place(&note(&damaged).unwrap().snapshot, b"damaged".to_vec());
    assert_eq!(seconds(&damaged, 1, |reading| reading), (1, 600.0));
    let unreadable = parked();
    unreadable.place(&Key::of(&["111122223333", "checkpoints", "run.json"]), b"{}".to_vec());
    let next = Run { slices: 3, ..unreadable.run(1, vec![bad("a")]) };
    assert_eq!(next.audited(&in_legs(&next)).report.run.legs, 1);
    assert_eq!(note(&unreadable), None);
}

#[test]
fn whoever_finds_another_run_at_work_reads_on_its_own_and_puts_nothing_by() {
    let world = World::default();
    let other = Note {
        schema: CHECKPOINT_SCHEMA.to_owned(),
        run: "other".into(),
        leg: 1,
        trigger: plumbline_findings::Trigger::Schedule,
        reason: None,
        event: None,
        reading: "x".into(),
        started_at: hour(0),
        expires: hour(2),
        snapshot: Key::of(&["x"]),
    };
    let key = Key::of(&["111122223333", "checkpoints", "run.json"]);
    world.place(&key, serde_json::to_vec(&other).unwrap());
    let run = Run { slices: 4, ..world.run(0, vec![bad("a")]) };
    assert_eq!(run.audited(&in_legs(&run)).report.cost.seconds, 240.0);
    assert_eq!(note(&world), Some(other), "it is still the other one's");
    // With nowhere to park, it tells what it has when its time is up.
    let hurried = Run { slices: 4, over: hour(1), ..world.run(1, vec![bad("a")]) };
    assert_eq!(hurried.audited(&in_legs(&hurried)).report.cost.seconds, 60.0);
}

#[test]
fn a_run_that_never_ends_tells_what_it_has() {
    let world = World::default();
    let mut legs = 0;
    let told = loop {
        legs += 1;
        let run = Run { slices: u32::MAX, over: hour(0), ..world.run(0, vec![bad("a")]) };
        minutes(&run, legs);
        match run.audit(&in_legs(&run)).unwrap() {
            Outcome::Unfinished(_) => {}
            Outcome::Audited(audited) => break audited,
            Outcome::Duplicate(claim) => panic!("{claim:?}"),
        }
    };
    assert_eq!((i64::from(told.report.run.legs), legs), (24, 24));
    assert_eq!(put_by(&world), [""; 0]);
}

#[test]
fn killed_at_any_moment_the_next_run_goes_on_and_tells_once() {
    let whole = World::default();
    let run = Run { slices: 12, ..whole.run(0, vec![bad("a"), good("b")]) };
    let expected = steady(run.audited(&in_legs(&run)).report);
    let calls = run.calls.load(std::sync::atomic::Ordering::SeqCst);
    assert!(calls > 50, "{calls} moments to die at");
    for call in 0..calls {
        for after in [false, true] {
            let world = World::default();
            let dying =
                Run { slices: 12, death: Some(Death { call, after }), ..world.run(0, vec![bad("a"), good("b")]) };
            assert!(dying.until_death(&in_legs(&dying)), "{call}");
            let kept = note(&world).filter(|note| note.leg == 1).map(|note| world.object(&note.snapshot).is_some());
            let saved = world.state().last_run.is_some();
            let next = Run { slices: 12, run: "next".into(), ..world.run(1, vec![bad("a"), good("b")]) };
            let report = next.audited(&in_legs(&next)).report;
            assert!(world.arrived().values().all(|times| *times <= 2), "{call}");
            assert_eq!(world.arrived().len(), 1, "{call}: no alert is lost");
            // A snapshot whose note was never written may stay behind; nobody ever reads it.
            assert_eq!(note(&world), None, "{call}");
            assert!(put_by(&world).len() <= 1, "{call}: {:?}", put_by(&world));
            if let (Some(true), false) = (kept, saved) {
                assert_eq!((report.run.legs, report.run.started_at), (2, hour(0)), "{call}: it went on");
                assert_eq!(report.cost.seconds, 720.0, "{call}: and read no more than was left");
                assert_eq!(steady(report), expected, "{call}");
            } else if saved {
                assert_eq!(report.summary.lifecycle[&Lifecycle::Persisting], 1, "{call}");
            }
        }
    }
}

#[test]
fn the_state_names_what_is_carried_over_and_nothing_else_stays() {
    let carried =
        |world: &World| -> Vec<String> { world.keys().into_iter().filter(|key| key.contains("/carried/")).collect() };
    let world = World::default();
    for hours in 0..3 {
        let run = world.run(hours, vec![bad("a")]);
        run.audited(&in_legs(&run));
        let name = world.state().carried.unwrap();
        assert_eq!(carried(&world), [format!("111122223333/carried/{name}.json.zst")]);
    }
    // A saved snapshot is judged: that changes nothing for the next live run.
    let before = world.state().carried;
    let run = world.run(3, vec![bad("a")]);
    run.audited(&request(&run));
    assert_eq!((world.state().carried, carried(&world).len()), (before.clone(), 1));
    // It is gone or damaged: all is read again, and that is all.
    world.place(&Key::of(&["111122223333", "carried", &format!("{}.json.zst", before.unwrap())]), b"x".to_vec());
    let run = world.run(4, vec![bad("a")]);
    assert_eq!(run.audited(&in_legs(&run)).report.summary.lifecycle[&Lifecycle::Persisting], 1);
}
