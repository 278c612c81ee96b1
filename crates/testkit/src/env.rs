//! The environment as one value: a snapshot and the baseline text that it is judged by. Edits are methods, added by
//! the file of each service.

use std::collections::BTreeMap;

use jiff::Timestamp;
use plumbline_names::{AccountId, Partition, Region};
use plumbline_snapshot::cloudtrail::CloudTrail;
use plumbline_snapshot::codecommit::CodeCommit;
use plumbline_snapshot::ec2::{self as ec2_reads, Ec2};
use plumbline_snapshot::iam::Iam;
use plumbline_snapshot::kms::Kms;
use plumbline_snapshot::logs::Logs;
use plumbline_snapshot::s3::S3;
use plumbline_snapshot::sagemaker::SageMaker;
use plumbline_snapshot::servicecatalog::ServiceCatalog;
use plumbline_snapshot::{
    Collected, Cost, Outcome, Read, ReadRecord, Regional, SCHEMA, Snapshot, Tags, Window, sources,
};

use crate::{baseline, cloudtrail, codecommit, ec2, iam, kms, logs, references, s3, sagemaker, servicecatalog};

/// The audited account.
pub const ACCOUNT: &str = "111122223333";
/// The environment's Region.
pub const REGION: &str = "eu-west-1";
/// A Region that the account has opted into.
pub const OPTED_IN: &str = "eu-south-1";
/// A Region that the account has not opted into.
pub const CLOSED: &str = "me-south-1";
/// The environment's name in the baseline.
pub const ENVIRONMENT: &str = "fraud-dev";
/// The moment as of which everything is judged: 2026-09-14T06:00:00Z, the end of the window.
pub const NOW: Timestamp = Timestamp::constant(1_789_365_600, 0);
/// When the reading began: 40 seconds before [`NOW`].
pub const STARTED: Timestamp = Timestamp::constant(1_789_365_560, 0);

/// Services that are read once and not for each Region.
const GLOBAL: [&str; 4] = ["iam", "s3", "s3control", "sts"];

/// A snapshot with the baseline that it is judged by.
///
/// Edits return the environment again, so they chain. Editing something that is not there panics.
#[derive(Debug, Clone, PartialEq)]
pub struct Env {
    /// What was seen.
    pub snapshot: Snapshot,
    /// The baseline file's text (YAML).
    pub baseline: String,
    /// The reference policies that it names, by their paths: what the known-good has.
    pub references: BTreeMap<String, Vec<u8>>,
}

/// The complete, compliant environment `fraud-dev` with all reads seen whole, and its baseline.
///
/// ```
/// let mut env = plumbline_testkit::known_good();
/// env.add_internet_gateway(plumbline_testkit::ec2::VPC).hide(&plumbline_snapshot::ec2::NAT_GATEWAYS);
/// assert_ne!(env, plumbline_testkit::known_good());
/// ```
#[must_use]
pub fn known_good() -> Env {
    let regional = Regional {
        ec2: ec2::known_good(),
        sagemaker: sagemaker::known_good(),
        cloudtrail: cloudtrail::known_good(),
        kms: kms::known_good(),
        logs: logs::known_good(),
        servicecatalog: servicecatalog::known_good(),
        codecommit: codecommit::known_good(),
    };
    let snapshot = Snapshot {
        schema: SCHEMA.to_owned(),
        account: account(),
        partition: Partition::named("aws"),
        window: Window { started_at: STARTED, finished_at: NOW },
        reads: complete_reads(),
        cost: Cost { seconds: 12.5, bound_seconds: 9.25, peak_memory_mb: 48 },
        region_status: Collected::whole(
            [(REGION, "opt-in-not-required"), (OPTED_IN, "opted-in"), (CLOSED, ec2_reads::NOT_OPTED_IN)]
                .map(|(name, status)| (name.to_owned(), status.to_owned())),
        ),
        iam: iam::known_good(),
        s3: s3::known_good(),
        regions: BTreeMap::from([(region(), regional)]),
    };
    let references = references::of(&snapshot);
    Env { snapshot, baseline: baseline::KNOWN_GOOD.to_owned(), references }
}

/// A moment written as RFC 3339.
///
/// # Panics
/// If it is none.
#[must_use]
pub fn when(text: &str) -> Timestamp {
    text.parse().expect("a moment as RFC 3339")
}

pub(crate) fn account() -> AccountId {
    ACCOUNT.parse().expect("an account id")
}

pub(crate) fn region() -> Region {
    REGION.parse().expect("a Region")
}

