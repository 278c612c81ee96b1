//! The rate limits of the services, as this side keeps them: a table of its own, and a bucket for each operation.
//!
//! The figures are published ones where AWS publishes any; else they are those to start from. They stand here a second
//! time on purpose: the product's table must not check itself.

use std::collections::BTreeMap;

use tokio::time::Instant;

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// How many calls it holds when full.
    pub burst: f64,
    /// Calls that it gains a second.
    pub rate: f64,
    /// Whether AWS publishes it.
    pub published: bool,
}

/// Which limits are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limits {
    /// None.
    Off,
    /// All; of what AWS does not publish so many times the figure to start from.
    Kept {
        /// 1 for exactly that figure.
        guess: f64,
    },
}

/// The buckets at work.
#[derive(Debug, Default)]
pub struct Levels(BTreeMap<String, Level>);

#[derive(Debug)]
struct Level {
    tokens: f64,
    as_of: Instant,
}

const fn published(burst: f64, rate: f64) -> Bucket {
    Bucket { burst, rate, published: true }
}

const fn guessed(burst: f64, rate: f64) -> Bucket {
    Bucket { burst, rate, published: false }
}

/// EC2 operations that are cheaper with a page size.
const DEARER_WHOLE: [&str; 7] = [
    "DescribeInstances",
    "DescribeInstanceStatus",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
    "DescribeSnapshots",
    "DescribeVolumes",
    "DescribeSpotInstanceRequests",
];

/// The limit of an operation; `paged` if a page size was sent.
#[must_use]
pub fn bucket(service: &str, operation: &str, paged: bool) -> Bucket {
    match (service, operation) {
        // Request throttling for the Amazon EC2 API.
        ("ec2", name) if !paged && DEARER_WHOLE.contains(&name) => published(50.0, 10.0),
        ("ec2", _) => published(100.0, 20.0),
        // How do I resolve API throttling errors for IAM and AWS STS (re:Post): none is published.
        ("iam", "GetAccountAuthorizationDetails") => guessed(5.0, 2.0),
        ("iam", _) => guessed(10.0, 5.0),
        ("sts", _) => guessed(50.0, 50.0),
        // Service Quotas, as reported in aws-solutions/deepracer-on-aws#87.
        ("sagemaker", "ListTrainingJobs") => published(2.0, 2.0),
        ("sagemaker", "ListTags") => guessed(5.0, 5.0),
        ("sagemaker", name) if name.starts_with("List") || name == "Search" => guessed(2.0, 2.0),
        ("sagemaker", _) => guessed(5.0, 5.0),
        // Quotas in AWS CloudTrail.
        ("cloudtrail", "LookupEvents") => published(2.0, 2.0),
        ("cloudtrail", _) => published(10.0, 10.0),
        // AWS KMS: Request quotas.
        ("kms", "DescribeKey" | "ListResourceTags") => published(2000.0, 2000.0),
        ("kms", "GetKeyPolicy" | "GetKeyRotationStatus") => published(1000.0, 1000.0),
        ("kms", "ListAliases" | "ListKeys") => published(500.0, 500.0),
        ("kms", _) => published(100.0, 100.0),
        ("s3" | "s3control", _) => guessed(20.0, 20.0),
        _ => guessed(5.0, 5.0),
    }
}

impl Limits {
    /// The limit that is kept of an operation.
    #[must_use]
    pub fn of(&self, service: &str, operation: &str, paged: bool) -> Option<Bucket> {
        let Self::Kept { guess } = self else { return None };
        let bucket = bucket(service, operation, paged);
        let times = if bucket.published { 1.0 } else { *guess };
        Some(Bucket { burst: bucket.burst * times, rate: bucket.rate * times, ..bucket })
    }
}

impl Levels {
    /// Takes a token from the bucket of that name, if it has one.
    pub fn take(&mut self, name: &str, bucket: Bucket) -> bool {
        let now = Instant::now();
        let full = || Level { tokens: bucket.burst, as_of: now };
        let level = self.0.entry(name.to_owned()).or_insert_with(full);
        let gained = now.saturating_duration_since(level.as_of).as_secs_f64() * bucket.rate;
        level.tokens = (level.tokens + gained).min(bucket.burst);
        level.as_of = now;
        // A sum of parts may miss the whole by a hair.
        let granted = level.tokens >= 1.0 - 1e-6;
        if granted {
            level.tokens -= 1.0;
        }
        granted
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Levels, Limits};

    #[tokio::test(start_paused = true)]
    async fn a_bucket_grants_its_burst_and_then_its_rate() {
        let limits = Limits::Kept { guess: 1.0 };
        let bucket = limits.of("sagemaker", "DescribeModel", false).unwrap();
        let mut levels = Levels::default();
        let at_once = (0..20).filter(|_| levels.take("x", bucket)).count();
        assert_eq!(at_once, 5);
        let mut granted = 0;
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            granted += usize::from(levels.take("x", bucket));
        }
        assert_eq!(granted, 50, "5 a second for 10 seconds");
        assert!(levels.take("y", bucket), "each operation has its own");
    }

    #[test]
    fn only_what_is_not_published_may_be_more_than_it_is_said_to_be() {
        let limits = Limits::Kept { guess: 4.0 };
        assert_eq!(limits.of("sagemaker", "ListTrainingJobs", true).unwrap().rate, 2.0);
        assert_eq!(limits.of("sagemaker", "ListModels", true).unwrap().rate, 8.0);
        assert_eq!(limits.of("ec2", "DescribeSecurityGroups", true).unwrap().rate, 20.0);
        assert_eq!(limits.of("ec2", "DescribeSecurityGroups", false).unwrap().rate, 10.0);
        assert_eq!(Limits::Off.of("ec2", "DescribeVpcs", true), None);
    }
}
