//! From the file's text to a [`Baseline`], or to its mistakes with their places.
//!
//! The steps: tree, head, defaults merged into each environment, placeholders filled, types decoded, sense checked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use plumbline_findings::ControlInfo;
use plumbline_names::{AccountId, Region, UNASSIGNED};
use serde::Deserialize;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};

use super::error::{BaselineError, Mistakes, Position, nearest};
use super::placeholders::Fillings;
use super::tree::{self, Map, Node, Value};
use super::{Baseline, Environment, Exception, SeparationOverride, accepted, check, decode::decode};

/// The longest file that is read, in bytes.
pub const MOST_BYTES: usize = 1 << 20;

/// About how many bytes the environments may take once the defaults are merged into each.
const MOST_MERGED: usize = 16 << 20;

/// The longest name of an environment, in characters: it becomes a metric's dimension and part of messages.
const LONGEST_NAME: usize = 64;

/// Stands in for a Region that is wrong, so that the rest can be looked at.
const SOME_REGION: &str = "eu-west-1";

/// What loading must know beside the file.
#[derive(Debug, Clone, Copy)]
pub struct LoadContext<'a> {
    /// The day (UTC) from which expiry is counted.
    pub today: Date,
    /// The catalogue. Empty: control ids are checked for their shape only.
    pub controls: &'a [&'a ControlInfo],
}

impl LoadContext<'_> {
    /// A context without a catalogue.
    #[must_use]
    pub fn on(today: Date) -> Self {
        Self { today, controls: &[] }
    }
}

/// The top level of the file, whose lists are looked at one entry at a time.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "decoded for its mistakes; values are taken from the tree")]
struct Head {
    #[serde(default)]
    version: Option<u64>,
    #[serde(default)]
    account_id: Option<AccountId>,
    #[serde(default)]
    defaults: Option<BTreeMap<String, IgnoredAny>>,
    #[serde(default)]
    environments: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    exceptions: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    separation_overrides: Option<Vec<IgnoredAny>>,
}

/// Loads a file from its bytes.
///
/// # Errors
///
/// As [`load`]; also where the bytes are not UTF-8.
pub fn load_bytes(bytes: &[u8], file_name: &str, context: &LoadContext<'_>) -> Result<Baseline, BaselineError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| BaselineError::NotUtf8 { file: file_name.to_owned(), offset: error.valid_up_to() })?;
    load(text, file_name, context)
}

/// Loads a file from its text. `file_name` only appears in messages and in the report.
///
/// # Errors
///
/// Every mistake of the file that can be told apart, each with line and column; or that the file is too long.
pub fn load(text: &str, file_name: &str, context: &LoadContext<'_>) -> Result<Baseline, BaselineError> {
    if text.len() > MOST_BYTES {
        return Err(BaselineError::TooLarge { file: file_name.to_owned(), bytes: text.len(), most: MOST_BYTES });
    }
    let mut mistakes = Mistakes::default();
    let loaded = match tree::parse(text) {
        Ok(root) => resolve(root, context, &mut mistakes),
        Err((at, message)) => {
            mistakes.add(at, message);
            None
        }
    };
    match loaded {
        Some(resolved) if mistakes.is_empty() => {
            let sha256 = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
            Ok(Baseline { file: file_name.to_owned(), sha256, ..resolved })
        }
        _ => {
            if mistakes.is_empty() {
                mistakes.add(Position { line: 1, column: 1 }, "the file cannot be used");
            }
            Err(mistakes.into_error(file_name))
        }
    }
}

/// An environment on its way: its merged tree, and what its placeholders stand for.
struct Draft {
    tree: Node,
    name: String,
    fillings: Fillings,
}

