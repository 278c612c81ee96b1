"""List where the naive oracle and the public simulator differ: python -m oracles.public.compare FOLDER --count 5000.

FOLDER is where npm installed @cloud-copilot/iam-simulate (see ../README.md). Lines about which either has no verdict
are counted and left out.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from ..cases import rows
from ..generate import lines
from ..naive.document import load
from ..naive.evaluate import decide

DECISIONS = ("ALLOW", "EXPLICIT_DENY", "IMPLICIT_DENY")


# The simulator drops keys that an action does not have. These get the name of a global key with as many values, which
# changes no verdict of the oracle (a line that has the other key already is left as it is).
GLOBAL = {
    "s3:prefix": "aws:UserAgent", "ec2:InstanceType": "aws:Referer", "s3:max-keys": "aws:MultiFactorAuthAge",
    "s3:signatureAge": "aws:MultiFactorAuthAge", "example:Digest": "aws:Referer", "iam:PolicyARN": "aws:SourceArn",
    "ec2:SourceInstanceARN": "aws:SourceArn", "dynamodb:Attributes": "aws:CalledVia", "example:Sizes": "aws:TagKeys",
    "example:Times": "aws:TagKeys", "example:Flags": "aws:TagKeys", "example:Addresses": "aws:TagKeys",
    "example:Digests": "aws:TagKeys", "sagemaker:VpcSecurityGroupArns": "aws:PrincipalOrgPaths",
    "iam:AssociatedResourceArns": "aws:PrincipalOrgPaths", "aws:ResourceTag/env": "aws:UserAgent",
}


def with_global_keys(made: str) -> str:
    for own, other in GLOBAL.items():
        if f'"{own}"'.lower() in made.lower() and other.lower() not in made.lower():
            made = re.sub(re.escape(f'"{own}"'), f'"{other}"', made, flags=re.IGNORECASE)
    return made


# What settles a difference: (row, page, does the line or its text fit).
EXPLAINED = (
    (37, "Policy evaluation logic: the root user has full access",
     lambda line, text: line["request"]["principal"].endswith(":root")),
    (52, "Service control policies, Resource control policies: service-linked roles are not restricted",
     lambda line, text: "AWSServiceRoleFor" in line["request"]["principal"]),
    (50, "Control access to VPC endpoints: a request that does not use the endpoint",
     lambda line, text: line["vpc_endpoint_policy"] and "sourcevpce" not in repr(line["request"]["context"]).lower()),
    (48, "SCP evaluation: services are no principals of a member account",
     lambda line, text: line["scps"] and line["request"]["principal"].endswith(".amazonaws.com")),
    (2, "Set operators: an empty string is a null data set", lambda line, text: '[""]' in text),
    (31, "Condition operators, Date: epoch time is in seconds", lambda line, text: re.search(r"\b17[0-9]{8}\b", text)),
    (31, "Condition operators, Date: the W3C form without seconds", lambda line, text: re.search(r"T00:00Z", text)),
    (30, "Condition operators, Numeric: a malformed number", lambda line, text: "299s" in text),
    (32, "Condition operators, IP address: /0 is every address", lambda line, text: re.search(r'[:.0-9]/0"', text)),
    (33, "Condition operators, IP address: text forms, and the other family", lambda line, text: "IpAddress" in text),
    (22, "Variables and tags, Version: variables are text in an old version",
     lambda line, text: "${" in text and re.search(r'"2008-10-17"|{"Statement"', text)),
    (26, "Variables and tags, Special characters", lambda line, text: re.search(r"\$\{[*?$]\}", text)),
    (24, "Variables and tags, Policy variables with no value", lambda line, text: "${" in text),
    (43, "Policy evaluation logic: a session's ARN in a resource policy is not limited by session policies",
     lambda line, text: line["session_policies"] and line["resource_policy"]),
    (41, "Policy evaluation logic: a federated user without a session policy",
     lambda line, text: ":federated-user/" in line["request"]["principal"]),
    (17, "Resource: a * at the end of a segment runs past the colon", lambda line, text: ":*:" in text),
)


def settled_by(made: str) -> str | None:
    """The first explanation that fits; it is a guide for the reader, the hand-written rows are the proof."""
    line = json.loads(made)
    for row, page, fits in EXPLAINED:
        if fits(line, made):
            return f"row {row}: {page}"
    return None


def left_open(reason: str) -> str:
    """What the documentation leaves open about a line, by the oracle's reason."""
    row = re.search(r"rows? [0-9]+( and [0-9]+)?", reason)
    return f"{row[0] if row else 'no row'}: the documentation leaves it open"


class Simulator:
    """The simulator in the folder where npm installed it, and the program that runs it."""

    def __init__(self, folder: Path, node: str = "node"):
        self.folder, self.node = folder, node

    def ask(self, cases: list[str]) -> dict[str, str]:
        """Its decision for each id."""
        program = Path(__file__).with_name("run.mjs")
        done = subprocess.run([self.node, str(program), str(self.folder)], input="\n".join(cases) + "\n",
                              stdout=subprocess.PIPE, text=True, check=True)
        answers = [json.loads(one) for one in done.stdout.splitlines()]
        return {one["id"]: one["decision"] for one in answers}


def differences(simulator: Simulator, cases: list[str]) -> tuple[Counter, list[tuple[str, str, str, str]]]:
    theirs = simulator.ask(cases)
    counts: Counter = Counter()
    found = []
    for made in cases:
        line = load(made)
        decision, _ = decide(line)
        other = theirs[line["id"]]
        if decision == "UNKNOWN" or other not in DECISIONS:
            counts["no verdict from " + ("the oracle" if decision == "UNKNOWN" else "the simulator")] += 1
            continue
        counts["compared"] += 1
        if decision != other:
            counts["different"] += 1
            found.append((line["id"], decision, other, made))
    return counts, found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=5000)
    options.add_argument("--lines", action="store_true", help="print the whole line of each difference")
    chosen = options.parse_args()
    cases = [made for _, _, made in rows()] + list(lines(chosen.seed, chosen.count))
    counts, found = differences(Simulator(chosen.folder), [with_global_keys(made) for made in cases])
    for name, count in sorted(counts.items()):
        print(f"{name}: {count}")
    reasons = Counter(settled_by(made) for *_, made in found)
    for reason, count in reasons.most_common():
        print(f"{count} settled by {reason}")
    for name, ours, theirs, made in found:
        print(f"{name} oracle {ours} simulator {theirs}; {settled_by(made)}" + (f" {made}" if chosen.lines else ""))
    return 1 if None in reasons else 0


if __name__ == "__main__":
    sys.exit(main())
