"""Seeded generator of realistic pairs of policy documents, as JSON lines.

From tests/: `python -m oracles.pairs --seed 1 --count 1000 > pairs.jsonl`. A pair is a document and the same
one after one to three changes (pair_changes.py); which of the two is the reference is drawn as well.
`--shares VERDICTS` prints, instead of the pairs, how often each change occurs and what the verdicts were.
"""
import argparse
import copy
import json
import random
import sys

from .pair_changes import (CHANGING, KEEPING, add_statement, boundary_value, change_principal, change_range,
                           old_version, set_operator, split_range, swap_variable)
from .pair_statements import KINDS, document

RARE = {old_version: 0.1}
# Changes that few documents can take are drawn more often.
KEPT = KEEPING + [split_range] * 5
CHANGED = CHANGING + [boundary_value, change_range, swap_variable] * 5 + [set_operator, change_principal] * 2


def mutate(rng, doc, kind, wanted):
    """Apply `wanted` changes to the document; names of those that could be applied."""
    names = []
    for _ in range(60):
        if len(names) == wanted:
            break
        change = rng.choice(KEPT if rng.random() < 0.22 else CHANGED)
        if rng.random() > RARE.get(change, 1.0):
            continue
        trial = copy.deepcopy(doc)
        done = change(rng, trial, kind) if change is add_statement else change(rng, trial)
        if done and trial != doc and trial["Statement"]:
            doc.clear()
            doc.update(copy.deepcopy(trial))
            names.append(change.__name__)
    return names


def pair(rng, number):
    """One pair and the names of its changes."""
    kinds = list(KINDS)
    kind = rng.choices(kinds, [KINDS[k][0] for k in kinds])[0]
    base = copy.deepcopy(document(rng, kind))
    changed = copy.deepcopy(base)
    names = mutate(rng, changed, kind, rng.choice([1, 1, 2, 2, 3]))
    swapped = rng.random() < 0.25
    reference, candidate = (changed, base) if swapped else (base, changed)
    line = {"id": f"pair-{number:06d}", "type": kind, "reference": reference, "candidate": candidate}
    return line, [name + (" undone" if swapped else "") for name in names]


def generate(seed, count):
    """Pairs with their changes; the same for the same seed."""
    for number in range(1, count + 1):
        yield pair(random.Random(f"{seed}/{number}"), number)


def shares(seed, count, verdicts):
    """Table of changes against results."""
    results = {}
    for line in verdicts:
        verdict = json.loads(line)
        results[verdict["id"]] = verdict["result"]
    columns = ["NEW_ACCESS", "NO_NEW_ACCESS", "UNKNOWN"]
    table, kinds = {}, {}
    for line, names in generate(seed, count):
        result = results[line["id"]]
        for store, name in [(kinds, line["type"])] + [(table, n) for n in names or ["none"]] + [(table, "ALL")]:
            row = store.setdefault(name, dict.fromkeys(columns, 0))
            row[result] += 1
    for title, store in (("type", kinds), ("change", table)):
        print(f"{title:26}{'pairs':>7}{'share':>8}" + "".join(f"{c:>15}" for c in columns))
        for name, row in sorted(store.items(), key=lambda entry: -sum(entry[1].values())):
            total = sum(row.values())
            print(f"{name:26}{total:7}{total / count:8.1%}" + "".join(f"{row[c]:15}" for c in columns))


def main():
    parser = argparse.ArgumentParser(prog="python -m oracles.pairs", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--shares", metavar="VERDICTS", help="file of verdicts for the same seed and count")
    options = parser.parse_args()
    if options.shares:
        with open(options.shares, encoding="utf-8") as verdicts:
            shares(options.seed, options.count, verdicts)
        return
    for line, _ in generate(options.seed, options.count):
        sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
