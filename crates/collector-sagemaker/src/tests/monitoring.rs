//! Monitoring schedules and the definitions that they name.

use plumbline_snapshot::sagemaker::InstanceGroup;
use plumbline_snapshot::sagemaker::monitoring::{
    DATA_QUALITY_DEFINITION, MODEL_BIAS_DEFINITION, MODEL_EXPLAINABILITY_DEFINITION, MODEL_QUALITY_DEFINITION,
    MONITORED, SCHEDULE, SCHEDULES, Schedule,
};

use super::*;

const READS: [&Source; 7] = [
    &SCHEDULES,
    &SCHEDULE,
    &DATA_QUALITY_DEFINITION,
    &MODEL_QUALITY_DEFINITION,
    &MODEL_BIAS_DEFINITION,
    &MODEL_EXPLAINABILITY_DEFINITION,
    &sagemaker::RESOURCE_TAGS,
];

fn arn(name: &str) -> String {
    format!("arn:aws:sagemaker:eu-west-1:111122223333:monitoring-schedule/{name}")
}

/// Schedules by name, each with its config.
fn schedules(aws: &Replay, all: &[(&str, String)]) {
    aws.forget(&SCHEDULES);
    aws.forget(&SCHEDULE);
    let listed = |(name, _): &(&str, String)| {
        format!(
            r#"{{"MonitoringScheduleName": "{name}", "MonitoringScheduleArn": "{}", "CreationTime": 1780000000,
                "LastModifiedTime": 1780000060, "MonitoringScheduleStatus": "Stopped"}}"#,
            arn(name)
        )
    };
    let items: Vec<String> = all.iter().map(listed).collect();
    let (first, last) = items.split_at(items.len() / 2);
    aws.answer(&SCHEDULES, page("MonitoringScheduleSummaries", first, Some("two")));
    aws.answer(&SCHEDULES, page("MonitoringScheduleSummaries", last, None).when(r#""NextToken":"two""#));
    for (name, config) in all {
        let answer = Answer::json(format!(
            r#"{{"MonitoringScheduleName": "{name}", "MonitoringScheduleArn": "{}", "MonitoringScheduleStatus": "Stopped",
                "CreationTime": 1780000000, "LastModifiedTime": 1780000060, "EndpointName": "ep-1",
                "MonitoringScheduleConfig": {config}}}"#,
            arn(name)
        ));
        aws.answer(&SCHEDULE, answer.when(&format!(r#""MonitoringScheduleName":"{name}""#)));
    }
}

fn naming(kind: &str, name: &str) -> String {
    format!(r#"{{"MonitoringJobDefinitionName": "{name}", "MonitoringType": "{kind}"}}"#)
}

const NETWORK: &str = r#""NetworkConfig": {"EnableNetworkIsolation": true, "EnableInterContainerTrafficEncryption": true,
    "VpcConfig": {"Subnets": ["subnet-b", "subnet-a"], "SecurityGroupIds": ["sg-1"]}}"#;
const RESOURCES: &str = r#"{"ClusterConfig": {"InstanceCount": 2, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1,
    "VolumeKmsKeyId": "alias/volumes"}}"#;
const OUTPUT: &str = r#"{"KmsKeyId": "alias/output", "MonitoringOutputs": [
    {"S3Output": {"S3Uri": "s3://out/y", "LocalPath": "/o"}}, {"S3Output": {"S3Uri": "s3://out/x", "LocalPath": "/o"}}]}"#;
const CAPTURED: &str = r#""BatchTransformInput": {"DataCapturedDestinationS3Uri": "s3://in/captured", "LocalPath": "/i",
    "DatasetFormat": {"Json": {"Line": true}}}"#;

