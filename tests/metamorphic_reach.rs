//! Ways held against each other: what holds between them whatever the network is. The networks are the recorded ones
//! (tests/differential/README.md), and changes of them.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

#[path = "pairs/dice.rs"]
mod dice;
mod walks;

use std::collections::BTreeSet;

use plumbline_reachability::{Graph, Origin, Packet, Packets, Place, Rule, Verdict, Way, verdict_on};
use plumbline_testkit::describe;
use serde_json::{Value, json};

use dice::Dice;
use walks::{Line, each, generated, list, members, origin, twin};

/// Some of the recorded networks, each with a number.
fn some(step: usize) -> Vec<(u64, Line)> {
    (0..).zip(generated()).step_by(step).collect()
}

fn origins(line: &Line) -> BTreeSet<Origin<'_>> {
    line.packets.iter().map(origin).collect()
}

/// A packet of every way.
fn witnesses(ways: &[Way<'_>]) -> BTreeSet<Packet> {
    ways.iter().filter_map(|way| way.packets.witness()).collect()
}

/// All of their results in one list, of which there have to be enough: each is told where it holds, and where not.
fn holds(found: Vec<Result<(), String>>, least: usize) {
    let wrong: Vec<&String> = found.iter().filter_map(|one| one.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{} of {}: {:#?}", wrong.len(), found.len(), wrong.iter().take(10).collect::<Vec<_>>());
    assert!(found.len() >= least, "{}", found.len());
}

fn ensure(holds: bool, say: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(say()) }
}

// A rule that allows more never closes.

/// A rule more in some group, or an entry that allows before all others in some network ACL.
fn allowing(topology: &Value, dice: &mut Dice) -> Value {
    let mut topology = topology.clone();
    let rule = json!({ "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{ "CidrIp": "0.0.0.0/0" }],
        "Ipv6Ranges": [{ "CidrIpv6": "::/0" }] });
    let ports = json!({ "From": 443, "To": 443 });
    let entry = |egress: bool| {
        json!({ "RuleNumber": 1, "RuleAction": "allow", "Egress": egress, "Protocol": "6",
        "PortRange": ports, "CidrBlock": "0.0.0.0/0" })
    };
    for group in members(&mut topology, "security_groups") {
        match dice.roll(3) {
            0 => list(group, "IpPermissions").push(rule.clone()),
            1 => list(group, "IpPermissionsEgress").push(rule.clone()),
            _ => {}
        }
    }
    for acl in members(&mut topology, "network_acls") {
        match dice.roll(3) {
            0 => list(acl, "Entries").push(entry(false)),
            1 => list(acl, "Entries").push(entry(true)),
            _ => {}
        }
    }
    topology
}

/// Whether a verdict is no narrower than one before.
fn no_narrower<'a>(before: Option<Verdict<'a>>, after: Option<Verdict<'a>>) -> bool {
    match (before, after) {
        (Some(before @ Verdict::Delivered(_)), after) => after == Some(before),
        (Some(Verdict::Unknown), after) => after != Some(Verdict::Dropped),
        _ => true,
    }
}

#[test]
fn a_rule_that_allows_more_never_closes() {
    let found = each(&some(6), |(number, line)| {
        let (plain, wider) = (line.ec2(), describe::ec2(&allowing(&line.topology, &mut Dice::new(*number))));
        let (plain, wider) = (Graph::of(&plain), Graph::of(&wider));
        let mut found = Vec::new();
        for origin in origins(line) {
            let before = plain.ways(origin, Packets::all()).unwrap();
            let after = wider.ways(origin, Packets::all()).unwrap();
            for packet in witnesses(&before).union(&witnesses(&after)) {
                let (old, new) = (verdict_on(&before, packet), verdict_on(&after, packet));
                let same_reply = !matches!(old.0, Verdict::Delivered(_)) || no_narrower(old.1, new.1);
                let holds = no_narrower(Some(old.0), Some(new.0)) && same_reply;
                found.push(ensure(holds, || format!("{number}: {origin:?} {packet:?}: {old:?}, then {new:?}")));
            }
        }
        found
    });
    holds(found, 12_000);
}

// More specific routes, and routes that are gone.

/// The place of a table among all, and interfaces in the subnets that are associated with it.
fn tables_with_senders(topology: &Value) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for (at, table) in topology["route_tables"].as_array().into_iter().flatten().enumerate() {
        let subnets = table["Associations"].as_array().unwrap().iter().map(|it| it["SubnetId"].as_str());
        let subnets: Vec<&str> = subnets.flatten().collect();
        let own = |it: &&Value| {
            it["InterfaceType"] == "interface" && it["SubnetId"].as_str().is_some_and(|id| subnets.contains(&id))
        };
        let all = topology["network_interfaces"].as_array().into_iter().flatten();
        let senders = all.filter(own).map(|it| it["NetworkInterfaceId"].as_str().unwrap().to_owned());
        found.push((at, senders.collect()));
    }
    found.retain(|(_, senders): &(usize, Vec<String>)| !senders.is_empty());
    found
}

