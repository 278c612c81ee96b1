//! The caller of a comparison as a table: callers that stand for all, and for each principal
//! element which of them it names. Actions and resources are in `columns`.

use std::sync::LazyLock;

use crate::answer::Answer;
use crate::callers::Named;
use crate::columns::{Cell, Column, HOME, HOME_ROLE, Opens, Reading, Value};
use crate::document::{Principal, Principals};
use crate::parse::MAX_PATTERN_CHARS;
use crate::principal::{PrincipalClass, classify};
use crate::request::{Asker, Caller, Request, caller};
use crate::trial::{Trial, World};

/// Accounts of which the first that no policy names is that of strangers.
const STRANGERS: [&str; 3] = ["999988887777", "999988886666", "999988885555"];

/// Somebody of each kind whom no policy names, for each account of strangers, and who is of no account.
static UNNAMED: LazyLock<[[Somebody; 5]; 3]> =
    LazyLock::new(|| STRANGERS.map(|account| in_account(account, "plumbline-stranger", "plumbline-stranger")));
static OF_NO_ACCOUNT: LazyLock<Vec<Somebody>> = LazyLock::new(|| {
    let provider = format!("arn:aws:iam::{HOME}:saml-provider/plumbline-provider");
    let all = ["anonymous".to_owned(), "plumbline.amazonaws.com".to_owned(), provider];
    all.into_iter().filter_map(Somebody::new).collect()
});

/// A request with nothing in its context.
static BARE: LazyLock<Option<Request>> = LazyLock::new(|| stands_for(HOME_ROLE));

/// The actions of callers that stand for all, in lower case.
const ASSUMES: [&str; 2] = ["sts:assumerole", "sts:assumerolewithwebidentity"];

/// A caller.
struct Somebody {
    text: String,
    caller: Caller,
    account: Option<String>,
}

impl Somebody {
    /// As [`stands_for`].
    fn new(text: String) -> Option<Self> {
        let found = ASSUMES.iter().find_map(|action| caller(&text, action).ok());
        let (caller, account) = found.filter(|_| text.len() <= MAX_PATTERN_CHARS)?;
        Some(Somebody { text, caller, account })
    }

    fn asker(&self) -> Asker<'_> {
        Asker { principal: &self.text, caller: &self.caller, account: self.account.as_deref() }
    }
}

/// Callers of each kind in an account.
fn in_account(account: &str, role: &str, user: &str) -> [Somebody; 5] {
    let session = Caller::Session { role: role.to_owned() };
    [
        (["arn:aws:iam::", account, ":role/", role, ""], Caller::Role),
        (["arn:aws:sts::", account, ":assumed-role/", role, "/plumbline-session"], session),
        (["arn:aws:iam::", account, ":root", "", ""], Caller::Root),
        (["arn:aws:iam::", account, ":user/", user, ""], Caller::User),
        (["arn:aws:sts::", account, ":federated-user/", user, ""], Caller::FederatedUser),
    ]
    .map(|(parts, caller)| Somebody { text: parts.concat(), caller, account: Some(account.to_owned()) })
}

/// Callers that stand for all: everyone who is named, and for each kind of caller somebody who
/// is not; a test for each principal element.
pub(crate) fn principals(tests: &[&Principals], reading: &Reading, opens: &mut Opens) -> Result<Column, String> {
    let mut column = Column::new(tests.len());
    if !reading.plain && tests.iter().all(|test| test.is_everyone()) {
        let [stranger, ..] = STRANGERS;
        let caller = || Value::One(format!("arn:aws:iam::{stranger}:role/plumbline-stranger"));
        column.add(&vec![Cell::Yes; tests.len()], caller);
        return Ok(column);
    }
    let request = BARE.as_ref().ok_or("no request stands for others")?;
    let of = |test: &&Principals| if reading.plain { Named::new(test) } else { Named::new(test).alike() };
    let named: Vec<Named> = tests.iter().map(of).collect();
    let (by_name, unnamed) = representatives(tests);
    let mut cells = Vec::with_capacity(named.len());
    for somebody in by_name.iter().chain(unnamed).chain(&*OF_NO_ACCOUNT) {
        cells.clear();
        for test in &named {
            let trial = Trial::new(request, World::default());
            cells.push(match test.names_asker(somebody.asker(), &trial, false).any() {
                Answer::Yes => Cell::Yes,
                Answer::No => Cell::No,
                Answer::Undecidable => opens.ask(format!("{} (`{}`)", trial.into_notes().join("; "), somebody.text)),
            });
        }
        let value = || Value::One(somebody.text.clone());
        // Callers differ in the keys that their requests have, too.
        if reading.plain { column.push(&cells, value) } else { column.add(&cells, value) }
    }
    column.checked(|| "the caller".to_owned())
}

/// A request of a caller.
pub(crate) fn stands_for(principal: &str) -> Option<Request> {
    ASSUMES.iter().find_map(|action| Request::new(principal, action, "*", Some(HOME), Vec::new()).ok())
}

/// Whom the elements name, somebody else in each account that they name, and strangers.
fn representatives(tests: &[&Principals]) -> (Vec<Somebody>, &'static [Somebody]) {
    let mut all: Vec<Somebody> = Vec::new();
    let mut accounts: Vec<&str> = Vec::new();
    let mut members: Vec<&Principal> = tests.iter().flat_map(|test| &test.members).collect();
    members.sort_unstable();
    members.dedup();
    for member in members {
        let text = member.value.as_str();
        let mut is = |text: String| all.extend(Somebody::new(text));
        let mut account_is = |account| {
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        };
        match classify(member) {
            PrincipalClass::Role { account, name } => {
                account_is(account);
                is(text.to_owned());
                let name = name.rsplit('/').next().unwrap_or(name);
                let partition = text.split(':').nth(1).unwrap_or("aws");
                is(format!("arn:{partition}:sts::{account}:assumed-role/{name}/plumbline-session"));
            }
            PrincipalClass::Session { account, role, .. } => {
                account_is(account);
                is(text.to_owned());
                let partition = text.split(':').nth(1).unwrap_or("aws");
                is(format!("arn:{partition}:sts::{account}:assumed-role/{role}/plumbline-session"));
                is(format!("arn:{partition}:iam::{account}:role/{role}"));
            }
            PrincipalClass::User { account, .. } | PrincipalClass::FederatedUser { account, .. } => {
                account_is(account);
                is(text.to_owned());
            }
            PrincipalClass::Account(account) => account_is(account),
            PrincipalClass::Service(_) | PrincipalClass::SamlProvider { .. } | PrincipalClass::OidcProvider { .. } => {
                is(text.to_owned());
            }
            _ => {}
        }
    }
    for account in &accounts {
        all.extend(in_account(account, "plumbline-other", "plumbline-user"));
    }
    let stranger = STRANGERS.iter().zip(&*UNNAMED).find(|(own, _)| !accounts.contains(own));
    (all, stranger.map_or(&[], |(_, unnamed)| unnamed.as_slice()))
}
