//! What a finding points at.

use serde::{Deserialize, Serialize};

use crate::Text;

/// A resource: its ARN, its CloudFormation type name (`AWS::EC2::Subnet`) and a name for people.
///
/// A resource with no ARN of its own gets the ARN that the Service Authorization Reference documents for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ResourceRef {
    /// The ARN.
    pub arn: Text,
    /// The CloudFormation resource type name.
    #[serde(rename = "type")]
    pub kind: Text,
    /// A short name: a tag `Name`, an id, or the last part of the ARN.
    pub name: Text,
}

impl ResourceRef {
    /// A resource from its three names.
    #[must_use]
    pub fn new(arn: impl Into<Text>, kind: &str, name: impl Into<Text>) -> Self {
        Self { arn: arn.into(), kind: kind.into(), name: name.into() }
    }
}
