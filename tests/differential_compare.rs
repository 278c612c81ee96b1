//! `compare` held against the results of an oracle that shares no code with it
//! (tests/differential/README.md says how they are recorded), against `decide`, and against
//! itself: what must never widen or narrow access, and what must change nothing.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;

use plumbline_policy::{
    ComparedKind, Comparison, Effective, Policy, PolicySet, Request, compare, compare_effective, compare_line, decide,
    parse,
};
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

fn everything() -> Policy {
    policy(&json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}))
}

/// The policy of a resource, key or role that leaves it to the caller's account.
fn delegating(request: &Request) -> Policy {
    let account = request.account().unwrap_or("111122223333");
    policy(&json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*"}}))
}

/// What `decide` makes of a document that alone decides; None for kinds that never do, and for
/// what IAM refuses.
fn decided(kind: ComparedKind, document: &Value, request: &Request) -> Option<String> {
    let own = policy(document);
    let resource = Some(delegating(request));
    let mut policies = PolicySet { identity: vec![everything()], resource, ..PolicySet::default() };
    match kind {
        ComparedKind::Identity => policies.identity = vec![own],
        ComparedKind::Boundary => policies.boundary = Some(own),
        ComparedKind::Session => policies.session = vec![own],
        ComparedKind::Scp => policies.scps = vec![vec![own]],
        ComparedKind::Rcp => {
            policies.rcps = vec![vec![own]];
            let all = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}});
            policies.resource = Some(policy(&all));
        }
        _ => return None,
    }
    let decision = decide(&policies, request);
    let refused = decision.reason().contains("IAM refuses");
    (!refused).then(|| decision.as_str().to_owned())
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
    // Those that tests/differential/README.md names, 1.4 % of all pairs.
    assert!(left_open.len() <= 17, "{counts:#?}\n{}", left_open.join("\n"));
    for result in ["NEW_ACCESS", "NO_NEW_ACCESS"] {
        let same = counts.get(&format!("{result} answered {result}"));
        assert!(same.is_some_and(|same| *same > 400), "{counts:#?}");
    }
}

#[test]
fn every_witness_is_confirmed_by_decide() {
    let mut asked = 0;
    for pair in pairs() {
        let Comparison::NewAccess { witness, .. } = pair.asked() else {
            continue;
        };
        // As it is printed, and read again.
        let witness = Request::parse(&witness.to_string()).unwrap();
        let own = |document| decided(pair.kind(), document, &witness);
        let (Some(new), Some(old)) = (own(&pair.candidate), own(&pair.reference)) else {
            continue;
        };
        assert!(new == "ALLOW" && old.ends_with("DENY"), "{}: {new}, {old}: {witness}", pair.id);
        asked += 1;
    }
    assert!(asked > 200, "{asked}");
}

/// Policies of a role and its boundary, out of documents of pairs.
struct Set<'a>(Vec<&'a Value>, Option<&'a Value>);

fn effective((policies, boundary): &(Vec<Policy>, Option<Policy>)) -> Effective<'_> {
    Effective { policies: policies.iter().collect(), boundary: boundary.as_ref() }
}

impl Set<'_> {
    fn read(&self) -> (Vec<Policy>, Option<Policy>) {
        (self.0.iter().map(|own| policy(own)).collect(), self.1.map(policy))
    }

    fn policies(&self) -> PolicySet {
        let (identity, boundary) = self.read();
        PolicySet { identity, boundary, ..PolicySet::default() }
    }
}

#[test]
fn sets_of_policies_with_boundaries_are_compared_as_decide_has_it() {
    let pairs = pairs();
    let of = |kind: &str| pairs.iter().filter(|pair| pair.r#type == kind).collect::<Vec<_>>();
    let (identity, boundary) = (of("identity"), of("boundary"));
    let mut requests: Vec<Request> = Vec::new();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut met = 0;
    for (at, two) in identity.chunks_exact(2).enumerate() {
        let bound = boundary.get(at % boundary.len()).filter(|_| at % 3 > 0);
        let reference = Set(two.iter().map(|pair| &pair.reference).collect(), bound.map(|pair| &pair.reference));
        let candidate = Set(two.iter().map(|pair| &pair.candidate).collect(), bound.map(|pair| &pair.candidate));
        let (old, new) = (reference.read(), candidate.read());
        let found = compare_effective(ComparedKind::Identity, &effective(&old), &effective(&new));
        *counts.entry(found.as_str()).or_default() += 1;
        match found {
            Comparison::NewAccess { witness, .. } => {
                let [new, old] = [candidate.policies(), reference.policies()].map(|policies| {
                    let policies = PolicySet { resource: Some(delegating(&witness)), ..policies };
                    decide(&policies, &witness).as_str().to_owned()
                });
                assert!(new == "ALLOW" && old.ends_with("DENY"), "{at}: {new}, {old}: {witness}");
                requests.push(*witness);
            }
            Comparison::NoNewAccess => {
                let (new, old) = (candidate.policies(), reference.policies());
                for request in requests.iter().filter(|request| decide(&new, request).is_allow()) {
                    met += 1;
                    assert!(!decide(&old, request).is_deny(), "{at}: {request}");
                }
            }
            Comparison::Unknown { .. } => {}
        }
    }
    let count = |name| counts.get(name).copied().unwrap_or_default();
    assert!(count("NEW_ACCESS") > 50 && count("NO_NEW_ACCESS") > 50 && count("UNKNOWN") < 20, "{counts:?}");
    assert!(met > 20, "{met}");
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
            if decided(pair.kind(), &pair.candidate, &request).is_none_or(|new| new != "ALLOW") {
                continue;
            }
            met += 1;
            let old = decided(pair.kind(), &pair.reference, &request).unwrap();
            assert!(!old.ends_with("DENY"), "{}: {old}: {request}", pair.id);
        }
    }
    assert!(met > 500, "{met}");
}
