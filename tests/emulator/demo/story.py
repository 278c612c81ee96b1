"""The story that the demo tells, step by step."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import inbox, inventory, metrics
from .check import Checks, Stopped
from .emulator import HERE, REGION, Emulator
from .runtime import Function
from .screen import command, paint, quoted, say, step, told
from .signals import held

STEPS = 6
ACCOUNT = "123456789012"
# The calls that are not reads: the product's own state, messages and metrics.
OWN_WRITES = {
    ("s3", "PutObject"),
    ("s3", "DeleteObject"),
    ("sns", "PublishBatch"),
    ("sns", "Publish"),
    ("cloudwatch", "PutMetricData"),
}


class Story:
    """What is told, and what is remembered from one step to the next."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs = programs
        self.folder = folder
        self.check = Checks()
        self.started = time.monotonic()
        self.emulator: Emulator | None = None
        self.function: Function | None = None
        self.outputs: dict[str, Any] = {}
        self.broken: list[dict[str, Any]] = []
        self.opened: list[dict[str, Any]] = []
        self.closed: list[dict[str, Any]] = []
        self.audits = 0
        self.calls = 0

    def tell(self) -> list[str]:
        """All of it; returns what was not as it should be."""
        for part in (self.build, self.clean, self.break_it, self.alarm, self.mend, self.end):
            part()
        return self.check.wrong

    def close(self) -> None:
        """End the programs that still run."""
        with held():
            if self.function:
                self.function.stop()
            if self.emulator:
                self.emulator.stop()

    # -- the steps --------------------------------------------------------------------------------------------------

    def build(self) -> None:
        """An account, and somewhere for alerts and state to go."""
        step(1, STEPS, "An AWS account with a secure data science environment")
        begun = time.monotonic()
        told("Starting an emulator of AWS on 127.0.0.1; that takes some seconds.")
        with held():
            self.emulator = Emulator(self.folder)
        self.emulator.wait()
        self.emulator.ask("POST", "build")
        kinds = inventory.count(self.emulator)
        told(
            f"Built through the services' own write calls, in {time.monotonic() - begun:.0f} s: "
            f"{sum(kinds.values())} resources in account {ACCOUNT}, {REGION}."
        )
        told(inventory.sentence(kinds) + ".", "dim")
        self.outputs = self.emulator.ask("POST", "build-outputs")
        told(
            "Beside them, for what plumbline sends and keeps: an alerts topic and a digest topic, each with a "
            f"subscribed queue, and the state bucket {self.outputs['state_bucket']}."
        )

    def clean(self) -> None:
        """The command finds nothing."""
        step(2, STEPS, "Audit it with the command: clean")
        code, seconds = self.audit()
        self.check(
            code == 0,
            f"exit code 0: everything was seen, and all of it holds ({seconds:.1f} s)",
            f"a clean account should exit with 0, not {code}",
        )
        self.only_read()

    def break_it(self) -> None:
        """A dozen things go wrong."""
        emulator = self.running
        names = [one["name"] for one in emulator.ask("GET", "breaks") if one["demo"] and one["mend"]]
        step(3, STEPS, f"Somebody changes {len(names)} things")
        for name in names:
            made = emulator.ask("POST", f"break/{name}")
            self.broken.append(made)
            controls = sorted({one["control"] for one in made["expect"] if not one.get("optional")})
            say(f"  {paint('•', 'red')} {made['text']} {paint('(' + ', '.join(controls) + ')', 'dim')}")

    def alarm(self) -> None:
        """The Lambda program finds them, and tells everybody once."""
        step(4, STEPS, "The schedule starts the Lambda program: it alerts")
        since = datetime.now(UTC).replace(microsecond=0)
        event = scheduled_event()
        self.start_function()
        answer = self.deliver(event)
        self.opened = self.received_alerts()
        digests = inbox.receive(self.running, self.outputs["queues"]["digest"])
        show_answer(answer)
        self.check_alarm(answer, digests)
        say()
        told("Events of EventBridge may come twice. The same event once more:")
        self.again(event)
        self.show_messages(digests)
        self.show_metrics(since)
        say()
        told("And what the command says now, with the same state:")
        code, _ = self.audit()
        self.check(code == 1, "exit code 1: drift", f"a broken account should exit with 1, not {code}")
        self.only_read()

    def mend(self) -> None:
        """Everything is mended, and the Lambda program says so."""
        step(5, STEPS, "Everything is mended: RESOLVED")
        for made in reversed(self.broken):
            self.running.ask("POST", f"mend/{made['name']}")
        say(f"{len(self.broken)} changes undone. The next scheduled event:")
        answer = self.deliver(scheduled_event())
        show_answer(answer)
        self.closed = self.received_alerts()
        digests = inbox.receive(self.running, self.outputs["queues"]["digest"])
        resolved = [one for one in self.closed if one["finding"]["lifecycle"] == "RESOLVED"]
        if resolved:
            say(f"{len(resolved)} alerts that something is over:")
            inbox.by_control(resolved)
        opened, ended = ids(self.opened), ids(resolved)
        self.check(
            opened == ended,
            "each finding that was alerted is RESOLVED",
            f"{len(opened - ended)} alerted findings are not RESOLVED{named(self.opened, opened - ended)}",
        )
        others = [one for one in self.closed if one["finding"]["lifecycle"] != "RESOLVED"]
        self.check(not others, "and nothing else was alerted", f"{len(others)} alerts of something else{named(others)}")
        self.check(len(digests) == 1, "one digest mail", f"{len(digests)} digest mails, not one")
        for mail in digests:
            say(f"  {paint('Subject:', 'dim')} {mail.get('Subject')}")
        say()
        code, _ = self.audit()
        self.check(code == 0, "exit code 0: everything holds again", f"a mended account should exit with 0, not {code}")
        self.only_read()

    def end(self) -> None:
        """Clean up, and say in figures what was seen."""
        step(6, STEPS, "Cleaned up")
        self.close()
        told("The emulator and the Lambda program have ended; nothing is left behind.")
        controls = {one["finding"]["control"] for one in self.opened}
        say()
        told(
            f"Shown: {len(self.broken)} changes found as {len(ids(self.opened))} findings of {len(controls)} controls, "
            f"{len(self.opened)} alerts when they broke and {len(self.closed)} when they were mended, "
            f"{self.audits} audits with {self.calls} calls, in {time.monotonic() - self.started:.0f} s.",
            "bold",
        )

    # -- what the steps share ---------------------------------------------------------------------------------------

    @property
    def running(self) -> Emulator:
        """The emulator, which must have been started."""
        if self.emulator is None:
            raise Stopped("The emulator is not running.")
        return self.emulator

    @property
    def state(self) -> str:
        """Where both programs keep what they know."""
        return f"s3://{self.outputs['state_bucket']}/plumbline"

    def audit(self) -> tuple[int, float]:
        """`plumbline audit`, printing to the same terminal; its exit code and its wall time."""
        words = ["audit", "--baseline", "baseline.yaml", "--endpoint-url", self.running.url]
        words += ["--api-share", "off", "--state", self.state]
        command(["plumbline", *words])
        self.running.forget_calls()
        begun = time.monotonic()
        done = subprocess.run(
            [str(self.programs / "plumbline"), *words],
            cwd=HERE,
            env=self.running.environment(),
            stdin=subprocess.DEVNULL,
            check=False,
        )
        sys.stdout.flush()
        return done.returncode, time.monotonic() - begun

    def start_function(self) -> None:
        """The Lambda program, set up by its environment variables as SAM would."""
        mine = {
            "AWS_ENDPOINT_URL": self.running.url,
            "PLUMBLINE_BASELINE": "baseline.yaml",
            "PLUMBLINE_STATE": self.state,
            "PLUMBLINE_TOPIC_ARN": self.outputs["topics"]["alerts"],
            "PLUMBLINE_DIGEST_TOPIC_ARN": self.outputs["topics"]["digest"],
            "PLUMBLINE_API_SHARE": "off",
            "RUST_LOG": "info",
        }
        program, log = self.programs / "plumbline-lambda", self.folder / "lambda.log"
        with held():
            self.function = Function(program, self.running.environment() | mine, log)
        told("plumbline-lambda polls a runtime API for work, as in Lambda. It gets a scheduled event of EventBridge.")

    def deliver(self, event: dict[str, Any]) -> Any:
        """Hand the function an event; its answer."""
        if self.function is None:
            raise Stopped("The Lambda program is not running.")
        self.running.forget_calls()
        begun = time.monotonic()
        good, answer = self.function.invoke(str(uuid.uuid4()), event)
        seconds = time.monotonic() - begun
        self.check(good, f"it answered after {seconds:.1f} s", f"the function answered with an error: {answer}")
        self.only_read()
        return answer

    def received_alerts(self) -> list[dict[str, Any]]:
        """The alerts that came since the last look."""
        found = inbox.alerts(self.running, self.outputs["queues"]["alerts"])
        strange = [one for one in found if one.get("schema") != "plumbline.alert/1" and "finding" not in one]
        if strange:
            raise Stopped(f"The alerts queue received something else: {strange[0]}")
        return found

    def only_read(self) -> None:
        """What the last program asked AWS for: nothing that changes the account."""
        calls = self.running.calls()
        writes = [one for one in calls if one["write"] and not self.is_own(one)]
        asked = Counter(f"{one['service']}:{one['operation']}" for one in calls)
        self.audits += any(one["service"] == "ec2" for one in calls)
        self.calls += len(calls)
        self.check(
            not writes,
            f"{len(calls)} calls of {len(asked)} kinds; none of them changes the account",
            f"calls that change the account: {sorted({one['service'] + ':' + one['operation'] for one in writes})}",
        )

    def is_own(self, call: dict[str, Any]) -> bool:
        """Whether a call writes the product's own state, a message to its own topics, or metrics."""
        where = call["params"]
        if call["service"] == "s3" and where.get("Bucket") != self.outputs["state_bucket"]:
            return False
        if call["service"] == "sns" and where.get("TopicArn") not in self.outputs["topics"].values():
            return False
        return (call["service"], call["operation"]) in OWN_WRITES

    def check_alarm(self, answer: Any, digests: list[dict[str, Any]]) -> None:
        """What the first scheduled audit of the broken account must have done."""
        complete = isinstance(answer, dict) and (answer.get("coverage") or {}).get("complete") is True
        self.check(complete, "everything was seen", "not everything was seen: coverage is not complete")
        new = lifecycle(answer, "NEW")
        alerted = [one for one in self.opened if one["finding"]["lifecycle"] == "NEW"]
        self.check(
            new == len(alerted) == len(self.opened) and new > 0,
            f"{new} NEW findings, {len(alerted)} alerts",
            f"{new} NEW findings, but {len(self.opened)} alerts, of which {len(alerted)} are NEW",
        )
        seen = {
            (one["finding"]["control"], one["finding"]["environment"])
            for one in self.opened
            if one["finding"]["verdict"] == "NON_COMPLIANT"
        }
        missed = []
        for made in self.broken:
            wanted = {(one["control"], one["environment"]) for one in made["expect"] if not one.get("optional")}
            missed += [f"{made['name']}: {control} in {where}" for control, where in sorted(wanted - seen)]
        self.check(
            not missed,
            f"each of the {len(self.broken)} changes is NON_COMPLIANT under its controls",
            f"changes that were not found: {'; '.join(missed)}",
        )
        wanted_controls = {one["control"] for made in self.broken for one in made["expect"]}
        more = sorted({control for control, _ in seen} - wanted_controls)
        self.check(not more, "and under no other control", f"controls that should still hold: {', '.join(more)}")
        self.check(len(digests) == 1, "one digest mail", f"{len(digests)} digest mails, not one")

    def again(self, event: dict[str, Any]) -> None:
        """The same event a second time: nobody is told again, and nothing is read again."""
        answer = self.deliver(event)
        kinds = {one["service"] for one in self.running.calls()}
        show_answer(answer)
        alerts = inbox.receive(self.running, self.outputs["queues"]["alerts"])
        mails = inbox.receive(self.running, self.outputs["queues"]["digest"])
        self.check(
            not alerts and not mails,
            "the second delivery alerted nobody",
            f"the second delivery sent {len(alerts)} alerts and {len(mails)} mails",
        )
        self.check("ec2" not in kinds, "and audited nothing", "the second delivery read the account again")

    def show_messages(self, digests: list[dict[str, Any]]) -> None:
        """The messages as the queues received them."""
        if self.opened:
            say()
            told(f"The alerts as the subscribed queue received them, {len(self.opened)} SNS messages:")
            inbox.lines(self.opened)
            worst = self.opened[0]["finding"]["severity"]
            shortest = min(
                (one for one in self.opened if one["finding"]["severity"] == worst), key=lambda one: len(str(one))
            )
            say()
            told("One of them whole:")
            inbox.whole(shortest)
        for mail in digests:
            say()
            told("The mail that the digest topic sends to people:")
            quoted(f"Subject: {mail.get('Subject')}\n\n{mail['Message']}")

    def show_metrics(self, since: datetime) -> None:
        """The metrics as CloudWatch has them, and whether they agree with the alerts."""
        found = metrics.read(self.running, since)
        say()
        told(
            f"The metrics as CloudWatch gives them back, {len(found)} in namespace {metrics.NAMESPACE}, zeros included:"
        )
        metrics.show(found)
        for name in ("Drift", "NewDrift"):
            counted = metrics.total(found, name)
            self.check(
                counted == len(self.opened),
                f"{name} adds up to {counted:g}",
                f"{name} adds up to {counted:g}, but {len(self.opened)} alerts came",
            )


