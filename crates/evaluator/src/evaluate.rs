//! Every control on every place: snapshot and baseline to assessments.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::{SignedDuration, Timestamp};
use plumbline_findings::{Assessment, Judged, Origin, Reason, Severity, SubjectSet, Verdict};
use plumbline_names::{EnvironmentName, Text, UNASSIGNED};
use plumbline_snapshot::Snapshot;

use crate::baseline::{Baseline, Unselected};
use crate::judge;
use crate::place::Place;
use crate::world::{Excluded, World};
use crate::{Control, Scope, controls};

/// What one evaluation found.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// Every verdict, passes included, sorted by control, environment, resource and aspect.
    pub assessments: Vec<Assessment>,
    /// The environment of each SageMaker resource seen, by ARN; remembered for runs that cannot tell.
    pub selected: BTreeMap<Text, EnvironmentName>,
    /// Resources that the baseline excludes.
    pub excluded: Vec<Excluded>,
    /// Sentences that people should read: ambiguous matches, resources that nobody audits, history that is gone.
    pub notes: Vec<String>,
    /// Which controls were judged whole, in which environments and Regions.
    pub judged: Judged,
}

/// Judges `snapshot` under `baseline`, within `scope`. `last` is the environment that each SageMaker resource had last.
#[must_use]
pub fn evaluate(
    snapshot: &Snapshot,
    baseline: &Baseline,
    scope: &Scope,
    last: &BTreeMap<Text, EnvironmentName>,
) -> Evaluation {
    let world = World::new(snapshot, baseline, last);
    let mut assessments = Vec::new();
    let mut sets = BTreeSet::new();
    for place in places(&world, scope) {
        for control in controls().filter(|control| scope.wants(control.info)) {
            if place.is_unassigned() && !control.unassigned {
                continue;
            }
            let mut found = match switched_off(control, &world, &place) {
                Some(why) => vec![why],
                None => guarded(control, &world, &place),
            };
            // All that hold say the same.
            let holds = Text::from(judge::sentence(control.info.title));
            for assessment in &mut found {
                let said = judge::sentence(&assessment.message);
                assessment.message = if said == holds { holds.clone() } else { said.into() };
            }
            if scope.names(control.info) {
                sets.insert(SubjectSet::new(control.info.id, place.name, Some(place.region)));
            } else {
                found.retain(|assessment| scope.names_resource(&assessment.subject.resource));
            }
            assessments.append(&mut found);
        }
    }
    assessments.sort_by(|a, b| (a.control.id, &a.subject).cmp(&(b.control.id, &b.subject)));
    let (selected, excluded, mut notes) = world.selection_report();
    notes.extend(closed(snapshot));
    notes.extend(vanished(snapshot));
    let judged = Judged { declared: declared(baseline), catalogue: catalogue(), sets, jobs_since: jobs_since(&world) };
    Evaluation { assessments, selected, excluded, notes, judged }
}

/// What is said of Regions that the account may not use. What it has there from before is still there, and not seen.
fn closed(snapshot: &Snapshot) -> impl Iterator<Item = String> {
    snapshot.regions.keys().filter(|region| snapshot.is_closed(region)).map(|region| {
        format!(
            "Region {region} is not enabled in this account, so that nothing was read there: enable it, or take its \
             environments out of the baseline"
        )
    })
}

/// How many vanished jobs are named.
const NAMED: usize = 5;

/// What is said of jobs that an earlier run knew and that are gone: whoever removes a job removes its traces.
fn vanished(snapshot: &Snapshot) -> impl Iterator<Item = String> {
    snapshot.regions.iter().flat_map(|(region, regional)| {
        regional.sagemaker.bookmarks.histories().filter_map(move |(_, word, history)| {
            let gone = &history.vanished;
            let named: Vec<String> =
                gone.iter().take(NAMED).map(|(name, made)| format!("`{name}` (made {made:.0})")).collect();
            let more = gone.len().saturating_sub(NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let many = if gone.len() == 1 { "" } else { "s" };
            let told = format!("gone from the history of {region}: {word}{many} {}{more}", named.join(", "));
            (!named.is_empty()).then_some(told)
        })
    })
}

/// Every environment that the baseline declares, `unassigned` included.
fn declared(baseline: &Baseline) -> BTreeSet<EnvironmentName> {
    let names = baseline.environments.iter().map(|environment| environment.name.clone());
    names.chain([UNASSIGNED.into()]).collect()
}

/// Every control of this version.
fn catalogue() -> BTreeSet<String> {
    controls().map(|control| control.info.id.to_owned()).collect()
}

/// The start of each environment's lookback; that of `unassigned` is the longest.
fn jobs_since(world: &World<'_>) -> BTreeMap<EnvironmentName, Timestamp> {
    let start = |days: u32| {
        let lookback = SignedDuration::from_hours(24 * i64::from(days));
        world.now().checked_sub(lookback).unwrap_or(Timestamp::MIN)
    };
    let environments = &world.baseline.environments;
    let longest = environments.iter().map(|environment| environment.job_lookback_days).max().unwrap_or(1);
    environments
        .iter()
        .map(|environment| (environment.name.clone(), start(environment.job_lookback_days)))
        .chain([(UNASSIGNED.into(), start(longest))])
        .collect()
}

/// The places of a scope: its declared environments, then what no environment selects in their Regions.
fn places<'a>(world: &World<'a>, scope: &Scope) -> Vec<Place<'a>> {
    let (account, partition) = (&world.snapshot.account, &world.snapshot.partition);
    let wanted = |name: &str| scope.environments.is_empty() || scope.environments.contains(name);
    let here = |region| scope.region.as_ref().is_none_or(|only| only == region);
    let mut places: Vec<Place<'a>> = world
        .baseline
        .environments
        .iter()
        .filter(|environment| wanted(&environment.name) && here(&environment.region))
        .map(|environment| Place::of(environment, account, partition))
        .collect();
    if wanted(UNASSIGNED) {
        for region in world.snapshot.regions.keys().filter(|region| here(region)) {
            let environments: Vec<_> =
                world.baseline.environments.iter().filter(|environment| environment.region == *region).collect();
            if environments.iter().any(|environment| environment.unselected == Unselected::Audit) {
                places.push(Place::unassigned(region, environments, account, partition));
            }
        }
    }
    places
}

