"""How often each condition form and each kind of policy decides a verdict, among the lines that are settled."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import Iterable, Iterator

from .naive.document import Repeated, load
from .naive.evaluate import decide

KINDS = ("identity_policies", "resource_policy", "permission_boundary", "session_policies", "scps", "rcps",
         "vpc_endpoint_policy")


@dataclass
class Table:
    lines: int = 0
    decisions: Counter = field(default_factory=Counter)
    # By condition form: the condition fails and without it the verdict would be another one.
    failing: Counter = field(default_factory=Counter)
    # By condition form: the statement counts, that is, without the whole statement the verdict would be another one.
    holding: Counter = field(default_factory=Counter)
    # By kind of policy: without all policies of that kind the verdict would be another one.
    kinds: Counter = field(default_factory=Counter)


def measure(lines: Iterable[str]) -> Table:
    table = Table()
    for text in lines:
        line = load(text)
        verdict = decide(line)[0]
        _as_lists(line)
        table.lines += 1
        table.decisions[verdict] += 1
        if verdict == "UNKNOWN":
            continue
        for form, without in _without_conditions(line):
            table.failing[form] += _differs(verdict, without)
        for forms, without in _without_statements(line):
            if _differs(verdict, without):
                table.holding.update(forms)
        for kind in KINDS:
            if line.get(kind):
                without = copy.deepcopy(line)
                without[kind] = [] if isinstance(line[kind], list) else None
                table.kinds[kind] += _differs(verdict, without)
    return table


def _as_lists(line) -> None:
    """A policy may hold its one statement without a list; here a list is easier."""
    for policy in _policies([line.get(kind) for kind in KINDS]):
        if isinstance(policy.get("Statement"), dict):
            policy["Statement"] = [policy["Statement"]]


def _policies(value) -> Iterator[dict]:
    if isinstance(value, list):
        for one in value:
            yield from _policies(one)
    elif isinstance(value, dict) and not isinstance(value, Repeated):
        yield value


def _differs(verdict: str, changed: dict) -> bool:
    other = decide(changed)[0]
    return other not in ("UNKNOWN", verdict)


def _statements(line) -> Iterator[tuple[list, int]]:
    """Every statement of every policy, as its list and its place there."""
    for kind in KINDS:
        for policy in _policies(line.get(kind)):
            for place in range(len(policy["Statement"])):
                yield policy["Statement"], place


def _without_conditions(line) -> Iterator[tuple[str, dict]]:
    for number, (statements, place) in enumerate(_statements(line)):
        for operator, keys in statements[place].get("Condition", {}).items():
            for key in keys:
                changed = copy.deepcopy(line)
                others, same = list(_statements(changed))[number]
                block = others[same]["Condition"]
                del block[operator][key]
                if not block[operator]:
                    del block[operator]
                if not block:
                    del others[same]["Condition"]
                yield operator, changed


def _without_statements(line) -> Iterator[tuple[list[str], dict]]:
    for number, (statements, place) in enumerate(_statements(line)):
        forms = list(statements[place].get("Condition", {}))
        if not forms:
            continue
        changed = copy.deepcopy(line)
        others, same = list(_statements(changed))[number]
        # An effect-less statement would be refused: put one there that never applies.
        others[same].pop("NotAction", None)
        others[same]["Action"] = "none:None"
        yield forms, changed


def report(table: Table, forms: Iterable[str]) -> str:
    rows = [f"lines {table.lines}"] + [f"  {name} {count}" for name, count in sorted(table.decisions.items())]
    rows += ["kind of policy: verdicts it decides"] + [f"  {kind} {table.kinds[kind]}" for kind in KINDS]
    rows += ["condition form: decides by failing, by holding"]
    rows += [f"  {form} {table.failing[form]} {table.holding[form]}" for form in sorted(forms)]
    return "\n".join(rows)
