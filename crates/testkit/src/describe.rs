//! EC2 as the Describe* answers show it in JSON, read into a snapshot: what the packet walker's topologies are written in
//! (tests/oracles/walk/README.md). A group that is absent was not read.

use std::collections::BTreeSet;

use plumbline_snapshot::ec2::{
    AclEntry, AttachedGateway, Attachment, CidrBlock, Ec2, GroupPair, InterfaceAddress, NatGateway, NatInterface,
    NetworkAcl, NetworkInterface, PREFIX_LIST_ENTRIES, Peering, PeeringSide, Permission, PrefixList, Route, RouteTable,
    RouteTableAssociation, SecurityGroup, Subnet, TransitAttachment, Vpc, VpcBlock, VpcBlockExclusion, VpcEndpoint,
};
use plumbline_snapshot::{Collected, Read, Tags};
use serde_json::Value;

use crate::{ACCOUNT, REGION};

/// The networks of a topology.
#[must_use]
pub fn ec2(topology: &Value) -> Ec2 {
    let mut ec2 = Ec2::unread();
    fill(&mut ec2.vpcs, topology, "vpcs", vpc);
    fill(&mut ec2.subnets, topology, "subnets", subnet);
    fill(&mut ec2.route_tables, topology, "route_tables", table);
    let gateway = |one: &Value, id| gateway(one, id, "Attachments");
    fill(&mut ec2.internet_gateways, topology, "internet_gateways", |one| gateway(one, "InternetGatewayId"));
    fill(&mut ec2.egress_only_gateways, topology, "egress_only_internet_gateways", |one| {
        gateway(one, "EgressOnlyInternetGatewayId")
    });
    fill(&mut ec2.vpn_gateways, topology, "vpn_gateways", |one| self::gateway(one, "VpnGatewayId", "VpcAttachments"));
    fill(&mut ec2.nat_gateways, topology, "nat_gateways", nat);
    fill(&mut ec2.security_groups, topology, "security_groups", group);
    fill(&mut ec2.network_interfaces, topology, "network_interfaces", interface);
    fill(&mut ec2.vpc_endpoints, topology, "vpc_endpoints", endpoint);
    fill(&mut ec2.prefix_lists, topology, "prefix_lists", prefix_list);
    fill(&mut ec2.peerings, topology, "vpc_peering_connections", peering);
    fill(&mut ec2.transit_attachments, topology, "transit_gateway_vpc_attachments", attachment);
    fill(&mut ec2.network_acls, topology, "network_acls", acl);
    fill(&mut ec2.vpc_block_exclusions, topology, "vpc_block_public_access_exclusions", exclusion);
    let options = &topology["vpc_block_public_access_options"];
    if options.is_object() {
        let mode = some(options, "InternetGatewayBlockMode").unwrap_or_else(|| "off".to_owned());
        ec2.vpc_block = Read::Seen(VpcBlock { mode, state: text(options, "State"), managed_by: None });
    }
    ec2
}

fn fill<T>(into: &mut Collected<T>, topology: &Value, group: &str, read: impl Fn(&Value) -> (String, T)) {
    if let Some(all) = topology[group].as_array() {
        *into = Collected::whole(all.iter().map(read));
    }
}

fn some(one: &Value, name: &str) -> Option<String> {
    one[name].as_str().map(str::to_owned)
}

fn text(one: &Value, name: &str) -> String {
    some(one, name).unwrap_or_default()
}

fn list<'v>(one: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    one[name].as_array().into_iter().flatten()
}

fn each(one: &Value, group: &str, name: &str) -> Vec<String> {
    list(one, group).filter_map(|it| some(it, name)).collect()
}

fn texts(one: &Value, name: &str) -> BTreeSet<String> {
    list(one, name).filter_map(|it| it.as_str().map(str::to_owned)).collect()
}

fn number(one: &Value, name: &str) -> Option<i32> {
    one[name].as_i64().and_then(|it| i32::try_from(it).ok())
}

fn vpc(one: &Value) -> (String, Vpc) {
    let block = |it: &Value, name: &str, state: &str| {
        let state = some(&it[state], "State").unwrap_or_else(|| "associated".to_owned());
        Some(CidrBlock { cidr: some(it, name)?, state })
    };
    let v4 = list(one, "CidrBlockAssociationSet").filter_map(|it| block(it, "CidrBlock", "CidrBlockState"));
    let v6 = list(one, "Ipv6CidrBlockAssociationSet").filter_map(|it| block(it, "Ipv6CidrBlock", "Ipv6CidrBlockState"));
    let id = text(one, "VpcId");
    let found = Vpc {
        owner: ACCOUNT.to_owned(),
        state: "available".to_owned(),
        is_default: false,
        cidrs: v4.chain(v6).collect(),
        tags: Tags::new(),
        dns_support: Read::Seen(true),
        dns_hostnames: Read::Seen(true),
        id: id.clone(),
    };
    (id, found)
}

