"""Direct evaluation of one request against one document: the check of every witness.

It shares the parser and the list of principals with the encoding, and nothing of z3: patterns are matched
letter by letter here. Answers are True, False, or None where the meaning is not settled.
"""
import ipaddress

from . import patterns, principals, values


def all_of(items):
    items = list(items)
    return False if False in items else None if None in items else True


def any_of(items):
    items = list(items)
    return True if True in items else None if None in items else False


def invert(value):
    return None if value is None else not value


def glob(found, text, limits):
    """Does the text match the pieces? `limits[i]` says whether wildcard i may take a colon."""
    states = {0}

    def skip_stars(at):
        out = set()
        for state in at:
            out.add(state)
            while state < len(found) and found[state][0] == "star":
                state += 1
                out.add(state)
        return out

    states = skip_stars(states)
    for char in text:
        after = set()
        for state in states:
            if state == len(found):
                continue
            piece = found[state]
            if piece[0] == "lit":
                if piece[1] == char:
                    after.add(state + 1)
            elif limits[state] or char != ":":
                after.add(state if piece[0] == "star" else state + 1)
        states = skip_stars(after)
        if not states:
            return False
    return len(found) in states


def segments_match(found, text):
    """ARN operators: six parts, each on its own; the pieces are split at their first five colons."""
    parts, rest = [[]], list(found)
    while rest:
        piece = rest.pop(0)
        if piece == ("lit", ":") and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(piece)
    have = text.split(":", 5)
    if len(parts) < 6 or len(have) < 6:
        return False
    return all(glob(p, h, [True] * len(p)) for p, h in zip(parts, have))


def resource_limits(found):
    """Which stars are the last letter of their segment."""
    out = []
    for i, piece in enumerate(found):
        ends = i + 1 == len(found) or found[i + 1] == ("lit", ":")
        out.append(piece[0] == "star" and ends)
    return out


class Evaluator:
    """One document; `clash` holds keys that the question compares as different types."""

    def __init__(self, document, clash=()):
        self.document, self.clash = document, set(clash)
        self.unsettled = []

    def decide(self, request):
        """True: allowed, False: not allowed, None: not settled."""
        context = {key.lower(): value for key, value in request["context"].items()}
        self.unsettled = []
        applies = [(s.allow, self.applies(s, request, context)) for s in self.document.statements]
        denied = any_of(result for allow, result in applies if not allow)
        allowed = any_of(result for allow, result in applies if allow)
        if self.document.kind == "rcp":
            allowed = True
        return all_of([invert(denied), allowed])

    def why_not(self, request):
        """Sentence on why the document does not allow the request."""
        context = {key.lower(): value for key, value in request["context"].items()}
        for statement in self.document.statements:
            if not statement.allow and self.applies(statement, request, context):
                return f"{statement.label()} denies it"
        return "no statement allows it"

    def applies(self, statement, request, context):
        parts = [self.action(statement, request["action"])]
        if statement.resources is not None:
            parts.append(self.resource(statement, request["resource"], context))
        if statement.principals is not None:
            parts.append(self.principal(statement, request["principal"]))
        parts += [self.test(test, context) for test in statement.tests]
        return all_of(parts)

    def note(self, reason):
        if reason not in self.unsettled:
            self.unsettled.append(reason)

    def action(self, statement, action):
        found = [patterns.pieces(text.lower(), True, False) for text in statement.actions]
        hit = any(glob(p, action.lower(), [True] * len(p)) for p in found)
        return hit != statement.not_action

    def value_of(self, name, context):
        value = context.get(name)
        return value[0] if isinstance(value, list) and len(value) == 1 else value

    def filled(self, found, context):
        """Pieces with variables replaced; False: a value is missing; None: not settled."""
        wanted = {name: self.value_of(name, context) for name in patterns.variables_in(found)}
        if any(isinstance(value, list) for value in wanted.values()):
            self.note("multi-valued key used as a variable")
            return None
        out = patterns.substitute(found, wanted)
        return False if out is None else out

    def resource(self, statement, resource, context):
        results = []
        for text in statement.resources:
            found, problem = patterns.resource_pattern(text, self.document.kind, self.document.variables)
            if problem:
                self.note(problem)
                results.append(None)
                continue
            found = self.filled(found, context)
            results.append(found if found is None or found is False else glob(found, resource, resource_limits(found)))
        hit = any_of(results)
        return invert(hit) if statement.not_resource else hit

    def principal(self, statement, caller):
        problems = [p for p in (principals.opaque(*name) for name in statement.principals) if p]
        for problem in problems:
            self.note(problem)
        clear = [name for name in statement.principals if not principals.opaque(*name)]
        if statement.not_principal:
            out = principals.excluded(clear, caller)
            if out is None:
                self.note(f"NotPrincipal and {caller}")
            return invert(any_of([out] + [None] * len(problems)))
        return any_of([principals.matches(*name, caller) for name in clear] + [None] * len(problems))

    def test(self, test, context):
        value = context.get(test.key)
        if test.opaque or (test.key in self.clash and test.family != "null"):
            self.note(test.opaque or f"{test.key} is compared as different types")
            return None
        many = value if isinstance(value, list) else [] if value is None else [value]
        if test.family == "null":
            return self.null(test, value, many)
        if test.set_operator == "all":
            if all(v == "" for v in many):
                return True
            return all_of(self.one(test, v, context) for v in many)
        if test.set_operator == "any":
            if not many and test.if_exists:
                self.note("ForAnyValue with IfExists and a missing key")
                return None
            return any_of(self.one(test, v, context) for v in many)
        if not many:
            return test.negated or test.if_exists
        if len(many) > 1:
            self.note(f"several values of {test.key} without a set operator")
            return None
        return self.one(test, many[0], context)

    def null(self, test, value, many):
        results = []
        for text in test.values:
            if text.lower() not in ("true", "false"):
                self.note(f"Null on {test.key} with {text!r}")
                results.append(None)
            else:
                empty = isinstance(value, list) and all(v == "" for v in many)
                results.append((not many or empty) == (text.lower() == "true"))
        return any_of(results)

    def one(self, test, value, context):
        hit = any_of(self.compare(test, text, value, context) for text in test.values)
        return invert(hit) if test.negated else hit

    def compare(self, test, text, value, context):
        if test.family == "text":
            return self.compare_text(test, text, value, context)
        if test.family == "binary":
            return text == value
        result = None
        if test.family == "bool":
            result = value == text.lower() if text.lower() in ("true", "false") else None
        elif test.family == "ip":
            result = self.compare_address(text, value)
        else:
            read = values.number if test.family == "num" else values.date
            constant, have = read(text), read(value)
            if constant is not None and have is not None:
                result = {"eq": have == constant, "lt": have < constant, "le": have <= constant,
                          "gt": have > constant, "ge": have >= constant}[test.comparison]
        if result is None:
            self.note(f"no meaning for {test.name()} with {text!r}")
        return result

    @staticmethod
    def compare_address(text, value):
        if values.network(text) is None:
            return None
        net, address = ipaddress.ip_network(text, strict=False), ipaddress.ip_address(value)
        return address.version == net.version and address in net

    def compare_text(self, test, text, value, context):
        found = patterns.pieces(text, test.comparison in ("like", "arn"), test.variables)
        if found is None:
            self.note(f"unreadable variable in {text!r}")
            return None
        found = self.filled(found, context)
        if found is None or found is False:
            return found
        if test.comparison == "arn":
            return segments_match(found, value)
        if test.comparison == "ieq":
            return "".join(p[1] for p in found).lower() == value.lower()
        return glob(found, value, [True] * len(found))
