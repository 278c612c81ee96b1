//! How two reports differ, in words that a failed test can print.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use plumbline_findings::{Finding, Report, Severity, Verdict};
use serde_json::Value;

/// A finding whose verdict is not what it was.
#[derive(Debug, Clone, Copy)]
pub struct Changed<'a> {
    /// As it was; none if it is new.
    pub before: Option<&'a Finding>,
    /// As it is.
    pub after: &'a Finding,
}

/// A finding on one line.
#[must_use]
pub fn line(finding: &Finding) -> String {
    let mut text = format!("{} {} {}", finding.control, finding.environment, finding.resource.name);
    if let Some(aspect) = &finding.aspect {
        let _ = write!(text, " [{aspect}]");
    }
    let _ = write!(text, " {}", finding.verdict);
    if let Some(reason) = finding.reason {
        let _ = write!(text, " ({reason})");
    }
    let _ = write!(text, ": {}", finding.message);
    text
}

/// The findings of `after` whose verdict is not that of `before`. Those that went away with their subject are left out, and so
/// are new subjects that are as they should be.
#[must_use]
pub fn changed<'a>(before: &'a Report, after: &'a Report) -> Vec<Changed<'a>> {
    let known: BTreeMap<&str, &Finding> =
        before.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let mut changed = Vec::new();
    for after in &after.findings {
        let before = known.get(after.id.as_str()).copied();
        let counts = match before {
            Some(before) => before.verdict != after.verdict,
            None => matches!(after.verdict, Verdict::NonCompliant | Verdict::InsufficientData),
        };
        if counts {
            changed.push(Changed { before, after });
        }
    }
    changed
}

/// The reads that a report says were lost.
#[must_use]
pub fn lost(report: &Report) -> Vec<String> {
    let reads = report.coverage.reads.iter().filter(|read| read.outcome.is_loss());
    reads.map(|read| format!("{}:{} {:?} {:?}", read.service, read.operation, read.outcome, read.error)).collect()
}

/// The exit code that a report asks for, at `--fail-on LOW`. A lost read counts where it blinds a control.
#[must_use]
pub fn exit_code(report: &Report) -> i32 {
    let counts = |finding: &&Finding| finding.severity >= Severity::Low;
    if report.findings.iter().filter(counts).any(Finding::is_drift) {
        1
    } else if report.coverage.reads.iter().any(|read| read.outcome.is_loss() && !read.blinds.is_empty())
        || report.findings.iter().filter(counts).any(|finding| finding.verdict == Verdict::InsufficientData)
    {
        3
    } else {
        0
    }
}

/// The findings as JSON without what differs from run to run: when they were seen, what became of them, and times in what was
/// read.
///
/// # Errors
/// A finding that is no JSON.
pub fn steady(report: &Report) -> anyhow::Result<Vec<Value>> {
    let mut all = Vec::new();
    for finding in &report.findings {
        let mut value = serde_json::to_value(finding)?;
        if let Some(fields) = value.as_object_mut() {
            for name in ["first_seen", "last_seen", "last_confirmed", "lifecycle"] {
                fields.remove(name);
            }
        }
        without_times(&mut value);
        all.push(value);
    }
    Ok(all)
}

/// What is in one list of steady findings and not in the other, a few lines of it.
#[must_use]
pub fn differences(one: &[Value], other: &[Value]) -> Vec<String> {
    let only = |sign: &str, here: &[Value], there: &[Value]| {
        let lines = here.iter().filter(|value| !there.contains(value)).take(8);
        lines.map(|value| format!("{sign} {value}")).collect::<Vec<_>>()
    };
    let mut lines = only("-", one, other);
    lines.extend(only("+", other, one));
    if lines.is_empty() && one != other {
        lines.push("the same findings in another order".to_owned());
    }
    lines
}

/// Every time stamp in every text becomes a word.
fn without_times(value: &mut Value) {
    match value {
        Value::String(text) => *text = timeless(text),
        Value::Array(items) => items.iter_mut().for_each(without_times),
        Value::Object(fields) => fields.values_mut().for_each(without_times),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `2026-01-02T03:04:05.678Z` as `<time>`.
fn timeless(text: &str) -> String {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let fits = |(shape, byte): (&u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { shape == byte };
        let found = rest.len() > SHAPE.len() && SHAPE.iter().zip(rest.as_bytes()).all(fits);
        let after = found.then(|| rest.get(SHAPE.len()..)).flatten().and_then(|after| {
            let after = after.trim_start_matches(|letter: char| letter == '.' || letter.is_ascii_digit());
            after.strip_prefix('Z')
        });
        match after {
            Some(after) => {
                out.push_str("<time>");
                rest = after;
            }
            None => {
                out.push(letter);
                rest = rest.get(letter.len_utf8()..).unwrap_or_default();
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::timeless;

    #[test]
    fn times_are_all_the_same() {
        for (text, without) in [
            ("2026-01-02T03:04:05Z", "<time>"),
            ("délivré 2026-01-02T03:04:05.678Z, two days ago", "délivré <time>, two days ago"),
            ("2026-01-02", "2026-01-02"),
            ("2026-01-02T03:04:05+01:00", "2026-01-02T03:04:05+01:00"),
            ("", ""),
        ] {
            assert_eq!(timeless(text), without);
        }
    }
}
