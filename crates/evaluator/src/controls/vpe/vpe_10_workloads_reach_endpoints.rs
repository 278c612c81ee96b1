//! VPE-10: workload security groups really are granted access to every required endpoint.

use plumbline_findings::{Area, Assessment, ControlInfo, Evidence, Maps, Origin, Reason, Severity};
use plumbline_reachability::Direction;
use plumbline_snapshot::ec2::{self, SecurityGroup, VpcEndpoint};
use plumbline_snapshot::sagemaker;

use crate::Control;
use crate::baseline::Candidate;
use crate::judge::{self, Known, Say, Set, Unknown, field, many};
use crate::place::Place;
use crate::tables::endpoints::is_s3;
use crate::world::World;
use crate::world::endpoints::{Need, is_gateway, is_interface};
use crate::world::grants::Withheld;
use crate::world::groups::{Worn, group_ref};
use crate::world::network::name_of;

pub(crate) const CONTROL: Control = Control {
    info: &INFO,
    sources: &[
        &ec2::VPCS,
        &ec2::SECURITY_GROUPS,
        &ec2::VPC_ENDPOINTS,
        &ec2::NETWORK_INTERFACES,
        &ec2::MANAGED_PREFIX_LISTS,
        &ec2::PREFIX_LIST_ENTRIES,
        // Which blocks rules may name; and whether a service is required, as for VPE-01.
        &ec2::SUBNETS,
        &sagemaker::NOTEBOOKS,
        &sagemaker::NOTEBOOK,
        &sagemaker::DOMAINS,
        &sagemaker::DOMAIN,
        &sagemaker::MODELS,
        &sagemaker::MODEL,
        &sagemaker::SEARCH,
        &sagemaker::RESOURCE_TAGS,
    ],
    unassigned: false,
    assess,
};

const INFO: ControlInfo = ControlInfo {
    id: "VPE-10",
    name: "workloads-reach-endpoints",
    title: "Workload security groups really are granted access to every required endpoint.",
    area: Area::Endpoints,
    severity: Severity::Medium,
    origin: Origin::Seed,
    scope: "security group",
    rationale: "An endpoint that a workload's groups do not let it reach is none, and people look for a way around.",
    decided: "For each available endpoint of a required service, egress rules of the workload group must allow tcp 443 to all of it: its group, the addresses of all its network interfaces, or, for a gateway, the prefix list of the service. Of an interface endpoint, ingress rules of its groups must admit tcp 443 from the workload group or from all environment subnets. Rules add up, as do the groups of a network interface: a group that is only used beside others is judged with them. `auxiliary_security_groups` are not judged.",
    remediation: "Add the missing rule for tcp 443: egress of the workload group to the endpoint group, or ingress of the endpoint group from the workload group.",
    maps: Maps { securityhub: &[], cis: &[], nist: &["AC-4"] },
};

/// An endpoint that is there, and whether it is required.
struct Needed<'a> {
    endpoint: &'a VpcEndpoint,
    required: Known<'a, ()>,
}

/// What one workload is not granted.
struct Lack<'a> {
    /// The groups that it has together.
    groups: Vec<&'a str>,
    /// A network interface that shows it, where the groups are several.
    interface: Option<&'a str>,
    withheld: Withheld,
}

fn assess<'a>(world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    let needed = needed(world, place);
    judge::each(
        &INFO,
        place,
        world.workload_groups(place),
        |group| (group_ref(place, group), None),
        |say, group| {
            if is_auxiliary(place, group) {
                say.not_applicable(
                    Reason::NotRequiredByBaseline,
                    format!("`{}` is used beside others, says `auxiliary_security_groups`", group.id),
                );
                return Ok(());
            }
            look(world, place, group, &needed, say);
            Ok(())
        },
    )
}

