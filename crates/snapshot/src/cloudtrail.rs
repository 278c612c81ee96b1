//! CloudTrail: the trails, whether they deliver, and what they record.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Collected, Read, Source};

macro_rules! source {
    ($name:ident, $operation:literal, $doc:literal) => {
        #[doc = $doc]
        pub const $name: Source =
            Source { service: "cloudtrail", operation: $operation, permissions: &[concat!("cloudtrail:", $operation)] };
    };
}

source!(TRAILS, "DescribeTrails", "The trails seen in a Region, shadows included; not paged.");
source!(TRAIL_STATUS, "GetTrailStatus", "Whether a trail is logging and delivering.");
source!(EVENT_SELECTORS, "GetEventSelectors", "What a trail records.");

/// The reads of this service.
pub const SOURCES: &[&Source] = &[&TRAILS, &TRAIL_STATUS, &EVENT_SELECTORS];

/// CloudTrail as seen in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloudTrail {
    /// Trails by ARN.
    pub trails: Collected<Trail>,
}

/// A trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The Region where it was made, and where its status is asked.
    pub home_region: Option<String>,
    /// Records every Region.
    pub is_multi_region: bool,
    /// Belongs to the organization.
    pub is_organization: bool,
    /// Records events of global services.
    pub includes_global_events: bool,
    /// Log file validation is on.
    pub validates_files: bool,
    /// The key as written.
    pub kms_key: Option<String>,
    /// The bucket it delivers to.
    pub bucket: Option<String>,
    /// Its log group's ARN.
    pub log_group_arn: Option<String>,
    /// Whether it is logging and delivering.
    pub status: Read<Option<TrailStatus>>,
    /// What it records.
    pub selectors: Read<Option<EventSelectors>>,
}

/// The status of a trail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStatus {
    /// It is logging now.
    pub is_logging: bool,
    /// When it last delivered a file.
    pub latest_delivery: Option<Timestamp>,
    /// Why its last delivery failed.
    pub latest_delivery_error: Option<String>,
    /// When it last delivered a digest.
    pub latest_digest_delivery: Option<Timestamp>,
    /// Why its last digest failed.
    pub latest_digest_error: Option<String>,
    /// When it last delivered to its log group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_group_delivery: Option<Timestamp>,
    /// Why its last delivery to its log group failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest_group_error: Option<String>,
    /// When logging was last started.
    pub started_logging: Option<Timestamp>,
    /// When logging was last stopped.
    pub stopped_logging: Option<Timestamp>,
}

/// What a trail records: basic or advanced selectors, never both.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSelectors {
    /// Basic selectors.
    pub basic: Vec<BasicSelector>,
    /// Advanced selectors.
    pub advanced: Vec<AdvancedSelector>,
}

/// A basic selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasicSelector {
    /// `ReadOnly`, `WriteOnly` or `All`.
    pub read_write: String,
    /// Whether it records management events.
    pub includes_management: bool,
    /// Event sources that are left out, such as `kms.amazonaws.com`.
    pub excluded_sources: Vec<String>,
    /// Data events: resource type and ARN prefixes.
    pub data: Vec<DataResource>,
}

/// The data events of a basic selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataResource {
    /// `AWS::S3::Object`, …
    pub kind: String,
    /// ARN prefixes.
    pub values: Vec<String>,
}

/// An advanced selector: all its fields must match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdvancedSelector {
    /// Its name.
    pub name: Option<String>,
    /// Its conditions.
    pub fields: Vec<FieldSelector>,
}

/// One condition of an advanced selector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSelector {
    /// `eventCategory`, `readOnly`, `eventSource`, `resources.type`, `resources.ARN`, …
    pub field: String,
    /// Values it equals.
    pub equals: Vec<String>,
    /// Prefixes.
    pub starts_with: Vec<String>,
    /// Suffixes.
    pub ends_with: Vec<String>,
    /// Values it must not equal.
    pub not_equals: Vec<String>,
    /// Prefixes it must not have.
    pub not_starts_with: Vec<String>,
    /// Suffixes it must not have.
    pub not_ends_with: Vec<String>,
}

impl CloudTrail {
    /// CloudTrail of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self { trails: Collected::unread(&TRAILS) }
    }
}
