//! SMK-01: direct internet access of the notebook instance is disabled.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::{ec2, sagemaker};

use super::resources;
use crate::Control;
use crate::judge::field;
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&sagemaker::NOTEBOOKS, &sagemaker::NOTEBOOK, &sagemaker::RESOURCE_TAGS, &ec2::VPCS, &ec2::SUBNETS],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-01",
    name: "notebook-no-internet",
    title: "Direct internet access is disabled.",
    area: Area::Sagemaker,
    severity: Severity::Critical,
    origin: Origin::Derived,
    scope: "notebook instance",
    rationale: "With it the notebook has an interface of SageMaker's with internet access, which no VPC setting governs.",
    decided: "The field DirectInternetAccess must say Disabled; the default is enabled. A subnet does not change that.",
    remediation: "Create the notebook anew with direct internet access disabled; it cannot be changed.",
    maps: Maps { securityhub: &["SageMaker.1"], cis: &[], nist: &["AC-4", "SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    resources(&INFO, place, world.notebooks(place), |say, notebook, body| {
        let name = &notebook.resource.name;
        if let Some(status @ ("Deleting" | "Failed")) = notebook.resource.status.as_deref() {
            say.not_applicable(Reason::ResourceGone, format!("the notebook instance `{name}` is {status}"));
            return Ok(());
        }
        let saw = body.direct_internet.as_deref().unwrap_or("not set");
        let evidence = field(&sagemaker::NOTEBOOK, format!("{name}.DirectInternetAccess"), saw, "Disabled");
        if saw == "Disabled" {
            say.fact(evidence);
            return Ok(());
        }
        say.broken(format!("the notebook instance `{name}` has direct internet access ({saw})"), [evidence]);
        let subnet = body.subnet_id.as_deref().unwrap_or("none");
        say.fact(field(&sagemaker::NOTEBOOK, format!("{name}.SubnetId"), subnet, "any; it does not matter here"));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::sagemaker::{self, Notebook};
    use plumbline_snapshot::{Collected, Read};
    use plumbline_testkit::sagemaker::{NOTEBOOK, NOTEBOOK_TAGGED};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn pass_trap_a_subnet_does_not_remove_the_interface() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.direct_internet = Some("Enabled".to_owned()));
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.direct_internet = None);
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL fraud-dev ds-notebook-fraud-dev-ana: The notebook instance `ds-notebook-fraud-dev-ana` has direct internet access (Enabled).
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.DirectInternetAccess: saw Enabled, wanted Disabled
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.SubnetId: saw subnet-0a1d3f5b7c9e00001, wanted any; it does not matter here
                NON_COMPLIANT CRITICAL fraud-dev feature-lab-bo: The notebook instance `feature-lab-bo` has direct internet access (not set).
                  sagemaker:DescribeNotebookInstance feature-lab-bo.DirectInternetAccess: saw not set, wanted Disabled
                  sagemaker:DescribeNotebookInstance feature-lab-bo.SubnetId: saw subnet-0a1d3f5b7c9e00002, wanted any; it does not matter here
            "#]],
        );
    }

    #[test]
    fn a_notebook_without_vpc_and_tags_cannot_hide() {
        check(
            &CONTROL,
            |env| {
                env.add_notebook("stray", Notebook::default());
            },
            expect![[r#"
                NON_COMPLIANT CRITICAL unassigned stray: The notebook instance `stray` has direct internet access (not set).
                  sagemaker:DescribeNotebookInstance stray.DirectInternetAccess: saw not set, wanted Disabled
                  sagemaker:DescribeNotebookInstance stray.SubnetId: saw none, wanted any; it does not matter here
            "#]],
        );
    }

    #[test]
    fn what_fails_or_goes_has_no_interface() {
        check(
            &CONTROL,
            |env| {
                for (name, status) in [(NOTEBOOK, "Deleting"), (NOTEBOOK_TAGGED, "Failed")] {
                    env.notebook(name, |notebook| notebook.direct_internet = Some("Enabled".to_owned()));
                    env.notebook_resource(name, |notebook| notebook.status = Some(status.into()));
                }
            },
            expect![[r#"
                NOT_APPLICABLE resource_gone CRITICAL fraud-dev ds-notebook-fraud-dev-ana: The notebook instance `ds-notebook-fraud-dev-ana` is Deleting.
                NOT_APPLICABLE resource_gone CRITICAL fraud-dev feature-lab-bo: The notebook instance `feature-lab-bo` is Failed.
            "#]],
        );
    }

    #[test]
    fn without_notebooks_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| env.sagemaker().notebooks = Collected::empty(),
            expect![[r#"
                NOT_APPLICABLE no_resources CRITICAL fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_notebook_that_vanished_while_it_was_read_is_left_out() {
        check(
            &CONTROL,
            |env| {
                env.notebook_resource(NOTEBOOK, |notebook| notebook.body = Read::Seen(None));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_gaps() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.direct_internet = Some("Enabled".to_owned()));
                env.cut(&sagemaker::NOTEBOOKS).hide(&sagemaker::RESOURCE_TAGS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated CRITICAL fraud-dev 111122223333: sagemaker:ListNotebookInstances was not seen: truncated, InternalFailure: status 500 on page 2.
                  sagemaker:ListNotebookInstances not seen: truncated
                NON_COMPLIANT CRITICAL fraud-dev feature-lab-bo: The notebook instance `feature-lab-bo` has direct internet access (Enabled).
                  sagemaker:DescribeNotebookInstance feature-lab-bo.DirectInternetAccess: saw Enabled, wanted Disabled
                  sagemaker:DescribeNotebookInstance feature-lab-bo.SubnetId: saw subnet-0a1d3f5b7c9e00002, wanted any; it does not matter here
                INSUFFICIENT_DATA access_denied CRITICAL fraud-dev walk-in-bench: sagemaker:ListTags of `arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/walk-in-bench` was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListTags.
                  sagemaker:ListTags not seen: denied
                  sagemaker:DescribeNotebookInstance walk-in-bench.DirectInternetAccess: saw Disabled, wanted Disabled
                INSUFFICIENT_DATA truncated CRITICAL unassigned 111122223333: sagemaker:ListNotebookInstances was not seen: truncated, InternalFailure: status 500 on page 2.
                  sagemaker:ListNotebookInstances not seen: truncated
            "#]],
        );
    }
}
