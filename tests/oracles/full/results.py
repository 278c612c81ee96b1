"""The summary of a run: on the terminal, and as dated rows in the section of bench/RESULTS.md that is its own."""

from __future__ import annotations

import os
import platform
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FILE = ROOT / "bench" / "RESULTS.md"
SECTION = "## Differential\n"


@dataclass
class Row:
    """What was compared with what."""

    compared: str
    counts: str
    unexplained: int
    seconds: float

    def cells(self) -> tuple[str, ...]:
        return self.compared, self.counts, str(self.unexplained), f"{self.seconds:.0f} s"


def of_prefix(counts: Counter, prefix: str) -> list[tuple[str, int]]:
    """The counts whose names begin so, without that beginning, the largest first."""
    found = [(name.removeprefix(prefix), count) for name, count in counts.items() if name.startswith(prefix)]
    return sorted(found, key=lambda one: (-one[1], one[0]))


def sentence(counted: list[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counted)


def append(date: str, commit_run: str, rows: list[Row], file: Path = FILE) -> None:
    """Add dated rows to their section; the old ones stay."""
    text = file.read_text(encoding="utf-8")
    made = ""
    for row in rows:
        cells = (date, commit_run, machine(), *row.cells())
        made += "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"
    file.write_text(with_rows(text, made), encoding="utf-8")


def with_rows(text: str, rows: str) -> str:
    """The text with rows at the end of the section's table."""
    begin = text.index(SECTION) + len(SECTION)
    end = text.find("\n## ", begin)
    end = len(text) if end < 0 else end
    return text[:end].rstrip("\n") + "\n" + rows + text[end:]


def machine() -> str:
    """Cores and the model of the processor."""
    model = platform.processor() or platform.machine()
    try:
        info = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        models = [line.split(":", 1)[1] for line in info.splitlines() if line.lower().startswith("model name")]
        model = models[0] if models else model
    except OSError:
        pass
    return f"{cores()} × {' '.join(model.split())}"


def cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def commit() -> str:
    """The commit; with a `+` if the sources differ from it."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    short = git("rev-parse", "--short", "HEAD")
    if not short:
        return "unknown"
    changed = git("status", "--porcelain", "--", ".", ":(exclude)bench/RESULTS.md")
    return short + ("+" if changed else "")
