"""Error replies in each service's own form and with its own code."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

import cbor2

from .http import Reply
from .identify import Call

REQUEST_ID = "5b1f2c1e-0000-4000-8000-7d0c3a9e4f10"

DENY = {
    "ec2": ("UnauthorizedOperation", 403),
    "iam": ("AccessDenied", 403),
    "sts": ("AccessDenied", 403),
    "s3": ("AccessDenied", 403),
    "s3control": ("AccessDenied", 403),
    "sns": ("AuthorizationError", 403),
    "cloudwatch": ("AccessDenied", 403),
}
THROTTLE = {
    "ec2": ("RequestLimitExceeded", 503),
    "s3": ("SlowDown", 503),
    "s3control": ("SlowDown", 503),
    "iam": ("Throttling", 400),
    "sts": ("Throttling", 400),
    "sns": ("Throttled", 429),
    "cloudwatch": ("Throttling", 400),
}
INTERNAL = {
    "ec2": ("InternalError", 500),
    "s3": ("InternalError", 500),
    "s3control": ("InternalError", 500),
    "iam": ("ServiceFailure", 500),
    "sts": ("InternalFailure", 500),
    "sns": ("InternalError", 500),
    "cloudwatch": ("InternalServiceFault", 500),
    "kms": ("KMSInternalException", 500),
}


def error(call: Call, code: str, message: str, status: int) -> Reply:
    """An error reply as `call.service` writes it."""
    if call.protocol == "cbor":
        body = cbor2.dumps({"__type": f"com.amazonaws.cloudwatch#{code}", "message": message})
        return Reply(
            status,
            [
                ("Content-Type", "application/cbor"),
                ("smithy-protocol", "rpc-v2-cbor"),
                ("x-amzn-query-error", f"{code};{'Sender' if status < 500 else 'Receiver'}"),
                ("x-amzn-RequestId", REQUEST_ID),
            ],
            body,
        )
    if call.protocol in ("json", "rest-json"):
        text = json.dumps({"__type": code, "message": message, "Message": message})
        return Reply(
            status,
            [
                ("Content-Type", "application/x-amz-json-1.1"),
                ("x-amzn-ErrorType", code),
                ("x-amzn-RequestId", REQUEST_ID),
            ],
            text.encode(),
        )
    code, message = escape(code), escape(message)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if call.protocol == "ec2":
        text = (
            f"{head}<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
            f"<RequestID>{REQUEST_ID}</RequestID></Response>"
        )
    elif call.protocol == "s3":
        text = (
            f"{head}<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{REQUEST_ID}</RequestId>"
            f"<HostId>aG9zdA==</HostId></Error>"
        )
    elif call.protocol == "s3control":
        text = (
            f"{head}<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
            f"<RequestId>{REQUEST_ID}</RequestId><HostId>aG9zdA==</HostId></ErrorResponse>"
        )
    else:
        kind = "Sender" if status < 500 else "Receiver"
        text = (
            f"{head}<ErrorResponse><Error><Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message>"
            f"</Error><RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
        )
    return Reply(
        status,
        [
            ("Content-Type", "application/xml" if call.protocol.startswith("s3") else "text/xml"),
            ("x-amzn-RequestId", REQUEST_ID),
            ("x-amz-request-id", REQUEST_ID),
        ],
        text.encode(),
    )


def denied(call: Call, message: str | None = None) -> Reply:
    """The service's own refusal."""
    code, status = DENY.get(call.service, ("AccessDeniedException", 400))
    text = message or f"User is not authorized to perform: {call.service}:{call.operation}"
    return error(call, code, text, status)


def throttled(call: Call) -> Reply:
    """The service's own throttling answer."""
    code, status = THROTTLE.get(call.service, ("ThrottlingException", 400))
    return error(call, code, "Rate exceeded", status)


def internal(call: Call, message: str = "We encountered an internal error. Please try again.") -> Reply:
    """The service's own fault."""
    code, status = INTERNAL.get(call.service, ("InternalFailure", 500))
    return error(call, code, message, status)


def unknown_operation(call: Call) -> Reply:
    """What a service says to an operation it does not have."""
    if call.protocol in ("json", "rest-json", "cbor"):
        return error(call, "UnknownOperationException", f"Unknown operation {call.operation}", 400)
    if call.protocol.startswith("s3"):
        return error(call, "MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    return error(call, "InvalidAction", f"The action {call.operation} is not valid for this web service.", 400)
