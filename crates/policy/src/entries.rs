//! The statements of both sides of a comparison, those that are the same as one, and cheap tests
//! that tell which of them cannot matter. What they mean together is in `compare`.

use crate::compiled::PolicyKind;
use crate::document::{Effect, Sense, Statement};
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
    let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.tokens() == [Token::Run]);
    let resources = |own: &crate::document::Resources| own.sense == Sense::Only && any(&own.patterns);
    statement.conditions.is_empty()
        && statement.actions.sense == Sense::Only
        && any(&statement.actions.patterns)
        && statement.resources.as_ref().is_none_or(resources)
        && statement.principals.as_ref().is_none_or(crate::document::Principals::is_everyone)
}

/// Whether two statements say the same, order, case and repetition aside. `false` may be wrong.
fn same(a: &Statement, b: &Statement) -> bool {
    fn each<T>(a: &[T], b: &[T], alike: impl Fn(&T, &T) -> bool) -> bool {
        let within = |a: &[T], b: &[T]| {
            a.iter().enumerate().all(|(at, own)| {
                b.get(at).is_some_and(|other| alike(own, other)) || b.iter().any(|other| alike(own, other))
            })
        };
        within(a, b) && within(b, a)
    }
    let actions = |a: &Pattern, b: &Pattern| a.text().eq_ignore_ascii_case(b.text());
    let resources = |a: &Pattern, b: &Pattern| a.text() == b.text() && a.tokens() == b.tokens();
    let lone = |text: &str| !text.contains("${");
    a.effect == b.effect
        && a.actions.sense == b.actions.sense
        && each(&a.actions.patterns, &b.actions.patterns, actions)
        && match (&a.principals, &b.principals) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                a.sense == b.sense
                    && each(&a.members, &b.members, |a, b| a == b || (a.is_everyone() && b.is_everyone()))
            }
            _ => false,
        }
        && match (&a.resources, &b.resources) {
            (None, None) => true,
            (Some(a), Some(b)) => a.sense == b.sense && each(&a.patterns, &b.patterns, resources),
            _ => false,
        }
        && each(&a.conditions, &b.conditions, |a, b| {
            a.operator.text().eq_ignore_ascii_case(b.operator.text())
                && a.key.eq_ignore_ascii_case(&b.key)
                && (a.variables == b.variables || a.values.iter().all(|value| lone(value)))
                && each(&a.values, &b.values, |a, b| a == b)
        })
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
