//! NET-18: VPC Block Public Access blocks both directions for this VPC, with no exclusion.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2::{self, Vpc, VpcBlock, VpcBlockExclusion};

use crate::Control;
use crate::judge::{self, Known, Say, Unknown, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&ec2::VPCS, &ec2::SUBNETS, &ec2::VPC_BLOCK, &ec2::VPC_BLOCK_EXCLUSIONS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "NET-18",
    name: "vpc-block-public-access",
    title: "VPC Block Public Access blocks both directions for this VPC, with no exclusion.",
    area: Area::Network,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "env",
    rationale: "While it is on, an internet gateway or a NAT gateway that somebody adds leads nowhere.",
    decided: "The Region's mode must be `block-bidirectional` and in force, whoever manages it, and no exclusion in force may name the VPC or one of its subnets.",
    remediation: "Set the mode to block-bidirectional with ModifyVpcBlockPublicAccessOptions, and delete the exclusion.",
    maps: Maps { securityhub: &["EC2.172"], cis: &[], nist: &["SC-7(5)"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        let ec2 = &world.regional(place)?.ec2;
        if let Some(block) = say.see(ec2.vpc_block.sight()) {
            look_at_options(place, block, say);
        }
        for exclusion in say.listing(&ec2.vpc_block_exclusions) {
            let excluded = excluded(world, place, vpc, exclusion);
            if let Some(Some(what)) = say.see(excluded) {
                look_at_exclusion(exclusion, what, say);
            }
        }
        world.owner_sees(vpc)
    })
}

fn look_at_options(place: &Place<'_>, block: &VpcBlock, say: &mut Say<'_>) {
    let evidence = |name: &str, saw: &str, wanted: &str| {
        field(&ec2::VPC_BLOCK, format!("VpcBlockPublicAccessOptions.{name}"), saw, wanted)
    };
    let mut shown = vec![
        evidence("InternetGatewayBlockMode", &block.mode, "block-bidirectional"),
        evidence("State", &block.state, "update-complete"),
    ];
    shown.extend(block.managed_by.as_deref().map(|who| evidence("ManagedBy", who, "any")));
    let who = match block.managed_by.as_deref() {
        Some("declarative-policy") => ", set by a declarative policy of the organization",
        _ => "",
    };
    let about = format!("VPC Block Public Access of {}", place.region);
    match (block.mode.as_str(), block.state.as_str()) {
        ("off", _) => say.broken(format!("{about} is off{who}"), shown),
        ("block-ingress", _) => {
            say.broken(
                format!("{about} lets NAT and egress-only gateways out: its mode is `block-ingress`{who}"),
                shown,
            );
        }
        ("block-bidirectional", "update-complete") => shown.into_iter().for_each(|evidence| say.fact(evidence)),
        ("block-bidirectional", "update-in-progress" | "default-state") => {
            say.broken(format!("{about} is not in force yet{who}: its state is `{}`", block.state), shown);
        }
        (mode, state) => say.unknown(Unknown::Because(
            Reason::Unresolved,
            format!("{about} has the mode `{mode}` in state `{state}`, which is not known here"),
        )),
    }
}

/// What of the VPC an exclusion names: the VPC or a subnet of it, by their ids; none if it is about another VPC.
fn excluded<'a, 'e>(
    world: &World<'a>,
    place: &Place<'a>,
    vpc: &Vpc,
    exclusion: &'e VpcBlockExclusion,
) -> Known<'a, Option<&'e str>> {
    let resource = exclusion.resource_arn.rsplit(':').next().unwrap_or_default();
    match resource.split_once('/') {
        _ if is_over(exclusion) => Ok(None),
        Some(("vpc", id)) => Ok((id == vpc.id).then_some(id)),
        Some(("subnet", id)) => {
            let subnet = world.regional(place)?.ec2.subnets.get(id)?;
            Ok(subnet.is_some_and(|subnet| subnet.vpc_id == vpc.id).then_some(id))
        }
        _ => Err(Unknown::Because(
            Reason::Unresolved,
            format!(
                "exclusion `{}` names `{}`, which is neither a VPC nor a subnet",
                exclusion.id, exclusion.resource_arn
            ),
        )),
    }
}

