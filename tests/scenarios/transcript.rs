//! What a run says and sends, as text to read and compare.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use plumbline_audit::{Audited, Outcome};
use plumbline_findings::{AlertMessage, Finding, Report, Severity, Verdict, Visibility};
use plumbline_render::{Style, text, wire};
use plumbline_testkit::ENVIRONMENT;

use crate::support::World;

/// What had been sent before a run.
#[derive(Clone, Copy)]
pub(crate) struct Marks {
    alerts: usize,
    digests: usize,
    metrics: usize,
}

impl Marks {
    pub(crate) fn of(world: &World) -> Self {
        Self { alerts: world.alerts.len(), digests: world.digests.len(), metrics: world.metrics.len() }
    }
}

/// How many findings and alerts of one run are shown one by one.
const SHOWN: usize = 8;

/// The metrics that a transcript shows, without further dimensions.
const METRICS: [&str; 9] = [
    "Drift",
    "NewDrift",
    "ResolvedDrift",
    "ReopenedDrift",
    "InsufficientData",
    "Coverage",
    "ExceptionsActive",
    "ExceptionsExpired",
    "AuditCompleted",
];

/// Everything that a run of `at` says and sends.
pub(crate) fn of(outcome: &Outcome, world: &World, before: Marks, at: Timestamp, whole: bool) -> String {
    let mut out = String::new();
    writeln!(out, "\n== {at}").unwrap();
    let audited = match outcome {
        Outcome::Duplicate(claim) => {
            let done = if claim.done.is_some() { "done" } else { "not done" };
            writeln!(out, "event {} is with {}, {done}", claim.event, claim.owner).unwrap();
            return out;
        }
        Outcome::Unfinished(parked) => {
            writeln!(out, "{} is unfinished after leg {}", parked.run, parked.legs).unwrap();
            return out;
        }
        Outcome::Audited(audited) => audited,
    };
    let Audited { report, undelivered, .. } = &**audited;
    writeln!(out, "{}", short(outcome)).unwrap();
    if whole {
        indented(&mut out, "report", &text(report, &Style { width: 120, height: None, colour: false }, Severity::Low));
    }
    let told: Vec<&Finding> = report.findings.iter().filter(|finding| is_told(finding)).collect();
    for finding in told.iter().take(SHOWN) {
        writeln!(out, "{}", line(finding)).unwrap();
    }
    and_more(&mut out, told.len(), "findings");
    visibility(&mut out, report);
    exceptions(&mut out, report);
    for note in &report.notes {
        writeln!(out, "note: {note}").unwrap();
    }
    for error in undelivered {
        writeln!(out, "undelivered: {error}").unwrap();
    }
    messages(&mut out, world, before);
    let owed = world.state().outbox;
    if !owed.is_empty() {
        writeln!(out, "owed: {} alerts, {} digests", owed.alerts.len(), owed.digests.len()).unwrap();
    }
    out
}

/// A run in one line.
pub(crate) fn short(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Duplicate(claim) => format!("a duplicate of {}", claim.owner),
        Outcome::Unfinished(parked) => format!("{}: unfinished", parked.run),
        Outcome::Audited(audited) => {
            let report = &audited.report;
            let counts = |counts: Vec<(String, u64)>| {
                let words: Vec<String> = counts
                    .into_iter()
                    .filter(|(_, number)| *number > 0)
                    .map(|(word, number)| format!("{number} {word}"))
                    .collect();
                if words.is_empty() { "none".to_owned() } else { words.join(" ") }
            };
            let summary = &report.summary;
            let drift = summary.drift_by_severity.iter().rev().map(|(it, number)| (it.to_string(), *number));
            let lifecycle = summary.lifecycle.iter().map(|(it, number)| (it.to_string(), *number));
            // The number of those that are fine changes with every new control.
            let told = [Verdict::NonCompliant, Verdict::InsufficientData];
            let verdicts = told.map(|it| (it.to_string(), summary.verdicts[&it]));
            format!(
                "{}: exit {}; {}; drift {}; {}",
                report.run.id,
                report.exit_status(Severity::Low).code(),
                counts(verdicts.into()),
                counts(drift.collect()),
                counts(lifecycle.collect()),
            )
        }
    }
}

/// Findings with a story: drift, and what was.
fn is_told(finding: &Finding) -> bool {
    finding.lifecycle.is_some() || finding.is_open() || finding.reason.is_some_and(|it| it.as_str() == "aged_out")
}

fn line(finding: &Finding) -> String {
    let mut line = format!(
        "{} {} {} {} {}",
        finding.lifecycle.map_or("-", |lifecycle| lifecycle.as_str()),
        finding.severity,
        finding.control,
        finding.resource.name,
        finding.verdict
    );
    if let Some(reason) = finding.reason {
        write!(line, " {reason}").unwrap();
    }
    write!(line, ": {}", finding.message).unwrap();
    if let Some(exception) = &finding.exception {
        write!(line, " [excepted until {}]", exception.expires).unwrap();
    }
    if finding.baseline_change {
        line.push_str(" [only the baseline changed]");
    }
    let confirmed = finding.last_confirmed.map_or("never".to_owned(), |at| at.to_string());
    write!(line, " (since {}, confirmed {confirmed})", finding.first_seen).unwrap();
    line
}

