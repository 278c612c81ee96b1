"""Policy variables: `${key}`, `${key, 'default'}`, `${*}`, `${?}`, `${$}`.

Page: "IAM policy elements: Variables and tags" (sections Special characters, Policy variables with no value,
Specifying default values) and "IAM JSON policy elements: Version".
"""

from __future__ import annotations

import re

from .context import ABSENT, Context
from .matching import tokens

VARIABLE = re.compile(r"\$\{([^{}]*)\}")
WITH_DEFAULT = re.compile(r"([^,']+), '([^']*)'")


class NotSettled(Exception):
    """A use of variables on which the page is silent."""

    def __init__(self, row: int, text: str):
        super().__init__(text)
        self.row = row
        self.text = text


class NoValue(Exception):
    """The variable has no value and no default, so that nothing is equal to it or like it."""


def has_variable(text: str, version: str) -> bool:
    return version == "2012-10-17" and "${" in text


def pieces(text: str, version: str, context: Context) -> list[tuple[str, str]]:
    """The text after replacement in pieces: ("text", …) as written, ("value", …) of a key, ("fixed", …) of `${*}`."""
    if not has_variable(text, version):
        # In an older version, and without one, they are plain text ("Variables and tags", introduction; row 22).
        return [("text", text)]
    result: list[tuple[str, str]] = []
    place = 0
    for found in VARIABLE.finditer(text):
        result.append(("text", text[place:found.start()]))
        name = found.group(1)
        if name in ("*", "?", "$"):
            result.append(("fixed", name))  # special characters (row 26)
        else:
            result.append(("value", _value(name, context)))
        place = found.end()
    result.append(("text", text[place:]))
    if any("${" in part for kind, part in result if kind == "text"):
        raise NotSettled(23, "a variable that is not closed")
    return result


def _value(name: str, context: Context) -> str:
    default = None
    parts = WITH_DEFAULT.fullmatch(name)
    if parts:
        name, default = parts.groups()
    elif not re.fullmatch(r"[A-Za-z0-9-]+:[^,'\s*?$]+", name):
        raise NotSettled(25, f"a variable of another form: {name}")
    value = context.get(name)
    if value is ABSENT:
        if default is None:
            raise NoValue
        return default
    if isinstance(value, list):
        # Not allowed ("Single-valued vs. multivalued context keys", row 29).
        raise NotSettled(29, f"the multivalued key {name} as a variable")
    if value == "":
        raise NotSettled(25, f"the variable {name} has the empty value")
    return value


def patterns(text: str, version: str, context: Context) -> tuple[list, list]:
    """Two patterns: text of a variable taken as letters, and taken as if it could hold wildcards (row 27)."""
    as_letters: list = []
    as_pattern: list = []
    for kind, part in pieces(text, version, context):
        as_letters += tokens(part) if kind == "text" else list(part)
        as_pattern += list(part) if kind == "fixed" else tokens(part)
    return as_letters, as_pattern


def plain(text: str, version: str, context: Context) -> str:
    """The text after replacement, for operators without wildcards."""
    return "".join(part for _, part in pieces(text, version, context))
