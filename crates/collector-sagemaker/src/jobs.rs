//! The kinds of jobs: how each is listed, how long one can last, and how the rest of it is read.

use std::error::Error;
use std::future::Future;
use std::sync::Mutex;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::config::http::HttpResponse;
use aws_sdk_sagemaker::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sagemaker::operation::list_auto_ml_jobs::ListAutoMLJobsError;
use aws_sdk_sagemaker::operation::list_hyper_parameter_tuning_jobs::ListHyperParameterTuningJobsError;
use aws_sdk_sagemaker::operation::list_processing_jobs::ListProcessingJobsError;
use aws_sdk_sagemaker::operation::list_training_jobs::ListTrainingJobsError;
use aws_sdk_sagemaker::operation::list_transform_jobs::ListTransformJobsError;
use aws_sdk_sagemaker::types::{
    AutoMlSortBy, AutoMlSortOrder, HyperParameterTuningJobSortByOptions, ResourceType, SortBy, SortOrder,
};
use aws_smithy_types::DateTime;
use jiff::SignedDuration;
use plumbline_collector::{Reader, each};
use plumbline_snapshot::sagemaker::{
    self as snapshot, AutoMlJob, Job, JobBook, ProcessingJob, Resource, TrainingJob, TransformJob, TuningJob,
};
use plumbline_snapshot::{Collected, Passage, Read, Source};
use tokio::join;
use tokio::sync::oneshot;

use crate::convert;
use crate::describe::{Described, GONE, Standing, complete};
use crate::history::{self, Beside, before};
use crate::limits::{AT_ONCE, PAGE};
use crate::search::{self, Convert, Wanted};

/// `Search` lags behind by seconds to minutes, so it is read a little further back than the lookback.
const SEARCH_LAG: SignedDuration = SignedDuration::from_mins(15);

/// The longest that AWS lets any job be asked to run, 182.5 days (API_ResourceLimits, of tuning jobs: "Maximum value of
/// 15768000" seconds), and what its last training job may take, 58 days.
///
/// "Resource Limits for Automatic Model Tuning" says 30 days of tuning jobs, but the API takes more. Of AutoML jobs, which are
/// made of other jobs, API_AutoMLJobCompletionCriteria gives no maximum; the quota "Longest run time for an AutoML job, from
/// creation to termination" has no published value. Of transform jobs AWS states nothing. All three are few and cheap to list.
const LONGEST_OF_ANY: SignedDuration = SignedDuration::from_hours((183 + 58) * 24);

/// A kind of job: how it is listed, and how long one can last.
pub(crate) trait JobKind: Described + Job {
    /// The operation that lists it.
    const LISTING: &'static Source;
    /// The longest from a job's making to its end. Jobs made earlier than that before the lookback began have ended before it.
    const LONGEST: SignedDuration;
    /// The listing's error.
    type Refusal: ProvideErrorMetadata + Error + Send + Sync + 'static;

    /// One page of jobs, newest first by their making: from `token`, or of those made before a moment.
    fn page(
        client: &Client,
        token: Option<String>,
        before: Option<DateTime>,
    ) -> impl Future<Output = Result<JobPage<Self>, SdkError<Self::Refusal, HttpResponse>>> + Send;
}

/// A kind of job that `Search` has whole records of.
pub(crate) trait Searched: JobKind {
    /// How a record is read.
    const CONVERT: Convert<Self>;

    /// The kind of record.
    fn resource() -> ResourceType;
}

/// A listed job by name; `None` is one without its identity, time or status.
type ListedJob<T> = Option<(String, Resource<T>)>;

/// A page of a listing of jobs.
pub(crate) struct JobPage<T> {
    /// The jobs.
    pub(crate) jobs: Vec<ListedJob<T>>,
    /// Where the listing goes on.
    pub(crate) next: Option<String>,
}

impl<T> JobPage<T> {
    fn of<S>(items: &[S], convert: fn(&S) -> ListedJob<T>, next: Option<&str>) -> Self {
        Self { jobs: items.iter().map(convert).collect(), next: next.map(str::to_owned) }
    }
}

