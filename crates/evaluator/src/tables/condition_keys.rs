//! SageMaker's create and update actions and the condition keys they support (catalogue, section 9).
//!
//! An action's request never has a key that the action does not support: a condition on it meets a missing key. Service
//! Authorization Reference, "Actions, resources, and condition keys for Amazon SageMaker".

use plumbline_policy::{KeyKind, same_key};

/// Subnets, a set.
pub(crate) const VPC_SUBNETS: &str = "sagemaker:VpcSubnets";
/// Security groups, a set.
pub(crate) const VPC_SECURITY_GROUPS: &str = "sagemaker:VpcSecurityGroupIds";
/// The key of volumes, by its ARN.
pub(crate) const VOLUME_KEY: &str = "sagemaker:VolumeKmsKeyArn";
/// The key of what is written, by its ARN.
pub(crate) const OUTPUT_KEY: &str = "sagemaker:OutputKmsKeyArn";
/// Whether the containers of a job talk in cipher, a boolean.
pub(crate) const TRAFFIC_ENCRYPTION: &str = "sagemaker:InterContainerTrafficEncryption";
/// Whether containers have no network, a boolean.
pub(crate) const NETWORK_ISOLATION: &str = "sagemaker:NetworkIsolation";
/// `Enabled` or `Disabled`.
pub(crate) const DIRECT_INTERNET: &str = "sagemaker:DirectInternetAccess";
/// `Enabled` or `Disabled`.
pub(crate) const ROOT_ACCESS: &str = "sagemaker:RootAccess";
/// `PublicInternetOnly` or `VpcOnly`.
pub(crate) const APP_NETWORK: &str = "sagemaker:AppNetworkAccessType";
/// The key of a feature group's online store, by its ARN.
pub(crate) const ONLINE_STORE_KEY: &str = "sagemaker:FeatureGroupOnlineStoreKmsKeyArn";
/// The key of a feature group's offline store, by its ARN.
pub(crate) const OFFLINE_STORE_KEY: &str = "sagemaker:FeatureGroupOfflineStoreKmsKeyArn";

const INSTANCES: &str = "sagemaker:InstanceTypes";
const METADATA: &str = "sagemaker:MinimumInstanceMetadataServiceVersion";
const LIFECYCLE: &str = "sagemaker:NotebookInstanceLifecycleConfigArns";
const STUDIO_LIFECYCLE: &str = "sagemaker:StudioLifecycleConfigArns";
const SHARING_KEY: &str = "sagemaker:DomainSharingOutputKmsKeyArn";
const IMAGES: &str = "sagemaker:ImageArns";
const SHARING: &str = "sagemaker:SpaceSharingType";
const OWNER: &str = "sagemaker:OwnerUserProfileArn";
const REMOTE: &str = "sagemaker:RemoteAccess";
const REMOTE_DEBUG: &str = "sagemaker:EnableRemoteDebug";
const RUNTIME: &str = "sagemaker:MaxRuntimeInSeconds";
const KEEP_ALIVE: &str = "sagemaker:KeepAlivePeriod";
const MODEL: &str = "sagemaker:ModelArn";
const FILE_MODE: &str = "sagemaker:FileSystemAccessMode";
const FILE_PATH: &str = "sagemaker:FileSystemDirectoryPath";
const FILE_ID: &str = "sagemaker:FileSystemId";
const FILE_TYPE: &str = "sagemaker:FileSystemType";

/// One action.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    /// The action, with its prefix.
    pub(crate) action: &'static str,
    /// SageMaker's own keys that it supports, in their current spelling.
    keys: &'static [&'static str],
}

