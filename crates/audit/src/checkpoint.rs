//! What a run puts by while it reads, so that another leg goes on where it was: after a kill, or when its time is up.
//!
//! One note for each account says who reads, until when that is believed, and where the snapshot lies. Whoever finds it
//! expired takes it over. A run that finds another one at work reads on its own, and puts nothing by.

use jiff::{SignedDuration, Timestamp};
use plumbline_findings::{Trigger, digest_of};
use plumbline_snapshot::{Plan, Snapshot};
use serde::{Deserialize, Serialize};

use crate::ledger::{Ledger, LedgerError};
use crate::ports::{If, Key, Put, Store, Version};

/// The name of the note's format that this version writes.
pub const CHECKPOINT_SCHEMA: &str = "plumbline.checkpoint/1";

/// More legs are not begun: what is not read by then stays unread, and is told so.
pub(crate) const MOST_LEGS: u32 = 24;

/// Who reads, and what it has put by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Always [`CHECKPOINT_SCHEMA`].
    pub schema: String,
    /// The run.
    pub run: String,
    /// Which leg of it, from 1.
    pub leg: u32,
    /// What started the run.
    pub trigger: Trigger,
    /// Why, in the words of who asked.
    pub reason: Option<String>,
    /// The event that started it.
    pub event: Option<String>,
    /// What it reads: [`reading`].
    pub reading: String,
    /// When it began to read.
    pub started_at: Timestamp,
    /// From when on another leg may take over.
    pub expires: Timestamp,
    /// The object under which the snapshot lies.
    pub snapshot: Key,
}

/// A note that is ours, as it lies in the store.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    note: Note,
    version: Version,
}

/// A run that goes on.
#[derive(Debug)]
pub(crate) struct Resumed {
    pub(crate) place: Place,
    pub(crate) snapshot: Snapshot,
}

/// What a plan reads, whenever that is, by a digest: only the same reading is gone on with.
pub(crate) fn reading(plan: &Plan, full: bool) -> String {
    let timeless = Plan {
        jobs_since: Timestamp::UNIX_EPOCH,
        tags_since: Timestamp::UNIX_EPOCH,
        until: Timestamp::UNIX_EPOCH,
        ..plan.clone()
    };
    // A plan that could not be written would be like no other.
    let text = serde_json::to_string(&timeless).unwrap_or_else(|error| error.to_string());
    digest_of(&[&text, plumbline_snapshot::CARRIED_SCHEMA, if full { "full" } else { "" }])
}

impl Place {
    pub(crate) fn note(&self) -> &Note {
        &self.note
    }
}

