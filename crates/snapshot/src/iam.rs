//! IAM: roles with trust, policies and boundaries. Documents are kept as fetched text, percent-decoded by whoever parses.

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use crate::{Collected, Source, Tags};

/// All roles and managed policies with their documents, in one paged read.
pub const ACCOUNT_AUTHORIZATION_DETAILS: Source = Source {
    service: "iam",
    operation: "GetAccountAuthorizationDetails",
    permissions: &["iam:GetAccountAuthorizationDetails"],
};

/// The reads of this service.
pub const SOURCES: &[&Source] = &[&ACCOUNT_AUTHORIZATION_DETAILS];

/// IAM of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Iam {
    /// Roles by ARN.
    pub roles: Collected<Role>,
    /// Managed policies in use, by ARN: the customer's own, and AWS's where the answer has them.
    pub policies: Collected<ManagedPolicy>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its ARN, path included.
    pub arn: String,
    /// Its name, without the path.
    pub name: String,
    /// Its unique id, `AROA…`.
    pub id: String,
    /// Its path, `/` or `/service-role/`.
    pub path: String,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// The trust policy, percent-encoded as IAM sends it.
    pub trust: Option<String>,
    /// Inline policies by name, percent-encoded as IAM sends them: few for each of many roles.
    pub inline: LiteMap<String, String>,
    /// ARNs of attached managed policies.
    pub attached: Vec<String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: String,
    /// Its name: the last part of the ARN.
    pub name: String,
    /// The version in force, such as `v3`.
    pub default_version: Option<String>,
    /// The document in force, percent-encoded as IAM sends it.
    pub document: Option<String>,
}

impl Iam {
    /// IAM of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self {
            roles: Collected::unread(&ACCOUNT_AUTHORIZATION_DETAILS),
            policies: Collected::unread(&ACCOUNT_AUTHORIZATION_DETAILS),
        }
    }
}
