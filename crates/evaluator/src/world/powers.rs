//! What the policies of a role say together: its identity policies and its boundary, read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use plumbline_findings::{Evidence, Reason};
use plumbline_policy::{
    Answer, Confinement, Document, Grant, ParseError, Pattern, Question, Sense, Statement, bars, confined_by_any,
    grants, parse, parse_encoded, sweep,
};
use plumbline_snapshot::Source;
use plumbline_snapshot::iam::{self, Role};

use crate::judge::{Known, Set, Unknown, field};
use crate::world::World;
use crate::world::bindings::is_of_aws;

/// Documents by their text, each read once: many roles have the same.
#[derive(Debug, Default)]
pub(crate) struct Documents<'a>(Mutex<HashMap<&'a str, Reading>>);

type Reading = Result<Arc<Document>, ParseError>;

/// One policy of a principal.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// The read that showed it.
    pub(crate) source: &'static Source,
    /// Which it is, for people: ``the inline policy `x` ``, or a managed policy's ARN and version.
    pub(crate) origin: String,
    /// Where it is, as the path of evidence begins.
    pub(crate) path: String,
    /// What it says.
    pub(crate) document: Arc<Document>,
}

/// All policies of a principal. There is none with a policy left out: what an unseen one denies is not known either.
#[derive(Debug, Clone)]
pub(crate) struct Powers {
    policies: Vec<Held>,
    boundary: Option<Held>,
}

/// An Allow that may let an action through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Power<'p> {
    /// The policy.
    pub(crate) held: &'p Held,
    /// The Allow.
    pub(crate) statement: &'p Statement,
    /// `Yes`, or `Undecidable` where the budget of steps ends.
    pub(crate) sure: Answer,
}

impl Held {
    /// Where a statement of it is, as the path of evidence.
    pub(crate) fn path_of(&self, statement: &Statement) -> String {
        format!("{}.Statement[{}]", self.path, statement.index)
    }

    /// A statement of it as evidence.
    pub(crate) fn evidence(&self, statement: &Statement, wanted: &str) -> Evidence {
        field(self.source, self.path_of(statement), statement.to_string(), wanted)
    }

    /// A statement of it in words, such as ``statement 2 of the inline policy `x` ``.
    pub(crate) fn words(&self, statement: &Statement) -> String {
        format!("statement {} of {}", statement.index, self.origin)
    }
}

impl Power<'_> {
    /// The Allow as evidence.
    pub(crate) fn evidence(&self, wanted: &str) -> Evidence {
        self.held.evidence(self.statement, wanted)
    }

    /// The ARNs that the Allow lists, if it lists nothing else: no pattern, no variable, no `NotResource`.
    pub(crate) fn arns(&self) -> Option<Vec<&str>> {
        let own = self.statement.resources.as_ref().filter(|own| own.sense == Sense::Only)?;
        let fixed = |pattern: &Pattern| !pattern.has_wildcards() && !pattern.has_variables();
        own.patterns.iter().all(fixed).then(|| own.patterns.iter().map(Pattern::text).collect())
    }

    /// The Allow in words.
    pub(crate) fn words(&self) -> String {
        self.held.words(self.statement)
    }
}

impl Powers {
    /// The Allows that may let `action` through on a resource of the pattern, conditions left aside. None is a proof
    /// that these policies do not.
    pub(crate) fn may(&self, action: &str, resource: &Pattern) -> Vec<Power<'_>> {
        let found = grants(&self.documents(), self.cap(), action, resource);
        found.into_iter().filter_map(|grant| self.power(grant)).collect()
    }

    /// The same Allows, each with how far its use is confined.
    pub(crate) fn gated(
        &self,
        action: &str,
        resource: &Pattern,
        question: &Question<'_>,
    ) -> Vec<(Power<'_>, Confinement)> {
        self.gated_by_any(action, resource, std::slice::from_ref(question))
    }

    /// The same for several keys, of which one with a wanted value is enough.
    pub(crate) fn gated_by_any(
        &self,
        action: &str,
        resource: &Pattern,
        questions: &[Question<'_>],
    ) -> Vec<(Power<'_>, Confinement)> {
        let found = confined_by_any(&self.documents(), self.cap(), action, resource, questions);
        let power = |(grant, confinement)| Some((self.power(grant)?, confinement));
        found.into_iter().filter_map(power).collect()
    }

    /// Whether these policies take back what a policy on the resource allows; with `silence`, a boundary that does not allow
    /// it does so too.
    pub(crate) fn bars(&self, action: &str, resource: &Pattern, silence: bool) -> Answer {
        let mut documents = self.documents();
        if silence {
            return bars(&documents, self.cap(), action, resource);
        }
        documents.extend(self.cap());
        bars(&documents, None, action, resource)
    }

    /// The Allows whose wildcards reach all of these actions of a service on all of its resources, and whether the boundary
    /// cuts that down. None if they do not.
    pub(crate) fn sweep(&self, actions: &[&str]) -> (Vec<Power<'_>>, bool) {
        let documents = self.documents();
        let found = sweep(&documents, self.cap(), actions);
        let power =
            |(policy, statement)| Some(Power { held: self.policies.get(policy)?, statement, sure: Answer::Yes });
        (found.by.into_iter().filter_map(power).collect(), found.cut)
    }

    /// The identity policies.
    pub(crate) fn policies(&self) -> &[Held] {
        &self.policies
    }

    /// The permissions boundary.
    pub(crate) fn boundary(&self) -> Option<&Held> {
        self.boundary.as_ref()
    }

    fn documents(&self) -> Vec<&Document> {
        self.policies.iter().map(|held| held.document.as_ref()).collect()
    }

    fn cap(&self) -> Option<&Document> {
        self.boundary.as_ref().map(|held| held.document.as_ref())
    }

    fn power<'p>(&'p self, grant: Grant<'p>) -> Option<Power<'p>> {
        Some(Power { held: self.policies.get(grant.policy)?, statement: grant.statement, sure: grant.sure })
    }
}

