//! The run in numbers, for CloudWatch. Values come from the state after the run, so that a scoped run does not shrink them.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_findings::{AreaTally, Metric, Report, State, Tally, Unit};
use plumbline_names::{Text, UNASSIGNED};

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
    let mut judged: BTreeSet<&str> = report.run.environments.iter().map(Text::as_str).collect();
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use expect_test::expect;
    use plumbline_findings::{Metric, State};

    use super::{metrics, plain};
    use crate::samples::{account, report, state};

    fn shown(metrics: &[Metric]) -> String {
        let line = |metric: &Metric| {
            let dimensions: Vec<String> =
                metric.dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!("{} {} {} {}\n", metric.name, metric.value, metric.unit.as_str(), dimensions.join(","))
        };
        metrics.iter().map(line).collect()
    }

    #[test]
    fn of_a_run() {
        let mut run = report(vec![]);
        run.run.environments.push("churn-dev".into());
        let all = metrics(&state(), &run);
        let fraud: Vec<Metric> = all
            .iter()
            .filter(|metric| metric.dimensions.get("Environment").is_none_or(|name| name == "fraud-dev"))
            .cloned()
            .collect();
        expect![[r#"
            Drift 0 Count Environment=fraud-dev
            Drift 0 Count Environment=fraud-dev,Severity=CRITICAL
            Drift 0 Count Environment=fraud-dev,Severity=HIGH
            Drift 0 Count Environment=fraud-dev,Severity=MEDIUM
            Drift 0 Count Environment=fraud-dev,Severity=LOW
            Drift 0 Count Environment=fraud-dev,Severity=INFO
            Compliant 3 Count Environment=fraud-dev
            InsufficientData 1 Count Environment=fraud-dev
            Coverage 75 Percent Environment=fraud-dev
            Drift 0 Count Area=network,Environment=fraud-dev
            Compliant 3 Count Area=network,Environment=fraud-dev
            InsufficientData 1 Count Area=network,Environment=fraud-dev
            Coverage 75 Percent Area=network,Environment=fraud-dev
            Drift 0 Count Area=endpoints,Environment=fraud-dev
            Compliant 0 Count Area=endpoints,Environment=fraud-dev
            InsufficientData 0 Count Area=endpoints,Environment=fraud-dev
            Drift 0 Count Area=roles,Environment=fraud-dev
            Compliant 0 Count Area=roles,Environment=fraud-dev
            InsufficientData 0 Count Area=roles,Environment=fraud-dev
            Drift 0 Count Area=data,Environment=fraud-dev
            Compliant 0 Count Area=data,Environment=fraud-dev
            InsufficientData 0 Count Area=data,Environment=fraud-dev
            Drift 0 Count Area=sagemaker,Environment=fraud-dev
            Compliant 0 Count Area=sagemaker,Environment=fraud-dev
            InsufficientData 0 Count Area=sagemaker,Environment=fraud-dev
            Drift 0 Count Area=logs,Environment=fraud-dev
            Compliant 0 Count Area=logs,Environment=fraud-dev
            InsufficientData 0 Count Area=logs,Environment=fraud-dev
            Drift 0 Count Area=self-service,Environment=fraud-dev
            Compliant 0 Count Area=self-service,Environment=fraud-dev
            InsufficientData 0 Count Area=self-service,Environment=fraud-dev
            NewDrift 0 Count Environment=fraud-dev
            ResolvedDrift 0 Count Environment=fraud-dev
            ReopenedDrift 0 Count Environment=fraud-dev
            ExceptionsActive 0 Count Environment=fraud-dev
            ExceptionsExpired 0 Count Environment=fraud-dev
            AuditCompleted 1 Count Environment=fraud-dev
            AuditDuration 3250 Milliseconds 
            ApiCalls 12 Count 
            ThrottledCalls 1 Count 
        "#]]
        .assert_eq(&shown(&fraud));
        // Three environments alike, Coverage where something applies.
        let names = |name: &str| all.iter().filter(|metric| metric.name == name).count();
        assert_eq!((names("Drift"), names("Compliant"), names("AuditCompleted"), names("Coverage")), (39, 24, 3, 2));
        let sets: BTreeSet<_> = all.iter().map(|metric| (&metric.name, &metric.dimensions)).collect();
        assert_eq!(sets.len(), all.len(), "no metric twice");
    }

    #[test]
    fn a_scoped_run_completes_nothing() {
        let mut run = report(vec![]);
        run.run.scope = vec!["control:NET-02".to_owned()];
        let all = metrics(&state(), &run);
        assert!(all.iter().all(|metric| metric.name != "AuditCompleted" && metric.name != "Coverage"));
        assert!(all.iter().any(|metric| metric.name == "Compliant" && metric.value == 3.0));
    }

    #[test]
    fn an_environment_that_was_not_audited_is_not_completed() {
        let all = metrics(&state(), &report(vec![]));
        let completed: Vec<&str> = all
            .iter()
            .filter(|metric| metric.name == "AuditCompleted")
            .map(|metric| metric.dimensions["Environment"].as_str())
            .collect();
        assert_eq!(completed, ["fraud-dev"]);
    }

    #[test]
    fn no_environment_still_measures_the_run() {
        expect![[r#"
            AuditDuration 3250 Milliseconds 
            ApiCalls 12 Count 
            ThrottledCalls 1 Count 
        "#]]
        .assert_eq(&shown(&metrics(&State::empty(account()), &report(vec![]))));
    }

    #[test]
    fn a_dimension_is_what_cloudwatch_takes() {
        for (name, value) in [("fraud-dev", "fraud-dev"), ("", "_"), (":a", "_a"), ("日\u{1b}", "__"), (" ", "_")] {
            assert_eq!(plain(name), value);
        }
        assert!(plain(&"x".repeat(3_000)).len() <= 255);
    }
}
