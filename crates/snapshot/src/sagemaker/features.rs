//! Feature groups: where features are stored, and under which keys.

use serde::{Deserialize, Serialize};

use super::Resource;
use crate::{Collected, Source};

source!(FEATURE_GROUPS, "ListFeatureGroups", "The feature groups.");
source!(FEATURE_GROUP, "DescribeFeatureGroup", "One feature group, where Search has no body for it.");

/// A feature group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureGroup {
    /// Its execution role's ARN.
    pub role_arn: Option<String>,
    /// Its online store as configured; it exists only if it is enabled.
    pub online: Option<OnlineStore>,
    /// Its offline store.
    pub offline: Option<OfflineStore>,
}

/// The online store of a feature group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnlineStore {
    /// Whether there is one; none means false.
    pub enabled: bool,
    /// `Standard`, `Standard_V2` or `InMemory`; none is not set.
    pub storage_type: Option<String>,
    /// Its key as written.
    pub kms_key: Option<String>,
}

/// The offline store of a feature group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineStore {
    /// The S3 URI that was asked for.
    pub uri: Option<String>,
    /// The S3 URI that it is at.
    pub resolved_uri: Option<String>,
    /// Its key as written.
    pub kms_key: Option<String>,
}

impl FeatureGroup {
    /// Tells its keys.
    pub(super) fn key_references(&self, tell: &mut impl FnMut(&Option<String>)) {
        self.online.iter().for_each(|store| tell(&store.kms_key));
        self.offline.iter().for_each(|store| tell(&store.kms_key));
    }
}

pub(super) fn unread() -> Collected<Resource<FeatureGroup>> {
    Collected::unread(&FEATURE_GROUPS)
}
