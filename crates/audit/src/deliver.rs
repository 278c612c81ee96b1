//! Step 8: send what is owed, and mark as sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_findings::{Report, State};

use crate::judge::Words;
use crate::ledger::{Ledger, LedgerError, Loaded};
use crate::ports::{Clock, Deliver, DeliverError, Store};

/// So many alerts go out between two marks: what is sent and not marked goes out again if the run dies.
const ALERTS_BETWEEN_MARKS: usize = 10;

/// Something that was to be sent and is owed still, or cannot be said to have been sent.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// Alerts were not taken. They are owed.
    #[error("sending {count} alerts: {error}")]
    Alerts {
        /// How many.
        count: usize,
        /// What the first one's receipt says.
        error: DeliverError,
    },
    /// A digest was not taken. It is owed.
    #[error("sending the digest: {0}")]
    Digest(DeliverError),
    /// The metrics were not taken. The next run's are as good; the transitions in them are owed.
    #[error("publishing metrics: {0}")]
    Metrics(DeliverError),
    /// The run's time is over. Messages are owed.
    #[error("sending messages: out of time with {0} left")]
    OutOfTime(usize),
    /// What was sent could not be marked as sent: the next run sends it again.
    #[error("marking messages as sent: {0}")]
    Unmarked(#[from] LedgerError),
}

/// What became of each message that was tried: none where it was sent.
type Tried = BTreeMap<String, Option<DeliverError>>;

/// Sends everything that `saved` owes, then the metrics. What fails stays owed and is told.
pub(crate) async fn deliver<S: Store, D: Deliver, K: Clock, W: Words>(
    ledger: &Ledger<'_, S>,
    (deliver, clock, words): (&D, &K, &W),
    saved: Loaded,
    report: &Report,
    deadline: Timestamp,
) -> Vec<Undelivered> {
    let mut undelivered = Vec::new();
    let steps = Steps { ledger, deliver, clock, deadline };
    match steps.messages(saved, &mut undelivered).await {
        Ok(state) => {
            if let Err(error) = steps.metrics(words, state, report, &mut undelivered).await {
                undelivered.push(error.into());
            }
        }
        Err(error) => undelivered.push(error.into()),
    }
    undelivered
}

struct Steps<'a, 'l, S, D, K> {
    ledger: &'a Ledger<'l, S>,
    deliver: &'a D,
    clock: &'a K,
    deadline: Timestamp,
}

impl<S: Store, D: Deliver, K: Clock> Steps<'_, '_, S, D, K> {
    async fn messages(&self, saved: Loaded, undelivered: &mut Vec<Undelivered>) -> Result<Loaded, LedgerError> {
        // What other runs add meanwhile is theirs to send.
        let alerts: Vec<_> = saved.state.outbox.alerts.iter().map(|owed| owed.message.clone()).collect();
        let digests: Vec<_> = saved.state.outbox.digests.iter().map(|owed| owed.message.clone()).collect();
        let mut left = alerts.len() + digests.len();
        let mut loaded = saved;
        let mut failed: Vec<DeliverError> = Vec::new();
        for batch in alerts.chunks(ALERTS_BETWEEN_MARKS) {
            if self.is_late(left, undelivered) {
                return Ok(loaded);
            }
            let mut receipts: BTreeMap<String, _> =
                self.deliver.alert(batch).await.into_iter().map(|receipt| (receipt.id, receipt.outcome)).collect();
            let silence = || DeliverError("no receipt came back".to_owned());
            let tried: Tried = batch
                .iter()
                .map(|message| {
                    let outcome = receipts.remove(&message.id).unwrap_or_else(|| Err(silence()));
                    (message.id.clone(), outcome.err())
                })
                .collect();
            failed.extend(batch.iter().filter_map(|message| tried.get(&message.id).cloned().flatten()));
            loaded = self.mark(loaded, &tried).await?;
            left -= batch.len();
        }
        if let Some(error) = failed.first().cloned() {
            undelivered.push(Undelivered::Alerts { count: failed.len(), error });
        }
        for digest in digests {
            if self.is_late(left, undelivered) {
                return Ok(loaded);
            }
            let outcome = self.deliver.digest(&digest).await.err();
            undelivered.extend(outcome.clone().map(Undelivered::Digest));
            loaded = self.mark(loaded, &Tried::from([(digest.id, outcome)])).await?;
            left -= 1;
        }
        Ok(loaded)
    }

    fn is_late(&self, left: usize, undelivered: &mut Vec<Undelivered>) -> bool {
        let late = self.clock.now() >= self.deadline;
        if late {
            undelivered.push(Undelivered::OutOfTime(left));
        }
        late
    }

    /// Takes what was sent out of the outbox as it lies there now, and notes what was tried in vain.
    async fn mark(&self, loaded: Loaded, tried: &Tried) -> Result<Loaded, LedgerError> {
        self.ledger.update(Some(loaded), |state| mark(state, tried)).await
    }

    /// Publishes the metrics, and takes the transitions that they told of out of the state.
    async fn metrics<W: Words>(
        &self,
        words: &W,
        loaded: Loaded,
        report: &Report,
        undelivered: &mut Vec<Undelivered>,
    ) -> Result<(), LedgerError> {
        let metrics = words.metrics(&loaded.state, report);
        if metrics.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.deliver.measure(&metrics).await {
            undelivered.push(Undelivered::Metrics(error));
            return Ok(());
        }
        let counted = loaded.state.uncounted.clone();
        let subtract = |state: &mut State| {
            for (environment, transitions) in &mut state.uncounted {
                if let Some(counted) = counted.get(environment) {
                    transitions.subtract(*counted);
                }
            }
            state.uncounted.retain(|_, transitions| !transitions.is_none());
        };
        self.ledger.update(Some(loaded), subtract).await.map(drop)
    }
}

fn mark(state: &mut State, tried: &Tried) {
    fn keep<T>(owed: &mut plumbline_findings::Owed<T>, id: &str, tried: &Tried) -> bool {
        match tried.get(id) {
            None => true,
            Some(None) => false,
            Some(Some(error)) => {
                owed.attempts += 1;
                owed.error = Some(error.to_string());
                true
            }
        }
    }
    state.outbox.alerts.retain_mut(|owed| {
        let id = owed.message.id.clone();
        keep(owed, &id, tried)
    });
    state.outbox.digests.retain_mut(|owed| {
        let id = owed.message.id.clone();
        keep(owed, &id, tried)
    });
}
