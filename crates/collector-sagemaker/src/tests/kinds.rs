//! Jobs beside training: what is kept of them, and the same story for each kind. All answers are invented.

use std::fmt::Debug;
use std::time::Duration;

use plumbline_names::Text;
use plumbline_snapshot::sagemaker::{Bookmarks, History, Resource};
use plumbline_snapshot::{Carried, Snapshot};
use tokio::time::Instant;

use super::*;

/// A kind of job, as its API names things.
#[derive(Debug, Clone, Copy)]
struct Kind {
    listing: &'static Source,
    one: &'static Source,
    /// What the names of its members begin with.
    prefix: &'static str,
    /// The list's member.
    list: &'static str,
    /// What a description must have beside.
    more: &'static str,
    /// Days after which none can still run.
    longest: i64,
    /// `Search` has it.
    searched: bool,
    history: fn(&Bookmarks) -> &History,
    /// What was seen.
    jobs: fn(&SageMaker) -> Seen,
}

/// What was seen of a job: its status, when it was made, its body, its tags.
type Told = (Option<Text>, Option<Timestamp>, Read<Option<String>>, Read<Tags>);

/// What was seen of the jobs of a kind.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    gap: Option<Why>,
    jobs: BTreeMap<String, Told>,
}

fn seen<T: Debug>(list: &Collected<Resource<T>>) -> Seen {
    let body = |job: &Resource<T>| match &job.body {
        Read::Seen(body) => Read::Seen(body.as_ref().map(|body| format!("{body:?}"))),
        Read::Gap(gap) => Read::Gap(gap.clone()),
    };
    let jobs = list.entries();
    Seen {
        gap: list.gap().map(|gap| gap.why),
        jobs: jobs
            .map(|(name, job)| (name.to_owned(), (job.status.clone(), job.created, body(job), job.tags.clone())))
            .collect(),
    }
}

const KINDS: [Kind; 4] = [
    Kind {
        listing: &sagemaker::PROCESSING_JOBS,
        one: &sagemaker::PROCESSING_JOB,
        prefix: "ProcessingJob",
        list: "ProcessingJobSummaries",
        more: r#", "ProcessingResources": {}"#,
        longest: 37,
        searched: false,
        history: |books| &books.processing_jobs.history,
        jobs: |all| seen(&all.processing_jobs),
    },
    Kind {
        listing: &sagemaker::TRANSFORM_JOBS,
        one: &sagemaker::TRANSFORM_JOB,
        prefix: "TransformJob",
        list: "TransformJobSummaries",
        more: r#", "ModelName": "m", "TransformResources": {}"#,
        longest: 241,
        searched: false,
        history: |books| &books.transform_jobs.history,
        jobs: |all| seen(&all.transform_jobs),
    },
    Kind {
        listing: &sagemaker::TUNING_JOBS,
        one: &sagemaker::TUNING_JOB,
        prefix: "HyperParameterTuningJob",
        list: "HyperParameterTuningJobSummaries",
        more: "",
        longest: 241,
        searched: true,
        history: |books| &books.tuning_jobs.history,
        jobs: |all| seen(&all.tuning_jobs),
    },
    Kind {
        listing: &sagemaker::AUTOML_JOBS,
        one: &sagemaker::AUTOML_JOB,
        prefix: "AutoMLJob",
        list: "AutoMLJobSummaries",
        more: r#", "RoleArn": "r", "OutputDataConfig": {}"#,
        longest: 241,
        searched: false,
        history: |books| &books.automl_jobs.history,
        jobs: |all| seen(&all.automl_jobs),
    },
];

