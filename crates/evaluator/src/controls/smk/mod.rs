//! SageMaker resources: SMK. Here are also the ways in which several of its controls look at a resource.

mod smk_01_notebook_no_internet;
mod smk_02_notebook_in_network;
mod smk_03_notebook_volume_key;
mod smk_04_notebook_no_root;
mod smk_07_resource_role;
mod smk_08_domain_vpc_only;
mod smk_09_domain_key;
mod smk_12_training_in_network;
mod smk_13_training_keys;
mod smk_14_training_isolated;
mod smk_18_model_in_network;
mod smk_19_endpoint_config_keys;

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_findings::{Assessment, ControlInfo, Severity, Verdict};
use plumbline_names::{ResourceRef, Text};
use plumbline_snapshot::ec2::{SecurityGroup, Subnet};
use plumbline_snapshot::sagemaker::{TrainingJob, VpcConfig};
use plumbline_snapshot::{Regional, Source, Tags};

use crate::Control;
use crate::baseline::{Environment, KeyUse, ResourceKind};
use crate::judge::{self, Known, Say, Set, few, field, many};
use crate::place::Place;
use crate::world::World;
use crate::world::sagemaker::{Kind, Member};

/// The controls of this area, in order.
pub(crate) const CONTROLS: &[&Control] = &[
    &smk_01_notebook_no_internet::CONTROL,
    &smk_02_notebook_in_network::CONTROL,
    &smk_03_notebook_volume_key::CONTROL,
    &smk_04_notebook_no_root::CONTROL,
    &smk_07_resource_role::CONTROL,
    &smk_08_domain_vpc_only::CONTROL,
    &smk_09_domain_key::CONTROL,
    &smk_12_training_in_network::CONTROL,
    &smk_13_training_keys::CONTROL,
    &smk_14_training_isolated::CONTROL,
    &smk_18_model_in_network::CONTROL,
    &smk_19_endpoint_config_keys::CONTROL,
];

/// The verdict on each resource of a set, by its body. Where selection lacks a read, violations stand and compliance does
/// not.
fn resources<'a, T: Kind>(
    control: &'static ControlInfo,
    place: &Place<'a>,
    set: Set<'a, Member<'a, T>>,
    mut look: impl FnMut(&mut Say<'a>, &Member<'a, T>, &'a T) -> Known<'a, ()>,
) -> Vec<Assessment> {
    judge::each(
        control,
        place,
        set,
        |member| (member.reference(), None),
        |say, member| {
            let body = member.body()?;
            look(say, member, body)?;
            member.doubt().map_or(Ok(()), Err)
        },
    )
}

/// What a job is part of.
struct Parent {
    resource: ResourceRef,
    word: &'static str,
}

/// The verdict on each training job of the place. A job that has ended says so, and the jobs of one tuning or AutoML job
/// are one finding, which is about their parent.
fn training_jobs<'a>(
    control: &'static ControlInfo,
    world: &World<'a>,
    place: &Place<'a>,
    look: impl FnMut(&mut Say<'a>, &Member<'a, TrainingJob>, &'a TrainingJob) -> Known<'a, ()>,
) -> Vec<Assessment> {
    let jobs = world.training_jobs(place);
    let mut known: BTreeMap<&str, (Option<Timestamp>, Option<Parent>)> = BTreeMap::new();
    for job in &jobs.items {
        known.insert(&job.resource.arn, (job.ended(), job.body().ok().and_then(parent_of)));
    }
    let mut found = Vec::new();
    let mut families: BTreeMap<Text, (Parent, Vec<Assessment>)> = BTreeMap::new();
    for mut assessment in resources(control, place, jobs, look) {
        match known.remove(assessment.subject.resource.arn.as_str()) {
            None => found.push(assessment),
            Some((ended, parent)) => {
                assessment.ended = ended;
                match parent {
                    None => found.push(assessment),
                    Some(parent) => {
                        let family = families.entry(parent.resource.arn.clone());
                        family.or_insert_with(|| (parent, Vec::new())).1.push(assessment);
                    }
                }
            }
        }
    }
    found.extend(families.into_values().filter_map(|(parent, children)| family(parent, children)));
    for assessment in &mut found {
        if assessment.ended.is_some() && assessment.verdict == Verdict::NonCompliant {
            assessment
                .message
                .push_str("; the job has ended, so mend the policy that let it be submitted, not the job");
        }
    }
    found
}

