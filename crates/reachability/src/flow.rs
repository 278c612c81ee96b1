//! Sets of packets in words: blocks of addresses, a protocol, ports.

use std::collections::BTreeMap;
use std::fmt;

use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};

use crate::cube::{Cube, Dimension, Span, joined};
use crate::packets::{ICMP, Packets};

/// Packets that are alike in all but their addresses: every packet from one of the sources to one of the destinations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flow {
    /// From these addresses.
    pub sources: Addresses,
    /// To these.
    pub destinations: Addresses,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `all`, a number or a range of numbers.
    pub protocol: String,
    /// `443`, `1024-65535`, `all`; of ICMP a type and code as `8/0`, or a range of them.
    pub ports: String,
}

/// Addresses of one family.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Addresses {
    spans: Vec<Span>,
    v4: bool,
}

/// Blocks that a sentence names; it counts the others.
const NAMED: usize = 4;

impl Addresses {
    fn new(spans: Vec<Span>, v4: bool) -> Self {
        Addresses { spans: joined(spans), v4 }
    }

    /// The blocks that they make up.
    #[must_use]
    pub fn blocks(&self) -> Vec<IpNet> {
        self.spans.iter().flat_map(|span| blocks(*span, self.v4)).collect()
    }

    fn last(&self) -> u128 {
        if self.v4 { u32::MAX.into() } else { u128::MAX }
    }

    fn others(&self) -> Self {
        let mut next = Some(0);
        let mut spans = Vec::new();
        for span in &self.spans {
            let before = span.low.checked_sub(1);
            spans.extend(next.zip(before).and_then(|(low, high)| Span::new(low, high)));
            next = span.high.checked_add(1);
        }
        spans.extend(next.and_then(|low| Span::new(low, self.last())));
        Addresses { spans, v4: self.v4 }
    }
}

/// The blocks; where they are many, all but some, or some of them.
impl fmt::Display for Addresses {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own = self.blocks();
        let all = if self.v4 { "0.0.0.0/0" } else { "::/0" };
        if own.len() <= NAMED {
            return to.write_str(&named(&own));
        }
        let others = self.others().blocks();
        if others.len() < own.len() {
            return write!(to, "{all} except {}", named(&others));
        }
        to.write_str(&named(&own))
    }
}

fn named(blocks: &[IpNet]) -> String {
    let text = |block: &IpNet| match block.prefix_len() == block.max_prefix_len() {
        true => block.addr().to_string(),
        false => block.to_string(),
    };
    let shown: Vec<String> = blocks.iter().take(NAMED).map(text).collect();
    match blocks.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} blocks more", shown.join(", ")),
    }
}

impl Packets {
    /// The set, as few flows as it takes.
    #[must_use]
    pub fn flows(&self) -> Vec<Flow> {
        let mut found = Vec::new();
        for (cubes, v4) in [(self.cubes(true), true), (self.cubes(false), false)] {
            found.extend(flows_of(cubes, v4));
        }
        found
    }
}

/// Protocol, port and source port.
type Rest = [Span; 3];

fn flows_of(cubes: &[Cube], v4: bool) -> Vec<Flow> {
    // By what is alike beside the addresses and the source port, which tells nobody anything.
    let mut destinations: BTreeMap<(Rest, Span), Vec<Span>> = BTreeMap::new();
    for cube in cubes {
        let rest = [Dimension::Protocol, Dimension::Port, Dimension::SourcePort].map(|own| cube.span(own));
        destinations.entry((rest, cube.source)).or_default().push(cube.destination);
    }
    let mut sources: BTreeMap<(Rest, Vec<Span>), Vec<Span>> = BTreeMap::new();
    for ((rest, source), to) in destinations {
        sources.entry((rest, joined(to))).or_default().push(source);
    }
    let flow = |(([protocol, port, _], to), from): ((Rest, Vec<Span>), Vec<Span>)| Flow {
        sources: Addresses::new(from, v4),
        destinations: Addresses::new(to, v4),
        protocol: protocol_words(protocol),
        ports: match u8::try_from(protocol.low) {
            Ok(one) if protocol.low == protocol.high => {
                let text = ports(one, narrow(port.low), narrow(port.high));
                if text.is_empty() { "all".to_owned() } else { text.trim().to_owned() }
            }
            _ => plain(port.low, port.high, 65_535),
        },
    };
    let mut flows: Vec<Flow> = sources.into_iter().map(flow).collect();
    flows.dedup();
    flows
}

fn narrow(number: u128) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

fn plain(low: u128, high: u128, last: u128) -> String {
    match (low, high) {
        (0, high) if high == last => "all".to_owned(),
        (low, high) if low == high => low.to_string(),
        (low, high) => format!("{low}-{high}"),
    }
}

fn protocol_words(span: Span) -> String {
    match (u8::try_from(span.low), span.low == span.high) {
        (Ok(one), true) => of_protocol(one),
        _ => plain(span.low, span.high, 255),
    }
}

/// The name of a protocol that has one in security groups, else its number.
pub(crate) fn of_protocol(number: u8) -> String {
    match number {
        6 => "tcp".to_owned(),
        17 => "udp".to_owned(),
        1 => "icmp".to_owned(),
        58 => "icmpv6".to_owned(),
        number => number.to_string(),
    }
}

/// The ports of a protocol that has some, with a space before; nothing for all of them.
pub(crate) fn ports(protocol: u8, first: u16, last: u16) -> String {
    let all = first == 0 && last == u16::MAX;
    if all || ![1, 6, 17, 58].contains(&protocol) {
        return String::new();
    }
    if ICMP.contains(&protocol) {
        let of = |port: u16| format!("{}/{}", port >> 8, port & 0xff);
        if first == last {
            return format!(" {}", of(first));
        }
        if first & 0xff == 0 && last == first | 0xff {
            return format!(" {}", first >> 8);
        }
        return format!(" {}-{}", of(first), of(last));
    }
    if first == last { format!(" {first}") } else { format!(" {first}-{last}") }
}

/// The blocks that make up a span of addresses.
fn blocks(span: Span, v4: bool) -> Vec<IpNet> {
    if v4 {
        let at = |number: u128| u32::try_from(number).unwrap_or(u32::MAX).into();
        Ipv4Subnets::new(at(span.low), at(span.high), 0).map(IpNet::V4).collect()
    } else {
        Ipv6Subnets::new(span.low.into(), span.high.into(), 0).map(IpNet::V6).collect()
    }
}
