//! Whom a key's policy lets in, and to do what.

use std::collections::BTreeSet;

use plumbline_policy::{
    CarveOuts, Condition, Confinement, Document, Effect, KeyKind, Pattern, Principal, PrincipalClass, Principals,
    Question, Sense, Statement, Variables, Wanted, classify, confines_with, denies_covering, denies_over, same_key,
};

use crate::judge::{Set, Unknown};
use crate::place::Place;
use crate::world::bindings::Bound;
use crate::world::callers::{Held, Ours, Stranger, Test, held};

/// What uses a key (AWS Key Management Service Developer Guide, "Key policies", key users).
const USES: [&str; 9] = [
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:CreateGrant",
];

/// What administers it: the catalogue's class KMS_ADMIN, grants aside.
const ADMINISTERS: [&str; 6] = [
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:UpdateAlias",
    "kms:DeleteAlias",
];

/// A grant of it, which can hand any use on.
const GRANTS: &str = "kms:CreateGrant";

/// A key's policy.
#[derive(Debug)]
pub(crate) struct KeyPolicy {
    arn: String,
    document: Document,
}

/// A principal that the policy names in some Allow, with all that it may do by it.
#[derive(Debug)]
pub(crate) struct Holder<'p> {
    /// The principal; `*` for everyone.
    pub(crate) name: &'p str,
    principal: &'p Principal,
    /// Those that name it.
    own: Vec<&'p Statement>,
    /// Those that mean it: everyone's, too.
    allows: Vec<&'p Statement>,
    denies: Vec<&'p Statement>,
}

impl KeyPolicy {
    /// The policy of the key of this ARN.
    pub(crate) fn new(arn: &str, document: Document) -> Self {
        Self { arn: arn.to_owned(), document }
    }

    /// The Allows that speak of the key: in its own policy `*` is the key, and an ARN of another resource is nothing.
    pub(crate) fn allows(&self) -> impl Iterator<Item = &Statement> {
        let key = Pattern::literal(&self.arn, Variables::Plain);
        self.document.allows().filter(move |allow| !allow.meets_resources(&key).is_no())
    }

    /// The strangers whom an Allow lets in, services of AWS's aside, and what it does about who calls.
    pub(crate) fn strangers<'p>(&self, ours: &Ours, allow: &'p Statement) -> Option<(Vec<Stranger<'p>>, Held)> {
        let mut tests = ours.callers();
        tests.push(Test::of("kms:CallerAccount", ours.ids()));
        let denies = denies_over(&self.document, allow, Some("kms"));
        let found = held(allow, &denies, &tests, CarveOuts::NONE);
        let strangers = ours.strangers(allow).into_iter().filter(|it| !matches!(it, Stranger::Service(_)));
        let strangers: Vec<Stranger<'p>> = strangers.collect();
        (!found.how.is_confined() && !strangers.is_empty()).then_some((strangers, found))
    }

    /// Everyone whom an Allow names, but for what is gone, services, and the key's own account, which hands on by its
    /// IAM policies.
    pub(crate) fn holders(&self) -> Vec<Holder<'_>> {
        let account = self.arn.split(':').nth(4).unwrap_or_default();
        let counts = |principal: &&Principal| match classify(principal) {
            PrincipalClass::Account(own) => own != account,
            PrincipalClass::Deleted(_) | PrincipalClass::Service(_) => false,
            _ => true,
        };
        let listed = self.allows().filter_map(|allow| allow.principals.as_ref());
        let members = listed.filter(|all| all.sense == Sense::Only).flat_map(|all| &all.members);
        let mut seen = BTreeSet::new();
        let once = members.filter(counts).filter(|principal| seen.insert(principal.value.as_str()));
        once.map(|principal| {
            let means = |statement: &&Statement| means(statement.principals.as_ref(), principal);
            let denies = self.document.denies().filter(|deny| deny.conditions.is_empty());
            Holder {
                name: &principal.value,
                principal,
                own: self.allows().filter(|allow| names(allow.principals.as_ref(), principal)).collect(),
                allows: self.allows().filter(means).collect(),
                denies: denies.filter(means).collect(),
            }
        })
        .collect()
    }

    /// The Denies of use that also stop what services of AWS's do for a caller, which does not come through an endpoint.
    pub(crate) fn denies_that_stop_services(&self) -> impl Iterator<Item = &Statement> {
        self.document.denies().filter(|deny| {
            let on = |key: &'static str| deny.conditions.iter().filter(move |it| same_key(&it.key, key));
            let ways = || on("aws:SourceVpce").chain(on("aws:SourceVpc"));
            let away = ways().any(|test| test.operator.base.is_negated());
            let fires = ways().all(|test| test.holds_when_absent().is_yes());
            let spared = ["aws:ViaAWSService", "aws:PrincipalIsAWSService", "kms:ViaService"];
            away && fires && uses_key(deny) && !spared.into_iter().any(|key| on(key).next().is_some())
        })
    }

    /// What an Allow grants of `kms:CreateGrant` is only for services of AWS's that use the key for the caller.
    fn grants_for_services_only(&self, allow: &Statement) -> bool {
        let everyone = |deny: &&Statement| deny.principals.as_ref().is_some_and(Principals::is_everyone);
        let denies: Vec<&Statement> = denies_covering(&self.document, GRANTS).into_iter().filter(everyone).collect();
        let wanted = Wanted::yes();
        let question = Question {
            key: "kms:GrantIsForAWSResource",
            kind: KeyKind::Boolean,
            wanted: &wanted,
            carve_outs: CarveOuts::NONE,
        };
        confines_with(Some(allow), &denies, &question) == Confinement::Confined
    }

    /// What a holder may do to administer the key by the Allows that name it; grants count unless they are for services of
    /// AWS's alone.
    pub(crate) fn administers(&self, holder: &Holder<'_>) -> Vec<&'static str> {
        let by_name = |action: &&'static str| holder.may_by(&holder.own, action);
        let mut held: Vec<&'static str> = ADMINISTERS.into_iter().filter(by_name).collect();
        let loose = |allow: &Statement| !allow.matches_action(GRANTS).is_no() && !self.grants_for_services_only(allow);
        if holder.may_by(&holder.own, GRANTS) && holder.own.iter().any(|allow| loose(allow)) {
            held.push(GRANTS);
        }
        held
    }
}

