//! Every way in which the 81 controls can fail, on the emulated account: the clean account is clean, and each named break
//! turns exactly the verdicts that it should, and no other.
//!
//! `PLUMBLINE_TEST_BREAKS=net-08,data-10` tries only the breaks whose names begin so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::PoisonError;

use anyhow::{Result, ensure};
use plumbline_emulator::{
    Audited, Break, Changed, Cli, Expected, Zygote, changed, exit_code, line, lost, side_by_side,
};
use plumbline_evaluator::controls;
use plumbline_findings::{Finding, Lifecycle, Report, Verdict};

/// Audits at a time: the machine of the tests has two cores.
const THREADS: usize = 2;

/// Controls that nothing in the clean account is COMPLIANT with, and why.
const NOTHING_TO_JUDGE: &[(&str, &str)] = &[
    ("DATA-15", WITHOUT_REFERENCES),
    ("IAM-15", WITHOUT_REFERENCES),
    ("IAM-16", WITHOUT_REFERENCES),
    ("VPE-11", WITHOUT_REFERENCES),
];

/// The ids of its network and keys are new in each emulated account, and stand in its policies: a reviewed file cannot have
/// them. In `frozen.rs` they are written first, and these controls are broken there.
const WITHOUT_REFERENCES: &str = "the baseline names no reference policies";

#[test]
fn the_clean_account_is_clean() -> Result<()> {
    let zygote = Zygote::start()?;
    let clean = Cli::new()?.audit(&zygote.fork()?, &[])?;
    let bad: Vec<String> = clean
        .report
        .findings
        .iter()
        .filter(|finding| matches!(finding.verdict, Verdict::NonCompliant | Verdict::InsufficientData))
        .map(line)
        .collect();
    assert!(bad.is_empty(), "findings of an account without a fault:\n  {}", bad.join("\n  "));
    assert_eq!(clean.code, 0, "{}", clean.err);
    assert!(clean.report.coverage.complete, "{:#?}", lost(&clean.report));

    let passed: BTreeSet<&str> = clean
        .report
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Compliant)
        .map(|finding| finding.control.as_str())
        .collect();
    let catalogue: BTreeSet<&str> = controls().map(|control| control.info.id).collect();
    assert_eq!(catalogue.len(), 81, "{catalogue:?}");
    let excused: BTreeSet<&str> = NOTHING_TO_JUDGE.iter().map(|(control, _)| *control).collect();
    let silent: Vec<&&str> = catalogue.iter().filter(|id| !passed.contains(**id) && !excused.contains(**id)).collect();
    assert!(silent.is_empty(), "controls without a COMPLIANT verdict in the clean account: {silent:?}");
    let odd: Vec<&str> = excused.intersection(&passed).copied().collect();
    assert!(odd.is_empty(), "controls that are excused and have something to judge: {odd:?}");
    for finding in &clean.report.findings {
        assert_eq!(finding.lifecycle, None, "{}", line(finding));
        let expected = finding.verdict == Verdict::Compliant;
        assert_eq!(finding.reason.is_none(), expected, "a reason where it is not COMPLIANT: {}", line(finding));
    }
    Ok(())
}

#[test]
fn each_break_changes_exactly_what_it_should() -> Result<()> {
    let zygote = Zygote::start()?;
    let first = zygote.fork()?;
    let clean = Cli::new()?.audit(&first, &[])?.report;
    let all = first.breaks()?;
    ensure!(all.len() > 200, "only {} breaks", all.len());
    let broken: BTreeSet<String> = all
        .iter()
        .flat_map(|one| &one.expect)
        .filter(|expected| expected.verdict == Verdict::NonCompliant)
        .map(|expected| expected.control.clone())
        .collect();
    let excused = |id: &str| NOTHING_TO_JUDGE.iter().any(|(control, _)| *control == id);
    let unbroken: Vec<&str> =
        controls().map(|control| control.info.id).filter(|id| !broken.contains(*id) && !excused(id)).collect();
    assert!(unbroken.is_empty(), "controls that no break breaks: {unbroken:?}");
    drop(first);

    let chosen: Vec<Break> = all.into_iter().filter(|one| is_chosen(&one.name)).collect();
    // How often each control turned NON_COMPLIANT: a test that can't see anything would pass.
    let turned: Mutex<BTreeMap<String, usize>> = Mutex::default();
    let complaints = side_by_side(&chosen, THREADS, |one| match try_break(&zygote, &clean, one) {
        Ok((complaints, controls)) => {
            let mut turned = turned.lock().unwrap_or_else(PoisonError::into_inner);
            for control in controls {
                *turned.entry(control).or_default() += 1;
            }
            complaints
        }
        Err(error) => vec![format!("{error:#}")],
    });
    let mut failed = Vec::new();
    for (one, complaints) in chosen.iter().zip(complaints) {
        if !complaints.is_empty() {
            failed.push(format!("{}: {}\n    {}", one.name, one.text, complaints.join("\n    ")));
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {} breaks do not change what they should:\n\n{}\n",
        failed.len(),
        chosen.len(),
        failed.join("\n\n")
    );
    let turned = turned.into_inner().unwrap_or_else(PoisonError::into_inner);
    let still: Vec<&str> =
        broken.iter().map(String::as_str).filter(|id| is_chosen("") && !turned.contains_key(*id)).collect();
    assert!(still.is_empty(), "controls that never turned NON_COMPLIANT: {still:?}");
    Ok(())
}

#[test]
fn what_is_mended_is_resolved() -> Result<()> {
    let zygote = Zygote::start()?;
    let emulator = zygote.fork()?;
    let user = Cli::new()?;
    user.audit(&emulator, &[])?;
    let demo: Vec<Break> = emulator.breaks()?.into_iter().filter(|one| one.demo && one.mend).collect();
    ensure!(demo.len() >= 12, "only {} breaks can be shown and mended", demo.len());
    let mut made = Vec::new();
    for one in &demo {
        made.push(emulator.break_(&one.name)?);
    }
    let broken = user.audit(&emulator, &[])?;
    assert_eq!(broken.code, 1, "{}", broken.err);
    let open: BTreeMap<&str, &Finding> = broken
        .report
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::NonCompliant)
        .map(|finding| (finding.id.as_str(), finding))
        .collect();
    // Some of them take others' subjects away: at least one finding of each must be there.
    for one in &made {
        let is_new = |expected: &Expected| {
            open.values().any(|finding| expected.means(finding) && finding.lifecycle == Some(Lifecycle::New))
        };
        assert!(one.expect.iter().any(is_new), "nothing is NEW of {}: {:#?}", one.name, one.expect);
    }
    for one in demo.iter().rev() {
        emulator.mend(&one.name)?;
    }
    let mended = user.audit(&emulator, &[])?;
    let closed: BTreeMap<&str, &Finding> =
        mended.report.findings.iter().map(|finding| (finding.id.as_str(), finding)).collect();
    for (id, before) in &open {
        let after = closed.get(id).copied();
        let resolved = after.is_some_and(|after| after.lifecycle == Some(Lifecycle::Resolved));
        assert!(resolved, "not RESOLVED: {}\n  now {}", line(before), after.map_or("gone".to_owned(), line));
    }
    assert_eq!(mended.code, 0, "{:#?}", open_lines(&mended.report));
    let again = user.audit(&emulator, &[])?;
    let still: Vec<String> =
        again.report.findings.iter().filter(|finding| finding.lifecycle.is_some()).map(line).collect();
    assert!(still.is_empty(), "RESOLVED is shown once: {still:#?}");
    Ok(())
}

