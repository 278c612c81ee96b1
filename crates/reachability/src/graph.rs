//! The networks of a snapshot, indexed for the questions that a packet asks on its way: who has this address, which table and
//! which network ACL does this subnet have.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::hash::Hash;
use std::net::IpAddr;
use std::rc::Rc;

use ipnet::IpNet;
use plumbline_snapshot::ec2::{Ec2, GroupPair, NatGateway, NetworkAcl, NetworkInterface, RouteTable, Subnet, Vpc};

use crate::block::By;
use crate::bounds::Bounds;
use crate::cube::Dimension;
use crate::firewall::{self, Members, Way};
use crate::node::addresses;
use crate::packets::{Packets, TooMany};
use crate::reserved::{Special, to_reserved};
use crate::routes::{self, Forks};
use crate::rule::Rule;
use crate::work::MAX_KEPT;

/// How two interfaces see each other: what a rule that names a group may rest upon ("Security group rules", Security group
/// referencing).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Between<'a> {
    /// Nothing: both are in one VPC.
    Nothing,
    /// A peering connection; the VPC on the other side.
    Peering(&'a str, &'a str),
    /// A transit gateway.
    Transit,
    /// A NAT, a middlebox or the internet: the address tells no group.
    Other,
}

/// What was found once, by its key.
type Known<K, V> = RefCell<HashMap<K, Rc<V>>>;

type Rules<'a> = Known<(&'a [String], &'a str, Way, Between<'a>), Bounds>;

/// By subnet, and by what packets leave.
type PublicOf<'a> = Vec<(&'a str, By, Ends)>;

/// Packets to each subnet of a VPC; no two of the sets meet.
type ToSubnets<'a> = Vec<(&'a str, Packets)>;

/// Packets from some addresses, and to them.
pub(crate) struct Ends {
    /// Without those that come before: no two of them meet.
    pub(crate) sources: Packets,
    pub(crate) destinations: Packets,
}

/// Packets from the interfaces of a VPC.
pub(crate) struct Senders {
    /// From all but NAT gateways.
    pub(crate) plain: Packets,
    /// From NAT gateways.
    pub(crate) nats: Packets,
}

