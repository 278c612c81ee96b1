//! The IAM roles that play the seven logical roles of a place.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use plumbline_names::{Region, ResourceRef};
use plumbline_snapshot::iam::Role;

use crate::baseline::{Environment, LogicalRole, Selector};
use crate::judge::{Known, Set, Unknown};
use crate::place::Place;
use crate::world::World;

/// Where the roles of Identity Center lie. Nobody else can make a role there.
const IDENTITY_CENTER: &str = "/aws-reserved/sso.amazonaws.com/";

/// A role that is bound, and what it plays.
#[derive(Debug, Clone)]
pub(crate) struct Bound<'a> {
    /// The IAM role.
    pub(crate) role: &'a Role,
    /// The logical roles that it plays, in the catalogue's order; at least one.
    pub(crate) plays: Vec<LogicalRole>,
}

/// The bound roles of each place, by its name and Region, looked up once.
#[derive(Debug, Default)]
pub(crate) struct Bindings<'a>(Mutex<HashMap<(&'a str, &'a Region), Set<'a, Bound<'a>>>>);

impl Bound<'_> {
    /// The logical roles, for messages.
    pub(crate) fn plays(&self) -> String {
        self.plays.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" and ")
    }

    /// The name and aspect of a finding about the role.
    pub(crate) fn subject(&self) -> (ResourceRef, Option<String>) {
        (ResourceRef::new(self.role.arn.clone(), "AWS::IAM::Role", self.role.name.clone()), None)
    }
}

impl<'a> World<'a> {
    /// The IAM roles that the place binds to `logical`, of those seen; none where the baseline says that it is not used.
    pub(crate) fn bound(&self, place: &Place<'a>, logical: LogicalRole) -> Set<'a, &'a Role> {
        let mut found = Set { items: Vec::new(), unknown: self.snapshot.iam.roles.gap().map(Unknown::Gap) };
        for environment in &place.environments {
            if let Err(missing) = binding(environment, logical) {
                found.unknown = Some(missing);
                continue;
            }
            for role in self.snapshot.iam.roles.seen() {
                match self.is_bound(environment, logical, &role.arn) {
                    Ok(true) => found.items.push(role),
                    Ok(false) => {}
                    Err(unknown) => found.unknown = found.unknown.or(Some(unknown)),
                }
            }
        }
        found
    }

    /// Every IAM role that the place binds, with all that it plays, in the order of their ARNs. A logical role without a
    /// binding makes the set unknown: it might bind any role, these too.
    pub(crate) fn bound_roles(&self, place: &Place<'a>) -> Set<'a, Bound<'a>> {
        let mut known = self.bindings.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((place.name, place.region)).or_insert_with(|| self.bound_to_any(place)).clone()
    }

    fn bound_to_any(&self, place: &Place<'a>) -> Set<'a, Bound<'a>> {
        let mut unknown = None;
        let mut bound: BTreeMap<&str, Bound<'a>> = BTreeMap::new();
        for logical in LogicalRole::ALL {
            let set = self.bound(place, logical);
            unknown = unknown.or(set.unknown);
            for role in set.items {
                let plays = &mut bound.entry(&role.arn).or_insert(Bound { role, plays: Vec::new() }).plays;
                if plays.last() != Some(&logical) {
                    plays.push(logical);
                }
            }
        }
        Set { items: bound.into_values().collect(), unknown }
    }
}

/// The selector that binds `logical`; none where the environment says that nothing plays it.
///
/// # Errors
/// The baseline says neither.
pub(crate) fn binding<'a>(environment: &'a Environment, logical: LogicalRole) -> Known<'a, Option<&'a Selector>> {
    let missing = || Unknown::baseline_missing(&format!("roles.{logical}.bind"));
    let binding = environment.roles.get(&logical).ok_or_else(missing)?;
    match (&binding.bind, &binding.not_used) {
        (Some(bind), _) => Ok(Some(bind)),
        (None, Some(_)) => Ok(None),
        (None, None) => Err(missing()),
    }
}

/// Whether the role lies where only Identity Center makes roles.
pub(crate) fn is_of_identity_center(role: &Role) -> bool {
    role.path.starts_with(IDENTITY_CENTER)
}

/// Whether AWS made the role for itself or for Identity Center: nobody can change what it is for, nor pass it.
pub(crate) fn is_of_aws(role: &Role) -> bool {
    role.path.starts_with("/aws-service-role/") || role.path.starts_with("/aws-reserved/")
}

/// A selector in words, as the baseline has it, piece by piece.
pub(crate) fn words(selector: &Selector) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(selector.ids.iter().map(|id| format!("id {id}")));
    parts.extend(selector.arns.iter().map(ToString::to_string));
    parts.extend(selector.arn_patterns.iter().map(ToString::to_string));
    parts.extend(selector.names.iter().map(|name| format!("name {name}")));
    parts.extend(selector.tags.iter().map(|(key, value)| format!("tag {key}={value}")));
    if parts.is_empty() {
        parts.push("nothing".to_owned());
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::tz::TimeZone;
    use plumbline_testkit::iam::{OTHER_ROLE, TRAINING_EXECUTION};
    use plumbline_testkit::known_good;

    use crate::baseline::{LoadContext, load};
    use crate::place::Place;
    use crate::world::World;

    #[test]
    fn each_environment_has_its_own() {
        let mut env = known_good();
        env.add_environment(
            "shop",
            &format!("vpc: {{tags: {{Name: web-shop}}}}\nroles: {{training_execution: {{bind: {{arns: [\"{OTHER_ROLE}\"]}}}}}}"),
        );
        let today = env.snapshot.window.finished_at.to_zoned(TimeZone::UTC).date();
        let baseline = load(&env.baseline, "baseline.yaml", &LoadContext::on(today)).unwrap();
        let last = BTreeMap::new();
        let world = World::new(&env.snapshot, &baseline, &last);
        let bound = |environment| {
            let place = Place::of(environment, &env.snapshot.account, &env.snapshot.partition);
            let found = world.bound_roles(&place).items;
            found.iter().map(|bound| bound.role.arn.to_string()).collect::<Vec<_>>()
        };
        let [fraud, shop] = baseline.environments.as_slice() else { panic!("two environments") };
        for _ in 0..2 {
            assert!(bound(fraud).contains(&TRAINING_EXECUTION.to_owned()));
            assert_eq!(bound(shop), [OTHER_ROLE]);
        }
    }
}
