//! NET-09: environment subnets are private.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, field};
use crate::place::Place;
use crate::world::World;
use crate::world::network::subnet_ref;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::SUBNETS, &ec2::ROUTE_TABLES], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-09",
    name: "subnet-private",
    title: "Every environment subnet is private: its effective route table has no path to an internet-capable target.",
    area: Area::Network,
    severity: Severity::Critical,
    origin: Origin::Seed,
    scope: "subnet",
    rationale: "A subnet is private by its route table, not by its name.",
    decided: "The effective table is the one associated with the subnet, else the VPC's main table. No route of it, active or blackhole, may lead to a gateway, an interface or an instance.",
    remediation: "Associate the subnet with the private route table.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-7", "AC-4(21)"] },
};

/// Target fields that lead, or may lead, to the internet.
const LEADING_OUT: [&str; 7] = [
    "NatGatewayId",
    "EgressOnlyInternetGatewayId",
    "CarrierGatewayId",
    "LocalGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "OdbNetworkArn",
];

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(
        &INFO,
        place,
        world.subnets(place),
        |subnet| (subnet_ref(subnet), None),
        |say, subnet| {
            let (table, main) = world.route_table_of(place, subnet)?;
            let by = if main { "the main table, which it inherits," } else { "its own table" };
            for route in &table.routes {
                for (name, value) in &route.targets {
                    let out =
                        LEADING_OUT.contains(&name.as_str()) || (name == "GatewayId" && value.starts_with("igw-"));
                    if out {
                        say.broken(
                            format!(
                                "`{}` is not private: {by} `{}` sends {} to {value}",
                                subnet.id, table.id, route.destination
                            ),
                            [field(
                                &ec2::ROUTE_TABLES,
                                format!("{}.Routes[{}].{name}", table.id, route.destination),
                                value,
                                "no target that leads out",
                            )]
                            .into_iter()
                            .chain(world.way_through(
                                place,
                                &subnet.vpc_id,
                                [&subnet.id, value],
                            )),
                        );
                    }
                }
            }
            Ok(())
        },
    )
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
    fn pass_trap_a_subnet_without_association_inherits_the_main_table() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_MAIN, "0.0.0.0/0", "GatewayId", "igw-1");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev subnet-0a1d3f5b7c9e00003: `subnet-0a1d3f5b7c9e00003` is not private: the main table, which it inherits, `rtb-0c2e4a6b8d0f00001` sends 0.0.0.0/0 to igw-1.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[0.0.0.0/0].GatewayId: saw igw-1, wanted no target that leads out
            "#]],
        );
    }

    #[test]
    fn its_own_table_leads_out() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "0.0.0.0/0", "NatGatewayId", "nat-1");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev subnet-0a1d3f5b7c9e00001: `subnet-0a1d3f5b7c9e00001` is not private: its own table `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/0 to nat-1.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/0].NatGatewayId: saw nat-1, wanted no target that leads out
                NON_COMPLIANT CRITICAL fraud-dev subnet-0a1d3f5b7c9e00002: `subnet-0a1d3f5b7c9e00002` is not private: its own table `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/0 to nat-1.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/0].NatGatewayId: saw nat-1, wanted no target that leads out
            "#]],
        );
    }

    #[test]
    fn a_nat_instance() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "0.0.0.0/0", "NetworkInterfaceId", "eni-1");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev subnet-0a1d3f5b7c9e00001: `subnet-0a1d3f5b7c9e00001` is not private: its own table `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/0 to eni-1.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/0].NetworkInterfaceId: saw eni-1, wanted no target that leads out
                NON_COMPLIANT CRITICAL fraud-dev subnet-0a1d3f5b7c9e00002: `subnet-0a1d3f5b7c9e00002` is not private: its own table `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/0 to eni-1.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/0].NetworkInterfaceId: saw eni-1, wanted no target that leads out
            "#]],
        );
    }

    #[test]
    fn a_blackhole_counts() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_MAIN, "::/0", "EgressOnlyInternetGatewayId", "eigw-1").route(
                    TABLE_MAIN,
                    "::/0",
                    |route| route.state = "blackhole".to_owned(),
                );
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev subnet-0a1d3f5b7c9e00003: `subnet-0a1d3f5b7c9e00003` is not private: the main table, which it inherits, `rtb-0c2e4a6b8d0f00001` sends ::/0 to eigw-1.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[::/0].EgressOnlyInternetGatewayId: saw eigw-1, wanted no target that leads out
            "#]],
        );
    }

    #[test]
    fn fail_trap_an_edge_association_is_not_the_subnets() {
        check(
            &CONTROL,
            |env| {
                env.add_route(OTHER_TABLE, "10.20.0.0/16", "NetworkInterfaceId", "eni-1").route_table(
                    OTHER_TABLE,
                    |table| {
                        table.associations.push(plumbline_snapshot::ec2::RouteTableAssociation {
                            subnet_id: None,
                            gateway_id: Some("igw-1".to_owned()),
                            main: false,
                            state: Some("associated".to_owned()),
                        })
                    },
                );
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn an_association_in_a_state_that_a_newer_api_may_send() {
        check(
            &CONTROL,
            |env| {
                env.route_table(TABLE_PRIVATE, |table| {
                    table.associations[0].state = Some("postponed".to_owned());
                    table.associations[1].state = Some("disassociated".to_owned());
                });
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved CRITICAL fraud-dev subnet-0a1d3f5b7c9e00001: An association of `rtb-0c2e4a6b8d0f00002` is `postponed`, a state that is not known here.
            "#]],
        );
    }

    #[test]
    fn a_main_table_that_was_not_listed() {
        check(
            &CONTROL,
            |env| {
                env.cut(&plumbline_snapshot::ec2::ROUTE_TABLES);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated CRITICAL fraud-dev subnet-0a1d3f5b7c9e00003: ec2:DescribeRouteTables was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeRouteTables not seen: truncated
            "#]],
        );
    }
}
