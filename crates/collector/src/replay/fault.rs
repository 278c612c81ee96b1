//! What AWS and the way to it do now and then.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;

use super::answer::Answer;
use super::request::{Dialect, Request};
use crate::shape::{Body, Shape};

/// A way for a read to go wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The service's own refusal.
    Denied,
    /// The service's own throttle.
    Throttled,
    /// The service's own internal error.
    Internal,
    /// Status 500 with a page of HTML, and so without a code.
    Html,
    /// Half the body, under a `Content-Length` of the whole.
    Cut,
    /// Half the body, without a `Content-Length`.
    CutQuietly,
    /// Success without a body.
    Empty,
    /// Success with an empty object, or with the root element only.
    Hollow,
    /// The member that the answer must have goes by another name.
    Garbled,
    /// The first listed item has no identity; where nothing is listed as [`Fault::Garbled`].
    Nameless,
    /// The connection is reset.
    Reset,
    /// No answer comes, ever.
    Hang,
    /// The operation does not exist in this Region.
    Unsupported,
    /// An error of one's own, written as the service writes it: status, code, message.
    Error(u16, String, String),
}

impl Fault {
    /// Every kind but [`Fault::Unsupported`] (which says what is true, rather than hiding it) and one's own.
    pub const ALL: [Self; 12] = [
        Self::Denied,
        Self::Throttled,
        Self::Internal,
        Self::Html,
        Self::Cut,
        Self::CutQuietly,
        Self::Empty,
        Self::Hollow,
        Self::Garbled,
        Self::Nameless,
        Self::Reset,
        Self::Hang,
    ];

    /// Whether the fault is made from the good answer.
    pub(crate) fn needs_answer(&self) -> bool {
        matches!(self, Self::Cut | Self::CutQuietly | Self::Hollow | Self::Garbled | Self::Nameless)
    }

    pub(crate) fn response(
        self,
        request: &Request,
        answer: Answer,
        shape: Option<&'static Shape>,
    ) -> Result<HttpResponse, ConnectorError> {
        let error = |status, code: &str, message: &str| Answer::error(status, code, message).response(request);
        let bare = Answer::body(200, "");
        if let (Some(Body::Headers(headers)), true) = (shape.map(|shape| shape.body), self.needs_answer()) {
            return answer.without_headers(headers).response(request);
        }
        match self {
            Self::Reset => Err(ConnectorError::io("connection reset by peer".into())),
            Self::Hang => Err(ConnectorError::timeout("hang".into())),
            Self::Denied => {
                let message = format!("User: replay is not authorized to perform: {}", request.operation);
                match request.dialect {
                    Dialect::Json => error(400, "AccessDeniedException", &message),
                    Dialect::Ec2Query => error(403, "UnauthorizedOperation", "You are not authorized."),
                    _ => error(403, "AccessDenied", &message),
                }
            }
            Self::Throttled => match request.dialect {
                Dialect::Json => error(400, "ThrottlingException", "Rate exceeded"),
                Dialect::Ec2Query => error(503, "RequestLimitExceeded", "Request limit exceeded."),
                Dialect::Query => error(400, "Throttling", "Rate exceeded"),
                Dialect::RestXml | Dialect::Head => error(503, "SlowDown", "Please reduce your request rate."),
            },
            Self::Internal => error(500, "InternalFailure", "An internal error occurred"),
            Self::Unsupported => match request.dialect {
                Dialect::Json => error(400, "UnknownOperationException", "Unknown operation"),
                Dialect::Ec2Query | Dialect::Query => error(400, "InvalidAction", "The action is not valid."),
                _ => error(400, "UnsupportedOperation", "Unsupported operation"),
            },
            Self::Error(status, code, message) => error(status, &code, &message),
            Self::Html => {
                let page = "<!doctype html><html><title>500 Internal Server Error</title></html>";
                Answer::body(500, page).with_header("content-type", "text/html").response(request)
            }
            Self::Empty => bare.response(request),
            Self::Cut => {
                let whole = answer.text().len().to_string();
                let half = half(answer.text());
                answer.with_body(half).with_header("content-length", &whole).response(request)
            }
            Self::CutQuietly => {
                let half = half(answer.text());
                // No length is promised: the header that the answer would get is overruled by an empty one.
                answer.with_body(half).with_header("content-length", "").response(request)
            }
            Self::Hollow => {
                let body = match shape.map(|shape| shape.body) {
                    Some(Body::Xml(root, _)) => format!("<{root}/>"),
                    _ => "{}".to_owned(),
                };
                answer.with_body(body).response(request)
            }
            Self::Garbled => {
                let body = garbled(answer.text(), shape);
                answer.with_body(body).response(request)
            }
            Self::Nameless => {
                let body = nameless(answer.text(), shape).unwrap_or_else(|| garbled(answer.text(), shape));
                answer.with_body(body).response(request)
            }
        }
    }
}

fn half(text: &str) -> String {
    text.chars().take(text.chars().count() / 2).collect()
}

/// The body with its first needed member under another name, or broken where none is needed.
fn garbled(text: &str, shape: Option<&Shape>) -> String {
    let needs = shape.map(Shape::needs).unwrap_or_default();
    let renamed = needs.first().and_then(|need| rename(text, last(need.path)));
    renamed.unwrap_or_else(|| text.replacen(['{', '<'], "?", 1))
}

/// The body whose first listed item has its first needed member under another name.
fn nameless(text: &str, shape: Option<&Shape>) -> Option<String> {
    let need = shape?.needs().iter().find(|need| !need.each.is_empty())?;
    let list = last(need.path);
    let at = text.find(&format!("\"{list}\"")).or_else(|| text.find(&format!("<{list}>")))?;
    let (before, after) = text.split_at(at + list.len());
    Some(format!("{before}{}", rename(after, last(need.each.first()?))?))
}

/// The text with the first member of this name renamed, as JSON or as XML.
fn rename(text: &str, name: &str) -> Option<String> {
    if text.contains(&format!("\"{name}\"")) {
        return Some(text.replacen(&format!("\"{name}\""), &format!("\"Un{name}\""), 1));
    }
    for empty in [format!("<{name}/>"), format!("<{name} />")] {
        if text.contains(&empty) && !text.contains(&format!("<{name}>")) {
            return Some(text.replacen(&empty, &format!("<Un{name}/>"), 1));
        }
    }
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    text.contains(&open)
        .then(|| text.replacen(&open, &format!("<Un{name}>"), 1).replacen(&close, &format!("</Un{name}>"), 1))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
