//! What control tests rely on: the environment is whole, consistent in itself, and hiding takes away what it says.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must stop")]

use std::collections::BTreeSet;

use plumbline_snapshot::{Outcome, Snapshot, Source, Why, sources};
use plumbline_testkit::{ENVIRONMENT, Env, NOW, ec2, hidable, iam, kms, known_good, sagemaker, when};

fn json(snapshot: &Snapshot) -> String {
    serde_json::to_string(snapshot).unwrap()
}

fn round_trips(env: &Env) {
    let bytes = env.snapshot.to_bytes().unwrap();
    let back = Snapshot::from_bytes(&bytes).unwrap();
    assert_eq!(back, env.snapshot);
    assert_eq!(back.to_bytes().unwrap(), bytes);
}

fn name(source: &Source) -> String {
    source.operation().to_string()
}

#[test]
fn everything_was_seen_whole() {
    let env = known_good();
    assert!(!json(&env.snapshot).contains("\"gap\""));
    assert_eq!(env.snapshot.reads.len(), sources().count());
    assert!(env.snapshot.reads.iter().all(|read| read.outcome == Outcome::Complete));
    assert!(env.snapshot.reads.is_sorted());
    assert_eq!(NOW, when("2026-09-14T06:00:00Z"));
    round_trips(&env);
}

#[test]
fn hiding_any_read_leaves_gaps_of_it_and_of_nothing_else() {
    for source in hidable() {
        let mut env = known_good();
        env.hide(source);
        let text = json(&env.snapshot);
        let gaps: BTreeSet<&str> =
            text.split("{\"operation\":\"").skip(1).filter_map(|it| it.split('"').next()).collect();
        assert_eq!(gaps, BTreeSet::from([name(source).as_str()]));
        assert!(!gaps.is_empty() && env != known_good());
        let read = env.snapshot.reads.iter().find(|read| read.outcome != Outcome::Complete).unwrap();
        assert_eq!((read.outcome, format!("{}:{}", read.service, read.operation)), (Outcome::Denied, name(source)));
        round_trips(&env);
    }
}

#[test]
fn a_cut_listing_keeps_its_items() {
    let mut env = known_good();
    env.cut(&plumbline_snapshot::ec2::ROUTE_TABLES);
    let tables = &env.ec2().route_tables;
    assert_eq!((tables.len(), tables.is_whole()), (3, false));
    assert_eq!(tables.gap().map(|gap| gap.why), Some(Why::Truncated));
    for source in hidable() {
        round_trips(known_good().cut(source));
    }
}

#[test]
fn hiding_every_read_in_turn_leaves_no_answer_but_what_needs_none() {
    let mut env = known_good();
    for source in hidable() {
        env.hide(source);
    }
    let text = json(&env.snapshot);
    assert!(!text.contains("\"seen\""), "{text}");
    round_trips(&env);
}

#[test]
fn references_lead_somewhere() {
    let mut env = known_good();
    let text = json(&env.snapshot);
    let ec2 = env.ec2();
    let groups: BTreeSet<&str> = ec2.security_groups.entries().map(|(id, _)| id).collect();
    let subnets: BTreeSet<&str> = ec2.subnets.entries().map(|(id, _)| id).collect();
    let tables: BTreeSet<&str> = ec2.route_tables.entries().map(|(id, _)| id).collect();
    let lists: BTreeSet<&str> = ec2.prefix_lists.entries().map(|(id, _)| id).collect();
    for (prefix, known) in [("sg-", groups), ("subnet-", subnets), ("rtb-", tables), ("pl-", lists)] {
        let named: BTreeSet<&str> = text
            .match_indices(&format!("\"{prefix}"))
            .filter_map(|(at, _)| text.get(at + 1..)?.split('"').next())
            .collect();
        assert_eq!(named, known);
    }
    let services: BTreeSet<&str> = ec2.vpc_endpoints.seen().map(|endpoint| endpoint.service_name.as_str()).collect();
    assert_eq!(services.len(), ec2.vpc_endpoints.len());
    for key in text.split(":key/").skip(1).filter_map(|rest| rest.get(..36)) {
        let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{key}");
        assert!(env.kms().keys.contains_key(&arn), "{arn}");
    }
    let roles = env.snapshot.iam.roles.clone();
    for role in text.split("\"role_arn\":\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(role.ends_with("flow-log-delivery") || roles.get(role).unwrap().is_some(), "{role}");
    }
    for role in roles.seen() {
        for policy in role.attached.iter().chain(&role.boundary) {
            assert!(env.snapshot.iam.in_force(policy).unwrap().is_some(), "{policy}");
        }
    }
    let sagemaker = env.sagemaker();
    for endpoint in sagemaker.endpoints.seen() {
        let config = endpoint.body.sight().unwrap().as_ref().unwrap().config.as_deref().unwrap();
        assert!(sagemaker.endpoint_configs.get(config).unwrap().is_some(), "{config}");
    }
    for config in sagemaker.endpoint_configs.seen() {
        for model in config.body.sight().unwrap().as_ref().unwrap().variants.iter().filter_map(|it| it.model.as_deref())
        {
            assert!(sagemaker.models.get(model).unwrap().is_some(), "{model}");
        }
    }
}

