"""Random condition blocks and context values, made so that a condition holds about half of the time."""

from __future__ import annotations

import random

from .naive.document import BASES

FORMS = tuple(
    f"{set_operator}{base}{suffix}"
    for base in BASES
    for set_operator in ("", "ForAllValues:", "ForAnyValue:")
    for suffix in ("", "IfExists")
    if base != "Null" or (set_operator, suffix) == ("", "")
)

WORDS = (
    "red", "blue", "Blue", "team-7", "a*b", "axb", "home/alice/x", "home/bob", "t3.micro", "m5.large", "eu-west-1",
    "2026",
)
SINGLE = {
    "String": ("aws:PrincipalTag/team", "aws:RequestedRegion", "s3:prefix", "ec2:InstanceType", "aws:ResourceTag/env"),
    "Numeric": ("s3:max-keys", "aws:MultiFactorAuthAge", "s3:signatureAge"),
    "Date": ("aws:CurrentTime", "aws:TokenIssueTime", "aws:EpochTime"),
    "Bool": ("aws:SecureTransport", "aws:MultiFactorAuthPresent", "aws:ViaAWSService"),
    "Binary": ("example:Digest",),
    "Ip": ("aws:SourceIp", "aws:VpcSourceIp"),
    "Arn": ("aws:SourceArn", "ec2:SourceInstanceARN", "iam:PolicyARN"),
}
MANY = {
    "String": ("aws:TagKeys", "dynamodb:Attributes", "aws:CalledVia"),
    "Numeric": ("example:Sizes",),
    "Date": ("example:Times",),
    "Bool": ("example:Flags",),
    "Binary": ("example:Digests",),
    "Ip": ("example:Addresses",),
    "Arn": ("sagemaker:VpcSecurityGroupArns", "iam:AssociatedResourceArns"),
}
NUMBERS = ("0", "1", "5", "5.0", "5.25", "10", "-3", "10.00", "4096")
TIMES = (
    "2026-03-01T00:00:00Z", "2026-03-01T02:00:00+02:00", "2026-02-28T19:00:00-05:00", "2026-03-01", "2026-03",
    "1772323200", "2026-03-01T00:00:00.5Z", "2026-03-01T00:00Z", "2027-01-01", "2025-12-31T23:59:59Z", "1767225600",
)
ADDRESSES = ("203.0.113.9", "203.0.113.200", "198.51.100.1", "10.1.2.3", "2001:db8::1", "2001:0DB8:0:0::00ff", "::1")
RANGES = (
    "203.0.113.0/24", "203.0.113.77/25", "203.0.113.9", "0.0.0.0/0", "10.0.0.0/8", "198.51.100.0/31", "2001:db8::/32",
    "2001:DB8::/121", "::/0", "2001:db8:0:0:0:0:0:1", "203.0.113.9/32", "203.0.113.250/24",
)
ARNS = (
    "arn:aws:sns:eu-west-1:111122223333:alarms", "arn:aws:sns:us-east-1:444455556666:alarms",
    "arn:aws:iam::111122223333:policy/team/limit",
    "arn:aws:some:eu-west-1:444455556666:store/a:111122223333:finance/x",
    "arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc", "arn:aws:s3:::records",
)
ARN_PATTERNS = (
    "arn:aws:sns:*:111122223333:*", "arn:aws:*:*:*:alarms", "arn:aws:sns:eu-west-?:*:al*s",
    "arn:aws:iam::*:policy/team/*",
    "arn:aws:some:*:111122223333:finance/*", "arn:aws:some:*:*:store/*", "arn:*:*:*:*:*", "arn:aws:s3:::rec?rds",
    "arn:aws:ec2:*:111122223333:instance/i-0a*", "arn:aws:sns:*",
)
VARIABLES = ("${aws:PrincipalTag/team}", "${aws:PrincipalTag/none, 'red'}", "${aws:username}", "a${*}b")
FAR = {
    ("Numeric", True): "4096", ("Numeric", False): "-3",
    ("Date", True): "2027-01-01", ("Date", False): "2025-12-31T23:59:59Z",
}
DIGESTS = ("QmluYXJ5VmFsdWVJbkJhc2U2NA==", "AAEC", "/+8=")


def family(base: str) -> str:
    name = base.replace("Not", "", 1) if base.startswith("Not") else base
    for known in SINGLE:
        if name.startswith(known):
            return known
    return "String"


def blur(rng: random.Random, text: str) -> str:
    """Turn a text into a pattern that matches it, or nearly."""
    letters = list(text)
    for _ in range(rng.randint(0, 2)):
        place = rng.randrange(len(letters) or 1)
        letters[place:place + rng.randint(0, 3)] = rng.choice(["*", "?", "*", "**", "?*"])
    return "".join(letters)


