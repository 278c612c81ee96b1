//! The values that a condition key is wanted to have, and whether a condition's value is
//! one of them. The table that uses it is in `gated`.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::answer::Answer;
use crate::arn::ArnPattern;
use crate::condition::{Condition, Operator, SetOperator};
use crate::gated::same_key;
use crate::pattern::{Pattern, Token, Variables};
use crate::principal::is_account;

/// The set W of values that a key is wanted to be confined to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    rule: Rule,
    domain: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    Patterns(Vec<Pattern>),
    Arns(Vec<ArnPattern>),
    Networks(Vec<IpNet>),
    Naming,
    Anchored,
}

impl Wanted {
    /// These values, and none that merely looks like them.
    #[must_use]
    pub fn values<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> Self {
        let exact = |value: T| Pattern::literal(value.as_ref(), Variables::Plain);
        Wanted::patterns(values.into_iter().map(exact))
    }

    /// Values of these patterns, whose `*` crosses colons; for ARNs see [`Wanted::arns`]. A pattern with a policy variable admits the same variable.
    #[must_use]
    pub fn patterns(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        Wanted::by(Rule::Patterns(patterns.into_iter().collect()))
    }

    /// ARNs of these patterns, part by part as `ArnLike` reads them, so that no `*` runs from
    /// one part into another. A pattern of fewer than six parts stands for none.
    #[must_use]
    pub fn arns<T: AsRef<str>>(patterns: impl IntoIterator<Item = T>) -> Self {
        let arn = |text: T| ArnPattern::new(text.as_ref(), Variables::Plain);
        Wanted::by(Rule::Arns(patterns.into_iter().filter_map(arn).collect()))
    }

    /// `true`, for boolean keys.
    #[must_use]
    pub fn yes() -> Self {
        Wanted::values(["true"]).among(["true", "false"])
    }

    /// `false`, for boolean keys.
    #[must_use]
    pub fn no() -> Self {
        Wanted::values(["false"]).among(["true", "false"])
    }

    /// Addresses inside these networks.
    #[must_use]
    pub fn networks(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Wanted::by(Rule::Networks(networks.into_iter().collect()))
    }

    /// Any value that names something fixed: an account, an organization, a path in one, a
    /// principal of one account, by the key. `*` and half an account id name nothing.
    #[must_use]
    pub fn naming() -> Self {
        Wanted::by(Rule::Naming)
    }

    /// Any value that does not begin with a wildcard.
    #[must_use]
    pub fn anchored() -> Self {
        Wanted::by(Rule::Anchored)
    }

    fn by(rule: Rule) -> Self {
        Wanted { rule, domain: Vec::new() }
    }

    /// The closed list of values that the key can have, so that denying all the others
    /// counts (`DirectInternetAccess` is `Enabled` or `Disabled`).
    #[must_use]
    pub fn among<T: Into<String>>(mut self, domain: impl IntoIterator<Item = T>) -> Self {
        self.domain = domain.into_iter().map(Into::into).collect();
        self
    }

    /// The values of the closed list that are not wanted; None without such a list.
    pub(crate) fn unwanted(&self, key: &str) -> Option<Vec<&str>> {
        let admitted = |value: &str| {
            let literal = Pattern::literal(value, Variables::Plain);
            self.admits(key, &literal).is_yes()
        };
        let unwanted = self.domain.iter().map(String::as_str);
        (!self.domain.is_empty()).then(|| unwanted.filter(|v| !admitted(v)).collect())
    }

