//! A listing that may be cut short.

use std::collections::BTreeMap;

use plumbline_names::Text;
use serde::{Deserialize, Serialize};

use crate::{Gap, Read, Sight, Source};

/// A listing. `gap` is `None` when it is whole; `cursor` is where to go on.
///
/// What was listed before a page failed is kept: a violation among it stands. The set as a whole is then not seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct Collected<T> {
    items: BTreeMap<Text, T>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap: Option<Gap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    /// What an earlier run knew and this one has not listed yet. Nobody who asks gets to see it.
    #[serde(default = "BTreeMap::new", skip_serializing_if = "BTreeMap::is_empty")]
    prior: BTreeMap<Text, T>,
}

/// A walk through the pages of something that is no listing of its own: how far it came.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap: Option<Gap>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

impl Passage {
    /// A walk that nobody has begun.
    #[must_use]
    pub fn unread(source: &Source) -> Self {
        Self { gap: Some(Gap::unread(source)), cursor: None }
    }

    /// Why it is not at its end.
    #[must_use]
    pub fn gap(&self) -> Option<&Gap> {
        self.gap.as_ref()
    }

    /// Whether it is still to be walked: see [`Gap::is_open`].
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.gap.as_ref().is_some_and(Gap::is_open)
    }

    /// Where it goes on.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Says that the end was reached.
    pub fn finish(&mut self) {
        *self = Self::default();
    }

    /// Says why it stopped, and where it would go on.
    pub fn stop(&mut self, gap: Gap, cursor: Option<String>) {
        *self = Self { gap: Some(gap), cursor };
    }
}

impl<T> Collected<T> {
    /// A listing that nobody has made yet.
    pub fn unread(source: &Source) -> Self {
        Self { items: BTreeMap::new(), gap: Some(Gap::unread(source)), cursor: None, prior: BTreeMap::new() }
    }

    /// A whole listing of nothing.
    pub fn empty() -> Self {
        Self { items: BTreeMap::new(), gap: None, cursor: None, prior: BTreeMap::new() }
    }

    /// A whole listing.
    pub fn whole(items: impl IntoIterator<Item = (impl Into<Text>, T)>) -> Self {
        let items = items.into_iter().map(|(id, item)| (id.into(), item)).collect();
        Self { items, gap: None, cursor: None, prior: BTreeMap::new() }
    }

    /// One item by its id.
    ///
    /// # Errors
    /// The gap, if the item is not among what was listed and the listing is not whole.
    pub fn get(&self, id: &str) -> Sight<'_, Option<&T>> {
        match (self.items.get(id), &self.gap) {
            (Some(item), _) => Ok(Some(item)),
            (None, None) => Ok(None),
            (None, Some(gap)) => Err(gap),
        }
    }

    /// Every item, in the order of ids.
    ///
    /// # Errors
    /// The gap, unless the listing is whole.
    pub fn all(&self) -> Sight<'_, impl Iterator<Item = &T>> {
        match &self.gap {
            None => Ok(self.items.values()),
            Some(gap) => Err(gap),
        }
    }

    /// Whatever was listed, whole or not.
    pub fn seen(&self) -> impl Iterator<Item = &T> {
        self.items.values()
    }

    /// Whatever was listed, with its ids.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &T)> {
        self.items.iter().map(|(id, item)| (id.as_str(), item))
    }

    /// Why the listing is not whole.
    #[must_use]
    pub fn gap(&self) -> Option<&Gap> {
        self.gap.as_ref()
    }

    /// Whether it is still to be read: nobody has tried yet, or time ran out. What AWS refused is not asked again in a run.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.gap.as_ref().is_some_and(Gap::is_open)
    }

    /// Whether every page was read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.gap.is_none()
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether nothing was listed; says nothing about absence.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Where an interrupted listing goes on.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    /// Adds what one page held.
    pub fn add(&mut self, items: impl IntoIterator<Item = (impl Into<Text>, T)>) {
        self.items.extend(items.into_iter().map(|(id, item)| (id.into(), item)));
    }

    /// Says that the last page was read. What an earlier run knew and nobody listed is forgotten.
    pub fn finish(&mut self) {
        self.gap = None;
        self.cursor = None;
        self.prior = BTreeMap::new();
        // WHY: a tree that grew in the order of its keys is half empty; one that is built at once is full.
        self.items = std::mem::take(&mut self.items).into_iter().collect();
    }

    /// Gives what an earlier run knew, for the listing to confirm item by item.
    pub fn expect(&mut self, items: impl IntoIterator<Item = (impl Into<Text>, T)>) {
        self.prior.extend(items.into_iter().map(|(id, item)| (id.into(), item)));
    }

    /// What an earlier run knew of an item that was just listed.
    pub fn known(&mut self, id: &str) -> Option<T> {
        self.prior.remove(id)
    }

    /// What an earlier run knew and this one has not listed.
    pub fn unconfirmed(&self) -> impl Iterator<Item = (&str, &T)> {
        self.prior.iter().map(|(id, item)| (id.as_str(), item))
    }

    /// The same, to fill in or change.
    pub fn unconfirmed_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.prior.values_mut()
    }

    /// Takes what an earlier run knew and this one has not listed.
    pub fn take_unconfirmed(&mut self) -> BTreeMap<Text, T> {
        std::mem::take(&mut self.prior)
    }

    /// Begins the listing anew: what was listed is to be confirmed.
    pub fn restart(&mut self) {
        self.cursor = None;
        self.prior.append(&mut self.items);
    }

    /// Says why the listing stopped, and where it would go on.
    pub fn stop(&mut self, gap: Gap, cursor: Option<String>) {
        self.gap = Some(gap);
        self.cursor = cursor;
    }

    /// The items, to fill in their details.
    pub fn items_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.items.iter_mut().map(|(id, item)| (id.as_str(), item))
    }

    /// The items, each with its own id in the memory of the key.
    pub(crate) fn share_ids(&mut self, id: impl Fn(&mut T) -> &mut Text) -> impl Iterator<Item = &mut T> {
        self.items.iter_mut().map(move |(key, item)| {
            let own = id(item);
            if own == key {
                own.clone_from(key);
            }
            item
        })
    }

    /// One item, to fill in or change.
    pub fn item_mut(&mut self, id: &str) -> Option<&mut T> {
        self.items.get_mut(id)
    }

    /// Takes an item out, as when it vanished between listing and description.
    pub fn remove(&mut self, id: &str) -> Option<T> {
        self.items.remove(id)
    }

    /// The listing without its items, as one answer.
    pub fn as_read(&self) -> Read<()> {
        match &self.gap {
            None => Read::Seen(()),
            Some(gap) => Read::Gap(gap.clone()),
        }
    }
}
