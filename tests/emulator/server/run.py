"""The ways to run the emulator: one server, or a process that forks a fresh copy for each test."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import sys
import threading
from types import FrameType

from .http import Server
from .layer import Layer

PR_SET_PDEATHSIG = 1


def _until_told(server: Server) -> int:
    """Serve in this thread's place until SIGTERM or SIGINT."""
    done = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        done.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    server.start()
    while not done.wait(0.5):
        pass
    server.stop()
    return 0


def serve(port: int, build: bool) -> int:
    """One emulator in the foreground."""
    layer = Layer()
    if build:
        layer.build()
    server = Server(layer.handle, port)
    print(f"listening 127.0.0.1:{server.port}", flush=True)
    return _until_told(server)


class Forker:
    """Holds a built account and forks servers of it. The holder itself never runs a thread."""

    def __init__(self) -> None:
        self.layer = Layer()
        self.layer.build()
        self.children: set[int] = set()
        gc.collect()
        gc.freeze()

    def fork(self) -> tuple[int, int]:
        """Port and process id of a fresh copy."""
        server = Server(self.layer.handle)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
                if os.getppid() != parent:
                    os._exit(0)
                null = os.open(os.devnull, os.O_RDWR)
                os.dup2(null, 0)
                os.dup2(null, 1)
                code = _until_told(server)
            finally:
                os._exit(code)
        port = server.port
        server.socket.close()
        self.children.add(pid)
        return port, pid

    def reap(self) -> None:
        """Collect the children that ended."""
        for pid in list(self.children):
            try:
                ended, _ = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                ended = pid
            if ended:
                self.children.discard(pid)

    def end(self, pid: int | None = None) -> None:
        """End one child, or all."""
        for one in [pid] if pid else list(self.children):
            if one in self.children:
                try:
                    os.kill(one, signal.SIGKILL)
                    os.waitpid(one, 0)
                except (ProcessLookupError, ChildProcessError):
                    pass
                self.children.discard(one)


def zygote() -> int:
    """Answer lines on stdin: `fork`, `end PID`. End with stdin, or with SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    forker = Forker()
    print("ready to fork", file=sys.stderr, flush=True)
    held = b""
    try:
        while True:
            ready, _, _ = select.select([0], [], [], 1.0)
            forker.reap()
            if not ready:
                continue
            chunk = os.read(0, 65536)
            if not chunk:
                return 0
            *lines, held = (held + chunk).split(b"\n")
            for line in lines:
                words = line.decode().split()
                if words[:1] == ["fork"]:
                    port, pid = forker.fork()
                    print(json.dumps({"port": port, "pid": pid}), flush=True)
                elif words[:1] == ["end"] and len(words) == 2:
                    forker.end(int(words[1]))
                    print(json.dumps({"ended": int(words[1])}), flush=True)
                elif words:
                    print(json.dumps({"error": f"unknown line {line.decode()!r}; say fork, or end PID"}), flush=True)
    finally:
        forker.end()
