//! The reads of SageMaker on recorded answers. All fixtures are invented.

mod beside;
mod carried;
mod counted;
mod faults;
mod features;
mod kinds;
mod monitoring;
mod studio;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use plumbline_collector::replay::{Answer, Fault, Replay};
use plumbline_collector::{Collector, Reader, Share};
use plumbline_names::Region;
use plumbline_snapshot::sagemaker::{self, InstanceGroup, SageMaker};
use plumbline_snapshot::{Collected, Details, Outcome, Plan, Read, Source, Tags, Why};

use crate::SageMakerCollector;

const REGION: &str = "eu-west-1";

macro_rules! fixture {
    ($name:literal) => {
        Answer::json(include_str!(concat!("../fixtures/", $name, ".json")))
    };
}

/// The moment around which the fixtures are made.
fn now() -> Timestamp {
    Timestamp::new(1_780_000_000, 0).unwrap()
}

/// A Region with a few of everything. Search lags: it lacks `job-running`, `tune-new` and `model-new`, and has deleted jobs.
fn aws() -> Replay {
    let aws = Replay::new();
    for (source, answer) in [
        (&sagemaker::NOTEBOOKS, fixture!("ListNotebookInstances")),
        (&sagemaker::NOTEBOOK, fixture!("DescribeNotebookInstance")),
        (&sagemaker::DOMAINS, fixture!("ListDomains")),
        (&sagemaker::DOMAIN, fixture!("DescribeDomain")),
        (&sagemaker::TRAINING_JOBS, fixture!("ListTrainingJobs")),
        (&sagemaker::TRAINING_JOB, fixture!("DescribeTrainingJob")),
        (&sagemaker::PROCESSING_JOBS, fixture!("ListProcessingJobs")),
        (&sagemaker::PROCESSING_JOB, fixture!("DescribeProcessingJob")),
        (&sagemaker::TRANSFORM_JOBS, fixture!("ListTransformJobs")),
        (&sagemaker::TRANSFORM_JOB, fixture!("DescribeTransformJob")),
        (&sagemaker::TUNING_JOBS, fixture!("ListHyperParameterTuningJobs")),
        (&sagemaker::TUNING_JOB, fixture!("DescribeHyperParameterTuningJob")),
        (&sagemaker::AUTOML_JOBS, fixture!("ListAutoMLJobs")),
        (&sagemaker::AUTOML_JOB, fixture!("DescribeAutoMLJobV2")),
        (&sagemaker::MODELS, fixture!("ListModels")),
        (&sagemaker::MODEL, fixture!("DescribeModel")),
        (&sagemaker::ENDPOINTS, fixture!("ListEndpoints")),
        (&sagemaker::ENDPOINT, fixture!("DescribeEndpoint")),
        (&sagemaker::ENDPOINT_CONFIGS, fixture!("ListEndpointConfigs")),
        (&sagemaker::ENDPOINT_CONFIG, fixture!("DescribeEndpointConfig")),
        (&sagemaker::SEARCH, fixture!("SearchTrainingJobs").when("\"TrainingJob\"")),
        (&sagemaker::SEARCH, fixture!("SearchTuningJobs").when("\"HyperParameterTuningJob\"")),
        (&sagemaker::SEARCH, fixture!("SearchModels").when("\"Model\"")),
        (&sagemaker::SEARCH, fixture!("SearchEndpoints").when("\"Endpoint\"")),
        (&sagemaker::RESOURCE_TAGS, fixture!("ListTags")),
    ] {
        aws.answer(source, answer);
    }
    studio::answers(&aws);
    features::answers(&aws);
    monitoring::answers(&aws);
    counted::answers(&aws);
    aws
}

/// Ways for an answer to go wrong that differ in how they are noticed.
const FAULTS: [Fault; 7] = [
    Fault::Denied,
    Fault::Throttled,
    Fault::Internal,
    Fault::Hollow,
    Fault::Garbled,
    Fault::Nameless,
    Fault::Unsupported,
];

