//! What one run leaves to the next: what cannot have changed since it was read.
//!
//! Ended jobs, models and endpoint configs never change ("What never changes", LIMITS): they are read once and
//! known by ARN and creation time. Their tags may change, and are read again after [`Plan::tags_since`].

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_names::{AccountId, Region};
use serde::{Deserialize, Serialize};

use crate::sagemaker::{
    AutoMlJob, EndpointConfig, History, Job, JobBook, Model, ProcessingJob, RESOURCE_TAGS, Resource, SageMaker,
    TrainingJob, TransformJob, TuningJob,
};
use crate::schema::{pack_json, unpack_json};
use crate::{Collected, FileError, Gap, Plan, Read, Snapshot, Source, Why};

/// The name of the format that this version writes. Another version's conversions may keep other fields: what it has read
/// is not taken over.
pub const CARRIED_SCHEMA: &str = concat!("plumbline.carried/1+", env!("CARGO_PKG_VERSION"));

/// What one run leaves to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried<'a> {
    /// Always [`CARRIED_SCHEMA`].
    pub schema: Cow<'a, str>,
    /// The account that it is about.
    pub account: Cow<'a, AccountId>,
    /// By Region.
    pub regions: BTreeMap<Region, CarriedRegion<'a>>,
}

/// What one run leaves of one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedRegion<'a> {
    /// When the tags below were read.
    pub tags_read_at: Option<Timestamp>,
    /// Training jobs.
    pub training_jobs: CarriedJobs<'a, TrainingJob>,
    /// Processing jobs.
    pub processing_jobs: CarriedJobs<'a, ProcessingJob>,
    /// Batch transform jobs.
    pub transform_jobs: CarriedJobs<'a, TransformJob>,
    /// Hyperparameter tuning jobs.
    pub tuning_jobs: CarriedJobs<'a, TuningJob>,
    /// AutoML jobs.
    pub automl_jobs: CarriedJobs<'a, AutoMlJob>,
    /// Models by name.
    pub models: BTreeMap<String, Cow<'a, Resource<Model>>>,
    /// Endpoint configs by name.
    pub endpoint_configs: BTreeMap<String, Cow<'a, Resource<EndpointConfig>>>,
}

/// What one run leaves of a kind of job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedJobs<'a, T: Clone> {
    /// Up to where jobs are known, and those past the lookback.
    pub history: Cow<'a, History>,
    /// Jobs by name: whole where they have ended, else only that they are there.
    pub jobs: BTreeMap<String, Cow<'a, Resource<T>>>,
}

impl<'a> Carried<'a> {
    /// What a run that followed `plan` leaves, beside what it took over and did not look at.
    #[must_use]
    pub fn of(snapshot: &'a Snapshot, plan: &Plan, last: Option<Carried<'a>>) -> Self {
        let mut regions =
            last.filter(|last| *last.account == snapshot.account).map(|last| last.regions).unwrap_or_default();
        for (region, regional) in &snapshot.regions {
            regions.insert(region.clone(), CarriedRegion::of(&regional.sagemaker, plan));
        }
        Self { schema: Cow::Borrowed(CARRIED_SCHEMA), account: Cow::Borrowed(&snapshot.account), regions }
    }

    /// The bytes of its file. What is equal gives equal bytes.
    ///
    /// # Errors
    /// [`FileError`], which no value read here causes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        pack_json(self)
    }

    /// What a file's bytes hold.
    ///
    /// # Errors
    /// [`FileError`]: damaged, too large, not JSON, or of another version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Carried<'static>, FileError> {
        unpack_json(bytes, CARRIED_SCHEMA)
    }
}

impl Carried<'static> {
    /// What is about other Regions than a snapshot's.
    #[must_use]
    pub fn without(mut self, snapshot: &Snapshot) -> Self {
        self.regions.retain(|region, _| !snapshot.regions.contains_key(region));
        self
    }

    /// Gives a fresh snapshot what is carried over for the Regions and the lookback of `plan`, to be confirmed by listings.
    /// The rest stays here.
    pub fn give(&mut self, snapshot: &mut Snapshot, plan: &Plan) {
        if *self.account != snapshot.account {
            self.regions.clear();
        }
        for (region, regional) in &mut snapshot.regions {
            if let Some(carried) = self.regions.remove(region) {
                carried.give(&mut regional.sagemaker, plan);
            }
        }
    }
}

