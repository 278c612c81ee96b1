//! A second environment, in a Region that the account may or may not use.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use plumbline_collector::replay::{Answer, Fault, Replay};
use plumbline_findings::{Finding, ReadOutcome, Reason, Report, Severity, Verdict};
use plumbline_snapshot::{ec2, sources};

use crate::account::{Account, CLEAN};
use crate::stage::{REGION, Seen, Stage};

/// The Region of the second environment, of which nothing is recorded.
const AWAY: &str = "me-south-1";

/// The clean account, and a baseline with an environment in another Region.
const TWO_REGIONS: Account = Account {
    baseline: &[(
        "    self_service:\n      enabled: false\n",
        "    self_service:\n      enabled: false\n  - name: away-dev\n    region: me-south-1\n    \
         vpc: {tags: {Name: away}}\n",
    )],
    ..CLEAN
};

/// What `DescribeRegions` says of the second Region.
fn told(status: &str) -> Answer {
    let region = |name: &str, status: &str| {
        format!("<item><regionName>{name}</regionName><optInStatus>{status}</optInStatus></item>")
    };
    let regions = [region(REGION, "opt-in-not-required"), region(AWAY, status)].concat();
    Answer::xml(format!("<DescribeRegionsResponse><regionInfo>{regions}</regionInfo></DescribeRegionsResponse>"))
}

/// An audit of it.
fn audit(status: &str, fault: Option<Fault>) -> Seen {
    let stage = Stage::of(&TWO_REGIONS);
    stage.aws.forget(&ec2::REGIONS);
    stage.aws.answer(&ec2::REGIONS, told(status));
    stage.audit(fault.map(|fault| (&ec2::REGIONS, fault)))
}

/// The findings of one Region, without what differs from audit to audit.
fn findings(report: &Report, region: &str) -> BTreeMap<String, Finding> {
    let here = report.findings.iter().filter(|it| it.region.as_ref().is_some_and(|at| at.as_str() == region));
    here.map(|finding| (finding.id.to_string(), finding.clone())).collect()
}

fn asked_away(seen: &Seen) -> usize {
    seen.unanswered.iter().filter(|request| request.region == AWAY).count()
}

#[test]
fn a_region_that_is_not_enabled_is_named_and_nothing_is_asked_there() {
    let seen = audit(ec2::NOT_OPTED_IN, None);
    assert_eq!(seen.unanswered, [], "it was asked");
    let report = &seen.report;
    let named = |note: &&String| note.contains(AWAY) && note.contains("not enabled") && note.contains("baseline");
    assert_eq!(report.notes.iter().filter(named).count(), 1, "{:?}", report.notes);
    let away: Vec<_> = report
        .coverage
        .reads
        .iter()
        .filter(|read| read.region.as_ref().is_some_and(|at| at.as_str() == AWAY))
        .collect();
    assert!(away.len() > 20, "each read is told");
    for read in away {
        assert!(matches!(read.outcome, ReadOutcome::Unsupported | ReadOutcome::NotPlanned), "{read:?}");
        let planned = read.outcome == ReadOutcome::Unsupported;
        assert_eq!((read.calls, read.error.as_ref().is_some_and(|said| said.contains("not enabled"))), (0, planned));
    }
    assert!(report.coverage.complete, "it is no failure");

    let blind = findings(report, AWAY);
    let dark = blind.values().filter(|finding| finding.verdict == Verdict::InsufficientData);
    assert!(dark.clone().count() > 10);
    assert!(dark.clone().any(|it| it.reason == Some(Reason::ServiceUnavailableInRegion)));
    let global = ["IAM", "IAMC"];
    for finding in blind.values().filter(|it| !global.contains(&it.control.split('-').next().unwrap())) {
        assert_ne!(finding.verdict, Verdict::Compliant, "{} {}", finding.control, finding.message);
    }
    assert_eq!(report.exit_status(Severity::Low).code(), 3);

    // The other environment is as it was.
    let clean = Stage::of(&CLEAN).audit(None).report;
    assert_eq!(findings(report, REGION), findings(&clean, REGION));
}

