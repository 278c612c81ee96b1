"""Random lines: each has one deciding statement in one kind of policy, with noise and nasty details around it."""

from __future__ import annotations

import copy
import random
from typing import Iterator

from . import building as b
from .building import FULL, allow, deny, line, policy, statement, text
from .samples import FORMS, block, blur

SCENES = (
    "identity_allow", "identity_deny", "resource_allow", "resource_deny", "boundary_allow", "boundary_deny",
    "session_allow", "session_deny", "scp_allow", "scp_deny", "rcp_deny", "endpoint_allow", "endpoint_deny",
    "cross_identity", "cross_resource", "key_policy", "key_identity", "trust_policy", "trust_identity",
    "service", "anonymous", "not_principal", "federated", "linked_role",
    "mixed", "mixed", "mixed",
)
TARGETS = (
    ("s3:GetObject", b.OBJECT, ("s3:GetObject", "s3:Get*", "S3:*", "s3:*Object"),
     (b.OBJECT, b.BUCKET + "/*", b.BUCKET + "/2026/?.csv", "arn:aws:s3:::rec*", "*")),
    ("sqs:SendMessage", b.QUEUE, ("sqs:SendMessage", "sqs:Send*", "sqs:*"),
     (b.QUEUE, f"arn:aws:sqs:*:{b.OWN}:*", f"arn:aws:sqs:eu-west-?:{b.OWN}:int*", "*")),
    ("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:eu-west-1:{b.OWN}:secret:db/main-a1B2c3",
     ("secretsmanager:GetSecretValue", "secretsmanager:Get*"),
     (f"arn:aws:secretsmanager:*:{b.OWN}:secret:db/*",
      f"arn:aws:secretsmanager:eu-west-1:{b.OWN}:secret:db/main-??????")),
)
LOGS = f"arn:aws:logs:eu-west-1:{b.OWN}:log-group:/app/one:log-stream:main"
LOGS_TARGET = (
    "logs:GetLogEvents", LOGS, ("logs:Get*", "logs:*"),
    (LOGS, f"arn:aws:logs:*:{b.OWN}:log-group:/app/*", "arn:aws:logs:*",
     "arn:aws:logs:eu*3:log-group:/app/one:log-stream:main",
     f"arn:aws:logs:eu-west-1:{b.OWN}:log-group:*:log-stream:m*"),
)
# Actions without resource types are asked about `*`.
LIST_TARGET = (
    "s3:ListAllMyBuckets", "*", ("s3:ListAllMyBuckets", "s3:List*"), ("*", "*", "arn:aws:s3:::*", "arn:aws:s3"),
)
IDENTITY_TARGET = ("sts:GetCallerIdentity", "*", ("sts:GetCallerIdentity",), ("*",))
SHORT = ("arn:aws:s3", "arn:aws:sqs", "arn:aws:sqs:eu-west-1", "arn:aws:s3::")
KEY_TARGET = ("kms:Decrypt", b.KEY, ("kms:Decrypt", "kms:*", "kms:De*"), (b.KEY, f"arn:aws:kms:*:{b.OWN}:key/*", "*"))
TRUST_TARGET = ("sts:AssumeRole", b.TARGET_ROLE, ("sts:AssumeRole", "sts:*"), (b.TARGET_ROLE, "*"))
SPECIAL = {"key_policy": KEY_TARGET, "key_identity": KEY_TARGET, "trust_policy": TRUST_TARGET,
           "trust_identity": TRUST_TARGET}


def lines(seed: int, count: int) -> Iterator[str]:
    """The same lines for the same seed, on every machine."""
    rng = random.Random(seed)
    forms = list(FORMS)
    for number in range(count):
        if number % len(forms) == 0:
            rng.shuffle(forms)
        yield Writer(rng, forms[number % len(forms)]).write(f"case-{number + 1:06d}")


