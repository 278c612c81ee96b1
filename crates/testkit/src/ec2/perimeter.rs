//! What joins the known-good VPC to other networks, or keeps the internet out of it: an attachment to the allowed transit
//! gateway, a closed network ACL, Block Public Access; and a peering that was rejected, which must not matter.

use plumbline_snapshot::Read;
use plumbline_snapshot::ec2::{
    AclEntry, Ec2, NetworkAcl, Peering, PeeringSide, TransitAttachment, VpcBlock, VpcBlockExclusion,
};

use super::{OTHER_SUBNET, OTHER_VPC, SUBNET_A, SUBNET_B, SUBNET_C, TRANSIT_GATEWAY, VPC};
use crate::env::{change, seen, some, sorted, take, texts, whole};
use crate::{ACCOUNT, Env, REGION};

/// A peering of [`VPC`] with the neighbour that was rejected and is still listed.
pub const PEERING_REJECTED: &str = "pcx-0e1d2c3b4a5960001";
/// The attachment of [`VPC`] to [`TRANSIT_GATEWAY`].
pub const TRANSIT_ATTACHMENT: &str = "tgw-attach-0f1e2d3c4b5a60001";
/// The network ACL of the environment's subnets.
pub const ACL: &str = "acl-0a1c2e3f4b5d60001";
/// The neighbour's default network ACL, which admits everything.
pub const OTHER_ACL: &str = "acl-0a1c2e3f4b5d60009";
/// An exclusion from Block Public Access that was deleted and is still listed.
pub const EXCLUSION_DELETED: &str = "vpcbpa-exclude-0d1c2b3a4f5e60001";

pub(super) fn fill(ec2: &mut Ec2) {
    let rejected = Peering { status: "rejected".to_owned(), ..plain_peering(PEERING_REJECTED, OTHER_VPC) };
    ec2.peerings = whole([rejected], |peering| &peering.id);
    ec2.transit_attachments =
        whole([plain_attachment(TRANSIT_ATTACHMENT, TRANSIT_GATEWAY)], |attachment| &attachment.id);
    ec2.network_acls = whole(acls(), |acl| &acl.id);
    ec2.vpc_block = Read::Seen(VpcBlock {
        mode: "block-bidirectional".to_owned(),
        state: "update-complete".to_owned(),
        managed_by: some("account"),
    });
    let deleted = VpcBlockExclusion { state: "delete-complete".to_owned(), ..exclusion(EXCLUSION_DELETED, VPC) };
    ec2.vpc_block_exclusions = whole([deleted], |exclusion| &exclusion.id);
}

/// An active peering that another VPC of the account asked for.
#[must_use]
pub fn plain_peering(id: &str, other_vpc: &str) -> Peering {
    let side = |vpc: &str, cidrs: &[&str]| PeeringSide {
        owner: ACCOUNT.to_owned(),
        vpc_id: vpc.to_owned(),
        region: some(REGION),
        cidrs: texts(cidrs),
    };
    Peering {
        id: id.to_owned(),
        requester: side(other_vpc, &["10.77.0.0/16"]),
        accepter: side(VPC, &["10.20.0.0/16", "100.64.0.0/20"]),
        status: "active".to_owned(),
    }
}

/// An available attachment of [`VPC`] to a transit gateway.
#[must_use]
pub fn plain_attachment(id: &str, gateway_id: &str) -> TransitAttachment {
    TransitAttachment {
        id: id.to_owned(),
        gateway_id: gateway_id.to_owned(),
        vpc_id: VPC.to_owned(),
        vpc_owner: some(ACCOUNT),
        state: "available".to_owned(),
        subnet_ids: texts(&[SUBNET_A, SUBNET_B]),
    }
}

/// An entry of a network ACL for what comes in, over every port.
#[must_use]
pub fn acl_entry(number: i32, action: &str, protocol: &str, ipv4: &str) -> AclEntry {
    AclEntry {
        egress: false,
        number,
        action: action.to_owned(),
        protocol: protocol.to_owned(),
        ipv4: some(ipv4),
        ipv6: None,
        from_port: None,
        to_port: None,
        icmp: None,
    }
}

