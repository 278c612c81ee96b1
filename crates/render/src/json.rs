//! The report as `plumbline.report/1`, and how JSON is written everywhere in this crate.
//!
//! JSON is lossless and still harmless on a terminal: what `escape.rs` would make visible is written as a JSON escape.

use std::io::{self, Write as _};

use plumbline_findings::Report;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::escape::{escaped, is_hostile};

/// So many bytes are put together before they are written.
const CHUNK: usize = 1 << 16;

/// Why something could not be rendered. Nothing that is made here causes it.
#[derive(Debug, thiserror::Error)]
#[error("writing {what} as JSON: {source}")]
pub struct RenderError {
    /// What was to be written.
    what: &'static str,
    /// What the writer said.
    source: serde_json::Error,
}

/// Writes a stretch of a string, with JSON escapes for what must not be there as it is.
fn write_fragment<W: ?Sized + io::Write>(writer: &mut W, fragment: &str) -> io::Result<()> {
    let mut done = 0;
    for (at, character) in fragment.char_indices().filter(|(_, character)| is_hostile(*character)) {
        writer.write_all(fragment.get(done..at).unwrap_or_default().as_bytes())?;
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(writer, "\\u{unit:04x}")?;
        }
        done = at + character.len_utf8();
    }
    writer.write_all(fragment.get(done..).unwrap_or_default().as_bytes())
}

/// Without white space.
struct Compact;

impl Formatter for Compact {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(writer, fragment)
    }
}

