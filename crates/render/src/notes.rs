//! What a report says beside its drift, as sentences that the terminal and the mail share.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_findings::{
    ExceptionNote, Finding, ReadCoverage, Report, Severity, Verdict, Visibility, VisibilityChange,
};
use plumbline_names::EnvironmentName;

use crate::escape::fitted;
use crate::group::{count, first_few};
use crate::page::{Paragraph, ink};

/// Columns of one word from outside.
const WORD_COLUMNS: usize = 48;

/// Columns of a word where a line must do for many.
const SHORT_COLUMNS: usize = 24;

/// Columns of the name of a resource, which may have to be copied.
const NAME_COLUMNS: usize = 256;

/// Columns of an error as AWS words it.
const ERROR_COLUMNS: usize = 300;

/// How much [`audited`] names of everything, at most.
pub(crate) const AT_LENGTH: usize = 4;

/// What was audited: account, environments, Regions, when, by which baseline, in which run. `few` of everything are named,
/// which goes from [`AT_LENGTH`] down to 0.
pub(crate) fn audited(report: &Report, few: usize) -> String {
    let run = &report.run;
    let columns = if few == AT_LENGTH { WORD_COLUMNS } else { SHORT_COLUMNS };
    let counted = count(run.regions.len(), "Region", "Regions");
    let (environments, regions) = match few {
        0 => (count(run.environments.len(), "environment", "environments"), counted),
        1 if run.regions.len() > 1 => {
            (first_few(run.environments.iter().map(|name| fitted(name, columns)), few), counted)
        }
        _ => (
            first_few(run.environments.iter().map(|name| fitted(name, columns)), few),
            first_few(run.regions.iter().map(|region| region.as_str().to_owned()), few),
        ),
    };
    let mut said = format!(
        "account {}, {} ({}), {}, baseline {}",
        run.account,
        some(environments, "no environment"),
        some(regions, "no Region"),
        run.finished_at.strftime("%Y-%m-%d %H:%M UTC"),
        fitted(file_name(&run.baseline.file), columns),
    );
    if few > 1 {
        let short = |sha256: &str| fitted(sha256, 9).trim_end_matches('…').to_owned();
        said.push_str(&format!(" ({}", short(&run.baseline.sha256)));
        if let Some(before) = &run.baseline.changed_from {
            said.push_str(&format!(", was {}", short(before)));
        }
        said.push(')');
    } else if run.baseline.changed_from.is_some() {
        said.push_str(" (changed)");
    }
    said.push_str(&format!(", run {}", fitted(&run.id, WORD_COLUMNS)));
    said
}

/// Which part of it, where not the whole was audited.
pub(crate) fn only(report: &Report) -> String {
    let scope = &report.run.scope;
    let words = first_few(scope.iter().map(|scope| fitted(scope, NAME_COLUMNS)), 4);
    if scope.is_empty() { String::new() } else { format!(", only {words}") }
}

/// The last part of a path or URI.
fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).find(|part| !part.is_empty()).unwrap_or(path)
}

fn some(words: String, none: &str) -> String {
    if words.is_empty() { none.to_owned() } else { words }
}

/// What could be read; if not all of it, what was lost and which controls that blinds. At most `most` reads by name.
pub(crate) fn coverage(report: &Report, most: usize) -> Vec<Paragraph> {
    let asked = report.coverage.reads.iter().filter(|read| read.outcome.as_str() != "not_planned").count();
    let mut lost: Vec<&ReadCoverage> =
        report.coverage.reads.iter().filter(|read| read.outcome.is_loss() || !read.blinds.is_empty()).collect();
    lost.sort_by_key(|read| std::cmp::Reverse(read.blinds.len()));
    let calls = count(usize::try_from(report.cost.calls).unwrap_or(usize::MAX), "call", "calls");
    let blinds = |reads: &[&ReadCoverage]| {
        let blind: BTreeSet<&str> = reads.iter().flat_map(|read| read.blinds.iter().map(String::as_str)).collect();
        if blind.is_empty() {
            "blinds no control".to_owned()
        } else {
            format!("blinds {}", first_few(blind.into_iter().map(|control| fitted(control, WORD_COLUMNS)), 6))
        }
    };
    let mut said = Vec::new();
    if lost.is_empty() && report.coverage.complete {
        let text = format!("({}, {calls} in {:.1} s)", count(asked, "read", "reads"), report.cost.seconds);
        said.push(Paragraph::labelled("Coverage: complete", ink::GOOD, text));
    } else {
        let (label, how) = if report.coverage.complete {
            ("Coverage: complete", "not supported here")
        } else {
            ("Coverage: INCOMPLETE", "lost")
        };
        let head = format!("({} of {asked} reads {how}, {calls} in {:.1} s)", lost.len(), report.cost.seconds);
        said.push(Paragraph::labelled(label, ink::CARE, format!("{head}: {}", blinds(&lost))));
    }
    for read in lost.iter().take(most) {
        let place = read.region.as_ref().map_or("global", |region| region.as_str());
        let error =
            read.error.as_deref().map_or_else(String::new, |error| format!(": {}", fitted(error, ERROR_COLUMNS)));
        let what = format!(
            "{}:{} in {place} {}, {}{error}",
            fitted(&read.service, WORD_COLUMNS),
            fitted(&read.operation, WORD_COLUMNS),
            read.outcome.as_str().replace('_', " "),
            blinds(&[read]),
        );
        said.push(Paragraph::new(what).indent(2));
    }
    if let Some(rest) = lost.get(most..).filter(|rest| !rest.is_empty()) {
        said.push(Paragraph::new(format!("and {} more, {}", rest.len(), blinds(rest))).indent(2));
    }
    said.extend(undecided(report));
    said
}

