//! Exceptions: violations that someone answers for, until a day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use plumbline_names::EnvironmentName;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Pattern;
use super::schema::DateText;
use super::text::day;

/// A violation that does not alert while the exception lives. The verdict stays NON_COMPLIANT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The control's id, without wildcards.
    pub control: String,
    /// The environment; `unassigned` for resources that no environment selects.
    #[schemars(with = "String")]
    pub environment: EnvironmentName,
    /// A pattern of the subject's ARN. `*` alone only for controls with one finding an environment.
    pub subject: Pattern,
    /// Evidence paths and the exact value that each must show. Default: whatever the evidence.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub when: BTreeMap<String, String>,
    /// Why, in at least 20 characters.
    #[schemars(length(min = 20))]
    pub reason: String,
    /// A person or team address.
    pub owner: String,
    /// Through this day (UTC), at most 366 days ahead.
    #[serde(with = "day")]
    #[schemars(with = "DateText")]
    pub expires: Date,
    /// A ticket. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

impl Exception {
    /// Whether the exception still has effect on `today`.
    #[must_use]
    pub fn lives(&self, today: Date) -> bool {
        today <= self.expires
    }
}
