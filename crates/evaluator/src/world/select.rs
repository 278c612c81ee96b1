//! Which SageMaker resource belongs to which environment (baseline, section 3).
//!
//! Steps in order, over all environments of the Region at once; the first that matches decides. A step that lacks a read
//! does not stop the search: it leaves several possible ends, and the resource is sure only where these are one. What was
//! not seen is kept as doubt: violations then stand, compliance does not.
//!
//! A Studio domain goes by its id and by the name that people gave it.
//! Endpoints have neither network nor role of their own: theirs are those of their configs and of the models behind.
//! Configs and models follow their endpoint, unless the baseline excludes them by ARN or no endpoint is in an environment.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_names::{EnvironmentName, Region, Text, UNASSIGNED};
use plumbline_snapshot::sagemaker::{
    Domain, Endpoint, EndpointConfig, Model, Notebook, Resource, SageMaker, TrainingJob,
};
use plumbline_snapshot::{Regional, Tags};

use crate::baseline::{Environment, Unselected};
use crate::judge::{Known, Set, Unknown, few, many};
use crate::world::World;
use crate::world::sagemaker::{Hosting, Kind, configs_of};

/// A resource that the baseline excludes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Excluded {
    /// The environment whose baseline excludes it.
    pub environment: EnvironmentName,
    /// Its ARN.
    pub arn: String,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Through this day, `YYYY-MM-DD`.
    pub expires: String,
}

/// Where a resource belongs.
#[derive(Debug, Clone)]
pub(crate) struct Home<'a> {
    /// The place that it belongs to; or if that is not certain, the declared environments that it may belong to.
    pub(crate) places: BTreeSet<&'a str>,
    /// Whether it belongs to that one place and to no other.
    pub(crate) certain: bool,
    /// What was not seen on the way.
    pub(crate) doubt: Option<Unknown<'a>>,
}

/// The outcome for every SageMaker resource seen.
#[derive(Debug, Default)]
pub(crate) struct Selected<'a> {
    /// By ARN. What is excluded, or vanished while it was read, is not here.
    pub(crate) homes: BTreeMap<&'a str, Home<'a>>,
    /// Which endpoint uses what.
    pub(crate) hosting: BTreeMap<&'a Region, Hosting<'a>>,
    excluded: Vec<Excluded>,
    notes: Vec<String>,
}

/// Selects every SageMaker resource of the snapshot.
pub(crate) fn select<'a>(world: &World<'a>, last: &'a BTreeMap<Text, EnvironmentName>) -> Selected<'a> {
    let mut selected = Selected::default();
    for (region, regional) in &world.snapshot.regions {
        let environments: Vec<&'a Environment> =
            world.baseline.environments.iter().filter(|environment| environment.region == *region).collect();
        let all = &regional.sagemaker;
        let hosting = Hosting::of(all);
        let mut selector = Selector { world, regional, environments, last, selected: &mut selected };
        selector.each::<Notebook>();
        selector.each::<Domain>();
        selector.each::<TrainingJob>();
        selector.endpoints();
        selector.children::<EndpointConfig>(|name| hosting.on_config(name));
        selector.children::<Model>(|name| hosting.on_model(name));
        selector.leftovers(region);
        selected.hosting.insert(region, hosting);
    }
    selected.excluded.sort();
    selected
}

/// The steps of selection, in order.
const STEPS: [Step; 4] = [Step::Name, Step::Tags, Step::Network, Step::Role];

/// A step of selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Name,
    Tags,
    Network,
    Role,
}

/// What selection looks at in one resource.
struct Traits<'a> {
    arn: &'a str,
    /// Its names: as listed, and as people gave it.
    names: Set<'a, &'a str>,
    tags: Known<'a, &'a Tags>,
    vpc: Option<&'a str>,
    subnets: Set<'a, &'a str>,
    roles: Set<'a, &'a str>,
}

/// The ways in which the selection of one resource can end.
#[derive(Default)]
struct Ends<'a> {
    possible: BTreeSet<&'a str>,
    doubt: Option<Unknown<'a>>,
}

/// The selection of one Region.
struct Selector<'w, 'a> {
    world: &'w World<'a>,
    regional: &'a Regional,
    environments: Vec<&'a Environment>,
    last: &'a BTreeMap<Text, EnvironmentName>,
    selected: &'w mut Selected<'a>,
}