impl<'a> World<'a> {
    /// All that a role's policies say.
    ///
    /// # Errors
    /// One of them was not seen, or cannot be read.
    pub(crate) fn powers(&self, role: &'a Role) -> Known<'a, Powers> {
        let name = &role.name;
        let mut policies = Vec::new();
        for (policy, text) in &role.inline {
            policies.push(self.held(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                format!("the inline policy `{policy}` of `{name}`"),
                format!("{name}.RolePolicyList[{policy}].PolicyDocument"),
                text,
            )?);
        }
        for arn in &role.attached {
            policies.push(self.managed_policy(name, arn)?);
        }
        let boundary = role.boundary.as_ref().map(|arn| self.managed_policy(name, arn)).transpose()?;
        Ok(Powers { policies, boundary })
    }

    /// The roles that a grant may be about, of those seen: those that it lists by ARN, or all but those that AWS makes for
    /// itself; and why there may be others.
    pub(crate) fn roles_under(&self, power: &Power<'_>) -> Set<'a, &'a Role> {
        let roles = &self.snapshot.iam.roles;
        let passable = |role: &&Role| !is_of_aws(role);
        let Some(arns) = power.arns() else {
            return Set { items: roles.seen().filter(passable).collect(), unknown: roles.gap().map(Unknown::Gap) };
        };
        let mut found = Set::whole(Vec::new());
        for arn in arns {
            match roles.get(arn) {
                Ok(role) => found.items.extend(role.filter(passable)),
                Err(gap) => found.unknown = Some(Unknown::Gap(gap)),
            }
        }
        found
    }

    /// What a role's trust policy says.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn trust_of(&self, role: &'a Role) -> Known<'a, Arc<Document>> {
        let unreadable = |why: String| {
            let what = format!("the trust policy of `{}` cannot be read: {why}", role.name);
            Unknown::Because(Reason::UndecidablePolicy, what)
        };
        let text = role.trust.as_deref().ok_or_else(|| unreadable("it was not sent".to_owned()))?;
        self.documents.read(text).map_err(|error| unreadable(error.to_string()))
    }

    /// A managed policy that is on `role`.
    ///
    /// # Errors
    /// It was not seen, or cannot be read.
    pub(crate) fn managed_policy(&self, role: &str, arn: &'a str) -> Known<'a, Held> {
        let missing = |what: &str| Unknown::Because(Reason::ApiError, format!("`{arn}` is on `{role}`, and {what}"));
        let policy = self.snapshot.iam.in_force(arn)?.ok_or_else(|| missing("IAM knows no such policy"))?;
        let text = policy.document.ok_or_else(|| missing("its document was not sent"))?;
        let version = policy.version.unwrap_or("of unknown version");
        self.held(policy.source, format!("`{arn}` {version}"), format!("{arn}.PolicyDocument"), text)
    }

    /// The policy of a resource, which AWS sends as plain text.
    ///
    /// # Errors
    /// It cannot be read.
    pub(crate) fn plain_policy(
        &self,
        source: &'static Source,
        origin: String,
        path: String,
        text: &str,
    ) -> Known<'a, Held> {
        match parse(text) {
            Ok(document) => Ok(Held { source, origin, path, document: Arc::new(document) }),
            Err(error) => Err(Unknown::Because(Reason::UndecidablePolicy, format!("{origin} cannot be read: {error}"))),
        }
    }

    fn held(&self, source: &'static Source, origin: String, path: String, text: &'a str) -> Known<'a, Held> {
        match self.documents.read(text) {
            Ok(document) => Ok(Held { source, origin, path, document }),
            Err(error) => Err(Unknown::Because(Reason::UndecidablePolicy, format!("{origin} cannot be read: {error}"))),
        }
    }
}

impl<'a> Documents<'a> {
    /// What a document says, percent-encoded as IAM sends it.
    fn read(&self, text: &'a str) -> Reading {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(text).or_insert_with(|| parse_encoded(text).map(Arc::new)).clone()
    }
}
