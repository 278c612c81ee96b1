"""Starts a packaged Lambda program against a runtime API of its own and waits for its first poll.

    python3 infra/poll.py target/lambda/plumbline-lambda/bootstrap

Prints the time from start to first poll in milliseconds; exits with 1 if there is none within ten seconds.
"""

import http.server
import os
import subprocess
import sys
import threading
import time


class Runtime(http.server.BaseHTTPRequestHandler):
    """The runtime API: it notes the first poll and never has work."""

    polled = threading.Event()

    def do_GET(self):  # noqa: N802 (the base class names it)
        if self.path == "/2018-06-01/runtime/invocation/next":
            Runtime.polled.set()
            time.sleep(30)
        self.send_error(404)

    def log_message(self, *_):
        """Silent: the output is the figure."""


def main() -> int:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Runtime)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{server.server_port}",
        "AWS_LAMBDA_FUNCTION_NAME": "plumbline",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/plumbline",
        "AWS_LAMBDA_LOG_STREAM_NAME": "poll",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "PLUMBLINE_BASELINE": "baseline.yaml",
        "PLUMBLINE_STATE": "s3://state/plumbline",
        "PLUMBLINE_TOPIC_ARN": "arn:aws:sns:eu-west-1:111122223333:alerts",
    }
    started = time.perf_counter()
    program = subprocess.Popen([sys.argv[1]], env=environment)
    try:
        if not Runtime.polled.wait(10):
            print("no poll within ten seconds", file=sys.stderr)
            return 1
        print(f"first poll after {(time.perf_counter() - started) * 1000:.1f} ms")
        return 0
    finally:
        program.kill()
        program.wait()


if __name__ == "__main__":
    sys.exit(main())
