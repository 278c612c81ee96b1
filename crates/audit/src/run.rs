//! The steps of an audit in their order: claim, load, plan, collect, evaluate, compare, save, deliver.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use plumbline_findings::{LastBaseline, Owed, Report, Run, State, compare, digest_of};
use plumbline_names::{AccountId, Region};
use plumbline_snapshot::{Carried, Plan, Regional, Snapshot};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};

use crate::checkpoint::{CHECKPOINT_SCHEMA, MOST_LEGS, Note, Place, Resumed, lease, reading};
use crate::claim::{Claim, Claimed};
use crate::deliver::{Undelivered, deliver};
use crate::judge::{Judge, Words};
use crate::ledger::{ATTEMPTS, Ledger, LedgerError, Loaded};
use crate::ports::{Clock, Collect, Deliver, Filled, Key, Put, Store, Version};
use crate::report::{assemble, to_the_second};
use crate::request::{AuditRequest, Reading, RunName};

/// The world, as far as an audit touches it.
#[derive(Debug, Clone, Copy)]
pub struct Ports<'a, C, S, D, K> {
    /// Reads the account.
    pub collect: &'a C,
    /// Keeps the books.
    pub store: &'a S,
    /// Sends messages and metrics.
    pub deliver: &'a D,
    /// Tells the time.
    pub clock: &'a K,
}

/// What became of a request.
#[derive(Debug)]
pub enum Outcome {
    /// It was audited.
    Audited(Box<Audited>),
    /// Its time ended before everything was read. What was read is put by, for the next leg to go on with.
    Unfinished(Parked),
    /// Another run has the event: it did it, or works on it and may yet die. Nothing was done.
    Duplicate(Claim),
}

/// An audit that was made and saved.
#[derive(Debug)]
pub struct Audited {
    /// The report.
    pub report: Report,
    /// Where it lies.
    pub report_uri: String,
    /// What should have been sent and was not; empty where all is well. An audit with an entry here has failed in part:
    /// what is owed goes out with the next run.
    pub undelivered: Vec<Undelivered>,
}

/// A run that is to be gone on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The run.
    pub run: String,
    /// How many legs it has had.
    pub legs: u32,
}

/// What was read, and what of that outlives the run.
struct Read<'a> {
    snapshot: Snapshot,
    /// The plan that was followed.
    plan: Plan,
    /// What was taken over from the last run, for Regions that this one did not read.
    rest: Option<Carried<'static>>,
    /// Where it was put by.
    place: Option<Place>,
    /// What was asked, under the name that the run began with.
    request: Cow<'a, AuditRequest>,
    legs: u32,
}

/// Why there was no audit. Nothing was saved, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The credentials are another account's.
    #[error("the baseline is of account `{wanted}`, the credentials are of account `{found}`")]
    Account {
        /// The baseline's.
        wanted: AccountId,
        /// The credentials'.
        found: AccountId,
    },
    /// The books could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// A report on its way into the store.
struct Draft {
    report: Report,
    state: State,
}

/// Audits: the whole pipeline, from a request to messages sent.
///
/// At least once: a run killed at any point leaves the last whole state, whose outbox the next run sends. What is known to
/// be sent is not sent again. If another run saves first, this one compares again with what that run left.
///
/// # Errors
/// [`AuditError`]: wrong account, or the books could not be read or written.
pub async fn run<C, S, D, K, J, W>(
    ports: &Ports<'_, C, S, D, K>,
    (judge, words): (&J, &W),
    request: &AuditRequest,
) -> Result<Outcome, AuditError>
where
    C: Collect,
    S: Store,
    D: Deliver,
    K: Clock,
    J: Judge,
    W: Words,
{
    // Which run and which leg of it this is, is known when what was put by is found.
    let span = info_span!("audit", run = Empty, leg = Empty);
    let ledger = Ledger::new(ports.store, request.account.clone());
    let Some(event) = &request.event else {
        return audit(ports, (judge, words), request, &ledger).instrument(span).await;
    };
    let (RunName::Given(owner) | RunName::OfInputs(owner)) = &request.run;
    let held = match ledger.claim(&event.id, owner, ports.clock.now(), request.deadline).await? {
        Claimed::Ours(held) => held,
        Claimed::Theirs(claim) => return Ok(Outcome::Duplicate(claim)),
    };
    let audited = audit(ports, (judge, words), request, &ledger).instrument(span).await;
    let now = ports.clock.now();
    // WHY: whoever sent the event may send it again after a failure; then what is owed goes out.
    let closed = match &audited {
        Ok(Outcome::Audited(audited)) if !audited.undelivered.is_empty() => ledger.release(held, now).await,
        // The next leg needs no event: it finds what was put by.
        Ok(_) => ledger.finish(held, now).await,
        Err(_) => ledger.release(held, now).await,
    };
    if let Err(error) = closed {
        // It expires, and is taken over by nobody or by a run that has nothing new to tell.
        tracing::warn!(%error, event = event.id, "the claim on the event stays open");
    }
    audited
}

