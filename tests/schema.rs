//! What was written by the first version of each format still loads: files in `fixtures/`, made once and kept.
//!
//! `UPDATE=1` writes those that are not there. A file that is there is never written again: a new version of a format gets
//! new files beside it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails; fixtures are files"
)]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use plumbline_audit::Outcome;
use plumbline_evaluator::{Scope, evaluate};
use plumbline_findings::{Lifecycle, REPORT_SCHEMA, Reason, Report, STATE_SCHEMA, Severity, State, Verdict};
use plumbline_render::{Style, json, text};
use plumbline_snapshot::{SCHEMA, Snapshot, Why, ec2};
use plumbline_testkit::{Env, known_good, when};
use serde_json::Value;
use support::{Shell, World, baseline_of};

const SNAPSHOT: &str = "snapshot-1.json.zst";
const STATE: &str = "state-1.json";
const REPORT: &str = "report-1.json";

/// A second run of an environment with drift, a gap, an exception, and messages that are still owed.
fn second_run() -> (Snapshot, State, Report) {
    let world = Mutex::new(World::default());
    let mut env = known_good();
    env.add_internet_gateway(plumbline_testkit::ec2::VPC);
    env.subnet(plumbline_testkit::ec2::SUBNET_A, |subnet| subnet.map_public_ip = true);
    env.baseline.push_str(
        "exceptions:\n  - control: NET-10\n    environment: fraud-dev\n    subject: \"*:subnet/*\"\n    \
         reason: the migration of the old application needs it\n    owner: team@example.com\n    expires: 2026-09-20\n    \
         ticket: NET-7\n",
    );
    let audit = |env: &Env, at: &str, name: &str| {
        let shell = Shell {
            name: name.to_owned(),
            scope: vec!["area:network".to_owned()],
            publish: false,
            ..Shell::new(&world, env.clone(), when(at))
        };
        match shell.audit().unwrap() {
            Outcome::Audited(audited) => audited.report,
            other => panic!("{other:?}"),
        }
    };
    audit(&env, "2026-09-14T05:00:00Z", "run-1");
    env.hide(&ec2::INTERNET_GATEWAYS);
    let report = audit(&env, "2026-09-14T06:00:00Z", "run-2");
    let state = world.lock().unwrap().state();
    (env.snapshot, state, report)
}

/// A fixture's bytes; where it is not there and `UPDATE` is set, `fresh` writes it.
fn fixture(name: &str, fresh: impl FnOnce() -> Vec<u8>) -> Vec<u8> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    if !path.exists() && std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, fresh()).unwrap();
    }
    std::fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}; UPDATE=1 makes it"))
}

/// Pretty, so that a reviewer sees what a format holds.
fn pretty(bytes: &[u8]) -> Vec<u8> {
    let value: Value = serde_json::from_slice(bytes).unwrap();
    let mut text = serde_json::to_vec_pretty(&value).unwrap();
    text.push(b'\n');
    text
}

/// Nothing that the old file says is lost or changed; a newer version may say more.
fn assert_kept(path: &str, old: &Value, new: &Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            for (key, old) in old {
                let new = new.get(key).unwrap_or_else(|| panic!("{path}.{key} is lost"));
                assert_kept(&format!("{path}.{key}"), old, new);
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            assert_eq!(old.len(), new.len(), "{path}");
            for (number, (old, new)) in old.iter().zip(new).enumerate() {
                assert_kept(&format!("{path}[{number}]"), old, new);
            }
        }
        _ => assert_eq!(old, new, "{path}"),
    }
}

