//! What EC2 allows, and what its answers must have: rate limits and page sizes with their origins, shapes of answers.

use plumbline_collector::{Bucket, Kind, Need, Shape};
use plumbline_snapshot::Source;
use plumbline_snapshot::ec2;

/// Every `Describe*` and `Get*` read here has a bucket of its own, of 100 calls and 20 a second, where a page size is
/// sent; without one some of them have half of that.
const ORIGIN: &str = "Request throttling for the Amazon EC2 API";

const fn own(sources: &'static [&'static Source]) -> Bucket {
    Bucket::published(sources, 100.0, 20.0, ORIGIN)
}

/// The rate limits.
pub(crate) const BUCKETS: &[Bucket] = &[
    own(&[&ec2::REGIONS]),
    own(&[&ec2::VPCS]),
    own(&[&ec2::VPC_ATTRIBUTE]),
    own(&[&ec2::SUBNETS]),
    own(&[&ec2::AVAILABILITY_ZONES]),
    own(&[&ec2::ROUTE_TABLES]),
    own(&[&ec2::INTERNET_GATEWAYS]),
    own(&[&ec2::EGRESS_ONLY_GATEWAYS]),
    own(&[&ec2::CARRIER_GATEWAYS]),
    own(&[&ec2::NAT_GATEWAYS]),
    own(&[&ec2::VPN_GATEWAYS]),
    own(&[&ec2::SECURITY_GROUPS]),
    own(&[&ec2::NETWORK_INTERFACES]),
    own(&[&ec2::VPC_ENDPOINTS]),
    own(&[&ec2::MANAGED_PREFIX_LISTS]),
    own(&[&ec2::PREFIX_LIST_ENTRIES]),
    own(&[&ec2::FLOW_LOGS]),
    own(&[&ec2::EBS_ENCRYPTION]),
    own(&[&ec2::EBS_DEFAULT_KEY]),
    own(&[&ec2::VOLUMES]),
    own(&[&ec2::PEERINGS]),
    own(&[&ec2::TRANSIT_ATTACHMENTS]),
    own(&[&ec2::NETWORK_ACLS]),
    own(&[&ec2::VPC_BLOCK]),
    own(&[&ec2::VPC_BLOCK_EXCLUSIONS]),
];

/// The largest page of most listings. API model (botocore 1.44.5): 1000 for VPCs, subnets, internet, carrier and NAT
/// gateways, security groups, network interfaces, peerings, transit attachments, network ACLs and exclusions; the model names no maximum for endpoints, whose documentation
/// says 1,000, nor for flow logs and volumes, for which EC2's own general limit of 1,000 holds ("Pagination").
pub(crate) const PAGE: i32 = 1000;
/// The largest page of `DescribeRouteTables`, `DescribeManagedPrefixLists` and `GetManagedPrefixListEntries`: API model.
pub(crate) const PAGE_OF_HUNDRED: i32 = 100;
/// The largest page of `DescribeEgressOnlyInternetGateways`: API model.
pub(crate) const PAGE_OF_EGRESS_ONLY: i32 = 255;

/// How many questions about single things are open at once: the bucket, not this, sets the pace.
pub(crate) const AT_ONCE: usize = 16;

