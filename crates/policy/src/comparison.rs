//! What is compared as what, and what a comparison says. How it comes to that is in `compare`.

use crate::compiled::PolicyKind;
use crate::decide::Cited;
use crate::request::Request;

/// What both documents are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ComparedKind {
    /// Of a user, a group or a role.
    Identity,
    /// Of a resource.
    Resource,
    /// Who may assume a role.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// Of a VPC endpoint.
    Endpoint,
    /// Of a KMS key.
    Key,
    /// A service control policy.
    Scp,
    /// A resource control policy; all that it does not deny is allowed.
    Rcp,
    /// Passed when a session is made.
    Session,
}

impl ComparedKind {
    /// By the name that the command `policy compare` takes.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "identity" => ComparedKind::Identity,
            "resource" => ComparedKind::Resource,
            "trust" => ComparedKind::Trust,
            "boundary" => ComparedKind::Boundary,
            "endpoint" => ComparedKind::Endpoint,
            "key" => ComparedKind::Key,
            "scp" => ComparedKind::Scp,
            "rcp" => ComparedKind::Rcp,
            "session" => ComparedKind::Session,
            _ => return None,
        })
    }

    pub(crate) fn policy(self) -> PolicyKind {
        match self {
            ComparedKind::Identity => PolicyKind::Identity,
            ComparedKind::Resource | ComparedKind::Trust | ComparedKind::Key => PolicyKind::Resource,
            ComparedKind::Boundary => PolicyKind::Boundary,
            ComparedKind::Endpoint => PolicyKind::Endpoint,
            ComparedKind::Scp => PolicyKind::ServiceControl,
            ComparedKind::Rcp => PolicyKind::ResourceControl,
            ComparedKind::Session => PolicyKind::Session,
        }
    }
}

/// Whether the candidate allows what the reference does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// No request is allowed by the candidate alone. A proof, under the assumptions of
    /// [`compare`](crate::compare).
    NoNewAccess,
    /// The witness is.
    NewAccess {
        /// A request that the candidate allows and the reference does not.
        witness: Box<Request>,
        /// The statements of the candidate that allow it, the boundary's last; none for what a
        /// resource control policy no longer denies.
        by: Vec<Cited>,
        /// The statement of the reference that denies it; None when an Allow is missing there.
        denied_by: Option<Cited>,
        /// The kind of the reference's policies in which no Allow applies; None when one of its
        /// Denies does.
        lacks: Option<PolicyKind>,
    },
    /// Neither is shown.
    Unknown {
        /// The construct or the budget that leaves it open.
        because: String,
    },
}

impl Comparison {
    /// As the command prints it: `NO_NEW_ACCESS`, `NEW_ACCESS` or `UNKNOWN`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Comparison::NoNewAccess => "NO_NEW_ACCESS",
            Comparison::NewAccess { .. } => "NEW_ACCESS",
            Comparison::Unknown { .. } => "UNKNOWN",
        }
    }

    /// Why, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Comparison::NoNewAccess => "no request is allowed by the candidate alone".to_owned(),
            Comparison::NewAccess { by, denied_by, lacks, .. } => {
                let candidate = match by.as_slice() {
                    [] => "the candidate does not deny it".to_owned(),
                    [only] => format!("the candidate's {only} allows it"),
                    all => {
                        let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                        format!("the candidate's {} allow it", all.join(" and "))
                    }
                };
                match (denied_by, lacks) {
                    (Some(deny), _) => format!("{candidate}; the reference's {deny} denies it"),
                    (None, Some(kind)) => format!("{candidate}; no statement of the reference's {kind} does"),
                    (None, None) => candidate,
                }
            }
            Comparison::Unknown { because } => because.clone(),
        }
    }
}
