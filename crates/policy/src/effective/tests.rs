//! Sets of policies with boundaries: by hand, and against a reading of every request one by one.

use proptest::prelude::*;

use super::*;
use crate::compare::compare_effective;
use crate::comparison::{ComparedKind, Comparison};
use crate::parse::parse;

fn policy(statements: &str) -> Policy {
    parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap().into()
}

fn statement(effect: &str, action: &str, resource: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"}}"#)
}

fn allow(action: &str, resource: &str) -> String {
    statement("Allow", action, resource)
}

fn deny(action: &str, resource: &str) -> String {
    statement("Deny", action, resource)
}

/// Policies, and a boundary.
type Side = (Vec<Policy>, Option<Policy>);

fn side(policies: &[&str], boundary: Option<&str>) -> Side {
    (policies.iter().map(|statements| policy(statements)).collect(), boundary.map(policy))
}

fn effective((policies, boundary): &Side) -> Effective<'_> {
    Effective { policies: policies.iter().collect(), boundary: boundary.as_ref() }
}

fn asked(reference: &Side, candidate: &Side) -> Comparison {
    compare_effective(ComparedKind::Identity, &effective(reference), &effective(candidate))
}

const NEW: &str = "NEW_ACCESS";
const NONE: &str = "NO_NEW_ACCESS";

#[test]
fn policies_add_up_and_a_boundary_limits_them() {
    let (all, gets, puts) = (allow("*", "*"), allow("s3:Get*", "*"), allow("s3:Put*", "*"));
    let none_of = deny("s3:*", "*");
    let bucket = allow("s3:*", "arn:aws:s3:::records/*");
    for (reference, candidate, forth, back) in [
        // The same statements, in other documents.
        (side(&[&gets, &puts], None), side(&[&format!("{puts},{gets}")], None), NONE, NONE),
        (side(&[&gets], None), side(&[&gets, &puts], None), NEW, NONE),
        // A boundary grants nothing, and takes away what it does not allow.
        (side(&[&gets], None), side(&[&gets], Some(&all)), NONE, NONE),
        (side(&[&gets], None), side(&[&all], Some(&gets)), NONE, NONE),
        (side(&[&gets], Some(&puts)), side(&[&gets], None), NEW, NONE),
        (side(&[&gets], Some(&gets)), side(&[&gets], None), NONE, NONE),
        (side(&[&all], Some(&format!("{gets},{puts}"))), side(&[&gets, &puts], Some(&all)), NONE, NONE),
        (side(&[&bucket], Some(&gets)), side(&[&gets], Some(&bucket)), NONE, NONE),
        (side(&[&bucket], Some(&gets)), side(&[&puts], Some(&bucket)), NEW, NEW),
        // Whose Deny it is does not matter.
        (side(&[&all, &none_of], Some(&all)), side(&[&all], Some(&format!("{all},{none_of}"))), NONE, NONE),
        (side(&[&all, &none_of], None), side(&[&all], Some(&allow("s3:*", "*"))), NEW, NEW),
        (side(&[&all, &none_of], None), side(&[&all], Some(&format!("{all},{none_of}"))), NONE, NONE),
        // Nothing at all.
        (side(&[], None), side(&[&none_of], None), NONE, NONE),
        (side(&[], None), side(&[&gets], Some(&puts)), NONE, NONE),
        (side(&[&all], Some(&deny("*", "*"))), side(&[&gets], None), NEW, NONE),
    ] {
        let found = (asked(&reference, &candidate), asked(&candidate, &reference));
        let texts = (found.0.as_str(), found.1.as_str());
        assert_eq!(texts, (forth, back), "{candidate:?}: {} {}", found.0.reason(), found.1.reason());
    }
}

#[test]
fn the_statements_are_named_with_their_policies() {
    let (all, gets, puts) = (allow("*", "*"), allow("s3:Get*", "*"), allow("s3:Put*", "*"));
    let reference = side(&[&gets, &format!("{gets},{}", deny("s3:PutObject", "*"))], Some(&gets));
    let candidate = side(&[&gets, &puts], Some(&format!("{gets},{all}")));
    let found = asked(&reference, &candidate);
    let said = "the candidate's statement 0 of the identity policy 1 and statement 1 of the permissions boundary \
                allow it; no statement of the reference's identity policy does";
    assert_eq!(found.reason(), said);
    let denied = side(&[&all, &deny("*", "*")], None);
    let found = asked(&denied, &candidate);
    let said = "the candidate's statement 0 of the identity policy 0 and statement 0 of the permissions boundary \
                allow it; the reference's statement 0 of the identity policy 1 denies it";
    assert_eq!(found.reason(), said);
    let narrow = side(&[&all], Some(&gets));
    let found = asked(&narrow, &side(&[&puts], Some(&all)));
    assert!(found.reason().ends_with("no statement of the reference's permissions boundary does"), "{found:?}");
}

#[test]
fn short_arns_are_read_by_the_kind_of_their_policy() {
    let (short, long) = (allow("s3:*", "arn:aws:s3"), allow("s3:*", "arn:aws:s3:::x"));
    assert_eq!(asked(&side(&[&short], None), &side(&[&long], None)).as_str(), NONE);
    let bounded = asked(&side(&[&long], Some(&short)), &side(&[&long], None));
    assert_eq!(bounded.as_str(), "UNKNOWN");
    assert!(bounded.reason().contains("in a permissions boundary"), "{}", bounded.reason());
}

