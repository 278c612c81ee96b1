//! Any line for `policy compare --pairs`: it is answered, in the form that the contract promises, and a document allows
//! nothing that it does not allow.
#![no_main]

mod comparisons;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|line: &str| {
    comparisons::compared(line);
    if let Ok(serde_json::Value::Object(mut pair)) = serde_json::from_str(line)
        && let Some(candidate) = pair.get("candidate").cloned()
    {
        pair.insert("reference".to_owned(), candidate);
        let same = serde_json::Value::Object(pair).to_string();
        assert_ne!(comparisons::compared(&same), "NEW_ACCESS", "a document against itself: {same}");
    }
});
