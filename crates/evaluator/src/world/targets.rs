//! What of an environment the capability classes are about: its data, keys, logs and roles, as patterns of ARNs.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::LazyLock;

use plumbline_findings::Reason;
use plumbline_policy::{Asking, Pattern, Variables};

use crate::baseline::{BucketKind, KeyUse, LogicalRole};
use crate::judge::{Set, Unknown};
use crate::place::Place;
use crate::tables::classes::On;
use crate::world::World;
use crate::world::beginnings::beginning_with_any;
use crate::world::keys::{Meaning, aliases_of};

/// Something that an action must reach.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    /// What it is, for people.
    pub(crate) name: String,
    /// Its ARNs.
    pub(crate) pattern: Pattern,
    /// What it holds, if it is a data bucket.
    pub(crate) kind: Option<BucketKind>,
    /// What it plays, if it is a role.
    pub(crate) plays: Vec<LogicalRole>,
}

/// All of a place that the classes are about.
#[derive(Debug)]
pub(crate) struct Targets<'a> {
    partition: &'a str,
    data: Set<'a, String>,
    kinds: Vec<(String, BucketKind)>,
    log_buckets: Set<'a, String>,
    log_groups: Set<'a, String>,
    keys: Set<'a, String>,
    roles: Set<'a, (String, Vec<LogicalRole>)>,
    /// What is asked again and again, by what it is on.
    widest: [OnceCell<Pattern>; On::ALL],
    listed: [OnceCell<Option<Set<'a, Rc<Target>>>>; On::ALL],
}

impl<'a> World<'a> {
    /// What the capability classes are about here.
    pub(crate) fn targets(&self, place: &Place<'a>) -> Targets<'a> {
        let buckets = self.data_buckets(place);
        let kinds = buckets.items.iter().map(|bucket| (bucket.name.to_owned(), bucket.choice.kind)).collect();
        let (log_buckets, log_groups) = self.logs_kept(place);
        Targets {
            partition: place.partition.as_str(),
            data: buckets.filter_map(|bucket| Some(bucket.name.to_owned())),
            kinds,
            log_buckets,
            log_groups,
            keys: self.keys_and_aliases(place),
            roles: self.bound_roles(place).filter_map(|bound| Some((bound.role.arn.to_string(), bound.plays))),
            widest: Default::default(),
            listed: Default::default(),
        }
    }

    /// The buckets (by name) and log groups (by ARN, which may be a pattern) in which trails and flow logs of the Region
    /// are kept; and the groups of SageMaker.
    fn logs_kept(&self, place: &Place<'a>) -> (Set<'a, String>, Set<'a, String>) {
        let regional = match self.regional(place) {
            Ok(regional) => regional,
            Err(unknown) => return (Set::unknown(unknown.clone()), Set::unknown(unknown)),
        };
        let trails = &regional.cloudtrail.trails;
        let flows = &regional.ec2.flow_logs;
        let gap = trails.gap().or(flows.gap()).map(Unknown::Gap);
        let mut buckets: Vec<String> = trails.seen().filter_map(|trail| trail.bucket.clone()).collect();
        let sagemaker = place.arn("logs", "log-group:/aws/sagemaker/*");
        let of_trails = trails.seen().filter_map(|trail| trail.log_group_arn.as_deref()).map(group_arn);
        let mut groups: Vec<String> = of_trails.chain([sagemaker]).collect();
        for log in flows.seen() {
            let Some(destination) = log.destination.as_deref() else { continue };
            match (log.destination_type.as_deref(), destination.split_once(":s3:::")) {
                (_, Some((_, path))) => buckets.extend(path.split('/').next().map(str::to_owned)),
                (Some("kinesis-data-firehose"), None) => {}
                _ if destination.starts_with("arn:") => groups.push(group_arn(destination)),
                _ => groups.push(place.arn("logs", &format!("log-group:{destination}"))),
            }
        }
        (distinct(buckets, gap.clone()), distinct(groups, gap))
    }

    /// The ARNs of the keys that the baseline declares, for a use or for any.
    pub(crate) fn key_arns(&self, place: &Place<'a>, usage: Option<KeyUse>) -> Set<'a, String> {
        let mut found = Vec::new();
        let mut unknown = None;
        for environment in &place.environments {
            let Some(choices) = &environment.kms_keys else {
                unknown = unknown.or_else(|| Some(Unknown::baseline_missing("kms_keys")));
                continue;
            };
            for choice in choices.iter().filter(|choice| usage.is_none_or(|usage| choice.uses.contains(&usage))) {
                match self.keys_meant(place, choice) {
                    Ok((meanings, more)) => {
                        unknown = unknown.or(more);
                        let arns = meanings.into_iter().filter_map(|meaning| match meaning {
                            Meaning::Key(arn) => Some(arn),
                            Meaning::AwsManaged(_) | Meaning::Nothing(_) => None,
                        });
                        found.extend(arns);
                    }
                    Err(reason) => unknown = unknown.or(Some(reason)),
                }
            }
        }
        distinct(found, unknown)
    }

    /// The same with the aliases that point at them, since changing an alias needs both ("Controlling access to aliases", AWS
    /// KMS Developer Guide).
    fn keys_and_aliases(&self, place: &Place<'a>) -> Set<'a, String> {
        let Set { mut items, unknown } = self.key_arns(place, None);
        if let Ok(regional) = self.regional(place) {
            let aliases = items.iter().flat_map(|arn| aliases_of(&regional.kms, arn));
            let aliases: Vec<String> = aliases.map(|alias| place.arn("kms", alias)).collect();
            items.extend(aliases);
        }
        distinct(items, unknown)
    }
}

impl<'a> Targets<'a> {
    /// Everything that could be such a target, in whatever environment: what no policy reaches of it, nobody holds.
    pub(crate) fn widest(&self, on: On) -> &Pattern {
        static NONE: LazyLock<Pattern> = LazyLock::new(|| glob("*"));
        self.widest.get(on as usize).map_or(&NONE, |known| known.get_or_init(|| self.pattern(on)))
    }

    fn pattern(&self, on: On) -> Pattern {
        let of = |service: &str, resource: &str| format!("arn:{}:{service}:{resource}", self.partition);
        match on {
            On::Anything => glob("*"),
            On::Account => Pattern::literal("*", Variables::Plain),
            On::DataObjects | On::Objects => glob(&of("s3", "::*/*")),
            On::Buckets => glob(&of("s3", "::*")),
            On::Keys | On::Grants => glob(&of("kms", "*")),
            On::LogGroups => glob(&of("logs", "*:log-group:*")),
            On::Roles => glob(&of("iam", ":*:role/*")),
        }
    }

    /// The targets, of those known; none where the widest pattern says it all.
    pub(crate) fn of(&self, on: On) -> Option<&Set<'a, Rc<Target>>> {
        let list = || Some(self.list(on)?.filter_map(|target| Some(Rc::new(target))));
        self.listed.get(on as usize)?.get_or_init(list).as_ref()
    }

    /// Those of the targets that an asking can reach, maybe with others.
    pub(crate) fn near<'t>(&'t self, on: On, asking: &Asking<'_>) -> Option<Set<'a, &'t Rc<Target>>> {
        let Set { items, unknown } = self.of(on)?;
        // Roles are many, and in the order of their ARNs.
        let starts = if on == On::Roles { asking.starts() } else { None };
        let items = match starts {
            Some(starts) => beginning_with_any(items, |target| &target.name, starts).collect(),
            None => items.iter().collect(),
        };
        Some(Set { items, unknown: unknown.clone() })
    }

    fn list(&self, on: On) -> Option<Set<'a, Target>> {
        Some(match on {
            On::Anything | On::Account => return None,
            On::DataObjects => targets(self.data.clone(), |name| self.bucket(name, "/*")),
            On::Buckets => targets(self.kept(), |name| self.bucket(name, "")),
            On::Objects => targets(self.kept(), |name| self.bucket(name, "/*")),
            On::Keys | On::Grants => targets(self.keys.clone(), |arn| plain(arn, glob(arn))),
            On::LogGroups => {
                // The group itself, and its streams.
                let both = self.log_groups.clone().items.into_iter().flat_map(|arn| [arn.clone(), format!("{arn}:*")]);
                let groups = Set { items: both.collect(), unknown: self.log_groups.unknown.clone() };
                targets(groups, |arn| plain(arn, glob(arn)))
            }
            On::Roles => {
                let role = |(arn, plays): (String, Vec<LogicalRole>)| Target {
                    pattern: Pattern::literal(&arn, Variables::Plain),
                    name: arn,
                    kind: None,
                    plays,
                };
                self.roles.clone().filter_map(|item| Some(role(item)))
            }
        })
    }

