"""The figures: as a table on the terminal, and as dated rows at the end of bench/RESULTS.md.

The last section of that file is theirs; the one before is `tests/load`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

from demo.screen import paint, say, table

from .machine import ROOT

FILE = ROOT / "bench" / "RESULTS.md"


@dataclass
class Figure:
    """One figure, with its aim where there is one."""

    name: str
    value: float
    unit: str = ""
    aim: float | None = None
    digits: int = 0
    more: str = ""

    @property
    def shown(self) -> str:
        """The value with its unit and what belongs to it."""
        return f"{self.value:.{self.digits}f} {self.unit}".strip() + (f" ({self.more})" if self.more else "")

    @property
    def aimed(self) -> str:
        """The aim, and whether it is met."""
        if self.aim is None:
            return ""
        return f"under {self.aim:g} {self.unit}".strip() + (": met" if self.value < self.aim else ": not met")


def show(figures: list[Figure], by_operation: dict[str, int]) -> None:
    """Print them."""
    say()
    table(["figure", "value", "aim"], [[one.name, one.shown, one.aimed] for one in figures], right=3)
    say()
    operations = sorted(by_operation.items(), key=lambda one: (-one[1], one[0]))
    table(["calls by operation", ""], [[name, str(number)] for name, number in operations])
    for one in figures:
        if one.aimed.endswith("not met"):
            say(paint(f"{one.name}: {one.shown}, {one.aimed}", "yellow"))


def append(date: str, commit: str, machine: str, figures: list[Figure], by_operation: dict[str, int]) -> None:
    """Add dated rows; the old ones stay."""
    rows = [(one.name, one.shown, one.aimed) for one in figures]
    if by_operation:
        most = sorted(by_operation.items(), key=lambda one: (-one[1], one[0]))
        several = ", ".join(f"{name} {number}" for name, number in most if number > 1)
        single = sum(1 for _, number in most if number == 1)
        rows.append(("calls by operation", several + (f"; {single} operations once" if single else ""), ""))
    text = FILE.read_text(encoding="utf-8").rstrip("\n") + "\n"
    for row in rows:
        text += "| " + " | ".join(cell.replace("|", "\\|") for cell in (date, commit, machine, *row)) + " |\n"
    FILE.write_text(text, encoding="utf-8")
