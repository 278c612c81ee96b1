//! The statements of both sides of a comparison, those that are the same as one, and cheap tests
//! that tell which of them cannot matter. What they mean together is in `compare`.

use crate::compiled::PolicyKind;
use crate::condition::{Base, Condition};
use crate::document::{Effect, Principals, Resources, Sense, Statement};
use crate::effective::{Effective, Place};
use crate::pattern::{Pattern, Token, lower};

/// A statement of either side, and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub(crate) statement: &'a Statement,
    /// What its policy is.
    pub(crate) kind: PolicyKind,
    /// Whether its policy is a boundary beside others.
    pub(crate) bounds: bool,
    pub(crate) reference: Option<Place>,
    pub(crate) candidate: Option<Place>,
}

impl Entry<'_> {
    pub(crate) fn is(&self, effect: Effect) -> bool {
        self.statement.effect == effect
    }
}

/// The statements of both sides, those that are the same as one. `kind`: what the policies are,
/// boundaries aside.
pub(crate) fn entries<'a>(kind: PolicyKind, reference: &Effective<'a>, candidate: &Effective<'a>) -> Vec<Entry<'a>> {
    let entry = |(place, statement): (Place, &'a Statement)| {
        let bounds = place.policy.is_none();
        let kind = if bounds { PolicyKind::Boundary } else { kind };
        Entry { statement, kind, bounds, reference: None, candidate: None }
    };
    let mut all: Vec<Entry<'a>> =
        reference.statements().map(|own| Entry { reference: Some(own.0), ..entry(own) }).collect();
    for (at, own) in candidate.statements().enumerate() {
        let new = Entry { candidate: Some(own.0), ..entry(own) };
        let twin = |old: &&mut Entry<'_>| old.bounds == new.bounds && same(old.statement, new.statement);
        // The same place first: most statements stay where they are.
        let place = match all.get_mut(at).filter(|entry| twin(entry)) {
            Some(entry) => Some(entry),
            None => all.iter_mut().find(twin),
        };
        match place {
            Some(entry) => entry.candidate = entry.candidate.or(new.candidate),
            None => all.push(new),
        }
    }
    all
}

/// Whether a statement speaks of every request.
pub(crate) fn is_everything(statement: &Statement) -> bool {
    let resources = |own: &Resources| own.sense == Sense::Only && own.patterns.iter().any(is_any);
    statement.conditions.is_empty()
        && statement.actions.sense == Sense::Only
        && statement.actions.patterns.iter().any(is_any)
        && statement.resources.as_ref().is_none_or(resources)
        && statement.principals.as_ref().is_none_or(Principals::is_everyone)
}

/// Whether two statements say the same, order, case and repetition aside. `false` may be wrong.
fn same(a: &Statement, b: &Statement) -> bool {
    a.effect == b.effect
        && a.actions.sense == b.actions.sense
        && each(&a.actions.patterns, &b.actions.patterns, same_action)
        && same_principals(a, b)
        && match (&a.resources, &b.resources) {
            (None, None) => true,
            (Some(a), Some(b)) => a.sense == b.sense && each(&a.patterns, &b.patterns, same_resource),
            _ => false,
        }
        && each(&a.conditions, &b.conditions, |a, b| same_test(a, b) && each(&a.values, &b.values, |a, b| a == b))
}

/// Whether each of some has its like among others, which is most often in the same place.
fn within<T>(some: &[T], others: &[T], alike: impl Fn(&T, &T) -> bool) -> bool {
    some.iter().enumerate().all(|(at, own)| {
        others.get(at).is_some_and(|other| alike(own, other)) || others.iter().any(|other| alike(own, other))
    })
}

fn each<T>(a: &[T], b: &[T], alike: impl Fn(&T, &T) -> bool) -> bool {
    let in_order = a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b));
    in_order || (within(a, b, &alike) && within(b, a, &alike))
}

fn same_action(a: &Pattern, b: &Pattern) -> bool {
    a.text().eq_ignore_ascii_case(b.text())
}

fn same_resource(a: &Pattern, b: &Pattern) -> bool {
    a.text() == b.text() && a.tokens() == b.tokens()
}

fn same_principals(a: &Statement, b: &Statement) -> bool {
    match (&a.principals, &b.principals) {
        (None, None) => true,
        (Some(a), Some(b)) => {
            a.sense == b.sense && each(&a.members, &b.members, |a, b| a == b || (a.is_everyone() && b.is_everyone()))
        }
        _ => false,
    }
}

