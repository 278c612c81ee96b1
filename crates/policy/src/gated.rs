//! Whether conditions confine a key: the table of shapes that work and shapes that only
//! look as if they did. Which statements come into question (action, resource, principal)
//! the caller has settled; `denies` helps for resource policies.
//!
//! Every statement adds facts about each request that gets through: the key is *present*,
//! and its value or values, if there are any, are *within* the wanted ones. Confined means
//! both. Facts of the Allow and of separate Denies add up; conditions inside one Allow
//! add up too, conditions inside one Deny weaken it.

use std::collections::BTreeSet;

use crate::answer::Answer;
use crate::condition::{Base, Condition, Family, SetOperator};
use crate::denies::{CarveOuts, carved_out};
use crate::document::Statement;
use crate::wanted::Wanted;

/// What values a condition key has (IAM User Guide, "Single-valued vs. multivalued context
/// keys").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// One text or ARN.
    Single,
    /// `true` or `false`.
    Boolean,
    /// A set of texts.
    Multi,
    /// One address (`aws:SourceIp`, `aws:VpcSourceIp`).
    Address,
}

/// What is asked about a key.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The key; case does not matter.
    pub key: &'a str,
    /// What values it has.
    pub kind: KeyKind,
    /// What they should be.
    pub wanted: &'a Wanted,
    /// Further conditions that a Deny may have and still count.
    pub carve_outs: CarveOuts<'a>,
}

/// Whether every request that gets through has wanted values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confinement {
    /// The key is there, with wanted values only.
    Confined,
    /// The key is there, with any value.
    PresenceOnly,
    /// Neither.
    Open {
        /// Why what is there does not confine, if something is there.
        reason: Option<Ineffective>,
    },
    /// A variable, an unknown operator or a budget stands in the way.
    Undecidable,
}

impl Confinement {
    /// Whether this is `Confined`.
    #[must_use]
    pub fn is_confined(self) -> bool {
        self == Confinement::Confined
    }

    /// Stronger first, so that the best of several keys is the greatest.
    pub(crate) fn rank(self) -> u8 {
        match self {
            Confinement::Confined => 3,
            Confinement::Undecidable => 2,
            Confinement::PresenceOnly => 1,
            Confinement::Open { .. } => 0,
        }
    }
}

/// Why a condition cannot do what it claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Ineffective {
    /// Allow with a negated operator: it grants to everything else, and without the key.
    AllowNegated,
    /// Allow with `IfExists`: true without the key.
    IfExistsOnAllow,
    /// A Deny that does not fire without the key.
    DenyMissesAbsent,
    /// `ForAllValues` is true without the key.
    VacuousForAllValues,
    /// Allow with `ForAnyValue`: one wanted value lets all the others in.
    AnyNotAll,
    /// Deny with `ForAllValues` and a negated operator: one wanted value lets the others in.
    MixedSetPasses,
    /// A multi-valued key without set operator.
    MissingSetOperator,
    /// A Deny that fires on every request, since the action has no such key.
    BlocksAction,
    /// An Allow that matches no request, since the action has no such key.
    NeverMatches,
    /// A condition that holds for every request, since the action has no such key.
    PassesVacuously,
    /// A Deny with a further condition, so that it does not fire on every request it should.
    DenyNarrowed,
}

impl Ineffective {
    /// The reason code.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Ineffective::AllowNegated => "allow_negated",
            Ineffective::IfExistsOnAllow => "ifexists_on_allow",
            Ineffective::DenyMissesAbsent => "deny_misses_absent",
            Ineffective::VacuousForAllValues => "vacuous_forallvalues",
            Ineffective::AnyNotAll => "any_not_all",
            Ineffective::MixedSetPasses => "mixed_set_passes",
            Ineffective::MissingSetOperator => "missing_set_operator",
            Ineffective::BlocksAction => "blocks_action",
            Ineffective::NeverMatches => "never_matches",
            Ineffective::PassesVacuously => "passes_vacuously",
            Ineffective::DenyNarrowed => "deny_narrowed",
        }
    }

    /// Whether knowing that the key is there mends it.
    #[must_use]
    pub fn mended_by_presence(self) -> bool {
        matches!(self, Ineffective::IfExistsOnAllow | Ineffective::DenyMissesAbsent | Ineffective::VacuousForAllValues)
    }
}

