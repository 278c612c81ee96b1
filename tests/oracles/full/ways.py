"""`Graph::ways` against the packet walker: packets of generated topologies, and a witness of every way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Iterator

from ..walk.generate import lines
from ..walk.judge import judge, place
from ..walk.topology import Topology
from .work import Found, ask_all

# What stands behind a transit gateway the product does not read: it is UNKNOWN for both.
UNREAD = ("transit_gateways", "transit_gateway_route_tables")
DROPPED = "DROPPED"


def without_unread(text: str) -> dict:
    """A generated line as the product would read it."""
    line = json.loads(text)
    for group in UNREAD:
        line["topology"].pop(group, None)
    return line


def shard(seed: int, topologies: int, packets: int, programs: Path) -> Found:
    """`packets` packets in each of `topologies` topologies of a seed, and what the program has as witnesses there."""
    found = Found()
    made = [{**without_unread(text), "ways": True} for text in lines(seed, topologies, packets)]
    answers = ask_all(programs / "reach", [json.dumps(line) for line in made])
    for number, line in enumerate(made, 1):
        topology = Topology(line["topology"])
        ours = [next(answers) for _ in line["packets"]]
        _compare(found, f"packet {seed}/{number}", "packets", topology, line["packets"], ours)
        witnesses = next(answers)["witnesses"]
        _compare(found, f"witness {seed}/{number}", "witnesses", topology, [one["id"] for one in witnesses], witnesses)
        found.counts["topologies"] += 1
    if next(answers, None) is not None:
        raise RuntimeError("reach answered more than it was asked")
    return found


def _compare(found: Found, name: str, kind: str, topology: Topology, sent: list[dict], ours: list[dict]) -> None:
    for packet, own in zip(sent, ours):
        answer = judge(topology, packet)
        theirs = answer["verdict"], answer["reply"] and answer["reply"]["verdict"], place(answer)
        said = own["verdict"], own["reply"], own.get("at")
        found.counts[kind] += 1
        if said != theirs:
            found.counts[f"{kind} judged differently"] += 1
            found.wrong.append(f"{name}: {said}, the walker {theirs} by {answer['hops'][-1]}: {packet}")
            continue
        found.counts[f"{kind} judged alike: {theirs[0]}"] += 1
        if theirs[1]:
            found.counts[f"{kind}, replies judged alike: {theirs[1]}"] += 1
