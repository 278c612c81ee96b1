"""Record pairs and verdicts for tests/differential_compare.rs: python -m oracles.record_pairs.

Needs the program zstd and the solver of oracles/smt. Writes differential/pairs.jsonl.zst: pairs as the contract has
them ("policy compare --pairs") with one more member, "expected", which is the oracle's result.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

from .record import HOME, expecting, write


def run(module: str, *options: str, given: str | None = None) -> list[str]:
    """The lines that a module of this package prints."""
    asked = subprocess.run([sys.executable, "-m", f"oracles.{module}", *options], input=given, stdout=subprocess.PIPE,
                           text=True, check=True, cwd=HOME)
    return asked.stdout.splitlines()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=1000)
    chosen = options.parse_args()
    pairs = run("pairs", "--seed", str(chosen.seed), "--count", str(chosen.count))
    verdicts = run("smt", given="".join(line + "\n" for line in pairs))
    results = [json.loads(line)["result"] for line in verdicts]
    write("pairs.jsonl.zst", map(expecting, results, pairs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
