//! What every comparison must look like, whatever was asked (contract, "Command line").

use plumbline_policy::compare_line;
use serde_json::Value;

/// The result of comparing a line's documents.
pub fn compared(line: &str) -> String {
    let answer = compare_line(line);
    let fields: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("no JSON ({error}): {answer}"));
    let result = fields["result"].as_str().unwrap_or_default().to_owned();
    assert!(["NO_NEW_ACCESS", "NEW_ACCESS", "UNKNOWN"].contains(&result.as_str()), "{answer}");
    assert_eq!(fields["witness"].is_object(), result == "NEW_ACCESS", "{answer}");
    assert!(fields["reason"].as_str().is_some_and(|reason| result != "UNKNOWN" || !reason.is_empty()), "{answer}");
    result
}
