//! What is wrong with an audit for which one read went wrong.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_collector::replay::Fault;
use plumbline_evaluator::blinds;
use plumbline_findings::{Evidence, Finding, ReadOutcome, Reason, Severity, Verdict};
use plumbline_snapshot::Source;

use crate::account::Account;
use crate::stage::Seen;

/// Reads that some controls need and that decide nothing of theirs in the clean account. What is COMPLIANT there without
/// them is so whatever they would have said: a resource that its tags select needs no network, a log group or endpoint that
/// is there and within reach needs no notebook to be asked for, rules name groups, whatever their addresses, and no prefix list
/// but the one of S3, whatever that holds, network ACLs are asked for two ports alone, nothing is excluded from VPC Block Public
/// Access, nobody may create a domain, who opens notebooks is confined by the VPC, and no role administers keys or logs or lives
/// by the policies of buckets. The controls' own tests show them.
const UNNEEDED: [(&str, &[&str]); 27] = [
    ("cloudtrail:DescribeTrails", &["IAM-05", "IAM-11"]),
    ("ec2:DescribeCarrierGateways", &["NET-10"]),
    ("ec2:DescribeEgressOnlyInternetGateways", &["NET-10"]),
    ("ec2:DescribeFlowLogs", &["IAM-05", "IAM-11"]),
    ("ec2:DescribeManagedPrefixLists", &["NET-08", "NET-15", "NET-17", "VPE-06"]),
    ("ec2:DescribeNetworkInterfaces", &["VPE-10"]),
    ("ec2:GetManagedPrefixListEntries", &["NET-08", "NET-15", "NET-16", "NET-17", "VPE-06", "VPE-10"]),
    (
        "ec2:DescribeSubnets",
        &[
            "DATA-10", "DATA-11", "DATA-12", "LOG-08", "LOG-11", "NET-18", "SMK-01", "SMK-03", "SMK-04", "SMK-07",
            "SMK-13", "SMK-14", "SMK-19", "VPE-01", "VPE-02", "VPE-10",
        ],
    ),
    ("ec2:DescribeVpcEndpoints", &["IAMC-07", "NET-15"]),
    (
        "ec2:DescribeVpcs",
        &[
            "DATA-10", "DATA-11", "DATA-12", "LOG-08", "SMK-01", "SMK-03", "SMK-04", "SMK-07", "SMK-09", "SMK-13",
            "SMK-14", "SMK-19",
        ],
    ),
    ("kms:GetKeyPolicy", &["DATA-15", "IAM-06"]),
    ("kms:ListAliases", &["IAM-05", "IAM-11"]),
    ("s3:GetBucketEncryption", &["DATA-03"]),
    ("s3:GetBucketPolicy", &["DATA-15", "IAM-06"]),
    ("s3:GetPublicAccessBlock", &["DATA-09"]),
    ("s3:HeadBucket", &["DATA-15"]),
    ("s3control:GetPublicAccessBlock", &["DATA-09"]),
    ("sagemaker:DescribeDomain", &["LOG-08", "VPE-01", "VPE-02", "VPE-10"]),
    ("sagemaker:DescribeNotebookInstance", &["LOG-08", "VPE-01", "VPE-02", "VPE-10"]),
    ("sagemaker:ListDomains", &["IAMC-01", "IAMC-02", "VPE-10"]),
    ("sagemaker:ListEndpoints", &["DATA-10", "DATA-11", "DATA-12", "SMK-19"]),
    ("sagemaker:ListModels", &["DATA-10", "DATA-11", "DATA-12", "LOG-08", "SMK-19", "VPE-02", "VPE-10"]),
    ("sagemaker:ListNotebookInstances", &["VPE-10"]),
    ("sagemaker:DescribeEndpointConfig", &["LOG-08"]),
    ("sagemaker:ListEndpointConfigs", &["LOG-08"]),
    ("sagemaker:ListTags", &["LOG-08", "SMK-12", "SMK-13", "SMK-14", "SMK-18", "SMK-19", "VPE-01", "VPE-02", "VPE-10"]),
    ("sagemaker:Search", &["SMK-19", "VPE-02", "VPE-10"]),
];

