//! The SDK's types as the snapshot's.

use aws_sdk_cloudwatchlogs::types;
use plumbline_snapshot::logs::LogGroup;

/// A log group by its name; `None` where the answer does not say which one it is.
pub(crate) fn log_group(group: types::LogGroup) -> Option<(String, LogGroup)> {
    let name = group.log_group_name?;
    let arn = group.log_group_arn.or(group.arn).map(|arn| arn.strip_suffix(":*").unwrap_or(&arn).to_owned());
    let group = LogGroup {
        name: name.clone(),
        arn,
        stored_bytes: group.stored_bytes.unwrap_or_default(),
        retention_days: group.retention_in_days,
        retention_policy: group.retention_policy_name,
        kms_key: group.kms_key_id,
    };
    Some((name, group))
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudwatchlogs::types;
    use plumbline_snapshot::logs::LogGroup;

    use super::log_group;

    #[test]
    fn what_is_absent_stays_absent_and_the_arn_loses_its_tail() {
        let bare = types::LogGroup::builder().log_group_name("/aws/sagemaker/studio");
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/studio";
        let (name, group) = log_group(bare.clone().arn(format!("{arn}:*")).build()).unwrap();
        assert_eq!(name, "/aws/sagemaker/studio");
        assert_eq!(
            group,
            LogGroup {
                name,
                arn: Some(arn.to_owned()),
                stored_bytes: 0,
                retention_days: None,
                retention_policy: None,
                kms_key: None
            }
        );
        let (_, group) =
            log_group(bare.log_group_arn(arn).arn("x").stored_bytes(7).retention_in_days(30).build()).unwrap();
        assert_eq!((group.arn.as_deref(), group.stored_bytes, group.retention_days), (Some(arn), 7, Some(30)));
        assert_eq!(log_group(types::LogGroup::builder().build()), None);
    }
}
