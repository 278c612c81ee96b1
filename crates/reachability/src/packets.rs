//! Exact sets of packets, by everything that routes, network ACLs and security groups decide by: both addresses, protocol
//! and ports. No sampling: union, intersection and difference say what they say of every packet.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::cube::{Cube, Dimension, Span, joined};
use crate::work::count;

/// Most boxes of one set. Real rules make tens; a hostile configuration ends here.
pub const MAX_BOXES: usize = 20_000;

/// The protocol numbers of ICMP and ICMPv6 (IANA, "Protocol Numbers").
pub(crate) const ICMP: [u8; 2] = [1, 58];

/// What of a packet networks decide by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Packet {
    /// Who sends it.
    pub source: IpAddr,
    /// To whom; of the same family.
    pub destination: IpAddr,
    /// IANA's number: 6 for TCP, 17 for UDP, 1 and 58 for ICMP.
    pub protocol: u8,
    /// The port it comes from; 0 where the protocol has none.
    pub source_port: u16,
    /// The port it goes to; for ICMP the type in the high byte and the code in the low one; 0 where the protocol has neither.
    pub port: u16,
}

/// A set of packets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packets {
    /// INVARIANT: no two boxes of a family meet.
    v4: Vec<Cube>,
    v6: Vec<Cube>,
}

/// A set that has more than [`MAX_BOXES`] boxes, or a question of more work than is done for one: the answer is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rules divide packets into more than {MAX_BOXES} sets, or into more ways than are followed")]
pub struct TooMany;

/// So many boxes are not joined where they need not be.
const FEW: usize = 32;

const LAST_V4: u128 = u32::MAX as u128;
const LAST_V6: u128 = u128::MAX;

impl Packets {
    /// No packet.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Every packet of both families.
    #[must_use]
    pub fn all() -> Self {
        Packets { v4: vec![Cube::all(LAST_V4)], v6: vec![Cube::all(LAST_V6)] }
    }

    /// One packet; none if its addresses are of two families.
    #[must_use]
    pub fn just(packet: &Packet) -> Self {
        let v4 = match (packet.source, packet.destination) {
            (IpAddr::V4(_), IpAddr::V4(_)) => true,
            (IpAddr::V6(_), IpAddr::V6(_)) => false,
            _ => return Self::none(),
        };
        let one = Cube {
            source: Span::one(number(packet.source)),
            destination: Span::one(number(packet.destination)),
            protocol: Span::one(packet.protocol),
            source_port: Span::one(packet.source_port),
            port: Span::one(packet.port),
        };
        if v4 { Packets { v4: vec![one], v6: Vec::new() } } else { Packets { v4: Vec::new(), v6: vec![one] } }
    }

    /// Every IPv4 packet.
    #[must_use]
    pub fn all_v4() -> Self {
        Packets { v6: Vec::new(), ..Self::all() }
    }

    /// Every IPv6 packet.
    #[must_use]
    pub fn all_v6() -> Self {
        Packets { v4: Vec::new(), ..Self::all() }
    }

    /// Every packet from this block.
    #[must_use]
    pub fn from(block: IpNet) -> Self {
        Self::of_block(block, Dimension::Source)
    }

    /// Every packet to this block.
    #[must_use]
    pub fn to(block: IpNet) -> Self {
        Self::of_block(block, Dimension::Destination)
    }

    /// Every packet whose source (or destination) lies in one of these blocks.
    pub(crate) fn of_blocks(blocks: impl IntoIterator<Item = IpNet>, dimension: Dimension) -> Self {
        let number = |block: IpNet| {
            (block.addr().is_ipv4(), Span { low: number(block.network()), high: number(block.broadcast()) })
        };
        Self::of_spans(blocks.into_iter().map(number), dimension)
    }

    pub(crate) fn of_block(block: IpNet, dimension: Dimension) -> Self {
        let span = Span { low: number(block.network()), high: number(block.broadcast()) };
        match block {
            IpNet::V4(_) => Packets { v4: vec![Cube::all(LAST_V4).with(dimension, span)], v6: Vec::new() },
            IpNet::V6(_) => Packets { v4: Vec::new(), v6: vec![Cube::all(LAST_V6).with(dimension, span)] },
        }
    }

