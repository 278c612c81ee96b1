//! What the policies of a role say together: its identity policies and its boundary, read.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use plumbline_findings::{Evidence, Reason};
use plumbline_policy::{
    Answer, Asking, Confinement, Document, Grant, ParseError, Pattern, Question, Sense, Statement, Variables, bars,
    confined_by_any, grants, parse, parse_encoded, same_key, sweep,
};
use plumbline_snapshot::Source;
use plumbline_snapshot::iam::{self, Role};

use crate::baseline::CapabilityClass;
use crate::judge::{Known, Set, Unknown, field};
use crate::tables::classes::deeds;
use crate::world::World;
use crate::world::beginnings::beginning_with_any;
use crate::world::bindings::is_of_aws;
use crate::world::principals::Principal;

/// Documents by their text, each read once: many roles have the same.
#[derive(Debug, Default)]
pub(crate) struct Documents<'a>(Mutex<HashMap<&'a str, Reading>>);

type Reading = Result<Arc<Parsed>, ParseError>;

/// A document, and what is asked of it again and again.
#[derive(Debug)]
pub(crate) struct Parsed {
    document: Arc<Document>,
    /// For each capability class whether some Allow speaks of one of its actions.
    classes: OnceLock<[bool; CapabilityClass::ALL.len()]>,
    /// The services that the actions of its Allows name, in lower case; None where they may be of any.
    services: OnceLock<Option<BTreeSet<String>>>,
}

impl Parsed {
    fn new(document: Document) -> Self {
        Self { document: Arc::new(document), classes: OnceLock::new(), services: OnceLock::new() }
    }

    fn speaks_of(&self, class: CapabilityClass) -> bool {
        let speaks_of_any = || {
            CapabilityClass::ALL.map(|class| {
                let mut actions = deeds(class).iter().flat_map(|deeds| deeds.actions).filter(|it| self.names(it));
                actions.any(|action| self.document.allows().any(|allow| !allow.matches_action(action).is_no()))
            })
        };
        let known = self.classes.get_or_init(speaks_of_any);
        let place = CapabilityClass::ALL.iter().position(|own| *own == class);
        place.and_then(|place| known.get(place)).copied().unwrap_or(true)
    }

    /// Whether some Allow may speak of the action's service. Most documents name few.
    fn names(&self, action: &str) -> bool {
        let service = action.split_once(':').map_or(action, |(service, _)| service);
        let named = |services: &BTreeSet<String>| services.iter().any(|own| own.eq_ignore_ascii_case(service));
        self.services.get_or_init(|| services(&self.document)).as_ref().is_none_or(named)
    }
}

fn services(document: &Document) -> Option<BTreeSet<String>> {
    let mut services = BTreeSet::new();
    for allow in document.allows() {
        if allow.actions.sense == Sense::AllBut {
            return None;
        }
        for pattern in &allow.actions.patterns {
            let start = pattern.fixed_start();
            services.insert(start.split_once(':')?.0.to_ascii_lowercase());
        }
    }
    Some(services)
}

/// What roles' policies say, by ARN, each gathered once.
#[derive(Debug, Default)]
pub(crate) struct Gathered<'a>(Mutex<HashMap<&'a str, Known<'a, Arc<Powers>>>>);

/// Which documents stay read, for others that ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    /// All.
    All,
    /// Managed policies, which many have. An account has as many inline ones as roles.
    Managed,
}

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
    parsed: Arc<Parsed>,
}

/// All policies of a principal. There is none with a policy left out: what an unseen one denies is not known either.
#[derive(Debug, Clone)]
pub(crate) struct Powers {
    /// Its own, then those of its groups.
    policies: Vec<Held>,
    own: usize,
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
    /// Whether the policy is the principal's own, and none of a group's.
    pub(crate) own: bool,
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

impl Held {
    fn new(source: &'static Source, origin: String, path: String, parsed: Arc<Parsed>) -> Self {
        Held { source, origin, path, document: Arc::clone(&parsed.document), parsed }
    }
}

impl Powers {
    /// The Allows that may let `action` through on a resource of the pattern, conditions left aside. None is a proof
    /// that these policies do not.
    pub(crate) fn may(&self, action: &str, resource: &Pattern) -> Vec<Power<'_>> {
        if !self.policies.iter().any(|held| held.parsed.names(action)) {
            return Vec::new();
        }
        let found = grants(&self.documents(), self.cap(), action, resource);
        found.into_iter().filter_map(|grant| self.power(grant)).collect()
    }

