//! NET-16: workload security groups send traffic only to the environment, the endpoints and the S3 prefix list.

use std::collections::BTreeSet;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2::{self, Permission, PrefixList};

use crate::Control;
use crate::judge::{self, Known, field};
use crate::place::Place;
use crate::world::World;
use crate::world::groups::group_ref;
use crate::world::network::inside;
use crate::world::rules::{Peer, is_tcp_within, peers, ports, unheard};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &ec2::VPCS,
        &ec2::SECURITY_GROUPS,
        &ec2::VPC_ENDPOINTS,
        &ec2::MANAGED_PREFIX_LISTS,
        &ec2::PREFIX_LIST_ENTRIES,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "NET-16",
    name: "egress-to-environment",
    title: "Workload security groups send traffic only to the environment, the endpoints and the S3 prefix list.",
    area: Area::Network,
    severity: Severity::Medium,
    origin: Origin::Seed,
    scope: "security group",
    rationale: "What a notebook or a training node may send anywhere leaves with the next route or peering that leads there.",
    decided: "Every destination of every egress rule must be a workload or endpoint group, a block of the VPC, AWS's own prefix list of S3 or DynamoDB on tcp 443, or an entry of `allowed_egress` on its ports, whether a route leads there today or not.",
    remediation: "Replace the rule by 443 to the endpoint group and 443 to the prefix list of S3; list in `allowed_egress` what else is meant.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7(5)"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(
        &INFO,
        place,
        world.workload_groups(place),
        |group| (group_ref(place, group), None),
        |say, group| {
            for permission in &group.egress {
                for peer in peers(permission, &group.vpc_id) {
                    let Some(false) = say.see(permitted(world, place, permission, peer)) else { continue };
                    say.broken(
                        format!("`{}` sends {} to {}", group.id, ports(permission), peer.text()),
                        [field(
                            &ec2::SECURITY_GROUPS,
                            format!("{}.IpPermissionsEgress[{}]", group.id, ports(permission)),
                            peer.text(),
                            "a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`",
                        )],
                    );
                }
            }
            Ok(())
        },
    )
}

fn permitted<'a>(world: &World<'a>, place: &Place<'a>, permission: &Permission, peer: Peer<'_>) -> Known<'a, bool> {
    let listed: Vec<_> = place.environments.iter().flat_map(|environment| &environment.allowed_egress).collect();
    if let Peer::List(id) = peer
        && let Some(list) = world.regional(place)?.ec2.prefix_lists.get(id)?
        && is_of_gateway(place, list)
        && is_tcp_within(permission, &BTreeSet::from([443]))
    {
        return Ok(true);
    }
    if world.allowed_by(place, &listed, permission, peer)? {
        return Ok(true);
    }
    match peer {
        Peer::Group(id, false) => Ok(world.workload_groups(place).any(|other| other.id == id)?
            || world.endpoint_groups(place)?.any(|other| *other == id)?),
        Peer::Group(_, true) => Ok(false),
        Peer::Unheard => Err(unheard()),
        Peer::Block(_) | Peer::List(_) => {
            let own = world.vpc_blocks(world.vpc(place)?)?;
            Ok(inside(&world.blocks_of(place, peer.text())?, &own))
        }
    }
}

