"""What a named break is, and the help that the breaks share.

A break is a generator: what comes before its `yield` breaks the account, what comes after mends it. Its expectation
is written beside it: the findings whose verdict is not the clean account's. Names in braces are ids of the account
(`{vpc}`, `{subnets.a}`), or of what the break made (`{new.notebook}`).

An expectation lists the findings with a changed verdict, and the NON_COMPLIANT findings of subjects that the break
made. Findings that vanish with their subject, and other verdicts of new subjects, are not listed. `optional` marks a
finding on which the catalogue's text is open. `exact` is false where consequences beyond the list are to be expected.
`reach` says how the state was reached: `api`, or `state` where no write API leads there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from .. import state
from ..build import names

BREAKS: dict[str, Break] = {}
PLACE = re.compile(r"\{([a-z0-9_.\-]+)\}", re.I)


@dataclass
class Break:
    """One way for the account to stop being compliant."""

    name: str
    text: str
    expect: list[dict[str, Any]]
    make: Callable[[Context], Generator[None, None, None]]
    mend: bool = False
    demo: bool = False
    exact: bool = True
    reach: str = "api"

    def describe(self, ids: dict[str, Any] | None = None) -> dict[str, Any]:
        """The break as the control endpoint lists it."""
        return {
            "name": self.name,
            "text": self.text,
            "expect": [resolve(one, ids or {}) for one in self.expect],
            "mend": self.mend,
            "demo": self.demo,
            "exact": self.exact,
            "reach": self.reach,
        }


@dataclass
class Context:
    """What a break works with: clients, the ids of the account, and the ids of what it makes."""

    clients: Callable[..., Any]
    ids: dict[str, Any]
    new: dict[str, Any] = field(default_factory=dict)

    def __getattr__(self, service: str) -> Any:
        return self.clients(service)

    @property
    def vpc(self) -> str:
        return str(self.ids["vpc"])

    @property
    def within(self) -> list[dict[str, Any]]:
        return [{"Name": "vpc-id", "Values": [self.vpc]}]

    def backend(self, service: str) -> Any:
        """moto's store, for states that no API reaches."""
        return state.backend(service)


def finding(
    control: str,
    resource: str = "",
    verdict: str = "NON_COMPLIANT",
    environment: str = names.ENV,
    aspect: str | None = None,
    optional: bool = False,
) -> dict[str, Any]:
    """One expected finding."""
    one: dict[str, Any] = {"control": control, "environment": environment, "resource": resource, "verdict": verdict}
    if aspect:
        one["aspect"] = aspect
    if optional:
        one["optional"] = True
    return one


nc = finding


def each(control: str, *resources: str) -> list[dict[str, Any]]:
    """The same verdict for several resources."""
    return [finding(control, one) for one in resources]


def later(control: str, *resources: str) -> list[dict[str, Any]]:
    """Findings of kinds of resources that this version does not judge: processing and transform jobs, and what is theirs."""
    return [finding(control, one, optional=True) for one in resources]


def escapes(control: str, role: str, *actions: str) -> list[dict[str, Any]]:
    """The findings on actions of a role that its conditions do not confine."""
    return [finding(control, names.role_name(role), aspect=f"sagemaker:{action}") for action in actions]


def void(role: str, policy: str, index: int) -> list[dict[str, Any]]:
    """The finding on a statement of a role whose condition cannot do what it claims; `policy` is where the statement is."""
    return [finding("IAMC-09", names.role_name(role), aspect=f"{policy}.PolicyDocument.Statement[{index}]")]


def unassigned(control: str, resource: str) -> dict[str, Any]:
    """A finding of the environment of unselected resources."""
    return finding(control, resource, environment="unassigned")


def breaks(
    name: str, text: str, *expect: Any, mend: bool = False, demo: bool = False, exact: bool = True, reach: str = "api"
) -> Callable[[Callable[[Context], Generator[None, None, None]]], Any]:
    """Register a break."""
    flat: list[dict[str, Any]] = []
    for one in expect:
        flat.extend(one if isinstance(one, list) else [one])

    def register(make: Callable[[Context], Generator[None, None, None]]) -> Any:
        assert name not in BREAKS, name
        BREAKS[name] = Break(name, text, flat, make, mend or demo, demo, exact, reach)
        return make

    return register


def resolve(one: dict[str, Any], ids: dict[str, Any]) -> dict[str, Any]:
    """An expectation with the ids filled in; unknown names stay in their braces."""

    def fill(found: re.Match[str]) -> str:
        value: Any = ids
        for part in found.group(1).split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return str(value) if value is not None else found.group(0)

    return {key: PLACE.sub(fill, value) if isinstance(value, str) else value for key, value in one.items()}
