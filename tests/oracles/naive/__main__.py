"""Read lines of the contract's form on stdin, write one answer line each: python -m oracles.naive < cases.jsonl"""

from __future__ import annotations

import json
import sys

from .document import load
from .evaluate import decide


def main() -> int:
    for text in sys.stdin:
        if not text.strip():
            continue
        line = load(text)
        decision, reason = decide(line)
        name = line.get("id") if isinstance(line, dict) else None
        print(json.dumps({"id": name, "decision": decision, "reason": reason}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
