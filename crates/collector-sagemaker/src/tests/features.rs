//! Feature groups.

use plumbline_snapshot::sagemaker::SEARCH;
use plumbline_snapshot::sagemaker::features::{FEATURE_GROUP, FEATURE_GROUPS, OnlineStore};

use super::*;

const READS: [&Source; 4] = [&FEATURE_GROUPS, &FEATURE_GROUP, &SEARCH, &sagemaker::RESOURCE_TAGS];

fn group(name: &str, made: i64, more: &str) -> String {
    format!(
        r#"{{"FeatureGroupName": "{name}", "FeatureGroupArn": "arn:aws:sagemaker:eu-west-1:111122223333:feature-group/{name}",
            "FeatureGroupStatus": "Created", "CreationTime": {made}.5{more}}}"#
    )
}

const MADE: i64 = 1_780_000_000;
const BODY: &str = r#", "RoleArn": "arn:role", "OnlineStoreConfig": {"EnableOnlineStore": true, "StorageType": "InMemory",
    "SecurityConfig": {"KmsKeyId": "alias/online"}},
    "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": "s3://lake/f", "KmsKeyId": "alias/offline",
    "ResolvedOutputS3Uri": "s3://lake/f/1"}}, "Tags": [{"Key": "lab", "Value": "1"}]"#;

/// Three groups. Search lacks the last, and has an earlier one of the name of the second.
pub(super) fn answers(aws: &Replay) {
    let listed = [group("fg-1", MADE, ""), group("fg-2", MADE, ""), group("fg-3", MADE, "")];
    aws.answer(&FEATURE_GROUPS, page("FeatureGroupSummaries", &listed[..2], Some("two")));
    aws.answer(&FEATURE_GROUPS, page("FeatureGroupSummaries", &listed[2..], None).when(r#""NextToken":"two""#));
    let record = |group: String| format!(r#"{{"FeatureGroup": {group}}}"#);
    let records =
        [record(group("fg-1", MADE, BODY)), record(group("fg-2", MADE - 900, BODY)), record(group("old", 1, BODY))];
    aws.answer(&SEARCH, page("Results", &records, None).when("\"FeatureGroup\""));
    for name in ["fg-2", "fg-3"] {
        let answer =
            Answer::json(group(name, MADE, r#", "OnlineStoreConfig": {}, "FeatureDefinitions": [], "NextToken": """#));
        aws.answer(&FEATURE_GROUP, answer.when(name));
    }
}

#[tokio::test(start_paused = true)]
async fn search_has_the_bodies_and_what_it_lacks_is_described() {
    let (aws, reader) = (aws(), reader_of(&READS));
    let found = filled(&aws, &reader).await;
    assert_eq!(aws.unanswered(), []);
    assert!(found.feature_groups.is_whole());
    assert_eq!(ids(&found.feature_groups), ["fg-1", "fg-2", "fg-3"]);
    let first = body(&found.feature_groups, "fg-1");
    let online = OnlineStore {
        enabled: true,
        storage_type: Some("InMemory".to_owned()),
        kms_key: Some("alias/online".to_owned()),
    };
    assert_eq!((first.role_arn.as_deref(), first.online.as_ref()), (Some("arn:role"), Some(&online)));
    let offline = first.offline.as_ref().unwrap();
    assert_eq!(
        (offline.uri.as_deref(), offline.resolved_uri.as_deref(), offline.kms_key.as_deref()),
        (Some("s3://lake/f"), Some("s3://lake/f/1"), Some("alias/offline"))
    );
    assert_eq!(tags(&found.feature_groups, "fg-1"), Read::Seen(Tags::from([("lab".to_owned(), "1".to_owned())])));
    for name in ["fg-2", "fg-3"] {
        let described = body(&found.feature_groups, name);
        assert_eq!(
            (described.online.clone(), described.offline.clone()),
            (Some(OnlineStore::default()), None),
            "{name}"
        );
        assert!(tags(&found.feature_groups, name).is_seen());
    }
    assert_eq!((aws.calls_of(&SEARCH), aws.calls_of(&FEATURE_GROUP)), (1, 2));
    let mut again = found.clone();
    SageMakerCollector::new(&aws.config(REGION)).fill(&reader, &mut again).await;
    assert_eq!((aws.calls_of(&SEARCH), again), (1, found), "nothing is read twice");
}

#[tokio::test(start_paused = true)]
async fn without_search_or_list_there_are_gaps() {
    let (aws, reader) = (aws(), reader_of(&READS));
    aws.fault(&SEARCH, Fault::Denied);
    let found = filled(&aws, &reader).await;
    let gap = found.feature_groups.get("fg-1").unwrap().unwrap().body.sight().unwrap_err();
    assert_eq!((gap.operation.name(), gap.why, gap.target.as_deref()), ("Search", Why::Denied, Some("fg-1")));
    assert_eq!(aws.calls_of(&FEATURE_GROUP), 0);

    let (aws, reader) = (super::aws(), reader_of(&READS));
    aws.fault_calls(&FEATURE_GROUPS, 1.., Fault::Internal);
    let found = filled(&aws, &reader).await;
    assert_eq!(found.feature_groups.gap().map(|gap| gap.why), Some(Why::Truncated));
    assert!(found.feature_groups.get("fg-3").is_err() && body(&found.feature_groups, "fg-1").online.is_some());

    let (aws, reader) = (super::aws(), reader_of(&READS));
    aws.fault(&FEATURE_GROUP, Fault::Error(400, "ResourceNotFound".to_owned(), String::new()));
    let found = filled(&aws, &reader).await;
    assert_eq!(found.feature_groups.get("fg-3").unwrap().unwrap().body, Read::Seen(None));
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_each_read_blinds_that_read_alone() {
    each_fault(&READS[..2], &READS, |_| ()).await;
}
