"""What the service models say: which operations page, by which fields, and the ranges of their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import botocore.session

# One session for models and clients: a service's model is large, and read once.
SESSION = botocore.session.get_session()
TOKENS_IN = ("NextToken", "nextToken", "Marker", "PageToken")
TOKENS_OUT = ("NextToken", "nextToken", "NextMarker", "Marker", "NextPageToken")
LIMITS = ("MaxResults", "maxResults", "MaxItems", "limit", "Limit", "MaxRecords", "PageSize")


@lru_cache
def service_model(service: str) -> Any:
    """The botocore model of a service, or None."""
    try:
        return SESSION.get_service_model(service)
    except Exception:
        return None


@lru_cache
def operation_model(service: str, operation: str) -> Any:
    """The botocore model of an operation, or None."""
    model = service_model(service)
    if model is None or operation not in model.operation_names:
        return None
    return model.operation_model(operation)


@dataclass(frozen=True)
class Pages:
    """How an operation pages. List fields are pairs of member name and name on the wire."""

    token_in: str
    token_out: str
    limit: str | None
    more: str | None
    lists: tuple[tuple[str, str], ...]


@lru_cache
def pages(service: str, operation: str) -> Pages | None:
    """How a list operation pages; None if it does not, or is one of S3's."""
    model = operation_model(service, operation)
    if model is None or service in ("s3", "s3control") or model.input_shape is None or model.output_shape is None:
        return None
    if not operation.startswith(("Describe", "List", "Search", "Get", "Lookup")):
        return None
    taken, given = model.input_shape.members, model.output_shape.members
    token_in = next((name for name in TOKENS_IN if name in taken), None)
    token_out = next((name for name in TOKENS_OUT if name in given), None)
    if token_in is None or token_out is None:
        return None
    lists = tuple(
        (name, shape.serialization.get("name", name)) for name, shape in given.items() if shape.type_name == "list"
    )
    if not lists:
        return None
    if (service, operation) != ("iam", "GetAccountAuthorizationDetails"):
        lists = lists[:1]
    limit = next((name for name in LIMITS if name in taken), None)
    more = next((name for name in ("IsTruncated", "Truncated") if name in given), None)
    out = given[token_out].serialization.get("name", token_out)
    return Pages(token_in, out, limit, more, lists)


@lru_cache
def ranges(service: str, operation: str) -> dict[str, tuple[float | None, float | None]]:
    """Minimum and maximum of the top-level integers of an operation's input."""
    model = operation_model(service, operation)
    if model is None or model.input_shape is None:
        return {}
    found = {}
    for name, shape in model.input_shape.members.items():
        if shape.type_name in ("integer", "long") and ("min" in shape.metadata or "max" in shape.metadata):
            found[name] = (shape.metadata.get("min"), shape.metadata.get("max"))
    return found
