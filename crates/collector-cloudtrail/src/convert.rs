//! The SDK's types as the snapshot's.

use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::operation::get_trail_status::GetTrailStatusOutput;
use aws_sdk_cloudtrail::types;
use plumbline_collector::{Missing, moment};
use plumbline_snapshot::Read;
use plumbline_snapshot::cloudtrail::{
    AdvancedSelector, BasicSelector, DataResource, EVENT_SELECTORS, EventSelectors, FieldSelector, TRAIL_STATUS, Trail,
    TrailStatus,
};

/// A trail by its ARN; `None` where the answer does not say which one it is.
pub(crate) fn trail(trail: types::Trail) -> Option<(String, Trail)> {
    let arn = trail.trail_arn?;
    let trail = Trail {
        name: trail.name.unwrap_or_default(),
        home_region: trail.home_region,
        is_multi_region: trail.is_multi_region_trail.unwrap_or_default(),
        is_organization: trail.is_organization_trail.unwrap_or_default(),
        includes_global_events: trail.include_global_service_events.unwrap_or_default(),
        validates_files: trail.log_file_validation_enabled.unwrap_or_default(),
        kms_key: trail.kms_key_id,
        bucket: trail.s3_bucket_name,
        log_group_arn: trail.cloud_watch_logs_log_group_arn,
        status: Read::unread_of(&TRAIL_STATUS, &arn),
        selectors: Read::unread_of(&EVENT_SELECTORS, &arn),
        arn: arn.clone(),
    };
    Some((arn, trail))
}

/// The status of a trail.
pub(crate) fn status(answer: GetTrailStatusOutput) -> TrailStatus {
    TrailStatus {
        is_logging: answer.is_logging.unwrap_or_default(),
        latest_delivery: answer.latest_delivery_time.as_ref().and_then(moment),
        latest_delivery_error: filled(answer.latest_delivery_error),
        latest_digest_delivery: answer.latest_digest_delivery_time.as_ref().and_then(moment),
        latest_digest_error: filled(answer.latest_digest_delivery_error),
        latest_group_delivery: answer.latest_cloud_watch_logs_delivery_time.as_ref().and_then(moment),
        latest_group_error: filled(answer.latest_cloud_watch_logs_delivery_error),
        started_logging: answer.start_logging_time.as_ref().and_then(moment),
        stopped_logging: answer.stop_logging_time.as_ref().and_then(moment),
    }
}

/// What a trail records. AWS gives basic or advanced selectors, and gives their fields whole: a selector that lost one
/// would seem to record more than it does.
pub(crate) fn selectors(answer: GetEventSelectorsOutput) -> Result<EventSelectors, Missing> {
    if answer.event_selectors.is_none() && answer.advanced_event_selectors.is_none() {
        return Err(Missing("EventSelectors"));
    }
    let basic = answer.event_selectors.unwrap_or_default().into_iter().map(basic);
    let advanced = answer.advanced_event_selectors.unwrap_or_default().into_iter().map(advanced);
    Ok(EventSelectors { basic: basic.collect::<Result<_, _>>()?, advanced: advanced.collect::<Result<_, _>>()? })
}

fn basic(selector: types::EventSelector) -> Result<BasicSelector, Missing> {
    let data = selector.data_resources.unwrap_or_default();
    Ok(BasicSelector {
        read_write: selector.read_write_type.ok_or(Missing("ReadWriteType"))?.as_str().to_owned(),
        includes_management: selector.include_management_events.ok_or(Missing("IncludeManagementEvents"))?,
        excluded_sources: selector.exclude_management_event_sources.unwrap_or_default(),
        data: data
            .into_iter()
            .map(|data| DataResource { kind: data.r#type.unwrap_or_default(), values: data.values.unwrap_or_default() })
            .collect(),
    })
}

fn advanced(selector: types::AdvancedEventSelector) -> Result<AdvancedSelector, Missing> {
    if selector.field_selectors.is_empty() {
        return Err(Missing("FieldSelectors"));
    }
    let fields = selector.field_selectors.into_iter().map(field).collect::<Result<_, _>>()?;
    Ok(AdvancedSelector { name: selector.name, fields })
}

fn field(selector: types::AdvancedFieldSelector) -> Result<FieldSelector, Missing> {
    if selector.field.is_empty() {
        return Err(Missing("Field"));
    }
    let field = FieldSelector {
        field: selector.field,
        equals: selector.equals.unwrap_or_default(),
        starts_with: selector.starts_with.unwrap_or_default(),
        ends_with: selector.ends_with.unwrap_or_default(),
        not_equals: selector.not_equals.unwrap_or_default(),
        not_starts_with: selector.not_starts_with.unwrap_or_default(),
        not_ends_with: selector.not_ends_with.unwrap_or_default(),
    };
    let nothing = FieldSelector { field: field.field.clone(), ..FieldSelector::default() };
    if field == nothing { Err(Missing("Equals")) } else { Ok(field) }
}

/// An error text; an empty one is none.
fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
