//! VPE-08: the S3 gateway endpoint is associated with every environment route table.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, few, field, many};
use crate::place::Place;
use crate::tables::endpoints::serves;
use crate::world::World;
use crate::world::endpoints::{is_available, is_gateway};
use crate::world::network::table_ref;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&ec2::VPCS, &ec2::SUBNETS, &ec2::ROUTE_TABLES, &ec2::VPC_ENDPOINTS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "VPE-08",
    name: "s3-endpoint-on-route-tables",
    title: "The S3 gateway endpoint is associated with every environment route table.",
    area: Area::Endpoints,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "route table",
    rationale: "From a subnet whose table lacks the endpoint, S3 is out of reach, or is reached by a way that no endpoint policy guards.",
    decided: "Each route table that governs an environment subnet must be among the route tables of an available S3 gateway endpoint of the VPC. With `s3_via_interface` nothing is judged.",
    remediation: "Add the route table to the endpoint with ModifyVpcEndpoint.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-7(3)", "AC-4"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    if !place.environments.is_empty() && place.environments.iter().all(|environment| environment.s3_via_interface) {
        let subject = place.subject(place.resource(), None);
        return vec![judge::nothing(&INFO, subject, Reason::NotRequiredByBaseline)];
    }
    let s3 = format!("com.amazonaws.{}.s3", place.region);
    let tables = world.effective_tables(place, false);
    judge::each(
        &INFO,
        place,
        tables,
        |used| (table_ref(place, used.table), None),
        |say, used| {
            let table = &used.table.id;
            let endpoints = world.vpc_endpoints(place);
            let gateways: Vec<_> = endpoints
                .items
                .iter()
                .filter(|endpoint| is_gateway(endpoint) && serves(&endpoint.service_name, &s3))
                .collect();
            let evidence = gateways.iter().map(|endpoint| {
                // The table itself goes first: of a long list it is the one that proves anything.
                let (own, others): (Vec<&String>, Vec<&String>) =
                    endpoint.route_table_ids.iter().partition(|id| *id == table);
                let tables = many(", ", own.into_iter().chain(others));
                let tables = if tables.is_empty() { "none" } else { &tables };
                let saw = format!("{tables}, {}", endpoint.state);
                field(&ec2::VPC_ENDPOINTS, format!("{}.RouteTableIds", endpoint.id), saw, format!("{table}, available"))
            });
            let on = gateways.iter().any(|endpoint| is_available(endpoint) && endpoint.route_table_ids.contains(table));
            // Among what was not listed there may be an endpoint that has the table.
            endpoints.all()?;
            if on {
                evidence.for_each(|evidence| say.fact(evidence));
                return Ok(());
            }
            let subnets = few(", ", used.subnets.iter().map(|subnet| &subnet.id));
            let mut evidence: Vec<_> = evidence.collect();
            if evidence.is_empty() {
                evidence.push(field(
                    &ec2::VPC_ENDPOINTS,
                    format!("{}.VpcEndpoints[].ServiceName", used.table.vpc_id),
                    format!("no Gateway endpoint of {s3}"),
                    format!("one with {table} among its route tables"),
                ));
            }
            say.broken(
                format!("no available S3 gateway endpoint is associated with `{table}`, which governs {subnets}"),
                evidence,
            );
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2 as source;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_the_endpoint_is_there_and_one_table_lacks_it() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("s3", |endpoint| {
                    endpoint.route_table_ids.remove(TABLE_MAIN);
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev rtb-0c2e4a6b8d0f00001: No available S3 gateway endpoint is associated with `rtb-0c2e4a6b8d0f00001`, which governs subnet-0a1d3f5b7c9e00003.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.RouteTableIds: saw rtb-0c2e4a6b8d0f00002, available, wanted rtb-0c2e4a6b8d0f00001, available
            "#]],
        );
    }

    #[test]
    fn there_is_no_endpoint() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("s3");
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev rtb-0c2e4a6b8d0f00001: No available S3 gateway endpoint is associated with `rtb-0c2e4a6b8d0f00001`, which governs subnet-0a1d3f5b7c9e00003.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Gateway endpoint of com.amazonaws.eu-west-1.s3, wanted one with rtb-0c2e4a6b8d0f00001 among its route tables
                NON_COMPLIANT MEDIUM fraud-dev rtb-0c2e4a6b8d0f00002: No available S3 gateway endpoint is associated with `rtb-0c2e4a6b8d0f00002`, which governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Gateway endpoint of com.amazonaws.eu-west-1.s3, wanted one with rtb-0c2e4a6b8d0f00002 among its route tables
            "#]],
        );
    }

    #[test]
    fn the_endpoint_is_not_available() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("s3", |endpoint| endpoint.state = "failed".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev rtb-0c2e4a6b8d0f00001: No available S3 gateway endpoint is associated with `rtb-0c2e4a6b8d0f00001`, which governs subnet-0a1d3f5b7c9e00003.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.RouteTableIds: saw rtb-0c2e4a6b8d0f00001, rtb-0c2e4a6b8d0f00002, failed, wanted rtb-0c2e4a6b8d0f00001, available
                NON_COMPLIANT MEDIUM fraud-dev rtb-0c2e4a6b8d0f00002: No available S3 gateway endpoint is associated with `rtb-0c2e4a6b8d0f00002`, which governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.RouteTableIds: saw rtb-0c2e4a6b8d0f00002, rtb-0c2e4a6b8d0f00001, failed, wanted rtb-0c2e4a6b8d0f00002, available
            "#]],
        );
    }

    #[test]
    fn another_gateway_endpoint_does_not_do() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("s3", |endpoint| endpoint.service_name = "com.amazonaws.eu-west-1.dynamodb".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev rtb-0c2e4a6b8d0f00001: No available S3 gateway endpoint is associated with `rtb-0c2e4a6b8d0f00001`, which governs subnet-0a1d3f5b7c9e00003.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Gateway endpoint of com.amazonaws.eu-west-1.s3, wanted one with rtb-0c2e4a6b8d0f00001 among its route tables
                NON_COMPLIANT MEDIUM fraud-dev rtb-0c2e4a6b8d0f00002: No available S3 gateway endpoint is associated with `rtb-0c2e4a6b8d0f00002`, which governs subnet-0a1d3f5b7c9e00001, subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeVpcEndpoints vpc-0f4a7d2c1b9e80001.VpcEndpoints[].ServiceName: saw no Gateway endpoint of com.amazonaws.eu-west-1.s3, wanted one with rtb-0c2e4a6b8d0f00002 among its route tables
            "#]],
        );
    }

    #[test]
    fn fail_trap_s3_through_an_interface_endpoint() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("s3").add_to_baseline("s3_via_interface: true");
            },
            expect![[r#"
                NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev 111122223333: Nothing to judge: not required by baseline.
            "#]],
        );
    }

    #[test]
    fn a_main_table_that_no_subnet_uses_does_not_matter() {
        check(
            &CONTROL,
            |env| {
                env.remove_subnet(SUBNET_C).endpoint("s3", |endpoint| {
                    endpoint.route_table_ids.remove(TABLE_MAIN);
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_listing_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("s3").cut(&source::VPC_ENDPOINTS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev rtb-0c2e4a6b8d0f00001: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev rtb-0c2e4a6b8d0f00002: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
            "#]],
        );
    }

    #[test]
    fn a_table_of_two_hundred_subnets_names_three() {
        check(
            &CONTROL,
            |env| {
                for n in 0..200 {
                    let id = format!("subnet-{n:03}");
                    let block = format!("10.20.{n}.0/24");
                    env.add_subnet(source::Subnet { tags: subnet_tags(), ..plain_subnet(&id, "euw1-az1", &block) });
                }
                env.endpoint("s3", |endpoint| {
                    endpoint.route_table_ids = (0..200).map(|n| format!("rtb-{n:03}")).collect();
                    endpoint.route_table_ids.insert(TABLE_PRIVATE.to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev rtb-0c2e4a6b8d0f00001: No available S3 gateway endpoint is associated with `rtb-0c2e4a6b8d0f00001`, which governs subnet-000, subnet-001, subnet-002 and 198 more.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00001.RouteTableIds: saw rtb-000, rtb-001, rtb-002, rtb-003, rtb-004, rtb-005, rtb-006, rtb-007, rtb-008, rtb-009, rtb-010, rtb-011, rtb-012, rtb-013, rtb-014, rtb-015, rtb-016, rtb-017, rtb-018, rtb-019 and 181 more, available, wanted rtb-0c2e4a6b8d0f00001, available
            "#]],
        );
    }
}