const fn row(action: &'static str, keys: &'static [&'static str]) -> Row {
    Row { action, keys }
}

/// What monitoring takes.
const MONITORING: &[&str] = &[
    VPC_SUBNETS,
    VPC_SECURITY_GROUPS,
    VOLUME_KEY,
    OUTPUT_KEY,
    TRAFFIC_ENCRYPTION,
    NETWORK_ISOLATION,
    INSTANCES,
    RUNTIME,
];
const AUTO_ML: &[&str] = &[VPC_SUBNETS, VPC_SECURITY_GROUPS, VOLUME_KEY, OUTPUT_KEY, TRAFFIC_ENCRYPTION];

/// The table.
pub(crate) const ACTIONS: &[Row] = &[
    row(
        "sagemaker:CreateNotebookInstance",
        &[VPC_SUBNETS, VPC_SECURITY_GROUPS, VOLUME_KEY, INSTANCES, DIRECT_INTERNET, ROOT_ACCESS, METADATA, LIFECYCLE],
    ),
    row("sagemaker:UpdateNotebookInstance", &[INSTANCES, ROOT_ACCESS, METADATA, LIFECYCLE]),
    row(
        "sagemaker:CreateDomain",
        &[VPC_SUBNETS, VPC_SECURITY_GROUPS, VOLUME_KEY, INSTANCES, APP_NETWORK, SHARING_KEY, IMAGES, STUDIO_LIFECYCLE],
    ),
    row("sagemaker:UpdateDomain", &[VPC_SUBNETS, VPC_SECURITY_GROUPS, INSTANCES, APP_NETWORK, SHARING_KEY]),
    row("sagemaker:CreateUserProfile", &[VPC_SECURITY_GROUPS, INSTANCES, SHARING_KEY]),
    row("sagemaker:UpdateUserProfile", &[VPC_SECURITY_GROUPS, INSTANCES, SHARING_KEY]),
    row("sagemaker:CreateSpace", &[INSTANCES, REMOTE, SHARING, OWNER]),
    row("sagemaker:UpdateSpace", &[INSTANCES, REMOTE, SHARING, OWNER]),
    row("sagemaker:CreateApp", &[INSTANCES, IMAGES, SHARING, OWNER]),
    row(
        "sagemaker:CreateTrainingJob",
        &[
            VPC_SUBNETS,
            VPC_SECURITY_GROUPS,
            VOLUME_KEY,
            OUTPUT_KEY,
            TRAFFIC_ENCRYPTION,
            NETWORK_ISOLATION,
            INSTANCES,
            REMOTE_DEBUG,
            FILE_MODE,
            FILE_PATH,
            FILE_ID,
            FILE_TYPE,
            RUNTIME,
            KEEP_ALIVE,
        ],
    ),
    row("sagemaker:UpdateTrainingJob", &[INSTANCES, REMOTE_DEBUG, KEEP_ALIVE]),
    row(
        "sagemaker:CreateHyperParameterTuningJob",
        &[
            VPC_SUBNETS,
            VPC_SECURITY_GROUPS,
            VOLUME_KEY,
            OUTPUT_KEY,
            TRAFFIC_ENCRYPTION,
            NETWORK_ISOLATION,
            INSTANCES,
            FILE_MODE,
            FILE_PATH,
            FILE_ID,
            FILE_TYPE,
            RUNTIME,
        ],
    ),
    row("sagemaker:CreateProcessingJob", MONITORING),
    row("sagemaker:CreateAutoMLJob", AUTO_ML),
    row("sagemaker:CreateAutoMLJobV2", AUTO_ML),
    // Its network is the model's.
    row("sagemaker:CreateTransformJob", &[VOLUME_KEY, OUTPUT_KEY, INSTANCES, MODEL]),
    // Its request has a VpcConfig that no key guards.
    row("sagemaker:CreateCompilationJob", &[]),
    row(
        "sagemaker:CreateModel",
        &[VPC_SUBNETS, VPC_SECURITY_GROUPS, NETWORK_ISOLATION, "sagemaker:DirectGatedModelAccess"],
    ),
    // Subnets, groups and isolation are those of its own VpcConfig, which only inference components use.
    row(
        "sagemaker:CreateEndpointConfig",
        &[
            VPC_SUBNETS,
            VPC_SECURITY_GROUPS,
            VOLUME_KEY,
            NETWORK_ISOLATION,
            INSTANCES,
            MODEL,
            "sagemaker:ServerlessMaxConcurrency",
            "sagemaker:ServerlessMemorySize",
        ],
    ),
    row("sagemaker:CreateEndpoint", &[]),
    row("sagemaker:UpdateEndpoint", &[]),
    row("sagemaker:CreateInferenceComponent", &[MODEL]),
    row("sagemaker:CreateMonitoringSchedule", MONITORING),
    row("sagemaker:UpdateMonitoringSchedule", MONITORING),
    row("sagemaker:CreateDataQualityJobDefinition", MONITORING),
    row("sagemaker:CreateModelQualityJobDefinition", MONITORING),
    row("sagemaker:CreateModelBiasJobDefinition", MONITORING),
    row("sagemaker:CreateModelExplainabilityJobDefinition", MONITORING),
    row(
        "sagemaker:CreateFeatureGroup",
        &[
            ONLINE_STORE_KEY,
            OFFLINE_STORE_KEY,
            "sagemaker:FeatureGroupOfflineStoreS3Uri",
            "sagemaker:FeatureGroupEnableOnlineStore",
        ],
    ),
    row("sagemaker:CreateLabelingJob", &[VOLUME_KEY, OUTPUT_KEY, "sagemaker:WorkteamArn", "sagemaker:WorkteamType"]),
    row("sagemaker:CreateCluster", &[VPC_SUBNETS, VPC_SECURITY_GROUPS, INSTANCES]),
    row("sagemaker:UpdateCluster", &[VPC_SUBNETS, VPC_SECURITY_GROUPS, INSTANCES]),
    row("sagemaker:CreateJob", &[VPC_SUBNETS, VPC_SECURITY_GROUPS, OUTPUT_KEY]),
    row("sagemaker:CreatePipeline", &[]),
    row("sagemaker:CreateOptimizationJob", &[]),
    row("sagemaker:CreateEdgePackagingJob", &[]),
    row("sagemaker:CreateMlflowTrackingServer", &[]),
    row("sagemaker:CreateMlflowApp", &[]),
    row("sagemaker:CreatePresignedNotebookInstanceUrl", &[]),
    row("sagemaker:CreatePresignedDomainUrl", &[]),
];

impl Row {
    /// Whether the action supports the key.
    pub(crate) fn supports(&self, key: &str) -> bool {
        self.keys.iter().any(|own| same_key(own, key))
    }
}

/// The actions that support all of these keys.
pub(crate) fn supporting(keys: &[&str]) -> impl Iterator<Item = &'static str> {
    ACTIONS.iter().filter(move |row| keys.iter().all(|key| row.supports(key))).map(|row| row.action)
}