/// Values aside.
fn same_test(a: &Condition, b: &Condition) -> bool {
    let lone = |text: &String| !text.contains("${");
    let (own, other) = (&a.operator, &b.operator);
    (own.set, own.base, own.if_exists) == (other.set, other.base, other.if_exists)
        && (own.base != Base::Unknown || own.text().eq_ignore_ascii_case(other.text()))
        && a.key.eq_ignore_ascii_case(&b.key)
        && (a.variables == b.variables || a.values.iter().chain(&b.values).all(lone))
}

/// Whether a statement speaks of every request that another speaks of, effects aside: a cheap test
/// that may say no.
pub(crate) fn covers(wide: &Entry<'_>, narrow: &Entry<'_>) -> bool {
    let actions = |narrow: &Pattern, wide: &Pattern| same_action(narrow, wide) || begins(wide, narrow, true);
    let resources = |narrow: &Pattern, wide: &Pattern| same_resource(narrow, wide) || begins(wide, narrow, false);
    let (wide_kind, narrow_kind) = (wide.kind, narrow.kind);
    let (wide, narrow) = (wide.statement, narrow.statement);
    // Every test of the wider one is weaker than one of the other.
    let weaker = |wide: &Condition, narrow: &Condition| {
        let values = if wide.operator.base.is_negated() {
            within(&wide.values, &narrow.values, |a, b| a == b)
        } else {
            within(&narrow.values, &wide.values, |a, b| a == b)
        };
        values && wide.operator.base != Base::Unknown && same_test(wide, narrow)
    };
    // Short ARNs are read by the kind of the policy.
    wide_kind == narrow_kind
        && wide.actions.sense == narrow.actions.sense
        && match wide.actions.sense {
            Sense::Only => within(&narrow.actions.patterns, &wide.actions.patterns, actions),
            Sense::AllBut => within(&wide.actions.patterns, &narrow.actions.patterns, same_action),
        }
        && match (&wide.resources, &narrow.resources) {
            (None, None) => true,
            (Some(wide), Some(_)) if wide.sense == Sense::Only && wide.patterns.iter().any(is_any) => true,
            (Some(wide), Some(narrow)) if wide.sense == narrow.sense => match wide.sense {
                Sense::Only => within(&narrow.patterns, &wide.patterns, resources),
                Sense::AllBut => within(&wide.patterns, &narrow.patterns, same_resource),
            },
            _ => false,
        }
        && within(&wide.conditions, &narrow.conditions, weaker)
        && (same_principals(wide, narrow)
            || (narrow.principals.is_some() && wide.principals.as_ref().is_some_and(Principals::is_everyone)))
}

fn is_any(pattern: &Pattern) -> bool {
    pattern.tokens() == [Token::Run]
}

/// Whether a pattern is the beginning of another and `*`. As `Resource` it has all parts of an
/// ARN, or none.
fn begins(wide: &Pattern, narrow: &Pattern, action: bool) -> bool {
    let Some((Token::Run, start)) = wide.tokens().split_last() else {
        return false;
    };
    let like = |(a, b): (&Token, &Token)| match (a, b) {
        (Token::Literal(a), Token::Literal(b)) => a == b || (action && lower(*a) == lower(*b)),
        _ => false,
    };
    let whole = action || start.is_empty() || start.iter().filter(|token| **token == Token::Literal(':')).count() >= 5;
    whole && start.len() <= narrow.tokens().len() && start.iter().zip(narrow.tokens()).all(like)
}

/// How many patterns and values it has.
pub(crate) fn size(statement: &Statement) -> usize {
    let resources = statement.resources.as_ref().map_or(0, |resources| resources.patterns.len());
    let principals = statement.principals.as_ref().map_or(0, |principals| principals.members.len());
    let values = statement.conditions.iter().map(|condition| condition.values.len()).sum::<usize>();
    statement.actions.patterns.len() + resources + principals + values
}

