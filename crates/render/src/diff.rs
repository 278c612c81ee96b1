//! What changed between two reports, or between two snapshots, as text and as JSON (`plumbline.diff/1`).

use plumbline_findings::{ChangedFinding, Finding, ReportDiff, Stood};
use serde::Serialize;

use crate::escape::fitted;
use crate::group::{Room, count, message_of, name_of, place_of};
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
            name_of(finding, Room::SCREEN),
            place_of(finding)
        );
        Paragraph::labelled(sign, ink::of(finding.severity), text)
    };
    let stands = |finding: &Finding| {
        let stood = standing(finding.verdict.as_str(), finding.severity.as_str(), finding.exception.is_some());
        if finding.is_open() { format!("{stood}: {}", message_of(finding, Room::SCREEN)) } else { stood }
    };
    said.extend(diff.came.iter().map(|finding| line("+", finding, stands(finding))));
    said.extend(diff.went.iter().map(|finding| line("-", finding, stands(finding))));
    said.extend(diff.changed.iter().map(|ChangedFinding { finding, before }| {
        let Stood { verdict, severity, excepted, .. } = *before;
        let before = standing(verdict.as_str(), severity.as_str(), excepted);
        line("~", finding, format!("{before} -> {}", stands(finding)))
    }));
    printed(&lines_of(&said, &style.unfolded(), usize::MAX))
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
    printed(&lines_of(&said, &style.unfolded(), usize::MAX))
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

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_findings::{Lifecycle, ReportDiff, Severity};

    use super::{FieldChange, report_diff_json, report_diff_text, snapshot_diff_json, snapshot_diff_text};
    use crate::page::Style;
    use crate::samples::{DIRECT, HOSTILE, broken, compliant, everywhere, gateway, report, steering};

    fn two_reports() -> ReportDiff {
        let mut worse = broken(&DIRECT, "nb-1", Lifecycle::New);
        worse.severity = Severity::Critical;
        let old = report(vec![compliant(&DIRECT, "nb-1"), broken(&DIRECT, "nb-2", Lifecycle::New)]);
        ReportDiff::between(&old, &report(vec![gateway(), worse]))
    }

    #[test]
    fn of_reports() {
        let style = Style::default();
        expect![[r#"
            3 differences: 1 came, 1 went, 1 changed
            + NET-02 no-internet-gateway, vpc-1 (fraud-dev, eu-west-1): CRITICAL
              NON_COMPLIANT: Internet gateway `igw-1` is attached to `vpc-1`
            - SMK-02 notebook-no-direct-internet, nb-2 (fraud-dev, eu-west-1): HIGH
              NON_COMPLIANT: Notebook `nb-2` has direct internet access
            ~ SMK-02 notebook-no-direct-internet, nb-1 (fraud-dev, eu-west-1): HIGH
              COMPLIANT -> CRITICAL NON_COMPLIANT: Notebook `nb-1` has direct internet
              access
        "#]]
        .assert_eq(&report_diff_text(&two_reports(), &style));
        let same = ReportDiff::between(&report(vec![]), &report(vec![]));
        expect![[r#"
            The same: no finding stands otherwise
        "#]]
        .assert_eq(&report_diff_text(&same, &style));
        expect![[r#"
            {
              "schema": "plumbline.diff/1",
              "of": "reports",
              "came": [],
              "went": [],
              "changed": []
            }
        "#]]
        .assert_eq(&report_diff_json(&same).unwrap());
        let json: serde_json::Value = serde_json::from_str(&report_diff_json(&two_reports()).unwrap()).unwrap();
        assert_eq!(json["changed"][0]["before"]["verdict"], "COMPLIANT");
    }

    fn change(id: &str, field: &str, before: Option<&str>, after: Option<&str>) -> FieldChange {
        FieldChange {
            kind: "ec2.route_tables".to_owned(),
            id: id.to_owned(),
            field: field.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        }
    }

    #[test]
    fn of_snapshots() {
        let changes = || {
            [
                change("rtb-2", "", None, Some("{\"id\":\"rtb-2\"}")),
                change("rtb-1", "routes[1].gateway_id", Some("local"), Some("igw-1")),
                change("rtb-1", "tags.Name", Some("a"), None),
                change("rtb-3", "", Some("{}"), None),
            ]
        };
        expect![[r#"
            4 differences in 3 resources
            ~ ec2.route_tables rtb-1
                routes[1].gateway_id: `local` -> `igw-1`
                tags.Name: `a` -> nothing
            + ec2.route_tables rtb-2
                nothing -> `{"id":"rtb-2"}`
            - ec2.route_tables rtb-3
                `{}` -> nothing
        "#]]
        .assert_eq(&snapshot_diff_text(changes(), &Style::default()));
        expect![[r#"
            The same: no resource and no field differs
        "#]]
        .assert_eq(&snapshot_diff_text([], &Style::default()));
        expect![[r#"
            {
              "schema": "plumbline.diff/1",
              "of": "snapshots",
              "changes": [
                {
                  "kind": "ec2.route_tables",
                  "id": "rtb-2",
                  "field": "",
                  "before": null,
                  "after": "{\"id\":\"rtb-2\"}"
                }
              ]
            }
        "#]]
        .assert_eq(&snapshot_diff_json(changes().into_iter().take(1)).unwrap());
    }

    #[test]
    fn names_steer_nothing() {
        let style = Style::default();
        let diff = ReportDiff::between(&report(vec![]), &everywhere(HOSTILE, 10));
        let hostile = || [change(HOSTILE, HOSTILE, Some(HOSTILE), Some(HOSTILE))];
        for text in [
            report_diff_text(&diff, &style),
            report_diff_json(&diff).unwrap(),
            snapshot_diff_text(hostile(), &style),
            snapshot_diff_json(hostile()).unwrap(),
        ] {
            assert_eq!(steering(&text), [].into());
        }
    }
}