impl<'a> CarriedRegion<'a> {
    fn of(sagemaker: &'a SageMaker, plan: &Plan) -> Self {
        let books = &sagemaker.bookmarks;
        Self {
            tags_read_at: books.tags_read_at.or(Some(plan.until)),
            training_jobs: CarriedJobs::of(&sagemaker.training_jobs, &books.training_jobs),
            processing_jobs: CarriedJobs::of(&sagemaker.processing_jobs, &books.processing_jobs),
            transform_jobs: CarriedJobs::of(&sagemaker.transform_jobs, &books.transform_jobs),
            tuning_jobs: CarriedJobs::of(&sagemaker.tuning_jobs, &books.tuning_jobs),
            automl_jobs: CarriedJobs::of(&sagemaker.automl_jobs, &books.automl_jobs),
            models: immutable(&sagemaker.models),
            endpoint_configs: immutable(&sagemaker.endpoint_configs),
        }
    }
}

impl CarriedRegion<'static> {
    fn give(self, sagemaker: &mut SageMaker, plan: &Plan) {
        let tags_are_old = self.tags_read_at.is_none_or(|at| at < plan.tags_since);
        let books = &mut sagemaker.bookmarks;
        let how = (tags_are_old, plan.jobs_since);
        self.training_jobs.give(&mut sagemaker.training_jobs, &mut books.training_jobs, how);
        self.processing_jobs.give(&mut sagemaker.processing_jobs, &mut books.processing_jobs, how);
        self.transform_jobs.give(&mut sagemaker.transform_jobs, &mut books.transform_jobs, how);
        self.tuning_jobs.give(&mut sagemaker.tuning_jobs, &mut books.tuning_jobs, how);
        self.automl_jobs.give(&mut sagemaker.automl_jobs, &mut books.automl_jobs, how);
        give(&mut sagemaker.models, self.models, tags_are_old);
        give(&mut sagemaker.endpoint_configs, self.endpoint_configs, tags_are_old);
        books.tags_read_at = if tags_are_old { None } else { self.tags_read_at };
    }
}

impl<'a, T: Job> CarriedJobs<'a, T> {
    fn of(jobs: &'a Collected<Resource<T>>, book: &'a JobBook<T>) -> Self {
        let jobs = entries(jobs).map(|(name, job)| (name, job_to_carry(job))).collect();
        Self { history: Cow::Borrowed(&book.history), jobs }
    }
}

impl<T: Job> CarriedJobs<'static, T> {
    fn give(
        self,
        jobs: &mut Collected<Resource<T>>,
        book: &mut JobBook<T>,
        (tags_are_old, jobs_since): (bool, Timestamp),
    ) {
        give(jobs, self.jobs, tags_are_old);
        jobs.unconfirmed_mut().filter_map(|job| job.body.as_seen_mut()?.as_mut()).for_each(T::reopen);
        // A longer lookback asks for jobs of which only the names were kept: all are listed again.
        if self.history.since.is_none_or(|since| jobs_since >= since) {
            book.history = self.history.into_owned();
            book.history.vanished.clear();
            book.history.reach = None;
        }
    }
}

/// What is listed, and what was known and not listed.
fn entries<T>(listing: &Collected<T>) -> impl Iterator<Item = (String, &T)> {
    listing.entries().chain(listing.unconfirmed()).map(|(name, item)| (name.to_owned(), item))
}

/// Resources that never change, as far as they were seen.
fn immutable<T: Clone>(listing: &Collected<Resource<T>>) -> BTreeMap<String, Cow<'_, Resource<T>>> {
    entries(listing)
        .filter(|(_, it)| it.created.is_some() && matches!(it.body, Read::Seen(Some(_))))
        .map(|(name, it)| (name, Cow::Borrowed(it)))
        .collect()
}

fn job_to_carry<T: Job>(job: &Resource<T>) -> Cow<'_, Resource<T>> {
    if job.has_ended() {
        return Cow::Borrowed(job);
    }
    // What it is, is read again: it may have ended since, and its status is not known.
    let unread = |operation: &Source| Gap::unread(operation).about(job.name.as_str());
    Cow::Owned(Resource {
        status: None,
        modified: None,
        body: Read::Gap(unread(T::BODY)),
        tags: Read::Gap(unread(T::TAGS)),
        ..job.clone()
    })
}

fn give<T: Clone>(
    listing: &mut Collected<Resource<T>>,
    carried: BTreeMap<String, Cow<'static, Resource<T>>>,
    tags_are_old: bool,
) {
    listing.expect(carried.into_iter().map(|(name, resource)| {
        let mut resource = resource.into_owned();
        // A gap of that run says nothing about this one.
        reopen(&mut resource.body);
        reopen(&mut resource.tags);
        if tags_are_old && let Read::Seen(_) = resource.tags {
            resource.tags = Read::unread_of(&RESOURCE_TAGS, &resource.arn);
        }
        (name, resource)
    }));
}

#[cfg(test)]
mod tests;

fn reopen<T>(read: &mut Read<T>) {
    if let Read::Gap(gap) = read {
        gap.why = Why::NotPlanned;
        gap.detail.clear();
    }
}
