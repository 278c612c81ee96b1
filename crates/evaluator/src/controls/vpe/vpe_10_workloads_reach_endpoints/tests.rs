//! Tests of VPE-10. Those of what was not seen are in `unseen`.

mod unseen;

use std::collections::BTreeSet;

use expect_test::expect;
use plumbline_snapshot::ec2 as source;
use plumbline_snapshot::ec2::{GroupPair, InterfaceAddress, NetworkInterface, PrefixList};
use plumbline_snapshot::{Read, sagemaker};
use plumbline_testkit::Env;
use plumbline_testkit::ec2::*;

use super::CONTROL;
use crate::check::{blind_but, check, clean};

/// Leaves the endpoint of STS alone, so that one violation shows once.
fn only_sts(env: &mut Env) -> &mut Env {
    for service in ["s3", "sagemaker.api", "sagemaker.runtime", "logs", "kms", "notebook", "studio", "monitoring"] {
        env.remove_endpoint(service);
    }
    env
}

/// Leaves the gateway to S3 alone.
fn only_s3(env: &mut Env) -> &mut Env {
    for service in ["sts", "sagemaker.api", "sagemaker.runtime", "logs", "kms", "notebook", "studio", "monitoring"] {
        env.remove_endpoint(service);
    }
    env
}

/// Leaves the endpoint of STS with a network interface at each of these addresses, and a workload group without egress.
fn sts_at<'e>(env: &'e mut Env, addresses: &[&[&str]]) -> &'e mut Env {
    only_sts(env).group(SG_WORKLOAD, |group| group.egress.clear());
    let ids: Vec<String> = (0..addresses.len()).map(|at| format!("eni-0sts{at}")).collect();
    for (id, own) in ids.iter().zip(addresses) {
        let own = own.iter().map(|ip| InterfaceAddress { ip: (*ip).to_owned(), public_ip: None });
        env.add_network_interface(NetworkInterface {
            kind: "vpc_endpoint".to_owned(),
            instance_id: None,
            groups: vec![SG_ENDPOINTS.to_owned()],
            addresses: Some(own.collect()),
            ..instance_interface(id, SUBNET_A, "")
        });
    }
    env.endpoint("sts", |endpoint| endpoint.interface_ids = Some(ids.into_iter().collect()))
}

const TWO: &[&[&str]] = &[&["10.20.1.9"], &["10.20.2.9"]];

#[test]
fn known_good_is_clean_and_a_gap_is_not() {
    clean(&CONTROL);
    // Its rules name groups and the list of S3, and only conditional endpoints hang on what SageMaker has.
    blind_but(
        &CONTROL,
        &[
            &source::NETWORK_INTERFACES,
            &source::PREFIX_LIST_ENTRIES,
            &source::SUBNETS,
            &sagemaker::NOTEBOOKS,
            &sagemaker::NOTEBOOK,
            &sagemaker::DOMAINS,
            &sagemaker::DOMAIN,
            &sagemaker::MODELS,
            &sagemaker::MODEL,
            &sagemaker::SEARCH,
            &sagemaker::RESOURCE_TAGS,
        ],
    );
}

