//! User profiles, spaces, feature groups and monitoring of the known-good environment, and what is counted there: nothing.
//! Edits of them.

use std::collections::BTreeMap;

use plumbline_snapshot::sagemaker::counted::{Counted, Counts, LISTINGS};
use plumbline_snapshot::sagemaker::features::{FeatureGroup, OfflineStore, OnlineStore};
use plumbline_snapshot::sagemaker::monitoring::{Definition, MONITORED, Schedule, definition_id};
use plumbline_snapshot::sagemaker::studio::{
    CodeRepository, DomainSettings, InDomain, LifecycleConfig, Sharing, Software, Space, UserProfile, UserSettings,
};
use plumbline_snapshot::sagemaker::{KeyedOutput, Resource};
use plumbline_snapshot::{Collected, Read};

use super::{DOMAIN, ENDPOINT, by_name, instances, keyed_output, network, resource, tagged};
use crate::ec2::SG_WORKLOAD;
use crate::env::{change, present, some, texts};
use crate::{ACCOUNT, Env, iam, kms, s3, when};

/// A user profile that sets everything itself.
pub const USER_PROFILE: &str = "d-q7w2e5r8t1y4/ana";
/// A user profile that inherits everything.
pub const USER_PROFILE_PLAIN: &str = "d-q7w2e5r8t1y4/bo";
/// A private space.
pub const SPACE: &str = "d-q7w2e5r8t1y4/ana-lab";
/// The lifecycle configuration of every notebook instance.
pub const LIFECYCLE_CONFIG: &str = "ds-notebook-lc-fraud-dev";
/// The code repository that notebook instances name.
pub const CODE_REPOSITORY: &str = "ds-fraud-code";
/// A feature group with both stores, selected by its name.
pub const FEATURE_GROUP: &str = "ds-features-fraud-dev";
/// A feature group with an offline store only, which `Search` does not have yet.
pub const FEATURE_GROUP_LATE: &str = "ds-features-fraud-dev-late";
/// A schedule with a definition of its own. Those that name theirs are called after what they monitor; see [`schedule`].
pub const SCHEDULE_INLINE: &str = "ds-monitor-fraud-dev-inline";

/// Feature groups whose bodies came from `DescribeFeatureGroup`.
pub(crate) const DESCRIBED_FEATURE_GROUPS: &[&str] = &[FEATURE_GROUP_LATE];

/// The schedule that monitors this (`DataQuality`, …) and names its definition.
#[must_use]
pub fn schedule(monitors: &str) -> String {
    format!("ds-monitor-fraud-dev-{monitors}")
}

/// The name of the definition of [`schedule`].
#[must_use]
pub fn definition(monitors: &str) -> String {
    format!("ds-definition-fraud-dev-{monitors}")
}

/// Software of a notebook instance that is as it should be.
#[must_use]
pub fn software() -> Software {
    Software {
        metadata_version: some("2"),
        platform: some("notebook-al2023-v1"),
        ip_address_type: some("ipv4"),
        repositories: texts(&[CODE_REPOSITORY, "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/fraud"]),
    }
}

/// Settings of a domain that are as they should be.
#[must_use]
pub fn domain_settings() -> DomainSettings {
    DomainSettings { role_identity: some("USER_PROFILE_NAME"), user_sharing: Some(no_sharing()), ..Default::default() }
}

fn no_sharing() -> Sharing {
    Sharing { notebook_output: some("Disabled"), output: KeyedOutput::default() }
}

fn in_domain<T>(id: &str, body: T) -> (String, InDomain<T>) {
    let (domain, name) = id.split_once('/').unwrap_or((DOMAIN, id));
    let listed = InDomain {
        domain_id: domain.to_owned(),
        name: name.to_owned(),
        status: some("InService"),
        created: Some(when("2026-07-02T09:30:00Z")),
        modified: Some(when("2026-09-10T16:45:00Z")),
        body: Read::Seen(Some(body)),
    };
    (id.to_owned(), listed)
}

