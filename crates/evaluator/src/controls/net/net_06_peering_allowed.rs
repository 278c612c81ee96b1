//! NET-06: the VPC is peered only with VPCs the baseline allows.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, Peering, PeeringSide};

use crate::Control;
use crate::judge::{self, Unknown, field, many};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::PEERINGS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-06",
    name: "peering-allowed",
    title: "The VPC is peered only with VPCs the baseline allows.",
    area: Area::Network,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "env",
    rationale: "A peered VPC is one route away from the environment, and with it whoever works there.",
    decided: "Every peering connection of the VPC counts, whichever side asked for it, while it is active, being set up or waiting to be accepted: the account and VPC of the other side must stand together in `allowed_peers`.",
    remediation: "Delete the peering connection and share what the other VPC needs through an endpoint service, or list the other side in `allowed_peers`.",
    maps: Maps { securityhub: &[], cis: &["5.5"], nist: &["AC-4", "SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        for peering in say.listing(&world.regional(place)?.ec2.peerings) {
            let Some(other) = other_side(peering, &vpc.id) else { continue };
            if is_allowed(place, other) {
                continue;
            }
            let is = match peering.status.as_str() {
                "active" => "is peered with",
                "provisioning" => "is being peered with",
                "pending-acceptance" => "is one acceptance away from being peered with",
                "initiating-request" | "deleting" | "deleted" | "rejected" | "expired" | "failed" => continue,
                status => {
                    say.unknown(Unknown::Because(
                        Reason::Unresolved,
                        format!("peering connection `{}` is `{status}`, a state that is not known here", peering.id),
                    ));
                    continue;
                }
            };
            world.users(place, vpc, &peering.id).broken(
                say,
                format!("`{}` {is} `{}` of account {} through `{}`", vpc.id, other.vpc_id, other.owner, peering.id),
                evidence(peering, other),
            );
        }
        world.owner_sees(vpc)
    })
}

/// The side that is not the VPC; none if neither is the VPC.
fn other_side<'p>(peering: &'p Peering, vpc_id: &str) -> Option<&'p PeeringSide> {
    if peering.requester.vpc_id == vpc_id {
        Some(&peering.accepter)
    } else {
        (peering.accepter.vpc_id == vpc_id).then_some(&peering.requester)
    }
}

fn is_allowed(place: &Place<'_>, other: &PeeringSide) -> bool {
    let mut allowed = place.environments.iter().flat_map(|environment| &environment.allowed_peers);
    allowed.any(|peer| peer.account.as_str() == other.owner && peer.vpc == other.vpc_id)
}

/// The state and both sides, of which `other` is the one that is not allowed.
fn evidence(peering: &Peering, other: &PeeringSide) -> [Evidence; 3] {
    let side = |name: &str, side: &PeeringSide| {
        let wanted = if std::ptr::eq(side, other) { "listed in `allowed_peers`" } else { "any" };
        field(&ec2::PEERINGS, format!("{}.{name}", peering.id), words(side), wanted)
    };
    [
        field(
            &ec2::PEERINGS,
            format!("{}.Status.Code", peering.id),
            &peering.status,
            "deleted, unless `allowed_peers` lists the other side",
        ),
        side("RequesterVpcInfo", &peering.requester),
        side("AccepterVpcInfo", &peering.accepter),
    ]
}

