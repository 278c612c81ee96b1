//! Verdicts and severities.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The verdict of one control on one subject; the names are AWS Config's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// Everything that the control reads was seen, and holds.
    Compliant,
    /// A witness was seen that it does not hold.
    NonCompliant,
    /// There is nothing to judge, and that was seen.
    NotApplicable,
    /// Something that the verdict rests on was not seen.
    InsufficientData,
}

/// How bad it is, worst last, so that the greatest severity is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// Reported, never alerts.
    Info,
    /// Hygiene or operability.
    Low,
    /// A layer of defence is missing.
    Medium,
    /// A promise of the environment is broken.
    High,
    /// The environment is open, or one step from it, now.
    Critical,
}

impl Verdict {
    /// All verdicts, in the order of reports.
    pub const ALL: [Self; 4] = [Self::Compliant, Self::NonCompliant, Self::NotApplicable, Self::InsufficientData];

    /// The word of the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
            Self::NotApplicable => "NOT_APPLICABLE",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The next lower one; of the lowest itself.
    #[must_use]
    pub fn lower(self) -> Self {
        Self::ALL.into_iter().find(|other| *other < self).unwrap_or(self)
    }

    /// The word of the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "CRITICAL",
            Self::High => "HIGH",
            Self::Medium => "MEDIUM",
            Self::Low => "LOW",
            Self::Info => "INFO",
        }
    }
}

impl std::str::FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| format!("`{text}` is not a severity: expected CRITICAL, HIGH, MEDIUM, LOW or INFO"))
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
