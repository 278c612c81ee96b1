//! Conditions made ready for many requests, and whether they hold for one. What a block of
//! them achieves over all requests is in `gated`.

use crate::answer::Answer;
use crate::condition::{Base, Condition, Family, Operator, SetOperator};
use crate::matching::{Glob, Parts, parts_of};
use crate::pattern::{Pattern, Token, Variables};
use crate::trial::{Filled, Found, Trial, hidden};
use crate::values::{Network, Number, Reading, Time, read_address, read_base64};

/// One operator with one key.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    operator: Operator,
    /// As written.
    key: Box<str>,
    folded: Box<str>,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    Texts(Vec<Text>),
    Arns(Vec<Arn>),
    Numbers(Vec<Plain<Number>>),
    Times(Vec<Plain<Time>>),
    Bools(Vec<Plain<bool>>),
    Digests(Vec<Plain<Box<str>>>),
    Networks(Vec<Plain<Network>>),
    Null {
        absent: Answer,
        present: Answer,
    },
    /// An operator that is not known.
    Unknown,
}

/// A value that takes no variables.
#[derive(Clone, Debug)]
enum Plain<T> {
    Read(Reading<T>, Box<str>),
    /// It holds one all the same.
    Variable(Box<str>),
}

impl<T> Plain<T> {
    fn new(text: &str, variables: Variables, read: impl Fn(&str) -> Reading<T>) -> Self {
        if variables == Variables::Live && text.contains("${") {
            return Plain::Variable(text.into());
        }
        Plain::Read(read(text), text.into())
    }
}

/// A value of a string operator.
#[derive(Clone, Debug)]
enum Text {
    Glob(Glob),
    /// Of an operator that ignores case; these have no wildcards.
    Caseless(Box<str>),
    /// With variables.
    Template {
        tokens: Box<[Token]>,
        /// With variables as any text.
        over: Glob,
        folds: bool,
    },
    /// A variable that is not closed.
    Unclosed(Box<str>),
}

/// A value of an ARN operator.
#[derive(Clone, Debug)]
enum Arn {
    Parts(Parts),
    Short,
    Template(Box<[Token]>),
    /// A variable that is not closed.
    Unclosed(Box<str>),
}

impl Check {
    pub(crate) fn new(condition: &Condition) -> Self {
        let base = condition.operator.base;
        let plain = condition.variables;
        let patterns = || condition.patterns().into_iter();
        let values = match base.family() {
            Family::Text => Values::Texts(patterns().map(|p| Text::new(&p, plain)).collect()),
            Family::Arn => Values::Arns(patterns().map(|p| Arn::new(&p, plain)).collect()),
            // What another word means in a policy is not said; in a request it is neither.
            Family::Bool => Values::Bools(each(condition, plain, |text| match read_bool(text) {
                Reading::Malformed => Reading::Unusual,
                read => read,
            })),
            Family::Address => Values::Networks(each(condition, plain, Network::read)),
            Family::Null => Values::Null { absent: condition.null_holds(true), present: condition.null_holds(false) },
            Family::Other => match base {
                Base::Unknown => Values::Unknown,
                Base::BinaryEquals => Values::Digests(each(condition, plain, read_base64)),
                Base::DateEquals
                | Base::DateNotEquals
                | Base::DateLessThan
                | Base::DateLessThanEquals
                | Base::DateGreaterThan
                | Base::DateGreaterThanEquals => Values::Times(each(condition, plain, Time::read)),
                _ => Values::Numbers(each(condition, plain, Number::read)),
            },
        };
        Check {
            operator: condition.operator.clone(),
            key: condition.key.as_str().into(),
            folded: condition.key.to_ascii_lowercase().into(),
            values,
        }
    }

    /// Whether the operator is one that IAM takes.
    pub(crate) fn is_known(&self) -> bool {
        let lone_null = self.operator.base != Base::Null || self.operator.set == SetOperator::None;
        self.operator.base != Base::Unknown && lone_null
    }

    pub(crate) fn operator(&self) -> &str {
        self.operator.text()
    }

