//! CloudWatch Logs: which log groups exist. Never what is in them.

use serde::{Deserialize, Serialize};

use crate::{Collected, Source};

/// The prefix of every log group that SageMaker writes.
pub const SAGEMAKER_PREFIX: &str = "/aws/sagemaker/";

/// Log groups under [`SAGEMAKER_PREFIX`], at most 50 a page.
pub const LOG_GROUPS: Source =
    Source { service: "logs", operation: "DescribeLogGroups", permissions: &["logs:DescribeLogGroups"] };

/// The reads of this service.
pub const SOURCES: &[&Source] = &[&LOG_GROUPS];

/// CloudWatch Logs in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logs {
    /// Log groups under [`SAGEMAKER_PREFIX`] by name.
    pub sagemaker_groups: Collected<LogGroup>,
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
    /// Its key; none means encryption with a service key.
    pub kms_key: Option<String>,
}

impl Logs {
    /// CloudWatch Logs of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self { sagemaker_groups: Collected::unread(&LOG_GROUPS) }
    }
}
