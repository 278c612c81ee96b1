//! The facts that decided a verdict.

use serde::{Deserialize, Serialize};

/// One fact. The first of a finding's is the one that proves it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Evidence {
    /// A read that has no whole answer.
    NotSeen {
        /// What was not seen.
        not_seen: NotSeen,
    },
    /// A field that was read, what it said, and what the baseline wants.
    Field {
        /// The operation that read it, such as `ec2:DescribeRouteTables`.
        operation: String,
        /// Where it stands: the resource and the API's field names, such as `rtb-1.Routes[0.0.0.0/0].GatewayId`.
        path: String,
        /// What was read.
        saw: String,
        /// What would be compliant.
        wanted: String,
    },
}

/// A read that has no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotSeen {
    /// The operation, such as `ec2:DescribeRouteTables`.
    pub operation: String,
    /// What it was asked about; none for a listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// How it ended: the words of the report's coverage.
    pub outcome: String,
    /// What AWS or the transport said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Evidence {
    /// A field that was read.
    #[must_use]
    pub fn field(
        operation: impl ToString,
        path: impl Into<String>,
        saw: impl Into<String>,
        wanted: impl Into<String>,
    ) -> Self {
        Self::Field { operation: operation.to_string(), path: path.into(), saw: saw.into(), wanted: wanted.into() }
    }
}
