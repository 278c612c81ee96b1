"""Tests of the oracle itself: the hand-written decisions hold, the generator repeats itself, and its cases decide."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

from .cases import rows
from .coverage import KINDS, measure
from .diff import compare
from .generate import lines
from .mutants import MUTANTS, caught
from .naive.document import load
from .naive.evaluate import decide
from .naive.matching import matches, tokens
from .samples import FORMS

SETTLED = set(range(1, 60))


class Rows(unittest.TestCase):
    def test_every_row_has_the_decision_written_by_hand(self):
        for name, expected, made in rows():
            with self.subTest(name):
                decision, reason = decide(load(made))
                self.assertEqual(decision, expected, reason)

    def test_every_row_of_the_table_has_a_case(self):
        covered = {int(re.match(r"row-(\d+)-", name).group(1)) for name, _, _ in rows()}
        self.assertEqual(SETTLED - covered, set())

    def test_an_unknown_says_why(self):
        for name, expected, made in rows():
            if expected == "UNKNOWN":
                self.assertRegex(decide(load(made))[1], r"row|refused", name)

    def test_names_are_unique(self):
        names = [name for name, _, _ in rows()]
        self.assertEqual(len(names), len(set(names)))


class Program(unittest.TestCase):
    def test_lines_in_lines_out_in_the_same_order(self):
        made = list(lines(3, 20))
        folder = Path(__file__).resolve().parent.parent
        done = subprocess.run(
            [sys.executable, "-m", "oracles.naive"], input="\n".join(made), capture_output=True, text=True, cwd=folder,
            check=True,
        )
        answers = [json.loads(one) for one in done.stdout.splitlines()]
        self.assertEqual([one["id"] for one in answers], [load(one)["id"] for one in made])
        self.assertEqual({frozenset(one) for one in answers}, {frozenset({"id", "decision", "reason"})})


class Differences(unittest.TestCase):
    def test_open_lines_are_no_differences_and_missing_ones_are(self):
        def answers(**decisions):
            return {name: {"id": name, "decision": decision, "reason": ""} for name, decision in decisions.items()}

        counts, found = compare(
            answers(a="ALLOW", b="UNKNOWN", c="ALLOW", d="IMPLICIT_DENY", e="UNKNOWN"),
            answers(a="ALLOW", b="ALLOW", c="UNKNOWN", d="EXPLICIT_DENY"),
        )
        self.assertEqual([one[0] for one in found], ["c", "d", "e"])
        self.assertEqual(counts["the same"], 1)
        self.assertEqual(counts["open, answered ALLOW"], 1)


class Matching(unittest.TestCase):
    def test_wildcards_against_a_second_way_of_matching(self):
        letters = "ab"
        texts = ["", "a", "b", "ab", "aab", "abab", "bbb", "aabba"]
        parts = [*letters, "*", "?", "**", "?*"]
        for one in parts:
            for two in parts:
                for three in parts:
                    pattern = one + two + three
                    regex = re.compile(pattern.replace("*", "[ab]*").replace("?", "[ab]"))
                    for text in texts:
                        self.assertEqual(matches(tokens(pattern), text), bool(regex.fullmatch(text)), (pattern, text))


class WrongReadings(unittest.TestCase):
    def test_the_hand_written_cases_catch_every_wrong_reading(self):
        counts = caught([made for _, _, made in rows()])
        for row, name, *_ in MUTANTS:
            self.assertGreater(counts[name], 0, f"row {row}: {name}")


class Generator(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = list(lines(1, 5000))
        cls.table = measure(cls.made)

    def test_the_same_seed_gives_the_same_lines(self):
        self.assertEqual(list(lines(1, 300)), self.made[:300])
        self.assertNotEqual(list(lines(2, 300)), self.made[:300])

    def test_every_condition_form_decides_both_by_failing_and_by_holding(self):
        for form in FORMS:
            with self.subTest(form):
                self.assertGreater(self.table.failing[form], 0)
                self.assertGreater(self.table.holding[form], 0)

    def test_every_kind_of_policy_decides(self):
        for kind in KINDS:
            self.assertGreater(self.table.kinds[kind], 50, kind)

    def test_most_lines_are_settled(self):
        self.assertLess(self.table.decisions["UNKNOWN"], 0.12 * self.table.lines)
        for decision in ("ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY"):
            self.assertGreater(self.table.decisions[decision], 400, decision)


if __name__ == "__main__":
    unittest.main()