/// The verdicts that could not be reached, by reason.
fn undecided(report: &Report) -> Option<Paragraph> {
    let mut reasons: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    let mut number = 0;
    for finding in report.findings.iter().filter(|finding| finding.verdict == Verdict::InsufficientData) {
        let (count, controls) = reasons.entry(finding.reason.map_or("unknown", |reason| reason.as_str())).or_default();
        *count += 1;
        controls.insert(&finding.control);
        number += 1;
    }
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    let words = reasons.into_iter().map(|(reason, (count, controls))| {
        let controls = first_few(controls.into_iter().map(|control| fitted(control, WORD_COLUMNS)), 3);
        format!("{reason} {count} ({controls})")
    });
    let label = format!("Not decided: {}:", count(number, "verdict", "verdicts"));
    (number > 0).then(|| Paragraph::labelled(label, ink::CARE, first_few(words, 3)))
}

/// How many verdicts there are of each kind.
pub(crate) fn verdicts(report: &Report) -> Paragraph {
    let words = Verdict::ALL.map(|verdict| {
        let number = report.summary.verdicts.get(&verdict).copied().unwrap_or_default();
        let word = match verdict {
            Verdict::Compliant => "compliant",
            Verdict::NonCompliant => "not compliant",
            Verdict::NotApplicable => "not applicable",
            Verdict::InsufficientData => "insufficient data",
        };
        format!("{number} {word}")
    });
    Paragraph::labelled("Verdicts:", ink::HEAD, words.join(", "))
}

