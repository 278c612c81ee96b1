//! Policies made ready: statements that are matched against many requests without reading the
//! document again, and what IAM would refuse in a policy of a kind.

use std::fmt;

use crate::answer::Answer;
use crate::callers::{Named, Ways};
use crate::checks::{Check, is_unclosed};
use crate::document::{Document, Effect, Sense, Statement};
use crate::matching::{Glob, Parts, ends_segments_only, matches_resource, parts_of};
use crate::pattern::{Pattern, Token, Variables};
use crate::trial::{Filled, Trial};

/// What a policy is attached to, and so what it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PolicyKind {
    /// Of a user, a group or a role.
    Identity,
    /// Of a resource; a key policy or a role's trust policy too.
    Resource,
    /// A permissions boundary.
    Boundary,
    /// Passed when a session was made.
    Session,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// Of a VPC endpoint.
    Endpoint,
}

impl PolicyKind {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PolicyKind::Identity => "identity policy",
            PolicyKind::Resource => "resource policy",
            PolicyKind::Boundary => "permissions boundary",
            PolicyKind::Session => "session policy",
            PolicyKind::ServiceControl => "service control policy",
            PolicyKind::ResourceControl => "resource control policy",
            PolicyKind::Endpoint => "endpoint policy",
        }
    }

    /// Whether its statements have a principal.
    fn has_principals(self) -> bool {
        matches!(self, PolicyKind::Resource | PolicyKind::ResourceControl | PolicyKind::Endpoint)
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A policy document, made ready for [`decide`](crate::decide). Making it ready costs more than
/// a decision, so keep it.
#[derive(Clone, Debug)]
pub struct Policy {
    document: Document,
    statements: Vec<Ready>,
    /// By kind, and last as a trust policy: why IAM would not save it.
    refusals: [Option<Box<str>>; 8],
}

impl From<Document> for Policy {
    fn from(document: Document) -> Self {
        let statements: Vec<Ready> = document.statements.iter().map(|s| Ready::new(s, document.variables())).collect();
        let refused = |kind, trust| refused_as(&statements, kind, trust).map(String::into_boxed_str);
        let refusals = [
            refused(PolicyKind::Identity, false),
            refused(PolicyKind::Resource, false),
            refused(PolicyKind::Boundary, false),
            refused(PolicyKind::Session, false),
            refused(PolicyKind::ServiceControl, false),
            refused(PolicyKind::ResourceControl, false),
            refused(PolicyKind::Endpoint, false),
            refused(PolicyKind::Resource, true),
        ];
        Policy { document, statements, refusals }
    }
}

/// One statement.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    pub(crate) effect: Effect,
    pub(crate) principals: Option<Named>,
    actions_sense: Sense,
    actions: Vec<Glob>,
    resources: Option<(Sense, Vec<Target>)>,
    checks: Vec<Check>,
}

/// One pattern of `Resource` or `NotResource`.
#[derive(Clone, Debug)]
struct Target {
    text: Box<str>,
    /// As written.
    written: Form,
    /// A short ARN with its missing parts as `*`.
    completed: Option<Form>,
    is_arn: bool,
    /// A variable that is not closed.
    unclosed: bool,
}

#[derive(Clone, Debug)]
struct Form {
    tokens: Box<[Token]>,
    /// With variables as any text; over-approximates.
    glob: Glob,
    /// Wildcards that a plain glob does not treat as IAM does.
    careful: bool,
    /// For the usual case, in which no wildcard meets a colon.
    parts: Option<Parts>,
    holes: Holes,
    star_moved: bool,
    odd: Odd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holes {
    None,
    InResource,
    /// Before the fifth colon, where the guide has no variables.
    Early,
}

impl Policy {
    /// As parsed.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    pub(crate) fn statements(&self) -> impl Iterator<Item = (usize, &Ready)> {
        self.statements.iter().enumerate()
    }

    pub(crate) fn sid(&self, statement: usize) -> Option<&str> {
        self.document.statements.get(statement).and_then(|s| s.sid.as_deref())
    }

    /// Why IAM would not save this policy as one of a kind, so that nothing about it is certain.
    /// `trust`: as a role's trust policy, which has no `Resource`.
    pub(crate) fn refused_as(&self, kind: PolicyKind, trust: bool) -> Option<&str> {
        let place = if trust && kind == PolicyKind::Resource { 7 } else { kind as usize };
        self.refusals.get(place).and_then(Option::as_deref)
    }
}

