//! IAM's patterns: `*`, `?`, and policy variables. Matching, meeting and covering,
//! in bounded time and without regular expressions. No ARN parts here: see `arn`.
//!
//! **Variables.** `${aws:username}` is a hole: text that only the request knows. In
//! [`Pattern::intersects`] a hole can be any text, so the answer over-approximates, as
//! `may` wants it. In [`Pattern::covers`] a hole covers only the same hole, never a
//! literal, and only `*` or the same hole covers a hole: inclusion so proven holds for
//! every value of the variable. [`Pattern::matches`] says `Undecidable` where a hole decides.

use crate::answer::Answer;
use crate::document::Version;

/// Most elementary steps that one question may take; beyond it the answer is `Undecidable`.
pub const STEP_BUDGET: usize = 4_000_000;

/// Whether `${..}` is read as a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Variables {
    /// Version 2012-10-17. `${*}`, `${?}` and `${$}` are the characters themselves
    /// (IAM User Guide, "IAM policy elements: Variables and tags", special characters).
    Live,
    /// Older or no version: plain text.
    Plain,
}

impl Variables {
    /// Of a document of this version.
    #[must_use]
    pub fn of(version: Option<Version>) -> Self {
        match version {
            Some(Version::V2012) => Variables::Live,
            Some(Version::V2008) | None => Variables::Plain,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Literal(char),
    /// `?`
    One,
    /// `*`
    Run,
    /// The inside of `${..}`.
    #[expect(clippy::box_collection, reason = "tokens are many and holes are few: so a token takes 16 bytes, not 24")]
    Hole(Box<String>),
}

impl Token {
    /// Whether any number of characters can stand here.
    fn stretches(&self) -> bool {
        matches!(self, Token::Run | Token::Hole(_))
    }
}

/// A text that stands for a set of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    /// INVARIANT: in a row of wildcards the `?` come first, and there is at most one `*`.
    tokens: Vec<Token>,
    ignores_case: bool,
}

impl Pattern {
    /// With `*` and `?` as wildcards; `*` crosses `:` and `/`.
    #[must_use]
    pub fn glob(text: &str, variables: Variables) -> Self {
        Pattern::new(text, variables, true)
    }

    /// Without wildcards, as `StringEquals` reads its values. Variables still count.
    #[must_use]
    pub fn literal(text: &str, variables: Variables) -> Self {
        Pattern::new(text, variables, false)
    }

    /// An action pattern, which ignores case and takes no variables
    /// (IAM User Guide, "IAM JSON policy elements: Action").
    #[must_use]
    pub fn action(text: &str) -> Self {
        Pattern::glob(text, Variables::Plain).ignoring_case()
    }

    fn new(text: &str, variables: Variables, wildcards: bool) -> Self {
        Pattern { text: text.to_owned(), tokens: normal(tokens(text, variables, wildcards)), ignores_case: false }
    }

    pub(crate) fn from_tokens(text: &str, tokens: Vec<Token>, ignores_case: bool) -> Self {
        Pattern { text: text.to_owned(), tokens: normal(tokens), ignores_case }
    }

    /// The same pattern, where case does not matter.
    #[must_use]
    pub fn ignoring_case(mut self) -> Self {
        self.ignores_case = true;
        self
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub(crate) fn into_tokens(self) -> Vec<Token> {
        self.tokens
    }

    /// Whether all its texts begin so, without a wildcard or variable.
    pub(crate) fn begins_with(&self, text: &str) -> bool {
        let mut tokens = self.tokens.iter();
        text.chars().all(|c| tokens.next() == Some(&Token::Literal(c)))
    }

    /// The pattern's text in normal form, variables as `$`.
    pub(crate) fn text_of_tokens(&self) -> String {
        let char_of = |token: &Token| match token {
            Token::Literal(c) => *c,
            Token::One => '?',
            Token::Run => '*',
            Token::Hole(_) => '$',
        };
        self.tokens.iter().map(char_of).collect()
    }

    pub(crate) fn ignores_case(&self) -> bool {
        self.ignores_case
    }

    /// Whether it holds `*` or `?` as wildcards.
    #[must_use]
    pub fn has_wildcards(&self) -> bool {
        let wild = |t: &Token| matches!(t, Token::One | Token::Run);
        self.tokens.iter().any(wild)
    }

    /// Whether it holds a policy variable.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        self.tokens.iter().any(|t| matches!(t, Token::Hole(_)))
    }

