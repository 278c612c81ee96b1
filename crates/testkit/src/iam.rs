//! IAM of the known-good environment: the seven roles (two of them for notebooks) with their trusts, policies and
//! boundary, and unrelated roles, a user and a group that must not matter. Documents are percent-encoded, as IAM sends them.

use plumbline_snapshot::iam::{Group, Iam, ManagedPolicy, Role, UnlistedPolicy, User};
use plumbline_snapshot::{Collected, Read, Tags};
use serde_json::Value;

use crate::env::{change, tags, take, whole};
use crate::{ACCOUNT, Env};

mod documents;

/// The role `data_scientist`, bound by ARN.
pub const DATA_SCIENTIST: &str = "arn:aws:iam::111122223333:role/ds-user-role-fraud-dev";
/// The role `notebook_creation`, bound by ARN.
pub const NOTEBOOK_CREATION: &str = "arn:aws:iam::111122223333:role/ds-sc-launch-role-fraud-dev";
/// A role `notebook_execution`, bound by an ARN pattern with a path.
pub const NOTEBOOK_EXECUTION: &str = "arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana";
/// A second role `notebook_execution`, bound by the same pattern.
pub const NOTEBOOK_EXECUTION_BO: &str = "arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-bo";
/// The role `training_execution`, bound by tags.
pub const TRAINING_EXECUTION: &str = "arn:aws:iam::111122223333:role/ds-training-role-fraud-dev";
/// The role `endpoint_creation`, bound by ARN.
pub const ENDPOINT_CREATION: &str = "arn:aws:iam::111122223333:role/ds-deploy-role-fraud-dev";
/// The role `endpoint_hosting`, bound by ARN.
pub const ENDPOINT_HOSTING: &str = "arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev";
/// The role `endpoint_invocation`, bound by ARN.
pub const ENDPOINT_INVOCATION: &str = "arn:aws:iam::111122223333:role/fraud-scoring-app-dev";
/// The permissions boundary of all of them.
pub const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/ds-boundary-fraud-dev";
/// AWS's managed policy for users of the service catalogue, attached to [`DATA_SCIENTIST`].
pub const CATALOGUE_END_USER: &str = "arn:aws:iam::aws:policy/AWSServiceCatalogEndUserFullAccess";
/// AWS's managed policy that permits everything, attached to [`OTHER_ROLE`].
pub const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
/// AWS's managed policy that is the boundary of [`PLATFORM_ADMIN`] and attached nowhere: IAM does not list it.
pub const POWER_USER: &str = "arn:aws:iam::aws:policy/PowerUserAccess";
/// An unrelated role that everybody may assume and that may do everything but pass roles. Its name contains a bound role's.
pub const OTHER_ROLE: &str = "arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy";
/// The platform team's role.
pub const PLATFORM_ADMIN: &str = "arn:aws:iam::111122223333:role/platform-admin";
/// A service-linked role.
pub const SERVICE_LINKED: &str =
    "arn:aws:iam::111122223333:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForAmazonSageMakerNotebooks";
/// A user who may look at everything by its group, and change nothing.
pub const AUDITOR: &str = "arn:aws:iam::111122223333:user/auditor";
/// The group that [`AUDITOR`] is in.
pub const AUDITORS: &str = "arn:aws:iam::111122223333:group/auditors";
/// The SAML provider that [`DATA_SCIENTIST`] trusts.
pub const SAML_PROVIDER: &str = "arn:aws:iam::111122223333:saml-provider/corp";

/// The seven logical roles with the IAM role that edits by logical name mean.
pub const ROLES: [(&str, &str); 7] = [
    ("data_scientist", DATA_SCIENTIST),
    ("notebook_creation", NOTEBOOK_CREATION),
    ("notebook_execution", NOTEBOOK_EXECUTION),
    ("training_execution", TRAINING_EXECUTION),
    ("endpoint_creation", ENDPOINT_CREATION),
    ("endpoint_hosting", ENDPOINT_HOSTING),
    ("endpoint_invocation", ENDPOINT_INVOCATION),
];

