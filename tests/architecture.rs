//! Which crate may depend on which: the table of the design, held against `cargo metadata`.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde::Deserialize;

/// A crate of ours: its ring, our crates that it may use, and others beyond serde and thiserror.
struct Allowed {
    package: &'static str,
    ours: &'static [&'static str],
    others: &'static [&'static str],
}

const fn row(package: &'static str, ours: &'static [&'static str], others: &'static [&'static str]) -> Allowed {
    Allowed { package, ours, others }
}

const CORE: &[&str] = &["names", "snapshot", "policy", "findings", "evaluator", "render"];
const COLLECTORS: &[&str] =
    &["ec2", "iam", "sagemaker", "s3", "cloudtrail", "kms", "logs", "servicecatalog", "codecommit"];
const SMITHY: &[&str] = &[
    "aws-credential-types",
    "aws-smithy-async",
    "aws-smithy-http-client",
    "aws-smithy-runtime-api",
    "aws-smithy-types",
    "aws-types",
    "http",
];

/// Arrows point inward only. `ecow` is text that is shared instead of copied, `litemap` a map of few entries, `fastrand` is the random source of the jitter, `strsim` the nearest name, `anstyle` the
/// terminal's codes, `percent-encoding` what IAM sends documents in: small pure crates.
const TABLE: &[Allowed] = &[
    row("names", &[], &["ecow"]),
    row("snapshot", &["names"], &["jiff", "ipnet", "litemap", "serde_json", "zstd"]),
    row("policy", &["names"], &["ipnet", "jiff", "serde_json", "percent-encoding"]),
    row("reachability", &["names", "snapshot"], &["ipnet"]),
    row("findings", &["names"], &["jiff", "sha2", "serde_json"]),
    row(
        "evaluator",
        &["names", "snapshot", "policy", "reachability", "findings"],
        &["serde-saphyr", "schemars", "serde_json", "jiff", "ipnet", "sha2", "strsim", "percent-encoding"],
    ),
    row("render", &["names", "findings", "policy", "reachability", "snapshot"], &["jiff", "serde_json", "anstyle"]),
    row(
        "audit",
        &["names", "snapshot", "findings", "evaluator", "render"],
        &["jiff", "serde_json", "zstd", "tracing", "sha2"],
    ),
    row("collector", &["names", "snapshot"], &["tokio", "tracing", "fastrand", "jiff", "serde_json"]),
    row("store", &["names", "audit"], &["aws-sdk-s3", "tokio", "tracing"]),
    row(
        "publish",
        &["names", "audit", "findings", "render"],
        &["aws-sdk-sns", "aws-sdk-cloudwatch", "tokio", "jiff", "tracing"],
    ),
    row(
        "app",
        &["names", "snapshot", "findings", "evaluator", "render", "audit", "collector", "store", "publish"],
        &[
            "aws-config",
            "aws-credential-types",
            "aws-sdk-sts",
            // The next leg of a run that is out of time.
            "aws-sdk-lambda",
            "tokio",
            "tracing",
            "tracing-subscriber",
            "jiff",
            "serde_json",
            "fastrand",
        ],
    ),
    row("lambda", &["app", "audit", "findings"], &["lambda_runtime", "serde_json", "tokio", "tracing"]),
    row(
        "cli",
        &["app", "audit", "names", "snapshot", "policy", "reachability", "findings", "evaluator", "render"],
        &["clap", "anyhow", "tokio", "serde_json", "indicatif", "terminal_size", "anstyle", "jiff"],
    ),
    row(
        "testkit",
        &["names", "snapshot", "findings"],
        &["proptest", "jiff", "ipnet", "serde_json", "percent-encoding"],
    ),
];

/// Crates that may see the SDK, the network, files and a clock. No other may.
const SHELL_ONLY: &[&str] = &["tokio", "reqwest", "hyper", "aws-config", "aws-types"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice::<Metadata>(&output.stdout).unwrap().packages
}

/// The folder's name below `crates/`; none for the test and bench packages.
fn folder(package: &Package) -> Option<&str> {
    package.manifest_path.split_once("/crates/").and_then(|(_, rest)| rest.strip_suffix("/Cargo.toml"))
}

fn normal(package: &Package) -> impl Iterator<Item = &str> {
    package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind.is_none())
        .map(|dependency| dependency.name.as_str())
}

#[test]
fn every_dependency_is_in_the_table() {
    let packages = packages();
    let mut wrong = Vec::new();
    for package in &packages {
        let Some(folder) = folder(package) else { continue };
        let (ours, others): (BTreeSet<&str>, BTreeSet<&str>) = match folder.strip_prefix("collector-") {
            Some(service) => {
                assert!(COLLECTORS.contains(&service), "no row for `{folder}`");
                let sdk: &[&str] = match service {
                    "s3" => &["aws-sdk-s3", "aws-sdk-s3control"],
                    "logs" => &["aws-sdk-cloudwatchlogs"],
                    "ec2" => &["aws-sdk-ec2"],
                    "iam" => &["aws-sdk-iam"],
                    // Of the scripts of a lifecycle configuration only the hash is kept.
                    "sagemaker" => &["aws-sdk-sagemaker", "sha2"],
                    "cloudtrail" => &["aws-sdk-cloudtrail"],
                    "servicecatalog" => &["aws-sdk-servicecatalog"],
                    "codecommit" => &["aws-sdk-codecommit"],
                    _ => &["aws-sdk-kms"],
                };
                (
                    ["names", "snapshot", "collector"].into(),
                    sdk.iter().chain(SMITHY).copied().chain(["tokio", "tracing", "jiff", "ipnet"]).collect(),
                )
            }
            None => {
                let row = TABLE.iter().find(|row| row.package == folder);
                let row = row.unwrap_or_else(|| panic!("no row for `{folder}`: add it to the table with its reason"));
                let shell = !CORE.contains(&folder) && !["audit", "testkit"].contains(&folder);
                let mut ours: BTreeSet<&str> = row.ours.iter().copied().collect();
                if folder == "app" {
                    ours.extend([
                        "collector-ec2",
                        "collector-iam",
                        "collector-sagemaker",
                        "collector-s3",
                        "collector-cloudtrail",
                        "collector-kms",
                        "collector-logs",
                        "collector-servicecatalog",
                        "collector-codecommit",
                    ]);
                }
                (ours, row.others.iter().copied().chain(if shell { SMITHY } else { &[] }.iter().copied()).collect())
            }
        };
        for dependency in normal(package) {
            let allowed = match dependency.strip_prefix("plumbline-") {
                Some(name) => ours.contains(name),
                None => ["serde", "thiserror"].contains(&dependency) || others.contains(dependency),
            };
            if !allowed {
                wrong.push(format!("`{folder}` must not depend on `{dependency}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_row_of_the_table_has_its_crate() {
    let packages = packages();
    let folders: BTreeSet<&str> = packages.iter().filter_map(folder).collect();
    for row in TABLE {
        assert!(folders.contains(row.package), "`{}` is in the table and not in crates/", row.package);
    }
    for service in COLLECTORS {
        assert!(folders.contains(format!("collector-{service}").as_str()), "collector-{service}");
    }
}

#[test]
fn the_core_reaches_no_shell_crate_even_indirectly() {
    let packages = packages();
    let by_folder: BTreeMap<&str, &Package> =
        packages.iter().filter_map(|package| Some((folder(package)?, package))).collect();
    let mut open: Vec<&str> = CORE.iter().chain(&["audit", "testkit"]).copied().collect();
    let mut seen = BTreeSet::new();
    while let Some(folder) = open.pop() {
        if !seen.insert(folder) {
            continue;
        }
        for dependency in normal(by_folder[folder]) {
            assert!(
                !SHELL_ONLY.contains(&dependency) && !dependency.starts_with("aws-"),
                "`{folder}` reaches `{dependency}`"
            );
            if let Some(ours) = dependency.strip_prefix("plumbline-") {
                open.push(ours);
            }
        }
    }
}

#[test]
fn the_test_package_compiles_no_sdk_and_the_folder_names_the_package() {
    for package in packages() {
        if package.name == "plumbline-tests" {
            assert!(
                package.dependencies.iter().all(|dependency| !dependency.name.starts_with("aws-")),
                "plumbline-tests"
            );
        }
        if let Some(folder) = folder(&package) {
            let expected = if folder == "cli" { "plumbline".to_owned() } else { format!("plumbline-{folder}") };
            assert_eq!(package.name, expected);
        }
    }
}
