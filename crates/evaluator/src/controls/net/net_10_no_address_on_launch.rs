//! NET-10: environment subnets never assign public or IPv6 addresses on launch.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2::Subnet;
use plumbline_snapshot::{Why, ec2};

use crate::Control;
use crate::judge::{self, Known, field};
use crate::place::Place;
use crate::world::World;
use crate::world::network::{set_of, subnet_ref};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&ec2::VPCS, &ec2::SUBNETS, &ec2::EGRESS_ONLY_GATEWAYS, &ec2::CARRIER_GATEWAYS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "NET-10",
    name: "no-address-on-launch",
    title: "Environment subnets never assign public or IPv6 addresses on launch.",
    area: Area::Network,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "subnet",
    rationale: "An address assigned by default makes every new interface reachable as soon as a route exists.",
    decided: "The three launch flags must be off; IPv6 may be assigned where the baseline allows it and no egress-only gateway leads out.",
    remediation: "Turn the flag off with ModifySubnetAttribute.",
    maps: Maps { securityhub: &["EC2.15"], cis: &[], nist: &["SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(
        &INFO,
        place,
        world.subnets(place),
        |subnet| (subnet_ref(subnet), None),
        |say, subnet| {
            let mut flag = |name: &str, what: &str| {
                say.broken(
                    format!("`{}` assigns {what} on launch", subnet.id),
                    [field(&ec2::SUBNETS, format!("{}.{name}", subnet.id), "true", "false")],
                );
            };
            if subnet.map_public_ip {
                flag("MapPublicIpOnLaunch", "public IPv4 addresses");
            }
            if subnet.map_customer_owned_ip {
                flag("MapCustomerOwnedIpOnLaunch", "customer-owned addresses");
            }
            if subnet.assign_ipv6 {
                let allowed = place.environments.iter().all(|environment| environment.allow_ipv6);
                if !allowed || leads_out(world, place, subnet)? {
                    flag("AssignIpv6AddressOnCreation", "IPv6 addresses");
                }
            }
            Ok(())
        },
    )
}

/// Whether NET-04 is broken: then allowed IPv6 addresses lead out.
fn leads_out<'a>(world: &World<'a>, place: &Place<'a>, subnet: &Subnet) -> Known<'a, bool> {
    let ec2 = &world.regional(place)?.ec2;
    let egress = set_of(&ec2.egress_only_gateways)
        .any(|gateway| gateway.attachments.iter().any(|at| at.vpc_id == subnet.vpc_id && at.state != "detached"))?;
    if egress || ec2.carrier_gateways.gap().is_some_and(|gap| gap.why == Why::Unsupported) {
        return Ok(egress);
    }
    set_of(&ec2.carrier_gateways).any(|gateway| gateway.vpc_id == subnet.vpc_id && gateway.state != "deleted")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // The gateways count only where IPv6 is allowed and assigned.
        blind_but(
            &CONTROL,
            &[&plumbline_snapshot::ec2::EGRESS_ONLY_GATEWAYS, &plumbline_snapshot::ec2::CARRIER_GATEWAYS],
        );
    }

    #[test]
    fn public_addresses() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_A, |subnet| subnet.map_public_ip = true);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev subnet-0a1d3f5b7c9e00001: `subnet-0a1d3f5b7c9e00001` assigns public IPv4 addresses on launch.
                  ec2:DescribeSubnets subnet-0a1d3f5b7c9e00001.MapPublicIpOnLaunch: saw true, wanted false
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_default_subnet_added_later() {
        check(
            &CONTROL,
            |env| {
                env.add_subnet({
                    let mut subnet = plain_subnet("subnet-0late", "euw1-az1", "10.20.200.0/24");
                    subnet.map_public_ip = true;
                    subnet.tags = [("ProjectName", "fraud"), ("Tier", "private")]
                        .map(|(key, value)| (key.to_owned(), value.to_owned()))
                        .into();
                    subnet
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev subnet-0late: `subnet-0late` assigns public IPv4 addresses on launch.
                  ec2:DescribeSubnets subnet-0late.MapPublicIpOnLaunch: saw true, wanted false
            "#]],
        );
    }

    #[test]
    fn customer_owned_addresses() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_A, |subnet| subnet.map_customer_owned_ip = true);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev subnet-0a1d3f5b7c9e00001: `subnet-0a1d3f5b7c9e00001` assigns customer-owned addresses on launch.
                  ec2:DescribeSubnets subnet-0a1d3f5b7c9e00001.MapCustomerOwnedIpOnLaunch: saw true, wanted false
            "#]],
        );
    }

    #[test]
    fn ipv6_addresses() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_B, |subnet| subnet.assign_ipv6 = true);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev subnet-0a1d3f5b7c9e00002: `subnet-0a1d3f5b7c9e00002` assigns IPv6 addresses on launch.
                  ec2:DescribeSubnets subnet-0a1d3f5b7c9e00002.AssignIpv6AddressOnCreation: saw true, wanted false
            "#]],
        );
    }

    #[test]
    fn ipv6_addresses_that_are_allowed() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_B, |subnet| subnet.assign_ipv6 = true).add_to_baseline("allow_ipv6: true");
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn allowed_ipv6_with_a_way_out() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_B, |subnet| subnet.assign_ipv6 = true)
                    .add_to_baseline("allow_ipv6: true")
                    .add_egress_only_gateway(VPC, "attached");
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev subnet-0a1d3f5b7c9e00002: `subnet-0a1d3f5b7c9e00002` assigns IPv6 addresses on launch.
                  ec2:DescribeSubnets subnet-0a1d3f5b7c9e00002.AssignIpv6AddressOnCreation: saw true, wanted false
            "#]],
        );
    }

    #[test]
    fn allowed_ipv6_whose_way_out_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_B, |subnet| subnet.assign_ipv6 = true)
                    .add_to_baseline("allow_ipv6: true")
                    .hide(&plumbline_snapshot::ec2::EGRESS_ONLY_GATEWAYS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev subnet-0a1d3f5b7c9e00002: ec2:DescribeEgressOnlyInternetGateways was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeEgressOnlyInternetGateways.
                  ec2:DescribeEgressOnlyInternetGateways not seen: denied
            "#]],
        );
    }
}
