//! The read of IAM: all roles and managed policies of the account with their documents, in one paged pass.
//!
//! No filter is sent, so the answer holds the customer's own policies and those of AWS that are in use. Both listings of
//! the fragment come from the same pages and share their outcome. Nothing is ever 'absent' here.

mod convert;
mod limits;
#[cfg(test)]
mod tests;

use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use plumbline_collector::{Check, Collector, Next, Page, Reader, polite};
use plumbline_snapshot::iam::{self, Iam};

/// Reads IAM, which is global.
#[derive(Debug, Clone)]
pub struct IamCollector {
    client: Client,
}

impl IamCollector {
    /// A collector for the credentials and endpoint of `config`; its Region only chooses the partition.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = aws_sdk_iam::config::Builder::from(&polite(config)).interceptor(Check::of("iam", limits::SHAPES));
        Self { client: Client::from_conf(config.build()) }
    }
}

impl Collector for IamCollector {
    type Fragment = Iam;

    async fn fill(&self, reader: &Reader, iam: &mut Iam) {
        let reader = &reader.globally().with_buckets(limits::BUCKETS);
        reader
            .list_both(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                &mut iam.roles,
                &mut iam.policies,
                |marker| {
                    let call = self.client.get_account_authorization_details().max_items(limits::PAGE);
                    Box::pin(call.set_marker(marker).send())
                },
                |answer| {
                    let next = Next::flagged(answer.is_truncated(), answer.marker().map(str::to_owned));
                    let roles = answer.role_detail_list().iter().map(convert::role);
                    let policies = answer.policies().iter().map(convert::policy);
                    (Page::of(roles, next.clone()), Page::of(policies, next))
                },
            )
            .await;
    }
}
