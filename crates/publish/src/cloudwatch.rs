//! CloudWatch: metrics in as few calls as its limits allow.
//!
//! Limits: "PutMetricData" (Amazon CloudWatch API Reference): 1,000 metrics and 1 MB a call.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::error::DisplayErrorContext;
use aws_sdk_cloudwatch::types::{Dimension, MetricDatum, StandardUnit};
use aws_types::SdkConfig;
use plumbline_audit::DeliverError;
use plumbline_findings::{Metric, Unit};

use crate::sns::said;

/// Metrics a call: half of what is allowed, so that a call stays far below 1 MB.
const A_CALL: usize = 500;

/// One namespace.
#[derive(Debug, Clone)]
pub(crate) struct Metrics {
    client: Client,
    namespace: String,
}

impl Metrics {
    /// Metrics in `namespace`.
    pub(crate) fn new(config: &SdkConfig, namespace: String) -> Self {
        Self { client: Client::new(config), namespace }
    }

    /// Sends metrics.
    ///
    /// # Errors
    /// What CloudWatch said of the first call that failed; calls before it are counted, those after it are not made.
    pub(crate) async fn put(&self, metrics: &[Metric]) -> Result<(), DeliverError> {
        for part in metrics.chunks(A_CALL) {
            let data = part.iter().map(datum).collect();
            let call = self.client.put_metric_data().namespace(&self.namespace).set_metric_data(Some(data));
            call.send()
                .await
                .map_err(|error| DeliverError(said(&error, || DisplayErrorContext(&error).to_string())))?;
        }
        Ok(())
    }
}

fn datum(metric: &Metric) -> MetricDatum {
    let dimensions =
        metric.dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build()).collect();
    MetricDatum::builder()
        .metric_name(&metric.name)
        .value(metric.value)
        .unit(match metric.unit {
            Unit::Count => StandardUnit::Count,
            Unit::Percent => StandardUnit::Percent,
            Unit::Milliseconds => StandardUnit::Milliseconds,
        })
        .set_dimensions(Some(dimensions))
        .build()
}
