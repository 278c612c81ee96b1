//! VPE-02: interface endpoints of AWS services resolve through private DNS.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, VpcEndpoint};
use plumbline_snapshot::sagemaker;

use crate::Control;
use crate::judge::{self, Known, Say, Set, field};
use crate::place::Place;
use crate::tables::endpoints::{INTERFACE, serves};
use crate::world::World;
use crate::world::endpoints::{Need, endpoint_ref, is_available, is_gateway};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &ec2::VPCS,
        &ec2::VPC_ATTRIBUTE,
        &ec2::VPC_ENDPOINTS,
        // Whether a service is required, as for VPE-01.
        &ec2::SUBNETS,
        &sagemaker::NOTEBOOKS,
        &sagemaker::NOTEBOOK,
        &sagemaker::DOMAINS,
        &sagemaker::DOMAIN,
        &sagemaker::MODELS,
        &sagemaker::MODEL,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "VPE-02",
    name: "endpoint-private-dns",
    title: "Interface endpoints of AWS services resolve through private DNS.",
    area: Area::Endpoints,
    severity: Severity::Medium,
    origin: Origin::Derived,
    scope: "endpoint",
    rationale: "Without private DNS the service's name still resolves to its public address, and SDKs pass the endpoint by.",
    decided: "Each interface endpoint of a required service must have private DNS on, for the whole VPC and not for the inbound resolver alone, in a VPC with both DNS attributes on. Beside an available gateway endpoint, the one of S3 may do without.",
    remediation: "Turn private DNS on with ModifyVpcEndpoint, and DNS support and hostnames with ModifyVpcAttribute.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-7"] },
};

/// An interface endpoint, and whether its service is required.
struct Judged<'a> {
    endpoint: &'a VpcEndpoint,
    required: Known<'a, ()>,
}

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let set = subjects(world, place);
    judge::each(
        &INFO,
        place,
        set,
        |judged| (endpoint_ref(place, judged.endpoint), None),
        |say, judged| {
            judged.required.clone()?;
            look(world, place, judged.endpoint, say)
        },
    )
}

/// The interface endpoints of required services; also those of which it is not known whether they are.
fn subjects<'a>(world: &World<'a>, place: &Place<'a>) -> Set<'a, Judged<'a>> {
    let mut required = world.required_endpoints(place);
    required.retain(|required| required.kind == INTERFACE);
    let via_interface = place.environments.iter().any(|environment| environment.s3_via_interface);
    world.interface_endpoints(place).filter_map(|endpoint| {
        let row = required.iter().find(|required| required.is_met_by(place, endpoint));
        match row.map(|required| &required.need) {
            Some(Ok(Need::Yes)) => Some(Judged { endpoint, required: Ok(()) }),
            Some(Err(unknown)) => Some(Judged { endpoint, required: Err(unknown.clone()) }),
            // The table asks for S3 as a gateway, in whose place the baseline may want this one.
            None if via_interface && is_s3(place, endpoint) => Some(Judged { endpoint, required: Ok(()) }),
            _ => None,
        }
    })
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, endpoint: &VpcEndpoint, say: &mut Say<'a>) -> Known<'a, ()> {
    let mut environments = place.environments.iter();
    if environments.any(|environment| environment.endpoints_without_private_dns.contains(&endpoint.service_name)) {
        say.not_applicable(
            Reason::UnsupportedByService,
            format!("`{}` has no private DNS, says `endpoints_without_private_dns`", endpoint.service_name),
        );
        return Ok(());
    }
    let on = endpoint.private_dns == Some(true);
    let resolver_only = endpoint.private_dns_for_resolver_only == Some(true);
    if (!on || resolver_only) && is_s3(place, endpoint) {
        let gateways = world.vpc_endpoints(place);
        if gateways.any(|other| is_gateway(other) && is_available(other) && is_s3(place, other))? {
            say.holds();
            return Ok(());
        }
    }
    if !on {
        say.broken(
            format!("private DNS of `{}` for `{}` is off", endpoint.id, endpoint.service_name),
            [field(
                &ec2::VPC_ENDPOINTS,
                format!("{}.PrivateDnsEnabled", endpoint.id),
                endpoint.private_dns.map_or("absent".to_owned(), |on| on.to_string()),
                "true",
            )],
        );
    } else if resolver_only {
        say.broken(
            format!(
                "private DNS of `{}` for `{}` serves the inbound resolver alone",
                endpoint.id, endpoint.service_name
            ),
            [field(
                &ec2::VPC_ENDPOINTS,
                format!("{}.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint", endpoint.id),
                "true",
                "false",
            )],
        );
    }
    let vpc = world.vpc(place)?;
    for (name, value) in [("EnableDnsSupport", &vpc.dns_support), ("EnableDnsHostnames", &vpc.dns_hostnames)] {
        if let Some(false) = say.see(value.sight()) {
            say.broken(
                format!(
                    "{name} is off on `{}`, so that private names of `{}` do not resolve",
                    vpc.id, endpoint.service_name
                ),
                [field(&ec2::VPC_ATTRIBUTE, format!("{}.{name}.Value", vpc.id), "false", "true")],
            );
        }
    }
    Ok(())
}

