//! Where a route table sends packets: for each target those that it takes. What lets them pass is in `firewall`.

use ipnet::IpNet;
use plumbline_snapshot::ec2::{Ec2, Route, RouteTable, RouteTableAssociation};

use crate::packets::{Packets, TooMany};
use crate::rule::Rule;

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Target<'a> {
    /// Within the VPC.
    Local,
    /// An internet gateway.
    Internet(&'a str),
    /// A NAT gateway.
    Nat(&'a str),
    /// An egress-only internet gateway.
    EgressOnly(&'a str),
    /// A carrier gateway.
    Carrier(&'a str),
    /// A virtual private gateway.
    Private(&'a str),
    /// A peering connection.
    Peering(&'a str),
    /// A transit gateway.
    Transit(&'a str),
    /// A gateway endpoint, or one of a gateway load balancer.
    Endpoint(&'a str),
    /// A network interface, which forwards if it may.
    Interface(&'a str),
    /// Nowhere: the target is gone.
    Blackhole,
    /// A local gateway, core network or network of another kind that is not read.
    Beyond(&'a str),
    /// Something of which nothing is known here: its id or ARN, empty where AWS sent none.
    Other(&'a str),
}

impl std::fmt::Display for Target<'_> {
    fn fmt(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str(match self {
            Target::Local => "the VPC itself",
            Target::Blackhole => "nowhere",
            Target::Other("") => "something that is not known here",
            Target::Internet(id)
            | Target::Nat(id)
            | Target::EgressOnly(id)
            | Target::Carrier(id)
            | Target::Private(id)
            | Target::Peering(id)
            | Target::Transit(id)
            | Target::Endpoint(id)
            | Target::Interface(id)
            | Target::Beyond(id)
            | Target::Other(id) => id,
        })
    }
}

/// One target of a table, and what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fork<'a> {
    /// Where to.
    pub(crate) to: Target<'a>,
    /// The route.
    pub(crate) route: &'a Route,
    /// The packets.
    pub(crate) packets: Packets,
}

/// Where a table sends each packet. INVARIANT: no two of the sets meet; together they are all packets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Forks<'a> {
    pub(crate) forks: Vec<Fork<'a>>,
    /// Those of which it is not settled, and why.
    pub(crate) open: Vec<(Rule, Packets)>,
    /// Those that no route matches.
    pub(crate) none: Packets,
}

/// What a table is associated with.
pub(crate) fn associated(table: &RouteTable) -> impl Iterator<Item = &RouteTableAssociation> {
    let gone = ["disassociated", "disassociating", "failed", "failing"];
    table.associations.iter().filter(move |it| it.state.as_deref().is_none_or(|state| !gone.contains(&state)))
}

/// How a route stands against one that is equally specific: "How route priority works", Amazon VPC User Guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Static,
    PrefixList,
    Propagated,
}

/// Where a table sends each packet: the most specific route that matches its destination takes it; of equally specific ones
/// a static route to a block comes before one to a prefix list, and that before a propagated one ("How route priority works",
/// Amazon VPC User Guide). What no route matches is dropped.
///
/// # Errors
/// [`TooMany`].
pub(crate) fn forks<'a>(table: &'a RouteTable, ec2: &Ec2) -> Result<Forks<'a>, TooMany> {
    let (mut ranked, unread) = ranked(table, ec2)?;
    ranked.sort_by_key(|(block, rank, _)| (std::cmp::Reverse(block.prefix_len()), *rank, *block));
    let mut local = Packets::none();
    for (block, _, route) in &ranked {
        if target(route) == Target::Local {
            local = local.or(&Packets::to(*block))?;
        }
    }
    let mut found = Forks { none: Packets::all(), ..Forks::default() };
    for alike in ranked.chunk_by(|one, two| (one.0, one.1) == (two.0, two.1)) {
        let Some((block, rank, route)) = alike.first() else { continue };
        let matched = Packets::to(*block).and(&found.none)?;
        // "Route tables and AWS Site-to-Site VPN route priority": the local route goes before what is propagated.
        let mut packets = if *rank == Rank::Propagated { matched.minus(&local)? } else { matched };
        found.none = found.none.minus(&packets)?;
        // A route to one address, that no other precedes, is above whatever an unread list may say.
        let certain = *rank == Rank::Static && block.prefix_len() == block.max_prefix_len();
        if !certain {
            let listed = packets.and(&unread)?;
            packets = packets.minus(&listed)?;
            found.leave(Rule::PrefixListUnread, listed)?;
        }
        if *rank == Rank::PrefixList {
            let inside = packets.and(&local)?;
            packets = packets.minus(&inside)?;
            found.leave(Rule::PrefixListInside, inside)?;
        }
        if alike.iter().any(|(_, _, other)| target(other) != target(route)) {
            found.leave(Rule::RouteTie, packets)?;
        } else if !packets.is_empty() {
            found.forks.push(Fork { to: target(route), route, packets });
        }
    }
    let listed = found.none.and(&unread)?;
    found.none = found.none.minus(&listed)?;
    found.leave(Rule::PrefixListUnread, listed)?;
    Ok(found)
}

impl Forks<'_> {
    /// How many boxes it takes.
    pub(crate) fn boxes(&self) -> usize {
        let forks = self.forks.iter().map(|fork| fork.packets.boxes());
        forks.chain(self.open.iter().map(|(_, packets)| packets.boxes())).sum::<usize>() + self.none.boxes()
    }

    fn leave(&mut self, rule: Rule, packets: Packets) -> Result<(), TooMany> {
        if packets.is_empty() {
            return Ok(());
        }
        match self.open.iter_mut().find(|(own, _)| *own == rule) {
            Some((_, own)) => *own = own.or(&packets)?,
            None => self.open.push((rule, packets)),
        }
        Ok(())
    }
}

type Ranked<'a> = Vec<(IpNet, Rank, &'a Route)>;

/// The blocks of a table's routes, and the packets that a route with unread blocks may be for.
fn ranked<'a>(table: &'a RouteTable, ec2: &Ec2) -> Result<(Ranked<'a>, Packets), TooMany> {
    let mut ranked = Vec::new();
    let mut unread = Packets::none();
    for route in &table.routes {
        let propagated = route.origin.as_deref() == Some("EnableVgwRoutePropagation");
        if let Ok(block) = route.destination.parse::<IpNet>() {
            ranked.push((block.trunc(), if propagated { Rank::Propagated } else { Rank::Static }, route));
        } else if let Some(blocks) = blocks_of(ec2, &route.destination) {
            ranked.extend(blocks.into_iter().map(|block| (block.trunc(), Rank::PrefixList, route)));
        } else {
            unread = unread.or(&family_of(ec2, &route.destination))?;
        }
    }
    Ok((ranked, unread))
}

fn blocks_of(ec2: &Ec2, list: &str) -> Option<Vec<IpNet>> {
    let entries = ec2.prefix_lists.get(list).ok()??.entries.sight().ok()?;
    entries.iter().map(|entry| entry.parse().ok()).collect()
}

/// The packets of the family of addresses that a prefix list is for; of both where that is not known.
pub(crate) fn family_of(ec2: &Ec2, list: &str) -> Packets {
    let family = ec2.prefix_lists.get(list).ok().flatten().and_then(|list| list.family.as_deref());
    match family {
        Some("IPv4") => Packets::all_v4(),
        Some("IPv6") => Packets::all_v6(),
        _ => Packets::all(),
    }
}

type Made<'r> = fn(&'r str) -> Target<'r>;

