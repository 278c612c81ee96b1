"""A small threaded HTTP/1.1 server on 127.0.0.1 that can also misbehave on purpose.

It reads a request whole, gives it to a handler and writes the reply in one piece. A reply may ask for a
broken transfer (`cut`, `reset`, `hang`), which no WSGI server lets an application do.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from urllib.parse import unquote_to_bytes


@dataclass
class Request:
    """One HTTP request, body read."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    names: dict[str, str] = field(default_factory=dict)
    internal: bool = False

    @property
    def path(self) -> str:
        return unquote_to_bytes(self.target.split("?", 1)[0]).decode("utf-8", "replace")

    @property
    def query(self) -> str:
        return self.target.split("?", 1)[1] if "?" in self.target else ""


@dataclass
class Reply:
    """One HTTP reply. `wire` is None or how the transfer is to fail."""

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    wire: str | None = None
    seconds: float | None = None

    def header(self, name: str) -> str | None:
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None


Handler = Callable[[Request], Reply]


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return

    def _body(self) -> bytes:
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            parts = []
            while True:
                size = int(self.rfile.readline().split(b";")[0].strip() or b"0", 16)
                if size == 0:
                    while self.rfile.readline() not in (b"\r\n", b"\n", b""):
                        pass
                    return b"".join(parts)
                parts.append(self.rfile.read(size))
                self.rfile.readline()
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length else b""

    def _serve(self) -> None:
        body = self._body()
        headers: dict[str, str] = {}
        names: dict[str, str] = {}
        for name, value in self.headers.items():
            lower = name.lower()
            if lower == "transfer-encoding":
                continue
            headers[lower] = f"{headers[lower]},{value}" if lower in headers else value
            names[lower] = name
        headers["content-length"] = str(len(body))
        reply = self.server.handle(Request(self.command, self.path, headers, body, names))
        if reply.wire == "hang":
            self._hang(reply.seconds)
            if reply.seconds is None:
                self.close_connection = True
                return
        elif reply.wire == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        lines = [f"HTTP/1.1 {reply.status} {'OK' if reply.status < 400 else 'Error'}"]
        bodiless = self.command == "HEAD" or reply.status in (204, 304)
        for name, value in reply.headers:
            if (
                name.lower() not in ("content-length", "connection", "transfer-encoding")
                or name.lower() == "content-length"
                and self.command == "HEAD"
            ):
                lines.append(f"{name}: {value}")
        if not bodiless:
            lines.append(f"Content-Length: {len(reply.body)}")
        if reply.wire == "cut":
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        content = b"" if bodiless else reply.body
        if reply.wire == "cut":
            content = content[: len(content) // 2]
            self.close_connection = True
        try:
            self.connection.sendall(head + content)
        except OSError:
            self.close_connection = True

    def _hang(self, seconds: float | None) -> None:
        """Answer nothing until the client goes away, or for some seconds."""
        end = None if seconds is None else time.monotonic() + seconds
        while end is None or time.monotonic() < end:
            wait = 0.2 if end is None else max(0.0, min(0.2, end - time.monotonic()))
            ready, _, _ = select.select([self.connection], [], [], wait)
            if ready:
                try:
                    if self.connection.recv(1, socket.MSG_PEEK) == b"":
                        return
                    time.sleep(wait)
                except OSError:
                    return
            if self.server.stopping:
                return

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _serve


class Server(ThreadingMixIn, TCPServer):
    """Listens on 127.0.0.1 as soon as it is made; serves when `serve_forever` runs."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, handle: Handler, port: int = 0) -> None:
        self.handle = handle
        self.stopping = False
        super().__init__(("127.0.0.1", port), _Connection)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        return

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        self.stopping = True
        self.shutdown()
        self.server_close()
