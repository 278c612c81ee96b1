//! Which capability classes a role's policies hold, by which statements, and why nothing takes them back.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use plumbline_findings::Evidence;
use plumbline_policy::{Answer, Asking, CarveOuts, Confinement, KeyKind, Pattern, Question, Wanted};

use crate::baseline::{CapabilityClass, LogicalRole};
use crate::judge::{Known, Set, Unknown, few, field, many};
use crate::tables::classes::{On, deeds};
use crate::world::powers::{Held, Power, Powers};
use crate::world::targets::{Target, Targets, undecided};

/// An action of a class that a policy lets through, and on what.
#[derive(Debug, Clone)]
pub(crate) struct Holding<'p> {
    /// The action.
    pub(crate) action: &'static str,
    /// The Allow.
    pub(crate) power: Power<'p>,
    /// What it reaches of the environment; none where any resource counts.
    pub(crate) target: Option<Rc<Target>>,
}

/// Holdings by one statement.
#[derive(Debug)]
pub(crate) struct ByStatement<'p> {
    /// The Allow.
    pub(crate) power: Power<'p>,
    /// The actions.
    pub(crate) actions: Vec<&'static str>,
    /// The names of what they reach; empty where any resource counts.
    pub(crate) targets: Vec<String>,
}

impl Powers {
    /// How the class is held by a role that plays these; what it is not known to reach is told beside.
    pub(crate) fn held<'a>(
        &self,
        class: CapabilityClass,
        targets: &Targets<'a>,
        plays: &[LogicalRole],
    ) -> Set<'a, Holding<'_>> {
        let mut found = Vec::new();
        let unknown = self.seek(class, targets, plays, |holding| {
            found.push(holding);
            true
        });
        Set { items: found, unknown }
    }

    /// Whether the class is held at all, by a role that plays nothing.
    ///
    /// # Errors
    /// It is not known to be, and may be.
    pub(crate) fn holds<'a>(&self, class: CapabilityClass, targets: &Targets<'a>) -> Known<'a, bool> {
        let mut held = false;
        let unknown = self.seek(class, targets, &[], |_| {
            held = true;
            false
        });
        match unknown {
            Some(unknown) if !held => Err(unknown),
            _ => Ok(held),
        }
    }

    /// Each certain holding, as long as `next` wants more, and why there may be others.
    fn seek<'a, 's>(
        &'s self,
        class: CapabilityClass,
        targets: &Targets<'a>,
        plays: &[LogicalRole],
        mut next: impl FnMut(Holding<'s>) -> bool,
    ) -> Option<Unknown<'a>> {
        if !self.speaks_of(class) {
            return None;
        }
        let mut unknown: Option<Unknown<'a>> = None;
        let mut found = |unknown: &mut Option<Unknown<'a>>, action, (power, sure): (Power<'s>, Answer), target| {
            if sure.is_yes() {
                return next(Holding { action, power, target });
            }
            unknown.get_or_insert_with(|| unclear(action, &power));
            true
        };
        for deeds in deeds(class) {
            for action in deeds.actions {
                // What reaches nothing of the kind anywhere needs no list of what there is.
                let asking = self.asking(action);
                let reach = |resource: &Pattern| self.reach(deeds.on, action, &asking, resource);
                let wide = reach(targets.widest(deeds.on));
                if wide.is_empty() {
                    continue;
                }
                let Some(near) = targets.near(deeds.on, &asking) else {
                    if !wide.into_iter().all(|power| found(&mut unknown, *action, power, None)) {
                        return unknown;
                    }
                    continue;
                };
                let is_other =
                    |target: &Target| target.plays.is_empty() || target.plays.iter().any(|it| !plays.contains(it));
                for target in near.items.into_iter().filter(|target| is_other(target)) {
                    let reached = reach(&target.pattern);
                    if !reached.into_iter().all(|power| found(&mut unknown, *action, power, Some(Rc::clone(target)))) {
                        return unknown;
                    }
                }
                unknown = unknown.or(near.unknown);
            }
        }
        unknown
    }

    /// The Allows that let the action through on such a resource, and whether they certainly do.
    fn reach<'s>(&'s self, on: On, action: &str, asking: &Asking<'s>, resource: &Pattern) -> Vec<(Power<'s>, Answer)> {
        if on != On::Grants {
            return self.on(asking, resource).into_iter().map(|power| (power, power.sure)).collect();
        }
        // "Using condition keys with grants": AWS KMS Developer Guide.
        let wanted = Wanted::yes();
        let question = Question {
            key: "kms:GrantIsForAWSResource",
            kind: KeyKind::Boolean,
            wanted: &wanted,
            carve_outs: CarveOuts::NONE,
        };
        let open = |(power, confinement): (Power<'s>, Confinement)| match confinement {
            Confinement::Confined => None,
            Confinement::Undecidable => Some((power, Answer::Undecidable)),
            Confinement::PresenceOnly | Confinement::Open { .. } => Some((power, power.sure)),
        };
        self.gated(action, resource, &question).into_iter().filter_map(open).collect()
    }

    /// Why nothing takes an action back that an Allow lets through: in words, and the boundary's Allow and the Denies that
    /// do not cover it as evidence.
    pub(crate) fn unstopped(&self, action: &str) -> (String, Vec<Evidence>) {
        let mut evidence = Vec::new();
        let mut denies = Vec::new();
        for held in self.policies().iter().chain(self.boundary()) {
            for deny in held.document.denies().filter(|deny| !deny.matches_action(action).is_no()) {
                let why = if deny.conditions.is_empty() { "leaves out some resources" } else { "has conditions" };
                denies.push(format!("the Deny in statement {} of {} {why}", deny.index, held.origin));
                evidence.push(statement(
                    held,
                    deny,
                    &format!("a Deny of {action} without conditions, on all resources"),
                ));
            }
        }
        let denies = if denies.is_empty() { "no Deny speaks of it".to_owned() } else { few(", ", &denies) };
        let boundary = match self.boundary() {
            None => "the role has no permissions boundary".to_owned(),
            Some(held) => {
                let allows = held.document.allows().filter(|allow| !allow.matches_action(action).is_no());
                let allows: Vec<_> = allows.collect();
                evidence.extend(
                    allows.iter().take(1).map(|allow| statement(held, allow, &format!("no Allow of {action}"))),
                );
                let numbers = few(", ", allows.iter().map(|allow| allow.index));
                format!("the boundary {} allows it in statement {numbers}", held.origin)
            }
        };
        (format!("{denies}, and {boundary}"), evidence)
    }
}

