//! Which operation a request asks for, in which Region and which dialect.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use plumbline_names::Operation;

use crate::shape::{Shape, Tag};

/// A request as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What it asks for, by the name that the collectors' sources give the service.
    pub operation: Operation,
    /// The Region that it was signed for.
    pub region: String,
    /// Method, host, path with query, and body.
    pub text: String,
    pub(crate) dialect: Dialect,
}

/// How a service writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Json,
    Ec2Query,
    Query,
    RestXml,
    /// As REST-XML, but nothing has a body.
    Head,
}

impl Request {
    pub(crate) fn of(request: HttpRequest) -> Result<(Self, Option<&'static Shape>), BoxError> {
        let request = request.try_into_http1x()?;
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let (region, signed_for) = header("authorization").map(scope).unwrap_or_default();
        let body = text(request.body());
        let target = header("x-amz-target").and_then(|target| target.rsplit('.').next());
        let action = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let tag = request.extensions().get::<Tag>();
        let operation = match tag {
            Some(tag) => tag.operation.clone(),
            None => match target.or(action) {
                Some(name) => Operation::new(signed_for, name),
                None => Operation::new(signed_for, &format!("{} {path}", request.method())),
            },
        };
        let dialect = match (target, action) {
            (Some(_), _) => Dialect::Json,
            (None, Some(_)) if signed_for == "ec2" => Dialect::Ec2Query,
            (None, Some(_)) => Dialect::Query,
            (None, None) if request.method() == "HEAD" => Dialect::Head,
            (None, None) => Dialect::RestXml,
        };
        let host = request.uri().host().unwrap_or_default();
        let text = format!("{} {host}{path} {body}", request.method());
        Ok((Self { operation, region: region.to_owned(), text, dialect }, tag.and_then(|tag| tag.shape)))
    }
}

fn text(body: &SdkBody) -> String {
    String::from_utf8_lossy(body.bytes().unwrap_or_default()).into_owned()
}

/// Region and service of a signature: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn scope(authorization: &str) -> (&str, &str) {
    let credential = authorization.split_once("Credential=").map_or("", |(_, rest)| rest);
    let mut parts = credential.split('/').skip(2);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}
