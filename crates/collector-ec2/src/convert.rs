//! EC2's answers as snapshot types. Pure: no call, no judgement.
//!
//! Ids, and fields whose absence would look like safety, must be there; an answer without them is unusable as a whole.
//! Words are kept as AWS spells them, unknown ones included.

use std::collections::BTreeMap;

use aws_sdk_ec2::types as aws;
use aws_smithy_types::DateTime;
use plumbline_collector::moment;
use plumbline_snapshot::Tags;
use plumbline_snapshot::ec2::{
    AttachedGateway, Attachment, CarrierGateway, CidrBlock, FlowLog, GroupPair, InterfaceAddress, NatGateway,
    NatInterface, NetworkInterface, Permission, PrefixList, Route, RouteTable, RouteTableAssociation, SecurityGroup,
    Subnet, Volume, Vpc, VpcEndpoint, Zone,
};
use plumbline_snapshot::ec2::{PREFIX_LIST_ENTRIES, VPC_ATTRIBUTE};
use plumbline_snapshot::{Read, Source};

/// A VPC; its attributes are read apart.
pub(crate) fn vpc(item: &aws::Vpc) -> Option<(String, Vpc)> {
    let id = text(item.vpc_id())?;
    let mut cidrs = Vec::new();
    for block in item.cidr_block_association_set.as_deref()? {
        let state = block.cidr_block_state().and_then(|state| state.state()).map(aws::VpcCidrBlockStateCode::as_str);
        cidrs.push(cidr_block(block.cidr_block(), state)?);
    }
    for block in item.ipv6_cidr_block_association_set() {
        let state =
            block.ipv6_cidr_block_state().and_then(|state| state.state()).map(aws::VpcCidrBlockStateCode::as_str);
        cidrs.push(cidr_block(block.ipv6_cidr_block(), state)?);
    }
    let found = Vpc {
        owner: text(item.owner_id())?,
        state: text(item.state().map(aws::VpcState::as_str))?,
        is_default: item.is_default()?,
        cidrs: sorted(cidrs),
        tags: tags(item.tags())?,
        dns_support: unread(&VPC_ATTRIBUTE, &id),
        dns_hostnames: unread(&VPC_ATTRIBUTE, &id),
        id: id.clone(),
    };
    Some((id, found))
}

fn cidr_block(cidr: Option<&str>, state: Option<&str>) -> Option<CidrBlock> {
    Some(CidrBlock { cidr: text(cidr)?, state: text(state)? })
}

fn unread<T>(source: &Source, id: &str) -> Read<T> {
    Read::unread_of(source, id)
}

/// The value of a VPC attribute; a missing structure is no answer.
pub(crate) fn attribute(value: Option<&aws::AttributeBooleanValue>) -> Option<bool> {
    value.and_then(aws::AttributeBooleanValue::value)
}

/// A subnet.
pub(crate) fn subnet(item: &aws::Subnet) -> Option<(String, Subnet)> {
    let id = text(item.subnet_id())?;
    let ipv6 = item.ipv6_cidr_block_association_set().iter().filter(|block| {
        let state = block.ipv6_cidr_block_state().and_then(|state| state.state());
        state == Some(&aws::SubnetCidrBlockStateCode::Associated)
    });
    let found = Subnet {
        arn: text(item.subnet_arn())?,
        vpc_id: text(item.vpc_id())?,
        owner: text(item.owner_id())?,
        state: text(item.state().map(aws::SubnetState::as_str))?,
        zone_id: text(item.availability_zone_id())?,
        cidr: text(item.cidr_block()),
        ipv6_cidrs: sorted(ipv6.filter_map(|block| text(block.ipv6_cidr_block())).collect()),
        free_addresses: item.available_ip_address_count().map(i64::from).unwrap_or_default(),
        map_public_ip: item.map_public_ip_on_launch()?,
        // Only an Outpost's subnets have this one, so it may be absent.
        map_customer_owned_ip: item.map_customer_owned_ip_on_launch().unwrap_or(false),
        assign_ipv6: item.assign_ipv6_address_on_creation()?,
        outpost_arn: text(item.outpost_arn()),
        tags: tags(item.tags())?,
        id: id.clone(),
    };
    Some((id, found))
}

