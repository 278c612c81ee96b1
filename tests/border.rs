//! The border of a VPC (`Graph::border`) held against the ways of each interface (`Graph::ways`), which are held against the
//! packet walker, on the recorded topologies.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod walks;

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use plumbline_reachability::{Direction, Graph, Origin, Packets, Rule, Verdict, Way};
use plumbline_snapshot::ec2::{Ec2, NetworkInterface, Vpc};

use walks::{Line, each, generated, known};

/// Rules by which packets leave a VPC.
const LEAVING: [Rule; 9] = [
    Rule::IgwOut,
    Rule::EgressOnlyOut,
    Rule::Peering,
    Rule::BeyondPeering,
    Rule::BeyondTransit,
    Rule::BeyondVpn,
    Rule::BeyondTarget,
    Rule::EndpointService,
    Rule::Carrier,
];

/// The gateways that some packet of an interface leaves its VPC by, surely or not.
fn left_by<'a>(graph: &Graph<'a>, vpc: &Vpc, interface: &'a NetworkInterface) -> BTreeSet<&'a str> {
    let ways = graph.ways(Origin::Interface(&interface.id), outward(vpc, interface)).unwrap();
    let gateway = |way: &Way<'a>| {
        let first = way.hops.iter().find(|hop| LEAVING.contains(&hop.rule))?;
        (way.verdict != Verdict::Dropped || first.rule != way.hops.last()?.rule).then_some(first.at)
    };
    ways.iter().filter_map(gateway).collect()
}

/// From an interface's own addresses to what is outside of its VPC.
fn outward(vpc: &Vpc, interface: &NetworkInterface) -> Packets {
    let mut from = Packets::none();
    for own in interface.addresses.iter().flatten() {
        from = from.or(&Packets::from(own.ip.parse::<IpAddr>().unwrap().into())).unwrap();
    }
    let inside = vpc.cidrs.iter().map(|block| block.cidr.as_str());
    for block in inside.chain(["169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"]) {
        from = from.minus(&Packets::to(block.parse::<IpNet>().unwrap())).unwrap();
    }
    from
}

fn differences(line: &Line) -> Vec<String> {
    let ec2: Ec2 = line.ec2();
    let graph = Graph::of(&ec2);
    let mut found = Vec::new();
    for vpc in ec2.vpcs.seen() {
        let border = graph.border(vpc).unwrap();
        for interface in ec2.network_interfaces.seen().filter(|it| it.vpc_id == vpc.id && it.kind == "interface") {
            let own = border.crossings.iter().filter(|crossing| crossing.interface.id == interface.id);
            let crossed: BTreeSet<&str> =
                own.clone().filter(|it| it.direction() == Direction::Out).map(|it| it.gateway()).collect();
            let left = left_by(&graph, vpc, interface);
            if crossed != left {
                found.push(format!("{}: {crossed:?} by the border, {left:?} by its ways", interface.id));
            }
        }
    }
    found
}

#[test]
fn whoever_gets_out_does_so_by_its_ways() {
    let lines: Vec<Line> = generated().into_iter().chain(known()).collect();
    let found = each(&lines, differences);
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}

/// Each crossing inward of an internet gateway, sent from the internet, arrives or is not known to be stopped.
fn inward(line: &Line) -> Vec<String> {
    let ec2: Ec2 = line.ec2();
    let graph = Graph::of(&ec2);
    let mut public = Packets::all();
    for block in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"] {
        public = public.minus(&Packets::from(block.parse::<IpNet>().unwrap())).unwrap();
    }
    let from_internet = graph.ways(Origin::Internet, public).unwrap();
    let reached = |id: &str, surely: bool| {
        from_internet.iter().any(|way| match way.verdict {
            Verdict::Delivered(_) => way.hops.last().is_some_and(|hop| hop.at == id),
            Verdict::Unknown => !surely && way.hops.iter().any(|hop| hop.at == id),
            Verdict::Dropped => false,
        })
    };
    let mut found = Vec::new();
    for vpc in ec2.vpcs.seen() {
        let border = graph.border(vpc).unwrap();
        for interface in ec2.network_interfaces.seen().filter(|it| it.vpc_id == vpc.id && it.kind == "interface") {
            let mut own = border.crossings.iter().filter(|crossing| {
                crossing.interface.id == interface.id
                    && crossing.direction() == Direction::In
                    && crossing.gateway().starts_with("igw-")
            });
            let crosses = own.clone().any(|crossing| crossing.surely);
            if reached(&interface.id, true) && own.next().is_none() {
                found.push(format!("{} is reached from the internet", interface.id));
            }
            if crosses && !reached(&interface.id, false) {
                found.push(format!("{} is not reached from the internet", interface.id));
            }
        }
    }
    found
}

#[test]
fn whoever_is_reached_from_the_internet_is_by_its_ways() {
    let lines: Vec<Line> = generated().into_iter().chain(known()).collect();
    let found = each(&lines, inward);
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_packets_of_a_crossing_cross() {
    let find = |line: &Line| {
        let ec2 = line.ec2();
        let graph = Graph::of(&ec2);
        let mut found = Vec::new();
        for crossing in ec2.vpcs.seen().flat_map(|vpc| graph.border(vpc).unwrap().crossings) {
            let Some(witness) = crossing.packets().unwrap().witness() else {
                found.push(format!("{}: a crossing without a packet", crossing.interface.id));
                continue;
            };
            if crossing.direction() == Direction::In || !crossing.surely {
                continue;
            }
            let ways = graph.ways(Origin::Interface(&crossing.interface.id), Packets::just(&witness)).unwrap();
            let leaves = |way: &Way<'_>| way.hops.iter().any(|hop| hop.at == crossing.gateway());
            if !ways.iter().any(leaves) {
                found.push(format!("{} does not leave by {}: {witness:?}", crossing.interface.id, crossing.gateway()));
            }
        }
        found
    };
    let found = each(&generated(), find);
    assert!(found.is_empty(), "{}\n{}", found.len(), found.join("\n"));
}
