"""Principals by representatives: a handful of callers that stand for all callers the two documents can tell apart.

"AWS JSON policy elements: Principal" and "... NotPrincipal" are the pages behind the rules.
"""
import re

ANONYMOUS = "anonymous"
SESSION = "plumbline-session"
FRESH_NAME = "plumbline-other"
ACCOUNTS = ("444455556666", "111122223333", "999999999999")

ACCOUNT = re.compile(r"\d{12}")
ROOT = re.compile(r"arn:[^:]+:iam::(\d{12}):root")
ROLE = re.compile(r"arn:([^:]+):iam::(\d{12}):role/(?:.*/)?([^/]+)")
SESSION_ARN = re.compile(r"arn:([^:]+):sts::(\d{12}):assumed-role/([^/]+)/([^/]+)")
ANY_ARN = re.compile(r"arn:[^:]+:(?:iam|sts)::(\d{12}):.+")
UNIQUE_ID = re.compile(r"A[A-Z]{3}[A-Z0-9]{12,}")


def account_named(value):
    """Account id when a Principal value names a whole account."""
    if ACCOUNT.fullmatch(value):
        return value
    match = ROOT.fullmatch(value)
    return match.group(1) if match else None


def account_of(caller):
    match = ANY_ARN.fullmatch(caller)
    return match.group(1) if match else None


def opaque(kind, value):
    """Why a Principal value has no meaning here, or an empty text."""
    if kind == "CanonicalUser":
        return f"canonical user {value!r} as principal"
    if value != "*" and ("*" in value or "?" in value):
        return f"wildcard inside the principal {value!r}"  # not allowed by the page
    if kind == "AWS" and value != "*" and not (
            account_named(value) or ANY_ARN.fullmatch(value) or UNIQUE_ID.fullmatch(value)):
        return f"principal {value!r} is neither account nor ARN"
    return ""


def matches(kind, value, caller):
    """Does one Principal value (not an opaque one) name the caller?"""
    if value == "*":
        if kind == "AWS":
            return True  # the page: "*" and {"AWS": "*"} are the same
        if kind == "Service":
            return caller.endswith(".amazonaws.com")
        return ":saml-provider/" in caller or ":oidc-provider/" in caller
    if kind != "AWS":
        return caller == value
    account = account_named(value)
    if account:
        return account_of(caller) == account and ":saml-provider/" not in caller and ":oidc-provider/" not in caller
    if caller == value:
        return True
    role, session = ROLE.fullmatch(value), SESSION_ARN.fullmatch(caller)
    # A session is named by its role; the path of the role is not in the session's ARN.
    return bool(role and session and role.groups() == session.groups()[:3])


def excluded(names, caller):
    """NotPrincipal: is the caller outside the statement? True, False, or None when the page leaves it open.

    The page asks to name the account, and for a session also its role, beside the principal itself.
    """
    named = [matches(kind, value, caller) for kind, value in names]
    if not any(named):
        return False
    if any(kind == "AWS" and value == "*" for kind, value in names):
        return True
    values = {value for _, value in names}
    account = account_of(caller)
    if account is None:
        return True
    if not any(account_named(value) == account for value in values):
        return None
    if caller.endswith(":root"):
        return True
    session = SESSION_ARN.fullmatch(caller)
    role = any(ROLE.fullmatch(v) and ROLE.fullmatch(v).groups() == session.groups()[:3] for v in values) if session \
        else True
    return True if caller in values and role else None


def representatives(documents):
    """Callers that stand for all: the named ones, their sessions, one more in each account, and strangers."""
    found, accounts, services = [], [], []
    for document in documents:
        for statement in document.statements:
            for kind, value in statement.principals or ():
                if value == "*" or opaque(kind, value) or UNIQUE_ID.fullmatch(value):
                    continue
                if kind != "AWS":
                    (services if kind == "Service" else found).append(value)
                    continue
                account = account_named(value) or account_of(value)
                accounts.append(account)
                if not account_named(value):
                    found.append(value)
                    role = ROLE.fullmatch(value)
                    if role:
                        found.append("arn:%s:sts::%s:assumed-role/%s/%s" % (*role.groups(), SESSION))
                    session = SESSION_ARN.fullmatch(value)
                    if session:
                        found.append("arn:%s:sts::%s:assumed-role/%s/%s" % (*session.groups()[:3], FRESH_NAME))
    stranger = next((a for a in ACCOUNTS if a not in accounts), "".join(reversed(ACCOUNTS[0])))
    for account in accounts:
        found.append(f"arn:aws:iam::{account}:role/{FRESH_NAME}")
        found.append(f"arn:aws:iam::{account}:root")
    found.append(f"arn:aws:iam::{stranger}:role/{FRESH_NAME}")
    found += services
    found += [f"{FRESH_NAME}.amazonaws.com", f"arn:aws:iam::{stranger}:saml-provider/{FRESH_NAME}", ANONYMOUS]
    return list(dict.fromkeys(found))
