"""SageMaker's lists and searches: filters, order, pages."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

from ..models import operation_model


def page(items: list[Any], token: str | None, size: int) -> tuple[list[Any], str | None]:
    """One page of a list, and the token of the next."""
    start = 0
    if token:
        try:
            start = int(base64.b64decode(token).decode().removeprefix("at:"))
        except ValueError:
            from .sagemaker import refuse

            raise refuse("ValidationException", "Invalid NextToken") from None
    end = start + int(size)
    following = base64.b64encode(f"at:{end}".encode()).decode() if end < len(items) else None
    return items[start:end], following


def moment(value: Any) -> datetime | None:
    """A time as the API writes it: number, ISO text or datetime."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.replace("Z", "+00:00"))
            return found if found.tzinfo else found.replace(tzinfo=UTC)
        except ValueError:
            return None
    return None


def ordered(records: list[dict[str, Any]], by: str, order: str) -> list[dict[str, Any]]:
    """Records sorted by a field of their bodies; equal ones by ARN."""
    field = {"Name": "arn", "Status": "status"}.get(by, by)

    def key(record: dict[str, Any]) -> tuple[str, str]:
        if field == "arn":
            return record["arn"], ""
        value = record["body"].get(field)
        return (value.isoformat() if isinstance(value, datetime) else str(value or "")), record["arn"]

    return sorted(records, key=key, reverse=str(order).startswith("Desc"))


def listed(kind: Any, records: list[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    """The answer of a list operation."""
    shape = operation_model("sagemaker", f"List{kind.many}")
    lists = next(name for name, member in shape.output_shape.members.items() if member.type_name == "list")
    members = shape.output_shape.members[lists].member.members
    name_of = kind.key[-1]
    found = []
    for record in records:
        body = record["body"]
        name = str(body.get("DomainName" if kind.name == "Domain" else name_of, ""))
        contains = params.get("NameContains") or params.get(f"{kind.name}NameContains")
        if contains and contains not in name:
            continue
        if params.get("StatusEquals") and kind.status and body.get(kind.status) != params["StatusEquals"]:
            continue
        if params.get("DomainIdEquals") and body.get("DomainId") != params["DomainIdEquals"]:
            continue
        if not all(_time_ok(body, params, field) for field in ("CreationTime", "LastModifiedTime")):
            continue
        found.append(record)
    by_default = "CreationTime" if kind.name not in ("NotebookInstance", "FeatureGroup") else "Name"
    default_order = "Ascending" if kind.name in ("NotebookInstance", "Domain", "UserProfile", "Space") else "Descending"
    found = ordered(found, params.get("SortBy") or by_default, params.get("SortOrder") or default_order)
    some, token = page(found, params.get("NextToken"), params.get("MaxResults") or 10)
    rows = []
    for record in some:
        body = dict(record["body"])
        if kind.name.endswith("JobDefinition"):
            body |= {
                "MonitoringJobDefinitionName": body["JobDefinitionName"],
                "MonitoringJobDefinitionArn": record["arn"],
                "EndpointName": "unknown",
            }
        if kind.name == "HyperParameterTuningJob":
            config = body.get("HyperParameterTuningJobConfig") or {}
            body |= {
                "Strategy": config.get("Strategy"),
                "ResourceLimits": config.get("ResourceLimits"),
                "TrainingJobStatusCounters": {},
                "ObjectiveStatusCounters": {},
            }
        rows.append({name: body[name] for name in members if body.get(name) is not None})
    return {lists: rows, **({"NextToken": token} if token else {})}


def _time_ok(body: dict[str, Any], params: dict[str, Any], field: str) -> bool:
    at = moment(body.get(field))
    after, before = moment(params.get(f"{field}After")), moment(params.get(f"{field}Before"))
    if at is None:
        return True
    return (after is None or at > after) and (before is None or at < before)


def filtered(records: list[dict[str, Any]], expression: dict[str, Any]) -> list[dict[str, Any]]:
    """The records that a search expression matches."""
    return [record for record in records if _expression(record, expression)]


def _expression(record: dict[str, Any], expression: dict[str, Any]) -> bool:
    tests = [_filter(record, one) for one in expression.get("Filters") or []]
    tests += [_expression(record, one) for one in expression.get("SubExpressions") or []]
    if not tests:
        return True
    return any(tests) if expression.get("Operator") == "Or" else all(tests)


def _filter(record: dict[str, Any], one: dict[str, Any]) -> bool:
    name, operator, wanted = one.get("Name", ""), one.get("Operator", "Equals"), one.get("Value")
    if name.startswith("Tags."):
        value: Any = next((t["Value"] for t in record["tags"] if t["Key"] == name[5:]), None)
    else:
        value = record["body"]
        for part in name.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    if operator == "Exists":
        return value is not None
    if operator == "NotExists":
        return value is None
    if operator == "NotEquals":
        return str(value) != str(wanted)
    if value is None:
        return False
    if operator == "Contains":
        return str(wanted) in str(value)
    if operator == "In":
        return str(value) in str(wanted).split(",")
    left, right = moment(value), moment(wanted)
    if left is None or right is None or not isinstance(value, datetime):
        left, right = str(value), str(wanted)  # type: ignore[assignment]
    tests = {
        "Equals": left == right,
        "GreaterThan": left > right,
        "GreaterThanOrEqualTo": left >= right,  # type: ignore[operator]
        "LessThan": left < right,
        "LessThanOrEqualTo": left <= right,
    }  # type: ignore[operator]
    return tests.get(operator, False)
