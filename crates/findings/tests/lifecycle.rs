//! NEW, PERSISTING, RESOLVED, REOPENED: each rule of the contract, and what must not happen.

#![cfg(test)]

mod support;

use plumbline_findings::{
    Assessment, Because, Lifecycle, Observed, Reason, Severity, State, SubjectSet, Verdict, Visibility, compare,
};
use support::*;

fn tells(comparison: &plumbline_findings::Comparison) -> Vec<Because> {
    comparison.changes.iter().map(|change| change.because).collect()
}

#[test]
fn drift_opens_persists_closes_and_opens_again() {
    let first = runs(&[], vec![(0, vec![bad("a")])]);
    assert_eq!(one(&first, "a").lifecycle, Some(Lifecycle::New));
    assert_eq!(tells(&first), [Because::New]);

    let second = next(&first.state, 1, &observed(vec![bad("a")]));
    assert_eq!(one(&second, "a").lifecycle, Some(Lifecycle::Persisting));
    assert_eq!(tells(&second), []);
    let finding = one(&second, "a");
    assert_eq!((finding.first_seen, finding.last_seen, finding.last_confirmed), (day(0), day(1), Some(day(1))));

    let third = next(&second.state, 2, &observed(vec![good("a")]));
    assert_eq!(one(&third, "a").lifecycle, Some(Lifecycle::Resolved));
    assert_eq!(tells(&third), [Because::Resolved]);

    let fourth = next(&third.state, 3, &observed(vec![good("a")]));
    assert_eq!(one(&fourth, "a").lifecycle, None);
    assert_eq!(tells(&fourth), []);

    let fifth = next(&fourth.state, 4, &observed(vec![bad("a")]));
    assert_eq!(one(&fifth, "a").lifecycle, Some(Lifecycle::Reopened));
    assert_eq!(one(&fifth, "a").first_seen, day(0));
    assert_eq!(tells(&fifth), [Because::Reopened]);
    assert_ne!(first.changes[0].id, fifth.changes[0].id);

    let sixth = next(&fifth.state, 5, &observed(vec![good("a")]));
    assert_ne!(third.changes[0].id, sixth.changes[0].id, "closing again is told again");
}

#[test]
fn not_applicable_resolves_too() {
    let closed = runs(&[], vec![(0, vec![bad("a")]), (1, vec![verdict(&NET, "a", Verdict::NotApplicable)])]);
    assert_eq!(one(&closed, "a").lifecycle, Some(Lifecycle::Resolved));
    assert_eq!(one(&closed, "a").reason, Some(Reason::FeatureNotUsed));
}

#[test]
fn a_gap_neither_resolves_nor_alerts() {
    let blind = runs(&[], vec![(0, vec![bad("a")]), (1, vec![unseen("a")])]);
    let finding = one(&blind, "a");
    assert_eq!((finding.verdict, finding.lifecycle), (Verdict::InsufficientData, Some(Lifecycle::Persisting)));
    assert_eq!(finding.reason, Some(Reason::AccessDenied));
    assert_eq!(finding.last_confirmed, Some(day(0)));
    assert_eq!(finding.evidence.len(), 2, "what was not seen, and what was seen last");
    assert!(finding.message.contains("a is INSUFFICIENT_DATA As last seen: a is NON_COMPLIANT"));
    assert!(finding.is_drift());
    assert_eq!(tells(&blind), []);

    let still = next(&blind.state, 2, &observed(vec![unseen("a")]));
    assert_eq!(one(&still, "a"), &plumbline_findings::Finding { last_seen: day(2), ..finding.clone() });
    assert_eq!(still.visibility, []);

    let seen = next(&still.state, 3, &observed(vec![bad("a")]));
    assert_eq!(one(&seen, "a").lifecycle, Some(Lifecycle::Persisting));
    assert_eq!(one(&seen, "a").last_confirmed, Some(day(3)));
    assert_eq!(tells(&seen), []);

    let mended = next(&still.state, 3, &observed(vec![good("a")]));
    assert_eq!(tells(&mended), [Because::Resolved]);
}

#[test]
fn drift_out_of_sight_says_when_it_was_last_seen() {
    let blind = runs(&[], vec![(0, vec![bad("a")]), (1, vec![bad("a")]), (2, vec![unseen("a")])]);
    assert_eq!(one(&blind, "a").last_confirmed, Some(day(1)));
}

