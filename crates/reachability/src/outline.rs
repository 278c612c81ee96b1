//! What there is of networks, without a snapshot: what is drawn.

use std::collections::{BTreeMap, BTreeSet};

use ipnet::IpNet;
use plumbline_snapshot::Tags;
use plumbline_snapshot::ec2::{self, NetworkInterface, PeeringSide};

use crate::gateways::attached;
use crate::graph::{Graph, blocks_of};
use crate::node::Node;
use crate::reach::Path;
use crate::rule::Rule;
use crate::told::Told;

/// Some networks of a Region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The VPCs, by id.
    pub vpcs: Vec<Vpc>,
    /// What they are joined to: peering connections, transit and virtual private gateways, and what was not read.
    pub others: Vec<Gateway>,
}

/// A VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vpc {
    /// Its id.
    pub id: String,
    /// Its tag `Name`.
    pub name: Option<String>,
    /// Its blocks.
    pub blocks: Vec<String>,
    /// The zones in which it has subnets, by name.
    pub zones: Vec<Zone>,
    /// What leads to the internet: internet, egress-only and carrier gateways, regional NAT gateways.
    pub gateways: Vec<Gateway>,
    /// Gateway endpoints.
    pub endpoints: Vec<Gateway>,
}

/// A zone with the subnets of a VPC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// Its id; empty where that was not seen.
    pub id: String,
    /// Its name in the account.
    pub name: Option<String>,
    /// The subnets: first those that have a route to an internet gateway, then by their blocks.
    pub subnets: Vec<Subnet>,
}

/// A subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subnet {
    /// Its id.
    pub id: String,
    /// Its tag `Name`.
    pub name: Option<String>,
    /// Its blocks.
    pub blocks: Vec<String>,
    /// Its route table.
    pub table: Option<Table>,
    /// How many interfaces there are of each kind.
    pub interfaces: BTreeMap<String, usize>,
    /// The security groups of its interfaces: ids with names.
    pub groups: BTreeMap<String, String>,
    /// NAT gateways.
    pub nats: Vec<Gateway>,
    /// Endpoints with an interface there.
    pub endpoints: Vec<Gateway>,
}

/// The route table of a subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its id.
    pub id: String,
    /// Where everything else goes: the targets of `0.0.0.0/0` and `::/0`.
    pub defaults: BTreeSet<String>,
}

/// A gateway, endpoint or connection.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gateway {
    /// Its id.
    pub id: String,
    /// What it is, in words.
    pub kind: &'static str,
    /// What it leads to, where that was seen.
    pub leads_to: Vec<String>,
}

/// What the ids of things start with that packets pass or end at.
const KINDS: [(&str, &str); 9] = [
    ("igw", "internet gateway"),
    ("eigw", "egress-only gateway"),
    ("cagw", "carrier gateway"),
    ("nat", "NAT gateway"),
    ("vpce", "endpoint"),
    ("pcx", "peering"),
    ("tgw", "transit gateway"),
    ("vgw", "VPN gateway"),
    ("lgw", "local gateway"),
];

fn kind_of(id: &str) -> Option<&'static str> {
    let prefix = id.split('-').next()?;
    KINDS.iter().find(|(own, _)| *own == prefix).map(|(_, kind)| *kind)
}

/// States of what is no more, or never was.
const GONE: [&str; 6] = ["deleted", "failed", "rejected", "expired", "detached", "deleting"];

fn is_gone(state: &str) -> bool {
    GONE.iter().any(|gone| state.eq_ignore_ascii_case(gone))
}

fn name(tags: &Tags) -> Option<String> {
    tags.get("Name").filter(|name| !name.is_empty()).cloned()
}

fn gateway(id: &str, kind: &'static str, leads_to: Vec<String>) -> Gateway {
    Gateway { id: id.to_owned(), kind, leads_to }
}

