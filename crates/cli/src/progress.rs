//! What is being read, on a terminal: one line that changes. Silent everywhere else.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plumbline_app::{Progress, Silent};
use plumbline_names::Region;
use plumbline_snapshot::{Outcome, Source};

/// A line on standard error if that is a terminal, else silence.
pub(crate) fn watcher() -> Arc<dyn Progress> {
    use std::io::IsTerminal as _;
    if std::io::stderr().is_terminal() { Arc::new(Line::new()) } else { Arc::new(Silent) }
}

struct Line {
    bar: ProgressBar,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    reads: BTreeMap<&'static str, u64>,
    items: u64,
    ended: u64,
}

impl Line {
    fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, open: Mutex::default() }
    }

    fn change(&self, change: impl FnOnce(&mut Open)) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut open);
        let reading = open.reads.keys().take(4).copied().collect::<Vec<_>>().join(", ");
        let more = open.reads.len().saturating_sub(4);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.bar.set_message(format!("{} reads done, {} items; reading {reading}{more}", open.ended, open.items));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Line {
    fn started(&self, source: &Source, _: Option<&Region>) {
        let name = source.operation;
        self.change(|open| *open.reads.entry(name).or_default() += 1);
    }

    fn received(&self, _: &Source, _: Option<&Region>, items: u64) {
        self.change(|open| open.items += items);
    }

    fn ended(&self, source: &Source, _: Option<&Region>, _: Outcome) {
        let name = source.operation;
        self.change(|open| {
            open.ended += 1;
            if let Some(count) = open.reads.get_mut(name) {
                *count -= 1;
                if *count == 0 {
                    open.reads.remove(name);
                }
            }
        });
    }
}
