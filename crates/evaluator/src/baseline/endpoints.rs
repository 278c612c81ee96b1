//! VPC endpoints: which must exist, which may, and what is special about some.

use plumbline_names::AccountId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::schema::AccountText;

/// An entry that adds to the table of required endpoints, or overrides its entry of the same service and type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequiredEndpoint {
    /// The service name, such as `com.amazonaws.{region}.ssm`.
    pub service: String,
    /// The endpoint's type.
    #[serde(rename = "type")]
    pub kind: EndpointType,
    /// When it must exist.
    pub required: Requirement,
}

/// The types of endpoint that a service can require.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum EndpointType {
    /// Network interfaces in subnets.
    Interface,
    /// Entries in route tables (S3 and DynamoDB).
    Gateway,
}

/// When an endpoint must exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Requirement {
    /// In every case.
    Always,
    /// When the environment has what uses it, as the catalogue's table says.
    Auto,
    /// Never; it may exist all the same.
    Never,
}

/// An endpoint that a central VPC provides through private hosted zones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CentralEndpoint {
    /// The service name.
    pub service: String,
    /// The VPC that holds the endpoint.
    pub vpc: String,
    /// That VPC's account.
    #[schemars(with = "AccountText")]
    pub account: AccountId,
}

/// A port beside 443 that an endpoint may take.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServicePort {
    /// The service name.
    pub service: String,
    /// The TCP port.
    pub port: u16,
}

/// A zone in which a service offers no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ZoneGap {
    /// The service name.
    pub service: String,
    /// The zone's id, such as `euw1-az1`.
    pub zone_id: String,
}

/// The policy that bounds an endpoint's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointReference {
    /// The service name.
    pub service: String,
    /// The document's path, relative to the baseline file.
    pub policy: String,
}
