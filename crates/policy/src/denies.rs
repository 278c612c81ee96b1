//! Denies of resource policies: which of them speak of everyone and everything, and which
//! further conditions leave them whole. What they confine is in `gated`.

use crate::answer::Answer;
use crate::condition::{Base, Condition, Family, SetOperator};
use crate::document::{Document, Statement};
use crate::full::speaks_of_all;
use crate::gated::same_key;
use crate::pattern::Pattern;
use crate::wanted::Wanted;

/// Conditions that a Deny may have besides its own and still count.
#[derive(Clone, Copy, Debug)]
pub struct CarveOuts<'a> {
    /// Whether requests of AWS services may be left out (`aws:PrincipalIsAWSService`,
    /// `aws:ViaAWSService`).
    pub services: bool,
    /// Principals that may be left out by `aws:PrincipalArn`; None: none of them.
    pub principals: Option<&'a Wanted>,
}

impl CarveOuts<'_> {
    /// No further condition.
    pub const NONE: CarveOuts<'static> = CarveOuts { services: false, principals: None };
    /// Requests of AWS services; besides, with plain `Bool` on `aws:PrincipalIsAWSService`,
    /// anonymous requests, which lack the key.
    pub const SERVICES: CarveOuts<'static> = CarveOuts { services: true, principals: None };
}

/// Whether a condition of a Deny leaves out only what may be left out. `No` is a condition
/// that narrows the Deny otherwise.
#[must_use]
pub fn carved_out(condition: &Condition, allowed: &CarveOuts<'_>) -> Answer {
    let operator = &condition.operator;
    if operator.base == Base::Unknown {
        return Answer::Undecidable;
    }
    let service = ["aws:PrincipalIsAWSService", "aws:ViaAWSService"];
    if allowed.services && service.iter().any(|key| same_key(&condition.key, key)) {
        let leaves_services =
            operator.base == Base::Bool && operator.set == SetOperator::None && condition.holds_for("false").is_yes();
        // WHY: `Bool` and `BoolIfExists` count alike. `aws:ViaAWSService` is in every request,
        // `aws:PrincipalIsAWSService` in every signed one (IAM User Guide, "AWS global
        // condition context keys"): what `Bool` leaves out besides services is anonymous.
        return Answer::from(leaves_services);
    }
    if let Some(principals) = allowed.principals
        && same_key(&condition.key, "aws:PrincipalArn")
        && operator.base.is_negated()
        && operator.set != SetOperator::ForAnyValue
    {
        let crosses = operator.base.family() != Family::Arn;
        let exempt = |pattern: &Pattern| principals.admits_read(&condition.key, pattern, crosses);
        return Answer::all(condition.patterns().iter().map(exempt));
    }
    Answer::No
}

/// The Denies that speak of an action on every resource: those that `gated` may count.
/// The action must be covered for certain; conditions are left to the table.
#[must_use]
pub fn denies_covering<'a>(document: &'a Document, action: &str) -> Vec<&'a Statement> {
    let covers = |deny: &&Statement| deny.matches_action(action).is_yes() && deny.covers_all_resources().is_yes();
    document.denies().filter(covers).collect()
}

/// The Denies of a resource or endpoint policy that speak of everyone, of every action of
/// a service and of all its resources.
#[must_use]
pub fn perimeter_denies<'a>(document: &'a Document, service: &str) -> Vec<&'a Statement> {
    let covers = |deny: &&Statement| speaks_of_all(deny, service);
    document.denies().filter(covers).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn condition(block: &str) -> Condition {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Action":"*","Resource":"*","Condition":{block}}}}}"#
        );
        let document = parse(&text).unwrap();
        document.statements[0].conditions[0].clone()
    }

    #[test]
    fn carve_outs_for_services() {
        for block in
            [r#"{"Bool": {"aws:PrincipalIsAWSService": false}}"#, r#"{"BoolIfExists": {"AWS:ViaAWSService": "false"}}"#]
        {
            assert_eq!(carved_out(&condition(block), &CarveOuts::SERVICES), Answer::Yes);
            assert_eq!(carved_out(&condition(block), &CarveOuts::NONE), Answer::No);
        }
        let only_services = condition(r#"{"Bool": {"aws:PrincipalIsAWSService": "true"}}"#);
        assert_eq!(carved_out(&only_services, &CarveOuts::SERVICES), Answer::No);
        let strange = condition(r#"{"Bool2": {"aws:ViaAWSService": "false"}}"#);
        assert_eq!(carved_out(&strange, &CarveOuts::SERVICES), Answer::Undecidable);
    }

    #[test]
    fn carve_outs_for_exempt_principals() {
        let exempt = Wanted::values(["arn:aws:iam::111122223333:role/break-glass"]);
        let allowed = CarveOuts { services: true, principals: Some(&exempt) };
        let own = condition(r#"{"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass"}}"#);
        assert_eq!(carved_out(&own, &allowed), Answer::Yes);
        let wider = condition(r#"{"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}"#);
        assert_eq!(carved_out(&wider, &allowed), Answer::No);
        let positive = condition(r#"{"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/break-glass"}}"#);
        assert_eq!(carved_out(&positive, &allowed), Answer::No);
    }

    #[test]
    fn denies_must_cover_action_and_resources() {
        let document = parse(
            r#"{"Statement": [
                {"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*"},
                {"Effect": "Deny", "NotAction": "iam:*", "Resource": "**"},
                {"Effect": "Deny", "Action": "sagemaker:CreateModel", "Resource": "*"},
                {"Effect": "Deny", "Action": "sagemaker:*", "Resource": "arn:aws:sagemaker:*"},
                {"Effect": "Deny", "NotAction": "sagemaker:Create*", "Resource": "*"}
            ]}"#,
        )
        .unwrap();
        let found = denies_covering(&document, "sagemaker:CreateTrainingJob");
        let indexes: Vec<usize> = found.iter().map(|s| s.index).collect();
        assert_eq!(indexes, [0, 1]);
    }
}
