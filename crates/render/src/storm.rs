//! One message for a run with too many alerts: `plumbline.storm/1`, counts and where the report is.

use std::collections::BTreeMap;

use plumbline_findings::{AlertMessage, Area, Because, Change, Finding, Report, Severity, digest_of};
use serde::Serialize;

use crate::alert::{RunNote, STORM_SCHEMA, lifecycle_of};
use crate::batch::{attributes, one, several};
use crate::escape::{cut_to_json_bytes, fitted};
use crate::group::{first_few, region_of};
use crate::json;

/// How many controls, environments or Regions are counted by name, and are in an attribute.
const MOST_NAMES: usize = 100;

/// The bytes of a name, as JSON.
const NAME_BYTES: usize = 128;

#[derive(Debug, Serialize)]
struct Storm<'a> {
    text: String,
    schema: &'static str,
    run: RunNote<'a>,
    counts: Counts<'a>,
}

/// How many alerts the message stands for.
#[derive(Debug, Serialize)]
struct Counts<'a> {
    alerts: usize,
    because: BTreeMap<&'static str, u64>,
    lifecycle: BTreeMap<&'a str, u64>,
    severity: BTreeMap<&'static str, u64>,
    area: BTreeMap<&'static str, u64>,
    control: BTreeMap<String, u64>,
    environment: BTreeMap<String, u64>,
    region: BTreeMap<String, u64>,
}

fn tally<'a, K: Ord>(
    told: &[(&'a Change, &'a Finding)],
    key: impl Fn(&'a Change, &'a Finding) -> K,
) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    for (change, finding) in told {
        *counts.entry(key(change, finding)).or_default() += 1;
    }
    counts
}

/// Counts by names of which there could be any number: the greatest by name, the others together.
fn bounded(counts: BTreeMap<&str, u64>) -> BTreeMap<String, u64> {
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|(_, number)| std::cmp::Reverse(*number));
    let mut bounded = BTreeMap::new();
    for (nth, (name, number)) in sorted.into_iter().enumerate() {
        let name = if nth < MOST_NAMES { cut_to_json_bytes(name, NAME_BYTES) } else { "(others)".to_owned() };
        *bounded.entry(name).or_default() += number;
    }
    bounded
}

/// The message that stands for all of `told`, which is not empty and sorted by severity.
pub(crate) fn storm(report: &Report, told: &[(&Change, &Finding)], report_uri: &str) -> AlertMessage {
    let worst = told.iter().map(|(_, finding)| finding.severity).max().unwrap_or(Severity::Info);
    let counts = Counts {
        alerts: told.len(),
        because: tally(told, |change, _| change.because.as_str()),
        lifecycle: tally(told, |_, finding| lifecycle_of(finding)),
        severity: tally(told, |_, finding| finding.severity.as_str()),
        area: tally(told, |_, finding| finding.area.as_str()),
        control: bounded(tally(told, |_, finding| finding.control.as_str())),
        environment: bounded(tally(told, |_, finding| finding.environment.as_str())),
        region: bounded(tally(told, |_, finding| region_of(finding))),
    };
    let attributes = attributes([
        ("schema", one(STORM_SCHEMA)),
        ("severity", one(worst.as_str())),
        ("area", several(told.iter().map(|(_, finding)| finding.area.as_str()), Area::ALL.len())),
        ("control", several(told.iter().map(|(_, finding)| finding.control.as_str()), MOST_NAMES)),
        ("environment", several(told.iter().map(|(_, finding)| finding.environment.as_str()), MOST_NAMES)),
        ("account", one(report.run.account.as_str())),
        ("region", several(told.iter().map(|(_, finding)| region_of(finding)), MOST_NAMES)),
        ("lifecycle", several(told.iter().map(|(_, finding)| lifecycle_of(finding)), MOST_NAMES)),
    ]);
    let mut ids: Vec<&str> = told.iter().map(|(change, _)| change.id.as_str()).collect();
    ids.sort_unstable();
    ids.insert(0, "storm");
    let text = sentence(report, told, &counts, report_uri);
    let storm = Storm { text, schema: STORM_SCHEMA, run: RunNote::of(report, report_uri), counts };
    let body = json::message(&storm, &storm.text, "a storm message");
    AlertMessage { id: digest_of(&ids), body, attributes }
}

fn sentence(report: &Report, told: &[(&Change, &Finding)], counts: &Counts<'_>, report_uri: &str) -> String {
    let because = |is: fn(&Because) -> bool| told.iter().filter(|(change, _)| is(&change.because)).count();
    let kinds = [
        (because(|it| *it == Because::New), "new"),
        (because(|it| *it == Because::Reopened), "reopened"),
        (because(|it| matches!(it, Because::SeverityRose { .. })), "worse"),
        (because(|it| matches!(it, Because::ExceptionExpired | Because::ExceptionNoLongerFits)), "no longer excepted"),
        (because(|it| *it == Because::Resolved), "resolved"),
    ];
    let kinds: Vec<String> =
        kinds.into_iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    let severities = Severity::ALL
        .into_iter()
        .filter_map(|severity| counts.severity.get(severity.as_str()).map(|number| format!("{number} {severity}")));
    let mut controls: Vec<(&String, &u64)> = counts.control.iter().collect();
    controls.sort_by_key(|(_, number)| std::cmp::Reverse(**number));
    let controls = controls.into_iter().map(|(control, number)| format!("{} ({number})", fitted(control, 64)));
    let environments = counts.environment.keys().map(|environment| fitted(environment, 64));
    format!(
        "{} findings changed in account {}: {}; {}. Most under {}; in {}. Report: {}",
        told.len(),
        report.run.account,
        kinds.join(", "),
        severities.collect::<Vec<_>>().join(", "),
        first_few(controls, 5),
        first_few(environments, 5),
        fitted(report_uri, 1_200),
    )
}