/// Makes one break in a fresh account and audits it: what is not as it should be, and the controls that turned.
fn try_break(zygote: &Zygote, clean: &Report, one: &Break) -> Result<(Vec<String>, BTreeSet<String>)> {
    let emulator = zygote.fork()?;
    let made = emulator.break_(&one.name)?;
    let audited = Cli::new()?.audit(&emulator, &[])?;
    let turned = changed(clean, &audited.report)
        .iter()
        .filter(|changed| changed.after.verdict == Verdict::NonCompliant)
        .map(|changed| changed.after.control.to_string())
        .collect();
    Ok((complaints(clean, &audited, &made), turned))
}

/// What is not as the break says.
fn complaints(clean: &Report, audited: &Audited, made: &Break) -> Vec<String> {
    let changed = changed(clean, &audited.report);
    let mut complaints = Vec::new();
    for expected in &made.expect {
        let is_met = |one: &Changed<'_>| expected.means(one.after) && one.after.verdict == expected.verdict;
        if expected.optional || changed.iter().any(is_met) {
            continue;
        }
        let found: Vec<String> = audited
            .report
            .findings
            .iter()
            .filter(|finding| expected.means(finding))
            .map(|finding| format!("           got {}", line(finding)))
            .collect();
        complaints.push(format!("missing    {expected}"));
        complaints.extend(if found.is_empty() { vec!["           got no such finding".to_owned()] } else { found });
    }
    let is_expected = |one: &Changed<'_>| {
        let meant = |expected: &Expected| expected.means(one.after) && expected.verdict == one.after.verdict;
        made.expect.iter().any(meant)
    };
    for one in changed.iter().filter(|one| made.exact && !is_expected(one)) {
        let before = one.before.map_or_else(|| "new".to_owned(), |before| format!("was {}", before.verdict));
        complaints.push(format!("unexpected {} ({before})", line(one.after)));
    }
    for one in changed.iter().filter(|one| one.after.verdict == Verdict::NonCompliant) {
        if one.after.evidence.is_empty() || one.after.message.is_empty() || one.after.remediation.is_empty() {
            complaints.push(format!("says too little: {:?}", one.after));
        }
        if one.after.lifecycle != Some(Lifecycle::New) {
            complaints.push(format!("not NEW    {} ({:?})", line(one.after), one.after.lifecycle));
        }
    }
    let code = exit_code(&audited.report);
    if audited.code != code {
        complaints.push(format!("exit code {}, wanted {code}: {}", audited.code, audited.err.trim_end()));
    }
    if !audited.report.coverage.complete {
        complaints.push(format!("not everything was read: {:?}", lost(&audited.report)));
    }
    complaints
}

fn open_lines(report: &Report) -> Vec<String> {
    report.findings.iter().filter(|finding| finding.is_open()).map(line).collect()
}

/// Whether a break is to be tried; no name asks whether all are.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests may choose")]
fn is_chosen(name: &str) -> bool {
    let Ok(wanted) = std::env::var("PLUMBLINE_TEST_BREAKS") else { return true };
    wanted.split(',').any(|prefix| !prefix.is_empty() && name.starts_with(prefix))
}
