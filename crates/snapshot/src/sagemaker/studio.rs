//! Studio and notebooks beyond their network and keys: user profiles and spaces, what they share and mount, and the software
//! that notebooks start with. Never a script.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{DOMAIN, Domain, KeyedOutput, NOTEBOOK, Notebook, SageMaker, bodies};
use crate::{Collected, Read, Source};

source!(USER_PROFILES, "ListUserProfiles", "The user profiles of all domains.");
source!(USER_PROFILE, "DescribeUserProfile", "One user profile.");
source!(SPACES, "ListSpaces", "The spaces of all domains.");
source!(SPACE, "DescribeSpace", "One space.");
source!(
    LIFECYCLE_CONFIG,
    "DescribeNotebookInstanceLifecycleConfig",
    "A lifecycle configuration that a notebook instance refers to; only the hash of its scripts is kept."
);
source!(CODE_REPOSITORY, "DescribeCodeRepository", "A code repository that a notebook instance refers to by its name.");

/// Something that lives in a domain. Its name is unique in that domain only, and the listing does not have its ARN.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InDomain<T> {
    /// The domain's id.
    pub domain_id: String,
    /// Its name in the domain.
    pub name: String,
    /// Its status as listed (`InService`, `Pending`, `Deleting`, …).
    pub status: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// What it is; `None` where it vanished between list and description.
    pub body: Read<Option<T>>,
}

/// A user profile. What it does not set it inherits from [`Domain::user_defaults`] and
/// [`DomainSettings`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserProfile {
    /// Its ARN.
    pub arn: Option<String>,
    /// What it sets itself.
    pub settings: UserSettings,
}

/// What a user profile, or a domain for all of them, sets. `None` is not set, and so inherited; an empty list is set to
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSettings {
    /// The execution role's ARN.
    pub role_arn: Option<String>,
    /// Security groups.
    pub groups: Option<Vec<String>>,
    /// How the output of notebook cells is shared.
    pub sharing: Option<Sharing>,
    /// File systems of the account's own that are mounted.
    pub file_systems: Option<Vec<FileSystem>>,
    /// Canvas.
    pub canvas: Option<Canvas>,
}

/// How a user shares notebooks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sharing {
    /// Whether the output of cells is shared with them: `Allowed` or `Disabled`; none means disabled (API reference:
    /// SharingSettings).
    pub notebook_output: Option<String>,
    /// Where the snapshots go, and their key as written.
    pub output: KeyedOutput,
}

/// A file system of the account's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileSystem {
    /// `EFS`, `FSxLustre` or `S3`; of a kind that is not known here, `unknown`.
    pub kind: String,
    /// The file system's id; of S3 the URI. Empty if the kind is not known.
    pub id: String,
    /// The path in it (EFS, Lustre) or the place where it is mounted (S3), where AWS says so.
    pub path: Option<String>,
}

/// What Canvas may do with other services.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Canvas {
    /// `ENABLED` or `DISABLED` by feature: `TimeSeriesForecasting`, `ModelRegister`, `DirectDeploy`, `Kendra`, `EmrServerless`,
    /// and `OAuth/…` with the data source. A feature without a status is left out.
    pub features: BTreeMap<String, String>,
    /// ARNs of roles that other services or accounts are given, by the member that names them, such as
    /// `AmazonBedrockRoleArn`.
    pub roles: BTreeMap<String, String>,
    /// Where its artefacts go, and their key as written.
    pub workspace: Option<KeyedOutput>,
}

/// A space.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Space {
    /// Its ARN.
    pub arn: Option<String>,
    /// The name of the user profile that owns it.
    pub owner: Option<String>,
    /// `Private` or `Shared`.
    pub sharing: Option<String>,
    /// The one app that it may run, such as `JupyterLab`.
    pub app_type: Option<String>,
    /// Whether a remote editor may connect: `ENABLED` or `DISABLED`; none is not set.
    pub remote_access: Option<String>,
    /// File systems of the account's own that are mounted; none is not set.
    pub file_systems: Option<Vec<FileSystem>>,
}

/// A domain's settings beside its network, keys and default roles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainSettings {
    /// What the sessions of execution roles are named after: `USER_PROFILE_NAME` or `DISABLED`; none is not set.
    pub role_identity: Option<String>,
    /// Trusted identity propagation: `ENABLED` or `DISABLED`; none is not set.
    pub identity_propagation: Option<String>,
    /// Docker in apps; none is not set.
    pub docker: Option<Docker>,
    /// `ipv4` or `dualstack`; none is not set.
    pub ip_address_type: Option<String>,
    /// How users share notebooks where their profiles do not say.
    pub user_sharing: Option<Sharing>,
    /// File systems that users mount where their profiles do not say.
    pub user_file_systems: Vec<FileSystem>,
    /// Canvas where a user's profile does not say.
    pub user_canvas: Option<Canvas>,
    /// File systems that shared spaces mount.
    pub space_file_systems: Vec<FileSystem>,
}