/// Whether it is AWS's own list of S3 or DynamoDB, which gateway endpoints serve.
fn is_of_gateway(place: &Place<'_>, list: &PrefixList) -> bool {
    let named = |service: &str| list.name == format!("com.amazonaws.{}.{service}", place.region);
    list.owner == "AWS" && ["s3", "dynamodb"].into_iter().any(named)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2 as source;
    use plumbline_snapshot::ec2::{CidrBlock, GroupPair, Permission, PrefixList};
    use plumbline_testkit::ACCOUNT;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    fn tcp_range(from: i32, to: i32) -> Permission {
        Permission { to_port: Some(to), ..tcp(from) }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_the_rule_of_new_groups_though_no_route_leads_there() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_WORKLOAD, with_cidr(with_cidr(all_traffic(), "0.0.0.0/0"), "::/0"));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends all traffic to 0.0.0.0/0; `sg-0e1f3a5c7d9b00002` sends all traffic to ::/0.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[all traffic]: saw 0.0.0.0/0, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[all traffic]: saw ::/0, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
            "#]],
        );
    }

    #[test]
    fn blocks_inside_the_vpc_and_beyond() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| {
                    let gone = CidrBlock { cidr: "172.16.0.0/16".to_owned(), state: "disassociated".to_owned() };
                    let ipv6 = CidrBlock { cidr: "2001:db8:20::/56".to_owned(), state: "associated".to_owned() };
                    vpc.cidrs.extend([gone, ipv6]);
                })
                .add_egress(SG_WORKLOAD, with_cidr(with_cidr(all_traffic(), "10.20.0.0/16"), "100.64.3.0/24"))
                .add_egress(SG_WORKLOAD, with_cidr(tcp(5432), "2001:db8:20:1::/64"))
                .add_egress(SG_WORKLOAD, with_cidr(with_cidr(tcp(5432), "10.0.0.0/8"), "172.16.1.0/24"))
                .add_egress(SG_WORKLOAD, with_cidr(tcp(443), "2001:db8::/32"));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends tcp 443 to 2001:db8::/32; `sg-0e1f3a5c7d9b00002` sends tcp 5432 to 10.0.0.0/8; `sg-0e1f3a5c7d9b00002` sends tcp 5432 to 172.16.1.0/24.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw 2001:db8::/32, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 5432]: saw 10.0.0.0/8, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 5432]: saw 172.16.1.0/24, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
            "#]],
        );
    }

    #[test]
    fn fail_trap_the_lists_of_s3_and_dynamodb_hold_public_ranges() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_WORKLOAD, with_prefix_list(tcp(443), PL_DYNAMODB)).hide(&source::PREFIX_LIST_ENTRIES);
                // What `allowed_egress` must cover is nothing for this.
                env.group(SG_WORKLOAD, |group| {
                    group.egress.iter_mut().for_each(|rule| rule.prefix_lists.retain(|list| list != PL_SHARED));
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn the_list_of_s3_on_other_ports() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_WORKLOAD, with_prefix_list(tcp_range(443, 444), PL_S3))
                    .add_egress(SG_WORKLOAD, with_prefix_list(all_traffic(), PL_S3));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends all traffic to pl-5e1c2a70; `sg-0e1f3a5c7d9b00002` sends tcp 443-444 to pl-5e1c2a70.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[all traffic]: saw pl-5e1c2a70, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443-444]: saw pl-5e1c2a70, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_list_of_the_customer_that_is_named_like_that_of_s3() {
        check(
            &CONTROL,
            |env| {
                env.prefix_list(PL_S3, |list| list.owner = ACCOUNT.to_owned());
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends tcp 443 to pl-5e1c2a70.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw pl-5e1c2a70, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
            "#]],
        );
    }

    #[test]
    fn another_list_of_aws_and_that_of_another_region() {
        check(
            &CONTROL,
            |env| {
                for (id, name) in [
                    ("pl-cloudfront", "com.amazonaws.global.cloudfront.origin-facing"),
                    ("pl-elsewhere", "com.amazonaws.us-east-1.s3"),
                ] {
                    let mut list = PrefixList {
                        id: id.to_owned(),
                        name: name.to_owned(),
                        owner: "AWS".to_owned(),
                        family: None,
                        entries: plumbline_snapshot::Read::Seen(vec!["203.0.113.0/24".to_owned()]),
                    };
                    list.family = Some("IPv4".to_owned());
                    env.add_prefix_list(list).add_egress(SG_WORKLOAD, with_prefix_list(tcp(443), id));
                }
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends tcp 443 to pl-cloudfront; `sg-0e1f3a5c7d9b00002` sends tcp 443 to pl-elsewhere.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw pl-cloudfront, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw pl-elsewhere, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
            "#]],
        );
    }

    #[test]
    fn a_list_of_the_customer_inside_the_vpc() {
        check(
            &CONTROL,
            |env| {
                env.prefix_list_entries(PL_MONITORING, &["10.20.1.0/24", "100.64.0.0/24"])
                    .group(SG_WORKLOAD, |group| group.ingress.clear())
                    .add_egress(SG_WORKLOAD, with_prefix_list(tcp(9443), PL_MONITORING));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_list_of_the_customer_that_holds_the_internet() {
        check(
            &CONTROL,
            |env| {
                env.prefix_list_entries(PL_SHARED, &["10.9.32.0/24", "0.0.0.0/0"]);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends tcp 443 to pl-0b7d9f1a3c5e00001.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw pl-0b7d9f1a3c5e00001, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
            "#]],
        );
    }

    #[test]
    fn a_list_that_is_not_listed() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_WORKLOAD, with_prefix_list(tcp(443), "pl-0gone"));
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: `pl-0gone` is named by a rule or route and not listed.
            "#]],
        );
    }

    #[test]
    fn groups_of_the_environment_on_any_port() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_WORKLOAD, with_group(all_traffic(), SG_ENDPOINTS))
                    .add_egress(SG_WORKLOAD, with_group(tcp(2049), SG_WORKLOAD));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_group_of_no_workload_and_a_group_of_a_peer() {
        check(
            &CONTROL,
            |env| {
                let mut peer = tcp(443);
                peer.groups.push(GroupPair {
                    group_id: SG_ENDPOINTS.to_owned(),
                    user_id: Some("999999999999".to_owned()),
                    vpc_id: Some("vpc-theirs".to_owned()),
                    peering_id: Some("pcx-1".to_owned()),
                });
                env.add_egress(SG_WORKLOAD, with_group(tcp(443), SG_DEFAULT)).add_egress(SG_WORKLOAD, peer);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends tcp 443 to sg-0e1f3a5c7d9b00001; `sg-0e1f3a5c7d9b00002` sends tcp 443 to sg-0e1f3a5c7d9b00003.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw sg-0e1f3a5c7d9b00001, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 443]: saw sg-0e1f3a5c7d9b00003, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
            "#]],
        );
    }

    #[test]
    fn an_allowed_destination_on_its_port_and_another() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_WORKLOAD, with_cidr(tcp(443), "10.9.1.0/24"))
                    .add_egress(SG_WORKLOAD, with_cidr(tcp(80), "10.9.1.0/24"));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends tcp 80 to 10.9.1.0/24.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[tcp 80]: saw 10.9.1.0/24, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
            "#]],
        );
    }

    #[test]
    fn an_allowed_group_and_an_allowed_list() {
        check(
            &CONTROL,
            |env| {
                env.baseline = env.baseline.replace(
                    "    allowed_egress:\n",
                    &format!(
                        "    allowed_egress:\n      - {{destination: {SG_DEFAULT}, protocol: tcp, ports: [80]}}\n      - {{destination: {PL_MONITORING}, protocol: all}}\n"
                    ),
                );
                env.add_egress(SG_WORKLOAD, with_group(tcp(80), SG_DEFAULT))
                    .add_egress(SG_WORKLOAD, with_prefix_list(all_traffic(), PL_MONITORING));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_rule_without_any_known_peer() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_WORKLOAD, tcp(443));
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-workload-fraud-dev: A rule names a kind of peer that is not known here.
            "#]],
        );
    }

    #[test]
    fn what_other_groups_send_does_not_matter() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_DEFAULT, with_cidr(all_traffic(), "0.0.0.0/0"))
                    .add_egress(SG_ENDPOINTS, with_cidr(all_traffic(), "0.0.0.0/0"));
            },
            expect![[r#"
                COMPLIANT
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

    #[test]
    fn a_violation_stands_though_other_groups_and_lists_were_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_WORKLOAD, with_cidr(all_traffic(), "0.0.0.0/0"))
                    .cut(&source::SECURITY_GROUPS)
                    .hide(&source::PREFIX_LIST_ENTRIES);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` sends all traffic to 0.0.0.0/0.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissionsEgress[all traffic]: saw 0.0.0.0/0, wanted a workload or endpoint group, a block of the VPC, the prefix list of S3 on tcp 443, or an entry of `allowed_egress`
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev 111122223333: ec2:DescribeSecurityGroups was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeSecurityGroups not seen: truncated
            "#]],
        );
    }
}
