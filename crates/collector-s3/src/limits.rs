//! What S3 and S3 Control allow, and what their answers must have: rate limits with their origin, shapes of answers.
//!
//! None of these reads has pages.

use plumbline_collector::{Bucket, Kind, Need, Shape};
use plumbline_snapshot::{Source, s3};

const ORIGIN: &str = "AWS publishes none for reads of bucket configuration";

const fn own(sources: &'static [&'static Source]) -> Bucket {
    Bucket::guess(sources, 20.0, 20.0, ORIGIN)
}

/// The rate limits.
pub(crate) const BUCKETS: &[Bucket] = &[
    own(&[&s3::HEAD_BUCKET]),
    own(&[&s3::BUCKET_ENCRYPTION]),
    own(&[&s3::PUBLIC_ACCESS_BLOCK]),
    own(&[&s3::BUCKET_POLICY]),
    own(&[&s3::BUCKET_POLICY_STATUS]),
    own(&[&s3::OWNERSHIP_CONTROLS]),
    own(&[&s3::BUCKET_VERSIONING]),
    Bucket::guess(&[&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK], 5.0, 5.0, "AWS publishes none for S3 Control"),
];

/// How many buckets are read at once: the rate limits, not this, set the pace.
pub(crate) const AT_ONCE: usize = 16;

/// The four flags, which AWS always sends.
const FLAGS: &[Need] = &[
    Need::one("BlockPublicAcls", Kind::Bool),
    Need::one("IgnorePublicAcls", Kind::Bool),
    Need::one("BlockPublicPolicy", Kind::Bool),
    Need::one("RestrictPublicBuckets", Kind::Bool),
];

/// The header by which S3 tells where a bucket is, also when it refuses to say more.
pub(crate) const REGION_HEADER: &str = "x-amz-bucket-region";

/// What S3's answers must have.
pub(crate) const SHAPES: &[Shape] = &[
    Shape::headers("HeadBucket", &[REGION_HEADER]),
    Shape::xml(
        "GetBucketEncryption",
        "ServerSideEncryptionConfiguration",
        &[Need::one("Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm", Kind::Text)],
    ),
    Shape::xml("GetPublicAccessBlock", "PublicAccessBlockConfiguration", FLAGS),
    // The body is the policy itself, as it was put; `convert` looks for its statements.
    Shape::json("GetBucketPolicy", &[]),
    Shape::xml("GetBucketPolicyStatus", "PolicyStatus", &[Need::one("IsPublic", Kind::Bool)]),
    Shape::xml("GetBucketOwnershipControls", "OwnershipControls", &[Need::one("Rule/ObjectOwnership", Kind::Text)]),
    // Empty where versioning was never enabled.
    Shape::xml("GetBucketVersioning", "VersioningConfiguration", &[]),
];

/// What S3 Control's answers must have.
pub(crate) const CONTROL_SHAPES: &[Shape] =
    &[Shape::xml("GetPublicAccessBlock", "PublicAccessBlockConfiguration", FLAGS)];
