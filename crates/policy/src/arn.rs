//! ARN-like matching: six parts, each on its own. Whole-text patterns are in `pattern`.

use crate::answer::Answer;
use crate::pattern::{Pattern, Token, Variables};

/// A pattern as `ArnLike` and `ArnEquals` read it, which are the same: each of the six
/// parts between colons may hold wildcards, and none of them crosses a colon; the last part
/// may hold colons (IAM User Guide, "IAM JSON policy elements: Condition operators", Amazon
/// Resource Name (ARN) condition operators).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArnPattern {
    /// INVARIANT: six of them.
    parts: Vec<Pattern>,
}

impl ArnPattern {
    /// None when there are fewer than six parts: such a value matches no ARN.
    #[must_use]
    pub fn new(text: &str, variables: Variables) -> Option<Self> {
        ArnPattern::of(&Pattern::glob(text, variables))
    }

    /// The same for a pattern. A colon inside a variable divides nothing.
    #[must_use]
    pub fn of(pattern: &Pattern) -> Option<Self> {
        let parts: Vec<Pattern> = pattern
            .tokens()
            .splitn(6, |token| *token == Token::Literal(':'))
            .map(|part| Pattern::from_tokens("", part.to_vec(), pattern.ignores_case()))
            .collect();
        (parts.len() == 6).then_some(ArnPattern { parts })
    }

    /// Whether an ARN belongs to the pattern; text of fewer than six parts does not.
    #[must_use]
    pub fn matches(&self, arn: &str) -> Answer {
        let texts: Vec<&str> = arn.splitn(6, ':').collect();
        if texts.len() != 6 {
            return Answer::No;
        }
        Answer::all(self.parts.iter().zip(texts).map(|(part, text)| part.matches(text)))
    }

    /// Whether every ARN of the other pattern belongs to this one.
    #[must_use]
    pub fn covers(&self, other: &ArnPattern) -> Answer {
        Answer::all(self.parts.iter().zip(&other.parts).map(|(a, b)| a.covers(b)))
    }

    /// Whether some ARN belongs to both.
    #[must_use]
    pub fn intersects(&self, other: &ArnPattern) -> Answer {
        Answer::all(self.parts.iter().zip(&other.parts).map(|(a, b)| a.intersects(b)))
    }

    /// Whether a `*` or a variable stands before the last part, where it could cross a colon if
    /// the pattern were read as a whole.
    pub(crate) fn stretches_before_resource(&self) -> bool {
        let stretches = |part: &Pattern| part.tokens().iter().any(|t| matches!(t, Token::Run | Token::Hole(_)));
        self.parts.iter().take(5).any(stretches)
    }

    /// The whole pattern.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        let parts = self.parts.iter().map(Pattern::tokens);
        parts.collect::<Vec<&[Token]>>().join(&Token::Literal(':'))
    }

    fn part(&self, index: usize) -> Option<&Pattern> {
        self.parts.get(index)
    }

    /// The third part.
    #[must_use]
    pub fn service(&self) -> Option<&Pattern> {
        self.part(2)
    }

    /// The fifth part.
    #[must_use]
    pub fn account(&self) -> Option<&Pattern> {
        self.part(4)
    }

    /// The sixth part.
    #[must_use]
    pub fn resource(&self) -> Option<&Pattern> {
        self.part(5)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(pattern: &str, arn: &str) -> Answer {
        ArnPattern::new(pattern, Variables::Live).map_or(Answer::No, |p| p.matches(arn))
    }

    #[test]
    fn row_15_wildcards_never_cross_colons() {
        let arn = "arn:aws:iam::111122223333:role/team/x";
        assert_eq!(like("arn:aws:iam::111122223333:role/*", arn), Answer::Yes);
        assert_eq!(like("arn:aws:iam::*:role/*", arn), Answer::Yes);
        assert_eq!(like("arn:aws:*:role/team/x:*:*", arn), Answer::No);
        assert_eq!(like("arn:*:*:*:*:*", arn), Answer::Yes);
        // The text as a whole would let `*` run over colons.
        let crossing = Pattern::glob("arn:aws:iam:*/x", Variables::Plain);
        assert_eq!(crossing.matches(arn), Answer::Yes);
        assert_eq!(like("arn:aws:iam:*/x", arn), Answer::No);
    }

    #[test]
    fn row_15_the_last_part_may_hold_colons() {
        let arn = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/x:*";
        assert_eq!(like("arn:aws:logs:*:*:log-group:/aws/*", arn), Answer::Yes);
    }

    #[test]
    fn row_16_fewer_than_six_parts_match_nothing() {
        for short in ["*", "arn:*", "arn:aws:iam::*"] {
            assert!(ArnPattern::new(short, Variables::Live).is_none(), "{short}");
        }
        assert_eq!(like("arn:*:*:*:*:*", "arn:aws:iam"), Answer::No);
    }

    #[test]
    fn a_colon_inside_a_variable_divides_nothing() {
        let pattern = "arn:aws:iam::${aws:PrincipalAccount}:role/x";
        let arn = "arn:aws:iam::111122223333:role/x";
        assert_eq!(like(pattern, arn), Answer::Undecidable);
        assert_eq!(like(pattern, "arn:aws:iam::111122223333:role/y"), Answer::No);
    }

    #[test]
    fn covers_part_by_part() {
        let arn = |text| ArnPattern::new(text, Variables::Plain);
        let (Some(wide), Some(narrow)) = (arn("arn:aws:iam::1:role/*"), arn("arn:aws:iam::1:role/a*")) else {
            panic!("six parts");
        };
        assert_eq!(wide.covers(&narrow), Answer::Yes);
        assert_eq!(narrow.covers(&wide), Answer::No);
        assert_eq!(wide.intersects(&narrow), Answer::Yes);
    }
}
