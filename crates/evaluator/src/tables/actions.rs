//! The action dictionary: which actions AWS has in the services that matter here, what they act on, and which condition
//! keys they take. Facts from AWS's Service Authorization Reference (actions.txt, by `make dictionary`). Which actions are
//! dangerous, and to whom, is not said here.
//!
//! **A dictionary ages.** AWS adds actions every week: what is not here is not known, which is not the same as not being
//! there. Whoever answers from it names [`Dictionary::origin`].
//!
//! ```
//! use plumbline_evaluator::dictionary::{Dictionary, Support};
//!
//! let dictionary = Dictionary::embedded();
//! let create = dictionary.action("sagemaker:CreateTransformJob").ok_or("no such action")?;
//! assert_eq!(create.support("sagemaker:VolumeKmsKeyArn"), Support::Named);
//! assert_eq!(create.support("sagemaker:VpcSubnets"), Support::No);
//! assert!(dictionary.expand("sagemaker:Create*").actions.contains(&create));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod read;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::sync::{Arc, LazyLock};

use plumbline_policy::{Answer, ArnPattern, DEPRECATED_KEYS, Pattern, Variables, same_key};

use super::global_keys;

static EMBEDDED: LazyLock<Dictionary> = LazyLock::new(|| Dictionary::read(include_str!("actions.txt")));

/// Actions, resource types and condition keys of some services.
#[derive(Debug, Default)]
pub struct Dictionary {
    origin: Origin,
    /// In order of their prefixes.
    services: Vec<Service>,
    faults: Vec<Fault>,
}

/// Where a dictionary's facts come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The package.
    pub package: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The day of its data, `2026-10-27`.
    pub date: &'static str,
    /// Its licence.
    pub licence: &'static str,
}

/// A line that could not be read. It is left out of the dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// A service, or a part of one with a prefix of its own.
#[derive(Debug)]
pub struct Service {
    /// What its actions begin with: `s3`.
    pub prefix: &'static str,
    /// As people call it: `Amazon S3`.
    pub name: &'static str,
    /// The condition keys that it defines or takes, in order of their names.
    pub keys: Vec<Key>,
    /// In order of their names.
    pub types: Vec<Arc<ResourceType>>,
    /// In order of their names, whose case does not matter.
    pub actions: Vec<Action>,
}

/// A condition key.
#[derive(Debug)]
pub struct Key {
    /// Whole, with its prefix; `*` stands for a part that the caller chooses: `aws:RequestTag/*`.
    pub name: Arc<str>,
    /// What its values are.
    pub kind: ValueKind,
}

/// What a key's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Text.
    String,
    /// Several texts: a multivalued key, which needs a set operator.
    ArrayOfString,
    /// An ARN.
    Arn,
    /// Several ARNs.
    ArrayOfArn,
    /// `true` or `false`.
    Bool,
    /// Several of them.
    ArrayOfBool,
    /// A number.
    Numeric,
    /// A moment.
    Date,
    /// Actions name the key, the reference's list of keys does not.
    Unlisted,
}

/// A kind of resource.
#[derive(Debug, PartialEq, Eq)]
pub struct ResourceType {
    /// The reference's name, a blank as `_`: `training-job`.
    pub name: &'static str,
    /// Its ARN, with the reference's placeholders: `arn:${Partition}:s3:::${BucketName}/${ObjectName}`.
    pub arn: &'static str,
    /// The keys that a resource of it may bring to a request.
    pub keys: Vec<Arc<str>>,
}

/// What an action does, in the reference's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Lists resources.
    List,
    /// Reads what is in them.
    Read,
    /// Changes them.
    Write,
    /// Changes who may do what.
    Permissions,
    /// Changes tags only.
    Tagging,
}

/// An action.
#[derive(Debug, PartialEq, Eq)]
pub struct Action {
    /// With its prefix, as AWS writes it: `s3:GetObject`.
    pub name: String,
    /// What it does.
    pub level: Level,
    /// What it acts on. An action without is granted by `Resource: "*"` only.
    pub types: Vec<ActedOn>,
    /// The keys that it takes whatever it acts on.
    pub keys: Vec<Arc<str>>,
}

/// A kind of resource that an action acts on.
#[derive(Debug, PartialEq, Eq)]
pub struct ActedOn {
    /// The kind.
    pub kind: Arc<ResourceType>,
    /// The keys that the action names beside this kind. Few services name any; where EC2 does, other keys of the kind are
    /// not in the request.
    pub keys: Vec<Arc<str>>,
}

/// Whether a request for an action may have a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// The action names it, alone or beside a kind of resource.
    Named,
    /// It comes with a resource, of a kind that the action acts on.
    WithResource,
    /// Any request may have it: it tells of the caller, the network or the moment.
    Global,
    /// As far as is known the key is never there.
    No,
}

