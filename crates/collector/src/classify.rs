//! What went wrong with a call, and what that makes of the read.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use plumbline_snapshot::Why;

use crate::shape::Untrusted;

/// A call without a good answer, free of SDK types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What the read's gap says.
    pub why: Why,
    /// Code and message, or what the transport said; short, without control characters.
    pub detail: String,
    /// The service's error code.
    pub code: Option<String>,
    /// The service's message.
    pub message: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Whether the answer had no body.
    pub bodiless: bool,
    /// Whether the same call may succeed later in this run.
    pub passing: bool,
}

/// Which answers mean that the thing asked about does not exist. An authorization failure never does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Absent {
    codes: &'static [&'static str],
    message: Option<(&'static str, &'static [&'static str])>,
    bare_404: bool,
}

impl Failure {
    /// A failure that no answer stands behind.
    pub(crate) fn own(why: Why, detail: impl Into<String>, passing: bool) -> Self {
        Self { why, detail: detail.into(), code: None, message: None, status: None, bodiless: false, passing }
    }

    /// Whether the service refused the question itself, such as a token that it no longer knows.
    pub(crate) fn is_refusal(&self) -> bool {
        self.why == Why::Failed && self.status.is_some_and(|status| (400..=499).contains(&status))
    }
}

impl Absent {
    /// Exactly these error codes.
    #[must_use]
    pub const fn codes(codes: &'static [&'static str]) -> Self {
        Self { codes, message: None, bare_404: false }
    }

    /// Also `code` where the message has one of `fragments` in it.
    #[must_use]
    pub const fn or_message(mut self, code: &'static str, fragments: &'static [&'static str]) -> Self {
        self.message = Some((code, fragments));
        self
    }

    /// Also status 404 without a body, which is all that HEAD can say.
    #[must_use]
    pub const fn or_bare_404(mut self) -> Self {
        self.bare_404 = true;
        self
    }

    /// Whether `failure` means absence.
    #[must_use]
    pub fn is(&self, failure: &Failure) -> bool {
        if matches!(failure.why, Why::Denied | Why::Throttled) || failure.status.is_none_or(|status| status >= 500) {
            return false;
        }
        let code = failure.code.as_deref();
        let by_code = code.is_some_and(|code| self.codes.contains(&code));
        let by_message = self.message.is_some_and(|(wanted, fragments)| {
            code == Some(wanted)
                && failure.message.as_ref().is_some_and(|said| fragments.iter().any(|part| said.contains(part)))
        });
        by_code || by_message || (self.bare_404 && failure.status == Some(404) && failure.bodiless)
    }
}

/// Error codes of refused permission or of credentials that do not hold here, beside all that begin with `AccessDenied`.
const DENIED: &[&str] = &[
    "AccountProblem",
    "AllAccessDisabled",
    "AuthFailure",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Blocked",
    "CredentialsNotSupported",
    "ExpiredToken",
    "ExpiredTokenException",
    "Forbidden",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "NotAuthorizedException",
    "NotSignedUp",
    "OptInRequired",
    "PendingVerification",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "SubscriptionRequiredException",
    "TokenRefreshRequired",
    "UnauthorizedException",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Error codes whose message may quote the request.
const SIGNATURE: &[&str] = &["IncompleteSignature", "InvalidSignatureException", "SignatureDoesNotMatch"];

/// Error codes of a rate limit.
const THROTTLED: &[&str] = &[
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "Throttled",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequests",
    "TooManyRequestsException",
];

/// Error codes of an operation that does not exist in the Region asked.
const UNSUPPORTED: &[&str] = &[
    "InvalidAction",
    "UnknownOperation",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
];

/// The longest detail of a gap, in characters.
const DETAIL: usize = 240;
/// The longest part of it that is a message of the service or the transport, in characters.
const MESSAGE: usize = 200;

/// What became of a call, by its SDK error.
pub(crate) fn classify<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let (code, message) = match error {
        SdkError::ServiceError(service) => (service.err().code(), service.err().message()),
        _ => (None, None),
    };
    let (kind, source): (&str, Option<&(dyn Error + 'static)>) = match error {
        SdkError::ConstructionFailure(_) => ("request not built", error.source()),
        SdkError::TimeoutError(_) => ("timed out", None),
        SdkError::DispatchFailure(_) => ("no answer", error.source()),
        SdkError::ResponseError(_) => ("answer not understood", error.source()),
        SdkError::ServiceError(_) => ("answer not understood", error.source()),
        _ => ("failed", None),
    };
    judge(&Said { kind, code, message, source, response: error.raw_response() })
}

/// The parts of an SDK error that count.
struct Said<'a> {
    kind: &'static str,
    code: Option<&'a str>,
    message: Option<&'a str>,
    source: Option<&'a (dyn Error + 'static)>,
    response: Option<&'a HttpResponse>,
}

