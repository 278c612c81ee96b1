//! NET-14: the default security group has no rules.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, Unknown, field};
use crate::place::Place;
use crate::world::World;
use crate::world::network::set_of;
use crate::world::rules::describe;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::SECURITY_GROUPS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-14",
    name: "default-group-empty",
    title: "The VPC's default security group has no rules.",
    area: Area::Network,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "env",
    rationale: "Whatever is started without naming a group gets the default one, and with it whatever its rules let through.",
    decided: "The group named `default` of the VPC must have no rule in either direction.",
    remediation: "Revoke all its rules, and move what uses it to a named group.",
    maps: Maps { securityhub: &["EC2.2"], cis: &["5.4"], nist: &["SC-7(5)", "AC-4"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        let groups = set_of(&world.regional(place)?.ec2.security_groups);
        let default = groups.items.iter().find(|group| group.vpc_id == vpc.id && group.name == "default");
        let Some(group) = default else {
            groups.all()?;
            return Err(Unknown::Because(
                Reason::Unresolved,
                format!("no group named `default` is listed for `{}`, and every VPC has one", vpc.id),
            ));
        };
        let directions = [
            ("IpPermissions", "what comes in", &group.ingress),
            ("IpPermissionsEgress", "what goes out", &group.egress),
        ];
        for (name, what, rules) in directions {
            if let Some(first) = rules.first() {
                say.broken(
                    format!("default group `{}` has rules for {what}, {} in all", group.id, rules.len()),
                    [field(&ec2::SECURITY_GROUPS, format!("{}.{name}", group.id), describe(first), "no rule")],
                );
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_testkit::ec2::*;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_only_ingress_was_stripped() {
        check(
            &CONTROL,
            |env| {
                env.add_egress(SG_DEFAULT, with_cidr(all_traffic(), "0.0.0.0/0"));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: Default group `sg-0e1f3a5c7d9b00001` has rules for what goes out, 1 in all.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00001.IpPermissionsEgress: saw all traffic with 0.0.0.0/0, wanted no rule
            "#]],
        );
    }

    #[test]
    fn it_lets_itself_in() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(SG_DEFAULT, with_group(all_traffic(), SG_DEFAULT));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: Default group `sg-0e1f3a5c7d9b00001` has rules for what comes in, 1 in all.
                  ec2:DescribeSecurityGroups sg-0e1f3a5c7d9b00001.IpPermissions: saw all traffic with sg-0e1f3a5c7d9b00001, wanted no rule
            "#]],
        );
    }

    #[test]
    fn a_listing_without_the_default_group() {
        check(
            &CONTROL,
            |env| {
                env.remove_group(SG_DEFAULT);
            },
            expect![[r#"
                INSUFFICIENT_DATA unresolved MEDIUM fraud-dev ds-vpc-fraud-dev: No group named `default` is listed for `vpc-0f4a7d2c1b9e80001`, and every VPC has one.
            "#]],
        );
    }

    #[test]
    fn the_neighbours_default_group_does_not_matter() {
        check(
            &CONTROL,
            |env| {
                env.add_ingress(OTHER_GROUP, with_cidr(all_traffic(), "0.0.0.0/0"));
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }
}
