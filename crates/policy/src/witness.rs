//! A request out of a cell of the tables. Finding the cell is `compare`'s business, and whether
//! policies allow the request is in `effective`.

use crate::boxes::Cells;
use crate::columns::{HOME, HOME_ROLE, Value};
use crate::keys::IMPLIED;
use crate::principal::is_account;
use crate::request::{ContextEntry, ContextValue, Request, RequestError, account_in};
use crate::tables::{Tables, Variable};

/// The first request of a cell. What no statement looks at is filled with something plain.
///
/// # Errors
/// When such a request cannot be written down.
pub(crate) fn request(tables: &Tables, cells: &Cells, trust: bool) -> Result<Request, RequestError> {
    let mut caller = HOME_ROLE.to_owned();
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
    // The account in the ARN of a resource is that of the resource, and of a caller that no policy
    // looks at.
    let named = tables.variables.iter().any(|(variable, _)| *variable == Variable::Caller);
    let stated = account_in(&resource).ok().flatten();
    if let Some(account) = stated.filter(|account| !named && *account != HOME && is_account(account)) {
        caller = caller.replace(HOME, account);
    }
    Request::of(&caller, &action, &resource, [None, Some(HOME)], context)
}

/// The same request with what follows from its caller and its resource in place of what it says of
/// them, if it says anything else: of two witnesses the better one.
pub(crate) fn consistent(request: &Request) -> Option<Request> {
    let about = |entry: &&ContextEntry| IMPLIED.iter().any(|(key, _)| entry.key.eq_ignore_ascii_case(key));
    if !request.context().iter().any(|entry| about(&entry)) {
        return None;
    }
    let account = Some(request.resource_account());
    let of = |context| Request::new(request.principal(), request.action(), request.resource(), account, context).ok();
    let pair = |entry: &ContextEntry| (entry.key.clone(), entry.value.clone());
    let bare = of(request.context().iter().filter(|entry| !about(entry)).map(pair).collect())?;
    let followed = |entry: &ContextEntry| {
        let implied = bare.implied(&entry.key.to_ascii_lowercase()).and_then(|own| own.value);
        let value = implied.map_or_else(|| entry.value.clone(), |text| ContextValue::One(text.to_owned()));
        (entry.key.clone(), value)
    };
    of(request.context().iter().map(followed).collect()).filter(|other| other != request)
}
