//! Tests of the selection, on the known-good environment and a twin of it in the same Region.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use plumbline_names::{Text, UNASSIGNED};
use plumbline_snapshot::sagemaker::{self, EndpointConfig, Model, Notebook, TrainingJob};
use plumbline_snapshot::{Read, ec2, iam as iam_reads};
use plumbline_testkit::ec2::{OTHER_SUBNET, SUBNET_A};
use plumbline_testkit::iam::{NOTEBOOK_EXECUTION, OTHER_ROLE, TRAINING_EXECUTION};
use plumbline_testkit::sagemaker::{
    DOMAIN, ENDPOINT, ENDPOINT_CONFIG, ENDPOINT_CONFIG_BY_ENDPOINT, ENDPOINT_CONFIG_BY_ROLE, ENDPOINT_CONFIG_TAGGED,
    ENDPOINT_LATE, MODEL, NOTEBOOK, NOTEBOOK_BY_NETWORK, NOTEBOOK_TAGGED, plain_endpoint_config, plain_model,
    plain_notebook, selected_tags,
};
use plumbline_testkit::{ENVIRONMENT, Env, known_good};

use crate::Excluded;
use crate::baseline::{LoadContext, load};
use crate::place::Place;
use crate::world::World;

/// A second environment: the neighbouring VPC, and whatever the test adds.
fn twin(selection: &str, rest: &str) -> String {
    format!(
        "  - name: shop\n    region: eu-west-1\n    vpc: {{tags: {{Name: web-shop}}}}\n    selection: {selection}\n{rest}"
    )
}

