"""Decisions: `decide` against the naive evaluator and against the public simulator, and what decides the verdicts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from ..cases import rows
from ..coverage import KINDS, measure
from ..generate import lines
from ..naive.document import load
from ..naive.evaluate import decide
from ..public.compare import DECISIONS, Simulator, left_open, settled_by, with_global_keys
from ..samples import FORMS
from .work import Found, ask

UNKNOWN = "UNKNOWN"


def shard(seed: int, count: int, measured: int, programs: Path, simulator: Simulator) -> Found:
    """`count` generated requests of a seed, with what decides the first `measured`; of seed 0 the hand-written ones."""
    made = list(lines(seed, count)) if seed else [one for _, _, one in rows()]
    found = Found()
    verdicts = [decide(load(one)) for one in made]
    _against_the_naive(found, seed, verdicts, ask(programs / "simulate", made))
    _against_the_simulator(found, seed, made, verdicts, programs, simulator)
    if seed:
        table = measure(made[:measured])
        found.counts["requests measured"] += table.lines
        for name, counted in (("kind", table.kinds), ("failing", table.failing), ("holding", table.holding)):
            found.counts.update({f"{name} {form}": number for form, number in counted.items()})
    return found


def _against_the_naive(found: Found, seed: int, verdicts: list, answers: list[dict]) -> None:
    for (decision, reason), ours in zip(verdicts, answers):
        name = f"request {seed}/{ours['id']}"
        found.counts["requests"] += 1
        if decision == UNKNOWN:
            found.counts["requests left open by the naive evaluator"] += 1
        elif ours["decision"] == decision:
            found.counts[f"requests decided alike: {decision}"] += 1
        else:
            found.counts["requests decided differently"] += 1
            found.wrong.append(f"{name}: {ours['decision']} ({ours['reason']}), naive {decision} ({reason})")


def _against_the_simulator(found: Found, seed: int, made: list[str], verdicts: list, programs: Path,
                           simulator: Simulator) -> None:
    asked = [with_global_keys(one) for one in made]
    theirs = simulator.ask(asked)
    for line, (decision, reason), ours in zip(asked, verdicts, ask(programs / "simulate", asked)):
        other = theirs[ours["id"]]
        if other not in DECISIONS:
            found.counts["simulator: without a verdict"] += 1
        elif ours["decision"] == UNKNOWN:
            found.counts["simulator: left open by decide"] += 1
        elif ours["decision"] == other:
            found.counts["simulator: decided alike"] += 1
        else:
            found.counts["simulator: decided differently"] += 1
            why = left_open(reason) if decision == UNKNOWN else settled_by(line)
            found.counts[f"simulator, settled by {why}"] += 1
            if why is None:
                found.wrong.append(f"simulator {seed}/{ours['id']}: {ours['decision']} ({ours['reason']}), "
                                   f"theirs {other}: {line}")


def undecided_forms(counts: Counter) -> list[str]:
    """Condition forms and kinds of policies that decide no verdict: the requests would not show a fault in them."""
    missing = [f"{form} decides no verdict by {how}" for how in ("failing", "holding") for form in FORMS
               if not counts[f"{how} {form}"]]
    return missing + [f"no verdict is decided by {kind}" for kind in KINDS if not counts[f"kind {kind}"]]
