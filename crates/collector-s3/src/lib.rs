//! The reads of S3 and S3 Control: how the planned buckets and the account are configured. Never what is in them.
//!
//! For each bucket first `HeadBucket`, which says whether it is there and in which Region; then its encryption, its
//! Block Public Access, its policy and whether that is public, its ownership controls and its versioning, asked in that
//! Region. Every call names the account that must own the bucket. Buckets are read side by side, the account's Block
//! Public Access beside them. Buckets that logs are delivered to are read in the same way: [`S3Collector::log_buckets`].
//!
//! Answers that mean 'absent': of `HeadBucket` `NoSuchBucket` and 404 without a body; of `GetBucketEncryption`
//! `ServerSideEncryptionConfigurationNotFoundError`; of both `GetPublicAccessBlock`
//! `NoSuchPublicAccessBlockConfiguration`; of `GetBucketPolicy` and `GetBucketPolicyStatus` `NoSuchBucketPolicy`; of
//! `GetBucketOwnershipControls` `OwnershipControlsNotFoundError`. A bucket that is not there has none of them.

mod address;
mod convert;
mod limits;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::head_bucket::HeadBucketError;
use aws_types::SdkConfig;
use aws_types::region::Region;
use plumbline_collector::{Absent, Check, Collector, Missing, Reader, each, polite};
use plumbline_names::AccountId;
use plumbline_snapshot::s3::{self, Bucket, S3};
use plumbline_snapshot::{Gap, Read, Why};
use tokio::join;

use limits::REGION_HEADER;

pub use address::Addresses;

/// No such bucket. HEAD has no body that could carry a code.
const NO_BUCKET: Absent = Absent::codes(&["NoSuchBucket"]).or_bare_404();
/// No default encryption; no such bucket any more.
const NO_ENCRYPTION: Absent = Absent::codes(&["ServerSideEncryptionConfigurationNotFoundError", "NoSuchBucket"]);
/// Never set; no such bucket any more.
const NO_BLOCK: Absent = Absent::codes(&["NoSuchPublicAccessBlockConfiguration", "NoSuchBucket"]);
/// No policy; no such bucket any more.
const NO_POLICY: Absent = Absent::codes(&["NoSuchBucketPolicy", "NoSuchBucket"]);
/// Never set, as for buckets from before April 2023; no such bucket any more.
const NO_OWNERSHIP: Absent = Absent::codes(&["OwnershipControlsNotFoundError", "NoSuchBucket"]);
/// No such bucket any more.
const GONE: Absent = Absent::codes(&["NoSuchBucket"]);

/// Reads the planned buckets, wherever they are, and the account's own setting.
#[derive(Debug, Clone)]
pub struct S3Collector {
    client: Client,
    control: aws_sdk_s3control::Client,
    account: AccountId,
}

/// What `HeadBucket` found.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Head {
    /// The bucket answers where it was asked; it says that this is its Region.
    Here(Option<String>),
    /// It must be asked in another Region.
    Elsewhere(String),
}

impl S3Collector {
    /// A collector for the credentials and endpoint of `config`, about `account`; buckets are looked for in the Region of
    /// `config` first.
    #[must_use]
    pub fn new(config: &SdkConfig, account: AccountId, addresses: Addresses) -> Self {
        let config = polite(config);
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(addresses.path_style)
            .interceptor(Check::of("s3", limits::SHAPES));
        let mut control = aws_sdk_s3control::config::Builder::from(&config)
            .interceptor(Check::of("s3control", limits::CONTROL_SHAPES));
        if addresses.bare_host {
            control = control.interceptor(address::WithoutAccount::of(&account));
        }
        Self {
            client: Client::from_conf(s3.build()),
            control: aws_sdk_s3control::Client::from_conf(control.build()),
            account,
        }
    }

    /// A client for the bucket's own Region.
    fn in_region(&self, region: Option<&str>) -> Client {
        let config = self.client.config();
        match region {
            Some(region) if config.region().is_none_or(|own| own.as_ref() != region) => {
                Client::from_conf(config.to_builder().region(Region::new(region.to_owned())).build())
            }
            _ => self.client.clone(),
        }
    }

    async fn account(&self, reader: &Reader, s3: &mut Read<Option<s3::BlockPublicAccess>>) {
        let account = self.account.as_str();
        reader
            .find(
                &s3::ACCOUNT_PUBLIC_ACCESS_BLOCK,
                Some(account),
                &NO_BLOCK,
                s3,
                || Box::pin(self.control.get_public_access_block().account_id(account).send()),
                |answer| {
                    let found = answer.public_access_block_configuration();
                    found
                        .map(|found| Some(convert::account_block(found)))
                        .ok_or(Missing("PublicAccessBlockConfiguration"))
                },
            )
            .await;
    }

