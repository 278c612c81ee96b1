//! Tests of where route tables send packets.

use std::collections::BTreeMap;

use plumbline_snapshot::ec2::PrefixList;
use plumbline_snapshot::{Collected, Read, Tags};

use super::*;
use crate::{Graph, Packet};

fn route(destination: &str, field: &str, id: &str) -> Route {
    Route {
        destination: destination.to_owned(),
        targets: BTreeMap::from([(field.to_owned(), id.to_owned())]),
        state: "active".to_owned(),
        origin: None,
    }
}

fn table(id: &str, vpc_id: &str, associations: Vec<RouteTableAssociation>, routes: Vec<Route>) -> RouteTable {
    RouteTable {
        id: id.to_owned(),
        vpc_id: vpc_id.to_owned(),
        owner: "111122223333".to_owned(),
        associations,
        routes,
        propagating_vgws: Vec::new(),
        tags: Tags::new(),
    }
}

fn lists(entries: Read<Vec<String>>) -> Ec2 {
    let list = PrefixList {
        id: "pl-1".to_owned(),
        name: "one".to_owned(),
        owner: "AWS".to_owned(),
        family: Some("IPv4".to_owned()),
        entries,
    };
    Ec2 { prefix_lists: Collected::whole([("pl-1", list)]), ..Ec2::unread() }
}

/// Where packets to an address go, or why it is not settled.
fn ways(routes: Vec<Route>, ec2: &Ec2, destination: &str) -> (Vec<String>, Vec<String>) {
    let table = table("rtb-1", "vpc-1", Vec::new(), routes);
    let destination: std::net::IpAddr = destination.parse().unwrap();
    let source = if destination.is_ipv4() { "10.0.1.5" } else { "2001:db8::5" }.parse().unwrap();
    let packet = Packet { source, destination, protocol: 6, source_port: 50_000, port: 443 };
    let forks = forks(&table, ec2).unwrap();
    let takes = |fork: &&Fork<'_>| fork.packets.contains(&packet);
    let sure = forks.forks.iter().filter(takes).map(|fork| format!("{:?}", fork.to)).collect();
    let open = forks.open.iter().filter(|(_, packets)| packets.contains(&packet));
    (sure, open.map(|(rule, _)| rule.as_str().to_owned()).collect())
}

#[test]
fn the_most_specific_route_takes_a_packet() {
    let routes = || {
        vec![
            route("0.0.0.0/0", "NatGatewayId", "nat-1"),
            route("10.0.0.0/16", "GatewayId", "local"),
            route("10.0.2.0/24", "NetworkInterfaceId", "eni-1"),
            route("10.0.0.0/8", "TransitGatewayId", "tgw-1"),
            Route { state: "blackhole".to_owned(), ..route("10.9.0.0/16", "VpcPeeringConnectionId", "pcx-1") },
            route("::/0", "EgressOnlyInternetGatewayId", "eigw-1"),
        ]
    };
    for (destination, expected) in [
        ("10.0.1.1", "Local"),
        ("10.0.2.1", "Interface(\"eni-1\")"),
        ("10.1.0.1", "Transit(\"tgw-1\")"),
        ("10.9.0.1", "Blackhole"),
        ("8.8.8.8", "Nat(\"nat-1\")"),
        ("2001:db8::1", "EgressOnly(\"eigw-1\")"),
    ] {
        assert_eq!(ways(routes(), &Ec2::unread(), destination), (vec![expected.to_owned()], vec![]), "{destination}");
    }
    let none = (Vec::new(), Vec::new());
    assert_eq!(ways(vec![route("10.0.0.0/16", "GatewayId", "local")], &Ec2::unread(), "8.8.8.8"), none);
}

#[test]
fn of_equal_blocks_a_static_one_comes_first_then_a_list_then_a_propagated_one() {
    let propagated =
        Route { origin: Some("EnableVgwRoutePropagation".to_owned()), ..route("172.16.0.0/12", "GatewayId", "vgw-1") };
    let by_list = route("pl-1", "TransitGatewayId", "tgw-1");
    let fixed = route("172.16.0.0/12", "VpcPeeringConnectionId", "pcx-1");
    let ec2 = lists(Read::Seen(vec!["172.16.0.0/12".to_owned()]));
    let to = |routes: Vec<&Route>| ways(routes.into_iter().cloned().collect(), &ec2, "172.16.0.1").0;
    assert_eq!(to(vec![&propagated, &by_list, &fixed]), ["Peering(\"pcx-1\")"]);
    assert_eq!(to(vec![&propagated, &by_list]), ["Transit(\"tgw-1\")"]);
    assert_eq!(to(vec![&propagated]), ["Private(\"vgw-1\")"]);
}

