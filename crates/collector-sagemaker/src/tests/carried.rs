//! From one run to the next: what is asked again, what is not, and what has vanished. All answers are invented.

use plumbline_snapshot::{Carried, Snapshot};

use super::*;

/// A Region whose jobs are what a test says.
struct Account {
    jobs: Vec<(String, &'static str, i64)>,
    snapshot: Snapshot,
    carried: Option<Vec<u8>>,
}

fn hours(number: i64) -> SignedDuration {
    SignedDuration::from_hours(number)
}

impl Account {
    /// Jobs by name, status and age in hours at [`now`]; an ended one ended when it was made.
    fn of(jobs: impl IntoIterator<Item = (String, &'static str, i64)>) -> Self {
        Self { jobs: jobs.into_iter().collect(), snapshot: fresh(), carried: None }
    }

    fn aws(&self) -> Replay {
        let aws = aws();
        for source in [&sagemaker::TRAINING_JOBS, &sagemaker::SEARCH, &sagemaker::TRAINING_JOB, &sagemaker::MODELS] {
            aws.forget(source);
        }
        aws.answer(&sagemaker::MODELS, page("Models", &[], None));
        aws.forget(&sagemaker::TUNING_JOBS);
        aws.answer(&sagemaker::TUNING_JOBS, page("HyperParameterTuningJobSummaries", &[], None));
        let features = &sagemaker::features::FEATURE_GROUPS;
        aws.forget(features);
        aws.answer(features, page("FeatureGroupSummaries", &[], None));
        let mut newest = self.jobs.clone();
        newest.sort_by_key(|(_, _, age)| *age);
        let made = |age: i64| now().as_second() - age * 3600;
        let summaries: Vec<String> = newest.iter().map(|(name, status, age)| job(name, status, made(*age))).collect();
        let pages: Vec<&[String]> = summaries.chunks(100).collect();
        for (number, page) in pages.iter().enumerate().rev() {
            let next = (number + 1 < pages.len()).then(|| format!("page-{}", number + 1));
            let answer = super::page("TrainingJobSummaries", page, next.as_deref());
            let token = format!("\"NextToken\":\"page-{number}\"");
            aws.answer(&sagemaker::TRAINING_JOBS, if number == 0 { answer } else { answer.when(&token) });
        }
        // The look further back, which begins before the newest.
        let older: Vec<String> = newest
            .iter()
            .filter(|(.., age)| *age > 0)
            .map(|(name, status, age)| job(name, status, made(*age)))
            .collect();
        let next = (older.len() > 100).then_some("more");
        let answer = super::page("TrainingJobSummaries", older.get(..100).unwrap_or(&older), next);
        aws.answer(&sagemaker::TRAINING_JOBS, answer.when("CreationTimeBefore"));
        // The search is behind: it lacks what has been running for less than a day.
        let found = newest.iter().filter(|(_, status, age)| *status != "InProgress" || !(1..24).contains(age));
        let records: Vec<String> = found
            .take(100)
            .map(|(name, status, age)| format!(r#"{{"TrainingJob": {}}}"#, job(name, status, made(*age))))
            .collect();
        aws.answer(&sagemaker::SEARCH, page("Results", &records, None));
        aws.answer(&sagemaker::TRAINING_JOB, Answer::error(400, "ValidationException", "Could not find it"));
        for (name, status, age) in &newest {
            let named = format!("\"TrainingJobName\":\"{name}\"");
            aws.answer(&sagemaker::TRAINING_JOB, Answer::json(job(name, status, made(*age))).when(&named));
        }
        aws
    }

    /// One audit, `after` hours after [`now`]; what it asked for.
    async fn audit(&mut self, after: i64) -> Replay {
        self.audit_with(after, self.aws()).await
    }

    async fn audit_with(&mut self, after: i64, aws: Replay) -> Replay {
        let until = now() + hours(after);
        let mut plan = reader_of(sagemaker::SOURCES).plan().clone();
        (plan.until, plan.jobs_since, plan.tags_since) = (until, until - hours(7 * 24), until - hours(24));
        let region: Region = REGION.parse().unwrap();
        let reader = Reader::new(Arc::new(plan.clone()), Share::OFF, None).in_region(&region);
        let mut carried = self.carried.as_deref().map(|bytes| Carried::from_bytes(bytes).unwrap());
        let mut snapshot = fresh();
        if let Some(carried) = &mut carried {
            carried.give(&mut snapshot, &plan);
        }
        let regional = snapshot.regions.get_mut(&region).unwrap();
        SageMakerCollector::new(&aws.config(REGION)).fill(&reader, &mut regional.sagemaker).await;
        self.carried = Some(Carried::of(&snapshot, &plan, carried).to_bytes().unwrap());
        self.snapshot = snapshot;
        aws
    }

    fn sagemaker(&self) -> &SageMaker {
        &self.snapshot.regions.values().next().unwrap().sagemaker
    }

    fn jobs(&self) -> Vec<&str> {
        ids(&self.sagemaker().training_jobs)
    }
}

fn fresh() -> Snapshot {
    let partition = plumbline_names::Partition::named("aws");
    Snapshot::unread("111122223333".parse().unwrap(), partition, now(), [REGION.parse().unwrap()])
}

fn job(name: &str, status: &str, made: i64) -> String {
    format!(
        r#"{{"TrainingJobName": "{name}", "TrainingJobArn": "arn:aws:sagemaker:::training-job/{name}", "Tags": [],
            "CreationTime": {made}, "LastModifiedTime": {made}, "TrainingJobStatus": "{status}"}}"#
    )
}

fn many(number: usize, age: i64) -> Vec<(String, &'static str, i64)> {
    (0..number).map(|number| (format!("old-{number:04}"), "Completed", age)).collect()
}

/// The calls of the kinds that training jobs need.
fn calls(aws: &Replay) -> [u64; 3] {
    [&sagemaker::TRAINING_JOBS, &sagemaker::SEARCH, &sagemaker::TRAINING_JOB].map(|source| aws.calls_of(source))
}

fn names(names: &[&str], status: &'static str, age: i64) -> Vec<(String, &'static str, i64)> {
    names.iter().map(|name| ((*name).to_owned(), status, age)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_steady_audit_asks_no_more_after_many_ended_jobs_than_after_few() {
    let mut steady = Vec::new();
    for ended in [5, 450] {
        let mut account = Account::of([many(ended, 30), names(&["live"], "InProgress", 20)].concat());
        let first = account.audit(0).await;
        assert_eq!(first.calls_of(&sagemaker::TRAINING_JOBS), (ended as u64 + 1).div_ceil(100));
        assert_eq!(account.jobs().len(), ended + 1);
        account.jobs.extend(names(&["new"], "InProgress", 0));
        let second = account.audit(1).await;
        assert!(account.jobs().contains(&"new") && account.jobs().contains(&"live"));
        assert_eq!(account.jobs().len(), ended + 2);
        assert!(account.sagemaker().training_jobs.is_whole());
        steady.push(calls(&second));
    }
    assert_eq!(steady[0], steady[1]);
    // One listing and one look further back; one search for what is new, and one for endpoints; a description of what was
    // running and has not changed.
    assert_eq!(steady[0], [2, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_is_carried_over_is_as_if_it_were_read_again() {
    let jobs = || [names(&["a", "b"], "Completed", 30), names(&["running", "ends"], "InProgress", 20)].concat();
    let mut account = Account::of(jobs());
    account.audit(0).await;
    let ended = |account: &mut Account| {
        account.jobs.iter_mut().filter(|job| job.0 == "ends").for_each(|job| job.1 = "Failed");
        account.jobs.extend(names(&["new"], "Completed", -1));
    };
    ended(&mut account);
    account.audit(2).await;
    let mut anew = Account::of(jobs());
    ended(&mut anew);
    anew.audit(2).await;
    let (kept, read) = (&account.sagemaker().training_jobs, &anew.sagemaker().training_jobs);
    assert_eq!(ids(kept), ids(read));
    for (name, job) in kept.entries() {
        let other = read.get(name).unwrap().unwrap();
        assert_eq!(
            (&job.status, &job.modified, &job.created, &job.tags),
            (&other.status, &other.modified, &other.created, &other.tags),
            "{name}"
        );
        let body = |job: &sagemaker::Resource<sagemaker::TrainingJob>| {
            let mut body = job.body.sight().unwrap().clone().unwrap();
            // Only a description says so; whoever needs it asks.
            body.remote_debug = None;
            body
        };
        assert_eq!(body(job), body(other), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_vanished_is_noticed_wherever_it_was() {
    let mut account = Account::of([many(3, 100), names(&["recent"], "Completed", 0)].concat());
    account.audit(0).await;
    account.jobs.retain(|(name, ..)| name != "recent");
    account.audit(0).await;
    let vanished = |account: &Account| {
        account.sagemaker().bookmarks.training_jobs.history.vanished.keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(vanished(&account), ["recent"], "it was listed a moment ago");
    account.jobs.retain(|(name, ..)| name != "old-0001");
    account.audit(1).await;
    assert_eq!(vanished(&account), ["old-0001"], "seen by the look further back, and told once");
    assert_eq!(account.jobs(), ["old-0000", "old-0002"]);
    account.audit(2).await;
    assert_eq!(vanished(&account), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_used_again_is_another_job() {
    let mut account = Account::of(names(&["again"], "Completed", 100));
    account.audit(0).await;
    account.jobs = names(&["again"], "InProgress", -1);
    let aws = account.audit(2).await;
    let job = account.sagemaker().training_jobs.get("again").unwrap().unwrap();
    assert_eq!((job.status.as_deref(), job.created), (Some("InProgress"), Some(now() + hours(1))));
    assert_eq!(aws.calls_of(&sagemaker::SEARCH), 2, "its body is not that of the first");
}

#[tokio::test(start_paused = true)]
async fn past_the_lookback_only_the_name_is_kept() {
    let mut account = Account::of([many(2, 6 * 24), names(&["older"], "Completed", 9 * 24)].concat());
    account.audit(0).await;
    let past = |account: &Account| {
        account
            .sagemaker()
            .bookmarks
            .training_jobs
            .history
            .past
            .iter()
            .map(|(name, _)| name.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!((account.jobs(), past(&account)), (vec!["old-0000", "old-0001"], vec!["older".to_owned()]));
    account.audit(2 * 24).await;
    assert_eq!((account.jobs().len(), past(&account).len()), (0, 3));
    assert!(!String::from_utf8_lossy(&account.carried.clone().unwrap()).contains("role_arn"));
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_fails_loses_nothing_for_the_next_run() {
    let mut account = Account::of(many(3, 30));
    account.audit(0).await;
    let aws = account.aws();
    aws.fault(&sagemaker::TRAINING_JOBS, Fault::Denied);
    let aws = account.audit_with(1, aws).await;
    assert_eq!((account.jobs().len(), aws.calls_of(&sagemaker::SEARCH)), (0, 1), "only the endpoints are searched for");
    assert!(!account.sagemaker().training_jobs.is_whole());
    let aws = account.audit(2).await;
    assert_eq!((account.jobs().len(), calls(&aws)[0]), (3, 2));
}
