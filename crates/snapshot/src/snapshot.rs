//! The record as a whole.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_names::{AccountId, Partition, Region};
use serde::{Deserialize, Serialize};

use crate::cloudtrail::CloudTrail;
use crate::codecommit::CodeCommit;
use crate::ec2::{Ec2, NOT_OPTED_IN, REGIONS};
use crate::iam::Iam;
use crate::kms::Kms;
use crate::logs::Logs;
use crate::s3::S3;
use crate::sagemaker::SageMaker;
use crate::servicecatalog::ServiceCatalog;
use crate::{Collected, Outcome, SCHEMA};

/// What one run saw in one account: global services once, regional ones per Region, every read with its outcome.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// The account that the credentials belong to, as `GetCallerIdentity` said.
    pub account: AccountId,
    /// The account's partition.
    pub partition: Partition,
    /// When it was read.
    pub window: Window,
    /// Every read of the run, by service, operation and Region.
    pub reads: Vec<ReadRecord>,
    /// What the reading cost.
    pub cost: Cost,
    /// The opt-in status of each Region of the partition, by its name, as EC2 spells it.
    #[serde(default = "unread_statuses")]
    pub region_status: Collected<String>,
    /// IAM, which is global.
    pub iam: Iam,
    /// S3, whose buckets name their own Region.
    pub s3: S3,
    /// The regional services.
    pub regions: BTreeMap<Region, Regional>,
}

/// The regional services of one Region.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regional {
    /// EC2 and VPC.
    pub ec2: Ec2,
    /// SageMaker.
    pub sagemaker: SageMaker,
    /// CloudTrail.
    pub cloudtrail: CloudTrail,
    /// KMS.
    pub kms: Kms,
    /// CloudWatch Logs.
    pub logs: Logs,
    /// Service Catalog.
    #[serde(default = "ServiceCatalog::unread")]
    pub servicecatalog: ServiceCatalog,
    /// CodeCommit.
    #[serde(default = "CodeCommit::unread")]
    pub codecommit: CodeCommit,
}

/// When the reading began and ended. A snapshot is not atomic: things may change between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Before the first read.
    pub started_at: Timestamp,
    /// After the last read; the moment as of which the snapshot is judged.
    pub finished_at: Timestamp,
}

/// One operation in one Region: how often it was called and how that ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReadRecord {
    /// The service, such as `ec2`.
    pub service: String,
    /// The operation, such as `DescribeVpcs`.
    pub operation: String,
    /// The Region; none for global services.
    pub region: Option<Region>,
    /// The worst ending among its calls.
    pub outcome: Outcome,
    /// HTTP requests sent, retries included.
    pub calls: u64,
    /// Items received.
    pub items: u64,
    /// Requests answered by a throttle.
    pub throttled: u64,
    /// What the worst ending said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What the reading cost.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Wall time of the reading, in seconds.
    pub seconds: f64,
    /// The least time that the rate limits allow for these calls, in seconds (LIMITS: the bound).
    pub bound_seconds: f64,
    /// Peak resident memory of the process, in MiB; 0 where it is not known.
    pub peak_memory_mb: u64,
}

impl Snapshot {
    /// A snapshot of nothing but gaps.
    #[must_use]
    pub fn unread(
        account: AccountId,
        partition: Partition,
        started_at: Timestamp,
        regions: impl IntoIterator<Item = Region>,
    ) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            account,
            partition,
            window: Window { started_at, finished_at: started_at },
            reads: Vec::new(),
            cost: Cost::default(),
            region_status: unread_statuses(),
            iam: Iam::unread(),
            s3: S3::unread(),
            regions: regions.into_iter().map(|region| (region, Regional::unread())).collect(),
        }
    }
}

/// Nobody has asked which Regions there are.
fn unread_statuses() -> Collected<String> {
    Collected::unread(&REGIONS)
}

impl Snapshot {
    /// Whether EC2 said that the account has not opted into the Region. A Region that was not heard of is not known to be
    /// closed.
    #[must_use]
    pub fn is_closed(&self, region: &Region) -> bool {
        matches!(self.region_status.get(region.as_str()), Ok(Some(status)) if status == NOT_OPTED_IN)
    }
}

impl Regional {
    /// A Region of nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        Self {
            ec2: Ec2::unread(),
            sagemaker: SageMaker::unread(),
            cloudtrail: CloudTrail::unread(),
            kms: Kms::unread(),
            logs: Logs::unread(),
            servicecatalog: ServiceCatalog::unread(),
            codecommit: CodeCommit::unread(),
        }
    }
}