/// A zone.
pub(crate) fn zone(item: &aws::AvailabilityZone) -> Option<(String, Zone)> {
    let id = text(item.zone_id())?;
    let found =
        Zone { name: text(item.zone_name()).unwrap_or_default(), kind: text(item.zone_type())?, id: id.clone() };
    Some((id, found))
}

/// A route table.
pub(crate) fn route_table(item: &aws::RouteTable) -> Option<(String, RouteTable)> {
    let id = text(item.route_table_id())?;
    let associations = item.associations.as_deref()?.iter().map(|association| {
        let state = association.association_state().and_then(|state| state.state());
        RouteTableAssociation {
            subnet_id: text(association.subnet_id()),
            gateway_id: text(association.gateway_id()),
            main: association.main().unwrap_or(false),
            state: state.map(|state| state.as_str().to_owned()),
        }
    });
    let found = RouteTable {
        vpc_id: text(item.vpc_id())?,
        owner: text(item.owner_id())?,
        associations: sorted(associations.collect()),
        routes: sorted(item.routes.as_deref()?.iter().map(route).collect()),
        propagating_vgws: sorted(item.propagating_vgws().iter().filter_map(|vgw| text(vgw.gateway_id())).collect()),
        tags: tags(item.tags())?,
        id: id.clone(),
    };
    Some((id, found))
}

/// A route. A kind of target or destination that this version does not know leaves its field empty.
fn route(item: &aws::Route) -> Route {
    let targets = [
        ("GatewayId", item.gateway_id()),
        ("NatGatewayId", item.nat_gateway_id()),
        ("EgressOnlyInternetGatewayId", item.egress_only_internet_gateway_id()),
        ("InstanceId", item.instance_id()),
        ("NetworkInterfaceId", item.network_interface_id()),
        ("TransitGatewayId", item.transit_gateway_id()),
        ("LocalGatewayId", item.local_gateway_id()),
        ("CarrierGatewayId", item.carrier_gateway_id()),
        ("VpcPeeringConnectionId", item.vpc_peering_connection_id()),
        ("CoreNetworkArn", item.core_network_arn()),
        ("OdbNetworkArn", item.odb_network_arn()),
        ("IpAddress", item.ip_address()),
    ];
    let destinations =
        [item.destination_cidr_block(), item.destination_ipv6_cidr_block(), item.destination_prefix_list_id()];
    Route {
        destination: destinations.into_iter().find_map(text).unwrap_or_default(),
        targets: targets
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), text(value)?)))
            .collect::<BTreeMap<_, _>>(),
        state: text(item.state().map(aws::RouteState::as_str)).unwrap_or_default(),
        origin: text(item.origin().map(aws::RouteOrigin::as_str)),
    }
}

/// An internet gateway.
pub(crate) fn internet_gateway(item: &aws::InternetGateway) -> Option<(String, AttachedGateway)> {
    let id = text(item.internet_gateway_id())?;
    let found = AttachedGateway {
        owner: text(item.owner_id()),
        attachments: internet_attachments(item.attachments.as_deref())?,
        tags: tags(item.tags())?,
        id: id.clone(),
    };
    Some((id, found))
}

/// An egress-only internet gateway.
pub(crate) fn egress_only_gateway(item: &aws::EgressOnlyInternetGateway) -> Option<(String, AttachedGateway)> {
    let id = text(item.egress_only_internet_gateway_id())?;
    let found = AttachedGateway {
        owner: None,
        attachments: internet_attachments(item.attachments.as_deref())?,
        tags: tags(item.tags())?,
        id: id.clone(),
    };
    Some((id, found))
}

fn internet_attachments(items: Option<&[aws::InternetGatewayAttachment]>) -> Option<Vec<Attachment>> {
    let attachments =
        items?.iter().map(|item| attachment(item.vpc_id(), item.state().map(aws::AttachmentStatus::as_str)));
    Some(sorted(attachments.collect::<Option<_>>()?))
}

