//! What is not wholly known, as two sets: packets that certainly are in it, and packets that possibly are.

use crate::packets::{Packets, TooMany};

/// A set of packets between two bounds. INVARIANT: what surely is in it possibly is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounds {
    surely: Packets,
    /// None where the set is wholly known, as most are: then nothing is computed twice.
    possibly: Option<Packets>,
}

impl Bounds {
    /// No packet.
    #[must_use]
    pub fn none() -> Self {
        Self::known(Packets::none())
    }

    /// Exactly these.
    #[must_use]
    pub fn known(packets: Packets) -> Self {
        Bounds { surely: packets, possibly: None }
    }

    /// Any of these, or none.
    #[must_use]
    pub fn up_to(packets: Packets) -> Self {
        Bounds { surely: Packets::none(), possibly: Some(packets) }
    }

    /// Those that certainly are in it.
    #[must_use]
    pub fn surely(&self) -> &Packets {
        &self.surely
    }

    /// Those that are, as far as is known.
    #[must_use]
    pub fn possibly(&self) -> &Packets {
        self.possibly.as_ref().unwrap_or(&self.surely)
    }

    /// Whether the bounds are one.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.possibly.is_none()
    }

    /// How many boxes it takes.
    pub(crate) fn boxes(&self) -> usize {
        self.surely.boxes() + self.possibly.as_ref().map_or(0, Packets::boxes)
    }

    /// Those that are in any of these. Sets of as many parts are joined, so that most boxes are compared with few others.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn any(all: impl IntoIterator<Item = Result<Self, TooMany>>) -> Result<Self, TooMany> {
        let mut joined: Vec<(usize, Self)> = Vec::new();
        for one in all {
            let (mut parts, mut own) = (1, one?);
            while let Some((_, before)) = joined.pop_if(|(others, _)| *others == parts) {
                own = before.or(&own)?;
                parts *= 2;
            }
            joined.push((parts, own));
        }
        let mut found = Self::none();
        while let Some((_, before)) = joined.pop() {
            found = before.or(&found)?;
        }
        Ok(found)
    }

    /// Those that are in both.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn and(&self, other: &Self) -> Result<Self, TooMany> {
        let surely = self.surely.and(&other.surely)?;
        if self.is_known() && other.is_known() {
            return Ok(Self::known(surely));
        }
        Ok(Bounds { surely, possibly: Some(self.possibly().and(other.possibly())?) })
    }

    /// Those that are in either.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn or(&self, other: &Self) -> Result<Self, TooMany> {
        let surely = self.surely.or(&other.surely)?;
        if self.is_known() && other.is_known() {
            return Ok(Self::known(surely));
        }
        Ok(Bounds { surely, possibly: Some(self.possibly().or(other.possibly())?) })
    }

    /// Those that are in the first alone.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn minus(&self, other: &Self) -> Result<Self, TooMany> {
        let surely = self.surely.minus(other.possibly())?;
        if self.is_known() && other.is_known() {
            return Ok(Self::known(surely));
        }
        Ok(Bounds { surely, possibly: Some(self.possibly().minus(&other.surely)?) })
    }
}
