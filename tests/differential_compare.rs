//! `compare` held against the results of an oracle that shares no code with it
//! (tests/differential/README.md says how they are recorded), against `decide`, and against
//! itself: what must never widen or narrow access, and what must change nothing.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;

use plumbline_policy::{ComparedKind, Comparison, Policy, PolicySet, Request, compare, compare_line, decide, parse};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Pair {
    expected: String,
    id: String,
    r#type: String,
    reference: Value,
    candidate: Value,
}

impl Pair {
    fn kind(&self) -> ComparedKind {
        ComparedKind::of_name(&self.r#type).unwrap()
    }

    fn asked(&self) -> Comparison {
        compare(self.kind(), &policy(&self.reference), &policy(&self.candidate))
    }
}

fn policy(document: &Value) -> Policy {
    parse(&document.to_string()).unwrap().into()
}

fn pairs() -> Vec<Pair> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("differential/pairs.jsonl.zst");
    let bytes = zstd::decode_all(std::fs::read(path).unwrap().as_slice()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What `decide` makes of a document that alone decides; None for kinds that never do.
fn decided(kind: ComparedKind, document: &Value, request: &Request) -> Option<String> {
    let everything = || policy(&json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}));
    let own = policy(document);
    let mut policies = PolicySet { identity: vec![everything()], ..PolicySet::default() };
    match kind {
        ComparedKind::Identity => policies.identity = vec![own],
        ComparedKind::Boundary => policies.boundary = Some(own),
        ComparedKind::Session => policies.session = vec![own],
        ComparedKind::Scp => policies.scps = vec![vec![own]],
        _ => return None,
    }
    Some(decide(&policies, request).as_str().to_owned())
}

#[test]
fn recorded_pairs_are_compared_as_the_oracle_does() {
    let pairs = pairs();
    assert!(pairs.len() >= 1_000, "{}", pairs.len());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut wrong, mut left_open) = (Vec::new(), Vec::new());
    for pair in &pairs {
        let comparison = pair.asked();
        let result = comparison.as_str();
        *counts.entry(format!("{} answered {result}", pair.expected)).or_default() += 1;
        let said = format!("{}: {result} ({}), not {}", pair.id, comparison.reason(), pair.expected);
        match (pair.expected.as_str(), result) {
            ("UNKNOWN", _) => {}
            (expected, result) if expected == result => {}
            (_, "UNKNOWN") => left_open.push(said),
            _ => wrong.push(said),
        }
    }
    assert!(wrong.is_empty(), "{counts:#?}\n{}", wrong.join("\n"));
    // Those that tests/differential/README.md names, 0.3 % of all pairs.
    assert!(left_open.len() <= 3, "{counts:#?}\n{}", left_open.join("\n"));
    for result in ["NEW_ACCESS", "NO_NEW_ACCESS"] {
        let same = counts.get(&format!("{result} answered {result}"));
        assert!(same.is_some_and(|same| *same > 400), "{counts:#?}");
    }
}

#[test]
fn no_witness_is_refuted_by_decide() {
    let (mut certain, mut asked) = (0, 0);
    for pair in pairs() {
        let Comparison::NewAccess { witness, .. } = pair.asked() else {
            continue;
        };
        // As it is printed, and read again.
        let witness = Request::parse(&witness.to_string()).unwrap();
        let (Some(new), Some(old)) =
            (decided(pair.kind(), &pair.candidate, &witness), decided(pair.kind(), &pair.reference, &witness))
        else {
            continue;
        };
        assert!(!new.ends_with("DENY") && old != "ALLOW", "{}: {new}, {old}: {witness}", pair.id);
        asked += 1;
        certain += usize::from(new == "ALLOW" && old.ends_with("DENY"));
    }
    // The rest depends on keys that AWS adds, or on a reading named in tests/differential/README.md.
    assert!(asked > 200 && certain * 10 > asked * 7, "{certain} of {asked}");
}

#[test]
fn a_line_is_answered_in_the_form_of_the_contract() {
    let pair = json!({
        "id": 7, "type": "identity",
        "reference": {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}},
        "candidate": {"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*"}},
    });
    let answer: Value = serde_json::from_str(&compare_line(&pair.to_string())).unwrap();
    assert_eq!(answer["id"], 7);
    assert_eq!(answer["result"], "NEW_ACCESS");
    assert_eq!(answer["witness"]["action"], "s3:GetObject");
    assert!(answer["reason"].as_str().unwrap().contains("statement 0"));
}

fn statements(document: &Value) -> Vec<Value> {
    match &document["Statement"] {
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    }
}

fn with(document: &Value, statements: Vec<Value>) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().insert("Statement".to_owned(), Value::Array(statements));
    document
}

fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    }
}

