//! Requests out of the words of a document: most of them meet one of its statements.

use plumbline_policy::{ComparedKind, ContextValue, Request};
use serde_json::Value;

use super::dice::Dice;
use super::{listed, statements};

const HOME: &str = "111122223333";
const FILLERS: [&str; 7] = ["", "a", "x/y", "models/m-1", "2026", "A", "b-c"];

/// A request; None where the words make none.
pub(crate) fn draw(kind: ComparedKind, document: &Value, dice: &mut Dice) -> Option<Request> {
    let all = statements(document);
    let aim = dice.pick(&all);
    let action = word(aim, &["Action", "NotAction"], dice).filter(|word| word.contains(':'));
    let action = filled(&action.unwrap_or_else(|| "s3:GetObject".to_owned()), dice).replace(['/', '-'], "");
    let action = if action.ends_with(':') { format!("{action}List") } else { action };
    let resource = match kind {
        ComparedKind::Trust => Some(format!("arn:aws:iam::{HOME}:role/deployer")),
        _ => word(aim, &["Resource", "NotResource"], dice).filter(|word| word.matches(':').count() >= 5),
    };
    let resource = filled(&resource.unwrap_or_else(|| "*".to_owned()), dice);
    let resource = if resource.contains(':') { resource } else { "*".to_owned() };
    let mut context: Vec<(String, ContextValue)> = Vec::new();
    for (operator, keys) in aim["Condition"].as_object().into_iter().flatten() {
        for (key, values) in keys.as_object()? {
            let known = context.iter().any(|(other, _)| other.eq_ignore_ascii_case(key));
            if known || operator == "Null" || dice.roll(5) == 0 {
                continue;
            }
            let text = match dice.pick(&listed(values)) {
                Value::String(text) => filled(text, dice),
                other => other.to_string(),
            };
            let text = text.split('/').next().filter(|_| operator.contains("IpAddress")).unwrap_or(&text).to_owned();
            let many = operator.starts_with("For");
            context.push((key.clone(), if many { ContextValue::Many(vec![text]) } else { ContextValue::One(text) }));
        }
    }
    let caller = caller(kind, aim, dice);
    let account = caller.split(':').nth(4).filter(|_| resource == "*").unwrap_or(HOME).to_owned();
    Request::new(&caller, &action, &resource, None, context.clone())
        .or_else(|_| Request::new(&caller, &action, &resource, Some(&account), context))
        .ok()
}

fn word(statement: &Value, names: &[&str], dice: &mut Dice) -> Option<String> {
    let words: Vec<Value> = names.iter().filter_map(|name| statement.get(*name)).flat_map(listed).collect();
    (!words.is_empty()).then(|| dice.pick(&words).as_str().map(str::to_owned)).flatten()
}

/// A text that the pattern matches, variables aside.
fn filled(pattern: &str, dice: &mut Dice) -> String {
    let mut text = String::new();
    for letter in pattern.chars() {
        match letter {
            '*' => text += FILLERS[dice.roll(FILLERS.len())],
            '?' => text.push('1'),
            other => text.push(other),
        }
    }
    text
}

fn caller(kind: ComparedKind, statement: &Value, dice: &mut Dice) -> String {
    let named: Vec<Value> = match &statement["Principal"] {
        Value::Object(kinds) => kinds.values().flat_map(listed).collect(),
        _ => Vec::new(),
    };
    let text = if named.is_empty() { "*" } else { dice.pick(&named).as_str().unwrap_or("*") };
    let account = text.strip_prefix("arn:aws:iam::").and_then(|rest| rest.strip_suffix(":root")).unwrap_or(text);
    match account {
        "*" if kind == ComparedKind::Session => format!("arn:aws:sts::{HOME}:assumed-role/plumbline-role/run"),
        "*" => format!("arn:aws:iam::{}:role/any", dice.pick(&[HOME, "444455556666"])),
        account if account.len() == 12 => format!("arn:aws:iam::{account}:role/any"),
        other => other.to_owned(),
    }
}