def context_value(rng: random.Random, kind: str):
    """One value of a key as a request would hold it."""
    if kind == "Numeric":
        return rng.choice([*NUMBERS, *NUMBERS, 7, "299s"])
    if kind == "Bool":
        return rng.choice(["true", "false", True, False])
    pool = {"Date": TIMES, "Ip": ADDRESSES, "Arn": ARNS, "Binary": DIGESTS, "String": WORDS}[kind]
    return rng.choice(pool)


def policy_value(rng: random.Random, kind: str, base: str, given: list, hold: float):
    """One value of a policy; `hold` is how often it is made of a value of the request."""
    near = rng.choice(given) if given and rng.random() < hold else None
    if kind == "String":
        # Where it is not to hold, still something near it at times.
        text = near if near is not None else rng.choice([*WORDS, *given, *given])
        if rng.random() < 0.18:
            return rng.choice(VARIABLES)
        if rng.random() < 0.25 and "Like" not in base:
            return blur(rng, text)
        if "Like" in base:
            # Rarely a pattern that costs a careless matcher very long.
            return "*".join(["", *text, ""]) if rng.random() < 0.02 else blur(rng, text)
        return text.swapcase() if "IgnoreCase" in base and rng.random() < 0.6 else text
    if kind == "Arn":
        if near is not None and rng.random() < 0.5:
            return near
        return rng.choice(ARN_PATTERNS)
    if kind == "Bool":
        if hold < 0.5 and given and rng.random() < 0.7:
            return "false" if str(given[0]).lower() == "true" else "true"
        return rng.choice(["true", "false", True])
    if kind == "Ip":
        if near == "2001:db8::1":
            return "2001:db8:0:0:0:0:0:1"
        return near if near is not None and rng.random() < 0.5 else rng.choice(RANGES)
    if "Than" in base and rng.random() < (0.65 if hold < 0.5 else 0.6):
        # A bound that hardly any value passes, or nearly every one, so that these operators fail and hold alike.
        return FAR[kind, ("Greater" in base) == (hold < 0.5)]
    if near is not None and near != "299s":
        return near
    return rng.choice({"Numeric": NUMBERS, "Date": TIMES, "Binary": DIGESTS}[kind])


def one_or_list(rng: random.Random, values: list):
    return values[0] if len(values) == 1 and rng.random() < 0.7 else values


def condition(rng: random.Random, form: str, context: dict) -> tuple[str, str, object]:
    """(operator, key, values) of the form; adds the key to the context unless the request is to lack it."""
    set_operator, _, rest = form.rpartition(":")
    base = rest.removesuffix("IfExists")
    if base == "Null":
        return _null(rng, context)
    kind = family(base)
    many = bool(set_operator) and rng.random() < 0.9
    key = rng.choice((MANY if many else SINGLE)[kind])
    if key not in context and rng.random() < 0.86:
        if many:
            context[key] = [context_value(rng, kind) for _ in range(rng.choice([0, 1, 1, 1, 2, 2, 3]))]
            if rng.random() < 0.06:
                context[key] = [""]
        else:
            context[key] = context_value(rng, kind)
    given = context.get(key, [])
    given = [one for one in (given if isinstance(given, list) else [given]) if one != ""]
    near = rng.random() < 0.4
    many_values = rng.choice([1, 1, 2, 3]) if near else rng.choice([1, 1, 1, 2])
    values = [policy_value(rng, kind, base, given, 0.75 if near else 0.1) for _ in range(many_values)]
    if set_operator == "ForAnyValue" and "Not" in base and given and "299s" not in given and rng.random() < 0.35:
        values = given  # the only way in which "some value is not listed" fails
    if rng.random() < 0.15:
        key = rng.choice([key.lower(), key.upper()])
    return form, key, one_or_list(rng, values)


def _null(rng: random.Random, context: dict) -> tuple[str, str, object]:
    key = rng.choice(["aws:TokenIssueTime", "aws:TagKeys", "aws:SourceVpce", "s3:prefix"])
    if rng.random() < 0.5 and key not in context:
        likely = {"aws:TokenIssueTime": TIMES[0], "aws:TagKeys": ["red"], "aws:SourceVpce": "vpce-1"}
        context[key] = likely.get(key, "red")
    return "Null", key, rng.choice(["true", "false", True, False, ["true", "false"]])


def block(rng: random.Random, forms: list[str], context: dict) -> dict:
    """A Condition element with one entry for each form."""
    made: dict = {}
    for form in forms:
        operator, key, values = condition(rng, form, context)
        entries = made.setdefault(operator, {})
        if key.lower() not in {one.lower() for one in entries}:
            entries[key] = values
    return made
