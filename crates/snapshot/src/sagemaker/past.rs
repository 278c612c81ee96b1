//! Jobs of which only name and time of making are kept: there may be half a million.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// So many names, and a quarter of those that are in order, may wait to be put in order.
const WAITING: usize = 1024;

/// When jobs were made, by their names; in a file a map.
///
/// The names stand one after the other in a single text, in order: 50 bytes a job, where a `BTreeMap` takes 120. What is
/// new waits in a map of its own, so that it need not be put in order one by one.
#[derive(Clone, Default)]
pub struct Past {
    names: String,
    /// Where each name ends.
    ends: Vec<usize>,
    made: Vec<Timestamp>,
    /// None of these is among the names.
    waiting: BTreeMap<Box<str>, Timestamp>,
}

impl Past {
    /// How many jobs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len() + self.waiting.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// When the job of this name was made.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Timestamp> {
        let waiting = self.waiting.get(name).copied();
        waiting.or_else(|| self.made.get(self.find(name).ok()?).copied())
    }

    /// Keeps when the job of this name was made, whatever was known of that name.
    pub fn insert(&mut self, name: &str, made: Timestamp) {
        match self.find(name).map(|at| self.made.get_mut(at)) {
            Ok(Some(known)) => *known = made,
            _ => {
                self.waiting.insert(name.into(), made);
            }
        }
        if self.waiting.len() > WAITING.max(self.ends.len() / 4) {
            self.put_in_order();
        }
    }

    /// Forgets the job of this name.
    pub fn remove(&mut self, name: &str) {
        if self.waiting.remove(name).is_some() {
            return;
        }
        if let Ok(at) = self.find(name) {
            let end = self.ends.remove(at);
            self.names.replace_range(end - name.len()..end, "");
            self.made.remove(at);
            for later in self.ends.iter_mut().skip(at) {
                *later -= name.len();
            }
        }
    }

    /// Every job's name and when it was made, in the order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Timestamp)> {
        let mut settled = (0..self.ends.len()).map_while(|at| Some((self.name(at)?, *self.made.get(at)?))).peekable();
        let mut waiting = self.waiting.iter().map(|(name, made)| (name.as_ref(), *made)).peekable();
        std::iter::from_fn(move || match (settled.peek(), waiting.peek()) {
            (Some(one), Some(other)) if other < one => waiting.next(),
            (Some(_), _) => settled.next(),
            (None, _) => waiting.next(),
        })
    }

    /// Gives back the memory that more of them would need.
    pub fn shrink(&mut self) {
        self.put_in_order();
        self.names.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.made.shrink_to_fit();
    }

    fn name(&self, at: usize) -> Option<&str> {
        let start = if at == 0 { 0 } else { *self.ends.get(at - 1)? };
        self.names.get(start..*self.ends.get(at)?)
    }

    /// Where a name is, or would be, among those in order.
    fn find(&self, name: &str) -> Result<usize, usize> {
        let (mut low, mut high) = (0, self.ends.len());
        while low < high {
            let middle = low + (high - low) / 2;
            match self.name(middle).unwrap_or_default().cmp(name) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return Ok(middle),
            }
        }
        Err(low)
    }

    fn put_in_order(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let more: usize = self.waiting.keys().map(|name| name.len()).sum();
        let mut all = Self {
            names: String::with_capacity(self.names.len() + more),
            ends: Vec::with_capacity(self.len()),
            made: Vec::with_capacity(self.len()),
            waiting: BTreeMap::new(),
        };
        for (name, made) in self.iter() {
            all.names.push_str(name);
            all.ends.push(all.names.len());
            all.made.push(made);
        }
        *self = all;
    }
}

impl fmt::Debug for Past {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl PartialEq for Past {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Past {}

impl<'a> FromIterator<(&'a str, Timestamp)> for Past {
    fn from_iter<I: IntoIterator<Item = (&'a str, Timestamp)>>(jobs: I) -> Self {
        let mut past = Self::default();
        jobs.into_iter().for_each(|(name, made)| past.insert(name, made));
        past
    }
}

impl Serialize for Past {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Past {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;
        impl<'de> Visitor<'de> for Map {
            type Value = Past;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of jobs' names to moments")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Past, A::Error> {
                let mut past = Past::default();
                while let Some((name, made)) = map.next_entry::<String, Timestamp>()? {
                    past.insert(&name, made);
                }
                past.shrink();
                Ok(past)
            }
        }
        deserializer.deserialize_map(Map)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::Past;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn it_is_a_map(steps in proptest::collection::vec((0..3_u8, "[a-c]{0,3}é?", 0..1000_i64), 0..200), order in 0..7_usize) {
            let (mut past, mut map) = (Past::default(), BTreeMap::new());
            for (number, (what, name, second)) in steps.iter().enumerate() {
                let made = Timestamp::from_second(*second).unwrap();
                if *what == 0 {
                    past.remove(name);
                    map.remove(name);
                } else {
                    past.insert(name, made);
                    map.insert(name.clone(), made);
                }
                if number % 8 == order {
                    past.shrink();
                }
                prop_assert_eq!(past.get(name), map.get(name).copied());
                prop_assert_eq!(past.len(), map.len());
            }
            let listed: Vec<_> = map.iter().map(|(name, made)| (name.as_str(), *made)).collect();
            prop_assert_eq!(past.iter().collect::<Vec<_>>(), listed);
            let text = serde_json::to_string(&past).unwrap();
            prop_assert_eq!(&text, &serde_json::to_string(&map).unwrap());
            prop_assert_eq!(serde_json::from_str::<Past>(&text).unwrap(), past);
        }
    }

    #[test]
    fn many_names_in_any_order_are_put_in_order_now_and_then() {
        let (mut past, mut map) = (Past::default(), BTreeMap::new());
        for number in (0..5000_u32).rev().chain(5000..10_000) {
            let name = format!("job-{:05}", number.wrapping_mul(7919) % 10_000);
            past.insert(&name, Timestamp::UNIX_EPOCH);
            map.insert(name, Timestamp::UNIX_EPOCH);
        }
        assert!(past.waiting.len() < 3000 && past.len() == map.len());
        assert!(past.iter().map(|(name, _)| name).eq(map.keys()));
    }
}
