//! Peering connections, transit gateways and virtual private gateways.

use plumbline_snapshot::ec2::{Subnet, TransitAttachment};

use crate::branch::{Branch, Place};
use crate::cube::Dimension;
use crate::firewall::Way;
use crate::gateways::attached;
use crate::graph::{Between, Graph};
use crate::packets::Packets;
use crate::rule::Rule;
use crate::walk::{Done, Next, Walk};

impl<'a> Graph<'a> {
    /// The VPC at the other end of a peering connection.
    pub(crate) fn other_side(&self, id: &str, vpc: &str) -> Option<&'a str> {
        let peering = self.ec2.peerings.get(id).ok()??;
        let sides = [peering.requester.vpc_id.as_str(), peering.accepter.vpc_id.as_str()];
        if sides.contains(&vpc) { sides.into_iter().find(|side| *side != vpc) } else { None }
    }

    fn attachment(&self, gateway: &str, vpc: &str) -> Result<&'a TransitAttachment, Rule> {
        let own = |it: &&TransitAttachment| it.gateway_id == gateway && it.vpc_id == vpc && it.state == "available";
        match self.ec2.transit_attachments.seen().find(own) {
            Some(attachment) => Ok(attachment),
            None if self.ec2.transit_attachments.is_whole() => Err(Rule::TransitNotAttached),
            None => Err(Rule::NotRead),
        }
    }
}

