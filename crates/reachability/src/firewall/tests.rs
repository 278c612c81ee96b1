//! Tests of what network ACLs and security groups let pass.

use plumbline_snapshot::ec2::{GroupPair, PrefixList};
use plumbline_snapshot::{Collected, Read, Tags};

use super::*;
use crate::Packet;

fn packet(source: &str, destination: &str, protocol: u8, port: u16) -> Packet {
    Packet {
        source: source.parse().unwrap(),
        destination: destination.parse().unwrap(),
        protocol,
        source_port: 50_000,
        port,
    }
}

fn said(bounds: &Bounds, packet: &Packet) -> &'static str {
    match (bounds.surely().contains(packet), bounds.possibly().contains(packet)) {
        (true, true) => "yes",
        (false, true) => "maybe",
        (false, false) => "no",
        (true, false) => panic!("what is sure is possible"),
    }
}

fn entry(number: i32, action: &str, protocol: &str, ipv4: &str, ports: Option<(i32, i32)>) -> AclEntry {
    AclEntry {
        egress: false,
        number,
        action: action.to_owned(),
        protocol: protocol.to_owned(),
        ipv4: Some(ipv4.to_owned()),
        ipv6: None,
        from_port: ports.map(|(first, _)| first),
        to_port: ports.map(|(_, last)| last),
        icmp: None,
    }
}

fn of(entries: Vec<AclEntry>) -> NetworkAcl {
    NetworkAcl {
        id: "acl-1".to_owned(),
        vpc_id: "vpc-1".to_owned(),
        is_default: false,
        subnet_ids: BTreeSet::new(),
        entries,
    }
}

fn passes(entries: Vec<AclEntry>) -> Bounds {
    acl(&of(entries), Way::In).unwrap()
}

#[test]
fn the_lowest_number_that_matches_decides() {
    let passed = passes(vec![
        entry(200, "allow", "6", "0.0.0.0/0", Some((1024, 65_535))),
        entry(100, "deny", "-1", "10.0.9.0/24", None),
        entry(150, "allow", "6", "10.0.0.0/8", Some((443, 443))),
        entry(32_767, "deny", "-1", "0.0.0.0/0", None),
    ]);
    for (from, port, expected) in [
        ("10.0.9.1", 443, "no"),
        ("10.0.8.1", 443, "yes"),
        ("10.0.8.1", 442, "no"),
        ("8.8.8.8", 443, "no"),
        ("8.8.8.8", 50_000, "yes"),
        ("10.0.9.1", 50_000, "no"),
    ] {
        assert_eq!(said(&passed, &packet(from, "10.0.1.5", 6, port)), expected, "{from} {port}");
    }
    assert_eq!(said(&passed, &packet("10.0.8.1", "10.0.1.5", 17, 443)), "no");
    assert_eq!(said(&passes(Vec::new()), &packet("10.0.8.1", "10.0.1.5", 17, 443)), "no");
}

#[test]
fn what_an_entry_says_in_words_not_known_here_is_not_guessed() {
    let first = |action: &str, protocol: &str| {
        passes(vec![entry(100, action, protocol, "10.0.0.0/8", None), entry(200, "allow", "-1", "0.0.0.0/0", None)])
    };
    let inside = packet("10.0.8.1", "10.0.1.5", 6, 443);
    let outside = packet("8.8.8.8", "10.0.1.5", 6, 443);
    assert_eq!(said(&first("mirror", "-1"), &inside), "maybe");
    assert_eq!(said(&first("deny", "teleport"), &inside), "maybe");
    assert_eq!(said(&first("mirror", "-1"), &outside), "yes");
    // Of ICMP an older file does not say which types.
    let ping = packet("10.0.8.1", "10.0.1.5", 1, 0x0800);
    assert_eq!(said(&first("deny", "1"), &ping), "maybe");
    assert_eq!(said(&first("deny", "1"), &inside), "yes");
}

