//! Classes of texts where every pattern is a whole text or the beginning of one: found without
//! running anything. Other patterns are in `classes`.

use crate::classes::{Class, Universe};
use crate::pattern::lower;

/// Most patterns that are held against each other.
const MOST_PATTERNS: usize = 2_000;

/// A whole text, or the beginning of one.
pub(crate) struct Plain {
    pub(crate) text: String,
    pub(crate) open: bool,
}

impl Plain {
    fn takes(&self, text: &str) -> bool {
        if self.open { text.starts_with(&self.text) } else { *self.text == *text }
    }
}

/// The classes of the texts of a universe, as [`classes`](crate::classes::classes) gives them;
/// None where it is not so simple. Patterns and texts are in lower case where case does not
/// matter.
pub(crate) fn classes(patterns: &[Plain], universe: Universe, folds: bool) -> Option<Vec<Class>> {
    if patterns.len() > MOST_PATTERNS {
        return None;
    }
    let takers = |text: &str| -> Vec<usize> {
        patterns.iter().enumerate().filter(|(_, own)| own.takes(text)).map(|(at, _)| at).collect()
    };
    let mut all: Vec<Class> = Vec::new();
    if universe == Universe::Any {
        all.push(Class { text: String::new(), takers: takers("") });
    }
    let add = |text: String, takers: Vec<usize>, all: &mut Vec<Class>| {
        // The empty text is a class of its own.
        if all.iter().all(|class| class.takers != takers || class.text.is_empty()) {
            all.push(Class { text, takers });
        }
    };
    for pattern in patterns.iter().filter(|pattern| !pattern.open && !pattern.text.is_empty()) {
        if place(&pattern.text, universe) == Some(true) {
            add(pattern.text.clone(), takers(&pattern.text), &mut all);
        }
    }
    // Of a text that is none of the whole ones, the longest beginning tells which take it.
    let mut starts: Vec<&str> = patterns.iter().filter(|own| own.open).map(|own| own.text.as_str()).collect();
    starts.push("");
    starts.sort_unstable();
    starts.dedup();
    for start in starts {
        if place(start, universe).is_none() {
            // No text of the universe begins so.
            continue;
        }
        let wanted: Vec<usize> = patterns
            .iter()
            .enumerate()
            .filter(|(_, own)| own.open && start.starts_with(&own.text))
            .map(|(at, _)| at)
            .collect();
        let (text, takers) = longer(start, universe, folds)
            .map(|text| (takers(&text), text))
            .find_map(|(takers, text)| (takers == wanted).then_some((text, takers)))?;
        add(text, takers, &mut all);
    }
    Some(all)
}

/// Texts of the universe that begin so, as plain as can be.
fn longer<'t>(start: &'t str, universe: Universe, folds: bool) -> impl Iterator<Item = String> + 't {
    let letters = if folds { "xyzw0" } else { "xyzw0XYZ" };
    let own = std::iter::once(start.to_owned());
    let more = letters.chars().map(move |c| match universe {
        Universe::Any => format!("{start}{c}"),
        Universe::Action if start.contains(':') => format!("{start}{c}"),
        Universe::Action => format!("{start}{c}:{c}"),
        Universe::Arn => {
            let head = if start.len() < 4 { "arn:" } else { start };
            let colons = head.matches(':').count();
            let rest = ["", ":x:::", ":::", "::", ":", ""].get(colons).copied().unwrap_or_default();
            format!("{head}{c}{rest}")
        }
    });
    own.chain(more).filter(move |text| !text.is_empty() && place(text, universe) == Some(true))
}

/// Whether a text belongs to the universe, and None if none that begins so does.
fn place(text: &str, universe: Universe) -> Option<bool> {
    match universe {
        Universe::Any => Some(true),
        Universe::Action => {
            let (prefix, name) = text.split_once(':').map_or((text, None), |(prefix, name)| (prefix, Some(name)));
            let plain = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase();
            let known = prefix.chars().all(|c| plain(c) || c == '-') && name.is_none_or(|name| name.chars().all(plain));
            let empty = name.is_some() && prefix.is_empty();
            (known && !empty).then(|| name.is_some_and(|name| !name.is_empty()))
        }
        Universe::Arn => {
            let mut parts = text.splitn(6, ':');
            let head = parts.next().unwrap_or_default();
            let rest: Vec<&str> = parts.collect();
            let begins = if rest.is_empty() { "arn".starts_with(head) } else { head == "arn" };
            // Partition and service are not empty.
            let full = |at: usize| rest.get(at).is_none_or(|part| !part.is_empty() || rest.len() == at + 1);
            (begins && full(0) && full(1)).then_some(rest.len() == 5)
        }
    }
}

/// In lower case where case does not matter.
pub(crate) fn folded(c: char, folds: bool) -> char {
    if folds { lower(c) } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(texts: &[&str]) -> Vec<Plain> {
        let one = |text: &&str| match text.strip_suffix('*') {
            Some(text) => Plain { text: text.to_owned(), open: true },
            None => Plain { text: (*text).to_owned(), open: false },
        };
        texts.iter().map(one).collect()
    }

    #[test]
    fn texts_belong_to_a_universe() {
        for (text, universe, expected) in [
            ("s3:get", Universe::Action, Some(true)),
            ("s3:", Universe::Action, Some(false)),
            ("s3", Universe::Action, Some(false)),
            ("s_3", Universe::Action, None),
            (":x", Universe::Action, None),
            ("arn:aws:s3:::", Universe::Arn, Some(true)),
            ("arn:aws:s3", Universe::Arn, Some(false)),
            ("ar", Universe::Arn, Some(false)),
            ("arn::", Universe::Arn, None),
            ("iam", Universe::Arn, None),
        ] {
            assert_eq!(place(text, universe), expected, "{text}");
        }
    }

    #[test]
    fn each_beginning_and_each_whole_text_has_its_class() {
        let found = classes(&plain(&["ab*", "a*", "abc", "abx"]), Universe::Any, false).unwrap();
        let takers: Vec<&[usize]> = found.iter().map(|class| class.takers.as_slice()).collect();
        for expected in [&[][..], &[1], &[0, 1], &[0, 1, 2], &[0, 1, 3]] {
            assert!(takers.contains(&expected), "{expected:?}");
        }
        let all = classes(&plain(&["*"]), Universe::Any, false);
        assert!(all.unwrap().iter().all(|class| class.takers == [0]));
    }
}
