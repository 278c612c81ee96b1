//! Training jobs: the listing newest first down to what an earlier run has listed, and a look at whether the rest is still there.
//!
//! An ended job never changes, so that a steady audit asks only for what is new, whatever the length of the history: one
//! listing down to the watermark, one page further back (the next one in each run) to notice jobs that vanished, and a
//! description of each job that was still running.

use std::collections::BTreeMap;

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::operation::list_training_jobs::ListTrainingJobsOutput;
use aws_sdk_sagemaker::operation::list_training_jobs::builders::ListTrainingJobsFluentBuilder;
use aws_sdk_sagemaker::types::{SortBy, SortOrder};
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};
use plumbline_collector::{Next, Page, Reader, Taken, each};
use plumbline_snapshot::sagemaker::{self as snapshot, History, Resource, TrainingJob};
use plumbline_snapshot::{Collected, Passage, Read};

use crate::convert;
use crate::describe::GONE;
use crate::limits::{AT_ONCE, PAGE};

/// The longest from a training job's making to its end: up to 28 days pending (`MaxPendingTimeInSeconds`), then up to 30
/// days in all ("the maximum time that a TrainingJob can run in total, including any time spent publishing metrics or
/// archiving and uploading models after it has been stopped, is 30 days": API_StoppingCondition). Jobs made earlier than
/// that before the lookback began have ended before it.
const LONGEST_JOB: SignedDuration = SignedDuration::from_hours(58 * 24);

/// Listings may lag: what was made shortly before the last run is listed again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(15);

type Jobs = Collected<Resource<TrainingJob>>;

/// `moment`, so much earlier.
pub(crate) fn before(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// Lists the jobs that run, or ended since the lookback began. Of the others only name and time of making are kept.
pub(crate) async fn list(client: &Client, reader: &Reader, jobs: &mut Jobs, history: &mut History) {
    let (since, until) = (reader.plan().jobs_since, reader.plan().until);
    if !jobs.is_open() {
        return;
    }
    let oldest = before(since, LONGEST_JOB);
    let known = history.watermark.map(|watermark| before(watermark, OVERLAP).max(oldest));
    history.reach = history.reach.or(known);
    let reach = history.reach.unwrap_or(oldest);
    let History { past, vanished, .. } = history;
    reader
        .list_down_to(
            &snapshot::TRAINING_JOBS,
            jobs,
            |token| Box::pin(newest_first(client).set_next_token(token).send()),
            |answer| page(&answer, since, reach, past),
            |new, old| {
                if new.has_ended() && new.modified == old.modified {
                    crate::keep(new, old);
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
    history.vanished.retain(|name, _| !history.past.contains_key(name));
    if jobs.is_whole() {
        (history.watermark, history.since) = (Some(until), Some(since));
    }
}

fn newest_first(client: &Client) -> ListTrainingJobsFluentBuilder {
    client.list_training_jobs().sort_by(SortBy::CreationTime).sort_order(SortOrder::Descending).max_results(PAGE)
}

/// The jobs of one page that run or ended since `since`; the others go to `past`. No page after `reach` is wanted.
fn page(
    answer: &ListTrainingJobsOutput,
    since: Timestamp,
    reach: Timestamp,
    past: &mut BTreeMap<String, Timestamp>,
) -> Page<Resource<TrainingJob>> {
    let items: Vec<_> = answer.training_job_summaries().iter().map(convert::listed_training_job).collect();
    let oldest = items.iter().flatten().last().and_then(|(_, job)| job.created);
    let enough = oldest.is_some_and(|oldest| oldest < reach);
    let wanted = items.into_iter().filter(|item| {
        let Some((name, job)) = item else { return true };
        if job.ended_before(since) {
            past.insert(name.clone(), job.created.unwrap_or(Timestamp::MIN));
            return false;
        }
        // The name of a job that was deleted may be used again.
        past.remove(name);
        true
    });
    let wanted: Vec<_> = wanted.collect();
    Page::of(wanted, Next::token(answer.next_token().map(str::to_owned)).unless(enough))
}

/// Looks at one page of the history beyond the listing, another in each run, and takes out what is no longer there.
pub(crate) async fn look_again(
    client: &Client,
    reader: &Reader,
    jobs: &mut Jobs,
    (history, passage): (&mut History, &mut Option<Passage>),
) {
    if !jobs.is_whole() {
        return;
    }
    let Some(reach) = history.reach else { return };
    let older_than = |moment: &Timestamp| known(jobs, history).any(|(_, made)| made < *moment);
    let Some(from) = [history.checked.unwrap_or(reach).min(reach), reach].into_iter().find(older_than) else {
        history.checked = None;
        return;
    };
    let passage = passage.get_or_insert_with(|| Passage::unread(&snapshot::TRAINING_JOBS));
    let mut there = None;
    reader
        .walk(
            &snapshot::TRAINING_JOBS,
            passage,
            |_| {
                let at = moment_of(from);
                Box::pin(newest_first(client).creation_time_before(at).send())
            },
            |answer| {
                let items: Vec<_> = answer.training_job_summaries().iter().map(convert::listed_training_job).collect();
                let taken = Taken { items: items.len(), nameless: items.iter().any(Option::is_none), next: Next::End };
                let last = answer.next_token().is_none();
                there = Some((items.into_iter().flatten().map(|(name, job)| (name, job.created)).collect(), last));
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
    let mut answers: Vec<_> =
        suspects.map(|(name, made)| (Read::unread_of(&snapshot::TRAINING_JOB, name), name.to_owned(), made)).collect();
    each(answers.iter_mut(), AT_ONCE, |(answer, name, _)| when_made(client, reader, name, answer)).await;
    for (answer, name, made) in answers {
        let gone = match answer {
            Read::Seen(there) => there != Some(made),
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
fn known<'a>(jobs: &'a Jobs, history: &'a History) -> impl Iterator<Item = (&'a str, Timestamp)> {
    let listed = jobs.entries().filter_map(|(name, job)| Some((name, job.created?)));
    history.past.iter().map(|(name, made)| (name.as_str(), *made)).chain(listed)
}

/// When the job that has this name was made, if there is one.
async fn when_made(client: &Client, reader: &Reader, name: &str, into: &mut Read<Option<Timestamp>>) {
    let call = || Box::pin(client.describe_training_job().training_job_name(name).send());
    reader
        .find(&snapshot::TRAINING_JOB, Some(name), &GONE, into, call, |answer| {
            Ok(answer.creation_time().and_then(plumbline_collector::moment))
        })
        .await;
}

/// Puts jobs that ended before the lookback among the past.
pub(crate) fn age_out(jobs: &mut Jobs, history: &mut History, since: Timestamp) {
    let old: Vec<String> =
        jobs.entries().filter(|(_, job)| job.ended_before(since)).map(|(name, _)| name.to_owned()).collect();
    for name in old {
        if let Some(job) = jobs.remove(&name) {
            history.past.insert(name, job.created.unwrap_or(Timestamp::MIN));
        }
    }
}
