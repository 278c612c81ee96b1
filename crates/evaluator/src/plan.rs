//! From scope to controls to the reads that they need.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use plumbline_names::Operation;
use plumbline_snapshot::{Details, Plan, Source, ec2, iam, s3, sagemaker, sources, sts};

use crate::baseline::Baseline;
use crate::{Control, Scope, controls};

/// Reads that settle which SageMaker resource belongs where, and whether a lesser severity is deserved. Seldom does a
/// COMPLIANT verdict rest on one of them, so that controls need not declare them; without them resources outside every
/// environment would be INSUFFICIENT_DATA in a run of one control.
const SUPPORTING: &[&Source] = &[
    &ec2::VPCS,
    &ec2::SUBNETS,
    &iam::ACCOUNT_AUTHORIZATION_DETAILS,
    &sagemaker::RESOURCE_TAGS,
    &sagemaker::ENDPOINTS,
    &sagemaker::ENDPOINT,
    &sagemaker::ENDPOINT_CONFIGS,
    &sagemaker::ENDPOINT_CONFIG,
    &sagemaker::MODELS,
    &sagemaker::MODEL,
    &sagemaker::SEARCH,
    &s3::HEAD_BUCKET,
    &s3::BUCKET_ENCRYPTION,
];

/// Reads that every run makes: whose account it is, and which Regions it may use. No verdict rests on them.
pub const ALWAYS: &[&Source] = &[&sts::GET_CALLER_IDENTITY, &ec2::REGIONS];

/// What a run of this scope must read, as of `until`.
#[must_use]
pub fn plan(baseline: &Baseline, scope: &Scope, until: Timestamp) -> Plan {
    let mut sources: BTreeSet<Operation> = ALWAYS.iter().map(|source| source.operation()).collect();
    for control in controls().filter(|control| scope.wants(control.info)) {
        sources.extend(control.sources.iter().map(|source| source.operation()));
        if control.sources.iter().any(|source| source.service == "sagemaker") {
            sources.extend(SUPPORTING.iter().map(|source| source.operation()));
        }
    }
    let mut regions: BTreeMap<_, Details> = BTreeMap::new();
    let mut buckets = BTreeMap::new();
    let mut lookback_days = 1;
    let mut sweep_hours = u32::MAX;
    let wanted = baseline
        .environments
        .iter()
        .filter(|environment| scope.region.as_ref().is_none_or(|region| *region == environment.region));
    for environment in wanted {
        let details = regions.entry(environment.region.clone()).or_default();
        details.extend(environment.details());
        buckets.extend(environment.buckets());
        lookback_days = lookback_days.max(environment.job_lookback_days);
        sweep_hours = sweep_hours.min(environment.full_sweep_hours);
    }
    let ago = |hours: i64| until.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(Timestamp::MIN);
    let (jobs_since, tags_since) = (ago(24 * i64::from(lookback_days)), ago(i64::from(sweep_hours)));
    Plan { sources, regions, buckets, jobs_since, tags_since, until }
}

/// What a snapshot of this scope must read, as of `until`. Where the scope names no control, that is every declared
/// source, and what trails and flow logs deliver to: a snapshot is taken to be judged later, or by other versions.
#[must_use]
pub fn plan_of_snapshot(baseline: &Baseline, scope: &Scope, until: Timestamp) -> Plan {
    let mut plan = plan(baseline, scope, until);
    if scope.areas.is_empty() && scope.controls.is_empty() && scope.resources.is_empty() {
        plan.sources = sources().map(Source::operation).collect();
        plan.regions.values_mut().for_each(|details| details.log_destinations = true);
    }
    plan
}

/// The ids of the controls that cannot be COMPLIANT without `operation`.
#[must_use]
pub fn blinds(operation: &Operation) -> Vec<&'static str> {
    controls()
        .filter(|control| control.sources.iter().any(|source| source.operation() == *operation))
        .map(|control| control.info.id)
        .collect()
}

/// The IAM actions that a run of these controls needs, each with the sources it serves.
#[must_use]
pub fn permissions<'a>(controls: impl Iterator<Item = &'a Control>) -> BTreeMap<&'static str, BTreeSet<Source>> {
    let mut actions: BTreeMap<&'static str, BTreeSet<Source>> = BTreeMap::new();
    for source in controls.flat_map(|control| control.sources).chain(ALWAYS) {
        for action in source.permissions {
            actions.entry(action).or_default().insert(**source);
        }
    }
    actions
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use plumbline_snapshot::{Plan, Source, iam, s3, sagemaker, sources};
    use plumbline_testkit::{NOW, known_good};

    use super::{plan, plan_of_snapshot};
    use crate::Scope;
    use crate::baseline::{LoadContext, load};

    #[test]
    fn a_snapshot_without_controls_in_its_scope_reads_every_source_and_an_audit_does_not() {
        let today = NOW.to_zoned(jiff::tz::TimeZone::UTC).date();
        let baseline = load(&known_good().baseline, "baseline.yaml", &LoadContext::on(today)).unwrap();
        let all: BTreeSet<_> = sources().map(Source::operation).collect();
        let mut scope = Scope::default();
        let (audit, whole) = (plan(&baseline, &scope, NOW), plan_of_snapshot(&baseline, &scope, NOW));
        assert_eq!(whole.sources, all);
        assert!(audit.sources.is_subset(&all));
        let followed = |plan: &Plan| plan.regions.values().map(|details| details.log_destinations).collect::<Vec<_>>();
        assert_eq!((followed(&audit), followed(&whole)), (vec![false], vec![true]));
        assert_eq!((&whole.buckets, whole.jobs_since), (&audit.buckets, audit.jobs_since));
        scope.controls.insert("NET-02".to_owned());
        assert_eq!(plan_of_snapshot(&baseline, &scope, NOW), plan(&baseline, &scope, NOW));
    }

    #[test]
    fn a_run_of_one_control_reads_what_settles_where_its_resources_belong() {
        let today = NOW.to_zoned(jiff::tz::TimeZone::UTC).date();
        let baseline = load(&known_good().baseline, "baseline.yaml", &LoadContext::on(today)).unwrap();
        let planned = |control: &str| {
            let mut scope = Scope::default();
            scope.controls.insert(control.to_owned());
            plan(&baseline, &scope, NOW)
        };
        let notebooks = planned("SMK-01");
        assert!(notebooks.wants(&sagemaker::NOTEBOOK) && !notebooks.wants(&sagemaker::DOMAIN));
        assert!(notebooks.wants(&iam::ACCOUNT_AUTHORIZATION_DETAILS) && notebooks.wants(&sagemaker::RESOURCE_TAGS));
        assert!(!planned("DATA-01").wants(&sagemaker::SEARCH) && planned("SMK-13").wants(&s3::BUCKET_ENCRYPTION));
    }
}
