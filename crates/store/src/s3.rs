//! A bucket: conditional writes by ETag.
//!
//! Source: "How to prevent object overwrites with conditional writes" (Amazon S3 User Guide): a lost race is 412, a write
//! that another one overtakes is 409, and `If-Match` on an absent key is 404.

use aws_sdk_s3::Client;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_types::SdkConfig;
use plumbline_audit::{If, Key, Put, Store, StoreError, Version};

/// Objects below a prefix of a bucket.
#[derive(Debug, Clone)]
pub struct S3Store {
    client: Client,
    bucket: String,
    prefix: String,
}

impl S3Store {
    /// The store at `s3://bucket/prefix`. `path_style` puts the bucket into the path, as an endpoint of one's own needs.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String, prefix: String, path_style: bool) -> Self {
        let config = aws_sdk_s3::config::Builder::from(config).force_path_style(path_style).build();
        Self { client: Client::from_conf(config), bucket, prefix }
    }

    /// The object of this name below the prefix; none if there is none.
    ///
    /// # Errors
    /// [`StoreError`]: no permission, or S3 does not answer.
    pub async fn object(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.fetch(&self.name(name)).await?.map(|(body, _)| body))
    }

    fn name(&self, key: &str) -> String {
        if self.prefix.is_empty() { key.to_owned() } else { format!("{}/{key}", self.prefix) }
    }

    async fn fetch(&self, name: &str) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        let answer = match self.client.get_object().bucket(&self.bucket).key(name).send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => return Ok(None),
            Err(error) => return Err(self.failure(name, &error)),
        };
        let version = self.version(name, answer.e_tag)?;
        let body = answer.body.collect().await.map_err(|error| {
            StoreError::Failed(format!("`s3://{}/{name}`: the answer broke off: {error}", self.bucket))
        })?;
        Ok(Some((body.to_vec(), version)))
    }

    /// Without an ETag there is nothing to compare by, and comparing with nothing would overwrite blindly.
    fn version(&self, name: &str, tag: Option<String>) -> Result<Version, StoreError> {
        let missing = || StoreError::Failed(format!("`s3://{}/{name}`: the answer has no ETag", self.bucket));
        tag.map(Version).ok_or_else(missing)
    }

    fn failure<E: ProvideErrorMetadata + std::error::Error + 'static>(
        &self,
        name: &str,
        error: &SdkError<E, HttpResponse>,
    ) -> StoreError {
        let said = match (error.code(), error.message()) {
            (Some(code), Some(message)) => format!("{code}: {message}"),
            (Some(code), None) => code.to_owned(),
            _ => DisplayErrorContext(error).to_string(),
        };
        let said: String =
            said.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(300).collect();
        let text = format!("`s3://{}/{name}`: {said}", self.bucket);
        let denied = error.raw_response().is_some_and(|response| response.status().as_u16() == 403);
        if denied { StoreError::Denied(text) } else { StoreError::Failed(text) }
    }
}

impl Store for S3Store {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        self.fetch(&self.name(key.as_str())).await
    }

    async fn put(&self, key: &Key, body: Vec<u8>, when: If) -> Result<Put, StoreError> {
        let name = self.name(key.as_str());
        let call = self.client.put_object().bucket(&self.bucket).key(&name).body(ByteStream::from(body));
        let call = match when {
            If::Absent => call.if_none_match("*"),
            If::Unchanged(Version(tag)) => call.if_match(tag),
            If::Anything => call,
        };
        match call.send().await {
            Ok(answer) => Ok(Put::Done(self.version(&name, answer.e_tag)?)),
            Err(error) => {
                let code = error.code().unwrap_or_default();
                let status = error.raw_response().map_or(0, |response| response.status().as_u16());
                // A retry of a write that did arrive is refused as well: the caller looks again before it tries again.
                let lost = matches!(code, "PreconditionFailed" | "ConditionalRequestConflict")
                    || matches!(status, 409 | 412)
                    || code == "NoSuchKey";
                if lost { Ok(Put::Lost) } else { Err(self.failure(&name, &error)) }
            }
        }
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        let name = self.name(key.as_str());
        let removed = self.client.delete_object().bucket(&self.bucket).key(&name).send().await;
        removed.map(|_| ()).map_err(|error| self.failure(&name, &error))
    }
}
