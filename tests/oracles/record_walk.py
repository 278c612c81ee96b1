"""Record packets and verdicts for tests/differential_reach.rs: python -m oracles.record_walk (needs the program zstd).

Lines of the packet walker (oracles/walk): those of its known cases, each with the name of the test that it is from, in
differential/known_ways.jsonl.zst, and generated ones in differential/ways.jsonl.zst. Each packet has one more member,
"expected": the verdict, the verdict on the reply, and where it was delivered. What stands behind a transit gateway is
left out: the product does not read it.
"""

from __future__ import annotations

import argparse
import json
import sys
import unittest
from typing import Iterator
from unittest import mock

from . import test_walk
from .full.ways import UNREAD, without_unread
from .record import write
from .walk import nets
from .walk.generate import lines
from .walk.judge import judge, place
from .walk.topology import Topology


def expecting(line: dict) -> dict:
    """The line, with what the walker says of each packet."""
    topology = Topology(line["topology"])
    for packet in line["packets"]:
        answer = judge(topology, packet)
        packet["expected"] = [answer["verdict"], answer["reply"] and answer["reply"]["verdict"], place(answer)]
    return line


def known() -> Iterator[dict]:
    """What the tests of the walker ask it, a line for each topology of each test. The tests themselves have to hold."""
    asked: dict[tuple[str, str], list[dict]] = {}
    running: list[str] = []

    def noting(topology: Topology, packet: dict) -> dict:
        answer = judge(topology, packet)
        if answer["hops"][-1]["rule"] != "refused":
            raw = {name: group for name, group in topology.raw.items() if name not in UNREAD}
            asked.setdefault((running[-1], json.dumps(raw, sort_keys=True)), []).append(json.loads(json.dumps(packet)))
        return answer

    class Noting(unittest.TestResult):
        def startTest(self, test):  # noqa: N802 (unittest's own name)
            running.append(".".join(test.id().split(".")[-2:]))
            super().startTest(test)

    cases = [one for one in vars(test_walk).values()
             if isinstance(one, type) and issubclass(one, nets.Case) and one is not nets.Case]
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, cases))
    with mock.patch.object(nets, "judge", noting):
        result = suite.run(Noting())
    if not result.wasSuccessful():
        raise SystemExit(f"the walker's own tests fail: {result.failures + result.errors}")
    for (name, raw), packets in asked.items():
        yield {"case": name, "topology": json.loads(raw), "packets": packets}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=20261)
    options.add_argument("--topologies", type=int, default=200)
    options.add_argument("--packets", type=int, default=60)
    chosen = options.parse_args()
    made = (without_unread(text) for text in lines(chosen.seed, chosen.topologies, chosen.packets))
    for name, own in (("known_ways", known()), ("ways", made)):
        texts = (json.dumps(expecting(line), separators=(",", ":"), sort_keys=True) + "\n" for line in own)
        write(f"{name}.jsonl.zst", texts)
    return 0


if __name__ == "__main__":
    sys.exit(main())
