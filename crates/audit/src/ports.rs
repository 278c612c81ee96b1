//! The four ports: what an audit asks of the world, without a word of who answers.

use std::fmt;
use std::future::Future;

use jiff::{SignedDuration, Timestamp};
use plumbline_findings::{AlertMessage, DigestMessage, Metric};
use plumbline_snapshot::{Plan, Snapshot};
use serde::{Deserialize, Serialize};

/// Reads the account.
pub trait Collect {
    /// Fills the gaps of `snapshot` that `plan` wants, for as long as `slice` says (none: to the end), says whose account it
    /// is and when the reading ended. Cannot fail: what could not be read stays a gap.
    fn fill(
        &self,
        plan: &Plan,
        snapshot: &mut Snapshot,
        slice: Option<SignedDuration>,
    ) -> impl Future<Output = Filled> + Send;
}

/// How far a slice of reading came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filled {
    /// Nothing is left that more time would bring.
    Done,
    /// The slice is over, and there is more to read.
    Paused,
    /// The run's time is up, and there is more to read.
    OutOfTime,
}

/// Where an object lies: words divided by slashes, below the state's URI.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key(String);

/// Which version of an object it is: whatever the store compares by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(pub String);

/// Under which condition an object is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum If {
    /// There is none yet.
    Absent,
    /// It is still this one.
    Unchanged(Version),
    /// Whatever there is.
    Anything,
}

/// What became of a conditional write.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Put {
    /// It is written, as this version.
    Done(Version),
    /// The condition did not hold, or may not have: nothing is known to be written.
    Lost,
}

/// Why the store could not do what it was asked. Says nothing of what was attempted: the caller does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No permission.
    #[error("access denied: {0}")]
    Denied(String),
    /// It is not there, does not answer, or answers what cannot be understood.
    #[error("{0}")]
    Failed(String),
}

/// Keeps objects. Reads follow writes; a conditional write is atomic.
pub trait Store {
    /// The object at `key` with its version; none if there is none.
    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<(Vec<u8>, Version)>, StoreError>> + Send;

    /// Writes the object at `key`, whole or not at all.
    fn put(&self, key: &Key, body: Vec<u8>, when: If) -> impl Future<Output = Result<Put, StoreError>> + Send;

    /// Removes the object at `key`, if there is one.
    fn remove(&self, key: &Key) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Why something could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DeliverError(pub String);

/// What became of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The message's id.
    pub id: String,
    /// Whether it was taken.
    pub outcome: Result<(), DeliverError>,
}

/// Sends what is owed. Where nobody is to get a kind of message, that kind counts as sent.
pub trait Deliver {
    /// Sends alerts in their order; a receipt for each. One without a receipt counts as not sent.
    fn alert(&self, owed: &[AlertMessage]) -> impl Future<Output = Vec<Receipt>> + Send;

    /// Sends a digest.
    fn digest(&self, owed: &DigestMessage) -> impl Future<Output = Result<(), DeliverError>> + Send;

    /// Publishes metrics, all or none.
    fn measure(&self, metrics: &[Metric]) -> impl Future<Output = Result<(), DeliverError>> + Send;
}

/// Tells the time.
pub trait Clock {
    /// The time now.
    fn now(&self) -> Timestamp;
}

impl Version {
    /// The version that is told by its content, for stores that have no better.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(plumbline_findings::digest_of_bytes(body))
    }
}

impl Key {
    /// A key of some words. What would not be a plain file name or would climb out of its folder is replaced by a digest.
    #[must_use]
    pub fn of(words: &[&str]) -> Self {
        let plain = |word: &str| {
            !word.is_empty()
                && word.len() <= 128
                && !word.starts_with('.')
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        let words: Vec<String> = words
            .iter()
            .map(|word| if plain(word) { (*word).to_owned() } else { plumbline_findings::digest_of(&[word]) })
            .collect();
        Self(words.join("/"))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn a_key_stays_in_its_folder() {
        assert_eq!(Key::of(&["111122223333", "state.json"]).as_str(), "111122223333/state.json");
        for odd in ["..", ".", "", "a/b", "a\\b", "é", "a b", &"x".repeat(129)] {
            let key = Key::of(&["claims", odd]);
            let (folder, name) = key.as_str().split_once('/').unwrap();
            assert_eq!((folder, name.len()), ("claims", 32), "{odd}");
        }
        assert_ne!(Key::of(&["a/b"]), Key::of(&["a", "b"]));
        assert_ne!(Key::of(&["a/b"]), Key::of(&["a/c"]));
    }
}
