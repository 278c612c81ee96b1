//! What is carried over, and what is not.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::Carried;
use crate::sagemaker::{
    AUTOML_JOB, AutoMlJob, History, MODELS, Model, PROCESSING_JOB, ProcessingJob, RESOURCE_TAGS, Resource, SEARCH,
    TRAINING_JOBS, TrainingJob, TransformJob, TuningJob,
};
use crate::{Collected, Gap, Plan, Read, Snapshot, Tags, Why};

fn now() -> Timestamp {
    "2026-09-14T06:00:00Z".parse().unwrap()
}

fn days(number: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * number)
}

fn plan(until: Timestamp) -> Plan {
    Plan {
        sources: [].into(),
        regions: BTreeMap::new(),
        buckets: BTreeMap::new(),
        jobs_since: until - days(7),
        tags_since: until - days(1),
        until,
    }
}

fn fresh() -> Snapshot {
    let account = "111122223333".parse().unwrap();
    let partition = plumbline_names::Partition::named("aws");
    Snapshot::unread(account, partition, now(), ["eu-west-1".parse().unwrap()])
}

fn region(snapshot: &mut Snapshot) -> &mut crate::sagemaker::SageMaker {
    &mut snapshot.regions.values_mut().next().unwrap().sagemaker
}

fn thing<T>(name: &str, status: Option<&str>, body: T) -> (String, Resource<T>) {
    let mut thing = Resource::listed(&format!("arn:{name}"), name, &SEARCH, &SEARCH);
    (thing.status, thing.created, thing.modified) = (status.map(Into::into), Some(now() - days(2)), Some(now()));
    thing.body = Read::Seen(Some(body));
    thing.tags = Read::Seen(Tags::from([("a".to_owned(), "b".to_owned())]));
    (name.to_owned(), thing)
}

/// A Region with two models, one of which has vanished, and an ended and a running job.
fn seen() -> Snapshot {
    let mut snapshot = fresh();
    let sagemaker = region(&mut snapshot);
    let (name, mut gone) = thing("gone", None, Model::default());
    gone.body = Read::Seen(None);
    sagemaker.models = Collected::whole([thing("model", None, Model::default()), (name, gone)]);
    let debugged =
        TrainingJob { remote_debug: Some(Read::Gap(Gap::of(&SEARCH, Why::Denied, "no"))), ..TrainingJob::default() };
    sagemaker.training_jobs = Collected::whole([
        thing("ended", Some("Failed"), debugged),
        thing("running", Some("InProgress"), TrainingJob::default()),
    ]);
    sagemaker.bookmarks.training_jobs.history = History {
        watermark: Some(now()),
        since: Some(now() - days(7)),
        past: [("old", now() - days(90))].into_iter().collect(),
        reach: Some(now() - days(65)),
        vanished: [("away".to_owned(), now() - days(3))].into(),
        ..History::default()
    };
    snapshot
}

/// What the next run begins with, after a trip through the file.
fn next(last: &Snapshot, plan: &Plan) -> (Snapshot, Carried<'static>) {
    let bytes = Carried::of(last, &self::plan(now()), None).to_bytes().unwrap();
    let mut carried = Carried::from_bytes(&bytes).unwrap();
    assert_eq!(carried.to_bytes().unwrap(), bytes, "the same bytes");
    let mut snapshot = fresh();
    carried.give(&mut snapshot, plan);
    (snapshot, carried)
}

fn expected<T>(listing: &Collected<T>) -> Vec<&str> {
    listing.unconfirmed().map(|(name, _)| name).collect()
}

#[test]
fn what_cannot_change_is_expected_and_nobody_sees_it_before_it_is_listed() {
    let soon = now() + SignedDuration::from_hours(1);
    let (mut snapshot, carried) = next(&seen(), &plan(soon));
    assert!(carried.regions.is_empty(), "all of it is given");
    let sagemaker = region(&mut snapshot);
    assert_eq!(
        (expected(&sagemaker.models), expected(&sagemaker.training_jobs)),
        (vec!["model"], vec!["ended", "running"])
    );
    assert!(sagemaker.models.is_empty() && sagemaker.models.get("model").is_err());
    let history = &sagemaker.bookmarks.training_jobs.history;
    assert_eq!((history.watermark, history.past.len()), (Some(now()), 1));
    assert_eq!((history.reach, history.vanished.len()), (None, 0), "those were the last run's");
    let ended = sagemaker.training_jobs.known("ended").unwrap();
    let body = ended.body.sight().unwrap().as_ref().unwrap();
    assert!(ended.tags.is_seen() && body.remote_debug.is_none(), "what was refused is asked again");
    let running = sagemaker.training_jobs.known("running").unwrap();
    assert!(running.body.is_open() && running.tags.is_open() && running.status.is_none());
}

