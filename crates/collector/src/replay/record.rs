//! Writes down what a real or emulated AWS answers, for [`super::Replay`] to play.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use plumbline_names::Operation;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::request::Request;
use crate::shape::Tag;

/// One request and its answer. Holds no credentials: of the request only method, host, path, query and body are kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Exchange {
    /// What was asked.
    pub operation: Operation,
    /// The Region that it was signed for.
    pub region: String,
    /// Method, host, path with query, and body.
    pub request: String,
    /// The status of the answer.
    pub status: u16,
    /// Its headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

/// An HTTP client that passes everything on to another one and keeps what it saw. Clones share what they keep.
#[derive(Debug, Clone)]
pub struct Recorder {
    inner: SharedHttpClient,
    kept: Arc<Mutex<Vec<Exchange>>>,
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    kept: Arc<Mutex<Vec<Exchange>>>,
}

impl Recorder {
    /// Passes everything on to `inner`.
    #[must_use]
    pub fn new(inner: SharedHttpClient) -> Self {
        Self { inner, kept: Arc::default() }
    }

    /// What it saw, sorted.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
        kept.sort();
        kept
    }
}

impl Exchange {
    /// The answer, for this request.
    pub(crate) fn answer(&self) -> Answer {
        let mut answer = Answer::body(self.status, self.body.as_str()).exactly(&self.request).in_region(&self.region);
        for (name, value) in &self.headers {
            // The length is that of the body played; a recorded one may count compressed bytes.
            if name != "content-length" {
                answer = answer.with_header(name, value);
            }
        }
        answer
    }
}

impl HttpClient for Recorder {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector { inner, kept: Arc::clone(&self.kept) })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // A request whose body is not in memory cannot be kept; it is passed on all the same.
        let asked = request.try_clone().and_then(|mut copy| {
            // A copy loses the note of the operation, without which REST-XML does not say its name.
            if let Some(tag) = request.extension::<Tag>() {
                copy.add_extension(tag.clone());
            }
            Request::of(copy).ok()
        });
        let (answer, kept) = (self.inner.call(request), Arc::clone(&self.kept));
        HttpConnectorFuture::new(async move {
            let response = answer.await?.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let (parts, body) = response.into_parts();
            let body = ByteStream::new(body).collect().await.map_err(|error| ConnectorError::io(error.into()))?;
            let body = body.into_bytes();
            if let Some((asked, _)) = asked {
                let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
                    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(Exchange {
                    operation: asked.operation,
                    region: asked.region,
                    request: asked.text,
                    status: parts.status.as_u16(),
                    headers: parts.headers.iter().map(header).collect(),
                    body: String::from_utf8_lossy(&body).into_owned(),
                });
            }
            let response = http::Response::from_parts(parts, SdkBody::from(body));
            HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
        })
    }
}
