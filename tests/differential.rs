//! `decide` held against decisions written by hand and against the verdicts of an oracle that
//! shares no code with it (tests/differential/README.md says how they are recorded).
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::path::Path;

use plumbline_policy::simulate_line;
use serde::Deserialize;

#[derive(Deserialize)]
struct Answer {
    id: String,
    decision: String,
    reason: String,
}

/// The recorded lines, each with what is expected of it.
fn recorded(name: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("differential").join(name);
    let bytes = zstd::decode_all(std::fs::read(path).unwrap().as_slice()).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let expected = |line: &str| {
        let rest = line.strip_prefix(r#"{"expected": ""#).unwrap();
        (rest.split_once('"').unwrap().0.to_owned(), line.to_owned())
    };
    text.lines().map(expected).collect()
}

fn ask(line: &str) -> Answer {
    serde_json::from_str(&simulate_line(line)).unwrap()
}

#[test]
fn every_corner_is_decided_as_written_by_hand() {
    let rows = recorded("rows.jsonl.zst");
    assert!(rows.len() > 250, "{}", rows.len());
    let wrong: Vec<String> = rows
        .iter()
        .map(|(expected, line)| (expected, ask(line)))
        .filter(|(expected, answer)| answer.decision != **expected)
        .map(|(expected, answer)| format!("{}: {} ({}), not {expected}", answer.id, answer.decision, answer.reason))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn generated_cases_are_decided_as_the_oracle_does() {
    let cases = recorded("generated.jsonl.zst");
    assert!(cases.len() >= 5_000, "{}", cases.len());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut wrong, mut left_open) = (Vec::new(), Vec::new());
    for (expected, line) in &cases {
        let answer = ask(line);
        *counts.entry(format!("{expected} answered {}", answer.decision)).or_default() += 1;
        let said = format!("{}: {} ({}), not {expected}", answer.id, answer.decision, answer.reason);
        match (expected.as_str(), answer.decision.as_str()) {
            ("UNKNOWN", _) => {}
            (expected, decision) if expected == decision => {}
            (_, "UNKNOWN") => left_open.push(said),
            _ => wrong.push(said),
        }
    }
    assert!(wrong.is_empty(), "{counts:#?}\n{}", wrong.join("\n"));
    // None of the oracle's verdicts is left open.
    assert!(left_open.is_empty(), "{counts:#?}\n{}", left_open.join("\n"));
    for verdict in ["ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY"] {
        let same = counts.get(&format!("{verdict} answered {verdict}"));
        assert!(same.is_some_and(|same| *same > 500), "{counts:#?}");
    }
}

/// The line with one more identity policy.
fn with_identity_policy(line: &str, policy: &str) -> String {
    let member = r#""identity_policies": ["#;
    let (before, after) = line.split_once(member).unwrap();
    let comma = if after.starts_with(']') { "" } else { ", " };
    format!("{before}{member}{policy}{comma}{after}")
}

#[test]
fn a_deny_never_widens_and_an_allow_never_narrows() {
    let deny = r#"{"Statement": {"Effect": "Deny", "Action": ["s3:*", "kms:*", "sqs:*"], "Resource": "*"}}"#;
    let allow = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    for (_, line) in recorded("generated.jsonl.zst").iter().step_by(3) {
        let plain = ask(line);
        let narrower = ask(&with_identity_policy(line, deny));
        assert!(narrower.decision != "ALLOW" || plain.decision == "ALLOW", "{}: {}", plain.id, narrower.reason);
        let wider = ask(&with_identity_policy(line, allow));
        assert!(plain.decision != "ALLOW" || wider.decision == "ALLOW", "{}: {}", plain.id, wider.reason);
        assert_eq!(plain.decision == "EXPLICIT_DENY", wider.decision == "EXPLICIT_DENY", "{}", plain.id);
    }
}
