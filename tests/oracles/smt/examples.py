"""Hand-written pairs with the expected result and a part of the reason, by family of operators and by corner.

The numbers in names are the rows of the list of corners in the project's notes on policies; the pages of the
IAM User Guide that settle them are named in the code of the oracle.
"""
ID, RES = "identity", "resource"
HOME = "111122223333"
AWAY = "444455556666"
OBJECT, BUCKET = "arn:aws:s3:::data/*", "arn:aws:s3:::data"
NEW, NONE, OPEN = "NEW_ACCESS", "NO_NEW_ACCESS", "UNKNOWN"
ABSENT = "no statement allows it"


def say(effect="Allow", action="s3:GetObject", resource=OBJECT, when=None, **more):
    out = {"Effect": effect, "Action": action, "Resource": resource, **more}
    for name in ("Action", "Resource"):
        if "Not" + name in more or out[name] is None:
            del out[name]
    if when is not None:
        out["Condition"] = when
    return out


def doc(*statements, version="2012-10-17"):
    out = {"Version": version, "Statement": list(statements)}
    if version is None:
        del out["Version"]
    return out


def when(operator, key, value):
    return doc(say(when={operator: {key: value}}))


def blocked(operator, key, value):
    """Everything on objects, except where the condition holds."""
    return doc(say(), say("Deny", when={operator: {key: value}}))


def keep(text):
    return doc(say(resource=text))


def trust(principal, condition=None):
    return doc(say(action="sts:AssumeRole", resource=None, when=condition, Principal=principal))


def bucket(principal, effect="Allow", **more):
    return say(effect, Principal=principal, **more)


TAG, ENDPOINT, ADDRESS = "aws:PrincipalTag/team", "aws:SourceVpce", "aws:SourceIp"
KEYS, NUMBER, TIME, MFA = "aws:TagKeys", "s3:max-keys", "aws:CurrentTime", "aws:MultiFactorAuthPresent"
LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group:"
HOME_OF = "arn:aws:s3:::data/home/"
ALL, ANY = "ForAllValues:", "ForAnyValue:"
PLAIN = doc(say())
ROLE = f"arn:aws:iam::{HOME}:role/Trainer"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/Trainer/job"

