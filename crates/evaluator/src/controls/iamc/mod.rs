//! Conditions of IAM policies: IAMC. A subject is a bound role and an action that it may call, or a statement of its policies.
//! Here is what the controls share: the walk over roles and pairs, and what is said of an action that its conditions do not
//! confine.

mod iamc_01_condition_vpc_subnets;
mod iamc_02_condition_security_groups;
mod iamc_03_condition_volume_key;
mod iamc_04_condition_output_key;
mod iamc_05_condition_private_notebooks;
mod iamc_06_condition_job_isolation;
mod iamc_07_condition_presigned_network;
mod iamc_08_condition_tags;
mod iamc_09_no_ineffective_condition;

use std::borrow::Cow;
use std::cmp::Reverse;

use plumbline_findings::{Assessment, ControlInfo, Evidence, Reason, Severity};
use plumbline_policy::{
    Answer, CarveOuts, Confinement, Ineffective, KeyKind, Pattern, Question, Variables, Wanted, deprecated_spellings,
    same_key,
};
use plumbline_snapshot::iam::Role;

use crate::Control;
use crate::baseline::KeyUse;
use crate::judge::{self, Known, Say, Set, Unknown, few, many};
use crate::place::Place;
use crate::tables::condition_keys::{VPC_SECURITY_GROUPS, VPC_SUBNETS, is_of_studio, supporting};
use crate::world::World;
use crate::world::bindings::Bound;
use crate::world::powers::{Power, Powers};

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[
    &iamc_01_condition_vpc_subnets::CONTROL,
    &iamc_02_condition_security_groups::CONTROL,
    &iamc_03_condition_volume_key::CONTROL,
    &iamc_04_condition_output_key::CONTROL,
    &iamc_05_condition_private_notebooks::CONTROL,
    &iamc_06_condition_job_isolation::CONTROL,
    &iamc_07_condition_presigned_network::CONTROL,
    &iamc_08_condition_tags::CONTROL,
    &iamc_09_no_ineffective_condition::CONTROL,
];

/// A bound role and an action that it may call.
struct Call<'c, 'a> {
    role: &'a Role,
    action: &'static str,
    powers: &'c Powers,
}

/// A condition key, and the values that it may have.
struct Key<'a> {
    name: Cow<'static, str>,
    kind: KeyKind,
    wanted: Wanted,
    /// The values in words.
    values: String,
    /// Why there may be more values that are wanted.
    unknown: Option<Unknown<'a>>,
}

/// What every use of an action should be confined to.
struct Gate<'a> {
    /// The keys, of which one with a wanted value is enough.
    keys: Vec<Key<'a>>,
    /// What an escape is, after ``the role may call the action``: `outside the environment's subnets`.
    escape: &'static str,
    /// How bad an escape is.
    severity: Severity,
    /// How bad it is if the key must be there, with whatever value; none if that is enough.
    presence: Option<Severity>,
    /// Whether deprecated spellings of the keys count.
    deprecated: bool,
}

/// The verdicts on each bound role, whose policies are read. A role with one that cannot be told is one verdict: all that
/// there is to say of it is open.
fn each_role<'a>(
    control: &'static ControlInfo,
    world: &World<'a>,
    place: &Place<'a>,
    mut look: impl FnMut(&Bound<'a>, &Powers, &mut Vec<Assessment>),
) -> Vec<Assessment> {
    let Set { items, unknown } = world.bound_roles(place);
    let mut found = Vec::new();
    for bound in items {
        match world.powers(bound.role) {
            Ok(powers) => look(&bound, &powers, &mut found),
            Err(unknown) => {
                let (resource, aspect) = bound.subject();
                let mut open = judge::subject(control, place.subject(resource, aspect), |_| Err(unknown));
                open.whole_set = true;
                found.push(open);
            }
        }
    }
    match unknown {
        Some(unknown) => found.push(judge::unknown_set(control, place, unknown)),
        None if found.is_empty() => {
            found.push(judge::nothing(control, place.subject(place.resource(), None), Reason::NoResources));
        }
        None => {}
    }
    found
}

