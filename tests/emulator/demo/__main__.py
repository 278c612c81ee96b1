"""python -m demo TARGET_DIR   (from tests/emulator; see the package)"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from . import signals
from .check import Stopped
from .screen import paint, say, told
from .story import Story


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo", description="A real audit of an emulated account.")
    parser.add_argument("target", type=Path, help="the folder with the programs plumbline and plumbline-lambda")
    programs: Path = parser.parse_args().target.resolve()
    missing = [name for name in ("plumbline", "plumbline-lambda") if not (programs / name).is_file()]
    if missing:
        say(f"There is no {' and no '.join(missing)} in {programs}: `make demo` builds them.")
        return 2
    signals.install()
    try:
        return _tell(programs)
    except signals.Interrupted as interrupted:
        say()
        told("Interrupted. The emulator and the Lambda program have been ended, and their files removed.", "yellow")
        return 128 + interrupted.number
    except BrokenPipeError:
        # Nobody reads any more; what Python would still flush goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _tell(programs: Path) -> int:
    with tempfile.TemporaryDirectory(prefix="plumbline-demo-") as folder:
        story = Story(programs, Path(folder))
        try:
            wrong = story.tell()
        except Stopped as stopped:
            say(f"{paint('✗', 'critical')} {stopped}")
            return 2
        finally:
            story.close()
    if wrong:
        say()
        told("But not everything was as it should be:", "critical")
        for one in wrong:
            say(f"  {paint('✗', 'critical')} {one}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
