//! Fills the ports of `audit`: which collector, which store, which publisher, which words.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use plumbline_audit::{
    AuditError, AuditRequest, Catalogue, Collect, Deliver, DeliverError, Event, Filled, If, Key, Outcome, Ports, Put,
    Reading, Receipt, RunName, Store, StoreError, Version, Words, run, run_id,
};
use plumbline_evaluator::baseline::{BaselineError, LoadContext, load_bytes};
use plumbline_evaluator::{Baseline, Scope, ScopeError, controls};
use plumbline_findings::{
    AlertMessage, BaselineInfo, Change, DigestMessage, Metric, Report, State, Trigger, digest_of,
};
use plumbline_publish::Publisher;
use plumbline_snapshot::{Plan, Snapshot};
use plumbline_store::{FolderStore, S3Store};
use tokio::time::Instant;

use crate::access::Access;
use crate::clock::{SystemClock, now};
use crate::fleet::{Fleet, Pace};
use crate::settings::{Settings, SettingsError};

/// Where the state is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateUri {
    /// A folder.
    Folder(PathBuf),
    /// A bucket and a prefix.
    S3 {
        /// The bucket.
        bucket: String,
        /// What every key begins with, without a slash at its end; empty for the bucket's root.
        prefix: String,
    },
}

/// A baseline with its text.
#[derive(Debug, Clone)]
pub struct LoadedBaseline {
    /// The baseline.
    pub baseline: Baseline,
    /// Its text.
    pub text: String,
}

/// An audit to make.
#[derive(Debug, Clone)]
pub struct Job {
    /// The baseline.
    pub baseline: LoadedBaseline,
    /// The scope.
    pub scope: Scope,
    /// The scope as it was asked for.
    pub scope_words: Vec<String>,
    /// What starts it.
    pub trigger: Trigger,
    /// Why.
    pub reason: Option<String>,
    /// The event that starts it.
    pub event_id: Option<String>,
    /// Where the state is kept.
    pub state: StateUri,
    /// Read again also what cannot have changed.
    pub full: bool,
}

/// Why there was no audit.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The set-up is not usable.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The credentials are another account's.
    #[error("the baseline is of account `{wanted}`, the credentials are of account `{found}` ({caller})")]
    Account {
        /// The baseline's.
        wanted: String,
        /// The credentials'.
        found: String,
        /// Whose they are.
        caller: String,
    },
    /// An environment lies in another partition than the credentials.
    #[error("environment `{environment}` is in partition `{wanted}`, the credentials are of partition `{found}`")]
    Partition {
        /// The environment.
        environment: String,
        /// Its partition.
        wanted: String,
        /// The credentials'.
        found: String,
    },
    /// The scope names an environment that the baseline does not have.
    #[error("`{found}` is not an environment of the baseline: it has {known}")]
    Environment {
        /// The name.
        found: String,
        /// The names that there are.
        known: String,
    },
    /// No environment is left.
    #[error("no environment of the baseline is in region `{0}`")]
    NoEnvironment(String),
    /// The audit failed.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The baseline has mistakes.
    #[error(transparent)]
    Baseline(#[from] BaselineError),
    /// The baseline cannot be read.
    #[error("reading the baseline `{uri}`: {cause}")]
    BaselineUnread {
        /// Where it should be.
        uri: String,
        /// Why not.
        cause: String,
    },
    /// What was read is put by, and nobody goes on with it yet.
    #[error("invoking `{function}` for the next leg: {cause}; the next audit goes on with what was read")]
    NextLeg {
        /// The function.
        function: String,
        /// Why not.
        cause: String,
    },
    /// A word of the scope is not understood.
    #[error(transparent)]
    Scope(#[from] ScopeError),
    /// Something could not be read.
    #[error("{0}")]
    Read(String),
}

impl std::str::FromStr for StateUri {
    type Err = AppError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(rest) = text.strip_prefix("s3://") else { return Ok(Self::Folder(PathBuf::from(text))) };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(AppError::Read(format!("`{text}` names no bucket: expected `s3://bucket/prefix`")));
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.trim_matches('/').to_owned() })
    }
}

