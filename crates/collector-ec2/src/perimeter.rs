//! What joins a VPC to other networks, or keeps the internet out of it, as snapshot types. Pure: no call, no judgement.

use aws_sdk_ec2::types as aws;
use plumbline_collector::Missing;
use plumbline_snapshot::ec2::{
    AclEntry, NetworkAcl, Peering, PeeringSide, TransitAttachment, VpcBlock, VpcBlockExclusion,
};

use crate::convert::{sorted, text};

/// A peering connection.
pub(crate) fn peering(item: &aws::VpcPeeringConnection) -> Option<(String, Peering)> {
    let id = text(item.vpc_peering_connection_id())?;
    let status = item.status().and_then(|status| status.code());
    let found = Peering {
        requester: side(item.requester_vpc_info()?)?,
        accepter: side(item.accepter_vpc_info()?)?,
        status: text(status.map(aws::VpcPeeringConnectionStateReasonCode::as_str))?,
        id: id.clone(),
    };
    Some((id, found))
}

fn side(item: &aws::VpcPeeringConnectionVpcInfo) -> Option<PeeringSide> {
    let ipv4 = item.cidr_block_set().iter().map(aws::CidrBlock::cidr_block);
    let ipv6 = item.ipv6_cidr_block_set().iter().map(aws::Ipv6CidrBlock::ipv6_cidr_block);
    // The first block stands apart, and in the set again.
    let mut cidrs = sorted(ipv4.chain(ipv6).chain([item.cidr_block()]).filter_map(text).collect());
    cidrs.dedup();
    Some(PeeringSide {
        owner: text(item.owner_id())?,
        vpc_id: text(item.vpc_id())?,
        region: text(item.region()),
        cidrs,
    })
}

/// The attachment of a VPC to a transit gateway.
pub(crate) fn attachment(item: &aws::TransitGatewayVpcAttachment) -> Option<(String, TransitAttachment)> {
    let id = text(item.transit_gateway_attachment_id())?;
    let found = TransitAttachment {
        gateway_id: text(item.transit_gateway_id())?,
        vpc_id: text(item.vpc_id())?,
        vpc_owner: text(item.vpc_owner_id()),
        state: text(item.state().map(aws::TransitGatewayAttachmentState::as_str))?,
        subnet_ids: item.subnet_ids().iter().cloned().collect(),
        id: id.clone(),
    };
    Some((id, found))
}

/// A network ACL.
pub(crate) fn acl(item: &aws::NetworkAcl) -> Option<(String, NetworkAcl)> {
    let id = text(item.network_acl_id())?;
    let associations = item.associations.as_deref()?;
    let found = NetworkAcl {
        vpc_id: text(item.vpc_id())?,
        is_default: item.is_default().unwrap_or(false),
        subnet_ids: associations.iter().map(|it| text(it.subnet_id())).collect::<Option<_>>()?,
        entries: sorted(item.entries.as_deref()?.iter().map(entry).collect::<Option<_>>()?),
        id: id.clone(),
    };
    Some((id, found))
}