    /// Whether some Allow of the identity policies speaks of an action of the class; if none does, they do not hold it.
    pub(crate) fn speaks_of(&self, class: CapabilityClass) -> bool {
        self.policies.iter().any(|held| held.parsed.speaks_of(class))
    }

    /// Whether some statement has a condition on the key; if none has, nothing confines its values.
    pub(crate) fn speaks_about(&self, key: &str) -> bool {
        let mut statements = self.policies.iter().chain(&self.boundary).flat_map(|held| &held.document.statements);
        statements.any(|statement| statement.conditions.iter().any(|condition| same_key(&condition.key, key)))
    }

    /// The same for one resource after the other.
    pub(crate) fn asking(&self, action: &str) -> Asking<'_> {
        Asking::of(&self.documents(), self.cap(), action)
    }

    /// The Allows that an asking found for a resource, as [`Powers::may`] gives them.
    pub(crate) fn on<'p>(&'p self, asking: &Asking<'p>, resource: &Pattern) -> Vec<Power<'p>> {
        asking.on(resource).into_iter().filter_map(|grant| self.power(grant)).collect()
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
        let power = |(policy, statement)| self.by(policy, statement, Answer::Yes);
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
        self.by(grant.policy, grant.statement, grant.sure)
    }

    fn by<'p>(&'p self, policy: usize, statement: &'p Statement, sure: Answer) -> Option<Power<'p>> {
        Some(Power { held: self.policies.get(policy)?, statement, sure, own: policy < self.own })
    }
}

impl<'a> World<'a> {
    /// All that a role's policies say.
    ///
    /// # Errors
    /// One of them was not seen, or cannot be read.
    pub(crate) fn powers(&self, role: &'a Role) -> Known<'a, Arc<Powers>> {
        let known = |gathered: &Gathered<'a>| {
            gathered.0.lock().unwrap_or_else(PoisonError::into_inner).get(role.arn.as_str()).cloned()
        };
        if let Some(known) = known(&self.gathered) {
            return known;
        }
        let found = self.gather(Principal::Role(role), Keep::All).map(Arc::new);
        self.gathered.0.lock().unwrap_or_else(PoisonError::into_inner).insert(&role.arn, found.clone());
        found
    }