/// All packets that a route of a table is for; None where its prefix list was not read.
fn taken(topology: &Value, route: &Value) -> Option<Packets> {
    let blocks: Vec<&Value> = match route["DestinationPrefixListId"].as_str() {
        Some(id) => {
            let own = topology["prefix_lists"].as_array()?.iter().find(|it| it["PrefixListId"] == id)?;
            own["Entries"].as_array()?.iter().map(|it| &it["Cidr"]).collect()
        }
        None => {
            let names = ["DestinationCidrBlock", "DestinationIpv6CidrBlock"];
            names.iter().map(|name| &route[*name]).filter(|it| it.is_string()).collect()
        }
    };
    let to = blocks.into_iter().map(|it| Packets::to(it.as_str().unwrap().parse().unwrap()));
    Some(to.fold(Packets::none(), |all, one| all.or(&one).unwrap()))
}

fn within_a_subnet(topology: &Value) -> Packets {
    let mut found = Packets::none();
    for subnet in topology["subnets"].as_array().into_iter().flatten() {
        let v6 = subnet["Ipv6CidrBlockAssociationSet"].as_array().into_iter().flatten();
        let blocks = [&subnet["CidrBlock"]].into_iter().chain(v6.map(|it| &it["Ipv6CidrBlock"]));
        for block in blocks.filter_map(Value::as_str) {
            found = found.or(&Packets::to(block.parse().unwrap())).unwrap();
        }
    }
    found
}

