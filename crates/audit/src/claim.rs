//! Claims on events: the same event twice audits once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, LedgerError};
use crate::ports::{If, Key, Put, Store, Version};

/// The name of the claim format that this version writes.
pub const CLAIM_SCHEMA: &str = "plumbline.claim/1";

/// Who works on an event, or has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Always [`CLAIM_SCHEMA`].
    pub schema: String,
    /// The event.
    pub event: String,
    /// The run that works on it.
    pub owner: String,
    /// When it may be taken over, if it is not done by then.
    pub expires: Timestamp,
    /// When it was done.
    pub done: Option<Timestamp>,
}

/// Whether an event is ours to work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Claimed {
    /// Ours.
    Ours(Held),
    /// Another run works on it or has done so.
    Theirs(Claim),
}

/// A claim that is ours, as it lies in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    claim: Claim,
    version: Version,
}

impl<S: Store> Ledger<'_, S> {
    fn claim_key(&self, event: &str) -> Key {
        Key::of(&[self.account.as_str(), "claims", event])
    }

    fn claim_bytes(key: &Key, claim: &Claim) -> Result<Vec<u8>, LedgerError> {
        serde_json::to_vec(claim).map_err(|error| LedgerError::Pack { key: key.clone(), cause: error.to_string() })
    }

    /// Claims an event for `owner` until `expires`, unless another run has it. One that expired undone is taken over; one
    /// that cannot be understood is an error.
    pub(crate) async fn claim(
        &self,
        event: &str,
        owner: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<Claimed, LedgerError> {
        let key = self.claim_key(event);
        let claim = Claim {
            schema: CLAIM_SCHEMA.to_owned(),
            event: event.to_owned(),
            owner: owner.to_owned(),
            expires,
            done: None,
        };
        let body = Self::claim_bytes(&key, &claim)?;
        if let Put::Done(version) = self.put(&key, body.clone(), If::Absent).await? {
            return Ok(Claimed::Ours(Held { claim, version }));
        }
        for _ in 0..crate::ledger::ATTEMPTS {
            let Some((there, version)) = self.get(&key).await? else {
                // It was there a moment ago: the store is being cleaned.
                if let Put::Done(version) = self.put(&key, body.clone(), If::Absent).await? {
                    return Ok(Claimed::Ours(Held { claim, version }));
                }
                continue;
            };
            let theirs: Claim = serde_json::from_slice(&there)
                .map_err(|error| LedgerError::Pack { key: key.clone(), cause: error.to_string() })?;
            if theirs == claim {
                return Ok(Claimed::Ours(Held { claim, version }));
            }
            if theirs.done.is_some() || theirs.expires > now {
                return Ok(Claimed::Theirs(theirs));
            }
            if let Put::Done(version) = self.put(&key, body.clone(), If::Unchanged(version)).await? {
                return Ok(Claimed::Ours(Held { claim, version }));
            }
        }
        Err(LedgerError::Contended(key))
    }

    /// Says that the event's work is done, at `now`. A claim that was taken over meanwhile is left as it is.
    pub(crate) async fn finish(&self, held: Held, now: Timestamp) -> Result<(), LedgerError> {
        self.rewrite(held.version, Claim { done: Some(now), ..held.claim }).await
    }

    /// Lets go of an event whose work is not done, so that it may be taken over at once.
    pub(crate) async fn release(&self, held: Held, now: Timestamp) -> Result<(), LedgerError> {
        self.rewrite(held.version, Claim { expires: now, ..held.claim }).await
    }

    async fn rewrite(&self, version: Version, claim: Claim) -> Result<(), LedgerError> {
        let key = self.claim_key(&claim.event);
        let body = Self::claim_bytes(&key, &claim)?;
        match self.put(&key, body, If::Unchanged(version)).await? {
            Put::Done(_) | Put::Lost => Ok(()),
        }
    }
}
