//! Classes of texts where every pattern is a whole text or the beginning of one: found without
//! running anything. Other patterns are in `classes`.

use crate::classes::{Class, Universe};
use crate::matching::parts_of;
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
    let those = |takes: &dyn Fn(&Plain) -> bool| -> Vec<usize> {
        patterns.iter().enumerate().filter(|(_, own)| takes(own)).map(|(at, _)| at).collect()
    };
    let mut all: Vec<Class> = Vec::new();
    if universe == Universe::Any {
        all.push(Class { text: String::new(), takers: those(&|own| own.takes("")) });
    }
    let add = |text: String, takers: Vec<usize>, all: &mut Vec<Class>| {
        // The empty text is a class of its own.
        if all.iter().all(|class| class.takers != takers || class.text.is_empty()) {
            all.push(Class { text, takers });
        }
    };
    for pattern in patterns.iter().filter(|pattern| !pattern.open && !pattern.text.is_empty()) {
        if place(&pattern.text, universe) == Some(true) {
            add(pattern.text.clone(), those(&|own| own.takes(&pattern.text)), &mut all);
        }
    }
    // Of a text that is none of the whole ones, the longest beginning tells which take it.
    let mut starts: Vec<&str> = patterns.iter().filter(|own| own.open).map(|own| own.text.as_str()).collect();
    starts.push("");
    starts.sort_unstable();
    starts.dedup();
    for start in starts {
        let Some(whole) = place(start, universe) else {
            // No text of the universe begins so.
            continue;
        };
        let wanted = those(&|own| own.open && start.starts_with(&own.text));
        let like_it = |text: &String| {
            let takers = patterns.iter().enumerate().filter(|(_, own)| own.takes(text)).map(|(at, _)| at);
            takers.eq(wanted.iter().copied())
        };
        let own = (whole && !start.is_empty()).then(|| start.to_owned());
        let text = own.into_iter().chain(longer(start, universe, folds)).find(like_it)?;
        add(text, wanted, &mut all);
    }
    Some(all)
}

/// Longer texts of the universe that begin so, as plain as can be.
///
/// INVARIANT: some text of the universe begins so.
fn longer<'t>(start: &'t str, universe: Universe, folds: bool) -> impl Iterator<Item = String> + 't {
    let letters = if folds { "xyzw0" } else { "xyzw0XYZ" };
    letters.chars().map(move |c| {
        let mut bytes = [0; 4];
        let letter: &str = c.encode_utf8(&mut bytes);
        match universe {
            Universe::Any => [start, letter].concat(),
            Universe::Action if start.contains(':') => [start, letter].concat(),
            Universe::Action => [start, letter, ":", letter].concat(),
            Universe::Arn => {
                let head = if start.len() < 4 { "arn:" } else { start };
                let colons = head.matches(':').count();
                let rest = ["", ":x:::", ":::", "::", ":", ""].get(colons).copied().unwrap_or_default();
                [head, letter, rest].concat()
            }
        }
    })
}

/// Whether a text belongs to the universe, and None if none that begins so does.
fn place(text: &str, universe: Universe) -> Option<bool> {
    match universe {
        Universe::Any => Some(true),
        Universe::Action => {
            let plain = |b: u8| b.is_ascii_digit() || b.is_ascii_lowercase();
            // How many bytes the prefix has, and those behind it.
            let (prefix, mut behind) = (text.bytes().take_while(|b| plain(*b) || *b == b'-').count(), text.bytes());
            match behind.nth(prefix) {
                None => Some(false),
                Some(b':') if prefix > 0 && behind.clone().all(plain) => Some(behind.len() > 0),
                Some(_) => None,
            }
        }
        Universe::Arn => {
            if let Some([head, partition, service, ..]) = parts_of(text) {
                return (head == "arn" && !partition.is_empty() && !service.is_empty()).then_some(true);
            }
            let mut parts = text.split(':');
            let head = parts.next().unwrap_or_default();
            let (partition, service, region) = (parts.next(), parts.next(), parts.next());
            let begins = if partition.is_none() { "arn".starts_with(head) } else { head == "arn" };
            // Partition and service are not empty where something follows them.
            let full = (service.is_none() || partition != Some("")) && (region.is_none() || service != Some(""));
            (begins && full).then_some(false)
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
            ("service-catalog:", Universe::Action, Some(false)),
            ("s3:get-object", Universe::Action, None),
            ("arn:aws:s3:::", Universe::Arn, Some(true)),
            ("arn:aws:s3", Universe::Arn, Some(false)),
            ("ar", Universe::Arn, Some(false)),
            ("arn::", Universe::Arn, None),
            ("arn:", Universe::Arn, Some(false)),
            ("arn:aws:", Universe::Arn, Some(false)),
            ("arn:aws::", Universe::Arn, None),
            ("arn:aws::::", Universe::Arn, None),
            ("arn:aws:s3:::a:b", Universe::Arn, Some(true)),
            ("iam", Universe::Arn, None),
        ] {
            assert_eq!(place(text, universe), expected, "{text}");
        }
    }

    #[test]
    fn what_is_longer_belongs_to_the_universe() {
        for universe in [Universe::Any, Universe::Action, Universe::Arn] {
            for start in ["", "s", "-", "s3:", "s3:g", "ar", "arn", "arn:", "arn:a", "arn:a:", "arn:a:b", "arn:a:b:"] {
                for start in [start.to_owned(), format!("{start}:"), format!("{start}:c::d"), format!("{start}:::::")] {
                    if place(&start, universe).is_some() {
                        let mut all = longer(&start, universe, true);
                        assert!(all.all(|text| place(&text, universe) == Some(true)), "{start} {universe:?}");
                    }
                }
            }
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
