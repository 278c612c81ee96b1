//! How the kinds of policies combine to one verdict: which of them have a say about a caller,
//! and whose Allow is needed. Single statements are in `compiled`.

use std::cell::OnceCell;

use crate::answer::Answer;
use crate::callers::{Ways, is_service_linked};
use crate::compiled::{Policy, PolicyKind, Ready};
use crate::decide::{Cited, Decision, PolicySet};
use crate::document::Effect;
use crate::matching::parts_of;
use crate::request::{Caller, Request};
use crate::trial::{Trial, World};

/// Services to which resource control policies certainly apply (AWS Organizations User Guide,
/// "Resource control policies (RCPs)"; the list grows, so of others it is not known).
const RCP_SERVICES: &[&str] = &["s3", "sts", "kms", "sqs", "secretsmanager"];
/// Services that are reached through gateway endpoints too, whose policies know no principal
/// but `*` (Amazon VPC, "Control access to VPC endpoints using endpoint policies").
const GATEWAY_SERVICES: &[&str] = &["s3", "dynamodb"];

/// The verdict of one trial, and what it left open about the context.
pub(crate) struct Weighed {
    pub(crate) decision: Decision,
    pub(crate) touched: World,
    /// A key that was asked for and that the request leaves open.
    pub(crate) about: Option<&'static str>,
}

pub(crate) fn weigh(policies: &PolicySet, request: &Request, world: World) -> Weighed {
    let mut round = Round::new(policies, request, world);
    let verdict = round.verdict();
    let (touched, about) = (round.trial.touched(), round.trial.about());
    let decision = match verdict {
        Verdict::Settled(decision) => decision,
        Verdict::Open => {
            let mut because = round.trial.into_notes();
            if because.is_empty() {
                because.push("not settled by the policies".to_owned());
            }
            Decision::Unknown { because }
        }
    };
    Weighed { decision, touched, about }
}

enum Verdict {
    Settled(Decision),
    Open,
}

/// Where policies of one kind stand.
#[derive(Clone, Copy)]
struct Place {
    kind: PolicyKind,
    level: usize,
}

impl Place {
    fn of(kind: PolicyKind) -> Self {
        Place { kind, level: 0 }
    }
}

/// Whether the resource has a policy without which nothing is allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    /// A key of AWS KMS or a role to assume.
    Decides,
    /// The same, under a name that does not tell which one.
    Hidden,
    /// Any other: an Allow on either side is enough within an account.
    Shares,
}

struct Round<'a> {
    policies: &'a PolicySet,
    request: &'a Request,
    trial: Trial<'a>,
    /// Whether the caller is a service-linked role, once that was asked.
    linked: OnceCell<Answer>,
    /// Whether it is the call to assume a role, so that the resource policy is a trust policy.
    trust: bool,
    owner: Owner,
    /// Whether any Deny matches.
    denied: Answer,
    by: Vec<Cited>,
}

impl<'a> Round<'a> {
    fn new(policies: &'a PolicySet, request: &'a Request, world: World) -> Self {
        let trust = assumes(request) && resource_of(request, "iam").is_some_and(|r| r.starts_with("role/"));
        let owner = match resource_of(request, "kms") {
            _ if trust => Owner::Decides,
            Some(key) if key.starts_with("key/") => Owner::Decides,
            Some(alias) if alias.starts_with("alias/") => Owner::Hidden,
            _ => Owner::Shares,
        };
        let trial = Trial::new(request, world);
        Round { policies, request, trial, linked: OnceCell::new(), trust, owner, denied: Answer::No, by: Vec::new() }
    }

