//! All policies of one user or role together: its own, and a boundary. Which requests they allow
//! for certain, and where each of their statements stands. Comparing them is `compare`'s business.

use crate::answer::Answer;
use crate::compiled::{Policy, PolicyKind, Ready};
use crate::decide::Cited;
use crate::document::{Effect, Statement};
use crate::request::Request;
use crate::trial::{Trial, World};

/// Policies that have a say together: a request is allowed if some Allow of some policy applies,
/// with a boundary some Allow of the boundary too, and no Deny of any of them (IAM User Guide,
/// "Permissions boundaries for IAM entities").
///
/// Policies that cannot be read do not belong here: the answers would not be true of them.
#[derive(Clone, Debug)]
pub struct Effective<'a> {
    /// Inline and managed ones of the user or role and its groups, in any order.
    pub policies: Vec<&'a Policy>,
    /// The permissions boundary.
    pub boundary: Option<&'a Policy>,
}

impl<'a> From<&'a Policy> for Effective<'a> {
    fn from(policy: &'a Policy) -> Self {
        Effective { policies: vec![policy], boundary: None }
    }
}

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The position of its policy; None for the boundary.
    pub(crate) policy: Option<usize>,
    pub(crate) statement: usize,
}

impl<'a> Effective<'a> {
    /// Each policy and its position, the boundary, without one, last.
    fn parts(&self) -> impl Iterator<Item = (Option<usize>, &'a Policy)> {
        let own = self.policies.iter().enumerate().map(|(at, policy)| (Some(at), *policy));
        own.chain(self.boundary.map(|boundary| (None, boundary)))
    }

    pub(crate) fn statements(&self) -> impl Iterator<Item = (Place, &'a Statement)> {
        self.parts().flat_map(|(policy, own)| {
            let place = move |(at, statement)| (Place { policy, statement: at }, statement);
            own.document().statements.iter().enumerate().map(place)
        })
    }

    /// `kind`: what the policies are, the boundary aside.
    pub(crate) fn cited(&self, place: Place, kind: PolicyKind) -> Cited {
        let policy = match place.policy {
            Some(at) => self.policies.get(at).copied(),
            None => self.boundary,
        };
        Cited {
            kind: if place.policy.is_some() { kind } else { PolicyKind::Boundary },
            level: 0,
            policy: place.policy.unwrap_or(0),
            statement: place.statement,
            sid: policy.and_then(|policy| policy.sid(place.statement)).map(str::to_owned),
        }
    }

    /// Why IAM would not save one of the policies, where nothing about it is certain therefore.
    pub(crate) fn refused(&self, kind: PolicyKind, trust: bool) -> Option<&'a str> {
        // What is refused for these reasons still has a meaning, or cancels.
        let readable = |why: &&str| why.contains(": the operator `") || why.ends_with("its principal is not everyone");
        self.parts().find_map(|(policy, own)| {
            let kind = if policy.is_some() { kind } else { PolicyKind::Boundary };
            own.refused_as(kind, trust && policy.is_some()).filter(|why| !readable(why))
        })
    }

    /// Whether the policies by themselves allow a request, with what was open, if it is open: what
    /// the request leaves open about its context is tried in every way, as by
    /// [`decide`](crate::decide). `granted`: no Allow is needed, as of a resource control policy
    /// (AWS Organizations User Guide, "RCP evaluation": RCPFullAWSAccess is attached everywhere).
    pub(crate) fn allows(&self, kind: PolicyKind, granted: bool, request: &Request) -> (Answer, Vec<String>) {
        let mut touched = World::default();
        let mut answer = None;
        for (implied, without_source_ip) in [(false, false), (true, false), (false, true), (true, true)] {
            let world = World { implied, without_source_ip };
            if (implied && !touched.implied) || (without_source_ip && !touched.without_source_ip) {
                continue;
            }
            let trial = Trial::new(request, world);
            let own = self.tried(kind, granted, &trial);
            touched.implied |= trial.touched().implied;
            touched.without_source_ip |= trial.touched().without_source_ip;
            if own == Answer::Undecidable {
                return (own, trial.into_notes());
            }
            if *answer.get_or_insert(own) != own {
                let about = trial.about().unwrap_or("aws:SourceIp");
                let note = format!("the verdict depends on `{about}`, which the request leaves open");
                return (Answer::Undecidable, vec![note]);
            }
        }
        (answer.unwrap_or(Answer::Undecidable), Vec::new())
    }

    fn tried(&self, kind: PolicyKind, granted: bool, trial: &Trial<'_>) -> Answer {
        let (mut own, mut bound) = (Answer::from(granted), Answer::from(self.boundary.is_none()));
        let mut denied = Answer::No;
        for (policy, document) in self.parts() {
            let kind = if policy.is_some() { kind } else { PolicyKind::Boundary };
            for (_, ready) in document.statements() {
                let applies = applies(ready, kind, trial);
                match (ready.effect, policy) {
                    (Effect::Deny, _) => denied = denied.or(applies),
                    (Effect::Allow, Some(_)) => own = own.or(applies),
                    (Effect::Allow, None) => bound = bound.or(applies),
                }
            }
        }
        own.and(bound).and(denied.negated())
    }
}

fn applies(ready: &Ready, kind: PolicyKind, trial: &Trial<'_>) -> Answer {
    let mark = trial.mark();
    let applies = ready.names(trial, false).any().and(ready.applies(trial, kind));
    if applies != Answer::Undecidable {
        trial.forget_since(mark);
    }
    applies
}

#[cfg(test)]
mod tests;
