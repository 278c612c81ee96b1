"""Compare an engine's answers with the oracle's: python -m oracles.diff verdicts.jsonl answers.jsonl.

Both files have one answer a line, {"id","decision","reason"}. A difference is a settled verdict of the oracle that the
engine does not give, or a missing answer. Lines that the oracle leaves open are counted, by what the engine says. Ends
with 1 if there is any difference.
"""

from __future__ import annotations

import json
import sys
from collections import Counter


def read(path: str) -> dict[str, dict]:
    with open(path, encoding="utf-8") as file:
        return {one["id"]: one for one in map(json.loads, file)}


def compare(oracle: dict[str, dict], engine: dict[str, dict]) -> tuple[Counter, list[str]]:
    counts: Counter = Counter()
    differences = []
    for name, verdict in oracle.items():
        answer = engine.get(name, {"decision": "MISSING", "reason": ""})
        if verdict["decision"] == "UNKNOWN" and answer["decision"] != "MISSING":
            counts[f"open, answered {answer['decision']}"] += 1
        elif answer["decision"] == verdict["decision"]:
            counts["the same"] += 1
        else:
            counts[f"{verdict['decision']} answered {answer['decision']}"] += 1
            said = f"answered {answer['decision']} ({answer['reason']})"
            differences.append(f"{name}: {verdict['decision']} ({verdict['reason']}), {said}")
    return counts, differences


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    counts, differences = compare(read(sys.argv[1]), read(sys.argv[2]))
    for line in differences:
        print(line)
    for name, count in sorted(counts.items()):
        print(f"{count} {name}", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
