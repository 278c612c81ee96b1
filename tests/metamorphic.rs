//! Comparisons held against each other: what holds between results whatever the documents are. The
//! documents are the recorded ones (tests/differential/README.md), and changes of them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod pairs;

use std::collections::BTreeSet;

use plumbline_policy::{ComparedKind, Comparison, compare};
use serde_json::{Map, Value, json};

use pairs::dice::Dice;
use pairs::words::draw;
use pairs::{allowed, decided, listed, pairs, policy, statements, with};

type Members = Map<String, Value>;

/// A document, what it is, and the pair that it is from.
struct Own {
    kind: ComparedKind,
    id: String,
    document: Value,
}

/// The recorded documents, each once.
fn documents() -> Vec<Own> {
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for pair in pairs() {
        for document in [&pair.reference, &pair.candidate] {
            if seen.insert((pair.r#type.clone(), document.to_string())) {
                all.push(Own { kind: pair.kind(), id: pair.id.clone(), document: document.clone() });
            }
        }
    }
    all
}

/// Comparisons, and those of them that were left open.
#[derive(Default)]
struct Asked {
    all: usize,
    open: Vec<String>,
}

impl Asked {
    /// None for documents that IAM refuses.
    fn compare(&mut self, kind: ComparedKind, reference: &Value, candidate: &Value) -> Option<Comparison> {
        let found = compare(kind, &policy(reference), &policy(candidate));
        if found.reason().contains("IAM refuses") {
            return None;
        }
        self.all += 1;
        if let Comparison::Unknown { because } = &found {
            self.open.push(because.clone());
        }
        Some(found)
    }

    /// One in `most` at most.
    fn open_is_rare(&self, least: usize, most: usize) {
        assert!(self.all >= least, "{}", self.all);
        assert!(self.open.len() * most <= self.all, "{} of {}: {:?}", self.open.len(), self.all, self.open);
    }
}

fn is_new(found: Option<&Comparison>) -> bool {
    matches!(found, Some(Comparison::NewAccess { .. }))
}

fn is_none(found: Option<&Comparison>) -> bool {
    matches!(found, Some(Comparison::NoNewAccess))
}

// The same in other words.

/// Every statement changed.
fn each(document: &Value, change: impl Fn(&mut Members)) -> Value {
    let mut all = statements(document);
    for statement in &mut all {
        change(statement.as_object_mut().unwrap());
    }
    with(document, all)
}

/// Statements for one member of a list each.
fn split(document: &Value, name: &str) -> Value {
    let mut all = Vec::new();
    for statement in statements(document) {
        let Some(list) = statement.get(name).map(listed) else {
            all.push(statement);
            continue;
        };
        for member in list {
            let mut one = statement.clone();
            let members = one.as_object_mut().unwrap();
            members.remove("Sid");
            members.insert(name.to_owned(), member);
            all.push(one);
        }
    }
    with(document, all)
}

/// Statements that differ in one list only, as one.
fn merged(document: &Value, name: &str) -> Value {
    let rest = |statement: &Value| {
        let mut rest = statement.clone();
        let members = rest.as_object_mut().unwrap();
        members.remove("Sid");
        members.remove(name).map(|list| (listed(&list), rest))
    };
    let mut all: Vec<Value> = Vec::new();
    for statement in statements(document) {
        let own = rest(&statement);
        let twin = all.iter_mut().find_map(|other| {
            let ((list, ours), (more, theirs)) = (rest(other)?, own.clone()?);
            (ours == theirs).then(|| (other, [list, more].concat()))
        });
        match twin {
            Some((other, list)) => {
                other.as_object_mut().unwrap().insert(name.to_owned(), list.into());
            }
            None => all.push(statement),
        }
    }
    with(document, all)
}

fn actions(document: &Value, change: impl Fn(&str) -> String) -> Value {
    each(document, |members| {
        for name in ["Action", "NotAction"] {
            if let Some(value) = members.get_mut(name) {
                let old = listed(value);
                *value = old.iter().map(|action| Value::from(change(action.as_str().unwrap()))).collect();
            }
        }
    })
}

/// Every list and text of a statement that may be either.
fn lists(document: &Value, change: impl Fn(&Value) -> Value) -> Value {
    each(document, |members| {
        for name in ["Action", "NotAction", "Resource", "NotResource"] {
            if let Some(value) = members.get_mut(name) {
                *value = change(value);
            }
        }
        for name in ["Principal", "NotPrincipal"] {
            if let Some(Value::Object(kinds)) = members.get_mut(name) {
                kinds.values_mut().for_each(|value| *value = change(value));
            }
        }
        if let Some(Value::Object(operators)) = members.get_mut("Condition") {
            let keys = operators.values_mut().filter_map(Value::as_object_mut);
            keys.flat_map(Map::values_mut).for_each(|value| *value = change(value));
        }
    })
}

fn keys(document: &Value, change: impl Fn(&str) -> String) -> Value {
    each(document, |members| {
        if let Some(Value::Object(operators)) = members.get_mut("Condition") {
            for keys in operators.values_mut() {
                let other = keys.as_object().unwrap().iter().map(|(key, value)| (change(key), value.clone()));
                *keys = Value::Object(other.collect());
            }
        }
    })
}

fn swapped(text: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(swap).collect()
}

/// An account as its root user, and everyone as every AWS principal.
fn other_principals(document: &Value) -> Value {
    each(document, |members| {
        let Some(value) = members.get_mut("Principal") else {
            return;
        };
        if value == "*" {
            *value = json!({"AWS": "*"});
        } else if let Some(named) = value.get_mut("AWS") {
            let root = |one: &Value| match one.as_str().unwrap() {
                account if account.len() == 12 => format!("arn:aws:iam::{account}:root"),
                other => other.to_owned(),
            };
            *named = listed(named).iter().map(root).collect();
        }
    })
}

fn reversed(document: &Value) -> Value {
    let turned = statements(document).into_iter().rev().collect();
    lists(&with(document, turned), |value| listed(value).into_iter().rev().collect())
}

/// All entries and statements twice.
fn doubled(document: &Value) -> Value {
    let plain = each(document, |members| _ = members.remove("Sid"));
    let twice = lists(&plain, |value| [listed(value), listed(value)].concat().into());
    with(&twice, [statements(&plain), statements(&twice)].concat())
}

/// A list of one as its member.
fn unlisted(value: &Value) -> Value {
    match value.as_array().map(Vec::as_slice) {
        Some([only]) => only.clone(),
        _ => value.clone(),
    }
}

type Rewrite = fn(&Value) -> Value;

/// Ways to say the same.
const REWRITES: [(&str, Rewrite); 15] = [
    ("split by actions", |document| split(document, "Action")),
    ("split by resources", |document| split(document, "Resource")),
    ("split by both", |document| split(&split(document, "Action"), "Resource")),
    ("merged by actions", |document| merged(document, "Action")),
    ("merged by resources", |document| merged(&split(document, "Resource"), "Resource")),
    ("reversed", reversed),
    ("doubled", doubled),
    ("lists", |document| lists(document, |value| listed(value).into())),
    ("texts", |document| lists(document, unlisted)),
    ("actions in capitals", |document| actions(document, str::to_uppercase)),
    ("actions in small letters", |document| actions(document, str::to_lowercase)),
    ("two stars", |document| actions(document, |action| action.replace('*', "**"))),
    ("keys in capitals", |document| keys(document, str::to_uppercase)),
    ("case of actions and keys", |document| keys(&actions(document, swapped), swapped)),
    ("other principals", other_principals),
];

#[test]
fn a_document_is_no_new_access_against_itself() {
    let mut asked = Asked::default();
    for own in documents() {
        let found = asked.compare(own.kind, &own.document, &own.document);
        assert!(found.is_none() || is_none(found.as_ref()), "{}", own.id);
    }
    assert!(asked.all > 1_000, "{}", asked.all);
}

#[test]
fn other_words_change_nothing() {
    let mut asked = Asked::default();
    let mut used = [0; REWRITES.len()];
    for own in documents().iter().step_by(3) {
        for (at, (name, rewrite)) in REWRITES.iter().enumerate() {
            let other = rewrite(&own.document);
            if other == own.document {
                continue;
            }
            used[at] += 1;
            for (reference, candidate) in [(&own.document, &other), (&other, &own.document)] {
                let found = asked.compare(own.kind, reference, candidate);
                let said = found.as_ref().map(Comparison::reason);
                assert!(found.is_none() || is_none(found.as_ref()), "{}: {name}: {said:?}: {other}", own.id);
            }
        }
    }
    assert!(used.iter().all(|count| *count >= 20), "{used:?}");
    assert!(asked.all > 10_000, "{}", asked.all);
}

#[test]
fn a_comparison_does_not_depend_on_words() {
    let mut asked = Asked::default();
    for (at, pair) in pairs().iter().enumerate() {
        let plain = asked.compare(pair.kind(), &pair.reference, &pair.candidate);
        let [(name, one), (other_name, other)] = [REWRITES[at % 15], REWRITES[at / 15 % 15]];
        let again = asked.compare(pair.kind(), &one(&pair.reference), &other(&pair.candidate));
        let words = |found: &Option<Comparison>| found.as_ref().map(Comparison::as_str);
        assert_eq!(words(&plain), words(&again), "{}: {name}, {other_name}", pair.id);
    }
    asked.open_is_rare(1_900, 50);
}

#[test]
fn who_has_the_same_access_is_decided_alike() {
    let mut dice = Dice::new(1);
    let (mut equal, mut alike) = (0, 0);
    for (at, pair) in pairs().iter().enumerate() {
        let kind = pair.kind();
        let rewritten = REWRITES[at % 15].1(&pair.candidate);
        let both = |one: &Value, other: &Value| {
            let (one, other) = (policy(one), policy(other));
            compare(kind, &one, &other) == Comparison::NoNewAccess
                && compare(kind, &other, &one) == Comparison::NoNewAccess
        };
        for (one, other) in [(&pair.reference, &pair.candidate), (&pair.candidate, &rewritten)] {
            if !both(one, other) {
                continue;
            }
            equal += 1;
            let drawn = (0..10).filter_map(|_| draw(kind, one, &mut dice));
            for request in allowed(kind, one).into_iter().take(2).chain(drawn) {
                let (Some(first), Some(second)) = (decided(kind, one, &request), decided(kind, other, &request)) else {
                    continue;
                };
                if [&first, &second].iter().all(|decision| *decision != "UNKNOWN") {
                    alike += 1;
                    assert_eq!(first == "ALLOW", second == "ALLOW", "{}: {first}, {second}: {request}", pair.id);
                }
            }
        }
    }
    assert!(equal > 900 && alike > 5_000, "{equal} {alike}");
}

#[test]
fn an_allow_never_narrows_and_a_deny_never_widens() {
    let documents = documents();
    let mut asked = Asked::default();
    let mut dice = Dice::new(2);
    for own in &documents {
        let others: Vec<&Own> = documents.iter().filter(|other| other.kind == own.kind).collect();
        let more = |effect: &str, dice: &mut Dice| {
            let other = statements(&dice.pick(&others).document);
            let mut one = dice.pick(&other).clone();
            one.as_object_mut().unwrap().insert("Effect".to_owned(), effect.into());
            one.as_object_mut().unwrap().remove("Sid");
            let mut all = statements(&own.document);
            all.insert(dice.roll(all.len() + 1), one);
            with(&own.document, all)
        };
        // In other words, so that the statements that both have are no twins.
        let other = dice.pick(&REWRITES).1(&own.document);
        let denied = more("Deny", &mut dice);
        let found = asked.compare(own.kind, &other, &denied);
        assert!(found.is_none() || is_none(found.as_ref()), "{}: {denied}", own.id);
        if own.kind != ComparedKind::Rcp {
            let allowed = more("Allow", &mut dice);
            let found = asked.compare(own.kind, &allowed, &other);
            assert!(found.is_none() || is_none(found.as_ref()), "{}: {allowed}", own.id);
        }
    }
    assert!(asked.all > 2_000, "{}", asked.all);
}

/// A document that allows all that this one allows, and mostly more.
fn wider(kind: ComparedKind, document: &Value, others: &[&Own], dice: &mut Dice) -> Value {
    let mut all = statements(document);
    let at = dice.roll(all.len());
    let (is_allow, several) = (all[at]["Effect"] == "Allow", all.len() > 1);
    let members = all[at].as_object_mut().unwrap();
    match (dice.roll(5), is_allow) {
        (0, true) => _ = members.remove("Condition"),
        (1, true) if members.contains_key("Action") => {
            let service = |action: &Value| format!("{}:*", action.as_str().unwrap().split(':').next().unwrap());
            let old = listed(&members["Action"]);
            let services: Vec<String> = old.iter().filter(|action| *action != "*").map(service).collect();
            if services.len() == old.len() {
                members.insert("Action".to_owned(), services.into());
            }
        }
        (2, true) if members.contains_key("Resource") => _ = members.insert("Resource".to_owned(), "*".into()),
        (0 | 1, false) if several => _ = all.remove(at),
        (2, false) if !members.contains_key("Condition") => {
            members.insert("Condition".to_owned(), json!({"Bool": {"aws:SecureTransport": "false"}}));
        }
        (3, _) => return dice.pick(&REWRITES).1(document),
        _ => {
            let other = statements(&dice.pick(others).document);
            let mut one = dice.pick(&other).clone();
            if one["Effect"] == "Allow" && kind != ComparedKind::Rcp {
                one.as_object_mut().unwrap().remove("Sid");
                all.push(one);
            }
        }
    }
    with(document, all)
}

/// A document, a wider one, a wider one than that, and another that is wider than the first.
fn family(own: &Own, others: &[&Own], seed: u64) -> [Value; 4] {
    let mut dice = Dice::new(seed);
    let mut wider = |document: &Value| wider(own.kind, document, others, &mut dice);
    let (first, other) = (wider(&own.document), wider(&own.document));
    let second = wider(&first);
    [own.document.clone(), first, second, other]
}

#[test]
fn inclusion_is_transitive() {
    let documents = documents();
    let mut asked = Asked::default();
    let (mut made, mut implied, mut strict) = (0, 0, 0);
    for (seed, own) in documents.iter().enumerate().step_by(2) {
        let others: Vec<&Own> = documents.iter().filter(|other| other.kind == own.kind).collect();
        let family = family(own, &others, seed as u64);
        let found = family
            .each_ref()
            .map(|candidate| family.each_ref().map(|reference| asked.compare(own.kind, reference, candidate)));
        let within = |of: usize, another: usize| is_none(found[of][another].as_ref());
        made += usize::from(within(0, 1)) + usize::from(within(1, 2)) + usize::from(within(0, 3));
        for (of, between, another) in (0..64).map(|at| (at / 16, at / 4 % 4, at % 4)) {
            strict += usize::from(is_new(found[of][another].as_ref()));
            if within(of, between) && within(between, another) {
                implied += 1;
                let [narrow, wide] = [&family[of], &family[another]];
                assert!(!is_new(found[of][another].as_ref()), "{}: {narrow} {}: {wide}", own.id, family[between]);
            }
        }
    }
    assert!(made > 2_000 && implied > 20_000 && strict > 5_000, "{made} {implied} {strict}");
    asked.open_is_rare(10_000, 50);
}
