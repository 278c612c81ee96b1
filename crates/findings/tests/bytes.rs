//! Reports and states as bytes, differences of reports, and properties over many random histories.

#![cfg(test)]

mod support;

use std::collections::BTreeMap;

use plumbline_findings::{
    Assessment, Exception, Lifecycle, Reason, Report, ReportDiff, SchemaError, Severity, State, Verdict, compare,
    finding_id,
};
use plumbline_names::Text;
use proptest::prelude::*;
use support::*;

#[test]
fn a_report_has_the_shape_of_the_contract() {
    let accepted = [exception("*:b", "2026-12-31")];
    let mut report = report(runs(&accepted, vec![(0, vec![bad("a"), bad("b"), unseen("c")])]).findings);
    report.run.trigger = plumbline_findings::Trigger::OnDemand;
    let json: serde_json::Value = serde_json::from_slice(&report.to_bytes().unwrap()).unwrap();
    assert_eq!(json["schema"], "plumbline.report/1");
    assert_eq!(json["run"]["trigger"], "on-demand");
    assert_eq!(json["run"]["started_at"], "2026-09-01T12:00:00Z");
    assert_eq!(json["run"]["reason"], serde_json::Value::Null);
    assert_eq!(json["summary"]["verdicts"]["NON_COMPLIANT"], 2);
    assert_eq!(json["summary"]["verdicts"]["COMPLIANT"], 0);
    assert_eq!(json["summary"]["drift_by_severity"]["CRITICAL"], 1);
    assert_eq!(json["summary"]["lifecycle"]["NEW"], 2);
    let finding = &json["findings"][0];
    assert_eq!(finding["area"], "network");
    assert_eq!(finding["resource"]["type"], "AWS::EC2::VPC");
    assert_eq!(finding["lifecycle"], "NEW");
    assert_eq!(finding["maps"]["cis"][0], "5.5");
    assert_eq!(finding["evidence"][0]["saw"], "open");
    assert_eq!(json["findings"][1]["exception"]["expires"], "2026-12-31");
    assert_eq!(json["findings"][2]["evidence"][0]["not_seen"]["outcome"], "denied");
    let keys: Vec<&str> = finding.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted: Vec<&str> =
        "id control name title area severity verdict reason lifecycle environment account region \
        resource aspect message evidence remediation first_seen last_seen last_confirmed attribution exception maps"
            .split_whitespace()
            .collect();
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    assert_eq!(Report::from_bytes(&report.to_bytes().unwrap()).unwrap(), report);
}

#[test]
fn a_newer_schema_is_refused_by_name() {
    let text = |schema: &str| {
        let json = String::from_utf8(empty().to_bytes().unwrap()).unwrap();
        json.replace("plumbline.state/1", schema).into_bytes()
    };
    assert!(State::from_bytes(&text("plumbline.state/1")).is_ok());
    let newer = State::from_bytes(&text("plumbline.state/2")).unwrap_err();
    assert!(matches!(&newer, SchemaError::Newer { found, .. } if found == "plumbline.state/2"));
    assert!(newer.to_string().contains("its schema is `plumbline.state/2`, newer than `plumbline.state/1`"));
    for other in ["plumbline.report/2", "plumbline.state/0", "plumbline.state/x", "state"] {
        assert!(matches!(State::from_bytes(&text(other)), Err(SchemaError::Other { .. })), "{other}");
    }
    for broken in [&b"{}"[..], b"", b"[]", b"\xff"] {
        assert!(matches!(State::from_bytes(broken), Err(SchemaError::Json { .. })));
    }
}

#[test]
fn identity_is_of_the_subject_alone() {
    let id = |assessment: &Assessment| finding_id(assessment.control.id, &assessment.subject, &account());
    let plain = bad("a");
    let worded = Assessment {
        message: "other words".into(),
        evidence: vec![],
        severity: Severity::Low,
        verdict: Verdict::Compliant,
        ..plain.clone()
    };
    assert_eq!(id(&plain), id(&worded));
    assert_eq!(id(&plain).len(), 32);
    assert_eq!(id(&plain), "1e7eab8907d5e9d7c1e9a0b5c87a46e9", "an id is for ever");
    let mut others = vec![plain.clone(); 5];
    others[0].subject.environment = "prod".into();
    others[1].subject.region = None;
    others[2].subject.resource.arn.push('x');
    others[3].subject.aspect = Some("x".into());
    others[4].control = &SMK;
    for other in &others {
        assert_ne!(id(&plain), id(other));
    }
    let mut renamed = plain.clone();
    renamed.subject.resource.name = "a tag was changed".into();
    assert_eq!(id(&plain), id(&renamed));
}

