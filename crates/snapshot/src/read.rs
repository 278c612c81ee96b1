//! The answer to one question put to AWS.

use serde::{Deserialize, Serialize};

use crate::{Gap, Source};

/// The answer to one question put to a snapshot: found `Ok(Some)`, absent `Ok(None)`, not seen `Err`.
pub type Sight<'a, T> = Result<T, &'a Gap>;

/// The answer to one question put to AWS; in a file `{"seen": ..}` or `{"gap": ..}`.
///
/// Where AWS may answer that there is none, `T` is an `Option`: `Seen(None)` is absence, a gap never is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[must_use]
pub enum Read<T> {
    /// AWS answered.
    Seen(T),
    /// AWS did not, or was not asked.
    Gap(Gap),
}

impl<T> Read<T> {
    /// A read that nobody has made yet.
    pub fn unread(source: &Source) -> Self {
        Self::Gap(Gap::unread(source))
    }

    /// A read about `target` that nobody has made yet.
    pub fn unread_of(source: &Source, target: &str) -> Self {
        Self::Gap(Gap::unread(source).about(target))
    }

    /// The answer, or the gap that stands in its place.
    ///
    /// # Errors
    /// The gap.
    pub fn sight(&self) -> Sight<'_, &T> {
        match self {
            Self::Seen(value) => Ok(value),
            Self::Gap(gap) => Err(gap),
        }
    }

    /// Whether it is still to be read: see [`Gap::is_open`].
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Gap(gap) if gap.is_open())
    }

    /// The answer, to fill in or change.
    pub fn as_seen_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Seen(value) => Some(value),
            Self::Gap(_) => None,
        }
    }

    /// Whether AWS answered.
    #[must_use]
    pub fn is_seen(&self) -> bool {
        matches!(self, Self::Seen(_))
    }
}
