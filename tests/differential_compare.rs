//! `compare` held against the results of an oracle that shares no code with it
//! (tests/differential/README.md says how they are recorded), and against `decide`.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

mod pairs;

use std::collections::BTreeMap;

use plumbline_policy::{
    ComparedKind, Comparison, Effective, Policy, PolicySet, Request, compare_effective, compare_line, decide,
};
use serde_json::{Value, json};

use pairs::{Pair, allowed, decided, delegating, pairs, policy};

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
    assert!(asked > 400, "{asked}");
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
