//! The one door of control tests: `check` evaluates a whole edited environment under one control.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use expect_test::Expect;
use plumbline_findings::{Evidence, Verdict};
use plumbline_snapshot::Source;
use plumbline_testkit::{Env, known_good};

use crate::baseline::{self, LoadContext};
use crate::{Control, Scope, evaluate};

/// Edits the known-good environment, judges it under `control` alone, and compares what is not COMPLIANT (or, if
/// everything is, the word `COMPLIANT`) with `expected`: verdict, severity, environment, resource, message, evidence.
#[track_caller]
pub(crate) fn check(control: &Control, edit: impl FnOnce(&mut Env), expected: Expect) {
    let mut env = known_good();
    edit(&mut env);
    expected.assert_eq(&verdicts(control, &env));
}

/// The known-good environment is COMPLIANT, or not applicable, under `control`.
#[track_caller]
pub(crate) fn clean(control: &Control) {
    let text = verdicts(control, &known_good());
    assert_eq!(text, "COMPLIANT\n", "{}", control.info.id);
}

/// The known-good environment shows no violation under `control` and no gap, and what is not applicable there is `expected`.
#[track_caller]
pub(crate) fn clean_or_idle(control: &Control, expected: Expect) {
    let text = verdicts(control, &known_good());
    assert!(!text.contains("NON_COMPLIANT") && !text.contains("INSUFFICIENT_DATA"), "{text}");
    expected.assert_eq(&text);
}

/// Hiding any one declared source of `control` from the known-good shows as INSUFFICIENT_DATA.
#[track_caller]
pub(crate) fn blind(control: &Control) {
    blind_but(control, &[]);
}

/// The same but for sources that the known-good does not rest on; a test of its own shows what they are for.
#[track_caller]
pub(crate) fn blind_but(control: &Control, except: &[&Source]) {
    for source in control.sources.iter().filter(|source| !except.contains(source)) {
        let mut env = known_good();
        env.hide(source);
        let text = verdicts(control, &env);
        assert!(
            text.contains("INSUFFICIENT_DATA"),
            "{}: hiding {}:{} leaves\n{text}",
            control.info.id,
            source.service,
            source.operation
        );
    }
}

fn verdicts(control: &Control, env: &Env) -> String {
    let today = env.snapshot.window.finished_at.to_zoned(jiff::tz::TimeZone::UTC).date();
    let baseline = baseline::load(&env.baseline, "baseline.yaml", &LoadContext::on(today))
        .and_then(|baseline| baseline.with_references(&env.references))
        .unwrap_or_else(|error| panic!("{error}"));
    let mut scope = Scope::default();
    scope.controls.insert(control.info.id.to_owned());
    let evaluation = evaluate(&env.snapshot, &baseline, &scope, &BTreeMap::new());
    let mut text = String::new();
    let mut compliant = 0;
    for assessment in &evaluation.assessments {
        let quiet = assessment.whole_set
            && assessment.verdict == Verdict::NotApplicable
            && assessment.subject.environment == "unassigned";
        if assessment.verdict == Verdict::Compliant {
            compliant += 1;
        }
        if assessment.verdict == Verdict::Compliant || quiet {
            continue;
        }
        let message = &assessment.message;
        assert_eq!(*message, crate::judge::sentence(message), "no sentence");
        let aspect = assessment.subject.aspect.as_ref().map_or_else(String::new, |aspect| format!(" [{aspect}]"));
        let reason = assessment.reason.map_or_else(String::new, |reason| format!(" {}", reason.as_str()));
        writeln!(
            text,
            "{}{reason} {} {} {}{aspect}: {}",
            assessment.verdict,
            assessment.severity,
            assessment.subject.environment,
            assessment.subject.resource.name,
            message
        )
        .unwrap();
        for evidence in &assessment.evidence {
            match evidence {
                Evidence::Field { operation, path, saw, wanted } => {
                    writeln!(text, "  {operation} {path}: saw {saw}, wanted {wanted}").unwrap();
                }
                Evidence::NotSeen { not_seen } => {
                    writeln!(text, "  {} not seen: {}", not_seen.operation, not_seen.outcome).unwrap();
                }
                Evidence::Witness { witness } => {
                    let witness = serde_json::to_string(witness).unwrap();
                    writeln!(text, "  witness {witness}").unwrap();
                }
                Evidence::Path { hops } => {
                    for hop in hops {
                        writeln!(text, "  hop {} {}: {}", hop.at, hop.rule, hop.says).unwrap();
                    }
                }
            }
        }
    }
    if text.is_empty() {
        text.push_str(if compliant > 0 { "COMPLIANT\n" } else { "nothing\n" });
    }
    text
}
