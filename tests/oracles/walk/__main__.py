"""Read lines of a topology and its packets on stdin, write one answer line a packet:
python -m oracles.walk < lines.jsonl"""

from __future__ import annotations

import json
import sys

from .judge import judge_line


def main() -> int:
    for text in sys.stdin:
        if text.strip():
            for answer in judge_line(json.loads(text)):
                print(json.dumps(answer, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
