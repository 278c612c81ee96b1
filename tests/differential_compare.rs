//! `compare` held against the results of an oracle that shares no code with it
//! (tests/differential/README.md says how they are recorded), and against `decide`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod pairs;

use std::collections::BTreeMap;

use plumbline_policy::{
    ComparedKind, Comparison, ContextValue, Effective, Policy, PolicySet, Request, compare, compare_effective,
    compare_line, decide,
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

/// The witness of a candidate that is wider than a reference of its kind: `decide` says the same,
/// and the reference is no new access against the candidate.
fn widened(kind: ComparedKind, reference: &Value, candidate: &Value) -> Request {
    let back = compare(kind, &policy(candidate), &policy(reference));
    assert_eq!(back, Comparison::NoNewAccess, "{}", back.reason());
    let found = compare(kind, &policy(reference), &policy(candidate));
    let Comparison::NewAccess { witness, .. } = &found else {
        panic!("{}", found.reason());
    };
    let said = [candidate, reference].map(|own| decided(kind, own, witness).unwrap());
    assert!(said[0] == "ALLOW" && said[1].ends_with("DENY"), "{said:?}: {witness}");
    witness.as_ref().clone()
}

#[test]
fn a_trust_policy_is_held_against_one() {
    let trust = |who: &Value, condition: Value| {
        let mut document = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"},
            {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "sts:AssumeRole", "Condition": condition},
        ]});
        if document["Statement"][1]["Condition"].is_null() {
            document["Statement"][1].as_object_mut().unwrap().remove("Condition");
        }
        document
    };
    let given = json!({"StringEquals": {"sts:ExternalId": "fraud-team"}});
    let role = json!("arn:aws:iam::444455556666:role/deploy");
    let reference = trust(&role, given.clone());
    // A wider principal.
    let witness = widened(ComparedKind::Trust, &reference, &trust(&json!("444455556666"), given.clone()));
    assert_eq!((witness.account(), witness.action()), (Some("444455556666"), "sts:AssumeRole"));
    assert!(!witness.principal().ends_with("/deploy"), "{witness}");
    let anybody = widened(ComparedKind::Trust, &reference, &trust(&json!("*"), given.clone()));
    assert!(!anybody.principal().ends_with("/deploy"), "{anybody}");
    // A lost ExternalId.
    let witness = widened(ComparedKind::Trust, &reference, &trust(&role, Value::Null));
    assert!(witness.principal().contains("444455556666"), "{witness}");
    assert_ne!(witness.value("sts:ExternalId"), Some(&ContextValue::One("fraud-team".to_owned())), "{witness}");
    let lost = widened(ComparedKind::Trust, &reference, &trust(&role, json!({"StringLike": {"sts:ExternalId": "*"}})));
    assert!(lost.value("sts:ExternalId").is_some(), "{lost}");
    // In other words.
    let other = trust(&json!([role, role]), json!({"StringLike": {"STS:ExternalId": ["fraud-team"]}}));
    assert_eq!(compare(ComparedKind::Trust, &policy(&reference), &policy(&other)), Comparison::NoNewAccess);
}

#[test]
fn an_endpoint_policy_is_held_against_one() {
    let endpoint = |who: Value, condition: Value| {
        json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": who, "Action": "sagemaker:*", "Resource": "*", "Condition": condition,
        }})
    };
    let of_the_account = json!({"StringEquals": {"aws:ResourceAccount": "111122223333"}});
    let reference = endpoint(json!({"AWS": "111122223333"}), of_the_account.clone());
    // A wider principal.
    let candidate = endpoint(json!("*"), of_the_account.clone());
    let witness = widened(ComparedKind::Endpoint, &reference, &candidate);
    assert_ne!(witness.account(), Some("111122223333"), "{witness}");
    let candidate = endpoint(json!({"AWS": ["111122223333", "444455556666"]}), of_the_account);
    let witness = widened(ComparedKind::Endpoint, &reference, &candidate);
    assert_eq!(witness.account(), Some("444455556666"), "{witness}");
    // Everyone, but confined to the account by a condition: no wider than everyone.
    let confined = endpoint(json!("*"), json!({"StringEquals": {"aws:PrincipalAccount": "111122223333"}}));
    let open = endpoint(json!("*"), json!({"Null": {"aws:PrincipalIsAWSService": ["true", "false"]}}));
    let witness = widened(ComparedKind::Endpoint, &confined, &open);
    assert_ne!(witness.account(), Some("111122223333"), "{witness}");
}

#[test]
fn a_bucket_policy_is_held_against_one() {
    let [bucket, objects] = ["arn:aws:s3:::fraud-data", "arn:aws:s3:::fraud-data/*"];
    let reader = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/reader"},
        "Action": "s3:GetObject", "Resource": objects});
    let tls = json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [bucket, objects],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
    let document = |statements: Vec<&Value>| json!({"Version": "2012-10-17", "Statement": statements});
    let reference = document(vec![&reader, &tls]);
    // The Deny of requests without TLS is lost, or narrower.
    let witness = widened(ComparedKind::Resource, &reference, &document(vec![&reader]));
    assert_eq!(witness.value("aws:SecureTransport"), Some(&ContextValue::One("false".to_owned())), "{witness}");
    let mut narrower = tls.clone();
    narrower["Resource"] = bucket.into();
    let witness = widened(ComparedKind::Resource, &reference, &document(vec![&reader, &narrower]));
    assert!(witness.resource().starts_with("arn:aws:s3:::fraud-data/"), "{witness}");
    // The same Deny said otherwise.
    let mut other = tls;
    other["Principal"] = json!({"AWS": "*"});
    other["Condition"] = json!({"Bool": {"AWS:securetransport": ["false", "false"]}});
    let same = compare(ComparedKind::Resource, &policy(&reference), &policy(&document(vec![&other, &reader])));
    assert_eq!(same, Comparison::NoNewAccess, "{}", same.reason());
}

#[test]
fn a_key_policy_is_held_against_one() {
    let account = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": ["kms:Describe*", "kms:Get*"], "Resource": "*"});
    let user = |who: Value| {
        json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}})
    };
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": [account, statement]});
    let trainer = "arn:aws:iam::111122223333:role/trainer";
    let reference = document(user(json!(trainer)));
    // A new grantee, in the account or in another one.
    for grantee in ["arn:aws:iam::111122223333:role/visitor", "arn:aws:iam::444455556666:root"] {
        let witness = widened(ComparedKind::Key, &reference, &document(user(json!([trainer, grantee]))));
        assert_eq!(witness.action(), "kms:Decrypt");
        assert!(!witness.principal().ends_with("/trainer"), "{witness}");
    }
    // A session of the grantee is no new one.
    let session = document(user(json!("arn:aws:sts::111122223333:assumed-role/trainer/job-7")));
    let found = compare(ComparedKind::Key, &policy(&reference), &policy(&session));
    assert_eq!(found, Comparison::NoNewAccess, "{}", found.reason());
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
