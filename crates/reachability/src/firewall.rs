//! What network ACLs and security groups let through, as sets of packets. Where packets go is in `routes`.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use plumbline_snapshot::ec2::{AclEntry, Ec2, GroupPair, NetworkAcl, Permission, SecurityGroup};

use crate::border::Direction;
use crate::bounds::Bounds;
use crate::cube::Dimension;
use crate::packets::{ICMP, Packets, TooMany};
use crate::routes::family_of;

/// Which way packets go, seen from the subnet or interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Way {
    /// To it.
    In,
    /// From it.
    Out,
}

impl Way {
    /// The other end of packets.
    fn dimension(self) -> Dimension {
        match self {
            Way::In => Dimension::Source,
            Way::Out => Dimension::Destination,
        }
    }
}

/// An entry of a network ACL, and the packets that it is about.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The entry.
    pub entry: &'a AclEntry,
    /// Those that it matches, whatever comes before it.
    pub matches: Bounds,
    /// Those that it is the first to match, and lets pass.
    pub admits: Bounds,
}

/// The entries of a network ACL for what comes into its subnets, in the order in which they count: the one with the lowest
/// number that matches a packet decides about it ("Network ACL rules", Amazon VPC User Guide). What an entry says in words that
/// are not known here it may mean or not.
///
/// # Errors
/// [`TooMany`].
pub fn ingress(acl: &NetworkAcl) -> Result<Vec<Entry<'_>>, TooMany> {
    entries(acl, Way::In)
}

fn entries(acl: &NetworkAcl, way: Way) -> Result<Vec<Entry<'_>>, TooMany> {
    let mut sorted: Vec<&AclEntry> = acl.entries.iter().filter(|entry| entry.egress == (way == Way::Out)).collect();
    sorted.sort_by_key(|entry| entry.number);
    let mut decided = Bounds::none();
    let mut found = Vec::with_capacity(sorted.len());
    for entry in sorted {
        let matches = entry_matches(entry, way)?;
        let new = matches.minus(&decided)?;
        let admits = match entry.action.as_str() {
            "allow" => new,
            "deny" => Bounds::none(),
            _ => Bounds::up_to(new.possibly().clone()),
        };
        decided = decided.or(&matches)?;
        found.push(Entry { entry, matches, admits });
    }
    Ok(found)
}

/// What a network ACL lets pass; what no entry matches is dropped ("Network ACL rules", Amazon VPC User Guide).
///
/// # Errors
/// [`TooMany`].
pub(crate) fn acl(acl: &NetworkAcl, way: Way) -> Result<Bounds, TooMany> {
    entries(acl, way)?.iter().try_fold(Bounds::none(), |passed, entry| passed.or(&entry.admits))
}

pub(crate) fn entry_matches(entry: &AclEntry, way: Way) -> Result<Bounds, TooMany> {
    let blocks: Option<Vec<IpNet>> =
        [&entry.ipv4, &entry.ipv6].into_iter().flatten().map(|it| it.parse().ok()).collect();
    let Some(blocks) = blocks.filter(|blocks| !blocks.is_empty()) else { return Ok(Bounds::up_to(Packets::all())) };
    let ends = Packets::of_blocks(blocks, way.dimension());
    let what = match protocol(&entry.protocol) {
        Protocol::Unknown => return Ok(Bounds::up_to(ends)),
        Protocol::All => Packets::all(),
        Protocol::One(number) => {
            let part = match (ICMP.contains(&number), entry.icmp) {
                (true, Some((kind, code))) => icmp(kind, code),
                // An older file does not say which types.
                (true, None) => return Ok(Bounds::up_to(ends.and(&Packets::protocol(number))?)),
                (false, _) => ports(number, entry.from_port, entry.to_port),
            };
            match part {
                Some(part) => Packets::protocol(number).and(&part)?,
                None => return Ok(Bounds::up_to(ends.and(&Packets::protocol(number))?)),
            }
        }
    };
    Ok(Bounds::known(ends.and(&what)?))
}

/// What the security groups of an interface let pass: what some rule of some group allows ("Security group rules", Amazon VPC
/// User Guide). Replies are another matter: they pass whatever the rules say.
///
/// # Errors
/// [`TooMany`].
pub(crate) fn groups<'a>(
    groups: impl IntoIterator<Item = &'a SecurityGroup>,
    way: Way,
    ec2: &Ec2,
    members: &dyn Fn(&GroupPair) -> Members,
) -> Result<Bounds, TooMany> {
    let rules = groups.into_iter().flat_map(|group| if way == Way::In { &group.ingress } else { &group.egress });
    Bounds::any(rules.map(|rule| permission(rule, way, ec2, members)))
}

/// What the rules of security groups let pass between their interfaces and others of the VPC ("Security group rules", Amazon
/// VPC User Guide): whoever is in a block or a prefix list that some rule names; and everyone, where it names a group of the VPC
/// or a prefix list that is one of `named`. Other groups let nobody pass.
///
/// # Errors
/// [`TooMany`].
pub fn permits<'a>(
    groups: impl IntoIterator<Item = &'a SecurityGroup>,
    direction: Direction,
    named: &BTreeSet<&str>,
    ec2: &Ec2,
) -> Result<Bounds, TooMany> {
    let nobody = |_: &GroupPair| Members::default();
    let mut passed = Bounds::none();
    for group in groups {
        let (rules, way) = match direction {
            Direction::In => (&group.ingress, Way::In),
            Direction::Out => (&group.egress, Way::Out),
        };
        for rule in rules {
            passed = passed.or(&permission(rule, way, ec2, &nobody)?)?;
            if names(rule, &group.vpc_id, named) {
                passed = passed.or(&permitted(rule)?)?;
            }
        }
    }
    Ok(passed)
}

