//! Packets as a line has them (tests/oracles/walk/README.md), read and written.
#![allow(dead_code, reason = "each program uses its own part")]

use std::net::IpAddr;

use plumbline_reachability::{Origin, Packet, Place, Verdict};
use plumbline_snapshot::ec2::Ec2;
use serde_json::{Value, json};

pub(crate) fn origin(packet: &Value) -> Origin<'_> {
    let from = &packet["from"];
    match (from["eni"].as_str(), from["peer_beyond"].as_str(), from["vpc_id"].as_str()) {
        (Some(id), ..) => Origin::Interface(id),
        (_, Some(gateway), Some(vpc)) => Origin::Beyond(gateway, vpc),
        _ => Origin::Internet,
    }
}

/// None where the interface that sends it has no address of the destination's family.
pub(crate) fn packet(line: &Value, ec2: &Ec2) -> Option<Packet> {
    let from = &line["from"];
    let destination: IpAddr = line.pointer("/to/address").and_then(Value::as_str).unwrap().parse().unwrap();
    let source = match (from["address"].as_str().or(from["internet"].as_str()), from["eni"].as_str()) {
        (Some(own), _) => own.parse().unwrap(),
        (_, id) => {
            let interface = ec2.network_interfaces.get(id?).unwrap()?;
            let mut own = interface.addresses.iter().flatten().map(|own| own.ip.parse::<IpAddr>().unwrap());
            own.find(|ip| ip.is_ipv6() == destination.is_ipv6())?
        }
    };
    let protocol = match (line["protocol"].as_str(), line["protocol"].as_u64()) {
        (Some("tcp"), _) => 6,
        (Some("udp"), _) => 17,
        (Some("icmp"), _) => 1,
        (Some("icmpv6"), _) => 58,
        (Some(number), _) => number.parse().unwrap(),
        (_, number) => u8::try_from(number.unwrap()).unwrap(),
    };
    let number = |name: &str| u16::try_from(line[name].as_u64().unwrap_or(0)).unwrap();
    let icmp = [1, 58].contains(&protocol);
    let port = if icmp { number("icmp_type") << 8 | number("icmp_code") } else { number("port") };
    Some(Packet { source, destination, protocol, source_port: number("source_port"), port })
}

/// A packet as a line would have it, but for its name.
pub(crate) fn written(origin: Origin<'_>, packet: &Packet) -> Value {
    let source = packet.source.to_string();
    let from = match origin {
        Origin::Interface(id) => json!({ "eni": id, "address": source }),
        Origin::Internet => json!({ "internet": source }),
        Origin::Beyond(gateway, vpc) => json!({ "peer_beyond": gateway, "vpc_id": vpc, "address": source }),
    };
    let to = json!({ "address": packet.destination.to_string() });
    let Packet { protocol, source_port, port, .. } = packet;
    let [kind, code] = port.to_be_bytes();
    match protocol {
        6 | 17 => json!({ "from": from, "to": to, "protocol": protocol, "source_port": source_port, "port": port }),
        1 | 58 => json!({ "from": from, "to": to, "protocol": protocol, "icmp_type": kind, "icmp_code": code }),
        _ => json!({ "from": from, "to": to, "protocol": protocol }),
    }
}

pub(crate) fn word(verdict: Verdict<'_>) -> &'static str {
    match verdict {
        Verdict::Delivered(_) => "DELIVERED",
        Verdict::Dropped => "DROPPED",
        Verdict::Unknown => "UNKNOWN",
    }
}

/// Where a packet was delivered.
pub(crate) fn place(verdict: Verdict<'_>) -> Option<&str> {
    match verdict {
        Verdict::Delivered(Place::Internet) => Some("internet"),
        Verdict::Delivered(Place::Of(id)) => Some(id),
        _ => None,
    }
}
