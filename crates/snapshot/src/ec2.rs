//! EC2 and VPC: networks, gateways, rules, endpoints, flow logs and volume settings.
//!
//! States and types are kept as AWS spells them, since newer APIs send newer words.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Collected, Read, Source, Tags};

mod perimeter;
mod regions;

pub use perimeter::{AclEntry, NetworkAcl, Peering, PeeringSide, TransitAttachment, VpcBlock, VpcBlockExclusion};
pub use regions::{NOT_OPTED_IN, REGIONS};

macro_rules! source {
    ($name:ident, $operation:literal, $doc:literal) => {
        #[doc = $doc]
        pub const $name: Source =
            Source { service: "ec2", operation: $operation, permissions: &[concat!("ec2:", $operation)] };
    };
}

source!(VPCS, "DescribeVpcs", "The VPCs.");
source!(VPC_ATTRIBUTE, "DescribeVpcAttribute", "One attribute of one VPC a call.");
source!(SUBNETS, "DescribeSubnets", "The subnets.");
source!(AVAILABILITY_ZONES, "DescribeAvailabilityZones", "The zones and their kinds; not paged.");
source!(ROUTE_TABLES, "DescribeRouteTables", "The route tables, at most 100 a page.");
source!(INTERNET_GATEWAYS, "DescribeInternetGateways", "The internet gateways.");
source!(EGRESS_ONLY_GATEWAYS, "DescribeEgressOnlyInternetGateways", "The egress-only internet gateways.");
source!(CARRIER_GATEWAYS, "DescribeCarrierGateways", "The carrier gateways.");
source!(NAT_GATEWAYS, "DescribeNatGateways", "The NAT gateways.");
source!(VPN_GATEWAYS, "DescribeVpnGateways", "The virtual private gateways; not paged.");
source!(SECURITY_GROUPS, "DescribeSecurityGroups", "The security groups with their rules.");
source!(NETWORK_INTERFACES, "DescribeNetworkInterfaces", "The network interfaces.");
source!(VPC_ENDPOINTS, "DescribeVpcEndpoints", "The VPC endpoints with their policies.");
source!(MANAGED_PREFIX_LISTS, "DescribeManagedPrefixLists", "The prefix lists, at most 100 a page.");
source!(PREFIX_LIST_ENTRIES, "GetManagedPrefixListEntries", "The entries of a prefix list that a rule or route names.");
source!(FLOW_LOGS, "DescribeFlowLogs", "The flow logs.");
source!(EBS_ENCRYPTION, "GetEbsEncryptionByDefault", "Whether new volumes are encrypted.");
source!(EBS_DEFAULT_KEY, "GetEbsDefaultKmsKeyId", "The key for new volumes.");
source!(VOLUMES, "DescribeVolumes", "The volumes, where instances exist.");
source!(PEERINGS, "DescribeVpcPeeringConnections", "The peering connections, whichever side the VPC is on.");
source!(TRANSIT_ATTACHMENTS, "DescribeTransitGatewayVpcAttachments", "The attachments to transit gateways.");
source!(NETWORK_ACLS, "DescribeNetworkAcls", "The network ACLs with entries and associations.");
source!(VPC_BLOCK, "DescribeVpcBlockPublicAccessOptions", "VPC Block Public Access of the Region.");
source!(VPC_BLOCK_EXCLUSIONS, "DescribeVpcBlockPublicAccessExclusions", "What is left out of it.");

/// The reads of this service.
pub const SOURCES: &[&Source] = &[
    &REGIONS,
    &VPCS,
    &VPC_ATTRIBUTE,
    &SUBNETS,
    &AVAILABILITY_ZONES,
    &ROUTE_TABLES,
    &INTERNET_GATEWAYS,
    &EGRESS_ONLY_GATEWAYS,
    &CARRIER_GATEWAYS,
    &NAT_GATEWAYS,
    &VPN_GATEWAYS,
    &SECURITY_GROUPS,
    &NETWORK_INTERFACES,
    &VPC_ENDPOINTS,
    &MANAGED_PREFIX_LISTS,
    &PREFIX_LIST_ENTRIES,
    &FLOW_LOGS,
    &EBS_ENCRYPTION,
    &EBS_DEFAULT_KEY,
    &VOLUMES,
    &PEERINGS,
    &TRANSIT_ATTACHMENTS,
    &NETWORK_ACLS,
    &VPC_BLOCK,
    &VPC_BLOCK_EXCLUSIONS,
];

