//! CloudWatch Logs: which log groups exist. Never what is in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Collected, Read, Source};

/// The prefix of every log group that SageMaker writes.
pub const SAGEMAKER_PREFIX: &str = "/aws/sagemaker/";

/// Log groups by the beginning of their names, at most 50 a page: those under [`SAGEMAKER_PREFIX`], and those that trails and
/// flow logs deliver to.
pub const LOG_GROUPS: Source =
    Source { service: "logs", operation: "DescribeLogGroups", permissions: &["logs:DescribeLogGroups"] };

/// The reads of this service.
pub const SOURCES: &[&Source] = &[&LOG_GROUPS];

/// CloudWatch Logs in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logs {
    /// Log groups under [`SAGEMAKER_PREFIX`] by name.
    pub sagemaker_groups: Collected<LogGroup>,
    /// Log groups by name that a trail or a flow log delivers to; `None` where no such group exists. Read only where the
    /// plan follows them.
    #[serde(default)]
    pub destinations: BTreeMap<String, Read<Option<LogGroup>>>,
}

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogGroup {
    /// Its name.
    pub name: String,
    /// Its ARN, without a trailing `:*`.
    pub arn: Option<String>,
    /// Bytes stored; lags behind what was written.
    pub stored_bytes: i64,
    /// Days kept; none means for ever.
    pub retention_days: Option<i32>,
    /// The account's policy that decides how long, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_policy: Option<String>,
    /// Its key; none means encryption with a service key.
    pub kms_key: Option<String>,
}

impl Logs {
    /// CloudWatch Logs of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self { sagemaker_groups: Collected::unread(&LOG_GROUPS), destinations: BTreeMap::new() }
    }
}
