"""What the two documents of one question say about condition keys, variables and callers, before any solving."""
from dataclasses import dataclass, field
from fractions import Fraction

from . import patterns, principals, values

DEFAULT_CALLER = "arn:aws:iam::111122223333:role/plumbline-role"
DEFAULT_RESOURCE = "arn:aws:iam::111122223333:role/plumbline-role"
MAX_SLOTS = 8


@dataclass
class Key:
    """One condition key: how its values are read and how many of them a request needs at most."""

    name: str
    kind: str = "text"  # text, bool, num, date, ip, binary or clash
    multi: bool = False
    slots: int = 1
    scale: int = 1  # numbers are counted in units of 1/scale
    literals: list = field(default_factory=list)
    variable: bool = False


class Pair:
    """Two parsed documents with what is common to both."""

    def __init__(self, reference, candidate):
        self.reference, self.candidate = reference, candidate
        self.documents = (reference, candidate)
        self.keys = {}
        self.spelling = {**candidate.spelling, **reference.spelling}
        self.resources = {}  # (document number, text) to (pieces, reason)
        self.tests = [t for d in self.documents for s in d.statements for t in s.tests]
        self._variables()
        self._keys()
        named = any(s.principals is not None for d in self.documents for s in d.statements)
        self.callers = principals.representatives(self.documents) if named else [DEFAULT_CALLER]
        self.has_resource = any(s.resources is not None for d in self.documents for s in d.statements)

    def _note_variables(self, found):
        for piece in found or ():
            if piece[0] == "var":
                self.keys.setdefault(piece[1], Key(piece[1])).variable = True

    def _variables(self):
        for number, document in enumerate(self.documents):
            for statement in document.statements:
                for text in statement.resources or ():
                    entry = patterns.resource_pattern(text, document.kind, document.variables)
                    self.resources[number, text] = entry
                    self._note_variables(entry[0])
                for test in statement.tests:
                    if test.variables:
                        for text in test.values:
                            self._note_variables(test_pieces(test, text))

    def _keys(self):
        families, sets = {}, {}
        for test in self.tests:
            key = self.keys.setdefault(test.key, Key(test.key))
            if test.family not in ("null", "opaque"):
                families.setdefault(test.key, set()).add(test.family)
            if test.set_operator:
                sets.setdefault(test.key, set()).add((test.operator, test.values))
            if test.family == "text":
                self._literals(key, test)
        for key in self.keys.values():
            seen = families.get(key.name, set()) | ({"text"} if key.variable else set())
            if seen <= {"bool", "text"}:
                key.kind = "bool" if "bool" in seen else "text"
            else:
                key.kind = seen.pop() if len(seen) == 1 else "clash"
            key.multi = key.name in sets
            # Small model: one value for each set test that needs an example or a counter-example.
            key.slots = min(max(1, len(sets.get(key.name, ()))), MAX_SLOTS)
            if key.kind == "num":
                read = [values.number(v) for t in self.tests if t.key == key.name for v in t.values]
                key.scale = 10 ** (1 + max(values.decimals(v) for v in read + [Fraction(0)] if v is not None))

    def _literals(self, key, test):
        """Plain texts the key is compared with: candidates for its value when it is used as a variable."""
        for text in test.values:
            plain = patterns.literal_text(test_pieces(test, text) or (("star",),))
            if plain is not None and plain not in key.literals:
                key.literals.append(plain)

    def too_many_values(self):
        """Names of keys whose small model would need more values than the bound."""
        counts = {}
        for test in self.tests:
            if test.set_operator:
                counts.setdefault(test.key, set()).add((test.operator, test.values))
        return sorted(self.spelling[k] for k, tests in counts.items() if len(tests) > MAX_SLOTS)

    def variables(self):
        """Keys used as variables that may be solved by cases; others are opaque."""
        return [k.name for k in self.keys.values() if k.variable and not self.variable_problem(k.name)]

    def variable_problem(self, name):
        """Why a variable has no meaning here, or an empty text."""
        key = self.keys[name]
        spelled = self.spelling.get(name, name)
        if key.multi:
            # "Single-valued vs. multivalued context keys": such a key cannot be a variable.
            return f"multi-valued key {spelled} used as a variable"
        if key.kind not in ("text", "bool"):
            return f"key {spelled} is used as a variable and not as text"
        return ""

    def document_number(self, document):
        return 0 if document is self.reference else 1


def test_pieces(test, text):
    """Pieces of one value of a string or ARN test."""
    return patterns.pieces(text, test.comparison in ("like", "arn"), test.variables)


def test_shape(test):
    return {"ieq": "itext", "arn": "arn"}.get(test.comparison, "text")
