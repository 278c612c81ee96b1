//! Tests of VPE-10 where something was not seen.

use std::collections::BTreeSet;

use expect_test::expect;
use plumbline_snapshot::ec2 as source;
use plumbline_snapshot::sagemaker;
use plumbline_testkit::ec2::*;

use super::{CONTROL, TWO, only_s3, only_sts, sts_at};
use crate::check::check;

#[test]
fn network_interfaces_that_were_not_all_seen() {
    check(
        &CONTROL,
        |env| {
            only_sts(env).group(SG_WORKLOAD, |group| group.egress.clear()).hide(&source::NETWORK_INTERFACES);
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-workload-fraud-dev: ec2:DescribeNetworkInterfaces was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeNetworkInterfaces.
              ec2:DescribeNetworkInterfaces not seen: denied
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_sts(env).group(SG_WORKLOAD, |group| group.egress.clear()).cut(&source::NETWORK_INTERFACES);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            let mut twin = plain_group("sg-0twin", "ds-studio");
            twin.tags = workload_tags();
            only_sts(env).add_group(twin);
            for interface in [ENI_INSTANCE, ENI_NOTEBOOK] {
                env.network_interface(interface, |own| own.groups.push("sg-0twin".to_owned()));
            }
            env.cut(&source::NETWORK_INTERFACES);
        },
        expect![[r#"
            INSUFFICIENT_DATA truncated MEDIUM fraud-dev ds-studio: ec2:DescribeNetworkInterfaces was not seen: truncated, InternalFailure: status 500 on page 2.
              ec2:DescribeNetworkInterfaces not seen: truncated
        "#]],
    );
}

#[test]
fn an_endpoint_in_a_state_not_known_here_is_judged() {
    check(
        &CONTROL,
        |env| {
            env.endpoint("sts", |endpoint| {
                endpoint.state = "resting".to_owned();
                endpoint.groups = [SG_DEFAULT.to_owned()].into();
            });
            env.group(SG_WORKLOAD, |group| {
                group.egress.iter_mut().for_each(|rule| rule.prefix_lists.retain(|list| list != PL_S3));
            });
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00001` (com.amazonaws.eu-west-1.s3); no group of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits tcp 443 from `sg-0e1f3a5c7d9b00002`.
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00001, wanted the prefix list of com.amazonaws.eu-west-1.s3
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00001.IpPermissions[tcp 443]: saw neither sg-0e1f3a5c7d9b00002 nor the environment's subnets, wanted sg-0e1f3a5c7d9b00002, or the blocks of all environment subnets
        "#]],
    );
}

#[test]
fn whether_an_endpoint_is_required_is_not_known() {
    check(
        &CONTROL,
        |env| {
            env.endpoint("studio", |endpoint| endpoint.groups = [SG_DEFAULT.to_owned()].into())
                .hide(&sagemaker::DOMAINS);
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-workload-fraud-dev: sagemaker:ListDomains was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListDomains.
              sagemaker:ListDomains not seen: denied
        "#]],
    );
}

#[test]
fn a_group_of_the_endpoint_that_is_not_listed() {
    check(
        &CONTROL,
        |env| {
            only_sts(env)
                .endpoint("sts", |endpoint| endpoint.groups = ["sg-0gone".to_owned()].into())
                .add_egress(SG_WORKLOAD, with_group(tcp(443), "sg-0gone"));
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: Group `sg-0gone` is not listed.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_sts(env).endpoint("sts", |endpoint| {
                endpoint.groups.insert("sg-0gone".to_owned());
            });
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_sts(env).add_egress(SG_WORKLOAD, with_cidr(tcp(443), "0.0.0.0/0")).endpoint("sts", |endpoint| {
                endpoint.groups.clear();
                endpoint.interface_ids = Some(BTreeSet::from([ENI_INSTANCE.to_owned()]));
            });
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: `vpce-0b2c4d6e8f0a00002` shows no security group.
        "#]],
    );
}

#[test]
fn prefix_lists_whose_entries_were_not_seen() {
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO)
                .add_egress(SG_WORKLOAD, with_prefix_list(tcp(443), PL_SHARED))
                .hide(&source::PREFIX_LIST_ENTRIES);
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-workload-fraud-dev: ec2:GetManagedPrefixListEntries of `pl-0b7d9f1a3c5e00001` was not seen: denied, AccessDenied: not authorized to perform ec2:GetManagedPrefixListEntries.
              ec2:GetManagedPrefixListEntries not seen: denied
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO)
                .add_egress(SG_WORKLOAD, with_prefix_list(tcp(444), PL_SHARED))
                .hide(&source::PREFIX_LIST_ENTRIES);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_s3(env)
                .group(SG_WORKLOAD, |group| group.egress = vec![with_cidr(tcp(443), "192.0.2.0/24")])
                .hide(&source::PREFIX_LIST_ENTRIES);
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-workload-fraud-dev: ec2:GetManagedPrefixListEntries of `pl-5e1c2a70` was not seen: denied, AccessDenied: not authorized to perform ec2:GetManagedPrefixListEntries.
              ec2:GetManagedPrefixListEntries not seen: denied
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_s3(env)
                .remove_prefix_list(PL_S3)
                .group(SG_WORKLOAD, |group| group.egress = vec![with_cidr(tcp(443), "192.0.2.0/24")]);
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: No prefix list of `com.amazonaws.eu-west-1.s3` is listed with entries.
        "#]],
    );
}

#[test]
fn addresses_of_network_interfaces_that_were_not_seen() {
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO)
                .network_interface("eni-0sts0", |own| own.addresses = None)
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.0.0/16"));
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: The addresses of `eni-0sts0` of `vpce-0b2c4d6e8f0a00002` are not listed.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO)
                .network_interface("eni-0sts0", |own| own.addresses = None)
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.1.0/24"));
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO)
                .endpoint("sts", |endpoint| endpoint.interface_ids = None)
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.0.0/16"));
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: The network interfaces of `vpce-0b2c4d6e8f0a00002` are not listed.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO)
                .remove_network_interface("eni-0sts1")
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.0.0/16"));
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: The addresses of `eni-0sts1` of `vpce-0b2c4d6e8f0a00002` are not listed.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO)
                .endpoint("sts", |endpoint| endpoint.interface_ids = None)
                .add_egress(SG_WORKLOAD, with_cidr(with_cidr(tcp(443), "0.0.0.0/0"), "::/0"));
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn subnets_that_were_not_all_seen() {
    check(
        &CONTROL,
        |env| {
            only_sts(env)
                .group(SG_ENDPOINTS, |group| {
                    group.ingress = vec![with_cidr(with_cidr(tcp(443), "10.20.0.0/16"), "100.64.0.0/16")]
                })
                .cut(&source::SUBNETS);
        },
        expect![[r#"
            INSUFFICIENT_DATA truncated MEDIUM fraud-dev ds-workload-fraud-dev: ec2:DescribeSubnets was not seen: truncated, InternalFailure: status 500 on page 2.
              ec2:DescribeSubnets not seen: truncated
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            only_sts(env)
                .group(SG_ENDPOINTS, |group| group.ingress = vec![with_cidr(tcp(443), "10.20.0.0/16")])
                .cut(&source::SUBNETS);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: No group of `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts) admits tcp 443 from `sg-0e1f3a5c7d9b00002`, nor from 100.64.3.0/24 of the environment's subnets.
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw neither sg-0e1f3a5c7d9b00002 nor 100.64.3.0/24, wanted sg-0e1f3a5c7d9b00002, or the blocks of all environment subnets
        "#]],
    );
}

#[test]
fn rules_in_words_not_known_here() {
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO).add_egress(SG_WORKLOAD, tcp(443));
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: A rule names a kind of peer that is not known here.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            let mut strange = with_group(tcp(443), SG_ENDPOINTS);
            strange.protocol = "teleport".to_owned();
            sts_at(env, TWO).add_egress(SG_WORKLOAD, strange);
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: A rule of `sg-0e1f3a5c7d9b00002` has a protocol or ports that are not known here.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            sts_at(env, TWO).add_egress(SG_WORKLOAD, with_cidr(tcp(443), "everywhere"));
        },
        expect![[r#"
            INSUFFICIENT_DATA api_error MEDIUM fraud-dev ds-workload-fraud-dev: `everywhere` of `a rule or route` is no address block.
        "#]],
    );
}

#[test]
fn a_rule_that_surely_allows_decides() {
    check(
        &CONTROL,
        |env| {
            let mut strange = with_group(tcp(443), SG_ENDPOINTS);
            strange.protocol = "teleport".to_owned();
            env.add_egress(SG_WORKLOAD, tcp(443))
                .add_egress(SG_WORKLOAD, strange)
                .add_ingress(SG_ENDPOINTS, tcp(443))
                .endpoint("sts", |endpoint| {
                    endpoint.groups.insert("sg-0gone".to_owned());
                })
                .hide(&source::PREFIX_LIST_ENTRIES)
                .hide(&source::NETWORK_INTERFACES)
                .cut(&source::SUBNETS);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn a_violation_stands_though_not_all_endpoints_were_seen() {
    check(
        &CONTROL,
        |env| {
            only_sts(env).group(SG_WORKLOAD, |group| group.egress.clear()).cut(&source::VPC_ENDPOINTS);
        },
        expect![[r#"
            NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` has no egress rule for tcp 443 to `vpce-0b2c4d6e8f0a00002` (com.amazonaws.eu-west-1.sts).
              ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw nothing to vpce-0b2c4d6e8f0a00002, wanted sg-0e1f3a5c7d9b00003, or the addresses of all network interfaces of the endpoint
        "#]],
    );
}
