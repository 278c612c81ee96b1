//! A topology without its ways to the internet, and the same in IPv6: each address and block as the last bits of `fd00::/96`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use plumbline_reachability::Packet;
use serde_json::{Value, json};

use super::{list, members};

const HIGH: u128 = 0xfd00 << 112;

fn address(v4: Ipv4Addr) -> Ipv6Addr {
    (HIGH | u128::from(u32::from(v4))).into()
}

/// An address, or a block, in IPv6.
fn text(v4: &Value) -> Value {
    let v4 = v4.as_str().unwrap();
    match v4.split_once('/') {
        Some((_, "0")) => "::/0".into(),
        Some((first, length)) => {
            format!("{}/{}", address(first.parse().unwrap()), 96 + length.parse::<u8>().unwrap()).into()
        }
        None => address(v4.parse().unwrap()).to_string().into(),
    }
}

/// Messages that mean the same, and no other: echo and its reply. No protocol is ICMP of the other family.
fn message(protocol: u8, port: u16, from: u8, to: u8) -> Option<(u8, u16)> {
    let own = |request: u8| if request == 1 { [8, 0] } else { [128, 129] };
    let [kind, code] = port.to_be_bytes();
    match protocol {
        _ if protocol == from => {
            let place = own(from).iter().position(|it| *it == kind)?;
            Some((to, u16::from_be_bytes([own(to)[place], code])))
        }
        _ if protocol == to => None,
        _ => Some((protocol, port)),
    }
}

pub(crate) fn packet(v4: &Packet) -> Option<Packet> {
    let (IpAddr::V4(source), IpAddr::V4(destination)) = (v4.source, v4.destination) else { return None };
    let (protocol, port) = message(v4.protocol, v4.port, 1, 58)?;
    Some(Packet { source: address(source).into(), destination: address(destination).into(), protocol, port, ..*v4 })
}

/// The packet whose twin this is.
pub(crate) fn back(v6: &Packet) -> Option<Packet> {
    let own = |ip: IpAddr| match ip {
        IpAddr::V6(ip) => u32::try_from(u128::from(ip).checked_sub(HIGH)?).ok().map(|it| IpAddr::V4(it.into())),
        IpAddr::V4(_) => None,
    };
    let (protocol, port) = message(v6.protocol, v6.port, 58, 1)?;
    Some(Packet { source: own(v6.source)?, destination: own(v6.destination)?, protocol, port, ..*v6 })
}

/// Without the routes to gateways that treat the families differently.
pub(crate) fn without_internet(topology: &Value) -> Value {
    let mut topology = topology.clone();
    for table in members(&mut topology, "route_tables") {
        list(table, "Routes").retain(|route| {
            let gateway = route["GatewayId"].as_str().unwrap_or_default();
            let named = ["NatGatewayId", "EgressOnlyInternetGatewayId"].iter().any(|name| route[*name].is_string());
            route["State"] == "blackhole" || !(named || gateway.starts_with("igw-"))
        });
    }
    topology
}

/// `from` of each of a list becomes `to`; what has none is left out, unless it has something of `beside`.
fn turn(all: &mut Vec<Value>, from: &str, to: &str, beside: &[&str]) {
    all.retain(|one| one[from].is_string() || beside.iter().any(|name| !one[*name].is_null()));
    for one in all {
        let own = one.as_object_mut().unwrap();
        own.remove(to);
        if let Some(v4) = own.remove(from) {
            own.insert(to.to_owned(), text(&v4));
        }
    }
}

fn groups(topology: &mut Value) {
    for group in members(topology, "security_groups") {
        for rules in ["IpPermissions", "IpPermissionsEgress"] {
            for rule in members(group, rules) {
                let mut ranges = std::mem::take(list(rule, "IpRanges"));
                turn(&mut ranges, "CidrIp", "CidrIpv6", &[]);
                rule["Ipv6Ranges"] = ranges.into();
                if rule["IpProtocol"] == "icmp" {
                    rule["IpProtocol"] = "icmpv6".into();
                    kind(&mut rule["FromPort"]);
                }
            }
            let peers = ["Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"];
            let named = |rule: &Value| peers.iter().any(|it| rule[*it].as_array().is_some_and(|all| !all.is_empty()));
            list(group, rules).retain(named);
        }
    }
}

fn kind(kind: &mut Value) {
    match kind.as_i64() {
        Some(8) => *kind = 128.into(),
        Some(0) => *kind = 129.into(),
        _ => {}
    }
}

fn acls(topology: &mut Value) {
    for acl in members(topology, "network_acls") {
        turn(list(acl, "Entries"), "CidrBlock", "Ipv6CidrBlock", &[]);
        for entry in members(acl, "Entries") {
            if entry["Protocol"] == "1" {
                entry["Protocol"] = "58".into();
                kind(&mut entry["IcmpTypeCode"]["Type"]);
            }
        }
    }
}

/// The topology with IPv6 in the place of IPv4.
pub(crate) fn topology(v4: &Value) -> Value {
    let mut made = v4.clone();
    for vpc in members(&mut made, "vpcs") {
        let blocks = std::mem::take(list(vpc, "CidrBlockAssociationSet"));
        let turned = blocks.iter().map(|it| json!({ "Ipv6CidrBlock": text(&it["CidrBlock"]) }));
        vpc["Ipv6CidrBlockAssociationSet"] = turned.collect();
    }
    for subnet in members(&mut made, "subnets") {
        let block = text(&subnet["CidrBlock"]);
        subnet["CidrBlock"] = Value::Null;
        subnet["Ipv6CidrBlockAssociationSet"] = json!([{ "Ipv6CidrBlock": block }]);
    }
    for table in members(&mut made, "route_tables") {
        let beside = ["DestinationPrefixListId"];
        turn(list(table, "Routes"), "DestinationCidrBlock", "DestinationIpv6CidrBlock", &beside);
    }
    for interface in members(&mut made, "network_interfaces") {
        let mut own = std::mem::take(list(interface, "PrivateIpAddresses"));
        turn(&mut own, "PrivateIpAddress", "Ipv6Address", &[]);
        interface["Ipv6Addresses"] = own.into();
    }
    for listed in members(&mut made, "prefix_lists") {
        assert_eq!(listed["AddressFamily"], "IPv4");
        listed["AddressFamily"] = "IPv6".into();
        for entry in listed["Entries"].as_array_mut().into_iter().flatten() {
            entry["Cidr"] = text(&entry["Cidr"]);
        }
    }
    for peering in members(&mut made, "vpc_peering_connections") {
        for side in ["RequesterVpcInfo", "AccepterVpcInfo"] {
            let mut blocks = std::mem::take(list(&mut peering[side], "CidrBlockSet"));
            turn(&mut blocks, "CidrBlock", "Ipv6CidrBlock", &[]);
            peering[side]["Ipv6CidrBlockSet"] = blocks.into();
        }
    }
    groups(&mut made);
    acls(&mut made);
    made
}