#[test]
fn a_listing_that_is_not_whole_resolves_nothing() {
    let not_listed = whole_set(&NET, Verdict::InsufficientData, Reason::Truncated);
    let blind = runs(&[], vec![(0, vec![bad("a"), bad("b")]), (1, vec![not_listed, bad("b")])]);
    let finding = one(&blind, "a");
    assert_eq!((finding.verdict, finding.lifecycle), (Verdict::InsufficientData, Some(Lifecycle::Persisting)));
    assert_eq!(finding.reason, Some(Reason::Truncated));
    assert_eq!(one(&blind, "b").verdict, Verdict::NonCompliant);
    assert_eq!(tells(&blind), []);

    // The other control's gap is none of this one's business.
    let other = whole_set(&SMK, Verdict::InsufficientData, Reason::Truncated);
    let gone = runs(&[], vec![(0, vec![bad("a")]), (1, vec![other])]);
    assert_eq!(one(&gone, "a").lifecycle, Some(Lifecycle::Resolved));
}

#[test]
fn a_resource_that_is_gone_is_shown_once() {
    let none_left = || whole_set(&NET, Verdict::NotApplicable, Reason::NoResources);
    let gone = runs(&[], vec![(0, vec![bad("a")]), (1, vec![none_left()])]);
    let finding = one(&gone, "a");
    assert_eq!((finding.verdict, finding.reason), (Verdict::NotApplicable, Some(Reason::ResourceGone)));
    assert_eq!(finding.lifecycle, Some(Lifecycle::Resolved));
    assert_eq!(tells(&gone), [Because::Resolved]);
    let after = next(&gone.state, 2, &observed(vec![none_left()]));
    assert!(after.findings.iter().all(|finding| finding.resource.name != "a"));
    let back = next(&after.state, 3, &observed(vec![bad("a")]));
    assert_eq!(tells(&back), [Because::Reopened]);
}

#[test]
fn a_control_that_is_switched_off_says_so() {
    let off = whole_set(&NET, Verdict::NotApplicable, Reason::SwitchedOff);
    let closed = runs(&[], vec![(0, vec![bad("a")]), (1, vec![off])]);
    assert_eq!(one(&closed, "a").reason, Some(Reason::SwitchedOff));
    assert_eq!(one(&closed, "a").lifecycle, Some(Lifecycle::Resolved));
}

#[test]
fn a_job_ages_out_without_an_alert() {
    let job = Assessment { ended: Some(day(0)), ..verdict(&SMK, "job", Verdict::NonCompliant) };
    let none_left = || whole_set(&SMK, Verdict::NotApplicable, Reason::NoResources);
    let first = runs(&[], vec![(0, vec![job])]);
    let mut later = observed(vec![none_left()]);
    later.judged.jobs_since.insert("dev".into(), day(1));
    let aged = next(&first.state, 8, &later);
    let finding = one(&aged, "job");
    assert_eq!((finding.verdict, finding.reason), (Verdict::NotApplicable, Some(Reason::AgedOut)));
    assert_eq!(finding.lifecycle, None, "not counted as resolved");
    assert_eq!(tells(&aged), []);
    assert_eq!(aged.state.uncounted["dev"].resolved, 0);
    assert!(next(&aged.state, 9, &later).findings.iter().all(|finding| finding.resource.name != "job"));

    // Deleted while it would still be in the lookback: gone, and told.
    later.judged.jobs_since.insert("dev".into(), day(-1));
    let gone = next(&first.state, 1, &later);
    assert_eq!(one(&gone, "job").reason, Some(Reason::ResourceGone));
    assert_eq!(tells(&gone), [Because::Resolved]);
}

#[test]
fn a_verdict_aged_out_closes_without_an_alert_too() {
    let aged = Assessment { reason: Some(Reason::AgedOut), ..verdict(&SMK, "job", Verdict::NotApplicable) };
    let closed = runs(&[], vec![(0, vec![verdict(&SMK, "job", Verdict::NonCompliant)]), (8, vec![aged])]);
    assert_eq!(one(&closed, "job").lifecycle, None);
    assert_eq!(tells(&closed), []);
    assert_eq!(closed.state.open().count(), 0);
}

