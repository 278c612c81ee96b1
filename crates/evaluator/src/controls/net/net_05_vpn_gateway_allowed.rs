//! NET-05: no virtual private gateway is attached to the VPC except those the baseline allows.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, Unknown, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::VPN_GATEWAYS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-05",
    name: "vpn-gateway-allowed",
    title: "No virtual private gateway is attached to the VPC except those the baseline allows.",
    area: Area::Network,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "env",
    rationale: "With propagation, routes to another network open by themselves as soon as a connection comes up.",
    decided: "Every attachment to the VPC of a virtual private gateway that is not in `allowed_vpn_gateways` counts, connection or not.",
    remediation: "Detach the gateway, or list it in the baseline with its reason.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-7", "AC-17"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        for gateway in say.listing(&world.regional(place)?.ec2.vpn_gateways) {
            if place.environments.iter().any(|environment| environment.allowed_vpn_gateways.contains(&gateway.id)) {
                continue;
            }
            for attachment in gateway.attachments.iter().filter(|at| at.vpc_id == vpc.id) {
                match attachment.state.as_str() {
                    "attaching" | "attached" => world.users(place, vpc, &gateway.id).broken(
                        say,
                        format!("virtual private gateway `{}` is attached to `{}`", gateway.id, vpc.id),
                        [field(
                            &ec2::VPN_GATEWAYS,
                            format!("{}.VpcAttachments[{}].State", gateway.id, vpc.id),
                            &attachment.state,
                            "not attached, or listed in `allowed_vpn_gateways`",
                        )],
                    ),
                    "detaching" | "detached" => {}
                    other => say.unknown(Unknown::Because(
                        Reason::Unresolved,
                        format!(
                            "the attachment of virtual private gateway `{}` is `{other}`, a state that is not known here",
                            gateway.id
                        ),
                    )),
                }
            }
        }
        world.owner_sees(vpc)
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_attached_without_any_connection() {
        check(
            &CONTROL,
            |env| {
                env.add_vpn_gateway(VPC, "attached");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: Virtual private gateway `vgw-0added00000000001` is attached to `vpc-0f4a7d2c1b9e80001`; eni-0c1d3e5f7a9b00001 (i-0b1c2d3e4f5a60001, subnet-0a1d3f5b7c9e00001) is reached through it with tcp 9443, and one other network interface.
                  ec2:DescribeVpnGateways vgw-0added00000000001.VpcAttachments[vpc-0f4a7d2c1b9e80001].State: saw attached, wanted not attached, or listed in `allowed_vpn_gateways`
                  hop vgw-0added00000000001 vpn-in: brings it from another network
                  hop vpc-0f4a7d2c1b9e80001 local: is the VPC of the destination
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it into subnet-0a1d3f5b7c9e00001
                  hop subnet-0a1d3f5b7c9e00001 in-subnet: is the subnet of the destination
                  hop sg-0e1f3a5c7d9b00002 ingress tcp 9443 from pl-0b7d9f1a3c5e00002: lets it into eni-0c1d3e5f7a9b00001
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_detached_gateway() {
        check(
            &CONTROL,
            |env| {
                env.add_vpn_gateway(VPC, "detached");
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
                env.add_vpn_gateway(VPC, "hibernated");
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev ds-vpc-fraud-dev: The attachment of virtual private gateway `vgw-0added00000000001` is `hibernated`, a state that is not known here.
            "#]],
        );
    }

    #[test]
    fn attached_to_the_neighbour() {
        check(
            &CONTROL,
            |env| {
                env.add_vpn_gateway(OTHER_VPC, "attached");
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn an_allowed_gateway() {
        check(
            &CONTROL,
            |env| {
                env.vpn_gateway(VGW_DETACHED, |gateway| gateway.attachments[0].state = "attached".to_owned())
                    .add_to_baseline("allowed_vpn_gateways: [vgw-0c1d2e3f4a5b60001]");
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }
}