impl std::fmt::Display for StateUri {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(path) => write!(f, "{}", path.display()),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

/// The scope that these words mean.
///
/// # Errors
/// [`AppError::Scope`], which names the nearest known word.
pub fn scope(environments: &[String], words: &[String]) -> Result<Scope, AppError> {
    let mut scope = Scope { environments: environments.iter().map(Into::into).collect(), ..Scope::default() };
    for word in words {
        scope.add(word)?;
    }
    Ok(scope)
}

/// The baseline at `s3://bucket/key` or in a file.
///
/// # Errors
/// [`AppError`]: it cannot be read, or has mistakes.
pub async fn load_baseline(access: &Access, uri: &str) -> Result<LoadedBaseline, AppError> {
    let failed =
        |error: &dyn std::fmt::Display| AppError::BaselineUnread { uri: uri.to_owned(), cause: error.to_string() };
    let bytes = object(access, uri).await?.ok_or_else(|| failed(&"it is not there"))?;
    let catalogue: Vec<_> = controls().map(|control| control.info).collect();
    let context = LoadContext { today: plumbline_findings::utc_day(now()), controls: &catalogue };
    let baseline = load_bytes(&bytes, uri, &context)?;
    let mut files = BTreeMap::new();
    for path in baseline.reference_paths() {
        // What is not there is a mistake of the baseline, which tells all of them.
        if let Some(file) = object(access, &beside(uri, path)).await? {
            files.insert(path.to_owned(), file);
        }
    }
    let baseline = baseline.with_references(&files)?;
    Ok(LoadedBaseline { baseline, text: String::from_utf8_lossy(&bytes).into_owned() })
}

/// The bytes at `s3://bucket/key` or in a file; none if it is not there.
async fn object(access: &Access, uri: &str) -> Result<Option<Vec<u8>>, AppError> {
    let failed =
        |error: &dyn std::fmt::Display| AppError::BaselineUnread { uri: uri.to_owned(), cause: error.to_string() };
    match uri.parse()? {
        StateUri::S3 { bucket, prefix } => {
            let store = S3Store::new(access.config(), bucket, String::new(), access.is_path_style());
            store.object(&prefix).await.map_err(|error| failed(&error))
        }
        StateUri::Folder(path) => match read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some).map_err(|error| failed(&error)),
        },
    }
}

/// The address of a path that is meant from where the baseline is.
fn beside(baseline: &str, path: &str) -> String {
    match baseline.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{path}"),
        None => path.to_owned(),
    }
}

#[expect(clippy::disallowed_methods, reason = "a file of the package")]
fn read(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    std::fs::read(path)
}

/// Audits the account of `access`: reads, judges, remembers and, with `publish`, tells.
///
/// # Errors
/// [`AppError`]: another account's credentials, an unknown environment, state that cannot be read or written.
pub async fn audit(access: &Access, job: &Job, pace: Pace, publish: Option<&Settings>) -> Result<Outcome, AppError> {
    check(access, job)?;
    let started_at = now();
    let deadline = pace.deadline.map_or(SignedDuration::from_hours(1), |at| {
        SignedDuration::try_from(at.saturating_duration_since(Instant::now()) + MARGIN).unwrap_or(SignedDuration::MAX)
    });
    let seed = job.event_id.clone().unwrap_or_else(|| fastrand::u128(..).to_string());
    let reading = reading(job);
    let name = RunName::Given(run_id(started_at, &seed));
    let request = AuditRequest { reading, ..request(job, started_at, name, publish.is_some(), deadline) };
    let store = store(access, &job.state);
    let fleet = Fleet::new(access.clone(), pace);
    let deliver = match publish {
        Some(settings) => Mail::To(Box::new(publisher(access, settings)?)),
        None => Mail::Nobody,
    };
    let judge = Catalogue { baseline: &job.baseline.baseline, scope: &job.scope };
    let ports = Ports { collect: &fleet, store: &store, deliver: &deliver, clock: &SystemClock };
    Ok(run(&ports, (&judge, &Rendered), &request).await?)
}

