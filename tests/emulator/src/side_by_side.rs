//! Work shared by a few threads, and waiting.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// What `work` makes of each item, in their order; at most `threads` at a time.
pub fn side_by_side<T: Sync, R: Send>(items: &[T], threads: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    let result = work(item);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Asks until the answer is something, every 20 ms for at most `seconds`.
pub fn until<T>(seconds: u64, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    for _ in 0..seconds * 50 {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        pause();
    }
    None
}

/// A moment.
#[expect(clippy::disallowed_methods, reason = "programs of their own keep the time of the machine")]
fn pause() {
    std::thread::sleep(Duration::from_millis(20));
}
