//! SMK-02: the notebook instance sits in the environment network.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, sagemaker};

use super::{Network, resources};
use crate::Control;
use crate::judge::field;
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &sagemaker::NOTEBOOKS,
        &sagemaker::NOTEBOOK,
        &sagemaker::RESOURCE_TAGS,
        &ec2::VPCS,
        &ec2::SUBNETS,
        &ec2::SECURITY_GROUPS,
    ],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-02",
    name: "notebook-in-network",
    title: "The notebook instance sits in the environment network.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "notebook instance",
    rationale: "A notebook elsewhere is bound by other routes, groups and endpoints than those that protect the data.",
    decided: "Its subnet must be one of the environment's, and it must have security groups, all of them workload groups.",
    remediation: "Create the notebook anew through the self-service product.",
    maps: Maps { securityhub: &["SageMaker.2"], cis: &[], nist: &["SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let network = Network::of(world, place);
    resources(&INFO, place, world.notebooks(place), |say, notebook, body| {
        let name = &notebook.resource.name;
        let who = format!("the notebook instance `{name}`");
        let (source, severity) = (&sagemaker::NOTEBOOK, INFO.severity);
        match &body.subnet_id {
            Some(subnet) => {
                let path = format!("{name}.SubnetId");
                network.subnets(say, severity, source, &who, &path, std::slice::from_ref(subnet));
                network.groups(say, severity, source, &who, &format!("{name}.SecurityGroups"), &body.groups);
            }
            None => say.broken(
                format!("{who} is in no VPC"),
                [field(source, format!("{name}.SubnetId"), "not set", "an environment subnet")],
            ),
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::ec2;
    use plumbline_snapshot::sagemaker::Notebook;
    use plumbline_testkit::ec2::{OTHER_GROUP, OTHER_SUBNET, SG_DEFAULT, SUBNET_A, plain_subnet};
    use plumbline_testkit::sagemaker::{NOTEBOOK, NOTEBOOK_BY_NETWORK, NOTEBOOK_TAGGED, plain_notebook};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_a_subnet_of_another_vpc() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| {
                    notebook.subnet_id = Some(OTHER_SUBNET.to_owned());
                    notebook.groups = vec![OTHER_GROUP.to_owned()];
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-fraud-dev-ana: The notebook instance `ds-notebook-fraud-dev-ana` lies outside the environment's subnets: in subnet-0a1d3f5b7c9e00009 of vpc-0f4a7d2c1b9e80002; the notebook instance `ds-notebook-fraud-dev-ana` has security groups that are no workload groups: sg-0e1f3a5c7d9b00009.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.SubnetId: saw subnet-0a1d3f5b7c9e00009 of vpc-0f4a7d2c1b9e80002, wanted environment subnets only
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.SecurityGroups: saw sg-0e1f3a5c7d9b00009, wanted one or more workload groups, no others
            "#]],
        );
    }

    #[test]
    fn no_vpc_no_group_and_another_group() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| {
                    notebook.subnet_id = None;
                    notebook.groups.clear();
                });
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.groups.push(SG_DEFAULT.to_owned()));
                env.notebook(NOTEBOOK_BY_NETWORK, |notebook| notebook.groups.clear());
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-fraud-dev-ana: The notebook instance `ds-notebook-fraud-dev-ana` is in no VPC.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.SubnetId: saw not set, wanted an environment subnet
                NON_COMPLIANT HIGH fraud-dev feature-lab-bo: The notebook instance `feature-lab-bo` has security groups that are no workload groups: sg-0e1f3a5c7d9b00001.
                  sagemaker:DescribeNotebookInstance feature-lab-bo.SecurityGroups: saw sg-0e1f3a5c7d9b00001, wanted one or more workload groups, no others
                NON_COMPLIANT HIGH fraud-dev walk-in-bench: The notebook instance `walk-in-bench` has no security group.
                  sagemaker:DescribeNotebookInstance walk-in-bench.SecurityGroups: saw none, wanted one or more workload groups, no others
            "#]],
        );
    }

    #[test]
    fn a_subnet_of_the_vpc_that_is_not_the_environments() {
        check(
            &CONTROL,
            |env| {
                env.add_subnet(plain_subnet("subnet-0untagged", "euw1-az1", "10.20.9.0/24"));
                env.notebook(NOTEBOOK, |notebook| notebook.subnet_id = Some("subnet-0untagged".to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-fraud-dev-ana: The notebook instance `ds-notebook-fraud-dev-ana` lies outside the environment's subnets: in subnet-0untagged of vpc-0f4a7d2c1b9e80001.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.SubnetId: saw subnet-0untagged of vpc-0f4a7d2c1b9e80001, wanted environment subnets only
            "#]],
        );
    }

    #[test]
    fn outside_all_environments_any_declared_network_will_do() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("by_network: true", "by_network: false");
                env.add_notebook("well-placed", Notebook { role_arn: None, ..plain_notebook() });
                env.add_notebook("stray", Notebook::default());
            },
            expect![[r#"
                NON_COMPLIANT HIGH unassigned stray: The notebook instance `stray` is in no VPC.
                  sagemaker:DescribeNotebookInstance stray.SubnetId: saw not set, wanted an environment subnet
            "#]],
        );
    }

    #[test]
    fn without_named_groups_those_in_use_are_the_workloads() {
        check(
            &CONTROL,
            |env| {
                let from = "    workload_security_groups: {tags: {ProjectName: fraud, Tier: workload}}\n";
                env.replace_baseline(from, "");
                env.notebook(NOTEBOOK, |notebook| notebook.groups = vec![SG_DEFAULT.to_owned()]);
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.groups = vec![OTHER_GROUP.to_owned()]);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev feature-lab-bo: The notebook instance `feature-lab-bo` has security groups that are no workload groups: sg-0e1f3a5c7d9b00009.
                  sagemaker:DescribeNotebookInstance feature-lab-bo.SecurityGroups: saw sg-0e1f3a5c7d9b00009, wanted one or more workload groups, no others
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.groups.clear());
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.subnet_id = Some(SUBNET_A.to_owned()));
                env.hide(&ec2::SECURITY_GROUPS);
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-notebook-fraud-dev-ana: The notebook instance `ds-notebook-fraud-dev-ana` has no security group.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.SecurityGroups: saw none, wanted one or more workload groups, no others
                INSUFFICIENT_DATA access_denied HIGH fraud-dev feature-lab-bo: ec2:DescribeSecurityGroups was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSecurityGroups.
                  ec2:DescribeSecurityGroups not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev walk-in-bench: ec2:DescribeSecurityGroups was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSecurityGroups.
                  ec2:DescribeSecurityGroups not seen: denied
            "#]],
        );
    }
}
