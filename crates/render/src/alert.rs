//! Messages for the alerts topic, for programs: `plumbline.alert/1`, cut to what SNS and a queue behind it take.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use plumbline_findings::{
    AlertMessage, AttributeValue, Because, Change, Evidence, Finding, Lifecycle, Reason, Report, Severity, Trigger,
};
use plumbline_names::{AccountId, Partition};
use serde::Serialize;

use crate::escape::{cut_to_json_bytes, escaped, fitted};
use crate::group::{author_of, message_of, name_of};
use crate::json::{RenderError, compact};
use crate::storm::storm;

/// The schema of one alert.
pub const ALERT_SCHEMA: &str = "plumbline.alert/1";

/// The schema of the message that stands for many alerts.
pub const STORM_SCHEMA: &str = "plumbline.storm/1";

/// How many alerts of one run go out one by one; when there are more, one storm message does.
pub const STORM_ABOVE: usize = 50;

/// The bytes of one message, attributes included. SNS takes [`BATCH_BYTES`], but what it wraps around a message for a queue
/// escapes every quotation mark once more, and the queue has the same limit.
pub const ALERT_BYTES: usize = 65_536;

/// The bytes of one batch, attributes included.
///
/// Source: "`PublishBatch`" (Amazon SNS API Reference).
pub const BATCH_BYTES: usize = 262_144;

/// The entries of one batch.
pub const BATCH_ENTRIES: usize = 10;

/// The bytes of one string of a finding that had to be cut, as JSON.
const STRING_BYTES: usize = 1_500;

/// The bytes of one attribute's value.
const ATTRIBUTE_BYTES: usize = 256;

/// Columns of the sentence for people.
const TEXT_COLUMNS: usize = 1_200;

/// The run, as every message names it.
#[derive(Debug, Serialize)]
pub(crate) struct RunNote<'a> {
    id: &'a str,
    trigger: Trigger,
    reason: Option<String>,
    started_at: Timestamp,
    finished_at: Timestamp,
    account: &'a AccountId,
    partition: &'a Partition,
    version: &'a str,
    /// Where the whole report is.
    report: String,
}

#[derive(Debug, Serialize)]
struct Alert<'a> {
    text: String,
    schema: &'static str,
    because: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity_before: Option<Severity>,
    run: RunNote<'a>,
    finding: &'a Finding,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<CutNote>,
}

/// Says that a message does not hold the whole finding.
#[derive(Debug, Serialize)]
struct CutNote {
    /// Pieces of evidence that were left out.
    evidence_left_out: usize,
    /// A sentence.
    says: String,
}

impl<'a> RunNote<'a> {
    pub(crate) fn of(report: &'a Report, report_uri: &str) -> Self {
        let run = &report.run;
        Self {
            id: &run.id,
            trigger: run.trigger,
            reason: run.reason.as_deref().map(|reason| cut_to_json_bytes(reason, STRING_BYTES)),
            started_at: run.started_at,
            finished_at: run.finished_at,
            account: &run.account,
            partition: &run.partition,
            version: &run.version,
            report: cut_to_json_bytes(report_uri, STRING_BYTES),
        }
    }
}

/// The messages that tell of `changes`, the worst first: one each, or one for all where there are more than [`STORM_ABOVE`].
/// `report_uri` is where the whole report is. A change whose finding is not in the report has no words, and is left out.
///
/// # Errors
/// [`RenderError`], which nothing made here causes.
pub fn alerts(report: &Report, changes: &[Change], report_uri: &str) -> Result<Vec<AlertMessage>, RenderError> {
    let findings: BTreeMap<&str, &Finding> =
        report.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    let mut told: Vec<(&Change, &Finding)> =
        changes.iter().filter_map(|change| Some((change, *findings.get(change.finding.as_str())?))).collect();
    told.sort_by(|(a, one), (b, other)| {
        (Reverse(one.severity), one.rank(), *a).cmp(&(Reverse(other.severity), other.rank(), *b))
    });
    if told.len() > STORM_ABOVE {
        return Ok(vec![storm(report, &told, report_uri)?]);
    }
    told.into_iter().map(|(change, finding)| alert(report, change, finding, report_uri)).collect()
}

