//! Jobs: the listing newest first down to what an earlier run has listed, and a look at whether the rest is still there.
//!
//! An ended job never changes, so that a steady audit asks only for what is new, whatever the length of the history: one
//! listing down to the watermark, one page further back (the next one in each run) to notice jobs that vanished, and a
//! description of each job that was still running.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use aws_sdk_sagemaker::Client;
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};
use plumbline_collector::{Next, Page, Reader, Taken, each};
use plumbline_snapshot::sagemaker::{History, Job, JobBook, Past, Resource};
use plumbline_snapshot::{Collected, Passage, Read};
use tokio::sync::oneshot;

use crate::describe::Standing;
use crate::jobs::{JobKind, JobPage};
use crate::limits::AT_ONCE;
use crate::search::{is_open, settle};

/// Listings may lag: what was made shortly before the last run is listed again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(15);

type Jobs<T> = Collected<Resource<T>>;

/// `moment`, so much earlier.
pub(crate) fn before(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// What a listing that runs beside a search shares with it.
pub(crate) struct Beside<'a, T> {
    /// Records that the search brought, by name: what is listed takes its own.
    found: &'a Mutex<&'a mut BTreeMap<String, Resource<T>>>,
    /// Tells the search to begin; dropped untold where it need not.
    begin: Mutex<Option<oneshot::Sender<()>>>,
    /// How many jobs were listed, and how many of them lack their body or tags.
    listed: AtomicUsize,
    lacking: AtomicUsize,
}

impl<'a, T> Beside<'a, T> {
    /// A listing that goes on from `jobs`.
    pub(crate) fn of(
        jobs: &Jobs<T>,
        found: &'a Mutex<&'a mut BTreeMap<String, Resource<T>>>,
        begin: oneshot::Sender<()>,
    ) -> Self {
        let lacking = jobs.seen().filter(|job| is_open(job)).count();
        Self { found, begin: Mutex::new(Some(begin)), listed: jobs.len().into(), lacking: lacking.into() }
    }

    /// A job was listed.
    fn take(&self, name: &str, job: &mut Resource<T>) {
        self.listed.fetch_add(1, Ordering::Relaxed);
        let record = self.found.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        if let Some(record) = record {
            settle(job, record);
        }
        self.lacking.fetch_add(usize::from(is_open(job)), Ordering::Relaxed);
    }

    /// A job that was listed is known from an earlier run or leg: `before`, it lacked something.
    fn known(&self, before: bool, job: &Resource<T>) {
        self.lacking.fetch_sub(usize::from(before && !is_open(job)), Ordering::Relaxed);
    }

    /// Another page is about to be asked for: if most of those before it lack something, all of a search will be needed.
    fn goes_on(&self) {
        if self.lacking.load(Ordering::Relaxed) * 2 > self.listed.load(Ordering::Relaxed)
            && let Some(begin) = self.begin.lock().unwrap_or_else(PoisonError::into_inner).take()
        {
            // Where the search has begun already, nobody listens.
            let _ = begin.send(());
        }
    }
}

/// How far back the listing goes: to what an earlier run has listed, or to the oldest job that can still run.
pub(crate) fn reach<T: JobKind>(reader: &Reader, jobs: &Jobs<T>, history: &mut History) -> Timestamp {
    let oldest = before(reader.plan().jobs_since, T::LONGEST);
    if jobs.is_open() {
        let known = history.watermark.map(|watermark| before(watermark, OVERLAP).max(oldest));
        history.reach = history.reach.or(known);
    }
    history.reach.unwrap_or(oldest)
}

/// Lists the jobs that run, or ended since the lookback began. Of the others only name and time of making are kept. A search
/// for their records may run beside it.
pub(crate) async fn list<T: JobKind>(
    client: &Client,
    reader: &Reader,
    jobs: &mut Jobs<T>,
    history: &mut History,
    beside: Option<Beside<'_, T>>,
) {
    let (since, until) = (reader.plan().jobs_since, reader.plan().until);
    if !jobs.is_open() {
        return;
    }
    let reach = reach(reader, jobs, history);
    let History { past, vanished, .. } = history;
    let beside = beside.as_ref();
    reader
        .list_down_to(
            T::LISTING,
            jobs,
            |token| {
                if let (Some(beside), Some(_)) = (beside, &token) {
                    beside.goes_on();
                }
                Box::pin(T::page(client, token, None))
            },
            |answer| {
                let mut page = page(answer, since, reach, past);
                if let Some(beside) = beside {
                    page.items.iter_mut().for_each(|(name, job)| beside.take(name, job));
                }
                page
            },
            |new, old| {
                let lacked = is_open(new);
                if new.has_ended() && new.modified == old.modified {
                    crate::keep(new, old);
                }
                if let Some(beside) = beside {
                    beside.known(lacked, new);
                }
            },
            |name, job| {
                let made = job.created.unwrap_or(Timestamp::MIN);
                let beyond = made < reach;
                if !beyond {
                    vanished.insert(name.to_owned(), made);
                }
                beyond
            },
        )
        .await;
    // One that ended before the lookback is not judged, and still there.
    history.vanished.retain(|name, _| history.past.get(name).is_none());
    if jobs.is_whole() {
        (history.watermark, history.since) = (Some(until), Some(since));
        history.past.shrink();
    }
}

