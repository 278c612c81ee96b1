//! Tests of NET-17. Those of `strict` are in `strict`.

mod strict;

use expect_test::expect;
use plumbline_snapshot::ec2 as source;
use plumbline_snapshot::ec2::AclEntry;
use plumbline_testkit::Env;
use plumbline_testkit::ec2::*;

use super::CONTROL;
use crate::check::{blind_but, check, clean};

/// Leaves one subnet, so that one violation shows once.
fn one_subnet(env: &mut Env) -> &mut Env {
    env.remove_subnet(SUBNET_B).remove_subnet(SUBNET_C)
}

/// Puts entries into the ACL of the one subnet, whose own begin with 90.
fn with(env: &mut Env, entries: impl IntoIterator<Item = AclEntry>) -> &mut Env {
    one_subnet(env).network_acl(ACL, |acl| acl.entries.extend(entries))
}

fn tcp_ports(number: i32, action: &str, block: &str, from: i32, to: i32) -> AclEntry {
    AclEntry { from_port: Some(from), to_port: Some(to), ..acl_entry(number, action, "6", block) }
}

fn ipv6(entry: AclEntry) -> AclEntry {
    AclEntry { ipv6: entry.ipv4, ipv4: None, ..entry }
}

#[test]
fn known_good_is_clean_and_a_gap_is_not() {
    clean(&CONTROL);
    // Prefix lists count with `strict` alone.
    blind_but(&CONTROL, &[&source::MANAGED_PREFIX_LISTS, &source::PREFIX_LIST_ENTRIES]);
}