    /// The condition that holds for each value, or some value, that is not wanted, and without
    /// set operator also when there is none; the closed list aside. None when no value is wanted.
    /// `arns`: ARNs are compared as ARNs.
    ///
    /// # Errors
    /// Why there is no such condition.
    pub(crate) fn unmet(&self, key: &str, set: SetOperator, arns: bool) -> Result<Option<Condition>, &'static str> {
        let is_arn = |p: &Pattern| {
            let plain = |t: &Token| matches!(t, Token::Literal(c) if !['*', '?'].contains(c));
            p.tokens().iter().all(plain) && !p.ignores_case() && ArnPattern::of(p).is_some()
        };
        let (base, values, variables) = match &self.rule {
            Rule::Patterns(own) if arns && own.iter().all(is_arn) => {
                ("ArnNotLike", own.iter().map(Pattern::fixed_start).collect(), Variables::Plain)
            }
            Rule::Patterns(own) if own.iter().all(|p| !p.has_wildcards() && !p.has_variables()) => {
                let folding = own.iter().filter(|p| p.ignores_case()).count();
                let base = match folding {
                    0 => "StringNotEquals",
                    all if all == own.len() => "StringNotEqualsIgnoreCase",
                    _ => return Err("values of which some ignore case"),
                };
                (base, own.iter().map(Pattern::fixed_start).collect(), Variables::Plain)
            }
            Rule::Patterns(own) if own.iter().any(Pattern::ignores_case) => {
                return Err("patterns that ignore case");
            }
            Rule::Patterns(own) => {
                ("StringNotLike", own.iter().map(|p| written(p.tokens())).collect(), Variables::Live)
            }
            Rule::Arns(own) => ("ArnNotLike", own.iter().map(|arn| written(&arn.tokens())).collect(), Variables::Live),
            Rule::Networks(own) => ("NotIpAddress", own.iter().map(IpNet::to_string).collect(), Variables::Plain),
            Rule::Naming | Rule::Anchored => return Err("values that are wanted for what they name"),
        };
        let values: Vec<String> = values;
        let operator = match set {
            SetOperator::None => Operator::new(base),
            SetOperator::ForAllValues => Operator::new(&format!("ForAllValues:{base}")),
            SetOperator::ForAnyValue => Operator::new(&format!("ForAnyValue:{base}")),
        };
        let some = !values.is_empty();
        Ok(some.then(|| Condition { operator, key: key.to_owned(), values, variables }))
    }

    /// Whether every value of a pattern is wanted. `*` is never wanted: it confines nothing.
    #[must_use]
    pub fn admits(&self, key: &str, value: &Pattern) -> Answer {
        self.admits_read(key, value, true)
    }

    /// As [`Wanted::admits`]; `crosses` says whether wildcards of the value cross colons, which
    /// those of the ARN operators do not.
    pub(crate) fn admits_read(&self, key: &str, value: &Pattern, crosses: bool) -> Answer {
        match &self.rule {
            Rule::Arns(own) => arn_within(own, value, crosses),
            Rule::Patterns(own) => admitted_by(own, value),
            Rule::Networks(own) => network_within(own, value.text()),
            Rule::Naming => names(key, value),
            Rule::Anchored => match value.tokens().first() {
                None => Answer::No,
                Some(_) if value.starts_wild() => Answer::No,
                Some(_) if value.fixed_start().is_empty() => Answer::Undecidable,
                Some(_) => Answer::Yes,
            },
        }
    }
}

/// Tokens as text of a policy with variables.
fn written(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Literal(special @ ('*' | '?' | '$')) => text.extend(["${", &special.to_string(), "}"]),
            Token::Literal(c) => text.push(*c),
            Token::One => text.push('?'),
            Token::Run => text.push('*'),
            Token::Hole(inside) => text.extend(["${", inside, "}"]),
        }
    }
    text
}

fn admitted_by(own: &[Pattern], value: &Pattern) -> Answer {
    if value.is_wild() {
        return Answer::No;
    }
    let found = Answer::any(own.iter().map(|own| own.covers(value)));
    if found.is_yes() {
        return found;
    }
    // A wanted value in other letters: whether it names the same thing depends on the key.
    let folded = |own: &Pattern| own.clone().ignoring_case().covers(value);
    if value.ignores_case() && own.iter().any(|p| folded(p).is_yes()) {
        return Answer::Undecidable;
    }
    found
}

fn arn_within(own: &[ArnPattern], value: &Pattern, crosses: bool) -> Answer {
    if value.is_wild() {
        return Answer::No;
    }
    let Some(arn) = ArnPattern::of(value) else {
        return if value.has_variables() { Answer::Undecidable } else { Answer::No };
    };
    let found = Answer::any(own.iter().map(|own| own.covers(&arn)));
    if found.is_yes() && crosses && arn.stretches_before_resource() {
        return Answer::Undecidable;
    }
    found
}

/// Whether a network lies within one of these. A bare address is a network of one, host
/// bits do not matter (IAM User Guide, "IAM JSON policy elements: Condition operators", IP
/// address condition operators).
fn network_within(own: &[IpNet], text: &str) -> Answer {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    match network {
        Ok(network) => {
            let network = network.trunc();
            Answer::from(own.iter().any(|wide| wide.contains(&network)))
        }
        Err(_) => Answer::Undecidable,
    }
}

