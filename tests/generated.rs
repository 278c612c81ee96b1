//! What is generated from the code is what stands in the tree. `make generate` (`UPDATE=1`) writes it.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails, and reads the tree"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use plumbline_evaluator::baseline::{self, LoadContext};
use plumbline_evaluator::{ALWAYS, Scope, controls, evaluate};
use plumbline_findings::Verdict;
use plumbline_render::{CatalogueEntry, CatalogueRead, controls_markdown, permissions_json, permissions_markdown};
use plumbline_snapshot::{Source, sources};
use plumbline_testkit::{ACCOUNT, REGION, known_good};

/// Declared reads that no control needs yet, so that only `plumbline snapshot` makes them. What a control begins to need
/// leaves this list.
const FOR_SNAPSHOT_ONLY: [&str; 48] = [
    "codecommit:BatchGetRepositories",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketVersioning",
    "sagemaker:DescribeAutoMLJobV2",
    "sagemaker:DescribeCodeRepository",
    "sagemaker:DescribeDataQualityJobDefinition",
    "sagemaker:DescribeFeatureGroup",
    "sagemaker:DescribeHyperParameterTuningJob",
    "sagemaker:DescribeModelBiasJobDefinition",
    "sagemaker:DescribeModelExplainabilityJobDefinition",
    "sagemaker:DescribeModelQualityJobDefinition",
    "sagemaker:DescribeMonitoringSchedule",
    "sagemaker:DescribeNotebookInstanceLifecycleConfig",
    "sagemaker:DescribeProcessingJob",
    "sagemaker:DescribeSpace",
    "sagemaker:DescribeTransformJob",
    "sagemaker:DescribeUserProfile",
    "sagemaker:ListAutoMLJobs",
    "sagemaker:ListClusters",
    "sagemaker:ListCompilationJobs",
    "sagemaker:ListEdgePackagingJobs",
    "sagemaker:ListFeatureGroups",
    "sagemaker:ListHyperParameterTuningJobs",
    "sagemaker:ListInferenceExperiments",
    "sagemaker:ListInferenceRecommendationsJobs",
    "sagemaker:ListJobs",
    "sagemaker:ListLabelingJobs",
    "sagemaker:ListMlflowApps",
    "sagemaker:ListMlflowTrackingServers",
    "sagemaker:ListMonitoringSchedules",
    "sagemaker:ListOptimizationJobs",
    "sagemaker:ListPartnerApps",
    "sagemaker:ListPipelines",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListSpaces",
    "sagemaker:ListTransformJobs",
    "sagemaker:ListUserProfiles",
    "servicecatalog:DescribeConstraint",
    "servicecatalog:DescribePortfolioShares",
    "servicecatalog:DescribeProvisioningArtifact",
    "servicecatalog:ListAcceptedPortfolioShares",
    "servicecatalog:ListConstraintsForPortfolio",
    "servicecatalog:ListPortfolios",
    "servicecatalog:ListPortfoliosForProduct",
    "servicecatalog:ListPrincipalsForPortfolio",
    "servicecatalog:ListProvisioningArtifacts",
    "servicecatalog:SearchProductsAsAdmin",
    "servicecatalog:SearchProvisionedProducts",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The file holds `wanted`; with `UPDATE` set it is made to.
#[track_caller]
fn stands(file: &str, wanted: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, wanted).unwrap();
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "{file} is not what the code says: run `make generate`");
}

fn catalogue() -> Vec<CatalogueEntry<'static>> {
    controls()
        .map(|control| CatalogueEntry {
            info: control.info,
            reads: control.sources.iter().map(|source| read(source)).collect(),
        })
        .collect()
}

fn read(source: &Source) -> CatalogueRead<'_> {
    CatalogueRead { service: source.service, operation: source.operation, permissions: source.permissions }
}

/// The declared sources that no control declares.
fn of_no_control() -> impl Iterator<Item = &'static Source> {
    sources().filter(|source| !controls().any(|control| control.sources.contains(source)))
}