/// `2 CRITICAL, 1 HIGH`, zeros left out; none where there is no drift.
pub(crate) fn by_severity(report: &Report) -> Option<String> {
    let words: Vec<String> = Severity::ALL
        .into_iter()
        .filter_map(|severity| match report.summary.drift_by_severity.get(&severity) {
            None | Some(0) => None,
            Some(number) => Some(format!("{number} {severity}")),
        })
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// What came into view and what went out of it.
pub(crate) fn visibility(report: &Report) -> Vec<Paragraph> {
    let said = |way: Visibility, word: &str, colour| {
        let changes: Vec<&VisibilityChange> = report.visibility.iter().filter(|change| change.change == way).collect();
        let words = changes.iter().map(|change| {
            let reason = match (way, change.reason) {
                (Visibility::Lost, Some(reason)) => format!(" ({})", reason.as_str()),
                _ => String::new(),
            };
            format!("{} {}{reason}", fitted(&change.control, WORD_COLUMNS), resource(change))
        });
        let head = count(changes.len(), "verdict", "verdicts");
        (!changes.is_empty()).then(|| Paragraph::labelled(word, colour, format!("{head}: {}", first_few(words, 3))))
    };
    let lost = said(Visibility::Lost, "Out of sight:", ink::CARE);
    let regained = said(Visibility::Regained, "In sight again:", ink::HEAD);
    lost.into_iter().chain(regained).collect()
}

fn resource(change: &VisibilityChange) -> String {
    let name = if change.resource.name.is_empty() { &change.resource.arn } else { &change.resource.name };
    format!("{} in {}", fitted(name, NAME_COLUMNS), fitted(&change.environment, WORD_COLUMNS))
}

/// Exceptions that expired, are about to, match nothing, or do not match any more.
pub(crate) fn exceptions(report: &Report) -> Vec<Paragraph> {
    let notes = &report.exceptions;
    let differs = |note: &ExceptionNote| match &note.detail {
        Some(detail) => format!("{}: {}", exception(note), fitted(detail, ERROR_COLUMNS)),
        None => exception(note),
    };
    let said = |label: &str, notes: &[ExceptionNote], word: &dyn Fn(&ExceptionNote) -> String| {
        let text = format!("{}: {}", notes.len(), first_few(notes.iter().map(word), 2));
        (!notes.is_empty()).then(|| Paragraph::labelled(label, ink::CARE, text))
    };
    let all = [
        said("Exceptions expired:", &notes.expired, &exception),
        said("Exceptions about to expire:", &notes.expiring, &exception),
        said("Exceptions that do not fit:", &notes.mismatched, &differs),
        said("Exceptions without use:", &notes.unused, &exception),
    ];
    all.into_iter().flatten().collect()
}

fn exception(note: &ExceptionNote) -> String {
    format!(
        "{} in {} until {} ({}), {}",
        fitted(&note.control, WORD_COLUMNS),
        fitted(&note.environment, WORD_COLUMNS),
        note.expires,
        fitted(&note.owner, WORD_COLUMNS),
        tail_of(&note.subject)
    )
}

/// The same in one paragraph: how many, and under which controls.
pub(crate) fn exceptions_in_short(report: &Report) -> Option<Paragraph> {
    let notes = &report.exceptions;
    let words: Vec<String> = [
        (&notes.expired, "expired"),
        (&notes.expiring, "about to expire"),
        (&notes.mismatched, "not fitting"),
        (&notes.unused, "without use"),
    ]
    .into_iter()
    .filter(|(notes, _)| !notes.is_empty())
    .map(|(notes, word)| {
        let controls: BTreeSet<&str> = notes.iter().map(|note| note.control.as_str()).collect();
        let controls = controls.into_iter().map(|control| fitted(control, WORD_COLUMNS));
        format!("{} {word} ({})", notes.len(), first_few(controls, 2))
    })
    .collect();
    (!words.is_empty()).then(|| Paragraph::labelled("Exceptions:", ink::CARE, words.join(", ")))
}

/// What a note begins with that says which resources nobody audits.
const NOT_AUDITED: &str = "unselected: ";

/// Which resources nobody audits, as the run noted it. It belongs to the head of a report.
pub(crate) fn not_audited(report: &Report) -> Option<Paragraph> {
    let said: Vec<&str> = report.notes.iter().filter_map(|note| note.strip_prefix(NOT_AUDITED)).collect();
    let text = first_few(said.iter().map(|note| fitted(note, ERROR_COLUMNS)), 2);
    (!said.is_empty()).then(|| Paragraph::labelled("Unselected:", ink::CARE, text))
}

/// What the baseline excludes.
pub(crate) fn excluded(report: &Report) -> Option<Paragraph> {
    let names = report.excluded.iter().map(|excluded| {
        format!("{} until {} ({})", tail_of(&excluded.arn), excluded.expires, fitted(&excluded.owner, WORD_COLUMNS))
    });
    let text = format!("{}: {}", count(report.excluded.len(), "resource", "resources"), first_few(names, 2));
    (!report.excluded.is_empty()).then(|| Paragraph::labelled("Excluded by baseline:", ink::HEAD, text))
}

/// What follows the account of an ARN: people know the rest.
fn tail_of(arn: &str) -> String {
    fitted(arn.splitn(6, ':').nth(5).unwrap_or(arn), NAME_COLUMNS)
}

/// How many values of the baseline loosen what would hold by default, and of which parameters.
pub(crate) fn accepted(report: &Report) -> Option<Paragraph> {
    let accepted = &report.run.baseline.accepted;
    let mut parameters: Vec<String> = Vec::new();
    for name in accepted.iter().filter_map(|line| parameter_of(line)) {
        let name = format!("`{}`", fitted(name, WORD_COLUMNS));
        if !parameters.contains(&name) {
            parameters.push(name);
        }
    }
    let mut text = format!("{} beyond the defaults", count(accepted.len(), "value", "values"));
    if !parameters.is_empty() {
        text.push_str(&format!(": {}", first_few(parameters, 6)));
    }
    (!accepted.is_empty()).then(|| Paragraph::labelled("Accepted by baseline:", ink::HEAD, text))
}

/// The parameter that an accepted value is about: it stands behind the environment, as in
/// `` `fraud-dev`: `admin_principals` allows … ``.
fn parameter_of(accepted: &str) -> Option<&str> {
    let (_, rest) = accepted.split_once("`: `")?;
    rest.split_once('`').map(|(name, _)| name)
}

/// What else a reader must know of the run. At most `most` notes by themselves.
pub(crate) fn others(report: &Report, most: usize) -> Vec<Paragraph> {
    let notes: Vec<&String> = report.notes.iter().filter(|note| !note.starts_with(NOT_AUDITED)).collect();
    let label = |text: String| Paragraph::labelled("Note:", ink::CARE, text);
    let mut said: Vec<Paragraph> = notes.iter().take(most).map(|note| label(fitted(note, 2 * ERROR_COLUMNS))).collect();
    if notes.len() > most {
        said.push(label(format!("and {} more", notes.len() - most)));
    }
    said
}

/// The environments of some findings.
pub(crate) fn environments<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> BTreeSet<&'a EnvironmentName> {
    findings.into_iter().map(|finding| &finding.environment).collect()
}
