//! What was not seen, and why.

use plumbline_names::{Operation, Text};
use serde::{Deserialize, Serialize};

use crate::Source;

/// Why a read has no whole answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// AWS refused: no permission, or credentials that do not hold here.
    Denied,
    /// The service failed, the connection broke, or the answer could not be trusted.
    Failed,
    /// The rate limit held until the retries were used up.
    Throttled,
    /// A listing broke off after its first page.
    Truncated,
    /// The service or operation does not exist in this Region.
    Unsupported,
    /// No planned control needs it.
    NotPlanned,
    /// The run's time ended first.
    OutOfTime,
}

/// How a read ended, over all its calls: the words of the report's `coverage`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything asked for was answered.
    Complete,
    /// See [`Why::Denied`].
    Denied,
    /// See [`Why::Failed`].
    Failed,
    /// See [`Why::Throttled`].
    Throttled,
    /// See [`Why::Truncated`].
    Truncated,
    /// See [`Why::Unsupported`].
    Unsupported,
    /// See [`Why::NotPlanned`].
    NotPlanned,
    /// See [`Why::OutOfTime`].
    OutOfTime,
}

/// A read without a whole answer. It stands where the value would stand, and never turns into 'absent'.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gap {
    /// The operation that was asked.
    pub operation: Operation,
    /// What it was asked about: an ARN, id or name; none for a whole listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Text>,
    /// Why there is no answer.
    pub why: Why,
    /// What AWS or the transport said, shortened; empty for [`Why::NotPlanned`].
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub detail: Text,
}

impl Gap {
    /// The gap that every read starts as.
    #[must_use]
    pub fn unread(source: &Source) -> Self {
        Self { operation: source.operation(), target: None, why: Why::NotPlanned, detail: Text::new() }
    }

    /// A gap of `source` with its reason.
    #[must_use]
    pub fn of(source: &Source, why: Why, detail: impl Into<Text>) -> Self {
        Self { operation: source.operation(), target: None, why, detail: detail.into() }
    }

    /// Whether the read is still to be made: nobody has tried yet, or time ran out.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.why, Why::NotPlanned | Why::OutOfTime)
    }

    /// The same gap, about `target`.
    #[must_use]
    pub fn about(mut self, target: impl Into<Text>) -> Self {
        self.target = Some(target.into());
        self
    }
}

impl From<Why> for Outcome {
    fn from(why: Why) -> Self {
        match why {
            Why::Denied => Self::Denied,
            Why::Failed => Self::Failed,
            Why::Throttled => Self::Throttled,
            Why::Truncated => Self::Truncated,
            Why::Unsupported => Self::Unsupported,
            Why::NotPlanned => Self::NotPlanned,
            Why::OutOfTime => Self::OutOfTime,
        }
    }
}

impl Outcome {
    /// The word of the report.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Denied => "denied",
            Self::Failed => "failed",
            Self::Throttled => "throttled",
            Self::Truncated => "truncated",
            Self::Unsupported => "unsupported",
            Self::NotPlanned => "not_planned",
            Self::OutOfTime => "out_of_time",
        }
    }

    /// Whether the report's `coverage.complete` must be false because of it.
    #[must_use]
    pub fn is_loss(self) -> bool {
        matches!(self, Self::Denied | Self::Failed | Self::Throttled | Self::Truncated | Self::OutOfTime)
    }
}