class Writer:
    """One line around one condition form."""

    def __init__(self, rng: random.Random, form: str):
        self.rng = rng
        self.form = form
        self.scene = rng.choice(SCENES)
        target = SPECIAL.get(self.scene) or rng.choice(TARGETS)
        if self.scene.startswith(("identity", "boundary", "session", "scp")):
            target = rng.choice([target] * 7 + [LOGS_TARGET] * 2 + [LIST_TARGET])
            target = rng.choice([target] * 60 + [IDENTITY_TARGET])
        self.action, self.resource, self.actions, self.resources = target
        self.principal = self._principal()
        self.context = _principal_keys(self.principal) if rng.random() < 0.95 else {}
        self.made = line("", self.principal, self.action, self.resource)

    def _principal(self) -> str:
        if self.scene == "service":
            return self.rng.choice(["logs.amazonaws.com", "cloudtrail.amazonaws.com"])
        if self.scene == "anonymous":
            return "anonymous"
        if self.scene == "federated":
            return b.FEDERATED
        if self.scene == "linked_role":
            return b.LINKED
        if self.scene.startswith("cross"):
            return self.rng.choice([b.FOREIGN_USER, b.FOREIGN_SESSION])
        if self.scene.startswith("session"):
            return b.SESSION
        if self.scene.startswith("boundary"):
            return self.rng.choice([b.USER, b.SESSION])
        pool = [b.USER, b.USER, b.SESSION, b.SESSION]
        if self.scene in ("scp_allow", "scp_deny", "rcp_deny", "resource_deny"):
            pool.append(b.ROOT)
        return self.rng.choice(pool)

    def write(self, name: str) -> str:
        self.made["id"] = name
        getattr(self, "_" + self.scene)()
        self.made = copy.deepcopy(self.made)  # the parts are shared between lines, and noise changes them
        self._noise()
        self.made["request"]["context"] = self.context
        if self.rng.random() < 0.04:
            return self._spoil(text(self.made))
        return text(self.made)

    # The deciding statement, and what stands around it.

    def _focus(self, effect: str, principal=None, trust: bool = False, **more) -> dict:
        """A statement under a condition of the form; its action and resource match the request most of the time."""
        rng = self.rng
        forms = [self.form] + ([rng.choice(FORMS)] if rng.random() < 0.12 else [])
        action = rng.choice(self.actions) if rng.random() < 0.93 else rng.choice(["iam:*", "ec2:Run*", "s3:Put*"])
        if rng.random() < 0.2:
            service, name = self.action.split(":")
            action = f"{rng.choice([service, service.upper()])}:{blur(rng, rng.choice([name, name.lower()]))}"
        parts: dict = {"condition": block(rng, forms, self.context), "principal": principal, **more}
        if rng.random() < 0.07 and effect == "Deny" and "NotAction" not in more and not trust and principal is None:
            parts["NotAction"] = rng.choice([["iam:*", "sts:*"], "s3:*"])
        else:
            parts["action"] = action if rng.random() < 0.7 else [action, "sns:Publish"]
        if trust:
            parts["resource"] = None
        elif rng.random() < 0.06:
            parts["NotResource"] = rng.choice([f"{b.BUCKET}-old/*", self.resource])
        else:
            resource = rng.choice(self.resources) if rng.random() < 0.95 else "arn:aws:s3:::elsewhere/*"
            if rng.random() < 0.05 and self.scene.startswith("identity"):
                resource = rng.choice(SHORT)
            if rng.random() < 0.2 and self.resource != "*":
                # Only the name: the guide allows no wildcard in the resource type.
                place = self.resource.index("/" if "/" in self.resource else "intake")
                resource = self.resource[:place] + blur(rng, self.resource[place:])
            if rng.random() < 0.05 and self.resource == b.OBJECT:
                resource = b.BUCKET + "/${aws:PrincipalTag/team, '2026'}/*"
            parts["resource"] = resource if rng.random() < 0.7 else [resource, "arn:aws:sns:*:*:none"]
        return statement(effect, **parts)

    def _policy(self, *statements) -> dict:
        version = self.rng.choice(["2012-10-17"] * 16 + ["2008-10-17", None, None])
        made = policy(*statements, version=version)
        if self.rng.random() < 0.15:
            for number, one in enumerate(made["Statement"]):
                one["Sid"] = f"Part{number}"
        if len(statements) == 1 and self.rng.random() < 0.1:
            made["Statement"] = made["Statement"][0]
        return made

    def _plain(self, effect: str = "Allow", **more) -> dict:
        return statement(effect, action=self.rng.choice(self.actions), resource=self.rng.choice(self.resources), **more)

    def _caller(self) -> dict:
        """A Principal that names the caller in one of the ways there are."""
        account = self.principal.split(":")[4]
        ways: list = [self.principal, "*"]
        if ":assumed-role/" in self.principal:
            role = self.principal.split("/")[1]
            ways += [f"arn:aws:iam::{account}:role/{role}", f"arn:aws:iam::{account}:role/team/{role}"]
        ways += [account, f"arn:aws:iam::{account}:root"]
        chosen = self.rng.choice(ways)
        return {"AWS": chosen if self.rng.random() < 0.7 else [chosen, f"arn:aws:iam::{b.OTHER}:user/dora"]}

    def _identity_allow(self):
        self.made["identity_policies"] = [self._policy(self._focus("Allow"))]

    def _identity_deny(self):
        self.made["identity_policies"] = [FULL, self._policy(self._focus("Deny"))]

    def _resource_allow(self):
        self.made["resource_policy"] = self._policy(self._focus("Allow", self._caller()))
        if self.rng.random() < 0.3:
            self.made["identity_policies"] = [policy(self._plain())]

    def _resource_deny(self):
        if self.principal != b.ROOT:
            self.made["identity_policies"] = [policy(self._plain())]
        who = self.rng.choice(["*", self._caller()])
        self.made["resource_policy"] = self._policy(self._focus("Deny", who))

    def _boundary_allow(self):
        self.made["permission_boundary"] = self._policy(self._focus("Allow"))
        self._under_limit()

    def _boundary_deny(self):
        self.made["permission_boundary"] = policy(allow(action="*"), self._focus("Deny"))
        self._under_limit()

    def _session_allow(self):
        self.made["session_policies"] = [self._policy(self._focus("Allow"))]
        self._under_limit()

    def _session_deny(self):
        self.made["session_policies"] = [FULL, self._policy(self._focus("Deny"))]
        self._under_limit()

    def _under_limit(self):
        """What a boundary or session policy limits: mostly identity policies, at times a resource policy."""
        if self.rng.random() < 0.75:
            self.made["identity_policies"] = [policy(self._plain())]
        else:
            self.made["resource_policy"] = policy(self._plain(principal=self._caller()))

    def _scp_allow(self):
        self._levels("scps", [self._policy(self._focus("Allow"))], [FULL])

    def _scp_deny(self):
        self._levels("scps", [FULL, self._policy(self._focus("Deny"))], [FULL])

    def _rcp_deny(self):
        focus = self._focus("Deny", "*")
        self._levels("rcps", [self._policy(focus)], [])

    def _levels(self, name: str, level: list, other: list):
        levels = [list(other) for _ in range(self.rng.randint(0, 3))]
        levels.insert(self.rng.randint(0, len(levels)), level)
        self.made[name] = levels
        if self.principal != b.ROOT:
            self.made["identity_policies"] = [policy(self._plain())]

    def _endpoint_allow(self):
        self._endpoint(self._policy(self._focus("Allow", self.rng.choice(["*", "*", self._caller()]))))

    def _endpoint_deny(self):
        self._endpoint(policy(allow(action="*", principal="*"), self._focus("Deny", "*")))

    def _endpoint(self, endpoint: dict):
        self.made["identity_policies"] = [policy(self._plain())]
        self._endpoint_of(endpoint)

    def _endpoint_of(self, endpoint: dict):
        self.made["vpc_endpoint_policy"] = endpoint
        if self.rng.random() < 0.9:
            self.context.setdefault("aws:SourceVpce", "vpce-1")
            self.context.setdefault("aws:SourceVpc", "vpc-1")
            self.context.pop("aws:SourceIp", None)

    def _cross_identity(self):
        self.made["identity_policies"] = [self._policy(self._focus("Allow"))]
        self.made["resource_policy"] = policy(self._plain(principal=self._caller()))

    def _cross_resource(self):
        if self.rng.random() < 0.9:
            self.made["identity_policies"] = [policy(self._plain())]
        self.made["resource_policy"] = self._policy(self._focus("Allow", self._caller()))

    def _key_policy(self):
        self.made["resource_policy"] = self._policy(self._focus("Allow", self._caller()))
        if self.rng.random() < 0.7:
            self.made["identity_policies"] = [policy(self._plain())]

    def _key_identity(self):
        self.made["resource_policy"] = policy(
            self._plain(principal={"AWS": self.rng.choice([b.ROOT, b.ROOT, b.OWN, self.principal])})
        )
        self.made["identity_policies"] = [self._policy(self._focus("Allow"))]

    def _trust_policy(self):
        self.made["resource_policy"] = self._policy(self._focus("Allow", self._caller(), trust=True))
        if self.rng.random() < 0.7:
            self.made["identity_policies"] = [policy(self._plain())]

    def _trust_identity(self):
        who = {"AWS": self.rng.choice([b.ROOT, b.OWN, b.OTHER])}
        self.made["resource_policy"] = policy(statement("Allow", "sts:AssumeRole", None, principal=who))
        self.made["identity_policies"] = [self._policy(self._focus("Allow"))]

    def _service(self):
        who = {"Service": self.rng.choice([self.principal, [self.principal, "ec2.amazonaws.com"], "ec2.amazonaws.com"])}
        self.made["resource_policy"] = self._policy(self._focus("Allow", self.rng.choice([who, who, "*"])))

    def _anonymous(self):
        who = self.rng.choice(["*", {"AWS": "*"}, {"AWS": b.ROOT}])
        self.made["resource_policy"] = self._policy(self._focus("Allow", who))

    def _not_principal(self):
        spared: list = [b.ROOT, self.principal, b.ROLE]
        if self.rng.random() < 0.4:
            spared = [b.FOREIGN_USER, f"arn:aws:iam::{b.OTHER}:root"]
        focus = self._focus("Deny", "*")
        focus.pop("Principal")
        focus["NotPrincipal"] = {"AWS": spared}
        self.made["resource_policy"] = self._policy(focus)
        self.made["identity_policies"] = [policy(self._plain())]
        if self.rng.random() < 0.2:
            self.made["permission_boundary"] = FULL

    def _federated(self):
        self.made["session_policies"] = [self._policy(self._focus("Allow"))]
        if self.rng.random() < 0.8:
            self.made["identity_policies"] = [policy(self._plain())]
        else:
            who = self.rng.choice([b.FEDERATED, b.OWN, "*"])
            self.made["resource_policy"] = policy(self._plain(principal={"AWS": who}))

    def _mixed(self):
        """Every kind of policy at once, most of them allowing: what counts is how they combine."""
        rng = self.rng

        def some(principal=None, kinds=("Allow", "Allow", "Allow", "Deny")) -> dict:
            effect = rng.choice(kinds)
            if rng.random() < 0.3:
                return self._policy(self._focus(effect, principal))
            other = self._plain("Allow", principal=principal)
            if effect == "Deny" or rng.random() < 0.15:
                other["Action"] = "iam:*"
            return policy(other)

        self.made["resource_policy"] = rng.choice([None, some(self._caller())])
        if self.principal == b.ROOT:
            return
        if rng.random() < 0.8:
            self.made["identity_policies"] = [some() for _ in range(rng.randint(1, 2))]
        if rng.random() < 0.5:
            self.made["permission_boundary"] = some()
        if self.principal == b.SESSION and rng.random() < 0.6:
            self.made["session_policies"] = [some() for _ in range(rng.randint(1, 2))]
        if rng.random() < 0.4:
            self.made["scps"] = [[FULL], [FULL, some()], [some(kinds=("Allow",))]]
        if rng.random() < 0.3:
            self._endpoint_of(some("*"))

    def _linked_role(self):
        self.made["identity_policies"] = [self._policy(self._focus("Allow"))]
        self.made["scps"] = [[FULL], [policy(allow(action="iam:*"))]]
        if self.rng.random() < 0.3:
            self.made["rcps"] = [[policy(deny(action=self.action.split(":")[0] + ":*", principal="*"))]]

    # Noise that must not change the verdict, or may.

    def _noise(self):
        rng = self.rng
        if rng.random() < 0.25:
            for made in (one for one in self.made["identity_policies"][:1] if isinstance(one["Statement"], list)):
                made["Statement"].append(
                    statement(rng.choice(["Allow", "Deny"]), rng.choice(["iam:List*", "ec2:*", "dynamodb:*Item"]))
                )
        if rng.random() < 0.1 and not self.made["scps"]:
            self.made["scps"] = [[FULL], [rng.choice([FULL, policy(allow(action=list(self.actions))), policy(
                allow(action="*"), deny(action="organizations:*"))])]]
        if rng.random() < 0.1 and not self.made["rcps"]:
            self.made["rcps"] = [[], [policy(deny(
                action=self.action.split(":")[0] + ":*", principal="*",
                condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}
            ))]]
            self.context["aws:PrincipalOrgID"] = rng.choice(["o-1", "o-1", "o-2"])
        if rng.random() < 0.3:
            self.context.setdefault("aws:SecureTransport", "true")

    def _spoil(self, made: str) -> str:
        """Break the line in one of the ways that IAM refuses (row 59)."""
        return self.rng.choice([
            lambda: made.replace('"Effect": "Allow"', '"Effect": "Deny", "Effect": "Allow"', 1),
            lambda: made.replace('"Resource": "*"', '"Resource": []', 1),
            lambda: made.replace('"Effect": "Allow"', '"Effect": "allow"', 1),
            lambda: made.replace('"Action":', '"action":', 1),
            lambda: made.replace('"Statement": [', '"Statement": [{}, ', 1),
            lambda: made.replace('"2012-10-17"', '"2020-01-01"', 1),
        ])()


