//! Equal texts in one place.

use std::collections::HashSet;

use plumbline_names::Text;

/// Texts met so far. A text that comes again is given the memory of the first.
#[derive(Debug, Default)]
pub struct Shared(HashSet<Text>);

impl Shared {
    /// The text, in the memory of an equal one if there is one.
    pub fn text(&mut self, text: &str) -> Text {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let text = Text::from(text);
        if text.len() > Text::INLINE_LIMIT {
            self.0.insert(text.clone());
        }
        text
    }

    /// Replaces a text by an equal one met before.
    pub fn replace(&mut self, text: &mut Text) {
        match self.0.get(text.as_str()) {
            Some(known) => text.clone_from(known),
            None => drop(self.0.insert(text.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use plumbline_names::Text;

    use super::Shared;

    #[test]
    fn equal_texts_share_their_memory() {
        let mut shared = Shared::default();
        let long = "a text that is longer than what a pointer's place holds";
        let (first, again) = (shared.text(long), shared.text(long));
        assert_eq!((first.as_str(), first.as_ptr()), (long, again.as_ptr()));
        let mut apart = Text::from(long);
        assert_ne!(apart.as_ptr(), first.as_ptr());
        shared.replace(&mut apart);
        assert_eq!(apart.as_ptr(), first.as_ptr());
        assert_eq!(shared.text("short"), "short");
    }
}
