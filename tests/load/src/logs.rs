//! CloudWatch Logs: the log groups of SageMaker.

use crate::account::{Account, Purpose, arn, key};
use crate::answer::{Answered, listed, page, unknown};
use crate::request::Request;

pub(crate) fn answer(account: &Account, request: &Request) -> Answered {
    if request.operation != "DescribeLogGroups" {
        return Err(unknown(request));
    }
    request.only(&["limit", "logGroupNamePrefix", "nextToken"])?;
    let (limit, token) = (request.value("limit"), request.value("nextToken"));
    let page = page(account.size.log_groups, 50, limit.as_deref(), token.as_deref())?;
    Ok(listed("logGroups", &page, "nextToken", |n| {
        let name = format!("/aws/sagemaker/load/{n:05}");
        let group = arn("logs", &format!("log-group:{name}"));
        format!(
            "{{\"logGroupName\":\"{name}\",\"arn\":\"{group}:*\",\"logGroupArn\":\"{group}\",\"creationTime\":{},\
             \"retentionInDays\":400,\"storedBytes\":1024,\"metricFilterCount\":0,\"kmsKeyId\":\"{}\"}}",
            account.made().as_millisecond(),
            key(&account.size, Purpose::Logs, n),
        )
    }))
}