/// EC2 in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ec2 {
    /// VPCs by id.
    pub vpcs: Collected<Vpc>,
    /// Subnets by id.
    pub subnets: Collected<Subnet>,
    /// Availability, local and wavelength zones by zone id.
    pub zones: Collected<Zone>,
    /// Route tables by id.
    pub route_tables: Collected<RouteTable>,
    /// Internet gateways by id.
    pub internet_gateways: Collected<AttachedGateway>,
    /// Egress-only internet gateways by id.
    pub egress_only_gateways: Collected<AttachedGateway>,
    /// Carrier gateways by id.
    pub carrier_gateways: Collected<CarrierGateway>,
    /// NAT gateways by id.
    pub nat_gateways: Collected<NatGateway>,
    /// Virtual private gateways by id.
    pub vpn_gateways: Collected<AttachedGateway>,
    /// Security groups by id.
    pub security_groups: Collected<SecurityGroup>,
    /// Network interfaces by id.
    pub network_interfaces: Collected<NetworkInterface>,
    /// VPC endpoints by id.
    pub vpc_endpoints: Collected<VpcEndpoint>,
    /// Prefix lists by id.
    pub prefix_lists: Collected<PrefixList>,
    /// Flow logs by id.
    pub flow_logs: Collected<FlowLog>,
    /// Whether EBS encryption is on by default.
    pub ebs_encryption_by_default: Read<bool>,
    /// The default EBS key, as AWS writes it.
    pub ebs_default_key: Read<Option<String>>,
    /// Volumes by id; read only where an interface belongs to an instance.
    pub volumes: Collected<Volume>,
    /// Peering connections by id.
    #[serde(default = "unread_peerings")]
    pub peerings: Collected<Peering>,
    /// Attachments of VPCs to transit gateways by id.
    #[serde(default = "unread_attachments")]
    pub transit_attachments: Collected<TransitAttachment>,
    /// Network ACLs by id.
    #[serde(default = "unread_acls")]
    pub network_acls: Collected<NetworkAcl>,
    /// VPC Block Public Access.
    #[serde(default = "unread_block")]
    pub vpc_block: Read<VpcBlock>,
    /// What is left out of it, by id.
    #[serde(default = "unread_exclusions")]
    pub vpc_block_exclusions: Collected<VpcBlockExclusion>,
}

// What a file from before these reads says of them: that they were not made.

fn unread_peerings() -> Collected<Peering> {
    Collected::unread(&PEERINGS)
}

fn unread_attachments() -> Collected<TransitAttachment> {
    Collected::unread(&TRANSIT_ATTACHMENTS)
}

fn unread_acls() -> Collected<NetworkAcl> {
    Collected::unread(&NETWORK_ACLS)
}

fn unread_block() -> Read<VpcBlock> {
    Read::unread(&VPC_BLOCK)
}

fn unread_exclusions() -> Collected<VpcBlockExclusion> {
    Collected::unread(&VPC_BLOCK_EXCLUSIONS)
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// `vpc-…`.
    pub id: String,
    /// The account that owns it.
    pub owner: String,
    /// `pending` or `available`.
    pub state: String,
    /// Whether it is the Region's default VPC.
    pub is_default: bool,
    /// IPv4 and IPv6 blocks, primary and secondary.
    pub cidrs: Vec<CidrBlock>,
    /// Its tags.
    pub tags: Tags,
    /// The attribute `enableDnsSupport`.
    pub dns_support: Read<bool>,
    /// The attribute `enableDnsHostnames`.
    pub dns_hostnames: Read<bool>,
}