/// The actions that a pattern stands for.
#[derive(Debug, Default)]
pub struct Expansion<'a> {
    /// Those of the dictionary, in its order.
    pub actions: Vec<&'a Action>,
    /// Whether the pattern may also name actions of services that the dictionary leaves out.
    pub beyond: bool,
}

impl Dictionary {
    /// The dictionary of this release.
    #[must_use]
    pub fn embedded() -> &'static Dictionary {
        &EMBEDDED
    }

    /// Where its facts come from, and of which day.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Lines that could not be read: none in a release.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// The services in order of their prefixes.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service of a prefix, whose case does not matter.
    #[must_use]
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        let at = self.services.binary_search_by(|service| folded_order(service.prefix, prefix)).ok()?;
        self.services.get(at)
    }

    /// An action by its whole name, whose case does not matter (IAM User Guide, "IAM JSON policy elements: Action").
    #[must_use]
    pub fn action(&self, name: &str) -> Option<&Action> {
        let (prefix, _) = name.split_once(':')?;
        let actions = &self.service(prefix)?.actions;
        let at = actions.binary_search_by(|action| folded_order(&action.name, name)).ok()?;
        actions.get(at)
    }

    /// The actions that a pattern of a policy's `Action` stands for: `s3:Get*`, `*`.
    #[must_use]
    pub fn expand(&self, pattern: &str) -> Expansion<'_> {
        let whole = Pattern::action(pattern);
        let prefix = pattern.split_once(':').map_or(pattern, |(prefix, _)| prefix);
        let (services, beyond) = if prefix.contains(['*', '?']) {
            (self.services.iter().collect(), true)
        } else {
            let known: Vec<&Service> = self.service(prefix).into_iter().collect();
            let beyond = known.is_empty();
            (known, beyond)
        };
        let actions = services.into_iter().flat_map(|service| &service.actions);
        // A pattern so long that it is not decided stands for what it may stand for.
        let actions = actions.filter(|action| whole.matches(&action.name) != Answer::No).collect();
        Expansion { actions, beyond }
    }

    /// Whether a condition key is a global one or of the services here; case does not matter. False for a misspelling, and
    /// for a key that is newer than the dictionary.
    #[must_use]
    pub fn knows_key(&self, key: &str) -> bool {
        global_keys::is_global(key) || self.key(key).is_some()
    }

    /// A key of the services here, with what its values are.
    #[must_use]
    pub fn key(&self, key: &str) -> Option<&Key> {
        let own = key.split_once(':').and_then(|(prefix, _)| self.service(prefix));
        let found = own.and_then(|service| service.key(key));
        found.or_else(|| self.services.iter().find_map(|service| service.key(key)))
    }
}

impl Service {
    fn key(&self, key: &str) -> Option<&Key> {
        self.keys.iter().find(|known| stands_for(&known.name, key))
    }
}

impl Action {
    /// Whether a request for the action may have a key. A deprecated spelling is supported where its successor is.
    #[must_use]
    pub fn support(&self, key: &str) -> Support {
        let key = DEPRECATED_KEYS.iter().find(|(old, _)| same_key(old, key)).map_or(key, |(_, new)| *new);
        let among = |keys: &[Arc<str>]| keys.iter().any(|known| stands_for(known, key));
        if among(&self.keys) || self.types.iter().any(|acted| among(&acted.keys)) {
            Support::Named
        } else if self.types.iter().any(|acted| among(&acted.kind.keys)) {
            Support::WithResource
        } else if global_keys::is_global(key) {
            Support::Global
        } else {
            Support::No
        }
    }

    /// The keys that the action names or that come with what it acts on, each once and in order; not the global ones.
    #[must_use]
    pub fn all_keys(&self) -> Vec<&str> {
        let beside = self.types.iter().flat_map(|acted| acted.keys.iter().chain(&acted.kind.keys));
        let mut keys: Vec<&str> = self.keys.iter().chain(beside).map(|key| &**key).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

impl ResourceType {
    /// Its ARNs, as a pattern part by part: a `*` for each placeholder, so that it may cover other kinds too. That of S3's
    /// bucket covers the bucket's objects.
    #[must_use]
    pub fn pattern(&self) -> Option<ArnPattern> {
        let mut text = String::with_capacity(self.arn.len());
        let mut rest = self.arn;
        while let Some((before, after)) = rest.split_once("${") {
            text.push_str(before);
            text.push('*');
            rest = after.split_once('}')?.1;
        }
        text.push_str(rest);
        ArnPattern::new(&text, Variables::Plain)
    }
}

/// Whether a known key, in which `*` stands for a chosen part, is this one.
fn stands_for(known: &str, key: &str) -> bool {
    if !known.contains('*') {
        return same_key(known, key);
    }
    Pattern::glob(known, Variables::Plain).ignoring_case().matches(key) == Answer::Yes
}

/// The order of two names whose case does not matter.
fn folded_order(a: &str, b: &str) -> Ordering {
    a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()))
}
