//! EC2 of the known-good environment: a closed VPC in three zones, and a neighbour that is open and must not matter.
//!
//! Edits are in [`edits`].

use std::collections::BTreeMap;

use plumbline_snapshot::ec2::{
    AttachedGateway, Attachment, CidrBlock, Ec2, FlowLog, InterfaceAddress, NatGateway, NetworkInterface, Permission,
    PrefixList, Route, RouteTable, RouteTableAssociation, SecurityGroup, Subnet, Volume, Vpc, VpcEndpoint, Zone,
};
use plumbline_snapshot::{Collected, Read, Tags};
use serde_json::{Value, json};

use crate::env::{some, sorted, tags, texts, whole};
use crate::{ACCOUNT, kms};

mod edits;
mod perimeter;

pub use edits::{all_traffic, tcp, with_cidr, with_group, with_prefix_list};
pub use perimeter::{
    ACL, EXCLUSION_DELETED, OTHER_ACL, PEERING_REJECTED, TRANSIT_ATTACHMENT, acl_entry, exclusion, plain_attachment,
    plain_peering,
};

/// The environment's VPC, 10.20.0.0/16 and secondary 100.64.0.0/20.
pub const VPC: &str = "vpc-0f4a7d2c1b9e80001";
/// Private subnet in `euw1-az1`, explicitly on [`TABLE_PRIVATE`].
pub const SUBNET_A: &str = "subnet-0a1d3f5b7c9e00001";
/// Private subnet in `euw1-az2`, explicitly on [`TABLE_PRIVATE`].
pub const SUBNET_B: &str = "subnet-0a1d3f5b7c9e00002";
/// Private subnet in `euw1-az3`, with no association of its own: it inherits [`TABLE_MAIN`].
pub const SUBNET_C: &str = "subnet-0a1d3f5b7c9e00003";
/// The VPC's main route table.
pub const TABLE_MAIN: &str = "rtb-0c2e4a6b8d0f00001";
/// The route table of [`SUBNET_A`] and [`SUBNET_B`]; holds the route to [`TRANSIT_GATEWAY`].
pub const TABLE_PRIVATE: &str = "rtb-0c2e4a6b8d0f00002";
/// The VPC's default group, without rules.
pub const SG_DEFAULT: &str = "sg-0e1f3a5c7d9b00001";
/// The workload group, chosen by tags.
pub const SG_WORKLOAD: &str = "sg-0e1f3a5c7d9b00002";
/// The group of the interface endpoints.
pub const SG_ENDPOINTS: &str = "sg-0e1f3a5c7d9b00003";
/// AWS's own prefix list of S3.
pub const PL_S3: &str = "pl-5e1c2a70";
/// AWS's own prefix list of DynamoDB; nothing names it.
pub const PL_DYNAMODB: &str = "pl-5e1c2a71";
/// Customer prefix list of the shared services behind [`TRANSIT_GATEWAY`]: its entries lie in the allowed 10.9.0.0/16.
pub const PL_SHARED: &str = "pl-0b7d9f1a3c5e00001";
/// Customer prefix list of the monitoring hosts: its entries lie in the allowed ingress 10.8.4.0/22.
pub const PL_MONITORING: &str = "pl-0b7d9f1a3c5e00002";
/// The transit gateway that the baseline allows.
pub const TRANSIT_GATEWAY: &str = "tgw-0d1e2f3a4b5c60001";
/// The S3 gateway endpoint.
pub const ENDPOINT_S3: &str = "vpce-0b2c4d6e8f0a00001";
/// The interface endpoint of STS.
pub const ENDPOINT_STS: &str = "vpce-0b2c4d6e8f0a00002";
/// The interface endpoint of SageMaker's API.
pub const ENDPOINT_API: &str = "vpce-0b2c4d6e8f0a00003";
/// The interface endpoint of notebooks.
pub const ENDPOINT_NOTEBOOK: &str = "vpce-0b2c4d6e8f0a00007";
/// The interface endpoint of Studio.
pub const ENDPOINT_STUDIO: &str = "vpce-0b2c4d6e8f0a00008";
/// A NAT gateway of the VPC that was deleted minutes ago and is still listed.
pub const NAT_DELETED: &str = "nat-0d3b5f7a9c1e00001";
/// A virtual private gateway detached from the VPC.
pub const VGW_DETACHED: &str = "vgw-0c1d2e3f4a5b60001";
/// An internet gateway that is attached to nothing.
pub const IGW_UNATTACHED: &str = "igw-0f9e8d7c6b5a40001";
/// The flow logs of [`SUBNET_A`], [`SUBNET_B`] and [`SUBNET_C`]; the VPC itself has none.
pub const FLOW_LOGS: [&str; 3] = ["fl-0a9b8c7d6e5f40001", "fl-0a9b8c7d6e5f40002", "fl-0a9b8c7d6e5f40003"];
/// An instance in [`SUBNET_A`].
pub const INSTANCE: &str = "i-0b1c2d3e4f5a60001";
/// The interface of [`INSTANCE`].
pub const ENI_INSTANCE: &str = "eni-0c1d3e5f7a9b00001";
/// An interface that SageMaker made for a notebook.
pub const ENI_NOTEBOOK: &str = "eni-0c1d3e5f7a9b00002";
/// The encrypted volume of [`INSTANCE`].
pub const VOLUME: &str = "vol-0d1e3f5a7b9c00001";

