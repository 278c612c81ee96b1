//! SMK-14: training is isolated and its node traffic encrypted.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_snapshot::{ec2, sagemaker};

use super::{is_exempt, training_jobs};
use crate::Control;
use crate::baseline::ResourceKind;
use crate::judge::{Unknown, field};
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
    ],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-14",
    name: "training-isolated",
    title: "Training is isolated and its node traffic encrypted.",
    area: Area::Sagemaker,
    severity: Severity::Medium,
    origin: Origin::Beyond,
    scope: "training job",
    rationale: "An isolated container cannot call out with the data it was given, whatever code or package it runs.",
    decided: "Network isolation must be on unless the baseline exempts the job, traffic between containers encrypted where \
              there is more than one instance, and remote debugging off where the baseline has it checked.",
    remediation: "Submit jobs with these flags, and let the role's policy refuse others (IAMC-06).",
    maps: Maps { securityhub: &[], cis: &[], nist: &["SC-7", "SC-8"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let checks_debug = place.environments.iter().any(|environment| environment.check_remote_debug);
    training_jobs(&INFO, world, place, |say, job, body| {
        let name = &job.resource.name;
        let evidence = |field_name: &str, saw: String, wanted: &str| {
            field(&sagemaker::SEARCH, format!("{name}.{field_name}"), saw, wanted)
        };
        let isolation = body.network_isolation;
        let isolated = evidence("EnableNetworkIsolation", isolation.to_string(), "true, unless exempt");
        let exempt = if isolation { Ok(true) } else { is_exempt(place, ResourceKind::TrainingJob, job) };
        match exempt {
            Ok(true) => say.fact(isolated),
            Ok(false) => say.broken(format!("the training job `{name}` has no network isolation"), [isolated]),
            Err(unknown) => say.unknown(unknown),
        }
        let count: i64 = body.instances.iter().map(|group| i64::from(group.count)).sum();
        let encrypted = body.inter_container_encryption;
        let saw = format!("{encrypted}, with {count} instances");
        let traffic = evidence("EnableInterContainerTrafficEncryption", saw, "true, with more than one instance");
        if count > 1 && !encrypted {
            let message = format!("the training job `{name}` does not encrypt traffic between its {count} instances");
            say.broken(message, [traffic]);
        } else {
            say.fact(traffic);
        }
        if checks_debug {
            let read = body.remote_debug.as_ref().ok_or_else(|| {
                let text = format!("whether remote debugging of the training job `{name}` is on was not asked");
                Unknown::Because(Reason::NotRead, text)
            })?;
            let on = *read.sight()?;
            let path = format!("{name}.RemoteDebugConfig.EnableRemoteDebug");
            let evidence = field(&sagemaker::TRAINING_JOB, path, on.to_string(), "false");
            if on {
                say.broken(format!("the training job `{name}` lets people into its containers"), [evidence]);
            } else {
                say.fact(evidence);
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{Collected, Read, Tags, sagemaker};
    use plumbline_testkit::sagemaker::{TRAINING_JOB, TRAINING_JOB_LATE, TRAINING_JOB_TAGGED, instances};

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // Tags decide where nothing else selects; in the known-good something does.
        blind_but(&CONTROL, &[&plumbline_snapshot::sagemaker::RESOURCE_TAGS]);
    }

    #[test]
    fn each_of_the_three_flags() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB, |it| it.network_isolation = false);
                env.training_job(TRAINING_JOB_TAGGED, |it| it.inter_container_encryption = false);
                env.training_job(TRAINING_JOB_LATE, |it| it.remote_debug = Some(Read::Seen(true)));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-train-fraud-dev-0912: The training job `ds-train-fraud-dev-0912` has no network isolation; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search ds-train-fraud-dev-0912.EnableNetworkIsolation: saw false, wanted true, unless exempt
                  sagemaker:Search ds-train-fraud-dev-0912.EnableInterContainerTrafficEncryption: saw false, with 1 instances, wanted true, with more than one instance
                  sagemaker:DescribeTrainingJob ds-train-fraud-dev-0912.RemoteDebugConfig.EnableRemoteDebug: saw false, wanted false
                NON_COMPLIANT MEDIUM fraud-dev ds-train-fraud-dev-0914: The training job `ds-train-fraud-dev-0914` lets people into its containers.
                  sagemaker:DescribeTrainingJob ds-train-fraud-dev-0914.RemoteDebugConfig.EnableRemoteDebug: saw true, wanted false
                  sagemaker:Search ds-train-fraud-dev-0914.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:Search ds-train-fraud-dev-0914.EnableInterContainerTrafficEncryption: saw false, with 1 instances, wanted true, with more than one instance
                NON_COMPLIANT MEDIUM fraud-dev wide-trees-0913: The training job `wide-trees-0913` does not encrypt traffic between its 4 instances; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search wide-trees-0913.EnableInterContainerTrafficEncryption: saw false, with 4 instances, wanted true, with more than one instance
                  sagemaker:Search wide-trees-0913.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:DescribeTrainingJob wide-trees-0913.RemoteDebugConfig.EnableRemoteDebug: saw false, wanted false
            "#]],
        );
    }

    #[test]
    fn pass_trap_instances_are_counted_over_all_groups() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_LATE, |it| {
                    it.instances = vec![instances("ml.m5.large", 1), instances("ml.c5.large", 1)];
                });
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-train-fraud-dev-0914: The training job `ds-train-fraud-dev-0914` does not encrypt traffic between its 2 instances.
                  sagemaker:Search ds-train-fraud-dev-0914.EnableInterContainerTrafficEncryption: saw false, with 2 instances, wanted true, with more than one instance
                  sagemaker:Search ds-train-fraud-dev-0914.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:DescribeTrainingJob ds-train-fraud-dev-0914.RemoteDebugConfig.EnableRemoteDebug: saw false, wanted false
            "#]],
        );
    }

    #[test]
    fn fail_trap_one_instance_has_no_traffic_to_encrypt() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_TAGGED, |it| {
                    it.inter_container_encryption = false;
                    it.instances = vec![instances("ml.m5.large", 1)];
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn exempt_by_name_and_by_tags_and_perhaps() {
        let exempt = "network_isolation_exempt:\n  - {kind: training_job, name: \"ds-train-*-0912\", reason: pulls a wheel}\n  \
                      - {kind: training_job, tags: {Isolation: none}, reason: same}\n  - {kind: model, name: \"*\", reason: no job}";
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline(exempt);
                for name in [TRAINING_JOB, TRAINING_JOB_TAGGED] {
                    env.training_job(name, |it| it.network_isolation = false);
                }
                env.training_job_resource(TRAINING_JOB_TAGGED, |it| {
                    if let Read::Seen(tags) = &mut it.tags {
                        tags.insert("Isolation".to_owned(), "none".to_owned());
                    }
                });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline(exempt);
                env.training_job(TRAINING_JOB_LATE, |it| it.network_isolation = false);
                env.training_job_resource(TRAINING_JOB_LATE, |it| it.tags = Read::Seen(Tags::new()));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-train-fraud-dev-0914: The training job `ds-train-fraud-dev-0914` has no network isolation.
                  sagemaker:Search ds-train-fraud-dev-0914.EnableNetworkIsolation: saw false, wanted true, unless exempt
                  sagemaker:Search ds-train-fraud-dev-0914.EnableInterContainerTrafficEncryption: saw false, with 1 instances, wanted true, with more than one instance
                  sagemaker:DescribeTrainingJob ds-train-fraud-dev-0914.RemoteDebugConfig.EnableRemoteDebug: saw false, wanted false
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.add_to_baseline(exempt);
                env.training_job(TRAINING_JOB_LATE, |it| it.network_isolation = false);
                env.hide(&sagemaker::RESOURCE_TAGS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-train-fraud-dev-0914: sagemaker:ListTags of `arn:aws:sagemaker:eu-west-1:111122223333:training-job/ds-train-fraud-dev-0914` was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListTags.
                  sagemaker:ListTags not seen: denied
                  sagemaker:Search ds-train-fraud-dev-0914.EnableInterContainerTrafficEncryption: saw false, with 1 instances, wanted true, with more than one instance
                  sagemaker:DescribeTrainingJob ds-train-fraud-dev-0914.RemoteDebugConfig.EnableRemoteDebug: saw false, wanted false
            "#]],
        );
    }

    #[test]
    fn remote_debug_counts_only_where_the_baseline_asks() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_LATE, |it| it.remote_debug = None);
            },
            expect![[r#"
                INSUFFICIENT_DATA not_read MEDIUM fraud-dev ds-train-fraud-dev-0914: Whether remote debugging of the training job `ds-train-fraud-dev-0914` is on was not asked.
                  sagemaker:Search ds-train-fraud-dev-0914.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:Search ds-train-fraud-dev-0914.EnableInterContainerTrafficEncryption: saw false, with 1 instances, wanted true, with more than one instance
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB_LATE, |it| it.remote_debug = Some(Read::Seen(true)));
                env.replace_baseline("check_remote_debug: true", "check_remote_debug: false");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn without_jobs_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| env.sagemaker().training_jobs = Collected::empty(),
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                env.training_job(TRAINING_JOB, |it| it.network_isolation = false);
                env.hide(&sagemaker::TRAINING_JOB);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev ds-train-fraud-dev-0912: The training job `ds-train-fraud-dev-0912` has no network isolation; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search ds-train-fraud-dev-0912.EnableNetworkIsolation: saw false, wanted true, unless exempt
                  sagemaker:Search ds-train-fraud-dev-0912.EnableInterContainerTrafficEncryption: saw false, with 1 instances, wanted true, with more than one instance
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev ds-train-fraud-dev-0914: sagemaker:DescribeTrainingJob of `ds-train-fraud-dev-0914` was not seen: denied, AccessDenied: not authorized to perform sagemaker:DescribeTrainingJob.
                  sagemaker:DescribeTrainingJob not seen: denied
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev gpu-probe-0911: sagemaker:DescribeTrainingJob of `gpu-probe-0911` was not seen: denied, AccessDenied: not authorized to perform sagemaker:DescribeTrainingJob.
                  sagemaker:DescribeTrainingJob not seen: denied
                  sagemaker:Search gpu-probe-0911.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:Search gpu-probe-0911.EnableInterContainerTrafficEncryption: saw false, with 1 instances, wanted true, with more than one instance
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev wide-trees-0913: sagemaker:DescribeTrainingJob of `wide-trees-0913` was not seen: denied, AccessDenied: not authorized to perform sagemaker:DescribeTrainingJob.
                  sagemaker:DescribeTrainingJob not seen: denied
                  sagemaker:Search wide-trees-0913.EnableNetworkIsolation: saw true, wanted true, unless exempt
                  sagemaker:Search wide-trees-0913.EnableInterContainerTrafficEncryption: saw true, with 4 instances, wanted true, with more than one instance
            "#]],
        );
    }
}
