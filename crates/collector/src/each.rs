//! Many questions side by side, without a task for each.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use crate::work::Batch;

/// Runs `question` for every item, at most `concurrency` at once, in the task of the caller. Items may be borrowed.
///
/// Answers go where the questions put them, usually into the `&mut` that the item carries. What the questions read counts as
/// a batch of known length: see [`crate::Forecast`].
pub async fn each<I, F, Q>(items: I, concurrency: usize, mut question: Q)
where
    I: IntoIterator,
    Q: FnMut(I::Item) -> F,
    F: Future<Output = ()>,
{
    let mut waiting = items.into_iter().collect::<Vec<_>>().into_iter();
    let batch = Arc::new(Batch::default());
    let mut running: Vec<Pin<Box<F>>> = Vec::new();
    std::future::poll_fn(move |context| {
        loop {
            while running.len() < concurrency.max(1)
                && let Some(item) = waiting.next()
            {
                batch.begins();
                running.push(Box::pin(question(item)));
            }
            batch.waits_for(waiting.len());
            let before = running.len();
            batch.within(|| running.retain_mut(|future| future.as_mut().poll(context).is_pending()));
            if running.is_empty() && before == 0 {
                return Poll::Ready(());
            }
            if running.len() == before {
                return Poll::Pending;
            }
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::each;

    #[tokio::test(start_paused = true)]
    async fn never_more_than_allowed_at_once_and_all_are_done() {
        let mut items: Vec<u64> = (0..50).collect();
        let (now, most) = (Cell::new(0), Cell::new(0));
        let started = tokio::time::Instant::now();
        each(items.iter_mut(), 5, async |item: &mut u64| {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            tokio::time::sleep(Duration::from_secs(1)).await;
            *item += 100;
            now.set(now.get() - 1);
        })
        .await;
        assert!(items.iter().all(|item| *item >= 100));
        assert_eq!((most.get(), started.elapsed().as_secs()), (5, 10));
        each(Vec::<u64>::new(), 0, async |_| {}).await;
    }
}