#[test]
fn what_was_not_judged_stays_as_it_was() {
    let first = runs(&[], vec![(0, vec![bad("a"), verdict(&SMK, "job", Verdict::NonCompliant)])]);
    let scoped = without(&NET, observed(vec![verdict(&SMK, "job", Verdict::NonCompliant)]));
    let after = next(&first.state, 1, &scoped);
    assert!(after.findings.iter().all(|finding| finding.control == SMK.id));
    assert_eq!(after.state.verdicts[&one(&first, "a").id], first.state.verdicts[&one(&first, "a").id]);
    assert_eq!(after.state.drift[&one(&first, "a").id], first.state.drift[&one(&first, "a").id]);

    // Only one resource was asked about: nothing is known of the other.
    let narrow = without(&NET, observed(vec![good("a")]));
    let both = runs(&[], vec![(0, vec![bad("a"), bad("b")])]);
    let after = next(&both.state, 1, &narrow);
    assert_eq!(one(&after, "a").lifecycle, Some(Lifecycle::Resolved));
    assert_eq!(after.findings.len(), 1);
    assert!(after.state.drift[&one(&both, "b").id].open().is_some());
}

#[test]
fn a_gap_in_one_region_hides_nothing_in_another() {
    let in_region = |region: &str, mut assessment: Assessment| {
        assessment.subject.environment = "unassigned".into();
        assessment.subject.region = Some(region.parse().unwrap());
        assessment
    };
    let look = |assessments: Vec<Assessment>| {
        let mut look = observed(assessments);
        look.judged.sets = look.assessments.iter().map(SubjectSet::of).collect();
        look
    };
    let both = [in_region("eu-west-1", bad("a")), in_region("us-east-1", bad("b"))];
    let first = next(&empty(), 0, &look(both.to_vec()));
    let unseen_here = in_region("eu-west-1", whole_set(&NET, Verdict::InsufficientData, Reason::Throttled));
    let empty_there = in_region("us-east-1", whole_set(&NET, Verdict::NotApplicable, Reason::NoResources));
    let after = next(&first.state, 1, &look(vec![unseen_here, empty_there]));
    assert_eq!(one(&after, "a").lifecycle, Some(Lifecycle::Persisting));
    assert_eq!(one(&after, "b").lifecycle, Some(Lifecycle::Resolved));
    let only_there = next(&first.state, 1, &look(vec![both[1].clone()]));
    assert_eq!(only_there.state.open().count(), 2, "a run of one region says nothing of another");
}

#[test]
fn only_a_rise_of_severity_is_told() {
    let at = |severity| Assessment { severity, ..bad("a") };
    let first = runs(&[], vec![(0, vec![at(Severity::Medium)])]);
    let fallen = next(&first.state, 1, &observed(vec![at(Severity::Low)]));
    assert_eq!(tells(&fallen), []);
    let back = next(&fallen.state, 2, &observed(vec![at(Severity::Medium)]));
    assert_eq!(tells(&back), [], "no worse than what was told");
    let risen = next(&back.state, 3, &observed(vec![at(Severity::High)]));
    assert_eq!(tells(&risen), [Because::SeverityRose { from: Severity::Medium }]);
    let still = next(&risen.state, 4, &observed(vec![at(Severity::High)]));
    assert_eq!(tells(&still), []);
}

#[test]
fn info_is_never_told() {
    let info = || Assessment { severity: Severity::Info, ..bad("a") };
    let first = runs(&[], vec![(0, vec![info()])]);
    assert_eq!(one(&first, "a").lifecycle, Some(Lifecycle::New));
    assert_eq!(tells(&first), []);
    assert_eq!(tells(&next(&first.state, 1, &observed(vec![good("a")]))), []);
    assert_eq!(
        tells(&next(&first.state, 1, &observed(vec![bad("a")]))),
        [Because::SeverityRose { from: Severity::Info }]
    );
}

