//! Several listings of which each answer holds a part, under one token.

use plumbline_names::Text;
use plumbline_snapshot::{Collected, Gap};

use crate::page::{Next, Page};

/// Listings that are filled together: one, or a pair of such, which may be pairs in turn.
pub trait Listings {
    /// What one answer holds of them.
    type Pages;

    /// Whether any of them is still to be read.
    fn is_open(&self) -> bool;

    /// Where all of them go on; none unless it is the same place.
    fn cursor(&self) -> Option<&str>;

    /// Begins all anew.
    fn restart(&mut self);

    /// Adds what one answer held: how many items, and whether one came without its identity.
    fn add(&mut self, pages: Self::Pages) -> (usize, bool);

    /// Says that the last page was read.
    fn finish(&mut self);

    /// Says why they stopped, and where they would go on.
    fn stop(&mut self, gap: &Gap, cursor: Option<&str>);
}

impl<T> Listings for &mut Collected<T> {
    /// Items by id; `None`, or an empty id, is one that came without its identity.
    type Pages = Vec<Option<(Text, T)>>;

    fn is_open(&self) -> bool {
        Collected::is_open(self)
    }

    fn cursor(&self) -> Option<&str> {
        Collected::cursor(self)
    }

    fn restart(&mut self) {
        Collected::restart(self);
    }

    fn add(&mut self, items: Self::Pages) -> (usize, bool) {
        let (items, taken) = Page::of(items, Next::End).split();
        Collected::add(self, items);
        (taken.items, taken.nameless)
    }

    fn finish(&mut self) {
        Collected::finish(self);
    }

    fn stop(&mut self, gap: &Gap, cursor: Option<&str>) {
        Collected::stop(self, gap.clone(), cursor.map(str::to_owned));
    }
}

impl<A: Listings, B: Listings> Listings for (A, B) {
    type Pages = (A::Pages, B::Pages);

    fn is_open(&self) -> bool {
        self.0.is_open() || self.1.is_open()
    }

    fn cursor(&self) -> Option<&str> {
        self.0.cursor().filter(|cursor| self.1.cursor() == Some(cursor))
    }

    fn restart(&mut self) {
        self.0.restart();
        self.1.restart();
    }

    fn add(&mut self, (first, second): Self::Pages) -> (usize, bool) {
        let ((a, nameless), (b, other)) = (self.0.add(first), self.1.add(second));
        (a + b, nameless || other)
    }

    fn finish(&mut self) {
        self.0.finish();
        self.1.finish();
    }

    fn stop(&mut self, gap: &Gap, cursor: Option<&str>) {
        self.0.stop(gap, cursor);
        self.1.stop(gap, cursor);
    }
}
