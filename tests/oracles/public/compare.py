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


def ask(folder: Path, cases: list[str]) -> dict[str, str]:
    """The simulator's decision for each id."""
    program = Path(__file__).with_name("run.mjs")
    done = subprocess.run(
        ["node", str(program), str(folder)], input="\n".join(cases) + "\n", capture_output=True, text=True, check=True
    )
    answers = [json.loads(one) for one in done.stdout.splitlines()]
    return {one["id"]: one["decision"] for one in answers}


def differences(folder: Path, cases: list[str]) -> tuple[Counter, list[tuple[str, str, str, str]]]:
    theirs = ask(folder, cases)
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
    counts, found = differences(chosen.folder, [with_global_keys(made) for made in cases])
    for name, count in sorted(counts.items()):
        print(f"{name}: {count}")
    for name, ours, theirs, made in found:
        print(f"{name} oracle {ours} simulator {theirs}" + (f" {made}" if chosen.lines else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
