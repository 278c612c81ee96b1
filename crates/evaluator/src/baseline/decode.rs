//! From the tree to the types, by serde; with messages in the file's words instead of Rust's.
//!
//! A wrong value is taken out of the tree and decoding tried again, so that one loading reports many mistakes.

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::error::{Mistakes, any_of, nearest};
use super::tree::{Entry, Node, Step, Value, path_text};

/// Why a tree is not of a type.
#[derive(Debug)]
pub(super) struct Fault {
    /// From the innermost value outwards.
    steps: Vec<Step>,
    what: What,
}

#[derive(Debug)]
enum What {
    UnknownKey(Vec<&'static str>),
    UnknownWord { word: String, known: &'static [&'static str] },
    Missing(&'static str),
    Other(String),
}

impl Fault {
    fn other(message: impl Into<String>) -> Self {
        Self { steps: Vec::new(), what: What::Other(message.into()) }
    }

    fn within(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The fault of a key that the type does not know, `word` or other.
    fn of_key(mut self, key: &str) -> Self {
        if let What::UnknownWord { known, .. } = self.what {
            self.what = What::UnknownKey(known.to_vec());
        }
        self.within(Step::Key(key.to_owned()))
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::other(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::other(format!("expected {expected}, found {}", found_word(found)))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::invalid_type(found, expected)
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        // WHY: a name in parentheses is filled in by the loader and is not for users.
        let known = known.iter().copied().filter(|name| !name.starts_with('(')).collect();
        Self { steps: Vec::new(), what: What::UnknownKey(known) }
    }

    fn unknown_variant(word: &str, known: &'static [&'static str]) -> Self {
        Self { steps: Vec::new(), what: What::UnknownWord { word: word.to_owned(), known } }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { steps: Vec::new(), what: What::Missing(field) }
    }
}

fn found_word(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(truth) => format!("`{truth}`"),
        Unexpected::Unsigned(number) => format!("`{number}`"),
        Unexpected::Signed(number) => format!("`{number}`"),
        Unexpected::Float(_) => "a fraction".to_owned(),
        Unexpected::Str(text) => format!("`{text}`"),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map | Unexpected::StructVariant => "a map".to_owned(),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        _ => "something else".to_owned(),
    }
}

/// Decodes `node`, and reports each mistake with its place. `None` if there is one.
pub(super) fn decode<T: DeserializeOwned>(node: &mut Node, mistakes: &mut Mistakes) -> Option<T> {
    let mut clean = true;
    loop {
        let mut fault = match T::deserialize(&*node) {
            Ok(value) => return clean.then_some(value),
            Err(fault) => fault,
        };
        clean = false;
        fault.steps.reverse();
        report(node, &fault, mistakes);
        if mistakes.is_full() || !prune(node, &fault) {
            return None;
        }
    }
}

fn report(node: &Node, Fault { steps, what }: &Fault, mistakes: &mut Mistakes) {
    // INVARIANT: a map from which something wrong was taken out has been reported already.
    let follows = node.find(steps).and_then(Node::as_map).is_some_and(|map| !map.pruned.is_empty());
    let path = path_text(steps);
    match (what, steps.last()) {
        (What::UnknownKey(known), Some(Step::Key(key))) => {
            let hint = nearest(key, known.iter().copied());
            mistakes.add(node.key_position(steps), format!("unknown key `{key}`{hint}"));
        }
        _ if follows => {}
        (What::Missing(field), None) => mistakes.add(node.at, format!("`{field}` is missing")),
        (What::Missing(field), Some(_)) => {
            mistakes.add(node.position(steps), format!("`{field}` is missing in `{path}`"));
        }
        (What::UnknownWord { word, known }, _) => {
            let hint = nearest(word, known.iter().copied());
            let hint = if hint.contains('?') { format!("{hint} expected {}", any_of(known)) } else { hint };
            mistakes.add(node.position(steps), format!("`{path}`: unknown value `{word}`{hint}"));
        }
        (What::Other(message), None) => mistakes.add(node.at, message),
        (What::Other(message), Some(_)) => mistakes.add(node.position(steps), format!("`{path}`: {message}")),
        (What::UnknownKey(_), _) => mistakes.add(node.position(steps), format!("`{path}`: unknown key")),
    }
}

/// Takes the wrong value out; whether there was one to take.
fn prune(node: &mut Node, fault: &Fault) -> bool {
    let Some((last, parents)) = fault.steps.split_last() else { return false };
    let Some(parent) = node.find_mut(parents) else { return false };
    match (last, &mut parent.value) {
        (Step::Key(key), Value::Map(map)) => {
            let before = map.entries.len();
            map.entries.retain(|entry| entry.key != *key);
            map.pruned.push(key.clone());
            map.entries.len() < before
        }
        (Step::Index(index), Value::List(items)) => {
            items.get_mut(*index).map(|item| std::mem::replace(&mut item.value, Value::Gone)).is_some()
        }
        _ => false,
    }
}

impl Node {
    /// The message about a value that is not what is expected.
    pub(super) fn not(&self, expected: &str) -> String {
        let hint = match (expected, &self.value) {
            ("text", Value::Number(_) | Value::Bool(_)) => ": quote it",
            ("a list", Value::Null) => ": an empty list is `[]`",
            _ => "",
        };
        format!("expected {expected}, found {}{hint}", found(&self.value))
    }

