//! IAM: roles with trust, policies and boundaries, users and groups. Documents are kept as fetched text, percent-decoded by whoever parses.

use std::collections::BTreeSet;

use jiff::Timestamp;
use litemap::LiteMap;
use plumbline_names::Text;
use serde::{Deserialize, Serialize};

use crate::{Collected, Read, Shared, Sight, Source, Tags};

/// All roles, users, groups and managed policies with their documents, in one paged read.
pub const ACCOUNT_AUTHORIZATION_DETAILS: Source = Source {
    service: "iam",
    operation: "GetAccountAuthorizationDetails",
    permissions: &["iam:GetAccountAuthorizationDetails"],
};

/// Which version of a managed policy is in force, where the listing does not have the policy.
pub const POLICY: Source = Source { service: "iam", operation: "GetPolicy", permissions: &["iam:GetPolicy"] };
/// The document of that version.
pub const POLICY_VERSION: Source =
    Source { service: "iam", operation: "GetPolicyVersion", permissions: &["iam:GetPolicyVersion"] };

/// The reads of this service.
pub const SOURCES: &[&Source] = &[&ACCOUNT_AUTHORIZATION_DETAILS, &POLICY, &POLICY_VERSION];

/// IAM of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Iam {
    /// Roles by ARN.
    pub roles: Collected<Role>,
    /// Users by ARN.
    #[serde(default = "unread")]
    pub users: Collected<User>,
    /// Groups by ARN.
    #[serde(default = "unread")]
    pub groups: Collected<Group>,
    /// Managed policies in use, by ARN: the customer's own, and AWS's where the answer has them.
    pub policies: Collected<ManagedPolicy>,
    /// Managed policies that somebody has attached, or as a boundary, and whose document the whole listing lacks, by ARN; of
    /// each whether it is there. Not whole until the listing was looked through for them.
    #[serde(default = "unread_policies")]
    pub unlisted: Collected<Read<Option<UnlistedPolicy>>>,
}

/// A managed policy that was asked for by its ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnlistedPolicy {
    /// The version in force, such as `v3`.
    pub default_version: Text,
    /// The document of that version, percent-encoded as IAM sends it; none if the version was gone when it was asked for.
    pub document: Read<Option<Text>>,
}

/// What a managed policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InForce<'a> {
    /// The read that said so.
    pub source: &'static Source,
    /// The version in force, where it is known.
    pub version: Option<&'a str>,
    /// Its document, percent-encoded; none if IAM has sent none.
    pub document: Option<&'a str>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Its ARN, path included.
    pub arn: Text,
    /// Its name, without the path.
    pub name: Text,
    /// Its unique id, `AROA…`.
    pub id: Text,
    /// Its path, `/` or `/service-role/`.
    pub path: Text,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// The trust policy, percent-encoded as IAM sends it.
    pub trust: Option<Text>,
    /// Inline policies by name, percent-encoded as IAM sends them: few for each of many roles.
    pub inline: LiteMap<Text, Text>,
    /// ARNs of attached managed policies.
    pub attached: Vec<Text>,
    /// ARN of the permissions boundary.
    pub boundary: Option<Text>,
    /// Its tags.
    pub tags: Tags,
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its ARN, path included.
    pub arn: Text,
    /// Its name, without the path.
    pub name: Text,
    /// Names of the groups that it is in.
    pub groups: Vec<Text>,
    /// Inline policies by name, percent-encoded as IAM sends them.
    pub inline: LiteMap<Text, Text>,
    /// ARNs of attached managed policies.
    pub attached: Vec<Text>,
    /// ARN of the permissions boundary.
    pub boundary: Option<Text>,
}

/// A group of users. It has no boundary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its ARN, path included.
    pub arn: Text,
    /// Its name, without the path: no other group of the account has it.
    pub name: Text,
    /// Inline policies by name, percent-encoded as IAM sends them.
    pub inline: LiteMap<Text, Text>,
    /// ARNs of attached managed policies.
    pub attached: Vec<Text>,
}

/// A managed policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// Its ARN.
    pub arn: Text,
    /// Its name: the last part of the ARN.
    pub name: Text,
    /// The version in force, such as `v3`.
    pub default_version: Option<Text>,
    /// The document in force, percent-encoded as IAM sends it.
    pub document: Option<Text>,
}