/// The ARN that a logical role or an ARN means.
///
/// # Panics
/// If it is neither.
#[must_use]
pub fn role_arn(role: &str) -> String {
    if role.starts_with("arn:") {
        return role.to_owned();
    }
    let found = ROLES.iter().find(|(logical, _)| *logical == role);
    found.map(|(_, arn)| (*arn).to_owned()).unwrap_or_else(|| panic!("no role `{role}`"))
}

/// The text with every byte but the unreserved ones of RFC 3986 percent-encoded, as IAM sends documents.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// The text that [`encode`] encoded.
///
/// # Panics
/// If it did not.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(byte, 16).expect("two hexadecimal digits"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// A role with this ARN and trust, the boundary, and nothing else.
#[must_use]
pub fn plain_role(arn: &str, trust: &Value) -> Role {
    let (_, path_and_name) = arn.split_once(":role/").expect("the ARN of a role");
    let (path, name) = match path_and_name.rsplit_once('/') {
        Some((path, name)) => (format!("/{path}/"), name),
        None => ("/".to_owned(), path_and_name),
    };
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let id: String = "AROA".chars().chain(letters).map(|letter| letter.to_ascii_uppercase()).collect();
    Role {
        arn: arn.into(),
        name: name.into(),
        id: id.into(),
        path: path.into(),
        created: Some("2026-02-03T08:00:00Z".parse().expect("a time")),
        trust: Some(encode(&trust.to_string()).into()),
        inline: Default::default(),
        attached: Vec::new(),
        boundary: Some(BOUNDARY.into()),
        tags: Tags::new(),
    }
}

/// A user with this ARN and nothing else.
#[must_use]
pub fn plain_user(arn: &str) -> User {
    let name = arn.rsplit('/').next().unwrap_or(arn).into();
    User { arn: arn.into(), name, groups: Vec::new(), inline: Default::default(), attached: Vec::new(), boundary: None }
}

/// A group with this ARN and nothing else.
#[must_use]
pub fn plain_group(arn: &str) -> Group {
    let name = arn.rsplit('/').next().unwrap_or(arn).into();
    Group { arn: arn.into(), name, inline: Default::default(), attached: Vec::new() }
}

/// A managed policy in its first version.
#[must_use]
pub fn plain_policy(arn: &str, document: &Value) -> ManagedPolicy {
    ManagedPolicy {
        arn: arn.into(),
        name: arn.rsplit('/').next().unwrap_or(arn).into(),
        default_version: Some("v1".into()),
        document: Some(encode(&document.to_string()).into()),
    }
}

/// What is known of a managed policy that was asked for by its ARN.
fn unlisted(version: &str, document: &Value) -> Read<Option<UnlistedPolicy>> {
    let document = Read::Seen(Some(encode(&document.to_string()).into()));
    Read::Seen(Some(UnlistedPolicy { default_version: version.into(), document }))
}

/// The ARN of the customer policy attached to a logical role.
fn policy_arn(logical: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:policy/ds-{}-fraud-dev", logical.replace('_', "-"))
}