/// Tags from pairs.
pub(crate) fn tags(pairs: &[(&str, &str)]) -> Tags {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// Texts from literals.
pub(crate) fn texts<T: FromIterator<String>>(items: &[&str]) -> T {
    items.iter().map(|item| (*item).to_owned()).collect()
}

/// An optional text from a literal.
pub(crate) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// The items in order: lists in a snapshot are sorted.
pub(crate) fn sorted<T: Ord>(mut items: Vec<T>) -> Vec<T> {
    items.sort();
    items
}

/// A whole listing of items that know their ids.
pub(crate) fn whole<T>(items: impl IntoIterator<Item = T>, id: impl Fn(&T) -> &str) -> Collected<T> {
    Collected::whole(items.into_iter().map(|item| (id(&item).to_owned(), item)))
}

/// Changes one item of a listing.
pub(crate) fn change<T>(list: &mut Collected<T>, id: &str, edit: impl FnOnce(&mut T)) {
    if let Some(item) = list.item_mut(id) {
        return edit(item);
    }
    let there: Vec<&str> = list.entries().map(|(id, _)| id).collect();
    panic!("no `{id}` to edit; there are {there:?}");
}

/// Takes one item out of a listing.
pub(crate) fn take<T>(list: &mut Collected<T>, id: &str) {
    assert!(list.remove(id).is_some(), "no `{id}` to remove");
}

/// The seen value, to edit.
pub(crate) fn seen<'a, T>(read: &'a mut Read<T>, what: &str) -> &'a mut T {
    match read {
        Read::Seen(value) => value,
        Read::Gap(gap) => panic!("`{what}` was not seen and cannot be edited: {gap:?}"),
    }
}

/// The seen and present value, to edit.
pub(crate) fn present<'a, T>(read: &'a mut Read<Option<T>>, what: &str) -> &'a mut T {
    seen(read, what).as_mut().unwrap_or_else(|| panic!("`{what}` is absent and cannot be edited"))
}

/// Edits a text as JSON.
pub(crate) fn edit_json(text: &mut String, edit: impl FnOnce(&mut serde_json::Value)) {
    let mut value = serde_json::from_str(text).expect("JSON to edit");
    edit(&mut value);
    *text = value.to_string();
}

fn complete_reads() -> Vec<ReadRecord> {
    let mut reads: Vec<ReadRecord> = sources()
        .map(|source| ReadRecord {
            service: source.service.to_owned(),
            operation: source.operation.to_owned(),
            region: (!GLOBAL.contains(&source.service) && *source != ec2_reads::REGIONS).then(region),
            outcome: Outcome::Complete,
            calls: 1,
            items: 1,
            throttled: 0,
            error: None,
        })
        .collect();
    reads.sort();
    reads
}

impl Env {
    /// Applies edits to an owned environment: `known_good().with(|env| { env.remove_trail(TRAIL); })`.
    #[must_use]
    pub fn with(mut self, edits: impl FnOnce(&mut Self)) -> Self {
        edits(&mut self);
        self
    }

    /// The regional services of the environment's Region.
    pub fn regional(&mut self) -> &mut Regional {
        self.snapshot.regions.get_mut(&region()).expect("the environment's Region")
    }

    /// EC2, for what no edit covers.
    pub fn ec2(&mut self) -> &mut Ec2 {
        &mut self.regional().ec2
    }

    /// SageMaker, for what no edit covers.
    pub fn sagemaker(&mut self) -> &mut SageMaker {
        &mut self.regional().sagemaker
    }

    /// CloudTrail, for what no edit covers.
    pub fn cloudtrail(&mut self) -> &mut CloudTrail {
        &mut self.regional().cloudtrail
    }

    /// KMS, for what no edit covers.
    pub fn kms(&mut self) -> &mut Kms {
        &mut self.regional().kms
    }

    /// CloudWatch Logs, for what no edit covers.
    pub fn logs(&mut self) -> &mut Logs {
        &mut self.regional().logs
    }

    /// Service Catalog, for what no edit covers.
    pub fn servicecatalog(&mut self) -> &mut ServiceCatalog {
        &mut self.regional().servicecatalog
    }

    /// CodeCommit, for what no edit covers.
    pub fn codecommit(&mut self) -> &mut CodeCommit {
        &mut self.regional().codecommit
    }

    /// IAM, for what no edit covers.
    pub fn iam(&mut self) -> &mut Iam {
        &mut self.snapshot.iam
    }

    /// S3, for what no edit covers.
    pub fn s3(&mut self) -> &mut S3 {
        &mut self.snapshot.s3
    }

    /// Replaces the baseline text by what `edit` makes of it.
    pub fn baseline_edit(&mut self, edit: impl FnOnce(&str) -> String) -> &mut Self {
        self.baseline = edit(&self.baseline);
        self
    }

    /// Replaces `from` by `to` wherever it stands in the baseline text.
    ///
    /// # Panics
    /// If `from` does not stand there.
    pub fn replace_baseline(&mut self, from: &str, to: &str) -> &mut Self {
        assert!(self.baseline.contains(from), "the baseline does not contain `{from}`");
        self.baseline = self.baseline.replace(from, to);
        self
    }

    /// Adds a second environment in the same Region, with these further lines: `vpc: {tags: {Name: web-shop}}`.
    /// [`Env::add_to_baseline`] adds to it from then on.
    pub fn add_environment(&mut self, name: &str, lines: &str) -> &mut Self {
        self.baseline.push_str(&format!("\n  - name: {name}\n    region: {REGION}\n"));
        self.add_to_baseline(lines)
    }

    /// Adds lines to the end of the environment's block, indented as its keys are: `add_to_baseline("min_azs: 2")`.
    /// A key that is there already must be replaced instead, since YAML forbids it twice.
    pub fn add_to_baseline(&mut self, lines: &str) -> &mut Self {
        for line in lines.lines() {
            self.baseline.push_str("    ");
            self.baseline.push_str(line);
            self.baseline.push('\n');
        }
        self
    }
}