#[test]
fn pass_trap_ingress_alone() {
    check(
        &CONTROL,
        |env| {
            env.group(SG_WORKLOAD, |group| group.egress.clear());
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3); `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts); `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00003` (com.amazonaws.eu-west-1.sagemaker.api); and 6 more.
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00001, wanted the prefix list of com.amazonaws.eu-west-1.s3
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00003, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00004, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00005, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00006, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00007, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00008, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00009, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_sts(env).group(SG_WORKLOAD, |group| group.egress.clear());
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
}

#[test]
fn no_ingress_of_the_endpoints_group() {
    check(
        &CONTROL,
        |env| {
            only_sts(env).group(SG_ENDPOINTS, |group| group.ingress.clear());
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: No group of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits tcp 443 from `sg-0e1f3a5c7d9b00002`.
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw neither sg-0e1f3a5c7d9b00002 nor the environment's subnets, wanted sg-0e1f3a5c7d9b00002, or the blocks of all environment subnets
        "#]],
    );
}

#[test]
fn neither_direction() {
    check(
        &CONTROL,
        |env| {
            only_sts(env)
                .group(SG_WORKLOAD, |group| group.egress.clear())
                .group(SG_ENDPOINTS, |group| group.ingress.clear());
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts); no group of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits tcp 443 from `sg-0e1f3a5c7d9b00002`.
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw neither sg-0e1f3a5c7d9b00002 nor the environment's subnets, wanted sg-0e1f3a5c7d9b00002, or the blocks of all environment subnets
        "#]],
    );
}

#[test]
fn other_ports_protocols_and_groups_do_not_count() {
    check(
        &CONTROL,
        |env| {
            let peer = GroupPair {
                group_id: SG_ENDPOINTS.to_owned(),
                user_id: Some("999999999999".to_owned()),
                vpc_id: Some("vpc-0theirs".to_owned()),
                peering_id: Some("pcx-1".to_owned()),
            };
            let mut peered = tcp(443);
            peered.groups.push(peer);
            let mut udp = with_group(tcp(443), SG_ENDPOINTS);
            udp.protocol = "udp".to_owned();
            sts_at(env, TWO)
                .add_egress(SG_WORKLOAD, with_group(tcp(444), SG_ENDPOINTS))
                .add_egress(SG_WORKLOAD, with_group(tcp(443), SG_WORKLOAD))
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.9.0.0/16"))
                .add_egress(SG_WORKLOAD, peered)
                .add_egress(SG_WORKLOAD, udp);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
}

#[test]
fn every_port_and_protocol_holds_it() {
    check(
        &CONTROL,
        |env| {
            only_sts(env)
                .group(SG_WORKLOAD, |group| group.egress = vec![with_group(all_traffic(), SG_ENDPOINTS)])
                .group(SG_ENDPOINTS, |group| group.ingress = vec![with_group(all_traffic(), SG_WORKLOAD)]);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn blocks_that_hold_the_addresses_of_all_its_network_interfaces() {
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO)
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.1.0/24"))
                .add_egress(SG_WORKLOAD, with_prefix_list(tcp(443), PL_SHARED))
                .prefix_list_entries(PL_SHARED, &["10.20.2.8/31"]);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO).add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.1.0/24"));
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to 10.20.2.9 of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to 10.20.2.9 of vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO).add_egress(SG_WORKLOAD, with_cidr(tcp(443), "0.0.0.0/0"));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn of_both_families_ipv4_counts() {
    check(
        &CONTROL,
        |env| {
            sts_at(env, &[&["10.20.1.9", "2001:db8:20::9"]])
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.1.0/24"));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, &[&["10.20.1.9", "2001:db8:20::9"]]).add_egress(SG_WORKLOAD, with_cidr(tcp(443), "::/0"));
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, &[&["10.20.1.9"], &["2001:db8:20::9"]])
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.1.0/24"));
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to 2001:db8:20::9 of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to 2001:db8:20::9 of vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
}

#[test]
fn blocks_that_hold_all_subnets_of_the_environment() {
    check(
        &CONTROL,
        |env| {
            only_sts(env).group(SG_ENDPOINTS, |group| {
                group.ingress = vec![
                    with_cidr(with_cidr(tcp(443), "10.20.1.0/24"), "10.20.2.0/24"),
                    with_cidr(tcp(443), "100.64.0.0/20"),
                ];
            });
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_sts(env).group(SG_ENDPOINTS, |group| group.ingress = vec![with_cidr(tcp(443), "10.20.0.0/16")]);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: No group of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits tcp 443 from `sg-0e1f3a5c7d9b00002`, nor from 100.64.3.0/24 of the environment's subnets.
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw neither sg-0e1f3a5c7d9b00002 nor 100.64.3.0/24, wanted sg-0e1f3a5c7d9b00002, or the blocks of all environment subnets
        "#]],
    );
}

#[test]
fn the_groups_of_an_endpoint_add_up() {
    check(
        &CONTROL,
        |env| {
            let mut more = plain_group("sg-0more", "more");
            more.ingress.push(with_cidr(tcp(443), "100.64.3.0/24"));
            only_sts(env)
                .add_group(more)
                .group(SG_ENDPOINTS, |group| group.ingress = vec![with_cidr(tcp(443), "10.20.0.0/16")])
                .endpoint("sts", |endpoint| {
                    endpoint.groups.insert("sg-0more".to_owned());
                });
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn the_gateway_by_blocks_that_hold_its_whole_list() {
    check(
        &CONTROL,
        |env| {
            only_s3(env).group(SG_WORKLOAD, |group| {
                group.egress = vec![with_cidr(tcp(443), "192.0.2.0/25"), with_cidr(all_traffic(), "192.0.2.128/25")];
            });
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_s3(env).group(SG_WORKLOAD, |group| group.egress = vec![with_cidr(tcp(443), "192.0.2.0/25")]);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to 192.0.2.128/25 of `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to 192.0.2.128/25 of vpce-0b2c4d6e8f0a00001, wanted the prefix list of com.amazonaws.eu-west-1.s3
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_s3(env).group(SG_WORKLOAD, |group| group.egress = vec![with_prefix_list(tcp(443), PL_DYNAMODB)]);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00001, wanted the prefix list of com.amazonaws.eu-west-1.s3
        "#]],
    );
}

