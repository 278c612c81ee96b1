//! LOG-08: what runs in SageMaker has its CloudWatch log group.

use jiff::{SignedDuration, Timestamp};
use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity};
use plumbline_names::ResourceRef;
use plumbline_snapshot::logs::{self, LogGroup, SAGEMAKER_PREFIX};
use plumbline_snapshot::sagemaker::Resource;
use plumbline_snapshot::{ec2, sagemaker};

use crate::Control;
use crate::judge::{self, Known, Say, Set, Unknown, field};
use crate::place::Place;
use crate::world::World;
use crate::world::sagemaker::{Kind, Member};

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &logs::LOG_GROUPS,
        &sagemaker::NOTEBOOKS,
        &sagemaker::NOTEBOOK,
        &sagemaker::DOMAINS,
        &sagemaker::DOMAIN,
        &sagemaker::TRAINING_JOBS,
        &sagemaker::TRAINING_JOB,
        &sagemaker::ENDPOINTS,
        &sagemaker::ENDPOINT,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
        &sagemaker::MODELS,
        &sagemaker::MODEL,
        &sagemaker::ENDPOINT_CONFIGS,
        &sagemaker::ENDPOINT_CONFIG,
        &ec2::VPCS,
        &ec2::SUBNETS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "LOG-08",
    name: "sagemaker-log-groups",
    title: "Notebooks, training, processing, transform jobs and endpoints each have a CloudWatch log group.",
    area: Area::Logs,
    severity: Severity::Medium,
    origin: Origin::Seed,
    scope: "log group",
    rationale: "A group that is missing although something ran means that its role or its network keeps the logs from being written.",
    decided: "For notebook instances, Studio domains and training jobs their one group, for each endpoint its own, must exist once a resource of the environment that ran is older than `log_grace_minutes`. Jobs that failed, and what never came up, prove nothing.",
    remediation: "Let the execution role write logs, and open the endpoint of CloudWatch Logs.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AU-2", "AU-12"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let up = |status: &str| !matches!(status, "Pending" | "Creating" | "Failed" | "Deleting");
    let mut assessments = vec![
        kind(world, place, "NotebookInstances", world.notebooks(place), up),
        kind(world, place, "studio", world.domains(place), up),
        kind(world, place, "TrainingJobs", world.training_jobs(place), |status| status != "Failed"),
    ];
    let endpoints = world.endpoints(place);
    assessments.extend(judge::each(
        &INFO,
        place,
        endpoints,
        |endpoint| (group_ref(place, &group_of(&endpoint.resource.name)), None),
        |say, endpoint| {
            let group = group_of(&endpoint.resource.name);
            look(world, place, &group, Set::whole(vec![endpoint.clone()]), up, say)
        },
    ));
    assessments
}

/// The verdict on the one group of a kind.
fn kind<'a, T: Kind>(
    world: &World<'a>,
    place: &Place<'a>,
    name: &str,
    members: Set<'a, Member<'a, T>>,
    ran: impl Fn(&str) -> bool,
) -> Assessment {
    let group = format!("{SAGEMAKER_PREFIX}{name}");
    judge::subject(&INFO, place.subject(group_ref(place, &group), None), |say| {
        look(world, place, &group, members, ran, say)
    })
}

fn group_of(endpoint: &str) -> String {
    format!("{SAGEMAKER_PREFIX}Endpoints/{endpoint}")
}

fn group_ref(place: &Place<'_>, group: &str) -> ResourceRef {
    ResourceRef::new(place.arn("logs", &format!("log-group:{group}")), "AWS::Logs::LogGroup", group)
}

fn look<'a, T: Kind>(
    world: &World<'a>,
    place: &Place<'a>,
    group: &str,
    members: Set<'a, Member<'a, T>>,
    ran: impl Fn(&str) -> bool,
    say: &mut Say<'a>,
) -> Known<'a, ()> {
    let minutes = place.environments.iter().map(|environment| environment.log_grace_minutes).max().unwrap_or(60);
    let due = world.now().checked_sub(SignedDuration::from_mins(i64::from(minutes))).unwrap_or(Timestamp::MIN);
    let (mut here, mut witness, mut doubt) = (false, None, None);
    for member in say.set(members) {
        let resource = member.resource;
        if !resource.status.as_deref().is_some_and(&ran) {
            continue;
        }
        match (member.belongs(), created(resource)) {
            (Ok(()), Ok(made)) => {
                here = true;
                if made <= due {
                    witness = Some((resource, made));
                }
            }
            (Err(unknown), _) | (_, Err(unknown)) => doubt = doubt.or(Some(unknown)),
        }
    }
    let groups = &world.regional(place)?.logs.sagemaker_groups;
    match (groups.get(group)?, witness, doubt) {
        (Some(found), _, None) if here => say.fact(exists(found)),
        (Some(found), Some(_), Some(_)) => say.fact(exists(found)),
        (None, Some((resource, made)), _) => {
            let word = T::WORD;
            say.broken(
                format!("log group `{group}` does not exist, although {word} `{}` ran, made {made}", resource.name),
                [field(
                    &logs::LOG_GROUPS,
                    format!("{group}.logGroupName"),
                    format!("no such group; {word} {} made {made}", resource.name),
                    "a log group",
                )],
            );
        }
        (_, _, Some(unknown)) => return Err(unknown),
        (found, ..) => {
            let word = T::WORD;
            let what = if found.is_none() && here {
                format!("no {word} that ran is older than {minutes} minutes")
            } else {
                format!("there is no {word} that ran")
            };
            say.not_applicable(Reason::NoResources, format!("`{group}` is not asked for: {what}"));
        }
    }
    Ok(())
}

