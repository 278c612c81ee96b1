"""Write cases: python -m oracles.cases --seed 1 --count 5000 > cases.jsonl; also --rows, --expected, --coverage."""

from __future__ import annotations

import argparse
import json
import sys

from . import rows_evaluation, rows_language
from .building import line, policy, allow, text
from .coverage import measure, report
from .generate import lines
from .samples import FORMS


def rows() -> list[tuple[str, str, str]]:
    """Every hand-written case as (id, expected decision, line); a name twice can only be written as text."""
    made = [(name, expected, text(one)) for name, expected, one in rows_language.cases() + rows_evaluation.cases()]
    once = text(line("row-59-h", identity=[policy(allow())]))
    twice = once.replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"')
    return made + [("row-59-h", "UNKNOWN", twice)]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=5000)
    options.add_argument("--rows", action="store_true", help="the hand-written cases instead")
    options.add_argument("--expected", action="store_true", help="the decisions written by hand for them")
    options.add_argument("--coverage", action="store_true", help="a table of what decides verdicts in these cases")
    chosen = options.parse_args()
    if chosen.coverage:
        print(report(measure(lines(chosen.seed, chosen.count)), FORMS))
    elif chosen.expected:
        for name, expected, _ in rows():
            print(json.dumps({"id": name, "decision": expected}))
    elif chosen.rows:
        for _, _, made in rows():
            print(made)
    else:
        for made in lines(chosen.seed, chosen.count):
            print(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