#[test]
fn each_entry_with_what_it_is_the_first_to_let_in() {
    let out = AclEntry { egress: true, ..entry(1, "allow", "-1", "0.0.0.0/0", None) };
    let acl = of(vec![
        entry(300, "allow", "-1", "10.0.0.0/8", None),
        out,
        entry(200, "mirror", "6", "10.0.7.0/24", Some((80, 80))),
        entry(100, "deny", "6", "10.0.8.0/24", Some((443, 443))),
        entry(250, "allow", "6", "10.0.8.0/24", Some((443, 443))),
    ]);
    let entries = ingress(&acl).unwrap();
    let numbers: Vec<i32> = entries.iter().map(|entry| entry.entry.number).collect();
    assert_eq!(numbers, [100, 200, 250, 300]);
    let told = |from: &str, port: u16| -> Vec<(&str, &str)> {
        let packet = packet(from, "10.0.1.5", 6, port);
        entries.iter().map(|entry| (said(&entry.matches, &packet), said(&entry.admits, &packet))).collect()
    };
    // A deny admits nothing; behind it an entry matches and is not asked; an action not known here may admit, and so may what
    // comes after it.
    assert_eq!(told("10.0.8.1", 443), [("yes", "no"), ("no", "no"), ("yes", "no"), ("yes", "no")]);
    assert_eq!(told("10.0.8.1", 80), [("no", "no"), ("no", "no"), ("no", "no"), ("yes", "yes")]);
    assert_eq!(told("10.0.7.1", 80), [("no", "no"), ("yes", "maybe"), ("no", "no"), ("yes", "no")]);
    let teleport = of(vec![
        entry(10, "deny", "teleport", "10.0.0.0/8", None),
        entry(20, "allow", "teleport", "10.0.0.0/8", None),
        entry(30, "allow", "-1", "10.0.0.0/8", None),
    ]);
    let packet = packet("10.0.7.1", "10.0.1.5", 6, 80);
    let admitted: Vec<_> = ingress(&teleport).unwrap().iter().map(|it| said(&it.admits, &packet)).collect();
    assert_eq!(admitted, ["no", "maybe", "maybe"]);
}

#[test]
fn icmp_by_type_and_code() {
    let echo = |code| AclEntry { icmp: Some((8, code)), ..entry(100, "allow", "1", "0.0.0.0/0", None) };
    for (code, port, expected) in
        [(-1, 0x0800, "yes"), (-1, 0x08ff, "yes"), (0, 0x0800, "yes"), (0, 0x0801, "no"), (-1, 0x0000, "no")]
    {
        assert_eq!(said(&passes(vec![echo(code)]), &packet("10.0.8.1", "10.0.1.5", 1, port)), expected);
    }
}

fn rule(protocol: &str, ports: Option<(i32, i32)>) -> Permission {
    Permission {
        protocol: protocol.to_owned(),
        from_port: ports.map(|(first, _)| first),
        to_port: ports.map(|(_, last)| last),
        ipv4: Vec::new(),
        ipv6: Vec::new(),
        prefix_lists: Vec::new(),
        groups: Vec::new(),
    }
}

fn let_in(rule: Permission, lists: Collected<PrefixList>) -> Bounds {
    let group = SecurityGroup {
        id: "sg-1".to_owned(),
        name: "one".to_owned(),
        vpc_id: "vpc-1".to_owned(),
        owner: "111122223333".to_owned(),
        ingress: vec![rule],
        egress: Vec::new(),
        tags: Tags::new(),
    };
    let ec2 = Ec2 { prefix_lists: lists, ..Ec2::unread() };
    let members = |pair: &GroupPair| match pair.group_id.as_str() {
        "sg-seen" => Members { addresses: [[10, 0, 2, 7].into()].into(), anyone_but: None },
        "sg-else" => Members { addresses: BTreeSet::new(), anyone_but: Some([[10, 0, 2, 7].into()].into()) },
        _ => Members { addresses: BTreeSet::new(), anyone_but: Some(BTreeSet::new()) },
    };
    groups([&group], Way::In, &ec2, &members).unwrap()
}

#[test]
fn rules_of_groups() {
    let none = || Collected::whole(Vec::<(String, PrefixList)>::new());
    let pair = |id: &str| GroupPair { group_id: id.to_owned(), user_id: None, vpc_id: None, peering_id: None };
    let web = packet("10.0.2.7", "10.0.1.5", 6, 443);
    let of = |rule: Permission| said(&let_in(rule, none()), &web);
    let tcp = || rule("tcp", Some((443, 443)));
    assert_eq!(of(Permission { ipv4: vec!["10.0.2.0/24".to_owned()], ..tcp() }), "yes");
    assert_eq!(of(Permission { ipv4: vec!["10.0.3.0/24".to_owned()], ..tcp() }), "no");
    assert_eq!(of(Permission { ipv4: vec!["10.0.2.0/24".to_owned()], ..rule("udp", None) }), "no");
    assert_eq!(of(Permission { ipv4: vec!["10.0.2.0/24".to_owned()], ..rule("-1", None) }), "yes");
    assert_eq!(of(Permission { groups: vec![pair("sg-seen")], ..tcp() }), "yes");
    assert_eq!(of(Permission { groups: vec![pair("sg-beyond")], ..tcp() }), "maybe");
    assert_eq!(of(Permission { groups: vec![pair("sg-else")], ..tcp() }), "no");
    assert_eq!(of(Permission { groups: vec![pair("sg-beyond")], ..rule("tcp", Some((80, 80))) }), "no");
    assert_eq!(of(tcp()), "maybe", "a peer of a kind not known here");
    assert_eq!(of(Permission { ipv4: vec!["everywhere".to_owned()], ..tcp() }), "maybe");
}