fn is_over(exclusion: &VpcBlockExclusion) -> bool {
    const OVER: [&str; 5] =
        ["create-failed", "delete-in-progress", "delete-complete", "disable-in-progress", "disable-complete"];
    OVER.contains(&exclusion.state.as_str())
}

fn look_at_exclusion(exclusion: &VpcBlockExclusion, what: &str, say: &mut Say<'_>) {
    let VpcBlockExclusion { id, resource_arn, state, mode } = exclusion;
    match state.as_str() {
        "create-complete" | "update-complete" | "create-in-progress" | "update-in-progress" => {
            let evidence = |name: &str, saw: &str, wanted: &str| {
                field(&ec2::VPC_BLOCK_EXCLUSIONS, format!("{id}.{name}"), saw, wanted)
            };
            let mut shown = vec![
                evidence("ResourceArn", resource_arn, "neither the VPC nor one of its subnets"),
                evidence("State", state, "deleted"),
            ];
            shown.extend(mode.as_deref().map(|mode| evidence("InternetGatewayExclusionMode", mode, "none")));
            let how = mode.as_ref().map_or_else(String::new, |mode| format!(" ({mode})"));
            say.broken(format!("exclusion `{id}` leaves `{what}` out of VPC Block Public Access{how}"), shown);
        }
        // Its last update failed: what was in force before may still be.
        _ => say.unknown(Unknown::Because(
            Reason::Unresolved,
            format!("exclusion `{id}` of `{what}` is `{state}`, of which it is not known whether it is in force"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::Why;
    use plumbline_snapshot::ec2 as source;
    use plumbline_snapshot::ec2::VpcBlockExclusion;
    use plumbline_testkit::ec2::*;
    use plumbline_testkit::{ACCOUNT, REGION};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    fn of_subnet(id: &str, subnet: &str) -> VpcBlockExclusion {
        VpcBlockExclusion {
            resource_arn: format!("arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/{subnet}"),
            ..exclusion(id, "")
        }
    }

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // No exclusion in force names a subnet.
        blind_but(&CONTROL, &[&source::SUBNETS]);
    }

    #[test]
    fn it_was_never_set() {
        check(
            &CONTROL,
            |env| {
                env.vpc_block(|block| {
                    block.mode = "off".to_owned();
                    block.state = "default-state".to_owned();
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: VPC Block Public Access of eu-west-1 is off.
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw off, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw default-state, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_what_goes_out_is_not_blocked() {
        check(
            &CONTROL,
            |env| {
                env.vpc_block(|block| block.mode = "block-ingress".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: VPC Block Public Access of eu-west-1 lets NAT and egress-only gateways out: its mode is `block-ingress`.
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-ingress, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn it_is_not_in_force_yet() {
        check(
            &CONTROL,
            |env| {
                env.vpc_block(|block| {
                    block.state = "update-in-progress".to_owned();
                    block.managed_by = None;
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: VPC Block Public Access of eu-west-1 is not in force yet: its state is `update-in-progress`.
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-in-progress, wanted update-complete
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_declarative_policy_sets_it() {
        check(
            &CONTROL,
            |env| {
                env.vpc_block(|block| block.managed_by = Some("declarative-policy".to_owned()));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_declarative_policy_sets_it_off() {
        check(
            &CONTROL,
            |env| {
                env.vpc_block(|block| {
                    block.mode = "off".to_owned();
                    block.managed_by = Some("declarative-policy".to_owned());
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: VPC Block Public Access of eu-west-1 is off, set by a declarative policy of the organization.
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw off, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw declarative-policy, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_vpc_is_excluded() {
        check(
            &CONTROL,
            |env| {
                env.add_vpc_block_exclusion(exclusion("vpcbpa-exclude-0added", VPC));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: Exclusion `vpcbpa-exclude-0added` leaves `vpc-0f4a7d2c1b9e80001` out of VPC Block Public Access (allow-bidirectional).
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.ResourceArn: saw arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0f4a7d2c1b9e80001, wanted neither the VPC nor one of its subnets
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.State: saw create-complete, wanted deleted
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.InternetGatewayExclusionMode: saw allow-bidirectional, wanted none
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_subnet_of_the_vpc_is_excluded_though_it_is_not_the_environments() {
        check(
            &CONTROL,
            |env| {
                let mut excluded = of_subnet("vpcbpa-exclude-0added", "subnet-0other");
                excluded.mode = Some("allow-egress".to_owned());
                excluded.state = "update-in-progress".to_owned();
                env.add_subnet(plain_subnet("subnet-0other", "euw1-az1", "10.20.9.0/24"))
                    .add_vpc_block_exclusion(excluded);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: Exclusion `vpcbpa-exclude-0added` leaves `subnet-0other` out of VPC Block Public Access (allow-egress).
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.ResourceArn: saw arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-0other, wanted neither the VPC nor one of its subnets
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.State: saw update-in-progress, wanted deleted
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.InternetGatewayExclusionMode: saw allow-egress, wanted none
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn every_state_in_force() {
        check(
            &CONTROL,
            |env| {
                for (n, state) in ["create-in-progress", "update-complete"].into_iter().enumerate() {
                    let mut excluded = exclusion(&format!("vpcbpa-exclude-{n}"), VPC);
                    excluded.state = state.to_owned();
                    excluded.mode = None;
                    env.add_vpc_block_exclusion(excluded);
                }
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: Exclusion `vpcbpa-exclude-0` leaves `vpc-0f4a7d2c1b9e80001` out of VPC Block Public Access; exclusion `vpcbpa-exclude-1` leaves `vpc-0f4a7d2c1b9e80001` out of VPC Block Public Access.
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0.ResourceArn: saw arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0f4a7d2c1b9e80001, wanted neither the VPC nor one of its subnets
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0.State: saw create-in-progress, wanted deleted
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-1.ResourceArn: saw arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0f4a7d2c1b9e80001, wanted neither the VPC nor one of its subnets
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-1.State: saw update-complete, wanted deleted
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn the_neighbour_is_excluded_or_the_exclusion_is_over() {
        check(
            &CONTROL,
            |env| {
                env.add_vpc_block_exclusion(exclusion("vpcbpa-exclude-0other", OTHER_VPC))
                    .add_vpc_block_exclusion(of_subnet("vpcbpa-exclude-1other", OTHER_SUBNET))
                    .add_vpc_block_exclusion(of_subnet("vpcbpa-exclude-2other", "subnet-0gone"));
                let over = ["create-failed", "delete-in-progress", "disable-in-progress", "disable-complete"];
                for (n, state) in over.into_iter().enumerate() {
                    let mut excluded = exclusion(&format!("vpcbpa-exclude-{n}"), VPC);
                    excluded.state = state.to_owned();
                    env.add_vpc_block_exclusion(excluded);
                }
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn an_exclusion_whose_update_failed() {
        check(
            &CONTROL,
            |env| {
                let mut excluded = exclusion("vpcbpa-exclude-0added", VPC);
                excluded.state = "update-failed".to_owned();
                env.add_vpc_block_exclusion(excluded);
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-vpc-fraud-dev: Exclusion `vpcbpa-exclude-0added` of `vpc-0f4a7d2c1b9e80001` is `update-failed`, of which it is not known whether it is in force.
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn an_exclusion_of_something_else() {
        check(
            &CONTROL,
            |env| {
                let mut excluded = exclusion("vpcbpa-exclude-0added", VPC);
                excluded.resource_arn = format!("arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-1");
                env.add_vpc_block_exclusion(excluded);
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-vpc-fraud-dev: Exclusion `vpcbpa-exclude-0added` names `arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-1`, which is neither a VPC nor a subnet.
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn a_mode_and_a_state_that_a_newer_api_may_send() {
        for (mode, state) in [("block-sometimes", "update-complete"), ("block-bidirectional", "update-rolled-back")] {
            check(
                &CONTROL,
                |env| {
                    env.vpc_block(|block| {
                        block.mode = mode.to_owned();
                        block.state = state.to_owned();
                    });
                },
                if mode == "block-sometimes" {
                    expect![[r#"
                    INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-vpc-fraud-dev: VPC Block Public Access of eu-west-1 has the mode `block-sometimes` in state `update-complete`, which is not known here.
                "#]]
                } else {
                    expect![[r#"
                    INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-vpc-fraud-dev: VPC Block Public Access of eu-west-1 has the mode `block-bidirectional` in state `update-rolled-back`, which is not known here.
                "#]]
                },
            );
        }
    }

    #[test]
    fn a_subnet_of_which_nothing_was_seen_is_excluded() {
        check(
            &CONTROL,
            |env| {
                env.add_vpc_block_exclusion(of_subnet("vpcbpa-exclude-0added", SUBNET_A)).hide(&source::SUBNETS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-vpc-fraud-dev: ec2:DescribeSubnets was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSubnets.
                  ec2:DescribeSubnets not seen: denied
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn violations_stand_without_the_other_read() {
        check(
            &CONTROL,
            |env| {
                env.vpc_block(|block| block.mode = "off".to_owned()).hide(&source::VPC_BLOCK_EXCLUSIONS);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: VPC Block Public Access of eu-west-1 is off.
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw off, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_vpc_block_exclusion(exclusion("vpcbpa-exclude-0added", VPC)).hide(&source::VPC_BLOCK);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: Exclusion `vpcbpa-exclude-0added` leaves `vpc-0f4a7d2c1b9e80001` out of VPC Block Public Access (allow-bidirectional).
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.ResourceArn: saw arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-0f4a7d2c1b9e80001, wanted neither the VPC nor one of its subnets
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.State: saw create-complete, wanted deleted
                  ec2:DescribeVpcBlockPublicAccessExclusions vpcbpa-exclude-0added.InternetGatewayExclusionMode: saw allow-bidirectional, wanted none
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_exclusions_were_not_all_seen() {
        check(
            &CONTROL,
            |env| {
                env.cut(&source::VPC_BLOCK_EXCLUSIONS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev ds-vpc-fraud-dev: ec2:DescribeVpcBlockPublicAccessExclusions was not seen: truncated, InternalFailure: status 500 on page 2.
                  ec2:DescribeVpcBlockPublicAccessExclusions not seen: truncated
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }

    #[test]
    fn a_region_that_does_not_know_it() {
        check(
            &CONTROL,
            |env| {
                env.hide_with(&source::VPC_BLOCK, Why::Unsupported);
            },
            expect![[r#"
                INSUFFICIENT_DATA service_unavailable_in_region MEDIUM fraud-dev ds-vpc-fraud-dev: ec2:DescribeVpcBlockPublicAccessOptions was not seen: unsupported, UnsupportedOperation: not available in this Region.
                  ec2:DescribeVpcBlockPublicAccessOptions not seen: unsupported
            "#]],
        );
    }

    #[test]
    fn a_participant_of_a_shared_vpc_does_not_see_its_owners() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| vpc.owner = "999999999999".to_owned());
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.InternetGatewayBlockMode: saw block-bidirectional, wanted block-bidirectional
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.State: saw update-complete, wanted update-complete
                  ec2:DescribeVpcBlockPublicAccessOptions VpcBlockPublicAccessOptions.ManagedBy: saw account, wanted any
            "#]],
        );
    }
}
