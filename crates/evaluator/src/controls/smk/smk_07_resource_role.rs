//! SMK-07: every SageMaker resource runs under the role made for it.

use plumbline_findings::{Area, Assessment, ControlInfo, Maps, Origin, Reason, Severity, Verdict};
use plumbline_names::Arn;
use plumbline_snapshot::{Source, ec2, iam, sagemaker};

use super::{resources, training_jobs};
use crate::Control;
use crate::baseline::{Environment, LogicalRole, ResourceKind};
use crate::judge::{self, Known, Say, Set, field};
use crate::place::Place;
use crate::world::World;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &iam::ACCOUNT_AUTHORIZATION_DETAILS,
        &sagemaker::NOTEBOOKS,
        &sagemaker::NOTEBOOK,
        &sagemaker::DOMAINS,
        &sagemaker::DOMAIN,
        &sagemaker::TRAINING_JOBS,
        &sagemaker::TRAINING_JOB,
        &sagemaker::MODELS,
        &sagemaker::MODEL,
        &sagemaker::ENDPOINTS,
        &sagemaker::ENDPOINT,
        &sagemaker::ENDPOINT_CONFIGS,
        &sagemaker::ENDPOINT_CONFIG,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
        &ec2::VPCS,
        &ec2::SUBNETS,
    ],
    unassigned: true,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "SMK-07",
    name: "resource-role",
    title: "Every SageMaker resource runs under the role made for it.",
    area: Area::Sagemaker,
    severity: Severity::High,
    origin: Origin::Seed,
    scope: "SageMaker resource",
    rationale: "The separation of roles is worth nothing for a resource that runs under another role's rights.",
    decided: "Notebooks and domains must run under a notebook execution role, training under a training execution role, models \
              behind endpoints and endpoint configs under a hosting role, unless the baseline says otherwise for the kind. \
              Roles are compared by their whole ARN.",
    remediation: "Create the resource anew with the right role, or bind the role in the baseline.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-5", "AC-6"] },
};

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let notebooks = resources(&INFO, place, world.notebooks(place), |say, notebook, body| {
        let name = &notebook.resource.name;
        let asked = Asked {
            who: format!("the notebook instance `{name}`"),
            source: &sagemaker::NOTEBOOK,
            path: format!("{name}.RoleArn"),
            kind: ResourceKind::NotebookInstance,
        };
        asked.judge(world, place, say, body.role_arn.as_deref());
        Ok(())
    });
    let domains = resources(&INFO, place, world.domains(place), |say, domain, body| {
        let name = &domain.resource.name;
        let defaults = [("user", "User", &body.user_defaults), ("space", "Space", &body.space_defaults)];
        let mut set = false;
        for (word, field, defaults) in defaults {
            // A default that is not set says nothing: each profile or space must then name its own role.
            let Some(role) = defaults.as_ref().and_then(|defaults| defaults.role_arn.as_deref()) else { continue };
            set = true;
            let asked = Asked {
                who: format!("the {word} default of the Studio domain `{name}`"),
                source: &sagemaker::DOMAIN,
                path: format!("{name}.Default{field}Settings.ExecutionRole"),
                kind: ResourceKind::Domain,
            };
            asked.judge(world, place, say, Some(role));
        }
        if !set {
            say.not_applicable(Reason::FeatureNotUsed, format!("the Studio domain `{name}` has no default role"));
        }
        Ok(())
    });
    let jobs = training_jobs(&INFO, world, place, |say, job, body| {
        let name = &job.resource.name;
        let kind = match (&body.automl_job_arn, &body.tuning_job_arn) {
            (Some(_), _) => ResourceKind::AutomlJob,
            (None, Some(_)) => ResourceKind::TuningJob,
            (None, None) => ResourceKind::TrainingJob,
        };
        let asked = Asked {
            who: format!("the training job `{name}`"),
            source: &sagemaker::SEARCH,
            path: format!("{name}.RoleArn"),
            kind,
        };
        asked.judge(world, place, say, body.role_arn.as_deref());
        Ok(())
    });
    // A model that serves no endpoint runs nothing; one that may serve is judged as far as that is known.
    let served = world.models(place).filter_map(|model| {
        let endpoints = world.endpoints_on_model(place, &model.resource.name);
        (endpoints.any(|_| true) != Ok(false)).then_some(model)
    });
    let models = resources(&INFO, place, served, |say, model, body| {
        let name = &model.resource.name;
        let asked = Asked {
            who: format!("the model `{name}`"),
            source: &sagemaker::SEARCH,
            path: format!("{name}.ExecutionRoleArn"),
            kind: ResourceKind::Model,
        };
        if world.endpoints_on_model(place, name).any(|_| true)? {
            asked.judge(world, place, say, body.role_arn.as_deref());
        }
        Ok(())
    });
    let owning = world.endpoint_configs(place).filter_map(|config| {
        let owns_none = config.body().is_ok_and(|body| body.role_arn.is_none());
        (!owns_none).then_some(config)
    });
    let configs = resources(&INFO, place, owning, |say, config, body| {
        let name = &config.resource.name;
        let asked = Asked {
            who: format!("the endpoint config `{name}`"),
            source: &sagemaker::ENDPOINT_CONFIG,
            path: format!("{name}.ExecutionRoleArn"),
            kind: ResourceKind::EndpointConfig,
        };
        asked.judge(world, place, say, body.role_arn.as_deref());
        Ok(())
    });
    one_set(place, [notebooks, domains, jobs, models, configs].concat())
}