    async fn bucket(&self, reader: &Reader, bucket: &mut Bucket) {
        let hint = self.locate(reader, bucket).await;
        if matches!(bucket.region, Read::Seen(None)) {
            nothing(reader.wants(&s3::BUCKET_ENCRYPTION), &mut bucket.encryption);
            nothing(reader.wants(&s3::PUBLIC_ACCESS_BLOCK), &mut bucket.public_access_block);
            nothing(reader.wants(&s3::BUCKET_POLICY), &mut bucket.policy);
            nothing(reader.wants(&s3::BUCKET_POLICY_STATUS), &mut bucket.policy_is_public);
            nothing(reader.wants(&s3::OWNERSHIP_CONTROLS), &mut bucket.ownership);
            nothing(reader.wants(&s3::BUCKET_VERSIONING), &mut bucket.versioning);
            return;
        }
        let client = self.in_region(hint.as_deref());
        let reader = &reader.about(place(hint.as_deref()).as_ref());
        let Bucket {
            name,
            expected_owner,
            encryption,
            public_access_block,
            policy,
            policy_is_public,
            ownership,
            versioning,
            region: _,
        } = bucket;
        let (name, owner) = (name.as_str(), expected_owner.as_str());
        join!(
            reader.find(
                &s3::BUCKET_ENCRYPTION,
                Some(name),
                &NO_ENCRYPTION,
                encryption,
                || Box::pin(client.get_bucket_encryption().bucket(name).expected_bucket_owner(owner).send()),
                |answer| {
                    let found = convert::encryption(answer.server_side_encryption_configuration());
                    found.map(Some).ok_or(Missing("ApplyServerSideEncryptionByDefault"))
                },
            ),
            reader.find(
                &s3::PUBLIC_ACCESS_BLOCK,
                Some(name),
                &NO_BLOCK,
                public_access_block,
                || Box::pin(client.get_public_access_block().bucket(name).expected_bucket_owner(owner).send()),
                |answer| {
                    let found = answer.public_access_block_configuration();
                    found
                        .map(|found| Some(convert::bucket_block(found)))
                        .ok_or(Missing("PublicAccessBlockConfiguration"))
                },
            ),
            reader.find(
                &s3::BUCKET_POLICY,
                Some(name),
                &NO_POLICY,
                policy,
                || Box::pin(client.get_bucket_policy().bucket(name).expected_bucket_owner(owner).send()),
                |answer| convert::policy(answer.policy).map(Some),
            ),
            reader.find(
                &s3::BUCKET_POLICY_STATUS,
                Some(name),
                &NO_POLICY,
                policy_is_public,
                || Box::pin(client.get_bucket_policy_status().bucket(name).expected_bucket_owner(owner).send()),
                |answer| {
                    let found = answer.policy_status().and_then(|status| status.is_public());
                    found.map(Some).ok_or(Missing("IsPublic"))
                },
            ),
            reader.find(
                &s3::OWNERSHIP_CONTROLS,
                Some(name),
                &NO_OWNERSHIP,
                ownership,
                || Box::pin(client.get_bucket_ownership_controls().bucket(name).expected_bucket_owner(owner).send()),
                |answer| convert::ownership(answer.ownership_controls()).map(Some).ok_or(Missing("ObjectOwnership")),
            ),
            reader.find(
                &s3::BUCKET_VERSIONING,
                Some(name),
                &GONE,
                versioning,
                || Box::pin(client.get_bucket_versioning().bucket(name).expected_bucket_owner(owner).send()),
                |answer| Ok(Some(convert::versioning(&answer))),
            ),
        );
    }

    /// Reads the buckets that logs are delivered to, as buckets of the account: one of another account is denied. Those
    /// that the plan names are left to [`Collector::fill`].
    pub async fn log_buckets(&self, reader: &Reader, into: &mut BTreeMap<String, Bucket>, names: &BTreeSet<String>) {
        let reader = &reader.globally().with_buckets(limits::BUCKETS);
        for name in names.iter().filter(|name| !reader.plan().buckets.contains_key(*name)) {
            let bucket = || Bucket::unread(name, self.account.clone());
            into.entry(name.clone()).or_insert_with(bucket);
        }
        let buckets: Vec<_> = into.values_mut().filter(|bucket| names.contains(&bucket.name)).collect();
        each(buckets, limits::AT_ONCE, |bucket| self.bucket(reader, bucket)).await;
    }