fn created<'a, T: Kind>(resource: &Resource<T>) -> Known<'a, Timestamp> {
    resource.created.ok_or_else(|| {
        Unknown::Because(Reason::ApiError, format!("when {} `{}` was made was not sent", T::WORD, resource.name))
    })
}

fn exists(group: &LogGroup) -> plumbline_findings::Evidence {
    let saw = group.stored_bytes.to_string();
    field(&logs::LOG_GROUPS, format!("{}.storedBytes", group.name), saw, "a log group")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::{ec2, logs as source, sagemaker};
    use plumbline_testkit::logs::*;
    use plumbline_testkit::sagemaker::*;
    use plumbline_testkit::when;

    use super::CONTROL;
    use crate::check::{blind_but, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        // Of each kind some resource is the environment's whatever is not seen of another.
        let bodies = [&sagemaker::NOTEBOOK, &sagemaker::TRAINING_JOB, &sagemaker::ENDPOINT];
        let selection = [
            &sagemaker::RESOURCE_TAGS,
            &sagemaker::MODELS,
            &sagemaker::MODEL,
            &sagemaker::ENDPOINT_CONFIGS,
            &sagemaker::ENDPOINT_CONFIG,
            &ec2::VPCS,
            &ec2::SUBNETS,
        ];
        blind_but(&CONTROL, &[bodies.as_slice(), &selection].concat());
    }

    #[test]
    fn no_group_of_notebooks() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(GROUP_NOTEBOOKS);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev /aws/sagemaker/NotebookInstances: Log group `/aws/sagemaker/NotebookInstances` does not exist, although notebook instance `walk-in-bench` ran, made 2026-07-02T09:30:00Z.
                  logs:DescribeLogGroups /aws/sagemaker/NotebookInstances.logGroupName: saw no such group; notebook instance walk-in-bench made 2026-07-02T09:30:00Z, wanted a log group
            "#]],
        );
    }

    #[test]
    fn no_group_of_training_jobs_and_studio() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(GROUP_TRAINING).remove_log_group(GROUP_STUDIO);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev /aws/sagemaker/TrainingJobs: Log group `/aws/sagemaker/TrainingJobs` does not exist, although training job `wide-trees-0913` ran, made 2026-09-13T10:00:00Z.
                  logs:DescribeLogGroups /aws/sagemaker/TrainingJobs.logGroupName: saw no such group; training job wide-trees-0913 made 2026-09-13T10:00:00Z, wanted a log group
                NON_COMPLIANT MEDIUM fraud-dev /aws/sagemaker/studio: Log group `/aws/sagemaker/studio` does not exist, although Studio domain `d-q7w2e5r8t1y4` ran, made 2026-07-02T09:30:00Z.
                  logs:DescribeLogGroups /aws/sagemaker/studio.logGroupName: saw no such group; Studio domain d-q7w2e5r8t1y4 made 2026-07-02T09:30:00Z, wanted a log group
            "#]],
        );
    }

    #[test]
    fn pass_trap_each_endpoint_has_a_group_of_its_own() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(&group_of_endpoint(ENDPOINT_TAGGED))
                    .add_log_group(plain_log_group("/aws/sagemaker/Endpoints"));
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev /aws/sagemaker/Endpoints/nightly-scorer: Log group `/aws/sagemaker/Endpoints/nightly-scorer` does not exist, although endpoint `nightly-scorer` ran, made 2026-07-02T09:30:00Z.
                  logs:DescribeLogGroups /aws/sagemaker/Endpoints/nightly-scorer.logGroupName: saw no such group; endpoint nightly-scorer made 2026-07-02T09:30:00Z, wanted a log group
            "#]],
        );
    }

    #[test]
    fn fail_trap_a_job_that_failed_writes_nothing() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(GROUP_TRAINING);
                for job in [TRAINING_JOB, TRAINING_JOB_TAGGED, TRAINING_JOB_NVME, TRAINING_JOB_LATE] {
                    env.training_job_resource(job, |job| job.status = Some("Failed".into()));
                }
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev /aws/sagemaker/TrainingJobs: `/aws/sagemaker/TrainingJobs` is not asked for: there is no training job that ran.
            "#]],
        );
    }

    #[test]
    fn what_is_young_may_not_have_written_yet() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(GROUP_TRAINING);
                for job in [TRAINING_JOB, TRAINING_JOB_TAGGED, TRAINING_JOB_NVME] {
                    env.remove_training_job(job);
                }
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev /aws/sagemaker/TrainingJobs: `/aws/sagemaker/TrainingJobs` is not asked for: no training job that ran is older than 60 minutes.
            "#]],
        );
    }

    #[test]
    fn the_grace_may_be_nothing() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(GROUP_TRAINING).add_to_baseline("log_grace_minutes: 0");
                for job in [TRAINING_JOB, TRAINING_JOB_TAGGED, TRAINING_JOB_NVME] {
                    env.remove_training_job(job);
                }
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev /aws/sagemaker/TrainingJobs: Log group `/aws/sagemaker/TrainingJobs` does not exist, although training job `ds-train-fraud-dev-0914` ran, made 2026-09-14T05:58:00Z.
                  logs:DescribeLogGroups /aws/sagemaker/TrainingJobs.logGroupName: saw no such group; training job ds-train-fraud-dev-0914 made 2026-09-14T05:58:00Z, wanted a log group
            "#]],
        );
    }

    #[test]
    fn an_endpoint_on_its_way_has_none_yet() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(&group_of_endpoint(ENDPOINT)).hosted_endpoint_resource(ENDPOINT, |endpoint| {
                    endpoint.status = Some("Creating".into());
                    endpoint.created = Some(when("2026-09-14T05:00:00Z"));
                });
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev /aws/sagemaker/Endpoints/ds-endpoint-fraud-dev-scorer: `/aws/sagemaker/Endpoints/ds-endpoint-fraud-dev-scorer` is not asked for: there is no endpoint that ran.
            "#]],
        );
    }

    #[test]
    fn nothing_runs() {
        check(
            &CONTROL,
            |env| {
                env.remove_all_sagemaker();
            },
            expect![[r#"
                NOT_APPLICABLE no_resources MEDIUM fraud-dev 111122223333: Nothing to judge: no resources.
                NOT_APPLICABLE no_resources MEDIUM fraud-dev /aws/sagemaker/NotebookInstances: `/aws/sagemaker/NotebookInstances` is not asked for: there is no notebook instance that ran.
                NOT_APPLICABLE no_resources MEDIUM fraud-dev /aws/sagemaker/TrainingJobs: `/aws/sagemaker/TrainingJobs` is not asked for: there is no training job that ran.
                NOT_APPLICABLE no_resources MEDIUM fraud-dev /aws/sagemaker/studio: `/aws/sagemaker/studio` is not asked for: there is no Studio domain that ran.
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_though_the_listing_of_resources_broke_off() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(GROUP_NOTEBOOKS).cut(&sagemaker::NOTEBOOKS);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev /aws/sagemaker/NotebookInstances: Log group `/aws/sagemaker/NotebookInstances` does not exist, although notebook instance `walk-in-bench` ran, made 2026-07-02T09:30:00Z.
                  logs:DescribeLogGroups /aws/sagemaker/NotebookInstances.logGroupName: saw no such group; notebook instance walk-in-bench made 2026-07-02T09:30:00Z, wanted a log group
            "#]],
        );
    }

    #[test]
    fn whether_the_only_one_that_ran_belongs_here_was_not_seen() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(GROUP_NOTEBOOKS).remove_notebook(NOTEBOOK).remove_notebook(NOTEBOOK_BY_NETWORK);
                env.notebook(NOTEBOOK_TAGGED, |notebook| {
                    notebook.subnet_id = None;
                    notebook.role_arn = None;
                });
                env.hide(&sagemaker::RESOURCE_TAGS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied MEDIUM fraud-dev /aws/sagemaker/NotebookInstances: sagemaker:ListTags of `arn:aws:sagemaker:eu-west-1:111122223333:notebook-instance/feature-lab-bo` was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListTags.
                  sagemaker:ListTags not seen: denied
            "#]],
        );
    }

    #[test]
    fn a_group_may_be_among_those_that_were_not_listed() {
        check(
            &CONTROL,
            |env| {
                env.remove_log_group(GROUP_NOTEBOOKS).cut(&source::LOG_GROUPS);
            },
            expect![[r#"
                INSUFFICIENT_DATA truncated MEDIUM fraud-dev /aws/sagemaker/NotebookInstances: logs:DescribeLogGroups was not seen: truncated, InternalFailure: status 500 on page 2.
                  logs:DescribeLogGroups not seen: truncated
            "#]],
        );
    }
}
