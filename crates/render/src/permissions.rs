//! The IAM policy that the reads need, and what goes blind without one of its actions.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_findings::ControlInfo;
use serde::Serialize;

use crate::json::{RenderError, pretty};
use crate::page::{Paragraph, Style, ink, lines_of, printed};

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: String,
    effect: &'static str,
    action: BTreeSet<String>,
    resource: &'static str,
}

/// The IAM policy that allows some reads, given as service and actions: one statement a service, sorted.
///
/// # Errors
/// [`RenderError`], which nothing made here causes.
pub fn permissions_json<'a, A>(reads: impl IntoIterator<Item = (&'a str, A)>) -> Result<String, RenderError>
where
    A: IntoIterator<Item = &'a str>,
{
    let mut services: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (service, actions) in reads {
        services.entry(service).or_default().extend(actions.into_iter().map(str::to_owned));
    }
    let statement = services
        .into_iter()
        .filter(|(_, action)| !action.is_empty())
        .map(|(service, action)| Statement { sid: sid(service), effect: "Allow", action, resource: "*" })
        .collect();
    pretty(&Policy { version: "2012-10-17", statement }, "a policy")
}

/// `PlumblineReadEc2`: IAM takes letters and digits only.
fn sid(service: &str) -> String {
    let mut letters = service.chars().filter(char::is_ascii_alphanumeric);
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    "PlumblineRead".chars().chain(first).chain(letters).collect()
}

/// The controls that go blind without some actions, as text.
#[must_use]
pub fn without_text(actions: &[&str], blinded: &[&ControlInfo], style: &Style) -> String {
    let actions = actions.join(", ");
    if blinded.is_empty() {
        return printed(&Paragraph::new(format!("Without {actions} no control goes blind.")).lines(&style.unfolded()));
    }
    let number = crate::group::count(blinded.len(), "control goes", "controls go");
    let mut said = vec![Paragraph::new(format!("Without {actions} {number} blind:"))];
    said.extend(blinded.iter().map(|info| {
        Paragraph::labelled(
            info.severity.as_str(),
            ink::of(info.severity),
            format!("{} {}: {}", info.id, info.name, info.title),
        )
        .indent(2)
    }));
    printed(&lines_of(&said, &style.unfolded(), usize::MAX))
}

/// The controls that go blind without some actions, as JSON.
///
/// # Errors
/// [`RenderError`], which nothing made here causes.
pub fn without_json(actions: &[&str], blinded: &[&ControlInfo]) -> Result<String, RenderError> {
    #[derive(Serialize)]
    struct Without<'a> {
        without: &'a [&'a str],
        blinds: Vec<&'static str>,
    }
    pretty(&Without { without: actions, blinds: blinded.iter().map(|info| info.id).collect() }, "what goes blind")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::{permissions_json, without_json, without_text};
    use crate::page::Style;
    use crate::samples::{DIRECT, GATEWAY};

    #[test]
    fn a_policy() {
        let reads = [
            ("s3-control", vec!["s3:GetAccountPublicAccessBlock"]),
            ("ec2", vec!["ec2:DescribeVpcs"]),
            ("ec2", vec!["ec2:DescribeSubnets", "ec2:DescribeVpcs"]),
            ("none", vec![]),
        ];
        expect![[r#"
            {
              "Version": "2012-10-17",
              "Statement": [
                {
                  "Sid": "PlumblineReadEc2",
                  "Effect": "Allow",
                  "Action": [
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs"
                  ],
                  "Resource": "*"
                },
                {
                  "Sid": "PlumblineReadS3control",
                  "Effect": "Allow",
                  "Action": [
                    "s3:GetAccountPublicAccessBlock"
                  ],
                  "Resource": "*"
                }
              ]
            }
        "#]]
        .assert_eq(&permissions_json(reads).unwrap());
    }

    #[test]
    fn what_goes_blind() {
        let style = Style::default();
        expect![[r#"
            Without ec2:DescribeVpcs 2 controls go blind:
              CRITICAL NET-02 no-internet-gateway: No internet gateway is attached to the
                VPC.
              HIGH SMK-02 notebook-no-direct-internet: No notebook has direct internet
                access.
        "#]]
        .assert_eq(&without_text(&["ec2:DescribeVpcs"], &[&GATEWAY, &DIRECT], &style));
        expect![[r#"
            Without ec2:DescribeHosts no control goes blind.
        "#]]
        .assert_eq(&without_text(&["ec2:DescribeHosts"], &[], &style));
        expect![[r#"
            {
              "without": [
                "ec2:DescribeVpcs"
              ],
              "blinds": [
                "NET-02"
              ]
            }
        "#]]
        .assert_eq(&without_json(&["ec2:DescribeVpcs"], &[&GATEWAY]).unwrap());
    }
}
