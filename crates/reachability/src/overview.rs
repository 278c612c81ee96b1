//! The network of a VPC at once: every way in and out, who gets from one subnet to another, who reaches each endpoint, and who
//! is shut off from it.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_snapshot::ec2::{NetworkInterface, Vpc, VpcEndpoint};

use crate::border::{Crossing, Direction};
use crate::branch::Place;
use crate::cube::Dimension;
use crate::explain::Said;
use crate::flow::Flow;
use crate::graph::Graph;
use crate::node::{Node, PASSIVE, addresses};
use crate::packets::{Packets, TooMany};
use crate::path::{Hop, Origin, Verdict, Way};
use crate::rule::Rule;

/// What there is to know of a VPC's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overview {
    /// The VPC.
    pub vpc: String,
    /// What leads out of it, and who gets out there.
    pub out: Vec<Gate>,
    /// What leads into it, and who is reached from there.
    pub into: Vec<Gate>,
    /// From which of its subnets packets get to which.
    pub between: Vec<Passage>,
    /// Its endpoints, and who reaches them.
    pub endpoints: Vec<Callers>,
    /// Where packets are lost from sight, and what was not seen.
    pub unknown: Vec<Said>,
}

/// A gateway, connection or gateway endpoint at the border, and the interfaces that use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Its id.
    pub at: String,
    /// Who gets through it.
    pub users: Vec<User>,
}

/// An interface that gets through a gate.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct User {
    /// The interface, with what it belongs to.
    pub interface: String,
    /// Whether it surely does; else something on the way was not settled.
    pub surely: bool,
    /// With which packets, as they look to the interface.
    pub flows: Vec<Flow>,
}

/// Packets that get from some interface of a subnet to some interface of another one, or of the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// The subnet of the senders.
    pub from: String,
    /// The subnet where they arrive.
    pub to: String,
    /// What arrives.
    pub services: Vec<Service>,
    /// What arrives and is never answered, because something stops every answer.
    pub unanswered: Vec<Service>,
}

/// A kind of packets, without their addresses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Service {
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `all`, a number or a range of numbers.
    pub protocol: String,
    /// `443`, `1024-65535`, `all`; of ICMP a type and code as `8/0`, or a range of them.
    pub ports: String,
}

/// Who reaches an endpoint on tcp 443 from the ports that connections are opened from, and gets an answer: the interfaces of
/// its VPC, with what they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callers {
    /// The endpoint.
    pub endpoint: String,
    /// What it is an endpoint of.
    pub service: String,
    /// Those that reach each of its interfaces.
    pub reach: Vec<String>,
    /// Those that reach some of its interfaces, or get answers to some of their ports, so that some calls fail; and what stops
    /// the others.
    pub partly: Vec<(String, Said)>,
    /// Those of which it is not known, and why.
    pub perhaps: Vec<(String, Said)>,
    /// Those that are shut off from it, and what stops them.
    pub shut_off: Vec<(String, Said)>,
}

/// The ports that Linux opens connections from ("Custom network ACLs for your VPC", Ephemeral ports; its own default ends
/// a little earlier).
const EPHEMERAL: (u16, u16) = (32_768, 60_999);

/// How far a caller gets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Access {
    Reaches,
    Partly(Said),
    Perhaps(Said),
    ShutOff(Said),
}

/// What becomes of packets to an endpoint and of the answers to them, as they were sent; and one hop that shows it.
#[derive(Default)]
struct Fates {
    good: Packets,
    stopped: (Packets, Option<Said>),
    open: (Packets, Option<Said>),
}

impl Fates {
    fn add(&mut self, verdict: Verdict<'_>, packets: &Packets, said: impl Fn() -> Option<Said>) -> Result<(), TooMany> {
        let (all, shown) = match verdict {
            Verdict::Delivered(_) => return Ok(()),
            Verdict::Dropped => &mut self.stopped,
            Verdict::Unknown => &mut self.open,
        };
        *all = all.or(packets)?;
        *shown = shown.take().or_else(said);
        Ok(())
    }
}

impl<'a> Graph<'a> {
    /// What there is to know of a VPC's network.
    ///
    /// # Errors
    /// [`TooMany`]: it is too large to be answered at once.
    pub fn overview(&self, vpc: &'a Vpc) -> Result<Overview, TooMany> {
        let border = self.border(vpc)?;
        let gates = |direction: Direction| {
            let mut gates: BTreeMap<&str, Vec<&Crossing<'a>>> = BTreeMap::new();
            for crossing in border.crossings.iter().filter(|crossing| crossing.direction() == direction) {
                gates.entry(crossing.gateway()).or_default().push(crossing);
            }
            gates.into_iter().map(|(at, crossings)| self.gate(at, &crossings)).collect::<Result<Vec<_>, _>>()
        };
        let mut unknown: BTreeSet<Said> = border.missing.iter().cloned().collect();
        unknown.extend(border.lost.iter().map(|lost| lost.said.clone()));
        let senders = self.interfaces_of(&vpc.id).iter().copied().filter(|interface| sends(interface));
        let senders: Vec<&'a NetworkInterface> = senders.collect();
        let between = self.passages(vpc, &senders, &mut unknown)?;
        if !self.ec2.vpc_endpoints.is_whole() {
            unknown.insert(Said::unseen(&vpc.id, "its endpoints"));
        }
        let own = self.ec2.vpc_endpoints.seen().filter(|endpoint| endpoint.vpc_id == vpc.id && is_called(endpoint));
        let endpoints = own.map(|endpoint| self.callers(endpoint, &senders)).collect::<Result<Vec<_>, _>>()?;
        Ok(Overview {
            vpc: vpc.id.clone(),
            out: gates(Direction::Out)?,
            into: gates(Direction::In)?,
            between,
            endpoints,
            unknown: unknown.into_iter().collect(),
        })
    }

