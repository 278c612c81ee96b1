//! The time, as the one port that may look at it.

use jiff::Timestamp;
use plumbline_audit::Clock;

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        now()
    }
}

/// The time now.
#[expect(clippy::disallowed_methods, reason = "the clock port")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}
