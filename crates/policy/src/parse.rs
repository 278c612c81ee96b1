//! From text to [`Document`], by IAM's grammar and nothing looser.
//!
//! What a policy means must not depend on how a reader mends it, so what the grammar does
//! not know is refused, with the place. Judging what is accepted does not belong here.

use std::fmt::{self, Write as _};

use crate::condition::{Condition, Operator};
use crate::document::{
    Actions, Document, Effect, Principal, PrincipalKind, Principals, Resources, Sense, Statement, Version,
};
use crate::json::{self, Json, MAX_TEXT_BYTES};
use crate::pattern::{Pattern, Variables};

/// Most statements of one document.
pub const MAX_STATEMENTS: usize = 2_000;
/// Longest action, resource, principal or condition value.
pub const MAX_PATTERN_CHARS: usize = 4_096;

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Longer than [`MAX_TEXT_BYTES`]; nothing was read.
    #[error("the document has {bytes} bytes, more than {limit}")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The most that is read.
        limit: usize,
    },
    /// Percent-encoded text that does not decode to UTF-8.
    #[error("the percent-encoded document is not UTF-8")]
    NotUtf8,
    /// Not JSON, or nested too deep, or too many values; with line and column.
    #[error("the document is not acceptable JSON: {0}")]
    NotJson(String),
    /// JSON, but not a policy.
    #[error("`{path}`: {problem}")]
    Refused {
        /// Such as `Statement[2].Action`.
        path: String,
        /// What is wrong there.
        problem: Problem,
    },
}

/// What is wrong at a place in a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The same key twice in one object.
    #[error("given more than once")]
    Repeated,
    /// An element that the grammar does not have here.
    #[error("unknown element")]
    Unknown,
    /// An element that must be there.
    #[error("missing")]
    Missing,
    /// Two elements of which only one may be there.
    #[error("`{0}` and `{1}` exclude each other")]
    Both(&'static str, &'static str),
    /// Another kind of JSON value.
    #[error("{found} where {wanted} belongs")]
    Kind {
        /// What the grammar has here.
        wanted: &'static str,
        /// What there is.
        found: &'static str,
    },
    /// A value that is not one of a few.
    #[error("`{found}` is not {wanted}")]
    Value {
        /// What the grammar has here.
        wanted: &'static str,
        /// What there is, cut and escaped.
        found: String,
    },
    /// A list or object without members.
    #[error("empty")]
    Empty,
    /// A text longer than [`MAX_PATTERN_CHARS`].
    #[error("longer than {MAX_PATTERN_CHARS} characters")]
    TooLong,
    /// More statements than [`MAX_STATEMENTS`].
    #[error("more than {MAX_STATEMENTS} statements")]
    TooMany,
}

/// Reads a policy document (IAM User Guide, "Grammar of the IAM JSON policy language").
///
/// Scalars stand for lists of one; unquoted booleans and numbers among condition values turn
/// to their text. Element names respect case. An equal `Sid` twice is refused where no
/// statement has a principal (IAM asks for unique ones; other services do not).
///
/// # Errors
/// [`ParseError`], which names the place.
pub fn parse(text: &str) -> Result<Document, ParseError> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(ParseError::TooLarge { bytes: text.len(), limit: MAX_TEXT_BYTES });
    }
    let json = json::read(text).map_err(|error| ParseError::NotJson(error.to_string()))?;
    document(&json)
}

/// Reads a document as IAM hands it out: percent-encoded (RFC 3986), so a `+` is a plus.
/// Only for texts of IAM; other services hand out plain JSON, whose `%` means itself.
///
/// # Errors
/// As [`parse`], and when the decoded bytes are not UTF-8.
pub fn parse_encoded(text: &str) -> Result<Document, ParseError> {
    let limit = MAX_TEXT_BYTES * 3;
    if text.len() > limit {
        return Err(ParseError::TooLarge { bytes: text.len(), limit });
    }
    let mut decoded = Vec::with_capacity(text.len());
    decoded.extend(percent_encoding::percent_decode_str(text));
    parse(std::str::from_utf8(&decoded).map_err(|_| ParseError::NotUtf8)?)
}

/// Where in the document, built only when something is wrong there.
#[derive(Clone, Copy)]
enum Path<'a> {
    Root,
    Key(&'a Path<'a>, &'a str),
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    fn refuse<T>(&self, problem: Problem) -> Result<T, ParseError> {
        Err(ParseError::Refused {
            path: match self {
                Path::Root => "document".to_owned(),
                _ => self.to_string(),
            },
            problem,
        })
    }
}

/// INVARIANT: recursion is as deep as the grammar, at most seven steps.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(Path::Root, key) => f.write_str(&shown(key)),
            Path::Key(parent, key) => write!(f, "{parent}.{}", shown(key)),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// Text of a document for a message: cut, and without characters that change how a