/// Lets each of some reads meet faults, in an account that `change` has changed: no other read of `planned` is lost.
async fn each_fault(reads: &[&'static Source], planned: &[&Source], change: impl Fn(&Replay)) {
    let good = aws();
    change(&good);
    for source in reads {
        for fault in FAULTS {
            let (aws, reader) = (good.fresh(), reader_of(planned));
            aws.fault(source, fault.clone());
            filled(&aws, &reader).await;
            assert!(aws.calls_of(source) > 0, "{} is not asked", source.operation);
            let expected = match fault {
                Fault::Denied => Outcome::Denied,
                Fault::Throttled => Outcome::Throttled,
                Fault::Unsupported => Outcome::Unsupported,
                _ => Outcome::Failed,
            };
            for record in reader.records().iter().filter(|record| record.outcome != Outcome::NotPlanned) {
                let met = record.operation == source.operation;
                let expected = if met { expected } else { Outcome::Complete };
                assert_eq!(record.outcome, expected, "{} while {} meets {fault:?}", record.operation, source.operation);
            }
        }
    }
}

fn reader_with(sources: &[&Source], details: Details) -> Reader {
    let region: Region = REGION.parse().unwrap();
    let plan = Plan {
        sources: sources.iter().map(|source| source.operation()).collect(),
        regions: BTreeMap::from([(region.clone(), details)]),
        buckets: BTreeMap::new(),
        jobs_since: now() - SignedDuration::from_hours(7 * 24),
        tags_since: Timestamp::UNIX_EPOCH,
        until: now(),
    };
    Reader::new(Arc::new(plan), Share::OFF, None).in_region(&region)
}

fn reader_of(sources: &[&Source]) -> Reader {
    reader_with(sources, Details::default())
}

async fn filled(aws: &Replay, reader: &Reader) -> SageMaker {
    let mut sagemaker = SageMaker::unread();
    SageMakerCollector::new(&aws.config(REGION)).fill(reader, &mut sagemaker).await;
    sagemaker
}

fn outcomes(reader: &Reader) -> BTreeMap<String, Outcome> {
    reader.records().into_iter().map(|record| (record.operation, record.outcome)).collect()
}

fn ids<T>(list: &Collected<T>) -> Vec<&str> {
    list.entries().map(|(id, _)| id).collect()
}

/// The body of a resource that is there.
fn body<'a, T>(list: &'a Collected<sagemaker::Resource<T>>, id: &str) -> &'a T {
    list.get(id).unwrap().unwrap().body.sight().unwrap().as_ref().unwrap()
}

