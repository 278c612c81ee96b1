//! One run after another: what is saved, sent and owed, when all is well and when publishing fails.
#![cfg(test)]

mod support;

use std::sync::atomic::Ordering;

use plumbline_audit::{AuditError, AuditRequest, Key, LedgerError, Outcome, RunName, Undelivered, unpack_report};
use plumbline_findings::{Lifecycle, State};
use support::*;

#[test]
fn an_audit_saves_its_report_and_state_and_sends() {
    let world = World::default();
    let run = world.run(0, vec![bad("a"), good("b")]);
    let audited = run.audited(&request(&run));
    assert!(audited.undelivered.is_empty());
    assert_eq!(audited.report.run.previous, None);
    assert_eq!(audited.report.summary.lifecycle[&Lifecycle::New], 1);
    let key = Key::of(&["111122223333", "reports", "2026-09-01", &format!("{}.json.zst", run.run)]);
    assert_eq!(audited.report_uri, format!("s3://bucket/prefix/{key}"));
    assert_eq!(unpack_report(&world.object(&key).unwrap(), &key).unwrap(), audited.report);
    assert_eq!(world.keys(), [key.to_string(), "111122223333/state.json".to_owned()]);
    assert_eq!((world.arrived().len(), world.digests.lock().unwrap().len()), (1, 1));
    assert!(world.state().outbox.is_empty());
    assert_eq!((published(&world, "NewDrift"), world.state().uncounted.len()), (1.0, 0));

    let written = world.versions.load(Ordering::SeqCst);
    let again = world.run(1, vec![bad("a"), good("b")]);
    let audited = again.audited(&request(&again));
    assert_eq!(world.versions.load(Ordering::SeqCst) - written, 2, "a report and a state, and nothing to mark");
    assert_eq!(audited.report.run.previous, Some(run.run.clone()));
    assert_eq!(audited.report.summary.lifecycle[&Lifecycle::Persisting], 1);
    assert_eq!((world.arrived().len(), world.digests.lock().unwrap().len()), (1, 1), "nothing new to tell");
    assert_eq!((published(&world, "NewDrift"), published(&world, "Drift")), (1.0, 2.0));
}

#[test]
fn a_message_that_is_refused_is_owed_and_the_others_are_not() {
    let world = World::default();
    let names: Vec<String> = (0..25).map(|number| format!("r{number:02}")).collect();
    let seen: Vec<_> = names.iter().map(|name| bad(name)).collect();
    world.refused.lock().unwrap().extend(["r03".to_owned(), "r17".to_owned()]);
    let run = world.run(0, seen.clone());
    let audited = run.audited(&request(&run));
    assert!(matches!(audited.undelivered[..], [Undelivered::Alerts { count: 2, .. }]));
    assert_eq!(audited.undelivered[0].to_string(), "sending 2 alerts: throttled");
    let owed = world.state().outbox.alerts;
    let bodies: Vec<_> = owed.iter().map(|owed| (owed.message.body.as_str(), owed.attempts)).collect();
    assert_eq!(bodies, [("r03 new", 1), ("r17 new", 1)]);
    assert_eq!(owed[0].error.as_deref(), Some("throttled"));

    world.refused.lock().unwrap().remove("r03");
    let run = world.run(1, seen.clone());
    assert_eq!(run.audited(&request(&run)).undelivered.len(), 1);
    assert_eq!(world.state().outbox.alerts[0].attempts, 2);
    world.refused.lock().unwrap().clear();
    let run = world.run(2, seen);
    assert!(run.audited(&request(&run)).undelivered.is_empty());
    assert!(world.state().outbox.is_empty());
    assert_eq!(world.arrived().len(), 25);
    assert!(world.arrived().values().all(|times| *times == 1));
}

#[test]
fn no_receipt_is_no_delivery() {
    let world = World::default();
    world.refused.lock().unwrap().insert("silence".into());
    let run = world.run(0, vec![bad("a")]);
    let audited = run.audited(&request(&run));
    assert_eq!(audited.undelivered[0].to_string(), "sending 1 alerts: no receipt came back");
    assert_eq!(world.state().outbox.alerts.len(), 1);
}

#[test]
fn a_digest_and_the_metrics_are_owed_too() {
    let world = World::default();
    *world.no_digest.lock().unwrap() = true;
    *world.no_metrics.lock().unwrap() = true;
    let run = world.run(0, vec![bad("a")]);
    let audited = run.audited(&request(&run));
    assert!(matches!(audited.undelivered[..], [Undelivered::Digest(_), Undelivered::Metrics(_)]));
    assert_eq!(world.state().outbox.digests.len(), 1);
    assert_eq!(world.arrived().len(), 1);
    *world.no_digest.lock().unwrap() = false;
    *world.no_metrics.lock().unwrap() = false;
    let run = world.run(1, vec![bad("a"), bad("b")]);
    assert!(run.audited(&request(&run)).undelivered.is_empty());
    assert_eq!(world.digests.lock().unwrap().len(), 2, "that of the first run and that of this one");
    assert_eq!(published(&world, "NewDrift"), 2.0, "the transition that no metric told of is told now");
    assert!(world.state().uncounted.is_empty());
}

#[test]
fn what_a_run_does_not_send_the_next_one_does() {
    let world = World::default();
    let quiet = world.run(0, vec![bad("a")]);
    quiet.audited(&AuditRequest { publish: false, ..request(&quiet) });
    assert_eq!((world.arrived().len(), world.metrics.lock().unwrap().len()), (0, 0));
    assert_eq!(world.state().outbox.alerts.len(), 1);
    let loud = world.run(1, vec![bad("a")]);
    loud.audited(&request(&loud));
    assert_eq!((world.arrived().len(), published(&world, "NewDrift")), (1, 1.0));
}