/// terminal or a reader sees the rest.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 64;
    let mut shown = String::new();
    for c in text.chars().take(LONGEST) {
        if c == '"' || c == '\'' {
            shown.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(shown, "{}", c.escape_debug());
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        shown.push_str("..");
    }
    shown
}

/// The members of an object, none of them twice.
struct Members<'a> {
    path: &'a Path<'a>,
    entries: &'a [(String, Json)],
}

impl<'a> Members<'a> {
    fn of(json: &'a Json, path: &'a Path<'a>, wanted: &'static str) -> Result<Self, ParseError> {
        let Json::Object(entries) = json else {
            let found = json.kind();
            return path.refuse(Problem::Kind { wanted, found });
        };
        let mut keys: Vec<&str> = entries.iter().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        let twice = keys.windows(2).find_map(|pair| match pair {
            [a, b] if a == b => Some(*a),
            _ => None,
        });
        match twice {
            Some(key) => Path::Key(path, key).refuse(Problem::Repeated),
            None => Ok(Members { path, entries }),
        }
    }

    fn only(&self, known: &[&str]) -> Result<(), ParseError> {
        let unknown = |(key, _): &&(String, Json)| !known.contains(&key.as_str());
        match self.entries.iter().find(unknown) {
            Some((key, _)) => Path::Key(self.path, key).refuse(Problem::Unknown),
            None => Ok(()),
        }
    }

    fn find(&self, name: &str) -> Option<&'a Json> {
        let named = |(key, _): &&(String, Json)| key == name;
        self.entries.iter().find(named).map(|(_, value)| value)
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, ParseError> {
        let path = Path::Key(self.path, name);
        self.find(name).map(|value| text(value, &path)).transpose()
    }

    /// One of an element and its `Not..` twin.
    fn either(
        &self,
        plain: &'static str,
        negated: &'static str,
    ) -> Result<Option<(Sense, &'static str, &'a Json)>, ParseError> {
        match (self.find(plain), self.find(negated)) {
            (Some(_), Some(_)) => Path::Key(self.path, plain).refuse(Problem::Both(plain, negated)),
            (Some(value), None) => Ok(Some((Sense::Only, plain, value))),
            (None, Some(value)) => Ok(Some((Sense::AllBut, negated, value))),
            (None, None) => Ok(None),
        }
    }
}

pub(crate) fn document(json: &Json) -> Result<Document, ParseError> {
    let root = Path::Root;
    let members = Members::of(json, &root, "an object")?;
    members.only(&["Version", "Id", "Statement"])?;
    let version = match members.text("Version")? {
        None => None,
        Some("2012-10-17") => Some(Version::V2012),
        Some("2008-10-17") => Some(Version::V2008),
        Some(other) => {
            return Path::Key(&root, "Version")
                .refuse(Problem::Value { wanted: "a version of the policy language", found: shown(other) });
        }
    };
    let id = members.text("Id")?.map(str::to_owned);
    let path = Path::Key(&root, "Statement");
    let variables = Variables::of(version);
    let statements = match members.find("Statement") {
        None => return path.refuse(Problem::Missing),
        Some(Json::List(list)) if list.is_empty() => return path.refuse(Problem::Empty),
        Some(Json::List(list)) if list.len() > MAX_STATEMENTS => {
            return path.refuse(Problem::TooMany);
        }
        Some(Json::List(list)) => list
            .iter()
            .enumerate()
            .map(|(index, item)| statement(item, index, &Path::Index(&path, index), variables))
            .collect::<Result<Vec<_>, _>>()?,
        Some(single) => vec![statement(single, 0, &path, variables)?],
    };
    unique_sids(&statements, &path)?;
    Ok(Document { version, id, statements })
}

/// IAM User Guide, "IAM JSON policy elements: Sid".
fn unique_sids(statements: &[Statement], path: &Path<'_>) -> Result<(), ParseError> {
    if statements.iter().any(|s| s.principals.is_some()) {
        return Ok(());
    }
    let mut seen = std::collections::BTreeSet::new();
    for statement in statements {
        if let Some(sid) = &statement.sid
            && !sid.is_empty()
            && !seen.insert(sid)
        {
            let place = Path::Index(path, statement.index);
            return Path::Key(&place, "Sid").refuse(Problem::Repeated);
        }
    }
    Ok(())
}