/// The endpoints of required services; also those of which it is not known whether they are.
fn needed<'a>(world: &World<'a>, place: &Place<'a>) -> Set<'a, Needed<'a>> {
    let required = world.required_endpoints(place);
    let via_interface = place.environments.iter().any(|environment| environment.s3_via_interface);
    let needed = |endpoint: &'a VpcEndpoint| {
        if via_interface && is_s3(&endpoint.service_name, place.region.as_str()) {
            return is_interface(endpoint).then_some(Ok(()));
        }
        match &required.iter().find(|required| required.is_met_by(place, endpoint))?.need {
            Ok(Need::Yes) => Some(Ok(())),
            Ok(Need::No(_) | Need::Elsewhere(_)) => None,
            Err(unknown) => Some(Err(unknown.clone())),
        }
    };
    world.vpc_endpoints(place).filter_map(|endpoint| {
        let required = is_there(endpoint).then(|| needed(endpoint)).flatten()?;
        Some(Needed { endpoint, required })
    })
}

/// Whether an endpoint is in none of the states in which it serves nobody, or not everywhere: of those VPE-01 tells.
fn is_there(endpoint: &VpcEndpoint) -> bool {
    const NOT: [&str; 8] =
        ["pendingAcceptance", "pending", "deleting", "deleted", "rejected", "failed", "expired", "partial"];
    !NOT.iter().any(|state| endpoint.state.eq_ignore_ascii_case(state))
}

fn is_auxiliary(place: &Place<'_>, group: &SecurityGroup) -> bool {
    let arn = place.arn_of("ec2", &group.owner, &format!("security-group/{}", group.id));
    let name = name_of(&group.tags).unwrap_or(&group.name);
    let mut selectors = place.environments.iter().filter_map(|it| it.auxiliary_security_groups.as_ref());
    selectors.any(|selector| {
        [name, &group.name].into_iter().any(|name| {
            selector.chooses(&Candidate { id: &group.id, arn: &arn, name, tags: Some(&group.tags) }) == Some(true)
        })
    })
}

fn look<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    group: &'a SecurityGroup,
    needed: &Set<'a, Needed<'a>>,
    say: &mut Say<'a>,
) {
    if let Some(unknown) = &needed.unknown {
        say.unknown(unknown.clone());
    }
    if needed.items.is_empty() {
        say.not_applicable(Reason::NoResources, "no endpoint that the environment needs is available, see VPE-01");
    }
    let worn = world.worn_with(place, group);
    for Needed { endpoint, required } in &needed.items {
        let directions = [Direction::Out, Direction::In];
        // Gateways have no groups.
        for direction in directions.into_iter().take(if is_gateway(endpoint) { 1 } else { 2 }) {
            let lack = lacking(group, &worn, |groups| ask(world, place, groups, endpoint, direction));
            match (lack, required) {
                (Ok(None), _) => {}
                (_, Err(unknown)) => say.unknown(unknown.clone()),
                (Err(unknown), _) => say.unknown(unknown),
                (Ok(Some(lack)), Ok(())) => {
                    say.broken(message(&lack, endpoint, direction), evidence(&lack, endpoint, direction));
                }
            }
        }
    }
}

