//! The least calls that an audit can make of an account, and the least time that the limits leave it.
//!
//! Both are worked out from the account and the server's own tables, not from what the product knows or does.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;

use crate::account::{Account, PREFIX_LISTS};
use crate::baseline::LOOKBACK_DAYS;
use crate::iam::SHORT_PAGE;
use crate::limits::Limits;

/// What must be asked of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Need {
    /// How many calls.
    pub calls: u64,
    /// How many of them can only follow one another, since each has the token of the next.
    pub chain: u64,
}

/// What must be asked, by operation such as `ec2:DescribeVpcs`.
pub type Least = BTreeMap<&'static str, Need>;

/// The least time, and what it is due to.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The time.
    pub time: Duration,
    /// The operation whose bucket or pages take longest.
    pub by: &'static str,
}

/// A training job may last 30 days, after 28 days of waiting: one made earlier has ended.
const LONGEST_JOB: SignedDuration = SignedDuration::from_hours(58 * 24);
/// The longest chain of questions each of which needs the answer to the one before: list, describe, and the key named there.
const DEPTH: u32 = 3;

/// The least calls for an account, under the baseline that goes with it.
#[must_use]
pub fn least(account: &Account) -> Least {
    let size = &account.size;
    let mut least = Least::new();
    let mut pages = |name, items: u64, page: u64| {
        let calls = items.div_ceil(page).max(1);
        least.insert(name, Need { calls, chain: calls });
    };
    pages("ec2:DescribeVpcs", size.vpcs, 1000);
    pages("ec2:DescribeSubnets", size.subnets(), 1000);
    pages("ec2:DescribeRouteTables", size.route_tables, 100);
    pages("ec2:DescribeSecurityGroups", size.groups, 1000);
    pages("ec2:DescribeNetworkInterfaces", size.interfaces, 1000);
    pages("ec2:DescribeVpcEndpoints", size.vpc_endpoints, 1000);
    pages("ec2:DescribeManagedPrefixLists", PREFIX_LISTS, 100);
    pages("ec2:DescribeFlowLogs", size.vpcs, 1000);
    pages("ec2:DescribeNetworkAcls", size.vpcs, 1000);
    for empty in [
        "ec2:DescribeRegions",
        "ec2:DescribeAvailabilityZones",
        "ec2:DescribeInternetGateways",
        "ec2:DescribeEgressOnlyInternetGateways",
        "ec2:DescribeCarrierGateways",
        "ec2:DescribeNatGateways",
        "ec2:DescribeVpnGateways",
        "ec2:DescribeVpcPeeringConnections",
        "ec2:DescribeTransitGatewayVpcAttachments",
        "ec2:DescribeVpcBlockPublicAccessOptions",
        "ec2:DescribeVpcBlockPublicAccessExclusions",
        "ec2:GetManagedPrefixListEntries",
        "ec2:GetEbsEncryptionByDefault",
        "ec2:GetEbsDefaultKmsKeyId",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:GetEventSelectors",
        "s3control:GetPublicAccessBlock",
    ] {
        pages(empty, 1, 1);
    }
    pages("iam:GetAccountAuthorizationDetails", size.roles + size.policies, SHORT_PAGE);
    pages("kms:ListAliases", size.aliases(), 100);
    pages("logs:DescribeLogGroups", size.log_groups, 50);
    pages("sagemaker:ListNotebookInstances", size.notebooks, 100);
    pages("sagemaker:ListDomains", size.domains, 100);
    pages("sagemaker:ListModels", size.models, 100);
    pages("sagemaker:ListEndpoints", size.endpoints, 100);
    pages("sagemaker:ListEndpointConfigs", size.endpoint_configs, 100);
    let (listed, searched) = job_pages(account);
    pages("sagemaker:ListTrainingJobs", listed, 1);
    let mut each = |name, calls| least.insert(name, Need { calls, chain: calls.min(1) });
    each("ec2:DescribeVpcAttribute", 2);
    each("kms:DescribeKey", size.keys);
    each("kms:GetKeyPolicy", size.keys);
    each("kms:GetKeyRotationStatus", size.keys);
    each("s3:HeadBucket", size.buckets);
    each("s3:GetBucketEncryption", size.buckets);
    each("s3:GetBucketPolicy", size.buckets);
    each("s3:GetBucketPolicyStatus", size.buckets);
    each("s3:GetPublicAccessBlock", size.buckets);
    each("sagemaker:DescribeNotebookInstance", size.notebooks);
    each("sagemaker:DescribeDomain", size.domains);
    each("sagemaker:DescribeEndpointConfig", size.endpoint_configs);
    each("sagemaker:ListTags", size.notebooks + size.domains + size.endpoint_configs);
    let chains = [size.models.div_ceil(100), size.endpoints.div_ceil(100), searched];
    let chain = chains.into_iter().max().unwrap_or_default();
    least.insert("sagemaker:Search", Need { calls: chains.into_iter().sum(), chain });
    least
}

