//! CloudTrail of the known-good environment: one trail that covers everything, and a stopped one that must not matter.

use plumbline_snapshot::Read;
use plumbline_snapshot::cloudtrail::{BasicSelector, CloudTrail, DataResource, EventSelectors, Trail, TrailStatus};

use crate::env::{change, present, some, take, texts, whole};
use crate::{Env, REGION, s3, when};

/// The covering trail.
pub const TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/org-audit";
/// A single-Region trail that is stopped, unvalidated and without a key.
pub const OTHER_TRAIL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/old-lab";

pub(crate) fn known_good() -> CloudTrail {
    let stopped = Trail {
        is_multi_region: false,
        includes_global_events: false,
        validates_files: false,
        kms_key: None,
        log_group_arn: None,
        status: Read::Seen(Some(TrailStatus {
            stopped_logging: Some(when("2026-03-01T12:00:00Z")),
            ..TrailStatus::default()
        })),
        ..plain_trail(OTHER_TRAIL)
    };
    CloudTrail { trails: whole([plain_trail(TRAIL), stopped], |trail| &trail.arn) }
}

/// A logging, validated, encrypted multi-Region trail of all management events and the data buckets' objects.
#[must_use]
pub fn plain_trail(arn: &str) -> Trail {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let buckets = [s3::BUCKET_LAKE, s3::BUCKET_DATA, s3::BUCKET_MODEL];
    Trail {
        arn: arn.to_owned(),
        name: name.to_owned(),
        home_region: some(REGION),
        is_multi_region: true,
        is_organization: false,
        includes_global_events: true,
        validates_files: true,
        kms_key: some("arn:aws:kms:eu-west-1:111122223333:alias/ds-logs"),
        bucket: some(s3::BUCKET_TRAIL),
        log_group_arn: some("arn:aws:logs:eu-west-1:111122223333:log-group:/audit/trail:*"),
        status: Read::Seen(Some(TrailStatus {
            is_logging: true,
            latest_delivery: Some(when("2026-09-14T05:52:00Z")),
            latest_delivery_error: None,
            latest_digest_delivery: Some(when("2026-09-14T05:10:00Z")),
            latest_digest_error: None,
            latest_group_delivery: Some(when("2026-09-14T05:53:00Z")),
            latest_group_error: None,
            started_logging: Some(when("2026-02-01T08:00:00Z")),
            stopped_logging: None,
        })),
        selectors: Read::Seen(Some(EventSelectors {
            basic: vec![BasicSelector {
                read_write: "All".to_owned(),
                includes_management: true,
                excluded_sources: texts(&[]),
                data: vec![DataResource {
                    kind: "AWS::S3::Object".to_owned(),
                    values: buckets.iter().map(|bucket| format!("arn:aws:s3:::{bucket}/")).collect(),
                }],
            }],
            advanced: Vec::new(),
        })),
    }
}

impl Env {
    /// Edits a trail, named by its ARN.
    pub fn trail(&mut self, arn: &str, edit: impl FnOnce(&mut Trail)) -> &mut Self {
        change(&mut self.cloudtrail().trails, arn, edit);
        self
    }

    /// Edits a trail's status.
    pub fn trail_status(&mut self, arn: &str, edit: impl FnOnce(&mut TrailStatus)) -> &mut Self {
        self.trail(arn, |trail| edit(present(&mut trail.status, arn)))
    }

    /// Edits what a trail records.
    pub fn trail_selectors(&mut self, arn: &str, edit: impl FnOnce(&mut EventSelectors)) -> &mut Self {
        self.trail(arn, |trail| edit(present(&mut trail.selectors, arn)))
    }

    /// Adds a trail; see [`plain_trail`].
    pub fn add_trail(&mut self, trail: Trail) -> &mut Self {
        self.cloudtrail().trails.add([(trail.arn.clone(), trail)]);
        self
    }

    /// Removes a trail.
    pub fn remove_trail(&mut self, arn: &str) -> &mut Self {
        take(&mut self.cloudtrail().trails, arn);
        self
    }
}
