//! The name of one API operation.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Text;

/// An API operation as AWS names it, with its service: `ec2:DescribeVpcs`.
///
/// The IAM action that permits it may be spelled differently; see `snapshot::Source`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Operation {
    service: Text,
    name: Text,
}

impl Operation {
    /// The operation `name` of `service`.
    #[must_use]
    pub fn new(service: &str, name: &str) -> Self {
        Self { service: service.into(), name: name.into() }
    }

    /// The service, such as `ec2`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The operation's own name, such as `DescribeVpcs`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl TryFrom<String> for Operation {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.split_once(':') {
            Some((service, name)) if !service.is_empty() && !name.is_empty() => Ok(Self::new(service, name)),
            _ => Err(format!("`{text}` is not an operation: expected `service:Name`")),
        }
    }
}

impl From<Operation> for String {
    fn from(operation: Operation) -> Self {
        operation.to_string()
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.name)
    }
}
