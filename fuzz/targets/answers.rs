//! What every answer must look like, whatever was asked (contract, "Command line").

use plumbline_policy::{compare_line, simulate_line};
use serde_json::Value;

fn read(answer: &str) -> Value {
    serde_json::from_str(answer).unwrap_or_else(|error| panic!("no JSON ({error}): {answer}"))
}

/// The decision on a line.
#[allow(dead_code, reason = "not every target decides")]
pub fn decided(line: &str) -> String {
    let answer = simulate_line(line);
    let fields = read(&answer);
    let decision = fields["decision"].as_str().unwrap_or_default().to_owned();
    assert!(["ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY", "UNKNOWN"].contains(&decision.as_str()), "{answer}");
    assert!(fields["reason"].as_str().is_some_and(|reason| decision != "UNKNOWN" || !reason.is_empty()), "{answer}");
    decision
}

/// The result of comparing a line's documents.
#[allow(dead_code, reason = "not every target compares")]
pub fn compared(line: &str) -> String {
    let answer = compare_line(line);
    let fields = read(&answer);
    let result = fields["result"].as_str().unwrap_or_default().to_owned();
    assert!(["NO_NEW_ACCESS", "NEW_ACCESS", "UNKNOWN"].contains(&result.as_str()), "{answer}");
    assert_eq!(fields["witness"].is_object(), result == "NEW_ACCESS", "{answer}");
    assert!(fields["reason"].as_str().is_some_and(|reason| result != "UNKNOWN" || !reason.is_empty()), "{answer}");
    result
}