#[test]
fn when_time_is_over_messages_wait() {
    let world = World::default();
    let run = world.run(0, vec![bad("a")]);
    let audited = run.audited(&AuditRequest { deadline: hour(0), ..request(&run) });
    assert!(matches!(audited.undelivered[..], [Undelivered::OutOfTime(2)]));
    assert_eq!((world.arrived().len(), world.state().outbox.alerts.len()), (0, 1));
}

#[test]
fn another_account_saves_nothing() {
    let world = World::default();
    let mut run = world.run(0, vec![bad("a")]);
    run.credentials_of = "444455556666".parse().unwrap();
    let error = run.audit(&request(&run)).unwrap_err();
    assert!(matches!(error, AuditError::Account { .. }));
    assert!(error.to_string().contains("`111122223333`") && error.to_string().contains("`444455556666`"));
    assert!(world.keys().is_empty());
}

#[test]
fn a_state_that_cannot_be_read_is_left_alone() {
    let world = World::default();
    let key = Key::of(&["111122223333", "state.json"]);
    let of_another = State::empty("444455556666".parse().unwrap()).to_bytes().unwrap();
    for body in [&b"{\"schema\":\"plumbline.state/9\"}"[..], b"garbage", &of_another] {
        world.place(&key, body.to_vec());
        let run = world.run(0, vec![bad("a")]);
        let error = run.audit(&request(&run)).unwrap_err();
        assert!(error.to_string().contains("loading `111122223333/state.json`"), "{error}");
        assert_eq!(world.object(&key).unwrap(), body);
        assert_eq!(world.keys().len(), 1);
    }
}

#[test]
fn the_same_event_audits_once() {
    let world = World::default();
    let run = world.run(0, vec![bad("a")]);
    assert!(matches!(run.audit(&event(&run, "e-1")).unwrap(), Outcome::Audited(_)));
    let state = world.state();
    for hours in [0, 1, 100] {
        let again = world.run(hours, vec![bad("a"), bad("b")]);
        let Outcome::Duplicate(claim) = again.audit(&event(&again, "e-1")).unwrap() else { panic!("not claimed") };
        assert_eq!((claim.owner, claim.done.is_some()), (run.run.clone(), true));
        assert_eq!(world.state(), state);
    }
    let other = world.run(1, vec![bad("a"), bad("b")]);
    assert!(matches!(other.audit(&event(&other, "e-2")).unwrap(), Outcome::Audited(_)));
    assert_eq!(world.arrived().len(), 2);
}

#[test]
fn a_claim_is_taken_over_when_it_expired_undone() {
    let world = World::default();
    let mut first = world.run(0, vec![bad("a")]);
    first.run = "first".into();
    // It dies while it collects: one call for the claim, one for the state.
    first.death = Some(Death { call: 2, after: true });
    assert!(first.until_death(&event(&first, "e-1")));

    let soon = world.run(0, vec![bad("a")]);
    let Outcome::Duplicate(claim) = soon.audit(&event(&soon, "e-1")).unwrap() else { panic!("not claimed") };
    assert_eq!((claim.owner.as_str(), claim.done), ("first", None));
    assert_eq!(world.arrived().len(), 0);

    let late = world.run(1, vec![bad("a")]);
    assert!(matches!(late.audit(&event(&late, "e-1")).unwrap(), Outcome::Audited(_)));
    assert_eq!(world.arrived().len(), 1);
    let later = world.run(2, vec![bad("a")]);
    assert!(matches!(later.audit(&event(&later, "e-1")).unwrap(), Outcome::Duplicate(_)));
}

#[test]
fn an_event_whose_audit_failed_may_come_again_at_once() {
    let world = World::default();
    world.refused.lock().unwrap().insert("a".into());
    let run = world.run(0, vec![bad("a")]);
    let Outcome::Audited(audited) = run.audit(&event(&run, "e-1")).unwrap() else { panic!() };
    assert_eq!(audited.undelivered.len(), 1);
    world.refused.lock().unwrap().clear();
    let mut again = world.run(0, vec![bad("a")]);
    *again.now.lock().unwrap() = *run.now.lock().unwrap();
    again.run = "again".into();
    let Outcome::Audited(audited) = again.audit(&event(&again, "e-1")).unwrap() else { panic!() };
    assert!(audited.undelivered.is_empty());
    assert_eq!(world.arrived().len(), 1);
    assert_eq!(audited.report.summary.lifecycle[&Lifecycle::Persisting], 1);
}

#[test]
fn the_same_inputs_are_the_same_run() {
    let report = |world: &World| {
        let run = world.run(0, vec![bad("a")]);
        let request = AuditRequest { run: RunName::OfInputs("inputs".into()), publish: false, ..request(&run) };
        run.audited(&request).report
    };
    let (one, other) = (World::default(), World::default());
    let first = report(&one);
    assert_eq!(first.to_bytes().unwrap(), report(&other).to_bytes().unwrap());
    assert_ne!(first.run.id, report(&one).run.id, "the state is one of the inputs");
}

#[test]
fn a_report_is_not_written_over() {
    let world = World::default();
    let run = world.run(0, vec![bad("a")]);
    run.audited(&request(&run));
    let run = world.run(0, vec![good("a")]);
    let error = run.audit(&request(&run)).unwrap_err();
    assert!(matches!(error, AuditError::Ledger(LedgerError::ReportExists(_))), "{error}");
}