/// Pages of the listing of training jobs that may hold one that runs or ended in the lookback, and of the search for the
/// bodies of those: newest first, up to the page that has an older one.
fn job_pages(account: &Account) -> (u64, u64) {
    let number = account.size.jobs.number;
    let up_to = |wanted: u64| number.min(wanted + 1).div_ceil(100).max(1);
    let lookback = SignedDuration::from_hours(24 * i64::from(LOOKBACK_DAYS));
    let since = account.now - lookback;
    let listed = up_to(account.jobs_made_since(since - LONGEST_JOB));
    let wanted = account.jobs_changed_since(since);
    (listed, if wanted == 0 { 0 } else { up_to(wanted) })
}

/// The sum of the calls.
#[must_use]
pub fn calls(least: &Least) -> u64 {
    least.values().map(|need| need.calls).sum()
}

/// The least time for these calls with the whole share of the buckets: of each bucket what its burst does not cover at its
/// rate, or its chain of pages; the longest of these, and the way through the longest chain of questions.
#[must_use]
pub fn bound(least: &Least, limits: &Limits, latency: Duration) -> Bound {
    let mut bound = Bound { time: Duration::ZERO, by: "" };
    for (name, need) in least {
        let (service, operation) = name.split_once(':').unwrap_or((name, ""));
        let waits = limits
            .of(service, operation, true)
            .map_or(0.0, |bucket| (need.calls as f64 - bucket.burst).max(0.0) / bucket.rate);
        let chain = latency.saturating_mul(u32::try_from(need.chain).unwrap_or(u32::MAX));
        let time = Duration::from_secs_f64(waits).max(chain);
        if time > bound.time {
            bound = Bound { time, by: name };
        }
    }
    bound.time += latency * DEPTH;
    bound
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{bound, calls, least};
    use crate::account::{Account, Jobs, Size};
    use crate::limits::Limits;

    #[test]
    fn the_typical_account_is_bound_by_what_is_described_one_by_one() {
        let account = Account { size: Size::times(1), now: "2026-06-01T00:00:00Z".parse().unwrap() };
        let least = least(&account);
        let bound = bound(&least, &Limits::Kept { guess: 1.0 }, Duration::from_millis(50));
        assert_eq!((bound.by, bound.time), ("sagemaker:ListTags", Duration::from_millis(7_150)));
        assert_eq!(least["sagemaker:Search"].calls, 3);
        assert_eq!(calls(&least), 154);
    }

    #[test]
    fn jobs_are_read_as_far_back_as_one_may_still_run() {
        let now = "2026-06-01T00:00:00Z".parse().unwrap();
        let pages = |jobs| {
            let least = least(&Account { size: Size::times(1).with_jobs(jobs), now });
            (least["sagemaker:ListTrainingJobs"].calls, least["sagemaker:Search"].calls)
        };
        assert_eq!(pages(Jobs::ended(0, 0, 1)), (1, 2), "an empty listing, and the other two kinds");
        assert_eq!(pages(Jobs::ended(1_000, 8, 50)), (10, 2), "all had to be listed, none is of interest");
        assert_eq!(pages(Jobs::ended(1_000, 0, 7)), (10, 12));
        assert_eq!(pages(Jobs::ended(1_000, 70, 80)), (1, 2), "the first page ends it");
    }
}
