//! Where each finding stands against its history.

use std::collections::BTreeMap;

use plumbline_names::Text;

use super::{Change, Context, Shown, opens};
use crate::{Drift, Evidence, Exception, Finding, Lifecycle, Reason, Standing, State, SubjectSet, Verdict};

/// Every finding that the report shows, with its lifecycle and times.
pub(super) fn standing(context: &Context<'_>) -> Vec<Shown> {
    let (mut shown, by_id) = judged_now(context);
    for entry in &mut shown {
        place(context, entry);
    }
    for (id, history, finding) in context.last.open() {
        if context.covers(&finding.set()) && !by_id.contains_key(id) {
            shown.extend(missing(context, history, finding));
        }
    }
    shown
}

/// The assessments as findings. Of two on the same subject the more telling one stands: a certain violation beats a gap, a
/// gap beats compliance. With the place of each by its id.
fn judged_now(context: &Context<'_>) -> (Vec<Shown>, BTreeMap<Text, usize>) {
    fn weight(finding: &Finding) -> (u8, crate::Severity, &str) {
        let verdict = match finding.verdict {
            Verdict::NonCompliant => 3,
            Verdict::InsufficientData => 2,
            Verdict::Compliant => 1,
            Verdict::NotApplicable => 0,
        };
        (verdict, finding.severity, &finding.message)
    }
    let mut shown: Vec<Shown> = Vec::with_capacity(context.observed.assessments.len());
    let mut by_id = BTreeMap::new();
    for assessment in &context.observed.assessments {
        let Some(words) = context.controls.get(assessment.control.id) else { continue };
        let (whole_set, ended) = (assessment.whole_set, assessment.ended);
        let finding = Finding::of(assessment, words, &context.run.account, context.run.at);
        let stale = context.is_stale(&finding.id, &finding.set());
        let entry = Shown { finding, whole_set, ended, stale, last_time: false };
        let place = *by_id.entry(entry.finding.id.clone()).or_insert(shown.len());
        match shown.get_mut(place) {
            Some(other) if weight(&entry.finding) > weight(&other.finding) => *other = entry,
            Some(_) => {}
            None => shown.push(entry),
        }
    }
    (shown, by_id)
}

/// Sets the lifecycle and the times of a finding that was judged now.
fn place(context: &Context<'_>, entry: &mut Shown) {
    let Shown { finding, stale, last_time, .. } = entry;
    let record = context.last.verdicts.get(&finding.id);
    let history = context.last.drift.get(&finding.id);
    let open = history.and_then(Drift::open);
    if let Some(record) = record {
        finding.first_seen = record.first_seen;
        finding.last_confirmed = finding.last_confirmed.or(record.last_confirmed);
    }
    if *stale {
        let persists = open.is_some() && finding.verdict == Verdict::NonCompliant;
        finding.lifecycle = persists.then_some(Lifecycle::Persisting);
        return;
    }
    match (history, open, finding.verdict) {
        (None, _, Verdict::NonCompliant) => {
            finding.first_seen = context.run.at;
            finding.lifecycle = Some(Lifecycle::New);
        }
        (Some(_), None, Verdict::NonCompliant) => finding.lifecycle = Some(Lifecycle::Reopened),
        (Some(_), Some(_), Verdict::NonCompliant) => finding.lifecycle = Some(Lifecycle::Persisting),
        (Some(history), Some(open), Verdict::InsufficientData) => cannot_be_seen(finding, history, open),
        (Some(_), Some(_), Verdict::NotApplicable) if finding.reason == Some(Reason::AgedOut) => *last_time = true,
        (Some(_), Some(_), Verdict::Compliant | Verdict::NotApplicable) => {
            finding.lifecycle = Some(Lifecycle::Resolved);
        }
        (_, None, Verdict::Compliant | Verdict::NotApplicable | Verdict::InsufficientData)
        | (None, Some(_), Verdict::Compliant | Verdict::NotApplicable | Verdict::InsufficientData) => {}
    }
    if let Some(history) = history {
        finding.first_seen = history.first_seen;
    }
    if let (Some(open), None) = (open, &finding.attribution) {
        finding.attribution.clone_from(&open.attribution);
    }
    finding.baseline_change = match (&context.before, record) {
        // The old baseline gives the old verdict still.
        (Some(before), Some(record)) => {
            record.verdict != finding.verdict && before.get(&finding.id) == Some(&record.verdict)
        }
        // Under the old baseline it is no subject.
        (Some(before), None) => opens(finding.lifecycle) && !before.contains_key(&finding.id),
        (None, _) => false,
    };
}

/// Turns the finding that something was not seen into the drift that persists behind it.
fn cannot_be_seen(finding: &mut Finding, history: &Drift, open: &Finding) {
    finding.lifecycle = Some(Lifecycle::Persisting);
    finding.severity = open.severity;
    finding.last_confirmed = Some(history.last_confirmed);
    finding.first_seen = history.first_seen;
    finding.message = format!("{} As last seen: {}", finding.message, open.message).into();
    // WHY: what was not seen decides the verdict, so it goes first.
    finding.evidence.extend(open.evidence.iter().filter(|it| !matches!(it, Evidence::NotSeen { .. })).cloned());
}

