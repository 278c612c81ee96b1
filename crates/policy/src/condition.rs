//! Conditions: operators, and when one condition holds. What a statement's conditions
//! achieve together is in `gated`.

use crate::answer::Answer;
use crate::arn::ArnPattern;
use crate::pattern::{Pattern, Variables};

/// One test of a condition block: an operator, a key, and the values of which one is enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// How values are compared.
    pub operator: Operator,
    /// As written; case does not matter.
    pub key: String,
    /// As written; unquoted booleans and numbers as their text.
    pub values: Vec<String>,
    /// Whether the document's version has variables.
    pub variables: Variables,
}

/// `ForAllValues:` or `ForAnyValue:` (IAM User Guide, "Set operators for multivalued
/// context keys").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetOperator {
    /// No set operator.
    None,
    /// Holds for each value of the key; also when there is none.
    ForAllValues,
    /// Holds for some value of the key; not when there is none.
    ForAnyValue,
}

/// A condition operator. Every text gives one; what is not known has the base
/// [`Base::Unknown`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Operator {
    /// The set operator before it.
    pub set: SetOperator,
    /// The comparison.
    pub base: Base,
    /// Whether `IfExists` follows.
    pub if_exists: bool,
    text: String,
}

macro_rules! bases {
    ($($name:ident $negated:literal,)*) => {
        /// The comparison of an operator (IAM User Guide, "IAM JSON policy elements:
        /// Condition operators").
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Base {
            $(
                #[doc = concat!("`", stringify!($name), "`")]
                $name,
            )*
            /// A name that is none of these; the operator keeps its text.
            Unknown,
        }

        const BASES: &[(&str, Base)] = &[$((stringify!($name), Base::$name),)*];

        impl Base {
            /// Whether it holds when the value is *not* among those listed.
            #[must_use]
            pub fn is_negated(self) -> bool {
                match self {
                    $(Base::$name => $negated,)*
                    Base::Unknown => false,
                }
            }
        }
    };
}

bases! {
    StringEquals false, StringNotEquals true,
    StringEqualsIgnoreCase false, StringNotEqualsIgnoreCase true,
    StringLike false, StringNotLike true,
    NumericEquals false, NumericNotEquals true,
    NumericLessThan false, NumericLessThanEquals false,
    NumericGreaterThan false, NumericGreaterThanEquals false,
    DateEquals false, DateNotEquals true,
    DateLessThan false, DateLessThanEquals false,
    DateGreaterThan false, DateGreaterThanEquals false,
    Bool false, BinaryEquals false,
    IpAddress false, NotIpAddress true,
    ArnEquals false, ArnLike false, ArnNotEquals true, ArnNotLike true,
    Null false,
}

/// What a base compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Text,
    Arn,
    Bool,
    Address,
    Null,
    Other,
}

impl Base {
    pub(crate) fn family(self) -> Family {
        match self {
            Base::StringEquals
            | Base::StringNotEquals
            | Base::StringEqualsIgnoreCase
            | Base::StringNotEqualsIgnoreCase
            | Base::StringLike
            | Base::StringNotLike => Family::Text,
            Base::ArnEquals | Base::ArnLike | Base::ArnNotEquals | Base::ArnNotLike => Family::Arn,
            Base::Bool => Family::Bool,
            Base::IpAddress | Base::NotIpAddress => Family::Address,
            Base::Null => Family::Null,
            _ => Family::Other,
        }
    }
}

