//! Every way in and out of a VPC at once: for each subnet the ways that its packets take up to the border, and for each
//! interface those of them that its security groups let it use.

use std::collections::BTreeMap;
use std::rc::Rc;

use plumbline_snapshot::ec2::{NetworkInterface, Vpc};

use crate::block::By as Gate;
use crate::bounds::Bounds;
use crate::branch::{Branch, By, End, Fate, Place, Step};
use crate::cube::Dimension;
use crate::explain::Said;
use crate::firewall;
use crate::graph::{Between, Graph};
use crate::node::{PASSIVE, addresses};
use crate::packets::{Packet, Packets, TooMany};
use crate::path::Hop;
use crate::rule::Rule;
use crate::view::NAT_PORTS;
use crate::walk::{Next, Walk};
use crate::work::Work;

/// Which way packets cross a border, or pass a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// Into the VPC, subnet or interface.
    In,
    /// Out of it.
    Out,
}

/// The border of a VPC, and who gets over it.
#[derive(Debug)]
pub struct Border<'a> {
    /// Each interface with each way that it may use.
    pub crossings: Vec<Crossing<'a>>,
    /// Where packets are lost from sight before the border or behind it.
    pub lost: Vec<Lost>,
    /// What was not seen, so that there may be others.
    pub missing: Vec<Said>,
}

/// A way over the border that an interface may use.
#[derive(Clone, Debug)]
pub struct Crossing<'a> {
    /// The interface inside.
    pub interface: &'a NetworkInterface,
    /// Whether every filter on the way surely lets some packet pass.
    pub surely: bool,
    leg: Rc<Leg<'a>>,
    filters: Filters,
}

/// What each security group of an interface lets pass.
type Filters = Rc<[Rc<Bounds>]>;

/// What packets of a subnet, or to it, have in common between the border and the interfaces.
#[derive(Debug)]
struct Leg<'a> {
    direction: Direction,
    gateway: &'a str,
    branch: Branch<'a>,
    seen: Between<'a>,
}

/// Where packets are lost from sight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// What is not known.
    pub said: Said,
    /// The ids of everything that they passed, or that routes led them to.
    pub passed: Vec<String>,
}

impl<'a> Crossing<'a> {
    /// Which way.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.leg.direction
    }

    /// The gateway, connection or gateway endpoint at the border.
    #[must_use]
    pub fn gateway(&self) -> &'a str {
        self.leg.gateway
    }

    /// The packets, as they look to the interface.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn packets(&self) -> Result<Packets, TooMany> {
        let own: Vec<_> = addresses(self.interface).collect();
        let own = self.leg.branch.packets.and(&Packets::of_addresses(&own, self.leg.dimension()))?;
        let mut found = Packets::none();
        for filter in self.filters.iter() {
            let passed = if self.surely { filter.surely() } else { filter.possibly() };
            found = found.or(&own.and(passed)?)?;
        }
        Ok(found)
    }

    /// The ids of everything on the way, subnets among them, or that its routes lead to.
    #[must_use]
    pub fn passes(&self) -> Vec<&'a str> {
        passed(&self.leg.branch)
    }

    /// The hops of a packet, from the sender to the end.
    #[must_use]
    pub fn hops(&self, packet: &Packet) -> Vec<Hop<'a>> {
        let hop = |step: Step<'a>| Hop {
            at: step.at,
            rule: step.rule,
            by: step.by,
            packet: Some(step.view.of(packet, NAT_PORTS)),
        };
        let steps = self.leg.branch.steps.in_order().into_iter().map(hop);
        let way = self.leg.way();
        let groups = Hop {
            at: self.interface.id.as_str(),
            rule: if self.surely { Rule::GroupAllow } else { Rule::GroupUnknown },
            by: By::Groups(self.interface, way, self.leg.seen),
            packet: Some(*packet),
        };
        match self.leg.direction {
            Direction::Out => [groups].into_iter().chain(steps).collect(),
            Direction::In => steps.chain([groups]).collect(),
        }
    }
}

impl Leg<'_> {
    fn way(&self) -> firewall::Way {
        match self.direction {
            Direction::In => firewall::Way::In,
            Direction::Out => firewall::Way::Out,
        }
    }

    /// The end of packets that is the interface's.
    fn dimension(&self) -> Dimension {
        match self.direction {
            Direction::In => Dimension::Destination,
            Direction::Out => Dimension::Source,
        }
    }
}