/// Deprecated keys of SageMaker and what replaces them (Service Authorization Reference,
/// "Actions, resources, and condition keys for Amazon SageMaker").
pub const DEPRECATED_KEYS: &[(&str, &str)] = &[
    ("sagemaker:VolumeKmsKey", "sagemaker:VolumeKmsKeyArn"),
    ("sagemaker:OutputKmsKey", "sagemaker:OutputKmsKeyArn"),
    ("sagemaker:HomeEfsFileSystemKmsKey", "sagemaker:VolumeKmsKeyArn"),
    ("sagemaker:DomainSharingOutputKmsKey", "sagemaker:DomainSharingOutputKmsKeyArn"),
    ("sagemaker:FeatureGroupOnlineStoreKmsKey", "sagemaker:FeatureGroupOnlineStoreKmsKeyArn"),
    ("sagemaker:FeatureGroupOfflineStoreKmsKey", "sagemaker:FeatureGroupOfflineStoreKmsKeyArn"),
];

/// The deprecated spellings of a key.
pub fn deprecated_spellings(key: &str) -> impl Iterator<Item = &'static str> {
    let current = DEPRECATED_KEYS.iter().filter(move |(_, new)| same_key(new, key));
    current.map(|(old, _)| *old)
}

/// Whether two texts are the same key: case does not matter (IAM User Guide, "IAM JSON policy
/// elements: Condition").
#[must_use]
pub fn same_key(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}

/// Whether an Allow and Denies beside it confine a key to the wanted values, for every
/// request that the Allow lets through.
///
/// The Denies must cover the actions and resources asked about; a Deny with conditions on
/// other keys does not count.
///
/// ```
/// use plumbline_policy::{Confinement, KeyKind, Wanted, confines, parse};
///
/// let text = r#"{"Statement": [
///     {"Effect": "Allow", "Action": "sagemaker:CreateTrainingJob", "Resource": "*"},
///     {"Effect": "Deny", "Action": "sagemaker:CreateTrainingJob", "Resource": "*",
///      "Condition": {"ForAnyValue:StringNotEquals": {"sagemaker:VpcSubnets": "subnet-a"}}},
///     {"Effect": "Deny", "Action": "sagemaker:CreateTrainingJob", "Resource": "*",
///      "Condition": {"Null": {"sagemaker:VpcSubnets": "true"}}}
/// ]}"#;
/// let document = parse(text)?;
/// let allow = document.allows().next().ok_or("no Allow")?;
/// let denies: Vec<_> = document.denies().collect();
/// let wanted = Wanted::values(["subnet-a"]);
/// let answer = confines(allow, &denies, "sagemaker:VpcSubnets", KeyKind::Multi, &wanted);
/// assert_eq!(answer, Confinement::Confined);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn confines(allow: &Statement, denies: &[&Statement], key: &str, kind: KeyKind, wanted: &Wanted) -> Confinement {
    let question = Question { key, kind, wanted, carve_outs: CarveOuts::NONE };
    confines_with(Some(allow), denies, &question)
}

/// As [`confines`], with carve-outs; without an Allow it says what the Denies do alone
/// (a boundary's, or a resource policy's for all its Allows).
#[must_use]
pub fn confines_with(allow: Option<&Statement>, denies: &[&Statement], question: &Question<'_>) -> Confinement {
    let mut facts = Facts::default();
    facts.gather(allow, denies, question);
    facts.conclude(question)
}

/// As [`confines_with`], for a key that is in every request, or whose absence does not matter: whether every value that is
/// there is wanted.
#[must_use]
pub fn confines_present(allow: Option<&Statement>, denies: &[&Statement], question: &Question<'_>) -> Confinement {
    let mut facts = Facts { present: true, ..Facts::default() };
    facts.gather(allow, denies, question);
    facts.conclude(question)
}

/// As [`confines_with`], by the key or one of its deprecated spellings; with the deprecated
/// spelling where it is that one which does more than the key itself.
#[must_use]
pub fn confines_by_any_spelling(
    allow: Option<&Statement>,
    denies: &[&Statement],
    question: &Question<'_>,
) -> (Confinement, Option<&'static str>) {
    let mut best = (confines_with(allow, denies, question), None);
    for spelling in deprecated_spellings(question.key) {
        let question = Question { key: spelling, ..*question };
        let answer = confines_with(allow, denies, &question);
        let speaks = answer != Confinement::Open { reason: None };
        let silent = best.0 == Confinement::Open { reason: None };
        if answer.rank() > best.0.rank() || (speaks && silent) {
            best = (answer, Some(spelling));
        }
    }
    best
}

