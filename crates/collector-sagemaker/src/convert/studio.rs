//! User profiles, spaces, and what domains and notebook instances are set to. Of scripts only a hash leaves this file.

use std::collections::BTreeMap;

use aws_sdk_sagemaker::operation::describe_code_repository::DescribeCodeRepositoryOutput;
use aws_sdk_sagemaker::operation::describe_domain::DescribeDomainOutput;
use aws_sdk_sagemaker::operation::describe_notebook_instance::DescribeNotebookInstanceOutput;
use aws_sdk_sagemaker::operation::describe_notebook_instance_lifecycle_config::DescribeNotebookInstanceLifecycleConfigOutput;
use aws_sdk_sagemaker::operation::describe_space::DescribeSpaceOutput;
use aws_sdk_sagemaker::operation::describe_user_profile::DescribeUserProfileOutput;
use aws_sdk_sagemaker::types as aws;
use aws_smithy_types::base64;
use plumbline_collector::{Missing, moment};
use plumbline_snapshot::sagemaker::KeyedOutput;
use plumbline_snapshot::sagemaker::studio::{
    Canvas, CodeRepository, Docker, DomainSettings, FileSystem, InDomain, LifecycleConfig, SPACE, Sharing, Software,
    Space, USER_PROFILE, UserProfile, UserSettings,
};
use sha2::{Digest, Sha256};

use super::{sorted, text};

/// A listed user profile.
pub(crate) fn listed_user_profile(item: &aws::UserProfileDetails) -> Option<(String, InDomain<UserProfile>)> {
    let (domain, name) = (text(item.domain_id())?, text(item.user_profile_name())?);
    let mut found = InDomain::listed(&domain, &name, &USER_PROFILE);
    found.status = text(item.status().map(aws::UserProfileStatus::as_str));
    found.created = item.creation_time().and_then(moment);
    found.modified = item.last_modified_time().and_then(moment);
    Some((InDomain::<UserProfile>::id(&domain, &name), found))
}

/// A listed space.
pub(crate) fn listed_space(item: &aws::SpaceDetails) -> Option<(String, InDomain<Space>)> {
    let (domain, name) = (text(item.domain_id())?, text(item.space_name())?);
    let mut found = InDomain::listed(&domain, &name, &SPACE);
    found.status = text(item.status().map(aws::SpaceStatus::as_str));
    found.created = item.creation_time().and_then(moment);
    found.modified = item.last_modified_time().and_then(moment);
    Some((InDomain::<Space>::id(&domain, &name), found))
}

/// A user profile.
pub(crate) fn user_profile(answer: &DescribeUserProfileOutput) -> UserProfile {
    UserProfile {
        arn: text(answer.user_profile_arn()),
        settings: answer.user_settings().map(user_settings).unwrap_or_default(),
    }
}

fn user_settings(settings: &aws::UserSettings) -> UserSettings {
    UserSettings {
        role_arn: text(settings.execution_role()),
        // The accessors cannot tell a list that is absent from one that is empty.
        groups: settings.security_groups.as_deref().map(sorted),
        sharing: settings.sharing_settings().map(sharing),
        file_systems: settings.custom_file_system_configs.as_deref().map(configured_file_systems),
        canvas: settings.canvas_app_settings().map(canvas),
    }
}

fn sharing(settings: &aws::SharingSettings) -> Sharing {
    Sharing {
        notebook_output: text(settings.notebook_output_option().map(aws::NotebookOutputOption::as_str)),
        output: KeyedOutput { uri: text(settings.s3_output_path()), kms_key: text(settings.s3_kms_key_id()) },
    }
}

