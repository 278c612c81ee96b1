"""CloudTrail: a trail's delivery times, and what it records. CloudWatch Logs: the class of a group."""

from __future__ import annotations

import json
import time
from typing import Any


def install() -> None:
    """Patch moto's CloudTrail."""
    from moto.cloudtrail import models
    from moto.cloudtrail.responses import CloudTrailResponse

    def description(self: Any) -> dict[str, Any]:
        """Status with deliveries a few minutes old while the trail logs; `plumbline` overrides fields."""
        now = time.time()
        answer: dict[str, Any] = {"IsLogging": self.is_logging}
        if self.started:
            answer["StartLoggingTime"] = _epoch(self.started)
            # A stopped trail keeps the time of its last delivery.
            last = max(now - 240, _epoch(self.started)) if self.is_logging else _epoch(self.stopped)
            answer["LatestDeliveryTime"] = answer["LatestDigestDeliveryTime"] = last
            answer["LatestCloudWatchLogsDeliveryTime"] = last
        if self.stopped:
            answer["StopLoggingTime"] = _epoch(self.stopped)
        for name, value in getattr(self, "plumbline", {}).items():
            if value is None:
                answer.pop(name, None)
            else:
                answer[name] = value(now) if callable(value) else value
        return answer

    models.TrailStatus.description = description  # type: ignore[method-assign]

    def get_trail_status(self: Any) -> str:
        name = self._get_param("Name")
        status = self.cloudtrail_backend.get_trail_status(name)
        answer = status.description()
        trail = next((t for t in _trails(self.current_account) if name in (t.arn, t.trail_name)), None)
        if trail is not None and not getattr(trail, "cw_log_group_arn", None):
            answer.pop("LatestCloudWatchLogsDeliveryTime", None)
        if trail is not None and not getattr(trail, "log_validation", None):
            answer.pop("LatestDigestDeliveryTime", None)
        return json.dumps(answer)

    CloudTrailResponse.get_trail_status = get_trail_status  # type: ignore[method-assign]

    def lookup_events(self: Any) -> str:
        return json.dumps({"Events": []})

    CloudTrailResponse.lookup_events = lookup_events  # type: ignore[attr-defined]

    def put_event_selectors(self: Any, event_selectors: list[Any], advanced_event_selectors: list[Any]) -> None:
        """One kind of selectors takes the place of the other."""
        self.event_selectors = event_selectors or []
        self.advanced_event_selectors = advanced_event_selectors or []

    models.Trail.put_event_selectors = put_event_selectors  # type: ignore[method-assign]


def _epoch(at: Any) -> float:
    from datetime import UTC

    return at.replace(tzinfo=UTC).timestamp()


def _trails(account: str) -> list[Any]:
    from moto.cloudtrail.models import cloudtrail_backends

    return [trail for backend in cloudtrail_backends[account].values() for trail in backend.trails.values()]