#[test]
fn rules_of_groups_without_anyone_s_addresses() {
    let pair = |id: &str| GroupPair { group_id: id.to_owned(), user_id: None, vpc_id: None, peering_id: None };
    let tcp = || rule("tcp", Some((443, 443)));
    let group = |rule: Permission| SecurityGroup {
        id: "sg-1".to_owned(),
        name: "one".to_owned(),
        vpc_id: "vpc-1".to_owned(),
        owner: "111122223333".to_owned(),
        ingress: Vec::new(),
        egress: vec![rule],
        tags: Tags::new(),
    };
    let ec2 = Ec2 { prefix_lists: Collected::whole(Vec::<(String, PrefixList)>::new()), ..Ec2::unread() };
    let named = BTreeSet::from(["sg-named", "pl-named"]);
    let web = packet("10.0.2.7", "10.0.1.5", 6, 443);
    let let_out = |rule: Permission| said(&permits([&group(rule)], Direction::Out, &named, &ec2).unwrap(), &web);
    assert_eq!(let_out(Permission { groups: vec![pair("sg-named")], ..tcp() }), "yes");
    assert_eq!(let_out(Permission { groups: vec![pair("sg-named")], ..rule("tcp", Some((80, 80))) }), "no");
    assert_eq!(let_out(Permission { groups: vec![pair("sg-other")], ..tcp() }), "no");
    let here = GroupPair { vpc_id: Some("vpc-1".to_owned()), ..pair("sg-named") };
    let there = GroupPair { vpc_id: Some("vpc-2".to_owned()), ..pair("sg-named") };
    let peered = GroupPair { peering_id: Some("pcx-1".to_owned()), ..pair("sg-named") };
    assert_eq!(let_out(Permission { groups: vec![here], ..tcp() }), "yes");
    assert_eq!(let_out(Permission { groups: vec![there], ..tcp() }), "no");
    assert_eq!(let_out(Permission { groups: vec![peered], ..tcp() }), "no");
    assert_eq!(let_out(Permission { prefix_lists: vec!["pl-named".to_owned()], ..tcp() }), "yes");
    assert_eq!(let_out(Permission { prefix_lists: vec!["pl-unread".to_owned()], ..tcp() }), "maybe");
    assert_eq!(let_out(Permission { ipv4: vec!["10.0.1.0/24".to_owned()], ..tcp() }), "yes");
    assert_eq!(let_out(Permission { ipv4: vec!["10.0.2.0/24".to_owned()], ..tcp() }), "no");
    assert_eq!(let_out(tcp()), "maybe", "a peer of a kind not known here");
    let other_way = permits([&group(with_all(tcp()))], Direction::In, &named, &ec2).unwrap();
    assert_eq!(said(&other_way, &web), "no");
}

fn with_all(rule: Permission) -> Permission {
    Permission { ipv4: vec!["0.0.0.0/0".to_owned()], ..rule }
}

#[test]
fn prefix_lists() {
    let list = |entries| PrefixList {
        id: "pl-1".to_owned(),
        name: "halves".to_owned(),
        owner: "111122223333".to_owned(),
        family: Some("IPv4".to_owned()),
        entries,
    };
    let named = |entries| {
        let rule = Permission { prefix_lists: vec!["pl-1".to_owned()], ..rule("-1", None) };
        let lists = Collected::whole([("pl-1", list(entries))]);
        said(&let_in(rule, lists), &packet("200.0.0.1", "10.0.1.5", 6, 443))
    };
    assert_eq!(named(Read::Seen(vec!["0.0.0.0/1".to_owned(), "128.0.0.0/1".to_owned()])), "yes");
    assert_eq!(named(Read::Seen(vec!["0.0.0.0/1".to_owned()])), "no");
    assert_eq!(named(Read::unread(&plumbline_snapshot::ec2::PREFIX_LIST_ENTRIES)), "maybe");
}