/// A profile that inherits everything.
fn plain_profile(id: &str) -> UserProfile {
    UserProfile {
        arn: Some(format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:user-profile/{id}")),
        settings: UserSettings::default(),
    }
}

pub(super) fn user_profiles() -> Collected<InDomain<UserProfile>> {
    let settings = UserSettings {
        role_arn: some(iam::NOTEBOOK_EXECUTION),
        groups: Some(texts(&[SG_WORKLOAD])),
        sharing: Some(Sharing { notebook_output: some("Allowed"), output: keyed_output("shared", kms::KEY_DATA) }),
        file_systems: Some(Vec::new()),
        canvas: None,
    };
    Collected::whole([
        in_domain(USER_PROFILE, UserProfile { settings, ..plain_profile(USER_PROFILE) }),
        in_domain(USER_PROFILE_PLAIN, plain_profile(USER_PROFILE_PLAIN)),
    ])
}

pub(super) fn spaces() -> Collected<InDomain<Space>> {
    let space = Space {
        arn: Some(format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:space/{SPACE}")),
        owner: some("ana"),
        sharing: some("Private"),
        app_type: some("JupyterLab"),
        remote_access: some("DISABLED"),
        file_systems: None,
    };
    Collected::whole([in_domain(SPACE, space)])
}

pub(super) fn lifecycle_configs() -> BTreeMap<String, Read<Option<LifecycleConfig>>> {
    // Of two scripts that nobody has.
    let sha256 = "9c1f0d3b5a7e2468ace013579bdf02468ace13579bdf02468ace13579bdf0246".to_owned();
    let config = LifecycleConfig { modified: Some(when("2026-06-01T08:00:00Z")), sha256 };
    [(LIFECYCLE_CONFIG.to_owned(), Read::Seen(Some(config)))].into()
}

pub(super) fn code_repositories() -> BTreeMap<String, Read<Option<CodeRepository>>> {
    let url = some("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/ds-fraud-dev");
    [(CODE_REPOSITORY.to_owned(), Read::Seen(Some(CodeRepository { url })))].into()
}

pub(super) fn feature_groups() -> Collected<Resource<FeatureGroup>> {
    let uri = Some(format!("s3://{}/features", s3::BUCKET_DATA));
    let offline =
        OfflineStore { resolved_uri: uri.clone().map(|uri| uri + "/resolved"), uri, kms_key: some(kms::KEY_DATA) };
    let online = OnlineStore { enabled: true, storage_type: some("Standard"), kms_key: some(kms::KEY_PROJECT) };
    let late = FeatureGroup { role_arn: some(iam::TRAINING_EXECUTION), online: None, offline: Some(offline) };
    by_name([
        tagged(resource(
            "feature-group",
            FEATURE_GROUP,
            Some("Created"),
            FeatureGroup { online: Some(online), ..late.clone() },
        )),
        resource("feature-group", FEATURE_GROUP_LATE, Some("Creating"), late),
    ])
}

/// A compliant definition of monitoring jobs.
#[must_use]
pub fn plain_definition() -> Definition {
    Definition {
        role_arn: some(iam::TRAINING_EXECUTION),
        vpc: Some(network()),
        network_isolation: true,
        inter_container_encryption: true,
        instances: Some(instances("ml.m5.xlarge", 2)),
        volume_key: some(kms::ALIAS_VOLUMES),
        output_key: some(kms::KEY_DATA),
        output_uris: vec![format!("s3://{}/monitoring", s3::BUCKET_DATA)],
        input_uris: Vec::new(),
        image: None,
    }
}

pub(super) fn schedules() -> Collected<Resource<Schedule>> {
    let of = |name: &str, monitors: &str, inline, definition_name| {
        let body = Schedule { monitors: some(monitors), endpoint: some(ENDPOINT), inline, definition_name };
        tagged(resource("monitoring-schedule", name, Some("Scheduled"), body))
    };
    let named = MONITORED.map(|(monitors, _)| of(&schedule(monitors), monitors, None, Some(definition(monitors))));
    by_name(named.into_iter().chain([of(SCHEDULE_INLINE, "DataQuality", Some(plain_definition()), None)]))
}

pub(super) fn definitions() -> BTreeMap<String, Read<Option<Definition>>> {
    let of = |monitors: &str| definition_id(monitors, &definition(monitors));
    MONITORED.map(|(monitors, _)| (of(monitors), Read::Seen(Some(plain_definition())))).into()
}

/// Every listing was made, and listed nothing.
pub(super) fn counts() -> Counts {
    BTreeMap::from(LISTINGS.map(|listing| (listing.id(), Collected::empty()))).into()
}

impl Env {
    /// Edits what a user profile is.
    pub fn user_profile(&mut self, id: &str, edit: impl FnOnce(&mut UserProfile)) -> &mut Self {
        change(&mut self.sagemaker().user_profiles, id, |it| edit(present(&mut it.body, id)));
        self
    }

    /// Edits what a space is.
    pub fn space(&mut self, id: &str, edit: impl FnOnce(&mut Space)) -> &mut Self {
        change(&mut self.sagemaker().spaces, id, |it| edit(present(&mut it.body, id)));
        self
    }

    /// Edits what a feature group is.
    pub fn feature_group(&mut self, name: &str, edit: impl FnOnce(&mut FeatureGroup)) -> &mut Self {
        change(&mut self.sagemaker().feature_groups, name, |it| edit(present(&mut it.body, name)));
        self
    }

    /// Edits what a monitoring schedule is.
    pub fn monitoring_schedule(&mut self, name: &str, edit: impl FnOnce(&mut Schedule)) -> &mut Self {
        change(&mut self.sagemaker().monitoring_schedules, name, |it| edit(present(&mut it.body, name)));
        self
    }

    /// Adds something that is counted to a listing, by [`Listing::id`](plumbline_snapshot::sagemaker::counted::Listing::id).
    ///
    /// # Panics
    /// If there is no such listing.
    pub fn add_counted(&mut self, listing: &str, name: &str) -> &mut Self {
        let arn = format!("arn:aws:sagemaker:eu-west-1:{ACCOUNT}:{listing}/{name}");
        let counts = &mut self.sagemaker().counted;
        let found = counts.entries_mut().find(|(one, _)| one.id() == listing);
        let (_, found) = found.unwrap_or_else(|| panic!("no listing `{listing}`"));
        let created = Some(when("2026-09-01T07:00:00Z"));
        found.add([(arn.clone(), Counted { name: name.to_owned(), arn: Some(arn), status: None, created })]);
        self
    }
}
