//! The recorded pairs of documents, documents as values that can be changed, and what `decide` makes of one.
#![allow(dead_code, reason = "each test program uses its own part")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

pub(crate) mod dice;
pub(crate) mod words;

use std::path::Path;

use plumbline_policy::{ComparedKind, Comparison, ContextValue, Policy, PolicySet, Request, compare, decide, parse};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
pub(crate) struct Pair {
    pub(crate) expected: String,
    pub(crate) id: String,
    pub(crate) r#type: String,
    pub(crate) reference: Value,
    pub(crate) candidate: Value,
}

impl Pair {
    pub(crate) fn kind(&self) -> ComparedKind {
        ComparedKind::of_name(&self.r#type).unwrap()
    }

    pub(crate) fn asked(&self) -> Comparison {
        compare(self.kind(), &policy(&self.reference), &policy(&self.candidate))
    }
}

pub(crate) fn policy(document: &Value) -> Policy {
    parse(&document.to_string()).unwrap().into()
}

pub(crate) fn pairs() -> Vec<Pair> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("differential/pairs.jsonl.zst");
    let bytes = zstd::decode_all(std::fs::read(path).unwrap().as_slice()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn everything() -> Policy {
    policy(&json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}))
}

/// The policy of a resource, key or role that leaves it to the caller's account.
pub(crate) fn delegating(request: &Request) -> Policy {
    let account = request.account().unwrap_or("111122223333");
    policy(&json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "*"}}))
}

/// What `decide` makes of a request about which a document alone decides; None where it does not,
/// and for what IAM refuses.
pub(crate) fn decided(kind: ComparedKind, document: &Value, request: &Request) -> Option<String> {
    let own = policy(document);
    let resource = Some(delegating(request));
    let mut policies = PolicySet { identity: vec![everything()], resource, ..PolicySet::default() };
    let mut placed = request.clone();
    match kind {
        ComparedKind::Identity => policies.identity = vec![own],
        ComparedKind::Boundary => policies.boundary = Some(own),
        ComparedKind::Session => policies.session = vec![own],
        ComparedKind::Scp => policies.scps = vec![vec![own]],
        ComparedKind::Rcp => {
            policies.rcps = vec![vec![own]];
            policies.resource = Some(everyone());
        }
        ComparedKind::Endpoint => {
            policies.endpoint = Some(own);
            policies.resource = Some(everyone());
            placed = through_an_endpoint(request)?;
        }
        ComparedKind::Resource | ComparedKind::Trust | ComparedKind::Key => {
            policies.resource = Some(own);
            placed = elsewhere(kind, request)?;
        }
    }
    let decision = decide(&policies, &placed);
    let refused = decision.reason().contains("IAM refuses");
    (!refused).then(|| decision.as_str().to_owned())
}

fn everyone() -> Policy {
    policy(&json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*"}}))
}

/// The same request with an endpoint, if it says nothing of one.
fn through_an_endpoint(request: &Request) -> Option<Request> {
    if request.value("aws:SourceVpce").is_some() {
        return Some(request.clone());
    }
    let own = request.context().iter().map(|entry| (entry.key.clone(), entry.value.clone()));
    let endpoint = ("aws:SourceVpce".to_owned(), ContextValue::One("vpce-0000000a".to_owned()));
    let context = own.chain([endpoint]).collect();
    let account = Some(request.resource_account());
    Request::new(request.principal(), request.action(), request.resource(), account, context).ok()
}

/// The same request where only the resource's policy can allow it: of a caller from another
/// account, or about a key or a role. `*` in a key policy is the key.
fn elsewhere(kind: ComparedKind, request: &Request) -> Option<Request> {
    const NOWHERE: &str = "999988887777";
    let mut account = request.resource_account();
    let key = format!("arn:aws:kms:eu-west-1:{account}:key/0a0a0a0a-1b1b-2c2c-3d3d-4e4e4e4e4e4e");
    let resource = if kind == ComparedKind::Key && request.resource() == "*" { &key } else { request.resource() };
    let action = request.action().to_ascii_lowercase();
    let assumes = ["sts:assumerole", "sts:assumerolewithwebidentity", "sts:tagsession"].contains(&action.as_str());
    let alone = match kind {
        ComparedKind::Trust if !assumes => return None,
        ComparedKind::Trust => true,
        _ => action.starts_with("kms:") && resource.contains(":key/"),
    };
    if !alone && request.account() == Some(account) {
        if resource.split(':').nth(4) != Some("") || account == NOWHERE {
            return None;
        }
        account = NOWHERE;
    }
    let context = request.context().iter().map(|entry| (entry.key.clone(), entry.value.clone())).collect();
    Request::new(request.principal(), request.action(), resource, Some(account), context).ok()
}

pub(crate) fn statements(document: &Value) -> Vec<Value> {
    match &document["Statement"] {
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    }
}

pub(crate) fn with(document: &Value, statements: Vec<Value>) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().insert("Statement".to_owned(), Value::Array(statements));
    document
}

pub(crate) fn listed(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    }
}

/// Requests that a document allows: one through each of its Allow statements.
pub(crate) fn allowed(kind: ComparedKind, document: &Value) -> Vec<Request> {
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
