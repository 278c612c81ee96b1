//! Security group rules: who is at the other end, and whether the baseline lets them.

use std::collections::BTreeSet;

use ipnet::IpNet;
use plumbline_findings::Reason;
use plumbline_snapshot::ec2::Permission;

use crate::baseline::{Protocol, TrafficPeer, TrafficRule};
use crate::judge::{Known, Set, Unknown, many};
use crate::place::Place;
use crate::world::World;
use crate::world::network::{cidr, inside, set_of};

/// The other end of one rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer<'a> {
    /// An IPv4 or IPv6 block.
    Block(&'a str),
    /// A prefix list.
    List(&'a str),
    /// A security group of the VPC, or of a peer if the second is set.
    Group(&'a str, bool),
    /// A kind of peer that is not known here: a permission always has some peer.
    Unheard,
}

impl<'a> Peer<'a> {
    /// As it stands in messages.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Block(text) | Self::List(text) | Self::Group(text, _) => text,
            Self::Unheard => "a kind of peer that is not known here",
        }
    }
}

impl<'a> World<'a> {
    /// The groups attached to interface endpoints of the place's VPC.
    pub(crate) fn endpoint_groups(&self, place: &Place<'a>) -> Known<'a, Set<'a, &'a str>> {
        let vpc = self.vpc(place)?;
        let endpoints = set_of(&self.regional(place)?.ec2.vpc_endpoints);
        let items = endpoints
            .items
            .iter()
            .filter(|endpoint| endpoint.vpc_id == vpc.id)
            .flat_map(|endpoint| endpoint.groups.iter().map(String::as_str))
            .collect::<BTreeSet<_>>();
        Ok(Set { items: items.into_iter().collect(), unknown: endpoints.unknown })
    }

    /// Whether `rules` of the baseline let this peer through on all of the permission's ports.
    pub(crate) fn allowed_by(
        &self,
        place: &Place<'a>,
        rules: &[&TrafficRule],
        permission: &Permission,
        peer: Peer<'_>,
    ) -> Known<'a, bool> {
        let fitting: Vec<&TrafficRule> = rules.iter().copied().filter(|rule| covers_ports(rule, permission)).collect();
        let by_id = |id: &str, list: bool| {
            fitting.iter().any(|rule| match &rule.peer {
                TrafficPeer::PrefixList(other) => list && other == id,
                TrafficPeer::Group(other) => !list && other == id,
                TrafficPeer::Cidr(_) => false,
            })
        };
        let blocks: Vec<IpNet> = fitting
            .iter()
            .filter_map(|rule| match rule.peer {
                TrafficPeer::Cidr(block) => Some(block),
                _ => None,
            })
            .collect();
        match peer {
            Peer::Unheard => Err(unheard()),
            Peer::Group(id, _) => Ok(by_id(id, false)),
            Peer::List(id) if by_id(id, true) => Ok(true),
            Peer::Block(_) | Peer::List(_) if blocks.is_empty() => Ok(false),
            Peer::Block(text) => Ok(cidr(text).is_some_and(|block| inside(&[block], &blocks))),
            Peer::List(id) => Ok(inside(&self.blocks_of(place, id)?, &blocks)),
        }
    }
}

/// Everyone at the other end of a permission.
pub(crate) fn peers<'p>(permission: &'p Permission, vpc_id: &str) -> Vec<Peer<'p>> {
    let blocks = permission.ipv4.iter().chain(&permission.ipv6).map(|block| Peer::Block(block));
    let lists = permission.prefix_lists.iter().map(|list| Peer::List(list));
    let groups = permission.groups.iter().map(|pair| {
        let elsewhere = pair.peering_id.is_some() || pair.vpc_id.as_deref().is_some_and(|vpc| vpc != vpc_id);
        Peer::Group(&pair.group_id, elsewhere)
    });
    let all: Vec<Peer<'p>> = blocks.chain(lists).chain(groups).collect();
    if all.is_empty() { vec![Peer::Unheard] } else { all }
}

/// A newer API may name kinds of peers that are not read: neither safe nor a violation.
pub(crate) fn unheard<'a>() -> Unknown<'a> {
    Unknown::Because(Reason::Unresolved, "a rule names a kind of peer that is not known here".to_owned())
}

/// A permission without its peers: `tcp 443`, `tcp 1024-65535`, `all traffic`.
pub(crate) fn ports(permission: &Permission) -> String {
    traffic(&permission.protocol, permission.from_port, permission.to_port)
}

