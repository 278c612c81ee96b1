//! IAMC-09: no SageMaker, S3, KMS or STS statement of a bound role has a condition that cannot do what it claims.

use std::cmp::Reverse;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_policy::{
    Base, CarveOuts, Condition, Confinement, DEPRECATED_KEYS, Effect, Ineffective, KeyKind, Pattern, Question, Sense,
    Statement, Variables, Wanted, confines_with, on_unsupported_key, same_key,
};
use plumbline_snapshot::iam;

use super::{anything, each_role, is_alias, why};
use crate::Control;
use crate::judge::{self, Known, Say, Unknown, few};
use crate::place::Place;
use crate::tables::actions::{Action, Dictionary, Support, ValueKind};
use crate::tables::condition_keys::confining;
use crate::world::World;
use crate::world::powers::{Held, Powers};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&iam::ACCOUNT_AUTHORIZATION_DETAILS, &iam::POLICY, &iam::POLICY_VERSION],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "IAMC-09",
    name: "no-ineffective-condition",
    title: "No SageMaker, S3, KMS or STS statement of a bound role has a condition that cannot do what it claims.",
    area: Area::Roles,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "statement",
    rationale: "A condition that looks as if it confined makes reviewers believe in a fence that is not there.",
    decided: "Of each statement with conditions, of the role's policies and of its boundary: a `sagemaker:` key must be one that AWS has. A key must be supported by an action that the statement speaks of; where some support it, the others must not be allowed because they lack it, and are LOW where for that they are never allowed, never denied, or denied for good. A key of IAMC-01 to 07 must not stand in a shape that confines nothing, unless other statements of the role mend it. The ARN of a key must not be compared with an alias, nor a text as a boolean. A deprecated key is LOW, where `accept_deprecated_condition_keys` is false.",
    remediation: "Give actions without the key a statement of their own, and state the condition in a form that holds: see IAMC-01 to 07.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-3", "CM-6"] },
};

/// The prefixes of the services whose statements are judged.
const SERVICES: [&str; 4] = ["sagemaker", "s3", "kms", "sts"];

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    each_role(&INFO, world, place, |bound, powers, found| {
        for held in powers.policies().iter().chain(powers.boundary()) {
            for look in held.document.statements.iter().filter_map(|statement| Look::at(powers, held, statement)) {
                let (resource, _) = bound.subject();
                let subject = place.subject(resource, Some(held.path_of(look.statement)));
                found.push(judge::subject(&INFO, subject, |say| {
                    look.tell(place, say);
                    Ok(())
                }));
            }
        }
    })
}

/// One statement of a role.
struct Look<'c> {
    powers: &'c Powers,
    held: &'c Held,
    statement: &'c Statement,
    /// The known actions of the services that it speaks of.
    actions: Vec<&'static Action>,
}

/// What is wrong with it, and how bad that is.
type Fault = (Severity, String);

impl<'c> Look<'c> {
    /// None if it has no conditions, or does not speak of the services.
    fn at(powers: &'c Powers, held: &'c Held, statement: &'c Statement) -> Option<Self> {
        if statement.conditions.is_empty() {
            return None;
        }
        let known = Dictionary::embedded();
        let services = SERVICES.iter().filter_map(|prefix| known.service(prefix)).flat_map(|service| &service.actions);
        let actions: Vec<&Action> = services.filter(|action| !statement.matches_action(&action.name).is_no()).collect();
        let look = Self { powers, held, statement, actions };
        (!look.actions.is_empty() || look.names(is_ours)).then_some(look)
    }

    /// Whether it lists such an action.
    fn names(&self, such: impl Fn(&str) -> bool) -> bool {
        let actions = &self.statement.actions;
        actions.sense == Sense::Only && actions.patterns.iter().any(|pattern| such(pattern.text()))
    }

