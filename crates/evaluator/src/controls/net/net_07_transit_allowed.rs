//! NET-07: no transit gateway or Cloud WAN attachment joins the VPC except those allowed.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, RouteTable, TransitAttachment, Vpc};

use crate::Control;
use crate::judge::{self, Say, Unknown, field, many};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&ec2::VPCS, &ec2::TRANSIT_ATTACHMENTS, &ec2::ROUTE_TABLES],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "NET-07",
    name: "transit-allowed",
    title: "No transit gateway or Cloud WAN attachment joins the VPC except those allowed.",
    area: Area::Network,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "env",
    rationale: "A transit gateway or core network joins the VPC to every network that is attached to it, today and later.",
    decided: "Every attachment of the VPC to a transit gateway counts that is in use, being made or waiting to be accepted, and every route of its route tables to a core network: the gateway must stand in `allowed_transit_gateways`, the core network in `allowed_core_networks`.",
    remediation: "Delete the attachment, or list its gateway or core network in the baseline and restrict the routes to it (NET-08).",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        let ec2 = &world.regional(place)?.ec2;
        for attachment in say.listing(&ec2.transit_attachments).filter(|attachment| attachment.vpc_id == vpc.id) {
            look_at_attachment(world, place, vpc, attachment, say);
        }
        for table in say.listing(&ec2.route_tables).filter(|table| table.vpc_id == vpc.id) {
            look_at_routes(place, vpc, table, say);
        }
        world.owner_sees(vpc)
    })
}

fn look_at_attachment<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    vpc: &'a Vpc,
    attachment: &TransitAttachment,
    say: &mut Say<'a>,
) {
    let TransitAttachment { id, gateway_id, state, .. } = attachment;
    if place.environments.iter().any(|environment| environment.allowed_transit_gateways.contains(gateway_id)) {
        return;
    }
    let is = match state.as_str() {
        "available" | "modifying" | "rollingBack" => "is attached to",
        "initiating" | "initiatingRequest" | "pending" => "is being attached to",
        "pendingAcceptance" => "is one acceptance away from being attached to",
        "deleting" | "deleted" | "failing" | "failed" | "rejecting" | "rejected" => return,
        other => {
            say.unknown(Unknown::Because(
                Reason::Unresolved,
                format!("transit gateway attachment `{id}` is `{other}`, a state that is not known here"),
            ));
            return;
        }
    };
    let evidence =
        |name: &str, saw: &str, wanted: &str| field(&ec2::TRANSIT_ATTACHMENTS, format!("{id}.{name}"), saw, wanted);
    let subnets = many(", ", &attachment.subnet_ids);
    world.users(place, vpc, gateway_id).broken(
        say,
        format!("`{}` {is} transit gateway `{gateway_id}` through `{id}`", vpc.id),
        [
            evidence("TransitGatewayId", gateway_id, "listed in `allowed_transit_gateways`"),
            evidence("State", state, "deleted, unless the gateway is listed"),
            evidence("SubnetIds", if subnets.is_empty() { "none" } else { &subnets }, "any"),
        ],
    );
}

