//! The reads of CloudWatch Logs: which log groups SageMaker, trails and flow logs write to. Never what is in them.
//!
//! `DescribeLogGroups` takes the beginning of a name. A group that the listing of its own name does not have is absent.

mod convert;
mod limits;

use std::collections::BTreeSet;

use aws_sdk_cloudwatchlogs::Client;
use aws_types::SdkConfig;
use plumbline_collector::{Check, Collector, Next, Page, Reader, each, polite};
use plumbline_snapshot::Read;
use plumbline_snapshot::logs::{LOG_GROUPS, Logs, SAGEMAKER_PREFIX};

/// Reads CloudWatch Logs of one Region.
#[derive(Debug, Clone)]
pub struct LogsCollector {
    client: Client,
}

/// Log groups a page: AWS allows no more.
const PAGE: i32 = 50;
/// Questions at once; the rate is 5 a second.
const SIDE_BY_SIDE: usize = 5;

impl LogsCollector {
    /// A collector for the Region of `config`.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = aws_sdk_cloudwatchlogs::config::Builder::from(&polite(config));
        Self { client: Client::from_conf(config.interceptor(Check::of("logs", limits::SHAPES)).build()) }
    }

    /// Reads the log groups that something delivers to, by their names.
    pub async fn destinations(&self, reader: &Reader, logs: &mut Logs, names: &BTreeSet<String>) {
        let reader = &reader.with_buckets(limits::BUCKETS);
        for name in names {
            logs.destinations.entry(name.clone()).or_insert_with(|| Read::unread_of(&LOG_GROUPS, name));
        }
        let wanted: Vec<_> = logs.destinations.iter_mut().filter(|(name, _)| names.contains(*name)).collect();
        each(wanted, SIDE_BY_SIDE, |(name, group)| async move {
            reader
                .gather(
                    &LOG_GROUPS,
                    Some(name),
                    group,
                    |token| {
                        let call = self.client.describe_log_groups().limit(PAGE);
                        call.log_group_name_prefix(name).set_next_token(token).send()
                    },
                    |answer| {
                        let groups = answer.log_groups.unwrap_or_default();
                        Page::of(groups.into_iter().map(convert::log_group), Next::token(answer.next_token))
                    },
                    |groups| groups.into_iter().find(|(found, _)| found == name).map(|(_, group)| group),
                )
                .await;
        })
        .await;
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
