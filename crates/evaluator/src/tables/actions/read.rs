//! Reads actions.txt, whose head describes its form. A line that cannot be read becomes a fault; nothing else is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{ActedOn, Action, Dictionary, Fault, Key, Level, Origin, ResourceType, Service, ValueKind, folded_order};

/// The service whose section is read.
struct Section {
    service: Service,
    /// The service's keys by how the file writes them.
    keys: BTreeMap<&'static str, Arc<str>>,
    /// What most actions name beside a type.
    usual: BTreeMap<&'static str, Vec<Arc<str>>>,
}

type Read<T> = Result<T, &'static str>;

impl Dictionary {
    pub(super) fn read(text: &'static str) -> Dictionary {
        let mut dictionary = Dictionary::default();
        let mut section: Option<Section> = None;
        for (number, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let done = match (word, &mut section) {
                ("source", None) => origin(rest).map(|origin| dictionary.origin = origin),
                ("service", _) => begun(rest).map(|new| dictionary.services.extend(end(section.replace(new)))),
                (_, None) => Err("before any service"),
                (word, Some(open)) => open.line(word, rest),
            };
            if let Err(what) = done {
                dictionary.faults.push(Fault { line: number + 1, what });
            }
        }
        dictionary.services.extend(end(section));
        if !dictionary.services.is_sorted_by(|a, b| folded_order(a.prefix, b.prefix).is_lt()) {
            dictionary.faults.push(Fault { line: 0, what: "services out of order, or twice" });
        }
        for service in &dictionary.services {
            if !service.actions.is_sorted_by(|a, b| folded_order(&a.name, &b.name).is_lt()) {
                dictionary.faults.push(Fault { line: 0, what: "actions out of order, or twice" });
            }
        }
        if dictionary.origin == Origin::default() {
            dictionary.faults.push(Fault { line: 0, what: "without its source" });
        }
        dictionary
    }
}

fn origin(rest: &'static str) -> Read<Origin> {
    match rest.split(' ').collect::<Vec<_>>().as_slice() {
        [package, version, date, licence] => Ok(Origin { package, version, date, licence }),
        _ => Err("a source has four words"),
    }
}

fn begun(rest: &'static str) -> Read<Section> {
    let (prefix, name) = rest.split_once(' ').ok_or("a service has a prefix and a name")?;
    let service = Service { prefix, name, keys: Vec::new(), types: Vec::new(), actions: Vec::new() };
    Ok(Section { service, keys: BTreeMap::new(), usual: BTreeMap::new() })
}

fn end(section: Option<Section>) -> Option<Service> {
    section.map(|section| section.service)
}

impl Section {
    fn line(&mut self, word: &'static str, rest: &'static str) -> Read<()> {
        match word {
            "key" => {
                let (written, kind) = rest.split_once(' ').ok_or("a key has a name and a kind")?;
                let name: Arc<str> = match written.strip_prefix(':') {
                    Some(own) => format!("{}:{own}", self.service.prefix).into(),
                    None => written.into(),
                };
                self.service.keys.push(Key { name: Arc::clone(&name), kind: kind_of(kind)? });
                self.keys.insert(written, name);
            }
            "type" => {
                let mut words = rest.split(' ');
                let (name, arn) = words.next().zip(words.next()).ok_or("a type has a name and an ARN")?;
                let keys = words.map(|key| self.key(key)).collect::<Read<_>>()?;
                self.service.types.push(Arc::new(ResourceType { name, arn, keys }));
            }
            "usual" => {
                let (name, keys) = rest.split_once(' ').ok_or("a type's usual keys are some")?;
                self.kind(name)?;
                let keys = keys.split(' ').map(|key| self.key(key)).collect::<Read<_>>()?;
                self.usual.insert(name, keys);
            }
            name => {
                let action = self.action(name, rest)?;
                self.service.actions.push(action);
            }
        }
        Ok(())
    }

    fn action(&self, name: &str, rest: &'static str) -> Read<Action> {
        if !name.starts_with(|first: char| first.is_ascii_uppercase()) {
            return Err("neither an action nor a kind of line");
        }
        let (front, keys) = rest.split_once(" | ").unwrap_or((rest, ""));
        let mut words = front.split(' ');
        let level = words.next().and_then(level_of).ok_or("an action has a level")?;
        Ok(Action {
            name: format!("{}:{name}", self.service.prefix),
            level,
            types: words.map(|word| self.acted_on(word)).collect::<Read<_>>()?,
            keys: self.keys(keys, ' ')?,
        })
    }

    /// `TYPE` or `TYPE(KEY,KEY)`.
    fn acted_on(&self, word: &'static str) -> Read<ActedOn> {
        let Some((name, keys)) = word.split_once('(') else {
            let keys = self.usual.get(word).cloned().unwrap_or_default();
            return Ok(ActedOn { kind: self.kind(word)?, keys });
        };
        let keys = keys.strip_suffix(')').ok_or("a bracket stays open")?;
        Ok(ActedOn { kind: self.kind(name)?, keys: self.keys(keys, ',')? })
    }

    fn kind(&self, name: &str) -> Read<Arc<ResourceType>> {
        let kinds = &self.service.types;
        kinds.iter().find(|kind| kind.name == name).cloned().ok_or("an unknown type")
    }

    fn keys(&self, written: &str, between: char) -> Read<Vec<Arc<str>>> {
        written.split(between).filter(|key| !key.is_empty()).map(|key| self.key(key)).collect()
    }

    fn key(&self, written: &str) -> Read<Arc<str>> {
        self.keys.get(written).cloned().ok_or("an unknown key")
    }
}

fn level_of(letter: &str) -> Option<Level> {
    Some(match letter {
        "L" => Level::List,
        "R" => Level::Read,
        "W" => Level::Write,
        "P" => Level::Permissions,
        "T" => Level::Tagging,
        _ => return None,
    })
}

fn kind_of(word: &str) -> Read<ValueKind> {
    Ok(match word {
        "String" => ValueKind::String,
        "ArrayOfString" => ValueKind::ArrayOfString,
        "ARN" => ValueKind::Arn,
        "ArrayOfARN" => ValueKind::ArrayOfArn,
        "Bool" => ValueKind::Bool,
        "ArrayOfBool" => ValueKind::ArrayOfBool,
        "Numeric" => ValueKind::Numeric,
        "Date" => ValueKind::Date,
        "Unlisted" => ValueKind::Unlisted,
        _ => return Err("an unknown kind of key"),
    })
}
