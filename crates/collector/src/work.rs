//! Work that is known to be left: questions under way, and items of a batch whose questions are still to come.
//!
//! A listing says nothing of its length before its end, so nothing is said of listings. What they have listed is asked about
//! in batches ([`crate::each`]), whose length is known.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use plumbline_names::Region;
use plumbline_snapshot::Source;

use crate::budget::Account;

/// The questions of a run, by kind.
#[derive(Debug, Default)]
pub(crate) struct Work(Mutex<BTreeMap<(Option<Region>, &'static Source), Kind>>);

/// The questions of one kind.
#[derive(Debug)]
struct Kind {
    account: Arc<Account>,
    begun: u64,
    ended: u64,
    /// The batches in which it was asked, each with how often.
    batches: Vec<(Weak<Batch>, u64)>,
}

/// A batch at work.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    begun: AtomicU64,
    waiting: AtomicU64,
}

/// The questions of one kind: how many were answered, of how many, and how much longer they take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// What is asked.
    pub source: &'static Source,
    /// Where; none for global services.
    pub region: Option<Region>,
    /// Questions that have ended.
    pub done: u64,
    /// Questions in all, those to come included.
    pub total: u64,
    /// Whether `total` holds questions of items not begun, which are taken to be as many an item as of those begun.
    pub estimated: bool,
    /// The time that the rate limit needs for what is left, at its rate of now; none where there is no limit to reckon with.
    pub left: Option<Duration>,
}

/// Whoever has it may ask at any time how far a run is. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Forecast(Arc<Work>);

thread_local! {
    /// The batch whose question is being polled.
    static CURRENT: RefCell<Option<Arc<Batch>>> = const { RefCell::new(None) };
}

/// Puts the batch around back when it is dropped.
struct Around(Option<Arc<Batch>>);

impl Drop for Around {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// Runs what is no question of the batch around it, such as the reading of a whole Region among several: what it asks belongs
/// to no batch but its own.
pub fn apart<F: Future>(reading: F) -> impl Future<Output = F::Output> {
    let mut reading = Box::pin(reading);
    poll_fn(move |context| {
        let _around = Around(CURRENT.replace(None));
        reading.as_mut().poll(context)
    })
}

impl Batch {
    /// Does something, usually polls a question, in the name of this batch.
    pub(crate) fn within<T>(self: &Arc<Self>, work: impl FnOnce() -> T) -> T {
        let _around = Around(CURRENT.replace(Some(Arc::clone(self))));
        work()
    }

    /// So many items are not begun.
    pub(crate) fn waits_for(&self, items: usize) {
        self.waiting.store(items as u64, Ordering::Relaxed);
    }

    /// One more item is begun.
    pub(crate) fn begins(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// Questions still to come, where each item so far has had so many of `asked`.
    fn coming(&self, asked: u64) -> f64 {
        let begun = self.begun.load(Ordering::Relaxed).max(1);
        self.waiting.load(Ordering::Relaxed) as f64 * asked as f64 / begun as f64
    }
}

impl Kind {
    /// Questions of items not begun.
    fn coming(&self) -> f64 {
        self.batches.iter().filter_map(|(batch, asked)| Some(batch.upgrade()?.coming(*asked))).sum()
    }

    /// Questions without an answer, those to come included.
    fn open(&self) -> f64 {
        self.begun.saturating_sub(self.ended) as f64 + self.coming()
    }
}

impl Work {
    /// A question of this kind begins; it is paid from `account`.
    pub(crate) fn begins(&self, source: &'static Source, region: Option<&Region>, account: Arc<Account>) {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Kind { account, begun: 0, ended: 0, batches: Vec::new() };
        let kind = kinds.entry((region.cloned(), source)).or_insert_with(fresh);
        kind.begun += 1;
        kind.batches.retain(|(batch, _)| batch.strong_count() > 0);
        let Some(batch) = CURRENT.with_borrow(Clone::clone) else { return };
        let batch = Arc::downgrade(&batch);
        match kind.batches.iter_mut().find(|(known, _)| known.ptr_eq(&batch)) {
            Some((_, asked)) => *asked += 1,
            None => kind.batches.push((batch, 1)),
        }
    }

    /// It ended.
    pub(crate) fn ends(&self, source: &'static Source, region: Option<&Region>) {
        let mut kinds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kind) = kinds.get_mut(&(region.cloned(), source)) {
            kind.ended += 1;
        }
    }
}

impl Forecast {
    pub(crate) fn of(work: &Arc<Work>) -> Self {
        Self(Arc::clone(work))
    }