    fn gate(&self, at: &str, crossings: &[&Crossing<'a>]) -> Result<Gate, TooMany> {
        let mut users: BTreeMap<(String, bool), Packets> = BTreeMap::new();
        for crossing in crossings {
            let own = users.entry((self.named(&crossing.interface.id), crossing.surely)).or_insert_with(Packets::none);
            *own = own.or(&crossing.packets()?)?;
        }
        let user = |((interface, surely), packets): ((String, bool), Packets)| User {
            interface,
            surely,
            flows: packets.flows(),
        };
        Ok(Gate { at: at.to_owned(), users: users.into_iter().map(user).collect() })
    }

    // Between subnets

    fn passages(
        &self,
        vpc: &'a Vpc,
        senders: &[&'a NetworkInterface],
        unknown: &mut BTreeSet<Said>,
    ) -> Result<Vec<Passage>, TooMany> {
        let inside = self.for_node(&Node::Vpc(&vpc.id))?;
        let mut found: BTreeMap<(&str, &str), (Packets, Packets)> = BTreeMap::new();
        for sender in senders {
            for way in self.ways_of(sender, &inside)? {
                match way.verdict {
                    Verdict::Delivered(Place::Of(id)) if id != sender.id => {
                        let Ok(to) = self.interface(id) else { continue };
                        let key = (sender.subnet_id.as_str(), to.subnet_id.as_str());
                        let (all, answered) = found.entry(key).or_insert_with(|| (Packets::none(), Packets::none()));
                        *all = all.or(&way.packets.without_ends()?)?;
                        *answered = answered.or(&answered_of(&way)?.without_ends()?)?;
                    }
                    Verdict::Unknown => unknown.extend(way.hops.last().map(|hop| self.said(hop))),
                    _ => {}
                }
            }
        }
        let passage = |((from, to), (all, answered)): ((&str, &str), (Packets, Packets))| {
            let unanswered = services(&all.minus(&answered)?);
            Ok(Passage { from: from.to_owned(), to: to.to_owned(), services: services(&all), unanswered })
        };
        found.into_iter().map(passage).collect()
    }

    /// The ways of packets that an interface sends from its own addresses.
    fn ways_of(&self, sender: &'a NetworkInterface, wanted: &Packets) -> Result<Vec<Way<'a>>, TooMany> {
        let own: Vec<_> = addresses(sender).collect();
        let packets = Packets::of_addresses(&own, Dimension::Source).and(wanted)?;
        if packets.is_empty() {
            return Ok(Vec::new());
        }
        self.ways(Origin::Interface(&sender.id), packets)
    }

    // Endpoints

    fn callers(&self, endpoint: &'a VpcEndpoint, senders: &[&'a NetworkInterface]) -> Result<Callers, TooMany> {
        let mut found = Callers {
            endpoint: endpoint.id.clone(),
            service: endpoint.service_name.clone(),
            reach: Vec::new(),
            partly: Vec::new(),
            perhaps: Vec::new(),
            shut_off: Vec::new(),
        };
        let to = Node::Service(&endpoint.id);
        let (first, last) = EPHEMERAL;
        let https = Packets::protocol(6).and(&Packets::ports(443, 443))?.and(&Packets::source_ports(first, last))?;
        let wanted = self.for_node(&to)?.and(&https)?;
        for sender in senders {
            let name = self.named(&sender.id);
            match self.access(endpoint, sender, &wanted)? {
                Access::Reaches => found.reach.push(name),
                Access::Partly(said) => found.partly.push((name, said)),
                Access::Perhaps(said) => found.perhaps.push((name, said)),
                Access::ShutOff(said) => found.shut_off.push((name, said)),
            }
        }
        found.reach.sort_unstable();
        for list in [&mut found.partly, &mut found.perhaps, &mut found.shut_off] {
            list.sort_unstable();
        }
        Ok(found)
    }

    fn access(
        &self,
        endpoint: &'a VpcEndpoint,
        sender: &'a NetworkInterface,
        wanted: &Packets,
    ) -> Result<Access, TooMany> {
        let own = self.interfaces(&Node::Service(&endpoint.id));
        let is_gateway = endpoint.kind.eq_ignore_ascii_case("gateway");
        let listed = endpoint.interface_ids.as_ref().is_some_and(|ids| ids.len() == own.len());
        if !is_gateway && (!listed || own.iter().any(|it| it.addresses.is_none())) {
            return Ok(Access::Perhaps(Said::unseen(&endpoint.id, "its network interfaces")));
        }
        let ways = self.ways_of(sender, wanted)?;
        let places: Vec<&str> =
            if is_gateway { vec![&endpoint.id] } else { own.iter().map(|it| it.id.as_str()).collect() };
        let mut reached = 0;
        let (mut perhaps, mut stopped) = (None, None);
        for place in &places {
            match self.gets_to(&ways, place, is_gateway)? {
                Access::Reaches => reached += 1,
                Access::Perhaps(said) => perhaps = perhaps.or(Some(said)),
                Access::Partly(said) => {
                    reached += 1;
                    stopped = stopped.or(Some(said));
                }
                Access::ShutOff(said) => stopped = stopped.or(Some(said)),
            }
        }
        Ok(match (perhaps, stopped) {
            (_, Some(said)) if reached > 0 => Access::Partly(said),
            (Some(said), _) => Access::Perhaps(said),
            (None, Some(said)) => Access::ShutOff(said),
            (None, None) if reached > 0 => Access::Reaches,
            (None, None) => Access::ShutOff(Said {
                at: endpoint.id.clone(),
                rule: Rule::NoInterface.as_str().to_owned(),
                says: "it has no network interface".to_owned(),
            }),
        })
    }

    /// How far ways get to one place of an endpoint, and back.
    fn gets_to(&self, ways: &[Way<'a>], place: &str, is_gateway: bool) -> Result<Access, TooMany> {
        let mut found = Fates::default();
        for way in ways {
            let is_asked = match is_gateway {
                true => way.hops.iter().any(|hop| hop.at == place || hop.leads_to(place)),
                false => self.is_for(way, place),
            };
            let said = |hops: &[Hop<'a>]| hops.last().map(|hop| self.said(hop));
            match way.verdict {
                _ if !is_asked => {}
                Verdict::Delivered(Place::Of(id)) if id == place => {
                    let mut answered = way.packets.clone();
                    for answer in way.answers.iter().filter(|it| !matches!(it.verdict, Verdict::Delivered(_))) {
                        answered = answered.minus(&answer.packets)?;
                        found.add(answer.verdict, &answer.packets, || said(&answer.hops))?;
                    }
                    found.good = found.good.or(&answered)?;
                }
                verdict => found.add(verdict, &way.packets, || said(&way.hops))?,
            }
        }
        let surely = found.good.minus(&found.stopped.0)?.minus(&found.open.0)?;
        let no_route = || Said {
            at: place.to_owned(),
            rule: Rule::NoRoute.as_str().to_owned(),
            says: "no route of its subnet leads there".to_owned(),
        };
        Ok(match (surely.is_empty(), found.stopped.1, found.open.1) {
            (false, None, None) => Access::Reaches,
            (false, Some(said), _) => Access::Partly(said),
            (_, _, Some(said)) => Access::Perhaps(said),
            // By one of several ways, and it is not known which is taken.
            (true, Some(said), None) if !found.good.is_empty() => Access::Perhaps(said),
            (true, stopped, None) => Access::ShutOff(stopped.unwrap_or_else(no_route)),
        })
    }

    /// Whether packets are for one interface, by its addresses.
    fn is_for(&self, way: &Way<'a>, interface: &str) -> bool {
        let Ok(interface) = self.interface(interface) else { return false };
        let own: Vec<_> = addresses(interface).collect();
        way.packets.meets(&Packets::all(), Dimension::Destination, &own)
    }
}

/// Whether it sends packets of its own accord: what stands for a service only answers.
fn sends(interface: &NetworkInterface) -> bool {
    let kind = interface.kind.as_str();
    !PASSIVE.contains(&kind) && !["vpc_endpoint", "gateway_load_balancer"].contains(&kind)
}

/// Whether workloads call it: an endpoint of a service, not one that traffic is routed through.
fn is_called(endpoint: &VpcEndpoint) -> bool {
    ["interface", "gateway"].iter().any(|kind| endpoint.kind.eq_ignore_ascii_case(kind))
}

/// Those packets of a way that are answered or may be, and those that nothing answers anyway.
fn answered_of(way: &Way<'_>) -> Result<Packets, TooMany> {
    let (mut stopped, mut others) = (Packets::none(), Packets::none());
    for answer in &way.answers {
        let kept = if answer.verdict == Verdict::Dropped { &mut stopped } else { &mut others };
        *kept = kept.or(&answer.packets)?;
    }
    way.packets.minus(&stopped.minus(&others)?)
}

fn services(packets: &Packets) -> Vec<Service> {
    let flows = packets.flows().into_iter();
    let all: BTreeSet<Service> = flows.map(|flow| Service { protocol: flow.protocol, ports: flow.ports }).collect();
    all.into_iter().collect()
}