async fn audit<C, S, D, K, J, W>(
    ports: &Ports<'_, C, S, D, K>,
    (judge, words): (&J, &W),
    request: &AuditRequest,
    ledger: &Ledger<'_, S>,
) -> Result<Outcome, AuditError>
where
    C: Collect,
    S: Store,
    D: Deliver,
    K: Clock,
    J: Judge,
    W: Words,
{
    // Before the reading, which takes long: a state that cannot be read is told at once.
    let loaded = ledger.load().await?;
    let read = match collect(ports, judge, request, ledger, &loaded.state).await? {
        Ok(read) => read,
        Err(parked) => return Ok(Outcome::Unfinished(parked)),
    };
    let Read { snapshot, plan, rest, place, request, legs } = read;
    let request = request.as_ref();
    let carried = if request.reading.carry {
        let left = ledger.leave(&snapshot, &plan, rest).await;
        left.inspect_err(|error| tracing::warn!(%error, "nothing is carried over: the next run reads all again")).ok()
    } else {
        loaded.state.carried.clone()
    };
    let before = loaded.state.carried.clone();
    let reading = Done { snapshot: &snapshot, carried: carried.as_deref(), legs };
    let (report, report_uri, saved) = save(ledger, (judge, words), request, reading, loaded).await?;
    if let Some(before) = before.filter(|before| Some(before) != carried.as_ref()) {
        ledger.drop_carried(&before).await;
    }
    if let Some(place) = place {
        ledger.clear(place).await;
    }
    let undelivered = if request.publish {
        deliver(ledger, (ports.deliver, ports.clock, words), saved, &report, request.deadline).await
    } else {
        Vec::new()
    };
    for error in &undelivered {
        tracing::error!(%error, run = report.run.id, "not delivered");
    }
    Ok(Outcome::Audited(Box::new(Audited { report, report_uri, undelivered })))
}

/// What a run has read.
#[derive(Clone, Copy)]
struct Done<'a> {
    snapshot: &'a Snapshot,
    /// The name of what it leaves to the next run.
    carried: Option<&'a str>,
    /// In how many legs.
    legs: u32,
}