/// Indented by two.
struct Pretty(PrettyFormatter<'static>);

impl Formatter for Pretty {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_fragment(writer, fragment)
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

fn write<T: Serialize, F: Formatter>(value: &T, formatter: F, what: &'static str) -> Result<String, RenderError> {
    let mut bytes = Vec::new();
    let error = |source| RenderError { what, source };
    value.serialize(&mut Serializer::with_formatter(&mut bytes, formatter)).map_err(error)?;
    String::from_utf8(bytes).map_err(|source| error(serde::ser::Error::custom(source)))
}

/// Writes the report as `plumbline.report/1`, indented, with a newline at its end: of a large account it is too long to
/// be held as a text. Equal reports give equal bytes.
///
/// # Errors
/// What `out` says.
pub fn write_json(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(CHUNK, out);
    report.serialize(&mut Serializer::with_formatter(&mut out, Pretty(PrettyFormatter::new())))?;
    out.write_all(b"\n")?;
    out.flush()
}

/// A message on one line. Should it fail, what nothing made here causes, `text` goes out alone: an alert is never lost.
pub(crate) fn message<T: Serialize>(value: &T, text: &str, what: &'static str) -> String {
    write(value, Compact, what).unwrap_or_else(|error| {
        // WHY: a `Value` prints itself without a way to fail.
        serde_json::json!({ "text": escaped(text), "error": error.to_string() }).to_string()
    })
}

/// A value over many lines, with a newline at its end.
pub(crate) fn pretty<T: Serialize>(value: &T, what: &'static str) -> Result<String, RenderError> {
    let mut text = write(value, Pretty(PrettyFormatter::new()), what)?;
    text.push('\n');
    Ok(text)
}

/// The report as `plumbline.report/1`, indented, with a newline at its end. Equal reports give equal bytes.
///
/// # Errors
/// [`RenderError`], which no report made here causes.
pub fn json(report: &Report) -> Result<String, RenderError> {
    pretty(report, "the report")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_findings::Report;

    use super::json;
    use crate::samples::{HOSTILE, busy, everywhere, gateway, report, steering};

    #[test]
    fn a_report() {
        expect![[r#"
            {
              "schema": "plumbline.report/1",
              "run": {
                "id": "r-7",
                "trigger": "schedule",
                "reason": null,
                "started_at": "2025-11-24T11:04:00Z",
                "finished_at": "2025-11-24T11:05:00Z",
                "account": "111122223333",
                "partition": "aws",
                "regions": [
                  "eu-west-1"
                ],
                "environments": [
                  "fraud-dev"
                ],
                "scope": [],
                "baseline": {
                  "file": "baseline.yaml",
                  "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                  "accepted": []
                },
                "version": "0.1.0",
                "previous": "r-6",
                "legs": 1
              },
              "coverage": {
                "complete": true,
                "reads": [
                  {
                    "service": "ec2",
                    "operation": "DescribeFlowLogs",
                    "region": "eu-west-1",
                    "outcome": "not_planned",
                    "calls": 1,
                    "items": 2,
                    "throttled": 0,
                    "error": null,
                    "blinds": []
                  },
                  {
                    "service": "ec2",
                    "operation": "DescribeSubnets",
                    "region": "eu-west-1",
                    "outcome": "complete",
                    "calls": 1,
                    "items": 2,
                    "throttled": 0,
                    "error": null,
                    "blinds": []
                  },
                  {
                    "service": "ec2",
                    "operation": "DescribeVpcs",
                    "region": "eu-west-1",
                    "outcome": "complete",
                    "calls": 1,
                    "items": 2,
                    "throttled": 0,
                    "error": null,
                    "blinds": []
                  }
                ]
              },
              "cost": {
                "seconds": 3.25,
                "calls": 12,
                "throttled": 1,
                "by_operation": {},
                "bound_seconds": 0.0,
                "ratio": null,
                "peak_memory_mb": 0
              },
              "summary": {
                "verdicts": {
                  "COMPLIANT": 0,
                  "NON_COMPLIANT": 1,
                  "NOT_APPLICABLE": 0,
                  "INSUFFICIENT_DATA": 0
                },
                "drift_by_severity": {
                  "INFO": 0,
                  "LOW": 0,
                  "MEDIUM": 0,
                  "HIGH": 0,
                  "CRITICAL": 1
                },
                "lifecycle": {
                  "NEW": 1,
                  "PERSISTING": 0,
                  "RESOLVED": 0,
                  "REOPENED": 0
                },
                "excepted": 0
              },
              "findings": [
                {
                  "id": "net-02-vpc-1",
                  "control": "NET-02",
                  "name": "no-internet-gateway",
                  "title": "No internet gateway is attached to the VPC.",
                  "area": "network",
                  "severity": "CRITICAL",
                  "verdict": "NON_COMPLIANT",
                  "reason": null,
                  "lifecycle": "NEW",
                  "environment": "fraud-dev",
                  "account": "111122223333",
                  "region": "eu-west-1",
                  "resource": {
                    "arn": "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1",
                    "type": "AWS::EC2::VPC",
                    "name": "vpc-1"
                  },
                  "aspect": null,
                  "message": "Internet gateway `igw-1` is attached to `vpc-1`.",
                  "evidence": [
                    {
                      "operation": "ec2:DescribeInternetGateways",
                      "path": "igw-1.Attachments[vpc-1].State",
                      "saw": "available",
                      "wanted": "not attached"
                    }
                  ],
                  "remediation": "Remove the routes that use the gateway, then detach and delete it.",
                  "first_seen": "2025-11-24T09:00:00Z",
                  "last_seen": "2025-11-24T11:05:00Z",
                  "last_confirmed": "2025-11-24T11:05:00Z",
                  "attribution": {
                    "event_id": "e-1",
                    "event_name": "AttachInternetGateway",
                    "event_time": "2025-11-24T10:00:00Z",
                    "principal": "arn:aws:sts::111122223333:assumed-role/ds-admin/eve",
                    "source_ip": "198.51.100.7",
                    "confidence": "high"
                  },
                  "exception": null,
                  "maps": {
                    "securityhub": [],
                    "cis": [],
                    "nist": [
                      "AC-4",
                      "SC-7"
                    ]
                  }
                }
              ],
              "visibility": [],
              "exceptions": {
                "expired": [],
                "expiring": [],
                "unused": [],
                "mismatched": []
              },
              "excluded": [],
              "notes": []
            }
        "#]]
        .assert_eq(&json(&report(vec![gateway()])).unwrap());
    }

    #[test]
    fn nothing_is_lost_and_nothing_steers() {
        for report in [report(vec![]), busy(), everywhere(HOSTILE, 30)] {
            let text = json(&report).unwrap();
            assert_eq!(steering(&text), [].into());
            assert_eq!(Report::from_bytes(text.as_bytes()).unwrap(), report);
            assert!(text.ends_with("}\n"));
        }
    }
}
