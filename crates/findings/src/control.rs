//! What is known of a control beside its logic.

use serde::{Deserialize, Serialize};

use crate::Severity;

/// A group of controls: the letters before the dash of an id, or the word of `--scope area:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// NET: the private network.
    Network,
    /// VPE: VPC endpoints.
    Endpoints,
    /// IAM and IAMC: roles, separation and conditions.
    Roles,
    /// DATA: buckets, keys and volumes.
    Data,
    /// SMK: SageMaker resources.
    Sagemaker,
    /// LOG: the audit trail.
    Logs,
    /// SVC: the catalogue.
    SelfService,
}

/// Where a control comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// What a secure environment is defined by.
    Seed,
    /// What the definition cannot truly hold without.
    Derived,
    /// Good practice added; switched off as a group by `include_beyond: false`.
    Beyond,
}

/// Related controls of other catalogues. A map says 'related', not 'equivalent'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maps {
    /// AWS Security Hub (FSBP) ids.
    pub securityhub: &'static [&'static str],
    /// CIS AWS Foundations Benchmark v3.0.0 ids.
    pub cis: &'static [&'static str],
    /// NIST SP 800-53 r5 ids.
    pub nist: &'static [&'static str],
}

/// What a control judges: one finding an environment, or one for each resource of a kind.
pub type Scope = &'static str;

/// A control's identity and words. They stand here and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ControlInfo {
    /// The catalogue's id, for ever: `NET-02`.
    pub id: &'static str,
    /// The slug, for ever: `no-internet-gateway`.
    pub name: &'static str,
    /// The desired state in one sentence.
    pub title: &'static str,
    /// Its group.
    pub area: Area,
    /// How bad a violation is unless the assessment says otherwise.
    pub severity: Severity,
    /// Where it comes from.
    pub origin: Origin,
    /// `env`, or the kind of resource that each finding is about.
    pub scope: Scope,
    /// Why it matters, in one or two sentences.
    pub rationale: &'static str,
    /// How it is decided, in one or two sentences.
    pub decided: &'static str,
    /// What to do about a violation.
    pub remediation: &'static str,
    /// Related controls elsewhere.
    pub maps: Maps,
}

impl Area {
    /// All areas, in the catalogue's order.
    pub const ALL: [Self; 7] =
        [Self::Network, Self::Endpoints, Self::Roles, Self::Data, Self::Sagemaker, Self::Logs, Self::SelfService];

    /// The word of `--scope area:` and of the metrics' dimension.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Endpoints => "endpoints",
            Self::Roles => "roles",
            Self::Data => "data",
            Self::Sagemaker => "sagemaker",
            Self::Logs => "logs",
            Self::SelfService => "self-service",
        }
    }
}

impl Origin {
    /// The word of the catalogue.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Derived => "derived",
            Self::Beyond => "beyond",
        }
    }
}