/// Docker in the apps of a domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Docker {
    /// `ENABLED` or `DISABLED`; none is not set.
    pub access: Option<String>,
    /// The accounts whose images may be pulled in a VPC-only domain.
    pub trusted_accounts: BTreeSet<String>,
    /// Rootless Docker: `ENABLED` or `DISABLED`; none is not set.
    pub rootless: Option<String>,
}

/// What a notebook instance runs on and starts with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Software {
    /// The oldest version of the instance metadata service that it accepts, `1` or `2`; none means 1.
    pub metadata_version: Option<String>,
    /// `notebook-al2023-v1`, …
    pub platform: Option<String>,
    /// `ipv4` or `dualstack`; none is not set.
    pub ip_address_type: Option<String>,
    /// The default and the additional code repositories: names, or URLs without user, password and query.
    pub repositories: BTreeSet<String>,
}

impl Software {
    /// The repositories that are names, which [`CODE_REPOSITORY`] turns into URLs.
    pub fn repository_names(&self) -> impl Iterator<Item = &str> {
        // API model: a name is of letters, digits and hyphens.
        self.repositories.iter().map(String::as_str).filter(|repository| !repository.contains(':'))
    }
}

/// A lifecycle configuration of notebook instances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LifecycleConfig {
    /// When it was last changed.
    pub modified: Option<Timestamp>,
    /// The SHA-256 of its decoded `OnCreate` script followed by its decoded `OnStart` script, as lower-case hexadecimal.
    pub sha256: String,
}

/// A code repository that is registered with SageMaker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRepository {
    /// Its URL without user, password and query; none where AWS does not say.
    pub url: Option<String>,
}

impl<T> InDomain<T> {
    /// Something listed whose body nobody has read yet.
    #[must_use]
    pub fn listed(domain_id: &str, name: &str, body: &Source) -> Self {
        Self {
            domain_id: domain_id.to_owned(),
            name: name.to_owned(),
            status: None,
            created: None,
            modified: None,
            body: Read::unread_of(body, &Self::id(domain_id, name)),
        }
    }

    /// What tells it from everything else of its kind: `d-…/name`. Neither part has a slash in it.
    #[must_use]
    pub fn id(domain_id: &str, name: &str) -> String {
        format!("{domain_id}/{name}")
    }
}

impl SageMaker {
    /// Names of the lifecycle configurations that the notebook instances seen refer to.
    #[must_use]
    pub fn lifecycle_config_names(&self) -> BTreeSet<String> {
        bodies(&self.notebooks).filter_map(|notebook| notebook.lifecycle_config.clone()).collect()
    }

    /// Names of the code repositories that the notebook instances seen refer to.
    #[must_use]
    pub fn code_repository_names(&self) -> BTreeSet<String> {
        let software = bodies(&self.notebooks).filter_map(|notebook| notebook.software.sight().ok());
        software.flat_map(Software::repository_names).map(str::to_owned).collect()
    }

    /// Tells the keys that user profiles refer to, themselves or by what they inherit.
    pub(super) fn studio_key_references(&self, tell: &mut impl FnMut(&Option<String>)) {
        for profile in self.user_profiles.seen() {
            if let Read::Seen(Some(profile)) = &profile.body {
                profile.settings.sharing.iter().for_each(|sharing| tell(&sharing.output.kms_key));
            }
        }
        // A domain's sharing is what its profiles inherit: without them nobody judges it.
        if !self.user_profiles.is_empty() {
            let settings = bodies(&self.domains).filter_map(|domain| domain.settings.sight().ok());
            settings.flat_map(|settings| &settings.user_sharing).for_each(|sharing| tell(&sharing.output.kms_key));
        }
    }
}

impl Default for Notebook {
    /// A notebook instance of which AWS says nothing, and of whose software nobody has asked.
    fn default() -> Self {
        Self {
            direct_internet: None,
            root_access: None,
            subnet_id: None,
            groups: Vec::new(),
            kms_key: None,
            role_arn: None,
            lifecycle_config: None,
            software: unread_software(),
        }
    }
}

impl Default for Domain {
    /// A domain of which AWS says nothing, and of whose further settings nobody has asked.
    fn default() -> Self {
        Self {
            domain_name: None,
            network_access: None,
            vpc_id: None,
            subnets: Vec::new(),
            kms_key: None,
            home_efs_kms_key: None,
            auth_mode: None,
            user_defaults: None,
            space_defaults: None,
            settings: unread_settings(),
        }
    }
}

/// A snapshot of a version that did not keep it does not tell it.
pub(super) fn unread_software() -> Read<Software> {
    Read::unread(&NOTEBOOK)
}

/// As [`unread_software`].
pub(super) fn unread_settings() -> Read<DomainSettings> {
    Read::unread(&DOMAIN)
}

pub(super) fn unread_user_profiles() -> Collected<InDomain<UserProfile>> {
    Collected::unread(&USER_PROFILES)
}

pub(super) fn unread_spaces() -> Collected<InDomain<Space>> {
    Collected::unread(&SPACES)
}
