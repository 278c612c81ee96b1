//! The steps of an audit in their order: claim, load, plan, collect, evaluate, compare, save, deliver.

use jiff::Timestamp;
use plumbline_findings::{LastBaseline, Owed, Report, Run, State, compare, digest_of};
use plumbline_names::AccountId;
use plumbline_snapshot::Snapshot;

use crate::claim::{Claim, Claimed};
use crate::deliver::{Undelivered, deliver};
use crate::judge::{Judge, Words};
use crate::ledger::{ATTEMPTS, Ledger, LedgerError, Loaded};
use crate::ports::{Clock, Collect, Deliver, Key, Put, Store, Version};
use crate::report::{assemble, to_the_second};
use crate::request::{AuditRequest, RunName};

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
    let ledger = Ledger::new(ports.store, request.account.clone());
    let Some(event) = &request.event else {
        return Ok(Outcome::Audited(Box::new(audit(ports, (judge, words), request, &ledger).await?)));
    };
    let (RunName::Given(owner) | RunName::OfInputs(owner)) = &request.run;
    let held = match ledger.claim(&event.id, owner, ports.clock.now(), request.deadline).await? {
        Claimed::Ours(held) => held,
        Claimed::Theirs(claim) => return Ok(Outcome::Duplicate(claim)),
    };
    let audited = audit(ports, (judge, words), request, &ledger).await;
    let now = ports.clock.now();
    // WHY: whoever sent the event may send it again after a failure; then what is owed goes out.
    let closed = match &audited {
        Ok(audited) if audited.undelivered.is_empty() => ledger.finish(held, now).await,
        Ok(_) | Err(_) => ledger.release(held, now).await,
    };
    if let Err(error) = closed {
        // It expires, and is taken over by nobody or by a run that has nothing new to tell.
        tracing::warn!(%error, event = event.id, "the claim on the event stays open");
    }
    Ok(Outcome::Audited(Box::new(audited?)))
}

async fn audit<C, S, D, K, J, W>(
    ports: &Ports<'_, C, S, D, K>,
    (judge, words): (&J, &W),
    request: &AuditRequest,
    ledger: &Ledger<'_, S>,
) -> Result<Audited, AuditError>
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
    let snapshot = collect(ports, judge, request).await?;
    let (report, report_uri, saved) = save(ledger, (judge, words), request, &snapshot, loaded).await?;
    let undelivered = if request.publish {
        deliver(ledger, (ports.deliver, ports.clock, words), saved, &report, request.deadline).await
    } else {
        Vec::new()
    };
    for error in &undelivered {
        tracing::error!(%error, run = report.run.id, "not delivered");
    }
    Ok(Audited { report, report_uri, undelivered })
}

/// Plans and reads.
async fn collect<C: Collect, S, D, K: Clock>(
    ports: &Ports<'_, C, S, D, K>,
    judge: &impl Judge,
    request: &AuditRequest,
) -> Result<Snapshot, AuditError> {
    let started_at = ports.clock.now();
    let plan = judge.plan(started_at);
    let regions = plan.regions.keys().cloned();
    let mut snapshot = Snapshot::unread(request.account.clone(), request.partition.clone(), started_at, regions);
    ports.collect.fill(&plan, &mut snapshot).await;
    if snapshot.account != request.account {
        return Err(AuditError::Account { wanted: request.account.clone(), found: snapshot.account });
    }
    Ok(snapshot)
}

/// Judges, compares and saves, again until nobody else saved in between.
async fn save<S: Store>(
    ledger: &Ledger<'_, S>,
    thinking: (&impl Judge, &impl Words),
    request: &AuditRequest,
    snapshot: &Snapshot,
    mut loaded: Loaded,
) -> Result<(Report, String, Loaded), AuditError> {
    let mut saved_report: Option<(Key, Version)> = None;
    for _ in 0..ATTEMPTS {
        let Draft { report, state } = draft(ledger, thinking, request, snapshot, &loaded.state)?;
        let key = ledger.report_key(&report);
        // WHY: the report goes first, so that no alert ever links to what is not there. A report without its state is
        // what a killed run leaves; nobody knows its name.
        let before = saved_report.take().filter(|(saved, _)| *saved == key).map(|(_, version)| version);
        let version = ledger.save_report(&report, before).await?;
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
    snapshot: &Snapshot,
    last: &State,
) -> Result<Draft, AuditError> {
    let judgement = judge.judge(snapshot, last);
    let run = Run {
        id: name(request, last)?,
        at: to_the_second(snapshot.window.finished_at),
        account: request.account.clone(),
        baseline: LastBaseline { sha256: request.baseline.sha256.clone(), text: request.baseline_text.clone() },
    };
    let mut comparison = compare(last, &judgement.observed, &judgement.exceptions, &run);
    let changes = std::mem::take(&mut comparison.changes);
    let state = comparison.state.clone();
    let report = assemble(request, &run.id, snapshot, judge, judgement, comparison, last);
    let uri = report_uri(request, &ledger.report_key(&report));
    let mut draft = Draft { report, state };
    let alerts = words.alerts(&draft.report, &changes, &uri);
    let digest = words.digest(&draft.report, &changes, &uri);
    let outbox = &mut draft.state.outbox;
    owe(&mut outbox.alerts, alerts, |message| &message.id, &run.id, run.at);
    owe(&mut outbox.digests, digest, |message| &message.id, &run.id, run.at);
    Ok(draft)
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