impl<'p> Holder<'p> {
    /// Whether some Allow grants it the action, and no Deny without conditions takes it away.
    pub(crate) fn may(&self, action: &str) -> bool {
        self.may_by(&self.allows, action)
    }

    fn may_by(&self, allows: &[&Statement], action: &str) -> bool {
        let speaks = |statement: &&Statement| !statement.matches_action(action).is_no();
        let takes = |statement: &&Statement| statement.matches_action(action).is_yes();
        allows.iter().any(speaks) && !self.denies.iter().any(takes)
    }

    /// The statements that grant it one of these actions.
    pub(crate) fn statements(&self, actions: &[&str]) -> Vec<&'p Statement> {
        let grants = |allow: &&'p Statement| actions.iter().any(|action| !allow.matches_action(action).is_no());
        self.allows.iter().copied().filter(grants).collect()
    }

    /// The bound roles that it is or means.
    ///
    /// # Errors
    /// Not all bound roles are known, and it may be one of the others.
    pub(crate) fn bound<'a, 'b>(
        &self,
        place: &Place<'a>,
        bound: &'b Set<'a, Bound<'a>>,
    ) -> Result<Vec<&'b Bound<'a>>, Unknown<'a>> {
        let is = |bound: &&Bound<'a>| match classify(self.principal) {
            PrincipalClass::Everyone => true,
            PrincipalClass::Account(account) => account == place.account.as_str(),
            PrincipalClass::Role { .. } => *bound.role.arn == *self.name,
            PrincipalClass::Session { account, role, .. } => {
                account == place.account.as_str() && *bound.role.name == *role
            }
            _ => false,
        };
        let found: Vec<&Bound<'a>> = bound.items.iter().filter(is).collect();
        let may_be =
            !matches!(classify(self.principal), PrincipalClass::User { .. } | PrincipalClass::FederatedUser { .. });
        match &bound.unknown {
            Some(unknown) if found.is_empty() && may_be => Err(unknown.clone()),
            _ => Ok(found),
        }
    }
}

/// Whether a statement means a principal: names it, or everyone.
fn means(listed: Option<&Principals>, principal: &Principal) -> bool {
    listed.is_some_and(Principals::is_everyone) || names(listed, principal)
}

fn names(listed: Option<&Principals>, principal: &Principal) -> bool {
    listed.is_some_and(|all| all.sense == Sense::Only && all.members.contains(principal))
}

/// Whether a statement speaks of some use of the key.
pub(crate) fn uses_key(statement: &Statement) -> bool {
    USES.iter().any(|action| !statement.matches_action(action).is_no())
}

/// The negated conditions of an Allow: each lets in whatever it does not name, and requests without its key.
pub(crate) fn negated(allow: &Statement) -> impl Iterator<Item = &Condition> {
    let conditions = (allow.effect == Effect::Allow).then_some(&allow.conditions);
    conditions.into_iter().flatten().filter(|condition| condition.operator.base.is_negated())
}
