//! The real controls on the known-good environment, through a whole audit and then another.
#![cfg(test)]

mod support;

use plumbline_audit::{AuditRequest, Catalogue, Collect, Filled, Outcome, Ports, run};
use plumbline_evaluator::baseline::{LoadContext, load};
use plumbline_evaluator::{Baseline, Scope};
use plumbline_findings::{Finding, Lifecycle, Reason, Report, Severity, Verdict, utc_day};
use plumbline_snapshot::{Plan, Snapshot, Why, ec2};
use plumbline_testkit::{Env, NOW, known_good};
use support::*;

/// An account that was read before.
struct Saved(Snapshot);

impl Collect for Saved {
    async fn fill(&self, _: &Plan, snapshot: &mut Snapshot, _: Option<jiff::SignedDuration>) -> Filled {
        *snapshot = self.0.clone();
        Filled::Done
    }
}

fn loaded(env: &Env) -> Baseline {
    let loaded = load(&env.baseline, "baseline.yaml", &LoadContext::on(utc_day(NOW))).unwrap();
    loaded.with_references(&env.references).unwrap()
}

/// Audits `env`, read `hours` after the known-good one.
fn audit(world: &World, env: &Env, hours: i64, words: &[&str]) -> Report {
    let baseline = loaded(env);
    let mut scope = Scope::default();
    for word in words {
        scope.add(word).unwrap();
    }
    let mut saved = Saved(env.snapshot.clone());
    saved.0.window.finished_at += jiff::SignedDuration::from_hours(hours);
    let shell = world.run(hours, vec![]);
    let request = AuditRequest {
        baseline_text: env.baseline.clone(),
        baseline: plumbline_findings::BaselineInfo {
            file: baseline.file.clone(),
            sha256: baseline.sha256.clone(),
            accepted: baseline.accepted.clone(),
            changed_from: None,
        },
        ..request(&shell)
    };
    let ports = Ports { collect: &saved, store: &shell, deliver: &shell, clock: &shell };
    let catalogue = Catalogue { baseline: &baseline, scope: &scope };
    match ready(run(&ports, (&catalogue, &shell), &request)).unwrap() {
        Outcome::Audited(audited) => audited.report,
        other => panic!("{other:?}"),
    }
}

fn with_a_gateway() -> Env {
    let mut env = known_good();
    env.add_internet_gateway(plumbline_testkit::ec2::VPC);
    env
}

fn gateway(report: &Report) -> &Finding {
    report.findings.iter().find(|finding| finding.control == "NET-02").unwrap()
}

#[test]
fn drift_gap_and_mending_of_a_real_control() {
    let world = World::default();
    let clean = audit(&world, &known_good(), 0, &[]);
    assert!(clean.findings.iter().all(|finding| finding.verdict != Verdict::NonCompliant));
    assert_eq!(gateway(&clean).verdict, Verdict::Compliant);
    assert!(clean.run.environments.contains(&"fraud-dev".into()));
    assert!(clean.coverage.complete && clean.cost.by_operation.contains_key("ec2:DescribeVpcs"));
    assert_eq!(world.arrived().len(), 0);

    let broken = with_a_gateway();
    let drift = audit(&world, &broken, 1, &[]);
    assert_eq!(gateway(&drift).lifecycle, Some(Lifecycle::New));
    assert_eq!(drift.exit_status(Severity::Low).code(), 1);

    let mut hidden = broken.clone();
    hidden.hide_with(&ec2::INTERNET_GATEWAYS, Why::Denied);
    let blind = audit(&world, &hidden, 2, &[]);
    assert_eq!(gateway(&blind).lifecycle, Some(Lifecycle::Persisting));
    assert_eq!(
        (gateway(&blind).verdict, gateway(&blind).reason),
        (Verdict::InsufficientData, Some(Reason::AccessDenied))
    );
    assert_eq!(blind.exit_status(Severity::Low).code(), 1, "the drift is still open");
    let lost: Vec<&str> = blind.visibility.iter().map(|change| change.control.as_str()).collect();
    assert!(lost.contains(&"NET-02"), "{lost:?}");
    let read = blind.coverage.reads.iter().find(|read| read.operation == "DescribeInternetGateways").unwrap();
    assert!(read.blinds.contains(&"NET-02".to_owned()) && !blind.coverage.complete);

    let elsewhere = audit(&world, &known_good(), 3, &["area:logs"]);
    assert!(elsewhere.findings.iter().all(|finding| finding.control.starts_with("LOG")));
    let mended = audit(&world, &known_good(), 4, &["control:NET-02"]);
    assert_eq!(gateway(&mended).lifecycle, Some(Lifecycle::Resolved));
    let bodies: Vec<String> = world.alerts.lock().unwrap().iter().map(|(_, body)| body.clone()).collect();
    assert_eq!(bodies.iter().filter(|body| body.ends_with("new")).count(), 1, "{bodies:?}");
    assert_eq!(bodies.iter().filter(|body| body.ends_with("resolved")).count(), 1, "{bodies:?}");
}

