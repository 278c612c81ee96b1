//! The SDK's types as the snapshot's.

use aws_sdk_kms::operation::get_key_rotation_status::GetKeyRotationStatusOutput;
use aws_sdk_kms::types;
use plumbline_collector::moment;
use plumbline_snapshot::kms::{Alias, KeyMetadata, Rotation};

/// An alias by its name; `None` where the answer does not say which one it is.
pub(crate) fn alias(entry: types::AliasListEntry) -> Option<(String, Alias)> {
    let name = entry.alias_name?;
    Some((name.clone(), Alias { name, arn: entry.alias_arn?, target: entry.target_key_id }))
}

/// What a key is.
pub(crate) fn key(key: types::KeyMetadata) -> KeyMetadata {
    let regions = key.multi_region_configuration;
    KeyMetadata {
        manager: key.key_manager.map(|manager| manager.as_str().to_owned()),
        state: key.key_state.map(|state| state.as_str().to_owned()),
        spec: key.key_spec.map(|spec| spec.as_str().to_owned()),
        usage: key.key_usage.map(|usage| usage.as_str().to_owned()),
        origin: key.origin.map(|origin| origin.as_str().to_owned()),
        account: key.aws_account_id,
        custom_key_store: key.custom_key_store_id,
        multi_region_role: regions
            .as_ref()
            .and_then(|regions| regions.multi_region_key_type.as_ref())
            .map(|role| role.as_str().to_owned()),
        primary_arn: regions.and_then(|regions| regions.primary_key).and_then(|primary| primary.arn),
        deletion_date: key.deletion_date.as_ref().and_then(moment),
    }
}

/// How a key rotates.
pub(crate) fn rotation(answer: &GetKeyRotationStatusOutput) -> Rotation {
    Rotation {
        enabled: answer.key_rotation_enabled,
        period_days: answer.rotation_period_in_days,
        next: answer.next_rotation_date.as_ref().and_then(moment),
    }
}
