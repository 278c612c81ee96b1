//! Patterns made ready for many requests: matched on text as it is, without building anything,
//! and within a budget that one decision shares. What patterns mean together is in `pattern`.

use std::cell::Cell;

use crate::answer::Answer;
use crate::pattern::{Pattern, Token};

/// Most elementary steps of one decision; beyond it, what is left is not known.
pub const DECISION_BUDGET: usize = 10_000_000;

/// What is left of the steps of one decision.
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    pub(crate) fn new() -> Self {
        Budget(Cell::new(DECISION_BUDGET))
    }

    /// Whether these steps could still be taken.
    pub(crate) fn spend(&self, steps: usize) -> bool {
        let left = self.0.get().saturating_sub(steps);
        self.0.set(left);
        left > 0
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// A pattern of a whole text, whose `*` and `?` stand for any character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(Shape);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    Any,
    Exact(Box<str>),
    Prefix(Box<str>),
    Pieces(Box<[Piece]>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(Box<str>),
    One,
    Run,
}

impl Glob {
    /// Of tokens in normal form. A variable stands for any text, so that the answer
    /// over-approximates. With `folds`, texts to match are in lower case, ASCII alone.
    pub(crate) fn new(tokens: &[Token], folds: bool) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut text = String::new();
        for token in tokens {
            let piece = match token {
                Token::Literal(c) => {
                    text.push(if folds { c.to_ascii_lowercase() } else { *c });
                    continue;
                }
                Token::One => Piece::One,
                Token::Run | Token::Hole(_) => Piece::Run,
            };
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text).into()));
            }
            pieces.push(piece);
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.into()));
        }
        let shape = match pieces.as_slice() {
            [] => Shape::Exact("".into()),
            [Piece::Run] => Shape::Any,
            [Piece::Text(text)] => Shape::Exact(text.clone()),
            [Piece::Text(text), Piece::Run] => Shape::Prefix(text.clone()),
            _ => Shape::Pieces(pieces.into()),
        };
        Glob(shape)
    }

    pub(crate) fn of(pattern: &Pattern) -> Self {
        Glob::new(pattern.tokens(), pattern.ignores_case())
    }

    pub(crate) fn is_any(&self) -> bool {
        self.0 == Shape::Any
    }

    /// Whether a text, in lower case where this folds, belongs to the pattern.
    pub(crate) fn matches(&self, text: &str, budget: &Budget) -> Answer {
        if !budget.spend(1) {
            return Answer::Undecidable;
        }
        match &self.0 {
            Shape::Any => Answer::Yes,
            Shape::Exact(own) => Answer::from(**own == *text),
            Shape::Prefix(own) => Answer::from(text.starts_with(&**own)),
            Shape::Pieces(pieces) => walk(pieces, text, budget),
        }
    }
}

/// Takes the shortest stretch for each `*` and lengthens only the last one on a mismatch, which
/// is enough where a `*` may hold anything. After a `*`, text is searched for, not tried.
fn walk(pieces: &[Piece], text: &str, budget: &Budget) -> Answer {
    let (mut at, mut rest) = (0, text);
    let mut retry: Option<(usize, &str)> = None;
    loop {
        match pieces.get(at) {
            None if rest.is_empty() => return Answer::Yes,
            None => {}
            Some(Piece::Run) => {
                at += 1;
                if at == pieces.len() {
                    return Answer::Yes;
                }
                retry = Some((at, rest));
                continue;
            }
            Some(Piece::One) => {
                if let Some(after) = without_first(rest) {
                    at += 1;
                    rest = after;
                    continue;
                }
            }
            Some(Piece::Text(own)) => {
                if !budget.spend(own.len()) {
                    return Answer::Undecidable;
                }
                if let Some(after) = rest.strip_prefix(&**own) {
                    at += 1;
                    rest = after;
                    continue;
                }
            }
        }
        let Some((after, from)) = retry else {
            return Answer::No;
        };
        let Some(mut next) = without_first(from) else {
            return Answer::No;
        };
        if let Some(Piece::Text(own)) = pieces.get(after) {
            next = match next.find(&**own).and_then(|place| next.get(place..)) {
                Some(found) => found,
                None => return Answer::No,
            };
        }
        if !budget.spend(from.len() - next.len()) {
            return Answer::Undecidable;
        }
        retry = Some((after, next));
        at = after;
        rest = next;
    }
}

fn without_first(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    chars.next().map(|_| chars.as_str())
}

/// The six parts of an ARN, each matched on its own; no wildcard passes a colon but in the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parts([Glob; 6]);

impl Parts {
    /// None for fewer than six parts. A variable stands for any text within its part.
    pub(crate) fn new(tokens: &[Token]) -> Option<Self> {
        let part = |tokens: &[Token]| Glob::of(&Pattern::from_tokens("", tokens.to_vec(), false));
        let parts: Vec<Glob> = tokens.splitn(6, |t| *t == Token::Literal(':')).map(part).collect();
        parts.try_into().ok().map(Parts)
    }

