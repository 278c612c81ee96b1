//! Carries messages to SNS and metrics to CloudWatch: batches, and a receipt for each entry. Never words or decides.

mod cloudwatch;
mod sns;

use aws_types::SdkConfig;
use plumbline_audit::{Deliver, DeliverError, Receipt};
use plumbline_findings::{AlertMessage, DigestMessage, Metric};

/// The topics and the namespace of one set-up.
#[derive(Debug, Clone)]
pub struct Publisher {
    topics: sns::Topics,
    metrics: cloudwatch::Metrics,
}

impl Publisher {
    /// The alerts topic, the digest topic if there is one, and the namespace of metrics.
    #[must_use]
    pub fn new(config: &SdkConfig, alerts: String, digest: Option<String>, namespace: String) -> Self {
        Self { topics: sns::Topics::new(config, alerts, digest), metrics: cloudwatch::Metrics::new(config, namespace) }
    }
}

impl Deliver for Publisher {
    async fn alert(&self, owed: &[AlertMessage]) -> Vec<Receipt> {
        self.topics.alerts(owed).await
    }

    async fn digest(&self, owed: &DigestMessage) -> Result<(), DeliverError> {
        self.topics.digest(owed).await
    }

    async fn measure(&self, metrics: &[Metric]) -> Result<(), DeliverError> {
        self.metrics.put(metrics).await
    }
}