#[test]
fn lists_are_sorted_as_collectors_leave_them() {
    let mut env = known_good();
    env.add_route(ec2::TABLE_MAIN, "0.0.0.0/0", "GatewayId", "igw-1").add_ingress(ec2::SG_WORKLOAD, ec2::all_traffic());
    let ec2 = env.ec2();
    assert!(ec2.vpcs.seen().all(|vpc| vpc.cidrs.is_sorted()));
    assert!(ec2.route_tables.seen().all(|table| table.routes.is_sorted() && table.associations.is_sorted()));
    for group in ec2.security_groups.seen() {
        assert!(group.ingress.is_sorted() && group.egress.is_sorted(), "{}", group.id);
        for permission in group.ingress.iter().chain(&group.egress) {
            assert!(permission.prefix_lists.is_sorted() && permission.groups.is_sorted(), "{}", group.id);
        }
    }
    assert!(env.iam().roles.seen().all(|role| role.attached.is_sorted()));
    let sagemaker = env.sagemaker();
    for job in sagemaker.training_jobs.seen() {
        let body = job.body.sight().unwrap().as_ref().unwrap();
        assert!(body.instances.is_sorted() && body.vpc.as_ref().unwrap().subnets.is_sorted(), "{}", job.name);
    }
}

#[test]
fn documents_are_json_and_those_of_iam_are_encoded() {
    let mut env = known_good();
    let endpoints = env.ec2().vpc_endpoints.clone();
    for endpoint in endpoints.seen() {
        serde_json::from_str::<serde_json::Value>(endpoint.policy.as_deref().unwrap()).unwrap();
    }
    let roles = env.iam().roles.clone();
    let policies = env.iam().policies.clone();
    let trusts = roles.seen().filter_map(|role| role.trust.as_deref());
    let inline = roles.seen().flat_map(|role| role.inline.values().map(|document| document.as_str()));
    for document in trusts.chain(inline).chain(policies.seen().filter_map(|policy| policy.document.as_deref())) {
        assert!(document.starts_with("%7B%22Statement%22%3A%5B%7B"), "{document}");
        let text = iam::decode(document);
        assert_eq!(iam::encode(&text), document);
        serde_json::from_str::<serde_json::Value>(&text).unwrap();
    }
}

#[test]
fn the_baseline_names_what_is_there() {
    let mut env = known_good();
    let text = env.baseline.clone();
    assert!(text.contains(&format!("- name: {ENVIRONMENT}\n")));
    for known in [ec2::TRANSIT_GATEWAY, kms::ALIAS_DATA, kms::ALIAS_VOLUMES] {
        assert!(text.contains(known), "{known}");
    }
    let buckets: Vec<&str> = text.split("- {name: ds-").skip(1).filter_map(|it| it.split(',').next()).collect();
    let known: Vec<String> = env.s3().buckets.keys().map(|name| name.replacen("ds-", "", 1)).collect();
    assert_eq!(buckets.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), known.into_iter().collect());
    for (logical, arn) in iam::ROLES {
        assert!(text.contains(&format!("      {logical}:\n")), "{logical}");
        let name = arn.rsplit('/').next().unwrap().trim_end_matches("ana");
        assert!(text.contains(name) || logical == "training_execution", "{arn}");
    }
    assert!(text.ends_with("locked_parameters: [ProjectName, EnvType]\n"));
    env.replace_baseline("min_azs: 3", "min_azs: 4").add_to_baseline("allow_ipv6: true");
    assert!(env.baseline.ends_with("\n    allow_ipv6: true\n") && env.baseline.contains("min_azs: 4"));
}

#[test]
#[should_panic(expected = "the baseline does not contain `min_azs: 9`")]
fn a_replacement_that_replaces_nothing_is_a_mistake() {
    known_good().replace_baseline("min_azs: 9", "min_azs: 1");
}

#[test]
#[should_panic(expected = "no `ds-nowhere` to edit; there are [")]
fn an_edit_of_nothing_is_a_mistake() {
    known_good().notebook("ds-nowhere", |_| {});
}

#[test]
fn edits_change_what_they_name() {
    let mut env = known_good();
    env.add_route(ec2::TABLE_MAIN, "0.0.0.0/0", "GatewayId", "igw-1")
        .route(ec2::TABLE_MAIN, "0.0.0.0/0", |route| route.state = "blackhole".to_owned())
        .remove_route(ec2::TABLE_PRIVATE, ec2::PL_SHARED)
        .add_ingress(ec2::SG_WORKLOAD, ec2::with_cidr(ec2::tcp(22), "::/0"))
        .endpoint("sagemaker.api", |endpoint| endpoint.private_dns = Some(false))
        .remove_endpoint("s3")
        .trust("endpoint_hosting", |trust| trust["Statement"][0]["Principal"] = serde_json::json!("*"))
        .training_job(sagemaker::TRAINING_JOB, |job| job.network_isolation = false)
        .delete_key(kms::KEY_LOGS)
        .duplicate_vpc("vpc-2");
    assert_eq!(env.ec2().vpcs.len(), 3);
    assert_eq!(env.ec2().vpc_endpoints.len(), 8);
    let hosting = env.snapshot.iam.roles.get(iam::ENDPOINT_HOSTING).unwrap().unwrap();
    assert!(iam::decode(hosting.trust.as_deref().unwrap()).contains("\"Principal\":\"*\""));
    let table = env.ec2().route_tables.get(ec2::TABLE_MAIN).unwrap().unwrap();
    assert_eq!(table.routes.iter().find(|route| route.state == "blackhole").unwrap().destination, "0.0.0.0/0");
    round_trips(&env);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 24, ..Default::default() })]

    #[test]
    fn gapped_environments_round_trip(gapped in plumbline_testkit::generate::any_gaps()) {
        round_trips(&gapped.env);
    }

    #[test]
    fn hostile_environments_round_trip(env in plumbline_testkit::generate::hostile_env()) {
        round_trips(&env);
    }
}
