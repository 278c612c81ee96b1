//! Single resources: description and tags, and what it means when one vanishes in between.

use std::future::Future;

use aws_sdk_sagemaker::Client;
use jiff::Timestamp;
use plumbline_collector::{Absent, Missing, Next, Reader};
use plumbline_names::Text;
use plumbline_snapshot::sagemaker::{
    self as snapshot, Domain, Endpoint, EndpointConfig, Model, Notebook, Resource, TrainingJob,
};
use plumbline_snapshot::{Gap, Read, Source, Tags, Why};
use tokio::join;

use crate::{convert, limits};

/// What SageMaker says of a resource that is no longer there. Most descriptions model no such error and send a
/// validation error instead.
pub(crate) const GONE: Absent =
    Absent::codes(&["ResourceNotFound"]).or_message("ValidationException", &["Could not find", "RecordNotFound"]);

/// How a job stands: its status, when it was made, and when it last changed or ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) status: Option<Text>,
    pub(crate) created: Option<Timestamp>,
    pub(crate) modified: Option<Timestamp>,
}

impl Standing {
    /// Says how a job stands that an earlier run knew and this one has not listed. What was listed knows better.
    pub(crate) fn tell(self, status: &mut Option<Text>, modified: &mut Option<Timestamp>) {
        if status.is_none() && self.status.is_some() {
            (*status, *modified) = (self.status, self.modified);
        }
    }
}

/// A kind of resource that can be described by its name.
pub(crate) trait Described: Sized + Send + Sync {
    /// The operation that describes it.
    const SOURCE: &'static Source;

    /// Describes the resource `name`, unless `into` is seen already. What may have changed since it was listed goes to
    /// `standing`, where the kind has it.
    fn describe(
        client: &Client,
        reader: &Reader,
        name: &str,
        into: &mut Read<Option<Self>>,
        standing: &mut Standing,
    ) -> impl Future<Output = ()> + Send;
}

impl Described for Notebook {
    const SOURCE: &'static Source = &snapshot::NOTEBOOK;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, _: &mut Standing) {
        let call = || Box::pin(client.describe_notebook_instance().notebook_instance_name(name).send());
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, |answer| Ok(Some(convert::notebook(&answer)))).await;
    }
}

impl Described for Domain {
    const SOURCE: &'static Source = &snapshot::DOMAIN;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, _: &mut Standing) {
        let call = || Box::pin(client.describe_domain().domain_id(name).send());
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, |answer| Ok(Some(convert::domain(&answer)))).await;
    }
}

impl Described for TrainingJob {
    const SOURCE: &'static Source = &snapshot::TRAINING_JOB;

    async fn describe(
        client: &Client,
        reader: &Reader,
        name: &str,
        into: &mut Read<Option<Self>>,
        standing: &mut Standing,
    ) {
        let call = || Box::pin(client.describe_training_job().training_job_name(name).send());
        reader
            .find(Self::SOURCE, Some(name), &GONE, into, call, |answer| {
                *standing = convert::training_job_standing(&answer);
                Ok(Some(convert::training_job(&answer)))
            })
            .await;
    }
}

impl Described for Model {
    const SOURCE: &'static Source = &snapshot::MODEL;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, _: &mut Standing) {
        let call = || Box::pin(client.describe_model().model_name(name).send());
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, |answer| Ok(Some(convert::model(&answer)))).await;
    }
}

impl Described for Endpoint {
    const SOURCE: &'static Source = &snapshot::ENDPOINT;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, _: &mut Standing) {
        let call = || Box::pin(client.describe_endpoint().endpoint_name(name).send());
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, |answer| Ok(Some(convert::endpoint(&answer)))).await;
    }
}

impl Described for EndpointConfig {
    const SOURCE: &'static Source = &snapshot::ENDPOINT_CONFIG;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, _: &mut Standing) {
        let call = || Box::pin(client.describe_endpoint_config().endpoint_config_name(name).send());
        let convert = |answer| Ok(Some(convert::endpoint_config(&answer)));
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, convert).await;
    }
}

/// Reads the body and the tags of a listed resource side by side. One that has vanished has neither.
pub(crate) async fn complete<T: Described>(client: &Client, reader: &Reader, resource: &mut Resource<T>) {
    let Resource { name, arn, body, tags, status, modified, .. } = resource;
    let mut standing = Standing::default();
    let ((), tagless) =
        join!(T::describe(client, reader, name, body, &mut standing), read_tags(client, reader, arn, tags));
    standing.tell(status, modified);
    if tagless && matches!(body, Read::Seen(Some(_))) {
        // Described a moment ago, but not there for its tags: one more look settles which of the two is true.
        let mut again = Read::unread_of(T::SOURCE, name);
        T::describe(client, reader, name, &mut again, &mut Standing::default()).await;
        if matches!(again, Read::Seen(None)) {
            *body = again;
        }
    }
    if matches!(body, Read::Seen(None)) && reader.wants(&snapshot::RESOURCE_TAGS) {
        *tags = Read::Seen(Tags::new());
    }
}

/// Reads all pages of a resource's tags, unless they are seen already. Says whether the resource is not there.
async fn read_tags(client: &Client, reader: &Reader, arn: &str, tags: &mut Read<Tags>) -> bool {
    if !tags.is_open() || !reader.wants(&snapshot::RESOURCE_TAGS) {
        return false;
    }
    let mut all = Tags::new();
    let mut token = None::<String>;
    loop {
        let mut page = Read::unread_of(&snapshot::RESOURCE_TAGS, arn);
        reader
            .find(
                &snapshot::RESOURCE_TAGS,
                Some(arn),
                &GONE,
                &mut page,
                || {
                    Box::pin(
                        client
                            .list_tags()
                            .resource_arn(arn)
                            .max_results(limits::PAGE)
                            .set_next_token(token.clone())
                            .send(),
                    )
                },
                |answer| {
                    let next = Next::token(answer.next_token().map(str::to_owned));
                    convert::tags(answer.tags()).map(|tags| Some((tags, next))).ok_or(Missing("Key"))
                },
            )
            .await;
        let next = match page {
            Read::Seen(Some((more, next))) => {
                all.extend(more);
                next
            }
            Read::Seen(None) => {
                *tags = Read::Gap(Gap::of(&snapshot::RESOURCE_TAGS, Why::Failed, "no such resource").about(arn));
                return true;
            }
            Read::Gap(gap) => {
                *tags = Read::Gap(gap);
                return false;
            }
        };
        match next {
            Next::Token(next) if token.as_ref() != Some(&next) => token = Some(next),
            Next::End => {
                *tags = Read::Seen(all);
                return false;
            }
            Next::Token(_) | Next::Lost => {
                let gap = Gap::of(&snapshot::RESOURCE_TAGS, Why::Truncated, "the next page is the same page");
                *tags = Read::Gap(gap.about(arn));
                return false;
            }
        }
    }
}