pub(crate) fn known_good() -> Iam {
    let bound = |logical: &str, arn: &str| {
        let mut role = plain_role(arn, &documents::trust(logical));
        role.attached = vec![policy_arn(logical).into()];
        role.tags = tags(&[("ProjectName", "fraud"), ("EnvironmentType", "dev")]);
        if logical == "training_execution" {
            role.tags.insert("LogicalRole".to_owned(), "training".to_owned());
        }
        if logical == "data_scientist" {
            role.attached.push(CATALOGUE_END_USER.into());
        }
        if logical == "endpoint_invocation" {
            role.attached.clear();
            role.inline.insert("invoke".into(), encode(&documents::permissions(logical).to_string()).into());
        }
        role
    };
    let mut roles: Vec<Role> = ROLES.iter().map(|(logical, arn)| bound(logical, arn)).collect();
    roles.push(bound("notebook_execution", NOTEBOOK_EXECUTION_BO));
    roles.extend(bystanders());

    let mut policies: Vec<ManagedPolicy> = ROLES
        .iter()
        .filter(|(logical, _)| *logical != "endpoint_invocation")
        .map(|(logical, _)| plain_policy(&policy_arn(logical), &documents::permissions(logical)))
        .collect();
    policies.push(plain_policy(BOUNDARY, &documents::boundary()));
    policies.push(plain_policy(CATALOGUE_END_USER, &documents::catalogue_end_user()));
    policies.push(plain_policy(ADMINISTRATOR, &documents::allow(&["*"], "*")));
    Iam {
        roles: whole(roles, |role| &role.arn),
        users: whole([User { groups: vec!["auditors".into()], ..plain_user(AUDITOR) }], |user| &user.arn),
        groups: whole([auditors()], |group| &group.arn),
        policies: whole(policies, |policy| &policy.arn),
        unlisted: Collected::whole([(POWER_USER.to_owned(), unlisted("v4", &documents::allow(&["*"], "*")))]),
    }
}

/// The group whose members may look at SageMaker and at the names of buckets.
fn auditors() -> Group {
    let looks =
        documents::allow(&["sagemaker:Describe*", "sagemaker:List*", "s3:ListAllMyBuckets", "s3:GetBucket*"], "*");
    let inline = [("look".into(), encode(&looks.to_string()).into())].into_iter().collect();
    Group { inline, ..plain_group(AUDITORS) }
}

fn bystanders() -> [Role; 3] {
    let passes_nothing = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "iam:PassRole", "Resource": "*"}],
    });
    let anyone = documents::trust_of(&serde_json::json!("*"), "sts:AssumeRole", None);
    let notebooks =
        documents::trust_of(&serde_json::json!({"Service": "sagemaker.amazonaws.com"}), "sts:AssumeRole", None);
    [
        Role {
            attached: vec![ADMINISTRATOR.into()],
            boundary: None,
            inline: [("pass-nothing".into(), encode(&passes_nothing.to_string()).into())].into_iter().collect(),
            ..plain_role(OTHER_ROLE, &anyone)
        },
        Role {
            attached: vec![ADMINISTRATOR.into()],
            boundary: Some(POWER_USER.into()),
            ..plain_role(PLATFORM_ADMIN, &documents::trust("data_scientist"))
        },
        Role { boundary: None, ..plain_role(SERVICE_LINKED, &notebooks) },
    ]
}

impl Env {
    /// Edits a role, named by its logical role (`training_execution`) or ARN.
    pub fn role(&mut self, role: &str, edit: impl FnOnce(&mut Role)) -> &mut Self {
        change(&mut self.iam().roles, &role_arn(role), edit);
        self
    }

    /// Adds a role; see [`plain_role`].
    pub fn add_role(&mut self, role: Role) -> &mut Self {
        self.iam().roles.add([(role.arn.clone(), role)]);
        self
    }

    /// Removes a role, named as in [`Env::role`].
    pub fn remove_role(&mut self, role: &str) -> &mut Self {
        take(&mut self.iam().roles, &role_arn(role));
        self
    }

    /// Edits a user, named by its ARN.
    pub fn user(&mut self, arn: &str, edit: impl FnOnce(&mut User)) -> &mut Self {
        change(&mut self.iam().users, arn, edit);
        self
    }

    /// Adds a user; see [`plain_user`].
    pub fn add_user(&mut self, user: User) -> &mut Self {
        self.iam().users.add([(user.arn.clone(), user)]);
        self
    }

    /// Edits a group of users, named by its ARN.
    pub fn user_group(&mut self, arn: &str, edit: impl FnOnce(&mut Group)) -> &mut Self {
        change(&mut self.iam().groups, arn, edit);
        self
    }