    /// All that the policies of a principal say, those of a user's groups included.
    ///
    /// # Errors
    /// One of them was not seen, or cannot be read.
    pub(crate) fn powers_of(&self, principal: Principal<'a>) -> Known<'a, Powers> {
        self.gather(principal, Keep::All)
    }

    /// The same for a glance at one of very many: its inline policies are not kept for others to find.
    ///
    /// # Errors
    /// One of them was not seen, or cannot be read.
    pub(crate) fn powers_at_a_glance(&self, principal: Principal<'a>) -> Known<'a, Powers> {
        self.gather(principal, Keep::Managed)
    }

    fn gather(&self, principal: Principal<'a>, keep: Keep) -> Known<'a, Powers> {
        let mut policies = self.own_policies(principal, keep)?;
        let own = policies.len();
        for name in principal.groups() {
            let group = self.snapshot.iam.group(name)?.ok_or_else(|| {
                let what = format!("{} is in the group `{name}`, which IAM does not list", principal.words());
                Unknown::Because(Reason::ApiError, what)
            })?;
            policies.extend(self.own_policies(Principal::Group(group), Keep::All)?);
        }
        let boundary = principal.boundary().map(|arn| self.managed_policy(principal.name(), arn)).transpose()?;
        Ok(Powers { policies, own, boundary })
    }

    /// The policies that a principal has itself.
    fn own_policies(&self, principal: Principal<'a>, keep: Keep) -> Known<'a, Vec<Held>> {
        let (name, list) = (principal.name(), principal.inline_list());
        let mut policies = Vec::new();
        for (policy, text) in principal.inline() {
            policies.push(self.held(
                &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                format!("the inline policy `{policy}` of `{name}`"),
                format!("{name}.{list}[{policy}].PolicyDocument"),
                self.documents.read(text, keep),
            )?);
        }
        for arn in principal.attached() {
            policies.push(self.managed_policy(name, arn)?);
        }
        Ok(policies)
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

    /// The roles that an Allow of passing reaches, of those seen: those of [`World::roles_under`] that its resources meet.
    pub(crate) fn roles_reached(&self, power: &Power<'_>) -> Set<'a, &'a Role> {
        if power.arns().is_some() {
            return self.roles_under(power);
        }
        Set { items: self.roles_met(power).collect(), unknown: self.snapshot.iam.roles.gap().map(Unknown::Gap) }
    }

    /// Of the roles seen, those that the resources of an Allow meet, one after the other.
    pub(crate) fn roles_met<'w>(&'w self, power: &Power<'w>) -> impl Iterator<Item = &'a Role> + use<'w, 'a> {
        let statement = power.statement;
        let own = statement.resources.as_ref().filter(|own| own.sense == Sense::Only);
        let starts = own.map(|own| own.patterns.iter().map(Pattern::fixed_start).collect::<Vec<_>>());
        // Only of a whole ARN the beginning says which roles there can be.
        let whole = starts.filter(|starts| starts.iter().all(|start| start.contains(":role/")));
        let all = self.by_arn.get_or_init(|| {
            let mut all: Vec<&Role> = self.snapshot.iam.roles.seen().collect();
            all.sort_by(|a, b| a.arn.cmp(&b.arn));
            all
        });
        let near = beginning_with_any(all, |role| &role.arn, whole.unwrap_or_else(|| vec![String::new()]));
        let met = |role: &&Role| {
            let target = Pattern::literal(&role.arn, Variables::Plain);
            !is_of_aws(role) && !statement.meets_resources(&target).is_no()
        };
        near.copied().filter(met)
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
        let parsed = self.documents.read(text, Keep::All).map_err(|error| unreadable(error.to_string()))?;
        Ok(Arc::clone(&parsed.document))
    }

    /// A managed policy that is on a principal of this name.
    ///
    /// # Errors
    /// It was not seen, or cannot be read.
    pub(crate) fn managed_policy(&self, holder: &str, arn: &'a str) -> Known<'a, Held> {
        let missing = |what: &str| Unknown::Because(Reason::ApiError, format!("`{arn}` is on `{holder}`, and {what}"));
        let policy = self.snapshot.iam.in_force(arn)?.ok_or_else(|| missing("IAM knows no such policy"))?;
        let text = policy.document.ok_or_else(|| missing("its document was not sent"))?;
        let version = policy.version.unwrap_or("of unknown version");
        let said = self.documents.read(text, Keep::All);
        self.held(policy.source, format!("`{arn}` {version}"), format!("{arn}.PolicyDocument"), said)
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
            Ok(document) => Ok(Held::new(source, origin, path, Arc::new(Parsed::new(document)))),
            Err(error) => Err(Unknown::Because(Reason::UndecidablePolicy, format!("{origin} cannot be read: {error}"))),
        }
    }

    fn held(&self, source: &'static Source, origin: String, path: String, said: Reading) -> Known<'a, Held> {
        match said {
            Ok(parsed) => Ok(Held::new(source, origin, path, parsed)),
            Err(error) => Err(Unknown::Because(Reason::UndecidablePolicy, format!("{origin} cannot be read: {error}"))),
        }
    }
}

impl<'a> Documents<'a> {
    /// What a document says, percent-encoded as IAM sends it.
    fn read(&self, text: &'a str, keep: Keep) -> Reading {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reading = || parse_encoded(text).map(|document| Arc::new(Parsed::new(document)));
        match keep {
            Keep::All => known.entry(text).or_insert_with(reading).clone(),
            Keep::Managed => known.get(text).cloned().unwrap_or_else(reading),
        }
    }
}
