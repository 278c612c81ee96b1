//! IAM-11: no role can raise its own privileges.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{
    Answer, Asking, CarveOuts, KeyKind, Pattern, PrincipalClass, Question, Variables, Wanted, classify, same_key,
    trust_grants,
};
use plumbline_snapshot::iam::{self, Role};
use plumbline_snapshot::{cloudtrail, ec2, kms, sagemaker};

use crate::Control;
use crate::baseline::{CapabilityClass, LogicalRole};
use crate::judge::{self, Known, Say, Unknown, few, field};
use crate::place::Place;
use crate::tables::classes::hands_over;
use crate::tables::escalation::{LAUNCHES, ON_ALL, ON_POLICIES, ON_ROLES, SAGEMAKER, UNSEEN};
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::capabilities::unclear;
use crate::world::chains::ASSUME;
use crate::world::powers::{Power, Powers};
use crate::world::strengths::Strengths;
use crate::world::trust::service_name;

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
        &sagemaker::NOTEBOOKS,
        &sagemaker::NOTEBOOK,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAM-11",
    name: "no-privilege-escalation",
    title: "No role can raise its own privileges.",
    area: Area::Roles,
    severity: Severity::Critical,
    origin: Origin::Derived,
    scope: "IAM role",
    rationale: "Two harmless permissions can make a dangerous one: whoever passes a stronger role to a service, or rewrites a policy, has what that role or policy has.",
    decided: "These paths are searched: IAM actions on everything, on the role itself, on its policies or on a bound role, unless each Allow hands out a permissions boundary of the baseline; passing a role that holds a class this one lacks, that trusts the service, together with an action that makes the service run under it; sts:AssumeRole on everything; opening a notebook, or changing the lifecycle configuration of one, whose role holds more. What the design hands over is none: what IAM-10 expects, and data_scientist opening notebooks under notebook_execution. Under which roles functions and pipelines run is not read: who may change them is INSUFFICIENT_DATA.",
    remediation: "Remove one step of the path, or add a permissions boundary that does.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-6", "AC-6(10)"] },
};

/// The boundary that a new or changed principal gets.
const BOUNDARY: &str = "iam:PermissionsBoundary";

/// One role, and what it can do.
struct Climber<'w, 'a> {
    world: &'w World<'a>,
    place: &'w Place<'a>,
    strengths: &'w Strengths<'w, 'a>,
    bound: &'w Bound<'a>,
    powers: Arc<Powers>,
    /// How it is called.
    who: String,
}

/// Something of IAM that may be rewritten.
struct Goal {
    arn: String,
    pattern: Pattern,
    /// For people.
    name: String,
}

impl Goal {
    fn new(arn: String, name: String) -> Self {
        Self { pattern: Pattern::literal(&arn, Variables::Plain), arn, name }
    }

    fn named(arn: &str) -> Self {
        Self::new(arn.to_owned(), format!("`{arn}`"))
    }
}

/// What one Allow lets a role rewrite, in the order in which it was found.
struct Rewritten<'p> {
    power: Power<'p>,
    actions: Vec<&'p str>,
    names: Vec<&'p str>,
    told: HashSet<&'p str>,
}

impl<'p> Rewritten<'p> {
    fn add(found: &mut Vec<Self>, power: Power<'p>, action: &'p str, name: &'p str) {
        let place = found.iter().position(|one| std::ptr::eq(one.power.statement, power.statement));
        let place = place.unwrap_or_else(|| {
            found.push(Rewritten { power, actions: Vec::new(), names: Vec::new(), told: HashSet::new() });
            found.len() - 1
        });
        let Some(one) = found.get_mut(place) else { return };
        if !one.actions.contains(&action) {
            one.actions.push(action);
        }
        if one.told.insert(name) {
            one.names.push(name);
        }
    }
}

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let roles = world.bound_roles(place);
    let goals: Vec<Goal> = roles.items.iter().map(|bound| Goal::named(&bound.role.arn)).collect();
    let strengths = world.strengths(place);
    judge::each(&INFO, place, roles, Bound::subject, |say, bound| {
        let who = format!("`{}` ({})", bound.role.name, bound.plays());
        let climber = Climber { world, place, strengths: &strengths, bound, powers: world.powers(bound.role)?, who };
        climber.rewrites(&goals, say);
        climber.assumes(say);
        climber.launches(say);
        climber.opens(say)
    })
}

