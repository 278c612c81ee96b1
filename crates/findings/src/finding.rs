//! A finding: an assessment with identity and history, as it stands in the report.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use plumbline_names::{AccountId, EnvironmentName, Region, ResourceRef, Text};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    Area, Assessment, Attribution, ControlInfo, Evidence, Lifecycle, Maps, Reason, Severity, Subject, SubjectSet,
    Verdict,
};

/// An assessment with identity and history. Every word a renderer needs is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Its identity: see [`finding_id`].
    pub id: Text,
    /// The control's id, `NET-02`.
    pub control: Text,
    /// The control's slug.
    pub name: Text,
    /// The desired state in one sentence.
    pub title: Text,
    /// The control's group.
    pub area: Area,
    /// How bad it is. For drift that cannot be seen now, as bad as it last was.
    pub severity: Severity,
    /// The verdict of this run.
    pub verdict: Verdict,
    /// Why, as a code.
    pub reason: Option<Reason>,
    /// What became of it; none where it never was NON_COMPLIANT, and for a job that aged out.
    pub lifecycle: Option<Lifecycle>,
    /// The environment, or `unassigned`.
    pub environment: EnvironmentName,
    /// The audited account.
    pub account: AccountId,
    /// The Region; none for global resources.
    pub region: Option<Region>,
    /// What it is about.
    pub resource: ResourceRef,
    /// Which of several ways the resource can break the control.
    pub aspect: Option<Text>,
    /// What is wrong, with the values seen, in one sentence.
    pub message: Text,
    /// What decided it; for drift that cannot be seen now, what was not seen and then what was seen last.
    pub evidence: Vec<Evidence>,
    /// What to do about it.
    pub remediation: Text,
    /// When it was first NON_COMPLIANT, reopenings notwithstanding; where it never was, when it was first judged.
    pub first_seen: Timestamp,
    /// The last run that judged it.
    pub last_seen: Timestamp,
    /// The last run that could see what the verdict rests on; none where none could.
    pub last_confirmed: Option<Timestamp>,
    /// Who did it, where that is known.
    pub attribution: Option<Box<Attribution>>,
    /// The live exception that covers it.
    pub exception: Option<Box<Accepted>>,
    /// Related controls of other catalogues.
    #[serde(with = "shared")]
    pub maps: Arc<RelatedControls>,
    /// Its verdict differs from the last run's only because the baseline does.
    #[serde(default, skip_serializing_if = "is_false")]
    pub baseline_change: bool,
}

/// The exception on a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Accepted {
    /// Why the drift is accepted.
    pub reason: Text,
    /// Who answers for it.
    pub owner: Text,
    /// The last UTC day on which it holds.
    pub expires: Date,
    /// Where it was decided.
    pub ticket: Option<Text>,
}

/// Related controls of other catalogues: 'related', not 'equivalent'.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelatedControls {
    /// AWS Security Hub (FSBP) ids.
    pub securityhub: Vec<String>,
    /// CIS AWS Foundations Benchmark v3.0.0 ids.
    pub cis: Vec<String>,
    /// NIST SP 800-53 r5 ids.
    pub nist: Vec<String>,
}

/// The words of a control, made once for all of its findings.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    name: Text,
    title: Text,
    remediation: Text,
    area: Area,
    maps: Arc<RelatedControls>,
}

/// Length of a finding's id: 128 bits as hexadecimal, beyond any chance of two being equal.
const ID_DIGITS: usize = 32;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde's skip_serializing_if asks for")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A short name for some parts: the start of the SHA-256 over them, each with its length, in hexadecimal.
#[must_use]
pub fn digest_of(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // WHY: the length keeps ("ab", "c") and ("a", "bc") apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    short(hash)
}

/// A short name for some bytes: the start of their SHA-256, in hexadecimal.
#[must_use]
pub fn digest_of_bytes(bytes: &[u8]) -> String {
    short(Sha256::new().chain_update(bytes))
}

fn short(hash: Sha256) -> String {
    let mut digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(ID_DIGITS);
    digits
}

/// The identity of a finding: its control, environment, account, Region, resource and aspect; never wording or evidence.
#[must_use]
pub fn finding_id(control: &str, subject: &Subject, account: &AccountId) -> Text {
    let region = subject.region.as_ref().map_or("", Region::as_str);
    // INVARIANT: no aspect and an empty aspect are the same identity.
    let aspect = subject.aspect.as_deref().unwrap_or_default();
    digest_of(&[control, &subject.environment, account.as_str(), region, &subject.resource.arn, aspect]).into()
}

impl Finding {
    /// The finding that an assessment is, in `account` and as of `at`, before it is compared with the last state.
    pub(crate) fn of(assessment: &Assessment, words: &Words, account: &AccountId, at: Timestamp) -> Self {
        let Assessment { control, subject, verdict, reason, severity, message, evidence, cause, .. } = assessment;
        let Words { name, title, remediation, area, maps } = words.clone();
        let Subject { environment, region, resource, aspect } = subject.clone();
        Self {
            id: finding_id(control.id, subject, account),
            control: control.id.into(),
            name,
            title,
            area,
            severity: *severity,
            verdict: *verdict,
            reason: *reason,
            lifecycle: None,
            environment,
            account: account.clone(),
            region,
            resource,
            aspect,
            message: message.clone(),
            evidence: evidence.clone(),
            remediation,
            first_seen: at,
            last_seen: at,
            last_confirmed: (*verdict != Verdict::InsufficientData).then_some(at),
            attribution: cause.clone(),
            exception: None,
            maps,
            baseline_change: false,
        }
    }

    /// Takes the control's words as this version has them: a finding out of a state may carry older ones.
    pub(crate) fn take(&mut self, words: &Words) {
        let Words { name, title, remediation, area, maps } = words.clone();
        (self.name, self.title, self.remediation, self.area, self.maps) = (name, title, remediation, area, maps);
    }

    /// Whether it is open: NON_COMPLIANT, or was so and cannot be seen now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.verdict == Verdict::NonCompliant || self.lifecycle == Some(Lifecycle::Persisting)
    }

    /// Whether it counts as drift: open, and no live exception covers it.
    #[must_use]
    pub fn is_drift(&self) -> bool {
        self.is_open() && self.exception.is_none()
    }

    /// The set of subjects that it is about one of.
    #[must_use]
    pub fn set(&self) -> SubjectSet {
        SubjectSet::new(&self.control, &self.environment, self.region.as_ref())
    }

    /// The order of reports: control, environment, resource, aspect.
    #[must_use]
    pub fn rank(&self) -> impl Ord + '_ {
        (&self.control, &self.environment, &self.resource.arn, &self.aspect, &self.region, &self.id)
    }
}

impl From<&ControlInfo> for Words {
    fn from(control: &ControlInfo) -> Self {
        Self {
            name: control.name.into(),
            title: control.title.into(),
            remediation: control.remediation.into(),
            area: control.area,
            maps: Arc::new(RelatedControls::from(&control.maps)),
        }
    }
}

impl From<&Maps> for RelatedControls {
    fn from(maps: &Maps) -> Self {
        let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        Self { securityhub: owned(maps.securityhub), cis: owned(maps.cis), nist: owned(maps.nist) }
    }
}

/// A value that many findings share, written as if each had its own.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(value: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
        value.as_ref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}
