//! Packets on their way, all that were sent at once: out of an interface, through its subnet, to the next thing, until each
//! ends somewhere. Each rule sends on what it lets pass and ends the rest.

use std::net::IpAddr;

use plumbline_snapshot::ec2::{NetworkInterface, RouteTable, Subnet};

use crate::branch::{Branch, By, End, Fate, Place};
use crate::cube::Dimension;
use crate::firewall::Way;
use crate::graph::{Between, Graph};
use crate::packets::{Packets, TooMany};
use crate::routes::Target;
use crate::rule::Rule;
use crate::work::Work;

/// Steps of one walk; beyond them its question is not answered.
pub const MAX_STEPS: usize = 200_000;

/// Where a branch goes next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Next<'a> {
    /// Out of an interface.
    Send(&'a NetworkInterface),
    /// Out of an interface that stands for others that are like it.
    Begin(&'a NetworkInterface),
    /// Out of a subnet, as of some interface in it whose security groups are asked later.
    Depart(&'a Subnet),
    /// To an interface, from a subnet if it is known.
    Arrive(&'a NetworkInterface, Option<&'a str>),
    /// Out of something in a subnet that is no interface of this account's.
    Leave(&'a Subnet),
    /// To whichever interface of a VPC has the address, from a subnet if it is known.
    Within(&'a str, Option<&'a str>),
    /// From an internet or virtual private gateway into a VPC.
    Edge(&'a str, &'a str),
    /// From the internet.
    Internet,
}

/// A walk of packets, or of the answers to some.
pub(crate) struct Walk<'g, 'a> {
    pub(crate) graph: &'g Graph<'a>,
    /// Of answers: where the packets began.
    pub(crate) origin: Option<Place<'a>>,
    /// Whether it ends at the border of the VPC: outward at the gateway, inward in the subnet, before any interface is asked.
    pub(crate) to_border: bool,
    pub(crate) ends: Vec<End<'a>>,
    todo: Vec<(Branch<'a>, Next<'a>)>,
    /// Boxes of all these.
    pub(crate) kept: usize,
    work: Work,
}

pub(crate) type Done = Result<(), TooMany>;

impl<'g, 'a> Walk<'g, 'a> {
    pub(crate) fn new(graph: &'g Graph<'a>, origin: Option<Place<'a>>) -> Self {
        Walk { graph, origin, to_border: false, ends: Vec::new(), todo: Vec::new(), kept: 0, work: Work::start() }
    }

    /// A walk up to the border of a VPC.
    pub(crate) fn to_border(graph: &'g Graph<'a>) -> Self {
        Walk { to_border: true, ..Walk::new(graph, None) }
    }

    pub(crate) fn is_answer(&self) -> bool {
        self.origin.is_some()
    }

    pub(crate) fn go(&mut self, branch: Branch<'a>, next: Next<'a>) {
        self.kept += branch.packets.boxes();
        self.todo.push((branch, next));
    }

    /// Until every branch has ended.
    ///
    /// # Errors
    /// [`TooMany`], of boxes, of steps or of work.
    pub(crate) fn run(&mut self) -> Done {
        self.work = Work::start();
        let mut steps = 0;
        while let Some((branch, next)) = self.todo.pop() {
            self.check()?;
            self.kept -= branch.packets.boxes();
            steps += 1;
            if steps > MAX_STEPS {
                return Err(TooMany);
            }
            match next {
                Next::Send(interface) => self.send(branch, interface)?,
                Next::Depart(subnet) => self.depart(branch, subnet)?,
                Next::Begin(interface) => self.set_out(branch, interface)?,
                Next::Arrive(interface, from) => self.arrive(branch, interface, from)?,
                Next::Leave(subnet) => self.leave(branch, subnet)?,
                Next::Within(vpc, from) => self.within(branch, vpc, from)?,
                Next::Edge(gateway, vpc) => self.through_edge(branch, gateway, vpc)?,
                Next::Internet => self.in_by_internet(branch)?,
            }
        }
        Ok(())
    }

    /// Whether it may go on.
    pub(crate) fn check(&self) -> Done {
        self.work.check(self.kept)
    }

    // Ends

    fn end(&mut self, mut branch: Branch<'a>, fate: Fate<'a>, at: &'a str, rule: Rule, by: By<'a>) {
        if self.to_border && fate == Fate::Dropped {
            return;
        }
        branch.hop_by(at, rule, by);
        let fate = match (fate, branch.doubt) {
            (Fate::Delivered(_), Some(_)) => Fate::Open,
            _ => fate,
        };
        self.kept += branch.packets.boxes();
        self.ends.push(End { branch, fate });
    }

    pub(crate) fn drop(&mut self, branch: Branch<'a>, at: &'a str, rule: Rule) {
        self.end(branch, Fate::Dropped, at, rule, By::Rule);
    }

    pub(crate) fn drop_all(&mut self, branches: Vec<Branch<'a>>, at: &'a str, rule: Rule) {
        for branch in branches {
            self.drop(branch, at, rule);
        }
    }

    pub(crate) fn drop_by(&mut self, branches: Vec<Branch<'a>>, at: &'a str, rule: Rule, by: By<'a>) {
        for branch in branches {
            self.end(branch, Fate::Dropped, at, rule, by);
        }
    }

    pub(crate) fn open(&mut self, branch: Branch<'a>, at: &'a str, rule: Rule) {
        self.end(branch, Fate::Open, at, rule, By::Rule);
    }

    pub(crate) fn dropped(&mut self, branch: Branch<'a>, at: &'a str, rule: Rule) -> Done {
        self.drop(branch, at, rule);
        Ok(())
    }

    pub(crate) fn opened(&mut self, branch: Branch<'a>, at: &'a str, rule: Rule) -> Done {
        self.open(branch, at, rule);
        Ok(())
    }

    pub(crate) fn open_all(&mut self, branches: Vec<Branch<'a>>, at: &'a str, rule: Rule) {
        for branch in branches {
            self.open(branch, at, rule);
        }
    }

    pub(crate) fn deliver(&mut self, branch: Branch<'a>, place: Place<'a>, at: &'a str, rule: Rule) {
        self.end(branch, Fate::Delivered(place), at, rule, By::Rule);
    }

    /// The edge of what was read. An answer that goes back there is where it should be.
    pub(crate) fn beyond(&mut self, branch: Branch<'a>, gateway: &'a str, rule: Rule) {
        if self.to_border {
            self.deliver(branch, Place::Of(gateway), gateway, rule);
        } else if self.origin == Some(Place::Of(gateway)) {
            self.deliver(branch, Place::Of(gateway), gateway, Rule::Returned);
        } else {
            self.open(branch, gateway, rule);
        }
    }

    /// The branch, unless it has been there: nothing in a VPC ends a packet that goes round but its time to live.
    pub(crate) fn visit(&mut self, mut branch: Branch<'a>, at: &'a str) -> Option<Branch<'a>> {
        let here = (at, branch.view);
        if branch.been.contains(&here) {
            self.drop(branch, at, Rule::Loop);
            return None;
        }
        branch.been.push(here);
        Some(branch)
    }

    // Interfaces

    /// Out of an interface: source check, security groups, then the subnet.
    fn send(&mut self, branch: Branch<'a>, interface: &'a NetworkInterface) -> Done {
        let name = interface.id.as_str();
        let Some(branch) = self.visit(branch, name) else { return Ok(()) };
        for branch in self.checked(branch, interface, Dimension::Source)?.0 {
            self.set_out(branch, interface)?;
        }
        Ok(())
    }

    /// With an address that it may send from.
    fn set_out(&mut self, branch: Branch<'a>, interface: &'a NetworkInterface) -> Done {
        let name = interface.id.as_str();
        let subnet = match self.graph.subnet(&interface.subnet_id) {
            Ok(subnet) => subnet,
            Err(rule) => return self.opened(branch, &interface.subnet_id, rule),
        };
        let vpc = match self.graph.vpc(&interface.vpc_id) {
            Ok(vpc) => vpc,
            Err(rule) => return self.opened(branch, &interface.vpc_id, rule),
        };
        let reserved = self.graph.to_reserved(vpc);
        let near = self.graph.to_subnet(subnet);
        let (special, others) = branch.split(&reserved)?;
        self.open_all(special, name, Rule::Reserved);
        for branch in others {
            let (same, others) = branch.split(&near)?;
            for branch in same {
                for branch in self.pass_groups(branch, interface, Way::Out, Between::Nothing)? {
                    self.across(branch, subnet);
                }
            }
            for branch in others {
                self.send_off(branch, interface, subnet)?;
            }
        }
        Ok(())
    }

    fn depart(&mut self, branch: Branch<'a>, subnet: &'a Subnet) -> Done {
        for (mut branch, to) in self.route(branch, subnet)? {
            branch.seen = self.seen_through(&branch, &to, &subnet.vpc_id);
            self.follow(branch, &to, subnet)?;
        }
        Ok(())
    }

    /// Those whose source or destination is the interface's own, and the others if it takes them. Whether it does is in doubt in
    /// a file from before it was kept.
    fn checked(
        &mut self,
        branch: Branch<'a>,
        interface: &'a NetworkInterface,
        dimension: Dimension,
    ) -> Result<(Vec<Branch<'a>>, Vec<Branch<'a>>), TooMany> {
        let name = interface.id.as_str();
        let Some(addresses) = &interface.addresses else {
            self.open(branch, name, Rule::NotRead);
            return Ok(Default::default());
        };
        let own: Vec<IpAddr> = addresses.iter().filter_map(|own| own.ip.parse().ok()).collect();
        let (mine, mut others) = branch.split(&Packets::of_addresses(&own, dimension))?;
        match interface.source_dest_check {
            Some(false) => {}
            Some(true) => {
                let rule = if dimension == Dimension::Source { Rule::SourceCheck } else { Rule::DestinationCheck };
                self.drop_all(std::mem::take(&mut others), name, rule);
            }
            None => others.iter_mut().for_each(|branch| branch.doubted(name, Rule::NotRead)),
        }
        // What forwards need not be told apart from what sends.
        if dimension == Dimension::Source {
            let all = mine.into_iter().chain(others).collect();
            return Ok((all, Vec::new()));
        }
        Ok((mine, others))
    }

    fn send_off(&mut self, branch: Branch<'a>, interface: &'a NetworkInterface, subnet: &'a Subnet) -> Done {
        for (branch, to) in self.route(branch, subnet)? {
            let between = self.seen_through(&branch, &to, &interface.vpc_id);
            for branch in self.pass_groups(branch, interface, Way::Out, between)? {
                self.follow(branch, &to, subnet)?;
            }
        }
        Ok(())
    }

    /// How the sender sees whom a route leads to.
    fn seen_through(&self, branch: &Branch<'a>, to: &Target<'a>, vpc: &str) -> Between<'a> {
        match to {
            _ if branch.between != Between::Nothing => Between::Other,
            Target::Local => Between::Nothing,
            Target::Peering(id) => Between::Peering(id, self.graph.other_side(id, vpc).unwrap_or("")),
            _ => Between::Other,
        }
    }

    /// At an interface: the ACL of its subnet if it comes from elsewhere, destination check, security groups.
    fn arrive(&mut self, branch: Branch<'a>, interface: &'a NetworkInterface, from: Option<&'a str>) -> Done {
        let (name, subnet) = (interface.id.as_str(), interface.subnet_id.as_str());
        let arrived = if from == Some(subnet) { vec![branch] } else { self.pass_acl(branch, subnet, Way::In)? };
        for branch in arrived {
            let (mine, others) = self.checked(branch, interface, Dimension::Destination)?;
            let both = mine.into_iter().map(|branch| (branch, true)).chain(others.into_iter().map(|it| (it, false)));
            for (branch, mine) in both {
                let gateway = self.graph.nat_of(name);
                if gateway.is_some() || interface.kind == "nat_gateway" {
                    self.answer_at_nat(branch, gateway, interface)?;
                    continue;
                }
                if ["gateway_load_balancer_endpoint", "transit_gateway"].contains(&interface.kind.as_str()) {
                    self.open(branch, name, Rule::EndpointUnknown);
                    continue;
                }
                let between = branch.between;
                for branch in self.pass_groups(branch, interface, Way::In, between)? {
                    if mine { self.take(branch, interface)? } else { self.forward(branch, interface)? }
                }
            }
        }
        Ok(())
    }

    /// What is for the interface itself, or the answer to what it had translated.
    fn take(&mut self, branch: Branch<'a>, interface: &'a NetworkInterface) -> Done {
        let name = interface.id.as_str();
        let (back, others) = self.back(branch, name)?;
        for mut branch in back {
            branch.hop(name, Rule::InstanceReply);
            branch.assume(name);
            self.go(branch, Next::Send(interface));
        }
        for branch in others {
            self.deliver(branch, Place::Of(name), name, Rule::Delivered);
        }
        Ok(())
    }

    /// Answers to what a device had translated, as it makes them, and all else.
    pub(crate) fn back(&self, branch: Branch<'a>, device: &str) -> Result<(Vec<Branch<'a>>, Vec<Branch<'a>>), TooMany> {
        let translated = branch.translated.clone();
        let (mut back, mut others) = (Vec::new(), vec![branch]);
        for (_, before, after) in translated.iter().filter(|(own, ..)| *own == device) {
            let mut rest = Vec::new();
            for branch in others {
                let (answered, view, icmp) = (after.answered(branch.icmp), branch.view, branch.icmp);
                let (known, other) = branch.split_alike(answered, view)?;
                back.extend(known.map(|branch| Branch { view: before.answered(icmp), ..branch }));
                rest.extend(other);
            }
            others = rest;
        }
        Ok((back, others))
    }

    // Subnets

    /// Within a subnet neither routes nor ACLs have a say.
    fn across(&mut self, mut branch: Branch<'a>, subnet: &'a Subnet) {
        branch.hop(&subnet.id, Rule::SameSubnet);
        self.go(branch, Next::Within(&subnet.vpc_id, Some(&subnet.id)));
    }

    /// By the routes of the subnet: to each target what it takes.
    fn route(&mut self, branch: Branch<'a>, subnet: &'a Subnet) -> Result<Vec<(Branch<'a>, Target<'a>)>, TooMany> {
        match self.graph.table_of(subnet) {
            Ok((table, rule)) => self.fork(branch, table, rule),
            Err(rule) => {
                self.open(branch, &subnet.id, rule);
                Ok(Vec::new())
            }
        }
    }

    fn fork(
        &mut self,
        branch: Branch<'a>,
        table: &'a RouteTable,
        rule: Rule,
    ) -> Result<Vec<(Branch<'a>, Target<'a>)>, TooMany> {
        let forks = self.graph.forks(table)?;
        let at = table.id.as_str();
        for (why, packets) in &forks.open {
            let open = branch.within(packets)?;
            self.open_all(open, at, *why);
        }
        if !self.to_border {
            let none = branch.within(&forks.none)?;
            self.drop_all(none, at, Rule::NoRoute);
        }
        let mut taken = Vec::new();
        for fork in &forks.forks {
            self.check()?;
            for mut branch in branch.within(&fork.packets)? {
                if fork.to == Target::Blackhole {
                    self.drop_by(vec![branch], at, Rule::Blackhole, By::Route(fork.route));
                } else {
                    branch.hop_by(at, rule, By::Route(fork.route));
                    taken.push((branch, fork.to));
                }
            }
        }
        Ok(taken)
    }

    fn leave(&mut self, branch: Branch<'a>, subnet: &'a Subnet) -> Done {
        let (same, others) = branch.split(&self.graph.to_subnet(subnet))?;
        for branch in same {
            self.across(branch, subnet);
        }
        for branch in others {
            for (branch, to) in self.route(branch, subnet)? {
                self.follow(branch, &to, subnet)?;
            }
        }
        Ok(())
    }

    /// To the target of a route of the subnet's table.
    pub(crate) fn follow(&mut self, branch: Branch<'a>, to: &Target<'a>, subnet: &'a Subnet) -> Done {
        let place = match self.place(to) {
            Ok(place) => place,
            Err((at, rule)) => return self.opened(branch, at, rule),
        };
        let (own, vpc) = (subnet.id.as_str(), subnet.vpc_id.as_str());
        let left = if place == Some(own) { vec![branch] } else { self.pass_acl(branch, own, Way::Out)? };
        for branch in left {
            match *to {
                Target::Local => self.go(branch, Next::Within(vpc, Some(own))),
                Target::Internet(id) => self.out_to_internet(branch, id, vpc)?,
                Target::EgressOnly(id) => self.out_egress_only(branch, id, subnet)?,
                Target::Carrier(id) if self.to_border => self.beyond(branch, id, Rule::Carrier),
                Target::Carrier(id) => self.open(branch, id, Rule::Carrier),
                Target::Peering(id) => self.over_peering(branch, id, vpc)?,
                Target::Transit(id) => self.enter_transit(branch, id, subnet)?,
                Target::Private(id) => self.out_to_vpn(branch, id, vpc),
                Target::Beyond(id) => self.beyond(branch, id, Rule::BeyondTarget),
                Target::Nat(_) | Target::Interface(_) | Target::Endpoint(_) | Target::Blackhole | Target::Other(_) => {
                    self.follow_inside(branch, to, Some(own), vpc)?;
                }
            }
        }
        Ok(())
    }

    /// Targets that stand in a subnet of the VPC, and gateway endpoints.
    fn follow_inside(&mut self, branch: Branch<'a>, to: &Target<'a>, from: Option<&'a str>, vpc: &'a str) -> Done {
        match *to {
            Target::Nat(id) => self.enter_nat(branch, id, vpc, from),
            Target::Interface(id) => match self.graph.interface(id) {
                Ok(interface) => {
                    self.go(branch, Next::Arrive(interface, from));
                    Ok(())
                }
                Err(rule) => self.opened(branch, id, rule),
            },
            Target::Endpoint(id) => self.enter_endpoint(branch, id, vpc, from),
            Target::Other(id) if !id.is_empty() => self.opened(branch, id, Rule::UnknownTarget),
            _ => self.opened(branch, vpc, Rule::UnknownTarget),
        }
    }

    /// The subnet that a target stands in: a packet from there does not leave its subnet.
    fn place(&self, to: &Target<'a>) -> Result<Option<&'a str>, (&'a str, Rule)> {
        match *to {
            Target::Interface(id) => {
                self.graph.interface(id).map(|it| Some(it.subnet_id.as_str())).map_err(|rule| (id, rule))
            }
            Target::Nat(id) => match self.graph.ec2.nat_gateways.get(id) {
                Ok(Some(gateway)) => Ok(gateway.subnet_id.as_deref()),
                _ => Err((id, Rule::NotRead)),
            },
            Target::Endpoint(id) => self.graph.endpoint_subnet(id).map_err(|rule| (id, rule)),
            _ => Ok(None),
        }
    }

    // VPCs

    /// To whichever interface of the VPC has the address.
    fn within(&mut self, mut branch: Branch<'a>, vpc: &'a str, from: Option<&'a str>) -> Done {
        branch.hop(vpc, Rule::Local);
        if self.to_border {
            return self.enter_subnets(branch, vpc, from);
        }
        let may_be = branch.ends(Dimension::Destination);
        let mut rest = vec![branch];
        for (ip, interfaces) in self.graph.owners(vpc).filter(|(ip, _)| may_be(*ip)) {
            self.check()?;
            let mut others = Vec::new();
            for branch in rest {
                let (own, other) = branch.split(&Packets::to(ip.into()))?;
                others.extend(other);
                for branch in own {
                    match interfaces {
                        [interface] => self.go(branch, Next::Arrive(interface, from)),
                        _ => self.open(branch, vpc, Rule::SeveralInterfaces),
                    }
                }
            }
            rest = others;
        }
        if self.graph.knows_interfaces() {
            self.drop_all(rest, vpc, Rule::NoInterface);
        } else {
            self.open_all(rest, vpc, Rule::NotRead);
        }
        Ok(())
    }

    /// Into each subnet of a VPC, up to its interfaces.
    fn enter_subnets(&mut self, branch: Branch<'a>, vpc: &'a str, from: Option<&'a str>) -> Done {
        for (own, near) in self.graph.to_subnets(vpc)?.iter() {
            for branch in branch.within(near)? {
                let entered = if from == Some(own) { vec![branch] } else { self.pass_acl(branch, own, Way::In)? };
                for branch in entered {
                    self.deliver(branch, Place::Of(own), own, Rule::InSubnet);
                }
            }
        }
        Ok(())
    }

    /// From an internet or virtual private gateway into the VPC, by the gateway's own table if it has one.
    fn through_edge(&mut self, branch: Branch<'a>, gateway: &'a str, vpc: &'a str) -> Done {
        let table = match self.graph.edge_table(gateway, vpc) {
            Ok(Some(table)) => table,
            Ok(None) => {
                self.go(branch, Next::Within(vpc, None));
                return Ok(());
            }
            Err(rule) => return self.opened(branch, gateway, rule),
        };
        for (branch, to) in self.fork(branch, table, Rule::EdgeRoute)? {
            match to {
                Target::Local => self.go(branch, Next::Within(vpc, None)),
                Target::Interface(_) | Target::Endpoint(_) => {
                    if let Some(branch) = self.check_edge_target(branch, &to, gateway, vpc) {
                        self.follow_inside(branch, &to, None, vpc)?;
                    }
                }
                _ => self.open(branch, &table.id, Rule::UnknownTarget),
            }
        }
        Ok(())
    }
}
