//! Played answers.

use plumbline_collector::replay::{Answer, Fault, Replay, plan};
use plumbline_collector::{Collector, Reader, Share};
use plumbline_snapshot::cloudtrail::{
    CloudTrail, EVENT_SELECTORS, FieldSelector, SOURCES, TRAIL_STATUS, TRAILS, Trail,
};
use plumbline_snapshot::{Details, Read, Source, Why};

use crate::CloudTrailCollector;

const REGION: &str = "eu-west-1";
const AUDIT: &str = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/ds-audit";
const LOCAL: &str = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/local";

fn aws() -> Replay {
    let aws = Replay::new();
    aws.answer(&TRAILS, Answer::json(include_str!("../fixtures/trails.json")).when("\"includeShadowTrails\":true"));
    let status = || Answer::json(include_str!("../fixtures/status.json"));
    aws.answer(&TRAIL_STATUS, status().when(AUDIT).in_region("eu-central-1"));
    aws.answer(&TRAIL_STATUS, status().when(LOCAL).in_region(REGION));
    let basic = Answer::json(include_str!("../fixtures/selectors-basic.json"));
    let advanced = Answer::json(include_str!("../fixtures/selectors-advanced.json"));
    aws.answer(&EVENT_SELECTORS, advanced.when(AUDIT).in_region("eu-central-1"));
    aws.answer(&EVENT_SELECTORS, basic.when(LOCAL).in_region(REGION));
    aws
}

async fn fill(aws: &Replay, planned: &[&Source], cloudtrail: &mut CloudTrail) -> Reader {
    let reader = Reader::new(plan(planned, REGION, Details::default()), Share::default(), None)
        .in_region(&REGION.parse().unwrap());
    CloudTrailCollector::new(&aws.config(REGION)).fill(&reader, cloudtrail).await;
    reader
}

async fn filled(aws: &Replay) -> CloudTrail {
    let mut cloudtrail = CloudTrail::unread();
    fill(aws, SOURCES, &mut cloudtrail).await;
    cloudtrail
}

fn trail<'a>(cloudtrail: &'a CloudTrail, arn: &str) -> &'a Trail {
    cloudtrail.trails.get(arn).unwrap().unwrap()
}

fn seen<T>(read: &Read<Option<T>>) -> &T {
    read.sight().unwrap().as_ref().unwrap()
}

#[tokio::test(start_paused = true)]
async fn each_trail_is_asked_at_home_by_its_arn() {
    let aws = aws();
    let cloudtrail = filled(&aws).await;
    assert!(cloudtrail.trails.is_whole());
    assert_eq!((aws.unanswered(), aws.requests().len()), (vec![], 5));

    let audit = trail(&cloudtrail, AUDIT);
    assert!(audit.is_multi_region && audit.includes_global_events && audit.validates_files && !audit.is_organization);
    assert_eq!((audit.name.as_str(), audit.bucket.as_deref()), ("ds-audit", Some("ds-audit-logs")));
    let status = seen(&audit.status);
    assert!(status.is_logging);
    assert_eq!(status.latest_delivery.unwrap().to_string(), "2025-11-24T10:26:40.5Z");
    assert_eq!((&status.latest_delivery_error, status.stopped_logging), (&None, None));
    let advanced = &seen(&audit.selectors).advanced;
    assert_eq!((advanced.len(), advanced[0].name.as_deref(), &advanced[1].name), (2, Some("management"), &None));
    let expected = FieldSelector {
        field: "resources.ARN".to_owned(),
        starts_with: vec!["arn:aws:s3:::ds-data/".to_owned()],
        not_ends_with: vec![".tmp".to_owned()],
        ..FieldSelector::default()
    };
    assert_eq!(advanced[1].fields[1], expected);

    // What AWS leaves out is off or none.
    let local = trail(&cloudtrail, LOCAL);
    assert!(!local.is_multi_region && !local.validates_files);
    assert_eq!((&local.kms_key, &local.home_region), (&None, &None));
    let basic = &seen(&local.selectors).basic[0];
    assert_eq!((basic.read_write.as_str(), basic.includes_management), ("WriteOnly", true));
    assert_eq!((basic.data[0].kind.as_str(), basic.excluded_sources.len()), ("AWS::S3::Object", 1));
}

