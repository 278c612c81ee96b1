//! The document model: what a policy says, statement by statement, and its printed form.
//!
//! Values here come out of [`parse`](crate::parse). What statements mean together
//! (evaluation, comparison) does not belong here.

use std::fmt;

use crate::answer::Answer;
use crate::condition::Condition;
use crate::pattern::{Pattern, Variables};

/// The language version (IAM User Guide, "IAM JSON policy elements: Version").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// `2008-10-17`: policy variables are plain text.
    V2008,
    /// `2012-10-17`.
    V2012,
}

impl Version {
    /// As written in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Version::V2008 => "2008-10-17",
            Version::V2012 => "2012-10-17",
        }
    }
}

/// One policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// None when the element is missing, which means 2008-10-17.
    pub version: Option<Version>,
    /// The element `Id`.
    pub id: Option<String>,
    /// In the order of the text.
    pub statements: Vec<Statement>,
}

impl Document {
    /// Whether `${..}` is a variable: only under version 2012-10-17
    /// (IAM User Guide, "IAM JSON policy elements: Version").
    #[must_use]
    pub fn variables(&self) -> Variables {
        Variables::of(self.version)
    }

    /// The statements that allow.
    pub fn allows(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|s| s.effect == Effect::Allow)
    }

    /// The statements that deny.
    pub fn denies(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(|s| s.effect == Effect::Deny)
    }
}

/// The element `Effect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

impl Effect {
    /// As written in a policy.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }
    }
}

/// Whether an element lists what is meant, or what is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sense {
    /// `Principal`, `Action`, `Resource`.
    Only,
    /// `NotPrincipal`, `NotAction`, `NotResource`: all but those listed.
    AllBut,
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Position in the document, from 0.
    pub index: usize,
    /// The element `Sid`.
    pub sid: Option<String>,
    /// Allows or denies.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; identity policies have neither.
    pub principals: Option<Principals>,
    /// `Action` or `NotAction`.
    pub actions: Actions,
    /// `Resource` or `NotResource`; trust policies have neither.
    pub resources: Option<Resources>,
    /// All must hold. In the order of the text, one for each operator and key.
    pub conditions: Vec<Condition>,
}

/// The elements `Principal` and `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principals {
    /// Which of the two.
    pub sense: Sense,
    /// Those listed.
    pub members: Vec<Principal>,
}

impl Principals {
    /// Whether the list itself names everyone: `"*"` or `{"AWS": "*"}`, which are the same
    /// (IAM User Guide, "AWS JSON policy elements: Principal").
    #[must_use]
    pub fn lists_everyone(&self) -> bool {
        self.members.iter().any(Principal::is_everyone)
    }

    /// Whether the statement speaks of everyone; `NotPrincipal` never does.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        self.sense == Sense::Only && self.lists_everyone()
    }
}

/// The key under which a principal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrincipalKind {
    /// The bare string `"*"`.
    Everyone,
    /// `AWS`
    Aws,
    /// `Service`
    Service,
    /// `Federated`
    Federated,
    /// `CanonicalUser`
    CanonicalUser,
}

impl PrincipalKind {
    /// The key as written; None for the bare string.
    #[must_use]
    pub fn key(self) -> Option<&'static str> {
        match self {
            PrincipalKind::Everyone => None,
            PrincipalKind::Aws => Some("AWS"),
            PrincipalKind::Service => Some("Service"),
            PrincipalKind::Federated => Some("Federated"),
            PrincipalKind::CanonicalUser => Some("CanonicalUser"),
        }
    }
}

/// One principal as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Principal {
    /// The key it stands under.
    pub kind: PrincipalKind,
    /// The text.
    pub value: String,
}

impl Principal {
    /// Whether this is everyone, anonymous callers included.
    #[must_use]
    pub fn is_everyone(&self) -> bool {
        match self.kind {
            PrincipalKind::Everyone => true,
            PrincipalKind::Aws => self.value == "*",
            _ => false,
        }
    }
}

/// The elements `Action` and `NotAction`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actions {
    /// Which of the two.
    pub sense: Sense,
    /// Ignoring case.
    pub patterns: Vec<Pattern>,
}

/// The elements `Resource` and `NotResource`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    /// Which of the two.
    pub sense: Sense,
    /// Respecting case.
    pub patterns: Vec<Pattern>,
}

impl Statement {
    /// Whether the statement speaks of this action, `NotAction` taken as a complement.
    /// Prefix and name ignore case (IAM User Guide, "IAM JSON policy elements: Action").
    #[must_use]
    pub fn matches_action(&self, action: &str) -> Answer {
        let listed = Answer::any(self.actions.patterns.iter().map(|p| p.matches(action)));
        self.actions.sense.apply(listed)
    }

    /// Whether the statement speaks of every action of this pattern. `Yes` is a proof; a union
    /// of patterns is not searched, so `No` may only mean that no single pattern does it.
    #[must_use]
    pub fn covers_actions(&self, actions: &Pattern) -> Answer {
        covered(self.actions.sense, &self.actions.patterns, actions)
    }