    /// Reads the bucket's Region, and returns where to ask for the rest: a refusal, too, says where the bucket is.
    async fn locate(&self, reader: &Reader, bucket: &mut Bucket) -> Option<String> {
        let Bucket { name, expected_owner, region, .. } = bucket;
        let heard = Mutex::new(None);
        let mut client = self.client.clone();
        let mut reader = reader.clone();
        let mut moves = 0;
        while region.is_open() {
            let mut head = Read::unread_of(&s3::HEAD_BUCKET, name);
            reader
                .find(
                    &s3::HEAD_BUCKET,
                    Some(name),
                    &NO_BUCKET,
                    &mut head,
                    || Box::pin(head_bucket(&client, name, expected_owner, &heard)),
                    |head| match head {
                        Head::Here(None) => Err(Missing(REGION_HEADER)),
                        head => Ok(Some(head)),
                    },
                )
                .await;
            *region = match head {
                Read::Seen(Some(Head::Elsewhere(region))) if moves == 0 => {
                    moves += 1;
                    client = self.in_region(Some(&region));
                    reader = reader.about(place(Some(&region)).as_ref());
                    *heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(region);
                    continue;
                }
                Read::Seen(Some(Head::Elsewhere(region))) => {
                    let detail = format!("sent on to `{region}` a second time");
                    Read::Gap(Gap::of(&s3::HEAD_BUCKET, Why::Failed, detail).about(name.as_str()))
                }
                Read::Seen(Some(Head::Here(region))) => Read::Seen(region),
                Read::Seen(None) => Read::Seen(None),
                Read::Gap(gap) => Read::Gap(gap),
            };
            break;
        }
        match region {
            Read::Seen(region) => region.clone(),
            Read::Gap(_) => heard.into_inner().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl Collector for S3Collector {
    type Fragment = S3;

    async fn fill(&self, reader: &Reader, s3: &mut S3) {
        let reader = &reader.globally().with_buckets(limits::BUCKETS);
        for (name, owner) in &reader.plan().buckets {
            let known = s3.buckets.get(name).is_some_and(|bucket| bucket.expected_owner == *owner);
            if !known {
                s3.buckets.insert(name.clone(), Bucket::unread(name, owner.clone()));
            }
        }
        let planned = &reader.plan().buckets;
        let buckets = s3.buckets.iter_mut().filter(|(name, _)| planned.contains_key(*name));
        let buckets: Vec<_> = buckets.map(|(_, bucket)| bucket).collect();
        join!(
            self.account(reader, &mut s3.account_public_access_block),
            each(buckets, limits::AT_ONCE, |bucket| self.bucket(reader, bucket)),
        );
    }
}

/// Where a bucket lies, by what S3 calls the Region.
fn place(region: Option<&str>) -> Option<plumbline_names::Region> {
    region?.parse().ok()
}

/// One `HeadBucket`. Being sent on to another Region is an answer here; the header of a refusal goes to `heard`.
async fn head_bucket(
    client: &Client,
    name: &str,
    owner: &AccountId,
    heard: &Mutex<Option<String>>,
) -> Result<Head, SdkError<HeadBucketError>> {
    match client.head_bucket().bucket(name).expected_bucket_owner(owner.as_str()).send().await {
        Ok(answer) => Ok(Head::Here(answer.bucket_region)),
        Err(error) => {
            let response = error.raw_response();
            let header = response.and_then(|response| response.headers().get(REGION_HEADER));
            let region = header.filter(|region| region.parse::<plumbline_names::Region>().is_ok()).map(str::to_owned);
            // 301 is the usual answer of another Region; a signature for the wrong Region may also be a bad request.
            let sent_on = response.is_some_and(|response| matches!(response.status().as_u16(), 301 | 307 | 400));
            match region {
                Some(region) if sent_on && client.config().region().is_none_or(|own| own.as_ref() != region) => {
                    Ok(Head::Elsewhere(region))
                }
                region => {
                    *heard.lock().unwrap_or_else(PoisonError::into_inner) = region;
                    Err(error)
                }
            }
        }
    }
}

/// Says that a bucket which does not exist has no such setting, if the plan asks.
fn nothing<T>(wanted: bool, setting: &mut Read<Option<T>>) {
    if wanted {
        *setting = Read::Seen(None);
    }
}
