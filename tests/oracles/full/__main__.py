"""The policy crate and the reachability crate against their oracles at full size.

From tests/, with the solver's Python: `python -m oracles.full PROGRAMS SIMULATOR --node NODE`. PROGRAMS is where the
examples `simulate`, `compare` and `reach` are, SIMULATOR where npm installed the public simulator. Ends with 1 if
anything differs that no listed rule explains.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

from ..public.compare import Simulator
from . import decisions, pairs, ways
from .results import Row, append, commit, cores, of_prefix, sentence
from .work import Found, side_by_side


def requests(chosen: argparse.Namespace) -> tuple[Found, list[Row]]:
    simulator = Simulator(chosen.simulator.resolve(), chosen.node)
    programs = chosen.programs.resolve()
    shards = [(seed, chosen.requests, chosen.measured, programs, simulator) for seed in range(1, chosen.seeds + 1)]
    found = side_by_side("requests", decisions.shard, [(0, 0, 0, programs, simulator), *shards], chosen.processes)
    silent = decisions.undecided_forms(found.counts)
    found.wrong += silent
    for one in silent:
        print(f"UNEXPLAINED {one}", file=sys.stderr)
    counts = found.counts
    by_simulator = sum(1 for one in found.wrong if one.startswith("simulator "))
    alike = of_prefix(counts, "requests decided alike: ")
    naive = (f"{counts['requests']} requests: {sum(count for _, count in alike)} decided alike ({sentence(alike)}), "
             f"{counts['requests decided differently']} differently, "
             f"{counts['requests left open by the naive evaluator']} left open by the naive evaluator; of "
             f"{counts['requests measured']} every condition form and kind of policy decides some verdict"
             + (f", except {len(silent)}" if silent else ""))
    settled = of_prefix(counts, "simulator, settled by ")
    public = (f"{counts['requests']} requests: {counts['simulator: decided alike']} decided alike, "
              f"{counts['simulator: decided differently']} differently, "
              f"{counts['simulator: without a verdict']} without a verdict of the simulator, "
              f"{counts['simulator: left open by decide']} left open by `decide`; the differences are settled by: "
              + "; ".join(f"{name} ({count})" for name, count in settled))
    return found, [
        Row("decisions, naive evaluator", naive, len(found.wrong) - by_simulator, found.seconds),
        Row("decisions, public simulator 0.1.173", public, by_simulator, found.seconds),
    ]


def comparisons(chosen: argparse.Namespace) -> tuple[Found, list[Row]]:
    programs = chosen.programs.resolve()
    shards = [(seed, chosen.pairs, chosen.attempts, programs) for seed in range(1, chosen.seeds + 1)]
    found = side_by_side("pairs", pairs.shard, shards, chosen.processes)
    counts = found.counts

    def wrong(*kinds: str) -> int:
        return sum(1 for one in found.wrong if one.startswith(kinds))

    same, left = of_prefix(counts, "the same "), []
    for result in ("NEW_ACCESS", "NO_NEW_ACCESS"):
        left += [(f"{result}: {name}", count) for name, count in of_prefix(counts, f"{result} left open: ")]
    smt = (f"{counts['pairs']} pairs, {counts['settled by the oracle']} settled by the oracle: {sentence(same)} alike, "
           f"{counts['disagreements']} disagreements, {sum(count for _, count in left)} left open: {sentence(left)}")
    witnesses = (f"{counts['witnesses']} witnesses of NEW_ACCESS: "
                 f"{counts['witnesses confirmed by decide and the naive evaluator']} confirmed by `decide` and the "
                 f"naive evaluator, {counts['witnesses that no whole request shows']} that no whole request shows; "
                 f"left open by `decide`: {sentence(of_prefix(counts, 'witnesses left open by decide: ')) or 'none'}; "
                 "by the naive evaluator, where the SMT oracle's confirms: "
                 f"{sentence(of_prefix(counts, 'witnesses left open by the naive evaluator: ')) or 'none'}")
    attempts = (f"{counts['attempts']} requests ({chosen.attempts} for each NO_NEW_ACCESS), of which the candidate "
                f"allows {counts['attempts that the candidate allows']}: {counts['broken proofs']} that the reference "
                f"denies, {counts['attempts decided differently']} decided differently by the two authorizers, "
                f"{counts['attempts that one of the two leaves open']} times one leaves it open")
    return found, [
        Row("comparisons, SMT oracle", smt, wrong("pairs "), found.seconds),
        Row("witnesses, both authorizers", witnesses, wrong("witness "), found.seconds),
        Row("proofs, attempts at them", attempts, wrong("proof ", "attempt "), found.seconds),
    ]


def reachable(chosen: argparse.Namespace) -> tuple[Found, list[Row]]:
    programs = chosen.programs.resolve()
    shards = [(seed, chosen.topologies, chosen.packets, programs) for seed in range(1, chosen.seeds + 1)]
    found = side_by_side("ways", ways.shard, shards, chosen.processes)

    def row(kind: str, sort: str, begin: str) -> Row:
        wrong = sum(1 for one in found.wrong if one.startswith(begin))
        text = (f"{found.counts[kind]} {kind} in {found.counts['topologies']} topologies: "
                f"{sentence(of_prefix(found.counts, f'{kind} judged alike: '))} alike, their replies "
                f"{sentence(of_prefix(found.counts, f'{kind}, replies judged alike: '))}; {wrong} differently")
        return Row(sort, text, wrong, found.seconds)

    return found, [
        row("packets", "ways, packets by the packet walker", "packet "),
        row("witnesses", "ways, a witness of each by the packet walker", "witness "),
    ]


STAGES = {"decisions": requests, "comparisons": comparisons, "ways": reachable}


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m oracles.full", description=__doc__)
    options.add_argument("programs", type=Path)
    options.add_argument("simulator", type=Path)
    options.add_argument("--node", default="node", help="the program that runs the simulator")
    options.add_argument("--seeds", type=int, default=10, help="shards of each stage, seeds 1 to this")
    options.add_argument("--requests", type=int, default=10_000, help="generated requests of a seed")
    options.add_argument("--measured", type=int, default=3_000, help="of these, how many show what decides them")
    options.add_argument("--pairs", type=int, default=1_000, help="generated pairs of a seed")
    options.add_argument("--attempts", type=int, default=25, help="requests against each NO_NEW_ACCESS")
    options.add_argument("--topologies", type=int, default=200, help="generated topologies of a seed")
    options.add_argument("--packets", type=int, default=1_000, help="packets in each topology")
    options.add_argument("--only", choices=STAGES, help="one of the stages")
    options.add_argument("--processes", type=int, default=min(2, cores()))
    options.add_argument("--record", action="store_true", help="append the rows to bench/RESULTS.md")
    chosen = options.parse_args()
    # Of the sources that were built, whatever becomes of them meanwhile.
    date, tried = datetime.now(timezone.utc).date().isoformat(), commit()
    wrong, rows = [], []
    for stage in STAGES.values() if chosen.only is None else [STAGES[chosen.only]]:
        found, own = stage(chosen)
        wrong += found.wrong
        rows += own
    for row in rows:
        print(f"\n{row.compared} ({row.seconds:.0f} s, {row.unexplained} unexplained)\n  {row.counts}")
    if chosen.record:
        append(date, tried, rows)
        print("\nAppended to bench/RESULTS.md.")
    print(f"\n{len(wrong)} unexplained.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
