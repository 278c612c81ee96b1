//! SMK-04: root access of the notebook instance is off.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, sagemaker};

use super::resources;
use crate::Control;
use crate::judge::field;
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[&sagemaker::NOTEBOOKS, &sagemaker::NOTEBOOK, &sagemaker::RESOURCE_TAGS, &ec2::VPCS, &ec2::SUBNETS],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-04",
    name: "notebook-no-root",
    title: "Root access is off.",
    area: Area::Sagemaker,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "notebook instance",
    rationale: "Root can undo whatever the lifecycle configuration sets up, such as agents, proxies and package sources.",
    decided: "The field RootAccess must say Disabled; the default is enabled. Lifecycle scripts run as root all the same.",
    remediation: "Stop the notebook and update it with root access disabled.",
    maps: Maps { securityhub: &["SageMaker.3"], cis: &[], nist: &["AC-6"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    resources(&INFO, place, world.notebooks(place), |say, notebook, body| {
        let name = &notebook.resource.name;
        let saw = body.root_access.as_deref().unwrap_or("not set");
        let evidence = field(&sagemaker::NOTEBOOK, format!("{name}.RootAccess"), saw, "Disabled");
        if saw == "Disabled" {
            say.fact(evidence);
        } else {
            say.broken(format!("users of the notebook instance `{name}` have root access ({saw})"), [evidence]);
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Collected, Read, sagemaker};
    use plumbline_testkit::sagemaker::{NOTEBOOK, NOTEBOOK_TAGGED};

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn enabled_and_not_set_which_means_enabled() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.root_access = Some("Enabled".to_owned()));
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.root_access = None);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-fraud-dev-ana: Users of the notebook instance `ds-notebook-fraud-dev-ana` have root access (Enabled).
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.RootAccess: saw Enabled, wanted Disabled
                NON_COMPLIANT MEDIUM fraud-dev feature-lab-bo: Users of the notebook instance `feature-lab-bo` have root access (not set).
                  sagemaker:DescribeNotebookInstance feature-lab-bo.RootAccess: saw not set, wanted Disabled
            "#]],
        );
    }

    #[test]
    fn pass_trap_a_lifecycle_config_does_not_make_it_root_access() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |notebook| notebook.lifecycle_config = Some("runs-as-root".to_owned()));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn without_notebooks_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| env.sagemaker().notebooks = Collected::empty(),
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn one_body_that_was_not_seen_hides_no_other() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK_TAGGED, |notebook| notebook.root_access = None);
                env.notebook_resource(NOTEBOOK, |it| it.body = Read::unread_of(&sagemaker::NOTEBOOK, NOTEBOOK));
            },
            expect![[r#"
                INSUFFICIENT_DATA not_read MEDIUM fraud-dev ds-notebook-fraud-dev-ana: sagemaker:DescribeNotebookInstance of `ds-notebook-fraud-dev-ana` was not seen: not planned.
                  sagemaker:DescribeNotebookInstance not seen: not_planned
                NON_COMPLIANT MEDIUM fraud-dev feature-lab-bo: Users of the notebook instance `feature-lab-bo` have root access (not set).
                  sagemaker:DescribeNotebookInstance feature-lab-bo.RootAccess: saw not set, wanted Disabled
            "#]],
        );
    }
}
