"""Small random documents against every request of a small grid: `python -m unittest oracles.test_smt_small`.

The documents are not realistic: few letters, many operators on the same keys, so that corners meet.
"""
import itertools
import os
import random
import unittest

from .smt.compare import compare
from .smt.document import parse
from .smt.evaluate import Evaluator
from .smt.pair import Pair

PAIRS = int(os.environ.get("SMALL_PAIRS", "60"))
WORDS = ["", "a", "b", "ab", "A", "a:b", "*", "?", "c"]
SETS = [None, [""], ["a"], ["b"], ["a", "b"], ["a", "c"], ["", "b"], ["ab"]]
PATTERNS = ["a", "b", "a*", "*b", "?", "*", "ab", "?*", "${*}", "A", "a?", "**"]
TEXT = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase"]
NUMBER = ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
          "NumericGreaterThanEquals"]
TAILS = ["a", "b", "a/b", "a:b", "ab", "*", "a:*"]
ACTIONS = ["s:a", "s:b", "s:ab", "t:a"]


def words(rng, extra=()):
    found = rng.sample(PATTERNS + list(extra), rng.choice([1, 1, 2, 3]))
    return found if len(found) > 1 else found[0]


def condition(rng):
    """One operator on one key."""
    kind = rng.choice(["text", "text", "set", "set", "number", "null", "address", "variable", "arn"])
    tail = rng.choice(["", "", "IfExists"])
    if kind == "text":
        return rng.choice(TEXT) + tail, "k:one", words(rng)
    if kind == "variable":
        return rng.choice(TEXT), "k:two", words(rng, ["${k:one}", "${k:one}*", "a${k:one, 'b'}"] * 3)
    if kind == "set":
        prefix = rng.choice(["ForAllValues:", "ForAnyValue:", "ForAnyValue:", ""])
        return prefix + rng.choice(TEXT[:4]) + (tail if prefix != "ForAnyValue:" else ""), "k:many", words(rng)
    if kind == "number":
        return rng.choice(NUMBER) + tail, "k:number", rng.choice(["1", "2", "1.5", ["1", "2"]])
    if kind == "null":
        return "Null", rng.choice(["k:one", "k:many", "k:number"]), rng.choice(["true", "false"])
    if kind == "arn":
        return rng.choice(["ArnLike", "ArnNotLike"]), "k:arn", rng.choice(["arn:a:b:c:d:*", "arn:*:b:c:d:e", "*"])
    ranges = rng.choice(["10.0.0.0/9", "10.0.0.0/8", "::/0"])
    return rng.choice(["IpAddress", "NotIpAddress"]) + tail, "k:address", ranges


def statement(rng, allow):
    out = {"Effect": "Allow" if allow else "Deny"}
    out[rng.choice(["Action", "Action", "NotAction"])] = rng.sample(["s:a", "s:*", "*", "s:?", "S:B", "t:*"], 2)
    tails = ["*", "a", "a*", "a/*", "?", "a:*", "*:b", "*b", "${*}"]
    tails += ["${k:one}", "a*/${k:one}"] * (rng.random() < 0.3)
    out[rng.choice(["Resource", "Resource", "NotResource"])] = [
        "arn:aws:x:::" + tail for tail in rng.sample(tails, rng.choice([1, 2]))]
    if rng.random() < 0.2:
        for name in ("Resource", "NotResource"):
            out.pop(name, None)
        out["Resource"] = "*"
    for _ in range(rng.choice([0, 1, 1, 2, 3])):
        operator, key, value = condition(rng)
        out.setdefault("Condition", {}).setdefault(operator, {})[key] = value
    return out


def document(rng):
    count = rng.choice([1, 2, 3])
    found = [statement(rng, i == 0 or rng.random() < 0.6) for i in range(count)]
    return {"Version": "2012-10-17", "Statement": found}


def neighbour(rng, base):
    """The document with one statement drawn anew, left out, or with one condition less."""
    found = [dict(s) for s in base["Statement"]]
    number = rng.randrange(len(found))
    how = rng.choice(["new", "bare", "out", "flip"])
    if how == "bare" and "Condition" in found[number]:
        conditions = {o: dict(k) for o, k in found[number]["Condition"].items()}
        conditions.pop(rng.choice(list(conditions)))
        found[number].pop("Condition")
        if conditions:
            found[number]["Condition"] = conditions
    elif how == "out" and len(found) > 1:
        del found[number]
    else:
        found[number] = statement(rng, found[number]["Effect"] == "Allow")
    return {"Version": "2012-10-17", "Statement": found}


def grid(rng, pair, size):
    """Requests of the grid: all values of the keys that occur, thinned to `size`."""
    domains = {"k:one": [None] + WORDS, "k:two": [None] + WORDS, "k:many": SETS,
               "k:number": [None, "0", "1", "1.2", "1.5", "2", "3"],
               "k:arn": [None, "arn:a:b:c:d:e:f", "arn:x:b:c:d:e", "x"],
               "k:address": [None, "10.0.0.1", "10.200.0.1", "11.0.0.1", "2001:db8::1"]}
    names = [name for name in domains if name in pair.keys]
    axes = [ACTIONS, ["arn:aws:x:::" + t for t in TAILS] + ["*"]]
    axes += [domains[n] if pair.keys[n].multi else [v[0] if isinstance(v, list) else v for v in domains[n]
                                                    if not isinstance(v, list) or len(v) == 1] for n in names]
    total = 1
    for axis in axes:
        total *= len(axis)
    points = itertools.product(*axes) if total <= size else (
        tuple(rng.choice(axis) for axis in axes) for _ in range(size))
    for action, resource, *found in points:
        yield {"principal": pair.callers[0], "action": action, "resource": resource,
               "resource_account": "111122223333",
               "context": {n: v for n, v in zip(names, found) if v is not None}}


class Small(unittest.TestCase):
    def test_grid_never_contradicts(self):
        rng, found, missed = random.Random(os.environ.get("SMALL_SEED", "1")), {}, 0
        undecided = 0
        for number in range(PAIRS):
            reference = document(rng)
            candidate = neighbour(rng, reference) if rng.random() < 0.8 else document(rng)
            if rng.random() < 0.5:
                reference, candidate = candidate, reference
            verdict = compare(reference, candidate)
            found[verdict["result"]] = found.get(verdict["result"], 0) + 1
            with self.subTest(number, reference=reference, candidate=candidate, verdict=verdict):
                self.assertNotIn("internal error", verdict["reason"])
                self.assertNotIn("malformed", verdict["reason"])
                pair = Pair(parse(reference, "identity"), parse(candidate, "identity"))
                judges = [Evaluator(document) for document in pair.documents]
                hit = next((r for r in grid(rng, pair, 3000)
                            if judges[1].decide(r) is True and judges[0].decide(r) is False), None)
                if hit is not None:
                    self.assertNotEqual(verdict["result"], "NO_NEW_ACCESS", hit)
                    undecided += verdict["result"] == "UNKNOWN"
                elif verdict["result"] == "NEW_ACCESS":
                    missed += 1
        self.assertGreater(min(found.get("NEW_ACCESS", 0), found.get("NO_NEW_ACCESS", 0)), PAIRS // 8, found)
        print(f"small pairs: {found}, new access outside the grid: {missed}, "
              f"unknown though the grid has new access: {undecided}")


if __name__ == "__main__":
    unittest.main()