/// Of the verdicts on whole kinds, what they say of the whole: a gap of one is a gap, and nothing of each is nothing.
fn one_set(place: &Place<'_>, found: Vec<Assessment>) -> Vec<Assessment> {
    let (whole, mut each): (Vec<_>, Vec<_>) = found.into_iter().partition(|assessment| assessment.whole_set);
    let unseen = whole.into_iter().filter(|assessment| assessment.verdict == Verdict::InsufficientData);
    let unseen = unseen.reduce(|mut first, next| {
        for evidence in next.evidence {
            if !first.evidence.contains(&evidence) {
                first.evidence.push(evidence);
            }
        }
        first
    });
    match unseen {
        Some(unseen) => each.push(unseen),
        None if each.is_empty() => {
            each.push(judge::nothing(&INFO, place.subject(place.resource(), None), Reason::NoResources));
        }
        None => {}
    }
    each
}

/// A resource whose role is judged.
struct Asked {
    who: String,
    source: &'static Source,
    path: String,
    kind: ResourceKind,
}

impl Asked {
    fn judge<'a>(&self, world: &World<'a>, place: &Place<'a>, say: &mut Say<'a>, role: Option<&str>) {
        let Self { who, source, path, kind } = self;
        let wanted = place.environments.first().map(|environment| expected(environment, *kind));
        let wanted = wanted.map_or_else(String::new, |wanted| format!("a role bound to {wanted}"));
        let evidence = |saw: String| field(source, path.as_str(), saw, wanted.as_str());
        let Some(arn) = role.filter(|role| !role.is_empty()) else {
            say.broken(format!("{who} has no execution role"), [evidence("not set".to_owned())]);
            return;
        };
        match world.snapshot.iam.roles.get(arn) {
            Ok(None) if arn.parse::<Arn>().is_ok_and(|arn| arn.account() == place.account.as_str()) => {
                let message = format!("{who} runs under `{arn}`, a role that no longer exists");
                say.broken_as(Severity::Medium, message, [evidence(format!("{arn}, which does not exist"))]);
                return;
            }
            Ok(_) => {}
            Err(gap) => say.unknown(gap),
        }
        match bound_as_expected(world, place, arn, *kind) {
            Ok(true) => say.fact(evidence(arn.to_owned())),
            Ok(false) => {
                let others: Set<'_, LogicalRole> = world.logical_roles(place, arn);
                let plays = others.items.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" and ");
                let (message, saw) = if plays.is_empty() {
                    (format!("{who} runs under `{arn}`, which is bound to no role"), format!("{arn}, bound to none"))
                } else {
                    (format!("{who} runs under `{arn}`, which is bound to {plays}"), format!("{arn}, bound to {plays}"))
                };
                say.broken(message, [evidence(saw)]);
            }
            Err(unknown) => say.unknown(unknown),
        }
    }
}