/// Plans and reads: from nothing, from what the last run carried over, or from where a run ended before its time.
async fn collect<'a, C: Collect, S: Store, D, K: Clock>(
    ports: &Ports<'_, C, S, D, K>,
    judge: &impl Judge,
    request: &'a AuditRequest,
    ledger: &Ledger<'_, S>,
    last: &State,
) -> Result<Result<Read<'a>, Parked>, AuditError> {
    let Reading { carry, full, checkpoint, max_age } = request.reading;
    let now = ports.clock.now();
    let ends = |now: Timestamp| later(now, checkpoint.map_or(SignedDuration::ZERO, lease));
    let reading = reading(&judge.plan(now), full);
    let event = request.event.as_ref().map(|event| event.id.as_str());
    let resumed = match checkpoint {
        Some(_) => {
            let saved = last.last_run.as_ref().map(|run| run.id.as_str());
            ledger.take_over((&reading, event, saved), (now, ends(now)), later(now, -max_age)).await
        }
        None => None,
    };
    let mut read = match resumed {
        Some(Resumed { place, snapshot }) => {
            let Note { run, leg, trigger, reason, started_at, .. } = place.note().clone();
            let request = AuditRequest { run: RunName::Given(run), trigger, reason, ..request.clone() };
            let rest = if carry { ledger.carried(last).await.map(|it| it.without(&snapshot)) } else { None };
            let plan = judge.plan(started_at);
            Read { snapshot, plan, rest, place: Some(place), request: Cow::Owned(request), legs: leg }
        }
        None => {
            let plan = judge.plan(now);
            let regions = plan.regions.keys().cloned();
            let mut snapshot = Snapshot::unread(request.account.clone(), request.partition.clone(), now, regions);
            let mut rest = if carry && !full { ledger.carried(last).await } else { None };
            if let Some(carried) = &mut rest {
                carried.give(&mut snapshot, &plan);
            }
            Read { snapshot, plan, rest, place: None, request: Cow::Borrowed(request), legs: 1 }
        }
    };
    let (RunName::Given(run) | RunName::OfInputs(run)) = read.request.run.clone();
    Span::current().record("run", &run).record("leg", read.legs);
    let fresh = Note {
        schema: CHECKPOINT_SCHEMA.to_owned(),
        run,
        leg: read.legs,
        trigger: request.trigger,
        reason: request.reason.clone(),
        event: event.map(str::to_owned),
        reading,
        started_at: read.plan.until,
        expires: now,
        snapshot: Key::of(&["none"]),
    };
    for number in 1.. {
        let filled = ports.collect.fill(&read.plan, &mut read.snapshot, checkpoint).await;
        if read.snapshot.account != request.account {
            return Err(AuditError::Account { wanted: request.account.clone(), found: read.snapshot.account });
        }
        if filled == Filled::Done || checkpoint.is_none() {
            break;
        }
        let now = ports.clock.now();
        // A leg that is over may be taken over at once.
        let expires = if filled == Filled::OutOfTime { now } else { ends(now) };
        let put = ledger.put_by(&read.snapshot, (read.place.as_ref(), &fresh), (now, expires), number).await;
        let is_put_by = matches!(put, Ok(Some(_)));
        match put {
            Ok(place) => read.place = place,
            // What was put by before is still there.
            Err(error) => tracing::warn!(%error, run = fresh.run, "what was read is not put by"),
        }
        if filled == Filled::OutOfTime {
            if is_put_by && read.legs < MOST_LEGS {
                tell(&read.snapshot);
                return Ok(Err(Parked { run: fresh.run, legs: read.legs }));
            }
            break;
        }
    }
    tell(&read.snapshot);
    Ok(Ok(read))
}

/// Says what the reading has come to, all legs together.
fn tell(snapshot: &Snapshot) {
    let calls = snapshot.reads.iter().map(|read| read.calls).sum::<u64>();
    let items = snapshot.reads.iter().map(|read| read.items).sum::<u64>();
    let lost = snapshot.reads.iter().filter(|read| read.outcome.is_loss()).count();
    tracing::info!(calls, items, lost, seconds = snapshot.cost.seconds, "the account is read");
}

fn later(moment: Timestamp, by: SignedDuration) -> Timestamp {
    moment.checked_add(by).unwrap_or(if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX })
}

/// Judges, compares and saves, again until nobody else saved in between.
async fn save<S: Store>(
    ledger: &Ledger<'_, S>,
    thinking: (&impl Judge, &impl Words),
    request: &AuditRequest,
    reading: Done<'_>,
    mut loaded: Loaded,
) -> Result<(Report, String, Loaded), AuditError> {
    let mut saved_report: Option<(Key, Version)> = None;
    for _ in 0..ATTEMPTS {
        let Draft { report, state } = draft(ledger, thinking, request, reading, &loaded.state)?;
        let key = ledger.report_key(&report);
        // WHY: the report goes first, so that no alert ever links to what is not there. A report without its state is
        // what a killed run leaves; nobody knows its name.
        let before = saved_report.take().filter(|(saved, _)| *saved == key).map(|(_, version)| version);
        let version = ledger.save_report(&report, before, reading.legs > 1).await?;
        saved_report = Some((key.clone(), version));
        if let Put::Done(version) = ledger.save(&state, loaded.version.as_ref()).await? {
            let uri = report_uri(request, &key);
            return Ok((report, uri, Loaded { state, version: Some(version) }));
        }
        tracing::info!(run = report.run.id, "another run saved in between: comparing again");
        loaded = ledger.load().await?;
    }
    Err(LedgerError::Contended(Key::of(&[request.account.as_str(), "state.json"])).into())
}

fn report_uri(request: &AuditRequest, key: &Key) -> String {
    format!("{}/{key}", request.state_uri.trim_end_matches('/'))
}