    /// Whether it consists of wildcards alone, so that it names nothing: `*`, `?*`, `????`.
    #[must_use]
    pub fn is_wild(&self) -> bool {
        let wild = |t: &Token| matches!(t, Token::One | Token::Run);
        !self.tokens.is_empty() && self.tokens.iter().all(wild)
    }

    /// Whether it begins with a wildcard.
    #[must_use]
    pub fn starts_wild(&self) -> bool {
        matches!(self.tokens.first(), Some(Token::One | Token::Run))
    }

    /// The characters before the first wildcard or variable.
    #[must_use]
    pub fn fixed_start(&self) -> String {
        let literal = |t: &Token| match t {
            Token::Literal(c) => Some(*c),
            _ => None,
        };
        self.tokens.iter().map_while(literal).collect()
    }

    /// Whether a text belongs to the pattern. Takes at most pattern × text steps, and
    /// about as many as the text is long when there is one `*`.
    #[must_use]
    pub fn matches(&self, text: &str) -> Answer {
        let mut chars = text.chars();
        let mut rest = self.tokens.as_slice();
        // Most patterns differ at once, as one service from another.
        while let Some((Token::Literal(own), after)) = rest.split_first() {
            match chars.next() {
                Some(c) if self.same(*own, c) => rest = after,
                _ => return Answer::No,
            }
        }
        match rest {
            [] => return Answer::from(chars.next().is_none()),
            [Token::Run] => return Answer::Yes,
            _ => {}
        }
        let text: Vec<char> = chars.collect();
        let found = greedy(rest, &text, self.ignores_case);
        if found.is_yes() && self.has_variables() {
            return Answer::Undecidable;
        }
        found
    }

    fn same(&self, a: char, b: char) -> bool {
        same(a, b, self.ignores_case)
    }

    /// Whether some text belongs to both patterns; a variable can be any text.
    #[must_use]
    pub fn intersects(&self, other: &Pattern) -> Answer {
        let (rows, columns) = (self.tokens.len(), other.tokens.len());
        if rows.saturating_mul(columns) > STEP_BUDGET {
            return Answer::Undecidable;
        }
        let ignores_case = self.ignores_case || other.ignores_case;
        let (mut own, mut others) = (self.tokens.as_slice(), other.tokens.as_slice());
        // Most patterns differ at once.
        while let (Some((Token::Literal(a), after_a)), Some((Token::Literal(b), after_b))) =
            (own.split_first(), others.split_first())
        {
            if !same(*a, *b, ignores_case) {
                return Answer::No;
            }
            (own, others) = (after_a, after_b);
        }
        match (own, others) {
            ([], []) | ([Token::Run], _) | (_, [Token::Run]) => return Answer::Yes,
            ([], rest) | (rest, []) => return Answer::from(rest.iter().all(Token::stretches)),
            _ => {}
        }
        for (glob, plain) in [(own, others), (others, own)] {
            if let Some(text) = plain_text(plain) {
                let found = greedy(glob, &text, ignores_case);
                if found != Answer::Undecidable {
                    return found;
                }
            }
        }
        let meet = |a: &Token, b: &Token| match (a, b) {
            (Token::Literal(x), Token::Literal(y)) => same(*x, *y, ignores_case),
            _ => true,
        };
        // `next[j]`: whether the tokens after this one meet the other's from j on.
        let columns = others.len();
        let (mut next, mut row) = (vec![false; columns + 1], vec![false; columns + 1]);
        for i in (0..=own.len()).rev() {
            for j in (0..=columns).rev() {
                let (below, right) = (at(&next, j), at(&row, j + 1));
                let holds = match (own.get(i), others.get(j)) {
                    (None, None) => true,
                    (Some(a), _) if a.stretches() => below || right,
                    (_, Some(b)) if b.stretches() => below || right,
                    (Some(a), Some(b)) => meet(a, b) && at(&next, j + 1),
                    _ => false,
                };
                if let Some(cell) = row.get_mut(j) {
                    *cell = holds;
                }
            }
            std::mem::swap(&mut next, &mut row);
        }
        Answer::from(at(&next, 0))
    }