fn policy() -> String {
    permissions_json(sources().map(|source| (source.service, source.permissions.iter().copied()))).unwrap()
}

#[test]
fn the_pages_of_the_catalogue() {
    stands("docs/CONTROLS.md", &controls_markdown(&catalogue()));
    let others: Vec<_> = of_no_control().map(read).collect();
    stands("docs/PERMISSIONS.md", &permissions_markdown(&catalogue(), &others));
}

#[test]
fn the_policy_of_the_reads() {
    stands("infra/policy.json", &policy());
}

/// The role in the template has the same statements: JSON is YAML, so they are put in as they are.
#[test]
fn the_role_of_the_template() {
    const BEGIN: &str = "            # BEGIN generated reads\n";
    const END: &str = "            # END generated reads\n";
    let template = std::fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    let (before, rest) = template.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let policy: serde_json::Value = serde_json::from_str(&policy()).unwrap();
    let mut reads = format!("            Version: {}\n            Statement:\n", policy["Version"]);
    for statement in policy["Statement"].as_array().unwrap() {
        reads.push_str(&format!("              - Sid: {}\n", statement["Sid"].as_str().unwrap()));
        reads.push_str("                Effect: Allow\n                Action:\n");
        for action in statement["Action"].as_array().unwrap() {
            reads.push_str(&format!("                  - {action}\n"));
        }
        reads.push_str("                Resource: \"*\"\n");
    }
    stands("infra/template.yaml", &format!("{before}{BEGIN}{reads}{END}{after}"));
}

/// Every source serves some control or every run, or is listed as one for snapshots only, and every control's source is one that a
/// collector reads.
#[test]
fn sources_and_controls_agree() {
    let of_controls = controls().flat_map(|control| control.sources);
    let declared: BTreeSet<_> = of_controls.chain(ALWAYS).map(|source| source.operation()).collect();
    let read: BTreeSet<_> = sources().map(|source| source.operation()).collect();
    let unread: Vec<_> = declared.difference(&read).collect();
    assert!(unread.is_empty(), "declared by a control and not read: {unread:?}");
    let useless: Vec<String> = read.difference(&declared).map(ToString::to_string).collect();
    assert_eq!(useless, FOR_SNAPSHOT_ONLY, "read and needed by no control, against those that are known to be");
    let twice = sources().count() - read.len();
    assert_eq!(twice, 0, "sources declared twice");
}

/// A reviewed policy for each role, the boundary and each endpoint, as the known-good environment has them: with them it
/// passes the controls that hold live policies against references.
#[test]
fn the_reference_policies_to_start_from() {
    let env = known_good();
    let mut files = env.references.clone();
    for (path, text) in &mut files {
        if path.starts_with("references/buckets/") || path.starts_with("references/keys/") {
            continue;
        }
        let own = String::from_utf8(text.clone()).unwrap().replace(ACCOUNT, "{account}").replace(REGION, "{region}");
        stands(&format!("docs/{path}"), &own);
        *text = own.into_bytes();
    }
    let context = LoadContext::on(jiff::civil::date(2026, 9, 14));
    let baseline = baseline::load(&env.baseline, "baseline.yaml", &context).unwrap().with_references(&files).unwrap();
    let mut scope = Scope::default();
    scope.controls.extend(["IAM-15", "IAM-16", "VPE-11", "DATA-15"].map(str::to_owned));
    let found = evaluate(&env.snapshot, &baseline, &scope, &BTreeMap::new()).assessments;
    assert!(found.iter().all(|it| it.verdict == Verdict::Compliant), "{found:#?}");
}

#[test]
fn the_baseline_to_start_from_loads() {
    let text = std::fs::read_to_string(root().join("docs/baseline.yaml")).unwrap();
    let catalogue: Vec<_> = controls().map(|control| control.info).collect();
    let context = LoadContext { today: jiff::civil::date(2026, 11, 24), controls: &catalogue };
    let loaded = baseline::load(&text, "docs/baseline.yaml", &context).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(loaded.environments.len(), 1);
}
