//! Whom a trust policy lets assume its role, for a caller that is a role itself. Identity policies of the caller are in `grants`.

use crate::answer::Answer;
use crate::condition::Condition;
use crate::document::{Document, Principal, Principals, Sense, Statement};
use crate::pattern::Pattern;
use crate::principal::{PrincipalClass, classify};
use crate::trust::{TrustAction, trust_grants};

/// How a statement of a trust policy names a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    /// By the account: the caller's own policies must allow it too (IAM User Guide, "Policy evaluation logic").
    Account,
    /// By the role's ARN or as anyone: in one account that is enough, but a permissions boundary limits it.
    Role,
    /// By the ARN of a session of the role, which no boundary's silence limits.
    Session,
}

/// A statement by which a trust policy lets a role in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission<'a> {
    /// The Allow.
    pub statement: &'a Statement,
    /// How it names the caller.
    pub naming: Naming,
    /// `Yes` if its conditions hold for the caller and no Deny does; `Undecidable` where tags, sessions or networks decide.
    pub sure: Answer,
}

/// The statements by which a trust policy lets the role of this ARN call `sts:AssumeRole`.
#[must_use]
pub fn admissions<'a>(trust: &'a Document, role: &str) -> Vec<Admission<'a>> {
    let Some(caller) = Caller::of(role) else { return Vec::new() };
    let denied = Answer::any(trust.denies().map(|deny| caller.is_denied(deny)));
    let admission = |statement: &'a Statement| {
        let naming = caller.named_in(statement.principals.as_ref()?)?;
        let holds = Answer::all(statement.conditions.iter().map(|condition| caller.meets(condition, Answer::Yes)));
        let sure = holds.and(denied.negated());
        (!sure.is_no()).then_some(Admission { statement, naming, sure })
    };
    let assumes = trust_grants(trust).into_iter().filter(|grant| grant.actions.contains(&TrustAction::AssumeRole));
    assumes.filter_map(|grant| admission(grant.statement)).collect()
}

/// Whether a resource policy allows the action on such a resource to the role of this ARN, by its name or as anyone, so that
/// the role needs no Allow of its own in the same account. Conditions and Denies are left aside.
#[must_use]
pub fn granted_to(policy: &Document, role: &str, action: &str, resource: &Pattern) -> Answer {
    let Some(caller) = Caller::of(role) else { return Answer::No };
    let grants = |allow: &Statement| {
        let named = allow.principals.as_ref().and_then(|principals| caller.named_in(principals));
        match named {
            Some(Naming::Role | Naming::Session) => allow.matches_action(action).and(allow.meets_resources(resource)),
            Some(Naming::Account) | None => Answer::No,
        }
    };
    Answer::any(policy.allows().map(grants))
}

struct Caller<'a> {
    arn: &'a str,
    account: &'a str,
    /// Without the path.
    name: &'a str,
}

impl<'a> Caller<'a> {
    /// The role of this ARN; none if it is none.
    fn of(arn: &'a str) -> Option<Self> {
        let (_, rest) = arn.split_once(":iam::")?;
        let (account, path) = rest.split_once(":role/")?;
        Some(Caller { arn, account, name: path.rsplit('/').next().unwrap_or(path) })
    }

    /// How a list of principals names the caller; the way that asks for least.
    fn named_in(&self, principals: &Principals) -> Option<Naming> {
        let best = principals.members.iter().filter_map(|member| self.named_as(member)).max();
        match (principals.sense, best) {
            (Sense::Only, best) => best,
            (Sense::AllBut, Some(_)) => None,
            (Sense::AllBut, None) => Some(Naming::Role),
        }
    }

    fn named_as(&self, principal: &Principal) -> Option<Naming> {
        match classify(principal) {
            PrincipalClass::Everyone => Some(Naming::Role),
            PrincipalClass::Account(account) => (account == self.account).then_some(Naming::Account),
            PrincipalClass::Role { .. } => (principal.value == self.arn).then_some(Naming::Role),
            PrincipalClass::Session { account, role, .. } => {
                (account == self.account && role == self.name).then_some(Naming::Session)
            }
            _ => None,
        }
    }

    fn is_denied(&self, deny: &Statement) -> Answer {
        let meant = deny.principals.as_ref().is_some_and(|principals| self.named_in(principals).is_some());
        let matched = deny.matches_action(TrustAction::AssumeRole.as_str());
        // What the caller may choose it chooses so that the Deny does not fire.
        let fires = Answer::all(deny.conditions.iter().map(|condition| self.meets(condition, Answer::No)));
        matched.and(fires).and(Answer::from(meant))
    }

    /// Whether a condition holds when the caller asks; `chosen` where the caller chooses the value (IAM User Guide, "AWS
    /// global condition context keys" and "Available keys for AWS STS").
    fn meets(&self, condition: &Condition, chosen: Answer) -> Answer {
        let known = |value: &str| match condition.operator.set {
            crate::condition::SetOperator::None => condition.holds_for(value),
            _ => Answer::Undecidable,
        };
        let key = condition.key.to_ascii_lowercase();
        match key.as_str() {
            "aws:principalarn" => known(self.arn),
            "aws:principalaccount" => known(self.account),
            "aws:principaltype" => known("AssumedRole"),
            "aws:principalisawsservice" | "aws:viaawsservice" => known("false"),
            "sts:externalid" | "sts:rolesessionname" if condition.patterns().iter().all(|it| !it.has_variables()) => {
                chosen
            }
            // Only services send these, and identity providers those.
            "aws:sourceaccount" | "aws:sourcearn" | "aws:sourceorgid" => condition.holds_when_absent(),
            _ if key.starts_with("saml:") => condition.holds_when_absent(),
            _ => Answer::Undecidable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    const ROLE: &str = "arn:aws:iam::111122223333:role/team/job";

    fn admitted(statements: &str) -> Vec<(Naming, Answer)> {
        let document = parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)).unwrap();
        admissions(&document, ROLE).iter().map(|admission| (admission.naming, admission.sure)).collect()
    }

