"""Patterns with `*`, `?` and variables: their letters, and the regular expressions that z3 gets.

A pattern is a tuple of pieces: ("lit", c), ("star",), ("any",) or ("var", key, default or None); beside them
("open", key) stands for any value of that key.
"""
import re
from functools import lru_cache

import z3

STRING = z3.StringSort()
TOP = 0x2FFFF  # the last letter that z3 knows
LETTERS = 0xE000  # private letters: each stands for one variable in `letter_includes`

# "IAM policy elements: Variables and tags": ${*} ${?} ${$} are the plain letters, ${key, 'text'} has a default.
VARIABLE = re.compile(r"\$\{([^{}]*)\}")
# "IAM and AWS STS quotas": letters, digits and +=,.@_- make a user name; other values may hold a colon.
NO_COLON_IN = ("aws:username",)
NAMED = re.compile(r"([A-Za-z0-9_.:/=+@-]+(?: [A-Za-z0-9_.:/=+@-]+)*)\s*(?:,\s*'([^']*)'\s*)?")


def pieces(text, wild, variables):
    """Pieces of a pattern, or None when a ${...} in it has no readable name."""
    found, at = [], 0
    while at < len(text):
        match = VARIABLE.match(text, at) if variables else None
        if match:
            inner = match.group(1)
            if inner in ("*", "?", "$"):
                found.append(("lit", inner))
            else:
                named = NAMED.fullmatch(inner.strip())
                if not named:
                    return None
                found.append(("var", named.group(1).lower(), named.group(2)))
            at = match.end()
            continue
        char = text[at]
        found.append({"*": ("star",), "?": ("any",)}.get(char, ("lit", char)) if wild else ("lit", char))
        at += 1
    return merge_wildcards(found)


def merge_wildcards(found):
    """`**` is `*`, and `*?` is `?*`: each run of wildcards gets one form."""
    out, at = [], 0
    while at < len(found):
        end = at
        while end < len(found) and found[end][0] in ("star", "any"):
            end += 1
        if end == at:
            out.append(found[at])
            at += 1
            continue
        run = found[at:end]
        out += [("any",)] * sum(piece[0] == "any" for piece in run)
        if any(piece[0] == "star" for piece in run):
            out.append(("star",))
        at = end
    return tuple(out)


def substitute(found, values):
    """Pieces with known variables replaced by plain letters; None when a value is missing: nothing matches.

    Text that comes out of a variable is literal. `values` maps key to text, or to None for an absent key;
    keys that are not in it stay variables.
    """
    out = []
    for piece in found:
        if piece[0] == "var" and piece[1] in values:
            text = values[piece[1]]
            text = piece[2] if text is None else text
            if text is None:
                return None
            out += [("lit", char) for char in text]
        else:
            out.append(piece)
    return tuple(out)


def variables_in(found):
    return [piece[1] for piece in found if piece[0] == "var"]


def literal_text(found):
    """The text of a pattern without wildcards and variables, else None."""
    return "".join(p[1] for p in found) if all(p[0] == "lit" for p in found) else None


def z3_text(text):
    """A z3 text constant; a backslash is escaped since z3 would read `\\u{..}` as one letter."""
    return z3.StringVal(text.replace("\\", "\\u{5c}"))


def plain_text(value):
    """Python text of a z3 text constant."""
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}", lambda m: chr(int(m.group(1), 16)), value.as_string())


def union(parts):
    parts = list(parts)
    if not parts:
        return z3.Empty(z3.ReSort(STRING))
    return parts[0] if len(parts) == 1 else z3.Union(*parts)


def concat(parts):
    parts = list(parts)
    if not parts:
        return z3.Re(z3.StringVal(""))
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


def span(first, last):
    return z3.Range(z3.StringVal(f"\\u{{{first:x}}}"), z3.StringVal(f"\\u{{{last:x}}}"))


ONE = z3.AllChar(z3.ReSort(STRING))
FULL = z3.Full(z3.ReSort(STRING))
NO_COLON = union([span(0, ord(":") - 1), span(ord(":") + 1, TOP)])
# The same without the private letters.
ONE_REAL = union([span(0, LETTERS - 1), span(0xF900, TOP)])
NO_COLON_REAL = union([span(0, ord(":") - 1), span(ord(":") + 1, LETTERS - 1), span(0xF900, TOP)])


def colon_limits(found, shape):
    """For each piece: may a wildcard there match a colon."""
    if shape in ("text", "itext"):
        return [True] * len(found)
    if shape == "arn":
        # "Condition operators", ARN: each of the six parts is checked on its own; the sixth holds the rest.
        limits, colons = [], 0
        for piece in found:
            limits.append(colons >= 5)
            colons += piece == ("lit", ":")
        return limits
    # "IAM JSON policy elements: Resource": wildcards act within a segment, but a `*` that is the last letter
    # of its segment may run beyond the colon.
    last = len(found) - 1
    return [p == ("star",) and (i == last or found[i + 1] == ("lit", ":")) for i, p in enumerate(found)]


