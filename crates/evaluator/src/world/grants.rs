//! Whether security groups let HTTPS pass between workloads and endpoints.

use std::collections::BTreeSet;

use ipnet::IpNet;
use plumbline_findings::Reason;
use plumbline_reachability::{Bounds, Direction, Packets, permits};
use plumbline_snapshot::ec2::{Permission, SecurityGroup, VpcEndpoint};

use crate::judge::{Known, Unknown};
use crate::place::Place;
use crate::world::World;
use crate::world::acls::is_of_aws;
use crate::world::network::{cidr, set_of};
use crate::world::rules::{Peer, peers, port_range, unheard};

/// Who is at the other end of HTTPS.
#[derive(Debug)]
pub(crate) struct Other<'a> {
    /// Its groups of the VPC, or prefix lists: a rule that names one of them is enough.
    pub(crate) named: BTreeSet<&'a str>,
    /// Its addresses that were seen, for rules that name blocks.
    blocks: Vec<IpNet>,
    /// Why there may be more; always there if none were seen.
    missing: Option<Unknown<'a>>,
}

/// What security groups certainly do not let pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Withheld {
    /// Nothing: they certainly let all pass.
    Nothing,
    /// All.
    All,
    /// To or from these addresses, in words; others pass or may.
    Some(String),
}

impl<'a> Other<'a> {
    fn new(named: BTreeSet<&'a str>) -> Self {
        Other { named, blocks: Vec::new(), missing: None }
    }

    fn miss(&mut self, unknown: impl FnOnce() -> Unknown<'a>) {
        self.missing.get_or_insert_with(unknown);
    }

    /// Of what has addresses of both families, those of IPv4 count.
    fn add(&mut self, blocks: impl IntoIterator<Item = IpNet>) {
        let (v4, v6): (Vec<IpNet>, Vec<IpNet>) = blocks.into_iter().partition(|block| block.addr().is_ipv4());
        self.blocks.extend(if v4.is_empty() { v6 } else { v4 });
    }
}

fn unresolved<'a>(text: String) -> Unknown<'a> {
    Unknown::Because(Reason::Unresolved, text)
}

impl<'a> World<'a> {
    /// An interface endpoint: its groups, and the addresses of its network interfaces.
    pub(crate) fn interfaces_as_other(&self, place: &Place<'a>, endpoint: &'a VpcEndpoint) -> Known<'a, Other<'a>> {
        let interfaces = &self.regional(place)?.ec2.network_interfaces;
        let id = &endpoint.id;
        let mut other = Other::new(endpoint.groups.iter().map(String::as_str).collect());
        for interface in endpoint.interface_ids.iter().flatten() {
            let read = match interfaces.get(interface) {
                Ok(Some(seen)) => seen.addresses.as_ref().and_then(|all| all.iter().map(|own| cidr(&own.ip)).collect()),
                Ok(None) => None,
                Err(gap) => {
                    other.miss(|| Unknown::Gap(gap));
                    continue;
                }
            };
            match read.filter(|all: &Vec<IpNet>| !all.is_empty()) {
                Some(all) => other.add(all),
                None => other.miss(|| unresolved(format!("the addresses of `{interface}` of `{id}` are not listed"))),
            }
        }
        if endpoint.interface_ids.as_ref().is_none_or(BTreeSet::is_empty) {
            other.miss(|| unresolved(format!("the network interfaces of `{id}` are not listed")));
        }
        Ok(other)
    }

    /// The service of a gateway endpoint: AWS's prefix list of it, and its entries.
    pub(crate) fn service_as_other(&self, place: &Place<'a>, endpoint: &'a VpcEndpoint) -> Known<'a, Other<'a>> {
        let lists = set_of(&self.regional(place)?.ec2.prefix_lists);
        let own: Vec<_> = lists.items.into_iter().filter(|list| is_of_aws(list, &endpoint.service_name)).collect();
        let mut other = Other::new(own.iter().map(|list| list.id.as_str()).collect());
        let mut entries = Vec::new();
        for list in &own {
            match self.blocks_of(place, &list.id) {
                Ok(blocks) => entries.extend(blocks),
                Err(unknown) => other.miss(|| unknown),
            }
        }
        if let Some(unknown) = lists.unknown {
            other.miss(|| unknown);
        }
        if entries.is_empty() {
            other.miss(|| unresolved(format!("no prefix list of `{}` is listed with entries", endpoint.service_name)));
        }
        other.add(entries);
        Ok(other)
    }

