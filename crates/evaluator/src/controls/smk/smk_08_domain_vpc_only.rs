//! SMK-08: the Studio domain is VPC-only in the environment network.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, sagemaker};

use super::{Network, resources};
use crate::Control;
use crate::judge::{Known, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &sagemaker::DOMAINS,
        &sagemaker::DOMAIN,
        &sagemaker::RESOURCE_TAGS,
        &ec2::VPCS,
        &ec2::SUBNETS,
        &ec2::SECURITY_GROUPS,
    ],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-08",
    name: "domain-vpc-only",
    title: "The domain is VPC-only in the environment network.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "Studio domain",
    rationale: "Unless the domain is VPC-only, its apps reach the internet through SageMaker's own network.",
    decided: "The domain must be VpcOnly, in the environment's VPC and subnets, and its defaults for users and, where set, for \
              shared spaces must have workload groups only. Groups that the service makes for the domain do not count.",
    remediation: "Stop the apps and update the domain to VpcOnly with the environment's network.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let network = Network::of(world, place);
    resources(&INFO, place, world.domains(place), |say, domain, body| {
        let name = &domain.resource.name;
        let who = format!("the Studio domain `{name}`");
        let (source, severity) = (&sagemaker::DOMAIN, INFO.severity);
        let access = body.network_access.as_deref().unwrap_or("not set");
        let evidence = field(source, format!("{name}.AppNetworkAccessType"), access, "VpcOnly");
        if access == "VpcOnly" {
            say.fact(evidence);
        } else {
            let message = format!("{who} lets its apps reach the internet past the VPC ({access})");
            say.broken_as(Severity::Critical, message, [evidence]);
        }
        let vpc = body.vpc_id.as_deref().unwrap_or("not set");
        if say.see(is_vpc(world, place, vpc)) == Some(false) {
            let evidence = field(source, format!("{name}.VpcId"), vpc, "the environment's VPC");
            say.broken(format!("{who} is in another VPC than the environment's: {vpc}"), [evidence]);
        }
        let path = format!("{name}.SubnetIds");
        if body.subnets.is_empty() {
            let evidence = field(source, path.as_str(), "none", "environment subnets only");
            say.broken(format!("{who} names no subnet"), [evidence]);
        }
        network.subnets(say, severity, source, &who, &path, &body.subnets);
        let users = body.user_defaults.as_ref().map_or(&[][..], |defaults| &defaults.groups);
        let path = format!("{name}.DefaultUserSettings.SecurityGroups");
        network.groups(say, severity, source, &format!("the user default of {who}"), &path, users);
        // Without defaults for spaces there are no shared spaces.
        if let Some(spaces) = &body.space_defaults {
            let path = format!("{name}.DefaultSpaceSettings.SecurityGroups");
            network.groups(say, severity, source, &format!("the space default of {who}"), &path, &spaces.groups);
        }
        Ok(())
    })
}

/// Whether this is the VPC of some environment of the place.
fn is_vpc<'a>(world: &World<'a>, place: &Place<'a>, id: &str) -> Known<'a, bool> {
    let mut unknown = None;
    for environment in &place.environments {
        match world.vpc_of(place, environment) {
            Ok(vpc) if vpc.id == id => return Ok(true),
            Ok(_) => {}
            Err(reason) => unknown = unknown.or(Some(reason)),
        }
    }
    unknown.map_or(Ok(false), Err)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Collected, ec2};
    use plumbline_testkit::ec2::{OTHER_GROUP, OTHER_SUBNET, OTHER_VPC};
    use plumbline_testkit::sagemaker::DOMAIN;

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_a_vpc_is_named_also_by_a_public_domain() {
        for access in [Some("PublicInternetOnly"), None] {
            let expected = match access {
                Some(_) => expect![[r#"
                    NON_COMPLIANT CRITICAL fraud-dev d-q7w2e5r8t1y4: The Studio domain `d-q7w2e5r8t1y4` lets its apps reach the internet past the VPC (PublicInternetOnly).
                      sagemaker:DescribeDomain d-q7w2e5r8t1y4.AppNetworkAccessType: saw PublicInternetOnly, wanted VpcOnly
                "#]],
                None => expect![[r#"
                    NON_COMPLIANT CRITICAL fraud-dev d-q7w2e5r8t1y4: The Studio domain `d-q7w2e5r8t1y4` lets its apps reach the internet past the VPC (not set).
                      sagemaker:DescribeDomain d-q7w2e5r8t1y4.AppNetworkAccessType: saw not set, wanted VpcOnly
                "#]],
            };
            check(
                &CONTROL,
                |env| {
                    env.domain(DOMAIN, |it| it.network_access = access.map(str::to_owned));
                },
                expected,
            );
        }
    }

    #[test]
    fn another_vpc_belongs_to_nobody_and_is_judged_there() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("by_role: true", "by_role: false");
                env.domain(DOMAIN, |it| {
                    it.vpc_id = Some(OTHER_VPC.to_owned());
                    it.subnets = vec![OTHER_SUBNET.to_owned()];
                    it.user_defaults.as_mut().unwrap().groups = vec![OTHER_GROUP.to_owned()];
                });
            },
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
                NON_COMPLIANT HIGH unassigned d-q7w2e5r8t1y4: The Studio domain `d-q7w2e5r8t1y4` is in another VPC than the environment's: vpc-0f4a7d2c1b9e80002; the Studio domain `d-q7w2e5r8t1y4` lies outside the environment's subnets: in subnet-0a1d3f5b7c9e00009 of vpc-0f4a7d2c1b9e80002; the user default of the Studio domain `d-q7w2e5r8t1y4` has security groups that are no workload groups: sg-0e1f3a5c7d9b00009.
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.VpcId: saw vpc-0f4a7d2c1b9e80002, wanted the environment's VPC
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.SubnetIds: saw subnet-0a1d3f5b7c9e00009 of vpc-0f4a7d2c1b9e80002, wanted environment subnets only
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.DefaultUserSettings.SecurityGroups: saw sg-0e1f3a5c7d9b00009, wanted one or more workload groups, no others
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.AppNetworkAccessType: saw VpcOnly, wanted VpcOnly
            "#]],
        );
    }

    #[test]
    fn defaults_without_groups() {
        check(
            &CONTROL,
            |env| {
                env.domain(DOMAIN, |it| {
                    it.user_defaults = None;
                    it.space_defaults.as_mut().unwrap().groups.clear();
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev d-q7w2e5r8t1y4: The user default of the Studio domain `d-q7w2e5r8t1y4` has no security group; the space default of the Studio domain `d-q7w2e5r8t1y4` has no security group.
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.DefaultUserSettings.SecurityGroups: saw none, wanted one or more workload groups, no others
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.DefaultSpaceSettings.SecurityGroups: saw none, wanted one or more workload groups, no others
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.AppNetworkAccessType: saw VpcOnly, wanted VpcOnly
            "#]],
        );
    }

    #[test]
    fn fail_trap_no_defaults_for_spaces() {
        check(
            &CONTROL,
            |env| {
                env.domain(DOMAIN, |it| it.space_defaults = None);
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn without_domains_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| env.sagemaker().domains = Collected::empty(),
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                env.domain(DOMAIN, |it| it.network_access = None);
                env.hide(&ec2::SECURITY_GROUPS);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev d-q7w2e5r8t1y4: The Studio domain `d-q7w2e5r8t1y4` lets its apps reach the internet past the VPC (not set).
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.AppNetworkAccessType: saw not set, wanted VpcOnly
            "#]],
        );
    }
}
