"""Runs one command and writes what it took: python timed.py RESULT.json COMMAND…

A process of its own, since the kernel counts the memory of the process that started a command among the command's peak,
and the bench itself is larger than what it measures.
"""

import json
import os
import subprocess
import sys
import time

# The unit of ru_maxrss: kilobytes on Linux, bytes on macOS.
RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> int:
    begun = time.perf_counter()
    process = subprocess.Popen(sys.argv[2:])
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    with open(sys.argv[1], "w", encoding="utf-8") as out:
        json.dump(
            {
                "code": process.returncode,
                "wall": wall,
                "cpu": usage.ru_utime + usage.ru_stime,
                "peak": usage.ru_maxrss * RSS_UNIT,
            },
            out,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