/// A job by name, status and age in hours at [`now`].
type Made = (String, &'static str, i64);

fn made(names: &[&str], status: &'static str, age: i64) -> Vec<Made> {
    names.iter().map(|name| ((*name).to_owned(), status, age)).collect()
}

impl Kind {
    fn job(&self, (name, status, age): &Made) -> String {
        let (prefix, made) = (self.prefix, now().as_second() - age * 3600);
        format!(
            r#"{{"{prefix}Name": "{name}", "{prefix}Arn": "arn:{name}", "CreationTime": {made}, "LastModifiedTime": {made},
                "{prefix}Status": "{status}"{}}}"#,
            self.more
        )
    }

    fn page(&self, jobs: &[Made], next: Option<&str>) -> Answer {
        page(self.list, &jobs.iter().map(|job| self.job(job)).collect::<Vec<_>>(), next)
    }

    /// A Region with these jobs. A search has those that ended.
    fn aws(&self, mut jobs: Vec<Made>) -> Replay {
        let aws = Replay::new();
        jobs.sort_by_key(|(_, _, age)| *age);
        let older: Vec<Made> = jobs.iter().filter(|(.., age)| *age > 0).take(100).cloned().collect();
        let more = jobs.len() > older.len() + 1;
        aws.answer(self.listing, self.page(&older, more.then_some("more")).when("CreationTimeBefore"));
        let pages: Vec<&[Made]> = jobs.chunks(100).collect();
        for (number, page) in pages.iter().enumerate().skip(1) {
            let next = (number + 1 < pages.len()).then(|| format!("page-{}", number + 1));
            let token = format!("\"NextToken\":\"page-{number}\"");
            aws.answer(self.listing, self.page(page, next.as_deref()).when(&token));
        }
        let first = pages.first().copied().unwrap_or_default();
        aws.answer(self.listing, self.page(first, (pages.len() > 1).then_some("page-1")));
        for job in &jobs {
            aws.answer(self.one, Answer::json(self.job(job)).when(&format!("Name\":\"{}\"", job.0)));
        }
        aws.answer(self.one, Answer::error(400, "ResourceNotFound", "Requested resource not found."));
        let found = jobs.iter().filter(|(_, status, _)| *status != "InProgress").take(100);
        let records: Vec<String> = found.map(|job| format!(r#"{{"{}": {}}}"#, self.prefix, self.job(job))).collect();
        aws.answer(&sagemaker::SEARCH, page("Results", &records, None));
        aws.answer(&sagemaker::RESOURCE_TAGS, page("Tags", &[], None));
        aws
    }

    fn sources(&self) -> [&'static Source; 4] {
        [self.listing, self.one, &sagemaker::SEARCH, &sagemaker::RESOURCE_TAGS]
    }

    async fn filled(&self, aws: &Replay) -> Seen {
        (self.jobs)(&filled(aws, &reader_of(&self.sources())).await)
    }

    fn vanished<'a>(&self, all: &'a SageMaker) -> Vec<&'a str> {
        (self.history)(&all.bookmarks).vanished.keys().map(String::as_str).collect()
    }
}

impl Seen {
    fn names(&self) -> Vec<&str> {
        self.jobs.keys().map(String::as_str).collect()
    }

    fn body(&self, name: &str) -> &Read<Option<String>> {
        &self.jobs[name].2
    }
}

#[tokio::test(start_paused = true)]
async fn what_controls_need_is_kept_and_nothing_secret() {
    let found = filled(&aws(), &reader_of(sagemaker::SOURCES)).await;
    assert!(!format!("{found:?}").contains("hunter2"));

    assert_eq!(ids(&found.processing_jobs), ["process-done"], "the other is older than the lookback");
    let job = body(&found.processing_jobs, "process-done");
    assert_eq!(
        (job.volume_key.as_deref(), job.output_key.as_deref(), job.role_arn.as_deref()),
        (Some("key-1"), Some("key-2"), Some("arn:aws:iam::111122223333:role/training"))
    );
    assert!(job.network_isolation && job.inter_container_encryption && job.image.is_some());
    assert_eq!(job.vpc.as_ref().map(|vpc| vpc.subnets.join(" ")).as_deref(), Some("subnet-a subnet-b"));
    assert_eq!(job.instances, [InstanceGroup { instance_type: "ml.m5.xlarge".to_owned(), count: 2 }]);
    let inputs: Vec<_> = job.inputs.iter().map(|input| (input.name.as_str(), input.uri.as_deref())).collect();
    assert_eq!(inputs, [("raw", Some("s3://lab-data/raw")), ("asked", None)]);
    let query = job.inputs[1].query.as_ref().unwrap();
    assert_eq!((query.uri.as_deref(), query.kms_key.as_deref()), (Some("s3://lab-data/asked"), Some("key-3")));
    assert_eq!(
        (job.outputs[0].uri.as_deref(), job.outputs[1].feature_group.as_deref()),
        (Some("s3://lab-data/clean"), Some("fg-1"))
    );
    assert!(job.monitoring_schedule_arn.is_some() && job.automl_job_arn.is_some() && job.training_job_arn.is_some());
    assert!(tags(&found.processing_jobs, "process-done").is_seen());

    let job = body(&found.transform_jobs, "transform-done");
    assert_eq!((job.model.as_deref(), job.volume_key.as_deref()), (Some("model-1"), Some("key-1")));
    assert_eq!(job.input.as_deref(), Some("s3://lab-data/score"));
    let keys = [&job.output, &job.data_capture].map(|output| output.as_ref().unwrap().kms_key.as_deref());
    assert_eq!(keys, [Some("key-2"), Some("key-3")]);
    assert_eq!((job.instances[0].count, job.automl_job_arn.is_some()), (3, true));

    assert_eq!(ids(&found.tuning_jobs), ["tune-done", "tune-new"], "neither the aged out nor the deleted one");
    let keys = |name| -> Vec<_> {
        let definitions = body(&found.tuning_jobs, name).definitions.iter();
        definitions.map(|it| (it.name.as_deref().unwrap(), it.volume_key.as_deref().unwrap())).collect()
    };
    assert_eq!(keys("tune-done"), [("one", "key-1"), ("two", "key-9")]);
    assert_eq!(keys("tune-new"), [("only", "key-1")], "described, since search lacks it");
    let definition = &body(&found.tuning_jobs, "tune-done").definitions[1];
    assert!(definition.network_isolation && definition.inter_container_encryption && definition.vpc.is_some());
    assert_eq!(definition.inputs[0].uri.as_deref(), Some("s3://lab-data/train"));
    assert_eq!(definition.checkpoint_uri.as_deref(), Some("s3://lab-models/checkpoints"));

    let job = body(&found.automl_jobs, "automl-done");
    assert_eq!((job.volume_key.as_deref(), job.output_key.as_deref()), (Some("key-1"), Some("key-2")));
    assert!(job.vpc.is_some() && job.inter_container_encryption && job.emr_role_arn.is_some());
    assert_eq!(job.feature_list_uri.as_deref(), Some("s3://lab-data/features.json"));
    assert_eq!((job.inputs[0].name.as_str(), job.inputs[0].uri.is_some()), ("training", true));
}

