"""What engines get wrong, one wrong reading at a time, to see that the cases would find it.

Each mutant replaces one function of the naive evaluator. A set of cases is worth something if every mutant gives
another decision than the evaluator on some of them: python -m oracles.mutants --count 3000.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import Counter
from typing import Callable, Iterator
from unittest import mock

from .cases import rows
from .generate import lines
from .naive import conditions, evaluate, matching, principals, statements, values, variables
from .naive.context import ABSENT
from .naive.document import load
from .naive.truth import NO, YES, all_of, any_of, negate, truth
from .naive.variables import NoValue

# (row, name, module, function, replacement made from the right function)
Mutant = tuple[int, str, object, str, Callable]
MUTANTS: list[Mutant] = []


def wrong(row: int, module, function: str):
    """Register a maker of a wrong function."""
    def register(maker: Callable) -> Callable:
        MUTANTS.append((row, maker.__name__, module, function, maker))
        return maker
    return register


@wrong(1, conditions, "_for_all")
def for_all_without_the_key_is_false(right):
    return lambda condition, version, context, value: (
        NO if value is ABSENT else right(condition, version, context, value))


@wrong(2, conditions, "_is_null_data")
def an_empty_value_is_a_value(right):
    return lambda value: False


@wrong(3, conditions, "_for_any")
def for_any_negated_without_the_key_is_true(right):
    return lambda condition, version, context, value: (
        truth(condition.base in conditions.NEGATED) if value is ABSENT else right(condition, version, context, value))


@wrong(5, conditions, "_compare")
def negated_lists_are_or(right):
    def compare(condition, version, context, value):
        base = conditions.NEGATED.get(condition.base)
        if base is None:
            return right(condition, version, context, value)
        return any_of(negate(conditions._match(base, one, version, context, value, True)) for one in condition.values)
    return compare


@wrong(6, conditions, "one_condition")
def negated_without_the_key_is_false(right):
    def one(condition, version, context):
        missing = not context.has(condition.key) and condition.base in conditions.NEGATED
        if missing and not condition.if_exists and not condition.set_operator:
            return NO
        return right(condition, version, context)
    return one


@wrong(7, conditions, "one_condition")
def if_exists_is_ignored(right):
    def one(condition, version, context):
        if condition.if_exists and not condition.set_operator and not context.has(condition.key):
            return truth(condition.base in conditions.NEGATED)
        return right(condition, version, context)
    return one


@wrong(8, conditions, "one_condition")
def for_all_and_for_any_are_swapped(right):
    def one(condition, version, context):
        value = context.get(condition.key)
        if value is ABSENT or not isinstance(value, list) or len(value) < 2:
            return right(condition, version, context)
        if condition.set_operator == "ForAllValues":
            return conditions._for_any(condition, version, context, value)
        if condition.set_operator == "ForAnyValue":
            return conditions._for_all(condition, version, context, value)
        return right(condition, version, context)
    return one


@wrong(10, conditions, "one_condition")
def a_missing_boolean_is_false(right):
    return lambda condition, version, context: right(
        condition, version,
        context.plus({condition.key.lower(): "false"}) if condition.base == "Bool" and not condition.if_exists
        else context)


@wrong(11, conditions, "_null")
def null_is_upside_down(right):
    return lambda condition, version, value: negate(right(condition, version, value))


@wrong(12, conditions, "_string")
def string_equals_has_wildcards(right):
    return lambda base, *rest: right("StringLike" if base == "StringEquals" else base, *rest)


@wrong(13, conditions, "_string")
def ignore_case_is_forgotten(right):
    return lambda base, *rest: right("StringEquals" if base == "StringEqualsIgnoreCase" else base, *rest)


@wrong(14, conditions, "_arn")
def arn_equals_is_literal(right):
    return lambda wanted, version, context, value, negated: (
        right(wanted, version, context, value, negated) if wanted == value else NO)


@wrong(15, conditions, "arn_matches")
def arn_like_runs_over_colons(right):
    return lambda pattern, text: truth(matching.matches(pattern, text))


@wrong(17, matching, "_by_segment")
def resource_wildcards_stop_at_colons(right):
    return lambda pattern, resource: truth(
        matching.matches(pattern, resource, lambda token, letter: resource[letter] != ":"))


@wrong(17, matching, "_by_segment")
def resource_wildcards_run_over_everything(right):
    return lambda pattern, resource: truth(matching.matches(pattern, resource))


@wrong(18, matching, "join_arn")
def short_resources_match_nothing(right):
    return lambda parts: ["-"]


@wrong(19, statements, "action_matches")
def actions_have_case(right):
    return lambda pattern, action: matching.matches(matching.tokens(pattern), action)


@wrong(20, conditions, "one_condition")
def keys_have_case(right):
    def one(condition, version, context):
        shouted = condition.key in (condition.key.lower(), condition.key.upper()) and condition.key != "aws:username"
        return right(condition, version, context.without(condition.key) if shouted else context)
    return one


@wrong(21, statements, "resource_matches")
def an_arn_grants_actions_without_resources(right):
    return lambda pattern, resource, kind: YES if resource == "*" else right(pattern, resource, kind)


@wrong(22, variables, "has_variable")
def variables_in_old_versions(right):
    return lambda text, version: "${" in text


@wrong(23, conditions, "patterns")
def a_variable_without_value_is_anything(right):
    def patterns(text, version, context):
        try:
            return right(text, version, context)
        except NoValue:
            return [matching.STAR], [matching.STAR]
    return patterns


@wrong(24, conditions, "_compare")
def no_value_makes_negated_operators_false(right):
    def compare(condition, version, context, value):
        try:
            for one in condition.values:
                conditions.patterns(one, version, context)
        except NoValue:
            return NO
        except Exception:
            pass
        return right(condition, version, context, value)
    return compare


@wrong(30, values, "number")
def numbers_are_integers(right):
    return lambda text: right(text.split(".")[0])


@wrong(30, values, "number")
def malformed_numbers_are_cut(right):
    return lambda text: right(text.rstrip("s"))


@wrong(31, values, "date")
def offsets_are_ignored(right):
    return lambda text: right(text[:-6] + "Z" if "T" in text and text[-6] in "+-" else text)


@wrong(31, values, "date")
def epoch_is_milliseconds(right):
    return lambda text: right(text) / 1000 if text.isdigit() and len(text) > 4 else right(text)


@wrong(32, values, "network")
def host_bits_are_kept(right):
    def network(text):
        family, first, last = right(text)
        own = right(text.split("/")[0])[1]
        return family, own, own + last - first
    return network


@wrong(32, values, "network")
def the_whole_range_is_empty(right):
    return lambda text: (4, 1, 0) if text.endswith("/0") else right(text)


@wrong(33, values, "inside")
def addresses_are_text(right):
    return lambda address, wanted: address == wanted if ":" in wanted and "/" not in wanted else right(address, wanted)


@wrong(36, principals, "_session")
def a_role_does_not_name_its_sessions(right):
    return lambda text, principal: ("self", truth(text == principal.arn))


@wrong(37, evaluate, "_same_account")
def the_account_grants_everybody(right):
    return lambda principal, kind, resource, own, limited: any_of(
        [right(principal, kind, resource, own, limited), resource.by["account"]])


@wrong(40, statements, "denied_by_not_principal")
def not_principal_denies_nobody(right):
    return lambda entries, principal, has_boundary, user_id: NO


@wrong(40, statements, "denied_by_not_principal")
def boundaries_do_not_matter_to_not_principal(right):
    return lambda entries, principal, has_boundary, user_id: right(entries, principal, False, user_id)


@wrong(41, evaluate, "_same_account")
def boundaries_limit_every_grant(right):
    return lambda principal, kind, resource, own, limited: all_of(
        [right(principal, kind, resource, own, limited), limited])


@wrong(42, evaluate, "_same_account")
def limits_do_not_bind_roles(right):
    return lambda principal, kind, resource, own, limited: any_of(
        [right(principal, kind, resource, own, limited), resource.by["role"]])


@wrong(44, evaluate, "_identity_side")
def a_foreign_caller_needs_no_identity_policy(right):
    return lambda principal, identity, limited: (
        YES if principal.account != "111122223333" else right(principal, identity, limited))


@wrong(45, evaluate, "_resource_kind")
def keys_and_roles_are_like_any_resource(right):
    return lambda action, resource: right(action, resource).replace("key", "resource")


@wrong(46, evaluate, "_same_account")
def trust_is_like_any_resource_policy(right):
    return lambda principal, kind, resource, own, limited: right(
        principal, "resource" if kind == "trust" else kind, resource, own, limited)


@wrong(47, evaluate, "_caller_identity")
def caller_identity_can_be_denied(right):
    return lambda request, policies: ("IMPLICIT_DENY", "")


@wrong(48, evaluate, "_scps")
def one_level_of_scps_is_enough(right):
    def scps(request, policies):
        denied, allowed = right(request, policies)
        if not policies.scps:
            return denied, allowed
        return denied, any_of(statements.plain_effects(level, request)[1] for level in policies.scps)
    return scps


@wrong(48, evaluate, "_scps")
def scps_are_ignored(right):
    return lambda request, policies: (NO, YES)


@wrong(49, evaluate, "_rcps")
def rcps_are_ignored(right):
    return lambda request, policies: NO


@wrong(50, evaluate, "_endpoint")
def endpoint_policies_are_ignored(right):
    return lambda request, policies: (NO, YES)


@wrong(50, evaluate, "_endpoint")
def endpoint_policies_bind_every_request(right):
    def endpoint(request, policies):
        if policies.endpoint is None:
            return NO, YES
        effects = statements.resource_effects(policies.endpoint, request)
        return effects.denied, effects.any()
    return endpoint


@wrong(52, evaluate, "_service_linked")
def service_linked_roles_are_like_others(right):
    return lambda request: NO


@contextlib.contextmanager
def acting(mutant: Mutant) -> Iterator[None]:
    _, _, module, function, maker = mutant
    with mock.patch.object(module, function, maker(getattr(module, function))):
        yield


def caught(cases: list[str]) -> Counter:
    """For each mutant, in how many settled cases it decides otherwise."""
    parsed = [load(made) for made in cases]
    right = [evaluate.decide(line)[0] for line in parsed]
    counts: Counter = Counter()
    for mutant in MUTANTS:
        with acting(mutant):
            counts[mutant[1]] = sum(
                verdict != "UNKNOWN" and evaluate.decide(line)[0] != verdict for line, verdict in zip(parsed, right)
            )
    return counts


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=3000)
    chosen = options.parse_args()
    by_hand = caught([made for _, _, made in rows()])
    random = caught(list(lines(chosen.seed, chosen.count)))
    for row, name, *_ in MUTANTS:
        print(f"row {row:02d} {name}: {by_hand[name]} of the hand-written, {random[name]} of {chosen.count} generated")
    return 0


if __name__ == "__main__":
    sys.exit(main())
