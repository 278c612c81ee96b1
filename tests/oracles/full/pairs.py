"""`compare` against the SMT oracle, its witnesses against both authorizers, its proofs against attempts at them."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from ..pairs import generate
from ..smt.__main__ import answer
from .alone import alone
from .attack import Attacker
from .judges import ALLOW, UNKNOWN, Direct, naive
from .work import Found, ask

# Seconds for one pair.
TIMEOUT = 10.0
SIDES = ("candidate", "reference")

# What `compare` leaves open and the oracle settles, each with the page beside it in tests/differential/README.md: what
# its reason says, in the order of these rows. A pair may rest on several; the first counts.
LEFT_OPEN = (
    ("a colon after the fifth", "passes a colon after the fifth"),
    ("several values without a set operator", "several values"),
    ("a wildcard in the resource type", "a wildcard in the resource type"),
    ("neither * nor an ARN", "neither `\\*` nor an ARN"),
    ("aws:SourceIp and aws:SourceVpce", "the verdict depends on `aws:SourceIp`"),
    ("the absence of a key that every request has", "the verdict depends on `aws:(Principal|Resource)"),
    ("a negated ARN operator on fewer than six parts", "with fewer than six parts"),
    ("a wildcard in the partition or the service", "a wildcard in the partition or the service"),
    ("an empty value", "`Null` on an empty value"),
    ("AWS * and who is no AWS principal", "a principal {\"AWS\": \"\\*\"} against"),
)

# Witnesses that `decide` leaves open as whole requests, for other reasons than the two documents: what it says, and the
# page that `compare` does not look at.
UNCONFIRMED = (
    # "Resource control policies": a principal is `*`, in a policy that IAM saves.
    ("an RCP that IAM does not save", "IAM refuses this resource control policy: its principal is not everyone"),
    # "Control access to VPC endpoints using endpoint policies": the policy of a gateway endpoint knows only `*`.
    ("a principal in the policy of a gateway endpoint", "a principal in the policy of a gateway endpoint"),
    # "Actions, resources, and condition keys for AWS STS": what is assumed is a role; "Compare AWS STS credentials": who
    # can make which call.
    ("a call for a role about another resource", "`sts:[A-Za-z]+` on what is no role"),
    ("a call that such a caller cannot make", "`sts:[A-Za-z]+` called (by this kind of principal|without credentials)"),
)


def shard(seed: int, count: int, attempts: int, programs: Path) -> Found:
    """`count` pairs of a seed, with `attempts` requests at each proof."""
    found = Found()
    pairs = [pair for pair, _ in generate(seed, count)]
    lines = [json.dumps(pair) for pair in pairs]
    answers = ask(programs / "compare", lines)
    for pair, line, ours in zip(pairs, lines, answers):
        _against_the_oracle(found, seed, pair, line, ours)
    claims = list(zip(pairs, answers))
    new = [(pair, ours["witness"]) for pair, ours in claims if ours["result"] == "NEW_ACCESS"]
    _witnesses(found, seed, new, programs)
    proven = [pair for pair, ours in claims if ours["result"] == "NO_NEW_ACCESS"]
    _attempts(found, seed, proven, attempts, programs)
    return found


def _against_the_oracle(found: Found, seed: int, pair: dict, line: str, ours: dict) -> None:
    _, theirs = answer(line, TIMEOUT, None)
    name = f"pairs {seed}/{pair['id']} ({pair['type']})"
    found.counts["pairs"] += 1
    if theirs["reason"].startswith("internal error"):
        found.wrong.append(f"{name}: the oracle: {theirs['reason']}")
    if theirs["result"] == UNKNOWN:
        found.counts[f"left open by the oracle, answered {ours['result']}"] += 1
        return
    found.counts["settled by the oracle"] += 1
    if ours["result"] == theirs["result"]:
        found.counts[f"the same {ours['result']}"] += 1
    elif ours["result"] == UNKNOWN:
        row = next((row for row, says in LEFT_OPEN if re.search(says, ours["reason"])), None)
        found.counts[f"{theirs['result']} left open: {row}"] += 1
        if row is None:
            found.wrong.append(f"{name}: left open for a reason without a row: {ours['reason']}")
    else:
        found.counts["disagreements"] += 1
        found.wrong.append(f"{name}: {ours['result']}, the oracle {theirs['result']}: {theirs['witness']}")


def _witnesses(found: Found, seed: int, new: list[tuple[dict, dict]], programs: Path) -> None:
    """Allowed by the candidate and not by the reference: by `decide`, by the naive evaluator, and where one of them
    cannot be asked by the SMT oracle's evaluator."""
    asked = [[alone(pair["id"], pair["type"], pair[side], witness) for side in SIDES] for pair, witness in new]
    lines = [json.dumps(line) for both in asked if None not in both for line in both]
    decided = iter(ask(programs / "simulate", lines))
    for (pair, witness), both in zip(new, asked):
        name = f"witness {seed}/{pair['id']} ({pair['type']})"
        found.counts["witnesses"] += 1
        ours = None if None in both else [next(decided) for _ in both]
        naively = [naive(pair["type"], pair[side], witness, line) for side, line in zip(SIDES, both)]
        judge = Direct(pair)
        direct = [judge.decide(side, witness) for side in SIDES]
        verdicts = {
            "naive": _confirms([decision for decision, _ in naively]),
            "direct": _confirms([decision for decision, _ in direct]),
        }
        if ours is None:
            found.counts["witnesses that no whole request shows"] += 1
        else:
            verdicts["decide"] = _confirms([one["decision"] for one in ours])
        if False in verdicts.values():
            found.wrong.append(f"{name}: not confirmed by {verdicts}: {ours} {naively} {witness}")
        if verdicts["naive"] is None and verdicts["direct"] is None:
            found.wrong.append(f"{name}: confirmed by nobody else: {naively} {witness}")
        if verdicts.get("decide", True) is None:
            said = " ".join(one["reason"] for one in ours)
            why = next((why for why, says in UNCONFIRMED if re.search(says, said)), None)
            found.counts[f"witnesses left open by decide: {why}"] += 1
            if why is None:
                found.wrong.append(f"{name}: left open by decide: {said} {witness}")
        if verdicts.get("decide") and verdicts["naive"]:
            found.counts["witnesses confirmed by decide and the naive evaluator"] += 1
        if verdicts["naive"] is None:
            row = re.search(r"row \d+|rows \d+ and \d+|refused", " ".join(reason for _, reason in naively))
            found.counts[f"witnesses left open by the naive evaluator: {row[0] if row else 'no row'}"] += 1


