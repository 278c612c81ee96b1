//! What must really be there in the body of an answer.
//!
//! The SDK's typed output hides what is missing: an absent list reads as an empty one, an empty body as an empty record.
//! So each collector lists for every operation which members its answer has to have, and the raw body is looked at.

use std::time::Duration;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use plumbline_names::Operation;
use serde_json::Value;

use crate::xml;

/// What the answer of one operation must have to be believed. Looked at for answers of success only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The API operation, such as `DescribeVpcs`.
    pub operation: &'static str,
    pub(crate) body: Body,
}

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// One whole JSON object.
    Json(&'static [Need]),
    /// One whole XML document with this root element.
    Xml(&'static str, &'static [Need]),
    /// No body, but these headers.
    Headers(&'static [&'static str]),
}

/// A member that must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Where it is: names joined by `/`, from the object or from inside the root element.
    pub path: &'static str,
    /// What it must be.
    pub kind: Kind,
    /// For lists: what each of its items must have, by paths from inside the item.
    pub each: &'static [&'static str],
}

/// What a member is. XML has no kinds: there only the element counts, and for [`Kind::Text`] that it is not empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A list; it may be empty.
    List,
    /// An object.
    Object,
    /// A text that is not empty.
    Text,
    /// True or false.
    Bool,
    /// A number.
    Number,
}

impl Shape {
    /// A JSON answer.
    #[must_use]
    pub const fn json(operation: &'static str, needs: &'static [Need]) -> Self {
        Self { operation, body: Body::Json(needs) }
    }

    /// An XML answer (EC2 query, IAM query, REST-XML) with this root element.
    #[must_use]
    pub const fn xml(operation: &'static str, root: &'static str, needs: &'static [Need]) -> Self {
        Self { operation, body: Body::Xml(root, needs) }
    }

    /// An answer without a body, as to HEAD, that must have these headers (lower case).
    #[must_use]
    pub const fn headers(operation: &'static str, headers: &'static [&'static str]) -> Self {
        Self { operation, body: Body::Headers(headers) }
    }
}

impl Need {
    /// A list at `path` whose every item has the members `each`.
    ///
    /// In XML the items are the child elements of the list's element, whatever they are called.
    #[must_use]
    pub const fn list(path: &'static str, each: &'static [&'static str]) -> Self {
        Self { path, kind: Kind::List, each }
    }

    /// A member of another kind.
    #[must_use]
    pub const fn one(path: &'static str, kind: Kind) -> Self {
        Self { path, kind, each: &[] }
    }
}

/// An answer of success that lacks what it must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Untrusted {
    /// A member is missing, or is something else.
    #[error("answer without `{0}`")]
    Without(String),
    /// A listed item lacks a member.
    #[error("answer with an item of `{0}` that has no `{1}`")]
    Item(String, String),
    /// The body is no whole document.
    #[error("answer cut or garbled: {0}")]
    Garbled(String),
}

/// The interceptor that looks at every answer of a client before its output is believed. Give it to the client's config.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    service: &'static str,
    shapes: &'static [Shape],
}

/// What [`Check`] writes on each request, so that whoever stands in for AWS knows what is asked.
#[derive(Debug, Clone)]
pub(crate) struct Tag {
    /// Service (as its sources name it) and operation.
    pub(crate) operation: Operation,
    /// The answer's shape.
    pub(crate) shape: Option<&'static Shape>,
}

impl Check {
    /// For the client of `service` (named as in its sources), whose answers have these shapes.
    #[must_use]
    pub fn of(service: &'static str, shapes: &'static [Shape]) -> Self {
        Self { service, shapes }
    }

    fn shape(&self, operation: &str) -> Option<&'static Shape> {
        self.shapes.iter().find(|shape| shape.operation == operation)
    }
}

