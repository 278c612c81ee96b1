//! One way to see a request while deciding it: the keys it holds, what variables turn into,
//! the steps left, and why something stays open. Rules of evaluation do not belong here.

use std::cell::{Cell, RefCell};

use crate::answer::Answer;
use crate::matching::Budget;
use crate::pattern::Token;
use crate::request::{ContextValue, Request};

/// Most reasons that are kept; one is enough to say why nothing is certain.
const MOST_NOTES: usize = 6;

/// Longest pattern with its variables replaced, in characters.
const MOST_TOKENS: usize = 64 * 1024;

/// What a line may leave open about the context, and how it is taken in one trial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct World {
    /// Keys that AWS puts into every request are there, although the request leaves them out.
    pub(crate) implied: bool,
    /// `aws:SourceIp` is not there, since the request comes through a VPC endpoint.
    pub(crate) without_source_ip: bool,
}

/// What a key holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found<'a> {
    Absent,
    One(&'a str),
    Many(&'a [String]),
    /// It is there; its value does not follow from the request.
    Hidden,
}

/// A pattern with its variables replaced.
pub(crate) enum Filled {
    /// A variable has no value.
    Absent,
    /// A variable cannot be replaced for certain; the reason is noted.
    Open,
    /// With values as literal text, and, if a value holds `*` or `?`, with these as wildcards.
    Tokens { literal: Vec<Token>, wild: Option<Vec<Token>> },
}

pub(crate) struct Trial<'a> {
    pub(crate) request: &'a Request,
    pub(crate) budget: Budget,
    world: World,
    /// What of the world was asked for where it makes a difference.
    touched: Cell<World>,
    about: Cell<Option<&'static str>>,
    notes: RefCell<Vec<String>>,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(request: &'a Request, world: World) -> Self {
        let touched = Cell::new(World::default());
        Trial { request, budget: Budget::new(), world, touched, about: Cell::new(None), notes: RefCell::default() }
    }

    /// A key that was asked for and that the request leaves open.
    pub(crate) fn about(&self) -> Option<&'static str> {
        self.about.get()
    }

    pub(crate) fn touched(&self) -> World {
        self.touched.get()
    }

    /// What a key, in lower case, holds.
    pub(crate) fn look(&self, folded: &str) -> Found<'a> {
        if let Some(value) = self.request.folded_value(folded) {
            // IAM User Guide, "AWS global condition context keys": a request through a VPC
            // endpoint has no aws:SourceIp, so both together leave open which one is so.
            if folded == "aws:sourceip" && self.has("aws:sourcevpce") {
                self.touch(|world| world.without_source_ip = true);
                if self.world.without_source_ip {
                    return Found::Absent;
                }
            }
            return match value {
                ContextValue::One(text) => Found::One(text),
                ContextValue::Many(list) => Found::Many(list),
            };
        }
        let Some(implied) = self.request.implied(folded) else {
            return Found::Absent;
        };
        self.touch(|world| world.implied = true);
        self.about.set(Some(implied.key));
        match (implied.value, self.world.implied) {
            (_, false) => Found::Absent,
            (Some(value), true) => Found::One(value),
            (None, true) => Found::Hidden,
        }
    }

    pub(crate) fn has(&self, folded: &str) -> bool {
        self.request.folded_value(folded).is_some()
    }

    fn touch(&self, change: impl FnOnce(&mut World)) {
        let mut world = self.touched.get();
        change(&mut world);
        self.touched.set(world);
    }

    /// `Undecidable`, with the reason.
    pub(crate) fn open(&self, why: impl FnOnce() -> String) -> Answer {
        let mut notes = self.notes.borrow_mut();
        if notes.len() < MOST_NOTES {
            let why = why();
            if !notes.contains(&why) {
                notes.push(why);
            }
        }
        Answer::Undecidable
    }

    /// A point to which [`Trial::forget_since`] goes back.
    pub(crate) fn mark(&self) -> usize {
        self.notes.borrow().len()
    }

    /// Drops the reasons of a question that was settled after all.
    pub(crate) fn forget_since(&self, mark: usize) {
        self.notes.borrow_mut().truncate(mark);
    }

    pub(crate) fn into_notes(self) -> Vec<String> {
        let mut notes = self.notes.into_inner();
        if self.budget.is_spent() {
            notes.insert(0, "matching takes more steps than the budget allows".to_owned());
        }
        notes
    }

    /// Replaces variables (IAM User Guide, "IAM policy elements: Variables and tags").
    pub(crate) fn fill(&self, tokens: &[Token]) -> Filled {
        let mut literal = Vec::with_capacity(tokens.len());
        let mut wild = Vec::with_capacity(tokens.len());
        let mut differs = false;
        for token in tokens {
            let Token::Hole(inside) = token else {
                literal.push(token.clone());
                wild.push(token.clone());
                continue;
            };
            let Some(slot) = Slot::read(inside) else {
                self.open(|| format!("the variable `${{{inside}}}` has a form that is not documented"));
                return Filled::Open;
            };
            let value = match self.look(&slot.key.to_ascii_lowercase()) {
                Found::One(text) => text,
                Found::Absent => match slot.default {
                    Some(default) => default,
                    None => return Filled::Absent,
                },
                Found::Many(_) => {
                    self.open(|| format!("the multivalued key `{}` as a variable", slot.key));
                    return Filled::Open;
                }
                Found::Hidden => {
                    self.open(|| hidden(slot.key));
                    return Filled::Open;
                }
            };
            // INVARIANT: a pattern full of variables with long values does not fill the memory.
            if literal.len() + value.len() > MOST_TOKENS || !self.budget.spend(value.len()) {
                self.open(|| "a pattern that is too long with its variables replaced".to_owned());
                return Filled::Open;
            }
            differs |= value.contains(['*', '?']);
            literal.extend(value.chars().map(Token::Literal));
            wild.extend(value.chars().map(|c| match c {
                '*' => Token::Run,
                '?' => Token::One,
                _ => Token::Literal(c),
            }));
        }
        Filled::Tokens { literal, wild: differs.then_some(wild) }
    }
}

