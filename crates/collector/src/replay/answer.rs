//! One answer, and how an error is written in each dialect.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use super::request::{Dialect, Request};

/// An answer, and which requests get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    content: Content,
    when: Vec<String>,
    exactly: Option<String>,
    region: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Body(String),
    Error { code: String, message: String },
}

impl Answer {
    /// Status 200 with a JSON body.
    #[must_use]
    pub fn json(body: impl Into<String>) -> Self {
        Self::body(200, body).with_header("content-type", "application/x-amz-json-1.1")
    }

    /// Status 200 with an XML body.
    #[must_use]
    pub fn xml(body: impl Into<String>) -> Self {
        Self::body(200, body).with_header("content-type", "text/xml")
    }

    /// Any status with any body.
    #[must_use]
    pub fn body(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content: Content::Body(body.into()),
            when: Vec::new(),
            exactly: None,
            region: None,
        }
    }

    /// An error as the service asked writes it.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let content = Content::Error { code: code.to_owned(), message: message.to_owned() };
        Self { content, ..Self::body(status, "") }
    }

    /// The same with a header; names in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Only for requests that have `part` in their method, host, path, query or body, as they are sent: in the paths,
    /// queries and forms of EC2, IAM and S3 most letters but `A-Za-z0-9-._~` are percent-encoded.
    #[must_use]
    pub fn when(mut self, part: &str) -> Self {
        self.when.push(part.to_owned());
        self
    }

    /// Only for requests that are exactly this (see [`Request::text`]), or if none is, in order.
    #[must_use]
    pub fn exactly(mut self, text: &str) -> Self {
        self.exactly = Some(text.to_owned());
        self
    }

    /// Only for requests signed for `region`.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        self.region = Some(region.to_owned());
        self
    }

    /// Whether `request` gets this answer.
    pub(crate) fn fits(&self, request: &Request) -> bool {
        self.resembles(request) && self.exactly.as_ref().is_none_or(|text| *text == request.text)
    }

    /// Whether only some requests get this answer.
    pub(crate) fn is_conditional(&self) -> bool {
        self.exactly.is_some() || self.region.is_some() || !self.when.is_empty()
    }

    /// Whether the same requests get this answer and `other`.
    pub(crate) fn has_conditions_of(&self, other: &Self) -> bool {
        (&self.exactly, &self.region, &self.when) == (&other.exactly, &other.region, &other.when)
    }

    /// The same, whatever was recorded of the request's text.
    pub(crate) fn resembles(&self, request: &Request) -> bool {
        self.region.as_ref().is_none_or(|region| *region == request.region)
            && self.when.iter().all(|part| request.text.contains(part.as_str()))
    }

    /// The body as text; of an error none.
    pub(crate) fn text(&self) -> &str {
        match &self.content {
            Content::Body(body) => body,
            Content::Error { .. } => "",
        }
    }

    /// The same answer with another body.
    pub(crate) fn with_body(self, body: String) -> Self {
        Self { content: Content::Body(body), ..self }
    }

    /// The same answer without some headers.
    pub(crate) fn without_headers(mut self, names: &[&str]) -> Self {
        self.headers.retain(|(name, _)| !names.contains(&name.as_str()));
        self
    }

    pub(crate) fn response(self, request: &Request) -> Result<HttpResponse, ConnectorError> {
        let body = match (self.content, request.dialect) {
            (_, Dialect::Head) => String::new(),
            (Content::Body(body), _) => body,
            // S3 Control wraps its errors as the query services do.
            (Content::Error { code, message }, Dialect::RestXml) if request.operation.service() == "s3control" => {
                error_body(Dialect::Query, &code, &message)
            }
            (Content::Error { code, message }, dialect) => error_body(dialect, &code, &message),
        };
        let mut response = http::Response::builder().status(self.status).header("x-amzn-requestid", "replay");
        for (name, value) in &self.headers {
            response = response.header(name, value);
        }
        if request.dialect != Dialect::Head && !self.headers.iter().any(|(name, _)| name == "content-length") {
            response = response.header("content-length", body.len());
        }
        let response = response.body(SdkBody::from(body)).map_err(|error| ConnectorError::user(error.into()))?;
        HttpResponse::try_from(response).map_err(|error| ConnectorError::user(error.into()))
    }
}

fn error_body(dialect: Dialect, code: &str, message: &str) -> String {
    match dialect {
        Dialect::Json => serde_json::json!({ "__type": code, "message": message }).to_string(),
        Dialect::Ec2Query => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code>\
             <Message>{message}</Message></Error></Errors><RequestID>replay</RequestID></Response>"
        ),
        Dialect::Query => format!(
            "<ErrorResponse xmlns=\"https://example.com/doc/\"><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>{message}</Message></Error><RequestId>replay</RequestId></ErrorResponse>"
        ),
        Dialect::RestXml => format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>\
             <RequestId>replay</RequestId></Error>"
        ),
        Dialect::Head => String::new(),
    }
}