/// What ended these ways is that there is no route; of addresses of AWS's own it is never said.
fn ended(ways: &[Way<'_>], by: Rule) -> bool {
    let by = [by, Rule::SourceCheck, Rule::Reserved];
    ways.iter().all(|way| {
        !matches!(way.verdict, Verdict::Delivered(_)) && way.hops.last().is_some_and(|hop| by.contains(&hop.rule))
    })
}

#[test]
fn a_removed_route_never_opens_what_no_other_route_serves() {
    let found = each(&some(3), |(number, line)| {
        let mut found = Vec::new();
        for (at, senders) in tables_with_senders(&line.topology) {
            let routes = line.topology["route_tables"][at]["Routes"].as_array().unwrap();
            for (place, route) in routes.iter().enumerate().filter(|(_, it)| it["GatewayId"] != "local") {
                let others = routes.iter().enumerate().filter(|(other, _)| *other != place);
                let served: Option<Vec<Packets>> = others.map(|(_, other)| taken(&line.topology, other)).collect();
                let (Some(own), Some(served)) = (taken(&line.topology, route), served) else { continue };
                let served = [vec![within_a_subnet(&line.topology)], served].concat();
                let alone = served.iter().fold(own, |own, served| own.minus(served).unwrap());
                let mut without = line.topology.clone();
                list(&mut without["route_tables"][at], "Routes").remove(place);
                let ec2 = describe::ec2(&without);
                for sender in senders.iter().filter(|_| !alone.is_empty()) {
                    let ways = Graph::of(&ec2).ways(Origin::Interface(sender), alone.clone()).unwrap();
                    let holds = ended(&ways, Rule::NoRoute);
                    found.push(ensure(holds, || format!("{number}: {sender} without {route}: {ways:?}")));
                }
            }
        }
        found
    });
    holds(found, 800);
}

#[test]
fn a_more_specific_route_diverts_what_it_is_for_and_nothing_else() {
    let hole = "198.51.100.7/32".parse().unwrap();
    let touched = Packets::to(hole).or(&Packets::from(hole)).unwrap();
    let found = each(&some(8), |(number, line)| {
        let plain = line.ec2();
        let mut found = Vec::new();
        for (at, senders) in tables_with_senders(&line.topology) {
            let mut more = line.topology.clone();
            list(&mut more["route_tables"][at], "Routes").insert(
                0,
                json!({ "DestinationCidrBlock": "198.51.100.7/32", "NatGatewayId": "nat-gone", "State": "blackhole" }),
            );
            let more = describe::ec2(&more);
            let (plain, more) = (Graph::of(&plain), Graph::of(&more));
            for sender in &senders {
                let ways = more.ways(Origin::Interface(sender), Packets::to(hole)).unwrap();
                found.push(ensure(ended(&ways, Rule::Blackhole), || format!("{number}: {sender}: {ways:?}")));
            }
            for origin in origins(line).into_iter().take(4) {
                let [before, after] = [&plain, &more].map(|graph| graph.ways(origin, touched.not().unwrap()).unwrap());
                for packet in witnesses(&before).union(&witnesses(&after)) {
                    let (old, new) = (verdict_on(&before, packet), verdict_on(&after, packet));
                    found.push(ensure(old == new, || format!("{number}: {packet:?}: {old:?}, then {new:?}")));
                }
            }
        }
        found
    });
    holds(found, 10_000);
}

// Names.

/// Another name of the same kind, in another order than before.
fn renamed(name: &str) -> String {
    let kinds =
        ["vpc", "subnet", "rtb", "igw", "eigw", "nat", "vgw", "vpce", "eni", "pcx", "tgw", "acl", "sg", "pl", "i"];
    if let Some((path, last)) = name.rsplit_once('/').filter(|_| name.starts_with("arn:")) {
        return format!("{path}/{}", renamed(last));
    }
    match name.split_once('-') {
        Some((kind, _)) if kinds.contains(&kind) => {
            let mix = |seed: u64, byte: u8| (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            format!("{kind}-{:016x}", name.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
        }
        _ => name.to_owned(),
    }
}

fn all_renamed(value: &Value) -> Value {
    match value {
        Value::String(text) => renamed(text).into(),
        Value::Array(all) => all.iter().map(all_renamed).collect(),
        Value::Object(all) => all.iter().map(|(name, one)| (name.clone(), all_renamed(one))).collect(),
        other => other.clone(),
    }
}

#[test]
fn renaming_changes_nothing() {
    let say = |verdict: Verdict<'_>, change: fn(&str) -> String| match verdict {
        Verdict::Delivered(Place::Of(id)) => format!("delivered at {}", change(id)),
        other => format!("{other:?}"),
    };
    let found = each(&some(6), |(number, line)| {
        let (ec2, other) = (line.ec2(), describe::ec2(&all_renamed(&line.topology)));
        let of = |origin: Origin<'_>| match origin {
            Origin::Interface(id) => [renamed(id), String::new()],
            Origin::Beyond(gateway, vpc) => [renamed(gateway), renamed(vpc)],
            Origin::Internet => Default::default(),
        };
        let named: Vec<_> = origins(line).into_iter().map(|origin| (origin, of(origin))).collect();
        let (graph, renaming) = (Graph::of(&ec2), Graph::of(&other));
        let mut found = Vec::new();
        for (origin, [first, second]) in &named {
            let ways = graph.ways(*origin, Packets::all()).unwrap();
            let twin = match origin {
                Origin::Interface(_) => Origin::Interface(first),
                Origin::Beyond(..) => Origin::Beyond(first, second),
                Origin::Internet => Origin::Internet,
            };
            let others = renaming.ways(twin, Packets::all()).unwrap();
            for packet in witnesses(&ways).union(&witnesses(&others)) {
                let (one, two) = (verdict_on(&ways, packet), verdict_on(&others, packet));
                let one = (say(one.0, renamed), one.1.map(|reply| say(reply, renamed)));
                let two = (say(two.0, str::to_owned), two.1.map(|reply| say(reply, str::to_owned)));
                found.push(ensure(one == two, || format!("{number}: {origin:?} {packet:?}: {one:?}, {two:?}")));
            }
        }
        found
    });
    holds(found, 12_000);
}

// IPv4 and IPv6.

#[test]
fn twins_in_ipv4_and_ipv6_behave_alike() {
    let found = each(&some(4), |(number, line)| {
        let v4 = twin::without_internet(&line.topology);
        let (v4, v6) = (describe::ec2(&v4), describe::ec2(&twin::topology(&v4)));
        let (v4, v6) = (Graph::of(&v4), Graph::of(&v6));
        let mut found = Vec::new();
        for origin in origins(line).into_iter().filter(|origin| *origin != Origin::Internet) {
            let ways = v4.ways(origin, Packets::all_v4()).unwrap();
            let others = v6.ways(origin, Packets::all_v6()).unwrap();
            let back = witnesses(&others).iter().filter_map(twin::back).collect();
            for packet in witnesses(&ways).union(&back) {
                // Only IPv4 has a resolver in each VPC.
                let of = ways.iter().filter(|way| way.packets.contains(packet));
                let reserved = of.flat_map(|way| way.hops.last()).any(|hop| hop.rule == Rule::Reserved);
                let Some(other) = twin::packet(packet).filter(|_| !reserved) else { continue };
                let (one, two) = (verdict_on(&ways, packet), verdict_on(&others, &other));
                found.push(ensure(one == two, || format!("{number}: {origin:?} {packet:?}: {one:?}, {two:?}")));
            }
        }
        found
    });
    holds(found, 12_000);
}

// There and back.

/// With groups that let everything pass: what is left forgets each packet.
fn stateless(topology: &Value) -> Value {
    let mut topology = topology.clone();
    let open = json!([{ "IpProtocol": "-1", "IpRanges": [{ "CidrIp": "0.0.0.0/0" }], "Ipv6Ranges": [{ "CidrIpv6": "::/0" }] }]);
    for group in members(&mut topology, "security_groups") {
        group["IpPermissions"] = open.clone();
        group["IpPermissionsEgress"] = open.clone();
    }
    topology
}

/// With an entry before all others that drops what leaves (or enters) the subnet.
fn closed(topology: &Value, subnet: &str, egress: bool) -> Value {
    let mut topology = topology.clone();
    for acl in members(&mut topology, "network_acls") {
        if acl["Associations"].as_array().unwrap().iter().any(|it| it["SubnetId"] == subnet) {
            list(acl, "Entries")
                .push(json!({ "RuleNumber": 1, "RuleAction": "deny", "Egress": egress, "Protocol": "-1",
                "CidrBlock": "0.0.0.0/0" }));
        }
    }
    topology
}

/// Plain ways: nothing on them forwards or translates, and all was read.
fn plain(ways: &[Way<'_>]) -> bool {
    let strange = [Rule::NatTranslate, Rule::GroupUnknown];
    ways.iter().all(|way| way.assumes.is_empty() && way.hops.iter().all(|hop| !strange.contains(&hop.rule)))
}

fn delivered<'w>(sets: impl Iterator<Item = (Verdict<'w>, &'w Packets)>, to: &str) -> Packets {
    let own = sets.filter(|(verdict, _)| *verdict == Verdict::Delivered(Place::Of(to))).map(|(_, packets)| packets);
    own.fold(Packets::none(), |all, one| all.or(one).unwrap())
}

/// What an interface gets through to another one, and of it what is answered; none where the ways are not plain.
fn there_and_back(topology: &Value, [from, to]: [&str; 2], packets: &Packets) -> Option<[Packets; 2]> {
    let ec2 = describe::ec2(topology);
    let ways = Graph::of(&ec2).ways(Origin::Interface(from), packets.clone()).unwrap();
    let answers = ways.iter().flat_map(|way| &way.answers).map(|answer| (answer.verdict, &answer.packets));
    let answered = delivered(answers, from);
    let sent = delivered(ways.iter().map(|way| (way.verdict, &way.packets)), to);
    plain(&ways).then_some([sent, answered])
}

#[test]
fn a_stateless_path_needs_both_directions() {
    let found = each(&some(1), |(number, line)| {
        let topology = stateless(&line.topology);
        let all = topology["network_interfaces"].as_array().into_iter().flatten();
        let own = all.filter(|it| it["InterfaceType"] == "interface");
        let own: Vec<[&str; 3]> = own
            .map(|it| [&it["NetworkInterfaceId"], &it["SubnetId"], &it["PrivateIpAddresses"][0]["PrivateIpAddress"]])
            .map(|names| names.map(|name| name.as_str().unwrap()))
            .collect();
        let mut dice = Dice::new(*number);
        let mut found = Vec::new();
        for _ in 0..own.len().min(6) {
            let ([a, near, source], [b, far, destination]) = (*dice.pick(&own), *dice.pick(&own));
            let [source, destination] = [source, destination].map(|ip| format!("{ip}/32").parse().unwrap());
            let packets = Packets::from(source).and(&Packets::to(destination)).unwrap();
            let packets = packets.and(&Packets::protocol(6)).unwrap();
            let there = there_and_back(&topology, [a, b], &packets);
            let back = there_and_back(&topology, [b, a], &packets.swapped().unwrap());
            let (Some([sent, answered]), Some([returned, _])) = (there, back) else { continue };
            let both = sent.and(&returned.swapped().unwrap()).unwrap();
            let same = both.is_within(&answered).unwrap() && answered.is_within(&both).unwrap();
            found.push(ensure(same, || format!("{number}: {a} to {b}: {both:?}, answered {answered:?}")));
            if near == far || answered.is_empty() {
                continue;
            }
            for (subnet, egress) in [(far, true), (near, false)] {
                let [still, never] = there_and_back(&closed(&topology, subnet, egress), [a, b], &packets).unwrap();
                let holds = still == sent && never.is_empty();
                found.push(ensure(holds, || format!("{number}: {a} to {b}, {subnet} closed: {still:?}, {never:?}")));
            }
        }
        found
    });
    holds(found, 1_500);
}
