//! The account: how many of everything, and what each is called. Nothing is stored: the n-th of a kind is worked out.

use jiff::{SignedDuration, Timestamp};

/// The account's id.
pub const ACCOUNT: &str = "123456789012";
/// Where everything is.
pub const REGION: &str = "eu-west-1";
/// Subnets of each VPC.
pub const SUBNETS_OF_VPC: u64 = 12;
/// The prefix list that routes name.
pub const PREFIX_LIST: &str = "pl-6da54004";
/// Prefix lists of AWS.
pub const PREFIX_LISTS: u64 = 8;
/// Aliases of the keys that AWS manages.
pub const AWS_ALIASES: u64 = 12;
/// How long a training job ran.
const JOB_RAN: SignedDuration = SignedDuration::from_mins(10);

/// How many there are of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// VPCs; the first is the environment's.
    pub vpcs: u64,
    /// Route tables.
    pub route_tables: u64,
    /// Security groups.
    pub groups: u64,
    /// Network interfaces.
    pub interfaces: u64,
    /// VPC endpoints.
    pub vpc_endpoints: u64,
    /// Roles.
    pub roles: u64,
    /// Managed policies.
    pub policies: u64,
    /// Customer managed keys, all in use.
    pub keys: u64,
    /// Buckets of the baseline.
    pub buckets: u64,
    /// Log groups of SageMaker.
    pub log_groups: u64,
    /// Notebook instances.
    pub notebooks: u64,
    /// Studio domains.
    pub domains: u64,
    /// Endpoint configs.
    pub endpoint_configs: u64,
    /// Models.
    pub models: u64,
    /// Endpoints.
    pub endpoints: u64,
    /// Training jobs.
    pub jobs: Jobs,
}

/// The training jobs: evenly spread over a span of days, the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Jobs {
    /// How many.
    pub number: u64,
    /// How many of them, the newest, still run.
    pub running: u64,
    /// The age of the newest in days.
    pub from_days: u32,
    /// The age of the oldest in days.
    pub to_days: u32,
}

/// An account of some size, as of some time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account {
    /// How much there is.
    pub size: Size,
    /// When it is looked at.
    pub now: Timestamp,
}

impl Size {
    /// So many times the typical account: one environment with 400 roles and 50 SageMaker resources, 40 of which can only
    /// be described one by one.
    #[must_use]
    pub fn times(n: u64) -> Self {
        Self {
            vpcs: n,
            route_tables: 6 * n,
            groups: 30 * n,
            interfaces: 60 * n,
            vpc_endpoints: 12 * n,
            roles: 400 * n,
            policies: 20 * n,
            keys: 3 * n,
            buckets: 4 * n,
            log_groups: 20 * n,
            notebooks: 20 * n,
            domains: 2 * n,
            endpoint_configs: 18 * n,
            models: 5 * n,
            endpoints: 5 * n,
            jobs: Jobs { number: 50 * n, running: 2, from_days: 0, to_days: 30 },
        }
    }

    /// The same with other training jobs.
    #[must_use]
    pub fn with_jobs(self, jobs: Jobs) -> Self {
        Self { jobs, ..self }
    }

    /// Subnets.
    #[must_use]
    pub fn subnets(&self) -> u64 {
        SUBNETS_OF_VPC * self.vpcs
    }

    /// Aliases of keys.
    #[must_use]
    pub fn aliases(&self) -> u64 {
        self.keys + AWS_ALIASES
    }

    /// Everything but training jobs.
    #[must_use]
    pub fn others(&self) -> u64 {
        let network =
            self.vpcs + self.subnets() + self.route_tables + self.groups + self.interfaces + self.vpc_endpoints;
        let sagemaker = self.notebooks + self.domains + self.endpoint_configs + self.models + self.endpoints;
        network + sagemaker + self.roles + self.policies + self.keys + self.buckets + self.log_groups
    }
}

impl Jobs {
    /// Ended jobs of the last days.
    #[must_use]
    pub fn ended(number: u64, from_days: u32, to_days: u32) -> Self {
        Self { number, running: 0, from_days, to_days }
    }
}

impl Account {
    /// When the n-th newest training job was made.
    #[must_use]
    pub fn job_made(&self, n: u64) -> Timestamp {
        let jobs = &self.size.jobs;
        let span = i64::from(jobs.to_days.saturating_sub(jobs.from_days)) * 86_400_000;
        let step = span / i64::try_from(jobs.number.max(1)).unwrap_or(i64::MAX);
        let age = i64::from(jobs.from_days) * 86_400_000 + step * i64::try_from(n).unwrap_or(i64::MAX);
        // The newest was made an hour ago, so that all others have ended.
        ago(self.now, SignedDuration::from_millis(age.saturating_add(3_600_000)))
    }

