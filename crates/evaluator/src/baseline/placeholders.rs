//! `{region}`, `{account}`, `{partition}` and `{env}` in the file's texts.

use plumbline_names::{AccountId, Region};

use super::Environment;
use super::error::{Mistakes, nearest};
use super::tree::{Node, Value};

/// The placeholders, in the order of [`Fillings`].
const NAMES: [&str; 4] = ["region", "account", "partition", "env"];

/// Keys whose texts are for people, or say what a placeholder stands for.
const PROSE: [&str; 5] = ["reason", "owner", "ticket", "control", "environment"];

/// What the placeholders stand for in one environment.
#[derive(Debug, Clone)]
pub(super) struct Fillings {
    /// `None` where it could be several.
    pub(super) region: Option<Region>,
    pub(super) account: AccountId,
    pub(super) partition: String,
    pub(super) environment: String,
}

impl Fillings {
    /// What they stand for in an environment that was loaded.
    pub(super) fn of_environment(environment: &Environment, account: &AccountId) -> Self {
        Self {
            region: Some(environment.region.clone()),
            account: account.clone(),
            partition: environment.region.partition().as_str().to_owned(),
            environment: environment.name.to_string(),
        }
    }

    /// A text with its placeholders filled in, other braces as they are.
    pub(super) fn filled_in(&self, text: &str) -> String {
        self.filled(text, true).unwrap_or_else(|_| text.to_owned())
    }

    fn of(&self, name: &str) -> Option<&str> {
        match name {
            "region" => self.region.as_ref().map(Region::as_str),
            "account" => Some(self.account.as_str()),
            "partition" => Some(&self.partition),
            "env" => Some(&self.environment),
            _ => None,
        }
    }

    /// Replaces the placeholders in all texts below `node`, prose excepted.
    pub(super) fn fill(&self, node: &mut Node, mistakes: &mut Mistakes) {
        self.fill_texts(node, false, mistakes);
    }

    fn fill_texts(&self, node: &mut Node, exact: bool, mistakes: &mut Mistakes) {
        match &mut node.value {
            Value::Text(text) if text.contains('{') => match self.filled(text, exact) {
                Ok(filled) => *text = filled,
                Err(message) => mistakes.add(node.at, message),
            },
            Value::List(items) => items.iter_mut().for_each(|item| self.fill_texts(item, exact, mistakes)),
            Value::Map(map) => {
                for entry in map.entries.iter_mut().filter(|entry| !PROSE.contains(&entry.key.as_str())) {
                    // WHY: `when` quotes evidence, which may hold braces of its own.
                    self.fill_texts(&mut entry.value, exact || entry.key == "when", mistakes);
                }
            }
            _ => {}
        }
    }

    /// `exact`: braces that are no placeholder are left alone.
    fn filled(&self, text: &str, exact: bool) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let name = after.split_once('}').map(|(name, _)| name).filter(|name| {
                !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            });
            match (name, name.and_then(|name| self.of(name))) {
                (Some(name), Some(value)) if !before.ends_with('$') => {
                    filled.push_str(value);
                    rest = after.get(name.len() + 1..).unwrap_or_default();
                    continue;
                }
                (Some(name), _) if !exact && before.ends_with('$') => {
                    return Err(format!("unknown placeholder `${{{name}}}`: placeholders have no `$`"));
                }
                (Some(name @ "region"), None) if !exact => {
                    return Err(format!("`{{{name}}}` could be several regions here: write the region"));
                }
                (Some(name), None) if !exact => {
                    return Err(format!("unknown placeholder `{{{name}}}`{}", near_placeholder(name)));
                }
                _ => {}
            }
            filled.push('{');
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

fn near_placeholder(name: &str) -> String {
    let hint = nearest(name, NAMES);
    hint.split('`').enumerate().fold(String::new(), |mut told, (index, part)| {
        match (index, index % 2) {
            (0, _) => told.push_str(part),
            (_, 1) => told.extend(["`{", part, "}`"]),
            _ => told.push_str(part),
        }
        told
    })
}