    /// Workloads: the groups that they have together, and the blocks of the environment's subnets.
    pub(crate) fn workloads_as_other(&self, place: &Place<'a>, groups: &[&'a str]) -> Other<'a> {
        let mut other = Other::new(groups.iter().copied().collect());
        let subnets = self.subnets(place);
        for subnet in subnets.items {
            let blocks = subnet.cidr.iter().chain(&subnet.ipv6_cidrs).map(|block| cidr(block));
            match blocks.collect::<Option<Vec<IpNet>>>().filter(|blocks| !blocks.is_empty()) {
                Some(blocks) => other.add(blocks),
                None => other.miss(|| unresolved(format!("the blocks of `{}` are not known", subnet.id))),
            }
        }
        if let Some(unknown) = subnets.unknown {
            other.miss(|| unknown);
        }
        if other.blocks.is_empty() {
            other.miss(|| unresolved("the environment has no subnet whose block a rule may name".to_owned()));
        }
        other
    }

    /// What of HTTPS with `other` some groups together do not let pass.
    ///
    /// # Errors
    /// What was not seen decides.
    pub(crate) fn withheld(
        &self,
        place: &Place<'a>,
        groups: &[&'a str],
        direction: Direction,
        other: &Other<'a>,
    ) -> Known<'a, Withheld> {
        let ec2 = &self.regional(place)?.ec2;
        let https = Packets::protocol(6).and(&Packets::ports(443, 443))?;
        let (mut seen, mut unseen) = (Vec::new(), None);
        for id in groups {
            match ec2.security_groups.get(id) {
                Ok(Some(group)) => seen.push(group),
                Ok(None) => unseen = Some(unresolved(format!("group `{id}` is not listed"))),
                Err(gap) => unseen = Some(Unknown::Gap(gap)),
            }
        }
        let mut passed = permits(seen.iter().copied(), direction, &other.named, ec2)?;
        if unseen.is_some() {
            passed = passed.or(&Bounds::up_to(Packets::all()))?;
        }
        if https.is_within(passed.surely())? {
            return Ok(Withheld::Nothing);
        }
        if passed.possibly().and(&https)?.is_empty() {
            return Ok(Withheld::All);
        }
        let mut wanted = Packets::none();
        for block in &other.blocks {
            let ends = if direction == Direction::Out { Packets::to(*block) } else { Packets::from(*block) };
            wanted = wanted.or(&https.and(&ends)?)?;
        }
        let lacking = wanted.minus(passed.possibly())?;
        if let Some(flow) = lacking.flows().first() {
            let part = if direction == Direction::Out { &flow.destinations } else { &flow.sources };
            let some = !wanted.and(passed.possibly())?.is_empty();
            return Ok(if some { Withheld::Some(part.to_string()) } else { Withheld::All });
        }
        match &other.missing {
            // Whatever the rules say of addresses, there may be others.
            Some(unknown) if wanted.is_within(passed.surely())? => Err(unknown.clone()),
            None if wanted.is_within(passed.surely())? => Ok(Withheld::Nothing),
            _ => Err(unseen.unwrap_or_else(|| self.doubt(place, &seen, direction, other))),
        }
    }

    /// Why it is not known what the rules of groups let pass.
    fn doubt(
        &self,
        place: &Place<'a>,
        groups: &[&'a SecurityGroup],
        direction: Direction,
        other: &Other<'a>,
    ) -> Unknown<'a> {
        for group in groups {
            let rules = if direction == Direction::Out { &group.egress } else { &group.ingress };
            for rule in rules.iter().filter(|rule| may_be_https(rule)) {
                for peer in peers(rule, &group.vpc_id) {
                    let unknown = match peer {
                        Peer::List(id) if !other.named.contains(id) => self.blocks_of(place, id).err(),
                        Peer::Block(block) => self.blocks_of(place, block).err(),
                        Peer::Unheard => Some(unheard()),
                        Peer::List(_) | Peer::Group(..) => None,
                    };
                    if let Some(unknown) = unknown {
                        return unknown;
                    }
                }
            }
        }
        let ids: Vec<&str> = groups.iter().map(|group| group.id.as_str()).collect();
        unresolved(format!("a rule of `{}` has a protocol or ports that are not known here", ids.join("`, `")))
    }
}

/// Whether a rule may be for tcp 443.
fn may_be_https(rule: &Permission) -> bool {
    let (first, last) = port_range(rule);
    !["udp", "17", "icmp", "1", "icmpv6", "58"].contains(&rule.protocol.as_str()) && (first..=last).contains(&443)
}