/// A protocol with its ports, in the same words.
pub(crate) fn traffic(number: &str, from_port: Option<i32>, to_port: Option<i32>) -> String {
    let name = match protocol(number) {
        Some(Protocol::All) => return "all traffic".to_owned(),
        Some(known) => known.as_str().to_owned(),
        None => format!("protocol {number}"),
    };
    match (from_port, to_port) {
        (None | Some(-1), _) | (_, None | Some(-1)) | (Some(0), Some(65535)) => format!("{name}, all ports"),
        (Some(from), Some(to)) if from == to => format!("{name} {from}"),
        (Some(from), Some(to)) => format!("{name} {from}-{to}"),
    }
}

/// A permission with its peers.
pub(crate) fn describe(permission: &Permission) -> String {
    let peers = peers(permission, "");
    format!("{} with {}", ports(permission), many(", ", peers.iter().map(|peer| peer.text())))
}

fn protocol(text: &str) -> Option<Protocol> {
    match text {
        "-1" => Some(Protocol::All),
        "tcp" | "6" => Some(Protocol::Tcp),
        "udp" | "17" => Some(Protocol::Udp),
        "icmp" | "1" => Some(Protocol::Icmp),
        "icmpv6" | "58" => Some(Protocol::Icmpv6),
        _ => None,
    }
}

/// The ports of a permission, first and last; ports that are absent or -1 mean all.
pub(crate) fn port_range(permission: &Permission) -> (u16, u16) {
    let bound = |port: Option<i32>, all: u16| match port {
        None | Some(-1) => all,
        Some(port) => u16::try_from(port).unwrap_or(all),
    };
    (bound(permission.from_port, 0), bound(permission.to_port, u16::MAX))
}

/// Whether the permission is tcp and covers exactly ports within `ports`.
pub(crate) fn is_tcp_within(permission: &Permission, ports: &BTreeSet<u16>) -> bool {
    let (first, last) = port_range(permission);
    protocol(&permission.protocol) == Some(Protocol::Tcp) && (first..=last).all(|port| ports.contains(&port))
}

/// Whether the rule's protocol and ports hold all of the permission's.
fn covers_ports(rule: &TrafficRule, permission: &Permission) -> bool {
    if rule.protocol == Protocol::All {
        return true;
    }
    if protocol(&permission.protocol) != Some(rule.protocol) {
        return false;
    }
    if !matches!(rule.protocol, Protocol::Tcp | Protocol::Udp) {
        return true;
    }
    let (first, last) = port_range(permission);
    (first..=last).all(|port| rule.allows(rule.protocol, port))
}

#[cfg(test)]
mod tests {
    use plumbline_snapshot::ec2::Permission;

    use super::{covers_ports, ports};
    use crate::baseline::{PortRange, Protocol, TrafficPeer, TrafficRule};

    fn permission(protocol: &str, from: Option<i32>, to: Option<i32>) -> Permission {
        Permission {
            protocol: protocol.to_owned(),
            from_port: from,
            to_port: to,
            ipv4: Vec::new(),
            ipv6: Vec::new(),
            prefix_lists: Vec::new(),
            groups: Vec::new(),
        }
    }

    #[test]
    fn a_rule_holds_a_permission_only_with_all_its_ports() {
        let range = |first, last| PortRange { first, last };
        let rule = TrafficRule {
            peer: TrafficPeer::Group("sg-1".to_owned()),
            protocol: Protocol::Tcp,
            ports: [range(80, 80), range(443, 500), range(501, 600)].into(),
        };
        assert!(covers_ports(&rule, &permission("tcp", Some(443), Some(443))));
        assert!(covers_ports(&rule, &permission("6", Some(450), Some(600))));
        assert!(!covers_ports(&rule, &permission("tcp", Some(80), Some(443))));
        assert!(!covers_ports(&rule, &permission("tcp", None, None)));
        assert!(!covers_ports(&rule, &permission("tcp", Some(-1), Some(-1))));
        assert!(!covers_ports(&rule, &permission("udp", Some(443), Some(443))));
        assert!(!covers_ports(&rule, &permission("-1", None, None)));
    }

    #[test]
    fn ports_in_words() {
        for (given, words) in [
            (permission("-1", None, None), "all traffic"),
            (permission("tcp", Some(443), Some(443)), "tcp 443"),
            (permission("udp", Some(1024), Some(65535)), "udp 1024-65535"),
            (permission("tcp", Some(0), Some(65535)), "tcp, all ports"),
            (permission("47", None, None), "protocol 47, all ports"),
        ] {
            assert_eq!(ports(&given), words);
        }
    }
}