#[test]
fn changes_of_visibility_have_their_own_list() {
    let blind = runs(&[], vec![(0, vec![good("a"), bad("b")]), (1, vec![unseen("a"), unseen("b")])]);
    let lost: Vec<_> = blind.visibility.iter().map(|it| (it.resource.name.as_str(), it.change, it.from)).collect();
    assert_eq!(
        lost,
        [("a", Visibility::Lost, Some(Verdict::Compliant)), ("b", Visibility::Lost, Some(Verdict::NonCompliant))]
    );
    assert_eq!(tells(&blind), []);
    let seen = next(&blind.state, 2, &observed(vec![good("a"), bad("b")]));
    assert!(seen.visibility.iter().all(|it| it.change == Visibility::Regained));
    assert_eq!(seen.visibility.len(), 2);
    assert_eq!(seen.visibility[0].reason, Some(Reason::AccessDenied));

    let set = || whole_set(&NET, Verdict::InsufficientData, Reason::Throttled);
    let blind = next(&seen.state, 3, &observed(vec![set()]));
    let lost: Vec<_> = blind.visibility.iter().map(|it| (it.resource.name.as_str(), it.from)).collect();
    assert_eq!(lost, [("all-of-dev", None), ("b", Some(Verdict::NonCompliant))]);
    let seen = next(&blind.state, 4, &observed(vec![good("a"), bad("b")]));
    let regained: Vec<_> = seen.visibility.iter().map(|it| (it.resource.name.as_str(), it.to)).collect();
    assert_eq!(regained, [("all-of-dev", None), ("b", Some(Verdict::NonCompliant))]);

    let blind = runs(&[], vec![(0, vec![good("a")]), (1, vec![good("a"), unseen("b")])]);
    assert_eq!(blind.visibility, [], "b was never in view");
    let blind = next(&blind.state, 2, &observed(vec![set()]));
    let lost: Vec<_> = blind.visibility.iter().map(|it| (it.resource.name.as_str(), it.change)).collect();
    assert_eq!(lost, [("all-of-dev", Visibility::Lost)], "b is no better seen than before");

    let first = runs(&[], vec![(0, vec![unseen("a"), set()])]);
    assert_eq!(first.visibility, [], "what was never in view was not lost");
}

#[test]
fn of_two_verdicts_on_one_subject_the_violation_stands() {
    for pair in [[bad("a"), good("a")], [good("a"), bad("a")], [unseen("a"), bad("a")]] {
        assert_eq!(one(&runs(&[], vec![(0, pair.into())]), "a").verdict, Verdict::NonCompliant);
    }
    assert_eq!(one(&runs(&[], vec![(0, vec![unseen("a"), good("a")])]), "a").verdict, Verdict::InsufficientData);
}

#[test]
fn an_older_look_does_not_undo_a_newer_one() {
    let newer = runs(&[], vec![(0, vec![bad("a")]), (5, vec![good("a")])]);
    let older = next(&newer.state, 4, &observed(vec![bad("a"), bad("gone-by-day-5")]));
    assert_eq!(tells(&older), []);
    assert_eq!(older.findings.len(), 2);
    assert!(older.findings.iter().all(|finding| finding.lifecycle.is_none()));
    assert_eq!(older.notes.len(), 1);
    assert_eq!(State { exceptions: [].into(), ..older.state }, newer.state);

    let open = runs(&[], vec![(5, vec![bad("a")])]);
    for seen_before in [
        vec![good("a")],
        vec![unseen("a")],
        vec![whole_set(&NET, Verdict::InsufficientData, Reason::Throttled)],
        vec![],
    ] {
        let older = next(&open.state, 4, &observed(seen_before));
        assert_eq!(tells(&older), []);
        assert_eq!(older.state, open.state);
    }

    let worse = Assessment { severity: Severity::Critical, ..bad("a") };
    let open = runs(&[], vec![(5, vec![Assessment { severity: Severity::Low, ..bad("a") }])]);
    let older = next(&open.state, 4, &observed(vec![worse]));
    assert_eq!((tells(&older), older.state), (vec![], open.state));

    // What the newer run could not see, the older one's sight is good for.
    let blind = runs(&[], vec![(5, vec![unseen("a")])]);
    assert_eq!(tells(&next(&blind.state, 4, &observed(vec![bad("a")]))), [Because::New]);
}

