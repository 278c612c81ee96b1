//! A request out of a cell of the tables. Finding the cell is `compare`'s business, and whether
//! policies allow the request is in `effective`.

use crate::boxes::Cells;
use crate::columns::{HOME, Value};
use crate::request::{ContextValue, Request, RequestError};
use crate::tables::{Tables, Variable};

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
