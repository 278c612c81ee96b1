"""Condition blocks: every operator, ...IfExists, ForAllValues, ForAnyValue and Null.

Pages: "IAM JSON policy elements: Condition operators", "IAM JSON policy elements: Condition", "Single-valued vs.
multivalued context keys", "Set operators for multivalued context keys", "Conditions with multiple context keys or
values".
"""

from __future__ import annotations

from . import values
from .context import ABSENT, Context
from .document import Condition
from .matching import arn_matches, matches
from .truth import NO, YES, Truth, agree, all_of, any_of, negate, truth, unsettled
from .variables import NotSettled, NoValue, has_variable, patterns, plain

NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def condition_block(conditions: tuple[Condition, ...], version: str, context: Context) -> Truth:
    """Operators and keys of one block are joined by AND ("Conditions with multiple context keys or values")."""
    return all_of(one_condition(one, version, context) for one in conditions)


def one_condition(condition: Condition, version: str, context: Context) -> Truth:
    value = context.get(condition.key)
    if condition.base == "Null":
        return _null(condition, version, value)
    if condition.set_operator == "ForAllValues":
        return _for_all(condition, version, context, value)
    if condition.set_operator == "ForAnyValue":
        return _for_any(condition, version, context, value)
    if value is ABSENT:
        # Row 6 ("Condition operators", note at the head): without the key a positive operator is false and a negated
        # one true. Row 7 (IfExists, same page): without the key it is true, in a Deny as well.
        return truth(condition.if_exists or condition.base in NEGATED)
    if isinstance(value, list):
        # "Single-valued vs. multivalued context keys" asks for a set operator, and is silent on what happens without.
        return unsettled(9, f"{condition.operator} on the multivalued key {condition.key}")
    return _compare(condition, version, context, value)


def _null(condition: Condition, version: str, value) -> Truth:
    """true asks for a key that is absent, false for one that is there with a value (operators, Null, row 11)."""
    if any(has_variable(wanted, version) for wanted in condition.values):
        return unsettled(28, "a variable in Null")
    if any(wanted not in ("true", "false") for wanted in condition.values):
        return unsettled(11, f"Null with {condition.values}")
    if value is not ABSENT and _is_null_data(value):
        return unsettled(11, f"Null on {condition.key}, which has an empty value")
    return truth(("true" if value is ABSENT else "false") in condition.values)


def _is_null_data(value) -> bool:
    """An empty string counts as a data set without values ("Set operators for multivalued context keys")."""
    return value in ("", [], [""])


def _for_all(condition: Condition, version: str, context: Context, value) -> Truth:
    """Rows 1, 2, 8: every value of the request has to match; without the key, or with a data set without values, the
    answer is true ("Set operators for multivalued context keys")."""
    if value is ABSENT or _is_null_data(value):
        return YES
    every = value if isinstance(value, list) else [value]
    strict = all_of(_compare(condition, version, context, one) for one in every)
    if "" not in every:
        return strict
    without = all_of(_compare(condition, version, context, one) for one in every if one != "")
    return agree(strict, without, 2, "ForAllValues on values of which one is empty")


def _for_any(condition: Condition, version: str, context: Context, value) -> Truth:
    """Rows 3, 8: one value that matches is enough; without the key, or with a data set without values, the answer is
    false, for negated operators too ("Set operators for multivalued context keys")."""
    if value is ABSENT or _is_null_data(value):
        if condition.if_exists:
            return unsettled(4, f"{condition.operator} without the key {condition.key}")
        return NO
    every = value if isinstance(value, list) else [value]
    loose = any_of(_compare(condition, version, context, one) for one in every)
    if "" not in every:
        return loose
    without = any_of(_compare(condition, version, context, one) for one in every if one != "")
    return agree(loose, without, 2, "ForAnyValue on values of which one is empty")


def _compare(condition: Condition, version: str, context: Context, value: str) -> Truth:
    """Row 5: several values are OR for an operator, and NOR for a negated one ("Conditions with multiple … values")."""
    base = NEGATED.get(condition.base, condition.base)
    negated = condition.base in NEGATED
    answers = [_match(base, wanted, version, context, value, negated) for wanted in condition.values]
    return negate(any_of(answers)) if negated else any_of(answers)


def _match(base: str, wanted: str, version: str, context: Context, value: str, negated: bool) -> Truth:
    """Does one value of the request match one value of the policy? The answer is never negated here."""
    try:
        if base.startswith("String"):
            return _string(base, wanted, version, context, value)
        if base.startswith("Arn"):
            return _arn(wanted, version, context, value, negated)
        if has_variable(wanted, version):
            # Not allowed with these ("Condition operators", at each; "Variables and tags", where to use). On Bool, the
            # two pages contradict each other.
            return unsettled(28, f"a variable in {base}")
        if base == "Bool":
            return _bool(wanted, value)
        return _measure(base, wanted, value, negated)
    except NoValue:
        # Rows 23 and 24: nothing equals a variable without a value, so positive operators fail and inverted ones hold.
        return NO
    except (NotSettled, values.Unclear) as silent:
        return unsettled(silent.row, silent.text)


def _string(base: str, wanted: str, version: str, context: Context, value: str) -> Truth:
    if base == "StringLike":
        letters, wild = patterns(wanted, version, context)
        return agree(truth(matches(letters, value)), truth(matches(wild, value)), 27, "a wildcard out of a variable")
    text = plain(wanted, version, context)  # rows 12 and 13: no wildcards, "Exact matching"
    if base == "StringEquals" or text == value:
        return truth(text == value)
    if not (text.isascii() and value.isascii()):
        return unsettled(13, "letters outside ASCII, ignoring case")
    return truth(text.lower() == value.lower())


def _arn(wanted: str, version: str, context: Context, value: str, negated: bool) -> Truth:
    """Row 14: ArnEquals and ArnLike are the same (operators, ARN)."""
    letters, wild = patterns(wanted, version, context)
    answer = arn_matches(letters, value)
    if answer.why and negated:
        return unsettled(16, "a negated ARN operator on less than six parts")
    other = arn_matches(wild, value)
    return agree(truth(bool(answer.value)), truth(bool(other.value)), 27, "a wildcard out of a variable")


def _bool(wanted: str, value: str) -> Truth:
    """true and false, in the letters in which the page writes them (operators, Boolean)."""
    if wanted not in ("true", "false") or value not in ("true", "false"):
        if wanted.lower() in ("true", "false") and value.lower() in ("true", "false"):
            return unsettled(10, "Bool in other letters")
        return NO if wanted in ("true", "false") else unsettled(10, f"Bool with {wanted!r}")
    return truth(wanted == value)


def _measure(base: str, wanted: str, value: str, negated: bool) -> Truth:
    if base == "IpAddress":
        return truth(values.inside(value, wanted))
    if base == "BinaryEquals":
        return truth(values.binary(wanted) == values.binary(value))
    read = values.number if base.startswith("Numeric") else values.date
    row = 30 if base.startswith("Numeric") else 31
    try:
        bound = read(wanted)
    except values.Malformed:
        return unsettled(row, f"{base} with {wanted!r} in the policy")
    try:
        given = read(value)
    except values.Malformed:
        return unsettled(row, f"a negated {base} on {value!r}") if negated else NO
    comparison = base.removeprefix("Numeric").removeprefix("Date")
    return truth({
        "Equals": given == bound,
        "LessThan": given < bound,
        "LessThanEquals": given <= bound,
        "GreaterThan": given > bound,
        "GreaterThanEquals": given >= bound,
    }[comparison])