    /// Whether every text of the other pattern belongs to this one. `Yes` is a proof, `No`
    /// comes with a text that was tried, `Undecidable` is the rest.
    #[must_use]
    pub fn covers(&self, other: &Pattern) -> Answer {
        let (rows, columns) = (self.tokens.len(), other.tokens.len());
        if rows.saturating_mul(columns) > STEP_BUDGET {
            return Answer::Undecidable;
        }
        let mut begun = 0;
        let mut each = self.tokens.iter().zip(&other.tokens);
        while let Some((Token::Literal(a), Token::Literal(b))) = each.next() {
            if !self.takes(*a, *b, other.ignores_case) {
                // With letters of either case the samples tell.
                if other.ignores_case {
                    break;
                }
                return if other.has_variables() { Answer::Undecidable } else { Answer::No };
            }
            begun += 1;
        }
        let (own, others) =
            (self.tokens.get(begun..).unwrap_or_default(), other.tokens.get(begun..).unwrap_or_default());
        if matches!((own, others), ([], []) | ([Token::Run], _)) {
            return Answer::Yes;
        }
        let floating = floating(own);
        let columns = others.len();
        let (mut next, mut row) = (vec![false; columns + 1], vec![false; columns + 1]);
        for i in (0..=own.len()).rev() {
            for j in (0..=columns).rev() {
                let (below, right, diagonal) = (at(&next, j), at(&row, j + 1), at(&next, j + 1));
                let holds = match (own.get(i), others.get(j)) {
                    (None, None) => true,
                    (Some(Token::Run), _) => below || right,
                    (None, Some(_)) | (Some(_), None) => false,
                    (Some(Token::Hole(a)), Some(Token::Hole(b))) => a == b && diagonal,
                    (Some(Token::Hole(_)), Some(_)) => false,
                    // A `?` beside a `*` asks for a character somewhere in the row, and
                    // what stretches in the other pattern adds to that row.
                    (Some(Token::One), Some(b)) if b.stretches() => at(&floating, i) && right,
                    (Some(Token::Literal(_)), Some(Token::Run | Token::Hole(_) | Token::One)) => false,
                    (Some(Token::One), Some(_)) => diagonal,
                    (Some(Token::Literal(a)), Some(Token::Literal(b))) => {
                        self.takes(*a, *b, other.ignores_case) && diagonal
                    }
                };
                if let Some(cell) = row.get_mut(j) {
                    *cell = holds;
                }
            }
            std::mem::swap(&mut next, &mut row);
        }
        if at(&next, 0) {
            return Answer::Yes;
        }
        if other.has_variables() {
            return Answer::Undecidable;
        }
        let escapes = other.samples().iter().any(|text| greedy(&self.tokens, text, self.ignores_case).is_no());
        if escapes { Answer::No } else { Answer::Undecidable }
    }

    fn takes(&self, own: char, others: char, other_ignores_case: bool) -> bool {
        if self.ignores_case {
            return lower(own) == lower(others);
        }
        // A letter that stands for both cases is more than one case of it.
        own == others && (!other_ignores_case || !cased(own))
    }

    /// A few texts of a pattern without variables, wildcards filled with a character that
    /// no policy writes: each `*` empty, then each long; letters in both cases where case
    /// does not matter.
    fn samples(&self) -> Vec<Vec<char>> {
        const FRESH: char = '\u{10fffd}';
        let fill = |length: usize| {
            let mut text = Vec::new();
            for token in &self.tokens {
                match token {
                    Token::Literal(c) => text.push(*c),
                    Token::One => text.push(FRESH),
                    Token::Run | Token::Hole(_) => text.extend(std::iter::repeat_n(FRESH, length)),
                }
            }
            text
        };
        let mut samples = vec![fill(0), fill(64)];
        if self.ignores_case {
            let cased = |text: &Vec<char>, to: fn(char) -> char| text.iter().map(|c| to(*c)).collect();
            let lowered = samples.iter().map(|text| cased(text, |c| c.to_ascii_lowercase())).collect::<Vec<_>>();
            let raised = samples.iter().map(|text| cased(text, |c| c.to_ascii_uppercase())).collect::<Vec<_>>();
            samples.extend(lowered);
            samples.extend(raised);
        }
        samples
    }

