//! Why a verdict is not COMPLIANT, as one of the catalogue's codes.

use serde::{Deserialize, Serialize};

/// A reason code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    // INSUFFICIENT_DATA
    /// AWS refused a read.
    AccessDenied,
    /// A read was throttled until its retries were used up.
    Throttled,
    /// A read failed.
    ApiError,
    /// A listing broke off.
    Truncated,
    /// The run's time ended before a read.
    BudgetExhausted,
    /// The Region is not enabled in this account.
    RegionDisabled,
    /// A reference cannot be followed.
    Unresolved,
    /// A policy cannot be decided.
    UndecidablePolicy,
    /// The snapshot is older than the baseline allows.
    Stale,
    /// The service should be there and is not.
    ServiceUnavailableInRegion,
    /// The baseline lacks a parameter that the control needs.
    BaselineMissing,
    /// The control itself failed; a bug, reported as such.
    ControlFailed,
    /// The read was left out of this snapshot's plan.
    NotRead,

    // NOT_APPLICABLE
    /// There is no such resource.
    NoResources,
    /// The feature is not used.
    FeatureNotUsed,
    /// The baseline does not ask for it.
    NotRequiredByBaseline,
    /// The service does not have it.
    UnsupportedByService,
    /// The baseline switches the control off.
    SwitchedOff,
    /// The resource is gone.
    ResourceGone,
    /// The job left the lookback.
    AgedOut,

    // NON_COMPLIANT, from the table of effective conditions
    /// An Allow with a negated operator grants to everyone else.
    AllowNegated,
    /// `…IfExists` on an Allow is true when the key is missing.
    IfexistsOnAllow,
    /// A Deny does not fire when the key is missing.
    DenyMissesAbsent,
    /// `ForAllValues` is true when the key is missing.
    VacuousForallvalues,
    /// `ForAnyValue` on an Allow lets other values ride along.
    AnyNotAll,
    /// A Deny with `ForAllValues` spares a mixed set.
    MixedSetPasses,
    /// A multi-valued key needs a set operator.
    MissingSetOperator,
    /// The key is never present, so the statement blocks the action.
    BlocksAction,
}

impl Reason {
    /// The code as it stands in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::Throttled => "throttled",
            Self::ApiError => "api_error",
            Self::Truncated => "truncated",
            Self::BudgetExhausted => "budget_exhausted",
            Self::RegionDisabled => "region_disabled",
            Self::Unresolved => "unresolved",
            Self::UndecidablePolicy => "undecidable_policy",
            Self::Stale => "stale",
            Self::ServiceUnavailableInRegion => "service_unavailable_in_region",
            Self::BaselineMissing => "baseline_missing",
            Self::ControlFailed => "control_failed",
            Self::NotRead => "not_read",
            Self::NoResources => "no_resources",
            Self::FeatureNotUsed => "feature_not_used",
            Self::NotRequiredByBaseline => "not_required_by_baseline",
            Self::UnsupportedByService => "unsupported_by_service",
            Self::SwitchedOff => "switched_off",
            Self::ResourceGone => "resource_gone",
            Self::AgedOut => "aged_out",
            Self::AllowNegated => "allow_negated",
            Self::IfexistsOnAllow => "ifexists_on_allow",
            Self::DenyMissesAbsent => "deny_misses_absent",
            Self::VacuousForallvalues => "vacuous_forallvalues",
            Self::AnyNotAll => "any_not_all",
            Self::MixedSetPasses => "mixed_set_passes",
            Self::MissingSetOperator => "missing_set_operator",
            Self::BlocksAction => "blocks_action",
        }
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
