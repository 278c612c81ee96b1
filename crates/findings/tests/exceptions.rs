//! What an exception covers, and how it ends.

#![cfg(test)]

mod support;

use plumbline_findings::{
    Assessment, Because, Comparison, Evidence, Exception, ExitStatus, Fit, Lifecycle, ReadCoverage, ReadOutcome,
    Reason, Severity, Verdict, compare, matches,
};
use support::*;

const ARN: &str = "arn:aws:x:eu-west-1:111122223333:a";

fn tells(comparison: &Comparison) -> Vec<Because> {
    comparison.changes.iter().map(|change| change.because).collect()
}

#[test]
fn a_covered_finding_stays_and_keeps_quiet() {
    let accepted = [exception(ARN, "2026-12-31")];
    let first = runs(&accepted, vec![(0, vec![bad("a"), bad("b")])]);
    let finding = one(&first, "a");
    assert_eq!((finding.verdict, finding.lifecycle), (Verdict::NonCompliant, Some(Lifecycle::New)));
    assert_eq!(finding.exception.as_ref().unwrap().owner, "team@example.com");
    assert!(!finding.is_drift());
    assert_eq!(first.changes.len(), 1, "only b is told");
    assert_eq!(first.changes[0].finding, one(&first, "b").id);
    assert_eq!(first.state.uncounted["dev"].new, 1);
    let closed = compare(&first.state, &observed(vec![good("a"), good("b")]), &accepted, &run_at(day(1)));
    assert_eq!(closed.changes.len(), 1, "who was not told that it opened is not told that it closed");
}

#[test]
fn an_exception_ends_once() {
    // 2026-09-03 is day 2; it is good through the whole of that day.
    let accepted = [exception(ARN, "2026-09-03")];
    let last_day = runs(&accepted, vec![(0, vec![bad("a")]), (2, vec![bad("a")])]);
    assert_eq!(tells(&last_day), []);
    assert_eq!(last_day.exceptions.expiring.len(), 1);
    assert_eq!(last_day.exceptions.expiring[0].findings, [one(&last_day, "a").id.clone()]);

    let over = compare(&last_day.state, &observed(vec![bad("a")]), &accepted, &run_at(day(3)));
    assert_eq!(one(&over, "a").lifecycle, Some(Lifecycle::Persisting));
    assert_eq!(one(&over, "a").exception, None);
    assert_eq!(tells(&over), [Because::ExceptionExpired]);
    assert_eq!(over.exceptions.expired.len(), 1);

    let after = compare(&over.state, &observed(vec![bad("a")]), &accepted, &run_at(day(4)));
    assert_eq!(tells(&after), [], "once");
    assert_eq!(after.exceptions.expired.len(), 1, "but reported as long as it stands in the file");
    let closed = compare(&after.state, &observed(vec![good("a")]), &accepted, &run_at(day(5)));
    assert_eq!(tells(&closed), [Because::Resolved]);
}

#[test]
fn an_exception_that_ends_while_out_of_scope_is_told_when_judged_again() {
    let accepted = [exception(ARN, "2026-09-03")];
    let first = runs(&accepted, vec![(0, vec![bad("a")])]);
    let scoped = without(&NET, observed(vec![]));
    let between = compare(&first.state, &scoped, &accepted, &run_at(day(3)));
    assert_eq!(tells(&between), []);
    assert_eq!(between.state.tally(day(3))["dev"].total().drift, 1, "it is drift from now on");
    assert_eq!(between.state.tally(day(2))["dev"].total().drift, 0);
    let whole = compare(&between.state, &observed(vec![bad("a")]), &accepted, &run_at(day(4)));
    assert_eq!(tells(&whole), [Because::ExceptionExpired]);
}

#[test]
fn an_exception_never_covers_what_is_not_seen() {
    let accepted = [exception("*", "2026-12-31")];
    let blind = runs(&accepted, vec![(0, vec![unseen("a")])]);
    assert_eq!(one(&blind, "a").exception, None);
    let lost = runs(&accepted, vec![(0, vec![bad("a")]), (1, vec![unseen("a")])]);
    let finding = one(&lost, "a");
    assert!(!finding.is_drift(), "what was accepted is still no drift");
    assert_eq!(status(&lost, Severity::Low), ExitStatus::Blind, "but it cannot be seen, and that is not accepted");
}

