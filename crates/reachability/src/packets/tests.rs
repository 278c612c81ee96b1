//! Tests of sets of packets.

use proptest::prelude::*;

use super::*;

fn packet(source: &str, destination: &str, protocol: u8, source_port: u16, port: u16) -> Packet {
    Packet { source: source.parse().unwrap(), destination: destination.parse().unwrap(), protocol, source_port, port }
}

fn block(text: &str) -> IpNet {
    text.parse().unwrap()
}

#[test]
fn a_rule_as_a_set() {
    let web = Packets::to(block("10.0.1.0/24")).and(&Packets::protocol(6)).unwrap();
    let web = web.and(&Packets::ports(443, 443)).unwrap();
    assert!(web.contains(&packet("1.2.3.4", "10.0.1.255", 6, 50_000, 443)));
    assert!(!web.contains(&packet("1.2.3.4", "10.0.2.0", 6, 50_000, 443)));
    assert!(!web.contains(&packet("1.2.3.4", "10.0.1.1", 17, 50_000, 443)));
    assert!(!web.contains(&packet("::1", "10.0.1.1", 6, 50_000, 443)));
    assert_eq!(web.witness(), Some(packet("198.51.100.1", "10.0.1.0", 6, 50_000, 443)));
    let other = Packets::to(block("10.0.1.0/24")).and(&Packets::protocol(17)).unwrap();
    assert_eq!(other.witness(), Some(packet("198.51.100.1", "10.0.1.0", 17, 50_000, 443)));
}

#[test]
fn two_halves_are_everything() {
    let halves = Packets::to(block("0.0.0.0/1")).or(&Packets::to(block("128.0.0.0/1"))).unwrap();
    let both = halves.or(&Packets::to(block("::/0"))).unwrap();
    assert_eq!(both, Packets::all());
    assert!(both.not().unwrap().is_empty());
    assert!(Packets::ports(2, 1).is_empty());
}

#[test]
fn a_reply_has_both_ends_swapped_and_icmp_keeps_its_type() {
    let asked = Packets::from(block("10.0.0.1/32")).and(&Packets::to(block("10.0.0.2/32"))).unwrap();
    let web = asked.and(&Packets::protocol(6)).unwrap().and(&Packets::ports(443, 443)).unwrap();
    let reply = web.swapped().unwrap();
    assert!(reply.contains(&packet("10.0.0.2", "10.0.0.1", 6, 443, 50_000)));
    assert!(!reply.contains(&packet("10.0.0.2", "10.0.0.1", 6, 50_000, 443)));
    let echo = asked.and(&Packets::protocol(1)).unwrap().and(&Packets::ports(0x0800, 0x08ff)).unwrap();
    assert!(echo.swapped().unwrap().contains(&packet("10.0.0.2", "10.0.0.1", 1, 0, 0x0800)));
    assert_eq!(web.swapped().unwrap().swapped().unwrap(), web);
}

#[test]
fn hostile_rules_end() {
    let stripes =
        |stripe: fn(u16) -> Packets| (0..200).fold(Packets::none(), |all, number| all.or(&stripe(number * 2)).unwrap());
    let sources = stripes(|number| Packets::from(block(&format!("10.0.{}.{}/32", number / 250, number % 250))));
    let ports = stripes(|number| Packets::ports(number, number));
    assert_eq!(sources.and(&ports), Err(TooMany));
}

/// Blocks, protocols and ports from so small a world that sets overlap often.
fn small() -> impl Strategy<Value = Packets> {
    let blocks = ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/31", "10.0.0.1/32", "128.0.0.0/1", "::/0", "2001:db8::/126"];
    let nets = prop::sample::select(blocks.map(block).to_vec());
    let one = (nets.clone(), nets, any::<bool>(), 0..3_u8, 0..4_u16, 0..4_u16, any::<bool>());
    let one = one.prop_map(|(from, to, by_source, protocol, first, last, any_protocol)| {
        let ends = if by_source { Packets::from(from) } else { Packets::to(to) };
        let ports = Packets::ports(first, last).and(&Packets::source_ports(first / 2, 3)).unwrap();
        let of = if any_protocol { Packets::all() } else { Packets::protocol(protocol) };
        ends.and(&ports).unwrap().and(&of).unwrap()
    });
    prop::collection::vec(one, 0..4).prop_map(|sets| sets.iter().fold(Packets::none(), |all, set| all.or(set).unwrap()))
}

fn some_packet() -> impl Strategy<Value = Packet> {
    let v4 = ["10.0.0.0", "10.0.0.1", "10.0.0.2", "128.0.0.0", "127.255.255.255", "9.255.255.255"];
    let v6 = ["2001:db8::", "2001:db8::3", "2001:db8::4", "::"];
    let pair = |list: Vec<&'static str>| (prop::sample::select(list.clone()), prop::sample::select(list));
    let ends = prop_oneof![pair(v4.to_vec()), pair(v6.to_vec())];
    (ends, 0..4_u8, 0..5_u16, 0..5_u16)
        .prop_map(|((from, to), protocol, source_port, port)| packet(from, to, protocol, source_port, port))
}

proptest! {
    #[test]
    fn operations_are_those_of_sets(one in small(), two in small(), packets in prop::collection::vec(some_packet(), 20)) {
        let (and, or, minus, not) =
            (one.and(&two).unwrap(), one.or(&two).unwrap(), one.minus(&two).unwrap(), one.not().unwrap());
        for packet in &packets {
            let (a, b) = (one.contains(packet), two.contains(packet));
            prop_assert_eq!(and.contains(packet), a && b);
            prop_assert_eq!(or.contains(packet), a || b);
            prop_assert_eq!(minus.contains(packet), a && !b);
            prop_assert_eq!(not.contains(packet), !a);
            let back = Packet {
                source: packet.destination,
                destination: packet.source,
                source_port: if packet.protocol == 1 { packet.source_port } else { packet.port },
                port: if packet.protocol == 1 { packet.port } else { packet.source_port },
                ..*packet
            };
            prop_assert_eq!(one.swapped().unwrap().contains(&back), a);
        }
        for set in [&and, &or, &minus, &not] {
            prop_assert_eq!(set.witness().is_none(), set.is_empty());
            if let Some(packet) = set.witness() {
                prop_assert!(set.contains(&packet));
            }
            for cubes in [&set.v4, &set.v6] {
                for (place, cube) in cubes.iter().enumerate() {
                    prop_assert!(cubes.iter().skip(place + 1).all(|other| cube.meet(other).is_none()));
                }
            }
        }
        prop_assert!(and.is_within(&one).unwrap() && one.is_within(&or).unwrap());
        prop_assert_eq!(or.minus(&one).unwrap().is_empty(), two.is_within(&one).unwrap());
    }
}