/// The verdict on each of these actions that a bound role may call, on whatever resource.
fn each_call<'a>(
    control: &'static ControlInfo,
    world: &World<'a>,
    place: &Place<'a>,
    actions: &[&'static str],
    mut look: impl FnMut(&mut Say<'a>, &Call<'_, 'a>) -> Known<'a, ()>,
) -> Vec<Assessment> {
    each_role(control, world, place, |bound, powers, found| {
        for action in actions.iter().copied().filter(|action| !powers.may(action, &anything()).is_empty()) {
            let (resource, _) = bound.subject();
            let call = Call { role: bound.role, action, powers };
            let subject = place.subject(resource, Some(action.to_owned()));
            found.push(judge::subject(control, subject, |say| look(say, &call)));
        }
    })
}

/// Whether the call is nothing to judge, since it is Studio's and the Region has no domain; then this is told.
fn is_idle<'a>(world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>, call: &Call<'_, 'a>) -> Known<'a, bool> {
    let idle = is_of_studio(call.action)
        && !{
            let domains = &world.regional(place)?.sagemaker.domains;
            domains.seen().next().is_some() || domains.all()?.next().is_some()
        };
    if idle {
        say.not_applicable(Reason::FeatureNotUsed, format!("`{}` has no Studio domain", place.region));
    }
    Ok(idle)
}

/// The actions that choose a network, but for CreateEndpointConfig, whose VpcConfig is optional by design.
fn networked() -> Vec<&'static str> {
    let all = supporting(&[VPC_SUBNETS, VPC_SECURITY_GROUPS]);
    all.filter(|action| *action != "sagemaker:CreateEndpointConfig").collect()
}

/// The gate of a key that the baseline declares for one of `uses`.
fn key_gate<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    key: &'static str,
    uses: &[KeyUse],
    severity: Severity,
    escape: &'static str,
) -> Gate<'a> {
    let keys = vec![Key::one_of(key, KeyKind::Single, world.keys_for(place, uses))];
    let suffices = place.environments.iter().all(|environment| environment.kms_condition_presence_suffices);
    let deprecated = place.environments.iter().all(|environment| environment.accept_deprecated_condition_keys);
    Gate { keys, escape, severity, presence: (!suffices).then_some(Severity::Medium), deprecated }
}

impl Call<'_, '_> {
    /// Tells where the call escapes the gate, and what of that cannot be said.
    fn confined<'a>(&self, say: &mut Say<'a>, gate: &Gate<'a>) {
        let any = Wanted::patterns([Pattern::glob("?*", Variables::Plain)]);
        let ask = |questions: Vec<Question<'_>>| self.powers.gated_by_any(self.action, &anything(), &questions);
        let known = || gate.keys.iter().filter(|key| key.unknown.is_none());
        let current = ask(known().filter_map(|key| key.questions(&key.wanted).next()).collect());
        if current.iter().all(|(_, confinement)| confinement.is_confined()) {
            return;
        }
        let old = ask(known().flat_map(|key| key.questions(&key.wanted)).collect());
        // As if all values were wanted that may be: what escapes even so certainly does.
        let spellings = if gate.deprecated { usize::MAX } else { 1 };
        let widest = gate.keys.iter().flat_map(|key| key.questions(key.possible(&any)).take(spellings));
        let widest = ask(widest.collect());
        let mut escapes: Vec<(Severity, String, Evidence)> = Vec::new();
        for (((power, current), (_, old)), (_, widest)) in current.into_iter().zip(old).zip(widest) {
            let mut severity = gate.severity;
            let said = match widest {
                _ if current.is_confined() => continue,
                Confinement::Confined if gate.deprecated && old.is_confined() => {
                    say.fact(power.evidence(&format!("the same without a deprecated key: {}", gate.wanted())));
                    continue;
                }
                Confinement::Confined | Confinement::PresenceOnly if gate.presence.is_none() => {
                    say.fact(power.evidence(&gate.wanted()));
                    continue;
                }
                Confinement::Confined => {
                    gate.keys.iter().filter_map(|key| key.unknown.clone()).for_each(|unknown| say.unknown(unknown));
                    continue;
                }
                Confinement::Open { .. } | Confinement::PresenceOnly if power.sure == Answer::Yes => {
                    if widest == Confinement::PresenceOnly {
                        severity = gate.presence.unwrap_or(severity);
                    }
                    gate.escape(&power, widest, old)
                }
                _ => {
                    say.unknown(Unknown::Because(
                        Reason::UndecidablePolicy,
                        format!(
                            "whether `{}` may call {} {} by {} hangs on a variable or an operator that is not known here",
                            self.role.name,
                            self.action,
                            gate.escape,
                            power.words()
                        ),
                    ));
                    continue;
                }
            };
            escapes.push((severity, said, power.evidence(&gate.wanted())));
        }
        let Some(severity) = escapes.iter().map(|(severity, ..)| *severity).max() else { return };
        escapes.sort_by_key(|(severity, ..)| Reverse(*severity));
        let said = few("; ", escapes.iter().map(|(_, said, _)| said));
        let message = format!("`{}` may call {} {}: {said}", self.role.name, self.action, gate.escape);
        say.broken_as(severity, message, escapes.into_iter().map(|(.., evidence)| evidence));
    }
}

