//! Accepted drift: what an exception covers, and when it stops.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use plumbline_names::EnvironmentName;
use serde::{Deserialize, Serialize};

use crate::{Accepted, Evidence, Finding, Verdict, digest_of};

/// How long before its last day an exception is reported as expiring, in days.
pub const EXPIRING_DAYS: i64 = 14;

/// How long an exception may match nothing before it is reported as unused, in days.
pub const UNUSED_DAYS: i64 = 30;

/// An entry of the baseline's `exceptions`, checked and with its placeholders filled in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exception {
    /// The control's id.
    pub control: String,
    /// The environment.
    pub environment: EnvironmentName,
    /// The ARN of the resource, or a pattern (`*`, `?`) that matches the whole of it.
    pub subject: String,
    /// The evidence that it describes, `path` to `saw`; empty holds whatever the evidence is.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// Why the drift is accepted.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last UTC day on which it holds.
    pub expires: Date,
    /// Where it was decided.
    #[serde(default)]
    pub ticket: Option<String>,
}

/// How an exception and a finding stand to each other. Says nothing about expiry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It is about another control, environment or resource, or the finding is not NON_COMPLIANT.
    Elsewhere,
    /// It is about this finding, but the evidence is not, or not only, what its `when` says; with what differs.
    Differs(String),
    /// It covers the finding.
    Covers,
}

/// The UTC day of a moment.
#[must_use]
pub fn utc_day(at: Timestamp) -> Date {
    Offset::UTC.to_datetime(at).date()
}

/// The days from one day to another; negative where `to` is earlier.
pub(crate) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// Whether `pattern` matches the whole of `text`: `*` any run of characters, `?` one character, as in IAM.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to go on if what follows the last star does not fit: one character later.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&character) = text.get(t) {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, t));
                p += 1;
            }
            Some(&expected) if expected == '?' || expected == character => {
                p += 1;
                t += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    retry = Some((star, from + 1));
                    p = star + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|&rest| rest == '*')
}

impl Exception {
    /// A name for what it covers: the same as long as control, environment, subject and `when` are, so that a new date or a
    /// better reason does not make it another.
    #[must_use]
    pub fn id(&self) -> String {
        let mut parts = vec![self.control.as_str(), &self.environment, &self.subject];
        for (path, saw) in &self.when {
            parts.extend([path.as_str(), saw]);
        }
        digest_of(&parts)
    }

    /// Whether its last day is over at `at`.
    #[must_use]
    pub fn is_expired(&self, at: Timestamp) -> bool {
        utc_day(at) > self.expires
    }

    /// Whether it still holds at `at`, but not for long.
    #[must_use]
    pub fn is_expiring(&self, at: Timestamp) -> bool {
        (0..=EXPIRING_DAYS).contains(&days_between(utc_day(at), self.expires))
    }

    /// How it and a finding stand to each other. It never covers INSUFFICIENT_DATA.
    ///
    /// With a `when`, everything that violates must be named in it, so that the exception never covers a worse state than
    /// the one it describes: each fact read must be one that `when` names with this very value, or one that is as wanted
    /// or is no violation by itself (its `wanted` is empty).
    #[must_use]
    pub fn fit(&self, finding: &Finding) -> Fit {
        if finding.verdict != Verdict::NonCompliant
            || self.control != finding.control
            || self.environment != finding.environment
            || !matches(&self.subject, &finding.resource.arn)
        {
            return Fit::Elsewhere;
        }
        let mut met = BTreeSet::new();
        for evidence in &finding.evidence {
            let Evidence::Field { path, saw, wanted, .. } = evidence else { continue };
            match self.when.get(path.as_str()) {
                Some(described) if described == saw => {
                    met.insert(path.as_str());
                }
                Some(described) => {
                    return Fit::Differs(format!("`{path}` is `{saw}`, the exception says `{described}`"));
                }
                None if self.when.is_empty() || wanted.is_empty() || saw == wanted => {}
                None => return Fit::Differs(format!("`{path}` is `{saw}`, of which the exception says nothing")),
            }
        }
        match self.when.iter().find(|(path, _)| !met.contains(path.as_str())) {
            Some((path, described)) => Fit::Differs(format!("`{path}` is not there, the exception says `{described}`")),
            None => Fit::Covers,
        }
    }

    /// What a finding says of the exception that covers it.
    #[must_use]
    pub fn accepted(&self) -> Accepted {
        Accepted {
            reason: self.reason.as_str().into(),
            owner: self.owner.as_str().into(),
            expires: self.expires,
            ticket: self.ticket.as_deref().map(Into::into),
        }
    }
}
