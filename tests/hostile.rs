//! What a hostile account, a newer API or a damaged file may hold gives a clear error or INSUFFICIENT_DATA: never a panic,
//! never a verdict that is better than before, never a broken terminal, report or message.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and says by which seed"
)]

#[path = "hostile/harmless.rs"]
mod harmless;
#[path = "hostile/leaves.rs"]
mod leaves;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::Mutex;

use harmless::assert_harmless;
use plumbline_audit::Outcome;
use plumbline_evaluator::{Baseline, Scope, evaluate};
use plumbline_findings::{Lifecycle, Reason, Report, State, Verdict};
use plumbline_names::Text;
use plumbline_snapshot::{Read, Snapshot};
use plumbline_testkit::generate::{Gapped, gaps_in, hostile_env};
use plumbline_testkit::{Env, NOW, ec2, iam, kms, known_good, s3, sagemaker};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use serde_json::json;
use support::{Shell, World, baseline_of};

/// A control, and what it judges: environment, ARN, aspect.
type Key = (&'static str, Text, Text, Option<Text>);

/// The verdicts of all controls, and of which sets it is said that they were not seen whole.
#[derive(Debug, PartialEq)]
struct Seen {
    verdicts: BTreeMap<Key, (Verdict, Option<Reason>)>,
    unsure: Vec<(&'static str, String)>,
}

fn judged(snapshot: &Snapshot, baseline: &Baseline) -> Seen {
    let mut seen = Seen { verdicts: BTreeMap::new(), unsure: Vec::new() };
    for it in evaluate(snapshot, baseline, &Scope::default(), &BTreeMap::new()).assessments {
        assert_ne!(it.reason, Some(Reason::ControlFailed), "{}", it.message);
        if it.whole_set && it.verdict == Verdict::InsufficientData {
            seen.unsure.push((it.control.id, it.subject.environment.to_string()));
        }
        let subject = it.subject;
        let key = (it.control.id, subject.environment, subject.resource.arn, subject.aspect);
        seen.verdicts.insert(key, (it.verdict, it.reason));
    }
    seen
}

/// No verdict of `after` is better than that of `before`, though less was seen.
fn assert_no_better(what: &str, before: &Seen, after: &Seen) {
    for (key, (verdict, _)) in &after.verdicts {
        let was = before.verdicts.get(key).map(|(verdict, _)| *verdict);
        assert!(
            *verdict == Verdict::InsufficientData || was == Some(*verdict),
            "{what}: {key:?} was {was:?} and is {verdict}"
        );
    }
    for key in before.verdicts.keys().filter(|key| !after.verdicts.contains_key(*key)) {
        assert!(
            after.unsure.iter().any(|(control, environment)| *control == key.0 && *environment == key.1),
            "{what}: {key:?} is gone, and the set counts as whole"
        );
    }
}

fn audit(world: &Mutex<World>, env: &Env, hours: i64) -> Report {
    let at = NOW + jiff::SignedDuration::from_hours(hours);
    let shell = Shell { name: format!("run-{hours}"), ..Shell::new(world, env.clone(), at) };
    match shell.audit().unwrap() {
        Outcome::Audited(audited) => {
            assert!(audited.undelivered.is_empty(), "{:?}", audited.undelivered);
            audited.report
        }
        other => panic!("{other:?}"),
    }
}

/// Audits an environment and then the known-good one, and looks at everything that leaves.
fn look_at_all_that_leaves(env: &Env) {
    let world = Mutex::new(World::default());
    let report = audit(&world, env, 0);
    assert_harmless(&report, &world.lock().unwrap());
    let mended = audit(&world, &known_good(), 1);
    assert_harmless(&mended, &world.lock().unwrap());
}

/// So many random cases, by a seed that is printed; `PROPTEST_RNG_SEED` gives it again.
fn many(cases: u32) -> Config {
    let config = Config::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => std::hash::RandomState::new().build_hasher().finish(),
    };
    println!("PROPTEST_RNG_SEED={seed}");
    Config { cases, rng_seed: RngSeed::Fixed(seed), failure_persistence: None, max_shrink_iters: 64, ..config }
}

// Policy documents.

/// A place for a policy document, and the controls that must not be sure of one that cannot be decided.
struct Place {
    name: &'static str,
    put: fn(&mut Env, String),
    encoded: bool,
    unsure: &'static [&'static str],
}

