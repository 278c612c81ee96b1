//! How long a thread has had a processor. A module of each program that measures work which others may disturb.

use std::time::Duration;

/// How long this thread has had a processor; none where the system does not tell.
pub(crate) fn processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}