fn resolve(mut root: Node, context: &LoadContext<'_>, mistakes: &mut Mistakes) -> Option<Baseline> {
    if root.value == Value::Null {
        mistakes.add(Position { line: 1, column: 1 }, "the file is empty");
        return None;
    }
    root.each_map_mut(&mut |map| refuse_duplicates(map, mistakes));
    decode::<Head>(&mut root, mistakes);
    let head = root.as_map()?;
    require_head(head, root.at, mistakes);
    let account: AccountId = head
        .get("account_id")
        .and_then(Node::as_text)
        .and_then(|text| text.parse().ok())
        .or_else(|| "000000000000".parse().ok())?;

    let defaults = head.get("defaults").and_then(Node::as_map);
    let mut drafts = Vec::new();
    let mut weight = 0;
    for node in head.get("environments").map(Node::items).unwrap_or_default() {
        weight += node.weight() + head.get("defaults").map(Node::weight).unwrap_or_default();
        if weight > MOST_MERGED {
            mistakes.add(node.at, "the file is too large once `defaults` are merged into each environment");
        }
        if mistakes.is_full() || weight > MOST_MERGED {
            return None;
        }
        drafts.extend(draft(node, defaults, &account, mistakes));
    }
    look_at_defaults(defaults, drafts.first(), &account, mistakes);
    refuse_same_names(&drafts, mistakes);

    let mut environments = Vec::new();
    for draft in &mut drafts {
        if mistakes.is_full() {
            return None;
        }
        if let Some(environment) = decode::<Environment>(&mut draft.tree, mistakes) {
            check::environment(&environment, &draft.tree, context, mistakes);
            environments.push(environment);
        }
    }
    check::literals_of_one_environment(
        environments.iter().filter_map(|environment| {
            Some((environment, drafts.iter().find(|draft| draft.name == environment.name).map(|draft| &draft.tree)?))
        }),
        mistakes,
    );

    let exceptions: Vec<Exception> = entries(head, "exceptions", &drafts, mistakes, |exception, tree, mistakes| {
        check::exception(exception, tree, context, mistakes);
    });
    let separation_overrides: Vec<SeparationOverride> =
        entries(head, "separation_overrides", &drafts, mistakes, check::separation_override);

    let accepted = environments
        .iter()
        .flat_map(accepted::by_environment)
        .chain(separation_overrides.iter().map(accepted::by_override))
        .collect();
    Some(Baseline {
        file: String::new(),
        sha256: String::new(),
        account_id: account,
        environments,
        exceptions,
        separation_overrides,
        accepted,
        references: super::References::new(),
    })
}

fn refuse_duplicates(map: &mut Map, mistakes: &mut Mistakes) {
    let mut first: BTreeMap<String, Position> = BTreeMap::new();
    map.entries.retain(|entry| match first.get(&entry.key) {
        Some(place) => {
            mistakes.add(
                entry.key_at,
                format!("key `{}` stands twice: first in line {}, column {}", entry.key, place.line, place.column),
            );
            false
        }
        None => first.insert(entry.key.clone(), entry.key_at).is_none(),
    });
}

fn require_head(head: &Map, at: Position, mistakes: &mut Mistakes) {
    for (key, expected) in [
        ("version", "expected `version: 1`"),
        ("account_id", "expected twelve digits, quoted"),
        ("environments", "expected a list of at least one environment"),
    ] {
        if head.get(key).is_none() && !head.pruned.iter().any(|pruned| pruned == key) {
            mistakes.add(at, format!("`{key}` is missing: {expected}"));
        }
    }
    if let Some(node) = head.get("version")
        && node.value != Value::Number(Some(1))
    {
        mistakes.add(node.at, format!("`version`: {}", node.not("`1`")));
    }
    if let Some(node) = head.get("environments")
        && node.items().is_empty()
    {
        mistakes.add(node.at, "`environments`: expected at least one environment");
    }
}

/// Merges, checks name and Region, and fills the placeholders of one environment.
fn draft(node: &Node, defaults: Option<&Map>, account: &AccountId, mistakes: &mut Mistakes) -> Option<Draft> {
    let Some(own) = node.as_map() else {
        mistakes.add(node.at, node.not("an environment"));
        return None;
    };
    let mut merged = own.clone();
    let given: BTreeSet<&str> = own.entries.iter().map(|entry| entry.key.as_str()).collect();
    let inherited = defaults.map(|map| map.entries.as_slice()).unwrap_or_default();
    merged.entries.extend(inherited.iter().filter(|entry| !given.contains(entry.key.as_str())).cloned());

    let name = required_text(&merged, "name", node.at, mistakes).filter(|name| {
        let wrong = wrong_name(name);
        if let (Some(wrong), Some(found)) = (wrong, merged.get("name")) {
            mistakes.add(found.at, format!("`name`: {wrong}"));
        }
        wrong.is_none()
    });
    let region: Option<Region> = required_text(&merged, "region", node.at, mistakes).and_then(|text| {
        text.parse().map_err(|error| mistakes.add(merged.get("region").map_or(node.at, |found| found.at), error)).ok()
    });
    let name = name.unwrap_or_else(|| "unnamed".to_owned());
    finish(Node { at: node.at, value: Value::Map(merged) }, name, region, account, mistakes)
}

