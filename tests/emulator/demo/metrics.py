"""The metrics as CloudWatch gives them back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from .emulator import Emulator
from .screen import table

NAMESPACE = "Plumbline"
SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO")
PER_ENVIRONMENT = (
    "Drift",
    "NewDrift",
    "ResolvedDrift",
    "ReopenedDrift",
    "Compliant",
    "InsufficientData",
    "ExceptionsActive",
    "ExceptionsExpired",
    "Coverage",
    "AuditCompleted",
)
OF_THE_RUN = ("AuditDuration", "ApiCalls", "ThrottledCalls")

Key = tuple[str, tuple[tuple[str, str], ...]]


def read(emulator: Emulator, since: datetime) -> dict[Key, float]:
    """The last value since a moment of every metric that there is, by name and dimensions."""
    client = emulator.client("cloudwatch")
    listed: list[dict[str, Any]] = []
    for page in client.get_paginator("list_metrics").paginate(Namespace=NAMESPACE):
        listed.extend(page["Metrics"])
    found: dict[Key, float] = {}
    unique = {
        (one["MetricName"], tuple(sorted((d["Name"], d["Value"]) for d in one.get("Dimensions") or []))): one
        for one in listed
    }
    keys = list(unique)
    for start in range(0, len(keys), 500):
        some = keys[start : start + 500]
        answer = client.get_metric_data(
            StartTime=since,
            EndTime=datetime.now(UTC) + timedelta(seconds=60),
            ScanBy="TimestampDescending",
            MetricDataQueries=[
                {
                    "Id": f"m{index}",
                    "MetricStat": {
                        "Metric": {
                            "Namespace": NAMESPACE,
                            "MetricName": unique[key]["MetricName"],
                            "Dimensions": unique[key].get("Dimensions") or [],
                        },
                        "Period": 1,
                        "Stat": "Maximum",
                    },
                }
                for index, key in enumerate(some)
            ],
        )
        for one in answer["MetricDataResults"]:
            if one["Values"]:
                found[some[int(one["Id"][1:])]] = float(one["Values"][0])
    return found


def value(found: dict[Key, float], name: str, **dimensions: str) -> float | None:
    """One of them."""
    return found.get((name, tuple(sorted(dimensions.items()))))


def total(found: dict[Key, float], name: str) -> float:
    """The sum over the environments."""
    return sum(
        number for (metric, by), number in found.items() if metric == name and [d for d, _ in by] == ["Environment"]
    )


def _shown(number: float | None) -> str:
    return "–" if number is None else f"{number:g}" if number < 1000 else f"{number:.0f}"


def show(found: dict[Key, float]) -> None:
    """The ones that people look at first, as a table; a column for each environment."""
    environments = sorted({dict(by)["Environment"] for _, by in found if "Environment" in dict(by)})
    rows = []
    for name in PER_ENVIRONMENT:
        values = [value(found, name, Environment=one) for one in environments]
        if all(one is None for one in values):
            continue
        unit = " (percent)" if name == "Coverage" else ""
        rows.append([name + unit, *(_shown(one) for one in values)])
        if name == "Drift":
            for severity in SEVERITIES:
                values = [value(found, name, Environment=one, Severity=severity) for one in environments]
                if any(one is not None for one in values):
                    rows.append([f"  of these {severity}", *(_shown(one) for one in values)])
    table(["for each environment", *environments], rows)
    rows = []
    for name in OF_THE_RUN:
        number = value(found, name)
        if number is not None:
            rows.append([name + (" (ms)" if name == "AuditDuration" else ""), _shown(number)])
    table(["for the run", ""], rows)
