//! A witness in the user's own account, where the comparison made one up.

use crate::columns::HOME;
use crate::compare::Terms;
use crate::comparison::{ComparedKind, Comparison};
use crate::effective::Effective;
use crate::request::{ContextValue, Request};

/// The comparison with its witness put into `account`, an account id, as far as the policies leave that open: the same
/// request otherwise, and evaluated again. Where it would not be new access there, the witness stays as it is.
#[must_use]
pub fn in_account(
    kind: ComparedKind,
    reference: &Effective<'_>,
    candidate: &Effective<'_>,
    comparison: Comparison,
    account: &str,
) -> Comparison {
    let Comparison::NewAccess { witness, by, denied_by, lacks } = comparison else { return comparison };
    let terms = Terms::of(kind);
    let confirms = |request: &Request| {
        candidate.allows(terms.kind, terms.granted, request).0.is_yes()
            && reference.allows(terms.kind, terms.granted, request).0.is_no()
    };
    let witness = moved(&witness, account).filter(confirms).map_or(witness, Box::new);
    Comparison::NewAccess { witness, by, denied_by, lacks }
}

/// The request with the made-up account replaced wherever it stands.
fn moved(request: &Request, account: &str) -> Option<Request> {
    let home = |text: &str| text.replace(HOME, account);
    let value = |value: &ContextValue| match value {
        ContextValue::One(text) => ContextValue::One(home(text)),
        ContextValue::Many(texts) => ContextValue::Many(texts.iter().map(|text| home(text)).collect()),
    };
    let context = request.context().iter().map(|entry| (entry.key.clone(), value(&entry.value))).collect();
    let owner = home(request.resource_account());
    Request::new(&home(request.principal()), request.action(), &home(request.resource()), Some(&owner), context).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Policy, compare, parse};

    fn witness(kind: ComparedKind, reference: &str, candidate: &str, account: &str) -> String {
        let read = |text: &str| Policy::from(parse(&format!(r#"{{"Statement":[{text}]}}"#)).unwrap());
        let (reference, candidate) = (read(reference), read(candidate));
        let found = compare(kind, &reference, &candidate);
        let moved = in_account(kind, &(&reference).into(), &(&candidate).into(), found, account);
        let Comparison::NewAccess { witness, .. } = moved else { panic!("{moved:?}") };
        witness.to_string()
    }

    #[test]
    fn the_witness_is_of_the_account_that_was_named() {
        let none = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}"#;
        let all = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
        let told = witness(ComparedKind::Identity, none, all, "444455556666");
        assert!(told.contains("arn:aws:iam::444455556666:role/") && !told.contains(HOME), "{told}");
    }

    #[test]
    fn a_witness_that_must_be_of_an_account_stays() {
        let grant = |account: &str| {
            format!(
                r#"{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{account}:role/a"}},"Action":"sts:AssumeRole"}}"#
            )
        };
        let told = witness(ComparedKind::Trust, &grant("444455556666"), &grant(HOME), "444455556666");
        assert!(told.contains(&format!("arn:aws:iam::{HOME}:role/a")), "{told}");
    }
}
