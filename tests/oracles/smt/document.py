"""Parser of one policy document into statements, patterns and condition tests.

Names of pages in comments are pages of the IAM User Guide. The parser keeps what it cannot give a meaning
to (an unknown operator, a number that is none) as an opaque part with its reason: the answer is UNKNOWN
only when a question depends on such a part. A document that IAM itself would refuse raises `Malformed`.
"""
import re
from dataclasses import dataclass, field

VERSIONS = ("2008-10-17", "2012-10-17")
WITH_PRINCIPAL = ("resource", "trust", "endpoint", "key", "rcp")
WITHOUT_PRINCIPAL = ("identity", "boundary", "scp", "session")
TYPES = WITH_PRINCIPAL + WITHOUT_PRINCIPAL

# "IAM JSON policy elements: Condition operators". Name to (family, comparison, negated).
OPERATORS = {
    "StringEquals": ("text", "eq", False),
    "StringNotEquals": ("text", "eq", True),
    "StringEqualsIgnoreCase": ("text", "ieq", False),
    "StringNotEqualsIgnoreCase": ("text", "ieq", True),
    "StringLike": ("text", "like", False),
    "StringNotLike": ("text", "like", True),
    # The same page, ARN operators: ArnEquals and ArnLike behave the same, wildcards included.
    "ArnEquals": ("text", "arn", False),
    "ArnLike": ("text", "arn", False),
    "ArnNotEquals": ("text", "arn", True),
    "ArnNotLike": ("text", "arn", True),
    "Bool": ("bool", "bool", False),
    "BinaryEquals": ("binary", "binary", False),
    "IpAddress": ("ip", "in", False),
    "NotIpAddress": ("ip", "in", True),
    "Null": ("null", "null", False),
}
for _family, _prefix in (("num", "Numeric"), ("date", "Date")):
    OPERATORS[_prefix + "Equals"] = (_family, "eq", False)
    OPERATORS[_prefix + "NotEquals"] = (_family, "eq", True)
    OPERATORS[_prefix + "LessThan"] = (_family, "lt", False)
    OPERATORS[_prefix + "LessThanEquals"] = (_family, "le", False)
    OPERATORS[_prefix + "GreaterThan"] = (_family, "gt", False)
    OPERATORS[_prefix + "GreaterThanEquals"] = (_family, "ge", False)


class Malformed(Exception):
    """The document breaks the grammar, so that IAM would refuse it."""


@dataclass(frozen=True)
class Test:
    """One condition: operator, key and the list of values."""

    operator: str
    family: str
    comparison: str
    negated: bool
    if_exists: bool
    set_operator: str  # "", "all" or "any"
    key: str  # lower case: names of keys ignore case
    values: tuple
    variables: bool  # does ${...} mean a variable here
    opaque: str = ""

    def name(self):
        return f"{self.operator} on {self.key}"


@dataclass
class Statement:
    """One statement; `None` for an element that is not there."""

    index: int
    sid: str
    allow: bool
    actions: tuple
    not_action: bool
    resources: tuple
    not_resource: bool
    principals: tuple  # pairs (kind, value), or None
    not_principal: bool
    tests: tuple

    def label(self):
        return f"statement {self.index + 1}" + (f" ({self.sid})" if self.sid else "")


@dataclass
class Document:
    """A parsed document and the spelling of its condition keys."""

    kind: str
    variables: bool
    statements: list
    spelling: dict = field(default_factory=dict)


def no_duplicates(pairs):
    """Hook for json.loads: a repeated key is refused, as a parser that keeps one of the two changes meaning."""
    seen = {}
    for key, value in pairs:
        if key in seen:
            raise Malformed(f"the JSON key {key!r} is there twice")
        seen[key] = value
    return seen


