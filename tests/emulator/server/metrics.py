"""CloudWatch in its current protocol (Smithy RPC v2 CBOR), translated to the JSON protocol that moto speaks."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import cbor2

from . import errors
from .http import Reply, Request
from .identify import Call
from .models import operation_model


def decode(request: Request) -> dict[str, Any]:
    """The parameters of a CBOR request."""
    body = request.body
    if "gzip" in request.headers.get("content-encoding", ""):
        body = gzip.decompress(body)
    return cbor2.loads(body) if body else {}


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, dict):
        return {k: _to_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_to_json(v) for v in value]
    return value


def _to_cbor(shape: Any, value: Any) -> Any:
    if shape is None or value is None:
        return value
    if shape.type_name == "timestamp" and isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC)
    if shape.type_name == "structure" and isinstance(value, dict):
        return {k: _to_cbor(shape.members.get(k), v) for k, v in value.items() if v is not None}
    if shape.type_name == "list" and isinstance(value, list):
        return [_to_cbor(shape.member, v) for v in value]
    if shape.type_name in ("double", "float") and isinstance(value, (int, float)):
        return float(value)
    return value


def keep(layer: Any, call: Call, params: dict[str, Any]) -> None:
    """Remember what PutMetricData was given, as it came."""
    for datum in params.get("MetricData") or []:
        layer.metrics.append({"Namespace": params.get("Namespace"), "Region": call.region, **datum})


def carry_out(layer: Any, call: Call, request: Request) -> Reply:
    """Answer a CBOR call through moto's JSON protocol."""
    model = operation_model("cloudwatch", call.operation)
    if model is None:
        return errors.unknown_operation(call)
    try:
        params = decode(request)
    except Exception:
        return errors.error(call, "SerializationException", "The body is not CBOR.", 400)
    if call.operation == "PutMetricData":
        refused = _refuse(call, params, len(request.body))
        if refused:
            return refused
        keep(layer, call, _to_json(params))
    headers = {k: v for k, v in request.headers.items() if k not in ("content-encoding", "smithy-protocol", "accept")}
    headers |= {
        "content-type": "application/x-amz-json-1.0",
        "x-plumbline-rewritten": "1",
        "x-amz-target": f"GraniteServiceVersion20100801.{call.operation}",
    }
    body = json.dumps(_to_json(params)).encode()
    headers["content-length"] = str(len(body))
    asked = replace(request, method="POST", target="/", headers=headers, body=body)
    reply = layer._moto(asked, Call("cloudwatch", call.operation, call.region, "json"))
    if reply.status >= 400:
        code, message = _error(reply.body)
        if code.startswith("AccessDenied"):
            return errors.denied(call, message)
        return errors.error(call, code, message, 400)
    data = json.loads(reply.body or b"{}")
    body = cbor2.dumps(_to_cbor(model.output_shape, data) if model.output_shape else {})
    return Reply(
        200,
        [
            ("Content-Type", "application/cbor"),
            ("smithy-protocol", "rpc-v2-cbor"),
            ("x-amzn-RequestId", errors.REQUEST_ID),
        ],
        body,
    )


def _refuse(call: Call, params: dict[str, Any], size: int) -> Reply | None:
    data = params.get("MetricData") or []
    if len(data) > 1000:
        return errors.error(
            call, "InvalidParameterValue", "The collection MetricData must not have more than 1000 members.", 400
        )
    if size > 1024 * 1024:
        return errors.error(call, "RequestEntityTooLarge", "Request size exceeds 1 MB", 413)
    for datum in data:
        if len(datum.get("Dimensions") or []) > 30:
            return errors.error(call, "InvalidParameterValue", "A metric may have at most 30 dimensions.", 400)
        for pair in datum.get("Dimensions") or []:
            if not pair.get("Value"):
                return errors.error(call, "InvalidParameterValue", "A dimension must have a value.", 400)
    return None


def _error(body: bytes) -> tuple[str, str]:
    try:
        data = json.loads(body)
        code = str(data.get("__type") or data.get("code") or "InternalServiceFault").rsplit("#", 1)[-1]
        return code, str(data.get("message") or data.get("Message") or "")
    except ValueError:
        from .layer import _xml_error

        code, message = _xml_error(body)
        return code or "InternalServiceFault", message