    fn allow(principal: &str, rest: &str) -> String {
        format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"sts:AssumeRole"{rest}}}"#)
    }

    #[test]
    fn the_ways_to_name_a_role() {
        for (principal, expected) in [
            (r#"{"AWS":"arn:aws:iam::111122223333:role/team/job"}"#, Some(Naming::Role)),
            (r#"{"AWS":["444455556666","111122223333"]}"#, Some(Naming::Account)),
            (
                r#"{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:role/team/job"]}"#,
                Some(Naming::Role),
            ),
            (r#"{"AWS":"arn:aws:sts::111122223333:assumed-role/job/x"}"#, Some(Naming::Session)),
            (r#""*""#, Some(Naming::Role)),
            (r#"{"AWS":"arn:aws:iam::111122223333:role/job"}"#, None),
            (r#"{"AWS":"arn:aws:iam::444455556666:root"}"#, None),
            (r#"{"Service":"sagemaker.amazonaws.com"}"#, None),
            (r#"{"AWS":"AROAEXAMPLEID1234567"}"#, None),
        ] {
            let found: Vec<Naming> = admitted(&allow(principal, "")).into_iter().map(|(naming, _)| naming).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{principal}");
        }
        assert_eq!(admitted(r#"{"Effect":"Allow","Principal":"*","Action":"sts:TagSession"}"#), []);
        let all_but = |arn: &str| format!(r#"{{"Effect":"Allow","NotPrincipal":{{"AWS":"{arn}"}},"Action":"sts:*"}}"#);
        assert_eq!(admitted(&all_but("arn:aws:iam::111122223333:role/other")), [(Naming::Role, Answer::Yes)]);
        assert_eq!(admitted(&all_but(ROLE)), []);
    }

    #[test]
    fn conditions_that_are_met_that_are_not_and_that_nobody_knows() {
        for (condition, expected) in [
            (r#"{"StringEquals":{"sts:ExternalId":"x"}}"#, Some(Answer::Yes)),
            (r#"{"StringEquals":{"sts:RoleSessionName":"${aws:username}"}}"#, Some(Answer::Undecidable)),
            (r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/team/*"}}"#, Some(Answer::Yes)),
            (r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/admin"}}"#, None),
            (r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, None),
            (r#"{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}"#, Some(Answer::Yes)),
            (r#"{"StringEquals":{"SAML:aud":"x"}}"#, None),
            (r#"{"StringEquals":{"aws:PrincipalTag/team":"x"}}"#, Some(Answer::Undecidable)),
            (r#"{"StringEquals":{"aws:PrincipalTag/team":"x","aws:PrincipalAccount":"444455556666"}}"#, None),
        ] {
            let found = admitted(&allow(r#"{"AWS":"111122223333"}"#, &format!(r#","Condition":{condition}"#)));
            let found: Vec<Answer> = found.into_iter().map(|(_, sure)| sure).collect();
            assert_eq!(found, expected.into_iter().collect::<Vec<_>>(), "{condition}");
        }
    }

    #[test]
    fn a_resource_policy_that_names_the_role() {
        let asked = |principal: &str, action: &str| {
            let text = format!(
                r#"{{"Statement":{{"Effect":"Allow","Principal":{principal},"Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}}}}"#
            );
            let all = Pattern::glob("arn:aws:s3:::b/*", crate::pattern::Variables::Plain);
            granted_to(&parse(&text).unwrap(), ROLE, action, &all)
        };
        assert_eq!(asked(r#"{"AWS":"arn:aws:iam::111122223333:role/team/job"}"#, "s3:GetObject"), Answer::Yes);
        assert_eq!(asked(r#""*""#, "s3:GetObject"), Answer::Yes);
        assert_eq!(asked(r#""*""#, "s3:PutObject"), Answer::No);
        assert_eq!(asked(r#"{"AWS":"111122223333"}"#, "s3:GetObject"), Answer::No);
        assert_eq!(asked(r#"{"AWS":"arn:aws:iam::111122223333:role/other"}"#, "s3:GetObject"), Answer::No);
    }

    #[test]
    fn denies_of_the_trust() {
        let root = allow(r#"{"AWS":"111122223333"}"#, "");
        let deny =
            |rest: &str| format!(r#"{root},{{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"{rest}}}"#);
        assert_eq!(admitted(&deny("")), []);
        let unless = |arn: &str| deny(&format!(r#","Condition":{{"ArnNotEquals":{{"aws:PrincipalArn":"{arn}"}}}}"#));
        assert_eq!(admitted(&unless("arn:aws:iam::111122223333:role/admin")), []);
        assert_eq!(admitted(&unless(ROLE)), [(Naming::Account, Answer::Yes)]);
        let tag = r#","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"x"}}"#;
        assert_eq!(admitted(&deny(tag)), [(Naming::Account, Answer::Undecidable)]);
        let id = r#","Condition":{"StringNotEquals":{"sts:ExternalId":"x"}}"#;
        assert_eq!(admitted(&deny(id)), [(Naming::Account, Answer::Yes)]);
    }
}
