//! Times and what is told of them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::processor::processor;

/// How often everything is done; the first time warms up and does not count.
const ROUNDS: usize = 8;

/// What takes longer is far from its aim: it needs neither warming up nor another round.
const SLOW: Duration = Duration::from_secs(5);

/// The time of each item: of all rounds the median.
pub(crate) fn of_each<T, U>(items: &[T], mut work: impl FnMut(&T) -> U) -> Vec<Duration> {
    let mut all: Vec<Vec<Duration>> = vec![Vec::with_capacity(ROUNDS); items.len()];
    for round in 0..ROUNDS {
        for (item, times) in items.iter().zip(&mut all) {
            let start = Instant::now();
            black_box(work(black_box(item)));
            let time = start.elapsed();
            if round > 0 {
                times.push(time);
            }
        }
    }
    all.into_iter().map(|mut times| share_of(&mut times, 0.5)).collect()
}

/// The processor time of one pass over everything: of all rounds the median, or the first if it is slow. Others may use the
/// machine meanwhile.
pub(crate) fn of_all(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let (start, before) = (Instant::now(), processor());
        work();
        let time = match (before, processor()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => start.elapsed(),
        };
        if round > 0 || time > SLOW {
            times.push(time);
        }
        if time > SLOW {
            break;
        }
    }
    share_of(&mut times, 0.5)
}

/// The time that this share of all does not pass.
pub(crate) fn share_of(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    let last = times.len().saturating_sub(1);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "few items"
    )]
    let at = (share * times.len() as f64) as usize;
    times.get(at.min(last)).copied().unwrap_or_default()
}

/// Median, p99 and largest of some times.
pub(crate) struct Spread {
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    pub(crate) largest: Duration,
}

impl Spread {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        Spread {
            median: share_of(&mut times, 0.5),
            p99: share_of(&mut times, 0.99),
            largest: times.last().copied().unwrap_or_default(),
        }
    }

    pub(crate) fn told(&self) -> String {
        format!("median {}, p99 {}, largest {}", told(self.median), told(self.p99), told(self.largest))
    }
}

/// A time in the unit that suits it.
pub(crate) fn told(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        _ if micros < 1_000.0 => format!("{micros:.1} µs"),
        _ if micros < 1_000_000.0 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.2} s", micros / 1e6),
    }
}