    /// Whether this is a test of `aws:PrincipalArn` that names principals rather than leaving
    /// some out.
    pub(crate) fn names_principals(&self) -> bool {
        let positive = matches!(self.values, Values::Texts(_) | Values::Arns(_)) && !self.operator.base.is_negated();
        // `ForAllValues` and `IfExists` hold without the key, so for anybody.
        let needs_key = self.operator.set != SetOperator::ForAllValues && !self.operator.if_exists;
        &*self.folded == "aws:principalarn" && positive && needs_key
    }

    /// Whether the condition holds for the request (IAM User Guide, "IAM JSON policy elements:
    /// Condition operators"; "Set operators for multivalued context keys").
    pub(crate) fn holds(&self, trial: &Trial<'_>) -> Answer {
        if !self.is_known() {
            return trial.open(|| format!("the operator `{}` is not known", self.operator()));
        }
        let found = trial.look(&self.folded);
        if let Values::Null { absent, present } = self.values {
            return self.null(trial, found, absent, present);
        }
        match (found, self.operator.set) {
            (Found::Absent, _) => self.absent(trial),
            (Found::Hidden, _) => trial.open(|| hidden(&self.key)),
            (Found::One(value), SetOperator::None) => self.one(trial, value),
            (Found::Many(_), SetOperator::None) => {
                trial.open(|| format!("`{}` on the multivalued key `{}`", self.operator(), self.key))
            }
            (Found::One(value), _) => self.several(trial, [value].into_iter()),
            (Found::Many(values), _) => self.several(trial, values.iter().map(String::as_str)),
        }
    }

    fn null(&self, trial: &Trial<'_>, found: Found<'_>, absent: Answer, present: Answer) -> Answer {
        let answer = match found {
            Found::Absent => absent,
            _ if absent == present => present,
            Found::Many(list) if list.is_empty() || list.iter().any(String::is_empty) => Answer::Undecidable,
            Found::One("") => Answer::Undecidable,
            _ => present,
        };
        match answer {
            Answer::Undecidable => trial.open(|| format!("`Null` on an empty value of `{}`", self.key)),
            settled => settled,
        }
    }

    fn absent(&self, trial: &Trial<'_>) -> Answer {
        match self.operator.set {
            SetOperator::ForAllValues => Answer::Yes,
            SetOperator::ForAnyValue if self.operator.if_exists => {
                trial.open(|| format!("`{}` without the key `{}`", self.operator(), self.key))
            }
            SetOperator::ForAnyValue => Answer::No,
            SetOperator::None => Answer::from(self.operator.if_exists || self.operator.base.is_negated()),
        }
    }

