//! The reads of S3 and S3 Control on recorded answers. All fixtures are invented.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use plumbline_collector::replay::{Answer, Fault, Replay};
use plumbline_collector::{Collector, Reader, Share};
use plumbline_names::AccountId;
use plumbline_snapshot::s3::{self, Bucket, S3, Versioning};
use plumbline_snapshot::{Outcome, Plan, Read, Source, Why};

use crate::{Addresses, S3Collector};

const HOME: &str = "eu-west-1";

fn account() -> AccountId {
    "111122223333".parse().unwrap()
}

fn here(region: &str) -> Answer {
    Answer::body(200, "").with_header("x-amz-bucket-region", region)
}

/// An error as S3 Control writes it, which is not as S3 does.
fn control_error(status: u16, code: &str) -> Answer {
    let body = format!("<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>");
    Answer::body(status, body).with_header("content-type", "text/xml")
}

/// An account with all settings, and buckets that are at home.
fn aws() -> Replay {
    let aws = Replay::new();
    aws.answer(&s3::HEAD_BUCKET, here(HOME));
    aws.answer(&s3::BUCKET_ENCRYPTION, Answer::xml(include_str!("../fixtures/GetBucketEncryption.xml")));
    aws.answer(&s3::PUBLIC_ACCESS_BLOCK, Answer::xml(include_str!("../fixtures/GetPublicAccessBlock.xml")));
    let policy = Answer::body(200, include_str!("../fixtures/GetBucketPolicy.json"));
    aws.answer(&s3::BUCKET_POLICY, policy.with_header("content-type", "application/json"));
    aws.answer(&s3::BUCKET_POLICY_STATUS, Answer::xml(include_str!("../fixtures/GetBucketPolicyStatus.xml")));
    aws.answer(&s3::OWNERSHIP_CONTROLS, Answer::xml(include_str!("../fixtures/GetBucketOwnershipControls.xml")));
    aws.answer(&s3::BUCKET_VERSIONING, Answer::xml(include_str!("../fixtures/GetBucketVersioning.xml")));
    let account = Answer::xml(include_str!("../fixtures/AccountPublicAccessBlock.xml"));
    aws.answer(&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK, account);
    aws
}

fn reader_of(sources: &[&Source], buckets: &[&str]) -> Reader {
    let plan = Plan {
        sources: sources.iter().map(|source| source.operation()).collect(),
        regions: BTreeMap::new(),
        buckets: buckets.iter().map(|name| ((*name).to_owned(), account())).collect(),
        jobs_since: Timestamp::UNIX_EPOCH,
        tags_since: Timestamp::UNIX_EPOCH,
        until: Timestamp::UNIX_EPOCH,
    };
    Reader::new(Arc::new(plan), Share::OFF, None)
}

async fn filled(aws: &Replay, reader: &Reader) -> S3 {
    let mut s3 = S3::unread();
    S3Collector::new(&aws.config(HOME), account(), Addresses::default()).fill(reader, &mut s3).await;
    s3
}

async fn bucket(aws: &Replay, reader: &Reader) -> Bucket {
    filled(aws, reader).await.buckets.into_values().next().unwrap()
}

fn outcomes(reader: &Reader) -> BTreeMap<String, Outcome> {
    let named = |record: plumbline_snapshot::ReadRecord| format!("{}:{}", record.service, record.operation);
    reader.records().into_iter().map(|record| (named(record.clone()), record.outcome)).collect()
}

#[tokio::test(start_paused = true)]
async fn every_bucket_is_read_once_in_the_owners_name() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data", "lab-models"]));
    let s3 = filled(&aws, &reader).await;
    assert!(matches!(s3.account_public_access_block, Read::Seen(Some(block)) if block.is_full()));
    assert_eq!(s3.buckets.len(), 2);
    for bucket in s3.buckets.values() {
        assert_eq!(bucket.region, Read::Seen(Some(HOME.to_owned())));
        let encryption = bucket.encryption.sight().unwrap().as_ref().unwrap();
        assert_eq!((encryption.algorithm.as_str(), encryption.key.as_deref()), ("aws:kms", Some("alias/lab")));
        let block = bucket.public_access_block.sight().unwrap().unwrap();
        assert!(block.restrict_public_buckets && !block.block_public_policy);
        assert!(bucket.policy.sight().unwrap().as_ref().unwrap().contains("aws:SecureTransport"));
        assert_eq!(bucket.policy_is_public, Read::Seen(Some(false)));
        assert_eq!(bucket.ownership, Read::Seen(Some("BucketOwnerEnforced".to_owned())));
        let versioning = bucket.versioning.sight().unwrap().as_ref().unwrap();
        assert_eq!((versioning.status.as_deref(), versioning.mfa_delete.as_deref()), (Some("Enabled"), None));
    }
    assert_eq!((aws.requests().len(), aws.unanswered().len()), (15, 0));
    assert!(outcomes(&reader).values().all(|outcome| *outcome == Outcome::Complete));
}

