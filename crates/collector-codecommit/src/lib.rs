//! The reads of CodeCommit: under which keys the repositories lie that the plan names. Never what is in them.
//!
//! `BatchGetRepositories` answers with success also for repositories that do not exist (`repositoriesNotFound`: absent) or that
//! cannot be told of (`errors`: a gap each). A name that the answer leaves out is a gap.

mod convert;
mod limits;
#[cfg(test)]
mod tests;

use aws_sdk_codecommit::Client;
use aws_types::SdkConfig;
use plumbline_collector::{Check, Collector, Reader, polite};
use plumbline_snapshot::codecommit::{CodeCommit, REPOSITORIES};
use plumbline_snapshot::{Gap, Read, Why};

/// Reads CodeCommit of one Region.
#[derive(Debug, Clone)]
pub struct CodeCommitCollector {
    client: Client,
}

impl CodeCommitCollector {
    /// A collector for the Region of `config`.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        let config = aws_sdk_codecommit::config::Builder::from(&polite(config));
        Self { client: Client::from_conf(config.interceptor(Check::of("codecommit", limits::SHAPES)).build()) }
    }
}

impl Collector for CodeCommitCollector {
    type Fragment = CodeCommit;

    async fn fill(&self, reader: &Reader, codecommit: &mut CodeCommit) {
        let reader = &reader.with_buckets(limits::BUCKETS);
        for name in reader.details().repositories {
            codecommit.repositories.entry(name.clone()).or_insert_with(|| Read::unread_of(&REPOSITORIES, &name));
        }
        let open = codecommit.repositories.iter().filter(|(_, repository)| !repository.is_seen());
        let open: Vec<String> = open.map(|(name, _)| name.clone()).collect();
        for names in open.chunks(limits::NAMES) {
            let mut answer = Read::unread(&REPOSITORIES);
            let call = || self.client.batch_get_repositories().set_repository_names(Some(names.to_vec())).send();
            reader.one(&REPOSITORIES, None, &mut answer, call, |answer| convert::repositories(&answer)).await;
            for name in names {
                let read = match &mut answer {
                    Read::Gap(gap) => Read::Gap(gap.clone().about(name.as_str())),
                    Read::Seen(told) => told.remove(name).unwrap_or_else(|| {
                        let gap = Gap::of(&REPOSITORIES, Why::Failed, "the answer leaves it out");
                        Read::Gap(gap.about(name.as_str()))
                    }),
                };
                codecommit.repositories.insert(name.clone(), read);
            }
        }
    }
}
