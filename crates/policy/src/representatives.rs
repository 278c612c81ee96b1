//! The caller of a comparison as a table: callers that stand for all, and for each principal
//! element which of them it names. Actions and resources are in `columns`.

use crate::answer::Answer;
use crate::boxes::MOST_ROWS;
use crate::callers::Named;
use crate::columns::{Cell, Column, HOME, Opens, Reading, Value};
use crate::document::{Principal, PrincipalKind, Principals};
use crate::principal::{PrincipalClass, classify};
use crate::request::Request;
use crate::trial::{Trial, World};

/// An account that no policy names.
const STRANGER: &str = "999988887777";

/// Callers that stand for all: everyone who is named, and for each kind of caller somebody who
/// is not; a test for each principal element.
pub(crate) fn principals(tests: &[&Principals], reading: &Reading, opens: &mut Opens) -> Result<Column, String> {
    let mut column = Column::default();
    if !reading.plain && tests.iter().all(|test| test.is_everyone()) {
        let caller = format!("arn:aws:iam::{STRANGER}:role/plumbline-stranger");
        column.add(Value::One(caller), vec![Cell::Yes; tests.len()]);
        return Ok(column);
    }
    let of = |test: &&Principals| if reading.plain { Named::new(test) } else { Named::new(&alike(test)) };
    let named: Vec<Named> = tests.iter().map(of).collect();
    for text in representatives(tests) {
        let Some(request) = stands_for(&text) else {
            continue;
        };
        let mut cells = Vec::with_capacity(named.len());
        for test in &named {
            let trial = Trial::new(&request, World::default());
            cells.push(match test.names(&trial, false).any() {
                Answer::Yes => Cell::Yes,
                Answer::No => Cell::No,
                Answer::Undecidable => opens.ask(format!("{} (`{text}`)", trial.into_notes().join("; "))),
            });
        }
        // Callers differ in the keys that their requests have, too.
        if reading.plain && column.rows.len() <= MOST_ROWS {
            column.rows.push((Value::One(text), cells));
        } else {
            column.add(Value::One(text), cells);
        }
    }
    column.checked("the caller")
}

/// `"*"` and `{"AWS": "*"}` are the same (IAM User Guide, "AWS JSON policy elements: Principal").
fn alike(test: &Principals) -> Principals {
    let mut test = test.clone();
    for member in &mut test.members {
        if member.is_everyone() {
            member.kind = PrincipalKind::Everyone;
        }
    }
    test
}

/// A request of a caller.
pub(crate) fn stands_for(principal: &str) -> Option<Request> {
    ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]
        .iter()
        .find_map(|action| Request::new(principal, action, "*", Some(HOME), Vec::new()).ok())
}

fn representatives(tests: &[&Principals]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut accounts: Vec<&str> = Vec::new();
    let mut members: Vec<&Principal> = tests.iter().flat_map(|test| &test.members).collect();
    members.sort_unstable();
    members.dedup();
    for member in members {
        let text = member.value.as_str();
        let mut account_is = |account| {
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        };
        match classify(member) {
            PrincipalClass::Role { account, name } => {
                account_is(account);
                all.push(text.to_owned());
                let name = name.rsplit('/').next().unwrap_or(name);
                let partition = text.split(':').nth(1).unwrap_or("aws");
                all.push(format!("arn:{partition}:sts::{account}:assumed-role/{name}/plumbline-session"));
            }
            PrincipalClass::Session { account, role, .. } => {
                account_is(account);
                all.push(text.to_owned());
                let partition = text.split(':').nth(1).unwrap_or("aws");
                all.push(format!("arn:{partition}:sts::{account}:assumed-role/{role}/plumbline-session"));
                all.push(format!("arn:{partition}:iam::{account}:role/{role}"));
            }
            PrincipalClass::User { account, .. } | PrincipalClass::FederatedUser { account, .. } => {
                account_is(account);
                all.push(text.to_owned());
            }
            PrincipalClass::Account(account) => account_is(account),
            PrincipalClass::Service(_) | PrincipalClass::SamlProvider { .. } | PrincipalClass::OidcProvider { .. } => {
                all.push(text.to_owned());
            }
            _ => {}
        }
    }
    for account in &accounts {
        all.push(format!("arn:aws:iam::{account}:role/plumbline-other"));
        all.push(format!("arn:aws:sts::{account}:assumed-role/plumbline-other/plumbline-session"));
        all.push(format!("arn:aws:iam::{account}:root"));
        all.push(format!("arn:aws:iam::{account}:user/plumbline-user"));
        all.push(format!("arn:aws:sts::{account}:federated-user/plumbline-user"));
    }
    let stranger = [STRANGER, "999988886666", "999988885555"].into_iter().find(|own| !accounts.contains(own));
    if let Some(account) = stranger {
        all.push(format!("arn:aws:iam::{account}:role/plumbline-stranger"));
        all.push(format!("arn:aws:sts::{account}:assumed-role/plumbline-stranger/plumbline-session"));
        all.push(format!("arn:aws:iam::{account}:root"));
        all.push(format!("arn:aws:iam::{account}:user/plumbline-stranger"));
        all.push(format!("arn:aws:sts::{account}:federated-user/plumbline-stranger"));
    }
    all.push("anonymous".to_owned());
    all.push("plumbline.amazonaws.com".to_owned());
    all.push(format!("arn:aws:iam::{HOME}:saml-provider/plumbline-provider"));
    all
}