/// Whether no request meets both statements: a cheap test that may say no.
pub(crate) fn apart(a: &Statement, b: &Statement) -> bool {
    let differ = |a: &Pattern, b: &Pattern, whole: bool| {
        let mut both = (a.tokens().iter(), b.tokens().iter());
        loop {
            match (both.0.next(), both.1.next()) {
                (Some(Token::Literal(a)), Some(Token::Literal(b))) => {
                    if a != b && (!whole || lower(*a) != lower(*b)) {
                        return true;
                    }
                }
                // One has ended where the other goes on.
                (None, Some(Token::Literal(_))) | (Some(Token::Literal(_)), None) => return whole,
                _ => return false,
            }
        }
    };
    let all = |a: &[Pattern], b: &[Pattern], whole: bool| a.iter().all(|a| b.iter().all(|b| differ(a, b, whole)));
    let actions = a.actions.sense == Sense::Only
        && b.actions.sense == Sense::Only
        && all(&a.actions.patterns, &b.actions.patterns, true);
    if actions {
        return true;
    }
    match (&a.resources, &b.resources) {
        (Some(a), Some(b)) if a.sense == Sense::Only && b.sense == Sense::Only => all(&a.patterns, &b.patterns, false),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiled::Policy;
    use crate::parse::parse;

    fn covered(wide: &str, narrow: &str) -> bool {
        let of = |members: &str| -> Policy {
            parse(&format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",{members}}}}}"#)).unwrap().into()
        };
        let (wide, narrow) = (of(wide), of(narrow));
        let both = (Effective::from(&wide), Effective::from(&narrow));
        let entries = entries(PolicyKind::Identity, &both.0, &both.1);
        covers(&entries[0], entries.last().unwrap())
    }

    #[test]
    fn one_statement_sees_to_another() {
        let on = |action: &str, resource: &str| format!(r#""Action":{action},"Resource":{resource}"#);
        let under = |conditions: &str| format!(r#""Action":"s3:*","Resource":"*","Condition":{{{conditions}}}"#);
        for (wide, narrow, expected) in [
            (on(r#""s3:*""#, r#""*""#), on(r#"["S3:Get*","s3:PutObject"]"#, r#""arn:aws:s3:::a""#), true),
            (on(r#""s3:Get*""#, r#""*""#), on(r#""s3:Ge*""#, r#""*""#), false),
            (on(r#""s3:*""#, r#""arn:aws:s3:::a/*""#), on(r#""s3:*""#, r#""arn:aws:s3:::a/${aws:username}/?""#), true),
            (on(r#""s3:*""#, r#""arn:aws:s3:::A/*""#), on(r#""s3:*""#, r#""arn:aws:s3:::a/x""#), false),
            (on(r#""s3:*""#, r#""arn:aws:s3:::a/*x""#), on(r#""s3:*""#, r#""arn:aws:s3:::a/xx""#), false),
            (on(r#""s3:*""#, r#""arn:aws:s3:*""#), on(r#""s3:*""#, r#""arn:aws:s3:::a/xx""#), false),
            (on(r#""s3:*""#, r#""arn:aws:s3:::*""#), on(r#""s3:*""#, r#""*""#), false),
            (
                r#""NotAction":"s3:*","Resource":"*""#.into(),
                r#""NotAction":["iam:*","S3:*"],"Resource":"*""#.into(),
                true,
            ),
            (
                r#""NotAction":["iam:*","s3:*"],"Resource":"*""#.into(),
                r#""NotAction":"s3:*","Resource":"*""#.into(),
                false,
            ),
            (on(r#""*""#, r#""*""#), r#""Action":"s3:*","NotResource":"arn:aws:s3:::a""#.into(), true),
            (
                under(r#""StringEquals":{"k":["a","b"]}"#),
                under(r#""StringEquals":{"K":"b"},"Bool":{"j":"true"}"#),
                true,
            ),
            (under(r#""StringEquals":{"k":"a"}"#), under(r#""StringEquals":{"k":["a","b"]}"#), false),
            (under(r#""StringNotEquals":{"k":"a"}"#), under(r#""StringNotEquals":{"k":["a","b"]}"#), true),
            (under(r#""StringNotEquals":{"k":["a","b"]}"#), under(r#""StringNotEquals":{"k":"a"}"#), false),
            (under(r#""StringEquals":{"k":"a"}"#), on(r#""s3:*""#, r#""*""#), false),
            (on(r#""s3:*""#, r#""*""#), under(r#""StringResembles":{"k":"a"}"#), true),
            (under(r#""StringResembles":{"k":["a","b"]}"#), under(r#""StringResembles":{"k":"a"}"#), false),
        ] {
            assert_eq!(covered(&wide, &narrow), expected, "{wide} {narrow}");
        }
    }
}
