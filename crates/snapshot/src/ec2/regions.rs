//! Which Regions the account may use: a question about the account, asked once.

use crate::Source;

/// The Regions of the partition, with those that the account has not opted into; not paged.
pub const REGIONS: Source =
    Source { service: "ec2", operation: "DescribeRegions", permissions: &["ec2:DescribeRegions"] };

/// The opt-in status of a Region that the account may not use (API_Region; the others are `opt-in-not-required` and
/// `opted-in`).
pub const NOT_OPTED_IN: &str = "not-opted-in";
