"""What the demo prints with: colours where there is a terminal, numbered steps, tables, paragraphs."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

STYLES = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "critical": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "info": "2",
    "new": "1;31",
    "reopened": "1;31",
    "persisting": "33",
    "resolved": "1;32",
}


def coloured() -> bool:
    """Whether to colour: on a terminal, unless NO_COLOR asks for none."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How many columns a line may take; a file has no edge, so it gets the most."""
    return max(60, min(shutil.get_terminal_size((140, 40)).columns, 140))


def paint(text: str, *styles: str) -> str:
    """The text in a style, if colours are on."""
    codes = [STYLES[style.lower()] for style in styles if style.lower() in STYLES]
    if not codes or not coloured():
        return text
    return f"\x1b[{';'.join(codes)}m{text}\x1b[0m"


def say(text: str = "") -> None:
    """One line, at once: other programs write to the same terminal."""
    print(text, flush=True)


def step(number: int, of: int, title: str) -> None:
    """The heading of a step."""
    say()
    say(paint(f"{number}/{of}  {title}", "bold", "cyan"))
    say(paint("─" * min(width(), 100), "dim"))


def told(text: str, *styles: str) -> None:
    """A paragraph."""
    for line in textwrap.wrap(text, min(width(), 100), break_on_hyphens=False):
        say(paint(line, *styles))


def command(words: Iterable[str]) -> None:
    """A command as somebody would type it."""
    # An option stays on one line with its value.
    joined = " ".join(words).replace(" ", "\0").replace("\0--", " --")
    lines = textwrap.wrap(joined, width() - 6, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False)
    for index, line in enumerate(lines):
        more = " \\" if index + 1 < len(lines) else ""
        say(paint("$ " if index == 0 else "", "dim") + paint(line.replace("\0", " ") + more, "bold"))


def cut(text: str, columns: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= columns else text[: max(0, columns - 1)] + "…"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: int = 1) -> None:
    """A table; the columns from `right` on are numbers."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        return "  ".join(
            cell.ljust(size) if column < right else cell.rjust(size)
            for column, (cell, size) in enumerate(zip(cells, widths, strict=True))
        )

    say("  " + paint(line(head).rstrip(), "dim"))
    for row in rows:
        say("  " + line(row).rstrip())


def quoted(text: str) -> None:
    """Somebody else's text, whole, with a bar before each line."""
    for line in text.rstrip("\n").split("\n"):
        say(paint("│ ", "dim") + line)
