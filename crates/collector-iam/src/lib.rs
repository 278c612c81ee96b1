//! The reads of IAM: all roles, users, groups and managed policies of the account with their documents, in one paged pass.
//!
//! No filter is sent, so the answer holds the customer's own policies and those of AWS that are in use. All listings of
//! the fragment come from the same pages and share their outcome; nothing is ever 'absent' in them. A policy that somebody
//! has all the same and that the whole listing lacks is asked for by its ARN: which version is in force, and what that
//! says. `NoSuchEntity` means that there is no such policy, or no such version any more.

mod convert;
mod limits;
#[cfg(test)]
mod tests;

use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use plumbline_collector::{Absent, Check, Collector, Missing, Next, Reader, each, polite};
use plumbline_snapshot::iam::{self, Iam, UnlistedPolicy};
use plumbline_snapshot::{Read, Shared};

/// No such policy, or no such version of it (API_GetPolicy, API_GetPolicyVersion).
const GONE: Absent = Absent::codes(&["NoSuchEntity", "NoSuchEntityException"]);

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
        // Documents of many roles are the same.
        let mut shared = Shared::default();
        reader
            .list_together(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                ((&mut iam.roles, &mut iam.policies), (&mut iam.users, &mut iam.groups)),
                |marker| {
                    let call = self.client.get_account_authorization_details().max_items(limits::PAGE);
                    Box::pin(call.set_marker(marker).send())
                },
                |answer| {
                    let roles = answer.role_detail_list().iter().map(|item| convert::role(&mut shared, item)).collect();
                    let policies = answer.policies().iter().map(|item| convert::policy(&mut shared, item)).collect();
                    let users = answer.user_detail_list().iter().map(|item| convert::user(&mut shared, item)).collect();
                    let groups =
                        answer.group_detail_list().iter().map(|item| convert::group(&mut shared, item)).collect();
                    let next = Next::flagged(answer.is_truncated(), answer.marker().map(str::to_owned));
                    (((roles, policies), (users, groups)), next)
                },
            )
            .await;
        self.unlisted(reader, iam).await;
    }
}

impl IamCollector {
    /// Asks for the policies that somebody has and the whole listing lacks.
    async fn unlisted(&self, reader: &Reader, iam: &mut Iam) {
        if !(iam.is_whole() && reader.wants(&iam::POLICY)) {
            return;
        }
        let lacking: Vec<String> = iam.lacking().into_iter().map(str::to_owned).collect();
        for arn in lacking {
            if iam.unlisted.item_mut(&arn).is_none() {
                let unread = Read::unread_of(&iam::POLICY, &arn);
                iam.unlisted.add([(arn, unread)]);
            }
        }
        iam.unlisted.finish();
        let asked: Vec<_> = iam.unlisted.items_mut().collect();
        each(asked, limits::AT_ONCE, |(arn, policy)| self.policy(reader, arn, policy)).await;
    }

    /// Which version of a policy is in force, and its document.
    async fn policy(&self, reader: &Reader, arn: &str, policy: &mut Read<Option<UnlistedPolicy>>) {
        reader
            .find(
                &iam::POLICY,
                Some(arn),
                &GONE,
                policy,
                || Box::pin(self.client.get_policy().policy_arn(arn).send()),
                |answer| {
                    let version = answer.policy().and_then(|policy| convert::text(policy.default_version_id()));
                    let default_version = version.ok_or(Missing("DefaultVersionId"))?;
                    let document = Read::unread_of(&iam::POLICY_VERSION, arn);
                    Ok(Some(UnlistedPolicy { default_version, document }))
                },
            )
            .await;
        let Read::Seen(Some(UnlistedPolicy { default_version, document })) = policy else { return };
        let version = default_version.as_str();
        reader
            .find(
                &iam::POLICY_VERSION,
                Some(arn),
                &GONE,
                document,
                || Box::pin(self.client.get_policy_version().policy_arn(arn).version_id(version).send()),
                |answer| {
                    let document = answer.policy_version().and_then(|version| convert::text(version.document()));
                    document.map(Some).ok_or(Missing("Document"))
                },
            )
            .await;
    }
}
