//! What of a document lets a new request through, as a reviewer would say it: which statement, and what became of its
//! like in the reference. Whether a request is new is `compare`'s business.

use std::collections::BTreeSet;

use crate::comparison::Comparison;
use crate::compiled::Policy;
use crate::document::{Effect, Statement};
use crate::request::Request;

/// Why a request is allowed that was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The statement of the candidate that lets it through, from 0; None for what a resource control policy no longer
    /// denies.
    pub statement: Option<usize>,
    /// Its `Sid`.
    pub sid: Option<String>,
    /// What is different about it.
    pub change: Change,
    /// Condition keys that the reference asks for here and the request lacks.
    pub without: Vec<String>,
}

/// What is different between a statement and its like in the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The reference has no statement like it.
    New,
    /// Its like has conditions on these keys, which it lacks.
    LostConditions {
        /// The statement of the reference.
        like: usize,
        /// The keys.
        keys: Vec<String>,
    },
    /// It has other conditions than its like, on these keys.
    OtherConditions {
        /// The statement of the reference.
        like: usize,
        /// The keys.
        keys: Vec<String>,
    },
    /// It speaks of other actions.
    Actions {
        /// The statement of the reference.
        like: usize,
    },
    /// It speaks of other resources.
    Resources {
        /// The statement of the reference.
        like: usize,
    },
    /// It speaks of other principals.
    Principals {
        /// The statement of the reference.
        like: usize,
    },
    /// A Deny of the reference is gone.
    DenyGone {
        /// The statement of the reference.
        deny: usize,
    },
    /// A Deny of the reference is another one now.
    DenyChanged {
        /// The statement of the reference.
        deny: usize,
        /// What became of it in the candidate.
        now: usize,
    },
}

/// Why the witness of a comparison of two documents is allowed; None where there is none.
#[must_use]
pub fn cause(reference: &Policy, candidate: &Policy, comparison: &Comparison) -> Option<Cause> {
    let Comparison::NewAccess { witness, by, denied_by, .. } = comparison else { return None };
    let statement = by.first().map(|cited| cited.statement);
    let (old, new) = (&reference.document().statements, &candidate.document().statements);
    let allow = statement.and_then(|at| new.get(at));
    let sid = allow.and_then(|allow| allow.sid.clone());
    if let Some(deny) = denied_by.as_ref().and_then(|cited| old.get(cited.statement)) {
        let change = match alike(deny, new) {
            Some((now, _)) => Change::DenyChanged { deny: deny.index, now: now.index },
            None => Change::DenyGone { deny: deny.index },
        };
        return Some(Cause { statement, sid, change, without: Vec::new() });
    }
    let (change, without) = match allow.and_then(|allow| alike(allow, old).map(|found| (allow, found))) {
        None => (Change::New, Vec::new()),
        Some((allow, (like, Part::Conditions))) => conditions(allow, like, witness),
        Some((_, (like, part))) => {
            let like = like.index;
            let change = match part {
                Part::Actions => Change::Actions { like },
                Part::Resources => Change::Resources { like },
                _ => Change::Principals { like },
            };
            (change, Vec::new())
        }
    };
    Some(Cause { statement, sid, change, without })
}

/// An element of a statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Actions,
    Resources,
    Principals,
    Conditions,
}

/// The statement that says the same but for one element, and that element. Of several the one of the same `Sid`, or
/// else of the same place; conditions come first, since to lose one is the commonest drift.
fn alike<'a>(own: &Statement, others: &'a [Statement]) -> Option<(&'a Statement, Part)> {
    let differing = |other: &'a Statement| {
        let parts = [
            (Part::Actions, own.actions.sense == other.actions.sense && actions(own) == actions(other)),
            (Part::Resources, resources(own) == resources(other)),
            (Part::Principals, principals(own) == principals(other)),
            (Part::Conditions, conditions_of(own) == conditions_of(other)),
        ];
        let mut differing = parts.iter().filter(|(_, same)| !same).map(|(part, _)| *part);
        match (differing.next(), differing.next()) {
            (Some(part), None) if own.effect == other.effect => Some((other, part)),
            _ => None,
        }
    };
    let rank = |(other, part): &(&Statement, Part)| {
        let same_name = own.sid.is_some() && own.sid == other.sid;
        (same_name, other.index == own.index, *part == Part::Conditions)
    };
    others.iter().filter_map(differing).max_by_key(rank)
}

fn actions(statement: &Statement) -> BTreeSet<String> {
    statement.actions.patterns.iter().map(|pattern| pattern.text().to_ascii_lowercase()).collect()
}

fn resources(statement: &Statement) -> Option<(bool, BTreeSet<&str>)> {
    let own = statement.resources.as_ref()?;
    Some((own.sense == crate::Sense::Only, own.patterns.iter().map(|pattern| pattern.text()).collect()))
}

