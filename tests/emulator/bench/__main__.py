"""python -m bench TARGET_ROOT   (from tests/emulator; see the package)"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from demo import signals
from demo.check import Stopped
from demo.emulator import Emulator
from demo.screen import say

from . import audit, coldstart, crowd, machine, results

STARTS = 20
AUDITS = 3


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Figures: cold start, and a whole audit.")
    parser.add_argument("target", type=Path, help="cargo's target folder")
    parser.add_argument("--dry", action="store_true", help="print the figures, and write no file")
    arguments = parser.parse_args()
    signals.install()
    try:
        return _measure(arguments.target.resolve(), arguments.dry)
    except Stopped as stopped:
        say(str(stopped))
        return 2
    except signals.Interrupted as interrupted:
        return 128 + interrupted.number


def _measure(target: Path, dry: bool) -> int:
    figures = _cold_start(target)
    more, by_operation = _audit(target)
    figures += more
    if not figures:
        say("There is nothing to measure: `make bench` builds the programs.")
        return 2
    results.show(figures, by_operation)
    if not dry:
        date = datetime.now(UTC).strftime("%Y-%m-%d")
        results.append(date, machine.commit(), machine.machine(), figures, by_operation)
        say("\nAppended to bench/RESULTS.md.")
    return 0


def _cold_start(target: Path) -> list[results.Figure]:
    program = target / "lambda/plumbline-lambda/bootstrap"
    if not program.is_file():
        say("No packaged Lambda program (`make package` builds it): no cold start is measured.")
        return []
    say(f"Starting the packaged program {STARTS} times.")
    times = coldstart.times(program, STARTS)
    if not times:
        say("It never polled: no cold start is measured.")
        return []
    more = f"median of {len(times)}, {times[0]:.0f} to {times[-1]:.0f}"
    size = program.stat().st_size / 1e6
    return [
        results.Figure("cold start to first poll", statistics.median(times), "ms", digits=1, more=more),
        results.Figure("packaged program", size, "MB", digits=1),
    ]


def _audit(target: Path) -> tuple[list[results.Figure], dict[str, int]]:
    found = audit.program(target)
    if found is None:
        say("No command plumbline: no audit is measured.")
        return [], {}
    command, how = found
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-") as folder:
        with signals.held():
            emulator = Emulator(Path(folder), build=True)
        try:
            say("Building the emulated account.")
            emulator.wait()
            kinds = crowd.add(emulator)
            say(f"Added {crowd.MORE} more of each: {', '.join(kinds)}.")
            costs = []
            for number in range(AUDITS):
                own = Path(folder) / str(number)
                own.mkdir()
                costs.append(audit.once(command, emulator, own))
            say(f"Audited it {AUDITS} times with the command ({how}), from an empty state each time.")
        finally:
            with signals.held():
                emulator.stop()
    last = costs[-1]
    verdicts = ", ".join(f"{number} {verdict}" for verdict, number in last.verdicts.items() if number)
    say(f"Each gave {last.findings} findings: {verdicts}; exit {last.code}; {last.received} calls came in.")

    def median(values: list[float]) -> float:
        return float(statistics.median(values))

    return [
        results.Figure("audit, processor time", median([one.cpu for one in costs]), "s", 1, 2, how),
        results.Figure("audit, peak memory", median([one.peak_mb for one in costs]), "MB", 60, 1, how),
        results.Figure("audit, calls", median([one.calls for one in costs]), "", 700),
        results.Figure("audit, wall time", median([one.wall for one in costs]), "s", None, 2, how),
    ], last.by_operation


if __name__ == "__main__":
    sys.exit(main())
