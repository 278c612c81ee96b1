//! VPE-06: endpoint security groups admit only tcp 443, and only from the environment.

use std::collections::BTreeSet;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, SecurityGroup, VpcEndpoint};

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, field, many};
use crate::place::Place;
use crate::tables::endpoints::serves;
use crate::world::World;
use crate::world::endpoints::endpoint_ref;
use crate::world::network::inside;
use crate::world::rules::{Peer, is_tcp_within, peers, ports, unheard};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &ec2::VPCS,
        &ec2::VPC_ENDPOINTS,
        &ec2::SECURITY_GROUPS,
        &ec2::MANAGED_PREFIX_LISTS,
        &ec2::PREFIX_LIST_ENTRIES,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "VPE-06",
    name: "endpoint-group-443",
    title: "Endpoint security groups admit only tcp 443, and only from the environment.",
    area: Area::Endpoints,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "endpoint",
    rationale: "The group of an endpoint decides who in the network, and in networks beyond it, may use the service through it.",
    decided: "The rules of all groups of an interface endpoint are taken together: each must admit tcp 443, or a port of `endpoint_extra_ports`, from a workload group; address blocks of the VPC count only with `allow_vpc_cidr_rules`. The VPC's default group must not be attached.",
    remediation: "Give the endpoint one group of its own that admits 443 from the workload groups.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7(5)"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let endpoints = world.interface_endpoints(place);
    judge::each(
        &INFO,
        place,
        endpoints,
        |endpoint| (endpoint_ref(place, endpoint), None),
        |say, endpoint| {
            let groups = &world.regional(place)?.ec2.security_groups;
            for id in &endpoint.groups {
                match say.see(groups.get(id)) {
                    Some(Some(group)) => look(world, place, endpoint, group, say),
                    Some(None) => say.unknown(Unknown::Because(
                        Reason::Unresolved,
                        format!("group `{id}` of `{}` is not listed", endpoint.id),
                    )),
                    None => {}
                }
            }
            Ok(())
        },
    )
}

fn look<'a>(world: &World<'a>, place: &Place<'a>, endpoint: &VpcEndpoint, group: &SecurityGroup, say: &mut Say<'a>) {
    let id = &endpoint.id;
    if group.name == "default" {
        say.broken(
            format!("`{id}` for `{}` has the default group `{}`", endpoint.service_name, group.id),
            [field(&ec2::VPC_ENDPOINTS, format!("{id}.Groups[].GroupId"), &group.id, "a group of its own")],
        );
    }
    let open = ports_of(place, endpoint);
    for permission in &group.ingress {
        let fits = is_tcp_within(permission, &open);
        for peer in peers(permission, &group.vpc_id) {
            // A port that must not be open is a violation whoever is at the other end.
            let Some(false) = (if fits { say.see(belongs(world, place, peer)) } else { Some(false) }) else { continue };
            let wanted = many(", ", &open);
            say.broken(
                format!(
                    "`{}` admits {} from {} to `{id}` for `{}`",
                    group.id,
                    ports(permission),
                    peer.text(),
                    endpoint.service_name
                ),
                [field(
                    &ec2::SECURITY_GROUPS,
                    format!("{}.IpPermissions[{}]", group.id, ports(permission)),
                    peer.text(),
                    format!("tcp {wanted} from workload groups"),
                )],
            );
        }
    }
}

/// The ports that the endpoint may take.
fn ports_of(place: &Place<'_>, endpoint: &VpcEndpoint) -> BTreeSet<u16> {
    let extra = place.environments.iter().flat_map(|environment| &environment.endpoint_extra_ports);
    let extra = extra.filter(|extra| serves(&endpoint.service_name, &extra.service)).map(|extra| extra.port);
    extra.chain([443]).collect()
}