/// Judges a saved snapshot as of the end of its reading, without any network. The same bytes in, the same bytes out.
///
/// # Errors
/// [`AppError`]: the snapshot is another account's, or the state cannot be read or written.
pub async fn evaluate(snapshot: &Snapshot, digest: &str, job: &Job, remember: bool) -> Result<Outcome, AppError> {
    check_names(job)?;
    let at = snapshot.window.finished_at;
    let inputs = digest_of(&[digest, &job.baseline.baseline.sha256, &job.scope_words.join(" ")]);
    let request = request(job, at, RunName::OfInputs(inputs), false, SignedDuration::from_hours(1));
    let saved = Saved(snapshot);
    let clock = Stopped(at);
    let judge = Catalogue { baseline: &job.baseline.baseline, scope: &job.scope };
    let store = match (&job.state, remember) {
        (StateUri::Folder(path), true) => Shelf::Folder(FolderStore::new(path.clone())),
        (StateUri::S3 { .. }, true) => {
            return Err(AppError::Read("`evaluate` uses no network: give a folder as `--state`".to_owned()));
        }
        (_, false) => Shelf::Nowhere,
    };
    let ports = Ports { collect: &saved, store: &store, deliver: &Mail::Nobody, clock: &clock };
    Ok(run(&ports, (&judge, &Rendered), &request).await?)
}

/// Reads the account into a snapshot, without judging it.
///
/// # Errors
/// [`AppError`]: another account's credentials, or an unknown environment.
pub async fn snapshot(access: &Access, job: &Job, pace: Pace) -> Result<Snapshot, AppError> {
    check(access, job)?;
    let started_at = now();
    let plan = plumbline_evaluator::plan_of_snapshot(&job.baseline.baseline, &job.scope, started_at);
    let regions = plan.regions.keys().cloned();
    let mut snapshot = Snapshot::unread(access.account.clone(), access.partition.clone(), started_at, regions);
    Fleet::new(access.clone(), pace).fill(&plan, &mut snapshot, None).await;
    Ok(snapshot)
}

/// What is left after the reading must end: judging, saving and sending.
pub const MARGIN: Duration = Duration::from_secs(60);

fn check(access: &Access, job: &Job) -> Result<(), AppError> {
    let baseline = &job.baseline.baseline;
    if baseline.account_id != access.account {
        return Err(AppError::Account {
            wanted: baseline.account_id.to_string(),
            found: access.account.to_string(),
            caller: access.caller.clone(),
        });
    }
    if let Some(other) = baseline.environments.iter().find(|environment| environment.partition() != access.partition) {
        return Err(AppError::Partition {
            environment: other.name.to_string(),
            wanted: other.partition().to_string(),
            found: access.partition.to_string(),
        });
    }
    check_names(job)
}

fn check_names(job: &Job) -> Result<(), AppError> {
    let environments = &job.baseline.baseline.environments;
    let known = || environments.iter().map(|environment| environment.name.as_str()).collect::<Vec<_>>().join(", ");
    for name in &job.scope.environments {
        if name != plumbline_names::UNASSIGNED && environments.iter().all(|environment| environment.name != *name) {
            return Err(AppError::Environment { found: name.to_string(), known: known() });
        }
    }
    match &job.scope.region {
        Some(region) if environments.iter().all(|environment| environment.region != *region) => {
            Err(AppError::NoEnvironment(region.to_string()))
        }
        _ => Ok(()),
    }
}

fn request(job: &Job, started_at: Timestamp, run: RunName, publish: bool, time: SignedDuration) -> AuditRequest {
    let baseline = &job.baseline.baseline;
    let partition = baseline
        .environments
        .first()
        .map_or_else(|| plumbline_names::Partition::named("aws"), |environment| environment.partition());
    AuditRequest {
        run,
        trigger: job.trigger,
        reason: job.reason.clone(),
        event: job.event_id.clone().map(|id| Event { id }),
        account: baseline.account_id.clone(),
        partition,
        scope: job.scope_words.clone(),
        baseline: BaselineInfo {
            file: baseline.file.clone(),
            sha256: baseline.sha256.clone(),
            accepted: baseline.accepted.clone(),
            changed_from: None,
        },
        baseline_text: job.baseline.text.clone(),
        state_uri: job.state.to_string(),
        publish,
        deadline: started_at.checked_add(time).unwrap_or(Timestamp::MAX),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        reading: Reading::ONCE,
    }
}