/// An open finding that should have been judged now and was not: it cannot be seen, or its subject is there no more.
fn missing(context: &Context<'_>, history: &Drift, open: &Finding) -> Option<Shown> {
    let set = open.set();
    let stale = history.last_confirmed > context.run.at || context.is_stale(&open.id, &set);
    let mut finding = open.clone();
    finding.last_seen = context.run.at;
    if let Some(words) = context.controls.get(open.control.as_str()) {
        finding.take(words);
    }
    let mut entry = Shown { finding, whole_set: false, ended: history.ended, stale: false, last_time: false };
    let finding = &mut entry.finding;
    if let Some(blind) = context.blind.get(&set) {
        finding.verdict = Verdict::InsufficientData;
        finding.reason = blind.reason;
        finding.message.clone_from(&blind.message);
        finding.evidence.clone_from(&blind.evidence);
        cannot_be_seen(finding, history, open);
        entry.stale = stale;
        return Some(entry);
    }
    if stale {
        return None;
    }
    let reason = why_gone(context, history, open);
    finding.verdict = Verdict::NotApplicable;
    finding.reason = Some(reason);
    finding.last_confirmed = Some(context.run.at);
    finding.baseline_change = is_subject_before(context, open);
    finding.lifecycle = (reason != Reason::AgedOut).then_some(Lifecycle::Resolved);
    finding.message = match reason {
        Reason::AgedOut => format!("The job {} ended before the lookback began.", open.resource.name),
        Reason::ResourceGone => format!("{} is not there any more.", open.resource.name),
        _ => format!("{} is not judged by this control any more.", open.resource.name),
    }
    .into();
    entry.last_time = true;
    Some(entry)
}

/// Whether a finding still applies under the last baseline, where that was another one.
fn is_subject_before(context: &Context<'_>, open: &Finding) -> bool {
    let before = context.before.as_ref().and_then(|before| before.get(&open.id));
    before.is_some_and(|verdict| *verdict != Verdict::NotApplicable)
}

/// Why the subject of an open finding is not among its control's subjects, all of which were seen.
fn why_gone(context: &Context<'_>, history: &Drift, open: &Finding) -> Reason {
    let set = open.set();
    let whole_set = context.observed.assessments.iter().find(|it| it.whole_set && SubjectSet::of(it) == set);
    if let Some(
        reason @ (Reason::SwitchedOff
        | Reason::NotRequiredByBaseline
        | Reason::FeatureNotUsed
        | Reason::UnsupportedByService),
    ) = whole_set.and_then(|it| it.reason)
    {
        return reason;
    }
    if is_subject_before(context, open) {
        return Reason::NotRequiredByBaseline;
    }
    let since = context.observed.judged.jobs_since.get(&open.environment);
    // A job that ran when it was last seen ended after that.
    let ended = history.ended.unwrap_or(history.last_confirmed);
    if is_job(&open.resource.kind) && since.is_some_and(|since| ended < *since) {
        Reason::AgedOut
    } else {
        Reason::ResourceGone
    }
}

/// Whether a resource type is one of SageMaker's jobs, which end and leave the lookback. Job definitions do not.
fn is_job(kind: &str) -> bool {
    kind.starts_with("AWS::SageMaker::") && kind.ends_with("Job")
}

/// Writes what became of a finding into its history.
pub(super) fn remember(
    context: &Context<'_>,
    state: &mut State,
    entry: &Shown,
    covering: Option<&Exception>,
    change: Option<&Change>,
) {
    let Shown { finding, ended, last_time, .. } = entry;
    let at = context.run.at;
    let alerted = change.map(|_| finding.severity);
    let history = state.drift.get_mut(&finding.id);
    match (history, finding.lifecycle) {
        (None, Some(Lifecycle::New)) => {
            let drift = Drift {
                openings: 1,
                first_seen: finding.first_seen,
                last_confirmed: at,
                standing: Standing::Open(Box::new(to_remember(finding))),
                alerted,
                covered_by: covering.map(Exception::id),
                ended: *ended,
            };
            state.drift.insert(finding.id.clone(), drift);
        }
        (Some(history), Some(lifecycle)) if lifecycle.is_open() => {
            if lifecycle == Lifecycle::Reopened {
                history.openings += 1;
                history.alerted = None;
            }
            if finding.verdict == Verdict::NonCompliant {
                history.last_confirmed = at;
                history.standing = Standing::Open(Box::new(to_remember(finding)));
                history.ended = *ended;
            }
            history.alerted = alerted.or(history.alerted);
            history.covered_by = covering.map(Exception::id);
        }
        (Some(history), Some(_)) => history.standing = Standing::Closed(at),
        // An aged-out job's name may be given to another job: that one is NEW.
        (Some(_), None) if *last_time || finding.reason == Some(Reason::AgedOut) => {
            state.drift.remove(&finding.id);
        }
        (Some(_) | None, _) => {}
    }
    count(context, state, finding);
}

/// An open finding without what only the run that saw it has to say.
fn to_remember(finding: &Finding) -> Finding {
    Finding { lifecycle: None, exception: None, baseline_change: false, ..finding.clone() }
}

/// Counts a transition for the metrics. What an exception covers, or covered, is no drift.
fn count(context: &Context<'_>, state: &mut State, finding: &Finding) {
    let covered = context.last.drift.get(&finding.id).is_some_and(|history| history.covered_by.is_some());
    let counted = match finding.lifecycle {
        Some(Lifecycle::New | Lifecycle::Reopened) => finding.exception.is_none(),
        Some(Lifecycle::Resolved) => !covered,
        Some(Lifecycle::Persisting) | None => false,
    };
    if counted {
        let transitions = state.uncounted.entry(finding.environment.clone()).or_default();
        match finding.lifecycle {
            Some(Lifecycle::New) => transitions.new += 1,
            Some(Lifecycle::Reopened) => transitions.reopened += 1,
            Some(Lifecycle::Resolved) => transitions.resolved += 1,
            Some(Lifecycle::Persisting) | None => {}
        }
    }
}
