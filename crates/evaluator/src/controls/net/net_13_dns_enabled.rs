//! NET-13: DNS support and DNS hostnames are enabled.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::VPC_ATTRIBUTE], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-13",
    name: "dns-enabled",
    title: "DNS support and DNS hostnames are both enabled on the VPC.",
    area: Area::Network,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "env",
    rationale: "Without both, the private names of VPC endpoints resolve to public addresses.",
    decided: "Both attributes of the VPC must be true.",
    remediation: "Enable both with ModifyVpcAttribute.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["CM-6"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        for (name, value) in [("EnableDnsSupport", &vpc.dns_support), ("EnableDnsHostnames", &vpc.dns_hostnames)] {
            if let Some(false) = say.see(value.sight()) {
                say.broken(
                    format!("{name} is off on `{}`", vpc.id),
                    [field(&ec2::VPC_ATTRIBUTE, format!("{}.{name}.Value", vpc.id), "false", "true")],
                );
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn hostnames_are_off() {
        check(
            &CONTROL,
            |env| {
                env.dns(true, false);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: EnableDnsHostnames is off on `vpc-0f4a7d2c1b9e80001`.
                  ec2:DescribeVpcAttribute vpc-0f4a7d2c1b9e80001.EnableDnsHostnames.Value: saw false, wanted true
            "#]],
        );
    }

    #[test]
    fn both_are_off() {
        check(
            &CONTROL,
            |env| {
                env.dns(false, false);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: EnableDnsSupport is off on `vpc-0f4a7d2c1b9e80001`; EnableDnsHostnames is off on `vpc-0f4a7d2c1b9e80001`.
                  ec2:DescribeVpcAttribute vpc-0f4a7d2c1b9e80001.EnableDnsSupport.Value: saw false, wanted true
                  ec2:DescribeVpcAttribute vpc-0f4a7d2c1b9e80001.EnableDnsHostnames.Value: saw false, wanted true
            "#]],
        );
    }

    #[test]
    fn pass_trap_an_attribute_that_was_not_read() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| {
                    vpc.dns_support = plumbline_snapshot::Read::unread(&plumbline_snapshot::ec2::VPC_ATTRIBUTE)
                });
            },
            expect![[r#"
                INSUFFICIENT_DATA not_read HIGH fraud-dev ds-vpc-fraud-dev: ec2:DescribeVpcAttribute was not seen: not planned.
                  ec2:DescribeVpcAttribute not seen: not_planned
            "#]],
        );
    }

    #[test]
    fn one_is_off_and_the_other_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.dns(true, false).vpc(|vpc| {
                    vpc.dns_support = plumbline_snapshot::Read::unread(&plumbline_snapshot::ec2::VPC_ATTRIBUTE)
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-vpc-fraud-dev: EnableDnsHostnames is off on `vpc-0f4a7d2c1b9e80001`.
                  ec2:DescribeVpcAttribute vpc-0f4a7d2c1b9e80001.EnableDnsHostnames.Value: saw false, wanted true
            "#]],
        );
    }
}