fn principals(statement: &Statement) -> Option<(bool, BTreeSet<String>)> {
    let own = statement.principals.as_ref()?;
    let words = own.members.iter().map(|member| match member.is_everyone() {
        true => "*".to_owned(),
        false => format!("{} {}", member.kind.key().unwrap_or_default(), member.value),
    });
    Some((own.sense == crate::Sense::Only, words.collect()))
}

/// By operator and key, without case: the values.
fn conditions_of(statement: &Statement) -> BTreeSet<(String, String, BTreeSet<&str>)> {
    let one = |condition: &'_ crate::Condition| {
        (condition.operator.text().to_ascii_lowercase(), condition.key.to_ascii_lowercase())
    };
    let each = statement.conditions.iter().map(|condition| {
        let (operator, key) = one(condition);
        (operator, key, condition.values.iter().map(String::as_str).collect())
    });
    each.collect()
}

fn conditions(allow: &Statement, like: &Statement, witness: &Request) -> (Change, Vec<String>) {
    let has = |statement: &Statement, key: &str| statement.conditions.iter().any(|it| it.key.eq_ignore_ascii_case(key));
    let own = conditions_of(allow);
    let mut lost: Vec<String> = Vec::new();
    let mut other: Vec<String> = Vec::new();
    for condition in &like.conditions {
        let key = &condition.key;
        if lost.iter().chain(&other).any(|told| told.eq_ignore_ascii_case(key)) {
            continue;
        }
        let of_key = |(_, folded, _): &&(String, String, BTreeSet<&str>)| folded.eq_ignore_ascii_case(key);
        let theirs = conditions_of(like);
        if !has(allow, key) {
            lost.push(key.clone());
        } else if own.iter().filter(of_key).ne(theirs.iter().filter(of_key)) {
            other.push(key.clone());
        }
    }
    let asked = if allow.effect == Effect::Allow { &lost } else { &other };
    let without: Vec<String> = asked.iter().filter(|key| witness.value(key).is_none()).cloned().collect();
    let like = like.index;
    let change = if lost.is_empty() {
        Change::OtherConditions { like, keys: other }
    } else {
        Change::LostConditions { like, keys: lost }
    };
    (change, without)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ComparedKind, compare, parse};

    fn told(reference: &str, candidate: &str) -> Option<Cause> {
        let read = |text: &str| Policy::from(parse(&format!(r#"{{"Statement":[{text}]}}"#)).unwrap());
        let (reference, candidate) = (read(reference), read(candidate));
        cause(&reference, &candidate, &compare(ComparedKind::Identity, &reference, &candidate))
    }

    fn allow(action: &str, resource: &str, condition: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":{action},"Resource":"{resource}","Condition":{condition}}}"#)
    }

    const KEYS: &str = r#"{"Null":{"k:a":"false"},"StringEquals":{"k:b":"x"}}"#;

    #[test]
    fn each_element_that_may_differ() {
        let create = |condition: &str| allow(r#""s3:Put*""#, "*", condition);
        let change = |reference: &str, candidate: &str| told(reference, candidate).unwrap().change;
        let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        assert_eq!(told(&create("{}"), &create(KEYS)), None);
        assert_eq!(
            change(&create(KEYS), &create("{}")),
            Change::LostConditions { like: 0, keys: keys(&["k:a", "k:b"]) }
        );
        let half = create(r#"{"StringEquals":{"K:B":"x"}}"#);
        let found = told(&create(KEYS), &half).unwrap();
        assert_eq!(found.change, Change::LostConditions { like: 0, keys: keys(&["k:a"]) });
        assert_eq!((found.without, found.statement), (keys(&["k:a"]), Some(0)));
        let other = create(r#"{"Null":{"k:a":"false"},"StringEquals":{"k:b":"y"}}"#);
        assert_eq!(change(&create(KEYS), &other), Change::OtherConditions { like: 0, keys: keys(&["k:b"]) });
        let more = allow(r#"["s3:Put*","s3:Get*"]"#, "*", KEYS);
        assert_eq!(change(&create(KEYS), &more), Change::Actions { like: 0 });
        let narrow = allow(r#""s3:Put*""#, "arn:aws:s3:::data/*", KEYS);
        assert_eq!(change(&narrow, &create(KEYS)), Change::Resources { like: 0 });
        assert_eq!(change(&narrow, &allow(r#""ec2:*""#, "*", "{}")), Change::New);
    }

    #[test]
    fn a_deny_that_is_gone_or_another() {
        let all = allow(r#""*""#, "*", "{}");
        let deny = |resource: &str| format!(r#"{{"Effect":"Deny","Action":"s3:*","Resource":"{resource}"}}"#);
        let two = |resource: &str| format!("{all},{}", deny(resource));
        assert_eq!(told(&two("*"), &all).unwrap().change, Change::DenyGone { deny: 1 });
        let found = told(&two("*"), &two("arn:aws:s3:::data/*")).unwrap();
        assert_eq!((found.change, found.statement), (Change::DenyChanged { deny: 1, now: 1 }, Some(0)));
    }
}