    fn verdict(&mut self) -> Verdict {
        let unsigned = matches!(self.request.caller(), Caller::Anonymous | Caller::Provider);
        if self.request.folded_action() == "sts:getcalleridentity" && !unsigned {
            return self.identity_of_caller();
        }
        let deny = self
            .rcp_denies()
            .or_else(|| self.scp_denies())
            .or_else(|| self.resource_denies())
            .or_else(|| self.own_denies())
            .or_else(|| self.endpoint_denies());
        if let Some(by) = deny {
            return Verdict::Settled(Decision::ExplicitDeny { by });
        }
        let mut lacks = Vec::new();
        let mut allowed = self.granted(&mut lacks);
        let mut need = |answer: Answer, kind: PolicyKind| {
            if answer.is_no() && !lacks.contains(&kind) {
                lacks.push(kind);
            }
            allowed = allowed.and(answer);
        };
        need(self.scps_allow(), PolicyKind::ServiceControl);
        need(self.endpoint_allows(), PolicyKind::Endpoint);
        if !allowed.is_no() {
            allowed = allowed.and(self.beyond_policies());
        }
        match (self.denied, allowed) {
            (Answer::No, Answer::No) => Verdict::Settled(Decision::ImplicitDeny { lacks }),
            (Answer::No, Answer::Yes) => {
                let root = *self.request.caller() == Caller::Root;
                let besides = root.then_some("the root user's full access");
                Verdict::Settled(Decision::Allow { by: std::mem::take(&mut self.by), besides })
            }
            _ => Verdict::Open,
        }
    }

    /// AWS Security Token Service API Reference, "GetCallerIdentity": no permission is needed, and
    /// none can be taken away. Whether an endpoint's policy can is not said.
    fn identity_of_caller(&mut self) -> Verdict {
        let denied = self.endpoint_denies().is_some();
        if denied || self.denied != Answer::No || !self.endpoint_allows().is_yes() {
            self.trial.open(|| "sts:GetCallerIdentity through an endpoint whose policy does not allow it".to_owned());
            return Verdict::Open;
        }
        Verdict::Settled(Decision::Allow { by: Vec::new(), besides: Some("AWS: this action needs no permission") })
    }

    fn is_linked(&self) -> Answer {
        *self.linked.get_or_init(|| is_service_linked(self.request))
    }

    fn has_own_policies(&self) -> bool {
        matches!(self.request.caller(), Caller::User | Caller::Role | Caller::Session { .. } | Caller::FederatedUser)
    }