impl<'a> Key<'a> {
    /// A key that may have these values.
    fn one_of(name: &'static str, kind: KeyKind, values: Set<'a, impl AsRef<str>>) -> Self {
        let texts: Vec<&str> = values.items.iter().map(AsRef::as_ref).collect();
        let words = if texts.is_empty() { "nothing that was seen".to_owned() } else { many(", ", &texts) };
        Self { name: name.into(), kind, wanted: Wanted::values(texts), values: words, unknown: values.unknown }
    }

    /// A key that may have this value, of the few that there are.
    fn of(name: &'static str, value: &'static str, values: [&'static str; 2]) -> Self {
        let wanted = Wanted::values([value]).among(values);
        Self { name: name.into(), kind: KeyKind::Single, wanted, values: value.to_owned(), unknown: None }
    }

    /// A boolean key that should be true.
    fn yes(name: &'static str) -> Self {
        Self {
            name: name.into(),
            kind: KeyKind::Boolean,
            wanted: Wanted::yes(),
            values: "true".to_owned(),
            unknown: None,
        }
    }

    /// The key in its current spelling, then in the deprecated ones.
    fn questions<'q>(&'q self, wanted: &'q Wanted) -> impl Iterator<Item = Question<'q>> {
        let current = Question { key: &self.name, kind: self.kind, wanted, carve_outs: CarveOuts::NONE };
        let old = deprecated_spellings(&self.name).map(move |key| Question { key, ..current });
        std::iter::once(current).chain(old)
    }

    /// The values that may be wanted, for all that is known.
    fn possible<'q>(&'q self, any: &'q Wanted) -> &'q Wanted {
        if self.unknown.is_some() { any } else { &self.wanted }
    }
}

impl<'a> Gate<'a> {
    /// A gate of these keys. It is no better if the key must only be there, and deprecated spellings count.
    fn new(keys: Vec<Key<'a>>, severity: Severity, escape: &'static str) -> Self {
        Self { keys, escape, severity, presence: Some(severity), deprecated: true }
    }

    fn wanted(&self) -> String {
        few(" or ", self.keys.iter().map(|key| format!("{} within {}", key.name, key.values)))
    }

    /// How an Allow lets the call escape; `old` is what confines it where deprecated keys count.
    fn escape(&self, power: &Power<'_>, how: Confinement, old: Confinement) -> String {
        let (allow, names) = (power.words(), few(" or ", self.keys.iter().map(|key| format!("`{}`", key.name))));
        match how {
            _ if old.is_confined() => format!("{allow} confines it by a deprecated key only"),
            _ if self.compares_with_alias(power) => format!("{allow} compares {names}, a key's ARN, with an alias"),
            Confinement::Open { reason: Some(reason) } => {
                format!("{allow} does not confine {names}: {} ({})", why(reason), reason.as_str())
            }
            Confinement::Open { reason: None } => format!("{allow} allows it with any {names} or none"),
            _ => format!("{allow} allows it with other values of {names}"),
        }
    }

