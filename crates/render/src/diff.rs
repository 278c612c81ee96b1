//! What changed between two reports, or between two snapshots, as text and as JSON (`plumbline.diff/1`).

use plumbline_findings::{ChangedFinding, Finding, ReportDiff, Stood};
use serde::Serialize;

use crate::escape::fitted;
use crate::group::{count, message_of, name_of, place_of};
use crate::json::{RenderError, pretty};
use crate::page::{Paragraph, Style, ink, lines_of, printed};

/// The schema of a difference.
pub const DIFF_SCHEMA: &str = "plumbline.diff/1";

/// Columns of a name.
const NAME_COLUMNS: usize = 96;

/// Columns of a value; policies are long.
const VALUE_COLUMNS: usize = 240;

/// One field of one resource that differs between two snapshots. Without `before` it came, without `after` it went; with an
/// empty `field` the resource itself did.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FieldChange {
    /// The kind of resource or list, such as `ec2.route_tables`.
    pub kind: String,
    /// The resource.
    pub id: String,
    /// The field within it; empty for the whole resource.
    pub field: String,
    /// What it was.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}

/// What changed between two reports, for a terminal.
#[must_use]
pub fn report_diff_text(diff: &ReportDiff, style: &Style) -> String {
    if diff.is_empty() {
        return printed(&Paragraph::labelled("The same:", ink::GOOD, "no finding stands otherwise").lines(style));
    }
    let total = diff.came.len() + diff.went.len() + diff.changed.len();
    let mut said = vec![Paragraph::new(format!(
        "{}: {} came, {} went, {} changed",
        count(total, "difference", "differences"),
        diff.came.len(),
        diff.went.len(),
        diff.changed.len()
    ))];
    let line = |sign: &str, finding: &Finding, stands: String| {
        let text = format!(
            "{} {}, {} ({}): {stands}",
            fitted(&finding.control, NAME_COLUMNS),
            fitted(&finding.name, NAME_COLUMNS),
            name_of(finding),
            place_of(finding)
        );
        Paragraph::labelled(sign, ink::of(finding.severity), text)
    };
    let stands = |finding: &Finding| {
        let stood = standing(finding.verdict.as_str(), finding.severity.as_str(), finding.exception.is_some());
        if finding.is_open() { format!("{stood}, {}", message_of(finding)) } else { stood }
    };
    said.extend(diff.came.iter().map(|finding| line("+", finding, stands(finding))));
    said.extend(diff.went.iter().map(|finding| line("-", finding, stands(finding))));
    said.extend(diff.changed.iter().map(|ChangedFinding { finding, before }| {
        let Stood { verdict, severity, excepted, .. } = *before;
        let before = standing(verdict.as_str(), severity.as_str(), excepted);
        line("~", finding, format!("{before} -> {}", stands(finding)))
    }));
    printed(&lines_of(&said, style, usize::MAX))
}

fn standing(verdict: &str, severity: &str, excepted: bool) -> String {
    let excepted = if excepted { ", under an exception" } else { "" };
    format!("{severity} {verdict}{excepted}")
}

/// What changed between two reports, as JSON.
///
/// # Errors
/// [`RenderError`], which nothing made here causes.
pub fn report_diff_json(diff: &ReportDiff) -> Result<String, RenderError> {
    #[derive(Serialize)]
    struct Named<'a> {
        schema: &'static str,
        of: &'static str,
        #[serde(flatten)]
        diff: &'a ReportDiff,
    }
    pretty(&Named { schema: DIFF_SCHEMA, of: "reports", diff }, "a difference of reports")
}

/// What changed between two snapshots, for a terminal: a heading for each resource, a line for each field.
#[must_use]
pub fn snapshot_diff_text(changes: impl IntoIterator<Item = FieldChange>, style: &Style) -> String {
    let changes = sorted(changes);
    if changes.is_empty() {
        return printed(&Paragraph::labelled("The same:", ink::GOOD, "no resource and no field differs").lines(style));
    }
    let resources = changes.chunk_by(|a, b| (&a.kind, &a.id) == (&b.kind, &b.id));
    let mut said = vec![Paragraph::new(format!(
        "{} in {}",
        count(changes.len(), "difference", "differences"),
        count(resources.clone().count(), "resource", "resources")
    ))];
    for resource in resources {
        let Some(first) = resource.first() else { continue };
        let name = format!("{} {}", fitted(&first.kind, NAME_COLUMNS), fitted(&first.id, NAME_COLUMNS));
        said.push(Paragraph::labelled(sign(resource), ink::HEAD, name));
        for change in resource {
            let field = fitted(&change.field, NAME_COLUMNS);
            let gap = if field.is_empty() { "" } else { ": " };
            let text = match (&change.before, &change.after) {
                (Some(before), Some(after)) => format!("{} -> {}", value(before), value(after)),
                (Some(gone), None) => format!("{} -> nothing", value(gone)),
                (None, Some(come)) => format!("nothing -> {}", value(come)),
                (None, None) => continue,
            };
            said.push(Paragraph::new(format!("{field}{gap}{text}")).indent(4));
        }
    }
    printed(&lines_of(&said, style, usize::MAX))
}

fn value(text: &str) -> String {
    format!("`{}`", fitted(text, VALUE_COLUMNS))
}

/// Whether the resource itself came, went, or changed.
fn sign(changes: &[FieldChange]) -> &'static str {
    match changes.iter().find(|change| change.field.is_empty()).map(|change| (&change.before, &change.after)) {
        Some((None, Some(_))) => "+",
        Some((Some(_), None)) => "-",
        _ => "~",
    }
}

fn sorted(changes: impl IntoIterator<Item = FieldChange>) -> Vec<FieldChange> {
    let mut changes: Vec<FieldChange> = changes.into_iter().collect();
    changes.sort();
    changes
}

/// What changed between two snapshots, as JSON.
///
/// # Errors
/// [`RenderError`], which nothing made here causes.
pub fn snapshot_diff_json(changes: impl IntoIterator<Item = FieldChange>) -> Result<String, RenderError> {
    #[derive(Serialize)]
    struct Named {
        schema: &'static str,
        of: &'static str,
        changes: Vec<FieldChange>,
    }
    pretty(&Named { schema: DIFF_SCHEMA, of: "snapshots", changes: sorted(changes) }, "a difference of snapshots")
}