fn canvas(settings: &aws::CanvasAppSettings) -> Canvas {
    let forecasting = settings.time_series_forecasting_settings();
    let register = settings.model_register_settings();
    let serverless = settings.emr_serverless_settings();
    let generative = settings.generative_ai_settings();
    let features = [
        ("TimeSeriesForecasting", forecasting.and_then(aws::TimeSeriesForecastingSettings::status)),
        ("ModelRegister", register.and_then(aws::ModelRegisterSettings::status)),
        ("DirectDeploy", settings.direct_deploy_settings().and_then(aws::DirectDeploySettings::status)),
        ("Kendra", settings.kendra_settings().and_then(aws::KendraSettings::status)),
        ("EmrServerless", serverless.and_then(aws::EmrServerlessSettings::status)),
    ];
    let features = features.into_iter().map(|(name, status)| (name.to_owned(), status));
    let sources = settings.identity_provider_o_auth_settings().iter().map(|source| {
        let name = source.data_source_name().map(aws::DataSourceName::as_str).unwrap_or_default();
        (format!("OAuth/{name}"), source.status())
    });
    let roles = [
        ("AmazonForecastRoleArn", forecasting.and_then(aws::TimeSeriesForecastingSettings::amazon_forecast_role_arn)),
        (
            "CrossAccountModelRegisterRoleArn",
            register.and_then(aws::ModelRegisterSettings::cross_account_model_register_role_arn),
        ),
        ("AmazonBedrockRoleArn", generative.and_then(aws::GenerativeAiSettings::amazon_bedrock_role_arn)),
        ("EmrServerlessRoleArn", serverless.and_then(aws::EmrServerlessSettings::execution_role_arn)),
    ];
    Canvas {
        features: features
            .chain(sources)
            .filter_map(|(name, status)| Some((name, text(status.map(aws::FeatureStatus::as_str))?)))
            .collect::<BTreeMap<_, _>>(),
        roles: roles.into_iter().filter_map(|(name, arn)| Some((name.to_owned(), text(arn)?))).collect(),
        workspace: settings.workspace_settings().map(|workspace| KeyedOutput {
            uri: text(workspace.s3_artifact_path()),
            kms_key: text(workspace.s3_kms_key_id()),
        }),
    }
}

/// What a profile or a domain mounts.
fn configured_file_systems(items: &[aws::CustomFileSystemConfig]) -> Vec<FileSystem> {
    let mut found: Vec<FileSystem> = items
        .iter()
        .map(|item| match item {
            aws::CustomFileSystemConfig::EfsFileSystemConfig(it) => {
                file_system("EFS", it.file_system_id(), it.file_system_path())
            }
            aws::CustomFileSystemConfig::FSxLustreFileSystemConfig(it) => {
                file_system("FSxLustre", it.file_system_id(), it.file_system_path())
            }
            aws::CustomFileSystemConfig::S3FileSystemConfig(it) => file_system("S3", it.s3_uri(), it.mount_path()),
            _ => file_system("unknown", None, None),
        })
        .collect();
    found.sort();
    found
}

/// What a space mounts.
fn file_systems(items: &[aws::CustomFileSystem]) -> Vec<FileSystem> {
    let mut found: Vec<FileSystem> = items
        .iter()
        .map(|item| match item {
            aws::CustomFileSystem::EfsFileSystem(it) => file_system("EFS", it.file_system_id(), None),
            aws::CustomFileSystem::FSxLustreFileSystem(it) => file_system("FSxLustre", it.file_system_id(), None),
            aws::CustomFileSystem::S3FileSystem(it) => file_system("S3", it.s3_uri(), None),
            _ => file_system("unknown", None, None),
        })
        .collect();
    found.sort();
    found
}

fn file_system(kind: &str, id: Option<&str>, path: Option<&str>) -> FileSystem {
    FileSystem { kind: kind.to_owned(), id: id.unwrap_or_default().to_owned(), path: text(path) }
}