/// Why a key that is certainly there does not decide.
pub(crate) fn hidden(key: &str) -> String {
    format!("`{key}` is not given and does not follow from the principal")
}

/// The inside of `${..}`: a key, and perhaps a default.
pub(crate) struct Slot<'a> {
    pub(crate) key: &'a str,
    pub(crate) default: Option<&'a str>,
}

impl<'a> Slot<'a> {
    /// `key` or `key, 'default'`; other forms are not documented.
    pub(crate) fn read(inside: &'a str) -> Option<Self> {
        let (key, default) = match inside.split_once(',') {
            None => (inside, None),
            Some((key, rest)) => {
                let default = rest.strip_prefix(" '")?.strip_suffix('\'')?;
                (key, Some(default))
            }
        };
        let plain = !key.is_empty() && key.trim() == key && !key.contains(['\'', '"', '$', '{', '*', '?']);
        let default_is_plain = default.is_none_or(|d| !d.contains('\''));
        (plain && default_is_plain).then_some(Slot { key, default })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{Pattern, Variables};

    fn request(principal: &str, context: &str) -> Request {
        let text = format!(
            r#"{{"principal":"{principal}","action":"s3:GetObject","resource":"arn:aws:s3:::b/k",
            "resource_account":"111122223333","context":{context}}}"#
        );
        Request::parse(&text).unwrap()
    }

    fn filled(request: &Request, implied: bool, text: &str) -> String {
        let trial = Trial::new(request, World { implied, ..World::default() });
        let pattern = Pattern::glob(text, Variables::Live);
        match trial.fill(pattern.tokens()) {
            Filled::Absent => "absent".to_owned(),
            Filled::Open => trial.into_notes().join("; "),
            Filled::Tokens { literal, wild } => {
                let text = Pattern::from_tokens("", literal, false).text_of_tokens();
                if wild.is_some() { format!("{text} or with wildcards") } else { text }
            }
        }
    }

    #[test]
    fn rows_23_25_27_29_variables() {
        let context = r#"{"aws:PrincipalTag/team":"red","aws:TagKeys":["a"],"aws:PrincipalTag/odd":"r*"}"#;
        let alice = request("arn:aws:iam::111122223333:user/alice", context);
        for (text, expected) in [
            ("a/${AWS:principaltag/team}/*", "a/red/*"),
            ("${aws:PrincipalTag/none}", "absent"),
            ("${aws:PrincipalTag/none, 'blue'}", "blue"),
            ("${aws:PrincipalTag/team, 'blue'}", "red"),
            ("${aws:PrincipalTag/team,'blue'}", "the variable `${aws:PrincipalTag/team,'blue'}` has a form"),
            ("${aws:TagKeys}", "the multivalued key `aws:TagKeys` as a variable"),
            ("${aws:PrincipalTag/odd}", "r* or with wildcards"),
            ("${*}", "*"),
            ("${aws:username}", "absent"),
        ] {
            let found = filled(&alice, false, text);
            assert!(found.starts_with(expected), "{text}: {found}");
        }
        assert_eq!(filled(&alice, true, "${aws:username}"), "alice");
    }

    #[test]
    fn row_35_the_arn_of_a_session_is_not_the_role() {
        let session = request("arn:aws:sts::111122223333:assumed-role/reader/job-1", "{}");
        assert!(filled(&session, true, "${aws:PrincipalArn}").contains("does not follow"));
        assert_eq!(filled(&session, true, "${aws:PrincipalAccount}"), "111122223333");
    }

    #[test]
    fn row_34_an_address_beside_an_endpoint_is_open() {
        let both = request("anonymous", r#"{"aws:SourceIp":"192.0.2.1","aws:SourceVpce":"vpce-1"}"#);
        let trial = Trial::new(&both, World::default());
        assert!(matches!(trial.look("aws:sourceip"), Found::One("192.0.2.1")));
        assert!(trial.touched().without_source_ip);
        let without = Trial::new(&both, World { without_source_ip: true, ..World::default() });
        assert!(matches!(without.look("aws:sourceip"), Found::Absent));
    }
}
