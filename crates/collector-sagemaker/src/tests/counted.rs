//! What is only counted.

use plumbline_snapshot::sagemaker::counted::{self, Counted, Counts, JOBS, LISTINGS, PARTNER_APPS, PIPELINES};

use super::*;

/// The members of each listing's answer: the list, and of an item the name, the ARN and the status.
const MEMBERS: [(&Source, &str, &str, &str, &str); 12] = [
    (&counted::CLUSTERS, "ClusterSummaries", "ClusterName", "ClusterArn", "ClusterStatus"),
    (&counted::LABELING_JOBS, "LabelingJobSummaryList", "LabelingJobName", "LabelingJobArn", "LabelingJobStatus"),
    (
        &counted::COMPILATION_JOBS,
        "CompilationJobSummaries",
        "CompilationJobName",
        "CompilationJobArn",
        "CompilationJobStatus",
    ),
    (
        &counted::OPTIMIZATION_JOBS,
        "OptimizationJobSummaries",
        "OptimizationJobName",
        "OptimizationJobArn",
        "OptimizationJobStatus",
    ),
    (&counted::INFERENCE_RECOMMENDATIONS_JOBS, "InferenceRecommendationsJobs", "JobName", "JobArn", "Status"),
    (
        &counted::EDGE_PACKAGING_JOBS,
        "EdgePackagingJobSummaries",
        "EdgePackagingJobName",
        "EdgePackagingJobArn",
        "EdgePackagingJobStatus",
    ),
    (&counted::INFERENCE_EXPERIMENTS, "InferenceExperiments", "Name", "", "Status"),
    (
        &counted::MLFLOW_TRACKING_SERVERS,
        "TrackingServerSummaries",
        "TrackingServerName",
        "TrackingServerArn",
        "TrackingServerStatus",
    ),
    (&counted::MLFLOW_APPS, "Summaries", "Name", "Arn", "Status"),
    (&PIPELINES, "PipelineSummaries", "PipelineName", "PipelineArn", ""),
    (&PARTNER_APPS, "Summaries", "Name", "Arn", "Status"),
    (&JOBS, "JobSummaries", "JobName", "JobArn", "JobStatus"),
];

fn reads() -> Vec<&'static Source> {
    MEMBERS.iter().map(|(source, ..)| *source).collect()
}

