"""Documents as z3 formulas over one request: action, resource, caller, and the condition keys.

Parts without a settled meaning are free booleans ("may" mode: any answer is possible) or the answer that is
worst for the claim ("must" mode: the claim holds whatever their meaning is). `sign` is +1 where a part must
hold for the claim, -1 where it must not.
"""
import z3

from . import patterns, principals, texts, values
from .pair import test_pieces, test_shape

OTHER = object()  # a variable's value: present, and none of the texts that the documents name


class Encoder:
    """Formulas of one pair under one choice of values for its variables."""

    def __init__(self, pair, chosen, must=False, actions=None):
        self.pair, self.chosen, self.must = pair, chosen, must
        self.fixed = {name: value for name, value in chosen.items() if value is not OTHER}
        self.leaves = {}  # free booleans by their name
        self.var_leaves = {}  # name to (boolean, pieces, shape, text)
        self.atoms = {}  # text to {(pieces, shape): boolean}; a text is named "action", "resource" or "key|slot"
        self.caller = z3.Int("caller")
        self.used = {}  # key to its presence and values
        self.actions = actions
        self.cache = {}

    def leaf(self, name, sign):
        if self.must:
            self.leaves[name] = None
            return z3.BoolVal(sign < 0)
        return self.leaves.setdefault(name, z3.Bool("leaf|" + name))

    # Keys.

    def key(self, name):
        """(present, [used], [value], [is IPv6]) of a key; slot 0 is used when the key is present."""
        if name not in self.used:
            key = self.pair.keys[name]
            present = z3.Bool(f"present|{name}")
            used = [present] + [z3.Bool(f"used|{name}|{i}") for i in range(1, key.slots)]
            cells = [f"{name}|{i}" for i in range(key.slots)]
            if key.kind in ("num", "date", "ip"):
                cells = [z3.Int("value|" + cell) for cell in cells]
            sixes = [z3.Bool(f"six|{name}|{i}") for i in range(key.slots)]
            self.used[name] = (present, used, cells, sixes)
        return self.used[name]

    def domain(self):
        """What holds for every request, for the keys seen so far."""
        out = [self.caller >= 0, self.caller < len(self.pair.callers)]
        if self.actions is not None:
            out.append(z3.Or([self.plain(a.lower(), "action") for a in self.actions]))
        for name in self.chosen:
            self.key(name)
        for name, (present, used, cells, sixes) in self.used.items():
            kind = self.pair.keys[name].kind
            out += [z3.Implies(later, earlier) for earlier, later in zip(used, used[1:])]
            for cell, six in zip(cells, sixes):
                if kind == "ip":
                    out += [cell >= 0, cell < z3.If(six, z3.IntVal(2 ** 128), z3.IntVal(2 ** 32))]
                elif kind == "date":
                    out += [cell >= values.DATE_MIN, cell <= values.DATE_MAX]
        for name, value in self.chosen.items():
            present, _, cells, _ = self.used[name]
            if value is None:
                out.append(z3.Not(present))
            elif value is OTHER:
                out.append(present)
                out += [z3.Not(self.plain(text, cells[0])) for text in self.pair.keys[name].literals]
            else:
                out += [present, self.plain(value, cells[0])]
        return out + self.lemmas()

    def lemmas(self):
        """True facts about patterns with variables whose value is open."""
        out, leaves = [], list(self.var_leaves.values())
        for boolean, found, shape, text in leaves:
            out.append(z3.Implies(boolean, self.atom(tuple(open_part(found)), shape, text)))
            for other, wide, wide_shape, wide_text in leaves:
                if not other.eq(boolean) and wide_text == text and patterns.letter_includes(
                        found, shape, wide, wide_shape):
                    out.append(z3.Implies(boolean, other))
        return out

    # Patterns.

    def atom(self, found, shape, text):
        """Boolean for: the text matches a pattern without variables."""
        known = self.atoms.setdefault(text, {})
        if patterns.literal_text(found) is not None and shape == "resource":
            shape = "text"
        return known.setdefault((found, shape), z3.Bool(f"match|{text}|{shape}|{found}"))

    def plain(self, value, text):
        """Boolean for: the text is this one."""
        return self.atom(tuple(("lit", char) for char in value), "text", text)

    def pattern(self, found, shape, text):
        """Does the text match the pattern? Open variables become a boolean with lemmas."""
        found = patterns.substitute(found, self.fixed)
        if found is None:
            return z3.BoolVal(False)
        if shape in ("text", "resource") and found == (("star",),):
            return z3.BoolVal(True)
        if not patterns.variables_in(found):
            return self.atom(found, shape, text)
        # An open variable has a value, so that its default does not count.
        found = tuple(("var", piece[1], None) if piece[0] == "var" else piece for piece in found)
        name = f"variable|{text}|{shape}|{found}"
        entry = self.var_leaves.setdefault(name, (z3.Bool(name), found, shape, text))
        return entry[0]

    def variable_problem(self, found):
        for name in patterns.variables_in(found or ()):
            problem = self.pair.variable_problem(name)
            if problem:
                return problem
        return ""

    # Statements.

    def statement(self, document, statement, sign):
        """Does the statement apply to the request?"""
        name = (id(statement), sign)
        if name not in self.cache:
            parts = [self.action_part(statement), self.resource_part(document, statement, sign),
                     self.caller_part(statement, sign)]
            parts += [self.test(test, sign) for test in statement.tests]
            self.cache[name] = z3.And(parts)
        return self.cache[name]

    def action_part(self, statement):
        found = [patterns.action_pattern(text) for text in statement.actions]
        any_of = z3.Or([self.pattern(pieces, "text", "action") for pieces in found])
        return z3.Not(any_of) if statement.not_action else any_of

    def resource_part(self, document, statement, sign):
        if statement.resources is None:
            return z3.BoolVal(True)
        inner = -sign if statement.not_resource else sign
        parts = []
        for text in statement.resources:
            found, problem = self.pair.resources[self.pair.document_number(document), text]
            problem = problem or self.variable_problem(found)
            parts.append(self.leaf(problem, inner) if problem else self.pattern(found, "resource", "resource"))
        return z3.Not(z3.Or(parts)) if statement.not_resource else z3.Or(parts)

    def caller_part(self, statement, sign):
        if statement.principals is None:
            return z3.BoolVal(True)
        inner = -sign if statement.not_principal else sign
        problems = sorted(filter(None, {principals.opaque(*name) for name in statement.principals}))
        clear = [name for name in statement.principals if not principals.opaque(*name)]
        parts = []
        for number, caller in enumerate(self.pair.callers):
            here = self.caller == number
            if not statement.not_principal:
                if any(principals.matches(*name, caller) for name in clear):
                    parts.append(here)
                continue
            out = principals.excluded(clear, caller)
            if out:
                parts.append(here)
            elif out is None:
                parts.append(z3.And(here, self.leaf(f"NotPrincipal and {caller}", inner)))
        parts += [self.leaf(problem, inner) for problem in problems]
        return z3.Not(z3.Or(parts)) if statement.not_principal else z3.Or(parts)

    # Condition tests.

    def test(self, test, sign):
        key = self.pair.keys[test.key]
        present, used, cells, sixes = self.key(test.key)
        spelled = self.pair.spelling[test.key]
        if test.opaque:
            return self.leaf(f"{test.opaque} ({spelled}: {', '.join(test.values)})", sign)
        if test.family == "null":
            return self.null(test, key, sign)
        if key.kind == "clash":
            return self.leaf(f"{spelled} is compared as different types ({test.operator} {', '.join(test.values)})",
                             sign)
        one = [self.one_value(test, key, i, sign) for i in range(key.slots)]
        if test.set_operator == "all":
            # "Single-valued vs. multivalued context keys": true without the key, or for empty text.
            every = z3.And([z3.Implies(u, m) for u, m in zip(used, one)])
            return z3.Or(z3.Not(present), every, self.all_empty(key))
        if test.set_operator == "any":
            some = z3.Or([z3.And(u, m) for u, m in zip(used, one)])
            if test.if_exists:
                missing = self.leaf("ForAnyValue with IfExists and a missing key", sign)
                return z3.Or(some, z3.And(z3.Not(present), missing))
            return some
        # "Condition operators": a missing key fails a test, and passes a negated one or one with IfExists.
        if test.negated or test.if_exists:
            exact = z3.Or(z3.Not(present), one[0])
        else:
            exact = z3.And(present, one[0])
        if key.multi and key.slots > 1:
            several = self.leaf(f"several values of {spelled} without a set operator", sign)
            return z3.If(used[1], several, exact)
        return exact

    def all_empty(self, key):
        present, used, cells, _ = self.key(key.name)
        if key.kind != "text" or not key.multi:
            return z3.BoolVal(False)
        return z3.And(present, *[z3.Implies(u, self.plain("", c)) for u, c in zip(used, cells)])

    def null(self, test, key, sign):
        present = self.key(test.key)[0]
        spelled = self.pair.spelling[test.key]
        parts = []
        for text in test.values:
            want = text.lower()
            if want not in ("true", "false"):
                parts.append(self.leaf(f"Null on {spelled} with {text!r}", sign))
                continue
            # "Multivalued context key examples": Null "false" also stops values that are empty.
            there = z3.And(present, z3.Not(self.all_empty(key)))
            parts.append(z3.Not(there) if want == "true" else there)
        return z3.Or(parts)

    def one_value(self, test, key, slot, sign):
        """The test on one value of the request: any of the listed values, or none of them when negated."""
        inner = -sign if test.negated else sign
        _, _, cells, sixes = self.key(test.key)
        any_of = z3.Or([self.compare(test, key, text, cells[slot], sixes[slot], inner) for text in test.values])
        return z3.Not(any_of) if test.negated else any_of

    def compare(self, test, key, text, cell, six, sign):
        if test.family == "text":
            found = test_pieces(test, text)
            problem = f"unreadable variable in {text!r}" if found is None else self.variable_problem(found)
            return self.leaf(problem, sign) if problem else self.pattern(found, test_shape(test), cell)
        if test.family == "bool" and text.lower() in ("true", "false"):
            return self.plain(text.lower(), cell)
        if test.family == "binary":
            return self.plain(text, cell)
        unread = self.leaf_later(f"{test.operator} on {self.pair.spelling[test.key]} with {text!r}", sign)
        if test.family == "bool":
            return unread()
        if test.family == "ip":
            net = values.network(text)
            if net is None:
                return unread()
            family, first, last = net
            return z3.And(six if family == 6 else z3.Not(six), cell >= first, cell <= last)
        constant = values.number(text) if test.family == "num" else values.date(text)
        if constant is None:
            return unread()
        if test.family == "num":
            constant = int(constant * key.scale)
        return {"eq": cell == constant, "lt": cell < constant, "le": cell <= constant, "gt": cell > constant,
                "ge": cell >= constant}[test.comparison]

    def leaf_later(self, name, sign):
        return lambda: self.leaf("no meaning for " + name, sign)

    # Questions.

    def new_access(self, statement):
        """The statement of the candidate (None: what its type implies) allows, and the reference does not."""
        candidate, reference = self.pair.candidate, self.pair.reference
        parts = [] if statement is None else [self.statement(candidate, statement, 1)]
        # "IAM policy evaluation logic": an explicit deny comes before any allow.
        parts += [z3.Not(self.statement(candidate, s, -1)) for s in candidate.statements if not s.allow]
        denied = z3.Or([self.statement(reference, s, 1) for s in reference.statements if not s.allow])
        if reference.kind == "rcp":
            return z3.And(*parts, denied)
        allowed = z3.Or([self.statement(reference, s, -1) for s in reference.statements if s.allow])
        return z3.And(*parts, z3.Or(denied, z3.Not(allowed)))

    # Texts.

    def base(self, text):
        """Name of the language that a text belongs to, or None for any text."""
        if text in ("action", "resource"):
            return text
        return "bool" if self.pair.keys[text.rsplit("|", 1)[0]].kind == "bool" else None

    def combination(self, text, model):
        """What a model says of one text: (patterns it matches, patterns it does not match)."""
        must, must_not = [], []
        for entry, boolean in self.atoms.get(text, {}).items():
            value = model.eval(boolean)
            if z3.is_true(value):
                must.append(entry)
            elif z3.is_false(value):
                must_not.append(entry)
        return tuple(must), tuple(must_not)

    def conflicts(self, model):
        """Clauses that exclude what no text can match; none when every text exists."""
        out = []
        for text in self.atoms:
            must, must_not = self.combination(text, model)
            if texts.find(must, must_not, self.base(text)) is None:
                small = texts.conflict(must, must_not, self.base(text))
                known = self.atoms[text]
                out.append(z3.Or([z3.Not(known[e]) for e in small[0]] + [known[e] for e in small[1]]))
        return out

    def exclusive(self):
        """A text is at most one of the plain texts: said at once, since it is needed nearly always."""
        out = []
        for known in self.atoms.values():
            plain = [b for (found, shape), b in known.items() if shape == "text" and
                     patterns.literal_text(found) is not None]
            if len(plain) > 1:
                out.append(z3.AtMost(*plain, 1))
        return out


def open_part(found):
    """A pattern whose variables may be any text."""
    return [("open", piece[1]) if piece[0] == "var" else piece for piece in found]