/// Reads without which nobody is blind in the drifted account: what the violations rest on is certain without them, and where
/// a resource belongs is known from the audit before.
const CERTAIN: [&str; 5] = [
    "cloudtrail:GetEventSelectors",
    "ec2:GetEbsEncryptionByDefault",
    "ec2:GetManagedPrefixListEntries",
    "s3:GetPublicAccessBlock",
    "sagemaker:ListTags",
];

/// Reads that a control tells of beside the facts that decide, and so does not declare: its verdict stays, its evidence may be
/// less.
const BESIDE: [(&str, &str); 4] = [
    ("SMK-18", "sagemaker:ListEndpoints"),
    ("SMK-18", "sagemaker:DescribeEndpoint"),
    ("SMK-18", "sagemaker:ListEndpointConfigs"),
    ("SMK-18", "sagemaker:DescribeEndpointConfig"),
];

/// What a read that only ever meets this fault ends with.
fn ending(fault: &Fault) -> (ReadOutcome, Reason) {
    match fault {
        Fault::Denied => (ReadOutcome::Denied, Reason::AccessDenied),
        Fault::Throttled => (ReadOutcome::Throttled, Reason::Throttled),
        _ => (ReadOutcome::Failed, Reason::ApiError),
    }
}

fn line(finding: &Finding) -> String {
    let Finding { control, environment, resource, verdict, reason, message, .. } = finding;
    let aspect = finding.aspect.as_deref().unwrap_or_default();
    format!("{control} {environment} {} [{aspect}] {verdict} {reason:?}: {message}", resource.name)
}

/// Everything that is wrong with `after`, in which `source` only ever met `fault`.
pub(crate) fn complaints(
    account: &Account,
    before: &Seen,
    after: &Seen,
    source: &'static Source,
    fault: &Fault,
) -> Vec<String> {
    let read = source.operation().to_string();
    let needing: BTreeSet<&str> = blinds(&source.operation()).into_iter().collect();
    let (outcome, reason) = ending(fault);
    let mut wrong = verdicts(before, after, &read, &needing);
    let blind = blind(after);
    for finding in &blind {
        let names_it = finding.evidence.iter().any(|fact| match fact {
            Evidence::NotSeen { not_seen } => not_seen.operation == read && not_seen.outcome == outcome.as_str(),
            Evidence::Field { .. } | Evidence::Witness { .. } | Evidence::Path { .. } => false,
        });
        if !names_it || finding.reason != Some(reason) {
            wrong.push(format!("does not name it as {}: {} {:?}", outcome.as_str(), line(finding), finding.evidence));
        }
    }
    let blinded: BTreeSet<&str> = blind.iter().map(|finding| finding.control.as_str()).collect();
    if needing.is_empty() {
        if !blinded.is_empty() {
            wrong.push(format!("blinds {blinded:?}, and no control needs it"));
        }
    } else if account.known {
        if blinded.is_empty() != CERTAIN.contains(&read.as_str()) {
            wrong.push(format!("blinds {blinded:?}, see CERTAIN"));
        }
    } else {
        let seeing: BTreeSet<&str> = needing.difference(&blinded).copied().collect();
        let unneeded = UNNEEDED.iter().filter(|(one, _)| *one == read).flat_map(|(_, controls)| *controls);
        let unneeded: BTreeSet<&str> = unneeded.copied().collect();
        if seeing != unneeded {
            wrong.push(format!("need it and are not blind: {seeing:?}, but listed in UNNEEDED are {unneeded:?}"));
        }
    }
    wrong.extend(coverage(after, source, outcome, &needing));
    let drift = after.report.findings.iter().any(Finding::is_drift);
    let code = after.report.exit_status(Severity::Low).code();
    // A lost read that no control needs is told, and leaves the audit what it was.
    let expected = match (drift, needing.is_empty()) {
        (true, _) => 1,
        (false, false) => 3,
        (false, true) => 0,
    };
    if code != expected {
        wrong.push(format!("exit code {code} instead of {expected}"));
    }
    if !after.unanswered.is_empty() {
        wrong.push(format!("was asked for what was not recorded: {:?}", after.unanswered));
    }
    wrong
}

