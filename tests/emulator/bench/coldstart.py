"""The time from starting the packaged program to its first poll of the runtime API."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from demo.emulator import end
from demo.runtime import RuntimeApi

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "AWS_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "PLUMBLINE_BASELINE": "baseline.yaml",
    "PLUMBLINE_STATE": "s3://state/plumbline",
    "PLUMBLINE_TOPIC_ARN": "arn:aws:sns:eu-west-1:123456789012:alerts",
}


def once(program: Path) -> float | None:
    """Milliseconds to the first poll; None if there is none within ten seconds."""
    api = RuntimeApi()
    try:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(program)],
            env=ENVIRONMENT | api.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            api.polled.wait(10)
        finally:
            end(process, patience=1.0)
        return None if api.polled_at is None else (api.polled_at - started) * 1000
    finally:
        api.close()


def times(program: Path, times_over: int) -> list[float]:
    """So many cold starts, sorted; shorter if some never polled."""
    return sorted(one for _ in range(times_over) if (one := once(program)) is not None)
