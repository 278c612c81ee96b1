"""Tests of the SMT oracle and of the generator of pairs: from tests/, `python -m unittest oracles.test_smt`."""
import copy
import ipaddress
import itertools
import json
import random
import unittest

import z3

from . import pairs
from .smt import encode, texts, values
from .smt.compare import Question, compare
from .smt.document import Malformed, no_duplicates, parse
from .smt.evaluate import Evaluator
from .smt.examples import PAIRS as FIRST
from .smt.examples_more import PAIRS as SECOND
from .smt.pair import Pair

EMPTY = {"Version": "2012-10-17", "Statement": []}


class Sampler:
    """Requests near the border of two documents: patterns filled in, constants and their neighbours."""

    def __init__(self, rng, pair):
        self.rng, self.pair = rng, pair
        self.values = {}
        for test in pair.tests:
            if test.family not in ("null", "opaque"):
                self.values.setdefault(test.key, []).extend((test, v) for v in test.values)
        statements = [s for d in pair.documents for s in d.statements]
        self.actions = [a for s in statements for a in s.actions] + ["other:Thing"]
        self.resources = [r for s in statements for r in s.resources or ()] or ["arn:aws:iam::111122223333:role/x"]

    def fill(self, pattern, context):
        """A text of the pattern, mostly."""
        out, rng = "", self.rng
        for name, value in context.items():
            for spelled in ("${%s}" % name, "${%s}" % name.lower()):
                pattern = pattern.replace(spelled, value if isinstance(value, str) else "x")
        for char in pattern:
            if char == "*":
                out += rng.choice(["", "a", "Object", "x/y", "a:b"])
            else:
                out += rng.choice("aZ1") if char == "?" else char
        return out

    def value(self, key):
        rng = self.rng
        choices = self.values.get(key)
        if self.pair.keys[key].kind == "bool":
            return rng.choice(["true", "false"])
        if not choices:
            return rng.choice(["alice", "x", "shared"])
        test, text = rng.choice(choices)
        if test.family == "num":
            base = values.number(text) or 1
            return values.number_text(base + rng.choice([-1, 0, 0, 1]) + values.Fraction(rng.choice([0, 5]), 10))
        if test.family == "date":
            return values.date_text((values.date(text) or 0) + rng.choice([-3600000, -1, 0, 0, 1, 1000]))
        if test.family == "ip":
            net = values.network(text) or (4, 1, 2)
            number = rng.choice([net[1], net[2], max(0, net[1] - 1), (net[1] + net[2]) // 2])
            return values.address_text(net[0], number)
        text = self.fill(text, {}) if test.comparison in ("like", "arn") else text
        return rng.choice([text, text, text, text + "x", text.swapcase(), "", "extra"])

    def request(self):
        rng, context = self.rng, {}
        for name, key in self.pair.keys.items():
            if key.kind == "clash" or rng.random() < 0.3:
                continue
            found = [self.value(name) for _ in range(rng.choice([1, 1, 2, 3]) if key.multi else 1)]
            context[self.pair.spelling.get(name, name)] = list(dict.fromkeys(found)) if key.multi else found[0]
        resource = self.fill(rng.choice(self.resources), context)
        if resource.count(":") < 5 or resource.endswith(":"):
            resource = "arn:aws:s3:::data/x"
        action = self.fill(rng.choice(self.actions), {})
        action = "".join(c for c in action if c.isalnum() or c in ":-")
        if action.count(":") != 1 or action.startswith(":") or action.endswith(":"):
            action = "s3:GetObject"
        return {"principal": rng.choice(self.pair.callers), "action": action, "resource": resource,
                "resource_account": "111122223333", "context": context}


def fixed(coder, pair, request):
    """Formula that says: the request is this one."""
    context = {k.lower(): v for k, v in request["context"].items()}
    out = [coder.plain(request["action"].lower(), "action"), coder.plain(request["resource"], "resource"),
           coder.caller == pair.callers.index(request["principal"])]
    for name in pair.keys:
        present, used, cells, sixes = coder.key(name)
        value = context.get(name)
        many = value if isinstance(value, list) else [] if value is None else [value]
        out += [u if i < len(many) else z3.Not(u) for i, u in enumerate(used)]
        for text, cell, six in zip(many, cells, sixes):
            kind = pair.keys[name].kind
            if kind == "num":
                out.append(cell == int(values.number(text) * pair.keys[name].scale))
            elif kind == "date":
                out.append(cell == values.date(text))
            elif kind == "ip":
                address = ipaddress.ip_address(text)
                out += [cell == int(address), six == (address.version == 6)]
            else:
                out.append(coder.plain(text, cell))
    return out


class Handmade(unittest.TestCase):
    def test_expected_results_and_reasons(self):
        self.assertGreaterEqual(len(FIRST) + len(SECOND), 60)
        names = [entry[0] for entry in FIRST + SECOND]
        self.assertEqual(len(names), len(set(names)))
        for name, kind, reference, candidate, result, reason in FIRST + SECOND:
            with self.subTest(name):
                verdict = compare(copy.deepcopy(reference), copy.deepcopy(candidate), kind)
                self.assertEqual((verdict["result"], reason in verdict["reason"]), (result, True), verdict)
                self.assertEqual(verdict["witness"] is not None, result == "NEW_ACCESS")

    def test_witness_has_the_form_of_a_request(self):
        _, kind, reference, candidate, _, _ = next(e for e in FIRST if e[0].startswith("ForAnyValue of two"))
        witness = compare(reference, candidate, kind)["witness"]
        self.assertEqual(list(witness), ["principal", "action", "resource", "resource_account", "context"])
        tags = witness["context"]["aws:TagKeys"]
        self.assertIn("a", tags)
        self.assertTrue(any(tag.startswith("b") for tag in tags))

    def test_witness_keeps_only_the_keys_it_needs(self):
        document = {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {
                "StringEquals": {"a:b": "c"}, "StringNotEquals": {"a:d": "e"}}}}
        self.assertEqual(compare(EMPTY, document)["witness"]["context"], {"a:b": "c"})

    def test_repeated_json_key_is_refused(self):
        with self.assertRaises(Malformed):
            json.loads('{"Version": "2012-10-17", "Version": "2008-10-17"}', object_pairs_hook=no_duplicates)

    def test_no_time_left_is_unknown(self):
        verdict = compare(FIRST[2][2], FIRST[2][3], "identity", timeout_s=0.0)
        self.assertEqual((verdict["result"], verdict["reason"]), ("UNKNOWN", "timeout"))

    def test_dictionary_world(self):
        narrow = {"Statement": {"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetBucketAcl"], "Resource": "*"}}
        wide = {"Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
        actions = ["s3:GetObject", "s3:GetBucketAcl", "s3:PutObject"]
        self.assertEqual(compare(narrow, wide)["result"], "NEW_ACCESS")
        self.assertEqual(compare(narrow, wide, actions=actions)["result"], "NO_NEW_ACCESS")
        self.assertEqual(compare(narrow, wide, actions=actions + ["s3:GetObjectAcl"])["witness"]["action"],
                         "s3:getobjectacl")

    def test_a_wrong_witness_is_reported(self):
        document = {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
        question = Question(Pair(parse(EMPTY, "identity"), parse(document, "identity")), 5)
        question.judges[1] = question.judges[0]
        self.assertTrue(question.answer()[2].startswith("internal error"))


class Generated(unittest.TestCase):
    def test_same_seed_same_pairs(self):
        first, second, other = (json.dumps([line for line, _ in pairs.generate(seed, 40)]) for seed in (7, 7, 8))
        self.assertEqual(first, second)
        self.assertNotEqual(first, other)

    def test_a_longer_run_starts_with_the_shorter_one(self):
        self.assertEqual(list(pairs.generate(3, 10)), list(pairs.generate(3, 20))[:10])

    def test_form_of_a_line(self):
        for line, _ in itertools.chain(*(pairs.generate(seed, 1500) for seed in range(1, 6))):
            self.assertEqual(list(line), ["id", "type", "reference", "candidate"])
            for side in ("reference", "candidate"):
                parse(line[side], line["type"])

    def test_reflexive_on_200_documents(self):
        for line, _ in pairs.generate(11, 200):
            with self.subTest(line["id"]):
                document = line["candidate"]
                verdict = compare(document, copy.deepcopy(document), line["type"])
                self.assertEqual(verdict["result"], "NO_NEW_ACCESS", verdict)

    def test_300_pairs_against_samples(self):
        rng, found, sampled_new = random.Random(5), {}, 0
        for line, _ in pairs.generate(5, 300):
            with self.subTest(line["id"]):
                verdict = compare(line["reference"], line["candidate"], line["type"])
                found[verdict["result"]] = found.get(verdict["result"], 0) + 1
                self.assertNotIn("internal error", verdict["reason"])
                pair = Pair(parse(line["reference"], line["type"]), parse(line["candidate"], line["type"]))
                clash = [k.name for k in pair.keys.values() if k.kind == "clash"]
                judges = [Evaluator(document, clash) for document in pair.documents]
                if verdict["result"] == "NEW_ACCESS":
                    decisions = [judge.decide(verdict["witness"]) for judge in judges]
                    self.assertEqual(decisions, [False, True], verdict)
                sampler = Sampler(rng, pair)
                for _ in range(60):
                    request = sampler.request()
                    differs = judges[1].decide(request) is True and judges[0].decide(request) is False
                    sampled_new += differs
                    if differs:
                        self.assertEqual(verdict["result"], "NEW_ACCESS", request)
        self.assertGreater(min(found["NEW_ACCESS"], found["NO_NEW_ACCESS"]), 80)
        self.assertLess(found.get("UNKNOWN", 0), 30)
        self.assertGreater(sampled_new, 300, "the samples are too far from the border to test anything")

    def test_formula_and_evaluator_agree_on_single_requests(self):
        """The formula of a document, with the request pinned, is satisfiable just when the evaluator allows it."""
        rng, seen = random.Random(9), {True: 0, False: 0}
        for line, _ in pairs.generate(9, 150):
            pair = Pair(parse(EMPTY, line["type"]), parse(line["candidate"], line["type"]))
            if line["type"] == "rcp" or any(k.kind == "clash" for k in pair.keys.values()):
                continue
            sampler, judge = Sampler(rng, pair), Evaluator(pair.candidate)
            requests = [sampler.request() for _ in range(12)]
            requests.sort(key=lambda r: judge.decide(r) is not True)
            for request in requests[:2] + requests[-1:]:
                decision = judge.decide(request)
                context = {k.lower(): v for k, v in request["context"].items()}
                if decision is None or any(isinstance(v, list) and len(v) > pair.keys[k].slots
                                           for k, v in context.items()):
                    continue
                chosen = {name: context.get(name) for name in pair.variables()}
                coder = encode.Encoder(pair, chosen)
                question = Question(pair, 20)
                grants = [s for s in pair.candidate.statements if s.allow]
                solver = z3.Solver()
                solver.add(z3.Or([coder.new_access(s) for s in grants]), *fixed(coder, pair, request))
                solver.add(coder.domain())
                while (result := question.check(solver)) == z3.sat and (learned := coder.conflicts(solver.model())):
                    solver.add(learned)
                with self.subTest(line["id"], request=request):
                    self.assertEqual(result == z3.sat, decision)
                seen[decision] += 1
        self.assertGreater(min(seen.values()), 100, seen)


class Texts(unittest.TestCase):
    def test_conflict_is_small(self):
        star = ((("lit", "a"), ("star",)), "text")
        word = ((("lit", "a"), ("lit", "b")), "text")
        other = ((("lit", "c"),), "text")
        self.assertIsNone(texts.find((word,), (star, other)))
        self.assertEqual(texts.conflict((word,), (other, star), None), ((word,), (star,)))

    def test_dates_and_numbers(self):
        self.assertEqual(values.date("2026-01-01T01:00:00+01:00"), values.date("2026-01-01"))
        self.assertEqual(values.date("1767225600"), values.date("2026-01-01T00:00Z"))
        self.assertIsNone(values.date("2026"))
        self.assertIsNone(values.date("2026-02-30"))
        self.assertEqual(values.date_text(values.date("2026-03-01T10:20:30.250Z")), "2026-03-01T10:20:30.250Z")
        self.assertEqual(values.number_text(values.number("-0.50")), "-0.5")
        self.assertIsNone(values.number("1e3"))
        self.assertIsNone(values.network("10.0.0.0/33"))


if __name__ == "__main__":
    unittest.main()