fn attachment(vpc_id: Option<&str>, state: Option<&str>) -> Option<Attachment> {
    Some(Attachment { vpc_id: text(vpc_id)?, state: text(state)? })
}

/// A virtual private gateway.
pub(crate) fn vpn_gateway(item: &aws::VpnGateway) -> Option<(String, AttachedGateway)> {
    let id = text(item.vpn_gateway_id())?;
    let attachments = item
        .vpc_attachments
        .as_deref()?
        .iter()
        .map(|item| attachment(item.vpc_id(), item.state().map(aws::AttachmentStatus::as_str)));
    let found = AttachedGateway {
        owner: None,
        attachments: sorted(attachments.collect::<Option<_>>()?),
        tags: tags(item.tags())?,
        id: id.clone(),
    };
    Some((id, found))
}

/// A carrier gateway.
pub(crate) fn carrier_gateway(item: &aws::CarrierGateway) -> Option<(String, CarrierGateway)> {
    let id = text(item.carrier_gateway_id())?;
    let found = CarrierGateway {
        vpc_id: text(item.vpc_id())?,
        state: text(item.state().map(aws::CarrierGatewayState::as_str))?,
        id: id.clone(),
    };
    Some((id, found))
}

/// A NAT gateway, zonal or regional.
pub(crate) fn nat_gateway(item: &aws::NatGateway) -> Option<(String, NatGateway)> {
    let id = text(item.nat_gateway_id())?;
    let connectivity = item.connectivity_type().map_or("public", aws::ConnectivityType::as_str);
    let found = NatGateway {
        vpc_id: text(item.vpc_id())?,
        subnet_id: text(item.subnet_id()),
        state: text(item.state().map(aws::NatGatewayState::as_str))?,
        // `ConnectivityType` in CreateNatGateway: "The default is public connectivity."
        connectivity: connectivity.to_owned(),
        availability_mode: text(item.availability_mode().map(aws::AvailabilityMode::as_str)),
        public_ips: sorted(item.nat_gateway_addresses().iter().filter_map(|at| text(at.public_ip())).collect()),
        interfaces: Some(sorted(item.nat_gateway_addresses().iter().filter_map(nat_interface).collect())),
        id: id.clone(),
    };
    Some((id, found))
}

fn nat_interface(item: &aws::NatGatewayAddress) -> Option<NatInterface> {
    Some(NatInterface { id: text(item.network_interface_id())?, ip: text(item.private_ip()) })
}

/// A security group. Both lists of rules must be there, for an absent one is not an empty one.
pub(crate) fn security_group(item: &aws::SecurityGroup) -> Option<(String, SecurityGroup)> {
    let id = text(item.group_id())?;
    let found = SecurityGroup {
        name: text(item.group_name())?,
        vpc_id: text(item.vpc_id())?,
        owner: text(item.owner_id())?,
        ingress: permissions(item.ip_permissions.as_deref())?,
        egress: permissions(item.ip_permissions_egress.as_deref())?,
        tags: tags(item.tags())?,
        id: id.clone(),
    };
    Some((id, found))
}

fn permissions(items: Option<&[aws::IpPermission]>) -> Option<Vec<Permission>> {
    Some(sorted(items?.iter().map(permission).collect::<Option<_>>()?))
}

/// A permission. A kind of peer that this version does not know leaves all four lists of peers empty.
fn permission(item: &aws::IpPermission) -> Option<Permission> {
    let groups = item.user_id_group_pairs().iter().map(|pair| {
        Some(GroupPair {
            group_id: text(pair.group_id())?,
            user_id: text(pair.user_id()),
            vpc_id: text(pair.vpc_id()),
            peering_id: text(pair.vpc_peering_connection_id()),
        })
    });
    let ipv4 = item.ip_ranges().iter().map(|range| text(range.cidr_ip()));
    let ipv6 = item.ipv6_ranges().iter().map(|range| text(range.cidr_ipv6()));
    let prefix_lists = item.prefix_list_ids().iter().map(|list| text(list.prefix_list_id()));
    Some(Permission {
        protocol: text(item.ip_protocol())?,
        from_port: item.from_port(),
        to_port: item.to_port(),
        ipv4: sorted(ipv4.collect::<Option<_>>()?),
        ipv6: sorted(ipv6.collect::<Option<_>>()?),
        prefix_lists: sorted(prefix_lists.collect::<Option<_>>()?),
        groups: sorted(groups.collect::<Option<_>>()?),
    })
}

