//! NET-12: environment subnets span enough zones.

use std::collections::BTreeMap;

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::ec2;

use crate::Control;
use crate::judge::{self, field, many};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control =
    Control { info: &INFO, sources: &[&ec2::VPCS, &ec2::SUBNETS, &ec2::AVAILABILITY_ZONES], unassigned: false, assess };

const INFO: ControlInfo = ControlInfo {
    id: "NET-12",
    name: "zone-spread",
    title: "Environment subnets span at least the Availability Zones that the baseline asks for.",
    area: Area::Network,
    severity: Severity::Medium,
    origin: Origin::Seed,
    scope: "env",
    rationale: "With one zone, its failure stops all work, and people look for a way around.",
    decided: "Distinct zone ids are counted over available subnets, without Outposts and without local or wavelength zones.",
    remediation: "Add a subnet in another zone, and an interface there for each interface endpoint.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["CP-10", "SC-36"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    judge::vpc(&INFO, world, place, |say, _| {
        let wanted = place.environments.iter().map(|environment| environment.min_azs).max().unwrap_or(2) as usize;
        let zones = &world.regional(place)?.ec2.zones;
        let subnets = world.subnets(place);
        let mut spread: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for subnet in subnets.all()? {
            if subnet.state != "available" || subnet.outpost_arn.is_some() {
                continue;
            }
            // Zones that are not listed are opt-in ones, which are local or wavelength zones.
            if zones.get(&subnet.zone_id)?.is_some_and(|zone| zone.kind == "availability-zone") {
                let free = format!("{} ({} free addresses)", subnet.id, subnet.free_addresses);
                spread.entry(&subnet.zone_id).or_default().push(free);
            }
        }
        let _ = zones.all()?;
        let saw = many("; ", spread.iter().map(|(zone, ids)| format!("{zone}: {}", many(", ", ids))));
        let saw = if saw.is_empty() { "none".to_owned() } else { saw };
        let evidence = field(&ec2::SUBNETS, "Subnets[].AvailabilityZoneId", saw, format!("at least {wanted} zones"));
        if spread.len() < wanted {
            say.broken(format!("the subnets span {} zones, {wanted} are wanted", spread.len()), [evidence]);
        } else {
            say.fact(evidence);
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
    fn pass_trap_three_subnets_in_two_zones() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_C, |subnet| subnet.zone_id = "euw1-az1".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: The subnets span 2 zones, 3 are wanted.
                  ec2:DescribeSubnets Subnets[].AvailabilityZoneId: saw euw1-az1: subnet-0a1d3f5b7c9e00001 (240 free addresses), subnet-0a1d3f5b7c9e00003 (240 free addresses); euw1-az2: subnet-0a1d3f5b7c9e00002 (240 free addresses), wanted at least 3 zones
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_local_zone_does_not_count() {
        check(
            &CONTROL,
            |env| {
                env.zone("euw1-az3", |zone| zone.kind = "local-zone".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: The subnets span 2 zones, 3 are wanted.
                  ec2:DescribeSubnets Subnets[].AvailabilityZoneId: saw euw1-az1: subnet-0a1d3f5b7c9e00001 (240 free addresses); euw1-az2: subnet-0a1d3f5b7c9e00002 (240 free addresses), wanted at least 3 zones
            "#]],
        );
    }

    #[test]
    fn an_outpost_does_not_count() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_C, |subnet| {
                    subnet.outpost_arn = Some("arn:aws:outposts:eu-west-1:111122223333:outpost/op-1".to_owned())
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: The subnets span 2 zones, 3 are wanted.
                  ec2:DescribeSubnets Subnets[].AvailabilityZoneId: saw euw1-az1: subnet-0a1d3f5b7c9e00001 (240 free addresses); euw1-az2: subnet-0a1d3f5b7c9e00002 (240 free addresses), wanted at least 3 zones
            "#]],
        );
    }

    #[test]
    fn a_pending_subnet_does_not_count() {
        check(
            &CONTROL,
            |env| {
                env.subnet(SUBNET_C, |subnet| subnet.state = "pending".to_owned());
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-vpc-fraud-dev: The subnets span 2 zones, 3 are wanted.
                  ec2:DescribeSubnets Subnets[].AvailabilityZoneId: saw euw1-az1: subnet-0a1d3f5b7c9e00001 (240 free addresses); euw1-az2: subnet-0a1d3f5b7c9e00002 (240 free addresses), wanted at least 3 zones
            "#]],
        );
    }
}
