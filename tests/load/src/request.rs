//! A request as a service sees it, and the answer that it gets.

use serde_json::Value;

/// What a service was asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Request {
    /// The service that it was signed for, such as `ec2`; S3 Control has a name of its own.
    pub service: String,
    /// The operation, such as `DescribeVpcs`.
    pub operation: String,
    /// The path without its query.
    pub path: String,
    /// What it asks for in particular.
    pub parameters: Parameters,
    dialect: Dialect,
}

/// The parameters of a request.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Parameters {
    /// None, or those of a path.
    #[default]
    None,
    /// Names and values, as the query protocols send them.
    Query(Vec<(String, String)>),
    /// An object.
    Json(Value),
}

/// How a service writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Dialect {
    #[default]
    Json,
    Ec2Query,
    Query,
    RestXml,
    Head,
}

/// What goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// The Region of a bucket, where S3 tells it in a header.
    pub bucket_region: Option<&'static str>,
    /// The body.
    pub body: String,
}

/// An error of a service: status, code, message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub u16, pub &'static str, pub String);

const JSON: &str = "application/x-amz-json-1.1";
const XML: &str = "text/xml";

impl Request {
    /// A request from its method, its path with query, two of its headers, and its body.
    #[must_use]
    pub fn of(method: &str, target: &str, authorization: &str, amz_target: Option<&str>, body: &[u8]) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut service = signed_for(authorization).to_owned();
        if let Some(operation) = amz_target.and_then(|target| target.rsplit('.').next()) {
            let parameters = Parameters::Json(serde_json::from_slice(body).unwrap_or(Value::Null));
            let operation = operation.to_owned();
            return Self { service, operation, path: path.to_owned(), parameters, dialect: Dialect::Json };
        }
        let text = String::from_utf8_lossy(body);
        let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
        let mut pairs: Vec<(String, String)> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        if let Some(at) = pairs.iter().position(|(name, _)| name == "Action") {
            let (_, operation) = pairs.swap_remove(at);
            pairs.retain(|(name, _)| name != "Version");
            let dialect = if service == "ec2" { Dialect::Ec2Query } else { Dialect::Query };
            return Self { service, operation, path: path.to_owned(), parameters: Parameters::Query(pairs), dialect };
        }
        let control = path.starts_with("/v20180820/");
        if control {
            "s3control".clone_into(&mut service);
        }
        let first = query.split(['&', '=']).next().unwrap_or_default();
        let (operation, dialect) = match (method, control, first) {
            ("HEAD", false, _) => ("HeadBucket", Dialect::Head),
            ("GET", false, "policy") => ("GetBucketPolicy", Dialect::RestXml),
            ("GET", false, "policyStatus") => ("GetBucketPolicyStatus", Dialect::RestXml),
            ("GET", false, "encryption") => ("GetBucketEncryption", Dialect::RestXml),
            ("GET", false, "publicAccessBlock") | ("GET", true, _) => ("GetPublicAccessBlock", Dialect::RestXml),
            _ => (method, Dialect::RestXml),
        };
        let (operation, path) = (operation.to_owned(), path.to_owned());
        Self { service, operation, path, parameters: Parameters::None, dialect }
    }

    /// Service and operation, such as `ec2:DescribeVpcs`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// The value of a parameter that is a text or a number.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        match &self.parameters {
            Parameters::None => None,
            Parameters::Query(pairs) => pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()),
            Parameters::Json(object) => match object.get(name)? {
                Value::String(text) => Some(text.clone()),
                other => Some(other.to_string()),
            },
        }
    }

    /// Whether a parameter is there.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Whether anything but these parameters is there, which this server would have to understand.
    ///
    /// # Errors
    /// The name of the first one.
    pub fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let names: Vec<&String> = match &self.parameters {
            Parameters::None => Vec::new(),
            Parameters::Query(pairs) => pairs.iter().map(|(name, _)| name).collect(),
            Parameters::Json(object) => object.as_object().into_iter().flat_map(|map| map.keys()).collect(),
        };
        match names.into_iter().find(|name| !known.contains(&name.as_str())) {
            Some(name) => Err(invalid(&format!("the load server does not know the parameter {name}"))),
            None => Ok(()),
        }
    }

    /// The service's answer that it was asked too fast.
    #[must_use]
    pub fn throttled(&self) -> Answer {
        let (status, code, message) = match self.dialect {
            Dialect::Json => (400, "ThrottlingException", "Rate exceeded"),
            Dialect::Ec2Query => (503, "RequestLimitExceeded", "Request limit exceeded."),
            Dialect::Query => (400, "Throttling", "Rate exceeded"),
            Dialect::RestXml | Dialect::Head => (503, "SlowDown", "Please reduce your request rate."),
        };
        self.refused(&Refusal(status, code, message.to_owned()))
    }

    /// The service's answer that something went wrong on its side.
    #[must_use]
    pub fn failed(&self) -> Answer {
        self.refused(&Refusal(500, "InternalFailure", "An internal error occurred".to_owned()))
    }

    /// An error, written as the service writes it.
    #[must_use]
    pub fn refused(&self, refusal: &Refusal) -> Answer {
        let Refusal(status, code, message) = refusal;
        let answer = |content_type, body| Answer { status: *status, content_type, bucket_region: None, body };
        match self.dialect {
            Dialect::Json => answer(JSON, format!("{{\"__type\":\"{code}\",\"message\":\"{message}\"}}")),
            Dialect::Ec2Query => answer(
                XML,
                format!(
                    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
                     <RequestID>r</RequestID></Response>"
                ),
            ),
            Dialect::Query => answer(
                XML,
                format!(
                    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                     <RequestId>r</RequestId></ErrorResponse>"
                ),
            ),
            Dialect::RestXml => answer(
                "application/xml",
                format!("<Error><Code>{code}</Code><Message>{message}</Message><RequestId>r</RequestId></Error>"),
            ),
            Dialect::Head => answer("application/xml", String::new()),
        }
    }
}