/// The controls that judge what a role may do, which any of its policies may widen, and any may narrow.
const OF_POWERS: &[&str] = &[
    "IAM-05", "IAM-06", "IAM-07", "IAM-10", "IAM-11", "IAM-15", "IAMC-01", "IAMC-02", "IAMC-03", "IAMC-04", "IAMC-05",
    "IAMC-06", "IAMC-07", "IAMC-08", "IAMC-09",
];

/// The same with what judges the boundary itself.
const OF_BOUNDARY: &[&str] = &[
    "IAM-05", "IAM-06", "IAM-07", "IAM-10", "IAM-11", "IAM-15", "IAM-16", "IAMC-01", "IAMC-02", "IAMC-03", "IAMC-04",
    "IAMC-05", "IAMC-06", "IAMC-07", "IAMC-08", "IAMC-09",
];

const PLACES: [Place; 8] = [
    Place {
        name: "trust",
        put: |env, text| {
            env.role("endpoint_hosting", |role| role.trust = Some(text.into()));
        },
        encoded: true,
        // Whom it lets in nobody knows, and so not either who can become the role.
        unsure: &["IAM-03", "IAM-04", "IAM-12"],
    },
    Place {
        name: "inline",
        put: |env, text| {
            env.role("endpoint_hosting", |role| {
                role.inline.insert("hostile".into(), text.into());
            });
        },
        encoded: true,
        unsure: OF_POWERS,
    },
    Place {
        name: "managed",
        put: |env, text| {
            let arn = "arn:aws:iam::111122223333:policy/hostile";
            let mut policy = iam::plain_policy(arn, &json!({}));
            policy.document = Some(text.into());
            env.add_policy(policy).attach("endpoint_hosting", arn);
        },
        encoded: true,
        unsure: OF_POWERS,
    },
    Place {
        name: "boundary",
        put: |env, text| {
            env.policy(iam::BOUNDARY, |policy| policy.document = Some(text.into()));
        },
        encoded: true,
        unsure: OF_BOUNDARY,
    },
    Place {
        name: "user",
        put: |env, text| {
            env.user(iam::AUDITOR, |user| {
                user.inline.insert("hostile".into(), text.into());
            });
        },
        encoded: true,
        unsure: &["IAM-13", "IAM-14"],
    },
    Place {
        name: "endpoint",
        put: |env, text| {
            env.endpoint("kms", |endpoint| endpoint.policy = Some(text));
        },
        encoded: false,
        unsure: &["VPE-03", "VPE-04", "VPE-05", "VPE-11"],
    },
    Place {
        name: "bucket",
        put: |env, text| {
            env.bucket(s3::BUCKET_DATA, |bucket| bucket.policy = Read::Seen(Some(text)));
        },
        encoded: false,
        unsure: &["DATA-03", "DATA-04", "DATA-05", "DATA-09", "DATA-15"],
    },
    Place {
        name: "key",
        put: |env, text| {
            env.key(kms::KEY_DATA, |key| key.policy = Read::Seen(Some(text)));
        },
        encoded: false,
        unsure: &["DATA-12", "DATA-15"],
    },
];

