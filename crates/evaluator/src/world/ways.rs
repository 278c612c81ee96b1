//! The ways from an environment to S3, and what a bucket's policy says about coming by them.

use std::collections::BTreeSet;

use plumbline_policy::{Absent, Condition, Confinement, KeyKind, Wanted, same_key};

use crate::judge::{Unknown, many};
use crate::place::Place;
use crate::tables::endpoints::is_s3;
use crate::world::World;
use crate::world::bucket_policies::{BucketPolicy, Key, On, leaves_out};

const ENDPOINT: &str = "aws:SourceVpce";
const VPC: &str = "aws:SourceVpc";

/// The keys that tell which way a request came (IAM User Guide, "AWS global condition context keys"). Both are missing in
/// requests that come through no endpoint.
pub(crate) const KEYS: &[&str] = &[ENDPOINT, VPC];

/// The ways from an environment to S3.
#[derive(Debug, Clone)]
pub(crate) struct Ways<'a> {
    endpoints: BTreeSet<String>,
    vpcs: BTreeSet<String>,
    /// Why there may be more.
    pub(crate) unknown: Option<Unknown<'a>>,
}

/// Which requests a bucket's policy lets pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passes {
    /// Those that come by the environment's ways.
    OursOnly,
    /// Those that come by ways that it names, of which not all are the environment's.
    OthersByName,
    /// Others, too; what its Denies do.
    All(Confinement),
    /// A variable or an unknown operator decides.
    Undecidable,
}

impl<'a> World<'a> {
    /// The ways from a place to S3: the VPC, its endpoints of S3 of either type, and `extra_source_vpces`.
    pub(crate) fn ways_to_s3(&self, place: &Place<'a>) -> Ways<'a> {
        let found = self.vpc_endpoints(place);
        let extra = place.environments.iter().flat_map(|environment| environment.extra_source_vpces.iter().cloned());
        let own = found.items.iter().filter(|endpoint| is_s3(&endpoint.service_name, place.region.as_str()));
        let endpoints = own.map(|endpoint| endpoint.id.clone()).chain(extra).collect();
        let vpc = self.vpc(place);
        let vpcs = vpc.iter().map(|vpc| vpc.id.clone()).collect();
        Ways { endpoints, vpcs, unknown: found.unknown.or(vpc.err()) }
    }
}

impl Ways<'_> {
    /// Which requests for an action a bucket's policy lets pass.
    pub(crate) fn passes(&self, policy: &BucketPolicy<'_>, action: &str, on: On) -> Passes {
        let by = |endpoints: &Wanted, vpcs: &Wanted| {
            let asked = |name: &'static str, wanted: &Wanted, other: &'static str, others: &Wanted| {
                let key = Key { name, kind: KeyKind::Single, wanted, absent: Absent::Denied };
                // A Deny may leave out either of the two.
                let spared = |condition: &Condition| leaves_out(condition, other, others);
                policy.leaves_only(action, on, &key, &spared)
            };
            [asked(ENDPOINT, endpoints, VPC, vpcs), asked(VPC, vpcs, ENDPOINT, endpoints)]
        };
        let found = by(&Wanted::values(&self.endpoints), &Wanted::values(&self.vpcs));
        let any = |found: &[Confinement; 2], how: Confinement| found.contains(&how);
        if any(&found, Confinement::Confined) {
            return Passes::OursOnly;
        }
        if any(&found, Confinement::Undecidable) {
            return Passes::Undecidable;
        }
        if any(&by(&Wanted::naming(), &Wanted::naming()), Confinement::Confined) {
            return Passes::OthersByName;
        }
        let [endpoint, vpc] = found;
        Passes::All(if endpoint == (Confinement::Open { reason: None }) { vpc } else { endpoint })
    }

    /// The endpoints and VPCs that Denies of the policy leave out and that are none of the environment's ways.
    pub(crate) fn named_others(&self, policy: &BucketPolicy<'_>) -> Vec<String> {
        let tests = policy.denies_on(KEYS).into_iter().flat_map(|deny| &deny.conditions);
        let ways =
            tests.filter(|test| test.operator.base.is_negated() && KEYS.iter().any(|key| same_key(&test.key, key)));
        let others: BTreeSet<&String> = ways
            .flat_map(|test| &test.values)
            .filter(|id| !self.endpoints.contains(*id) && !self.vpcs.contains(*id))
            .collect();
        others.into_iter().cloned().collect()
    }

    /// Those that exist, in words.
    pub(crate) fn told(&self) -> String {
        if self.endpoints.is_empty() { "none".to_owned() } else { many(", ", &self.endpoints) }
    }
}