/// An address block of a VPC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CidrBlock {
    /// The block in CIDR notation, IPv4 or IPv6.
    pub cidr: String,
    /// `associated` counts; other states do not.
    pub state: String,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subnet {
    /// `subnet-…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The VPC it lies in.
    pub vpc_id: String,
    /// The account that owns it.
    pub owner: String,
    /// `pending`, `available`, …
    pub state: String,
    /// The zone's id, the same in every account.
    pub zone_id: String,
    /// IPv4 block.
    pub cidr: Option<String>,
    /// Associated IPv6 blocks.
    pub ipv6_cidrs: Vec<String>,
    /// Free IPv4 addresses.
    pub free_addresses: i64,
    /// Assigns public IPv4 addresses on launch.
    pub map_public_ip: bool,
    /// Assigns customer-owned addresses on launch.
    pub map_customer_owned_ip: bool,
    /// Assigns IPv6 addresses on launch.
    pub assign_ipv6: bool,
    /// The Outpost it lies on.
    pub outpost_arn: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// The zone's id, such as `euw1-az1`.
    pub id: String,
    /// The zone's name in this account.
    pub name: String,
    /// `availability-zone`, `local-zone` or `wavelength-zone`.
    pub kind: String,
}

/// A route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteTable {
    /// `rtb-…`.
    pub id: String,
    /// The VPC it belongs to.
    pub vpc_id: String,
    /// The account that owns it.
    pub owner: String,
    /// What it is associated with.
    pub associations: Vec<RouteTableAssociation>,
    /// Its routes.
    pub routes: Vec<Route>,
    /// Virtual private gateways that propagate routes into it.
    pub propagating_vgws: Vec<String>,
    /// Its tags.
    pub tags: Tags,
}

/// What a route table is associated with: a subnet, a gateway (edge association), or as main with the VPC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RouteTableAssociation {
    /// The subnet.
    pub subnet_id: Option<String>,
    /// The internet or virtual private gateway of an edge association.
    pub gateway_id: Option<String>,
    /// The VPC's main table.
    pub main: bool,
    /// `associated` counts; absent counts as associated, since older answers lack it.
    pub state: Option<String>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Route {
    /// IPv4 or IPv6 block in CIDR notation, or a prefix list id.
    pub destination: String,
    /// The target fields that are set, by their API names (`GatewayId`, `NatGatewayId`, …). Empty: a kind of target not known here.
    pub targets: BTreeMap<String, String>,
    /// `active` or `blackhole`.
    pub state: String,
    /// `CreateRouteTable`, `CreateRoute` or `EnableVgwRoutePropagation`.
    pub origin: Option<String>,
}

/// A gateway that is attached to VPCs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedGateway {
    /// `igw-…`, `eigw-…` or `vgw-…`.
    pub id: String,
    /// The account that owns it, where AWS says so.
    pub owner: Option<String>,
    /// VPCs and the state of each attachment.
    pub attachments: Vec<Attachment>,
    /// Its tags.
    pub tags: Tags,
}

/// One attachment of a gateway.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Attachment {
    /// The VPC.
    pub vpc_id: String,
    /// `attaching`, `attached`, `available`, `detaching`, `detached`.
    pub state: String,
}

/// A carrier gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierGateway {
    /// `cagw-…`.
    pub id: String,
    /// The VPC.
    pub vpc_id: String,
    /// `pending`, `available`, `deleting`, `deleted`.
    pub state: String,
}

/// A NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NatGateway {
    /// `nat-…`.
    pub id: String,
    /// The VPC.
    pub vpc_id: String,
    /// The subnet; none for a regional gateway.
    pub subnet_id: Option<String>,
    /// `pending`, `failed`, `available`, `deleting`, `deleted`.
    pub state: String,
    /// `public` or `private`.
    pub connectivity: String,
    /// `zonal` or `regional`.
    pub availability_mode: Option<String>,
    /// Public addresses.
    pub public_ips: Vec<String>,
    /// The interfaces it sends from; none in a file from before they were kept.
    #[serde(default)]
    pub interfaces: Option<Vec<NatInterface>>,
}

