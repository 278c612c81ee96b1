"""Three-valued truth: yes, no, or not settled by the documentation (with the reason why)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable


@dataclass(frozen=True)
class Truth:
    """value is True, False, or None for "not settled"; why says which corner is not settled."""

    value: bool | None
    why: tuple[str, ...] = ()


YES = Truth(True)
NO = Truth(False)


def truth(value: bool) -> Truth:
    return YES if value else NO


def unsettled(row: int, text: str) -> Truth:
    """The documentation does not say; `row` is the row of the table of corners."""
    return Truth(None, (f"row {row}: {text}",))


def _reasons(truths: list[Truth]) -> tuple[str, ...]:
    seen: list[str] = []
    for one in truths:
        for why in one.why:
            if one.value is None and why not in seen:
                seen.append(why)
    return tuple(seen)


def all_of(truths: Iterable[Truth]) -> Truth:
    """No if any is no; otherwise not settled if any is; otherwise yes."""
    every = list(truths)
    if any(one.value is False for one in every):
        return NO
    if any(one.value is None for one in every):
        return Truth(None, _reasons(every))
    return YES


def any_of(truths: Iterable[Truth]) -> Truth:
    """Yes if any is yes; otherwise not settled if any is; otherwise no."""
    every = list(truths)
    if any(one.value is True for one in every):
        return YES
    if any(one.value is None for one in every):
        return Truth(None, _reasons(every))
    return NO


def negate(one: Truth) -> Truth:
    if one.value is None:
        return one
    return truth(not one.value)


def agree(first: Truth, second: Truth, row: int, text: str) -> Truth:
    """The common answer of two possible readings; not settled where they differ."""
    if first.value is not None and first.value == second.value:
        return first
    return unsettled(row, text)