impl Operator {
    /// Reads an operator; case is not held against it, and the text is kept.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let (set, rest) = match text.split_once(':') {
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAllValues") => (SetOperator::ForAllValues, rest),
            Some((set, rest)) if set.eq_ignore_ascii_case("ForAnyValue") => (SetOperator::ForAnyValue, rest),
            _ => (SetOperator::None, text),
        };
        let known = |name: &str| {
            let same = |(known, _): &&(&str, Base)| known.eq_ignore_ascii_case(name);
            BASES.iter().find(same).map(|(_, base)| *base)
        };
        let (base, if_exists) = match (known(rest), without_if_exists(rest).and_then(known)) {
            (Some(base), _) => (base, false),
            // `NullIfExists` is refused by IAM ("Null with IfExists").
            (None, Some(base)) if base != Base::Null => (base, true),
            _ => (Base::Unknown, false),
        };
        Operator { set, base, if_exists, text: text.to_owned() }
    }

    /// As written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn without_if_exists(name: &str) -> Option<&str> {
    const SUFFIX: &str = "IfExists";
    let cut = name.len().checked_sub(SUFFIX.len())?;
    let (head, tail) = (name.get(..cut)?, name.get(cut..)?);
    tail.eq_ignore_ascii_case(SUFFIX).then_some(head)
}

impl Condition {
    /// Whether the condition holds in a request without the key.
    ///
    /// A missing key makes a negated operator, `IfExists` and `ForAllValues` true and all
    /// else false (IAM User Guide, "IAM JSON policy elements: Condition operators";
    /// "Single-valued vs. multivalued context keys"). `ForAnyValue` with `IfExists` is not
    /// documented.
    #[must_use]
    pub fn holds_when_absent(&self) -> Answer {
        if self.operator.base == Base::Null {
            return self.null_holds(true);
        }
        if self.operator.base == Base::Unknown || self.values.is_empty() {
            return Answer::Undecidable;
        }
        match self.operator.set {
            SetOperator::ForAllValues => Answer::Yes,
            SetOperator::ForAnyValue if self.operator.if_exists => Answer::Undecidable,
            SetOperator::ForAnyValue => Answer::No,
            SetOperator::None => Answer::from(self.operator.if_exists || self.operator.base.is_negated()),
        }
    }

    /// Of a `Null` test: whether it holds when the key is absent, or present.
    pub(crate) fn null_holds(&self, absent: bool) -> Answer {
        if self.operator.set != SetOperator::None || self.values.is_empty() {
            return Answer::Undecidable;
        }
        Answer::any(self.values.iter().map(|value| match value {
            yes if yes.eq_ignore_ascii_case("true") => Answer::from(absent),
            no if no.eq_ignore_ascii_case("false") => Answer::from(!absent),
            _ => Answer::Undecidable,
        }))
    }

    /// The values as patterns, as the operator reads them: `StringEquals` literally,
    /// `StringLike` and the ARN operators with wildcards.
    #[must_use]
    pub fn patterns(&self) -> Vec<Pattern> {
        self.values.iter().map(|value| self.pattern(value)).collect()
    }

    fn pattern(&self, value: &str) -> Pattern {
        match self.operator.base {
            Base::StringLike | Base::StringNotLike => Pattern::glob(value, self.variables),
            Base::StringEqualsIgnoreCase | Base::StringNotEqualsIgnoreCase => {
                Pattern::literal(value, self.variables).ignoring_case()
            }
            base if base.family() == Family::Arn => Pattern::glob(value, self.variables),
            _ => Pattern::literal(value, self.variables),
        }
    }