/// The report and the state that follow from `last`: pure.
fn draft<S: Store>(
    ledger: &Ledger<'_, S>,
    (judge, words): (&impl Judge, &impl Words),
    request: &AuditRequest,
    Done { snapshot, carried, legs }: Done<'_>,
    last: &State,
) -> Result<Draft, AuditError> {
    let mut judgement = judge.judge(snapshot, last);
    let run = Run {
        id: name(request, last)?,
        at: to_the_second(snapshot.window.finished_at),
        account: request.account.clone(),
        baseline: LastBaseline { sha256: request.baseline.sha256.clone(), text: request.baseline_text.clone() },
    };
    // What was judged goes as soon as it is compared: of a large account it is much.
    let observed = std::mem::take(&mut judgement.observed);
    let mut comparison = compare(last, &observed, &judgement.exceptions, &run);
    drop(observed);
    let changes = std::mem::take(&mut comparison.changes);
    let mut state = std::mem::replace(&mut comparison.state, State::empty(request.account.clone()));
    state.carried = carried.map(str::to_owned);
    if request.reading.carry {
        state.watermarks = watermarks(snapshot);
    }
    let mut report = assemble(request, &run.id, snapshot, judge, judgement, comparison, last);
    report.run.legs = legs;
    let uri = report_uri(request, &ledger.report_key(&report));
    let mut draft = Draft { report, state };
    let alerts = words.alerts(&draft.report, &changes, &uri);
    let digest = words.digest(&draft.report, &changes, &uri);
    let outbox = &mut draft.state.outbox;
    owe(&mut outbox.alerts, alerts, |message| &message.id, &run.id, run.at);
    owe(&mut outbox.digests, digest, |message| &message.id, &run.id, run.at);
    Ok(draft)
}

/// Up to when listings are known, for people who read the state; what is gone by lies in what is carried over.
fn watermarks(snapshot: &Snapshot) -> BTreeMap<String, Timestamp> {
    let of = |(region, regional): (&Region, &Regional)| {
        let histories = regional.sagemaker.bookmarks.histories();
        let watermarks = histories.filter_map(|(listing, _, history)| Some((listing.operation(), history.watermark?)));
        watermarks.map(|(listing, watermark)| (format!("{listing} {region}"), watermark)).collect::<Vec<_>>()
    };
    snapshot.regions.iter().flat_map(of).collect()
}

/// Puts messages into an outbox; what is owed already is not owed twice.
fn owe<T>(
    outbox: &mut Vec<Owed<T>>,
    messages: impl IntoIterator<Item = T>,
    id: impl Fn(&T) -> &str,
    run: &str,
    since: Timestamp,
) {
    for message in messages {
        if outbox.iter().all(|owed| id(&owed.message) != id(&message)) {
            outbox.push(Owed { message, run: run.to_owned(), since, attempts: 0, error: None });
        }
    }
}

/// The run's id.
fn name(request: &AuditRequest, last: &State) -> Result<String, AuditError> {
    match &request.run {
        RunName::Given(id) => Ok(id.clone()),
        RunName::OfInputs(inputs) => {
            let key = Key::of(&[request.account.as_str(), "state.json"]);
            let schema = |source| LedgerError::Schema { attempt: "loading", key, source };
            let state = last.to_bytes().map_err(schema)?;
            Ok(digest_of(&[inputs, &String::from_utf8_lossy(&state)]))
        }
    }
}

#[cfg(test)]
mod tests {
    use plumbline_findings::DigestMessage;

    use super::owe;

    #[test]
    fn what_is_owed_is_not_owed_twice() {
        let message = |id: &str| DigestMessage { id: id.into(), subject: String::new(), body: String::new() };
        let mut outbox = Vec::new();
        let at = "2026-09-01T00:00:00Z".parse().unwrap();
        owe(&mut outbox, [message("a"), message("b"), message("a")], |it| &it.id, "run-1", at);
        owe(&mut outbox, [message("b"), message("c")], |it| &it.id, "run-2", at);
        let owed: Vec<_> = outbox.iter().map(|owed| (owed.message.id.as_str(), owed.run.as_str())).collect();
        assert_eq!(owed, [("a", "run-1"), ("b", "run-1"), ("c", "run-2")]);
    }
}
