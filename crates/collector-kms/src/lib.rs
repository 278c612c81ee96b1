//! The reads of KMS: every alias of a Region, and of the keys that something refers to what they are, how they rotate, and
//! their policies.
//!
//! Never all keys: an account may have thousands that are nobody's business here. Policies and tags are of the account's
//! own keys only, since KMS answers neither across accounts (API reference: GetKeyPolicy, ListResourceTags).

mod convert;
mod limits;
mod wanted;

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_kms::Client;
use aws_types::SdkConfig;
use plumbline_collector::{Absent, Check, Collector, Missing, Next, Page, Reader, each, polite};
use plumbline_names::{AccountId, Arn, Region};
use plumbline_snapshot::Read;
use plumbline_snapshot::kms::{ALIASES, KEY, KEY_POLICY, KEY_ROTATION, KEY_TAGS, Key, Kms};

/// Reads KMS of one Region.
///
/// Filled again with other references, it asks no question again that was answered.
#[derive(Debug, Clone)]
pub struct KmsCollector {
    config: SdkConfig,
    account: AccountId,
    references: BTreeSet<String>,
}

/// Aliases a page: AWS allows no more.
const ALIAS_PAGE: i32 = 100;
/// Tags a page: AWS allows no more, and no key has more.
const TAG_PAGE: i32 = 50;
/// The name of a key's policy: there is no other.
const POLICY_NAME: &str = "default";
/// Keys at once.
const SIDE_BY_SIDE: usize = 10;

/// A key that does not exist. One of another account that may not be seen is denied instead.
const NO_KEY: Absent = Absent::codes(&["NotFoundException"]);
/// A kind of key without automatic rotation (asymmetric, HMAC, imported, in a custom key store), or no key.
const NO_ROTATION: Absent = Absent::codes(&["UnsupportedOperationException", "NotFoundException"]);

impl KmsCollector {
    /// A collector for the Region of `config`, in the account that the credentials belong to.
    ///
    /// `references` are the keys that other resources name, as written there: ids, ARNs, alias names or alias ARNs.
    /// Those that the plan's details name are added.
    #[must_use]
    pub fn new(config: &SdkConfig, account: &AccountId, references: &BTreeSet<String>) -> Self {
        Self { config: polite(config), account: account.clone(), references: references.clone() }
    }

    /// A client for one Region, or for the collector's own.
    fn client(&self, region: Option<&Region>) -> Client {
        let mut config = aws_sdk_kms::config::Builder::from(&self.config);
        if let Some(region) = region {
            config = config.region(aws_sdk_kms::config::Region::new(region.as_str().to_owned()));
        }
        Client::from_conf(config.interceptor(Check::of("kms", limits::SHAPES)).build())
    }

    /// The keys that are referred to, by the aliases that `kms` has.
    async fn keys(&self, reader: &Reader, kms: &mut Kms) {
        let reader = &reader.with_buckets(limits::BUCKETS);
        let plan = reader.details();
        if let Some(region) = reader.region() {
            for arn in wanted::keys(kms, &self.references, &plan, &self.account, region) {
                kms.keys.entry(arn).or_insert_with_key(|arn| Key::unread(arn));
            }
        }
        let tagged = !plan.key_tags.is_empty();
        self.details(reader, kms, tagged).await;
        // Whether a replica rotates is decided by its primary, which may lie in another Region.
        let primaries = wanted::primaries(kms);
        if !primaries.is_empty() {
            kms.keys.extend(primaries.into_iter().map(|arn| (arn.clone(), Key::unread(&arn))));
            self.details(reader, kms, tagged).await;
        }
    }

    /// Asks about every key in `kms` that has a gap, each in its own Region.
    async fn details(&self, reader: &Reader, kms: &mut Kms, tagged: bool) {
        let here = (reader.clone(), self.client(None));
        let mut clients = BTreeMap::new();
        for region in kms.keys.keys().filter_map(|arn| region_of(arn)) {
            clients.entry(region).or_insert_with_key(|region| (reader.in_region(region), self.client(Some(region))));
        }
        each(kms.keys.iter_mut(), SIDE_BY_SIDE, |(arn, key)| {
            let (reader, client) = region_of(arn).and_then(|region| clients.get(&region)).unwrap_or(&here);
            let own = arn.contains(&format!(":{}:key/", self.account));
            details(reader, client, key, own, tagged)
        })
        .await;
    }
}

impl Collector for KmsCollector {
    type Fragment = Kms;

    async fn fill(&self, reader: &Reader, kms: &mut Kms) {
        let reader = &reader.with_buckets(limits::BUCKETS);
        let client = self.client(None);
        reader
            .list(
                &ALIASES,
                &mut kms.aliases,
                |marker| client.list_aliases().limit(ALIAS_PAGE).set_marker(marker).send(),
                |answer| {
                    let aliases = answer.aliases.unwrap_or_default();
                    Page::of(
                        aliases.into_iter().map(convert::alias),
                        Next::flagged(answer.truncated, answer.next_marker),
                    )
                },
            )
            .await;
        self.keys(reader, kms).await;
    }
}

/// The Region in which to ask about a key.
fn region_of(arn: &str) -> Option<Region> {
    arn.parse::<Arn>().ok()?.region().parse().ok()
}

async fn details(reader: &Reader, client: &Client, key: &mut Key, own: bool, tagged: bool) {
    let arn = key.arn.as_str();
    reader
        .find(
            &KEY,
            Some(arn),
            &NO_KEY,
            &mut key.metadata,
            || client.describe_key().key_id(arn).send(),
            |answer| Ok(Some(convert::key(answer.key_metadata.ok_or(Missing("KeyMetadata"))?))),
        )
        .await;
    reader
        .find(
            &KEY_ROTATION,
            Some(arn),
            &NO_ROTATION,
            &mut key.rotation,
            || client.get_key_rotation_status().key_id(arn).send(),
            |answer| Ok(Some(convert::rotation(&answer))),
        )
        .await;
    if own {
        reader
            .find(
                &KEY_POLICY,
                Some(arn),
                &NO_KEY,
                &mut key.policy,
                || client.get_key_policy().key_id(arn).policy_name(POLICY_NAME).send(),
                |answer| answer.policy.filter(|policy| !policy.is_empty()).ok_or(Missing("Policy")).map(Some),
            )
            .await;
    }
    if own && tagged && !matches!(key.metadata, Read::Seen(None)) {
        reader
            .gather(
                &KEY_TAGS,
                Some(arn),
                &mut key.tags,
                |marker| client.list_resource_tags().key_id(arn).limit(TAG_PAGE).set_marker(marker).send(),
                |answer| {
                    let tags = answer.tags.unwrap_or_default().into_iter();
                    Page::of(
                        tags.map(|tag| Some((tag.tag_key, tag.tag_value))),
                        Next::flagged(answer.truncated, answer.next_marker),
                    )
                },
                |tags| tags.into_iter().collect(),
            )
            .await;
    }
}

#[cfg(test)]
mod tests;