    /// Whether the comparison holds for one value of the key, set operator and `IfExists`
    /// aside. `Undecidable` for numbers, dates, addresses and binary values.
    #[must_use]
    pub fn holds_for(&self, value: &str) -> Answer {
        let base = self.operator.base;
        if self.values.is_empty() {
            return Answer::Undecidable;
        }
        let listed = match base.family() {
            Family::Null => return self.null_holds(false),
            Family::Other | Family::Address => return Answer::Undecidable,
            Family::Bool => Answer::any(self.values.iter().map(|own| Answer::from(own.eq_ignore_ascii_case(value)))),
            Family::Text => Answer::any(self.patterns().iter().map(|p| p.matches(value))),
            Family::Arn => Answer::any(
                self.patterns().iter().map(|p| ArnPattern::of(p).map_or(Answer::No, |arn| arn.matches(value))),
            ),
        };
        if base.is_negated() { listed.negated() } else { listed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(operator: &str, values: &[&str]) -> Condition {
        Condition {
            operator: Operator::new(operator),
            key: "aws:PrincipalTag/x".to_owned(),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
            variables: Variables::Live,
        }
    }

    #[test]
    fn operators_are_read_with_their_parts() {
        let operator = Operator::new("ForAnyValue:StringNotLikeIfExists");
        assert_eq!(operator.set, SetOperator::ForAnyValue);
        assert_eq!(operator.base, Base::StringNotLike);
        assert!(operator.if_exists);
        assert_eq!(Operator::new("bool").base, Base::Bool);
        for unknown in ["", "IfExists", "NullIfExists", "StringEquals ", "ForAll:Bool", "ForAnyValue:", "Étiquette"] {
            let operator = Operator::new(unknown);
            assert_eq!(operator.base, Base::Unknown, "{unknown}");
            assert_eq!(operator.text(), unknown);
        }
    }

    #[test]
    fn rows_1_3_6_7_10_missing_key() {
        for (operator, value, expected) in [
            ("StringEquals", "a", Answer::No),
            ("StringNotEquals", "a", Answer::Yes),
            ("StringNotEqualsIfExists", "a", Answer::Yes),
            ("StringEqualsIfExists", "a", Answer::Yes),
            ("ForAllValues:StringEquals", "a", Answer::Yes),
            ("ForAllValues:StringNotEquals", "a", Answer::Yes),
            ("ForAnyValue:StringEquals", "a", Answer::No),
            ("ForAnyValue:StringNotEquals", "a", Answer::No),
            ("Bool", "false", Answer::No),
            ("BoolIfExists", "false", Answer::Yes),
            ("NotIpAddress", "10.0.0.0/8", Answer::Yes),
            ("Null", "true", Answer::Yes),
            ("Null", "false", Answer::No),
            ("StringResembles", "a", Answer::Undecidable),
        ] {
            assert_eq!(condition(operator, &[value]).holds_when_absent(), expected, "{operator}");
        }
    }

    #[test]
    fn row_4_any_value_if_exists_is_not_settled() {
        let odd = condition("ForAnyValue:StringEqualsIfExists", &["a"]);
        assert_eq!(odd.holds_when_absent(), Answer::Undecidable);
    }

    #[test]
    fn row_5_negated_list_is_nor() {
        let neither = condition("StringNotEquals", &["a", "b"]);
        assert_eq!(neither.holds_for("a"), Answer::No);
        assert_eq!(neither.holds_for("b"), Answer::No);
        assert_eq!(neither.holds_for("c"), Answer::Yes);
    }

    #[test]
    fn row_11_null_takes_a_list() {
        assert_eq!(condition("Null", &["false"]).holds_for("x"), Answer::Yes);
        let always = condition("Null", &["true", "false"]);
        assert_eq!(always.holds_when_absent(), Answer::Yes);
        assert_eq!(always.holds_for("x"), Answer::Yes);
        assert_eq!(condition("Null", &["${x}"]).holds_when_absent(), Answer::Undecidable);
    }

    #[test]
    fn rows_12_13_14_wildcards_by_operator() {
        assert_eq!(condition("StringEquals", &["a*"]).holds_for("ab"), Answer::No);
        assert_eq!(condition("StringEquals", &["a*"]).holds_for("a*"), Answer::Yes);
        assert_eq!(condition("StringEqualsIgnoreCase", &["A*"]).holds_for("ab"), Answer::No);
        assert_eq!(condition("StringEqualsIgnoreCase", &["AB"]).holds_for("ab"), Answer::Yes);
        assert_eq!(condition("StringLike", &["a*"]).holds_for("ab"), Answer::Yes);
        for operator in ["ArnEquals", "ArnLike"] {
            let test = condition(operator, &["arn:aws:iam::*:role/x"]);
            assert_eq!(test.holds_for("arn:aws:iam::1:role/x"), Answer::Yes, "{operator}");
        }
    }

    #[test]
    fn row_20_values_respect_case() {
        assert_eq!(condition("StringEquals", &["A"]).holds_for("a"), Answer::No);
        assert_eq!(condition("StringLike", &["A*"]).holds_for("ab"), Answer::No);
    }
}
