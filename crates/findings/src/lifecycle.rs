//! What became of a finding since the last run.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a finding that is or was NON_COMPLIANT stands against the last state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Lifecycle {
    /// Open, and not known before.
    New,
    /// Open, as before; also when it cannot be seen now.
    Persisting,
    /// Seen to be closed in this run.
    Resolved,
    /// Open again after it was closed.
    Reopened,
}

impl Lifecycle {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 4] = [Self::New, Self::Persisting, Self::Resolved, Self::Reopened];

    /// The word of the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Persisting => "PERSISTING",
            Self::Resolved => "RESOLVED",
            Self::Reopened => "REOPENED",
        }
    }

    /// Whether a finding that stands so is open.
    #[must_use]
    pub fn is_open(self) -> bool {
        self != Self::Resolved
    }
}

impl fmt::Display for Lifecycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