    /// Under a set operator. Without values, or with an empty one alone, `ForAllValues` is true
    /// and `ForAnyValue` false; how an empty value counts beside others is not said.
    fn several<'v>(&self, trial: &Trial<'_>, values: impl Iterator<Item = &'v str>) -> Answer {
        let all = self.operator.set == SetOperator::ForAllValues;
        let mut answer = Answer::from(all);
        let (mut some, mut empty) = (false, false);
        for value in values {
            if value.is_empty() {
                empty = true;
                continue;
            }
            some = true;
            if trial.budget.is_spent() {
                return Answer::Undecidable;
            }
            let one = self.one(trial, value);
            answer = if all { answer.and(one) } else { answer.or(one) };
        }
        if !some {
            return self.absent(trial);
        }
        if !empty {
            return answer;
        }
        let with_empty = self.one(trial, "");
        let with_empty = if all { answer.and(with_empty) } else { answer.or(with_empty) };
        if with_empty == answer {
            return answer;
        }
        trial.open(|| format!("`{}` on an empty value beside others of `{}`", self.operator(), self.key))
    }

    /// For one value of the key, set operator aside. A negated operator holds if no value of
    /// the policy is met.
    fn one(&self, trial: &Trial<'_>, value: &str) -> Answer {
        let listed = self.listed(trial, value);
        if self.operator.base.is_negated() { listed.negated() } else { listed }
    }

    fn listed(&self, trial: &Trial<'_>, value: &str) -> Answer {
        let base = self.operator.base;
        match &self.values {
            Values::Texts(texts) => self.texts(trial, texts, value),
            Values::Arns(arns) => self.arns(trial, arns, value),
            Values::Numbers(own) => self.measured(trial, own, &Number::read(value), value, |a, b| compared(base, a, b)),
            Values::Times(own) => self.measured(trial, own, &Time::read(value), value, |a, b| compared(base, a, b)),
            Values::Bools(own) => self.measured(trial, own, &read_bool(value), value, |a, b| a == b),
            Values::Digests(own) => self.measured(trial, own, &read_base64(value), value, |a, b| a == b),
            Values::Networks(own) => {
                self.measured(trial, own, &read_address(value), value, |address, range: &Network| range.holds(address))
            }
            Values::Null { .. } | Values::Unknown => Answer::Undecidable,
        }
    }

    fn texts(&self, trial: &Trial<'_>, texts: &[Text], value: &str) -> Answer {
        let wild = matches!(self.operator.base, Base::StringLike | Base::StringNotLike);
        Answer::any(texts.iter().map(|own| own.matches(trial, value, wild)))
    }

    fn arns(&self, trial: &Trial<'_>, arns: &[Arn], value: &str) -> Answer {
        let parts = parts_of(value);
        let one = |own: &Arn| match (own, &parts) {
            (Arn::Unclosed(own), _) => trial.open(|| format!("a variable that is not closed in `{own}`")),
            (Arn::Template(tokens), Some(parts)) => self.filled_arn(trial, tokens, parts),
            (Arn::Parts(own), Some(parts)) => own.matches(parts, &trial.budget),
            (Arn::Short, _) | (_, None) => self.malformed(trial, || "fewer than six parts".to_owned()),
        };
        Answer::any(arns.iter().map(one))
    }

    fn filled_arn(&self, trial: &Trial<'_>, tokens: &[Token], parts: &[&str; 6]) -> Answer {
        let matches = |tokens: &[Token]| match Parts::new(tokens) {
            Some(own) => own.matches(parts, &trial.budget),
            None => self.malformed(trial, || "fewer than six parts".to_owned()),
        };
        match trial.fill(tokens) {
            Filled::Absent => Answer::No,
            Filled::Open => Answer::Undecidable,
            Filled::Tokens { literal, wild } => agreed(trial, matches(&literal), wild.map(|wild| matches(&wild))),
        }
    }

    /// What is no value of the kind meets nothing; whether a negated operator then holds is not
    /// documented.
    fn malformed(&self, trial: &Trial<'_>, what: impl FnOnce() -> String) -> Answer {
        if !self.operator.base.is_negated() {
            return Answer::No;
        }
        trial.open(|| format!("`{}` on {}", self.operator(), what()))
    }

    fn measured<A, B>(
        &self,
        trial: &Trial<'_>,
        own: &[Plain<B>],
        value: &Reading<A>,
        text: &str,
        meets: impl Fn(&A, &B) -> bool,
    ) -> Answer {
        let odd = |text: &str| trial.open(|| format!("`{}` on `{}`", self.operator(), crate::parse::shown(text)));
        let one = |own: &Plain<B>| {
            let (own, own_text) = match own {
                Plain::Variable(text) => return odd(text),
                Plain::Read(own, text) => (own, text),
            };
            match (value, own) {
                (Reading::Is(value), Reading::Is(own)) => Answer::from(meets(value, own)),
                (Reading::Malformed, _) => self.malformed(trial, || format!("`{}`", crate::parse::shown(text))),
                (_, Reading::Malformed) => self.malformed(trial, || format!("`{}`", crate::parse::shown(own_text))),
                (Reading::Unusual, _) => odd(text),
                (_, Reading::Unusual) => odd(own_text),
            }
        };
        if !trial.budget.spend(own.len()) {
            return Answer::Undecidable;
        }
        Answer::any(own.iter().map(one))
    }
}

fn each<T>(condition: &Condition, variables: Variables, read: impl Fn(&str) -> Reading<T>) -> Vec<Plain<T>> {
    condition.values.iter().map(|text| Plain::new(text, variables, &read)).collect()
}

fn compared<T: Ord>(base: Base, value: &T, own: &T) -> bool {
    match base {
        Base::NumericLessThan | Base::DateLessThan => value < own,
        Base::NumericLessThanEquals | Base::DateLessThanEquals => value <= own,
        Base::NumericGreaterThan | Base::DateGreaterThan => value > own,
        Base::NumericGreaterThanEquals | Base::DateGreaterThanEquals => value >= own,
        _ => value == own,
    }
}

