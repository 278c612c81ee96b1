//! How fast CloudWatch Logs may be asked, and what its answers must have.

use plumbline_collector::{Bucket, Need, Shape};
use plumbline_snapshot::logs::LOG_GROUPS;

/// LIMITS §1.
pub(crate) const BUCKETS: &[Bucket] = &[Bucket::guess(
    &[&LOG_GROUPS],
    5.0,
    5.0,
    "AWS publishes none for DescribeLogGroups; FilterLogEvents has 5 (CloudWatch Logs quotas)",
)];

/// AWS writes the list even where it is empty. Retention and key are absent where there is none.
pub(crate) const SHAPES: &[Shape] = &[Shape::json("DescribeLogGroups", &[Need::list("logGroups", &["logGroupName"])])];