fn refused_as(statements: &[Ready], kind: PolicyKind, trust: bool) -> Option<String> {
    let why = |what: &str| Some(format!("IAM refuses this {kind}: {what}"));
    for ready in statements {
        match (&ready.principals, kind.has_principals()) {
            (Some(_), false) => return why("it has a principal"),
            (None, true) => return why("it has no principal"),
            _ => {}
        }
        match (&ready.resources, kind) {
            (Some(_), PolicyKind::Resource) if trust => return why("a trust policy with a Resource"),
            // Policies of some resources leave it out and mean the one they are on.
            (None, PolicyKind::Resource) | (Some(_), _) => {}
            (None, _) => return why("it has no Resource"),
        }
        let leaves_out = ready.principals.as_ref().is_some_and(Named::leaves_out);
        if leaves_out && ready.effect == Effect::Allow {
            return why("NotPrincipal with Allow");
        }
        if leaves_out && trust {
            return why("NotPrincipal in a trust policy");
        }
        if kind == PolicyKind::ResourceControl {
            if ready.effect == Effect::Allow && !ready.is_everything() {
                return why("it allows");
            }
            if !ready.principals.as_ref().is_some_and(Named::is_everyone) {
                return why("its principal is not everyone");
            }
        }
        if let Some(check) = ready.checks.iter().find(|check| !check.is_known()) {
            return why(&format!("the operator `{}`", crate::parse::shown(check.operator())));
        }
    }
    None
}

impl Ready {
    fn new(statement: &Statement, variables: Variables) -> Self {
        Ready {
            effect: statement.effect,
            principals: statement.principals.as_ref().map(Named::new),
            actions_sense: statement.actions.sense,
            actions: statement.actions.patterns.iter().map(Glob::of).collect(),
            resources: statement.resources.as_ref().map(|resources| {
                (resources.sense, resources.patterns.iter().map(|p| Target::new(p, variables)).collect())
            }),
            checks: statement.conditions.iter().map(Check::new).collect(),
        }
    }

    /// Whether it speaks of every action and resource, without conditions: what
    /// RCPFullAWSAccess says.
    fn is_everything(&self) -> bool {
        let actions = self.actions_sense == Sense::Only && self.actions.iter().any(Glob::is_any);
        let resources = self.resources.as_ref().is_some_and(|(sense, targets)| {
            *sense == Sense::Only && targets.iter().any(|target| target.written.glob.is_any())
        });
        actions && resources && self.checks.is_empty()
    }

    /// Whether a statement for everyone names principals by `aws:PrincipalArn` (IAM User Guide,
    /// "How AWS enforcement code logic evaluates requests to allow or deny access").
    pub(crate) fn narrows_to_principals(&self) -> bool {
        self.checks.iter().any(Check::names_principals)
    }

    pub(crate) fn speaks_of_action(&self, trial: &Trial<'_>) -> Answer {
        let action = trial.request.folded_action();
        let listed = Answer::any(self.actions.iter().map(|glob| glob.matches(action, &trial.budget)));
        self.actions_sense.apply(listed)
    }

    /// Whether action, resource and conditions are those of the request, principals aside.
    pub(crate) fn applies(&self, trial: &Trial<'_>, kind: PolicyKind) -> Answer {
        let mark = trial.mark();
        let mut answer = self.speaks_of_action(trial);
        if !answer.is_no() {
            answer = answer.and(self.speaks_of_resource(trial, kind));
        }
        for check in &self.checks {
            if answer.is_no() {
                break;
            }
            let before = trial.mark();
            let holds = check.holds(trial);
            if holds != Answer::Undecidable {
                trial.forget_since(before);
            }
            answer = answer.and(holds);
        }
        if answer != Answer::Undecidable {
            trial.forget_since(mark);
        }
        answer
    }

    /// In which ways the statement names the caller; without a principal element it speaks of
    /// whom the policy is attached to.
    pub(crate) fn names(&self, trial: &Trial<'_>, bounded: bool) -> Ways {
        match &self.principals {
            Some(named) => named.names(trial, bounded),
            None => Ways { itself: Answer::Yes, ..Ways::NONE },
        }
    }

    fn speaks_of_resource(&self, trial: &Trial<'_>, kind: PolicyKind) -> Answer {
        let Some((sense, targets)) = &self.resources else {
            return Answer::Yes;
        };
        let mark = trial.mark();
        let answer = sense.apply(Answer::any(targets.iter().map(|target| target.holds(trial, kind, *sense))));
        if answer != Answer::Undecidable {
            trial.forget_since(mark);
        }
        answer
    }
}

impl Target {
    fn new(pattern: &Pattern, variables: Variables) -> Self {
        let text = pattern.text();
        let form = |pattern: &Pattern| Form::new(pattern.tokens(), text);
        Target {
            text: text.into(),
            written: form(pattern),
            completed: pattern.completed_arn().as_ref().map(form),
            is_arn: pattern.fixed_start().starts_with("arn:"),
            unclosed: variables == Variables::Live && is_unclosed(text),
        }
    }

