//! The security groups of workloads.

use std::collections::{BTreeMap, BTreeSet};

use plumbline_names::ResourceRef;
use plumbline_snapshot::ec2::SecurityGroup;

use crate::baseline::{Candidate, Environment};
use crate::judge::{Known, Set, Unknown};
use crate::place::Place;
use crate::world::World;
use crate::world::network::{name_of, set_of};
use crate::world::sagemaker::{Kind, Member};

/// The groups of a network interface.
#[derive(Debug, Clone)]
pub(crate) struct Worn<'a> {
    /// One interface that has just these.
    pub(crate) interface: &'a str,
    /// The groups, in order.
    pub(crate) groups: Vec<&'a str>,
}

impl<'a> World<'a> {
    /// The sets of groups, `group` among them, that network interfaces have which are no endpoint's.
    pub(crate) fn worn_with(&self, place: &Place<'a>, group: &SecurityGroup) -> Set<'a, Worn<'a>> {
        let ec2 = match self.regional(place) {
            Ok(regional) => &regional.ec2,
            Err(unknown) => return Set::unknown(unknown),
        };
        let of_endpoints: BTreeSet<&str> =
            ec2.vpc_endpoints.seen().flat_map(|it| it.interface_ids.iter().flatten()).map(String::as_str).collect();
        let mut sets: BTreeMap<Vec<&'a str>, &'a str> = BTreeMap::new();
        for own in ec2.network_interfaces.seen() {
            let endpoint = own.kind == "vpc_endpoint" || of_endpoints.contains(own.id.as_str());
            if own.vpc_id == group.vpc_id && !endpoint && own.groups.contains(&group.id) {
                let groups: BTreeSet<&str> = own.groups.iter().map(String::as_str).collect();
                sets.entry(groups.into_iter().collect()).or_insert(&own.id);
            }
        }
        let items = sets.into_iter().map(|(groups, interface)| Worn { interface, groups }).collect();
        Set { items, unknown: ec2.network_interfaces.gap().map(Unknown::Gap) }
    }

    /// The workload groups: those that the baseline selects in the environment's VPC, else the groups of the VPC that
    /// its SageMaker resources use. In `unassigned` those of any declared environment of the Region.
    pub(crate) fn workload_groups(&self, place: &Place<'a>) -> Set<'a, &'a SecurityGroup> {
        let mut groups: Set<'a, &'a SecurityGroup> = Set::whole(Vec::new());
        for environment in &place.environments {
            match self.workload_groups_of(place, environment) {
                Ok(more) => {
                    groups.items.extend(more.items);
                    groups.unknown = groups.unknown.or(more.unknown);
                }
                Err(unknown) => groups.unknown = groups.unknown.or(Some(unknown)),
            }
        }
        groups.items.sort_by(|a, b| a.id.cmp(&b.id));
        groups.items.dedup_by(|a, b| a.id == b.id);
        groups
    }

    fn workload_groups_of(
        &self,
        place: &Place<'a>,
        environment: &'a Environment,
    ) -> Known<'a, Set<'a, &'a SecurityGroup>> {
        let vpc = self.vpc_of(place, environment)?;
        let listed = set_of(&self.regional(place)?.ec2.security_groups);
        let listed = listed.filter_map(|group| (group.vpc_id == vpc.id).then_some(group));
        if let Some(selector) = &environment.workload_security_groups {
            return Ok(listed.filter_map(|group| {
                let name = name_of(&group.tags).unwrap_or(&group.name);
                let arn = place.arn_of("ec2", &group.owner, &format!("security-group/{}", group.id));
                let named = |name| Candidate { id: &group.id, arn: &arn, name, tags: Some(&group.tags) };
                let chosen = [name, group.name.as_str()].map(|name| selector.chooses(&named(name)) == Some(true));
                chosen.contains(&true).then_some(group)
            }));
        }
        let home = Place::of(environment, place.account, place.partition);
        let mut used = Set::whole(Vec::new());
        add(&mut used, self.notebooks(&home));
        add(&mut used, self.domains(&home));
        add(&mut used, self.training_jobs(&home));
        add(&mut used, self.models(&home));
        add(&mut used, self.endpoint_configs(&home));
        let mut groups = listed.filter_map(|group| used.items.contains(&group.id.as_str()).then_some(group));
        groups.unknown = groups.unknown.or(used.unknown);
        Ok(groups)
    }
}

/// A security group as the resource of a finding.
pub(crate) fn group_ref(place: &Place<'_>, group: &SecurityGroup) -> ResourceRef {
    ResourceRef::new(
        place.arn_of("ec2", &group.owner, &format!("security-group/{}", group.id)),
        "AWS::EC2::SecurityGroup",
        group.name.as_str(),
    )
}

/// Adds the groups that resources name; one whose body is not known may name any.
fn add<'a, T: Kind>(used: &mut Set<'a, &'a str>, members: Set<'a, Member<'a, T>>) {
    for member in members.items {
        match member.body() {
            Ok(body) => used.items.extend(body.groups()),
            Err(unknown) => used.unknown = used.unknown.take().or(Some(unknown)),
        }
    }
    used.unknown = used.unknown.take().or(members.unknown);
}
