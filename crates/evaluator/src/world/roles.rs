//! Which IAM roles play which of the seven logical roles.

use plumbline_names::Arn;
use plumbline_snapshot::Tags;

use crate::baseline::{Candidate, Environment, LogicalRole};
use crate::judge::{Known, Set, Unknown};
use crate::place::Place;
use crate::world::World;

impl<'a> World<'a> {
    /// Whether the environment binds the role of this exact ARN, path included, to `logical`. A role that no longer
    /// exists is still bound by its ARN or name, not by tags. Of the roles that AWS makes for itself only those of Identity
    /// Center can be bound.
    ///
    /// # Errors
    /// It hangs on tags that were not seen; or the baseline binds nothing to it and does not say that it is not used.
    pub(crate) fn is_bound(&self, environment: &'a Environment, logical: LogicalRole, arn: &str) -> Known<'a, bool> {
        let binding = environment.roles.get(&logical);
        let Some(bind) = binding.and_then(|binding| binding.bind.as_ref()) else {
            return match binding.and_then(|binding| binding.not_used.as_ref()) {
                Some(_) => Ok(false),
                None => Err(unbound(logical)),
            };
        };
        let Ok(parsed) = arn.parse::<Arn>() else { return Ok(false) };
        let path = parsed.resource().strip_prefix("role").unwrap_or_default();
        let of_aws = path.starts_with("/aws-service-role/") || path.starts_with("/aws-reserved/");
        if of_aws && !path.starts_with("/aws-reserved/sso.amazonaws.com/") {
            return Ok(false);
        }
        let none = Tags::new();
        let (id, tags, gap) = match self.snapshot.iam.roles.get(arn) {
            Ok(Some(role)) => (role.id.as_str(), Some(&role.tags), None),
            Ok(None) => ("", Some(&none), None),
            Err(gap) => ("", None, Some(gap)),
        };
        let chosen = bind.chooses(&Candidate { id, arn, name: parsed.name(), tags });
        match (chosen, gap) {
            (Some(chosen), _) => Ok(chosen),
            (None, Some(gap)) => Err(Unknown::Gap(gap)),
            (None, None) => Ok(false),
        }
    }

    /// The logical roles that some environment of the place binds the role to; what is not known is told beside them.
    pub(crate) fn logical_roles(&self, place: &Place<'a>, arn: &str) -> Set<'a, LogicalRole> {
        let mut found = Set::whole(Vec::new());
        for environment in &place.environments {
            for logical in LogicalRole::ALL {
                match self.is_bound(environment, logical, arn) {
                    Ok(true) if !found.items.contains(&logical) => found.items.push(logical),
                    Ok(_) => {}
                    Err(unknown) => found.unknown = found.unknown.or(Some(unknown)),
                }
            }
        }
        found
    }

    /// Whether the environment binds the role to any logical role. A logical role without a binding binds nothing.
    ///
    /// # Errors
    /// It hangs on tags that were not seen.
    pub(crate) fn binds(&self, environment: &'a Environment, arn: &str) -> Known<'a, bool> {
        let mut unseen = None;
        for logical in LogicalRole::ALL {
            match self.is_bound(environment, logical, arn) {
                Ok(true) => return Ok(true),
                Ok(false) | Err(Unknown::Because(..)) => {}
                Err(gap) => unseen = unseen.or(Some(gap)),
            }
        }
        unseen.map_or(Ok(false), Err)
    }
}

fn unbound<'a>(logical: LogicalRole) -> Unknown<'a> {
    Unknown::baseline_missing(&format!("roles.{logical}.bind"))
}
