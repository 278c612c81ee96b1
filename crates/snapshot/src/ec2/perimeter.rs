//! What joins a VPC to other networks, or keeps the internet out of it: peerings, transit gateways, network ACLs and VPC
//! Block Public Access.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A peering connection, from whichever side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peering {
    /// `pcx-…`.
    pub id: String,
    /// The VPC that asked for it.
    pub requester: PeeringSide,
    /// The VPC that was asked.
    pub accepter: PeeringSide,
    /// `pending-acceptance`, `active`, `deleted`, `rejected`, `expired`, `failed`, …
    pub status: String,
}

/// One side of a peering connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeeringSide {
    /// The account that owns the VPC.
    pub owner: String,
    /// The VPC.
    pub vpc_id: String,
    /// Its Region, where AWS says so.
    pub region: Option<String>,
    /// Its IPv4 and IPv6 blocks, where AWS says so.
    pub cidrs: Vec<String>,
}

/// The attachment of a VPC to a transit gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitAttachment {
    /// `tgw-attach-…`.
    pub id: String,
    /// The transit gateway, which may be another account's.
    pub gateway_id: String,
    /// The VPC.
    pub vpc_id: String,
    /// The account that owns the VPC, where AWS says so.
    pub vpc_owner: Option<String>,
    /// `initiating`, `pendingAcceptance`, `available`, `deleted`, `rejected`, `failed`, …
    pub state: String,
    /// The subnets through which it is reached.
    pub subnet_ids: BTreeSet<String>,
}

/// A network ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkAcl {
    /// `acl-…`.
    pub id: String,
    /// The VPC.
    pub vpc_id: String,
    /// Whether it is the VPC's default one.
    pub is_default: bool,
    /// The subnets that it is associated with.
    pub subnet_ids: BTreeSet<String>,
    /// Its entries, by direction and rule number: the first that matches decides.
    pub entries: Vec<AclEntry>,
}

/// An entry of a network ACL. The last of each direction and kind of address has number 32767 and denies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AclEntry {
    /// Whether it is about what goes out.
    pub egress: bool,
    /// Its place: lower numbers come first.
    pub number: i32,
    /// `allow` or `deny`.
    pub action: String,
    /// The protocol's number, `-1` for all.
    pub protocol: String,
    /// The IPv4 block.
    pub ipv4: Option<String>,
    /// The IPv6 block.
    pub ipv6: Option<String>,
    /// First port; none means all.
    pub from_port: Option<i32>,
    /// Last port; none means all.
    pub to_port: Option<i32>,
    /// Type and code of ICMP, `-1` for all; none where the protocol has none, and in a file from before they were kept.
    #[serde(default)]
    pub icmp: Option<(i32, i32)>,
}

/// VPC Block Public Access of the Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcBlock {
    /// `off`, `block-bidirectional` or `block-ingress`.
    pub mode: String,
    /// `default-state` (it was never set), `update-in-progress` or `update-complete`.
    pub state: String,
    /// `account` or `declarative-policy`, where AWS says so.
    pub managed_by: Option<String>,
}

/// What is left out of VPC Block Public Access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcBlockExclusion {
    /// `vpcbpa-exclude-…`.
    pub id: String,
    /// The ARN of the VPC or subnet.
    pub resource_arn: String,
    /// `create-complete`, `update-complete`, `delete-complete`, `disable-complete`, …
    pub state: String,
    /// `allow-bidirectional` or `allow-egress`, where AWS says so.
    pub mode: Option<String>,
}
