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
            None if hidden && entry.whole_set && context.judged.contains_key(&finding.set()) => {
                changes.push(of(finding, Visibility::Lost, None, finding.reason));
            }
            Some(_) | None => {}
        }
    }
    for (id, record) in &context.last.verdicts {
        let set = record.set();
        if record.verdict == Verdict::InsufficientData
            && !by_id.contains_key(id.as_str())
            && context.covers(&set)
            && !context.is_blind(&set)
            && !context.is_stale(id, &set)
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
        finding: id.into(),
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