/// A space.
pub(crate) fn space(answer: &DescribeSpaceOutput) -> Space {
    let settings = answer.space_settings();
    Space {
        arn: text(answer.space_arn()),
        owner: answer.ownership_settings().and_then(|it| text(it.owner_user_profile_name())),
        sharing: answer.space_sharing_settings().and_then(|it| text(it.sharing_type().map(aws::SharingType::as_str))),
        app_type: settings.and_then(|it| text(it.app_type().map(aws::AppType::as_str))),
        remote_access: settings.and_then(|it| text(it.remote_access().map(aws::FeatureStatus::as_str))),
        file_systems: settings.and_then(|it| it.custom_file_systems.as_deref()).map(file_systems),
    }
}

/// The settings of a domain beside those that [`super::domain`] keeps.
pub(super) fn settings(answer: &DescribeDomainOutput) -> DomainSettings {
    let (settings, user, space) =
        (answer.domain_settings(), answer.default_user_settings(), answer.default_space_settings());
    let status = |status: Option<&aws::FeatureStatus>| text(status.map(aws::FeatureStatus::as_str));
    DomainSettings {
        role_identity: settings
            .and_then(|it| text(it.execution_role_identity_config().map(aws::ExecutionRoleIdentityConfig::as_str))),
        identity_propagation: settings
            .and_then(aws::DomainSettings::trusted_identity_propagation_settings)
            .and_then(|it| status(it.status())),
        docker: settings.and_then(aws::DomainSettings::docker_settings).map(|docker| Docker {
            access: status(docker.enable_docker_access()),
            trusted_accounts: docker.vpc_only_trusted_accounts().iter().cloned().collect(),
            rootless: status(docker.rootless_docker()),
        }),
        ip_address_type: settings.and_then(|it| text(it.ip_address_type().map(aws::IpAddressType::as_str))),
        user_sharing: user.and_then(aws::UserSettings::sharing_settings).map(sharing),
        user_file_systems: user.map(|it| configured_file_systems(it.custom_file_system_configs())).unwrap_or_default(),
        user_canvas: user.and_then(aws::UserSettings::canvas_app_settings).map(canvas),
        space_file_systems: space
            .map(|it| configured_file_systems(it.custom_file_system_configs()))
            .unwrap_or_default(),
    }
}

/// What a notebook instance runs on and starts with.
pub(super) fn software(answer: &DescribeNotebookInstanceOutput) -> Software {
    let metadata = answer.instance_metadata_service_configuration();
    let repositories = answer
        .default_code_repository()
        .into_iter()
        .chain(answer.additional_code_repositories().iter().map(String::as_str))
        .filter(|repository| !repository.is_empty());
    Software {
        metadata_version: metadata.and_then(|it| text(it.minimum_instance_metadata_service_version())),
        platform: text(answer.platform_identifier()),
        ip_address_type: text(answer.ip_address_type().map(aws::IpAddressType::as_str)),
        repositories: repositories.map(plain_url).collect(),
    }
}