fn judge(said: &Said<'_>) -> Failure {
    let status = said.response.map(|response| response.status().as_u16());
    let empty = said.response.is_some_and(|response| response.body().bytes().is_none_or(<[u8]>::is_empty));
    let code = said.code.filter(|code| !code.is_empty());
    let why = match (code, status) {
        (Some(code), _) if code.starts_with("AccessDenied") || DENIED.contains(&code) => Why::Denied,
        (Some(code), _) if THROTTLED.contains(&code) => Why::Throttled,
        (_, Some(429)) => Why::Throttled,
        // An answer to HEAD has no body to say `SlowDown` in.
        (None, Some(503)) if empty => Why::Throttled,
        (Some(code), Some(400..=499)) if UNSUPPORTED.contains(&code) => Why::Unsupported,
        (None, Some(401 | 403)) => Why::Denied,
        _ => Why::Failed,
    };
    let untrusted = said.source.and_then(find_untrusted).filter(|_| why == Why::Failed);
    let answered = matches!(status, Some(300..=499)) && status != Some(408) && untrusted.is_none();
    let passing = why == Why::Throttled || (why == Why::Failed && !answered && said.kind != "request not built");
    let detail = match (code, status, untrusted) {
        (_, _, Some(untrusted)) => tidy(&untrusted.to_string(), DETAIL),
        (Some(code), _, _) => join(&tidy(code, MESSAGE), quotable(code, said.message.unwrap_or_default())),
        (None, Some(status), _) if !(200..300).contains(&status) => format!("HTTP {status}"),
        _ => join(said.kind, &said.source.map(innermost).unwrap_or_default()),
    };
    Failure {
        why,
        detail,
        code: code.map(|code| tidy(code, MESSAGE)),
        message: said.message.map(str::to_owned),
        status,
        bodiless: empty && untrusted.is_none(),
        passing,
    }
}

/// The part of a message that may be shown and is the same from call to call.
///
/// A refused signature is explained with the request's headers, security token included; EC2 appends an encoded
/// explanation that differs each time.
fn quotable<'a>(code: &str, message: &'a str) -> &'a str {
    if SIGNATURE.contains(&code) {
        return "";
    }
    message.split_once("Encoded authorization failure message").map_or(message, |(before, _)| before)
}

fn join(head: &str, message: &str) -> String {
    let message = tidy(message, MESSAGE);
    if message.is_empty() { head.to_owned() } else { format!("{head}: {message}") }
}

