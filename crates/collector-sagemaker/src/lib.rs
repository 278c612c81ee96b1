//! The reads of SageMaker in one Region: notebooks, domains, jobs, models, endpoints and their configs; what lives in domains,
//! feature groups, monitoring, and what is only counted.
//!
//! The kinds are read side by side. Each begins with its listing, which is the authority on what exists. Notebooks, domains,
//! endpoint configs and processing, transform and AutoML jobs have no bulk form: each is described, and its tags are listed.
//! Training and tuning jobs, models and endpoints come with their tags from `Search`, 100 at a time; what it lacks is
//! described. An endpoint that is being changed is described too, since only its description says what it is moving to.
//!
//! User profiles, spaces and monitoring schedules are described each, feature groups come from `Search`. What a notebook or a
//! schedule refers to by name (lifecycle configurations, code repositories, definitions of monitoring jobs) is described once
//! for all that name it.
//!
//! Answers that mean 'absent', that is vanished since it was listed: `ResourceNotFound`, and `ValidationException` with
//! "Could not find" or "RecordNotFound" in its message.

mod convert;
mod counted;
mod describe;
mod features;
mod history;
mod jobs;
mod limits;
mod monitoring;
mod search;
mod studio;
#[cfg(test)]
mod tests;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::types::ResourceType;
use aws_types::SdkConfig;
use jiff::Timestamp;
use plumbline_collector::{Check, Collector, Next, Page, Reader, each, polite};
use plumbline_snapshot::sagemaker::{
    self, Endpoint, EndpointConfig, JobBook, Model, Resource, SageMaker, TrainingJob, studio as studio_reads,
};
use plumbline_snapshot::{Collected, Passage, Read};
use tokio::join;

use describe::{Described, Standing, complete};
use limits::{AT_ONCE, PAGE};
use search::Wanted;

/// Reads SageMaker in the Region of its client.
#[derive(Debug, Clone)]
pub struct SageMakerCollector {
    client: Client,
}

impl SageMakerCollector {
    /// A collector for the Region, credentials and endpoint of `config`.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = aws_sdk_sagemaker::config::Builder::from(&polite(config))
            .interceptor(Check::of("sagemaker", limits::SHAPES));
        Self { client: Client::from_conf(config.build()) }
    }

    async fn notebooks(&self, reader: &Reader, list: &mut Collected<Resource<sagemaker::Notebook>>) {
        reader
            .list(
                &sagemaker::NOTEBOOKS,
                list,
                |token| Box::pin(self.client.list_notebook_instances().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.notebook_instances().iter().map(convert::listed_notebook);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
            )
            .await;
        self.complete_each(reader, list).await;
    }

    async fn domains(&self, reader: &Reader, list: &mut Collected<Resource<sagemaker::Domain>>) {
        reader
            .list(
                &sagemaker::DOMAINS,
                list,
                |token| Box::pin(self.client.list_domains().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    Page::of(
                        answer.domains().iter().map(convert::listed_domain),
                        Next::token(answer.next_token.clone()),
                    )
                },
            )
            .await;
        self.complete_each(reader, list).await;
    }

    async fn training_jobs(
        &self,
        reader: &Reader,
        jobs: &mut Collected<Resource<TrainingJob>>,
        book: &mut JobBook<TrainingJob>,
    ) {
        jobs::by_search(&self.client, reader, jobs, book).await;
        if reader.details().remote_debug {
            let jobs: Vec<_> = jobs.items_mut().map(|(_, job)| job).collect();
            each(jobs, AT_ONCE, |job| self.remote_debug(reader, job)).await;
        }
    }

    async fn models(&self, reader: &Reader, list: &mut Collected<Resource<Model>>, search: &mut Option<Passage>) {
        reader
            .list_keeping(
                &sagemaker::MODELS,
                list,
                |token| Box::pin(self.client.list_models().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    Page::of(answer.models().iter().map(convert::listed_model), Next::token(answer.next_token.clone()))
                },
                keep,
            )
            .await;
        let wanted =
            Wanted { kind: ResourceType::Model, since: None, convert: convert::found_model, fits: search::same };
        search::bodies(&self.client, reader, (list, search), &wanted).await;
    }

    async fn endpoints(&self, reader: &Reader, list: &mut Collected<Resource<Endpoint>>, search: &mut Option<Passage>) {
        reader
            .list(
                &sagemaker::ENDPOINTS,
                list,
                |token| Box::pin(self.client.list_endpoints().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    Page::of(
                        answer.endpoints().iter().map(convert::listed_endpoint),
                        Next::token(answer.next_token.clone()),
                    )
                },
            )
            .await;
        let wanted = Wanted {
            kind: ResourceType::Endpoint,
            since: None,
            convert: convert::found_endpoint,
            fits: endpoint_is_settled,
        };
        search::bodies(&self.client, reader, (list, search), &wanted).await;
    }

    async fn endpoint_configs(&self, reader: &Reader, list: &mut Collected<Resource<EndpointConfig>>) {
        reader
            .list_keeping(
                &sagemaker::ENDPOINT_CONFIGS,
                list,
                |token| Box::pin(self.client.list_endpoint_configs().max_results(PAGE).set_next_token(token).send()),
                |answer| {
                    let items = answer.endpoint_configs().iter().map(convert::listed_endpoint_config);
                    Page::of(items, Next::token(answer.next_token.clone()))
                },
                keep,
            )
            .await;
        self.complete_each(reader, list).await;
    }

    /// Describes each listed resource and lists its tags.
    async fn complete_each<T: Described>(&self, reader: &Reader, list: &mut Collected<Resource<T>>) {
        let all: Vec<_> = list.items_mut().map(|(_, resource)| resource).collect();
        each(all, AT_ONCE, |resource| complete(&self.client, reader, resource)).await;
    }

    /// Reads the one setting that `Search` lacks, of a job that has it from nowhere else.
    async fn remote_debug(&self, reader: &Reader, job: &mut Resource<TrainingJob>) {
        let Read::Seen(Some(body)) = &mut job.body else { return };
        if body.remote_debug.as_ref().is_some_and(|read| !read.is_open()) {
            return;
        }
        let mut described = Read::unread_of(&sagemaker::TRAINING_JOB, &job.name);
        TrainingJob::describe(&self.client, reader, &job.name, &mut described, &mut Standing::default()).await;
        match described {
            Read::Seen(Some(TrainingJob { remote_debug, .. })) => body.remote_debug = remote_debug,
            Read::Seen(None) => job.body = Read::Seen(None),
            Read::Gap(gap) => body.remote_debug = Some(Read::Gap(gap)),
        }
    }
}