/// An interface of a NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NatInterface {
    /// `eni-…`.
    pub id: String,
    /// The private address that it puts in place of the sender's; none while AWS has not told it one.
    pub ip: Option<String>,
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `sg-…`.
    pub id: String,
    /// Its name; `default` for the VPC's default group.
    pub name: String,
    /// The VPC.
    pub vpc_id: String,
    /// The account that owns it.
    pub owner: String,
    /// Rules for what comes in.
    pub ingress: Vec<Permission>,
    /// Rules for what goes out.
    pub egress: Vec<Permission>,
    /// Its tags.
    pub tags: Tags,
}

/// One permission of a security group: protocol, ports, and who is at the other end.
///
/// With all four lists of peers empty, it names a kind of peer that is not known here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Permission {
    /// `tcp`, `udp`, `icmp`, a number, or `-1` for all.
    pub protocol: String,
    /// First port (or ICMP type); none means all.
    pub from_port: Option<i32>,
    /// Last port (or ICMP code); none means all.
    pub to_port: Option<i32>,
    /// IPv4 blocks.
    pub ipv4: Vec<String>,
    /// IPv6 blocks.
    pub ipv6: Vec<String>,
    /// Prefix list ids.
    pub prefix_lists: Vec<String>,
    /// Security groups.
    pub groups: Vec<GroupPair>,
}

/// A security group named in a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupPair {
    /// `sg-…`.
    pub group_id: String,
    /// The account that owns it.
    pub user_id: Option<String>,
    /// The VPC, where it is a peer's.
    pub vpc_id: Option<String>,
    /// The peering connection through which it is reached.
    pub peering_id: Option<String>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInterface {
    /// `eni-…`.
    pub id: String,
    /// The subnet.
    pub subnet_id: String,
    /// The VPC.
    pub vpc_id: String,
    /// `interface`, `vpc_endpoint`, `nat_gateway`, …
    pub kind: String,
    /// Who made it, where a service did.
    pub requester_id: Option<String>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// The public address associated with it.
    pub public_ip: Option<String>,
    /// The carrier address associated with it.
    pub carrier_ip: Option<String>,
    /// The instance it is attached to.
    pub instance_id: Option<String>,
    /// Its addresses; none in a file from before they were kept.
    #[serde(default)]
    pub addresses: Option<Vec<InterfaceAddress>>,
    /// Whether it takes and sends only packets of its own addresses; none in a file from before it was kept. An interface
    /// without the check can forward, as that of a NAT instance does.
    #[serde(default)]
    pub source_dest_check: Option<bool>,
}

/// An address of a network interface.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InterfaceAddress {
    /// The private IPv4 address, or an IPv6 one.
    pub ip: String,
    /// The public IPv4 address that is translated to it.
    pub public_ip: Option<String>,
}

/// A VPC endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpcEndpoint {
    /// `vpce-…`.
    pub id: String,
    /// The VPC.
    pub vpc_id: String,
    /// The account that owns it.
    pub owner: Option<String>,
    /// The service's exact name.
    pub service_name: String,
    /// `Interface`, `Gateway`, `GatewayLoadBalancer`, `Resource`, `ServiceNetwork`, …
    pub kind: String,
    /// `Available`, `PendingAcceptance`, …; compare without regard to case.
    pub state: String,
    /// The policy as text; none where the service takes none.
    pub policy: Option<String>,
    /// Route tables of a Gateway endpoint.
    pub route_table_ids: BTreeSet<String>,
    /// Subnets of an Interface endpoint.
    pub subnet_ids: BTreeSet<String>,
    /// Its network interfaces; none in a file from before they were kept.
    #[serde(default)]
    pub interface_ids: Option<BTreeSet<String>>,
    /// Security groups of an Interface endpoint.
    pub groups: BTreeSet<String>,
    /// Whether the service's public names resolve to it inside the VPC.
    pub private_dns: Option<bool>,
    /// Whether they do so for the inbound resolver endpoint only.
    pub private_dns_for_resolver_only: Option<bool>,
    /// The Region of the service, where it is another one.
    pub service_region: Option<String>,
    /// Made by a service on the account's behalf.
    pub requester_managed: bool,
    /// The last error: code and message.
    pub last_error: Option<String>,
    /// When it was made, RFC 3339.
    pub created: Option<String>,
    /// Its tags.
    pub tags: Tags,
}