/// The neighbour: a VPC with an internet gateway, which must not matter.
pub const OTHER_VPC: &str = "vpc-0f4a7d2c1b9e80002";
/// The neighbour's public subnet.
pub const OTHER_SUBNET: &str = "subnet-0a1d3f5b7c9e00009";
/// The neighbour's main route table, open to the internet.
pub const OTHER_TABLE: &str = "rtb-0c2e4a6b8d0f00009";
/// The neighbour's default group, open to everyone.
pub const OTHER_GROUP: &str = "sg-0e1f3a5c7d9b00009";
/// The neighbour's internet gateway.
pub const OTHER_IGW: &str = "igw-0f9e8d7c6b5a40002";
/// The neighbour's NAT gateway.
pub const OTHER_NAT: &str = "nat-0d3b5f7a9c1e00002";
/// An instance in the neighbour.
pub const OTHER_INSTANCE: &str = "i-0b1c2d3e4f5a60002";
/// The unencrypted volume of [`OTHER_INSTANCE`].
pub const OTHER_VOLUME: &str = "vol-0d1e3f5a7b9c00002";

/// Interface endpoints: id, service name and the actions that their policies permit.
const INTERFACES: [(&str, &str, &[&str]); 8] = [
    (ENDPOINT_STS, "com.amazonaws.eu-west-1.sts", &["sts:AssumeRole", "sts:GetCallerIdentity"]),
    (
        ENDPOINT_API,
        "com.amazonaws.eu-west-1.sagemaker.api",
        &[
            "sagemaker:CreatePresignedNotebookInstanceUrl",
            "sagemaker:CreateTrainingJob",
            "sagemaker:CreateModel",
            "sagemaker:Describe*",
            "sagemaker:List*",
        ],
    ),
    ("vpce-0b2c4d6e8f0a00004", "com.amazonaws.eu-west-1.sagemaker.runtime", &["sagemaker:InvokeEndpoint"]),
    (
        "vpce-0b2c4d6e8f0a00005",
        "com.amazonaws.eu-west-1.logs",
        &["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
    ),
    (
        "vpce-0b2c4d6e8f0a00006",
        "com.amazonaws.eu-west-1.kms",
        &["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
    ),
    (ENDPOINT_NOTEBOOK, "aws.sagemaker.eu-west-1.notebook", &["sagemaker:CreatePresignedNotebookInstanceUrl"]),
    (ENDPOINT_STUDIO, "aws.sagemaker.eu-west-1.studio", &["sagemaker:CreatePresignedDomainUrl"]),
    ("vpce-0b2c4d6e8f0a00009", "com.amazonaws.eu-west-1.monitoring", &["cloudwatch:PutMetricData"]),
];

pub(crate) fn known_good() -> Ec2 {
    let mut ec2 = Ec2 {
        vpcs: whole(vpcs(), |vpc| &vpc.id),
        subnets: whole(subnets(), |subnet| &subnet.id),
        zones: whole(zones(), |zone| &zone.id),
        route_tables: whole(route_tables(), |table| &table.id),
        internet_gateways: whole(
            [gateway(IGW_UNATTACHED, &[]), gateway(OTHER_IGW, &[(OTHER_VPC, "available")])],
            |gateway| &gateway.id,
        ),
        egress_only_gateways: Collected::empty(),
        carrier_gateways: Collected::empty(),
        nat_gateways: whole(nat_gateways(), |gateway| &gateway.id),
        vpn_gateways: whole([gateway(VGW_DETACHED, &[(VPC, "detached")])], |gateway| &gateway.id),
        security_groups: whole(security_groups(), |group| &group.id),
        network_interfaces: whole(network_interfaces(), |interface| &interface.id),
        vpc_endpoints: whole(vpc_endpoints(), |endpoint| &endpoint.id),
        prefix_lists: whole(prefix_lists(), |list| &list.id),
        flow_logs: whole(flow_logs(), |log| &log.id),
        ebs_encryption_by_default: Read::Seen(true),
        ebs_default_key: Read::Seen(some("arn:aws:kms:eu-west-1:111122223333:alias/ds-project-fraud-dev")),
        volumes: whole(volumes(), |volume| &volume.id),
        ..Ec2::unread()
    };
    perimeter::fill(&mut ec2);
    ec2
}

fn vpcs() -> [Vpc; 2] {
    let vpc = |id: &str, name: &str, blocks: &[&str]| Vpc {
        id: id.to_owned(),
        owner: ACCOUNT.to_owned(),
        state: "available".to_owned(),
        is_default: false,
        cidrs: blocks
            .iter()
            .map(|block| CidrBlock { cidr: (*block).to_owned(), state: "associated".to_owned() })
            .collect(),
        tags: tags(&[("Name", name)]),
        dns_support: Read::Seen(true),
        dns_hostnames: Read::Seen(true),
    };
    [vpc(VPC, "ds-vpc-fraud-dev", &["10.20.0.0/16", "100.64.0.0/20"]), vpc(OTHER_VPC, "web-shop", &["10.77.0.0/16"])]
}

/// A subnet of [`VPC`] as the known-good ones are: private, in this zone, with this block, and without tags.
#[must_use]
pub fn plain_subnet(id: &str, zone_id: &str, cidr: &str) -> Subnet {
    Subnet {
        id: id.to_owned(),
        arn: format!("arn:aws:ec2:eu-west-1:{ACCOUNT}:subnet/{id}"),
        vpc_id: VPC.to_owned(),
        owner: ACCOUNT.to_owned(),
        state: "available".to_owned(),
        zone_id: zone_id.to_owned(),
        cidr: some(cidr),
        ipv6_cidrs: Vec::new(),
        free_addresses: 240,
        map_public_ip: false,
        map_customer_owned_ip: false,
        assign_ipv6: false,
        outpost_arn: None,
        tags: Tags::new(),
    }
}

/// The tags by which the baseline chooses environment subnets.
#[must_use]
pub fn subnet_tags() -> Tags {
    tags(&[("ProjectName", "fraud"), ("Tier", "private")])
}

fn subnets() -> Vec<Subnet> {
    let mut subnets: Vec<Subnet> = [
        (SUBNET_A, "euw1-az1", "10.20.1.0/24"),
        (SUBNET_B, "euw1-az2", "10.20.2.0/24"),
        (SUBNET_C, "euw1-az3", "100.64.3.0/24"),
    ]
    .into_iter()
    .map(|(id, zone, cidr)| Subnet { tags: subnet_tags(), ..plain_subnet(id, zone, cidr) })
    .collect();
    subnets.push(Subnet {
        vpc_id: OTHER_VPC.to_owned(),
        map_public_ip: true,
        tags: tags(&[("ProjectName", "shop"), ("Tier", "public")]),
        ..plain_subnet(OTHER_SUBNET, "euw1-az1", "10.77.1.0/24")
    });
    subnets
}

fn zones() -> [Zone; 4] {
    [
        ("euw1-az1", "eu-west-1b", "availability-zone"),
        ("euw1-az2", "eu-west-1c", "availability-zone"),
        ("euw1-az3", "eu-west-1a", "availability-zone"),
        ("euw1-inv1-az1", "eu-west-1-inv-1a", "local-zone"),
    ]
    .map(|(id, name, kind)| Zone { id: id.to_owned(), name: name.to_owned(), kind: kind.to_owned() })
}

/// An active route, as `CreateRoute` makes it.
#[must_use]
pub fn route(destination: &str, target_field: &str, target: &str) -> Route {
    Route {
        destination: destination.to_owned(),
        targets: BTreeMap::from([(target_field.to_owned(), target.to_owned())]),
        state: "active".to_owned(),
        origin: some("CreateRoute"),
    }
}

fn local(block: &str) -> Route {
    Route { origin: some("CreateRouteTable"), ..route(block, "GatewayId", "local") }
}

/// The association of a route table with a subnet, or with the VPC as its main table.
#[must_use]
pub fn association(subnet_id: Option<&str>) -> RouteTableAssociation {
    RouteTableAssociation {
        subnet_id: subnet_id.map(str::to_owned),
        gateway_id: None,
        main: subnet_id.is_none(),
        state: some("associated"),
    }
}

fn route_tables() -> [RouteTable; 3] {
    let table = |id: &str, vpc: &str, subnets: &[Option<&str>], routes: Vec<Route>| RouteTable {
        id: id.to_owned(),
        vpc_id: vpc.to_owned(),
        owner: ACCOUNT.to_owned(),
        associations: subnets.iter().map(|subnet| association(*subnet)).collect(),
        routes: sorted(routes),
        propagating_vgws: Vec::new(),
        tags: Tags::new(),
    };
    let closed = || vec![local("10.20.0.0/16"), local("100.64.0.0/20"), route(PL_S3, "GatewayId", ENDPOINT_S3)];
    let mut private = closed();
    private.push(route(PL_SHARED, "TransitGatewayId", TRANSIT_GATEWAY));
    let open = vec![local("10.77.0.0/16"), route("0.0.0.0/0", "GatewayId", OTHER_IGW)];
    [
        table(TABLE_MAIN, VPC, &[None], closed()),
        table(TABLE_PRIVATE, VPC, &[Some(SUBNET_A), Some(SUBNET_B)], private),
        table(OTHER_TABLE, OTHER_VPC, &[None], open),
    ]
}

/// An attached gateway with its VPCs and the states of the attachments.
pub(crate) fn gateway(id: &str, attachments: &[(&str, &str)]) -> AttachedGateway {
    AttachedGateway {
        id: id.to_owned(),
        owner: id.starts_with("igw-").then(|| ACCOUNT.to_owned()),
        attachments: attachments
            .iter()
            .map(|(vpc, state)| Attachment { vpc_id: (*vpc).to_owned(), state: (*state).to_owned() })
            .collect(),
        tags: Tags::new(),
    }
}

/// A public, zonal, available NAT gateway.
#[must_use]
pub fn nat_gateway(id: &str, vpc_id: &str, subnet_id: &str) -> NatGateway {
    NatGateway {
        id: id.to_owned(),
        vpc_id: vpc_id.to_owned(),
        subnet_id: some(subnet_id),
        state: "available".to_owned(),
        connectivity: "public".to_owned(),
        availability_mode: some("zonal"),
        public_ips: texts(&["198.51.100.7"]),
        interfaces: Some(Vec::new()),
    }
}

fn nat_gateways() -> [NatGateway; 2] {
    [
        NatGateway { state: "deleted".to_owned(), ..nat_gateway(NAT_DELETED, VPC, SUBNET_A) },
        nat_gateway(OTHER_NAT, OTHER_VPC, OTHER_SUBNET),
    ]
}

/// A group of [`VPC`] without rules and tags.
#[must_use]
pub fn plain_group(id: &str, name: &str) -> SecurityGroup {
    SecurityGroup {
        id: id.to_owned(),
        name: name.to_owned(),
        vpc_id: VPC.to_owned(),
        owner: ACCOUNT.to_owned(),
        ingress: Vec::new(),
        egress: Vec::new(),
        tags: Tags::new(),
    }
}

/// The tags by which the baseline chooses workload groups.
#[must_use]
pub fn workload_tags() -> Tags {
    tags(&[("ProjectName", "fraud"), ("Tier", "workload")])
}

fn security_groups() -> [SecurityGroup; 4] {
    let itself = || with_group(all_traffic(), SG_WORKLOAD);
    let anyone = |permission: Permission| with_cidr(permission, "0.0.0.0/0");
    [
        plain_group(SG_DEFAULT, "default"),
        SecurityGroup {
            ingress: vec![itself(), with_group(tcp(443), SG_ENDPOINTS), with_prefix_list(tcp(9443), PL_MONITORING)],
            egress: vec![
                itself(),
                with_prefix_list(with_prefix_list(with_group(tcp(443), SG_ENDPOINTS), PL_S3), PL_SHARED),
            ],
            tags: workload_tags(),
            ..plain_group(SG_WORKLOAD, "ds-workload-fraud-dev")
        },
        SecurityGroup {
            ingress: vec![with_group(tcp(443), SG_WORKLOAD)],
            tags: tags(&[("ProjectName", "fraud"), ("Tier", "endpoints")]),
            ..plain_group(SG_ENDPOINTS, "ds-endpoints-fraud-dev")
        },
        SecurityGroup {
            vpc_id: OTHER_VPC.to_owned(),
            ingress: vec![anyone(tcp(22))],
            egress: vec![anyone(all_traffic())],
            ..plain_group(OTHER_GROUP, "default")
        },
    ]
}

/// An interface of an instance, in the workload group, without a public address.
#[must_use]
pub fn instance_interface(id: &str, subnet_id: &str, instance_id: &str) -> NetworkInterface {
    NetworkInterface {
        id: id.to_owned(),
        subnet_id: subnet_id.to_owned(),
        vpc_id: VPC.to_owned(),
        kind: "interface".to_owned(),
        requester_id: None,
        groups: texts(&[SG_WORKLOAD]),
        public_ip: None,
        carrier_ip: None,
        instance_id: some(instance_id),
        addresses: Some(vec![InterfaceAddress { ip: address_in(subnet_id).to_owned(), public_ip: None }]),
        source_dest_check: Some(true),
    }
}

fn address_in(subnet_id: &str) -> &'static str {
    match subnet_id {
        SUBNET_A => "10.20.1.10",
        SUBNET_B => "10.20.2.10",
        SUBNET_C => "100.64.3.10",
        _ => "10.77.1.10",
    }
}

fn network_interfaces() -> [NetworkInterface; 4] {
    [
        instance_interface(ENI_INSTANCE, SUBNET_A, INSTANCE),
        NetworkInterface {
            instance_id: None,
            requester_id: some("AROAINVENTEDSAGEMAKER:notebook"),
            ..instance_interface(ENI_NOTEBOOK, SUBNET_B, "")
        },
        NetworkInterface {
            instance_id: None,
            kind: "vpc_endpoint".to_owned(),
            groups: texts(&[SG_ENDPOINTS]),
            ..instance_interface("eni-0c1d3e5f7a9b00003", SUBNET_C, "")
        },
        NetworkInterface {
            vpc_id: OTHER_VPC.to_owned(),
            groups: texts(&[OTHER_GROUP]),
            public_ip: some("198.51.100.23"),
            addresses: Some(vec![InterfaceAddress { ip: "10.77.1.10".to_owned(), public_ip: some("198.51.100.23") }]),
            ..instance_interface("eni-0c1d3e5f7a9b00009", OTHER_SUBNET, OTHER_INSTANCE)
        },
    ]
}

/// An available interface endpoint of [`VPC`] in all three subnets, with private DNS and a confined policy.
#[must_use]
pub fn interface_endpoint(id: &str, service_name: &str, actions: &[&str]) -> VpcEndpoint {
    VpcEndpoint {
        id: id.to_owned(),
        vpc_id: VPC.to_owned(),
        owner: some(ACCOUNT),
        service_name: service_name.to_owned(),
        kind: "Interface".to_owned(),
        state: "available".to_owned(),
        policy: Some(endpoint_policy(actions, &json!("*")).to_string()),
        route_table_ids: texts(&[]),
        interface_ids: Some(texts(&[])),
        subnet_ids: texts(&[SUBNET_A, SUBNET_B, SUBNET_C]),
        groups: texts(&[SG_ENDPOINTS]),
        private_dns: Some(true),
        private_dns_for_resolver_only: Some(false),
        service_region: None,
        requester_managed: false,
        last_error: None,
        created: some("2026-02-03T09:15:00Z"),
        tags: tags(&[("ProjectName", "fraud")]),
    }
}

/// A policy of one statement: these actions on these resources for principals and resources of the account only.
#[must_use]
pub fn endpoint_policy(actions: &[&str], resources: &Value) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "AccountOnly",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": actions,
            "Resource": resources,
            "Condition": {"StringEquals": {"aws:PrincipalAccount": ACCOUNT, "aws:ResourceAccount": ACCOUNT}},
        }],
    })
}