fn visibility(out: &mut String, report: &Report) {
    let mut seen: BTreeMap<(Visibility, &str, &str), usize> = BTreeMap::new();
    for change in &report.visibility {
        let reason = change.reason.map_or("", |reason| reason.as_str());
        *seen.entry((change.change, &change.control, reason)).or_default() += 1;
    }
    for ((change, control, reason), number) in seen {
        let word = match change {
            Visibility::Lost => "out of sight",
            Visibility::Regained => "in sight again",
        };
        writeln!(out, "{word}: {control} {number} ({reason})").unwrap();
    }
}

fn exceptions(out: &mut String, report: &Report) {
    let notes = &report.exceptions;
    for (word, notes) in [
        ("expired", &notes.expired),
        ("expiring", &notes.expiring),
        ("mismatched", &notes.mismatched),
        ("unused", &notes.unused),
    ] {
        for note in notes {
            let detail = note.detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}"));
            writeln!(out, "exception {word}: {} until {}{detail}", note.control, note.expires).unwrap();
        }
    }
}

fn messages(out: &mut String, world: &World, before: Marks) {
    let alerts = &world.alerts[before.alerts..];
    for alert in alerts.iter().take(SHOWN) {
        let attributes: Vec<String> = alert
            .attributes
            .iter()
            .map(|(name, value)| {
                let (kind, value) = wire(value);
                if kind == "String" { format!("{name}={value}") } else { format!("{name}={kind} {value}") }
            })
            .collect();
        indented(out, "alert", &format!("{}\n{}", text_of(alert), attributes.join(" ")));
    }
    and_more(out, alerts.len(), "alerts");
    for digest in &world.digests[before.digests..] {
        indented(out, "digest", &format!("{}\n\n{}", digest.subject, digest.body));
    }
    let metrics: Vec<String> = METRICS
        .iter()
        .filter_map(|name| {
            let of_environment = [("Environment".to_owned(), ENVIRONMENT.to_owned())].into();
            let mut sent = world.metrics[before.metrics..].iter();
            let metric = sent.find(|metric| metric.name == **name && metric.dimensions == of_environment)?;
            Some(format!("{name}={:.4}", metric.value).trim_end_matches('0').trim_end_matches('.').to_owned())
        })
        .collect();
    if !metrics.is_empty() {
        writeln!(out, "metrics: {}", metrics.join(" ")).unwrap();
    }
}

fn and_more(out: &mut String, all: usize, what: &str) {
    if let Some(more) = all.checked_sub(SHOWN).filter(|more| *more > 0) {
        writeln!(out, "and {more} {what} more").unwrap();
    }
}

fn text_of(alert: &AlertMessage) -> String {
    let body: serde_json::Value = serde_json::from_str(&alert.body).unwrap();
    body["text"].as_str().unwrap().to_owned()
}

fn indented(out: &mut String, label: &str, text: &str) {
    writeln!(out, "{label}:").unwrap();
    for line in text.lines() {
        writeln!(out, "{}", format!("  | {line}").trim_end()).unwrap();
    }
}

/// How a story ended: what is open, and how often each alert arrived.
pub(crate) fn ending(world: &World) -> String {
    let mut out = String::new();
    let state = world.state();
    let counted = |words: Vec<String>| {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for word in words {
            *numbers.entry(word).or_default() += 1;
        }
        let words: Vec<String> = numbers.into_iter().map(|(word, number)| format!("{number} {word}")).collect();
        if words.is_empty() { "none".to_owned() } else { words.join(", ") }
    };
    let open = state.open().map(|(_, _, finding)| finding.control.to_string()).collect();
    writeln!(out, "open: {}", counted(open)).unwrap();
    let mut arrived: BTreeMap<&str, (String, usize)> = BTreeMap::new();
    for alert in &world.alerts {
        let body: serde_json::Value = serde_json::from_str(&alert.body).unwrap();
        let word = |value: &serde_json::Value| value.as_str().unwrap_or("storm").to_owned();
        let what = format!("{} {}", word(&body["finding"]["control"]), word(&body["because"]));
        arrived.entry(&alert.id).or_insert((what, 0)).1 += 1;
    }
    let mut times: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (what, number) in arrived.into_values() {
        times.entry(number).or_default().push(what);
    }
    for (number, what) in times {
        let often = if number == 1 { "once".to_owned() } else { format!("{number} times") };
        writeln!(out, "alerts that arrived {often}: {}", counted(what)).unwrap();
    }
    let sum = |name: &str| -> f64 {
        let of_environment = [("Environment".to_owned(), ENVIRONMENT.to_owned())].into();
        let sent = world.metrics.iter().filter(|it| it.name == name && it.dimensions == of_environment);
        sent.map(|metric| metric.value).sum()
    };
    writeln!(
        out,
        "digests: {}; transitions counted: {} new, {} resolved; reports: {}",
        world.digests.len(),
        sum("NewDrift"),
        sum("ResolvedDrift"),
        world.keys().filter(|key| key.contains("/reports/")).count()
    )
    .unwrap();
    out
}
