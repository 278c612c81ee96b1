//! Who wants to know how far the reading has come.

use plumbline_names::Region;
use plumbline_snapshot::{Outcome, Source};

use crate::work::Forecast;

/// Hears of every read as it goes. Called from many reads at once, so it must be quick and must not block.
pub trait Progress: Send + Sync {
    /// A reading begins, of which `forecast` tells what is left.
    fn follow(&self, _forecast: Forecast) {}
    /// A listing, or a question about one thing, begins.
    fn started(&self, source: &Source, region: Option<&Region>);
    /// It received `items` more.
    fn received(&self, source: &Source, region: Option<&Region>, items: u64);
    /// It ended.
    fn ended(&self, source: &Source, region: Option<&Region>, outcome: Outcome);
}

/// Nobody wants to know.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn started(&self, _: &Source, _: Option<&Region>) {}
    fn received(&self, _: &Source, _: Option<&Region>, _: u64) {}
    fn ended(&self, _: &Source, _: Option<&Region>, _: Outcome) {}
}