fn alert(report: &Report, change: &Change, finding: &Finding, report_uri: &str) -> Result<AlertMessage, RenderError> {
    let attributes = attributes_of(finding);
    let message = |finding: &Finding, cut: Option<CutNote>| {
        let text = match &cut {
            None => sentence(change.because, finding, report_uri),
            Some(cut) => format!("{} {}", sentence(change.because, finding, report_uri), cut.says),
        };
        let alert = Alert {
            text,
            schema: ALERT_SCHEMA,
            because: change.because.as_str(),
            severity_before: match change.because {
                Because::SeverityRose { from } => Some(from),
                _ => None,
            },
            run: RunNote::of(report, report_uri),
            finding,
            cut,
        };
        Ok(AlertMessage { id: change.id.clone(), body: compact(&alert, "an alert")?, attributes: attributes.clone() })
    };
    if roughly_fits(finding) {
        let whole = message(finding, None)?;
        if size_bytes(&whole) <= ALERT_BYTES {
            return Ok(whole);
        }
    }
    // Strings first, then evidence from its end: the first piece is the one that proves it.
    let mut small = shortened(finding);
    loop {
        let evidence_left_out = finding.evidence.len() - small.evidence.len();
        let says = match evidence_left_out {
            0 => "Cut: long texts end in `…`; the report has them whole.".to_owned(),
            1 => "Cut: 1 piece of evidence is left out; the report has it.".to_owned(),
            many => format!("Cut: {many} pieces of evidence are left out; the report has them."),
        };
        let cut = message(&small, Some(CutNote { evidence_left_out, says }))?;
        let over = size_bytes(&cut).saturating_sub(ALERT_BYTES);
        if over == 0 || small.evidence.is_empty() {
            return Ok(cut);
        }
        // A piece is at most a few strings, so that dropping by half ends soon and dropping one by one near the end is exact.
        let drop = if over > ALERT_BYTES { small.evidence.len().div_ceil(2) } else { 1 };
        small.evidence.truncate(small.evidence.len() - drop);
    }
}

/// Whether it is worth the while to write the finding whole.
fn roughly_fits(finding: &Finding) -> bool {
    let evidence = |evidence: &Evidence| match evidence {
        Evidence::Field { operation, path, saw, wanted } => operation.len() + path.len() + saw.len() + wanted.len(),
        Evidence::NotSeen { not_seen } => not_seen.detail.len(),
    };
    finding.message.len() + finding.evidence.iter().map(evidence).sum::<usize>() <= ALERT_BYTES
}

/// The finding with every string cut that could be long, and as much evidence as a message could hold at the very best.
fn shortened(finding: &Finding) -> Finding {
    let cut = |text: &str| cut_to_json_bytes(text, STRING_BYTES);
    let mut small = Finding { evidence: Vec::new(), ..finding.clone() };
    for text in [
        &mut small.title,
        &mut small.message,
        &mut small.remediation,
        &mut small.environment,
        &mut small.resource.arn,
        &mut small.resource.kind,
        &mut small.resource.name,
    ] {
        *text = cut(text);
    }
    small.aspect = small.aspect.as_deref().map(cut);
    if let Some(exception) = &mut small.exception {
        exception.reason = cut(&exception.reason);
        exception.owner = cut(&exception.owner);
        exception.ticket = exception.ticket.as_deref().map(cut);
    }
    if let Some(attribution) = &mut small.attribution {
        for text in [
            &mut attribution.event_id,
            &mut attribution.event_name,
            &mut attribution.principal,
            &mut attribution.confidence,
        ] {
            *text = cut(text);
        }
        attribution.source_ip = attribution.source_ip.as_deref().map(cut);
    }
    // The shortest piece of evidence there is takes about this much.
    let most = ALERT_BYTES / 40;
    small.evidence = finding
        .evidence
        .iter()
        .take(most)
        .map(|evidence| match evidence {
            Evidence::Field { operation, path, saw, wanted } => {
                Evidence::field(cut(operation), cut(path), cut(saw), cut(wanted))
            }
            Evidence::NotSeen { not_seen } => {
                let mut not_seen = not_seen.clone();
                not_seen.operation = cut(&not_seen.operation);
                not_seen.target = not_seen.target.as_deref().map(cut);
                not_seen.outcome = cut(&not_seen.outcome);
                not_seen.detail = cut(&not_seen.detail);
                Evidence::NotSeen { not_seen }
            }
        })
        .collect();
    small
}

