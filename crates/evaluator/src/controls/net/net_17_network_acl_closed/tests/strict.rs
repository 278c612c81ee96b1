//! Tests of NET-17 where the baseline asks for `strict`.

use expect_test::expect;
use plumbline_snapshot::Read;
use plumbline_snapshot::ec2 as source;
use plumbline_snapshot::ec2::{AclEntry, PrefixList};
use plumbline_testkit::ec2::*;
use plumbline_testkit::{ACCOUNT, Env};

use super::{CONTROL, ipv6, one_subnet, tcp_ports, with};
use crate::check::check;

/// Puts entries into the ACL of the one subnet in place of those that are not for the VPC and its monitoring.
fn strictly(env: &mut Env, entries: impl IntoIterator<Item = AclEntry>) -> &mut Env {
    env.network_acl(ACL, |acl| acl.entries.retain(|entry| ![110, 120].contains(&entry.number)));
    with(env, entries).add_to_baseline("nacl_mode: strict")
}

#[test]
fn what_may_come_in() {
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
            strictly(
                env,
                [
                    tcp_ports(110, "allow", "192.0.2.0/24", 1024, 65535),
                    ipv6(tcp_ports(111, "allow", "2001:db8:53::/64", 2000, 3000)),
                    tcp_ports(112, "allow", "10.8.5.0/24", 9443, 9443),
                    acl_entry(113, "deny", "-1", "0.0.0.0/0"),
                    acl_entry(114, "allow", "-1", "0.0.0.0/0"),
                ],
            )
            .add_prefix_list(v6);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn what_may_not() {
    check(
        &CONTROL,
        |env| {
            strictly(
                env,
                [
                    tcp_ports(110, "allow", "192.0.2.0/24", 443, 65535),
                    tcp_ports(111, "allow", "10.8.4.0/22", 9443, 9444),
                    ipv6(acl_entry(112, "allow", "-1", "2001:db8:9::/48")),
                ],
            );
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 443-65535 from 192.0.2.0/24 (rule 110), such as tcp 443 from 192.0.2.0; `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 9443-9444 from 10.8.4.0/22 (rule 111), such as tcp 9444 from 10.8.4.0; `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits all traffic from 2001:db8:9::/48 (rule 112), such as tcp 443 from 2001:db8:9::.
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[110]: saw allow tcp 443-65535 from 192.0.2.0/24, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[111]: saw allow tcp 9443-9444 from 10.8.4.0/22, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[112]: saw allow all traffic from 2001:db8:9::/48, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
        "#]],
    );
}

#[test]
fn the_known_good_admits_ephemeral_ports_from_everywhere() {
    check(
        &CONTROL,
        |env| {
            one_subnet(env).add_to_baseline("nacl_mode: strict");
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 1024-3388 from 0.0.0.0/0 (rule 110), such as tcp 1024 from 198.51.100.1; `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 3390-65535 from 0.0.0.0/0 (rule 120), such as tcp 3390 from 198.51.100.1.
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[110]: saw allow tcp 1024-3388 from 0.0.0.0/0, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[120]: saw allow tcp 3390-65535 from 0.0.0.0/0, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
        "#]],
    );
}

#[test]
fn icmp_and_protocols_without_ports() {
    check(
        &CONTROL,
        |env| {
            let echo = AclEntry { icmp: Some((8, -1)), ..acl_entry(110, "allow", "1", "203.0.113.0/24") };
            let reply = AclEntry { icmp: Some((0, 0)), ..acl_entry(111, "allow", "1", "203.0.113.0/24") };
            strictly(env, [echo, reply, acl_entry(112, "allow", "47", "203.0.113.0/24")]);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits icmp type 8 from 203.0.113.0/24 (rule 110), such as icmp 8/0 from 203.0.113.0; `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits icmp type 0 code 0 from 203.0.113.0/24 (rule 111), such as icmp 0/0 from 203.0.113.0; `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits protocol 47, all ports from 203.0.113.0/24 (rule 112), such as protocol 47 from 203.0.113.0.
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[110]: saw allow icmp type 8 from 203.0.113.0/24, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[111]: saw allow icmp type 0 code 0 from 203.0.113.0/24, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[112]: saw allow protocol 47, all ports from 203.0.113.0/24, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
        "#]],
    );
}

#[test]
fn a_list_that_aws_does_not_own_or_of_another_service() {
    check(
        &CONTROL,
        |env| {
            strictly(
                env,
                [
                    tcp_ports(110, "allow", "192.0.2.0/25", 1024, 65535),
                    tcp_ports(111, "allow", "198.51.100.128/26", 1024, 65535),
                ],
            )
            .prefix_list(PL_S3, |list| list.owner = ACCOUNT.to_owned());
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 1024-65535 from 192.0.2.0/25 (rule 110), such as tcp 1024 from 192.0.2.0; `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 1024-65535 from 198.51.100.128/26 (rule 111), such as tcp 1024 from 198.51.100.128.
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[110]: saw allow tcp 1024-65535 from 192.0.2.0/25, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[111]: saw allow tcp 1024-65535 from 198.51.100.128/26, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
        "#]],
    );
}

#[test]
fn allowed_lists_and_groups() {
    check(
        &CONTROL,
        |env| {
            env.baseline = env.baseline.replace(
                "    allowed_ingress:\n",
                &format!(
                    "    allowed_ingress:\n      - {{source: {PL_MONITORING}, protocol: udp, ports: [514]}}\n      - {{source: {SG_DEFAULT}, protocol: all}}\n"
                ),
            );
            let syslog = |number, block| AclEntry {
                from_port: Some(514),
                to_port: Some(514),
                ..acl_entry(number, "allow", "17", block)
            };
            strictly(env, [syslog(110, "10.8.6.0/24"), syslog(111, "10.8.5.0/24")]);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits udp 514 from 10.8.5.0/24 (rule 111), such as udp 514 from 10.8.5.0.
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[111]: saw allow udp 514 from 10.8.5.0/24, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
        "#]],
    );
}

#[test]
fn prefix_lists_that_were_not_seen_only_where_they_matter() {
    check(
        &CONTROL,
        |env| {
            strictly(env, [tcp_ports(110, "allow", "203.0.113.0/24", 1024, 65535)]).hide(&source::PREFIX_LIST_ENTRIES);
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied LOW fraud-dev subnet-0a1d3f5b7c9e00001: ec2:GetManagedPrefixListEntries of `pl-5e1c2a70` was not seen: denied, AccessDenied: not authorized to perform ec2:GetManagedPrefixListEntries.
              ec2:GetManagedPrefixListEntries not seen: denied
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            strictly(env, [tcp_ports(110, "allow", "203.0.113.0/24", 1024, 65535)]).hide(&source::MANAGED_PREFIX_LISTS);
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied LOW fraud-dev subnet-0a1d3f5b7c9e00001: ec2:DescribeManagedPrefixLists was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeManagedPrefixLists.
              ec2:DescribeManagedPrefixLists not seen: denied
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            strictly(env, []).hide(&source::MANAGED_PREFIX_LISTS);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            strictly(env, [tcp_ports(110, "allow", "203.0.113.0/24", 1023, 65535)]).hide(&source::MANAGED_PREFIX_LISTS);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 1023-65535 from 203.0.113.0/24 (rule 110), such as tcp 1023 from 203.0.113.0.
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[110]: saw allow tcp 1023-65535 from 203.0.113.0/24, wanted a block of the VPC, an entry of `allowed_ingress`, or the prefix list of S3 on tcp 1024-65535
        "#]],
    );
}

#[test]
fn an_entry_in_words_not_known_here() {
    check(
        &CONTROL,
        |env| {
            strictly(env, [acl_entry(110, "allow", "teleport", "203.0.113.0/24")]);
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` has in rule 110 what is not known here: what rule 110 admits is not settled.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            strictly(env, [acl_entry(110, "allow", "teleport", "10.20.3.0/24")]);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}