fn vpc_endpoints() -> Vec<VpcEndpoint> {
    let buckets = json!([
        "arn:aws:s3:::ds-data-lake-7f3a",
        "arn:aws:s3:::ds-data-lake-7f3a/*",
        "arn:aws:s3:::ds-data-fraud-dev-7f3a",
        "arn:aws:s3:::ds-data-fraud-dev-7f3a/*",
        "arn:aws:s3:::ds-model-fraud-dev-7f3a",
        "arn:aws:s3:::ds-model-fraud-dev-7f3a/*",
    ]);
    let actions = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"];
    let gateway = VpcEndpoint {
        kind: "Gateway".to_owned(),
        policy: Some(endpoint_policy(&actions, &buckets).to_string()),
        route_table_ids: texts(&[TABLE_MAIN, TABLE_PRIVATE]),
        interface_ids: Some(texts(&[])),
        subnet_ids: texts(&[]),
        groups: texts(&[]),
        private_dns: Some(false),
        private_dns_for_resolver_only: None,
        ..interface_endpoint(ENDPOINT_S3, "com.amazonaws.eu-west-1.s3", &[])
    };
    let interfaces = INTERFACES.iter().map(|(id, service, actions)| interface_endpoint(id, service, actions));
    std::iter::once(gateway).chain(interfaces).collect()
}

