"""Tests of the run at full size: each check of it finds what it is there for."""

from __future__ import annotations

import json
import random
import stat
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path
from unittest import mock

from .building import allow, deny, policy
from .full import decisions, pairs, ways
from .full.alone import alone
from .full.attack import Attacker
from .full.judges import Direct, naive
from .full.results import with_rows
from .full.work import Found
from .naive.evaluate import decide
from .pairs import generate
from .samples import FORMS

# What answers like our programs, wrongly as told.
ENGINE = """#!{python}
import json, sys
sys.path.insert(0, {home!r})
{body}
"""
NAIVE = """
from oracles.naive.document import load
from oracles.naive.evaluate import decide
for text in sys.stdin:
    line = load(text)
    decision, reason = decide(line)
    {wrong}
    print(json.dumps({{"id": line["id"], "decision": decision, "reason": reason}}))
"""
# Of each topology the first packet as a witness.
WALK = """
from oracles.walk.judge import place
from oracles.walk.judge import judge_line
for text in sys.stdin:
    line = json.loads(text)
    said = [{{"id": raw["id"], "verdict": one["verdict"], "reply": one["reply"] and one["reply"]["verdict"],
             "at": place(one)}} for raw, one in zip(line["packets"], judge_line(line))]
    witness = {{**said[0], "id": line["packets"][0]}}
    {wrong}
    for one in said:
        print(json.dumps(one))
    print(json.dumps({{"witnesses": [witness]}}))
"""
CLAIM = """
for text in sys.stdin:
    name = json.loads(text)["id"]
    print(json.dumps({{"id": name, "result": {result!r}, "witness": {witness}, "reason": {reason!r}}}))
"""
HOME = str(Path(__file__).resolve().parent.parent)
REQUEST = {"principal": "arn:aws:iam::111122223333:role/a", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/x",
           "resource_account": "111122223333", "context": {}}
TLS = {"aws:SecureTransport": "true"}
NARROW = policy(allow(action="s3:Get*", resource="arn:aws:s3:::b/*", condition={"Bool": TLS}))
WIDE = policy(allow(action="s3:Get*", resource="arn:aws:s3:::b*"))


def pair(reference: dict, candidate: dict, kind: str = "identity") -> dict:
    return {"id": "one", "type": kind, "reference": reference, "candidate": candidate}


class Engine:
    """A folder with the programs, of which `simulate` is right unless told otherwise."""

    def __init__(self, compare: str = "", wrong: str = "pass", reach: str = ""):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        for name, body in (("simulate", NAIVE.format(wrong=wrong)), ("compare", compare), ("reach", reach)):
            file = self.path / name
            file.write_text(ENGINE.format(python=sys.executable, home=HOME, body=body), encoding="utf-8")
            file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *_) -> None:
        self.folder.cleanup()


def compared(made: dict, compare: str, wrong: str = "pass") -> Found:
    with Engine(compare, wrong) as programs, mock.patch.object(pairs, "generate", lambda *_: [(made, [])]):
        return pairs.shard(1, 1, 200, programs)


def claim(result: str, witness=None, reason: str = "") -> str:
    return CLAIM.format(result=result, witness=repr(witness), reason=reason)


class Comparisons(unittest.TestCase):
    def test_a_right_claim_is_confirmed_by_all(self):
        found = compared(pair(NARROW, WIDE), claim("NEW_ACCESS", REQUEST))
        self.assertEqual(found.wrong, [])
        self.assertEqual(found.counts["witnesses confirmed by decide and the naive evaluator"], 1)
        found = compared(pair(WIDE, NARROW), claim("NO_NEW_ACCESS"))
        self.assertEqual(found.wrong, [])
        self.assertGreater(found.counts["attempts that the candidate allows"], 50)

    def test_a_false_proof_is_broken_by_the_attempts(self):
        found = compared(pair(NARROW, WIDE), claim("NO_NEW_ACCESS"))
        self.assertGreater(found.counts["broken proofs"], 10)
        self.assertEqual(found.counts["disagreements"], 1)

    def test_a_false_witness_is_not_confirmed(self):
        found = compared(pair(NARROW, WIDE), claim("NEW_ACCESS", {**REQUEST, "context": TLS}))
        self.assertEqual(len(found.wrong), 1)
        self.assertRegex(found.wrong[0], r"^witness 1/one \(identity\): not confirmed")

    def test_a_verdict_left_open_needs_a_listed_reason(self):
        said = "whether a wildcard inside a segment of a Resource passes a colon after the fifth"
        self.assertEqual(compared(pair(NARROW, WIDE), claim("UNKNOWN", None, said)).wrong, [])
        self.assertEqual(len(compared(pair(NARROW, WIDE), claim("UNKNOWN", None, "too hard")).wrong), 1)

    def test_a_wrong_authorizer_is_found_by_the_attempts(self):
        found = compared(pair(WIDE, NARROW), claim("NO_NEW_ACCESS"), 'decision = "ALLOW"')
        self.assertGreater(found.counts["attempts decided differently"], 10)