impl<S: Store> Ledger<'_, S> {
    fn note_key(&self) -> Key {
        Key::of(&[self.account.as_str(), "checkpoints", "run.json"])
    }

    fn snapshot_key(&self, run: &str, leg: u32, number: u32) -> Key {
        Key::of(&[self.account.as_str(), "checkpoints", &format!("{run}-{leg}-{number}.json.zst")])
    }

    async fn note(&self) -> Result<Option<(Note, Version)>, LedgerError> {
        let Some((body, version)) = self.get(&self.note_key()).await? else { return Ok(None) };
        match serde_json::from_slice::<Note>(&body) {
            Ok(note) if note.schema == CHECKPOINT_SCHEMA => Ok(Some((note, version))),
            // Another version's, or damaged: as good as expired, and not to be gone on with.
            _ => Ok(None),
        }
    }

    /// Takes over a run of the same reading that ended before its time, if there is one and it began after `oldest`. Whoever
    /// holds the claim on the event that started it need not wait: the run is dead.
    pub(crate) async fn take_over(
        &self,
        (reading, event, saved): (&str, Option<&str>, Option<&str>),
        (now, expires): (Timestamp, Timestamp),
        oldest: Timestamp,
    ) -> Option<Resumed> {
        let found = self.note().await.inspect_err(|error| tracing::warn!(%error, "no checkpoint can be read")).ok()?;
        let (note, version) = found?;
        // A run that the state knows was killed when all was done but the clearing up.
        let over = saved == Some(&note.run);
        let ours = !over && note.reading == reading && note.started_at >= oldest && note.leg < MOST_LEGS;
        let dead = note.expires <= now || (event.is_some() && note.event.as_deref() == event);
        if !dead || !ours {
            return None;
        }
        let (body, _) = self.get(&note.snapshot).await.ok()??;
        let snapshot = Snapshot::from_bytes(&body)
            .inspect_err(|error| tracing::warn!(%error, run = note.run, "the checkpoint cannot be used"))
            .ok()?;
        let note = Note { leg: note.leg + 1, expires, ..note };
        let version = self.write_note(&note, If::Unchanged(version)).await.ok()??;
        tracing::info!(run = note.run, leg = note.leg, "going on where the run was");
        Some(Resumed { place: Place { note, version }, snapshot })
    }

    async fn write_note(&self, note: &Note, when: If) -> Result<Option<Version>, LedgerError> {
        let key = self.note_key();
        let body = serde_json::to_vec(note)
            .map_err(|error| LedgerError::Pack { key: key.clone(), cause: error.to_string() })?;
        match self.put(&key, body.clone(), when).await? {
            Put::Done(version) => Ok(Some(version)),
            // WHY: a write whose answer got lost on the way is tried again below us, and then loses against itself.
            Put::Lost => Ok(self.get(&key).await?.filter(|(there, _)| *there == body).map(|(_, version)| version)),
        }
    }

    /// Puts a snapshot by. `place` is where this run did so before, `fresh` the note of a run that has not; none where another
    /// run is at work, or has taken over.
    ///
    /// # Errors
    /// [`LedgerError`]: it could not be written.
    pub(crate) async fn put_by(
        &self,
        snapshot: &Snapshot,
        (place, fresh): (Option<&Place>, &Note),
        (now, expires): (Timestamp, Timestamp),
        number: u32,
    ) -> Result<Option<Place>, LedgerError> {
        let (note, before, when) = match place {
            Some(Place { note, version }) => {
                (note.clone(), Some(note.snapshot.clone()), If::Unchanged(version.clone()))
            }
            None => match self.note().await? {
                Some((other, _)) if other.expires > now => return Ok(None),
                Some((other, version)) => (fresh.clone(), Some(other.snapshot), If::Unchanged(version)),
                None if self.get(&self.note_key()).await?.is_some() => (fresh.clone(), None, If::Anything),
                None => (fresh.clone(), None, If::Absent),
            },
        };
        let key = self.snapshot_key(&note.run, note.leg, number);
        let body =
            snapshot.to_bytes().map_err(|error| LedgerError::Pack { key: key.clone(), cause: error.to_string() })?;
        // The snapshot first: a note never names what is not there.
        let (Put::Done(_) | Put::Lost) = self.put(&key, body, If::Anything).await?;
        let note = Note { expires, snapshot: key, ..note };
        let Some(version) = self.write_note(&note, when).await? else { return Ok(None) };
        if let Some(before) = before.filter(|before| *before != note.snapshot) {
            self.remove(&before).await;
        }
        Ok(Some(Place { note, version }))
    }

    /// Removes what was put by, once the run is saved.
    pub(crate) async fn clear(&self, place: Place) {
        // Only if it is still ours: an expired note says that anybody may take its place.
        let over = Note { expires: Timestamp::MIN, leg: MOST_LEGS, ..place.note.clone() };
        match self.write_note(&over, If::Unchanged(place.version)).await {
            Ok(Some(_)) => {
                self.remove(&self.note_key()).await;
                self.remove(&place.note.snapshot).await;
            }
            Ok(None) => {}
            Err(error) => tracing::info!(%error, "the checkpoint stays"),
        }
    }
}

/// How long a note is believed after it was written: a slice, and what is under way at its end.
pub(crate) fn lease(slice: SignedDuration) -> SignedDuration {
    slice.saturating_add(SignedDuration::from_secs(20))
}
