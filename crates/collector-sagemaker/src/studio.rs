//! The reads of what lives in domains, and of the software that notebook instances refer to.

use plumbline_collector::{Next, Page, Reader, each};
use plumbline_snapshot::sagemaker::studio::{self, CodeRepository, InDomain, LifecycleConfig, Space, UserProfile};
use plumbline_snapshot::{Collected, Read};

use crate::SageMakerCollector;
use crate::convert::studio as convert;
use crate::describe::GONE;
use crate::limits::{AT_ONCE, PAGE};

impl SageMakerCollector {
    /// Lists the user profiles of all domains, and describes each.
    pub(crate) async fn user_profiles(&self, reader: &Reader, list: &mut Collected<InDomain<UserProfile>>) {
        reader
            .list(
                &studio::USER_PROFILES,
                list,
                |token| Box::pin(self.client.list_user_profiles().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.user_profiles().iter().map(convert::listed_user_profile);
                    Page::of(items, Next::token(answer.next_token()))
                },
            )
            .await;
        let all: Vec<_> = list.items_mut().collect();
        each(all, AT_ONCE, async |(id, InDomain { domain_id, name, body, .. })| {
            let call = || {
                let call = self.client.describe_user_profile().domain_id(domain_id.as_str());
                Box::pin(call.user_profile_name(name.as_str()).send())
            };
            let convert = |answer| Ok(Some(convert::user_profile(&answer)));
            reader.find(&studio::USER_PROFILE, Some(id), &GONE, body, call, convert).await;
        })
        .await;
    }

    /// Lists the spaces of all domains, and describes each.
    pub(crate) async fn spaces(&self, reader: &Reader, list: &mut Collected<InDomain<Space>>) {
        reader
            .list(
                &studio::SPACES,
                list,
                |token| Box::pin(self.client.list_spaces().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.spaces().iter().map(convert::listed_space);
                    Page::of(items, Next::token(answer.next_token()))
                },
            )
            .await;
        let all: Vec<_> = list.items_mut().collect();
        each(all, AT_ONCE, async |(id, InDomain { domain_id, name, body, .. })| {
            let call = || {
                let call = self.client.describe_space().domain_id(domain_id.as_str());
                Box::pin(call.space_name(name.as_str()).send())
            };
            let convert = |answer| Ok(Some(convert::space(&answer)));
            reader.find(&studio::SPACE, Some(id), &GONE, body, call, convert).await;
        })
        .await;
    }

    /// Describes a lifecycle configuration.
    pub(crate) async fn lifecycle_config(&self, reader: &Reader, name: &str, into: &mut Read<Option<LifecycleConfig>>) {
        let call = || {
            let call = self.client.describe_notebook_instance_lifecycle_config();
            Box::pin(call.notebook_instance_lifecycle_config_name(name).send())
        };
        let convert = |answer| convert::lifecycle_config(&answer).map(Some);
        reader.find(&studio::LIFECYCLE_CONFIG, Some(name), &GONE, into, call, convert).await;
    }

    /// Describes a code repository.
    pub(crate) async fn code_repository(&self, reader: &Reader, name: &str, into: &mut Read<Option<CodeRepository>>) {
        let call = || Box::pin(self.client.describe_code_repository().code_repository_name(name).send());
        let convert = |answer| Ok(Some(convert::code_repository(&answer)));
        reader.find(&studio::CODE_REPOSITORY, Some(name), &GONE, into, call, convert).await;
    }
}