fn statement(json: &Json, index: usize, path: &Path<'_>, variables: Variables) -> Result<Statement, ParseError> {
    let members = Members::of(json, path, "a statement")?;
    members.only(&[
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ])?;
    let effect = match members.text("Effect")? {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        Some(other) => {
            return Path::Key(path, "Effect")
                .refuse(Problem::Value { wanted: "`Allow` or `Deny`", found: shown(other) });
        }
        None => return Path::Key(path, "Effect").refuse(Problem::Missing),
    };
    let principals = match members.either("Principal", "NotPrincipal")? {
        None => None,
        Some((sense, name, value)) => {
            let members = principals(value, &Path::Key(path, name))?;
            Some(Principals { sense, members })
        }
    };
    let Some((sense, name, value)) = members.either("Action", "NotAction")? else {
        return Path::Key(path, "Action").refuse(Problem::Missing);
    };
    let patterns = each(value, &Path::Key(path, name), &text, action)?;
    let actions = Actions { sense, patterns };
    let resources = match members.either("Resource", "NotResource")? {
        None => None,
        Some((sense, name, value)) => {
            let glob = |text: &str, _: &Path<'_>| Ok(Pattern::glob(text, variables));
            let patterns = each(value, &Path::Key(path, name), &text, glob)?;
            Some(Resources { sense, patterns })
        }
    };
    let conditions = match members.find("Condition") {
        None => Vec::new(),
        Some(value) => conditions(value, &Path::Key(path, "Condition"), variables)?,
    };
    Ok(Statement {
        index,
        sid: members.text("Sid")?.map(str::to_owned),
        effect,
        principals,
        actions,
        resources,
        conditions,
    })
}

/// `prefix:name`, or wildcards that can hold the colon.
fn action(text: &str, path: &Path<'_>) -> Result<Pattern, ParseError> {
    if text.contains([':', '*']) {
        return Ok(Pattern::action(text));
    }
    path.refuse(Problem::Value { wanted: "an action", found: shown(text) })
}

fn principals(json: &Json, path: &Path<'_>) -> Result<Vec<Principal>, ParseError> {
    if let Json::Text(text) = json {
        if text == "*" {
            return Ok(vec![Principal { kind: PrincipalKind::Everyone, value: text.clone() }]);
        }
        return path.refuse(Problem::Value { wanted: "`*` or an object", found: shown(text) });
    }
    let members = Members::of(json, path, "`*` or an object")?;
    if members.entries.is_empty() {
        return path.refuse(Problem::Empty);
    }
    let mut all = Vec::new();
    for (key, value) in members.entries {
        let place = Path::Key(path, key);
        let kind = match key.as_str() {
            "AWS" => PrincipalKind::Aws,
            "Service" => PrincipalKind::Service,
            "Federated" => PrincipalKind::Federated,
            "CanonicalUser" => PrincipalKind::CanonicalUser,
            _ => return place.refuse(Problem::Unknown),
        };
        all.extend(each(value, &place, &text, |text, _| Ok(Principal { kind, value: text.to_owned() }))?);
    }
    Ok(all)
}

fn conditions(json: &Json, path: &Path<'_>, variables: Variables) -> Result<Vec<Condition>, ParseError> {
    let mut all = Vec::new();
    for (operator, keys) in Members::of(json, path, "an object")?.entries {
        let place = Path::Key(path, operator);
        for (key, values) in Members::of(keys, &place, "an object")?.entries {
            all.push(Condition {
                operator: Operator::new(operator),
                key: key.clone(),
                values: each(values, &Path::Key(&place, key), &scalar, |t, _| Ok(t.to_owned()))?,
                variables,
            });
        }
    }
    Ok(all)
}

/// A scalar, or a list of scalars that is not empty.
fn each<'a, T>(
    json: &'a Json,
    path: &Path<'_>,
    read: &impl Fn(&'a Json, &Path<'_>) -> Result<&'a str, ParseError>,
    make: impl Fn(&'a str, &Path<'_>) -> Result<T, ParseError>,
) -> Result<Vec<T>, ParseError> {
    let one = |item: &'a Json, path: &Path<'_>| {
        let text = read(item, path)?;
        if text.len() > MAX_PATTERN_CHARS && text.chars().nth(MAX_PATTERN_CHARS).is_some() {
            return path.refuse(Problem::TooLong);
        }
        make(text, path)
    };
    match json {
        Json::List(list) if list.is_empty() => path.refuse(Problem::Empty),
        Json::List(list) => list.iter().enumerate().map(|(index, item)| one(item, &Path::Index(path, index))).collect(),
        single => Ok(vec![one(single, path)?]),
    }
}

fn text<'a>(json: &'a Json, path: &Path<'_>) -> Result<&'a str, ParseError> {
    match json {
        Json::Text(text) => Ok(text),
        other => path.refuse(Problem::Kind { wanted: "a string", found: other.kind() }),
    }
}

/// A condition value: a string, or a boolean or number that stands unquoted.
fn scalar<'a>(json: &'a Json, path: &Path<'_>) -> Result<&'a str, ParseError> {
    match json {
        Json::Bool(true) => Ok("true"),
        Json::Bool(false) => Ok("false"),
        Json::Number(number) => Ok(number),
        other => text(other, path),
    }
}

#[cfg(test)]
mod tests;
