//! The seven logical roles: who they are, who may assume them, what bounds them.

use std::fmt;

use jiff::civil::Date;
use plumbline_names::EnvironmentName;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::Selector;
use super::schema::DateText;
use super::text::day;

/// One of the seven roles that a secure environment keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogicalRole {
    /// People who use notebooks.
    DataScientist,
    /// What creates notebooks.
    NotebookCreation,
    /// What notebooks run under.
    NotebookExecution,
    /// What training, processing, transform and tuning jobs run under.
    TrainingExecution,
    /// What deploys models and endpoints.
    EndpointCreation,
    /// What hosted models run under.
    EndpointHosting,
    /// What calls endpoints.
    EndpointInvocation,
}

/// A logical role's binding to IAM roles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleBinding {
    /// The IAM roles that play it. Required, unless `not_used` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bind: Option<Selector>,
    /// Says that nothing plays this role here. Default: absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_used: Option<NotUsed>,
    /// ARNs and service principals that may assume it beside the catalogue's list. Default: none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_principals: Vec<String>,
    /// Policies of which one must be its boundary. Default: the environment's `boundary_arns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary_arns: Option<Vec<String>>,
    /// Whether to skip the check that it can do its work. Default: false.
    #[serde(default)]
    pub skip_must_have: bool,
    /// Policy documents beyond which it may do nothing; placeholders in them are filled in. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference_policy: Option<PolicyPaths>,
}

/// Why a logical role has no binding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NotUsed {
    /// The reason, such as `no hosting here`.
    pub reason: String,
}

/// One or more paths of policy documents, relative to the baseline file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PolicyPaths(pub Vec<String>);

/// A group of actions that a role holds or must not hold (CONTROLS.md section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CapabilityClass {
    /// Start, stop and open notebooks.
    NbUse,
    /// Create, change and delete notebooks and domains.
    NbCreate,
    /// Submit jobs.
    JobSubmit,
    /// Create and delete models.
    ModelCreate,
    /// Create, change and delete endpoints.
    EpCreate,
    /// Call endpoints.
    EpInvoke,
    /// Read and write objects of data buckets.
    DataRw,
    /// Pass a role to a service.
    PassRole,
    /// Assume a bound role of another logical role.
    Assume,
    /// Administer IAM.
    IamAdmin,
    /// Administer the network.
    NetAdmin,
    /// Administer keys.
    KmsAdmin,
    /// Administer data or log buckets.
    #[serde(rename = "S3_ADMIN")]
    S3Admin,
    /// Administer logs and trails.
    LogAdmin,
    /// Administer the service catalogue.
    ScAdmin,
}

/// A relaxed cell of the separation matrix, or two logical roles that one IAM role may play.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "RawSeparationOverride")]
pub struct SeparationOverride {
    /// The environment.
    #[schemars(with = "String")]
    pub environment: EnvironmentName,
    /// The logical role.
    pub role: LogicalRole,
    /// The class that it may hold; or `merge_with`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<CapabilityClass>,
    /// The logical role that the same IAM role may also play; or `class`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_with: Option<LogicalRole>,
    /// Why.
    pub reason: String,
    /// A person or team address.
    pub owner: String,
    /// Through this day (UTC).
    #[serde(with = "day")]
    #[schemars(with = "DateText")]
    pub expires: Date,
}

impl LogicalRole {
    /// All seven, in the catalogue's order.
    pub const ALL: [Self; 7] = [
        Self::DataScientist,
        Self::NotebookCreation,
        Self::NotebookExecution,
        Self::TrainingExecution,
        Self::EndpointCreation,
        Self::EndpointHosting,
        Self::EndpointInvocation,
    ];

    /// The name of the file and of the catalogue, such as `data_scientist`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DataScientist => "data_scientist",
            Self::NotebookCreation => "notebook_creation",
            Self::NotebookExecution => "notebook_execution",
            Self::TrainingExecution => "training_execution",
            Self::EndpointCreation => "endpoint_creation",
            Self::EndpointHosting => "endpoint_hosting",
            Self::EndpointInvocation => "endpoint_invocation",
        }
    }
}

impl fmt::Display for LogicalRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl CapabilityClass {
    /// All classes, in the catalogue's order.
    pub const ALL: [Self; 15] = [
        Self::NbUse,
        Self::NbCreate,
        Self::JobSubmit,
        Self::ModelCreate,
        Self::EpCreate,
        Self::EpInvoke,
        Self::DataRw,
        Self::PassRole,
        Self::Assume,
        Self::IamAdmin,
        Self::NetAdmin,
        Self::KmsAdmin,
        Self::S3Admin,
        Self::LogAdmin,
        Self::ScAdmin,
    ];

