"""Texts of a request: which combinations of patterns can one text match?

z3 is quick with one regular expression and slow with several memberships of the same text. So patterns are
booleans in the main formula, and each answer of the main solver is checked here, text by text, with one
intersection of regular expressions. A combination that no text has is returned as a small conflict.
"""
from functools import lru_cache

import z3

from . import patterns

WORD = z3.String("word")


class GaveUp(Exception):
    """z3 did not decide a combination of regular expressions in time."""


@lru_cache(maxsize=200_000)
def find(must, must_not, base=None, timeout_ms=3000):
    """A text that matches all of `must` (and `base`) and none of `must_not`, or None.

    `must` and `must_not` are tuples of (pieces, shape); `base` is a name in BASES.
    """
    parts = [patterns.regex(*p) for p in must] + [z3.Complement(patterns.regex(*p)) for p in must_not]
    if base is not None:
        parts.append(BASES[base])
    if not parts:
        return ""
    solver = z3.SimpleSolver()
    solver.set("timeout", timeout_ms)
    solver.add(z3.InRe(WORD, parts[0] if len(parts) == 1 else z3.Intersect(*parts)))
    result = solver.check()
    if result == z3.unknown:
        raise GaveUp("a combination of patterns took too long")
    if result == z3.unsat:
        return None
    return patterns.plain_text(solver.model().eval(WORD, model_completion=True))


def conflict(must, must_not, base):
    """A small part of an impossible combination: (must, must_not) of it."""
    for i, first in enumerate(must):
        if find((first,), (), base) is None:
            return (first,), ()
        for second in must_not:
            if find((first,), (second,), base) is None:
                return (first,), (second,)
        for second in must[i + 1:]:
            if find((first, second), (), base) is None:
                return (first, second), ()
    must, must_not = list(must), list(must_not)
    for group in (must_not, must):
        for item in list(group):
            rest = [x for x in group if x != item]
            trial = (must, rest) if group is must_not else (rest, must_not)
            if find(tuple(trial[0]), tuple(trial[1]), base) is None:
                group.remove(item)
    return tuple(must), tuple(must_not)


def _letters(*spans):
    return patterns.union([patterns.span(ord(a), ord(b)) for a, b in spans])


LOW = _letters("az", "09", "--")
NAME = _letters("az", "AZ", "09", "--", "__", "..", "//")
COLON = z3.Re(z3.StringVal(":"))


def _text(value):
    return z3.Re(z3.StringVal(value))


_part, _some = z3.Star(patterns.NO_COLON), z3.Plus(patterns.NO_COLON)
_account = z3.Union(z3.Loop(_letters("09"), 12, 12), _text(""))
_partition = patterns.union(_text(p) for p in ("aws", "aws-cn", "aws-us-gov"))
# An action without resource types is asked with the resource "*".
BASES = {
    "action": z3.Concat(z3.Plus(LOW), COLON, z3.Plus(_letters("az", "09"))),
    "resource": z3.Union(_text("*"), z3.Concat(
        _text("arn:"), _some, COLON, _some, COLON, _part, COLON, _part, COLON, z3.Plus(patterns.ONE))),
    "bool": z3.Union(_text("true"), _text("false")),
    # The same, easy to read: tried first for a witness.
    "readable action": z3.Concat(_letters("az"), z3.Star(LOW), COLON, _letters("az"), z3.Star(_letters("az", "09"))),
    "readable resource": z3.Concat(
        _text("arn:"), _partition, COLON, z3.Plus(LOW), COLON, z3.Star(LOW), COLON, _account, COLON,
        z3.Plus(z3.Union(NAME, COLON))),
    "readable text": z3.Plus(z3.Union(NAME, COLON)),
    "printable": z3.Star(_letters(" ~")),
}
