//! Network ACLs: which one governs a subnet, and whom it may let in.

use plumbline_findings::Reason;
use plumbline_reachability::{Bounds, Packets};
use plumbline_snapshot::ec2::{NetworkAcl, PrefixList, Subnet};

use crate::baseline::{Protocol, TrafficPeer, TrafficRule};
use crate::judge::{Known, Unknown};
use crate::place::Place;
use crate::world::World;
use crate::world::network::set_of;

/// The ports to which answers come, whatever the client ("Custom network ACLs for your VPC", Ephemeral ports, Amazon VPC User
/// Guide).
const EPHEMERAL: (u16, u16) = (1024, u16::MAX);

/// What may come into an environment's subnets.
#[derive(Debug)]
pub(crate) struct Welcome<'a> {
    /// The packets.
    pub(crate) packets: Bounds,
    /// Why not all of them are known.
    pub(crate) doubt: Option<Unknown<'a>>,
}

impl<'a> World<'a> {
    /// The network ACL that governs a subnet: the one that is associated with it.
    ///
    /// # Errors
    /// None that was seen is.
    pub(crate) fn acl_of(&self, place: &Place<'a>, subnet: &Subnet) -> Known<'a, &'a NetworkAcl> {
        let acls = &self.regional(place)?.ec2.network_acls;
        if let Some(acl) = acls.seen().find(|acl| acl.subnet_ids.contains(&subnet.id)) {
            return Ok(acl);
        }
        let _ = acls.all()?;
        self.owner_sees(self.vpc(place)?)?;
        Err(Unknown::Because(Reason::Unresolved, format!("no network ACL of `{}` is listed", subnet.id)))
    }

    /// What may come into the environment's subnets: what comes from a block of its VPC, what `allowed_ingress` lists, and on
    /// ephemeral ports of TCP what S3 may answer.
    ///
    /// # Errors
    /// The VPC or its blocks are not known.
    pub(crate) fn welcome(&self, place: &Place<'a>) -> Known<'a, Welcome<'a>> {
        let mut packets = Bounds::none();
        for block in self.vpc_blocks(self.vpc(place)?)? {
            packets = packets.or(&Bounds::known(Packets::from(block)))?;
        }
        let mut welcome = Welcome { packets, doubt: None };
        for rule in place.environments.iter().flat_map(|environment| &environment.allowed_ingress) {
            let what = packets_of(rule)?;
            match &rule.peer {
                TrafficPeer::Cidr(block) => welcome.add(Bounds::known(Packets::from(*block).and(&what)?))?,
                TrafficPeer::PrefixList(id) => self.add_list(place, id, &what, &mut welcome)?,
                // An ACL knows addresses alone.
                TrafficPeer::Group(_) => {}
            }
        }
        let replies = Packets::protocol(6).and(&Packets::ports(EPHEMERAL.0, EPHEMERAL.1))?;
        let lists = set_of(&self.regional(place)?.ec2.prefix_lists);
        let name = format!("com.amazonaws.{}.s3", place.region);
        for list in lists.items.iter().filter(|list| is_of_aws(list, &name)) {
            self.add_list(place, &list.id, &replies, &mut welcome)?;
        }
        if let Some(unknown) = lists.unknown {
            welcome.add(Bounds::up_to(replies))?;
            welcome.doubt.get_or_insert(unknown);
        }
        Ok(welcome)
    }

    fn add_list(&self, place: &Place<'a>, id: &str, what: &Packets, welcome: &mut Welcome<'a>) -> Known<'a, ()> {
        match self.blocks_of(place, id) {
            Ok(blocks) => {
                blocks.into_iter().try_for_each(|block| welcome.add(Bounds::known(Packets::from(block).and(what)?)))
            }
            Err(unknown) => {
                welcome.doubt.get_or_insert(unknown);
                welcome.add(Bounds::up_to(what.clone()))
            }
        }
    }
}

impl<'a> Welcome<'a> {
    fn add(&mut self, more: Bounds) -> Known<'a, ()> {
        self.packets = self.packets.or(&more)?;
        Ok(())
    }
}

/// Whether it is AWS's own list of this name: AWS's are known by their owner and name, never by an id.
pub(crate) fn is_of_aws(list: &PrefixList, name: &str) -> bool {
    list.owner == "AWS" && list.name == name
}

/// Every packet of a rule's protocol and ports.
fn packets_of<'a>(rule: &TrafficRule) -> Known<'a, Packets> {
    let protocol = match rule.protocol {
        Protocol::All => return Ok(Packets::all()),
        Protocol::Tcp => Packets::protocol(6),
        Protocol::Udp => Packets::protocol(17),
        Protocol::Icmp => Packets::protocol(1),
        Protocol::Icmpv6 => Packets::protocol(58),
    };
    if rule.ports.is_empty() {
        return Ok(protocol);
    }
    let mut ports = Packets::none();
    for range in &rule.ports {
        ports = ports.or(&Packets::ports(range.first, range.last))?;
    }
    Ok(protocol.and(&ports)?)
}
