//! Internet and egress-only internet gateways, and the internet itself.

use std::net::IpAddr;

use plumbline_snapshot::Collected;
use plumbline_snapshot::ec2::{AttachedGateway, NetworkInterface, Subnet};

use crate::block::{self, Blocks, By};
use crate::branch::{Branch, Place};
use crate::cube::Dimension;
use crate::graph::{Between, blocks_of};
use crate::packets::{Packets, TooMany};
use crate::routes::Target;
use crate::rule::Rule;
use crate::walk::{Done, Next, Walk};

/// Whether a gateway is attached to a VPC.
///
/// # Errors
/// It was not seen.
pub(crate) fn attached(gateways: &Collected<AttachedGateway>, id: &str, vpc: &str) -> Result<bool, Rule> {
    let gateway = gateways.get(id).ok().flatten().ok_or(Rule::NotRead)?;
    Ok(is_attached(gateway, vpc))
}

pub(crate) fn is_attached(gateway: &AttachedGateway, vpc: &str) -> bool {
    let holds = ["available", "attached"];
    gateway.attachments.iter().any(|it| it.vpc_id == vpc && holds.contains(&it.state.as_str()))
}

impl<'a> Walk<'_, 'a> {
    /// The branch, unless Block Public Access closes the gateway to it.
    pub(crate) fn pass_block(
        &mut self,
        mut branch: Branch<'a>,
        at: &'a str,
        vpc: &str,
        subnets: &[&str],
        by: By,
    ) -> Option<Branch<'a>> {
        match block::blocks(self.graph.ec2, vpc, subnets, by, branch.balancer) {
            Blocks::Yes => {
                self.drop(branch, at, Rule::BpaBlock);
                return None;
            }
            Blocks::Open => branch.doubted(at, Rule::BpaUnknown),
            Blocks::Excluded => branch.hop(at, Rule::BpaExcluded),
            Blocks::No => {}
        }
        Some(branch)
    }

    // Out

    /// An internet gateway puts the public address in place of the private one; without one nothing leaves.
    pub(crate) fn out_to_internet(&mut self, branch: Branch<'a>, id: &'a str, vpc: &'a str) -> Done {
        match attached(&self.graph.ec2.internet_gateways, id, vpc) {
            Ok(true) => {}
            Ok(false) => return self.dropped(branch, id, Rule::IgwNotAttached),
            Err(rule) => return self.opened(branch, id, rule),
        }
        if self.to_border {
            return self.out_at_border(branch, id, vpc);
        }
        let may_be = branch.ends(Dimension::Source);
        let mut rest = vec![branch];
        for (ip, interfaces) in self.graph.owners(vpc).filter(|(ip, _)| may_be(*ip)) {
            self.check()?;
            let mut others = Vec::new();
            for branch in rest {
                let (own, other) = branch.split(&Packets::of_addresses(&[ip], Dimension::Source))?;
                others.extend(other);
                for branch in own {
                    match interfaces {
                        [interface] => self.out_of(branch, id, interface, ip)?,
                        _ => self.open(branch, id, Rule::SeveralInterfaces),
                    }
                }
            }
            rest = others;
        }
        // A source that is nobody's here, as an instance may forward it, has no public address.
        if self.graph.knows_interfaces() {
            self.drop_all(rest, id, Rule::NoPublicAddress);
        } else {
            self.open_all(rest, id, Rule::NotRead);
        }
        Ok(())
    }

    /// The same for all senders at once: those with a public address get out, by subnet.
    fn out_at_border(&mut self, branch: Branch<'a>, id: &'a str, vpc: &'a str) -> Done {
        let known = self.graph.public_of(vpc);
        for (subnet, by, addresses) in known.iter() {
            for branch in branch.within(&addresses.sources)? {
                let subnets = near(&branch, vpc, subnet);
                if let Some(branch) = self.pass_block(branch, id, vpc, &subnets, *by) {
                    self.deliver(branch, Place::Of(id), id, Rule::IgwOut);
                }
            }
        }
        if self.graph.knows_interfaces() {
            return Ok(());
        }
        let mut rest = vec![branch];
        for (_, _, addresses) in known.iter() {
            let mut others = Vec::new();
            for branch in rest {
                others.extend(branch.split(&addresses.sources)?.1);
            }
            rest = others;
        }
        self.open_all(rest, id, Rule::NotRead);
        Ok(())
    }

    fn out_of(&mut self, branch: Branch<'a>, id: &'a str, sender: &'a NetworkInterface, ip: IpAddr) -> Done {
        let nat = self.graph.nat_of(&sender.id);
        if nat.is_some_and(|nat| nat.connectivity == "private") {
            return self.dropped(branch, id, Rule::NatPrivate);
        }
        let own = sender.addresses.iter().flatten().find(|own| own.ip.parse() == Ok(ip));
        let public: Option<IpAddr> = own.and_then(|own| own.public_ip.as_ref()?.parse().ok());
        let view = match (ip, public) {
            (IpAddr::V6(ip), _) if ip.is_unique_local() => return self.dropped(branch, id, Rule::PrivateSource),
            (IpAddr::V6(_), _) => branch.view,
            (IpAddr::V4(_), Some(public)) => branch.view.with_source(public),
            (IpAddr::V4(_), None) => return self.dropped(branch, id, Rule::NoPublicAddress),
        };
        let by = if nat.is_some() { By::Nat } else { By::Internet };
        let subnets = near(&branch, &sender.vpc_id, &sender.subnet_id);
        if let Some(mut branch) = self.pass_block(branch, id, &sender.vpc_id, &subnets, by) {
            branch.view = view;
            branch.hop(id, Rule::IgwOut);
            self.on_the_internet(branch, id)?;
        }
        Ok(())
    }

    /// Only IPv6, only out, and what answers it back in.
    pub(crate) fn out_egress_only(&mut self, branch: Branch<'a>, id: &'a str, subnet: &'a Subnet) -> Done {
        let vpc = subnet.vpc_id.as_str();
        match attached(&self.graph.ec2.egress_only_gateways, id, vpc) {
            Ok(true) => {}
            Ok(false) => return self.dropped(branch, id, Rule::EgressOnlyNotAttached),
            Err(rule) => return self.opened(branch, id, rule),
        }
        let (v4, v6) = branch.split(&Packets::all_v4())?;
        self.drop_all(v4, id, Rule::EgressOnlyIpv4);
        let has_block = self.graph.vpc(vpc).map(|vpc| blocks_of(vpc).any(|block| block.addr().is_ipv6()));
        let mut own = Packets::none();
        for (ip, _) in self.graph.owners(vpc).filter(|(ip, _)| ip.is_ipv6() && !is_unique_local(*ip)) {
            own = own.or(&Packets::of_addresses(&[ip], Dimension::Source))?;
        }
        for branch in v6 {
            match has_block {
                Ok(true) => {}
                Ok(false) => {
                    self.drop(branch, id, Rule::EgressOnlyNoBlock);
                    continue;
                }
                Err(rule) => {
                    self.open(branch, vpc, rule);
                    continue;
                }
            }
            let (private, others) = branch.split(&self.graph.special().from_unique_local)?;
            self.drop_all(private, id, Rule::PrivateSource);
            for branch in others {
                let (sent, foreign) = branch.split(&own)?;
                if self.graph.knows_interfaces() {
                    self.drop_all(foreign, id, Rule::PrivateSource);
                } else {
                    self.open_all(foreign, id, Rule::NotRead);
                }
                for branch in sent {
                    let subnets = near(&branch, vpc, &subnet.id);
                    if let Some(mut branch) = self.pass_block(branch, id, vpc, &subnets, By::EgressOnly) {
                        if self.to_border {
                            self.deliver(branch, Place::Of(id), id, Rule::EgressOnlyOut);
                            continue;
                        }
                        branch.let_out.push((id, branch.view));
                        branch.hop(id, Rule::EgressOnlyOut);
                        self.on_the_internet(branch, id)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A public address of an interface seen leads back in; any other one is the internet.
    fn on_the_internet(&mut self, branch: Branch<'a>, at: &'a str) -> Done {
        let (nowhere, others) = branch.split(&self.graph.special().to_nowhere)?;
        self.open_all(nowhere, at, Rule::PrivateDestination);
        let ours = self.graph.ours()?;
        for branch in others {
            let (inside, outside) = branch.split(&ours)?;
            for branch in inside {
                self.go(branch, Next::Internet);
            }
            for branch in outside {
                if self.graph.knows_interfaces() {
                    self.deliver(branch, Place::Internet, at, Rule::Internet);
                } else {
                    self.open(branch, at, Rule::NotRead);
                }
            }
        }
        Ok(())
    }

    // In

    /// To the public address of an interface, through the gateway of its VPC.
    pub(crate) fn in_by_internet(&mut self, branch: Branch<'a>) -> Done {
        let may_be = branch.ends(Dimension::Destination);
        let carrier = Packets::of_addresses(self.graph.carrier(), Dimension::Destination);
        let (carried, others) = branch.split(&carrier)?;
        self.open_all(carried, "internet", Rule::Carrier);
        let mut rest = Vec::new();
        for branch in others {
            let (private, others) = branch.split(&self.graph.special().to_private)?;
            self.drop_all(private, "internet", Rule::NotOurs);
            rest.extend(others);
        }
        for (public, interface, own) in self.graph.public().filter(|(public, ..)| may_be(*public)) {
            self.check()?;
            let mut others = Vec::new();
            for branch in rest {
                let (here, other) = branch.split(&Packets::to(public.into()))?;
                others.extend(other);
                for branch in here {
                    self.reach_public(branch, interface, own)?;
                }
            }
            rest = others;
        }
        if self.graph.knows_interfaces() {
            self.drop_all(rest, "internet", Rule::NotOurs);
        } else {
            self.open_all(rest, "internet", Rule::NotRead);
        }
        Ok(())
    }

    fn reach_public(&mut self, branch: Branch<'a>, interface: &'a NetworkInterface, own: IpAddr) -> Done {
        let (vpc, subnet) = (interface.vpc_id.as_str(), interface.subnet_id.as_str());
        let mut rest = vec![branch];
        if self.is_answer() {
            rest = self.back_egress_only(rest, vpc, subnet)?;
        }
        for branch in rest {
            let gateway = match self.internet_gateway(vpc) {
                Ok(gateway) => gateway,
                Err((at, rule @ Rule::NotRead)) => {
                    self.open(branch, at, rule);
                    continue;
                }
                Err((at, rule)) => {
                    self.drop(branch, at, rule);
                    continue;
                }
            };
            let by = if self.graph.nat_of(&interface.id).is_some() { By::Nat } else { By::Internet };
            let subnets = near(&branch, vpc, subnet);
            if let Some(mut branch) = self.pass_block(branch, gateway, vpc, &subnets, by) {
                branch.hop(gateway, Rule::IgwIn);
                branch.between = Between::Other;
                if own.is_ipv4() {
                    branch.view = branch.view.with_destination(own);
                }
                self.go(branch, Next::Edge(gateway, vpc));
            }
        }
        Ok(())
    }

    /// The internet gateway of a VPC, or what it has instead.
    fn internet_gateway(&self, vpc: &'a str) -> Result<&'a str, (&'a str, Rule)> {
        let ec2 = self.graph.ec2;
        if let Some(gateway) = ec2.internet_gateways.seen().find(|gateway| is_attached(gateway, vpc)) {
            return Ok(&gateway.id);
        }
        if !ec2.internet_gateways.is_whole() {
            return Err((vpc, Rule::NotRead));
        }
        match ec2.egress_only_gateways.seen().find(|gateway| is_attached(gateway, vpc)) {
            Some(gateway) => Err((&gateway.id, Rule::EgressOnlyIn)),
            None => Err((vpc, Rule::NoInternetGateway)),
        }
    }

    /// Answers to what an egress-only gateway let out; all others are left.
    fn back_egress_only(
        &mut self,
        branches: Vec<Branch<'a>>,
        vpc: &'a str,
        subnet: &'a str,
    ) -> Result<Vec<Branch<'a>>, TooMany> {
        let mut left = Vec::new();
        for branch in branches {
            let mut rest = Some(branch);
            for (id, sent) in rest.as_ref().map(|branch| branch.let_out.clone()).unwrap_or_default() {
                let Some(branch) = rest.take() else { break };
                let (answered, view) = (sent.answered(branch.icmp), branch.view);
                let (known, other) = branch.split_alike(answered, view)?;
                rest = other;
                let Some(branch) = known else { continue };
                let subnets = near(&branch, vpc, subnet);
                if let Some(mut branch) = self.pass_block(branch, id, vpc, &subnets, By::EgressOnly) {
                    branch.hop(id, Rule::EgressOnlyReply);
                    self.go(branch, Next::Within(vpc, None));
                }
            }
            left.extend(rest);
        }
        Ok(left)
    }

    /// A middlebox behind an internet gateway has to have a public address; appliances behind an endpoint come under Block
    /// Public Access.
    pub(crate) fn check_edge_target(
        &mut self,
        mut branch: Branch<'a>,
        to: &Target<'a>,
        gateway: &'a str,
        vpc: &'a str,
    ) -> Option<Branch<'a>> {
        if !gateway.starts_with("igw-") {
            return Some(branch);
        }
        match *to {
            Target::Interface(id) => {
                let Ok(interface) = self.graph.interface(id) else {
                    self.open(branch, id, Rule::NotRead);
                    return None;
                };
                let is_v4 = branch.packets.is_v4();
                if is_v4 && !interface.addresses.iter().flatten().any(|own| own.public_ip.is_some()) {
                    branch.doubted(gateway, Rule::EdgeNoPublicAddress);
                }
                Some(branch)
            }
            Target::Endpoint(id) => match self.graph.endpoint_subnet(id) {
                Ok(None) => Some(branch),
                Ok(subnet) => {
                    branch.balancer = subnet;
                    self.pass_block(branch, gateway, vpc, &[], By::Internet)
                }
                Err(rule) => {
                    self.open(branch, id, rule);
                    None
                }
            },
            _ => Some(branch),
        }
    }
}

fn is_unique_local(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unique_local())
}

/// An exclusion of a subnet may be about the one next to the gateway, or the one where the packets began: the page does not say
/// which.
fn near<'s>(branch: &Branch<'s>, vpc: &str, subnet: &'s str) -> Vec<&'s str> {
    match branch.begun {
        Some((begun, own)) if own == vpc => vec![subnet, begun],
        _ => vec![subnet],
    }
}