fn is_s3(place: &Place<'_>, endpoint: &VpcEndpoint) -> bool {
    serves(&endpoint.service_name, &format!("com.amazonaws.{}.s3", place.region))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::sagemaker;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    fn s3_interface() -> plumbline_snapshot::ec2::VpcEndpoint {
        let mut endpoint = interface_endpoint("vpce-2", "com.amazonaws.eu-west-1.s3", &["s3:GetObject"]);
        endpoint.private_dns = Some(false);
        endpoint
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // What pulls images decides on endpoints that the known-good does not have, and its notebooks and domain are the
        // environment's whatever is not seen of one of them.
        let images = [&sagemaker::MODELS, &sagemaker::MODEL, &sagemaker::SEARCH];
        let selection = [&plumbline_snapshot::ec2::SUBNETS, &sagemaker::NOTEBOOK, &sagemaker::RESOURCE_TAGS];
        blind_but(&CONTROL, &[images, selection].concat());
    }

    #[test]
    fn private_dns_is_off() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.private_dns = Some(false));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Private DNS of `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` is off.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PrivateDnsEnabled: saw false, wanted true
            "#]],
        );
    }

    #[test]
    fn private_dns_serves_the_inbound_resolver_alone() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.private_dns_for_resolver_only = Some(true));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Private DNS of `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` serves the inbound resolver alone.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint: saw true, wanted false
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_attributes_of_the_vpc_are_off() {
        check(
            &CONTROL,
            |env| {
                env.dns(true, false);
                for service in ["sagemaker.api", "sagemaker.runtime", "logs", "kms", "notebook", "studio", "monitoring"]
                {
                    env.remove_endpoint(service);
                }
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: EnableDnsHostnames is off on `vpc-0f4a7d2c1b9e80001`, so that private names of `com.amazonaws.eu-west-1.sts` do not resolve.
                  ec2:DescribeVpcAttribute vpc-0f4a7d2c1b9e80001.EnableDnsHostnames.Value: saw false, wanted true
            "#]],
        );
    }

    #[test]
    fn an_attribute_was_not_seen_and_private_dns_is_off() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.private_dns = Some(false))
                    .hide(&plumbline_snapshot::ec2::VPC_ATTRIBUTE);
                for service in ["sagemaker.api", "sagemaker.runtime", "logs", "kms", "notebook", "studio"] {
                    env.remove_endpoint(service);
                }
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-0b2c4d6e8f0a00002: Private DNS of `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` is off.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.PrivateDnsEnabled: saw false, wanted true
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev vpce-0b2c4d6e8f0a00009: ec2:DescribeVpcAttribute of `vpc-0f4a7d2c1b9e80001` was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeVpcAttribute.
                  ec2:DescribeVpcAttribute not seen: denied
            "#]],
        );
    }

    #[test]
    fn fail_trap_s3_beside_the_gateway() {
        check(
            &CONTROL,
            |env| {
                env.add_endpoint(s3_interface()).replace_baseline(
                    "required_endpoints:\n",
                    "required_endpoints:\n      - {service: \"com.amazonaws.{region}.s3\", type: Interface, required: always}\n",
                );
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn s3_in_the_place_of_the_gateway() {
        check(
            &CONTROL,
            |env| {
                env.remove_endpoint("s3").add_endpoint(s3_interface()).add_to_baseline("s3_via_interface: true");
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev vpce-2: Private DNS of `vpce-2` for `com.amazonaws.eu-west-1.s3` is off.
                  ec2:DescribeVpcEndpoints vpce-2.PrivateDnsEnabled: saw false, wanted true
            "#]],
        );
    }

    #[test]
    fn a_service_without_private_dns() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("monitoring", |endpoint| endpoint.private_dns = Some(false))
                    .add_to_baseline("endpoints_without_private_dns: [\"com.amazonaws.{region}.monitoring\"]");
            },
            expect![[r#"
                NOT_APPLICABLE unsupported_by_service MEDIUM fraud-dev vpce-0b2c4d6e8f0a00009: `com.amazonaws.eu-west-1.monitoring` has no private DNS, says `endpoints_without_private_dns`.
            "#]],
        );
    }

    #[test]
    fn an_endpoint_that_nothing_requires_does_not_matter() {
        check(
            &CONTROL,
            |env| {
                let mut endpoint = interface_endpoint("vpce-2", "com.amazonaws.eu-west-1.athena", &["athena:*"]);
                endpoint.private_dns = Some(false);
                env.add_endpoint(endpoint);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn whether_an_image_comes_through_it_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                let mut endpoint =
                    interface_endpoint("vpce-2", "com.amazonaws.eu-west-1.ecr.api", &["ecr:BatchGetImage"]);
                endpoint.private_dns = Some(false);
                env.add_endpoint(endpoint).hide(&sagemaker::MODEL);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev vpce-2: sagemaker:DescribeModel of `ds-model-fraud-dev-scorer-v2` was not seen: denied, AccessDenied: not authorized to perform sagemaker:DescribeModel.
                  sagemaker:DescribeModel not seen: denied
            "#]],
        );
    }

    #[test]
    fn whether_the_service_is_required_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("notebook", |endpoint| endpoint.private_dns = Some(false)).hide(&sagemaker::NOTEBOOKS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev vpce-0b2c4d6e8f0a00007: sagemaker:ListNotebookInstances was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListNotebookInstances.
                  sagemaker:ListNotebookInstances not seen: denied
            "#]],
        );
    }
}