#[test]
fn what_is_refused_or_has_no_boundary_is_unknown() {
    let all = allow("*", "*");
    let whose = all.replace(r#""Action""#, r#""Principal":"*","Action""#);
    let found = asked(&side(&[&all], None), &side(&[&all], Some(&whose)));
    assert!(found.reason().starts_with("candidate: IAM refuses this permissions boundary"), "{found:?}");
    let bounded = side(&[&all], Some(&all));
    let (reference, candidate) = (effective(&bounded), effective(&bounded));
    let found = compare_effective(ComparedKind::Scp, &reference, &candidate);
    assert_eq!(found.reason(), "a boundary beside a service control policy");
}

// Every request of a small world, statement by statement.

const ACTIONS: [&str; 4] = ["s3:GetObject", "s3:GetAcl", "s3:PutObject", "kms:Decrypt"];
const RESOURCES: [&str; 4] = ["arn:aws:s3:::a/x", "arn:aws:s3:::a/y", "arn:aws:s3:::b/x", "*"];
const VALUES: [Option<&str>; 3] = [None, Some("red"), Some("blue")];

fn requests() -> Vec<Request> {
    let mut all = Vec::new();
    for action in ACTIONS {
        for resource in RESOURCES {
            for value in VALUES {
                let entry = |text: &str| ("k".to_owned(), crate::request::ContextValue::One(text.to_owned()));
                let context = value.map(entry).into_iter().collect();
                let caller = "arn:aws:iam::111122223333:role/plumbline-role";
                all.push(Request::new(caller, action, resource, Some("111122223333"), context).unwrap());
            }
        }
    }
    all
}

#[derive(Clone, Debug)]
struct Plain {
    effect: &'static str,
    action: &'static str,
    resource: (&'static str, &'static str),
    condition: &'static str,
}

impl Plain {
    fn text(&self, effect: &str) -> String {
        let (element, resource) = self.resource;
        let condition = self.condition;
        let action = self.action;
        format!(r#"{{"Effect":"{effect}","Action":"{action}","{element}":"{resource}","Condition":{{{condition}}}}}"#)
    }

    fn applies(&self, request: &Request) -> bool {
        let alone = policy(&self.text("Allow"));
        Effective::from(&alone).allows(PolicyKind::Identity, false, request).0.is_yes()
    }
}

/// Statements of policies, and of a boundary.
type Plan = (Vec<Vec<Plain>>, Option<Vec<Plain>>);

fn plan() -> impl Strategy<Value = Plan> {
    let effects = proptest::sample::select(vec!["Allow", "Allow", "Allow", "Deny"]);
    let actions = proptest::sample::select(vec!["*", "s3:*", "s3:Get*", "s3:GetObject", "s3:Put*", "kms:*"]);
    let resources = proptest::sample::select(vec![
        ("Resource", "*"),
        ("Resource", "arn:aws:s3:::*"),
        ("Resource", "arn:aws:s3:::a/*"),
        ("Resource", "arn:aws:s3:::b/x"),
        ("NotResource", "arn:aws:s3:::a/*"),
        ("NotResource", "arn:aws:s3:::a/x"),
    ]);
    let conditions = proptest::sample::select(vec![
        "",
        "",
        r#""StringEquals":{"k":"red"}"#,
        r#""StringNotEquals":{"k":"red"}"#,
        r#""StringEqualsIfExists":{"k":["red","blue"]}"#,
        r#""Null":{"k":"true"}"#,
    ]);
    let one = (effects, actions, resources, conditions).prop_map(|(effect, action, resource, condition)| Plain {
        effect,
        action,
        resource,
        condition,
    });
    let document = proptest::collection::vec(one, 1..4);
    let boundary = proptest::option::of(document.clone());
    (proptest::collection::vec(document, 1..4), boundary)
}

fn read(plan: &Plan) -> Side {
    let document = |list: &Vec<Plain>| {
        let texts: Vec<String> = list.iter().map(|plain| plain.text(plain.effect)).collect();
        policy(&texts.join(","))
    };
    (plan.0.iter().map(document).collect(), plan.1.as_ref().map(document))
}

fn naively_allows(plan: &Plan, request: &Request) -> bool {
    let some = |list: &[Plain], effect: &str| list.iter().any(|own| own.effect == effect && own.applies(request));
    let denied = plan.0.iter().chain(&plan.1).any(|list| some(list, "Deny"));
    let bounded = plan.1.as_ref().is_none_or(|list| some(list, "Allow"));
    !denied && bounded && plan.0.iter().any(|list| some(list, "Allow"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn sets_are_compared_as_a_naive_reading_has_it(reference in plan(), candidate in plan()) {
        let found = asked(&read(&reference), &read(&candidate));
        let is_new = |request: &Request| naively_allows(&candidate, request) && !naively_allows(&reference, request);
        match &found {
            Comparison::NewAccess { witness, .. } => prop_assert!(is_new(witness), "{}", witness),
            Comparison::NoNewAccess => {
                let new = requests().into_iter().find(is_new);
                prop_assert!(new.is_none(), "{}", new.unwrap());
            }
            Comparison::Unknown { because } => prop_assert!(false, "{}", because),
        }
        // A boundary never adds anything, and a policy never takes an Allow away.
        let mut less = candidate.clone();
        less.1 = Some(reference.1.clone().unwrap_or_default().into_iter().chain(less.1.unwrap_or_default()).collect());
        if candidate.1.is_none() && less.1.as_ref().is_some_and(|own| !own.is_empty()) {
            prop_assert_eq!(asked(&read(&candidate), &read(&less)).as_str(), NONE);
        }
    }
}
