"""The emulator as a child process: started, asked, ended; and the environment of programs that talk to it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

from .check import Stopped

HERE = Path(__file__).resolve().parent.parent
REGION = "eu-west-1"
KEPT = ("PATH", "TERM", "COLORTERM", "NO_COLOR", "COLUMNS", "LANG", "LC_ALL", "TZ")


def end(process: subprocess.Popen[Any], patience: float = 3.0) -> None:
    """End a child and everything in its process group: politely, then not."""
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 5.0)):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            continue


def tail(path: Path, lines: int = 15) -> str:
    """The last lines of a log file."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


class Emulator:
    """One emulated AWS account on 127.0.0.1. `wait` for it after making it."""

    def __init__(self, folder: Path, build: bool = False) -> None:
        self.log = folder / "emulator.log"
        self.folder = folder
        self._clients: dict[tuple[str, str], Any] = {}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "server", "serve", *(["--build"] if build else [])],
                cwd=HERE,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                text=True,
            )
        self.url = ""

    def wait(self, patience: float = 120.0) -> None:
        """Wait until it listens."""
        assert self.process.stdout is not None
        until = time.monotonic() + patience
        while time.monotonic() < until:
            ready, _, _ = select.select([self.process.stdout], [], [], 0.5)
            if ready:
                line = self.process.stdout.readline()
                if line.startswith("listening "):
                    self.url = f"http://{line.split()[1]}"
                    return
                if not line:
                    break
        raise Stopped(f"The emulator did not start. Its last words:\n{tail(self.log)}")

    def stop(self) -> None:
        """End it."""
        end(self.process)
        if self.process.stdout:
            self.process.stdout.close()

    def ask(self, method: str, what: str) -> Any:
        """One of its control endpoints."""
        try:
            with urlopen(Request(f"{self.url}/_plumbline/{what}", method=method), timeout=120) as answer:
                return json.loads(answer.read())
        except OSError as failed:
            ended = self.process.poll()
            how = "does not answer" if ended is None else f"has ended with {ended}"
            raise Stopped(f"The emulator {how} ({failed}). Its last words:\n{tail(self.log)}") from None

    def client(self, service: str) -> Any:
        """A boto3 client for it."""
        if (service, self.url) not in self._clients:
            self._clients[service, self.url] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}),
            )
        return self._clients[service, self.url]

    def environment(self) -> dict[str, str]:
        """The environment of a program that audits it: nothing of this user's AWS settings."""
        mine = {name: os.environ[name] for name in KEPT if name in os.environ}
        return mine | {
            "HOME": str(self.folder),
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def forget_calls(self) -> None:
        """Count calls from here on."""
        self.ask("DELETE", "calls")

    def calls(self) -> list[dict[str, Any]]:
        """Every AWS call since then."""
        found: list[dict[str, Any]] = self.ask("GET", "calls")
        return found