#[tokio::test(start_paused = true)]
async fn absent_is_what_the_exact_errors_say() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
    let error = |code: &str| Fault::Error(404, code.to_owned(), "not set".to_owned());
    aws.fault(&s3::BUCKET_ENCRYPTION, error("ServerSideEncryptionConfigurationNotFoundError"));
    aws.fault(&s3::PUBLIC_ACCESS_BLOCK, error("NoSuchPublicAccessBlockConfiguration"));
    aws.fault(&s3::BUCKET_POLICY, error("NoSuchBucketPolicy"));
    aws.fault(&s3::BUCKET_POLICY_STATUS, error("NoSuchBucketPolicy"));
    aws.fault(&s3::OWNERSHIP_CONTROLS, error("OwnershipControlsNotFoundError"));
    aws.forget(&s3::BUCKET_VERSIONING);
    let never = r#"<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>"#;
    aws.answer(&s3::BUCKET_VERSIONING, Answer::xml(never));
    aws.forget(&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK);
    aws.answer(&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK, control_error(404, "NoSuchPublicAccessBlockConfiguration"));
    let s3 = filled(&aws, &reader).await;
    assert_eq!(s3.account_public_access_block, Read::Seen(None));
    let bucket = s3.buckets.into_values().next().unwrap();
    assert_eq!((bucket.encryption, bucket.public_access_block), (Read::Seen(None), Read::Seen(None)));
    assert_eq!((bucket.policy, bucket.policy_is_public), (Read::Seen(None), Read::Seen(None)));
    assert_eq!(bucket.ownership, Read::Seen(None));
    assert_eq!(bucket.versioning, Read::Seen(Some(Versioning::default())));

    aws.heal();
    aws.fault(&s3::BUCKET_ENCRYPTION, error("NoSuchThing"));
    for source in [
        &s3::PUBLIC_ACCESS_BLOCK,
        &s3::BUCKET_POLICY,
        &s3::BUCKET_POLICY_STATUS,
        &s3::OWNERSHIP_CONTROLS,
        &s3::BUCKET_VERSIONING,
    ] {
        aws.fault(source, error("NoSuchThing"));
    }
    aws.forget(&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK);
    aws.answer(&s3::ACCOUNT_PUBLIC_ACCESS_BLOCK, control_error(404, "NoSuchThing"));
    let s3 = filled(&aws, &reader).await;
    assert!(!s3.account_public_access_block.is_seen());
    for bucket in s3.buckets.values() {
        assert!(!bucket.encryption.is_seen() && !bucket.public_access_block.is_seen() && !bucket.policy.is_seen());
        assert!(!bucket.policy_is_public.is_seen() && !bucket.ownership.is_seen() && !bucket.versioning.is_seen());
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_is_not_there_has_no_settings_either() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
    aws.fault(&s3::HEAD_BUCKET, Fault::Error(404, "NotFound".to_owned(), String::new()));
    let bucket = bucket(&aws, &reader).await;
    assert_eq!(bucket.region, Read::Seen(None));
    assert_eq!((bucket.encryption, bucket.public_access_block), (Read::Seen(None), Read::Seen(None)));
    assert_eq!((bucket.policy, bucket.policy_is_public), (Read::Seen(None), Read::Seen(None)));
    assert_eq!((bucket.ownership, bucket.versioning), (Read::Seen(None), Read::Seen(None)));
    // The bucket, and the account.
    assert_eq!(aws.requests().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_elsewhere_is_followed_to_its_region() {
    for status in [301, 400] {
        let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
        aws.forget(&s3::HEAD_BUCKET);
        let moved = Answer::body(status, "").with_header("x-amz-bucket-region", "eu-north-1");
        aws.answer(&s3::HEAD_BUCKET, moved.in_region(HOME));
        aws.answer(&s3::HEAD_BUCKET, here("eu-north-1").in_region("eu-north-1"));
        let bucket = bucket(&aws, &reader).await;
        assert_eq!(bucket.region, Read::Seen(Some("eu-north-1".to_owned())), "{status}");
        assert!(bucket.encryption.is_seen() && bucket.public_access_block.is_seen());
        let settings = aws.requests().into_iter().filter(|request| request.operation.name().starts_with("Get"));
        let regions: Vec<_> =
            settings.filter(|request| request.operation.service() == "s3").map(|at| at.region).collect();
        assert_eq!(regions, ["eu-north-1"; 6]);
        assert_eq!(outcomes(&reader).get("s3:HeadBucket"), Some(&Outcome::Complete));
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_that_sends_on_for_ever_is_a_gap() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
    aws.forget(&s3::HEAD_BUCKET);
    let sent = |to: &str| Answer::body(301, "").with_header("x-amz-bucket-region", to);
    aws.answer(&s3::HEAD_BUCKET, sent("eu-north-1").in_region(HOME));
    aws.answer(&s3::HEAD_BUCKET, sent(HOME).in_region("eu-north-1"));
    let bucket = bucket(&aws, &reader).await;
    assert_eq!(bucket.region.sight().unwrap_err().why, Why::Failed);
    assert_eq!(aws.calls_of(&s3::HEAD_BUCKET), 2);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_no_absence_but_tells_where_to_ask() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
    aws.forget(&s3::HEAD_BUCKET);
    aws.answer(&s3::HEAD_BUCKET, Answer::body(403, "").with_header("x-amz-bucket-region", "eu-north-1"));
    let bucket = bucket(&aws, &reader).await;
    let gap = bucket.region.sight().unwrap_err();
    assert_eq!((gap.why, gap.target.as_deref()), (Why::Denied, Some("lab-data")));
    assert!(bucket.encryption.is_seen());
    let asked = aws.requests().into_iter().find(|request| request.operation.name() == "GetBucketEncryption").unwrap();
    assert_eq!(asked.region, "eu-north-1");
}

#[tokio::test(start_paused = true)]
async fn a_region_that_is_no_region_is_not_followed() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
    aws.forget(&s3::HEAD_BUCKET);
    aws.answer(&s3::HEAD_BUCKET, Answer::body(301, "").with_header("x-amz-bucket-region", "evil.example/"));
    let bucket = bucket(&aws, &reader).await;
    assert_eq!(bucket.region.sight().unwrap_err().why, Why::Failed);
    assert!(aws.requests().iter().all(|request| !request.text.contains("evil")));
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_each_read_blinds_that_read_alone() {
    for source in s3::SOURCES {
        for fault in Fault::ALL.into_iter().chain([Fault::Unsupported]) {
            // An empty answer about versioning is one: it was never enabled.
            if source == &&s3::BUCKET_VERSIONING && fault == Fault::Hollow {
                continue;
            }
            let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
            aws.fault(source, fault.clone());
            let s3 = filled(&aws, &reader).await;
            // An answer to HEAD has no body, hence no code.
            let coded = source.service == "s3" && source.operation != "HeadBucket";
            let expected = match fault {
                Fault::Denied => Some(Outcome::Denied),
                Fault::Throttled if coded => Some(Outcome::Throttled),
                Fault::Unsupported if coded => Some(Outcome::Unsupported),
                Fault::Throttled | Fault::Unsupported => None,
                _ => Some(Outcome::Failed),
            };
            for (operation, outcome) in outcomes(&reader) {
                let met = operation == source.operation().to_string();
                let fits = match expected {
                    Some(expected) if met => outcome == expected,
                    None if met => outcome.is_loss() || outcome == Outcome::Unsupported,
                    _ => outcome == Outcome::Complete,
                };
                assert!(fits, "{operation} is {outcome:?} while {} meets {fault:?}", source.operation());
            }
            let bucket = s3.buckets.values().next().unwrap();
            let seen = [
                s3.account_public_access_block.is_seen(),
                bucket.region.is_seen(),
                bucket.encryption.is_seen(),
                bucket.public_access_block.is_seen(),
                bucket.policy.is_seen(),
                bucket.policy_is_public.is_seen(),
                bucket.ownership.is_seen(),
                bucket.versioning.is_seen(),
            ];
            assert_eq!(seen.iter().filter(|seen| !**seen).count(), 1, "{} meets {fault:?}", source.operation());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn buckets_of_logs_are_read_like_others_and_none_twice() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
    let collector = S3Collector::new(&aws.config(HOME), account(), Addresses::default());
    let mut s3 = filled(&aws, &reader).await;
    let before = aws.requests().len();
    let names = ["lab-data", "lab-logs"].map(str::to_owned).into();
    collector.log_buckets(&reader, &mut s3.log_buckets, &names).await;
    assert_eq!((s3.buckets.len(), s3.log_buckets.len()), (1, 1));
    let logs = &s3.log_buckets["lab-logs"];
    assert_eq!(logs.expected_owner, account());
    assert!(logs.policy.is_seen() && logs.versioning.is_seen() && logs.encryption.is_seen());
    assert_eq!(aws.requests().len() - before, 7);
    collector.log_buckets(&reader, &mut s3.log_buckets, &names).await;
    assert_eq!(aws.requests().len() - before, 7);

    // Another account's bucket is denied, never absent.
    aws.fault(&s3::HEAD_BUCKET, Fault::Denied);
    aws.fault(&s3::BUCKET_POLICY, Fault::Denied);
    collector.log_buckets(&reader, &mut s3.log_buckets, &["foreign-logs".to_owned()].into()).await;
    let foreign = &s3.log_buckets["foreign-logs"];
    assert_eq!(foreign.region.sight().unwrap_err().why, Why::Denied);
    assert_eq!(foreign.policy.sight().unwrap_err().why, Why::Denied);
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_ends_costs_time_only() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
    aws.fault_calls(&s3::BUCKET_ENCRYPTION, 0..2, Fault::Throttled);
    assert!(bucket(&aws, &reader).await.encryption.is_seen());
    assert_eq!(aws.calls_of(&s3::BUCKET_ENCRYPTION), 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_planned_stays_so_and_what_is_seen_is_not_read_again() {
    let aws = aws();
    let mut s3 = filled(&aws, &reader_of(&[&s3::HEAD_BUCKET], &["lab-data"])).await;
    assert_eq!(aws.requests().len(), 1);
    assert!(s3.buckets.values().all(|bucket| bucket.region.is_seen() && !bucket.encryption.is_seen()));

    let reader = reader_of(s3::SOURCES, &["lab-data", "lab-models"]);
    let collector = S3Collector::new(&aws.config(HOME), account(), Addresses::default());
    collector.fill(&reader, &mut s3).await;
    assert_eq!(aws.calls_of(&s3::HEAD_BUCKET), 2);
    let before = aws.requests().len();
    collector.fill(&reader, &mut s3).await;
    assert_eq!(aws.requests().len(), before);
    assert_eq!(s3, filled(&aws.fresh(), &reader).await);
}

#[tokio::test(start_paused = true)]
async fn the_account_stands_in_the_path_of_a_bare_host_only() {
    for (endpoint, host, bucket) in [
        (None, "GET 111122223333.s3-control.eu-west-1.amazonaws.com/", "lab-data.s3.eu-west-1.amazonaws.com/"),
        (Some("http://127.0.0.1:5000"), "GET 127.0.0.1/v2018", "127.0.0.1/lab-data"),
        (Some("http://aws.example:5000"), "GET 111122223333.aws.example/v2018", "aws.example/lab-data"),
    ] {
        let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
        let config = aws.config(HOME).into_builder();
        let config = match endpoint {
            Some(endpoint) => config.endpoint_url(endpoint).build(),
            None => config.build(),
        };
        let collector = S3Collector::new(&config, account(), Addresses::of(endpoint));
        let mut s3 = S3::unread();
        collector.fill(&reader, &mut s3).await;
        assert!(s3.account_public_access_block.is_seen());
        let asked = |name: &str, service: &str| {
            let all = aws.requests();
            let mut fits = all.iter().filter(|at| at.operation.name() == name && at.operation.service() == service);
            fits.next().unwrap().text.clone()
        };
        let control = asked("GetPublicAccessBlock", "s3control");
        assert!(control.starts_with(host), "{control}");
        let head = asked("HeadBucket", "s3");
        assert!(head.contains(bucket), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bucket_in_a_region_that_is_closed_is_located_and_asked_no_further() {
    let (aws, reader) = (aws(), reader_of(s3::SOURCES, &["lab-data"]));
    aws.forget(&s3::HEAD_BUCKET);
    aws.answer(&s3::HEAD_BUCKET, Answer::body(301, "").with_header("x-amz-bucket-region", "me-south-1"));
    reader.close_region(&"me-south-1".parse().unwrap(), "not enabled");
    let bucket = bucket(&aws, &reader).await;
    let gap = |gap: Option<&plumbline_snapshot::Gap>| gap.map(|gap| (gap.why, gap.detail.clone()));
    let closed = Some((Why::Unsupported, "not enabled".into()));
    assert_eq!(gap(bucket.region.sight().err()), closed);
    assert_eq!(gap(bucket.policy.sight().err()), closed);
    assert_eq!(gap(bucket.versioning.sight().err()), closed);
    assert_eq!((aws.calls_of(&s3::HEAD_BUCKET), aws.calls_of(&s3::BUCKET_POLICY)), (1, 0));
    assert!(aws.requests().iter().all(|request| request.region == HOME), "{:?}", aws.requests());
}
