//! Live policies held against their reference: whether they allow a request that the reviewed documents do not.

use plumbline_findings::{ContextValue, Evidence, Reason, Severity, Witness};
use plumbline_policy::{
    Actions, Cited, ComparedKind, Comparison, Document, Effect, Effective, Pattern, Policy, PolicyKind, Principal,
    PrincipalKind, Principals, Request, Resources, Sense, Statement, Variables, compare_effective, compare_known,
};
use plumbline_snapshot::Source;

use crate::baseline::Environment;
use crate::judge::{Known, Say, Unknown, field};
use crate::tables::known::known_actions;
use crate::world::World;
use crate::world::powers::Held;

/// How many condition keys of a witness a message names.
const FEW_KEYS: usize = 3;

/// The reference documents of something, of one environment.
#[derive(Debug)]
pub(crate) struct Reviewed {
    /// Their files with the beginning of each one's hash, for people.
    pub(crate) words: String,
    policies: Vec<Policy>,
}

/// Live policies, and how to speak of them.
#[derive(Debug)]
pub(crate) struct Live<'p> {
    /// What they are.
    pub(crate) kind: ComparedKind,
    /// Identity policies, or the one policy of a resource.
    pub(crate) policies: &'p [Held],
    /// The permissions boundary.
    pub(crate) boundary: Option<&'p Held>,
    /// Who is allowed something, to go before "may": `` `ds-role` (training_execution) ``; none where the witness says it.
    pub(crate) who: Option<String>,
    /// The read that showed them.
    pub(crate) source: &'static Source,
    /// Where they stand, for evidence of what is missing.
    pub(crate) path: String,
    /// What they are called, such as ``the policy of `vpce-1` ``.
    pub(crate) name: String,
}

impl<'a> World<'a> {
    /// The reference documents at these paths, as the environment has them.
    ///
    /// # Errors
    /// One of them was not read with the baseline.
    pub(crate) fn reviewed(&self, environment: &Environment, paths: &[String]) -> Known<'a, Reviewed> {
        let mut words = Vec::new();
        let mut policies = Vec::new();
        for path in paths {
            let reference = self.baseline.reference(&environment.name, path).ok_or_else(|| {
                Unknown::Because(Reason::BaselineMissing, format!("the reference policy `{path}` was not read"))
            })?;
            words.push(format!("`{path}` (sha256 {})", reference.sha256.get(..12).unwrap_or(&reference.sha256)));
            policies.push(Policy::from(reference.document.clone()));
        }
        Ok(Reviewed { words: words.join(" and "), policies })
    }
}