    /// Every packet whose source (or destination) is one of these.
    pub(crate) fn of_addresses<'i>(addresses: impl IntoIterator<Item = &'i IpAddr>, dimension: Dimension) -> Self {
        Self::of_spans(addresses.into_iter().map(|it| (it.is_ipv4(), Span::one(number(*it)))), dimension)
    }

    /// Of addresses, and whether they are IPv4.
    fn of_spans(all: impl Iterator<Item = (bool, Span)>, dimension: Dimension) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for (is_v4, span) in all {
            if is_v4 { v4.push(span) } else { v6.push(span) }
        }
        let boxes = |spans: Vec<Span>, last| {
            joined(spans).into_iter().map(|span| Cube::all(last).with(dimension, span)).collect()
        };
        Packets { v4: boxes(v4, LAST_V4), v6: boxes(v6, LAST_V6) }
    }

    /// Every packet of a protocol.
    #[must_use]
    pub fn protocol(protocol: u8) -> Self {
        Self::all().within(Dimension::Protocol, Span::one(protocol.into()))
    }

    /// Every packet to a port of this range, of whatever protocol; none if the range is empty.
    #[must_use]
    pub fn ports(first: u16, last: u16) -> Self {
        Self::of_range(Dimension::Port, first, last)
    }

    /// Every packet from a port of this range, of whatever protocol; none if the range is empty.
    #[must_use]
    pub fn source_ports(first: u16, last: u16) -> Self {
        Self::of_range(Dimension::SourcePort, first, last)
    }

    fn of_range(dimension: Dimension, first: u16, last: u16) -> Self {
        Span::new(first.into(), last.into()).map_or_else(Self::none, |span| Self::all().within(dimension, span))
    }

    fn within(mut self, dimension: Dimension, span: Span) -> Self {
        for cube in self.v4.iter_mut().chain(&mut self.v6) {
            *cube = cube.with(dimension, span);
        }
        self
    }

    /// Those with a number within a span; none if there is no such number.
    pub(crate) fn narrowed(&self, dimension: Dimension, span: Span) -> Option<Self> {
        let narrow = |cubes: &[Cube]| {
            let some = cubes.iter().filter_map(|cube| Some(cube.with(dimension, cube.span(dimension).meet(span)?)));
            some.collect::<Vec<_>>()
        };
        let found = Packets { v4: narrow(&self.v4), v6: narrow(&self.v6) };
        (!found.is_empty()).then_some(found)
    }

    /// Each box as something makes it, which must keep boxes apart that were; it is told the last address of the family.
    pub(crate) fn mapped(&self, make: impl Fn(&Cube, u128) -> Option<Cube>) -> Self {
        let all = |cubes: &[Cube], last| tidied(cubes.iter().filter_map(|cube| make(cube, last)).collect());
        Packets { v4: all(&self.v4, LAST_V4), v6: all(&self.v6, LAST_V6) }
    }

    /// The same protocols and ports, between any addresses of the family and from any port.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn without_ends(&self) -> Result<Self, TooMany> {
        let mut found = Packets::none();
        for (cubes, last, v4) in [(&self.v4, LAST_V4, true), (&self.v6, LAST_V6, false)] {
            let kinds: BTreeSet<_> = cubes.iter().map(|cube| (cube.protocol, cube.port)).collect();
            for (protocol, port) in kinds {
                let one = vec![Cube { protocol, port, ..Cube::all(last) }];
                let (v4, v6) = if v4 { (one, Vec::new()) } else { (Vec::new(), one) };
                found = found.or(&Packets { v4, v6 })?;
            }
        }
        Ok(found)
    }

    /// The ranges of a span that the boxes tell apart in a dimension.
    pub(crate) fn pieces(&self, dimension: Dimension, span: Span) -> Vec<Span> {
        let cubes = self.v4.iter().chain(&self.v6).filter_map(|cube| cube.span(dimension).meet(span));
        let mut starts: Vec<u128> = cubes.flat_map(|part| [part.low, part.high.saturating_add(1)]).collect();
        starts.retain(|start| span.low < *start && *start <= span.high);
        starts.push(span.low);
        starts.sort_unstable();
        starts.dedup();
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([span.high]);
        starts.iter().zip(ends).filter_map(|(low, high)| Span::new(*low, high)).collect()
    }

    pub(crate) fn cubes(&self, v4: bool) -> &[Cube] {
        if v4 { &self.v4 } else { &self.v6 }
    }

    /// Whether some are IPv4.
    pub(crate) fn is_v4(&self) -> bool {
        !self.v4.is_empty()
    }

    /// Whether there is no such packet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether a packet is one of them; not if its addresses are of two families.
    #[must_use]
    pub fn contains(&self, packet: &Packet) -> bool {
        let numbers = [
            number(packet.source),
            number(packet.destination),
            packet.protocol.into(),
            packet.source_port.into(),
            packet.port.into(),
        ];
        let cubes = match (packet.source, packet.destination) {
            (IpAddr::V4(_), IpAddr::V4(_)) => &self.v4,
            (IpAddr::V6(_), IpAddr::V6(_)) => &self.v6,
            _ => return false,
        };
        cubes.iter().any(|cube| cube.holds(&numbers))
    }

    /// One of them: as far as there is one, of TCP to port 443 from a high port, between addresses of documentation (RFC 5737,
    /// RFC 3849); else the least of some box.
    #[must_use]
    pub fn witness(&self) -> Option<Packet> {
        let usual: [(Dimension, u128); 7] = [
            (Dimension::Protocol, 6),
            (Dimension::Port, 443),
            (Dimension::SourcePort, 50_000),
            (Dimension::Destination, number(IpAddr::from([203, 0, 113, 1]))),
            (Dimension::Destination, number(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]))),
            (Dimension::Source, number(IpAddr::from([198, 51, 100, 1]))),
            (Dimension::Source, number(IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 2]))),
        ];
        let first = if self.v4.is_empty() { self.clone() } else { Packets { v4: self.v4.clone(), v6: Vec::new() } };
        let narrow = |some: Packets, (dimension, value)| some.narrowed(dimension, Span::one(value)).unwrap_or(some);
        usual.into_iter().fold(first, narrow).least()
    }

    fn least(&self) -> Option<Packet> {
        let packet = |cube: &Cube, address: fn(u128) -> Option<IpAddr>| {
            let [source, destination, protocol, source_port, port] = cube.least();
            Some(Packet {
                source: address(source)?,
                destination: address(destination)?,
                protocol: u8::try_from(protocol).ok()?,
                source_port: u16::try_from(source_port).ok()?,
                port: u16::try_from(port).ok()?,
            })
        };
        let v4 = |number| Some(IpAddr::V4(u32::try_from(number).ok()?.into()));
        let v6 = |number: u128| Some(IpAddr::V6(number.into()));
        let first = self.v4.first().and_then(|cube| packet(cube, v4));
        first.or_else(|| self.v6.first().and_then(|cube| packet(cube, v6)))
    }

    /// Those that are in both.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn and(&self, other: &Self) -> Result<Self, TooMany> {
        let both = |one: &[Cube], two: &[Cube]| {
            let mut found = Vec::new();
            for cube in one {
                count(two.len());
                found.extend(two.iter().filter_map(|other| cube.meet(other)));
                check(&found)?;
            }
            // Boxes that do not meet stay so; only many are worth joining.
            if found.len() > FEW {
                return Ok(tidied(found));
            }
            found.sort_unstable();
            Ok(found)
        };
        Ok(Packets { v4: both(&self.v4, &other.v4)?, v6: both(&self.v6, &other.v6)? })
    }

    /// Those that are in the first alone.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn minus(&self, other: &Self) -> Result<Self, TooMany> {
        if self.is_empty() || other.is_empty() {
            return Ok(self.clone());
        }
        Ok(Packets { v4: difference(&self.v4, &other.v4)?, v6: difference(&self.v6, &other.v6)? })
    }

    /// Those that are in either.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn or(&self, other: &Self) -> Result<Self, TooMany> {
        if self.is_empty() || other.is_empty() {
            return Ok(if self.is_empty() { other.clone() } else { self.clone() });
        }
        let either = |one: &[Cube], two: &[Cube]| {
            let mut all = difference(two, one)?;
            all.extend(one);
            check(&all)?;
            Ok(tidied(all))
        };
        Ok(Packets { v4: either(&self.v4, &other.v4)?, v6: either(&self.v6, &other.v6)? })
    }

    /// How many boxes it takes.
    pub(crate) fn boxes(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Whether some are in both, with one of these addresses as their source or destination.
    pub(crate) fn meets(&self, other: &Self, dimension: Dimension, own: &[IpAddr]) -> bool {
        own.iter().any(|ip| {
            let at = number(*ip);
            let (one, two) = (self.cubes(ip.is_ipv4()), other.cubes(ip.is_ipv4()));
            let here = |cube: &&Cube| cube.span(dimension).holds(at);
            count(one.len());
            one.iter().filter(here).any(|cube| {
                count(two.len());
                two.iter().filter(here).any(|other| cube.meet(other).is_some())
            })
        })
    }

    /// All others.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn not(&self) -> Result<Self, TooMany> {
        Self::all().minus(self)
    }

    /// Whether every one is in the other too.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn is_within(&self, other: &Self) -> Result<bool, TooMany> {
        Ok(self.minus(other)?.is_empty())
    }

    /// Each with addresses and ports swapped, as a reply has them. Of ICMP, whose types have no such pairs, the ports stay.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn swapped(&self) -> Result<Self, TooMany> {
        let icmp = ICMP.map(Packets::protocol);
        let [one, two] = &icmp;
        let icmp = one.or(two)?;
        let turn = |cubes: Vec<Cube>, ports: bool| {
            let turned = cubes.into_iter().map(|cube| {
                let turned = Cube { source: cube.destination, destination: cube.source, ..cube };
                if ports { Cube { source_port: cube.port, port: cube.source_port, ..turned } } else { turned }
            });
            turned.collect::<Vec<_>>()
        };
        let (kept, swapped) = (self.and(&icmp)?, self.minus(&icmp)?);
        let join = |kept, swapped| {
            let mut all = turn(kept, false);
            all.extend(turn(swapped, true));
            tidied(all)
        };
        Ok(Packets { v4: join(kept.v4, swapped.v4), v6: join(kept.v6, swapped.v6) })
    }
}