fn parent_of(job: &TrainingJob) -> Option<Parent> {
    let (arn, kind, word) = match (&job.automl_job_arn, &job.tuning_job_arn) {
        (Some(arn), _) => (arn, "AWS::SageMaker::AutoMLJob", "AutoML job"),
        (None, Some(arn)) => (arn, "AWS::SageMaker::HyperParameterTuningJob", "tuning job"),
        (None, None) => return None,
    };
    let name = arn.rsplit('/').next().unwrap_or(arn);
    Some(Parent { resource: ResourceRef::new(arn.as_str(), kind, name), word })
}

/// One verdict for the jobs of one parent: the worst, which counts its like.
fn family(parent: Parent, children: Vec<Assessment>) -> Option<Assessment> {
    let rank = |child: &Assessment| match child.verdict {
        Verdict::NonCompliant => (3, child.severity),
        Verdict::InsufficientData => (2, child.severity),
        Verdict::Compliant => (1, child.severity),
        Verdict::NotApplicable => (0, child.severity),
    };
    let many = children.len();
    let ended =
        children.iter().map(|child| child.ended).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
    let worst = children.iter().map(rank).max()?;
    let like = children.iter().filter(|child| child.verdict == Verdict::NonCompliant).count();
    let mut first = children.into_iter().find(|child| rank(child) == worst)?;
    if first.verdict == Verdict::NonCompliant {
        first.message = format!(
            "{like} of {many} training jobs of the {} `{}`, such as this: {}",
            parent.word, parent.resource.name, first.message
        )
        .into();
    }
    first.subject.resource = parent.resource;
    first.ended = ended;
    Some(first)
}

/// The environment network: its subnets and workload groups.
struct Network<'a> {
    regional: Known<'a, &'a Regional>,
    subnets: Set<'a, &'a Subnet>,
    groups: Set<'a, &'a SecurityGroup>,
}

impl<'a> Network<'a> {
    fn of(world: &World<'a>, place: &Place<'a>) -> Self {
        Self { regional: world.regional(place), subnets: world.subnets(place), groups: world.workload_groups(place) }
    }

    /// Whether each of `ids` is an environment subnet. `path` is the field that names them.
    fn subnets(&self, say: &mut Say<'a>, severity: Severity, source: &Source, who: &str, path: &str, ids: &[String]) {
        let mut outside = Vec::new();
        for id in ids {
            if say.see(self.subnets.any(|subnet| subnet.id == *id)) == Some(false) {
                outside.push(match self.regional.as_ref().map(|regional| regional.ec2.subnets.get(id)) {
                    Ok(Ok(Some(subnet))) => format!("{id} of {}", subnet.vpc_id),
                    _ => format!("{id}, which does not exist here"),
                });
            }
        }
        if !outside.is_empty() {
            let saw = many("; ", &outside);
            say.broken_as(
                severity,
                format!("{who} lies outside the environment's subnets: in {}", few("; ", &outside)),
                [field(source, path, saw, "environment subnets only")],
            );
        }
    }