/// Puts a document into every place in turn, audits, and expects nobody to be sure of it.
fn nobody_is_sure_of(what: &str, text: &str, is_encoded: bool, places: &[Place]) {
    let clean = known_good();
    let baseline = baseline_of(&clean, NOW);
    let before = judged(&clean.snapshot, &baseline);
    for place in places {
        let mut env = clean.clone();
        (place.put)(&mut env, if place.encoded && !is_encoded { iam::encode(text) } else { text.to_owned() });
        let after = judged(&env.snapshot, &baseline);
        let what = format!("{what} as {}", place.name);
        assert_no_better(&what, &before, &after);
        let mut changed = BTreeSet::new();
        for (key, now) in after.verdicts.iter().filter(|(key, now)| before.verdicts.get(*key) != Some(*now)) {
            assert_eq!(now.1, Some(Reason::UndecidablePolicy), "{what}: {key:?}");
            changed.insert(key.0);
        }
        assert_eq!(changed, place.unsure.iter().copied().collect(), "{what}");
        let world = Mutex::new(World::default());
        let report = audit(&world, &env, 0);
        assert_harmless(&report, &world.lock().unwrap());
    }
}

const STATEMENT: &str = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a-bucket/a/key"}"#;

#[test]
fn a_document_of_ten_megabytes() {
    let size = 10_000_000;
    let many = vec![STATEMENT; size / STATEMENT.len()].join(",");
    let stars = "*a".repeat(size / 2);
    for (what, text) in [
        ("many statements", format!(r#"{{"Version":"2012-10-17","Statement":[{many}]}}"#)),
        ("a long pattern", format!(r#"{{"Statement":[{{"Effect":"Allow","Action":"s3:{stars}","Resource":"*"}}]}}"#)),
        ("no JSON", "x".repeat(size)),
    ] {
        // The boundary is every role's, and hashed for each.
        let places: Vec<Place> = PLACES.into_iter().filter(|place| place.name != "boundary").collect();
        nobody_is_sure_of(what, &text, true, &places);
    }
}

#[test]
fn a_deep_document() {
    for (open, close) in [("[", "]"), (r#"{"Statement":"#, "}"), (r#"{"Statement":[{"Condition":"#, "}]}")] {
        for depth in [130, 50_000] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            nobody_is_sure_of(&format!("{open} {depth} times"), &text, false, &PLACES);
        }
        nobody_is_sure_of(&format!("{open} often, cut"), &open.repeat(50_000), false, &PLACES);
    }
}

#[test]
fn bytes_that_are_not_utf8() {
    for text in
        ["%ff%fe%7B%22Statement%22%3A%5B%5D%7D", "%7B%22Statement%22%3A%22%C3%28%22%7D", "%zz%1", "%", "%00", ""]
    {
        nobody_is_sure_of(text, text, true, &PLACES);
    }
}

#[test]
fn a_key_twice() {
    for text in [
        r#"{"Statement":[],"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}"#,
        r#"{"Version":"2008-10-17","Version":"2012-10-17","Statement":[]}"#,
        r#"{"Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"a:b","Action":"*","Resource":"*","Principal":"*"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":{"AWS":"1","AWS":"*"}}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*","Condition":{"Bool":{"a:b":"true"},"Bool":{"a:b":"false"}}}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*","Condition":{"Bool":{"a:b":"true","a:b":"false"}}}]}"#,
    ] {
        nobody_is_sure_of(text, text, false, &PLACES);
    }
}

// Values that a newer API may send.

#[test]
fn a_text_that_nobody_knows_in_every_field() {
    leaves::each_text(|what, snapshot, baseline| {
        judged(snapshot, baseline);
        assert!(!what.is_empty());
    });
}

#[test]
fn an_extreme_number_or_moment_in_every_field() {
    leaves::each_number_and_moment(|_, snapshot, baseline| {
        judged(snapshot, baseline);
    });
}

/// States and kinds on which a violation rests: one that is not known must not make it go away.
#[test]
fn a_state_that_nobody_knows_hides_no_violation() {
    let mut env = known_good();
    env.add_internet_gateway(ec2::VPC)
        .add_egress_only_gateway(ec2::VPC, "attached")
        .add_carrier_gateway(ec2::VPC, "available")
        .add_vpn_gateway(ec2::VPC, "attached")
        .add_nat_gateway(ec2::nat_gateway("nat-0added00000000001", ec2::VPC, ec2::SUBNET_A))
        .add_route(ec2::TABLE_MAIN, "0.0.0.0/0", "GatewayId", "igw-0added00000000001")
        .add_route(ec2::TABLE_PRIVATE, "0.0.0.0/0", "NatGatewayId", "nat-0added00000000001")
        .add_ingress(ec2::SG_WORKLOAD, ec2::with_cidr(ec2::tcp(22), "0.0.0.0/0"))
        .add_egress(ec2::SG_WORKLOAD, ec2::with_cidr(ec2::all_traffic(), "0.0.0.0/0"))
        .add_peering(ec2::plain_peering("pcx-0added", ec2::OTHER_VPC))
        .add_transit_attachment(ec2::plain_attachment("tgw-attach-0added", "tgw-0theirs"))
        .vpc_block(|block| block.mode = "off".to_owned())
        .network_acl(ec2::ACL, |acl| acl.entries.push(ec2::acl_entry(20, "allow", "-1", "0.0.0.0/0")))
        .endpoint("sts", |endpoint| endpoint.groups = [ec2::SG_DEFAULT.to_owned()].into())
        .notebook(sagemaker::NOTEBOOK, |it| {
            it.direct_internet = Some("Enabled".to_owned());
            it.root_access = Some("Enabled".to_owned());
        })
        .domain(sagemaker::DOMAIN, |it| it.network_access = Some("PublicInternetOnly".to_owned()))
        .bucket_encryption(s3::BUCKET_DATA, |it| it.key = None);
    let baseline = baseline_of(&env, NOW);
    let before = judged(&env.snapshot, &baseline);
    let fields = [
        "state",
        "status",
        "mode",
        "action",
        "connectivity",
        "algorithm",
        "direct_internet",
        "root_access",
        "network_access",
    ];
    let mut tried = 0;
    leaves::each_field_named(&env, &fields, |what, snapshot| {
        let after = judged(snapshot, &baseline);
        for (key, _) in before.verdicts.iter().filter(|(_, was)| was.0 == Verdict::NonCompliant) {
            let hidden = match after.verdicts.get(key) {
                Some((verdict, _)) => matches!(verdict, Verdict::Compliant | Verdict::NotApplicable),
                None => !after.unsure.iter().any(|unsure| *unsure == (key.0, key.1.to_string())),
            };
            assert!(!hidden, "{what} hides {key:?}: {:?}", after.verdicts.get(key));
        }
        tried += 1;
    });
    assert!(tried > 60, "{tried}");
}

// Names, gaps, files.

proptest! {
    #![proptest_config(many(12))]

    #[test]
    fn names_that_steer_terminals_reach_nobody(env in hostile_env()) {
        look_at_all_that_leaves(&env);
    }
}

proptest! {
    #![proptest_config(many(24))]

    /// Whatever is not seen: no verdict is better than with everything seen, and nothing is resolved.
    #[test]
    fn random_gaps_make_nothing_better(Gaps(gapped) in gaps_in(broken()).prop_map(Gaps)) {
        let env = broken();
        let baseline = baseline_of(&env, NOW);
        let before = judged(&env.snapshot, &baseline);
        assert_no_better(&format!("{:?}", gapped.hidden), &before, &judged(&gapped.env.snapshot, &baseline));

        let world = Mutex::new(World::default());
        let first = audit(&world, &env, 0);
        let told = world.lock().unwrap().alerts.len();
        let second = audit(&world, &gapped.env, 1);
        prop_assert_eq!(first.summary.lifecycle[&Lifecycle::New], second.summary.lifecycle[&Lifecycle::Persisting]);
        prop_assert_eq!(second.summary.lifecycle[&Lifecycle::Resolved], 0);
        prop_assert_eq!(world.lock().unwrap().alerts.len(), told);
        let third = audit(&world, &env, 2);
        prop_assert_eq!(first.summary.lifecycle[&Lifecycle::New], third.summary.lifecycle[&Lifecycle::Persisting]);
        prop_assert_eq!(world.lock().unwrap().alerts.len(), told);
        assert_harmless(&second, &world.lock().unwrap());
    }
}

/// An environment with gaps, of which a failure tells what is hidden and not the rest.
struct Gaps(Gapped);

impl fmt::Debug for Gaps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hidden.fmt(f)
    }
}

/// Drift in every area.
fn broken() -> Env {
    let mut env = known_good();
    env.add_internet_gateway(ec2::VPC)
        .add_route(ec2::TABLE_MAIN, "0.0.0.0/0", "GatewayId", "igw-0added00000000001")
        .dns(true, false)
        .ebs_encryption(false)
        .set_boundary("training_execution", None)
        .endpoint_policy(
            "sts",
            &json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}]}),
        )
        .notebook(sagemaker::NOTEBOOK, |it| it.direct_internet = Some("Enabled".to_owned()))
        .training_job(sagemaker::TRAINING_JOB, |it| it.network_isolation = false)
        .trail(plumbline_testkit::cloudtrail::TRAIL, |it| it.validates_files = false)
        .bucket_encryption(s3::BUCKET_DATA, |it| it.key = None);
    env
}

