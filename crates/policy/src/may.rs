//! Do policies allow any of these requests? Answered exactly, by comparing them with policies
//! that allow everything else: with a witness, or with the statements that prove that there is
//! none. Questions about condition keys and Denies are in `ask`.

use crate::compare::{Terms, weighed};
use crate::comparison::Comparison;
use crate::compiled::{Policy, PolicyKind};
use crate::condition::Condition;
use crate::decide::Cited;
use crate::document::{Actions, Document, Effect, Resources, Sense, Statement, Version};
use crate::effective::Effective;
use crate::pattern::{Pattern, Variables};
use crate::request::{Request, action_name};

/// Whether some request is allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The witness is.
    Yes {
        /// One of the requests asked about.
        witness: Box<Request>,
        /// The statements that allow it, the boundary's last.
        by: Vec<Cited>,
    },
    /// None is. A proof, under the assumptions of [`compare`](crate::compare).
    No {
        /// The Denies that see to it, and the Allows that their own conditions keep from it; none
        /// when no Allow speaks of such a request.
        by: Vec<Cited>,
    },
    /// Neither is shown.
    Unknown {
        /// The construct or the budget that leaves it open.
        because: String,
    },
}

/// Whether a user or role may do this to a resource of this pattern (`*` for any): a request that
/// its policies and its boundary allow. Other policies (service control policies, those of
/// resources and endpoints) can still deny it.
///
/// Conditions count: an Allow whose conditions contradict each other grants nothing, and a Deny
/// with conditions takes away only what it fires on. A pattern of actions (`s3:Get*`) asks for any
/// of them.
///
/// ```
/// use plumbline_policy::{Asked, Effective, Policy, may, parse};
///
/// let text = r#"{"Statement": [
///     {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::records/*"},
///     {"Sid": "Keep", "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*"}
/// ]}"#;
/// let policy = Policy::from(parse(text)?);
/// let held = Effective::from(&policy);
/// let Asked::Yes { witness, .. } = may(&held, "s3:PutObject", "*") else {
///     return Err("not allowed".into());
/// };
/// assert!(witness.resource().starts_with("arn:aws:s3:::records/"));
/// let Asked::No { by } = may(&held, "s3:DeleteObject", "arn:aws:s3:::records/*") else {
///     return Err("not denied".into());
/// };
/// assert_eq!(by.first().and_then(|deny| deny.sid.as_deref()), Some("Keep"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn may(held: &Effective<'_>, action: &str, resource: &str) -> Asked {
    let resource = Pattern::glob(resource, Variables::Plain);
    match actions(action) {
        Ok(actions) => allowed(held, vec![denying(actions, resource, Vec::new())], None),
        Err(because) => Asked::Unknown { because },
    }
}

/// An action or a pattern of some.
///
/// # Errors
/// When it can be none: nobody may do it, and that says nothing.
pub(crate) fn actions(text: &str) -> Result<Pattern, String> {
    let pattern = Pattern::action(text);
    match action_name(text) {
        Err(error) if !pattern.has_wildcards() => Err(error.to_string()),
        _ => Ok(pattern),
    }
}

/// Whether the policies of a user or role allow any request that some statement of a document
/// speaks of, whatever the statement's effect.
#[must_use]
pub fn may_any(held: &Effective<'_>, requests: &Document) -> Asked {
    allowed(held, denies_of(requests), None)
}

/// As [`may_any`] for Denies; `single`: a key, in lower case, that has one value at most.
pub(crate) fn allowed(held: &Effective<'_>, denies: Vec<Statement>, single: Option<&str>) -> Asked {
    let everything = Statement {
        effect: Effect::Allow,
        ..denying(Pattern::action("*"), Pattern::glob("*", Variables::Plain), Vec::new())
    };
    let but_for_these = reference([everything].into_iter().chain(denies));
    let names = ["what is asked", "what is held"];
    let kind = PolicyKind::Identity;
    let terms = Terms { kind, trust: false, granted: false, single, proven: true, names };
    asked(terms, held, &but_for_these)
}

/// Whether the policies allow what the reference does not.
pub(crate) fn asked(terms: Terms<'_>, held: &Effective<'_>, reference: &Policy) -> Asked {
    match weighed(terms, &reference.into(), held) {
        (Comparison::NoNewAccess, by) => Asked::No { by },
        (Comparison::NewAccess { witness, by, .. }, _) => Asked::Yes { witness, by },
        (Comparison::Unknown { because }, _) => Asked::Unknown { because },
    }
}

pub(crate) fn reference(statements: impl Iterator<Item = Statement>) -> Policy {
    let placed = |(index, statement): (usize, Statement)| Statement { index, ..statement };
    let statements = statements.enumerate().map(placed).collect();
    Document { version: Some(Version::V2012), id: None, statements }.into()
}

/// A Deny of an action on a resource under conditions.
pub(crate) fn denying(action: Pattern, resource: Pattern, conditions: Vec<Condition>) -> Statement {
    Statement {
        index: 0,
        sid: None,
        effect: Effect::Deny,
        principals: None,
        actions: Actions { sense: Sense::Only, patterns: vec![action] },
        resources: Some(Resources { sense: Sense::Only, patterns: vec![resource] }),
        conditions,
    }
}

pub(crate) fn denies_of(requests: &Document) -> Vec<Statement> {
    let deny = |statement: &Statement| Statement { effect: Effect::Deny, ..statement.clone() };
    requests.statements.iter().map(deny).collect()
}