fn read_bool(text: &str) -> Reading<bool> {
    match text {
        "true" => Reading::Is(true),
        "false" => Reading::Is(false),
        _ if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => Reading::Unusual,
        _ => Reading::Malformed,
    }
}

impl Text {
    fn new(pattern: &Pattern, variables: Variables) -> Self {
        if variables == Variables::Live && is_unclosed(pattern.text()) {
            return Text::Unclosed(pattern.text().into());
        }
        match (pattern.has_variables(), pattern.ignores_case()) {
            (true, folds) => {
                // Cases of a letter may differ in length, so that nothing is left out here.
                let over = if folds { Glob::new(&[Token::Run], false) } else { Glob::of(pattern) };
                Text::Template { tokens: pattern.tokens().into(), over, folds }
            }
            (false, true) => Text::Caseless(literal(pattern.tokens()).into()),
            (false, false) => Text::Glob(Glob::of(pattern)),
        }
    }

    /// `wild`: the operator has wildcards.
    fn matches(&self, trial: &Trial<'_>, value: &str, wild: bool) -> Answer {
        let (tokens, over, folds) = match self {
            Text::Glob(glob) => return glob.matches(value, &trial.budget),
            Text::Caseless(own) => return same_but_for_case(trial, own, value),
            Text::Unclosed(own) => return trial.open(|| format!("a variable that is not closed in `{own}`")),
            Text::Template { tokens, over, folds } => (tokens, over, *folds),
        };
        if over.matches(value, &trial.budget).is_no() {
            return Answer::No;
        }
        let matches = |tokens: &[Token]| {
            if folds {
                return same_but_for_case(trial, &literal(tokens), value);
            }
            let pattern = Pattern::from_tokens("", tokens.to_vec(), false);
            Glob::of(&pattern).matches(value, &trial.budget)
        };
        match trial.fill(tokens) {
            Filled::Absent => Answer::No,
            Filled::Open => Answer::Undecidable,
            Filled::Tokens { literal, wild: other } => {
                let other = other.filter(|_| wild).map(|other| matches(&other));
                agreed(trial, matches(&literal), other)
            }
        }
    }
}

/// Whether the last `${` of a text has no end: IAM may refuse it or take it as text.
pub(crate) fn is_unclosed(text: &str) -> bool {
    text.rsplit_once("${").is_some_and(|(_, rest)| !rest.contains('}'))
}

fn literal(tokens: &[Token]) -> String {
    let letter = |token: &Token| match token {
        Token::Literal(c) => Some(*c),
        _ => None,
    };
    tokens.iter().filter_map(letter).collect()
}

/// Equal without regard to case. Which letters beyond ASCII are the same is not documented.
fn same_but_for_case(trial: &Trial<'_>, a: &str, b: &str) -> Answer {
    if !trial.budget.spend(1) {
        return Answer::Undecidable;
    }
    if a.eq_ignore_ascii_case(b) {
        return Answer::Yes;
    }
    let perhaps = !(a.is_ascii() && b.is_ascii())
        && (a.to_lowercase() == b.to_lowercase() || a.to_uppercase() == b.to_uppercase());
    if perhaps { trial.open(|| "the case of letters beyond ASCII".to_owned()) } else { Answer::No }
}

/// Text out of a variable is taken literally; where wildcards in it would decide otherwise, no
/// page says which it is.
pub(crate) fn agreed(trial: &Trial<'_>, literal: Answer, wild: Option<Answer>) -> Answer {
    match wild {
        Some(wild) if wild != literal => trial.open(|| "a wildcard in the value of a variable".to_owned()),
        _ => literal,
    }
}

impl Arn {
    fn new(pattern: &Pattern, variables: Variables) -> Self {
        if variables == Variables::Live && is_unclosed(pattern.text()) {
            return Arn::Unclosed(pattern.text().into());
        }
        let tokens = pattern.tokens();
        if tokens.iter().any(|t| matches!(t, Token::Hole(_))) {
            return Arn::Template(tokens.into());
        }
        Parts::new(tokens).map_or(Arn::Short, Arn::Parts)
    }
}

#[cfg(test)]
mod tests;