impl Iam {
    /// IAM of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self { roles: unread(), users: unread(), groups: unread(), policies: unread(), unlisted: unread_policies() }
    }

    /// Gives equal texts the same memory, as they had before they were packed.
    pub(crate) fn share(&mut self) {
        let mut shared = Shared::default();
        for role in self.roles.share_ids(|role| &mut role.arn) {
            role.attached.iter_mut().chain(&mut role.boundary).chain(&mut role.trust).for_each(|it| shared.replace(it));
            role.inline.iter_mut().for_each(|(_, document)| shared.replace(document));
        }
        for user in self.users.share_ids(|user| &mut user.arn) {
            user.groups
                .iter_mut()
                .chain(&mut user.attached)
                .chain(&mut user.boundary)
                .for_each(|it| shared.replace(it));
            user.inline.iter_mut().for_each(|(_, document)| shared.replace(document));
        }
        for group in self.groups.share_ids(|group| &mut group.arn) {
            group.attached.iter_mut().for_each(|it| shared.replace(it));
        }
        for policy in self.policies.share_ids(|policy| &mut policy.arn) {
            policy.document.iter_mut().for_each(|document| shared.replace(document));
        }
    }

    /// Whether roles, users, groups and policies were all listed.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.roles.is_whole() && self.users.is_whole() && self.groups.is_whole() && self.policies.is_whole()
    }

    /// The group of this name; `None` if there is none.
    ///
    /// # Errors
    /// The gap, if it was not seen.
    pub fn group(&self, name: &str) -> Sight<'_, Option<&Group>> {
        match (self.groups.seen().find(|group| group.name == name), self.groups.gap()) {
            (None, Some(gap)) => Err(gap),
            (found, _) => Ok(found),
        }
    }

    /// ARNs of the managed policies that a role, user or group has attached, or as its boundary, and whose document the
    /// listing lacks. Says nothing of absence unless the listing is whole.
    #[must_use]
    pub fn lacking(&self) -> BTreeSet<&str> {
        let of_roles = self.roles.seen().flat_map(|role| role.attached.iter().chain(&role.boundary));
        let of_users = self.users.seen().flat_map(|user| user.attached.iter().chain(&user.boundary));
        let of_groups = self.groups.seen().flat_map(|group| &group.attached);
        let named = of_roles.chain(of_users).chain(of_groups);
        let listed = |arn: &str| matches!(self.policies.get(arn), Ok(Some(policy)) if policy.document.is_some());
        named.map(Text::as_str).filter(|arn| !listed(arn)).collect()
    }

    /// What the managed policy of this ARN says; `None` if there is none.
    ///
    /// # Errors
    /// The gap, if it was not seen.
    pub fn in_force(&self, arn: &str) -> Sight<'_, Option<InForce<'_>>> {
        let listed = self.policies.get(arn)?;
        if let Some(ManagedPolicy { default_version, document: Some(document), .. }) = listed {
            return Ok(Some(InForce {
                source: &ACCOUNT_AUTHORIZATION_DETAILS,
                version: default_version.as_deref(),
                document: Some(document),
            }));
        }
        let Some(asked) = self.unlisted.get(arn)? else {
            // Nobody has it, so nobody asked.
            return Ok(listed.map(|policy| InForce {
                source: &ACCOUNT_AUTHORIZATION_DETAILS,
                version: policy.default_version.as_deref(),
                document: None,
            }));
        };
        let Some(UnlistedPolicy { default_version, document }) = asked.sight()? else { return Ok(None) };
        Ok(Some(InForce {
            source: &POLICY_VERSION,
            version: Some(default_version),
            document: document.sight()?.as_deref(),
        }))
    }
}

/// A part of the account's details that nobody has read.
fn unread<T>() -> Collected<T> {
    Collected::unread(&ACCOUNT_AUTHORIZATION_DETAILS)
}

/// Nobody has looked for policies that the listing lacks.
fn unread_policies() -> Collected<Read<Option<UnlistedPolicy>>> {
    Collected::unread(&POLICY)
}

#[cfg(test)]
mod tests {
    use litemap::LiteMap;
    use plumbline_names::Text;

    use super::{
        ACCOUNT_AUTHORIZATION_DETAILS, Group, Iam, ManagedPolicy, POLICY, POLICY_VERSION, Role, UnlistedPolicy, User,
    };
    use crate::{Collected, Gap, Read, Tags, Why};

    fn iam() -> Iam {
        let text = |text: &str| Text::from(text);
        let role = Role {
            arn: text("role"),
            name: text("role"),
            id: text("AROA"),
            path: text("/"),
            created: None,
            trust: None,
            inline: LiteMap::new(),
            attached: vec![text("listed"), text("bare"), text("unlisted")],
            boundary: Some(text("boundary")),
            tags: Tags::new(),
        };
        let policy = |arn: &str, document: Option<&str>| {
            let document = document.map(Text::from);
            (text(arn), ManagedPolicy { arn: text(arn), name: text(arn), default_version: Some(text("v1")), document })
        };
        Iam {
            roles: Collected::whole([(text("role"), role)]),
            policies: Collected::whole([policy("listed", Some("%7B%7D")), policy("bare", None), policy("other", None)]),
            ..Iam::unread()
        }
    }