fn status(comparison: &Comparison, fail_on: Severity) -> ExitStatus {
    support_report(comparison).exit_status(fail_on)
}

fn support_report(comparison: &Comparison) -> plumbline_findings::Report {
    report(comparison.findings.clone())
}

#[test]
fn the_exit_code_counts_open_drift() {
    let low = || Assessment { severity: Severity::Low, ..bad("a") };
    let info = || Assessment { severity: Severity::Info, ..bad("a") };
    let cases = [
        (vec![good("a")], Severity::Low, ExitStatus::Clean),
        (vec![bad("a"), unseen("b")], Severity::Low, ExitStatus::Drift),
        (vec![unseen("b")], Severity::Low, ExitStatus::Blind),
        (vec![low()], Severity::Low, ExitStatus::Drift),
        (vec![low()], Severity::Medium, ExitStatus::Clean),
        (vec![info()], Severity::Low, ExitStatus::Clean),
    ];
    for (assessments, fail_on, expected) in cases {
        assert_eq!(status(&runs(&[], vec![(0, assessments.clone())]), fail_on), expected, "{assessments:?}");
    }
    let unseen_drift = runs(&[], vec![(0, vec![bad("a")]), (1, vec![unseen("a")])]);
    assert_eq!(status(&unseen_drift, Severity::Low), ExitStatus::Drift);
    assert_eq!([ExitStatus::Clean, ExitStatus::Drift, ExitStatus::Blind].map(ExitStatus::code), [0, 1, 3]);
}

#[test]
fn a_lost_read_is_not_clean_though_no_verdict_hung_on_it() {
    let mut report = support_report(&runs(&[], vec![(0, vec![Assessment { severity: Severity::Low, ..good("a") }])]));
    let control = report.findings[0].control.clone();
    let read = |outcome, blinds: &[&str]| ReadCoverage {
        service: "ec2".to_owned(),
        operation: "DescribeManagedPrefixLists".to_owned(),
        region: None,
        outcome,
        calls: 1,
        items: 0,
        throttled: 0,
        error: None,
        blinds: blinds.iter().map(|&control| control.to_owned()).collect(),
    };
    let mut status = |read: ReadCoverage, fail_on| {
        report.coverage.reads = vec![read];
        report.exit_status(fail_on)
    };
    let low = Severity::Low;
    assert_eq!(status(read(ReadOutcome::Denied, &[&control]), low), ExitStatus::Blind);
    assert_eq!(status(read(ReadOutcome::Complete, &[&control]), low), ExitStatus::Clean);
    assert_eq!(status(read(ReadOutcome::Unsupported, &[&control]), low), ExitStatus::Clean);
    assert_eq!(status(read(ReadOutcome::Denied, &["SMK-99"]), low), ExitStatus::Clean, "nobody asked for it");
    assert_eq!(
        status(read(ReadOutcome::Denied, &[&control]), Severity::Medium),
        ExitStatus::Clean,
        "below what counts"
    );
}

#[test]
fn when_must_describe_all_that_is_wrong() {
    let with = |facts: &[(&str, &str, &str)]| Assessment {
        evidence: facts.iter().map(|(path, saw, wanted)| Evidence::field("ec2:X", *path, *saw, *wanted)).collect(),
        ..bad("a")
    };
    let finding = |assessment: Assessment| one(&runs(&[], vec![(0, vec![assessment])]), "a").clone();
    let when = Exception { when: [("p".to_owned(), "443".to_owned())].into(), ..exception(ARN, "2026-12-31") };
    let fits = |facts: &[(&str, &str, &str)]| when.fit(&finding(with(facts))) == Fit::Covers;
    assert!(fits(&[("p", "443", "none")]));
    assert!(fits(&[("p", "443", "none"), ("q", "as wanted", "as wanted"), ("r", "beside the point", "")]));
    assert!(!fits(&[("p", "22", "none")]));
    assert!(!fits(&[("p", "443", "none"), ("p", "22", "none")]), "worse than described");
    assert!(!fits(&[("p", "443", "none"), ("q", "22", "none")]), "worse than described");
    assert!(!fits(&[("q", "443", "none")]));
    assert!(!fits(&[]));

    let first =
        compare(&empty(), &observed(vec![with(&[("p", "443", "none")])]), std::slice::from_ref(&when), &run_at(day(0)));
    assert_eq!(tells(&first), []);
    let worse = observed(vec![with(&[("p", "443", "none"), ("p", "22", "none")])]);
    let worse = compare(&first.state, &worse, std::slice::from_ref(&when), &run_at(day(1)));
    assert_eq!(tells(&worse), [Because::ExceptionNoLongerFits]);
    assert_eq!(worse.exceptions.mismatched.len(), 1);
    assert_eq!(worse.exceptions.mismatched[0].detail.as_deref(), Some("`p` is `22`, the exception says `443`"));
}