fn tags<T>(list: &Collected<sagemaker::Resource<T>>, id: &str) -> Read<Tags> {
    list.get(id).unwrap().unwrap().tags.clone()
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_listed_and_described() {
    let (aws, reader) = (aws(), reader_of(sagemaker::SOURCES));
    let found = filled(&aws, &reader).await;
    assert_eq!(aws.unanswered(), []);
    assert!(outcomes(&reader).values().all(|outcome| *outcome == Outcome::Complete), "{:?}", outcomes(&reader));
    assert_eq!(outcomes(&reader).len(), sagemaker::SOURCES.len());

    let notebook = body(&found.notebooks, "nb-1");
    assert_eq!(
        (notebook.direct_internet.as_deref(), notebook.root_access.as_deref()),
        (Some("Disabled"), Some("Enabled"))
    );
    assert_eq!(
        (notebook.groups.as_slice(), notebook.subnet_id.as_deref()),
        (&["sg-1".into(), "sg-2".into()][..], Some("subnet-a"))
    );
    let expected = Tags::from([("environment".to_owned(), "lab".to_owned()), ("note".to_owned(), String::new())]);
    assert_eq!(tags(&found.notebooks, "nb-1"), Read::Seen(expected));

    let domain = body(&found.domains, "d-1");
    assert_eq!((domain.network_access.as_deref(), domain.vpc_id.as_deref()), (Some("VpcOnly"), Some("vpc-lab")));
    assert_eq!((domain.kms_key.as_deref(), domain.home_efs_kms_key.as_deref()), (Some("key-1"), Some("key-0")));
    assert_eq!(domain.subnets, ["subnet-a", "subnet-b"]);
    assert_eq!(domain.space_defaults.as_ref().map(|space| space.groups.clone()), Some(vec!["sg-3".to_owned()]));

    let config = body(&found.endpoint_configs, "config-1");
    let names: Vec<_> = config.variants.iter().map(|variant| (variant.name.as_str(), variant.shadow)).collect();
    assert_eq!(names, [("all", false), ("pooled", false), ("shade", true)]);
    assert!(config.data_capture.as_ref().is_some_and(|capture| capture.kms_key.is_none()), "also while switched off");
}

#[tokio::test(start_paused = true)]
async fn the_listing_is_the_authority_and_search_has_the_bodies() {
    let (aws, reader) = (aws(), reader_of(sagemaker::SOURCES));
    let found = filled(&aws, &reader).await;

    assert_eq!(ids(&found.training_jobs), ["job-done", "job-running"], "neither the aged out nor the deleted one");
    let done = body(&found.training_jobs, "job-done");
    assert_eq!(done.instances, [InstanceGroup { instance_type: "ml.m5.xlarge".to_owned(), count: 2 }]);
    assert!(done.network_isolation && done.tuning_job_arn.is_some() && done.remote_debug.is_none());
    let running = body(&found.training_jobs, "job-running");
    assert_eq!(running.remote_debug, Some(Read::Seen(true)), "described, since search lacks it");
    assert_eq!(aws.calls_of(&sagemaker::TRAINING_JOB), 1);
    assert!(!format!("{found:?}").contains("hunter2"), "neither environment nor hyperparameters");

    assert!(body(&found.models, "model-1").network_isolation && body(&found.models, "model-1").pulls_through_vpc);
    assert!(!body(&found.models, "model-new").network_isolation, "described, since search lacks it");
    assert!(tags(&found.models, "model-new").is_seen());
    assert_eq!(aws.calls_of(&sagemaker::MODEL), 1);

    assert_eq!(body(&found.endpoints, "ep-1").pending_config, None);
    assert_eq!(
        body(&found.endpoints, "ep-moving").pending_config.as_deref(),
        Some("config-2"),
        "described, since it moves"
    );
    assert_eq!(aws.calls_of(&sagemaker::ENDPOINT), 1);
}

#[tokio::test(start_paused = true)]
async fn a_record_of_an_earlier_thing_of_the_same_name_is_not_believed() {
    let (aws, reader) = (aws(), reader_of(sagemaker::SOURCES));
    aws.forget(&sagemaker::MODELS);
    let again = include_str!("../fixtures/ListModels.json").replacen("1780000000.0", "1780000900.0", 1);
    aws.answer(&sagemaker::MODELS, Answer::json(again));
    let found = filled(&aws, &reader).await;
    assert!(!body(&found.models, "model-1").network_isolation, "as described");
    assert_eq!(aws.calls_of(&sagemaker::MODEL), 2);
}

#[tokio::test(start_paused = true)]
async fn remote_debugging_is_asked_for_only_if_the_plan_wants_it() {
    let details = Details { remote_debug: true, ..Details::default() };
    let (aws, reader) = (aws(), reader_with(sagemaker::SOURCES, details));
    let found = filled(&aws, &reader).await;
    assert_eq!(body(&found.training_jobs, "job-done").remote_debug, Some(Read::Seen(true)));
    assert_eq!(aws.calls_of(&sagemaker::TRAINING_JOB), 2);
}

fn summary(name: &str, status: &str, days_ago: i64) -> String {
    let time = now().as_second() - days_ago * 86_400;
    format!(
        r#"{{"TrainingJobName": "{name}", "TrainingJobArn": "arn:aws:sagemaker:::training-job/{name}",
            "CreationTime": {time}, "LastModifiedTime": {time}, "TrainingJobStatus": "{status}"}}"#
    )
}