impl<'a> Climber<'_, 'a> {
    /// (a) Rewrites what it, or a bound role, may do.
    fn rewrites(&self, bound: &[Goal], say: &mut Say<'a>) {
        if !self.powers.speaks_of(CapabilityClass::IamAdmin) {
            return;
        }
        for actions in [ON_ROLES, ON_POLICIES, ON_ALL] {
            // What is let through on nothing at all need not be asked of each.
            let any = Pattern::glob("*", Variables::Plain);
            let open: Vec<(&str, Asking<'_>)> = actions
                .iter()
                .map(|action| (*action, self.powers.asking(action)))
                .filter(|(_, asking)| !asking.on(&any).is_empty())
                .collect();
            if open.is_empty() {
                continue;
            }
            let own = self.goals(actions);
            let of_bound = bound.iter().filter(|goal| actions == ON_ROLES && goal.arn != *self.bound.role.arn);
            let (first, rest) = own.split_at(own.len().min(1));
            let goals: Vec<&Goal> = match actions == ON_ROLES {
                true => first.iter().chain(of_bound).chain(rest).collect(),
                false => own.iter().collect(),
            };
            let mut found: Vec<Rewritten<'_>> = Vec::new();
            for (action, asking) in open {
                for goal in &goals {
                    for power in self.free(action, &asking, &goal.pattern, say) {
                        Rewritten::add(&mut found, power, action, &goal.name);
                    }
                }
            }
            for Rewritten { power, actions, names, .. } in found {
                let (what, on) = (few(", ", &actions), few(", ", &names));
                say.broken(
                    format!("{} can rewrite IAM: {} allows {what} on {on}", self.who, power.words()),
                    [power.evidence(&format!("no Allow of {what} on {on}"))],
                );
            }
        }
    }

    /// What the role can rewrite besides bound roles: first itself, where it is about roles, last all of a kind.
    fn goals(&self, actions: &[&str]) -> Vec<Goal> {
        let role = self.bound.role;
        let every = |kind: &str| {
            let arn = format!("arn:{}:iam::{}:{kind}/=no=such=", self.place.partition, self.place.account);
            Goal::new(arn, format!("every {kind}"))
        };
        if actions == ON_ROLES {
            return vec![Goal::new(role.arn.to_string(), "itself".to_owned()), every("role")];
        }
        if actions == ON_ALL {
            return ["role", "user", "group"].map(every).into();
        }
        let own = role.attached.iter().chain(&role.boundary).filter(|arn| !arn.contains(":iam::aws:"));
        own.map(|arn| Goal::named(arn)).chain([every("policy")]).collect()
    }

    /// The Allows of an IAM action on this that are not confined to entities with a boundary of the baseline's.
    fn free<'s>(&'s self, action: &str, asking: &Asking<'s>, target: &Pattern, say: &mut Say<'a>) -> Vec<Power<'s>> {
        let free = self.powers.on(asking, target);
        let free =
            if free.is_empty() || !self.powers.speaks_about(BOUNDARY) { free } else { self.unbounded(action, target) };
        let (sure, unsure): (Vec<_>, Vec<_>) = free.into_iter().partition(|power| power.sure.is_yes());
        unsure.iter().for_each(|power| say.unknown(unclear(action, power)));
        sure
    }

    fn unbounded(&self, action: &str, target: &Pattern) -> Vec<Power<'_>> {
        let lists = self.place.environments.iter().filter_map(|it| it.boundaries_of(LogicalRole::NotebookExecution));
        let boundaries: Vec<&String> = lists.flatten().collect();
        let wanted = if boundaries.is_empty() { Wanted::anchored() } else { Wanted::values(boundaries) };
        let question = Question { key: BOUNDARY, kind: KeyKind::Single, wanted: &wanted, carve_outs: CarveOuts::NONE };
        let gated = self.powers.gated(action, target, &question);
        gated.into_iter().filter(|(_, confinement)| !confinement.is_confined()).map(|(power, _)| power).collect()
    }

    /// (c) Assumes whatever trusts the account.
    fn assumes(&self, say: &mut Say<'a>) {
        let anything = format!("arn:{}:iam::{}:role/=no=such=role=", self.place.partition, self.place.account);
        for power in self.powers.may(ASSUME, &Pattern::literal(&anything, Variables::Plain)) {
            say.broken(
                format!(
                    "{} may become every role that trusts the account: {} allows {ASSUME} on all of them",
                    self.who,
                    power.words()
                ),
                [power.evidence("roles by their ARNs as resource")],
            );
        }
    }

    /// (b) Passes a stronger role to a service, and makes the service run under it.
    fn launches(&self, say: &mut Say<'a>) {
        let any = Pattern::glob("*", Variables::Plain);
        let mut roles: BTreeMap<&str, &'a Role> = BTreeMap::new();
        for power in self.powers.may("iam:PassRole", &any) {
            let passed = say.set(self.world.roles_reached(&power));
            roles.extend(passed.into_iter().map(|role| (role.arn.as_str(), role)));
        }
        for (service, actions) in LAUNCHES {
            if roles.is_empty() {
                continue;
            }
            let making = |action: &&'static str| Some((*action, self.powers.may(action, &any).into_iter().next()?));
            let Some((action, make)) = actions.iter().find_map(making) else { continue };
            let mut stronger: Vec<(&'a Role, Vec<CapabilityClass>, Power<'_>)> = Vec::new();
            for role in roles.values().copied().filter(|role| role.arn != self.bound.role.arn) {
                let more = self.strengths.more(role, self.bound.role);
                if more.as_ref().is_ok_and(Vec::is_empty) {
                    continue;
                }
                let Some(pass) = self.passes(role, service) else { continue };
                if *service == SAGEMAKER && say.see(self.hands_over(role)) != Some(false) {
                    continue;
                }
                if say.see(self.trusts(role, service)) == Some(false) {
                    continue;
                }
                if let Some(more) = say.see(more) {
                    stronger.push((role, more, pass));
                }
            }
            let Some((role, more, pass)) = stronger.first() else { continue };
            let holds = few(", ", more.iter().map(|class| class.as_str()));
            let others = match stronger.len() {
                1 => String::new(),
                all => format!(" (and {} more such roles)", all - 1),
            };
            let evidence = [
                pass.evidence(&format!("no Allow of iam:PassRole on {} for {service}", role.arn)),
                make.evidence(&format!("no Allow of {action}")),
                field(
                    &iam::ACCOUNT_AUTHORIZATION_DETAILS,
                    format!("{}.Arn", role.name),
                    format!("{}, which holds {holds}", role.arn),
                    "a role that holds no more",
                ),
            ];
            say.broken(
                format!(
                    "{} can act as `{}`{others}, which holds {holds}: {} lets it pass that role to {service}, and {} lets it call {action}",
                    self.who,
                    role.name,
                    pass.words(),
                    make.words()
                ),
                evidence,
            );
        }
    }

    /// The Allow by which it may pass a role to a service.
    fn passes(&self, role: &Role, service: &str) -> Option<Power<'_>> {
        let wanted = Wanted::values([SAGEMAKER]);
        let question = Question {
            key: "iam:PassedToService",
            kind: KeyKind::Single,
            wanted: &wanted,
            carve_outs: CarveOuts::NONE,
        };
        let target = Pattern::literal(&role.arn, Variables::Plain);
        let to_it = |power: &Power<'_>| {
            let conditions = power.statement.conditions.iter().filter(|it| same_key(&it.key, question.key));
            !Answer::all(conditions.map(|condition| condition.holds_for(service))).is_no()
        };
        let gated = self.powers.gated("iam:PassRole", &target, &question);
        let open = gated.into_iter().filter(|(_, confinement)| service == SAGEMAKER || !confinement.is_confined());
        open.map(|(power, _)| power).find(|power| power.sure.is_yes() && to_it(power))
    }

    /// Whether the design hands a role over to SageMaker from here.
    fn hands_over(&self, role: &Role) -> Known<'a, bool> {
        self.plays(role, self.bound.plays.iter().filter_map(|role| hands_over(*role)))
    }

    fn plays(&self, role: &Role, wanted: impl Iterator<Item = LogicalRole>) -> Known<'a, bool> {
        let mut unknown = None;
        for logical in wanted {
            for environment in &self.place.environments {
                match self.world.is_bound(environment, logical, &role.arn) {
                    Ok(true) => return Ok(true),
                    Ok(false) => {}
                    Err(reason) => unknown = unknown.or(Some(reason)),
                }
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    /// Whether a role's trust lets the service in.
    fn trusts(&self, role: &'a Role, service: &str) -> Known<'a, bool> {
        let trust = self.world.trust_of(role)?;
        let named = |principal| match classify(principal) {
            PrincipalClass::Service(own) => service_name(self.place, own) == service,
            _ => false,
        };
        let grants = trust_grants(&trust);
        Ok(grants.iter().any(|grant| grant.is_public() || grant.principals().any(named)))
    }

    /// (d) Opens a notebook that runs under a stronger role, or changes what it runs at its start; and what no read settles.
    fn opens(&self, say: &mut Say<'a>) -> Known<'a, ()> {
        let any = Pattern::glob("*", Variables::Plain);
        for (action, what) in UNSEEN {
            if let Some(power) = self.powers.may(action, &any).first() {
                say.unknown(Unknown::Because(
                    Reason::Unresolved,
                    format!("{} allows {action}, and under which roles {what} run is not read", power.words()),
                ));
            }
        }
        for (action, verb) in [
            ("sagemaker:CreatePresignedNotebookInstanceUrl", "open"),
            ("sagemaker:UpdateNotebookInstanceLifecycleConfig", "change what is run at the start of"),
        ] {
            if self.powers.may(action, &any).is_empty() {
                continue;
            }
            for notebook in say.listing(&self.world.regional(self.place)?.sagemaker.notebooks) {
                let Some(body) = say.see(notebook.body.sight()).and_then(Option::as_ref) else { continue };
                let arn = match (verb, &body.lifecycle_config) {
                    ("open", _) => notebook.arn.to_string(),
                    (_, Some(config)) => {
                        self.place.arn("sagemaker", &format!("notebook-instance-lifecycle-config/{config}"))
                    }
                    (_, None) => continue,
                };
                let powers = self.powers.may(action, &Pattern::literal(&arn, Variables::Plain));
                let (Some(power), Some(role_arn)) = (powers.first(), body.role_arn.as_deref()) else { continue };
                let Some(Some(role)) = say.see(self.world.snapshot.iam.roles.get(role_arn)) else { continue };
                let own = self.bound.plays.iter().copied();
                let design = own.filter_map(|role| match role {
                    LogicalRole::DataScientist => (verb == "open").then_some(LogicalRole::NotebookExecution),
                    other => hands_over(other),
                });
                if role.arn == self.bound.role.arn || say.see(self.plays(role, design)) != Some(false) {
                    continue;
                }
                let more = say.see(self.strengths.more(role, self.bound.role)).unwrap_or_default();
                if more.is_empty() {
                    continue;
                }
                let holds = few(", ", more.iter().map(|class| class.as_str()));
                say.broken(
                    format!(
                        "{} can {verb} the notebook instance `{}` and act as `{}`, which holds {holds}: {} allows {action}",
                        self.who,
                        notebook.name,
                        role.name,
                        power.words()
                    ),
                    [
                        power.evidence(&format!("no Allow of {action} on {arn}")),
                        field(&sagemaker::NOTEBOOK, format!("{}.RoleArn", notebook.name), role_arn, "a role that holds no more"),
                    ],
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
