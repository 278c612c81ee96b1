//! What was not read stays so, and what refers to what.

use std::collections::BTreeSet;

use serde_json::json;

use super::counted::{Counted, Counts, LISTINGS};
use super::features::{FeatureGroup, OfflineStore, OnlineStore};
use super::monitoring::{Definition, MONITORED, Schedule};
use super::studio::{InDomain, Sharing, Software, USER_PROFILE, UserProfile, UserSettings};
use super::{Domain, KeyedOutput, NOTEBOOK, Notebook, RESOURCE_TAGS, Resource, SageMaker};
use crate::{Collected, Read, Why};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn whole<T>(name: &str, body: T) -> Collected<Resource<T>> {
    let mut resource = Resource::listed(name, name, &NOTEBOOK, &RESOURCE_TAGS);
    resource.body = Read::Seen(Some(body));
    Collected::whole([(name.to_owned(), resource)])
}

#[test]
fn what_an_earlier_version_did_not_read_is_a_gap() {
    let mut seen = SageMaker { notebooks: whole("nb", Notebook::default()), ..SageMaker::unread() };
    seen.domains = whole("d-1", Domain::default());
    let mut old = serde_json::to_value(&seen).unwrap();
    let fields = old.as_object_mut().unwrap();
    fields.retain(|name, _| {
        ["notebooks", "domains", "training_jobs", "models", "endpoints", "endpoint_configs"].contains(&name.as_str())
    });
    for (listing, field) in [("notebooks", "software"), ("domains", "settings")] {
        let items = fields[listing]["items"].as_object_mut().unwrap();
        items.values_mut().for_each(|item| drop(item["body"]["seen"].as_object_mut().unwrap().remove(field)));
    }
    let read: SageMaker = serde_json::from_value(old).unwrap();
    assert_eq!(read, seen);
    let gaps = [
        read.user_profiles.gap(),
        read.spaces.gap(),
        read.feature_groups.gap(),
        read.monitoring_schedules.gap(),
        read.notebooks.get("nb").unwrap().unwrap().body.sight().unwrap().as_ref().unwrap().software.sight().err(),
        read.domains.get("d-1").unwrap().unwrap().body.sight().unwrap().as_ref().unwrap().settings.sight().err(),
    ];
    assert!(gaps.iter().all(|gap| gap.is_some_and(|gap| gap.why == Why::NotPlanned)), "{gaps:?}");
    assert_eq!(read.counted.entries().filter(|(_, found)| found.is_open()).count(), LISTINGS.len());
}

#[test]
fn a_kind_that_an_earlier_version_did_not_count_is_a_gap() {
    let job = Counted { name: "p".to_owned(), arn: None, status: None, created: None };
    let old = json!({"pipelines": Collected::whole([("p".to_owned(), job)]), "retired": Collected::<Counted>::empty()});
    let counts: Counts = serde_json::from_value(old).unwrap();
    let open: BTreeSet<String> =
        counts.entries().filter(|(_, found)| found.is_open()).map(|(listing, _)| listing.id()).collect();
    let all: BTreeSet<String> = LISTINGS.iter().map(|listing| listing.id()).collect();
    assert_eq!(all.len(), LISTINGS.len(), "each with an id of its own");
    assert_eq!(all.difference(&open).collect::<Vec<_>>(), ["pipelines"]);
    for (listing, found) in counts.entries().filter(|(_, found)| found.is_open()) {
        assert_eq!(found.gap().unwrap().operation, listing.source.operation());
    }
}

#[test]
fn names_are_told_from_urls() {
    let repositories = ["https://example.com/a", "team-code", "ssh://example.com/b"].map(str::to_owned).into();
    let software = Software { repositories, ..Software::default() };
    assert_eq!(software.repository_names().collect::<Vec<_>>(), ["team-code"]);
    let notebook = Notebook { software: Read::Seen(software), lifecycle_config: some("lc"), ..Notebook::default() };
    let seen = SageMaker { notebooks: whole("nb", notebook), ..SageMaker::unread() };
    assert_eq!(seen.code_repository_names(), ["team-code".to_owned()].into());
    assert_eq!(seen.lifecycle_config_names(), ["lc".to_owned()].into());
    assert_eq!(SageMaker::unread().code_repository_names(), BTreeSet::new());
}

#[test]
fn a_named_definition_is_to_be_read_by_the_read_of_its_kind() {
    let of = |monitors: Option<&str>| {
        let monitors = monitors.map(str::to_owned);
        let schedule = Schedule { monitors, definition_name: some("def"), ..Schedule::default() };
        let named = SageMaker { monitoring_schedules: whole("s", schedule), ..SageMaker::unread() }.named_definitions();
        let (id, read) = named.into_iter().next().unwrap();
        let gap = read.sight().unwrap_err().clone();
        (id, gap.operation.name().to_owned(), gap.is_open(), gap.target)
    };
    for (kind, source) in MONITORED {
        assert_eq!(
            of(Some(kind)),
            (format!("{kind}/def"), source.operation.to_owned(), true, some("def").map(Into::into))
        );
    }
    for unknown in [Some("Mood"), None] {
        let id = format!("{}/def", unknown.unwrap_or_default());
        assert_eq!(
            of(unknown),
            (id, "DescribeMonitoringSchedule".to_owned(), false, some("def").map(Into::into)),
            "{unknown:?}"
        );
    }
    let inline = Schedule { inline: Some(Definition::default()), ..Schedule::default() };
    let seen = SageMaker { monitoring_schedules: whole("s", inline), ..SageMaker::unread() };
    assert!(seen.named_definitions().is_empty());
}

#[test]
fn every_key_is_told() {
    let keyed = |key: &str| KeyedOutput { uri: None, kms_key: some(key) };
    let mut profile = InDomain::listed("d-1", "ana", &USER_PROFILE);
    let sharing = Some(Sharing { notebook_output: None, output: keyed("shared") });
    let settings = UserSettings { sharing: sharing.clone(), ..UserSettings::default() };
    profile.body = Read::Seen(Some(UserProfile { arn: None, settings }));
    let user_sharing = sharing.map(|sharing| Sharing { output: keyed("default"), ..sharing });
    let settings = super::studio::DomainSettings { user_sharing, ..Default::default() };
    let domain = Domain { settings: Read::Seen(settings), ..Domain::default() };
    let group = FeatureGroup {
        online: Some(OnlineStore { kms_key: some("online"), ..OnlineStore::default() }),
        offline: Some(OfflineStore { kms_key: some("offline"), ..OfflineStore::default() }),
        ..FeatureGroup::default()
    };
    let definition = |volume: &str, output: &str| Definition {
        volume_key: some(volume),
        output_key: some(output),
        ..Definition::default()
    };
    let schedule = Schedule { inline: Some(definition("v1", "o1")), ..Schedule::default() };
    let mut seen = SageMaker {
        domains: whole("d-1", domain),
        user_profiles: Collected::whole([(InDomain::<UserProfile>::id("d-1", "ana"), profile)]),
        feature_groups: whole("fg", group),
        monitoring_schedules: whole("s", schedule),
        monitoring_definitions: [("DataQuality/d".to_owned(), Read::Seen(Some(definition("v2", "o2"))))].into(),
        ..SageMaker::unread()
    };
    let told = |seen: &SageMaker| seen.key_references().into_iter().collect::<Vec<_>>();
    assert_eq!(told(&seen), ["default", "o1", "o2", "offline", "online", "shared", "v1", "v2"]);
    seen.user_profiles = Collected::empty();
    assert!(!told(&seen).contains(&"default".to_owned()), "nobody inherits it");
}
