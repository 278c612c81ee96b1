"""Command line: pairs of documents as JSON lines on stdin, verdicts as JSON lines on stdout, same order."""
import argparse
import json
import sys
import time

from .compare import compare
from .document import Malformed, no_duplicates


def percentile(numbers, share):
    ordered = sorted(numbers)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def answer(line, timeout, actions):
    """(id, verdict) of one line; what goes wrong inside is a verdict as well, and counted by the caller."""
    name = None
    try:
        name = json.loads(line).get("id")
        pair = json.loads(line, object_pairs_hook=no_duplicates)
        reference, candidate, kind = pair["reference"], pair["candidate"], pair["type"]
    except (Malformed, ValueError, KeyError, AttributeError) as problem:
        return name, {"result": "UNKNOWN", "witness": None, "reason": f"malformed: {problem}"}
    try:
        return name, compare(reference, candidate, kind, timeout, actions)
    except Exception as problem:  # a defect of the oracle: told on stderr and by the exit code
        return name, {"result": "UNKNOWN", "witness": None, "reason": f"internal error: {problem!r}"}


def main():
    parser = argparse.ArgumentParser(prog="python -m oracles.smt", description=__doc__)
    parser.add_argument("--timeout", type=float, default=10.0, help="seconds for one pair (default 10)")
    parser.add_argument("--world", choices=("open", "dictionary"), default="open")
    parser.add_argument("--actions", help="for the dictionary world: a file with one action a line")
    parser.add_argument("--times", action="store_true", help="print median and p99 per pair on stderr")
    options = parser.parse_args()
    if (options.world == "dictionary") != bool(options.actions):
        parser.error("--world dictionary and --actions FILE go together")
    actions = None
    if options.actions:
        with open(options.actions, encoding="utf-8") as lines:
            actions = [line.strip() for line in lines if line.strip()]
    times, counts, errors = [], {}, 0
    for line in sys.stdin:
        if not line.strip():
            continue
        start = time.perf_counter()
        name, verdict = answer(line, options.timeout, actions)
        times.append(time.perf_counter() - start)
        counts[verdict["result"]] = counts.get(verdict["result"], 0) + 1
        if verdict["reason"].startswith("internal error"):
            errors += 1
            print(f"{name}: {verdict['reason']}", file=sys.stderr)
        print(json.dumps({"id": name, **verdict}, ensure_ascii=False), flush=True)
    if options.times:
        print(f"pairs {len(times)}, {', '.join(f'{k} {v}' for k, v in sorted(counts.items()))}; "
              f"median {percentile(times, 0.5) * 1000:.1f} ms, p99 {percentile(times, 0.99) * 1000:.1f} ms, "
              f"largest {max(times, default=0.0) * 1000:.1f} ms", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