/// What a test looks at.
struct Outcome {
    selected: BTreeMap<Text, Text>,
    excluded: Vec<Excluded>,
    notes: Vec<String>,
    /// For each declared environment and for `unassigned`: the notebooks, and whether a verdict on them can be given.
    notebooks: BTreeMap<String, Vec<(String, &'static str)>>,
}

impl Outcome {
    /// The environment of the resource with this name, by the last part of its ARN.
    fn of(&self, name: &str) -> &str {
        let found = self.selected.iter().find(|(arn, _)| arn.rsplit('/').next() == Some(name));
        found.map_or("not sure", |(_, environment)| environment)
    }
}

fn outcome(env: &Env, last: &[(&str, &str)]) -> Outcome {
    let today = env.snapshot.window.finished_at.to_zoned(TimeZone::UTC).date();
    let baseline = load(&env.baseline, "baseline.yaml", &LoadContext::on(today)).unwrap();
    let last = last.iter().map(|(arn, name)| ((*arn).into(), (*name).into())).collect();
    let world = World::new(&env.snapshot, &baseline, &last);
    let (account, partition) = (&env.snapshot.account, &env.snapshot.partition);
    let mut places: Vec<Place<'_>> =
        baseline.environments.iter().map(|environment| Place::of(environment, account, partition)).collect();
    let region = &baseline.environments[0].region;
    places.push(Place::unassigned(region, baseline.environments.iter().collect(), account, partition));
    let notebooks = places
        .iter()
        .map(|place| {
            let members = world.notebooks(place).items;
            let told = members.iter().map(|member| {
                let told = match (member.body(), member.doubt()) {
                    (Ok(_), None) => "sure",
                    (Ok(_), Some(_)) => "here, but a read is missing",
                    (Err(_), _) => "perhaps",
                };
                (member.resource.name.to_string(), told)
            });
            (place.name.to_owned(), told.collect())
        })
        .collect();
    let (selected, excluded, notes) = world.selection_report();
    Outcome { selected, excluded, notes, notebooks }
}

fn with(edit: impl FnOnce(&mut Env)) -> Outcome {
    outcome(&known_good().with(edit), &[])
}

fn arn(kind: &str, name: &str) -> String {
    format!("arn:aws:sagemaker:eu-west-1:111122223333:{kind}/{name}")
}

#[test]
fn everything_in_the_known_good_belongs_to_its_environment() {
    let outcome = with(|_| {});
    assert_eq!(outcome.selected.len(), 18);
    assert!(outcome.selected.values().all(|environment| environment == ENVIRONMENT), "{:?}", outcome.selected);
    assert!(outcome.excluded.is_empty() && outcome.notes.is_empty());
    assert!(outcome.notebooks[ENVIRONMENT].iter().all(|(_, told)| *told == "sure"));
}

#[test]
fn each_step_alone_and_none() {
    let outcome = with(|env| {
        let bare = || Notebook { subnet_id: None, role_arn: None, ..plain_notebook() };
        env.add_notebook("ds-x-fraud-dev-y", bare());
        env.add_notebook("tagged", bare());
        env.notebook_resource("tagged", |it| it.tags = Read::Seen(selected_tags()));
        env.add_notebook("placed", Notebook { subnet_id: Some(SUBNET_A.to_owned()), ..bare() });
        env.add_notebook("run", Notebook { role_arn: Some(NOTEBOOK_EXECUTION.to_owned()), ..bare() });
        env.add_notebook("elsewhere", Notebook { subnet_id: Some(OTHER_SUBNET.to_owned()), ..bare() });
        env.add_notebook("half-tagged", bare());
        env.notebook_resource("half-tagged", |it| {
            let mut tags = selected_tags();
            tags.remove("EnvironmentType");
            it.tags = Read::Seen(tags);
        });
    });
    for name in ["ds-x-fraud-dev-y", "tagged", "placed", "run"] {
        assert_eq!(outcome.of(name), ENVIRONMENT, "{name}");
    }
    for name in ["elsewhere", "half-tagged"] {
        assert_eq!(outcome.of(name), UNASSIGNED, "{name}");
    }
}

#[test]
fn a_domain_goes_by_its_id_and_by_its_name() {
    for pattern in ["d-q7*", "studio"] {
        let outcome = with(|env| {
            env.baseline_edit(|text| text.to_owned() + &twin(&format!("{{include: {{names: [\"{pattern}\"]}}}}"), ""));
        });
        assert_eq!(outcome.of(DOMAIN), "shop", "{pattern}");
    }
}

#[test]
fn steps_that_the_baseline_switches_off_do_not_count() {
    let outcome = with(|env| {
        env.replace_baseline("by_network: true", "by_network: false");
        env.replace_baseline("by_role: true", "by_role: false");
    });
    assert_eq!(outcome.of(NOTEBOOK_BY_NETWORK), UNASSIGNED);
    assert_eq!(outcome.of(ENDPOINT_CONFIG_BY_ROLE), UNASSIGNED);
    assert_eq!(outcome.of(NOTEBOOK_TAGGED), ENVIRONMENT);
}

#[test]
fn what_is_excluded_is_listed_and_not_judged_until_it_expires() {
    let exclude = |expires: &str| {
        format!(
            "by_role: true\n      exclude:\n        - arn: \"{}\"\n          reason: kept for a legal hold, no data on it\n          \
             owner: team@example.com\n          expires: {expires}",
            arn("notebook-instance", NOTEBOOK)
        )
    };
    let outcome = with(|env| {
        env.replace_baseline("by_role: true", &exclude("2026-09-14"));
    });
    assert_eq!(outcome.excluded.len(), 1);
    assert_eq!(
        (outcome.excluded[0].arn.as_str(), outcome.excluded[0].expires.as_str()),
        (&*arn("notebook-instance", NOTEBOOK), "2026-09-14")
    );
    assert_eq!(outcome.of(NOTEBOOK), "not sure");
    assert!(outcome.notebooks.values().flatten().all(|(name, _)| name != NOTEBOOK));
    // On the day after it counts no longer.
    let mut env = known_good();
    env.replace_baseline("by_role: true", &exclude("2026-09-14"));
    env.snapshot.window.finished_at = plumbline_testkit::when("2026-09-15T00:00:00Z");
    let today = plumbline_testkit::NOW.to_zoned(TimeZone::UTC).date();
    let baseline = load(&env.baseline, "baseline.yaml", &LoadContext::on(today)).unwrap();
    let last = BTreeMap::new();
    let (selected, excluded, _) = World::new(&env.snapshot, &baseline, &last).selection_report();
    assert!(excluded.is_empty());
    assert_eq!(selected[arn("notebook-instance", NOTEBOOK).as_str()], ENVIRONMENT);
}

#[test]
fn an_earlier_step_of_one_environment_beats_a_later_one_of_another() {
    let outcome = with(|env| {
        env.baseline_edit(|text| text.to_owned() + &twin("{include: {names: [walk-in-*]}}", ""));
    });
    // In fraud-dev's network, but named by shop.
    assert_eq!(outcome.of(NOTEBOOK_BY_NETWORK), "shop");
    assert_eq!(outcome.of(NOTEBOOK), ENVIRONMENT);
}

#[test]
fn two_environments_at_one_step_are_ambiguous_and_both_are_told() {
    let outcome = with(|env| {
        env.baseline_edit(|text| text.to_owned() + &twin("{include: {names: [\"*-ana\"]}}", ""));
    });
    assert_eq!(outcome.of(NOTEBOOK), UNASSIGNED);
    assert_eq!(
        outcome.notes,
        [
            format!(
                "ambiguous_selection: `{0}` matches `fraud-dev` and `shop` by ARN or name, hence it is unassigned",
                arn("notebook-instance", NOTEBOOK)
            ),
            format!(
                "ambiguous_selection: `{0}` matches `shop` and `fraud-dev` by ARN or name, hence it is unassigned",
                arn("notebook-instance", NOTEBOOK)
            ),
        ]
    );
}

#[test]
fn a_role_that_several_environments_bind_selects_nothing() {
    let binding = format!("    roles: {{notebook_execution: {{bind: {{names: [\"{}\"]}}}}}}\n", "ds-notebook-role-*");
    let outcome = with(|env| {
        env.baseline_edit(|text| text.to_owned() + &twin("{}", &binding));
        let role_arn = Some(NOTEBOOK_EXECUTION.to_owned());
        env.add_notebook("shared", Notebook { subnet_id: None, role_arn, ..plain_notebook() });
        env.add_training_job(
            "own",
            TrainingJob { role_arn: Some(TRAINING_EXECUTION.to_owned()), ..TrainingJob::default() },
        );
    });
    assert_eq!(outcome.of("shared"), UNASSIGNED);
    assert_eq!(outcome.of("own"), ENVIRONMENT);
    assert!(outcome.notes.is_empty());
}

#[test]
fn unreadable_tags_never_end_in_unassigned() {
    let hidden = |env: &mut Env| {
        let bare = Notebook { subnet_id: None, role_arn: None, ..plain_notebook() };
        env.add_notebook("bare", bare);
        env.hide(&sagemaker::RESOURCE_TAGS);
    };
    let outcome = with(hidden);
    // By name before tags; by network after them, where no other end is possible; and by neither.
    assert_eq!(
        outcome.notebooks[ENVIRONMENT],
        [
            ("bare".to_owned(), "perhaps"),
            (NOTEBOOK.to_owned(), "sure"),
            (NOTEBOOK_TAGGED.to_owned(), "here, but a read is missing"),
            (NOTEBOOK_BY_NETWORK.to_owned(), "here, but a read is missing"),
        ]
    );
    assert!(outcome.notebooks[UNASSIGNED].is_empty());
    assert_eq!(outcome.of("bare"), "not sure");
    // A second environment that chooses by tags may own them too.
    let outcome = with(|env| {
        hidden(env);
        env.baseline_edit(|text| text.to_owned() + &twin("{include: {tags: {Team: shop}}}", ""));
    });
    for environment in [ENVIRONMENT, "shop"] {
        let perhaps: Vec<&str> = outcome.notebooks[environment]
            .iter()
            .filter(|(_, told)| *told == "perhaps")
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(perhaps, ["bare", NOTEBOOK_TAGGED, NOTEBOOK_BY_NETWORK], "{environment}");
    }
    // Where nobody chooses by tags they are not missed.
    let outcome = with(|env| {
        hidden(env);
        env.replace_baseline("        tags: {ProjectName: fraud, EnvironmentType: dev}\n", "");
    });
    assert_eq!(outcome.of("bare"), UNASSIGNED);
    assert!(outcome.notebooks[ENVIRONMENT].iter().all(|(_, told)| *told == "sure"));
}

#[test]
fn what_cannot_be_decided_keeps_its_last_environment_if_that_is_still_possible() {
    let bare = arn("notebook-instance", "bare");
    let env = known_good().with(|env| {
        env.add_notebook("bare", Notebook { subnet_id: None, role_arn: None, ..plain_notebook() });
        env.hide(&sagemaker::RESOURCE_TAGS);
    });
    for (last, now) in [(ENVIRONMENT, ENVIRONMENT), (UNASSIGNED, UNASSIGNED), ("long-gone", "not sure")] {
        let outcome = outcome(&env, &[(&bare, last)]);
        assert_eq!(outcome.of("bare"), now, "{last}");
    }
    // What can be decided does not look back.
    let outcome = outcome(&known_good(), &[(&arn("notebook-instance", NOTEBOOK), UNASSIGNED)]);
    assert_eq!(outcome.of(NOTEBOOK), ENVIRONMENT);
}

#[test]
fn a_network_or_role_that_was_not_seen_never_ends_in_unassigned() {
    for source in [&ec2::SUBNETS, &ec2::VPCS] {
        let outcome = with(|env| {
            env.add_notebook("stray", Notebook { subnet_id: Some(OTHER_SUBNET.to_owned()), ..Notebook::default() });
            env.hide(source);
        });
        assert_eq!(outcome.of("stray"), "not sure");
        assert!(outcome.notebooks[ENVIRONMENT].contains(&("stray".to_owned(), "perhaps")));
    }
    let outcome = with(|env| {
        // training_execution is bound by tags, so this role might be it.
        env.add_notebook("stray", Notebook { role_arn: Some(OTHER_ROLE.to_owned()), ..Notebook::default() });
        env.hide(&iam_reads::ACCOUNT_AUTHORIZATION_DETAILS);
    });
    assert_eq!(outcome.of("stray"), "not sure");
    let outcome = with(|env| {
        env.add_notebook("stray", Notebook::default());
        env.hide(&sagemaker::NOTEBOOK);
    });
    assert_eq!(outcome.of("stray"), "not sure");
    assert_eq!(outcome.of(NOTEBOOK), ENVIRONMENT);
}

#[test]
fn a_vpc_selected_by_id_needs_no_list_of_vpcs_to_say_no() {
    let outcome = with(|env| {
        env.replace_baseline("vpc: {tags: {Name: ds-vpc-fraud-dev}}", "vpc: {id: vpc-0f4a7d2c1b9e80001}");
        env.add_notebook("stray", Notebook { subnet_id: Some(OTHER_SUBNET.to_owned()), ..Notebook::default() });
        env.hide(&ec2::VPCS);
    });
    assert_eq!(outcome.of("stray"), UNASSIGNED);
}

#[test]
fn configs_and_models_follow_their_endpoint() {
    let outcome = with(|env| {
        env.baseline_edit(|text| text.to_owned() + &twin("{include: {names: [shop-*]}}", ""));
        // Models and configs in fraud-dev's network and under its role, behind an endpoint of shop.
        env.add_model("followed", plain_model());
        env.add_endpoint_config("followed-config", plain_endpoint_config("followed"));
        env.add_hosted_endpoint("shop-scorer", "followed-config");
    });
    for name in ["followed", "followed-config", "shop-scorer"] {
        assert_eq!(outcome.of(name), "shop", "{name}");
    }
    assert_eq!(outcome.of(ENDPOINT_CONFIG_BY_ENDPOINT), ENVIRONMENT);
}

#[test]
fn an_endpoint_that_nothing_names_lies_where_its_models_or_config_do() {
    let outcome = with(|env| {
        env.add_model("by-network", Model { role_arn: None, ..plain_model() });
        env.add_endpoint_config("config-1", plain_endpoint_config("by-network"));
        env.add_hosted_endpoint("endpoint-1", "config-1");
        let role_arn = Some(plumbline_testkit::iam::ENDPOINT_HOSTING.to_owned());
        env.add_endpoint_config("config-2", EndpointConfig { role_arn, ..EndpointConfig::default() });
        env.add_hosted_endpoint("endpoint-2", "config-2");
        env.add_model("stray", Model::default());
        env.add_endpoint_config("config-3", plain_endpoint_config("stray"));
        env.add_hosted_endpoint("endpoint-3", "config-3");
        env.add_hosted_endpoint("endpoint-4", "deleted-config");
    });
    for name in ["by-network", "config-1", "endpoint-1", "config-2", "endpoint-2"] {
        assert_eq!(outcome.of(name), ENVIRONMENT, "{name}");
    }
    for name in ["stray", "config-3", "endpoint-3", "endpoint-4"] {
        assert_eq!(outcome.of(name), UNASSIGNED, "{name}");
    }
}

#[test]
fn a_model_behind_endpoints_of_two_environments_is_ambiguous() {
    let outcome = with(|env| {
        env.baseline_edit(|text| text.to_owned() + &twin("{include: {names: [shop-*]}}", ""));
        env.add_hosted_endpoint("shop-scorer", ENDPOINT_CONFIG);
    });
    assert_eq!(outcome.of(ENDPOINT_CONFIG), UNASSIGNED);
    assert_eq!(outcome.of(MODEL), UNASSIGNED);
    assert_eq!(outcome.notes.len(), 4, "{:?}", outcome.notes);
    assert!(outcome.notes[0].contains("by the endpoints that use it"));
}

#[test]
fn endpoints_that_were_not_seen_leave_only_those_open_that_nothing_else_selects() {
    let outcome = with(|env| {
        env.hide(&sagemaker::ENDPOINTS);
    });
    assert_eq!(outcome.of(ENDPOINT_CONFIG_BY_ENDPOINT), "not sure");
    for name in [ENDPOINT_CONFIG, ENDPOINT_CONFIG_TAGGED, ENDPOINT_CONFIG_BY_ROLE, MODEL] {
        assert_eq!(outcome.of(name), ENVIRONMENT, "{name}");
    }
    // So does an endpoint that was listed and not described.
    let outcome = with(|env| {
        env.hosted_endpoint_resource(ENDPOINT_LATE, |it| {
            it.body = Read::unread_of(&sagemaker::ENDPOINT, ENDPOINT_LATE)
        });
    });
    assert_eq!(outcome.of(ENDPOINT_CONFIG_BY_ENDPOINT), "not sure");
    assert_eq!(outcome.of(ENDPOINT), ENVIRONMENT);
}

#[test]
fn nobody_audits_what_no_environment_selects_if_the_baseline_says_so() {
    let stray = |env: &mut Env| {
        env.add_notebook("stray-1", Notebook::default());
        env.add_notebook("stray-2", Notebook::default());
        env.add_model("stray-3", Model::default());
    };
    let outcome = with(stray);
    assert!(outcome.notes.is_empty());
    let outcome = with(|env| {
        stray(env);
        env.replace_baseline("unselected: audit", "unselected: report");
    });
    assert_eq!(
        outcome.notes,
        [
            "unselected: 2 notebook instances of `eu-west-1` in no environment, not judged: `stray-1` (created \
             2026-07-02T09:30:00Z), `stray-2` (created 2026-07-02T09:30:00Z)",
            "unselected: 1 model of `eu-west-1` in no environment, not judged: `stray-3` (created 2026-09-01T07:00:00Z)",
        ]
    );
    let outcome = with(|env| {
        stray(env);
        env.replace_baseline("unselected: audit", "unselected: ignore");
    });
    assert_eq!(
        outcome.notes,
        ["unselected: nobody audits 3 SageMaker resources of `eu-west-1`, which are in no environment"]
    );
    // The strictest of a Region's environments counts.
    let outcome = with(|env| {
        stray(env);
        env.replace_baseline("unselected: audit", "unselected: ignore");
        env.baseline_edit(|text| text.to_owned() + &twin("{}", "    unselected: report\n"));
    });
    assert_eq!(outcome.notes.len(), 2);
}