    fn user() -> User {
        User {
            arn: "user".into(),
            name: "user".into(),
            groups: vec!["group".into()],
            inline: LiteMap::new(),
            attached: vec!["listed".into(), "of a user".into()],
            boundary: Some("a user's boundary".into()),
        }
    }

    fn group() -> Group {
        Group { arn: "g".into(), name: "group".into(), inline: LiteMap::new(), attached: vec!["of a group".into()] }
    }

    #[test]
    fn what_somebody_has_and_the_listing_lacks_is_to_be_asked_for() {
        let mut iam = iam();
        assert_eq!(iam.lacking().into_iter().collect::<Vec<_>>(), ["bare", "boundary", "unlisted"]);
        iam.users = Collected::whole([("user", user())]);
        iam.groups = Collected::whole([("g", group())]);
        let lacking: Vec<&str> = iam.lacking().into_iter().collect();
        assert_eq!(lacking, ["a user's boundary", "bare", "boundary", "of a group", "of a user", "unlisted"]);
    }

    #[test]
    fn a_group_that_was_not_listed_is_not_absent() {
        let mut iam = Iam { groups: Collected::whole([("g", group())]), ..iam() };
        assert_eq!((iam.group("group"), iam.group("other")), (Ok(Some(&group())), Ok(None)));
        let cut = Gap::of(&ACCOUNT_AUTHORIZATION_DETAILS, Why::Truncated, "cut");
        iam.groups.stop(cut.clone(), None);
        assert_eq!((iam.group("group"), iam.group("other")), (Ok(Some(&group())), Err(&cut)));
    }

    #[test]
    fn a_snapshot_that_knows_of_no_users_has_not_seen_them() {
        let mut old = serde_json::to_value(iam()).unwrap();
        let parts = old.as_object_mut().unwrap();
        assert!(parts.remove("users").is_some() && parts.remove("groups").is_some());
        let read: Iam = serde_json::from_value(old).unwrap();
        assert!(read.users.all().is_err() && read.group("any").is_err() && read.roles.is_whole() && !read.is_whole());
    }

    #[test]
    fn a_policy_that_nobody_asked_for_is_not_absent() {
        let mut iam = iam();
        let said = |iam: &Iam, arn: &str| match iam.in_force(arn) {
            Ok(found) => found.map(|policy| (policy.source.operation, policy.document.map(str::to_owned))).ok_or(None),
            Err(gap) => Err(Some((gap.operation.to_string(), gap.why))),
        };
        let listed = Ok((ACCOUNT_AUTHORIZATION_DETAILS.operation, Some("%7B%7D".to_owned())));
        assert_eq!(said(&iam, "listed"), listed);
        let unasked = Err(Some((POLICY.operation().to_string(), Why::NotPlanned)));
        assert_eq!((said(&iam, "unlisted"), said(&iam, "bare")), (unasked.clone(), unasked));

        let version = |document| {
            let default_version = "v2".into();
            Read::Seen(Some(UnlistedPolicy { default_version, document }))
        };
        let denied = Read::Gap(Gap::of(&POLICY_VERSION, Why::Denied, "no"));
        iam.unlisted = Collected::whole([
            ("unlisted".to_owned(), version(Read::Seen(Some("%7B2%7D".into())))),
            ("bare".to_owned(), version(denied)),
            ("boundary".to_owned(), Read::Seen(None)),
        ]);
        assert_eq!(said(&iam, "unlisted"), Ok((POLICY_VERSION.operation, Some("%7B2%7D".to_owned()))));
        assert_eq!(said(&iam, "bare"), Err(Some((POLICY_VERSION.operation().to_string(), Why::Denied))));
        assert_eq!(said(&iam, "boundary"), Err(None), "IAM said that there is none");
        assert_eq!(said(&iam, "other"), Ok((ACCOUNT_AUTHORIZATION_DETAILS.operation, None)));
        assert_eq!(said(&iam, "nobody's"), Err(None), "the listing is whole, and no role names it");

        iam.policies.stop(Gap::of(&ACCOUNT_AUTHORIZATION_DETAILS, Why::Truncated, "cut"), None);
        assert_eq!(said(&iam, "listed"), listed);
        let cut = Err(Some((ACCOUNT_AUTHORIZATION_DETAILS.operation().to_string(), Why::Truncated)));
        assert_eq!(said(&iam, "unlisted"), cut);
    }
}