/// A prefix list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixList {
    /// `pl-…`.
    pub id: String,
    /// Its name; `com.amazonaws.REGION.s3` for AWS's own.
    pub name: String,
    /// The account that owns it; `AWS` for AWS's own.
    pub owner: String,
    /// `IPv4` or `IPv6`; none in a file from before it was kept.
    #[serde(default)]
    pub family: Option<String>,
    /// Its blocks; read only where a rule or route names the list.
    pub entries: Read<Vec<String>>,
}

/// A flow log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// `fl-…`.
    pub id: String,
    /// The VPC, subnet or interface.
    pub resource_id: String,
    /// `ACCEPT`, `REJECT` or `ALL`.
    pub traffic_type: String,
    /// `ACTIVE`.
    pub status: String,
    /// `SUCCESS` or `FAILED`; none before the first delivery.
    pub deliver_status: Option<String>,
    /// Why delivery fails.
    pub deliver_error: Option<String>,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
    pub destination_type: Option<String>,
    /// The destination's ARN or log group name.
    pub destination: Option<String>,
    /// The record format, with `${field}` names; none for the default.
    pub format: Option<String>,
    /// The role that delivers.
    pub role_arn: Option<String>,
}

/// A volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// `vol-…`.
    pub id: String,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Its key.
    pub kms_key_id: Option<String>,
    /// Instances it is attached to.
    pub instance_ids: Vec<String>,
}

impl Ec2 {
    /// EC2 of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self {
            vpcs: Collected::unread(&VPCS),
            subnets: Collected::unread(&SUBNETS),
            zones: Collected::unread(&AVAILABILITY_ZONES),
            route_tables: Collected::unread(&ROUTE_TABLES),
            internet_gateways: Collected::unread(&INTERNET_GATEWAYS),
            egress_only_gateways: Collected::unread(&EGRESS_ONLY_GATEWAYS),
            carrier_gateways: Collected::unread(&CARRIER_GATEWAYS),
            nat_gateways: Collected::unread(&NAT_GATEWAYS),
            vpn_gateways: Collected::unread(&VPN_GATEWAYS),
            security_groups: Collected::unread(&SECURITY_GROUPS),
            network_interfaces: Collected::unread(&NETWORK_INTERFACES),
            vpc_endpoints: Collected::unread(&VPC_ENDPOINTS),
            prefix_lists: Collected::unread(&MANAGED_PREFIX_LISTS),
            flow_logs: Collected::unread(&FLOW_LOGS),
            ebs_encryption_by_default: Read::unread(&EBS_ENCRYPTION),
            ebs_default_key: Read::unread(&EBS_DEFAULT_KEY),
            volumes: Collected::unread(&VOLUMES),
            peerings: unread_peerings(),
            transit_attachments: unread_attachments(),
            network_acls: unread_acls(),
            vpc_block: unread_block(),
            vpc_block_exclusions: unread_exclusions(),
        }
    }

    /// The prefix lists that a security group rule or a route names.
    #[must_use]
    pub fn referenced_prefix_lists(&self) -> BTreeSet<&str> {
        let rules = self
            .security_groups
            .seen()
            .flat_map(|group| group.ingress.iter().chain(&group.egress))
            .flat_map(|permission| permission.prefix_lists.iter().map(String::as_str));
        let routes = self
            .route_tables
            .seen()
            .flat_map(|table| &table.routes)
            .map(|route| route.destination.as_str())
            .filter(|destination| destination.starts_with("pl-"));
        rules.chain(routes).collect()
    }

    /// Whether some interface seen belongs to an instance.
    #[must_use]
    pub fn has_instances(&self) -> bool {
        self.network_interfaces.seen().any(|interface| interface.instance_id.is_some())
    }
}

impl Permission {
    /// Whether the permission covers every protocol.
    #[must_use]
    pub fn is_all_protocols(&self) -> bool {
        self.protocol == "-1"
    }
}
