"""What a whole audit of the emulated account costs the machine."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo import signals
from demo.check import Stopped
from demo.emulator import HERE, Emulator, end

TIMED = Path(__file__).with_name("timed.py")


@dataclass
class Cost:
    """What one audit took."""

    code: int
    wall: float
    cpu: float
    peak_mb: float
    calls: int
    received: int
    findings: int
    by_operation: dict[str, int]
    verdicts: dict[str, int]


def program(target: Path) -> tuple[Path, str] | None:
    """The command, and how it was built: as packaged if there is one, else as cargo builds it for the tests."""
    for path, how in (
        (target / "lambda/plumbline/bootstrap", "release"),
        (target / "release/plumbline", "release"),
        (target / "debug/plumbline", "dev profile"),
    ):
        if path.is_file():
            return path, how
    return None


def once(command: Path, emulator: Emulator, folder: Path) -> Cost:
    """One audit with an empty state."""
    out, took = folder / "report.json", folder / "took.json"
    words = ["audit", "--baseline", str(HERE / "baseline.yaml"), "--endpoint-url", emulator.url, "--api-share", "off"]
    words += ["--state", str(folder / "state"), "--format", "json", "--out", str(out)]
    emulator.forget_calls()
    with (folder / "stderr").open("w") as log:
        # A group of its own, so that an interruption ends the timer and the command both.
        with signals.held():
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(TIMED), str(took), str(command), *words],
                cwd=folder,
                env=emulator.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            process.wait()
        finally:
            end(process)
    said = (folder / "stderr").read_text(errors="replace")
    if not took.is_file() or not out.is_file():
        raise Stopped(f"The audit left no report: {said}")
    used: dict[str, Any] = json.loads(took.read_text())
    report: dict[str, Any] = json.loads(out.read_text())
    return Cost(
        code=int(used["code"]),
        wall=float(used["wall"]),
        cpu=float(used["cpu"]),
        peak_mb=float(used["peak"]) / 1e6,
        calls=int(report["cost"]["calls"]),
        received=len(emulator.calls()),
        findings=len(report["findings"]),
        by_operation={name: number for name, number in report["cost"]["by_operation"].items() if number},
        verdicts=report["summary"]["verdicts"],
    )