/// The jobs of one page that run or ended since `since`; the others go to `past`. No page after `reach` is wanted.
fn page<T: Job>(answer: JobPage<T>, since: Timestamp, reach: Timestamp, past: &mut Past) -> Page<Resource<T>> {
    let oldest = answer.jobs.iter().flatten().last().and_then(|(_, job)| job.created);
    let enough = oldest.is_some_and(|oldest| oldest < reach);
    let wanted = answer.jobs.into_iter().filter(|item| {
        let Some((name, job)) = item else { return true };
        if job.ended_before(since) {
            past.insert(name, job.created.unwrap_or(Timestamp::MIN));
            return false;
        }
        // The name of a job that was deleted may be used again.
        past.remove(name);
        true
    });
    Page::of(wanted, Next::token(answer.next).unless(enough))
}

/// A job that a page of the history lacks.
struct Suspect<T> {
    name: String,
    made: Timestamp,
    /// What its description says: of a later job, if the name was used again.
    body: Read<Option<T>>,
    standing: Standing,
}

/// Looks at one page of the history beyond the listing, another in each run, and takes out what is no longer there.
pub(crate) async fn look_again<T: JobKind>(
    client: &Client,
    reader: &Reader,
    jobs: &mut Jobs<T>,
    book: &mut JobBook<T>,
) {
    let JobBook { history, look_again: passage, .. } = book;
    if !jobs.is_whole() {
        return;
    }
    let Some(reach) = history.reach else { return };
    let older_than = |moment: &Timestamp| known(jobs, history).any(|(_, made)| made < *moment);
    let Some(from) = [history.checked.unwrap_or(reach).min(reach), reach].into_iter().find(older_than) else {
        history.checked = None;
        return;
    };
    let passage = passage.get_or_insert_with(|| Passage::unread(T::LISTING));
    let mut there = None;
    reader
        .walk(
            T::LISTING,
            passage,
            |_| Box::pin(T::page(client, None, Some(moment_of(from)))),
            |JobPage { jobs, next }| {
                let taken = Taken { items: jobs.len(), nameless: jobs.iter().any(Option::is_none), next: Next::End };
                there =
                    Some((jobs.into_iter().flatten().map(|(name, job)| (name, job.created)).collect(), next.is_none()));
                taken
            },
        )
        .await;
    let Some((there, last)): Option<(BTreeMap<String, Option<Timestamp>>, bool)> = there else { return };
    // Jobs made in the same moment as the oldest of the page may be on the next one. An empty page with a token tells nothing.
    let oldest = there.values().flatten().min().copied().unwrap_or(from);
    let end = if last { Timestamp::MIN } else { oldest };
    history.checked = if last { None } else { Some(oldest) };
    let missing = |(name, made): &(&str, Timestamp)| {
        *made > end && *made < from && there.get(*name).is_none_or(|listed| *listed != Some(*made))
    };
    let suspects = known(jobs, history).filter(missing);
    let mut answers: Vec<_> = suspects
        .map(|(name, made)| Suspect {
            name: name.to_owned(),
            made,
            body: Read::unread_of(T::SOURCE, name),
            standing: Standing::default(),
        })
        .collect();
    each(answers.iter_mut(), AT_ONCE, |Suspect { name, body, standing, .. }| {
        T::describe(client, reader, name, body, standing)
    })
    .await;
    for Suspect { name, made, body, standing } in answers {
        let gone = match body {
            Read::Seen(None) => true,
            Read::Seen(Some(_)) => standing.created != Some(made),
            Read::Gap(_) => false,
        };
        if gone {
            history.past.remove(&name);
            jobs.remove(&name);
            history.vanished.insert(name, made);
        }
    }
}

fn moment_of(time: Timestamp) -> DateTime {
    DateTime::from_nanos(time.as_nanosecond()).unwrap_or_else(|_| DateTime::from_secs(time.as_second()))
}

/// When each job that is known was made.
fn known<'a, T>(jobs: &'a Jobs<T>, history: &'a History) -> impl Iterator<Item = (&'a str, Timestamp)> {
    let listed = jobs.entries().filter_map(|(name, job)| Some((name, job.created?)));
    history.past.iter().chain(listed)
}

/// Puts jobs that ended before the lookback among the past.
pub(crate) fn age_out<T: Job>(jobs: &mut Jobs<T>, history: &mut History, since: Timestamp) {
    let old: Vec<String> =
        jobs.entries().filter(|(_, job)| job.ended_before(since)).map(|(name, _)| name.to_owned()).collect();
    for name in old {
        if let Some(job) = jobs.remove(&name) {
            history.past.insert(&name, job.created.unwrap_or(Timestamp::MIN));
        }
    }
}
