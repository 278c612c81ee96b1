//! The answer to a question: every kind of path between two ends, or what closes all of them.

use std::collections::BTreeMap;

use crate::branch::{Branch, Place};
use crate::cube::Dimension;
use crate::explain::Said;
use crate::flow::Flow;
use crate::graph::Graph;
use crate::node::Node;
use crate::packets::{Packet, Packets, TooMany};
use crate::path::{Hop, Origin, Verdict, Way};
use crate::rule::Rule;
use crate::walk::{Next, Walk};

/// Whether what answers packets comes back to whom sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Back {
    /// It does.
    Yes,
    /// Something on its way stops it.
    No,
    /// It is not known.
    Unknown,
    /// Nothing answers such packets, or whoever got them was not read.
    None,
}

/// A kind of path: packets that take the same steps.
#[derive(Clone, Debug)]
pub struct Path<'a> {
    /// Who sends it: an interface (one of those that are alike), `internet` or a boundary.
    pub from: &'a str,
    /// Where it ends: an interface, an endpoint, `internet`, or a boundary behind which nothing was read.
    pub to: &'a str,
    /// The packets, as they are sent.
    pub packets: Packets,
    /// A packet of it; the hops are that packet's.
    pub witness: Packet,
    /// From the sender to the end.
    pub hops: Vec<Hop<'a>>,
    /// Whether the answer comes back.
    pub back: Back,
    /// By which hops.
    pub back_hops: Vec<Hop<'a>>,
    /// Instances and gateway load balancer endpoints that have to pass it on.
    pub assumes: Vec<&'a str>,
}

/// What stops packets, or where they are lost from sight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stop {
    /// The hop that decides.
    pub said: Said,
    /// Some of the packets that it decides about.
    pub flow: Option<Flow>,
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub struct Reach<'a> {
    /// Every kind of path; none where it is proved that there is none, or nothing is known.
    pub paths: Vec<Path<'a>>,
    /// What stops all other packets: where there is no path and nothing unknown, the cut that proves it.
    pub closed_by: Vec<Stop>,
    /// Where packets are lost from sight.
    pub unknown: Vec<Path<'a>>,
    /// What was not seen of the ends themselves: where there is something, no path is no proof.
    pub missing: Vec<Said>,
}

