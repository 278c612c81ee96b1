//! Which exception covers which finding, and which exceptions need a look.

use super::Context;
use crate::exception::utc_day;
use crate::{
    Exception, ExceptionMemory, ExceptionNote, ExceptionNotes, Finding, Fit, State, SubjectSet, UNUSED_DAYS, Verdict,
};

/// How an exception fits the drift behind a finding: what was read last counts where it cannot be read now.
fn fit(context: &Context<'_>, exception: &Exception, finding: &Finding) -> Fit {
    if finding.verdict == Verdict::InsufficientData {
        match context.last.drift.get(&finding.id).and_then(crate::Drift::open) {
            Some(open) => exception.fit(open),
            None => Fit::Elsewhere,
        }
    } else {
        exception.fit(finding)
    }
}

/// Puts the exception that covers a finding on it: of several live ones the one that holds longest.
///
/// Drift that an exception covers and that cannot be seen now keeps its exception: it is still no drift. That it cannot be
/// seen is not covered: its verdict is INSUFFICIENT_DATA and counts as such.
pub(super) fn cover<'a>(context: &Context<'a>, finding: &mut Finding) -> Option<&'a Exception> {
    if !finding.is_open() {
        return None;
    }
    let covering = context
        .exceptions
        .iter()
        .filter(|exception| !exception.is_expired(context.run.at) && fit(context, exception, finding) == Fit::Covers)
        .max_by(|a, b| (a.expires, b).cmp(&(b.expires, a)))?;
    finding.exception = Some(Box::new(covering.accepted()));
    Some(covering)
}

/// The exceptions that need a look, over all open findings, judged now or not; and what the state remembers of exceptions.
pub(super) fn notes(context: &Context<'_>, state: &mut State) -> ExceptionNotes {
    let at = context.run.at;
    let mut notes = ExceptionNotes::default();
    let mut memories = std::collections::BTreeMap::new();
    let mut exceptions: Vec<&Exception> = context.exceptions.iter().collect();
    exceptions.sort();
    for exception in exceptions {
        let id = exception.id();
        let mut covered = Vec::new();
        let mut differing = Vec::new();
        for (finding_id, drift, finding) in state.open() {
            match exception.fit(finding) {
                Fit::Covers => covered.push(finding_id.to_owned()),
                Fit::Differs(detail) if drift.covered_by.is_none() => differing.push((finding_id.to_owned(), detail)),
                Fit::Differs(_) | Fit::Elsewhere => {}
            }
        }
        let known = state.exceptions.get(&id);
        let memory = ExceptionMemory {
            environment: exception.environment.clone(),
            expires: exception.expires,
            first_seen: known.map_or(at, |known| known.first_seen),
            // WHY: none is less than any moment, and an older run does not turn time back.
            last_matched: known.and_then(|known| known.last_matched).max((!covered.is_empty()).then_some(at)),
        };
        if exception.is_expired(at) {
            notes.expired.push(note(exception, covered, None));
        } else {
            for (finding, detail) in differing {
                notes.mismatched.push(note(exception, vec![finding], Some(detail)));
            }
            if exception.is_expiring(at) {
                notes.expiring.push(note(exception, covered, None));
            }
            let idle_since = utc_day(memory.last_matched.unwrap_or(memory.first_seen));
            let of_it =
                |set: &&SubjectSet| set.control == exception.control && set.environment == exception.environment;
            let mut judged = context.observed.judged.sets.iter().filter(of_it).peekable();
            if judged.peek().is_some()
                && judged.all(|set| !context.is_blind(set))
                && crate::exception::days_between(idle_since, utc_day(at)) >= UNUSED_DAYS
            {
                notes.unused.push(note(exception, Vec::new(), None));
            }
        }
        memories.insert(id, memory);
    }
    state.exceptions = memories;
    notes
}

fn note(exception: &Exception, findings: Vec<String>, detail: Option<String>) -> ExceptionNote {
    ExceptionNote {
        control: exception.control.clone(),
        environment: exception.environment.clone(),
        subject: exception.subject.clone(),
        expires: exception.expires,
        owner: exception.owner.clone(),
        reason: exception.reason.clone(),
        ticket: exception.ticket.clone(),
        findings,
        detail,
    }
}
