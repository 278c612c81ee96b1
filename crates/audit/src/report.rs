//! The report's head and bytes: everything that is neither judged nor compared.

use std::collections::BTreeMap;
use std::io::Read as _;

use jiff::Timestamp;
use plumbline_findings::{
    BaselineInfo, Comparison, Cost, Coverage, REPORT_SCHEMA, ReadCoverage, ReadOutcome, Report, RunInfo, State, Summary,
};
use plumbline_names::Operation;
use plumbline_snapshot::{Outcome, Snapshot};

use crate::judge::{Judge, Judgement};
use crate::ledger::LedgerError;
use crate::ports::Key;
use crate::request::AuditRequest;

/// The most that a report may unpack to, in bytes: a guard against files made to exhaust memory.
const MAX_REPORT_BYTES: u64 = 1 << 30;

/// A moment to the second: the precision of reports.
pub(crate) fn to_the_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The report of a comparison.
pub(crate) fn assemble(
    request: &AuditRequest,
    run: &str,
    snapshot: &Snapshot,
    judge: &impl Judge,
    judgement: Judgement,
    comparison: Comparison,
    last: &State,
) -> Report {
    let changed_from = last.baseline.as_ref().map(|before| before.sha256.clone());
    let mut notes = judgement.notes;
    notes.extend(comparison.notes);
    Report {
        schema: REPORT_SCHEMA.to_owned(),
        run: RunInfo {
            id: run.to_owned(),
            trigger: request.trigger,
            reason: request.reason.clone(),
            started_at: to_the_second(snapshot.window.started_at),
            finished_at: to_the_second(snapshot.window.finished_at),
            account: request.account.clone(),
            partition: request.partition.clone(),
            regions: snapshot.regions.keys().cloned().collect(),
            environments: judgement.environments,
            scope: request.scope.clone(),
            baseline: BaselineInfo {
                changed_from: changed_from.filter(|before| *before != request.baseline.sha256),
                ..request.baseline.clone()
            },
            version: request.version.clone(),
            previous: last.last_run.as_ref().map(|run| run.id.clone()),
            legs: 1,
        },
        coverage: coverage(snapshot, judge),
        cost: cost(snapshot),
        summary: Summary::of(&comparison.findings),
        findings: comparison.findings,
        visibility: comparison.visibility,
        exceptions: comparison.exceptions,
        excluded: judgement.excluded,
        notes,
    }
}

fn coverage(snapshot: &Snapshot, judge: &impl Judge) -> Coverage {
    let read = |read: &plumbline_snapshot::ReadRecord| {
        let outcome = outcome(read.outcome);
        let operation = Operation::new(&read.service, &read.operation);
        ReadCoverage {
            service: read.service.clone(),
            operation: read.operation.clone(),
            region: read.region.clone(),
            outcome,
            calls: read.calls,
            items: read.items,
            throttled: read.throttled,
            error: read.error.clone(),
            blinds: if outcome.is_loss() { judge.blinds(&operation) } else { Vec::new() },
        }
    };
    Coverage::of(snapshot.reads.iter().map(read).collect())
}

fn outcome(outcome: Outcome) -> ReadOutcome {
    match outcome {
        Outcome::Complete => ReadOutcome::Complete,
        Outcome::Denied => ReadOutcome::Denied,
        Outcome::Failed => ReadOutcome::Failed,
        Outcome::Throttled => ReadOutcome::Throttled,
        Outcome::Truncated => ReadOutcome::Truncated,
        Outcome::Unsupported => ReadOutcome::Unsupported,
        Outcome::NotPlanned => ReadOutcome::NotPlanned,
        Outcome::OutOfTime => ReadOutcome::OutOfTime,
    }
}

fn cost(snapshot: &Snapshot) -> Cost {
    let mut by_operation: BTreeMap<String, u64> = BTreeMap::new();
    for read in snapshot.reads.iter().filter(|read| read.calls > 0) {
        *by_operation.entry(format!("{}:{}", read.service, read.operation)).or_default() += read.calls;
    }
    Cost {
        seconds: snapshot.cost.seconds,
        calls: snapshot.reads.iter().map(|read| read.calls).sum(),
        throttled: snapshot.reads.iter().map(|read| read.throttled).sum(),
        by_operation,
        bound_seconds: snapshot.cost.bound_seconds,
        ratio: ratio(snapshot.cost.seconds, snapshot.cost.bound_seconds),
        peak_memory_mb: snapshot.cost.peak_memory_mb,
    }
}

/// `seconds` in `bound`s, to two digits.
fn ratio(seconds: f64, bound: f64) -> Option<f64> {
    (bound > 0.0).then(|| (seconds / bound * 100.0).round() / 100.0)
}

/// A report as it lies in the store: JSON under zstd.
pub(crate) fn pack_report(report: &Report, key: &Key) -> Result<Vec<u8>, LedgerError> {
    plumbline_snapshot::pack_json(report)
        .map_err(|error| LedgerError::Pack { key: key.clone(), cause: error.to_string() })
}

/// A report out of the store's bytes.
///
/// # Errors
/// [`LedgerError`]: damaged, too large, no report, or of a newer version.
pub fn unpack_report(bytes: &[u8], key: &Key) -> Result<Report, LedgerError> {
    let pack = |cause: String| LedgerError::Pack { key: key.clone(), cause };
    let decoder = zstd::stream::read::Decoder::new(bytes).map_err(|error| pack(error.to_string()))?;
    let mut json = Vec::new();
    let read = decoder.take(MAX_REPORT_BYTES + 1).read_to_end(&mut json).map_err(|error| pack(error.to_string()))?;
    if read as u64 > MAX_REPORT_BYTES {
        return Err(pack(format!("more than {MAX_REPORT_BYTES} bytes")));
    }
    let schema = |source| LedgerError::Schema { attempt: "loading", key: key.clone(), source };
    Report::from_bytes(&json).map_err(schema)
}

#[cfg(test)]
mod tests {
    use super::{cost, ratio};

    #[test]
    fn the_time_is_told_in_bounds_where_there_is_one() {
        assert_eq!((ratio(12.5, 9.25), ratio(3.0, 0.0)), (Some(1.35), None));
    }

    #[test]
    fn what_was_never_called_costs_nothing() {
        let mut snapshot = plumbline_testkit::known_good().snapshot;
        let operations = cost(&snapshot).by_operation.len();
        let unread = snapshot.reads.iter_mut().find(|read| read.operation == "DescribeVpcs").unwrap();
        unread.calls = 0;
        let cost = cost(&snapshot);
        assert!(!cost.by_operation.contains_key("ec2:DescribeVpcs"));
        assert_eq!(cost.by_operation.len(), operations - 1);
        assert_eq!(cost.by_operation.values().sum::<u64>(), cost.calls);
    }
}
