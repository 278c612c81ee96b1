//! IAM-05: no role holds a capability the separation matrix denies it.

use std::rc::Rc;
use std::sync::Arc;

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Severity};
use plumbline_policy::{CarveOuts, Confinement, KeyKind, Pattern, Question, Variables, Wanted};
use plumbline_snapshot::{cloudtrail, ec2, iam, kms};

use crate::Control;
use crate::baseline::{BucketKind, CapabilityClass, LogicalRole, SeparationOverride};
use crate::judge::{self, Known, Say, Set, field};
use crate::place::Place;
use crate::tables::classes::{Cell, TOLERATED_OF_NB_USE, cell};
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::capabilities::{Holding, by_statement};
use crate::world::powers::Powers;
use crate::world::targets::{Targets, undecided};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        &iam::POLICY,
        &iam::POLICY_VERSION,
        &kms::ALIASES,
        &kms::KEY_TAGS,
        &cloudtrail::TRAILS,
        &ec2::FLOW_LOGS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-05",
    name: "separation-matrix",
    title: "No role holds a capability the separation matrix denies it.",
    area: Area::Roles,
    severity: Severity::Critical,
    origin: Origin::Seed,
    scope: "role × class",
    rationale: "Seven roles protect each other only as long as none can do another's work: whoever trains must not deploy, whoever deploys must not read data, and nobody of them administers what guards them.",
    decided: "For each class that the matrix denies to the role, all its policies are asked together whether they let one of the class's actions through: wildcards and NotAction count, conditions of an Allow do not help, nor does a Deny with conditions; a Deny that covers everything does, and a permissions boundary that lacks the action. Data, bucket, key, log group and role actions count only where they reach the environment's. notebook_creation may start and stop notebooks; endpoint_hosting may read the model bucket, and write to a part of a data bucket (which part receives captured data the policy cannot say). A live entry of `separation_overrides` relaxes its cell, and is told in the evidence.",
    remediation: "Take the action out of the statement, or move it to the role that the class belongs to.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-5", "AC-6"] },
};

/// A role and a class that it must not hold, or not wholly.
struct Pair<'a> {
    bound: Rc<Bound<'a>>,
    powers: Known<'a, Arc<Powers>>,
    class: CapabilityClass,
    /// The logical roles to which the matrix denies it.
    denied_to: Vec<LogicalRole>,
}

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let targets = world.targets(place);
    let roles = world.bound_roles(place);
    let mut pairs = Set { items: Vec::new(), unknown: roles.unknown };
    for bound in roles.items {
        let (powers, bound) = (world.powers(bound.role), Rc::new(bound));
        for class in CapabilityClass::ALL {
            let denied_to = denied_to(world, place, &bound, class);
            if !denied_to.is_empty() {
                pairs.items.push(Pair { bound: Rc::clone(&bound), powers: powers.clone(), class, denied_to });
            }
        }
    }
    let name = |pair: &Pair<'a>| (pair.bound.subject().0, Some(pair.class.as_str().to_owned()));
    judge::each(&INFO, place, pairs, name, |say, pair| look(world, place, &targets, pair, say))
}

/// The logical roles of an IAM role to which the matrix denies a class. Where the baseline merges two, what one of them may
/// hold the other may too.
fn denied_to(world: &World<'_>, place: &Place<'_>, bound: &Bound<'_>, class: CapabilityClass) -> Vec<LogicalRole> {
    let merged = |role: LogicalRole, other: LogicalRole| {
        overrides(world, place).any(|over| {
            over.merge_with.is_some_and(|with| (over.role, with) == (role, other) || (over.role, with) == (other, role))
        })
    };
    let lent = |role| bound.plays.iter().any(|other| cell(*other, class) == Cell::Free && merged(role, *other));
    let plays = bound.plays.iter().copied();
    plays.filter(|role| cell(*role, class) != Cell::Free && !lent(*role)).collect()
}

