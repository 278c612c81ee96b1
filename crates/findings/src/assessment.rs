//! One verdict on one subject, as a control gives it.

use jiff::Timestamp;
use plumbline_names::{EnvironmentName, Region, ResourceRef, Text};
use serde::{Deserialize, Serialize};

use crate::{ControlInfo, Evidence, Reason, Severity, Verdict};

/// What a control judges: a resource, and where it can break in several ways the aspect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// The environment that the resource is selected into, or `unassigned`.
    pub environment: EnvironmentName,
    /// The Region; none for global resources.
    pub region: Option<Region>,
    /// The resource.
    pub resource: ResourceRef,
    /// Which of several ways (role × action, service type, …); part of the finding's identity.
    pub aspect: Option<Text>,
}

/// One verdict of one control on one subject.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// The control.
    pub control: &'static ControlInfo,
    /// What was judged.
    pub subject: Subject,
    /// The verdict.
    pub verdict: Verdict,
    /// The code; none for COMPLIANT, and for most NON_COMPLIANT.
    pub reason: Option<Reason>,
    /// How bad this violation is; the control's own severity unless the catalogue says otherwise.
    pub severity: Severity,
    /// What is wrong, with the values seen, in one sentence.
    pub message: Text,
    /// What decided it; first the one fact that proves it.
    pub evidence: Vec<Evidence>,
    /// It speaks of the whole set of the environment's subjects (nothing to judge, or the listing was not whole), not of one.
    pub whole_set: bool,
    /// For a job: when it ended. It ages out of the lookback.
    pub ended: Option<Timestamp>,
    /// Who did it, where that is known.
    pub cause: Option<Box<Attribution>>,
}

/// Who caused a change, as CloudTrail recorded it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribution {
    /// The event's id.
    pub event_id: Text,
    /// The API call.
    pub event_name: Text,
    /// When.
    pub event_time: Timestamp,
    /// The ARN of who called.
    pub principal: Text,
    /// From where.
    pub source_ip: Option<Text>,
    /// `high` where the event names the resource, `low` where only the time fits.
    pub confidence: Text,
}
