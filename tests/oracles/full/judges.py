"""What each authorizer says of one document and one request.

Ours and the naive one decide whole lines, in which the document decides alone (alone.py). Where the naive one has no
verdict about the line, it is asked about the document by itself. The evaluator of the SMT oracle knows nothing else.
"""

from __future__ import annotations

from ..naive.context import read_context, readings
from ..naive.document import Refused, parse
from ..naive.evaluate import decide
from ..naive.principals import read_principal
from ..naive.statements import Request, plain_effects, resource_effects
from ..naive.truth import YES
from ..smt.document import Malformed
from ..smt.document import parse as read
from ..smt.evaluate import Evaluator
from ..smt.pair import Pair

ALLOW, EXPLICIT, IMPLICIT, UNKNOWN = "ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY", "UNKNOWN"
Answer = tuple[str, str]


def naive(kind: str, document: dict, request: dict, line: dict | None) -> Answer:
    """(decision, reason) of the naive evaluator."""
    whole = decide(line) if line is not None else (UNKNOWN, "no line lets the document decide alone")
    if whole[0] != UNKNOWN:
        return whole
    try:
        return _document(kind, document, request)
    except Refused as refused:
        return UNKNOWN, f"refused: {refused}"


def _document(kind: str, document: dict, request: dict) -> Answer:
    """As a document alone: no account, no other policy."""
    caller = read_principal(request["principal"])
    policy = parse(document, "resource" if kind == "key" else kind)
    context = read_context(request["context"])
    answers = set()
    for reading in readings(context, caller, request["resource_account"], repr(policy.statements).lower()):
        asked = Request(caller, request["action"], request["resource"], reading, False)
        if kind in ("identity", "boundary", "session", "scp"):
            denied, allowed = plain_effects([policy], asked)
        else:
            effects = resource_effects(policy, asked)
            denied, allowed = effects.denied, YES if kind == "rcp" else effects.any()
        if denied.value is not False:
            answers.add((EXPLICIT if denied.value else UNKNOWN, "; ".join(denied.why)))
        elif allowed.value is None:
            answers.add((UNKNOWN, "; ".join(allowed.why)))
        else:
            answers.add((ALLOW if allowed.value else IMPLICIT, ""))
    if len({decision for decision, _ in answers}) > 1:
        return UNKNOWN, "rows 34 and 35: the verdict depends on a key that the request leaves open"
    return answers.pop()


class Direct:
    """The evaluator of the SMT oracle for both documents of a pair."""

    def __init__(self, pair: dict):
        try:
            documents = [read(pair[side], pair["type"]) for side in ("reference", "candidate")]
        except Malformed:
            self.judges = {}
            return
        clash = {name for name, key in Pair(*documents).keys.items() if key.kind == "clash"}
        self.judges = dict(zip(("reference", "candidate"), (Evaluator(one, clash) for one in documents)))

    def decide(self, side: str, request: dict) -> Answer:
        if not self.judges:
            return UNKNOWN, "refused"
        verdict = self.judges[side].decide(request)
        return {True: ALLOW, False: IMPLICIT, None: UNKNOWN}[verdict], "; ".join(self.judges[side].unsettled)
