//! Trust policies: who may assume a role, and whether federation is bound to an audience or
//! subject. Who should be trusted is a control's business.

use crate::answer::Answer;
use crate::document::{Document, Principal, Statement};
use crate::gated::{Confinement, KeyKind, confines};
use crate::principal::{PrincipalClass, classify};
use crate::wanted::Wanted;

/// The actions of AWS STS that a trust policy speaks of (Service Authorization Reference,
/// "Actions, resources, and condition keys for AWS Security Token Service").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TrustAction {
    /// `sts:AssumeRole`
    AssumeRole,
    /// `sts:AssumeRoleWithSAML`
    AssumeRoleWithSaml,
    /// `sts:AssumeRoleWithWebIdentity`
    AssumeRoleWithWebIdentity,
    /// `sts:TagSession`
    TagSession,
    /// `sts:SetSourceIdentity`
    SetSourceIdentity,
}

/// All of them.
pub const FAMILY: [TrustAction; 5] = [
    TrustAction::AssumeRole,
    TrustAction::AssumeRoleWithSaml,
    TrustAction::AssumeRoleWithWebIdentity,
    TrustAction::TagSession,
    TrustAction::SetSourceIdentity,
];

impl TrustAction {
    /// As written in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TrustAction::AssumeRole => "sts:AssumeRole",
            TrustAction::AssumeRoleWithSaml => "sts:AssumeRoleWithSAML",
            TrustAction::AssumeRoleWithWebIdentity => "sts:AssumeRoleWithWebIdentity",
            TrustAction::TagSession => "sts:TagSession",
            TrustAction::SetSourceIdentity => "sts:SetSourceIdentity",
        }
    }

    /// Whether it gives credentials of the role; the others only add to a session.
    #[must_use]
    pub fn assumes(self) -> bool {
        !matches!(self, TrustAction::TagSession | TrustAction::SetSourceIdentity)
    }
}

/// An Allow of a trust policy that speaks of the family.
#[derive(Clone, Debug)]
pub struct TrustGrant<'a> {
    /// The Allow, with its principals and conditions.
    pub statement: &'a Statement,
    /// The actions it grants, in the order of [`FAMILY`].
    pub actions: Vec<TrustAction>,
}

impl<'a> TrustGrant<'a> {
    /// Whether one of its actions gives credentials of the role.
    #[must_use]
    pub fn assumes(&self) -> bool {
        self.actions.iter().any(|a| a.assumes())
    }

    /// Those listed. With `NotPrincipal`, which [`TrustGrant::is_public`] tells, they are the
    /// ones left out.
    pub fn principals(&self) -> impl Iterator<Item = &'a Principal> {
        self.statement.principals.iter().flat_map(|p| &p.members)
    }

    /// Whether it is granted to everyone: `*`, or an Allow with `NotPrincipal`.
    #[must_use]
    pub fn is_public(&self) -> bool {
        let public = |p: &crate::document::Principals| p.is_everyone() || p.sense == crate::document::Sense::AllBut;
        self.statement.principals.as_ref().is_some_and(public)
    }
}

/// The Allows of a trust policy that speak of the family, by any action pattern
/// (`sts:*`, `*`, `NotAction` included). Denies are not subtracted.
#[must_use]
pub fn trust_grants(document: &Document) -> Vec<TrustGrant<'_>> {
    let grant = |statement| {
        let granted = |action: &TrustAction| !Statement::matches_action(statement, action.as_str()).is_no();
        let actions: Vec<TrustAction> = FAMILY.into_iter().filter(granted).collect();
        (!actions.is_empty()).then_some(TrustGrant { statement, actions })
    };
    document.allows().filter_map(grant).collect()
}

/// How a federated principal of a statement is bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Federation {
    /// `SAML:aud`, or the provider's audience key.
    pub audience: Confinement,
    /// The provider's subject key; None for SAML.
    pub subject: Option<Confinement>,
}

impl Federation {
    /// Whether audience or subject confines. For a web identity provider the subject decides,
    /// since one audience serves all the subjects of a shared provider.
    #[must_use]
    pub fn is_bound(&self) -> Answer {
        match self.subject.unwrap_or(self.audience) {
            Confinement::Confined => Answer::Yes,
            Confinement::Undecidable => Answer::Undecidable,
            Confinement::PresenceOnly | Confinement::Open { .. } => Answer::No,
        }
    }
}

/// How the conditions of a statement bind a federated principal: audience and subject must
/// have values that are exact or begin with something fixed. None for other principals.
#[must_use]
pub fn federation_of(statement: &Statement, principal: &Principal) -> Option<Federation> {
    let wanted = Wanted::anchored();
    let bound = |key: &str| confines(statement, &[], key, KeyKind::Single, &wanted);
    match classify(principal) {
        PrincipalClass::SamlProvider { .. } => Some(Federation { audience: bound("SAML:aud"), subject: None }),
        PrincipalClass::OidcProvider { provider, .. } => {
            let (audience, subject) = web_identity_keys(provider);
            Some(Federation { audience: bound(&audience), subject: Some(bound(&subject)) })
        }
        _ => None,
    }
}

