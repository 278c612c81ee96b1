"""What must hold, said as it is found out; what does not hold is kept for the end."""

from __future__ import annotations

from .screen import paint, say


class Stopped(Exception):
    """The demo cannot go on."""


class Checks:
    """Keeps what was not as it should be."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def __call__(self, held: bool, good: str, bad: str) -> bool:
        """Say one of the two."""
        if held:
            say(f"{paint('✓', 'green')} {good}")
        else:
            say(f"{paint('✗', 'critical')} {bad}")
            self.wrong.append(bad)
        return held