impl<'a> Graph<'a> {
    /// The networks that a question and its answer are about: the VPCs of its ends and those that its paths pass; all where an
    /// end is anything and the other one names none.
    #[must_use]
    pub fn outline(&self, from: &Node<'a>, to: &Node<'a>, told: &Told) -> Outline {
        let stations: BTreeSet<&str> =
            told.paths.iter().chain(&told.unknown).flat_map(|path| &path.stations).map(String::as_str).collect();
        let named: BTreeSet<&str> = [from, to].into_iter().flat_map(|node| self.vpcs_of(node)).collect();
        let mut shown: BTreeSet<&str> = stations.iter().flat_map(|id| self.vpcs_at(id)).chain(named.clone()).collect();
        let open_end = [from, to].into_iter().any(|node| *node == Node::Anything);
        if shown.is_empty() || (named.is_empty() && open_end) {
            shown = self.every_vpc();
        }
        let vpcs: Vec<Vpc> = shown.iter().map(|id| self.vpc_outline(id)).collect();
        let mut others = self.others(&shown);
        let drawn: BTreeSet<String> =
            vpcs.iter().flat_map(Vpc::ids).chain(others.iter().map(|other| other.id.clone())).collect();
        let missing = stations.into_iter().filter(|id| *id != "internet" && !drawn.contains(*id));
        others.extend(missing.map(|id| gateway(id, kind_of(id).unwrap_or("not read"), Vec::new())));
        others.sort();
        Outline { vpcs, others }
    }

