//! The file as a tree whose every value knows its line and column.
//!
//! Merging, placeholders and error positions work on this tree; the types are then decoded from it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Error, Spanned, UserMessageFormatter};

use super::error::Position;

/// The deepest nesting that a file may have; the format needs eight.
const DEEPEST: usize = 32;
/// The most values that a file may hold, aliases expanded.
const MOST_NODES: usize = 100_000;

/// One value of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) value: Value,
}

/// What a value is, before anything expects something of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    /// A number; its value if it is whole and not negative.
    Number(Option<u64>),
    Text(String),
    List(Vec<Node>),
    Map(Map),
    /// An entry of a list that was wrong and has been reported: nobody sees it any more.
    Gone,
}

/// Keys and values, in the file's order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Map {
    pub(super) entries: Vec<Entry>,
    /// Keys that were removed since they or their values were wrong: what is missing now is no second mistake.
    pub(super) pruned: Vec<String>,
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_at: Position,
    pub(super) value: Node,
}

/// A step from a value to one inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Map {
    pub(super) fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(super) fn insert(&mut self, key: &str, value: Node) {
        self.entries.push(Entry { key: key.to_owned(), key_at: value.at, value });
    }
}

impl Node {
    /// A text that stands at `at`.
    pub(super) fn text(text: impl Into<String>, at: Position) -> Self {
        Self { at, value: Value::Text(text.into()) }
    }

    pub(super) fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The value at the end of `path`.
    pub(super) fn find(&self, path: &[Step]) -> Option<&Self> {
        path.iter().try_fold(self, |node, step| match (step, &node.value) {
            (Step::Key(key), Value::Map(map)) => map.get(key),
            (Step::Index(index), Value::List(items)) => items.get(*index),
            _ => None,
        })
    }

    /// The value at the end of `path`, to be changed.
    pub(super) fn find_mut(&mut self, path: &[Step]) -> Option<&mut Self> {
        path.iter().try_fold(self, |node, step| match (step, &mut node.value) {
            (Step::Key(key), Value::Map(map)) => {
                map.entries.iter_mut().find(|entry| entry.key == *key).map(|entry| &mut entry.value)
            }
            (Step::Index(index), Value::List(items)) => items.get_mut(*index),
            _ => None,
        })
    }

    /// Where the value at the end of `path` stands, or the nearest one around it.
    pub(super) fn position(&self, path: &[Step]) -> Position {
        (0..=path.len())
            .rev()
            .find_map(|length| self.find(path.get(..length).unwrap_or_default()))
            .map_or(self.at, |node| node.at)
    }

    /// Where the key at the end of `path` stands.
    pub(super) fn key_position(&self, path: &[Step]) -> Position {
        let key = path.split_last().and_then(|(last, parents)| match (last, self.find(parents)?.as_map()) {
            (Step::Key(key), Some(map)) => map.entries.iter().find(|entry| entry.key == *key),
            _ => None,
        });
        key.map_or_else(|| self.position(path), |entry| entry.key_at)
    }

    /// About how many bytes the tree takes.
    pub(super) fn weight(&self) -> usize {
        let inside = match &self.value {
            Value::Text(text) => text.len(),
            Value::List(items) => items.iter().map(Self::weight).sum(),
            Value::Map(map) => map.entries.iter().map(|entry| entry.key.len() + entry.value.weight()).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Gone => 0,
        };
        inside + std::mem::size_of::<Self>()
    }

    /// Every text of the tree, with the keys that lead to it.
    pub(super) fn each_text<'a>(&'a self, keys: &mut Vec<&'a str>, visit: &mut impl FnMut(&[&str], &str, Position)) {
        match &self.value {
            Value::Text(text) => visit(keys, text, self.at),
            Value::List(items) => items.iter().for_each(|item| item.each_text(keys, visit)),
            Value::Map(map) => {
                for entry in &map.entries {
                    keys.push(&entry.key);
                    entry.value.each_text(keys, visit);
                    keys.pop();
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Gone => {}
        }
    }

    /// Every map of the tree, to be changed.
    pub(super) fn each_map_mut(&mut self, visit: &mut impl FnMut(&mut Map)) {
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.each_map_mut(visit)),
            Value::Map(map) => {
                visit(map);
                map.entries.iter_mut().for_each(|entry| entry.value.each_map_mut(visit));
            }
            _ => {}
        }
    }
}

/// A path as users write it: `kms_keys[0].alias`.
pub(super) fn path_text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => text.extend([".", key]),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// The tree of a YAML text, or where and why there is none.
pub(super) fn parse(text: &str) -> Result<Node, (Position, String)> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_nodes: MOST_NODES,
            max_events: 4 * MOST_NODES,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_recorded_anchor_events: MOST_NODES,
            max_documents: 1,
            enforce_alias_anchor_ratio: false,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: MOST_NODES,
            max_replay_stack_depth: 8,
        },
        // INVARIANT: duplicates reach the tree, where every one is found with both places.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
        emit_comments: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let at = error.location().map(position).unwrap_or(Position { line: 1, column: 1 });
        let told = told(&error);
        (at, told)
    })
}

/// What the parser found, in this file's terms where it is about limits, without place and full stop.
fn told(error: &Error) -> String {
    use serde_saphyr::MessageFormatter;
    use serde_saphyr::budget::BudgetBreach;
    match error.without_snippet() {
        Error::AliasError { error, .. } => told(error),
        Error::MultipleDocuments { .. } | Error::Budget { breach: BudgetBreach::Documents { .. }, .. } => {
            "expected one YAML document, found another".to_owned()
        }
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => format!("nested deeper than {DEEPEST}"),
        Error::Budget { breach: BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. }, .. } => {
            format!("more than {MOST_NODES} values")
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => "anchors and aliases expand to too much".to_owned(),
        Error::Message { msg, .. } => msg.clone(),
        other => format!("not valid YAML: {}", UserMessageFormatter.format_message(other).trim_end_matches('.')),
    }
}

fn position(location: serde_saphyr::Location) -> Position {
    Position { line: location.line(), column: location.column() }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, referenced, .. } = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self { at: position(referenced), value })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(Some(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(u64::try_from(value).ok()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Number(u64::try_from(value).ok()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Number(u64::try_from(value).ok()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Number(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_bytes<E: de::Error>(self, _: &[u8]) -> Result<Value, E> {
        Err(E::custom("expected text, found binary data"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element()? {
            all.push(item);
        }
        Ok(Value::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::default();
        while let Some(Spanned { value: Key(key), referenced, .. }) = entries.next_key()? {
            map.entries.push(Entry { key, key_at: position(referenced), value: entries.next_value()? });
        }
        Ok(Value::Map(map))
    }
}

/// A key of a map: text, or a number or truth value as it is spelled.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Text(text) => Ok(Self(text)),
            Value::Number(Some(number)) => Ok(Self(number.to_string())),
            Value::Bool(truth) => Ok(Self(truth.to_string())),
            _ => Err(de::Error::custom("expected text as a key")),
        }
    }
}
