//! What the state forgets, so that it stays small.

use jiff::{SignedDuration, Timestamp};

use super::Context;
use crate::{CLOSED_DAYS, OWED_DAYS, Standing, State, UNDECLARED_DAYS};

/// The moment `days` before `at`; the earliest moment there is where that is out of range.
fn days_before(at: Timestamp, days: i64) -> Timestamp {
    at.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
}

/// Lets go of what is too old, and says so where somebody might miss it.
pub(super) fn keep(context: &Context<'_>, state: &mut State) -> Vec<String> {
    let at = context.run.at;
    let mut notes = Vec::new();
    let closed_since = days_before(at, CLOSED_DAYS);
    state.drift.retain(|_, drift| !matches!(drift.standing, Standing::Closed(closed) if closed < closed_since));

    let undeclared_since = days_before(at, UNDECLARED_DAYS);
    let judged = &context.observed.judged;
    let exists =
        |control: &str, environment: &str| judged.catalogue.contains(control) && judged.declared.contains(environment);
    let mut forgotten = 0_usize;
    state.drift.retain(|_, drift| {
        let keep = drift.open().is_none_or(|finding| {
            drift.last_confirmed >= undeclared_since || exists(&finding.control, &finding.environment)
        });
        forgotten += usize::from(!keep);
        keep
    });
    state
        .verdicts
        .retain(|_, record| record.last_seen >= undeclared_since || exists(&record.control, &record.environment));
    state.judged.retain(|set| set.at >= undeclared_since || exists(&set.control, &set.environment));
    if forgotten > 0 {
        notes.push(format!(
            "{forgotten} open findings are forgotten: for {UNDECLARED_DAYS} days the baseline has not declared their \
             environment, or the catalogue their control"
        ));
    }

    let owed_since = days_before(at, OWED_DAYS);
    let owed = state.outbox.alerts.len() + state.outbox.digests.len();
    state.outbox.alerts.retain(|owed| owed.since >= owed_since);
    state.outbox.digests.retain(|owed| owed.since >= owed_since);
    let dropped = owed - state.outbox.alerts.len() - state.outbox.digests.len();
    if dropped > 0 {
        notes.push(format!("{dropped} messages could not be sent for {OWED_DAYS} days and are dropped"));
    }
    let declared = &state.environments;
    state.uncounted.retain(|environment, transitions| declared.contains(environment) && !transitions.is_none());
    notes
}