/// What happened, where, and what to do, for people who see the message in a chat.
fn sentence(because: Because, finding: &Finding, report_uri: &str) -> String {
    let happened: Cow<'_, str> = match because {
        Because::New => "NEW".into(),
        Because::Reopened => "REOPENED".into(),
        Because::Resolved => "RESOLVED".into(),
        Because::SeverityRose { from } => format!("WORSE (was {from})").into(),
        Because::ExceptionExpired => "NO LONGER EXCEPTED (the exception expired)".into(),
        Because::ExceptionNoLongerFits => "NO LONGER EXCEPTED (the exception does not fit any more)".into(),
    };
    let what = match (because, finding.reason) {
        (Because::Resolved, Some(Reason::ResourceGone)) => "the resource is gone".to_owned(),
        (Because::Resolved, _) => fitted(finding.title.trim_end_matches('.'), TEXT_COLUMNS),
        _ => message_of(finding),
    };
    let region = finding.region.as_ref().map_or("global", |region| region.as_str());
    let mut text = format!(
        "{} {happened}: {} {} on {} in {} ({region}, {}): {what}.",
        finding.severity,
        fitted(&finding.control, 64),
        fitted(&finding.name, 64),
        name_of(finding),
        fitted(&finding.environment, 64),
        finding.account,
    );
    if because != Because::Resolved {
        if let Some(author) = author_of(finding) {
            text.push_str(&format!(" By {author}."));
        }
        text.push_str(&format!(" What to do: {}", fitted(&finding.remediation, TEXT_COLUMNS)));
    }
    text.push_str(&format!(" Report: {}", fitted(report_uri, TEXT_COLUMNS)));
    text
}

fn attributes_of(finding: &Finding) -> BTreeMap<String, AttributeValue> {
    attributes([
        ("schema", one(ALERT_SCHEMA)),
        ("severity", one(finding.severity.as_str())),
        ("area", one(finding.area.as_str())),
        ("control", one(&finding.control)),
        ("environment", one(&finding.environment)),
        ("account", one(finding.account.as_str())),
        ("region", one(region_of(finding))),
        ("lifecycle", one(lifecycle_of(finding))),
    ])
}

/// The eight attributes of the contract: a raw queue loses a message with more than ten.
pub(crate) fn attributes(named: [(&str, AttributeValue); 8]) -> BTreeMap<String, AttributeValue> {
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The value of `region`: SNS refuses an empty one.
pub(crate) fn region_of(finding: &Finding) -> &str {
    finding.region.as_ref().map_or("global", |region| region.as_str())
}

/// The value of `lifecycle`.
pub(crate) fn lifecycle_of(finding: &Finding) -> &str {
    finding.lifecycle.map_or("none", Lifecycle::as_str)
}

/// An attribute with one value.
pub(crate) fn one(value: &str) -> AttributeValue {
    AttributeValue::String(plain(value))
}

/// An attribute with several values, as many of them as an attribute should have.
pub(crate) fn several<'a>(values: impl IntoIterator<Item = &'a str>, most: usize) -> AttributeValue {
    let values: BTreeSet<String> = values.into_iter().map(plain).collect();
    AttributeValue::StringArray(values.into_iter().take(most).collect())
}

/// A value that SNS takes: not empty, not long, no control characters.
fn plain(value: &str) -> String {
    let value = cut_to_json_bytes(&escaped(value), ATTRIBUTE_BYTES);
    if value.is_empty() { "none".to_owned() } else { value }
}

/// An attribute as SNS takes it: its data type and its value.
///
/// Source: "Amazon SNS message attributes" (Amazon SNS Developer Guide).
#[must_use]
pub fn wire(value: &AttributeValue) -> (&'static str, String) {
    match value {
        AttributeValue::String(value) => ("String", value.clone()),
        AttributeValue::StringArray(values) => {
            // WHY: `Value` prints itself without a way to fail.
            let array = serde_json::Value::Array(values.iter().map(|value| value.as_str().into()).collect());
            ("String.Array", array.to_string())
        }
    }
}

/// The bytes of a message as SNS counts them: its body, and name, type and value of each attribute.
#[must_use]
pub fn size_bytes(message: &AlertMessage) -> usize {
    let attribute = |(name, value): (&String, &AttributeValue)| {
        let (kind, value) = wire(value);
        name.len() + kind.len() + value.len()
    };
    message.body.len() + message.attributes.iter().map(attribute).sum::<usize>()
}

/// Messages in batches that `PublishBatch` takes, in their order: at most [`BATCH_ENTRIES`] entries with distinct ids, at most
/// [`BATCH_BYTES`] together. A message that is too large by itself is alone in its batch, for SNS to refuse.
#[must_use]
pub fn batches<'a>(messages: impl IntoIterator<Item = &'a AlertMessage>) -> Vec<Vec<&'a AlertMessage>> {
    let mut batches: Vec<Vec<&AlertMessage>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        let size = size_bytes(message);
        match batches.last_mut() {
            Some(batch)
                if batch.len() < BATCH_ENTRIES
                    && bytes + size <= BATCH_BYTES
                    && batch.iter().all(|other| other.id != message.id) =>
            {
                batch.push(message);
                bytes += size;
            }
            _ => {
                batches.push(vec![message]);
                bytes = size;
            }
        }
    }
    batches
}