def text_of(value):
    """Text of a scalar in a document; JSON true and 10 are read as "true" and "10"."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return value
    raise Malformed(f"a value is neither text, number nor boolean: {value!r}")


def texts(value, what):
    """A scalar or a list of them, as a tuple of text; an empty list is refused."""
    items = value if isinstance(value, list) else [value]
    if not items:
        raise Malformed(f"{what} is an empty list")
    return tuple(text_of(item) for item in items)


def one_of(statement, name, needed):
    """The element `name` or its `Not` twin: (values or None, is it the twin)."""
    plain, twin = name in statement, "Not" + name in statement
    if plain and twin:
        raise Malformed(f"{name} and Not{name} in one statement")
    if not plain and not twin:
        if needed:
            raise Malformed(f"a statement has no {name}")
        return None, False
    return statement["Not" + name if twin else name], twin


def parse_principals(value):
    """List of (kind, value) from a Principal element ("AWS JSON policy elements: Principal")."""
    if value == "*":
        return (("AWS", "*"),)
    if not isinstance(value, dict) or not value:
        raise Malformed("Principal is neither * nor an object")
    found = []
    for kind, names in value.items():
        if kind not in ("AWS", "Service", "Federated", "CanonicalUser"):
            raise Malformed(f"Principal has an unknown kind {kind!r}")
        found += [(kind, name) for name in texts(names, "Principal")]
    return tuple(found)


def parse_operator(name):
    """(operator table entry or None, IfExists, set operator) of a condition operator's name."""
    base, set_operator = name, ""
    for prefix, short in (("ForAllValues:", "all"), ("ForAnyValue:", "any")):
        if base.startswith(prefix):
            base, set_operator = base[len(prefix):], short
    if_exists = base.endswith("IfExists")
    if if_exists:
        base = base[: -len("IfExists")]
    entry = OPERATORS.get(base)
    if entry and entry[0] == "null" and (if_exists or set_operator):
        entry = None  # "Condition operators": IfExists may follow any operator except Null
    return entry, if_exists, set_operator


def parse_tests(condition, document):
    """Tests of a Condition element; keys lose their case, first spelling wins for the witness."""
    if not isinstance(condition, dict):
        raise Malformed("Condition is not an object")
    tests = []
    for operator, keys in condition.items():
        if not isinstance(keys, dict) or not keys:
            raise Malformed(f"condition operator {operator!r} has no keys")
        entry, if_exists, set_operator = parse_operator(operator)
        for key, value in keys.items():
            low = key.lower()
            document.spelling.setdefault(low, key)
            values = texts(value, f"the list of {operator} on {key}")
            if entry is None:
                reason = f"unknown operator {operator}"
                test = Test(operator, "opaque", "", False, if_exists, set_operator, low, values, False, reason)
            else:
                family, comparison, negated = entry
                # "IAM policy elements: Variables and tags": variables belong to string and ARN operators only.
                usable = document.variables and family == "text"
                test = Test(operator, family, comparison, negated, if_exists, set_operator, low, values, usable)
            tests.append(test)
    return tuple(tests)


def parse_statement(raw, index, document):
    """One statement, or `Malformed`."""
    if not isinstance(raw, dict):
        raise Malformed("a statement is not an object")
    allowed = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal",
               "Condition"}
    extra = set(raw) - allowed
    if extra:
        raise Malformed(f"a statement has an unknown element {sorted(extra)[0]!r}")
    if raw.get("Effect") not in ("Allow", "Deny"):
        raise Malformed("Effect is neither Allow nor Deny")
    actions, not_action = one_of(raw, "Action", True)
    resources, not_resource = one_of(raw, "Resource", document.kind != "trust")
    has_principal = document.kind in WITH_PRINCIPAL
    principals, not_principal = one_of(raw, "Principal", has_principal)
    if principals is not None and not has_principal:
        raise Malformed(f"a document of type {document.kind} names a Principal")
    actions = texts(actions, "Action")
    for action in actions:
        if action.strip("*") and not re.fullmatch(r"[^:]+:[^:]+", action):
            raise Malformed(f"the action {action!r} has no service prefix")
    return Statement(
        index=index,
        sid=str(raw.get("Sid", "")),
        allow=raw["Effect"] == "Allow",
        actions=actions,
        not_action=not_action,
        resources=None if resources is None else texts(resources, "Resource"),
        not_resource=not_resource,
        principals=None if principals is None else parse_principals(principals),
        not_principal=not_principal,
        tests=parse_tests(raw.get("Condition", {}), document),
    )


def parse(raw, kind):
    """A document of one type; `raw` is the decoded JSON."""
    if kind not in TYPES:
        raise Malformed(f"unknown type of document {kind!r}")
    if not isinstance(raw, dict):
        raise Malformed("the document is not an object")
    extra = set(raw) - {"Version", "Id", "Statement"}
    if extra:
        raise Malformed(f"the document has an unknown element {sorted(extra)[0]!r}")
    version = raw.get("Version", VERSIONS[0])
    if version not in VERSIONS:
        raise Malformed(f"unknown Version {version!r}")
    # "IAM JSON policy elements: Version": only 2012-10-17 knows variables; before that ${x} is plain text.
    document = Document(kind, version == VERSIONS[1], [])
    statements = raw.get("Statement")
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list):
        raise Malformed("the document has no Statement")
    sids = [s.get("Sid") for s in statements if isinstance(s, dict) and s.get("Sid")]
    if len(set(sids)) != len(sids):
        raise Malformed("two statements have the same Sid")
    for index, statement in enumerate(statements):
        document.statements.append(parse_statement(statement, index, document))
    return document
