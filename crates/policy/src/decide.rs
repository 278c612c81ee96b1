//! Is this request allowed? All policies that have a say, weighed as AWS does. How a statement
//! meets a request is in `compiled` and `checks`, how kinds of policies combine in `layers`.

use std::fmt;

use crate::compiled::{Policy, PolicyKind};
use crate::layers;
use crate::request::Request;
use crate::trial::World;

/// All policies that may have a say about a request. Those that the caller cannot have (identity
/// policies of a service, an unsigned request or the root user) have none.
#[derive(Clone, Debug, Default)]
pub struct PolicySet {
    /// Of the caller and its groups, inline and managed.
    pub identity: Vec<Policy>,
    /// Of the resource: a bucket policy, a key policy, a role's trust policy, ..
    pub resource: Option<Policy>,
    /// The caller's permissions boundary.
    pub boundary: Option<Policy>,
    /// Passed when the caller's session was made; an Allow of any of them is enough.
    pub session: Vec<Policy>,
    /// Of the caller's account: one list for each level from the organization's root down to the
    /// account; empty without an organization.
    pub scps: Vec<Vec<Policy>>,
    /// Of the resource's account, by level. RCPFullAWSAccess is implied.
    pub rcps: Vec<Vec<Policy>>,
    /// Of the VPC endpoint, if the request comes through one.
    pub endpoint: Option<Policy>,
}

/// A statement that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// What its policy is.
    pub kind: PolicyKind,
    /// The level of an SCP or RCP, from 0 at the root; 0 for others.
    pub level: usize,
    /// The policy's position in its list, from 0.
    pub policy: usize,
    /// The statement's position in the policy, from 0.
    pub statement: usize,
    /// Its `Sid`.
    pub sid: Option<String>,
}

/// What AWS answers to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Every policy that has a say allows it.
    Allow {
        /// Statements that allow, at least one of each kind that has to.
        by: Vec<Cited>,
        /// What allows besides statements.
        besides: Option<&'static str>,
    },
    /// A Deny matches.
    ExplicitDeny {
        /// That Deny; there may be others.
        by: Cited,
    },
    /// No Deny matches, and an Allow is missing.
    ImplicitDeny {
        /// The kinds of policy in which one is missing. Of identity and resource policy one would
        /// do, unless the accounts differ.
        lacks: Vec<PolicyKind>,
    },
    /// The policies and the request do not settle it.
    Unknown {
        /// The constructs that leave it open; never empty.
        because: Vec<String>,
    },
}

impl Decision {
    /// As the command prints it: `ALLOW`, `EXPLICIT_DENY`, `IMPLICIT_DENY` or `UNKNOWN`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Decision::Allow { .. } => "ALLOW",
            Decision::ExplicitDeny { .. } => "EXPLICIT_DENY",
            Decision::ImplicitDeny { .. } => "IMPLICIT_DENY",
            Decision::Unknown { .. } => "UNKNOWN",
        }
    }

    /// Whether the request is certainly allowed.
    #[must_use]
    pub fn is_allow(&self) -> bool {
        matches!(self, Decision::Allow { .. })
    }

    /// Whether the request is certainly denied, in either way.
    #[must_use]
    pub fn is_deny(&self) -> bool {
        matches!(self, Decision::ExplicitDeny { .. } | Decision::ImplicitDeny { .. })
    }

    /// By which statements, or why not, in words.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Decision::Allow { by, besides } => {
                let said = besides.iter().map(|text| (*text).to_owned());
                let cited = by.iter().map(ToString::to_string);
                format!("allowed by {}", listed(said.chain(cited)))
            }
            Decision::ExplicitDeny { by } => format!("denied by {by}"),
            Decision::ImplicitDeny { lacks } => {
                format!("no Allow in the {}", listed(lacks.iter().map(ToString::to_string)))
            }
            Decision::Unknown { because } => because.join("; "),
        }
    }
}

fn listed(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.concat(),
    }
}

impl fmt::Display for Cited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {}", self.statement)?;
        if let Some(sid) = &self.sid {
            write!(f, " `{}`", crate::parse::shown(sid))?;
        }
        write!(f, " of the {}", self.kind)?;
        match self.kind {
            PolicyKind::ServiceControl | PolicyKind::ResourceControl => {
                write!(f, " {} at level {}", self.policy, self.level)
            }
            PolicyKind::Identity | PolicyKind::Session => write!(f, " {}", self.policy),
            _ => Ok(()),
        }
    }
}

/// Decides a request (IAM User Guide, "How AWS enforcement code logic evaluates requests to allow
/// or deny access" and "Cross-account policy evaluation logic").
///
/// What the documentation does not settle is `Unknown`, with the reason, unless the verdict is
/// the same either way. The context of the request is taken as it is; keys that AWS puts into
/// every request and that follow from it (`aws:PrincipalArn`, `aws:PrincipalAccount`,
/// `aws:PrincipalType`, `aws:username`, `aws:PrincipalIsAWSService`, `aws:PrincipalServiceName`,
/// `aws:ResourceAccount`) are tried absent and present where it lacks them. Grants of AWS KMS,
/// access control lists and Block Public Access of Amazon S3 are not looked at.
///
/// ```
/// use plumbline_policy::{PolicySet, Request, decide, parse};
///
/// let identity = parse(r#"{"Statement": {"Sid": "Read", "Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}"#)?;
/// let policies = PolicySet { identity: vec![identity.into()], ..PolicySet::default() };
/// let request = Request::parse(
///     r#"{"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject",
///         "resource": "arn:aws:s3:::records/a.csv", "resource_account": "111122223333"}"#,
/// )?;
/// let decision = decide(&policies, &request);
/// assert_eq!(decision.reason(), "allowed by statement 0 `Read` of the identity policy 0");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn decide(policies: &PolicySet, request: &Request) -> Decision {
    let seen = layers::weigh(policies, request, World::default());
    if seen.touched == World::default() {
        return seen.decision;
    }
    // What the request leaves open is tried in every combination that some trial asked about.
    let mut touched = seen.touched;
    let mut about = seen.about;
    let mut done = vec![World::default()];
    let decision = seen.decision;
    loop {
        let next = combinations().find(|world| !done.contains(world) && within(*world, touched));
        let Some(world) = next else {
            return decision;
        };
        done.push(world);
        let other = layers::weigh(policies, request, world);
        touched.implied |= other.touched.implied;
        touched.without_source_ip |= other.touched.without_source_ip;
        about = about.or(other.about);
        if other.decision.as_str() != decision.as_str() {
            return disagreement(decision, other.decision, about.unwrap_or("aws:SourceIp"));
        }
    }
}

fn combinations() -> impl Iterator<Item = World> {
    let each = [(true, false), (false, true), (true, true)];
    each.into_iter().map(|(implied, without_source_ip)| World { implied, without_source_ip })
}

fn within(world: World, touched: World) -> bool {
    (touched.implied || !world.implied) && (touched.without_source_ip || !world.without_source_ip)
}

fn disagreement(one: Decision, other: Decision, about: &str) -> Decision {
    match (one, other) {
        (unknown @ Decision::Unknown { .. }, _) | (_, unknown @ Decision::Unknown { .. }) => unknown,
        _ => Decision::Unknown {
            because: vec![format!("the verdict depends on `{about}`, which the request leaves open")],
        },
    }
}

#[cfg(test)]
mod tests;
