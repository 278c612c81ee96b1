//! `plumbline baseline freeze` as a user runs it: what is live becomes the reference policies, the account holds against
//! them, and each later widening is drift.

use std::collections::BTreeSet;

use anyhow::Result;
use plumbline_emulator::{Cli, Zygote, read};
use plumbline_findings::{Report, Verdict};

/// The controls of reference policies.
const CONTROLS: [&str; 4] = ["DATA-15", "IAM-15", "IAM-16", "VPE-11"];

/// Lines of the baseline, and the same with the files that shall be written.
const NAMED: [(&str, &str); 5] = [
    ("LogicalRole: training}}", "LogicalRole: training}}\n        reference_policy: references/training.json"),
    (
        "role/ds-hosting-role-fraud-dev\"]}",
        "role/ds-hosting-role-fraud-dev\"]}\n        reference_policy: references/hosting.json",
    ),
    ("    boundary_arns: [", "    boundary_reference_policy: references/boundary.json\n    boundary_arns: ["),
    (
        "    min_azs: 3",
        "    endpoint_reference_policies:\n      - {service: \"com.amazonaws.{region}.s3\", policy: references/s3.json}\n    min_azs: 3",
    ),
    ("kind: data, kms_key: data}", "kind: data, kms_key: data, reference_policy: references/data.json}"),
];

/// Breaks, and what of the reference controls turns NON_COMPLIANT by each.
const BREAKS: [(&str, &[(&str, &str)]); 5] = [
    ("iam-07-all-of-s3", &[("IAM-15", "ds-training-role-fraud-dev")]),
    ("iam-05-boundary-stops-it", &[]),
    ("iam-08-broad-boundary", &[("IAM-16", "PowerUserAccess")]),
    ("vpe-03-s3-open", &[("VPE-11", "ds-s3")]),
    ("data-09-foreign-account", &[("DATA-15", "ds-data-fraud-dev-7f3a")]),
];

#[test]
fn what_is_frozen_holds_until_it_is_widened() -> Result<()> {
    let zygote = Zygote::start()?;
    let emulator = zygote.fork()?;
    let user = Cli::under(&NAMED)?;
    let baseline = user.baseline();
    let frozen = user.run(&emulator, &["baseline", "freeze", "--api-share", "off", &baseline])?;
    assert_eq!(frozen.code, 0, "{}", frozen.err);
    for name in ["training", "hosting", "boundary", "s3", "data"] {
        let text = read(&user.folder().join(format!("references/{name}.json")))?;
        assert!(text.contains("\"Statement\""), "{name}: {text}");
    }
    let clean = user.audit(&emulator, &[])?;
    assert_eq!(clean.code, 0, "{}", clean.err);
    assert_eq!(with(&clean.report, Verdict::NonCompliant), BTreeSet::new());
    let held = with(&clean.report, Verdict::Compliant);
    for control in CONTROLS {
        assert!(held.iter().any(|(id, _)| id == control), "{control} holds of nothing: {held:?}");
    }
    for (name, expected) in BREAKS {
        let emulator = zygote.fork()?;
        emulator.break_(name)?;
        let broken = user.audit(&emulator, &["--state", &user.path(name)])?;
        let expected = expected.iter().map(|(control, subject)| ((*control).to_owned(), (*subject).to_owned()));
        assert_eq!(with(&broken.report, Verdict::NonCompliant), expected.collect(), "{name}");
    }
    Ok(())
}

/// The controls of references with such a verdict, and the names of their subjects.
fn with(report: &Report, verdict: Verdict) -> BTreeSet<(String, String)> {
    let of_references = report.findings.iter().filter(|it| CONTROLS.contains(&it.control.as_str()));
    let such = of_references.filter(|finding| finding.verdict == verdict);
    such.map(|finding| (finding.control.to_string(), finding.resource.name.to_string())).collect()
}