/// Reads a kind of job whose bodies and tags `Search` has; what it lacks is described.
///
/// The listing and the search have limits of their own. Where the listing is long they go on side by side; where one page
/// brings what is new, it says how far back the search has to go, or that none is needed.
pub(crate) async fn by_search<T: Searched>(
    client: &Client,
    reader: &Reader,
    jobs: &mut Collected<Resource<T>>,
    book: &mut JobBook<T>,
) {
    let since = reader.plan().jobs_since;
    if jobs.is_open() {
        side_by_side(client, reader, jobs, book).await;
        if jobs.is_open() {
            // What is not listed yet may take its record in the next leg.
            if let Some(gap) = book.search.as_ref().and_then(Passage::gap).or(jobs.gap()).cloned() {
                search::mark_all(jobs, &gap);
            }
            return;
        }
    }
    // The listing is the authority: of what it did not come to, there is nothing to know.
    book.found.clear();
    history::age_out(jobs, &mut book.history, since);
    // The newest come first: no record that is older than every job that lacks one is of use. One that was running at
    // the last audit is described.
    let lacking = jobs.seen().filter(|job| job.status.is_some() && search::is_open(job));
    let oldest = lacking.filter_map(|job| job.modified.or(job.created)).min();
    let wanted = Wanted {
        kind: T::resource(),
        since: Some(before(oldest.unwrap_or(since).max(since), SEARCH_LAG)),
        convert: T::CONVERT,
        fits: search::same,
    };
    search::bodies(client, reader, (jobs, &mut book.search), &wanted).await;
    history::age_out(jobs, &mut book.history, since);
    history::look_again(client, reader, jobs, book).await;
}

/// Lists the jobs, and searches for their records as soon as it shows that most of them lack one and that there are more. A
/// search that an earlier leg has begun goes on at once.
async fn side_by_side<T: Searched>(
    client: &Client,
    reader: &Reader,
    jobs: &mut Collected<Resource<T>>,
    book: &mut JobBook<T>,
) {
    let JobBook { search, found, history, .. } = book;
    // INVARIANT: no job changes before it is made, and what is listed was made after `reach`.
    let since = before(history::reach(reader, jobs, history).max(reader.plan().jobs_since), SEARCH_LAG);
    let shared = Mutex::new(&mut *found);
    let (begin, begun) = oneshot::channel();
    let beside = Beside::of(jobs, &shared, begin);
    let searching = async {
        if reader.wants(&snapshot::SEARCH) && (search.is_some() || begun.await.is_ok()) {
            let passage = search.get_or_insert_with(|| Passage::unread(&snapshot::SEARCH));
            search::ahead(client, reader, &shared, passage, since).await;
        }
    };
    join!(history::list(client, reader, jobs, history, Some(beside)), searching);
    // Records that came after their jobs.
    for (name, job) in jobs.items_mut().filter(|(_, job)| search::is_open(job)) {
        if let Some(record) = found.remove(name) {
            search::settle(job, record);
        }
    }
}

/// Reads a kind of job that can only be described one by one.
pub(crate) async fn one_by_one<T: JobKind>(
    client: &Client,
    reader: &Reader,
    jobs: &mut Collected<Resource<T>>,
    book: &mut JobBook<T>,
) {
    let since = reader.plan().jobs_since;
    history::list(client, reader, jobs, &mut book.history, None).await;
    history::age_out(jobs, &mut book.history, since);
    // A listing that time cut goes on in the next leg, and may yet say that a job is another one.
    if !jobs.is_open() {
        let open: Vec<_> = jobs.items_mut().map(|(_, job)| job).filter(|job| search::is_open(job)).collect();
        each(open, AT_ONCE, |job| complete(client, reader, job)).await;
    }
    history::age_out(jobs, &mut book.history, since);
    history::look_again(client, reader, jobs, book).await;
}

impl JobKind for TrainingJob {
    const LISTING: &'static Source = &snapshot::TRAINING_JOBS;
    /// Up to 28 days pending (`MaxPendingTimeInSeconds`), then up to 30 days in all ("the maximum time that a TrainingJob can
    /// run in total, including any time spent publishing metrics or archiving and uploading models after it has been stopped,
    /// is 30 days": API_StoppingCondition).
    const LONGEST: SignedDuration = SignedDuration::from_hours(58 * 24);
    type Refusal = ListTrainingJobsError;

    async fn page(
        client: &Client,
        token: Option<String>,
        before: Option<DateTime>,
    ) -> Result<JobPage<Self>, SdkError<Self::Refusal, HttpResponse>> {
        let call = client.list_training_jobs().sort_by(SortBy::CreationTime).sort_order(SortOrder::Descending);
        let answer = call.max_results(PAGE).set_creation_time_before(before).set_next_token(token).send().await?;
        Ok(JobPage::of(answer.training_job_summaries(), convert::listed_training_job, answer.next_token()))
    }
}

impl Searched for TrainingJob {
    const CONVERT: Convert<Self> = convert::found_training_job;

    fn resource() -> ResourceType {
        ResourceType::TrainingJob
    }
}

impl JobKind for ProcessingJob {
    const LISTING: &'static Source = &snapshot::PROCESSING_JOBS;
    /// Up to 9 days of running (API_ProcessingStoppingCondition: "Maximum value of 777600" seconds). AWS states no limit of
    /// its waiting and of uploading what it wrote: taken are the 28 days for which a training job may wait.
    const LONGEST: SignedDuration = SignedDuration::from_hours(37 * 24);
    type Refusal = ListProcessingJobsError;