/// Fills in what the loader knows, so that the rest of the environment can be decoded.
fn finish(
    mut tree: Node,
    name: String,
    region: Option<Region>,
    account: &AccountId,
    mistakes: &mut Mistakes,
) -> Option<Draft> {
    let known = region.is_some();
    let region: Region = region.or_else(|| SOME_REGION.parse().ok())?;
    let at = tree.at;
    let Value::Map(map) = &mut tree.value else { return None };
    map.entries.retain(|entry| {
        let hidden = entry.key == "(account)";
        if hidden {
            mistakes.add(entry.key_at, "unknown key `(account)`");
        }
        !hidden && entry.key != "name" && entry.key != "region"
    });
    if map.get("allowed_accounts").is_none() {
        map.insert("allowed_accounts", Node { at, value: Value::List(vec![Node::text(account.as_str(), at)]) });
    }
    if map.get("allowed_git_hosts").is_none() {
        let host = Node::text("git-codecommit.{region}.amazonaws.com", at);
        map.insert("allowed_git_hosts", Node { at, value: Value::List(vec![host]) });
    }
    let fillings = Fillings {
        partition: region.partition().as_str().to_owned(),
        region: Some(region.clone()),
        account: account.clone(),
        environment: name.clone(),
    };
    fillings.fill(&mut tree, mistakes);
    if known {
        check::partition(&tree, &fillings.partition, mistakes);
    }
    let Value::Map(map) = &mut tree.value else { return None };
    map.insert("(account)", Node::text(account.as_str(), at));
    map.insert("name", Node::text(&*name, at));
    map.insert("region", Node::text(region.as_str(), at));
    Some(Draft { tree, name, fillings })
}

fn required_text(map: &Map, key: &str, at: Position, mistakes: &mut Mistakes) -> Option<String> {
    match map.get(key) {
        None => {
            mistakes.add(at, format!("`{key}` is missing: every environment needs one"));
            None
        }
        Some(node) => {
            let text = node.as_text().map(str::to_owned);
            if text.is_none() {
                mistakes.add(node.at, format!("`{key}`: {}", node.not("text")));
            }
            text
        }
    }
}

fn wrong_name(name: &str) -> Option<&'static str> {
    if name == UNASSIGNED {
        Some("`unassigned` is reserved for resources that no environment selects")
    } else if name.is_empty() || name.len() > LONGEST_NAME {
        Some("expected 1 to 64 characters")
    } else if name.trim() != name || !name.bytes().all(|byte| (b' '..=b'~').contains(&byte) && !b"`{}".contains(&byte))
    {
        Some("expected ASCII letters, digits and signs, without braces")
    } else {
        None
    }
}

/// Decodes the defaults alone, for mistakes in values that every environment replaces.
fn look_at_defaults(defaults: Option<&Map>, like: Option<&Draft>, account: &AccountId, mistakes: &mut Mistakes) {
    let Some(defaults) = defaults else { return };
    let at = defaults.entries.first().map(|entry| entry.key_at).unwrap_or_default();
    let tree = Node { at, value: Value::Map(defaults.clone()) };
    let region = like.and_then(|draft| draft.fillings.region.clone());
    if let Some(mut draft) = finish(tree, "defaults".to_owned(), region, account, mistakes) {
        decode::<Environment>(&mut draft.tree, mistakes);
    }
}

fn refuse_same_names(drafts: &[Draft], mistakes: &mut Mistakes) {
    let mut seen = BTreeMap::new();
    for draft in drafts.iter().filter(|draft| draft.name != "unnamed") {
        if let Some(first) = seen.insert(draft.name.as_str(), draft.tree.at) {
            mistakes
                .add(draft.tree.at, format!("environment `{}` stands twice: first in line {}", draft.name, first.line));
        }
    }
}

/// The entries of a top-level list about environments, filled and decoded one by one.
fn entries<T: serde::de::DeserializeOwned>(
    head: &Map,
    list: &str,
    drafts: &[Draft],
    mistakes: &mut Mistakes,
    look: impl Fn(&T, &Node, &mut Mistakes),
) -> Vec<T> {
    let mut all = Vec::new();
    for node in head.get(list).map(Node::items).unwrap_or_default() {
        if mistakes.is_full() {
            break;
        }
        let mut tree = node.clone();
        let named = tree.as_map().and_then(|map| map.get("environment")).filter(|node| node.as_text().is_some());
        if let Some((named, name)) = named.and_then(|node| Some((node, node.as_text()?))) {
            match fillings_of(name, list, drafts) {
                Some(fillings) => {
                    let named = fillings.clone();
                    named.fill(&mut tree, mistakes);
                    check::partition(&tree, &fillings.partition, mistakes);
                }
                None => {
                    let known = drafts.iter().map(|draft| draft.name.as_str());
                    mistakes.add(named.at, format!("unknown environment `{name}`{}", nearest(name, known)));
                }
            }
        }
        if let Some(entry) = decode::<T>(&mut tree, mistakes) {
            look(&entry, &tree, mistakes);
            all.push(entry);
        }
    }
    all
}

fn fillings_of(name: &str, list: &str, drafts: &[Draft]) -> Option<Fillings> {
    if name == UNASSIGNED && list == "exceptions" {
        let mut fillings = drafts.first()?.fillings.clone();
        let shared = drafts.iter().all(|draft| draft.fillings.region == fillings.region);
        fillings.region = fillings.region.filter(|_| shared);
        UNASSIGNED.clone_into(&mut fillings.environment);
        return Some(fillings);
    }
    drafts.iter().find(|draft| draft.name == name).map(|draft| draft.fillings.clone())
}
