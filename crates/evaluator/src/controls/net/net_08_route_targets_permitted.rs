//! NET-08: route tables hold only permitted targets.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2::{self, Route, RouteTable};

use crate::Control;
use crate::judge::{self, Known, few, field};
use crate::place::Place;
use crate::world::World;
use crate::world::network::{inside, table_ref};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &ec2::VPCS,
        &ec2::SUBNETS,
        &ec2::ROUTE_TABLES,
        &ec2::VPC_ENDPOINTS,
        &ec2::MANAGED_PREFIX_LISTS,
        &ec2::PREFIX_LIST_ENTRIES,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "NET-08",
    name: "route-targets-permitted",
    title: "Every route table of the VPC that can carry environment traffic holds only permitted targets.",
    area: Area::Network,
    severity: Severity::Critical,
    origin: Origin::Derived,
    scope: "route table",
    rationale: "A route is what turns an attached gateway, a peering or an appliance into a way out.",
    decided: "Each route is judged by its target: local, a gateway endpoint of this VPC, or an entry of `allowed_route_targets` with the destination inside its blocks. The main table is judged even if no subnet uses it.",
    remediation: "Delete the route, or list its target with the destinations that may go there.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7(5)"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let tables = world.effective_tables(place, true);
    judge::each(
        &INFO,
        place,
        tables,
        |used| (table_ref(place, used.table), None),
        |say, used| {
            let table = used.table;
            let governs = if used.subnets.is_empty() {
                "no subnet of the environment today".to_owned()
            } else {
                few(", ", used.subnets.iter().map(|subnet| &subnet.id))
            };
            // Several routes of one table are one sentence, which says once whom they concern.
            let mut governs = Some(format!("; it governs {governs}"));
            for route in &table.routes {
                let permitted = permitted(world, place, table, route);
                let Some(false) = say.see(permitted) else { continue };
                // A blackhole route revives as soon as its target is made again.
                let severity = if route.state == "blackhole" { Severity::High } else { Severity::Critical };
                let (name, value) = target(route);
                say.broken_as(
                    severity,
                    format!(
                        "`{}` sends {} to {value} ({}){}",
                        table.id,
                        route.destination,
                        route.state,
                        governs.take().unwrap_or_default()
                    ),
                    [field(
                        &ec2::ROUTE_TABLES,
                        format!("{}.Routes[{}].{name}", table.id, route.destination),
                        value,
                        "local, a gateway endpoint, or an entry of `allowed_route_targets`",
                    )]
                    .into_iter()
                    .chain(world.way_through(place, &table.vpc_id, [&table.id, value])),
                );
            }
            for gateway in &table.propagating_vgws {
                if !place.environments.iter().any(|environment| environment.allowed_vpn_gateways.contains(gateway)) {
                    say.broken(
                        format!("`{}` takes routes from virtual private gateway `{gateway}` as they come", table.id),
                        [field(&ec2::ROUTE_TABLES, format!("{}.PropagatingVgws", table.id), gateway, "none")],
                    );
                }
            }
            Ok(())
        },
    )
}

