"""Shards of work side by side, and the programs that they ask."""

from __future__ import annotations

import json
import multiprocessing
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterable, Iterator


@dataclass
class Found:
    """What a shard, or several, counted, and what nothing explains."""

    counts: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, other: "Found") -> None:
        self.counts.update(other.counts)
        self.wrong += other.wrong
        self.seconds += other.seconds


def ask_all(program: Path, lines: list[str]) -> Iterator[dict]:
    """All that one of our programs answers to these lines."""
    done = subprocess.run([str(program)], input="".join(line + "\n" for line in lines), stdout=subprocess.PIPE,
                          text=True, check=True)
    return map(json.loads, done.stdout.splitlines())


def ask(program: Path, lines: list[str]) -> list[dict]:
    """The answers of one of our programs, a line to a line in the same order."""
    if not lines:
        return []
    answers = list(ask_all(program, lines))
    if len(answers) != len(lines):
        raise RuntimeError(f"{program.name} answered {len(answers)} of {len(lines)} lines")
    return answers


def _timed(job: tuple[Callable, tuple]) -> Found:
    start = time.monotonic()
    work, arguments = job
    found = work(*arguments)
    found.seconds = time.monotonic() - start
    return found


def side_by_side(name: str, work: Callable[..., Found], shards: Iterable[tuple], processes: int) -> Found:
    """All shards of a stage, with a line for each as it ends."""
    shards = list(shards)
    whole, start = Found(), time.monotonic()
    with multiprocessing.Pool(processes) as pool:
        for number, found in enumerate(pool.imap_unordered(_timed, [(work, shard) for shard in shards]), 1):
            whole.add(found)
            for one in found.wrong:
                print(f"UNEXPLAINED {one}", file=sys.stderr)
            print(f"{name}: {number} of {len(shards)} shards, {len(whole.wrong)} unexplained, "
                  f"{time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    whole.seconds = time.monotonic() - start
    return whole
