//! IAM's answers as snapshot types. Pure: no call, no judgement. Documents stay percent-encoded, as IAM sends them.

use aws_sdk_iam::types as aws;
use plumbline_collector::moment;
use plumbline_names::Text;
use plumbline_snapshot::iam::{Group, ManagedPolicy, Role, User};
use plumbline_snapshot::{Shared, Tags};

/// A role. `None` if it lacks its identity, or a list whose absence would look like a role without permissions.
pub(crate) fn role(shared: &mut Shared, item: &aws::RoleDetail) -> Option<(Text, Role)> {
    let arn = text(item.arn())?;
    let found = Role {
        arn: arn.clone(),
        name: text(item.role_name())?,
        id: text(item.role_id())?,
        path: text(item.path())?,
        created: item.create_date().and_then(moment),
        trust: given(item.assume_role_policy_document()).map(|document| shared.text(document)),
        inline: inline(shared, item.role_policy_list.as_deref()?)?,
        attached: attached(shared, item.attached_managed_policies.as_deref()?)?,
        boundary: boundary(shared, item.permissions_boundary())?,
        tags: tags(item.tags()),
    };
    Some((arn, found))
}

/// A user. `None` if it lacks its identity, or a list whose absence would look like a user without permissions: of inline
/// policies IAM leaves the list away where there is none.
pub(crate) fn user(shared: &mut Shared, item: &aws::UserDetail) -> Option<(Text, User)> {
    let arn = text(item.arn())?;
    let groups = item.group_list.as_deref()?.iter();
    let found = User {
        arn: arn.clone(),
        name: text(item.user_name())?,
        groups: groups.map(|name| Some(shared.text(given(Some(name))?))).collect::<Option<_>>()?,
        inline: inline(shared, item.user_policy_list())?,
        attached: attached(shared, item.attached_managed_policies.as_deref()?)?,
        boundary: boundary(shared, item.permissions_boundary())?,
    };
    Some((arn, found))
}

/// A group. `None` if it lacks its identity, or a list whose absence would look like a group without permissions.
pub(crate) fn group(shared: &mut Shared, item: &aws::GroupDetail) -> Option<(Text, Group)> {
    let arn = text(item.arn())?;
    let found = Group {
        arn: arn.clone(),
        name: text(item.group_name())?,
        inline: inline(shared, item.group_policy_list.as_deref()?)?,
        attached: attached(shared, item.attached_managed_policies.as_deref()?)?,
    };
    Some((arn, found))
}

/// A managed policy with the document of its default version, which need not be the newest.
pub(crate) fn policy(shared: &mut Shared, item: &aws::ManagedPolicyDetail) -> Option<(Text, ManagedPolicy)> {
    let arn = text(item.arn())?;
    let versions = item.policy_version_list();
    let default = versions.iter().find(|version| version.is_default_version()).or_else(|| {
        let named = item.default_version_id()?;
        versions.iter().find(|version| version.version_id() == Some(named))
    });
    let last = Text::from(arn.rsplit('/').next().unwrap_or_default());
    let found = ManagedPolicy {
        arn: arn.clone(),
        name: text(item.policy_name()).unwrap_or(last),
        default_version: default
            .and_then(|version| text(version.version_id()))
            .or_else(|| text(item.default_version_id())),
        document: default.and_then(|version| given(version.document())).map(|document| shared.text(document)),
    };
    Some((arn, found))
}

/// Inline policies by name.
fn inline<C: FromIterator<(Text, Text)>>(shared: &mut Shared, policies: &[aws::PolicyDetail]) -> Option<C> {
    let both = |policy: &aws::PolicyDetail| {
        let (name, document) = (given(policy.policy_name())?, given(policy.policy_document())?);
        Some((shared.text(name), shared.text(document)))
    };
    policies.iter().map(both).collect()
}