/// What was read is put by so often. A killed run loses no more than that.
const CHECKPOINT: SignedDuration = SignedDuration::from_secs(60);

fn reading(job: &Job) -> Reading {
    let environments = &job.baseline.baseline.environments;
    let hours = environments.iter().map(|environment| environment.max_snapshot_age_hours).min().unwrap_or(1);
    Reading {
        carry: true,
        full: job.full,
        checkpoint: Some(CHECKPOINT),
        max_age: SignedDuration::from_hours(i64::from(hours)),
    }
}

fn publisher(access: &Access, settings: &Settings) -> Result<Publisher, SettingsError> {
    let topic = settings
        .topic_arn
        .clone()
        .ok_or(SettingsError::Missing("PLUMBLINE_TOPIC_ARN", "publishing needs the ARN of the alerts topic"))?;
    Ok(Publisher::new(access.config(), topic, settings.digest_topic_arn.clone(), settings.namespace.clone()))
}

fn store(access: &Access, uri: &StateUri) -> Shelf {
    match uri {
        StateUri::Folder(path) => Shelf::Folder(FolderStore::new(path.clone())),
        StateUri::S3 { bucket, prefix } => {
            Shelf::S3(Box::new(S3Store::new(access.config(), bucket.clone(), prefix.clone(), access.is_path_style())))
        }
    }
}

/// Where the books are kept.
#[derive(Debug)]
enum Shelf {
    Folder(FolderStore),
    S3(Box<S3Store>),
    /// Nothing is remembered.
    Nowhere,
}

impl Store for Shelf {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        match self {
            Self::Folder(store) => store.get(key).await,
            Self::S3(store) => store.get(key).await,
            Self::Nowhere => Ok(None),
        }
    }

    async fn put(&self, key: &Key, body: Vec<u8>, when: If) -> Result<Put, StoreError> {
        match self {
            Self::Folder(store) => store.put(key, body, when).await,
            Self::S3(store) => store.put(key, body, when).await,
            Self::Nowhere => Ok(Put::Done(Version("0".to_owned()))),
        }
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        match self {
            Self::Folder(store) => store.remove(key).await,
            Self::S3(store) => store.remove(key).await,
            Self::Nowhere => Ok(()),
        }
    }
}

/// Who gets the messages.
enum Mail {
    To(Box<Publisher>),
    /// Nobody: they stay owed.
    Nobody,
}

impl Deliver for Mail {
    async fn alert(&self, owed: &[AlertMessage]) -> Vec<Receipt> {
        match self {
            Self::To(publisher) => publisher.alert(owed).await,
            Self::Nobody => Vec::new(),
        }
    }

    async fn digest(&self, owed: &DigestMessage) -> Result<(), DeliverError> {
        match self {
            Self::To(publisher) => publisher.digest(owed).await,
            Self::Nobody => Err(DeliverError("nobody is to be told".to_owned())),
        }
    }

    async fn measure(&self, metrics: &[Metric]) -> Result<(), DeliverError> {
        match self {
            Self::To(publisher) => publisher.measure(metrics).await,
            Self::Nobody => Err(DeliverError("nobody is to be told".to_owned())),
        }
    }
}

/// A snapshot that was read before.
struct Saved<'a>(&'a Snapshot);

impl Collect for Saved<'_> {
    async fn fill(&self, _: &Plan, snapshot: &mut Snapshot, _: Option<SignedDuration>) -> Filled {
        *snapshot = self.0.clone();
        Filled::Done
    }
}

/// A clock that stands still.
struct Stopped(Timestamp);

impl plumbline_audit::Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// The words of `render`.
struct Rendered;

impl Words for Rendered {
    fn alerts(&self, report: &Report, changes: &[Change], report_uri: &str) -> Vec<AlertMessage> {
        plumbline_render::alerts(report, changes, report_uri)
    }

    fn digest(&self, report: &Report, changes: &[Change], report_uri: &str) -> Option<DigestMessage> {
        plumbline_render::digest(report, changes, report_uri)
    }

    fn metrics(&self, state: &State, report: &Report) -> Vec<Metric> {
        plumbline_render::metrics(state, report)
    }
}
