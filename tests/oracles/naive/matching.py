"""Wildcard matching of actions, resources, strings and ARNs, done by trying every possibility.

A pattern is a list of tokens: a letter (text of length one), STAR or QUESTION. Text that came out of a policy
variable is always letters, so a `*` in a tag is no wildcard (row 27 has its own check).
"""

from __future__ import annotations

import sys
from typing import Callable

from .truth import NO, Truth, agree, truth, unsettled

sys.setrecursionlimit(20000)

STAR = object()
QUESTION = object()

# Services whose ARNs have a resource type before the first slash or colon of the last part.
TYPED = ("iam", "kms", "lambda", "logs", "secretsmanager", "ec2", "dynamodb", "sagemaker")


def tokens(text: str) -> list:
    """`*` is any number of letters, `?` is exactly one ("IAM JSON policy elements: Resource", wildcards)."""
    return [STAR if letter == "*" else QUESTION if letter == "?" else letter for letter in text]


def matches(pattern: list, text: str, may_eat: Callable[[int, int], bool] = lambda token, letter: True) -> bool:
    """Does the pattern match the whole text? may_eat(i, j): may the wildcard at pattern[i] take the letter text[j]?"""
    known: dict[tuple[int, int], bool] = {}

    def from_here(i: int, j: int) -> bool:
        if (i, j) not in known:
            known[(i, j)] = attempt(i, j)
        return known[(i, j)]

    def attempt(i: int, j: int) -> bool:
        if i == len(pattern):
            return j == len(text)
        if pattern[i] is STAR:
            if from_here(i + 1, j):
                return True
            return j < len(text) and may_eat(i, j) and from_here(i, j + 1)
        if j == len(text):
            return False
        if pattern[i] is QUESTION:
            return may_eat(i, j) and from_here(i + 1, j + 1)
        return pattern[i] == text[j] and from_here(i + 1, j + 1)

    return from_here(0, 0)


def action_matches(pattern: str, action: str) -> bool:
    """Neither the service nor the name has case ("IAM JSON policy elements: Action", row 19)."""
    return matches(tokens(pattern.lower()), action.lower())


def split_arn(pattern: list) -> list[list]:
    """Cut at the first five colons: six parts, or fewer."""
    parts: list[list] = [[]]
    for token in pattern:
        if token == ":" and len(parts) < 6:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def join_arn(parts: list[list]) -> list:
    joined: list = []
    for number, part in enumerate(parts):
        joined += ([":"] if number else []) + part
    return joined


def arn_matches(pattern: list, text: str) -> Truth:
    """Six parts, cut at colons, each matched on its own ("Condition operators", ARN; rows 14 to 16)."""
    wanted = split_arn(pattern)
    given = text.split(":", 5)
    if len(wanted) < 6 or len(given) < 6:
        return Truth(False, ("short",))
    return truth(all(matches(part, one) for part, one in zip(wanted, given)))


def resource_matches(pattern: list, resource: str, kind: str) -> Truth:
    """Rows 17, 18 and 21: does an entry of Resource match the resource of the request?"""
    if pattern == [STAR]:
        return truth(True)
    if resource == "*":
        # Row 21: an action without resource types is asked about `*`, and only `*` grants it ("Resource", note).
        return NO
    parts = split_arn(pattern)
    if len(parts) < 6:
        # Missing fields become `*` in an identity-based policy ("Identify AWS resources with ARNs"). Session policies
        # refuse a short ARN, and the page says nothing of the other kinds.
        if kind != "identity":
            return unsettled(18, f"a short Resource ARN in a policy of kind {kind}")
        parts += [[STAR]] * (6 - len(parts))
        pattern = join_arn(parts)
    if any(token is STAR or token is QUESTION for token in parts[1] + parts[2]):
        # Not allowed in the service ("Resource", note) nor in the partition ("Identify AWS resources with ARNs").
        return unsettled(17, "a wildcard in the partition or the service of a Resource")
    answer = _by_segment(pattern, resource)
    if answer.value is True and _blurs_the_type(parts):
        # Not allowed there either ("Identify AWS resources with ARNs").
        return unsettled(17, "a wildcard in the resource type of a Resource")
    return answer


def _blurs_the_type(parts: list[list]) -> bool:
    """Is there a wildcard in the type, with more behind it? `arn:aws:iam::111122223333:*` is all of the account."""
    service = "".join(letter for letter in parts[2])
    if service not in TYPED or parts[5] == [STAR]:
        return False
    for token in parts[5]:
        if token in ("/", ":"):
            return False
        if token is STAR or token is QUESTION:
            return True
    return False


def _by_segment(pattern: list, resource: str) -> Truth:
    """Row 17: `*` at the end of a segment runs past the colon, another one stays inside its segment ("Resource").

    What a segment is after the fifth colon, the page does not say: both are tried.
    """
    colons = [place for place, letter in enumerate(resource) if letter == ":"]
    fifth = colons[4] if len(colons) > 4 else len(resource)

    def last_of_segment(i: int) -> bool:
        return pattern[i] is STAR and (i + 1 == len(pattern) or pattern[i + 1] == ":")

    def narrow(i: int, j: int) -> bool:
        return resource[j] != ":" or last_of_segment(i)

    def wide(i: int, j: int) -> bool:
        return resource[j] != ":" or last_of_segment(i) or j > fifth

    return agree(
        truth(matches(pattern, resource, narrow)), truth(matches(pattern, resource, wide)),
        17, "an inner wildcard and a colon after the fifth",
    )