    /// Data and log buckets.
    fn kept(&self) -> Set<'a, String> {
        let names = self.data.items.iter().chain(&self.log_buckets.items).cloned().collect();
        distinct(names, self.data.unknown.clone().or(self.log_buckets.unknown.clone()))
    }

    fn bucket(&self, name: &str, rest: &str) -> Target {
        let arn = format!("arn:{}:s3:::{name}", self.partition);
        let kind = self.kinds.iter().find(|(bucket, _)| bucket == name).map(|(_, kind)| *kind);
        Target { kind, ..plain(&arn, glob(&format!("{arn}{rest}"))) }
    }
}

fn targets<'a>(names: Set<'a, String>, target: impl Fn(&str) -> Target) -> Set<'a, Target> {
    names.filter_map(|name| Some(target(&name)))
}

fn plain(name: &str, pattern: Pattern) -> Target {
    Target { name: name.to_owned(), pattern, kind: None, plays: Vec::new() }
}

fn glob(text: &str) -> Pattern {
    Pattern::glob(text, Variables::Plain)
}

/// A log group's ARN without the `:*` that some services write after it.
fn group_arn(arn: &str) -> String {
    arn.strip_suffix(":*").unwrap_or(arn).to_owned()
}

fn distinct<'a>(mut items: Vec<String>, unknown: Option<Unknown<'a>>) -> Set<'a, String> {
    items.sort();
    items.dedup();
    Set { items, unknown }
}

/// Why a question about a policy has no answer.
pub(crate) fn undecided<'a>(what: String) -> Unknown<'a> {
    Unknown::Because(Reason::UndecidablePolicy, what)
}