/// What a workload with the group is not granted: alone, or beside others as network interfaces have it.
fn lacking<'a>(
    group: &'a SecurityGroup,
    worn: &Set<'a, Worn<'a>>,
    ask: impl Fn(&[&'a str]) -> Known<'a, Withheld>,
) -> Known<'a, Option<Lack<'a>>> {
    let alone = vec![group.id.as_str()];
    let answer = ask(&alone);
    if answer == Ok(Withheld::Nothing) {
        return Ok(None);
    }
    if worn.items.is_empty() {
        // Those that were not seen may all have others beside it.
        let _ = worn.all()?;
        return Ok(Some(Lack { groups: alone, interface: None, withheld: answer? }));
    }
    let mut unknown = None;
    for Worn { interface, groups } in &worn.items {
        match if *groups == alone { answer.clone() } else { ask(groups) } {
            Ok(Withheld::Nothing) => {}
            Ok(withheld) => {
                let others = groups.iter().copied().filter(|id| *id != group.id);
                return Ok(Some(Lack {
                    interface: (*groups != alone).then_some(*interface),
                    groups: alone.into_iter().chain(others).collect(),
                    withheld,
                }));
            }
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    match unknown.or_else(|| worn.unknown.clone()) {
        Some(unknown) => Err(unknown),
        None => Ok(None),
    }
}

fn ask<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    groups: &[&'a str],
    endpoint: &'a VpcEndpoint,
    direction: Direction,
) -> Known<'a, Withheld> {
    if direction == Direction::Out {
        let other = if is_gateway(endpoint) {
            world.service_as_other(place, endpoint)?
        } else {
            world.interfaces_as_other(place, endpoint)?
        };
        return world.withheld(place, groups, direction, &other);
    }
    let own: Vec<&str> = endpoint.groups.iter().map(String::as_str).collect();
    if own.is_empty() {
        let message = format!("`{}` shows no security group", endpoint.id);
        return Err(Unknown::Because(Reason::Unresolved, message));
    }
    world.withheld(place, &own, direction, &world.workloads_as_other(place, groups))
}

fn message(lack: &Lack<'_>, endpoint: &VpcEndpoint, direction: Direction) -> String {
    let groups = format!("`{}`", lack.groups.join("` and `"));
    let on = lack.interface.map_or_else(String::new, |interface| format!(" on `{interface}`"));
    let (id, service) = (&endpoint.id, &endpoint.service_name);
    match (direction, &lack.withheld) {
        (Direction::Out, withheld) => {
            let have = if lack.groups.len() == 1 { "has" } else { "have" };
            let part = if let Withheld::Some(part) = withheld { format!("{part} of ") } else { String::new() };
            format!("{groups}{on} {have} no egress rule for tcp 443 to {part}`{id}` ({service})")
        }
        (Direction::In, Withheld::Some(part)) => format!(
            "no group of `{id}` ({service}) admits tcp 443 from {groups}{on}, nor from {part} of the environment's subnets"
        ),
        (Direction::In, _) => format!("no group of `{id}` ({service}) admits tcp 443 from {groups}{on}"),
    }
}

fn evidence(lack: &Lack<'_>, endpoint: &VpcEndpoint, direction: Direction) -> Vec<Evidence> {
    let groups = lack.groups.join(", ");
    let own = many(", ", &endpoint.groups);
    let shown = match direction {
        Direction::Out => {
            let saw = match &lack.withheld {
                Withheld::Some(part) => format!("nothing to {part} of {}", endpoint.id),
                Withheld::Nothing | Withheld::All => format!("nothing to {}", endpoint.id),
            };
            let wanted = if is_gateway(endpoint) {
                format!("the prefix list of {}", endpoint.service_name)
            } else {
                format!("{own}, or the addresses of all network interfaces of the endpoint")
            };
            field(&ec2::SECURITY_GROUPS, format!("{groups}.IpPermissionsEgress[tcp 443]"), saw, wanted)
        }
        Direction::In => {
            let saw = match &lack.withheld {
                Withheld::Some(part) => format!("neither {groups} nor {part}"),
                Withheld::Nothing | Withheld::All => format!("neither {groups} nor the environment's subnets"),
            };
            let wanted = format!("{groups}, or the blocks of all environment subnets");
            field(&ec2::SECURITY_GROUPS, format!("{own}.IpPermissions[tcp 443]"), saw, wanted)
        }
    };
    let worn = lack.interface.map(|interface| {
        field(&ec2::NETWORK_INTERFACES, format!("{interface}.Groups[].GroupId"), &groups, "groups that together do")
    });
    [shown].into_iter().chain(worn).collect()
}

#[cfg(test)]
mod tests;