/// Two of each kind, in two pages; of the jobs, two in each category.
pub(super) fn answers(aws: &Replay) {
    for (source, list, name, arn, status) in MEMBERS {
        let item = |what: &str| {
            let more: String = [(arn, "arn:"), (status, "Dreaming")]
                .into_iter()
                .filter(|(member, _)| !member.is_empty())
                .map(|(member, text)| {
                    let text = if member == arn { format!("{text}{what}") } else { text.to_owned() };
                    format!(r#""{member}": "{text}", "#)
                })
                .collect();
            format!(r#"{{"{name}": "{what}", {more}"CreationTime": 1780000000.0}}"#)
        };
        aws.answer(source, page(list, &[item("new")], Some("two")));
        aws.answer(source, page(list, &[item("old")], None).when(r#""NextToken":"two""#));
    }
}

fn of<'a>(counts: &'a Counts, id: &str) -> &'a Collected<Counted> {
    counts.entries().find(|(listing, _)| listing.id() == id).unwrap().1
}

#[tokio::test(start_paused = true)]
async fn every_kind_looks_the_same_and_the_newest_come_first() {
    let (aws, reader) = (aws(), reader_of(&reads()));
    let found = filled(&aws, &reader).await;
    assert_eq!(aws.unanswered(), []);
    for (listing, found) in found.counted.entries() {
        let id = listing.id();
        assert!(found.is_whole(), "{id}");
        let names: Vec<_> = found.seen().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["new", "old"], "{id}");
        for it in found.seen() {
            assert_eq!(it.created, Some(now()), "{id}");
            assert_eq!(it.status.as_deref(), (listing.kind != "pipelines").then_some("Dreaming"), "{id}");
            assert_eq!(it.arn.is_some(), listing.kind != "inference_experiments", "{id}");
        }
    }
    assert_eq!(ids(of(&found.counted, "pipelines")), ["arn:new", "arn:old"]);
    assert_eq!(ids(of(&found.counted, "inference_experiments")), ["new", "old"]);
    assert_eq!(aws.requests().len(), 2 * LISTINGS.len());
    for request in aws.requests() {
        let text = &request.text;
        assert!(text.contains(r#""MaxResults":100"#), "{text}");
        let sorted = text.contains(r#""SortOrder":"Descending""#)
            && (text.contains(r#""SortBy":"CreationTime""#) || text.contains(r#""SortBy":"CREATION_TIME""#));
        assert_eq!(sorted, request.operation.name() != "ListPartnerApps", "{text}");
    }
    let jobs: Vec<_> = aws.requests().into_iter().filter(|request| request.operation.name() == "ListJobs").collect();
    for part in LISTINGS.iter().filter_map(|listing| listing.part) {
        let asked = jobs.iter().filter(|request| request.text.contains(&format!(r#""JobCategory":"{part}""#)));
        assert_eq!(asked.count(), 2, "{part}");
    }
    let records = reader.records().into_iter().filter(|record| record.outcome != Outcome::NotPlanned);
    assert_eq!(records.map(|record| assert_eq!(record.outcome, Outcome::Complete)).count(), MEMBERS.len());
}

#[tokio::test(start_paused = true)]
async fn a_kind_that_the_region_does_not_know_is_unsupported_and_not_zero() {
    let (aws, reader) = (aws(), reader_of(&reads()));
    aws.fault(&PARTNER_APPS, Fault::Unsupported);
    aws.fault_calls(&PIPELINES, 1.., Fault::Denied);
    aws.forget(&JOBS);
    let job = |name: &str| format!(r#"{{"JobName": "{name}", "JobArn": "arn:{name}"}}"#);
    aws.answer(&JOBS, page("JobSummaries", &[job("a")], None));
    aws.answer(&JOBS, Answer::error(400, "ValidationException", "no such category").when("DataTransformation"));
    aws.answer(&JOBS, page("JobSummaries", &[job("b")], Some("again")).when("\"AgentRFT\""));
    let mut found = filled(&aws, &reader).await;
    let why = |found: &SageMaker, id: &str| of(&found.counted, id).gap().map(|gap| gap.why);
    assert_eq!(why(&found, "partner_apps"), Some(Why::Unsupported));
    assert_eq!(why(&found, "pipelines"), Some(Why::Truncated));
    assert_eq!(of(&found.counted, "pipelines").len(), 1, "what was listed stands");
    assert_eq!(why(&found, "jobs/DataTransformation"), Some(Why::Failed));
    assert_eq!(why(&found, "jobs/AgentRFT"), Some(Why::Truncated), "a circle");
    assert_eq!(why(&found, "jobs/AgentRFTEvaluation"), None);
    assert_eq!(why(&found, "clusters"), None);
    assert_eq!(outcomes(&reader)["ListPartnerApps"], Outcome::Unsupported);
    aws.heal();
    let before = aws.requests().len();
    SageMakerCollector::new(&aws.config(REGION)).fill(&reader, &mut found).await;
    assert_eq!(aws.requests().len(), before, "neither what is whole nor what was refused is asked again");
}

#[tokio::test(start_paused = true)]
async fn none_is_a_whole_listing_of_nothing_and_what_is_not_planned_is_a_gap() {
    let aws = aws();
    aws.forget(&PIPELINES);
    aws.answer(&PIPELINES, page("PipelineSummaries", &[], None));
    let found = filled(&aws, &reader_of(&[&PIPELINES])).await;
    assert!(of(&found.counted, "pipelines").is_whole() && of(&found.counted, "pipelines").is_empty());
    assert_eq!(of(&found.counted, "clusters").gap().map(|gap| gap.why), Some(Why::NotPlanned));
    assert_eq!(aws.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_each_read_blinds_that_read_alone() {
    for source in reads() {
        let other = if *source == PIPELINES { &PARTNER_APPS } else { &PIPELINES };
        each_fault(&[source], &[source, other], |_| ()).await;
    }
}