    /// The name of the file and of the catalogue, such as `IAM_ADMIN`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NbUse => "NB_USE",
            Self::NbCreate => "NB_CREATE",
            Self::JobSubmit => "JOB_SUBMIT",
            Self::ModelCreate => "MODEL_CREATE",
            Self::EpCreate => "EP_CREATE",
            Self::EpInvoke => "EP_INVOKE",
            Self::DataRw => "DATA_RW",
            Self::PassRole => "PASS_ROLE",
            Self::Assume => "ASSUME",
            Self::IamAdmin => "IAM_ADMIN",
            Self::NetAdmin => "NET_ADMIN",
            Self::KmsAdmin => "KMS_ADMIN",
            Self::S3Admin => "S3_ADMIN",
            Self::LogAdmin => "LOG_ADMIN",
            Self::ScAdmin => "SC_ADMIN",
        }
    }
}

impl SeparationOverride {
    /// Whether it still has effect on `today`.
    #[must_use]
    pub fn lives(&self, today: Date) -> bool {
        today <= self.expires
    }
}

impl<'de> Deserialize<'de> for PolicyPaths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Paths;

        impl<'de> de::Visitor<'de> for Paths {
            type Value = PolicyPaths;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a path or a list of paths")
            }

            fn visit_str<E: de::Error>(self, path: &str) -> Result<PolicyPaths, E> {
                Ok(PolicyPaths(vec![path.to_owned()]))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut paths: A) -> Result<PolicyPaths, A::Error> {
                let mut all = Vec::new();
                while let Some(path) = paths.next_element()? {
                    all.push(path);
                }
                Ok(PolicyPaths(all))
            }
        }

        deserializer.deserialize_any(Paths)
    }
}

impl JsonSchema for PolicyPaths {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PolicyPaths".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One or more paths of policy documents, relative to the baseline file.",
            "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }]
        })
    }
}

/// A separation override as it stands in the file.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SeparationOverride")]
struct RawSeparationOverride {
    /// The environment.
    #[schemars(with = "String")]
    environment: EnvironmentName,
    /// The logical role.
    role: LogicalRole,
    /// The class that it may hold; or `merge_with`.
    #[serde(default)]
    class: Option<CapabilityClass>,
    /// The logical role that the same IAM role may also play; or `class`.
    #[serde(default)]
    merge_with: Option<LogicalRole>,
    /// Why.
    reason: String,
    /// A person or team address.
    owner: String,
    /// Through this day (UTC).
    #[serde(with = "day")]
    #[schemars(with = "DateText")]
    expires: Date,
}

impl TryFrom<RawSeparationOverride> for SeparationOverride {
    type Error = String;

    fn try_from(raw: RawSeparationOverride) -> Result<Self, Self::Error> {
        let RawSeparationOverride { environment, role, class, merge_with, reason, owner, expires } = raw;
        if class.is_some() == merge_with.is_some() {
            return Err("expected either `class` or `merge_with`".to_owned());
        }
        if merge_with == Some(role) {
            return Err(format!("`{role}` cannot be merged with itself"));
        }
        Ok(Self { environment, role, class, merge_with, reason, owner, expires })
    }
}

/// The defaults of this area.
pub(super) mod default {
    /// How many roles a chain may pass (IAM-12).
    pub(in super::super) fn assume_depth() -> u32 {
        2
    }

    /// Services whose trust cannot carry a source account.
    pub(in super::super) const SOURCE_ACCOUNT_UNSUPPORTED: [&str; 2] = ["ec2", "servicecatalog"];

    pub(in super::super) fn source_account_unsupported() -> Vec<String> {
        SOURCE_ACCOUNT_UNSUPPORTED.map(str::to_owned).to_vec()
    }

    /// AWS managed policies that no bound role should carry (IAM-08).
    pub(in super::super) const FORBIDDEN: [&str; 12] = [
        "AdministratorAccess",
        "PowerUserAccess",
        "IAMFullAccess",
        "AmazonSageMakerFullAccess",
        "AmazonS3FullAccess",
        "AmazonS3ReadOnlyAccess",
        "AWSKeyManagementServicePowerUser",
        "AWSCloudFormationFullAccess",
        "AWSLambda_FullAccess",
        "AmazonEC2FullAccess",
        "CloudWatchLogsFullAccess",
        "AWSServiceCatalogAdminFullAccess",
    ];

    pub(in super::super) fn forbidden_managed_policies() -> Vec<String> {
        FORBIDDEN.map(str::to_owned).to_vec()
    }

    /// Actions whose network isolation key covers too little to be asked for (IAMC-06).
    pub(in super::super) const ISOLATION_EXEMPT: [&str; 2] = ["CreateProcessingJob", "CreateEndpointConfig"];

    pub(in super::super) fn network_isolation_exempt_actions() -> Vec<String> {
        ISOLATION_EXEMPT.map(str::to_owned).to_vec()
    }
}