/// What a condition on a key does when the action has no such key, so that it is always
/// missing. None if the statement has no condition on it, or nothing can be said.
#[must_use]
pub fn on_unsupported_key(statement: &Statement, key: &str) -> Option<Ineffective> {
    let mut tests = on_key(statement, key).peekable();
    tests.peek()?;
    let holds = Answer::all(tests.map(Condition::holds_when_absent));
    let allows = statement.effect == crate::document::Effect::Allow;
    let alone = statement.conditions.iter().all(|c| same_key(&c.key, key));
    match (holds, allows) {
        (Answer::No, true) => Some(Ineffective::NeverMatches),
        (Answer::Yes, true) => Some(Ineffective::PassesVacuously),
        (Answer::Yes, false) if alone => Some(Ineffective::BlocksAction),
        (Answer::Yes, false) => Some(Ineffective::PassesVacuously),
        (Answer::No, false) => Some(Ineffective::DenyMissesAbsent),
        (Answer::Undecidable, _) => None,
    }
}

fn on_key<'a>(statement: &'a Statement, key: &str) -> impl Iterator<Item = &'a Condition> {
    let named = move |c: &&Condition| same_key(&c.key, key);
    statement.conditions.iter().filter(named)
}

/// What is known of every request that gets through.
#[derive(Default)]
struct Facts {
    /// Everything is denied.
    nothing_passes: bool,
    /// The key is there.
    present: bool,
    /// The key is there, by a test that asks for nothing else.
    tested: bool,
    /// Its values, if any, are wanted ones.
    within: bool,
    /// Unwanted values of a closed list that are denied.
    fired: BTreeSet<String>,
    /// Something was not understood that might confine.
    unknown: bool,
    reasons: Vec<Ineffective>,
}

/// Whether an operator fits a kind of key. `Null` fits all. IAM does not say what a
/// misfit compares.
fn fits(base: Base, kind: KeyKind) -> bool {
    match base.family() {
        Family::Null => true,
        Family::Text | Family::Arn => matches!(kind, KeyKind::Single | KeyKind::Multi),
        Family::Bool => kind == KeyKind::Boolean,
        Family::Address => kind == KeyKind::Address,
        Family::Other => false,
    }
}

/// Whether every value that a condition lists is wanted.
fn listed_within(condition: &Condition, question: &Question<'_>) -> Answer {
    if condition.values.is_empty() {
        return Answer::Undecidable;
    }
    let patterns = condition.patterns();
    let crosses = condition.operator.base.family() != Family::Arn;
    Answer::all(patterns.into_iter().map(|pattern| {
        let pattern = match condition.operator.base {
            Base::Bool => crate::pattern::Pattern::literal(&pattern.text().to_ascii_lowercase(), condition.variables),
            _ => pattern,
        };
        question.wanted.admits_read(question.key, &pattern, crosses)
    }))
}

impl Facts {
    fn gather(&mut self, allow: Option<&Statement>, denies: &[&Statement], question: &Question<'_>) {
        for condition in allow.into_iter().flat_map(|allow| on_key(allow, question.key)) {
            self.allowed_by(condition, question);
        }
        for deny in denies {
            self.denied_by(deny, question);
        }
    }

    fn allowed_by(&mut self, condition: &Condition, question: &Question<'_>) {
        let operator = &condition.operator;
        if operator.base == Base::Null {
            match condition.holds_when_absent() {
                Answer::No => (self.present, self.tested) = (true, true),
                Answer::Yes => {}
                Answer::Undecidable => self.unknown = true,
            }
            return;
        }
        if !fits(operator.base, question.kind) {
            self.unknown = true;
            return;
        }
        if operator.base.is_negated() {
            self.reasons.push(Ineffective::AllowNegated);
            return;
        }
        let multi = question.kind == KeyKind::Multi;
        match operator.set {
            SetOperator::None if multi => {
                self.reasons.push(Ineffective::MissingSetOperator);
                return;
            }
            SetOperator::ForAnyValue if multi => {
                self.reasons.push(Ineffective::AnyNotAll);
                self.present |= !operator.if_exists;
                return;
            }
            SetOperator::ForAllValues => self.reasons.push(Ineffective::VacuousForAllValues),
            SetOperator::ForAnyValue | SetOperator::None if operator.if_exists => {
                self.reasons.push(Ineffective::IfExistsOnAllow);
            }
            SetOperator::ForAnyValue | SetOperator::None => self.present = true,
        }
        self.holds_within(listed_within(condition, question));
    }

