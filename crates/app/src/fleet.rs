//! Fills a snapshot field by field, collectors side by side, so that a forgotten one does not compile.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use jiff::SignedDuration;
use plumbline_audit::{Collect, Filled};
use plumbline_collector::{Collector as _, Patience, Progress, Reader, Share, apart, each};
use plumbline_collector_cloudtrail::CloudTrailCollector;
use plumbline_collector_codecommit::CodeCommitCollector;
use plumbline_collector_ec2::{Ec2Collector, RegionsCollector};
use plumbline_collector_iam::IamCollector;
use plumbline_collector_kms::KmsCollector;
use plumbline_collector_logs::LogsCollector;
use plumbline_collector_s3::{Addresses, S3Collector};
use plumbline_collector_sagemaker::SageMakerCollector;
use plumbline_collector_servicecatalog::ServiceCatalogCollector;
use plumbline_names::{AccountId, Region};
use plumbline_snapshot::ec2::NOT_OPTED_IN;
use plumbline_snapshot::s3::S3;
use plumbline_snapshot::{Collected, Cost, Plan, Regional, Snapshot};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, timeout};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info, info_span};

use crate::access::Access;
use crate::clock::now;

/// With less time left than this no further slice is begun: a pause before another attempt may take as long.
const SHORTEST_SLICE: Duration = Duration::from_secs(20);

/// Regions read at once.
const REGIONS_SIDE_BY_SIDE: usize = 8;

/// So long the reading of a Region waits to hear whether the account may use it; then it is read all the same, as if nobody
/// had asked: one slow answer holds up nothing.
const HEARING: Duration = Duration::from_secs(5);

/// What is said of each read in a Region that the account may not use.
const CLOSED: &str = "the Region is not enabled in this account (DescribeRegions: not-opted-in), so nothing was asked there; \
                      enable it, or take it out of the baseline";

/// How fast, how long, and who watches.
#[derive(Clone)]
pub struct Pace {
    /// The share of each rate limit that may be used.
    pub share: Share,
    /// When reading must end; none for as long as it takes.
    pub deadline: Option<Instant>,
    /// How long one call is tried.
    pub patience: Patience,
    /// Who hears of the progress.
    pub progress: Arc<dyn Progress>,
}

/// All collectors with the access that they read through.
pub struct Fleet {
    access: Access,
    pace: Pace,
    /// What is at work on which plan: buckets and counts outlive a slice.
    desk: std::sync::Mutex<Option<(Plan, Desk)>>,
}

/// The reading of one plan by this process.
#[derive(Clone)]
struct Desk {
    reader: Reader,
    /// What the legs before have cost.
    before: Cost,
}

impl Fleet {
    /// The fleet of an account.
    #[must_use]
    pub fn new(access: Access, pace: Pace) -> Self {
        Self { access, pace, desk: std::sync::Mutex::new(None) }
    }

    fn desk(&self, plan: &Plan, snapshot: &Snapshot) -> Desk {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        match &*desk {
            Some((of, desk)) if of == plan => desk.clone(),
            _ => {
                let Pace { share, deadline, patience, progress } = self.pace.clone();
                let reader = Reader::patient(Arc::new(plan.clone()), share, deadline, patience, progress);
                reader.remember(&snapshot.reads);
                let identity = self.access.record();
                if snapshot
                    .reads
                    .iter()
                    .all(|read| (&read.service, &read.operation) != (&identity.service, &identity.operation))
                {
                    reader.remember(&[identity]);
                }
                let fresh = Desk { reader, before: snapshot.cost.clone() };
                *desk = Some((plan.clone(), fresh.clone()));
                fresh
            }
        }
    }
}