    fn tell<'a>(&self, place: &Place<'a>, say: &mut Say<'a>) {
        let mut keys: Vec<&str> = Vec::new();
        for condition in &self.statement.conditions {
            if condition.operator.base == Base::Unknown {
                let what = format!("`{}` is an operator that is not known here", condition.operator.text());
                say.unknown(self.undecidable(&what));
            }
            if !keys.iter().any(|key| same_key(key, &condition.key)) {
                keys.push(&condition.key);
            }
        }
        let mut faults: Vec<Fault> = Vec::new();
        for key in keys {
            self.deprecated(place, say, key, &mut faults);
            faults.extend(self.values(key));
            for answer in [self.unsupported(key), self.ineffective(key)] {
                faults.extend(say.see(answer).flatten());
            }
        }
        let Some(worst) = faults.iter().map(|(severity, _)| *severity).max() else { return };
        faults.sort_by_key(|(severity, _)| Reverse(*severity));
        let said = few("; ", faults.iter().map(|(_, said)| said));
        let evidence = self.held.evidence(self.statement, "conditions that do what they claim");
        say.broken_as(worst, format!("in {}, {said}", self.held.words(self.statement)), [evidence]);
    }

    fn undecidable<'a>(&self, what: &str) -> Unknown<'a> {
        Unknown::Because(Reason::UndecidablePolicy, format!("{what}, in {}", self.held.words(self.statement)))
    }

    fn on<'k>(&'k self, key: &'k str) -> impl Iterator<Item = &'k Condition> {
        self.statement.conditions.iter().filter(move |condition| same_key(&condition.key, key))
    }

    fn deprecated<'a>(&self, place: &Place<'a>, say: &mut Say<'a>, key: &str, faults: &mut Vec<Fault>) {
        let Some(new) = successor(key) else { return };
        if place.environments.iter().all(|environment| environment.accept_deprecated_condition_keys) {
            say.fact(self.held.evidence(self.statement, &format!("the same with {new} in place of {key}")));
        } else {
            faults.push((Severity::Low, format!("`{key}` is deprecated: it is `{new}` now")));
        }
    }

    /// What is wrong with the key, or with what it is compared with, whatever the action.
    fn values(&self, key: &str) -> Option<Fault> {
        let known = Dictionary::embedded();
        if is_of("sagemaker", key) && !known.knows_key(key) {
            let said = format!("`{key}` is no condition key of SageMaker's, as of {}", known.origin().date);
            return Some((INFO.severity, said));
        }
        if is_arn_of_key(key) && self.on(key).any(|it| it.values.iter().any(|value| is_alias(value))) {
            return Some((INFO.severity, format!("`{key}`, a key's ARN, is compared with an alias")));
        }
        let boolean = self.on(key).any(|it| it.operator.base == Base::Bool);
        (boolean && is_text(key)).then(|| (INFO.severity, format!("`{key}` is a text, and compared as a boolean")))
    }

    /// What the conditions on a key do with the actions that do not support it.
    fn unsupported<'a>(&self, key: &str) -> Known<'a, Option<Fault>> {
        // What is not known here may be newer, or of another service.
        if !Dictionary::embedded().knows_key(key) {
            return Ok(None);
        }
        let (with, mut without): (Vec<&Action>, Vec<&Action>) =
            self.actions.iter().partition(|action| action.support(key) != Support::No);
        let some_do = !with.is_empty() || self.may_support(key);
        let allows = self.statement.effect == Effect::Allow;
        if some_do && (!allows || self.is_of_boundary()) {
            // That a Deny or a boundary is void for what the role may not do anyway takes nothing from what it does.
            without.retain(|action| !self.powers.may(&action.name, &anything()).is_empty());
        }
        if without.is_empty() {
            return Ok(None);
        }
        let Some(reason) = on_unsupported_key(self.statement, key) else {
            return Err(self.undecidable(&format!("what the condition on `{key}` does without the key is not known")));
        };
        let spared = some_do && !(allows && reason == Ineffective::PassesVacuously);
        let names = few(", ", without.iter().map(|action| &action.name));
        let said = format!("`{key}` is never there for {names}: {} ({})", why(reason), reason.as_str());
        Ok(Some((if spared { Severity::Low } else { INFO.severity }, said)))
    }

    /// Whether it may speak of more actions that support the key than are known here.
    fn may_support(&self, key: &str) -> bool {
        let known = Dictionary::embedded();
        let newer = |text: &str| is_ours(text) && !text.contains(['*', '?']) && known.action(text).is_none();
        let others = || self.statement.actions.sense == Sense::AllBut || self.names(|text| !is_ours(text));
        self.names(newer) || (!is_of("sagemaker", key) && others())
    }

    /// Why the conditions on a key of IAMC-01 to 07 confine nothing, where something escapes for it: other statements may
    /// have what this one lacks.
    fn ineffective<'a>(&self, key: &str) -> Known<'a, Option<Fault>> {
        let Some(kind) = confining(successor(key).unwrap_or(key)) else { return Ok(None) };
        let any = Wanted::patterns([Pattern::glob("?*", Variables::Plain)]);
        let question = Question { key, kind, wanted: &any, carve_outs: CarveOuts::NONE };
        let Some(reason) = self.shape(&question) else { return Ok(None) };
        let mut undecided = false;
        for action in self.actions.iter().filter(|action| action.support(key) != Support::No) {
            for (power, how) in self.powers.gated(&action.name, &anything(), &question) {
                let own = self.statement.effect == Effect::Deny
                    || self.is_of_boundary()
                    || std::ptr::eq(power.statement, self.statement);
                let escapes = match how {
                    Confinement::Open { .. } => true,
                    // That the key is there mends some shapes, and not the others.
                    Confinement::PresenceOnly => !reason.mended_by_presence(),
                    Confinement::Confined | Confinement::Undecidable => false,
                };
                if own && escapes {
                    let code = reason.as_str();
                    let said = format!("the condition on `{key}` confines nothing: {} ({code})", why(reason));
                    return Ok(Some((INFO.severity, said)));
                }
                undecided |= own && how == Confinement::Undecidable;
            }
        }
        if undecided {
            return Err(
                self.undecidable(&format!("whether other statements mend the condition on `{key}` is not known"))
            );
        }
        Ok(None)
    }

    /// Why the statement alone does not confine the key, but for tests that the key is there.
    fn shape(&self, question: &Question<'_>) -> Option<Ineffective> {
        let mut bare = self.statement.clone();
        bare.conditions.retain(|it| !(same_key(&it.key, question.key) && it.operator.base == Base::Null));
        let alone = match bare.effect {
            Effect::Allow => confines_with(Some(&bare), &[], question),
            Effect::Deny => confines_with(None, &[&bare], question),
        };
        match alone {
            // A Deny with a further condition is a narrower Deny, and claims no more.
            Confinement::Open { reason } => reason.filter(|reason| *reason != Ineffective::DenyNarrowed),
            _ => None,
        }
    }

    fn is_of_boundary(&self) -> bool {
        self.powers.boundary().is_some_and(|boundary| std::ptr::eq(boundary, self.held))
    }
}

