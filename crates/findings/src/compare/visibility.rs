//! Changes into and out of INSUFFICIENT_DATA.

use std::collections::BTreeMap;

use super::{Context, Shown};
use crate::{Finding, LastVerdict, Verdict, Visibility, VisibilityChange};

/// The changes of visibility between the remembered verdicts and those of now, in the order of reports.
pub(super) fn changes(context: &Context<'_>, shown: &[Shown]) -> Vec<VisibilityChange> {
    let mut changes: Vec<VisibilityChange> = Vec::new();
    let by_id: BTreeMap<&str, &Shown> = shown.iter().map(|entry| (entry.finding.id.as_str(), entry)).collect();
    for entry in shown.iter().filter(|entry| !entry.stale) {
        let finding = &entry.finding;
        let hidden = finding.verdict == Verdict::InsufficientData;
        match context.last.verdicts.get(&finding.id) {
            Some(record) if hidden && record.verdict != Verdict::InsufficientData => {
                changes.push(of(finding, Visibility::Lost, Some(record.verdict), finding.reason));
            }
            Some(record) if !hidden && record.verdict == Verdict::InsufficientData => {
                changes.push(of(finding, Visibility::Regained, Some(record.verdict), record.reason));
            }
            // A set that was in view before; a subject that was never seen is no change.
            None if hidden && entry.whole_set && was_judged(context, finding) => {
                changes.push(of(finding, Visibility::Lost, None, finding.reason));
            }
            Some(_) | None => {}
        }
    }
    for (id, record) in &context.last.verdicts {
        let judged = context.covers(&record.control, &record.environment, &record.resource.arn)
            && !context.is_stale(id, &record.control, &record.environment);
        if record.verdict == Verdict::InsufficientData
            && judged
            && !by_id.contains_key(id.as_str())
            && !context.is_blind(&record.control, &record.environment)
        {
            changes.push(gone(id, record));
        }
    }
    changes.sort_by(|a, b| rank(a).cmp(&rank(b)));
    changes
}

fn rank(change: &VisibilityChange) -> (&str, &str, &str, Option<&str>) {
    (&change.control, &change.environment, &change.resource.arn, change.aspect.as_deref())
}

/// Whether a finding's control was judged in its environment before.
fn was_judged(context: &Context<'_>, finding: &Finding) -> bool {
    let judged = context.last.judged.get(&finding.control);
    judged.is_some_and(|environments| environments.contains_key(&finding.environment))
}

fn of(finding: &Finding, change: Visibility, from: Option<Verdict>, reason: Option<crate::Reason>) -> VisibilityChange {
    VisibilityChange {
        finding: finding.id.clone(),
        control: finding.control.clone(),
        environment: finding.environment.clone(),
        region: finding.region.clone(),
        resource: finding.resource.clone(),
        aspect: finding.aspect.clone(),
        change,
        from,
        to: Some(finding.verdict),
        reason,
    }
}

/// What could not be judged, and is no subject any more: one verdict on the whole set gave way to one for each subject.
fn gone(id: &str, record: &LastVerdict) -> VisibilityChange {
    VisibilityChange {
        finding: id.to_owned(),
        control: record.control.clone(),
        environment: record.environment.clone(),
        region: record.region.clone(),
        resource: record.resource.clone(),
        aspect: record.aspect.clone(),
        change: Visibility::Regained,
        from: Some(record.verdict),
        to: None,
        reason: record.reason,
    }
}