/// A network interface. Its public address may belong to any of its private ones, not only to the first. One that
/// spans subnets may name only those that it is associated with.
pub(crate) fn network_interface(item: &aws::NetworkInterface) -> Option<(String, NetworkInterface)> {
    let id = text(item.network_interface_id())?;
    let associations =
        || item.association().into_iter().chain(item.private_ip_addresses().iter().filter_map(|at| at.association()));
    let groups = item.groups().iter().map(|group| text(group.group_id()));
    let found = NetworkInterface {
        subnet_id: text(item.subnet_id()).or_else(|| text(item.associated_subnets().first().map(String::as_str)))?,
        vpc_id: text(item.vpc_id())?,
        kind: text(item.interface_type().map(aws::NetworkInterfaceType::as_str)).unwrap_or_default(),
        requester_id: text(item.requester_id()),
        groups: sorted(groups.collect::<Option<_>>()?),
        public_ip: associations().find_map(|association| text(association.public_ip())),
        carrier_ip: associations().find_map(|association| text(association.carrier_ip())),
        instance_id: item.attachment().and_then(|attachment| text(attachment.instance_id())),
        addresses: Some(sorted(interface_addresses(item)?)),
        source_dest_check: item.source_dest_check(),
        id: id.clone(),
    };
    Some((id, found))
}

/// Its addresses. The first private one also stands outside of the list, and a service may send it there alone.
fn interface_addresses(item: &aws::NetworkInterface) -> Option<Vec<InterfaceAddress>> {
    let public =
        |association: Option<&aws::NetworkInterfaceAssociation>| text(association.and_then(|it| it.public_ip()));
    let mut all: Vec<InterfaceAddress> = Vec::new();
    for own in item.private_ip_addresses() {
        all.push(InterfaceAddress { ip: text(own.private_ip_address())?, public_ip: public(own.association()) });
    }
    if let Some(ip) = text(item.private_ip_address()).filter(|ip| all.iter().all(|own| own.ip != *ip)) {
        all.push(InterfaceAddress { ip, public_ip: public(item.association()) });
    }
    for own in item.ipv6_addresses() {
        all.push(InterfaceAddress { ip: text(own.ipv6_address())?, public_ip: None });
    }
    Some(all)
}

/// A VPC endpoint.
pub(crate) fn vpc_endpoint(item: &aws::VpcEndpoint) -> Option<(String, VpcEndpoint)> {
    let id = text(item.vpc_endpoint_id())?;
    let groups = item.groups().iter().map(|group| text(group.group_id()));
    let last_error = item.last_error().and_then(|error| {
        let parts = [text(error.code()), text(error.message())];
        text(Some(parts.into_iter().flatten().collect::<Vec<_>>().join(": ").as_str()))
    });
    let found = VpcEndpoint {
        vpc_id: text(item.vpc_id())?,
        owner: text(item.owner_id()),
        service_name: text(item.service_name()).unwrap_or_default(),
        kind: text(item.vpc_endpoint_type().map(aws::VpcEndpointType::as_str))?,
        state: text(item.state().map(aws::State::as_str))?,
        policy: text(item.policy_document()),
        route_table_ids: item.route_table_ids().iter().cloned().collect(),
        subnet_ids: item.subnet_ids().iter().cloned().collect(),
        interface_ids: Some(item.network_interface_ids().iter().cloned().collect()),
        groups: groups.collect::<Option<_>>()?,
        private_dns: item.private_dns_enabled(),
        private_dns_for_resolver_only: item
            .dns_options()
            .and_then(aws::DnsOptions::private_dns_only_for_inbound_resolver_endpoint),
        service_region: text(item.service_region()),
        requester_managed: item.requester_managed().unwrap_or(false),
        last_error: last_error.or_else(|| text(item.failure_reason())),
        created: rfc3339(item.creation_timestamp()),
        tags: tags(item.tags())?,
        id: id.clone(),
    };
    Some((id, found))
}