    fn every_vpc(&self) -> BTreeSet<&'a str> {
        let ec2 = self.ec2;
        let seen = ec2.vpcs.seen().map(|vpc| vpc.id.as_str());
        let of_subnets = ec2.subnets.seen().map(|subnet| subnet.vpc_id.as_str());
        seen.chain(of_subnets).chain(ec2.network_interfaces.seen().map(|own| own.vpc_id.as_str())).collect()
    }

    /// The VPCs that an end names.
    fn vpcs_of(&self, node: &Node<'a>) -> Vec<&'a str> {
        match node {
            Node::Anything | Node::Internet => Vec::new(),
            Node::Vpc(id) => vec![id],
            Node::Subnet(id) | Node::Service(id) => self.vpcs_at(id),
            Node::Interface(id) => self.interface(id).map(|own| own.vpc_id.as_str()).into_iter().collect(),
            Node::Gateway(id) => self.vpcs_joined(id),
            Node::Block(block) => {
                let overlaps = |own: IpNet| own.contains(block) || block.contains(&own);
                let vpcs = self.ec2.vpcs.seen().filter(|vpc| blocks_of(vpc).any(overlaps));
                vpcs.map(|vpc| vpc.id.as_str()).collect()
            }
        }
    }

    /// The VPCs that a station lies in or is attached to; none of what joins several.
    fn vpcs_at(&self, id: &str) -> Vec<&'a str> {
        let ec2 = self.ec2;
        let holders =
            [&ec2.internet_gateways, &ec2.egress_only_gateways].into_iter().filter_map(|all| all.get(id).ok()?);
        let mut found: Vec<&'a str> =
            holders.flat_map(|gateway| &gateway.attachments).map(|it| it.vpc_id.as_str()).collect();
        found.extend(ec2.carrier_gateways.get(id).ok().flatten().map(|it| it.vpc_id.as_str()));
        found.extend(ec2.nat_gateways.get(id).ok().flatten().map(|it| it.vpc_id.as_str()));
        found.extend(ec2.vpc_endpoints.get(id).ok().flatten().map(|it| it.vpc_id.as_str()));
        match self.subnet(id) {
            Ok(subnet) => found.push(&subnet.vpc_id),
            Err(_) => found.extend(self.residents(id).map(|own| own.vpc_id.as_str()).take(1)),
        }
        found
    }

    fn residents<'s>(&self, subnet: &'s str) -> impl Iterator<Item = &'a NetworkInterface> + use<'a, 's> {
        self.ec2.network_interfaces.seen().filter(move |own| own.subnet_id == subnet)
    }

    /// The VPCs that a peering connection, transit or virtual private gateway joins.
    fn vpcs_joined(&self, id: &str) -> Vec<&'a str> {
        let ec2 = self.ec2;
        let peering = ec2.peerings.get(id).ok().flatten();
        let sides = peering.into_iter().flat_map(|it| [it.requester.vpc_id.as_str(), it.accepter.vpc_id.as_str()]);
        let attachments = ec2.transit_attachments.seen().filter(|it| it.gateway_id == id && !is_gone(&it.state));
        let vpn = ec2.vpn_gateways.get(id).ok().flatten().into_iter().flat_map(|it| &it.attachments);
        let joined = vpn.filter(|it| !is_gone(&it.state)).map(|it| it.vpc_id.as_str());
        sides.filter(|id| self.vpc(id).is_ok()).chain(attachments.map(|it| it.vpc_id.as_str())).chain(joined).collect()
    }

    fn vpc_outline(&self, id: &str) -> Vpc {
        let ec2 = self.ec2;
        let vpc = self.vpc(id).ok();
        let mut gateways = Vec::new();
        for (all, kind) in
            [(&ec2.internet_gateways, "internet gateway"), (&ec2.egress_only_gateways, "egress-only gateway")]
        {
            let own = all.seen().filter(|own| attached(all, &own.id, id) == Ok(true));
            gateways.extend(own.map(|own| gateway(&own.id, kind, Vec::new())));
        }
        let carriers = ec2.carrier_gateways.seen().filter(|own| own.vpc_id == id && !is_gone(&own.state));
        gateways.extend(carriers.map(|own| gateway(&own.id, "carrier gateway", Vec::new())));
        let regional = self.nats_of(id).filter(|nat| nat.subnet_id.is_none());
        gateways.extend(regional.map(|nat| gateway(&nat.id, "regional NAT", nat.public_ips.clone())));
        let endpoints = ec2.vpc_endpoints.seen().filter(|own| own.vpc_id == id && own.subnet_ids.is_empty());
        Vpc {
            id: id.to_owned(),
            name: vpc.and_then(|vpc| name(&vpc.tags)),
            blocks: vpc.into_iter().flat_map(blocks_of).map(|block| block.to_string()).collect(),
            zones: self.zones_of(id),
            gateways,
            endpoints: endpoints.filter(|own| !is_gone(&own.state)).map(service).collect(),
        }
    }

    fn nats_of<'s>(&self, vpc: &'s str) -> impl Iterator<Item = &'a ec2::NatGateway> + use<'a, 's> {
        self.ec2.nat_gateways.seen().filter(move |nat| nat.vpc_id == vpc && !is_gone(&nat.state))
    }

    fn zones_of(&self, vpc: &str) -> Vec<Zone> {
        let seen = self.ec2.subnets.seen().filter(|subnet| subnet.vpc_id == vpc).map(|subnet| subnet.id.as_str());
        let lived_in = self.ec2.network_interfaces.seen().filter(|own| own.vpc_id == vpc);
        let ids: BTreeSet<&str> = seen.chain(lived_in.map(|own| own.subnet_id.as_str())).collect();
        let mut zones: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for id in ids {
            let zone = self.subnet(id).map_or("", |subnet| subnet.zone_id.as_str());
            zones.entry(zone).or_default().push(id);
        }
        let zone = |(id, subnets): (&str, Vec<&str>)| {
            let mut subnets: Vec<Subnet> = subnets.into_iter().map(|subnet| self.subnet_outline(subnet)).collect();
            subnets.sort_by_cached_key(|subnet| (!subnet.is_public(), subnet.first_block(), subnet.id.clone()));
            let seen = self.ec2.zones.get(id).ok().flatten();
            Zone { id: id.to_owned(), name: seen.map(|zone| zone.name.clone()), subnets }
        };
        let mut all: Vec<Zone> = zones.into_iter().map(zone).collect();
        all.sort_by(|one, two| (&one.name, &one.id).cmp(&(&two.name, &two.id)));
        all
    }

    fn subnet_outline(&self, id: &str) -> Subnet {
        let seen = self.subnet(id).ok();
        let mut interfaces: BTreeMap<String, usize> = BTreeMap::new();
        let mut groups = BTreeMap::new();
        for own in self.residents(id) {
            *interfaces.entry(own.kind.clone()).or_default() += 1;
            groups.extend(own.groups.iter().map(|id| {
                let group = self.ec2.security_groups.get(id).ok().flatten();
                (id.clone(), group.map_or_else(|| id.clone(), |group| group.name.clone()))
            }));
        }
        let nats = self.ec2.nat_gateways.seen().filter(|nat| nat.subnet_id.as_deref() == Some(id));
        let endpoints = self.ec2.vpc_endpoints.seen().filter(|own| own.subnet_ids.contains(id));
        Subnet {
            id: id.to_owned(),
            name: seen.and_then(|subnet| name(&subnet.tags)),
            blocks: seen.into_iter().flat_map(|it| it.cidr.iter().chain(&it.ipv6_cidrs)).cloned().collect(),
            table: seen
                .and_then(|subnet| self.table_of(subnet).ok())
                .map(|(table, _)| Table { id: table.id.clone(), defaults: defaults(table) }),
            interfaces,
            groups,
            nats: nats
                .filter(|nat| !is_gone(&nat.state))
                .map(|nat| gateway(&nat.id, "NAT gateway", nat.public_ips.clone()))
                .collect(),
            endpoints: endpoints.filter(|own| !is_gone(&own.state)).map(service).collect(),
        }
    }

    /// What joins some VPCs to other networks.
    fn others(&self, shown: &BTreeSet<&str>) -> Vec<Gateway> {
        let ec2 = self.ec2;
        let mut found = Vec::new();
        for peering in ec2.peerings.seen().filter(|peering| !is_gone(&peering.status)) {
            let sides = [&peering.requester, &peering.accepter];
            if sides.iter().any(|side| shown.contains(side.vpc_id.as_str())) {
                let far = sides.into_iter().filter(|side| !shown.contains(side.vpc_id.as_str()));
                found.push(gateway(&peering.id, "peering", far.flat_map(side).collect()));
            }
        }
        let attachments = ec2.transit_attachments.seen().filter(|it| !is_gone(&it.state));
        let joined = attachments.filter(|it| shown.contains(it.vpc_id.as_str())).map(|it| it.gateway_id.as_str());
        let transit: BTreeSet<&str> = joined.collect();
        found.extend(transit.into_iter().map(|id| gateway(id, "transit gateway", Vec::new())));
        for own in ec2.vpn_gateways.seen() {
            if own.attachments.iter().any(|it| !is_gone(&it.state) && shown.contains(it.vpc_id.as_str())) {
                found.push(gateway(&own.id, "VPN gateway", Vec::new()));
            }
        }
        found
    }

    /// What a path goes by that is drawn, in order: subnets, gateways, endpoints, connections, `internet`.
    pub(crate) fn stations(&self, path: &Path<'a>) -> Vec<String> {
        let mut all: Vec<&str> = vec![path.from];
        for hop in path.hops.iter().filter(|hop| !hop.at.starts_with("subnet-")) {
            // What is sent from one public address to another.
            let comes_in = hop.rule == Rule::IgwIn && path.from != "internet";
            all.extend(comes_in.then_some("internet").into_iter().chain([hop.at]));
        }
        all.extend(path.hops.last().and_then(|hop| hop.subnet()));
        all.push(path.to);
        let beyond = path.hops.last().filter(|hop| hop.rule == Rule::BeyondTarget).map(|hop| hop.at);
        let mut found: Vec<String> = Vec::new();
        for id in all {
            let station = match self.interface(id) {
                Ok(interface) => Some(self.nat_of(id).map_or(interface.subnet_id.as_str(), |nat| nat.id.as_str())),
                Err(_) if id.starts_with("vpce-") => self.endpoint_subnet(id).ok().flatten().or(Some(id)),
                Err(_) if id == "internet" || id.starts_with("subnet-") || beyond == Some(id) => Some(id),
                Err(_) => kind_of(id).map(|_| id),
            };
            found.extend(station.filter(|id| found.last().is_none_or(|last| last != id)).map(str::to_owned));
        }
        found
    }
}

