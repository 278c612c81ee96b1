//! Small builders that the tests of this crate share.
#![allow(dead_code, reason = "each test program uses its own part")]

use jiff::{SignedDuration, Timestamp};
use plumbline_findings::{
    Area, Assessment, Comparison, ControlInfo, Evidence, Exception, Finding, Judged, LastBaseline, Maps, NotSeen,
    Observed, Origin, Reason, Run, Severity, State, Subject, SubjectSet, Verdict, compare,
};
use plumbline_names::{AccountId, ResourceRef};

const fn control(id: &'static str, area: Area, severity: Severity) -> ControlInfo {
    ControlInfo {
        id,
        name: "a-slug",
        title: "The desired state.",
        area,
        severity,
        origin: Origin::Seed,
        scope: "env",
        rationale: "Because.",
        decided: "So.",
        remediation: "Mend it.",
        maps: Maps { securityhub: &[], cis: &["5.5"], nist: &["SC-7"] },
    }
}

pub(crate) static NET: ControlInfo = control("NET-02", Area::Network, Severity::Critical);
pub(crate) static SMK: ControlInfo = control("SMK-12", Area::Sagemaker, Severity::High);
pub(crate) const CONTROLS: [&ControlInfo; 2] = [&NET, &SMK];

pub(crate) fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

/// Noon, `days` days into the tests.
pub(crate) fn day(days: i64) -> Timestamp {
    "2026-09-01T12:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(24 * days)
}

pub(crate) fn run_at(at: Timestamp) -> Run {
    Run {
        id: format!("run-{at}"),
        at,
        account: account(),
        baseline: LastBaseline { sha256: "ab".into(), text: "version: 1".into() },
    }
}

/// A verdict of `control` on the resource `name` of the environment `dev`.
pub(crate) fn verdict(control: &'static ControlInfo, name: &str, verdict: Verdict) -> Assessment {
    let kind = if control.id == SMK.id { "AWS::SageMaker::TrainingJob" } else { "AWS::EC2::VPC" };
    let evidence = match verdict {
        Verdict::InsufficientData => vec![Evidence::NotSeen {
            not_seen: NotSeen {
                operation: "ec2:DescribeVpcs".into(),
                target: None,
                outcome: "denied".into(),
                detail: "".into(),
            },
        }],
        _ => vec![Evidence::field("ec2:DescribeVpcs", format!("{name}.State"), "open", "closed")],
    };
    Assessment {
        control,
        subject: Subject {
            environment: "dev".into(),
            region: Some("eu-west-1".parse().unwrap()),
            resource: ResourceRef::new(format!("arn:aws:x:eu-west-1:111122223333:{name}"), kind, name),
            aspect: None,
        },
        verdict,
        reason: match verdict {
            Verdict::InsufficientData => Some(Reason::AccessDenied),
            Verdict::NotApplicable => Some(Reason::FeatureNotUsed),
            Verdict::Compliant | Verdict::NonCompliant => None,
        },
        severity: control.severity,
        message: format!("{name} is {verdict}").into(),
        evidence,
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

pub(crate) fn unseen(name: &str) -> Assessment {
    verdict(&NET, name, Verdict::InsufficientData)
}

/// The whole set of a control's subjects cannot be seen, or is empty.
pub(crate) fn whole_set(control: &'static ControlInfo, verdict_of_all: Verdict, reason: Reason) -> Assessment {
    Assessment {
        whole_set: true,
        reason: Some(reason),
        evidence: Vec::new(),
        ..verdict(control, "all-of-dev", verdict_of_all)
    }
}

pub(crate) fn judged_all() -> Judged {
    let mut judged = Judged {
        declared: ["dev", "unassigned"].map(Into::into).into(),
        catalogue: CONTROLS.iter().map(|control| control.id.to_owned()).collect(),
        ..Judged::default()
    };
    for control in CONTROLS {
        judged.sets.insert(SubjectSet::of(&verdict(control, "a", Verdict::Compliant)));
    }
    judged
}

/// A run that judged everything, with these verdicts.
pub(crate) fn observed(assessments: Vec<Assessment>) -> Observed {
    Observed { assessments, judged: judged_all(), selected_all: true, ..Observed::default() }
}

pub(crate) fn empty() -> State {
    State::empty(account())
}

/// One run after another from an empty state; the last one's outcome.
pub(crate) fn runs(exceptions: &[Exception], runs: Vec<(i64, Vec<Assessment>)>) -> Comparison {
    let mut last = empty();
    let mut outcome = None;
    for (days, assessments) in runs {
        let comparison = compare(&last, &observed(assessments), exceptions, &run_at(day(days)));
        last = comparison.state.clone();
        outcome = Some(comparison);
    }
    outcome.unwrap()
}

pub(crate) fn next(last: &State, days: i64, observed: &Observed) -> Comparison {
    compare(last, observed, &[], &run_at(day(days)))
}

pub(crate) fn one<'a>(comparison: &'a Comparison, name: &str) -> &'a Finding {
    let found: Vec<_> = comparison.findings.iter().filter(|finding| finding.resource.name == name).collect();
    assert_eq!(found.len(), 1, "{name} in {:#?}", comparison.findings);
    found[0]
}

pub(crate) fn exception(subject: &str, expires: &str) -> Exception {
    Exception {
        control: NET.id.to_owned(),
        environment: "dev".into(),
        subject: subject.to_owned(),
        when: [].into(),
        reason: "a shared service without an endpoint yet".into(),
        owner: "team@example.com".into(),
        expires: expires.parse().unwrap(),
        ticket: None,
    }
}

pub(crate) fn report(findings: Vec<Finding>) -> plumbline_findings::Report {
    use plumbline_findings::{BaselineInfo, Cost, Coverage, REPORT_SCHEMA, Report, RunInfo, Summary, Trigger};
    Report {
        schema: REPORT_SCHEMA.to_owned(),
        run: RunInfo {
            id: "r".into(),
            trigger: Trigger::Cli,
            reason: None,
            started_at: day(0),
            finished_at: day(0),
            account: account(),
            partition: plumbline_names::Partition::named("aws"),
            regions: vec!["eu-west-1".parse().unwrap()],
            environments: vec!["dev".into()],
            scope: vec![],
            baseline: BaselineInfo { file: "b.yaml".into(), sha256: "ab".into(), accepted: vec![], changed_from: None },
            version: "0.1.0".into(),
            previous: None,
            legs: 1,
        },
        coverage: Coverage::of(vec![]),
        cost: Cost::default(),
        summary: Summary::of(&findings),
        findings,
        visibility: vec![],
        exceptions: Default::default(),
        excluded: vec![],
        notes: vec![],
    }
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

/// A look at everything but the sets of this control.
pub(crate) fn without(control: &ControlInfo, mut observed: Observed) -> Observed {
    observed.judged.sets.retain(|set| set.control != control.id);
    observed
}