#[tokio::test(start_paused = true)]
async fn no_fault_looks_like_an_answer() {
    for fault in Fault::ALL {
        let why = match fault {
            Fault::Denied => Why::Denied,
            Fault::Throttled => Why::Throttled,
            _ => Why::Failed,
        };
        let aws = aws();
        aws.fault(&TRAILS, fault.clone());
        let cloudtrail = filled(&aws).await;
        assert_eq!(cloudtrail.trails.gap().map(|gap| gap.why), Some(why), "{fault:?}");

        for source in [&TRAIL_STATUS, &EVENT_SELECTORS] {
            aws.heal();
            aws.fault(source, fault.clone());
            let cloudtrail = filled(&aws).await;
            let trail = trail(&cloudtrail, AUDIT);
            let (status, selectors) = (trail.status.sight().err(), trail.selectors.sight().err());
            let (hit, spared) = if *source == TRAIL_STATUS { (status, selectors) } else { (selectors, status) };
            let hit = hit.unwrap();
            assert_eq!((hit.why, hit.target.as_deref(), spared), (why, Some(AUDIT), None), "{fault:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_trail_that_vanished_is_absent_and_a_foreign_one_denied() {
    let aws = aws();
    let not_found = Fault::Error(400, "TrailNotFoundException".to_owned(), format!("Unknown trail: {AUDIT}"));
    aws.fault(&TRAIL_STATUS, not_found);
    aws.fault(&EVENT_SELECTORS, Fault::Denied);
    let cloudtrail = filled(&aws).await;
    assert_eq!(trail(&cloudtrail, AUDIT).status, Read::Seen(None));
    assert_eq!(trail(&cloudtrail, AUDIT).selectors.sight().unwrap_err().why, Why::Denied);
}

#[tokio::test(start_paused = true)]
async fn a_selector_that_lost_a_field_is_no_answer() {
    for selectors in [
        r#"{"TrailARN": "x"}"#,
        r#"{"TrailARN": "x", "EventSelectors": [{"IncludeManagementEvents": true}]}"#,
        r#"{"TrailARN": "x", "EventSelectors": [{"ReadWriteType": "All"}]}"#,
        r#"{"TrailARN": "x", "AdvancedEventSelectors": [{"Name": "all"}]}"#,
        r#"{"TrailARN": "x", "AdvancedEventSelectors": [{"FieldSelectors": [{"Equals": ["Management"]}]}]}"#,
        r#"{"TrailARN": "x", "AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory"}]}]}"#,
    ] {
        let aws = aws();
        aws.forget(&EVENT_SELECTORS);
        aws.answer(&EVENT_SELECTORS, Answer::json(selectors));
        let cloudtrail = filled(&aws).await;
        let gap = trail(&cloudtrail, AUDIT).selectors.sight().unwrap_err();
        assert!(gap.detail.starts_with("answer without `"), "{selectors}: {}", gap.detail);
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_is_planned_is_read_and_the_rest_can_follow() {
    let (aws, mut cloudtrail) = (aws(), CloudTrail::unread());
    fill(&aws, &[&TRAILS], &mut cloudtrail).await;
    assert_eq!((cloudtrail.trails.len(), aws.requests().len()), (2, 1));
    assert_eq!(trail(&cloudtrail, AUDIT).status.sight().unwrap_err().why, Why::NotPlanned);
    fill(&aws, SOURCES, &mut cloudtrail).await;
    assert_eq!(cloudtrail, filled(&self::aws()).await);
    assert_eq!(aws.calls_of(&TRAILS), 1);

    aws.fault(&TRAILS, Fault::Unsupported);
    assert_eq!(filled(&aws).await.trails.gap().unwrap().why, Why::Unsupported);
}