/// A prefix list; its entries are read apart.
pub(crate) fn prefix_list(item: &aws::ManagedPrefixList) -> Option<(String, PrefixList)> {
    let id = text(item.prefix_list_id())?;
    let found = PrefixList {
        name: text(item.prefix_list_name())?,
        owner: text(item.owner_id())?,
        family: text(item.address_family()),
        entries: unread(&PREFIX_LIST_ENTRIES, &id),
        id: id.clone(),
    };
    Some((id, found))
}

/// A block of a prefix list, as its own key.
pub(crate) fn prefix_list_entry(item: &aws::PrefixListEntry) -> Option<(String, ())> {
    Some((text(item.cidr())?, ()))
}

/// A flow log. One of a transit gateway has no traffic type.
pub(crate) fn flow_log(item: &aws::FlowLog) -> Option<(String, FlowLog)> {
    let id = text(item.flow_log_id())?;
    let found = FlowLog {
        resource_id: text(item.resource_id())?,
        traffic_type: text(item.traffic_type().map(aws::TrafficType::as_str)).unwrap_or_default(),
        status: text(item.flow_log_status()).unwrap_or_default(),
        deliver_status: text(item.deliver_logs_status()),
        deliver_error: text(item.deliver_logs_error_message()),
        destination_type: text(item.log_destination_type().map(aws::LogDestinationType::as_str)),
        destination: text(item.log_destination()).or_else(|| text(item.log_group_name())),
        format: text(item.log_format()),
        role_arn: text(item.deliver_logs_permission_arn()),
        id: id.clone(),
    };
    Some((id, found))
}

/// A volume, with the instances that it is or is being attached to.
pub(crate) fn volume(item: &aws::Volume) -> Option<(String, Volume)> {
    let id = text(item.volume_id())?;
    let attached = item.attachments().iter().filter(|at| at.state() != Some(&aws::VolumeAttachmentState::Detached));
    let found = Volume {
        encrypted: item.encrypted()?,
        kms_key_id: text(item.kms_key_id()),
        instance_ids: sorted(attached.filter_map(|at| text(at.instance_id())).collect()),
        id: id.clone(),
    };
    Some((id, found))
}

/// A text, unless it is absent or empty: EC2 writes `<gatewayId/>` where it means nothing.
/// A text that is there and not empty.
pub(crate) fn text(value: Option<&str>) -> Option<String> {
    value.filter(|value| !value.is_empty()).map(str::to_owned)
}

fn tags(items: &[aws::Tag]) -> Option<Tags> {
    let pairs = items.iter().map(|tag| Some((text(tag.key())?, tag.value().unwrap_or_default().to_owned())));
    pairs.collect()
}

fn rfc3339(time: Option<&DateTime>) -> Option<String> {
    time.and_then(moment).map(|time| time.to_string())
}

