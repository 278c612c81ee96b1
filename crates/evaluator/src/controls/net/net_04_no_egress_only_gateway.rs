//! NET-04: no egress-only internet gateway and no carrier gateway is attached to the VPC.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{Why, ec2};

use crate::Control;
use crate::judge::{self, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&ec2::VPCS, &ec2::EGRESS_ONLY_GATEWAYS, &ec2::CARRIER_GATEWAYS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "NET-04",
    name: "no-egress-only-gateway",
    title: "No egress-only internet gateway and no carrier gateway is attached to the VPC.",
    area: Area::Network,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "env",
    rationale: "An egress-only gateway is the NAT gateway of IPv6, a carrier gateway that of wavelength zones: both lead out.",
    decided: "Every egress-only gateway with an attachment to the VPC counts, and every carrier gateway of the VPC that is not deleted.",
    remediation: "Delete the gateway, and drop the IPv6 block if nothing uses it.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        let ec2 = &world.regional(place)?.ec2;
        for gateway in say.listing(&ec2.egress_only_gateways) {
            for attachment in gateway.attachments.iter().filter(|at| at.vpc_id == vpc.id && at.state != "detached") {
                let state = field(
                    &ec2::EGRESS_ONLY_GATEWAYS,
                    format!("{}.Attachments[{}].State", gateway.id, vpc.id),
                    &attachment.state,
                    "not attached",
                );
                let message = format!("egress-only internet gateway `{}` is attached to `{}`", gateway.id, vpc.id);
                world.users(place, vpc, &gateway.id).broken(say, message, [state]);
            }
        }
        // A Region without wavelength zones refuses the call: there, no carrier gateway can exist.
        if ec2.carrier_gateways.gap().is_none_or(|gap| gap.why != Why::Unsupported) {
            for gateway in say.listing(&ec2.carrier_gateways) {
                if gateway.vpc_id == vpc.id && gateway.state != "deleted" {
                    say.broken(
                        format!("carrier gateway `{}` exists in `{}`", gateway.id, vpc.id),
                        [field(&ec2::CARRIER_GATEWAYS, format!("{}.State", gateway.id), &gateway.state, "none")],
                    );
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
    fn pass_trap_attached_though_the_vpc_has_no_ipv6_block() {
        check(
            &CONTROL,
            |env| {
                env.add_egress_only_gateway(VPC, "attached");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: Egress-only internet gateway `eigw-0added00000000001` is attached to `vpc-0f4a7d2c1b9e80001`; no packet gets through it today.
                  ec2:DescribeEgressOnlyInternetGateways eigw-0added00000000001.Attachments[vpc-0f4a7d2c1b9e80001].State: saw attached, wanted not attached
            "#]],
        );
    }

    #[test]
    fn a_carrier_gateway() {
        check(
            &CONTROL,
            |env| {
                env.add_carrier_gateway(VPC, "available");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: Carrier gateway `cagw-0added00000000001` exists in `vpc-0f4a7d2c1b9e80001`.
                  ec2:DescribeCarrierGateways cagw-0added00000000001.State: saw available, wanted none
            "#]],
        );
    }

    #[test]
    fn attached_elsewhere_or_gone() {
        check(
            &CONTROL,
            |env| {
                env.add_egress_only_gateway(OTHER_VPC, "attached").add_carrier_gateway(VPC, "deleted");
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_region_without_carrier_gateways() {
        check(
            &CONTROL,
            |env| {
                env.hide_with(&plumbline_snapshot::ec2::CARRIER_GATEWAYS, plumbline_snapshot::Why::Unsupported);
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }
}
