//! Played answers.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_collector::replay::{Answer, Fault, Replay, plan};
use plumbline_collector::{Collector, Reader, Share};
use plumbline_snapshot::kms::{ALIASES, KEY, KEY_POLICY, KEY_ROTATION, KEY_TAGS, Kms, Rotation, SOURCES};
use plumbline_snapshot::{Details, Read, Why};

use crate::KmsCollector;

const REGION: &str = "eu-west-1";
const DATA: &str = "arn:aws:kms:eu-west-1:111122223333:key/0b1c2d3e-0000-4000-8000-000000000001";
const OTHER: &str = "arn:aws:kms:eu-west-1:111122223333:key/0b1c2d3e-0000-4000-8000-000000000002";
const AWS_S3: &str = "arn:aws:kms:eu-west-1:111122223333:key/0b1c2d3e-0000-4000-8000-0000000000a1";
const REPLICA: &str = "arn:aws:kms:eu-west-1:111122223333:key/mrk-0b1c2d3e000040008000000000000001";
const PRIMARY: &str = "arn:aws:kms:us-east-1:111122223333:key/mrk-0b1c2d3e000040008000000000000001";
const FOREIGN: &str = "arn:aws:kms:eu-west-1:444455556666:key/0b1c2d3e-0000-4000-8000-000000000003";