#[test]
fn a_flip_by_the_baseline_alone_says_so() {
    let first = runs(&[], vec![(0, vec![good("a")])]);
    let by_baseline = Observed { under_last_baseline: Some(vec![good("a")]), ..observed(vec![bad("a"), bad("new")]) };
    let flipped = next(&first.state, 1, &by_baseline);
    assert!(one(&flipped, "a").baseline_change);
    assert!(one(&flipped, "new").baseline_change, "it is no subject under the old baseline");
    let both = Observed { under_last_baseline: Some(vec![bad("a")]), ..observed(vec![bad("a")]) };
    assert!(!one(&next(&first.state, 1, &both), "a").baseline_change, "it broke under the old baseline too");

    let open = runs(&[], vec![(0, vec![bad("a")])]);
    let dropped = Observed { under_last_baseline: Some(vec![bad("a")]), ..observed(vec![]) };
    let closed = next(&open.state, 1, &dropped);
    assert_eq!(one(&closed, "a").reason, Some(Reason::NotRequiredByBaseline), "it is still there");
    assert!(one(&closed, "a").baseline_change);
    let off = whole_set(&NET, Verdict::NotApplicable, Reason::SwitchedOff);
    let off = Observed { under_last_baseline: Some(vec![bad("a")]), ..observed(vec![off]) };
    let closed = next(&open.state, 1, &off);
    assert_eq!(one(&closed, "a").reason, Some(Reason::SwitchedOff));
    assert!(one(&closed, "a").baseline_change);
}

#[test]
fn transitions_wait_until_a_metric_counts_them() {
    let twice = runs(&[], vec![(0, vec![bad("a"), bad("b")]), (1, vec![good("a"), bad("b")]), (2, vec![bad("a")])]);
    let owed = twice.state.uncounted["dev"];
    assert_eq!((owed.new, owed.resolved, owed.reopened), (2, 2, 1));
}

#[test]
fn the_state_forgets_what_is_long_gone() {
    let closed = runs(&[], vec![(0, vec![bad("a")]), (1, vec![good("a")])]);
    let id = one(&closed, "a").id.clone();
    assert!(next(&closed.state, 401, &observed(vec![good("a")])).state.drift.contains_key(&id));
    assert!(!next(&closed.state, 402, &observed(vec![good("a")])).state.drift.contains_key(&id));

    let open = runs(&[], vec![(0, vec![bad("a")])]);
    let mut elsewhere = observed(vec![]);
    elsewhere.judged.declared = ["prod".into()].into();
    elsewhere.judged.sets = [].into();
    let soon = next(&open.state, 30, &elsewhere);
    assert_eq!(soon.state.open().count(), 1, "an audit with the wrong file forgets nothing");
    let late = next(&open.state, 31, &elsewhere);
    assert_eq!((late.state.open().count(), late.notes.len()), (0, 1));
    assert!(late.state.verdicts.is_empty() && late.state.judged.is_empty());
    let mut out_of_scope = observed(vec![]);
    out_of_scope.judged.sets = [].into();
    assert_eq!(next(&open.state, 300, &out_of_scope).state.open().count(), 1, "it is still declared");
}

#[test]
fn who_did_it_is_not_forgotten() {
    let cause = Box::new(plumbline_findings::Attribution {
        event_id: "e".into(),
        event_name: "CreateRoute".into(),
        event_time: day(0),
        principal: "arn:aws:iam::111122223333:role/x".into(),
        source_ip: None,
        confidence: "high".into(),
    });
    let caused = Assessment { cause: Some(cause.clone()), ..bad("a") };
    let later = runs(&[], vec![(0, vec![caused]), (1, vec![bad("a")]), (2, vec![unseen("a")])]);
    assert_eq!(one(&later, "a").attribution, Some(cause));
}

#[test]
fn a_newer_selection_replaces_and_a_partial_one_adds() {
    let select = |arn: &str| [(arn.into(), "dev".into())].into();
    let first = Observed { selected: select("x"), ..observed(vec![]) };
    let first = compare(&empty(), &first, &[], &run_at(day(0)));
    let partial = Observed { selected: select("y"), selected_all: false, ..observed(vec![]) };
    assert_eq!(next(&first.state, 1, &partial).state.selected.len(), 2);
    let whole = Observed { selected: select("y"), ..observed(vec![]) };
    assert_eq!(next(&first.state, 1, &whole).state.selected, select("y"));
}