    /// A short ARN with its missing parts as `*`; None if it is whole or no ARN.
    pub(crate) fn completed_arn(&self) -> Option<Pattern> {
        if !self.begins_with("arn:") {
            return None;
        }
        let colons = self.tokens.iter().filter(|t| **t == Token::Literal(':')).take(5).count();
        if colons == 5 {
            return None;
        }
        let mut tokens = self.tokens.clone();
        for _ in colons..5 {
            tokens.extend([Token::Literal(':'), Token::Run]);
        }
        Some(Pattern::from_tokens(&self.text, tokens, self.ignores_case))
    }
}

fn at(row: &[bool], index: usize) -> bool {
    row.get(index).copied().unwrap_or(false)
}

fn same(a: char, b: char, ignores_case: bool) -> bool {
    a == b || (ignores_case && lower(a) == lower(b))
}

/// The characters, if there is nothing else.
fn plain_text(tokens: &[Token]) -> Option<Vec<char>> {
    let letter = |token: &Token| match token {
        Token::Literal(c) => Some(*c),
        _ => None,
    };
    tokens.iter().map(letter).collect()
}

/// Whether a text belongs to a pattern. Takes the shortest stretch for each `*` and lengthens only the last one on a
/// mismatch, which is enough for globs. Holes stretch like `*`.
fn greedy(tokens: &[Token], text: &[char], ignores_case: bool) -> Answer {
    let (mut at, mut position, mut steps) = (0, 0, 0_usize);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(&c) = text.get(position) {
        steps += 1;
        if steps > STEP_BUDGET {
            return Answer::Undecidable;
        }
        match tokens.get(at) {
            Some(token) if token.stretches() => {
                at += 1;
                retry = Some((at, position));
            }
            Some(Token::One) => {
                at += 1;
                position += 1;
            }
            Some(Token::Literal(own)) if same(*own, c, ignores_case) => {
                at += 1;
                position += 1;
            }
            _ => match retry {
                Some((after, from)) => {
                    at = after;
                    position = from + 1;
                    retry = Some((after, position));
                }
                None => return Answer::No,
            },
        }
    }
    let rest = tokens.get(at..).unwrap_or_default();
    Answer::from(rest.iter().all(Token::stretches))
}

/// For each token whether it is a `?` in a row of wildcards that holds a `*`.
fn floating(tokens: &[Token]) -> Vec<bool> {
    let mut beside_run = false;
    let mut marks: Vec<bool> = Vec::with_capacity(tokens.len());
    for token in tokens.iter().rev() {
        beside_run = match token {
            Token::Run => true,
            Token::One => beside_run,
            _ => false,
        };
        marks.push(beside_run);
    }
    marks.reverse();
    marks
}

/// One character for each; enough for names of actions and identifiers.
pub(crate) fn lower(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let mut folded = c.to_lowercase();
    match (folded.next(), folded.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

fn cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase()
}

fn tokens(text: &str, variables: Variables, wildcards: bool) -> Vec<Token> {
    let token = |c| match c {
        '*' if wildcards => Token::Run,
        '?' if wildcards => Token::One,
        _ => Token::Literal(c),
    };
    let mut tokens = Vec::with_capacity(text.len());
    if variables == Variables::Plain || !text.contains("${") {
        tokens.extend(text.chars().map(token));
        return tokens;
    }
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((inside, after)) = rest.strip_prefix("${").and_then(|r| r.split_once('}')) {
            let mut inner = inside.chars();
            tokens.push(match (inner.next(), inner.next()) {
                (Some(special @ ('*' | '?' | '$')), None) => Token::Literal(special),
                _ => Token::Hole(Box::new(inside.to_owned())),
            });
            rest = after;
            continue;
        }
        tokens.push(token(c));
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    tokens
}

/// `**` is `*`, and `*?` is `?*`.
pub(crate) fn normal(tokens: Vec<Token>) -> Vec<Token> {
    if !tokens.windows(2).any(|pair| matches!(pair, [Token::Run, Token::Run | Token::One])) {
        return tokens;
    }
    let mut normal = Vec::with_capacity(tokens.len());
    let mut run = false;
    for token in tokens {
        match token {
            Token::Run => run = true,
            Token::One => normal.push(Token::One),
            other => {
                if std::mem::take(&mut run) {
                    normal.push(Token::Run);
                }
                normal.push(other);
            }
        }
    }
    if run {
        normal.push(Token::Run);
    }
    normal
}

#[cfg(test)]
mod tests;