/// What answers must have. An absent list of rules, routes or attachments would read as an empty one, hence as safety.
pub(crate) const SHAPES: &[Shape] = &[
    Shape::xml(
        "DescribeRegions",
        "DescribeRegionsResponse",
        &[Need::list("regionInfo", &["regionName", "optInStatus"])],
    ),
    Shape::xml(
        "DescribeVpcs",
        "DescribeVpcsResponse",
        &[Need::list("vpcSet", &["vpcId", "ownerId", "state", "isDefault", "cidrBlockAssociationSet"])],
    ),
    Shape::xml("DescribeVpcAttribute", "DescribeVpcAttributeResponse", &[Need::one("vpcId", Kind::Text)]),
    Shape::xml(
        "DescribeSubnets",
        "DescribeSubnetsResponse",
        &[Need::list(
            "subnetSet",
            &[
                "subnetId",
                "subnetArn",
                "vpcId",
                "ownerId",
                "state",
                "availabilityZoneId",
                "mapPublicIpOnLaunch",
                "assignIpv6AddressOnCreation",
            ],
        )],
    ),
    Shape::xml(
        "DescribeAvailabilityZones",
        "DescribeAvailabilityZonesResponse",
        &[Need::list("availabilityZoneInfo", &["zoneId", "zoneType"])],
    ),
    Shape::xml(
        "DescribeRouteTables",
        "DescribeRouteTablesResponse",
        &[Need::list("routeTableSet", &["routeTableId", "vpcId", "ownerId", "routeSet", "associationSet"])],
    ),
    Shape::xml(
        "DescribeInternetGateways",
        "DescribeInternetGatewaysResponse",
        &[Need::list("internetGatewaySet", &["internetGatewayId", "attachmentSet"])],
    ),
    Shape::xml(
        "DescribeEgressOnlyInternetGateways",
        "DescribeEgressOnlyInternetGatewaysResponse",
        &[Need::list("egressOnlyInternetGatewaySet", &["egressOnlyInternetGatewayId", "attachmentSet"])],
    ),
    Shape::xml(
        "DescribeCarrierGateways",
        "DescribeCarrierGatewaysResponse",
        &[Need::list("carrierGatewaySet", &["carrierGatewayId", "vpcId", "state"])],
    ),
    Shape::xml(
        "DescribeNatGateways",
        "DescribeNatGatewaysResponse",
        &[Need::list("natGatewaySet", &["natGatewayId", "vpcId", "state"])],
    ),
    Shape::xml(
        "DescribeVpnGateways",
        "DescribeVpnGatewaysResponse",
        &[Need::list("vpnGatewaySet", &["vpnGatewayId", "attachments"])],
    ),
    Shape::xml(
        "DescribeSecurityGroups",
        "DescribeSecurityGroupsResponse",
        &[Need::list(
            "securityGroupInfo",
            &["groupId", "groupName", "vpcId", "ownerId", "ipPermissions", "ipPermissionsEgress"],
        )],
    ),
    Shape::xml(
        "DescribeNetworkInterfaces",
        "DescribeNetworkInterfacesResponse",
        &[Need::list("networkInterfaceSet", &["networkInterfaceId", "vpcId"])],
    ),
    Shape::xml(
        "DescribeVpcEndpoints",
        "DescribeVpcEndpointsResponse",
        &[Need::list("vpcEndpointSet", &["vpcEndpointId", "vpcId", "vpcEndpointType", "state"])],
    ),
    Shape::xml(
        "DescribeManagedPrefixLists",
        "DescribeManagedPrefixListsResponse",
        &[Need::list("prefixListSet", &["prefixListId", "prefixListName", "ownerId"])],
    ),
    Shape::xml(
        "GetManagedPrefixListEntries",
        "GetManagedPrefixListEntriesResponse",
        &[Need::list("entrySet", &["cidr"])],
    ),
    Shape::xml(
        "DescribeFlowLogs",
        "DescribeFlowLogsResponse",
        &[Need::list("flowLogSet", &["flowLogId", "resourceId"])],
    ),
    Shape::xml(
        "GetEbsEncryptionByDefault",
        "GetEbsEncryptionByDefaultResponse",
        &[Need::one("ebsEncryptionByDefault", Kind::Bool)],
    ),
    Shape::xml("GetEbsDefaultKmsKeyId", "GetEbsDefaultKmsKeyIdResponse", &[Need::one("kmsKeyId", Kind::Text)]),
    Shape::xml(
        "DescribeVolumes",
        "DescribeVolumesResponse",
        &[Need::list("volumeSet", &["volumeId", "encrypted", "attachmentSet"])],
    ),
    Shape::xml(
        "DescribeVpcPeeringConnections",
        "DescribeVpcPeeringConnectionsResponse",
        &[Need::list(
            "vpcPeeringConnectionSet",
            &[
                "vpcPeeringConnectionId",
                "requesterVpcInfo/ownerId",
                "requesterVpcInfo/vpcId",
                "accepterVpcInfo/ownerId",
                "accepterVpcInfo/vpcId",
                "status/code",
            ],
        )],
    ),
    Shape::xml(
        "DescribeTransitGatewayVpcAttachments",
        "DescribeTransitGatewayVpcAttachmentsResponse",
        &[Need::list(
            "transitGatewayVpcAttachments",
            &["transitGatewayAttachmentId", "transitGatewayId", "vpcId", "state"],
        )],
    ),
    Shape::xml(
        "DescribeNetworkAcls",
        "DescribeNetworkAclsResponse",
        &[Need::list("networkAclSet", &["networkAclId", "vpcId", "entrySet", "associationSet"])],
    ),
    Shape::xml(
        "DescribeVpcBlockPublicAccessOptions",
        "DescribeVpcBlockPublicAccessOptionsResponse",
        &[
            Need::one("vpcBlockPublicAccessOptions/internetGatewayBlockMode", Kind::Text),
            Need::one("vpcBlockPublicAccessOptions/state", Kind::Text),
        ],
    ),
    Shape::xml(
        "DescribeVpcBlockPublicAccessExclusions",
        "DescribeVpcBlockPublicAccessExclusionsResponse",
        &[Need::list("vpcBlockPublicAccessExclusionSet", &["exclusionId", "resourceArn", "state"])],
    ),
];