fn subnet(one: &Value) -> (String, Subnet) {
    let id = text(one, "SubnetId");
    let found = Subnet {
        arn: format!("arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{id}"),
        vpc_id: text(one, "VpcId"),
        owner: ACCOUNT.to_owned(),
        state: "available".to_owned(),
        zone_id: text(one, "AvailabilityZone"),
        cidr: some(one, "CidrBlock"),
        ipv6_cidrs: each(one, "Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock"),
        free_addresses: 100,
        map_public_ip: false,
        map_customer_owned_ip: false,
        assign_ipv6: false,
        outpost_arn: None,
        tags: Tags::new(),
        id: id.clone(),
    };
    (id, found)
}

fn table(one: &Value) -> (String, RouteTable) {
    let association = |it: &Value| RouteTableAssociation {
        subnet_id: some(it, "SubnetId"),
        gateway_id: some(it, "GatewayId"),
        main: it["Main"].as_bool().unwrap_or(false),
        state: some(&it["AssociationState"], "State"),
    };
    let id = text(one, "RouteTableId");
    let found = RouteTable {
        vpc_id: text(one, "VpcId"),
        owner: ACCOUNT.to_owned(),
        associations: list(one, "Associations").map(association).collect(),
        routes: list(one, "Routes").map(route).collect(),
        propagating_vgws: Vec::new(),
        tags: Tags::new(),
        id: id.clone(),
    };
    (id, found)
}

fn route(one: &Value) -> Route {
    let destinations = ["DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId"];
    let targets =
        one.as_object().into_iter().flatten().filter(|(name, _)| {
            !destinations.contains(&name.as_str()) && !["State", "Origin"].contains(&name.as_str())
        });
    Route {
        destination: destinations.iter().find_map(|name| some(one, name)).unwrap_or_default(),
        targets: targets.filter_map(|(name, it)| Some((name.clone(), it.as_str()?.to_owned()))).collect(),
        state: some(one, "State").unwrap_or_else(|| "active".to_owned()),
        origin: some(one, "Origin"),
    }
}

fn gateway(one: &Value, key: &str, attachments: &str) -> (String, AttachedGateway) {
    let attachment = |it: &Value| Attachment { vpc_id: text(it, "VpcId"), state: text(it, "State") };
    let attachments = list(one, attachments).map(attachment).collect();
    let id = text(one, key);
    (id.clone(), AttachedGateway { id, owner: None, attachments, tags: Tags::new() })
}

fn nat(one: &Value) -> (String, NatGateway) {
    let id = text(one, "NatGatewayId");
    let place = |it: &Value| NatInterface { id: text(it, "NetworkInterfaceId"), ip: some(it, "PrivateIp") };
    let found = NatGateway {
        vpc_id: text(one, "VpcId"),
        subnet_id: some(one, "SubnetId"),
        state: text(one, "State"),
        connectivity: text(one, "ConnectivityType"),
        availability_mode: some(one, "AvailabilityMode"),
        public_ips: each(one, "NatGatewayAddresses", "PublicIp"),
        interfaces: Some(list(one, "NatGatewayAddresses").map(place).collect()),
        id: id.clone(),
    };
    (id, found)
}

fn group(one: &Value) -> (String, SecurityGroup) {
    let id = text(one, "GroupId");
    let found = SecurityGroup {
        name: id.clone(),
        vpc_id: text(one, "VpcId"),
        owner: ACCOUNT.to_owned(),
        ingress: list(one, "IpPermissions").map(permission).collect(),
        egress: list(one, "IpPermissionsEgress").map(permission).collect(),
        tags: Tags::new(),
        id: id.clone(),
    };
    (id, found)
}

fn permission(one: &Value) -> Permission {
    let pair = |it: &Value| GroupPair {
        group_id: text(it, "GroupId"),
        user_id: None,
        vpc_id: None,
        peering_id: some(it, "VpcPeeringConnectionId"),
    };
    Permission {
        protocol: text(one, "IpProtocol"),
        from_port: number(one, "FromPort"),
        to_port: number(one, "ToPort"),
        ipv4: each(one, "IpRanges", "CidrIp"),
        ipv6: each(one, "Ipv6Ranges", "CidrIpv6"),
        prefix_lists: each(one, "PrefixListIds", "PrefixListId"),
        groups: list(one, "UserIdGroupPairs").map(pair).collect(),
    }
}

