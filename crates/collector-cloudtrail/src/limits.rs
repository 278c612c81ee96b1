//! How fast CloudTrail may be asked, and what its answers must have.

use plumbline_collector::{Bucket, Kind, Need, Shape};
use plumbline_snapshot::cloudtrail::{EVENT_SELECTORS, TRAIL_STATUS, TRAILS};

const ORIGIN: &str = "Quotas in AWS CloudTrail: 10 a second for get, describe and list, not adjustable";

/// LIMITS §1.
pub(crate) const BUCKETS: &[Bucket] = &[
    Bucket::published(&[&TRAILS], 10.0, 10.0, ORIGIN),
    Bucket::published(&[&TRAIL_STATUS], 10.0, 10.0, ORIGIN),
    Bucket::published(&[&EVENT_SELECTORS], 10.0, 10.0, ORIGIN),
];

/// A trail without key, log group or errors has no such member. Of the two kinds of selectors one is there: see `convert`.
pub(crate) const SHAPES: &[Shape] = &[
    Shape::json("DescribeTrails", &[Need::list("trailList", &["TrailARN"])]),
    Shape::json("GetTrailStatus", &[Need::one("IsLogging", Kind::Bool)]),
    Shape::json("GetEventSelectors", &[Need::one("TrailARN", Kind::Text)]),
];