/// Two data quality schedules of one definition, one schedule of each other kind, and one with a definition of its own.
pub(super) fn answers(aws: &Replay) {
    let inline = format!(
        r#"{{"MonitoringType": "DataQuality", "MonitoringJobDefinition": {{"RoleArn": "arn:role", {NETWORK},
            "MonitoringInputs": [{{{CAPTURED}}}], "MonitoringOutputConfig": {OUTPUT}, "MonitoringResources": {RESOURCES},
            "BaselineConfig": {{"StatisticsResource": {{"S3Uri": "s3://in/statistics"}}}},
            "MonitoringAppSpecification": {{"ImageUri": "image:1", "RecordPreprocessorSourceUri": "s3://in/script"}},
            "Environment": {{"password": "hunter2"}}}}}}"#
    );
    let mut all: Vec<(&str, String)> = vec![("inline", inline), ("twin", naming("DataQuality", "def"))];
    all.extend(MONITORED.map(|(kind, _)| (kind, naming(kind, "def"))));
    schedules(aws, &all);
    for (kind, source) in MONITORED {
        let more = match kind {
            "DataQuality" | "ModelQuality" => r#""PostAnalyticsProcessorSourceUri": "s3://in/script""#,
            _ => r#""ConfigUri": "s3://in/config""#,
        };
        let truth = match kind {
            "ModelQuality" | "ModelBias" => r#", "GroundTruthS3Input": {"S3Uri": "s3://in/truth"}"#,
            _ => "",
        };
        aws.answer(
            source,
            Answer::json(format!(
                r#"{{"JobDefinitionArn": "arn:{kind}", "JobDefinitionName": "def", "CreationTime": 0, "RoleArn": "arn:role",
                    {NETWORK}, "JobResources": {RESOURCES}, "{kind}JobOutputConfig": {OUTPUT},
                    "{kind}JobInput": {{{CAPTURED}{truth}}},
                    "{kind}BaselineConfig": {{"ConstraintsResource": {{"S3Uri": "s3://in/constraints"}}}},
                    "{kind}AppSpecification": {{"ImageUri": "image:{kind}", {more}, "Environment": {{"a": "hunter2"}}}}}}"#
            )),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn definitions_are_kept_inline_or_followed_by_their_names_once() {
    let (aws, reader) = (aws(), reader_of(&READS));
    let found = filled(&aws, &reader).await;
    assert_eq!(aws.unanswered(), []);
    assert!(found.monitoring_schedules.is_whole());
    assert_eq!(found.monitoring_schedules.len(), 6);
    let listed = found.monitoring_schedules.get("twin").unwrap().unwrap();
    assert_eq!((listed.status.as_deref(), listed.arn.as_str()), (Some("Stopped"), arn("twin").as_str()));
    assert!(listed.tags.is_seen());
    let twin = body(&found.monitoring_schedules, "twin");
    assert_eq!(twin.definition_id().as_deref(), Some("DataQuality/def"));
    assert_eq!((twin.endpoint.as_deref(), twin.inline.as_ref()), (Some("ep-1"), None));

    let inline = body(&found.monitoring_schedules, "inline").inline.as_ref().unwrap();
    let named: Vec<_> = found.monitoring_definitions.keys().map(String::as_str).collect();
    assert_eq!(named, ["DataQuality/def", "ModelBias/def", "ModelExplainability/def", "ModelQuality/def"]);
    let followed = |kind: &str| found.monitoring_definitions[&format!("{kind}/def")].sight().unwrap().as_ref().unwrap();
    let all = MONITORED.map(|(kind, _)| (kind, followed(kind)));
    for (what, definition) in all.into_iter().chain([("inline", inline)]) {
        assert!(definition.network_isolation && definition.inter_container_encryption, "{what}");
        let vpc = definition.vpc.as_ref().unwrap();
        assert_eq!((vpc.subnets.join(" "), vpc.groups.join(" ")), ("subnet-a subnet-b".to_owned(), "sg-1".to_owned()));
        let instances = Some(InstanceGroup { instance_type: "ml.m5.large".to_owned(), count: 2 });
        assert_eq!(definition.instances, instances, "{what}");
        assert_eq!(
            (definition.role_arn.as_deref(), definition.volume_key.as_deref(), definition.output_key.as_deref()),
            (Some("arn:role"), Some("alias/volumes"), Some("alias/output")),
            "{what}"
        );
        assert_eq!(definition.output_uris, ["s3://out/x", "s3://out/y"], "{what}");
    }
    let inputs = |kind: &str| followed(kind).input_uris.join(" ").replace("s3://in/", "");
    assert_eq!(inline.input_uris.join(" ").replace("s3://in/", ""), "captured script statistics");
    assert_eq!(inputs("DataQuality"), "captured constraints script");
    assert_eq!(inputs("ModelQuality"), "captured constraints script truth");
    assert_eq!(inputs("ModelBias"), "captured config constraints truth");
    assert_eq!(inputs("ModelExplainability"), "captured config constraints");
    assert_eq!(followed("ModelBias").image.as_deref(), Some("image:ModelBias"));
    assert!(MONITORED.iter().all(|(_, source)| aws.calls_of(source) == 1));
    assert!(!format!("{found:?}").contains("hunter2"), "no environment");
}

