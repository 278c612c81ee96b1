"""How often each rule decided a packet, or carried it on, among generated lines."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Iterable

from .judge import answers_of, merge
from .rules import RULES
from .topology import Topology


@dataclass
class Table:
    packets: int = 0
    verdicts: Counter = field(default_factory=Counter)
    replies: Counter = field(default_factory=Counter)
    # The last rule of a way: it gave the verdict.
    decided: Counter = field(default_factory=Counter)
    decided_replies: Counter = field(default_factory=Counter)
    # Every rule that a packet or its reply met, in some reading.
    met: Counter = field(default_factory=Counter)

    def add(self, topology: Topology, raw: dict) -> None:
        answers = answers_of(topology, raw)
        answer = merge(raw, answers)
        self.packets += 1
        self.verdicts[answer["verdict"]] += 1
        self.decided[answer["hops"][-1]["rule"]] += 1
        reply = answer["reply"]
        self.replies[reply["verdict"] if reply else "none"] += 1
        if reply:
            self.decided_replies[reply["hops"][-1]["rule"]] += 1
        every = [answer, reply or {"hops": []}]
        for one in answers:
            every += [one, one["reply"] or {"hops": []}]
        self.met.update({hop["rule"] for one in every for hop in one["hops"]})

    def never(self) -> list[str]:
        return [name for name in RULES if not self.met[name]]

    def text(self) -> str:
        rows = [f"{self.packets} packets: {dict(self.verdicts)}; replies: {dict(self.replies)}",
                "decided  replies  met  rule"]
        rows += [f"{self.decided[name]:7} {self.decided_replies[name]:8} {self.met[name]:5}  {name}" for name in RULES]
        return "\n".join(rows + ["never met: " + (", ".join(self.never()) or "none")])


def measure(lines: Iterable[str]) -> Table:
    table = Table()
    for text in lines:
        line = json.loads(text)
        topology = Topology(line["topology"])
        for raw in line["packets"]:
            table.add(topology, raw)
    return table
