//! What a question asks about: the internet, a VPC, a subnet, an interface, a gateway, an endpoint or a block of addresses; who
//! sends there, and which packets are for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;
use plumbline_snapshot::ec2::NetworkInterface;

use crate::branch::Place;
use crate::cube::Dimension;
use crate::graph::Graph;
use crate::packets::{Packets, TooMany};
use crate::path::Origin;

/// One end of a question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node<'a> {
    /// Everything there is.
    Anything,
    /// The internet.
    Internet,
    /// The interfaces of a VPC.
    Vpc(&'a str),
    /// The interfaces of a subnet.
    Subnet(&'a str),
    /// A network interface.
    Interface(&'a str),
    /// What lies behind a peering connection, transit gateway or virtual private gateway.
    Gateway(&'a str),
    /// A gateway endpoint, or the interfaces of an interface endpoint.
    Service(&'a str),
    /// Addresses.
    Block(IpNet),
}

/// An end that cannot be asked about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoNode {
    /// It names nothing.
    #[error(
        "`{0}` is none of: internet, vpc-…, subnet-…, eni-…, pcx-…, tgw-…, vgw-…, vpce-…, an address, a CIDR block"
    )]
    Unknown(String),
    /// The snapshot does not have it.
    #[error("`{0}` is not in the snapshot")]
    Absent(String),
}

impl fmt::Display for Node<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Anything => to.write_str("anything"),
            Node::Internet => to.write_str("internet"),
            Node::Vpc(id) | Node::Subnet(id) | Node::Interface(id) | Node::Gateway(id) | Node::Service(id) => {
                to.write_str(id)
            }
            Node::Block(block) => block.fmt(to),
        }
    }
}

/// Interfaces that are alike in everything but their addresses: what is true of packets of one is true of those of each.
#[derive(Clone, Debug)]
pub(crate) struct Crowd<'a> {
    pub(crate) first: &'a NetworkInterface,
    pub(crate) addresses: Vec<IpAddr>,
}

/// Interfaces that send nothing of their own.
pub(crate) const PASSIVE: [&str; 3] = ["nat_gateway", "gateway_load_balancer_endpoint", "transit_gateway"];