fn names(key: &str, value: &Pattern) -> Answer {
    if value.is_wild() || value.tokens().is_empty() {
        return Answer::No;
    }
    if value.has_variables() {
        return Answer::Undecidable;
    }
    if same_key(key, "aws:PrincipalArn") {
        return match ArnPattern::of(value).as_ref().and_then(ArnPattern::account) {
            Some(account) => Answer::from(is_account(&account.fixed_start())),
            None => Answer::from(!value.has_wildcards()),
        };
    }
    if ["aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"].iter().any(|k| same_key(key, k)) {
        // A path begins with the organization's id and a slash.
        return Answer::from(value.fixed_start().contains('/') || !value.has_wildcards());
    }
    Answer::from(!value.has_wildcards())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(text: &str) -> Pattern {
        Pattern::glob(text, Variables::Live)
    }

    #[test]
    fn values_and_patterns() {
        let wanted = Wanted::values(["subnet-a", "subnet-b"]);
        assert_eq!(wanted.admits("k", &like("subnet-a")), Answer::Yes);
        assert_eq!(wanted.admits("k", &like("subnet-*")), Answer::No);
        assert_eq!(wanted.admits("k", &like("subnet-c")), Answer::No);
        assert_eq!(wanted.admits("k", &like("*")), Answer::No);
        let wide = Wanted::patterns([like("*")]);
        assert_eq!(wide.admits("k", &like("*")), Answer::No, "confines nothing");
        let keys = Wanted::patterns([like("arn:aws:kms:*:111122223333:key/*")]);
        assert_eq!(keys.admits("k", &like("arn:aws:kms:eu-west-1:111122223333:key/1")), Answer::Yes);
        assert_eq!(keys.admits("k", &like("arn:aws:kms:*:*:key/1")), Answer::No);
    }

    #[test]
    fn arns_are_compared_part_by_part() {
        let wanted = Wanted::arns(["arn:aws:*:*:111122223333:*", "too:short"]);
        let admits = |text: &str, crosses| wanted.admits_read("aws:SourceArn", &like(text), crosses);
        assert_eq!(admits("arn:aws:sagemaker:eu-west-1:111122223333:domain/*", true), Answer::Yes);
        // The account is another one; the wanted one stands in the name.
        let hidden = "arn:aws:logs:eu-west-1:444455556666:log-group:111122223333:x";
        assert_eq!(admits(hidden, true), Answer::No);
        assert_eq!(admits("arn:aws:logs:*:111122223333:*", false), Answer::Yes);
        assert_eq!(admits("arn:aws:logs:*:111122223333:*", true), Answer::Undecidable);
        assert_eq!(admits("arn:aws:sagemaker:*:*:*", false), Answer::No);
        assert_eq!(admits("arn:aws:iam", true), Answer::No);
        assert_eq!(admits("*", false), Answer::No);
    }

    #[test]
    fn a_variable_is_admitted_by_itself_only() {
        let wanted = Wanted::patterns([like("${aws:PrincipalTag/project}")]);
        assert_eq!(wanted.admits("k", &like("${aws:PrincipalTag/project}")), Answer::Yes);
        assert_eq!(wanted.admits("k", &like("${aws:PrincipalTag/other}")), Answer::Undecidable);
        assert_eq!(Wanted::values(["x"]).admits("k", &like("${aws:username}")), Answer::Undecidable);
    }

    #[test]
    fn case_of_values_matters() {
        let wanted = Wanted::values(["Alpha"]);
        let loose = Pattern::literal("alpha", Variables::Plain).ignoring_case();
        assert_eq!(wanted.admits("k", &loose), Answer::Undecidable);
        assert_eq!(
            Wanted::values(["42"]).admits("k", &Pattern::literal("42", Variables::Plain).ignoring_case()),
            Answer::Yes
        );
    }

    #[test]
    fn rows_32_33_networks() {
        let wanted = Wanted::networks(["10.0.0.0/8".parse().unwrap(), "2001:db8::/32".parse().unwrap()]);
        let admits = |text: &str| wanted.admits("aws:SourceIp", &Pattern::literal(text, Variables::Plain));
        assert_eq!(admits("10.1.2.3"), Answer::Yes);
        assert_eq!(admits("10.1.2.3/16"), Answer::Yes);
        assert_eq!(admits("2001:0db8:0:0::1"), Answer::Yes);
        for open in ["0.0.0.0/0", "::/0", "11.0.0.0/8", "10.0.0.0/7", "::ffff:10.0.0.1"] {
            assert_eq!(admits(open), Answer::No, "{open}");
        }
        assert_eq!(admits("not an address"), Answer::Undecidable);
    }

    #[test]
    fn naming_by_key() {
        let wanted = Wanted::naming();
        for (key, value, expected) in [
            ("aws:PrincipalAccount", "111122223333", Answer::Yes),
            ("aws:PrincipalAccount", "1111*", Answer::No),
            ("aws:PrincipalAccount", "????????????", Answer::No),
            ("aws:PrincipalOrgID", "o-abcdefghij", Answer::Yes),
            ("aws:PrincipalOrgID", "o-*", Answer::No),
            ("AWS:principalOrgPaths", "o-abcdefghij/*", Answer::Yes),
            ("aws:PrincipalOrgPaths", "o-*/r-x/*", Answer::No),
            ("aws:PrincipalArn", "arn:aws:iam::111122223333:*", Answer::Yes),
            ("aws:PrincipalArn", "arn:aws:iam::*:role/admin", Answer::No),
            ("aws:PrincipalArn", "*", Answer::No),
            ("aws:ResourceAccount", "${aws:PrincipalAccount}", Answer::Undecidable),
        ] {
            assert_eq!(wanted.admits(key, &like(value)), expected, "{key} {value}");
        }
    }

    #[test]
    fn anchored_is_no_leading_wildcard() {
        let wanted = Wanted::anchored();
        assert_eq!(wanted.admits("k", &like("repo:org/name:*")), Answer::Yes);
        assert_eq!(wanted.admits("k", &like("*:ref")), Answer::No);
        assert_eq!(wanted.admits("k", &like("?x")), Answer::No);
        assert_eq!(wanted.admits("k", &like("")), Answer::No);
        assert_eq!(wanted.admits("k", &like("${aws:username}x")), Answer::Undecidable);
    }
}