impl Collect for Fleet {
    async fn fill(&self, plan: &Plan, snapshot: &mut Snapshot, slice: Option<SignedDuration>) -> Filled {
        let started = Instant::now();
        let Desk { reader, before } = self.desk(plan, snapshot);
        let slice = slice.and_then(|slice| Duration::try_from(slice).ok());
        reader.go_on(slice.map(|slice| started + slice));
        let account = snapshot.account.clone();
        let Snapshot { iam, s3, regions, region_status, .. } = snapshot;
        let global = self.access.config();
        let addresses = Addresses::of(self.access.endpoint());
        let iam_reader = reader.globally();
        let iam_collector = IamCollector::new(global);
        let buckets = Buckets {
            collector: S3Collector::new(global, account.clone(), addresses),
            reader: reader.globally(),
            s3: Mutex::new(s3),
        };
        // WHY: before the Regions ask for them, since what they ask rests on the buckets that the plan names.
        let mut planned_buckets = buckets.s3.lock().await;
        // STS has answered in the Region of the access: that one is enabled, and needs no hearing.
        let home = &self.access.region;
        let elsewhere = regions.keys().any(|region| region != home);
        let (heard, hearing) = watch::channel(false);
        let hears = |wait: bool| {
            let mut hearing = hearing.clone();
            async move {
                if wait {
                    let _ = timeout(HEARING, hearing.wait_for(|heard| *heard)).await;
                }
            }
        };
        tokio::join!(
            async {
                close_regions(global, &reader, plan, region_status).await;
                heard.send_replace(true);
            },
            told(&iam_reader, "iam", iam_collector.fill(&iam_reader, iam)),
            async {
                hears(elsewhere).await;
                told(&buckets.reader, "s3", buckets.collector.fill(&buckets.reader, &mut planned_buckets)).await;
                drop(planned_buckets);
            },
            each(regions.iter_mut(), REGIONS_SIDE_BY_SIDE, |(region, regional)| {
                let (hears, config) = (hears(region != home), self.access.in_region(region));
                let visit = Visit {
                    region,
                    account: &account,
                    reader: reader.in_region(region),
                    follows_logs: plan.regions.get(region).is_some_and(|details| details.log_destinations),
                    buckets: &buckets,
                };
                apart(async move {
                    hears.await;
                    visit.fill(&config, regional).await;
                })
            }),
        );
        snapshot.account = self.access.account.clone();
        snapshot.partition = self.access.partition.clone();
        snapshot.window.finished_at = now();
        snapshot.reads = reader.records();
        snapshot.cost.seconds += millis(started.elapsed());
        snapshot.cost.bound_seconds = before.bound_seconds + millis(reader.bound());
        snapshot.cost.peak_memory_mb = before.peak_memory_mb.max(peak_memory_mb());
        if !reader.ran_out_of_time() {
            return Filled::Done;
        }
        let nearly = self.pace.deadline.is_some_and(|deadline| deadline < Instant::now() + SHORTEST_SLICE);
        if nearly { Filled::OutOfTime } else { Filled::Paused }
    }
}

/// Asks which Regions the account may use, and closes the planned ones that it may not. While that is not known, none is
/// closed.
async fn close_regions(config: &SdkConfig, reader: &Reader, plan: &Plan, statuses: &mut Collected<String>) {
    RegionsCollector::new(config).fill(reader, statuses).await;
    for region in plan.regions.keys() {
        if matches!(statuses.get(region.as_str()), Ok(Some(status)) if status == NOT_OPTED_IN) {
            reader.close_region(region, CLOSED);
        }
    }
}

/// Reads one service in a span of its own, which says at its end what that took. What asked for nothing says nothing.
fn told<F: Future<Output = ()>>(reader: &Reader, service: &'static str, reading: F) -> impl Future<Output = ()> {
    let region = reader.region().map_or("global", Region::as_str);
    let span = info_span!("service", service, region, calls = Empty, items = Empty, seconds = Empty);
    // WHY: the futures of the services are large, and stand side by side in the future of a Region.
    let reading = Box::pin(reading);
    async move {
        // S3 has its settings of the account from a service of its own.
        let services = if service == "s3" { &["s3", "s3control"][..] } else { &[service] };
        let (started, before) = (Instant::now(), reader.tally(services));
        reading.await;
        let after = reader.tally(services);
        let (calls, items) = (after.0 - before.0, after.1 - before.1);
        if calls > 0 {
            let span = Span::current();
            span.record("calls", calls).record("items", items).record("seconds", millis(started.elapsed()));
            info!("read");
        }
    }
    .instrument(span)
}

