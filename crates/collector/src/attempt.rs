//! One call, made as often as it takes: the queue for a token, the time limit, the pause before the next attempt.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use plumbline_names::Region;
use plumbline_snapshot::{Source, Why};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::budget::Account;
use crate::classify::Failure;
use crate::endpoint::Endpoint;
use crate::log::Log;

/// How long to insist on an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Attempts of one call against throttles.
    pub throttled: u32,
    /// Attempts of one call against failures of the service or the transport.
    pub failed: u32,
    /// The first pause between attempts is a random part of this; each further one may be twice as long.
    pub base: Duration,
    /// No pause is longer.
    pub cap: Duration,
    /// One attempt may take so long.
    pub attempt: Duration,
    /// The deadline of a Region, and of a service in it, counted from its last answer: where nobody has answered for so
    /// long, nothing more is asked. No shorter than the attempts of one call, so that a single one is never cut.
    pub silence: Duration,
}

/// What the attempts of a run share.
#[derive(Debug)]
pub(crate) struct Attempts {
    deadline: Option<Instant>,
    /// From when on no further call is made, so that what was read can be put by.
    pause: Mutex<Option<Instant>>,
    patience: Patience,
    ran_out: AtomicBool,
}

/// Attempts of one call so far.
#[derive(Debug, Default)]
pub(crate) struct Tries {
    throttled: u32,
    failed: u32,
}

impl Default for Patience {
    /// Six attempts against throttles, three against failures, pauses from 0.5 s to 20 s, 15 s for one attempt
    /// (LIMITS: connect within 3 s, first byte within 10 s), a minute of silence.
    fn default() -> Self {
        Self {
            throttled: 6,
            failed: 3,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(20),
            attempt: Duration::from_secs(15),
            silence: Duration::from_secs(60),
        }
    }
}

impl Attempts {
    pub(crate) fn new(deadline: Option<Instant>, patience: Patience) -> Self {
        Self { deadline, pause: Mutex::new(None), patience, ran_out: AtomicBool::new(false) }
    }

    /// Begins a slice that ends at `pause`; nothing has run out of time in it yet.
    pub(crate) fn go_on(&self, pause: Option<Instant>) {
        *self.pause.lock().unwrap_or_else(PoisonError::into_inner) = pause;
        self.ran_out.store(false, Ordering::Relaxed);
    }

    /// From when on no further call is made.
    fn last_call(&self) -> Option<Instant> {
        let pause = *self.pause.lock().unwrap_or_else(PoisonError::into_inner);
        self.deadline.into_iter().chain(pause).min()
    }

    /// Whether the deadline, or the end of the slice, put something off.
    pub(crate) fn ran_out(&self) -> bool {
        self.ran_out.load(Ordering::Relaxed)
    }

    /// Waits for a token of the bucket and a place among the requests in flight.
    ///
    /// # Errors
    /// The deadline came first, or it is hopeless.
    pub(crate) async fn admit<'a>(
        &self,
        account: &Account,
        endpoint: &'a Endpoint,
    ) -> Result<Option<SemaphorePermit<'a>>, Failure> {
        let turn = async {
            account.pay().await;
            // The semaphore is never closed; without it there would merely be no cap.
            endpoint.flight.acquire().await.ok()
        };
        if let Some(failure) = account.hopeless().or_else(|| endpoint.silent()) {
            return Err(failure);
        }
        let permit = match self.last_call() {
            None => turn.await,
            Some(end) if Instant::now() >= end => return Err(self.out_of_time()),
            Some(end) => timeout_at(end, turn).await.map_err(|_| self.out_of_time())?,
        };
        // It may have been a long wait.
        match endpoint.silent() {
            Some(failure) => Err(failure),
            None => Ok(permit),
        }
    }

    /// Waits for an answer as long as one attempt may take.
    ///
    /// # Errors
    /// It took longer, or the deadline came first.
    pub(crate) async fn in_time<A>(&self, answer: impl Future<Output = A>) -> Result<A, Failure> {
        let limit = self.patience.attempt;
        let left = self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        match timeout(left.unwrap_or(limit).min(limit), answer).await {
            Ok(answer) => Ok(answer),
            Err(_) if left.is_some_and(|left| left < limit) => Err(self.out_of_time()),
            Err(_) => Err(Failure::own(Why::Failed, format!("no answer within {} s", limit.as_secs()), true)),
        }
    }

    /// Decides whether a failed call is made again, and waits until then: full jitter, twice as long each time.
    ///
    /// # Errors
    /// The failure, if it will not pass or the attempts are used up; the deadline, if it comes first.
    pub(crate) async fn pause(
        &self,
        account: &Account,
        tries: &mut Tries,
        failure: Failure,
        log: (&Log, &Source, Option<&Region>),
    ) -> Result<(), Failure> {
        let (made, most) = if failure.why == Why::Throttled {
            let (log, source, region) = log;
            log.throttled(source, region);
            account.throttled();
            tries.throttled += 1;
            (tries.throttled, self.patience.throttled)
        } else {
            if failure.status.is_some_and(|status| status < 500) {
                account.answered();
            }
            tries.failed += 1;
            (tries.failed, self.patience.failed)
        };
        if !failure.passing {
            if failure.why != Why::OutOfTime {
                account.won();
            }
            return Err(failure);
        }
        if made >= most || account.is_weary() {
            account.lost(&failure);
            return Err(failure);
        }
        let longest = self.patience.base.saturating_mul(1 << (made - 1).min(16)).min(self.patience.cap);
        let pause = longest.mul_f64(fastrand::f64());
        tracing::debug!(made, pause_ms = pause.as_millis(), why = ?failure.why, detail = %failure.detail, "again");
        match self.last_call() {
            Some(end) if Instant::now() + pause >= end => Err(self.out_of_time()),
            _ => {
                sleep(pause).await;
                Ok(())
            }
        }
    }

    fn out_of_time(&self) -> Failure {
        self.ran_out.store(true, Ordering::Relaxed);
        Failure::own(Why::OutOfTime, "the run's time ended first", false)
    }
}