#[test]
fn a_region_is_read_where_it_is_enabled_or_nobody_can_tell() {
    let clean = findings(&Stage::of(&CLEAN).audit(None).report, REGION);
    let enabled = audit("opted-in", None);
    let asked = asked_away(&enabled);
    assert!(asked > 20, "{asked}");
    // What is asked there is not recorded, and fails: beside a failure it is the same.
    for fault in [Fault::Denied, Fault::Internal, Fault::Throttled, Fault::Hang, Fault::Empty] {
        let seen = audit(ec2::NOT_OPTED_IN, Some(fault.clone()));
        assert_eq!(asked_away(&seen), asked, "{fault:?}");
        assert_eq!(findings(&seen.report, REGION), clean, "{fault:?}");
        assert_eq!(findings(&seen.report, AWAY), findings(&enabled.report, AWAY), "{fault:?}");
        let read = seen.report.coverage.reads.iter().find(|read| read.operation == ec2::REGIONS.operation).unwrap();
        assert!(read.outcome.is_loss() && read.blinds.is_empty(), "{read:?}");
    }
}

#[test]
fn an_answer_that_does_not_come_holds_up_neither_region_for_long() {
    let hung = audit("opted-in", Some(Fault::Hang));
    assert!(hung.took < Duration::from_secs(60), "{:?}", hung.took);
    // Of an account in one Region it holds up nothing: STS has answered there.
    let stage = Stage::of(&CLEAN);
    let (clean, hung) = (stage.audit(None), stage.audit(Some((&ec2::REGIONS, Fault::Hang))));
    assert_eq!(clean.report.findings, hung.report.findings);
}

/// The coverage of a Region, but for what was not planned: service, operation, outcome, error.
fn coverage<'a>(report: &'a Report, region: &str) -> Vec<(&'a str, &'a str, ReadOutcome, &'a str)> {
    let reads = report.coverage.reads.iter().filter(|read| read.outcome != ReadOutcome::NotPlanned);
    let here = reads.filter(|read| read.region.as_ref().is_some_and(|at| at.as_str() == region));
    here.map(|it| (&*it.service, &*it.operation, it.outcome, it.error.as_deref().unwrap_or_default())).collect()
}

#[test]
fn a_region_that_does_not_answer_is_given_up_and_holds_up_no_other() {
    let clean = Stage::of(&CLEAN).audit(None).report;
    let stage = Stage::of(&TWO_REGIONS);
    stage.aws.forget(&ec2::REGIONS);
    stage.aws.answer(&ec2::REGIONS, told("opted-in"));
    // Half a minute is too short to give anybody up, and long enough to read everything of a Region that answers.
    for (time, lost) in [(30, ReadOutcome::OutOfTime), (600, ReadOutcome::Failed)] {
        let seen = stage.audit_within(Duration::from_secs(time), |aws| aws.fault_region(AWAY, Fault::Hang));
        assert!(seen.took < Duration::from_secs(90), "{:?}", seen.took);
        assert_eq!(findings(&seen.report, REGION), findings(&clean, REGION), "within {time} s");
        assert_eq!(coverage(&seen.report, REGION), coverage(&clean, REGION), "within {time} s");
        let away = coverage(&seen.report, AWAY);
        assert!(away.len() > 20 && away.iter().all(|(.., outcome, _)| *outcome == lost), "{away:?}");
        let global = ["IAM", "IAMC"];
        for it in findings(&seen.report, AWAY).values() {
            let judged = global.contains(&it.control.split('-').next().unwrap()) || it.verdict != Verdict::Compliant;
            assert!(judged, "{} {}", it.control, it.message);
        }
    }
}

#[test]
fn a_service_that_does_not_answer_holds_up_no_other() {
    let stage = Stage::of(&CLEAN);
    let clean = stage.audit(None).report;
    let services: BTreeSet<_> = coverage(&clean, REGION).into_iter().map(|(service, ..)| service.to_owned()).collect();
    for service in services {
        let dark = |aws: &Replay| {
            sources().filter(|source| source.service == service).for_each(|source| aws.fault(source, Fault::Hang));
        };
        // What others refer to, such as keys, is read meanwhile.
        let seen = stage.audit_within(Duration::from_secs(30), dark);
        for (of, operation, outcome, _) in coverage(&seen.report, REGION) {
            let expected = if of == service { ReadOutcome::OutOfTime } else { ReadOutcome::Complete };
            assert!(
                outcome == expected || outcome == ReadOutcome::Complete,
                "{service} hangs: {of} {operation} {outcome:?}"
            );
        }
        let seen = stage.audit_within(Duration::from_secs(600), dark);
        assert!(seen.took < Duration::from_secs(90), "{service}: {:?}", seen.took);
        let lost = coverage(&seen.report, REGION).into_iter().filter(|(.., outcome, _)| outcome.is_loss());
        let lost: Vec<_> = lost.map(|(of, _, outcome, _)| (of, outcome)).collect();
        assert!(
            !lost.is_empty() && lost.iter().all(|it| *it == (&service, ReadOutcome::Failed)),
            "{service}: {lost:?}"
        );
    }
}
