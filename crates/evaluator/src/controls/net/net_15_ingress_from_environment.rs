//! NET-15: workload security groups accept traffic only from the environment.

use ipnet::IpNet;
use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2::{self, Permission, SecurityGroup};

use crate::Control;
use crate::judge::{self, Known, field};
use crate::place::Place;
use crate::world::World;
use crate::world::groups::group_ref;
use crate::world::network::{cidr, inside};
use crate::world::rules::{Peer, peers, ports, unheard};

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
    id: "NET-15",
    name: "ingress-from-environment",
    title: "Workload security groups accept traffic only from the environment.",
    area: Area::Network,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "security group",
    rationale: "What may reach a notebook or a training node may steer it.",
    decided: "Every source of every ingress rule must be a workload or endpoint group of the VPC, the group itself for all traffic, or an entry of `allowed_ingress` on its ports; blocks of the VPC only with `allow_vpc_cidr_rules`.",
    remediation: "Revoke the rule, and name groups instead of address blocks.",
    maps: Maps { securityhub: &["EC2.18", "EC2.19"], cis: &["5.2", "5.3"], nist: &["AC-4", "SC-7(5)"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::each(
        &INFO,
        place,
        world.workload_groups(place),
        |group| (group_ref(place, group), None),
        |say, group| {
            for permission in &group.ingress {
                for peer in peers(permission, &group.vpc_id) {
                    let Some(false) = say.see(permitted(world, place, group, permission, peer)) else { continue };
                    let severity = if is_everyone(world, place, peer) { Severity::Critical } else { Severity::High };
                    say.broken_as(
                        severity,
                        format!("`{}` accepts {} from {}", group.id, ports(permission), peer.text()),
                        [field(
                            &ec2::SECURITY_GROUPS,
                            format!("{}.IpPermissions[{}]", group.id, ports(permission)),
                            peer.text(),
                            "a workload or endpoint group, or an entry of `allowed_ingress`",
                        )],
                    );
                }
            }
            Ok(())
        },
    )
}

fn permitted<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    group: &SecurityGroup,
    permission: &Permission,
    peer: Peer<'_>,
) -> Known<'a, bool> {
    let environments = &place.environments;
    let listed: Vec<_> = environments.iter().flat_map(|environment| &environment.allowed_ingress).collect();
    if world.allowed_by(place, &listed, permission, peer)? {
        return Ok(true);
    }
    match peer {
        Peer::Group(id, false) if permission.is_all_protocols() => {
            Ok(id == group.id && environments.iter().all(|environment| environment.allow_self_all))
        }
        Peer::Group(id, false) => Ok(world.workload_groups(place).any(|other| other.id == id)?
            || world.endpoint_groups(place)?.any(|other| *other == id)?),
        Peer::Group(_, true) => Ok(false),
        Peer::Unheard => Err(unheard()),
        Peer::Block(_) | Peer::List(_) => {
            let allowed = environments.iter().all(|environment| environment.allow_vpc_cidr_rules);
            if !allowed || permission.is_all_protocols() {
                return Ok(false);
            }
            let own = world.vpc_blocks(world.vpc(place)?)?;
            Ok(inside(&world.blocks_of(place, peer.text())?, &own))
        }
    }
}

/// Whether the peer is, or holds, the whole internet. What cannot be read here is no reason to call it worse.
fn is_everyone<'a>(world: &World<'a>, place: &Place<'a>, peer: Peer<'_>) -> bool {
    let whole = |block: &IpNet| block.prefix_len() == 0;
    match peer {
        Peer::Block(text) => cidr(text).as_ref().is_some_and(whole),
        Peer::List(id) => world.blocks_of(place, id).is_ok_and(|blocks| blocks.iter().any(whole)),
        Peer::Group(..) | Peer::Unheard => false,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2::GroupPair;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn a_block_of_the_vpc_is_not_a_group() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.0.0/16"));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts tcp 443 from 10.20.0.0/16.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[tcp 443]: saw 10.20.0.0/16, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }

    #[test]
    fn a_block_of_the_vpc_where_the_baseline_allows_it() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, with_cidr(tcp(443), "10.20.0.0/16"))
                    .add_to_baseline("allow_vpc_cidr_rules: true");
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn the_internet() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, with_cidr(tcp(22), "0.0.0.0/0"));
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts tcp 22 from 0.0.0.0/0.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[tcp 22]: saw 0.0.0.0/0, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_internet_in_ipv6() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, {
                    let mut rule = tcp(22);
                    rule.ipv6.push("::/0".to_owned());
                    rule
                });
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts tcp 22 from ::/0.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[tcp 22]: saw ::/0, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_internet_in_a_prefix_list() {
        check(
            &CONTROL,
            |env| {
                env.prefix_list_entries(PL_MONITORING, &["0.0.0.0/0"]);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts tcp 9443 from pl-0b7d9f1a3c5e00002.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[tcp 9443]: saw pl-0b7d9f1a3c5e00002, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_group_of_a_peer() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, {
                    let mut rule = tcp(443);
                    rule.groups.push(GroupPair {
                        group_id: SG_ENDPOINTS.to_owned(),
                        user_id: Some("999999999999".to_owned()),
                        vpc_id: Some("vpc-theirs".to_owned()),
                        peering_id: Some("pcx-1".to_owned()),
                    });
                    rule
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts tcp 443 from sg-0e1f3a5c7d9b00003.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[tcp 443]: saw sg-0e1f3a5c7d9b00003, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_rule_without_any_known_peer() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, tcp(22));
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev ds-workload-fraud-dev: A rule names a kind of peer that is not known here.
            "#]],
        );
    }

    #[test]
    fn a_group_of_no_workload() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, with_group(tcp(443), SG_DEFAULT));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts tcp 443 from sg-0e1f3a5c7d9b00001.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[tcp 443]: saw sg-0e1f3a5c7d9b00001, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }

    #[test]
    fn the_listed_source_on_another_port() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, with_cidr(tcp(22), "10.8.4.0/24"));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts tcp 22 from 10.8.4.0/24.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[tcp 22]: saw 10.8.4.0/24, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }

    #[test]
    fn fail_trap_all_traffic_from_itself() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, with_group(all_traffic(), SG_WORKLOAD));
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn all_traffic_from_itself_where_the_baseline_forbids_it() {
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline("allow_self_all: false");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts all traffic from sg-0e1f3a5c7d9b00002.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[all traffic]: saw sg-0e1f3a5c7d9b00002, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }

    #[test]
    fn all_traffic_from_the_endpoints() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, with_group(all_traffic(), SG_ENDPOINTS));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-workload-fraud-dev: `sg-0e1f3a5c7d9b00002` accepts all traffic from sg-0e1f3a5c7d9b00003.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00002.IpPermissions[all traffic]: saw sg-0e1f3a5c7d9b00003, wanted a workload or endpoint group, or an entry of `allowed_ingress`
            "#]],
        );
    }
}
