//! What was seen refers to things that are read next: keys, log groups, buckets. Each service says which, so that nothing
//! waits for a service that has none to name.

use std::collections::BTreeSet;

use plumbline_names::{AccountId, Region};

use crate::Read;
use crate::cloudtrail::CloudTrail;
use crate::codecommit::CodeCommit;
use crate::ec2::{Ec2, FlowLog};
use crate::logs::SAGEMAKER_PREFIX;
use crate::s3::S3;
use crate::sagemaker::SageMaker;

impl S3 {
    /// Every key that the buckets of a Region refer to, as written there: ids, ARNs, alias names or alias ARNs.
    #[must_use]
    pub fn key_references(&self, region: &Region) -> BTreeSet<String> {
        // A bucket's key lies in the bucket's Region.
        let here = |home: &Read<Option<String>>| matches!(home, Read::Seen(Some(home)) if home == region.as_str());
        let buckets = self.buckets.values().filter(|bucket| here(&bucket.region));
        let encryptions = buckets.filter_map(|bucket| match &bucket.encryption {
            Read::Seen(encryption) => encryption.as_ref(),
            Read::Gap(_) => None,
        });
        encryptions.filter_map(|encryption| encryption.key.clone()).collect()
    }
}

impl Ec2 {
    /// The key that new volumes are encrypted with, as written in the Region's settings.
    #[must_use]
    pub fn key_references(&self) -> BTreeSet<String> {
        match &self.ebs_default_key {
            Read::Seen(key) => key.iter().cloned().collect(),
            Read::Gap(_) => BTreeSet::new(),
        }
    }

    /// Names of the log groups of `account` in `region` that flow logs deliver to.
    #[must_use]
    pub fn log_group_names(&self, region: &Region, account: &AccountId) -> BTreeSet<String> {
        let to_group =
            |log: &&FlowLog| !matches!(log.destination_type.as_deref(), Some(kind) if kind != "cloud-watch-logs");
        let flow_logs = self.flow_logs.seen().filter(to_group);
        group_names(flow_logs.filter_map(|log| log.destination.as_deref()), region, account)
    }

    /// Names of the buckets that flow logs deliver to. They may be another account's.
    #[must_use]
    pub fn log_bucket_names(&self) -> BTreeSet<String> {
        let to_bucket = |log: &&FlowLog| log.destination_type.as_deref() == Some("s3");
        let bucket = |log: &FlowLog| {
            let (_, place) = log.destination.as_deref()?.split_once(":s3:::")?;
            place.split('/').next().filter(|name| !name.is_empty()).map(str::to_owned)
        };
        self.flow_logs.seen().filter(to_bucket).filter_map(bucket).collect()
    }
}

impl CloudTrail {
    /// Every key that trails are encrypted with, as written there.
    #[must_use]
    pub fn key_references(&self) -> BTreeSet<String> {
        self.trails.seen().filter_map(|trail| trail.kms_key.clone()).collect()
    }

    /// Names of the log groups of `account` in `region` that trails deliver to.
    #[must_use]
    pub fn log_group_names(&self, region: &Region, account: &AccountId) -> BTreeSet<String> {
        group_names(self.trails.seen().filter_map(|trail| trail.log_group_arn.as_deref()), region, account)
    }

    /// Names of the buckets that trails of `account` deliver to. They may be another account's.
    #[must_use]
    pub fn log_bucket_names(&self, account: &AccountId) -> BTreeSet<String> {
        // The trail of an organization delivers to a bucket of whoever owns the trail.
        let own = format!(":{account}:trail/");
        let trails = self.trails.seen().filter(|trail| trail.arn.contains(&own));
        let buckets = trails.filter_map(|trail| trail.bucket.clone());
        buckets.filter(|name| !name.is_empty()).collect()
    }
}

impl CodeCommit {
    /// Every key that repositories are encrypted with, as written there.
    #[must_use]
    pub fn key_references(&self) -> BTreeSet<String> {
        let seen = self.repositories.values().filter_map(|repository| match repository {
            Read::Seen(repository) => repository.as_ref(),
            Read::Gap(_) => None,
        });
        seen.filter_map(|repository| repository.kms_key.clone()).collect()
    }
}

impl SageMaker {
    /// Every key that something seen refers to, as written there: ids, ARNs, alias names or alias ARNs.
    #[must_use]
    pub fn key_references(&self) -> BTreeSet<String> {
        let mut references = BTreeSet::new();
        self.tell_keys(|key| references.extend(key.clone()));
        references
    }
}

/// Names of groups of the account in a Region, but for SageMaker's own, which are listed.
fn group_names<'a>(
    destinations: impl Iterator<Item = &'a str>,
    region: &Region,
    account: &AccountId,
) -> BTreeSet<String> {
    // In the ARN of a log group the name is the last part, and may be followed by `:*`.
    let here = format!(":logs:{region}:{account}:log-group:");
    let name = |text: &str| match text.split_once(&here) {
        Some((_, name)) => Some(name.strip_suffix(":*").unwrap_or(name).to_owned()),
        None => (!text.starts_with("arn:")).then(|| text.to_owned()),
    };
    let names = destinations.filter_map(name);
    names.filter(|name| !name.is_empty() && !name.starts_with(SAGEMAKER_PREFIX)).collect()
}

#[cfg(test)]
mod tests {
    use super::group_names;

    #[test]
    fn a_group_is_of_the_account_and_the_region_and_no_one_elses() {
        let (region, account) = ("eu-west-1".parse().unwrap(), "111122223333".parse().unwrap());
        let destinations = [
            "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*",
            "arn:aws:logs:eu-west-1:111122223333:log-group:flow",
            "arn:aws:logs:eu-west-2:111122223333:log-group:elsewhere",
            "arn:aws:logs:eu-west-1:444455556666:log-group:foreign",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/sagemaker/Studio",
            "by-name",
            "",
        ];
        let names = group_names(destinations.into_iter(), &region, &account);
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["by-name", "flow", "trail"]);
    }
}