    /// Whether an Allow asks for the alias of a key where the key's ARN is compared (catalogue, 3.11).
    fn compares_with_alias(&self, power: &Power<'_>) -> bool {
        let arn = |name: &str| name.ends_with("KmsKeyArn");
        let own = |key: &str| self.keys.iter().any(|own| arn(&own.name) && same_key(&own.name, key));
        power.statement.conditions.iter().any(|it| own(&it.key) && it.values.iter().any(|value| is_alias(value)))
    }
}

/// Whether a text is the name or the ARN of a key's alias.
fn is_alias(text: &str) -> bool {
    text.starts_with("alias/") || text.contains(":alias/")
}

/// Every resource.
fn anything() -> Pattern {
    Pattern::glob("*", Variables::Plain)
}

/// Why a condition does not do what it looks like (IAM User Guide, "IAM JSON policy elements: Condition operators" and
/// "Single-valued vs. multivalued context keys").
fn why(reason: Ineffective) -> &'static str {
    match reason {
        Ineffective::AllowNegated => "an Allow with a negated operator grants every other value, and none",
        Ineffective::IfExistsOnAllow => "an Allow with IfExists also grants without the key",
        Ineffective::DenyMissesAbsent => "the Deny does not fire without the key",
        Ineffective::VacuousForAllValues => "ForAllValues is true without the key",
        Ineffective::AnyNotAll => "an Allow with ForAnyValue takes any values beside a wanted one",
        Ineffective::MixedSetPasses => "a Deny with ForAllValues spares what has one wanted value",
        Ineffective::MissingSetOperator => "a key of several values needs ForAllValues or ForAnyValue",
        Ineffective::BlocksAction => "the Deny always fires, since the action has no such key",
        Ineffective::NeverMatches => "the Allow never matches, since the action has no such key",
        Ineffective::PassesVacuously => "the condition always holds, since the action has no such key",
        Ineffective::DenyNarrowed => "the Deny has a further condition, and spares what does not meet it",
    }
}

#[cfg(test)]
mod edits {
    //! Edits that the tests of this area share.

    use plumbline_testkit::Env;
    use plumbline_testkit::iam::NOTEBOOK_EXECUTION_BO;
    use serde_json::{Value, json};

    /// The statement of `notebook_execution` that allows training jobs.
    pub(super) const TRAINING: usize = 0;

    /// The environment with one notebook execution role, which holds this condition on training jobs.
    pub(super) fn training(env: &mut Env, edit: impl FnOnce(&mut Value)) -> &mut Env {
        env.remove_role(NOTEBOOK_EXECUTION_BO);
        condition(env, "notebook_execution", TRAINING, edit)
    }

    /// Edits the condition of one statement of a role's own policy.
    pub(super) fn condition<'e>(
        env: &'e mut Env,
        role: &str,
        statement: usize,
        edit: impl FnOnce(&mut Value),
    ) -> &'e mut Env {
        env.permissions(role, |document| edit(&mut document["Statement"][statement]["Condition"]))
    }

    /// Adds statements to a role's own policy.
    pub(super) fn add<'e>(env: &'e mut Env, role: &str, statements: &[Value]) -> &'e mut Env {
        env.permissions(role, |document| {
            document["Statement"].as_array_mut().unwrap().extend(statements.iter().cloned());
        })
    }

    /// A Deny of everything of SageMaker's under this condition.
    pub(super) fn deny(action: &str, condition: Value) -> Value {
        json!({"Effect": "Deny", "Action": action, "Resource": "*", "Condition": condition})
    }

    /// An Allow of these actions on everything, under no condition.
    pub(super) fn allow(actions: &[&str]) -> Value {
        json!({"Effect": "Allow", "Action": actions, "Resource": "*"})
    }

    /// An Allow under this condition.
    pub(super) fn allow_if(actions: &[&str], condition: Value) -> Value {
        json!({"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": condition})
    }

    /// Takes a key out of an operator's block.
    pub(super) fn drop_key(condition: &mut Value, operator: &str, key: &str) {
        condition[operator].as_object_mut().unwrap().remove(key);
    }
}