    fn holds_within(&mut self, answer: Answer) {
        match answer {
            Answer::Yes => self.within = true,
            Answer::No => {}
            Answer::Undecidable => self.unknown = true,
        }
    }

    fn denied_by(&mut self, deny: &Statement, question: &Question<'_>) {
        let (own, others): (Vec<&Condition>, Vec<&Condition>) =
            deny.conditions.iter().partition(|c| same_key(&c.key, question.key));
        let narrows = Answer::any(others.iter().map(|c| carved_out(c, &question.carve_outs).negated()));
        if own.is_empty() {
            // Without any condition it denies everything; carve-outs alone leave them.
            self.nothing_passes |= others.is_empty();
            return;
        }
        match narrows {
            Answer::No => {}
            Answer::Yes => return self.reasons.push(Ineffective::DenyNarrowed),
            Answer::Undecidable => return self.unknown = true,
        }
        let absent = Answer::all(own.iter().map(|c| c.holds_when_absent()));
        let unwanted = Answer::all(own.iter().map(|c| self.fires_on_unwanted(c, question)));
        let only_tests = own.iter().all(|c| c.operator.base == Base::Null);
        let mut effective = unwanted;
        for value in question.wanted.unwanted(question.key).unwrap_or_default() {
            let fires = Answer::all(own.iter().map(|c| fires_on(c, value, question.kind)));
            if fires.is_yes() {
                self.fired.insert(value.to_owned());
                effective = Answer::Yes;
            }
        }
        match absent {
            Answer::Yes => {
                self.present = true;
                self.tested |= only_tests;
            }
            Answer::No if !only_tests => self.reasons.push(Ineffective::DenyMissesAbsent),
            Answer::No => {}
            Answer::Undecidable => self.unknown = true,
        }
        self.within |= unwanted.is_yes();
        self.unknown |= effective == Answer::Undecidable;
    }

    /// Whether a condition of a Deny holds for whatever is not wanted.
    fn fires_on_unwanted(&mut self, condition: &Condition, question: &Question<'_>) -> Answer {
        let operator = &condition.operator;
        if operator.base == Base::Null {
            return condition.null_holds(false);
        }
        if !fits(operator.base, question.kind) {
            return Answer::Undecidable;
        }
        let multi = question.kind == KeyKind::Multi;
        match operator.set {
            SetOperator::None if multi => {
                self.reasons.push(Ineffective::MissingSetOperator);
                return Answer::No;
            }
            SetOperator::ForAllValues if multi => {
                if operator.base.is_negated() {
                    self.reasons.push(Ineffective::MixedSetPasses);
                }
                return Answer::No;
            }
            _ => {}
        }
        if operator.base.is_negated() {
            return listed_within(condition, question);
        }
        // A positive test fires on everything only if it lists everything.
        let patterns = condition.patterns();
        let crosses = operator.base.family() == Family::Text;
        let all = crosses && patterns.iter().any(|p| p.is_wild() && p.matches("").is_yes());
        if all {
            return Answer::Yes;
        }
        let unclear = patterns.iter().any(crate::pattern::Pattern::has_variables);
        if unclear { Answer::Undecidable } else { Answer::No }
    }

    fn conclude(mut self, question: &Question<'_>) -> Confinement {
        if let Some(unwanted) = question.wanted.unwanted(question.key) {
            self.within |= unwanted.iter().all(|value| self.fired.contains(*value));
        }
        if self.nothing_passes || (self.present && self.within) {
            return Confinement::Confined;
        }
        if self.unknown {
            return Confinement::Undecidable;
        }
        if self.tested {
            return Confinement::PresenceOnly;
        }
        let present = self.present;
        let stands = |reason: &Ineffective| !(present && reason.mended_by_presence());
        match self.reasons.into_iter().find(stands) {
            Some(reason) => Confinement::Open { reason: Some(reason) },
            None if present => Confinement::PresenceOnly,
            None => Confinement::Open { reason: None },
        }
    }
}

/// Whether a condition of a Deny holds for every request whose values hold this one.
fn fires_on(condition: &Condition, value: &str, kind: KeyKind) -> Answer {
    if condition.operator.base == Base::Null {
        return condition.null_holds(false);
    }
    if !fits(condition.operator.base, kind) {
        return Answer::Undecidable;
    }
    if kind == KeyKind::Multi && condition.operator.set != SetOperator::ForAnyValue {
        return Answer::No;
    }
    condition.holds_for(value)
}

#[cfg(test)]
mod tests;
