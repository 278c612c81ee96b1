//! The front inside the process: an HTTP client of the SDK that asks the server directly. With tokio's clock paused an
//! audit takes virtual time only.

use std::sync::Arc;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use crate::request::{Answer, Request};
use crate::server::{Reply, Server};

/// The server as the SDK's HTTP client.
#[derive(Debug, Clone)]
pub struct Inside(pub Arc<Server>);

impl HttpClient for Inside {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Inside {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let server = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = read(request).map_err(ConnectorError::user)?;
            match server.ask(&request).await {
                Reply::Answer(answer) => response(answer).map_err(ConnectorError::user),
                Reply::Cut => Err(ConnectorError::io("connection reset by peer".into())),
            }
        })
    }
}

fn read(request: HttpRequest) -> Result<Request, BoxError> {
    let request = request.try_into_http1x()?;
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    Ok(Request::of(
        request.method().as_str(),
        target,
        header("authorization").unwrap_or_default(),
        header("x-amz-target"),
        request.body().bytes().unwrap_or_default(),
    ))
}

fn response(answer: Answer) -> Result<HttpResponse, BoxError> {
    let Answer { status, content_type, bucket_region, body } = answer;
    let mut response = http::Response::builder().status(status).header("content-type", content_type);
    if let Some(region) = bucket_region {
        response = response.header("x-amz-bucket-region", region);
    }
    Ok(HttpResponse::try_from(response.body(SdkBody::from(body))?)?)
}