    fn rcp_denies(&mut self) -> Option<Cited> {
        if self.policies.rcps.iter().all(Vec::is_empty) {
            return None;
        }
        // AWS Key Management Service Developer Guide, "Resource control policies in AWS KMS".
        if self.request.folded_action() == "kms:retiregrant" {
            return None;
        }
        let linked = self.is_linked();
        let service = self.request.service();
        let listed = if RCP_SERVICES.contains(&service) { Answer::Yes } else { Answer::Undecidable };
        let have_a_say = listed.and(linked.negated());
        for (level, policies) in self.policies.rcps.iter().enumerate() {
            let place = Place { kind: PolicyKind::ResourceControl, level };
            let found = self.denies(place, policies, have_a_say, || match linked {
                Answer::Undecidable => perhaps_linked(),
                _ => format!("whether resource control policies apply to `{service}`"),
            });
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Whether service control policies have a say: about users and roles of the account, the root
    /// user too, but not about service-linked roles (AWS Organizations User Guide, "Service
    /// control policies (SCPs)").
    fn scps_have_a_say(&self) -> Answer {
        if self.policies.scps.is_empty() {
            return Answer::No;
        }
        match self.request.caller() {
            Caller::Service | Caller::Anonymous | Caller::Provider => Answer::No,
            _ => self.is_linked().negated(),
        }
    }

    fn scp_denies(&mut self) -> Option<Cited> {
        let have_a_say = self.scps_have_a_say();
        for (level, policies) in self.policies.scps.iter().enumerate() {
            let place = Place { kind: PolicyKind::ServiceControl, level };
            let found = self.denies(place, policies, have_a_say, perhaps_linked);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn resource_denies(&mut self) -> Option<Cited> {
        let policies = self.policies.resource.as_slice();
        self.denies(Place::of(PolicyKind::Resource), policies, Answer::Yes, String::new)
    }

    fn own_denies(&mut self) -> Option<Cited> {
        if !self.has_own_policies() {
            return None;
        }
        let policies = self.policies;
        let of = Place::of;
        self.denies(of(PolicyKind::Identity), &policies.identity, Answer::Yes, String::new)
            .or_else(|| self.denies(of(PolicyKind::Boundary), policies.boundary.as_slice(), Answer::Yes, String::new))
            .or_else(|| self.denies(of(PolicyKind::Session), &policies.session, Answer::Yes, String::new))
    }

    /// Whether the request goes through the endpoint (IAM User Guide, "AWS global condition
    /// context keys", properties of the network).
    fn endpoint_has_a_say(&self) -> Answer {
        let others = ["aws:sourcevpc", "aws:vpcsourceip", "aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths"];
        if self.policies.endpoint.is_none() {
            return Answer::No;
        }
        if self.trial.has("aws:sourcevpce") {
            return Answer::Yes;
        }
        if others.iter().any(|key| self.trial.has(key)) { Answer::Undecidable } else { Answer::No }
    }

    fn endpoint_denies(&mut self) -> Option<Cited> {
        let have_a_say = self.endpoint_has_a_say();
        let policies = self.policies.endpoint.as_slice();
        self.denies(Place::of(PolicyKind::Endpoint), policies, have_a_say, endpoint_is_open)
    }

    fn endpoint_allows(&mut self) -> Answer {
        let have_a_say = self.endpoint_has_a_say();
        if have_a_say.is_no() {
            return Answer::Yes;
        }
        let allows = self.allows(Place::of(PolicyKind::Endpoint), self.policies.endpoint.as_slice());
        self.unless_silent(allows, have_a_say, endpoint_is_open)
    }

    fn scps_allow(&mut self) -> Answer {
        let have_a_say = self.scps_have_a_say();
        if have_a_say.is_no() {
            return Answer::Yes;
        }
        let mut all = Answer::Yes;
        for (level, policies) in self.policies.scps.iter().enumerate() {
            let place = Place { kind: PolicyKind::ServiceControl, level };
            all = all.and(self.allows(place, policies));
        }
        self.unless_silent(all, have_a_say, perhaps_linked)
    }

    /// What a kind of policy allows, if it is not certain to have a say.
    fn unless_silent(&self, allows: Answer, have_a_say: Answer, why: impl FnOnce() -> String) -> Answer {
        if have_a_say.is_yes() || allows.is_yes() {
            return allows;
        }
        self.trial.open(why)
    }

    /// Whether resource and identity policies together grant the request.
    fn granted(&mut self, lacks: &mut Vec<PolicyKind>) -> Answer {
        let ways = self.resource_grants();
        if !self.has_own_policies() && *self.request.caller() != Caller::Root {
            let granted = ways.itself.or(ways.everyone);
            if granted.is_no() {
                lacks.push(PolicyKind::Resource);
            }
            return granted;
        }
        let own = self.own_policies_allow();
        let account = self.request.resource_account();
        let same = self.request.account() == Some(account) || account == "aws";
        if !same {
            let by_resource = ways.any();
            let granted = by_resource.and(own.identity).and(own.limits());
            own.missing(lacks);
            if by_resource.is_no() {
                lacks.push(PolicyKind::Resource);
            }
            return granted;
        }
        // Limits do not reach what is granted to the user or session itself; whether they reach
        // what is granted to everyone is not said.
        let limits = own.limits();
        let to_everyone = match ways.everyone {
            Answer::No => Answer::No,
            everyone if limits.is_yes() => everyone,
            _ => self.trial.open(|| "a principal `*` under a boundary or session policy without Allow".to_owned()),
        };
        let by_resource = ways.itself.or(ways.role.and(limits)).or(to_everyone);
        let delegated = if self.owner == Owner::Shares { Answer::Yes } else { ways.account };
        let granted = by_resource.or(own.identity.and(limits).and(delegated));
        if granted.is_no() {
            own.missing(lacks);
            if own.identity.is_no() || delegated.is_no() {
                lacks.push(PolicyKind::Resource);
            }
        }
        granted
    }

    fn resource_grants(&mut self) -> Ways {
        let policies = self.policies;
        if self.owner == Owner::Hidden {
            self.trial.open(|| "an alias, which does not say which key it stands for".to_owned());
            return Ways::OPEN;
        }
        let Some(policy) = &policies.resource else {
            if self.owner == Owner::Shares {
                return Ways::NONE;
            }
            self.trial.open(|| "the policy of the key or role is not given".to_owned());
            return Ways::OPEN;
        };
        if let Some(why) = policy.refused_as(PolicyKind::Resource, self.trust) {
            self.trial.open(|| why.to_owned());
            return Ways::OPEN;
        }
        let mut all = Ways::NONE;
        for (index, ready) in policy.statements() {
            if ready.effect != Effect::Allow {
                continue;
            }
            let ways = self.grants(ready);
            if ways.any().is_yes() {
                self.cite(Place::of(PolicyKind::Resource), 0, policy, index);
            }
            all = all.or(ways);
        }
        all
    }

    fn grants(&self, ready: &Ready) -> Ways {
        let mark = self.trial.mark();
        let named = ready.names(&self.trial, false);
        if named.any().is_no() {
            return Ways::NONE;
        }
        let mut ways = named.and(ready.applies(&self.trial, PolicyKind::Resource));
        // Limits of a session do not reach an Allow for everyone that names principals so.
        if ready.narrows_to_principals() {
            ways.itself = ways.itself.or(ways.everyone);
            ways.everyone = Answer::No;
        }
        if ways.any() != Answer::Undecidable {
            self.trial.forget_since(mark);
        }
        ways
    }

    fn own_policies_allow(&mut self) -> Own {
        if *self.request.caller() == Caller::Root {
            return Own { identity: Answer::Yes, boundary: Answer::Yes, session: Answer::Yes };
        }
        let policies = self.policies;
        let identity = self.allows(Place::of(PolicyKind::Identity), &policies.identity);
        let boundary = match &policies.boundary {
            None => Answer::Yes,
            Some(boundary) => self.allows(Place::of(PolicyKind::Boundary), std::slice::from_ref(boundary)),
        };
        let session = match policies.session.as_slice() {
            // IAM User Guide, "How AWS enforcement code logic evaluates requests ..": a federated
            // user has what the session policies give, so nothing without them.
            [] => Answer::from(*self.request.caller() != Caller::FederatedUser),
            session => self.allows(Place::of(PolicyKind::Session), session),
        };
        Own { identity, boundary, session }
    }

    /// What no policy settles, although policies allow the request.
    fn beyond_policies(&self) -> Answer {
        let caller = self.request.caller();
        let action = self.request.folded_action();
        if assumes(self.request) {
            let federated = action.starts_with("sts:assumerolewith");
            let joins = ["sts:tagsession", "sts:setsourceidentity"].contains(&action);
            let usual = match caller {
                Caller::User | Caller::Role | Caller::Session { .. } | Caller::Service => !federated,
                Caller::Provider => federated || joins,
                Caller::Root | Caller::FederatedUser | Caller::Anonymous => false,
            };
            if !usual {
                return self.trial.open(|| format!("`{}` called by this kind of principal", self.request.action()));
            }
            if !self.trust {
                return self.trial.open(|| format!("`{}` on what is no role", self.request.action()));
            }
        }
        let unsigned = action == "sts:getcalleridentity" || *caller == Caller::Provider;
        if unsigned && !assumes(self.request) {
            return self.trial.open(|| format!("`{}` called without credentials", self.request.action()));
        }
        if changes_what_aws_manages(self.request) {
            return self.trial.open(|| "a change to what AWS manages, whatever policies say".to_owned());
        }
        Answer::Yes
    }

    /// The first Deny that matches. Notes an open one.
    fn denies(
        &mut self,
        place: Place,
        policies: &[Policy],
        have_a_say: Answer,
        why: impl Fn() -> String,
    ) -> Option<Cited> {
        if have_a_say.is_no() {
            return None;
        }
        let bounded = self.has_own_policies() && self.policies.boundary.is_some();
        for (position, policy) in policies.iter().enumerate() {
            if let Some(refusal) = policy.refused_as(place.kind, self.trust) {
                self.denied = self.denied.or(self.trial.open(|| refusal.to_owned()));
                continue;
            }
            for (index, ready) in policy.statements() {
                if ready.effect != Effect::Deny {
                    continue;
                }
                let mark = self.trial.mark();
                let matches = match self.matches(ready, place.kind, bounded) {
                    Answer::No => Answer::No,
                    matches if have_a_say.is_yes() => matches,
                    _ => self.trial.open(&why),
                };
                if matches != Answer::Undecidable {
                    self.trial.forget_since(mark);
                }
                if matches.is_yes() {
                    return Some(cited(place, position, policy, index));
                }
                self.denied = self.denied.or(matches);
            }
        }
        None
    }

    /// Whether some Allow matches, of policies of which one is enough.
    fn allows(&mut self, place: Place, policies: &[Policy]) -> Answer {
        let before = self.trial.mark();
        let mut all = Answer::No;
        for (position, policy) in policies.iter().enumerate() {
            if let Some(refusal) = policy.refused_as(place.kind, self.trust) {
                all = all.or(self.trial.open(|| refusal.to_owned()));
                continue;
            }
            for (index, ready) in policy.statements() {
                if ready.effect != Effect::Allow {
                    continue;
                }
                let mark = self.trial.mark();
                let matches = self.matches(ready, place.kind, false);
                if matches != Answer::Undecidable {
                    self.trial.forget_since(mark);
                }
                if matches.is_yes() {
                    self.trial.forget_since(before);
                    self.cite(place, position, policy, index);
                    return Answer::Yes;
                }
                all = all.or(matches);
            }
        }
        all
    }

    fn matches(&self, ready: &Ready, kind: PolicyKind, bounded: bool) -> Answer {
        let named = match &ready.principals {
            None => Answer::Yes,
            Some(principals) => {
                let gateway = kind == PolicyKind::Endpoint && GATEWAY_SERVICES.contains(&self.request.service());
                match principals.names(&self.trial, bounded).any() {
                    Answer::No => return Answer::No,
                    _ if gateway && !principals.is_everyone() => {
                        self.trial.open(|| "a principal in the policy of a gateway endpoint".to_owned())
                    }
                    named => named,
                }
            }
        };
        named.and(ready.applies(&self.trial, kind))
    }

    fn cite(&mut self, place: Place, position: usize, policy: &Policy, statement: usize) {
        self.by.push(cited(place, position, policy, statement));
    }
}

/// What the policies of the caller allow.
struct Own {
    identity: Answer,
    boundary: Answer,
    session: Answer,
}

impl Own {
    fn limits(&self) -> Answer {
        self.boundary.and(self.session)
    }

    fn missing(&self, lacks: &mut Vec<PolicyKind>) {
        let kinds = [
            (self.identity, PolicyKind::Identity),
            (self.boundary, PolicyKind::Boundary),
            (self.session, PolicyKind::Session),
        ];
        lacks.extend(kinds.into_iter().filter(|(answer, _)| answer.is_no()).map(|(_, kind)| kind));
    }
}

fn cited(place: Place, policy: usize, found: &Policy, statement: usize) -> Cited {
    let sid = found.sid(statement).map(str::to_owned);
    Cited { kind: place.kind, level: place.level, policy, statement, sid }
}

fn perhaps_linked() -> String {
    "a session whose role may be service-linked".to_owned()
}

fn endpoint_is_open() -> String {
    "a key of a VPC endpoint without `aws:SourceVpce`".to_owned()
}

/// Whether the action is one that a trust policy speaks of.
fn assumes(request: &Request) -> bool {
    // Asked about each request, and seldom so.
    if request.service() != "sts" {
        return false;
    }
    let family = |action: &&crate::trust::TrustAction| action.as_str().eq_ignore_ascii_case(request.action());
    crate::trust::FAMILY.iter().any(|action| family(&action))
}

/// The resource part of the ARN, if it is of a service.
fn resource_of<'r>(request: &'r Request, service: &str) -> Option<&'r str> {
    let [_, _, own, _, _, resource] = parts_of(request.resource())?;
    (own == service).then_some(resource)
}

/// Policies that AWS owns, roles of IAM Identity Center and service-linked roles: whoever may
/// change them by policies, the services refuse it.
fn changes_what_aws_manages(request: &Request) -> bool {
    let Some(name) = request.folded_action().strip_prefix("iam:") else {
        return false;
    };
    let reads = ["get", "list", "simulate", "generate"].iter().any(|verb| name.starts_with(verb));
    let allowed = ["passrole", "createservicelinkedrole", "deleteservicelinkedrole"].contains(&name);
    let managed = request.resource_account() == "aws"
        || resource_of(request, "iam").is_some_and(|resource| {
            resource.starts_with("role/aws-reserved/") || resource.starts_with("role/aws-service-role/")
        });
    managed && !reads && !allowed
}