/// Whether the action supports the key; not for one that the table does not have.
pub(crate) fn supports(action: &str, key: &str) -> bool {
    ACTIONS.iter().any(|row| row.action.eq_ignore_ascii_case(action) && row.supports(key))
}

/// The keys by which conditions confine SageMaker (catalogue, IAMC-01 to 07), and what values they have.
const CONFINING: &[(&str, KeyKind)] = &[
    (VPC_SUBNETS, KeyKind::Multi),
    (VPC_SECURITY_GROUPS, KeyKind::Multi),
    (VOLUME_KEY, KeyKind::Single),
    (OUTPUT_KEY, KeyKind::Single),
    (ONLINE_STORE_KEY, KeyKind::Single),
    (OFFLINE_STORE_KEY, KeyKind::Single),
    (DIRECT_INTERNET, KeyKind::Single),
    (ROOT_ACCESS, KeyKind::Single),
    (APP_NETWORK, KeyKind::Single),
    (TRAFFIC_ENCRYPTION, KeyKind::Boolean),
    (NETWORK_ISOLATION, KeyKind::Boolean),
    ("aws:SourceVpce", KeyKind::Single),
    ("aws:SourceVpc", KeyKind::Single),
    ("aws:SourceIp", KeyKind::Address),
];

/// What values one of those keys has, in its current spelling; None for any other key.
pub(crate) fn confining(key: &str) -> Option<KeyKind> {
    CONFINING.iter().find(|(own, _)| same_key(own, key)).map(|(_, kind)| *kind)
}