#[test]
fn a_damaged_file_is_an_error() {
    let env = broken();
    let bytes = env.snapshot.to_bytes().unwrap();
    for length in (0..bytes.len()).step_by(bytes.len() / 150).chain([bytes.len() - 1]) {
        assert!(Snapshot::from_bytes(&bytes[..length]).is_err(), "cut to {length} of {}", bytes.len());
    }
    for at in (0..bytes.len()).step_by(bytes.len() / 150) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        // The checksum tells; a bit of the frame's head may mean nothing.
        if let Ok(snapshot) = Snapshot::from_bytes(&flipped) {
            assert_eq!(snapshot, env.snapshot, "a flipped bit at {at} gives another snapshot");
        }
    }
    let world = Mutex::new(World::default());
    let report = audit(&world, &env, 0).to_bytes().unwrap();
    let state = world.lock().unwrap().state().to_bytes().unwrap();
    for (bytes, loads) in [
        (&report, (|bytes| Report::from_bytes(bytes).is_ok()) as fn(&[u8]) -> bool),
        (&state, |bytes| State::from_bytes(bytes).is_ok()),
    ] {
        assert!(loads(bytes));
        for length in (0..bytes.len()).step_by(bytes.len() / 50).chain([bytes.len() - 1]) {
            assert!(!loads(&bytes[..length]), "cut to {length} of {}", bytes.len());
        }
        for at in (0..bytes.len()).step_by(bytes.len() / 50) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            loads(&flipped);
        }
        assert!(!loads("[".repeat(100_000).as_bytes()) && !loads(b"\xff\xfe") && !loads(b"null"));
    }
}

#[test]
fn the_same_snapshot_gives_the_same_bytes() {
    for env in [known_good(), broken()] {
        let told = || {
            let world = Mutex::new(World::default());
            let report = audit(&world, &env, 0);
            let world = world.into_inner().unwrap();
            let sent = serde_json::to_string(&(&world.alerts, &world.digests, &world.metrics)).unwrap();
            (
                report.to_bytes().unwrap(),
                plumbline_render::json(&report).unwrap(),
                world.state().to_bytes().unwrap(),
                sent,
            )
        };
        assert_eq!(told(), told());
        let back = Snapshot::from_bytes(&env.snapshot.to_bytes().unwrap()).unwrap();
        assert_eq!(back.to_bytes().unwrap(), env.snapshot.to_bytes().unwrap());
    }
}
