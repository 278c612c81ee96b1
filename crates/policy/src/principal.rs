//! What a principal's text names. Whether it is trusted is a control's business.

use crate::document::{Principal, PrincipalKind};
use crate::matching::parts_of;

/// The partitions of AWS, as the second part of an ARN (AWS General Reference, "Amazon
/// Resource Names (ARNs)").
pub const PARTITIONS: &[&str] = &["aws", "aws-cn", "aws-us-gov"];

/// What a principal names (IAM User Guide, "AWS JSON policy elements: Principal").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalClass<'a> {
    /// `"*"` or `{"AWS": "*"}`.
    Everyone,
    /// An account id or its root ARN: the account, which may hand on by its own policies.
    Account(&'a str),
    /// An IAM role.
    Role {
        /// Twelve digits.
        account: &'a str,
        /// With its path, as after `role/`.
        name: &'a str,
    },
    /// An IAM user.
    User {
        /// Twelve digits.
        account: &'a str,
        /// With its path, as after `user/`.
        name: &'a str,
    },
    /// One session of a role (`assumed-role/<role>/<session>`).
    Session {
        /// Twelve digits.
        account: &'a str,
        /// The role's name, without path.
        role: &'a str,
        /// The session's name.
        session: &'a str,
    },
    /// A federated user session (`federated-user/<name>`).
    FederatedUser {
        /// Twelve digits.
        account: &'a str,
        /// The user's name.
        name: &'a str,
    },
    /// The unique id (`AROA..`, `AIDA..`) that is left of a deleted role or user:
    /// grants nobody, also not the rebuilt one of the same name.
    Deleted(&'a str),
    /// An AWS service.
    Service(&'a str),
    /// A SAML provider.
    SamlProvider {
        /// Twelve digits.
        account: &'a str,
        /// The provider's name.
        name: &'a str,
    },
    /// An OpenID Connect provider, by ARN or, for the built-in ones, by domain.
    OidcProvider {
        /// None for the built-in ones.
        account: Option<&'a str>,
        /// Its address without `https://`, as condition keys begin with it.
        provider: &'a str,
    },
    /// An S3 canonical user id.
    CanonicalUser(&'a str),
    /// None of these: wildcards inside an ARN, groups, CloudFront identities, misspellings.
    Unrecognized(&'a str),
}

/// Says what a principal names.
#[must_use]
pub fn classify(principal: &Principal) -> PrincipalClass<'_> {
    classify_text(principal.kind, &principal.value)
}

pub(crate) fn classify_text(kind: PrincipalKind, text: &str) -> PrincipalClass<'_> {
    let class = match kind {
        PrincipalKind::Everyone => Some(PrincipalClass::Everyone),
        PrincipalKind::Aws => aws(text),
        PrincipalKind::Service => is_plain(text).then_some(PrincipalClass::Service(text)),
        PrincipalKind::Federated => federated(text),
        PrincipalKind::CanonicalUser => is_plain(text).then_some(PrincipalClass::CanonicalUser(text)),
    };
    class.unwrap_or(PrincipalClass::Unrecognized(text))
}

/// The account of a principal, where its text says it.
#[must_use]
pub fn account_of(principal: &Principal) -> Option<&str> {
    match classify(principal) {
        PrincipalClass::Account(account)
        | PrincipalClass::Role { account, .. }
        | PrincipalClass::User { account, .. }
        | PrincipalClass::Session { account, .. }
        | PrincipalClass::FederatedUser { account, .. }
        | PrincipalClass::SamlProvider { account, .. } => Some(account),
        PrincipalClass::OidcProvider { account, .. } => account,
        _ => None,
    }
}

fn aws(text: &str) -> Option<PrincipalClass<'_>> {
    if text == "*" {
        return Some(PrincipalClass::Everyone);
    }
    if is_account(text) {
        return Some(PrincipalClass::Account(text));
    }
    if is_unique_id(text) {
        return Some(PrincipalClass::Deleted(text));
    }
    let (service, account, resource) = arn(text)?;
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    match (service, kind) {
        ("iam", "root") if name.is_empty() => Some(PrincipalClass::Account(account)),
        (_, _) if !is_plain(name) => None,
        ("iam", "role") => Some(PrincipalClass::Role { account, name }),
        ("iam", "user") => Some(PrincipalClass::User { account, name }),
        ("sts", "assumed-role") => {
            let (role, session) = name.split_once('/')?;
            Some(PrincipalClass::Session { account, role, session })
        }
        ("sts", "federated-user") => Some(PrincipalClass::FederatedUser { account, name }),
        _ => None,
    }
}

fn federated(text: &str) -> Option<PrincipalClass<'_>> {
    if !text.starts_with("arn:") {
        return is_plain(text).then_some(PrincipalClass::OidcProvider { account: None, provider: text });
    }
    let ("iam", account, resource) = arn(text)? else {
        return None;
    };
    let (kind, name) = resource.split_once('/')?;
    match kind {
        _ if !is_plain(name) => None,
        "saml-provider" => Some(PrincipalClass::SamlProvider { account, name }),
        "oidc-provider" => Some(PrincipalClass::OidcProvider { account: Some(account), provider: name }),
        _ => None,
    }
}