/// ARNs of attached policies, sorted.
fn attached(shared: &mut Shared, policies: &[aws::AttachedPolicy]) -> Option<Vec<Text>> {
    let arn = |policy: &aws::AttachedPolicy| Some(shared.text(given(policy.policy_arn())?));
    let mut arns: Vec<Text> = policies.iter().map(arn).collect::<Option<_>>()?;
    arns.sort();
    Some(arns)
}

/// The boundary's ARN, if there is one; `None` if there is one without an ARN.
fn boundary(shared: &mut Shared, boundary: Option<&aws::AttachedPermissionsBoundary>) -> Option<Option<Text>> {
    match boundary {
        Some(boundary) => Some(Some(shared.text(given(boundary.permissions_boundary_arn())?))),
        None => Some(None),
    }
}

fn tags(items: &[aws::Tag]) -> Tags {
    items.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// A text; an empty one is none.
pub(crate) fn text(value: Option<&str>) -> Option<Text> {
    given(value).map(Text::from)
}

fn given(value: Option<&str>) -> Option<&str> {
    value.filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use aws_sdk_iam::types::{
        AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, PolicyVersion,
        RoleDetail, Tag, UserDetail,
    };
    use aws_smithy_types::DateTime;

    use super::{ManagedPolicy, Role, Shared, Text};

    fn role(item: &RoleDetail) -> Option<(Text, Role)> {
        super::role(&mut Shared::default(), item)
    }

    fn policy(item: &ManagedPolicyDetail) -> Option<(Text, ManagedPolicy)> {
        super::policy(&mut Shared::default(), item)
    }

    fn detail() -> aws_sdk_iam::types::builders::RoleDetailBuilder {
        RoleDetail::builder()
            .arn("arn:aws:iam::111122223333:role/lab/trainer")
            .role_name("trainer")
            .role_id("AROAEXAMPLE")
            .path("/lab/")
            .set_role_policy_list(Some(Vec::new()))
            .set_attached_managed_policies(Some(Vec::new()))
    }

    #[test]
    fn a_role_keeps_its_documents_as_sent() {
        let (_, found) = role(
            &detail()
                .create_date(DateTime::from_secs(1_700_000_000))
                .assume_role_policy_document("%7B%7D")
                .role_policy_list(PolicyDetail::builder().policy_name("p").policy_document("%7B%22a%22%7D").build())
                .attached_managed_policies(AttachedPolicy::builder().policy_arn("arn:aws:iam::aws:policy/Z").build())
                .attached_managed_policies(AttachedPolicy::builder().policy_arn("arn:aws:iam::aws:policy/A").build())
                .permissions_boundary(
                    AttachedPermissionsBoundary::builder().permissions_boundary_arn("arn:aws:iam::1:policy/b").build(),
                )
                .tags(Tag::builder().key("team").value("").build().unwrap())
                .build(),
        )
        .unwrap();
        assert_eq!(found.created.unwrap().to_string(), "2023-11-14T22:13:20Z");
        assert_eq!(found.trust.as_deref(), Some("%7B%7D"));
        assert_eq!(found.inline.get("p").map(Text::as_str), Some("%7B%22a%22%7D"));
        assert_eq!(found.attached, ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/Z"]);
        assert_eq!(found.boundary.as_deref(), Some("arn:aws:iam::1:policy/b"));
        assert_eq!(found.tags.get("team").map(String::as_str), Some(""));
    }

    #[test]
    fn what_is_missing_makes_a_role_unusable_or_stays_open() {
        assert!(role(&detail().build()).is_some_and(|(_, role)| role.trust.is_none() && role.boundary.is_none()));
        let broken = [
            ("arn", detail().set_arn(None)),
            ("empty arn", detail().arn("")),
            ("id", detail().set_role_id(None)),
            ("inline list", detail().set_role_policy_list(None)),
            ("attached list", detail().set_attached_managed_policies(None)),
            ("inline document", detail().role_policy_list(PolicyDetail::builder().policy_name("p").build())),
            ("attached arn", detail().attached_managed_policies(AttachedPolicy::builder().policy_name("p").build())),
            ("boundary arn", detail().permissions_boundary(AttachedPermissionsBoundary::builder().build())),
        ];
        for (what, builder) in broken {
            assert_eq!(role(&builder.build()), None, "{what}");
        }
    }

    #[test]
    fn a_user_without_inline_policies_comes_without_their_list() {
        let detail = || {
            UserDetail::builder()
                .arn("arn:aws:iam::111122223333:user/lab/ana")
                .user_name("ana")
                .group_list("readers")
                .set_attached_managed_policies(Some(Vec::new()))
        };
        let user = |item: UserDetail| super::user(&mut Shared::default(), &item);
        let (arn, bare) = user(detail().build()).unwrap();
        assert_eq!((arn, bare.inline.len(), bare.boundary), (bare.arn.clone(), 0, None));
        assert_eq!((bare.name.as_str(), bare.groups), ("ana", vec!["readers".into()]));
        let limited =
            AttachedPermissionsBoundary::builder().permissions_boundary_arn("arn:aws:iam::1:policy/b").build();
        let inline = PolicyDetail::builder().policy_name("p").policy_document("%7B%7D").build();
        let (_, full) = user(detail().permissions_boundary(limited).user_policy_list(inline).build()).unwrap();
        assert_eq!(full.boundary.as_deref(), Some("arn:aws:iam::1:policy/b"));
        assert_eq!(full.inline.get("p").map(Text::as_str), Some("%7B%7D"));
        let broken = [
            ("arn", detail().set_arn(None)),
            ("groups", detail().set_group_list(None)),
            ("attached list", detail().set_attached_managed_policies(None)),
            ("inline document", detail().user_policy_list(PolicyDetail::builder().policy_name("p").build())),
            ("boundary arn", detail().permissions_boundary(AttachedPermissionsBoundary::builder().build())),
        ];
        for (what, builder) in broken {
            assert_eq!(user(builder.build()), None, "{what}");
        }
    }

    #[test]
    fn a_group_has_its_lists_or_is_unusable() {
        let detail = || {
            GroupDetail::builder()
                .arn("arn:aws:iam::111122223333:group/readers")
                .group_name("readers")
                .group_policy_list(PolicyDetail::builder().policy_name("p").policy_document("%7B%7D").build())
                .attached_managed_policies(AttachedPolicy::builder().policy_arn("arn:aws:iam::aws:policy/A").build())
        };
        let group = |item: GroupDetail| super::group(&mut Shared::default(), &item);
        let (_, found) = group(detail().build()).unwrap();
        assert_eq!((found.name.as_str(), found.inline.len(), found.attached.len()), ("readers", 1, 1));
        for broken in [detail().set_group_policy_list(None), detail().set_attached_managed_policies(None)] {
            assert_eq!(group(broken.build()), None);
        }
    }

    #[test]
    fn the_default_version_is_in_force_and_the_name_may_come_from_the_arn() {
        let version = |id: &str, default: bool| {
            PolicyVersion::builder().version_id(id).document(format!("%7B{id}%7D")).is_default_version(default).build()
        };
        let detail = || ManagedPolicyDetail::builder().arn("arn:aws:iam::111122223333:policy/lab/reader");
        let cases = [
            ("flag", detail().policy_version_list(version("v2", false)).policy_version_list(version("v1", true)), "v1"),
            (
                "named",
                detail()
                    .default_version_id("v2")
                    .policy_version_list(version("v3", false))
                    .policy_version_list(version("v2", false)),
                "v2",
            ),
        ];
        for (what, builder, expected) in cases {
            let (_, found) = policy(&builder.build()).unwrap();
            assert_eq!(found.name, "reader", "{what}");
            assert_eq!(found.default_version.as_deref(), Some(expected), "{what}");
            assert_eq!(found.document, Some(format!("%7B{expected}%7D").into()), "{what}");
        }
        let (_, without) = policy(&detail().default_version_id("v9").policy_name("given").build()).unwrap();
        assert_eq!((without.name.as_str(), without.document), ("given", None));
        assert_eq!(policy(&ManagedPolicyDetail::builder().build()), None);
    }
}
