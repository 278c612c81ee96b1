//! The separation matrix and the ways to more privileges, over all roles of an account.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Result, anyhow};
use jiff::tz::TimeZone;
use plumbline_evaluator::baseline::{LoadContext, load};
use plumbline_evaluator::{Baseline, Evaluation, Scope, evaluate};
use plumbline_findings::Verdict;
use plumbline_testkit::Env;

use crate::account::account;
use crate::results::Row;
use crate::times::{of_all, told};

/// So many roles.
const ROLES: usize = 5_000;
/// The separation matrix, and the closure: what a role makes more of by rewriting policies, by passing roles, and by assuming
/// others, one after the other.
const CONTROLS: [&str; 3] = ["IAM-05", "IAM-11", "IAM-12"];

/// The figures.
pub(crate) fn measure() -> Result<Vec<Row>> {
    let env = account(ROLES);
    let baseline = baseline(&env)?;
    let judge = |controls: &[&str]| -> Evaluation {
        let controls: BTreeSet<String> = controls.iter().map(|id| (*id).to_owned()).collect();
        evaluate(&env.snapshot, &baseline, &Scope { controls, ..Scope::default() }, &BTreeMap::new())
    };
    let found = judge(&CONTROLS);
    let broken = |id: &str| {
        let of = found.assessments.iter().filter(|one| one.control.id == id);
        let broken = of.clone().filter(|one| one.verdict == Verdict::NonCompliant).count();
        format!("{id} {broken} of {}", of.count())
    };
    let texts: BTreeSet<&str> = env
        .snapshot
        .iam
        .roles
        .seen()
        .flat_map(|role| role.inline.iter().map(|(_, text)| text).chain(&role.trust))
        .chain(env.snapshot.iam.policies.seen().filter_map(|policy| policy.document.as_ref()))
        .map(|text| text.as_str())
        .collect();
    let all = of_all(|| drop(judge(&CONTROLS)));
    let each: Vec<String> =
        CONTROLS.iter().map(|id| format!("{id} alone {}", told(of_all(|| drop(judge(&[id])))))).collect();
    let what = format!(
        "an account of {} roles and {} distinct documents, from their texts: separation matrix and ways to more privileges, \
         one core",
        env.snapshot.iam.roles.len(),
        texts.len()
    );
    let broken = CONTROLS.map(broken).join(", ");
    let measured = format!("{} ({}; broken: {broken})", told(all), each.join(", "));
    Ok(vec![Row::new(what, measured).aimed([("under 1 s", all < Duration::from_secs(1))])])
}

fn baseline(env: &Env) -> Result<Baseline> {
    let today = env.snapshot.window.finished_at.to_zoned(TimeZone::UTC).date();
    load(&env.baseline, "baseline.yaml", &LoadContext::on(today))
        .and_then(|baseline| baseline.with_references(&env.references))
        .map_err(|error| anyhow!("{error}"))
}