/// Service, account and resource of an ARN of a known partition and a whole account id.
fn arn(text: &str) -> Option<(&str, &str, &str)> {
    let [head, partition, service, _, account, resource] = parts_of(text)?;
    let known = head == "arn" && PARTITIONS.contains(&partition) && is_account(account);
    known.then_some((service, account, resource))
}

pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// IAM User Guide, "IAM identifiers", unique identifiers.
fn is_unique_id(text: &str) -> bool {
    let known = ["AROA", "AIDA"].iter().any(|prefix| text.starts_with(prefix));
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    known && text.len() >= 16 && text.bytes().all(plain)
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains(['*', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(kind: PrincipalKind, value: &str) -> Principal {
        Principal { kind, value: value.to_owned() }
    }

    #[test]
    fn each_form_is_told_apart() {
        let account = "111122223333";
        for (text, expected) in [
            ("*", PrincipalClass::Everyone),
            (account, PrincipalClass::Account(account)),
            ("arn:aws:iam::111122223333:root", PrincipalClass::Account(account)),
            ("arn:aws-cn:iam::111122223333:root", PrincipalClass::Account(account)),
            ("arn:aws-us-gov:iam::111122223333:role/team/x", PrincipalClass::Role { account, name: "team/x" }),
            ("arn:aws:iam::111122223333:user/x", PrincipalClass::User { account, name: "x" }),
            (
                "arn:aws:sts::111122223333:assumed-role/x/y",
                PrincipalClass::Session { account, role: "x", session: "y" },
            ),
            ("arn:aws:sts::111122223333:federated-user/x", PrincipalClass::FederatedUser { account, name: "x" }),
        ] {
            assert_eq!(classify(&principal(PrincipalKind::Aws, text)), expected, "{text}");
        }
    }

    #[test]
    fn federated_forms() {
        let account = "111122223333";
        for (text, expected) in [
            ("arn:aws:iam::111122223333:saml-provider/corp", PrincipalClass::SamlProvider { account, name: "corp" }),
            (
                "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB",
                PrincipalClass::OidcProvider {
                    account: Some(account),
                    provider: "oidc.eks.eu-west-1.amazonaws.com/id/AB",
                },
            ),
            (
                "cognito-identity.amazonaws.com",
                PrincipalClass::OidcProvider { account: None, provider: "cognito-identity.amazonaws.com" },
            ),
            ("*", PrincipalClass::Unrecognized("*")),
            ("arn:aws:iam::111122223333:role/x", PrincipalClass::Unrecognized("arn:aws:iam::111122223333:role/x")),
        ] {
            assert_eq!(classify(&principal(PrincipalKind::Federated, text)), expected, "{text}");
        }
    }

    #[test]
    fn row_57_deleted_principals_grant_nobody_and_have_no_account() {
        for text in ["AROAEXAMPLEID1234567", "AIDAEXAMPLEID1234567"] {
            let gone = principal(PrincipalKind::Aws, text);
            assert_eq!(classify(&gone), PrincipalClass::Deleted(text));
            assert_eq!(account_of(&gone), None);
        }
    }

    #[test]
    fn row_38_wildcards_inside_an_arn_are_not_recognized() {
        for text in [
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:root",
            "arn:aws:iam::111122223333:group/x",
            "arn:aws:iam::cloudfront:user/x",
            "arn:aws:iam::111122223333:root/x",
            "arn:aws:sts::111122223333:assumed-role/x",
            "arn:evil:iam::111122223333:root",
            "",
            "AROA",
        ] {
            let odd = principal(PrincipalKind::Aws, text);
            assert_eq!(classify(&odd), PrincipalClass::Unrecognized(text));
        }
    }

    #[test]
    fn accounts_are_read_from_arns() {
        let role = principal(PrincipalKind::Aws, "arn:aws:iam::111122223333:role/x");
        assert_eq!(account_of(&role), Some("111122223333"));
        let service = principal(PrincipalKind::Service, "sagemaker.amazonaws.com");
        assert_eq!(account_of(&service), None);
        assert_eq!(classify(&service), PrincipalClass::Service("sagemaker.amazonaws.com"));
    }
}