#[test]
fn an_exception_is_for_one_control_environment_and_subject() {
    let finding = one(&runs(&[], vec![(0, vec![bad("a")])]), "a").clone();
    let good = exception(ARN, "2026-12-31");
    assert_eq!(good.fit(&finding), Fit::Covers);
    assert_eq!(exception("*:a", "2026-12-31").fit(&finding), Fit::Covers);
    for other in [Verdict::Compliant, Verdict::NotApplicable, Verdict::InsufficientData] {
        let finding = plumbline_findings::Finding { verdict: other, ..finding.clone() };
        assert_eq!(good.fit(&finding), Fit::Elsewhere);
    }
    for other in [
        exception("arn:aws:x:eu-west-1:111122223333:A", "2026-12-31"),
        exception("arn:aws:x", "2026-12-31"),
        Exception { control: "NET-03".into(), ..good.clone() },
        Exception { environment: "prod".into(), ..good.clone() },
    ] {
        assert_eq!(other.fit(&finding), Fit::Elsewhere, "{other:?}");
    }
}

#[test]
fn of_several_the_one_that_holds_longest() {
    let accepted = [exception("*", "2026-10-01"), exception(ARN, "2026-12-31"), exception("*a", "2026-11-01")];
    let first = runs(&accepted, vec![(0, vec![bad("a")])]);
    assert_eq!(one(&first, "a").exception.as_ref().unwrap().expires.to_string(), "2026-12-31");
    let differs = Exception { when: [("p".to_owned(), "1".to_owned())].into(), ..exception(ARN, "2026-10-01") };
    let [a, b, c] = accepted;
    assert_eq!(runs(&[a, b, c, differs.clone()], vec![(0, vec![bad("a")])]).exceptions.mismatched, []);
    assert_eq!(runs(&[differs], vec![(0, vec![bad("a")])]).exceptions.mismatched.len(), 1);
}

#[test]
fn an_exception_that_matches_nothing_is_unused_after_a_while() {
    let accepted = [exception(ARN, "2027-08-31")];
    let unused = |state: &plumbline_findings::State, days, assessments| {
        compare(state, &observed(assessments), &accepted, &run_at(day(days))).exceptions.unused.len()
    };
    let first = runs(&accepted, vec![(0, vec![good("a")])]);
    assert_eq!(unused(&first.state, 29, vec![good("a")]), 0);
    assert_eq!(unused(&first.state, 30, vec![good("a")]), 1);
    assert_eq!(unused(&first.state, 30, vec![bad("a")]), 0);
    let not_seen = whole_set(&NET, Verdict::InsufficientData, Reason::Throttled);
    assert_eq!(unused(&first.state, 30, vec![not_seen]), 0, "who knows");
    let scoped = without(&NET, observed(vec![]));
    assert_eq!(compare(&first.state, &scoped, &accepted, &run_at(day(30))).exceptions.unused, []);
    let used = runs(&accepted, vec![(0, vec![bad("a")]), (20, vec![bad("a")]), (21, vec![good("a")])]);
    assert_eq!(unused(&used.state, 49, vec![good("a")]), 0);
    assert_eq!(unused(&used.state, 50, vec![good("a")]), 1);
    // A new date is not a new exception.
    let prolonged = [exception(ARN, "2027-08-30")];
    let again = compare(&first.state, &observed(vec![good("a")]), &prolonged, &run_at(day(30)));
    assert_eq!(again.exceptions.unused.len(), 1);
}

#[test]
fn patterns_are_iam_patterns() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("*", "a:b/c", true),
        ("", "", true),
        ("", "a", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("a*c*e", "abcde", true),
        ("a*c*e", "abcdf", false),
        ("*ab", "aab", true),
        ("**b", "ab", true),
        ("ab*", "ab", true),
        ("ü?", "üß", true),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} on {text}");
    }
}
