//! NET-02: no internet gateway is attached to the VPC.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::INTERNET_GATEWAYS], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-02",
    name: "no-internet-gateway",
    title: "No internet gateway is attached to the VPC.",
    area: Area::Network,
    severity: Severity::Critical,
    origin: Origin::Seed,
    scope: "env",
    rationale: "An attached gateway is one CreateRoute away from the internet, whether or not a route uses it today.",
    decided: "Every attachment of an internet gateway to the VPC counts, in whatever state but detached.",
    remediation: "Remove the routes that use the gateway, then detach and delete it.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7", "SC-7(5)"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, vpc| {
        for gateway in say.listing(&world.regional(place)?.ec2.internet_gateways) {
            for attachment in gateway.attachments.iter().filter(|at| at.vpc_id == vpc.id && at.state != "detached") {
                let users = world.users(place, vpc, &gateway.id);
                let state = field(
                    &ec2::INTERNET_GATEWAYS,
                    format!("{}.Attachments[{}].State", gateway.id, vpc.id),
                    &attachment.state,
                    "not attached",
                );
                users.broken(say, format!("internet gateway `{}` is attached to `{}`", gateway.id, vpc.id), [state]);
            }
        }
        world.owner_sees(vpc)
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
    fn pass_trap_an_attached_gateway_without_any_route() {
        check(
            &CONTROL,
            |env| {
                env.add_internet_gateway(VPC);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-vpc-fraud-dev: Internet gateway `igw-0added00000000001` is attached to `vpc-0f4a7d2c1b9e80001`; no packet gets through it today.
                  ec2:DescribeInternetGateways igw-0added00000000001.Attachments[vpc-0f4a7d2c1b9e80001].State: saw available, wanted not attached
            "#]],
        );
    }

    #[test]
    fn an_attachment_on_its_way() {
        check(
            &CONTROL,
            |env| {
                env.add_internet_gateway_in(VPC, "attaching");
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-vpc-fraud-dev: Internet gateway `igw-0added00000000001` is attached to `vpc-0f4a7d2c1b9e80001`; no packet gets through it today.
                  ec2:DescribeInternetGateways igw-0added00000000001.Attachments[vpc-0f4a7d2c1b9e80001].State: saw attaching, wanted not attached
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_participant_of_a_shared_vpc_gets_an_empty_list() {
        check(
            &CONTROL,
            |env| {
                env.vpc(|vpc| vpc.owner = "999999999999".to_owned());
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied CRITICAL fraud-dev ds-vpc-fraud-dev: `vpc-0f4a7d2c1b9e80001` is shared by account 999999999999, which alone can list this: audit with its credentials.
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_gateway_attached_elsewhere() {
        check(
            &CONTROL,
            |env| {
                env.add_internet_gateway(OTHER_VPC);
            },
            expect![[r#"
            COMPLIANT
        "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_the_listing_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.add_internet_gateway(VPC).cut(&plumbline_snapshot::ec2::INTERNET_GATEWAYS);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-vpc-fraud-dev: Internet gateway `igw-0added00000000001` is attached to `vpc-0f4a7d2c1b9e80001`; whether anything gets through it was not seen.
                  ec2:DescribeInternetGateways igw-0added00000000001.Attachments[vpc-0f4a7d2c1b9e80001].State: saw available, wanted not attached
            "#]],
        );
    }
}