/// The error at the bottom of the chain says most, and has no credentials in it: the SDK keeps them out of its errors.
fn innermost(error: &(dyn Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn find_untrusted<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Untrusted> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref::<Untrusted>() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// One line of at most `most` characters, in which nothing can move a cursor or a column.
pub(crate) fn tidy(text: &str, most: usize) -> String {
    let mut line = String::new();
    for (count, letter) in text.trim().chars().enumerate() {
        if count >= most {
            line.push('…');
            break;
        }
        if letter.is_control() || is_format(letter) {
            line.extend(letter.escape_unicode());
        } else {
            line.push(letter);
        }
    }
    line
}

/// Letters that are not seen but change how others are shown: bidirectional marks, joiners, line separators.
fn is_format(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
    use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use plumbline_snapshot::Why;

    use super::{Absent, Failure, Untrusted, classify};

    fn service(status: u16, code: &str, message: &str, body: &'static str) -> SdkError<ErrorMetadata, HttpResponse> {
        let meta = ErrorMetadata::builder();
        let meta = if code.is_empty() { meta.build() } else { meta.code(code).message(message).build() };
        SdkError::service_error(meta, response(status, body))
    }

    fn response(status: u16, body: &'static str) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))
    }

    fn of(status: u16, code: &str) -> Failure {
        classify(&service(status, code, "m", "x"))
    }

    #[test]
    fn codes_and_statuses() {
        for (status, code, why, passing) in [
            (403, "AccessDenied", Why::Denied, false),
            (400, "AccessDeniedException", Why::Denied, false),
            (403, "UnauthorizedOperation", Why::Denied, false),
            (401, "AuthFailure", Why::Denied, false),
            (400, "UnrecognizedClientException", Why::Denied, false),
            (403, "InvalidClientTokenId", Why::Denied, false),
            (403, "ExpiredToken", Why::Denied, false),
            (400, "ExpiredTokenException", Why::Denied, false),
            (401, "OptInRequired", Why::Denied, false),
            (403, "", Why::Denied, false),
            (404, "AccessDenied", Why::Denied, false),
            (400, "Throttling", Why::Throttled, true),
            (400, "ThrottlingException", Why::Throttled, true),
            (503, "RequestLimitExceeded", Why::Throttled, true),
            (503, "SlowDown", Why::Throttled, true),
            (429, "", Why::Throttled, true),
            (429, "TooManyRequestsException", Why::Throttled, true),
            (400, "UnknownOperationException", Why::Unsupported, false),
            (400, "InvalidAction", Why::Unsupported, false),
            (500, "UnsupportedOperation", Why::Failed, true),
            (400, "UnknownOperationExceptionX", Why::Failed, false),
            (500, "", Why::Failed, true),
            (503, "", Why::Failed, true),
            (500, "InternalFailure", Why::Failed, true),
            (408, "RequestTimeout", Why::Failed, true),
            (400, "ValidationException", Why::Failed, false),
            (404, "", Why::Failed, false),
            (301, "PermanentRedirect", Why::Failed, false),
            (200, "", Why::Failed, true),
        ] {
            let failure = of(status, code);
            assert_eq!((failure.why, failure.passing), (why, passing), "{status} {code}");
        }
    }

    #[test]
    fn the_transport_fails_and_may_recover() {
        let io = SdkError::<ErrorMetadata, _>::dispatch_failure(ConnectorError::io("connection reset by peer".into()));
        let failure = classify(&io);
        assert_eq!(
            (failure.why, failure.passing, failure.detail.as_str()),
            (Why::Failed, true, "no answer: connection reset by peer")
        );
        let late = SdkError::<ErrorMetadata, _>::timeout_error("x");
        assert_eq!((classify(&late).why, classify(&late).detail.as_str()), (Why::Failed, "timed out"));
        let built = SdkError::<ErrorMetadata, HttpResponse>::construction_failure("no region");
        assert_eq!(
            (classify(&built).passing, classify(&built).detail.as_str()),
            (false, "request not built: no region")
        );
        let untrusted = Untrusted::Without("Vpcs".to_owned());
        let untrusted = SdkError::<ErrorMetadata, _>::response_error(untrusted, response(200, "{}"));
        assert_eq!(classify(&untrusted).detail, "answer without `Vpcs`");
        assert_eq!((classify(&untrusted).why, classify(&untrusted).passing), (Why::Failed, true));
        let cut = Untrusted::Garbled("0 bytes came of 9".to_owned());
        let cut = classify(&SdkError::<ErrorMetadata, _>::response_error(cut, response(404, "")));
        assert_eq!((cut.why, cut.passing, cut.bodiless), (Why::Failed, true, false));
        let proxy = Untrusted::Garbled("its elements do not match".to_owned());
        let proxy = classify(&SdkError::<ErrorMetadata, _>::response_error(proxy, response(403, "<html>")));
        assert_eq!((proxy.why, proxy.passing, proxy.detail.as_str()), (Why::Denied, false, "HTTP 403"));
    }

    #[test]
    fn a_detail_is_short_and_cannot_move_a_cursor() {
        let detail = |code, message: &str| classify(&service(400, code, message, "x")).detail;
        assert_eq!(detail("X", "a\u{1b}[31mb\r\nc\u{202e}"), "X: a\\u{1b}[31mb\\u{d}\\u{a}c\\u{202e}");
        assert_eq!(detail("X", &"y".repeat(1000)).chars().count(), 3 + 200 + 1);
        assert_eq!(classify(&service(500, "", "", "<html>")).detail, "HTTP 500");
        assert_eq!(detail("SignatureDoesNotMatch", "x-amz-security-token:SECRET"), "SignatureDoesNotMatch");
        assert_eq!(
            detail("UnauthorizedOperation", "No. Encoded authorization failure message: abc"),
            "UnauthorizedOperation: No."
        );
    }

    #[test]
    fn absence_is_exact_and_never_a_refusal() {
        let absent = Absent::codes(&["NotFoundException", "AccessDenied"])
            .or_message("ValidationException", &["Could not find", "RecordNotFound"])
            .or_bare_404();
        let is = |status, code, message, body| absent.is(&classify(&service(status, code, message, body)));
        assert!(is(400, "NotFoundException", "", "x"));
        assert!(is(400, "ValidationException", "Could not find model x", "x"));
        assert!(is(404, "", "", ""));
        assert!(!is(400, "ValidationException", "bad name", "x"));
        assert!(!is(400, "NotFoundExceptionX", "", "x"));
        assert!(!is(404, "", "", "<html>"));
        assert!(!is(404, "AccessDenied", "", ""));
        assert!(!is(403, "", "", ""));
        assert!(!is(500, "NotFoundException", "", "x"));
        assert!(!absent.is(&classify(&SdkError::<ErrorMetadata, _>::timeout_error("x"))));
        assert!(!Absent::codes(&["X"]).is(&of(404, "")));
    }
}
