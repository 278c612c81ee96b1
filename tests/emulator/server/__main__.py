"""Run from tests/emulator:

python -m server serve [--port P] [--build]   one emulator; prints `listening 127.0.0.1:PORT`
python -m server zygote                       builds the account once, then answers each line `fork` on stdin
                                              with {"port": N, "pid": M} of a fresh copy; ends with stdin
python -m server selftest [NAME…]             checks the emulator itself
"""

from __future__ import annotations

import argparse
import sys


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m server", description="The test emulator of AWS.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve one emulator on 127.0.0.1")
    serve.add_argument("--port", type=int, default=0, help="0 chooses one")
    serve.add_argument("--build", action="store_true", help="build the compliant account first")
    commands.add_parser("zygote", help="fork a fresh account for each line `fork` on stdin")
    check = commands.add_parser("selftest", help="check the emulator itself")
    check.add_argument("names", nargs="*", help="only these breaks")
    args = parser.parse_args()
    if args.command == "serve":
        from .run import serve as run_serve

        return run_serve(args.port, args.build)
    if args.command == "zygote":
        from .run import zygote

        return zygote()
    from .selftest import run

    return run(args.names)


if __name__ == "__main__":
    sys.exit(main())