def _principal_keys(principal: str) -> dict:
    """The keys that AWS puts into a request of this caller ("Variables and tags", principal key values)."""
    if principal == "anonymous":
        return {"aws:PrincipalType": "Anonymous", "aws:userid": "anonymous"}
    if principal.endswith(".amazonaws.com"):
        return {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": principal}
    account = principal.split(":")[4]
    keys = {"aws:PrincipalAccount": account, "aws:PrincipalIsAWSService": "false", "aws:PrincipalArn": principal}
    name = principal.split("/")[-1]
    if ":user/" in principal:
        keys |= {"aws:PrincipalType": "User", "aws:username": name, "aws:userid": "AIDAJQABLZS4A3QDU576Q"}
    elif principal == b.LINKED:
        keys |= {"aws:PrincipalType": "AssumedRole", "aws:PrincipalArn": b.LINKED_ROLE}
    elif principal == b.FEDERATED:
        keys |= {"aws:PrincipalType": "FederatedUser", "aws:userid": f"{account}:{name}"}
    elif ":assumed-role/" in principal:
        role = principal.split("/")[1]
        arn = b.ROLE if account == b.OWN else f"arn:aws:iam::{account}:role/{role}"
        keys |= {"aws:PrincipalType": "AssumedRole", "aws:userid": f"AROAJQABLZS4A3QDU576Q:{name}"}
        keys["aws:PrincipalArn"] = arn
    else:
        keys |= {"aws:PrincipalType": "Account", "aws:userid": account}
    return keys