fn prefix_lists() -> [PrefixList; 4] {
    [
        (PL_S3, "com.amazonaws.eu-west-1.s3", "AWS", ["192.0.2.0/25", "192.0.2.128/25"]),
        (PL_DYNAMODB, "com.amazonaws.eu-west-1.dynamodb", "AWS", ["198.51.100.128/26", "198.51.100.192/26"]),
        (PL_SHARED, "shared-services", ACCOUNT, ["10.9.32.0/24", "10.9.40.0/24"]),
        (PL_MONITORING, "monitoring-hosts", ACCOUNT, ["10.8.4.0/24", "10.8.6.0/24"]),
    ]
    .map(|(id, name, owner, entries)| PrefixList {
        id: id.to_owned(),
        name: name.to_owned(),
        owner: owner.to_owned(),
        family: some("IPv4"),
        entries: Read::Seen(texts(&entries)),
    })
}

/// A delivering flow log of all traffic, to a log group, in the default format.
#[must_use]
pub fn flow_log(id: &str, resource_id: &str) -> FlowLog {
    FlowLog {
        id: id.to_owned(),
        resource_id: resource_id.to_owned(),
        traffic_type: "ALL".to_owned(),
        status: "ACTIVE".to_owned(),
        deliver_status: some("SUCCESS"),
        deliver_error: None,
        destination_type: some("cloud-watch-logs"),
        destination: some("/ds/flow/fraud-dev"),
        format: None,
        role_arn: some("arn:aws:iam::111122223333:role/flow-log-delivery"),
    }
}

fn flow_logs() -> Vec<FlowLog> {
    FLOW_LOGS.into_iter().zip([SUBNET_A, SUBNET_B, SUBNET_C]).map(|(id, subnet)| flow_log(id, subnet)).collect()
}

fn volumes() -> [Volume; 2] {
    [
        Volume {
            id: VOLUME.to_owned(),
            encrypted: true,
            kms_key_id: some(kms::KEY_VOLUMES),
            instance_ids: texts(&[INSTANCE]),
        },
        Volume {
            id: OTHER_VOLUME.to_owned(),
            encrypted: false,
            kms_key_id: None,
            instance_ids: texts(&[OTHER_INSTANCE]),
        },
    ]
}