/// The networks of one Region.
pub struct Graph<'a> {
    pub(crate) ec2: &'a Ec2,
    /// By VPC and address inside it.
    owners: BTreeMap<&'a str, BTreeMap<IpAddr, Vec<&'a NetworkInterface>>>,
    /// By public IPv4 address, or IPv6 address: the interface, and the address inside the VPC.
    public: BTreeMap<IpAddr, (&'a NetworkInterface, IpAddr)>,
    /// Addresses that a carrier's network leads to.
    carrier: BTreeSet<IpAddr>,
    /// By interface.
    nats: BTreeMap<&'a str, &'a NatGateway>,
    subnet_tables: BTreeMap<&'a str, &'a RouteTable>,
    main_tables: BTreeMap<&'a str, &'a RouteTable>,
    acls: BTreeMap<&'a str, &'a NetworkAcl>,
    subnets: BTreeMap<&'a str, Vec<&'a Subnet>>,
    interfaces: BTreeMap<&'a str, Vec<&'a NetworkInterface>>,
    /// By VPC and group: the addresses of its interfaces.
    members: BTreeMap<(&'a str, &'a str), BTreeSet<IpAddr>>,
    /// By subnet: addresses of its interfaces that are in none of its blocks.
    strays: BTreeMap<&'a str, Vec<IpAddr>>,
    special: OnceCell<Special>,
    /// Boxes of what filters and tables let pass.
    kept: Cell<usize>,
    senders: Known<&'a str, Senders>,
    public_of: Known<&'a str, PublicOf<'a>>,
    ours: Known<(), Packets>,
    reserved: Known<&'a str, Packets>,
    to_subnet: Known<&'a str, Packets>,
    to_subnets: Known<&'a str, ToSubnets<'a>>,
    forks: Known<&'a str, Forks<'a>>,
    filters: Known<(&'a str, Way), Bounds>,
    rules: Rules<'a>,
}

impl<'a> Graph<'a> {
    /// Of what one Region's EC2 showed.
    #[must_use]
    pub fn of(ec2: &'a Ec2) -> Self {
        let mut graph = Graph {
            ec2,
            owners: BTreeMap::new(),
            public: BTreeMap::new(),
            carrier: BTreeSet::new(),
            nats: BTreeMap::new(),
            subnet_tables: BTreeMap::new(),
            main_tables: BTreeMap::new(),
            acls: BTreeMap::new(),
            subnets: BTreeMap::new(),
            interfaces: BTreeMap::new(),
            members: BTreeMap::new(),
            strays: BTreeMap::new(),
            special: OnceCell::new(),
            kept: Cell::new(0),
            senders: RefCell::default(),
            public_of: RefCell::default(),
            ours: RefCell::default(),
            reserved: RefCell::default(),
            to_subnet: RefCell::default(),
            to_subnets: RefCell::default(),
            forks: RefCell::default(),
            filters: RefCell::default(),
            rules: RefCell::default(),
        };
        for interface in ec2.network_interfaces.seen() {
            graph.add_interface(interface);
        }
        for gateway in ec2.nat_gateways.seen() {
            let interfaces = gateway.interfaces.iter().flatten();
            graph.nats.extend(interfaces.map(|interface| (interface.id.as_str(), gateway)));
        }
        for table in ec2.route_tables.seen() {
            for association in routes::associated(table) {
                if let Some(subnet) = &association.subnet_id {
                    graph.subnet_tables.insert(subnet, table);
                }
                if association.main {
                    graph.main_tables.insert(&table.vpc_id, table);
                }
            }
        }
        for subnet in ec2.subnets.seen() {
            graph.subnets.entry(&subnet.vpc_id).or_default().push(subnet);
        }
        graph.find_strays();
        for acl in ec2.network_acls.seen() {
            graph.acls.extend(acl.subnet_ids.iter().map(|subnet| (subnet.as_str(), acl)));
        }
        graph
    }

    fn find_strays(&mut self) {
        let subnets = self.ec2.subnets.seen();
        let of: BTreeMap<&str, Vec<IpNet>> =
            subnets.map(|subnet| (subnet.id.as_str(), blocks_of_subnet(subnet).collect())).collect();
        for interface in self.ec2.network_interfaces.seen() {
            let own = of.get(interface.subnet_id.as_str()).map_or(&[][..], Vec::as_slice);
            let strays = addresses(interface).filter(|ip| !own.iter().any(|block| block.contains(ip)));
            for ip in strays {
                self.strays.entry(&interface.subnet_id).or_default().push(ip);
            }
        }
    }

    /// Sets of special addresses, made once.
    pub(crate) fn special(&self) -> &Special {
        self.special.get_or_init(Special::new)
    }

    fn add_interface(&mut self, interface: &'a NetworkInterface) {
        self.carrier.extend(interface.carrier_ip.iter().filter_map(|ip| ip.parse::<IpAddr>().ok()));
        self.interfaces.entry(&interface.vpc_id).or_default().push(interface);
        let inside = self.owners.entry(&interface.vpc_id).or_default();
        for own in interface.addresses.iter().flatten() {
            let Ok(ip) = own.ip.parse::<IpAddr>() else { continue };
            inside.entry(ip).or_default().push(interface);
            for group in &interface.groups {
                self.members.entry((&interface.vpc_id, group)).or_default().insert(ip);
            }
            let public = if ip.is_ipv6() { Some(ip) } else { own.public_ip.as_ref().and_then(|ip| ip.parse().ok()) };
            if let Some(public) = public {
                self.public.entry(public).or_insert((interface, ip));
            }
        }
    }

    pub(crate) fn interfaces_of(&self, vpc: &str) -> &[&'a NetworkInterface] {
        self.interfaces.get(vpc).map_or(&[], Vec::as_slice)
    }

    /// Packets from the interfaces of a VPC.
    pub(crate) fn senders_in(&self, vpc: &'a str) -> Rc<Senders> {
        known(&self.senders, vpc, || self.senders_anew(vpc))
    }

    fn senders_anew(&self, vpc: &str) -> Senders {
        let (mut plain, mut nats) = (Vec::new(), Vec::new());
        for (ip, interfaces) in self.owners(vpc) {
            let is_nat = interfaces.iter().any(|interface| self.nat_of(&interface.id).is_some());
            if is_nat { nats.push(ip) } else { plain.push(ip) }
        }
        let from = |addresses: &[IpAddr]| Packets::of_addresses(addresses, Dimension::Source);
        Senders { plain: from(&plain), nats: from(&nats) }
    }

    pub(crate) fn subnets_of(&self, vpc: &str) -> &[&'a Subnet] {
        self.subnets.get(vpc).map_or(&[], Vec::as_slice)
    }

    /// The addresses of a VPC that an internet gateway translates, or leaves as they are: by subnet, and whether they are a NAT
    /// gateway's.
    pub(crate) fn public_of(&self, vpc: &'a str) -> Rc<PublicOf<'a>> {
        known(&self.public_of, vpc, || self.public_of_anew(vpc))
    }

    fn public_of_anew(&self, vpc: &str) -> PublicOf<'a> {
        let mut found: BTreeMap<(&'a str, By), Vec<IpAddr>> = BTreeMap::new();
        for (_, interface, own) in self.public.iter().map(|(public, (interface, own))| (public, *interface, *own)) {
            let private = matches!(own, IpAddr::V6(own) if own.is_unique_local());
            let nat = self.nat_of(&interface.id);
            if interface.vpc_id != vpc || private || nat.is_some_and(|nat| nat.connectivity == "private") {
                continue;
            }
            let by = if nat.is_some() { By::Nat } else { By::Internet };
            found.entry((&interface.subnet_id, by)).or_default().push(own);
        }
        let mut before = BTreeSet::new();
        let mut ends = |addresses: &[IpAddr]| Ends {
            destinations: Packets::of_addresses(addresses, Dimension::Destination),
            sources: Packets::of_addresses(addresses.iter().filter(|ip| before.insert(**ip)), Dimension::Source),
        };
        found.into_iter().map(|((subnet, by), own)| (subnet, by, ends(&own))).collect()
    }

    // Things by id: not read is told by the rule

    pub(crate) fn subnet(&self, id: &str) -> Result<&'a Subnet, Rule> {
        self.ec2.subnets.get(id).ok().flatten().ok_or(Rule::NotRead)
    }

    pub(crate) fn vpc(&self, id: &str) -> Result<&'a Vpc, Rule> {
        self.ec2.vpcs.get(id).ok().flatten().ok_or(Rule::NotRead)
    }

    pub(crate) fn interface(&self, id: &str) -> Result<&'a NetworkInterface, Rule> {
        self.ec2.network_interfaces.get(id).ok().flatten().ok_or(Rule::NotRead)
    }

    pub(crate) fn nat_of(&self, interface: &str) -> Option<&'a NatGateway> {
        self.nats.get(interface).copied()
    }

    // Addresses

    /// Interfaces of a VPC by the addresses that they have inside it, within what some packets may be sent to or come from.
    pub(crate) fn owners<'s>(&'s self, vpc: &str) -> impl Iterator<Item = (IpAddr, &'s [&'a NetworkInterface])> {
        let inside = self.owners.get(vpc).into_iter().flatten();
        inside.map(|(ip, interfaces)| (*ip, interfaces.as_slice()))
    }

    /// The interfaces of a VPC that have this address inside it.
    pub(crate) fn owners_of(&self, vpc: &str, ip: IpAddr) -> &[&'a NetworkInterface] {
        self.owners.get(vpc).and_then(|inside| inside.get(&ip)).map_or(&[], Vec::as_slice)
    }

    /// Whether every interface was seen.
    pub(crate) fn knows_interfaces(&self) -> bool {
        self.ec2.network_interfaces.is_whole()
    }

    /// Addresses that the internet leads to an interface by, the interface, and its address inside the VPC.
    pub(crate) fn public(&self) -> impl Iterator<Item = (IpAddr, &'a NetworkInterface, IpAddr)> {
        self.public.iter().map(|(public, (interface, own))| (*public, *interface, *own))
    }

    pub(crate) fn carrier(&self) -> &BTreeSet<IpAddr> {
        &self.carrier
    }

    /// All packets to (or from) a VPC's blocks.
    pub(crate) fn in_vpc(&self, vpc: &Vpc, dimension: Dimension) -> Packets {
        Packets::of_blocks(blocks_of(vpc), dimension)
    }

    /// All packets to what is special in a VPC.
    pub(crate) fn to_reserved(&self, vpc: &'a Vpc) -> Rc<Packets> {
        known(&self.reserved, &vpc.id, || to_reserved(vpc))
    }

    /// All packets to a subnet's blocks.
    pub(crate) fn to_subnet(&self, subnet: &'a Subnet) -> Rc<Packets> {
        known(&self.to_subnet, &subnet.id, || Packets::of_blocks(blocks_of_subnet(subnet), Dimension::Destination))
    }

    /// All packets to each subnet of a VPC, and to whatever address its interfaces have beside; where those overlap, to the
    /// first of them.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn to_subnets(&self, vpc: &'a str) -> Result<Rc<ToSubnets<'a>>, TooMany> {
        try_known(&self.to_subnets, vpc, || {
            let mut found: ToSubnets<'a> = Vec::new();
            for subnet in self.subnets_of(vpc) {
                let mut own = self.of_subnet(subnet, Dimension::Destination);
                for (_, before) in &found {
                    own = own.minus(before)?;
                }
                found.push((subnet.id.as_str(), own));
            }
            Ok(found)
        })
    }

    /// All packets to what is of the VPCs seen: public and carrier addresses of interfaces, IPv6 blocks.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn ours(&self) -> Result<Rc<Packets>, TooMany> {
        try_known(&self.ours, (), || {
            let single = Packets::of_addresses(self.public.keys().chain(&self.carrier), Dimension::Destination);
            let blocks = self.ec2.vpcs.seen().flat_map(blocks_of).filter(|block| block.addr().is_ipv6());
            single.or(&Packets::of_blocks(blocks, Dimension::Destination))
        })
    }

    // Tables and filters

    /// The table that a subnet is associated with, else the main one of its VPC ("Subnet route tables"), and which of both.
    pub(crate) fn table_of(&self, subnet: &Subnet) -> Result<(&'a RouteTable, Rule), Rule> {
        if let Some(table) = self.subnet_tables.get(subnet.id.as_str()) {
            return Ok((table, Rule::SubnetRoute));
        }
        if !self.ec2.route_tables.is_whole() {
            return Err(Rule::NotRead);
        }
        let main = self.main_tables.get(subnet.vpc_id.as_str());
        main.map(|table| (*table, Rule::MainRoute)).ok_or(Rule::NotRead)
    }

    /// The table of a gateway's edge association ("Gateway route tables").
    pub(crate) fn edge_table(&self, gateway: &str, vpc: &str) -> Result<Option<&'a RouteTable>, Rule> {
        let own = |table: &&RouteTable| {
            table.vpc_id == vpc
                && routes::associated(table).any(|association| association.gateway_id.as_deref() == Some(gateway))
        };
        match self.ec2.route_tables.seen().find(own) {
            Some(table) => Ok(Some(table)),
            None if self.ec2.route_tables.is_whole() => Ok(None),
            None => Err(Rule::NotRead),
        }
    }

    /// # Errors
    /// [`TooMany`].
    pub(crate) fn forks(&self, table: &'a RouteTable) -> Result<Rc<Forks<'a>>, TooMany> {
        try_known(&self.forks, &table.id, || self.counted(routes::forks(table, self.ec2)?, Forks::boxes))
    }

    pub(crate) fn acl_of(&self, subnet: &str) -> Option<&'a NetworkAcl> {
        self.acls.get(subnet).copied()
    }

    /// # Errors
    /// [`TooMany`].
    pub(crate) fn acl(&self, acl: &'a NetworkAcl, way: Way) -> Result<Rc<Bounds>, TooMany> {
        try_known(&self.filters, (&acl.id, way), || self.counted(firewall::acl(acl, way)?, Bounds::boxes))
    }

    /// What the security groups of an interface let pass from or to whoever is seen in this way.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn groups(
        &self,
        interface: &'a NetworkInterface,
        way: Way,
        between: Between<'a>,
    ) -> Result<Rc<Bounds>, TooMany> {
        let key = (interface.groups.as_slice(), interface.vpc_id.as_str(), way, between);
        try_known(&self.rules, key, || self.counted(self.groups_anew(interface, way, between)?, Bounds::boxes))
    }

    /// What each security group of an interface lets pass, or may: one of them is enough.
    ///
    /// # Errors
    /// [`TooMany`].
    pub(crate) fn filters_of(
        &self,
        interface: &'a NetworkInterface,
        way: Way,
        between: Between<'a>,
    ) -> Result<Vec<Rc<Bounds>>, TooMany> {
        if interface.groups.is_empty() {
            return Ok(vec![Rc::new(Bounds::up_to(Packets::all()))]);
        }
        let one = |id: &'a String| {
            let key = (std::slice::from_ref(id), interface.vpc_id.as_str(), way, between);
            try_known(&self.rules, key, || match self.ec2.security_groups.get(id) {
                Ok(Some(group)) => {
                    let members = |pair: &GroupPair| self.members(pair, interface, way, between);
                    self.counted(firewall::groups([group], way, self.ec2, &members)?, Bounds::boxes)
                }
                _ => Ok(Bounds::up_to(Packets::all())),
            })
        };
        interface.groups.iter().map(one).collect()
    }

    /// Packets from or to a subnet: its blocks, and whatever address its interfaces have beside.
    pub(crate) fn of_subnet(&self, subnet: &Subnet, dimension: Dimension) -> Packets {
        let strays = self.strays.get(subnet.id.as_str()).into_iter().flatten().copied().map(IpNet::from);
        Packets::of_blocks(blocks_of_subnet(subnet).chain(strays), dimension)
    }

    /// What is kept from now on, unless all of it together would be too much.
    fn counted<T>(&self, found: T, boxes: fn(&T) -> usize) -> Result<T, TooMany> {
        let kept = self.kept.get().saturating_add(boxes(&found));
        self.kept.set(kept);
        if kept > MAX_KEPT { Err(TooMany) } else { Ok(found) }
    }

    fn groups_anew(&self, interface: &NetworkInterface, way: Way, between: Between<'a>) -> Result<Bounds, TooMany> {
        let (mut seen, mut missing) = (Vec::new(), interface.groups.is_empty());
        for id in &interface.groups {
            match self.ec2.security_groups.get(id) {
                Ok(Some(group)) => seen.push(group),
                _ => missing = true,
            }
        }
        let members = |pair: &GroupPair| self.members(pair, interface, way, between);
        let passed = firewall::groups(seen, way, self.ec2, &members)?;
        if missing { passed.or(&Bounds::up_to(Packets::all())) } else { Ok(passed) }
    }

    /// The addresses that a group named in a rule of an interface stands for, from or to whoever is seen in this way.
    pub(crate) fn members(
        &self,
        pair: &GroupPair,
        interface: &NetworkInterface,
        way: Way,
        between: Between<'a>,
    ) -> Members {
        let through = pair.peering_id.as_deref();
        match between {
            Between::Other => Members::default(),
            Between::Transit if way == Way::Out || through.is_some() => Members::default(),
            // Whether referencing is on at the gateway is not read.
            Between::Transit => Members::anyone(),
            Between::Nothing if through.is_some() => Members::default(),
            Between::Nothing => self.members_in(&pair.group_id, &interface.vpc_id, false),
            Between::Peering(own, _) if through.is_some_and(|id| id != own) => Members::default(),
            Between::Peering(_, other) => self.members_in(&pair.group_id, other, true),
        }
    }

    /// The addresses of a group's interfaces in a VPC. Of a group that was not seen, whoever was not seen may be one.
    fn members_in(&self, group: &str, vpc: &str, elsewhere: bool) -> Members {
        if !self.knows_interfaces() {
            return Members::anyone();
        }
        let unseen = elsewhere && !matches!(self.ec2.security_groups.get(group), Ok(Some(_)));
        Members {
            addresses: self.members.get(&(vpc, group)).cloned().unwrap_or_default(),
            anyone_but: unseen.then(|| self.owners(vpc).map(|(ip, _)| ip).collect()),
        }
    }
}