    /// Whether the statement can speak of a resource of this pattern: over-approximates, as
    /// `may` needs it. A statement without `Resource` (trust) speaks of the role it is on.
    ///
    /// A short ARN counts as completed with `*` too (IAM User Guide, "IAM JSON policy
    /// elements: Resource").
    #[must_use]
    pub fn meets_resources(&self, resources: &Pattern) -> Answer {
        let Some(own) = &self.resources else {
            return Answer::Yes;
        };
        match own.sense {
            Sense::Only => Answer::any(own.patterns.iter().map(|p| {
                let as_written = p.intersects(resources);
                if as_written.is_yes() {
                    return as_written;
                }
                p.completed_arn().map_or(as_written, |longer| as_written.or(longer.intersects(resources)))
            })),
            Sense::AllBut => {
                let excluded = own.patterns.iter().any(|p| p.covers(resources).is_yes());
                Answer::from(!excluded)
            }
        }
    }

    /// Whether the statement speaks of every resource of this pattern; `Yes` is a proof.
    #[must_use]
    pub fn covers_resources(&self, resources: &Pattern) -> Answer {
        match &self.resources {
            None => Answer::Yes,
            Some(own) => covered(own.sense, &own.patterns, resources),
        }
    }

    /// Whether the statement speaks of every resource there is.
    #[must_use]
    pub fn covers_all_resources(&self) -> Answer {
        self.covers_resources(&Pattern::glob("?*", Variables::Plain))
    }
}

fn covered(sense: Sense, patterns: &[Pattern], what: &Pattern) -> Answer {
    match sense {
        Sense::Only => Answer::any(patterns.iter().map(|p| p.covers(what))),
        Sense::AllBut => Answer::any(patterns.iter().map(|p| p.intersects(what))).negated(),
    }
}

impl Sense {
    /// Turns "is listed" into "is meant".
    #[must_use]
    pub fn apply(self, listed: Answer) -> Answer {
        match self {
            Sense::Only => listed,
            Sense::AllBut => listed.negated(),
        }
    }

    fn element(self, name: &'static str) -> String {
        match self {
            Sense::Only => name.to_owned(),
            Sense::AllBut => format!("Not{name}"),
        }
    }
}

/// Prints the document as compact JSON, lists always as lists. Parsing the print gives the
/// same document.
impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        if let Some(version) = self.version {
            write!(f, "\"Version\":\"{}\",", version.as_str())?;
        }
        if let Some(id) = &self.id {
            write!(f, "\"Id\":{},", Quoted(id))?;
        }
        f.write_str("\"Statement\":[")?;
        separated(f, &self.statements, |f, statement| write!(f, "{statement}"))?;
        f.write_str("]}")
    }
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        if let Some(sid) = &self.sid {
            write!(f, "\"Sid\":{},", Quoted(sid))?;
        }
        write!(f, "\"Effect\":\"{}\",", self.effect.as_str())?;
        if let Some(principals) = &self.principals {
            write!(f, "\"{}\":", principals.sense.element("Principal"))?;
            print_principals(f, principals)?;
            f.write_str(",")?;
        }
        write!(f, "\"{}\":[", self.actions.sense.element("Action"))?;
        separated(f, &self.actions.patterns, print_pattern)?;
        f.write_str("]")?;
        if let Some(resources) = &self.resources {
            write!(f, ",\"{}\":[", resources.sense.element("Resource"))?;
            separated(f, &resources.patterns, print_pattern)?;
            f.write_str("]")?;
        }
        if !self.conditions.is_empty() {
            f.write_str(",\"Condition\":{")?;
            print_conditions(f, &self.conditions)?;
            f.write_str("}")?;
        }
        f.write_str("}")
    }
}

fn print_pattern(f: &mut fmt::Formatter<'_>, pattern: &Pattern) -> fmt::Result {
    write!(f, "{}", Quoted(pattern.text()))
}

fn print_principals(f: &mut fmt::Formatter<'_>, principals: &Principals) -> fmt::Result {
    let mut keys: Vec<&'static str> = Vec::new();
    for member in &principals.members {
        match member.kind.key() {
            None => return f.write_str("\"*\""),
            Some(key) if !keys.contains(&key) => keys.push(key),
            Some(_) => {}
        }
    }
    f.write_str("{")?;
    separated(f, &keys, |f, key| {
        write!(f, "\"{key}\":[")?;
        let under = |p: &&Principal| p.kind.key() == Some(*key);
        let values: Vec<&Principal> = principals.members.iter().filter(under).collect();
        separated(f, &values, |f, p| write!(f, "{}", Quoted(&p.value)))?;
        f.write_str("]")
    })?;
    f.write_str("}")
}

fn print_conditions(f: &mut fmt::Formatter<'_>, conditions: &[Condition]) -> fmt::Result {
    let mut operators: Vec<&str> = Vec::new();
    for condition in conditions {
        if !operators.contains(&condition.operator.text()) {
            operators.push(condition.operator.text());
        }
    }
    separated(f, &operators, |f, operator| {
        write!(f, "{}:{{", Quoted(operator))?;
        let under = |c: &&Condition| c.operator.text() == *operator;
        let tests: Vec<&Condition> = conditions.iter().filter(under).collect();
        separated(f, &tests, |f, condition| {
            write!(f, "{}:[", Quoted(&condition.key))?;
            separated(f, &condition.values, |f, value| write!(f, "{}", Quoted(value)))?;
            f.write_str("]")
        })?;
        f.write_str("}")
    })
}

fn separated<T>(
    f: &mut fmt::Formatter<'_>,
    items: &[T],
    print: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            f.write_str(",")?;
        }
        print(f, item)?;
    }
    Ok(())
}

/// A JSON string.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
