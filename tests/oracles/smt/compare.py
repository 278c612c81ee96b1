"""One question from JSON to verdict: cases of variables, solving, and the witness with its check."""
import itertools
import time
from fractions import Fraction

import z3

from . import encode, patterns, texts, values
from .document import Malformed, parse
from .evaluate import Evaluator
from .pair import DEFAULT_RESOURCE, Pair

MAX_CASES = 64
FRESH = "plumbline-value"


class Deadline(Exception):
    """The time for one question is over."""


class Question:
    """Does the candidate allow a request that the reference does not?"""

    def __init__(self, pair, timeout_s, actions=None):
        self.pair, self.actions = pair, actions
        self.end = time.monotonic() + timeout_s
        self.unsettled = []  # reasons for UNKNOWN in the order found
        clash = [k.name for k in pair.keys.values() if k.kind == "clash"]
        self.judges = [Evaluator(document, clash) for document in (pair.reference, pair.candidate)]

    def note(self, reason):
        if reason not in self.unsettled:
            self.unsettled.append(reason)

    def check(self, solver):
        left = int((self.end - time.monotonic()) * 1000)
        if left <= 0:
            raise Deadline
        solver.set("timeout", left)
        return solver.check()

    def answer(self):
        """(result, witness, reason)."""
        try:
            witness = self.search()
        except Deadline:
            return "UNKNOWN", None, "timeout"
        except texts.GaveUp as problem:
            return "UNKNOWN", None, f"the solver gave up: {problem}"
        if isinstance(witness, str):
            return "UNKNOWN", None, witness
        if witness is not None:
            why = self.judges[0].why_not(witness)
            return "NEW_ACCESS", witness, f"the candidate allows it; in the reference {why}"
        if self.unsettled:
            return "UNKNOWN", None, "depends on: " + "; ".join(self.unsettled)
        return "NO_NEW_ACCESS", None, "no request is allowed by the candidate alone"

    def search(self):
        """A witness, or None, or the text of an internal error."""
        open_cases = []
        for chosen in self.cases():
            for statement in self.grants():
                coder = encode.Encoder(self.pair, chosen, actions=self.actions)
                solver, result = self.solve(coder, statement)
                if result == z3.unsat:
                    continue
                if result == z3.unknown:
                    self.note(f"the solver gave up ({solver.reason_unknown()})")
                    continue
                model = solver.model()
                if coder.var_leaves or coder.leaves:
                    open_cases.append((chosen, statement, coder, model))
                    continue
                witness = self.witness(coder, solver, model)
                if witness is not None:
                    return witness
        for chosen, statement, coder, model in open_cases:
            witness = self.settle(chosen, statement, coder, model)
            if witness is not None:
                return witness
        return None

    def grants(self):
        if self.pair.candidate.kind == "rcp":
            return [None]  # RCPFullAWSAccess is always attached (Organizations guide, "RCPs")
        return [s for s in self.pair.candidate.statements if s.allow]

    def solve(self, coder, statement):
        """Solve with patterns as booleans; learn from each answer whose texts do not exist."""
        solver = z3.SimpleSolver()
        solver.add(coder.new_access(statement))
        solver.add(coder.domain())
        solver.add(coder.exclusive())
        while True:
            result = self.check(solver)
            if result != z3.sat:
                return solver, result
            learned = coder.conflicts(solver.model())
            if not learned:
                return solver, result
            solver.add(learned)

    def cases(self):
        """Values of the variables, case by case: absent, each text the documents name, anything else."""
        names = self.pair.variables()
        choices = [[None, encode.OTHER, *self.pair.keys[name].literals] for name in names]
        count = 1
        for choice in choices:
            count *= len(choice)
        if count > MAX_CASES:
            choices = [[None, encode.OTHER] for _ in names]
            for name in names:
                self.pair.keys[name].literals = []
        for values_chosen in itertools.islice(itertools.product(*choices), MAX_CASES * 4):
            yield dict(zip(names, values_chosen))
        if 2 ** len(names) > MAX_CASES * 4:
            self.note("too many variables")

    def settle(self, chosen, statement, coder, model):
        """A witness that does not depend on what is open, or None after a note of what it depends on."""
        trials = [chosen]
        if encode.OTHER in chosen.values():
            guided = {n: self.text_in(model, coder, n) if v is encode.OTHER else v for n, v in chosen.items()}
            fresh = {n: FRESH if v is encode.OTHER else v for n, v in chosen.items()}
            # A value with a colon may leave the segment that a `*` of the reference covers.
            colon = {n: FRESH.replace("-", ":") if v is encode.OTHER and n not in patterns.NO_COLON_IN else fresh[n]
                     for n, v in chosen.items()}
            trials = [fresh, guided, colon]
        for trial in trials:
            must = encode.Encoder(self.pair, trial, must=True, actions=self.actions)
            solver, result = self.solve(must, statement)
            if result == z3.sat:
                return self.witness(must, solver, solver.model())
        open_names = [n for n, v in chosen.items() if v is encode.OTHER]
        for reason in self.leaves_that_matter(coder, model):
            self.note(reason)
        if coder.var_leaves:
            for name in open_names:
                self.note("variable " + self.pair.spelling.get(name, name))
        if not self.unsettled:
            self.note("parts without a settled meaning")
        return None

    def text_in(self, model, coder, name):
        """Value that the model gives to a variable."""
        text = self.text_value(coder, f"{name}|0", model)
        return text or FRESH

    def leaves_that_matter(self, coder, model):
        request = self.request(coder, model)
        reasons = []
        for judge in self.judges:
            judge.decide(request)
            reasons += judge.unsettled
        if reasons or not coder.leaves:
            return list(dict.fromkeys(reasons))
        return sorted(coder.leaves)

    # Witnesses.

    def witness(self, coder, solver, model):
        """Request of a model: made readable, checked, then freed of keys it does not need."""
        request = self.request(coder, self.readable(coder, solver, model))
        verdicts = [judge.decide(request) for judge in self.judges]
        if verdicts != [False, True]:
            return f"internal error: the evaluator says {verdicts} (reference, candidate) of {request}"
        for key in sorted(request["context"]):
            less = {**request, "context": {k: v for k, v in request["context"].items() if k != key}}
            if [judge.decide(less) for judge in self.judges] == [False, True]:
                request = less
        return request

    def readable(self, coder, solver, model):
        """Model with the same texts, and round numbers as far as they exist."""
        for known in coder.atoms.values():
            for boolean in known.values():
                value = model.eval(boolean)
                if not z3.eq(value, boolean):
                    solver.add(boolean == value)
        for wish in self.wishes(coder):
            solver.push()
            solver.add(wish)
            if self.check(solver) == z3.sat and not coder.conflicts(solver.model()):
                model = solver.model()
            else:
                solver.pop()
        return model

    def wishes(self, coder):
        for name, (_, _, cells, sixes) in coder.used.items():
            key = self.pair.keys[name]
            for cell, six in zip(cells, sixes):
                if key.kind == "num":
                    yield z3.And(cell >= 0, cell % key.scale == 0)
                elif key.kind == "date":
                    yield z3.And(cell >= values.date("2000-01-01"), cell % values.DATE_UNIT == 0)
                elif key.kind == "ip":
                    yield z3.Not(six)

    @staticmethod
    def text_value(coder, text, model):
        """A text that the model's combination of patterns has, a readable one if there is one."""
        must, must_not = coder.combination(text, model)
        base = coder.base(text)
        choices = ["readable " + base, base] if base in ("action", "resource") else [base] if base else [
            "readable text", "printable", None]
        for choice in choices:
            found = texts.find(must, must_not, choice)
            if found is not None:
                return found
        raise AssertionError(f"no text for {text}")

    def request(self, coder, model):
        """Request in CONTRACT's form."""
        def value(term):
            return model.eval(term, model_completion=True)

        resource = self.text_value(coder, "resource", model) if self.pair.has_resource else DEFAULT_RESOURCE
        context = {}
        for name, (present, used, cells, sixes) in coder.used.items():
            if not z3.is_true(value(present)):
                continue
            key = self.pair.keys[name]
            found = [self.text_value(coder, cell, model) if isinstance(cell, str) else
                     self.cell_text(key, value(cell), z3.is_true(value(six)))
                     for u, cell, six in zip(used, cells, sixes) if z3.is_true(value(u))]
            found = list(dict.fromkeys(found))
            context[self.pair.spelling.get(name, name)] = found if key.multi else found[0]
        parts = resource.split(":", 5)
        owner = parts[4] if len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdigit() else "111122223333"
        return {
            "principal": self.pair.callers[value(coder.caller).as_long() % len(self.pair.callers)],
            "action": self.spelled_action(self.text_value(coder, "action", model)),
            "resource": resource,
            "resource_account": owner,
            "context": context,
        }

    @staticmethod
    def cell_text(key, value, six):
        if key.kind == "num":
            return values.number_text(Fraction(value.as_long(), key.scale))
        if key.kind == "date":
            return values.date_text(value.as_long())
        return values.address_text(6 if six else 4, value.as_long())

    def spelled_action(self, action):
        """Action as a document spells it, when one does."""
        for document in self.pair.documents:
            for statement in document.statements:
                for text in statement.actions:
                    if text.lower() == action:
                        return text
        return action


def compare(reference, candidate, kind="identity", timeout_s=10.0, actions=None):
    """Verdict as a dictionary: result, witness, reason. The documents are decoded JSON."""
    try:
        pair = Pair(parse(reference, kind), parse(candidate, kind))
    except Malformed as problem:
        return {"result": "UNKNOWN", "witness": None, "reason": f"malformed: {problem}"}
    crowded = pair.too_many_values()
    if crowded:
        return {"result": "UNKNOWN", "witness": None, "reason": f"too many set tests on {crowded[0]}"}
    result, witness, reason = Question(pair, timeout_s, actions).answer()
    return {"result": result, "witness": witness, "reason": reason}
