//! What is wrong with a baseline file, and where.

use std::fmt;

/// How many mistakes one loading reports; further ones are counted.
pub(super) const MOST_MISTAKES: usize = 25;

/// The longest message about one mistake, in characters.
const LONGEST_MESSAGE: usize = 400;

/// Why a baseline file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// The file is longer than a baseline can be.
    #[error("`{file}` has {bytes} bytes: the most is {most}")]
    TooLarge {
        /// The file's name.
        file: String,
        /// Its length in bytes.
        bytes: usize,
        /// The longest that is read, in bytes.
        most: usize,
    },
    /// The file is not UTF-8.
    #[error("`{file}` is not UTF-8: byte {offset}")]
    NotUtf8 {
        /// The file's name.
        file: String,
        /// The offset of the first wrong byte, from 0.
        offset: usize,
    },
    /// Reference policies that it names cannot be used.
    #[error("`{file}`: reference policies: {}", mistakes.join("; "))]
    References {
        /// The file's name.
        file: String,
        /// What is wrong, each beginning with a path.
        mistakes: Vec<String>,
    },
    /// The file holds mistakes.
    #[error("{}", listed(file, mistakes, *more))]
    Invalid {
        /// The file's name.
        file: String,
        /// The mistakes, in the file's order; at least one.
        mistakes: Vec<Mistake>,
        /// How many more there are.
        more: usize,
    },
}

/// One mistake in a baseline file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The line, from 1.
    pub line: u64,
    /// The column in characters, from 1.
    pub column: u64,
    /// What is wrong, with what was expected.
    pub message: String,
}

impl BaselineError {
    /// The mistakes with their places; empty where the file could not be read as text.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        match self {
            Self::Invalid { mistakes, .. } => mistakes,
            Self::TooLarge { .. } | Self::NotUtf8 { .. } | Self::References { .. } => &[],
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

/// A line of the file, and a column in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// The mistakes found so far: each once.
#[derive(Debug, Default)]
pub(super) struct Mistakes {
    found: Vec<Mistake>,
    /// How many were found when there was no room left.
    dropped: usize,
}

impl Mistakes {
    /// Notes a mistake. Control characters of the user's words are shown as escapes, and long messages cut.
    pub(super) fn add(&mut self, at: Position, message: impl fmt::Display) {
        let mut shown = String::new();
        for (count, character) in message.to_string().chars().enumerate() {
            if count == LONGEST_MESSAGE {
                shown.push('…');
                break;
            }
            if character.is_control() { shown.extend(character.escape_default()) } else { shown.push(character) }
        }
        let mistake = Mistake { line: at.line, column: at.column, message: shown };
        if self.found.len() > 4 * MOST_MISTAKES {
            self.dropped += 1;
        } else if !self.found.contains(&mistake) {
            self.found.push(mistake);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether so many were found that looking for more is no help.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() > MOST_MISTAKES
    }

    /// The error that they make.
    pub(super) fn into_error(self, file: &str) -> BaselineError {
        let mut mistakes = self.found;
        mistakes.sort();
        let more = mistakes.len().saturating_sub(MOST_MISTAKES) + self.dropped;
        mistakes.truncate(MOST_MISTAKES);
        BaselineError::Invalid { file: file.to_owned(), mistakes, more }
    }
}

fn listed(file: &str, mistakes: &[Mistake], more: usize) -> String {
    let mut lines: Vec<String> = mistakes.iter().map(|mistake| format!("{file}:{mistake}")).collect();
    if more > 0 {
        lines.push(format!("{file}: and at least {more} more"));
    }
    lines.join("\n")
}

/// The longest word, in bytes, for which a near one is looked for.
const LONGEST_WORD: usize = 64;

/// The end of a message about a word that is not known: the nearest known one, or all if they are few.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let lower = word.to_lowercase();
    let near = known
        .iter()
        .filter(|_| word.len() <= LONGEST_WORD)
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), *name))
        .min()
        .filter(|(distance, name)| *distance <= (name.len().max(lower.len()) / 3).clamp(1, 4));
    match near {
        Some((_, name)) => format!(": did you mean `{name}`?"),
        None if known.is_empty() || known.len() > 15 => String::new(),
        None => format!(": expected {}", any_of(&known)),
    }
}

/// `` `a`, `b` or `c` ``.
pub(super) fn any_of(names: &[&str]) -> String {
    match names.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => format!("`{last}`"),
        Some((last, others)) => {
            let others: Vec<String> = others.iter().map(|name| format!("`{name}`")).collect();
            format!("{} or `{last}`", others.join(", "))
        }
    }
}