/// An exclusion of a VPC of the account, in force.
#[must_use]
pub fn exclusion(id: &str, vpc_id: &str) -> VpcBlockExclusion {
    VpcBlockExclusion {
        id: id.to_owned(),
        resource_arn: format!("arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/{vpc_id}"),
        state: "create-complete".to_owned(),
        mode: some("allow-bidirectional"),
    }
}

fn acls() -> [NetworkAcl; 2] {
    let out = |entry: AclEntry| AclEntry { egress: true, ..entry };
    let ports = |entry: AclEntry, from: i32, to: i32| AclEntry { from_port: Some(from), to_port: Some(to), ..entry };
    let last = acl_entry(32767, "deny", "-1", "0.0.0.0/0");
    let all = acl_entry(100, "allow", "-1", "0.0.0.0/0");
    let closed = vec![
        acl_entry(90, "allow", "-1", "10.20.0.0/16"),
        acl_entry(91, "allow", "-1", "100.64.0.0/20"),
        ports(acl_entry(100, "allow", "6", "10.8.4.0/22"), 9443, 9443),
        ports(acl_entry(110, "allow", "6", "0.0.0.0/0"), 1024, 3388),
        ports(acl_entry(120, "allow", "6", "0.0.0.0/0"), 3390, 65535),
        out(all.clone()),
        last.clone(),
        out(last.clone()),
    ];
    let acl = |id: &str, vpc: &str, subnets: &[&str], entries: Vec<AclEntry>| NetworkAcl {
        id: id.to_owned(),
        vpc_id: vpc.to_owned(),
        is_default: vpc == OTHER_VPC,
        subnet_ids: texts(subnets),
        entries: sorted(entries),
    };
    [
        acl(ACL, VPC, &[SUBNET_A, SUBNET_B, SUBNET_C], closed),
        acl(OTHER_ACL, OTHER_VPC, &[OTHER_SUBNET], vec![all.clone(), out(all), last.clone(), out(last)]),
    ]
}

impl Env {
    /// Adds a peering connection; see [`plain_peering`].
    pub fn add_peering(&mut self, peering: Peering) -> &mut Self {
        self.ec2().peerings.add([(peering.id.clone(), peering)]);
        self
    }

    /// Edits a peering connection.
    pub fn peering(&mut self, id: &str, edit: impl FnOnce(&mut Peering)) -> &mut Self {
        change(&mut self.ec2().peerings, id, edit);
        self
    }

    /// Adds an attachment to a transit gateway; see [`plain_attachment`].
    pub fn add_transit_attachment(&mut self, attachment: TransitAttachment) -> &mut Self {
        self.ec2().transit_attachments.add([(attachment.id.clone(), attachment)]);
        self
    }

    /// Edits an attachment to a transit gateway.
    pub fn transit_attachment(&mut self, id: &str, edit: impl FnOnce(&mut TransitAttachment)) -> &mut Self {
        change(&mut self.ec2().transit_attachments, id, edit);
        self
    }

    /// Edits a network ACL; its entries are put in order again.
    pub fn network_acl(&mut self, id: &str, edit: impl FnOnce(&mut NetworkAcl)) -> &mut Self {
        change(&mut self.ec2().network_acls, id, |acl| {
            edit(acl);
            acl.entries.sort();
        });
        self
    }

    /// Removes a network ACL.
    pub fn remove_network_acl(&mut self, id: &str) -> &mut Self {
        take(&mut self.ec2().network_acls, id);
        self
    }

    /// Edits VPC Block Public Access of the Region.
    pub fn vpc_block(&mut self, edit: impl FnOnce(&mut VpcBlock)) -> &mut Self {
        edit(seen(&mut self.ec2().vpc_block, "VPC Block Public Access"));
        self
    }

    /// Adds an exclusion from it; see [`exclusion`].
    pub fn add_vpc_block_exclusion(&mut self, exclusion: VpcBlockExclusion) -> &mut Self {
        self.ec2().vpc_block_exclusions.add([(exclusion.id.clone(), exclusion)]);
        self
    }
}
