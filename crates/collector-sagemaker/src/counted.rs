//! The listings of what is only counted, the newest first where AWS can sort.

use aws_sdk_sagemaker::types::{
    self as aws, ClusterSortBy, JobCategory, ListCompilationJobsSortBy, ListEdgePackagingJobsSortBy,
    ListInferenceRecommendationsJobsSortBy, ListOptimizationJobsSortBy, SortBy, SortInferenceExperimentsBy,
    SortMlflowAppBy, SortOrder, SortPipelinesBy, SortTrackingServerBy,
};
use plumbline_collector::{Next, Page, Reader, each};
use plumbline_snapshot::Collected;
use plumbline_snapshot::sagemaker::counted::{self, Counted, Counts, Listing};

use crate::SageMakerCollector;
use crate::convert::counted::counted;
use crate::limits::{AT_ONCE, PAGE};

/// The newest first.
const NEWEST: SortOrder = SortOrder::Descending;

impl SageMakerCollector {
    /// Makes every listing.
    pub(crate) async fn counts(&self, reader: &Reader, counts: &mut Counts) {
        let all: Vec<_> = counts.entries_mut().collect();
        each(all, AT_ONCE, |(listing, found)| self.count(reader, listing, found)).await;
    }

    /// Makes one listing.
    async fn count(&self, reader: &Reader, listing: Listing, found: &mut Collected<Counted>) {
        let (client, source) = (&self.client, listing.source);
        match *source {
            counted::CLUSTERS => {
                let call = |token| {
                    let call = client.list_clusters().sort_by(ClusterSortBy::CreationTime).sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.cluster_summaries().iter().map(|item| {
                            let status = item.cluster_status().map(aws::ClusterStatus::as_str);
                            counted(item.cluster_name(), item.cluster_arn(), status, item.creation_time())
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::LABELING_JOBS => {
                let call = |token| {
                    let call = client.list_labeling_jobs().sort_by(SortBy::CreationTime).sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.labeling_job_summary_list().iter().map(|item| {
                            let status = item.labeling_job_status().map(aws::LabelingJobStatus::as_str);
                            counted(item.labeling_job_name(), item.labeling_job_arn(), status, item.creation_time())
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::COMPILATION_JOBS => {
                let call = |token| {
                    let call = client
                        .list_compilation_jobs()
                        .sort_by(ListCompilationJobsSortBy::CreationTime)
                        .sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.compilation_job_summaries().iter().map(|item| {
                            let status = item.compilation_job_status().map(aws::CompilationJobStatus::as_str);
                            counted(
                                item.compilation_job_name(),
                                item.compilation_job_arn(),
                                status,
                                item.creation_time(),
                            )
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::OPTIMIZATION_JOBS => {
                let call = |token| {
                    let call = client
                        .list_optimization_jobs()
                        .sort_by(ListOptimizationJobsSortBy::CreationTime)
                        .sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.optimization_job_summaries().iter().map(|item| {
                            let status = item.optimization_job_status().map(aws::OptimizationJobStatus::as_str);
                            counted(
                                item.optimization_job_name(),
                                item.optimization_job_arn(),
                                status,
                                item.creation_time(),
                            )
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::INFERENCE_RECOMMENDATIONS_JOBS => {
                let call = |token| {
                    let call = client
                        .list_inference_recommendations_jobs()
                        .sort_by(ListInferenceRecommendationsJobsSortBy::CreationTime)
                        .sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.inference_recommendations_jobs().iter().map(|item| {
                            let status = item.status().map(aws::RecommendationJobStatus::as_str);
                            counted(item.job_name(), item.job_arn(), status, item.creation_time())
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::EDGE_PACKAGING_JOBS => {
                let call = |token| {
                    let call = client
                        .list_edge_packaging_jobs()
                        .sort_by(ListEdgePackagingJobsSortBy::CreationTime)
                        .sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.edge_packaging_job_summaries().iter().map(|item| {
                            let status = item.edge_packaging_job_status().map(aws::EdgePackagingJobStatus::as_str);
                            counted(
                                item.edge_packaging_job_name(),
                                item.edge_packaging_job_arn(),
                                status,
                                item.creation_time(),
                            )
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::INFERENCE_EXPERIMENTS => {
                let call = |token| {
                    let call = client
                        .list_inference_experiments()
                        .sort_by(SortInferenceExperimentsBy::CreationTime)
                        .sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.inference_experiments().iter().map(|item| {
                            let status = item.status().map(aws::InferenceExperimentStatus::as_str);
                            counted(item.name(), None, status, item.creation_time())
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::MLFLOW_TRACKING_SERVERS => {
                let call = |token| {
                    let call = client
                        .list_mlflow_tracking_servers()
                        .sort_by(SortTrackingServerBy::CreationTime)
                        .sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.tracking_server_summaries().iter().map(|item| {
                            let status = item.tracking_server_status().map(aws::TrackingServerStatus::as_str);
                            counted(
                                item.tracking_server_name(),
                                item.tracking_server_arn(),
                                status,
                                item.creation_time(),
                            )
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::MLFLOW_APPS => {
                let call = |token| {
                    let call = client.list_mlflow_apps().sort_by(SortMlflowAppBy::CreationTime).sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.summaries().iter().map(|item| {
                            let status = item.status().map(aws::MlflowAppStatus::as_str);
                            counted(item.name(), item.arn(), status, item.creation_time())
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::PIPELINES => {
                let call = |token| {
                    let call = client.list_pipelines().sort_by(SortPipelinesBy::CreationTime).sort_order(NEWEST);
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.pipeline_summaries().iter().map(|item| {
                            let status = None;
                            counted(item.pipeline_name(), item.pipeline_arn(), status, item.creation_time())
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::PARTNER_APPS => {
                let call = |token| {
                    let call = client.list_partner_apps();
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.summaries().iter().map(|item| {
                            let status = item.status().map(aws::PartnerAppStatus::as_str);
                            counted(item.name(), item.arn(), status, item.creation_time())
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            counted::JOBS => {
                let category = JobCategory::from(listing.part.unwrap_or_default());
                let call = |token| {
                    let call = client
                        .list_jobs()
                        .sort_by(SortBy::CreationTime)
                        .sort_order(NEWEST)
                        .job_category(category.clone());
                    Box::pin(call.max_results(PAGE).set_next_token(token).send())
                };
                reader
                    .list(source, found, call, |answer| {
                        let items = answer.job_summaries().iter().map(|item| {
                            let status = item.job_status().map(aws::JobStatus::as_str);
                            counted(item.job_name(), item.job_arn(), status, item.creation_time())
                        });
                        Page::of(items, Next::token(answer.next_token()))
                    })
                    .await;
            }
            _ => {}
        }
    }
}