/// `vpc-1 of account 111122223333 in eu-west-1, 10.0.0.0/16`.
fn words(side: &PeeringSide) -> String {
    let region = side.region.as_ref().map_or_else(String::new, |region| format!(" in {region}"));
    let blocks = if side.cidrs.is_empty() { String::new() } else { format!(", {}", many(", ", &side.cidrs)) };
    format!("{} of account {}{region}{blocks}", side.vpc_id, side.owner)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2 as source;
    use plumbline_snapshot::ec2::PeeringSide;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    /// A VPC of another account.
    fn stranger() -> PeeringSide {
        PeeringSide {
            owner: "999999999999".to_owned(),
            vpc_id: "vpc-0theirs".to_owned(),
            region: Some("us-east-1".to_owned()),
            cidrs: vec!["10.50.0.0/16".to_owned(), "2001:db8:50::/56".to_owned()],
        }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_the_vpc_accepted() {
        check(
            &CONTROL,
            |env| {
                env.add_peering(plain_peering("pcx-0added", OTHER_VPC));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is peered with `vpc-0f4a7d2c1b9e80002` of account 111122223333 through `pcx-0added`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) is reached through it with tcp 9443, and one other network interface.
                  ec2:DescribeVpcPeeringConnections pcx-0added.Status.Code: saw active, wanted deleted, unless `allowed_peers` lists the other side
                  ec2:DescribeVpcPeeringConnections pcx-0added.RequesterVpcInfo: saw vpc-0f4a7d2c1b9e80002 of account 111122223333 in eu-west-1, 10.77.0.0/16, wanted listed in `allowed_peers`
                  ec2:DescribeVpcPeeringConnections pcx-0added.AccepterVpcInfo: saw vpc-0f4a7d2c1b9e80001 of account 111122223333 in eu-west-1, 10.20.0.0/16, 100.64.0.0/20, wanted any
                  hop pcx-0added peering: carries it to the other VPC
                  hop vpc-0f4a7d2c1b9e80001 local: is the VPC of the destination
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it into subnet-0a1d3f5b7c9e00001
                  hop subnet-0a1d3f5b7c9e00001 in-subnet: is the subnet of the destination
                  hop sg-0e1f3a5c7d9b00002 ingress tcp 9443 from pl-0b7d9f1a3c5e00002: lets it into eni-0c1d3e5f7a9b00001
            "#]],
        );
    }

    #[test]
    fn who_gets_through_is_not_seen_where_rules_divide_packets_too_often() {
        check(
            &CONTROL,
            |env| {
                env.add_peering(plain_peering("pcx-0added", OTHER_VPC));
                // Neither blocks nor ports are side by side: 40,000 boxes.
                for port in 0..200 {
                    let blocks = (0..200).map(|at| format!("10.77.{}.{}/32", at / 100, at % 100 * 2));
                    let rule = blocks.fold(tcp(port * 2 + 1), |rule, block| with_cidr(rule, &block));
                    env.add_ingress(SG_WORKLOAD, rule);
                }
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is peered with `vpc-0f4a7d2c1b9e80002` of account 111122223333 through `pcx-0added`; whether anything gets through it was not seen.
                  ec2:DescribeVpcPeeringConnections pcx-0added.Status.Code: saw active, wanted deleted, unless `allowed_peers` lists the other side
                  ec2:DescribeVpcPeeringConnections pcx-0added.RequesterVpcInfo: saw vpc-0f4a7d2c1b9e80002 of account 111122223333 in eu-west-1, 10.77.0.0/16, wanted listed in `allowed_peers`
                  ec2:DescribeVpcPeeringConnections pcx-0added.AccepterVpcInfo: saw vpc-0f4a7d2c1b9e80001 of account 111122223333 in eu-west-1, 10.20.0.0/16, 100.64.0.0/20, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_vpc_asked_an_account_of_strangers() {
        check(
            &CONTROL,
            |env| {
                let mut peering = plain_peering("pcx-0added", "");
                (peering.requester, peering.accepter) = (peering.accepter, stranger());
                env.add_peering(peering);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is peered with `vpc-0theirs` of account 999999999999 through `pcx-0added`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) is reached through it with tcp 9443, and one other network interface.
                  ec2:DescribeVpcPeeringConnections pcx-0added.Status.Code: saw active, wanted deleted, unless `allowed_peers` lists the other side
                  ec2:DescribeVpcPeeringConnections pcx-0added.RequesterVpcInfo: saw vpc-0f4a7d2c1b9e80001 of account 111122223333 in eu-west-1, 10.20.0.0/16, 100.64.0.0/20, wanted any
                  ec2:DescribeVpcPeeringConnections pcx-0added.AccepterVpcInfo: saw vpc-0theirs of account 999999999999 in us-east-1, 10.50.0.0/16, 2001:db8:50::/56, wanted listed in `allowed_peers`
                  hop pcx-0added peering: carries it to the other VPC
                  hop vpc-0f4a7d2c1b9e80001 local: is the VPC of the destination
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it into subnet-0a1d3f5b7c9e00001
                  hop subnet-0a1d3f5b7c9e00001 in-subnet: is the subnet of the destination
                  hop sg-0e1f3a5c7d9b00002 ingress tcp 9443 from pl-0b7d9f1a3c5e00002: lets it into eni-0c1d3e5f7a9b00001
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_request_is_one_click_from_active() {
        check(
            &CONTROL,
            |env| {
                let mut peering = plain_peering("pcx-0added", "");
                peering.status = "pending-acceptance".to_owned();
                peering.requester = PeeringSide { region: None, cidrs: Vec::new(), ..stranger() };
                env.add_peering(peering);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is one acceptance away from being peered with `vpc-0theirs` of account 999999999999 through `pcx-0added`; no packet gets through it today.
                  ec2:DescribeVpcPeeringConnections pcx-0added.Status.Code: saw pending-acceptance, wanted deleted, unless `allowed_peers` lists the other side
                  ec2:DescribeVpcPeeringConnections pcx-0added.RequesterVpcInfo: saw vpc-0theirs of account 999999999999, wanted listed in `allowed_peers`
                  ec2:DescribeVpcPeeringConnections pcx-0added.AccepterVpcInfo: saw vpc-0f4a7d2c1b9e80001 of account 111122223333 in eu-west-1, 10.20.0.0/16, 100.64.0.0/20, wanted any
            "#]],
        );
    }

    #[test]
    fn a_peering_that_is_being_set_up() {
        check(
            &CONTROL,
            |env| {
                env.peering(PEERING_REJECTED, |peering| peering.status = "provisioning".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is being peered with `vpc-0f4a7d2c1b9e80002` of account 111122223333 through `pcx-0e1d2c3b4a5960001`; no packet gets through it today.
                  ec2:DescribeVpcPeeringConnections pcx-0e1d2c3b4a5960001.Status.Code: saw provisioning, wanted deleted, unless `allowed_peers` lists the other side
                  ec2:DescribeVpcPeeringConnections pcx-0e1d2c3b4a5960001.RequesterVpcInfo: saw vpc-0f4a7d2c1b9e80002 of account 111122223333 in eu-west-1, 10.77.0.0/16, wanted listed in `allowed_peers`
                  ec2:DescribeVpcPeeringConnections pcx-0e1d2c3b4a5960001.AccepterVpcInfo: saw vpc-0f4a7d2c1b9e80001 of account 111122223333 in eu-west-1, 10.20.0.0/16, 100.64.0.0/20, wanted any
            "#]],
        );
    }

    #[test]
    fn fail_trap_what_is_over_remains_listed() {
        check(
            &CONTROL,
            |env| {
                for (n, status) in ["deleted", "deleting", "expired", "failed", "rejected"].iter().enumerate() {
                    let mut peering = plain_peering(&format!("pcx-{n}"), OTHER_VPC);
                    peering.status = (*status).to_owned();
                    env.add_peering(peering);
                }
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn an_allowed_peer_and_its_twin_in_another_account() {
        check(
            &CONTROL,
            |env| {
                let mut twin = plain_peering("pcx-0twin", OTHER_VPC);
                twin.requester.owner = "999999999999".to_owned();
                env.add_peering(plain_peering("pcx-0added", OTHER_VPC))
                    .add_peering(twin)
                    .add_to_baseline(&format!("allowed_peers: [{{account: \"111122223333\", vpc: {OTHER_VPC}}}]"));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is peered with `vpc-0f4a7d2c1b9e80002` of account 999999999999 through `pcx-0twin`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) is reached through it with tcp 9443, and one other network interface.
                  ec2:DescribeVpcPeeringConnections pcx-0twin.Status.Code: saw active, wanted deleted, unless `allowed_peers` lists the other side
                  ec2:DescribeVpcPeeringConnections pcx-0twin.RequesterVpcInfo: saw vpc-0f4a7d2c1b9e80002 of account 999999999999 in eu-west-1, 10.77.0.0/16, wanted listed in `allowed_peers`
                  ec2:DescribeVpcPeeringConnections pcx-0twin.AccepterVpcInfo: saw vpc-0f4a7d2c1b9e80001 of account 111122223333 in eu-west-1, 10.20.0.0/16, 100.64.0.0/20, wanted any
                  hop pcx-0twin peering: carries it to the other VPC
                  hop vpc-0f4a7d2c1b9e80001 local: is the VPC of the destination
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it into subnet-0a1d3f5b7c9e00001
                  hop subnet-0a1d3f5b7c9e00001 in-subnet: is the subnet of the destination
                  hop sg-0e1f3a5c7d9b00002 ingress tcp 9443 from pl-0b7d9f1a3c5e00002: lets it into eni-0c1d3e5f7a9b00001
            "#]],
        );
    }

    #[test]
    fn another_vpc_of_an_allowed_account() {
        check(
            &CONTROL,
            |env| {
                env.add_peering(plain_peering("pcx-0added", OTHER_VPC))
                    .add_to_baseline("allowed_peers: [{account: \"111122223333\", vpc: vpc-0shared}]");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is peered with `vpc-0f4a7d2c1b9e80002` of account 111122223333 through `pcx-0added`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) is reached through it with tcp 9443, and one other network interface.
                  ec2:DescribeVpcPeeringConnections pcx-0added.Status.Code: saw active, wanted deleted, unless `allowed_peers` lists the other side
                  ec2:DescribeVpcPeeringConnections pcx-0added.RequesterVpcInfo: saw vpc-0f4a7d2c1b9e80002 of account 111122223333 in eu-west-1, 10.77.0.0/16, wanted listed in `allowed_peers`
                  ec2:DescribeVpcPeeringConnections pcx-0added.AccepterVpcInfo: saw vpc-0f4a7d2c1b9e80001 of account 111122223333 in eu-west-1, 10.20.0.0/16, 100.64.0.0/20, wanted any
                  hop pcx-0added peering: carries it to the other VPC
                  hop vpc-0f4a7d2c1b9e80001 local: is the VPC of the destination
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it into subnet-0a1d3f5b7c9e00001
                  hop subnet-0a1d3f5b7c9e00001 in-subnet: is the subnet of the destination
                  hop sg-0e1f3a5c7d9b00002 ingress tcp 9443 from pl-0b7d9f1a3c5e00002: lets it into eni-0c1d3e5f7a9b00001
            "#]],
        );
    }

    #[test]
    fn a_peering_of_other_vpcs() {
        check(
            &CONTROL,
            |env| {
                let mut peering = plain_peering("pcx-0added", OTHER_VPC);
                peering.accepter = stranger();
                env.add_peering(peering);
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
                env.peering(PEERING_REJECTED, |peering| peering.status = "hibernated".to_owned());
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev ds-vpc-fraud-dev: Peering connection `pcx-0e1d2c3b4a5960001` is `hibernated`, a state that is not known here.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_in_a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.add_peering(plain_peering("pcx-0added", OTHER_VPC)).cut(&source::PEERINGS);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is peered with `vpc-0f4a7d2c1b9e80002` of account 111122223333 through `pcx-0added`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) is reached through it with tcp 9443, and one other network interface.
                  ec2:DescribeVpcPeeringConnections pcx-0added.Status.Code: saw active, wanted deleted, unless `allowed_peers` lists the other side
                  ec2:DescribeVpcPeeringConnections pcx-0added.RequesterVpcInfo: saw vpc-0f4a7d2c1b9e80002 of account 111122223333 in eu-west-1, 10.77.0.0/16, wanted listed in `allowed_peers`
                  ec2:DescribeVpcPeeringConnections pcx-0added.AccepterVpcInfo: saw vpc-0f4a7d2c1b9e80001 of account 111122223333 in eu-west-1, 10.20.0.0/16, 100.64.0.0/20, wanted any
                  hop pcx-0added peering: carries it to the other VPC
                  hop vpc-0f4a7d2c1b9e80001 local: is the VPC of the destination
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it into subnet-0a1d3f5b7c9e00001
                  hop subnet-0a1d3f5b7c9e00001 in-subnet: is the subnet of the destination
                  hop sg-0e1f3a5c7d9b00002 ingress tcp 9443 from pl-0b7d9f1a3c5e00002: lets it into eni-0c1d3e5f7a9b00001
            "#]],
        );
    }

    #[test]
    fn no_peering_in_a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.cut(&source::PEERINGS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev ds-vpc-fraud-dev: ec2:DescribeVpcPeeringConnections was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcPeeringConnections not seen: truncated
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