/// Whether the route goes where the environment's traffic may go.
fn permitted<'a>(world: &World<'a>, place: &Place<'a>, table: &RouteTable, route: &Route) -> Known<'a, bool> {
    let (name, value) = target(route);
    if name == "GatewayId" && value == "local" {
        return Ok(true);
    }
    if name == "GatewayId" && value.starts_with("vpce-") {
        let endpoints = &world.regional(place)?.ec2.vpc_endpoints;
        return Ok(endpoints
            .get(value)?
            .is_some_and(|endpoint| endpoint.kind == "Gateway" && endpoint.vpc_id == table.vpc_id));
    }
    for allowed in place.environments.iter().flat_map(|environment| &environment.allowed_route_targets) {
        if allowed.target == value && inside(&world.blocks_of(place, &route.destination)?, &allowed.cidrs) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The target field that says where the packets go, and its value. An instance is named before its interface.
fn target(route: &Route) -> (&str, &str) {
    let first = route.targets.get_key_value("InstanceId").or_else(|| route.targets.iter().next());
    first.map_or(("Target", "a target of an unknown kind"), |(name, value)| (name, value))
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
    fn an_internet_gateway_in_the_main_table_that_a_subnet_inherits() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_MAIN, "0.0.0.0/0", "GatewayId", "igw-0f9e8d7c6b5a40001");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00001: `rtb-0c2e4a6b8d0f00001` sends 0.0.0.0/0 to igw-0f9e8d7c6b5a40001 (active); it governs subnet-0a1d3f5b7c9e00003.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[0.0.0.0/0].GatewayId: saw igw-0f9e8d7c6b5a40001, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn pass_trap_two_halves_of_the_internet() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "0.0.0.0/1", "NatGatewayId", "nat-1").add_route(
                    TABLE_PRIVATE,
                    "128.0.0.0/1",
                    "NatGatewayId",
                    "nat-1",
                );
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/1 to nat-1 (active); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002; `rtb-0c2e4a6b8d0f00002` sends 128.0.0.0/1 to nat-1 (active).
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/1].NatGatewayId: saw nat-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[128.0.0.0/1].NatGatewayId: saw nat-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_blackhole_revives() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "0.0.0.0/0", "NatGatewayId", "nat-gone").route(
                    TABLE_PRIVATE,
                    "0.0.0.0/0",
                    |route| route.state = "blackhole".to_owned(),
                );
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/0 to nat-gone (blackhole); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/0].NatGatewayId: saw nat-gone, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn a_nat_instance_is_named_by_the_instance() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "0.0.0.0/0", "NetworkInterfaceId", "eni-1").route(
                    TABLE_PRIVATE,
                    "0.0.0.0/0",
                    |route| drop(route.targets.insert("InstanceId".to_owned(), "i-1".to_owned())),
                );
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/0 to i-1 (active); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/0].InstanceId: saw i-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn a_peering() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "10.50.0.0/16", "VpcPeeringConnectionId", "pcx-1");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends 10.50.0.0/16 to pcx-1 (active); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[10.50.0.0/16].VpcPeeringConnectionId: saw pcx-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn an_ipv6_route_through_an_egress_only_gateway() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "::/0", "EgressOnlyInternetGatewayId", "eigw-1");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends ::/0 to eigw-1 (active); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[::/0].EgressOnlyInternetGatewayId: saw eigw-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn a_kind_of_target_that_is_not_known_here() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "0.0.0.0/0", "GatewayId", "x").route(
                    TABLE_PRIVATE,
                    "0.0.0.0/0",
                    |route| route.targets.clear(),
                );
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/0 to a target of an unknown kind (active); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/0].Target: saw a target of an unknown kind, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn the_allowed_target_for_more_than_is_allowed() {
        check(
            &CONTROL,
            |env| {
                env.prefix_list_entries(PL_SHARED, &["0.0.0.0/0"]);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends pl-0b7d9f1a3c5e00001 to tgw-0d1e2f3a4b5c60001 (active); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[pl-0b7d9f1a3c5e00001].TransitGatewayId: saw tgw-0d1e2f3a4b5c60001, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
                  hop sg-0e1f3a5c7d9b00002 egress tcp 443 to pl-0b7d9f1a3c5e00001, pl-5e1c2a70, sg-0e1f3a5c7d9b00003: lets it out of eni-0c1d3e5f7a9b00001
                  hop rtb-0c2e4a6b8d0f00002 pl-0b7d9f1a3c5e00001: sends pl-0b7d9f1a3c5e00001 to tgw-0d1e2f3a4b5c60001
                  hop acl-0a1c2e3f4b5d60001 rule 100: lets it out of subnet-0a1d3f5b7c9e00001
                  hop acl-0a1c2e3f4b5d60001 rule 90: lets it into subnet-0a1d3f5b7c9e00001
                  hop tgw-0d1e2f3a4b5c60001 beyond-transit: leads to networks that were not read
            "#]],
        );
    }

    #[test]
    fn routes_that_come_by_propagation() {
        check(
            &CONTROL,
            |env| {
                env.route_table(TABLE_PRIVATE, |table| table.propagating_vgws.push("vgw-1".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` takes routes from virtual private gateway `vgw-1` as they come.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.PropagatingVgws: saw vgw-1, wanted none
            "#]],
        );
    }

    #[test]
    fn a_gateway_load_balancer_endpoint_is_no_gateway_endpoint() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("com.amazonaws.eu-west-1.s3", |endpoint| endpoint.kind = "GatewayLoadBalancer".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00001: `rtb-0c2e4a6b8d0f00001` sends pl-5e1c2a70 to vpce-0b2c4d6e8f0a00001 (active); it governs subnet-0a1d3f5b7c9e00003.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[pl-5e1c2a70].GatewayId: saw vpce-0b2c4d6e8f0a00001, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends pl-5e1c2a70 to vpce-0b2c4d6e8f0a00001 (active); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[pl-5e1c2a70].GatewayId: saw vpce-0b2c4d6e8f0a00001, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_entries_are_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_PRIVATE, "0.0.0.0/0", "NatGatewayId", "nat-1")
                    .hide(&plumbline_snapshot::ec2::PREFIX_LIST_ENTRIES);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00002: `rtb-0c2e4a6b8d0f00002` sends 0.0.0.0/0 to nat-1 (active); it governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00002.Routes[0.0.0.0/0].NatGatewayId: saw nat-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }

    #[test]
    fn fail_trap_the_gateway_endpoint_route_names_a_prefix_list() {
        check(
            &CONTROL,
            |env| {
                env.add_route(TABLE_MAIN, PL_DYNAMODB, "GatewayId", ENDPOINT_S3);
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn the_neighbours_table_does_not_matter() {
        check(
            &CONTROL,
            |env| {
                env.add_route(OTHER_TABLE, "10.50.0.0/16", "VpcPeeringConnectionId", "pcx-1");
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_table_of_two_hundred_subnets_with_five_bad_routes_is_one_short_sentence() {
        let mut env = plumbline_testkit::known_good();
        for n in 0..200 {
            let id = format!("subnet-{n:03}");
            let block = format!("10.20.{n}.0/24");
            env.add_subnet(plumbline_snapshot::ec2::Subnet {
                tags: subnet_tags(),
                ..plain_subnet(&id, "euw1-az1", &block)
            });
        }
        for n in 0..5 {
            env.add_route(TABLE_MAIN, &format!("192.168.{n}.0/24"), "TransitGatewayId", "tgw-1");
        }
        check(
            &CONTROL,
            |edited| *edited = env,
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev rtb-0c2e4a6b8d0f00001: `rtb-0c2e4a6b8d0f00001` sends 192.168.0.0/24 to tgw-1 (active); it governs subnet-000, subnet-001, subnet-002 and 198 more; `rtb-0c2e4a6b8d0f00001` sends 192.168.1.0/24 to tgw-1 (active); `rtb-0c2e4a6b8d0f00001` sends 192.168.2.0/24 to tgw-1 (active); and 2 more.
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[192.168.0.0/24].TransitGatewayId: saw tgw-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[192.168.1.0/24].TransitGatewayId: saw tgw-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[192.168.2.0/24].TransitGatewayId: saw tgw-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[192.168.3.0/24].TransitGatewayId: saw tgw-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
                  ec2:DescribeRouteTables rtb-0c2e4a6b8d0f00001.Routes[192.168.4.0/24].TransitGatewayId: saw tgw-1, wanted local, a gateway endpoint, or an entry of `allowed_route_targets`
            "#]],
        );
    }
}
