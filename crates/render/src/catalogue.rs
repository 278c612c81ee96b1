//! The controls as lists and pages, for `controls list`, `controls show` and the generated documents.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use plumbline_findings::{Area, ControlInfo};
use serde::Serialize;

use crate::json::{RenderError, pretty};
use crate::page::{Paragraph, Style, ink, lines_of, printed};

/// One control with what it reads.
#[derive(Debug, Clone)]
pub struct CatalogueEntry<'a> {
    /// Its words.
    pub info: &'a ControlInfo,
    /// The reads that its verdict rests on.
    pub reads: Vec<CatalogueRead<'a>>,
}

/// One kind of read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CatalogueRead<'a> {
    /// The service, such as `ec2`.
    pub service: &'a str,
    /// The operation, such as `DescribeVpcs`.
    pub operation: &'a str,
    /// The IAM actions that permit it.
    pub permissions: &'a [&'a str],
}

impl CatalogueEntry<'_> {
    /// Its reads as `ec2:DescribeVpcs`, sorted.
    fn operations(&self) -> BTreeSet<String> {
        self.reads.iter().map(|read| format!("{}:{}", read.service, read.operation)).collect()
    }

    /// The IAM actions of its reads, sorted.
    fn actions(&self) -> BTreeSet<&str> {
        self.reads.iter().flat_map(|read| read.permissions.iter().copied()).collect()
    }
}

/// The catalogue as a list for a terminal.
#[must_use]
pub fn controls_text(entries: &[CatalogueEntry<'_>], style: &Style) -> String {
    let widest = |word: &dyn Fn(&ControlInfo) -> &str| {
        entries.iter().map(|entry| word(entry.info).len()).max().unwrap_or_default()
    };
    let (id, severity) = (widest(&|info| info.id), widest(&|info| info.severity.as_str()));
    let mut out = String::new();
    for CatalogueEntry { info, .. } in entries {
        let ink = if style.colour { ink::of(info.severity) } else { ink::PLAIN };
        let word = info.severity.as_str();
        let gap = " ".repeat(severity - word.len());
        let line = format!("{:id$} {ink}{word}{ink:#}{gap} {}", info.id, info.name);
        out.push_str(&line);
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "{}. More: plumbline controls show ID",
        crate::group::count(entries.len(), "control", "controls")
    );
    out
}

/// The catalogue as JSON.
///
/// # Errors
/// [`RenderError`], which nothing made here causes.
pub fn controls_json(entries: &[CatalogueEntry<'_>]) -> Result<String, RenderError> {
    #[derive(Serialize)]
    struct Row<'a> {
        id: &'a str,
        name: &'a str,
        title: &'a str,
        area: &'a str,
        severity: &'a str,
        origin: &'a str,
        scope: &'a str,
        reads: BTreeSet<String>,
    }
    let rows: Vec<Row<'_>> = entries
        .iter()
        .map(|entry| {
            let ControlInfo { id, name, title, area, severity, origin, scope, .. } = entry.info;
            Row {
                id,
                name,
                title,
                area: area.as_str(),
                severity: severity.as_str(),
                origin: origin.as_str(),
                scope,
                reads: entry.operations(),
            }
        })
        .collect();
    pretty(&rows, "the catalogue")
}

/// What a control judges, in words.
fn judges(scope: &str) -> String {
    if scope == "env" { "one finding an environment".to_owned() } else { format!("one finding for each {scope}") }
}

/// Its related controls elsewhere, one line a catalogue.
fn maps(info: &ControlInfo) -> Vec<(&'static str, String)> {
    [("Security Hub", info.maps.securityhub), ("CIS v3.0.0", info.maps.cis), ("NIST 800-53 r5", info.maps.nist)]
        .into_iter()
        .filter(|(_, ids)| !ids.is_empty())
        .map(|(name, ids)| (name, ids.join(", ")))
        .collect()
}

/// One control whole, for a terminal.
#[must_use]
pub fn show_text(entry: &CatalogueEntry<'_>, style: &Style) -> String {
    let info = entry.info;
    let mut said = vec![
        Paragraph::labelled(info.id, ink::HEAD, info.name),
        Paragraph::new(info.title),
        Paragraph::labelled(
            info.severity.as_str(),
            ink::of(info.severity),
            format!("area {}, origin {}, {}", info.area.as_str(), info.origin.as_str(), judges(info.scope)),
        ),
        Paragraph::labelled("Why:", ink::HEAD, info.rationale),
        Paragraph::labelled("How it is decided:", ink::HEAD, info.decided),
        Paragraph::labelled("What to do:", ink::HEAD, info.remediation),
        Paragraph::labelled("Reads:", ink::HEAD, entry.operations().into_iter().collect::<Vec<_>>().join(", ")),
        Paragraph::labelled("Permissions:", ink::HEAD, entry.actions().into_iter().collect::<Vec<_>>().join(", ")),
    ];
    said.extend(
        maps(info).into_iter().map(|(name, ids)| Paragraph::labelled(format!("Related in {name}:"), ink::HEAD, ids)),
    );
    printed(&lines_of(&said, &style.unfolded(), usize::MAX))
}

/// The heading of an area.
fn heading(area: Area) -> &'static str {
    match area {
        Area::Network => "Private network",
        Area::Endpoints => "VPC endpoints",
        Area::Roles => "Roles, separation and conditions",
        Area::Data => "Buckets, keys and volumes",
        Area::Sagemaker => "SageMaker resources",
        Area::Logs => "Audit trail",
        Area::SelfService => "Self-service",
    }
}