#[test]
fn the_list_of_s3_suffices_without_its_entries() {
    check(
        &CONTROL,
        |env| {
            env.hide(&source::PREFIX_LIST_ENTRIES);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn a_list_of_the_customer_that_is_named_like_that_of_s3() {
    check(
        &CONTROL,
        |env| {
            only_s3(env).prefix_list(PL_S3, |list| list.owner = "111122223333".to_owned());
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: No prefix list of `com.amazonaws.eu-west-1.s3` is listed with entries.
        "#]],
    );
}

#[test]
fn of_the_lists_of_both_families_that_of_ipv4_counts() {
    check(
        &CONTROL,
        |env| {
            let v6 = PrefixList {
                id: "pl-s3-v6".to_owned(),
                name: "com.amazonaws.eu-west-1.s3".to_owned(),
                owner: "AWS".to_owned(),
                family: Some("IPv6".to_owned()),
                entries: Read::Seen(vec!["2001:db8:53::/48".to_owned()]),
            };
            only_s3(env)
                .add_prefix_list(v6)
                .group(SG_WORKLOAD, |group| group.egress = vec![with_cidr(tcp(443), "192.0.2.0/24")]);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn fail_trap_a_group_that_is_only_used_beside_another() {
    check(
        &CONTROL,
        |env| {
            let mut twin = plain_group("sg-0twin", "ds-studio");
            twin.tags = workload_tags();
            only_sts(env).add_group(twin);
            for interface in [ENI_INSTANCE, ENI_NOTEBOOK] {
                env.network_interface(interface, |own| own.groups.push("sg-0twin".to_owned()));
            }
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            let mut twin = plain_group("sg-0twin", "ds-studio");
            twin.tags = workload_tags();
            only_sts(env).add_group(twin).network_interface(ENI_INSTANCE, |own| own.groups.push("sg-0twin".to_owned()));
            env.network_interface(ENI_NOTEBOOK, |own| own.groups = vec!["sg-0twin".to_owned()]);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-studio: `sg-0twin` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts); no group of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits tcp 443 from `sg-0twin`.
              ec2:DescribeSecurityGroups sg-0twin.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw neither sg-0twin nor the environment's subnets, wanted sg-0twin, or the blocks of all environment subnets
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            let mut twin = plain_group("sg-0twin", "ds-studio");
            twin.tags = workload_tags();
            only_sts(env).add_group(twin);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-studio: `sg-0twin` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts); no group of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits tcp 443 from `sg-0twin`.
              ec2:DescribeSecurityGroups sg-0twin.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw neither sg-0twin nor the environment's subnets, wanted sg-0twin, or the blocks of all environment subnets
        "#]],
    );
}

#[test]
fn what_a_pair_of_groups_lacks() {
    check(
        &CONTROL,
        |env| {
            only_sts(env)
                .group(SG_WORKLOAD, |group| group.egress.clear())
                .group(SG_ENDPOINTS, |group| group.ingress.clear())
                .network_interface(ENI_INSTANCE, |own| own.groups.push(SG_DEFAULT.to_owned()))
                .network_interface(ENI_NOTEBOOK, |own| own.groups.push(SG_DEFAULT.to_owned()));
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` and `sg-0e1f3a5c7d9b00001` on `eni-0c1d3e5f7a9b00001` have no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts); no group of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits tcp 443 from `sg-0e1f3a5c7d9b00002` and `sg-0e1f3a5c7d9b00001` on `eni-0c1d3e5f7a9b00001`.
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002, sg-0e1f3a5c7d9b00001.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
              ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.Groups[].GroupId: saw sg-0e1f3a5c7d9b00002, sg-0e1f3a5c7d9b00001, wanted groups that together do
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw neither sg-0e1f3a5c7d9b00002, sg-0e1f3a5c7d9b00001 nor the environment's subnets, wanted sg-0e1f3a5c7d9b00002, sg-0e1f3a5c7d9b00001, or the blocks of all environment subnets
              ec2:DescribeNetworkInterfaces eni-0c1d3e5f7a9b00001.Groups[].GroupId: saw sg-0e1f3a5c7d9b00002, sg-0e1f3a5c7d9b00001, wanted groups that together do
        "#]],
    );
}

#[test]
fn the_pair_by_what_each_of_both_has() {
    check(
        &CONTROL,
        |env| {
            only_sts(env)
                .group(SG_WORKLOAD, |group| group.egress.clear())
                .add_egress(SG_DEFAULT, with_group(tcp(443), SG_ENDPOINTS))
                .network_interface(ENI_INSTANCE, |own| own.groups.push(SG_DEFAULT.to_owned()))
                .network_interface(ENI_NOTEBOOK, |own| own.groups.push(SG_DEFAULT.to_owned()));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn network_interfaces_of_endpoints_and_of_other_vpcs_are_no_workloads() {
    check(
        &CONTROL,
        |env| {
            only_sts(env).group(SG_WORKLOAD, |group| group.egress.clear());
            for interface in [ENI_INSTANCE, ENI_NOTEBOOK] {
                env.network_interface(interface, |own| own.groups.push(SG_DEFAULT.to_owned()));
            }
            env.add_egress(SG_DEFAULT, with_group(tcp(443), SG_ENDPOINTS));
            for (id, vpc, kind) in
                [("eni-0a", VPC, "vpc_endpoint"), ("eni-0b", OTHER_VPC, "interface"), ("eni-0c", VPC, "interface")]
            {
                env.add_network_interface(NetworkInterface {
                    vpc_id: vpc.to_owned(),
                    kind: kind.to_owned(),
                    ..instance_interface(id, SUBNET_A, INSTANCE)
                });
            }
            env.endpoint("sts", |endpoint| endpoint.interface_ids = Some(BTreeSet::from(["eni-0c".to_owned()])));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn fail_trap_an_auxiliary_group() {
    check(
        &CONTROL,
        |env| {
            let mut twin = plain_group("sg-0twin", "ds-efs");
            twin.tags = workload_tags();
            env.add_group(twin).add_to_baseline("auxiliary_security_groups: {names: [ds-efs]}");
        },
        expect![[r#"
            NOT_APPLICABLE not_required_by_baseline MEDIUM fraud-dev ds-efs: `sg-0twin` is used beside others, says `auxiliary_security_groups`.
        "#]],
    );
}

#[test]
fn no_endpoint_is_there() {
    check(
        &CONTROL,
        |env| {
            only_sts(env).remove_endpoint("sts");
        },
        expect![[r#"
            NOT_APPLICABLE no_resources MEDIUM fraud-dev ds-workload-fraud-dev: No endpoint that the environment needs is available, see VPE-01.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_sts(env).endpoint("sts", |endpoint| endpoint.state = "pendingAcceptance".to_owned());
        },
        expect![[r#"
            NOT_APPLICABLE no_resources MEDIUM fraud-dev ds-workload-fraud-dev: No endpoint that the environment needs is available, see VPE-01.
        "#]],
    );
}

#[test]
fn an_endpoint_that_is_not_required() {
    check(
        &CONTROL,
        |env| {
            let mut other = interface_endpoint("vpce-0other", "com.amazonaws.eu-west-1.glue", &[]);
            other.groups = [SG_DEFAULT.to_owned()].into();
            env.add_endpoint(other);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            env.endpoint("studio", |endpoint| endpoint.groups = [SG_DEFAULT.to_owned()].into());
            env.baseline = env.baseline.replace("    required_endpoints:\n", "    required_endpoints:\n      - {service: \"aws.sagemaker.{region}.studio\", type: Interface, required: never}\n");
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn s3_through_an_interface() {
    check(
        &CONTROL,
        |env| {
            let mut s3 = interface_endpoint("vpce-0s3", "com.amazonaws.eu-west-1.s3", &[]);
            s3.groups = [SG_DEFAULT.to_owned()].into();
            env.add_endpoint(s3)
                .add_to_baseline("s3_via_interface: true")
                .group(SG_WORKLOAD, |group| group.egress.iter_mut().for_each(|rule| rule.prefix_lists.clear()));
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0s3` (com.amazonaws.eu-west-1.s3); no group of `vpce-0s3` (com.amazonaws.eu-west-1.s3) admits tcp 443 from `sg-0e1f3a5c7d9b00002`.
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0s3, wanted sg-0e1f3a5c7d9b00001, or the addresses of all network interfaces of the endpoint
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00001.IpPermissions[tcp 443]: saw neither sg-0e1f3a5c7d9b00002 nor the environment's subnets, wanted sg-0e1f3a5c7d9b00002, or the blocks of all environment subnets
        "#]],
    );
}

#[test]
fn no_workload_group() {
    check(
        &CONTROL,
        |env| {
            env.remove_group(SG_WORKLOAD);
        },
        expect![[r#"
            NOT_APPLICABLE no_resources MEDIUM fraud-dev 111122223333: Nothing to judge: no resources.
        "#]],
    );
}