fn value(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn a_snapshot_of_the_first_version_loads() {
    let bytes = fixture(SNAPSHOT, || second_run().0.to_bytes().unwrap());
    let snapshot = Snapshot::from_bytes(&bytes).unwrap();
    assert_eq!(snapshot.schema, SCHEMA);
    assert_eq!(Snapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap(), snapshot);
    let json = serde_json::to_value(&snapshot).unwrap();
    assert_eq!(serde_json::from_value::<Snapshot>(json).unwrap(), snapshot);

    // Reads that did not exist then were not made.
    for (region, regional) in &snapshot.regions {
        let ec2 = &regional.ec2;
        let catalog = &regional.servicecatalog;
        let sagemaker = &regional.sagemaker;
        let gaps = [
            ec2.peerings.gap(),
            ec2.network_acls.gap(),
            ec2.vpc_block.sight().err(),
            catalog.portfolios.gap(),
            catalog.provisioned.gap(),
            sagemaker.processing_jobs.gap(),
            sagemaker.transform_jobs.gap(),
            sagemaker.tuning_jobs.gap(),
            sagemaker.automl_jobs.gap(),
            sagemaker.user_profiles.gap(),
            sagemaker.feature_groups.gap(),
            sagemaker.monitoring_schedules.gap(),
        ];
        assert!(gaps.iter().all(|gap| gap.is_some_and(|gap| gap.why == Why::NotPlanned)), "{region}: {gaps:?}");
        assert!(regional.kms.keys.values().all(|key| !key.policy.is_seen()) && regional.logs.destinations.is_empty());
        assert!(catalog.products.is_empty() && regional.codecommit.repositories.is_empty());
        assert!(regional.sagemaker.counted.entries().all(|(_, found)| found.is_open()));
        let mut notebooks = regional.sagemaker.notebooks.seen().filter_map(|it| it.body.sight().ok()?.as_ref());
        assert!(notebooks.all(|notebook| !notebook.software.is_seen()));
    }
    assert!(snapshot.s3.buckets.values().all(|bucket| !bucket.policy.is_seen() && !bucket.versioning.is_seen()));

    // It is judged as it was: the drift that was seen, and the gap that was one.
    let baseline = baseline_of(&known_good(), snapshot.window.finished_at);
    let evaluation = evaluate(&snapshot, &baseline, &Scope::default(), &[].into());
    let of = |control: &str| {
        let found: Vec<_> = evaluation.assessments.iter().filter(|it| it.control.id == control).collect();
        assert!(!found.is_empty(), "{control} is silent");
        found.into_iter().map(|it| (it.verdict, it.reason)).collect::<Vec<_>>()
    };
    assert_eq!(of("NET-02"), [(Verdict::InsufficientData, Some(Reason::AccessDenied))]);
    assert!(of("NET-10").contains(&(Verdict::NonCompliant, None)));
    assert!(of("NET-12").contains(&(Verdict::Compliant, None)));
}

#[test]
fn a_state_of_the_first_version_loads() {
    let bytes = fixture(STATE, || pretty(&second_run().1.to_bytes().unwrap()));
    let state = State::from_bytes(&bytes).unwrap();
    assert_eq!(state.schema, STATE_SCHEMA);
    let again = state.to_bytes().unwrap();
    assert_eq!(State::from_bytes(&again).unwrap(), state);
    assert_kept("state", &value(&bytes), &value(&again));
    assert_eq!((state.open().count(), state.outbox.alerts.len(), state.outbox.digests.len()), (2, 1, 2));
    assert_eq!(state.last_run.map(|run| run.id).as_deref(), Some("run-2"));
}

#[test]
fn a_report_of_the_first_version_loads() {
    let bytes = fixture(REPORT, || pretty(&second_run().2.to_bytes().unwrap()));
    let report = Report::from_bytes(&bytes).unwrap();
    assert_eq!(report.schema, REPORT_SCHEMA);
    let again = report.to_bytes().unwrap();
    assert_eq!(Report::from_bytes(&again).unwrap(), report);
    assert_kept("report", &value(&bytes), &value(&again));
    assert_kept("rendered", &value(&bytes), &value(json(&report).unwrap().as_bytes()));
    assert_eq!(report.summary.lifecycle[&Lifecycle::Persisting], 2);
    assert!(!report.visibility.is_empty() && !report.exceptions.expiring.is_empty());
    assert!(text(&report, &Style::default(), Severity::Low).contains("NET-02"));
}

#[test]
fn newer_formats_are_refused_by_name() {
    let (mut snapshot, state, report) = second_run();
    for newer in ["plumbline.snapshot/2", "plumbline.snapshot/10"] {
        newer.clone_into(&mut snapshot.schema);
        let error = Snapshot::from_bytes(&snapshot.to_bytes().unwrap()).unwrap_err().to_string();
        assert!(error.contains(newer) && error.contains(SCHEMA), "{error}");
    }
    let renamed = |bytes: &[u8], name: &str| {
        let mut value = value(bytes);
        value["schema"] = name.into();
        // What a newer version adds or leaves out must not hide its name.
        value["added"] = 1.into();
        value.as_object_mut().unwrap().remove("account");
        serde_json::to_vec(&value).unwrap()
    };
    for newer in ["plumbline.state/2", "plumbline.state/10"] {
        let error = State::from_bytes(&renamed(&state.to_bytes().unwrap(), newer)).unwrap_err().to_string();
        assert!(error.contains(newer) && error.contains(STATE_SCHEMA) && error.contains("newer"), "{error}");
    }
    for newer in ["plumbline.report/2", "plumbline.report/10"] {
        let error = Report::from_bytes(&renamed(&report.to_bytes().unwrap(), newer)).unwrap_err().to_string();
        assert!(error.contains(newer) && error.contains(REPORT_SCHEMA) && error.contains("newer"), "{error}");
    }
    for other in ["plumbline.report/1", "plumbline.state/0", "plumbline.state", "", "plumbline.state/x"] {
        let error = State::from_bytes(&renamed(&state.to_bytes().unwrap(), other)).unwrap_err().to_string();
        assert!(error.contains(&format!("`{other}`")) && error.contains(STATE_SCHEMA), "{error}");
    }
}