/// The buckets, whose logs and keys lie in the Regions.
struct Buckets<'a> {
    collector: S3Collector,
    reader: Reader,
    /// Held until those that the plan names are read; then by one Region after the other.
    s3: Mutex<&'a mut S3>,
}

/// The reading of one Region, which waits for no other.
struct Visit<'a> {
    region: &'a Region,
    account: &'a AccountId,
    reader: Reader,
    /// Whether the plan wants to know where logs go.
    follows_logs: bool,
    buckets: &'a Buckets<'a>,
}

impl Visit<'_> {
    /// Fills a Region: services side by side, and each time one of them is read, the keys that it refers to. None waits for
    /// one that names nothing it needs.
    async fn fill(&self, config: &SdkConfig, regional: &mut Regional) {
        let Self { region, account, reader, follows_logs, buckets } = self;
        let Regional { ec2, sagemaker, cloudtrail, kms, logs, servicecatalog, codecommit } = regional;
        let (of_ec2, of_sagemaker, of_cloudtrail, of_logs, of_servicecatalog, of_codecommit) = (
            Ec2Collector::new(config),
            SageMakerCollector::new(config),
            CloudTrailCollector::new(config),
            LogsCollector::new(config),
            ServiceCatalogCollector::new(config),
            CodeCommitCollector::new(config),
        );
        let kms = Mutex::new(kms);
        let keys = async |references: BTreeSet<String>| {
            let mut kms = kms.lock().await;
            let of_kms = KmsCollector::new(config, account, &references);
            told(reader, "kms", of_kms.fill(reader, &mut kms)).await;
        };
        tokio::join!(
            told(reader, "servicecatalog", of_servicecatalog.fill(reader, servicecatalog)),
            async {
                told(reader, "sagemaker", of_sagemaker.fill(reader, sagemaker)).await;
                keys(sagemaker.key_references()).await;
            },
            async {
                told(reader, "codecommit", of_codecommit.fill(reader, codecommit)).await;
                keys(codecommit.key_references()).await;
            },
            async {
                let references = buckets.s3.lock().await.key_references(region);
                keys(references).await;
            },
            async {
                tokio::join!(
                    told(reader, "ec2", of_ec2.fill(reader, ec2)),
                    told(reader, "cloudtrail", of_cloudtrail.fill(reader, cloudtrail)),
                    told(reader, "logs", of_logs.fill(reader, logs)),
                );
                tokio::join!(keys(&ec2.key_references() | &cloudtrail.key_references()), async {
                    if *follows_logs {
                        let groups =
                            &ec2.log_group_names(region, account) | &cloudtrail.log_group_names(region, account);
                        let names = &ec2.log_bucket_names() | &cloudtrail.log_bucket_names(account);
                        tokio::join!(
                            told(reader, "logs", of_logs.destinations(reader, logs, &groups)),
                            buckets.read_log_buckets(&names),
                        );
                    }
                });
            },
        );
    }
}

impl Buckets<'_> {
    /// Reads the buckets that logs of a Region are delivered to.
    async fn read_log_buckets(&self, names: &BTreeSet<String>) {
        let mut s3 = self.s3.lock().await;
        told(&self.reader, "s3", self.collector.log_buckets(&self.reader, &mut s3, names)).await;
    }
}

/// Seconds, to the millisecond: more digits would be noise in a report.
fn millis(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1000.0).round() / 1000.0
}

/// The process's peak resident memory in MiB, where the system says so; else 0.
#[expect(clippy::disallowed_methods, reason = "the process asks about itself: /proc is no file of anybody's")]
fn peak_memory_mb() -> u64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return 0 };
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<u64>().ok());
    kib.map_or(0, |kib| kib.div_ceil(1024))
}
