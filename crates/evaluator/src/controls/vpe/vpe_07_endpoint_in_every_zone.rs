//! VPE-07: each interface endpoint has a network interface in every zone the environment uses.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, VpcEndpoint};

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, few, field, many};
use crate::place::Place;
use crate::tables::endpoints::serves;
use crate::world::World;
use crate::world::endpoints::{endpoint_ref, is_gateway, is_interface};

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::SUBNETS, &ec2::VPC_ENDPOINTS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "VPE-07",
    name: "endpoint-in-every-zone",
    title: "Each interface endpoint has a network interface in every zone the environment uses.",
    area: Area::Endpoints,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "endpoint",
    rationale: "Where one zone serves the others, its failure takes the service away from all, and people look for a way around.",
    decided: "The zones of an interface endpoint's subnets must hold every zone that has an environment subnet, but for those that `endpoint_az_gaps` says the service does not offer. Gateway endpoints have no zones.",
    remediation: "Add a subnet of the missing zone to the endpoint with ModifyVpcEndpoint, or list a zone that the service does not offer in `endpoint_az_gaps`.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["CP-10", "SC-36"] },
};

/// Zones by their ids, each with subnets that lie in it.
type Zones<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let endpoints = world
        .vpc_endpoints(place)
        .filter_map(|endpoint| (is_interface(endpoint) || is_gateway(endpoint)).then_some(endpoint));
    judge::each(
        &INFO,
        place,
        endpoints,
        |endpoint| (endpoint_ref(place, endpoint), None),
        |say, endpoint| {
            if is_gateway(endpoint) {
                say.not_applicable(
                    Reason::UnsupportedByService,
                    format!("`{}` is a gateway endpoint, which has no network interfaces", endpoint.id),
                );
                return Ok(());
            }
            look(world, place, endpoint, say)
        },
    )
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, endpoint: &'a VpcEndpoint, say: &mut Say<'a>) -> Known<'a, ()> {
    let mut wanted = Zones::new();
    for subnet in say.set(world.subnets(place)) {
        wanted.entry(&subnet.zone_id).or_default().push(&subnet.id);
    }
    if wanted.is_empty() {
        say.not_applicable(Reason::NoResources, "the environment has no subnet in any zone");
        return Ok(());
    }
    let (served, doubt) = served(world, place, endpoint)?;
    let gaps = gaps_of(place, endpoint);
    let absent = wanted.keys().copied().filter(|zone| !served.contains_key(zone));
    let (spared, missing): (Vec<&str>, Vec<&str>) = absent.partition(|zone| gaps.contains(zone));
    let told = many("; ", served.iter().map(|(zone, subnets)| format!("{zone}: {}", many(", ", subnets))));
    let evidence = field(
        &ec2::VPC_ENDPOINTS,
        format!("{}.SubnetIds", endpoint.id),
        if told.is_empty() { "none" } else { &told },
        format!("a subnet in each of {}", many(", ", wanted.keys().filter(|zone| !spared.contains(zone)))),
    );
    match (missing.is_empty(), doubt) {
        // A subnet of which nothing is known may lie in the zone that is missing.
        (false, Some(doubt)) => say.unknown(doubt),
        (false, None) => {
            let zones = wanted.iter().filter(|(zone, _)| missing.contains(zone));
            let zones =
                zones.map(|(zone, subnets)| format!("{zone}, where the environment has {}", few(", ", subnets)));
            let zones = few("; nor in ", zones);
            say.broken(
                format!("`{}` for `{}` has no network interface in {zones}", endpoint.id, endpoint.service_name),
                [evidence],
            );
        }
        (true, _) if spared.len() < wanted.len() => {
            say.holds();
            say.fact(evidence);
        }
        (true, _) => say.not_applicable(
            Reason::UnsupportedByService,
            format!("`{}` is not offered in {}, says `endpoint_az_gaps`", endpoint.service_name, many(", ", &spared)),
        ),
    }
    Ok(())
}

/// The zones of an endpoint's subnets; and why there may be more, where a subnet was not seen.
fn served<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    endpoint: &'a VpcEndpoint,
) -> Known<'a, (Zones<'a>, Option<Unknown<'a>>)> {
    let subnets = &world.regional(place)?.ec2.subnets;
    let (mut zones, mut doubt) = (Zones::new(), None);
    for id in &endpoint.subnet_ids {
        match subnets.get(id) {
            Ok(Some(subnet)) => zones.entry(&subnet.zone_id).or_default().push(id),
            Ok(None) => {
                let text = format!("subnet `{id}` of `{}` is not listed", endpoint.id);
                doubt = doubt.or(Some(Unknown::Because(Reason::Unresolved, text)));
            }
            Err(gap) => doubt = doubt.or(Some(Unknown::Gap(gap))),
        }
    }
    Ok((zones, doubt))
}