fn look<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    targets: &Targets<'a>,
    pair: &Pair<'a>,
    say: &mut Say<'a>,
) -> Known<'a, ()> {
    let Pair { bound, powers, class, denied_to } = pair;
    let powers = powers.as_ref().map_err(Clone::clone)?;
    let held = say.set(powers.held(*class, targets, &bound.plays));
    let relaxed =
        |role: &LogicalRole| overrides(world, place).find(|over| over.role == *role && over.class == Some(*class));
    for role in denied_to {
        let held = held.iter().filter(|holding| !spared(*role, holding, powers)).cloned();
        let held: Vec<Holding<'_>> = match relaxed(role) {
            Some(over) if needs_a_boundary(*role, *class) => {
                let (bounded, free): (Vec<_>, Vec<_>) =
                    held.partition(|holding| is_bounded(place, holding, powers, say));
                if !bounded.is_empty() {
                    say.fact(relaxation(bound, over));
                }
                free
            }
            Some(over) => {
                if held.count() > 0 {
                    say.fact(relaxation(bound, over));
                }
                continue;
            }
            None => held.collect(),
        };
        for one in by_statement(held) {
            let action = one.actions.first().copied().unwrap_or_default();
            let (why, beside) = powers.unstopped(action);
            let asked = match relaxed(role) {
                Some(_) => ", without the condition on `iam:PermissionsBoundary` that its override asks for",
                None => "",
            };
            let message = format!(
                "`{}` ({role}) holds {}: {} allows {}{asked}; {why}",
                bound.role.name,
                class.as_str(),
                one.power.words(),
                one.deeds(),
            );
            say.broken_as(severity(*role, *class), message, std::iter::once(one.evidence()).chain(beside));
        }
    }
    Ok(())
}

fn severity(role: LogicalRole, class: CapabilityClass) -> Severity {
    match (role, class) {
        (LogicalRole::DataScientist, CapabilityClass::ModelCreate)
        | (LogicalRole::NotebookExecution, CapabilityClass::EpInvoke) => Severity::High,
        _ => INFO.severity,
    }
}

/// Whether a footnote of the matrix tolerates this.
fn spared(role: LogicalRole, holding: &Holding<'_>, powers: &Powers) -> bool {
    let kind = holding.target.as_ref().and_then(|target| target.kind);
    match (role, holding.action) {
        (LogicalRole::NotebookCreation, action) => TOLERATED_OF_NB_USE.contains(&action),
        (LogicalRole::EndpointHosting, "s3:GetObject") => kind == Some(BucketKind::Model),
        (LogicalRole::EndpointHosting, "s3:PutObject") => {
            // An object that no prefix would name shows that the Allow is of the whole bucket.
            holding.target.as_ref().is_some_and(|target| {
                let anywhere = Pattern::literal(&format!("{}/any/object", target.name), Variables::Plain);
                let same = |statement| std::ptr::eq(statement, holding.power.statement);
                !powers.may(holding.action, &anywhere).iter().any(|power| same(power.statement))
            })
        }
        _ => false,
    }
}

/// The overrides of the place that live.
fn overrides<'w>(world: &'w World<'_>, place: &'w Place<'_>) -> impl Iterator<Item = &'w SeparationOverride> {
    let today = world.today();
    world.baseline.separation_overrides.iter().filter(move |over| over.environment == place.name && over.lives(today))
}

/// Whether an override is not enough, since every Allow must also hand out a permissions boundary: a launch role that makes
/// one execution role for each notebook.
fn needs_a_boundary(role: LogicalRole, class: CapabilityClass) -> bool {
    (role, class) == (LogicalRole::NotebookCreation, CapabilityClass::IamAdmin)
}

/// Whether the Allow is confined to entities that carry a boundary of the baseline's, or some boundary where it names none.
fn is_bounded<'a>(place: &Place<'_>, holding: &Holding<'_>, powers: &Powers, say: &mut Say<'a>) -> bool {
    let lists = place.environments.iter().filter_map(|it| it.boundaries_of(LogicalRole::NotebookExecution));
    let boundaries: Vec<&String> = lists.flatten().collect();
    let wanted = if boundaries.is_empty() { Wanted::anchored() } else { Wanted::values(boundaries) };
    let question = Question {
        key: "iam:PermissionsBoundary",
        kind: KeyKind::Single,
        wanted: &wanted,
        carve_outs: CarveOuts::NONE,
    };
    let any = Pattern::glob("*", Variables::Plain);
    let gated = powers.gated(holding.action, &any, &question);
    let same = |statement| std::ptr::eq(statement, holding.power.statement);
    match gated.into_iter().find(|(power, _)| same(power.statement)) {
        Some((_, Confinement::Confined)) => true,
        Some((power, Confinement::Undecidable)) => {
            let words = power.words();
            say.unknown(undecided(format!("whether {words} confines `iam:PermissionsBoundary` hangs on a variable")));
            true
        }
        _ => false,
    }
}

fn relaxation(bound: &Bound<'_>, over: &SeparationOverride) -> Evidence {
    let class = over.class.map_or("", CapabilityClass::as_str);
    field(
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        format!("{}.Arn", bound.role.name),
        format!("`separation_overrides` lets {} hold {class} until {}: {}", over.role, over.expires, over.reason),
        "no override",
    )
}

#[cfg(test)]
mod tests;