fn passed<'a>(branch: &Branch<'a>) -> Vec<&'a str> {
    let mut all = Vec::new();
    for step in branch.steps.in_order() {
        all.push(step.at);
        match step.by {
            By::Route(route) => all.extend(route.targets.values().map(String::as_str)),
            By::Acl(_, _, subnet) => all.push(subnet),
            By::Groups(..) | By::Rule => {}
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

impl<'a> Graph<'a> {
    /// Every way in and out of a VPC.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn border(&self, vpc: &'a Vpc) -> Result<Border<'a>, TooMany> {
        let mut found = Border { crossings: Vec::new(), lost: Vec::new(), missing: self.unseen_at_border(vpc) };
        let mut legs: BTreeMap<&'a str, Vec<Rc<Leg<'a>>>> = BTreeMap::new();
        let outside = Packets::all().minus(&self.in_vpc(vpc, Dimension::Destination))?;
        let outside = outside.minus(&self.special().to_link_local)?;
        let work = Work::start();
        let mut kept = 0;
        for subnet in self.subnets_of(&vpc.id) {
            let mut walk = Walk::to_border(self);
            let packets = self.of_subnet(subnet, Dimension::Source).and(&outside)?;
            if packets.is_empty() {
                continue;
            }
            walk.go(Branch::new(packets, Some((&subnet.id, &vpc.id))), Next::Depart(subnet));
            walk.run()?;
            kept += walk.kept;
            work.check(kept)?;
            for end in walk.ends {
                let own = legs.entry(subnet.id.as_str()).or_default();
                found.add(own, end, Direction::Out, None);
            }
        }
        for (gateway, mut walk) in self.walks_in(vpc)? {
            walk.run()?;
            kept += walk.kept;
            work.check(kept)?;
            for end in walk.ends {
                let Fate::Delivered(Place::Of(at)) = end.fate else {
                    found.add(&mut Vec::new(), end, Direction::In, Some(gateway));
                    continue;
                };
                let subnet = self.interface(at).map_or(at, |interface| interface.subnet_id.as_str());
                found.add(legs.entry(subnet).or_default(), end, Direction::In, Some(gateway));
            }
        }
        for interface in self.interfaces_of(&vpc.id) {
            let own = legs.get(interface.subnet_id.as_str()).map_or(&[][..], Vec::as_slice);
            if !PASSIVE.contains(&interface.kind.as_str()) {
                found.cross(self, interface, own, &work)?;
                work.check(kept + found.crossings.len())?;
            }
        }
        found.lost.sort_unstable();
        found.lost.dedup();
        Ok(found)
    }

    /// Packets from each gateway of a VPC, on their way to its subnets.
    fn walks_in(&self, vpc: &'a Vpc) -> Result<Vec<(&'a str, Walk<'_, 'a>)>, TooMany> {
        let ec2 = self.ec2;
        let id = vpc.id.as_str();
        let mut walks = Vec::new();
        let inside = self.in_vpc(vpc, Dimension::Destination);
        let foreign = inside.minus(&self.in_vpc(vpc, Dimension::Source))?;
        for gateway in ec2.internet_gateways.seen().filter(|gateway| crate::gateways::is_attached(gateway, id)) {
            let mut walk = Walk::to_border(self);
            for (subnet, by, ends) in self.public_of(id).iter().filter(|(_, by, _)| *by == Gate::Internet) {
                let packets = ends.destinations.and(&self.special().from_public)?;
                let branch = Branch::new(packets, None);
                if let Some(mut branch) = walk.pass_block(branch, &gateway.id, id, &[subnet], *by) {
                    branch.between = Between::Other;
                    branch.hop(&gateway.id, Rule::IgwIn);
                    walk.go(branch, Next::Edge(&gateway.id, id));
                }
            }
            walks.push((gateway.id.as_str(), walk));
        }
        for gateway in ec2.vpn_gateways.seen() {
            if gateway.attachments.iter().any(|it| it.vpc_id == id) {
                let mut walk = Walk::to_border(self);
                walk.in_by_vpn(Branch::new(foreign.clone(), None), &gateway.id, id)?;
                walks.push((gateway.id.as_str(), walk));
            }
        }
        for peering in ec2.peerings.seen() {
            if [&peering.requester.vpc_id, &peering.accepter.vpc_id].contains(&&vpc.id) {
                let mut walk = Walk::to_border(self);
                walk.in_by_peering(Branch::new(foreign.clone(), None), &peering.id, id)?;
                walks.push((peering.id.as_str(), walk));
            }
        }
        for attachment in ec2.transit_attachments.seen().filter(|attachment| attachment.vpc_id == vpc.id) {
            let mut walk = Walk::to_border(self);
            walk.in_by_transit(Branch::new(foreign.clone(), None), &attachment.gateway_id, id)?;
            walks.push((attachment.gateway_id.as_str(), walk));
        }
        Ok(walks)
    }

    fn unseen_at_border(&self, vpc: &Vpc) -> Vec<Said> {
        let ec2 = self.ec2;
        let gaps = [
            (ec2.subnets.is_whole(), "the subnets"),
            (ec2.network_interfaces.is_whole(), "the network interfaces"),
            (ec2.internet_gateways.is_whole(), "the internet gateways"),
            (ec2.peerings.is_whole(), "the peering connections"),
            (ec2.transit_attachments.is_whole(), "the transit gateway attachments"),
            (ec2.vpn_gateways.is_whole(), "the virtual private gateways"),
        ];
        let unread = gaps.into_iter().filter(|(whole, _)| !whole).map(|(_, what)| Said::unseen(&vpc.id, what));
        let own = self.interfaces_of(&vpc.id).iter().filter(|it| it.addresses.is_none());
        unread.chain(own.map(|interface| Said::unseen(&interface.id, "its addresses"))).collect()
    }
}

impl<'a> Border<'a> {
    /// The end of a walk as a leg, or as lost. Inward the gateway is where it began, outward where it ended.
    fn add(&mut self, legs: &mut Vec<Rc<Leg<'a>>>, end: End<'a>, direction: Direction, from: Option<&'a str>) {
        let End { branch, fate } = end;
        let last = branch.steps.last();
        // What stays within the VPC crosses nothing.
        let is_inside = last.is_some_and(|step| step.rule == Rule::InSubnet);
        match (fate, last) {
            _ if direction == Direction::Out && is_inside => {}
            (Fate::Delivered(Place::Of(at)), _) => {
                let (gateway, seen) = match direction {
                    Direction::In => (from.unwrap_or(at), branch.between),
                    Direction::Out => (at, branch.seen),
                };
                legs.push(Rc::new(Leg { direction, gateway, branch, seen }));
            }
            // A doubt on the way: it may still be used.
            (Fate::Open, Some(step)) if branch.doubt.is_some() && branch.is_at_border(direction) => {
                let (gateway, seen) = match direction {
                    Direction::In => (from.unwrap_or(step.at), branch.between),
                    Direction::Out => (step.at, branch.seen),
                };
                legs.push(Rc::new(Leg { direction, gateway, branch, seen }));
            }
            (Fate::Open, Some(step)) => {
                let said = Said {
                    at: step.at.to_owned(),
                    rule: step.rule.as_str().to_owned(),
                    says: step.rule.says().to_owned(),
                };
                self.lost.push(Lost { said, passed: passed(&branch).into_iter().map(str::to_owned).collect() });
            }
            _ => {}
        }
    }

    /// The ways that the security groups of an interface let it use.
    fn cross(
        &mut self,
        graph: &Graph<'a>,
        interface: &'a NetworkInterface,
        legs: &[Rc<Leg<'a>>],
        work: &Work,
    ) -> Result<(), TooMany> {
        let own: Vec<_> = addresses(interface).collect();
        let mut known: Vec<(firewall::Way, Between<'a>, Filters)> = Vec::new();
        for leg in legs {
            let (way, seen) = (leg.way(), leg.seen);
            let filters = match known.iter().find(|(own, other, _)| (*own, *other) == (way, seen)) {
                Some((_, _, filters)) => Rc::clone(filters),
                None => {
                    let filters: Filters = graph.filters_of(interface, way, seen)?.into();
                    known.push((way, seen, Rc::clone(&filters)));
                    filters
                }
            };
            let meets = |passed: fn(&Bounds) -> &Packets| {
                for filter in filters.iter() {
                    work.check(self.crossings.len())?;
                    if leg.branch.packets.meets(passed(filter), leg.dimension(), &own) {
                        return Ok(true);
                    }
                }
                Ok(false)
            };
            let doubtful = leg.branch.doubt.is_some();
            let surely = !doubtful && meets(Bounds::surely)?;
            let asked = doubtful || !filters.iter().all(|filter| filter.is_known());
            if surely || (asked && meets(Bounds::possibly)?) {
                self.crossings.push(Crossing { interface, surely, leg: Rc::clone(leg), filters });
            }
        }
        Ok(())
    }
}
