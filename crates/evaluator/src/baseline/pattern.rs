//! Patterns of `*` and `?`, the only ones that a baseline knows. No regular expressions.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text in which `*` stands for any characters (also none) and `?` for exactly one; all else is literal.
///
/// A pattern matches the whole text and is case-sensitive. `*` crosses `:` and `/`, as in IAM.
/// A text without either sign is a pattern that matches itself alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Pattern(String);

impl Pattern {
    /// The pattern that `text` spells.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has neither `*` nor `?`, so that it matches one text only.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        is_literal(&self.0)
    }

    /// Whether the whole of `text` matches. Never recurses; only the last `*` is ever tried again.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (mut wanted, mut given) = (self.0.chars(), text.chars());
        let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
        loop {
            let mut next_wanted = wanted.clone();
            match next_wanted.next() {
                Some('*') => {
                    if next_wanted.as_str().is_empty() {
                        return true;
                    }
                    retry = Some((next_wanted.clone(), given.clone()));
                    wanted = next_wanted;
                    continue;
                }
                Some(want) => {
                    let mut next_given = given.clone();
                    if next_given.next().is_some_and(|have| want == '?' || want == have) {
                        (wanted, given) = (next_wanted, next_given);
                        continue;
                    }
                }
                None if given.as_str().is_empty() => return true,
                None => {}
            }
            match retry.as_mut() {
                Some((after_star, from)) => {
                    if from.next().is_none() {
                        return false;
                    }
                    (wanted, given) = (after_star.clone(), from.clone());
                }
                None => return false,
            }
        }
    }
}

/// Whether `text` has neither `*` nor `?`.
pub(super) fn is_literal(text: &str) -> bool {
    !text.contains(['*', '?'])
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    /// The definition, without any cleverness.
    fn by_definition(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => (0..=text.len()).any(|cut| by_definition(rest, &text[cut..])),
            (Some(('?', rest)), Some((_, after))) => by_definition(rest, after),
            (Some((want, rest)), Some((have, after))) => want == have && by_definition(rest, after),
            _ => false,
        }
    }

    #[test]
    fn agrees_with_the_definition_on_all_short_texts() {
        let words = |letters: &[char], longest: usize| {
            let mut all = vec![String::new()];
            let mut last = all.clone();
            for _ in 0..longest {
                last =
                    last.iter().flat_map(|word| letters.iter().map(move |letter| format!("{word}{letter}"))).collect();
                all.extend(last.clone());
            }
            all
        };
        for pattern in words(&['a', 'b', '*', '?'], 4) {
            for text in words(&['a', 'b'], 5) {
                let (p, t): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
                assert_eq!(Pattern::new(&*pattern).matches(&text), by_definition(&p, &t), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn whole_text_and_case_count_and_a_character_is_not_a_byte() {
        for (pattern, text, expected) in [
            ("ds-*-dev-*", "ds-lab-fraud-dev-1", true),
            ("ds-*", "a-ds-1", false),
            ("DS", "ds", false),
            ("?", "ü", true),
            ("?", "", false),
            ("", "", true),
            ("*", "", true),
            ("arn:aws:iam::*:role/x", "arn:aws:iam::1:role/y:role/x", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_stay_cheap() {
        let pattern = Pattern::new("*a".repeat(1_000) + "b");
        assert!(!pattern.matches(&"a".repeat(20_000)));
    }
}
