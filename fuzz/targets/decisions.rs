//! What every decision must look like, whatever was asked (contract, "Command line").

use plumbline_policy::simulate_line;
use serde_json::Value;

/// The decision on a line.
pub fn decided(line: &str) -> String {
    let answer = simulate_line(line);
    let fields: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("no JSON ({error}): {answer}"));
    let decision = fields["decision"].as_str().unwrap_or_default().to_owned();
    assert!(["ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY", "UNKNOWN"].contains(&decision.as_str()), "{answer}");
    assert!(fields["reason"].as_str().is_some_and(|reason| decision != "UNKNOWN" || !reason.is_empty()), "{answer}");
    decision
}
