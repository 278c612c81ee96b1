"""Random requests out of the words of two documents: attempts at a claim that one allows nothing new.

Most of them pass a statement of the candidate by construction, with something changed at times; all else that the
documents look at gets a value near one of theirs, or none.
"""

from __future__ import annotations

import ipaddress
import random
import re
from datetime import datetime, timedelta, timezone
from typing import Iterator

HOME, STRANGER = "111122223333", "999988887777"
ROLE = f"arn:aws:iam::{HOME}:role/plumbline-role"
SESSION = f"arn:aws:sts::{HOME}:assumed-role/plumbline-role/run-1"
ANYBODY = (f"arn:aws:iam::{STRANGER}:role/other", f"arn:aws:iam::{HOME}:user/ana", "anonymous", "ec2.amazonaws.com")
FILLERS = ("", "a", "x/y", "models/m-1", "2026", "A", "b-c", "shared/raw")
VARIABLE = re.compile(r"\$\{([^},]+)(?:,[^}]*)?\}")
FAMILIES = ("Numeric", "Date", "Bool", "IpAddress", "Arn", "Binary", "Null")


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


class Attacker:
    """Draws requests for one pair."""

    def __init__(self, rng: random.Random, pair: dict):
        self.rng, self.kind = rng, pair["type"]
        self.own = listed(pair["candidate"]["Statement"])
        self.all = self.own + listed(pair["reference"]["Statement"])
        self.actions = self._words("Action", "NotAction") or ["s3:GetObject"]
        self.resources = self._words("Resource", "NotResource")
        # By key in lower case: how it is spelled, whether it holds a list, and what it is compared with.
        self.keys: dict[str, tuple[str, bool, list[tuple[str, str]]]] = {}
        for statement in self.all:
            for operator, key, values in conditions(statement):
                spelled, many, tests = self.keys.setdefault(key.lower(), (key, False, []))
                tests += [(operator, value) for value in values]
                self.keys[key.lower()] = spelled, many or operator.startswith("For"), tests

    def _words(self, *names: str) -> list[str]:
        return [word for one in self.all for name in names if name in one for word in listed(one[name])]

    def requests(self, count: int) -> Iterator[dict]:
        for _ in range(count):
            yield self._request()

    def _request(self) -> dict:
        rng = self.rng
        grants = [one for one in self.own if one["Effect"] == "Allow"] or self.own
        aim = rng.choice(grants)
        if rng.random() < 0.25:
            aim = {**aim, **{name: rng.choice(self.all)[name] for name in ("Action", "Resource")
                             if name in aim and all(name in one for one in self.all)}}
        context = self._context(aim)
        action = self._action(aim)
        caller = self._caller(aim)
        resource = self._resource(aim, context)
        # `*` is in the caller's account.
        owner = re.search(r":(\d{12}):", caller if resource == "*" else resource)
        owner = owner[1] if owner else HOME
        return {"principal": caller, "action": action, "resource": resource, "resource_account": owner,
                "context": context}

    def _action(self, aim: dict) -> str:
        word = self.rng.choice(listed(aim["Action"]) if "Action" in aim and self.rng.random() < 0.9 else self.actions)
        word = "s3:GetObject" if word.strip("*") in ("", ":") else word
        service, _, name = word.partition(":")
        name = "".join(self.rng.choice(["", "Object", "Tags", "Job"]) if letter == "*" else
                       self.rng.choice("aT") if letter == "?" else letter for letter in name)
        return f"{service.replace('*', 'ec2')}:{name or 'List'}"

    def _resource(self, aim: dict, context: dict) -> str:
        if self.kind == "trust":
            return f"arn:aws:iam::{HOME}:role/deployer"
        rng = self.rng
        words = listed(aim["Resource"]) if "Resource" in aim and rng.random() < 0.85 else self.resources or ["*"]
        word = rng.choice(words)
        if word.strip("*") == "" and self.resources and rng.random() < 0.6:
            word = rng.choice(self.resources)
        made = self._filled(word, context)
        return made if made.count(":") >= 5 and "*" not in made else "*"

    def _filled(self, pattern: str, context: dict) -> str:
        """A text that the pattern matches, or nearly."""
        rng = self.rng
        given = {key.lower(): value for key, value in context.items()}

        def value(found: re.Match) -> str:
            known = given.get(found.group(1).lower())
            return known if isinstance(known, str) and rng.random() < 0.9 else rng.choice(FILLERS)

        text = VARIABLE.sub(value, pattern)
        text = "".join(rng.choice(FILLERS) if letter == "*" else rng.choice("a1-") if letter == "?" else letter
                       for letter in text)
        if rng.random() < 0.06:
            text += rng.choice(["x", "/x"])
        return text

    def _caller(self, aim: dict) -> str:
        rng = self.rng
        if "Principal" not in aim and "NotPrincipal" not in aim:
            return rng.choice([ROLE, SESSION]) if self.kind != "session" else SESSION
        named = aim.get("Principal", "*") if rng.random() < 0.85 else rng.choice(self.all).get("Principal", "*")
        texts = [word for words in named.values() for word in listed(words)] if isinstance(named, dict) else ["*"]
        text = rng.choice(texts)
        if text == "*":
            return rng.choice([ROLE, *ANYBODY])
        account = re.fullmatch(r"(?:arn:aws:iam::)?(\d{12})(?::root)?", text)
        if account:
            return rng.choice([f"arn:aws:iam::{account[1]}:role/any", f"arn:aws:iam::{account[1]}:user/any"])
        role = re.fullmatch(r"arn:aws:iam::(\d{12}):role/(?:.*/)?([^/]+)", text)
        if role and rng.random() < 0.4:
            return f"arn:aws:sts::{role[1]}:assumed-role/{role[2]}/run-1"
        return text

    # Keys.

    def _context(self, aim: dict) -> dict:
        rng = self.rng
        context: dict = {}
        for operator, key, values in conditions(aim):
            spelled, many, tests = self.keys[key.lower()]
            if rng.random() < 0.12:
                values = [value for _, value in tests]
            one = self._value(operator, values)
            if one is None or (operator.endswith("IfExists") and rng.random() < 0.2):
                context.pop(spelled, None)
            elif many:
                more = [self._value(operator, values) for _ in range(rng.choice([0, 0, 1, 2]))]
                context[spelled] = [] if rng.random() < 0.1 else list(dict.fromkeys([one, *filter(None, more)]))
            else:
                context[spelled] = one
        looked_at = {key.lower() for key in context}
        for folded, (spelled, many, tests) in self.keys.items():
            if folded in looked_at or rng.random() < 0.5:
                continue
            operator, value = rng.choice(tests)
            made = self._value(operator, [value])
            if made is not None:
                context[spelled] = [made] if many else made
        return context

    def _value(self, operator: str, values: list):
        """A value that passes the test most of the time; None for a key that is to be left out."""
        rng = self.rng
        base = operator.split(":")[-1].removesuffix("IfExists")
        text = str(rng.choice(values))
        family = next((name for name in FAMILIES if base.replace("Not", "").startswith(name)), "String")
        if family == "Null":
            return None if text.lower() == "true" else rng.choice(FILLERS[1:])
        if family == "Bool":
            return text.lower() if rng.random() < 0.9 else rng.choice(["true", "false"])
        if family == "Numeric":
            return self._number(text)
        if family == "Date":
            return self._date(text)
        if family == "IpAddress":
            return self._address(text, "Not" in base)
        if "Not" in base and rng.random() < 0.7:
            return rng.choice(["other", text + "x", f"arn:aws:iam::{STRANGER}:role/other"])
        made = self._filled(text, {})
        return made.swapcase() if "IgnoreCase" in base and rng.random() < 0.3 else made or "a"

    def _number(self, text: str) -> str:
        try:
            return f"{float(text) + self.rng.choice([0, -1, 1, 0.5, -0.5]):g}"
        except ValueError:
            return text

    def _date(self, text: str) -> str:
        try:
            when = datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            return text
        when = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
        return (when + timedelta(seconds=self.rng.choice([0, 0, -1, 1, 86400, -86400]))).isoformat()

    def _address(self, text: str, outside: bool) -> str:
        try:
            net = ipaddress.ip_network(text, strict=False)
        except ValueError:
            return text
        if outside and self.rng.random() < 0.7:
            return self.rng.choice(["192.0.2.77", "2001:db8:ffff::1", "8.8.8.8"])
        first, last = int(net.network_address), int(net.broadcast_address)
        place = self.rng.choice([first, last, self.rng.randint(first, last), first - 1, last + 1])
        highest = 2 ** net.max_prefixlen - 1
        return str(type(net.network_address)(min(max(place, 0), highest)))


def conditions(statement: dict) -> Iterator[tuple[str, str, list]]:
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator, key, listed(values)