impl SageMakerCollector {
    /// Reads what was found to be referred to by name.
    async fn references(&self, reader: &Reader, sagemaker: &mut SageMaker) {
        for name in sagemaker.lifecycle_config_names() {
            let unread = Read::unread_of(&studio_reads::LIFECYCLE_CONFIG, &name);
            sagemaker.lifecycle_configs.entry(name).or_insert(unread);
        }
        for name in sagemaker.code_repository_names() {
            let unread = Read::unread_of(&studio_reads::CODE_REPOSITORY, &name);
            sagemaker.code_repositories.entry(name).or_insert(unread);
        }
        for (id, unread) in sagemaker.named_definitions() {
            sagemaker.monitoring_definitions.entry(id).or_insert(unread);
        }
        let SageMaker { lifecycle_configs, code_repositories, monitoring_definitions, .. } = sagemaker;
        join!(
            each(lifecycle_configs, AT_ONCE, |(name, into)| self.lifecycle_config(reader, name, into)),
            each(code_repositories, AT_ONCE, |(name, into)| self.code_repository(reader, name, into)),
            each(monitoring_definitions, AT_ONCE, |(id, into)| self.definition(reader, id, into)),
        );
    }
}

impl Collector for SageMakerCollector {
    type Fragment = SageMaker;

    async fn fill(&self, reader: &Reader, sagemaker: &mut SageMaker) {
        let reader = &reader.with_buckets(limits::BUCKETS);
        let (all, client) = (&mut *sagemaker, &self.client);
        let books = &mut all.bookmarks;
        join!(
            self.notebooks(reader, &mut all.notebooks),
            self.domains(reader, &mut all.domains),
            self.training_jobs(reader, &mut all.training_jobs, &mut books.training_jobs),
            jobs::one_by_one(client, reader, &mut all.processing_jobs, &mut books.processing_jobs),
            jobs::one_by_one(client, reader, &mut all.transform_jobs, &mut books.transform_jobs),
            jobs::by_search(client, reader, &mut all.tuning_jobs, &mut books.tuning_jobs),
            jobs::one_by_one(client, reader, &mut all.automl_jobs, &mut books.automl_jobs),
            self.models(reader, &mut all.models, &mut books.models),
            self.endpoints(reader, &mut all.endpoints, &mut books.endpoints),
            self.endpoint_configs(reader, &mut all.endpoint_configs),
            self.user_profiles(reader, &mut all.user_profiles),
            self.spaces(reader, &mut all.spaces),
            self.feature_groups(reader, &mut all.feature_groups, &mut books.feature_groups),
            self.schedules(reader, &mut all.monitoring_schedules),
            self.counts(reader, &mut all.counted),
        );
        self.references(reader, sagemaker).await;
    }
}

/// Whether `Search` may speak for an endpoint: no change is under way, and the record is not older than the listing.
fn endpoint_is_settled(listed: &Resource<Endpoint>, record: &convert::Record<Endpoint>) -> bool {
    let settled = matches!(listed.status.as_deref(), Some("InService" | "Failed"));
    let second = |at: Option<Timestamp>| at.map(Timestamp::as_second);
    settled && search::same(listed, record) && second(record.modified) >= second(listed.modified)
}

/// Keeps the body and tags of a thing that never changes, if it is still the same thing.
pub(crate) fn keep<T>(new: &mut Resource<T>, old: Resource<T>) {
    if new.arn == old.arn && new.created == old.created {
        if old.body.is_seen() {
            new.body = old.body;
        }
        if old.tags.is_seen() {
            new.tags = old.tags;
        }
    }
}