#[test]
fn a_diff_of_reports_says_what_stands_otherwise() {
    let first = runs(&[], vec![(0, vec![bad("a"), bad("b"), good("c"), bad("d")])]);
    let second =
        compare(&first.state, &observed(vec![bad("a"), good("b"), unseen("d"), good("e")]), &[], &run_at(day(1)));
    let (old, new) = (report(first.findings), report(second.findings));
    let diff = ReportDiff::between(&old, &new);
    let names = |findings: &[plumbline_findings::Finding]| -> Vec<String> {
        findings.iter().map(|finding| finding.resource.name.to_string()).collect()
    };
    assert_eq!(names(&diff.came), ["e"]);
    assert_eq!(names(&diff.went), ["c"]);
    let changed: Vec<_> =
        diff.changed.iter().map(|it| (it.finding.resource.name.as_str(), it.before.verdict)).collect();
    assert_eq!(changed, [("b", Verdict::NonCompliant), ("d", Verdict::NonCompliant)]);
    assert!(ReportDiff::between(&new, &new).is_empty());
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// What one run may see: for each of some resources any verdict or none, the listing whole or not.
fn a_look() -> impl Strategy<Value = Vec<Assessment>> {
    let verdicts = prop::sample::select(vec![None, Some(0_usize), Some(1), Some(2), Some(3)]);
    let resource = (verdicts, prop::sample::select(Severity::ALL.to_vec()), prop::bool::ANY);
    (prop::collection::vec(resource, NAMES.len()), prop::bool::weighted(0.2)).prop_map(|(resources, blind)| {
        let mut look: Vec<Assessment> = resources
            .into_iter()
            .zip(NAMES)
            .filter_map(|((seen, severity, job), name)| {
                let control = if job { &SMK } else { &NET };
                Some(Assessment { severity, ..verdict(control, name, Verdict::ALL[seen?]) })
            })
            .collect();
        if blind {
            look.push(whole_set(&NET, Verdict::InsufficientData, Reason::Throttled));
        }
        look
    })
}

fn some_exceptions() -> impl Strategy<Value = Vec<Exception>> {
    prop::collection::vec((prop::sample::select(vec!["*", "*:a", "*:b"]), 0..12_u32), 0..3).prop_map(|drawn| {
        drawn.into_iter().map(|(subject, days)| exception(subject, &format!("2026-09-{:02}", days + 1))).collect()
    })
}

proptest! {
    #![proptest_config(support::many(300))]

    #[test]
    fn looking_twice_tells_nothing_new(
        looks in prop::collection::vec(a_look(), 1..6),
        exceptions in some_exceptions(),
    ) {
        let mut last = empty();
        let count = looks.len();
        for (days, look) in looks.into_iter().enumerate() {
            let at = day(i64::try_from(days).unwrap());
            let first = compare(&last, &observed(look.clone()), &exceptions, &run_at(at));
            let again = compare(&last, &observed(look.clone()), &exceptions, &run_at(at));
            prop_assert_eq!(first.state.to_bytes().unwrap(), again.state.to_bytes().unwrap());
            prop_assert_eq!(&first.findings, &again.findings);
            prop_assert_eq!(&first.changes, &again.changes);

            let twice = compare(&first.state, &observed(look.clone()), &exceptions, &run_at(at));
            prop_assert_eq!(&twice.changes, &vec![], "run {} of {}", days, count);
            prop_assert_eq!(&twice.visibility, &vec![]);
            prop_assert!(twice.findings.iter().all(|it| matches!(it.lifecycle, None | Some(Lifecycle::Persisting))));
            prop_assert_eq!(&twice.state, &first.state);

            let bytes = first.state.to_bytes().unwrap();
            let read = State::from_bytes(&bytes).unwrap();
            prop_assert_eq!(&read, &first.state);
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);

            // The order in which verdicts come does not matter.
            let mut turned = look;
            turned.reverse();
            prop_assert_eq!(&compare(&last, &observed(turned), &exceptions, &run_at(at)).state, &first.state);
            last = first.state;
        }
    }

    /// Whoever is told that something is open is told of it once, and then that it is closed, once.
    #[test]
    fn what_is_told_is_the_truth(looks in prop::collection::vec(a_look(), 1..9), exceptions in some_exceptions()) {
        use plumbline_findings::Because;
        let mut last = empty();
        let mut told: BTreeMap<Text, bool> = BTreeMap::new();
        let mut ids = std::collections::BTreeSet::new();
        for (days, look) in looks.into_iter().enumerate() {
            let at = day(i64::try_from(days).unwrap());
            let blind = look.iter().any(|it| it.whole_set);
            let seen: BTreeMap<Text, Verdict> =
                look.iter().map(|it| (finding_id(it.control.id, &it.subject, &account()), it.verdict)).collect();
            let now = compare(&last, &observed(look), &exceptions, &run_at(at));
            for change in &now.changes {
                prop_assert!(ids.insert(change.id.clone()), "an id tells one thing");
                let open = told.entry(change.finding.to_string().into()).or_default();
                match change.because {
                    Because::New | Because::Reopened => *open = true,
                    Because::Resolved => {
                        prop_assert!(*open);
                        prop_assert!(seen.get(&change.finding) != Some(&Verdict::NonCompliant));
                        prop_assert!(seen.get(&change.finding) != Some(&Verdict::InsufficientData));
                        let net = now.findings.iter().find(|it| it.id == change.finding).unwrap().control == NET.id;
                        prop_assert!(seen.contains_key(&change.finding) || !(blind && net), "a gap resolves nothing");
                        *open = false;
                    }
                    Because::SeverityRose { .. } | Because::ExceptionExpired | Because::ExceptionNoLongerFits => {
                        *open = true;
                    }
                }
            }
            for finding in &now.findings {
                if finding.is_drift() && finding.severity > Severity::Info && finding.verdict == Verdict::NonCompliant {
                    prop_assert_eq!(told.get(&finding.id), Some(&true), "open drift was told: {:?}", finding);
                }
                if finding.verdict == Verdict::Compliant {
                    prop_assert!(!told.get(&finding.id).copied().unwrap_or_default());
                }
            }
            last = now.state;
        }
    }
}