fn defaults(table: &ec2::RouteTable) -> BTreeSet<String> {
    let routes = table.routes.iter().filter(|route| ["0.0.0.0/0", "::/0"].contains(&route.destination.as_str()));
    routes.flat_map(|route| route.targets.values().cloned()).collect()
}

fn service(endpoint: &ec2::VpcEndpoint) -> Gateway {
    gateway(&endpoint.id, "endpoint", vec![endpoint.service_name.clone()])
}

fn side(side: &PeeringSide) -> Vec<String> {
    std::iter::once(&side.vpc_id).chain(&side.cidrs).cloned().collect()
}

impl Vpc {
    /// The ids of all that is in it.
    fn ids(&self) -> Vec<String> {
        let subnets = self.zones.iter().flat_map(|zone| &zone.subnets);
        let own = subnets.flat_map(|subnet| std::iter::once(&subnet.id).chain(subnet.nats.iter().map(|nat| &nat.id)));
        own.chain(self.gateways.iter().chain(&self.endpoints).map(|it| &it.id)).cloned().collect()
    }
}

impl Subnet {
    /// Whether it has a route for everything to an internet gateway.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.table.iter().flat_map(|table| &table.defaults).any(|target| target.starts_with("igw-"))
    }

    fn first_block(&self) -> Option<IpNet> {
        self.blocks.first().and_then(|block| block.parse().ok())
    }
}