    /// When it last changed: at its end, or if it runs a moment ago.
    #[must_use]
    pub fn job_changed(&self, n: u64) -> Timestamp {
        if self.job_runs(n) {
            return ago(self.now, SignedDuration::from_secs(i64::try_from(n).unwrap_or(0)));
        }
        self.job_made(n).checked_add(JOB_RAN).unwrap_or(self.now)
    }

    /// Whether it still runs.
    #[must_use]
    pub fn job_runs(&self, n: u64) -> bool {
        n < self.size.jobs.running
    }

    /// How many jobs were made at `since` or later.
    #[must_use]
    pub fn jobs_made_since(&self, since: Timestamp) -> u64 {
        first(self.size.jobs.number, |n| self.job_made(n) < since)
    }

    /// How many jobs changed at `since` or later.
    #[must_use]
    pub fn jobs_changed_since(&self, since: Timestamp) -> u64 {
        first(self.size.jobs.number, |n| self.job_changed(n) < since)
    }

    /// When everything but jobs was made: long ago.
    #[must_use]
    pub fn made(&self) -> Timestamp {
        ago(self.now, SignedDuration::from_hours(24 * 200))
    }
}

/// The first of `0..end` for which `is` holds, where it holds for all later ones too; `end` if for none.
fn first(end: u64, is: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        if is(middle) { high = middle } else { low = middle + 1 }
    }
    low
}

fn ago(now: Timestamp, by: SignedDuration) -> Timestamp {
    now.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// The id of the n-th resource of a kind, such as `subnet-0000000000000000c`.
#[must_use]
pub fn id(kind: &str, n: u64) -> String {
    format!("{kind}-{n:017x}")
}

/// The ARN of something in the account's Region.
#[must_use]
pub fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// The id of the n-th key.
#[must_use]
pub fn key_id(n: u64) -> String {
    format!("00000000-0000-4000-8000-{n:012x}")
}

/// The ARN of the n-th key of one use: keys are for data, volumes and logs in turn.
#[must_use]
pub fn key(size: &Size, purpose: Purpose, n: u64) -> String {
    let third = (size.keys / 3).max(1);
    arn("kms", &format!("key/{}", key_id((n % third) * 3 + purpose as u64)))
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Buckets, and what jobs write.
    Data = 0,
    /// Volumes and home directories.
    Volumes = 1,
    /// Log groups and trails.
    Logs = 2,
}

/// The name of the n-th bucket.
#[must_use]
pub fn bucket(n: u64) -> String {
    format!("load-bucket-{n:05}")
}

/// The names of the roles that the baseline binds, in its order; those after them are anybody's.
pub const ROLES: [&str; 7] = [
    "ds-user-role",
    "ds-launch-role",
    "ds-notebook-role",
    "ds-training-role",
    "ds-deploy-role",
    "ds-hosting-role",
    "ds-invoke-role",
];

/// The name of the n-th role.
#[must_use]
pub fn role(n: u64) -> String {
    let bound = usize::try_from(n).ok().and_then(|n| ROLES.get(n));
    bound.map_or_else(|| format!("app-role-{n:06}"), |name| (*name).to_owned())
}

/// The ARN of a role.
#[must_use]
pub fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{name}")
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Account, Jobs, Size};

    #[test]
    fn jobs_stand_newest_first_by_both_times() {
        let now = "2026-06-01T00:00:00Z".parse::<Timestamp>().unwrap();
        let account = Account { size: Size::times(1), now };
        for n in 1..account.size.jobs.number {
            assert!(account.job_made(n) < account.job_made(n - 1), "{n}");
            assert!(account.job_changed(n) < account.job_changed(n - 1), "{n}");
        }
        let size = Size::times(1).with_jobs(Jobs::ended(1000, 10, 20));
        let account = Account { size, now };
        assert_eq!(account.jobs_made_since(now - SignedDuration::from_hours(24 * 5)), 0);
        assert_eq!(account.jobs_made_since(now - SignedDuration::from_hours(24 * 30)), 1000);
        assert!((450..550).contains(&account.jobs_changed_since(now - SignedDuration::from_hours(24 * 15))));
    }
}