impl Answer {
    /// A body of JSON.
    #[must_use]
    pub fn json(body: String) -> Self {
        Self { status: 200, content_type: JSON, bucket_region: None, body }
    }

    /// A body of XML.
    #[must_use]
    pub fn xml(body: String) -> Self {
        Self { status: 200, content_type: XML, bucket_region: None, body }
    }
}

/// A refusal of what this server, or the service, does not take.
#[must_use]
pub fn invalid(message: &str) -> Refusal {
    Refusal(400, "ValidationException", message.to_owned())
}

/// The service of a signature: `Credential=KEY/DATE/REGION/SERVICE/aws4_request`.
fn signed_for(authorization: &str) -> &str {
    let credential = authorization.split_once("Credential=").map_or("", |(_, rest)| rest);
    credential.split('/').nth(3).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Request;

    fn signed(service: &str) -> String {
        format!("AWS4-HMAC-SHA256 Credential=AK/20260601/eu-west-1/{service}/aws4_request, SignedHeaders=host")
    }

    #[test]
    fn each_protocol_says_its_operation_in_its_own_place() {
        let json =
            Request::of("POST", "/", &signed("sagemaker"), Some("SageMaker.ListModels"), br#"{"MaxResults":100}"#);
        assert_eq!((json.name().as_str(), json.value("MaxResults").as_deref()), ("sagemaker:ListModels", Some("100")));
        assert!(json.only(&["MaxResults"]).is_ok() && json.only(&["NextToken"]).is_err());
        let query = b"Action=DescribeVpcs&Version=2016-11-15&MaxResults=1000";
        let query = Request::of("POST", "/", &signed("ec2"), None, query);
        assert_eq!((query.name().as_str(), query.value("MaxResults").as_deref()), ("ec2:DescribeVpcs", Some("1000")));
        assert!(query.only(&["MaxResults"]).is_ok());
        for (method, path, name) in [
            ("HEAD", "/b/", "s3:HeadBucket"),
            ("GET", "/b/?encryption", "s3:GetBucketEncryption"),
            ("GET", "/b/?policy", "s3:GetBucketPolicy"),
            ("GET", "/b/?policyStatus", "s3:GetBucketPolicyStatus"),
            ("GET", "/b/?publicAccessBlock", "s3:GetPublicAccessBlock"),
            ("GET", "/v20180820/configuration/publicAccessBlock", "s3control:GetPublicAccessBlock"),
        ] {
            assert_eq!(Request::of(method, path, &signed("s3"), None, b"").name(), name);
        }
    }

    #[test]
    fn a_throttle_is_written_as_the_service_writes_it() {
        let ec2 = Request::of("POST", "/", &signed("ec2"), None, b"Action=DescribeVpcs").throttled();
        assert_eq!((ec2.status, ec2.body.contains("RequestLimitExceeded")), (503, true));
        let kms = Request::of("POST", "/", &signed("kms"), Some("TrentService.ListAliases"), b"{}").throttled();
        assert_eq!((kms.status, kms.body.contains("ThrottlingException")), (400, true));
    }
}
