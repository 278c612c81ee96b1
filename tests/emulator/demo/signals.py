"""Interruptions: a signal ends the demo by an exception, at a moment at which everything can be cleaned up."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """A signal asked for the end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class _Pending:
    holding = 0
    number: int | None = None
    raised = False


def _receive(number: int, frame: FrameType | None) -> None:
    if _Pending.raised:
        return
    _Pending.number = number
    if not _Pending.holding:
        _raise()


def _raise() -> None:
    if _Pending.number is not None and not _Pending.raised:
        _Pending.raised = True
        raise Interrupted(_Pending.number)


def install() -> None:
    """From here on, the first signal raises `Interrupted`; later ones are ignored, since cleaning up has begun."""
    for one in SIGNALS:
        if one != signal.SIGHUP or signal.getsignal(one) != signal.SIG_IGN:
            signal.signal(one, _receive)


@contextmanager
def held() -> Iterator[None]:
    """What is done inside is done whole; a signal that comes meanwhile is raised at the end of it."""
    _Pending.holding += 1
    try:
        yield
    finally:
        _Pending.holding -= 1
    if not _Pending.holding:
        _raise()