def scheduled_event() -> dict[str, Any]:
    """What a rule on a schedule sends ("Amazon EventBridge event reference")."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/plumbline-schedule"],
        "detail": {},
    }


def lifecycle(answer: Any, which: str) -> int:
    """How many findings of a lifecycle an answer counts; -1 if it counts none at all."""
    try:
        return int(answer["summary"]["lifecycle"].get(which, 0))
    except (KeyError, TypeError, AttributeError):
        return -1


SHOWN = (
    "run.id",
    "run.trigger",
    "coverage",
    "summary.verdicts",
    "summary.drift_by_severity",
    "summary.lifecycle",
    "report",
)


def show_answer(answer: Any) -> None:
    """A function's answer: of an audit what a person looks at first, of anything else everything."""

    def short(value: Any) -> str:
        if isinstance(value, dict):
            return ", ".join(f"{name} {short(one)}" for name, one in value.items() if one not in (0, None, [], {}))
        return json.dumps(value) if isinstance(value, bool) else str(value)

    flat: dict[str, Any] = {}
    for name, value in answer.items() if isinstance(answer, dict) else [("answer", answer)]:
        if isinstance(value, dict) and name in ("run", "summary"):
            flat |= {f"{name}.{inner}": one for inner, one in value.items()}
        else:
            flat[name] = value
    names = [name for name in SHOWN if name in flat] if "summary.verdicts" in flat else list(flat)
    longest = max((len(name) for name in names), default=0)
    for name in names:
        quoted(f"{paint(name.ljust(longest), 'dim')}  {short(flat[name]) or 'none'}")


def ids(alerts: list[dict[str, Any]]) -> set[str]:
    """The ids of the findings of some alerts."""
    return {str(one["finding"]["id"]) for one in alerts}


def named(alerts: list[dict[str, Any]], which: set[str] | None = None) -> str:
    """Some findings by control and resource, for a sentence's end."""
    some = [one["finding"] for one in alerts if which is None or one["finding"]["id"] in which]
    words = [f"{one['control']} on {inbox.name_of(one)}" for one in some[:5]]
    return (": " + ", ".join(words) + (" and more" if len(some) > 5 else "")) if words else ""