    /// Gives a role another trust policy.
    pub fn set_trust(&mut self, role: &str, document: &Value) -> &mut Self {
        self.role(role, |role| role.trust = Some(encode(&document.to_string()).into()))
    }

    /// Edits a role's trust policy as JSON. `document["Statement"][0]` is its first statement.
    pub fn trust(&mut self, role: &str, edit: impl FnOnce(&mut Value)) -> &mut Self {
        self.role(role, |role| {
            let text = decode(role.trust.as_deref().unwrap_or_default());
            let mut document = serde_json::from_str(&text).expect("a trust policy as JSON");
            edit(&mut document);
            role.trust = Some(encode(&document.to_string()).into());
        })
    }

    /// Attaches a managed policy to a role by its ARN.
    pub fn attach(&mut self, role: &str, policy_arn: &str) -> &mut Self {
        self.role(role, |role| {
            role.attached.push(policy_arn.into());
            role.attached.sort();
        })
    }

    /// Gives a role an inline policy.
    pub fn add_inline(&mut self, role: &str, name: &str, document: &Value) -> &mut Self {
        self.role(role, |role| {
            role.inline.insert(name.into(), encode(&document.to_string()).into());
        })
    }

    /// Edits what a role's own policy says, as JSON: the customer policy attached to it, which other roles may share, or
    /// else its first inline policy. `document["Statement"][0]` is its first statement.
    ///
    /// # Panics
    /// If it has neither.
    pub fn permissions(&mut self, role: &str, edit: impl FnOnce(&mut Value)) -> &mut Self {
        let edited = |text: &str| {
            let mut document = serde_json::from_str(&decode(text)).expect("a policy as JSON");
            edit(&mut document);
            encode(&document.to_string())
        };
        let held = self.snapshot.iam.roles.get(&role_arn(role)).ok().flatten().expect("a role that was seen");
        if let Some(arn) = held.attached.iter().find(|arn| !arn.starts_with("arn:aws:iam::aws:")).cloned() {
            return self.policy(&arn, |policy| {
                let text = policy.document.as_deref().expect("a document");
                policy.document = Some(edited(text).into());
            });
        }
        self.role(role, |role| {
            let (_, text) = role.inline.iter_mut().next().expect("an inline policy");
            *text = edited(text).into();
        })
    }

    /// Sets or removes a role's permissions boundary.
    pub fn set_boundary(&mut self, role: &str, boundary: Option<&str>) -> &mut Self {
        self.role(role, |role| role.boundary = boundary.map(Into::into))
    }

    /// Edits a managed policy, named by its ARN.
    pub fn policy(&mut self, arn: &str, edit: impl FnOnce(&mut ManagedPolicy)) -> &mut Self {
        change(&mut self.iam().policies, arn, edit);
        self
    }

    /// Adds a managed policy; see [`plain_policy`].
    pub fn add_policy(&mut self, policy: ManagedPolicy) -> &mut Self {
        self.iam().policies.add([(policy.arn.clone(), policy)]);
        self
    }

    /// Takes a managed policy out of the listing, as if IAM did not list it and it was asked for by its ARN.
    ///
    /// # Panics
    /// If it is not listed, or has no version.
    pub fn unlist_policy(&mut self, arn: &str) -> &mut Self {
        let iam = self.iam();
        let policy = iam.policies.remove(arn).expect("a policy that is listed");
        let default_version = policy.default_version.expect("a version");
        let found = UnlistedPolicy { default_version, document: Read::Seen(policy.document) };
        iam.unlisted.add([(arn.to_owned(), Read::Seen(Some(found)))]);
        self
    }

    /// Says that IAM knows nothing of a policy that it does not list.
    pub fn dangling_policy(&mut self, arn: &str) -> &mut Self {
        self.iam().unlisted.add([(arn.to_owned(), Read::Seen(None))]);
        self
    }

    /// Removes a managed policy.
    pub fn remove_policy(&mut self, arn: &str) -> &mut Self {
        take(&mut self.iam().policies, arn);
        self
    }
}
