"""What a subscriber receives: the alerts and the digest mails, from the queues behind the two topics."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from typing import Any

from .emulator import Emulator
from .screen import cut, paint, quoted, say, width

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW", "INFO")


def receive(emulator: Emulator, queue: str) -> list[dict[str, Any]]:
    """Every message of a queue, as SNS wrapped it; the queue is empty afterwards."""
    sqs, found = emulator.client("sqs"), []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def alerts(emulator: Emulator, queue: str) -> list[dict[str, Any]]:
    """The alerts of a queue: each the parsed message, with its SNS attributes under `attributes`."""
    found = []
    for wrapped in receive(emulator, queue):
        message = json.loads(wrapped["Message"])
        given = wrapped.get("MessageAttributes") or {}
        found.append({**message, "attributes": {name: one["Value"] for name, one in given.items()}})
    return sorted(found, key=_rank)


def _rank(alert: dict[str, Any]) -> tuple[int, str, str]:
    finding = alert.get("finding") or {}
    severity = finding.get("severity", "INFO")
    return (
        SEVERITIES.index(severity) if severity in SEVERITIES else 9,
        str(finding.get("control")),
        str((finding.get("resource") or {}).get("name")),
    )


def first_sentence(text: str) -> str:
    """The text up to its first full stop that ends a sentence."""
    line = " ".join(text.split())
    at = line.find(". ")
    return line if at < 0 else line[: at + 1]


def name_of(finding: dict[str, Any]) -> str:
    """What people call a finding's resource."""
    resource = finding.get("resource") or {}
    return str(resource.get("name") or str(resource.get("arn") or "").rsplit(":", 1)[-1] or "the account")


def lines(found: list[dict[str, Any]]) -> None:
    """A line for each alert."""
    longest = min(26, max(len(name_of(one["finding"])) for one in found))
    wide = max(len(str(one["finding"]["lifecycle"])) for one in found)
    for alert in found:
        finding = alert["finding"]
        lifecycle, severity, control = (str(finding[one]) for one in ("lifecycle", "severity", "control"))
        name = cut(name_of(finding), longest).ljust(longest)
        head = len(f"  {lifecycle:<{wide}}  {severity:<8}  {control:<7}  {name}  ")
        say(
            f"  {paint(f'{lifecycle:<{wide}}', lifecycle)}  {paint(f'{severity:<8}', severity)}  "
            f"{paint(f'{control:<7}', 'bold')}  {name}  {cut(first_sentence(str(finding['message'])), width() - head)}"
        )


def by_control(found: list[dict[str, Any]]) -> None:
    """The controls of some alerts, how many each, a few to a line."""
    counts = Counter(str(one["finding"]["control"]) for one in found)
    cells = [f"{control} ×{number}".ljust(12) for control, number in sorted(counts.items())]
    a_line = max(1, (min(width(), 100) - 12) // 12)
    for start in range(0, len(cells), a_line):
        say("  " + paint("RESOLVED", "resolved") + "  " + "".join(cells[start : start + a_line]).rstrip())


def whole(alert: dict[str, Any]) -> None:
    """One message as it is, laid out."""
    attributes = alert["attributes"]
    say(paint("│ ", "dim") + paint("attributes, for filter policies:", "dim"))
    pairs = " ".join(f"{name}={value}" for name, value in sorted(attributes.items()))
    quoted(textwrap.fill(pairs, min(width(), 100) - 2, break_long_words=False, break_on_hyphens=False))
    say(paint("│ ", "dim") + paint("message:", "dim"))
    message = {name: value for name, value in alert.items() if name != "attributes"}
    quoted(json.dumps(message, indent=2, ensure_ascii=False))
