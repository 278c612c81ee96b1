//! What SNS takes: attributes with their types, and batches, measured in bytes.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_findings::{AlertMessage, AttributeValue};

use crate::escape::{cut_to_json_bytes, escaped};

/// The bytes of one batch, attributes included.
///
/// Source: "`PublishBatch`" (Amazon SNS API Reference).
pub const BATCH_BYTES: usize = 262_144;

/// The entries of one batch.
pub const BATCH_ENTRIES: usize = 10;

/// The bytes of one attribute's value.
const ATTRIBUTE_BYTES: usize = 256;

/// The eight attributes of the contract: a raw queue loses a message with more than ten.
pub(crate) fn attributes(named: [(&str, AttributeValue); 8]) -> BTreeMap<String, AttributeValue> {
    named.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use plumbline_findings::AlertMessage;

    use super::{BATCH_BYTES, BATCH_ENTRIES, attributes, batches, one, size_bytes};

    fn sized(id: usize, bytes: usize) -> AlertMessage {
        let attributes = attributes(std::array::from_fn(|_| ("severity", one("日本"))));
        let mut message = AlertMessage { id: format!("m-{id}"), body: String::new(), attributes };
        // 8 for the name, 6 for `String`, 6 for two characters of three bytes.
        assert_eq!(size_bytes(&message), 20);
        message.body = "日".repeat((bytes - 20) / 3) + &"x".repeat((bytes - 20) % 3);
        assert_eq!(size_bytes(&message), bytes);
        message
    }

    #[test]
    fn batches_are_measured_in_entries_and_bytes() {
        let quarter = BATCH_BYTES / 4;
        for (sizes, expected) in [
            (vec![], vec![]),
            (vec![100; 10], vec![10]),
            (vec![100; 11], vec![10, 1]),
            (vec![100; 25], vec![10, 10, 5]),
            (vec![quarter; 4], vec![4]),
            (vec![quarter, quarter, quarter, quarter + 1], vec![3, 1]),
            (vec![BATCH_BYTES, 100], vec![1, 1]),
            (vec![100, BATCH_BYTES - 100, 100], vec![2, 1]),
            (vec![100, BATCH_BYTES + 1, 100], vec![1, 1, 1]),
        ] {
            let messages: Vec<AlertMessage> = sizes.iter().enumerate().map(|(id, size)| sized(id, *size)).collect();
            let batches = batches(&messages);
            assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), expected);
            let ids: Vec<&str> = batches.iter().flatten().map(|message| message.id.as_str()).collect();
            assert_eq!(ids, messages.iter().map(|message| message.id.as_str()).collect::<Vec<_>>(), "in order, all");
            for batch in &batches {
                let bytes: usize = batch.iter().map(|message| size_bytes(message)).sum();
                assert!(batch.len() <= BATCH_ENTRIES && (bytes <= BATCH_BYTES || batch.len() == 1));
            }
        }
    }

    #[test]
    fn ids_in_a_batch_are_distinct() {
        let messages = [sized(1, 100), sized(2, 100), sized(1, 100)];
        for batch in batches(&messages) {
            assert_eq!(batch.iter().map(|message| &message.id).collect::<BTreeSet<_>>().len(), batch.len());
        }
    }
}
