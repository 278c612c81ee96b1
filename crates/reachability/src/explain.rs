//! Hops in words: for the packet that a way shows, the entry, rule or route that decided.

use plumbline_snapshot::ec2::{NetworkAcl, NetworkInterface, Permission, Route};

use crate::branch::By;
use crate::firewall::{self, Way};
use crate::flow::{of_protocol, ports};
use crate::graph::{Between, Graph};
use crate::packets::Packet;
use crate::path::Hop;
use crate::routes::target;
use crate::rule::Rule;

/// A hop in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Said {
    /// The id of what decides.
    pub at: String,
    /// Its entry, rule or route that does; else the name of a rule of AWS's networks.
    pub rule: String,
    /// What it does.
    pub says: String,
}

impl Said {
    /// That some things of a place were not all seen.
    pub(crate) fn unseen(at: &str, what: &str) -> Self {
        let rule = Rule::NotRead.as_str().to_owned();
        Said { at: at.to_owned(), rule, says: format!("{what} were not all seen") }
    }
}

impl<'a> Graph<'a> {
    /// Hops in words.
    #[must_use]
    pub fn explain(&self, hops: &[Hop<'a>]) -> Vec<Said> {
        hops.iter().map(|hop| self.said(hop)).collect()
    }

    /// A hop in words.
    #[must_use]
    pub fn said(&self, hop: &Hop<'a>) -> Said {
        let said = |at: &str, rule: String, says: String| Said { at: at.to_owned(), rule, says };
        let plain = || said(hop.at, hop.rule.as_str().to_owned(), hop.rule.says().to_owned());
        let Some(packet) = &hop.packet else { return plain() };
        match hop.by {
            By::Route(route) => said(hop.at, route.destination.clone(), routed(hop.rule, route)),
            By::Acl(acl, way, subnet) => {
                let verb = match hop.rule {
                    Rule::AclAllow => "lets it",
                    Rule::AclDeny => "does not let it",
                    _ => "may let it",
                };
                let says = format!("{verb} {} {subnet}", direction(way));
                said(hop.at, numbered(acl, way, packet), says)
            }
            By::Groups(interface, way, between) => {
                let (group, rule) = self.permission_of(interface, way, between, packet);
                let says = match hop.rule {
                    Rule::GroupAllow => format!("lets it {} {}", direction(way), interface.id),
                    Rule::GroupDeny => {
                        let which = if way == Way::In { "ingress" } else { "egress" };
                        format!("no {which} rule lets {} {} {}", of_packet(packet), direction(way), interface.id)
                    }
                    _ => format!("may let it {} {}: {}", direction(way), interface.id, hop.rule.says()),
                };
                said(&group, rule, says)
            }
            By::Rule if hop.rule == Rule::NoRoute => {
                said(hop.at, hop.rule.as_str().to_owned(), format!("has no route for {}", packet.destination))
            }
            By::Rule if hop.rule == Rule::NoInterface => {
                said(hop.at, hop.rule.as_str().to_owned(), format!("no interface has {}", packet.destination))
            }
            By::Rule => plain(),
        }
    }

    /// The group and the rule of an interface that let a packet pass; where none surely does, the groups together.
    fn permission_of(
        &self,
        interface: &'a NetworkInterface,
        way: Way,
        between: Between<'a>,
        packet: &Packet,
    ) -> (String, String) {
        let groups = interface.groups.iter().filter_map(|id| self.ec2.security_groups.get(id).ok().flatten());
        for group in groups {
            let rules = if way == Way::In { &group.ingress } else { &group.egress };
            let members = |pair: &_| self.members(pair, interface, way, between);
            let holds = |rule: &&Permission| {
                firewall::permission(rule, way, self.ec2, &members).is_ok_and(|it| it.surely().contains(packet))
            };
            if let Some(rule) = rules.iter().find(holds) {
                return (group.id.clone(), in_words(rule, way));
            }
        }
        let which = if way == Way::In { "ingress" } else { "egress" };
        (interface.id.clone(), format!("{which} of {}", interface.groups.join(", ")))
    }
}

fn routed(rule: Rule, route: &Route) -> String {
    let to = target(route).to_string();
    match rule {
        Rule::Blackhole => format!("drops {}: the target of the route is gone", route.destination),
        Rule::MainRoute => format!("sends {} to {to}, as the main table of the VPC", route.destination),
        Rule::EdgeRoute => format!("sends {} to {to}, as the table of the gateway", route.destination),
        _ => format!("sends {} to {to}", route.destination),
    }
}

fn direction(way: Way) -> &'static str {
    match way {
        Way::In => "into",
        Way::Out => "out of",
    }
}

/// The number of the entry that decides about a packet.
fn numbered(acl: &NetworkAcl, way: Way, packet: &Packet) -> String {
    let mut entries: Vec<_> = acl.entries.iter().filter(|entry| entry.egress == (way == Way::Out)).collect();
    entries.sort_by_key(|entry| entry.number);
    let decides = entries
        .into_iter()
        .find(|entry| firewall::entry_matches(entry, way).is_ok_and(|matched| matched.possibly().contains(packet)));
    match decides {
        Some(entry) if entry.number != 32_767 => format!("rule {}", entry.number),
        _ => "rule *".to_owned(),
    }
}

/// Such as `egress tcp 443 to 0.0.0.0/0`.
fn in_words(rule: &Permission, way: Way) -> String {
    let protocol = match rule.protocol.as_str() {
        "-1" => "all".to_owned(),
        number => number.parse().map_or_else(|_| number.to_owned(), of_protocol),
    };
    let range = match (rule.protocol.as_str(), rule.from_port, rule.to_port) {
        ("tcp" | "udp" | "6" | "17", Some(first), Some(last)) if first >= 0 => match (first, last) {
            (0, 65_535) => String::new(),
            (first, last) if first == last => format!(" {first}"),
            (first, last) => format!(" {first}-{last}"),
        },
        _ => String::new(),
    };
    let groups = rule.groups.iter().map(|pair| &pair.group_id);
    let all: Vec<&str> =
        rule.ipv4.iter().chain(&rule.ipv6).chain(&rule.prefix_lists).chain(groups).map(String::as_str).collect();
    let (which, end) = if way == Way::In { ("ingress", "from") } else { ("egress", "to") };
    let shown = all.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    let more = if all.len() > 3 { format!(" and {} more", all.len() - 3) } else { String::new() };
    format!("{which} {protocol}{range} {end} {shown}{more}")
}

/// Such as `tcp 443 from 10.0.1.5 to 10.0.2.7`.
fn of_packet(packet: &Packet) -> String {
    let ports = ports(packet.protocol, packet.port, packet.port);
    format!("{}{ports} from {} to {}", of_protocol(packet.protocol), packet.source, packet.destination)
}