impl Intercept for Check {
    fn name(&self) -> &'static str {
        "plumbline answers"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(called) = cfg.load::<Metadata>() {
            let operation = Operation::new(self.service, called.name());
            context.request_mut().add_extension(Tag { operation, shape: self.shape(called.name()) });
        }
        Ok(())
    }

    // WHY: only now is the body in memory; before deserialization it may still be on its way.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(called) = cfg.load::<Metadata>() else { return Err("operation without a name".into()) };
        let Some(shape) = self.shape(called.name()) else {
            return Err(format!("no shape is listed for `{}`", called.name()).into());
        };
        let response = context.response();
        let header = |name: &str| response.headers().get(name);
        match context.output_or_error() {
            Ok(_) => shape.check(header, response.body().bytes())?,
            // What could not be understood is an error already; an error that was understood must have come whole too.
            Err(_) if response.status().is_success() => {}
            Err(_) => shape.check_error(header, response.body().bytes())?,
        }
        Ok(())
    }
}

impl Shape {
    /// The members that the body must have.
    pub(crate) fn needs(&self) -> &'static [Need] {
        match self.body {
            Body::Json(needs) | Body::Xml(_, needs) => needs,
            Body::Headers(_) => &[],
        }
    }

    /// Whether an answer of success can be believed. `body` is `None` where it is not in memory.
    pub(crate) fn check<'a>(
        &self,
        header: impl Fn(&str) -> Option<&'a str>,
        body: Option<&[u8]>,
    ) -> Result<(), Untrusted> {
        if let Body::Headers(headers) = self.body {
            let missing = headers.iter().find(|name| header(name).is_none_or(str::is_empty));
            return missing.map_or(Ok(()), |name| Err(Untrusted::Without((*name).to_owned())));
        }
        let body = whole(header, body)?;
        match self.body {
            Body::Json(needs) => check_json(body, needs),
            Body::Xml(root, needs) => xml::check(body, Some(root), needs),
            Body::Headers(_) => Ok(()),
        }
    }

    /// Whether an error came whole, so that its code can be believed: a cut one must not pass for absence. An error
    /// without a body has no code; broken JSON has none either.
    pub(crate) fn check_error<'a>(
        &self,
        header: impl Fn(&str) -> Option<&'a str>,
        body: Option<&[u8]>,
    ) -> Result<(), Untrusted> {
        if matches!(self.body, Body::Headers(_)) {
            return Ok(());
        }
        let body = whole(header, body)?;
        if matches!(self.body, Body::Xml(..)) && !body.is_empty() { xml::check(body, None, &[]) } else { Ok(()) }
    }
}

/// The body, if as much came as was promised.
fn whole<'a, 'b>(header: impl Fn(&str) -> Option<&'a str>, body: Option<&'b [u8]>) -> Result<&'b [u8], Untrusted> {
    let body = body.ok_or_else(|| Untrusted::Garbled("its body is not at hand".to_owned()))?;
    match header("content-length").and_then(|length| length.parse::<usize>().ok()) {
        Some(promised) if promised != body.len() => {
            Err(Untrusted::Garbled(format!("{} bytes came of {promised}", body.len())))
        }
        _ => Ok(body),
    }
}

fn check_json(body: &[u8], needs: &[Need]) -> Result<(), Untrusted> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Untrusted::Garbled("its body is empty".to_owned()));
    }
    let answer: Value = serde_json::from_slice(body).map_err(|error| Untrusted::Garbled(error.to_string()))?;
    if !answer.is_object() {
        return Err(Untrusted::Garbled("it is no object".to_owned()));
    }
    for need in needs {
        let found = follow(&answer, need.path).filter(|value| match need.kind {
            Kind::List => value.is_array(),
            Kind::Object => value.is_object(),
            Kind::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Kind::Bool => value.is_boolean(),
            Kind::Number => value.is_number(),
        });
        let found = found.ok_or_else(|| Untrusted::Without(need.path.to_owned()))?;
        for item in found.as_array().into_iter().flatten() {
            if let Some(lacks) = need.each.iter().find(|path| follow(item, path).is_none()) {
                return Err(Untrusted::Item(need.path.to_owned(), (*lacks).to_owned()));
            }
        }
    }
    Ok(())
}

/// What stands at a path; `null` counts as missing.
fn follow<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('/').try_fold(value, |value, name| value.get(name)).filter(|value| !value.is_null())
}

