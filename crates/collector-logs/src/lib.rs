//! The reads of CloudWatch Logs: which log groups SageMaker writes to. Never what is in them.

mod convert;
mod limits;

use aws_sdk_cloudwatchlogs::Client;
use aws_types::SdkConfig;
use plumbline_collector::{Check, Collector, Next, Page, Reader, polite};
use plumbline_snapshot::logs::{LOG_GROUPS, Logs, SAGEMAKER_PREFIX};

/// Reads CloudWatch Logs of one Region.
#[derive(Debug, Clone)]
pub struct LogsCollector {
    client: Client,
}

/// Log groups a page: AWS allows no more.
const PAGE: i32 = 50;

impl LogsCollector {
    /// A collector for the Region of `config`.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = aws_sdk_cloudwatchlogs::config::Builder::from(&polite(config));
        Self { client: Client::from_conf(config.interceptor(Check::of("logs", limits::SHAPES)).build()) }
    }
}

impl Collector for LogsCollector {
    type Fragment = Logs;

    async fn fill(&self, reader: &Reader, logs: &mut Logs) {
        let reader = reader.with_buckets(limits::BUCKETS);
        reader
            .list(
                &LOG_GROUPS,
                &mut logs.sagemaker_groups,
                |token| {
                    let call = self.client.describe_log_groups().limit(PAGE);
                    call.log_group_name_prefix(SAGEMAKER_PREFIX).set_next_token(token).send()
                },
                |answer| {
                    let groups = answer.log_groups.unwrap_or_default();
                    Page::of(groups.into_iter().map(convert::log_group), Next::token(answer.next_token))
                },
            )
            .await;
    }
}

#[cfg(test)]
mod tests;