/// Findings that cannot see; none of an audit in which nothing goes wrong.
fn blind(seen: &Seen) -> Vec<&Finding> {
    seen.report.findings.iter().filter(|finding| finding.verdict == Verdict::InsufficientData).collect()
}

/// What changed in a way that blindness does not explain.
fn verdicts(before: &Seen, after: &Seen, read: &str, needing: &BTreeSet<&str>) -> Vec<String> {
    let (was, is) = (by_id(&before.report.findings), by_id(&after.report.findings));
    let mut wrong = Vec::new();
    for (id, finding) in &is {
        let old = was.get(id);
        let needs = needing.contains(&finding.control.as_str());
        let told = old.map_or_else(|| "was not there".to_owned(), |old| format!("was {}", old.verdict));
        if old.is_some_and(|old| old.is_drift()) && !finding.is_drift() {
            wrong.push(format!("was drift and is none: {}", line(finding)));
        } else if finding.verdict != Verdict::InsufficientData && old.is_none_or(|old| old.verdict != finding.verdict) {
            wrong.push(format!("must not become so: {} ({told})", line(finding)));
        } else if !needs && old.is_none_or(|old| !same(old, finding, read)) {
            wrong.push(format!("does not need it and changes: {} ({told})", line(finding)));
        }
    }
    for (_, gone) in was.iter().filter(|(id, _)| !is.contains_key(*id)) {
        let whole = |now: &&&Finding| now.control == gone.control && now.environment == gone.environment;
        let unsure = is.values().filter(whole).any(|now| now.verdict == Verdict::InsufficientData);
        if gone.is_drift() || !unsure || !needing.contains(&gone.control.as_str()) {
            wrong.push(format!("is gone: {}", line(gone)));
        }
    }
    wrong
}

/// Whether two findings are the same, but for what is told beside the facts.
fn same(old: &Finding, new: &Finding, read: &str) -> bool {
    let told = |finding: &Finding| Finding { evidence: Vec::new(), ..finding.clone() };
    old == new
        || (BESIDE.contains(&(&new.control, read)) && told(old) == told(new))
        || (WAYS.contains(&new.control.as_str()) && read.starts_with("ec2:") && without_ways(old) == without_ways(new))
}

/// Controls that say who gets through a gateway: whoever reads less says less of that, and nothing else changes.
const WAYS: [&str; 8] = ["NET-02", "NET-03", "NET-04", "NET-05", "NET-06", "NET-07", "NET-08", "NET-09"];

fn without_ways(finding: &Finding) -> Finding {
    let facts = finding.evidence.iter().filter(|fact| !matches!(fact, Evidence::Path { .. })).cloned();
    Finding { message: "".into(), evidence: facts.collect(), ..finding.clone() }
}

fn by_id(findings: &[Finding]) -> BTreeMap<&str, &Finding> {
    let all: BTreeMap<&str, &Finding> = findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    assert_eq!(all.len(), findings.len(), "two findings with one id");
    all
}

/// What is wrong with what the report says of its reads.
fn coverage(after: &Seen, source: &Source, outcome: ReadOutcome, needing: &BTreeSet<&str>) -> Vec<String> {
    let mut wrong = Vec::new();
    let reads = &after.report.coverage.reads;
    let is_it = |operation: &str, service: &str| operation == source.operation && service == source.service;
    match reads.iter().find(|read| is_it(&read.operation, &read.service)) {
        Some(read) if read.outcome == outcome && read.error.is_some() && read.items == 0 => {
            if read.blinds.iter().map(String::as_str).collect::<BTreeSet<_>>() != *needing {
                wrong.push(format!("coverage says that it blinds {:?}, the catalogue {needing:?}", read.blinds));
            }
        }
        read => wrong.push(format!("coverage, which should be {}: {read:?}", outcome.as_str())),
    }
    let lost: Vec<_> = reads.iter().filter(|read| read.outcome.is_loss()).map(|read| &read.operation).collect();
    if after.report.coverage.complete || lost != [source.operation] {
        wrong.push(format!("coverage.complete is {}, lost: {lost:?}", after.report.coverage.complete));
    }
    wrong
}