/// Whether a rule names one of these groups of the VPC, or of these prefix lists.
fn names(rule: &Permission, vpc: &str, named: &BTreeSet<&str>) -> bool {
    let here = |pair: &&GroupPair| pair.peering_id.is_none() && pair.vpc_id.as_deref().is_none_or(|own| own == vpc);
    let groups = rule.groups.iter().filter(here).map(|pair| &pair.group_id);
    groups.chain(&rule.prefix_lists).any(|id| named.contains(id.as_str()))
}

/// The private addresses of the interfaces in a security group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Members {
    /// Those seen.
    pub(crate) addresses: BTreeSet<IpAddr>,
    /// Of whom else they may be: of anyone but these.
    pub(crate) anyone_but: Option<BTreeSet<IpAddr>>,
}

pub(crate) fn permission(
    rule: &Permission,
    way: Way,
    ec2: &Ec2,
    members: &dyn Fn(&GroupPair) -> Members,
) -> Result<Bounds, TooMany> {
    let anyone = || Bounds::up_to(Packets::all());
    let texts = || rule.ipv4.iter().chain(&rule.ipv6).map(|text| text.parse::<IpNet>());
    let mut ends = Bounds::known(Packets::of_blocks(texts().flatten(), way.dimension()));
    if texts().any(|block| block.is_err()) {
        ends = ends.or(&anyone())?;
    }
    for id in &rule.prefix_lists {
        ends = ends.or(&prefix_list(ec2, id, way))?;
    }
    for pair in &rule.groups {
        let Members { addresses, anyone_but } = members(pair);
        ends = ends.or(&Bounds::known(Packets::of_addresses(&addresses, way.dimension())))?;
        if let Some(others) = anyone_but {
            let possibly = Packets::all().minus(&Packets::of_addresses(&others, way.dimension()))?;
            ends = ends.or(&Bounds::up_to(possibly))?;
        }
    }
    let nobody = rule.ipv4.is_empty() && rule.ipv6.is_empty() && rule.prefix_lists.is_empty() && rule.groups.is_empty();
    if nobody {
        // A kind of peer that is not known here.
        ends = anyone();
    }
    if ends.possibly().is_empty() {
        return Ok(ends);
    }
    ends.and(&permitted(rule)?)
}

fn permitted(rule: &Permission) -> Result<Bounds, TooMany> {
    let number = match protocol(&rule.protocol) {
        Protocol::Unknown => return Ok(Bounds::up_to(Packets::all())),
        Protocol::All => return Ok(Bounds::known(Packets::all())),
        Protocol::One(number) => number,
    };
    let part = if ICMP.contains(&number) {
        icmp(rule.from_port.unwrap_or(-1), rule.to_port.unwrap_or(-1))
    } else {
        ports(number, rule.from_port, rule.to_port)
    };
    match part {
        Some(part) => Ok(Bounds::known(Packets::protocol(number).and(&part)?)),
        None => Ok(Bounds::up_to(Packets::protocol(number))),
    }
}

/// The blocks of a prefix list as the other end.
pub(crate) fn prefix_list(ec2: &Ec2, id: &str, way: Way) -> Bounds {
    let anyone = || Bounds::up_to(family_of(ec2, id));
    let Ok(Some(list)) = ec2.prefix_lists.get(id) else { return anyone() };
    let Ok(entries) = list.entries.sight() else { return anyone() };
    match entries.iter().map(|entry| entry.parse::<IpNet>()).collect::<Result<Vec<_>, _>>() {
        Ok(blocks) => Bounds::known(Packets::of_blocks(blocks, way.dimension())),
        Err(_) => anyone(),
    }
}

enum Protocol {
    All,
    One(u8),
    Unknown,
}

/// By number, or by the names that security groups have for some.
fn protocol(text: &str) -> Protocol {
    match text {
        "-1" => Protocol::All,
        "tcp" => Protocol::One(6),
        "udp" => Protocol::One(17),
        "icmp" => Protocol::One(1),
        "icmpv6" => Protocol::One(58),
        number => number.parse().map_or(Protocol::Unknown, Protocol::One),
    }
}

/// The ports of a rule, of protocols that have some; None where the range is none.
fn ports(protocol: u8, first: Option<i32>, last: Option<i32>) -> Option<Packets> {
    // TCP, UDP, DCCP, SCTP and UDP-Lite have ports. For the others AWS takes no range.
    if ![6, 17, 33, 132, 136].contains(&protocol) {
        return Some(Packets::all());
    }
    match (first, last) {
        (None | Some(-1), None | Some(-1)) => Some(Packets::all()),
        (Some(first), Some(last)) => {
            let (first, last) = (u16::try_from(first).ok()?, u16::try_from(last).ok()?);
            (first <= last).then(|| Packets::ports(first, last))
        }
        _ => None,
    }
}

/// A type of ICMP with a code, `-1` for all; None where they are none.
fn icmp(kind: i32, code: i32) -> Option<Packets> {
    if kind == -1 {
        return Some(Packets::all());
    }
    let kind = u16::from(u8::try_from(kind).ok()?) << 8;
    match code {
        -1 => Some(Packets::ports(kind, kind | 0xff)),
        code => {
            let one = kind | u16::from(u8::try_from(code).ok()?);
            Some(Packets::ports(one, one))
        }
    }
}

#[cfg(test)]
mod tests;