#[test]
fn every_kind_of_job_is_carried_with_what_is_known_of_it() {
    let mut snapshot = fresh();
    let sagemaker = region(&mut snapshot);
    let watermark = |days_ago| History { watermark: Some(now() - days(days_ago)), ..History::default() };
    sagemaker.processing_jobs = Collected::whole([
        thing("ended", Some("Stopped"), ProcessingJob::default()),
        thing("running", Some("Stopping"), ProcessingJob::default()),
    ]);
    sagemaker.transform_jobs = Collected::whole([thing("transform", Some("Failed"), TransformJob::default())]);
    sagemaker.tuning_jobs = Collected::whole([thing("tuning", Some("DeleteFailed"), TuningJob::default())]);
    sagemaker.automl_jobs = Collected::whole([thing("automl", Some("InProgress"), AutoMlJob::default())]);
    let books = &mut sagemaker.bookmarks;
    (books.processing_jobs.history, books.transform_jobs.history) = (watermark(1), watermark(2));
    (books.tuning_jobs.history, books.automl_jobs.history) = (watermark(3), watermark(4));
    let told: Vec<_> = books.histories().map(|(listing, _, history)| (listing.operation, history.watermark)).collect();

    let (mut snapshot, _) = next(&snapshot, &plan(now() + SignedDuration::from_hours(1)));
    let sagemaker = region(&mut snapshot);
    let again: Vec<_> =
        sagemaker.bookmarks.histories().map(|(listing, _, history)| (listing.operation, history.watermark)).collect();
    assert_eq!(again, told);
    assert_eq!(again.last(), Some(&("ListAutoMLJobs", Some(now() - days(4)))));
    assert_eq!(expected(&sagemaker.processing_jobs), ["ended", "running"]);
    let ended = sagemaker.processing_jobs.known("ended").unwrap();
    assert!(ended.body.is_seen() && ended.tags.is_seen() && ended.has_ended());
    let running = sagemaker.processing_jobs.known("running").unwrap();
    assert_eq!(running.body.sight().unwrap_err().operation, PROCESSING_JOB.operation());
    assert!(running.body.is_open() && running.tags.is_open() && running.status.is_none());
    assert!(sagemaker.transform_jobs.known("transform").unwrap().body.is_seen());
    let tuning = sagemaker.tuning_jobs.known("tuning").unwrap();
    assert_eq!(tuning.body.sight().unwrap_err().operation, SEARCH.operation(), "it may be deleted yet");
    let automl = sagemaker.automl_jobs.known("automl").unwrap();
    assert_eq!(automl.body.sight().unwrap_err().operation, AUTOML_JOB.operation());
}

#[test]
fn old_tags_are_read_again() {
    let (mut snapshot, _) = next(&seen(), &plan(now() + days(2)));
    let model = region(&mut snapshot).models.known("model").unwrap();
    assert!(model.body.is_seen() && model.tags.is_open());
    assert_eq!(model.tags.sight().unwrap_err().operation, RESOURCE_TAGS.operation());
    assert_eq!(region(&mut snapshot).bookmarks.tags_read_at, None);
}

#[test]
fn a_longer_lookback_lists_all_jobs_again() {
    let mut plan = plan(now() + SignedDuration::from_hours(1));
    plan.jobs_since = now() - days(30);
    let (mut snapshot, _) = next(&seen(), &plan);
    assert_eq!(region(&mut snapshot).bookmarks.training_jobs.history, History::default());
    assert_eq!(expected(&region(&mut snapshot).training_jobs), ["ended", "running"], "whose bodies are known");
}

#[test]
fn what_a_run_did_not_look_at_or_could_not_list_stays_carried() {
    let soon = plan(now() + SignedDuration::from_hours(1));
    let (mut snapshot, _) = next(&seen(), &soon);
    let sagemaker = region(&mut snapshot);
    sagemaker.models.stop(Gap::of(&MODELS, Why::Denied, "no"), None);
    sagemaker.training_jobs.stop(Gap::of(&TRAINING_JOBS, Why::Throttled, "no"), None);
    let (mut third, _) = next(&snapshot, &soon);
    let sagemaker = region(&mut third);
    assert_eq!(
        (expected(&sagemaker.models), expected(&sagemaker.training_jobs)),
        (vec!["model"], vec!["ended", "running"])
    );
    assert_eq!(sagemaker.bookmarks.training_jobs.history.watermark, Some(now()));

    // A run of another Region leaves this one alone.
    let last = Carried::of(&snapshot, &soon, None).to_bytes().unwrap();
    let mut elsewhere = fresh();
    elsewhere.regions.clear();
    let kept = Carried::of(&elsewhere, &soon, Some(Carried::from_bytes(&last).unwrap()));
    assert_eq!(kept.to_bytes().unwrap(), last);
}

#[test]
fn another_accounts_is_not_taken_over() {
    let bytes = Carried::of(&seen(), &plan(now()), None).to_bytes().unwrap();
    let mut other = fresh();
    other.account = "444455556666".parse().unwrap();
    Carried::from_bytes(&bytes).unwrap().give(&mut other, &plan(now()));
    assert_eq!(expected(&region(&mut other).models), [""; 0]);
}

#[test]
fn another_versions_is_refused() {
    let bytes = crate::schema::pack_json(&serde_json::json!({"schema": "plumbline.carried/1+0.0.0"})).unwrap();
    let error = Carried::from_bytes(&bytes).unwrap_err().to_string();
    assert!(error.contains("plumbline.carried/1+0.0.0"), "{error}");
}
