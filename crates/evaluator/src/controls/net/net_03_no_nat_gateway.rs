//! NET-03: no NAT gateway exists in the VPC.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, few, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::NAT_GATEWAYS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-03",
    name: "no-nat-gateway",
    title: "No NAT gateway exists in the VPC.",
    area: Area::Network,
    severity: Severity::Critical,
    origin: Origin::Seed,
    scope: "env",
    rationale: "A NAT gateway is the usual way for a private subnet to reach the internet.",
    decided: "Every NAT gateway of the VPC that is pending, available or deleting counts, zonal or regional; a private one only if the baseline does not allow it.",
    remediation: "Delete the gateway and reach AWS services through VPC endpoints.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        for gateway in say.listing(&world.regional(place)?.ec2.nat_gateways) {
            let gone = ["deleted", "failed"].contains(&gateway.state.as_str());
            let private = gateway.connectivity == "private";
            let allowed = private && place.environments.iter().any(|env| env.allowed_private_nat.contains(&gateway.id));
            if gateway.vpc_id != vpc.id || gone || allowed {
                continue;
            }
            let mode = gateway.availability_mode.as_deref().unwrap_or("zonal");
            let public = if gateway.public_ips.is_empty() {
                String::new()
            } else {
                format!(" at {}", few(", ", &gateway.public_ips))
            };
            let wanted = if private { "none, or listed in `allowed_private_nat`" } else { "none" };
            let users = world.users(place, vpc, &gateway.id);
            let state = field(&ec2::NAT_GATEWAYS, format!("{}.State", gateway.id), &gateway.state, wanted);
            let message =
                format!("{} {mode} NAT gateway `{}` exists in `{}`{public}", gateway.connectivity, gateway.id, vpc.id);
            users.broken(say, message, [state]);
        }
        world.owner_sees(vpc)
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2::NatGateway;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    fn nat(state: &str, connectivity: &str, subnet: Option<&str>) -> NatGateway {
        NatGateway {
            id: "nat-0new".to_owned(),
            vpc_id: VPC.to_owned(),
            subnet_id: subnet.map(str::to_owned),
            state: state.to_owned(),
            connectivity: connectivity.to_owned(),
            availability_mode: subnet.is_none().then(|| "regional".to_owned()),
            public_ips: if connectivity == "public" { vec!["203.0.113.9".to_owned()] } else { Vec::new() },
            interfaces: Some(Vec::new()),
        }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn a_public_gateway() {
        check(
            &CONTROL,
            |env| {
                env.add_nat_gateway(nat("available", "public", Some(SUBNET_A)));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-vpc-fraud-dev: Public zonal NAT gateway `nat-0new` exists in `vpc-0f4a7d2c1b9e80001` at 203.0.113.9; no packet gets through it today.
                  ec2:DescribeNatGateways nat-0new.State: saw available, wanted none
            "#]],
        );
    }

    #[test]
    fn a_gateway_that_is_being_made() {
        check(
            &CONTROL,
            |env| {
                env.add_nat_gateway(nat("pending", "public", Some(SUBNET_A)));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-vpc-fraud-dev: Public zonal NAT gateway `nat-0new` exists in `vpc-0f4a7d2c1b9e80001` at 203.0.113.9; no packet gets through it today.
                  ec2:DescribeNatGateways nat-0new.State: saw pending, wanted none
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_regional_gateway_has_no_subnet() {
        check(
            &CONTROL,
            |env| {
                env.add_nat_gateway(nat("available", "public", None));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-vpc-fraud-dev: Public regional NAT gateway `nat-0new` exists in `vpc-0f4a7d2c1b9e80001` at 203.0.113.9; no packet gets through it today.
                  ec2:DescribeNatGateways nat-0new.State: saw available, wanted none
            "#]],
        );
    }

    #[test]
    fn a_private_gateway_that_nobody_allowed() {
        check(
            &CONTROL,
            |env| {
                env.add_nat_gateway(nat("available", "private", Some(SUBNET_A)));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-vpc-fraud-dev: Private zonal NAT gateway `nat-0new` exists in `vpc-0f4a7d2c1b9e80001`; no packet gets through it today.
                  ec2:DescribeNatGateways nat-0new.State: saw available, wanted none, or listed in `allowed_private_nat`
            "#]],
        );
    }

    #[test]
    fn a_private_gateway_that_the_baseline_allows() {
        check(
            &CONTROL,
            |env| {
                env.add_nat_gateway(nat("available", "private", Some(SUBNET_A)))
                    .add_to_baseline("allowed_private_nat: [nat-0new]");
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_public_gateway_cannot_be_allowed_as_private() {
        check(
            &CONTROL,
            |env| {
                env.add_nat_gateway(nat("available", "public", Some(SUBNET_A)))
                    .add_to_baseline("allowed_private_nat: [nat-0new]");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-vpc-fraud-dev: Public zonal NAT gateway `nat-0new` exists in `vpc-0f4a7d2c1b9e80001` at 203.0.113.9; no packet gets through it today.
                  ec2:DescribeNatGateways nat-0new.State: saw available, wanted none
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_deleted_gateway_stays_listed() {
        check(
            &CONTROL,
            |env| {
                env.add_nat_gateway(nat("deleted", "public", Some(SUBNET_A)));
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }
}
