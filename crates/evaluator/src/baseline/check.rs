//! What the types cannot say: ranges, references inside the file, and rules across environments.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;

use super::error::{Mistakes, Position, any_of, nearest};
use super::tree::{Node, Step, path_text};
use super::{Environment, Exception, KeyBy, LoadContext, Protocol, SeparationOverride, TrafficRule};

/// The letters of control ids, by area.
const AREAS: [&str; 8] = ["NET", "VPE", "IAM", "IAMC", "DATA", "SMK", "LOG", "SVC"];
/// The shortest reason of an exception, in characters.
const SHORTEST_REASON: usize = 20;
/// The longest that an exception may live, in days.
const LONGEST_LIFE: i64 = 366;

/// Adds mistakes about one tree.
struct Desk<'a> {
    tree: &'a Node,
    mistakes: &'a mut Mistakes,
}

impl Desk<'_> {
    fn wrong<const N: usize>(&mut self, path: [Step; N], message: impl std::fmt::Display) {
        self.mistakes.add(self.tree.position(&path), format!("`{}`: {message}", path_text(&path)));
    }

    fn within(&mut self, key: &str, value: u32, least: u32, most: u32) {
        if value < least || value > most {
            let expected = if most == u32::MAX { format!("at least {least}") } else { format!("{least} to {most}") };
            self.wrong([key.into()], format!("expected {expected}, found `{value}`"));
        }
    }

    fn control(&mut self, path: Step, inner: Option<Step>, id: &str, context: &LoadContext<'_>) {
        if let Some(message) = wrong_control(id, context) {
            match inner {
                Some(inner) => self.wrong(["disabled_controls".into(), path, inner], message),
                None => self.wrong([path], message),
            }
        }
    }
}