impl<'a> Walk<'_, 'a> {
    // Peering

    /// To an address of the other VPC, and to nothing behind it: peering is not transitive.
    pub(crate) fn over_peering(&mut self, branch: Branch<'a>, id: &'a str, vpc: &'a str) -> Done {
        let Ok(Some(peering)) = self.graph.ec2.peerings.get(id) else { return self.opened(branch, id, Rule::NotRead) };
        if peering.status != "active" {
            return self.dropped(branch, id, Rule::PeeringNotActive);
        }
        let Some(other) = self.graph.other_side(id, vpc) else {
            return self.opened(branch, id, Rule::PeeringUnknown);
        };
        let own = match self.graph.vpc(vpc) {
            Ok(own) => self.graph.in_vpc(own, Dimension::Source),
            Err(rule) => return self.opened(branch, vpc, rule),
        };
        // Whether a NAT gateway sends over a peering connection, the pages say differently.
        let plain = own.minus(&self.graph.senders_in(vpc).nats)?;
        let (plain, mut strange) = branch.split(&plain)?;
        strange.iter_mut().for_each(|branch| branch.doubted(id, Rule::PeeringUnknown));
        for mut branch in plain.into_iter().chain(strange) {
            let Ok(far) = self.graph.vpc(other) else {
                self.beyond_peering(branch, id, other)?;
                continue;
            };
            let (inside, behind) = {
                branch.between = match branch.between {
                    Between::Nothing => Between::Peering(id, vpc),
                    _ => Between::Other,
                };
                branch.split(&self.graph.in_vpc(far, Dimension::Destination))?
            };
            self.drop_all(behind, id, Rule::PeeringNotTransitive);
            for mut branch in inside {
                if self.to_border {
                    self.deliver(branch, Place::Of(id), id, Rule::Peering);
                } else {
                    branch.hop(id, Rule::Peering);
                    self.go(branch, Next::Within(other, None));
                }
            }
        }
        Ok(())
    }

    /// Another account's VPC: what the connection shows of its blocks settles what is not in it.
    fn beyond_peering(&mut self, branch: Branch<'a>, id: &'a str, other: &str) -> Done {
        let peering = self.graph.ec2.peerings.get(id).ok().flatten();
        let sides = peering.into_iter().flat_map(|peering| [&peering.requester, &peering.accepter]);
        let blocks: Vec<_> = sides.filter(|side| side.vpc_id == other).flat_map(|side| &side.cidrs).collect();
        let mut known = if blocks.is_empty() { Packets::all() } else { Packets::none() };
        for block in blocks {
            // A block that cannot be read may be any.
            known = block.parse().map_or_else(|_| Ok(Packets::all()), |block| known.or(&Packets::to(block)))?;
        }
        let (inside, behind) = branch.split(&known)?;
        self.drop_all(behind, id, Rule::PeeringNotTransitive);
        for branch in inside {
            self.beyond(branch, id, Rule::BeyondPeering);
        }
        Ok(())
    }

    /// From a VPC that was not seen, over a peering connection.
    pub(crate) fn in_by_peering(&mut self, branch: Branch<'a>, id: &'a str, vpc: &'a str) -> Done {
        let Ok(Some(peering)) = self.graph.ec2.peerings.get(id) else { return self.opened(branch, id, Rule::NotRead) };
        if peering.status != "active" {
            return self.dropped(branch, id, Rule::PeeringNotActive);
        }
        let own = match self.graph.vpc(vpc) {
            Ok(own) => self.graph.in_vpc(own, Dimension::Destination),
            Err(rule) => return self.opened(branch, vpc, rule),
        };
        let (inside, behind) = branch.split(&own)?;
        self.drop_all(behind, id, Rule::PeeringNotTransitive);
        for mut branch in inside {
            branch.between = Between::Peering(id, self.graph.other_side(id, vpc).unwrap_or(""));
            branch.hop(id, Rule::Peering);
            self.go(branch, Next::Within(vpc, None));
        }
        Ok(())
    }

    // Transit gateways

    /// By the attachment of the sender's VPC in the sender's zone. The gateway's own routes are not read.
    pub(crate) fn enter_transit(&mut self, branch: Branch<'a>, id: &'a str, subnet: &'a Subnet) -> Done {
        let attachment = match self.graph.attachment(id, &subnet.vpc_id) {
            Ok(attachment) => attachment,
            Err(rule @ Rule::NotRead) => return self.opened(branch, id, rule),
            Err(rule) => return self.dropped(branch, id, rule),
        };
        let mut near = None;
        for place in &attachment.subnet_ids {
            match self.graph.subnet(place) {
                Ok(place) if place.zone_id == subnet.zone_id => near = Some(place),
                Ok(_) => {}
                Err(rule) => return self.opened(branch, place, rule),
            }
        }
        let Some(near) = near else { return self.dropped(branch, id, Rule::TransitZone) };
        for branch in self.pass_acl(branch, &near.id, Way::In)? {
            self.beyond(branch, id, Rule::BeyondTransit);
        }
        Ok(())
    }

    /// From behind a transit gateway into a VPC: through the attachment's subnet in the zone that the packet is in, whichever
    /// that is, and on by its table ("How Amazon VPC Transit Gateways works", Availability Zones).
    pub(crate) fn in_by_transit(&mut self, mut branch: Branch<'a>, id: &'a str, vpc: &str) -> Done {
        let attachment = match self.graph.attachment(id, vpc) {
            Ok(attachment) => attachment,
            Err(rule @ Rule::NotRead) => return self.opened(branch, id, rule),
            Err(rule) => return self.dropped(branch, id, rule),
        };
        branch.between = Between::Transit;
        branch.hop(id, Rule::Transit);
        if attachment.subnet_ids.is_empty() {
            return self.opened(branch, id, Rule::NotRead);
        }
        for subnet in &attachment.subnet_ids {
            match self.graph.subnet(subnet) {
                Ok(subnet) => self.go(branch.clone(), Next::Leave(subnet)),
                Err(rule) => self.open(branch.clone(), subnet, rule),
            }
        }
        Ok(())
    }

    // Virtual private gateways

    pub(crate) fn out_to_vpn(&mut self, branch: Branch<'a>, id: &'a str, vpc: &str) {
        match attached(&self.graph.ec2.vpn_gateways, id, vpc) {
            Ok(true) => self.beyond(branch, id, Rule::BeyondVpn),
            Ok(false) => self.drop(branch, id, Rule::VpnNotAttached),
            Err(rule) => self.open(branch, id, rule),
        }
    }

    /// From the other side of a VPN or Direct Connect: to addresses of the VPC only (no edge to edge routing).
    pub(crate) fn in_by_vpn(&mut self, branch: Branch<'a>, id: &'a str, vpc: &'a str) -> Done {
        match attached(&self.graph.ec2.vpn_gateways, id, vpc) {
            Ok(true) => {}
            Ok(false) => return self.dropped(branch, id, Rule::VpnNotAttached),
            Err(rule) => return self.opened(branch, id, rule),
        }
        let own = match self.graph.vpc(vpc) {
            Ok(own) => self.graph.in_vpc(own, Dimension::Destination),
            Err(rule) => return self.opened(branch, vpc, rule),
        };
        let (inside, behind) = branch.split(&own)?;
        self.drop_all(behind, id, Rule::VpnNotTransitive);
        for mut branch in inside {
            branch.between = Between::Other;
            branch.hop(id, Rule::VpnIn);
            self.go(branch, Next::Edge(id, vpc));
        }
        Ok(())
    }
}