    /// Whether `ids` are one or more workload groups and no others.
    fn groups(&self, say: &mut Say<'a>, severity: Severity, source: &Source, who: &str, path: &str, ids: &[String]) {
        let wanted = "one or more workload groups, no others";
        if ids.is_empty() {
            say.broken_as(severity, format!("{who} has no security group"), [field(source, path, "none", wanted)]);
            return;
        }
        let others: Vec<&str> = ids
            .iter()
            .filter(|id| say.see(self.groups.any(|group| group.id == **id)) == Some(false))
            .map(String::as_str)
            .collect();
        if !others.is_empty() {
            let saw = many(", ", &others);
            say.broken_as(
                severity,
                format!("{who} has security groups that are no workload groups: {}", few(", ", &others)),
                [field(source, path, saw, wanted)],
            );
        }
    }

    /// Whether a `VpcConfig` is there and lies in the environment network.
    fn config(
        &self,
        say: &mut Say<'a>,
        severity: Severity,
        source: &Source,
        named: (&str, &str),
        vpc: Option<&VpcConfig>,
    ) {
        let (who, name) = named;
        let Some(vpc) = vpc.filter(|vpc| !vpc.subnets.is_empty() || !vpc.groups.is_empty()) else {
            say.broken_as(
                severity,
                format!("{who} has no VPC configuration, so it runs in a network of SageMaker's with internet access"),
                [field(source, format!("{name}.VpcConfig"), "not set", "the environment network")],
            );
            return;
        };
        let path = format!("{name}.VpcConfig.Subnets");
        if vpc.subnets.is_empty() {
            let evidence = field(source, path.as_str(), "none", "environment subnets only");
            say.broken_as(severity, format!("{who} names no subnet"), [evidence]);
        }
        self.subnets(say, severity, source, who, &path, &vpc.subnets);
        self.groups(say, severity, source, who, &format!("{name}.VpcConfig.SecurityGroupIds"), &vpc.groups);
    }
}

/// A key field of a resource.
struct KeyField<'s> {
    /// Whose and which key, for the message: "the volume of the notebook instance `x`".
    what: String,
    source: &'static Source,
    path: String,
    written: Option<&'s str>,
    uses: &'static [KeyUse],
}

/// Whether a field names an environment key for its use; otherwise it is broken at this severity.
fn key<'a>(
    world: &World<'a>,
    place: &Place<'a>,
    say: &mut Say<'a>,
    asked: KeyField<'_>,
    severity: impl FnOnce(bool) -> Severity,
) {
    let KeyField { what, source, path, written, uses } = asked;
    let Some(answer) = say.see(world.environment_key(place, written, uses)) else { return };
    let wanted = format!("a usable key that the baseline declares for {}", crate::world::keys::words(uses));
    let evidence = field(source, path, answer.saw, wanted);
    match answer.fault {
        Some(fault) => {
            let set = written.is_some_and(|written| !written.is_empty());
            say.broken_as(severity(set), format!("the key of {what} {fault}"), [evidence]);
        }
        None => say.fact(evidence),
    }
}

/// Whether an instance type has local NVMe storage only, which the hardware encrypts and no key can.
fn is_nvme(place: &Place<'_>, instance_type: &str) -> bool {
    let family = instance_type.strip_prefix("ml.").unwrap_or(instance_type).split('.').next().unwrap_or_default();
    let listed = |environment: &&Environment| environment.nvme_instance_families.iter().any(|it| it == family);
    place.environments.iter().any(listed)
}

/// Whether the baseline exempts a resource from network isolation.
fn is_exempt<'a, T: Kind>(place: &Place<'a>, kind: ResourceKind, member: &Member<'a, T>) -> Known<'a, bool> {
    let tags: Option<&Tags> = member.resource.tags.sight().ok();
    let exemptions = place.environments.iter().flat_map(|environment| &environment.network_isolation_exempt);
    let mut answers = exemptions.map(|exempt| exempt.covers(kind, &member.resource.name, tags));
    let mut unknown = false;
    if answers.any(|answer| {
        unknown |= answer.is_none();
        answer == Some(true)
    }) {
        return Ok(true);
    }
    match member.resource.tags.sight() {
        Err(gap) if unknown => Err(gap.into()),
        _ => Ok(false),
    }
}