/// Whether the peer belongs to the environment.
fn belongs<'a>(world: &World<'a>, place: &Place<'a>, peer: Peer<'_>) -> Known<'a, bool> {
    match peer {
        Peer::Group(_, true) => Ok(false),
        Peer::Unheard => Err(unheard()),
        Peer::Group(id, false) => world.workload_groups(place).any(|group| group.id == id),
        Peer::Block(_) | Peer::List(_) => {
            if !place.environments.iter().all(|environment| environment.allow_vpc_cidr_rules) {
                return Ok(false);
            }
            let own = world.vpc_blocks(world.vpc(place)?)?;
            Ok(inside(&world.blocks_of(place, peer.text())?, &own))
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2 as source;
    use plumbline_testkit::Env;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    /// Leaves the endpoint of STS alone, so that one violation shows once.
    fn only_sts(env: &mut Env) -> &mut Env {
        for service in ["sagemaker.api", "sagemaker.runtime", "logs", "kms", "notebook", "studio", "monitoring"] {
            env.remove_endpoint(service);
        }
        env
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // No rule of the known-good's endpoint group names a prefix list.
        blind_but(&CONTROL, &[&source::MANAGED_PREFIX_LISTS, &source::PREFIX_LIST_ENTRIES]);
    }

    #[test]
    fn another_port() {
        check(
            &CONTROL,
            |env| {
                only_sts(env).add_ingress(SG_ENDPOINTS, with_group(tcp(22), SG_WORKLOAD));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: `sg-0e1f3a5c7d9b00003` admits tcp 22 from sg-0e1f3a5c7d9b00002 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 22]: saw sg-0e1f3a5c7d9b00002, wanted tcp 443 from workload groups
            "#]],
        );
    }

    #[test]
    fn all_traffic_and_a_wider_range() {
        check(
            &CONTROL,
            |env| {
                let mut range = with_group(tcp(443), SG_WORKLOAD);
                range.to_port = Some(444);
                only_sts(env)
                    .add_ingress(SG_ENDPOINTS, with_group(all_traffic(), SG_WORKLOAD))
                    .add_ingress(SG_ENDPOINTS, range);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: `sg-0e1f3a5c7d9b00003` admits all traffic from sg-0e1f3a5c7d9b00002 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`; `sg-0e1f3a5c7d9b00003` admits tcp 443-444 from sg-0e1f3a5c7d9b00002 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[all traffic]: saw sg-0e1f3a5c7d9b00002, wanted tcp 443 from workload groups
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443-444]: saw sg-0e1f3a5c7d9b00002, wanted tcp 443 from workload groups
            "#]],
        );
    }

    #[test]
    fn the_right_port_from_elsewhere() {
        check(
            &CONTROL,
            |env| {
                let peered = plumbline_snapshot::ec2::GroupPair {
                    group_id: "sg-0peer".to_owned(),
                    user_id: Some("999999999999".to_owned()),
                    vpc_id: Some("vpc-0peer".to_owned()),
                    peering_id: Some("pcx-1".to_owned()),
                };
                let mut peer = tcp(443);
                peer.groups.push(peered);
                only_sts(env)
                    .add_ingress(SG_ENDPOINTS, with_cidr(with_cidr(tcp(443), "10.20.1.0/24"), "::/0"))
                    .add_ingress(SG_ENDPOINTS, with_group(tcp(443), SG_ENDPOINTS))
                    .add_ingress(SG_ENDPOINTS, peer);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: `sg-0e1f3a5c7d9b00003` admits tcp 443 from sg-0e1f3a5c7d9b00003 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`; `sg-0e1f3a5c7d9b00003` admits tcp 443 from sg-0peer to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`; `sg-0e1f3a5c7d9b00003` admits tcp 443 from 10.20.1.0/24 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`; and 1 more.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw sg-0e1f3a5c7d9b00003, wanted tcp 443 from workload groups
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw sg-0peer, wanted tcp 443 from workload groups
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw 10.20.1.0/24, wanted tcp 443 from workload groups
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw ::/0, wanted tcp 443 from workload groups
            "#]],
        );
    }

    #[test]
    fn blocks_of_the_vpc_where_the_baseline_allows_them() {
        check(
            &CONTROL,
            |env| {
                only_sts(env)
                    .add_to_baseline("allow_vpc_cidr_rules: true")
                    .add_ingress(SG_ENDPOINTS, with_cidr(with_cidr(tcp(443), "10.20.1.0/24"), "100.64.3.0/24"))
                    .add_ingress(SG_ENDPOINTS, with_prefix_list(with_cidr(tcp(443), "10.0.0.0/8"), PL_SHARED));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: `sg-0e1f3a5c7d9b00003` admits tcp 443 from 10.0.0.0/8 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`; `sg-0e1f3a5c7d9b00003` admits tcp 443 from pl-0b7d9f1a3c5e00001 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw 10.0.0.0/8, wanted tcp 443 from workload groups
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 443]: saw pl-0b7d9f1a3c5e00001, wanted tcp 443 from workload groups
            "#]],
        );
    }

    #[test]
    fn a_prefix_list_that_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                only_sts(env)
                    .add_to_baseline("allow_vpc_cidr_rules: true")
                    .add_ingress(SG_ENDPOINTS, with_prefix_list(tcp(443), PL_SHARED))
                    .hide(&source::PREFIX_LIST_ENTRIES);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev vpce-0b2c4d6e8f0a00002: ec2:GetManagedPrefixListEntries of `pl-0b7d9f1a3c5e00001` was not seen: denied, AccessDenied: not authorized to perform ec2:GetManagedPrefixListEntries.
                  ec2:GetManagedPrefixListEntries not seen: denied
            "#]],
        );
    }

    #[test]
    fn the_default_group() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.groups = [SG_DEFAULT.to_owned()].into());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts` has the default group `sg-0e1f3a5c7d9b00001`.
                  ec2:DescribeVpcEndpoints vpce-0b2c4d6e8f0a00002.Groups[].GroupId: saw sg-0e1f3a5c7d9b00001, wanted a group of its own
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_rules_of_several_groups_add_up() {
        check(
            &CONTROL,
            |env| {
                let mut wide = plain_group("sg-0wide", "wide");
                wide.ingress.push(with_cidr(tcp(443), "0.0.0.0/0"));
                env.add_group(wide).endpoint("sts", |endpoint| {
                    endpoint.groups.insert("sg-0wide".to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: `sg-0wide` admits tcp 443 from 0.0.0.0/0 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeSecurityGroups sg-0wide.IpPermissions[tcp 443]: saw 0.0.0.0/0, wanted tcp 443 from workload groups
            "#]],
        );
    }

    #[test]
    fn fail_trap_studio_and_efs_ports_of_workload_groups() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_WORKLOAD, with_group(tcp(2049), SG_WORKLOAD))
                    .add_ingress(SG_WORKLOAD, with_group(tcp(8192), SG_WORKLOAD));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn an_extra_port_of_a_package_mirror() {
        check(
            &CONTROL,
            |env| {
                let mut group = plain_group("sg-0mirror", "mirror");
                group.ingress.push(with_group(tcp(80), SG_WORKLOAD));
                let mut mirror = interface_endpoint("vpce-2", "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b", &[]);
                mirror.groups = ["sg-0mirror".to_owned()].into();
                env.add_group(group)
                    .add_endpoint(mirror)
                    .endpoint("sts", |endpoint| {
                        endpoint.groups.insert("sg-0mirror".to_owned());
                    })
                    .add_to_baseline(
                        "endpoint_extra_ports: [{service: \"com.amazonaws.vpce.{region}.vpce-svc-0a1b\", port: 80}]",
                    );
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: `sg-0mirror` admits tcp 80 from sg-0e1f3a5c7d9b00002 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeSecurityGroups sg-0mirror.IpPermissions[tcp 80]: saw sg-0e1f3a5c7d9b00002, wanted tcp 443 from workload groups
            "#]],
        );
    }

    #[test]
    fn a_group_that_is_not_listed() {
        check(
            &CONTROL,
            |env| {
                env.endpoint("sts", |endpoint| endpoint.groups = ["sg-0gone".to_owned()].into());
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved HIGH fraud-dev vpce-0b2c4d6e8f0a00002: Group `sg-0gone` of `vpce-0b2c4d6e8f0a00002` is not listed.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_another_group_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                only_sts(env)
                    .add_ingress(SG_ENDPOINTS, with_group(tcp(22), SG_WORKLOAD))
                    .endpoint("sts", |endpoint| {
                        endpoint.groups.insert("sg-0later".to_owned());
                    })
                    .cut(&source::SECURITY_GROUPS);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev vpce-0b2c4d6e8f0a00002: `sg-0e1f3a5c7d9b00003` admits tcp 22 from sg-0e1f3a5c7d9b00002 to `vpce-0b2c4d6e8f0a00002` for `com.amazonaws.eu-west-1.sts`.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00003.IpPermissions[tcp 22]: saw sg-0e1f3a5c7d9b00002, wanted tcp 443 from workload groups
            "#]],
        );
    }
}