pub(crate) fn target<'r>(route: &'r Route) -> Target<'r> {
    if route.state == "blackhole" {
        return Target::Blackhole;
    }
    let of = |name: &str| route.targets.get(name).map(String::as_str);
    if let Some(gateway) = of("GatewayId") {
        return match gateway.split('-').next() {
            Some("local") => Target::Local,
            Some("igw") => Target::Internet(gateway),
            Some("vgw") => Target::Private(gateway),
            Some("vpce") => Target::Endpoint(gateway),
            _ => Target::Other(gateway),
        };
    }
    // An instance stands beside its interface.
    let kinds: [(&str, Made<'r>); 10] = [
        ("NatGatewayId", Target::Nat),
        ("EgressOnlyInternetGatewayId", Target::EgressOnly),
        ("CarrierGatewayId", Target::Carrier),
        ("VpcPeeringConnectionId", Target::Peering),
        ("TransitGatewayId", Target::Transit),
        ("NetworkInterfaceId", Target::Interface),
        ("VpcEndpointId", Target::Endpoint),
        ("LocalGatewayId", Target::Beyond),
        ("CoreNetworkArn", Target::Beyond),
        ("OdbNetworkArn", Target::Beyond),
    ];
    let found = kinds.into_iter().find_map(|(name, to)| of(name).map(to));
    found.unwrap_or_else(|| Target::Other(route.targets.values().next().map_or("", String::as_str)))
}

#[cfg(test)]
mod tests;