impl<'a> Graph<'a> {
    /// Every kind of path from one end to another.
    ///
    /// # Errors
    /// [`TooMany`]: the question is too large to be answered.
    pub fn reach(&self, from: &Node<'a>, to: &Node<'a>) -> Result<Reach<'a>, TooMany> {
        let wanted = self.for_node(to)?;
        let mut found =
            Found { graph: self, to, paths: BTreeMap::new(), unknown: BTreeMap::new(), stops: BTreeMap::new() };
        for crowd in self.crowds(from) {
            let sources = Packets::of_addresses(&crowd.addresses, Dimension::Source);
            let begun = Some((crowd.first.subnet_id.as_str(), crowd.first.vpc_id.as_str()));
            let packets = sources.and(&wanted)?;
            if packets.is_empty() {
                continue;
            }
            let mut walk = Walk::new(self, None);
            walk.go(Branch::new(packets, begun), Next::Begin(crowd.first));
            found.add(&crowd.first.id, walk)?;
        }
        for (origin, sources) in self.outsiders(from)? {
            let mut walk = Walk::new(self, None);
            self.start(&mut walk, origin, sources.and(&wanted)?)?;
            let name = match origin {
                Origin::Internet => "internet",
                Origin::Interface(id) | Origin::Beyond(id, _) => id,
            };
            found.add(name, walk)?;
        }
        found.answer(self.missing(from, to))
    }

    /// What was not seen of two ends.
    fn missing(&self, from: &Node<'a>, to: &Node<'a>) -> Vec<Said> {
        let mut all = Vec::new();
        for node in [from, to] {
            let made_of_interfaces = !matches!(node, Node::Internet | Node::Gateway(_));
            if made_of_interfaces && !self.knows_interfaces() {
                all.push(Said::unseen(&node.to_string(), "its network interfaces"));
            }
            let without = self.interfaces(node).into_iter().filter(|interface| interface.addresses.is_none());
            all.extend(without.map(|interface| Said::unseen(&interface.id, "its addresses")));
        }
        if matches!(from, Node::Anything | Node::Block(_) | Node::Gateway(_)) {
            let ec2 = self.ec2;
            let gaps = [
                (ec2.peerings.is_whole(), "the peering connections"),
                (ec2.transit_attachments.is_whole(), "the transit gateway attachments"),
                (ec2.vpn_gateways.is_whole(), "the virtual private gateways"),
            ];
            let unread = gaps.into_iter().filter(|(whole, _)| !whole);
            all.extend(unread.map(|(_, what)| Said::unseen(&from.to_string(), what)));
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// A packet that is not for its sender itself.
fn between_two(packets: &Packets) -> Result<Option<Packet>, TooMany> {
    let mut rest = packets.clone();
    while let Some(witness) = rest.witness() {
        if witness.source != witness.destination {
            return Ok(Some(witness));
        }
        let (from, to) = (Packets::from(witness.source.into()), Packets::to(witness.destination.into()));
        rest = rest.minus(&from.and(&to)?)?;
    }
    Ok(None)
}

/// Ways by their steps.
type Kinds<'a> = BTreeMap<Vec<(&'a str, Rule)>, (&'a str, Place<'a>, Packets, Vec<&'a str>)>;

struct Found<'g, 'a> {
    graph: &'g Graph<'a>,
    to: &'g Node<'a>,
    paths: Kinds<'a>,
    unknown: Kinds<'a>,
    stops: BTreeMap<(String, String), Stop>,
}

impl<'a> Found<'_, 'a> {
    fn add(&mut self, from: &'a str, mut walk: Walk<'_, 'a>) -> Result<(), TooMany> {
        walk.run()?;
        for end in walk.ends {
            let way = self.graph.forward(end);
            let Some(last) = way.hops.last() else { continue };
            let (at, rule) = (last.at, last.rule);
            let is_boundary = rule.is_boundary();
            let reached = match (self.to, way.verdict) {
                (_, Verdict::Delivered(place)) => self.graph.is_at(self.to, place).then_some(place),
                (Node::Gateway(id), Verdict::Unknown) if is_boundary && *id == at && !way.is_doubtful() => {
                    Some(Place::Of(at))
                }
                _ => None,
            };
            let key = way.hops.iter().map(|hop| (hop.at, hop.rule)).collect();
            match (reached, way.verdict) {
                (Some(place), _) => add(&mut self.paths, key, from, place, way)?,
                (None, Verdict::Unknown) if self.is_asked(&way) => {
                    add(&mut self.unknown, key, from, Place::Of(at), way)?;
                }
                (None, Verdict::Dropped) if self.is_asked(&way) => {
                    // One of them is enough to show.
                    let said = self.graph.said(last);
                    let key = (said.at.clone(), said.rule.clone());
                    self.stops
                        .entry(key)
                        .or_insert_with(|| Stop { said, flow: way.packets.flows().into_iter().next() });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a way that ended elsewhere is of the question: of a gateway those that were on the way to it.
    fn is_asked(&self, way: &Way<'a>) -> bool {
        let last = way.hops.last().map(|hop| hop.rule);
        match self.to {
            // AWS's own addresses are there for every interface.
            Node::Anything if last == Some(Rule::Reserved) => false,
            Node::Gateway(id) => way.hops.iter().any(|hop| hop.at == *id || hop.leads_to(id)),
            Node::Service(id) if self.graph.interfaces(self.to).is_empty() => {
                way.hops.iter().any(|hop| hop.at == *id || hop.leads_to(id))
            }
            _ => true,
        }
    }

    fn answer(self, missing: Vec<Said>) -> Result<Reach<'a>, TooMany> {
        let (graph, to) = (self.graph, self.to);
        let paths = |kinds: Kinds<'a>| {
            let all = kinds.into_values().map(|kind| graph.path(to, kind));
            all.filter_map(Result::transpose).collect::<Result<Vec<_>, TooMany>>()
        };
        let closed_by = self.stops.into_values().collect();
        Ok(Reach { paths: paths(self.paths)?, closed_by, unknown: paths(self.unknown)?, missing })
    }
}

fn add<'a>(
    kinds: &mut Kinds<'a>,
    key: Vec<(&'a str, Rule)>,
    from: &'a str,
    place: Place<'a>,
    way: Way<'a>,
) -> Result<(), TooMany> {
    match kinds.get_mut(&key) {
        Some((.., packets, _)) => *packets = packets.or(&way.packets)?,
        None => {
            kinds.insert(key, (from, place, way.packets, way.assumes));
        }
    }
    Ok(())
}

impl<'a> Graph<'a> {
    /// A kind of path, told by a packet of it: its hops, and those of the answer.
    fn path(
        &self,
        to: &Node<'a>,
        (from, place, packets, assumes): (&'a str, Place<'a>, Packets, Vec<&'a str>),
    ) -> Result<Option<Path<'a>>, TooMany> {
        let Some(witness) = between_two(&packets)? else { return Ok(None) };
        let origin = self.origin_of(from, &witness);
        let ways = self.ways(origin, Packets::just(&witness))?;
        let reaches = |way: &&Way<'a>| match way.verdict {
            Verdict::Delivered(own) => own == place || self.is_at(to, own),
            Verdict::Unknown => way.hops.last().is_some_and(|hop| Place::Of(hop.at) == place),
            Verdict::Dropped => false,
        };
        let Some(way) = ways.iter().find(|way| reaches(way) && way.assumes == assumes) else { return Ok(None) };
        let shown = way.answers.iter().min_by_key(|answer| match answer.verdict {
            Verdict::Dropped => 0,
            Verdict::Unknown => 1,
            Verdict::Delivered(_) => 2,
        });
        let back = match (shown.map(|answer| answer.verdict), way.verdict) {
            (None, _) => Back::None,
            (Some(Verdict::Delivered(_)), _) => Back::Yes,
            (Some(Verdict::Dropped), _) => Back::No,
            (Some(Verdict::Unknown), _) => Back::Unknown,
        };
        let from = match origin {
            Origin::Interface(id) => id,
            _ => from,
        };
        let to = match place {
            Place::Internet => "internet",
            Place::Of(id) => id,
        };
        let back_hops = shown.map(|answer| answer.hops.clone()).unwrap_or_default();
        Ok(Some(Path { from, to, packets, witness, hops: way.hops.clone(), back, back_hops, assumes }))
    }

    /// Who of those that are alike has sent a packet.
    fn origin_of(&self, from: &'a str, witness: &Packet) -> Origin<'a> {
        let Ok(first) = self.interface(from) else {
            let vpc = self.boundaries().into_iter().find(|(gateway, _)| *gateway == from).map(|(_, vpc)| vpc);
            return vpc.map_or(Origin::Internet, |vpc| Origin::Beyond(from, vpc));
        };
        let mut owners = self.owners_of(&first.vpc_id, witness.source).iter();
        Origin::Interface(owners.find(|own| own.subnet_id == first.subnet_id).map_or(from, |own| own.id.as_str()))
    }
}