fn interface(one: &Value) -> (String, NetworkInterface) {
    let id = text(one, "NetworkInterfaceId");
    let private = |it: &Value| InterfaceAddress {
        ip: text(it, "PrivateIpAddress"),
        public_ip: some(&it["Association"], "PublicIp"),
    };
    let v6 = |ip: String| InterfaceAddress { ip, public_ip: None };
    let mut addresses: Vec<InterfaceAddress> = list(one, "PrivateIpAddresses").map(private).collect();
    addresses.extend(each(one, "Ipv6Addresses", "Ipv6Address").into_iter().map(v6));
    let carrier = list(one, "PrivateIpAddresses").find_map(|it| some(&it["Association"], "CarrierIp"));
    let found = NetworkInterface {
        subnet_id: text(one, "SubnetId"),
        vpc_id: text(one, "VpcId"),
        kind: text(one, "InterfaceType"),
        requester_id: None,
        groups: each(one, "Groups", "GroupId"),
        public_ip: addresses.iter().find_map(|own| own.public_ip.clone()),
        carrier_ip: carrier,
        instance_id: some(&one["Attachment"], "InstanceId"),
        addresses: Some(addresses),
        source_dest_check: Some(one["SourceDestCheck"].as_bool().unwrap_or(true)),
        id: id.clone(),
    };
    (id, found)
}

fn endpoint(one: &Value) -> (String, VpcEndpoint) {
    let id = text(one, "VpcEndpointId");
    let found = VpcEndpoint {
        vpc_id: text(one, "VpcId"),
        owner: None,
        service_name: text(one, "ServiceName"),
        kind: text(one, "VpcEndpointType"),
        state: text(one, "State"),
        policy: None,
        route_table_ids: BTreeSet::new(),
        subnet_ids: texts(one, "SubnetIds"),
        interface_ids: Some(texts(one, "NetworkInterfaceIds")),
        groups: BTreeSet::new(),
        private_dns: None,
        private_dns_for_resolver_only: None,
        service_region: None,
        requester_managed: false,
        last_error: None,
        created: None,
        tags: Tags::new(),
        id: id.clone(),
    };
    (id, found)
}

fn prefix_list(one: &Value) -> (String, PrefixList) {
    let id = text(one, "PrefixListId");
    let entries = if one["Entries"].is_array() {
        Read::Seen(each(one, "Entries", "Cidr"))
    } else {
        Read::unread_of(&PREFIX_LIST_ENTRIES, &id)
    };
    let found = PrefixList {
        name: id.clone(),
        owner: ACCOUNT.to_owned(),
        family: some(one, "AddressFamily"),
        entries,
        id: id.clone(),
    };
    (id, found)
}

fn peering(one: &Value) -> (String, Peering) {
    let side = |name: &str| {
        let side = &one[name];
        let mut cidrs = each(side, "CidrBlockSet", "CidrBlock");
        cidrs.extend(each(side, "Ipv6CidrBlockSet", "Ipv6CidrBlock"));
        PeeringSide { owner: ACCOUNT.to_owned(), vpc_id: text(side, "VpcId"), region: None, cidrs }
    };
    let id = text(one, "VpcPeeringConnectionId");
    let found = Peering {
        requester: side("RequesterVpcInfo"),
        accepter: side("AccepterVpcInfo"),
        status: text(&one["Status"], "Code"),
        id: id.clone(),
    };
    (id, found)
}

fn attachment(one: &Value) -> (String, TransitAttachment) {
    let id = text(one, "TransitGatewayAttachmentId");
    let found = TransitAttachment {
        gateway_id: text(one, "TransitGatewayId"),
        vpc_id: text(one, "VpcId"),
        vpc_owner: None,
        state: text(one, "State"),
        subnet_ids: texts(one, "SubnetIds"),
        id: id.clone(),
    };
    (id, found)
}

fn acl(one: &Value) -> (String, NetworkAcl) {
    let entry = |it: &Value| {
        let icmp = &it["IcmpTypeCode"];
        AclEntry {
            egress: it["Egress"].as_bool().unwrap_or(false),
            number: number(it, "RuleNumber").unwrap_or_default(),
            action: text(it, "RuleAction"),
            protocol: text(it, "Protocol"),
            ipv4: some(it, "CidrBlock"),
            ipv6: some(it, "Ipv6CidrBlock"),
            from_port: number(&it["PortRange"], "From"),
            to_port: number(&it["PortRange"], "To"),
            icmp: icmp.is_object().then(|| (number(icmp, "Type").unwrap_or(-1), number(icmp, "Code").unwrap_or(-1))),
        }
    };
    let id = text(one, "NetworkAclId");
    let found = NetworkAcl {
        vpc_id: text(one, "VpcId"),
        is_default: false,
        subnet_ids: each(one, "Associations", "SubnetId").into_iter().collect(),
        entries: list(one, "Entries").map(entry).collect(),
        id: id.clone(),
    };
    (id, found)
}

fn exclusion(one: &Value) -> (String, VpcBlockExclusion) {
    let id = text(one, "ExclusionId");
    let found = VpcBlockExclusion {
        resource_arn: text(one, "ResourceArn"),
        state: text(one, "State"),
        mode: some(one, "InternetGatewayExclusionMode"),
        id: id.clone(),
    };
    (id, found)
}