impl Members {
    fn anyone() -> Self {
        Members { addresses: BTreeSet::new(), anyone_but: Some(BTreeSet::new()) }
    }
}

/// What was found before, or else what is found now.
fn known<K: Eq + Hash, V>(all: &Known<K, V>, key: K, find: impl FnOnce() -> V) -> Rc<V> {
    match try_known(all, key, || Ok::<_, Infallible>(find())) {
        Ok(found) => found,
        Err(never) => match never {},
    }
}

/// The same of what may be too large.
fn try_known<K: Eq + Hash, V, E>(all: &Known<K, V>, key: K, find: impl FnOnce() -> Result<V, E>) -> Result<Rc<V>, E> {
    if let Some(known) = all.borrow().get(&key) {
        return Ok(Rc::clone(known));
    }
    let found = Rc::new(find()?);
    all.borrow_mut().insert(key, Rc::clone(&found));
    Ok(found)
}

/// The blocks of a VPC that count.
pub(crate) fn blocks_of(vpc: &Vpc) -> impl Iterator<Item = IpNet> {
    let gone = ["disassociated", "disassociating", "failed", "failing"];
    vpc.cidrs
        .iter()
        .filter(move |block| !gone.contains(&block.state.as_str()))
        .filter_map(|block| block.cidr.parse().ok())
}

fn blocks_of_subnet(subnet: &Subnet) -> impl Iterator<Item = IpNet> {
    subnet.cidr.iter().chain(&subnet.ipv6_cidrs).filter_map(|block| block.parse().ok())
}