class Decisions(unittest.TestCase):
    def found(self, wrong: str, theirs: str = "") -> Found:
        class Simulator:
            def ask(self, cases: list[str]) -> dict[str, str]:
                loaded = [json.loads(case) for case in cases]
                return {line["id"]: theirs or decide(line)[0] for line in loaded}

        with Engine(wrong=wrong) as programs:
            return decisions.shard(7, 60, 10, programs, Simulator())

    def test_a_wrong_decision_is_found(self):
        self.assertEqual(self.found("pass").wrong, [])
        wrong = self.found('decision = "ALLOW" if decision == "IMPLICIT_DENY" else decision')
        self.assertGreater(sum(one.startswith("request 7/") for one in wrong.wrong), 5)

    def test_a_simulator_that_differs_without_a_rule_is_found(self):
        found = self.found("pass", "EXPLICIT_DENY")
        self.assertGreater(sum(one.startswith("simulator 7/") for one in found.wrong), 5)

    def test_a_form_that_decides_nothing_is_named(self):
        counts = Counter({f"{how} {form}": 1 for how in ("failing", "holding") for form in FORMS})
        counts.update({f"kind {kind}": 1 for kind in decisions.KINDS})
        self.assertEqual(decisions.undecided_forms(counts), [])
        del counts["holding Null"], counts["kind rcps"]
        self.assertEqual(decisions.undecided_forms(counts),
                         ["Null decides no verdict by holding", "no verdict is decided by rcps"])


class Ways(unittest.TestCase):
    def found(self, wrong: str = "pass") -> Found:
        with Engine(reach=WALK.format(wrong=wrong)) as programs:
            return ways.shard(7, 12, 20, programs)

    def test_a_right_engine_is_confirmed(self):
        found = self.found()
        self.assertEqual(found.wrong, [])
        self.assertEqual([found.counts[name] for name in ("topologies", "packets", "witnesses")], [12, 240, 12])

    def test_a_wrong_verdict_reply_or_place_is_found(self):
        for wrong in ('said = [{**one, "verdict": "DROPPED"} for one in said]',
                      'said = [{**one, "reply": one["reply"] and "DELIVERED"} for one in said]',
                      'said = [{**one, "at": one["at"] and "eni-other"} for one in said]'):
            found = self.found(wrong)
            self.assertGreater(found.counts["packets judged differently"], 5)
            self.assertTrue(all(one.startswith("packet 7/") for one in found.wrong))

    def test_a_wrong_witness_is_found(self):
        found = self.found('witness["verdict"] = "OTHER"')
        self.assertEqual(found.counts["witnesses judged differently"], 12)
        self.assertTrue(all(one.startswith("witness 7/") for one in found.wrong))

    def test_a_missing_answer_is_not_overlooked(self):
        for wrong in ("said.pop()", "said.append(said[0])"):
            with self.assertRaises((RuntimeError, KeyError, StopIteration)):
                self.found(wrong)


class Parts(unittest.TestCase):
    def test_a_document_decides_its_line_alone(self):
        """Of every kind: with the document for everything it is allowed, without an Allow it is not."""
        everyone = {"principal": "*"}
        for kind, request, more in (
            ("identity", REQUEST, {}), ("boundary", REQUEST, {}), ("scp", REQUEST, {}),
            ("session", {**REQUEST, "principal": "arn:aws:sts::111122223333:assumed-role/a/s"}, {}),
            ("resource", REQUEST, everyone), ("resource", {**REQUEST, "principal": "anonymous"}, everyone),
            ("endpoint", REQUEST, everyone),
            ("key", {**REQUEST, "action": "kms:Decrypt", "resource": "*"}, everyone),
            ("trust", {**REQUEST, "action": "sts:AssumeRole", "resource": "arn:aws:iam::111122223333:role/b"},
             {**everyone, "resource": None}),
        ):
            with self.subTest(kind, principal=request["principal"]):
                all_of = policy(allow(action="*", **more))
                nothing = policy(allow(action="ec2:*", **more))
                denied = policy(allow(action="*", **more), deny(action="*", **more))
                got = [decide(alone("x", kind, document, request))[0] for document in (all_of, nothing, denied)]
                self.assertEqual(got, ["ALLOW", "IMPLICIT_DENY", "EXPLICIT_DENY"])
        rcp = policy(deny(action="s3:Get*", principal="*"))
        put = {**REQUEST, "action": "s3:PutObject"}
        got = [decide(alone("x", "rcp", rcp, request))[0] for request in (REQUEST, put)]
        self.assertEqual(got, ["EXPLICIT_DENY", "ALLOW"])

    def test_the_judges_agree_about_documents(self):
        compared = 0
        for made, _ in generate(77, 60):
            judge = Direct(made)
            for request in Attacker(random.Random(made["id"]), made).requests(10):
                for side in ("reference", "candidate"):
                    own, other = naive(made["type"], made[side], request, None)[0], judge.decide(side, request)[0]
                    if "UNKNOWN" not in (own, other):
                        compared += 1
                        self.assertEqual(own == "ALLOW", other == "ALLOW", (made["id"], side, request))
        self.assertGreater(compared, 600)

    def test_attempts_repeat_themselves(self):
        made = next(iter(generate(5, 1)))[0]
        first, second = (list(Attacker(random.Random("x"), made).requests(20)) for _ in range(2))
        self.assertEqual(first, second)

    def test_rows_go_to_their_own_section(self):
        text = "# R\n\n## Differential\n\n| a |\n| --- |\n\n## Other\n\n| b |\n"
        expected = text.replace("| --- |\n", "| --- |\n| 1 |\n")
        self.assertEqual(with_rows(text, "| 1 |\n"), expected)


if __name__ == "__main__":
    unittest.main()