/// A lifecycle configuration.
///
/// # Errors
/// A script that is not in base64: its hash is not known.
pub(crate) fn lifecycle_config(
    answer: &DescribeNotebookInstanceLifecycleConfigOutput,
) -> Result<LifecycleConfig, Missing> {
    let mut hash = Sha256::new();
    for hook in answer.on_create().iter().chain(answer.on_start()) {
        // Some encoders break lines.
        let content: String = hook.content().unwrap_or_default().split_ascii_whitespace().collect();
        hash.update(base64::decode(content).map_err(|_| Missing("Content"))?);
    }
    Ok(LifecycleConfig {
        modified: answer.last_modified_time().and_then(moment),
        sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

/// A code repository. Neither its secret nor its branch.
pub(crate) fn code_repository(answer: &DescribeCodeRepositoryOutput) -> CodeRepository {
    let url = answer.git_config().and_then(|config| text(config.repository_url()));
    CodeRepository { url: url.as_deref().map(plain_url) }
}

/// A URL without user, password, query and fragment, which may be secrets; a name as it is.
fn plain_url(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_keeps_no_secret() {
        for (written, kept) in [
            ("https://github.com/team/code.git", "https://github.com/team/code.git"),
            ("https://ana:hunter2@github.com/team/code", "https://github.com/team/code"),
            ("https://a@b:hunter2@example.com:8443", "https://example.com:8443"),
            ("https://example.com/team/a@b?token=hunter2#x", "https://example.com/team/a@b"),
            ("https://example.com?token=hunter2/x", "https://example.com"),
            ("team-code", "team-code"),
            ("://", "://"),
        ] {
            assert_eq!(plain_url(written), kept);
        }
    }

    fn hashed(create: &[&str], start: &[&str]) -> Result<String, Missing> {
        let hooks = |scripts: &[&str]| {
            let hook = |script: &&str| aws::NotebookInstanceLifecycleHook::builder().content(*script).build();
            Some(scripts.iter().map(hook).collect())
        };
        let answer = DescribeNotebookInstanceLifecycleConfigOutput::builder()
            .set_on_create(hooks(create))
            .set_on_start(hooks(start))
            .build();
        lifecycle_config(&answer).map(|config| config.sha256)
    }

    #[test]
    fn scripts_are_hashed_decoded_and_in_order() {
        // `abc` by FIPS 180-2, whole and in parts.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hashed(&["YWJj"], &[]), Ok(abc.to_owned()));
        assert_eq!(hashed(&[], &["YW\nJj\n"]), Ok(abc.to_owned()));
        assert_eq!(hashed(&["YQ=="], &["YmM="]), Ok(abc.to_owned()));
        assert_ne!(hashed(&["YmM="], &["YQ=="]), Ok(abc.to_owned()));
        assert_eq!(hashed(&[], &[]).unwrap().get(..8), Some("e3b0c442"));
        assert_eq!(hashed(&["YWJj"], &["no base64!"]), Err(Missing("Content")));
    }

    #[test]
    fn absent_is_not_empty() {
        let none = aws::UserSettings::builder().build();
        assert_eq!(user_settings(&none), UserSettings::default());
        let empty = aws::UserSettings::builder()
            .set_security_groups(Some(Vec::new()))
            .set_custom_file_system_configs(Some(Vec::new()))
            .sharing_settings(aws::SharingSettings::builder().build())
            .canvas_app_settings(aws::CanvasAppSettings::builder().build())
            .build();
        let found = user_settings(&empty);
        assert_eq!((found.groups, found.file_systems), (Some(Vec::new()), Some(Vec::new())));
        assert_eq!((found.sharing, found.canvas), (Some(Sharing::default()), Some(Canvas::default())));
    }

    #[test]
    fn canvas_shows_what_is_on_and_whom_it_trusts() {
        let on = aws::FeatureStatus::Enabled;
        let settings = aws::CanvasAppSettings::builder()
            .kendra_settings(aws::KendraSettings::builder().status(on.clone()).build())
            .direct_deploy_settings(aws::DirectDeploySettings::builder().status(aws::FeatureStatus::Disabled).build())
            .model_register_settings(
                aws::ModelRegisterSettings::builder().cross_account_model_register_role_arn("arn:other").build(),
            )
            .identity_provider_o_auth_settings(
                aws::IdentityProviderOAuthSetting::builder()
                    .data_source_name(aws::DataSourceName::Snowflake)
                    .status(on)
                    .secret_arn("arn:secret")
                    .build(),
            )
            .build();
        let found = canvas(&settings);
        let features: Vec<_> = found.features.iter().map(|(name, status)| format!("{name}={status}")).collect();
        assert_eq!(features, ["DirectDeploy=DISABLED", "Kendra=ENABLED", "OAuth/Snowflake=ENABLED"]);
        assert_eq!(found.roles, [("CrossAccountModelRegisterRoleArn".to_owned(), "arn:other".to_owned())].into());
        assert!(!format!("{found:?}").contains("arn:secret"));
    }
}