/// Checks one environment.
pub(super) fn environment(environment: &Environment, tree: &Node, context: &LoadContext<'_>, mistakes: &mut Mistakes) {
    let mut desk = Desk { tree, mistakes };
    numbers(environment, &mut desk);
    for (index, disabled) in environment.disabled_controls.iter().enumerate() {
        desk.control(index.into(), Some("control".into()), &disabled.control, context);
    }
    if let Some(org) = &environment.org_id
        && !(org.starts_with("o-") && (12..=34).contains(&org.len()))
    {
        desk.wrong(["org_id".into()], format!("expected an organization id such as `o-a1b2c3d4e5`, found `{org}`"));
    }
    traffic("allowed_ingress", &environment.allowed_ingress, &mut desk);
    traffic("allowed_egress", &environment.allowed_egress, &mut desk);
    endpoints(environment, &mut desk);
    for (role, binding) in &environment.roles {
        if binding.bind.is_some() && binding.not_used.is_some() {
            desk.wrong(["roles".into(), role.as_str().into()], "expected either `bind` or `not_used`");
        }
    }
    keys_and_buckets(environment, &mut desk);
    for (index, config) in environment.lifecycle_configs.iter().flatten().enumerate() {
        if let Some(hash) = &config.sha256
            && !(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
        {
            let path = ["lifecycle_configs".into(), index.into(), "sha256".into()];
            desk.wrong(path, format!("expected 64 hexadecimal digits, found `{hash}`"));
        }
    }
    reference_paths(tree, desk.mistakes);
    prose(tree, desk.mistakes);
}

fn numbers(environment: &Environment, desk: &mut Desk<'_>) {
    for (key, value, least, most) in [
        ("job_lookback_days", environment.job_lookback_days, 1, 90),
        ("full_sweep_hours", environment.full_sweep_hours, 1, u32::MAX),
        ("max_snapshot_age_hours", environment.max_snapshot_age_hours, 1, u32::MAX),
        ("min_azs", environment.min_azs, 1, u32::MAX),
        ("assume_depth", environment.assume_depth, 1, 3),
        ("max_key_rotation_days", environment.max_key_rotation_days, 1, u32::MAX),
        ("trail_max_delivery_age_hours", environment.trail_max_delivery_age_hours, 1, u32::MAX),
        ("log_retention_min_days", environment.log_retention_min_days, 1, u32::MAX),
    ] {
        desk.within(key, value, least, most);
    }
    if let Some(most) = environment.log_retention_max_days {
        desk.within("log_retention_max_days", most, environment.log_retention_min_days, u32::MAX);
    }
}

fn traffic(key: &str, rules: &[TrafficRule], desk: &mut Desk<'_>) {
    for (index, rule) in rules.iter().enumerate() {
        let ported = matches!(rule.protocol, Protocol::Tcp | Protocol::Udp);
        if ported && rule.ports.is_empty() {
            desk.wrong(
                [key.into(), index.into()],
                format!("`ports` is missing: `{}` needs it", rule.protocol.as_str()),
            );
        } else if !ported && !rule.ports.is_empty() {
            let message = format!("`{}` has no ports", rule.protocol.as_str());
            desk.wrong([key.into(), index.into(), "ports".into()], message);
        }
    }
}

fn endpoints(environment: &Environment, desk: &mut Desk<'_>) {
    let mut seen = BTreeSet::new();
    for (index, entry) in environment.required_endpoints.iter().enumerate() {
        if !seen.insert((&entry.service, entry.kind)) {
            let message = format!("`{}` of this type stands twice", entry.service);
            desk.wrong(["required_endpoints".into(), index.into()], message);
        }
    }
}

fn keys_and_buckets(environment: &Environment, desk: &mut Desk<'_>) {
    let mut names = BTreeSet::new();
    for (index, key) in environment.kms_keys.iter().flatten().enumerate() {
        if !names.insert(key.name.as_str()) {
            let path = ["kms_keys".into(), index.into(), "name".into()];
            desk.wrong(path, format!("key `{}` stands twice", key.name));
        }
    }
    let mut buckets = BTreeSet::new();
    for (index, bucket) in environment.data_buckets.iter().flatten().enumerate() {
        if let Some(name) = &bucket.name
            && !buckets.insert(name)
        {
            desk.wrong(["data_buckets".into(), index.into(), "name".into()], format!("bucket `{name}` stands twice"));
        }
        if let Some(key) = &bucket.kms_key
            && environment.kms_keys.is_some()
            && !names.contains(key.as_str())
        {
            let message = format!("no entry of `kms_keys` has the name `{key}`{}", nearest(key, names.iter().copied()));
            desk.wrong(["data_buckets".into(), index.into(), "kms_key".into()], message);
        }
    }
}

/// Paths of reference policies are relative.
fn reference_paths(tree: &Node, mistakes: &mut Mistakes) {
    tree.each_text(&mut Vec::new(), &mut |keys, text, at| {
        let reference = match keys.last() {
            Some(&("reference_policy" | "boundary_reference_policy")) => true,
            Some(&"policy") => keys.first() == Some(&"endpoint_reference_policies"),
            _ => false,
        };
        if reference && (text.is_empty() || text.starts_with('/') || text.contains("://")) {
            mistakes.add(at, format!("expected a path relative to the baseline file, found `{text}`"));
        }
    });
}

/// Whoever answers for something has a name, and says why.
fn prose(tree: &Node, mistakes: &mut Mistakes) {
    tree.each_text(&mut Vec::new(), &mut |keys, text, at| {
        if let Some(key @ &("reason" | "owner")) = keys.last()
            && !keys.contains(&"tags")
            && text.trim().is_empty()
        {
            mistakes.add(at, format!("`{key}` is empty"));
        }
    });
}

/// Every ARN of a tree is of the partition; what begins like one is one.
pub(super) fn partition(tree: &Node, partition: &str, mistakes: &mut Mistakes) {
    tree.each_text(&mut Vec::new(), &mut |keys, text, at| {
        let prose = keys.iter().any(|key| ["reason", "owner", "ticket", "when"].contains(key));
        if prose || !text.starts_with("arn:") {
            return;
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let named = parts.get(1).copied().unwrap_or_default();
        if parts.len() < 6 && super::pattern::is_literal(text) {
            mistakes
                .add(at, format!("`{text}` is not an arn: expected `arn:partition:service:region:account:resource`"));
        } else if super::pattern::is_literal(named) && named != partition && !named.is_empty() {
            mistakes.add(at, format!("`{text}` is of partition `{named}`: the environment is in `{partition}`"));
        }
    });
}

/// No literal id or ARN selects into two environments.
pub(super) fn literals_of_one_environment<'a>(
    environments: impl Iterator<Item = (&'a Environment, &'a Node)>,
    mistakes: &mut Mistakes,
) {
    let mut owners: BTreeMap<String, (&str, Position)> = BTreeMap::new();
    for (environment, tree) in environments {
        for (key, literal) in literals(environment) {
            let at = place(tree, key, &literal);
            match owners.get(&literal) {
                Some((owner, first)) if *owner != environment.name => mistakes.add(
                    at,
                    format!(
                        "`{literal}` is in two environments: `{owner}` (line {}) and `{}`",
                        first.line, environment.name
                    ),
                ),
                Some(_) => {}
                None => {
                    owners.insert(literal, (&environment.name, at));
                }
            }
        }
    }
}

/// The literal ids and ARNs of everything that selects, with the parameter that holds each.
fn literals(environment: &Environment) -> Vec<(&'static str, String)> {
    let selectors = [
        ("subnets", &environment.subnets),
        ("workload_security_groups", &environment.workload_security_groups),
        ("auxiliary_security_groups", &environment.auxiliary_security_groups),
    ];
    let vpc = environment.vpc.iter().flat_map(|vpc| &vpc.ids).map(|id| ("vpc", id.clone()));
    let network = selectors.into_iter().flat_map(|(key, selector)| {
        selector.iter().flat_map(move |selector| selector.literals().map(move |literal| (key, literal.to_owned())))
    });
    let roles = environment.roles.values().filter_map(|binding| binding.bind.as_ref());
    let roles = roles.flat_map(|bind| bind.literals().map(|literal| ("roles", literal.to_owned())));
    let included = environment.selection.include.arns.iter().filter(|pattern| pattern.is_literal());
    let included = included.map(|pattern| ("selection", pattern.as_str().to_owned()));
    let keys = environment.kms_keys.iter().flatten().filter_map(|key| match &key.by {
        KeyBy::Arn(arn) => Some(("kms_keys", arn.as_str().to_owned())),
        _ => None,
    });
    vpc.chain(network).chain(roles).chain(included).chain(keys).collect()
}

/// Where `literal` stands below `key`.
fn place(tree: &Node, key: &str, literal: &str) -> Position {
    let mut found = None;
    if let Some(node) = tree.find(&[key.into()]) {
        node.each_text(&mut Vec::new(), &mut |_, text, at| {
            if text == literal && found.is_none() {
                found = Some(at);
            }
        });
    }
    found.unwrap_or(tree.at)
}

/// Checks one exception.
pub(super) fn exception(exception: &Exception, tree: &Node, context: &LoadContext<'_>, mistakes: &mut Mistakes) {
    let mut desk = Desk { tree, mistakes };
    desk.control("control".into(), None, &exception.control, context);
    let length = exception.reason.trim().chars().count();
    if length < SHORTEST_REASON {
        desk.wrong(["reason".into()], format!("expected at least {SHORTEST_REASON} characters, found {length}"));
    }
    if let Some(message) = wrong_subject(exception, context) {
        desk.wrong(["subject".into()], message);
    }
    let last = context.today.checked_add(LONGEST_LIFE.days()).unwrap_or(context.today);
    if exception.expires > last {
        let message =
            format!("expected `{last}` at the latest ({LONGEST_LIFE} days ahead), found `{}`", exception.expires);
        desk.wrong(["expires".into()], message);
    }
    prose(tree, desk.mistakes);
}

/// Checks one separation override.
pub(super) fn separation_override(_: &SeparationOverride, tree: &Node, mistakes: &mut Mistakes) {
    prose(tree, mistakes);
}

fn wrong_subject(exception: &Exception, context: &LoadContext<'_>) -> Option<String> {
    let subject = exception.subject.as_str();
    let named = subject.splitn(6, ':').nth(5).unwrap_or(if subject.starts_with("arn:") { "" } else { subject });
    let names_something = named.chars().any(char::is_alphanumeric);
    if !names_something && !subject.is_empty() && !super::pattern::is_literal(subject) {
        let info = context.controls.iter().find(|info| info.id == exception.control);
        return info.is_some_and(|info| info.scope != "env").then(|| {
            format!("`{subject}` names no resource: only controls with one finding an environment take that")
        });
    }
    if subject.starts_with("arn:") || subject.starts_with('*') {
        None
    } else {
        Some(format!("expected an arn or a pattern of arns, found `{subject}`"))
    }
}

fn wrong_control(id: &str, context: &LoadContext<'_>) -> Option<String> {
    if id.contains(['*', '?']) {
        return Some(format!("expected one control id such as `NET-02`, without wildcards, found `{id}`"));
    }
    let shaped = id.split_once('-').is_some_and(|(area, number)| {
        AREAS.contains(&area) && number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let known = context.controls.is_empty() || context.controls.iter().any(|info| info.id == id);
    match (shaped, known) {
        (true, true) => None,
        (_, false) => {
            Some(format!("unknown control `{id}`{}", nearest(id, context.controls.iter().map(|info| info.id))))
        }
        (false, true) => {
            Some(format!("expected a control id such as `NET-02`, found `{id}`; areas are {}", any_of(&AREAS)))
        }
    }
}
