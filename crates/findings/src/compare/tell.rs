//! Which changes somebody is to be told of.

use plumbline_names::Text;

use super::Context;
use crate::{Exception, Finding, Lifecycle, Severity, Verdict, digest_of};

/// Why somebody is to be told of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Because {
    /// It is NEW.
    New,
    /// It is REOPENED.
    Reopened,
    /// It is RESOLVED.
    Resolved,
    /// It persists, and is worse than what was told last.
    SeverityRose {
        /// What was told last.
        from: Severity,
    },
    /// It persists, and the exception that covered it expired.
    ExceptionExpired,
    /// It persists, and the exception that covered it is gone or does not describe what is seen now.
    ExceptionNoLongerFits,
}

/// One thing to tell: one alert.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The id of its message: the same whichever run tells it.
    pub id: String,
    /// The id of the finding, which is in the report.
    pub finding: Text,
    /// Why.
    pub because: Because,
}

impl Because {
    /// A word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Reopened => "reopened",
            Self::Resolved => "resolved",
            Self::SeverityRose { .. } => "severity_rose",
            Self::ExceptionExpired => "exception_expired",
            Self::ExceptionNoLongerFits => "exception_no_longer_fits",
        }
    }
}

/// What to tell of a finding, if anything: never of what merely persists, of INFO, or of what a live exception covers.
pub(super) fn change(context: &Context<'_>, finding: &Finding, covering: Option<&Exception>) -> Option<Change> {
    let history = context.last.drift.get(&finding.id);
    let alerted = history.and_then(|history| history.alerted);
    let covered_by = history.and_then(|history| history.covered_by.as_deref());
    let tellable = covering.is_none() && finding.severity > Severity::Info;
    let because = match finding.lifecycle? {
        Lifecycle::New if tellable => Because::New,
        Lifecycle::Reopened if tellable => Because::Reopened,
        // Who was not told that it opened need not hear that it closed.
        Lifecycle::Resolved if alerted.is_some() => Because::Resolved,
        Lifecycle::Persisting if tellable => match (covered_by, alerted) {
            (Some(exception), _) if is_expired(context, exception) => Because::ExceptionExpired,
            (Some(_), _) => Because::ExceptionNoLongerFits,
            (None, Some(told)) if finding.verdict == Verdict::NonCompliant && finding.severity > told => {
                Because::SeverityRose { from: told }
            }
            (None, None) if finding.verdict == Verdict::NonCompliant => Because::SeverityRose { from: Severity::Info },
            (None, _) => return None,
        },
        Lifecycle::New | Lifecycle::Reopened | Lifecycle::Resolved | Lifecycle::Persisting => return None,
    };
    Some(Change { id: message_id(context, finding, because), finding: finding.id.clone(), because })
}

/// Whether an exception, by its id, is still in the baseline and over.
fn is_expired(context: &Context<'_>, id: &str) -> bool {
    context.exceptions.iter().any(|exception| exception.is_expired(context.run.at) && exception.id() == id)
}

/// The id of the message: of the finding, of this time that it is open, of what is told; not of the run.
fn message_id(context: &Context<'_>, finding: &Finding, because: Because) -> String {
    let history = context.last.drift.get(&finding.id);
    let openings = history.map_or(0, |history| history.openings) + u32::from(super::opens(finding.lifecycle));
    let detail = match because {
        Because::SeverityRose { .. } => finding.severity.to_string(),
        Because::ExceptionExpired | Because::ExceptionNoLongerFits => {
            // An exception can cover the same finding again: the last sight before it ended tells one end from another.
            history.map_or_else(String::new, |history| history.last_confirmed.to_string())
        }
        Because::New | Because::Reopened | Because::Resolved => String::new(),
    };
    let (opening, first_seen) = (openings.to_string(), finding.first_seen.to_string());
    digest_of(&["alert", &finding.id, &opening, &first_seen, because.as_str(), &detail])
}