def arn_parts_missing(found, shape):
    """An ARN operator's pattern with fewer than six parts matches nothing."""
    return shape == "arn" and sum(piece == ("lit", ":") for piece in found) < 5


def late_variables(found):
    """Do all variables of an ARN pattern come behind its fifth colon?"""
    colons = 0
    for piece in found:
        if piece[0] in ("var", "open") and colons < 5:
            return False
        colons += piece == ("lit", ":")
    return True


@lru_cache(maxsize=None)
def regex(found, shape, letters=()):
    """Regular expression of a pattern.

    shape: "text" (wildcards match all), "itext" (and case is ignored), "arn", "resource".
    A variable is the private letter of `letters` for it.
    """
    if shape == "arn" and not late_variables(found):
        shape = "text"  # wider: a value with colons may fill several parts
    if arn_parts_missing(found, shape):
        return z3.Empty(z3.ReSort(STRING))
    one, no_colon = (ONE_REAL, NO_COLON_REAL) if letters else (ONE, NO_COLON)
    without_colon = [LETTERS + i for i, name in enumerate(letters) if name[0] in NO_COLON_IN]
    segment = z3.Star(union([no_colon, *(span(letter, letter) for letter in without_colon)]))
    parts, text = [], ""
    for piece, crossing in zip(found, colon_limits(found, shape)):
        if piece[0] == "lit" and shape != "itext":
            text += piece[1]
            continue
        if text:
            parts.append(z3.Re(z3_text(text)))
            text = ""
        if piece[0] == "lit":
            parts.append(union(z3.Re(z3_text(c)) for c in sorted({piece[1], piece[1].lower(), piece[1].upper()})))
        elif piece[0] == "star":
            parts.append(FULL if crossing else segment)
        elif piece[0] == "any":
            parts.append(one if crossing else no_colon)
        elif piece[0] == "var" and letters:
            parts.append(z3.Re(z3.StringVal(f"\\u{{{LETTERS + letters.index(piece[1:]):x}}}")))
        else:
            parts.append(z3.Star(no_colon) if piece[1] in NO_COLON_IN else FULL)
    if text:
        parts.append(z3.Re(z3_text(text)))
    return concat(parts)


@lru_cache(maxsize=None)
def letter_includes(small, small_shape, big, big_shape, timeout_ms=2000):
    """Is `small` inside `big` when a variable is one extra letter that only itself or a wide `*` matches?

    Then it is inside for every value of the variables: give each value back to its letter. A `*` that stops
    at colons takes the letter only when the value cannot hold a colon; `?` never takes it.
    """
    if small_shape == "itext" and big_shape != "itext":
        return False  # a value in another case would match the small pattern only
    if any(a == ("star",) and b[0] == "var" for found in (small, big) for a, b in zip(found, found[1:])):
        return False  # a value that begins with a colon would widen the star before it
    if big_shape == "arn" and not late_variables(big):
        return False  # a value with colons would change which part of the ARN is which
    if small_shape == "arn" and not late_variables(small):
        small_shape = "text"
    letters = tuple(sorted({p[1:] for p in small + big if p[0] == "var"}, key=str))
    word = z3.String("word")
    solver = z3.SimpleSolver()
    solver.set("timeout", timeout_ms)
    only_small = z3.Intersect(regex(small, small_shape, letters), z3.Complement(regex(big, big_shape, letters)))
    solver.add(z3.InRe(word, only_small))
    return solver.check() == z3.unsat


def resource_pattern(text, kind, variables):
    """(pieces, "") of a Resource value, or (None, why it has no meaning here)."""
    found = pieces(text, True, variables)
    if found is None:
        return None, f"unreadable variable in resource {text!r}"
    if found and found[0] == ("star",):
        return found, ""
    if not text.startswith("arn:"):
        return None, f"resource {text!r} is no ARN"
    colons = 0
    for piece in found:
        # "Variables and tags": only in the part behind the fifth colon.
        if piece[0] == "var" and colons < 5:
            return None, f"variable before the fifth colon of resource {text!r}"
        colons += piece == ("lit", ":")
    if colons < 5 and found[-1] != ("star",):
        # "IAM JSON policy elements: Resource": a short ARN is completed with * in identity policies.
        if kind != "identity" or any(p[0] != "lit" for p in found):
            return None, f"short resource ARN {text!r}"
        found += (("lit", ":"), ("star",)) * (5 - colons)
    return found, ""


def action_pattern(text):
    """Pieces of an Action value in lower case: prefix and name ignore case ("JSON policy elements: Action")."""
    return pieces(text.lower(), True, False)