/// The same in other words: statements in another order, one for each action, lists turned
/// round and doubled, actions and keys in other case, without `Sid`.
fn reworded(document: &Value) -> Value {
    let mut all = Vec::new();
    for statement in statements(document).into_iter().rev() {
        let mut statement = statement;
        let members = statement.as_object_mut().unwrap();
        members.remove("Sid");
        for name in ["Resource", "NotResource", "NotAction"] {
            if let Some(value) = members.get_mut(name) {
                let list = listed(value);
                *value = list.iter().rev().chain(&list).cloned().collect();
            }
        }
        if let Some(Value::Object(operators)) = members.get_mut("Condition") {
            for (_, keys) in operators.iter_mut() {
                let other = keys.as_object().unwrap().iter().map(|(key, value)| (key.to_uppercase(), value.clone()));
                *keys = Value::Object(other.collect());
            }
        }
        match members.get("Action").map(listed) {
            None => all.push(statement),
            Some(actions) => {
                for action in actions {
                    let mut one = statement.clone();
                    let action = action.as_str().unwrap().to_uppercase();
                    one.as_object_mut().unwrap().insert("Action".to_owned(), action.into());
                    all.push(one);
                }
            }
        }
    }
    with(document, all)
}

#[test]
fn other_words_change_nothing() {
    for pair in pairs().iter().step_by(2) {
        for document in [&pair.reference, &pair.candidate] {
            let (plain, other) = (policy(document), policy(&reworded(document)));
            for (old, new) in [(&plain, &plain), (&plain, &other), (&other, &plain)] {
                let comparison = compare(pair.kind(), old, new);
                let refused = comparison.reason().contains("IAM refuses");
                assert!(comparison == Comparison::NoNewAccess || refused, "{}: {}", pair.id, comparison.reason());
            }
        }
        let plain = pair.asked();
        let other = compare(pair.kind(), &policy(&reworded(&pair.reference)), &policy(&reworded(&pair.candidate)));
        assert_eq!(plain.as_str(), other.as_str(), "{}: {} {}", pair.id, plain.reason(), other.reason());
    }
}

#[test]
fn an_allow_never_narrows_and_a_deny_never_widens() {
    for pair in pairs().iter().step_by(2) {
        let more = |document: &Value, effect: &str| {
            let mut all = statements(document);
            let mut one = all.first().unwrap().clone();
            let members = one.as_object_mut().unwrap();
            members.insert("Effect".to_owned(), effect.into());
            members.insert("Sid".to_owned(), "More".into());
            members.remove("NotAction");
            members.remove("Condition");
            members.insert("Action".to_owned(), json!(["s3:*", "kms:*", "sagemaker:Create*"]));
            all.push(one);
            policy(&with(document, all))
        };
        let (reference, candidate) = (policy(&pair.reference), policy(&pair.candidate));
        let less = more(&pair.candidate, "Deny");
        let never = compare(pair.kind(), &candidate, &less);
        assert_eq!(never, Comparison::NoNewAccess, "{}", pair.id);
        let plain = compare(pair.kind(), &reference, &candidate);
        if plain == Comparison::NoNewAccess {
            let narrower = compare(pair.kind(), &reference, &less);
            assert_ne!(narrower.as_str(), "NEW_ACCESS", "{}: {}", pair.id, narrower.reason());
        }
        if pair.kind() == ComparedKind::Rcp {
            continue;
        }
        let wider = more(&pair.reference, "Allow");
        assert_eq!(compare(pair.kind(), &wider, &reference), Comparison::NoNewAccess, "{}", pair.id);
        if plain == Comparison::NoNewAccess {
            let included = compare(pair.kind(), &wider, &candidate);
            assert_ne!(included.as_str(), "NEW_ACCESS", "{}: {}", pair.id, included.reason());
        }
    }
}

/// Requests that a document allows: one through each of its Allow statements.
fn allowed(kind: ComparedKind, document: &Value) -> Vec<Request> {
    let all = statements(document);
    let nothing = policy(&json!({"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}));
    let mut found = Vec::new();
    for (at, statement) in all.iter().enumerate() {
        if statement["Effect"] == "Allow" {
            let kept = all.iter().enumerate().filter(|(other, s)| *other == at || s["Effect"] == "Deny");
            let one = policy(&with(document, kept.map(|(_, s)| s.clone()).collect()));
            if let Comparison::NewAccess { witness, .. } = compare(kind, &nothing, &one) {
                found.push(*witness);
            }
        }
    }
    found
}

#[test]
fn no_sampled_request_contradicts_no_new_access() {
    let pairs = pairs();
    let deciding = |pair: &&Pair| {
        matches!(
            pair.kind(),
            ComparedKind::Identity | ComparedKind::Boundary | ComparedKind::Session | ComparedKind::Scp
        )
    };
    // Witnesses of all pairs lie near the border of some other.
    let mut requests: Vec<Request> = Vec::new();
    for pair in pairs.iter().filter(deciding) {
        if let Comparison::NewAccess { witness, .. } = pair.asked() {
            requests.push(*witness);
        }
    }
    let mut met = 0;
    for (at, pair) in pairs.iter().filter(deciding).enumerate() {
        if pair.asked() != Comparison::NoNewAccess {
            continue;
        }
        let own = allowed(pair.kind(), &pair.candidate);
        let others = requests.iter().skip(at % 10).step_by(10).cloned();
        for request in own.into_iter().chain(others) {
            let new = decided(pair.kind(), &pair.candidate, &request).unwrap();
            if new != "ALLOW" {
                continue;
            }
            met += 1;
            let old = decided(pair.kind(), &pair.reference, &request).unwrap();
            assert!(!old.ends_with("DENY"), "{}: {old}: {request}", pair.id);
        }
    }
    assert!(met > 500, "{met}");
}
