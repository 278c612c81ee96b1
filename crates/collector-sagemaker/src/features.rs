//! The reads of feature groups: listed, with their bodies and tags by `Search`.

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::ResourceType;
use plumbline_collector::{Next, Page, Reader};
use plumbline_snapshot::sagemaker::Resource;
use plumbline_snapshot::sagemaker::features::{self, FeatureGroup};
use plumbline_snapshot::{Collected, Passage, Read, Source};

use crate::SageMakerCollector;
use crate::convert::features as convert;
use crate::describe::{Described, GONE, Standing};
use crate::limits::PAGE;
use crate::search::{self, Wanted};

impl Described for FeatureGroup {
    const SOURCE: &'static Source = &features::FEATURE_GROUP;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, _: &mut Standing) {
        let call = || Box::pin(client.describe_feature_group().feature_group_name(name).send());
        let convert = |answer| Ok(Some(convert::feature_group(&answer)));
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, convert).await;
    }
}

impl SageMakerCollector {
    /// Lists the feature groups, and searches for their bodies. Stores and keys are settled when a group is made, so that a
    /// record may be older than the listing.
    pub(crate) async fn feature_groups(
        &self,
        reader: &Reader,
        list: &mut Collected<Resource<FeatureGroup>>,
        search: &mut Option<Passage>,
    ) {
        reader
            .list(
                &features::FEATURE_GROUPS,
                list,
                |token| Box::pin(self.client.list_feature_groups().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.feature_group_summaries().iter().map(convert::listed_feature_group);
                    Page::of(items, Next::token(answer.next_token()))
                },
            )
            .await;
        let wanted = Wanted {
            kind: ResourceType::FeatureGroup,
            since: None,
            convert: convert::found_feature_group,
            fits: search::same,
        };
        search::bodies(&self.client, reader, (list, search), &wanted).await;
    }
}
