//! A snapshot with one value after the other replaced: of each kind of field the first, the last and all at once.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_evaluator::Baseline;
use plumbline_snapshot::Snapshot;
use plumbline_testkit::{Env, NOW, known_good};
use serde_json::{Value, json};

use crate::support::baseline_of;

const FUTURE: &str = "FUTURE_VALUE";

/// The pointers of all leaves, by the kind of field: its path with ids, keys and numbers left open.
fn kinds(value: &Value, such: fn(&Value) -> bool) -> BTreeMap<String, Vec<String>> {
    fn walk(
        value: &Value,
        pointer: &str,
        kind: &str,
        such: fn(&Value) -> bool,
        out: &mut BTreeMap<String, Vec<String>>,
    ) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let escaped = name.replace('~', "~0").replace('/', "~1");
                    let is_field =
                        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
                    let kind = format!("{kind}/{}", if is_field { name } else { "*" });
                    walk(value, &format!("{pointer}/{escaped}"), &kind, such, out);
                }
            }
            Value::Array(values) => {
                for (number, value) in values.iter().enumerate() {
                    walk(value, &format!("{pointer}/{number}"), &format!("{kind}/*"), such, out);
                }
            }
            leaf if such(leaf) => out.entry(kind.to_owned()).or_default().push(pointer.to_owned()),
            _ => {}
        }
    }
    let mut out = BTreeMap::new();
    walk(value, "", "", such, &mut out);
    out
}

/// The snapshot with these leaves replaced, where it still is one.
fn with(value: &Value, pointers: &[String], put: &Value) -> Option<Snapshot> {
    let mut value = value.clone();
    for pointer in pointers {
        value.pointer_mut(pointer)?.clone_from(put);
    }
    // What cannot be a snapshot is an error for whoever loads it.
    serde_json::from_value(value).ok()
}

fn each(
    such: fn(&Value) -> bool,
    puts: &[Value],
    singly: bool,
    least: usize,
    look: impl Fn(&str, &Snapshot, &Baseline),
) {
    let env = known_good();
    let baseline = baseline_of(&env, NOW);
    let whole = serde_json::to_value(&env.snapshot).unwrap();
    let mut tried = 0;
    for (kind, pointers) in kinds(&whole, such) {
        let mut choices: Vec<&[String]> = vec![&pointers];
        if let ([first, .., last], true) = (&pointers[..], singly) {
            choices.extend([std::slice::from_ref(first), std::slice::from_ref(last)]);
        }
        for (put, choice) in puts.iter().flat_map(|put| choices.iter().map(move |choice| (put, choice))) {
            let what = format!("{put} in {} of {kind}", choice.len());
            println!("{what}");
            if let Some(snapshot) = with(&whole, choice, put) {
                look(&what, &snapshot, &baseline);
                tried += 1;
            }
        }
    }
    assert!(tried >= least, "only {tried}");
}

/// The known-good snapshot with texts replaced by one that nobody knows, and by nothing.
pub(crate) fn each_text(look: impl Fn(&str, &Snapshot, &Baseline)) {
    each(Value::is_string, &[json!(FUTURE)], true, 300, &look);
    each(Value::is_string, &[json!("")], false, 150, &look);
}

/// The known-good snapshot with numbers and moments replaced by the least and the greatest there are.
pub(crate) fn each_number_and_moment(look: impl Fn(&str, &Snapshot, &Baseline)) {
    let numbers =
        [json!(i64::MIN), json!(i32::MIN), json!(-1), json!(0), json!(i32::MAX), json!(u64::MAX), json!(1e300)];
    each(Value::is_number, &numbers, false, 20, &look);
    let is_moment = |leaf: &Value| leaf.as_str().is_some_and(|text| text.parse::<Timestamp>().is_ok());
    each(is_moment, &[json!(Timestamp::MIN), json!(Timestamp::MAX)], true, 20, &look);
}

/// A snapshot with each text in a field of one of these names replaced by one that nobody knows, one at a time.
pub(crate) fn each_field_named(env: &Env, names: &[&str], mut look: impl FnMut(&str, &Snapshot)) {
    let whole = serde_json::to_value(&env.snapshot).unwrap();
    for (kind, pointers) in kinds(&whole, Value::is_string) {
        if !kind.rsplit('/').next().is_some_and(|name| names.contains(&name)) {
            continue;
        }
        for pointer in pointers {
            if let Some(snapshot) = with(&whole, std::slice::from_ref(&pointer), &json!(FUTURE)) {
                look(&pointer, &snapshot);
            }
        }
    }
}
