"""The named breaks: each way in which a control can fail, and what it changes."""

from __future__ import annotations

from typing import Any

from . import data, iam, iamc, log, net, net_perimeter, net_routes, smk_hosting, smk_jobs, smk_notebooks, vpe  # noqa: F401
from .core import BREAKS, Context, resolve

AREAS = ("NET", "VPE", "IAM", "IAMC", "DATA", "SMK", "LOG")


def describe(ids: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """All breaks, in the order of the catalogue's areas; with a built account's ids filled in."""
    order = {area.lower(): index for index, area in enumerate(AREAS)}
    found = sorted(BREAKS.values(), key=lambda one: (order[one.name.split("-")[0]], one.name))
    return [one.describe(ids) for one in found]


def make(layer: Any, name: str) -> dict[str, Any]:
    """Make a break in a layer's account; answers with the resolved expectation."""
    one = BREAKS[name]
    context = Context(layer.clients(), layer.account.ids)
    running = one.make(context)
    next(running)
    layer.account.kept[name] = (running, context)
    ids = {**layer.account.ids, "new": context.new}
    return {**one.describe(), "expect": [resolve(want, ids) for want in one.expect], "new": context.new}


def mend(layer: Any, name: str) -> dict[str, Any] | None:
    """Undo a break that can be undone; None if it cannot, or was not made."""
    one = BREAKS[name]
    if not one.mend or name not in layer.account.kept:
        return None
    running, context = layer.account.kept.pop(name)
    next(running, None)
    return {"name": name, "mended": True, "new": context.new}
