//! Exact answers about condition keys and Denies: is every use of an action confined to wanted
//! values, does a policy deny every request of a kind? The table of shapes that answers the first
//! without looking for a request is in `gated`; the search is in `compare`.

use crate::compare::Terms;
use crate::comparison::ComparedKind;
use crate::compiled::Policy;
use crate::condition::{Condition, Family, Operator, SetOperator};
use crate::decide::Cited;
use crate::document::Document;
use crate::effective::Effective;
use crate::gated::{KeyKind, Question, same_key};
use crate::may::{Asked, actions, allowed, asked, denies_of, denying, reference};
use crate::pattern::{Pattern, Variables};
use crate::request::Request;

/// Whether something holds of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It does, under the assumptions of [`compare`](crate::compare).
    Proven {
        /// The Denies that see to it, and the Allows that their own conditions keep from it; none
        /// when no Allow speaks of such a request.
        by: Vec<Cited>,
    },
    /// Not of the witness.
    Refuted {
        /// A request of which it does not hold.
        witness: Box<Request>,
        /// The statements that allow it, the boundary's last; none where no Allow is needed.
        by: Vec<Cited>,
    },
    /// Neither is shown.
    Unknown {
        /// The construct or the budget that leaves it open.
        because: String,
    },
}

impl From<Asked> for Claim {
    fn from(exception: Asked) -> Self {
        match exception {
            Asked::Yes { witness, by } => Claim::Refuted { witness, by },
            Asked::No { by } => Claim::Proven { by },
            Asked::Unknown { because } => Claim::Unknown { because },
        }
    }
}

/// Whether every use of an action that the policies of a user or role allow has wanted values of
/// a key, and has the key. It is so, too, when they do not allow the action at all.
///
/// The kind of the key counts: one that is not [`KeyKind::Multi`] has one value in a request, under
/// set operators too. With a closed list of values ([`Wanted::among`](crate::Wanted::among)) no
/// other values are looked at. A request that the question's carve-outs leave out is none of those
/// asked about: of an AWS service, where services may be left out, and of principals that may be.
///
/// ```
/// use plumbline_policy::{CarveOuts, Claim, Effective, KeyKind, Policy, Question, Wanted, gated_exactly, parse};
///
/// let text = r#"{"Statement": [
///     {"Effect": "Allow", "Action": "sagemaker:Create*", "Resource": "*"},
///     {"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*",
///      "Condition": {"StringNotEquals": {"sagemaker:RootAccess": "Disabled"}}}
/// ]}"#;
/// let policy = Policy::from(parse(text)?);
/// let wanted = Wanted::values(["Disabled"]);
/// let question =
///     Question { key: "sagemaker:RootAccess", kind: KeyKind::Single, wanted: &wanted, carve_outs: CarveOuts::NONE };
/// let claim = gated_exactly(&Effective::from(&policy), "sagemaker:CreateNotebookInstance", &question);
/// assert!(matches!(claim, Claim::Proven { by } if by.len() == 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn gated_exactly(held: &Effective<'_>, action: &str, question: &Question<'_>) -> Claim {
    // A negated operator for ARNs leaves open what is none, so that it proves the most where the
    // policies have such operators too.
    let arns = |key: &str| {
        let on_key = |c: &Condition| same_key(&c.key, key) && c.operator.base.family() == Family::Arn;
        held.statements().any(|(_, statement)| statement.conditions.iter().any(on_key))
    };
    let unwanted = match unwanted(question, arns) {
        Ok(unwanted) => unwanted,
        Err(because) => return Claim::Unknown { because: because.to_owned() },
    };
    let actions = match actions(action) {
        Ok(actions) => actions,
        Err(because) => return Claim::Unknown { because },
    };
    let deny = |conditions| denying(actions.clone(), Pattern::glob("*", Variables::Plain), conditions);
    let folded = question.key.to_ascii_lowercase();
    let single = (question.kind != KeyKind::Multi).then_some(folded.as_str());
    allowed(held, unwanted.into_iter().map(deny).collect(), single).into()
}

/// Whether a policy denies every request that some statement of a document speaks of, whatever
/// that statement's effect: the policy's Denies alone count. In a policy that has principals
/// the statements of the document need one too.
///
/// ```
/// use plumbline_policy::{Claim, ComparedKind, Policy, denies_exactly, parse};
///
/// let statement = |operator: &str| {
///     let text = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
///         "Condition": {"NAME": {"aws:SecureTransport": "false"}}}}"#;
///     parse(&text.replace("NAME", operator))
/// };
/// let plaintext = statement("BoolIfExists")?;
/// let misses_absent = Policy::from(statement("Bool")?);
/// let Claim::Refuted { witness, .. } = denies_exactly(ComparedKind::Resource, &misses_absent, &plaintext) else {
///     return Err("denied".into());
/// };
/// assert_eq!(witness.value("aws:SecureTransport"), None);
/// let whole = Policy::from(plaintext.clone());
/// assert!(matches!(denies_exactly(ComparedKind::Resource, &whole, &plaintext), Claim::Proven { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn denies_exactly(kind: ComparedKind, policy: &Policy, requests: &Document) -> Claim {
    let denied = reference(denies_of(requests).into_iter());
    let names = ["what is asked", "the policy"];
    let (kind, trust) = (kind.policy(), kind == ComparedKind::Trust);
    let terms = Terms { kind, trust, granted: true, single: None, proven: true, names };
    asked(terms, &policy.into(), &denied).into()
}

/// The conditions, one list or another, under which a use is not as it is wanted.
fn unwanted(question: &Question<'_>, arns: impl Fn(&str) -> bool) -> Result<Vec<Vec<Condition>>, &'static str> {
    let Question { key, kind, wanted, carve_outs } = *question;
    let multi = kind == KeyKind::Multi;
    let set = if multi { SetOperator::ForAnyValue } else { SetOperator::None };
    let condition = |operator: &str, key: &str, values: &[&str]| Condition {
        operator: Operator::new(operator),
        key: key.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        variables: Variables::Plain,
    };
    let absent = || vec![condition("Null", key, &["true"])];
    let mut all = match wanted.unwanted(key) {
        Some(unwanted) if unwanted.is_empty() => vec![absent()],
        Some(unwanted) => {
            let operator = match kind {
                KeyKind::Single => "StringEquals",
                KeyKind::Multi => "ForAnyValue:StringEquals",
                KeyKind::Boolean => "Bool",
                KeyKind::Address => "IpAddress",
            };
            vec![absent(), vec![condition(operator, key, &unwanted)]]
        }
        None if kind == KeyKind::Boolean => return Err("a boolean key without the list of its values"),
        None => match wanted.unmet(key, set, arns(key))? {
            // Nothing is wanted.
            None => vec![Vec::new()],
            Some(unmet) if multi => vec![absent(), vec![unmet]],
            Some(unmet) => vec![vec![unmet]],
        },
    };
    let mut narrowing = Vec::new();
    if carve_outs.services {
        narrowing
            .extend(["aws:PrincipalIsAWSService", "aws:ViaAWSService"].map(|key| condition("Bool", key, &["false"])));
    }
    if let Some(principals) = carve_outs.principals {
        let key = "aws:PrincipalArn";
        narrowing.extend(principals.unmet(key, SetOperator::None, arns(key))?);
    }
    for conditions in &mut all {
        conditions.extend(narrowing.iter().cloned());
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
