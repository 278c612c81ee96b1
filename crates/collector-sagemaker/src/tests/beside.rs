//! A long listing and the search for its records, side by side. All answers are invented.

use std::time::Duration;

use plumbline_snapshot::Snapshot;
use plumbline_snapshot::sagemaker::{Resource, TrainingJob};
use tokio::time::Instant;

use super::*;

/// A training job.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    status: &'static str,
    /// When it was made, and when it last changed: hours before [`now`].
    made: i64,
    changed: i64,
    /// `Search` has it, the listing has it.
    known: (bool, bool),
}

impl Made {
    fn text(&self) -> String {
        let ago = |hours: i64| now().as_second() - hours * 3600;
        format!(
            r#"{{"TrainingJobName": "{0}", "TrainingJobArn": "arn:{0}", "Tags": [], "RoleArn": "role-{0}",
                "CreationTime": {1}, "LastModifiedTime": {2}, "TrainingJobStatus": "{3}"}}"#,
            self.name,
            ago(self.made),
            ago(self.changed),
            self.status
        )
    }
}

/// Ended jobs, of which every tenth ran for two days, every ninth is not there any more, and every eighth came too late for the
/// search.
fn many(number: i64) -> Vec<Made> {
    let job = |n: i64| Made {
        name: format!("job-{:04}", (n * 7919) % 10_000),
        status: if n % 6 == 0 { "Failed" } else { "Completed" },
        made: n / 20 + if n % 10 == 0 { 48 } else { 0 },
        changed: n / 20,
        known: (n % 8 != 0, n % 9 != 0),
    };
    (0..number).map(job).collect()
}

fn pages(aws: &Replay, source: &Source, list: &str, items: &[String], size: usize, also: Option<&str>) {
    let chunks: Vec<&[String]> = items.chunks(size).collect();
    for (number, chunk) in chunks.iter().enumerate().rev() {
        let next = (number + 1 < chunks.len()).then(|| format!("{list}-{}", number + 1));
        let answer = page(list, chunk, next.as_deref());
        let token = format!("\"NextToken\":\"{list}-{number}\"");
        let condition = if number == 0 { also } else { Some(token.as_str()) };
        aws.answer(source, condition.map_or(answer.clone(), |text| answer.when(text)));
    }
    if items.is_empty() {
        aws.answer(source, page(list, &[], None));
    }
}

