//! The facts that decided a verdict.

use std::collections::BTreeMap;

use plumbline_names::Text;
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
        operation: Text,
        /// Where it stands: the resource and the API's field names, such as `rtb-1.Routes[0.0.0.0/0].GatewayId`.
        path: Text,
        /// What was read.
        saw: Text,
        /// What would be compliant.
        wanted: Text,
    },
    /// A request that shows it: allowed, and it should not be.
    Witness {
        /// The request.
        witness: Witness,
    },
    /// A way through the network that shows it.
    Path {
        /// From the sender to the end.
        hops: Vec<Hop>,
    },
}

/// A step of a way through the network.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hop {
    /// The id of what decides, such as `rtb-1`.
    pub at: Text,
    /// Its entry, rule or route that does.
    pub rule: Text,
    /// What it does.
    pub says: Text,
}

/// A request to AWS, as the contract writes the requests of policy questions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Witness {
    /// Who asks: an ARN, a service principal or `anonymous`.
    pub principal: Text,
    /// The action, such as `s3:GetObject`.
    pub action: Text,
    /// The ARN of the resource, or `*`.
    pub resource: Text,
    /// Condition keys and what they hold.
    pub context: BTreeMap<String, ContextValue>,
}

/// What a condition key holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ContextValue {
    /// The value of a single-valued key.
    One(String),
    /// The values of a multivalued key; there may be none.
    Many(Vec<String>),
}

/// A read that has no whole answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotSeen {
    /// The operation, such as `ec2:DescribeRouteTables`.
    pub operation: Text,
    /// What it was asked about; none for a listing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Text>,
    /// How it ended: the words of the report's coverage.
    pub outcome: Text,
    /// What AWS or the transport said.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub detail: Text,
}

impl Evidence {
    /// A field that was read.
    #[must_use]
    pub fn field(
        operation: impl Into<Text>,
        path: impl Into<Text>,
        saw: impl Into<Text>,
        wanted: impl Into<Text>,
    ) -> Self {
        Self::Field { operation: operation.into(), path: path.into(), saw: saw.into(), wanted: wanted.into() }
    }
}
