"""Record cases and verdicts for tests/differential.rs: python -m oracles.record (needs the program zstd).

Writes differential/rows.jsonl.zst, the hand-written cases with the decisions written by hand, and
differential/generated.jsonl.zst, generated cases with the oracle's verdicts. A line of these files is a line of the
contract with one more member, "expected".
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Iterable

from .cases import rows
from .generate import lines

HOME = Path(__file__).resolve().parent.parent
TARGET = HOME / "differential"


def verdicts(made: list[str]) -> list[str]:
    """The oracle's decisions, in the order of the lines."""
    asked = subprocess.run(
        [sys.executable, "-m", "oracles.naive"], input="".join(one + "\n" for one in made), stdout=subprocess.PIPE,
        text=True, check=True, cwd=HOME,
    )
    return [json.loads(answer)["decision"] for answer in asked.stdout.splitlines()]


def expecting(decision: str, line: str) -> str:
    # Not by way of a parser: some lines repeat a key on purpose.
    return f'{{"expected": "{decision}", {line[1:]}\n'


def write(name: str, recorded: Iterable[str]):
    packed = subprocess.run(
        ["zstd", "-19", "--quiet", "--stdout"], input="".join(recorded).encode(), stdout=subprocess.PIPE, check=True
    )
    (TARGET / name).write_bytes(packed.stdout)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=20260)
    options.add_argument("--count", type=int, default=5000)
    chosen = options.parse_args()
    write("rows.jsonl.zst", (expecting(decision, line) for _, decision, line in rows()))
    made = list(lines(chosen.seed, chosen.count))
    write("generated.jsonl.zst", map(expecting, verdicts(made), made))
    return 0


if __name__ == "__main__":
    sys.exit(main())