def _confirms(both: list[str]) -> bool | None:
    """Of the candidate and the reference; None where it is left open."""
    candidate, reference = both
    if candidate.endswith("_DENY") or reference == ALLOW:
        return False
    return None if UNKNOWN in both else True


def _attempts(found: Found, seed: int, proven: list[dict], attempts: int, programs: Path) -> None:
    """No request that the candidate allows, by either authorizer, may be one that the reference does not."""
    asked = []
    for pair in proven:
        rng = random.Random(f"attack/{seed}/{pair['id']}")
        for request in Attacker(rng, pair).requests(attempts):
            line = alone(pair["id"], pair["type"], pair["candidate"], request)
            asked.append((pair, request, line, naive(pair["type"], pair["candidate"], request, line)[0]))
    decided = iter(ask(programs / "simulate", [json.dumps(line) for _, _, line, _ in asked if line is not None]))
    passed = []
    for pair, request, line, naively in asked:
        ours = next(decided)["decision"] if line is not None else UNKNOWN
        found.counts["attempts"] += 1
        _alike(found, seed, pair, request, ours, naively)
        if ALLOW in (ours, naively):
            passed.append((pair, request, ours, naively))
    found.counts["attempts that the candidate allows"] += len(passed)
    lines = [alone(pair["id"], pair["type"], pair["reference"], request) for pair, request, _, _ in passed]
    decided = iter(ask(programs / "simulate", [json.dumps(line) for line in lines if line is not None]))
    for (pair, request, ours, naively), line in zip(passed, lines):
        old = next(decided)["decision"] if line is not None else UNKNOWN
        naive_old = naive(pair["type"], pair["reference"], request, line)[0]
        _alike(found, seed, pair, request, old, naive_old)
        for who, new, before in (("decide", ours, old), ("the naive evaluator", naively, naive_old)):
            if new == ALLOW and before.endswith("_DENY"):
                found.counts["broken proofs"] += 1
                found.wrong.append(f"proof {seed}/{pair['id']} ({pair['type']}): new access by {who}: {request}")


def _alike(found: Found, seed: int, pair: dict, request: dict, ours: str, naively: str) -> None:
    """These requests are decisions like any other: what both settle, they settle alike."""
    if UNKNOWN in (ours, naively):
        found.counts["attempts that one of the two leaves open"] += 1
    elif ours != naively:
        found.counts["attempts decided differently"] += 1
        found.wrong.append(f"attempt {seed}/{pair['id']} ({pair['type']}): {ours}, naive {naively}: {request}")