#[tokio::test(start_paused = true)]
async fn what_is_not_set_is_off_and_what_is_gone_or_refused_says_so() {
    let (aws, reader) = (aws(), reader_of(&READS));
    for (_, source) in MONITORED {
        aws.forget(source);
    }
    let bare = r#"{"JobDefinitionArn": "arn", "JobResources": {"ClusterConfig": {}}}"#;
    aws.answer(&DATA_QUALITY_DEFINITION, Answer::json(bare));
    // Without a cluster it would seem to have no key.
    aws.answer(&MODEL_QUALITY_DEFINITION, Answer::json(r#"{"JobDefinitionArn": "arn"}"#));
    aws.answer(&MODEL_BIAS_DEFINITION, Answer::error(400, "ResourceNotFound", "gone"));
    aws.answer(&MODEL_EXPLAINABILITY_DEFINITION, Answer::error(400, "AccessDeniedException", "no"));
    let found = filled(&aws, &reader).await;
    let read = |kind: &str| &found.monitoring_definitions[&format!("{kind}/def")];
    assert_eq!(*read("DataQuality"), Read::Seen(Some(Default::default())));
    assert_eq!(*read("ModelBias"), Read::Seen(None));
    for (kind, why) in [("ModelQuality", Why::Failed), ("ModelExplainability", Why::Denied)] {
        let gap = read(kind).sight().unwrap_err();
        assert_eq!((gap.why, gap.target.as_deref()), (why, Some("def")), "{kind}");
    }

    let (aws, reader) = (super::aws(), reader_of(&READS));
    aws.fault(&SCHEDULE, Fault::Error(400, "ResourceNotFound".to_owned(), String::new()));
    let found = filled(&aws, &reader).await;
    assert_eq!(found.monitoring_schedules.get("twin").unwrap().unwrap().body, Read::Seen(None));
    assert!(found.monitoring_definitions.is_empty());

    let (aws, reader) = (super::aws(), reader_of(&READS));
    aws.fault_calls(&SCHEDULES, 1.., Fault::Denied);
    let found = filled(&aws, &reader).await;
    assert_eq!(found.monitoring_schedules.gap().map(|gap| gap.why), Some(Why::Truncated));
    assert_eq!(ids(&found.monitoring_schedules), ["DataQuality", "inline", "twin"]);
}

#[tokio::test(start_paused = true)]
async fn a_definition_of_a_kind_that_is_not_known_is_not_asked_for_and_not_absent() {
    let (aws, reader) = (aws(), reader_of(&READS));
    let nameless = r#"{"MonitoringJobDefinitionName": "def"}"#.to_owned();
    schedules(&aws, &[("new", naming("Mood", "a/b")), ("none", nameless), ("empty", "{}".to_owned())]);
    let found = filled(&aws, &reader).await;
    let gaps: Vec<_> =
        found.monitoring_definitions.iter().map(|(id, read)| (id.as_str(), read.sight().unwrap_err().why)).collect();
    assert_eq!(gaps, [("/def", Why::Failed), ("Mood/a/b", Why::Failed)]);
    assert!(MONITORED.iter().all(|(_, source)| aws.calls_of(source) == 0));
    assert_eq!(
        *body(&found.monitoring_schedules, "empty"),
        Schedule { endpoint: Some("ep-1".to_owned()), ..Schedule::default() }
    );
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_each_read_blinds_that_read_alone() {
    each_fault(&READS[..6], &READS, |_| ()).await;
}
