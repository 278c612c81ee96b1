//! CloudTrail: one trail.

use crate::account::{Account, Purpose, REGION, arn, key};
use crate::answer::{Answered, unknown};
use crate::request::{Answer, Request};

pub(crate) fn answer(account: &Account, request: &Request) -> Answered {
    let trail = arn("cloudtrail", "trail/load");
    match request.operation.as_str() {
        "DescribeTrails" => Ok(Answer::json(format!(
            "{{\"trailList\":[{{\"Name\":\"load\",\"TrailARN\":\"{trail}\",\"S3BucketName\":\"load-trail\",\
             \"IncludeGlobalServiceEvents\":true,\"IsMultiRegionTrail\":true,\"HomeRegion\":\"{REGION}\",\
             \"LogFileValidationEnabled\":true,\"HasCustomEventSelectors\":true,\"HasInsightSelectors\":false,\
             \"IsOrganizationTrail\":false,\"KmsKeyId\":\"{}\"}}]}}",
            key(&account.size, Purpose::Logs, 0),
        ))),
        "GetTrailStatus" => Ok(Answer::json(format!(
            "{{\"IsLogging\":true,\"LatestDeliveryTime\":{0},\"StartLoggingTime\":{0},\"LatestDigestDeliveryTime\":{0}}}",
            account.now.as_second() - 60,
        ))),
        "GetEventSelectors" => Ok(Answer::json(format!(
            "{{\"TrailARN\":\"{trail}\",\"AdvancedEventSelectors\":[{{\"Name\":\"management\",\"FieldSelectors\":\
             [{{\"Field\":\"eventCategory\",\"Equals\":[\"Management\"]}}]}}]}}"
        ))),
        _ => Err(unknown(request)),
    }
}
