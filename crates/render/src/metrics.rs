//! The run in numbers, for CloudWatch. Values come from the state after the run, so that a scoped run does not shrink them.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_findings::{AreaTally, Metric, Report, State, Tally, Unit};
use plumbline_names::UNASSIGNED;

use crate::escape::cut_to_json_bytes;

/// The bytes of a dimension's value.
///
/// Source: "`Dimension`" (Amazon CloudWatch API Reference): 1 to 1024 ASCII characters.
const DIMENSION_BYTES: usize = 255;

/// The metrics of a run, in a fixed order: `state` is the one after it.
///
/// `AuditCompleted` and `Coverage` are for the environments that the run judged, and left out where it was scoped. An
/// environment or area to which nothing applies has no `Coverage`: neither 0 nor 100 would be true.
#[must_use]
pub fn metrics(state: &State, report: &Report) -> Vec<Metric> {
    let judged = judged(state, report);
    let mut out = Out::default();
    for (environment, tally) in state.tally(report.run.finished_at) {
        of_environment(&mut out, &environment, &tally, judged.contains(environment.as_str()));
    }
    let cost = &report.cost;
    out.put("AuditDuration", Unit::Milliseconds, cost.seconds * 1000.0, &[]);
    out.count("ApiCalls", cost.calls, &[]);
    out.count("ThrottledCalls", cost.throttled, &[]);
    out.0
}

/// The environments whose audit this run finished: none for a scoped one. `unassigned` is judged with the last of the others.
fn judged<'a>(state: &'a State, report: &'a Report) -> BTreeSet<&'a str> {
    if !report.run.scope.is_empty() {
        return BTreeSet::new();
    }
    let mut judged: BTreeSet<&str> = report.run.environments.iter().map(String::as_str).collect();
    if state.environments.iter().all(|environment| environment == UNASSIGNED || judged.contains(environment.as_str())) {
        judged.insert(UNASSIGNED);
    }
    judged
}

fn of_environment(out: &mut Out, environment: &str, tally: &Tally, is_judged: bool) {
    let whole = [("Environment", environment)];
    let total = tally.total();
    out.count("Drift", total.drift, &whole);
    for (severity, number) in tally.drift_by_severity.iter().rev() {
        out.count("Drift", *number, &[("Environment", environment), ("Severity", severity.as_str())]);
    }
    of_area(out, &total, &whole, is_judged);
    for (area, of) in &tally.areas {
        let dimensions = [("Area", area.as_str()), ("Environment", environment)];
        out.count("Drift", of.drift, &dimensions);
        of_area(out, of, &dimensions, is_judged);
    }
    out.count("NewDrift", tally.transitions.new, &whole);
    out.count("ResolvedDrift", tally.transitions.resolved, &whole);
    out.count("ReopenedDrift", tally.transitions.reopened, &whole);
    out.count("ExceptionsActive", tally.exceptions_active, &whole);
    out.count("ExceptionsExpired", tally.exceptions_expired, &whole);
    if is_judged {
        out.count("AuditCompleted", 1, &whole);
    }
}

fn of_area(out: &mut Out, tally: &AreaTally, dimensions: &[(&str, &str)], is_judged: bool) {
    out.count("Compliant", tally.compliant, dimensions);
    out.count("InsufficientData", tally.insufficient_data, dimensions);
    if let Some(percent) = tally.coverage().filter(|_| is_judged) {
        out.put("Coverage", Unit::Percent, percent, dimensions);
    }
}

#[derive(Default)]
struct Out(Vec<Metric>);

impl Out {
    fn count(&mut self, name: &str, value: u64, dimensions: &[(&str, &str)]) {
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
        self.put(name, Unit::Count, value as f64, dimensions);
    }

    fn put(&mut self, name: &str, unit: Unit, value: f64, dimensions: &[(&str, &str)]) {
        let dimensions: BTreeMap<String, String> =
            dimensions.iter().map(|(name, value)| ((*name).to_owned(), plain(value))).collect();
        self.0.push(Metric { name: name.to_owned(), unit, value, dimensions });
    }
}

/// A value that CloudWatch takes: ASCII without controls, not empty, not beginning with a colon.
fn plain(value: &str) -> String {
    let ascii: String = value
        .chars()
        .enumerate()
        .map(|(nth, character)| match character {
            ':' if nth == 0 => '_',
            ' '..='~' => character,
            _ => '_',
        })
        .collect();
    if ascii.trim().is_empty() {
        return "_".to_owned();
    }
    let cut = cut_to_json_bytes(&ascii, DIMENSION_BYTES);
    cut.replace(crate::escape::CUT, "~")
}