/// A statement as evidence.
fn statement(held: &Held, statement: &plumbline_policy::Statement, wanted: &str) -> Evidence {
    field(held.source, format!("{}.Statement[{}]", held.path, statement.index), statement.to_string(), wanted)
}

/// That it cannot be told whether a statement lets an action through.
pub(crate) fn unclear<'a>(action: &str, power: &Power<'_>) -> Unknown<'a> {
    undecided(format!("whether {} lets {action} through cannot be decided from its text", power.words()))
}

/// The holdings, gathered by statement in the order in which they were found.
pub(crate) fn by_statement<'p>(holdings: Vec<Holding<'p>>) -> Vec<ByStatement<'p>> {
    let mut order: BTreeMap<(String, usize), usize> = BTreeMap::new();
    let mut all: Vec<ByStatement<'p>> = Vec::new();
    let mut told: BTreeSet<(usize, String)> = BTreeSet::new();
    for Holding { action, power, target } in holdings {
        let next = all.len();
        let at = *order.entry((power.held.path.clone(), power.statement.index)).or_insert(next);
        if at == next {
            all.push(ByStatement { power, actions: Vec::new(), targets: Vec::new() });
        }
        let Some(one) = all.get_mut(at) else { continue };
        if !one.actions.contains(&action) {
            one.actions.push(action);
        }
        if let Some(target) = target.filter(|target| told.insert((at, target.name.clone()))) {
            one.targets.push(target.name.clone());
        }
    }
    all
}

impl ByStatement<'_> {
    /// What the statement lets through, such as `s3:GetObject on arn:aws:s3:::x`.
    pub(crate) fn deeds(&self) -> String {
        let actions = few(", ", &self.actions);
        if self.targets.is_empty() { actions } else { format!("{actions} on {}", few(", ", &self.targets)) }
    }

    /// The same as evidence, with more of the names.
    pub(crate) fn evidence(&self) -> Evidence {
        self.power.evidence(&self.unwanted())
    }

    /// The same where it is one of several who have the policy.
    pub(crate) fn evidence_for(&self, who: &str) -> Evidence {
        self.power.evidence(&format!("{} for {who}", self.unwanted()))
    }

    fn unwanted(&self) -> String {
        let on = if self.targets.is_empty() { String::new() } else { format!(" on {}", many(", ", &self.targets)) };
        format!("no Allow of {}{on}", many(", ", &self.actions))
    }
}