#[tokio::test(start_paused = true)]
async fn they_are_listed_newest_first_until_none_can_still_run() {
    for kind in KINDS {
        let aws = Replay::new();
        let days = 24;
        let first = [made(&["a"], "Completed", days), made(&["b"], "Completed", 8 * days)].concat();
        aws.answer(kind.listing, kind.page(&[], Some("three")).when("\"two\""));
        let oldest =
            [made(&["c"], "InProgress", (kind.longest + 6) * days), made(&["d"], "Stopped", (kind.longest + 8) * days)];
        aws.answer(kind.listing, kind.page(&oldest.concat(), Some("four")).when("\"three\""));
        aws.answer(kind.listing, kind.page(&first, Some("two")));
        let all = filled(&aws, &reader_of(&[kind.listing])).await;
        let found = (kind.jobs)(&all);
        assert_eq!((found.gap, found.names()), (None, vec!["a", "c"]), "{kind:?}");
        assert_eq!(aws.calls_of(kind.listing), 3, "the fourth page is older than any job can be: {kind:?}");
        let history = (kind.history)(&all.bookmarks);
        assert_eq!((history.watermark, history.past.len()), (Some(now()), 2));
        let asked = &aws.requests()[0].text;
        for part in [r#""SortBy":"CreationTime""#, r#""SortOrder":"Descending""#, r#""MaxResults":100"#] {
            assert!(asked.contains(part), "{asked}");
        }
        assert!(!asked.contains("After") && !asked.contains("StatusEquals"), "filters lie: {asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn none_is_absence_and_a_listing_that_fails_is_not() {
    for kind in KINDS {
        let empty = kind.filled(&kind.aws(Vec::new())).await;
        assert_eq!((empty.gap, empty.names().len()), (None, 0), "{kind:?}");

        let jobs: Vec<Made> = (0..150).map(|number| (format!("job-{number:03}"), "Completed", 30)).collect();
        let aws = kind.aws(jobs);
        aws.fault(kind.listing, Fault::Denied);
        let denied = kind.filled(&aws).await;
        assert_eq!((denied.gap, denied.names().len(), aws.calls_of(kind.one)), (Some(Why::Denied), 0, 0), "{kind:?}");

        aws.heal();
        aws.fault_calls(kind.listing, 1.., Fault::Denied);
        let cut = kind.filled(&aws.fresh()).await;
        assert_eq!((cut.gap, cut.names().len()), (None, 150), "without the fault");
        let aws = aws.fresh();
        aws.fault_calls(kind.listing, 1.., Fault::Denied);
        let cut = kind.filled(&aws).await;
        assert_eq!((cut.gap, cut.names().len()), (Some(Why::Truncated), 100), "{kind:?}");
        assert!(cut.jobs.values().all(|(_, _, body, tags)| body.is_seen() && tags.is_seen()), "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_vanished_is_absent_and_one_that_is_refused_is_not() {
    for kind in KINDS {
        // A running one is not found by search, so that each kind is described.
        let aws = kind.aws(made(&["a", "b"], "InProgress", 30));
        aws.fault_calls(kind.one, ..1, Fault::Error(400, "ResourceNotFound".to_owned(), String::new()));
        aws.fault_calls(kind.one, 1.., Fault::Denied);
        let found = kind.filled(&aws).await;
        assert_eq!((found.gap, found.names()), (None, vec!["a", "b"]), "{kind:?}");
        assert_eq!(found.body("a"), &Read::Seen(None), "{kind:?}");
        assert_eq!(found.jobs["a"].3, Read::Seen(Tags::new()));
        let gap = found.body("b").sight().unwrap_err();
        assert_eq!((gap.why, gap.target.as_deref()), (Why::Denied, Some("b")), "{kind:?}");
        assert!(found.jobs["b"].3.is_seen());
    }
}

#[tokio::test(start_paused = true)]
async fn tags_are_read_only_where_the_plan_wants_them() {
    for kind in KINDS.into_iter().filter(|kind| !kind.searched) {
        let aws = kind.aws(made(&["a"], "Completed", 30));
        let found = (kind.jobs)(&filled(&aws, &reader_of(&[kind.listing, kind.one])).await);
        assert!(found.body("a").is_seen() && found.jobs["a"].3.is_open(), "{kind:?}");
        assert_eq!(aws.calls_of(&sagemaker::RESOURCE_TAGS), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reading_in_legs_is_as_one_at_once() {
    for kind in KINDS {
        let jobs: Vec<Made> = (0..104)
            .map(|number| (format!("job-{number:03}"), "Completed", 30))
            .chain(made(&["x"], "InProgress", 40))
            .collect();
        let aws = kind.aws(jobs);
        let at_once = kind.filled(&aws).await;
        assert_eq!((at_once.gap, at_once.names().len()), (None, 105));
        let calls = aws.requests().len();
        let aws = aws.fresh();
        aws.take_time(Duration::from_secs(1));
        let mut snapshot = fresh();
        let (mut legs, mut early) = (0_u64, false);
        loop {
            legs += 1;
            let plan = Arc::new(reader_of(&kind.sources()).plan().clone());
            let end = Instant::now() + Duration::from_millis(1_500 * legs);
            let reader = Reader::new(plan, Share::OFF, Some(end)).in_region(&REGION.parse().unwrap());
            let all = &mut snapshot.regions.values_mut().next().unwrap().sagemaker;
            SageMakerCollector::new(&aws.config(REGION)).fill(&reader, all).await;
            early |= (kind.jobs)(all).gap.is_some() && aws.calls_of(kind.one) > 0;
            if !reader.ran_out_of_time() {
                break;
            }
            // As it is put by and taken up again.
            snapshot = Snapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap();
        }
        let all = &snapshot.regions.values().next().unwrap().sagemaker;
        assert_eq!((kind.jobs)(all), at_once, "{kind:?}");
        assert!(legs > 1 && !early, "nothing is described before all is listed: {kind:?}, {legs} legs");
        assert!(
            aws.requests().len() as u64 <= calls as u64 + 20 * legs,
            "only what a leg's end cut off is asked again: {kind:?}"
        );
    }
}

/// A Region audited again and again.
struct Account {
    kind: Kind,
    jobs: Vec<Made>,
    snapshot: Snapshot,
    carried: Option<Vec<u8>>,
}

fn fresh() -> Snapshot {
    let partition = plumbline_names::Partition::named("aws");
    Snapshot::unread("111122223333".parse().unwrap(), partition, now(), [REGION.parse().unwrap()])
}

impl Account {
    fn of(kind: Kind, jobs: Vec<Made>) -> Self {
        Self { kind, jobs, snapshot: fresh(), carried: None }
    }

    /// One reading, `after` hours after [`now`]; what it asked for.
    async fn audit(&mut self, after: i64) -> Replay {
        let hours = SignedDuration::from_hours;
        let until = now() + hours(after);
        let mut plan = reader_of(&self.kind.sources()).plan().clone();
        (plan.until, plan.jobs_since, plan.tags_since) = (until, until - hours(7 * 24), until - hours(24));
        let region: Region = REGION.parse().unwrap();
        let reader = Reader::new(Arc::new(plan.clone()), Share::OFF, None).in_region(&region);
        let mut carried = self.carried.as_deref().map(|bytes| Carried::from_bytes(bytes).unwrap());
        self.snapshot = fresh();
        if let Some(carried) = &mut carried {
            carried.give(&mut self.snapshot, &plan);
        }
        let aws = self.kind.aws(self.jobs.clone());
        let sagemaker = &mut self.snapshot.regions.get_mut(&region).unwrap().sagemaker;
        SageMakerCollector::new(&aws.config(REGION)).fill(&reader, sagemaker).await;
        self.carried = Some(Carried::of(&self.snapshot, &plan, carried).to_bytes().unwrap());
        aws
    }

    fn all(&self) -> &SageMaker {
        &self.snapshot.regions.values().next().unwrap().sagemaker
    }

    fn seen(&self) -> Seen {
        (self.kind.jobs)(self.all())
    }
}

#[tokio::test(start_paused = true)]
async fn a_steady_reading_asks_no_more_after_many_ended_jobs_than_after_few() {
    for kind in KINDS {
        let mut steady = Vec::new();
        for ended in [5, 150] {
            let old = (0..ended).map(|number| (format!("old-{number:03}"), "Completed", 30));
            let mut account = Account::of(kind, old.chain(made(&["live"], "InProgress", 20)).collect());
            account.audit(0).await;
            account.jobs.extend(made(&["new"], "InProgress", 0));
            let second = account.audit(1).await;
            let seen = account.seen();
            assert_eq!((seen.gap, seen.names().len()), (None, ended + 2), "{kind:?}");
            assert!(seen.jobs.values().all(|(_, _, body, tags)| body.is_seen() && tags.is_seen()), "{kind:?}");
            steady.push(kind.sources().map(|source| second.calls_of(source)));
        }
        assert_eq!(steady[0], steady[1], "{kind:?}");
        // A listing and a look further back; the new one and the one that was running, with their tags.
        let search = u64::from(kind.searched);
        assert_eq!(steady[0], [2, 2, search, 2], "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_ran_is_read_again_and_what_ended_long_ago_is_only_a_name() {
    for kind in KINDS {
        let mut account =
            Account::of(kind, [made(&["a", "b"], "InProgress", 20), made(&["c"], "Failed", 6 * 24)].concat());
        account.audit(0).await;
        account.jobs[0].1 = "Completed";
        account.audit(1).await;
        let mut anew = Account::of(kind, account.jobs.clone());
        anew.audit(1).await;
        assert_eq!(account.seen(), anew.seen(), "{kind:?}");
        assert_eq!(account.seen().jobs["a"].0.as_deref(), Some("Completed"));
        account.audit(2 * 24).await;
        assert_eq!(account.seen().names(), ["a", "b"], "{kind:?}");
        assert!((kind.history)(&account.all().bookmarks).past.get("c").is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_vanished_is_noticed_and_a_name_that_is_used_again_is_another_job() {
    for kind in KINDS {
        let jobs = [made(&["a", "b", "c"], "Completed", 100), made(&["late"], "Completed", 0)].concat();
        let mut account = Account::of(kind, jobs);
        account.audit(0).await;
        account.jobs.retain(|(name, ..)| name != "late");
        account.audit(0).await;
        assert_eq!(kind.vanished(account.all()), ["late"], "it was listed a moment ago: {kind:?}");
        account.jobs.retain(|(name, ..)| name != "b");
        account.audit(1).await;
        assert_eq!(kind.vanished(account.all()), ["b"], "seen by the look further back: {kind:?}");
        account.jobs[0] = ("a".to_owned(), "InProgress", -1);
        account.audit(2).await;
        let seen = account.seen();
        assert_eq!(seen.jobs["a"].0.as_deref(), Some("InProgress"), "{kind:?}");
        assert_eq!(seen.jobs["a"].1, Some(now() + SignedDuration::from_hours(1)));
        assert_eq!(seen.names(), ["a", "c"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_reading_that_does_not_want_them_keeps_what_is_known() {
    for kind in KINDS {
        let mut account = Account::of(kind, made(&["a"], "Completed", 30));
        account.audit(0).await;
        let (mut snapshot, plan) = (fresh(), reader_of(&[]).plan().clone());
        let mut carried = Carried::from_bytes(account.carried.as_deref().unwrap()).unwrap();
        carried.give(&mut snapshot, &plan);
        assert_eq!((kind.jobs)(&snapshot.regions.values().next().unwrap().sagemaker).names(), [""; 0]);
        account.carried = Some(Carried::of(&snapshot, &plan, Some(carried)).to_bytes().unwrap());
        let aws = account.audit(1).await;
        assert_eq!((account.seen().names(), aws.calls_of(kind.one)), (vec!["a"], 0), "{kind:?}");
    }
}
