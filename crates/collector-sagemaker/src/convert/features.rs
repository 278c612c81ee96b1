//! Feature groups.

use aws_sdk_sagemaker::operation::describe_feature_group::DescribeFeatureGroupOutput;
use aws_sdk_sagemaker::types as aws;
use plumbline_collector::moment;
use plumbline_snapshot::sagemaker::features::{FeatureGroup, OfflineStore, OnlineStore};
use plumbline_snapshot::sagemaker::{Resource, SEARCH};

use super::{Record, found, listed, text, word};

/// A listed feature group.
pub(crate) fn listed_feature_group(item: &aws::FeatureGroupSummary) -> Option<(String, Resource<FeatureGroup>)> {
    let mut found = listed((item.feature_group_arn(), item.feature_group_name()), (&SEARCH, &SEARCH))?;
    found.1.status = word(item.feature_group_status().map(aws::FeatureGroupStatus::as_str));
    found.1.created = item.creation_time().and_then(moment);
    Some(found)
}

/// A feature group as `Search` has it, by name.
pub(crate) fn found_feature_group(record: &aws::SearchRecord) -> Option<(String, Record<FeatureGroup>)> {
    let item = record.feature_group()?;
    let body = FeatureGroup {
        role_arn: text(item.role_arn()),
        online: item.online_store_config().map(online),
        offline: item.offline_store_config().map(offline),
    };
    let times = (item.creation_time(), item.last_modified_time());
    found(item.feature_group_name(), item.feature_group_arn(), times, body, item.tags())
}

/// A feature group as `DescribeFeatureGroup` has it.
pub(crate) fn feature_group(answer: &DescribeFeatureGroupOutput) -> FeatureGroup {
    FeatureGroup {
        role_arn: text(answer.role_arn()),
        online: answer.online_store_config().map(online),
        offline: answer.offline_store_config().map(offline),
    }
}

fn online(config: &aws::OnlineStoreConfig) -> OnlineStore {
    OnlineStore {
        enabled: config.enable_online_store().unwrap_or(false),
        storage_type: text(config.storage_type().map(aws::StorageType::as_str)),
        kms_key: config.security_config().and_then(|security| text(security.kms_key_id())),
    }
}

fn offline(config: &aws::OfflineStoreConfig) -> OfflineStore {
    let storage = config.s3_storage_config();
    OfflineStore {
        uri: storage.and_then(|storage| text(storage.s3_uri())),
        resolved_uri: storage.and_then(|storage| text(storage.resolved_output_s3_uri())),
        kms_key: storage.and_then(|storage| text(storage.kms_key_id())),
    }
}