fn aws() -> Replay {
    let aws = Replay::new();
    aws.answer(&ALIASES, Answer::json(include_str!("../fixtures/aliases-2.json")).when("marker-2"));
    aws.answer(
        &ALIASES,
        Answer::json(r#"{"Aliases": [], "NextMarker": "marker-2", "Truncated": true}"#).when("marker-1"),
    );
    aws.answer(&ALIASES, Answer::json(include_str!("../fixtures/aliases-1.json")).when("\"Limit\":100"));
    aws.answer(&KEY, Answer::json(include_str!("../fixtures/key-replica.json")).when(REPLICA));
    aws.answer(&KEY, Answer::error(400, "AccessDeniedException", "no").when(FOREIGN));
    aws.answer(&KEY, Answer::error(400, "NotFoundException", "Key 'x' does not exist").when("key/gone"));
    aws.answer(&KEY, Answer::json(include_str!("../fixtures/key.json")).when(PRIMARY).in_region("us-east-1"));
    aws.answer(
        &KEY,
        Answer::json(include_str!("../fixtures/key.json")).when("arn:aws:kms:eu-west-1:").in_region(REGION),
    );
    aws.answer(&KEY_ROTATION, Answer::json(r#"{"KeyRotationEnabled": false}"#).when(REPLICA));
    aws.answer(&KEY_ROTATION, Answer::error(400, "UnsupportedOperationException", "").when(OTHER));
    aws.answer(&KEY_ROTATION, Answer::error(400, "AccessDeniedException", "no").when(FOREIGN));
    aws.answer(&KEY_ROTATION, Answer::error(400, "NotFoundException", "no").when("key/gone"));
    aws.answer(&KEY_ROTATION, Answer::json(include_str!("../fixtures/rotation.json")));
    let none = Answer::error(400, "NotFoundException", "no");
    aws.answer(&KEY_POLICY, none.when("key/gone"));
    aws.answer(&KEY_POLICY, Answer::json(include_str!("../fixtures/policy.json")).when("\"PolicyName\":\"default\""));
    let tags = |key: &str, more: &str| format!(r#"{{"Tags": [{{"TagKey": "{key}", "TagValue": "x"}}], {more}}}"#);
    aws.answer(&KEY_TAGS, Answer::json(tags("b", r#""Truncated": false"#)).when("\"Marker\":\"m\""));
    aws.answer(&KEY_TAGS, Answer::json(tags("a", r#""NextMarker": "m", "Truncated": true"#)).when(DATA));
    aws.answer(&KEY_TAGS, Answer::json(r#"{"Tags": [], "Truncated": false}"#));
    aws
}

async fn fill(aws: &Replay, details: Details, references: &[&str], kms: &mut Kms) -> Reader {
    let reader =
        Reader::new(plan(SOURCES, REGION, details), Share::default(), None).in_region(&REGION.parse().unwrap());
    let references: BTreeSet<String> = references.iter().map(|reference| (*reference).to_owned()).collect();
    let account = "111122223333".parse().unwrap();
    KmsCollector::new(&aws.config(REGION), &account, &references).fill(&reader, kms).await;
    reader
}

async fn filled(aws: &Replay, references: &[&str]) -> Kms {
    let mut kms = Kms::unread();
    fill(aws, Details::default(), references, &mut kms).await;
    kms
}

fn keys(kms: &Kms) -> Vec<&str> {
    kms.keys.keys().map(String::as_str).collect()
}

#[tokio::test(start_paused = true)]
async fn aliases_first_and_keys_when_they_are_referred_to() {
    let (aws, mut kms) = (aws(), Kms::unread());
    fill(&aws, Details::default(), &[], &mut kms).await;
    assert_eq!(kms.aliases.all().unwrap().count(), 4);
    assert_eq!((aws.calls_of(&ALIASES), aws.requests().len(), kms.keys.len()), (3, 3, 0));

    let references =
        ["alias/ds-data", "0b1c2d3e-0000-4000-8000-000000000002", "alias/aws/s3", "alias/aws/sagemaker", "alias/none"];
    fill(&aws, Details::default(), &references, &mut kms).await;
    assert_eq!(keys(&kms), [DATA, OTHER, AWS_S3]);
    assert_eq!((aws.calls_of(&ALIASES), aws.calls_of(&KEY), aws.calls_of(&KEY_ROTATION)), (3, 3, 3));
    assert_eq!((aws.calls_of(&KEY_POLICY), aws.calls_of(&KEY_TAGS), aws.unanswered()), (3, 0, vec![]));
    let data = &kms.keys[DATA];
    let metadata = data.metadata.sight().unwrap().as_ref().unwrap();
    assert_eq!((metadata.manager.as_deref(), metadata.state.as_deref()), (Some("CUSTOMER"), Some("Enabled")));
    assert_eq!((&metadata.multi_region_role, metadata.deletion_date), (&None, None));
    let rotation = data.rotation.sight().unwrap().as_ref().unwrap();
    assert_eq!((rotation.enabled, rotation.period_days), (true, Some(180)));
    assert_eq!(data.tags.sight().unwrap_err().why, Why::NotPlanned);
    assert!(data.policy.sight().unwrap().as_ref().unwrap().contains(r#""Action":"kms:*""#));
    // A kind of key that has no rotation is an answer.
    assert_eq!(kms.keys[OTHER].rotation, Read::Seen(None));
    // All is seen: nothing is asked again.
    let asked = aws.requests().len();
    fill(&aws, Details::default(), &references, &mut kms).await;
    assert_eq!(aws.requests().len(), asked);
}

#[tokio::test(start_paused = true)]
async fn keys_of_other_places() {
    let aws = aws();
    let foreign_alias = "arn:aws:kms:eu-west-1:444455556666:alias/x";
    let kms = filled(&aws, &[REPLICA, FOREIGN, "gone", foreign_alias]).await;
    assert_eq!(keys(&kms), [FOREIGN, "arn:aws:kms:eu-west-1:111122223333:key/gone", REPLICA, PRIMARY].sorted());
    let replica = kms.keys[REPLICA].metadata.sight().unwrap().as_ref().unwrap();
    assert_eq!((replica.usage.as_deref(), replica.state.as_deref()), (Some("A_NEWER_USAGE"), Some("PendingDeletion")));
    assert_eq!(replica.deletion_date.unwrap().to_string(), "2026-02-02T02:40:00Z");
    // The replica's primary is asked too, in its own Region.
    assert!(kms.keys[PRIMARY].metadata.is_seen());
    assert!(aws.requests().iter().any(|request| request.region == "us-east-1" && request.text.contains(PRIMARY)));
    let off = Rotation { enabled: false, period_days: None, next: None };
    assert_eq!(kms.keys[REPLICA].rotation, Read::Seen(Some(off)));
    assert_eq!(kms.keys[FOREIGN].metadata.sight().unwrap_err().why, Why::Denied);
    let gone = &kms.keys["arn:aws:kms:eu-west-1:111122223333:key/gone"];
    assert_eq!((&gone.metadata, &gone.rotation), (&Read::Seen(None), &Read::Seen(None)));
    assert_eq!(gone.policy, Read::Seen(None));
    // KMS tells the policy of the account's own keys only, so nobody asks for another's.
    assert_eq!(kms.keys[FOREIGN].policy.sight().unwrap_err().why, Why::NotPlanned);
    assert!(kms.keys[PRIMARY].policy.is_seen());
}

trait Sorted {
    fn sorted(self) -> Self;
}

impl<const N: usize> Sorted for [&str; N] {
    fn sorted(mut self) -> Self {
        self.sort_unstable();
        self
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_the_baseline_names() {
    let (aws, mut kms) = (aws(), Kms::unread());
    let details = Details {
        keys: BTreeSet::from([OTHER.to_owned()]),
        alias_patterns: BTreeSet::from(["alias/ds-*".to_owned()]),
        ..Details::default()
    };
    fill(&aws, details, &[], &mut kms).await;
    assert_eq!(keys(&kms), [DATA, OTHER]);

    // Named by tags: every customer alias's key may be meant, and of this account's keys the tags are read.
    let mut kms = Kms::unread();
    let details = Details { key_tags: vec![BTreeMap::from([("a".to_owned(), "x".to_owned())])], ..Details::default() };
    fill(&aws, details, &[FOREIGN], &mut kms).await;
    assert_eq!(keys(&kms), [DATA, OTHER, FOREIGN]);
    let tags = kms.keys[DATA].tags.sight().unwrap();
    assert_eq!(tags.keys().collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(kms.keys[FOREIGN].tags.sight().unwrap_err().why, Why::NotPlanned);
}

#[tokio::test(start_paused = true)]
async fn no_fault_looks_like_an_answer() {
    let details = || Details { key_tags: vec![BTreeMap::new()], ..Details::default() };
    for fault in Fault::ALL {
        let why = match fault {
            Fault::Denied => Why::Denied,
            Fault::Throttled => Why::Throttled,
            _ => Why::Failed,
        };
        for source in SOURCES {
            let (aws, mut kms) = (aws(), Kms::unread());
            aws.fault(source, fault.clone());
            let reader = fill(&aws, details(), &[DATA], &mut kms).await;
            let key = &kms.keys[DATA];
            let gaps = [
                (&ALIASES, kms.aliases.gap()),
                (&KEY, key.metadata.sight().err()),
                (&KEY_ROTATION, key.rotation.sight().err()),
                (&KEY_TAGS, key.tags.sight().err()),
                (&KEY_POLICY, key.policy.sight().err()),
            ];
            for (of, gap) in gaps {
                let expected = (of == *source).then_some(why);
                assert_eq!(gap.map(|gap| gap.why), expected, "{} {fault:?} {gap:?}", of.operation);
            }
            let records = reader.records();
            let record = records.iter().find(|record| record.operation == source.operation).unwrap();
            assert_eq!(record.outcome, why.into(), "{record:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_region_without_kms_and_a_listing_that_says_it_is_cut() {
    let aws = aws();
    aws.fault(&ALIASES, Fault::Unsupported);
    assert_eq!(filled(&aws, &["alias/ds-data"]).await.aliases.gap().unwrap().why, Why::Unsupported);
    aws.heal();
    aws.forget(&ALIASES);
    aws.answer(&ALIASES, Answer::json(r#"{"Aliases": [], "Truncated": true}"#));
    let kms = filled(&aws, &[]).await;
    assert_eq!(kms.aliases.gap().unwrap().detail, "the answer says that there is more, but has no token");
}