    fn mismatch(&self, expected: &str) -> Fault {
        Fault::other(self.not(expected))
    }

    fn text_of(&self) -> Result<&str, Fault> {
        self.as_text().ok_or_else(|| self.mismatch("text"))
    }

    fn number_of(&self) -> Result<u64, Fault> {
        match self.value {
            Value::Number(Some(number)) => Ok(number),
            _ => Err(self.mismatch("a whole number")),
        }
    }
}

/// What a value is, in the file's words.
fn found(value: &Value) -> String {
    match value {
        Value::Null | Value::Gone => "nothing".to_owned(),
        Value::Bool(truth) => format!("`{truth}`"),
        Value::Number(Some(number)) => format!("the number `{number}`"),
        Value::Number(None) => "a number that is not whole or is negative".to_owned(),
        Value::Text(text) => format!("`{text}`"),
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
    }
}

/// Methods for whole numbers: each checks that the number fits.
macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            let number = self.number_of()?;
            let fits = <$type>::try_from(number)
                .map_err(|_| Fault::other(format!("expected a number up to `{}`, found `{number}`", <$type>::MAX)))?;
            visitor.$visit(fits)
        }
    )*};
}

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.value {
            Value::Null | Value::Gone => Err(self.mismatch("a value")),
            Value::Bool(truth) => visitor.visit_bool(*truth),
            Value::Number(Some(number)) => visitor.visit_u64(*number),
            Value::Number(None) => Err(self.mismatch("a whole number")),
            Value::Text(text) => visitor.visit_borrowed_str(text),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.value {
            Value::Bool(truth) => visitor.visit_bool(truth),
            _ => Err(self.mismatch("`true` or `false`")),
        }
    }

    whole_numbers! {
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_borrowed_str(self.text_of()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        // WHY: a key without a value is a line that someone did not finish, not a wish for the default.
        if self.value == Value::Null { Err(self.mismatch("a value")) } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.value {
            Value::List(items) => visitor.visit_seq(Items { items: items.iter().enumerate() }),
            _ => Err(self.mismatch("a list")),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match &self.value {
            Value::Map(map) => visitor.visit_map(Entries { entries: map.entries.iter(), current: None }),
            _ => Err(self.mismatch("a map")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(self.text_of()?.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
    }
}

struct Items<'de> {
    items: std::iter::Enumerate<std::slice::Iter<'de, Node>>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Fault;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Fault> {
        let Some((index, item)) = self.items.find(|(_, item)| item.value != Value::Gone) else { return Ok(None) };
        seed.deserialize(item).map(Some).map_err(|fault| fault.within(Step::Index(index)))
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, Entry>,
    current: Option<&'de Entry>,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Fault;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Fault> {
        self.current = self.entries.next();
        let Some(entry) = self.current else { return Ok(None) };
        let key: de::value::StrDeserializer<'_, Fault> = entry.key.as_str().into_deserializer();
        seed.deserialize(key).map(Some).map_err(|fault| fault.of_key(&entry.key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Fault> {
        let Some(entry) = self.current else { return Err(Fault::other("a value without a key")) };
        seed.deserialize(&entry.value).map_err(|fault| fault.within(Step::Key(entry.key.clone())))
    }
}