#[test]
fn a_run_for_one_resource_resolves_nothing_by_silence() {
    let world = World::default();
    let broken = with_a_gateway();
    audit(&world, &broken, 0, &[]);
    let other = audit(&world, &known_good(), 1, &["resource:rtb-that-is-not-there"]);
    assert!(other.findings.iter().all(|finding| finding.lifecycle.is_none()));
    assert!(world.state().open().any(|(_, _, finding)| finding.control == "NET-02"));
    let mut public = known_good();
    for subnet in [plumbline_testkit::ec2::SUBNET_A, plumbline_testkit::ec2::SUBNET_B] {
        public.subnet(subnet, |subnet| subnet.map_public_ip = true);
    }
    let beside = World::default();
    audit(&beside, &public, 0, &[]);
    let open = |world: &World| world.state().open().filter(|(_, _, finding)| finding.control == "NET-10").count();
    assert_eq!(open(&beside), 2);
    audit(&beside, &known_good(), 1, &[&format!("resource:{}", plumbline_testkit::ec2::SUBNET_A)]);
    assert_eq!(open(&beside), 1, "the other subnet was not looked at");

    let same = audit(&world, &known_good(), 2, &[&format!("resource:{}", plumbline_testkit::ec2::VPC)]);
    assert_eq!(gateway(&same).lifecycle, Some(Lifecycle::Resolved));
}

#[test]
fn an_exception_and_a_changed_baseline_of_a_real_file() {
    let world = World::default();
    let mut broken = with_a_gateway();
    let first = audit(&world, &broken, 0, &[]);
    let finding = gateway(&first);
    let Some(plumbline_findings::Evidence::Field { path, saw, .. }) = finding.evidence.first() else { panic!() };
    let exception = format!(
        "exceptions:\n  - control: NET-02\n    environment: fraud-dev\n    subject: \"*:vpc/*\"\n    when: {{\"{path}\": {saw}}}\n    \
         reason: the migration of the old application needs it\n    owner: team@example.com\n    expires: 2026-09-20\n"
    );
    broken.baseline.push_str(&exception);
    let second = audit(&world, &broken, 1, &[]);
    assert_eq!(second.run.baseline.changed_from.as_ref(), Some(&first.run.baseline.sha256));
    assert_eq!(gateway(&second).exception.as_ref().map(|it| it.owner.as_str()), Some("team@example.com"));
    assert_eq!(second.exceptions.expiring.len(), 1);
    assert!(!gateway(&second).baseline_change, "an exception changes no verdict");

    let mut off = with_a_gateway();
    off.add_to_baseline(
        "disabled_controls:\n  - {control: NET-02, reason: switched off for a while, owner: x@example.com, expires: 2026-12-31}",
    );
    let third = audit(&world, &off, 2, &[]);
    let switched = third.findings.iter().filter(|finding| finding.control == "NET-02");
    let reasons: Vec<_> =
        switched.map(|finding| (finding.reason, finding.lifecycle, finding.baseline_change)).collect();
    assert!(reasons.contains(&(Some(Reason::SwitchedOff), Some(Lifecycle::Resolved), true)), "{reasons:?}");
}