/// Whether the action is Studio's, which not every environment uses.
pub(crate) fn is_of_studio(action: &str) -> bool {
    ["CreateDomain", "UpdateDomain", "CreateUserProfile", "UpdateUserProfile"]
        .iter()
        .any(|name| action.strip_prefix("sagemaker:") == Some(*name))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn names(keys: &[&str]) -> Vec<&'static str> {
        supporting(keys).filter_map(|action| action.strip_prefix("sagemaker:")).collect()
    }

    #[test]
    fn each_action_stands_once_with_its_prefix_and_each_key_once() {
        let actions: BTreeSet<&str> = ACTIONS.iter().map(|row| row.action).collect();
        assert_eq!(actions.len(), ACTIONS.len());
        for row in ACTIONS {
            let keys: BTreeSet<&str> = row.keys.iter().copied().collect();
            assert_eq!(keys.len(), row.keys.len(), "{}", row.action);
            assert!(keys.iter().all(|key| key.starts_with("sagemaker:")) && row.action.starts_with("sagemaker:"));
        }
    }

    #[test]
    fn what_the_traps_of_the_catalogue_rest_on() {
        for action in ["CreateTransformJob", "CreateCompilationJob", "CreateEndpoint", "UpdateNotebookInstance"] {
            assert!(!supports(&format!("sagemaker:{action}"), VPC_SUBNETS), "{action}");
        }
        for action in ["CreateAutoMLJob", "CreateAutoMLJobV2"] {
            assert!(!supports(&format!("sagemaker:{action}"), NETWORK_ISOLATION), "{action}");
        }
        for action in ["CreateModel", "CreateEndpointConfig", "CreateNotebookInstance"] {
            assert!(!supports(&format!("sagemaker:{action}"), OUTPUT_KEY), "{action}");
        }
        for action in ["CreateModel", "CreateEndpoint"] {
            assert!(!supports(&format!("sagemaker:{action}"), VOLUME_KEY), "{action}");
        }
        assert!(!supports("sagemaker:UpdateNotebookInstance", DIRECT_INTERNET));
        assert!(supports("SageMaker:createModel", "sagemaker:vpcsubnets"), "case does not matter");
    }

    #[test]
    fn the_groups() {
        assert_eq!(names(&[DIRECT_INTERNET]), ["CreateNotebookInstance"]);
        assert_eq!(names(&[ROOT_ACCESS]), ["CreateNotebookInstance", "UpdateNotebookInstance"]);
        assert_eq!(names(&[APP_NETWORK]), ["CreateDomain", "UpdateDomain"]);
        assert_eq!(
            names(&[OUTPUT_KEY]),
            [
                "CreateTrainingJob",
                "CreateHyperParameterTuningJob",
                "CreateProcessingJob",
                "CreateAutoMLJob",
                "CreateAutoMLJobV2",
                "CreateTransformJob",
                "CreateMonitoringSchedule",
                "UpdateMonitoringSchedule",
                "CreateDataQualityJobDefinition",
                "CreateModelQualityJobDefinition",
                "CreateModelBiasJobDefinition",
                "CreateModelExplainabilityJobDefinition",
                "CreateLabelingJob",
                "CreateJob",
            ]
        );
        assert_eq!(names(&[VPC_SUBNETS, VPC_SECURITY_GROUPS]).len(), 19);
        assert_eq!((names(&[VOLUME_KEY]).len(), names(&[TRAFFIC_ENCRYPTION]).len()), (16, 11));
        assert_eq!(names(&[NETWORK_ISOLATION]).len(), 11);
    }
}