#[test]
fn fail_trap_the_acl_that_aws_makes_admits_everything_and_that_is_meant() {
    check(
        &CONTROL,
        |env| {
            env.network_acl(ACL, |acl| {
                acl.is_default = true;
                acl.entries = vec![
                    acl_entry(100, "allow", "-1", "0.0.0.0/0"),
                    ipv6(acl_entry(101, "allow", "-1", "::/0")),
                    acl_entry(32767, "deny", "-1", "0.0.0.0/0"),
                    ipv6(acl_entry(32768, "deny", "-1", "::/0")),
                ];
            });
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 and 3389 from 0.0.0.0/0 (rule 100); `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 and 3389 from ::/0 (rule 101).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[100]: saw allow all traffic from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[101]: saw allow all traffic from ::/0, wanted tcp 22 and 3389 from less than everyone
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00002: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00002` admits tcp 22 and 3389 from 0.0.0.0/0 (rule 100); `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00002` admits tcp 22 and 3389 from ::/0 (rule 101).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[100]: saw allow all traffic from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[101]: saw allow all traffic from ::/0, wanted tcp 22 and 3389 from less than everyone
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00003: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00003` admits tcp 22 and 3389 from 0.0.0.0/0 (rule 100); `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00003` admits tcp 22 and 3389 from ::/0 (rule 101).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[100]: saw allow all traffic from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[101]: saw allow all traffic from ::/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
}

#[test]
fn pass_trap_a_deny_counts_only_before_the_allow() {
    check(
        &CONTROL,
        |env| {
            with(env, [tcp_ports(20, "allow", "0.0.0.0/0", 22, 22), tcp_ports(21, "deny", "0.0.0.0/0", 0, 65535)]);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 from 0.0.0.0/0 (rule 20).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[20]: saw allow tcp 22 from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            with(env, [tcp_ports(20, "deny", "0.0.0.0/0", 22, 22), tcp_ports(21, "allow", "0.0.0.0/0", 0, 3388)]);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn a_deny_of_a_part_before_does_not_excuse_and_two_of_the_halves_do() {
    check(
        &CONTROL,
        |env| {
            with(
                env,
                [tcp_ports(20, "deny", "203.0.113.0/24", 0, 65535), tcp_ports(21, "allow", "0.0.0.0/0", 3389, 3389)],
            );
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 3389 from 0.0.0.0/0 (rule 21).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[21]: saw allow tcp 3389 from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            with(
                env,
                [
                    tcp_ports(20, "deny", "0.0.0.0/1", 0, 65535),
                    acl_entry(21, "deny", "-1", "128.0.0.0/1"),
                    tcp_ports(22, "allow", "0.0.0.0/0", 3389, 3389),
                ],
            );
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn pass_trap_two_halves_are_everything() {
    check(
        &CONTROL,
        |env| {
            with(
                env,
                [
                    tcp_ports(20, "allow", "10.20.1.0/24", 22, 22),
                    tcp_ports(21, "allow", "0.0.0.0/1", 22, 22),
                    tcp_ports(22, "allow", "128.0.0.0/1", 0, 1023),
                ],
            );
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 from 0.0.0.0/1, 128.0.0.0/1 (rules 21 and 22).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[21]: saw allow tcp 22 from 0.0.0.0/1, wanted tcp 22 and 3389 from less than everyone
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[22]: saw allow tcp 0-1023 from 128.0.0.0/1, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            with(env, [tcp_ports(21, "allow", "0.0.0.0/1", 22, 22), tcp_ports(22, "allow", "128.0.0.0/2", 22, 22)]);
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn pass_trap_entries_of_ipv6() {
    check(
        &CONTROL,
        |env| {
            with(env, [ipv6(tcp_ports(20, "allow", "::/0", 22, 3389))]);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 and 3389 from ::/0 (rule 20).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[20]: saw allow tcp 22-3389 from ::/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
}

#[test]
fn a_deny_of_ipv4_says_nothing_of_ipv6() {
    check(
        &CONTROL,
        |env| {
            with(env, [acl_entry(20, "deny", "-1", "0.0.0.0/0"), ipv6(tcp_ports(21, "allow", "::/0", 22, 22))]);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 from ::/0 (rule 21).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[21]: saw allow tcp 22 from ::/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
}

#[test]
fn pass_trap_every_protocol_holds_tcp() {
    check(
        &CONTROL,
        |env| {
            with(env, [acl_entry(20, "allow", "-1", "0.0.0.0/0")]);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 and 3389 from 0.0.0.0/0 (rule 20).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[20]: saw allow all traffic from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
}

#[test]
fn each_port_with_the_entries_that_open_it() {
    check(
        &CONTROL,
        |env| {
            with(
                env,
                [
                    tcp_ports(20, "allow", "0.0.0.0/0", 22, 22),
                    tcp_ports(21, "allow", "0.0.0.0/0", 20, 25),
                    tcp_ports(22, "allow", "0.0.0.0/0", 3389, 3389),
                ],
            );
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 from 0.0.0.0/0 (rule 20); `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 3389 from 0.0.0.0/0 (rule 22).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[20]: saw allow tcp 22 from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[22]: saw allow tcp 3389 from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
}

#[test]
fn other_ports_other_protocols_and_what_goes_out() {
    check(
        &CONTROL,
        |env| {
            with(
                env,
                [
                    tcp_ports(20, "allow", "0.0.0.0/0", 0, 21),
                    tcp_ports(21, "allow", "0.0.0.0/0", 23, 3388),
                    acl_entry(22, "allow", "17", "0.0.0.0/0"),
                    AclEntry { egress: true, ..tcp_ports(23, "allow", "0.0.0.0/0", 22, 22) },
                ],
            );
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn switched_off_by_the_baseline() {
    check(
        &CONTROL,
        |env| {
            env.network_acl(ACL, |acl| acl.entries = vec![acl_entry(100, "allow", "-1", "0.0.0.0/0")])
                .add_to_baseline("nacl_mode: off");
        },
        expect![[r#"
            NOT_APPLICABLE not_required_by_baseline LOW fraud-dev 111122223333: Nothing to judge: not required by baseline.
        "#]],
    );
}

#[test]
fn an_entry_in_words_not_known_here_only_where_it_matters() {
    check(
        &CONTROL,
        |env| {
            with(env, [acl_entry(20, "allow", "teleport", "0.0.0.0/0")]);
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` has in rule 20 what is not known here: whether it admits tcp 22 from 0.0.0.0/0 is not settled.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            with(env, [acl_entry(20, "mirror", "-1", "0.0.0.0/0")]);
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` has in rule 20 what is not known here: whether it admits tcp 22 from 0.0.0.0/0 is not settled.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            with(env, [acl_entry(20, "deny", "teleport", "0.0.0.0/0"), tcp_ports(21, "allow", "0.0.0.0/0", 22, 22)]);
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` has in rule 20 what is not known here: whether it admits tcp 22 from 0.0.0.0/0 is not settled.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            with(env, [AclEntry { ipv4: None, ..tcp_ports(20, "allow", "", 22, 22) }]);
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` has in rule 20 what is not known here: whether it admits tcp 22 from 0.0.0.0/0 is not settled.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            with(
                env,
                [
                    acl_entry(20, "allow", "teleport", "203.0.113.0/24"),
                    tcp_ports(21, "deny", "0.0.0.0/0", 22, 22),
                    tcp_ports(22, "mirror", "0.0.0.0/0", 22, 22),
                ],
            );
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn a_violation_stands_beside_an_entry_that_is_not_known() {
    check(
        &CONTROL,
        |env| {
            with(env, [tcp_ports(20, "allow", "0.0.0.0/0", 22, 22), acl_entry(21, "mirror", "-1", "0.0.0.0/0")]);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 from 0.0.0.0/0 (rule 20).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[20]: saw allow tcp 22 from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
}

#[test]
fn no_acl_of_a_subnet_is_listed() {
    check(
        &CONTROL,
        |env| {
            one_subnet(env).remove_network_acl(ACL);
        },
        expect![[r#"
            INSUFFICIENT_DATA unresolved LOW fraud-dev subnet-0a1d3f5b7c9e00001: No network ACL of `subnet-0a1d3f5b7c9e00001` is listed.
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            one_subnet(env).remove_network_acl(ACL).cut(&source::NETWORK_ACLS);
        },
        expect![[r#"
            INSUFFICIENT_DATA truncated LOW fraud-dev subnet-0a1d3f5b7c9e00001: ec2:DescribeNetworkAcls was not seen: truncated, InternalFailure: status 500 on page 2.
              ec2:DescribeNetworkAcls not seen: truncated
        "#]],
    );
    check(
        &CONTROL,
        |env| {
            one_subnet(env).remove_network_acl(ACL).vpc(|vpc| vpc.owner = "999999999999".to_owned());
        },
        expect![[r#"
            INSUFFICIENT_DATA access_denied LOW fraud-dev subnet-0a1d3f5b7c9e00001: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
        "#]],
    );
}

#[test]
fn an_acl_of_another_subnet_does_not_matter() {
    check(
        &CONTROL,
        |env| {
            env.network_acl(OTHER_ACL, |acl| acl.vpc_id = VPC.to_owned());
        },
        expect![[r#"
            COMPLIANT
        "#]],
    );
}

#[test]
fn each_subnet_by_its_own_acl() {
    check(
        &CONTROL,
        |env| {
            env.network_acl(ACL, |acl| {
                acl.subnet_ids.remove(SUBNET_C);
            })
            .network_acl(OTHER_ACL, |acl| {
                acl.vpc_id = VPC.to_owned();
                acl.subnet_ids.insert(SUBNET_C.to_owned());
            });
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00003: `acl-0a1c2e3f4b5d60009` of `subnet-0a1d3f5b7c9e00003` admits tcp 22 and 3389 from 0.0.0.0/0 (rule 100).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60009.Entries[100]: saw allow all traffic from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
        "#]],
    );
}

#[test]
fn a_violation_stands_though_not_all_subnets_and_acls_were_seen() {
    check(
        &CONTROL,
        |env| {
            with(env, [tcp_ports(20, "allow", "0.0.0.0/0", 22, 22)]).cut(&source::NETWORK_ACLS).cut(&source::SUBNETS);
        },
        expect![[r#"
            NON_COMPLIANT LOW fraud-dev subnet-0a1d3f5b7c9e00001: `acl-0a1c2e3f4b5d60001` of `subnet-0a1d3f5b7c9e00001` admits tcp 22 from 0.0.0.0/0 (rule 20).
              ec2:DescribeNetworkAcls acl-0a1c2e3f4b5d60001.Entries[20]: saw allow tcp 22 from 0.0.0.0/0, wanted tcp 22 and 3389 from less than everyone
            INSUFFICIENT_DATA truncated LOW fraud-dev 111122223333: ec2:DescribeSubnets was not seen: truncated, InternalFailure: status 500 on page 2.
              ec2:DescribeSubnets not seen: truncated
        "#]],
    );
}

#[test]
fn no_subnet() {
    check(
        &CONTROL,
        |env| {
            one_subnet(env).remove_subnet(SUBNET_A);
        },
        expect![[r#"
            NOT_APPLICABLE no_resources LOW fraud-dev 111122223333: Nothing to judge: no resources.
        "#]],
    );
}