#[test]
fn a_prefix_list_that_hides_everything_as_two_halves() {
    let routes = || vec![route("10.0.0.0/16", "GatewayId", "local"), route("pl-1", "GatewayId", "igw-1")];
    let halves = lists(Read::Seen(vec!["0.0.0.0/1".to_owned(), "128.0.0.0/1".to_owned()]));
    assert_eq!(ways(routes(), &halves, "200.0.0.1").0, ["Internet(\"igw-1\")"]);
    assert_eq!(ways(routes(), &halves, "10.0.0.1").0, ["Local"]);
    // Unread, it may take anything; but no IPv6.
    let unread = lists(Read::unread(&plumbline_snapshot::ec2::PREFIX_LIST_ENTRIES));
    assert_eq!(ways(routes(), &unread, "10.0.0.1"), (vec![], vec!["prefix-list-unread".to_owned()]));
    assert_eq!(ways(vec![route("pl-1", "GatewayId", "igw-1")], &unread, "2001:db8::1"), (vec![], vec![]));
}

#[test]
fn what_the_pages_leave_open() {
    let ec2 = lists(Read::Seen(vec!["10.0.1.0/24".to_owned(), "172.16.0.0/12".to_owned()]));
    let inside = vec![route("10.0.0.0/16", "GatewayId", "local"), route("pl-1", "NetworkInterfaceId", "eni-1")];
    assert_eq!(ways(inside, &ec2, "10.0.1.1"), (vec![], vec!["prefix-list-inside".to_owned()]));
    let equal = vec![route("pl-1", "TransitGatewayId", "tgw-1"), route("pl-1", "GatewayId", "vgw-1")];
    assert_eq!(ways(equal, &ec2, "172.16.0.1"), (vec![], vec!["route-tie".to_owned()]));
    // A propagated route counts only where the local one does not.
    let propagated =
        Route { origin: Some("EnableVgwRoutePropagation".to_owned()), ..route("10.0.2.0/24", "GatewayId", "vgw-1") };
    let routes = vec![route("10.0.0.0/16", "GatewayId", "local"), propagated];
    assert_eq!(ways(routes, &ec2, "10.0.2.1"), (vec!["Local".to_owned()], vec![]));
}

#[test]
fn the_table_of_a_subnet() {
    let with = |subnet: Option<&str>, main: bool, state: Option<&str>| RouteTableAssociation {
        subnet_id: subnet.map(str::to_owned),
        gateway_id: None,
        main,
        state: state.map(str::to_owned),
    };
    let subnet = plumbline_testkit::ec2::plain_subnet("subnet-1", "euw1-az1", "10.0.1.0/24");
    let main = table("rtb-main", &subnet.vpc_id, vec![with(None, true, None)], Vec::new());
    let foreign = table("rtb-0", "vpc-other", vec![with(None, true, None)], Vec::new());
    let own = |state| table("rtb-own", &subnet.vpc_id, vec![with(Some("subnet-1"), false, state)], Vec::new());
    let found = |tables: Vec<RouteTable>| {
        let tables = tables.into_iter().map(|table| (table.id.clone(), table));
        let ec2 = Ec2 { route_tables: Collected::whole(tables), ..Ec2::unread() };
        Graph::of(&ec2).table_of(&subnet).map(|(table, _)| table.id.clone()).ok()
    };
    assert_eq!(found(vec![foreign.clone(), main.clone()]).as_deref(), Some("rtb-main"));
    assert_eq!(found(vec![main.clone(), own(Some("associated"))]).as_deref(), Some("rtb-own"));
    assert_eq!(found(vec![main.clone(), own(Some("disassociated"))]).as_deref(), Some("rtb-main"));
    assert_eq!(found(vec![foreign]), None);
    assert!(Graph::of(&Ec2::unread()).table_of(&subnet).is_err());
}