    /// The kind of question in a batch that will take longest; none while nothing is known.
    #[must_use]
    pub fn longest(&self) -> Option<Outlook> {
        let kinds = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let in_batches =
            kinds.iter().filter(|(_, kind)| kind.batches.iter().any(|(batch, _)| batch.strong_count() > 0));
        let outlooks = in_batches.filter(|(_, kind)| kind.open() > 0.0).map(|((region, source), kind)| {
            // Several kinds may be paid from one bucket.
            let sharing = kinds.values().filter(|other| Arc::ptr_eq(&other.account, &kind.account));
            let left = kind.account.time_for(sharing.map(Kind::open).sum());
            let coming = kind.coming();
            // Whole questions, far below what a float holds exactly.
            let total = kind.begun + coming.round() as u64;
            Outlook { source, region: region.clone(), done: kind.ended, total, estimated: coming > 0.0, left }
        });
        outlooks.max_by_key(|outlook| (outlook.left, outlook.total - outlook.done))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use plumbline_snapshot::Source;

    use super::{Batch, Forecast, Work};
    use crate::budget::{Bucket, Budgets, Share};

    const DESCRIBE: Source = Source { service: "s", operation: "Describe", permissions: &[] };
    const TAGS: Source = Source { service: "s", operation: "Tags", permissions: &[] };
    const LIST: Source = Source { service: "s", operation: "List", permissions: &[] };
    const BUCKETS: &[Bucket] = &[Bucket::published(&[&DESCRIBE], 5.0, 5.0, "test")];

    fn begin(work: &Work, source: &'static Source, share: Share) {
        work.begins(source, None, Budgets::new(share).account(BUCKETS, source, None));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_left_of_a_batch_takes_what_its_bucket_takes() {
        let work = Arc::new(Work::default());
        let whole = Share::of(1.0).unwrap();
        let forecast = Forecast::of(&work);
        begin(&work, &LIST, whole);
        assert_eq!(forecast.longest(), None, "nobody knows how long a listing is");

        let batch = Arc::new(Batch::default());
        batch.waits_for(90);
        for number in 0..10 {
            batch.begins();
            batch.within(|| {
                begin(&work, &DESCRIBE, whole);
                // One item in five has no tags yet.
                if number % 5 == 0 {
                    begin(&work, &TAGS, whole);
                }
            });
        }
        work.ends(&DESCRIBE, None);
        let outlook = forecast.longest().unwrap();
        assert_eq!((outlook.source, outlook.done, outlook.total, outlook.estimated), (&DESCRIBE, 1, 100, true));
        // 9 under way and 90 to come, less the 5 that the bucket holds, at 5 a second.
        assert_eq!(outlook.left, Some(Duration::from_millis(18_800)));

        batch.waits_for(0);
        let outlook = forecast.longest().unwrap();
        assert_eq!((outlook.done, outlook.total, outlook.estimated), (1, 10, false));
        drop(batch);
        assert_eq!(forecast.longest(), None, "the batch is over");
    }

    #[tokio::test(start_paused = true)]
    async fn a_region_among_several_is_no_batch() {
        let work = Arc::new(Work::default());
        let forecast = Forecast::of(&work);
        crate::each([1, 2, 3], 1, async |_| {
            super::apart(async {
                begin(&work, &LIST, Share::OFF);
                tokio::time::sleep(Duration::from_secs(1)).await;
                assert!(forecast.longest().is_none_or(|outlook| outlook.source != &LIST));
            })
            .await;
            begin(&work, &DESCRIBE, Share::OFF);
            assert!(forecast.longest().is_some());
            work.ends(&DESCRIBE, None);
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_there_is_a_number_and_no_time() {
        let work = Arc::new(Work::default());
        let batch = Arc::new(Batch::default());
        batch.waits_for(3);
        batch.begins();
        batch.within(|| begin(&work, &DESCRIBE, Share::OFF));
        let outlook = Forecast::of(&work).longest().unwrap();
        assert_eq!((outlook.total, outlook.left), (4, None));
    }

    #[test]
    fn the_batch_around_comes_back() {
        let (outer, inner) = (Arc::new(Batch::default()), Arc::new(Batch::default()));
        let current = || super::CURRENT.with_borrow(Clone::clone);
        outer.within(|| {
            inner.within(|| assert!(Arc::ptr_eq(&current().unwrap(), &inner)));
            assert!(Arc::ptr_eq(&current().unwrap(), &outer));
        });
        assert!(current().is_none());
        let _ = std::panic::catch_unwind(|| outer.within(|| panic!("a question")));
        assert!(current().is_none());
    }
}
