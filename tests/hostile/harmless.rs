//! What must hold for everything that leaves: no raw control characters, valid JSON, messages that SNS and CloudWatch take.

use plumbline_findings::{AlertMessage, AttributeValue, Report, Severity};
use plumbline_render::{BATCH_BYTES, BATCH_ENTRIES, Style, batches, json, size_bytes, text, wire};

use crate::support::World;

/// Characters that reorder a line, hide in it or break it, beside the controls.
const UNSEEN: [char; 19] = [
    '\u{61c}', '\u{200b}', '\u{200d}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}',
    '\u{202c}', '\u{202d}', '\u{202e}', '\u{2060}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}', '\u{feff}',
    '\u{ffff}',
];

fn assert_plain(what: &str, text: &str) {
    let odd = text.chars().find(|it| (it.is_control() && *it != '\n') || UNSEEN.contains(it));
    assert!(odd.is_none(), "{what} has {odd:?}: {text:?}");
}

/// Everything that a report says and a world was sent is harmless.
pub(crate) fn assert_harmless(report: &Report, world: &World) {
    for height in [None, Some(24)] {
        let plain = text(report, &Style { height, ..Style::default() }, Severity::Low);
        assert_plain("the text", &plain);
        let coloured = text(report, &Style { height, colour: true, ..Style::default() }, Severity::Low);
        assert_plain("the coloured text", &without_colours(&coloured));
        assert!(height.is_none_or(|height| plain.lines().count() <= height), "{plain}");
    }
    let written = json(report).unwrap();
    assert_plain("the JSON", &written);
    assert_eq!(Report::from_bytes(written.as_bytes()).unwrap(), *report);
    for alert in &world.alerts {
        assert_message(alert);
    }
    for batch in batches(&world.alerts) {
        let bytes: usize = batch.iter().map(|alert| size_bytes(alert)).sum();
        assert!(batch.len() <= BATCH_ENTRIES && bytes <= BATCH_BYTES);
    }
    for digest in &world.digests {
        let subject = &digest.subject;
        assert!(subject.bytes().all(|byte| matches!(byte, b' '..=b'~')) && subject.len() < 100, "{subject:?}");
        assert!(!subject.starts_with(' ') && !subject.is_empty());
        assert_plain("the digest", &digest.body);
        assert!(digest.body.len() <= BATCH_BYTES - subject.len());
    }
    for metric in &world.metrics {
        assert!(metric.value.is_finite());
        for (name, value) in &metric.dimensions {
            assert!(
                value.bytes().all(|byte| matches!(byte, b' '..=b'~')) && (1..=255).contains(&value.len()),
                "{name}={value:?}"
            );
        }
    }
}

/// The eight attributes, each with a type and a value that SNS takes; a body that is JSON and plain.
fn assert_message(alert: &AlertMessage) {
    assert!(!alert.id.is_empty() && alert.id.len() <= 80);
    assert!(alert.id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')), "{}", alert.id);
    let names: Vec<&str> = alert.attributes.keys().map(String::as_str).collect();
    let wanted = ["account", "area", "control", "environment", "lifecycle", "region", "schema", "severity"];
    assert_eq!(names, wanted);
    for (name, value) in &alert.attributes {
        let (kind, written) = wire(value);
        assert_plain(name, &written);
        match value {
            AttributeValue::String(value) => {
                assert_eq!(kind, "String");
                assert!(!value.is_empty() && value.len() <= 256, "{name}: {value:?}");
            }
            AttributeValue::StringArray(values) => {
                assert_eq!(kind, "String.Array");
                assert_eq!(serde_json::from_str::<Vec<String>>(&written).unwrap(), *values);
                assert!(!values.is_empty() && values.iter().all(|value| !value.is_empty() && value.len() <= 256));
            }
        }
    }
    let body: serde_json::Value = serde_json::from_str(&alert.body).unwrap();
    assert_plain("the body", &alert.body);
    assert_plain("the sentence", body.get("text").unwrap().as_str().unwrap());
    assert!(alert.body.starts_with("{\"text\":"));
    assert!(size_bytes(alert) <= BATCH_BYTES);
}

/// The text without the colours that are ours.
fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let (code, after) = after.split_once('m').unwrap();
        assert!(code.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{code:?} is no colour");
        rest = after;
    }
    plain + rest
}