fn page(list: &str, items: &[String], token: Option<&str>) -> Answer {
    let token = token.map(|token| format!(r#", "NextToken": "{token}""#)).unwrap_or_default();
    Answer::json(format!(r#"{{"{list}": [{}]{token}}}"#, items.join(",")))
}

#[tokio::test(start_paused = true)]
async fn jobs_are_listed_through_an_empty_page_until_none_can_still_run() {
    let aws = Replay::new();
    let jobs = |items: &[String], token| page("TrainingJobSummaries", items, token);
    aws.answer(
        &sagemaker::TRAINING_JOBS,
        jobs(&[summary("a", "Completed", 1), summary("b", "Completed", 8)], Some("two")),
    );
    aws.answer(&sagemaker::TRAINING_JOBS, jobs(&[], Some("three")).when("\"two\""));
    let last = [summary("c", "InProgress", 50), summary("d", "Stopped", 66)];
    aws.answer(&sagemaker::TRAINING_JOBS, jobs(&last, Some("four")).when("\"three\""));
    let found = filled(&aws, &reader_of(&[&sagemaker::TRAINING_JOBS])).await;
    assert!(found.training_jobs.is_whole());
    assert_eq!(ids(&found.training_jobs), ["a", "c"]);
    assert_eq!(aws.calls_of(&sagemaker::TRAINING_JOBS), 3, "the fourth page is older than any job can be");
    let first = &aws.requests()[0].text;
    for part in [r#""SortBy":"CreationTime""#, r#""SortOrder":"Descending""#, r#""MaxResults":100"#] {
        assert!(first.contains(part), "{first}");
    }
}

#[tokio::test(start_paused = true)]
async fn search_stops_at_the_lookback() {
    let aws = aws();
    aws.forget(&sagemaker::SEARCH);
    let record = |name: &str, days: i64| format!(r#"{{"TrainingJob": {}}}"#, summary(name, "Completed", days));
    let pages = |items: &[String], token| page("Results", items, token).when("\"TrainingJob\"");
    aws.answer(&sagemaker::SEARCH, pages(&[record("x", 1), record("y", 9)], Some("three")).when("\"two\""));
    aws.answer(&sagemaker::SEARCH, pages(&[], Some("two")));
    let reader = reader_of(&[&sagemaker::TRAINING_JOBS, &sagemaker::SEARCH]);
    let found = filled(&aws, &reader).await;
    assert_eq!(aws.calls_of(&sagemaker::SEARCH), 2);
    let gap = found.training_jobs.get("job-done").unwrap().unwrap().body.sight().unwrap_err();
    assert_eq!((gap.operation.name(), gap.why), ("DescribeTrainingJob", Why::NotPlanned));
    let search = aws.requests().into_iter().find(|request| request.operation.name() == "Search").unwrap().text;
    for part in [r#""SortBy":"LastModifiedTime""#, r#""SortOrder":"Descending""#, r#""MaxResults":100"#] {
        assert!(search.contains(part), "{search}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_planned_stays_so_and_what_is_seen_is_not_read_again() {
    let aws = aws();
    let mut found = filled(&aws, &reader_of(&[&sagemaker::NOTEBOOKS, &sagemaker::MODELS])).await;
    assert_eq!(aws.requests().len(), 2);
    let notebook = found.notebooks.get("nb-1").unwrap().unwrap();
    assert!(matches!(&notebook.body, Read::Gap(gap) if gap.why == Why::NotPlanned));
    assert!(matches!(&notebook.tags, Read::Gap(gap) if gap.why == Why::NotPlanned));

    let reader = reader_of(sagemaker::SOURCES);
    let collector = SageMakerCollector::new(&aws.config(REGION));
    collector.fill(&reader, &mut found).await;
    assert_eq!((aws.calls_of(&sagemaker::NOTEBOOKS), aws.calls_of(&sagemaker::MODELS)), (1, 1));
    let before = aws.requests().len();
    collector.fill(&reader, &mut found).await;
    assert_eq!(aws.requests().len(), before);
    assert_eq!(found, filled(&aws.fresh(), &reader_of(sagemaker::SOURCES)).await, "in two halves as at once");
}