    pub(crate) fn matches(&self, parts: &[&str; 6], budget: &Budget) -> Answer {
        Answer::all(self.0.iter().zip(parts).map(|(glob, part)| glob.matches(part, budget)))
    }
}

/// None for fewer than six parts.
pub(crate) fn parts_of(arn: &str) -> Option<[&str; 6]> {
    let mut rest = arn;
    let mut next = || {
        let (part, behind) = rest.split_at_checked(rest.bytes().position(|b| b == b':')?)?;
        rest = behind.get(1..)?;
        Some(part)
    };
    let [head, partition, service, region, account] = [next()?, next()?, next()?, next()?, next()?];
    Some([head, partition, service, region, account, rest])
}

/// How a wildcard of a `Resource` meets a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Colons {
    /// Only a `*` at the end of a segment passes one.
    Strict,
    /// After the fifth colon of the ARN every wildcard does.
    Loose,
}

/// Whether an ARN belongs to a `Resource` pattern (IAM User Guide, "IAM JSON policy elements:
/// Resource": a `*` that ends a segment can run beyond the colon). Whether another wildcard
/// passes a colon of the resource part is not said: `Undecidable` if that decides.
///
/// `star_moved`: the text has `*?`, where it is not certain which of the two ends the segment.
pub(crate) fn matches_resource(tokens: &[Token], star_moved: bool, arn: &str, budget: &Budget) -> Answer {
    match simulate(tokens, star_moved, arn, Colons::Strict, budget) {
        Answer::No => match simulate(tokens, star_moved, arn, Colons::Loose, budget) {
            Answer::No => Answer::No,
            _ => Answer::Undecidable,
        },
        other => other,
    }
}

/// Whether every wildcard is a `*` at the end of a segment, so that a plain glob says the same.
pub(crate) fn ends_segments_only(tokens: &[Token]) -> bool {
    let plain = |(at, token): (usize, &Token)| match token {
        Token::Literal(_) => true,
        Token::Run => ends_segment(tokens, at),
        Token::One | Token::Hole(_) => false,
    };
    tokens.iter().enumerate().all(plain)
}

fn ends_segment(tokens: &[Token], at: usize) -> bool {
    matches!(tokens.get(at + 1), None | Some(Token::Literal(':')))
}

/// All ways through the pattern at once: tokens × characters steps.
fn simulate(tokens: &[Token], star_moved: bool, arn: &str, colons: Colons, budget: &Budget) -> Answer {
    let mut chars = arn.chars();
    let (mut passed, mut start) = (0_usize, 0_usize);
    // There is one way up to the first wildcard.
    while let Some(Token::Literal(own)) = tokens.get(start) {
        if chars.next() != Some(*own) {
            return Answer::No;
        }
        passed += usize::from(*own == ':');
        start += 1;
    }
    if !budget.spend(start + 1) {
        return Answer::Undecidable;
    }
    let width = tokens.len() - start;
    let mut now = Places::new(width);
    let mut next = now.clone();
    now.add(0);
    for c in chars {
        if !budget.spend(width + 1) {
            return Answer::Undecidable;
        }
        skip_runs(tokens, start, &mut now);
        let may_pass = c != ':' || (colons == Colons::Loose && passed >= 5);
        next.clear();
        let mut alive = false;
        now.each(|place| {
            let at = start + place;
            let behind_one = at > 0 && tokens.get(at - 1) == Some(&Token::One);
            let to = match tokens.get(at) {
                Some(Token::Literal(own)) if *own == c => place + 1,
                Some(Token::One) if may_pass => place + 1,
                Some(Token::Run) if may_pass => place,
                Some(Token::Run)
                    if ends_segment(tokens, at) && (colons == Colons::Loose || !(star_moved && behind_one)) =>
                {
                    place
                }
                _ => return,
            };
            next.add(to);
            alive = true;
        });
        if !alive {
            return Answer::No;
        }
        passed += usize::from(c == ':');
        std::mem::swap(&mut now, &mut next);
    }
    skip_runs(tokens, start, &mut now);
    Answer::from(now.holds(width))
}

/// A set of positions in a pattern, the end among them.
#[derive(Clone)]
struct Places {
    /// The first ones; there seldom are more.
    head: u128,
    tail: Vec<u128>,
}

impl Places {
    fn new(width: usize) -> Self {
        Places { head: 0, tail: vec![0; width / 128] }
    }

    fn add(&mut self, place: usize) {
        let word = match (place / 128).checked_sub(1) {
            None => Some(&mut self.head),
            Some(further) => self.tail.get_mut(further),
        };
        if let Some(word) = word {
            *word |= 1 << (place % 128);
        }
    }

