//! Kinds of resources that no control judges: what there is of them, and no more.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Collected, Source};

source!(CLUSTERS, "ListClusters", "The HyperPod clusters.");
source!(LABELING_JOBS, "ListLabelingJobs", "The labeling jobs.");
source!(COMPILATION_JOBS, "ListCompilationJobs", "The compilation jobs.");
source!(OPTIMIZATION_JOBS, "ListOptimizationJobs", "The optimization jobs.");
source!(INFERENCE_RECOMMENDATIONS_JOBS, "ListInferenceRecommendationsJobs", "The inference recommendations jobs.");
source!(EDGE_PACKAGING_JOBS, "ListEdgePackagingJobs", "The edge packaging jobs.");
source!(INFERENCE_EXPERIMENTS, "ListInferenceExperiments", "The inference experiments.");
source!(MLFLOW_TRACKING_SERVERS, "ListMlflowTrackingServers", "The MLflow tracking servers.");
source!(MLFLOW_APPS, "ListMlflowApps", "The MLflow apps.");
source!(PIPELINES, "ListPipelines", "The pipelines.");
source!(PARTNER_APPS, "ListPartnerApps", "The partner apps.");
source!(JOBS, "ListJobs", "The jobs of `CreateJob`, one category a call.");

/// A listing of something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listing {
    /// The kind, by the baseline's word for it.
    pub kind: &'static str,
    /// The part of the kind, where AWS lists it in parts.
    pub part: Option<&'static str>,
    /// The read.
    pub source: &'static Source,
}

const fn whole(kind: &'static str, source: &'static Source) -> Listing {
    Listing { kind, part: None, source }
}

const fn jobs(category: &'static str) -> Listing {
    Listing { kind: "jobs", part: Some(category), source: &JOBS }
}

/// The listings. The categories of jobs are those of the API model (`JobCategory`, botocore 1.44.8): no call lists jobs of all
/// categories.
pub const LISTINGS: [Listing; 16] = [
    whole("clusters", &CLUSTERS),
    whole("labeling_jobs", &LABELING_JOBS),
    whole("compilation_jobs", &COMPILATION_JOBS),
    whole("optimization_jobs", &OPTIMIZATION_JOBS),
    whole("inference_recommendations_jobs", &INFERENCE_RECOMMENDATIONS_JOBS),
    whole("edge_packaging_jobs", &EDGE_PACKAGING_JOBS),
    whole("inference_experiments", &INFERENCE_EXPERIMENTS),
    whole("mlflow_tracking_servers", &MLFLOW_TRACKING_SERVERS),
    whole("mlflow_apps", &MLFLOW_APPS),
    whole("pipelines", &PIPELINES),
    whole("partner_apps", &PARTNER_APPS),
    jobs("AgentRFT"),
    jobs("AgentRFTEvaluation"),
    jobs("DataQualityEvaluation"),
    jobs("DataTransformation"),
    jobs("SyntheticDataGeneration"),
];

/// Something that is counted. All kinds look the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// Its name.
    pub name: String,
    /// Its ARN; inference experiments are listed without.
    pub arn: Option<String>,
    /// Its status, where the kind has one.
    pub status: Option<String>,
    /// When it was made.
    pub created: Option<Timestamp>,
}

/// What is counted, by [`Listing::id`]. Each listing is there, if only as a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Collected<Counted>>")]
pub struct Counts(BTreeMap<String, Collected<Counted>>);

impl Listing {
    /// What tells the listing from all others: `pipelines`, `jobs/AgentRFT`.
    #[must_use]
    pub fn id(&self) -> String {
        match self.part {
            None => self.kind.to_owned(),
            Some(part) => format!("{}/{part}", self.kind),
        }
    }
}

impl Counts {
    /// Nothing but gaps.
    #[must_use]
    pub fn unread() -> Self {
        BTreeMap::new().into()
    }

    /// Every listing with what it listed.
    pub fn entries(&self) -> impl Iterator<Item = (Listing, &Collected<Counted>)> {
        LISTINGS.into_iter().filter_map(|listing| Some((listing, self.0.get(&listing.id())?)))
    }

    /// The same, to fill in or change.
    pub fn entries_mut(&mut self) -> impl Iterator<Item = (Listing, &mut Collected<Counted>)> {
        let of = |id: &str| LISTINGS.into_iter().find(|listing| listing.id() == id);
        self.0.iter_mut().filter_map(move |(id, found)| Some((of(id)?, found)))
    }
}

impl From<BTreeMap<String, Collected<Counted>>> for Counts {
    /// A snapshot of a version that did not know a listing did not make it.
    fn from(mut listings: BTreeMap<String, Collected<Counted>>) -> Self {
        for listing in LISTINGS {
            listings.entry(listing.id()).or_insert_with(|| Collected::unread(listing.source));
        }
        Self(listings)
    }
}