# name, type, reference, candidate, result, part of the reason
PAIRS = [
    # Actions and resources.
    ("same document", ID, PLAIN, PLAIN, NONE, "candidate alone"),
    ("scalar and list", ID, PLAIN, doc(say(action=["s3:GetObject"], resource=[OBJECT])), NONE, ""),
    ("action star", ID, PLAIN, doc(say(action="s3:Get*")), NEW, ABSENT),
    ("action inside star", ID, doc(say(action="s3:Get*")), PLAIN, NONE, ""),
    ("19 action case", ID, PLAIN, doc(say(action="S3:gEToBJECT")), NONE, ""),
    ("19 resource case", ID, PLAIN, keep("arn:aws:s3:::Data/*"), NEW, ABSENT),
    ("NotAction wider", ID, doc(say(action="s3:*")), doc(say(NotAction="iam:*")), NEW, ABSENT),
    ("NotAction denies less", ID, doc(say(action="*"), say("Deny", NotAction=["s3:*"])),
     doc(say(action="*"), say("Deny", NotAction=["s3:*", "kms:*"])), NEW, "statement 2 denies it"),
    ("NotAction is the rest", ID, doc(say(NotAction="s3:*"), say(action="s3:*")), doc(say(action="*")), NONE, ""),
    ("NotResource denies less", ID, doc(say(), say("Deny", NotResource=[OBJECT + "x"])),
     doc(say(), say("Deny", NotResource=[OBJECT])), NEW, "statement 2 denies it"),
    ("NotResource is the rest", ID, doc(say(NotResource=OBJECT), say()), doc(say(resource="*")), NONE, ""),
    ("globs cover a glob", ID, doc(say(action=["s3:Get", "s3:Get?*"])), doc(say(action="s3:Get*")), NONE, ""),
    ("globs leave one word", ID, doc(say(action=["s3:Get?*"])), doc(say(action="s3:Get*")), NEW, ABSENT),
    ("three globs cover", ID, doc(say(action=["s3:Get*Tag", "s3:Get*", "s3:P*"])),
     doc(say(action=["s3:Get*Object*", "s3:Put*"])), NONE, ""),
    ("double star", ID, keep("arn:aws:s3:::data/**"), PLAIN, NONE, ""),
    ("star then question mark", ID, keep("arn:aws:s3:::data/?*"), keep("arn:aws:s3:::data/*?"), NONE, ""),
    ("question mark is one letter", ID, keep("arn:aws:s3:::data-?"), keep("arn:aws:s3:::data-1?"), NEW, ABSENT),
    ("split statement", ID, doc(say(action=["s3:GetObject", "s3:PutObject"])),
     doc(say(action="s3:PutObject"), say()), NONE, ""),
    ("crossed lists", ID, doc(say(), say(action="s3:PutObject", resource=BUCKET)),
     doc(say(action=["s3:GetObject", "s3:PutObject"], resource=[OBJECT, BUCKET])), NEW, ABSENT),
    ("17 star at the end of a segment runs on", ID, keep(LOGS + "/aws/*"),
     keep(LOGS + "/aws/sagemaker:log-stream:x"), NONE, ""),
    ("17 star inside a segment stops", ID, keep(LOGS + "/aws/*/jobs"), keep(LOGS + "/aws/a:b/jobs"), NEW, ABSENT),
    ("17 star before a colon runs on", ID, keep(LOGS + "*:log-stream:x"), keep(LOGS + "a:b:log-stream:x"),
     NONE, ""),
    ("18 short ARN in an identity policy", ID, keep("arn:aws:s3"), keep("arn:aws:s3:eu-west-1:*:x"), NONE, ""),
    ("18 short ARN elsewhere", "boundary", keep("arn:aws:s3"), keep("arn:aws:s3:eu-west-1:*:x"), OPEN, "short"),
    ("18 short ARN in NotResource", "boundary", doc(), doc(say(NotResource="arn:aws:s3")), OPEN, "short"),
    ("21 star and all ARNs", ID, keep("arn:*"), keep("*"), NEW, ABSENT),
    ("explicit deny first", ID, doc(say("Deny"), say()), PLAIN, NEW, "statement 1 denies it"),
    ("new deny", ID, PLAIN, doc(say(), say("Deny", action="s3:*")), NONE, ""),
    ("deny moved", ID, doc(say(action="s3:*"), say("Deny", action="s3:Put*")),
     doc(say("Deny", action="s3:PUT*"), say(action="s3:*")), NONE, ""),
    ("deny taken up by a narrower allow", ID, doc(say(action="s3:*"), say("Deny", action="s3:Put*")), PLAIN,
     NONE, ""),
    ("nothing allowed before", ID, doc(), PLAIN, NEW, ABSENT),
    ("nothing allowed after", ID, PLAIN, doc(), NONE, ""),
    # Text operators.
    ("condition dropped", ID, when("StringEquals", TAG, "a"), PLAIN, NEW, ABSENT),
    ("condition added", ID, PLAIN, when("StringEquals", TAG, "a"), NONE, ""),
    ("value added", ID, when("StringEquals", TAG, "a"), when("StringEquals", TAG, ["a", "b"]), NEW, ABSENT),
    ("5 negated list is NOR", ID, when("StringNotEquals", TAG, ["a", "b"]), when("StringNotEquals", TAG, "a"),
     NEW, ABSENT),
    ("5 shorter NOR list", ID, when("StringNotEquals", TAG, "a"), when("StringNotEquals", TAG, ["a", "b"]),
     NONE, ""),
    ("12 StringEquals takes a star as it is", ID, when("StringEquals", TAG, "a*"),
     when("StringLike", TAG, "a*"), NEW, ABSENT),
    ("12 StringLike without wildcard", ID, when("StringEquals", TAG, "ab"), when("StringLike", TAG, "ab"),
     NONE, ""),
    ("13 IgnoreCase", ID, when("StringEquals", TAG, "Ab"), when("StringEqualsIgnoreCase", TAG, "ab"), NEW, ABSENT),
    ("13 IgnoreCase has no wildcards", ID, when("StringEqualsIgnoreCase", TAG, "a*"),
     when("StringLike", TAG, "a*"), NEW, ABSENT),
    ("13 NotEqualsIgnoreCase is narrower", ID, when("StringNotEquals", TAG, "ab"),
     when("StringNotEqualsIgnoreCase", TAG, "AB"), NONE, ""),
    ("20 key case", ID, when("StringEquals", TAG, "a"), when("StringEquals", TAG.upper(), "a"), NONE, ""),
    ("20 value case", ID, when("StringEquals", TAG, "a"), when("StringEquals", TAG, "A"), NEW, ABSENT),
    ("like covers equals", ID, when("StringLike", TAG, ["a*", "b"]), when("StringEquals", TAG, ["ab", "b"]),
     NONE, ""),
    ("StringLike * needs the key", ID, when("StringLike", TAG, "*"), PLAIN, NEW, ABSENT),
    ("StringNotLike * is absent", ID, when("Null", TAG, "true"), when("StringNotLike", TAG, "*"), NONE, ""),
    ("6 negated, key missing", ID, when("StringLike", TAG, "*"), when("StringNotEquals", TAG, "a"), NEW, ABSENT),
    ("6 deny hits requests without the key", ID, blocked("StringNotEquals", ENDPOINT, "vpce-1"),
     blocked("StringNotEqualsIfExists", ENDPOINT, "vpce-1"), NONE, ""),
    ("7 negated IfExists, same as negated", ID, blocked("StringNotEqualsIfExists", ENDPOINT, "vpce-1"),
     blocked("StringNotEquals", ENDPOINT, "vpce-1"), NONE, ""),
    ("IfExists opens", ID, when("StringEquals", TAG, "a"), when("StringEqualsIfExists", TAG, "a"), NEW, ABSENT),
    ("IfExists is a Null or a value", ID, when("StringEqualsIfExists", TAG, "a"),
     doc(say(when={"Null": {TAG: "true"}}), say(when={"StringEquals": {TAG: "a"}})), NONE, ""),
    ("deny unless the endpoint, swapped endpoint", ID, blocked("StringNotEquals", ENDPOINT, "vpce-1"),
     blocked("StringNotEquals", ENDPOINT, ["vpce-1", "vpce-2"]), NEW, "statement 2 denies it"),
    ("56 unknown key denies all", ID, doc(say(), say("Deny", when={"StringNotEquals": {"aws:Sorce": "x"}})),
     PLAIN, NEW, "statement 2 denies it"),
    # ARN operators.
    ("14 ArnEquals is ArnLike", ID, when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:a*"),
     when("ArnEquals", "aws:SourceArn", "arn:aws:sns:*:*:a*"), NONE, ""),
    ("15 ArnLike stops at colons, StringLike does not", ID, when("ArnLike", "aws:SourceArn", "arn:aws:s*:r:a:b"),
     when("StringLike", "aws:SourceArn", "arn:aws:s*:r:a:b"), NEW, ABSENT),
    ("15 ArnLike is inside StringLike", ID, when("StringLike", "aws:SourceArn", "arn:aws:sns:*:topic-*"),
     when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:topic-*"), NONE, ""),
    ("16 ArnLike with five parts", ID, doc(), when("ArnLike", "aws:SourceArn", "arn:aws:sns:*:topic"), NONE, ""),
    ("16 ArnNotLike with five parts", ID, PLAIN, when("ArnNotLike", "aws:SourceArn", "*"), NONE, ""),
    ("ArnNotLike widened", ID, when("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/a*"),
     when("ArnNotLike", "aws:PrincipalArn", "arn:aws:iam::*:role/ab"), NEW, ABSENT),
    # Numbers and dates.
    ("30 numbers by value", ID, when("NumericEquals", NUMBER, "10"), when("NumericEquals", NUMBER, 10.0), NONE, ""),
    ("30 less and less or equal", ID, when("NumericLessThan", NUMBER, "11"),
     when("NumericLessThanEquals", NUMBER, "10"), NONE, ""),
    ("30 decimals lie between", ID, when("NumericLessThanEquals", NUMBER, "10"),
     when("NumericLessThan", NUMBER, "11"), NEW, ABSENT),
    ("30 two ranges make all", ID, doc(say(when={"NumericLessThan": {NUMBER: "5"}}),
                                               say(when={"NumericGreaterThanEquals": {NUMBER: "5"}})),
     when("NumericNotEquals", NUMBER, "7"), NEW, ABSENT),
    ("30 ranges with IfExists make all", ID, doc(say(when={"NumericLessThanIfExists": {NUMBER: "5"}}),
                                                         say(when={"NumericGreaterThanEquals": {NUMBER: "5"}})),
     when("NumericNotEquals", NUMBER, "7"), NONE, ""),
    ("30 no number", ID, when("NumericEquals", NUMBER, "10s"), when("NumericEquals", NUMBER, "10"), OPEN,
     "no meaning for NumericEquals"),
    ("30 no number on both sides", ID, when("NumericEquals", NUMBER, "10s"), doc(
        say(when={"NumericEquals": {NUMBER: "10s"}, "StringEquals": {TAG: "a"}})), NONE, ""),
    ("31 dates with offsets", ID, when("DateLessThan", TIME, "2026-01-01T00:00:00Z"),
     when("DateLessThan", TIME, "2026-01-01T01:00:00+01:00"), NONE, ""),
    ("31 date alone, epoch seconds", ID, when("DateGreaterThan", TIME, "2026-01-01"),
     when("DateGreaterThan", TIME, 1767225600), NONE, ""),
    ("31 later end", ID, when("DateLessThan", TIME, "2026-01-01T00:00:00Z"),
     when("DateLessThan", TIME, "2026-01-01T00:00:01Z"), NEW, ABSENT),
    ("31 date with equals", ID, when("DateLessThan", TIME, "2026-01-01"),
     when("DateLessThanEquals", TIME, "2026-01-01"), NEW, ABSENT),
    # Addresses.
    ("32 prefix in halves", ID, when("IpAddress", ADDRESS, "10.0.0.0/8"),
     when("IpAddress", ADDRESS, ["10.0.0.0/9", "10.128.0.0/9"]), NONE, ""),
    ("32 halves make the prefix", ID, when("IpAddress", ADDRESS, ["10.0.0.0/9", "10.128.0.0/9"]),
     when("IpAddress", ADDRESS, "10.0.0.0/8"), NONE, ""),
    ("32 bare address is /32", ID, when("IpAddress", ADDRESS, "192.0.2.1/32"),
     when("IpAddress", ADDRESS, "192.0.2.1"), NONE, ""),
    ("32 host bits are masked", ID, when("IpAddress", ADDRESS, "192.0.2.0/24"),
     when("IpAddress", ADDRESS, "192.0.2.77/24"), NONE, ""),
    ("32 /0 is every IPv4 address", ID, when("IpAddress", ADDRESS, ["0.0.0.0/0", "::/0"]),
     when("IpAddress", ADDRESS, "203.0.113.0/24"), NONE, ""),
    ("33 IPv6 is not in 0.0.0.0/0", ID, when("IpAddress", ADDRESS, "0.0.0.0/0"),
     when("IpAddress", ADDRESS, "2001:db8::/32"), NEW, ABSENT),
    ("33 a small IPv6 number is no IPv4 address", ID, when("IpAddress", ADDRESS, "0.0.0.0/0"),
     when("IpAddress", ADDRESS, "::/96"), NEW, ABSENT),
    ("33 NotIpAddress passes the other family", ID, when("IpAddress", ADDRESS, "0.0.0.0/0"),
     when("NotIpAddress", ADDRESS, "0.0.0.0/0"), NEW, ABSENT),
    ("33 text forms of IPv6", ID, when("IpAddress", ADDRESS, "2001:DB8:0:0::/64"),
     when("IpAddress", ADDRESS, "2001:db8::/64"), NONE, ""),
    ("34 NotIpAddress deny and the missing key", ID, blocked("NotIpAddress", ADDRESS, "10.0.0.0/8"),
     blocked("NotIpAddress", ADDRESS, ["10.0.0.0/8", "192.0.2.0/24"]), NEW, "statement 2 denies it"),
    # Bool, Null, Binary.
    ("10 Bool false in a deny misses the missing key", ID, blocked("BoolIfExists", MFA, "false"),
     blocked("Bool", MFA, "false"), NEW, "statement 2 denies it"),
    ("10 Bool has two values", ID, when("Null", MFA, "false"), when("Bool", MFA, ["true", "false"]), NONE, ""),
    ("10 Bool and text", ID, when("StringEquals", MFA, "true"), when("Bool", MFA, True), NONE, ""),
    ("11 Null false", ID, when("Null", TAG, "false"), when("StringEquals", TAG, "a"), NONE, ""),
    ("11 Null true and false", ID, when("Null", TAG, ["true", "false"]), PLAIN, NONE, ""),
    ("11 Null flipped", ID, when("Null", TAG, "false"), when("Null", TAG, "true"), NEW, ABSENT),
    ("Null with IfExists is no operator", ID, when("NullIfExists", TAG, "true"), PLAIN, OPEN, "unknown operator"),
    ("BinaryEquals", ID, when("BinaryEquals", "x:blob", ["QUJD", "REVG"]), when("BinaryEquals", "x:blob", "QUJD"),
     NONE, ""),
    # Set operators.
    ("1 ForAllValues, key missing", ID, when("StringLike", KEYS, "*"),
     when(ALL + "StringEquals", KEYS, "a"), NEW, ABSENT),
    ("1 ForAllValues with Null false", ID, when(ANY + "StringEquals", KEYS, ["a", "b"]),
     doc(say(when={ALL + "StringEquals": {KEYS: "a"}, ANY + "StringLike": {KEYS: "?*"}})), NONE, ""),
    ("2 ForAllValues and an empty value", ID, doc(say(when={ANY + "StringLike": {KEYS: "?*"}}),
                                                  say(when={"StringNotLike": {KEYS: "*"}})),
     when(ALL + "StringEquals", KEYS, "a"), NEW, ABSENT),
    ("2 Null and an empty value", ID, when(ANY + "StringEquals", KEYS, "a"),
     doc(say(when={ALL + "StringEquals": {KEYS: "a"}, "Null": {KEYS: "false"}})), NONE, ""),
    ("3 ForAnyValue, key missing", ID, when(ANY + "StringNotEquals", KEYS, "a"),
     when("Null", KEYS, "true"), NEW, ABSENT),
    ("4 ForAnyValue with IfExists", ID, when(ANY + "StringEquals", KEYS, "a"),
     when(ANY + "StringEqualsIfExists", KEYS, "a"), OPEN, "ForAnyValue with IfExists"),
    ("4 the same on both sides", ID, when(ANY + "StringEqualsIfExists", KEYS, "a"),
     when(ANY + "StringEqualsIfExists", KEYS, "a"), NONE, ""),
    ("8 all differ is inside some differ", ID, doc(say(when={ANY + "StringNotEquals": {KEYS: "a"}}),
                                                           say(when={"Null": {KEYS: "true"}}),
                                                           say(when={ALL + "StringEquals": {KEYS: "a"}})),
     when(ALL + "StringNotEquals", KEYS, "a"), NONE, ""),
    ("8 some differ is more than all differ", ID, when(ALL + "StringNotEquals", KEYS, "a"),
     when(ANY + "StringNotEquals", KEYS, "a"), NEW, ABSENT),
    ("ForAnyValue of two needs two values", ID, when(ANY + "StringEquals", KEYS, "c"),
     doc(say(when={ANY + "StringEquals": {KEYS: "a"}, ANY + "StringLike": {KEYS: "b*"}})), NEW, ABSENT),
    ("both sets at once", ID, when(ANY + "StringEquals", KEYS, "a"),
     doc(say(when={ALL + "StringEquals": {KEYS: ["a", "b"]}, ANY + "StringLike": {KEYS: "a*"}})), NONE, ""),
    ("9 set operator dropped, one value", ID, when(ALL + "StringEquals", KEYS, "a"),
     when("StringEquals", KEYS, ["a", "b"]), NEW, ABSENT),
]