fn bound_as_expected<'a>(world: &World<'a>, place: &Place<'a>, arn: &str, kind: ResourceKind) -> Known<'a, bool> {
    let mut unknown = None;
    for environment in &place.environments {
        match world.is_bound(environment, expected(environment, kind), arn) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(reason) => unknown = unknown.or(Some(reason)),
        }
    }
    unknown.map_or(Ok(false), Err)
}

/// The logical role under which a kind runs (catalogue, section 6), unless the baseline says otherwise.
fn expected(environment: &Environment, kind: ResourceKind) -> LogicalRole {
    environment.role_for_kind.get(&kind).copied().unwrap_or(match kind {
        ResourceKind::NotebookInstance | ResourceKind::Domain | ResourceKind::UserProfile | ResourceKind::Space => {
            LogicalRole::NotebookExecution
        }
        ResourceKind::Model | ResourceKind::EndpointConfig => LogicalRole::EndpointHosting,
        ResourceKind::TrainingJob
        | ResourceKind::ProcessingJob
        | ResourceKind::TransformJob
        | ResourceKind::TuningJob
        | ResourceKind::AutomlJob
        | ResourceKind::FeatureGroup
        | ResourceKind::MonitoringSchedule
        | ResourceKind::MonitoringJobDefinition => LogicalRole::TrainingExecution,
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use plumbline_snapshot::sagemaker::{Model, SageMaker, TrainingJob};
    use plumbline_snapshot::{Collected, iam as iam_reads, sagemaker};
    use plumbline_testkit::iam::{ENDPOINT_HOSTING, NOTEBOOK_EXECUTION, OTHER_ROLE, TRAINING_EXECUTION};
    use plumbline_testkit::sagemaker::{
        DOMAIN, ENDPOINT_CONFIG_BY_ROLE, MODEL, MODEL_BATCH, NOTEBOOK, TRAINING_JOB, TRAINING_JOB_LATE, plain_model,
        plain_training_job,
    };

    use super::CONTROL;
    use crate::check::{blind, check, clean};

    #[test]
    fn known_good_is_clean_and_a_gap_is_not() {
        clean(&CONTROL);
        blind(&CONTROL);
    }

    #[test]
    fn another_logical_role_and_none() {
        check(
            &CONTROL,
            |env| {
                env.notebook(NOTEBOOK, |it| it.role_arn = Some(TRAINING_EXECUTION.to_owned()));
                env.domain(DOMAIN, |it| {
                    it.space_defaults.as_mut().unwrap().role_arn = Some(OTHER_ROLE.to_owned());
                });
                env.training_job(TRAINING_JOB, |it| it.role_arn = Some(NOTEBOOK_EXECUTION.to_owned()));
                env.training_job(TRAINING_JOB_LATE, |it| it.role_arn = None);
                env.model(MODEL, |it| it.role_arn = Some(TRAINING_EXECUTION.to_owned()));
                env.endpoint_config(ENDPOINT_CONFIG_BY_ROLE, |it| it.role_arn = Some(NOTEBOOK_EXECUTION.to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev d-q7w2e5r8t1y4: The space default of the Studio domain `d-q7w2e5r8t1y4` runs under `arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy`, which is bound to no role.
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.DefaultSpaceSettings.ExecutionRole: saw arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy, bound to none, wanted a role bound to notebook_execution
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.DefaultUserSettings.ExecutionRole: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, wanted a role bound to notebook_execution
                NON_COMPLIANT HIGH fraud-dev spare-components: The endpoint config `spare-components` runs under `arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana`, which is bound to notebook_execution.
                  sagemaker:DescribeEndpointConfig spare-components.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, bound to notebook_execution, wanted a role bound to endpoint_hosting
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-scorer: The model `ds-model-fraud-dev-scorer` runs under `arn:aws:iam::111122223333:role/ds-training-role-fraud-dev`, which is bound to training_execution.
                  sagemaker:Search ds-model-fraud-dev-scorer.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, bound to training_execution, wanted a role bound to endpoint_hosting
                NON_COMPLIANT HIGH fraud-dev ds-notebook-fraud-dev-ana: The notebook instance `ds-notebook-fraud-dev-ana` runs under `arn:aws:iam::111122223333:role/ds-training-role-fraud-dev`, which is bound to training_execution.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.RoleArn: saw arn:aws:iam::111122223333:role/ds-training-role-fraud-dev, bound to training_execution, wanted a role bound to notebook_execution
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0912: The training job `ds-train-fraud-dev-0912` runs under `arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana`, which is bound to notebook_execution; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search ds-train-fraud-dev-0912.RoleArn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, bound to notebook_execution, wanted a role bound to training_execution
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0914: The training job `ds-train-fraud-dev-0914` has no execution role.
                  sagemaker:Search ds-train-fraud-dev-0914.RoleArn: saw not set, wanted a role bound to training_execution
            "#]],
        );
    }

    #[test]
    fn a_role_that_no_longer_exists_although_a_pattern_binds_it() {
        check(
            &CONTROL,
            |env| {
                env.remove_role(NOTEBOOK_EXECUTION);
            },
            expect![[r#"
                NON_COMPLIANT MEDIUM fraud-dev d-q7w2e5r8t1y4: The user default of the Studio domain `d-q7w2e5r8t1y4` runs under `arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana`, a role that no longer exists; the space default of the Studio domain `d-q7w2e5r8t1y4` runs under `arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana`, a role that no longer exists.
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.DefaultUserSettings.ExecutionRole: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, which does not exist, wanted a role bound to notebook_execution
                  sagemaker:DescribeDomain d-q7w2e5r8t1y4.DefaultSpaceSettings.ExecutionRole: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, which does not exist, wanted a role bound to notebook_execution
                NON_COMPLIANT MEDIUM fraud-dev ds-notebook-fraud-dev-ana: The notebook instance `ds-notebook-fraud-dev-ana` runs under `arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana`, a role that no longer exists.
                  sagemaker:DescribeNotebookInstance ds-notebook-fraud-dev-ana.RoleArn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, which does not exist, wanted a role bound to notebook_execution
            "#]],
        );
    }

    #[test]
    fn pass_trap_the_same_name_under_another_path() {
        check(
            &CONTROL,
            |env| {
                let moved = ENDPOINT_HOSTING.replace(":role/", ":role/other/");
                env.model(MODEL, |it| it.role_arn = Some(moved.clone()));
                let trust = serde_json::json!({});
                env.add_role(plumbline_testkit::iam::plain_role(&moved, &trust));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-scorer: The model `ds-model-fraud-dev-scorer` runs under `arn:aws:iam::111122223333:role/other/ds-hosting-role-fraud-dev`, which is bound to no role.
                  sagemaker:Search ds-model-fraud-dev-scorer.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/other/ds-hosting-role-fraud-dev, bound to none, wanted a role bound to endpoint_hosting
            "#]],
        );
    }

    #[test]
    fn a_role_of_another_account_is_bound_to_none() {
        check(
            &CONTROL,
            |env| {
                let theirs = "arn:aws:iam::444455556666:role/ds-training-role-fraud-dev";
                env.training_job(TRAINING_JOB_LATE, |it| it.role_arn = Some(theirs.to_owned()));
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-train-fraud-dev-0914: The training job `ds-train-fraud-dev-0914` runs under `arn:aws:iam::444455556666:role/ds-training-role-fraud-dev`, which is bound to no role.
                  sagemaker:Search ds-train-fraud-dev-0914.RoleArn: saw arn:aws:iam::444455556666:role/ds-training-role-fraud-dev, bound to none, wanted a role bound to training_execution
            "#]],
        );
    }

    #[test]
    fn fail_trap_automl_runs_under_its_callers_role() {
        let automl = |env: &mut plumbline_testkit::Env| {
            let arn = "arn:aws:sagemaker:eu-west-1:111122223333:automl-job/auto-1";
            for name in ["auto-1-a", "auto-1-b"] {
                env.add_training_job(
                    name,
                    TrainingJob {
                        automl_job_arn: Some(arn.to_owned()),
                        role_arn: Some(NOTEBOOK_EXECUTION.to_owned()),
                        ..plain_training_job()
                    },
                );
            }
        };
        check(
            &CONTROL,
            automl,
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev auto-1: 2 of 2 training jobs of the AutoML job `auto-1`, such as this: the training job `auto-1-a` runs under `arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana`, which is bound to notebook_execution; the job has ended, so mend the policy that let it be submitted, not the job.
                  sagemaker:Search auto-1-a.RoleArn: saw arn:aws:iam::111122223333:role/service-role/ds-notebook-role-fraud-dev-ana, bound to notebook_execution, wanted a role bound to training_execution
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                automl(env);
                env.add_to_baseline("role_for_kind: {automl_job: notebook_execution}");
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_model_that_serves_no_endpoint_runs_nothing() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL_BATCH, |it| it.role_arn = Some(OTHER_ROLE.to_owned()));
                env.add_model("ds-model-fraud-dev-spare", Model { role_arn: None, ..plain_model() });
            },
            expect![[r#"
                COMPLIANT
            "#]],
        );
    }

    #[test]
    fn a_binding_that_the_baseline_lacks_and_one_that_it_declines() {
        let hosting = "bind: {arns: [\"arn:aws:iam::{account}:role/ds-hosting-role-fraud-dev\"]}";
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(hosting, "skip_must_have: true");
            },
            expect![[r#"
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-model-fraud-dev-scorer: The baseline has no `roles.endpoint_hosting.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH fraud-dev ds-model-fraud-dev-scorer-v2: The baseline has no `roles.endpoint_hosting.bind`.
                INSUFFICIENT_DATA baseline_missing HIGH unassigned spare-components: The baseline has no `roles.endpoint_hosting.bind`.
            "#]],
        );
        check(
            &CONTROL,
            |env| {
                env.replace_baseline(hosting, "not_used: {reason: no hosting here}");
            },
            expect![[r#"
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-scorer: The model `ds-model-fraud-dev-scorer` runs under `arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev`, which is bound to no role.
                  sagemaker:Search ds-model-fraud-dev-scorer.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, bound to none, wanted a role bound to endpoint_hosting
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-scorer-v2: The model `ds-model-fraud-dev-scorer-v2` runs under `arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev`, which is bound to no role.
                  sagemaker:Search ds-model-fraud-dev-scorer-v2.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, bound to none, wanted a role bound to endpoint_hosting
                NON_COMPLIANT HIGH unassigned spare-components: The endpoint config `spare-components` runs under `arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev`, which is bound to no role.
                  sagemaker:DescribeEndpointConfig spare-components.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, bound to none, wanted a role bound to endpoint_hosting
            "#]],
        );
    }

    #[test]
    fn without_resources_there_is_nothing_to_judge() {
        check(
            &CONTROL,
            |env| {
                let SageMaker { notebooks, domains, training_jobs, models, endpoints, endpoint_configs, .. } =
                    env.sagemaker();
                *notebooks = Collected::empty();
                *domains = Collected::empty();
                *training_jobs = Collected::empty();
                *models = Collected::empty();
                *endpoints = Collected::empty();
                *endpoint_configs = Collected::empty();
            },
            expect![[r#"
                NOT_APPLICABLE no_resources HIGH fraud-dev 111122223333: Nothing to judge: no resources.
            "#]],
        );
    }

    #[test]
    fn outside_all_environments_any_declared_role_of_the_kind_will_do() {
        check(
            &CONTROL,
            |env| {
                env.replace_baseline("by_role: true", "by_role: false");
                env.add_notebook(
                    "fits",
                    sagemaker::Notebook { role_arn: Some(NOTEBOOK_EXECUTION.to_owned()), ..Default::default() },
                );
                env.add_notebook(
                    "stray",
                    sagemaker::Notebook { role_arn: Some(OTHER_ROLE.to_owned()), ..Default::default() },
                );
            },
            expect![[r#"
                NON_COMPLIANT HIGH unassigned stray: The notebook instance `stray` runs under `arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy`, which is bound to no role.
                  sagemaker:DescribeNotebookInstance stray.RoleArn: saw arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy, bound to none, wanted a role bound to notebook_execution
            "#]],
        );
    }

    #[test]
    fn a_violation_stands_beside_a_gap() {
        check(
            &CONTROL,
            |env| {
                env.model(MODEL, |it| it.role_arn = Some(OTHER_ROLE.to_owned()));
                env.hide(&iam_reads::ACCOUNT_AUTHORIZATION_DETAILS).hide(&sagemaker::NOTEBOOKS);
                env.hide(&sagemaker::DOMAINS).hide(&sagemaker::TRAINING_JOBS);
            },
            expect![[r#"
                INSUFFICIENT_DATA access_denied HIGH fraud-dev 111122223333: sagemaker:ListNotebookInstances was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListNotebookInstances.
                  sagemaker:ListNotebookInstances not seen: denied
                  sagemaker:ListDomains not seen: denied
                  sagemaker:ListTrainingJobs not seen: denied
                INSUFFICIENT_DATA access_denied HIGH fraud-dev spare-components: iam:GetAccountAuthorizationDetails was not seen: denied, AccessDenied: not authorized to perform iam:GetAccountAuthorizationDetails.
                  iam:GetAccountAuthorizationDetails not seen: denied
                  sagemaker:DescribeEndpointConfig spare-components.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, wanted a role bound to endpoint_hosting
                NON_COMPLIANT HIGH fraud-dev ds-model-fraud-dev-scorer: The model `ds-model-fraud-dev-scorer` runs under `arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy`, which is bound to no role.
                  sagemaker:Search ds-model-fraud-dev-scorer.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/old-ds-user-role-fraud-dev-copy, bound to none, wanted a role bound to endpoint_hosting
                INSUFFICIENT_DATA access_denied HIGH fraud-dev ds-model-fraud-dev-scorer-v2: iam:GetAccountAuthorizationDetails was not seen: denied, AccessDenied: not authorized to perform iam:GetAccountAuthorizationDetails.
                  iam:GetAccountAuthorizationDetails not seen: denied
                  sagemaker:Search ds-model-fraud-dev-scorer-v2.ExecutionRoleArn: saw arn:aws:iam::111122223333:role/ds-hosting-role-fraud-dev, wanted a role bound to endpoint_hosting
                INSUFFICIENT_DATA access_denied HIGH unassigned 111122223333: sagemaker:ListNotebookInstances was not seen: denied, AccessDenied: not authorized to perform sagemaker:ListNotebookInstances.
                  sagemaker:ListNotebookInstances not seen: denied
                  sagemaker:ListDomains not seen: denied
                  sagemaker:ListTrainingJobs not seen: denied
            "#]],
        );
    }
}