/// An entry; one without number, action or direction would spoil the order in which the others decide.
fn entry(item: &aws::NetworkAclEntry) -> Option<AclEntry> {
    let ports = item.port_range();
    Some(AclEntry {
        egress: item.egress()?,
        number: item.rule_number()?,
        action: text(item.rule_action().map(aws::RuleAction::as_str))?,
        protocol: text(item.protocol())?,
        ipv4: text(item.cidr_block()),
        ipv6: text(item.ipv6_cidr_block()),
        from_port: ports.and_then(aws::PortRange::from),
        to_port: ports.and_then(aws::PortRange::to),
        icmp: item.icmp_type_code().map(|it| (it.r#type().unwrap_or(-1), it.code().unwrap_or(-1))),
    })
}

/// VPC Block Public Access of the Region.
pub(crate) fn block(item: Option<&aws::VpcBlockPublicAccessOptions>) -> Result<VpcBlock, Missing> {
    let item = item.ok_or(Missing("VpcBlockPublicAccessOptions"))?;
    let mode = item.internet_gateway_block_mode().map(aws::InternetGatewayBlockMode::as_str);
    let state = item.state().map(aws::VpcBlockPublicAccessState::as_str);
    Ok(VpcBlock {
        mode: text(mode).ok_or(Missing("InternetGatewayBlockMode"))?,
        state: text(state).ok_or(Missing("State"))?,
        managed_by: text(item.managed_by().map(aws::ManagedBy::as_str)),
    })
}

/// What is left out of it.
pub(crate) fn exclusion(item: &aws::VpcBlockPublicAccessExclusion) -> Option<(String, VpcBlockExclusion)> {
    let id = text(item.exclusion_id())?;
    let found = VpcBlockExclusion {
        resource_arn: text(item.resource_arn())?,
        state: text(item.state().map(aws::VpcBlockPublicAccessExclusionState::as_str))?,
        mode: text(item.internet_gateway_exclusion_mode().map(aws::InternetGatewayExclusionMode::as_str)),
        id: id.clone(),
    };
    Some((id, found))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types as aws;

    use super::{acl, attachment, block, exclusion, peering};

    fn side(vpc: &str) -> aws::VpcPeeringConnectionVpcInfo {
        let block = |cidr: &str| aws::CidrBlock::builder().cidr_block(cidr).build();
        let v6 = aws::Ipv6CidrBlock::builder().ipv6_cidr_block("2001:db8::/56").build();
        let builder = aws::VpcPeeringConnectionVpcInfo::builder().owner_id("111122223333").vpc_id(vpc);
        builder
            .cidr_block("10.1.0.0/16")
            .cidr_block_set(block("10.2.0.0/16"))
            .cidr_block_set(block("10.1.0.0/16"))
            .ipv6_cidr_block_set(v6)
            .build()
    }

    #[test]
    fn a_peering_has_both_sides_and_a_word_for_its_status() {
        let status = |code: &str| aws::VpcPeeringConnectionStateReason::builder().code(code.into()).build();
        let whole = aws::VpcPeeringConnection::builder()
            .vpc_peering_connection_id("pcx-1")
            .requester_vpc_info(side("vpc-a"))
            .accepter_vpc_info(side("vpc-b"))
            .status(status("a-newer-word"));
        let (_, found) = peering(&whole.clone().build()).unwrap();
        assert_eq!((found.requester.vpc_id.as_str(), found.accepter.vpc_id.as_str()), ("vpc-a", "vpc-b"));
        assert_eq!(found.accepter.cidrs, ["10.1.0.0/16", "10.2.0.0/16", "2001:db8::/56"]);
        assert_eq!((found.status.as_str(), found.requester.region), ("a-newer-word", None));
        for lacking in [
            whole.clone().set_accepter_vpc_info(None),
            whole.clone().set_status(None),
            whole.clone().accepter_vpc_info(aws::VpcPeeringConnectionVpcInfo::builder().vpc_id("vpc-b").build()),
        ] {
            assert_eq!(peering(&lacking.build()), None);
        }
    }

    #[test]
    fn entries_stand_in_the_order_in_which_they_decide() {
        let entry = |number: i32, egress: bool| {
            let ports = aws::PortRange::builder().from(443).to(443).build();
            let entry = aws::NetworkAclEntry::builder().rule_number(number).egress(egress).protocol("6");
            entry.rule_action(aws::RuleAction::Allow).cidr_block("10.0.0.0/8").port_range(ports)
        };
        let list = |entries: Vec<aws::NetworkAclEntry>| {
            let held = aws::NetworkAclAssociation::builder().subnet_id("subnet-a").build();
            let acl = aws::NetworkAcl::builder().network_acl_id("acl-1").vpc_id("vpc-a").associations(held);
            acl.set_entries(Some(entries))
        };
        let entries = vec![entry(100, true).build(), entry(200, false).build(), entry(9, false).build()];
        let (_, found) = acl(&list(entries).build()).unwrap();
        let order: Vec<_> = found.entries.iter().map(|entry| (entry.egress, entry.number)).collect();
        assert_eq!(order, [(false, 9), (false, 200), (true, 100)]);
        assert_eq!((found.entries[0].from_port, found.entries[0].ipv6.as_deref()), (Some(443), None));
        assert!(found.subnet_ids.contains("subnet-a") && !found.is_default);
        assert_eq!(acl(&list(vec![entry(1, false).set_rule_action(None).build()]).build()), None);
        assert_eq!(acl(&list(vec![entry(1, false).set_rule_number(None).build()]).build()), None);
        assert_eq!(acl(&list(Vec::new()).set_entries(None).build()), None);
        assert_eq!(acl(&list(Vec::new()).set_associations(None).build()), None);
    }

    #[test]
    fn an_answer_without_its_decisive_words_is_none() {
        let options = aws::VpcBlockPublicAccessOptions::builder().state("update-complete".into());
        assert_eq!(block(Some(&options.clone().build())).unwrap_err().0, "InternetGatewayBlockMode");
        let found = block(Some(&options.internet_gateway_block_mode("block-ingress".into()).build())).unwrap();
        assert_eq!((found.mode.as_str(), found.managed_by), ("block-ingress", None));
        assert_eq!(block(None).unwrap_err().0, "VpcBlockPublicAccessOptions");

        let left_out = aws::VpcBlockPublicAccessExclusion::builder().exclusion_id("vpcbpa-exclude-1");
        assert_eq!(exclusion(&left_out.clone().resource_arn("arn").build()), None);
        assert!(exclusion(&left_out.resource_arn("arn").state("create-complete".into()).build()).is_some());
        let attached = aws::TransitGatewayVpcAttachment::builder().transit_gateway_attachment_id("tgw-attach-1");
        assert_eq!(attachment(&attached.vpc_id("vpc-a").state("available".into()).build()), None);
    }
}