    fn holds(&self, place: usize) -> bool {
        let word = (place / 128).checked_sub(1).map_or(Some(&self.head), |further| self.tail.get(further));
        word.is_some_and(|word| word >> (place % 128) & 1 == 1)
    }

    fn clear(&mut self) {
        self.head = 0;
        self.tail.fill(0);
    }

    /// In ascending order.
    fn each(&self, mut look: impl FnMut(usize)) {
        for (at, word) in std::iter::once(&self.head).chain(&self.tail).enumerate() {
            let mut left = *word;
            while left != 0 {
                look(at * 128 + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }
}

/// Runs may be empty, one after the other too.
fn skip_runs(tokens: &[Token], start: usize, places: &mut Places) {
    let before = places.clone();
    before.each(|place| {
        let mut at = place;
        while tokens.get(start + at) == Some(&Token::Run) {
            at += 1;
            places.add(at);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::Variables;

    fn glob(pattern: &str, text: &str) -> Answer {
        Glob::of(&Pattern::glob(pattern, Variables::Plain)).matches(text, &Budget::new())
    }

    fn resource(pattern: &str, arn: &str) -> Answer {
        let tokens = Pattern::glob(pattern, Variables::Plain);
        matches_resource(tokens.tokens(), pattern.contains("*?"), arn, &Budget::new())
    }

    #[test]
    fn globs_agree_with_patterns() {
        let patterns =
            ["*", "", "a", "a*", "*a", "a*b", "*a*b*", "?", "a?", "?*", "*?*a", "a**b?", "é*", "*é?", "a*a*a"];
        let texts = ["", "a", "ab", "aab", "ba", "éa", "aé", "aéb", "aaa", "abab", "xaybz", "ééé"];
        for pattern in patterns {
            for text in texts {
                let expected = Pattern::glob(pattern, Variables::Plain).matches(text);
                assert_eq!(glob(pattern, text), expected, "{pattern} {text}");
            }
        }
    }

    #[test]
    fn row_19_case_of_actions_does_not_count() {
        let action = Glob::of(&Pattern::action("S3:gEt*"));
        assert_eq!(action.matches("s3:getobject", &Budget::new()), Answer::Yes);
        assert_eq!(action.matches("s3:putobject", &Budget::new()), Answer::No);
    }

    #[test]
    fn row_17_only_a_star_at_the_end_of_a_segment_runs_beyond_the_colon() {
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/app/one:log-stream:s";
        for (pattern, expected) in [
            ("arn:aws:logs:*", Answer::Yes),
            ("arn:aws:logs:*:111122223333:log-group:/app/*", Answer::Yes),
            ("arn:aws:logs:eu*3:log-group:/app/one:log-*", Answer::No),
            ("arn:aws:logs:eu-west-1?111122223333:log-group:/app/one:log-*", Answer::No),
            ("arn:aws:logs:*:111122223333:log-group:/app*m:s", Answer::Undecidable),
            ("arn:aws:logs:*:111122223333:log-group:/app/one?log-stream:s", Answer::Undecidable),
            ("arn:aws:logs:*:s", Answer::Yes),
            ("arn:aws:logs:*:t", Answer::No),
        ] {
            assert_eq!(resource(pattern, arn), expected, "{pattern}");
        }
        assert_eq!(resource("arn:aws:s3:::rec*?", "arn:aws:s3:::rec:x"), Answer::Undecidable);
        assert_eq!(resource("arn:aws:s3:::re?*", "arn:aws:s3:::rec:x"), Answer::Yes);
        assert_eq!(resource("arn:aws:s3:*:*?a:b", "arn:aws:s3:::rec:x/a:b"), Answer::Yes);
    }

    #[test]
    fn long_patterns_are_followed_to_their_end() {
        for letters in [100, 127, 128, 129, 300] {
            let pattern = format!("arn:aws:s3:::a*{}?c*d", "b".repeat(letters));
            let arn = |count: usize, end: &str| format!("arn:aws:s3:::axx{}{end}", "b".repeat(count));
            assert_eq!(resource(&pattern, &arn(letters, "xcyd")), Answer::Yes, "{letters}");
            assert_eq!(resource(&pattern, &arn(letters + 1, "xcd")), Answer::Yes, "{letters}");
            assert_eq!(resource(&pattern, &arn(letters - 1, "xcd")), Answer::No, "{letters}");
            assert_eq!(resource(&pattern, &arn(letters, "xcy")), Answer::No, "{letters}");
        }
    }

    #[test]
    fn hostile_patterns_end_within_the_budget() {
        let text = "a".repeat(4_000);
        let nasty = format!("{}b", "*a?".repeat(1_000));
        assert_ne!(glob(&nasty, &text), Answer::Yes);
        let arn = format!("arn:aws:s3:::{text}");
        let nasty = format!("arn:aws:s3:::{nasty}");
        assert_ne!(resource(&nasty, &arn), Answer::Yes);
    }
}
