"""The runtime API of AWS Lambda, as far as one function needs it, and the function's program that polls it.

Source: "Using the Lambda runtime API for custom runtimes" (AWS Lambda Developer Guide).
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .check import Stopped
from .emulator import HERE, end, tail

PREFIX = "/2018-06-01/runtime/"
FUNCTION = "plumbline"
ARN = f"arn:aws:lambda:eu-west-1:123456789012:function:{FUNCTION}"
# Fifteen minutes, the most that Lambda gives.
LONGEST = 900


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RuntimeApi

    def do_GET(self) -> None:  # noqa: N802 (the base class names it)
        if self.path != PREFIX + "invocation/next":
            self._answer(404, b"{}")
            return
        if self.server.polled_at is None:
            self.server.polled_at = time.perf_counter()
            self.server.polled.set()
        event = self.server.events.get()
        if event is None:
            self.close_connection = True
            return
        request, payload = event
        self._answer(
            200,
            payload,
            {
                "Lambda-Runtime-Aws-Request-Id": request,
                "Lambda-Runtime-Deadline-Ms": str(int((time.time() + LONGEST) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": ARN,
            },
        )

    def do_POST(self) -> None:  # noqa: N802 (the base class names it)
        body = self._body()
        try:
            value = json.loads(body or b"null")
        except ValueError:
            value = body.decode("utf-8", "replace")
        self.server.answers.put((self.path.endswith("/response"), value))
        self._answer(202, b"{}")

    def _body(self) -> bytes:
        if "chunked" not in (self.headers.get("Transfer-Encoding") or "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            pass
        return b"".join(parts)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Silent: the story is told elsewhere."""


class RuntimeApi(ThreadingHTTPServer):
    """Hands out events to whoever polls, and collects the answers."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events: queue.Queue[tuple[str, bytes] | None] = queue.Queue()
        self.answers: queue.Queue[tuple[bool, Any]] = queue.Queue()
        self.polled = threading.Event()
        self.polled_at: float | None = None
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def handle_error(self, *_: Any) -> None:
        """A function that went away is noticed by its process."""

    def environment(self) -> dict[str, str]:
        """What Lambda sets for a function."""
        return {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{FUNCTION}",
            "AWS_LAMBDA_LOG_STREAM_NAME": "local",
        }

    def close(self) -> None:
        """Stop serving."""
        self.events.put(None)
        self.shutdown()
        self.server_close()


class Function:
    """The Lambda program, running against a runtime API of its own."""

    def __init__(self, program: Path, environment: dict[str, str], log: Path) -> None:
        self.api = RuntimeApi()
        self.log = log
        with log.open("w") as output:
            self.process = subprocess.Popen(
                [str(program)],
                cwd=HERE,
                env=environment | self.api.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def invoke(self, request: str, event: Any, patience: float = 180.0) -> tuple[bool, Any]:
        """Send one event; whether it was answered well, and the answer."""
        self.api.events.put((request, json.dumps(event).encode()))
        until = time.monotonic() + patience
        while time.monotonic() < until:
            try:
                return self.api.answers.get(timeout=0.2)
            except queue.Empty:
                if self.process.poll() is not None:
                    raise Stopped(
                        f"The Lambda program ended with {self.process.returncode}. Its last words:\n{tail(self.log)}"
                    ) from None
        raise Stopped(f"The Lambda program did not answer in {patience:.0f} s. Its last words:\n{tail(self.log)}")

    def stop(self) -> None:
        """End the program and its runtime API."""
        end(self.process, patience=1.0)
        self.api.close()
