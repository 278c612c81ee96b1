//! How much a question may take. It is counted, not timed: a question is answered or refused on every machine alike.

use std::cell::Cell;

use crate::packets::TooMany;

/// Pairs of boxes that the border of a VPC, or one walk, may compare: a second or some.
pub const MAX_WORK: u64 = 100_000_000;

/// Boxes that may be kept at once: of the filters of one Region, and of one answer. Some hundred megabytes.
pub const MAX_KEPT: usize = 2_000_000;

thread_local! {
    /// All pairs that this thread has compared so far.
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// That pairs of boxes are compared.
pub(crate) fn count(pairs: usize) {
    let pairs = u64::try_from(pairs).unwrap_or(u64::MAX);
    DONE.with(|done| done.set(done.get().saturating_add(pairs)));
}

/// The work on one border or walk.
pub(crate) struct Work {
    begun: u64,
}

impl Work {
    pub(crate) fn start() -> Self {
        Work { begun: DONE.get() }
    }

    /// Whether it may go on, with so many boxes kept.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn check(&self, kept: usize) -> Result<(), TooMany> {
        let done = DONE.get().saturating_sub(self.begun);
        if done > MAX_WORK || kept > MAX_KEPT { Err(TooMany) } else { Ok(()) }
    }
}