impl Reviewed {
    /// Tells whether the live policies allow nothing that these do not. What only an action lets in that nobody knows
    /// yet counts one severity less.
    pub(crate) fn hold_against<'a>(&self, live: &Live<'_>, severity: Severity, say: &mut Say<'a>) {
        let ready = |held: &Held| Policy::from(held.document.as_ref().clone());
        let policies: Vec<Policy> = live.policies.iter().map(ready).collect();
        let boundary = live.boundary.map(ready);
        let reference = Effective { policies: self.policies.iter().collect(), boundary: None };
        let candidate = Effective { policies: policies.iter().collect(), boundary: boundary.as_ref() };
        match compare_effective(live.kind, &reference, &candidate) {
            Comparison::NoNewAccess => say.holds(),
            Comparison::Unknown { because } => say.unknown(Unknown::Because(
                Reason::UndecidablePolicy,
                format!("whether {} allows more than {} is not decided: {because}", live.name, self.words),
            )),
            found @ Comparison::NewAccess { .. } => {
                let today = compare_known(live.kind, &reference, &candidate, known_actions());
                match (&found, &today) {
                    (Comparison::NewAccess { witness, by, .. }, Comparison::NoNewAccess) => {
                        let lower = severity.lower();
                        let message = self.message(live, witness, by);
                        say.broken_as(
                            lower,
                            format!("{message}; no action known today is among it"),
                            self.facts(live, witness, by),
                        );
                    }
                    (_, Comparison::NewAccess { witness, by, .. }) | (Comparison::NewAccess { witness, by, .. }, _) => {
                        say.broken_as(severity, self.message(live, witness, by), self.facts(live, witness, by));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Tells whether the policy of a resource denies all that these do. A Deny binds callers whom their own policies let
    /// through too, so it counts whatever this policy allows.
    pub(crate) fn hold_denies_against<'a>(&self, live: &Live<'_>, severity: Severity, say: &mut Say<'a>) {
        let bare = |document: &Document| Policy::from(all_but_denied(document));
        let reference: Vec<Policy> = self.policies.iter().map(|policy| bare(policy.document())).collect();
        let candidate: Vec<Policy> = live.policies.iter().map(|held| bare(&held.document)).collect();
        let everything = bare(&Document { version: None, id: None, statements: Vec::new() });
        let candidate: Vec<&Policy> = if candidate.is_empty() { vec![&everything] } else { candidate.iter().collect() };
        let reference = Effective { policies: reference.iter().collect(), boundary: None };
        let candidate = Effective { policies: candidate, boundary: None };
        match compare_effective(ComparedKind::Resource, &reference, &candidate) {
            Comparison::NoNewAccess => say.holds(),
            Comparison::Unknown { because } => say.unknown(Unknown::Because(
                Reason::UndecidablePolicy,
                format!("whether {} denies all that {} does is not decided: {because}", live.name, self.words),
            )),
            Comparison::NewAccess { witness, denied_by, .. } => {
                let deny = denied_by.and_then(|cited| {
                    let policy = self.policies.get(cited.policy)?;
                    policy.document().denies().nth(cited.statement.checked_sub(1)?)
                });
                let (name, number) = deny.map_or(("a Deny".to_owned(), String::new()), |deny| {
                    (format!("statement {}", deny.index), deny.to_string())
                });
                let message = format!(
                    "{} does not deny `{}` {}, as {name} of {} does",
                    live.name,
                    witness.principal(),
                    asked(&witness),
                    self.words
                );
                let (source, path) = (live.source, &live.path);
                let wanted = if number.is_empty() { format!("the Denies of {}", self.words) } else { number };
                let evidence = field(source, path.as_str(), "no Deny that applies", wanted);
                say.broken_as(severity, message, [evidence, Evidence::Witness { witness: witness_of(&witness) }]);
            }
        }
    }

    /// One document does not allow, several do not.
    fn verb(&self) -> &'static str {
        if self.policies.len() == 1 { "does" } else { "do" }
    }

    fn message(&self, live: &Live<'_>, witness: &Request, by: &[Cited]) -> String {
        let asked = asked(witness);
        let statements: Vec<String> = by
            .iter()
            .filter_map(|cited| Some(format!("statement {} of {}", cited.statement, live.cited(cited)?.origin)))
            .collect();
        let through = if statements.is_empty() { String::new() } else { format!(": {}", statements.join(" and ")) };
        match &live.who {
            Some(who) => format!("{who} may {asked}, which {} {} not allow{through}", self.words, self.verb()),
            None => {
                let caller = witness.principal();
                format!("{} lets `{caller}` {asked}, which {} {} not{through}", live.name, self.words, self.verb())
            }
        }
    }

    fn facts(&self, live: &Live<'_>, witness: &Request, by: &[Cited]) -> Vec<Evidence> {
        let statement = |cited: &Cited| {
            let held = live.cited(cited)?;
            let statement = held.document.statements.get(cited.statement)?;
            let path = format!("{}.Statement[{}]", held.path, cited.statement);
            Some(field(held.source, path, statement.to_string(), format!("no more than {}", self.words)))
        };
        let mut facts: Vec<Evidence> = by.iter().filter_map(statement).collect();
        facts.push(Evidence::Witness { witness: witness_of(witness) });
        facts
    }
}

impl Live<'_> {
    /// The policy that a statement stands in.
    fn cited(&self, cited: &Cited) -> Option<&Held> {
        match self.boundary {
            Some(boundary) if cited.kind == PolicyKind::Boundary => Some(boundary),
            _ => self.policies.get(cited.policy),
        }
    }
}

/// Everything, but for what a document denies.
fn all_but_denied(document: &Document) -> Document {
    let any = || vec![Pattern::action("*")];
    let everyone = Principal { kind: PrincipalKind::Everyone, value: "*".to_owned() };
    let everything = Statement {
        index: 0,
        sid: None,
        effect: Effect::Allow,
        principals: Some(Principals { sense: Sense::Only, members: vec![everyone] }),
        actions: Actions { sense: Sense::Only, patterns: any() },
        resources: Some(Resources { sense: Sense::Only, patterns: vec![Pattern::glob("*", Variables::Plain)] }),
        conditions: Vec::new(),
    };
    let denies = document.denies().enumerate().map(|(at, deny)| Statement { index: at + 1, ..deny.clone() });
    let statements = std::iter::once(everything).chain(denies).collect();
    Document { version: document.version, id: None, statements }
}

/// What a request asks for, in words.
fn asked(witness: &Request) -> String {
    let on = if witness.resource() == "*" { String::new() } else { format!(" on `{}`", witness.resource()) };
    let told = witness.context().iter().take(FEW_KEYS).map(|entry| match &entry.value {
        plumbline_policy::ContextValue::One(value) => format!("{} `{value}`", entry.key),
        plumbline_policy::ContextValue::Many(values) => format!("{} `{}`", entry.key, values.join("`, `")),
    });
    let told: Vec<String> = told.collect();
    let with = if told.is_empty() { String::new() } else { format!(" with {}", told.join(" and ")) };
    format!("`{}`{on}{with}", witness.action())
}

/// The request as evidence.
fn witness_of(request: &Request) -> Witness {
    let held = |value: &plumbline_policy::ContextValue| match value {
        plumbline_policy::ContextValue::One(value) => ContextValue::One(value.clone()),
        plumbline_policy::ContextValue::Many(values) => ContextValue::Many(values.clone()),
    };
    Witness {
        principal: request.principal().into(),
        action: request.action().into(),
        resource: request.resource().into(),
        context: request.context().iter().map(|entry| (entry.key.clone(), held(&entry.value))).collect(),
    }
}
