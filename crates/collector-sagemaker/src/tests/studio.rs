//! User profiles, spaces, and what notebook instances refer to.

use std::time::Duration;

use plumbline_collector::replay::Replay;
use plumbline_snapshot::sagemaker::studio::{
    self, FileSystem, InDomain, LIFECYCLE_CONFIG, SPACE, SPACES, USER_PROFILE, USER_PROFILES,
};
use plumbline_snapshot::sagemaker::{NOTEBOOK, NOTEBOOKS};
use tokio::time::Instant;

use super::*;

/// What is asked here: no other kind of SageMaker.
const READS: [&Source; 6] =
    [&USER_PROFILES, &USER_PROFILE, &SPACES, &SPACE, &LIFECYCLE_CONFIG, &studio::CODE_REPOSITORY];

fn listed(kind: &str, domain: &str, name: &str) -> String {
    format!(
        r#"{{"DomainId": "{domain}", "{kind}Name": "{name}", "Status": "InService", "CreationTime": 1780000000.0,
            "LastModifiedTime": 1780000060.0}}"#
    )
}

fn described(kind: &str, domain: &str, name: &str, more: &str) -> Answer {
    let path = format!("arn:aws:sagemaker:eu-west-1:111122223333:x/{domain}/{name}");
    Answer::json(format!(r#"{{"DomainId": "{domain}", "{kind}Name": "{name}", "{kind}Arn": "{path}", {more}}}"#))
        .when(&format!(r#""DomainId":"{domain}""#))
        .when(&format!(r#""{kind}Name":"{name}""#))
}

/// Two domains with a profile of the same name in each, in three pages of which one is empty.
pub(super) fn answers(aws: &Replay) {
    let profile = |domain: &str| listed("UserProfile", domain, "ana");
    let pages = |items: &[String], token| page("UserProfiles", items, token);
    aws.answer(&USER_PROFILES, pages(&[profile("d-1")], Some("two")));
    aws.answer(&USER_PROFILES, pages(&[], Some("three")).when(r#""NextToken":"two""#));
    aws.answer(&USER_PROFILES, pages(&[profile("d-2")], None).when(r#""NextToken":"three""#));
    let settings = r#""UserSettings": {"ExecutionRole": "arn:role", "SecurityGroups": [],
        "SharingSettings": {"NotebookOutputOption": "Allowed", "S3OutputPath": "s3://shared/x", "S3KmsKeyId": "alias/s"},
        "CustomFileSystemConfigs": [{"EFSFileSystemConfig": {"FileSystemId": "fs-2", "FileSystemPath": "/x"}},
                                    {"NewFileSystemConfig": {"FileSystemId": "fs-1"}}],
        "CanvasAppSettings": {"DirectDeploySettings": {"Status": "ENABLED"}}}"#;
    aws.answer(&USER_PROFILE, described("UserProfile", "d-1", "ana", settings));
    aws.answer(&USER_PROFILE, described("UserProfile", "d-2", "ana", r#""Status": "InService""#));
    aws.answer(&SPACES, page("Spaces", &[listed("Space", "d-1", "lab"), listed("Space", "d-2", "lab")], None));
    let settings = r#""SpaceSettings": {"AppType": "JupyterLab", "RemoteAccess": "ENABLED",
        "CustomFileSystems": [{"S3FileSystem": {"S3Uri": "s3://mounted/x"}}]},
        "OwnershipSettings": {"OwnerUserProfileName": "ana"}, "SpaceSharingSettings": {"SharingType": "Shared"}"#;
    aws.answer(&SPACE, described("Space", "d-1", "lab", settings));
    aws.answer(&SPACE, described("Space", "d-2", "lab", r#""SpaceSettings": {}"#));
    // `echo hunter2`, twice.
    aws.answer(
        &LIFECYCLE_CONFIG,
        Answer::json(
            r#"{"NotebookInstanceLifecycleConfigArn": "arn:lc-1", "NotebookInstanceLifecycleConfigName": "lc-1",
                "LastModifiedTime": 1780000000.0, "OnCreate": [{"Content": "ZWNobyBodW50ZXIyCg=="}],
                "OnStart": [{"Content": "ZWNobyBodW50ZXIyCg=="}]}"#,
        ),
    );
    aws.answer(
        &studio::CODE_REPOSITORY,
        Answer::json(
            r#"{"CodeRepositoryName": "team-code", "CodeRepositoryArn": "arn:team-code", "CreationTime": 0,
                "LastModifiedTime": 0,
                "GitConfig": {"RepositoryUrl": "https://ana:hunter2@example.com/team/code?t=hunter2",
                              "SecretArn": "arn:aws:secretsmanager:::secret:hunter2"}}"#,
        ),
    );
}

fn there<'a, T>(list: &'a Collected<InDomain<T>>, id: &str) -> &'a T {
    list.get(id).unwrap().unwrap().body.sight().unwrap().as_ref().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_name_counts_in_its_domain_and_absent_is_not_empty() {
    let (aws, reader) = (aws(), reader_of(&READS));
    let found = filled(&aws, &reader).await;
    assert_eq!(aws.unanswered(), []);
    assert!(found.user_profiles.is_whole() && found.spaces.is_whole());
    assert_eq!(ids(&found.user_profiles), ["d-1/ana", "d-2/ana"]);
    let listed = found.user_profiles.get("d-2/ana").unwrap().unwrap();
    assert_eq!((listed.domain_id.as_str(), listed.name.as_str()), ("d-2", "ana"));
    assert_eq!(
        (listed.status.as_deref(), listed.modified),
        (Some("InService"), Some(now() + SignedDuration::from_secs(60)))
    );

    let own = there(&found.user_profiles, "d-1/ana");
    assert_eq!(own.arn.as_deref(), Some("arn:aws:sagemaker:eu-west-1:111122223333:x/d-1/ana"));
    let settings = &own.settings;
    assert_eq!((settings.role_arn.as_deref(), settings.groups.as_deref()), (Some("arn:role"), Some(&[][..])));
    let sharing = settings.sharing.as_ref().unwrap();
    assert_eq!(
        (sharing.notebook_output.as_deref(), sharing.output.uri.as_deref(), sharing.output.kms_key.as_deref()),
        (Some("Allowed"), Some("s3://shared/x"), Some("alias/s"))
    );
    let file_system = |kind: &str, id: &str, path: Option<&str>| FileSystem {
        kind: kind.to_owned(),
        id: id.to_owned(),
        path: path.map(str::to_owned),
    };
    let mounted = settings.file_systems.as_deref().unwrap();
    assert_eq!(mounted, [file_system("EFS", "fs-2", Some("/x")), file_system("unknown", "", None)]);
    assert_eq!(settings.canvas.as_ref().unwrap().features["DirectDeploy"], "ENABLED");
    assert_eq!(there(&found.user_profiles, "d-2/ana").settings, studio::UserSettings::default(), "all inherited");

    let lab = there(&found.spaces, "d-1/lab");
    assert_eq!(
        (lab.owner.as_deref(), lab.sharing.as_deref(), lab.app_type.as_deref(), lab.remote_access.as_deref()),
        (Some("ana"), Some("Shared"), Some("JupyterLab"), Some("ENABLED"))
    );
    assert_eq!(lab.file_systems.as_deref(), Some(&[file_system("S3", "s3://mounted/x", None)][..]));
    assert_eq!(there(&found.spaces, "d-2/lab").file_systems, None);
    let asked = aws.requests().into_iter().find(|request| request.operation.name() == "ListUserProfiles").unwrap();
    assert!(asked.text.contains(r#""MaxResults":100"#), "{}", asked.text);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_has_no_body_and_what_is_refused_is_a_gap() {
    let (aws, reader) = (aws(), reader_of(&READS));
    aws.fault(&USER_PROFILE, Fault::Error(400, "ResourceNotFound".to_owned(), "gone".to_owned()));
    aws.fault(&SPACE, Fault::Denied);
    let found = filled(&aws, &reader).await;
    assert_eq!(found.user_profiles.get("d-1/ana").unwrap().unwrap().body, Read::Seen(None));
    let gap = found.spaces.get("d-2/lab").unwrap().unwrap().body.sight().unwrap_err();
    assert_eq!((gap.operation.name(), gap.why, gap.target.as_deref()), ("DescribeSpace", Why::Denied, Some("d-2/lab")));

    let (aws, reader) = (super::aws(), reader_of(&READS));
    aws.fault_calls(&USER_PROFILES, 1.., Fault::Denied);
    aws.fault(&SPACES, Fault::Denied);
    let found = filled(&aws, &reader).await;
    assert_eq!(found.user_profiles.gap().map(|gap| gap.why), Some(Why::Truncated));
    assert_eq!(
        there(&found.user_profiles, "d-1/ana").settings.role_arn.as_deref(),
        Some("arn:role"),
        "what was listed"
    );
    assert!(found.user_profiles.get("d-2/ana").is_err() && found.spaces.get("d-1/lab").is_err());
    assert_eq!(found.spaces.gap().map(|gap| gap.why), Some(Why::Denied));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_repeats_itself_is_no_whole_list() {
    let aws = Replay::new();
    aws.answer(&SPACES, page("Spaces", &[listed("Space", "d-1", "lab")], Some("again")));
    aws.answer(&USER_PROFILES, page("UserProfiles", &[], None));
    let found = filled(&aws, &reader_of(&[&SPACES, &USER_PROFILES])).await;
    assert_eq!(found.spaces.gap().map(|gap| gap.why), Some(Why::Truncated));
    assert_eq!(ids(&found.spaces), ["d-1/lab"]);
    assert!(found.user_profiles.is_whole() && found.user_profiles.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_second_fill_asks_only_what_is_open() {
    let aws = Replay::new();
    let names: Vec<String> = (0..20).map(|number| format!("user-{number:02}")).collect();
    let items: Vec<String> = names.iter().map(|name| listed("UserProfile", "d-1", name)).collect();
    aws.answer(&USER_PROFILES, page("UserProfiles", &items, None));
    for name in &names {
        aws.answer(&USER_PROFILE, described("UserProfile", "d-1", name, r#""UserSettings": {}"#));
    }
    aws.take_time(Duration::from_secs(1));
    let plan = Arc::new(reader_of(&READS).plan().clone());
    let deadline = Some(Instant::now() + Duration::from_millis(2500));
    let hurried = Reader::new(plan, Share::OFF, deadline).in_region(&REGION.parse().unwrap());
    let mut found = filled(&aws, &hurried).await;
    let body = |found: &SageMaker, id: &str| found.user_profiles.get(id).unwrap().unwrap().body.clone();
    let (seen, open): (Vec<_>, Vec<_>) = names.iter().partition(|name| body(&found, &format!("d-1/{name}")).is_seen());
    assert!(!seen.is_empty() && !open.is_empty(), "{seen:?}");
    let gap = body(&found, &format!("d-1/{}", open[0])).sight().unwrap_err().clone();
    assert_eq!(gap.why, Why::OutOfTime);

    let before = aws.requests().len();
    SageMakerCollector::new(&aws.config(REGION)).fill(&reader_of(&READS), &mut found).await;
    let again = aws.requests().split_off(before);
    let profiles: Vec<_> = again.iter().filter(|request| request.operation.name() == "DescribeUserProfile").collect();
    assert_eq!(profiles.len(), open.len());
    assert!(seen.iter().all(|name| profiles.iter().all(|request| !request.text.contains(name.as_str()))));
    assert!(again.iter().all(|request| request.operation.name() != "ListUserProfiles"));
    assert_eq!(found.user_profiles, filled(&aws.fresh(), &reader_of(&READS)).await.user_profiles);
}

/// Notebook instances that start with this software.
fn notebooks(aws: &Replay, software: &[&str]) {
    aws.forget(&NOTEBOOKS);
    aws.forget(&NOTEBOOK);
    let arn = |name: &str| format!("arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/{name}");
    let mut items = Vec::new();
    for (number, software) in software.iter().enumerate() {
        let name = format!("nb-{number}");
        items.push(format!(r#"{{"NotebookInstanceName": "{name}", "NotebookInstanceArn": "{}"}}"#, arn(&name)));
        let answer = Answer::json(format!(r#"{{"NotebookInstanceArn": "{}", {software}}}"#, arn(&name)));
        aws.answer(&NOTEBOOK, answer.when(&format!("\"{name}\"")));
    }
    aws.answer(&NOTEBOOKS, page("NotebookInstances", &items, None));
}

fn with_notebooks() -> Vec<&'static Source> {
    READS.into_iter().chain([&NOTEBOOKS, &NOTEBOOK]).collect()
}

#[tokio::test(start_paused = true)]
async fn software_is_followed_once_and_no_script_or_secret_is_kept() {
    let (aws, reader) = (aws(), reader_of(&with_notebooks()));
    notebooks(
        &aws,
        &[
            r#""NotebookInstanceLifecycleConfigName": "lc-1", "DefaultCodeRepository": "team-code",
               "AdditionalCodeRepositories": ["https://bo:hunter2@example.org/x"], "PlatformIdentifier": "notebook-al2-v3",
               "IpAddressType": "dualstack",
               "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"}"#,
            r#""NotebookInstanceLifecycleConfigName": "lc-1", "AdditionalCodeRepositories": ["team-code"]"#,
        ],
    );
    let found = filled(&aws, &reader).await;
    let software = body(&found.notebooks, "nb-0").software.sight().unwrap();
    assert_eq!(
        (software.metadata_version.as_deref(), software.platform.as_deref(), software.ip_address_type.as_deref()),
        (Some("2"), Some("notebook-al2-v3"), Some("dualstack"))
    );
    assert!(software.repositories.iter().eq(["https://example.org/x", "team-code"]));
    assert_eq!(body(&found.notebooks, "nb-1").software.sight().unwrap().metadata_version, None);
    assert_eq!((aws.calls_of(&LIFECYCLE_CONFIG), aws.calls_of(&studio::CODE_REPOSITORY)), (1, 1));
    let config = found.lifecycle_configs["lc-1"].sight().unwrap().as_ref().unwrap();
    // Of `echo hunter2` twice, each with its line break.
    assert_eq!(config.sha256, "3036ef906636869198b1f0baa551df0b43aacbe5809211eb398455d6bab3e9d7");
    let repository = found.code_repositories["team-code"].sight().unwrap().as_ref().unwrap();
    assert_eq!(repository.url.as_deref(), Some("https://example.com/team/code"));
    let all = format!("{found:?}");
    assert!(!all.contains("hunter2") && !all.contains("ZWNo"), "neither script nor secret");
}

#[tokio::test(start_paused = true)]
async fn software_that_is_gone_refused_or_odd() {
    let software = r#""NotebookInstanceLifecycleConfigName": "lc-1", "DefaultCodeRepository": "team-code""#;
    let (aws, reader) = (aws(), reader_of(&with_notebooks()));
    notebooks(&aws, &[software]);
    let gone = "Could not find NotebookInstanceLifecycleConfig";
    aws.fault(&LIFECYCLE_CONFIG, Fault::Error(400, "ValidationException".to_owned(), gone.to_owned()));
    aws.fault(&studio::CODE_REPOSITORY, Fault::Denied);
    let mut found = filled(&aws, &reader).await;
    assert_eq!(found.lifecycle_configs["lc-1"], Read::Seen(None));
    let gap = found.code_repositories["team-code"].sight().unwrap_err();
    assert_eq!((gap.why, gap.target.as_deref()), (Why::Denied, Some("team-code")));
    aws.heal();
    let before = aws.requests().len();
    SageMakerCollector::new(&aws.config(REGION)).fill(&reader, &mut found).await;
    assert_eq!(aws.requests().len(), before, "what was refused is not asked again");

    let (aws, reader) = (super::aws(), reader_of(&with_notebooks()));
    notebooks(&aws, &[software]);
    aws.forget(&LIFECYCLE_CONFIG);
    let odd = r#"{"NotebookInstanceLifecycleConfigArn": "arn:lc-1", "OnStart": [{"Content": "hunter2 is no base64"}]}"#;
    aws.answer(&LIFECYCLE_CONFIG, Answer::json(odd));
    let found = filled(&aws, &reader).await;
    let gap = found.lifecycle_configs["lc-1"].sight().unwrap_err();
    assert_eq!((gap.why, gap.target.as_deref()), (Why::Failed, Some("lc-1")));
    assert!(!format!("{found:?}").contains("hunter2"));

    // Not planned: known to be there, and not read.
    let aws = super::aws();
    notebooks(&aws, &[software]);
    let found = filled(&aws, &reader_of(&[&NOTEBOOKS, &NOTEBOOK])).await;
    assert_eq!(found.lifecycle_configs["lc-1"].sight().unwrap_err().why, Why::NotPlanned);
}

#[tokio::test(start_paused = true)]
async fn a_domain_has_its_further_settings() {
    let aws = aws();
    aws.forget(&sagemaker::DOMAIN);
    let settings = r#"{"DomainArn": "arn:aws:sagemaker:eu-west-1:111122223333:domain/d-1", "DomainSettings": {
        "ExecutionRoleIdentityConfig": "USER_PROFILE_NAME", "IpAddressType": "ipv4",
        "TrustedIdentityPropagationSettings": {"Status": "ENABLED"},
        "DockerSettings": {"EnableDockerAccess": "ENABLED", "VpcOnlyTrustedAccounts": ["222233334444"],
                           "RootlessDocker": "DISABLED"}},
        "DefaultUserSettings": {"SharingSettings": {"NotebookOutputOption": "Allowed", "S3KmsKeyId": "key-9"},
            "CanvasAppSettings": {"GenerativeAiSettings": {"AmazonBedrockRoleArn": "arn:bedrock"}},
            "CustomFileSystemConfigs": [{"FSxLustreFileSystemConfig": {"FileSystemId": "fs-7"}}]},
        "DefaultSpaceSettings": {"CustomFileSystemConfigs": [{"S3FileSystemConfig": {"S3Uri": "s3://b/x"}}]}}"#;
    aws.answer(&sagemaker::DOMAIN, Answer::json(settings));
    let found = filled(&aws, &reader_of(&[&sagemaker::DOMAINS, &sagemaker::DOMAIN])).await;
    let settings = body(&found.domains, "d-1").settings.sight().unwrap();
    assert_eq!(
        (
            settings.role_identity.as_deref(),
            settings.identity_propagation.as_deref(),
            settings.ip_address_type.as_deref()
        ),
        (Some("USER_PROFILE_NAME"), Some("ENABLED"), Some("ipv4"))
    );
    let docker = settings.docker.as_ref().unwrap();
    assert_eq!((docker.access.as_deref(), docker.rootless.as_deref()), (Some("ENABLED"), Some("DISABLED")));
    assert!(docker.trusted_accounts.iter().eq(["222233334444"]));
    assert_eq!(settings.user_sharing.as_ref().unwrap().output.kms_key.as_deref(), Some("key-9"));
    assert_eq!(settings.user_canvas.as_ref().unwrap().roles["AmazonBedrockRoleArn"], "arn:bedrock");
    assert_eq!(
        (settings.user_file_systems[0].id.as_str(), settings.space_file_systems[0].id.as_str()),
        ("fs-7", "s3://b/x")
    );
}

#[tokio::test(start_paused = true)]
async fn each_fault_of_each_read_blinds_that_read_alone() {
    each_fault(&READS, &with_notebooks(), |aws| {
        notebooks(aws, &[r#""NotebookInstanceLifecycleConfigName": "lc-1", "DefaultCodeRepository": "team-code""#]);
    })
    .await;
}