pub(crate) fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(own) => u32::from(own).into(),
        IpAddr::V6(own) => own.into(),
    }
}

fn check(cubes: &[Cube]) -> Result<(), TooMany> {
    if cubes.len() > MAX_BOXES { Err(TooMany) } else { Ok(()) }
}

fn difference(from: &[Cube], cut: &[Cube]) -> Result<Vec<Cube>, TooMany> {
    let mut left: Vec<Cube> = Vec::new();
    let (mut rest, mut next) = (Vec::new(), Vec::new());
    for cube in from {
        rest.push(*cube);
        for other in cut {
            count(rest.len());
            if !rest.iter().any(|piece| piece.meet(other).is_some()) {
                continue;
            }
            for piece in rest.drain(..) {
                piece.without(other, &mut next);
            }
            check(&next)?;
            std::mem::swap(&mut rest, &mut next);
            if rest.is_empty() {
                break;
            }
        }
        left.append(&mut rest);
        check(&left)?;
    }
    Ok(tidied(left))
}

/// Boxes that touch in one dimension and are alike in the others become one, dimension by dimension.
fn tidied(mut cubes: Vec<Cube>) -> Vec<Cube> {
    let mut done = None;
    while let Some(dimension) = next_to_join(&cubes, done) {
        done = Some(dimension);
        // Sorting compares each with some others.
        count(cubes.len().saturating_mul(8));
        cubes.sort_unstable_by(|one, two| one.compared(two, dimension));
        let mut joined: Vec<Cube> = Vec::with_capacity(cubes.len());
        for cube in cubes {
            let both = joined.last().and_then(|last| last.joined(&cube, dimension));
            match (both, joined.last_mut()) {
                (Some(both), Some(last)) => *last = both,
                _ => joined.push(cube),
            }
        }
        cubes = joined;
    }
    cubes.sort_unstable();
    cubes
}

/// The first dimension, after those that are done, in which boxes may be joined. Of few boxes each pair is asked, which is less
/// work than to sort them once for each dimension.
fn next_to_join(cubes: &[Cube], done: Option<Dimension>) -> Option<Dimension> {
    if cubes.len() < 2 {
        return None;
    }
    if cubes.len() > FEW {
        let differ =
            |at: Dimension| cubes.windows(2).any(|two| matches!(two, [one, two] if one.span(at) != two.span(at)));
        return Dimension::ALL.into_iter().find(|dimension| Some(*dimension) > done && differ(*dimension));
    }
    let pairs = cubes.iter().enumerate().flat_map(|(at, one)| cubes.iter().skip(at + 1).map(move |two| (one, two)));
    pairs.filter_map(|(one, two)| one.touching(two)).filter(|dimension| Some(*dimension) > done).min()
}

#[cfg(test)]
mod tests;
