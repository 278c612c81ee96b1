//! JSON as policies need it: a small tree that keeps every key as written.
//!
//! A map type would keep only the last of two equal keys, which changes what a
//! policy means, so objects are lists here. Depth, size and number of values are
//! bounded while reading, before anything is built. No policy grammar here.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};

/// Most bytes of text that are read; longer text is refused unread. AWS takes no longer one:
/// at most 131,072 characters up to U+00FF (IAM API Reference, "CreatePolicy"), and stores
/// far less (IAM User Guide, "IAM and AWS STS quotas").
pub const MAX_TEXT_BYTES: usize = 256 * 1024;
/// Deepest nesting; a policy needs six levels.
pub const MAX_DEPTH: usize = 16;
/// Most values in one document, lists and objects included.
pub const MAX_NODES: usize = 100_000;

/// One JSON value. Numbers are kept as text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    /// In order, with repeated keys.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::Text(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

/// Reads a whole text as one value.
///
/// # Errors
/// What the JSON reader found, with line and column.
pub(crate) fn read(text: &str) -> Result<Json, serde_json::Error> {
    let nodes = Cell::new(0);
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Seed { depth: 0, nodes: &nodes }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    depth: usize,
    nodes: &'a Cell<usize>,
}

impl Seed<'_> {
    /// INVARIANT: reading recurses only through here, so never deeper than `MAX_DEPTH`.
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        if self.depth >= MAX_DEPTH {
            return Err(E::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        Ok(Seed { depth: self.depth + 1, nodes: self.nodes })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json;

    fn deserialize<D: serde::Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        let nodes = self.nodes.get() + 1;
        if nodes > MAX_NODES {
            return Err(D::Error::custom(format_args!("more than {MAX_NODES} values")));
        }
        self.nodes.set(nodes);
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let seed = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(seed)? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let seed = self.deeper()?;
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            entries.push((key, map.next_value_seed(seed)?));
        }
        Ok(Json::Object(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_repeated_keys_in_order() {
        let Ok(Json::Object(entries)) = read(r#"{"b": 1, "a": true, "b": 1.5}"#) else {
            panic!("an object");
        };
        assert_eq!(
            entries,
            [
                ("b".to_owned(), Json::Number("1".to_owned())),
                ("a".to_owned(), Json::Bool(true)),
                ("b".to_owned(), Json::Number("1.5".to_owned())),
            ]
        );
    }

    #[test]
    fn bounds_depth_and_number() {
        let deep = "[".repeat(200_000);
        let error = read(&deep).unwrap_err().to_string();
        assert!(error.starts_with("nested deeper than 16 levels"), "{error}");
        let deep = r#"{"a":"#.repeat(100_000);
        assert!(read(&deep).is_err());
        let fits = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(read(&fits).is_ok());
        let many = format!("[{}0]", "0,".repeat(MAX_NODES));
        let error = read(&many).unwrap_err().to_string();
        assert!(error.starts_with("more than 100000 values"), "{error}");
    }

    #[test]
    fn refuses_what_is_not_json() {
        for text in ["", "{", "{} {}", "\u{feff}{}", "{'a': 1}", "[1,]", "\"\\ud800\"", "\"\u{0}\"", "NaN", "1e999"] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