    async fn page(
        client: &Client,
        token: Option<String>,
        before: Option<DateTime>,
    ) -> Result<JobPage<Self>, SdkError<Self::Refusal, HttpResponse>> {
        let call = client.list_processing_jobs().sort_by(SortBy::CreationTime).sort_order(SortOrder::Descending);
        let answer = call.max_results(PAGE).set_creation_time_before(before).set_next_token(token).send().await?;
        Ok(JobPage::of(answer.processing_job_summaries(), convert::listed_processing_job, answer.next_token()))
    }
}

impl JobKind for TransformJob {
    const LISTING: &'static Source = &snapshot::TRANSFORM_JOBS;
    const LONGEST: SignedDuration = LONGEST_OF_ANY;
    type Refusal = ListTransformJobsError;

    async fn page(
        client: &Client,
        token: Option<String>,
        before: Option<DateTime>,
    ) -> Result<JobPage<Self>, SdkError<Self::Refusal, HttpResponse>> {
        let call = client.list_transform_jobs().sort_by(SortBy::CreationTime).sort_order(SortOrder::Descending);
        let answer = call.max_results(PAGE).set_creation_time_before(before).set_next_token(token).send().await?;
        Ok(JobPage::of(answer.transform_job_summaries(), convert::listed_transform_job, answer.next_token()))
    }
}

impl JobKind for TuningJob {
    const LISTING: &'static Source = &snapshot::TUNING_JOBS;
    const LONGEST: SignedDuration = LONGEST_OF_ANY;
    type Refusal = ListHyperParameterTuningJobsError;

    async fn page(
        client: &Client,
        token: Option<String>,
        before: Option<DateTime>,
    ) -> Result<JobPage<Self>, SdkError<Self::Refusal, HttpResponse>> {
        let by = HyperParameterTuningJobSortByOptions::CreationTime;
        let call = client.list_hyper_parameter_tuning_jobs().sort_by(by).sort_order(SortOrder::Descending);
        let answer = call.max_results(PAGE).set_creation_time_before(before).set_next_token(token).send().await?;
        let items = answer.hyper_parameter_tuning_job_summaries();
        Ok(JobPage::of(items, convert::listed_tuning_job, answer.next_token()))
    }
}

impl Searched for TuningJob {
    const CONVERT: Convert<Self> = convert::found_tuning_job;

    fn resource() -> ResourceType {
        ResourceType::HyperParameterTuningJob
    }
}

impl JobKind for AutoMlJob {
    const LISTING: &'static Source = &snapshot::AUTOML_JOBS;
    const LONGEST: SignedDuration = LONGEST_OF_ANY;
    type Refusal = ListAutoMLJobsError;

    async fn page(
        client: &Client,
        token: Option<String>,
        before: Option<DateTime>,
    ) -> Result<JobPage<Self>, SdkError<Self::Refusal, HttpResponse>> {
        let call =
            client.list_auto_ml_jobs().sort_by(AutoMlSortBy::CreationTime).sort_order(AutoMlSortOrder::Descending);
        let answer = call.max_results(PAGE).set_creation_time_before(before).set_next_token(token).send().await?;
        Ok(JobPage::of(answer.auto_ml_job_summaries(), convert::listed_automl_job, answer.next_token()))
    }
}

impl Described for ProcessingJob {
    const SOURCE: &'static Source = &snapshot::PROCESSING_JOB;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, now: &mut Standing) {
        let call = || Box::pin(client.describe_processing_job().processing_job_name(name).send());
        let convert = |answer| Ok(Some(told(convert::processing_job(&answer), now)));
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, convert).await;
    }
}

impl Described for TransformJob {
    const SOURCE: &'static Source = &snapshot::TRANSFORM_JOB;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, now: &mut Standing) {
        let call = || Box::pin(client.describe_transform_job().transform_job_name(name).send());
        let convert = |answer| Ok(Some(told(convert::transform_job(&answer), now)));
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, convert).await;
    }
}

impl Described for TuningJob {
    const SOURCE: &'static Source = &snapshot::TUNING_JOB;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, now: &mut Standing) {
        let named = || client.describe_hyper_parameter_tuning_job().hyper_parameter_tuning_job_name(name);
        let convert = |answer| Ok(Some(told(convert::tuning_job(&answer), now)));
        reader.find(Self::SOURCE, Some(name), &GONE, into, || Box::pin(named().send()), convert).await;
    }
}

impl Described for AutoMlJob {
    const SOURCE: &'static Source = &snapshot::AUTOML_JOB;

    async fn describe(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Self>>, now: &mut Standing) {
        let call = || Box::pin(client.describe_auto_ml_job_v2().auto_ml_job_name(name).send());
        let convert = |answer| Ok(Some(told(convert::automl_job(&answer), now)));
        reader.find(Self::SOURCE, Some(name), &GONE, into, call, convert).await;
    }
}

/// The body; how the job stands goes where it is asked for.
fn told<T>((body, standing): (T, Standing), now: &mut Standing) -> T {
    *now = standing;
    body
}