/// Whether an action, or a pattern of some, is of the services that are judged.
fn is_ours(text: &str) -> bool {
    SERVICES.iter().any(|prefix| is_of(prefix, text))
}

/// Whether an action or a key has this prefix.
fn is_of(prefix: &str, name: &str) -> bool {
    name.split_once(':').is_some_and(|(own, _)| own.eq_ignore_ascii_case(prefix))
}

/// The key that replaces a deprecated one.
fn successor(key: &str) -> Option<&'static str> {
    DEPRECATED_KEYS.iter().find(|(old, _)| same_key(old, key)).map(|(_, new)| *new)
}

/// Whether a key's values are ARNs of KMS keys.
fn is_arn_of_key(key: &str) -> bool {
    is_of("sagemaker", key) && key.to_ascii_lowercase().ends_with("kmskeyarn")
}

/// Whether a key's values are texts or ARNs.
fn is_text(key: &str) -> bool {
    let texts = [ValueKind::String, ValueKind::ArrayOfString, ValueKind::Arn, ValueKind::ArrayOfArn];
    Dictionary::embedded().key(key).is_some_and(|key| texts.contains(&key.kind))
        || matches!(confining(key), Some(KeyKind::Single | KeyKind::Multi | KeyKind::Address))
}

#[cfg(test)]
mod tests;
