//! How fast KMS may be asked, and what its answers must have.

use plumbline_collector::{Bucket, Kind, Need, Shape};
use plumbline_snapshot::kms::{ALIASES, KEY, KEY_POLICY, KEY_ROTATION, KEY_TAGS};

const ORIGIN: &str = "AWS KMS: Request quotas; reads of other accounts' keys count against the caller";

/// LIMITS §1.
pub(crate) const BUCKETS: &[Bucket] = &[
    Bucket::published(&[&ALIASES], 500.0, 500.0, ORIGIN),
    Bucket::published(&[&KEY], 2000.0, 2000.0, ORIGIN),
    Bucket::published(&[&KEY_ROTATION], 1000.0, 1000.0, ORIGIN),
    Bucket::published(&[&KEY_TAGS], 2000.0, 2000.0, ORIGIN),
    Bucket::published(&[&KEY_POLICY], 1000.0, 1000.0, ORIGIN),
];

/// A predefined alias may have no target yet, and a key without rotation has no period.
pub(crate) const SHAPES: &[Shape] = &[
    Shape::json(
        "ListAliases",
        &[Need::list("Aliases", &["AliasName", "AliasArn"]), Need::one("Truncated", Kind::Bool)],
    ),
    Shape::json("DescribeKey", &[Need::one("KeyMetadata/KeyId", Kind::Text)]),
    Shape::json("GetKeyPolicy", &[Need::one("Policy", Kind::Text)]),
    Shape::json("GetKeyRotationStatus", &[Need::one("KeyRotationEnabled", Kind::Bool)]),
    Shape::json("ListResourceTags", &[Need::list("Tags", &["TagKey", "TagValue"]), Need::one("Truncated", Kind::Bool)]),
];