impl<'a> Selector<'_, 'a> {
    fn all(&self) -> &'a SageMaker {
        &self.regional.sagemaker
    }

    /// Selects each resource of a kind that has no parent.
    fn each<T: Kind>(&mut self) {
        for resource in self.listed::<T>() {
            let ends = self.ends(&traits(resource));
            self.settle(&resource.arn, ends);
        }
    }

    /// Selects the endpoints.
    fn endpoints(&mut self) {
        for endpoint in self.listed::<Endpoint>() {
            let mut traits = traits(endpoint);
            match configs_of(endpoint) {
                Ok(names) => names.into_iter().for_each(|name| self.behind(name, &mut traits)),
                Err(unknown) => traits.lacks(unknown),
            }
            let ends = self.ends(&traits);
            self.settle(&endpoint.arn, ends);
        }
    }

    /// Adds the networks and roles of a config, and of the models that it names, to an endpoint's.
    fn behind(&self, config: &str, endpoint: &mut Traits<'a>) {
        let config = match self.all().endpoint_configs.get(config) {
            Ok(Some(config)) => config,
            // A config that is gone says nothing of its models, and no read would.
            Ok(None) => return,
            Err(gap) => return endpoint.lacks(gap.into()),
        };
        endpoint.take(config);
        let Ok(Some(body)) = config.body.sight() else { return };
        for name in body.variants.iter().filter_map(|variant| variant.model.as_deref()) {
            match self.all().models.get(name) {
                Ok(Some(model)) => endpoint.take(model),
                Ok(None) => {}
                Err(gap) => endpoint.lacks(gap.into()),
            }
        }
    }

    /// Selects resources that follow the endpoints which use them.
    fn children<T: Kind>(&mut self, parents: impl Fn(&str) -> Set<'a, &'a Resource<Endpoint>>) {
        for child in self.listed::<T>() {
            let ends = self.follow(parents(&child.name), &traits(child));
            self.settle(&child.arn, ends);
        }
    }

    fn follow(&mut self, parents: Set<'a, &'a Resource<Endpoint>>, own: &Traits<'a>) -> Ends<'a> {
        let homes: Vec<&Home<'a>> =
            parents.items.iter().filter_map(|parent| self.selected.homes.get(parent.arn.as_str())).collect();
        let declared = |home: &&&Home<'a>| home.places.iter().any(|place| *place != UNASSIGNED);
        let sure: BTreeSet<&'a str> =
            homes.iter().filter(|home| home.certain).filter(declared).flat_map(|home| &home.places).copied().collect();
        let doubt = homes.iter().find_map(|home| home.doubt.clone());
        if let Some(first) = sure.first() {
            if sure.len() > 1 {
                self.ambiguous(own.arn, &sure.into_iter().collect::<Vec<_>>(), "the endpoints that use it");
                return Ends { possible: BTreeSet::from([UNASSIGNED]), doubt };
            }
            return Ends { possible: BTreeSet::from([*first]), doubt };
        }
        let maybe: BTreeSet<&'a str> =
            homes.iter().filter(|home| !home.certain).flat_map(|home| &home.places).copied().collect();
        // Only a read could show more parents; a config that was deleted under its endpoint shows none.
        let unseen = parents.unknown.filter(|unknown| matches!(unknown, Unknown::Gap(_)));
        let mut ends = self.ends(own);
        if !maybe.is_empty() {
            ends.possible.extend(maybe);
            ends.doubt = ends.doubt.or(doubt);
        } else if ends.possible.contains(UNASSIGNED)
            && let Some(unseen) = unseen
        {
            ends.possible.extend(self.environments.iter().map(|environment| environment.name.as_str()));
            ends.doubt = ends.doubt.or(Some(unseen));
        }
        ends
    }

    /// What is listed of a kind and neither gone nor excluded.
    fn listed<T: Kind>(&mut self) -> Vec<&'a Resource<T>> {
        let today = self.world.today();
        let mut listed = Vec::new();
        for resource in T::list(self.all()).seen() {
            let mut excluded = false;
            for environment in &self.environments {
                let entries = environment.selection.exclude.iter();
                if let Some(entry) = entries.clone().find(|entry| today <= entry.expires && entry.covers(&resource.arn))
                {
                    excluded = true;
                    self.selected.excluded.push(Excluded {
                        environment: environment.name.clone(),
                        arn: resource.arn.to_string(),
                        reason: entry.reason.clone(),
                        owner: entry.owner.clone(),
                        expires: entry.expires.to_string(),
                    });
                }
            }
            if !excluded && !matches!(resource.body.sight(), Ok(None)) {
                listed.push(resource);
            }
        }
        listed
    }

    /// Goes through the steps.
    fn ends(&mut self, traits: &Traits<'a>) -> Ends<'a> {
        let mut ends = Ends::default();
        for step in STEPS {
            let mut matching: Vec<&'a str> = Vec::new();
            let mut unsure: BTreeSet<&'a str> = BTreeSet::new();
            for environment in &self.environments {
                match self.matches(step, environment, traits) {
                    Ok(true) => matching.push(&environment.name),
                    Ok(false) => {}
                    Err(unknown) => {
                        unsure.insert(&environment.name);
                        ends.doubt.get_or_insert(unknown);
                    }
                }
            }
            // A role that several environments bind selects nothing.
            let several_select = step != Step::Role;
            match matching.as_slice() {
                [] => ends.possible.extend(unsure),
                [only] if unsure.is_empty() => {
                    ends.possible.insert(only);
                    return ends;
                }
                [only] => {
                    ends.possible.extend([only, UNASSIGNED]);
                    return ends;
                }
                several if several_select => {
                    if ends.doubt.is_none() {
                        self.ambiguous(traits.arn, several, step.by());
                    }
                    ends.possible.insert(UNASSIGNED);
                    return ends;
                }
                _ => {}
            }
        }
        ends.possible.insert(UNASSIGNED);
        ends
    }

    fn matches(&self, step: Step, environment: &'a Environment, traits: &Traits<'a>) -> Known<'a, bool> {
        let selection = &environment.selection;
        match step {
            Step::Name if selection.include.names.is_empty() => Ok(selection.include.names(traits.arn, "")),
            Step::Name => traits.names.any(|name| selection.include.names(traits.arn, name)),
            Step::Tags if selection.include.tags.is_empty() => Ok(false),
            Step::Tags => traits.tags.clone().map(|tags| selection.include.tagged(tags)),
            Step::Network if !selection.by_network => Ok(false),
            Step::Network => match traits.vpc {
                Some(vpc) => self.is_vpc_of(environment, vpc),
                None => any(&traits.subnets, |subnet| self.lies_in(environment, subnet)),
            },
            Step::Role if !selection.by_role => Ok(false),
            Step::Role => any(&traits.roles, |role| self.world.binds(environment, role)),
        }
    }

    /// Whether a subnet lies in a VPC that the environment's selector means. A subnet that no longer exists lies nowhere.
    fn lies_in(&self, environment: &'a Environment, subnet: &str) -> Known<'a, bool> {
        match self.regional.ec2.subnets.get(subnet)? {
            Some(subnet) => self.is_vpc_of(environment, &subnet.vpc_id),
            None => Ok(false),
        }
    }

    fn is_vpc_of(&self, environment: &'a Environment, vpc: &str) -> Known<'a, bool> {
        let Some(selector) = &environment.vpc else { return Ok(false) };
        if !selector.ids.is_empty() && !selector.ids.contains(vpc) {
            return Ok(false);
        }
        Ok(self.regional.ec2.vpcs.get(vpc)?.is_some_and(|vpc| selector.choice().chooses(&vpc.id, &vpc.tags)))
    }

    fn ambiguous(&mut self, arn: &str, environments: &[&'a str], by: &str) {
        for environment in environments {
            let others: Vec<String> =
                environments.iter().filter(|other| *other != environment).map(|other| format!("`{other}`")).collect();
            self.selected.notes.push(format!(
                "ambiguous_selection: `{arn}` matches `{environment}` and {} by {by}, hence it is unassigned",
                few(", ", &others)
            ));
        }
    }

    /// Writes down where a resource belongs, or may belong.
    fn settle(&mut self, arn: &'a str, ends: Ends<'a>) {
        let Ends { mut possible, mut doubt } = ends;
        let kept = self.last.get(arn).map(Text::as_str).filter(|kept| doubt.is_some() && possible.contains(kept));
        if let Some(kept) = kept {
            possible = BTreeSet::from([kept]);
            doubt = None;
        }
        let certain = possible.len() == 1;
        if !certain {
            possible.remove(UNASSIGNED);
        }
        self.selected.homes.insert(arn, Home { places: possible, certain, doubt });
    }

    /// What is said of resources that belong to no environment and that nobody audits.
    fn leftovers(&mut self, region: &Region) {
        let how = self.environments.iter().map(|environment| environment.unselected);
        let Some(how) = how.min_by_key(|how| match how {
            Unselected::Audit => 0,
            Unselected::Report => 1,
            Unselected::Ignore => 2,
        }) else {
            return;
        };
        let kinds = [
            self.unassigned::<Notebook>(),
            self.unassigned::<Domain>(),
            self.unassigned::<TrainingJob>(),
            self.unassigned::<Endpoint>(),
            self.unassigned::<EndpointConfig>(),
            self.unassigned::<Model>(),
        ];
        match how {
            Unselected::Audit => {}
            Unselected::Report => {
                for (word, resources) in kinds.into_iter().filter(|(_, resources)| !resources.is_empty()) {
                    let count = resources.len();
                    let plural = if count == 1 { "" } else { "s" };
                    self.selected.notes.push(format!(
                        "unselected: {count} {word}{plural} of `{region}` in no environment, not judged: {}",
                        many(", ", &resources)
                    ));
                }
            }
            Unselected::Ignore => {
                let count: usize = kinds.iter().map(|(_, resources)| resources.len()).sum();
                if count > 0 {
                    self.selected.notes.push(format!(
                        "unselected: nobody audits {count} SageMaker resources of `{region}`, which are in no environment"
                    ));
                }
            }
        }
    }

    /// The unassigned resources of a kind: its word, and each name with its creation.
    fn unassigned<T: Kind>(&self) -> (&'static str, Vec<String>) {
        let listed = T::list(self.all()).seen().filter(|resource| {
            let home = self.selected.homes.get(resource.arn.as_str());
            home.is_some_and(|home| home.places.contains(UNASSIGNED))
        });
        let lines = listed.map(|resource| match resource.created {
            Some(created) => format!("`{}` (created {created})", resource.name),
            None => format!("`{}`", resource.name),
        });
        (T::WORD, lines.collect())
    }
}

impl Step {
    fn by(self) -> &'static str {
        match self {
            Self::Name => "ARN or name",
            Self::Tags => "tags",
            Self::Network => "network",
            Self::Role => "role",
        }
    }
}

impl<'a> Traits<'a> {
    /// Something of its networks and roles was not seen.
    fn lacks(&mut self, unknown: Unknown<'a>) {
        self.subnets.unknown.get_or_insert_with(|| unknown.clone());
        self.roles.unknown.get_or_insert(unknown);
    }

    /// Adds the networks and roles of another resource.
    fn take<T: Kind>(&mut self, other: &'a Resource<T>) {
        match other.body.sight() {
            Ok(Some(body)) => {
                self.subnets.items.extend(body.subnets());
                self.roles.items.extend(body.roles());
            }
            Ok(None) => {}
            Err(gap) => self.lacks(gap.into()),
        }
    }
}

fn traits<'a, T: Kind>(resource: &'a Resource<T>) -> Traits<'a> {
    let mut traits = Traits {
        arn: &resource.arn,
        names: Set::whole(vec![resource.name.as_str()]),
        tags: resource.tags.sight().map_err(Unknown::Gap),
        vpc: resource.body.sight().ok().and_then(Option::as_ref).and_then(Kind::vpc),
        subnets: Set::whole(Vec::new()),
        roles: Set::whole(Vec::new()),
    };
    if T::HAS_ID {
        match resource.body.sight() {
            Ok(body) => traits.names.items.extend(body.iter().filter_map(Kind::given_name)),
            Err(gap) => traits.names.unknown = Some(gap.into()),
        }
    }
    traits.take(resource);
    traits
}

/// Whether one of the items is such: a certain one beats an unknown one.
fn any<'a, T>(set: &Set<'a, T>, mut such: impl FnMut(&T) -> Known<'a, bool>) -> Known<'a, bool> {
    let mut unknown = set.unknown.clone();
    for item in &set.items {
        match such(item) {
            Ok(true) => return Ok(true),
            Ok(false) => {}
            Err(reason) => unknown = unknown.or(Some(reason)),
        }
    }
    unknown.map_or(Ok(false), Err)
}

impl World<'_> {
    /// What the report says of the selection: each resource's environment, what is excluded, and notes for people.
    pub(crate) fn selection_report(&self) -> (BTreeMap<Text, EnvironmentName>, Vec<Excluded>, Vec<String>) {
        let sure = self.selection.homes.iter().filter(|(_, home)| home.certain);
        let homes = sure.filter_map(|(arn, home)| Some(((*arn).into(), (*home.places.first()?).into())));
        (homes.collect(), self.selection.excluded.clone(), self.selection.notes.clone())
    }
}