fn look_at_routes(place: &Place<'_>, vpc: &Vpc, table: &RouteTable, say: &mut Say<'_>) {
    for route in &table.routes {
        let Some(network) = route.targets.get("CoreNetworkArn") else { continue };
        if place.environments.iter().any(|environment| environment.allowed_core_networks.contains(network)) {
            continue;
        }
        say.broken(
            format!("`{}` of `{}` sends {} to core network `{network}`", table.id, vpc.id, route.destination),
            [field(
                &ec2::ROUTE_TABLES,
                format!("{}.Routes[{}].CoreNetworkArn", table.id, route.destination),
                network,
                "listed in `allowed_core_networks`",
            )],
        );
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2 as source;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    const CORE_NETWORK: &str = "arn:aws:networkmanager::111122223333:core-network/core-network-0a1b2c3d4e5f67890";

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_a_gateway_of_another_account_shows_as_an_attachment_alone() {
        check(
            &CONTROL,
            |env| {
                env.add_transit_attachment(plain_attachment("tgw-attach-0added", "tgw-0theirs"));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is attached to transit gateway `tgw-0theirs` through `tgw-attach-0added`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) is reached through it with tcp 9443, and one other network interface.
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0added.TransitGatewayId: saw tgw-0theirs, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0added.State: saw available, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0added.SubnetIds: saw subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, wanted any
                  hop tgw-0theirs transit: brings it from another network
                  hop rtb-0c2e4a6b8d0f00002 10.20.0.0/16: sends 10.20.0.0/16 to the VPC itself
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it out of subnet-0a1d3f5b7c9e00002
                  hop vpc-0f4a7d2c1b9e80001 local: is the VPC of the destination
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it into subnet-0a1d3f5b7c9e00001
                  hop subnet-0a1d3f5b7c9e00001 in-subnet: is the subnet of the destination
                  hop sg-0e1f3a5c7d9b00002 ingress tcp 9443 from pl-0b7d9f1a3c5e00002: lets it into eni-0c1d3e5f7a9b00001
            "#]],
        );
    }

    #[test]
    fn the_gateway_is_no_longer_allowed() {
        check(
            &CONTROL,
            |env| {
                env.baseline = env.baseline.replace("allowed_transit_gateways: [", "allowed_transit_gateways: [] #");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is attached to transit gateway `tgw-0d1e2f3a4b5c60001` through `tgw-attach-0f1e2d3c4b5a60001`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) gets out through it with tcp 443, and one other network interface.
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0f1e2d3c4b5a60001.TransitGatewayId: saw tgw-0d1e2f3a4b5c60001, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0f1e2d3c4b5a60001.State: saw available, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0f1e2d3c4b5a60001.SubnetIds: saw subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, wanted any
                  hop sg-0e1f3a5c7d9b00002 egress tcp 443 to pl-0b7d9f1a3c5e00001, pl-5e1c2a70, sg-0e1f3a5c7d9b00003: lets it out of eni-0c1d3e5f7a9b00001
                  hop rtb-0c2e4a6b8d0f00002 pl-0b7d9f1a3c5e00001: sends pl-0b7d9f1a3c5e00001 to tgw-0d1e2f3a4b5c60001
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it out of subnet-0a1d3f5b7c9e00001
                  hop acl-0a1c2e3f4b5d60001 rule 90: lets it into subnet-0a1d3f5b7c9e00001
                  hop tgw-0d1e2f3a4b5c60001 beyond-transit: leads to networks that were not read
            "#]],
        );
    }

    #[test]
    fn every_state_of_an_attachment_that_joins_or_will() {
        check(
            &CONTROL,
            |env| {
                let joined = ["initiating", "initiatingRequest", "pendingAcceptance", "pending", "modifying"];
                for (n, state) in joined.iter().chain(&["rollingBack"]).enumerate() {
                    let mut attachment = plain_attachment(&format!("tgw-attach-{n}"), "tgw-0theirs");
                    attachment.state = (*state).to_owned();
                    attachment.subnet_ids.clear();
                    env.add_transit_attachment(attachment);
                }
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is being attached to transit gateway `tgw-0theirs` through `tgw-attach-0`; no packet gets through it today; `vpc-0f4a7d2c1b9e80001` is being attached to transit gateway `tgw-0theirs` through `tgw-attach-1`; no packet gets through it today; `vpc-0f4a7d2c1b9e80001` is one acceptance away from being attached to transit gateway `tgw-0theirs` through `tgw-attach-2`; no packet gets through it today; and 3 more.
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0.TransitGatewayId: saw tgw-0theirs, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0.State: saw initiating, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0.SubnetIds: saw none, wanted any
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-1.TransitGatewayId: saw tgw-0theirs, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-1.State: saw initiatingRequest, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-1.SubnetIds: saw none, wanted any
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-2.TransitGatewayId: saw tgw-0theirs, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-2.State: saw pendingAcceptance, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-2.SubnetIds: saw none, wanted any
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-3.TransitGatewayId: saw tgw-0theirs, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-3.State: saw pending, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-3.SubnetIds: saw none, wanted any
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-4.TransitGatewayId: saw tgw-0theirs, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-4.State: saw modifying, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-4.SubnetIds: saw none, wanted any
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-5.TransitGatewayId: saw tgw-0theirs, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-5.State: saw rollingBack, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-5.SubnetIds: saw none, wanted any
            "#]],
        );
    }

    #[test]
    fn fail_trap_what_is_over_remains_listed() {
        check(
            &CONTROL,
            |env| {
                let over = ["deleting", "deleted", "failing", "failed", "rejecting", "rejected"];
                for (n, state) in over.iter().enumerate() {
                    let mut attachment = plain_attachment(&format!("tgw-attach-{n}"), "tgw-0theirs");
                    attachment.state = (*state).to_owned();
                    env.add_transit_attachment(attachment);
                }
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_state_that_a_newer_api_may_send() {
        check(
            &CONTROL,
            |env| {
                let mut attachment = plain_attachment("tgw-attach-0added", "tgw-0theirs");
                attachment.state = "hibernated".to_owned();
                env.add_transit_attachment(attachment);
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev ds-vpc-fraud-dev: Transit gateway attachment `tgw-attach-0added` is `hibernated`, a state that is not known here.
            "#]],
        );
    }

    #[test]
    fn an_attachment_of_the_neighbour() {
        check(
            &CONTROL,
            |env| {
                let mut attachment = plain_attachment("tgw-attach-0added", "tgw-0theirs");
                attachment.vpc_id = OTHER_VPC.to_owned();
                env.add_transit_attachment(attachment).add_route(
                    OTHER_TABLE,
                    "10.0.0.0/8",
                    "CoreNetworkArn",
                    CORE_NETWORK,
                );
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_route_to_a_core_network() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_MAIN, "10.0.0.0/8", "CoreNetworkArn", CORE_NETWORK)
                    .add_route(TABLE_MAIN, "192.168.0.0/16", "CoreNetworkArn", CORE_NETWORK)
                    .route(TABLE_MAIN, "192.168.0.0/16", |route| route.state = "blackhole".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `rtb-0c2e4a6b8d0f00001` of `vpc-0f4a7d2c1b9e80001` sends 10.0.0.0/8 to core network `arn:aws:networkmanager::111122223333:core-network/core-network-0a1b2c3d4e5f67890`; `rtb-0c2e4a6b8d0f00001` of `vpc-0f4a7d2c1b9e80001` sends 192.168.0.0/16 to core network `arn:aws:networkmanager::111122223333:core-network/core-network-0a1b2c3d4e5f67890`.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[10.0.0.0/8].CoreNetworkArn: saw arn:aws:networkmanager::111122223333:core-network/core-network-0a1b2c3d4e5f67890, wanted listed in `allowed_core_networks`
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[192.168.0.0/16].CoreNetworkArn: saw arn:aws:networkmanager::111122223333:core-network/core-network-0a1b2c3d4e5f67890, wanted listed in `allowed_core_networks`
            "#]],
        );
    }

    #[test]
    fn a_route_to_an_allowed_core_network() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_MAIN, "10.0.0.0/8", "CoreNetworkArn", CORE_NETWORK)
                    .add_to_baseline(&format!("allowed_core_networks: [\"{CORE_NETWORK}\"]"));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn an_attachment_stands_though_no_route_table_was_seen() {
        check(
            &CONTROL,
            |env| {
                env.add_transit_attachment(plain_attachment("tgw-attach-0added", "tgw-0theirs"))
                    .hide(&source::ROUTE_TABLES);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is attached to transit gateway `tgw-0theirs` through `tgw-attach-0added`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) is reached through it with tcp 9443, and one other network interface.
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0added.TransitGatewayId: saw tgw-0theirs, wanted listed in `allowed_transit_gateways`
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0added.State: saw available, wanted deleted, unless the gateway is listed
                  ec2:DescribeTransitGatewayVpcAttachments tgw-attach-0added.SubnetIds: saw subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002, wanted any
                  hop tgw-0theirs transit: brings it from another network
                  hop subnet-0a1d3f5b7c9e00001 same-subnet: the destination is in the same subnet, where neither routes nor network ACLs count
                  hop vpc-0f4a7d2c1b9e80001 local: is the VPC of the destination
                  hop subnet-0a1d3f5b7c9e00001 in-subnet: is the subnet of the destination
                  hop sg-0e1f3a5c7d9b00002 ingress tcp 9443 from pl-0b7d9f1a3c5e00002: lets it into eni-0c1d3e5f7a9b00001
            "#]],
        );
    }

    #[test]
    fn listings_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.cut(&source::TRANSIT_ATTACHMENTS).cut(&source::ROUTE_TABLES);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev: ec2:DescribeTransitGatewayVpcAttachments was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeTransitGatewayVpcAttachments not seen: truncated
                  ec2:DescribeRouteTables not seen: truncated
            "#]],
        );
    }

    #[test]
    fn a_participant_of_a_shared_vpc_does_not_see_them() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| vpc.owner = "999999999999".to_owned());
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
            "#]],
        );
    }
}