/// The page docs/CONTROLS.md.
#[must_use]
pub fn controls_markdown(entries: &[CatalogueEntry<'_>]) -> String {
    let mut out = String::from(
        "# Controls\n\nWhat plumbline judges, why, and what to do about it. Generated from the controls' own words by \
         `make generate`; don't edit.\n\nSeverity: CRITICAL, the environment is open or one step from it; HIGH, a promise of the \
         environment is broken; MEDIUM, a layer of defence is missing; LOW, hygiene or operability; INFO, reported and never \
         alerted. Origin: seed, what a secure environment is defined by; derived, what the definition cannot hold without; \
         beyond, good practice added (`include_beyond: false` switches it off).\n",
    );
    for area in Area::ALL {
        let of_area: Vec<_> = entries.iter().filter(|entry| entry.info.area == area).collect();
        if of_area.is_empty() {
            continue;
        }
        let _ = write!(
            out,
            "\n## {} (`area:{}`)\n\n| control | severity | desired state |\n| --- | --- | --- |\n",
            heading(area),
            area.as_str()
        );
        for CatalogueEntry { info, .. } in &of_area {
            let _ = writeln!(
                out,
                "| [{} {}](#{}) | {} | {} |",
                info.id,
                info.name,
                anchor(info),
                info.severity,
                cell(info.title)
            );
        }
        for entry in of_area {
            section(&mut out, entry);
        }
    }
    out
}

/// The anchor that GitHub gives the heading of a control.
fn anchor(info: &ControlInfo) -> String {
    format!("{}-{}", info.id, info.name).to_ascii_lowercase()
}

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn section(out: &mut String, entry: &CatalogueEntry<'_>) {
    let info = entry.info;
    let codes =
        |words: &mut dyn Iterator<Item = String>| words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let _ = write!(
        out,
        "\n### {} {}\n\n{} {}, {}, {}.\n\n- Why: {}\n- How it is decided: {}\n- Reads: {}\n- Permissions: {}\n- What to do: {}\n",
        info.id,
        info.name,
        info.title,
        info.severity,
        info.origin.as_str(),
        judges(info.scope),
        info.rationale,
        info.decided,
        codes(&mut entry.operations().into_iter()),
        codes(&mut entry.actions().into_iter().map(str::to_owned)),
        info.remediation,
    );
    let maps: Vec<String> = maps(info).into_iter().map(|(name, ids)| format!("{name}: {ids}")).collect();
    if !maps.is_empty() {
        let _ = writeln!(out, "- Related: {}", maps.join("; "));
    }
}

/// The page docs/PERMISSIONS.md: each IAM action, the operations that need it, and the controls that go blind without it.
/// `others` are reads that no control needs.
#[must_use]
pub fn permissions_markdown(entries: &[CatalogueEntry<'_>], others: &[CatalogueRead<'_>]) -> String {
    let mut actions: BTreeMap<&str, (BTreeSet<String>, BTreeSet<&str>)> = BTreeMap::new();
    for entry in entries {
        for read in &entry.reads {
            for action in read.permissions {
                let (operations, controls) = actions.entry(action).or_default();
                operations.insert(format!("`{}:{}`", read.service, read.operation));
                controls.insert(entry.info.id);
            }
        }
    }
    for read in others {
        for action in read.permissions {
            let (operations, _) = actions.entry(action).or_default();
            operations.insert(format!("`{}:{}`", read.service, read.operation));
        }
    }
    let mut out = String::from(
        "# Permissions\n\nWhat the reads need, and no more: none of these actions writes, and none reads content. Generated from \
         the declared sources by `make generate`; don't edit. As a policy: `plumbline permissions`. Without an action, the \
         controls in its row answer INSUFFICIENT_DATA. What no control needs yet, only `plumbline snapshot` reads: an audit does \
         without those actions.\n\n| action | for | controls that go blind without it |\n| --- | --- | --- |\n",
    );
    for (action, (operations, controls)) in actions {
        let operations = operations.into_iter().collect::<Vec<_>>().join(", ");
        let mut controls = controls.into_iter().collect::<Vec<_>>().join(", ");
        if controls.is_empty() {
            controls.push_str("none: only `plumbline snapshot` reads it");
        }
        let _ = writeln!(out, "| `{action}` | {operations} | {controls} |");
    }
    out
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{CatalogueRead, controls_json, controls_markdown, controls_text, permissions_markdown, show_text};
    use crate::page::Style;
    use crate::samples::catalogue;

    #[test]
    fn a_list() {
        expect![[r#"
            NET-02 CRITICAL no-internet-gateway
            SMK-02 HIGH     notebook-no-direct-internet
            2 controls. More: plumbline controls show ID
        "#]]
        .assert_eq(&controls_text(&catalogue(), &Style::default()));
        expect![[r#"
            [
              {
                "id": "NET-02",
                "name": "no-internet-gateway",
                "title": "No internet gateway is attached to the VPC.",
                "area": "network",
                "severity": "CRITICAL",
                "origin": "seed",
                "scope": "env",
                "reads": [
                  "ec2:DescribeInternetGateways",
                  "ec2:DescribeVpcs"
                ]
              },
              {
                "id": "SMK-02",
                "name": "notebook-no-direct-internet",
                "title": "No notebook has direct internet access.",
                "area": "sagemaker",
                "severity": "HIGH",
                "origin": "seed",
                "scope": "notebook",
                "reads": [
                  "ec2:DescribeVpcs",
                  "sagemaker:ListNotebookInstances"
                ]
              }
            ]
        "#]]
        .assert_eq(&controls_json(&catalogue()).unwrap());
    }

    #[test]
    fn one_control() {
        expect![[r#"
            NET-02 no-internet-gateway
            No internet gateway is attached to the VPC.
            CRITICAL area network, origin seed, one finding an environment
            Why: An attached gateway is one CreateRoute away from the internet, whether or
              not a route uses it today.
            How it is decided: Every attachment of every internet gateway to the VPC counts,
              in whatever state but detached.
            What to do: Remove the routes that use the gateway, then detach and delete it.
            Reads: ec2:DescribeInternetGateways, ec2:DescribeVpcs
            Permissions: ec2:DescribeInternetGateways, ec2:DescribeVpcs
            Related in NIST 800-53 r5: AC-4, SC-7
        "#]]
        .assert_eq(&show_text(&catalogue()[0], &Style::default()));
    }

    #[test]
    fn the_documents() {
        expect![[r#"
            # Controls

            What plumbline judges, why, and what to do about it. Generated from the controls' own words by `make generate`; don't edit.

            Severity: CRITICAL, the environment is open or one step from it; HIGH, a promise of the environment is broken; MEDIUM, a layer of defence is missing; LOW, hygiene or operability; INFO, reported and never alerted. Origin: seed, what a secure environment is defined by; derived, what the definition cannot hold without; beyond, good practice added (`include_beyond: false` switches it off).

            ## Private network (`area:network`)

            | control | severity | desired state |
            | --- | --- | --- |
            | [NET-02 no-internet-gateway](#net-02-no-internet-gateway) | CRITICAL | No internet gateway is attached to the VPC. |

            ### NET-02 no-internet-gateway

            No internet gateway is attached to the VPC. CRITICAL, seed, one finding an environment.

            - Why: An attached gateway is one CreateRoute away from the internet, whether or not a route uses it today.
            - How it is decided: Every attachment of every internet gateway to the VPC counts, in whatever state but detached.
            - Reads: `ec2:DescribeInternetGateways`, `ec2:DescribeVpcs`
            - Permissions: `ec2:DescribeInternetGateways`, `ec2:DescribeVpcs`
            - What to do: Remove the routes that use the gateway, then detach and delete it.
            - Related: NIST 800-53 r5: AC-4, SC-7

            ## SageMaker resources (`area:sagemaker`)

            | control | severity | desired state |
            | --- | --- | --- |
            | [SMK-02 notebook-no-direct-internet](#smk-02-notebook-no-direct-internet) | HIGH | No notebook has direct internet access. |

            ### SMK-02 notebook-no-direct-internet

            No notebook has direct internet access. HIGH, seed, one finding for each notebook.

            - Why: Direct access goes around the VPC.
            - How it is decided: DirectInternetAccess of each notebook is Disabled.
            - Reads: `ec2:DescribeVpcs`, `sagemaker:ListNotebookInstances`
            - Permissions: `ec2:DescribeVpcs`, `sagemaker:ListNotebookInstances`
            - What to do: Make the notebook again with direct internet access disabled; it cannot be changed.
            - Related: Security Hub: SageMaker.1; NIST 800-53 r5: SC-7
        "#]].assert_eq(&controls_markdown(&catalogue()));
        let acls = ["ec2:DescribeNetworkAcls"];
        let others = [CatalogueRead { service: "ec2", operation: "DescribeNetworkAcls", permissions: &acls }];
        expect![[r#"
            # Permissions

            What the reads need, and no more: none of these actions writes, and none reads content. Generated from the declared sources by `make generate`; don't edit. As a policy: `plumbline permissions`. Without an action, the controls in its row answer INSUFFICIENT_DATA. What no control needs yet, only `plumbline snapshot` reads: an audit does without those actions.

            | action | for | controls that go blind without it |
            | --- | --- | --- |
            | `ec2:DescribeInternetGateways` | `ec2:DescribeInternetGateways` | NET-02 |
            | `ec2:DescribeNetworkAcls` | `ec2:DescribeNetworkAcls` | none: only `plumbline snapshot` reads it |
            | `ec2:DescribeVpcs` | `ec2:DescribeVpcs` | NET-02, SMK-02 |
            | `sagemaker:ListNotebookInstances` | `sagemaker:ListNotebookInstances` | SMK-02 |
        "#]].assert_eq(&permissions_markdown(&catalogue(), &others));
    }
}