/// The zones in which the baseline says that the endpoint's service is not offered.
fn gaps_of<'a>(place: &Place<'a>, endpoint: &VpcEndpoint) -> BTreeSet<&'a str> {
    let gaps = place.environments.iter().flat_map(|environment| &environment.endpoint_az_gaps);
    gaps.filter(|gap| serves(&endpoint.service_name, &gap.service)).map(|gap| gap.zone_id.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2 as source;
    use plumbline_snapshot::ec2::Subnet;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean_or_idle};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean_or_idle(
            &CONTROL,
            expect![[r#"
            NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: `vpce-0b2c4d6e8f0a00001` is a gateway endpoint, which has no network interfaces.
        "#]],
        );
        blind(&CONTROL);
    }

    #[test]
    fn a_zone_is_missing() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| {
                    endpoint.subnet_ids.remove(SUBNET_B);
                });
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: `vpce-0b2c4d6e8f0a00001` is a gateway endpoint, which has no network interfaces.
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` has no network interface in euw1-az2, where the environment has subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.SubnetIds: saw euw1-az1: subnet-0a1d3f5b7c9e00001; euw1-az3: subnet-0a1d3f5b7c9e00003, wanted a subnet in each of euw1-az1, euw1-az2, euw1-az3
            "#]],
        );
    }

    #[test]
    fn two_zones_are_missing_and_all() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.subnet_ids = [SUBNET_C.to_owned()].into())
                    .endpoint("logs", |endpoint| endpoint.subnet_ids.clear());
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: `vpce-0b2c4d6e8f0a00001` is a gateway endpoint, which has no network interfaces.
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` has no network interface in euw1-az1, where the environment has subnet-0a1d3f5b7c9e00001; nor in euw1-az2, where the environment has subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.SubnetIds: saw euw1-az3: subnet-0a1d3f5b7c9e00003, wanted a subnet in each of euw1-az1, euw1-az2, euw1-az3
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00005: `vpce-0b2c4d6e8f0a00005` for `com.amazonaws.eu-west-1.logs` has no network interface in euw1-az1, where the environment has subnet-0a1d3f5b7c9e00001; nor in euw1-az2, where the environment has subnet-0a1d3f5b7c9e00002; nor in euw1-az3, where the environment has subnet-0a1d3f5b7c9e00003.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.SubnetIds: saw none, wanted a subnet in each of euw1-az1, euw1-az2, euw1-az3
            "#]],
        );
    }

    #[test]
    fn pass_trap_three_subnets_in_two_zones() {
        check(
            &CONTROL,
            |env| {
                env.add_subnet(plain_subnet("subnet-0endpoints", "euw1-az1", "10.20.9.0/24")).endpoint(
                    "sts",
                    |endpoint| {
                        endpoint.subnet_ids.remove(SUBNET_B);
                        endpoint.subnet_ids.insert("subnet-0endpoints".to_owned());
                    },
                );
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: `vpce-0b2c4d6e8f0a00001` is a gateway endpoint, which has no network interfaces.
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` has no network interface in euw1-az2, where the environment has subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.SubnetIds: saw euw1-az1: subnet-0a1d3f5b7c9e00001, subnet-0endpoints; euw1-az3: subnet-0a1d3f5b7c9e00003, wanted a subnet in each of euw1-az1, euw1-az2, euw1-az3
            "#]],
        );
    }

    #[test]
    fn other_subnets_of_the_same_zones_do() {
        check(
            &CONTROL,
            |env| {
                for (zone, block) in
                    [("euw1-az1", "10.20.7.0/24"), ("euw1-az2", "10.20.8.0/24"), ("euw1-az3", "10.20.9.0/24")]
                {
                    env.add_subnet(plain_subnet(&format!("subnet-{zone}"), zone, block));
                }
                env.endpoint("sts", |endpoint| {
                    endpoint.subnet_ids = ["az1", "az2", "az3"].map(|zone| format!("subnet-euw1-{zone}")).into();
                });
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: `vpce-0b2c4d6e8f0a00001` is a gateway endpoint, which has no network interfaces.
            "#]],
        );
    }

    #[test]
    fn a_new_zone_of_the_environment() {
        check(
            &CONTROL,
            |env| {
                for service in ["sagemaker.api", "sagemaker.runtime", "logs", "kms", "notebook", "studio", "monitoring"]
                {
                    env.remove_endpoint(service);
                }
                for (id, block) in [("subnet-0x", "10.20.8.0/24"), ("subnet-0y", "10.20.9.0/24")] {
                    env.add_subnet(Subnet { tags: subnet_tags(), ..plain_subnet(id, "euw1-az4", block) });
                }
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: `vpce-0b2c4d6e8f0a00001` is a gateway endpoint, which has no network interfaces.
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` has no network interface in euw1-az4, where the environment has subnet-0x, subnet-0y.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.SubnetIds: saw euw1-az1: subnet-0a1d3f5b7c9e00001; euw1-az2: subnet-0a1d3f5b7c9e00002; euw1-az3: subnet-0a1d3f5b7c9e00003, wanted a subnet in each of euw1-az1, euw1-az2, euw1-az3, euw1-az4
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_zone_that_the_service_does_not_offer() {
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline(
                    "endpoint_az_gaps: [{service: \"com.amazonaws.{region}.sts\", zone_id: euw1-az2}, {service: \"com.amazonaws.{region}.kms\", zone_id: euw1-az3}]",
                );
                for service in ["sts", "logs"] {
                    env.endpoint(service, |endpoint| {
                        endpoint.subnet_ids.remove(SUBNET_B);
                    });
                }
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: `vpce-0b2c4d6e8f0a00001` is a gateway endpoint, which has no network interfaces.
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00005: `vpce-0b2c4d6e8f0a00005` for `com.amazonaws.eu-west-1.logs` has no network interface in euw1-az2, where the environment has subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.SubnetIds: saw euw1-az1: subnet-0a1d3f5b7c9e00001; euw1-az3: subnet-0a1d3f5b7c9e00003, wanted a subnet in each of euw1-az1, euw1-az2, euw1-az3
            "#]],
        );
    }

    #[test]
    fn every_zone_is_one_that_the_service_does_not_offer() {
        check(
            &CONTROL,
            |env| {
                env.remove_subnet(SUBNET_B).remove_subnet(SUBNET_C).remove_endpoint("s3");
                for service in ["sagemaker.api", "sagemaker.runtime", "logs", "kms", "notebook", "studio", "monitoring"]
                {
                    env.remove_endpoint(service);
                }
                env.endpoint("sts", |endpoint| endpoint.subnet_ids.clear()).add_to_baseline(
                    "endpoint_az_gaps: [{service: \"com.amazonaws.{region}.sts\", zone_id: euw1-az1}]",
                );
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: `com.amazonaws.eu-west-1.sts` is not offered in euw1-az1, says `endpoint_az_gaps`.
            "#]],
        );
    }

    #[test]
    fn an_environment_without_subnets() {
        check(
            &CONTROL,
            |env| {
                for service in
                    ["s3", "sagemaker.api", "sagemaker.runtime", "logs", "kms", "notebook", "studio", "monitoring"]
                {
                    env.remove_endpoint(service);
                }
                for subnet in [SUBNET_A, SUBNET_B, SUBNET_C] {
                    env.subnet(subnet, |subnet| subnet.tags.clear());
                }
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: The environment has no subnet in any zone.
            "#]],
        );
    }

    #[test]
    fn no_endpoint() {
        check(
            &CONTROL,
            |env| {
                for service in [
                    "s3",
                    "sts",
                    "sagemaker.api",
                    "sagemaker.runtime",
                    "logs",
                    "kms",
                    "notebook",
                    "studio",
                    "monitoring",
                ] {
                    env.remove_endpoint(service);
                }
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_subnet_of_an_endpoint_that_is_not_listed() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| {
                    endpoint.subnet_ids.remove(SUBNET_B);
                    endpoint.subnet_ids.insert("subnet-0gone".to_owned());
                })
                .endpoint("logs", |endpoint| {
                    endpoint.subnet_ids.insert("subnet-0gone".to_owned());
                });
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00001: `vpce-0b2c4d6e8f0a00001` is a gateway endpoint, which has no network interfaces.
                INSUFFICIENT_DATA unresolved MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Subnet `subnet-0gone` of `vpce-0b2c4d6e8f0a00002` is not listed.
            "#]],
        );
    }

    #[test]
    fn listings_that_broke_off() {
        check(
            &CONTROL,
            |env| {
                for service in ["s3", "sagemaker.api", "sagemaker.runtime", "kms", "notebook", "studio", "monitoring"] {
                    env.remove_endpoint(service);
                }
                env.endpoint("sts", |endpoint| {
                    endpoint.subnet_ids.remove(SUBNET_B);
                })
                .cut(&source::SUBNETS)
                .cut(&source::VPC_ENDPOINTS);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` has no network interface in euw1-az2, where the environment has subnet-0a1d3f5b7c9e00002.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.SubnetIds: saw euw1-az1: subnet-0a1d3f5b7c9e00001; euw1-az3: subnet-0a1d3f5b7c9e00003, wanted a subnet in each of euw1-az1, euw1-az2, euw1-az3
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev vpce-0b2c4d6e8f0a00005: ec2:DescribeSubnets was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeSubnets not seen: truncated
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00005.SubnetIds: saw euw1-az1: subnet-0a1d3f5b7c9e00001; euw1-az2: subnet-0a1d3f5b7c9e00002; euw1-az3: subnet-0a1d3f5b7c9e00003, wanted a subnet in each of euw1-az1, euw1-az2, euw1-az3
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev 111122223333: ec2:DescribeVpcEndpoints was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcEndpoints not seen: truncated
            "#]],
        );
    }
}