/// The items in order, as lists in a snapshot are.
pub(crate) fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types as aws;
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_route_has_its_destination_and_every_target_that_is_set() {
        let route = |builder: aws::builders::RouteBuilder| {
            let found = super::route(&builder.build());
            let targets: Vec<String> = found.targets.iter().map(|(name, value)| format!("{name}={value}")).collect();
            (found.destination, targets.join(" "))
        };
        let of = aws::Route::builder;
        let cases = [
            (of().destination_cidr_block("0.0.0.0/0").gateway_id("igw-1"), "0.0.0.0/0", "GatewayId=igw-1"),
            (of().destination_ipv6_cidr_block("::/0").nat_gateway_id("nat-1"), "::/0", "NatGatewayId=nat-1"),
            (of().destination_prefix_list_id("pl-1").gateway_id("vpce-1"), "pl-1", "GatewayId=vpce-1"),
            (
                of().instance_id("i-1").network_interface_id("eni-1").instance_owner_id("1"),
                "",
                "InstanceId=i-1 NetworkInterfaceId=eni-1",
            ),
            (of().egress_only_internet_gateway_id("e").gateway_id(""), "", "EgressOnlyInternetGatewayId=e"),
            (of().transit_gateway_id("t"), "", "TransitGatewayId=t"),
            (of().local_gateway_id("l"), "", "LocalGatewayId=l"),
            (of().carrier_gateway_id("c"), "", "CarrierGatewayId=c"),
            (of().vpc_peering_connection_id("p"), "", "VpcPeeringConnectionId=p"),
            (of().core_network_arn("n"), "", "CoreNetworkArn=n"),
            (of().odb_network_arn("o"), "", "OdbNetworkArn=o"),
            (of().destination_cidr_block("192.0.2.0/24"), "192.0.2.0/24", ""),
        ];
        for (builder, destination, targets) in cases {
            assert_eq!(route(builder), (destination.to_owned(), targets.to_owned()));
        }
    }

    #[test]
    fn what_would_look_like_safety_must_be_there() {
        let group = || {
            aws::SecurityGroup::builder()
                .group_id("sg-1")
                .group_name("default")
                .vpc_id("vpc-1")
                .owner_id("1")
                .set_ip_permissions(Some(Vec::new()))
                .set_ip_permissions_egress(Some(Vec::new()))
        };
        assert!(security_group(&group().build()).is_some());
        assert_eq!(security_group(&group().set_group_id(None).build()), None);
        assert_eq!(security_group(&group().set_ip_permissions(None).build()), None);
        assert_eq!(security_group(&group().set_ip_permissions_egress(None).build()), None);

        let gateway = || aws::InternetGateway::builder().internet_gateway_id("igw-1");
        assert_eq!(internet_gateway(&gateway().build()), None, "no list of attachments");
        let unknown = aws::InternetGatewayAttachment::builder().build();
        assert_eq!(internet_gateway(&gateway().attachments(unknown).build()), None, "attached to what");

        let nat = aws::NatGateway::builder().nat_gateway_id("nat-1").vpc_id("vpc-1");
        assert_eq!(nat_gateway(&nat.build()), None, "no state");
        assert_eq!(volume(&aws::Volume::builder().volume_id("vol-1").build()), None, "encrypted or not");
        assert_eq!(zone(&aws::AvailabilityZone::builder().zone_id("z").build()), None, "no kind");
        let subnet_without = aws::Subnet::builder().subnet_id("subnet-1").build();
        assert_eq!(subnet(&subnet_without), None, "no flags");
        assert_eq!(tags(&[aws::Tag::builder().value("v").build()]), None, "a tag without a key");
        assert_eq!(attribute(None), None);
        assert_eq!(attribute(Some(&aws::AttributeBooleanValue::builder().build())), None);
    }

    #[test]
    fn peers_of_every_kind_are_kept_in_order() {
        let of = aws::IpPermission::builder().ip_protocol("tcp").from_port(1).to_port(2);
        let found = permission(
            &of.ip_ranges(aws::IpRange::builder().cidr_ip("10.2.0.0/16").build())
                .ip_ranges(aws::IpRange::builder().cidr_ip("10.1.0.0/16").build())
                .ipv6_ranges(aws::Ipv6Range::builder().cidr_ipv6("::/0").build())
                .prefix_list_ids(aws::PrefixListId::builder().prefix_list_id("pl-1").build())
                .user_id_group_pairs(aws::UserIdGroupPair::builder().group_id("sg-2").user_id("2").build())
                .build(),
        )
        .unwrap();
        assert_eq!((found.from_port, found.to_port), (Some(1), Some(2)));
        assert_eq!(found.ipv4, ["10.1.0.0/16", "10.2.0.0/16"]);
        assert_eq!((found.ipv6.len(), found.prefix_lists.len()), (1, 1));
        let groups: Vec<_> =
            found.groups.iter().map(|pair| (pair.group_id.as_str(), pair.user_id.as_deref())).collect();
        assert_eq!(groups, [("sg-2", Some("2"))]);
        let nobody = aws::IpPermission::builder().ip_protocol("tcp").ip_ranges(aws::IpRange::builder().build()).build();
        assert_eq!(permission(&nobody), None);
    }

    #[test]
    fn a_public_address_counts_wherever_it_hangs() {
        let of =
            || aws::NetworkInterface::builder().network_interface_id("eni-1").vpc_id("vpc-1").subnet_id("subnet-1");
        let association = || aws::NetworkInterfaceAssociation::builder();
        let second = aws::NetworkInterfacePrivateIpAddress::builder();
        let cases = [
            (of(), None, None),
            (of().association(association().public_ip("203.0.113.1").build()), Some("203.0.113.1"), None),
            (of().association(association().carrier_ip("198.51.100.1").build()), None, Some("198.51.100.1")),
            (
                of().private_ip_addresses(
                    second
                        .private_ip_address("10.0.1.5")
                        .association(association().public_ip("203.0.113.2").build())
                        .build(),
                ),
                Some("203.0.113.2"),
                None,
            ),
        ];
        for (builder, public, carrier) in cases {
            let (_, found) = network_interface(&builder.build()).unwrap();
            assert_eq!((found.public_ip.as_deref(), found.carrier_ip.as_deref()), (public, carrier));
        }
    }

    #[test]
    fn all_addresses_of_an_interface() {
        let of = || {
            aws::NetworkInterface::builder()
                .network_interface_id("eni-1")
                .vpc_id("vpc-1")
                .subnet_id("subnet-1")
                .private_ip_address("10.0.1.5")
                .source_dest_check(false)
        };
        let association = |ip: &str| aws::NetworkInterfaceAssociation::builder().public_ip(ip).build();
        let private = |ip: &str| aws::NetworkInterfacePrivateIpAddress::builder().private_ip_address(ip);
        let listed = of()
            .private_ip_addresses(private("10.0.1.9").association(association("203.0.113.2")).build())
            .private_ip_addresses(private("10.0.1.5").build())
            .ipv6_addresses(aws::NetworkInterfaceIpv6Address::builder().ipv6_address("2001:db8::5").build());
        let alone = of().association(association("203.0.113.1"));
        for (builder, expected) in [
            (listed, [("10.0.1.5", None), ("10.0.1.9", Some("203.0.113.2")), ("2001:db8::5", None)].as_slice()),
            (alone, &[("10.0.1.5", Some("203.0.113.1"))]),
        ] {
            let (_, found) = network_interface(&builder.build()).unwrap();
            let addresses = found.addresses.unwrap();
            let addresses: Vec<_> = addresses.iter().map(|own| (own.ip.as_str(), own.public_ip.as_deref())).collect();
            assert_eq!(addresses, expected);
            assert_eq!(found.source_dest_check, Some(false));
        }
    }

    #[test]
    fn words_that_a_newer_api_sends_are_kept() {
        let endpoint = aws::VpcEndpoint::builder()
            .vpc_endpoint_id("vpce-1")
            .vpc_id("vpc-1")
            .vpc_endpoint_type(aws::VpcEndpointType::from("Teleport"))
            .state(aws::State::from("dreaming"))
            .failure_reason("no reason")
            .creation_timestamp(DateTime::from_secs(1_700_000_000));
        let (_, found) = vpc_endpoint(&endpoint.build()).unwrap();
        assert_eq!((found.kind.as_str(), found.state.as_str()), ("Teleport", "dreaming"));
        assert_eq!(found.created.as_deref(), Some("2023-11-14T22:13:20Z"));
        assert_eq!((found.last_error.as_deref(), found.policy), (Some("no reason"), None));
    }
}
