//! A request out of a cell of the tables, and whether one document allows it. Finding the cell
//! is `compare`'s business.

use crate::answer::Answer;
use crate::boxes::Cells;
use crate::columns::{HOME, Value};
use crate::compiled::{Policy, PolicyKind};
use crate::document::Effect;
use crate::request::{ContextValue, Request, RequestError};
use crate::tables::{Tables, Variable};
use crate::trial::{Trial, World};

/// The first request of a cell. What no statement looks at is filled with something plain.
///
/// # Errors
/// When such a request cannot be written down.
pub(crate) fn request(tables: &Tables, cells: &Cells, trust: bool) -> Result<Request, RequestError> {
    let mut caller = format!("arn:aws:iam::{HOME}:role/plumbline-role");
    let mut action = "sts:AssumeRole".to_owned();
    let mut resource = if trust { format!("arn:aws:iam::{HOME}:role/plumbline-role") } else { "*".to_owned() };
    let mut context: Vec<(String, ContextValue)> = Vec::new();
    for ((variable, values), rows) in tables.variables.iter().zip(&cells.0) {
        let Some(value) = rows.least().and_then(|row| values.get(row)) else {
            continue;
        };
        match (variable, value) {
            (Variable::Caller, Value::One(text)) => caller.clone_from(text),
            (Variable::Action, Value::One(text)) => action.clone_from(text),
            (Variable::Resource, Value::One(text)) => resource.clone_from(text),
            (Variable::Key(key), Value::One(text)) => context.push((key.clone(), ContextValue::One(text.clone()))),
            (Variable::Key(key), Value::Many(texts)) => context.push((key.clone(), ContextValue::Many(texts.clone()))),
            _ => {}
        }
    }
    // The account in the ARN of a resource is that of the resource.
    match Request::new(&caller, &action, &resource, None, context.clone()) {
        Err(RequestError::Missing("resource_account")) => {
            Request::new(&caller, &action, &resource, Some(HOME), context)
        }
        other => other,
    }
}

/// Whether a document by itself allows a request: some Allow applies and no Deny does. Of a
/// resource control policy nothing but its Denies counts (AWS Organizations User Guide, "RCP
/// evaluation": RCPFullAWSAccess is attached everywhere). With what was open, if it is open.
pub(crate) fn allows(policy: &Policy, kind: PolicyKind, request: &Request) -> (Answer, Vec<String>) {
    let trial = Trial::new(request, World::default());
    let (mut allowed, mut denied) = (Answer::from(kind == PolicyKind::ResourceControl), Answer::No);
    for (_, ready) in policy.statements() {
        let mark = trial.mark();
        let applies = ready.names(&trial, false).any().and(ready.applies(&trial, kind));
        if applies != Answer::Undecidable {
            trial.forget_since(mark);
        }
        match ready.effect {
            Effect::Allow => allowed = allowed.or(applies),
            Effect::Deny => denied = denied.or(applies),
        }
    }
    let answer = allowed.and(denied.negated());
    let notes = if answer == Answer::Undecidable { trial.into_notes() } else { Vec::new() };
    (answer, notes)
}