    fn holds(&self, trial: &Trial<'_>, kind: PolicyKind, sense: Sense) -> Answer {
        let resource = trial.request.resource();
        if *self.text == *"*" {
            return Answer::Yes;
        }
        if !self.is_arn {
            return trial.open(|| format!("`{}` is neither `*` nor an ARN", self.text));
        }
        if self.unclosed {
            return trial.open(|| format!("a variable that is not closed in `{}`", self.text));
        }
        // Actions without resource types are met by `*` alone.
        if resource == "*" {
            return Answer::No;
        }
        let Some(completed) = &self.completed else {
            return self.written.holds(trial, resource, sense, &self.text);
        };
        // IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)": missing
        // parts are completed in identity policies, and session policies may not have any. Of
        // others it is not said, so both readings have to agree.
        let completed = completed.holds(trial, resource, sense, &self.text);
        if kind == PolicyKind::Identity {
            return completed;
        }
        let written = self.written.holds(trial, resource, sense, &self.text);
        if written == completed && (kind != PolicyKind::Session || written.is_no()) {
            return written;
        }
        trial.open(|| format!("the short ARN `{}` in a {kind}", self.text))
    }
}

/// Wildcards of a `Resource` where the guide advises against them (IAM User Guide, "Identify AWS
/// resources with Amazon Resource Names (ARNs)").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Odd {
    /// In the partition or the service.
    pub(crate) head: bool,
    /// Where resources of many services have their type.
    pub(crate) of_type: bool,
}

impl Odd {
    pub(crate) fn of(tokens: &[Token]) -> Self {
        let wild = |tokens: &&[Token]| tokens.iter().any(|t| matches!(t, Token::One | Token::Run));
        let mut segments = tokens.splitn(6, |t| *t == Token::Literal(':'));
        let head = segments.by_ref().take(5).enumerate().filter(|(at, own)| *at < 3 && wild(own)).count() > 0;
        let tail = segments.next();
        let of_type = tail.and_then(|tail| tail.split(|t| matches!(t, Token::Literal('/' | ':'))).next());
        Odd { head, of_type: of_type.as_ref().is_some_and(wild) && tail.is_some_and(|tail| *tail != [Token::Run]) }
    }
}

impl Form {
    fn new(tokens: &[Token], text: &str) -> Self {
        let mut head = tokens.splitn(6, |t| *t == Token::Literal(':')).take(5);
        let early = head.any(|tokens| tokens.iter().any(|t| matches!(t, Token::Hole(_))));
        let holes = tokens.iter().any(|t| matches!(t, Token::Hole(_)));
        Form {
            glob: Glob::new(tokens, false),
            careful: !ends_segments_only(tokens) || text.contains("*?"),
            parts: if holes { None } else { Parts::new(tokens) },
            holes: match (holes, early) {
                (false, _) => Holes::None,
                (true, false) => Holes::InResource,
                (true, true) => Holes::Early,
            },
            star_moved: text.contains("*?"),
            odd: Odd::of(tokens),
            tokens: tokens.into(),
        }
    }

    fn holds(&self, trial: &Trial<'_>, resource: &str, sense: Sense, text: &str) -> Answer {
        let over = self.glob.matches(resource, &trial.budget);
        if over.is_no() {
            return Answer::No;
        }
        let answer = match self.holes {
            Holes::None if !self.careful => over,
            Holes::None => self.careful(trial, &self.tokens, resource),
            Holes::Early => trial.open(|| format!("a variable before the fifth colon of `{text}`")),
            Holes::InResource => match trial.fill(&self.tokens) {
                Filled::Absent if sense == Sense::AllBut => {
                    trial.open(|| format!("a variable without value in NotResource `{text}`"))
                }
                Filled::Absent => Answer::No,
                Filled::Open => Answer::Undecidable,
                Filled::Tokens { literal, wild } => {
                    let literal = self.careful(trial, &literal, resource);
                    let wild = wild.map(|wild| self.careful(trial, &wild, resource));
                    crate::checks::agreed(trial, literal, wild)
                }
            },
        };
        if answer.is_no() {
            return answer;
        }
        if self.odd.head {
            return trial.open(|| format!("a wildcard in the partition or the service of `{text}`"));
        }
        if self.odd.of_type && has_type(resource) {
            return trial.open(|| format!("a wildcard in the resource type of `{text}`"));
        }
        answer
    }

    fn careful(&self, trial: &Trial<'_>, tokens: &[Token], resource: &str) -> Answer {
        if let (Some(own), Some(parts)) = (&self.parts, parts_of(resource))
            && parts.last().is_some_and(|last| !last.contains(':'))
            && own.matches(&parts, &trial.budget).is_yes()
        {
            return Answer::Yes;
        }
        let answer = matches_resource(tokens, self.star_moved, resource, &trial.budget);
        if answer == Answer::Undecidable {
            return trial.open(|| "a wildcard inside a segment of a Resource, and a colon after the fifth".to_owned());
        }
        answer
    }
}

/// Whether what follows the fifth colon of an ARN begins with a resource type. In Amazon S3 and
/// API Gateway it is a name (Service Authorization Reference, resource types).
pub(crate) fn has_type(arn: &str) -> bool {
    let mut parts = arn.splitn(6, ':');
    let service = parts.nth(2).unwrap_or_default();
    let resource = parts.nth(2).unwrap_or_default();
    !["s3", "execute-api"].contains(&service) && resource.contains(['/', ':'])
}