/// A Region with these jobs, in pages of `sizes`: of the listing and of the search.
fn aws_with(jobs: &[Made], sizes: (usize, usize)) -> Replay {
    let aws = Replay::new();
    let mut listed: Vec<&Made> = jobs.iter().filter(|job| job.known.1).collect();
    listed.sort_by_key(|job| job.made);
    let texts: Vec<String> = listed.iter().map(|job| job.text()).collect();
    pages(&aws, &sagemaker::TRAINING_JOBS, "TrainingJobSummaries", &texts, sizes.0, None);
    let mut found: Vec<&Made> = jobs.iter().filter(|job| job.known.0).collect();
    found.sort_by_key(|job| job.changed);
    let texts: Vec<String> = found.iter().map(|job| format!(r#"{{"TrainingJob": {}}}"#, job.text())).collect();
    pages(&aws, &sagemaker::SEARCH, "Results", &texts, sizes.1, None);
    for job in &listed {
        let named = format!("\"TrainingJobName\":\"{}\"", job.name);
        aws.answer(&sagemaker::TRAINING_JOB, Answer::json(job.text()).when(&named));
    }
    aws.answer(&sagemaker::RESOURCE_TAGS, page("Tags", &[], None));
    aws
}

const SOURCES: [&Source; 4] =
    [&sagemaker::TRAINING_JOBS, &sagemaker::TRAINING_JOB, &sagemaker::SEARCH, &sagemaker::RESOURCE_TAGS];

fn fresh() -> Snapshot {
    let partition = plumbline_names::Partition::named("aws");
    Snapshot::unread("111122223333".parse().unwrap(), partition, now(), [REGION.parse().unwrap()])
}

/// Without what only a description says.
fn plain(list: &Collected<Resource<TrainingJob>>) -> Collected<Resource<TrainingJob>> {
    let mut list = list.clone();
    for (_, job) in list.items_mut() {
        if let Read::Seen(Some(body)) = &mut job.body {
            body.remote_debug = None;
        }
    }
    list
}

/// Reads in legs of such lengths, each going on from what the one before put by.
async fn in_legs(aws: &Replay, mut leg: impl FnMut() -> Duration) -> (SageMaker, u64) {
    let mut snapshot = fresh();
    for legs in 1_u64.. {
        let plan = Arc::new(reader_of(&SOURCES).plan().clone());
        let reader = Reader::new(plan, Share::OFF, Some(Instant::now() + leg())).in_region(&REGION.parse().unwrap());
        let all = &mut snapshot.regions.values_mut().next().unwrap().sagemaker;
        SageMakerCollector::new(&aws.config(REGION)).fill(&reader, all).await;
        let listed = all.training_jobs.is_whole();
        assert!(listed || aws.calls_of(&sagemaker::TRAINING_JOB) == 0, "described before all was listed");
        if !reader.ran_out_of_time() {
            return (all.clone(), legs);
        }
        snapshot = Snapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap();
    }
    unreachable!("there are more legs");
}

#[tokio::test(start_paused = true)]
async fn both_go_on_at_once_and_the_listing_is_the_authority() {
    for sizes in [(40, 40), (25, 80), (80, 25)] {
        let jobs = many(400);
        let aws = aws_with(&jobs, sizes);
        aws.take_time(Duration::from_secs(1));
        let began = Instant::now();
        let found = filled(&aws, &reader_of(&SOURCES[..3])).await;
        let took = began.elapsed().as_secs();
        let calls = [&sagemaker::TRAINING_JOBS, &sagemaker::SEARCH, &sagemaker::TRAINING_JOB];
        let [listed, searched, described] = calls.map(|source| aws.calls_of(source));
        assert!(listed > 3 && searched > 3, "{listed} and {searched} pages");
        let one_by_one = described.div_ceil(8);
        assert!(took <= listed.max(searched) + 1 + one_by_one, "{took} s for {listed} and {searched} pages");

        let there: Vec<&Made> = jobs.iter().filter(|job| job.known.1).collect();
        assert_eq!(found.training_jobs.len(), there.len());
        assert_eq!(described, there.iter().filter(|job| !job.known.0).count() as u64, "what the search lacks");
        for job in there {
            let seen = found.training_jobs.get(&job.name).unwrap().unwrap();
            let role = seen.body.sight().unwrap().as_ref().unwrap().role_arn.clone();
            assert_eq!((role, seen.status.as_deref()), (Some(format!("role-{}", job.name)), Some(job.status)));
        }
        let book = &found.bookmarks.training_jobs;
        assert!(book.found.is_empty(), "what was never listed is dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn in_any_legs_it_is_the_same_as_at_once() {
    for round in 0..12 {
        let sizes = [(25, 60), (60, 25), (40, 40)][round % 3];
        let aws = aws_with(&many(300), sizes);
        let at_once = filled(&aws, &reader_of(&SOURCES)).await;
        let calls = aws.requests().len() as u64;
        let aws = aws.fresh();
        aws.take_time(Duration::from_millis(200));
        let seed = 7 + round as u64;
        let mut state = seed;
        let leg = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            Duration::from_millis(100 + (state >> 33) % 1_500)
        };
        let (all, legs) = in_legs(&aws, leg).await;
        assert_eq!(plain(&all.training_jobs), plain(&at_once.training_jobs), "seed {seed}");
        assert_eq!(all.bookmarks, at_once.bookmarks, "seed {seed}");
        assert!(legs > 2 && aws.requests().len() as u64 <= calls + 18 * legs, "seed {seed}, {legs} legs");
    }
}

#[tokio::test(start_paused = true)]
async fn a_search_that_fails_on_the_way_leaves_gaps_and_the_listing_stands() {
    for (fault, from, why) in [(Fault::Denied, 0, Why::Denied), (Fault::Denied, 2, Why::Truncated)] {
        let jobs = many(300);
        let aws = aws_with(&jobs, (40, 40));
        aws.fault_calls(&sagemaker::SEARCH, from.., fault);
        let found = filled(&aws, &reader_of(&SOURCES)).await;
        assert!(found.training_jobs.is_whole() && aws.calls_of(&sagemaker::TRAINING_JOB) == 0);
        let (mut gaps, mut bodies) = (0, 0);
        for job in found.training_jobs.seen() {
            match &job.body {
                Read::Seen(_) => bodies += 1,
                Read::Gap(gap) => {
                    assert_eq!((gap.operation.name(), gap.why), ("Search", why));
                    gaps += 1;
                }
            }
        }
        assert!(gaps > 0 && (bodies > 0) == (from > 0), "{gaps} gaps and {bodies} bodies");
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_breaks_off_keeps_what_the_search_brought_for_it() {
    let aws = aws_with(&many(300), (40, 40));
    aws.fault_calls(&sagemaker::TRAINING_JOBS, 3.., Fault::Denied);
    let found = filled(&aws, &reader_of(&SOURCES)).await;
    assert_eq!(found.training_jobs.gap().map(|gap| gap.why), Some(Why::Truncated));
    assert_eq!(found.training_jobs.len(), 120);
    assert!(found.training_jobs.seen().all(|job| job.body.is_seen() && job.tags.is_seen()));
    assert!(found.bookmarks.training_jobs.found.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_search_is_not_begun_for_jobs_of_no_interest_or_that_are_known() {
    let old: Vec<Made> = many(300).into_iter().map(|job| Made { made: 300, changed: 200, ..job }).collect();
    let aws = aws_with(&old, (40, 40));
    let found = filled(&aws, &reader_of(&SOURCES)).await;
    assert!(found.training_jobs.is_empty() && aws.calls_of(&sagemaker::TRAINING_JOBS) > 3);
    assert_eq!(aws.calls_of(&sagemaker::SEARCH), 0, "none ended in the lookback");

    // All listed anew, but known: as after a token that expired, or with a longer lookback.
    let jobs = many(300);
    let aws = aws_with(&jobs, (40, 40));
    let mut all = filled(&aws, &reader_of(&SOURCES)).await;
    let known: Vec<_> = all.training_jobs.entries().map(|(name, job)| (name.to_owned(), job.clone())).collect();
    all = SageMaker::unread();
    all.training_jobs.expect(known);
    let aws = aws.fresh();
    SageMakerCollector::new(&aws.config(REGION)).fill(&reader_of(&SOURCES), &mut all).await;
    assert!(all.training_jobs.is_whole() && aws.calls_of(&sagemaker::TRAINING_JOBS) > 3);
    assert_eq!((aws.calls_of(&sagemaker::SEARCH), aws.calls_of(&sagemaker::TRAINING_JOB)), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn of_two_jobs_of_one_name_the_record_of_the_one_that_is_there_counts() {
    let mut jobs = many(200);
    for job in &mut jobs {
        job.known = (true, true);
    }
    let again = Made { made: 120, changed: 100, known: (true, false), ..jobs[0].clone() };
    let name = again.name.clone();
    jobs.push(again);
    let aws = aws_with(&jobs, (40, 40));
    let found = filled(&aws, &reader_of(&SOURCES)).await;
    assert_eq!(found.training_jobs.get(&name).unwrap().unwrap().created, Some(now() - SignedDuration::from_hours(48)));
    assert_eq!(aws.calls_of(&sagemaker::TRAINING_JOB), 0);
}
