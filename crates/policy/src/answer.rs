//! The three-valued answer. No question is asked here.

/// The answer to a question about policy text.
///
/// `Undecidable` is an answer, not an error: the text names something that only
/// a request can settle (a policy variable, an unknown operator), or deciding it
/// would cost more steps than the budget allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// Certainly so.
    Yes,
    /// Certainly not so.
    No,
    /// Not settled by the text alone.
    Undecidable,
}

impl Answer {
    /// Whether this is `Yes`.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Answer::Yes
    }

    /// Whether this is `No`.
    #[must_use]
    pub fn is_no(self) -> bool {
        self == Answer::No
    }

    /// Both: a certain `No` beats `Undecidable`, which beats `Yes`.
    #[must_use]
    pub fn and(self, other: Answer) -> Answer {
        match (self, other) {
            (Answer::No, _) | (_, Answer::No) => Answer::No,
            (Answer::Yes, Answer::Yes) => Answer::Yes,
            _ => Answer::Undecidable,
        }
    }

    /// Either: a certain `Yes` beats `Undecidable`, which beats `No`.
    #[must_use]
    pub fn or(self, other: Answer) -> Answer {
        match (self, other) {
            (Answer::Yes, _) | (_, Answer::Yes) => Answer::Yes,
            (Answer::No, Answer::No) => Answer::No,
            _ => Answer::Undecidable,
        }
    }

    /// The answer to the opposite question.
    #[must_use]
    pub fn negated(self) -> Answer {
        match self {
            Answer::Yes => Answer::No,
            Answer::No => Answer::Yes,
            Answer::Undecidable => Answer::Undecidable,
        }
    }

    /// Whether any of the answers holds; `No` for none.
    pub fn any(answers: impl IntoIterator<Item = Answer>) -> Answer {
        let mut all = Answer::No;
        for answer in answers {
            all = all.or(answer);
            if all.is_yes() {
                break;
            }
        }
        all
    }

    /// Whether all the answers hold; `Yes` for none.
    pub fn all(answers: impl IntoIterator<Item = Answer>) -> Answer {
        let mut all = Answer::Yes;
        for answer in answers {
            all = all.and(answer);
            if all.is_no() {
                break;
            }
        }
        all
    }
}

impl From<bool> for Answer {
    fn from(holds: bool) -> Self {
        if holds { Answer::Yes } else { Answer::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Answer::{self, No, Undecidable, Yes};

    #[test]
    fn a_certain_answer_beats_ignorance() {
        assert_eq!(No.and(Undecidable), No);
        assert_eq!(Yes.and(Undecidable), Undecidable);
        assert_eq!(Yes.or(Undecidable), Yes);
        assert_eq!(No.or(Undecidable), Undecidable);
        assert_eq!(Undecidable.negated(), Undecidable);
        assert_eq!(Answer::any([]), No);
        assert_eq!(Answer::all([]), Yes);
        assert_eq!(Answer::any([No, Undecidable, Yes]), Yes);
        assert_eq!(Answer::all([Yes, Undecidable, No]), No);
    }
}