/// The config that every collector makes its client from: no retries by the SDK, since the `Reader` pays for each attempt.
///
/// Connecting may take 3 s and the first byte 10 s where the config does not say otherwise (LIMITS §2).
#[must_use]
pub fn polite(config: &SdkConfig) -> SdkConfig {
    let given = config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled);
    let timeouts = given
        .to_builder()
        .connect_timeout(given.connect_timeout().unwrap_or(Duration::from_secs(3)))
        .read_timeout(given.read_timeout().unwrap_or(Duration::from_secs(10)))
        .build();
    config.to_builder().retry_config(RetryConfig::disabled()).timeout_config(timeouts).build()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Need, Shape};

    const SHAPE: Shape = Shape::json(
        "ListThings",
        &[Need::list("Page/Things", &["Name", "Of/Id"]), Need::one("More", Kind::Bool), Need::one("At", Kind::Text)],
    );

    fn said(body: &str) -> String {
        SHAPE.check(|_| None, Some(body.as_bytes())).map_or_else(|error| error.to_string(), |()| "good".to_owned())
    }

    #[test]
    fn json_members_must_be_there_and_of_their_kind() {
        assert_eq!(said(r#"{"Page":{"Things":[]},"More":false,"At":"x","New":1}"#), "good");
        assert_eq!(said(r#"{"Page":{"Things":[{"Name":"a","Of":{"Id":1}}]},"More":false,"At":"x"}"#), "good");
        assert_eq!(said(r#"{"Page":{},"More":false,"At":"x"}"#), "answer without `Page/Things`");
        assert_eq!(said(r#"{"Page":{"Things":null},"More":false,"At":"x"}"#), "answer without `Page/Things`");
        assert_eq!(said(r#"{"Page":{"Things":{}},"More":false,"At":"x"}"#), "answer without `Page/Things`");
        assert_eq!(said(r#"{"Page":{"Things":[]},"More":"no","At":"x"}"#), "answer without `More`");
        assert_eq!(said(r#"{"Page":{"Things":[]},"More":true,"At":""}"#), "answer without `At`");
        assert_eq!(
            said(r#"{"Page":{"Things":[{"Name":"a","Of":{}}]},"More":false,"At":"x"}"#),
            "answer with an item of `Page/Things` that has no `Of/Id`"
        );
    }

    #[test]
    fn json_must_be_whole() {
        for cut in ["", " ", "{", "null", "[]", "{}x", r#"{"Page":{"Things":["#, "\u{feff}{}"] {
            assert!(said(cut).starts_with("answer cut or garbled: "), "{cut}: {}", said(cut));
        }
        assert_eq!(said("{}"), "answer without `Page/Things`");
        let deep = "[".repeat(100_000);
        assert!(said(&deep).starts_with("answer cut or garbled: recursion limit"));
        let shape = Shape::json("X", &[]);
        assert!(shape.check(|_| None, Some(b"{\"a\":\"\xff\"}")).is_err());
    }

    #[test]
    fn the_promised_length_must_have_come() {
        let shape = Shape::json("X", &[]);
        let header = |name: &str| (name == "content-length").then_some("3");
        assert!(shape.check(header, Some(b"{ }")).is_ok());
        assert_eq!(
            shape.check(header, Some(b"{}")).unwrap_err().to_string(),
            "answer cut or garbled: 2 bytes came of 3"
        );
        assert!(shape.check(header, None).is_err());
        let xml = Shape::xml("X", "X", &[]);
        assert!(xml.check_error(|_| None, Some(b"<Error><Code>NoSuchX</Code></Error>")).is_ok());
        assert!(xml.check_error(|_| None, Some(b"")).is_ok());
        assert!(xml.check_error(|_| None, Some(b"<Error><Code>NoSuchX</Code><Mess")).is_err());
        assert!(xml.check_error(header, Some(b"")).is_err());
        let head = Shape::headers("HeadX", &["x-region"]);
        assert!(head.check(|name| (name == "x-region").then_some("eu-west-1"), None).is_ok());
        assert_eq!(head.check(|_| None, Some(b"")).unwrap_err().to_string(), "answer without `x-region`");
    }
}