/// The condition keys of a web identity provider for audience and subject (IAM User Guide,
/// "IAM and AWS STS condition context keys", available keys for OIDC federation).
#[must_use]
pub fn web_identity_keys(provider: &str) -> (String, String) {
    let (audience, subject) = match provider {
        "www.amazon.com" => ("app_id", "user_id"),
        "graph.facebook.com" => ("app_id", "id"),
        _ => ("aud", "sub"),
    };
    (format!("{provider}:{audience}"), format!("{provider}:{subject}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn grants(statement: &str) -> (Document, usize) {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let document = parse(&text).unwrap();
        let number = trust_grants(&document).len();
        (document, number)
    }

    #[test]
    fn finds_the_family_by_any_pattern() {
        for (actions, expected) in [
            (r#""Action": "sts:AssumeRole""#, vec![TrustAction::AssumeRole]),
            (r#""Action": "STS:assumerole*""#, FAMILY[..3].to_vec()),
            (r#""Action": "sts:*""#, FAMILY.to_vec()),
            (r#""Action": "*""#, FAMILY.to_vec()),
            (r#""NotAction": "iam:*""#, FAMILY.to_vec()),
            (r#""NotAction": "sts:Assume*""#, FAMILY[3..].to_vec()),
            (r#""Action": ["sts:TagSession", "s3:*"]"#, vec![TrustAction::TagSession]),
            (r#""Action": "s3:*""#, vec![]),
        ] {
            let (document, number) = grants(&format!(
                r#"{{"Effect":"Allow","Principal":{{"Service":"sagemaker.amazonaws.com"}},{actions}}}"#
            ));
            assert_eq!(number, usize::from(!expected.is_empty()), "{actions}");
            let found = trust_grants(&document).into_iter().next();
            assert_eq!(found.map(|g| g.actions).unwrap_or_default(), expected, "{actions}");
        }
    }

    #[test]
    fn a_deny_is_no_grant_and_not_principal_is_public() {
        assert_eq!(grants(r#"{"Effect":"Deny","Principal":"*","Action":"*"}"#).1, 0);
        for principal in [
            r#""Principal": "*""#,
            r#""Principal": {"AWS": ["111122223333", "*"]}"#,
            r#""NotPrincipal": {"AWS": "111122223333"}"#,
        ] {
            let (document, _) = grants(&format!(r#"{{"Effect":"Allow",{principal},"Action":"sts:AssumeRole"}}"#));
            assert!(trust_grants(&document)[0].is_public(), "{principal}");
        }
        let (document, _) =
            grants(r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:TagSession"}"#);
        let found = trust_grants(&document);
        assert!(!found[0].is_public() && !found[0].assumes());
        assert_eq!(found[0].principals().count(), 1);
    }

    fn bound(provider: &str, condition: &str) -> Answer {
        let (document, _) = grants(&format!(
            r#"{{"Effect":"Allow","Principal":{{"Federated":"{provider}"}},"Action":"sts:*","Condition":{condition}}}"#
        ));
        let statement = &document.statements[0];
        let principal = &statement.principals.as_ref().unwrap().members[0];
        federation_of(statement, principal).unwrap().is_bound()
    }

    #[test]
    fn saml_needs_an_audience() {
        let saml = "arn:aws:iam::111122223333:saml-provider/corp";
        let url = "https://signin.aws.amazon.com/saml";
        for (condition, expected) in [
            (format!(r#"{{"StringEquals":{{"SAML:aud":"{url}"}}}}"#), Answer::Yes),
            (format!(r#"{{"StringEquals":{{"saml:AUD":"{url}"}}}}"#), Answer::Yes),
            (format!(r#"{{"StringEqualsIfExists":{{"SAML:aud":"{url}"}}}}"#), Answer::No),
            (format!(r#"{{"StringNotEquals":{{"SAML:aud":"{url}"}}}}"#), Answer::No),
            (r#"{"StringLike":{"SAML:aud":"*"}}"#.to_owned(), Answer::No),
            (r#"{"StringEquals":{"SAML:iss":"x"}}"#.to_owned(), Answer::No),
            ("{}".to_owned(), Answer::No),
            (r#"{"StringEquals":{"SAML:aud":"${aws:x}"}}"#.to_owned(), Answer::Undecidable),
        ] {
            assert_eq!(bound(saml, &condition), expected, "{condition}");
        }
    }

    #[test]
    fn web_identity_needs_a_subject() {
        let git = "token.actions.githubusercontent.com";
        let arn = format!("arn:aws:iam::111122223333:oidc-provider/{git}");
        for (test, expected) in [
            (format!(r#""StringEquals":{{"{git}:sub":"repo:o/r:ref:refs/heads/main"}}"#), Answer::Yes),
            (format!(r#""StringLike":{{"{git}:sub":"repo:o/r:*"}}"#), Answer::Yes),
            (format!(r#""StringLike":{{"{git}:sub":"*:ref:refs/heads/main"}}"#), Answer::No),
            (format!(r#""StringLike":{{"{git}:sub":["repo:o/r:*","*"]}}"#), Answer::No),
            (format!(r#""StringEquals":{{"{git}:aud":"sts.amazonaws.com"}}"#), Answer::No),
            (format!(r#""ForAllValues:StringEquals":{{"{git}:sub":"repo:o/r:*"}}"#), Answer::No),
            (r#""StringEquals":{"other.example:sub":"x"}"#.to_owned(), Answer::No),
        ] {
            assert_eq!(bound(&arn, &format!("{{{test}}}")), expected, "{test}");
        }
    }

    #[test]
    fn providers_with_keys_of_their_own() {
        assert_eq!(web_identity_keys("www.amazon.com").1, "www.amazon.com:user_id");
        let condition = r#"{"StringEquals":{"www.amazon.com:user_id":"amzn1.account.x"}}"#;
        assert_eq!(bound("www.amazon.com", condition), Answer::Yes);
        let (document, _) = grants(r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*"}"#);
        let statement = &document.statements[0];
        let principal = &statement.principals.as_ref().unwrap().members[0];
        assert_eq!(federation_of(statement, principal), None);
    }
}
