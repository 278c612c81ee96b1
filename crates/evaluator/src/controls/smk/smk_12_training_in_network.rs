//! SMK-12: training runs in the environment network.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Severity};
use plumbline_snapshot::{ec2, sagemaker};

use super::{Network, training_jobs};
use crate::Control;
use crate::judge::field;
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &sagemaker::TRAINING_JOBS,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
        &sagemaker::TRAINING_JOB,
        &ec2::VPCS,
        &ec2::SUBNETS,
        &ec2::SECURITY_GROUPS,
    ],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-12",
    name: "training-in-network",
    title: "Training runs in the environment network.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Derived,
    scope: "training job",
    rationale: "A job without the environment's network can send the data anywhere.",
    decided: "Its VpcConfig must name subnets of the environment and workload groups, and no others. The jobs of one tuning or \
              AutoML job are one finding.",
    remediation: "Submit jobs with the environment's VpcConfig, and let the role's policy refuse others (IAMC-01).",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4", "SC-7"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let network = Network::of(world, place);
    training_jobs(&INFO, world, place, |say, job, body| {
        let name = &job.resource.name;
        let who = format!("the training job `{name}`");
        network.config(say, INFO.severity, &sagemaker::SEARCH, (&who, name), body.vpc.as_ref());
        let role = body.role_arn.as_deref().unwrap_or("not set");
        say.fact(field(&sagemaker::SEARCH, format!("{name}.RoleArn"), role, "any; SMK-07 judges it"));
        let status = job.resource.status.as_deref().unwrap_or("not set");
        let saw = match job.ended() {
            Some(ended) => format!("{status} at {ended}"),
            None => status.to_owned(),
        };
        say.fact(field(&sagemaker::TRAINING_JOBS, format!("{name}.TrainingJobStatus"), saw, "any"));
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::sagemaker::{self, TrainingJob, VpcConfig};
    use plumbline_snapshot::{Collected, ec2};
    use plumbline_testkit::ec2::{OTHER_GROUP, OTHER_SUBNET, SG_WORKLOAD};
    use plumbline_testkit::sagemaker::{TRAINING_JOB, TRAINING_JOB_LATE, TRAINING_JOB_TAGGED, plain_training_job};
    use plumbline_testkit::when;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // Tags decide where nothing else selects; in the known-good something does.
        blind_but(&CONTROL, &[&plumbline_snapshot::sagemaker::RESOURCE_TAGS]);
    }

    #[test]
    fn without_a_network_running_and_ended() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB, |it| it.vpc = None);
                env.training_job(TRAINING_JOB_LATE, |it| it.vpc = Some(VpcConfig::default()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0912: The training job `ds-train-fraud-dev-0912` has no VPC configuration, so it runs in a network of SageMaker's with internet access; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search ds-train-fraud-dev-0912.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search ds-train-fraud-dev-0912.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs ds-train-fraud-dev-0912.TrainingJobStatus: saw Completed at 2026-09-12T09:10:00Z, wanted any
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0914: The training job `ds-train-fraud-dev-0914` has no VPC configuration, so it runs in a network of SageMaker's with internet access.
                  sagemaker:Search ds-train-fraud-dev-0914.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search ds-train-fraud-dev-0914.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs ds-train-fraud-dev-0914.TrainingJobStatus: saw InProgress, wanted any
            "#]],
        );
    }

    #[test]
    fn pass_trap_another_vpc_and_a_deleted_subnet() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_LATE, |it| {
                    it.vpc = Some(VpcConfig {
                        subnets: vec![OTHER_SUBNET.to_owned()],
                        groups: vec![OTHER_GROUP.to_owned()],
                    });
                });
                env.training_job(TRAINING_JOB_TAGGED, |it| {
                    it.vpc = Some(VpcConfig {
                        subnets: vec!["subnet-0deleted".to_owned()],
                        groups: vec![SG_WORKLOAD.to_owned()],
                    });
                });
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0914: The training job `ds-train-fraud-dev-0914` lies outside the environment's subnets: in subnet-0a1d3f5b7c9e00009 of vpc-0f4a7d2c1b9e80002; the training job `ds-train-fraud-dev-0914` has security groups that are no workload groups: sg-0e1f3a5c7d9b00009.
                  sagemaker:Search ds-train-fraud-dev-0914.VpcConfig.Subnets: saw subnet-0a1d3f5b7c9e00009 of vpc-0f4a7d2c1b9e80002, wanted environment subnets only
                  sagemaker:Search ds-train-fraud-dev-0914.VpcConfig.SecurityGroupIds: saw sg-0e1f3a5c7d9b00009, wanted one or more workload groups, no others
                  sagemaker:Search ds-train-fraud-dev-0914.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs ds-train-fraud-dev-0914.TrainingJobStatus: saw InProgress, wanted any
                NON_COMPLIANT HIGH fraud-dev wide-trees-0913: The training job `wide-trees-0913` lies outside the environment's subnets: in subnet-0deleted, which does not exist here; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search wide-trees-0913.VpcConfig.Subnets: saw subnet-0deleted, which does not exist here, wanted environment subnets only
                  sagemaker:Search wide-trees-0913.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs wide-trees-0913.TrainingJobStatus: saw Completed at 2026-09-13T13:40:00Z, wanted any
            "#]],
        );
    }

    #[test]
    fn fail_trap_children_of_a_tuning_job_are_one_finding_about_it() {
        check(
            &CONTROL,
            |env| {
                let arn = "arn:aws:sagemaker:eu-west-1:111122223333:hyper-parameter-tuning-job/tune-1";
                for (name, vpc) in
                    [("tune-1-001", None), ("tune-1-002", None), ("tune-1-003", plain_training_job().vpc)]
                {
                    let tuning_job_arn = Some(arn.to_owned());
                    env.add_training_job(name, TrainingJob { vpc, tuning_job_arn, ..plain_training_job() });
                }
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev tune-1: 2 of 3 training jobs of the tuning job `tune-1`, such as this: the training job `tune-1-001` has no VPC configuration, so it runs in a network of SageMaker's with internet access; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search tune-1-001.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search tune-1-001.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs tune-1-001.TrainingJobStatus: saw Completed at 2026-09-10T16:45:00Z, wanted any
            "#]],
        );
    }

    #[test]
    fn a_job_that_ended_before_the_lookback_is_no_subject() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB, |it| it.vpc = None);
                env.training_job_resource(TRAINING_JOB, |it| it.modified = Some(when("2026-09-07T05:59:59Z")));
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB, |it| it.vpc = None);
                env.training_job_resource(TRAINING_JOB, |it| it.modified = Some(when("2026-09-07T05:59:59Z")));
                env.add_to_baseline("job_lookback_days: 8");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0912: The training job `ds-train-fraud-dev-0912` has no VPC configuration, so it runs in a network of SageMaker's with internet access; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search ds-train-fraud-dev-0912.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search ds-train-fraud-dev-0912.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs ds-train-fraud-dev-0912.TrainingJobStatus: saw Completed at 2026-09-07T05:59:59Z, wanted any
            "#]],
        );
    }

    #[test]
    fn without_jobs_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| env.sagemaker().training_jobs = Collected::empty(),
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_gaps() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB, |it| it.vpc = None);
                env.cut(&sagemaker::TRAINING_JOBS).hide(&ec2::SECURITY_GROUPS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated HIGH fraud-dev 111122223333: sagemaker:ListTrainingJobs was not seen: truncated, InternalFailure: status 500 on page 2.
                  sagemaker:ListTrainingJobs not seen: truncated
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0912: The training job `ds-train-fraud-dev-0912` has no VPC configuration, so it runs in a network of SageMaker's with internet access; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search ds-train-fraud-dev-0912.VpcConfig: saw not set, wanted the environment network
                  sagemaker:Search ds-train-fraud-dev-0912.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs ds-train-fraud-dev-0912.TrainingJobStatus: saw Completed at 2026-09-12T09:10:00Z, wanted any
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-train-fraud-dev-0914: ec2:DescribeSecurityGroups was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSecurityGroups.
                  ec2:DescribeSecurityGroups not seen: denied
                  sagemaker:Search ds-train-fraud-dev-0914.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs ds-train-fraud-dev-0914.TrainingJobStatus: saw InProgress, wanted any
                INSUFFICIENT_DATA access_denied HIGH fraud-dev gpu-probe-0911: ec2:DescribeSecurityGroups was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSecurityGroups.
                  ec2:DescribeSecurityGroups not seen: denied
                  sagemaker:Search gpu-probe-0911.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs gpu-probe-0911.TrainingJobStatus: saw Completed at 2026-09-11T14:50:00Z, wanted any
                INSUFFICIENT_DATA access_denied HIGH fraud-dev wide-trees-0913: ec2:DescribeSecurityGroups was not seen: denied, AccessDenied: not authorized to perform ec2:DescribeSecurityGroups.
                  ec2:DescribeSecurityGroups not seen: denied
                  sagemaker:Search wide-trees-0913.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, wanted any; SMK-07 judges it
                  sagemaker:ListTrainingJobs wide-trees-0913.TrainingJobStatus: saw Completed at 2026-09-13T13:40:00Z, wanted any
                INSUFFICIENT_DATA truncated HIGH unassigned 111122223333: sagemaker:ListTrainingJobs was not seen: truncated, InternalFailure: status 500 on page 2.
                  sagemaker:ListTrainingJobs not seen: truncated
            "#]],
        );
    }
}