/// NOT_APPLICABLE `switched_off`, if the baseline switches the control off here.
fn switched_off(control: &'static Control, world: &World<'_>, place: &Place<'_>) -> Option<Assessment> {
    let today = world.today();
    let off = place.environments.iter().all(|environment| {
        (control.info.origin == Origin::Beyond && !environment.include_beyond)
            || environment.disabled_controls.iter().any(|off| off.control == control.info.id && today <= off.expires)
    });
    off.then(|| judge::nothing(control.info, place.subject(place.resource(), None), Reason::SwitchedOff))
}

/// One control's verdicts; a control that fails is INSUFFICIENT_DATA and blinds no other.
fn guarded<'a>(control: &'static Control, world: &World<'a>, place: &Place<'a>) -> Vec<Assessment> {
    match catch_unwind(AssertUnwindSafe(|| (control.assess)(world, place))) {
        Ok(found) if !found.is_empty() => found,
        outcome => {
            let what = if outcome.is_ok() { "gave no verdict" } else { "failed" };
            vec![Assessment {
                control: control.info,
                subject: place.subject(place.resource(), None),
                verdict: Verdict::InsufficientData,
                reason: Some(Reason::ControlFailed),
                severity: control.info.severity.max(Severity::Medium),
                message: format!("{} {what} on what was read: please report it with the snapshot", control.info.id)
                    .into(),
                evidence: Vec::new(),
                whole_set: true,
                ended: None,
                cause: None,
            }]
        }
    }
}

#[cfg(test)]
mod tests {
    use plumbline_snapshot::ec2::NOT_OPTED_IN;
    use plumbline_testkit::{NOW, REGION, known_good};

    #[test]
    fn a_region_that_the_account_may_not_use_is_named() {
        let mut env = known_good();
        assert_eq!(super::closed(&env.snapshot).count(), 0, "of those that are read");
        env.snapshot.region_status.add([(REGION.to_owned(), NOT_OPTED_IN.to_owned())]);
        let said: Vec<String> = super::closed(&env.snapshot).collect();
        let wanted = "Region eu-west-1 is not enabled in this account, so that nothing was read there: enable it, or take \
                      its environments out of the baseline";
        assert_eq!(said, [wanted]);
        env.hide(&plumbline_snapshot::ec2::REGIONS);
        assert_eq!(super::closed(&env.snapshot).count(), 0, "nobody can tell");
    }

    #[test]
    fn jobs_that_vanished_are_named_up_to_a_few() {
        let mut env = known_good();
        assert_eq!(super::vanished(&env.snapshot).count(), 0);
        let history = &mut env.sagemaker().bookmarks.training_jobs.history;
        history.vanished.insert("job-0".to_owned(), NOW);
        let said: Vec<String> = super::vanished(&env.snapshot).collect();
        assert_eq!(said, ["gone from the history of eu-west-1: training job `job-0` (made 2026-09-14T06:00:00Z)"]);
        let history = &mut env.sagemaker().bookmarks.training_jobs.history;
        history.vanished.extend((1..8).map(|number| (format!("job-{number}"), NOW)));
        let said: Vec<String> = super::vanished(&env.snapshot).collect();
        assert!(said[0].contains("training jobs `job-0`") && said[0].ends_with(" and 3 more"), "{said:?}");
        env.sagemaker().bookmarks.automl_jobs.history.vanished.insert("auto".to_owned(), NOW);
        let said: Vec<String> = super::vanished(&env.snapshot).collect();
        assert_eq!((said.len(), said[1].contains("AutoML job `auto`")), (2, true), "{said:?}");
    }
}
