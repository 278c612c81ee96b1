//! SNS: the alerts topic by batches with a receipt for each entry, the digest topic one by one.
//!
//! Limits: "PublishBatch" (Amazon Simple Notification Service API Reference): ten entries, 262,144 bytes a batch, and an HTTP
//! 200 that can carry failures. What `render` hands over already fits.

use std::collections::BTreeSet;

use aws_sdk_sns::Client;
use aws_sdk_sns::error::{DisplayErrorContext, ProvideErrorMetadata};
use aws_sdk_sns::types::{MessageAttributeValue, PublishBatchRequestEntry};
use aws_types::SdkConfig;
use plumbline_audit::{DeliverError, Receipt};
use plumbline_findings::{AlertMessage, DigestMessage};
use plumbline_render::{batches, wire};

/// The topics of one set-up.
#[derive(Debug, Clone)]
pub(crate) struct Topics {
    client: Client,
    alerts: String,
    digest: Option<String>,
}

impl Topics {
    /// The topics by their ARNs. Where there is no digest topic, nobody is to get digests.
    pub(crate) fn new(config: &SdkConfig, alerts: String, digest: Option<String>) -> Self {
        Self { client: Client::new(config), alerts, digest }
    }

    /// Sends alerts; a receipt for each.
    pub(crate) async fn alerts(&self, messages: &[AlertMessage]) -> Vec<Receipt> {
        let mut receipts = Vec::with_capacity(messages.len());
        for batch in batches(messages) {
            let outcomes = self.batch(&batch).await;
            let ids = batch.iter().map(|message| message.id.clone());
            receipts.extend(ids.zip(outcomes).map(|(id, outcome)| Receipt { id, outcome }));
        }
        receipts
    }

    /// Sends one batch; an outcome for each entry.
    async fn batch(&self, batch: &[&AlertMessage]) -> Vec<Result<(), DeliverError>> {
        let all = |text: String| vec![Err(DeliverError(text)); batch.len()];
        let entries: Result<Vec<_>, String> =
            batch.iter().enumerate().map(|(index, message)| entry(index, message)).collect();
        let entries = match entries {
            Ok(entries) => entries,
            Err(text) => return all(text),
        };
        let call = self.client.publish_batch().topic_arn(&self.alerts);
        let answer = match call.set_publish_batch_request_entries(Some(entries)).send().await {
            Ok(answer) => answer,
            Err(error) => return all(said(&error, || DisplayErrorContext(&error).to_string())),
        };
        let sent: BTreeSet<&str> = answer.successful().iter().filter_map(|entry| entry.id()).collect();
        let outcome = |index: usize| {
            let id = index.to_string();
            if sent.contains(id.as_str()) {
                return Ok(());
            }
            let failed = answer.failed().iter().find(|entry| entry.id() == id);
            Err(DeliverError(failed.map_or_else(
                || "the answer does not mention it".to_owned(),
                |entry| format!("{}: {}", entry.code(), entry.message().unwrap_or("no message")),
            )))
        };
        (0..batch.len()).map(outcome).collect()
    }

    /// Sends one digest.
    pub(crate) async fn digest(&self, message: &DigestMessage) -> Result<(), DeliverError> {
        let Some(topic) = &self.digest else { return Ok(()) };
        let call = self.client.publish().topic_arn(topic).subject(&message.subject).message(&message.body);
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(DeliverError(said(&error, || DisplayErrorContext(&error).to_string()))),
        }
    }
}

/// One entry of a batch. `MessageStructure` stays unset, since attributes need that.
fn entry(index: usize, message: &AlertMessage) -> Result<PublishBatchRequestEntry, String> {
    let mut entry = PublishBatchRequestEntry::builder().id(index.to_string()).message(&message.body);
    for (name, value) in &message.attributes {
        let (kind, text) = wire(value);
        let value = MessageAttributeValue::builder().data_type(kind).string_value(text).build();
        entry = entry.message_attributes(name, value.map_err(|error| error.to_string())?);
    }
    entry.build().map_err(|error| error.to_string())
}

/// `code: message` of an error, or what else is known of it.
pub(crate) fn said(error: &impl ProvideErrorMetadata, else_: impl FnOnce() -> String) -> String {
    let text = match (error.code(), error.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        _ => else_(),
    };
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(300).collect()
}
