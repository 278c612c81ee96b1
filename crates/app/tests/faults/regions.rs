//! A second environment, in a Region that the account may or may not use.

use std::collections::BTreeMap;
use std::time::Duration;

use plumbline_collector::replay::{Answer, Fault};
use plumbline_findings::{Finding, ReadOutcome, Reason, Report, Severity, Verdict};
use plumbline_snapshot::ec2;

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
