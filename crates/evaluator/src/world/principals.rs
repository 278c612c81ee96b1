//! Who acts in an account by policies of its own: roles, users and groups.

use std::sync::OnceLock;

use plumbline_names::Text;
use plumbline_policy::{Pattern, Variables};
use plumbline_snapshot::iam::{Group, Role, User};

use crate::judge::{Known, Set, Unknown};
use crate::world::World;
use crate::world::powers::Powers;

/// The action by which somebody hands a role to a service.
pub(crate) const PASS: &str = "iam:PassRole";

/// A role, a user or a group.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Principal<'a> {
    /// A role.
    Role(&'a Role),
    /// A user, who has what its groups have.
    User(&'a User),
    /// A group of users.
    Group(&'a Group),
}

/// Somebody whose policies let it pass some role, or may, with what they say.
#[derive(Debug)]
pub(crate) struct Passer<'a> {
    /// Who.
    pub(crate) principal: Principal<'a>,
    /// All that its policies say.
    pub(crate) powers: Known<'a, Powers>,
}

/// All of them, looked up once.
#[derive(Debug, Default)]
pub(crate) struct Passers<'a>(OnceLock<Vec<Passer<'a>>>);

impl<'a> Principal<'a> {
    /// Its ARN.
    pub(crate) fn arn(self) -> &'a str {
        match self {
            Self::Role(role) => &role.arn,
            Self::User(user) => &user.arn,
            Self::Group(group) => &group.arn,
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Role(role) => &role.name,
            Self::User(user) => &user.name,
            Self::Group(group) => &group.name,
        }
    }

    /// In words, such as ``the user `ana` ``.
    pub(crate) fn words(self) -> String {
        let kind = match self {
            Self::Role(_) => "role",
            Self::User(_) => "user",
            Self::Group(_) => "group",
        };
        format!("the {kind} `{}`", self.name())
    }

    /// Its inline policies by name.
    pub(crate) fn inline(self) -> impl Iterator<Item = (&'a Text, &'a Text)> {
        match self {
            Self::Role(role) => role.inline.iter(),
            Self::User(user) => user.inline.iter(),
            Self::Group(group) => group.inline.iter(),
        }
    }

    /// What IAM calls the list of them.
    pub(crate) fn inline_list(self) -> &'static str {
        match self {
            Self::Role(_) => "RolePolicyList",
            Self::User(_) => "UserPolicyList",
            Self::Group(_) => "GroupPolicyList",
        }
    }

    /// ARNs of the managed policies on it.
    pub(crate) fn attached(self) -> &'a [Text] {
        match self {
            Self::Role(role) => &role.attached,
            Self::User(user) => &user.attached,
            Self::Group(group) => &group.attached,
        }
    }

    /// ARN of its permissions boundary.
    pub(crate) fn boundary(self) -> Option<&'a str> {
        match self {
            Self::Role(role) => role.boundary.as_deref(),
            Self::User(user) => user.boundary.as_deref(),
            Self::Group(_) => None,
        }
    }

    /// Names of the groups that it is in.
    pub(crate) fn groups(self) -> &'a [Text] {
        match self {
            Self::User(user) => &user.groups,
            Self::Role(_) | Self::Group(_) => &[],
        }
    }
}

impl<'a> World<'a> {
    /// Every principal of the account that may pass some role, or of which that is not known; and why there may be more. Roles
    /// that AWS made for its own services are none: nobody acts as one of them.
    pub(crate) fn passers(&self) -> Set<'a, &Passer<'a>> {
        let iam = &self.snapshot.iam;
        let found = self.passers.0.get_or_init(|| {
            let roles = iam.roles.seen().filter(|role| !role.path.starts_with("/aws-service-role/"));
            let all = roles.map(Principal::Role);
            let all = all.chain(iam.groups.seen().map(Principal::Group)).chain(iam.users.seen().map(Principal::User));
            let any = Pattern::glob("*", Variables::Plain);
            let passer = |principal| {
                let powers = self.powers_at_a_glance(principal);
                let passes = powers.as_ref().map_or(true, |powers| !powers.may(PASS, &any).is_empty());
                passes.then_some(Passer { principal, powers })
            };
            all.filter_map(passer).collect()
        });
        let gap = iam.roles.gap().or(iam.users.gap()).or(iam.groups.gap());
        Set { items: found.iter().collect(), unknown: gap.map(Unknown::Gap) }
    }
}