impl<'a> Graph<'a> {
    /// The end that a text names.
    ///
    /// # Errors
    /// [`NoNode`].
    pub fn node(&self, text: &str) -> Result<Node<'a>, NoNode> {
        let ec2 = self.ec2;
        let absent = || NoNode::Absent(text.to_owned());
        match text.split('-').next() {
            Some("internet") if text == "internet" => Ok(Node::Internet),
            Some("vpc") => self.vpc(text).map(|it| Node::Vpc(&it.id)).map_err(|_| absent()),
            Some("subnet") => self.subnet(text).map(|it| Node::Subnet(&it.id)).map_err(|_| absent()),
            Some("eni") => self.interface(text).map(|it| Node::Interface(&it.id)).map_err(|_| absent()),
            Some("pcx") => match ec2.peerings.get(text) {
                Ok(Some(peering)) => Ok(Node::Gateway(&peering.id)),
                _ => Err(absent()),
            },
            Some("vgw") => match ec2.vpn_gateways.get(text) {
                Ok(Some(gateway)) => Ok(Node::Gateway(&gateway.id)),
                _ => Err(absent()),
            },
            Some("tgw") => {
                let found = ec2.transit_attachments.seen().find(|attachment| attachment.gateway_id == text);
                found.map(|attachment| Node::Gateway(&attachment.gateway_id)).ok_or_else(absent)
            }
            Some("vpce") => match ec2.vpc_endpoints.get(text) {
                Ok(Some(endpoint)) => Ok(Node::Service(&endpoint.id)),
                _ => Err(absent()),
            },
            _ => {
                let block = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
                block.map(|block| Node::Block(block.trunc())).ok_or_else(|| NoNode::Unknown(text.to_owned()))
            }
        }
    }

    /// The interfaces of an end.
    pub(crate) fn interfaces(&self, end: &Node<'a>) -> Vec<&'a NetworkInterface> {
        let all = self.ec2.network_interfaces.seen();
        let of = |interface: &&NetworkInterface| match end {
            Node::Anything => true,
            Node::Internet | Node::Gateway(_) => false,
            Node::Vpc(id) => interface.vpc_id == *id,
            Node::Subnet(id) => interface.subnet_id == *id,
            Node::Interface(id) => interface.id == *id,
            Node::Service(id) => self.interfaces_of_endpoint(id).contains(interface.id.as_str()),
            Node::Block(block) => addresses(interface).any(|ip| block.contains(&ip)),
        };
        all.filter(of).collect()
    }

    fn interfaces_of_endpoint(&self, id: &str) -> BTreeSet<&'a str> {
        let endpoint = self.ec2.vpc_endpoints.get(id).ok().flatten();
        endpoint.into_iter().flat_map(|it| &it.interface_ids).flatten().map(String::as_str).collect()
    }

    /// The interfaces of an end that send packets, alike ones together.
    pub(crate) fn crowds(&self, end: &Node<'a>) -> Vec<Crowd<'a>> {
        let mut found: BTreeMap<_, Crowd<'a>> = BTreeMap::new();
        for interface in self.interfaces(end) {
            if PASSIVE.contains(&interface.kind.as_str()) || interface.addresses.is_none() {
                continue;
            }
            let mut groups: Vec<&str> = interface.groups.iter().map(String::as_str).collect();
            groups.sort_unstable();
            // An instance that forwards is like no other.
            let alone = (interface.source_dest_check != Some(true)).then_some(interface.id.as_str());
            let key = (&interface.vpc_id, &interface.subnet_id, groups, &interface.kind, alone);
            let crowd = found.entry(key).or_insert_with(|| Crowd { first: interface, addresses: Vec::new() });
            let within = |ip: &IpAddr| !matches!(end, Node::Block(block) if !block.contains(ip));
            crowd.addresses.extend(addresses(interface).filter(within));
        }
        found.into_values().collect()
    }

    /// Boundaries that packets of an end may come in by, with the VPC that they lead into; and of which packets.
    pub(crate) fn outsiders(&self, end: &Node<'a>) -> Result<Vec<(Origin<'a>, Packets)>, TooMany> {
        let mut found = Vec::new();
        let sources = match end {
            Node::Block(block) => Packets::from(*block),
            _ => Packets::all(),
        };
        let public = sources.minus(&self.special().from_private)?;
        if matches!(end, Node::Anything | Node::Internet | Node::Block(_)) && !public.is_empty() {
            found.push((Origin::Internet, public));
        }
        for (gateway, vpc) in self.boundaries() {
            let asked = match end {
                Node::Anything | Node::Block(_) => true,
                Node::Gateway(id) => *id == gateway,
                _ => false,
            };
            if asked {
                found.push((Origin::Beyond(gateway, vpc), sources.clone()));
            }
        }
        Ok(found)
    }

    /// What leads out of the networks seen: peering connections with VPCs that were not read, transit and virtual private
    /// gateways; each with the VPC that it is attached to.
    pub fn boundaries(&self) -> BTreeSet<(&'a str, &'a str)> {
        let ec2 = self.ec2;
        let mut found = BTreeSet::new();
        for peering in ec2.peerings.seen() {
            let sides = [(&peering.requester, &peering.accepter), (&peering.accepter, &peering.requester)];
            let seen = |id: &str| self.vpc(id).is_ok();
            let own = sides.into_iter().filter(|(own, other)| seen(&own.vpc_id) && !seen(&other.vpc_id));
            found.extend(own.map(|(own, _)| (peering.id.as_str(), own.vpc_id.as_str())));
        }
        for attachment in ec2.transit_attachments.seen() {
            found.insert((attachment.gateway_id.as_str(), attachment.vpc_id.as_str()));
        }
        for gateway in ec2.vpn_gateways.seen() {
            found.extend(gateway.attachments.iter().map(|it| (gateway.id.as_str(), it.vpc_id.as_str())));
        }
        found
    }

    /// The packets that are for an end, by their destination.
    pub(crate) fn for_node(&self, end: &Node<'a>) -> Result<Packets, TooMany> {
        match end {
            Node::Anything | Node::Gateway(_) => Ok(Packets::all()),
            Node::Internet => self.special().to_internet.minus(self.ours()?.as_ref()),
            Node::Block(block) => Ok(Packets::to(*block)),
            Node::Service(_) if self.interfaces(end).is_empty() => Ok(Packets::all()),
            Node::Vpc(_) | Node::Subnet(_) | Node::Interface(_) | Node::Service(_) => {
                let all = self.interfaces(end).into_iter().flat_map(|interface| {
                    let public = interface.addresses.iter().flatten().filter_map(|own| own.public_ip.as_ref());
                    addresses(interface).chain(public.filter_map(|ip| ip.parse().ok()))
                });
                Ok(Packets::of_addresses(&all.collect::<Vec<_>>(), Dimension::Destination))
            }
        }
    }

    /// Whether packets that ended there reached an end. Of a boundary the last hop tells.
    pub(crate) fn is_at(&self, end: &Node<'a>, place: Place<'a>) -> bool {
        match (end, place) {
            (Node::Anything | Node::Block(_), _) | (Node::Internet, Place::Internet) => true,
            (Node::Service(id) | Node::Gateway(id), Place::Of(own)) if *id == own => true,
            (_, Place::Of(id)) => match self.interface(id) {
                Ok(interface) => self.holds(end, interface),
                Err(_) => false,
            },
            (_, Place::Internet) => false,
        }
    }

    fn holds(&self, end: &Node<'a>, interface: &NetworkInterface) -> bool {
        match end {
            Node::Vpc(id) => interface.vpc_id == *id,
            Node::Subnet(id) => interface.subnet_id == *id,
            Node::Interface(id) => interface.id == *id,
            Node::Service(id) => self.interfaces_of_endpoint(id).contains(interface.id.as_str()),
            _ => false,
        }
    }
}

/// The addresses of an interface inside its VPC.
pub(crate) fn addresses(interface: &NetworkInterface) -> impl Iterator<Item = IpAddr> {
    interface.addresses.iter().flatten().filter_map(|own| own.ip.parse().ok())
}
