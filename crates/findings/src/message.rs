//! What is sent: messages and metrics as plain data, worded by `render`, kept in the state, carried by `publish`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A message for the alerts topic, ready to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertMessage {
    /// The same for the same transition of the same finding, whichever run tells it; at most 80 characters of `[A-Za-z0-9_-]`.
    pub id: String,
    /// The JSON text.
    pub body: String,
    /// The message attributes.
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// The value of a message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Sent as `String`.
    String(String),
    /// Sent as `String.Array`.
    StringArray(Vec<String>),
}

/// A message for the digest topic, ready to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestMessage {
    /// One for each run.
    pub id: String,
    /// ASCII, under 100 characters.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// One datum of one metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name, such as `Drift`.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// Its value.
    pub value: f64,
    /// Its dimensions by name.
    pub dimensions: BTreeMap<String, String>,
}

/// A unit of CloudWatch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Unit {
    /// A number of things.
    Count,
    /// A share of a hundred.
    Percent,
    /// A duration.
    Milliseconds,
}

impl Unit {
    /// CloudWatch's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Percent => "Percent",
            Self::Milliseconds => "Milliseconds",
        }
    }
}
